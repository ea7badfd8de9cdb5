/**
 * Sender — sends the commands of calls: those of one call one after the other, each as soon as it is its turn.
 *
 * A command is sent by the process that committed the decision, and by another one once its lease is over
 * (`attendant.ts`). So one whose fate died with its process is sent again, with the same id, under which a service
 * takes it once.
 *
 * @module
 */
import type { CallRef } from '../host.ts';
import type { CommandContext, Sent, ServiceCommand } from '../service.ts';

/** What is to be sent for a call now. */
export interface Errand {
  readonly ref: CallRef;
  readonly command: ServiceCommand;
  readonly context: CommandContext;
}

export interface SenderOptions {
  readonly send: (command: ServiceCommand, context: CommandContext, signal: AbortSignal) => Promise<Sent>;
  /** Takes in how it went. Never rejects; when it resolves, what is next has been handed over. */
  readonly done: (ref: CallRef, id: string, sent: Sent) => Promise<void>;
  /** Told of work that is begun. */
  readonly working?: ((work: Promise<unknown>) => void) | undefined;
}

/** Sends commands. */
export interface Sender {
  /** `errand` is what the call `callId` has to send now; nothing, where it is undefined. */
  hand(callId: string, errand: Errand | undefined): void;
  /** Whether a command of the call `callId` is being sent here. */
  worksFor(callId: string): boolean;
  /** Breaks off what is being sent. What becomes of it goes nowhere. */
  close(): void;
}

/** Makes a sender. */
export const commandSender = ({ send, done, working: begun }: SenderOptions): Sender => {
  /** What is next, by call. */
  const next = new Map<string, Errand>();
  const busy = new Set<string>();
  const closing = new AbortController();

  const work = async (callId: string): Promise<void> => {
    for (let errand = next.get(callId); errand !== undefined && !closing.signal.aborted; errand = next.get(callId)) {
      next.delete(callId);
      const { ref, command, context } = errand;
      const sent = await send(command, context, closing.signal);
      if (!closing.signal.aborted) await done(ref, command.id, sent);
    }
    busy.delete(callId);
  };

  return {
    hand: (callId, errand) => {
      if (errand === undefined || closing.signal.aborted) return void next.delete(callId);
      next.set(callId, errand);
      if (busy.has(callId)) return;
      busy.add(callId);
      const working = work(callId);
      begun?.(working);
    },
    worksFor: (callId) => busy.has(callId),
    close: () => {
      closing.abort();
      next.clear();
    },
  };
};
