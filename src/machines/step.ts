/**
 * Step — one event, taken by one call: the pure core.
 *
 * `(machine, stored, event) → { snapshot, batch, tasks, timers }`. There is no clock in here, no network, no randomness
 * and no log: the event carries its time, ids derive from the call's, and every effect leaves as data. The same events
 * give the same batches, byte for byte, whether the snapshot went through JSON in between or not.
 *
 * The order of business, for every event:
 *
 * 1. `take` — the event is matched to what the call waits for, and given to the actor that waits (design §4);
 * 2. `rest` — the chart has come to rest: what it asked for, its timers, its tasks;
 * 3. `reply` — the batch for the reply, composed; or parked until there is a reply to ride on.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Batch, PromptItem } from '../actions/index.ts';
import { CallError, isCallError } from '../errors.ts';
import { byCall } from './call-context.ts';
import { botFacts, cleanupTask, requireBot } from './bot-facts.ts';
import { stateName } from './chart.ts';
import { defaultText, spoken } from './default-texts.ts';
import { type Move, trailOf } from './observe.ts';
import { fill, reply } from './reply.ts';
import { rest } from './rest.ts';
import { openRun, type Run } from './run.ts';
import type { CallInput, EndReason, ServiceEvent } from './service-event.ts';
import { type Asking, type CallSnapshot, type Draft, type PendingTask, type PendingTimer, snapshotFormat } from './snapshot.ts';
import { type Taken, takeService, takeTask, takeTimer } from './take.ts';
import type { TaskResult } from './task-logic.ts';

/** What can happen to a call. `at` is epoch ms; `reply` says whether a batch can be sent in answer (else it is parked). */
export type StepEvent = { readonly at: number } & (
  | { readonly type: 'service'; readonly events: readonly ServiceEvent[] }
  | { readonly type: 'timer'; readonly timer: PendingTimer; readonly reply: boolean }
  | { readonly type: 'task'; readonly taskId: string; readonly result: TaskResult; readonly reply: boolean }
  /** The service's patience is nearly over and the call is still waiting for itself. */
  | { readonly type: 'reply.due' }
  /** Somebody outside of the call asked for its end: it is hung up, after the bot's apology if that is wished. */
  | { readonly type: 'end.asked'; readonly apologise: boolean; readonly reply: boolean }
);

/** What a step makes of an event. */
export interface StepResult {
  readonly snapshot: CallSnapshot;
  /** For the reply. Empty when there is nothing to ask, or when {@link holds}. */
  readonly batch: Batch;
  /** All work that the call waits for now; a host runs what it is not running yet and gives up the rest. */
  readonly tasks: readonly PendingTask[];
  /** All timers that are set now. */
  readonly timers: readonly PendingTimer[];
  /** The call waits for its own tasks or timers: the reply is worth holding back until one is done or the time is up. */
  readonly holds: boolean;
  /** States passed within the step, for people. */
  readonly trail: readonly string[];
  /** How the chart moved, microstep by microstep; nothing where the step was abandoned. */
  readonly moves: readonly Move[];
  /** Why the step was abandoned: the author's code failed, or asked for what cannot be. The apology is in the batch. */
  readonly error?: CallError;
  /** Whether the event changed nothing: it was stale, repeated, or of no interest. */
  readonly ignored: boolean;
}

/**
 * Takes `event` into the call `stored` (undefined for a call that begins).
 *
 * A run of the same snapshot that the caller kept alive may be given as `live`; the result is the same either way. After
 * a result with an `error`, or a step that was not committed, the run is no longer one of the snapshot.
 *
 * @throws `ERR_CALL_UNKNOWN` when there is no call and the event does not begin one; `ERR_BOT_INVALID` for a machine
 *   that `callMachine` did not make. Nothing else: what the author's code throws ends in {@link StepResult.error}.
 */
export const step = (machine: AnyStateMachine, stored: CallSnapshot | undefined, event: StepEvent, live?: Run): StepResult => {
  const before = stored ?? begin(machine, event);
  if (before.ended !== null) return late(before, event);
  try {
    return advance(machine, before, event, live);
  } catch (error) {
    return abandon(machine, before, event, error);
  }
};

const result = (snapshot: CallSnapshot, { batch = [], holds = false, moves = [], trail = trailOf(moves), ignored = false, error }: Partial<StepResult>): StepResult => {
  const { tasks, timers } = snapshot;
  return error === undefined ? { snapshot, batch, tasks, timers, holds, trail, moves, ignored } : { snapshot, batch, tasks, timers, holds, trail, moves, ignored, error };
};

const begin = (machine: AnyStateMachine, event: StepEvent): CallSnapshot => {
  const facts = requireBot(machine);
  const incoming = event.type === 'service' ? event.events.find(({ type }) => type === 'call.incoming') : undefined;
  if (incoming?.type !== 'call.incoming' || typeof (incoming.call as CallInput | undefined)?.id !== 'string') throw new CallError('ERR_CALL_UNKNOWN', 'this call is not on record', {});
  return {
    format: snapshotFormat, bot: machine.id, version: facts.version, call: incoming.call, revision: 0, answered: isOutbound(incoming.call), held: null,
    machine: null, awaiting: null, parked: [], timers: [], tasks: [], failed: false, ended: null,
  };
};

/** A call that the bot placed begins for it when the other side has answered. */
const isOutbound = ({ direction }: CallInput): boolean => direction === 'outbound';

const advance = (machine: AnyStateMachine, before: CallSnapshot, event: StepEvent, live: Run | undefined): StepResult => {
  const draft: Draft = { ...before, revision: before.revision + 1 };
  let moves: readonly Move[] = [];
  let run: Run | undefined;
  const chart = (): Run => (run ??= live ?? openRun(machine, before.call, before.machine ?? undefined));

  if (event.type === 'reply.due') {
    const filled = fill(machine, draft, event.at, chart);
    return filled === undefined ? result(before, { ignored: true }) : result(draft, filled);
  }
  if (event.type === 'end.asked') return result(draft, part(machine, draft, event));
  const isToBeHeard = isOurs(event) && speaksOn(draft.awaiting, chart);
  let taken: Taken = 'ignored';
  for (const one of event.type === 'service' ? event.events : [event]) {
    const latest = one.type === 'timer' ? takeTimer(draft, one.timer, chart) : one.type === 'task' ? takeTask(draft, one.taskId, one.result, chart) : takeService(draft, one, chart);
    if (run !== undefined) moves = [...moves, ...rest(run, draft, event.at)];
    if (typeof latest === 'object') return end(machine, draft, latest.ended, event.at, moves, run ?? live);
    if (latest === 'hangup') hangUp(draft, []);
    if (latest !== 'ignored') taken = latest;
  }
  if (taken === 'ignored') return result(before, { ignored: true });
  if (run !== undefined) draft.machine = (run as Run).persisted();
  if (!canReply(event) || isToBeHeard) return result(draft, { moves });
  const { batch, holds } = reply(draft, draft.failed ? undefined : chart);
  return result(draft, { batch, holds, moves });
};

const isOurs = ({ type }: StepEvent): boolean => type === 'timer' || type === 'task';

/**
 * Whether the line says what a state had to say that was left at once, as a welcome before a task: it is heard to its end, also where the service
 * could be told something at any time. What a state says that waits with it, such as music up to a timer, is cut short.
 */
const speaksOn = (awaiting: Draft['awaiting'], chart: () => Run): boolean =>
  awaiting !== null && !awaiting.filler && awaiting.node !== null && awaiting.types.at(-1) === 'play' && !chart().isActive(awaiting.path, awaiting.node);

/** A change of the line or of who is on it is told by the way: nobody runs a batch that is sent in answer to it. */
const canReply = (event: StepEvent): boolean =>
  event.type === 'service' ? event.events.some(({ type }) => type !== 'call.state' && type !== 'call.roster') : event.type === 'reply.due' || event.reply;

/** Leaves nothing to the chart: what is left to do is to say `parting` and to hang up. */
const hangUp = (draft: Draft, parting: readonly Asking['action'][]): void => {
  const actions: readonly Asking['action'][] = [...parting, { type: 'hangup', params: {} }];
  draft.parked = actions.map((action) => ({ action, path: '', state: '', node: null }));
  draft.tasks = [];
  draft.timers = [];
};

/** What is left to do of a call whose end was asked for. Of one that is being hung up already nothing is changed. */
const part = (machine: AnyStateMachine, draft: Draft, { apologise, reply: replies }: StepEvent & { readonly type: 'end.asked' }): Partial<StepResult> => {
  const last = draft.awaiting?.types.at(-1);
  if (last === 'hangup' || last === 'reject') return {};
  const apology = apologise && !draft.failed ? apologyOf(machine, draft.call) : [];
  if (!draft.failed) draft.parted = true;
  draft.failed = true;
  hangUp(draft, apology.length > 0 ? [{ type: 'play', params: { prompts: apology } }] : []);
  if (!replies) return {};
  draft.awaiting = null;
  return reply(draft, undefined);
};

// ---- the end ----

/** Records the end, once; what the chart asked for is not sent: nobody is there to hear it. */
const end = (machine: AnyStateMachine, draft: Draft, reason: EndReason, at: number, before: readonly Move[], running?: Run): StepResult => {
  let error: CallError | undefined;
  let moves = before;
  try {
    const run = running ?? openRun(machine, draft.call, draft.machine ?? undefined);
    run.deliver('', { type: 'call.ended', reason } as { readonly type: string });
    moves = [...before, ...run.effects().moves];
    draft.machine = run.persisted();
  } catch (cause) {
    error = botError(cause, draft);
  }
  const tasks = cleanupTask in machine.implementations.actors ? [cleanup(machine, draft, reason, at)] : [];
  const snapshot: CallSnapshot = { ...draft, ended: reason, awaiting: null, parked: [], timers: [], tasks };
  return result(snapshot, { trail: [...trailOf(before), 'ended'], moves, ...(error !== undefined && { error }) });
};

const cleanup = (machine: AnyStateMachine, draft: Draft, reason: EndReason, at: number): PendingTask => {
  const { call: _, ...context } = (draft.machine as { readonly context?: Readonly<Record<string, unknown>> } | null)?.context ?? {};
  return { id: `${draft.call.id}:cleanup`, path: cleanupTask, machine: machine.id, name: cleanupTask, input: { callId: draft.call.id, reason, context }, filler: [], since: at };
};

/** After the end only the cleanup's result still means something. */
const late = (before: CallSnapshot, event: StepEvent): StepResult => {
  const isCleanup = event.type === 'task' && before.tasks.some(({ id }) => id === event.taskId);
  return isCleanup ? result({ ...before, revision: before.revision + 1, tasks: [] }, {}) : result(before, { ignored: true });
};

// ---- what the author's code throws ----

/**
 * Gives up the step that `event` would have been: the stored chart is kept, and what the caller hears is the apology,
 * then the hangup. Exported for hosts that find out later that a batch cannot be sent.
 */
export const abandon = (machine: AnyStateMachine, before: CallSnapshot, event: StepEvent, cause: unknown): StepResult => {
  const draft: Draft = { ...before, revision: before.revision + 1, failed: true };
  const error = botError(cause, before);
  const hasEnded = event.type === 'service' && event.events.some(({ type }) => type === 'call.ended');
  if (hasEnded) return { ...end(machine, draft, 'error', event.at, []), error };
  const apology = before.failed ? [] : apologyOf(machine, before.call);
  hangUp(draft, apology.length > 0 ? [{ type: 'play', params: { prompts: apology } }] : []);
  if (!canReply(event)) return result(draft, { error });
  draft.awaiting = null;
  return result(draft, { ...reply(draft, undefined), error });
};

/** Ends the call at once, as a failure: not even the hangup can be sent, and the line is the service's to clear. Exported for such hosts. */
export const giveUp = (machine: AnyStateMachine, before: CallSnapshot, at: number, cause: unknown): StepResult =>
  abandon(machine, before, { type: 'service', at, events: [{ type: 'call.ended', reason: 'service' }] }, cause);

/** What the bot says in `call` when its code has failed. An apology that is computed is code of the bot's too. */
const apologyOf = (machine: AnyStateMachine, call: CallInput): readonly PromptItem[] => {
  const facts = botFacts(machine);
  if (facts === undefined) return [];
  try {
    return facts.apology === null ? [defaultText('apology', spoken(facts.language, call))] : byCall(facts.apology, call);
  } catch {
    return [defaultText('apology', 'en')];
  }
};

const botError = (cause: unknown, { machine }: { readonly machine: unknown }): CallError => {
  if (isCallError(cause)) return cause;
  const state = stateName('', (machine as { readonly value?: unknown } | null)?.value ?? 'idle');
  return new CallError('ERR_BOT_THREW', `state \`${state}\`: the bot's code threw`, { state }, { cause });
};
