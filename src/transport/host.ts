/**
 * Host — runs the tasks that calls wait for, and gives up those that nobody waits for any more.
 *
 * A task is begun by the process that committed the step that asked for it, and by another one once its lease is over
 * (`engines/attendant.ts`). So a task that died with its process is run again, with the same id.
 *
 * @module
 */
import { type Means, type PendingTask, perform, type TaskResult, type TaskWork } from '../machines/index.ts';
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
  /** Begins those of `tasks` that do not run here. */
  begin(ref: CallRef, tasks: readonly PendingTask[]): void;
  /** Aborts what runs here for the call `callId` and is none of `tasks`. */
  giveUp(callId: string, tasks: readonly PendingTask[]): void;
  /** Whether any task of the call `callId` runs here. */
  worksFor(callId: string): boolean;
  /** Aborts everything. Results that arrive afterwards go nowhere. */
  close(): void;
}

/** What a host needs. */
export interface HostOptions {
  readonly find: (bot: string, machine: string, name: string) => TaskWork | undefined;
  readonly documents: Documents;
  /** Who delivers chat messages; bots that send some are not served without. */
  readonly chat: ChatSender | undefined;
  readonly reveal: (sealed: string) => string;
  /** Takes a result in. Never rejects. */
  readonly done: (ref: CallRef, taskId: string, result: TaskResult) => void;
  readonly log: Log;
  /** Runs a task inside something: a span. Never rejects. */
  readonly around?: AroundTask | undefined;
}

/** Something that a task is run inside of. */
export type AroundTask = (ref: CallRef, task: PendingTask, signal: AbortSignal, run: () => Promise<TaskResult>) => Promise<TaskResult>;

/** Makes a host. */
export const taskHost = ({ find, documents, chat, reveal, done, log, around }: HostOptions): Host => {
  const means: Means = {
    data: documents.carryOut,
    chat: (delivery, of) => {
      if (chat === undefined) throw new TypeError('nobody delivers chat messages here');
      return chat.send(delivery, of).then(() => undefined);
    },
  };
  /** By call, by task. */
  const running = new Map<string, Map<string, AbortController>>();
  let closed = false;

  const run = async (ref: CallRef, task: PendingTask, ours: Map<string, AbortController>): Promise<void> => {
    const controller = new AbortController();
    ours.set(task.id, controller);
    const { signal } = controller;
    let error: unknown;
    const work = async (): Promise<TaskResult> => {
      const found = find(ref.bot, task.machine, task.name);
      return found === undefined ? noSuchTask : perform(found, task.input, { signal, callId: ref.call, taskId: task.id, reveal }, means, (caught) => void (error = caught));
    };
    const result = await (around === undefined ? work() : around(ref, task, signal, work));
    if (!forget(ref.call, task.id, controller)) return;
    if (result.type === 'task.failed') log.warn({ ...ref, task: task.name, ...(error !== undefined && thrown(error)), ...codeOf(result.error.code) }, 'task failed');
    done(ref, task.id, result);
  };

  /** Whether `controller` was still that of the task `id`: the result of a task that was given up is nobody's. */
  const forget = (callId: string, id: string, controller: AbortController): boolean => {
    const ours = running.get(callId);
    if (ours?.get(id) !== controller) return false;
    ours.delete(id);
    if (ours.size === 0) running.delete(callId);
    return true;
  };

  return {
    begin: (ref, tasks) => {
      if (closed || tasks.length === 0) return;
      const ours = running.get(ref.call) ?? new Map<string, AbortController>();
      running.set(ref.call, ours);
      for (const task of tasks) if (!ours.has(task.id)) void run(ref, task, ours);
    },
    giveUp: (callId, tasks) => {
      for (const [id, controller] of running.get(callId) ?? []) {
        if (tasks.some((task) => task.id === id)) continue;
        forget(callId, id, controller);
        controller.abort();
      }
    },
    worksFor: (callId) => running.has(callId),
    close: () => {
      closed = true;
      for (const [callId, ours] of running) for (const [id, controller] of ours) {
        forget(callId, id, controller);
        controller.abort();
      }
    },
  };
};

const noSuchTask: TaskResult = { type: 'task.failed', error: { message: 'the bot has no such task', code: 'ERR_TASK_UNKNOWN' } };
