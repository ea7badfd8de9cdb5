/**
 * Live line — one emulated call, as the wire that conducts it has it: it asks the line to do what the bot wants, and tells the bot how that
 * ended, in the order and in the words of its service.
 *
 * The line is the same for both styles of service. Where the bot's answer to a request says what to do, a wire posts, reads the answer, has
 * it done ({@link LiveLine.act}), and posts the outcome. Where the bot answers at once and sends requests of its own later, a wire posts an
 * event, waits for the next request ({@link LiveLine.until}, which is to such a service what waiting for the answer is to the other), answers it
 * at once, has it done, and posts how it ended. A bot in this process that neither answers nor asks waits for itself: its time is moved on
 * meanwhile, at both of them. What the bot says while an action is still done breaks it off by the action's `stop`.
 *
 * @module
 */
import type { AnsweredBy, Direction } from '../machines/index.ts';
import type { LineClock } from './clock.ts';
import type { LineTrouble } from './line-trouble.ts';
import type { Ending, LineAction, Place } from './line-action.ts';
import type { PickedUp } from './offer.ts';
import type { Message, Posted } from './post.ts';
import type { Note } from './transcript.ts';

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
  /** What the caller has beside his voice, where the service tells of that. Default: nothing, `audio`. */
  readonly modality?: string;
  /** Default: inbound. In a call that the bot's application has placed the caller of the line is the one who is called. */
  readonly direction?: Direction;
  /** Who has answered such a call, as the service heard it. */
  readonly answeredBy?: AnsweredBy;
  /** What becomes of such a call, where it is not taken. */
  readonly untaken?: Exclude<PickedUp, 'answered'>;
}

export type LineState = 'incoming' | 'established' | 'terminated';

/** Which side ended the call; `line` is the service. */
export type EndedBy = 'caller' | 'bot' | 'rejected' | 'transferred' | 'line';

/** Why the service ended a call. */
export type LineReason =
  /** The bot refused the very first message: it cannot be talked to. */
  | 'unavailable'
  /** The bot refused a later message. */
  | 'refused'
  /** The bot did not answer, at the last try either. */
  | 'unreachable'
  /** What the bot answered cannot be carried out. */
  | 'application-error'
  /** The bot answered with nothing to do, or gave no address for the outcome. */
  | 'nothing-to-do'
  /** The bot answered again and again without a word to the caller. */
  | 'mute'
  /** The cap on rounds. */
  | 'rounds'
  /** The longest call. */
  | 'length'
  /** Nobody took the call. */
  | 'unanswered'
  /** The emulator was closed. */
  | 'closed';

/** How a call ended. */
export interface Ended {
  readonly by: EndedBy;
  readonly reason?: LineReason;
}

/** A call in the hands of a wire. */
export interface LiveLine {
  readonly call: LineCall;
  /** The bot's endpoint: where the call is announced. */
  readonly url: string;
  readonly clock: LineClock;
  readonly note: Note;
  /** What goes wrong on the way to the bot. Late, lost and, unless the wire does that, doubled messages are the line's; what overtakes what is the wire's. */
  readonly trouble: LineTrouble;
  readonly state: LineState;
  /** How it ended, once it has. */
  readonly ended: Ended | undefined;
  /** How often the bot has said what to do. */
  readonly rounds: number;
  /** Aborts when the caller hangs up or the emulator is closed. */
  readonly dead: AbortSignal;
  /** Where that is which the bot calls `url`. */
  carry(url: string): string;
  /** Posts `message` and waits for the answer. The caller and the bot's own time go on meanwhile. */
  post(target: string, message: Message): Promise<Posted>;
  /** Posts `message` beside the call, which goes on; it is not over before the message is delivered. */
  tell(target: string, message: Message): Promise<Posted>;
  /** Waits for something that the bot does of itself, for `withinMs` at most, or until the line is cut: then it is nothing. In the time of a script an exchange has passed then, unless it `costs` another. */
  until<T>(deed: Promise<T>, withinMs: number, costs?: { readonly exchangeMs: number }): Promise<T | undefined>;
  /** The bot has said what to do, once more. */
  round(): void;
  /** The phone of the one who is called rings, for `timeoutMs` at most, or until `stop`: what becomes of that. `over`: one of the two has put the receiver down. */
  rings(timeoutMs: number, stop?: AbortSignal): Promise<PickedUp | 'over'>;
  /** The call is established. */
  answer(): Ending;
  /**
   * Does `action`, or not, as the caller or the faults that are wished have it. `stop` breaks it off: it ends as `interrupted`. `onAnswer` is
   * told when somebody who is rung for the caller answers.
   */
  act(action: LineAction, place: Place, stop?: AbortSignal, onAnswer?: () => void): Promise<Ending>;
  /** What ends the call from outside of the bot's actions, if anything does by now. */
  cut(): Ended | undefined;
  /** The call is over. What comes second does not count. */
  end(by: EndedBy, reason?: LineReason): void;
}
