/**
 * Page token — what makes the phone page its owner's: kept in the working directory, so that a page that is open goes on after a new start.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const file = join('.callchart', 'page-token');

/** The token of the working directory; it is made when there is none, and is for the owner's eyes only. */
export const pageToken = async (): Promise<string> => {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (/^[\w-]{32}$/.test(kept)) return kept;
  const token = randomBytes(24).toString('base64url');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, token, { mode: 0o600 });
  return token;
};
