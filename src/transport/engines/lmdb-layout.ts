/**
 * Lmdb layout — what a record and its rows are as bytes: keys that sort as ids and times do, and text that comes back whole.
 *
 * Leaf: imports what a record is.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { StoredRecord } from './store.ts';

/** Sorts before and after all that can follow a time or an id in a key. */
export const least = Buffer.of(0);
export const beyond = Buffer.of(0xff);

/** The longest id that is a key itself, in bytes. LMDB's limit is 1,978, and a row of an index has a time before it. */
const longestId = 500;

/** The first byte of a key: whether the id follows, or its hash. */
const named = Buffer.of(0);
const hashed = Buffer.of(1);

/** The bytes of a call id as a key, or their hash where they are too long or no legal UTF-8. */
export function keyOf(callId: string): Buffer {
  if (callId.length <= longestId && !/\p{Surrogate}/u.test(callId)) {
    const bytes = Buffer.from(`\0${callId}`, 'utf8');
    if (bytes.length <= longestId + 1) return bytes;
  }
  return Buffer.concat([hashed, createHash('sha256').update(callId, 'utf16le').digest()]);
}

/** Whether `key` does not say whose it is. */
export const isHashed = (key: Buffer): boolean => key[0] === 1;

/** The id that is itself a key. */
export const idOf = (key: Uint8Array): string => Buffer.from(key).subarray(1).toString('utf8');

/** The bounds of the keys that can be of ids with `prefix`; undefined where those are all hashed. A last half of a pair may be followed by the other one. */
export function namedRange(prefix: string): { readonly start: Buffer; readonly end: Buffer } | undefined {
  const whole = /[\ud800-\udbff]$/.test(prefix) ? prefix.slice(0, -1) : prefix;
  const bytes = Buffer.from(whole, 'utf8');
  if (bytes.length > longestId || /\p{Surrogate}/u.test(whole)) return undefined;
  const start = Buffer.concat([named, bytes]);
  return { start, end: Buffer.concat([start, beyond]) };
}

/** A row of an index: eight bytes of time, then the call's key. */
export function rowKey(at: number, key: Buffer): Buffer {
  const row = Buffer.allocUnsafe(8 + key.length);
  row.writeDoubleBE(at + 0); // −0 is 0
  key.copy(row, 8);
  if (row[0]! < 0x80) row[0]! ^= 0x80;
  else for (let index = 0; index < 8; index += 1) row[index]! ^= 0xff; // negative: the larger its bytes, the smaller it is
  return row;
}

export function timeOf(row: Buffer): number {
  const bytes = Buffer.from(row.subarray(0, 8));
  if (bytes[0]! >= 0x80) bytes[0]! ^= 0x80;
  else for (let index = 0; index < 8; index += 1) bytes[index]! ^= 0xff;
  return bytes.readDoubleBE();
}

export const callOf = (row: Buffer): Buffer => Buffer.from(row.subarray(8));

/** Text as bytes that give back every string, lone surrogates too: Latin-1 where all fits, else UTF-16. */
export function pack(text: string, room = 0): Buffer {
  const narrow = !/[^\0-\xff]/.test(text);
  const bytes = Buffer.allocUnsafe(room + 1 + text.length * (narrow ? 1 : 2));
  bytes[room] = narrow ? 1 : 2;
  bytes.write(text, room + 1, narrow ? 'latin1' : 'utf16le');
  return bytes;
}

export const unpack = (bytes: Buffer, room = 0): string => bytes.toString(bytes[room] === 1 ? 'latin1' : 'utf16le', room + 1);

export function packRecord({ revision, text, dueAt = NaN, expiresAt = NaN }: StoredRecord): Buffer {
  const bytes = pack(text, 24);
  bytes.writeDoubleBE(revision, 0);
  bytes.writeDoubleBE(dueAt, 8);
  bytes.writeDoubleBE(expiresAt, 16);
  return bytes;
}

/** A record as its bytes have it. The text of one that is damaged stands behind a character that no reader takes for the beginning of anything. */
export function unpackRecord(bytes: Buffer): StoredRecord {
  const head = unpackHead(bytes);
  return { ...head, text: isDamaged(head) ? `\0${unpack(bytes, 24)}` : unpack(bytes, 24) };
}

/** A record but for its text. */
export type RecordHead = Omit<StoredRecord, 'text'>;

/** The revision of a record that does not say its own: one that no call comes to, so that no id is given twice. */
const damagedRevision = 2 ** 32;

/** Whether the bytes of a record are not those of one; when it is due or expires is not known then. */
export const isDamaged = ({ revision }: RecordHead): boolean => revision === damagedRevision;

/** @param bytes may lie in a longer buffer, of which only `length` bytes are theirs */
export function unpackHead(bytes: Uint8Array): RecordHead {
  if (bytes.length < 24) return { revision: damagedRevision };
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, 24);
  const revision = head.readDoubleBE(0);
  if (!Number.isSafeInteger(revision) || revision < 1) return { revision: damagedRevision };
  const dueAt = head.readDoubleBE(8);
  const expiresAt = head.readDoubleBE(16);
  return {
    revision,
    ...(!Number.isNaN(dueAt) && { dueAt }),
    ...(!Number.isNaN(expiresAt) && { expiresAt }),
  };
}
