/**
 * Open — the store of calls that a setting names, as `CALLCHART_STORE` does: `memory` or `lmdb:<folder>`.
 *
 * @module
 */
import { CallError } from '../../errors.ts';
import { lmdbStore } from './lmdb.ts';
import { memoryStore } from './memory.ts';
import type { CallStore } from './store.ts';

/** Opens the store that `spec`, the value of `setting`, names. What it names is not in the message: a connection string may hold a password. */
export async function openStore(spec: string, setting = 'CALLCHART_STORE'): Promise<CallStore> {
  if (spec === 'memory') return memoryStore();
  if (/^lmdb:./s.test(spec)) return lmdbStore({ folder: spec.slice('lmdb:'.length) });
  const planned = /^(postgres|restate):\/\//.exec(spec)?.[1];
  const problem = planned ? `names ${planned}, which this version does not have yet` : "is neither 'memory' nor 'lmdb:<folder>'";
  const message = `${setting} ${problem}: say 'memory' or 'lmdb:<folder>'`;
  throw new CallError('ERR_OPTION_INVALID', message, { option: setting });
}
