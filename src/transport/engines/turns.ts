/**
 * Turns — what happens to one call happens one thing after the other in this process; between processes the commit decides.
 *
 * @module
 */
import type { Clock } from '../clock.ts';

/** Takes turns, by call. */
export interface Turns {
  /** Does `work` for the call when all that came before it is done. */
  take<T>(callId: string, work: () => Promise<T>): Promise<T>;
  /** The call heard from outside. */
  heard(callId: string): void;
  /** Another result of the call's own work has come; says how many have since the call heard from outside. */
  worked(callId: string): number;
  /** What is done now. */
  underWay(): readonly Promise<unknown>[];
}

/** The events of one call that are taken now: `last` is done when all are. It stays when they are done, for the next. */
interface Turn {
  last: Promise<unknown> | undefined;
  works: number;
}

/** So many turns are kept before those are swept away in which nothing goes on: to add and remove one at each event costs more. */
const sweepSize = 1_024;

/** Makes an empty set of turns. */
export const callTurns = (clock: Clock): Turns => {
  const turns = new Map<string, Turn>();
  let sweepAt = sweepSize;

  const turnOf = (callId: string): Turn => turns.get(callId) ?? newTurn(callId);

  const newTurn = (callId: string): Turn => {
    if (turns.size >= sweepAt) {
      for (const [id, { last }] of turns) if (last === undefined) turns.delete(id);
      sweepAt = sweepSize + 2 * turns.size;
    }
    const turn: Turn = { last: undefined, works: 0 };
    turns.set(callId, turn);
    return turn;
  };

  return {
    take: (callId, work) => {
      const turn = turnOf(callId);
      const ours = turn.last === undefined ? work() : turn.last.then(work, work);
      turn.last = ours;
      clock.working?.(ours);
      const leave = (): void => {
        if (turn.last === ours) turn.last = undefined;
      };
      ours.then(leave, leave);
      return ours;
    },
    heard: (callId) => void (turnOf(callId).works = 0),
    worked: (callId) => (turnOf(callId).works += 1),
    underWay: () => Array.from(turns.values(), ({ last }) => last).filter((last) => last !== undefined),
  };
};
