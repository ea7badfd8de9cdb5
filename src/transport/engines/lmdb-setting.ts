/**
 * Lmdb setting — what stands behind `lmdb:` in a setting: a folder, and what a commit in it survives.
 *
 * @module
 */
import { CallError } from '../../errors.ts';
import type { LmdbStoreOptions } from './lmdb.ts';

/** An option at the end: `?name=value` in the last part of the path. Any other question mark belongs to the folder. */
const option = /^(?<folder>.*)\?(?<name>\w+)=(?<value>[^?/\\]*)$/s;

/** `<folder>` or `<folder>?durability=process`. A folder that itself ends like an option is followed by one. @throws `ERR_OPTION_INVALID` */
export function lmdbOptions(text: string, setting: string): LmdbStoreOptions {
  const { folder = text, name, value } = option.exec(text)?.groups ?? {};
  const refused = (problem: string) => new CallError('ERR_OPTION_INVALID', `${setting} ${problem}`, { option: setting });
  if (folder === '') throw refused("names no folder: say 'lmdb:<folder>'");
  if (name === undefined) return { folder };
  if (name !== 'durability') throw refused("has an option that lmdb does not know: the only one is 'lmdb:<folder>?durability=process'");
  if (value !== 'flushed' && value !== 'process') throw refused("says a durability that does not exist: it is 'flushed' or 'process'");
  return { folder, durability: value };
}
