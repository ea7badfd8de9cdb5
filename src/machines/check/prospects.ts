/**
 * Prospects — everything that may happen next to a call at rest: what its caller, the service, its tasks and its timers may do, as
 * concrete events.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type CallActionType, type Operation, words } from '../../actions/index.ts';
import { openRun } from '../run.ts';
import type { Outcome, ServiceEvent } from '../service-event.ts';
import { operationId, type PendingTask, type PendingTimer } from '../snapshot.ts';
import type { StepEvent } from '../step.ts';
import { isTaskLogic, taskFailedBy, type TaskResult } from '../task-logic.ts';
import { samplesOf } from './samples.ts';
import { actorsOf, says, type Standing } from './standing.ts';

/** What kind of thing happens. `input` is what the bot asked the caller for, and what becomes of the line or of who is on it. */
export type ProspectKind = 'input' | 'noinput' | 'nomatch' | 'failed' | 'done' | 'timer' | 'task' | 'due';

/** Something that may happen. */
export interface Prospect {
  /** The event, as the chart knows it; of a task and a timer its place. */
  readonly name: string;
  readonly kind: ProspectKind;
  /** The silence that it takes. */
  readonly silenceMs: number;
  readonly event: StepEvent;
}

/** What else a task may give, beside nothing and what its codec tells. */
export type Samples = (task: PendingTask) => readonly unknown[];

/** All that may happen where the call of `machine` stands, each at the time `at`. */
export const prospects = (machine: AnyStateMachine, standing: Standing, at: number, samples: Samples): readonly Prospect[] => {
  const { awaiting, parked, timers, tasks } = standing.snapshot;
  const isStuck = awaiting === null && (parked.length > 0 || (timers.length === 0 && tasks.length === 0));
  return [
    ...(awaiting === null ? [] : outcomes(machine, standing, at)),
    ...(isClosing(awaiting) ? [] : [...timers.map((timer) => timerProspect(timer, at, awaiting === null)), ...tasks.flatMap((task) => taskProspects(machine, standing, task, at, samples))]),
    ...(isStuck ? [{ name: 'reply.due', kind: 'due', silenceMs: 0, event: { type: 'reply.due', at } } as const] : []), // a change of the line moved the call: its batch waits for somebody who asks
    ...(isClosing(awaiting) ? [] : lineProspects(at)),
  ];
};

// ---- the line ----

/** Whether the call is being cut: what happens then changes nothing more for the caller. */
const isClosing = (awaiting: Standing['snapshot']['awaiting']): boolean => awaiting?.types.at(-1) === 'hangup' || awaiting?.types.at(-1) === 'reject';

const lineProspects = (at: number): readonly Prospect[] =>
  ([{ type: 'call.state', state: 'established' }, { type: 'call.roster', participants: 2 }] as const).map((event) => ({ name: event.type, kind: 'input', silenceMs: 0, event: { type: 'service', at, events: [event] } }));

// ---- timers and tasks ----

const timerProspect = (timer: PendingTimer, at: number, reply: boolean): Prospect => ({ name: `timer ${timer.path} ${timer.id}`, kind: 'timer', silenceMs: timer.dueAt - at, event: { type: 'timer', at, timer, reply } });

const taskProspects = (machine: AnyStateMachine, { snapshot }: Standing, task: PendingTask, at: number, samples: Samples): readonly Prospect[] => {
  const logic = actorsOf(machine, snapshot).find(({ path }) => path === task.path)?.logic;
  const codec = isTaskLogic(logic) ? logic.output : undefined;
  const outputs = [null, ...(codec === undefined ? ['sample'] : samplesOf(codec)), ...samples(task)];
  const results: readonly TaskResult[] = [
    ...outputs.map((output) => ({ type: 'task.done', output }) as const),
    ...['', 'ERR_TASK_TIMEOUT', 'ERR_TASK_CANCELLED'].map(taskFailedBy),
  ];
  return results.map((result) => ({ name: `${result.type} ${task.path}`, kind: 'task', silenceMs: 0, event: { type: 'task', at, taskId: task.id, result, reply: snapshot.awaiting === null } }));
};

// ---- what the service works on ----

/** An outcome without the operation that it belongs to. */
type Ending = Outcome extends infer O ? (O extends Outcome ? Omit<O, 'operationId'> : never) : never;

/** What an operation may come to. */
interface End {
  readonly name: string;
  readonly kind: ProspectKind;
  readonly silenceMs?: number;
  readonly ending: Ending;
}

/**
 * How the batch may end: by the last of its operations; or by an earlier one that fails, which is tried for every prompt,
 * and for an answer or a hold where somebody looks out for it.
 *
 * That something is parked meanwhile, since a timer or a task has moved the chart, changes none of it: what is parked goes out when
 * the batch ends, however it does, and the core knows whether the outcome still means something.
 */
const outcomes = (machine: AnyStateMachine, { snapshot, batch }: Standing, at: number): readonly Prospect[] => {
  const { call, awaiting, machine: kept } = snapshot;
  if (awaiting === null) return [];
  const run = openRun(machine, call, kept ?? undefined);
  const looksOut = (type: CallActionType): boolean => (type === 'answer' || type === 'hold' || type === 'unhold') && run.handles(awaiting.path, `${type}.failed`);
  const told = ({ name, kind, silenceMs = 0, ending }: End, index: number): Prospect =>
    ({ name, kind, silenceMs, event: { type: 'service', at, events: [{ ...ending, operationId: operationId(call.id, awaiting.revision, index) } as ServiceEvent] } });
  return batch.flatMap((operation, index) => [
    ...(operation.type !== 'hold' && says(operation) ? [told(failure('play'), index)] : []),
    ...(looksOut(operation.type) ? [told(failure(operation.type), index)] : []),
    ...(index === batch.length - 1 ? endsOf(operation).map((end) => told(end, index)) : []),
  ]);
};

const failure = (type: CallActionType): End => ({ name: `${type}.failed`, kind: 'failed', ending: { type: `${type}.failed`, cause: 'system' } as Ending });

const done = (type: CallActionType): End => ({ name: `${type}.done`, kind: 'done', ending: { type: `${type}.done` } as Ending });

/** The endings of the last operation of a batch, but for prompts that fail. */
const endsOf = (operation: Operation): readonly End[] => {
  const { type } = operation;
  switch (type) {
    case 'recognize':
      return [...inputsOf(operation.params), ...missesOf(operation.params), failure('recognize')];
    case 'record':
      return [...recordings, { name: 'record.noinput', kind: 'noinput', silenceMs: operation.params.timeoutMs, ending: { type: 'record.noinput' } }, failure('record')];
    case 'transfer':
    case 'createcall':
      return [done(type), failure(type), ...(['busy', 'noanswer'] as const).map((how): End => ({ name: `${type}.${how}`, kind: 'failed', ending: { type: `${type}.${how}` } }))];
    case 'raw':
      return [...operation.params.endings.map((ending): End => ({ name: `raw.done.${ending}`, kind: 'done', ending: { type: 'raw.ended', ending, fields: {} } })), failure('raw')];
    default:
      return [done(type)];
  }
};

type Question = Extract<Operation, { readonly type: 'recognize' }>['params'];

const inputsOf = ({ choices = [], digits, speech }: Question): readonly End[] => {
  const phrase = unheard(choices.flatMap(({ phrases }) => phrases));
  const digitsBy = (by: 'termchar' | 'interdigit'): End => ({ name: `recognize.digits.${by}`, kind: 'input', ending: { type: 'recognize.input', input: { kind: 'digits', digits: '1', by }, via: 'dtmf' } });
  return [
    ...choices.map(({ name, command }): End => ({ name: command === 'repeats' ? 'recognize.repeat' : `recognize.choice.${name}`, kind: 'input', ending: { type: 'recognize.input', input: { kind: 'choice', name }, via: 'dtmf' } })),
    ...(digits === undefined ? [] : [digitsBy('interdigit'), ...((digits.termchars ?? []).length > 0 ? [digitsBy('termchar')] : [])]),
    ...(speech === true ? [{ name: 'recognize.speech', kind: 'input', ending: { type: 'recognize.input', input: { kind: 'phrase', phrase }, via: 'speech' } } as const] : []),
  ];
};

/** Words that no choice is meant by. */
const unheard = (phrases: readonly string[]): string => {
  const meant = new Set(phrases.map(words));
  let phrase = 'something else';
  while (meant.has(words(phrase))) phrase += ' still';
  return phrase;
};

const missesOf = ({ timeoutMs, interdigitMs }: Question): readonly End[] => [
  { name: 'recognize.noinput', kind: 'noinput', silenceMs: timeoutMs, ending: { type: 'recognize.noinput' } },
  ...(['key', 'interdigit', 'speech'] as const).map((by): End => ({ name: `recognize.nomatch.${by}`, kind: 'nomatch', silenceMs: by === 'interdigit' ? interdigitMs : 0, ending: { type: 'recognize.nomatch', by } })),
];

const recordings: readonly End[] = (['finalsilence', 'termchar', 'maxspeech', 'hangup'] as const).map((by) => ({
  name: `record.done.${by}`, kind: 'input', ending: { type: 'record.done', by, recording: { ref: 'recording', bytes: 1, contentType: 'audio/wav', lengthMs: 1_000 } },
}));
