/**
 * Points shown — what there is to be covered of a bot, with where it is on its chart.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { everyBox, figureOf } from '../../inspector/chart/figure.ts';
import { type Point, pointsOf } from '../../machines/coverage/points.ts';
import type { PointShown } from '../../page/protocol.ts';

/** The points of `machine`, in the author's order. */
export const pointsShown = (machine: AnyStateMachine): readonly PointShown[] => {
  const { boxes, arrows } = figureOf(machine);
  const drawn = everyBox(boxes).filter(({ path }) => path !== undefined);
  return pointsOf(machine).map((point) => ({
    id: point.id, kind: point.kind, name: point.name,
    title: point.state === '' ? point.machine : point.state,
    states: drawn.filter(({ chart, path }) => chart === point.machine && path === point.state).map(({ id }) => id),
    // To ask again is no transition of the author's: that arrow is seen by the outcomes that lead along it.
    edges: arrows.filter(({ edges }) => edges.some(({ id, asksAgain }) => isSeenBy(point, asksAgain) && point.transitions.includes(id))).map(({ id }) => id),
  }));
};

const isSeenBy = ({ kind }: Point, asksAgain: boolean): boolean => kind === (asksAgain ? 'outcome' : 'transition');
