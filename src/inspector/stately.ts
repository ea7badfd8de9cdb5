/**
 * Stately — observations of calls as the messages of `@statelyai/inspect` 0.7, which the official XState inspector draws.
 *
 * A call is a root actor; the dialogs and tasks that it runs are actors of their own, which come and go with the persisted
 * tree of children. Pure: what is known of a call goes in and comes out as a value ({@link WatchedCall}).
 *
 * The protocol, read in `@statelyai/inspect` 0.7.2: `createdAt` is a number in a string, `id` is null, `definition` is the
 * machine's config as a string of JSON. Unlike the official sender's, ours keeps the states in the author's order, sends the
 * snapshot as it was after the step (not a later one), and leaves out by default whatever the caller keyed, said or is called.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { isMachine } from '../machines/naming.ts';
import { type CallObservation, eventType } from './observation.ts';

interface StatelyBase {
  readonly sessionId: string;
  readonly rootId: string;
  readonly createdAt: string;
  readonly id: null;
  readonly _version: string;
}

/** An actor as the inspector shows it. */
export interface StatelySnapshot {
  readonly status: string;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
  readonly [part: string]: unknown;
}

/** An event with its payload. */
export interface StatelyEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** An actor appeared. */
export interface StatelyActorMessage extends StatelyBase {
  readonly type: '@xstate.actor';
  readonly name: string;
  readonly parentId?: string;
  readonly definition: string;
  readonly snapshot: StatelySnapshot;
}

/** A message of the protocol. */
export type StatelyMessage =
  | StatelyActorMessage
  | (StatelyBase & { readonly type: '@xstate.event'; readonly event: StatelyEvent; readonly sourceId?: string })
  | (StatelyBase & { readonly type: '@xstate.snapshot'; readonly event: StatelyEvent; readonly snapshot: StatelySnapshot });

/** What is known of a call that is watched. */
export interface WatchedCall {
  readonly revision: number;
  readonly ended: boolean;
  /** How often each child has appeared so far, by its place in the tree: a dialog that is run again is another actor. */
  readonly runs: ReadonlyMap<string, number>;
  /** The actors there are, the call first, each as it would be introduced now. */
  readonly actors: ReadonlyMap<string, StatelyActorMessage>;
  /** The last event. */
  readonly event: StatelyEvent;
}

/** What is shown. */
export interface StatelyOptions {
  /** Whether all that the caller keyed, said or is called is masked. Default true. */
  readonly redact?: boolean;
}

/** The version of the protocol spoken. */
export const protocolVersion = '0.7.2';

const masked = '[redacted]';
const stopped = 'stopped';

/** The call after `observation`, and the messages that tell a viewer who knew `before` what is new. A step that is older than what is known says nothing. */
export const watch = (before: WatchedCall | undefined, observation: CallObservation, { redact = true }: StatelyOptions = {}): { readonly call: WatchedCall; readonly messages: readonly StatelyMessage[] } => {
  const again = before !== undefined && before.ended && observation.revision <= before.revision; // a new call under an old id
  const known = again ? undefined : before;
  if (known !== undefined && observation.revision < known.revision) return { call: known, messages: [] };
  const rootId = `call:${part(observation.callId)}`;
  const base = { rootId, createdAt: String(observation.at), id: null, _version: protocolVersion } as const;
  const events = observation.events.map((event) => shownEvent(event, observation.machine, redact));
  const event = events.at(-1) ?? { type: 'xstate.init' };
  const runs = new Map(known?.runs);
  const found = actorsOf(observation, rootId, known, runs);
  const actors = new Map(
    found.map(({ sessionId, name, parentId, machine, raw }) => {
      const snapshot = shownSnapshot(raw, found.filter((child) => child.parentId === sessionId), redact);
      const status = observation.ended && snapshot.status === 'active' ? stopped : snapshot.status;
      return [sessionId, { ...base, type: '@xstate.actor', sessionId, name, ...(parentId !== undefined && { parentId }), definition: definitionOf(machine, name), snapshot: { ...snapshot, status } } satisfies StatelyActorMessage];
    }),
  );
  const old = known?.actors ?? new Map<string, StatelyActorMessage>();
  const isNew = (actor: StatelyActorMessage): boolean => !old.has(actor.sessionId);
  const changed = (actor: StatelyActorMessage): boolean => actor.parentId === undefined || JSON.stringify(old.get(actor.sessionId)?.snapshot) !== JSON.stringify(actor.snapshot);
  const list = [...actors.values()];
  const snapshotOf = (actor: StatelyActorMessage, status = actor.snapshot.status): StatelyMessage =>
    ({ ...base, type: '@xstate.snapshot', sessionId: actor.sessionId, event, snapshot: { ...actor.snapshot, status } });
  return {
    call: { revision: observation.revision, ended: observation.ended, runs, actors, event },
    messages: [
      ...list.filter((actor) => isNew(actor) && actor.parentId === undefined),
      ...events.map((one): StatelyMessage => ({ ...base, type: '@xstate.event', sessionId: rootId, event: one })),
      ...list.filter((actor) => isNew(actor) && actor.parentId !== undefined),
      ...[...old.values()].filter((actor) => !actors.has(actor.sessionId) && actor.snapshot.status === 'active').map((actor) => snapshotOf(actor, stopped)),
      ...[...list].reverse().filter(changed).map((actor) => snapshotOf(actor)), // XState's order: children before parents
    ],
  };
};

/** The messages that introduce `call` to a viewer who comes late. */
export const introduce = ({ actors, event }: WatchedCall): readonly StatelyMessage[] => {
  const list = [...actors.values()];
  const snapshots = [...list].reverse().map(({ rootId, sessionId, createdAt, id, _version, snapshot }): StatelyMessage => ({ type: '@xstate.snapshot', rootId, sessionId, createdAt, id, _version, event, snapshot }));
  return [...list, ...snapshots];
};

interface Found {
  readonly sessionId: string;
  readonly name: string;
  readonly parentId?: string;
  /** The actor's machine; undefined for a task. */
  readonly machine: AnyStateMachine | undefined;
  readonly raw: unknown;
}

/** The call's actors, parents before children. */
const actorsOf = (observation: CallObservation, rootId: string, known: WatchedCall | undefined, runs: Map<string, number>): readonly Found[] => {
  const below = (raw: unknown, machine: AnyStateMachine | undefined, parentId: string): readonly Found[] =>
    Object.entries(record(record(raw)['children'])).flatMap(([id, child]) => {
      const { snapshot, src } = record(child);
      const place = `${parentId}/${part(id)}`;
      const session = (run: number): string => (run === 1 ? place : `${place}~${run}`);
      const run = runs.get(place) ?? 0;
      const lasts = run > 0 && known?.actors.has(session(run)) === true;
      if (!lasts) runs.set(place, run + 1);
      const sessionId = session(lasts ? run : run + 1);
      const logic = typeof src === 'string' ? machine?.implementations.actors[src] : src;
      const own = isMachine(logic) ? logic : undefined;
      return [{ sessionId, name: id, parentId, machine: own, raw: snapshot }, ...below(snapshot, own, sessionId)];
    });
  const root: Found = { sessionId: rootId, name: observation.bot, machine: observation.machine, raw: observation.snapshot };
  return [root, ...below(observation.snapshot, observation.machine, rootId)];
};

/** `text` within a session id, whose own signs are `/` and `~`. */
const part = (text: string): string => text.replace(/[%/~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

const record = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {});

const shownSnapshot = (raw: unknown, children: readonly Found[], redact: boolean): StatelySnapshot => {
  const { status, value, context, output, error, input } = record(raw);
  const hide = (shown: unknown): unknown => (redact ? masked : plain(shown));
  return {
    status: typeof status === 'string' ? status : 'active',
    ...(value !== undefined && { value: plain(value) }),
    ...(context !== undefined && { context: redact ? redactedContext(context) : plain(context) }),
    ...(input !== undefined && { input: hide(input) }),
    ...(output !== undefined && { output: hide(output) }),
    ...(error !== undefined && { error: hide(error) }),
    ...(children.length > 0 && { children: Object.fromEntries(children.map(({ name, sessionId }) => [name, { xstate$$type: 1, id: sessionId }])) }),
  };
};

/** The names of the author's values without the values, and of `context.call` the counters and how the call ended. */
const redactedContext = (context: unknown): unknown =>
  Object.fromEntries(Object.entries(record(context)).map(([key, value]) => (key === 'call' ? [key, redactedCall(value)] : redactedField([key, value]))));

const redactedCall = (call: unknown): unknown => {
  const { asked, ended, direction } = record(call);
  const counters = Object.entries(record(asked)).filter(([, value]) => typeof value === 'number');
  return {
    ...Object.fromEntries(Object.keys(record(call)).map((key) => [key, masked])),
    ...(asked !== undefined && { asked: Object.fromEntries(counters) }),
    ...((ended === null || isReason(ended)) && { ended }),
    ...((direction === 'inbound' || direction === 'outbound') && { direction }),
  };
};

/** A field with its name alone; a name that is no plain word, or holds a number, could itself be what was keyed. */
const redactedField = ([key]: readonly [string, unknown]): readonly [string, unknown] => [/^[A-Za-z_$][\w$]*$/.test(key) && !/\d\d/.test(key) ? key : masked, masked];

const reasons: ReadonlySet<unknown> = new Set(['caller', 'bot', 'rejected', 'transferred', 'error', 'service']);
const isReason = (value: unknown): boolean => reasons.has(value);

/** Fields of events that tell nothing of the caller, with the values that they may have. */
const openFields: Readonly<Record<string, (value: unknown) => boolean>> = {
  via: (value) => value === 'dtmf' || value === 'speech',
  by: (value) => ['termchar', 'interdigit', 'key', 'speech', 'finalsilence', 'maxspeech', 'hangup'].includes(value as string),
  cause: (value) => value === 'system' || value === 'unknown',
  reason: isReason,
  participants: (value) => typeof value === 'number',
};

const shownEvent = (event: { readonly type: string }, machine: AnyStateMachine, redact: boolean): StatelyEvent => {
  const { type, ...fields } = event;
  if (!redact) return { ...record(plain(fields)), type };
  const shown = Object.entries(fields).map(([key, value]) => (Object.hasOwn(openFields, key) && openFields[key]?.(value) === true ? [key, value] : redactedField([key, value])));
  return { ...(Object.fromEntries(shown) as Readonly<Record<string, unknown>>), type: eventType(type, machine) };
};

const definitions = new WeakMap<AnyStateMachine, string>();

const definitionOf = (machine: AnyStateMachine | undefined, name: string): string => {
  if (machine === undefined) return JSON.stringify({ id: name });
  const known = definitions.get(machine);
  if (known !== undefined) return known;
  const made = JSON.stringify(plain({ ...machine.config, id: machine.id }));
  definitions.set(machine, made);
  return made;
};

/** Where a function computes a value; elsewhere it is an action or a guard, and its name is shown. */
const computed = new Set(['context', 'input', 'output', 'params', 'delay']);
const deepest = 60;

/** `value` as JSON that cannot fail: functions by name or left out, machines by id, cycles cut. */
const plain = (value: unknown, key = '', above: readonly unknown[] = []): unknown => {
  if (typeof value === 'function') return computed.has(key) ? undefined : { type: value.name === '' ? 'inline' : value.name };
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value) || above.length > deepest) return '[…]';
  if (isMachine(value)) return value.id;
  const inside = [...above, value];
  if (Array.isArray(value)) return (value as readonly unknown[]).map((item) => plain(item, key, inside));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item, name, inside)]));
};
