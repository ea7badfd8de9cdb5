/**
 * Loops — where a call can go round in a flow for as long as nobody does what he is asked for, and what turns it.
 *
 * A loop is let be where the flow counts: a variable that goes up by one each time round, and a split that leaves the loop
 * once it is high enough.
 *
 * @module
 */
import { components, leaving, shortest, type Way, wayTo } from '../machines/check/graph.ts';
import type { Rule } from '../machines/check/finding.ts';
import type { Flow, Widget } from './flow.ts';
import { argumentOf, assignments, countsUp, holds, readerOf } from './liquid.ts';
import type { Cause, FlowWay, Walked } from './walk.ts';
import { kindOf } from './widgets.ts';

/** A loop, by one round of it. */
export interface Loop {
  readonly rule: Rule;
  readonly round: readonly FlowWay[];
}

/** What turns a loop of each kind, and what it may go by besides. Who was put through to somebody is not in a loop of silence. */
const turns: readonly { readonly rule: Rule; readonly causes: readonly Cause[]; readonly besides: readonly Cause[] }[] = [
  { rule: 'endless', causes: ['step', 'free', 'service'], besides: [] },
  { rule: 'task-loop', causes: ['answer'], besides: ['step', 'free', 'service'] },
  { rule: 'silent-loop', causes: ['silence'], besides: ['step', 'free', 'answer'] },
  { rule: 'nomatch-loop', causes: ['nomatch'], besides: ['step', 'free', 'answer', 'silence', 'pending'] },
  { rule: 'failure-loop', causes: ['failure'], besides: ['step', 'free', 'answer', 'silence', 'pending', 'nomatch'] },
];

/** Every loop that takes no input, one of each kind for each part of the flow that goes round. */
export const loopsOf = (flow: Flow, walked: Walked): readonly Loop[] =>
  turns.flatMap(({ rule, causes, besides }) => {
    const ways = walked.out.flatMap((out, from) => (walked.moments[from]?.line === 'on' ? out.filter(({ cause }) => causes.includes(cause) || besides.includes(cause)) : []));
    return uncounted(flow, walked, ways).flatMap((inside) => {
      const round = roundOf(inside, causes);
      return round.length === 0 ? [] : [{ rule: rule === 'endless' && !round.some(({ from }) => takesTime(walked.moments[from]?.widget)) ? 'restless' : rule, round }];
    });
  });

/** Whether anything is said in `widget`, or done that takes its time. */
const takesTime = (widget: Widget | undefined): boolean => ['says', 'asks', 'hands', 'works', 'dials'].includes(kindOf(widget?.type ?? '')?.part ?? 'asks');

/** Of how many ways the shortest round is looked for. */
const mostTurns = 20;

/** The shortest round of `ways` with one in it that `causes` make, if possible without a branch that nobody can see. */
const roundOf = (ways: readonly FlowWay[], causes: readonly Cause[]): readonly FlowWay[] => {
  for (const within of [ways.filter(({ cause }) => cause !== 'free'), ways]) {
    const { count, numbered } = renumbered(roundWays(within).flat());
    const out = leaving(count, numbered);
    const rounds = numbered.filter(({ way }) => causes.includes(way.cause)).slice(0, mostTurns)
      .map(({ from, to, way }) => [way, ...(to === from ? [] : wayTo(shortest(out, to), from).map((one) => one.way))]);
    const [best] = rounds.sort((one, other) => one.length - other.length);
    if (best !== undefined) return best;
  }
  return [];
};

/** The parts of the graph of `ways` that go round, without what is counted; each as the ways within it. */
const uncounted = (flow: Flow, walked: Walked, ways: readonly FlowWay[]): readonly (readonly FlowWay[])[] =>
  roundWays(ways).flatMap((inside) => {
    const bounded = countedIn(flow, walked, inside);
    return bounded.size === 0 ? [inside] : uncounted(flow, walked, inside.filter(({ from }) => !bounded.has(walked.moments[from]?.widget.name ?? '')));
  });

/** The ways that go round, by the part that they are in. */
const roundWays = (ways: readonly FlowWay[]): readonly (readonly FlowWay[])[] => {
  const { count, numbered } = renumbered(ways);
  const partOf = new Int32Array(count);
  for (const [number, part] of components(leaving(count, numbered)).entries()) for (const at of part) partOf[at] = number;
  const inside = new Map<number, FlowWay[]>();
  for (const { from, to, way } of numbered) {
    const part = partOf[from] as number;
    if (part !== partOf[to]) continue;
    const known = inside.get(part);
    if (known === undefined) inside.set(part, [way]);
    else known.push(way);
  }
  return [...inside.values()];
};

/** `ways` between moments that are numbered from 0 anew: what is done for each of many small parts does not count all moments each time. */
const renumbered = (ways: readonly FlowWay[]): { readonly count: number; readonly numbered: readonly (Way & { readonly way: FlowWay })[] } => {
  const numbers = new Map<number, number>();
  const numberOf = (at: number): number => {
    const known = numbers.get(at) ?? numbers.size;
    numbers.set(at, known);
    return known;
  };
  const numbered = ways.map((way) => ({ from: numberOf(way.from), to: numberOf(way.to), way }));
  return { count: numbers.size, numbered };
};

/** The widgets of a part that goes round which it cannot come through for ever: those that count until a split has had enough. */
const countedIn = (flow: Flow, { moments }: Walked, inside: readonly FlowWay[]): ReadonlySet<string> => {
  const nameOf = (at: number): string => moments[at]?.widget.name ?? '';
  const names = new Set(inside.map(({ from }) => nameOf(from)));
  const widgets = flow.widgets.filter(({ name }) => names.has(name));
  const read = readerOf(flow);
  const counted = widgets.flatMap((widget) => assignments(widget).map((assignment) => ({ widget: widget.name, variable: assignment.name, by: countsUp(assignment) })));
  const variables = new Set(counted.filter(({ variable, by }) => by > 0 && counted.every((other) => other.variable !== variable || other.by > 0)).map(({ variable }) => variable));
  return new Set([...variables].flatMap((variable) => {
    const counters = counted.filter((one) => one.variable === variable);
    const isCount = (template: string | undefined): boolean => {
      const reading = read(template);
      return reading.of === 'variable' && reading.name === variable;
    };
    const isEach = counters.length === 1 && counters[0]?.by === 1 && flow.widgets.flatMap(assignments).every((one) => one.name !== variable || countsUp(one) > 0 || /^\s*0?\s*$/.test(one.value));
    const leaves = widgets.filter((split) => split.type === 'split-based-on' && leavesAt(split, names, isCount, isEach));
    if (leaves.length === 0) return [];
    const without = roundWays(inside.filter(({ from }) => !leaves.some(({ name }) => name === nameOf(from))));
    const avoids = without.some((part) => part.some(({ from }) => counters.some(({ widget }) => widget === nameOf(from))));
    return avoids ? [] : counters.map(({ widget }) => widget);
  }));
};

/** The highest count that is waited for. */
const highestCount = 1_000;

/** Whether `split` leaves the widgets `names` once the variable that `isCount` reads is high enough; `isEach` when it begins with 1 and leaves no number out. */
const leavesAt = (split: Widget, names: ReadonlySet<string>, isCount: (template: string | undefined) => boolean, isEach: boolean): boolean => {
  const branches = split.edges.filter(({ event }) => event === 'match');
  const conditions = branches.flatMap((branch) => branch.conditions);
  if (conditions.length === 0 || !conditions.every((condition) => isCount(argumentOf(split, condition)) && holds(condition, '1') !== undefined)) return false;
  const leaves = (count: number): boolean => {
    const branch = branches.find((one) => one.conditions.every((condition) => holds(condition, String(count)) === true)) ?? split.edges.find(({ event }) => event === 'noMatch');
    return branch?.next === undefined || !names.has(branch.next);
  };
  return (leaves(highestCount) && leaves(highestCount + 1)) || (isEach && Array.from({ length: highestCount }, (_, index) => index + 1).some(leaves));
};
