/**
 * Ingress — the server of Restate as we ask it: what it does not answer in time, or refuses, is a store that cannot be had.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CallError } from '../../../errors.ts';
import { within } from '../../within.ts';
import type { Clients } from './sdk.ts';

export interface Asking {
  /** What was asked for: of a write that was not answered nobody knows if it was done. */
  readonly reason: 'read' | 'write';
  /** How long an answer is waited for, ms. Default 10,000. */
  readonly withinMs?: number;
  /** How much longer the server has to do it where nobody waits for the answer any more, ms: what is broken off it may never begin. Default 0. */
  readonly afterwardsMs?: number;
  /** Told when the connection broke, so that nobody knows if it was done: then it is asked for again, as long as an answer is waited for. Left out where twice is not the same as once. */
  readonly onBroken?: () => void;
  /** Breaks off what was asked for. */
  readonly signal?: AbortSignal;
}

/** The server. */
export interface Ingress {
  /** Says `message` to the handler of the object `key`, or of a service where there is no key. @throws `ERR_STORE_UNAVAILABLE` */
  call<A>(service: string, key: string | undefined, handler: string, message: unknown, asking: Asking): Promise<A>;
  /** @throws `ERR_STORE_UNAVAILABLE` where it does not answer, or does not know `service` */
  check(service: string): Promise<void>;
}

/** Told when the server does not know what it was asked for. */
export type OnUnknown = () => void;

/** A server that is not there is tried again so often, ms; it is started again in less than a second. */
const againMs = 100;
const mostAgainMs = 2_000;

/** The server at `address`, an URL. Where `onUnknown` has what it does not know registered, it is asked again for a while. */
export const ingressAt = ({ connect, rpc }: Clients, address: string, onUnknown?: OnUnknown): Ingress => {
  const server = connect({ url: address });

  const ask = (service: string, key: string | undefined, handler: string, message: unknown, signal: AbortSignal): Promise<unknown> =>
    server.call<unknown, unknown>({ service, handler, parameter: message, ...(key !== undefined && { key }), opts: rpc.opts({ signal, input: json, output: json }) });

  return {
    call: <A>(service: string, key: string | undefined, handler: string, message: unknown, { reason, withinMs = 10_000, afterwardsMs = 0, onBroken, signal }: Asking): Promise<A> => {
      const inTime = AbortSignal.timeout(Math.max(1, Math.ceil(withinMs + afterwardsMs)));
      const breaks = signal === undefined ? inTime : AbortSignal.any([inTime, signal]);
      const from = performance.now();
      let tryUntil = from + Math.min(mostAgainMs, withinMs);
      let isDoubted = false;
      const asked = async (): Promise<unknown> => {
        for (;;) {
          try {
            return await ask(service, key, handler, message, breaks);
          } catch (error) {
            if (onBroken !== undefined && isBroken(error)) {
              tryUntil = from + withinMs;
              isDoubted = true;
              onBroken();
            }
            const unknown = isUnknown(error);
            if (unknown) onUnknown?.();
            const mayTry = wasNotReached(error) || (unknown && onUnknown !== undefined) || (isDoubted && isBroken(error));
            if (mayTry && !breaks.aborted && performance.now() + againMs < tryUntil) await sleep(againMs);
            else throw unknown && !isDoubted ? unregistered(onUnknown) : unavailable(wasNotReached(error) && !isDoubted ? 'read' : reason, error);
          }
        }
      };
      return (afterwardsMs === 0 ? asked() : within(asked(), Math.max(1, withinMs), () => unavailable(reason, { name: 'TimeoutError' }))) as Promise<A>;
    },
    check: async (service) => {
      let known: unknown;
      try {
        const response = await fetch(new URL('/restate/health', address), { signal: AbortSignal.timeout(2_000) });
        if (!response.ok) throw new Error(`status ${response.status}`);
        known = ((await response.json()) as { readonly services?: unknown }).services;
      } catch (error) {
        throw unavailable('read', error);
      }
      if (!Array.isArray(known) || known.includes(service)) return;
      onUnknown?.();
      throw unregistered(onUnknown);
    },
  };
};

/** Bytes to the server and back: nothing of no length is JSON. */
const json = {
  contentType: 'application/json',
  serialize: (value: unknown): Uint8Array => (value === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(value), 'utf8')),
  deserialize: (bytes: Uint8Array): unknown => (bytes.length === 0 ? undefined : (JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown)),
};

/** Whether there was no connection at all: what was asked was not heard for certain. */
const wasNotReached = (error: unknown): boolean => {
  const { cause } = (error ?? {}) as { readonly cause?: { readonly code?: unknown } };
  return cause?.code === 'ECONNREFUSED';
};

/** Whether the server has nothing of that name: what was asked was not begun for certain. */
const isUnknown = (error: unknown): boolean => (error as { readonly status?: unknown } | undefined)?.status === 404;

const unregistered = (onUnknown: OnUnknown | undefined): CallError<'ERR_STORE_UNAVAILABLE'> =>
  new CallError('ERR_STORE_UNAVAILABLE', `the server of Restate does not know this application${onUnknown === undefined ? ': register the address of its processes, or have them do it (option `admin`, CALLCHART_RESTATE_ADMIN)' : ' yet: it is being registered'}`, { reason: 'open' });

/** Whether there was a connection, which broke before there was an answer. */
const isBroken = (error: unknown): boolean => {
  const { name, cause, status } = (error ?? {}) as { readonly name?: unknown; readonly cause?: unknown; readonly status?: unknown };
  return name === 'TypeError' && cause !== undefined && status === undefined && !wasNotReached(error); // as fetch has it
};

/** Without its cause: what the server says of a refusal may quote what was said to it. */
const unavailable = (reason: 'read' | 'write', error: unknown): CallError<'ERR_STORE_UNAVAILABLE'> => {
  const { status } = (error ?? {}) as { readonly status?: unknown };
  const how = typeof status === 'number' ? `answered ${status}` : (error as Error | undefined)?.name === 'TimeoutError' ? 'did not answer in time' : 'could not be reached';
  return new CallError('ERR_STORE_UNAVAILABLE', `the server of Restate ${how}`, { reason });
};
