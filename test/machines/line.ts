/**
 * Line — a call on a line without a service: one event after the other into `step`, through JSON in between.
 *
 * @module
 */
import {
  type Batch, type CallActionType, type CallInput, type CallSnapshot, type Outcome, type PendingTimer, type PromptItem, promptText, type ServiceEvent, step, type StepEvent, type StepResult,
  type TaskResult,
} from 'callchart';
import type { AnyStateMachine } from 'xstate';

export const call: CallInput = { id: 'c1', from: '+4721000000', to: '+4722000000', direction: 'inbound', headers: {} };

type Ending = Outcome extends infer O ? (O extends Outcome ? Omit<O, 'operationId'> : never) : never;

/** A call that is going on. Everything it does gives the step's result. */
export interface Line {
  /** The last step's result. */
  result(): StepResult;
  /** The snapshot as it comes back from a store. */
  snapshot(): CallSnapshot;
  take(event: StepEvent): StepResult;
  service(...events: readonly ServiceEvent[]): StepResult;
  /** The outcome of the batch's last operation; or of the one at `index`. */
  ends(ending: Ending, index?: number): StepResult;
  keys(keys: string): StepResult;
  says(phrase: string): StepResult;
  silence(): StepResult;
  hangsUp(): StepResult;
  task(result: unknown, reply?: boolean): StepResult;
  taskFails(message: string, reply?: boolean): StepResult;
  /** The next timer is due. */
  due(reply?: boolean): StepResult;
  patienceEnds(): StepResult;
  wait(ms: number): void;
}

/** Rings at `machine`. */
export const ring = (machine: AnyStateMachine, from: CallInput = call): Line => {
  let now = 1_000_000;
  let last: StepResult | undefined;
  const before = (): CallSnapshot | undefined => last && (JSON.parse(JSON.stringify(last.snapshot)) as CallSnapshot);
  const line: Line = {
    result: () => last!,
    snapshot: () => before()!,
    take: (event) => {
      now = event.at;
      return (last = step(machine, before(), event));
    },
    service: (...events) => line.take({ type: 'service', at: now + 1_000, events }),
    ends: (ending, index) => line.service({ ...ending, operationId: operation(line.snapshot(), index) } as ServiceEvent),
    keys: (keys) => line.ends({ type: 'recognize.input', input: { kind: 'keys', keys }, via: 'dtmf' }),
    says: (phrase) => line.ends({ type: 'recognize.input', input: { kind: 'phrase', phrase }, via: 'speech' }),
    silence: () => line.ends({ type: 'recognize.noinput' }),
    hangsUp: () => line.service({ type: 'call.ended', reason: 'caller' }),
    task: (output, reply = true) => line.take({ type: 'task', at: now + 100, taskId: line.snapshot().tasks[0]!.id, result: { type: 'task.done', output }, reply }),
    taskFails: (message, reply = true) => line.take({ type: 'task', at: now + 100, taskId: line.snapshot().tasks[0]!.id, result: { type: 'task.failed', error: { message } } satisfies TaskResult, reply }),
    due: (reply = true) => {
      const timer = nextTimer(line.snapshot());
      return line.take({ type: 'timer', at: timer.dueAt, timer, reply });
    },
    patienceEnds: () => line.take({ type: 'reply.due', at: now + 9_000 }),
    wait: (ms) => {
      now += ms;
    },
  };
  line.service({ type: 'call.incoming', call: from });
  return line;
};

/** The id of the operation at `index` of the open batch; the last one's otherwise. */
export const operation = ({ call: { id }, awaiting }: CallSnapshot, index = awaiting!.types.length - 1): string => `${id}:${awaiting!.revision}:${index}`;

export const nextTimer = ({ timers }: CallSnapshot): PendingTimer => [...timers].sort((a, b) => a.dueAt - b.dueAt)[0]!;

/** The types of a batch's actions. */
export const types = ({ batch }: { readonly batch: Batch }): readonly CallActionType[] => batch.map(({ type }) => type);

/** What the caller hears of a batch, action by action. */
export const heard = ({ batch }: { readonly batch: Batch }): readonly string[] =>
  batch.flatMap(({ params }) => {
    const text = 'prompts' in params ? promptText(params.prompts as readonly PromptItem[]) : '';
    return text === '' ? [] : [text];
  });
