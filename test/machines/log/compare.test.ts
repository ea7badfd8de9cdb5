/** Recorded calls on two versions: what was planted between them is found with exactly the calls that it touches. */
import { type CallLog, record } from 'callchart';
import { dial } from 'callchart/testing';
import { expect } from 'chai';
import fc from 'fast-check';
import { compare, comparing } from '../../../src/machines/log/compare.ts';
import { botOf, botPlan, moves } from '../random-bot.ts';
import { callsOf, desk } from './desk.ts';
import { exampleCalls } from './example-calls.ts';
import { planted } from './planted.ts';
import { told } from './told.ts';
import { walked } from './walked.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 40);

describe('a recorded call on two versions', () => {
  it('is the same on the same bot, whatever happens in it', function () {
    this.timeout(Math.max(60_000, numRuns * 100));
    fc.assert(
      fc.property(botPlan, moves, (plan, walk) => {
        const log = walked(botOf(plan), walk);
        expect(compare(botOf(plan), botOf(plan), log)).deep.include({ verdict: 'identical', divergence: null, followed: log.steps.length, why: null });
      }),
      { numRuns },
    );
  });

  it('hears something else on a bot that parts otherwise, if it had heard that and else not, whatever happens in it', function () {
    this.timeout(Math.max(60_000, numRuns * 100));
    const verdicts: Record<string, number> = {};
    fc.assert(
      fc.property(botPlan, moves, (plan, walk) => {
        const log = walked(botOf(plan), walk);
        const { verdict } = compare(botOf(plan), botOf(plan, undefined, 'So long.'), log);
        expect(verdict).equal(log.steps.some(({ batch }) => JSON.stringify(batch).includes('"Bye."')) ? 'hears-otherwise' : 'identical');
        verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      }),
      { numRuns },
    );
    if (numRuns >= 40) expect(Object.keys(verdicts).sort()).eql(['hears-otherwise', 'identical']);
  });

  it('is the same on the same bot by a masked log, or is not examined and says why', function () {
    this.timeout(Math.max(60_000, numRuns * 100));
    const verdicts: Record<string, number> = {};
    fc.assert(
      fc.property(botPlan, moves, (plan, walk) => {
        const { verdict, why } = compare(botOf(plan), botOf(plan), walked(botOf(plan), walk, true));
        verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
        if (verdict === 'not-examined') expect(why).match(/^the old version does not do what is recorded: .|^the guard `.+` looks at what a masked log leaves out$/);
        else expect(verdict).equal('identical');
      }),
      { numRuns },
    );
    if (numRuns >= 40) expect((verdicts['identical'] ?? 0) / numRuns, JSON.stringify(verdicts)).above(0.8);
  });

  it('is the same on the same bot for every call of the examples, by masked logs too', async () => {
    const calls = await exampleCalls();
    expect(calls.length).above(40);
    const verdicts = calls.flatMap(({ title, bot, log }) => [false, true].map((masked) => [title, masked, compare(bot, bot, log(masked))] as const));
    expect(verdicts.filter(([, , { verdict, followed, steps }]) => verdict !== 'identical' || followed !== steps)).eql([]);
  }).timeout(60_000);

  it('is not examined where the log ends before it', () => {
    const [log] = callsOf(desk(), 1) as readonly [CallLog];
    const cut = { ...log, steps: log.steps.slice(0, -1) };
    expect(compare(desk(), desk(), cut)).deep.include({ verdict: 'not-examined', why: 'the log ends here, and the call does not: what came after it is not in the log', line: log.steps.length });
  });

  it('tells how far a caller was followed who is asked something else', () => {
    const log = told(desk(), dial(desk(), { tasks: { lookup: { open: true } } as never }).presses('2').presses('4711').events);
    const next = desk((states) => { states['number'] = record({ prompt: 'Key your ticket, then pound.', on: { done: 'open', exhausted: 'bye' } } as never); });
    expect(compare(desk(), next, log)).deep.include({ verdict: 'not-examined', followed: 2, steps: log.steps.length, line: 4, why: 'the log has an answer, which nobody waits for here' });
  });

  const old = desk();
  const logs = callsOf(old, 120);
  const masked = callsOf(old, 25, true);

  it('is told from the others by masked logs as well, unless a guard is another that looks at what they leave out', () => {
    const wrong = planted.flatMap(({ what, next }) => {
      const compared = comparing(old, next);
      return masked.flatMap((log, index) => {
        const [seen, blind] = [compared(logs[index]!), compared(log)];
        return seen.verdict === blind.verdict || (blind.verdict === 'not-examined' && (what === 'a guard is turned round' || what === 'a ticket has three digits')) ? [] : [[what, index, seen, blind]];
      });
    });
    expect(wrong).eql([]);
    const turned = planted.find(({ what }) => what === 'a guard is turned round')!;
    const unseen = masked.map(comparing(old, turned.next)).filter(({ verdict }) => verdict !== 'identical');
    expect(new Set(unseen.map(({ why }) => why))).eql(new Set(['the guard `desk.number recognize.digits.* 1` looks at what a masked log leaves out']));
  }).timeout(60_000);

  for (const { what, next, verdict, parts = [] } of planted) {
    it(`is told from the others, where it is touched and nowhere else: ${what}`, () => {
      const compared = comparing(old, next);
      const found = logs.map((log) => ({ log, comparison: compared(log), expected: [verdict(log)].flat() }));
      expect(found.filter(({ comparison, expected }) => !expected.includes(comparison.verdict)).map(({ log, comparison, expected }) => [logs.indexOf(log), expected, comparison])).eql([]);
      expect(new Set(found.map(({ comparison }) => comparison.verdict !== 'identical')), 'some calls are touched, and some are not').eql(what === 'nothing' || what.startsWith('a silent') ? new Set([false]) : what.includes('another key') ? new Set([true]) : new Set([true, false]));
      const divergences = found.flatMap(({ comparison: { divergence } }) => (divergence === null ? [] : [divergence]));
      for (const [was, is] of parts) expect(divergences.some((one) => one.was === was && one.is === is), `${was} → ${is}`).equal(true);
    });
  }
});
