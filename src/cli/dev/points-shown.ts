/**
 * Points shown — what there is to be covered of a bot and where it is on its chart, and what of it calls have come by.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { countedArrows } from '../../inspector/chart/coverage.ts';
import { everyBox, figureOf } from '../../inspector/chart/figure.ts';
import { happenedIn, signsOf } from '../../machines/coverage/met.ts';
import { pointsOf, sumOfTallies, type StepResult } from '../../machines/index.ts';
import type { CoverageShown } from '../../page/protocol.ts';
import { talliesAt } from '../coverage-files.ts';

/** The points of `machine`, in the author's order, and the transitions that its arrows stand for. */
export const pointsShown = (machine: AnyStateMachine): Pick<CoverageShown, 'points' | 'arrows'> => {
  const figure = figureOf(machine);
  const drawn = everyBox(figure.boxes).filter(({ path }) => path !== undefined);
  return {
    points: pointsOf(machine).map((point) => ({
      id: point.id, kind: point.kind, name: point.name, title: point.state === '' ? point.machine : point.state, by: signsOf(point),
      states: drawn.filter(({ chart, path }) => chart === point.machine && path === point.state).map(({ id }) => id),
    })),
    arrows: countedArrows(machine, figure),
  };
};

/** Names of the states, the transitions and the askings that a step of `machine` has come by, each as often as it did. */
export const metBy = (machine: AnyStateMachine, { moves }: Pick<StepResult, 'moves'>): readonly string[] => {
  const { states, transitions, askings } = happenedIn(machine, moves);
  return [...states, ...transitions, ...askings];
};

/** What the file or the folder `name` says of calls of `machine`: logs, and counts of tests and servers. Where they are of another bot, why they say nothing. */
export const givenOf = async (machine: AnyStateMachine, name: string): Promise<NonNullable<CoverageShown['given']>> => {
  try {
    const { states, transitions, askings } = sumOfTallies(machine, await talliesAt(machine, name));
    return { name, counts: { ...states, ...transitions, ...askings } };
  } catch (error) {
    return { name, counts: {}, trouble: error instanceof Error ? error.message : String(error) };
  }
};
