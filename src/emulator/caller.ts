/**
 * Caller — who is at the other end of the line: a script, a person at a terminal, a program.
 *
 * A line asks its caller one thing, {@link Caller.next}, when it is the caller's turn. A caller who may speak out of turn
 * (a person) says so with `interrupts`, and hangs up out of turn by `gone`.
 *
 * @module
 */
import type { CallerInput, DtmfKey, PromptItem, Recognize, Record } from '../actions/index.ts';
import type { ServiceOutcome } from '../machines/check/caller-script.ts';
import type { LineAction, Place } from './line-action.ts';
import type { Entry, Note } from './transcript.ts';

/**
 * What a caller does. `recordMs` is speech of that length; a key after it, or hanging up, ends the recording. `times-out` is a silence that is
 * over at once: nobody wants to wait for it. `speaks` is a voice that has begun and says later what it said.
 */
export type CallerAct = CallerInput | 'hangup' | 'times-out' | { readonly recordMs: number; readonly stop?: DtmfKey | 'hangup' } | { readonly speaks: Promise<Spoken> } | ServiceAct;

/** What a voice came to. */
export interface Spoken {
  /** Undefined where nothing could be made out. */
  readonly words: string | undefined;
}

/** What a caller hears by and is recorded by, who has a loudspeaker and a microphone. */
export interface Ears {
  /** Plays `item` until it has ended, or `stop` aborts. Undefined while there is no sound: then it takes as long as it would take. */
  play(item: PromptItem | 'beep', stop: AbortSignal): Promise<void> | undefined;
  /** Records the caller from now on. Undefined while there is no sound. */
  tape(): Tape | undefined;
}

/** What is being recorded. */
export interface Tape {
  /** Ends it: the first `lengthMs` of it as a WAV file. */
  cut(lengthMs: number): Uint8Array;
}

/** What is not the caller's doing: the question or the recording itself fails, or the prompt that led to it. */
export interface ServiceAct {
  readonly service: 'failed' | 'prompt-failed';
}

/** The caller's turn. `signal` aborts when it is over: an answer that comes later is nobody's. */
export type Turn = { readonly signal: AbortSignal; /** How long the operation goes on listening, ms. */ readonly leftMs: number } & (
  | { readonly kind: 'question'; readonly request: Recognize; /** Words that are expected where whatever is said is taken. */ readonly hints?: readonly string[] }
  | { readonly kind: 'record'; readonly request: Record }
);

/** What becomes of somebody else whom the bot has rung; `hangup` is what the caller does meanwhile. */
export type PartyAct = 'answers' | 'busy' | 'noanswer' | 'failed' | 'hangs-up' | 'hangup';

/** It rings at `to`, or the caller talks with him. */
export interface PartyTurn {
  readonly kind: 'ringing' | 'joined';
  readonly to: string;
  /** For how long it rings at most, ms. */
  readonly timeoutMs: number;
  /** Aborts when it is over. */
  readonly signal: AbortSignal;
}

/** How a caller learns that the call is over. */
export interface CallerFarewell {
  readonly endedBy: string;
}

/** The other end of a line. */
export interface Caller {
  /** What the caller does now. May stay pending: then the line's own timeout makes it silence. A rejection ends the call. */
  next(turn: Turn): Promise<CallerAct>;
  /** Whether the caller may act while a prompt plays. One who does not is asked when the prompts have ended. */
  readonly interrupts?: boolean;
  /** Aborts when the caller hangs up, whoever's turn it is. */
  readonly gone?: AbortSignal;
  /** Absent for one who reads: prompts take as long as they would take to be said. */
  readonly ears?: Ears;
  /** Told where to note down what he does to the world. */
  notes?(note: Note): void;
  /** Told when the bot is about to hear how its batch ended, or that the call comes in. */
  rests?(): void;
  /** Moves the bot on, which waits for its own timers and tasks; `isOver` says whether it has answered meanwhile. Absent: time passes. */
  meanwhile?(isOver: () => boolean): Promise<void>;
  /** What becomes of somebody else whom the bot rings. Absent: he answers, talks for a while, and hangs up. */
  party?(turn: PartyTurn): Promise<PartyAct>;
  /** What becomes of `action`, where that is not left to the line. */
  serves?(action: LineAction, place: Place): ServiceOutcome | undefined;
  /** Told all that happens on the line, the moment it happens. */
  hears?(entry: Entry): void;
  /** What was done early is lost: the prompt that has just ended could not be interrupted. */
  forget?(): void;
  /** The call is over. Throws `ERR_EXPECTATION` when it did not go as the caller expected. */
  ended?(farewell: CallerFarewell): void;
}

/** A caller fed from outside: what is pushed waits for the caller's turn. */
export interface QueuedCaller extends Caller {
  readonly gone: AbortSignal;
  push(act: CallerAct): void;
  /** Hangs up now. */
  hangUp(): void;
}

/** A caller fed by `push`: a person who may interrupt, or (`interrupts: false`) one who takes turns. */
export function queuedCaller({ interrupts = true }: { readonly interrupts?: boolean } = {}): QueuedCaller {
  const queue: CallerAct[] = [];
  const gone = new AbortController();
  let waiting: ((act: CallerAct) => void) | undefined;
  return {
    interrupts,
    gone: gone.signal,
    push(act) {
      if (waiting === undefined) queue.push(act);
      else waiting(act);
    },
    hangUp: () => gone.abort(),
    next: ({ signal }) =>
      new Promise((resolve) => {
        const early = queue.shift();
        if (early !== undefined) return resolve(early);
        const leave = () => (waiting = undefined);
        signal.addEventListener('abort', leave, { once: true });
        waiting = (act) => {
          signal.removeEventListener('abort', leave);
          leave();
          resolve(act);
        };
      }),
    forget: () => void (interrupts && queue.splice(0)),
  };
}
