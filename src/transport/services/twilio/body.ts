/**
 * Body — an HTTP request of Twilio into the parameters it carries.
 *
 * A form is what Twilio sends; a JSON object of texts says the same, as a file that is looked at by hand may have it, and as
 * Twilio sends it where it signs a body by its hash.
 *
 * @module
 */
import { CallError } from '../../../errors.ts';
import type { CallRequest, Decoded } from '../../service.ts';
import { markIn } from './address.ts';
import { formParameters, type Parameters } from './credentials.ts';
import { type Around, decodeParameters } from './decode.ts';
import type { Dialect } from './dialect.ts';
import { malformed } from './rules.ts';
import { readParameters } from './wire.ts';

/** Reads and decodes a request. */
export const decodeRequest = async (request: CallRequest, dialect: Dialect, fetchRecording: Around['fetchRecording']): Promise<Decoded> => {
  const parameters = await readBody(request);
  const twice = parameters.find(([name], index) => readParameters.has(name) && parameters.findIndex(([other]) => other === name) < index)?.[0];
  if (twice !== undefined) throw malformed('H-TWICE', [twice]);
  return decodeParameters(Object.fromEntries(parameters), { mark: markIn(request.query), token: tokenOf(request, dialect), fetchRecording });
};

const readBody = async (request: CallRequest): Promise<Parameters> => {
  const type = String(request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return formParameters(await request.text());
  if (type === 'application/json') return jsonParameters(await request.text());
  throw new CallError('ERR_BODY_TYPE', 'The body is neither a form nor JSON.', {});
};

const jsonParameters = (text: string): Parameters => {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw malformed('H-JSON'); // without its cause, whose message quotes the body
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed('H-JSON');
  return Object.entries(json).map(([name, value]: readonly [string, unknown]) => {
    if (typeof value !== 'string') throw malformed('H-JSON', [name]);
    return [name, value] as const;
  });
};

/** What does not look like a token is none. */
const tokenOf = ({ headers }: CallRequest, { repeatHeader }: Dialect): string | undefined => /^[\w.:-]{1,200}$/.exec(String(headers[repeatHeader] ?? ''))?.[0];
