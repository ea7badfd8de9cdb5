/**
 * Parties — those at the other ends of the lines of Azure Communication Services, as the service has to do with them: they
 * hear, they key and say, and their telephones ring.
 *
 * @module
 */
import type { PromptItem, Recognize } from '../../../actions/index.ts';
import type { PlaySource } from './bodies.ts';
import type { ResultName } from './results.ts';

/** How a prompt ended that was not broken off. `index` is that of the source that could not be played. */
export type Played = 'end' | { readonly failed: ResultName; readonly index: number };

/** How a question ended that was not broken off. */
export type Answered =
  | { readonly end: 'choice'; readonly label: string; readonly phrase?: string }
  | { readonly end: 'digits'; readonly digits: string; readonly by: 'max' | 'stop' | 'pause' }
  | { readonly end: 'speech'; readonly speech: string; readonly confidence?: number }
  | { readonly end: 'failed'; readonly result: ResultName; readonly index?: number };

/** What becomes of a telephone that rings. */
export type Pickup = 'answered' | 'busy' | 'noanswer' | 'declined' | 'unreachable';

/** What is broken off when it aborts, and how it ends then is nobody's. */
interface Breakable {
  readonly signal: AbortSignal;
}

/** How somebody is rung. */
export interface Ring extends Breakable {
  readonly ringMs: number;
}

/** The parties of one call. */
export interface Parties {
  /** The bot takes the call; whether it is put through. */
  answer(): Promise<boolean>;
  /** The bot does not want the call. */
  reject(): void;
  /** The bot sends the call to somebody else before it has taken it. */
  redirect(to: string): void;
  /** Everybody, or `to` alone, hears `prompts`, once or until it is broken off. */
  hear(prompts: readonly PromptItem[], options: Breakable & { readonly loop: boolean; readonly to?: string }): Promise<Played>;
  /** `who` is asked. `isTaped`: what is said is recorded meanwhile, and `onTaped` is given what there is of it. */
  ask(question: Recognize, options: Breakable & { readonly who: string; readonly isTaped: boolean; readonly onTaped: (wav: Uint8Array) => void }): Promise<Answered>;
  /** The telephone of `who`, whom the bot calls. All who are rung are raw ids. */
  ring(who: string, options: Ring): Promise<Pickup>;
  /** The caller is handed on to `who`, if he answers. */
  transfer(who: string, options: Ring): Promise<Pickup>;
  /** `who` is rung, and is on the call from `onAnswer` on. Where he has answered it ends when he goes. */
  join(who: string, options: Ring & { readonly onAnswer: () => void }): Promise<Pickup>;
  /** Somebody is held and hears `source`; why that fails, if it does. */
  hold(source: PlaySource | undefined): Promise<ResultName | undefined>;
  /** He is taken back. */
  unhold(): Promise<ResultName | undefined>;
  /** The call is over. */
  ended(by: 'app' | 'transfer' | 'other'): void;
}
