/**
 * REST — the service's own API on loopback, as far as calls go: to place one, to tell a live one to do something else, to hang it up, and to
 * get what was recorded. The official client speaks to it, once its `client.api.baseUrl` is {@link RestServer.url}.
 *
 * @module
 */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOn } from '../../loopback.ts';
import { type Account, type AccountCall, type AccountRecording, isOver, newSid, type Order, type Placed } from './account.ts';
import { timestamp } from './parameters.ts';

/** The API while it listens. */
export interface RestServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What the API needs. */
export interface RestOptions {
  readonly account: Account;
  readonly port: number;
  /** The application has placed `call`. */
  readonly place: (call: AccountCall) => void;
  /** Asked before anything is done: a status instead of it, for an API that has a bad day. */
  readonly refuses: (request: { readonly method: string; readonly path: string }) => number | undefined;
}

/** What is answered: a status with JSON, or a file. */
type Answer = { readonly status: number; readonly json?: unknown } | { readonly status: 200; readonly wav: Uint8Array };

/** Opens the API on 127.0.0.1. @throws `ERR_OPTION_INVALID` when the port is taken. */
export const openRest = async (options: RestOptions): Promise<RestServer> => {
  const server = createServer((request, response) => void respond(request, response, options));
  return listenOn(server, options.port, { what: 'the API cannot listen', option: 'apiPort' });
};

async function respond(request: IncomingMessage, response: ServerResponse, options: RestOptions): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return;
  }
  const answer = answerTo(request, new URLSearchParams(Buffer.concat(chunks).toString()), options);
  if ('wav' in answer) return void response.writeHead(200, { 'content-type': 'audio/x-wav', 'content-length': answer.wav.length }).end(answer.wav);
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.json === undefined ? undefined : JSON.stringify(answer.json));
}

function answerTo({ method = '', url = '', headers }: IncomingMessage, form: URLSearchParams, { account, place, refuses }: RestOptions): Answer {
  const { pathname } = new URL(url, 'http://127.0.0.1');
  const refused = refuses({ method, path: pathname });
  if (refused !== undefined) return problem(refused, 20_429, 'not today');
  if (!isOurs(headers.authorization, account)) return problem(401, 20_003, 'Authenticate');
  const [, sid, what, id, ending] = /^\/2010-04-01\/Accounts\/(\w+)\/(Calls|Recordings)(?:\/(\w+))?(\.json|\.wav)?$/.exec(pathname) ?? [];
  if (sid !== account.accountSid) return notFound(pathname);
  if (what === 'Calls' && id === undefined) return method === 'POST' ? create(form, account, place) : notFound(pathname);
  if (what === 'Calls') {
    const call = account.calls.get(id ?? '');
    if (call === undefined) return notFound(pathname);
    if (method === 'POST') return update(call, form, account);
    return method === 'GET' ? { status: 200, json: callJson(call, account) } : notFound(pathname);
  }
  const recording = account.recordings.get(id ?? '');
  if (recording === undefined) return notFound(pathname);
  if (method === 'DELETE') {
    account.recordings.delete(recording.sid);
    return { status: 204 };
  }
  if (method !== 'GET') return notFound(pathname);
  return ending === '.json' ? { status: 200, json: recordingJson(recording, account) } : { status: 200, wav: recording.wav };
}

/** Whether whoever asks has the keys of the account. */
const isOurs = (authorization: string | undefined, { accountSid, authToken }: Account): boolean => {
  const given = Buffer.from(authorization ?? '');
  const wanted = Buffer.from(`Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

function create(form: URLSearchParams, account: Account, place: (call: AccountCall) => void): Answer {
  const [to, from] = [form.get('To'), form.get('From')];
  if (!to) return problem(400, 21_201, "No 'To' number is specified");
  if (!from) return problem(400, 21_213, "No 'From' number is specified");
  const first = orderOf(form);
  if (first === undefined || 'hangup' in first) return problem(400, 21_205, 'Url parameter is required.');
  if ('url' in first && !isUrl(first.url)) return problem(400, 21_205, 'Url is not a valid URL');
  const statusCallback = form.get('StatusCallback') ?? undefined;
  if (statusCallback !== undefined && !isUrl(statusCallback)) return problem(400, 21_609, 'StatusCallback is not a valid URL');
  const detection = form.get('MachineDetection');
  const events = form.getAll('StatusCallbackEvent').flatMap((event) => event.split(/\s+/));
  const placed: Placed = {
    to, from, first, statusCallback,
    statusEvents: events.length === 0 ? ['completed'] : events,
    detects: detection === 'Enable' || detection === 'DetectMessageEnd' ? detection : undefined,
    timeoutMs: Number(form.get('Timeout') ?? 60) * 1_000,
  };
  const call: AccountCall = { sid: newSid('CA'), from, to, direction: 'outbound-api', status: 'queued', placed };
  account.calls.set(call.sid, call);
  place(call);
  return { status: 201, json: callJson(call, account) };
}

function update(call: AccountCall, form: URLSearchParams, account: Account): Answer {
  const status = form.get('Status');
  if (status !== null && status !== 'completed' && status !== 'canceled') return problem(400, 21_218, 'Invalid Status parameter');
  const order = orderOf(form);
  if (order === undefined) return problem(400, 21_205, 'Url parameter is required.');
  if (isOver(call)) return 'hangup' in order ? { status: 200, json: callJson(call, account) } : problem(400, 21_220, 'Call is not in-progress. Cannot redirect.');
  if (status === 'canceled' && call.status === 'in-progress') return problem(400, 21_220, 'Call is in-progress. Cannot cancel.');
  if (status === null && call.status !== 'in-progress') return problem(400, 21_220, 'Call is not in-progress. Cannot redirect.');
  if ('url' in order && !isUrl(order.url)) return problem(400, 21_205, 'Url is not a valid URL');
  call.order?.(order);
  return { status: 200, json: callJson(call, account) };
}

const orderOf = (form: URLSearchParams): Order | undefined => {
  const [status, twiml, url] = [form.get('Status'), form.get('Twiml'), form.get('Url')];
  if (status !== null) return { hangup: true };
  if (twiml !== null) return { twiml };
  return url === null ? undefined : { url, method: form.get('Method')?.toUpperCase() === 'GET' ? 'GET' : 'POST' };
};

const isUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const problem = (status: number, code: number, message: string): Answer => ({ status, json: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } });
const notFound = (path: string): Answer => problem(404, 20_404, `The requested resource ${path} was not found`);

const callJson = ({ sid, from, to, direction, status, answeredBy }: AccountCall, { accountSid }: Account): object => ({
  sid, account_sid: accountSid, api_version: '2010-04-01', from, from_formatted: from, to, to_formatted: to, direction, status,
  answered_by: answeredBy === undefined ? null : answeredBy, date_created: timestamp(), date_updated: timestamp(), start_time: null, end_time: null, duration: null, price: null, price_unit: 'USD',
  parent_call_sid: null, phone_number_sid: null, forwarded_from: null, caller_name: null, group_sid: null, queue_time: '0', trunk_sid: null, annotation: null,
  uri: `/2010-04-01/Accounts/${accountSid}/Calls/${sid}.json`, subresource_uris: {},
});

const recordingJson = ({ sid, callSid, lengthMs }: AccountRecording, { accountSid }: Account): object => ({
  sid, account_sid: accountSid, call_sid: callSid, api_version: '2010-04-01', status: 'completed', source: 'RecordVerb', channels: 1, duration: String(Math.max(1, Math.round(lengthMs / 1_000))),
  date_created: timestamp(), date_updated: timestamp(), start_time: timestamp(), price: null, price_unit: 'USD', error_code: null, conference_sid: null, encryption_details: null,
  uri: `/2010-04-01/Accounts/${accountSid}/Recordings/${sid}.json`, subresource_uris: {},
});
