/**
 * Answer — accept an alerting call (CCXML `<accept>`), and how that ends.
 *
 * Seldom written: `compose` puts an answer first when anything is to be played on an unanswered call.
 *
 * @module
 */
import * as t from 'io-ts';

/** A medium that a call can carry. */
export const Modality = t.keyof({ audio: 0, video: 0 }, 'Modality');
export type Modality = t.TypeOf<typeof Modality>;

/** Accepts the call with these media. */
export const Answer = t.type({ modalities: t.readonlyArray(Modality) }, 'Answer');
export type Answer = t.TypeOf<typeof Answer>;

/** Every way an {@link Answer} can end. */
export interface AnswerEvents {
  'answer.done': { readonly type: 'answer.done' };
  'answer.failed': { readonly type: 'answer.failed'; readonly reason?: string };
}
