/**
 * Signature — whether a request bears the signature that an access key gives: HMAC-SHA256 over the verb, path and query, and
 * three headers, one of which is the hash of the body.
 *
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What is signed. Header names are in lower case. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

const scheme = /^HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=([A-Za-z0-9+/=]+)$/;

/** Whether `accessKey`, base64, has signed `request`. */
export const isSigned = ({ method, target, headers, body }: SignedRequest, accessKey: string): boolean => {
  const { authorization, host, 'x-ms-date': date, 'x-ms-content-sha256': hash } = headers;
  const signature = scheme.exec(String(authorization ?? ''))?.[1];
  if (signature === undefined || date === undefined || Number.isNaN(Date.parse(String(date)))) return false;
  if (hash !== createHash('sha256').update(body).digest('base64')) return false;
  const text = `${method}\n${target}\n${String(date)};${String(host)};${String(hash)}`;
  return isSame(signature, createHmac('sha256', Buffer.from(accessKey, 'base64')).update(text).digest('base64'));
};

const isSame = (one: string, other: string): boolean => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
