/**
 * SCXML — a machine as a document of the W3C's State Chart XML 1.0.
 *
 * What SCXML has a word for is said in it: states, parallels, histories, finals, transitions with `event`, `cond` and
 * `target`, `after` as a delayed `<send>` that leaving the state cancels, what runs as `<invoke>`. The call actions are
 * executable content of a namespace of our own, {@link namespace}, as the standard has it for platforms (§4.10):
 *
 * | element                                         | meaning                                                          |
 * | ----------------------------------------------- | ---------------------------------------------------------------- |
 * | `callchart:play`, `callchart:recognize`, …      | a call action; its parameters as attributes and child elements   |
 * | `callchart:action type="…"`                     | any other action, by its name                                    |
 * | attribute `computed="true"` on either           | its parameters are known only when it is executed                |
 * | attribute `callchart:outcome` on a transition   | the author's name for it                                         |
 * | attribute `callchart:name` on a state           | the author's name, where it is no XML name                       |
 *
 * `cond` names a guard of the machine; what it computes is code and is not here, nor is the datamodel. The whole machine is
 * one state, since `<scxml>` itself takes no transitions; final states of the machine stand beside it, so that
 * reaching one ends the session. A dialog is a document of its own, `<id>.scxml`.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { callActions } from '../../actions/index.ts';
import { type ChartAction, type ChartEdge, type ChartNode, chartOf, childrenOf } from './chart.ts';

/** The namespace of what SCXML has no word for. */
export const namespace = 'urn:callchart:scxml:1';

/** An element: its name, its attributes (absent ones left out) and what is in it. A text stands alone in its element. */
interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly content: readonly Element[] | string;
}

/** The document of `machine`. The same machine gives the same text. */
export const toScxml = (machine: AnyStateMachine): string => {
  const chart = chartOf(machine);
  const ids = identifiers([chart.root, ...chart.nodes]);
  const id = (path: string): string => ids.get(path) ?? '';
  const list = (paths: readonly string[]): string | undefined => (paths.length === 0 ? undefined : paths.map(id).join(' '));
  const edgesOf = (path: string): readonly ChartEdge[] => byPriority(chart.edges.filter(({ from }) => from === path));

  const finals = childrenOf(chart, '').filter(({ type }) => type === 'final');
  const ending = new Set(finals.map(({ path }) => path));

  const transition = (edge: ChartEdge): Element => {
    // A transition of an atomic state to itself leaves nothing and enters nothing, unless it says so: no target, in SCXML.
    const stays = !edge.reenter && edge.targets.length === 1 && edge.targets[0] === edge.from && childrenOf(chart, edge.from).length === 0;
    const inside = !edge.reenter && edge.targets.length > 0 && edge.targets.every((target) => (edge.from === '' ? !ending.has(target) : target.startsWith(`${edge.from}.`)));
    return element(
      'transition',
      { event: eventOf(edge, id), cond: edge.guard === undefined ? undefined : conditionOf(edge.guard), target: stays ? undefined : list(edge.targets), type: inside ? 'internal' : undefined, 'callchart:outcome': edge.outcome },
      edge.actions.map(actionElement),
    );
  };

  const state = (node: ChartNode): Element => {
    const known = { id: id(node.path), 'callchart:name': id(node.path) === node.path || node.path === '' ? undefined : node.name };
    if (node.type === 'history') return element('history', { ...known, type: node.history }, [element('transition', { target: list(node.initial) })]);
    const edges = edgesOf(node.path);
    const timers = [...new Map(edges.filter(({ kind }) => kind === 'after').map((edge) => [edge.event, edge])).values()];
    const inner = childrenOf(chart, node.path).filter((child) => node.path !== '' || child.type !== 'final');
    const entry = [...node.entry.map(actionElement), ...timers.map((edge) => timer(edge, id))];
    const exit = [...node.exit.map(actionElement), ...timers.map((edge) => element('cancel', { sendid: timerName(edge, id) }))];
    const name = node.type === 'parallel' ? 'parallel' : node.type === 'final' ? 'final' : 'state';
    // A machine whose every state is final has none left inside to begin in: it begins in the final state itself.
    const initial = node.type === 'compound' ? list(node.initial.filter((path) => inner.some((child) => child.path === path || path.startsWith(`${child.path}.`)))) : undefined;
    return element(name, { ...known, initial }, [
      ...(entry.length === 0 ? [] : [element('onentry', {}, entry)]),
      ...(exit.length === 0 ? [] : [element('onexit', {}, exit)]),
      ...edges.map(transition),
      ...node.runs.map((run) => element('invoke', { id: eventName(run.id), ...(run.kind === 'dialog' ? { type: 'scxml', src: `${encodeURIComponent(wellFormed(run.src))}.scxml` } : { type: `callchart:${run.kind}`, src: encodeURIComponent(wellFormed(run.src)) }) })),
      ...inner.map(state),
    ]);
  };

  const begins = chart.root.initial.find((path) => ending.has(path)) ?? '';
  const document = element(
    'scxml',
    { xmlns: 'http://www.w3.org/2005/07/scxml', 'xmlns:callchart': namespace, version: '1.0', datamodel: 'ecmascript', name: xmlName(chart.id), initial: id(begins) },
    [state(chart.root), ...finals.map(state)],
  );
  return ['<?xml version="1.0" encoding="UTF-8"?>', ...print(document), ''].join('\n');
};

const element = (name: string, attributes: Element['attributes'] = {}, content: Element['content'] = []): Element => ({ name, attributes, content });

const print = ({ name, attributes, content }: Element): readonly string[] => {
  const start = `<${name}${Object.entries(attributes).map(([key, value]) => (value === undefined ? '' : ` ${key}="${escaped(value)}"`)).join('')}`;
  if (content.length === 0) return [`${start}/>`];
  if (typeof content === 'string') return [`${start}>${escaped(content)}</${name}>`];
  return [`${start}>`, ...content.flatMap(print).map((line) => `  ${line}`), `</${name}>`];
};

/** The first of SCXML's transitions that matches is taken; XState takes exact events first, then the longest wildcard. */
const byPriority = (edges: readonly ChartEdge[]): readonly ChartEdge[] => {
  const wild = ({ kind, event }: ChartEdge): boolean => kind === 'event' && event.endsWith('*');
  return [...edges.filter((edge) => !wild(edge)), ...edges.filter(wild).sort((one, other) => other.event.length - one.event.length)];
};

const eventOf = (edge: ChartEdge, id: (path: string) => string): string | undefined => {
  if (edge.kind === 'always') return undefined;
  if (edge.kind === 'after') return timerName(edge, id);
  if (edge.run !== undefined) return `${edge.kind === 'done' ? 'done.invoke' : 'error.platform'}.${eventName(edge.run)}`;
  return edge.kind === 'done' ? `done.state.${id(edge.from)}` : eventName(edge.event);
};

const timerName = ({ delay, from }: ChartEdge, id: (path: string) => string): string => `after.${eventName(String(delay))}.${id(from)}`;

const timer = (edge: ChartEdge, id: (path: string) => string): Element => {
  const name = timerName(edge, id);
  const delay = String(edge.delay);
  return element('send', { event: name, id: name, ...(/^\d+(\.\d+)?$/.test(delay) ? { delay: `${delay}ms` } : { delayexpr: conditionOf(delay) }) });
};

const actionElement = ({ type, params, computed }: ChartAction): Element => {
  const call = Object.hasOwn(callActions, type);
  const inner = params === undefined ? element('', {}) : valueElements('', params)[0];
  return element(
    call ? `callchart:${type}` : 'callchart:action',
    { ...(call ? {} : { type }), ...(computed && { computed: 'true' }), ...Object.fromEntries(Object.entries(inner?.attributes ?? {}).filter(([key]) => key !== 'type' && key !== 'computed')) },
    inner?.content ?? [],
  );
};

/** What one of a list is called. */
const singular: Readonly<Record<string, string>> = { prompts: 'prompt', choices: 'choice', phrases: 'phrase', termchars: 'termchar', modalities: 'modality' };

/** `value` as elements called `key`: a list as one element an item, an object's plain values as attributes. */
const valueElements = (key: string, value: unknown): readonly Element[] => {
  const name = `callchart:${xmlName(Object.hasOwn(singular, key) ? (singular[key] ?? key) : key)}`;
  if (Array.isArray(value)) {
    return (value as readonly unknown[]).flatMap((item) => (Array.isArray(item) ? [element(name, {}, valueElements('prompts', item))] : valueElements(key, item)));
  }
  if (typeof value !== 'object' || value === null) return typeof value === 'function' || value === undefined ? [] : [element(name, {}, String(value))];
  const fields = Object.entries(value as Readonly<Record<string, unknown>>);
  const plain = fields.filter(([, field]) => typeof field === 'string' || typeof field === 'number' || typeof field === 'boolean');
  return [
    element(
      name,
      Object.fromEntries(plain.map(([field, text]) => [xmlName(field), String(text)])),
      fields.filter((field) => !plain.includes(field)).flatMap(([field, inner]) => valueElements(field, inner)),
    ),
  ];
};

/** An id for each state: its path, where that is an XML name and free. The machine's own state bears the machine's id. */
const identifiers = (nodes: readonly ChartNode[]): ReadonlyMap<string, string> => {
  const taken = new Set<string>();
  const give = (node: ChartNode): readonly [string, string] => {
    const plain = xmlName(node.path === '' ? node.name : node.path);
    const id = Array.from({ length: nodes.length + 1 }, (_, index) => (index === 0 ? plain : `${plain}-${index + 1}`)).find((one) => !taken.has(one)) ?? plain;
    taken.add(id);
    return [node.path, id];
  };
  const [root, ...states] = nodes;
  // The author's states first: it is they that keep their names.
  return new Map([...states.map(give), ...(root === undefined ? [] : [give(root)])]);
};

const encoded = (text: string, allowed: RegExp): string => [...text].map((sign) => (allowed.test(sign) ? sign : `_x${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase()}_`)).join('');

/** `text` as an XML name without a colon: other signs as `_x20_`. */
const xmlName = (text: string): string => {
  const name = encoded(text, /[A-Za-z0-9_.-]/);
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`;
};

/** `event` as an event descriptor: dots and a last `*` mean what they mean in XState. */
const eventName = (event: string): string => (event.endsWith('*') ? `${encoded(event.slice(0, -1), /[A-Za-z0-9_.-]/)}*` : encoded(event, /[A-Za-z0-9_.-]/));

const conditionOf = (guard: string): string => encoded(guard, /[A-Za-z0-9_.$(), ]/);

const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd');

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' };

/** `text` as text or attribute value; what XML 1.0 cannot carry becomes U+FFFD. */
const escaped = (text: string): string =>
  wellFormed(text)
    .replace(/[&<>"\t\n\r]/g, (sign) => entities[sign] ?? sign)
    .replace(/[\p{Cc}\ufffe\uffff]/gu, '\ufffd');
