/**
 * Transfer — hand the caller to somebody else, and how that ends.
 *
 * Declared for the services that can; one that cannot says so before the first call (`ERR_CAPABILITY_MISSING`).
 *
 * @module
 */
import * as t from 'io-ts';

/** Hands the call to `to`: a telephone number (E.164), a SIP URI, or an identity of the service. */
export const Transfer = t.type({ to: t.string }, 'Transfer');
export type Transfer = t.TypeOf<typeof Transfer>;

/** Every way a {@link Transfer} can end while the bot still has the caller, and `transfer.done` when it no longer has. */
export interface TransferEvents {
  'transfer.done': { readonly type: 'transfer.done' };
  'transfer.busy': { readonly type: 'transfer.busy' };
  'transfer.noanswer': { readonly type: 'transfer.noanswer' };
  'transfer.failed': { readonly type: 'transfer.failed'; readonly reason?: string };
}
