/**
 * The wire of Twilio, from the service's side: forms that are signed out, TwiML in, and an API of its own.
 *
 * @module
 */
import type { Wire } from '../wire.ts';
import { conduct, type Office } from './conduct.ts';
import { newSid } from './account.ts';

/** The wire of one customer. */
export const twilioWire = (office: Office): Wire => ({
  name: 'twilio',
  identity: (address) => (address === '' ? 'anonymous' : /^\+?\d+$/.test(address) || /^(sip|sips|client|whatsapp):/.test(address) ? address : `client:${address}`),
  callId: () => newSid('CA'),
  conduct: (line) => conduct(line, office),
});
