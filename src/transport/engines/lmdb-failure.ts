/**
 * Lmdb failure — what LMDB throws as errors of ours, that say what is wrong with the folder and what to do.
 *
 * @module
 */
import { statfs } from 'node:fs/promises';
import { CallError, isCallError, type CallErrorDetails } from '../../errors.ts';

type Failure = CallErrorDetails['ERR_STORE_UNAVAILABLE']['reason'];

export const unavailable = (message: string, reason: Failure, cause?: unknown) =>
  new CallError('ERR_STORE_UNAVAILABLE', message, { reason }, cause === undefined ? undefined : { cause });

export const late = (timeoutMs: number) =>
  unavailable(
    `the store of calls has not answered for ${timeoutMs} ms: another process that writes to its folder is stopped, ` +
      'or the disk is. If it stays so, restart this process',
    'locked',
  );

/** Turns what LMDB threw into ours, and says `full` where the disk is (which LMDB reports as an I/O error). */
export async function failure(error: unknown, reason: 'read' | 'write', folder: string): Promise<CallError> {
  if (isCallError(error)) return error;
  const place = `the store of calls in ${folder}`;
  if (isDamage(error, reason)) return unavailable(`${place} cannot be ${reason === 'read' ? 'read' : 'written'}: ${describe(error)}. Its data.mdb is damaged: ${damagedAdvice}`, reason, error);
  if (reason === 'read') return unavailable(`${place} cannot be read: ${describe(error)}`, 'read', error);
  if (await isFull(error, folder)) return unavailable(`${place} cannot be written: its disk is full`, 'full', error);
  return unavailable(`${place} cannot be written: ${describe(error)}`, 'write', error);
}

/** What to do with a folder that is damaged. */
export const damagedAdvice = 'put a backup in its place (`callchart calls backup` makes them), or give another folder';

/**
 * LMDB rejects a commit with an error whose `commitError` is a promise of the reason. Left alone it ends the process as
 * an unhandled rejection; it comes a little later, and for some reasons never.
 */
export async function commitFailed(error: { readonly commitError?: Promise<unknown> }): Promise<never> {
  let timer: NodeJS.Timeout | undefined;
  const never = new Promise((resolve) => {
    timer = setTimeout(resolve, 100, error);
  });
  const reason = await Promise.race([error.commitError?.catch((caught: unknown) => caught) ?? error, never]);
  clearTimeout(timer);
  throw reason;
}

/** MDB_PAGE_NOTFOUND, MDB_CORRUPTED; and of a reader MDB_BAD_TXN, which is one that has met such a page before. */
const isDamage = (error: unknown, reason: 'read' | 'write'): boolean => {
  const code = Number((error as { readonly code?: unknown }).code);
  return code === -30797 || code === -30796 || (reason === 'read' && code === -30782);
};

export async function isFull(error: unknown, folder: string): Promise<boolean> {
  const { code } = error as { code?: unknown };
  if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  if (code === 28 || code === 122 || code === 27 || code === -30792) return true; // ENOSPC, EDQUOT, EFBIG, MDB_MAP_FULL
  if (code !== 5) return false;
  const disk = await statfs(folder).catch(() => undefined);
  return disk !== undefined && disk.bavail * disk.bsize < 1 << 20;
}

export const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
