/**
 * Mermaid — a machine as text that GitHub and most wikis draw (`stateDiagram-v2`).
 *
 * What Mermaid has no sign for is told otherwise: a history is a state that says so; the regions of a parallel state are
 * states in it and its title says `parallel` (Mermaid's own `--` keeps transitions from leaving such a state, issue 5096);
 * transitions of the whole machine leave a state `any state`; the end of the call, which leads to `ended` from everywhere,
 * is one note. Checked with Mermaid 11.17.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type PromptItem, promptText } from '../../actions/index.ts';
import { type Chart, type ChartAction, type ChartEdge, type ChartNode, chartOf, childrenOf } from './chart.ts';

/** The text of `machine`'s diagram. The same machine gives the same text. */
export const toMermaid = (machine: AnyStateMachine): string => {
  const chart = chartOf(machine);
  const ids = identifiers(['', ...chart.nodes.map(({ path }) => path)]);
  const parents = new Map(chart.nodes.map(({ path, parent }) => [path, parent]));
  const drawn = chart.edges.filter(({ implicit, event }) => !implicit && (chart.repeats || event !== 'recognize.repeat'));
  // A transition between two states of one parent is written inside it, any other at the top: Mermaid takes the place
  // where a transition is written for the place of both its states.
  const home = ({ from, targets }: ChartEdge): string => {
    const parent = parents.get(from) ?? '';
    return targets.every((target) => parents.get(target) === parent) ? parent : '';
  };

  const block = (path: string, initial: readonly string[]): readonly string[] => [
    ...childrenOf(chart, path).flatMap(stateLines),
    ...initial.map((target) => `[*] --> ${id(target)}`),
    ...childrenOf(chart, path).filter(({ type }) => type === 'history').flatMap((node) => node.initial.map((target) => `${id(node.path)} --> ${id(target)} : by default`)),
    ...(path === '' ? [] : edgeLines(drawn.filter((edge) => home(edge) === path), id)),
    ...childrenOf(chart, path).filter(({ type }) => type === 'final').map((node) => `${id(node.path)} --> [*]`),
  ];
  const id = (path: string): string => ids.get(path) ?? '';
  const stateLines = (node: ChartNode): readonly string[] => {
    const remarks = remarksOf(node);
    if (node.type !== 'compound' && node.type !== 'parallel') {
      return [`state "${escaped(titleOf(node))}" as ${id(node.path)}`, ...remarks.map((remark) => `${id(node.path)} : ${escaped(remark)}`)];
    }
    const inside = block(node.path, node.initial.filter((target) => parents.get(target) === node.path));
    return [`state "${escaped([titleOf(node), ...remarks].join(' · '))}" as ${id(node.path)} {`, ...inside.map((line) => `  ${line}`), '}'];
  };

  const lines = [
    ...block('', chart.root.initial),
    ...(drawn.every(({ from }) => from !== '') ? [] : [`state "any state" as ${id('')}`]),
    ...edgeLines(drawn.filter((edge) => home(edge) === ''), id),
    ...ends(chart).map((path) => `note right of ${id(path)} : call.ended leads here from every state`),
  ];
  return ['stateDiagram-v2', ...lines.map((line) => `  ${line}`), ''].join('\n');
};

/** Where the call's end leads, when the framework leads it. */
const ends = (chart: Chart): readonly string[] => chart.edges.filter(({ implicit, from }) => implicit && from === '').flatMap(({ targets }) => targets);

const titleOf = ({ name, type, history }: ChartNode): string => {
  if (type === 'history') return `${name} (${history === 'deep' ? 'deep history' : 'history'})`;
  return type === 'parallel' ? `${name} (parallel)` : name;
};

const remarksOf = ({ entry, runs, description }: ChartNode): readonly string[] => [
  ...(description === undefined ? [] : [short(description)]),
  ...entry.flatMap(spoken),
  ...runs.map(({ kind, src }) => (kind === 'chat' ? 'sends a chat message' : `runs ${kind} ${src}`)),
];

const sayings: Readonly<Record<string, string>> = {
  answer: 'answers', play: 'says', recognize: 'asks', record: 'records', transfer: 'transfers', hold: 'puts on hold', unhold: 'takes back from hold', createcall: 'places a call', raw: 'asks the service', hangup: 'hangs up', reject: 'refuses the call',
};

const spoken = ({ type, params, computed }: ChartAction): readonly string[] => {
  const saying = Object.hasOwn(sayings, type) ? sayings[type] : undefined;
  if (saying === undefined) return [];
  if (computed) return [`${saying} (computed)`];
  const { prompts, to, service, verb } = (params ?? {}) as { readonly prompts?: readonly PromptItem[]; readonly to?: unknown; readonly service?: unknown; readonly verb?: unknown };
  if (typeof verb === 'string') return [`asks ${String(service)} for ${verb}`];
  if (typeof to === 'string') return [`${saying} to ${to}`];
  return [prompts === undefined || prompts.length === 0 ? saying : `${saying} “${short(promptText(prompts))}”`];
};

const edgeLines = (edges: readonly ChartEdge[], id: (path: string) => string): readonly string[] => {
  const from = [...new Set(edges.map((edge) => edge.from))];
  const lines = from.flatMap((path) => {
    const own = edges.filter((edge) => edge.from === path);
    const again = [...new Set(own.filter(({ asksAgain }) => asksAgain).map(nameOf))];
    const others = own.filter(({ asksAgain }) => !asksAgain);
    return [
      ...others.flatMap((edge) => (edge.targets.length > 0 ? edge.targets : [path]).map((target) => `${id(path)} --> ${id(target)} : ${escaped(labelOf(edge))}`)),
      ...(again.length === 0 ? [] : [`${id(path)} --> ${id(path)} : ${escaped(`again on ${again.join(', ')}`)}`]),
    ];
  });
  return [...new Set(lines)]; // the four ways to exhaust a question are one line
};

const nameOf = ({ kind, event, outcome, delay }: ChartEdge): string => {
  if (kind === 'always') return 'always';
  if (kind === 'after') return typeof delay === 'number' || /^\d+$/.test(String(delay)) ? `after ${String(delay)} ms` : `after ${String(delay)}`;
  return outcome ?? (kind === 'event' ? event : kind);
};

const labelOf = (edge: ChartEdge): string => {
  const guard = edge.guard === undefined || edge.guard.startsWith('call.') ? '' : ` [${edge.guard}]`;
  const end = edge.actions.some(({ type }) => type === 'call.apologise') ? ' (the apology)' : ' (stays)';
  return `${nameOf(edge)}${guard}${edge.targets.length === 0 ? end : ''}`;
};

const longest = 60;

/** The first words of `text`, on one line. */
const short = (text: string): string => {
  const characters = [...text.replace(/\s+/g, ' ').trim()];
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('').trimEnd()}…`;
};

/**
 * `text` with everything that is a sign of Mermaid or of HTML as a numeric entity. Letters, digits and the common marks
 * stay. `direction LR` would be taken for the command wherever it stands in a line.
 */
const escaped = (text: string): string =>
  (text.trim() === '' ? '\u00b7' : text)
    .replace(/[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]+/gu, ' ')
    .replace(/[^\p{L}\p{M}\p{N}\p{So}\p{Sc} .,!?'()/=+_*“”‘’…·→-]/gu, (sign) => `#${String(sign.codePointAt(0))};`)
    .replace(/--/g, '#45;#45;')
    .replace(/(direction)\s+(?=TB|BT|RL|LR)/gi, '$1#32;');

const reserved = new Set([
  'state', 'note', 'class', 'classdef', 'style', 'scale', 'click', 'href', 'default', 'direction', 'end', 'acctitle', 'accdescr', 'hide', 'statediagram',
  'root', 'divider', 'as', 'fork', 'join', 'choice', 'constructor', 'prototype', '__proto__', 'tostring', 'valueof', 'hasownproperty',
]);

/** An identifier for each path, of letters, digits and `_`, unlike every word of Mermaid and unlike each other. */
const identifiers = (paths: readonly string[]): ReadonlyMap<string, string> => {
  const taken = new Set<string>();
  return new Map(
    paths.map((path) => {
      const plain = path === '' ? 'any_state' : path.replace(/[^A-Za-z0-9]+/g, '_');
      const safe = !/^[A-Za-z]/.test(plain) || reserved.has(plain.toLowerCase()) ? `s_${plain}` : plain;
      const free = Array.from({ length: paths.length + 1 }, (_, index) => (index === 0 ? safe : `${safe}_${index + 1}`)).find((one) => !taken.has(one)) ?? safe;
      taken.add(free);
      return [path, free];
    }),
  );
};
