/**
 * Points — what there is to be covered of a bot: its states, its transitions, the outcomes of its questions, and how often each is asked.
 *
 * They are what an author wrote, and not what the makers made of it: that a question is asked for the last time in vain is one transition, `exhausted`,
 * whether the caller said nothing, keyed something else or the service failed; and a task whose time is over ends as `timeout` or `failed`, which is
 * where it leads. What the framework does by itself (that a caller may hang up anywhere, the apology for data that nobody can read) is not counted, and
 * neither are the places where a call begins and ends.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { AskedAction, Choice } from '../../actions/index.ts';
import { type BotFacts, botFacts } from '../bot-facts.ts';
import type { AskLimits, Cause } from '../call-context.ts';
import { offering } from '../commands.ts';
import { onceFor } from '../constant.ts';
import { type Chart, type ChartEdge, type ChartNode, chartOf } from '../draw/chart.ts';
import { guardOf } from '../draw/wording.ts';
import { machinesOf } from '../naming.ts';

/** What can be covered. `retry` is a question that is asked for the second time, the third and so on. */
export const pointKinds = ['state', 'transition', 'outcome', 'retry'] as const;
export type PointKind = (typeof pointKinds)[number];

/** One thing to be covered. */
export interface Point {
  /** `acme.menu`; `acme.menu exhausted 1` (the first transition of that name); `acme.menu: noinput`; `acme.menu: asking 2`. */
  readonly id: string;
  readonly kind: PointKind;
  /** Id of the bot or of the dialog. */
  readonly machine: string;
  /** Path of the state; empty for a transition of a whole machine. */
  readonly state: string;
  /** Of a transition and an outcome its name, of a retry the number of the asking; empty for a state. */
  readonly name: string;
  /** Where a transition leads; several in regions, none where it stays. */
  readonly targets?: readonly string[];
  /** Name of the author's guard that a transition has, where it has one. */
  readonly guard?: string;
  /** The transitions that meet it (`transition-ids.ts`), of a transition and of an outcome. */
  readonly transitions: readonly string[];
}

/** The points of `machine` and of all dialogs that it runs, in the author's order. */
export const pointsOf = onceFor((machine: AnyStateMachine): readonly Point[] => {
  const facts = botFacts(machine);
  return machinesOf(machine).flatMap((one) => ofChart(one, chartOf(one), (node) => facts !== undefined && isRepeated(node, facts)));
});

/** Whether the question of `node` is one at which a command of the bot has it repeated: a question for digits and a recording are none, and nor is one that means something else by all its signs. */
const isRepeated = ({ facts, entry }: ChartNode, { commands, commandsIn }: BotFacts): boolean => {
  if (facts?.kind !== 'recognize' || facts.required.includes('digits') || !commands.some(isRepeat)) return false;
  const asks = entry.find(({ type }) => type === 'recognize');
  if (asks?.params === undefined || commandsIn !== undefined) return true; // what it means is known in the call alone
  const offered = offering({ type: 'recognize', params: asks.params } as unknown as AskedAction, commands, true);
  return offered.type === 'recognize' && offered.params.choices?.some(isRepeat) === true;
};

const isRepeat = ({ command }: Choice): boolean => command === 'repeats';

const ofChart = (machine: AnyStateMachine, chart: Chart, repeats: (node: ChartNode) => boolean): readonly Point[] => {
  const reached = new Set(chart.edges.flatMap(({ targets }) => targets));
  const nodes = chart.nodes.filter(({ framework, type, path }) => !framework && type !== 'history' && (reached.has(path) || !isWaterfallEnd(machine, path)));
  const frame = new Set(chart.nodes.flatMap(({ framework, path }) => (framework ? [path] : [])));
  const edges = chart.edges.filter((edge) => !edge.implicit && edge.timer === undefined && !frame.has(edge.from) && !edge.actions.some(({ type }) => type === 'call.apologise'));
  return [chart.root, ...nodes].flatMap((node) => {
    const own = edges.filter(({ from, event }) => from === node.path && (event !== 'recognize.repeat' || repeats(node)));
    return [...(node.path === '' ? [] : [stateOf(chart, node)]), ...transitionsOf(chart, node, own), ...questionOf(chart, node, own)];
  });
};

/** Whether the state `path` is one of the ends that every waterfall has, whether or not it can come to them. */
const isWaterfallEnd = ({ root }: AnyStateMachine, path: string): boolean =>
  (root.states as Readonly<Record<string, { readonly meta?: { readonly status?: unknown } } | undefined>>)[path]?.meta?.status !== undefined;

const placeOf = ({ id }: Chart, { path }: ChartNode): string => (path === '' ? id : `${id}.${path}`);

const stateOf = (chart: Chart, node: ChartNode): Point => ({ id: placeOf(chart, node), kind: 'state', machine: chart.id, state: node.path, name: '', transitions: [] });

/** Transitions by their names: of one outcome the first, the second and so on, whatever brought it about. To ask again is none, but an outcome. */
const transitionsOf = (chart: Chart, node: ChartNode, edges: readonly ChartEdge[]): readonly Point[] => {
  const points = new Map<string, Point>();
  const counts = new Map<string, number>();
  for (const edge of edges) {
    if (edge.asksAgain) continue;
    const name = outcomeOf(edge, node) ?? descriptorOf(edge, placeOf(chart, node));
    const branch = `${edge.event} ${name}`;
    const count = (counts.get(branch) ?? 0) + 1;
    counts.set(branch, count);
    const id = `${placeOf(chart, node)} ${name} ${count}`;
    const { transitions = [] } = points.get(id) ?? {};
    const { targets } = edge;
    const guard = guardOf(edge);
    points.set(id, { id, kind: 'transition', machine: chart.id, state: node.path, name, targets, ...(guard !== undefined && { guard }), transitions: [...new Set([...transitions, edge.id])] });
  }
  return [...points.values()];
};

/** The author's name for it: who does not handle `busy` by itself has handled it as `failed`. */
const outcomeOf = ({ outcome }: ChartEdge, { facts }: ChartNode): string | undefined =>
  outcome !== undefined && facts?.handled.includes(outcome) === false && facts.handled.includes('failed') ? 'failed' : outcome;

/** On what a transition of the state at `place` is taken, as its author wrote it: its name without the place and the number. */
const descriptorOf = ({ id }: ChartEdge, place: string): string => id.slice(place.length + 1, id.lastIndexOf(' '));

// ---- questions ----

/** The outcomes of a question, and its askings; nothing for a state that asks none. */
const questionOf = (chart: Chart, node: ChartNode, edges: readonly ChartEdge[]): readonly Point[] => {
  const { kind } = node.facts ?? {};
  if (kind !== 'recognize' && kind !== 'record') return [];
  const outcomes = new Map<string, string[]>();
  const meets = (name: string, id: string): void => void outcomes.set(name, [...(outcomes.get(name) ?? []), id]);
  for (const edge of edges) {
    const name = causeOf(edge) ?? edge.outcome;
    if (name !== undefined) meets(name, edge.id);
    const brought = broughtBy(edge);
    if (edge.outcome === 'exhausted' && brought !== undefined) meets(brought, edge.id);
  }
  const base = { machine: chart.id, state: node.path };
  const place = placeOf(chart, node);
  return [
    ...[...outcomes].map(([name, transitions]): Point => ({ id: `${place}: ${name}`, kind: 'outcome', ...base, name, transitions })),
    ...Array.from({ length: mostAskings(edges) - 1 }, (_, index): Point => ({ id: askingId(place, index + 2), kind: 'retry', ...base, name: String(index + 2), transitions: [] })),
  ];
};

/** The id of the point that the question at `place` is asked for the `count`th time. */
export const askingId = (place: string, count: number): string => `${place}: asking ${count}`;

/** Why a question is asked again along `edge`. */
const causeOf = ({ actions, event }: ChartEdge): string | undefined =>
  event === 'recognize.repeat' ? 'repeat' : (actions.find(({ type }) => type === 'call.askAgain')?.params?.['cause'] as Cause | undefined);

/** What brought a question to its end that was asked often enough. */
const broughtBy = ({ event }: ChartEdge): Cause | undefined => {
  if (event.endsWith('.noinput')) return 'noinput';
  if (event.startsWith('recognize.nomatch') || event.startsWith('recognize.digits')) return 'nomatch'; // digits that `validate` finds fault with
  return event.endsWith('.failed') ? 'failed' : undefined;
};

/** How often a question can be asked at most. */
const mostAskings = (edges: readonly ChartEdge[]): number => {
  const again = edges.filter(({ actions }) => actions.some(({ type }) => type === 'call.askAgain'));
  const limits = again.map(({ limits: some }) => some).find((some) => some !== undefined);
  if (limits === undefined) return 1;
  const causes = new Set(again.flatMap((edge) => causeOf(edge) ?? []));
  return Math.min(limits.attempts, 1 + [...causes].reduce((sum, cause) => sum + mostOf(limits, cause) - 1, 0));
};

const mostOf = ({ maxNoinput, maxNomatch }: AskLimits, cause: string): number => (cause === 'noinput' ? maxNoinput : cause === 'nomatch' ? maxNomatch : undefined) ?? Infinity;
