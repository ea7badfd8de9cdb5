/**
 * Taken — which arrows of a figure a step has gone along, as far as events and configurations tell: the arrow between two of
 * these that fits best. Where two fit equally well, for a guard was asked that nobody else knows of, it is neither.
 *
 * @module
 */
import type { ChartEdge } from '../../machines/draw/chart.ts';
import { nameOf } from '../../machines/draw/wording.ts';
import { type Configuration, grouped, placeIn } from './configuration.ts';
import { everyBox, type Figure, type FigureArrow } from './figure.ts';

/** A step, as far as it tells where it went. */
export interface Passage {
  /** Types of what happened. */
  readonly events: readonly string[];
  /** The states that were active before it; undefined where that is not known. */
  readonly before: readonly string[] | undefined;
  /** The configurations that it came through, in order. */
  readonly passed: readonly Configuration[];
  /** Whether the open question was asked once more; undefined where that is not known. */
  readonly again: boolean | undefined;
}

/** Ids of the arrows that the step has gone along, in order. */
export const arrowsTaken = (figure: Figure, { events, before, passed, again }: Passage): readonly string[] => {
  const map = mapOf(figure);
  /** Where each machine stood last, by its place. */
  const stood = new Map<string, readonly string[] | undefined>();
  for (const id of before ?? []) stood.set(placeIn(id), [...(stood.get(placeIn(id)) ?? []), id]);
  const taken: string[] = [];
  passed.forEach(({ place, states }, index) => {
    const from = stood.has(place) ? stood.get(place) : before === undefined && index === 0 ? undefined : (map.starts.get(place) ?? []);
    const arrows = best(map.arrows.get(place) ?? [], { from, to: states, events, again, isFirst: index === 0 }, map);
    taken.push(...arrows.map(({ id }) => id));
    stood.set(place, states);
    // A dialog that was left, or whose state was entered anew, begins from its beginning.
    for (const other of stood.keys()) {
      const host = map.hosts.get(other);
      if (host !== undefined && placeIn(host) === place && (!states.includes(host) || arrows.some(({ target }) => target === host))) stood.delete(other);
    }
  });
  return [...new Set(taken)];
};

/** What happened, in the chart's own word for it where it has one: a timer is what it waits for, keys and words are what they were taken for. */
export const eventName = (type: string, figure: Figure, taken: readonly string[]): string => {
  if (type === input) {
    const edges = figure.arrows.flatMap((arrow) => (taken.includes(arrow.id) ? arrow.edges.filter(({ event }) => inputMatch(event) > 0) : []));
    return edges[0]?.event.replace(/\.\*$/, '') ?? type;
  }
  if (!type.startsWith('xstate.')) return type;
  const edge = figure.arrows.flatMap(({ edges }) => edges).find(({ event }) => event === type);
  return edge === undefined ? type : nameOf(edge);
};

/** What a service tells that leaves it to the question what was meant. */
const input = 'recognize.input';

/** How well an input accounts for `event`. */
const inputMatch = (event: string): number => (/^recognize\.(?:choice|digits|speech)\b/.test(event) ? 0.75 : event === 'recognize.repeat' ? 0.7 : event.startsWith('recognize.nomatch') ? 0.6 : 0);

/** What of a figure is looked up. */
interface FigureMap {
  /** Arrows by the place of their machine. */
  readonly arrows: ReadonlyMap<string, readonly FigureArrow[]>;
  /** Where the machine at a place begins. */
  readonly starts: ReadonlyMap<string, readonly string[]>;
  /** The state that runs the machine at a place. */
  readonly hosts: ReadonlyMap<string, string>;
  /** The state around a history. */
  readonly around: ReadonlyMap<string, string>;
}

const maps = new WeakMap<Figure, FigureMap>();

const mapOf = (figure: Figure): FigureMap => {
  const before = maps.get(figure);
  if (before !== undefined) return before;
  const boxes = everyBox(figure.boxes);
  const map: FigureMap = {
    arrows: grouped(figure.arrows.filter(({ byDefault }) => !byDefault), ({ place }) => place),
    starts: grouped(boxes.filter(({ kind }) => kind === 'start').map(({ id }) => id), placeIn),
    hosts: new Map(boxes.flatMap(({ id, boxes: inside }) => inside.filter((box) => placeIn(box.id) !== placeIn(id)).map((box) => [placeIn(box.id), id] as const))),
    around: new Map(boxes.flatMap(({ id, boxes: inside }) => inside.filter(({ kind }) => kind === 'history').map((box) => [box.id, id] as const))),
  };
  maps.set(figure, map);
  return map;
};

/** From one configuration to the next. */
interface Move {
  readonly from: readonly string[] | undefined;
  readonly to: readonly string[];
  readonly events: readonly string[];
  readonly again: boolean | undefined;
  /** Whether it is the first of its step: then what happened has moved it, later ones follow from it. */
  readonly isFirst: boolean;
}

const best = (arrows: readonly FigureArrow[], move: Move, map: FigureMap): readonly FigureArrow[] => {
  const fitting = arrows.filter((arrow) => fits(arrow, move, map)).map((arrow) => ({ arrow, match: matchOf(arrow, move), depth: arrow.from.split('.').length })).filter(({ match }) => match > 0);
  const most = Math.max(...fitting.map(({ match }) => match));
  const matching = fitting.filter(({ match }) => match === most);
  // A state goes before the one around it, in each region for itself.
  const innermost = matching.filter(({ arrow, depth }) => !matching.some((other) => other.depth > depth && isWithin(other.arrow.from, arrow.from)));
  return innermost.filter((one) => innermost.every((other) => other === one || other.arrow.from !== one.arrow.from)).map(({ arrow }) => arrow);
};

const fits = ({ from, target }: FigureArrow, { from: before, to }: Move, { around }: FigureMap): boolean => {
  const reached = around.get(target) ?? target;
  if (!to.includes(reached)) return false;
  if (before === undefined) return true;
  if (!isAny(from) && !before.includes(from)) return false;
  const fresh = to.filter((id) => !before.includes(id));
  return fresh.length === 0 ? before.includes(reached) : fresh.some((id) => isWithin(id, reached) || isWithin(reached, id));
};

/** Whether `id` is the state `around`, or a state in it. Whatever a whole machine can be in is in its `any state`. */
const isWithin = (id: string, around: string): boolean => isAny(around) || id === around || id.startsWith(`${around}.`);

const isAny = (id: string): boolean => id.endsWith('~any');

/** How well what happened accounts for an arrow; 0 when it does not. */
const matchOf = ({ edges }: FigureArrow, move: Move): number => Math.max(...edges.map((edge) => matchOfEdge(edge, move)));

const matchOfEdge = (edge: ChartEdge, { events, isFirst, from, again }: Move): number => {
  const [named, follows] = isFirst ? [4, 1] : [2, 3];
  if (edge.kind === 'always') return from === undefined ? 0 : follows;
  if (edge.event === 'call.begin') return follows; // of a dialog, to itself
  if (edge.kind === 'done' || edge.kind === 'failed') return events.includes(`task.${edge.kind}`) ? named : follows;
  if (events.includes(edge.event)) return edge.kind === 'after' ? 4 : named; // a task whose time is over is told so first
  if (events.includes(input) && inputMatch(edge.event) > 0) return again === !edge.asksAgain && edge.event !== 'recognize.repeat' ? 0 : named - 1 + inputMatch(edge.event);
  return events.some((type) => edge.event === '*' || (edge.event.endsWith('.*') && `${type}.`.startsWith(edge.event.slice(0, -1)))) ? named - 0.5 : 0;
};
