/**
 * Phone — what a caller hears, does and expects on any line: in a test by `dial`, and at a live bot by `ring` of
 * `callchart/emulator`. What only a test can know or bring about (the chart, its tasks, how the service fails) is not in it.
 *
 * @module
 */
import type { EndReason } from '../machines/index.ts';
import type { Expected, Words } from './transcript.ts';

/** A call on paper: a function of a phone, which does the same on any line. */
export type Script = (caller: Phone) => Phone;

/** How a recording ended, when not by the silence after the last word. */
export interface RecordsOptions {
  readonly endedBy?: 'finalsilence' | 'termchar' | 'maxspeech' | 'hangup';
}

/** A caller on a line. */
export interface Phone {
  // ---- what the caller hears ----

  /**
   * Expects words in what was played since the caller last acted: a text that occurs in it, case and all, a regular
   * expression that matches, or a prompt as the bot has it. Every prompt is a line of its own. Words are found in order: the
   * next `hears` goes on behind the ones that were found.
   */
  hears(expected: Expected): this;
  /**
   * Expects words in a chat message: its text, and the titles, texts and buttons of its cards, in one line. Messages stay
   * on the screen whatever the caller does; the next `reads` goes on behind the words that were found.
   */
  reads(expected: Words): this;

  // ---- what the caller does ----

  /** Presses keys, one after the other, then pauses. Keys that a question does not take are kept for the next one. */
  presses(keys: string): this;
  /** Says `phrase`. */
  says(phrase: string): this;
  /** Says and presses nothing until the open question gives up; where nothing is asked, until the next timer. */
  staysSilent(): this;
  /** Lets `ms` pass in silence: timers that are due fire in order, and questions give up. What was played stays expectable. */
  waits(ms: number): this;
  /** Speaks for `lengthMs` into the open recording; longer than it may be ends it there. */
  records(lengthMs: number, options?: RecordsOptions): this;
  /** Hangs up. */
  hangsUp(): this;

  // ---- what somebody else does, whom the bot rings ----

  /** The party that the caller is transferred to takes the call; the bot's part in it is over. */
  transferAnswers(): this;
  /** The transfer comes to nothing, and the bot has the caller back. */
  transferFails(how?: 'busy' | 'noanswer' | 'failed'): this;
  /** Whoever the bot has called answers, and talks with the caller. */
  partyAnswers(): this;
  /** Whoever the bot has called hangs up after they have talked, and the bot has the caller back. */
  partyHangsUp(): this;
  /** Whoever the bot has called cannot be had. */
  partyFails(how?: 'busy' | 'noanswer' | 'failed'): this;

  // ---- how the call stands ----

  /** Expects that the bot has taken the call. */
  isAnswered(): this;
  /** Expects that the bot has refused the call. */
  isRejected(): this;
  /** Expects that the bot has hung up. */
  isHungUp(): this;
  /** Expects that the bot's last request is a transfer to `to`. */
  isTransferredTo(to: string): this;
  /** Expects that the bot's last request is an outgoing call to `to`. */
  isCalling(to: string): this;
  /** Expects that the call has ended, for `reason`. */
  endedWith(reason: Exclude<EndReason, 'error'>): this;
}
