/**
 * Points shown — what there is to be covered of a bot and where it is on its chart, and what of it a step has come by.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { everyBox, figureOf } from '../../inspector/chart/figure.ts';
import { pointsMet } from '../../machines/coverage/met.ts';
import { pointsOf } from '../../machines/coverage/points.ts';
import type { StepResult } from '../../machines/index.ts';
import type { CoverageShown } from '../../page/protocol.ts';

/** The points of `machine`, in the author's order, and the transitions that its arrows stand for. */
export const pointsShown = (machine: AnyStateMachine): Pick<CoverageShown, 'points' | 'arrows'> => {
  const { boxes, arrows } = figureOf(machine);
  const points = pointsOf(machine);
  const drawn = everyBox(boxes).filter(({ path }) => path !== undefined);
  const counted = new Set(points.flatMap(({ transitions }) => transitions));
  return {
    points: points.map(({ id, kind, name, machine: chart, state, transitions }) => ({
      id, kind, name, title: state === '' ? chart : state,
      states: drawn.filter((box) => box.chart === chart && box.path === state).map((box) => box.id),
      by: kind === 'state' || kind === 'retry' ? [id] : transitions,
    })),
    arrows: Object.fromEntries(arrows.flatMap(({ id, edges }) => {
      const own = [...new Set(edges.map((edge) => edge.id))].filter((one) => counted.has(one));
      return own.length === 0 ? [] : [[id, own]];
    })),
  };
};

/** Names of the states, the transitions and the askings that a step of `machine` has come by, each once. */
export const metBy = (machine: AnyStateMachine, result: Pick<StepResult, 'moves' | 'snapshot'>): readonly string[] => {
  const named = new Set(pointsOf(machine).flatMap(({ id, kind }) => (kind === 'state' || kind === 'retry' ? [id] : [])));
  return [...new Set([...pointsMet(machine, result).filter((id) => named.has(id)), ...result.moves.flatMap(({ transitions }) => transitions)])];
};
