/**
 * Recordings — where the bytes of a recording are kept until the bot's owner fetches them.
 *
 * The bytes are on disk before the service gets its 200 for the request that brought or announced them: with the event that refers to
 * them, or as a file of their own, before it or minutes later.
 *
 * @module
 */
import type { Readable } from 'node:stream';

/** What became of one stream of bytes. */
export interface StoredBytes {
  /** Opaque; {@link RecordingStore.open} takes it. */
  readonly ref: string;
  readonly bytes: number;
}

/** Keeps recordings. */
export interface RecordingStore {
  /**
   * Stores a whole stream, or nothing: rejects with `ERR_BODY_TOO_LARGE` beyond the store's limit,
   * `ERR_STORE_UNAVAILABLE` when the bytes cannot be written. In either case no partial file stays. `ref` is what it is to be
   * called, where that is known before: letters, digits, `-` and `_`, at most 128. What was kept under it is replaced.
   */
  save(bytes: Readable, ref?: string): Promise<StoredBytes>;
  /** The bytes of `ref`. */
  open(ref: string): Readable;
  remove(ref: string): Promise<void>;
}
