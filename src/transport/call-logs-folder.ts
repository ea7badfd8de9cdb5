/**
 * Call logs in a folder — one file a call, `<service>-<call>.jsonl`, each step appended as whole lines.
 *
 * A process that goes on with a call which another one began appends to the same file. A call that begins anew under an id that was there before gets
 * another file: `…~2.jsonl`.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { appendFile, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CallError } from '../errors.ts';
import type { CallLogs } from './call-logs.ts';

/** Where logs of calls are kept, and what is in them. */
export interface FolderCallLogsOptions {
  /** Made when the first call comes. */
  readonly folder: string;
  /** Whether what callers said and keyed, and who they are, is left out. Default true. A log that has it replays to the byte. */
  readonly masked?: boolean;
}

/** So many files are remembered by their calls; others are looked for. */
const mostRemembered = 10_000;

/** Keeps logs of calls as files of `folder`, which are for this user alone. @throws `ERR_OPTION_INVALID` */
export const folderCallLogs = ({ folder, masked = true }: FolderCallLogsOptions): CallLogs => {
  if (typeof folder !== 'string' || folder.trim() === '') throw new CallError('ERR_OPTION_INVALID', 'logs of calls need a `folder`', { option: 'folder' });
  const files = new Map<string, string>();

  const remember = (name: string, file: string): string => {
    files.set(name, file);
    const [oldest] = files.size > mostRemembered ? files.keys() : [];
    if (oldest !== undefined) files.delete(oldest);
    return file;
  };

  /** A file that is not there yet, with `head`. */
  const begun = async (name: string, head: string): Promise<string> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let count = 1; ; count += 1) {
      const file = fileAt(folder, name, count);
      if (await written(file, head)) return file;
    }
  };

  /** The file that another process has begun. */
  const resumed = async (name: string, head: string): Promise<string> => {
    let found: string | undefined;
    for (let count = 1; ; count += 1) {
      const file = fileAt(folder, name, count);
      const last = await lastByte(file);
      if (last === 'none') return found ?? begun(name, head);
      found = file;
      if (last !== newline && (await lastByte(fileAt(folder, name, count + 1))) === 'none') await appendFile(file, '\n'); // what a process that was killed has left half-written stays a line of its own
    }
  };

  return {
    masked,
    append: async ({ service, call, begins, ends, head, lines }) => {
      const name = fileName(service, call);
      const file = begins ? remember(name, await begun(name, head)) : (files.get(name) ?? remember(name, await resumed(name, head)));
      await appendFile(file, lines);
      if (ends) files.delete(name);
    },
  };
};

const newline = 10;

const fileAt = (folder: string, name: string, count: number): string => join(folder, `${name}${count === 1 ? '' : `~${count}`}.jsonl`);

/** Ids are the service's: one that could be anything but a plain name of a file is named by its hash. */
const fileName = (service: string, call: string): string => `${service}-${/^[\w-]{1,128}$/.test(call) ? call : `${call.replace(/[^\w-]+/g, '').slice(0, 40)}.${hash('sha256', call, 'hex').slice(0, 24)}`}`;

/** Whether there was no such file, and is now. */
const written = async (file: string, text: string): Promise<boolean> => {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

/** The last byte of `file`; of an empty one a newline's. */
const lastByte = async (file: string): Promise<number | 'none'> => {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return 'none';
  try {
    const { size } = await handle.stat();
    if (size === 0) return newline;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] ?? newline;
  } finally {
    await handle.close();
  }
};
