/**
 * API — our own requests to Twilio: to have a call do something else, to place one, to get a recording.
 *
 * Basic authentication by the account and its auth token, which appear in nothing that is thrown. What Twilio is too busy for is
 * tried again; a call is placed once.
 *
 * @module
 */
import { Readable } from 'node:stream';
import { CallError } from '../../../errors.ts';
import { type Patience, patiently, Refused } from '../../patience.ts';
import type { RecordingFile, Sent } from '../../service.ts';
import { type Dialect, twilioDialect } from './dialect.ts';

export interface ApiOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly dialect?: Dialect;
  readonly fetch?: typeof fetch;
  /** Before a second try, ms. Default 250. */
  readonly pauseMs?: number;
}

export interface TwilioApi {
  /** Has the call do something else, at once: what a document says, or what an address answers. Never rejects. */
  update(callId: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Sent>;
  /** Places a call; its id. @throws `ERR_CALL_UNPLACED` */
  create(parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string>;
  /** The file of a recording. @throws whatever the network throws, and where Twilio has none */
  recording(recordingId: string, container: 'wav' | 'mp3', signal: AbortSignal): ReturnType<RecordingFile['fetch']>;
}

/** A refusal, with Twilio's own number for it. */
class Refusal extends Refused {
  readonly twilioCode: string;

  constructor(response: Response, code: string) {
    super(response);
    this.twilioCode = code;
  }
}

/** How long it is tried, ms; and one try. */
const patienceMs = 10_000;
const tryMs = 8_000;

/** A file may be announced before it can be had. */
const notYet: ReadonlySet<number> = new Set([404, 408, 429, 500, 502, 503, 504]);

/** Where nothing has been done for certain. */
const undone: ReadonlySet<number> = new Set([429]);

const contentTypes = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const;

export const twilioApi = ({ accountSid, authToken, apiUrl, dialect = twilioDialect, fetch: request = fetch, pauseMs = 250 }: ApiOptions): TwilioApi => {
  const account = `${apiUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}`;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`, 'utf8').toString('base64')}`;

  const patience = (signal: AbortSignal, more: Partial<Patience> = {}): Patience => ({ signal, until: Date.now() + patienceMs, pauseMs, now: Date.now, ...more });

  const send = async (url: string, init: RequestInit, signal: AbortSignal): Promise<Response> => {
    const response = await request(url, { ...init, headers: { ...init.headers, authorization }, signal });
    if (response.ok) return response;
    throw new Refusal(response, await codeIn(response));
  };

  const post = (url: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> =>
    send(url, { method: 'POST', redirect: 'error', headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(parameters).toString() }, AbortSignal.any([signal, AbortSignal.timeout(tryMs)]));

  return {
    update: async (callId, parameters, signal) => {
      try {
        const response = await patiently(() => post(`${account}/Calls/${encodeURIComponent(callId)}.json`, parameters, signal), patience(signal));
        await response.body?.cancel();
        return { kind: 'taken' };
      } catch (error) {
        return isGone(error) ? { kind: 'gone' } : { kind: 'refused', reason: reasonOf(error) };
      }
    },

    create: async (parameters, signal) => {
      try {
        const response = await patiently(() => post(`${account}/Calls.json`, parameters, signal), patience(signal, { passing: undone, twice: false }));
        const { sid } = (await response.json().catch(() => ({}))) as { readonly sid?: unknown };
        if (typeof sid === 'string' && sid !== '') return sid;
      } catch (error) {
        throw unplaced(dialect, reasonOf(error));
      }
      throw unplaced(dialect, 'malformed');
    },

    recording: async (recordingId, container, signal) => {
      const response = await patiently(() => send(`${account}/Recordings/${encodeURIComponent(recordingId)}.${container}`, {}, signal), patience(signal, { passing: notYet }));
      if (response.body === null) throw new Refusal(response, '');
      return { contentType: response.headers.get('content-type')?.split(';', 1)[0] ?? contentTypes[container], bytes: Readable.fromWeb(response.body as never) };
    },
  };
};

const unplaced = ({ name: service }: Dialect, reason: string) => new CallError('ERR_CALL_UNPLACED', `${service} did not place the call: ${reason}`, { service, reason });

/** Twilio's number for what is wrong, which its answer tells. */
const codeIn = async (response: Response): Promise<string> => {
  try {
    const { code } = (await response.json()) as { readonly code?: unknown };
    return typeof code === 'number' && Number.isInteger(code) ? String(code) : '';
  } catch {
    return '';
  }
};

/** The call is not in progress any more (21220), or forgotten. */
const isGone = (error: unknown): boolean => error instanceof Refusal && (error.status === 404 || error.twilioCode === '21220');

const reasonOf = (error: unknown): string => (error instanceof Refusal ? error.twilioCode || String(error.status) : 'unreachable');
