/**
 * Calls generated for bots made by chance: they are reproduced, and what somebody meets who does one thing or another they meet as well.
 * CALLCHART_FUZZ_RUNS says how many bots are tried, CALLCHART_FUZZ_SEED which.
 */
import { generateCalls, type ScriptAct } from 'callchart';
import { expect } from 'chai';
import fc from 'fast-check';
import { play } from '../../../src/machines/check/play.ts';
import type { PathAct } from '../../../src/machines/paths/line.ts';
import { wholeCall } from '../../../src/machines/paths/whole-call.ts';
import { botOf, botPlan } from '../random-bot.ts';
import { driven } from './driven.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 10);

/** The same bots every time, unless others are wished for: a build fails by what was changed, and not by chance. */
const seed = Number(process.env['CALLCHART_FUZZ_SEED'] ?? 3);

/** What somebody does who does not look. */
const deeds: readonly PathAct[] = [
  { act: 'press', keys: '1' }, { act: 'press', keys: '2' }, { act: 'press', keys: '9' }, { act: 'press', keys: '12#' }, { act: 'say', words: 'bee' }, { act: 'say', words: 'mumble' }, { act: 'silence' },
  { act: 'record', recordMs: 2_000 }, { act: 'service', outcome: 'failed' }, { act: 'service', outcome: 'prompt-failed' }, { act: 'service', outcome: 'busy' }, { act: 'service', outcome: 'done' }, { act: 'service', outcome: 'done', ending: 'success' },
];

describe('calls generated for bots made by chance', () => {
  it('go their way whenever they are played, and on the line of a test', function () {
    this.timeout(0);
    let drives = 0;
    fc.assert(
      fc.property(botPlan, (plan) => {
        const machine = botOf(plan);
        for (const call of generateCalls(machine, { mostSteps: 800 }).calls) {
          const { script, covers, ended } = call;
          const again = wholeCall(machine, {}, script as readonly PathAct[]);
          expect([[...again.met].sort(), again.script, again.ended]).to.deep.equal([[...covers].sort(), script, ended]);
          expect(play(machine, script).idle).to.deep.equal([]);
          if (script.some(isBetween)) continue; // what `dial` cannot do at one prompt alone
          expect([...driven(machine, call).met].sort()).to.deep.equal([...covers].sort());
          drives += 1;
        }
      }),
      { numRuns, seed },
    );
    expect(drives).to.be.greaterThan(0);
  });

  it('meet what a caller meets who does anything', function () {
    this.timeout(0);
    fc.assert(
      fc.property(botPlan, fc.array(fc.constantFrom(...deeds), { maxLength: 12 }), (plan, acts) => {
        const machine = botOf(plan);
        const { calls, missed } = generateCalls(machine, { mostSteps: 800 });
        const covered = new Set(calls.flatMap(({ covers }) => covers));
        const given = new Set(missed.filter(({ why }) => /given up|the bot failed then/.test(why)).map(({ id }) => id));
        let script: readonly PathAct[] = [];
        for (const act of acts) {
          const { script: done } = wholeCall(machine, {}, [...script, act]);
          if (done.length > script.length && done[script.length] === act) script = [...script, act];
        }
        expect([...wholeCall(machine, {}, script).met].filter((id) => !covered.has(id) && !given.has(id))).to.deep.equal([]);
      }),
      { numRuns, seed },
    );
  });
});

/** Whether it happens while the service says something that it is not asked about. */
const isBetween = (act: ScriptAct): boolean => act.act === 'service' && (act.outcome === 'prompt-failed' || act.outcome === 'failed');
