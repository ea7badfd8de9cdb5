/**
 * Random chart — small bots made by chance for a check of their structure: they throw nothing, what they say is constant, and
 * their guards are functions that somebody else may answer for.
 *
 * A plan is JSON, so that fast-check can shrink and print it; `chartOfPlan` makes the machine that it describes.
 *
 * @module
 */
import { type CallData, callMachine, createcall, dialog, dialogMachine, hangup, hold, isCallError, play, prompt, raw, recognize, record, task, transfer } from 'callchart';
import fc from 'fast-check';
import * as t from 'io-ts';
import { and, type AnyStateMachine, not, or } from 'xstate';

// ---- plans ----

const kinds = ['choices', 'digits', 'say', 'wait', 'record', 'task', 'dialog', 'transfer', 'createcall', 'raw', 'hold', 'hangup', 'hand', 'asks', 'fork', 'timer', 'compound', 'parallel', 'final'] as const;

/** What a state is. */
export type ChartKind = (typeof kinds)[number];

/** A state: its kind, and numbers out of which everything else about it is made. */
export interface ChartStatePlan {
  readonly kind: ChartKind;
  readonly dice: readonly number[];
  readonly states: readonly ChartStatePlan[];
}

/** A bot: its states, and numbers for what stands at the machine itself. */
export interface ChartPlan {
  readonly states: readonly ChartStatePlan[];
  readonly dice: readonly number[];
}

const weights: Readonly<Record<ChartKind, number>> = {
  choices: 9, digits: 3, say: 5, wait: 3, record: 2, task: 4, dialog: 4, transfer: 2, createcall: 1, raw: 1, hold: 2, hangup: 2, hand: 3, asks: 3, fork: 5, timer: 3, compound: 3, parallel: 2, final: 1,
};

const isNested = (kind: ChartKind): boolean => kind === 'dialog' || kind === 'compound' || kind === 'parallel';

const dice = fc.array(fc.nat(1_000), { minLength: 10, maxLength: 10 });

const statePlan = (depth: number): fc.Arbitrary<ChartStatePlan> =>
  fc.oneof(
    ...kinds.map((kind) => ({
      weight: depth === 0 && isNested(kind) ? 0 : weights[kind],
      arbitrary: fc.record({ kind: fc.constant(kind), dice, states: isNested(kind) && depth > 0 ? fc.array(statePlan(depth - 1), { minLength: 1, maxLength: 3 }) : fc.constant([]) }),
    })),
  );

/** Bots of two to six states, with states in states up to two deep. */
export const chartPlan: fc.Arbitrary<ChartPlan> = fc.record({ states: fc.array(statePlan(2), { minLength: 2, maxLength: 6 }), dice });

// ---- machines ----

/** What a chart holds. A bot may hold several, and may hold none. */
export const features = [
  ...kinds, 'guard', 'sharedGuard', 'not', 'and', 'or', 'validate', 'history', 'wildcard', 'after', 'ownNoinput', 'ownNomatch', 'ownFailed', 'maxNoinput', 'maxNomatch', 'handlerMissing', 'status', 'codec', 'timeoutMs',
  'command', 'repeat', 'top', 'reenter', 'sayingTransition', 'nestedDialog',
] as const;

export type ChartFeature = (typeof features)[number];

/** A machine, and what it holds. */
export interface RandomChart {
  readonly machine: AnyStateMachine;
  readonly features: ReadonlySet<ChartFeature>;
}

type Rolls = (sides: number) => number;

/** Where a state stands: what it can lead to, and in which machine. */
interface Surroundings {
  readonly names: readonly string[];
  readonly last: string;
  readonly machine: string;
  readonly top: readonly string[];
  readonly depth: number;
}

const rolling = (numbers: readonly number[]): Rolls => {
  let thrown = 0;
  return (sides) => ((numbers[thrown++ % numbers.length] ?? 0) + thrown) % sides;
};

/** The machine of `plan`; undefined for a plan whose bot `callMachine` refuses. */
export const chartOfPlan = (plan: ChartPlan): RandomChart | undefined => {
  try {
    return made(plan);
  } catch (error) {
    if (isCallError(error) && error.code === 'ERR_BOT_INVALID') return undefined;
    throw error;
  }
};

const made = (plan: ChartPlan): RandomChart => {
  const found = new Set<ChartFeature>();
  let dialogs = 0;
  let guards = 0;

  /** A guard that nobody else has. What it says is chance, and the same each time; it asks the call, of which nobody knows before one. */
  const guard = (holds: boolean): unknown => {
    guards += 1;
    const name = `guard${guards}`;
    return Object.defineProperty(({ context }: { readonly context: { readonly call: CallData } }) => (context.call.headers[name] === undefined ? holds : !holds), 'name', { value: name });
  };
  const shared = [guard(true), guard(false)];

  const guardBy = (roll: Rolls, depth = 2): unknown => {
    const kind = roll(depth > 0 ? 9 : 6);
    found.add('guard');
    if (kind < 3) return guard(roll(2) === 0);
    if (kind < 6) {
      found.add('sharedGuard');
      return shared[roll(shared.length)];
    }
    const within = (): never => guardBy(roll, depth - 1) as never;
    found.add(kind === 6 ? 'not' : kind === 7 ? 'and' : 'or');
    return kind === 6 ? not(within()) : kind === 7 ? and([within(), within()]) : or([within(), within()]);
  };

  const statesOf = (plans: readonly ChartStatePlan[], around: Omit<Surroundings, 'names' | 'top'> & { readonly top?: readonly string[] }, prefix: string): Record<string, unknown> => {
    const names = [...plans.map((_, index) => `s${index}`), around.last];
    return Object.fromEntries(plans.map((one, index) => [`s${index}`, stateOf(one, { ...around, names, top: around.top ?? names }, `${prefix}s${index}`)]));
  };

  const stateOf = ({ kind, dice: numbers, states }: ChartStatePlan, around: Surroundings, id: string): unknown => {
    const roll = rolling(numbers);
    const { names, last, machine, top, depth } = around;
    found.add(kind);
    const chance = (sides: number, feature: ChartFeature): boolean => {
      const happens = roll(sides) === 0;
      if (happens) found.add(feature);
      return happens;
    };
    const target = (): string => (names !== top && roll(6) === 0 ? `#${machine}.${top[roll(top.length)] ?? ''}` : (names[roll(names.length)] ?? last));
    const step = (): object => ({ target: target(), ...(chance(6, 'reenter') && { reenter: true }), ...(chance(8, 'sayingTransition') && { actions: play(`${id} goes on.`) }) });
    const to = (): never => {
      const way = roll(6);
      return (way === 0 ? [{ ...step(), guard: guardBy(roll) }, step()] : way === 1 ? { ...step(), guard: guardBy(roll) } : way === 2 ? step() : target()) as never;
    };
    const sure = (): never => (roll(4) === 0 ? [{ ...step(), guard: guardBy(roll) }, step()] : target()) as never;
    const after = (state: object, sides = 6): object => (chance(sides, 'after') ? { ...state, after: { [1_000 * (1 + roll(4))]: to() } } : state);
    const wild = (state: object): object => (chance(5, 'wildcard') ? { ...state, on: { [['*', 'play.*', 'recognize.*', 'recognize.nomatch.*'][roll(4)] ?? '*']: to() } } : state);
    const limits = (): object => ({ attempts: 1 + roll(3), ...(chance(5, 'maxNoinput') && { maxNoinput: 1 + roll(2) }), ...(chance(5, 'maxNomatch') && { maxNomatch: 1 + roll(2) }), ...(roll(4) === 0 && { timeoutMs: 1_000 * (1 + roll(9)) }) });
    const own = (): object => ({ ...(chance(8, 'ownNoinput') && { noinput: to() }), ...(chance(8, 'ownNomatch') && { nomatch: to() }), ...(chance(8, 'ownFailed') && { failed: to() }) });
    const ends = (): never => ({ on: { done: to(), failed: to() } }) as never;
    switch (kind) {
      case 'choices':
        return after(recognize({ ...(roll(6) > 0 && { prompt: `${id}?` }), choices: { a: '1', b: ['2', 'bee'] }, ...limits(), on: { a: to(), b: to(), exhausted: sure(), ...own() } } as never));
      case 'digits':
        return after(recognize({ prompt: `${id}?`, digits: { max: 3, termchars: ['#'] }, ...limits(), ...(chance(2, 'validate') && { validate: ({ digits }: { readonly digits: string }) => (digits === '' ? undefined : 'That is wrong.') }), on: { digits: to(), exhausted: sure(), ...own() } } as never));
      case 'say':
        return prompt(`${id}.`, sure());
      case 'wait':
        return after(prompt(`${id}.`, ends()) as object);
      case 'record': {
        const { maxNomatch: _, ...limited } = limits() as { readonly maxNomatch?: number };
        return after(record({ prompt: `${id}?`, ...limited, on: { done: to(), exhausted: sure(), ...(roll(3) === 0 && { maxspeech: to() }), ...(chance(5, 'ownNoinput') && { noinput: to() }), ...(chance(5, 'ownFailed') && { failed: to() }) } } as never));
      }
      case 'task':
        return task({
          run: () => 0, ...(chance(3, 'timeoutMs') && { timeoutMs: 1_000 * (1 + roll(3)) }), ...(chance(3, 'codec') && { output: t.boolean }),
          on: { done: to(), failed: sure(), ...(roll(3) === 0 && { timeout: to() }), ...(roll(4) === 0 && { cancelled: to() }) },
        } as never);
      case 'dialog': {
        dialogs += 1;
        if (depth > 0) found.add('nestedDialog');
        const name = `d${dialogs}`; // before the dialogs in it take theirs
        const status = chance(2, 'status');
        const inner = statesOf(states, { last: roll(2) === 0 ? 'out' : 'other', machine: name, depth: depth + 1 }, `${name}.`);
        const run = dialogMachine(name, { initial: 's0', states: { ...inner, out: { type: 'final', output: status ? { status: 'good' } : 1 }, other: { type: 'final', output: status ? { status: 'bad' } : 2 } } } as never);
        return after(wild({ ...(dialog(run as never, { on: { done: to(), ...(status && { good: to() }) } } as never) as object), ...(roll(3) === 0 && { entry: play(`${id} opens.`) }) }));
      }
      case 'transfer':
        return after(transfer({ to: '+15550123', on: { failed: to(), ...(roll(3) === 0 && { busy: to() }), ...(roll(4) === 0 && { done: to() }) } }));
      case 'createcall':
        return createcall({ to: '+15550123', on: { done: to(), failed: to(), ...(roll(3) === 0 && { busy: to() }) } });
      case 'raw':
        return after(raw('twilio', { verb: 'Enqueue', ...(roll(3) === 0 && { attributes: ((): object => ({ name: 'desk' })) as never }), on: { bridged: to(), failed: to(), ...(roll(3) === 0 && { leave: to() }) } }));
      case 'hold':
        return hold(`${id} plays.`, roll(2) === 0 ? sure() : ends());
      case 'hangup':
        return roll(3) === 0 ? hangup() : hangup(`${id}.`);
      case 'hand':
        return after({ entry: play(`${id}.`), ...(roll(4) === 0 && { exit: play(`${id} is left.`) }), on: { ...(roll(3) > 0 && { 'play.done': to() }), ...(roll(3) === 0 && { 'play.failed': to() }), ...(roll(5) === 0 && { 'call.state': to() }), ...(chance(4, 'wildcard') && { '*': to() }) } }, 3);
      case 'asks': {
        const handlers: Readonly<Record<string, unknown>> = { 'recognize.choice.a': to(), 'recognize.choice.b': to(), 'recognize.noinput': to(), 'recognize.nomatch.*': to(), 'recognize.failed': to(), 'play.failed': to() };
        const kept = Object.entries(handlers).filter(() => roll(4) > 0);
        if (kept.length < Object.keys(handlers).length) found.add('handlerMissing');
        const params = { prompts: [{ text: `${id}?` }], bargein: true, timeoutMs: 4_000, interdigitMs: 2_000, choices: [{ name: 'a', key: '1', phrases: ['a'] }, { name: 'b', key: '2', phrases: ['b'] }] };
        return after({ entry: { type: 'recognize', params }, on: { ...Object.fromEntries(kept), ...(chance(6, 'wildcard') && { '*': to() }) } });
      }
      case 'fork':
        return { always: [{ target: target(), guard: guardBy(roll), ...(chance(4, 'sayingTransition') && { actions: play(`${id} forks.`) }) }, ...(roll(2) === 0 ? [{ target: target(), guard: guardBy(roll) }] : []), { target: roll(3) === 0 ? target() : last }] };
      case 'timer':
        found.add('after');
        return { after: { [500 * (1 + roll(3))]: to(), ...(roll(3) === 0 && { 9_000: to() }) }, ...(roll(3) === 0 && { on: { 'call.roster': to() } }) };
      case 'compound': {
        const inner = statesOf(states, { last: 'over', machine, top, depth }, `${id}.`);
        const history = chance(2, 'history');
        return after(wild({
          initial: 's0', onDone: to(),
          ...(history && { on: { 'recognize.choice.b': '.back', 'play.done': target() } }),
          states: { ...inner, over: { type: 'final' }, ...(history && { back: { type: 'history', history: roll(2) === 0 ? 'deep' : 'shallow' } }) },
        }));
      }
      case 'parallel': {
        const region = (plans: readonly ChartStatePlan[], name: string): object => ({ initial: 's0', states: { ...statesOf(plans, { last: 'over', machine, top, depth }, `${id}.${name}.`), over: { type: 'final' } } });
        const quiet = (one: ChartStatePlan): ChartStatePlan => (one.kind === 'timer' || one.kind === 'fork' || one.kind === 'final' ? one : { ...one, kind: 'timer', states: [] });
        const [first, ...others] = states;
        return after({ type: 'parallel', onDone: to(), states: { b: region(first === undefined ? [] : [first], 'b'), a: region((others.length > 0 ? others : [{ kind: 'timer', dice: numbers, states: [] } as const]).map((one) => (roll(4) === 0 ? one : quiet(one))), 'a') } });
      }
      case 'final':
        return { type: 'final', ...(machine !== 'bot' && names === top && { output: 3 }) };
    }
  };

  const roll = rolling(plan.dice);
  const lasts = statesOf(plan.states, { last: 'bye', machine: 'bot', depth: 0 }, '');
  const top = roll(3) === 0;
  const commands = { ...(roll(4) === 0 && { operator: { key: '0', target: 'bye' } }), ...(roll(6) === 0 && { again: { key: '*', repeat: true } }) };
  if (top) found.add('top');
  if ('operator' in commands) found.add('command');
  if ('again' in commands) found.add('repeat');
  const machine = callMachine('bot', {
    initial: 's0', commands,
    ...(top && { on: { [['play.failed', 'recognize.noinput', 'recognize.failed', 'call.roster', '*'][roll(5)] ?? '*']: { target: `.${roll(2) === 0 ? 'bye' : 's0'}`, guard: guardBy(roll) } } }),
    states: { ...lasts, bye: hangup('Bye.') },
  } as never) as unknown as AnyStateMachine;
  return { machine, features: found };
};
