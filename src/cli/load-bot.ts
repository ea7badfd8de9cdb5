/**
 * Load bot — a bot's file into its machine: TypeScript or JavaScript, without a build step.
 *
 * The loader is tsx, registered once in this process, and the file is imported plainly, so that the bot and this process
 * share one copy of XState and of Callchart wherever node finds the same one. Where the bot's own package has another
 * copy, or is CommonJS, it works all the same: a machine is known by its shape and not by its class.
 *
 * @module
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { register as registerCommonJs } from 'tsx/cjs/api';
import { register as registerModules } from 'tsx/esm/api';
import type { AnyStateMachine } from 'xstate';
import { CallError, isCallError } from '../errors.ts';
import { botFacts, isMachine } from '../machines/index.ts';
import { placeOf, shown } from './author-place.ts';

/** A bot that was loaded. */
export interface LoadedBot {
  readonly machine: AnyStateMachine;
  /** Its file, as people write it: from the working directory where it lies below that. */
  readonly file: string;
}

/**
 * Loads the bot at `path`: a file, or a folder with `bot.ts` or `bot.js`.
 *
 * @throws `ERR_BOT_LOAD` when there is none, when the file does not run or when its default export is no bot;
 *   `ERR_BOT_INVALID` when the bot breaks rules, `ERR_CATALOGUE_INVALID` when a catalogue of its messages does. The message names the file and, where there is one, the line.
 */
export const loadBot = async (path: string): Promise<LoadedBot> => {
  const found = await botFile(path);
  const file = shown(found);
  loadedFiles.add(found);
  const machine = unwrapped(await load(found, file));
  const problem = whyNoBot(machine);
  if (problem !== undefined) throw new CallError('ERR_BOT_LOAD', `${file}: ${problem}`, { file, reason: 'export' });
  return { machine: machine as AnyStateMachine, file };
};

/** Files of bots that were loaded, or begun to be. */
const loadedFiles = new Set<string>();

/** Whether `path`, by whatever name, is the file of a bot that was loaded. */
export const isBotFile = async (path: string): Promise<boolean> => {
  const [place, ...bots] = await Promise.all([path, ...loadedFiles].map(placeOnDisk));
  return place !== undefined && bots.includes(place);
};

/** The same for all names of a file; undefined where there is none. */
const placeOnDisk = (path: string): Promise<string | undefined> => stat(path, { bigint: true }).then(({ dev, ino }) => `${dev} ${ino}`, () => undefined);

/** The file of the bot at `path`, absolute. @throws `ERR_BOT_LOAD` when there is none */
export const botFile = async (path: string): Promise<string> => {
  const at = resolve(path);
  const kind = await kindOf(at);
  if (kind === 'file') return at;
  if (kind === 'folder') {
    for (const name of ['bot.ts', 'bot.js']) if ((await kindOf(join(at, name))) === 'file') return join(at, name);
  }
  throw new CallError('ERR_BOT_LOAD', kind === 'folder' ? `the folder ${shown(at)} has neither bot.ts nor bot.js` : `there is no file or folder ${shown(at)}`, { file: shown(at), reason: 'absent' });
};

const kindOf = async (path: string): Promise<'file' | 'folder' | 'none'> => {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 'none' : found.isDirectory() ? 'folder' : 'file';
};

let registered = false;

const load = async (path: string, file: string): Promise<unknown> => {
  if (!registered) {
    registerModules();
    registerCommonJs();
    registered = true;
  }
  try {
    return ((await import(pathToFileURL(path).href)) as { readonly default?: unknown }).default;
  } catch (error) {
    throw refusal(error, file);
  }
};

/** In CommonJS the exports are the default export, and the file's own default is one of them. */
const unwrapped = (exported: unknown): unknown =>
  typeof exported === 'object' && exported !== null && !isMachine(exported) && 'default' in exported ? exported.default : exported;

const whyNoBot = (exported: unknown): string | undefined => {
  if (exported === undefined || (typeof exported === 'object' && exported !== null && Object.keys(exported).length === 0)) return 'the file has no default export; `export default callMachine(…)` is a bot';
  if (!isMachine(exported)) return 'the default export is not a machine; `export default callMachine(…)` is a bot';
  const kind = botFacts(exported)?.kind;
  if (kind === 'bot') return undefined;
  return kind === 'dialog' ? `the default export is the dialog \`${exported.id}\`; a bot is made with \`callMachine\`` : `the default export is the XState machine \`${exported.id}\`, which \`callMachine\` did not make`;
};

const refusal = (error: unknown, file: string): CallError => {
  if (isCallError(error) && (error.code === 'ERR_BOT_INVALID' || error.code === 'ERR_CATALOGUE_INVALID')) return new CallError(error.code, `${file}: ${error.message}`, error.details, { cause: error });
  return new CallError('ERR_BOT_LOAD', whyNotLoaded(error, file), { file, reason: 'throws' }, { cause: error });
};

const whyNotLoaded = (error: unknown, file: string): string => {
  const { message, stack = '' } = error instanceof Error ? error : { message: String(error) };
  // esbuild's own words, one line a mistake.
  const [, at, line, column, mistake] = /^(.+):(\d+):(\d+): ERROR: (.*)$/m.exec(message) ?? [];
  if (at !== undefined) return `${shown(at)}:${line}:${column}: ${mistake}`;
  const [, lacks] = /^Cannot find (?:package|module) '((?:callchart|xstate)(?:\/[^']*)?)'/.exec(message) ?? [];
  if (lacks !== undefined) return `${file}: cannot find \`${lacks}\`; install it beside the bot: npm i callchart`;
  const own = placeOf(stack);
  return `${own === undefined ? file : `${own.file}:${own.line}`}: ${firstLine(message)}`;
};

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
