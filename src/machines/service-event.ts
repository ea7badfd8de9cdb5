/**
 * Service event — what any calling service can tell about a call, in words that know neither the service nor the bot.
 *
 * `decode` makes these from bytes; `step` matches them to the open question and only then forms an event of the
 * machine ({@link CallEvent}). The closed union here is the inbound half of the seam between services and bots.
 *
 * @module
 */
import type { VerbFields } from '../actions/raw.ts';
import type { Recording } from '../actions/record.ts';
import type { Via } from '../actions/recognize.ts';

/** Which side placed the call. */
export type Direction = 'inbound' | 'outbound';

/** Who answers: a person, an answering machine, a fax, or nobody knows. */
export type AnsweredBy = 'human' | 'machine' | 'fax' | 'unknown';

/** Someone on the line when a call begins. */
export interface Participant {
  /** The telephone number, or the identity at the service. */
  readonly id: string;
  readonly name?: string;
  /** BCP 47 tag, where the service tells it. */
  readonly language?: string;
  /** There for the one who calls: the one that `from` names. */
  readonly originator?: true;
}

/** What is known of a call when it begins; the input of every machine. */
export interface CallInput {
  /** The service's id of the call. */
  readonly id: string;
  /** Who calls: a telephone number or an identity of the service. */
  readonly from: string;
  /** Who is called. */
  readonly to: string;
  /** The caller's name, where the service tells it. */
  readonly name?: string;
  /** BCP 47 tag of the caller's language, where the service tells it. */
  readonly language?: string;
  readonly direction: Direction;
  /** Who has answered a call that the bot placed, where the service was asked to listen for that. */
  readonly answeredBy?: AnsweredBy;
  /** The service's id of the conversation that the call belongs to; absent where that is the call itself. */
  readonly conversation?: string;
  /**
   * Who is on the line when the call begins; absent where that is the caller and the bot and nobody else. At most 50: the
   * caller, the one who is called, then the others as the service lists them. `call.roster` counts them all.
   */
  readonly participants?: readonly Participant[];
  /** What the service sent along: SIP headers, or the protocol's own extras. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The number, or the identity, of the person that the bot talks with: of who calls, or of whom the bot has called. */
export const personOn = ({ direction, from, to }: Pick<CallInput, 'direction' | 'from' | 'to'>): string => (direction === 'outbound' ? to : from);

/** Why a call ended. */
export type EndReason =
  /** The caller hung up. */
  | 'caller'
  /** The bot hung up. */
  | 'bot'
  /** The bot refused the call. */
  | 'rejected'
  /** The caller was handed on. */
  | 'transferred'
  /** The bot's code failed; the caller heard the apology. */
  | 'error'
  /** The service ended it or lost it. */
  | 'service';

/** What the caller gave, as raw as the service gives it. */
export type Input =
  /** The service matched it itself. */
  | { readonly kind: 'choice'; readonly name: string }
  | { readonly kind: 'keys'; readonly keys: string }
  | { readonly kind: 'phrase'; readonly phrase: string; readonly confidence?: number }
  | { readonly kind: 'digits'; readonly digits: string; readonly by: 'termchar' | 'interdigit' };

/** An outcome: which operation ended, and how. `reason` is the service's own word for a failure. */
export type Outcome = { readonly operationId: string; readonly reason?: string } & (
  | { readonly type: 'answer.done' | 'answer.failed' | 'play.done' | 'play.failed' | 'hangup.done' | 'hangup.failed' | 'reject.done' | 'reject.failed' }
  | { readonly type: 'transfer.done' | 'transfer.busy' | 'transfer.noanswer' | 'transfer.failed' }
  | { readonly type: 'hold.done' | 'hold.failed' | 'unhold.done' | 'unhold.failed' }
  | { readonly type: 'createcall.done' | 'createcall.busy' | 'createcall.noanswer' | 'createcall.failed' }
  /** A verb of the service's own ended, in its word for it; `fields` are what it tells besides. */
  | { readonly type: 'raw.ended'; readonly ending: string; readonly fields: VerbFields }
  | { readonly type: 'raw.failed' }
  | { readonly type: 'recognize.input'; readonly input: Input; readonly via: Via }
  | { readonly type: 'recognize.noinput' | 'record.noinput' }
  | { readonly type: 'recognize.nomatch'; readonly by: 'key' | 'interdigit' | 'speech' }
  | { readonly type: 'recognize.failed' | 'record.failed'; readonly cause: 'system' | 'unknown' }
  | { readonly type: 'record.done'; readonly by: 'finalsilence' | 'termchar' | 'maxspeech' | 'hangup'; readonly recording: Recording }
);

/** Everything a service can tell about a call. */
export type ServiceEvent =
  | { readonly type: 'call.incoming'; readonly call: CallInput }
  /** `reason` is absent where the service does not say who ended the call: then it is whoever the call was left to. */
  | { readonly type: 'call.ended'; readonly reason?: EndReason }
  /** The service refused our batch as illegal; nothing of it ran. */
  | { readonly type: 'batch.refused'; readonly operationId: string; readonly reason: string }
  /** The state of the line changed, short of its end. */
  | { readonly type: 'call.state'; readonly state: string }
  /** Who is on the line changed. */
  | { readonly type: 'call.roster'; readonly participants: number }
  | Outcome;

/** Whether `event` is the outcome of an operation that we asked for. */
export const isOutcome = (event: ServiceEvent): event is Outcome => 'operationId' in event && event.type !== 'batch.refused';
