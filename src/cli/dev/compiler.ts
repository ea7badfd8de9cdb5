/**
 * Compiler — the TypeScript of the author's project, run over his bot as he would run it: `tsc --noEmit -p` with the nearest `tsconfig.json`.
 *
 * It is the one that is installed where the bot is, from 5 to 7, by its command: whatever it says there it says here.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { CompileMistake } from '../../inspector/chart/remarks.ts';
import type { BotSource } from '../../inspector/chart/source.ts';
import { shown } from '../author-place.ts';

/** What the compiler says, or why it says nothing. */
export type Compiled = { readonly mistakes: readonly CompileMistake[] } | { readonly sentence: string; readonly install?: string };

/** How long a compiler is given, and how much it may say. */
const compileMs = 120_000;
const longestOutput = 64 * 1024 * 1024;

/** For a bot in no project. */
const ownOptions = ['--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', '--allowImportingTsExtensions', '--skipLibCheck'];

/** Checks the types of the bot in `file`, which is made of `source`. `stop` gives up. */
export const compiled = async (file: string, { files, stateAt }: Pick<BotSource, 'files' | 'stateAt'>, stop: AbortSignal): Promise<Compiled> => {
  if (!/\.[cm]?tsx?$/.test(file)) return { sentence: `${basename(file)} is JavaScript, which has no types to check.` };
  const compiler = await compilerOf(file);
  if (compiler === undefined) return { sentence: 'Types are not checked: TypeScript is not installed where the bot is.', install: 'npm install --save-dev typescript' };
  const project = await projectOf(dirname(file));
  const folder = project === undefined ? dirname(file) : dirname(project);
  const types = packageFile(file, '@types/node/package.json') === undefined ? [] : ['--types', 'node'];
  const asked = project === undefined ? [...ownOptions, ...types, basename(file)] : ['-p', project];
  const said = await run([compiler, '--noEmit', '--pretty', 'false', '--listFiles', ...asked], folder, stop);
  if (said === undefined) return { sentence: `Types are not checked: the compiler ${stop.aborted ? 'was ended' : `is not done after ${compileMs / 1_000} s`}.` };
  const { diagnostics, trouble, listed } = read(said, folder);
  const misled = diagnostics.find(({ file: at }) => at === project);
  if (trouble !== undefined || misled !== undefined) return { sentence: `Types are not checked: ${misled === undefined ? (trouble ?? '') : `${shown(misled.file)}:${misled.line}: ${misled.message}`}` };
  if (!(await holds(listed, file))) return { sentence: `Types are not checked: ${project === undefined ? 'the compiler' : shown(project)} does not take in ${shown(file)}.` };
  const own = await Promise.all(files.map(real));
  const mistakes = await Promise.all(diagnostics.map(async (one) => ({ ...one, file: await real(one.file) })));
  return { mistakes: mistakes.filter((one) => own.includes(one.file)).map(({ file: at, line, message }) => mistakeAt({ file: shown(files[own.indexOf(at)] ?? at), line }, message, stateAt)) };
};

const mistakeAt = (source: CompileMistake['source'], message: string, stateAt: BotSource['stateAt']): CompileMistake => {
  const state = stateAt(source);
  return { message, source, ...(state !== undefined && { state }) };
};

// ---- what is there ----

const packageFile = (from: string, name: string): string | undefined => {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
};

/** The command `tsc` of the TypeScript that is installed where `file` is. */
const compilerOf = async (file: string): Promise<string | undefined> => {
  const about = packageFile(file, 'typescript/package.json');
  if (about === undefined) return undefined;
  const { bin } = JSON.parse(await readFile(about, 'utf8')) as { readonly bin?: { readonly tsc?: string } };
  return bin?.tsc === undefined ? undefined : join(dirname(about), bin.tsc);
};

/** The nearest `tsconfig.json`. */
const projectOf = async (folder: string): Promise<string | undefined> => {
  const here = join(folder, 'tsconfig.json');
  if (await stat(here).then((found) => found.isFile(), () => false)) return here;
  return dirname(folder) === folder ? undefined : projectOf(dirname(folder));
};

const real = (file: string): Promise<string> => realpath(file).catch(() => file);

const holds = async (listed: readonly string[], file: string): Promise<boolean> => {
  const wanted = [file, await real(file)].map(plainly);
  return listed.some((one) => wanted.includes(plainly(one)));
};

/** Compilers write slashes everywhere. */
const plainly = (file: string): string => resolve(file).replaceAll('\\', '/');

// ---- the command ----

/** What node prints that runs `argv` in `folder`; nothing when it was ended. The compiler may have begun another process, which ends with it. */
const run = (argv: readonly string[], folder: string, stop: AbortSignal): Promise<string | undefined> =>
  new Promise((done) => {
    if (stop.aborted) return done(undefined);
    const child = spawn(process.execPath, argv, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], detached: process.platform !== 'win32' });
    let isEnded = false;
    const end = (): void => {
      isEnded = true;
      try {
        if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // it has ended by itself
      }
    };
    const pieces: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (piece: Buffer) => {
      length += piece.length;
      if (length <= longestOutput) pieces.push(piece);
    });
    const late = setTimeout(end, compileMs);
    stop.addEventListener('abort', end, { once: true });
    child.once('error', () => done(''));
    child.once('close', () => {
      clearTimeout(late);
      stop.removeEventListener('abort', end);
      done(isEnded ? undefined : Buffer.concat(pieces).toString('utf8'));
    });
  });

// ---- what it says ----

/** An error, as the compiler tells it. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** What a compiler said: errors at a place, the files that it read, and an error of the project itself. */
export interface Said {
  readonly diagnostics: readonly Diagnostic[];
  readonly listed: readonly string[];
  readonly trouble?: string;
}

const longestMessage = 280;

/** Reads what `tsc --pretty false --listFiles` has printed in `folder`. */
export const read = (said: string, folder: string): Said => {
  const paragraphs: string[] = [];
  for (const line of said.split(/\r?\n/)) {
    if (/^\s/.test(line) && paragraphs.length > 0) paragraphs.push(`${paragraphs.pop() ?? ''}\n${line}`);
    else if (line !== '') paragraphs.push(line);
  }
  const diagnostics = paragraphs.flatMap((paragraph): readonly Diagnostic[] => {
    const [, file, line, code, text = ''] = /^(.+?)\((\d+),\d+\): error (TS\d+): ([\s\S]*)$/.exec(paragraph) ?? [];
    return file === undefined ? [] : [{ file: resolve(folder, file), line: Number(line), message: inOurWords(text) ?? `${shortened(text)} (${code ?? ''})` }];
  });
  const trouble = paragraphs.flatMap((paragraph) => /^error TS\d+: (.*)/.exec(paragraph)?.[1] ?? [])[0];
  return { diagnostics, listed: paragraphs.filter((paragraph) => !/error TS\d+: /.test(paragraph)).map((file) => resolve(folder, file)), ...(trouble !== undefined && { trouble }) };
};

/** The sentence that our types have as a type where something is wrong: the last of them says it best. */
const inOurWords = (text: string): string | undefined =>
  [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, literal = '']) => literal.replaceAll('\\"', '"')).findLast((literal) => /^(?:the output of )?state `[^`]+`/.test(literal));

const shortened = (text: string): string => {
  const [first = ''] = text.split('\n', 1);
  return first.length > longestMessage ? `${first.slice(0, longestMessage - 1)}…` : first;
};
