/**
 * Play — let the caller hear something, and how that ends.
 *
 * A service reports one outcome for a batch, so an ending arrives only for a play that was the batch's last action,
 * or for one that failed.
 *
 * @module
 */
import * as t from 'io-ts';
import { PromptItem } from './prompt.ts';

/** Plays `prompts` in order. */
export const Play = t.type({ prompts: t.readonlyArray(PromptItem) }, 'Play');
export type Play = t.TypeOf<typeof Play>;

/** Every way a {@link Play} can end. */
export interface PlayEvents {
  'play.done': { readonly type: 'play.done' };
  /** The prompt could not be played, for what `reason` the service gives, if any. An ending of its own: never taken for input. */
  'play.failed': { readonly type: 'play.failed'; readonly reason?: string };
}
