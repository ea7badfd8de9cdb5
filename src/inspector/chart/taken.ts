/**
 * Taken — which arrows of a figure a step has gone along, and what its chart calls what happened: looked up by the names of the transitions
 * that the step took.
 *
 * @module
 */
import type { ChartEdge } from '../../machines/draw/chart.ts';
import { nameOf } from '../../machines/draw/wording.ts';
import type { Move } from '../../machines/index.ts';
import { placeOf, type Figure } from './figure.ts';

/** Ids of the arrows that a step with these moves has gone along, in order. */
export const arrowsTaken = (figure: Figure, moves: readonly Move[]): readonly string[] => {
  const { edges } = mapOf(figure);
  const due = new Set<string>();
  const taken = moves.flatMap(({ path, transitions }) => {
    const place = placeAt(path);
    return transitions.flatMap((id) => {
      due.add(keyOf(place, id));
      const found = edges.get(keyOf(place, id)) ?? [];
      // A task whose time is over fails: that is the arrow of its time, and not of any other failure.
      const late = found.filter(({ edge: { timer } }) => timer !== undefined && due.has(keyOf(place, timer)));
      return (late.length > 0 ? late : found.filter(({ edge: { timer } }) => timer === undefined)).map(({ arrow }) => arrow);
    });
  });
  return [...new Set(taken)];
};

/** What happened, in the chart's own word for it where it has one: a timer is what it waits for, keys and words are what they were taken for. */
export const eventName = (type: string, figure: Figure, moves: readonly Move[]): string => {
  if (type === input) {
    const move = moves.find(({ event, transitions }) => event.startsWith('recognize.') && transitions.length > 0);
    if (move === undefined) return type;
    const [found] = mapOf(figure).edges.get(keyOf(placeAt(move.path), move.transitions[0] ?? '')) ?? [];
    return found?.edge.event.startsWith('recognize.') === true ? found.edge.event.replace(/\.\*$/, '') : move.event;
  }
  if (!type.startsWith('xstate.')) return type;
  const edge = mapOf(figure).byEvent.get(type);
  return edge === undefined ? type : nameOf(edge);
};

/** What a service tells that leaves it to the question what was meant. */
const input = 'recognize.input';

/** The place of the machine that runs in the actor at `path`. */
export const placeAt = (path: string): string => (path === '' ? '' : path.split('/').reduce(placeOf, ''));

const keyOf = (place: string, id: string): string => `${place} ${id}`;

/** What of a figure is looked up. */
interface FigureMap {
  /** The transitions by their names, each behind the place of its machine, with the arrows that they are drawn as. */
  readonly edges: ReadonlyMap<string, readonly { readonly arrow: string; readonly edge: ChartEdge }[]>;
  readonly byEvent: ReadonlyMap<string, ChartEdge>;
}

const maps = new WeakMap<Figure, FigureMap>();

const mapOf = (figure: Figure): FigureMap => {
  const before = maps.get(figure);
  if (before !== undefined) return before;
  const edges = new Map<string, { readonly arrow: string; readonly edge: ChartEdge }[]>();
  const byEvent = new Map<string, ChartEdge>();
  for (const { id: arrow, place, edges: own } of figure.arrows) {
    for (const edge of own) {
      const key = keyOf(place, edge.id);
      const alike = edges.get(key);
      if (alike === undefined) edges.set(key, [{ arrow, edge }]);
      else alike.push({ arrow, edge });
      if (!byEvent.has(edge.event)) byEvent.set(edge.event, edge);
    }
  }
  const map: FigureMap = { edges, byEvent };
  maps.set(figure, map);
  return map;
};
