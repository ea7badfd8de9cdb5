/**
 * Signature — by what a request shows that it is from the service: HMAC-SHA1 over the address as the outside sees it, and the parameters
 * of the form in the order of their names.
 *
 * Leaf: imports nothing of ours.
 *
 * @module
 */
import { createHmac } from 'node:crypto';

/** Parameters of a form. */
export type Fields = Readonly<Record<string, string>>;

/** The value of `X-Twilio-Signature`. */
export const signatureOf = (authToken: string, url: string, fields: Fields): string =>
  createHmac('sha1', authToken)
    .update(url + Object.keys(fields).toSorted().map((name) => name + (fields[name] ?? '')).join(''))
    .digest('base64');

/** `fields` as a form. */
export const formOf = (fields: Fields): string => Object.entries(fields).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
