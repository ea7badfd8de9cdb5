/**
 * Hold — leave the caller to music while the call waits for something, and how that ends.
 *
 * Declared for the services that can; one that cannot says so before the first call (`ERR_CAPABILITY_MISSING`).
 *
 * @module
 */
import * as t from 'io-ts';
import { PromptItem } from './prompt.ts';

/** Puts the caller on hold. He hears `prompts` over and over, or the service's own music where there are none, until he is taken back. */
export const Hold = t.type({ prompts: t.readonlyArray(PromptItem) }, 'Hold');
export type Hold = t.TypeOf<typeof Hold>;

/** Every way a {@link Hold} can end: it ends when the caller is on hold, not when he is taken back. */
export interface HoldEvents {
  'hold.done': { readonly type: 'hold.done' };
  'hold.failed': { readonly type: 'hold.failed'; readonly reason?: string };
}
