/**
 * Host — runs the tasks that calls wait for, and gives up those that nobody waits for any more.
 *
 * A task is begun by the process that committed the step that asked for it, and by another one once that is dead
 * (`engines/heartbeat.ts`). So a task that died with its process is run again, with the same id.
 *
 * @module
 */
import { type Means, type PendingTask, perform, taskFailed, type TaskResult, type TaskWork } from '../machines/index.ts';
import type { ChatSender } from './chat.ts';
import type { Documents } from './documents.ts';
import { codeOf, type Log, thrown } from './log.ts';

/** A call, as the log lines name it. */
export interface CallRef {
  readonly call: string;
  readonly bot: string;
  readonly chain: string | undefined;
}

/** Runs tasks. */
export interface Host {
  /** Begins those of `tasks`, of the version `version` of the bot, that do not run here. */
  begin(ref: CallRef, version: string, tasks: readonly PendingTask[]): void;
  /** Aborts what runs here for the call `callId` and is none of `tasks`. */
  giveUp(callId: string, tasks: readonly PendingTask[]): void;
  /** Whether the task `taskId` of the call `callId` runs here, or its result is being taken in. */
  runs(callId: string, taskId: string): boolean;
  /** Whether any task runs here. */
  isBusy(): boolean;
  /** Aborts everything. Results that arrive afterwards go nowhere. */
  close(): void;
}

/** What a host needs. */
export interface HostOptions {
  readonly find: (bot: string, version: string, machine: string, name: string) => TaskWork | undefined;
  readonly documents: Documents;
  /** Who delivers chat messages; bots that send some are not served without. */
  readonly chat: ChatSender | undefined;
  readonly reveal: (sealed: string) => string;
  /** Takes a result in; resolves when it is on record. Never rejects. */
  readonly done: (ref: CallRef, taskId: string, result: TaskResult) => Promise<void>;
  readonly log: Log;
  /** Runs a task inside something: a span. Never rejects. */
  readonly around?: AroundTask | undefined;
}

/** Something that a task is run inside of. */
export type AroundTask = (ref: CallRef, task: PendingTask, signal: AbortSignal, run: () => Promise<TaskResult>) => Promise<TaskResult>;

/** The one inside the other, where there are both. */
export const bothAround = (outer: AroundTask | undefined, inner: AroundTask | undefined): AroundTask | undefined =>
  outer === undefined || inner === undefined ? (outer ?? inner) : (ref, task, signal, run) => outer(ref, task, signal, () => inner(ref, task, signal, run));

/** What came of a task, and what it threw, if it did. */
export interface Performed {
  readonly result: TaskResult;
  readonly error: unknown;
}

/** Makes what does one task of the version `version` of its bot. It never rejects. */
export const taskPerformer = ({ find, documents, chat, reveal, around }: Omit<HostOptions, 'done' | 'log'>): ((ref: CallRef, version: string, task: PendingTask, signal: AbortSignal) => Promise<Performed>) => {
  const means: Means = {
    data: documents.carryOut,
    chat: (delivery, of) => {
      if (chat === undefined) throw new TypeError('nobody delivers chat messages here');
      return chat.send(delivery, of).then(() => undefined);
    },
  };
  return async (ref, version, task, signal) => {
    let error: unknown;
    const work = async (): Promise<TaskResult> => {
      const found = find(ref.bot, version, task.machine, task.name);
      return found === undefined ? noSuchTask : perform(found, task.input, { signal, callId: ref.call, taskId: task.id, reveal }, means, (caught) => void (error = caught));
    };
    try {
      return { result: await (around === undefined ? work() : around(ref, task, signal, work)), error };
    } catch (caught) {
      return { result: taskFailed(caught), error: caught }; // what it is run inside of is code of the application
    }
  };
};

/** Writes the line of a task that failed. */
export const logFailed = (log: Log, ref: CallRef, { name }: PendingTask, { result, error }: Performed): void => {
  if (result.type === 'task.failed') log.warn({ ...ref, task: name, ...(error !== undefined && thrown(error)), ...codeOf(result.error.code) }, 'task failed');
};

/** Makes a host. */
export const taskHost = ({ done, log, ...how }: HostOptions): Host => {
  const performed = taskPerformer(how);
  /** By call, by task: what aborts it, or nothing where its result is being taken in. */
  const running = new Map<string, Map<string, AbortController | undefined>>();
  let closed = false;

  const run = async (ref: CallRef, version: string, task: PendingTask, ours: Map<string, AbortController | undefined>): Promise<void> => {
    const controller = new AbortController();
    ours.set(task.id, controller);
    const what = await performed(ref, version, task, controller.signal);
    if (running.get(ref.call)?.get(task.id) !== controller) return; // given up: its result is nobody's
    ours.set(task.id, undefined);
    logFailed(log, ref, task, what);
    await done(ref, task.id, what.result);
    if (ours.get(task.id) === undefined) forget(ref.call, task.id, ours);
  };

  const forget = (callId: string, id: string, ours: Map<string, AbortController | undefined>): void => {
    ours.delete(id);
    if (ours.size === 0 && running.get(callId) === ours) running.delete(callId);
  };

  return {
    begin: (ref, version, tasks) => {
      if (closed || tasks.length === 0) return;
      const ours = running.get(ref.call) ?? new Map<string, AbortController>();
      running.set(ref.call, ours);
      for (const task of tasks) if (!ours.has(task.id)) void run(ref, version, task, ours);
    },
    giveUp: (callId, tasks) => {
      const ours = running.get(callId);
      for (const [id, controller] of ours ?? []) {
        if (ours === undefined || tasks.some((task) => task.id === id)) continue;
        forget(callId, id, ours);
        controller?.abort();
      }
    },
    runs: (callId, taskId) => running.get(callId)?.has(taskId) === true,
    isBusy: () => running.size > 0,
    close: () => {
      closed = true;
      for (const [callId, ours] of running) for (const [id, controller] of ours) {
        forget(callId, id, ours);
        controller?.abort();
      }
    },
  };
};

const noSuchTask: TaskResult = { type: 'task.failed', error: { message: 'the bot has no such task', code: 'ERR_TASK_UNKNOWN' } };
