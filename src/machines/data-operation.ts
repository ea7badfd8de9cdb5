/**
 * Data operation — what is to be done to a kept document, as a pure decision: a host reads the document, asks what
 * follows, and writes with compare-and-set; when another writer was faster it reads and asks again.
 *
 * @module
 */

import type { JsonCodec } from './codec.ts';

/** A document as it is kept. `revision` counts its writes; 0 and null where there is none. */
export interface KeptText {
  readonly revision: number;
  readonly text: string | null;
}

/** What an operation is told by its state: JSON. */
export interface DataInput {
  /** What the document is kept as; null when there is nobody to keep it for. */
  readonly key: string | null;
  /** What the operation needs beside. */
  readonly with: unknown;
}

/** What follows. */
export interface DataStep {
  /** To be written in place of what was read; nothing is written when it is absent. */
  readonly text?: string;
  /** Whether what is written need not be remembered for long: the data were taken away. */
  readonly isEmpty?: boolean;
  /** The task's result, once that is written. */
  readonly output: unknown;
}

/** An operation on one kind of data. */
export interface DataOperation {
  readonly kind: 'data';
  /** What documents are held against. */
  readonly codec: JsonCodec<unknown>;
  /** How long a document is kept after it was last written, ms; undefined for ever. */
  readonly keepMs: number | undefined;
  /**
   * Pure; asked again when another writer was faster. `taskId` is the same when the operation is run again after a crash,
   * and then does not count twice.
   *
   * @throws `ERR_DATA_SHAPE`, `ERR_DATA_OWNER`
   */
  decide(input: DataInput, kept: KeptText, taskId: string): DataStep;
}
