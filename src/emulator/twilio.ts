/**
 * Twilio, emulated: it calls a bot with signed forms, does the TwiML that the bot answers, and has an API on loopback that takes what
 * the official client sends.
 *
 * The bot is told the account, its token and {@link TwilioEmulator.apiUrl}, and under which address the outside sees it: the signature covers that
 * address, whatever the bot is called by here.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { openSwitchboard, type PlacingService, type Switchboard } from './switchboard.ts';
import { type Account, newSid } from './wires/twilio/account.ts';
import type { ForeignEnd } from './wires/twilio/conduct.ts';
import type { BadLine } from './wires/twilio/deliveries.ts';
import { twilioWire } from './wires/twilio/index.ts';
import { openRest } from './wires/twilio/rest.ts';

/** What the emulation and the bot know of each other, and what is wrong with the line. */
export interface TwilioEmulatorOptions {
  /** Default: a new one. */
  readonly accountSid?: string;
  /** Default: a new one. */
  readonly authToken?: string;
  /** The address under which the outside sees the bot's server: requests are signed as if they went there. Default: where they go. */
  readonly publicUrl?: string;
  /** Port of 127.0.0.1 where the API listens. Default: a free one. */
  readonly apiPort?: number;
  /** Where the number has the end of its calls told. Default: where they are announced; `false` is nowhere. */
  readonly statusCallback?: string | false;
  /** What becomes of verbs that are not carried out here, `Pay` and `Enqueue` for two. Default: they are passed over. */
  readonly foreignEnd?: ForeignEnd;
  /** Default: a good one. */
  readonly badLine?: BadLine;
  /** Asked before the API does anything: a status, instead of it. */
  readonly apiRefuses?: (request: { readonly method: string; readonly path: string }) => number | undefined;
}

/** Twilio, as it runs. */
export interface TwilioEmulator extends PlacingService {
  readonly accountSid: string;
  readonly authToken: string;
  /** Where the API is: `client.api.baseUrl` of the official client. */
  readonly apiUrl: string;
}

/** Starts it. @throws `ERR_OPTION_INVALID` when the port of the API is taken */
export const twilioEmulator = async ({
  accountSid = newSid('AC'), authToken = randomBytes(16).toString('hex'), publicUrl, apiPort = 0, statusCallback, foreignEnd = () => 'goes on', badLine = {}, apiRefuses = () => undefined,
}: TwilioEmulatorOptions = {}): Promise<TwilioEmulator> => {
  const account: Account = { accountSid, authToken, calls: new Map(), recordings: new Map() };
  const rest = await openRest({ account, port: apiPort, refuses: apiRefuses, place: ({ sid, from, to }) => board.place({ id: sid, from, to }) });
  const publicly = (url: string): string => {
    if (publicUrl === undefined) return url;
    const { pathname, search } = new URL(url);
    return publicUrl.replace(/\/$/, '') + pathname + search;
  };
  const board: Switchboard = openSwitchboard({
    wire: twilioWire({
      account, apiUrl: rest.url, publicly, foreignEnd, badLine,
      statusCallback: (url) => (statusCallback === false ? undefined : (statusCallback ?? publicly(url))),
    }),
    parties: { from: '+15550100', to: '+15550199' },
    persistence: { replyTimeoutMs: 15_000, tries: 2, retryDelayMs: 200, retriesConnection: true },
    stop: () => rest.close(),
  });
  const { name, modalities, call, answer, chat, close } = board;
  return { name, modalities, call, answer, chat, close, accountSid, authToken, apiUrl: rest.url };
};
