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
 * 3. `answerWith` — the batch for the reply, composed; or parked until there is a reply to ride on.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type Batch, compose, illegal, isQuestion, type Operation, type Placed, type PromptItem, type Recognize, type Reprompts } from '../actions/index.ts';
import { CallError, isCallError } from '../errors.ts';
import { botFacts, cleanupTask } from './call-machine.ts';
import type { CallData } from './call-context.ts';
import { match, type OpenQuestion } from './match.ts';
import { isAsking, openRun, type Run, taskAt } from './run.ts';
import { type EndReason, type Outcome, type ServiceEvent } from './service-event.ts';
import { type Asking, type Awaiting, type CallSnapshot, operationId, operationIndex, type PendingTask, type PendingTimer, snapshotFormat } from './snapshot.ts';
import type { TaskInput, TaskResult } from './task-logic.ts';

/** What can happen to a call. `at` is epoch ms; `reply` says whether a batch can be sent in answer (else it is parked). */
export type StepEvent = { readonly at: number } & (
  | { readonly type: 'service'; readonly events: readonly ServiceEvent[] }
  | { readonly type: 'timer'; readonly timer: PendingTimer; readonly reply: boolean }
  | { readonly type: 'task'; readonly taskId: string; readonly result: TaskResult; readonly reply: boolean }
  /** The service's patience is nearly over and the call is still waiting for itself. */
  | { readonly type: 'reply.due' }
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
  /** Why the step was abandoned: the author's code failed, or asked for what cannot be. The apology is in the batch. */
  readonly error?: CallError;
  /** Whether the event changed nothing: it was stale, repeated, or of no interest. */
  readonly ignored: boolean;
}

/** A snapshot that is being worked on. */
type Draft = { -readonly [K in keyof CallSnapshot]: CallSnapshot[K] };

/**
 * Takes `event` into the call `stored` (undefined for a call that begins).
 *
 * A run of the same snapshot that the caller kept alive may be given as `live`; the result is the same either way.
 *
 * @throws `ERR_CALL_UNKNOWN` when there is no call and the event does not begin one; `ERR_BOT_INVALID` for a machine
 *   that `callMachine` did not make. Nothing else: what the author's code throws ends in {@link StepResult.error}.
 */
export const step = (machine: AnyStateMachine, stored: CallSnapshot | undefined, event: StepEvent, live?: Run): StepResult => {
  const before = stored ?? begin(machine, event);
  if (before.ended !== null) return late(before, event);
  const draft: Draft = { ...before, revision: before.revision + 1 };
  try {
    return advance(machine, before, draft, event, () => live ?? openRun(machine, before.call, before.machine ?? undefined));
  } catch (error) {
    return abandon(machine, before, event, error);
  }
};

/**
 * Gives up the step that `event` would have been: the stored chart is kept, and what the caller hears is the apology,
 * then the hangup. Exported for hosts that find out later that a batch cannot be sent.
 */
export const abandon = (machine: AnyStateMachine, before: CallSnapshot, event: StepEvent, cause: unknown): StepResult => {
  const reply = canReply(event);
  const draft: Draft = { ...before, revision: before.revision + 1, awaiting: reply ? null : before.awaiting, tasks: [], timers: [], failed: true };
  const apology = botFacts(machine)?.apology ?? [];
  draft.parked = [
    ...(apology.length > 0 ? [asking({ type: 'play', params: { prompts: apology } })] : []),
    asking({ type: 'hangup', params: {} }),
  ];
  const ended = event.type === 'service' ? event.events.find((one) => one.type === 'call.ended') : undefined;
  if (ended !== undefined) return { ...close(machine, draft, 'error', event.at), error: botError(cause, before) };
  return { ...answerWith(undefined, draft, reply), trail: [], error: botError(cause, before), ignored: false };
};

// ---- 1 take ----

const begin = (machine: AnyStateMachine, event: StepEvent): CallSnapshot => {
  const facts = botFacts(machine);
  if (facts?.kind !== 'bot') throw new CallError('ERR_BOT_INVALID', 'the machine is not a bot: make it with `callMachine`', { problems: ['the machine is not a bot: make it with `callMachine`'] });
  const incoming = event.type === 'service' ? event.events.find((one) => one.type === 'call.incoming') : undefined;
  if (incoming === undefined) throw new CallError('ERR_CALL_UNKNOWN', 'this call is not on record', {});
  return {
    format: snapshotFormat, bot: machine.id, version: facts.version, call: incoming.call, revision: 0, answered: false,
    machine: null, awaiting: null, parked: [], timers: [], tasks: [], failed: false, ended: null,
  };
};

/** What became of an event once it was taken. */
type Taken = 'rest' | 'ignored' | 'hangup' | { readonly ended: EndReason };

const advance = (machine: AnyStateMachine, before: CallSnapshot, draft: Draft, event: StepEvent, open: () => Run): StepResult => {
  if (event.type === 'reply.due') return fill(machine, before, draft, event.at);
  let run: Run | undefined;
  const chart = (): Run => (run ??= open());
  let taken: Taken = 'ignored';
  const trail: string[] = [];
  for (const one of event.type === 'service' ? event.events : [event]) {
    const result = one.type === 'timer' ? takeTimer(draft, one.timer, chart) : one.type === 'task' ? takeTask(draft, one.taskId, one.result, chart) : takeService(draft, one as ServiceEvent, chart);
    if (result !== 'ignored') taken = result;
    if (run !== undefined) trail.push(...rest(run, draft, event.at));
    if (typeof taken === 'object') return { ...close(machine, draft, taken.ended, event.at, run), trail: [...trail, 'ended'] };
  }
  if (taken === 'hangup') {
    draft.parked = [asking({ type: 'hangup', params: {} })];
    draft.tasks = [];
    draft.timers = [];
  }
  if (taken === 'ignored') return { snapshot: before, batch: [], tasks: before.tasks, timers: before.timers, holds: false, trail: [], ignored: true };
  checkOneQuestion(before, draft, run);
  return { ...answerWith(chart(), draft, canReply(event)), trail, ignored: false };
};

const takeService = (draft: Draft, event: ServiceEvent, chart: () => Run): Taken => {
  switch (event.type) {
    case 'call.incoming':
      if (draft.revision > 1) return 'ignored';
      chart().deliver('', { type: 'call.incoming', call: draft.call } as { type: string });
      return 'rest';
    case 'call.ended':
      return { ended: draft.failed ? 'error' : event.reason };
    case 'batch.refused':
      if (operationIndex(draft.call.id, draft.awaiting, event.operationId) < 0) return 'ignored';
      if (draft.failed) return isBareHangup(draft.awaiting) ? { ended: 'error' } : release(draft, 'hangup');
      throw new CallError('ERR_BATCH_ILLEGAL', 'the service refused the batch', { rule: 'refused', state: draft.awaiting?.path ?? '', action: draft.awaiting?.types.at(-1) ?? '' }, { cause: event.reason });
    case 'call.state':
    case 'call.roster':
      if (draft.failed) return 'ignored';
      chart().deliver('', event);
      return 'rest';
    default:
      return takeOutcome(draft, event, chart);
  }
};

const takeOutcome = (draft: Draft, outcome: Outcome, chart: () => Run): Taken => {
  const { awaiting } = draft;
  const index = operationIndex(draft.call.id, awaiting, outcome.operationId);
  if (awaiting === null || index < 0) return 'ignored';
  const last = awaiting.types.at(-1);
  if (outcome.type === 'hangup.done' || outcome.type === 'reject.done' || outcome.type === 'reject.failed') {
    return { ended: draft.failed ? 'error' : last === 'reject' ? 'rejected' : 'bot' };
  }
  if (outcome.type === 'hangup.failed') return isBareHangup(awaiting) ? { ended: draft.failed ? 'error' : 'service' } : release(draft, 'hangup');
  if (draft.parked.length === 0 && (last === 'hangup' || draft.failed)) return release(draft, 'hangup');
  if (outcome.type === 'answer.failed' && !chart().handles(awaiting.path, 'answer.failed')) return { ended: 'service' };
  if (outcome.type === 'transfer.done' && !chart().handles(awaiting.path, 'transfer.done')) return { ended: 'transferred' };
  release(draft, 'rest');
  // Of a filler the chart knows nothing; and when a timer or a task has moved the chart on, the outcome is that of a
  // question which is no longer asked: it only brings the reply that the parked batch rides on.
  if (awaiting.filler || draft.parked.length > 0) return 'rest';
  chart().deliver(awaiting.path, match(outcome, awaiting.question));
  return 'rest';
};

const release = <T extends Taken>(draft: Draft, taken: T): T => {
  draft.awaiting = null;
  return taken;
};

const isBareHangup = (awaiting: Awaiting | null): boolean => awaiting?.types.length === 1 && awaiting.types[0] === 'hangup';

const takeTimer = (draft: Draft, timer: PendingTimer, chart: () => Run): Taken => {
  const set = draft.timers.find(({ id, path, dueAt }) => id === timer.id && path === timer.path && dueAt === timer.dueAt);
  if (set === undefined) return 'ignored';
  draft.timers = draft.timers.filter((other) => other !== set);
  chart().deliver(set.path, set.event);
  return 'rest';
};

const takeTask = (draft: Draft, taskId: string, result: TaskResult, chart: () => Run): Taken => {
  const task = draft.tasks.find(({ id }) => id === taskId);
  if (task === undefined) return 'ignored';
  draft.tasks = draft.tasks.filter((other) => other !== task);
  chart().deliver(task.path, result);
  return 'rest';
};

// ---- 2 rest ----

/** Moves what `run` did into `draft`, and says which states it passed. */
const rest = (run: Run, draft: Draft, at: number): readonly string[] => {
  const { asked, timers, begun, trail } = run.effects();
  const living = run.actors();
  draft.parked = [...draft.parked, ...asked.map((one) => tapered(one, living.find(({ path }) => path === one.path)?.ref.getSnapshot() as never))];
  let set = draft.timers.filter(({ path }) => !begun.has(path));
  for (const { path, id, event, delayMs } of timers) {
    set = set.filter((timer) => timer.id !== id || timer.path !== path);
    if (event !== undefined) set.push({ id, path, event, dueAt: at + delayMs });
  }
  draft.timers = set.filter(({ path }) => living.some((actor) => actor.path === path));
  draft.tasks = living.flatMap(({ path, ref }) => {
    if (taskAt(ref) === undefined || (ref.getSnapshot() as { status: string }).status !== 'active') return [];
    const known = begun.has(path) ? undefined : draft.tasks.find((task) => task.path === path);
    if (known !== undefined) return [known];
    const { input } = ref.getSnapshot() as unknown as { readonly input: TaskInput };
    const { machine, name } = sourceOf(run, path, ref);
    return [{ id: `${draft.call.id}:${draft.revision}:${path}`, path, machine, name, input: input.value, filler: input.filler, since: at }];
  });
  return trail;
};

/** Which machine the actor at `path` belongs to, and under which name. */
const sourceOf = (run: Run, path: string, ref: { readonly src?: unknown }): { readonly machine: string; readonly name: string } => {
  const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const owner = run.actors().find((actor) => actor.path === parent)?.ref as unknown as { readonly logic?: AnyStateMachine } | undefined;
  return { machine: owner?.logic?.id ?? run.machine.id, name: String(ref.src) };
};

/** A question as it is asked now: with the reprompt that the counts in `context.call` call for. */
const tapered = (asking: Asking, snapshot: { readonly context?: { readonly call?: CallData } } | undefined): Asking => {
  const { action } = asking;
  if (action.type !== 'recognize' && action.type !== 'record') return asking;
  const { reprompts, ...params } = action.params;
  const counts = snapshot?.context?.call?.asked;
  if (reprompts === undefined) return asking;
  const prompts = counts === undefined || counts.attempts <= 1 ? params.prompts : [...reprompt(reprompts, counts), ...(reprompts.repeat ? params.prompts : [])];
  return { ...asking, action: { ...action, params: { ...params, prompts } } as Asking['action'] };
};

const reprompt = (texts: Reprompts, { last, ...counts }: CallData['asked']): readonly PromptItem[] => {
  const list = last === null ? [] : texts[last];
  return list[Math.min(last === null ? 0 : counts[last], list.length) - 1] ?? [];
};

/** Two questions open at once: one that the service still asks and whose state is still active, and a new one. */
const checkOneQuestion = (before: CallSnapshot, draft: Draft, run: Run | undefined): void => {
  const open = draft.awaiting;
  const asked = draft.parked.find(({ action }) => isQuestion(action.type));
  if (open === null || open !== before.awaiting || open.node === null || asked === undefined || run === undefined) return;
  if (asked.node !== open.node && isAsking(run, open.path, open.node)) throw illegal('question-last', { type: asked.action.type, state: asked.state });
};

// ---- 3 answerWith ----

/** A change of the line or of who is on it is told by the way: nobody runs a batch that is sent in answer to it. */
const canReply = (event: StepEvent): boolean =>
  event.type === 'service' ? event.events.some(({ type }) => type !== 'call.state' && type !== 'call.roster') : event.type === 'reply.due' || event.reply;

const answerWith = (run: Run | undefined, draft: Draft, reply: boolean): Omit<StepResult, 'trail' | 'ignored'> => {
  if (run !== undefined) draft.machine = run.persisted();
  const pending = draft.tasks.length > 0 || draft.timers.length > 0;
  const result = (batch: Batch, holds: boolean): Omit<StepResult, 'trail' | 'ignored'> => ({ snapshot: draft, batch, tasks: draft.tasks, timers: draft.timers, holds });
  // Without a reply to ride on the batch waits; while the service still works on the last one, nothing is owed.
  if (!reply) return result([], false);
  if (draft.parked.length === 0 && draft.awaiting !== null) return result([], false);
  if (draft.parked.length === 0 && pending) return result([], true);
  const last = draft.parked.at(-1);
  const batch = compose(draft.parked.map(place), { answered: draft.answered, over: isOver(run, last, pending) });
  return result(send(draft, batch, last), false);
};

/** Whether the machine has ended, or rests where nothing can move it on. */
const isOver = (run: Run | undefined, last: Asking | undefined, pending: boolean): boolean => {
  if (run === undefined || run.done()) return true;
  if (pending) return false;
  if (last === undefined) return true;
  const { type } = last.action;
  if (type === 'play' || type === 'answer') return !run.handles(last.path, `${type}.done`);
  return false;
};

const place = ({ action, state }: Asking): Placed => {
  const { reprompts: _reprompts, atRunTime: _atRunTime, ...params } = action.params as { readonly reprompts?: unknown; readonly atRunTime?: unknown };
  return { type: action.type, params, state } as Placed;
};

/** The operations of `batch`, remembered in `draft` as what the service works on now. */
const send = (draft: Draft, batch: readonly Placed[], last: Asking | undefined, filler = false): Batch => {
  draft.parked = [];
  draft.answered ||= batch.some(({ type }) => type === 'answer');
  draft.awaiting = {
    revision: draft.revision, types: batch.map(({ type }) => type), path: last?.path ?? '', node: last?.node ?? null,
    question: last === undefined ? null : questionOf(last.action), filler,
  };
  return batch.map((action, index): Operation => ({ ...action, operationId: operationId(draft.call.id, draft.revision, index) }));
};

const questionOf = (action: Asking['action']): OpenQuestion | null => {
  if (action.type === 'record') return { type: 'record' };
  if (action.type !== 'recognize') return null;
  const { choices, atRunTime } = action.params as Recognize & { readonly atRunTime?: boolean };
  return choices === undefined ? { type: 'recognize', digits: true } : { type: 'recognize', choices, atRunTime: atRunTime ?? false };
};

/** Keeps the line while tasks or timers are pending: what the author chose to be heard, whose end asks again. */
const fill = (machine: AnyStateMachine, before: CallSnapshot, draft: Draft, at: number): StepResult => {
  const waits = before.awaiting === null && (before.tasks.length > 0 || before.timers.length > 0);
  if (!waits && before.parked.length === 0) return { snapshot: before, batch: [], tasks: before.tasks, timers: before.timers, holds: false, trail: [], ignored: true };
  if (before.parked.length > 0) return { ...answerWith(openRun(machine, before.call, before.machine ?? undefined), draft, true), trail: [], ignored: false };
  const own = before.tasks.find(({ filler }) => filler.length > 0)?.filler;
  const nextTimer = Math.min(...before.timers.map(({ dueAt }) => dueAt));
  const prompts: readonly PromptItem[] = own ?? (before.tasks.length > 0 ? (botFacts(machine)?.filler ?? []) : [{ silenceMs: Math.min(Math.max(nextTimer - at, 500), 5_000) }]);
  const batch = compose([{ type: 'play', params: { prompts }, state: '' }], { answered: before.answered, over: false });
  return { snapshot: draft, batch: send(draft, batch, undefined, true), tasks: draft.tasks, timers: draft.timers, holds: false, trail: [], ignored: false };
};

// ---- the end ----

/** Records the end, once; what the author asked for afterwards is not sent: nobody is there to hear it. */
const close = (machine: AnyStateMachine, draft: Draft, reason: EndReason, at: number, running?: Run): StepResult => {
  let error: CallError | undefined;
  try {
    const run = running ?? openRun(machine, draft.call, draft.machine ?? undefined);
    run.deliver('', { type: 'call.ended', reason } as { type: string });
    run.effects();
    draft.machine = run.persisted();
  } catch (cause) {
    error = botError(cause, draft);
  }
  draft.ended = reason;
  draft.awaiting = null;
  draft.parked = [];
  draft.timers = [];
  draft.tasks = machine.implementations.actors[cleanupTask] === undefined ? [] : [cleanup(machine, draft, reason, at)];
  return { snapshot: draft, batch: [], tasks: draft.tasks, timers: [], holds: false, trail: ['ended'], ignored: false, ...(error !== undefined && { error }) };
};

const cleanup = (machine: AnyStateMachine, draft: Draft, reason: EndReason, at: number): PendingTask => {
  const { call: _call, ...context } = ((draft.machine as { readonly context?: Record<string, unknown> } | null)?.context ?? {}) as Record<string, unknown>;
  return { id: `${draft.call.id}:cleanup`, path: cleanupTask, machine: machine.id, name: cleanupTask, input: { callId: draft.call.id, reason, context }, filler: [], since: at };
};

/** After the end only the cleanup's result still means something. */
const late = (before: CallSnapshot, event: StepEvent): StepResult => {
  const done = event.type === 'task' && before.tasks.some(({ id }) => id === event.taskId);
  const snapshot: CallSnapshot = done ? { ...before, revision: before.revision + 1, tasks: [] } : before;
  return { snapshot, batch: [], tasks: snapshot.tasks, timers: [], holds: false, trail: [], ignored: !done };
};

const asking = (action: Asking['action']): Asking => ({ action, path: '', state: '', node: null });

const botError = (cause: unknown, before: { readonly machine: unknown }): CallError => {
  if (isCallError(cause)) return cause;
  const state = JSON.stringify((before.machine as { readonly value?: unknown } | null)?.value ?? 'idle').replaceAll('"', '');
  return new CallError('ERR_BOT_THREW', `state \`${state}\`: the bot's code threw`, { state }, { cause });
};
