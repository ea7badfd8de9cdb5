/**
 * Acts — everything that a caller, a service and stubs may do to a call at rest, as acts of a script; the plainest first.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type Choice, type DtmfKey, type Operation, words } from '../../actions/index.ts';
import { strayWords } from '../check/caller-script.ts';
import type { TaskResult } from '../task-logic.ts';
import { givenUpAt, type Kept, openOperation, openTasks, type PathAct } from './line.ts';
import type { Sources } from './sources.ts';
import { digitsFor, lengthsFor, phrasesFor, resultsOf } from './values.ts';

/** What may be done where the call has come to `kept` and the service tells no more by itself. */
export const actsAt = (machine: AnyStateMachine, kept: Kept, sources: Sources): readonly PathAct[] => {
  const operation = openOperation(kept);
  return [
    ...openTasks(kept).flatMap((task) => resultsOf(machine, kept.standing.snapshot, task, sources).map((result) => taskAct(task.path, result))),
    ...(operation === undefined ? [] : answersTo(operation, sources)),
    ...passing(kept, operation),
    ...(sources.mentions('call.ended') ? [{ act: 'hangup' } as const] : []),
  ];
};

const taskAct = (path: string, result: TaskResult): PathAct => (result.type === 'task.done' ? { act: 'task', path, done: result.output } : { act: 'task', path, failed: result.error.code ?? '' });

/** What the service may do, before it tells what it tells by itself. */
export const failuresAt = (kept: Kept): readonly PathAct[] => {
  const { ended, awaiting } = kept.standing.snapshot;
  return ended !== null || awaiting === null ? [] : [{ act: 'service', outcome: 'prompt-failed' }, { act: 'service', outcome: 'failed' }];
};

const answersTo = (operation: Operation, sources: Sources): readonly PathAct[] => {
  switch (operation.type) {
    case 'recognize':
      return [...inputs(operation.params, sources), { act: 'silence' }, ...wrong(operation.params)];
    case 'record': {
      const { maxMs, termchars = [] } = operation.params;
      const [key] = termchars;
      return [
        ...(key === undefined ? [] : [{ act: 'record', recordMs: Math.min(3_000, maxMs - 1), stop: key } as const]),
        ...lengthsFor(sources, maxMs).map((recordMs) => ({ act: 'record', recordMs }) as const), { act: 'record', recordMs: maxMs },
        { act: 'silence' }, { act: 'record', recordMs: Math.min(3_000, maxMs - 1), stop: 'hangup' },
      ];
    }
    case 'transfer':
    case 'createcall':
      return (['done', 'busy', 'noanswer'] as const).map((outcome) => ({ act: 'service', outcome }));
    case 'raw':
      return operation.params.endings.map((ending) => ({ act: 'service', outcome: 'done', ending }));
    default:
      return [];
  }
};

type Question = Extract<Operation, { readonly type: 'recognize' }>['params'];

const inputs = ({ choices = [], digits, speech }: Question, sources: Sources): readonly PathAct[] => [
  ...choices.flatMap((choice) => inputOf(choice, digits === undefined, sources)),
  ...(digits === undefined ? [] : digitsFor(digits, sources).map((keys) => ({ act: 'press', keys }) as const)),
  ...(speech === true ? phrasesFor(sources).filter((phrase) => !isMeant(phrase, choices)).map((phrase) => ({ act: 'say', words: phrase }) as const) : []),
];

const isMeant = (phrase: string, choices: readonly Choice[]): boolean => choices.some(({ phrases }) => phrases.some((one) => words(one) === words(phrase)));

/** A choice by its key, or where it has none by its words; both where the bot asks which it was. */
const inputOf = ({ key, phrases }: Choice, isByKey: boolean, sources: Sources): readonly PathAct[] => {
  const byKey: readonly PathAct[] = key === undefined || !isByKey ? [] : [{ act: 'press', keys: key }];
  const [phrase] = phrases;
  const byWords: readonly PathAct[] = phrase === undefined || (byKey.length > 0 && !sources.mentions('via')) ? [] : [{ act: 'say', words: phrase }];
  return [...byKey, ...byWords];
};

/** Something that the question does not take. */
const wrong = ({ choices = [], digits, speech }: Question): readonly PathAct[] => {
  const taken = new Set(choices.flatMap(({ key }) => key ?? []));
  const free = [...'9876543210*#'].find((key) => !taken.has(key as DtmfKey));
  return [...(digits === undefined && free !== undefined ? [{ act: 'press', keys: free } as const] : []), ...(speech === true ? [] : [{ act: 'say', words: strayWords } as const])];
};

/** Time that passes: until the first timer, where the silence of a question is not over before it. */
const passing = (kept: Kept, operation: Operation | undefined): readonly PathAct[] => {
  const { timers } = kept.standing.snapshot;
  if (timers.length === 0) return [];
  const first = Math.min(...timers.map(({ dueAt }) => dueAt));
  const ms = first - kept.now;
  const gaveUpAt = givenUpAt(kept);
  if (operation === undefined || operation.type === 'transfer' || operation.type === 'raw') return [{ act: 'silence' }];
  return gaveUpAt !== undefined && gaveUpAt >= first && ms > 0 ? [{ act: 'wait', ms }] : [];
};
