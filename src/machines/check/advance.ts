/**
 * Advance — one event, taken by a call that stands at a moment: every way in which it can go. What `step` does to a real call, on what is
 * known of all calls.
 *
 * The order of business is that of `step` and of XState's actors: an event is given to the actor that waits and climbs to the first above
 * it that takes it; an actor comes to rest before the dialogs that it began do; a dialog that ends wakes the actor above it.
 *
 * @module
 */
import { isQuestion } from '../../actions/index.ts';
import { idAt, parentOf, pathBelow, stateName } from '../chart.ts';
import type { Act, Blueprint, Guard, StatePlan, Trans } from './blueprint.ts';
import { type Delivery, type Event, failedEvent } from './delivery.ts';
import { assigned, contextOf, firstContext, type Followed, holdsOwn, outputOf } from './knowing.ts';
import { type ActorAt, type Ask, type AskedAt, type Asking, isTask, knownText, type Moment, standingOf, type TaskAt, type TimerAt } from './moment.ts';
import { around, beginning, type Configuration, isAtomic, isComplete, type Move, moveOf } from './moving.ts';
import { partly, told, unknown, type Wanted } from './partial.ts';
import { resting, speaks } from './resting.ts';
import { candidates } from './taking.ts';
import type { Choose } from './tape.ts';

/** What was decided on the way about a guard that can hold or not. */
export interface Decision {
  readonly guard: string;
  readonly holds: boolean;
}

/** What stands in the way of following the call further. */
export interface Obstacle {
  readonly rule: 'unexamined' | 'restless' | 'unhandled' | 'apology';
  readonly state: string;
  readonly what: string;
}

/** One way in which an event goes. */
export interface Advance {
  /** Where the call comes to rest; null where an obstacle is met. */
  readonly rest: Moment | null;
  readonly asked: readonly Asking[];
  /** What goes to the service now. */
  readonly sent: readonly Asking[];
  readonly decided: readonly Decision[];
  /** Whether any actor took the event. */
  readonly taken: boolean;
  /** Whether the machine has come to its end. */
  readonly done: boolean;
  readonly obstacle?: Obstacle;
}

/** What an exploration knows and learns while it advances. */
export interface Ground {
  readonly planOf: (machine: Blueprint['machine']) => Blueprint;
  /** Of each machine, the numbers of states that were entered so far. */
  readonly reached: Map<string, Set<number>>;
  readonly followed: Followed;
  /** Guards of which it was known somewhere what they say. */
  readonly concluded: Set<string>;
  /** Names in contexts that guards have looked at in vain, by machine. */
  readonly wanted: Map<string, Wanted>;
}

/** XState gives up after so many as well. */
const mostMicrosteps = 1_000;

const neverRests = 'the chart can go on by itself for ever and never come to rest';

/** An actor while it moves. */
interface Mover {
  readonly plan: Blueprint;
  readonly path: string;
  readonly above: Mover | undefined;
  active: Set<number>;
  history: Configuration['history'];
  asked: AskedAt | null;
  context: Readonly<Record<string, unknown>>;
  readonly children: Map<string, Mover | TaskAt>;
  readonly mailbox: Event[];
  busy: boolean;
  over: boolean;
  begun: string[];
  /** What its guards were found to say, while neither context nor event changes. */
  memory: Map<object, boolean>;
  /** Where it stood before the move that it makes. */
  stood: string;
  /** Whether a move has changed anything but which states are active. */
  changed: boolean;
}

class Stuck extends Error {
  readonly obstacle: Obstacle;
  constructor(obstacle: Obstacle) {
    super(obstacle.what);
    this.obstacle = obstacle;
  }
}

/** Takes `delivery` at `moment` (undefined for a call that begins with it), with `choose` deciding what nobody knows. */
export const advance = (ground: Ground, moment: Moment | { readonly plan: Blueprint }, delivery: Delivery, choose: Choose): Advance => {
  const asked: Asking[] = [];
  const decided: Decision[] = [];
  let timers: readonly TimerAt[] = 'root' in moment ? moment.timers : [];
  let taken = false;

  // ---- actors ----

  const wake = (at: ActorAt, path: string, above: Mover | undefined): Mover => {
    const mover: Mover = { plan: at.plan, path, above, active: new Set(at.active), history: at.history, asked: at.asked, context: at.context, children: new Map(), mailbox: [], busy: false, over: false, begun: [], memory: new Map(), stood: '', changed: false };
    for (const [id, child] of at.children) mover.children.set(id, isTask(child) ? child : wake(child, pathBelow(path, id), mover));
    return mover;
  };

  const newMover = (plan: Blueprint, path: string, above: Mover | undefined): Mover =>
    ({ plan, path, above, active: new Set(), history: {}, asked: null, context: firstContext(ground.followed, plan), children: new Map(), mailbox: [], busy: false, over: false, begun: [], memory: new Map(), stood: '', changed: false });

  const start = (mover: Mover): void => {
    mover.busy = true;
    const { entered, defaults } = beginning(mover.plan);
    enter(mover, entered, defaults, { type: 'xstate.init' }, []);
    settle(mover, { type: 'xstate.init' }, []);
    finish(mover);
  };

  const send = (mover: Mover, event: Event): void => {
    if (mover.over) return;
    mover.mailbox.push(event);
    if (!mover.busy) work(mover);
  };

  const work = (mover: Mover): void => {
    mover.busy = true;
    for (let event = mover.mailbox.shift(); event !== undefined; event = mover.mailbox.shift()) {
      if (mover.over) return;
      takeEvent(mover, event);
      finish(mover);
    }
    mover.busy = false;
  };

  /** What comes after an actor has come to rest: what it began starts, and then its mail is looked at. */
  const finish = (mover: Mover): void => {
    const { begun } = mover;
    mover.begun = [];
    for (const id of begun) {
      const child = mover.children.get(id);
      if (child !== undefined && !isTask(child as ActorAt | TaskAt) && (child as Mover).active.size === 0) start(child as Mover);
    }
    mover.busy = false;
    if (mover.mailbox.length > 0) work(mover);
  };

  /** How much was asked for that nothing may follow in its batch, as far as it matters: who goes round and asks twice may also leave off then. */
  const closing = (): number => Math.min(2, asked.filter(({ ask: { type } }) => !speaks.has(type)).length);

  /** Where the actors stood when one of them was woken by another: two that wake each other for ever are found so. */
  const woken = new Set<string>();
  const wakes = (mover: Mover, { type }: Event): void => {
    const stand = (one: Mover): string => `${one.path}[${inOrder(one.active).join()}]${knownText(one.context)}${[...one.children.values()].map((child) => ('mailbox' in child ? stand(child) : 't')).join()}`;
    const here = `${mover.path} ${type} ${closing()} ${stand(root)}`;
    if (woken.has(here)) throw new Stuck({ rule: 'restless', state: nameOf(mover), what: neverRests });
    woken.add(here);
  };

  const takeEvent = (mover: Mover, event: Event): void => {
    if (event.type.startsWith('xstate.')) wakes(mover, event);
    mover.memory = new Map();
    const transitions = select(mover, event);
    if (transitions.length === 0 && event.type.startsWith('xstate.error.actor.')) throw new Stuck({ rule: 'unhandled', state: nameOf(mover), what: 'what it runs can fail, and nothing says what happens then' });
    const queue: Event[] = [];
    if (transitions.length > 0) move(mover, transitions, event, queue);
    settle(mover, event, queue);
  };

  /** Goes on by itself until there is nothing more to do. */
  const settle = (mover: Mover, first: Event, queue: Event[]): void => {
    let event = first;
    let goesOn = true; // XState does not go on by itself after a move of this kind that has changed nothing
    const seen = new Set<string>();
    const standsAgain = (by: string): void => {
      const here = `${by}${closing()}${inOrder(mover.active).join()}${knownText(mover.context)}${queue.map(({ type }) => type).join()}`;
      if (seen.has(here) || seen.size > mostMicrosteps) throw new Stuck({ rule: 'restless', state: nameOf(mover), what: neverRests });
      seen.add(here);
    };
    while (!mover.over) {
      let transitions: readonly Trans[] = goesOn ? eventless(mover, event) : [];
      const isOwn: boolean = transitions.length > 0;
      if (!isOwn) {
        const next = queue.shift();
        if (next === undefined) return;
        event = next;
        mover.memory = new Map();
        standsAgain(event.type);
        transitions = select(mover, event);
      } else standsAgain(`${event.type}>`);
      const before = inOrder(mover.active).join();
      mover.changed = false;
      if (transitions.length > 0) move(mover, transitions, event, queue);
      goesOn = !isOwn || mover.changed || before !== inOrder(mover.active).join();
    }
  };

  // ---- transitions ----

  const select = (mover: Mover, event: Event): readonly Trans[] => {
    const active = inOrder(mover.active);
    const from = (index: number): readonly Trans[] => {
      const plan = stateOf(mover, index);
      const inner = active.filter((child) => stateOf(mover, child).parent === index).flatMap(from);
      if (inner.length > 0) return inner;
      const own = candidates(plan, event.type).find(({ guard }) => holds(mover, guard, event));
      return own === undefined ? [] : [own];
    };
    return from(0);
  };

  const eventless = (mover: Mover, event: Event): readonly Trans[] => {
    const found: Trans[] = [];
    for (const index of inOrder(mover.active)) {
      if (!isAtomic(stateOf(mover, index))) continue;
      for (const at of [index, ...around(mover.plan, index)]) {
        const one = stateOf(mover, at).always.find(({ guard }) => holds(mover, guard, event));
        if (one === undefined) continue;
        if (!found.includes(one)) found.push(one);
        break;
      }
    }
    return found;
  };

  const move = (mover: Mover, transitions: readonly Trans[], event: Event, queue: Event[]): void => {
    const { taken: steps, left, entered, defaults, history }: Move = moveOf(mover.plan, mover, transitions);
    mover.stood = nameOf(mover);
    taken = true;
    for (const index of left) {
      const { exit, invocations } = stateOf(mover, index);
      perform(mover, exit, event, queue);
      for (const { id } of invocations) stop(mover, id);
      mover.active.delete(index);
    }
    if (history !== mover.history) mover.changed = true;
    mover.history = history;
    for (const { actions, targets } of steps) {
      perform(mover, actions, event, queue);
      for (const target of targets ?? []) reach(mover, target);
    }
    enter(mover, entered, defaults, event, queue);
  };

  const enter = (mover: Mover, entered: readonly number[], defaults: ReadonlySet<number>, event: Event, queue: Event[]): void => {
    const completed = new Set<number>();
    for (const index of entered) {
      const plan = stateOf(mover, index);
      mover.active.add(index);
      reach(mover, index);
      perform(mover, plan.entry, event, queue);
      for (const { id, runs } of plan.invocations) {
        if (runs.kind === 'opaque') throw new Stuck({ rule: 'unexamined', state: nameOf(mover), what: 'runs an actor that the check cannot look into' });
        const path = pathBelow(mover.path, id);
        timers = timers.filter((timer) => timer.path !== path);
        mover.changed = true;
        mover.children.set(id, runs.kind === 'task' ? { task: runs.logic } : newMover(ground.planOf(runs.machine), path, mover));
        mover.begun.push(id);
      }
      if (defaults.has(index)) perform(mover, plan.initial?.actions ?? [], event, queue);
      if (plan.type === 'final') complete(mover, plan, completed, event, queue);
    }
    place(mover);
  };

  /** Says where that stands which was asked for in this move: the last of the states that ask for such a thing waits for it. */
  const place = (mover: Mover): void => {
    asked.forEach((one, index) => {
      if (one.path === mover.path && one.state === '') asked[index] = { ...one, state: nameOf(mover), node: askingState(mover, one.ask), asked: mover.asked };
    });
  };

  const complete = (mover: Mover, plan: StatePlan, completed: Set<number>, event: Event, queue: Event[]): void => {
    const { parent } = plan;
    const parentPlan = parent === -1 ? undefined : stateOf(mover, parent);
    let marker = parentPlan?.type === 'parallel' ? parent : (parentPlan?.parent ?? -1);
    const output = outputOf(mover, plan, event);
    if (parentPlan?.type === 'compound') queue.push({ type: `xstate.done.state.${parentPlan.id}`, output });
    while (marker !== -1 && stateOf(mover, marker).type === 'parallel' && !completed.has(marker) && isComplete(mover.plan, mover.active, marker)) {
      completed.add(marker);
      queue.push({ type: `xstate.done.state.${stateOf(mover, marker).id}`, output: unknown });
      marker = stateOf(mover, marker).parent;
    }
    if (marker !== -1) return;
    for (const index of [...mover.active].sort((a, b) => b - a)) perform(mover, stateOf(mover, index).exit, event, queue);
    place(mover);
    mover.over = true;
    for (const id of mover.children.keys()) stop(mover, id);
    timers = timers.filter(({ path }) => path !== mover.path);
    const { above, path } = mover;
    if (above === undefined) return;
    const id = idAt(path);
    above.children.delete(id);
    send(above, { type: `xstate.done.actor.${id}`, output });
  };

  const stop = (mover: Mover, id: string): void => {
    const child = mover.children.get(id);
    if (mover.children.delete(id)) mover.changed = true;
    const path = pathBelow(mover.path, id);
    timers = timers.filter((timer) => timer.path !== path && !timer.path.startsWith(`${path}/`));
    if (child !== undefined && 'mailbox' in child) silence(child);
  };

  const silence = (mover: Mover): void => {
    mover.over = true;
    for (const child of mover.children.values()) if ('mailbox' in child) silence(child);
  };

  const reach = (mover: Mover, index: number): void => {
    const known = ground.reached.get(mover.plan.id) ?? new Set<number>();
    ground.reached.set(mover.plan.id, known.add(index));
  };

  // ---- actions ----

  const perform = (mover: Mover, acts: readonly Act[], event: Event, queue: Event[]): void => {
    for (const act of acts) {
      switch (act.kind) {
        case 'ask':
          asked.push({ ask: act, path: mover.path, state: '', node: null, asked: mover.asked });
          break;
        case 'call':
          performOwn(mover, act.type, act.params);
          break;
        case 'assign':
          mover.context = assigned(ground.followed, mover, act.assignment, event);
          mover.changed = true;
          mover.memory = new Map();
          break;
        case 'raise': {
          const raised = typeof act.event === 'function' ? told(act.event as never, { context: contextOf(mover), event: partly(event) }) : ({ known: true, value: act.event } as const);
          if (!raised.known || typeof (raised.value as Event | null)?.type !== 'string') throw new Stuck({ rule: 'unexamined', state: nameOf(mover), what: 'raises an event that is computed' });
          queue.push(raised.value as Event);
          break;
        }
        case 'timer':
          timers = [...timers.filter(({ path, id }) => path !== mover.path || id !== act.id), { path: mover.path, id: act.id, event: act.event, delayMs: act.delayMs }];
          break;
        case 'cancel':
          timers = timers.filter(({ path, id }) => path !== mover.path || id !== act.id);
          break;
        case 'begin':
          mover.mailbox.push({ type: 'call.begin' });
          break;
        case 'opaque':
          throw new Stuck({ rule: 'unexamined', state: nameOf(mover), what: `uses ${act.what}, and nobody can say before a call what that does` });
      }
    }
  };

  const performOwn = (mover: Mover, type: string, params: Readonly<Record<string, unknown>>): void => {
    if (type === 'call.timeOut') {
      const task = String(params['task']);
      if (!mover.children.has(task)) return;
      mover.children.delete(task);
      mover.mailbox.push(failedEvent(task, 'ERR_TASK_TIMEOUT'));
      return;
    }
    if (type === 'call.apologise') throw new Stuck({ rule: 'apology', state: nameOf(mover), what: 'the caller hears the apology, and the call ends' });
    mover.changed = true; // all others write the context
    mover.memory = new Map();
    if (type === 'call.ask') mover.asked = { attempts: 1, noinput: 0, nomatch: 0 };
    if (type === 'call.askAgain') {
      const { attempts, noinput, nomatch } = mover.asked ?? { attempts: 1, noinput: 0, nomatch: 0 };
      const { cause } = params;
      mover.asked = { attempts: attempts + 1, noinput: noinput + (cause === 'noinput' ? 1 : 0), nomatch: nomatch + (cause === 'nomatch' ? 1 : 0) };
    }
  };

  // ---- guards ----

  const holds = (mover: Mover, guard: Guard | undefined, event: Event): boolean => {
    if (guard === undefined) return true;
    switch (guard.kind) {
      case 'and':
        return guard.of.every((one) => holds(mover, one, event));
      case 'or':
        return guard.of.some((one) => holds(mover, one, event));
      case 'not':
        return !holds(mover, guard.of, event);
      case 'call':
        return holdsOwn(mover, guard.type, guard.params, event) ?? free(mover, `${guard.type}`, guard, undefined);
      case 'free':
        return free(mover, guard.id, guard.key, guard.id);
      case 'own': {
        const known = mover.memory.get(guard.key);
        if (known !== undefined) return known;
        const wanted = ground.wanted.get(mover.plan.id) ?? new Set<string>();
        ground.wanted.set(mover.plan.id, wanted);
        const said = told(guard.run, { context: contextOf(mover), event: partly(event) }, wanted);
        if (!said.known || !said.looked) return free(mover, guard.id, guard.key, guard.id); // what looks at nothing that it is given looks at something else
        ground.concluded.add(guard.id);
        mover.memory.set(guard.key, Boolean(said.value));
        return Boolean(said.value);
      }
    }
  };

  const free = (mover: Mover, guard: string, key: object, told: string | undefined): boolean => {
    const known = mover.memory.get(key);
    if (known !== undefined) return known;
    const answer = choose(2) === 1;
    mover.memory.set(key, answer);
    if (told !== undefined) decided.push({ guard, holds: answer });
    return answer;
  };

  // ---- the event ----

  const root = 'root' in moment ? wake(moment.root, '', undefined) : newMover(moment.plan, '', undefined);
  const moverAt = (path: string): Mover | undefined => {
    let at: Mover | undefined = root;
    if (path !== '') for (const id of path.split('/')) {
      const child: Mover | TaskAt | undefined = at?.children.get(id);
      at = child !== undefined && 'mailbox' in child ? child : undefined;
    }
    return at;
  };

  /** Whether what the service tells of still means something to the chart, where it was asked for something else meanwhile. */
  const isAwaited = ({ parked, waiting }: Moment): boolean => {
    if (parked.length === 0) return true;
    if (waiting === null || waiting.node === null || parked.some(({ ask, path, node }) => isQuestion(ask.type) || (path === waiting.path && node === waiting.node))) return false;
    return moverAt(waiting.path)?.active.has(waiting.node) === true;
  };

  const deliver = (): void => {
    if (!('root' in moment)) {
      start(root);
      send(root, (delivery as { readonly event: Event }).event);
      return;
    }
    if (delivery.to === 'task') {
      const { path, result } = delivery;
      const owner = moverAt(parentOf(path) ?? '');
      const id = idAt(path);
      owner?.children.delete(id);
      if (owner !== undefined) send(owner, 'failed' in result ? failedEvent(id, result.failed) : { type: `xstate.done.actor.${id}`, output: result.done });
      return;
    }
    if (delivery.to === 'due') {
      taken = true;
      return;
    }
    if (delivery.to === 'line') {
      send(root, delivery.event);
      return;
    }
    if (delivery.to === 'actor') {
      const { timer } = delivery;
      timers = timers.filter((one) => one !== timer);
      const mover = moverAt(delivery.path);
      if (mover !== undefined) send(mover, delivery.event);
      return;
    }
    if (moment.done || !isAwaited(moment)) {
      taken = true; // it only brings the reply that what is parked rides on
      return;
    }
    for (let path: string | undefined = delivery.path; path !== undefined && path !== ''; path = parentOf(path)) {
      const mover = moverAt(path);
      if (mover === undefined) continue;
      mover.memory = new Map();
      if (select(mover, delivery.event).length === 0) continue;
      sendKnowing(mover, delivery.event);
      return;
    }
    send(root, delivery.event);
  };

  /** Gives `event` to an actor whose guards were asked about it already. */
  const sendKnowing = (mover: Mover, event: Event): void => {
    mover.busy = true;
    const transitions = select(mover, event);
    const queue: Event[] = [];
    move(mover, transitions, event, queue);
    settle(mover, event, queue);
    finish(mover);
  };

  try {
    deliver();
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    return { rest: null, asked, sent: asked, decided, taken, done: false, obstacle: error.obstacle };
  }
  const before = 'root' in moment ? moment : { waiting: null, parked: [], answered: false, held: false };
  return { ...resting(restOf(root), before, asked, timers, root.over, delivery), asked, decided, taken, done: root.over };
};

/** The states that are active, in document order. */
const inOrder = (active: ReadonlySet<number>): readonly number[] => [...active].sort((a, b) => a - b);

const stateOf = ({ plan }: { readonly plan: Blueprint }, index: number): StatePlan => plan.states[index] as StatePlan;

/** Where an actor stands, as people name it; between two states, where it comes from. */
const nameOf = ({ plan, path, active, stood }: Mover): string => {
  const here = standingOf({ plan, active: inOrder(active) });
  return here === '' ? stood : stateName(path, here);
};

/** The state that waits for what was asked; null when it was written by hand. */
const askingState = (mover: Mover, { type, params }: Ask): number | null => {
  const isByHand = isQuestion(type) && typeof params === 'object' && !('reprompts' in (params as object));
  const asking = isByHand ? [] : [...mover.active].filter((index) => stateOf(mover, index).facts?.actions?.includes(type));
  return asking.length === 0 ? null : Math.max(...asking);
};

/** An actor that has come to rest. Counts of a question that is no longer open are forgotten, and those that nothing limits. */
const restOf = ({ plan, active, history, asked, context, children }: Mover): ActorAt => {
  const open = [...active].map((index) => plan.states[index] as StatePlan).filter(({ facts }) => facts?.kind === 'recognize' || facts?.kind === 'record');
  const has = (limit: 'maxNoinput' | 'maxNomatch'): boolean => open.some(({ limits }) => limits?.[limit] !== undefined);
  return {
    plan, history, context, active: inOrder(active),
    asked: asked === null || open.length === 0 ? null : { attempts: asked.attempts, noinput: has('maxNoinput') ? asked.noinput : 0, nomatch: has('maxNomatch') ? asked.nomatch : 0 },
    children: new Map([...children].map(([id, child]) => [id, 'mailbox' in child ? restOf(child) : child])),
  };
};
