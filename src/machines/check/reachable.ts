/**
 * Reachable — the states that nobody can come to.
 *
 * @module
 */
import { pathBelow, stateName } from '../chart.ts';
import type { Blueprint, StatePlan } from './blueprint.ts';
import type { Exploration } from './explore.ts';
import { type Finding, severities } from './finding.ts';

/** A machine of a bot, with the path at which it is first run. */
export interface Placed {
  readonly plan: Blueprint;
  readonly path: string;
}

/** The bot and every dialog that it runs, each once. */
export const machinesOf = ({ plan, planOf }: Pick<Exploration, 'plan' | 'planOf'>): readonly Placed[] => {
  const found = new Map<Blueprint, Placed>();
  const visit = (one: Placed): void => {
    if (found.has(one.plan)) return;
    found.set(one.plan, one);
    for (const { invocations } of one.plan.states) {
      for (const { id, runs } of invocations) if (runs.kind === 'dialog') visit({ plan: planOf(runs.machine), path: pathBelow(one.path, id) });
    }
  };
  visit({ plan, path: '' });
  return [...found.values()];
};

/** The states of a bot that no call comes to, the outermost of those that stand in one another. */
export const unreachable = (found: Exploration): readonly Finding[] =>
  machinesOf(found).flatMap(({ plan, path }) => {
    const reached = found.reached.get(plan.id);
    if (reached === undefined) return []; // nobody comes to the state that runs it, which is told
    const isMissed = (state: StatePlan): boolean => !reached.has(state.index) && !state.framework && !isFramed(state);
    return plan.states.filter((state) => isMissed(state) && (plan.states[state.parent] === undefined || !isMissed(plan.states[state.parent] as StatePlan))).map((state): Finding => {
      const name = stateName(path, state.path);
      return { id: `unreachable:${name}`, rule: 'unreachable', severity: severities.unreachable, state: name, message: `state \`${name}\`: nobody can come to it`, script: null };
    });
  });

/** Whether a state is there because a waterfall always has one, and not because its author wrote it. */
const isFramed = ({ type, meta }: StatePlan): boolean => type === 'final' && typeof (meta as { readonly status?: unknown } | null | undefined)?.status === 'string';
