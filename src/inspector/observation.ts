/**
 * Observation — what a host tells whoever watches a call: one value a step, after the step was committed.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { stateFacts } from '../machines/bot-facts.ts';
import { fixedEventTypes } from '../machines/call-event.ts';
import type { Move } from '../machines/index.ts';

/** One step of one call. */
export interface CallObservation {
  readonly callId: string;
  /** Name of the bot. */
  readonly bot: string;
  readonly machine: AnyStateMachine;
  /** Number of the step within its call; never falls while the call lasts. */
  readonly revision: number;
  /** When the step was taken, ms since 1970. */
  readonly at: number;
  /** What the step was given, in order. */
  readonly events: readonly { readonly type: string }[];
  /** XState's persisted snapshot of the call after the step: JSON. */
  readonly snapshot: unknown;
  /** What the step asked of the service, with its parameters where the host tells them. */
  readonly batch: readonly { readonly type: string; readonly params?: object }[];
  /** The states passed within the step, the one it began in first. */
  readonly trail: readonly string[];
  /** How the chart moved within the step, microstep by microstep. */
  readonly moves: readonly Move[];
  /** Whether the call is over. */
  readonly ended: boolean;
}

/** Whoever watches. It must not throw and must not wait: the call does neither for it. */
export type Observer = (observation: CallObservation) => void;

/**
 * One line for a terminal: `call 7f3a9c01… r3  recognize.choice.sales: menu → sales  [play, hangup]`. It shows the states
 * passed within one step, which the official inspector cannot, and nothing that the caller keyed or said.
 */
export const formatTrail = ({ callId, revision, events, trail, snapshot, batch, ended, machine }: CallObservation): string => {
  const states = trail.length > 0 ? trail : [stateText((snapshot as { readonly value?: unknown } | null | undefined)?.value)];
  const happened = events.map((event) => eventType(event.type, machine)).join(', ');
  const asked = batch.length === 0 ? '' : `  [${batch.map(({ type }) => type).join(', ')}]`;
  return printable(`call ${short(callId)} r${revision}  ${happened === '' ? '' : `${happened}: `}${states.join(' → ')}${asked}${ended ? '  ended' : ''}`);
};

/** `type`, unless it is a choice that the bot does not have: then it may be what the caller said. */
export const eventType = (type: string, machine: AnyStateMachine): string => {
  const prefix = 'recognize.choice.';
  return type.startsWith(prefix) && !choicesOf(machine).has(type.slice(prefix.length)) ? `${prefix}[redacted]` : type;
};

const choices = new WeakMap<AnyStateMachine, ReadonlySet<string>>();

const choicesOf = (machine: AnyStateMachine): ReadonlySet<string> => {
  const known = choices.get(machine);
  if (known !== undefined) return known;
  const own = machine.events.map(String).filter((type) => !fixedEventTypes.some((fixed) => fixed === type)).map((type) => type.replace(/^recognize\.choice\./, ''));
  const found: ReadonlySet<string> = new Set([...own, ...stateFacts(machine).flatMap(({ facts }) => facts.choices)]);
  choices.set(machine, found);
  return found;
};

/** A state value in one word: `menu`, `order.pin`, `p(a.x, b)`. */
const stateText = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : '?';
  const parts = Object.entries(value).map(([name, inner]) => (typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0 ? name : `${name}.${stateText(inner)}`));
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(', ')})`;
};

const short = (callId: string): string => (callId.length <= 9 ? callId : `${callId.slice(0, 8)}…`);

/** A service's id could hold what a terminal obeys. */
const printable = (line: string): string => line.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
