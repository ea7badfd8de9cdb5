/**
 * Blueprint — a machine as the check reads it: its states by number, each before the states in it, with their transitions and actions
 * sorted by what they mean to a call. Read once; nothing of the author's runs here.
 *
 * @module
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { callActions, type CallActionType } from '../../actions/index.ts';
import { botFacts } from '../bot-facts.ts';
import { isMachine } from '../naming.ts';
import { childrenOf, nodesFrom } from '../nodes.ts';
import { behind } from '../noted.ts';
import type { AskLimits } from '../call-context.ts';
import type { StateFacts } from '../state-config.ts';
import { isTaskLogic, type TaskLogic } from '../task-logic.ts';
import { idsOf } from '../transition-ids.ts';

/** A guard, as far as it can be looked into. `key` is the author's function, which is one guard wherever it stands. */
export type Guard =
  | { readonly kind: 'own'; readonly id: string; readonly run: (args: object) => unknown; readonly key: object }
  | { readonly kind: 'call'; readonly type: string; readonly params: Readonly<Record<string, unknown>> }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Guard[] }
  | { readonly kind: 'not'; readonly of: Guard }
  /** One of XState's that depends on more than context and event. */
  | { readonly kind: 'free'; readonly id: string; readonly key: object };

/** An action, by what it does to a call. What only runs code of the author's is not here. */
export type Act =
  | { readonly kind: 'ask'; readonly type: CallActionType; readonly params: unknown }
  /** One of the framework's own. */
  | { readonly kind: 'call'; readonly type: string; readonly params: Readonly<Record<string, unknown>> }
  | { readonly kind: 'assign'; readonly assignment: unknown }
  | { readonly kind: 'raise'; readonly event: unknown }
  | { readonly kind: 'timer'; readonly event: { readonly type: string }; readonly id: string; readonly delayMs: number }
  | { readonly kind: 'cancel'; readonly id: string }
  /** A dialog begins. */
  | { readonly kind: 'begin' }
  /** Nobody can say before a call what it does. */
  | { readonly kind: 'opaque'; readonly what: string };

/** A transition. */
export interface Trans {
  readonly source: number;
  readonly descriptor: string;
  readonly guard: Guard | undefined;
  /** Undefined where it leads nowhere. */
  readonly targets: readonly number[] | undefined;
  readonly actions: readonly Act[];
  readonly reenter: boolean;
}

/** What a state runs while it lasts. */
export interface Invocation {
  readonly id: string;
  /** What it is given, or a function of the context that gives it. */
  readonly input: unknown;
  readonly runs: { readonly kind: 'dialog'; readonly machine: AnyStateMachine } | { readonly kind: 'task'; readonly logic: TaskLogic } | { readonly kind: 'opaque' };
}

/** A state. */
export interface StatePlan {
  readonly index: number;
  readonly id: string;
  /** Names from the top, joined by dots; '' for the machine itself. */
  readonly path: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** -1 above the machine itself. */
  readonly parent: number;
  /** Histories are not among them. */
  readonly children: readonly number[];
  readonly histories: readonly { readonly index: number; readonly deep: boolean }[];
  readonly entry: readonly Act[];
  readonly exit: readonly Act[];
  readonly invocations: readonly Invocation[];
  readonly on: ReadonlyMap<string, readonly Trans[]>;
  readonly always: readonly Trans[];
  readonly initial: { readonly target: number; readonly actions: readonly Act[] } | undefined;
  /** Of a history: where it leads when there is none yet; and whether that is just where the state around it begins. */
  readonly fallback: { readonly targets: readonly number[]; readonly isInitial: boolean } | undefined;
  readonly output: unknown;
  /** What its maker says of it. */
  readonly facts: StateFacts | undefined;
  /** What else the author says of it: the status of a waterfall's end. */
  readonly meta: unknown;
  /** How often its question may be asked, of a question. */
  readonly limits: AskLimits | undefined;
  /** Whether it is the framework's own. */
  readonly framework: boolean;
}

/** A machine. */
export interface Blueprint {
  readonly id: string;
  readonly machine: AnyStateMachine;
  readonly kind: 'bot' | 'dialog';
  readonly states: readonly StatePlan[];
  /** What the machine ends with: a function of the event of its final state. */
  readonly output: unknown;
}

/** Gives a guard its id: that of the place where it stood first. */
type Naming = (guard: object, place: string) => string;

/** Reads machines, each once. */
export const blueprints = (): ((machine: AnyStateMachine) => Blueprint) => {
  const read = new Map<AnyStateMachine, Blueprint>();
  const names = new Map<object, string>();
  const naming: Naming = (guard, place) => {
    const name = names.get(guard) ?? place;
    names.set(guard, name);
    return name;
  };
  return (machine) => {
    const known = read.get(machine) ?? blueprintOf(machine, naming);
    read.set(machine, known);
    return known;
  };
};

const blueprintOf = (machine: AnyStateMachine, naming: Naming): Blueprint => {
  const nodes = nodesFrom(machine.root);
  const numbers = new Map(nodes.map((node, index) => [node, index]));
  const kind = botFacts(machine)?.kind ?? 'bot';
  return { id: machine.id, machine, kind, states: nodes.map((node) => statePlan(node, machine, kind, naming, (one) => numbers.get(one) as number)), output: machine.root.output };
};


const statePlan = (node: AnyStateNode, machine: AnyStateMachine, kind: 'bot' | 'dialog', naming: Naming, number: (node: AnyStateNode) => number): StatePlan => {
  const path = node.path.join('.');
  const ids = idsOf(machine);
  const plan = (descriptor: string, transition: object): Trans => {
    const { target, guard, actions, reenter } = transition as Loose;
    return {
      source: number(node), descriptor, reenter, targets: target?.map(number),
      guard: guard === undefined ? undefined : guardOf(guard, ids.get(transition) ?? '', naming),
      actions: actsOf(actions),
    };
  };
  const on = new Map([...node.transitions].map(([descriptor, some]) => [descriptor, some.map((one) => plan(descriptor, one))]));
  const children = childrenOf(node);
  return {
    index: number(node), id: node.id, path, type: node.type, parent: node.parent === undefined ? -1 : number(node.parent),
    children: children.filter(({ type }) => type !== 'history').map(number),
    histories: children.filter(({ type }) => type === 'history').map((one) => ({ index: number(one), deep: one.history === 'deep' })),
    entry: actsOf(node.entry), exit: actsOf(node.exit),
    invocations: node.invoke.map(({ id, src, input }) => ({ id, input, runs: ran(src, machine) })),
    on,
    always: (node.always ?? []).map((one) => plan('', one)),
    initial: node.type === 'compound' ? { target: number(node.initial.target[0] as AnyStateNode), actions: actsOf(node.initial.actions) } : undefined,
    fallback: node.type === 'history' ? fallbackOf(node, number) : undefined,
    output: node.output,
    facts: node.parent === undefined ? undefined : (node.meta as { readonly call?: StateFacts } | undefined)?.call,
    meta: node.meta,
    limits: [...on.values()].flat().map(({ guard }) => limitsIn(guard)).find((limits) => limits !== undefined),
    framework: path === 'idle' || (path === 'ended' && kind === 'bot'),
  };
};

/** A transition as XState has it. */
interface Loose {
  readonly target?: readonly AnyStateNode[];
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
  readonly reenter: boolean;
}

const fallbackOf = (node: AnyStateNode, number: (node: AnyStateNode) => number): StatePlan['fallback'] => {
  const parent = node.parent as AnyStateNode;
  const { target } = node.config as { readonly target?: unknown };
  if (typeof target === 'string') return { targets: [number(belowPath(parent, target))], isInitial: false };
  return parent.type === 'parallel' ? { targets: [number(parent)], isInitial: false } : { targets: parent.initial.target.map(number), isInitial: true };
};

/** The state at `path` below `node`; `#id` is one by its id. */
const belowPath = (node: AnyStateNode, path: string): AnyStateNode =>
  path.startsWith('#') ? node.machine.getStateNodeById(path.slice(1)) : path.replace(/^\./, '').split('.').reduce((at, name) => at.states[name] as AnyStateNode, node);

const ran = (src: unknown, machine: AnyStateMachine): Invocation['runs'] => {
  const logic: unknown = typeof src === 'string' ? (machine.implementations.actors as Readonly<Record<string, unknown>>)[src] : src;
  return isMachine(logic) ? { kind: 'dialog', machine: logic } : isTaskLogic(logic) ? { kind: 'task', logic } : { kind: 'opaque' };
};

// ---- guards ----

const guardOf = (guard: unknown, place: string, naming: Naming): Guard => {
  if (typeof guard === 'object' && guard !== null && 'type' in guard) return { kind: 'call', type: String(guard.type), params: ((guard as { readonly params?: object }).params ?? {}) as Readonly<Record<string, unknown>> };
  const own = guard as ((args: object) => unknown) & { readonly check?: unknown; readonly guards?: readonly unknown[] };
  if (typeof own.check !== 'function') return { kind: 'own', id: naming(behind(own) as object, place), run: behind(own) as (args: object) => unknown, key: behind(own) as object };
  const kind = own.name;
  if (own.guards === undefined || (kind !== 'and' && kind !== 'or' && kind !== 'not')) return { kind: 'free', id: naming(own, place), key: own };
  const of = own.guards.map((one, index) => guardOf(one, `${place}.${index + 1}`, naming));
  return kind === 'not' ? { kind, of: of[0] as Guard } : { kind, of };
};

const limitsIn = (guard: Guard | undefined): AskLimits | undefined => {
  if (guard?.kind === 'and' || guard?.kind === 'or') return guard.of.map(limitsIn).find((limits) => limits !== undefined);
  return guard?.kind === 'call' && guard.type === 'call.mayAskAgain' ? (guard.params['limits'] as AskLimits) : undefined;
};

// ---- actions ----

const actsOf = (actions: unknown): readonly Act[] => (Array.isArray(actions) ? actions : actions === undefined ? [] : [actions]).flatMap(actOf);

/** XState's own actions are functions that carry what they were given. */
interface BuiltIn {
  readonly type?: string;
  readonly assignment?: unknown;
  readonly event?: unknown;
  readonly id?: unknown;
  readonly delay?: unknown;
  readonly sendId?: unknown;
}

/** An action that stands in several places is one. */
const acts = new WeakMap<object, readonly Act[]>();

const actOf = (action: unknown): readonly Act[] => {
  if (typeof action === 'string') return [];
  const known = acts.get(action as object) ?? read(action as object);
  acts.set(action as object, known);
  return known;
};

const read = (action: object): readonly Act[] => {
  if (typeof action === 'function') return builtIn(action as BuiltIn);
  const { type, params } = action as { readonly type: string; readonly params?: unknown };
  if (Object.hasOwn(callActions, type)) return [{ kind: 'ask', type: type as CallActionType, params }];
  return type.startsWith('call.') ? [{ kind: 'call', type, params: (params ?? {}) as Readonly<Record<string, unknown>> }] : [];
};

/** Whether `assignment`, by what its author wrote, begins an actor. */
const spawns = (assignment: unknown): boolean =>
  typeof assignment === 'function' ? /\bspawn\b/.test(Function.prototype.toString.call(assignment)) : Object.values((assignment ?? {}) as object).some((value) => typeof value === 'function' && spawns(value));

const builtIn = ({ type, assignment, event, id, delay, sendId }: BuiltIn): readonly Act[] => {
  switch (type) {
    case undefined: // a plain function: it changes nothing that the chart sees
    case 'xstate.log':
    case 'xstate.emit':
      return [];
    case 'xstate.assign':
      return spawns(assignment) ? [{ kind: 'opaque', what: 'an actor that an `assign` spawns' }] : [{ kind: 'assign', assignment }];
    case 'xstate.raise':
      if (delay === undefined) return [{ kind: 'raise', event }];
      return typeof delay === 'number' && typeof event === 'object' ? [{ kind: 'timer', event: event as { readonly type: string }, id: String(id ?? (event as { readonly type: string }).type), delayMs: delay }] : [{ kind: 'opaque', what: 'a `raise` with a delay or an event that is computed' }];
    case 'xstate.cancel':
      return typeof sendId === 'string' ? [{ kind: 'cancel', id: sendId }] : [{ kind: 'opaque', what: 'a `cancel` of a timer whose name is computed' }];
    case 'xstate.sendTo':
      return (event as { readonly type?: unknown } | undefined)?.type === 'call.begin' ? [{ kind: 'begin' }] : [{ kind: 'opaque', what: '`sendTo`' }];
    default:
      return [{ kind: 'opaque', what: `\`${type.replace('xstate.', '')}\`` }];
  }
};
