/**
 * Work — what is done beside a call: its tasks, each an invocation of its own; its commands, one after the other; and whoever
 * waits for a reply that is owed. What comes of it goes to the call, once.
 *
 * @module
 */
import type { Context, ObjectContext, ServiceDefinition, VirtualObjectDefinition } from '@restatedev/restate-sdk';
import type { TaskResult } from '../../../machines/index.ts';
import { logFailed, type Performed, type taskPerformer } from '../../host.ts';
import { tell, type Told as ToldOf } from '../../log.ts';
import type { CallService, Sent } from '../../service.ts';
import { type Errand, sendingOf } from '../sender.ts';
import type { HeldAnswer, Names, TaskErrand } from './messages.ts';
import type { Sdk } from './sdk.ts';
import { json } from './text.ts';

export interface WorkOptions extends ToldOf {
  readonly names: Names;
  readonly service: CallService;
  readonly now: () => number;
  readonly performTask: ReturnType<typeof taskPerformer>;
}

/** A task may take so long, ms; a process that does not answer is found out much sooner, by its connection. */
const longestTaskMs = 24 * 3_600_000;

/** Tasks that are done here. */
export interface Tasks {
  readonly definition: ServiceDefinition<string, unknown>;
  /** Aborts all of them. */
  close(): void;
}

interface InHand {
  readonly calledOff: AbortController;
  readonly performed: Promise<Performed>;
}

/**
 * Defines what does tasks. One that is called off is aborted, and what it gives then is nobody's. One that is asked for again while it
 * is done here, since the server was away in between, is not begun anew.
 */
export const taskService = ({ handlers: { handler }, service }: Sdk, { names, log, performTask, now }: WorkOptions): Tasks => {
  const inHand = new Map<string, InHand>();

  const begin = (key: string, { ref, version, task }: TaskErrand): InHand => {
    const calledOff = new AbortController();
    const performed = performTask(ref, version, task, calledOff.signal);
    const ours: InHand = { calledOff, performed };
    inHand.set(key, ours);
    return ours;
  };

  const perform = async (ctx: Context, errand: TaskErrand): Promise<void> => {
    const { ref, task } = errand;
    const key = `${task.id} ${ref.call}`;
    let done: { readonly result: TaskResult; readonly at: number };
    try {
      done = await ctx.run('task', async () => {
        const { calledOff: { signal }, performed } = inHand.get(key) ?? begin(key, errand);
        const what = await performed;
        if (!signal.aborted) logFailed(log, ref, task, what);
        return { result: what.result, at: now() };
      });
    } catch (error) {
      if (isTerminal(error)) inHand.get(key)?.calledOff.abort();
      if (isTerminal(error)) inHand.delete(key);
      throw error;
    }
    inHand.delete(key);
    ctx.genericSend({ service: names.call, method: 'task', key: ref.call, parameter: { taskId: task.id, ...done }, inputSerde: json });
  };

  return {
    definition: service({ name: names.task, handlers: { perform: handler({ ingressPrivate: true, inactivityTimeout: longestTaskMs, abortTimeout: longestTaskMs }, perform) } }),
    close: () => {
      for (const { calledOff } of inHand.values()) calledOff.abort();
      inHand.clear();
    },
  };
};

/** Whether the invocation is over: called off, and not put off. */
const isTerminal = (error: unknown): boolean => ['TerminalError', 'CancelledError'].includes((error as Error | undefined)?.name ?? '');

/** Defines what sends commands: an object a call, so that one is sent at a time. */
export const outboxObject = ({ handlers: { object: { exclusive } }, object }: Sdk, told: WorkOptions): VirtualObjectDefinition<string, unknown> => {
  const { names, service, log, now } = told;
  const sending = sendingOf(service, log);
  const send = async (ctx: ObjectContext, { id }: { readonly id: string }): Promise<void> => {
    const errand = (await ctx.genericCall({ service: names.call, method: 'errand', key: ctx.key, parameter: { id }, inputSerde: json, outputSerde: json })) as Errand | null;
    if (errand === null || sending === undefined) return; // it is no longer to be sent
    const { ref, command, context } = errand;
    const how = await ctx.run('send', async (): Promise<{ readonly sent: Sent; readonly at: number }> => {
      const { attemptCompletedSignal: signal } = ctx.request();
      const sent = await sending(command, { ...context, at: now() }, signal);
      signal.throwIfAborted(); // it is another attempt's to say how it went
      if (sent.kind === 'refused') tell(told, 'warn', 'command.refused', { ...ref, command: id, reason: sent.reason });
      return { sent, at: now() };
    });
    ctx.genericSend({ service: names.call, method: 'sent', key: ctx.key, parameter: { id, ...how }, inputSerde: json });
  };
  return object({ name: names.outbox, handlers: { send: exclusive({ ingressPrivate: true }, send) } });
};

/** Defines what waits for the reply to a request that is held. */
export const waitService = ({ handlers: { handler }, service }: Sdk, { names }: WorkOptions): ServiceDefinition<string, unknown> => {
  const held = async (ctx: Context, { call, request }: { readonly call: string; readonly request: string }): Promise<HeldAnswer> => {
    const { id, promise } = ctx.awakeable<HeldAnswer>();
    ctx.genericSend({ service: names.call, method: 'hold', key: call, parameter: { request, awakeable: id }, inputSerde: json });
    return await promise;
  };
  return service({ name: names.wait, handlers: { held: handler({}, held) } });
};
