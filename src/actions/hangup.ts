/**
 * Hangup — end an answered call (CCXML `<disconnect>`). Nothing follows it in a batch.
 *
 * How it ends is the end of the call: `call.ended`.
 *
 * @module
 */
import * as t from 'io-ts';

/** Carries nothing. */
export const Hangup = t.type({}, 'Hangup');
export type Hangup = t.TypeOf<typeof Hangup>;
