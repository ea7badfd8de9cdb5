/**
 * Walker — goes through every moment that a call of a bot can come to, on the real core, event by event: slow, simple, and what a
 * cleverer check is held against.
 *
 * Guards of the author's are free: at each event, all their answers are tried. What the author's own data would forbid is walked
 * all the same. Everything that happens takes no time, but counts the silence that it would take.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { configurations } from '../configurations.ts';
import type { CallInput } from '../service-event.ts';
import type { PendingTimer } from '../snapshot.ts';
import { step, type StepEvent, type StepResult } from '../step.ts';
import type { Longest } from './finding.ts';
import { type Prospect, type ProspectKind, prospects, type Samples } from './prospects.ts';
import { shapeOf } from './shape.ts';
import { actorsOf, attemptsOf, momentOf, nameOf, says, type Standing, standingAfter } from './standing.ts';
import { type Asked, guardPlaces, supposing } from './supposing.ts';

/** How far to walk. */
export interface WalkOptions {
  /** Moments, at most. Default 5,000. */
  readonly limit?: number;
  /** What else a task may give. */
  readonly samples?: Samples;
  /** Names in contexts, behind their machine (`shop: tries`): guards that look at these alone are asked, and not free; moments differ by them. */
  readonly followed?: readonly string[];
  /** Guards that are asked, whatever they look at, and not free. */
  readonly asked?: readonly string[];
  /** Whether moments differ by the shape of their contexts as well, up to {@link mostShapes} of each; and free guards are tried, for what they throw. */
  readonly shapes?: boolean;
}

/** What happens at a moment, and what comes of it. */
export interface WalkedWay {
  /** Number of the moment; -1 before the call. */
  readonly from: number;
  /** Number of the moment that it leads to; -1 when the call is over. */
  readonly to: number;
  readonly name: string;
  readonly kind: ProspectKind;
  /** The guards that were asked, and how they were answered. */
  readonly guards: readonly (readonly [guard: string, holds: boolean])[];
  readonly weight: Longest;
  /** Whether it happens while the service says or does something that ends by itself, and goes on doing it. It does not do so for ever. */
  readonly meanwhile: boolean;
}

/** An outcome that nobody took. */
export interface IgnoredOutcome {
  readonly state: string;
  readonly event: string;
}

/** What was found on the way. */
export interface Walk {
  readonly moments: number;
  /** Each moment, by its number, as `play` has it too. */
  readonly keys: readonly string[];
  /** A call at each moment, by its number. */
  readonly standings: readonly Standing[];
  readonly ways: readonly WalkedWay[];
  /** Whether everything was walked. */
  readonly complete: boolean;
  /** Every state that was active, as `machine.path`. */
  readonly states: ReadonlySet<string>;
  /** Names of the states in which a call was ended, or refused, that no state had ended. */
  readonly deadEnds: ReadonlySet<string>;
  readonly ignored: readonly IgnoredOutcome[];
  /** Messages of the batches that cannot be sent. */
  readonly illegal: ReadonlySet<string>;
  /** Messages of what the author's code threw. */
  readonly threw: ReadonlySet<string>;
  /** Names of the states out of which the chart does not come to rest. */
  readonly restless: ReadonlySet<string>;
  /** Whether the call can go round without input. */
  readonly endless: boolean;
  /** Whether it can go round on silence alone. */
  readonly silent: boolean;
  /** Whether it can go round on silence and input that matches nothing. */
  readonly wrong: boolean;
  /** Null when endless. Each measure is the most by itself. */
  readonly withoutInput: Longest | null;
  /** Null when the call can go round at all. */
  readonly whole: Longest | null;
}

/** The time at which everything happens: what a timer was set for is then what is left of it. */
export const at = 0;

const call: CallInput = { id: 'walk', from: '+10000000000', to: '+10000000001', direction: 'inbound', headers: {} };

/** Answers within one step, at most: a chart that asks more has no rest. */
const mostAnswers = 16;

/** States entered within one step, at most: XState gives up there as well. */
const mostEntered = 1_000;

/** Contexts of different shape that are told apart at one moment. */
const mostShapes = 8;

/** Ways to answer the guards of one step, at most: behind more of them nobody walks on. */
const mostTries = 256;

/** Walks through all that can happen in a call of `machine`. */
export const walk = (machine: AnyStateMachine, { limit = 5_000, samples = () => [], followed = [], asked = [], shapes = false }: WalkOptions = {}): Walk => {
  const stepping = stepper(machine, { followed, asked, tries: shapes });
  const standings: Standing[] = [];
  const numbers = new Map<string, number>();
  const keys: string[] = [];
  const shapesAt = new Map<string, number>();
  const ways: WalkedWay[] = [];
  const deadEnds = new Set<string>();
  const ignored = new Map<string, IgnoredOutcome>();
  const illegal = new Set<string>();
  const threw = new Set<string>();
  const restless = new Set<string>();
  let complete = true;
  let isCut = false;

  const numberOf = (standing: Standing): number | undefined => {
    const moment = stepping.moment(shapes ? once(standing) : standing);
    const count = shapesAt.get(moment) ?? 0;
    const key = shapes ? keyOf(stepping, standing) : moment;
    const known = numbers.get(key) ?? (count >= mostShapes ? numbers.get(moment) : undefined);
    if (known !== undefined) return known;
    if (standings.length >= limit) return undefined;
    shapesAt.set(moment, count + 1);
    if (count === 0) numbers.set(moment, standings.length);
    numbers.set(key, standings.length);
    keys.push(key);
    return standings.push(standing) - 1;
  };

  const goWrong = (before: Standing | undefined, { error, isRestless }: Stepped): void => {
    if (isRestless) restless.add(before === undefined ? 'idle' : stateOf(before));
    else if (error?.code === 'ERR_BATCH_ILLEGAL') illegal.add(error.message);
    else threw.add(thrownText(error));
  };

  const happen = (from: number, prospect: Prospect): void => {
    const before = standings[from];
    const seen = new Set<string>();
    const { all, isWhole } = stepping.take(before, prospect.event);
    if (!isWhole) isCut = true;
    for (const stepped of all) {
      const { result, guards } = stepped;
      if (stepped.error !== undefined) goWrong(before, stepped);
      for (const thrown of stepped.thrown) threw.add(thrown);
      if (stepped.error?.code === 'ERR_BATCH_ILLEGAL') ways.push({ from, to: -1, name: prospect.name, kind: prospect.kind, guards, weight: { prompts: 0, reprompts: 0, silenceMs: prospect.silenceMs }, meanwhile: false });
      if (stepped.error !== undefined || result.ignored) continue;
      const after = standingAfter(before, result);
      if (before !== undefined && isUntaken(stepping.machine, before, prospect, result)) {
        const one = { state: nameOf(actorsOf(stepping.machine, before.snapshot), before.snapshot.awaiting?.path ?? ''), event: prospect.name };
        ignored.set(JSON.stringify(one), one);
      }
      if (stepped.closesItself) deadEnds.add(stateOf(after));
      const to = result.snapshot.ended !== null ? -1 : numberOf(after);
      if (to === undefined) complete = false;
      else {
        const weight = weightOf(stepping.machine, after, result, prospect.silenceMs);
        const way = JSON.stringify([to, weight]);
        if (!seen.has(way)) ways.push({ from, to, name: prospect.name, kind: prospect.kind, guards, weight, meanwhile: isMeanwhile(before, result) });
        seen.add(way);
      }
    }
  };

  happen(-1, { name: 'call.incoming', kind: 'input', silenceMs: 0, event: { type: 'service', at, events: [{ type: 'call.incoming', call }] } });
  for (let next = 0; next < standings.length && !isCut; next += 1) {
    if (next === 0) happen(next, { name: 'call.ended', kind: 'input', silenceMs: 0, event: { type: 'service', at, events: [{ type: 'call.ended', reason: 'caller' }] } });
    for (const prospect of prospects(stepping.machine, standings[next] as Standing, at, samples)) happen(next, prospect);
  }
  return { moments: standings.length, keys, standings, ways, complete: complete && !isCut, states: stepping.states, deadEnds, ignored: [...ignored.values()], illegal, threw, restless, ...measured(standings.length, ways) };
};

const delayMs = ({ dueAt }: PendingTimer): number => dueAt - at;

/** The moment of `standing` with the shape of its contexts, as one text. How often the same is parked makes no difference: there is no end of it. */
export const keyOf = ({ machine, moment }: Stepper, standing: Standing): string => `${moment(once(standing))} ${shapeOf(machine, standing.snapshot)}`;

const once = ({ snapshot, batch }: Standing): Standing => (snapshot.parked.length < 2 ? { snapshot, batch } : { snapshot: { ...snapshot, parked: [...new Map(snapshot.parked.map((one) => [JSON.stringify(one), one])).values()] }, batch });

/** What the author's code threw, as a text. */
export const thrownText = (error: Stepped['error']): string => (error?.cause instanceof Error ? `${error.message}: ${error.cause.message}` : String(error?.message));

/** Where the call stands, as people name it: the innermost of its dialogs, else the bot. */
const stateOf = ({ snapshot }: Standing): string => configurations(snapshot).at(-1) ?? 'idle';

/** What the service comes to the end of, whatever anybody does. */
const passes: readonly (string | undefined)[] = ['play', 'answer', 'hold', 'unhold'];

/** Whether the service still works on what it worked on `before`, and that comes to its end by itself. */
export const isMeanwhile = (before: Standing | undefined, { snapshot: { awaiting } }: StepResult): boolean => {
  const was = before?.snapshot.awaiting ?? null;
  return was !== null && awaiting !== null && was.revision === awaiting.revision && passes.includes(was.types.at(-1));
};

/** What is said and waited for when the call comes to stand where it is `after`. */
const weightOf = (machine: AnyStateMachine, after: Standing, { batch }: StepResult, silenceMs: number): Longest => {
  const { awaiting } = after.snapshot;
  const last = batch.at(-1)?.type;
  const isAskedAgain = awaiting !== null && (last === 'recognize' || last === 'record') && attemptsOf(actorsOf(machine, after.snapshot), awaiting.path) > 1;
  return { prompts: batch.filter(says).length, reprompts: isAskedAgain ? 1 : 0, silenceMs };
};

// ---- steps ----

/** One of the things that an event can come to. */
export interface Stepped {
  readonly result: StepResult;
  readonly error: StepResult['error'];
  readonly guards: readonly (readonly [guard: string, holds: boolean])[];
  /** The call is hung up on or refused, and no state has asked for that. */
  readonly closesItself: boolean;
  readonly isRestless: boolean;
  /** What free guards threw that were tried. */
  readonly thrown: readonly string[];
}

/** Steps calls of a machine, each guard both ways. */
export interface Stepper {
  /** The machine, with its guards free. */
  readonly machine: AnyStateMachine;
  /** What tells where a call stands from other places. */
  moment(standing: Standing): string;
  /** Every state that was entered. */
  readonly states: ReadonlySet<string>;
  /** All that `event` can come to, by the answers of the guards that are asked; and whether that is really all. */
  take(before: Standing | undefined, event: StepEvent): { readonly all: readonly Stepped[]; readonly isWhole: boolean };
}

/** Names by machine. */
type Names = ReadonlyMap<string, ReadonlySet<string>>;

const namesOf = (followed: readonly string[]): Names => {
  const names = new Map<string, Set<string>>();
  for (const one of followed) {
    const [machine = '', name = ''] = one.split(': ');
    names.set(machine, (names.get(machine) ?? new Set()).add(name));
  }
  return names;
};

/** What a guard is stopped with that looks at anything else. Thrown again and again: making an error, with all that leads to it, takes longer than asking the guard. */
const elsewhere = new Error('the guard looks at what nobody follows');

/** What a guard says, if it looks at nothing but `names` in the context, how often the question was asked, and which event it is about; else undefined. */
const saidOf = (names: ReadonlySet<string> | undefined, evaluate: (about?: Asked) => boolean, { context, event }: Asked): boolean | undefined => {
  let looks = 0;
  let looksAway = false;
  const only = (object: unknown, known: (name: string) => boolean, inner: (value: unknown, name: string) => unknown = (value) => value): object =>
    new Proxy(object as object, {
      get: (target, name) => {
        looks += 1;
        if (known(String(name))) return inner(Reflect.get(target, name), String(name));
        looksAway = true;
        throw elsewhere;
      },
    });
  const call = (value: unknown): object => only({ ...(value as object) }, (name) => name === 'asked', (asked) => only({ ...(asked as object) }, (name) => name === 'attempts'));
  const seen = only({ ...(context as object) }, (name) => name === 'call' || names?.has(name) === true, (value, name) => (name === 'call' ? call(value) : value));
  try {
    const said = evaluate({ context: seen, event: only({ ...(event as object) }, (name) => name === 'type') });
    return looksAway || (names === undefined && looks === 0) ? undefined : said;
  } catch {
    return undefined;
  }
};

/** A stepper of the machine `original`. Free guards that are tried say nothing by it, but for what they throw. */
export const stepper = (original: AnyStateMachine, { followed = [], asked: real = [], tries = false }: Pick<WalkOptions, 'followed' | 'asked'> & { readonly tries?: boolean } = {}): Stepper => {
  const names = namesOf(followed);
  const places = real.length === 0 ? new Map<string, string>() : guardPlaces(original);
  const isReal = new Set(real.map((place) => places.get(place)));
  const states = new Set<string>();
  const closings = new WeakSet<object>();
  let answers: boolean[] = [];
  let asked: (Asked & { readonly guard: string; readonly holds: boolean })[] = [];
  let entered = 0;
  let isClosing = false;
  let isRestless = false;
  let thrown: string[] = [];

  const machine = supposing(
    original,
    (guard, evaluate, { context, event }) => {
      const said = saidOf(names.get(guard.slice(0, guard.search(/[. ]/))), evaluate, { context, event });
      if (said !== undefined) return said;
      if (isReal.has(guard)) return Boolean(evaluate());
      const known = asked.find((one) => one.guard === guard && one.context === context && one.event === event); // a guard is a function of these
      if (known !== undefined) return known.holds;
      if (asked.length >= mostAnswers) {
        isRestless = true;
        throw new Error('too many guards were asked');
      }
      const holds = answers[asked.length] ?? false;
      asked.push({ guard, context, event, holds });
      if (tries) attempt(guard, evaluate);
      return holds;
    },
    {
      entered: (name, state) => {
        states.add(`${name}.${state}`);
        entered += 1;
        if (entered > mostEntered) {
          isRestless = true;
          throw new Error('too many states were entered');
        }
      },
      closing: (params) => {
        closings.add(params);
        isClosing = true;
      },
    },
  );

  const attempt = (guard: string, evaluate: () => boolean): void => {
    try {
      evaluate();
    } catch (error) {
      thrown.push(`guard \`${guard}\`: the bot's code threw: ${error instanceof Error ? error.message : ''}`);
    }
  };

  const steppedBy = (before: Standing | undefined, event: StepEvent): Stepped => {
    asked = [];
    thrown = [];
    entered = 0;
    isRestless = false;
    isClosing = before?.snapshot.parked.some(({ action }) => action.type === 'hangup' || action.type === 'reject') ?? false;
    const result = step(machine, before?.snapshot, event);
    const last = result.batch.at(-1);
    const closes = last?.type === 'hangup' ? !closings.has(last.params) : last?.type === 'reject' && !closings.has(last.params) && !isClosing; // a hangup becomes a refusal where nothing was answered
    const isDone = (result.snapshot.machine as { readonly status?: unknown } | null)?.status === 'done';
    return {
      result, error: result.error, guards: asked.map(({ guard, holds }) => [guard, holds]),
      closesItself: closes && !isDone && !isBareHangup(before, result), isRestless: isRestless || isLoop(result.error?.cause), thrown,
    };
  };

  return {
    machine, states,
    moment: (standing) => momentOf(machine, standing, delayMs, (id) => names.get(id) ?? new Set()),
    take: (before, event) => {
      const all: Stepped[] = [];
      answers = [];
      for (;;) {
        all.push(steppedBy(before, event));
        const last = asked.findLastIndex(({ holds }) => !holds);
        if (last < 0 || all.length >= mostTries) return { all, isWhole: last < 0 };
        answers = [...asked.slice(0, last).map(({ holds }) => holds), true];
      }
    },
  };
};

/** Whether what is sent is the hangup by itself that is tried when a closing batch has failed. */
const isBareHangup = (before: Standing | undefined, { batch }: StepResult): boolean => batch.length === 1 && before?.batch.at(-1)?.type === 'hangup';

const isLoop = (cause: unknown): boolean => cause instanceof Error && /^Infinite loop detected|did not come to rest/.test(cause.message);

/** Whether a transition was taken, or the call is over. */
export const isHeeded = ({ moves, snapshot: { ended } }: StepResult): boolean => ended !== null || moves.some(({ transitions }) => transitions.length > 0);

/** Whether the call waited for what happened, and nobody took it. */
export const isUntaken = (machine: AnyStateMachine, { snapshot }: Standing, { event }: Prospect, result: StepResult): boolean => {
  const { awaiting, parked } = snapshot;
  if ((snapshot.machine as { readonly status?: unknown } | null)?.status === 'done') return false; // nobody is left to take anything
  if (isHeeded(result) || awaiting === null || event.type !== 'service' || !event.events.some((one) => 'operationId' in one)) return false;
  const last = awaiting.types.at(-1);
  if (last === 'hangup' || last === 'reject') return false;
  return parked.length === 0 || isStillOpen(machine, { snapshot, batch: [] });
};

/** Whether a question is still open although something is parked behind it: that only speaks, and is somebody else's. */
const isStillOpen = (machine: AnyStateMachine, { snapshot: { awaiting, parked }, snapshot }: Standing): boolean => {
  if (awaiting === null || awaiting.node === null) return false;
  if (parked.some(({ action, path, node }) => action.type === 'recognize' || action.type === 'record' || (path === awaiting.path && node === awaiting.node))) return false;
  return actorsOf(machine, snapshot).some(({ path, nodes }) => path === awaiting.path && nodes.some(({ id }) => id === awaiting.node));
};

// ---- measures ----

type Measures = Pick<Walk, 'endless' | 'silent' | 'wrong' | 'withoutInput' | 'whole'>;

const measured = (count: number, ways: readonly WalkedWay[]): Measures => {
  const of = (...kinds: readonly ProspectKind[]): readonly WalkedWay[] => ways.filter(({ from, kind }) => from >= 0 && kinds.includes(kind));
  const without = ways.filter(({ from, kind }) => from >= 0 && kind !== 'input');
  const all = ways.filter(({ from }) => from >= 0);
  const beginning = ways.filter(({ from }) => from < 0);
  const withoutInput = longestOf(count, without, ways.filter(({ from, kind }) => from < 0 || kind === 'input'));
  return {
    endless: withoutInput === null, silent: order(count, of('noinput')) === null, wrong: order(count, of('noinput', 'nomatch')) === null,
    withoutInput, whole: longestOf(count, all, beginning),
  };
};

/** The longest way that begins with one of `first` and goes on by `all`; null when these go round. While something is said, nothing goes round, and there is no silence. */
const longestOf = (count: number, all: readonly WalkedWay[], first: readonly WalkedWay[]): Longest | null => {
  const firsts = together(count, all);
  const firstOf = (moment: number): number => firsts[moment] ?? moment;
  const ways = all.map((way) => ({ ...way, from: firstOf(way.from), to: firstOf(way.to) })).filter(({ from, to, meanwhile }) => !meanwhile || from !== to);
  const sorted = order(count, ways);
  if (sorted === null) return null;
  const leaving = leavingOf(count, ways);
  const most = (measure: keyof Longest): number => {
    const left = Array.from<number>({ length: count }).fill(0);
    const along = ({ to, weight }: WalkedWay): number => weight[measure] + (to < 0 ? 0 : (left[firstOf(to)] as number));
    for (const moment of sorted) left[moment] = (leaving[moment] as readonly WalkedWay[]).reduce((longest, way) => Math.max(longest, along(way)), 0);
    return first.reduce((longest, way) => Math.max(longest, along(way)), 0);
  };
  return { prompts: most('prompts'), reprompts: most('reprompts'), silenceMs: most('silenceMs') };
};

/** For each moment the first of those that it goes round with while something is said; itself, where there are none. */
const together = (count: number, ways: readonly WalkedWay[]): readonly number[] => {
  const during = ways.filter(({ to, meanwhile }) => meanwhile && to >= 0);
  const onward = leavingOf(count, during);
  const back = leavingOf(count, during.map((way) => ({ ...way, from: way.to, to: way.from })));
  const firsts = Array.from({ length: count }, (_, moment) => moment);
  const sorted = new Set<number>();
  for (const { from } of during) {
    if (sorted.has(from)) continue;
    const behind = reached(back, from);
    for (const moment of reached(onward, from)) {
      if (!behind.has(moment)) continue;
      firsts[moment] = from;
      sorted.add(moment);
    }
  }
  return firsts;
};

/** Where the ways lead from `start`, and `start` itself. */
const reached = (leaving: readonly (readonly WalkedWay[])[], start: number): ReadonlySet<number> => {
  const met = new Set([start]);
  for (const moment of met) for (const { to } of leaving[moment] as readonly WalkedWay[]) met.add(to); // a set goes on to what is added meanwhile
  return met;
};

/** The moments, each behind those that `ways` lead to from it; null when these go round. */
const order = (count: number, ways: readonly WalkedWay[]): readonly number[] | null => {
  const leaving = leavingOf(count, ways);
  const marks = Array.from<'new' | 'open' | 'done'>({ length: count }).fill('new');
  const sorted: number[] = [];
  for (let start = 0; start < count; start += 1) {
    const path = marks[start] === 'new' ? [{ moment: start, next: 0 }] : [];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      marks[top.moment] = 'open';
      const way = leaving[top.moment]?.[top.next];
      top.next += 1;
      if (way === undefined) {
        marks[top.moment] = 'done';
        sorted.push(top.moment);
        path.pop();
      } else if (way.to >= 0) {
        if (marks[way.to] === 'open') return null;
        if (marks[way.to] === 'new') path.push({ moment: way.to, next: 0 });
      }
    }
  }
  return sorted;
};

const leavingOf = (count: number, ways: readonly WalkedWay[]): readonly (readonly WalkedWay[])[] => {
  const leaving = Array.from({ length: count }, (): WalkedWay[] => []);
  for (const way of ways) leaving[way.from]?.push(way);
  return leaving;
};
