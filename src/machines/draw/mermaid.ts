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
import { type ChartNode, chartOf, childrenOf } from './chart.ts';
import { type Arrow, arrowsOf, endRemark, ends, remarksOf, titleOf } from './wording.ts';

/** The text of `machine`'s diagram. The same machine gives the same text. */
export const toMermaid = (machine: AnyStateMachine): string => {
  const chart = chartOf(machine);
  const ids = identifiers(['', ...chart.nodes.map(({ path }) => path)]);
  const parents = new Map(chart.nodes.map(({ path, parent }) => [path, parent]));
  const arrows = arrowsOf(chart);
  // A transition between two states of one parent is written inside it, any other at the top: Mermaid takes the place
  // where a transition is written for the place of both its states.
  const home = ({ from, target }: Arrow): string => {
    const parent = parents.get(from) ?? '';
    return parents.get(target) === parent ? parent : '';
  };

  const block = (path: string, initial: readonly string[]): readonly string[] => [
    ...childrenOf(chart, path).flatMap(stateLines),
    ...initial.map((target) => `[*] --> ${id(target)}`),
    ...childrenOf(chart, path).filter(({ type }) => type === 'history').flatMap((node) => node.initial.map((target) => `${id(node.path)} --> ${id(target)} : by default`)),
    ...(path === '' ? [] : arrows.filter((arrow) => home(arrow) === path).map((arrow) => lineOf(arrow, id))),
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
    ...(arrows.every(({ from }) => from !== '') ? [] : [`state "any state" as ${id('')}`]),
    ...arrows.filter((arrow) => home(arrow) === '').map((arrow) => lineOf(arrow, id)),
    ...ends(chart).map((path) => `note right of ${id(path)} : ${endRemark}`),
  ];
  return ['stateDiagram-v2', ...lines.map((line) => `  ${line}`), ''].join('\n');
};

const lineOf = ({ from, target, label }: Arrow, id: (path: string) => string): string => `${id(from)} --> ${id(target)} : ${escaped(label)}`;

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
