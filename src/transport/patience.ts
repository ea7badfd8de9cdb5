/**
 * Patience — tries a request of ours again when the other side says that it is busy or down, or cannot be reached, for as long
 * as it may take.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** A request that was answered with a failure, as the Microsoft client for chat throws it. */
export interface Refusal {
  readonly status: number;
  readonly response: { readonly headers: Headers };
}

/** An answer that is a failure, in the client's shape. It holds nothing of the body. */
export class Refused extends Error implements Refusal {
  readonly status: number;
  readonly response: { readonly headers: Headers };

  constructor({ status, headers }: Response) {
    super(`answered ${status}`);
    this.status = status;
    this.response = { headers };
  }
}

/** `error` as a refusal; undefined for one that came from no answer. */
export const refusalIn = (error: unknown): Refusal | undefined => {
  const { status, response } = (typeof error === 'object' && error !== null ? error : {}) as Partial<Refusal>;
  return typeof status === 'number' && response?.headers instanceof Headers ? { status, response } : undefined;
};

/** When it is tried again. */
export interface Patience {
  /** Ends it all. */
  readonly signal: AbortSignal;
  /** Epoch ms by which a further try has to begin. */
  readonly until: number;
  /** Before the second try, ms; doubled before each further one. A `Retry-After` of the other side goes before. */
  readonly pauseMs: number;
  readonly now: () => number;
  /** Answers that may be others the next time. Default: those of a server that is busy or down. */
  readonly passing?: ReadonlySet<number>;
  /** Whether what may have been done already can be done once more: where no answer came. Default true. */
  readonly twice?: boolean;
}

const mostTries = 4;
const busy: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** What `work` gives at last. Rejects as its last try did. */
export const patiently = async <T>(work: () => Promise<T>, { signal, until, pauseMs, now, passing = busy, twice = true }: Patience): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const refusal = refusalIn(error);
      const mayPass = refusal === undefined ? twice && error instanceof TypeError : passing.has(refusal.status); // fetch throws a TypeError where there is no answer
      const waitMs = (refusal && retryAfterMs(refusal.response.headers.get('retry-after'), now())) ?? pauseMs * 2 ** (tries - 1);
      if (!mayPass || tries === mostTries || signal.aborted || now() + waitMs >= until) throw error;
      if (waitMs > 0) await sleep(waitMs, undefined, { signal });
    }
  }
};

/** `promise`, which goes on for others, for as long as `signal` lets wait for it. */
export const within = <T>(signal: AbortSignal, promise: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });

/** The time that a `Retry-After` names (RFC 9110 §10.2.3: seconds, or a date), ms from `now`. */
const retryAfterMs = (header: string | null, now: number): number | undefined => {
  if (header === null || header.trim() === '') return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};
