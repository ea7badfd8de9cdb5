/**
 * The command as people run it: in a process of its own. `npm test` has just built it and says so by CALLCHART_BUILT: what is run is then what
 * will be published, and begins sooner. Else it is the sources, so that one test file can be run without a build.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
/** Absolute, since the command is run in other folders too. */
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const isBuilt = process.env['CALLCHART_BUILT'] === '1';
const fromSources = ['--import', loader, '-C', '@callchart/source'];
const main = isBuilt ? [join(root, 'dist/cli/main.js')] : [...fromSources, join(root, 'src/cli/main.ts')];

const many = fileURLToPath(new URL('run-many.ts', import.meta.url));

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is written into its standard input, which is then closed. */
  readonly input?: string;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const open = (args: readonly string[], { cwd = root, env = {} }: RunOptions): ChildProcessWithoutNullStreams => {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CALLCHART_') && name !== 'PORT'));
  return spawn(process.execPath, args, { cwd, env: { ...inherited, NO_COLOR: '1', ...env } });
};

/** Runs the command to its end. */
export const run = (args: readonly string[], options: RunOptions = {}): Promise<Ran> => ran([...main, ...args], options);

/** Runs another file of ours, from the sources. */
export const runFile = (file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> => ran([...fromSources, file, ...args], options);

const ran = (args: readonly string[], options: RunOptions): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = open(args, options);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject).once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => {}).end(options.input ?? '');
  });

/** A command that ends by itself. */
export interface Command {
  readonly command: 'check' | 'call';
  readonly bot: string;
  /** As the command has them once they are read: `{ json: true }`. A script is a file. */
  readonly options: Readonly<Record<string, string | boolean>>;
}

/** Runs `commands` in one process of their own, which has to begin but once. */
export const runMany = async (commands: readonly Command[]): Promise<readonly Ran[]> => {
  const { code, stdout, stderr } = await runFile(many, [], { input: JSON.stringify(commands) });
  if (code !== 0) throw new Error(`ended with ${String(code)}: ${stderr}`);
  return JSON.parse(stdout) as readonly Ran[];
};

/** A command that goes on. */
export interface Running {
  /** The first line that it wrote on stdout. */
  readonly first: string;
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  /** Sends it `signal`; its exit code, null when it died of the signal. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the command and waits for its first line. Rejects when it ends without one. */
export const start = async (args: readonly string[], options: RunOptions = {}): Promise<Running> => {
  const child = open([...main, ...args], options);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const line = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  const first = await Promise.race([line, closed.then((code) => Promise.reject(new Error(`ended with ${String(code)}: ${stderr}`)))]);
  return {
    first,
    output: () => ({ stdout, stderr }),
    stop: (signal) => {
      child.kill(signal);
      return closed;
    },
  };
};
