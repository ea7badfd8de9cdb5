/**
 * Replay test — a test that has one recorded call again.
 *
 * @module
 */
import { counted } from '../machines/counted.ts';
import type { CallLog } from '../machines/index.ts';
import { literal } from '../testing/paths/test-file.ts';

/** The text of the test of `log`, which imports its bot from `bot`. */
export const replayTest = ({ head, steps }: CallLog, bot: string): string => {
  const ended = steps.findLast((step) => step.ended !== undefined)?.ended;
  return [
    "import { replays } from 'callchart/testing';",
    `import bot from ${literal(bot)};`,
    '',
    '// A recorded call: its head, then a line a step: what the bot was told, what it asked for, and how it moved.',
    'const log: readonly object[] = [',
    ...[head, ...steps].map((line) => `  ${JSON.stringify(line)},`),
    '];',
    '',
    `it(${literal(`${head.bot} has a recorded call of ${counted(steps.length, 'step')} again${ended === undefined ? '' : `, which ended by ${ended}`}`)}, () => {`,
    '  replays(bot, log);',
    '});',
    '',
  ].join('\n');
};
