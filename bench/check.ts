/**
 * Check — what it costs to examine a bot of 500 states: the one that the type check is measured with (questions, prompts, tasks, nested
 * charts, states written by hand), and menus in a row whose guards look at a counter, which has to be followed through them all.
 *
 * Run with `npm run bench -- check`, or after a build with `node --import tsx bench/check.ts [--json] [--quick]`.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { examine } from 'callchart/testing';
import { generateBot } from '../test/types/generate.ts';
import { atMost, isQuick, report, shown, spread, table } from './figures.ts';

const states = 500;
const runs = isQuick ? 3 : 9;

/** Menus, each of which is asked three times over by a counter of the author's own. */
const counting = (count: number): string => `import { callMachine, hangup, recognize } from 'callchart';
import { assign } from 'xstate';
const again = { guard: ({ context }) => context.tries < 2, actions: assign({ tries: ({ context }) => context.tries + 1 }) };
export const bot = callMachine('counting', { context: { tries: 0 }, initial: 's0', states: {
${Array.from({ length: count }, (_, index) => `  s${index}: recognize({ prompt: 'Menu ${index}: press 1.', choices: { one: '1' }, on: { one: { target: '${index + 1 < count ? `s${index + 1}` : 'bye'}', actions: assign({ tries: 0 }) }, exhausted: [{ ...again, target: 's${index}' }, 'bye'] } }),`).join('\n')}
  bye: hangup('Goodbye.'),
} });
`;

/** The bot whose source is `source`. */
const loaded = async (source: string): Promise<AnyStateMachine> => {
  const below = resolve(import.meta.dirname, '../.callchart');
  mkdirSync(below, { recursive: true });
  const folder = mkdtempSync(join(below, 'bench-'));
  try {
    writeFileSync(join(folder, 'bot.ts'), source);
    return ((await import(pathToFileURL(join(folder, 'bot.ts')).href)) as { readonly bot: AnyStateMachine }).bot;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const bots = [{ name: 'all kinds of states', bot: await loaded(generateBot(states)) }, { name: 'menus that count', bot: await loaded(counting(states)) }];
const seconds = bots.map((): number[] => []);
for (let run = 0; run <= runs; run += 1) {
  bots.forEach(({ bot }, index) => {
    const start = process.hrtime.bigint();
    examine(bot);
    if (run > 0) seconds[index]?.push(Number(process.hrtime.bigint() - start) / 1e9); // the first warms up
  });
}

const rows = bots.map(({ name, bot }, index) => ({ name, seconds: spread(seconds[index] ?? []), moments: examine(bot).moments, ways: examine(bot).ways }));
report(
  { name: 'check', states, runs, rows, required: rows.map(({ name, seconds: { median } }) => atMost(`seconds to examine ${states} states: ${name}`, median, 5)) },
  table([['bot of 500 states', 'seconds', 'moments', 'ways'], ...rows.map(({ name, seconds: took, moments, ways }) => [name, shown(took), String(moments), String(ways)])]),
);
