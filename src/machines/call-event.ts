/**
 * Call event — the alphabet of every call machine: closed, and printed in `docs/events.md`.
 *
 * The endings of an action are declared beside the action; here they are gathered, with the two events of the line
 * itself. Names are SCXML event descriptors, general to specific, so that `recognize.nomatch.*` is a wildcard.
 *
 * @module
 */
import type { AnswerEvents, CreatecallEvents, HoldEvents, PlayEvents, RawEvents, RecognizeEvents, RecordEvents, TransferEvents, UnholdEvents, VerbEvent } from '../actions/index.ts';
import type { CallInput, EndReason } from './service-event.ts';

/** The events of the line itself. */
export interface LineEvents {
  /** The call is ringing. Leaves the framework's state `idle`. */
  'call.incoming': { readonly type: 'call.incoming'; readonly call: CallInput };
  /** The call is over. Handled in every state by construction, before any wildcard of the author. */
  'call.ended': { readonly type: 'call.ended'; readonly reason: EndReason };
  /** The state of the line changed, short of its end. */
  'call.state': { readonly type: 'call.state'; readonly state: string };
  /** Who is on the line changed. */
  'call.roster': { readonly type: 'call.roster'; readonly participants: number };
}

/** Every event that has one fixed name, by that name. */
export type FixedEvents = LineEvents & AnswerEvents & PlayEvents & Omit<RecognizeEvents, `recognize.choice.${string}`> & RecordEvents & TransferEvents & HoldEvents & UnholdEvents & CreatecallEvents & RawEvents;

/** One event type a choice. */
export interface ChoiceEvent<Name extends string = string> {
  readonly type: `recognize.choice.${Name}`;
  readonly via: 'dtmf' | 'speech';
}

/** An event that a call machine can receive. `Choices` are the names of its choices. */
export type CallEvent<Choices extends string = string> = FixedEvents[keyof FixedEvents] | ChoiceEvent<Choices> | VerbEvent;

/** The result of a task or a dialog, as the state that ran it receives it. */
export interface DoneEvent<Output = unknown> {
  readonly type: `xstate.done.actor.${string}`;
  readonly output: Output;
}

/** A task that failed, as the state that ran it receives it. */
export interface FailedEvent {
  readonly type: `xstate.error.actor.${string}`;
  readonly error: TaskFailure;
}

/** What is told of a failed task: JSON, without a stack. */
export interface TaskFailure {
  readonly message: string;
  readonly code?: string;
}

/** Every fixed event type, at run time; `satisfies` keeps it complete. Choices come on top, as `recognize.choice.<name>`, and the endings of a service's own verbs, as `raw.done.<ending>`. */
export const fixedEventTypes = Object.keys({
  'call.incoming': 0, 'call.ended': 0, 'call.state': 0, 'call.roster': 0,
  'answer.done': 0, 'answer.failed': 0,
  'play.done': 0, 'play.failed': 0,
  'recognize.choice': 0, 'recognize.speech': 0, 'recognize.repeat': 0, 'recognize.digits.termchar': 0, 'recognize.digits.interdigit': 0, 'recognize.noinput': 0,
  'recognize.nomatch.key': 0, 'recognize.nomatch.interdigit': 0, 'recognize.nomatch.speech': 0, 'recognize.failed': 0,
  'record.done.finalsilence': 0, 'record.done.termchar': 0, 'record.done.maxspeech': 0, 'record.done.hangup': 0,
  'record.noinput': 0, 'record.failed': 0,
  'transfer.done': 0, 'transfer.busy': 0, 'transfer.noanswer': 0, 'transfer.failed': 0,
  'hold.done': 0, 'hold.failed': 0, 'unhold.done': 0, 'unhold.failed': 0,
  'createcall.done': 0, 'createcall.busy': 0, 'createcall.noanswer': 0, 'createcall.failed': 0,
  'raw.failed': 0,
} satisfies Record<keyof FixedEvents, 0>) as readonly (keyof FixedEvents)[];

/** Whether some event of the alphabet matches the descriptor `descriptor` (exact, `prefix.*` or `*`). */
export const isDescriptor = (descriptor: string): boolean => {
  if (descriptor === '*') return true;
  if (/^(?:recognize\.choice|raw\.done)\.[^.*]+$/.test(descriptor) || descriptor === 'raw.done.*') return true;
  const prefix = descriptor.endsWith('.*') ? descriptor.slice(0, -2) : undefined;
  return fixedEventTypes.some((type) => (prefix === undefined ? type === descriptor : type === prefix || type.startsWith(`${prefix}.`)));
};
