/**
 * Parameters — what the service tells in each request: the same facts of the call every time, and what has just happened.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Message } from '../../post.ts';
import type { Account, AccountCall } from './account.ts';
import { type Fields, formOf, signatureOf } from './signature.ts';

/** What every request of the call `call` tells. */
export const callFields = ({ accountSid }: Account, { sid, from, to, direction, status }: AccountCall): Fields => ({
  AccountSid: accountSid,
  ApiVersion: '2010-04-01',
  CallSid: sid,
  CallStatus: status,
  Called: to,
  ...placesOf('Called', to),
  Caller: from,
  ...placesOf('Caller', from),
  Direction: direction,
  From: from,
  ...placesOf('From', from),
  To: to,
  ...placesOf('To', to),
});

/** Where a number is at home, as far as it shows. */
const placesOf = (whose: string, address: string): Fields =>
  address.startsWith('+') ? { [`${whose}City`]: '', [`${whose}Country`]: address.startsWith('+1') ? 'US' : '', [`${whose}State`]: '', [`${whose}Zip`]: '' } : {};

/** Now, as the service writes it. */
export const timestamp = (): string => new Date().toUTCString().replace('GMT', '+0000');

/** A request as it goes out, to `url`. */
export interface Outgoing {
  readonly url: string;
  readonly message: Message;
}

/** The request that tells `fields` to `url`, signed. Sent again, it bears the same token. */
export const requestOf = ({ authToken }: Account, url: string, method: 'GET' | 'POST', fields: Fields): Outgoing => {
  const target = method === 'GET' ? `${url}${url.includes('?') ? '&' : '?'}${formOf(fields)}` : url;
  return {
    url: target,
    message: {
      method,
      headers: {
        ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
        accept: '*/*',
        'user-agent': 'TwilioProxy/1.1',
        'x-twilio-signature': signatureOf(authToken, target, method === 'GET' ? {} : fields),
        'i-twilio-idempotency-token': randomUUID(),
      },
      body: method === 'GET' ? '' : formOf(fields),
    },
  };
};
