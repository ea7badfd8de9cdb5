/**
 * Widgets — the kinds of widget that Studio has, and every way each of them can end.
 *
 * @module
 */

/** What an ending means to the person on the line. */
export type Ending =
  /** The caller did what he was asked for. */
  | 'input'
  /** Nothing was keyed or said. */
  | 'silence'
  /** What came is none of what was expected. */
  | 'nomatch'
  /** A branch of a split. */
  | 'match'
  /** What was to be done could not be. */
  | 'failure'
  /** The widget has done its work. */
  | 'done'
  /** Work in the background has an answer. */
  | 'answer'
  /** Whoever was called has taken the call. */
  | 'taken'
  /** Nobody is on the line. */
  | 'gone';

/** What a widget does to the call. */
export type Part =
  /** It speaks. */
  | 'says'
  /** It waits for the caller. */
  | 'asks'
  /** It gives the call to somebody else: a person, a queue, a document, a virtual agent. */
  | 'hands'
  /** It works in the background. */
  | 'works'
  /** It decides or notes something, in no time. */
  | 'silent'
  /** It makes a call. */
  | 'dials';

/** A kind of widget. */
export interface Kind {
  readonly part: Part;
  readonly endings: Readonly<Record<string, Ending>>;
}

const handedOn = { callComplete: 'done', failedToEnqueue: 'failure', callFailure: 'gone' } as const;
const requested = { success: 'answer', failed: 'failure' } as const;
const dialled = { answered: 'taken', busy: 'gone', noAnswer: 'gone', failed: 'gone' } as const;
const byAgent = { completed: 'done', 'live-agent-handoff': 'input', hangup: 'gone', failed: 'failure' } as const;
const ranFunction = { success: 'answer', fail: 'failure' } as const;

const kinds: Readonly<Record<string, Kind>> = {
  'say-play': { part: 'says', endings: { audioComplete: 'done' } },
  'gather-input-on-call': { part: 'asks', endings: { keypress: 'input', speech: 'input', timeout: 'silence' } },
  'record-voicemail': { part: 'asks', endings: { recordingComplete: 'input', noAudio: 'silence', hangup: 'gone' } },
  'split-based-on': { part: 'silent', endings: { match: 'match', noMatch: 'nomatch' } },
  'set-variables': { part: 'silent', endings: { next: 'done' } },
  'connect-call-to': { part: 'hands', endings: { callCompleted: 'done', hangup: 'gone' } },
  'send-to-flex': { part: 'hands', endings: handedOn },
  'enqueue-call': { part: 'hands', endings: handedOn },
  'add-twiml-redirect': { part: 'hands', endings: { return: 'done', timeout: 'done', fail: 'failure' } },
  'connect-virtual-agent': { part: 'hands', endings: { return: 'done', hangup: 'gone' } },
  'connect-virtual-agent-v2': { part: 'hands', endings: byAgent },
  'send-to-auto-pilot': { part: 'hands', endings: { sessionEnded: 'done', timeout: 'silence', failure: 'failure' } },
  'capture-payments': { part: 'hands', endings: { success: 'done', maxFailedAttempts: 'nomatch', providerError: 'failure', payInterrupted: 'failure', validationError: 'failure', hangup: 'gone' } },
  'make-http-request': { part: 'works', endings: requested },
  'run-function': { part: 'works', endings: ranFunction },
  'run-function-v2': { part: 'works', endings: ranFunction },
  'send-message': { part: 'works', endings: { sent: 'answer', failed: 'failure' } },
  'send-and-wait-for-reply': { part: 'works', endings: { incomingMessage: 'answer', timeout: 'silence', deliveryFailure: 'failure' } },
  'record-call': { part: 'silent', endings: { success: 'done', failed: 'failure' } },
  'fork-stream': { part: 'silent', endings: { next: 'done' } },
  'make-outgoing-call-v1': { part: 'dials', endings: dialled },
  'make-outgoing-call-v2': { part: 'dials', endings: dialled },
  trigger: { part: 'silent', endings: { incomingCall: 'done', incomingRequest: 'done', incomingParent: 'done', incomingMessage: 'done', incomingConversationMessage: 'done' } },
};

/** The kind of widgets of `type`; undefined where it is not known. */
export const kindOf = (type: string): Kind | undefined => (Object.hasOwn(kinds, type) ? kinds[type] : undefined);

/** How a widget of `kind` has ended with `event`; undefined where it does not end so. */
export const endingOf = (kind: Kind, event: string): Ending | undefined => (Object.hasOwn(kind.endings, event) ? kind.endings[event] : undefined);

/** The endings of `kind` that mean `ending`. */
export const eventsOf = (kind: Kind, ...endings: readonly Ending[]): readonly string[] => Object.entries(kind.endings).filter(([, ending]) => endings.includes(ending)).map(([event]) => event);

/** Types of widgets that are about calls alone: where one of them is, somebody is on the line. */
export const aboutCalls: ReadonlySet<string> = new Set(['say-play', 'gather-input-on-call', 'record-voicemail', 'connect-call-to', 'enqueue-call', 'capture-payments']);
