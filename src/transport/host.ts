/**
 * Host — runs the tasks that calls wait for, and gives up those that nobody waits for any more.
 *
 * It is told the whole list of a call's tasks after every commit and brings its own in line with it: what is asked for
 * and not running is started, what is running and no longer asked for is aborted. So a call that was taken up again
 * after a crash needs nothing special.
 *
 * @module
 */
import type { PendingTask, TaskFunction, TaskResult } from '../machines/index.ts';
import type { Log } from './log.ts';

/** Runs tasks. */
export interface Host {
  /** Brings the running tasks of the call `key` in line with `tasks`. */
  reconcile(key: string, callId: string, bot: string, tasks: readonly PendingTask[]): void;
  /** Whether the task `id` runs here. */
  runs(id: string): boolean;
  /** Aborts everything. Results that arrive afterwards go nowhere. */
  close(): void;
}

/** What a host needs. */
export interface HostOptions {
  readonly find: (bot: string, machine: string, name: string) => TaskFunction<never, unknown> | undefined;
  /** Takes a result in. Never rejects. */
  readonly done: (key: string, taskId: string, result: TaskResult) => void;
  readonly log: Log;
}

/** Makes a host. */
export const taskHost = ({ find, done, log }: HostOptions): Host => {
  const running = new Map<string, { readonly key: string; readonly controller: AbortController }>();
  const byCall = new Map<string, Set<string>>();
  let closed = false;

  const forget = (key: string, id: string): void => {
    running.delete(id);
    const ids = byCall.get(key);
    ids?.delete(id);
    if (ids?.size === 0) byCall.delete(key);
  };

  const start = (key: string, callId: string, bot: string, task: PendingTask): void => {
    const controller = new AbortController();
    running.set(task.id, { key, controller });
    const ids = byCall.get(key) ?? new Set();
    byCall.set(key, ids.add(task.id));
    void runTask(find(bot, task.machine, task.name), task, callId, controller.signal).then((result) => {
      if (running.get(task.id)?.controller !== controller) return;
      forget(key, task.id);
      if (closed) return;
      if (result.type === 'task.failed') log.warn({ call: callId, task: task.name, code: result.error.code }, 'task failed');
      done(key, task.id, result);
    });
  };

  return {
    reconcile: (key, callId, bot, tasks) => {
      if (closed) return;
      for (const id of byCall.get(key) ?? []) {
        if (tasks.some((task) => task.id === id)) continue;
        running.get(id)?.controller.abort();
        forget(key, id);
      }
      for (const task of tasks) if (!running.has(task.id)) start(key, callId, bot, task);
    },
    runs: (id) => running.has(id),
    close: () => {
      closed = true;
      for (const { controller } of running.values()) controller.abort();
      running.clear();
      byCall.clear();
    },
  };
};

/** Runs `run`; whatever it does, the result is data. */
export const runTask = async (run: TaskFunction<never, unknown> | undefined, task: PendingTask, callId: string, signal: AbortSignal): Promise<TaskResult> => {
  if (run === undefined) return { type: 'task.failed', error: { message: 'the bot has no such task', code: 'ERR_TASK_UNKNOWN' } };
  try {
    const output: unknown = await run(task.input as never, { signal, callId, taskId: task.id });
    return { type: 'task.done', output: JSON.parse(JSON.stringify(output ?? null)) as unknown };
  } catch (error) {
    const { message, code } = (error ?? {}) as { readonly message?: unknown; readonly code?: unknown };
    return { type: 'task.failed', error: { message: typeof message === 'string' ? message : 'the task threw', ...(typeof code === 'string' && { code }) } };
  }
};
