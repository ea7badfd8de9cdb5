/**
 * Phone key — the key that `callchart call --url` signs with, kept between calls: a bot that runs on verifies with the
 * keys it holds, and would not look for new ones so soon after the last call.
 *
 * @module
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JWK } from 'jose';
import { makeKey } from '../emulator/index.ts';
import { wrong } from './arguments.ts';

/** Where bots are told to look for it, unless another port is asked for. */
export const keysPort = 3979;

const file = join('.callchart', 'phone-key.json');

/** The kept key of the working directory; it is made when there is none. For the owner's eyes only. */
export const phoneKey = async (): Promise<JWK> => {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept === undefined) {
    const key = await makeKey();
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(key), { mode: 0o600 });
    return key;
  }
  try {
    return JSON.parse(kept) as JWK;
  } catch {
    throw wrong('keys', `the key in ${file} cannot be read; remove it and call again`);
  }
};
