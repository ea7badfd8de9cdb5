/**
 * Outbox — what a service is still to be told of a call, in order; kept with the call, in the commit that decided it. Pure.
 *
 * The first command is the one that is being sent, or that was sent and has not ended; the next is sent when it is done. Events
 * of the service are held against it: an event may well be here before the response to the request that caused it.
 *
 * @module
 */
import type { Outcome, ServiceEvent } from '../machines/index.ts';
import { isOutcome } from '../machines/index.ts';
import type { Sent, ServiceCommand, ServiceMemory } from './service.ts';

/** A command that is not done. */
export interface Pending extends ServiceCommand {
  /** When the service took it, whose event is waited for; epoch ms. */
  readonly sentAt?: number;
}

export type Outbox = readonly Pending[];

/** What became of the outbox, and what the call is told. */
export interface Settled {
  readonly outbox: Outbox;
  readonly events: readonly ServiceEvent[];
}

/** The service told `events`. */
export const heard = (outbox: Outbox, events: readonly ServiceEvent[]): Settled => {
  let left = outbox;
  const told: ServiceEvent[] = [];
  for (const event of events) {
    if (event.type === 'call.ended') left = [];
    const settled = isOutcome(event) ? settle(left, event) : undefined;
    if (settled !== undefined) left = settled.outbox;
    told.push(...(settled?.events ?? [event]));
  }
  return { outbox: left, events: told };
};

/** How `sent` went with the command `id`. Of one that an event has ended since, there is nothing left to say. */
export const answered = (outbox: Outbox, id: string, sent: Sent, at: number): Settled => {
  const [head, ...rest] = outbox;
  if (head === undefined || head.id !== id || head.sentAt !== undefined) return { outbox, events: [] };
  switch (sent.kind) {
    case 'gone':
      return { outbox: [], events: [{ type: 'call.ended' }] };
    case 'refused':
      return head.tolerant === true ? { outbox: rest, events: [] } : { outbox: [], events: [failure(head, sent.reason)] };
    case 'taken':
      if (sent.outcome !== undefined) return settle(outbox, sent.outcome) ?? { outbox, events: [sent.outcome] };
      if (head.done === 'event') return { outbox: [{ ...head, sentAt: at }, ...rest], events: [] };
      return { outbox: rest, events: head.done === 'sent' ? [] : [{ type: `${head.operation.type}.done`, operationId: head.operation.operationId } as Outcome] };
  }
};

/** The service has told nothing of the first command for too long. */
export const overdue = (outbox: Outbox, at: number): Settled => {
  const [head, ...rest] = outbox;
  if (head === undefined || at < overdueAt(outbox)) return { outbox, events: [] };
  return head.tolerant === true ? { outbox: rest, events: [] } : { outbox: [], events: [failure(head, 'no event')] };
};

/** When the event of the first command is overdue; Infinity where none is waited for. */
export const overdueAt = ([head]: Outbox): number => (head?.sentAt === undefined || head.withinMs === undefined ? Infinity : head.sentAt + head.withinMs);

/** The command to be sent now, if there is one. */
export const toSend = ([head]: Outbox): ServiceCommand | undefined => (head?.sentAt === undefined ? head : undefined);

/**
 * What commands in the place of `outbox` have to wait for: the one that is on its way, of whose end nobody is told any more. Another
 * process may be sending it, and what is sent beside it could arrive before it.
 */
export const onItsWay = (outbox: Outbox): Outbox => {
  const command = toSend(outbox);
  return command === undefined ? [] : [{ ...command, done: 'sent', tolerant: true }];
};

/** `commands` in the place of what was still to be sent. An answer that is under way is waited for: nothing can be said before. */
export const replaced = (outbox: Outbox, commandsFor: (busy: boolean) => readonly ServiceCommand[]): Outbox => {
  const answering = outbox.filter(({ operation }) => operation.type === 'answer');
  return answering.length > 0 ? [...answering, ...commandsFor(false)] : [...onItsWay(outbox), ...commandsFor(outbox.length > 0)];
};

/** What is remembered, and what is new; the same object where nothing is. */
export const remembered = (memory: ServiceMemory, more: ServiceMemory | undefined): ServiceMemory =>
  more === undefined || Object.entries(more).every(([name, value]) => JSON.stringify(memory[name]) === JSON.stringify(value)) ? memory : { ...memory, ...more };

/** `event` as the outcome of one of the commands; undefined where it is none of theirs. */
const settle = (outbox: Outbox, event: Outcome): Settled | undefined => {
  const index = outbox.findIndex(({ id }) => id === event.operationId);
  const command = outbox[index];
  if (command === undefined) return undefined;
  const rest = outbox.slice(index + 1);
  const isStep = command.id !== command.operation.operationId;
  if (!isStep && command.done === 'sent') return { outbox: rest, events: [event] }; // replaced while it was on its way: what follows is not about it
  if (isStep && (command.tolerant === true || !hasFailed(event))) return { outbox: rest, events: [] };
  return { outbox: hasFailed(event) ? [] : rest, events: [isStep ? { ...event, operationId: command.operation.operationId } : event] };
};

/** Whether nothing that was to follow is done. */
const hasFailed = ({ type }: Outcome): boolean => !type.endsWith('.done') && type !== 'recognize.input';

const failure = ({ operation: { type, operationId } }: ServiceCommand, reason: string): Outcome => ({ type: `${type}.failed`, operationId, reason, ...((type === 'recognize' || type === 'record') && { cause: 'system' }) }) as Outcome;
