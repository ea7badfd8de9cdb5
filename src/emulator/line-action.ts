/**
 * Line action — what a bot has done on a line, in words that know no service, and how it ends.
 *
 * @module
 */
import type { CallAction, Via } from '../actions/index.ts';

/**
 * What the bot wants done; a verb of the service's own is no line's. `other` is an action that a line has no part in: it is taken and is done at once. A question with
 * `strayWords` is ended by words that are none of its choices; else it goes on listening. `hints` are words that the bot expects where it takes whatever is said. A recording that is `timed` by the bot takes of the bot's time as long as somebody speaks. A party that is rung `orTransfer` may be one
 * that the caller is handed on to: the service does not tell the two apart.
 */
export type LineAction =
  | (Exclude<CallAction, { readonly type: 'raw' }> extends infer A ? (A extends CallAction ? A & { readonly operationId: string } & LineManners<A['type']> : never) : never)
  | { readonly type: 'other'; readonly name: string; readonly answers: boolean; readonly operationId: string };

type LineManners<T> = T extends 'recognize' ? { readonly strayWords?: 'nomatch'; readonly hints?: readonly string[] } : T extends 'record' ? { readonly timed?: true } : T extends 'createcall' ? { readonly orTransfer?: true } : unknown;

/** How an action ended. */
export type Ending =
  | { readonly end: 'done' }
  /** The service could not do it. */
  | { readonly end: 'failed'; readonly cause: 'system' | 'unknown'; readonly reason: string }
  /** A prompt of it could not be played. */
  | { readonly end: 'unplayed' }
  /** The caller was gone before the end, or the line was cut. */
  | { readonly end: 'left' }
  /** The service was told to do something else. */
  | { readonly end: 'interrupted' }
  | { readonly end: 'silence' }
  | { readonly end: 'choice'; readonly name: string; readonly via: Via }
  | { readonly end: 'wrong'; readonly by: 'key' | 'interdigit' | 'speech' }
  | { readonly end: 'digits'; readonly digits: string; readonly by: 'termchar' | 'interdigit' }
  /** Whatever was said, at a question that takes that. */
  | { readonly end: 'speech'; readonly phrase: string }
  /** The other party could not be had. */
  | { readonly end: 'busy' | 'noanswer' }
  | { readonly end: 'recorded'; readonly by: 'finalsilence' | 'termchar' | 'maxspeech' | 'hangup'; readonly lengthMs: number; /** The key that ended it. */ readonly key?: string; /** What was recorded, as a WAV file; absent of a caller without a voice. */ readonly wav?: Uint8Array };

/** Whether the service calls it a success. A stop tone without digits before it is none. */
export const succeeded = (ending: Ending): boolean =>
  ending.end === 'done' || ending.end === 'choice' || ending.end === 'recorded' || ending.end === 'speech' || (ending.end === 'digits' && ending.digits !== '');

/** Whether words or sounds are heard of `action`. */
export const speaks = (action: LineAction): boolean =>
  (action.type === 'play' || action.type === 'recognize' || action.type === 'record' || action.type === 'hold') && action.params.prompts.some((prompt) => !('silenceMs' in prompt));

/** Where an action stands in what the bot wants done. */
export interface Place {
  readonly isLast: boolean;
  /** Whether it is the first that says something. */
  readonly isFirstPrompt: boolean;
}

/** Where the action at `index` stands in `actions`. */
export const placeIn = (actions: readonly LineAction[], index: number): Place => ({ isLast: index === actions.length - 1, isFirstPrompt: index === actions.findIndex(speaks) });
