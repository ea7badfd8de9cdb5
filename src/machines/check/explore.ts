/**
 * Explore — every moment that a call of a bot can come to, and every way from one to another.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { chosen, compose, isQuestion, type Operation, type Placed, type PromptItem } from '../../actions/index.ts';
import { isCallError } from '../../errors.ts';
import { requireBot } from '../bot-facts.ts';
import { type Advance, advance, type Decision, type Delivery, type Ground, isPending, speaks } from './advance.ts';
import { type Blueprint, blueprints, type StatePlan } from './blueprint.ts';
import type { CallerScript } from './caller-script.ts';
import type { Way } from './graph.ts';
import { type Happening, happenings } from './happenings.ts';
import { type ActorAt, actorIn, type Asking, deepest, isTask, keyOf, type Moment, mostParked, standingOf } from './moment.ts';
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
  /** By machine the names in its context that guards looked at, and that were not followed. */
  readonly wanted: ReadonlyMap<string, ReadonlySet<string>>;
  readonly wording: Wording;
  readonly planOf: (machine: AnyStateMachine) => Blueprint;
  /** Everything that was asked for anywhere, once. */
  readonly asked: ReadonlyMap<Asking['ask'], Asking & { readonly plan: Blueprint }>;
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
  /** Refuses a batch that the service does not take, by throwing. */
  readonly batch?: (batch: readonly Operation[]) => void;
}

/** More values of one name than these are not a counter that anybody would wait for. */
const mostValues = 64;

/** Explores what can become of a call of `machine`. */
export const explore = (machine: AnyStateMachine, { followed = new Map(), most = 200_000, batch }: Reach = {}): Exploration => {
  const facts = requireBot(machine);
  const planOf = blueprints();
  const plan = planOf(machine);
  const ground: Ground = { planOf, reached: new Map(), followed, wanted: new Map() };
  const wording = wordingOf(facts);
  const moments: (Moment | null)[] = [null, null];
  const known = new Map<string, number>();
  const ways: Passage[] = [];
  const faults: Fault[] = [];
  const asked = new Map<Asking['ask'], Asking & { readonly plan: Blueprint }>();
  const legal = new Map<string, string | undefined>();
  const values = new Map<string, Set<string>>();
  const mute = new Set<string>();
  /** Ways that differ in nothing but what guards said. */
  let alike = new Set<string>();
  let boundless: Exploration['boundless'];
  let crowded = '';

  const numberOf = (moment: Moment): number => {
    const key = keyOf(moment);
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, moments.length);
    if (moment.parked.length > mostParked) crowded ||= nameOf(moment);
    watch(moment.root);
    return moments.push(moment) - 1;
  };

  /** Gives up on names that take ever new values. */
  const watch = (actor: ActorAt): void => {
    for (const [name, value] of Object.entries(actor.context)) {
      const place = `${actor.plan.id} ${name}`;
      const seen = values.get(place) ?? new Set<string>();
      values.set(place, seen.add(typeof value === 'symbol' ? '?' : JSON.stringify(value)));
      if (seen.size > mostValues) boundless ??= { machine: actor.plan.id, name };
    }
    for (const child of actor.children.values()) if (!isTask(child)) watch(child);
  };

  const factsAt = (root: ActorAt | undefined, { path, node }: Pick<Asking, 'path' | 'node'>): StatePlan['facts'] => (node === null || root === undefined ? undefined : actorIn(root, path)?.plan.states[node]?.facts);

  /** The rule that a batch breaks, as a sentence; undefined when it breaks none. */
  const illegal = (some: readonly Asking[], rest: Moment, line: { readonly answered: boolean; readonly held: boolean; readonly over: boolean }): { readonly rule: 'batch-illegal' | 'service-limit'; readonly what: string } | undefined => {
    const placed = some.map((one): Placed => {
      const { params, type } = wording(one.ask, factsAt(rest.root, one)).action;
      const { reprompts: _, atRunTime: __, ...sent } = params as { readonly prompts?: readonly PromptItem[]; readonly [name: string]: unknown };
      return { type, params: sent.prompts === undefined ? sent : { ...sent, prompts: chosen(sent.prompts, one.state) }, state: one.state } as Placed;
    });
    try {
      const composed = compose(placed, line);
      if (some.some(({ ask }) => isQuestion(ask.type)) && openQuestions(rest.root) > 1) return { rule: 'batch-illegal', what: `state \`${some.at(-1)?.state}\`: two questions are open at once` };
      const worded = composed.map((action, index): Operation => ({ ...action, operationId: `${index}` }));
      try {
        batch?.(worded);
      } catch (error) {
        if (!isCallError(error)) throw error;
        return { rule: 'service-limit', what: error.message };
      }
      return undefined;
    } catch (error) {
      if (!isCallError(error)) throw error;
      return { rule: 'batch-illegal', what: error.message };
    }
  };

  const illegalOnce = (some: readonly Asking[], rest: Moment, line: { readonly answered: boolean; readonly held: boolean; readonly over: boolean }): ReturnType<typeof illegal> => {
    const key = `${some.map(({ ask, state }) => `${identity(ask)}${state}`).join()} ${line.answered} ${line.held} ${line.over} ${openQuestions(rest.root)}`;
    if (!legal.has(key)) {
      const found = illegal(some, rest, line);
      legal.set(key, found === undefined ? undefined : `${found.rule} ${found.what}`);
    }
    const found = legal.get(key);
    if (found === undefined) return undefined;
    const space = found.indexOf(' ');
    return { rule: found.slice(0, space) as 'batch-illegal', what: found.slice(space + 1) };
  };

  /** What becomes of the call after one way in which `happening` went. */
  const arrive = (from: number, happening: Happening, result: Advance): void => {
    const { rest, decided, done, obstacle, taken, sent } = result;
    if (happening.delivery?.to === 'line' && !taken) return; // nobody looks at who comes and goes
    for (const one of result.asked) if (!asked.has(one.ask)) asked.set(one.ask, { ...one, plan: planAt(rest ?? undefined, one, plan) });
    const fault = (rule: Fault['rule'], state: string, what: string, ends?: string): void => void faults.push({ rule, state, what, from, happening, decided, ...(ends !== undefined && { ends }) });
    for (const one of result.asked) if (!wording(one.ask, factsAt(rest?.root, one)).foreseen) fault('unexamined', one.state, 'asks by parameters that are computed by hand, and nobody can say before a call what it waits for');
    const before = moments[from] ?? undefined;
    let to = over;
    let heard = obstacle === undefined ? sent : []; // a step that is abandoned sends nothing
    if (obstacle !== undefined) {
      if (obstacle.rule !== 'apology') fault(obstacle.rule, obstacle.state, obstacle.what);
    } else if (rest !== null) {
      const closes = sent.some(({ ask: { type } }) => type === 'hangup' || type === 'reject');
      const isDone = (done || before?.done === true) && !rest.done;
      const isOver = isDone || (!closes && rest.waiting === null && !isPending(rest));
      const broken = sent.length === 0 ? undefined : illegalOnce(sent, rest, { answered: before?.answered ?? false, held: before?.held ?? false, over: isOver });
      const isAnswer = happening.delivery?.to === 'waiting' && before !== undefined;
      if (broken !== undefined) fault(broken.rule, sent.at(-1)?.state ?? '', broken.what);
      else if (!taken && isAnswer && (isOver || isAsked(before))) fault('unhandled', nameOf(before), happening.what, isOver && !isDone ? nameOf(rest) : undefined);
      else if (isOver && !isDone && broken === undefined) fault('dead-end', nameOf(rest), '', nameOf(rest));
      if (broken?.rule === 'batch-illegal') heard = [];
      else if (!closes && !isOver) to = numberOf(rest); // what a service refuses is mended there, and not what comes after
    }
    const prompts = heard.filter((one) => says(wording(one.ask, factsAt(rest?.root, one)), (one.asked?.attempts ?? 1) > 1)).length;
    const reprompts = heard.filter((one) => isQuestion(one.ask.type) && one.node !== null && (one.asked?.attempts ?? 1) > 1).length;
    const last = heard.at(-1);
    if (prompts === 0 && last?.ask.type === 'recognize') mute.add(last.state);
    const way = `${from} ${to} ${happening.what} ${prompts} ${reprompts}`;
    if (alike.has(way)) return;
    alike.add(way);
    ways.push({ from, to, happening, decided, prompts, reprompts });
  };

  const take = (from: number, happening: Happening, delivery: Delivery): void => {
    alike = new Set();
    const { results, complete } = everyWay((choose) => advance(ground, moments[from] ?? { plan }, delivery, choose), 1_024);
    for (const result of results) arrive(from, happening, result);
    if (!complete) faults.push({ rule: 'unexamined', state: moments[from] ? nameOf(moments[from] as Moment) : '', what: 'so many guards depend on one another that not every way could be tried', from, happening, decided: [] });
  };

  const incoming: Happening = { cause: 'line', what: 'call.incoming', delivery: { to: 'waiting', path: '', event: { type: 'call.incoming' } }, silenceMs: 0, act: null };
  take(ringing, incoming, incoming.delivery as Delivery);
  for (let from = 2; from < moments.length && moments.length <= most && boundless === undefined; from += 1) {
    for (const happening of happenings(moments[from] as Moment, wording)) {
      if (happening.delivery === null) ways.push({ from, to: over, happening, decided: [], prompts: 0, reprompts: 0 });
      else take(from, happening, happening.delivery);
    }
  }
  return { plan, moments, ways, faults, reached: ground.reached, wanted: ground.wanted, wording, planOf, asked, mute: [...mute], crowded, complete: moments.length <= most && boundless === undefined, ...(boundless !== undefined && { boundless }) };
};

/** Whether the caller, or another party, has been asked for something; what was only said may end as it likes while something else is pending. */
const isAsked = ({ waiting }: Moment): boolean => waiting !== null && !speaks.has(waiting.ask.type);

const identities = new WeakMap<object, number>();
let latest = 0;
const identity = (thing: object): number => {
  const known = identities.get(thing) ?? (latest += 1);
  identities.set(thing, known);
  return known;
};

/** How many questions of makers are open. */
const openQuestions = ({ plan, active, children }: ActorAt): number =>
  active.filter((index) => {
    const kind = plan.states[index]?.facts?.kind;
    return kind === 'recognize' || kind === 'record';
  }).length + [...children.values()].reduce((count, child) => count + (isTask(child) ? 0 : openQuestions(child)), 0);

const planAt = (rest: Moment | undefined, { path }: Asking, plan: Blueprint): Blueprint => (rest === undefined ? plan : (actorIn(rest.root, path)?.plan ?? plan));

/** The state that a call waits in, as people name it. */
export const nameOf = ({ root, waiting }: Moment): string => {
  const path = waiting?.path ?? deepest(root);
  const actor = actorIn(root, path) ?? root;
  return path === '' || actor === root ? standingOf(actor) : `${path}/${standingOf(actor)}`;
};

/** A caller who goes `ways`; null where a script cannot have it all happen. */
export const scriptOf = (ways: readonly { readonly happening: Happening; readonly decided: readonly Decision[] }[]): CallerScript | null => {
  const told = new Map<string, boolean>();
  const script: CallerScript[number][] = [];
  for (const { happening: { act, what }, decided } of ways) {
    for (const { guard, holds } of decided) {
      if (told.get(guard) === holds) continue;
      told.set(guard, holds);
      script.push({ act: 'assume', guard, holds });
    }
    if (what === 'call.incoming') continue;
    if (act === null) return null;
    script.push(act);
  }
  return script;
};
