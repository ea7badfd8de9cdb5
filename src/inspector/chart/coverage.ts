/**
 * Coverage — what calls have come by, on the chart: how often each box was entered and each arrow taken.
 *
 * A dialog counts as one, wherever it runs: where it is drawn in several places it says the same in each.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type Point, pointsOf, type Tally } from '../../machines/index.ts';
import type { ChartEdge } from '../../machines/draw/chart.ts';
import type { ChartCoverage } from './drawing.ts';
import { type Box, everyBox, type Figure, figureOf } from './figure.ts';

/** What `tally` has counted, by the ids of the picture of `machine`. The places where calls begin and end are not counted, and nor is the apology. */
export const chartCoverage = (machine: AnyStateMachine, { states, transitions }: Tally): ChartCoverage => {
  const figure = figureOf(machine);
  const counted = new Set(pointsOf(machine).flatMap(({ id, kind }) => (kind === 'state' ? [id] : [])));
  const stateId = ({ chart, path }: Box): string => `${chart}.${path ?? ''}`;
  return {
    states: Object.fromEntries(everyBox(figure.boxes).flatMap((box) => (counted.has(stateId(box)) ? [[box.id, states[stateId(box)] ?? 0]] : []))),
    transitions: Object.fromEntries(Object.entries(countedArrows(machine, figure)).map(([id, names]) => [id, names.reduce((sum, one) => sum + (transitions[one] ?? 0), 0)])),
  };
};

/**
 * The arrows of `figure`, which is of `machine`, that are counted, by their ids, with the names of the transitions that each stands for: those of its point in
 * the table. What the author does not handle by itself, such as a task's time that is over where there is only `failed`, is counted at the arrow that he wrote.
 */
export const countedArrows = (machine: AnyStateMachine, { arrows }: Figure): Readonly<Record<string, readonly string[]>> => {
  const points = pointsOf(machine);
  const ways = new Map(points.flatMap((point) => (point.kind === 'transition' ? point.transitions.map((id) => [id, point] as const) : [])));
  const again = askedAgain(points);
  const namesOf = (edge: ChartEdge): readonly string[] => {
    if (edge.asksAgain) return again.has(edge.id) ? [edge.id] : [];
    const point = ways.get(edge.id);
    return point === undefined || nameAt(edge, point) !== point.name ? [] : point.transitions;
  };
  return Object.fromEntries(arrows.flatMap(({ id, edges }) => {
    const names = [...new Set(edges.flatMap(namesOf))];
    return names.length === 0 ? [] : [[id, names]];
  }));
};

/** The transitions on which questions are asked again; of a question that is asked but once there are none. */
const askedAgain = (points: readonly Point[]): ReadonlySet<string> => {
  const place = ({ machine, state }: Point): string => JSON.stringify([machine, state]);
  const retried = new Set(points.flatMap((point) => (point.kind === 'retry' ? [place(point)] : [])));
  return new Set(points.flatMap((point) => (point.kind === 'outcome' && (point.name === 'repeat' || retried.has(place(point))) ? point.transitions : [])));
};

/** What the author would have called `edge` if he handled it by itself; what is written by hand is called as it is. */
const nameAt = ({ timer, outcome }: ChartEdge, { name }: Point): string => (timer === undefined ? (outcome ?? name) : 'timeout');

/** `figure` with the counts of `coverage` in its words, before it is laid out: there is room for them then. */
export const countedFigure = (figure: Figure, { states, transitions }: ChartCoverage): Figure => {
  const counted = (box: Box): Box => ({ ...box, title: withCount(box.title, states[box.id]), boxes: box.boxes.map(counted) });
  return { ...figure, boxes: figure.boxes.map(counted), arrows: figure.arrows.map((arrow) => ({ ...arrow, label: withCount(arrow.label, transitions[arrow.id]) })) };
};

const withCount = (text: string, count: number | undefined): string => (count === undefined ? text : `${text} ×${count}`.trimStart());
