/**
 * Contestant — a server in a process of its own, asked over IPC what its CPU did.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What can be asked of a contestant. */
export interface Contestant {
  readonly port: number;
  /** User and system time so far, all threads, microseconds. */
  cpu(): Promise<number>;
  profile(): Promise<void>;
  /** Ends the profile and writes it to `file`. */
  profiled(file: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts `script` (beside this file) without any flag or loader, and waits until it listens. */
export const startContestant = async (script: string, options: object): Promise<Contestant> => {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(options)], { execArgv: [], env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { port } = await heard<{ readonly port: number }>(child);
  const ask = async (message: object): Promise<unknown> => {
    const answer = heard<{ readonly answer: unknown }>(child);
    child.send(message);
    return (await answer).answer;
  };
  return {
    port,
    cpu: async () => {
      const { cpu } = (await ask({ ask: 'usage' })) as { readonly cpu: NodeJS.CpuUsage };
      return cpu.user + cpu.system;
    },
    profile: async () => void (await ask({ ask: 'profile' })),
    profiled: async (file) => void (await ask({ ask: 'profiled', file })),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.send({ ask: 'exit' });
      }),
  };
};

const heard = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    const gone = (code: number | null): void => reject(new Error(`the server ended with ${code}`));
    child.once('exit', gone);
    child.once('message', (message) => {
      child.off('exit', gone);
      resolve(message as T);
    });
  });
