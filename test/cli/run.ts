/**
 * The command as people run it: in a process of its own. `npm test` has just built it and says so by CALLCHART_BUILT: what is run is then what
 * will be published, and begins sooner. Else it is the sources, so that one test file can be run without a build.
 */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
/** Absolute, since the command is run in other folders too. */
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const isBuilt = process.env['CALLCHART_BUILT'] === '1';
const fromSources = ['--import', loader, '-C', '@callchart/source'];
const mainFile = join(root, isBuilt ? 'dist/cli/main.js' : 'src/cli/main.ts');
const main = isBuilt ? [mainFile] : [...fromSources, mainFile];

/** As a shell would run it. */
export const commandLine: readonly string[] = [process.execPath, ...main];

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

const environment = (env: Readonly<Record<string, string>> = {}): Readonly<Record<string, string | undefined>> => {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CALLCHART_') && name !== 'PORT'));
  return { ...inherited, NO_COLOR: '1', ...env };
};

const open = (args: readonly string[], { cwd = root, env }: RunOptions): ChildProcessWithoutNullStreams => spawn(process.execPath, args, { cwd, env: environment(env) });

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

// ---- many commands in one process ----

let standing: ChildProcess | undefined;
let before: Promise<unknown> = Promise.resolve();

/**
 * Runs the command as the next of many in one process, which has to begin but once: all of a command but its process is as by {@link run}, and it
 * takes a tenth of the time. A file of a bot is read once, as long as its path is the same.
 */
export const runNext = (args: readonly string[], options: RunOptions = {}): Promise<Ran> => {
  const next = before.then(() => asked(args, options));
  before = next.catch(() => {});
  return next;
};

const asked = (args: readonly string[], { cwd = root, env, input = '' }: RunOptions): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = (standing ??= stand());
    const isHeld = (held: boolean): void => {
      if (held) child.ref();
      else child.unref();
      if (held) child.channel?.ref();
      else child.channel?.unref();
    };
    const ended = (code: number | null): void => {
      standing = undefined;
      reject(new Error(`the process ended in the midst of a command with ${String(code)}: ${args.join(' ')}`));
    };
    isHeld(true);
    child.once('exit', ended).once('message', (told) => {
      child.off('exit', ended);
      isHeld(false);
      resolve(told as Ran);
    });
    child.send({ args, cwd, env: environment(env), input });
  });

const stand = (): ChildProcess =>
  spawn(process.execPath, [...(isBuilt ? [] : fromSources), fileURLToPath(new URL('run-next.mjs', import.meta.url)), mainFile], { cwd: root, env: environment(), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

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
