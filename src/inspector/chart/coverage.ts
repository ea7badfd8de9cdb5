/**
 * Coverage — what calls have come by, on the chart: how often each box was entered and each arrow taken.
 *
 * A dialog counts as one, wherever it runs: where it is drawn in several places it says the same in each.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { pointsOf, type Tally } from '../../machines/index.ts';
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
    transitions: Object.fromEntries(Object.entries(countedArrows(figure)).map(([id, names]) => [id, names.reduce((sum, one) => sum + (transitions[one] ?? 0), 0)])),
  };
};

/** The arrows of `figure` that are counted, by their ids, with the names of the transitions that each stands for. */
export const countedArrows = ({ arrows }: Figure): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(arrows.flatMap(({ id, from, edges, place }) => {
    const own = edges.filter(isCounted);
    const isFrame = from === `${place}idle`;
    return own.length === 0 || isFrame ? [] : [[id, [...new Set(own.map(tellingId))]]];
  }));

/** The name by which it is known that an edge was taken. */
const tellingId = ({ timer, id }: ChartEdge): string => timer ?? id;

const isCounted = ({ actions }: ChartEdge): boolean => !actions.some(({ type }) => type === 'call.apologise');

/** `figure` with the counts of `coverage` in its words, before it is laid out: there is room for them then. */
export const countedFigure = (figure: Figure, { states, transitions }: ChartCoverage): Figure => {
  const counted = (box: Box): Box => ({ ...box, title: withCount(box.title, states[box.id]), boxes: box.boxes.map(counted) });
  return { ...figure, boxes: figure.boxes.map(counted), arrows: figure.arrows.map((arrow) => ({ ...arrow, label: withCount(arrow.label, transitions[arrow.id]) })) };
};

const withCount = (text: string, count: number | undefined): string => (count === undefined ? text : `${text} ×${count}`.trimStart());
