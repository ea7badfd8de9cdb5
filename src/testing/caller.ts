/**
 * Caller — what a test can say about a call: what the caller hears, does and expects, and what the service does.
 *
 * @module
 */
import type { Batch } from '../actions/index.ts';
import type { CallError } from '../errors.ts';
import type { CallInput, ChatDelivery, EndReason, ServiceEvent, StepEvent } from '../machines/index.ts';
import type { DataStore } from './data-store.ts';
import type { TaskStubs } from './stubs.ts';
import type { Expected } from './transcript.ts';

/** How a call is placed, and what stands for the world around the bot. */
export interface DialOptions {
  /** Who calls whom. Default: +15550100 calls +15550199. With the direction `outbound` the bot has placed the call, and whoever is called has answered it. */
  readonly call?: Partial<CallInput>;
  /** What stands for the bot's tasks, by name: a result, or a function that gives it (or throws). */
  readonly tasks?: TaskStubs;
  /** Whether tasks without a stub are run for real, the cleanup included. Default false: such a task fails the test. */
  readonly runTasks?: boolean;
  /** What bots keep beyond the call. Default: nothing is kept yet. */
  readonly data?: DataStore;
  /** Virtual epoch ms at which the call comes in. Default: Monday, 6 January 2025, 09:00 UTC. */
  readonly now?: number;
  /** Prompts that the service cannot play, by what they say: a file that is not there. */
  readonly unplayable?: Expected;
  /** Chat messages that cannot be delivered, by what they say. All others arrive, and nothing leaves the test. */
  readonly undeliverable?: Expected;
  /** Actions that the service fails at, whenever they are asked for. */
  readonly failing?: readonly ('answer' | 'hold' | 'unhold')[];
  /** How long the service waits for a reply while tasks or timers are pending, ms; then the filler is heard. Default 10,000. */
  readonly patienceMs?: number;
}

/** How a recording ended, when not by the silence after the last word. */
export interface RecordsOptions {
  readonly endedBy?: 'finalsilence' | 'termchar' | 'maxspeech' | 'hangup';
}

/** A caller on the line with a bot whose context is `Context`. */
export interface Caller<Context = unknown> {
  // ---- what the caller hears ----

  /**
   * Expects words in what was played since the caller last acted: a text that occurs in it, case and all, or a regular
   * expression that matches. Every prompt is a line of its own. Words are found in order: the next `hears` goes on
   * behind the ones that were found.
   */
  hears(expected: Expected): Caller<Context>;
  /**
   * Expects words in a chat message: its text, and the titles, texts and buttons of its cards, in one line. Messages stay
   * on the screen whatever the caller does; the next `reads` goes on behind the words that were found.
   */
  reads(expected: Expected): Caller<Context>;

  // ---- what the caller does ----

  /** Presses keys, one after the other, then pauses. Keys that a question does not take are kept for the next one. */
  presses(keys: string): Caller<Context>;
  /** Says `phrase`. */
  says(phrase: string): Caller<Context>;
  /** Says and presses nothing until the open question gives up; where nothing is asked, until the next timer. */
  staysSilent(): Caller<Context>;
  /** Lets `ms` pass in silence: timers that are due fire in order, and questions give up. What was played stays expectable. */
  waits(ms: number): Caller<Context>;
  /** Speaks for `lengthMs` into the open recording; longer than it may be ends it there. */
  records(lengthMs: number, options?: RecordsOptions): Caller<Context>;
  /** Hangs up. */
  hangsUp(): Caller<Context>;

  // ---- what the service does ----

  /** The party that the caller is transferred to takes the call; the bot's part in it is over. */
  transferAnswers(): Caller<Context>;
  /** The transfer comes to nothing, and the bot has the caller back. */
  transferFails(how?: 'busy' | 'noanswer' | 'failed'): Caller<Context>;
  /** Whoever the bot has called answers, and talks with the caller. */
  partyAnswers(): Caller<Context>;
  /** Whoever the bot has called hangs up after they have talked, and the bot has the caller back. */
  partyHangsUp(): Caller<Context>;
  /** Whoever the bot has called cannot be had. */
  partyFails(how?: 'busy' | 'noanswer' | 'failed'): Caller<Context>;
  /** The service could not play what led to the open question: nothing of it was heard, and nothing is asked. */
  promptFails(): Caller<Context>;
  /** The service tells something that no other verb says, word for word. */
  serviceReports(...events: readonly ServiceEvent[]): Caller<Context>;
  /** Waits for tasks that take real time, until no more of them are running. */
  settled(): Promise<Caller<Context>>;

  // ---- how the call stands ----

  /** Expects that the bot has taken the call. */
  isAnswered(): Caller<Context>;
  /** Expects that the bot has refused the call. */
  isRejected(): Caller<Context>;
  /** Expects that the bot has hung up. */
  isHungUp(): Caller<Context>;
  /** Expects that the bot's last request is a transfer to `to`. */
  isTransferredTo(to: string): Caller<Context>;
  /** Expects that the bot's last request is an outgoing call to `to`. */
  isCalling(to: string): Caller<Context>;
  /** Expects that the caller is on hold. */
  isOnHold(): Caller<Context>;
  /** Expects that the call has ended, for `reason`. */
  endedWith(reason: EndReason): Caller<Context>;

  /** The active state, as the chart shows it: `menu`, `order.size`, `ended`. */
  readonly state: string;
  /** The machine's context. */
  readonly context: Context;
  /** All batches so far. */
  readonly batches: readonly Batch[];
  /** The latest batch; empty before the first. */
  readonly lastBatch: Batch;
  /** What the bot was told so far: given to `step` one by one, they make the same batches again. */
  readonly events: readonly StepEvent[];
  /** The chat messages that arrived, as they were sent. */
  readonly messages: readonly ChatDelivery[];
  /** The call so far, in lines for people. */
  readonly transcript: string;
  /** Virtual epoch ms. */
  readonly now: number;
  /** Why the bot's code failed, if it did; the caller has heard the apology. */
  readonly error: CallError | undefined;
}
