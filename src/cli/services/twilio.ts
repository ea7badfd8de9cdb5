/**
 * Twilio on the command line.
 *
 * @module
 */
import { twilio, twilioLimits, type TwilioOptions } from '../../transport/index.ts';
import { decodeTwilio } from '../../transport/services/twilio/index.ts';
import { validateTwiml, verbsIn } from '../../transport/services/twilio/limits.ts';
import { rules } from '../../transport/services/twilio/rules.ts';
import { wrong } from '../arguments.ts';
import { wholeRequest } from '../request-file.ts';
import type { SpokenService } from './spoken.ts';

const required = { accountSid: 'CALLCHART_TWILIO_ACCOUNT_SID', authToken: 'CALLCHART_TWILIO_AUTH_TOKEN', publicUrl: 'CALLCHART_TWILIO_PUBLIC_URL' } as const;

const optional = {
  trustForwarded: 'CALLCHART_TWILIO_TRUST_FORWARDED', apiUrl: 'CALLCHART_TWILIO_API_URL', voice: 'CALLCHART_TWILIO_VOICE', language: 'CALLCHART_TWILIO_LANGUAGE',
  transferBy: 'CALLCHART_TWILIO_TRANSFER_BY', callerId: 'CALLCHART_TWILIO_CALLER_ID', holdMusic: 'CALLCHART_TWILIO_HOLD_MUSIC',
} as const;

export const twilioService: SpokenService = {
  limits: twilioLimits,
  required,
  optional,
  make: ({ accountSid = '', authToken = '', publicUrl = '', trustForwarded, ...more }) => {
    if (trustForwarded !== undefined && trustForwarded !== 'true') throw wrong(optional.trustForwarded, `${optional.trustForwarded} is \`true\`, or absent`);
    return twilio({ accountSid, authToken: authToken.split(',').map((token) => token.trim()), publicUrl, ...(trustForwarded === 'true' && { trustForwarded: true }), ...(more as Partial<TwilioOptions>) });
  },
  bareBody: 'application/x-www-form-urlencoded',
  decode: (request) => decodeTwilio(request),
  validate: async (text, profile) => {
    if (profile !== undefined) throw wrong('profile', '`--profile` is of no meaning for twilio');
    const document = (await wholeRequest(text)?.text()) ?? text;
    const violations = validateTwiml(document);
    const [first] = violations;
    return first === undefined ? { ok: true, actions: verbsIn(document) } : { ok: false, rule: first.rule, paths: violations.map(({ path }) => path) };
  },
  rules,
};
