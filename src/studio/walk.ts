/**
 * Walk — every moment that a call can be in while a flow has it, and the ways between them.
 *
 * A moment is a widget with what matters of how it was reached: whether anybody is on the line, whether he has been told anything
 * since he last did something, and what he gave at the last question, where a split looks at it. So a split after a question knows
 * silence from a key, and one key from another.
 *
 * @module
 */
import type { CallerScript, ScriptAct } from '../machines/check/caller-script.ts';
import { leaving, type Way } from '../machines/check/graph.ts';
import { type Condition, eventOf, type Flow, type Widget } from './flow.ts';
import { argumentOf, type Field, holds, type Reading, readerOf, samplesOf } from './liquid.ts';
import { digitsAsked } from './prompts.ts';
import { aboutCalls, type Ending, endingOf, type Kind, kindOf } from './widgets.ts';

/** What makes a call go a way. */
export type Cause =
  /** Nothing but the flow itself. */
  | 'step'
  /** What a request, a function or a message came to. */
  | 'answer'
  /** What became of the call to somebody else. */
  | 'service'
  /** Something that cannot be seen in the flow. */
  | 'free'
  | 'silence'
  /** A key or words that a split is still to look at. */
  | 'pending'
  /** A key or words that nothing takes. */
  | 'nomatch'
  | 'failure'
  /** The caller did what he was asked for, or somebody did who had the call. */
  | 'input';

/** Who is on the line: nobody yet, the caller, or nobody any more. */
export type Line = 'before' | 'on' | 'gone';

/** What a caller gave at a question. */
interface Given {
  readonly question: string;
  readonly field: Field | undefined;
  /** The keys or the words; empty after silence. */
  readonly value: string;
}

export interface Moment {
  readonly widget: Widget;
  readonly line: Line;
  /** Whether the caller has been told something since he last did anything. */
  readonly told: boolean;
  readonly given: Given | undefined;
}

/** How a widget ends, at a moment. */
interface Step {
  /** The event; of a split `noMatch`, or `match 2` for the second of its branches. */
  readonly event: string;
  readonly ending: Ending | undefined;
  readonly cause: Cause;
  readonly next: string | undefined;
  readonly acts: CallerScript;
  readonly line: Line;
  readonly told: boolean;
  readonly given: Given | undefined;
}

/** A way that is wired. */
export interface FlowWay extends Way, Pick<Step, 'event' | 'cause' | 'acts'> {}

/** An ending that nothing is wired to: the call ends there. */
export interface Loose extends Pick<Step, 'event' | 'ending' | 'cause' | 'acts' | 'told'> {
  readonly at: number;
}

export interface Walked {
  readonly moments: readonly Moment[];
  /** The ways that leave each moment. */
  readonly out: readonly (readonly FlowWay[])[];
  readonly loose: readonly Loose[];
  /** False where the walk was given up, since there are too many moments. */
  readonly complete: boolean;
}

/** The most moments that are walked. */
export const mostMoments = 50_000;

/** Events of the trigger that calls come from, and who is on the line then. */
export const callEvents = { incomingCall: 'on', incomingRequest: 'before', incomingParent: 'before' } as const satisfies Readonly<Record<string, Line>>;

/** All moments of calls in `flow`. The first one is before the trigger has done anything. */
export const walk = (flow: Flow): Walked => {
  const widgets = new Map(flow.widgets.map((widget) => [widget.name, widget]));
  const stepper = stepsOf(flow);
  const moments: Moment[] = [{ widget: flow.start, line: 'before', told: false, given: undefined }];
  const numbers = new Map<string, number>();
  const ways: FlowWay[] = [];
  const loose: Loose[] = [];

  const numberOf = (moment: Moment): number => {
    const key = JSON.stringify([moment.widget.name, moment.line, moment.told, moment.given]);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, moments.length);
    return moments.push(moment) - 1;
  };

  for (let at = 0; at < moments.length && moments.length <= mostMoments; at += 1) {
    const moment = moments[at] as Moment;
    for (const { event, ending, cause, next, acts, line, told, given } of at === 0 ? begins(flow.start) : stepper(moment)) {
      const widget = next === undefined ? undefined : widgets.get(next);
      if (widget === undefined) loose.push({ at, event, ending, cause, acts, told });
      else ways.push({ from: at, to: numberOf({ widget, line: lineAt(widget, line), told, given: kindOf(widget.type)?.part === 'asks' ? undefined : given }), event, cause, acts });
    }
  }
  return { moments, out: leaving(moments.length, ways), loose, complete: moments.length <= mostMoments };
};

const begins = ({ edges }: Widget): readonly Step[] =>
  edges.flatMap(({ event, next }) => (Object.hasOwn(callEvents, event) && next !== undefined
    ? [{ event, ending: undefined, cause: 'step', next, acts: [], line: callEvents[event as keyof typeof callEvents], told: false, given: undefined } as const]
    : []));

/** A widget that speaks or asks has somebody to speak to. */
const lineAt = ({ type }: Widget, line: Line): Line => (line === 'before' && aboutCalls.has(type) ? 'on' : line);

/** How each widget of `flow` can end. */
const stepsOf = (flow: Flow): ((moment: Moment) => readonly Step[]) => {
  const read = readerOf(flow);
  const looks = looksOf(flow, read);
  return (moment) => {
    const { widget } = moment;
    const kind = kindOf(widget.type);
    if (kind === undefined || widget.type === 'trigger') return widget.edges.map(({ event, next }) => stepped(moment, { event, ending: undefined, cause: 'input', next, acts: [], told: true }));
    if (widget.type === 'split-based-on') return branches(moment, read);
    if (widget.type === 'gather-input-on-call') return gathered(moment, kind, looks);
    return [
      ...Object.entries(kind.endings).flatMap(([event, ending]) => {
        const step = { event, ending, cause: causeOf(widget, kind, ending), acts: actsOf(widget, kind, event, ending), told: toldAfter(moment, kind, ending) };
        return nextOf(widget, event).map((next) => stepped(moment, { ...step, next }));
      }),
      ...strangers(moment, kind),
    ];
  };
};

/** Edges on events that a widget does not have. */
const strangers = (moment: Moment, kind: Kind): readonly Step[] =>
  moment.widget.edges.filter(({ event, next }) => endingOf(kind, event) === undefined && next !== undefined).map(({ event, next }) => stepped(moment, { event, ending: undefined, cause: 'input', next, acts: [], told: true }));

const stepped = (moment: Moment, step: Omit<Step, 'line' | 'given'> & { readonly given?: Given | undefined }): Step => {
  const line = step.ending === 'gone' ? 'gone' : step.ending === 'taken' ? 'on' : moment.line;
  return { ...step, line, given: line === 'gone' ? undefined : 'given' in step ? step.given : moment.given };
};

/** Where `event` leads; one undefined where nothing is wired to it. */
const nextOf = ({ edges }: Widget, event: string): readonly (string | undefined)[] => {
  const wired = edges.filter((edge) => edge.event === event && edge.next !== undefined);
  return wired.length === 0 ? [undefined] : wired.map(({ next }) => next);
};

const causeOf = ({ type }: Widget, { part }: Kind, ending: Ending): Cause => {
  if (ending === 'silence' || ending === 'nomatch' || ending === 'failure' || ending === 'input' || ending === 'answer') return ending;
  if (part === 'hands') return type === 'connect-call-to' ? 'service' : 'input'; // a call that comes back from a person or a document is there because they sent it
  return part === 'dials' ? 'service' : 'step';
};

const toldAfter = ({ widget, told }: Moment, { part }: Kind, ending: Ending): boolean => {
  if (part === 'asks') return ending === 'input'; // of a recording: who has left a message has had his say
  if (part === 'dials') return false;
  return part === 'hands' || told || (part === 'says' && saysSomething(widget));
};

/** Whether `widget` says or plays anything. */
export const saysSomething = ({ properties }: Widget): boolean =>
  ['say', 'play', 'digits'].some((field) => typeof properties[field] === 'string' && properties[field].trim() !== '');

const actsOf = ({ name }: Widget, { part }: Kind, event: string, ending: Ending): CallerScript => {
  switch (ending) {
    case 'silence':
      return [{ act: 'silence' }];
    case 'answer':
      return [{ act: 'task', path: name, done: null }];
    case 'failure':
      return [part === 'hands' ? { act: 'service', outcome: 'failed' } : { act: 'task', path: name, failed: '' }];
    case 'input':
      return part === 'asks' ? [{ act: 'record', recordMs: 3_000 }] : [];
    case 'gone':
      return part === 'dials' ? [{ act: 'service', outcome: event === 'busy' ? 'busy' : event === 'noAnswer' ? 'noanswer' : 'failed' }] : [{ act: 'hangup' }];
    default:
      return part === 'hands' || part === 'dials' ? [{ act: 'service', outcome: 'done' }] : [];
  }
};

/** For each question that a split looks at: what callers might give, of each kind. */
type Looks = ReadonlyMap<string, Readonly<Record<Field, readonly string[]>>>;

const looksOf = ({ widgets }: Flow, read: (template: string | undefined) => Reading): Looks => {
  const asked = new Map<string, { readonly field: Field; readonly condition: Condition }[]>();
  for (const split of widgets) {
    if (split.type !== 'split-based-on') continue;
    for (const condition of split.edges.flatMap(({ conditions }) => conditions)) {
      const reading = read(argumentOf(split, condition));
      if (reading.of === 'input') asked.set(reading.widget, [...(asked.get(reading.widget) ?? []), { field: reading.field, condition }]);
    }
  }
  return new Map([...asked].map(([question, looks]) => {
    const conditions = (field: Field): readonly Condition[] => looks.filter((look) => look.field === field).map(({ condition }) => condition);
    const widget = widgets.find(({ name }) => name === question);
    return [question, { Digits: withOther(keysFor(widget, conditions('Digits')), conditions('Digits'), otherKeys(widget)), SpeechResult: withOther([...new Set(conditions('SpeechResult').flatMap(samplesOf))], conditions('SpeechResult'), ['something else']) }] as const;
  }));
};

/** Keys that a caller might press for `conditions` to hold, as many as the question takes. */
const keysFor = (question: Widget | undefined, conditions: readonly Condition[]): readonly string[] => {
  const tried = conditions.some(({ type }) => type === 'regex') ? regexKeys.filter((keys) => conditions.some((condition) => condition.type === 'regex' && holds(condition, keys) === true)).slice(0, 3) : [];
  return [...new Set([...conditions.flatMap(samplesOf), ...tried])].filter((keys) => /^[0-9*#]+$/.test(keys) && keys.length <= digitsOf(question));
};

const regexKeys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '12', '123', '1234', '12345', '123456', '12345678', '1234567890'];

/** The most keys that `question` takes. */
const digitsOf = (question: Widget | undefined): number => {
  const digits = question === undefined ? 0 : digitsAsked(question);
  return digits > 0 ? digits : 32;
};

const otherKeys = (question: Widget | undefined): readonly string[] =>
  ['9', '8', '7', '6', '5', '4', '3', '2', '1', '0', '*', '#', '99', '00', '999'].filter((keys) => keys.length <= digitsOf(question) && keys !== (question?.properties['finish_on_key'] ?? '#'));

/** `values`, and something that none of `conditions` holds for, where there is any. */
const withOther = (values: readonly string[], conditions: readonly Condition[], others: readonly string[]): readonly string[] => {
  const other = others.find((one) => !values.includes(one) && !conditions.some((condition) => holds(condition, one) === true));
  return other === undefined ? values : [...values, other];
};

const fieldOf = { keypress: 'Digits', speech: 'SpeechResult' } as const;

const gathered = (moment: Moment, kind: Kind, looks: Looks): readonly Step[] => {
  const { widget } = moment;
  const looked = looks.get(widget.name);
  const end = (event: string, next: string | undefined, cause: Cause, act: ScriptAct, given: Given | undefined): Step => stepped(moment, { event, ending: endingOf(kind, event), cause, next, acts: [act], told: false, given });
  const nothing = looked === undefined ? undefined : { question: widget.name, field: undefined, value: '' };
  return [
    ...nextOf(widget, 'timeout').map((next) => end('timeout', next, 'silence', { act: 'silence' }, nothing)),
    ...(['keypress', 'speech'] as const).flatMap((event) => {
      const field = fieldOf[event];
      const act = (value: string): ScriptAct => (event === 'keypress' ? { act: 'press', keys: value } : { act: 'say', words: value });
      const values = looked === undefined ? [] : looked[field];
      return nextOf(widget, event).flatMap((next) => {
        if (next === widget.name) return [end(event, next, 'nomatch', act(sampleOf(widget, event)), undefined)];
        if (looked === undefined) return [end(event, next, 'input', act(sampleOf(widget, event)), undefined)];
        return (values.length === 0 ? [sampleOf(widget, event)] : values).map((value) => end(event, next, 'pending', act(value), { question: widget.name, field, value }));
      });
    }),
    ...strangers(moment, kind),
  ];
};

const sampleOf = (question: Widget, event: 'keypress' | 'speech'): string => (event === 'speech' ? 'something' : digitsOf(question) > 31 ? '1' : '1'.repeat(digitsOf(question)));

/** The branches of a split that the call can take at `moment`. */
const branches = (moment: Moment, read: (template: string | undefined) => Reading): readonly Step[] => {
  const { widget, given } = moment;
  const steps: Step[] = [];
  const take = (event: string, ending: Ending, next: string | undefined, cause: Cause): number =>
    steps.push(stepped(moment, { event, ending, cause, next, acts: cause === 'free' ? [{ act: 'assume', guard: `${widget.name} ${event}`, holds: true }] : [], told: moment.told }));
  let [isSeen, isGiven, certain] = [true, false, false];
  for (const edge of widget.edges.filter(({ event }) => event === 'match')) {
    const { conditions, next } = edge;
    const readings = conditions.map((condition) => read(argumentOf(widget, condition)));
    const isOfGiven = given !== undefined && readings.length > 0 && readings.every((reading) => reading.of === 'input' && reading.widget === given.question);
    const answers = conditions.map((condition, at) => (isOfGiven ? holds(condition, (readings[at] as { readonly field: Field }).field === given.field ? given.value : '') : undefined));
    isSeen &&= isOfGiven && !answers.includes(undefined);
    isGiven ||= isOfGiven;
    if (answers.includes(false)) continue;
    take(eventOf(widget.edges, edge), 'match', next, isOfGiven ? (given.field === undefined ? (isSeen ? 'step' : 'free') : 'input') : 'free');
    certain = conditions.length > 0 && !answers.includes(undefined);
    if (certain) break;
  }
  if (!certain) for (const next of nextOf(widget, 'noMatch')) take('noMatch', 'nomatch', next, isGiven && given?.field !== undefined ? 'nomatch' : isGiven && isSeen ? 'step' : 'free');
  return steps;
};
