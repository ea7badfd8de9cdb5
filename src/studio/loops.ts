/**
 * Loops — where a call can go round in a flow for as long as nobody does what he is asked for, and what turns it.
 *
 * A loop is let be where the flow counts: a variable that goes up by one each time round, and a split that leaves the loop
 * once it is high enough.
 *
 * @module
 */
import { components, leaving, shortest, wayTo } from '../machines/check/graph.ts';
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

/** What turns a loop, and what it may have on the way; each kind may have what the kinds before it have. */
const turns: readonly { readonly cause: readonly Cause[]; readonly along: readonly Cause[]; readonly rule: Rule }[] = [
  { rule: 'endless', cause: ['step', 'free', 'service'], along: [] },
  { rule: 'task-loop', cause: ['answer'], along: [] },
  { rule: 'silent-loop', cause: ['silence'], along: [] },
  { rule: 'nomatch-loop', cause: ['nomatch'], along: ['pending'] },
  { rule: 'failure-loop', cause: ['failure'], along: [] },
];

/** Every loop that takes no input, one of each kind for each part of the flow that goes round. */
export const loopsOf = (flow: Flow, walked: Walked): readonly Loop[] => {
  const allowed = new Set<Cause>();
  return turns.flatMap(({ rule, cause, along }) => {
    for (const one of [...cause, ...along]) allowed.add(one);
    const ways = walked.out.flatMap((out, from) => (walked.moments[from]?.line === 'on' ? out.filter((way) => allowed.has(way.cause)) : []));
    return uncounted(flow, walked, ways).flatMap((inside) => {
      const round = roundOf(walked.moments.length, inside, cause);
      return round.length === 0 ? [] : [{ rule: rule === 'endless' && !round.some(({ from }) => takesTime(walked.moments[from]?.widget)) ? 'restless' : rule, round }];
    });
  });
};

/** Whether anything is said in `widget`, or done that takes its time. */
const takesTime = (widget: Widget | undefined): boolean => ['says', 'asks', 'hands', 'works', 'dials'].includes(kindOf(widget?.type ?? '')?.part ?? 'asks');

/** Of how many ways the shortest round is looked for. */
const mostTurns = 20;

/** The shortest round of `ways` with one in it that `causes` make, if possible without a branch that nobody can see. */
const roundOf = (count: number, ways: readonly FlowWay[], causes: readonly Cause[]): readonly FlowWay[] => {
  for (const within of [ways.filter(({ cause }) => cause !== 'free'), ways]) {
    const parts = roundWays(count, within);
    const out = leaving(count, parts.flat());
    const rounds = parts.flatMap((part) => part.filter(({ cause }) => causes.includes(cause))).slice(0, mostTurns)
      .map((turn) => [turn, ...(turn.to === turn.from ? [] : wayTo(shortest(out, turn.to), turn.from))]);
    const [best] = rounds.sort((one, other) => one.length - other.length);
    if (best !== undefined) return best;
  }
  return [];
};

/** The parts of the graph of `ways` that go round, without what is counted; each as the ways within it. */
const uncounted = (flow: Flow, walked: Walked, ways: readonly FlowWay[]): readonly (readonly FlowWay[])[] =>
  roundWays(walked.moments.length, ways).flatMap((inside) => {
    const bounded = countedIn(flow, walked, inside);
    return bounded.size === 0 ? [inside] : uncounted(flow, walked, inside.filter(({ from }) => !bounded.has(walked.moments[from]?.widget.name ?? '')));
  });

/** The ways that go round, by the part that they are in. */
const roundWays = (count: number, ways: readonly FlowWay[]): readonly (readonly FlowWay[])[] => {
  const partOf = new Int32Array(count);
  for (const [number, part] of components(leaving(count, ways)).entries()) for (const at of part) partOf[at] = number;
  const inside = new Map<number, FlowWay[]>();
  for (const way of ways) {
    const part = partOf[way.from] as number;
    if (part !== partOf[way.to]) continue;
    const known = inside.get(part);
    if (known === undefined) inside.set(part, [way]);
    else known.push(way);
  }
  return [...inside.values()];
};

/** The widgets of a part that goes round which it cannot come through for ever: those that count until a split has had enough. */
const countedIn = (flow: Flow, { moments, out }: Walked, inside: readonly FlowWay[]): ReadonlySet<string> => {
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
    const without = roundWays(out.length, inside.filter(({ from }) => !leaves.some(({ name }) => name === nameOf(from))));
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
