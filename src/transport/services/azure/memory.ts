/**
 * Memory — what Azure Communication Services has us remember of a call.
 *
 * @module
 */
import type { ServiceMemory } from '../../service.ts';

/** What is remembered. Null is forgotten. */
export interface AzureMemory {
  /** What answers or rejects the call, as long as nobody has. A token: never logged. */
  readonly incoming?: string | null;
  /** The call connection: in the target of every request. */
  readonly connection?: string;
  /** The raw id of the one that the bot speaks with. */
  readonly caller?: string;
  /** Who is on the line, by raw ids, as the service told last. */
  readonly roster?: { readonly sequence: number; readonly parties: readonly string[] };
  /** Whoever was rung for the caller and is there, and whether a roster had him. */
  readonly joined?: { readonly operation: string; readonly party: string; readonly seen: boolean } | null;
  /** The invitation of one who is being rung. */
  readonly invitation?: string | null;
  /** What is being recorded. */
  readonly recording?: Recorded | null;
  /** The recording that the bot has begun by its own name. */
  readonly ownRecording?: string;
  /** How the last listening of a recording ended. */
  readonly listened?: { readonly context: string; readonly as: Listened };
  /** The operation that hands the caller on, from when the service took it; and the one that it has told to have failed, which may be told before. */
  readonly transfer?: string | null;
  readonly transferFailed?: string;
}

/** A recording that has begun. */
export interface Recorded {
  readonly operation: string;
  readonly id: string;
  /** By the engine's clock, epoch ms. */
  readonly startedAt: number;
  readonly contentType: string;
}

/** How listening for the end of a recording ended: with words and a silence, a key, nothing but silence, or not at all. */
export type Listened = 'finalsilence' | 'termchar' | 'noinput' | 'failed';

/** What is remembered of a call, as what it is. Nobody else writes it. */
export const memoryOf = (memory: ServiceMemory): AzureMemory => memory as AzureMemory;
