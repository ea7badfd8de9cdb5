/**
 * Wire — how an emulated calling service speaks to a bot: what its messages look like, and how it reads the answers.
 *
 * One implementation a service, beside this file, written from the service's own facts. It is the mirror of that service's
 * `decode` and `encode` and shares nothing with them but the rules of what is legal.
 *
 * @module
 */
import type { CallAction, Via } from '../../actions/index.ts';

/** The call as the service introduces it. */
export interface LineCall {
  readonly id: string;
  /** Correlates all messages of the call. */
  readonly chainId: string;
  /** Who calls and who is called, as identities of the service. */
  readonly from: string;
  readonly to: string;
  readonly name?: string;
  readonly language?: string;
}

export type LineState = 'incoming' | 'established' | 'terminated';

/** One request to the bot, without its token. A retry sends the same one. */
export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** What no service that is emulated can do; such a reply is refused before it gets here. */
type Beyond = 'hold' | 'unhold' | 'createcall' | 'raw';

/** What the bot wants done. `other` is an action that a line has no part in: it is taken and is done at once. */
export type LineAction =
  | (Exclude<CallAction, { readonly type: Beyond }> & { readonly operationId: string })
  | { readonly type: 'other'; readonly name: string; readonly answers: boolean; readonly operationId: string };

/** How an action ended. */
export type Ending =
  | { readonly end: 'done' }
  /** The service could not do it. */
  | { readonly end: 'failed'; readonly cause: 'system' | 'unknown'; readonly reason: string }
  /** A prompt of it could not be played. */
  | { readonly end: 'unplayed' }
  /** The caller was gone before the end, or the line was cut. */
  | { readonly end: 'left' }
  | { readonly end: 'silence' }
  | { readonly end: 'choice'; readonly name: string; readonly via: Via }
  | { readonly end: 'wrong'; readonly by: 'key' | 'interdigit' }
  | { readonly end: 'digits'; readonly digits: string; readonly by: 'termchar' | 'interdigit' }
  | { readonly end: 'recorded'; readonly by: 'finalsilence' | 'termchar' | 'maxspeech' | 'hangup'; readonly lengthMs: number };

/** Whether the service calls it a success. A stop tone without digits before it is none. */
export const succeeded = (ending: Ending): boolean =>
  ending.end === 'done' || ending.end === 'choice' || ending.end === 'recorded' || (ending.end === 'digits' && ending.digits !== '');

/** What a bot's answer asks for. */
export type Reply =
  | { readonly kind: 'nothing' }
  | ({ readonly kind: 'actions'; readonly actions: readonly LineAction[] } & ReplyLinks)
  /** Nothing of it runs. `text` says to a person which rule is broken, and where. */
  | ({ readonly kind: 'refused'; readonly rule: string; readonly text: string; readonly operationId: string } & ReplyLinks);

/** What rides along with an answer. Without a callback the outcome is told to nobody. */
export interface ReplyLinks {
  readonly callback?: string;
  /** Comes back with the outcome. */
  readonly appState?: string;
}

/** The words of one calling service. */
export interface Wire {
  readonly name: string;
  /** The identity for `address`, where the service has a form of its own for a telephone number or a plain name. */
  identity(address: string): string;
  /** A call comes in. */
  incoming(call: LineCall): Message;
  /** The call is over and no operation is open. */
  ended(call: LineCall): Message;
  /** An operation ended. */
  outcome(call: LineCall, action: LineAction, ending: Ending, state: LineState, appState?: string): Message;
  /** An answer broke a rule. */
  refused(call: LineCall, reply: Extract<Reply, { readonly kind: 'refused' }>, state: LineState): Message;
  /** Reads the bot's answer. Never throws. */
  read(body: string): Reply;
}
