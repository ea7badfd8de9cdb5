/**
 * Testing — what a test of a menu costs: `dial` and ten steps of its caller, with the expectations between them, in one
 * process that has run it before. For scale, the six-line test of the acme menu, and the first of all.
 *
 * Run with `npm run bench -- testing`, or after a build with `node --import tsx bench/testing.ts [--json] [--quick]`.
 *
 * @module
 */
import { callMachine, hangup, recognize } from 'callchart';
import { dial } from 'callchart/testing';
import { atMost, isQuick, report, shown, type Spread, spread, table } from './figures.ts';

const batches = isQuick ? 7 : 41;
const callsPerBatch = isQuick ? 50 : 200;

const acme = callMachine('acme', {
  initial: 'menu',
  states: {
    menu: recognize({
      prompt: 'Welcome to Acme. For sales press 1, for support press 2.',
      choices: { sales: '1', support: '2' },
      on: { sales: 'sales', support: 'support', exhausted: 'bye' },
    }),
    sales: hangup('Sales will call you back.'),
    support: hangup('Support will call you back.'),
    bye: hangup('Goodbye.'),
  },
});

/** The same menu with another behind each of its choices, which lead back to it. */
const tenfold = callMachine('tenfold', {
  initial: 'menu',
  states: {
    menu: recognize({
      prompt: 'Welcome to Acme. For sales press 1, for support press 2, to end press 9.',
      choices: { sales: '1', support: '2', end: '9' },
      on: { sales: 'sales', support: 'support', end: 'bye', exhausted: 'bye' },
    }),
    sales: recognize({ prompt: 'Sales. For the menu press 0.', choices: { menu: '0' }, on: { menu: 'menu', exhausted: 'bye' } }),
    support: recognize({ prompt: 'Support. For the menu press 0.', choices: { menu: '0' }, on: { menu: 'menu', exhausted: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

const sixLines = (): void => void dial(acme).hears(/Acme/).staysSilent().hears(/Acme/).presses('2').hears(/support/i).isHungUp();

const tenSteps = (): void =>
  void dial(tenfold)
    .hears(/Acme/).presses('1')
    .hears('Sales').presses('0')
    .hears(/Acme/).staysSilent()
    .hears('did not hear').hears(/Acme/).says('support')
    .hears('Support').presses('7')
    .hears('For the menu').presses('0')
    .hears(/Acme/).presses('2')
    .hears('Support').says('menu')
    .hears(/Acme/).presses('5')
    .hears(/Acme/).presses('9')
    .hears('Goodbye').isHungUp();

const tests = [
  { name: 'the six-line test of the acme menu', test: sixLines },
  { name: 'a menu, ten steps', test: tenSteps },
] as const;

const took = (test: () => void, calls: number): number => {
  const began = process.hrtime.bigint();
  for (let call = 0; call < calls; call += 1) test();
  return Number(process.hrtime.bigint() - began) / 1e6 / calls;
};

const firstMs = took(sixLines, 1);
for (const { test } of tests) took(test, callsPerBatch * 2);
const times = tests.map((): number[] => []);
for (let batch = 0; batch < batches; batch += 1) tests.forEach(({ test }, index) => times[index]!.push(took(test, callsPerBatch)));

const rows: readonly { readonly name: string; readonly ms: Spread }[] = tests.map(({ name }, index) => ({ name, ms: spread(times[index]!) }));
const required = [atMost('ms a test of a menu with ten steps, warm', rows[1]!.ms.median, 1)];
report(
  { name: 'testing', batches, callsPerBatch, firstMs, rows, required },
  `${table([['', 'ms/test'], ...rows.map(({ name, ms }) => [name, shown(ms)])])}\nmedians (min–max) of ${batches} interleaved batches of ${callsPerBatch} tests; the very first of the process took ${Math.round(firstMs)} ms`,
);
