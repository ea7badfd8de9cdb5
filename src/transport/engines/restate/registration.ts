/**
 * Registration — tells the server of Restate that there is a process to give calls to. It is told at the start, until it has
 * understood, and anew when it turns out to know nothing of us any more: it has lost its data, or is another server. A server
 * that knows the address already does not ask what is served there now, unless it is made to.
 *
 * @module
 */
import { CallError } from '../../../errors.ts';
import { type Log, thrown } from '../../log.ts';

export interface RegistrationOptions {
  /** Where deployments are registered, an URL. */
  readonly admin: string;
  /** Where the server reaches us, an URL. */
  readonly endpoint: string;
  /** What is served here: handlers by the name of their service. */
  readonly served: ReadonlyMap<string, readonly string[]>;
  readonly log: Log;
}

export interface Registration {
  /** @throws `ERR_STORE_UNAVAILABLE` until the server knows of us */
  check(): void;
  /** The server does not know what we serve. */
  lost(): void;
  close(): void;
}

const againMs = 500;
const mostAgainMs = 10_000;

/** A server that was told, and still does not know us, is not told more often than this, ms: what is at the address may be another application. */
const lostAgainMs = 1_000;

/** Registers, and tries again until it is done. */
export const register = ({ admin, endpoint, served, log }: RegistrationOptions): Registration => {
  let isDone = false;
  let isTelling = true;
  let toldAt = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const attempt = async (waitMs: number): Promise<void> => {
    try {
      const known = await tell(admin, endpoint, false);
      if (!isAll(served, known)) await tell(admin, endpoint, true);
      isDone = true;
      isTelling = false;
      toldAt = performance.now();
    } catch (error) {
      if (closed) return;
      log.warn(thrown(error), 'registration failed');
      timer = setTimeout(() => void attempt(Math.min(2 * waitMs, mostAgainMs)), waitMs);
    }
  };
  void attempt(againMs);
  return {
    check: () => {
      if (!isDone) throw unregistered('has not registered this process yet');
    },
    lost: () => {
      if (isTelling || closed || performance.now() - toldAt < lostAgainMs) return;
      isDone = false;
      isTelling = true;
      log.warn({ endpoint }, 'registration lost');
      void attempt(againMs);
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
};

/** What the server knows of one of our services. */
interface Known {
  readonly name: string;
  readonly handlers: readonly { readonly name: string }[];
}

/** Tells the server, and gives what it knows then. `anew`: it looks again at an address that it knows. */
const tell = async (admin: string, endpoint: string, anew: boolean): Promise<readonly Known[]> => {
  let response: Response;
  try {
    response = await fetch(new URL('/deployments', admin), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ uri: endpoint, force: anew }), signal: AbortSignal.timeout(10_000) });
  } catch {
    throw unregistered('could not be reached to register this process');
  }
  if (!response.ok) throw unregistered(`answered ${response.status} when this process was registered`);
  const { services } = (await response.json()) as { readonly services: readonly Known[] };
  return services;
};

const isAll = (served: RegistrationOptions['served'], known: readonly Known[]): boolean =>
  known.length === served.size && known.every(({ name, handlers }) => {
    const ours = served.get(name);
    return ours !== undefined && ours.length === handlers.length && handlers.every((handler) => ours.includes(handler.name));
  });

const unregistered = (how: string): CallError => new CallError('ERR_STORE_UNAVAILABLE', `the server of Restate ${how}`, { reason: 'open' });
