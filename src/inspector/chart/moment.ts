/**
 * Moment — a step of a call on its chart: where the call stands, how it came there, and what its author keeps of it.
 *
 * Secrets are seals by the time a chart meets them (`machines/secret.ts`); not even these are shown.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { wordsOf } from '../../machines/draw/wording.ts';
import { maskSeals } from '../../machines/index.ts';
import { type CallObservation, eventType } from '../observation.ts';
import { type Running, runningIn, statesIn } from './configuration.ts';
import type { ChartMoment } from './drawing.ts';
import { everyBox, type Figure, figureOf } from './figure.ts';
import { arrowsTaken, eventName, placeAt } from './taken.ts';

/** What of a machine is worked out once. */
interface Known {
  readonly figure: Figure;
  /** Ids of all states. */
  readonly states: ReadonlySet<string>;
  /** Ids of the states that ask a question whose askings are counted. */
  readonly questions: ReadonlySet<string>;
}

const known = new WeakMap<AnyStateMachine, Known>();

const knownOf = (machine: AnyStateMachine): Known => {
  const before = known.get(machine);
  if (before !== undefined) return before;
  const figure = figureOf(machine);
  const states = everyBox(figure.boxes).filter(({ path }) => path !== undefined);
  const made: Known = { figure, states: new Set(states.map(({ id }) => id)), questions: new Set(states.filter(({ counts }) => counts).map(({ id }) => id)) };
  known.set(machine, made);
  return made;
};

/** `observation` on the chart. */
export const chartMoment = (observation: CallObservation): ChartMoment => {
  const { machine, revision, at, events, snapshot, batch, moves, ended } = observation;
  const { figure, states, questions } = knownOf(machine);
  const onChart = (ids: readonly string[]): readonly string[] => ids.filter((id) => states.has(id));
  const running = runningIn(snapshot).map((one) => ({ ...one, states: onChart(one.states) }));
  const active = running.flatMap((one) => one.states);
  const passed = moves.flatMap(({ path, transitions, value }) => (transitions.length === 0 ? [] : onChart(statesIn(value, placeAt(path)))));
  const attempts = running.flatMap((one) => (one.states.some((id) => questions.has(id)) ? attemptsOf(one) : [])).at(-1);
  return {
    revision, at, active, ended, taken: arrowsTaken(figure, moves),
    events: events.map(({ type }) => eventName(eventType(type, machine), figure, moves)),
    passed: [...new Set(passed)].filter((id) => !active.includes(id)),
    ...(attempts !== undefined && { attempts }),
    context: contextOf(running),
    batch: batch.map(({ type, params }) => {
      const text = params === undefined ? undefined : wordsOf(masked(params) as object);
      return { type, ...(text !== undefined && { text }) };
    }),
  };
};

const attemptsOf = ({ context }: Running): readonly number[] => {
  const { call } = (context ?? {}) as { readonly call?: { readonly asked?: { readonly attempts?: unknown } } };
  const attempts = call?.asked?.attempts;
  return typeof attempts === 'number' && attempts > 0 ? [attempts] : [];
};

/** What the author keeps: the bot's data, and those of the dialogs that run under the places of these: `login/`. */
const contextOf = (running: readonly Running[]): unknown => {
  const [bot, ...dialogs] = running.map(({ place, context }) => {
    const { call: _, ...own } = (context ?? {}) as { readonly call?: unknown };
    return [place, masked(own)] as const;
  });
  return { ...(bot?.[1] as object | undefined), ...Object.fromEntries(dialogs.filter(([, own]) => Object.keys(own as object).length > 0)) };
};

/** `value` without seals, in names as in values. */
const masked = (value: unknown): unknown => {
  if (typeof value === 'string') return maskSeals(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [maskSeals(key), masked(part)]));
};
