/**
 * Page — the commands of docs/scaling.md, run as they stand there, but on ports of a test.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { commandLine, root } from '../cli/run.ts';
import { section } from '../guide/section.ts';

/** The blocks of code below a heading. */
export const blocks = (heading: string, language = 'sh'): readonly string[] => [...section('scaling', heading).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, code]) => code ?? '');

/** The only one. */
export const block = (heading: string, language?: string): string => {
  const [first, ...more] = blocks(heading, language);
  if (first === undefined || more.length > 0) throw new Error(`“${heading}” has not one block`);
  return first;
};

/** A page whose commands are run in a folder. */
export interface Page {
  /** What the page says, on the ports of this test. */
  here(text: string): string;
  shell(text: string, env?: NodeJS.ProcessEnv): ChildProcess;
  /** Ends all shells, and all that they began. */
  stop(): void;
}

/** `ports`: those of the page, with those that stand for them. */
export const pageIn = (folder: string, ports: ReadonlyMap<string, number>): Page => {
  const running: ChildProcess[] = [];
  const anyPort = new RegExp(`\\b(${[...ports.keys()].join('|')})\\b`, 'g');
  const here = (text: string): string =>
    text.replace(anyPort, (port) => String(ports.get(port))).replaceAll('npx callchart', commandLine.join(' ')).replace(/ (\w+\.ts)\b/g, (_, file: string) => ` ${join(folder, file)}`)
      .replace(/(?:node_modules\/callchart\/docs\/deploy\/)?\b((?:balancer|restate)\.(?:Caddyfile|haproxy\.cfg|toml))\b/g, (_, file: string) => join(root, 'docs/deploy', file));
  return {
    here,
    shell: (text, env = {}) => {
      const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CALLCHART_') && name !== 'PORT'));
      const child = spawn('bash', ['-c', `${here(text)}\nwait`], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...inherited, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, NO_COLOR: '1', ...env } });
      running.push(child);
      return child;
    },
    stop: () => {
      for (const { pid } of running) if (pid !== undefined) stopGroup(pid);
    },
  };
};

const stopGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended by itself
  }
};

/** Waits until a process has said `what` so many times. */
export const says = (child: ChildProcess, what: RegExp, times = 1): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    let told = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if ((said.match(what) ?? []).length >= times) resolve(said);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (told = `${told}${text}`.slice(-2_000)));
    child.once('close', () => reject(new Error(`it ended: ${said}${told}`)));
  });

export const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('close', resolve));
