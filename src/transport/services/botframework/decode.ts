/**
 * Decode — one JSON body of the Bot Framework calling service into what it tells of a call. Pure.
 *
 * The codecs are `wire.ts`; how the body comes out of an HTTP request is `body.ts`.
 *
 * An outcome is read by its completion reason, since the reason says what the caller did; `success` or `failure` decides
 * only where there is no reason. A reason whose fact is missing (a match without a name, a recording without bytes) reads
 * as `failed`, cause `unknown`. An outcome word we do not know reads as success, as it does for the service itself.
 *
 * Outcomes of actions that no bot of ours asks for are taken, and match no open operation: those of
 * `answerAppHostedMedia` and `placeCall` tell that the line is up and read as `answer`, `transfer` as itself, and
 * `videoSubscription` tells nothing.
 *
 * @module
 */
import type * as t from 'io-ts';
import type { Recording } from '../../../actions/index.ts';
import type { EndReason, Outcome, ServiceEvent } from '../../../machines/index.ts';
import type { Arrival } from '../../service.ts';
import { callInput } from './call-input.ts';
import { brokenBy } from '../codecs.ts';
import { isRule, malformed } from './rules.ts';
import { type OperationOutcome, type RecognizeOutcome, type RecordOutcome, Conversation, ConversationResult, given, Notification, shapeOf } from './wire.ts';

/** What came with the body: its headers, and the stored audio of a recording. */
export interface BodyExtra {
  readonly messageId?: string | undefined;
  readonly recording?: Omit<Recording, 'lengthMs'> | undefined;
  /** The bot's own app id: it is the callee where several bots are in a call. */
  readonly appIdentity?: string | undefined;
}

/** An arrival, with the appState that our last answer put on the call. */
export interface DecodedBody extends Arrival {
  readonly appState?: string;
}

/**
 * What `json` tells. Throws `ERR_EVENT_MALFORMED` with the broken rule and the places, never with a value.
 *
 * A `Conversation` always has the event id `incoming`: a call begins once, whatever the message id of a retry.
 */
export function decodeBody(json: unknown, extra: BodyExtra = {}): DecodedBody {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed('H-JSON');
  const { callId, eventId, events, appState } = readers[shapeOf(json as Readonly<Record<string, unknown>>)](json, extra);
  return appState === undefined ? { callId, eventId, events } : { callId, eventId, events, appState };
}

interface Read {
  readonly callId: string;
  readonly eventId: string;
  readonly events: readonly ServiceEvent[];
  readonly appState: string | undefined;
}

const readers = {
  conversation(json: unknown, extra: BodyExtra): Read {
    const call = take(Conversation.decode(json));
    const over = call.callState === 'terminated';
    return {
      callId: call.id,
      eventId: over ? (given(extra.messageId) ?? 'terminated') : 'incoming',
      events: over ? [{ type: 'call.ended', reason: 'caller' }] : [{ type: 'call.incoming', call: callInput(call, extra.appIdentity) }],
      appState: call.appState,
    };
  },

  conversationResult(json: unknown, extra: BodyExtra): Read {
    const { id: callId, operationOutcome: outcome, callState, appState } = take(ConversationResult.decode(json));
    const ended = endReason(outcome, callState === 'terminated');
    return {
      callId,
      eventId: given(extra.messageId) ?? `${outcome.type}:${outcome.id}`,
      events: [...outcomeEvents(outcome, extra.recording), ...(ended === undefined ? [] : [{ type: 'call.ended', reason: ended } as const])],
      appState,
    };
  },

  notification(json: unknown, extra: BodyExtra): Read {
    const change = take(Notification.decode(json));
    const callId = change.id;
    if (change.type === 'rosterUpdate') {
      // One row a media stream, so one participant may have several.
      const participants = new Set(change.participants.map(({ identity }) => identity.toLowerCase())).size;
      return { callId, eventId: given(extra.messageId) ?? `rosterUpdate:${participants}`, events: [{ type: 'call.roster', participants }], appState: change.appState };
    }
    const state = change.currentState;
    return {
      callId,
      eventId: given(extra.messageId) ?? `callStateChange:${state}`,
      events: [state === 'terminated' ? { type: 'call.ended', reason: 'caller' } : { type: 'call.state', state }],
      appState: change.appState,
    };
  },
} as const;

/** The value of a decoding, or the error that names the first broken rule and all places. io-ts' own reporters echo values. */
function take<A>(result: t.Validation<A>): A {
  if (result._tag === 'Right') return result.right;
  const { rule, paths } = brokenBy(result.left);
  throw malformed(isRule(rule) ? rule : 'T-SHAPE', paths);
}

function outcomeEvents(outcome: OperationOutcome, audio: BodyExtra['recording']): readonly ServiceEvent[] {
  const of = operation(outcome);
  const done = outcome.outcome !== 'failure';
  switch (outcome.type) {
    case 'answerOutcome':
    case 'answerAppHostedMediaOutcome':
    case 'placeCallOutcome':
      return [{ type: done ? 'answer.done' : 'answer.failed', ...of }];
    case 'rejectOutcome':
      return [{ type: done ? 'reject.done' : 'reject.failed', ...of }];
    case 'hangupOutcome':
      return [{ type: done ? 'hangup.done' : 'hangup.failed', ...of }];
    case 'playPromptOutcome':
      return [{ type: done ? 'play.done' : 'play.failed', ...of }];
    case 'transferOutcome':
      return [{ type: done ? 'transfer.done' : 'transfer.failed', ...of }];
    case 'recognizeOutcome':
      return recognized(outcome);
    case 'recordOutcome':
      return recorded(outcome, audio);
    case 'videoSubscriptionOutcome':
      return [];
    case 'worfklowValidationOutcome':
      return [{ type: 'batch.refused', operationId: outcome.id, reason: given(outcome.failureReason) ?? '' }];
  }
}

function recognized(outcome: RecognizeOutcome): readonly Outcome[] {
  const of = operation(outcome);
  const failed = (cause: 'system' | 'unknown') => [{ type: 'recognize.failed', cause, ...of } as const];
  const { choiceOutcome: choice, collectDigitsOutcome: collected } = outcome;
  const reason = choice?.completionReason ?? collected?.completionReason;
  const digits = given(collected?.digits);
  const name = given(choice?.choiceName);
  switch (reason) {
    case 'callTerminated':
      return [];
    case 'initialSilenceTimeout':
      return [{ type: 'recognize.noinput', ...of }];
    case 'incorrectDtmf':
      return [{ type: 'recognize.nomatch', by: 'key', ...of }];
    case 'interdigitTimeout':
      if (choice !== undefined) return [{ type: 'recognize.nomatch', by: 'interdigit', ...of }];
      // A pause before any digit is what a caller's silence looks like.
      if (digits === undefined) return [{ type: 'recognize.noinput', ...of }];
      return [{ type: 'recognize.input', input: { kind: 'digits', digits, by: 'interdigit' }, via: 'dtmf', ...of }];
    case 'completedStopToneDetected':
      return digits === undefined ? failed('unknown') : [{ type: 'recognize.input', input: { kind: 'digits', digits, by: 'termchar' }, via: 'dtmf', ...of }];
    case 'speechOptionMatched':
    case 'dtmfOptionMatched':
      if (name === undefined) return failed('unknown');
      return [{ type: 'recognize.input', input: { kind: 'choice', name }, via: reason === 'dtmfOptionMatched' ? 'dtmf' : 'speech', ...of }];
    case 'temporarySystemFailure':
      return failed('system');
    case 'unknown':
    case undefined:
      return failed('unknown');
  }
}

const contentTypes = { wma: 'audio/x-ms-wma', wav: 'audio/wav', mp3: 'audio/mpeg', unknown: 'application/octet-stream' } as const;
const recordEnds = {
  maxRecordingTimeout: 'maxspeech',
  completedSilenceDetected: 'finalsilence',
  completedStopToneDetected: 'termchar',
  callTerminated: 'hangup',
} as const;

function recorded(outcome: RecordOutcome, audio: BodyExtra['recording']): readonly Outcome[] {
  const of = operation(outcome);
  const reason = outcome.completionReason;
  if (reason === 'initialSilenceTimeout') return [{ type: 'record.noinput', ...of }];
  if (reason === 'temporarySystemFailure') return [{ type: 'record.failed', cause: 'system', ...of }];
  if (reason === 'unknown') return [{ type: 'record.failed', cause: 'unknown', ...of }];
  // Bare JSON, as in a fixture, has a success without bytes: the recording is then known by its length alone.
  if (outcome.outcome === 'failure' && !audio?.bytes) return reason === 'callTerminated' ? [] : [{ type: 'record.failed', cause: 'unknown', ...of }];
  const { ref, bytes, contentType } = audio ?? { ref: '', bytes: 0, contentType: contentTypes[outcome.format ?? 'wma'] };
  const recording = { ref, bytes, contentType, lengthMs: Math.round(outcome.lengthOfRecordingInSecs * 1000) };
  return [{ type: 'record.done', by: recordEnds[reason], recording, ...of }];
}

/** `failureReason` is free text, and empty where there is none. */
function operation({ id, outcome, failureReason }: OperationOutcome): { readonly operationId: string; readonly reason?: string } {
  const reason = outcome === 'success' ? undefined : given(failureReason);
  return reason === undefined ? { operationId: id } : { operationId: id, reason };
}

const endedBy: Readonly<Partial<Record<OperationOutcome['type'], EndReason>>> = { hangupOutcome: 'bot', rejectOutcome: 'rejected', transferOutcome: 'transferred' };

/** Why the call is over, if it is. A hangup that failed on a dead line was beaten by the caller. */
function endReason(outcome: OperationOutcome, terminated: boolean): EndReason | undefined {
  if (!terminated && !callerLeft(outcome)) return undefined;
  return (outcome.outcome === 'failure' ? undefined : endedBy[outcome.type]) ?? 'caller';
}

const callerLeft = (outcome: OperationOutcome): boolean => {
  if (outcome.type === 'recordOutcome') return outcome.completionReason === 'callTerminated';
  if (outcome.type !== 'recognizeOutcome') return false;
  return (outcome.choiceOutcome ?? outcome.collectDigitsOutcome)?.completionReason === 'callTerminated';
};
