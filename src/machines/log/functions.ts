/**
 * Functions — what an author has a bot compute, by the place where it stands: beside the guards, all of it that runs within a step.
 *
 * @module
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { authorTexts } from '../authored.ts';
import { actorsOf, type Standing } from '../check/standing.ts';
import { ownContext } from '../first-context.ts';
import { isMachine, machinesOf } from '../naming.ts';
import { activeIn, nodesFrom } from '../nodes.ts';
import type { Move } from '../observe.ts';
import { paramsBy } from '../states/question.ts';
import { idsOf } from '../transition-ids.ts';

/** Gives the places of a step at which something was computed that the other version computes otherwise, or not at all. */
export type Rewritten = (moves: readonly Move[], before: Standing | undefined) => readonly string[];

/** What tells it of steps of `old`, and of steps of `next`. */
export const rewrittenBetween = (old: AnyStateMachine, next: AnyStateMachine): { readonly old: Rewritten; readonly next: Rewritten } => {
  const [was, is] = [textsByPlace(old), textsByPlace(next)];
  const [known, knows] = [new Set([...was.values()].flat()), new Set([...is.values()].flat())];
  const isOther = (place: string): boolean => {
    const [before, now] = [was.get(place), is.get(place)];
    if (before !== undefined && now !== undefined) return before.join('\n') !== now.join('\n');
    return before?.some((text) => !knows.has(text)) ?? now?.some((text) => !known.has(text)) ?? false; // moved, or of a state with another name
  };
  const others = new Set([...was.keys(), ...is.keys()].filter(isOther));
  const told = (machine: AnyStateMachine): Rewritten => (moves, before) => (others.size === 0 ? [] : placesOf(machine, moves, before).filter((place) => others.has(place)));
  return { old: told(old), next: told(next) };
};

// ---- places ----

const placeOf = ({ path, machine }: AnyStateNode): string => [machine.id, ...path].join('.');

/** The states that were entered or left or stayed, and the transitions that were taken. A machine's own place is where it begins and where it ends. */
const placesOf = (machine: AnyStateMachine, moves: readonly Move[], before: Standing | undefined): readonly string[] => {
  const machines = new Map(machinesOf(machine).map((one) => [one.id, one]));
  const active = new Map(before === undefined ? [] : actorsOf(machine, before.snapshot).flatMap(({ path, logic, chart }) => (isMachine(logic) && chart.value !== undefined ? [[path, activeIn(logic.root, chart.value)] as const] : [])));
  const found = new Set<string>();
  for (const { path, machine: id, transitions, value } of moves) {
    const of = machines.get(id);
    const was = active.get(path);
    if (of === undefined || (was !== undefined && transitions.length === 0)) continue; // the event has passed
    const is = activeIn(of.root, value);
    active.set(path, is);
    for (const place of [...transitions, ...[...(was ?? []), ...is].map(placeOf)]) found.add(place);
    if (was === undefined || is.some(({ type, path: { length } }) => type === 'final' && length === 1)) found.add(id);
  }
  return [...found];
};

// ---- texts ----

/** The source of the author's functions, by place. One that is given nothing sees nothing, and says what it says: it is not among them. */
const textsByPlace = (machine: AnyStateMachine): ReadonlyMap<string, readonly string[]> => {
  const places = new Map<string, readonly string[]>();
  for (const one of machinesOf(machine)) {
    for (const node of nodesFrom(one.root)) places.set(placeOf(node), textsIn([node.config.entry, node.config.exit, node.invoke.map((invoke) => (invoke as { readonly input?: unknown }).input), node.config.output, contextOf(node), delaysOf(node)], one));
    for (const [transition, id] of idsOf(one)) places.set(id, textsIn((transition as { readonly actions?: unknown }).actions, one));
  }
  return places;
};

const contextOf = (node: AnyStateNode): unknown => (node.path.length === 0 ? ownContext((node.config as { readonly context?: unknown }).context) : undefined);

/** Delays that are known by name, of what the state sets. */
const delaysOf = (node: AnyStateNode): readonly unknown[] => Object.keys(node.config.after ?? {}).map((name) => (node.machine.implementations.delays as Readonly<Record<string, unknown>>)[name]);

/** What XState's own functions carry beside those of the author. */
const ofXState: ReadonlySet<string> = new Set(['resolve', 'check']);

const textsIn = (given: unknown, machine: AnyStateMachine): readonly string[] => {
  const found: string[] = [];
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || isMachine(value) || seen.has(value)) return;
    seen.add(value);
    if (typeof value === 'function') {
      if ('resolve' in value || 'check' in value) visitParts(value);
      else if (!visitRecipe(value)) found.push(...authorTexts(value).filter((text) => !seesNothing.test(text)));
    } else visitParts(value);
  };
  const visitParts = (value: object): void => {
    for (const [name, part] of Object.entries(value)) if (!ofXState.has(name)) visit(part);
  };
  const visitRecipe = (value: object): boolean =>
    paramsBy(value, (computed) => {
      visit(computed);
      return [] as never;
    }) !== undefined;
  visit(given);
  return found.concat(namedIn(given, machine).flatMap((named) => textsIn(named, machine)));
};

/** Actions that stand by name in a machine that XState itself made. */
const namedIn = (given: unknown, { implementations }: AnyStateMachine): readonly unknown[] =>
  [given].flat(3).flatMap((action: unknown) => {
    const type = typeof action === 'string' ? action : (action as { readonly type?: unknown } | null | undefined)?.type;
    const named = typeof type === 'string' && !type.startsWith('call.') ? (implementations.actions as Readonly<Record<string, unknown>>)[type] : undefined;
    return typeof named === 'function' ? [named] : [];
  });

const seesNothing = /^(?:\(\s*\)\s*=>|function\s*\w*\s*\(\s*\)\s*\{(?![\s\S]*\b(?:arguments|this)\b))/;
