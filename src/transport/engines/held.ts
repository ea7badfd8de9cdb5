/**
 * Held — requests whose reply waits for the call's own tasks and timers, one a call, until something is to be said or
 * the service's patience is nearly over.
 *
 * @module
 */
import type { Clock } from '../clock.ts';
import type { CallRef } from '../host.ts';

/** The requests of a process that are held. */
export interface HeldRequests {
  /**
   * Holds the request `id` until it is answered; after `forMs` the engine is told that its reply is due. A request that
   * was held before it is answered with nothing to do: what is to be said will be said to this one. `look`, which never rejects, is
   * done now and then meanwhile.
   */
  hold(ref: CallRef, id: string, forMs: number, look?: () => Promise<void>): Promise<string>;
  /** The id of the request that is held for the call `callId`. */
  of(callId: string): string | undefined;
  answer(callId: string, body: string): void;
  fail(callId: string, error: unknown): void;
  refs(): readonly CallRef[];
}

interface Held {
  readonly ref: CallRef;
  readonly id: string;
  readonly reply: Promise<string>;
  readonly answer: (body: string) => void;
  readonly fail: (error: unknown) => void;
  /** Calls off that the reply is due. */
  readonly disarm: () => void;
}

/** Between two looks there is this time at first, and each time twice as much up to the most, ms. */
const lookMs = 250;
const mostLookMs = 1_000;

/** Makes the one that holds. `due`: the service's patience with the request `id` is nearly over. */
export const heldRequests = (clock: Clock, due: (ref: CallRef, id: string) => void): HeldRequests => {
  const held = new Map<string, Held>();

  /** Looks now and then, until that is called off. While one look goes on there is no other: a store that hangs is asked once. */
  const lookOn = (look: () => Promise<void>): (() => void) => {
    let isOver = false;
    let disarm = (): void => {};
    const arm = (inMs: number): void => {
      if (!isOver) disarm = clock.setTimer(clock.now() + inMs, () => void look().then(() => arm(Math.min(2 * inMs, mostLookMs))), true);
    };
    arm(lookMs);
    return () => {
      isOver = true;
      disarm();
    };
  };

  const release = (callId: string): Held | undefined => {
    const one = held.get(callId);
    held.delete(callId);
    one?.disarm();
    return one;
  };

  return {
    hold: (ref, id, forMs, look) => {
      const before = held.get(ref.call);
      if (before?.id === id) return before.reply;
      release(ref.call)?.answer('');
      let answer: Held['answer'] = () => {};
      let fail: Held['fail'] = () => {};
      const reply = new Promise<string>((resolve, reject) => ([answer, fail] = [resolve, reject]));
      reply.catch(() => {}); // whoever asked may have failed before it came to waiting
      clock.holding?.(reply);
      const disarms = [clock.setTimer(clock.now() + forMs, () => due(ref, id)), ...(look === undefined ? [] : [lookOn(look)])];
      held.set(ref.call, { ref, id, reply, answer, fail, disarm: () => disarms.forEach((disarm) => disarm()) });
      return reply;
    },
    of: (callId) => held.get(callId)?.id,
    answer: (callId, body) => release(callId)?.answer(body),
    fail: (callId, error) => release(callId)?.fail(error),
    refs: () => Array.from(held.values(), ({ ref }) => ref),
  };
};
