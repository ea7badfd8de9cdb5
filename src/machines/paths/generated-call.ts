/**
 * Generated call — one call of those that cover a bot: what the caller and the world do, what is heard in between, and what it covers.
 *
 * @module
 */
import type { CallInput, EndReason } from '../service-event.ts';
import type { CallerScript } from '../check/caller-script.ts';

/** A call, as data. Nothing in it is assumed of guards: it goes this way on any line, given the same tasks. */
export interface GeneratedCall {
  /** What becomes of it, in a few words: `menu: silence, then sales`. Each of a set has another. */
  readonly title: string;
  /** Who calls, where the bot looks at it; empty where it does not matter. */
  readonly call: Partial<CallInput>;
  /** When the call comes in, epoch ms. */
  readonly now: number;
  /** What happens, act by act. Of tasks it says how each ends, in the order in which they do. */
  readonly script: CallerScript;
  /** What is heard: when the phone is answered, then after each act. */
  readonly heard: readonly (readonly string[])[];
  /** The state that the call is in at the same times; `ended` when it is over. */
  readonly states: readonly string[];
  readonly ended: EndReason | null;
  /** Ids of the points (`coverage/points.ts`) that it meets. */
  readonly covers: readonly string[];
}

/** A set of calls. */
export interface GeneratedCalls {
  readonly calls: readonly GeneratedCall[];
  /** Points that none of them meets. */
  readonly missed: readonly MissedPoint[];
  /** Fewer calls than these cannot meet the same points; the set is the smallest where it has as many. */
  readonly fewest: number;
}

/** A point that could not be met. */
export interface MissedPoint {
  readonly id: string;
  /** Why, in a sentence: the guard that nothing which was tried makes hold, the state that is not reached. */
  readonly why: string;
}
