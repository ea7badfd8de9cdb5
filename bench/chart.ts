/**
 * Chart — what it costs to draw a bot of 150 states as SVG, those in states and dialogs counted: the one that the type check is measured with (questions, prompts, tasks, nested
 * charts, states written by hand), and menus that lead to dialogs and back, drawn inside the states that run them.
 *
 * Run with `npm run bench -- chart`, or after a build with `node --import tsx bench/chart.ts [--json] [--quick]`.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { callMachine, dialog, dialogMachine, hangup, recognize } from 'callchart';
import { drawChart } from 'callchart/inspector';
import { generateBot } from '../test/types/generate.ts';
import { atMost, isQuick, report, shown, spread, table } from './figures.ts';

const states = 150;
/** So many states at the top have 150 in all. */
const atTop = 124;
const runs = isQuick ? 3 : 9;

/** Four states in a row, the last one of which ends the dialog. */
const asking = (id: string): AnyStateMachine =>
  dialogMachine()(id, {
    initial: 'a',
    states: {
      a: recognize({ prompt: 'One or two?', choices: { one: '1', two: '2' }, on: { one: 'b', two: 'c', exhausted: 'out' } }),
      b: recognize({ prompt: 'And now?', choices: { back: '1', on: '2' }, on: { back: 'a', on: 'out', exhausted: 'out' } }),
      c: recognize({ prompt: 'Or this?', choices: { back: '1', on: '2' }, on: { back: 'a', on: 'b', exhausted: 'out' } }),
      out: { type: 'final' },
    },
  } as never) as AnyStateMachine;

/** Menus with a dialog each, whose five states with the menu and the state that runs it are seven. */
const menus = (count: number): AnyStateMachine =>
  callMachine('menus', {
    initial: 'm0',
    states: {
      ...Object.fromEntries(Array.from({ length: count }, (_, index) => [
        [`m${index}`, recognize({ prompt: `Menu ${index}`, choices: { here: '1', next: '2', top: '3' }, on: { here: `d${index}`, next: index + 1 < count ? `m${index + 1}` : 'bye', top: 'm0', exhausted: 'bye' } as never })],
        [`d${index}`, dialog(asking(`asking${index}`) as never, { on: { done: `m${index}` } } as never)],
      ]).flat()),
      bye: hangup('Goodbye.'),
    },
  } as never) as AnyStateMachine;

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

const bots = [{ name: 'all kinds of states', bot: await loaded(generateBot(atTop)) }, { name: 'menus and their dialogs', bot: menus(Math.floor(states / 7)) }];
const rows = [];
for (const { name, bot } of bots) {
  const seconds: number[] = [];
  let drawn = await drawChart(bot); // the first warms up, and loads what lays out
  for (let run = 0; run < runs; run += 1) {
    const start = process.hrtime.bigint();
    drawn = await drawChart(bot);
    seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  rows.push({ name, seconds: spread(seconds), states: Object.keys(drawn.states).length, arrows: drawn.svg.split(' data-edge=').length - 1, bytes: drawn.svg.length });
}

report(
  { name: 'chart', states, runs, rows, required: rows.map(({ name, seconds: { median } }) => atMost(`seconds to draw ${states} states: ${name}`, median, 2)) },
  table([['bot of 150 states', 'seconds', 'states', 'arrows', 'bytes'], ...rows.map(({ name, seconds, states: count, arrows, bytes }) => [name, shown(seconds), String(count), String(arrows), String(bytes)])]),
);
