/**
 * Happenings — everything that can happen next to a call that stands at a moment: the endings of what the service works on, the timers that
 * are set, the tasks that are waited for.
 *
 * Tasks are adversaries: they end in any way, with anything that their codec takes. The line's own end is not here: it ends every call.
 *
 * @module
 */
import { type AskedAction, type Choice, type Recognize, type Record as RecordParams, words } from '../../actions/index.ts';
import { idAt, parentOf } from '../chart.ts';
import type { Delivery, Event, TaskEnd } from './delivery.ts';
import { mayGoOn, mayTake } from './taking.ts';
import { type ScriptAct, type ServiceOutcome, strayWords } from './caller-script.ts';
import { factsAt } from './legality.ts';
import { actorIn, isPending, type Moment, tasksOf, type Waiting } from './moment.ts';
import { ellipsis, partly, unknown } from './partial.ts';
import { answers, concrete, example } from './answers.ts';
import type { TaskLogic } from '../task-logic.ts';
import { patienceOf, says, type Wording } from './wording.ts';

/** What kind of thing happens, by who does it: the caller, the line, the service (that fails, or is done with what it says), the other party, the bot’s own tasks and timers. */
export type Cause = 'input' | 'line' | 'noinput' | 'nomatch' | 'failed' | 'party' | 'done' | 'task' | 'timer';

/** Something that can happen. */
export interface Happening {
  readonly cause: Cause;
  /** The event, as people name it. */
  readonly what: string;
  /** Null where it ends the call by itself. */
  readonly delivery: Delivery | null;
  readonly silenceMs: number;
  /** How a script has it happen; null where a script cannot. */
  readonly act: ScriptAct | null;
}

/** Whether it is the caller who gives what was asked for, or somebody who comes and goes on the line. */
export const isInput = (cause: Cause): boolean => cause === 'input' || cause === 'line';

/** All that can happen at `moment`. */
export const happenings = (moment: Moment, wording: Wording): readonly Happening[] => [
  ...(moment.waiting === null ? [] : outcomes(moment, moment.waiting, wording)),
  ...(moment.done ? [] : others(moment)),
  ...(moment.waiting === null && (moment.parked.length > 0 || moment.done || !isPending(moment)) ? [due] : []),
];

/** A change of the line has moved the call: its batch waits until the service asks. */
const due: Happening = { cause: 'done', what: 'the service asks again', delivery: { to: 'due' }, silenceMs: 0, act: null };

/** What happens without the service. */
const others = (moment: Moment): readonly Happening[] => [
  ...tasks(moment),
  ...moment.timers.map((timer): Happening => ({ cause: 'timer', what: `a timer of ${timer.delayMs / 1_000} s`, delivery: { to: 'actor', path: timer.path, event: timer.event, timer }, silenceMs: timer.delayMs, act: { act: 'wait', ms: timer.delayMs } })),
  ...(['call.state', 'call.roster'] as const).filter((type) => mayTake(moment.root, '', type) || mayGoOn(moment.root)).map((type): Happening =>
    ({ cause: 'line', what: type, delivery: { to: 'line', event: { type, ...(type === 'call.state' ? { state: unknown } : { participants: unknown }) } }, silenceMs: 0, act: null })),
];

// ---- tasks ----

const tasks = ({ root }: Moment): readonly Happening[] =>
  tasksOf(root).flatMap(({ path, task }) => {
    const ends: readonly TaskEnd[] = [...answers(task.output).map((done) => ({ done })), ...codes(root, path).map((failed) => ({ failed }))];
    return ends.map((result): Happening => ({
      cause: 'task', what: `the task of \`${path}\` ${'done' in result ? 'is done' : 'fails'}`, delivery: { to: 'task', path, result }, silenceMs: 0,
      act: 'done' in result ? { act: 'task', path, done: concrete(result.done, sampleOf(task)) } : { act: 'task', path, failed: result.failed },
    }));
  });

/** Something that the task may answer, whole. */
const sampleOf = ({ work, output }: TaskLogic): unknown => (typeof work === 'object' && work.kind === 'data' ? { value: null, revision: 0 } : example(output));

/** The ways to fail that the state which runs the task at `path` tells apart, and any other. */
const codes = (root: Moment['root'], path: string): readonly string[] => {
  const owner = actorIn(root, parentOf(path) ?? '');
  const type = `xstate.error.actor.${idAt(path)}`;
  if (owner === undefined) return [''];
  const told = owner.active.flatMap((index) => owner.plan.states[index]?.on.get(type) ?? []).flatMap(({ guard }) => codesIn(guard));
  return ['', ...new Set(told)];
};

const codesIn = (guard: unknown): readonly string[] => {
  const { kind, type, params, of } = (guard ?? {}) as { readonly kind?: string; readonly type?: string; readonly params?: { readonly code?: string }; readonly of?: unknown };
  if (kind === 'call' && type === 'call.failedWith') return params?.code === undefined ? [] : [params.code];
  return Array.isArray(of) ? of.flatMap(codesIn) : of === undefined ? [] : codesIn(of);
};

// ---- what the service works on ----

const outcomes = ({ root }: Moment, waiting: Waiting, wording: Wording): readonly Happening[] => {
  const { path, ask, types } = waiting;
  const facts = factsAt(root, waiting);
  const worded = wording(ask, facts);
  const { action } = worded;
  const event = (cause: Cause, given: Event, act: ScriptAct | null, silenceMs = 0): Happening => ({ cause, what: given.type, delivery: { to: 'waiting', path, event: given }, silenceMs, act });
  const service = (type: string, outcome: ServiceOutcome, cause: Cause = 'party'): Happening => event(cause, { type, ...(type.endsWith('.failed') && { cause: unknown }) }, { act: 'service', outcome });
  const earlier = types.filter((type) => type !== ask.type && type !== 'play' && mayTake(root, path, `${type}.failed`)).map((type) => ({ ...service(`${type}.failed`, 'failed', 'failed'), act: null }));
  const unplayed = types.includes('play') || (action.type !== 'hold' && says(worded, false)) ? [service('play.failed', 'prompt-failed', 'failed')] : [];

  switch (action.type) {
    case 'recognize':
      return [...answered(action.params, event), ...silences(action, event), service('recognize.failed', 'failed', 'failed'), ...unplayed, ...earlier];
    case 'record':
      return [...recorded(action.params, event), event('noinput', { type: 'record.noinput' }, { act: 'silence' }, patienceOf(action).timeoutMs), service('record.failed', 'failed', 'failed'), ...unplayed, ...earlier];
    case 'transfer':
    case 'createcall': {
      const { type } = action;
      const isOver = type === 'transfer' && !mayTake(root, path, 'transfer.done');
      const done: Happening = isOver ? { cause: 'party', what: 'transfer.done', delivery: null, silenceMs: 0, act: { act: 'service', outcome: 'done' } } : service(`${type}.done`, 'done');
      return [done, service(`${type}.busy`, 'busy'), service(`${type}.noanswer`, 'noanswer'), service(`${type}.failed`, 'failed'), ...unplayed, ...earlier];
    }
    case 'raw': {
      const ended = action.params.endings.map((ending) => event('party', { type: `raw.done.${ending}`, fields: unknown }, null));
      return [...ended, service('raw.failed', 'failed'), ...unplayed, ...earlier];
    }
    case 'play':
    case 'answer':
    case 'hold':
    case 'unhold':
      return [service(`${action.type}.done`, 'done', 'done'), ...(action.type === 'play' ? [] : [service(`${action.type}.failed`, 'failed', 'failed')]), ...unplayed, ...earlier];
    default:
      return [];
  }
};

type Make = (cause: Cause, given: Event, act: ScriptAct | null, silenceMs?: number) => Happening;

/** What the caller can answer to a question. */
const answered = ({ choices, digits, speech, ...also }: Recognize, event: Make): readonly Happening[] => {
  const spoken = speech === true ? [event('input', { type: 'recognize.speech', phrase: unknown, confidence: unknown }, { act: 'say', words: strayWords })] : [];
  if (digits !== undefined) {
    const keys = '1'.repeat(Math.min(digits.max ?? 4, 4));
    const [termchar] = digits.termchars ?? [];
    const pressed: ScriptAct = { act: 'press', keys: termchar === undefined || digits.max === keys.length ? keys : `${keys}${termchar}` };
    return [event('input', { type: 'recognize.digits.termchar', digits: unknown }, pressed), event('input', { type: 'recognize.digits.interdigit', digits: unknown }, { act: 'press', keys }), ...spoken];
  }
  const atRunTime = (also as { readonly atRunTime?: boolean }).atRunTime === true;
  return [
    ...(choices ?? []).map((choice) => {
      const type = choice.command === 'repeats' ? 'recognize.repeat' : atRunTime && choice.command === undefined ? 'recognize.choice' : `recognize.choice.${choice.name}`;
      return event('input', { type, via: unknown, ...(type === 'recognize.choice' && { choice: unknown }) }, meaning(choice));
    }),
    ...spoken,
  ];
};

/** How the caller means `choice`. */
const meaning = ({ key, phrases: [phrase] }: Choice): ScriptAct | null => (key !== undefined ? { act: 'press', keys: key } : phrase === undefined || phrase.includes(ellipsis) ? null : { act: 'say', words: phrase });

/** What comes of a question that is not answered, or not by anything that it takes. */
const silences = (action: AskedAction & { readonly type: 'recognize' }, event: Make): readonly Happening[] => {
  const { timeoutMs, interdigitMs } = patienceOf(action);
  const { choices = [], digits } = action.params;
  const wrong = digits === undefined ? [...'90*#87654321'].find((key) => choices.every((choice) => choice.key !== key)) : undefined;
  const mumbled: ScriptAct | null = choices.some(({ phrases }) => phrases.some((phrase) => words(phrase) === strayWords)) ? null : { act: 'say', words: strayWords };
  const keyed: ScriptAct | null = wrong === undefined ? mumbled : { act: 'press', keys: wrong };
  return [
    event('noinput', { type: 'recognize.noinput' }, { act: 'silence' }, timeoutMs),
    event('nomatch', { type: 'recognize.nomatch.key' }, keyed),
    event('nomatch', { type: 'recognize.nomatch.interdigit' }, null, interdigitMs), // services tell of it as they like: no key of a caller has it come for certain
    event('nomatch', { type: 'recognize.nomatch.speech' }, mumbled),
  ];
};

const recorded = ({ maxMs, termchars = [] }: RecordParams, event: Make): readonly Happening[] => {
  const recording = partly({ recording: unknown });
  const spoken = Math.min(3_000, maxMs);
  const [termchar] = termchars;
  return [
    event('input', { type: 'record.done.finalsilence', ...recording }, { act: 'record', recordMs: spoken }),
    event('input', { type: 'record.done.termchar', ...recording }, termchar === undefined ? null : { act: 'record', recordMs: spoken, stop: termchar }),
    event('input', { type: 'record.done.maxspeech', ...recording }, { act: 'record', recordMs: maxMs }),
    event('input', { type: 'record.done.hangup', ...recording }, { act: 'record', recordMs: spoken, stop: 'hangup' }),
  ];
};
