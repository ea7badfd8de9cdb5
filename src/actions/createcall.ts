/**
 * Createcall — ring somebody else and join the caller to him, and how that ends. The name is CCXML's.
 *
 * Unlike a transfer it leaves the bot its caller: when the other party has gone, the call goes on with the bot. Declared
 * for the services that can; one that cannot says so before the first call (`ERR_CAPABILITY_MISSING`).
 *
 * @module
 */
import * as t from 'io-ts';

/**
 * Rings `to`: a telephone number (E.164), a SIP URI, or an identity of the service. It rings for `timeoutMs` at most and
 * sees `from` calling, where the service lets a bot choose. Once answered the two are joined; the bot says and hears
 * nothing until the other party is gone.
 */
export const Createcall = t.intersection([t.type({ to: t.string, timeoutMs: t.number }), t.partial({ from: t.string })], 'Createcall');
export type Createcall = t.TypeOf<typeof Createcall>;

/** Defaults of an outgoing call: it rings for 30 s. */
export const createcallDefaults = { timeoutMs: 30_000 } as const;

/** Every way a {@link Createcall} can end: `done` is after the conversation, the others mean that there was none. */
export interface CreatecallEvents {
  'createcall.done': { readonly type: 'createcall.done' };
  'createcall.busy': { readonly type: 'createcall.busy' };
  'createcall.noanswer': { readonly type: 'createcall.noanswer' };
  'createcall.failed': { readonly type: 'createcall.failed'; readonly reason?: string };
}
