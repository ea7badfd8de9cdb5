/**
 * Body — an HTTP request of Azure Communication Services or of Event Grid into what it tells. It is trusted by now.
 *
 * @module
 */
import { CallError } from '../../../errors.ts';
import type { CallRequest, Decoded } from '../../service.ts';
import { readQuery } from './callback.ts';
import { decodeBody, type Told } from './decode.ts';
import { malformed } from './rules.ts';

/** The JSON of a request. Rejects with `ERR_BODY_TYPE`, `ERR_EVENT_MALFORMED` or `ERR_BODY_TOO_LARGE`. */
export const parsedBody = async (request: CallRequest): Promise<unknown> => {
  const [type = ''] = [request.headers['content-type']].flat();
  if (!/^\s*application\/(?:json|cloudevents(?:-batch)?\+json)\s*(?:;|$)/i.test(type)) throw new CallError('ERR_BODY_TYPE', 'The body is neither JSON nor a CloudEvent as JSON.', {});
  const text = await request.text();
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    throw malformed('H-JSON');
  }
};

/** What a request tells. */
export const decodeRequest = async (request: CallRequest): Promise<Told> => decodeBody(await parsedBody(request), readQuery(request.query));

/**
 * What a request tells, for those who only look: nobody has authenticated it, files of recordings cannot be fetched, and what tells
 * nobody anything is there with an empty list of events.
 */
export const decodeAzure = async (request: CallRequest): Promise<Decoded> => {
  if (request.method === 'OPTIONS') return { arrivals: [] };
  const { arrivals, unknown, files } = await decodeRequest(request);
  const fetch = () => Promise.reject(new CallError('ERR_OPTION_INVALID', 'the files of recordings are fetched by a service that is set up', { option: 'connectionString' }));
  return { arrivals, unknown, files: files.map(({ ref, lengthMs }) => ({ ref, callId: '', lengthMs, fetch })) };
};
