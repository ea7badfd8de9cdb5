/**
 * Recording file — the bytes of a recording, by the official client. What they are is seen from their first bytes: neither the
 * event nor the client says it.
 *
 * @module
 */
import { Readable } from 'node:stream';
import type { RecordingFile } from '../../service.ts';
import type { OpenedClient } from './client.ts';
import type { RecordingPointer } from './decode.ts';

/** A file that can be fetched. Azure does not tell of which call it is: its name is that of the recording. */
export const recordingFile = ({ ref, location, lengthMs }: RecordingPointer, client: OpenedClient): RecordingFile => ({
  ref,
  callId: '',
  lengthMs,
  fetch: async (signal) => {
    const chunks = (await client.download(location, signal))[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>;
    const first = await chunks.next();
    const head = first.done === true ? Buffer.alloc(0) : Buffer.from(first.value as string);
    return { contentType: contentTypeOf(head), bytes: Readable.from(all(head, chunks), { objectMode: false }) };
  },
});

async function* all(head: Buffer, rest: AsyncIterator<Buffer | string>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield Buffer.from(next.value as string);
}

/** What begins like this. */
export const contentTypeOf = (head: Buffer): string => {
  if (head.toString('latin1', 0, 4) === 'RIFF') return 'audio/wav';
  if (head.toString('latin1', 0, 3) === 'ID3' || (head[0] === 0xff && ((head[1] ?? 0) & 0xe0) === 0xe0)) return 'audio/mpeg';
  return head.toString('latin1', 4, 8) === 'ftyp' ? 'video/mp4' : 'application/octet-stream';
};
