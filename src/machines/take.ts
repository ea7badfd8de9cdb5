/**
 * Take — one event: matched to what the call waits for, and given to the actor that waits.
 *
 * @module
 */
import { type CallActionType, heldAfter, illegal, isQuestion } from '../actions/index.ts';
import type { CallEvent } from './call-event.ts';
import { stateName } from './chart.ts';
import { match, understood } from './match.ts';
import type { Run } from './run.ts';
import type { EndReason, Outcome, ServiceEvent } from './service-event.ts';
import { type Awaiting, type Draft, operationIndex, type PendingTimer } from './snapshot.ts';
import type { TaskResult } from './task-logic.ts';

/**
 * What became of an event: it was stale or of no interest; it was taken; a bare hangup is all that is left to try; or the
 * call is over.
 */
export type Taken = 'ignored' | 'taken' | 'hangup' | { readonly ended: EndReason };

/**
 * Takes what a service told. `chart` opens the call's chart.
 *
 * @throws `ERR_BATCH_ILLEGAL` when the service refused the batch
 */
export const takeService = (draft: Draft, event: ServiceEvent, chart: () => Run): Taken => {
  switch (event.type) {
    case 'call.incoming':
      return draft.revision === 1 && chart().state() === 'idle' ? deliver({ type: 'call.incoming', call: draft.call }, chart) : 'ignored';
    case 'call.ended':
      return ended(draft, event.reason ?? endedBy(draft.awaiting));
    case 'call.state':
    case 'call.roster':
      return draft.failed || chart().state() === 'idle' ? 'ignored' : deliver(event, chart);
    case 'batch.refused':
      return refused(draft, event.operationId, event.reason);
    default:
      return takeOutcome(draft, event, chart);
  }
};

/** Takes a timer that is due, if it is still set. */
export const takeTimer = (draft: Draft, timer: PendingTimer, chart: () => Run): Taken => {
  const set = draft.timers.find(({ id, path, dueAt }) => id === timer.id && path === timer.path && dueAt === timer.dueAt);
  if (set === undefined) return 'ignored';
  draft.timers = draft.timers.filter((other) => other !== set);
  chart().send(set.path, set.event);
  return 'taken';
};

/** Takes the result of a task, if it is still waited for. */
export const takeTask = (draft: Draft, taskId: string, result: TaskResult, chart: () => Run): Taken => {
  const task = draft.tasks.find(({ id }) => id === taskId);
  if (task === undefined) return 'ignored';
  draft.tasks = draft.tasks.filter((other) => other !== task);
  chart().send(task.path, result);
  return 'taken';
};

const deliver = (event: CallEvent, chart: () => Run): Taken => (chart().deliver('', event) ? 'taken' : 'ignored');

/** Who ended a call, where the service does not say: the bot if it was about to, and else the caller. */
const endedBy = (awaiting: Awaiting | null): EndReason => {
  switch (awaiting?.types.at(-1)) {
    case 'hangup':
      return 'bot';
    case 'reject':
      return 'rejected';
    default:
      return 'caller';
  }
};

const ended = (draft: Draft, reason: EndReason): Taken => ({ ended: draft.failed && draft.parted !== true ? 'error' : reason });

/** The service takes no batch of this kind: the apology is tried, then a bare hangup, then the call is as good as over. */
const refused = (draft: Draft, operationId: string, reason: string): Taken => {
  const { awaiting } = draft;
  if (awaiting === null || operationIndex(draft.call.id, awaiting, operationId) < 0) return 'ignored';
  if (draft.failed) return isBareHangup(awaiting) ? ended(draft, 'service') : release(draft, 'hangup');
  throw illegal('refused', { type: awaiting.types.at(-1) ?? 'hangup', state: waitingState(awaiting) }, reason);
};

/** The state that waits, as people name it. A node's id is that of its machine, a dot, and its place there. */
const waitingState = ({ path, node }: Awaiting): string => (node === null ? path : stateName(path, node.slice(node.indexOf('.') + 1)));

const takeOutcome = (draft: Draft, outcome: Outcome, chart: () => Run): Taken => {
  const { awaiting } = draft;
  const index = operationIndex(draft.call.id, awaiting, outcome.operationId);
  const asked = awaiting?.types[index];
  if (awaiting === null || asked === undefined) return 'ignored';
  const ending = understood(outcome, asked);
  const last = awaiting.types.at(-1);
  // A service may tell of every operation; the batch is at its end with the last of them, or with one that failed.
  if (index < awaiting.types.length - 1 && !ending.type.endsWith('.failed')) return 'ignored';
  draft.held = onHold(draft, awaiting, ending.type.endsWith('.failed') ? index : index + 1);
  switch (ending.type) {
    case 'hangup.done':
      return ended(draft, 'bot');
    case 'reject.done':
    case 'reject.failed':
      return ended(draft, 'rejected');
    case 'hangup.failed':
      return isBareHangup(awaiting) ? ended(draft, 'service') : release(draft, 'hangup');
    default:
  }
  if (draft.parked.length === 0 && (draft.failed || last === 'hangup')) return release(draft, 'hangup');
  if (draft.failed) return release(draft, 'taken');
  if (ending.type === 'answer.failed' && !chart().handles(awaiting.path, ending.type)) return ended(draft, 'service');
  if (ending.type === 'transfer.done' && !chart().handles(awaiting.path, ending.type)) return ended(draft, 'transferred');
  if (isAwaited(draft, awaiting, chart)) chart().deliver(awaiting.path, match(ending, awaiting.question));
  return release(draft, 'taken');
};

/** What is heard on hold, if the caller is there when the first `count` operations have been done. */
const onHold = ({ held }: Draft, { types, hold }: Awaiting, count: number): Draft['held'] => {
  if (held === null && hold === undefined) return null;
  const done = types.slice(0, count);
  return heldAfter(held !== null, done) ? (hold !== undefined && done.includes('hold') ? hold : held) : null;
};

/**
 * Whether an outcome still means something to the chart. Of a filler it knows nothing; and when a timer or a task has
 * moved it on since, the outcome is that of a question no longer asked, and only brings the reply that the parked batch
 * rides on.
 */
const isAwaited = ({ parked }: Draft, { path, node, filler }: Awaiting, chart: () => Run): boolean => {
  if (filler) return false;
  if (parked.length === 0) return true;
  const isAskedAnew = parked.some((one) => isQuestion(one.action.type) || (one.path === path && one.node === node));
  return !isAskedAnew && node !== null && chart().isActive(path, node);
};

const release = <T extends Taken>(draft: Draft, taken: T): T => {
  draft.awaiting = null;
  return taken;
};

const isBareHangup = ({ types }: { readonly types: readonly CallActionType[] }): boolean => types.length === 1 && types[0] === 'hangup';
