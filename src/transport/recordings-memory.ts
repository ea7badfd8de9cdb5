/**
 * Recordings in memory — for tests and for `callchart decode`. They are gone with the process.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { CallError } from '../errors.ts';
import type { RecordingStore } from './recordings.ts';

/** A store that can tell what it holds. */
export interface MemoryRecordings extends RecordingStore {
  readonly refs: () => readonly string[];
}

/** Keeps recordings of at most `maxBytes` in memory. */
export function memoryRecordings({ maxBytes = 64 * 1024 * 1024 }: { readonly maxBytes?: number } = {}): MemoryRecordings {
  const kept = new Map<string, Buffer>();
  return {
    async save(bytes, ref = randomUUID()) {
      const chunks: Buffer[] = [];
      let total = 0;
      for await (const chunk of bytes as AsyncIterable<Buffer>) {
        total += chunk.length;
        if (total > maxBytes) throw new CallError('ERR_BODY_TOO_LARGE', `A recording is longer than ${maxBytes} bytes.`, { limitBytes: maxBytes });
        chunks.push(chunk);
      }
      kept.set(ref, Buffer.concat(chunks));
      return { ref, bytes: total };
    },
    open: (ref) => Readable.from(read(kept.get(ref)), { objectMode: false }),
    async remove(ref) {
      kept.delete(ref);
    },
    refs: () => [...kept.keys()],
  };
}

async function* read(bytes: Buffer | undefined): AsyncGenerator<Buffer> {
  if (bytes === undefined) throw new CallError('ERR_STORE_UNAVAILABLE', 'There is no such recording.', { reason: 'read' });
  yield bytes;
}
