/**
 * Call spans — what OpenTelemetry is told of a call: one span a state, for as long as the call is in it, and one a task.
 *
 * A state is the child of the exchange that entered it, which it may outlive by as long as the caller thinks; and the
 * exchange that finds a call in a state is linked with that state. A task is the child of the state that waits for it.
 *
 * Open spans live in this process alone, in a table of bounded size. Where one has to end before its state does it says so
 * (`callchart.cut`), and where it begins later, since another process had the call, it says that (`callchart.resumed`).
 *
 * @module
 */
import { type Context, ROOT_CONTEXT, type Span, trace, type Tracer } from '@opentelemetry/api';
import type { CallError } from '../errors.ts';
import { type CallSnapshot, configurations, type PendingTask, type StepResult, type TaskResult } from '../machines/index.ts';
import type { CallRef } from './host.ts';
import { codeOf, type Log } from './log.ts';
import { failed, guard } from './spans.ts';

/** The spans of calls. */
export interface CallSpans {
  /** A step of the call was committed. */
  step(step: StepSeen): void;
  /** The call goes on here, and may not have before. */
  sees(ref: CallRef, snapshot: CallSnapshot, at: number): void;
  /** Does `work` for the call, with its latest exchange for the active span. */
  forCall<T>(callId: string, work: () => Promise<T>): Promise<T>;
  /** Runs a task in a span of its own, which ends with the task, or when that is given up. */
  task(ref: CallRef, task: PendingTask, signal: AbortSignal, run: () => Promise<TaskResult>): Promise<TaskResult>;
  /** Ends what is open. */
  close(): void;
}

/** A step that was committed. `trace` is the exchange that brought its event, if one did. */
export interface StepSeen {
  readonly ref: CallRef;
  readonly at: number;
  readonly before: CallSnapshot | undefined;
  readonly result: StepResult;
  readonly failures: readonly CallError[];
  readonly trace: Context | undefined;
}

interface OpenState {
  readonly name: string;
  readonly span: Span | undefined;
  readonly within: Context;
}

interface OpenCall {
  /** The exchange that was taken last. */
  latest: Context;
  /** By actor: '' is the bot, `pin` the dialog that its state `pin` runs. */
  readonly states: Map<string, OpenState>;
}

/** For how many calls spans are open at most; the one that was seen first is given up for another. */
const mostCalls = 10_000;

/** Spans of `tracer` for the calls of one engine. */
export const callSpans = (tracer: Tracer, log: Log, now: () => number, most = mostCalls): CallSpans => {
  const { attempt, inside } = guard(log);
  const calls = new Map<string, OpenCall>();

  const leave = (call: OpenCall, actor: string, at: number, isCut = false): void => {
    const span = call.states.get(actor)?.span;
    call.states.delete(actor);
    attempt(() => {
      if (isCut) span?.setAttribute('callchart.cut', true);
      span?.end(at);
    });
  };

  const cut = (callId: string, call: OpenCall): void => {
    for (const actor of call.states.keys()) leave(call, actor, now(), true);
    calls.delete(callId);
  };

  /** The call's actor stands in the configuration `name` now. Where it did before, a question was asked again: the state goes on. */
  const enter = (call: OpenCall, { call: id, bot }: CallRef, name: string, revision: number, at: number, isResumed = false): void => {
    const actor = above(name);
    if (call.states.get(actor)?.name === name) return;
    for (const other of call.states.keys()) if (other === actor || isLeft(other, actor, name)) leave(call, other, at);
    const parent = call.latest;
    const span = attempt(() => {
      const attributes = { 'callchart.call.id': id, 'callchart.bot': bot, 'callchart.state': name, 'callchart.revision': revision, ...(isResumed && { 'callchart.resumed': true }) };
      return tracer.startSpan(name, { startTime: at, attributes }, parent);
    });
    call.states.set(actor, { name, span, within: (span && attempt(() => trace.setSpan(parent, span))) ?? parent });
  };

  const open = (callId: string): OpenCall => {
    const call: OpenCall = { latest: ROOT_CONTEXT, states: new Map() };
    calls.set(callId, call);
    const [oldest] = calls.size > most ? calls : [];
    if (oldest !== undefined) cut(...oldest);
    return call;
  };

  /** The call, standing where `snapshot` says: another process may have had it in between. */
  const sees = (ref: CallRef, snapshot: CallSnapshot, at: number): OpenCall => {
    const call = calls.get(ref.call) ?? open(ref.call);
    const here = configurations(snapshot);
    for (const [actor, { name }] of call.states) if (!here.includes(name)) leave(call, actor, at, true);
    for (const name of here) enter(call, ref, name, snapshot.revision, at, true);
    return call;
  };

  /** Links the exchange `exchange` with the states in which it found the call. */
  const link = (exchange: Context, { states }: OpenCall): void =>
    void attempt(() => {
      const span = trace.getSpan(exchange);
      for (const { name, span: state } of states.values()) if (state !== undefined) span?.addLink({ context: state.spanContext(), attributes: { 'callchart.state': name } });
    });

  /** The bot's code failed in the states of the call, and in what is left of the exchange. */
  const fail = ({ latest, states }: OpenCall, { code }: CallError): void => {
    for (const span of [trace.getSpan(latest), ...Array.from(states.values(), (state) => state.span)])
      attempt(() => { if (span?.isRecording() === true) failed(span, code); });
  };

  return {
    step: ({ ref, at, before, result: { snapshot, trail }, failures, trace: exchange }) => {
      const call = before === undefined ? open(ref.call) : sees(ref, before, at);
      if (exchange !== undefined) link((call.latest = exchange), call);
      if (failures[0] !== undefined) fail(call, failures[0]);
      const isOver = snapshot.ended !== null;
      for (const name of isOver ? trail.slice(0, -1) : trail) enter(call, ref, name, snapshot.revision, at);
      const here = configurations(snapshot);
      for (const [actor, { name }] of call.states) if (!here.includes(name)) leave(call, actor, at);
      for (const name of here) enter(call, ref, name, snapshot.revision, at);
      if (isOver && snapshot.tasks.length === 0) calls.delete(ref.call);
    },

    sees,

    forCall: (callId, work) => inside(calls.get(callId)?.latest ?? ROOT_CONTEXT, work),

    task: async ({ call: id, bot }, { id: taskId, name, path }, signal, run) => {
      const call = calls.get(id);
      const parent = call?.states.get(above(path))?.within ?? call?.latest ?? ROOT_CONTEXT;
      const attributes = { 'callchart.call.id': id, 'callchart.bot': bot, 'callchart.task': name, 'callchart.task.id': taskId };
      const span = attempt(() => tracer.startSpan(`task ${name}`, { attributes }, parent));
      const giveUp = (): void => void attempt(() => span?.setAttribute('callchart.cut', true).end());
      signal.addEventListener('abort', giveUp, { once: true });
      const within = (span && attempt(() => trace.setSpan(parent, span))) ?? parent;
      const result = await inside(within, run);
      signal.removeEventListener('abort', giveUp);
      if (signal.aborted) return result;
      attempt(() => {
        if (span !== undefined && result.type === 'task.failed') failed(span, codeOf(result.error.code).code ?? '_OTHER');
        span?.end();
      });
      return result;
    },

    close: () => calls.forEach((call, callId) => cut(callId, call)),
  };
};

/** The actor that the path or the configuration `name` is one of. */
const above = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('/')));

/** Whether the dialog `dialog` ended when the actor `actor` above it went to `name`. Among regions it may run in another, which is seen when the step is over. */
const isLeft = (dialog: string, actor: string, name: string): boolean => !name.includes('+') && dialog !== '' && (actor === '' || dialog.startsWith(`${actor}/`));
