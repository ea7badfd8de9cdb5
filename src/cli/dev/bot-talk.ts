/**
 * Bot talk — what the phone process, the bot process and those that examine the bot tell each other.
 *
 * Leaf: types alone.
 *
 * @module
 */
import type { ChatDelivery, Finding } from '../../machines/index.ts';
import type { EmulatedSettings } from '../../emulator/index.ts';
import type { ChartDrawing, ChartMoment, SourcePlace } from '../../inspector/index.ts';
import type { CompileMistake } from '../../inspector/chart/remarks.ts';
import type { CoverageShown } from '../../page/protocol.ts';

/** Something that went wrong, in a sentence, and where if that is known. */
export interface Mishap {
  readonly sentence: string;
  readonly at?: SourcePlace;
}

/** How the bot is to be served. */
export interface Serving {
  /** The services, each with the port to listen on; 0 is any. */
  readonly services: Readonly<Record<string, { readonly settings: EmulatedSettings; readonly port: number }>>;
  /** Where calls and recordings are kept. */
  readonly folder: string;
  readonly secretKey: string;
}

/** A bot that was loaded. */
export interface LoadedHere {
  readonly name: string;
  readonly file: string;
  readonly chart: { readonly id: string; readonly drawing: ChartDrawing };
  /** All files that it is made of, absolute: a change of one of them makes it another bot. */
  readonly modules: readonly string[];
  /** What there is to be covered of it. */
  readonly coverage: Pick<CoverageShown, 'points' | 'arrows' | 'given'>;
}

/** Where a bot that is served takes calls. */
export interface ServedHere {
  /** By service. */
  readonly endpoints: Readonly<Record<string, { readonly url: string; readonly port: number; readonly places: boolean }>>;
  /** The services that cannot carry the bot, and why not. */
  readonly refused: Readonly<Record<string, string>>;
}

/** A step of a call. */
export interface SteppedHere {
  readonly service: string;
  readonly callId: string;
  readonly chart: string;
  readonly moment: ChartMoment;
  /** Whether the open question is for a secret. */
  readonly isSecret: boolean;
  /** Names of the states, the transitions and the askings that it has come by. */
  readonly met: readonly string[];
  /** What the author's code threw. */
  readonly threw?: Mishap;
}

/** A call that the bot's application is to place. */
export interface PlacingHere {
  readonly service: string;
  readonly to: string;
  readonly from: string;
}

/** To the bot process. */
export type ToBot =
  | ({ readonly type: 'serve' } & Serving)
  | ({ readonly type: 'place'; readonly key: string } & PlacingHere)
  | { readonly type: 'delivered'; readonly n: number; readonly why?: string }
  | { readonly type: 'stop' };

/** From the bot process. */
export type FromBot =
  | ({ readonly type: 'loaded' } & LoadedHere)
  | { readonly type: 'failed'; readonly mishap: Mishap }
  | ({ readonly type: 'serving' } & ServedHere)
  | ({ readonly type: 'step' } & SteppedHere)
  | { readonly type: 'placed'; readonly key: string; readonly callId: string }
  | { readonly type: 'unplaced'; readonly key: string; readonly sentence: string }
  /** A chat message to the phone of somebody who is on the line. */
  | { readonly type: 'chat'; readonly n: number; readonly service: string; readonly delivery: ChatDelivery };

/** What a process says that checks the bot, once. */
export type CheckTold = { readonly type: 'checked'; /** Without what the author lets be. */ readonly findings: readonly Finding[] } | { readonly type: 'unchecked'; readonly sentence: string };

/** What a process says that checks the types of the bot, once. `files` are those that it is made of, absolute. */
export type TypesTold = { readonly files: readonly string[] } & (
  | { readonly type: 'typed'; readonly mistakes: readonly CompileMistake[] }
  | { readonly type: 'untyped'; readonly sentence: string; readonly install?: string }
);
