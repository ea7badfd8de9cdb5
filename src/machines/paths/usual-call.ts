/**
 * Usual call — who calls, when, and how secrets are sealed, where nothing else is said: the same in every test and in every call that is generated.
 *
 * @module
 */
import type { Seal } from '../secret.ts';
import type { CallInput } from '../service-event.ts';

/** Somebody calls the bot. */
export const usualCall: CallInput = { id: 'call-1', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} };

/** A Monday, at 9 in the morning (UTC), epoch ms. */
export const usualNow = 1_736_154_000_000;

/** Nobody has a key: these seals hide a secret from a reader's eye and from a search, as a server's do, and from nobody who wants to know. */
export const usualSeal: Seal = (text) => `sealed.test.${Buffer.from(text).toString('base64url')}`;
