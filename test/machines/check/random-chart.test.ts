/** Bots made by chance: the walker has been wherever a call of theirs comes to stand. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { CallerScript, ScriptAct } from '../../../src/machines/check/caller-script.ts';
import { play } from '../../../src/machines/check/play.ts';
import { walk } from '../../../src/machines/check/walker.ts';
import { type ChartFeature, chartOfPlan, chartPlan, features } from './random-chart.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 16);

const task = fc.constantFrom('s0', 's1', 's2', 's3', 's0/s0', 's1/s0', 's0.s0', 's1.s0').chain((path) => fc.constantFrom<ScriptAct>({ act: 'task', path, done: null }, { act: 'task', path, failed: '' }, { act: 'task', path, failed: 'ERR_TASK_TIMEOUT' }));

const act = fc.oneof(
  fc.constantFrom<ScriptAct>({ act: 'press', keys: '1' }, { act: 'press', keys: '2' }, { act: 'press', keys: '12#' }, { act: 'press', keys: '9' }, { act: 'press', keys: '0' }, { act: 'say', words: 'bee' }, { act: 'say', words: 'what' }),
  fc.constantFrom<ScriptAct>({ act: 'silence' }, { act: 'wait', ms: 1_000 }, { act: 'wait', ms: 6_000 }, { act: 'record', recordMs: 1_000 }, { act: 'record', recordMs: 900_000 }),
  fc.constantFrom<ScriptAct>({ act: 'service', outcome: 'prompt-failed' }, { act: 'service', outcome: 'done' }, { act: 'service', outcome: 'busy' }, { act: 'service', outcome: 'noanswer' }),
  task,
);

const script: fc.Arbitrary<CallerScript> = fc.array(act, { minLength: 2, maxLength: 12 });

/** How many charts are walked, and the ways to end that are too rare for so few: they come twice where CALLCHART_FUZZ_RUNS is set. */
const [charts, rare] = process.env['CALLCHART_FUZZ_RUNS'] === undefined ? ([45, ['illegal', 'restless']] as const) : ([120, []] as const);

describe('a random chart', () => {
  it('is seldom refused, and holds each thing that a chart can hold', () => {
    const counts = new Map<ChartFeature, number>(features.map((feature) => [feature, 0]));
    const charts = fc.sample(chartPlan, { numRuns: 1_000, seed: 1 }).map(chartOfPlan);
    for (const chart of charts) for (const feature of chart?.features ?? []) counts.set(feature, (counts.get(feature) ?? 0) + 1);
    const refused = charts.filter((chart) => chart === undefined).length;
    if (process.env['CALLCHART_FUZZ_SHOW'] !== undefined) console.log(JSON.stringify({ refused, ...Object.fromEntries(counts) }));
    expect(refused).to.be.lessThan(100);
    expect(Object.entries(Object.fromEntries(counts)).filter(([, count]) => count < 30)).to.deep.equal([]);
  });

  it('is walked to its end, more often than not, and in all the ways that a walk can end', function () {
    this.timeout(240_000);
    const counts = { walked: 0, complete: 0, endless: 0, silent: 0, certified: 0, deadEnds: 0, ignored: 0, illegal: 0, restless: 0, threw: 0, unreached: 0 };
    const add = (name: keyof typeof counts, happened: boolean): void => {
      if (happened) counts[name] += 1;
    };
    for (const chart of fc.sample(chartPlan, { numRuns: charts, seed: 2 }).map(chartOfPlan)) {
      if (chart === undefined) continue;
      const walked = walk(chart.machine, { limit: 150 });
      add('walked', true);
      add('complete', walked.complete);
      if (!walked.complete) continue;
      add('endless', walked.endless);
      add('silent', walked.silent);
      add('certified', walked.withoutInput !== null);
      add('deadEnds', walked.deadEnds.size > 0);
      add('ignored', walked.ignored.length > 0);
      add('illegal', walked.illegal.size > 0);
      add('restless', walked.restless.size > 0);
      add('threw', walked.threw.size > 0);
      add('unreached', !walked.states.has('bot.bye'));
    }
    if (process.env['CALLCHART_FUZZ_SHOW'] !== undefined) console.log(JSON.stringify(counts));
    expect(counts.threw).to.equal(0);
    expect(counts.complete).to.be.greaterThan(counts.walked / 2);
    for (const [name, count] of Object.entries(counts)) if (name !== 'threw' && !rare.some((one) => one === name)) expect(count, name).to.be.greaterThan(1);
  });

  it('is never played to a moment that was not walked', function () {
    this.timeout(Math.max(240_000, numRuns * 300));
    let stood = 0;
    fc.assert(
      fc.property(chartPlan, fc.array(script, { minLength: 8, maxLength: 8 }), (plan, scripts) => {
        const chart = chartOfPlan(plan);
        if (chart === undefined) return;
        const { keys, complete } = walk(chart.machine, { limit: 150 });
        if (!complete) return;
        const walked = new Set(keys);
        for (const one of scripts) {
          const { moments, error } = play(chart.machine, one);
          if (error !== null) continue;
          for (const moment of moments) {
            if (moment.startsWith('ended')) continue;
            stood += 1;
            expect(walked.has(moment), `${JSON.stringify(one)}: ${moment}`).to.equal(true);
          }
        }
      }),
      { numRuns, seed: Number(process.env['CALLCHART_FUZZ_SEED'] ?? 3) },
    );
    expect(stood).to.be.greaterThan(numRuns * 5);
  });
});
