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

/** What becomes of a call, as far as its parties notice it. */
export type Change =
  | { readonly change: 'answered' }
  | { readonly change: 'rejected' }
  /** Whoever ended it. */
  | { readonly change: 'ended'; readonly by: 'app' | 'transfer' | 'other' }
  | { readonly change: 'redirected' | 'transferring' | 'inviting' | 'recording'; readonly to?: string };

/** The parties of one call. `signal` aborts when what they do is broken off: how it ends then is nobody's. */
export interface Parties {
  /** Everybody hears `prompts`, once or until it is broken off. */
  hear(prompts: readonly PromptItem[], options: { readonly loop: boolean; readonly to?: string; readonly signal: AbortSignal }): Promise<Played>;
  /** `who` is asked. */
  ask(question: Recognize, options: { readonly who: string; readonly signal: AbortSignal }): Promise<Answered>;
  /** The telephone of `who`, a raw id, rings. */
  ring(who: string, options: { readonly ringMs: number; readonly signal: AbortSignal; readonly why: 'call' | 'transfer' | 'invite' }): Promise<Pickup>;
  /** Somebody is held, and hears `source`, or is taken back; why that fails, if it does. */
  hold?(isHeld: boolean, source?: PlaySource): ResultName | undefined;
  /** Told what becomes of the call. */
  notice?(change: Change): void;
}
