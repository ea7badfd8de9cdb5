/**
 * Parts — a multipart body of the Bot Framework calling service: the JSON of a result, and beside it the recorded audio.
 *
 * The two come in either order, with or without file names, and not always with a content type, so a part without one
 * is told by its first byte. The audio goes to the store as it comes and is never whole in memory; all text is UTF-8.
 *
 * Every part is read as a stream. The other kind that busboy has, the field, decodes by the part's charset and cuts at
 * 1 MiB; that is how callers with accents in their names, and long recordings, were lost elsewhere.
 *
 * @module
 */
import type { Readable } from 'node:stream';
import { finished } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { CallError, isCallError } from '../../../errors.ts';
import type { RecordingStore, StoredBytes } from '../../recordings.ts';
import { malformed } from './rules.ts';

/** What was found. Either may be missing. */
export interface Parts {
  readonly text?: string;
  readonly audio?: StoredBytes & { readonly contentType: string };
}

/** The JSON part is not a recording: what is longer is refused. */
export const jsonLimitBytes = 256 * 1024;

/**
 * Reads `body` to its closing boundary, with the audio kept in `recordings`. Rejects with `ERR_EVENT_MALFORMED` (rule
 * `H-PARTS`) when the body ends early, with `ERR_BODY_TOO_LARGE` or `ERR_STORE_UNAVAILABLE`; the audio is then removed.
 */
export async function readParts(body: Readable, boundary: string, recordings: RecordingStore): Promise<Parts> {
  const parser = new Busboy({
    headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
    isPartAFile: () => true,
    limits: { parts: 16, headerPairs: 32, headerSize: 16 * 1024 },
  });
  const open = new Set<Readable>();
  const pending: Promise<void>[] = [];
  // A part named as the protocol names it wins over one that merely is JSON, wherever it stands.
  let named: string | undefined;
  let typed: string | undefined;
  let audio: Promise<NonNullable<Parts['audio']>> | undefined;

  try {
    await new Promise<void>((resolve, reject) => {
      const keepText = async (part: Readable, isNamed: boolean): Promise<void> => {
        const text = await readText(part);
        if (isNamed) named ??= text;
        else typed ??= text;
      };
      const keepAudio = async (part: Readable, contentType: string): Promise<void> => {
        if (audio !== undefined) return drain(part);
        audio = recordings.save(part).then(({ ref, bytes }) => ({ ref, bytes, contentType }));
        await audio;
        drain(part);
      };
      const keep = async (part: Readable, name: string | undefined, contentType: string): Promise<void> => {
        if (name?.toLowerCase() === 'conversationresult') return keepText(part, true);
        if (/^application\/(?:[^;]+\+)?json$/.test(contentType)) return keepText(part, false);
        if (name?.toLowerCase() === 'recordedaudio' || !contentType.startsWith('text/')) return keepAudio(part, contentType);
        const isObject = await beginsAsObject(part);
        if (part.destroyed && !part.readableEnded) return;
        return isObject ? keepText(part, false) : keepAudio(part, contentType);
      };

      parser.on('file', (name: string | undefined, part, _fileName, _encoding, contentType) => {
        open.add(part);
        // Without a listener, busboy's error on a part that ends early would end the process.
        part.on('error', reject);
        part.on('close', () => open.delete(part));
        const kept = keep(part, name, contentType);
        pending.push(kept);
        kept.catch(reject);
      });
      parser.on('error', reject);
      parser.on('finish', () => resolve());
      finished(body, { writable: false }, (error) => error && reject(error));
      body.pipe(parser);
    });
    await Promise.all(pending);
    const text = named ?? typed;
    return { ...(text !== undefined && { text }), ...(audio !== undefined && { audio: await audio }) };
  } catch (cause) {
    // Read on into nothing: destroying the body would close the socket before the refusal is written.
    body.unpipe(parser);
    body.on('error', () => {});
    body.resume();
    for (const part of open) part.destroy(cause instanceof Error ? cause : new Error('refused'));
    await audio?.then(({ ref }) => recordings.remove(ref)).catch(() => {});
    throw isCallError(cause) ? cause : malformed('H-PARTS');
  }
}

function drain(part: Readable): void {
  part.on('error', () => {});
  part.resume();
}

async function readText(part: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of part as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > jsonLimitBytes) {
      throw new CallError('ERR_BODY_TOO_LARGE', `The JSON part of the body is longer than ${jsonLimitBytes} bytes.`, { limitBytes: jsonLimitBytes });
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw malformed('H-JSON');
  }
}

/** Whether the first byte that is no white space opens a JSON object. No container of audio begins so. */
async function beginsAsObject(part: Readable): Promise<boolean> {
  const first = await new Promise<Buffer | null>((resolve, reject) => {
    part.once('error', reject);
    part.once('end', () => resolve(null));
    part.once('close', () => resolve(null));
    part.once('readable', () => resolve(part.read() as Buffer | null));
  });
  if (first === null) return false;
  part.unshift(first);
  return /^[\uFEFF\s]*\{/.test(first.toString('utf8', 0, 64));
}
