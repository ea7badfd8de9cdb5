/**
 * Replay test — a test that has one recorded call again.
 *
 * @module
 */
import { dirname, relative, resolve, sep } from 'node:path';
import type { CallLog } from '../machines/index.ts';

/** The text of the test of `log`; the files are where it will stand, and its bot's. */
export const replayTest = ({ head, steps }: CallLog, { test, bot }: { readonly test: string; readonly bot: string }): string => {
  const way = relative(dirname(resolve(test)), resolve(bot)).split(sep).join('/');
  const ended = steps.findLast((step) => step.ended !== undefined)?.ended;
  return [
    "import { replays } from 'callchart/testing';",
    `import bot from '${(way.startsWith('.') ? way : `./${way}`).replaceAll("'", "\\'")}';`,
    '',
    '// A recorded call: its head, then a line a step: what the bot was told, what it asked for, and how it moved.',
    'const log: readonly object[] = [',
    ...[head, ...steps].map((line) => `  ${JSON.stringify(line)},`),
    '];',
    '',
    `it(${JSON.stringify(`${head.bot} has a recorded call of ${steps.length} steps again${ended === undefined ? '' : `, which ended by ${ended}`}`)}, () => {`,
    '  replays(bot, log);',
    '});',
    '',
  ].join('\n');
};
