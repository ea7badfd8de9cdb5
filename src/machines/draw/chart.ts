/**
 * Chart — a machine as a neutral list of nodes and edges, in the author's order. What draws a bot reads this and not the
 * machine: `mermaid.ts`, `scxml.ts`.
 *
 * Targets, initial states and histories come resolved, as paths (`order.pin`; the machine itself is the empty path).
 * Everything is data: of a function only its name is left, and that it was one.
 *
 * @module
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { botFacts } from '../bot-facts.ts';
import type { AskLimits } from '../call-context.ts';
import { isMachine } from '../naming.ts';
import { childrenOf as childrenIn, nodesFrom, withoutHistory } from '../nodes.ts';
import { behind } from '../noted.ts';
import type { StateFacts } from '../state-config.ts';
import { isTaskLogic } from '../task-logic.ts';
import { idsOf } from '../transition-ids.ts';

/** An action of a state or an edge. */
export interface ChartAction {
  /** Type of a named action, else the name of the function, else `inline`. */
  readonly type: string;
  /** Its parameters; absent when it has none or when they are computed. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Whether the parameters are known only when the action is executed. */
  readonly computed: boolean;
}

/** What a state runs while it lasts. */
export interface ChartRun {
  readonly id: string;
  /** Name of the actor in the machine's `implementations.actors`. */
  readonly src: string;
  readonly kind: 'dialog' | 'task' | 'chat' | 'actor';
}

/** A state. */
export interface ChartNode {
  /** Names from the top, joined by dots; unique in its chart. */
  readonly path: string;
  readonly name: string;
  /** Path of the state around it; the empty path for the states at the top, undefined for the machine itself. */
  readonly parent: string | undefined;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** Which history, of a history state. */
  readonly history?: 'shallow' | 'deep';
  /** Of a compound state where it begins; of a history state where it leads when there is no history yet. */
  readonly initial: readonly string[];
  /** What the state's maker says of it. */
  readonly facts?: StateFacts;
  /** Whether the state is the framework's own: `idle` and `ended`. */
  readonly framework: boolean;
  readonly description?: string;
  readonly entry: readonly ChartAction[];
  readonly exit: readonly ChartAction[];
  readonly runs: readonly ChartRun[];
}

/** A transition. */
export interface ChartEdge {
  /** Its name, as `transition-ids.ts` makes it. What is drawn for a task whose time is over has that of where it leads then. */
  readonly id: string;
  /** Path of the state that it leaves; empty for a transition of the whole machine. */
  readonly from: string;
  /** Paths of the states that it leads to; empty when it leads nowhere. */
  readonly targets: readonly string[];
  readonly kind: 'event' | 'always' | 'after' | 'done' | 'failed';
  /** XState's event descriptor; empty for `always`. */
  readonly event: string;
  /** The author's name for it (`sales`, `exhausted`), where the state was made by a maker. */
  readonly outcome?: string;
  /** Name of the guard. */
  readonly guard?: string;
  /** Of `after`: milliseconds, or the name of a delay. */
  readonly delay?: number | string;
  /** Of `done` and `failed`: id of the actor that ended; absent when it is the state itself that is done. */
  readonly run?: string;
  readonly actions: readonly ChartAction[];
  readonly reenter: boolean;
  /** Whether the question of the state is asked again. */
  readonly asksAgain: boolean;
  /** How often it may be, where it is asked again because it was not answered. */
  readonly limits?: AskLimits;
  /** Whether it is the framework's transition to `ended` when the call is over, which every state has by construction. */
  readonly implicit: boolean;
  /** Of a task whose time is over: the name of the transition that tells the task so, which itself leads nowhere. */
  readonly timer?: string;
}

/** A machine, drawn. */
export interface Chart {
  readonly id: string;
  /** The machine itself, as the state around all others. */
  readonly root: ChartNode;
  /** All states, each before the states in it. */
  readonly nodes: readonly ChartNode[];
  /** All transitions, by the state they leave. */
  readonly edges: readonly ChartEdge[];
  /** Whether a command of the bot has questions repeated; each could be. */
  readonly repeats: boolean;
}

/** Reads `machine`. */
export const chartOf = (machine: AnyStateMachine): Chart => {
  const [root, ...nodes] = nodesOf(machine.root, machine);
  if (root === undefined) throw new TypeError('a machine without a root');
  const repeats = botFacts(machine)?.commands.some(({ command }) => command === 'repeats') === true;
  return { id: machine.id, root, nodes, edges: nodesFrom(machine.root).flatMap((node) => edgesOf(node, idsOf(machine))), repeats };
};

/** The states directly in the state `path`. */
export const childrenOf = (chart: Chart, path: string): readonly ChartNode[] => chart.nodes.filter(({ parent }) => parent === path);

const pathOf = (node: AnyStateNode): string => node.path.join('.');

const factsOf = (node: AnyStateNode): StateFacts | undefined =>
  node.parent === undefined ? undefined : (node.meta as { readonly call?: StateFacts } | undefined)?.call;

const nodesOf = (node: AnyStateNode, machine: AnyStateMachine): readonly ChartNode[] => {
  const path = pathOf(node);
  const facts = factsOf(node);
  const kind = botFacts(machine)?.kind;
  return [
    {
      path,
      name: node.key,
      parent: node.parent === undefined ? undefined : pathOf(node.parent),
      type: node.type,
      ...(node.type === 'history' && { history: node.history === 'deep' ? 'deep' : 'shallow' }),
      initial: beginningOf(node),
      ...(facts !== undefined && { facts }),
      framework: kind !== undefined && (path === 'idle' || (path === 'ended' && kind === 'bot')),
      ...(node.description !== undefined && { description: node.description }),
      // Not `node.entry`: XState adds the timers of `after` to it, which are edges here.
      entry: actionsOf(node.config.entry),
      exit: actionsOf(node.config.exit),
      runs: node.invoke.map(({ id, src }) => runOf(id, src, machine)),
    },
    ...childrenIn(node).flatMap((child) => nodesOf(child, machine)),
  ];
};

const runOf = (id: string, src: unknown, machine: AnyStateMachine): ChartRun => {
  const name = typeof src === 'string' ? src : id;
  const logic: unknown = typeof src === 'string' ? machine.implementations.actors[src] : src;
  return { id, src: (isTaskLogic(logic) ? logic.task : undefined) ?? name, kind: isMachine(logic) ? 'dialog' : isTaskLogic(logic) ? (typeof logic.work === 'object' && logic.work.kind === 'chat' ? 'chat' : 'task') : 'actor' };
};

const beginningOf = (node: AnyStateNode): readonly string[] => {
  if (node.type === 'compound') return node.initial.target.map(pathOf);
  return withoutHistory(node).map(pathOf);
};

interface Taken {
  readonly target?: readonly AnyStateNode[];
  readonly guard?: unknown;
  readonly actions?: unknown;
  readonly reenter?: boolean;
}

const edgesOf = (node: AnyStateNode, ids: ReadonlyMap<object, string>): readonly ChartEdge[] => {
  const from = pathOf(node);
  const facts = factsOf(node);
  const delays = new Map<string, number | string>(node.after.map(({ eventType, delay }) => [eventType, delay as number | string]));
  const runs: ReadonlySet<string> = new Set(node.invoke.map(({ id }) => id));
  const edges = (event: string, list: readonly Taken[], timer?: string): readonly ChartEdge[] =>
    list.map((taken, index) => {
      const actions = actionsOf(taken.actions);
      const earlier = list.slice(0, index);
      const isRefused = facts !== undefined && earlier.some((one) => isRefusal(one.guard, taken.guard));
      const outcome = facts === undefined ? undefined : (guardOutcome(taken.guard) ?? (isRefused ? 'exhausted' : outcomeOf(facts, event, earlier)));
      const guard = isRefused ? guardsIn(taken.guard).map(guardName).at(-1) : guardName(taken.guard);
      const delay = delays.get(event);
      const limits = limitsOf(taken.guard);
      return {
        id: ids.get(taken) ?? '',
        from,
        targets: (taken.target ?? []).map(pathOf),
        ...kindOf(event, runs, delay !== undefined),
        event,
        ...(outcome !== undefined && { outcome }),
        ...(guard !== undefined && { guard }),
        ...(delay !== undefined && { delay }),
        actions,
        reenter: taken.reenter ?? false,
        ...(limits !== undefined && { limits }),
        asksAgain: event === 'recognize.repeat' || actions.some(({ type }) => type === 'call.askAgain'),
        implicit: event === 'call.ended' && actions.some(({ type }) => type === 'call.end'),
        ...(timer !== undefined && { timer }),
      };
    });
  const handled = [...(node.transitions as ReadonlyMap<string, readonly Taken[]>)].filter(([event]) => event !== '');
  /** Where a task leads whose time is over: to `timeout`, or else to `failed`. */
  const late = (): readonly Taken[] => {
    const failures = handled.flatMap(([event, list]) => (event.startsWith('xstate.error.actor.') ? list : []));
    const own = failures.filter(({ guard }) => guardOutcome(guard) === 'timeout');
    return own.length > 0 ? own : failures.filter(({ guard }) => guardOutcome(guard) === undefined);
  };
  return [
    ...edges('', (node.always ?? []) as readonly Taken[]),
    ...handled.flatMap(([event, list]) => {
      const tells = delays.has(event) ? list.find(({ actions }) => actionsOf(actions).some(({ type }) => type === 'call.timeOut')) : undefined;
      return tells === undefined ? edges(event, list) : edges(event, late(), ids.get(tells));
    }),
  ];
};

const kindOf = (event: string, runs: ReadonlySet<string>, delayed: boolean): Pick<ChartEdge, 'kind' | 'run'> => {
  if (event === '') return { kind: 'always' };
  if (delayed) return { kind: 'after' };
  if (event.startsWith('xstate.done.state.')) return { kind: 'done' };
  const [, how, run] = /^xstate\.(done|error)\.actor\.(.*)$/s.exec(event) ?? [];
  if (run === undefined || !runs.has(run)) return { kind: 'event' };
  return { kind: how === 'done' ? 'done' : 'failed', run };
};

const outcomeOf = (facts: StateFacts, event: string, earlier: readonly Taken[]): string | undefined => {
  if (earlier.some(({ guard }) => guardName(guard) === 'call.mayAskAgain')) return 'exhausted';
  const [, choice] = /^recognize\.choice\.(.+)$/s.exec(event) ?? [];
  const [, how] = /^xstate\.(done|error)\.actor\./.exec(event) ?? [];
  const good = facts.kind === 'task' ? facts.required[0] : 'done'; // the makers name the good end first
  const last = how === 'done' ? good : how === 'error' ? 'failed' : event.replace(/\.\*$/, '').split('.').at(-1);
  return [choice ?? last].find((name) => name !== undefined && (facts.required.includes(name) || facts.optional.includes(name)));
};

/** Whether `guard` asks again after an answer that `validate` finds fault with, and `own` is for the same fault where it was asked often enough. */
const isRefusal = (guard: unknown, own: unknown): boolean => {
  const [fault, limit] = guardsIn(guard);
  return limitsOf(limit) !== undefined && typeof fault === 'function' && [own, ...guardsIn(own)].some((one) => typeof one === 'function' && behind(one) === behind(fault));
};

/** What XState's `and`, `or` and `not` combine. */
const guardsIn = (guard: unknown): readonly unknown[] => (guard as { readonly guards?: readonly unknown[] } | undefined)?.guards ?? [];

/** The outcome that a maker's guard stands for, also where the author's own guard is joined to it. */
const guardOutcome = (guard: unknown): string | undefined => {
  if (guard === undefined || guard === null || typeof guard === 'string') return undefined;
  const { params, guards = [] } = guard as { readonly params?: { readonly outcome?: string }; readonly guards?: readonly unknown[] };
  return params?.outcome ?? guards.map(guardOutcome).find((outcome) => outcome !== undefined);
};

/** The limits that a maker's guard holds a question to, also where another guard is joined to it. */
const limitsOf = (guard: unknown): AskLimits | undefined => {
  if (typeof guard === 'string' || guard === undefined || guard === null) return undefined;
  const { type, params, guards = [] } = guard as { readonly type?: unknown; readonly params?: { readonly limits?: AskLimits }; readonly guards?: readonly unknown[] };
  return type === 'call.mayAskAgain' ? params?.limits : guards.map(limitsOf).find((limits) => limits !== undefined);
};

const guardName = (guard: unknown): string | undefined => {
  if (guard === undefined) return undefined;
  if (typeof guard === 'string') return guard;
  const { type, name, guards } = guard as { readonly type?: unknown; readonly name?: unknown; readonly guards?: readonly unknown[] };
  // XState's `and`, `or` and `not` are functions that carry what they combine.
  const own = typeof guard === 'function' ? name : type;
  const shown = typeof own === 'string' && own !== '' ? own : 'inline';
  return Array.isArray(guards) ? `${shown}(${guards.map(guardName).join(', ')})` : shown;
};

const actionsOf = (actions: unknown): readonly ChartAction[] =>
  (Array.isArray(actions) ? (actions as readonly unknown[]) : actions === undefined ? [] : [actions]).map((action) => {
    if (typeof action === 'string') return { type: action, computed: false };
    const { type, name, params } = action as { readonly type?: unknown; readonly name?: unknown; readonly params?: unknown };
    const own = typeof type === 'string' ? type : typeof name === 'string' && name !== '' ? name : 'inline';
    return {
      type: own,
      ...(typeof params === 'object' && params !== null && { params: params as Readonly<Record<string, unknown>> }),
      computed: typeof params === 'function',
    };
  });
