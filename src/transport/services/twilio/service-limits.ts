/**
 * Service limits — those of Twilio, for tests and checks: `dial(bot, { service: twilioLimits })`.
 *
 * @module
 */
import type { ServiceLimits } from '../../../actions/index.ts';
import { capabilities, type TwilioCapability } from './capabilities.ts';
import { encodeBatch } from './encode.ts';

/** An address that breaks no rule: none is at stake here. */
const base = 'https://bot.example';

/** What Twilio can be asked for, where a caller is handed on by ringing somebody. */
export const twilioLimits: ServiceLimits<'twilio', TwilioCapability> = { name: 'twilio', capabilities, strayWords: 'nomatch', check: (batch) => void encodeBatch(batch, { base, path: '/api/twilio' }) };
