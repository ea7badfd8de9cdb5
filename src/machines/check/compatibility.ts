/**
 * Compatibility — in which states of one version of a bot a call in flight can go on with another version, and in which it has to stay
 * with its own until it ends.
 *
 * The old version is walked on the real core, its guards free. Each call that rests on the way is restored on the new version, and all
 * that can happen there is taken by it, guards free again: nothing may be missing, nothing that the old version takes may pass unheeded,
 * nothing may be thrown that the old version does not throw as well. The call is followed until it stands where calls of the new version
 * come to themselves, with contexts of the same shape: from there on all that the check says of the new version is said of it too.
 *
 * What is compared is kinds of values. That a certain value is one which the new version's code cannot do with is seen only where
 * the walk meets it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../../errors.ts';
import { requireBot } from '../bot-facts.ts';
import { activeStates } from '../configurations.ts';
import { chartOf } from '../draw/chart.ts';
import { toScxml } from '../draw/scxml.ts';
import { isMachine, machinesOf } from '../naming.ts';
import type { CallSnapshot } from '../snapshot.ts';
import { isTaskLogic } from '../task-logic.ts';
import type { CallerScript } from './caller-script.ts';
import { examine } from './examine.ts';
import { type Exploration, explore, type Passage, plainFirst, ringing, scriptOf, statesOf } from './explore.ts';
import { misfits } from './fitting.ts';
import { leaving, rounds, shortest, wayTo } from './graph.ts';
import { play } from './play.ts';
import { type Prospect, prospects, type Samples } from './prospects.ts';
import { actorsOf, nameOf, type Standing, standingAfter } from './standing.ts';
import { at, isHeeded, isMeanwhile, isUntaken, keyOf, type Stepped, stepper, type Stepper, thrownText, walk, type Walk } from './walker.ts';

/** Why a call cannot go on with the new version. */
export interface Obstacle {
  /**
   * What it would stand on is not there (a state, a dialog, a task, a history); or something would pass unheeded, be abandoned, or go
   * round for ever; or nobody knows: the new version has no certificate, or not everything could be looked at.
   */
  readonly cause: 'state' | 'dialog' | 'task' | 'history' | 'unheeded' | 'abandoned' | 'endless' | 'uncertified' | 'unexamined';
  /** What happens from there until it shows, as the chart knows it; empty where it shows at once. */
  readonly events: readonly string[];
  /** What is wrong, as a sentence. */
  readonly what: string;
}

/** What becomes of calls that rest in a state of the old version. */
export interface StateCompatibility {
  /** As {@link restingState} has it. */
  readonly state: string;
  readonly verdict: 'continues' | 'pinned';
  /** One of each kind; empty where calls can go on. */
  readonly obstacles: readonly Obstacle[];
  /** What happens on the old version until a call rests there, as the chart knows it; of a call that cannot go on, where there is one. */
  readonly way: readonly string[];
  /** A caller who comes to the state on the old version; null where no script is known. */
  readonly script: CallerScript | null;
  /** Whether the script was played on the old version, and led to a call that cannot go on; where calls can go on, to one that rests there. */
  readonly confirmed: boolean;
  /** How much was tried: calls that rest there and differ in more than their values, and what can happen to them. */
  readonly calls: number;
  readonly steps: number;
}

/** What becomes of calls in flight when another version of their bot is served. */
export interface Compatibility {
  readonly bot: string;
  readonly versions: { readonly old: string; readonly new: string };
  /** Whether both versions call themselves the same and are not: a stored call does not tell which of them it began with. */
  readonly ambiguous: boolean;
  /** Every state of the old version in which a call was found at rest, in the order in which calls come to them. */
  readonly states: readonly StateCompatibility[];
  /** Whether the old version was walked through as a whole. In a state that is not listed a call is pinned. */
  readonly complete: boolean;
  /** Whether every call of the new version ends; where that is not known, nothing is said to continue. */
  readonly certified: boolean;
  /** Names in contexts, behind their machine (`shop: items`), that every call of the new version has from its beginning and calls of the old one may not: `undefined` to whatever reads them. */
  readonly lacking: readonly string[];
}

/** How far to look. */
export interface CompatibilityOptions {
  /** Moments of each version, at most. Default 5,000. */
  readonly limit?: number;
}

/**
 * Says of each state of `before` whether calls that rest in it can go on with `after`.
 *
 * @throws `ERR_BOT_INVALID` for a machine that `callMachine` did not make, and for two bots that are not versions of one
 */
export const compatibility = (before: AnyStateMachine, after: AnyStateMachine, { limit = 5_000 }: CompatibilityOptions = {}): Compatibility => {
  const [old, now] = [requireBot(before), requireBot(after)];
  if (before.id !== after.id) throw anotherBot(before, after);
  const theirs = walk(before, { limit, samples: samplesFor(before), shapes: true });
  const ground = groundOf(before, after, limit);
  const judged = judge(theirs, ground);
  const found = explore(before);
  const scripts = scriptsTo(before, found, theirs);
  const states = [...new Set(judged.map(({ state }) => state))].map((state): StateCompatibility => {
    const calls = judged.filter((one) => one.state === state);
    const obstacles = [...new Map(calls.flatMap((one) => one.obstacles).sort(byLength).reverse().map((one) => [`${one.cause} ${one.what}`, one])).values()].reverse();
    const shown = calls.filter((one) => obstacles.length === 0 || one.obstacles.length > 0).map(({ index }) => index);
    return { state, verdict: obstacles.length === 0 ? 'continues' : 'pinned', obstacles, way: wayThrough(theirs, shown[0] ?? 0), ...scripts(state, shown), calls: calls.length, steps: calls.reduce((sum, { steps }) => sum + steps, 0) };
  });
  const unseen = [...new Set([...found.moments, ...found.closing.map(({ moment }) => moment)].flatMap((moment) => (moment === null ? [] : [innermost(statesOf(moment))])))].filter((state) => !states.some((one) => one.state === state));
  return {
    bot: after.id, versions: { old: old.version, new: now.version }, ambiguous: old.version === now.version && chartText(before) !== chartText(after),
    states: [...states, ...unseen.map((state): StateCompatibility => ({ state, verdict: 'pinned', obstacles: [unwalked], way: [], script: scripts(state, []).script, confirmed: false, calls: 0, steps: 0 }))], complete: theirs.complete, certified: ground.certified, lacking: lackingIn(theirs.standings, before, ground.own.standings, after),
  };
};

/** What of a {@link Compatibility} says which calls go on. */
export interface Continuing extends Pick<Compatibility, 'bot' | 'versions'> {
  readonly states: readonly Pick<StateCompatibility, 'state' | 'verdict'>[];
}

/** Whether the call `snapshot` can go on with the new version, by what was found. One that has failed is said goodbye to by its own version. */
export const mayContinue = ({ bot, versions, states }: Continuing, snapshot: CallSnapshot): boolean => {
  const state = restingState(snapshot);
  return snapshot.bot === bot && snapshot.version === versions.old && !snapshot.failed && snapshot.ended === null && states.some((one) => one.state === state && one.verdict === 'continues');
};

/** The state that a call rests in: the innermost, `menu`, `order.size`, `pin/ask` in a dialog; of several regions each, joined by `, `. */
export const restingState = (snapshot: CallSnapshot): string => innermost(activeStates(snapshot));

const innermost = (states: readonly string[]): string => states.filter((one) => !states.some((other) => other.startsWith(`${one}.`) || other.startsWith(`${one}/`))).sort().join(', ');

const anotherBot = (before: AnyStateMachine, after: AnyStateMachine): CallError<'ERR_BOT_INVALID'> => {
  const problem = `the old bot is called \`${before.id}\` and the new one \`${after.id}\`: they are no versions of one bot`;
  return new CallError('ERR_BOT_INVALID', problem, { problems: [problem] });
};

const unwalked: Obstacle = { cause: 'unexamined', events: [], what: 'no call that was walked rests there: none of the values that were tried for what tasks give leads to it' };

const byLength = (one: Obstacle, other: Obstacle): number => one.events.length - other.events.length;

const chartText = (machine: AnyStateMachine): string => machinesOf(machine).map(toScxml).join();

/** What a task may give of which no codec tells, beside a text and nothing: a list of texts, which may be read as dates. */
const guesses: readonly unknown[] = [['2026-01-01']];

const samplesFor = (machine: AnyStateMachine): Samples => {
  const told = new Set(codedIn(machine));
  return (task) => (told.has(`${task.machine}: ${task.name}`) ? [] : guesses);
};

/** The tasks of a machine, and of the dialogs that it runs, that have a codec. */
const codedIn = (machine: AnyStateMachine): readonly string[] =>
  machinesOf(machine).flatMap(({ id, implementations }) => Object.entries(implementations.actors as Readonly<Record<string, unknown>>).flatMap(([name, logic]) => (isTaskLogic(logic) && logic.output !== undefined ? [`${id}: ${logic.task ?? name}`] : [])));

// ---- judging ----

/** What calls are judged by. */
interface Ground {
  readonly before: AnyStateMachine;
  readonly after: AnyStateMachine;
  readonly certified: boolean;
  /** All calls of the new version's own. */
  readonly own: Walk;
  /** Where they come to, and with contexts of which shape. */
  readonly known: ReadonlySet<string>;
  /** Outcomes that calls of the new version let pass as well, and what is thrown in them in the same states. */
  readonly passed: ReadonlySet<string>;
  readonly thrown: ReadonlySet<string>;
  readonly was: Stepper;
  readonly is: Stepper;
  readonly limit: number;
}

const groundOf = (before: AnyStateMachine, after: AnyStateMachine, limit: number): Ground => {
  const { certificate, followed, concluded: asked } = examine(after);
  const own = walk(after, { limit, samples: samplesFor(after), followed, asked, shapes: true });
  return {
    before, after, certified: certificate !== null, own, known: new Set(own.keys), passed: new Set(own.ignored.map(({ state, event }) => `${state} ${event}`)), thrown: new Set([...own.threw, ...own.illegal]), limit,
    was: stepper(before, { tries: true }), is: stepper(after, { followed, asked, tries: true }),
  };
};

/** A call of the old version at rest, and what stands in its way. */
interface Judged {
  readonly index: number;
  readonly state: string;
  readonly obstacles: readonly Obstacle[];
  readonly steps: number;
}

const judge = ({ standings, ...walked }: Walk, ground: Ground): readonly Judged[] => {
  const road = roadOf(ground);
  const returns = returnsIn(ground.before, { standings, ...walked });
  const firsts = standings.map((standing, index) => ({ index, state: restingState(standing.snapshot), ...firstSteps(standing, ground, road, (history) => returns(history, index)) }));
  const troubles = road.troubles();
  return firsts.map(({ index, state, obstacles, leads, steps }) => ({
    index, state, steps,
    obstacles: [
      ...(ground.certified ? [] : [{ cause: 'uncertified', events: [], what: 'it is not known whether every call of the new version ends: nothing can be said before `check` finds that' } as const]),
      ...obstacles,
      ...leads.flatMap(({ event, to }) => (troubles.get(to) ?? []).map((one) => ({ ...one, events: [event, ...one.events] }))),
    ],
  }));
};

/** A first step of a call with the new version, to a place that calls of the new version do not come to by themselves. */
interface Lead {
  readonly event: string;
  readonly to: number;
}

const hangup: Prospect = { name: 'call.ended', kind: 'input', silenceMs: 0, event: { type: 'service', at, events: [{ type: 'call.ended', reason: 'caller' }] } };

const firstSteps = (standing: Standing, ground: Ground, road: Road, returns: (history: string) => boolean): { readonly obstacles: readonly Obstacle[]; readonly leads: readonly Lead[]; readonly steps: number } => {
  const { before, after, was, is } = ground;
  const missing = misfits(before, after, standing.snapshot, returns);
  if (missing.length > 0) return { obstacles: missing.map((one) => ({ ...one, events: [] })), leads: [], steps: 0 };
  const moved = restoredOn(after, standing);
  const both = [...prospects(before, standing, at, samplesFor(before)), ...prospects(after, moved, at, samplesFor(after)), hangup];
  const all = [...new Map(both.map((one) => [JSON.stringify(one.event), one])).values()];
  const found = all.map((prospect) => {
    const [theirs, ours] = [was.take(standing, prospect.event), is.take(moved, prospect.event)];
    const excused = new Set(theirs.all.flatMap(faultsOf).map(withoutPlace));
    const leads = ours.all.filter(goesOn).flatMap(({ result }) => {
      const to = road.to(standingAfter(moved, result));
      return to === undefined ? [] : [{ event: prospect.name, to }];
    });
    return {
      leads, steps: ours.all.length,
      obstacles: [
        ...(ours.isWhole ? [] : [unexamined([prospect.name])]),
        ...ours.all.flatMap(faultsOf).filter((fault) => !ground.thrown.has(fault) && !excused.has(withoutPlace(fault))).map((what): Obstacle => ({ cause: 'abandoned', events: [prospect.name], what: withoutPlace(what) })),
        ...(heeds(theirs.all, ours.all) ? [] : [{ cause: 'unheeded', events: [prospect.name], what: 'nothing leads on from there' } as const]),
      ],
    };
  });
  return { obstacles: found.flatMap(({ obstacles }) => obstacles), leads: found.flatMap(({ leads }) => leads), steps: found.reduce((sum, { steps }) => sum + steps, 0) };
};

/** The call as a store keeps it, taken up by `machine`. */
const restoredOn = (machine: AnyStateMachine, { snapshot, batch }: Standing): Standing => ({ snapshot: { ...(JSON.parse(JSON.stringify(snapshot)) as CallSnapshot), version: requireBot(machine).version }, batch });

const goesOn = ({ error, result: { ignored, snapshot } }: Stepped): boolean => error === undefined && !ignored && snapshot.ended === null;

/** Why a step is abandoned, and what free guards threw. */
const faultsOf = ({ error, isRestless, thrown }: Stepped): readonly string[] => [
  ...(error === undefined ? [] : [isRestless ? 'the chart does not come to rest' : thrownText(error)]),
  ...thrown,
];

/** The same is thrown wherever somebody stands, and whatever the guard is called. */
const withoutPlace = (text: string): string => text.replace(/^(state|guard) `[^`]*`: /, '');

const unexamined = (events: readonly string[]): Obstacle => ({ cause: 'unexamined', events, what: 'more can become of it than was looked at' });

/** Whether the new version does something about an event wherever the old one does. */
const heeds = (theirs: readonly Stepped[], ours: readonly Stepped[]): boolean => {
  const was = theirs.filter(({ error }) => error === undefined).map(({ result }) => isHeeded(result));
  const is = ours.filter(({ error }) => error === undefined).map(({ result }) => isHeeded(result));
  if (is.length === 0 || !was.includes(true)) return true; // of what is abandoned something else is told
  return was.includes(false) ? is.includes(true) : !is.includes(false);
};

// ---- histories ----

/** Tells whether a call at a moment of a walk of `machine` can still come back by a history. */
const returnsIn = (machine: AnyStateMachine, { standings, ways, complete }: Walk): ((history: string, from: number) => boolean) => {
  const back = leaving(standings.length, ways.filter(({ from, to }) => from >= 0 && to >= 0).map(({ from, to }) => ({ from: to, to: from })));
  const sources = waysBack(machine);
  const returning = new Map([...sources].map(([history, states]) => {
    const here = standings.flatMap(({ snapshot }, index) => (actorsOf(machine, snapshot).some(({ logic, nodes }) => (isMachine(logic) && states.has(logic.id)) || nodes.some(({ id }) => states.has(id))) ? [index] : []));
    return [history, new Set([...here, ...here.flatMap((start) => [...shortest(back, start).keys()])])] as const;
  }));
  return (history, from) => !complete || returning.get(history)?.has(from) === true;
};

/** By its id each history in a machine and in the dialogs that it runs, with the ids of the states that lead to it. */
const waysBack = (machine: AnyStateMachine): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(machinesOf(machine).map(chartOf).flatMap(({ id, nodes, edges }) => {
    const idOf = (path: string): string => (path === '' ? id : `${id}.${path}`);
    return nodes.filter(({ type }) => type === 'history').map(({ path }) => [idOf(path), new Set(edges.filter(({ targets }) => targets.includes(path)).map(({ from }) => idOf(from)))] as const);
  }));

// ---- the road ----

/** Where calls of the old version stand with the new one, until they stand where its own calls come to. */
interface Road {
  /** The number of the place that `standing` is at; undefined where calls of the new version come to it by themselves. */
  to(standing: Standing): number | undefined;
  /** What calls run into from each place, by the shortest way. */
  troubles(): ReadonlyMap<number, readonly Obstacle[]>;
}

interface RoadWay {
  readonly from: number;
  readonly to: number;
  readonly event: string;
  readonly isInput: boolean;
  readonly meanwhile: boolean;
}

const roadOf = ({ after, is, known, passed, thrown, limit }: Ground): Road => {
  const numbers = new Map<string, number>();
  const places: Standing[] = [];

  const to = (standing: Standing): number | undefined => {
    const key = keyOf(is, standing);
    if (known.has(key)) return undefined;
    const number = numbers.get(key) ?? places.push(standing) - 1;
    numbers.set(key, number);
    return number;
  };

  const troubles = (): ReadonlyMap<number, readonly Obstacle[]> => {
    const found = new Map<number, Obstacle[]>();
    const ways: RoadWay[] = [];
    const meet = (place: number, obstacle: Obstacle): void => void found.set(place, [...(found.get(place) ?? []), obstacle]);
    for (let from = 0; from < places.length; from += 1) {
      if (from >= limit) {
        meet(from, unexamined([]));
        continue;
      }
      const standing = places[from] as Standing;
      for (const prospect of [...prospects(after, standing, at, samplesFor(after)), hangup]) {
        const { all, isWhole } = is.take(standing, prospect.event);
        if (!isWhole) meet(from, unexamined([prospect.name]));
        for (const what of all.flatMap(faultsOf).filter((fault) => !thrown.has(fault))) meet(from, { cause: 'abandoned', events: [prospect.name], what: withoutPlace(what) });
        for (const { result } of all.filter(goesOn)) {
          const state = nameOf(actorsOf(after, standing.snapshot), standing.snapshot.awaiting?.path ?? '');
          if (isUntaken(after, standing, prospect, result) && !passed.has(`${state} ${prospect.name}`)) meet(from, { cause: 'unheeded', events: [prospect.name], what: `nothing leads on from there in state \`${state}\`` });
          const next = to(standingAfter(standing, result));
          if (next !== undefined) ways.push({ from, to: next, event: prospect.name, isInput: prospect.kind === 'input', meanwhile: isMeanwhile(standing, result) });
        }
      }
    }
    for (const part of rounds(leaving(places.length, ways.filter(({ isInput }) => !isInput)), ({ meanwhile }) => meanwhile)) for (const place of part) meet(place, endless(places[place] as Standing));
    return spread(found, ways);
  };

  return { to, troubles };
};

const endless = ({ snapshot }: Standing): Obstacle => ({ cause: 'endless', events: [], what: `from state \`${restingState(snapshot)}\` on the call can go round without the caller’s doing` });

/** What is met at a place is met from everywhere that leads there: the nearest first, and of each kind one. */
const spread = (found: ReadonlyMap<number, readonly Obstacle[]>, ways: readonly RoadWay[]): ReadonlyMap<number, readonly Obstacle[]> => {
  const met = new Map<number, Map<string, Obstacle>>();
  const queue = [...found].flatMap(([place, obstacles]) => obstacles.map((obstacle) => ({ place, obstacle })));
  const leadingTo = new Map<number, RoadWay[]>();
  for (const way of ways) leadingTo.set(way.to, [...(leadingTo.get(way.to) ?? []), way]);
  for (let next = 0; next < queue.length; next += 1) {
    const { place, obstacle } = queue[next] as (typeof queue)[number];
    const here = met.get(place) ?? new Map<string, Obstacle>();
    met.set(place, here);
    if (here.has(`${obstacle.cause} ${obstacle.what}`)) continue;
    here.set(`${obstacle.cause} ${obstacle.what}`, obstacle);
    for (const { from, event } of leadingTo.get(place) ?? []) queue.push({ place: from, obstacle: { ...obstacle, events: [event, ...obstacle.events] } });
  }
  return new Map([...met].map(([place, here]) => [place, [...here.values()]]));
};

// ---- what contexts lack ----

/** Names that every call of the new version has in the contexts of a machine, and some of the old one has not. */
const lackingIn = (theirs: readonly Standing[], before: AnyStateMachine, own: readonly Standing[], after: AnyStateMachine): readonly string[] => {
  const namesIn = (machine: AnyStateMachine, { snapshot }: Standing): readonly (readonly [machine: string, names: ReadonlySet<string>])[] =>
    actorsOf(machine, snapshot).flatMap(({ logic, chart: { context } }) => (context === undefined ? [] : [[(logic as AnyStateMachine).id, new Set(Object.entries(context).filter(([, value]) => value !== undefined).map(([name]) => name))] as const]));
  const always = new Map<string, ReadonlySet<string>>();
  for (const [id, names] of own.flatMap((standing) => namesIn(after, standing))) always.set(id, new Set([...(always.get(id) ?? names)].filter((name) => names.has(name))));
  return [...new Set(theirs.flatMap((standing) => namesIn(before, standing)).flatMap(([id, names]) => [...(always.get(id) ?? [])].filter((name) => !names.has(name)).map((name) => `${id}: ${name}`)))].sort();
};

// ---- ways and scripts ----

/** What happens in a walk until it comes to the moment `end`. */
const wayThrough = ({ moments, ways }: Walk, end: number): readonly string[] => {
  const shifted = ways.filter(({ to }) => to >= 0).map(({ from, to, name }) => ({ from: from + 1, to: to + 1, name })); // before the call is 0
  return wayTo(shortest(leaving(moments + 1, shifted), 0), end + 1).map(({ name }) => name);
};

/** More scripts than these are not played for one state. */
const mostPlayed = 24;

/** Finds a caller who comes to a state, at best to one of the moments `wanted` of `walked`. */
const scriptsTo = (machine: AnyStateMachine, found: Exploration, walked: Walk): ((state: string, wanted: readonly number[]) => { readonly script: CallerScript | null; readonly confirmed: boolean }) => {
  const reach = shortest(leaving(found.moments.length, plainFirst(found.ways)), ringing);
  const before = (from: number): readonly Passage[] => (from === ringing ? [] : wayTo(reach, from));
  const plain = stepper(machine);
  return (state, wanted) => {
    const moments = new Set(wanted.map((index) => plain.moment(walked.standings[index] as Standing)));
    const scripts = [
      ...found.moments.flatMap((moment, index) => (moment !== null && index !== ringing && innermost(statesOf(moment)) === state ? [scriptOf(before(index))] : [])),
      ...found.closing.flatMap(({ moment, from, happening, decided }) => (innermost(statesOf(moment)) === state ? [scriptOf([...before(from), { happening, decided }])] : [])),
    ].filter((script) => script !== null);
    const confirmed = scripts.slice(0, mostPlayed).find((script) => leadsTo(machine, script, moments));
    return { script: confirmed ?? scripts[0] ?? null, confirmed: confirmed !== undefined };
  };
};

const leadsTo = (machine: AnyStateMachine, script: CallerScript, moments: ReadonlySet<string>): boolean => {
  const played = play(machine, script);
  return played.error === null && moments.has(played.moments.at(-1) ?? '');
};
