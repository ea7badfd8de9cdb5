/**
 * `callchart calls backup --to <folder>` — a copy of a store on disk while it is in use: whole, and without the room of what has gone.
 *
 * @module
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CallStore } from '../transport/index.ts';
import { flag, type Options, text, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';

/** Copies `store` to where `--to` says. The folder that is made is a store: to go back to it, say so in `CALLCHART_STORE`, or put it in the place of the other. */
export const backupStore = async (store: CallStore, options: Options): Promise<ExitCode> => {
  const to = text(options, 'to');
  if (to === undefined || to === '') throw wrong('to', 'say where the copy is made: callchart calls backup --to <folder>');
  if (store.backup === undefined) throw wrong('store', '`callchart calls backup` copies a store on disk, lmdb:<folder>: what keeps calls on a server has backups of its own');
  const began = performance.now();
  await store.backup(to);
  const folder = resolve(to);
  const { size } = await stat(join(folder, 'data.mdb'));
  const ms = Math.round(performance.now() - began);
  process.stdout.write(flag(options, 'json') ? `${JSON.stringify({ folder, bytes: size, ms })}\n` : `${folder}: ${(size / 1e6).toFixed(1)} MB, in ${(ms / 1_000).toFixed(1)} s\n`);
  return exitCodes.ok;
};
