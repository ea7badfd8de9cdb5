/**
 * Examined — what is found and met of the bot that the stand-in plays, made by hand: enough to look at the page with.
 *
 * @module
 */
import type { CoverageShown, ExaminedShown } from '../../src/page/protocol.ts';

const file = 'examples/acme/bot.ts';

/** Two errors and a warning. */
export const acmeExamined: ExaminedShown = {
  chart: 'acme', service: 'botframework', check: { is: 'done' }, types: { is: 'done' },
  remarks: [
    { id: 'types:examples/acme/bot.ts:12', state: 'support', severity: 'error', from: 'compiler', message: "Argument of type '7' is not assignable to parameter of type 'Prompt'. (TS2345)", source: { file, line: 12 } },
    { id: 'silent-loop:menu', state: 'menu', severity: 'error', from: 'check', message: 'state `menu`: silence alone can go round for ever: `menu`, `menu`', source: { file, line: 6 }, script: 'silence\nsilence\nhangup\n', plays: ['times-out', 'times-out', 'hangup'] },
    { id: 'no-person:', severity: 'warning', from: 'check', message: 'no caller can come to a person', script: '' },
  ],
};

/** The menu was met twice, and left to sales once. */
export const acmeCoverage: CoverageShown = {
  chart: 'acme', session: { 'acme.menu': 2, 'acme.menu recognize.choice.sales 1': 1 },
  points: [
    ...['menu', 'sales', 'support'].map((state) => ({ id: `acme.${state}`, kind: 'state', title: state, name: '', states: [state], by: [`acme.${state}`] }) as const),
    ...['sales', 'support'].map((name) => ({ id: `acme.menu ${name} 1`, kind: 'transition', title: 'menu', name, states: ['menu'], by: [`acme.menu recognize.choice.${name} 1`] }) as const),
    { id: 'acme.menu: noinput', kind: 'outcome', title: 'menu', name: 'noinput', states: ['menu'], by: ['acme.menu recognize.noinput 1', 'acme.menu recognize.noinput 2'] },
    { id: 'acme.menu: asking 2', kind: 'retry', title: 'menu', name: '2', states: ['menu'], by: ['acme.menu: asking 2'] },
  ],
  arrows: { 'menu>sales': ['acme.menu recognize.choice.sales 1'], 'menu>support': ['acme.menu recognize.choice.support 1'], 'menu>menu': ['acme.menu recognize.noinput 1'] },
};
