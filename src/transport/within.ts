/**
 * Within — what some work comes to, or why nobody waits for it any longer. All that is waited for shares one timer: to set and clear one for
 * each operation of a store is a cost that is paid at every event.
 *
 * @module
 */

/** Something that is waited for. */
interface Waiting {
  /** Until when, by the machine's steady clock. */
  readonly until: number;
  readonly giveUp: () => void;
}

/** What is late is given up this much too late at most, ms. */
const grainMs = 10;

const waiting = new Set<Waiting>();
let alarm: NodeJS.Timeout | undefined;
let alarmAt = Infinity;

/** The process lives on for what is waited for, and not for the alarm alone. */
const wait = (one: Waiting): void => {
  waiting.add(one);
  if (one.until < alarmAt) setAlarm(one.until);
  else if (waiting.size === 1) alarm?.ref();
};

const leave = (one: Waiting): void => {
  if (waiting.delete(one) && waiting.size === 0) alarm?.unref();
};

const setAlarm = (at: number): void => {
  clearTimeout(alarm);
  alarmAt = at;
  alarm = setTimeout(lookRound, Math.max(0, at - performance.now()));
};

const lookRound = (): void => {
  alarm = undefined;
  alarmAt = Infinity;
  const now = performance.now();
  let next = Infinity;
  for (const one of waiting) {
    if (one.until > now) next = Math.min(next, one.until);
    else {
      waiting.delete(one);
      one.giveUp();
    }
  }
  if (next < Infinity) setAlarm(Math.max(next, now + grainMs));
};

/** What `work` comes to within `ms`; a rejection with `late()` where it takes longer. It goes on then, and nobody hears of it. */
export const within = <T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> =>
  new Promise((resolve, reject) => {
    const one: Waiting = { until: performance.now() + ms, giveUp: () => reject(late()) };
    wait(one);
    work.then(
      (value) => {
        leave(one);
        resolve(value);
      },
      (error: unknown) => {
        leave(one);
        reject(error);
      },
    );
  });
