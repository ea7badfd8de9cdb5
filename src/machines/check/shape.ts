/**
 * Shape — what kinds of values a call's contexts hold, without the values: code that reads what is not there trips over the shape.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { CallSnapshot } from '../snapshot.ts';
import { actorsOf } from './standing.ts';

/** Deeper than this nobody looks. */
const mostDepth = 4;

/** The shape of the contexts of all actors of a call of `machine`, as one text. Of the framework's own part there is nothing in it. */
export const shapeOf = (machine: AnyStateMachine, snapshot: CallSnapshot): string =>
  actorsOf(machine, snapshot).flatMap(({ path, chart: { context } }) => (context === undefined ? [] : [`${path}${kindOf(Object.fromEntries(Object.entries(context).filter(([name]) => name !== 'call')), mostDepth)}`])).join();

const kindOf = (value: unknown, depth: number): string => {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return 'null'; // as JSON has it
  if (typeof value !== 'object') return typeof value;
  if (depth === 0) return 'object';
  if (Array.isArray(value)) return `[${[...new Set(value.map((item) => kindOf(item, depth - 1)))].sort().join('|')}]`;
  return `{${Object.entries(value).filter(([, one]) => one !== undefined).map(([name, one]) => `${name}:${kindOf(one, depth - 1)}`).sort().join()}}`;
};
