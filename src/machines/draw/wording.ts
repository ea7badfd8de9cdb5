/**
 * Wording — what a drawing says of a state and of a transition, in whatever notation it is drawn.
 *
 * Transitions that look the same are one arrow: the four ways to exhaust a question, and all on which it is asked again.
 *
 * @module
 */
import { type PromptItem, promptText } from '../../actions/index.ts';
import type { Chart, ChartAction, ChartEdge, ChartNode } from './chart.ts';

/** An arrow of a drawing: one transition, or several that would be drawn alike. */
export interface Arrow {
  /** Path of the state that it leaves; empty for the machine as a whole. */
  readonly from: string;
  /** Path of the state that it points at; that of `from` where the transition leads nowhere. */
  readonly target: string;
  readonly label: string;
  readonly edges: readonly ChartEdge[];
}

/** The arrows of `chart`. What the framework does in every chart is left out: the end of the call, which leads to `ended` from everywhere. */
export const arrowsOf = (chart: Chart): readonly Arrow[] => {
  const drawn = chart.edges.filter(({ implicit, event }) => !implicit && (chart.repeats || event !== 'recognize.repeat'));
  return [...new Set(drawn.map(({ from }) => from))].flatMap((from) => arrowsFrom(from, drawn.filter((edge) => edge.from === from)));
};

const arrowsFrom = (from: string, own: readonly ChartEdge[]): readonly Arrow[] => {
  const again = own.filter(({ asksAgain }) => asksAgain);
  const others = own.filter(({ asksAgain }) => !asksAgain).flatMap((edge) => (edge.targets.length > 0 ? edge.targets : [from]).map((target) => ({ target, label: labelOf(edge), edge })));
  const alike = new Map<string, readonly typeof others[number][]>();
  for (const one of others) {
    const key = JSON.stringify([one.target, one.label]);
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [
    ...[...alike.values()].flatMap((same) => same.slice(0, 1).map(({ target, label }) => ({ from, target, label, edges: same.map(({ edge }) => edge) }))),
    ...(again.length === 0 ? [] : [{ from, target: from, label: `again on ${[...new Set(again.map(nameOf))].join(', ')}`, edges: again }]),
  ];
};

/** Where the call's end leads, when the framework leads it. */
export const ends = (chart: Chart): readonly string[] => chart.edges.filter(({ implicit, from }) => implicit && from === '').flatMap(({ targets }) => targets);

/** What is said where the call's end leads, in place of an arrow from every state. */
export const endRemark = 'call.ended leads here from every state';

/** The name of a state, with what kind it is where its name is all that is to be seen of it. */
export const titleOf = ({ name, type, history }: ChartNode): string => {
  if (type === 'history') return `${name} (${history === 'deep' ? 'deep history' : 'history'})`;
  return type === 'parallel' ? `${name} (parallel)` : name;
};

/** What a state says or does, a line each. */
export const remarksOf = ({ entry, runs, description }: ChartNode): readonly string[] => [
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
  const { prompts, to, service, verb } = (params ?? {}) as ActionWords;
  if (typeof verb === 'string') return [`asks ${String(service)} for ${verb}`];
  if (typeof to === 'string') return [`${saying} to ${to}`];
  return [prompts === undefined || prompts.length === 0 ? saying : `${saying} “${short(promptText(prompts))}”`];
};

/** What parameters of actions can hold of words. */
interface ActionWords {
  readonly prompts?: readonly PromptItem[];
  readonly to?: unknown;
  readonly service?: unknown;
  readonly verb?: unknown;
}

/** What an action with the parameters `params` says, or whom or what it asks for, in a few words; undefined where there is nothing to tell. */
export const wordsOf = (params: object): string | undefined => {
  const { prompts = [], to, verb } = params as ActionWords;
  if (prompts.length > 0) return short(promptText(prompts));
  return typeof verb === 'string' ? short(verb) : typeof to === 'string' ? short(to) : undefined;
};

/** What the author calls that on which a transition is taken. */
export const nameOf = ({ kind, event, outcome, delay }: ChartEdge): string => {
  if (kind === 'always') return 'always';
  if (kind === 'after') return typeof delay === 'number' || /^\d+$/.test(String(delay)) ? `after ${String(delay)} ms` : `after ${String(delay)}`;
  return outcome ?? (kind === 'event' ? event : kind);
};

/** The author's own guard, which may stand beside one that tells the outcome. */
export const guardOf = ({ guard }: ChartEdge): string | undefined => {
  const own = guard?.replace(/^and\(call\.\w+, (.+)\)$/s, '$1');
  return own?.startsWith('call.') === true ? undefined : own;
};

/** Whether the author gave a guard this name: a function that stands at `guard` and has none of its own is called after that. */
export const isNamedGuard = (guard: string): boolean => guard !== 'guard' && guard !== 'inline';

const labelOf = (edge: ChartEdge): string => {
  const own = guardOf(edge);
  const guard = own === undefined ? '' : ` [${own}]`;
  const end = edge.actions.some(({ type }) => type === 'call.apologise') ? ' (the apology)' : ' (stays)';
  return `${nameOf(edge)}${guard}${edge.targets.length === 0 ? end : ''}`;
};

const longest = 60;

/** The first words of `text`, on one line. */
export const short = (text: string): string => {
  const characters = [...text.replace(/\s+/g, ' ').trim()];
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('').trimEnd()}…`;
};
