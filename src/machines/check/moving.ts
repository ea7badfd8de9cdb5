/**
 * Moving — which states a transition leaves and enters: SCXML's algorithm, as XState applies it, on the numbers of a blueprint.
 *
 * @module
 */
import type { Blueprint, StatePlan, Trans } from './blueprint.ts';

/** The states of an actor that are active, and those that its histories remember. */
export interface Configuration {
  readonly active: ReadonlySet<number>;
  readonly history: Readonly<Record<number, readonly number[]>>;
}

/** What is left and what is entered: innermost first, and outermost first. `defaults` are those of the entered whose own initial actions are run. */
export interface Move {
  readonly taken: readonly Trans[];
  readonly left: readonly number[];
  readonly entered: readonly number[];
  readonly defaults: ReadonlySet<number>;
  readonly history: Configuration['history'];
}

/** The move that `enabled` transitions make together; those that others preempt are not among those taken. */
export const moveOf = (plan: Blueprint, at: Configuration, enabled: readonly Trans[]): Move => {
  const taken = compatible(plan, at, enabled);
  const left = [...exits(plan, at, taken)].sort((a, b) => b - a);
  const history = remembered(plan, at, left);
  return { taken, left, history, ...entries(plan, history, taken) };
};

/** How an actor begins. */
export const beginning = (plan: Blueprint): Pick<Move, 'entered' | 'defaults'> => {
  const { entered, defaults } = entries(plan, {}, [{ source: 0, descriptor: '', guard: undefined, targets: [0], actions: [], reenter: true }]);
  return { entered: entered.includes(0) ? entered : [0, ...entered], defaults: new Set([...defaults, 0]) };
};

const planOf = ({ states }: Blueprint, index: number): StatePlan => states[index] as StatePlan;

/** Whether `inner` is below `outer`. */
export const isBelow = (plan: Blueprint, inner: number, outer: number): boolean => {
  for (let at = planOf(plan, inner).parent; at !== -1; at = planOf(plan, at).parent) if (at === outer) return true;
  return false;
};

/** The states around `index`, innermost first, up to but not including `top`. */
export const around = (plan: Blueprint, index: number, top = -1): readonly number[] => {
  const found: number[] = [];
  if (index === top) return found;
  for (let at = planOf(plan, index).parent; at !== -1 && at !== top; at = planOf(plan, at).parent) found.push(at);
  return found;
};

export const isAtomic = ({ type }: StatePlan): boolean => type === 'atomic' || type === 'final';

/** Whether `index`, with all that it needs, has come to its end. */
export const isComplete = (plan: Blueprint, active: ReadonlySet<number>, index: number): boolean => {
  const { type, children } = planOf(plan, index);
  if (type === 'compound') return children.some((child) => planOf(plan, child).type === 'final' && active.has(child));
  return type === 'parallel' ? children.every((child) => isComplete(plan, active, child)) : type === 'final';
};

/** Where a transition leads, with histories resolved. */
const effective = (plan: Blueprint, history: Configuration['history'], targets: readonly number[]): readonly number[] => [
  ...new Set(targets.flatMap((target) => {
    const { type, fallback } = planOf(plan, target);
    return type === 'history' ? (history[target] ?? effective(plan, history, fallback?.targets ?? [])) : [target];
  })),
];

/** The state within which everything happens; undefined where the machine itself is entered anew. */
const domain = (plan: Blueprint, history: Configuration['history'], { source, targets, reenter }: Trans): number | undefined => {
  const all = effective(plan, history, targets ?? []);
  if (!reenter && all.every((target) => target === source || isBelow(plan, target, source))) return source;
  const [head, ...tail] = [...all, source];
  const common = around(plan, head as number).find((outer) => tail.every((one) => isBelow(plan, one, outer)));
  return common ?? (reenter ? undefined : 0);
};

const exits = (plan: Blueprint, { active, history }: Configuration, transitions: readonly Trans[]): ReadonlySet<number> => {
  const found = new Set<number>();
  for (const transition of transitions) {
    if (transition.targets === undefined || transition.targets.length === 0) continue;
    const within = domain(plan, history, transition);
    if (transition.reenter && within === transition.source) found.add(within);
    for (const index of active) if (within === undefined || isBelow(plan, index, within)) found.add(index);
  }
  return found;
};

const compatible = (plan: Blueprint, at: Configuration, enabled: readonly Trans[]): readonly Trans[] => {
  if (enabled.length < 2) return enabled;
  let kept: readonly Trans[] = [];
  for (const one of new Set(enabled)) {
    const leaves = exits(plan, at, [one]);
    const rivals = kept.filter((other) => [...exits(plan, at, [other])].some((index) => leaves.has(index)));
    if (rivals.some(({ source }) => !isBelow(plan, one.source, source))) continue;
    kept = [...kept.filter((other) => !rivals.includes(other)), one];
  }
  return kept;
};

const remembered = (plan: Blueprint, { active, history }: Configuration, left: readonly number[]): Configuration['history'] => {
  let changed: Record<number, readonly number[]> | undefined;
  for (const index of left) {
    for (const { index: memory, deep } of planOf(plan, index).histories) {
      changed ??= { ...history };
      changed[memory] = [...active].filter((one) => (deep ? isAtomic(planOf(plan, one)) && isBelow(plan, one, index) : planOf(plan, one).parent === index)).sort((a, b) => a - b);
    }
  }
  return changed ?? history;
};

const entries = (plan: Blueprint, history: Configuration['history'], transitions: readonly Trans[]): Pick<Move, 'entered' | 'defaults'> => {
  const entered = new Set<number>();
  const defaults = new Set<number>();

  const below = (index: number): void => {
    const { type, children, initial, parent, fallback } = planOf(plan, index);
    if (type === 'history') {
      const known = history[index];
      const targets = known ?? fallback?.targets ?? [];
      for (const target of targets) {
        entered.add(target);
        if (known === undefined && fallback?.isInitial === true) defaults.add(parent);
        below(target);
      }
      for (const target of targets) above(around(plan, target, parent), undefined);
    } else if (type === 'compound' && initial !== undefined) {
      if (planOf(plan, initial.target).type !== 'history') {
        entered.add(initial.target);
        defaults.add(initial.target);
      }
      below(initial.target);
      above(around(plan, initial.target, index), undefined);
    } else if (type === 'parallel') regions(children, true);
  };

  const regions = (children: readonly number[], areDefault: boolean): void => {
    for (const child of children) {
      if ([...entered].some((one) => isBelow(plan, one, child))) continue;
      entered.add(child);
      if (areDefault) defaults.add(child);
      below(child);
    }
  };

  const above = (ancestors: readonly number[], within: number | undefined): void => {
    for (const index of ancestors) {
      if (within === undefined || isBelow(plan, index, within)) entered.add(index);
      if (planOf(plan, index).type === 'parallel') regions(planOf(plan, index).children, false);
    }
  };

  for (const transition of transitions) {
    const { source, targets = [], reenter } = transition;
    const within = domain(plan, history, transition);
    for (const target of targets) {
      if (planOf(plan, target).type !== 'history' && (source !== target || source !== within || reenter)) {
        entered.add(target);
        defaults.add(target);
      }
      below(target);
    }
    for (const target of effective(plan, history, targets)) {
      const ancestors = [...around(plan, target, within ?? -1)];
      if (within !== undefined && planOf(plan, within).type === 'parallel') ancestors.push(within);
      above(ancestors, planOf(plan, source).parent === -1 && reenter ? undefined : within);
    }
  }
  return { entered: [...entered].sort((a, b) => a - b), defaults };
};
