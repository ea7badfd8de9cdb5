/**
 * Work — does what calls have to do, as far as this process holds it: runs their tasks and sends their commands.
 *
 * @module
 */
import type { PendingTask } from '../../machines/index.ts';
import type { CallSpans } from '../call-spans.ts';
import type { Clock } from '../clock.ts';
import { documents } from '../documents.ts';
import { bothAround, type CallRef, taskHost } from '../host.ts';
import { tell } from '../log.ts';
import { toSend } from '../outbox.ts';
import { type CallRecord, noLeases } from '../record.ts';
import { noSecrets } from '../secrets.ts';
import type { EngineOptions } from './engine-options.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { OwnEvents } from './own-events.ts';
import { commandSender, sendingOf } from './sender.ts';
import type { CallStore } from './store.ts';
import { refOf } from './telling.ts';
import type { Transactor } from './transact.ts';

export interface CallWork {
  /** Begins what the call has to do and this process holds, as far as it is not under way. */
  setGoing(record: CallRecord): void;
  /** Gives up the tasks that run here for the call `callId` and are none of `tasks`. */
  giveUp(callId: string, tasks: readonly PendingTask[]): void;
  /** Whether anything is under way. */
  isBusy(): boolean;
  /** Breaks everything off. What becomes of it goes nowhere. */
  close(): void;
}

export interface CallWorkOptions extends EngineOptions, Pick<Transactor, 'contextOf'>, Pick<OwnEvents, 'bringHome'> {
  readonly store: CallStore;
  readonly clock: Clock;
  readonly pulse: Heartbeat;
  readonly spans: CallSpans | undefined;
  /** The call is to be looked at again: this process may have been taken for dead, and what it holds may be another's. */
  readonly doubt: (callId: string) => void;
}

export const callWork = (options: CallWorkOptions): CallWork => {
  const { store, bots, service, log, clock, chat, secrets, pulse, spans, doubt, contextOf, bringHome } = options;
  const { now } = clock;

  const host = taskHost({
    find: bots.task, documents: documents(store, now), chat, reveal: secrets?.reveal ?? noSecrets, log, around: bothAround(spans?.task, options.aroundTask),
    done: (ref, taskId, result) => bringHome(ref, (reply) => ({ type: 'task', at: now(), taskId, result, reply })),
  });

  const send = sendingOf(service, log);
  const sender = send && commandSender({
    send: (command, context, signal) => send(command, { ...context, at: now() }, signal), // it may have waited for its turn
    working: clock.working,
    may: (ref) => mayBegin(ref),
    done: (ref, id, sent) => {
      if (sent.kind === 'refused') tell(options, 'warn', 'command.refused', { ...ref, command: id, reason: sent.reason });
      return bringHome(ref, () => ({ type: 'sent', at: now(), id, sent }));
    },
  });

  const mayBegin = ({ call }: CallRef): boolean => {
    if (pulse.isFresh()) return true;
    doubt(call);
    return false;
  };

  return {
    setGoing: (record) => {
      const { snapshot, memory, outbox, leasedBy } = record;
      if (leasedBy === noLeases) return sender?.hand(snapshot.call.id, undefined);
      const ref = refOf(record);
      const name = pulse.name();
      const tasks = snapshot.tasks.filter(({ id }) => leasedBy[id] === name && !host.runs(ref.call, id));
      const next = toSend(outbox);
      const command = next !== undefined && leasedBy[next.id] === name ? next : undefined;
      if (tasks.length === 0 && command === undefined) return sender?.hand(ref.call, undefined);
      if (!mayBegin(ref)) return;
      if (tasks.length > 0) host.begin(ref, bots.worksAs(snapshot), tasks);
      sender?.hand(ref.call, command && { ref, command, context: contextOf(snapshot, memory, now()) });
    },
    giveUp: host.giveUp,
    isBusy: () => host.isBusy() || sender?.isBusy() === true,
    close: () => {
      host.close();
      sender?.close();
    },
  };
};
