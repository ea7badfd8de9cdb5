/** Requests of the calling service as the rim hands them over, made from text or from a fixture. */
import { Readable } from 'node:stream';
import type { CallRequest } from '../../../../src/transport/service.ts';

/** A whole request as `callchart decode` reads it from a file. */
export interface HttpFixture {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly bodyBase64?: string;
}

/** A request with this body, which arrives in pieces of `chunkBytes`. */
export function requestOf(headers: CallRequest['headers'], body: string | Buffer, chunkBytes = 64 * 1024): CallRequest {
  const bytes = Buffer.from(body as string);
  return { method: 'POST', path: '/api/calls', query: '', headers, text: async () => bytes.toString('utf8'), stream: () => Readable.from(pieces(bytes, chunkBytes), { objectMode: false }) };
}

export const fixtureRequest = ({ headers, body, bodyBase64 }: HttpFixture, chunkBytes?: number): CallRequest =>
  requestOf(headers, body === undefined ? Buffer.from(bodyBase64 ?? '', 'base64') : Buffer.from(body, 'utf8'), chunkBytes);

/** A multipart body of parts, each its header lines and its content, between lines of `--edge`. */
export const multipart = (...parts: readonly (readonly [head: string, content: string | Buffer])[]): Buffer =>
  Buffer.concat([...parts.flatMap(([head, content]) => [Buffer.from(`--edge\r\n${head}\r\n\r\n`), Buffer.from(content as string), Buffer.from('\r\n')]), Buffer.from('--edge--\r\n')]);

/** Headers of a request with {@link multipart}. */
export const form = { 'content-type': 'multipart/form-data; boundary=edge' } as const;

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
