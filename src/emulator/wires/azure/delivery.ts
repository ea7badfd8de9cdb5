/**
 * Delivery — the way of events from the service to the bot: one after the other, in the order in which they happened, unless a
 * disorder is asked for. The service promises no order, tells some things twice, and does not wait with an event for the
 * response to the request that caused it.
 *
 * What happens in one turn of the loop happens at one moment. Whatever disorder there is, is the same at every run.
 *
 * @module
 */
import { type CloudEvent, toldAgain } from './envelope.ts';

/** What is out of order. Default: nothing. */
export interface Disorder {
  /** Events arrive before the response to the request that caused them. */
  readonly early?: boolean;
  /** What happens at one moment is told backwards: the roster before the connection, the end before what it cut off. */
  readonly backwards?: boolean;
  /** Everything is told twice: a roster and an incoming call under a new id, all else under its own. */
  readonly twice?: boolean;
  /** What happens at one moment is told in one request. */
  readonly together?: boolean;
  /** Events of these names are told after the one that follows them, if any does. */
  readonly late?: readonly string[];
}

/** Events on their way. */
export interface Delivery {
  /** Sends `event` on its way to `url`. */
  tell(event: CloudEvent, url: string): void;
  /** Whether nothing is on its way, but for what is held back. */
  isIdle(): boolean;
  /** Resolves when nothing is on its way, but for what is held back. */
  idle(): Promise<void>;
  /** Sends what is held back, and resolves when nothing is on its way. */
  end(): Promise<void>;
}

interface Told {
  readonly event: CloudEvent;
  readonly url: string;
}

/** Carries events by `post`, which never rejects. What is out of order is asked for at each moment. */
export const delivery = (post: (url: string, events: readonly CloudEvent[]) => Promise<unknown>, disorder: () => Disorder, now: () => number): Delivery => {
  let moment: Told[] = [];
  let held: Told[] = [];
  let way: Promise<unknown> = Promise.resolve();
  let depth = 0;

  const send = (batch: readonly Told[]): void => {
    const [first] = batch;
    if (first === undefined) return;
    depth += 1;
    way = way.then(() => post(first.url, batch.map(({ event }) => event))).then(() => void (depth -= 1));
  };

  const leave = (): void => {
    const { backwards = false, twice = false, together = false, late = [] } = disorder();
    const ordered = backwards ? moment.toReversed() : moment;
    moment = [];
    const [waiting, going] = [ordered.filter(({ event }) => isLate(event, late)), ordered.filter(({ event }) => !isLate(event, late))];
    const all = going.length === 0 ? [] : [...going, ...held];
    held = going.length === 0 ? [...held, ...waiting] : waiting;
    const copies = twice ? all.flatMap((told) => [told, { ...told, event: isRenamed(told.event) ? toldAgain(told.event, now()) : told.event }]) : all;
    for (const batch of together ? byUrl(copies) : copies.map((told) => [told])) send(batch);
  };

  const isIdle = (): boolean => moment.length === 0 && depth === 0;

  const idle = async (): Promise<void> => {
    for (;;) {
      await turnOfTheLoop();
      if (isIdle()) return;
      await way;
    }
  };

  return {
    tell: (event, url) => {
      if (moment.length === 0) setImmediate(leave);
      moment.push({ event, url });
    },
    isIdle,
    idle,
    end: async () => {
      await idle();
      for (const told of held) send([told]);
      held = [];
      await idle();
    },
  };
};

const isLate = ({ type }: CloudEvent, late: readonly string[]): boolean => late.some((name) => type === `Microsoft.Communication.${name}`);
const isRenamed = ({ type }: CloudEvent): boolean => type === 'Microsoft.Communication.ParticipantsUpdated';

const byUrl = (all: readonly Told[]): readonly (readonly Told[])[] => [...new Set(all.map(({ url }) => url))].map((url) => all.filter((told) => told.url === url));

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
