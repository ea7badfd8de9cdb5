/**
 * Flow — a Twilio Studio flow as a file holds it, version 1 or 2, read into widgets and their edges.
 *
 * Version 2 names its widgets and says with which it begins. Version 1 has other names for the types of widgets, its edges lead
 * to the `sid` of a widget, and it begins with its `InitialState`. Both come out the same.
 *
 * A file may hold the flow inside something else, as Terraform and the REST API write it. It is taken where there is just one in it.
 *
 * @module
 */
import * as t from 'io-ts';
import { CallError } from '../errors.ts';

/** What an edge of a split asks of a value. */
export interface Condition {
  readonly type: string;
  /** Liquid, or undefined where the split has one input for all its conditions. */
  readonly argument: string | undefined;
  readonly value: string;
}

/** A transition of a widget. */
export interface Edge {
  readonly event: string;
  /** The widget that it leads to; undefined where nothing is wired. */
  readonly next: string | undefined;
  readonly conditions: readonly Condition[];
}

/** A state of the flow. */
export interface Widget {
  readonly name: string;
  /** As version 2 calls it. */
  readonly type: string;
  readonly edges: readonly Edge[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A flow. */
export interface Flow {
  readonly version: 1 | 2;
  /** The trigger that it begins with. */
  readonly start: Widget;
  readonly widgets: readonly Widget[];
  /** Where an edge leads to something that is not there, `<widget> <event>`; the event as {@link eventOf} has it. */
  readonly dangling: ReadonlySet<string>;
}

/** What a file has to be, one readable sentence a rule. */
export const flowRules = {
  'F-FILE': 'the file can be read',
  'F-SIZE': 'the file has at most 16 MB',
  'F-JSON': 'the file is JSON',
  'F-NONE': 'the file holds a Studio flow: an object with a list `states`, each of them with a `name` and a `type`',
  'F-MANY': 'the file holds one flow',
  'F-SHAPE': 'each field has the JSON type that Studio gives it',
  'F-NAME': 'no two widgets have one name',
  'F-START': 'the flow begins with a trigger: `initial_state` names it',
  'F-CALLS': 'the flow takes or makes calls: its trigger leads to some on `incomingCall`, `incomingRequest` or `incomingParent`, and not to messages alone',
} as const;

/** The file is no flow, or none about calls: nothing of it was examined. */
export const unexamined = (rule: keyof typeof flowRules, paths: readonly string[] = []): CallError<'ERR_FLOW_UNEXAMINED'> =>
  new CallError('ERR_FLOW_UNEXAMINED', `refused, since it breaks rule ${rule}${paths.length === 0 ? '' : ` at ${paths.join(', ')}`} (“${flowRules[rule]}”); nothing of it was examined`, { rule, paths });

/**
 * The flow in `text`.
 *
 * @throws `ERR_FLOW_UNEXAMINED` with the broken rule and the places, never with a value
 */
export const readFlow = (text: string): Flow => {
  const [found, ...more] = flowsIn(parsed(text), [], 0);
  if (found === undefined) throw unexamined('F-NONE');
  if (more.length > 0) throw unexamined('F-MANY', [found, ...more].map(({ path }) => place(path)));
  const decoded = Definition.decode(found.value);
  if (decoded._tag === 'Left') throw unexamined('F-SHAPE', deepestOf(decoded.left.map(({ context }) => place([...found.path, ...keysOf(context)]))).slice(0, 5));
  const { states } = decoded.right;
  const twice = states.findIndex(({ name }, index) => states.findIndex((other) => other.name === name) !== index);
  if (twice !== -1) throw unexamined('F-NAME', [place([...found.path, 'states', String(twice), 'name'])]);
  const version = states.some(({ type }) => type === 'InitialState') ? 1 : 2;
  const names = new Map(states.map(({ name, sid }) => [version === 1 ? (sid ?? name) : name, name]));
  const widgets = states.map((state) => widgetOf(state, names));
  const triggers = widgets.filter(({ type }) => type === 'trigger');
  const initial = decoded.right.initial_state ?? undefined;
  const start = initial === undefined && triggers.length === 1 ? triggers[0] : widgets.find(({ name }) => name === initial);
  if (start?.type !== 'trigger') throw unexamined('F-START', [place([...found.path, 'initial_state'])]);
  const known = new Set(widgets.map(({ name }) => name));
  const dangling = widgets.flatMap(({ name, edges }) => edges.filter(({ next }) => next !== undefined && !known.has(next)).map((edge) => `${name} ${eventOf(edges, edge)}`));
  return { version, start, widgets: widgets.map((widget) => ({ ...widget, edges: widget.edges.map((edge) => (edge.next !== undefined && !known.has(edge.next) ? { ...edge, next: undefined } : edge)) })), dangling: new Set(dangling) };
};

/** The event of `edge`, one of `edges`; the branches of a split are counted, `match 2`. */
export const eventOf = (edges: readonly Edge[], edge: Edge): string => (edge.event === 'match' ? `match ${edges.filter(({ event }) => event === 'match').indexOf(edge) + 1}` : edge.event);

const Scalar = t.union([t.string, t.number, t.boolean, t.null, t.undefined]);

const Definition = t.intersection([
  t.type({
    states: t.readonlyArray(t.intersection([
      t.type({ name: t.string, type: t.string }),
      t.partial({
        sid: t.union([t.string, t.null]),
        properties: t.union([t.UnknownRecord, t.null]),
        transitions: t.union([
          t.readonlyArray(t.intersection([
            t.type({ event: t.string }),
            t.partial({
              next: t.union([t.string, t.null]),
              conditions: t.union([t.readonlyArray(t.intersection([t.type({ type: t.string }), t.partial({ arguments: t.union([t.readonlyArray(Scalar), t.null]), value: Scalar })])), t.null]),
            }),
          ])),
          t.null,
        ]),
      }),
    ])),
  }),
  t.partial({ initial_state: t.union([t.string, t.null]) }),
]);

type State = t.TypeOf<typeof Definition>['states'][number];

/** What version 1 calls the types of version 2, as far as it is known. */
const typesOfVersion1: Readonly<Record<string, string>> = {
  InitialState: 'trigger', SayPlay: 'say-play', Gather: 'gather-input-on-call', Branch: 'split-based-on', SetVariables: 'set-variables', Webhook: 'make-http-request',
  Message: 'send-message', EnqueueCall: 'enqueue-call', ConnectCaller: 'connect-call-to', Pay: 'capture-payments', Dial: 'make-outgoing-call-v1', DialV2: 'make-outgoing-call-v2',
};

const widgetOf = ({ name, type, transitions, properties }: State, names: ReadonlyMap<string, string>): Widget => ({
  name,
  type: Object.hasOwn(typesOfVersion1, type) ? (typesOfVersion1[type] ?? type) : type,
  edges: (transitions ?? []).map(({ event, next, conditions }) => ({
    event,
    next: next === undefined || next === null || next === '' ? undefined : (names.get(next) ?? next),
    conditions: (conditions ?? []).map((condition) => ({ type: condition.type, argument: textOf(condition.arguments?.[0]), value: textOf(condition.value) ?? '' })),
  })),
  properties: properties ?? {},
});

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined);

interface Found {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** How deep a flow may lie in what is around it. */
const deepest = 8;

/** Whatever in `value` looks like a flow, and is not within another one. */
const flowsIn = (value: unknown, path: readonly string[], depth: number): readonly Found[] => {
  if (depth > deepest || typeof value === 'number') return [];
  if (typeof value === 'string') return value.includes('"states"') ? flowsIn(jsonIn(value), path, depth + 1) : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => flowsIn(item, [...path, String(index)], depth + 1));
  if (typeof value !== 'object' || value === null) return [];
  if (looksLikeFlow(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, item]) => flowsIn(item, [...path, key], depth + 1));
};

const looksLikeFlow = (value: object): boolean => {
  const { states } = value as { readonly states?: unknown };
  return Array.isArray(states) && states.some((state) => typeof state === 'object' && state !== null && 'type' in state && 'name' in state);
};

const parsed = (text: string): unknown => {
  const json = jsonIn(text);
  if (json === undefined) throw unexamined('F-JSON');
  return json;
};

/** The JSON that `text` is, or that begins and ends with its outermost braces, Terraform's own left out; undefined where there is none. */
const jsonIn = (text: string): unknown => {
  const inner = text.replace(/^\s*\$\{([\s\S]*)\}\s*$/, '$1');
  const [from, to] = [inner.indexOf('{'), inner.lastIndexOf('}')];
  return jsonOf(text.replace(/^\uFEFF/, '')) ?? (from < to && from !== -1 ? jsonOf(inner.slice(from, to + 1)) : undefined);
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const place = (path: readonly string[]): string => (path.length === 0 ? 'the top' : path.join('.'));

/** `places` without those that others lie in: a union tells of itself, too. */
const deepestOf = (places: readonly string[]): readonly string[] => [...new Set(places)].filter((one) => !places.some((other) => other.startsWith(`${one}.`)));

/** The keys on the way to a wrong value, without what unions and intersections put between. */
const keysOf = (context: t.Context): readonly string[] =>
  context.slice(1).filter((_, index) => !isBranching(context[index]?.type)).map(({ key }) => key);

const isBranching = (type: t.Decoder<unknown, unknown> | undefined): boolean => type instanceof t.IntersectionType || type instanceof t.UnionType;
