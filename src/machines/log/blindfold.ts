/**
 * Blindfold — a bot that is told what a masked log has of a call. A guard that looks at what the log leaves out says what it said in the other version,
 * if it stands there as well and is written the same; of any other nobody knows what it would have said, and that is noted. So it is of whatever else is
 * computed where it is written otherwise: both versions have computed it out of what stands for what was left out.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type Asked, supposing } from '../check/supposing.ts';
import { actorsOf, type Standing } from '../check/standing.ts';
import { hidden } from '../secret.ts';
import type { StepEvent } from '../step.ts';
import type { Move } from '../observe.ts';
import { type Answers, sameGuards } from './answers.ts';
import { rewrittenBetween } from './functions.ts';

/** A bot that is led without seeing all. */
export interface Blindfolded {
  readonly machine: AnyStateMachine;
  /** Before a call. */
  rings(): void;
  /** Before a step: what the guards of the other version said in the same one; and whether it stands in the same states, so that those which said nothing did not hold. */
  begins(answers: Answers, isSamePlace: boolean): void;
  /** After it: why nobody knows what would have come of it, if something has looked at what is not there. */
  ends(event: StepEvent, before: Standing | undefined, after: Standing, moves: readonly Move[]): string | undefined;
  /** The same of a step of the other version. */
  was(moves: readonly Move[], before: Standing | undefined): string | undefined;
}

/** `next`, as a masked log of `old` finds it. */
export const blindfolded = (old: AnyStateMachine, next: AnyStateMachine): Blindfolded => {
  const same = sameGuards(old, next);
  const rewritten = rewrittenBetween(old, next);
  const unknown = new Set<string>(); // names in contexts of what came of something that is left out
  let known: Answers = new Map();
  let told: { readonly guard: string; readonly about: Asked; readonly holds: boolean }[] = []; // the same guard, asked about the same, says the same
  let isSame = true;
  let looked: string | undefined;

  const toldBefore = (guard: string): boolean | undefined => {
    const was = same.get(guard);
    const answer = was === undefined ? null : known.get(was);
    if (answer === null) return undefined;
    return answer !== undefined && told.filter((one) => one.guard === guard).length < answer.times ? answer.holds : isSame ? false : undefined;
  };

  const machine = supposing(next, (guard, evaluate, about) => {
    const before = told.find((one) => one.guard === guard && one.about.context === about.context && one.about.event === about.event);
    if (before !== undefined) return before.holds;
    const own = ownAnswer(evaluate, about, unknown);
    if (own.isSeeing) return own.holds();
    const said = toldBefore(guard);
    if (said === undefined) looked ??= guard;
    told.push({ guard, about, holds: said ?? false });
    return said ?? false;
  });

  return {
    machine,
    rings: () => {
      unknown.clear();
      [known, told, isSame, looked] = [new Map(), [], true, undefined];
    },
    begins: (answers, isSamePlace) => {
      known = answers;
      isSame = isSamePlace;
      told = [];
      looked = undefined;
    },
    was: (moves, before) => whyOf(rewritten.old(moves, before)),
    ends: (event, before, after, moves) => {
      if (unknown.size > 0 || leavesOut(event)) for (const name of changed(next, before, after)) unknown.add(name);
      return looked === undefined ? whyOf(rewritten.next(moves, before)) : `the guard \`${looked}\` looks at what a masked log leaves out`;
    },
  };
};

const whyOf = ([place]: readonly string[]): string | undefined => (place === undefined ? undefined : `what is computed at \`${place}\` is written otherwise, and a masked log may leave out what it looks at`);

/** What a guard says by itself, and whether it could see all that it looked at. */
const ownAnswer = (evaluate: (about?: Asked) => boolean, about: Asked, unknown: ReadonlySet<string>): { readonly isSeeing: boolean; readonly holds: () => boolean } => {
  let isSeeing = true;
  try {
    const holds = evaluate(watched(about, unknown, () => {
      isSeeing = false;
    }));
    return { isSeeing, holds: () => holds };
  } catch (error) {
    return { isSeeing, holds: () => { throw error; } };
  }
};

/** Whether anything of `event` is left out. */
const leavesOut = (event: StepEvent): boolean => {
  if (event.type === 'service') return event.events.some(({ type }) => type === 'recognize.input' || type === 'record.done' || type === 'raw.ended' || type === 'call.incoming');
  return event.type === 'task' && event.result.type === 'task.done' && isLeftOut(event.result.output);
};

const isLeftOut = (value: unknown): boolean => (typeof value === 'object' && value !== null ? Object.values(value).some(isLeftOut) : isBlank(value));

/** What stands for a text, for digits or for a number. */
const isBlank = (value: unknown): boolean => (typeof value === 'string' ? value.includes(hidden) || /^0+$/.test(value) : value === 0);

/** Names in the contexts of the actors that hold something else now. */
const changed = (machine: AnyStateMachine, before: Standing | undefined, after: Standing): readonly string[] => {
  const was = before === undefined ? new Map<string, Context>() : contextsOf(machine, before);
  return [...contextsOf(machine, after)].flatMap(([path, context]) => Object.keys(context).filter((name) => name !== 'call' && JSON.stringify(context[name]) !== JSON.stringify(was.get(path)?.[name])));
};

type Context = Readonly<Record<string, unknown>>;

const contextsOf = (machine: AnyStateMachine, { snapshot }: Standing): ReadonlyMap<string, Context> => new Map(actorsOf(machine, snapshot).map(({ path, chart }) => [path, (chart.context ?? {}) as Context]));

/** `args` for a guard; `looks` is called when it reads what is not there. */
const watched = ({ context, event }: Asked, unknown: ReadonlySet<string>, looks: () => void): Asked => {
  const seen = (value: unknown, isMissing: (leaf: unknown) => boolean): unknown => {
    if (typeof value === 'object' && value !== null) return parts(value, () => isMissing);
    if (isMissing(value)) looks();
    return value;
  };
  const parts = (object: object, missing: (name: string) => (leaf: unknown) => boolean): object =>
    new Proxy(Array.isArray(object) ? [...(object as readonly unknown[])] : { ...object }, {
      get: (target, name) => (typeof name === 'string' && name !== 'length' && Object.hasOwn(target, name) ? seen(Reflect.get(target, name), missing(name)) : Reflect.get(target, name)),
    });
  return {
    context: parts(context as object, (name) => (unknown.has(name) ? always : isBlankText)),
    event: parts(event as object, (name) => (callers.has(name) ? always : isBlank)),
  };
};

/** What of an event is the caller's own. */
const callers: ReadonlySet<string> = new Set(['digits', 'phrase', 'confidence', 'choice', 'recording', 'fields']);

const always = (): boolean => true;
const isBlankText = (value: unknown): boolean => typeof value === 'string' && isBlank(value);
