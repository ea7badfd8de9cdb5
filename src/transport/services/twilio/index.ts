/**
 * Twilio — Programmable Voice: forms in, TwiML out, and the REST API for what cannot wait for a request.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { isLanguageTag } from '../../../actions/language-tag.ts';
import { urlOf } from '../../../actions/url.ts';
import { CallError } from '../../../errors.ts';
import { requireKnown } from '../../../machines/index.ts';
import { isTrustedUrl } from '../../keys.ts';
import type { RecordingStore } from '../../recordings.ts';
import type { CallRequest, Decoded, Placing, ReplyService, ServiceCommand } from '../../service.ts';
import { addressOf } from './address.ts';
import { twilioApi } from './api.ts';
import { decodeRequest } from './body.ts';
import { capabilities, type TwilioCapability } from './capabilities.ts';
import { requireSignature } from './credentials.ts';
import { twilioDialect as dialect } from './dialect.ts';
import { type DocumentOptions, encodeBatch, hangupDocument, waitDocument } from './encode.ts';
import { partyIn } from './party.ts';
import { wholeSeconds } from './prompts.ts';

/** What Twilio and the bot know of each other, and how the bot sounds there. */
export interface TwilioOptions {
  /** The account: `AC` and 32 hexadecimal digits. */
  readonly accountSid: string;
  /** The account's auth token. Several while it is being changed: each is taken as a signature's, and the first is used for our own requests. */
  readonly authToken: string | readonly string[];
  /** How the outside calls this server, to which a request's path and query are added: what Twilio signs, and where it is told to come back to. https, or http on loopback. */
  readonly publicUrl: string;
  /** Scheme and host of a signed address are those of `X-Forwarded-Proto` and `X-Forwarded-Host`. Only behind a proxy that writes them itself. */
  readonly trustForwarded?: true;
  /** Where our own requests go. Default `https://api.twilio.com`. */
  readonly apiUrl?: string;
  /** The voice that speaks, such as `Polly.Joanna-Neural`. Default: the account's. */
  readonly voice?: string;
  /** The language that is spoken and heard where a bot does not say, as a BCP 47 tag. Default: Twilio's, `en-US`. */
  readonly language?: string;
  /** How long Twilio waits for an answer, ms. Default 15,000. */
  readonly replyWithinMs?: number;
  /** After how long without a word the caller hears the bot's filler, ms. Default 4,000. */
  readonly fillAfterMs?: number;
  /** How a caller is handed on: `dial` rings the other party and joins them, `refer` has the caller's own SIP exchange do it. Default `dial`. */
  readonly transferBy?: 'dial' | 'refer';
  /** The number that a party sees who is rung for a bot, with its `+`; or `sip:…`, `client:…`. Default: the caller's own. */
  readonly callerId?: string;
  /** The address of an audio file for callers on hold whose bot plays nothing. */
  readonly holdMusic?: string;
}

const knownOptions = {
  accountSid: 0, authToken: 0, publicUrl: 0, trustForwarded: 0, apiUrl: 0, voice: 0, language: 0, replyWithinMs: 0, fillAfterMs: 0, transferBy: 0, callerId: 0, holdMusic: 0,
} satisfies Record<keyof TwilioOptions, 0>;

/**
 * The calling service Twilio.
 *
 * @throws `ERR_OPTION_INVALID` naming the option that is missing or wrong.
 */
export const twilio = (options: TwilioOptions): ReplyService<'twilio', TwilioCapability> => {
  const { accountSid, authTokens, publicUrl, apiUrl, replyWithinMs, fillAfterMs } = settled(options);
  const { trustForwarded = false, voice, language, transferBy, callerId, holdMusic } = options;
  const api = twilioApi({ accountSid, authToken: authTokens[0] ?? '', apiUrl });
  const policy = { authTokens, publicUrl, trustForwarded, dialect };
  const inDocuments = { base: publicUrl, voice, language, transferBy, callerId, holdMusic, dialect } satisfies Omit<DocumentOptions, 'path'>;
  return {
    name: 'twilio',
    capabilities,
    strayWords: 'nomatch',
    check: (batch) => void encodeBatch(batch, { ...inDocuments, path: '/api/twilio' }),
    style: 'reply',
    path: '/api/twilio',
    contentType: 'text/xml; charset=utf-8',
    replyWithinMs,
    fillAfterMs,
    unknownCalls: 'ignored',
    chainId: () => undefined, // the id of a call is in the body, which nobody has read when this is asked
    authenticate: (request) => requireSignature(request, policy),
    decode: async (request) => {
      const { arrivals, ...more } = await decodeRequest(request, dialect, api.recording);
      return { ...more, arrivals: arrivals.filter(({ events, asks, unanswered }) => events.length > 0 || asks === true || unanswered !== undefined) };
    },
    encode: (batch, { path }) => encodeBatch(batch, { ...inDocuments, path }),
    idle: ({ over, path }) => (over ? hangupDocument : waitDocument(randomUUID().slice(0, 13), { base: publicUrl, path })),
    push: (reply, { type, operationId }) => ({ id: `${operationId}:push`, operation: { type, operationId }, done: 'sent', request: { twiml: reply } }),
    send: (command, { callId, path }, signal) => api.update(callId, told(command, publicUrl, path), signal),
    place: async (placing, signal) => api.create(placed(placing, publicUrl), signal),
  };
};

/**
 * What a request means, without authentication, for those who look at files. The file of a recording is not fetched.
 *
 * @throws `ERR_EVENT_MALFORMED`, `ERR_BODY_TYPE`
 */
export const decodeTwilio = (request: CallRequest, _recordings?: RecordingStore): Promise<Decoded> => decodeRequest(request, dialect, nobodyFetches);

const nobodyFetches = (): Promise<never> => Promise.reject(new CallError('ERR_OPTION_INVALID', 'the file of a recording is fetched by a service with an account', { option: 'accountSid' }));

/** The longest document that goes with a request to the API, characters. */
const longestSent = 4_000;

/** How a call is told something: by a document, or, where that is too long, by having it ask what it is about now. */
const told = ({ id, request: { twiml } }: ServiceCommand, base: string, path: string): Readonly<Record<string, string>> =>
  String(twiml).length > longestSent ? { Url: addressOf(base, path, { of: 'wait', n: id.replace(/[^\w-]/g, '-') }), Method: 'POST' } : { Twiml: String(twiml) };

/** How a call is placed: the first request comes when it is answered, and with who has answered if that is listened for. @throws `ERR_OPTION_INVALID` for nobody who can be rung */
const placed = ({ to, from, path, detectMachine = false, timeoutMs = 30_000 }: Placing, base: string): Readonly<Record<string, string>> => ({
  To: rung(to),
  From: from,
  Url: `${base}${path}`,
  Method: 'POST',
  StatusCallback: addressOf(base, path, { of: 'status' }),
  StatusCallbackMethod: 'POST',
  StatusCallbackEvent: 'completed', // whichever way it ends
  Timeout: String(wholeSeconds(timeoutMs)),
  ...(detectMachine && { MachineDetection: 'Enable' }),
});

const rung = (to: string): string => {
  const named = partyIn(to.trim());
  if (named === undefined) throw invalid('to', 'option `to` is a telephone number (E.164), a SIP address (`sip:…`) or a client (`client:…`)');
  return named.noun === 'Client' ? `client:${named.address}` : named.address;
};

// ---- options ----

const settled = (options: TwilioOptions) => {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'the options of `twilio` are not an object');
  requireKnown('twilio', options, knownOptions);
  const { accountSid, authToken, publicUrl, trustForwarded, apiUrl = 'https://api.twilio.com', replyWithinMs = 15_000, fillAfterMs = 4_000, voice, language, transferBy, callerId, holdMusic } = options;
  const authTokens: readonly unknown[] = Array.isArray(authToken) ? authToken : [authToken];
  if (!isText(accountSid)) throw invalid('accountSid', 'option `accountSid` is required');
  if (!/^AC[\da-f]{32}$/i.test(accountSid)) throw invalid('accountSid', 'option `accountSid` is AC and 32 hexadecimal digits');
  if (authTokens.length === 0 || !authTokens.every(isText)) throw invalid('authToken', 'option `authToken` is required: a text, or a list of texts');
  if (!isTrustedUrl(publicUrl) || /[?#]/.test(publicUrl)) throw invalid('publicUrl', 'option `publicUrl` is an absolute https URL without a query, or http on loopback');
  if (!isTrustedUrl(apiUrl)) throw invalid('apiUrl', 'option `apiUrl` is an absolute https URL, or http on loopback');
  if (trustForwarded !== undefined && typeof trustForwarded !== 'boolean') throw invalid('trustForwarded', 'option `trustForwarded` is true, or absent');
  if (voice !== undefined && !isText(voice)) throw invalid('voice', 'option `voice` is a text');
  if (language !== undefined && !isLanguageTag(language)) throw invalid('language', 'option `language` is a BCP 47 tag, such as `en-GB`');
  if (callerId !== undefined && !isCaller(callerId)) throw invalid('callerId', 'option `callerId` is a telephone number (E.164, with its `+`), a SIP address (`sip:…`) or a client (`client:…`)');
  if (transferBy !== undefined && transferBy !== 'dial' && transferBy !== 'refer') throw invalid('transferBy', 'option `transferBy` is `dial` or `refer`');
  if (holdMusic !== undefined && !/^https?:$/.test(urlOf(holdMusic)?.protocol ?? '')) throw invalid('holdMusic', 'option `holdMusic` is an absolute URL');
  for (const [option, value] of Object.entries({ replyWithinMs, fillAfterMs })) if (!(typeof value === 'number' && value > 0 && value < Infinity)) throw invalid(option, `option \`${option}\` is a time in milliseconds`);
  return { accountSid, authTokens: authTokens as readonly string[], publicUrl: withoutSlash(publicUrl), apiUrl: withoutSlash(apiUrl), replyWithinMs, fillAfterMs };
};

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** Whether `callerId` is something that a party who is rung can be shown. */
const isCaller = (callerId: unknown): boolean => typeof callerId === 'string' && (/^\+\d{2,15}$/.test(callerId) || /^(?:sip|client):\S+$/.test(callerId));

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

const invalid = (option: string, sentence: string): CallError<'ERR_OPTION_INVALID'> => new CallError('ERR_OPTION_INVALID', sentence, { option });
