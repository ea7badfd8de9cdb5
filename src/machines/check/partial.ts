/**
 * Partial — values of which something is not known before a call, and what the author's code makes of them.
 *
 * A guard or an `assign` is run on a context and an event that tell what is known and trip on everything else: code that looked
 * at known things alone gives, being pure, the same in every call; of code that looked further nobody knows.
 *
 * @module
 */

/** Stands for a value that is not known. */
export const unknown: unique symbol = Symbol('unknown');

/** An object of which other properties than its own may be there too. */
const open: unique symbol = Symbol('open');

/** `known`, which may have more properties than these. */
export const partly = (known: object): object => ({ ...known, [open]: true });

/** Whether anything in `value` is not known. */
export const isPartial = (value: unknown): boolean => {
  if (value === unknown) return true;
  if (typeof value !== 'object' || value === null) return false;
  return open in value || Object.values(value).some(isPartial);
};

/** What came of running code: its value, where that is the same in every call. */
export type Told = { readonly known: true; readonly value: unknown; /** Whether it looked at anything that it was given. */ readonly looked: boolean } | { readonly known: false };

const untold: Told = { known: false };

/** Names of properties at the top of the context that code looked at in vain. */
export type Wanted = Set<string>;

/**
 * Runs `code` on what it is given by name: its `context`, its `event`, or its `input`. What it looks for and does not find at the top of the
 * context, `wanted` learns. Whatever else it asks for is not known.
 */
export const told = (code: (args: never) => unknown, args: { readonly context?: unknown; readonly event?: unknown; readonly input?: unknown }, wanted?: Wanted, more?: string): Told => {
  const trip: Trip = { tripped: false, looked: false, ...(more !== undefined && { more }) };
  const given = seen(partly(args.context === undefined ? args : { ...args, context: seen(args.context, trip, wanted) }), trip, undefined, true);
  try {
    const value = plain(withoutWorld(trip, () => code(given as never)), trip);
    return trip.tripped ? untold : { known: true, value, looked: trip.looked };
  } catch {
    return untold; // it tripped, or it throws in a call too: that is outside what is looked at here
  }
};

interface Trip {
  tripped: boolean;
  looked: boolean;
  /** Lets a context be spread, as its known part and a property of this name that it does not have. */
  readonly more?: string;
}

const stop = (trip: Trip): never => {
  trip.tripped = true;
  throw new TypeError('not known before a call');
};

/** What {@link seen} has made. */
const views = new WeakSet<object>();

/** `value` as code may look at it. */
const seen = (value: unknown, trip: Trip, wanted?: Wanted, isArguments = false): unknown => {
  if (typeof value !== 'object' || value === null || views.has(value)) return value;
  const isOpen = open in value;
  /** Whether there is such a property, as far as that is known. */
  const has = (target: object, property: string | symbol): boolean => {
    const found: unknown = Reflect.get(target, property);
    return found === unknown || (found === undefined && isOpen) ? stop(trip) : Reflect.has(target, property);
  };
  const view: object = new Proxy(value, {
    get: (target, property, receiver) => {
      if (!isArguments) trip.looked = true;
      if (trip.more !== undefined && property === trip.more) return 0;
      const found: unknown = Reflect.get(target, property, receiver);
      if (found === unknown || (found === undefined && isOpen && !Object.hasOwn(target, property))) {
        if (typeof property === 'string') wanted?.add(property);
        return stop(trip);
      }
      return typeof found === 'object' ? seen(found, trip) : found;
    },
    has,
    getOwnPropertyDescriptor: (target, property) => (trip.more !== undefined && property === trip.more ? { value: 0, configurable: true, enumerable: true, writable: true } : has(target, property) ? Reflect.getOwnPropertyDescriptor(target, property) : undefined),
    ownKeys: (target) => (!isOpen ? Reflect.ownKeys(target) : trip.more === undefined ? stop(trip) : [...Object.keys(target).filter((name) => name !== 'call' && Reflect.get(target, name) !== unknown), trip.more]),
    set: () => stop(trip),
    deleteProperty: () => stop(trip),
    defineProperty: () => stop(trip),
  });
  views.add(view);
  return view;
};

/** Runs `work` while the clock and chance trip: what depends on them is another in every call. */
const withoutWorld = <T>(trip: Trip, work: () => T): T => {
  const undone = world.map(({ holder, name, without }) => {
    const known = Object.getOwnPropertyDescriptor(holder, name) as PropertyDescriptor;
    Object.defineProperty(holder, name, { value: without(known.value as object, () => stop(trip)), configurable: true, writable: true });
    return () => Object.defineProperty(holder, name, known);
  });
  try {
    return work();
  } finally {
    for (const undo of undone) undo();
  }
};

/** A place where code gets at the clock or at chance, and what stands there instead. */
interface Outlet {
  readonly holder: object;
  readonly name: string;
  readonly without: (known: object, trips: () => never) => unknown;
}

/** The outlet `name` of `object`, which may stand in what it inherits from. */
const outlet = (object: object, name: string, without: Outlet['without']): Outlet => {
  for (let holder: object | null = object; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) if (Object.hasOwn(holder, name)) return { holder, name, without };
  return { holder: object, name, without };
};

const trips: Outlet['without'] = (_, stops) => stops;

/** A date of its own is the same in every call, and the date of today is not. */
const withoutToday: Outlet['without'] = (known, stops) =>
  new Proxy(known, {
    construct: (target, args: readonly unknown[], made) => (args.length === 0 ? stops() : (Reflect.construct(target as never, args, made) as object)),
    apply: stops,
    get: (target, property) => (property === 'now' ? stops : (Reflect.get(target, property) as unknown)),
  });

const world: readonly Outlet[] = [
  outlet(globalThis, 'Date', withoutToday), outlet(Math, 'random', trips), outlet(Intl, 'DateTimeFormat', (known, stops) => new Proxy(known, { construct: stops, apply: stops })),
  outlet(performance, 'now', trips), outlet(crypto, 'randomUUID', trips), outlet(crypto, 'getRandomValues', trips),
];

/** `value` without the proxies it was seen through. What JSON does not carry is not known. */
const plain = (value: unknown, trip: Trip): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => plain(one, trip));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return stop(trip);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one, trip)]));
};

// ---- what stands for the unknown where code has to go on ----

/** Objects made by {@link standIn}. */
const standIns = new WeakSet<object>();

/** So often stand-ins are looked at before code is taken to look for ever. */
const mostLooks = 2_000;
let looks = 0;

/** Runs `work`, which may look at stand-ins, but not for ever. */
export const onlySoLong = <T>(work: () => T): T => {
  looks = 0;
  return work();
};

/**
 * Something that answers whatever code asks of it, and reads as `…`: for code whose wording is looked at, and not what it decides.
 */
export const standIn = (): unknown => {
  const answer: object = new Proxy(function anything() {}, {
    get: (_, property) => {
      looks += 1;
      if (looks > mostLooks) throw new RangeError('a stand-in is looked at for ever');
      if (property === Symbol.toPrimitive) return (hint: string) => (hint === 'number' ? 1 : ellipsis);
      if (property === Symbol.iterator) return function* () { yield standIn(); };
      if (property === 'toString' || property === 'toJSON' || property === 'valueOf') return () => ellipsis;
      if (property === 'length') return 1;
      if (property === 'then') return undefined;
      return standIn();
    },
    apply: () => standIn(),
    construct: () => standIn() as object,
    has: () => true,
  });
  standIns.add(answer);
  return answer;
};

/** What is read where nobody knows the words. */
export const ellipsis = '…';

/** `known`, with a stand-in for every other property. */
export const stoodIn = (known: Readonly<Record<string, unknown>>): object =>
  new Proxy(known, { get: (target, property) => (typeof property === 'string' && (!Object.hasOwn(target, property) || target[property] === unknown) ? standIn() : Reflect.get(target, property)) });

/** `value` with `…` where a stand-in is. */
export const readable = (value: unknown): unknown => {
  if (typeof value === 'function') return standIns.has(value) ? ellipsis : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(readable);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, readable(one)]));
};
