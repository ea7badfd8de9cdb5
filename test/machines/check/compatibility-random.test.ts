/**
 * Calls in flight, and versions made by chance: what was said to go on does, with guards as they are. CALLCHART_FUZZ_RUNS says how many
 * calls in flight are tried, CALLCHART_FUZZ_SEED which.
 */
import { type CallSnapshot, step } from 'callchart';
import { examine } from 'callchart/testing';
import { expect } from 'chai';
import fc from 'fast-check';
import type { AnyStateMachine } from 'xstate';
import { compatibility, mayContinue, restingState } from '../../../src/machines/check/compatibility.ts';
import { type Prospect, prospects } from '../../../src/machines/check/prospects.ts';
import { actorsOf, nameOf, type Standing, standingAfter } from '../../../src/machines/check/standing.ts';
import { isUntaken, thrownText, walk } from '../../../src/machines/check/walker.ts';
import { chartOfPlan, type ChartPlan, chartPlan, type ChartStatePlan } from './random-chart.ts';

const wanted = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 50);
const seed = Number(process.env['CALLCHART_FUZZ_SEED'] ?? 1);

/** More moments than these are not walked. */
const limit = 150;

/** Bots of fewer moments than these are too plain to be compared. */
const fewestMoments = 8;

/** Calls in flight that are tried of one pair of versions: few enough that there are five pairs at least. */
const mostOfPair = Math.min(100, Math.ceil(wanted / 5));

/** A version, and what its author has made of it. */
interface PairPlan {
  readonly plan: ChartPlan;
  readonly changes: readonly { readonly at: number; readonly how: number; readonly other: ChartPlan }[];
  readonly rolls: readonly number[];
}

const pairPlan: fc.Arbitrary<PairPlan> = fc.record({
  plan: chartPlan, changes: fc.array(fc.record({ at: fc.nat(20), how: fc.nat(4), other: chartPlan }), { minLength: 1, maxLength: 2 }), rolls: fc.array(fc.nat(10_000), { minLength: 400, maxLength: 400 }),
});

const changed = (plan: ChartPlan, changes: PairPlan['changes']): ChartPlan => changes.reduce((latest, { at, how, other }): ChartPlan => ({ ...latest, states: edited(latest.states, at % latest.states.length, how, other.states[0] as ChartStatePlan) }), plan);

const edited = (states: readonly ChartStatePlan[], at: number, how: number, other: ChartStatePlan): readonly ChartStatePlan[] => {
  const here = states[at] as ChartStatePlan;
  switch (how) {
    case 0: // another state takes its place
      return states.with(at, other);
    case 1: // it is left out
      return states.length > 2 ? states.filter((_, index) => index !== at) : states;
    case 2: // one is put before it
      return [...states.slice(0, at), other, ...states.slice(at)];
    case 3: // one is added
      return [...states, other];
    default: // it leads elsewhere
      return states.with(at, { ...here, dice: here.dice.map((die, index) => (index % 3 === 0 ? die + 1 : die)) });
  }
};

const incoming: Prospect = { name: 'call.incoming', kind: 'input', silenceMs: 0, event: { type: 'service', at: 0, events: [{ type: 'call.incoming', call: { id: 'random', from: '+10000000000', to: '+10000000001', direction: 'inbound', headers: {} } }] } };

const next = (machine: AnyStateMachine, standing: Standing, roll: number): Prospect | undefined => {
  const all = prospects(machine, standing, 0, () => []);
  return all[roll % Math.max(1, all.length)];
};

const taken = (machine: AnyStateMachine, standing: Standing | undefined, prospect: Prospect): { readonly result: ReturnType<typeof step>; readonly after: Standing } => {
  const result = step(machine, standing?.snapshot, prospect.event);
  return { result, after: standingAfter(standing, result) };
};

/** Calls in flight of `machine`, by chance. */
const inFlight = (machine: AnyStateMachine, rolls: readonly number[]): readonly Standing[] => {
  const found: Standing[] = [];
  let standing: Standing | undefined;
  for (const roll of rolls) {
    const prospect = standing === undefined ? incoming : next(machine, standing, roll);
    if (prospect === undefined) standing = undefined;
    else {
      const { result, after } = taken(machine, standing, prospect);
      standing = result.error !== undefined || after.snapshot.ended !== null ? undefined : after;
      if (standing !== undefined) found.push(standing);
    }
  }
  return found;
};

/** What the new version does to a call that goes on with it: what is wrong with that, or nothing. */
const wrongs = (before: AnyStateMachine, after: AnyStateMachine, start: Standing, known: { readonly passed: ReadonlySet<string>; readonly thrown: ReadonlySet<string> }, rolls: readonly number[]): string | undefined => {
  let standing: Standing = { ...start, snapshot: { ...(JSON.parse(JSON.stringify(start.snapshot)) as CallSnapshot), version: '2' } };
  for (const [index, roll] of rolls.entries()) {
    const prospect = next(index === 0 ? before : after, standing, roll);
    if (prospect === undefined) return undefined;
    const { result, after: then } = taken(after, standing, prospect);
    const place = nameOf(actorsOf(after, standing.snapshot), standing.snapshot.awaiting?.path ?? '');
    if (result.error !== undefined && !known.thrown.has(thrownText(result.error))) return `step ${index}, ${place}: ${prospect.name}: ${thrownText(result.error)}`;
    const isOwn = known.passed.has(`${place} ${prospect.name}`) || (index === 0 && isUntaken(before, start, prospect, taken(before, start, prospect).result));
    if (isUntaken(after, standing, prospect, result) && !isOwn) return `step ${index}, ${place}: ${prospect.name} passes unheeded`;
    if (result.error !== undefined || then.snapshot.ended !== null) return undefined;
    standing = then;
  }
  return undefined;
};

describe('versions made by chance', function () {
  this.timeout(Math.max(240_000, wanted * 200));

  it('let a call go on with its own version everywhere', () => {
    let compared = 0;
    for (const plan of fc.sample(chartPlan, { seed, numRuns: Math.max(25, wanted / 40) })) {
      const machine = chartOfPlan(plan)?.machine;
      if (machine === undefined || examine(machine).certificate === null) continue;
      const { states, complete, certified, lacking } = compatibility(machine, machine, { limit });
      if (!complete || !certified) continue;
      compared += 1;
      expect(states.filter(({ verdict }) => verdict === 'pinned').map(({ state, obstacles }) => ({ state, obstacles, plan: JSON.stringify(plan) }))).to.deep.equal([]);
      expect(lacking).to.deep.equal([]);
    }
    expect(compared).to.be.greaterThan(0);
  });

  it('let calls in flight go on where that was said, and nothing is thrown or passes unheeded', () => {
    const seen = { pairs: 0, going: 0, pinned: 0 };
    for (const { plan, changes, rolls } of fc.sample(pairPlan, { seed, numRuns: wanted * 10 })) {
      if (seen.going + seen.pinned >= wanted) break;
      const [before, after] = [chartOfPlan(plan)?.machine, chartOfPlan(changed(plan, changes))?.machine];
      if (before === undefined || after === undefined) continue;
      const { moments } = examine(before);
      if (moments < fewestMoments || moments > limit || examine(after).certificate === null) continue;
      const found = compatibility(before, after, { limit });
      seen.pairs += 1;
      const own = walk(after, { limit });
      const known = { passed: new Set(own.ignored.map(({ state, event }) => `${state} ${event}`)), thrown: new Set([...own.threw, ...own.illegal]) };
      inFlight(before, rolls).slice(0, mostOfPair).forEach((standing, index) => {
        const goesOn = mayContinue(found, standing.snapshot);
        seen[goesOn ? 'going' : 'pinned'] += 1;
        const wrong = wrongs(before, after, standing, known, rolls.slice(index + 7, index + 27));
        if (goesOn) expect(wrong, `${restingState(standing.snapshot)} of ${JSON.stringify({ plan, changes })}`).to.equal(undefined);
      });
    }
    expect(seen.going, JSON.stringify(seen)).to.be.greaterThan(wanted / 10);
    expect(seen.pinned, JSON.stringify(seen)).to.be.greaterThan(wanted / 20);
  });
});
