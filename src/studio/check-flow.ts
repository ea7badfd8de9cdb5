/**
 * Check flow — what is wrong with a Studio flow for the people who call it: endings that nothing is wired to, loops that nobody
 * ends, widgets that no call reaches, and what could not be examined.
 *
 * @module
 */
import type { CallerScript } from '../machines/check/caller-script.ts';
import { type Finding, type Rule, severities } from '../machines/check/finding.ts';
import { shortest, wayTo } from '../machines/check/graph.ts';
import { counted } from '../machines/counted.ts';
import { type Flow, unexamined, type Widget } from './flow.ts';
import { readerOf } from './liquid.ts';
import { loopsOf, type Loop } from './loops.ts';
import { asksKeys, asksWords, keysTold, longestPromptWords, menusOf, names, textOf, wordsIn } from './prompts.ts';
import { callEvents, type FlowWay, type Loose, mostMoments, saysSomething, walk, type Walked } from './walk.ts';
import { aboutCalls, endingOf, kindOf } from './widgets.ts';

/** What is known of a flow. */
export interface FlowChecked {
  readonly version: 1 | 2;
  readonly findings: readonly Finding[];
  /** What was not examined, and what was taken for granted, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Everything that is found in `flow`.
 *
 * @throws `ERR_FLOW_UNEXAMINED` when it is not about calls
 */
export const checkFlow = (flow: Flow): FlowChecked => {
  const walked = walk(flow);
  if (!walked.moments.some(({ line, widget }, at) => at > 0 && line === 'on' && widget !== flow.start)) throw unexamined('F-CALLS', [flow.start.name]);
  const way = scriptsTo(walked);
  const findings = [
    ...tooLarge(walked), ...strange(walked, way), ...unhandled(flow, walked, way), ...looped(flow, walked, way), ...unreached(flow, walked), ...unsaid(flow, walked, way),
  ];
  const first = new Map([...findings].reverse().map((draft) => [draft.id, draft]));
  return { version: flow.version, findings: findings.filter((draft) => first.get(draft.id) === draft).map((draft) => ({ ...draft, script: draft.script === null ? null : draft.script() })), notes: notesOn(flow, walked) };
};

/** A finding whose script is put together once it is known to be the first of its kind. */
type Draft = Omit<Finding, 'script'> & { readonly script: (() => CallerScript) | null };

/** The acts that lead to a moment by the shortest way. */
type ScriptTo = (at: number) => CallerScript;

const scriptsTo = ({ out }: Walked): ScriptTo => {
  const by = shortest(out, 0);
  return (at) => actsOf(wayTo(by, at));
};

const actsOf = (ways: readonly FlowWay[]): CallerScript => ways.flatMap(({ acts }) => acts);

const finding = (rule: Rule, state: string, sentence: string, script: Draft['script'], detail?: string): Draft => ({
  id: [rule, ...(state === '' ? [] : [state]), ...(detail === undefined ? [] : [detail.replaceAll(' ', '-')])].join(':'),
  rule,
  severity: severities[rule],
  state,
  message: state === '' ? sentence : `widget \`${state}\`: ${sentence}`,
  script,
});

const tooLarge = ({ complete }: Walked): readonly Draft[] =>
  complete ? [] : [finding('unexamined', '', `the flow has more than ${mostMoments} moments, and was not examined beyond them`, null)];

/** Widgets and events that are not known. */
const strange = (walked: Walked, way: ScriptTo): readonly Draft[] =>
  walked.moments.flatMap(({ widget }, at) => {
    const kind = kindOf(widget.type);
    if (widget.type === 'run-subflow') return [finding('unexamined', widget.name, 'it runs another flow, which is not in this file: check that one too', () => way(at))];
    if (kind === undefined) return [finding('unexamined', widget.name, `\`${widget.type}\` is not a widget that is known: what it does to a call was not examined`, () => way(at))];
    return widget.edges.filter(({ event }) => endingOf(kind, event) === undefined)
      .map(({ event }) => finding('unexamined', widget.name, `\`${event}\` is not an event that a \`${widget.type}\` is known to end with: what is wired to it may never happen`, () => way(at), event));
  });

const unhandled = (flow: Flow, { moments, loose }: Walked, way: ScriptTo): readonly Draft[] =>
  loose.flatMap((end) => {
    const moment = moments[end.at];
    if (moment === undefined || end.at === 0 || (moment.line !== 'on' && end.ending !== 'taken')) return [];
    const { widget } = moment;
    const isDangling = flow.dangling.has(`${widget.name} ${end.event}`);
    const [rule, sentence] = looseEnd(flow, widget, end) ?? (isDangling ? (['dead-end', `\`${end.event}\` leads nowhere`] as const) : []);
    if (rule === undefined || sentence === undefined) return [];
    return [finding(rule, widget.name, `${sentence}${isDangling ? '; what it is wired to is not in the flow' : ''}`, () => [...way(end.at), ...end.acts], end.event)];
  });

/** Whether anything is wired to `event` of `widget`. */
const isWired = ({ edges }: Widget, ...events: readonly string[]): boolean => edges.some(({ event, next }) => events.includes(event) && next !== undefined);

/** What is wrong with an ending that nothing is wired to; undefined where the call may end so. */
const looseEnd = (flow: Flow, widget: Widget, { event, ending, told }: Loose): readonly [Rule, string] | undefined => {
  const part = kindOf(widget.type)?.part;
  const isNot = (what: string): string => `${what} is not handled (\`${event}\`), and the caller is hung up on`;
  switch (ending) {
    case 'silence':
      if (widget.type === 'record-voicemail' && !isWired(widget, 'recordingComplete')) return undefined;
      if (widget.type === 'send-and-wait-for-reply' && !isWired(widget, 'incomingMessage')) return undefined;
      return ['unhandled', `${isNot('silence')} without a word`];
    case 'nomatch':
      return ['unhandled', isNot(part === 'hands' ? 'a caller who does not manage' : 'what is none of its branches')];
    case 'failure':
      if (part !== 'hands' && (!widget.edges.some((edge) => edge.next !== undefined) || (told && !goesOn(flow, widget)))) return undefined;
      return ['unhandled', isNot('a failure')];
    case 'input':
      return part === 'hands' ? ['unhandled', isNot('a caller who asks for a person')] : looseInput(widget, event);
    case 'taken':
      return ['dead-end', `${isNot('that somebody takes the call')} without a word`];
    case 'match':
      return told ? undefined : ['dead-end', `its branch ${event.replace(/^match /, '')} leads nowhere, and the caller is hung up on without a word`];
    case 'done':
    case 'answer':
      return told ? undefined : ['dead-end', `leads nowhere (\`${event}\`), and the caller is hung up on without a word`];
    default:
      return undefined;
  }
};

/** Whether the caller has something to lose behind `widget`: anything that speaks, asks or gives the call on, or that is not known. */
const goesOn = (flow: Flow, widget: Widget): boolean =>
  [...reachedFrom(flow, widget)].some((name) => name !== widget.name && !['silent', 'works'].includes(kindOf(flow.widgets.find((other) => other.name === name)?.type ?? '')?.part ?? ''));

/** Studio listens for what is wired, and for keys where nothing is. */
const looseInput = (widget: Widget, event: string): readonly [Rule, string] | undefined => {
  if (widget.type !== 'gather-input-on-call') return undefined;
  const isAlone = !isWired(widget, 'keypress', 'speech');
  if (event === 'speech') return asksWords(widget) ? ['unhandled', 'what is said is not handled (`speech`): the caller is asked to speak, and is not listened to'] : undefined;
  if (isAlone && !asksWords(widget)) return ['unhandled', 'what is keyed is not handled (`keypress`), and the caller is hung up on'];
  return asksKeys(widget) ? ['unhandled', 'what is keyed is not handled (`keypress`): the caller is asked for keys, and they lead nowhere'] : undefined;
};

const turnedBy: Readonly<Partial<Record<Rule, string>>> = {
  endless: 'what happens without the caller’s doing can go round for ever',
  restless: 'the flow can go on by itself for ever, and neither says anything nor waits',
  'task-loop': 'what it runs, and what that answers, can go round for ever',
  'silent-loop': 'silence alone can go round for ever',
  'nomatch-loop': 'input that nothing takes can go round for ever',
  'failure-loop': 'failures can go round for ever',
};

const isZero = (value: unknown): boolean => value === 0 || value === '0';

const looped = (flow: Flow, walked: Walked, way: ScriptTo): readonly Draft[] => [
  ...loopsOf(flow, walked).map((loop) => loopFinding(flow, walked, way, loop)),
  ...walked.moments.flatMap(({ widget, line }, at) => {
    if (line !== 'on' || !isZero(widget.properties['loop']) || !saysSomething(widget)) return [];
    if (widget.type === 'say-play') return [finding('endless', widget.name, 'it is said for ever, since its `loop` is 0', () => way(at))];
    return widget.type === 'gather-input-on-call' ? [finding('silent-loop', widget.name, 'its prompt is said for ever while the caller is silent, since its `loop` is 0', () => [...way(at), { act: 'silence' }])] : [];
  }),
];

/** The loop is named after its first question, or else its first widget, in the order of the file. */
const loopFinding = (flow: Flow, { moments, out }: Walked, way: ScriptTo, { rule, round }: Loop): Draft => {
  const widgetAt = (at: number): Widget => (moments[at] as (typeof moments)[number]).widget;
  const inOrder = round.map((one, index) => ({ index, order: flow.widgets.indexOf(widgetAt(one.from)), asks: kindOf(widgetAt(one.from).type)?.part === 'asks' }));
  const first = inOrder.sort((one, other) => Number(other.asks) - Number(one.asks) || one.order - other.order)[0]?.index ?? 0;
  const turned = [...round.slice(first), ...round.slice(0, first)];
  const [{ from }] = turned as [FlowWay, ...FlowWay[]];
  const path = [...turned.map((one) => widgetAt(one.from).name), widgetAt(from).name].map((name) => `\`${name}\``).join(', ');
  const deciding = turned.filter((one) => one.cause === 'free' && (out[one.from]?.length ?? 0) > 0).map((one) => `\`${widgetAt(one.from).name}\``);
  const unless = deciding.length === 0 ? '' : `; whether ${[...new Set(deciding)].join(' and ')} ends it cannot be seen: a counter would have to be`;
  return finding(rule, widgetAt(from).name, `${turnedBy[rule] ?? ''}: ${path}${unless}`, () => [...way(from), ...actsOf(turned)]);
};

const unreached = (flow: Flow, { moments, complete }: Walked): readonly Draft[] => {
  const reached = reachedFrom(flow, flow.start);
  const inCalls = new Set(moments.filter(({ line }) => line === 'on').map(({ widget }) => widget.name));
  return flow.widgets.flatMap(({ name, type }) => {
    if (name === flow.start.name) return [];
    if (!reached.has(name)) return [finding('unreachable', name, 'nobody can come to it', null)];
    return complete && aboutCalls.has(type) && !inCalls.has(name) ? [finding('unreachable', name, 'it is about calls, and no call comes to it', null)] : [];
  });
};

/** The widgets that edges lead to from `start`, and itself. */
const reachedFrom = ({ widgets }: Flow, start: Widget): ReadonlySet<string> => {
  const reached = new Set([start.name]);
  for (const name of reached) for (const { next } of widgets.find((widget) => widget.name === name)?.edges ?? []) if (next !== undefined) reached.add(next);
  return reached;
};

/** The branches of `split` that ask for the same as one before them, counted from 1. */
const doubled = ({ edges }: Widget): readonly number[] => {
  const asked = edges.filter(({ event }) => event === 'match').map(({ conditions }) => JSON.stringify(conditions));
  return asked.flatMap((one, index) => (one !== '[]' && asked.indexOf(one) < index ? [index + 1] : []));
};

/** What callers suffer from in what is asked and said. */
const unsaid = (flow: Flow, { moments }: Walked, way: ScriptTo): readonly Draft[] => {
  const at = (name: string): number => moments.findIndex(({ widget, line }) => widget.name === name && line === 'on');
  const spoken = flow.widgets.filter(({ name, type }) => (type === 'say-play' || type === 'gather-input-on-call') && at(name) !== -1);
  return [
    ...flow.widgets.filter(({ name, type }) => type === 'split-based-on' && at(name) !== -1).flatMap((split) =>
      [...new Set(doubled(split))].map((branch) => finding('option-doubled', split.name, `its branch ${branch} asks for what a branch before it takes, and is never taken`, () => way(at(split.name)), `match ${branch}`))),
    ...moments.flatMap(({ widget, line, told }, index) =>
      (line === 'on' && !told && widget.type === 'gather-input-on-call' && !saysSomething(widget) ? [finding('question-mute', widget.name, 'it waits for the caller and tells him nothing', () => way(index))] : [])),
    ...spoken.flatMap((widget) => {
      const words = wordsIn(textOf(widget) ?? '');
      return words <= longestPromptWords ? [] : [finding('prompt-long', widget.name, `it says ${words} words in one go; callers remember the last of them`, () => way(at(widget.name)))];
    }),
    ...menusOf(flow, readerOf(flow)).filter(({ question }) => at(question.name) !== -1).flatMap(({ question, keys, said }) => {
      if (said === undefined || said === '') return [];
      const script = (key: string) => (): CallerScript => [...way(at(question.name)), { act: 'press', keys: key }];
      return [
        ...keys.filter((key) => !names(said, key)).map((key) => finding('option-unsaid', question.name, `the key ${key} is taken, and nobody is told of it`, script(key), key)),
        ...keysTold(said).filter((key) => !keys.includes(key)).map((key) => finding('option-unsaid', question.name, `callers are told to press ${key}, and no branch takes it`, script(key), key)),
      ];
    }),
  ];
};

/** What holds for every flow. */
const always = [
  'that Studio itself ends an execution of 1,000 steps, or one in which a widget comes 10 times over, is no ending for a caller, and was not counted on',
  'Liquid is read where it names the input of a question, a variable, or a counter; anything else that it computes was taken to be possible',
  'what an HTTP request, a function or a message comes to is not known: success and failure were both taken to be possible',
  'how long anything takes, `loop` within a question (but for 0), and what Studio writes into its own log were not examined',
];

const notesOn = (flow: Flow, { moments }: Walked): readonly string[] => {
  const live = [...new Set(moments.slice(1).filter(({ line }) => line === 'on').map(({ widget }) => widget))];
  const [reached, walked] = [reachedFrom(flow, flow.start), new Set(moments.map(({ widget }) => widget.name))];
  const other = flow.widgets.filter(({ name }) => reached.has(name) && !walked.has(name)).length;
  const listed = (widgets: readonly Widget[]): string => widgets.map(({ name }) => `\`${name}\``).join(', ');
  const dialled = live.filter((widget) => widget.type === 'connect-call-to' && !isWired(widget, 'callCompleted'));
  const elsewhere = live.filter(({ type }) => ['add-twiml-redirect', 'connect-virtual-agent', 'connect-virtual-agent-v2', 'send-to-auto-pilot'].includes(type));
  const begins = Object.keys(callEvents).filter((event) => isWired(flow.start, event));
  return [
    `calls were followed from ${begins.map((event) => `\`${event}\``).join(', ')}`,
    ...(begins.includes('incomingParent') ? ['where the flow ends as a subflow, the flow that runs it goes on: what is said here of calls that end is of others'] : []),
    ...(other === 0 ? [] : [`${counted(other, 'widget')} that only messages reach ${other === 1 ? 'was' : 'were'} not examined`]),
    ...(dialled.length === 0 ? [] : [`whether anybody answers at ${listed(dialled)} is not looked at by the flow: where nobody does, the call ends there`]),
    ...(elsewhere.length === 0 ? [] : [`what callers hear at ${listed(elsewhere)} is not in the flow`]),
    ...always,
  ];
};
