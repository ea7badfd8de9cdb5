/**
 * Reject — refuse an alerting call (CCXML `<reject>`). It stands alone in its batch: nothing is played before it.
 *
 * How it ends is the end of the call: `call.ended`.
 *
 * @module
 */
import * as t from 'io-ts';

/** Why the call is refused, for services that can say so. */
export const Reject = t.type({ reason: t.keyof({ declined: 0, busy: 0 }) }, 'Reject');
export type Reject = t.TypeOf<typeof Reject>;
