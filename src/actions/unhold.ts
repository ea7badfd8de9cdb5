/**
 * Unhold — take the caller back from hold, and how that ends.
 *
 * @module
 */
import * as t from 'io-ts';

/** Takes the caller back from hold. Seldom asked for: whatever needs the caller takes him back by itself (`compose.ts`). */
export const Unhold = t.type({}, 'Unhold');
export type Unhold = t.TypeOf<typeof Unhold>;

/** Every way an {@link Unhold} can end. */
export interface UnholdEvents {
  'unhold.done': { readonly type: 'unhold.done' };
  'unhold.failed': { readonly type: 'unhold.failed'; readonly reason?: string };
}
