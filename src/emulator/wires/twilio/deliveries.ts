/**
 * Deliveries — how status callbacks reach the bot: beside the call, in no order that is promised, and on a bad line late, twice, or never.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { LiveLine } from '../../live-line.ts';
import type { Outgoing } from './parameters.ts';

/** What is bad about a line. The same every time that it is used. */
export interface BadLine {
  /** Status callbacks are so late, ms of the machine's own time. */
  readonly delayMs?: number;
  /** Each status callback is delivered once more. */
  readonly twice?: boolean;
  /** The last status callback of a call comes first, and the first last. */
  readonly reordered?: boolean;
  /** Status callbacks that do not arrive, by the status that they tell; `true` is all of them. */
  readonly lost?: true | readonly string[];
  /** The answer to each request of the call is lost once, and the request is sent again. */
  readonly answersLost?: boolean;
}

/** The status callbacks of one call. */
export interface Deliveries {
  /** Delivers `request`, which tells `status`. `isLast`: nothing comes after it. */
  deliver(status: string, request: Outgoing, isLast: boolean): void;
  /** Resolves when all are delivered that will be. */
  done(): Promise<void>;
}

/** Delivers by `bad` what is told on `line`. */
export const deliveries = (line: LiveLine, { delayMs = 0, twice = false, reordered = false, lost = [] }: BadLine): Deliveries => {
  let delivered: Promise<void> = Promise.resolve();
  const held: Outgoing[] = [];

  const send = ({ url, message }: Outgoing): void => {
    for (let times = twice ? 2 : 1; times > 0; times -= 1) {
      delivered = delivered.then(async () => {
        if (delayMs > 0) await delay(delayMs);
        await line.tell(line.carry(url), message);
      });
    }
  };

  return {
    deliver: (status, request, isLast) => {
      if (lost === true || lost.includes(status)) return;
      if (reordered && !isLast) return void held.unshift(request);
      send(request);
      for (const late of held.splice(0)) send(late);
    },
    done: () => delivered,
  };
};
