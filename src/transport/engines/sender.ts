/**
 * Sender — sends the commands of calls: those of one call one after the other, each as soon as it is its turn.
 *
 * A command is sent by the process that committed the decision, and by another one once that is dead (`heartbeat.ts`).
 * So one whose fate died with its process is sent again, with the same id, under which a service takes it once.
 *
 * @module
 */
import type { CallRef } from '../host.ts';
import { type Log, thrown } from '../log.ts';
import type { CallService, CommandContext, Sent, ServiceCommand } from '../service.ts';

/** What is to be sent for a call now. */
export interface Errand {
  readonly ref: CallRef;
  readonly command: ServiceCommand;
  readonly context: CommandContext;
}

export interface SenderOptions {
  readonly send: (command: ServiceCommand, context: CommandContext, signal: AbortSignal) => Promise<Sent>;
  /** Whether a command may be sent now; one that may not is left to whoever looks at its call again. */
  readonly may: (ref: CallRef) => boolean;
  /** Takes in how it went. Never rejects; when it resolves, what is next has been handed over. */
  readonly done: (ref: CallRef, id: string, sent: Sent) => Promise<void>;
  /** Told of work that is begun. */
  readonly working?: ((work: Promise<unknown>) => void) | undefined;
}

/** Sends commands. */
export interface Sender {
  /** `errand` is what the call `callId` has to send now; nothing, where it is undefined. */
  hand(callId: string, errand: Errand | undefined): void;
  /** Whether any command is being sent here. */
  isBusy(): boolean;
  /** Breaks off what is being sent. What becomes of it goes nowhere. */
  close(): void;
}

/** How `service` sends, where what throws is one command that is refused: of one call, which the others do not suffer for. Undefined where it sends nothing. */
export const sendingOf = (service: CallService, log: Log): SenderOptions['send'] | undefined => {
  const { send } = service;
  if (send === undefined) return undefined;
  return async (command, context, signal) => {
    try {
      return await send.call(service, command, context, signal);
    } catch (error) {
      if (!signal.aborted) log.error({ call: context.callId, bot: context.bot, command: command.id, ...thrown(error) }, 'command threw');
      return { kind: 'refused', reason: 'threw' };
    }
  };
};

/** Makes a sender. */
export const commandSender = ({ send, may, done, working: begun }: SenderOptions): Sender => {
  /** What is next, by call. */
  const next = new Map<string, Errand>();
  /** By call: the id of the command that is being sent, until it is on record how it went. */
  const busy = new Map<string, string>();
  const closing = new AbortController();

  const work = async (callId: string): Promise<void> => {
    for (let errand = next.get(callId); errand !== undefined && !closing.signal.aborted; errand = next.get(callId)) {
      next.delete(callId);
      const { ref, command, context } = errand;
      if (!may(ref)) break;
      busy.set(callId, command.id);
      const sent = await send(command, context, closing.signal);
      if (!closing.signal.aborted) await done(ref, command.id, sent);
    }
    busy.delete(callId);
  };

  return {
    hand: (callId, errand) => {
      if (errand === undefined || closing.signal.aborted || busy.get(callId) === errand.command.id) return void next.delete(callId);
      next.set(callId, errand);
      if (busy.has(callId)) return;
      busy.set(callId, errand.command.id);
      const working = work(callId);
      begun?.(working);
    },
    isBusy: () => busy.size > 0,
    close: () => {
      closing.abort();
      next.clear();
    },
  };
};
