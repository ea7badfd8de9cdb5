/**
 * Configuration — where a call stands on its figure: ids of boxes out of XState's values, and out of the names that the trail
 * of a step has for configurations (`order.size`, `a.x+b.y` for regions, behind the path of a dialog: `login/ask`).
 *
 * @module
 */
import { type Box, boxId, everyBox, type Figure, placeOf } from './figure.ts';

/** The states of one machine of a call that were active together. */
export interface Configuration {
  /** Where the machine stands in the figure; empty for the bot. */
  readonly place: string;
  /** Ids of its active states, each before those in it. */
  readonly states: readonly string[];
}

/** An actor of a call, in XState's persisted snapshot. */
interface Actor {
  readonly status?: unknown;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly children?: Readonly<Record<string, { readonly snapshot?: unknown } | undefined>>;
}

/** A machine of a call that runs. */
export interface Running extends Configuration {
  readonly context: unknown;
}

/** The machines that run in `snapshot`, the bot first and each before the dialogs that it runs. */
export const runningIn = (snapshot: unknown, place = ''): readonly Running[] => {
  if (typeof snapshot !== 'object' || snapshot === null) return [];
  const { status, value, context, children = {} } = snapshot as Actor;
  if (value === undefined || (place !== '' && status !== 'active')) return []; // a task, and a dialog that is over
  return [
    { place, states: pathsIn(value).map((path) => boxId(place, path)), context },
    ...Object.entries(children).flatMap(([run, child]) => runningIn(child?.snapshot, placeOf(place, run))),
  ];
};

const pathsIn = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([name, nested]) => [name, ...pathsIn(nested).map((path) => `${name}.${path}`)]) : value === null ? [] : [String(value)];

/** The place of the machine whose state `id` is. */
export const placeIn = (id: string): string => id.slice(0, id.lastIndexOf('/') + 1);

/** `list` by what `key` says of each. */
export const grouped = <T>(list: readonly T[], key: (one: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
};

/** Reads the names that trails have for the configurations of a figure. */
export type ReadConfiguration = (name: string) => Configuration | undefined;

/** Reads the trails of calls of `figure`. What is not on it has no configuration. */
export const configurationsOf = (figure: Figure): ReadConfiguration => {
  const byPlace = grouped(everyBox(figure.boxes).filter(({ path }) => path !== undefined), ({ id }) => placeIn(id));
  return (name) => {
    const runs = name.split('/');
    const value = runs.pop() ?? '';
    const place = runs.reduce(placeOf, '');
    const boxes = byPlace.get(place) ?? [];
    const tops = boxes.filter((box) => !boxes.some(({ boxes: inside }) => inside.includes(box)));
    const states = [...oneOf(tops, place, value), ...allOf(tops, place, value)].find(({ rest }) => rest === '')?.states;
    return states === undefined ? undefined : { place, states };
  };
};

/** A way to read the beginning of a text: the states that it names, and what is left of it. */
interface Reading {
  readonly states: readonly string[];
  readonly rest: string;
}

/** Readings of `text` that begin with one of `boxes`, and go on inside it. */
const oneOf = (boxes: readonly Box[], place: string, text: string): readonly Reading[] =>
  boxes.flatMap((box): readonly Reading[] => {
    const name = nameIn(box);
    if (!text.startsWith(name)) return [];
    const rest = text.slice(name.length);
    const inside = box.boxes.filter(({ id, path }) => path !== undefined && placeIn(id) === place);
    if (inside.length === 0) return [{ states: [box.id], rest }];
    if (!rest.startsWith('.')) return [];
    const nested = box.kind === 'parallel' ? allOf(inside, place, rest.slice(1)) : oneOf(inside, place, rest.slice(1));
    return nested.map((reading) => ({ ...reading, states: [box.id, ...reading.states] }));
  });

/** Readings of `text` as all of `regions` side by side, in whatever order. */
const allOf = (regions: readonly Box[], place: string, text: string): readonly Reading[] =>
  regions.flatMap((region) => {
    const others = regions.filter((other) => other !== region && other.kind !== 'history');
    return oneOf([region], place, text).flatMap((reading) => {
      if (others.length === 0) return [reading];
      if (!reading.rest.startsWith('+')) return [];
      return allOf(others, place, reading.rest.slice(1)).map((next) => ({ rest: next.rest, states: [...reading.states, ...next.states] }));
    });
  });

const nameIn = ({ path = '' }: Box): string => path.slice(path.lastIndexOf('.') + 1);
