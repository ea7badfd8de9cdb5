/**
 * Versions — on the command line: other versions of the bot that is served, and which calls go on with which.
 *
 * @module
 */
import type { VersionMove, VersionsOptions } from '../transport/index.ts';
import { type Options, texts, wrong } from './arguments.ts';
import { textOf } from './given-files.ts';
import { loadBot } from './load-bot.ts';

const setting = 'CALLCHART_UNKNOWN_VERSIONS';

/** What `--versions`, `--moves` and the environment say. @throws `ERR_BOT_LOAD`, `ERR_BOT_INVALID`, `ERR_OPTION_INVALID` */
export const versionsIn = async (options: Options, environment: Readonly<Record<string, string | undefined>>): Promise<VersionsOptions> => {
  const unknownVersions = unknownIn(environment[setting] ?? '');
  const versions = (await Promise.all(texts(options, 'versions').map(loadBot))).map(({ machine }) => machine);
  const moves = (await Promise.all(texts(options, 'moves').map(movesIn))).flat();
  return { ...(unknownVersions !== undefined && { unknownVersions }), ...(versions.length > 0 && { versions }), ...(moves.length > 0 && { moves }) };
};

const unknownIn = (word: string): VersionsOptions['unknownVersions'] => {
  if (word === '') return undefined;
  if (word !== 'apology' && word !== 'retry' && word !== 'served') throw wrong(setting, `${setting} is apology, retry or served`);
  return word;
};

/** The moves in `file`: one object, or a list of them. What is in each, is looked at where they are used. */
const movesIn = async (file: string): Promise<readonly VersionMove[]> => {
  const text = await textOf(file, 'moves');
  try {
    return [JSON.parse(text) as VersionMove | readonly VersionMove[]].flat();
  } catch {
    throw wrong('moves', `${file} is not JSON: it holds what \`callchart check --against --json\` prints, or a move by hand, or a list of them`);
  }
};
