/**
 * Attendant — looks after calls that nobody rings about: due timers, tasks to take up again, calls gone silent, and
 * tombstones whose time is over. One timer for the whole process, whatever the number of calls.
 *
 * @module
 */
import type { Log } from '../log.ts';
import type { CallStore, DueCall } from './store.ts';

export interface AttendantOptions {
  readonly store: CallStore;
  readonly now: () => number;
  readonly log: Log;
  /** Does for a call what is due. A call that cannot be attended to is logged and does not stop the others. */
  readonly visit: (key: string) => Promise<void>;
}

export interface Attendant {
  /** Something is due at `at`, epoch ms. */
  wakeAt(at: number): void;
  close(): void;
}

const roundMs = 1_000;
const page = 256;

/** Starts looking after the calls of a store; what is due already is attended to at once. */
export const attendant = ({ store, now, log, visit }: AttendantOptions): Attendant => {
  let timer: NodeJS.Timeout | undefined;
  let wakesAt = Infinity;
  let closed = false;

  const wakeAt = (at: number): void => {
    const soon = Math.min(Math.max(at, now()), now() + roundMs);
    if (closed || soon >= wakesAt) return;
    clearTimeout(timer);
    wakesAt = soon;
    timer = setTimeout(() => void round(), soon - now()).unref();
  };

  const look = async (key: string): Promise<void> => {
    if (closed) return;
    try {
      await visit(key);
    } catch (error) {
      if (!closed) log.error({ call: key, err: error }, 'call not attended to');
    }
  };

  const round = async (): Promise<void> => {
    wakesAt = Infinity;
    try {
      let after: DueCall | undefined;
      for (;;) {
        const due = await store.due(now(), page, after);
        for (const { callId } of due) await look(callId);
        after = due.at(-1);
        if (due.length < page || closed) break;
      }
      while (!closed && (await store.expire(now(), page)) === page);
    } catch (error) {
      if (!closed) log.error({ err: error }, 'round failed');
    }
    wakeAt(now() + roundMs);
  };

  /** Tasks of a process that died are taken up at once, without waiting for their lease. */
  const takeUp = async (): Promise<void> => {
    try {
      let after: DueCall | undefined;
      do {
        const due = await store.due(now() + attendant.leaseMs, page, after);
        for (const { callId } of due) await look(callId);
        after = due.length === page ? due.at(-1) : undefined;
      } while (after !== undefined && !closed);
    } catch (error) {
      if (!closed) log.error({ err: error }, 'round failed');
    }
    wakeAt(now() + roundMs);
  };

  void takeUp();
  return {
    wakeAt,
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
};

/** How long a task that began is left to the process that began it, ms. */
attendant.leaseMs = 30_000;
