/**
 * Happening — what can happen to a call that is kept, and what of it is for the outbox and what for the bot. Pure.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { StepEvent } from '../../machines/index.ts';
import { answered, heard, type Outbox, overdue, remembered } from '../outbox.ts';
import { type CallRecord, nothing } from '../record.ts';
import { type CallService, canTell, type Sent, type ServiceMemory } from '../service.ts';

/** What can happen to a call that is kept: to its bot, or to what the service is still to be told. */
export type Happening =
  | StepEvent
  /** How it went with the command `id`. */
  | { readonly type: 'sent'; readonly at: number; readonly id: string; readonly sent: Sent }
  /** The service has told nothing of a command for too long. */
  | { readonly type: 'overdue'; readonly at: number }
  /** The call was looked at, and nobody here can go on with it. */
  | { readonly type: 'unread'; readonly at: number };

/** What is to be taken, and what for. */
export interface Taking {
  readonly callId: string;
  readonly event: Happening;
  /** Hash of the id of the request that a reply would go to. */
  readonly request: string | undefined;
  /** Given when that request brings the event: it is then taken once, and may begin a call. */
  readonly arrival?: { readonly bot: () => AnyStateMachine; readonly chain: string | undefined; readonly memory: ServiceMemory | undefined };
}

/** What a happening comes to before the bot hears of it. */
export interface Settled {
  /** What the bot hears of; undefined where it has no part in it. */
  readonly event: StepEvent | undefined;
  readonly outbox: Outbox;
  readonly memory: ServiceMemory;
  /** What is left to be sent if the call is over then. */
  readonly parting: Outbox;
  /** What the service threw when it was asked what the event means. */
  readonly poison?: unknown;
}

/** What `happening` means for the outbox and for the bot. What a service cannot make sense of ends the call that it is told of, and no other. */
export const settled = (before: CallRecord | undefined, happening: Happening, more: ServiceMemory | undefined, service: CallService): Settled => {
  try {
    return settle(before, happening, more, service);
  } catch (poison) {
    if (before === undefined || happening.type !== 'service') throw poison;
    return { outbox: heard(before.outbox, happening.events).outbox, memory: before.memory, event: happening, parting: [], poison };
  }
};

const settle = (before: CallRecord | undefined, happening: Happening, more: ServiceMemory | undefined, service: CallService): Settled => {
  const { outbox, memory } = before ?? unheard;
  if (happening.type === 'unread') return { outbox, memory, event: undefined, parting: [] };
  if (happening.type !== 'service' && happening.type !== 'sent' && happening.type !== 'overdue') return { outbox, memory, event: happening, parting: [] };
  const recalled = happening.type === 'service' ? service.recall?.({ events: happening.events, ...(more !== undefined && { memory: more }) }, memory, happening.at) : undefined;
  const told: typeof happening = happening.type === 'service' && recalled !== undefined ? { ...happening, events: recalled.events } : happening;
  const also = remembered(memory, told.type === 'sent' ? (told.sent.kind === 'taken' ? told.sent.memory : undefined) : (recalled?.memory ?? more));
  const parting = recalled?.parting ?? [];
  if (told.type === 'service' && outbox.length === 0) return { outbox, memory: also, event: told.events.length === 0 ? undefined : told, parting };
  const { at } = told;
  const left = told.type === 'service' ? heard(outbox, told.events) : told.type === 'sent' ? answered(outbox, told.id, told.sent, at) : overdue(outbox, at);
  return { outbox: left.outbox, memory: also, event: left.events.length === 0 ? undefined : { type: 'service', at, events: left.events }, parting };
};

/** Of a call that begins. */
const unheard: { readonly outbox: Outbox; readonly memory: ServiceMemory } = { outbox: [], memory: nothing };

/** `happening`, once the request that it was to answer has been: what is said of it has to go out some other way. */
export const answeredAlready = (happening: Happening, service: CallService): Happening =>
  happening.type === 'timer' || happening.type === 'task' ? { ...happening, reply: canTell(service) } : happening;

/** Something is to be said now. */
export const replyDue = (at: number): StepEvent => ({ type: 'reply.due', at });

/** The service has lost the call. */
export const hungUp = (at: number): StepEvent => ({ type: 'service', at, events: [{ type: 'call.ended', reason: 'service' }] });
