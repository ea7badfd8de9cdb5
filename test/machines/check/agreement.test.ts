/**
 * The check and the walker say the same of every bot: the one reads the chart, the other steps the real core through every moment, and
 * they share no code. CALLCHART_FUZZ_RUNS says how many bots are tried, CALLCHART_FUZZ_SEED which.
 */
import { examine, type Examination } from 'callchart/testing';
import { expect } from 'chai';
import fc from 'fast-check';
import { comesTrue, secondOpinion } from '../../../src/machines/check/confirm.ts';
import { explore } from '../../../src/machines/check/explore.ts';
import { leaving, rounds } from '../../../src/machines/check/graph.ts';
import { machinesOf } from '../../../src/machines/check/reachable.ts';
import { type Walk, walk } from '../../../src/machines/check/walker.ts';
import { chartOfPlan, chartPlan } from './random-chart.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 40);

/** The same bots every time, unless others are wished for: a build fails by what was changed, and not by chance. */
const seed = Number(process.env['CALLCHART_FUZZ_SEED'] ?? 1);

/** More moments than these are not walked: some bots have no end of them, and a walk takes its time. */
const limit = 120;

type Machine = Parameters<typeof examine>[0];

interface Said {
  /** The states that calls come to, but for the framework's own. */
  readonly states: readonly string[];
  readonly endless: boolean;
  readonly silent: boolean;
  readonly wrong: boolean;
  readonly restless: boolean;
  readonly illegal: boolean;
  readonly withoutInput: Walk['withoutInput'];
  readonly whole: Walk['whole'];
  /** The states in which the caller is hung up on without a word. */
  readonly deadEnds: readonly string[];
  /** Endings of what the caller or another party was asked for, and that nothing leads on from. */
  readonly unhandled: readonly string[];
}

const sorted = (some: Iterable<string>): readonly string[] => [...new Set(some)].sort();
const isAuthors = (state: string): boolean => !state.endsWith('.idle') && state !== 'bot.ended';
const isAsked = (event: string): boolean => /^(recognize|record|transfer|createcall|raw)\./.test(event);

const byCheck = (machine: Machine, { findings, certificate }: Examination): Said => {
  const found = explore(machine);
  const has = (...rules: readonly string[]): boolean => findings.some(({ rule }) => rules.includes(rule));
  return {
    states: sorted(machinesOf(found).flatMap(({ plan }) => plan.states.filter(({ index, path, type }) => path !== '' && type !== 'history' && found.reached.get(plan.id)?.has(index) === true).map(({ path }) => `${plan.id}.${path}`)).filter(isAuthors)),
    endless: has('silent-loop', 'nomatch-loop', 'failure-loop', 'task-loop', 'timer-loop', 'endless'), silent: has('silent-loop'), wrong: has('silent-loop', 'nomatch-loop'),
    restless: has('restless'), illegal: has('batch-illegal'),
    withoutInput: certificate?.withoutInput ?? null, whole: certificate?.whole ?? null,
    deadEnds: sorted(found.closed), unhandled: sorted(found.faults.filter(({ rule, what }) => rule === 'unhandled' && isAsked(what)).map(({ what }) => what)),
  };
};

/** Whether the walker can go round by `kinds` alone, what the service is done with by the way. */
const goesRound = ({ moments, ways }: Walk, ...kinds: readonly string[]): boolean => {
  const out = leaving(moments, ways.filter(({ from, to, kind, name }) => from >= 0 && to >= 0 && ['done', 'due', ...kinds].includes(kind) && !/^(transfer|createcall|raw)\./.test(name)));
  return rounds(out).some((part) => part.some((at) => out[at]?.some(({ to, kind }) => part.includes(to) && kinds.includes(kind))));
};

const byWalker = (walked: Walk): Said => {
  const { states, endless, restless, illegal, withoutInput, whole, deadEnds, ignored } = walked;
  const rests = restless.size === 0;
  return {
    states: sorted([...states].filter(isAuthors)), endless, silent: goesRound(walked, 'noinput'), wrong: goesRound(walked, 'noinput', 'nomatch'), restless: !rests, illegal: illegal.size > 0,
    withoutInput: rests ? withoutInput : null, whole: rests && !endless ? whole : null, deadEnds: sorted(deadEnds), unhandled: sorted(ignored.map(({ event }) => event).filter(isAsked)),
  };
};

describe('the check and the walker', function () {
  this.timeout(Math.max(150_000, numRuns * 1_000));

  it('say the same of bots made by chance, and every round of the check comes round', () => {
    const seen = { compared: 0, certified: 0, endless: 0, rounds: 0, deadEnds: 0, unhandled: 0, restless: 0 };
    fc.assert(
      fc.property(chartPlan, (plan) => {
        const chart = chartOfPlan(plan);
        if (chart === undefined) return;
        const { machine, features } = chart;
        const isTimed = features.has('after') || features.has('timeoutMs'); // the check lets timers fire in any order, and the phone does not
        const examination = examine(machine);
        const walked = walk(machine, { limit });
        if (!walked.complete) return;
        const said = byCheck(machine, examination);
        const theirs = byWalker(walked);
        expect(theirs.states).to.include.members([...said.states]);
        // Where the core gives up, the walker has seen it do so: states that no call rests in.
        expect(said).to.deep.equal(theirs.restless ? { ...theirs, states: said.states } : theirs);
        seen.compared += 1;
        seen.certified += examination.certificate === null ? 0 : 1;
        seen.endless += said.endless ? 1 : 0;
        seen.deadEnds += said.deadEnds.length > 0 ? 1 : 0;
        seen.unhandled += said.unhandled.length > 0 ? 1 : 0;
        seen.restless += said.restless ? 1 : 0;
        for (const finding of examination.findings) {
          if (finding.script === null || finding.round === undefined || isTimed) continue;
          expect(comesTrue(machine, finding), `${finding.id} comes round`).to.equal(true);
          seen.rounds += 1;
        }
        expect(secondOpinion(machine, examination, limit).says).to.equal(examination.certificate === null ? 'nothing' : 'same');
      }),
      { numRuns, seed },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).to.be.greaterThan(0);
  });
});
