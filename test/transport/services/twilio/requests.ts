/** Requests of Twilio as the rim hands them over: forms, signed or not. */
import { createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import type { CallRequest } from '../../../../src/transport/service.ts';

export const authToken = 'a token of the tests';
export const accountSid = 'AC00000000000000000000000000000001';
export const publicUrl = 'https://bot.example';
export const path = '/api/twilio';
export const callSid = 'CA00000000000000000000000012345678';

export type Fields = Readonly<Record<string, string>>;

/** What every request about the call tells. */
export const ongoing: Fields = { AccountSid: accountSid, ApiVersion: '2010-04-01', CallSid: callSid, CallStatus: 'in-progress', Direction: 'inbound', From: '+15550000001', To: '+15550000002' };

/** The first request of a call. */
export const ringing: Fields = { ...ongoing, CallStatus: 'ringing' };

/** A form that arrives at the bot's path. */
export const formRequest = (fields: Fields | string, query = '', headers: CallRequest['headers'] = {}): CallRequest => {
  const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
  return { method: 'POST', path, query, headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', ...headers }, text: async () => body, stream: () => Readable.from([Buffer.from(body)], { objectMode: false }) };
};

/** What Twilio puts into its header for these fields. Written after its documentation, and apart from `src`. */
export const signatureOf = (url: string, fields: Fields, token = authToken): string =>
  createHmac('sha1', token).update(url + Object.keys(fields).sort().map((name) => name + (fields[name] ?? '')).join('')).digest('base64');

/** A form that is signed. */
export const signedRequest = (fields: Fields, query = '', headers: CallRequest['headers'] = {}): CallRequest =>
  formRequest(fields, query, { 'x-twilio-signature': signatureOf(`${publicUrl}${path}${query}`, fields), ...headers });
