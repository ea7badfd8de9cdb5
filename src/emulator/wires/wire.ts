/**
 * Wire — how an emulated calling service speaks to a bot: what its messages look like, and how it conducts a call.
 *
 * One implementation a service, beside this file, written from the service's own facts. It is the mirror of that service's
 * `decode` and `encode` and shares nothing with them but the rules of what is legal.
 *
 * @module
 */
import type { LiveLine } from '../live-line.ts';

/** The words and the manners of one calling service. */
export interface Wire {
  readonly name: string;
  /** The identity for `address`, where the service has a form of its own for a telephone number or a plain name; empty for a number that is withheld. */
  identity(address: string): string;
  /** What a caller can have beside his voice; the first is what he has unless it is said. Default: `audio` alone. */
  readonly modalities?: readonly string[];
  /** Whether it tells things twice by itself where they are to be told so, some of them under new ids. */
  readonly isTwice?: true;
  /** A new id of a call, where the service has a form of its own for it. */
  callId?(): string;
  /** Conducts the call on `line` from its first ring to its end. */
  conduct(line: LiveLine): Promise<void>;
}
