/**
 * Heartbeat — how processes that share a store know of each other that they are alive. Whoever holds work of calls (a task
 * that runs, a command that is sent) counts aloud, in a record of its own; one that has stopped counting is dead, and what it
 * held is free.
 *
 * No two clocks are compared: each process measures with its own how long another's counter stands still. That a process is
 * dead is a fact in the store and nobody's opinion: it is written into the dead one's record, by compare-and-set on the count
 * that was seen last, so that either it is true for all or the process was alive after all. One that was frozen and wakes
 * cannot count on, and is somebody else from then on. A name that has gone never comes back.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type Log, thrown } from '../log.ts';
import type { CallStore } from './store.ts';

/** In whose name work is held. */
export interface Holder {
  /** The name of this process. It has another one after a rest, and after it was taken for dead. */
  name(): string;
  /** Before something is held: resolves when others see that this process is alive; undefined where they do. @throws `ERR_STORE_UNAVAILABLE` */
  show(): Promise<void> | undefined;
}

export interface Heartbeat extends Holder {
  /** Whether others are sure to see that this process is alive. One that was held up itself begins nothing before it has looked again. */
  isFresh(): boolean;
  /** Whether what is held in this name is left to whoever that is. */
  isAlive(name: string): Promise<boolean>;
  /** Looks at the others; says whether one has gone that held something. */
  look(): Promise<boolean>;
  /** In how long the others are to be looked at again, ms; Infinity where none holds anything. */
  lookAgainMs(): number;
  /** Holds nothing any more: others may take up at once what was held. */
  close(): Promise<void>;
}

export interface HeartbeatOptions {
  readonly store: CallStore;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a commit may take, ms: what is to be held once it is done is held by one who counts. */
  readonly commitMs: number;
  /** Whether this process holds anything now. */
  readonly holds: () => boolean;
  /** This process was taken for dead: what it holds may have been given away. */
  readonly onLost: () => void;
}

/** What a process's record says of it: it counts; it holds nothing for now; it has ended and left what it held; it was found dead. */
type Word = 'busy' | 'rests' | 'left' | 'lost';

/** Heartbeats are kept under keys that begin so. */
export const processPrefix = 'process:';

/** A process that holds something counts so often, ms. */
const beatMs = 300;

/** A process that was last seen to count longer ago than this begins nothing before it has counted again, ms. */
const freshMs = 700;

/** A process whose counter stands still for so long is dead, ms. */
const deadMs = 1_100;

/** Of the time between two looks at others no more than this counts against them, ms: whoever looks may have been held up itself. */
const mostGapMs = 700;

/** Others are looked at no more often than this, ms. */
const lookMs = 250;

/** A process that has held nothing for so long stops counting, ms; for longer where a commit can take longer. */
const leastRestMs = 15_000;

/** How long it is known that a process has gone, ms. */
const goneMs = 600_000;

const page = 256;

/** How often another process was seen to stand still, and at which count. */
interface Other {
  readonly count: number;
  readonly stillMs: number;
}

/** Commits something that means nothing and is forgotten in a minute: the record of a process that never held anything. @throws `ERR_STORE_UNAVAILABLE` */
export const tryCommit = async (store: CallStore, at: number): Promise<void> =>
  void (await store.commit(processPrefix + newName(), 0, { revision: 1, text: 'rests' satisfies Word, expiresAt: at + 60_000 }));

/** Makes the heartbeat of this process. A store that ends with the process needs none: nobody else is there to see it. */
export const heartbeat = (options: HeartbeatOptions): Heartbeat => (options.store.durable === false ? alone() : beating(options));

const newName = (): string => randomBytes(6).toString('base64url');

const alone = (): Heartbeat => {
  const name = newName();
  return { name: () => name, show: () => undefined, isFresh: () => true, isAlive: async (other) => other === name, look: async () => false, lookAgainMs: () => Infinity, close: async () => {} };
};

const beating = ({ store, clock, log, commitMs, holds, onLost }: HeartbeatOptions): Heartbeat => {
  const restMs = Math.max(leastRestMs, commitMs + 2 * beatMs);
  const elapsed = clock.elapsed ?? clock.now;
  let name = newName();
  /** How often this process has counted in its name; 0: not yet. */
  let count = 0;
  let shownAt = -Infinity;
  let neededAt = -Infinity;
  let lookedAt = -Infinity;
  let counting: Promise<void> | undefined;
  let disarm = (): void => {};
  let closed = false;
  /** Somebody has gone that held something, and nobody here was told yet. */
  let hasGone = false;
  const others = new Map<string, Other>();
  const gone = new Set<string>();

  const isFresh = (): boolean => elapsed() - shownAt <= freshMs;

  // ---- this process ----

  const beat = (): Promise<void> => {
    counting ??= countOn().finally(() => {
      counting = undefined;
      arm();
    });
    return counting;
  };

  const countOn = async (): Promise<void> => {
    const began = elapsed();
    while (!(await store.commit(processPrefix + name, count, { revision: count + 1, text: 'busy' satisfies Word }))) {
      const kept = await store.load(processPrefix + name);
      if (kept?.text === 'busy') count = kept.revision; // a beat that was taken for failed was carried out
      else beSomebodyElse();
    }
    count += 1;
    shownAt = began;
  };

  const beSomebodyElse = (): void => {
    log.warn({ process: name }, 'taken for dead');
    gone.add(name);
    name = newName();
    count = 0;
    onLost();
  };

  const arm = (): void => {
    disarm();
    if (!closed && count > 0) disarm = clock.setTimer(clock.now() + beatMs, () => clock.working === undefined ? void tick() : clock.working(tick()), true);
  };

  const tick = async (): Promise<void> => {
    if (holds()) neededAt = elapsed();
    try {
      await (elapsed() - neededAt >= restMs ? stop('rests') : beat());
    } catch (error) {
      if (!closed) log.warn(thrown(error), 'heartbeat failed');
    }
  };

  /** Gives the name up. Where the store does not hear of it, others find that nobody counts in it any more. */
  const stop = async (word: 'rests' | 'left'): Promise<void> => {
    await counting?.catch(() => {}); // whoever began that has heard of its failure
    disarm();
    if (count === 0) return;
    const [was, counted] = [name, count];
    gone.add(was);
    name = newName();
    count = 0;
    shownAt = -Infinity;
    await store.commit(processPrefix + was, counted, parting(counted, word));
  };

  const parting = (counted: number, word: Word) => ({ revision: counted + 1, text: word, expiresAt: clock.now() + goneMs });

  // ---- the others ----

  /** Makes up its mind about `other`, of whom `kept` is on record. */
  const judge = async (other: string, kept: { readonly revision: number; readonly text: string } | undefined, gapMs: number): Promise<void> => {
    if (kept?.text !== 'busy') return isGone(other, kept?.text !== 'rests');
    const seen = others.get(other);
    const stillMs = seen?.count === kept.revision ? seen.stillMs + gapMs : 0;
    others.set(other, { count: kept.revision, stillMs });
    if (stillMs < deadMs || !(await store.commit(processPrefix + other, kept.revision, parting(kept.revision, 'lost')))) return;
    log.warn({ process: other }, 'process found dead');
    isGone(other, true);
  };

  const isGone = (other: string, hasLeft: boolean): void => {
    others.delete(other);
    gone.add(other);
    hasGone ||= hasLeft;
  };

  const lookAtAll = async (gapMs: number): Promise<void> => {
    const listed = new Set<string>();
    for (let keys = await store.list(processPrefix, page); ; keys = await store.list(processPrefix, page, keys.at(-1))) {
      for (const key of keys) {
        const other = key.slice(processPrefix.length);
        listed.add(other);
        if (other !== name && !gone.has(other)) await judge(other, await store.load(key), gapMs);
      }
      if (keys.length < page) break;
    }
    for (const other of others.keys()) if (!listed.has(other)) isGone(other, true);
    for (const other of gone) if (!listed.has(other)) gone.delete(other);
  };

  const tell = (): boolean => {
    const news = hasGone;
    hasGone = false;
    return news;
  };

  return {
    name: () => name,
    show: () => {
      neededAt = elapsed();
      return isFresh() && count > 0 ? undefined : beat();
    },
    isFresh,
    isAlive: async (other) => {
      if (other === name) return true;
      if (gone.has(other)) return false;
      if (others.has(other)) return true;
      await judge(other, await store.load(processPrefix + other), 0);
      return others.has(other);
    },
    look: async () => {
      const gapMs = Math.min(elapsed() - lookedAt, mostGapMs);
      if (gapMs < lookMs) return tell();
      lookedAt = elapsed();
      try {
        await lookAtAll(gapMs);
        return tell();
      } catch (error) {
        // Whoever could not write stood still through no fault of its own.
        for (const [other, { count: seen }] of others) others.set(other, { count: seen, stillMs: 0 });
        throw error;
      }
    },
    lookAgainMs: () => (others.size === 0 ? Infinity : beatMs),
    close: async () => {
      closed = true;
      await stop('left');
    },
  };
};
