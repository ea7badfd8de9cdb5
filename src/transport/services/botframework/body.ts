/**
 * Body — an HTTP request of the Bot Framework calling service into the JSON it carries, and the recording if one came.
 *
 * The request is trusted by now: nothing here runs before the token has been verified.
 *
 * @module
 */
import { CallError } from '../../../errors.ts';
import type { Recording } from '../../../actions/index.ts';
import type { RecordingStore } from '../../recordings.ts';
import type { CallRequest } from '../../service.ts';
import { type DecodedBody, decodeBody } from './decode.ts';
import { readParts } from './parts.ts';
import { malformed } from './rules.ts';

/** What a request carried. `json` is an object, or the list that `decodeBody` refuses. */
export interface RequestBody {
  readonly json: unknown;
  readonly recording?: Omit<Recording, 'lengthMs'>;
}

/**
 * Reads and decodes a request. The bytes of a recording that no event refers to are removed again, so a refused body
 * leaves nothing behind.
 */
export async function decodeRequest(request: CallRequest, recordings: RecordingStore, appIdentity?: string): Promise<DecodedBody> {
  const { json, recording } = await readBody(request, recordings);
  let kept = false;
  try {
    const decoded = decodeBody(json, {
      messageId: header(request, 'x-microsoft-skype-message-id'),
      recording,
      appIdentity,
    });
    kept = decoded.events.some((event) => event.type === 'record.done');
    return decoded;
  } finally {
    if (recording !== undefined && !kept) await recordings.remove(recording.ref).catch(() => {});
  }
}

/**
 * The JSON and the recording of a request, whatever they say. Rejects with `ERR_BODY_TYPE`, `ERR_EVENT_MALFORMED` (rules
 * `H-…`), `ERR_BODY_TOO_LARGE` or `ERR_STORE_UNAVAILABLE`; nothing stays in the store then.
 */
export async function readBody(request: CallRequest, recordings: RecordingStore): Promise<RequestBody> {
  const type = contentType(header(request, 'content-type') ?? '');
  if (type.kind === 'json') return { json: parse(await request.text()) };
  if (type.kind === 'other') throw new CallError('ERR_BODY_TYPE', 'The body is neither JSON nor multipart/form-data with a boundary.', {});
  // The rim inflates only what it reads as text.
  const coding = header(request, 'content-encoding') ?? 'identity';
  if (coding.trim().toLowerCase() !== 'identity') throw new CallError('ERR_BODY_TYPE', 'A compressed multipart body is not taken.', {});
  const { text, audio } = await readParts(request.stream(), type.boundary, recordings);
  try {
    if (text === undefined) throw malformed('H-NORESULT');
    if (audio === undefined) throw malformed('H-NOAUDIO');
    return { json: parse(text), recording: audio };
  } catch (error) {
    if (audio !== undefined) await recordings.remove(audio.ref).catch(() => {});
    throw error;
  }
}

type ContentType = { readonly kind: 'json' } | { readonly kind: 'other' } | { readonly kind: 'multipart'; readonly boundary: string };

/**
 * What the content type says. The published sample joins two types by a comma (so does a proxy that saw the header
 * twice): multipart with a boundary is then meant, since nothing else would have one.
 */
export function contentType(value: string): ContentType {
  if (plainJson.test(value)) return { kind: 'json' };
  if (value.length > 1000) return { kind: 'other' };
  const types = value.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((type) => type.trim().toLowerCase().split(';', 1)[0]?.trim() ?? '');
  if (types.includes('multipart/form-data')) {
    const [, quoted, bare] = /;\s*boundary\s*=\s*(?:"([^"\\]*)"|([^\s";,]+))/i.exec(value) ?? [];
    const boundary = quoted ?? bare ?? '';
    if (boundary !== '' && boundary.length <= 200 && /^[\x20-\x7e]+$/.test(boundary)) return { kind: 'multipart', boundary };
  }
  return types.some((type) => /^application\/(?:[^\s;]+\+)?json$/.test(type)) ? { kind: 'json' } : { kind: 'other' };
}

/** What the service writes on every body but those with a recording. */
const plainJson = /^application\/json(?:; ?charset=utf-8)?$/i;

function parse(text: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch {
    throw malformed('H-JSON'); // without its cause, whose message quotes the body
  }
  if (typeof json !== 'object' || json === null) throw malformed('H-JSON');
  return json;
}

/** The id that the service gives to all requests of a call. Nobody has looked at who sent it: what does not look like an id is none. */
export const chainIdOf = (request: CallRequest): string | undefined => /^[\w.:@-]{1,128}$/.exec(header(request, 'x-microsoft-skype-chain-id') ?? '')?.[0];

function header(request: CallRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
}
