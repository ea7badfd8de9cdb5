/**
 * Discover — what can become of a call, tried out on the real core: every moment that some act leads to, with the bot's own guards and its own data.
 *
 * Calls that stand alike, and in whose contexts all that decides anything is alike, are one moment. Of moments that differ by data alone the first is
 * gone on from first, then the second of each, and so on: a counter is followed as far as something waits behind it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { CallInput } from '../service-event.ts';
import { leaving, type Way as Step } from '../check/graph.ts';
import { actorsOf, momentOf } from '../check/standing.ts';
import { pointsOf } from '../coverage/points.ts';
import { actsAt, failuresAt } from './acts.ts';
import { delayIn, type Done, type Kept, openTasks, type PathAct, pause, perform, ring, settle } from './line.ts';
import { type Sources, sourcesOf } from './sources.ts';
import { usualCall, usualNow } from './usual-call.ts';
import { callsFor } from './values.ts';

/** A moment. */
export interface Moment {
  /** The call, before and after the service has told what it tells by itself. */
  readonly arrived: Kept;
  /** Null where the bot fails before that. */
  readonly settled: Kept | null;
}

/** What leads from one moment to another. */
export interface Way {
  /** Number of the moment; -1 before the call. */
  readonly from: number;
  /** Number of the moment; {@link over} where the call has ended. */
  readonly to: number;
  /** Null where the phone rings. */
  readonly act: PathAct | null;
  readonly call: Partial<CallInput>;
  /** Numbers of the points that are met. */
  readonly met: readonly number[];
}

/** The call has ended. */
export const over = -2;

/** All that was tried. */
export interface Discovery {
  readonly moments: readonly Moment[];
  readonly ways: readonly Way[];
  /** Ids of the points, by number. */
  readonly points: readonly string[];
  readonly met: ReadonlySet<number>;
  /** Points that are met where the bot fails then, or goes round without end. */
  readonly failing: ReadonlySet<number>;
  /** Whether it was given up before everything was tried that there is. */
  readonly isCut: boolean;
  readonly steps: number;
}

/** The ways that leave each moment, as `graph.ts` has them: numbered from 1, before the call is 0; what ends the call leads nowhere. */
export const networkOf = (moments: number, ways: readonly Way[]): readonly (readonly Step[])[] => leaving(moments + 1, ways.filter(({ to }) => to !== over).map(({ from, to }) => ({ from: from + 1, to: to + 1 })));

/** Of moments that differ by data alone so many are tried with everything, the others with what something has come of. */
const mostWhole = 1;

/** Tries at most `mostSteps` steps. */
export const discover = (machine: AnyStateMachine, mostSteps: number): Discovery => {
  const sources = sourcesOf(machine);
  const points = pointsOf(machine).map(({ id }) => id);
  const numbers = new Map(points.map((id, index) => [id, index]));
  const moments: Moment[] = [];
  const ways: Way[] = [];
  const known = new Map<string, number>();
  const alike = new Map<string, number>();
  const waiting: number[][] = [];
  const met = new Set<number>();
  const failing = new Set<number>();
  let steps = 0;
  const counts = (): void => void (steps += 1);

  const numbered = (...some: readonly Done[]): readonly number[] => [...new Set(some.flatMap((done) => done.met.flatMap((id) => numbers.get(id) ?? [])))];

  const momentAt = (arrived: Kept, settled: Kept | null, call: number): number => {
    const place = `${call} ${placeOf(machine, arrived, sources)}`;
    const key = `${place} ${dataOf(machine, arrived, sources)}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const rank = alike.get(place) ?? 0;
    alike.set(place, rank + 1);
    places.set(moments.length, { place, rank, call });
    known.set(key, moments.length);
    (waiting[rank + (call === 0 ? 0 : 1)] ??= []).push(moments.length);
    return moments.push({ arrived, settled }) - 1;
  };

  const places = new Map<number, { readonly place: string; readonly rank: number; readonly call: number }>();
  /** By place the acts that something came of, and those that were tried. */
  const fruitful = new Map<string, Set<string>>();
  const tried = new Map<string, Set<string>>();
  const variants = callsFor(machine, sources);

  const arrive = (from: number, act: PathAct | null, call: number, done: Done, seen: Set<string>): boolean => {
    const after = settle(machine, done.kept, counts);
    const reached = numbered(done, after);
    const isFailing = after.kept.error !== null || after.isRestless; // what is heard then is the apology, or the same for ever
    const isOver = after.kept.standing.snapshot.ended !== null;
    const leads = (to: number, points: readonly number[]): boolean => {
      const same = `${to} ${points.join()}`;
      if (seen.has(same) || (to === from && points.length === 0)) return false;
      seen.add(same);
      ways.push({ from, to, act, call: variants[call] ?? {}, met: points });
      return true;
    };
    for (const point of reached) (isFailing ? failing : met).add(point);
    const isNew = !isFailing && leads(isOver ? over : momentAt(done.kept, after.kept, call), reached);
    const isLeft = (isFailing || isOver) && done.kept.error === null && !done.isRestless && failuresAt(done.kept).length > 0; // unless the service fails at something before
    return (isLeft && leads(momentAt(done.kept, null, call), isFailing ? [] : numbered(done)) && isOver) || isNew;
  };

  const goOn = (from: number): void => {
    const { arrived, settled } = moments[from] as Moment;
    const { place, rank, call } = places.get(from) as { readonly place: string; readonly rank: number; readonly call: number };
    const seen = new Set<string>();
    const attempts: readonly (readonly [Kept, PathAct])[] = [
      ...(settled === null ? [] : actsAt(machine, settled, sources).map((act) => [act.act === 'service' ? arrived : settled, act] as const)),
      ...failuresAt(arrived).map((act) => [arrived, act] as const),
      ...(settled === null ? [] : breathsAt(arrived, settled).map((act) => [settled, act] as const)),
    ];
    const before = tried.get(place) ?? new Set();
    const useful = fruitful.get(place) ?? new Set();
    tried.set(place, before);
    fruitful.set(place, useful);
    for (const [kept, act] of attempts) {
      const name = JSON.stringify(act);
      if (rank > mostWhole && before.has(name) && !useful.has(name)) continue;
      before.add(name);
      const done = perform(machine, kept, act, counts);
      if (done !== undefined && arrive(from, act, call, done, seen)) useful.add(name);
    }
  };

  variants.forEach((call, index) => arrive(-1, null, index, ring(machine, { ...usualCall, ...call }, usualNow, counts), new Set()));
  for (let rank = 0; rank < waiting.length; rank += 1) {
    for (let next = waiting[rank]?.shift(); next !== undefined && steps < mostSteps; next = waiting[rank]?.shift()) {
      if (rank > mostWhole && met.size === points.length) return { moments, ways, points, met, failing, isCut: false, steps };
      goOn(next);
      const lower = waiting.findIndex((some, index) => index < rank && some !== undefined && some.length > 0);
      if (lower >= 0) rank = lower;
    }
  }
  return { moments, ways, points, met, failing, isCut: steps >= mostSteps, steps };
};

/** A moment in which nothing happens, where the service had something to tell by itself before it. */
const breathsAt = (arrived: Kept, settled: Kept): readonly PathAct[] => {
  const breath = arrived.standing.snapshot.revision === settled.standing.snapshot.revision ? undefined : pause(settled);
  return breath === undefined ? [] : [breath];
};

/** One text for all calls that stand alike but for data. Why a question is asked again makes no difference where nobody counts that. */
const placeOf = (machine: AnyStateMachine, kept: Kept, { tellsReasons }: Sources): string => {
  const moment = momentOf(machine, kept.standing, delayIn(kept));
  return `${tellsReasons ? moment : moment.replace(/"asked":\[(\d+)(?:,\d+)*\]/g, '"asked":[$1]')} ${openTasks(kept).length}`;
};

/** The part of the bot's own data that decides something. */
const dataOf = (machine: AnyStateMachine, { standing: { snapshot } }: Kept, { decides }: Sources): string =>
  JSON.stringify(actorsOf(machine, snapshot).map(({ path, chart: { context } }) => [path, Object.entries((context ?? {}) as Readonly<Record<string, unknown>>).filter(([name]) => name !== 'call' && decides(name))]));
