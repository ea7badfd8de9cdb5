/**
 * Credentials — whether a request is from Twilio: the signature over its address and its form.
 *
 * The signature is the base64 HMAC-SHA1, by the account's auth token, of the address as Twilio called it, followed by the
 * parameters of the form in the order of their names, each name and value without anything between. Of a name that is told
 * several times each different value counts once, in order. A body that is no form is signed by its SHA-256 in the query.
 *
 * Behind a proxy nobody but the owner knows how the address was called: the public URL is an option. Twilio signs with or
 * without a default port, and some of its senders sign the address as a browser would write it; the official package takes all
 * of these, and so do we. There is no time in a signature: a repeated request is recognised by its event id.
 *
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'node:querystring';
import { CallError, type CallErrorDetails } from '../../../errors.ts';
import type { CallRequest } from '../../service.ts';
import { urlOf } from '../../../actions/url.ts';
import type { Dialect } from './dialect.ts';

/** By what a signature is judged. */
export interface SignaturePolicy {
  /** The auth token; two while it is being changed. */
  readonly authTokens: readonly string[];
  /** How the outside calls this server, without a slash at its end. */
  readonly publicUrl: string;
  /** Whether scheme and host are taken from `X-Forwarded-Proto` and `X-Forwarded-Host`. */
  readonly trustForwarded: boolean;
  readonly dialect: Dialect;
}

/** The parameters of a form, in the order of the body. */
export type Parameters = readonly (readonly [name: string, value: string])[];

/** Resolves when the request is signed. Nothing of the body is read before it has a signature. @throws `ERR_SIGNATURE_REJECTED` */
export const requireSignature = async (request: CallRequest, policy: SignaturePolicy): Promise<void> => {
  const signature = request.headers[policy.dialect.signatureHeader] ?? '';
  if (signature === '') throw rejected('missing');
  if (typeof signature !== 'string' || !/^[A-Za-z0-9+/]{27}=$/.test(signature)) throw rejected('malformed'); // 20 bytes
  const url = calledUrl(request, policy);
  const body = await request.text();
  if (!policy.authTokens.some((authToken) => isSigned({ authToken, signature, url, body }))) throw rejected('mismatch');
};

const rejected = (reason: CallErrorDetails['ERR_SIGNATURE_REJECTED']['reason']) => new CallError('ERR_SIGNATURE_REJECTED', `the signature of the request: ${reason}`, { reason });

/** The address as it was called. */
const calledUrl = ({ path, query, headers }: CallRequest, { publicUrl, trustForwarded }: SignaturePolicy): string => {
  if (!trustForwarded) return `${publicUrl}${path}${query}`;
  const { scheme, host, port, rest } = partsOf(publicUrl) ?? { scheme: '', host: publicUrl, port: '', rest: '' };
  const proto = forwarded(headers['x-forwarded-proto']);
  const at = forwarded(headers['x-forwarded-host']);
  return `${proto === undefined ? scheme : `${proto}://`}${at ?? `${host}${port}`}${rest}${path}${query}`;
};

/** What the proxy that is nearest to the caller said, where there are several. */
const forwarded = (header: string | readonly string[] | undefined): string | undefined => {
  const first = String(header ?? '').split(',', 1)[0]?.trim() ?? '';
  return first === '' ? undefined : first;
};

/** A request, and what it is signed with. */
export interface Signed {
  readonly authToken: string;
  readonly signature: string;
  readonly url: string;
  readonly body: string;
}

/** Whether `signature` is that of the body at the address. Pure. */
export const isSigned = ({ authToken, signature, url, body }: Signed): boolean => {
  const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
  const hash = query.includes('bodySHA256') ? new URLSearchParams(query.split('#', 1)[0]).get('bodySHA256') : null;
  if (hash !== null && !isEqual(hash, createHash('sha256').update(body, 'utf8').digest('hex'))) return false;
  const parameters = hash === null ? formParameters(body) : [];
  return writings(url).some((writing) => isEqual(signature, createHmac('sha1', authToken).update(signedText(writing, parameters), 'utf8').digest('base64')));
};

/** The parameters of a form. */
export const formParameters = (body: string): Parameters => [...new URLSearchParams(body)];

const isEqual = (given: string, right: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** What is signed. Names and values are in the order of their UTF-16 code units, upper case before lower case. */
const signedText = (url: string, parameters: Parameters): string => {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of parameters) values.set(name, (values.get(name) ?? new Set()).add(value));
  const told = [...values.keys()].sort().flatMap((name) => [...(values.get(name) ?? [])].sort().map((value) => name + value));
  return url + told.join('');
};

/** The ways in which a sender may have written the address that it signed, the likely ones first. */
const writings = (url: string): readonly string[] => {
  const tidy = urlOf(url)?.toString();
  const asCalled = [withPort(url, ''), withDefaultPort(url)];
  if (tidy === undefined) return asCalled;
  const tidied = [withPort(tidy, ''), withDefaultPort(tidy)];
  return [...new Set([...asCalled, ...tidied, ...tidied.map(withEscapedQuery)])];
};

interface UrlParts {
  readonly scheme: string;
  readonly user: string;
  readonly host: string;
  /** With its colon. */
  readonly port: string;
  readonly rest: string;
}

/** The parts of an address, to the letter: the signature is over what was called, and `URL` would tidy it up. */
const partsOf = (url: string): UrlParts | undefined => {
  const [whole, scheme, authority] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)/i.exec(url) ?? [];
  if (whole === undefined || scheme === undefined || authority === undefined) return undefined;
  const [, user = '', host = '', port = ''] = /^(.*@)?((?:.*\])?[^:]*)(:.*)?$/s.exec(authority) ?? [];
  return { scheme, user, host, port, rest: url.slice(whole.length) };
};

const withPort = (url: string, port: string): string => {
  const parts = partsOf(url);
  return parts === undefined ? url : `${parts.scheme}${parts.user}${parts.host}${port}${parts.rest}`;
};

const withDefaultPort = (url: string): string => {
  const parts = partsOf(url);
  return parts === undefined || parts.port !== '' ? url : withPort(url, parts.scheme.toLowerCase() === 'https://' ? ':443' : ':80');
};

/** The query with its values escaped as old servers did. */
const withEscapedQuery = (url: string): string => {
  const at = url.indexOf('?');
  return at < 0 || at === url.length - 1 ? url : `${url.slice(0, at)}?${stringify(parse(url.slice(at + 1)))}`;
};
