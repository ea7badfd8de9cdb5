/**
 * Explore — every moment that a call of a bot can come to, and every way from one to another.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { isQuestion, type Operation } from '../../actions/index.ts';
import { requireBot } from '../bot-facts.ts';
import { pathBelow, stateName } from '../chart.ts';
import { type Advance, advance, type Decision, type Ground } from './advance.ts';
import { type Blueprint, blueprints } from './blueprint.ts';
import type { CallerScript } from './caller-script.ts';
import type { Delivery } from './delivery.ts';
import type { Way } from './graph.ts';
import { type Cause, type Happening, happenings, isInput } from './happenings.ts';
import { askedTwice, factsAt, legality } from './legality.ts';
import { type ActorAt, actorIn, type Asking, deepest, isPending, isTask, keyOf, knownText, type Moment, mostParked, standingOf } from './moment.ts';
import { speaks } from './resting.ts';
import { mayGoOn } from './taking.ts';
import { everyWay } from './tape.ts';
import { says, type Wording, wordingOf } from './wording.ts';

/** A way from one moment to another: something that happened, and what the bot did about it. */
export interface Passage extends Way {
  readonly happening: Happening;
  readonly decided: readonly Decision[];
  readonly prompts: number;
  readonly reprompts: number;
}

/** What the exploration ran into. */
export interface Fault {
  readonly rule: 'dead-end' | 'unhandled' | 'restless' | 'unexamined' | 'batch-illegal' | 'service-limit';
  readonly state: string;
  /** What is wrong, as the rest of a sentence behind the state; a whole sentence for a batch. */
  readonly what: string;
  /** The state that the call comes to rest in, where it ends with it. */
  readonly ends?: string;
  /** The moment it happened at, and what happened there. */
  readonly from: number;
  readonly happening: Happening;
  readonly decided: readonly Decision[];
}

/** The number of the moment at which a call is over. */
export const over = 0;
/** The number of the moment before a call begins. */
export const ringing = 1;

/** All that can become of a call. */
export interface Exploration {
  readonly plan: Blueprint;
  readonly moments: readonly (Moment | null)[];
  readonly ways: readonly Passage[];
  readonly faults: readonly Fault[];
  /** By machine the numbers of the states that were entered. */
  readonly reached: ReadonlyMap<string, ReadonlySet<number>>;
  /** Guards of which it was known somewhere what they say. */
  readonly concluded: ReadonlySet<string>;
  /** By machine the names in its context that guards looked at, and that were not followed. */
  readonly wanted: ReadonlyMap<string, ReadonlySet<string>>;
  readonly wording: Wording;
  readonly planOf: (machine: AnyStateMachine) => Blueprint;
  /** Everything that was asked for anywhere, once. */
  readonly asked: ReadonlyMap<Asking['ask'], Asking & { readonly plan: Blueprint }>;
  /** How many ways were tried. */
  readonly tried: number;
  /** States in which calls are hung up on that nothing has ended. */
  readonly closed: ReadonlySet<string>;
  /** Where calls are while they are being hung up on, or refused, and how they come there first. */
  readonly closing: readonly (Pick<Fault, 'from' | 'happening' | 'decided'> & { readonly moment: Moment })[];
  /** By state where what it asks for is first sent. */
  readonly heard: ReadonlyMap<string, Pick<Fault, 'from' | 'happening' | 'decided'>>;
  /** States that ask where nothing has been said before in the same batch. */
  readonly mute: readonly string[];
  /** A state in which more can pile up for the service to say than is counted; '' where there is none. */
  readonly crowded: string;
  /** False when there were too many moments, or too many values of what was followed. */
  readonly complete: boolean;
  /** A name that is followed and takes too many values to follow, with its machine. */
  readonly boundless?: { readonly machine: string; readonly name: string };
}

/** What is followed of contexts, and how far. */
export interface Reach {
  readonly followed?: ReadonlyMap<string, ReadonlySet<string>>;
  readonly most?: number;
  /** Ways that are tried, at most. */
  readonly mostWays?: number;
  /** Refuses a batch that the service does not take, by throwing. */
  readonly batch?: (batch: readonly Operation[]) => void;
}

/** More values of one name than these are not a counter that anybody would wait for. */
const mostValues = 64;

/** Explores what can become of a call of `machine`. */
export const explore = (machine: AnyStateMachine, { followed = new Map(), most = 200_000, mostWays = 3_000_000, batch }: Reach = {}): Exploration => {
  const facts = requireBot(machine);
  const planOf = blueprints();
  const plan = planOf(machine);
  const ground: Ground = { planOf, reached: new Map(), followed, concluded: new Set(), wanted: new Map() };
  const wording = wordingOf(facts);
  const moments: (Moment | null)[] = [null, null];
  const known = new Map<string, number>();
  const ways: Passage[] = [];
  const faults: Fault[] = [];
  const asked = new Map<Asking['ask'], Asking & { readonly plan: Blueprint }>();
  const values = new Map<string, Set<string>>();
  const mute = new Set<string>();
  const closed = new Set<string>();
  const closing = new Map<string, Exploration['closing'][number]>();
  const heard = new Map<string, Pick<Fault, 'from' | 'happening' | 'decided'>>();
  /** Ways that differ in nothing but what guards said. */
  let alike = new Set<string>();
  let boundless: Exploration['boundless'];
  let crowded = '';
  let tried = 0;
  const isEnough = (): boolean => moments.length > most || tried > mostWays;

  const numberOf = (moment: Moment, cause: Cause): number => {
    const key = keyOf(moment);
    const found = known.get(key);
    if (moment.parked.length > mostParked && !isInput(cause)) crowded ||= nameOf(moment);
    if (found !== undefined) return found;
    known.set(key, moments.length);
    watch(moment.root);
    return moments.push(moment) - 1;
  };

  /** Gives up on names that take ever new values. */
  const watch = (actor: ActorAt): void => {
    for (const [name, value] of Object.entries(actor.context)) {
      const place = `${actor.plan.id} ${name}`;
      const seen = values.get(place) ?? new Set<string>();
      values.set(place, seen.add(knownText(value)));
      if (seen.size > mostValues) boundless ??= { machine: actor.plan.id, name };
    }
    for (const child of actor.children.values()) if (!isTask(child)) watch(child);
  };

  const illegal = legality(wording, batch);

  /** What becomes of the call after one way in which `happening` went. */
  const arrive = (from: number, happening: Happening, { rest, sent, decided, done, obstacle, taken, asked: some }: Advance): void => {
    if (happening.delivery?.to === 'line' && !taken) return; // nobody looks at who comes and goes
    for (const one of some) if (!asked.has(one.ask)) asked.set(one.ask, { ...one, plan: planAt(rest ?? undefined, one, plan) });
    const fault = (rule: Fault['rule'], state: string, what: string, ends?: string): void => void faults.push({ rule, state, what, from, happening, decided, ...(ends !== undefined && { ends }) });
    for (const one of some) if (!wording(one.ask, factsAt(rest?.root, one)).foreseen) fault('unexamined', one.state, 'asks by parameters that are computed by hand, and nobody can say before a call what it waits for');
    if (obstacle !== undefined && obstacle.rule !== 'apology') fault(obstacle.rule, obstacle.state, obstacle.what);
    for (const { state } of sent) if (!heard.has(state)) heard.set(state, { from, happening, decided });
    if (rest === null) return;
    const before = moments[from] ?? undefined;
    const closes = sent.some(({ ask: { type } }) => type === 'hangup' || type === 'reject');
    const isAnswered = happening.delivery?.to !== 'line'; // nobody runs what is said in answer to a change of the line
    const isDone = (done || before?.done === true) && !rest.done;
    const isOver = isDone || (!closes && isAnswered && rest.waiting === null && !isPending(rest));
    const broken = askedTwice(some, rest.root) ?? (sent.length === 0 ? undefined : illegal(sent, rest, { answered: before?.answered ?? false, held: before?.held ?? false, over: isOver }));
    if (broken !== undefined) fault(broken.rule, broken.state, broken.what);
    if (broken?.rule === 'batch-illegal') { // it is never sent: the caller hears the apology, and the call ends. What a service alone refuses is gone on from
      ways.push({ from, to: over, happening, decided, prompts: 0, reprompts: 0 });
      return;
    }
    if (broken === undefined) tellEnd(fault, { rest, before, happening, taken, isOver, isDone, speaks: sent.at(-1)?.state === nameOf(rest) && !mayGoOn(rest.root) });
    if ((closes || isOver) && !closing.has(statesOf(rest).join())) closing.set(statesOf(rest).join(), { moment: rest, from, happening, decided });
    ways.push(...passages({ from, to: closes || isOver ? over : numberOf(rest, happening.cause), happening, decided }, sent, rest));
  };

  /** Tells of an ending that nobody takes, and of a call that ends where nothing says so. */
  const tellEnd = (
    fault: (rule: Fault['rule'], state: string, what: string, ends?: string) => void,
    { rest, before, happening, taken, isOver, isDone, speaks }: { readonly rest: Moment; /** Whether the state that the call rests in has just said something: a hangup after that is as good as said. */ readonly speaks: boolean; readonly before: Moment | undefined; readonly happening: Happening; readonly taken: boolean; readonly isOver: boolean; readonly isDone: boolean },
  ): void => {
    const ends = isOver && !isDone ? nameOf(rest) : undefined;
    if (ends !== undefined) closed.add(ends);
    if (!taken && before !== undefined && happening.delivery?.to === 'waiting' && (isOver || isAsked(before))) fault('unhandled', nameOf(before), happening.what, ends);
    else if (!taken && happening.delivery?.to === 'task' && ends !== undefined) fault('unhandled', happening.delivery.path, 'done' in happening.delivery.result ? 'invoke.onDone' : 'invoke.onError', ends);
    else if (ends !== undefined && !speaks) fault('dead-end', ends, '', ends);
  };

  /** The passage with what is said on it; none where there is one like it already. */
  const passages = (way: Pick<Passage, 'from' | 'to' | 'happening' | 'decided'>, sent: readonly Asking[], rest: Moment): readonly Passage[] => {
    const isAgain = ({ asked: counts }: Asking): boolean => (counts?.attempts ?? 1) > 1;
    const prompts = sent.filter((one) => says(wording(one.ask, factsAt(rest.root, one)), isAgain(one))).length;
    const reprompts = sent.filter((one) => isQuestion(one.ask.type) && one.node !== null && isAgain(one)).length;
    const last = sent.at(-1);
    if (prompts === 0 && last?.ask.type === 'recognize') mute.add(last.state);
    const key = `${way.to} ${way.happening.what} ${prompts} ${reprompts}`;
    if (alike.has(key)) return [];
    alike.add(key);
    return [{ ...way, prompts, reprompts }];
  };

  const take = (from: number, happening: Happening, delivery: Delivery): void => {
    alike = new Set();
    const { results, complete } = everyWay((choose) => advance(ground, moments[from] ?? { plan }, delivery, choose), 1_024);
    tried += results.length;
    for (const result of results) arrive(from, happening, result);
    if (!complete) faults.push({ rule: 'unexamined', state: moments[from] ? nameOf(moments[from] as Moment) : '', what: 'so many guards depend on one another that not every way could be tried', from, happening, decided: [] });
  };

  const incoming: Happening = { cause: 'line', what: 'call.incoming', delivery: { to: 'waiting', path: '', event: { type: 'call.incoming' } }, silenceMs: 0, act: null };
  take(ringing, incoming, incoming.delivery as Delivery);
  for (let from = 2; from < moments.length && !isEnough() && boundless === undefined; from += 1) {
    for (const happening of happenings(moments[from] as Moment, wording)) {
      if (happening.delivery === null) ways.push({ from, to: over, happening, decided: [], prompts: 0, reprompts: 0 });
      else take(from, happening, happening.delivery);
    }
  }
  return { plan, moments, ways, faults, reached: ground.reached, concluded: ground.concluded, wanted: ground.wanted, wording, planOf, asked, heard, closed, tried, mute: [...mute], closing: [...closing.values()], crowded, complete: !isEnough() && boundless === undefined, ...(boundless !== undefined && { boundless }) };
};

/** Every state that is active at a moment, behind the path of its dialog: `order`, `order.size`, `order/size`. */
export const statesOf = ({ root }: Moment): readonly string[] => {
  const gathered = ({ plan, active, children }: ActorAt, path: string): readonly string[] => [
    ...active.flatMap((index) => (plan.states[index]?.path ? [stateName(path, plan.states[index].path)] : [])),
    ...[...children].flatMap(([id, child]) => (isTask(child) ? [] : gathered(child, pathBelow(path, id)))),
  ];
  return [...gathered(root, '')].sort();
};

/** Whether the caller, or another party, has been asked for something; what was only said may end as it likes while something else is pending. */
const isAsked = ({ waiting }: Moment): boolean => waiting !== null && !speaks.has(waiting.ask.type);

const planAt = (rest: Moment | undefined, { path }: Asking, plan: Blueprint): Blueprint => (rest === undefined ? plan : (actorIn(rest.root, path)?.plan ?? plan));

/** The state that a call waits in, as people name it. */
export const nameOf = ({ root, waiting }: Moment): string => {
  const path = waiting?.path ?? deepest(root);
  const actor = actorIn(root, path) ?? root;
  return actor === root ? standingOf(actor) : stateName(path, standingOf(actor));
};

/** `ways`, those first for which the least has to be assumed of guards: of two that are equally short the plainer one is told. */
export const plainFirst = (ways: readonly Passage[]): readonly Passage[] => [...ways].sort((a, b) => a.decided.length - b.decided.length);

/** What there is to do to go `ways`: as much as happens, and of as much the less is to be assumed of guards. */
export const effort = (ways: readonly Pick<Passage, 'decided'>[]): number => ways.length * 1_000 + ways.reduce((sum, { decided }) => sum + decided.length, 0);

/** A caller who goes `ways`; null where a script cannot have it all happen. */
export const scriptOf = (ways: readonly { readonly happening: Happening; readonly decided: readonly Decision[] }[]): CallerScript | null => {
  const told = new Map<string, boolean>();
  const script: CallerScript[number][] = [];
  for (const { happening: { act, what }, decided } of ways) {
    if (decided.some(({ guard, holds }) => decided.some((other) => other.guard === guard && other.holds !== holds))) return null; // of one event it cannot be assumed both ways
    for (const { guard, holds } of decided) {
      if (told.get(guard) === holds) continue;
      if (told.has(guard) && script.every((one) => one.act === 'assume')) return null; // what stands first holds when the phone rings
      told.set(guard, holds);
      script.push({ act: 'assume', guard, holds });
    }
    if (what === 'call.incoming') continue;
    if (act === null) return null;
    script.push(act);
  }
  return script;
};
