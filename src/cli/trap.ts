/**
 * Trap — the clock and randomness of this process, watched: what reads them while a step of a bot runs is noted.
 *
 * It is set before the bot is loaded, so that what the bot keeps of them for itself (`const { now } = Date`, `import { randomUUID } from 'node:crypto'`)
 * is watched as well. Dates that are made of a given time are no reading.
 *
 * @module
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import type { Noted, Watch } from '../machines/index.ts';
import { ownFolders } from './author-place.ts';

/** A trap that is set. */
export interface Trap {
  readonly watch: Watch;
  /** Puts everything back as it was. */
  release(): void;
}

type Work = (...args: never) => unknown;

/** Functions that are readings, by who has them. */
const sources: readonly (readonly [name: string, owner: object, functions: readonly string[]])[] = [
  ['Math', Math, ['random']],
  ['Date', Date, ['now']],
  ['performance', Object.getPrototypeOf(performance) as object, ['now']],
  ['process.hrtime', process.hrtime, ['bigint']], // before the function that it hangs on
  ['process', process, ['hrtime', 'uptime']],
  ['crypto', Object.getPrototypeOf(globalThis.crypto) as object, ['randomUUID', 'getRandomValues']],
  ['crypto', crypto, ['randomUUID', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync', 'getRandomValues']],
];

/** Sets the trap. */
export const setTrap = (): Trap => {
  let noted: Noted[] | undefined;
  let passed: () => number = () => 0;

  const note = (what: string): void => {
    if (noted === undefined) return;
    const at = noted;
    noted = undefined; // what is read to tell of it is ours
    const stack = new Error('read').stack ?? '';
    noted = at;
    if (!isMachinery(stack)) noted.push({ what, stack, passed: passed() });
  };

  const undo: (() => void)[] = [];
  const put = (owner: object, name: string, make: (original: Work) => Work): void => {
    const original = (owner as Readonly<Record<string, unknown>>)[name];
    if (typeof original !== 'function') return;
    const own = Object.getOwnPropertyDescriptor(owner, name);
    if (own?.configurable === false) return;
    const made = Object.assign(make(original as Work), original);
    Object.defineProperty(owner, name, { configurable: true, enumerable: own?.enumerable ?? false, writable: true, value: made });
    undo.push(() => (own === undefined ? delete (owner as Record<string, unknown>)[name] : Object.defineProperty(owner, name, own)));
  };

  for (const [of, owner, functions] of sources) {
    for (const name of functions) {
      put(owner, name, (original) => function (this: unknown, ...args: never[]) {
        note(`${of}.${name}`);
        return Reflect.apply(original, this, args) as unknown;
      });
    }
  }
  const format = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format');
  Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', {
    ...format,
    get(this: Intl.DateTimeFormat) {
      const written = Reflect.apply(format?.get as () => (date?: Date) => string, this, []);
      return (date?: Date): string => {
        if (date === undefined) note('Intl.DateTimeFormat');
        return written(date);
      };
    },
  });
  undo.push(() => Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', format ?? {}));
  put(Intl.DateTimeFormat.prototype, 'formatToParts', (original) => function (this: unknown, ...args: never[]) {
    if (args[0] === undefined) note('Intl.DateTimeFormat');
    return Reflect.apply(original, this, args) as unknown;
  });
  put(globalThis, 'Date', (original) => new Proxy(original, {
    construct: (target, args, made) => {
      if (args.length === 0) note('new Date()');
      return Reflect.construct(target as never, args, made) as object;
    },
    apply: (target, self, args) => {
      note('Date()');
      return Reflect.apply(target, self, args as never) as unknown;
    },
  }));
  syncBuiltinESMExports();

  return {
    watch: (work, count) => {
      const readings: Noted[] = [];
      [noted, passed] = [readings, count];
      try {
        return { value: work(), readings };
      } finally {
        noted = undefined;
      }
    },
    release: () => {
      for (const back of undo.reverse()) back();
      syncBuiltinESMExports();
    },
  };
};

/** Whether it is XState's own clock of delays that asks, or we. A function of the author's, and one that the author hands over as it is, is neither. */
const isMachinery = (stack: string): boolean => {
  const [, , , caller = ''] = stack.split('\n');
  return /\bschedule\b.*[\\/]xstate[\\/]/.test(caller) || ownFolders.some((folder) => caller.includes(folder));
};
