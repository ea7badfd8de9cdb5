/**
 * Random bot — machines made by chance out of every maker and of states written by hand, and what may happen to a call.
 *
 * A plan is JSON, so that fast-check can shrink and print it; `botOf` makes the machine that it describes.
 *
 * @module
 */
import { callMachine, type CallSnapshot, createcall, dialog, dialogMachine, hangup, hold, type Outcome, play, prompt, raw, recognize, record, reject, type ServiceEvent, type StepEvent, task, transfer, unhold } from 'callchart';
import fc from 'fast-check';
import { type AnyStateMachine, assign, raise, spawnChild } from 'xstate';
import { operation } from './line.ts';

// ---- plans ----

const kinds = ['choices', 'digits', 'runtime', 'say', 'wait', 'record', 'transfer', 'hold', 'unhold', 'createcall', 'raw', 'speech', 'task', 'dialog', 'parallel', 'compound', 'hand', 'fork', 'timer', 'throws', 'hangup', 'reject', 'final'] as const;
type Kind = (typeof kinds)[number];

/** A state: its kind, and numbers out of which everything else about it is made. */
export interface StatePlan {
  readonly kind: Kind;
  readonly dice: readonly number[];
  readonly states: readonly StatePlan[];
}

export type BotPlan = readonly StatePlan[];

const weights: Readonly<Record<Kind, number>> = {
  choices: 8, digits: 2, runtime: 2, say: 5, wait: 3, record: 2, transfer: 1, hold: 3, unhold: 1, createcall: 1, raw: 1, speech: 2, task: 5, dialog: 8, parallel: 4, compound: 5, hand: 3, fork: 4, timer: 3, throws: 1, hangup: 1, reject: 1, final: 1,
};

const dice = fc.array(fc.nat(1_000), { minLength: 8, maxLength: 8 });

const statePlan = (depth: number): fc.Arbitrary<StatePlan> =>
  fc.oneof(
    ...kinds.map((kind) => ({
      weight: depth === 0 && isNested(kind) ? 0 : weights[kind],
      arbitrary: fc.record({ kind: fc.constant(kind), dice, states: isNested(kind) && depth > 0 ? fc.array(statePlan(depth - 1), { minLength: 1, maxLength: 4 }) : fc.constant([]) }),
    })),
  );

const isNested = (kind: Kind): boolean => kind === 'dialog' || kind === 'parallel' || kind === 'compound';

/** Bots of two to six states, dialogs nested up to two deep. */
export const botPlan: fc.Arbitrary<BotPlan> = fc.array(statePlan(2), { minLength: 2, maxLength: 6 });

// ---- machines ----

interface Data {
  readonly n: number;
  readonly said: string;
}

type Args = { readonly context: Data };

const bump = assign({ n: ({ context }: Args) => (context.n + 1) % 7 });

/** The machine of a plan; `shelved` may give another dialog for each, and `parting` is the last that it says. */
export const botOf = (plan: BotPlan, shelved = <D extends AnyStateMachine>(dialog: D): D => dialog, parting = 'Bye.'): AnyStateMachine => {
  let dialogs = 0;

  const statesOf = (plans: readonly StatePlan[], last: string, ids: string): Record<string, unknown> => {
    const names = [...plans.map((_, index) => `s${index}`), last];
    return Object.fromEntries(plans.map((one, index) => [`s${index}`, stateOf(one, names, `${ids}s${index}`, last === 'out')]));
  };

  const stateOf = ({ kind, dice, states }: StatePlan, names: readonly string[], id: string, inDialog: boolean): unknown => {
    let thrown = 0;
    const die = (sides: number): number => dice[thrown++ % dice.length]! % sides;
    const target = (): string => names[Math.min(inDialog ? die(names.length) : Math.floor(die(names.length * 2 - 1) / 2), names.length - 1)]!; // the end of the call is the least likely
    const to = (): unknown => (die(3) === 0 ? { target: target(), actions: bump, ...(die(4) === 0 && { reenter: true }) } : target());
    const text = (): unknown => (die(3) === 0 ? ({ context }: Args) => `${id} ${context.n}${context.said}` : id);
    const after = (state: object): unknown => (die(4) === 0 ? { ...state, after: { [1_000 * (1 + die(3))]: to() } } : state);
    const attempts = 1 + die(3);
    switch (kind) {
      case 'choices':
        return after(recognize({ prompt: text() as string, choices: { a: '1', b: ['2', 'bee'] }, attempts, ...(die(3) === 0 && { noinput: ['Well?', 'Now?'] }), on: { a: to() as never, b: to() as never, exhausted: to() as never, ...(die(5) === 0 && { noinput: to() as never }) } }));
      case 'digits':
        return after(recognize({ prompt: id, digits: { max: 4, termchars: ['#'] }, attempts, on: { digits: { target: target(), actions: assign({ said: ({ event }: { event: { digits: string } }) => event.digits }) } as never, exhausted: to() as never } }));
      case 'runtime':
        return recognize({ prompt: id, choicesFrom: (({ context }: Args) => ({ [`c${context.n}`]: '1', '*.x': '2' })) as never, attempts, on: { choice: { target: target(), actions: assign({ said: ({ event }: { event: { choice: string } }) => event.choice }) } as never, exhausted: to() as never } });
      case 'say':
        return prompt(text() as string, (die(2) === 0 ? to() : [{ target: target(), guard: ({ context }: Args) => context.n % 2 === 0, actions: bump }, to()]) as never);
      case 'wait':
        return after(prompt(text() as string, { on: { done: to() as never, failed: to() as never } }));
      case 'record':
        return record({ prompt: id, attempts, on: { done: { target: target(), actions: assign({ said: ({ event }: { event: { recording: { ref: string } } }) => event.recording.ref }) } as never, exhausted: to() as never } });
      case 'transfer':
        return transfer({ to: '+47', on: { failed: to() as never, ...(die(2) === 0 && { done: to() as never }) } });
      case 'hold':
        return after(hold(text() as string, (die(2) === 0 ? to() : { on: { done: to(), failed: to() } }) as never));
      case 'unhold':
        return unhold((die(2) === 0 ? to() : { on: { done: to(), failed: to() } }) as never);
      case 'createcall':
        return createcall({ to: '+47', on: { done: to() as never, failed: to() as never, ...(die(2) === 0 && { busy: to() as never }) } });
      case 'raw':
        return raw('twilio', { verb: 'Pay', ...(die(2) === 0 && { attributes: (({ context }: Args) => ({ chargeAmount: `${context.n}.00` })) as never }), on: { success: { target: target(), actions: assign({ said: ({ event }: { event: { fields: Readonly<Record<string, string>> } }) => event.fields['PaymentToken'] ?? '' }) } as never, failed: to() as never, ...(die(2) === 0 && { 'validation-error': to() as never }) } });
      case 'speech': {
        const choices = die(2) === 0 ? { choices: { b: ['2', 'bee'] } } : {};
        const said = { target: target(), actions: assign({ said: ({ event }: { event: { phrase: string } }) => event.phrase }) };
        return recognize({ prompt: id, speech: true, ...choices, attempts, on: { ...('choices' in choices && { b: to() }), speech: said, exhausted: to() } } as never);
      }
      case 'task':
        return task({ run: () => 0, input: (({ context }: Args) => context.n) as never, ...(die(2) === 0 && { timeoutMs: 2_000 }), ...(die(3) === 0 && { filler: `${id} filler` }), on: { done: { target: target(), actions: assign({ said: ({ event }: { event: { output: unknown } }) => `${String(event.output)}` }) } as never, failed: to() as never } });
      case 'dialog': {
        dialogs += 1;
        const name = `d${dialogs}`; // before the dialogs in it take theirs
        const inner = statesOf(states, 'out', `${id}.`);
        const machine = dialogMachine<Data, number, string>()(name, {
          context: ({ input }: { readonly input: number }) => ({ n: input, said: '' }), initial: 's0',
          states: { ...inner, out: { type: 'final', output: (({ context }: Args) => `${context.said}${context.n}`) as never } } as never,
        } as never);
        const run = dialog(shelved(machine), { input: (({ context }: Args) => context.n) as never, on: { done: { target: target(), actions: [bump, assign({ said: ({ event }: { event: { output: string } }) => event.output })] } as never } }) as object;
        return after({ ...run, ...(die(2) === 0 && { entry: play(`${id} opens`) }), ...(die(4) === 0 && { on: { '*': target() } }) });
      }
      case 'parallel': {
        const half = Math.ceil(states.length / 2);
        const region = (plans: readonly StatePlan[], name: string): object => ({ initial: 's0', states: { ...statesOf(plans, 'over', `${id}.${name}.`), over: { type: 'final' } } });
        return after({ type: 'parallel', onDone: target(), states: { b: region(states.slice(0, half), 'b'), a: region(states.slice(half).length > 0 ? states.slice(half) : [{ kind: 'timer', dice, states: [] }], 'a') } });
      }
      case 'compound':
        return after({
          initial: 's0', on: { 'recognize.choice.b': `.hist`, 'play.done': target() }, onDone: target(),
          states: { ...statesOf(states, 'over', `${id}.`), over: { type: 'final' }, hist: { type: 'history', history: die(2) === 0 ? 'deep' : 'shallow', target: 's0' } },
        });
      case 'hand':
        return after({ entry: die(2) === 0 ? play(id) : [play(`${id} one`), bump, { type: 'play', params: ({ context }: Args) => ({ prompts: [{ text: `${id} ${context.n}` }] }) }], exit: die(3) === 0 ? play(`${id} left`) : [], on: { 'play.done': to(), 'call.state': to(), ...(die(2) === 0 && { '*': to() }) } });
      case 'fork': {
        const third = die(3);
        return { always: [{ target: target(), guard: ({ context }: Args) => context.n % 3 === third, actions: [bump, play(`${id} forks`)] }, ...(die(3) === 0 ? [] : [{ target: names.at(-1) }])], on: { 'call.roster': { actions: bump } }, after: { 1_000: target() } };
      }
      case 'timer':
        return { after: { [500 + die(3) * 500]: to(), 4_000: target() }, ...(die(3) === 0 && { entry: raise({ type: 'call.state', state: id } as never, { delay: 700, id: 'soon' }), on: { 'call.state': to() } }), ...(die(9) === 0 && dialogs > 0 && { entry: spawnChild('nobody' as never, { id: 'ghost' }) }) };
      case 'throws':
        return { entry: [play(id), ({ context }: Args) => { if (context.n % 2 === 1) throw new Error('boom'); }], always: target() };
      case 'hangup':
        return hangup(text() as string);
      case 'reject':
        return reject();
      case 'final':
        return inDialog ? { type: 'final', output: id } : die(4) === 0 ? { type: 'final' } : hangup();
    }
  };

  return callMachine('bot', {
    context: { n: 0, said: '' }, initial: 's0', cleanup: () => 0,
    states: { ...statesOf(plan, 'bye', ''), bye: hangup(parting) },
  } as never) as AnyStateMachine;
};

// ---- what happens ----

/** Something that may happen: what it is depends on where the call is. */
export interface Move {
  readonly kind: 'outcome' | 'other' | 'stale' | 'progress' | 'failure' | 'refused' | 'timer' | 'staleTimer' | 'task' | 'taskFails' | 'staleTask' | 'due' | 'line' | 'hangup' | 'both' | 'xstate';
  readonly die: number;
  readonly reply: boolean;
}

const moveWeights: Readonly<Record<Move['kind'], number>> = {
  outcome: 40, other: 2, stale: 2, progress: 2, failure: 3, refused: 1, timer: 14, staleTimer: 1, task: 12, taskFails: 3, staleTask: 1, due: 5, line: 5, hangup: 1, both: 1, xstate: 2,
};

export const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({
    kind: fc.oneof(...Object.entries(moveWeights).map(([kind, weight]) => ({ weight, arbitrary: fc.constant(kind as Move['kind']) }))),
    die: fc.nat(1_000), reply: fc.boolean(),
  }),
  { minLength: 3, maxLength: 25 },
);

const recording = { ref: 'r', bytes: 1, contentType: 'audio/wav', lengthMs: 1 } as const;
const endings: Readonly<Record<string, readonly object[]>> = {
  answer: [{ type: 'answer.done' }],
  play: [{ type: 'play.done' }],
  hangup: [{ type: 'hangup.done' }, { type: 'hangup.failed' }],
  reject: [{ type: 'reject.done' }],
  transfer: [{ type: 'transfer.busy' }, { type: 'transfer.failed' }, { type: 'transfer.noanswer' }, { type: 'transfer.done' }],
  hold: [{ type: 'hold.done' }, { type: 'hold.failed' }],
  unhold: [{ type: 'unhold.done' }, { type: 'unhold.failed' }],
  createcall: [{ type: 'createcall.done' }, { type: 'createcall.busy' }, { type: 'createcall.noanswer' }, { type: 'createcall.failed' }],
  raw: [{ type: 'raw.ended', ending: 'success', fields: { PaymentToken: 't' } }, { type: 'raw.ended', ending: 'validation-error', fields: {} }, { type: 'raw.ended', ending: 'never-heard-of', fields: {} }, { type: 'raw.failed' }],
  record: [{ type: 'record.done', by: 'termchar', recording }, { type: 'record.done', by: 'maxspeech', recording }, { type: 'record.noinput' }, { type: 'record.failed', cause: 'system' }],
  recognize: [
    { type: 'recognize.input', input: { kind: 'keys', keys: '1' }, via: 'dtmf' }, { type: 'recognize.input', input: { kind: 'choice', name: 'a' }, via: 'speech' },
    { type: 'recognize.input', input: { kind: 'keys', keys: '2' }, via: 'dtmf' }, { type: 'recognize.input', input: { kind: 'phrase', phrase: 'BEE!' }, via: 'speech' },
    { type: 'recognize.input', input: { kind: 'digits', digits: '12', by: 'termchar' }, via: 'dtmf' }, { type: 'recognize.input', input: { kind: 'choice', name: 'nobody' }, via: 'speech' },
    { type: 'recognize.input', input: { kind: 'phrase', phrase: 'a word' }, via: 'speech' }, { type: 'recognize.noinput' }, { type: 'recognize.nomatch', by: 'speech' }, { type: 'recognize.failed', cause: 'system' },
  ],
};

/** The event that `move` is at `snapshot`; undefined where nothing of the kind can happen. */
export const eventOf = ({ kind, die, reply }: Move, snapshot: CallSnapshot, now: number): StepEvent | undefined => {
  const { awaiting, timers, tasks, call } = snapshot;
  const pick = <T>(list: readonly T[]): T | undefined => list[die % Math.max(1, list.length)];
  const service = (...events: readonly unknown[]): StepEvent => ({ type: 'service', at: now, events: events as readonly ServiceEvent[] });
  const outcome = (ending: object | undefined, index?: number): Outcome => ({ ...ending, operationId: operation(snapshot, index) }) as Outcome;
  const free = reply && awaiting === null;
  switch (kind) {
    case 'outcome':
      return awaiting === null ? undefined : service(outcome(pick(endings[awaiting.types.at(-1)!]!)));
    case 'other':
      return awaiting === null ? undefined : service(outcome(pick(Object.values(endings).flat())));
    case 'stale':
      return service({ type: 'recognize.input', operationId: `${call.id}:${Math.max(0, (awaiting?.revision ?? 1) - 1)}:0`, input: { kind: 'keys', keys: '1' }, via: 'dtmf' });
    case 'progress':
      return awaiting === null || awaiting.types.length < 2 ? undefined : service(outcome({ type: `${awaiting.types[0]}.done` }, 0));
    case 'failure':
      return awaiting === null ? undefined : service(outcome({ type: `${awaiting.types[die % awaiting.types.length]}.failed`, cause: 'system' }, die % awaiting.types.length));
    case 'refused':
      return awaiting === null ? undefined : service({ type: 'batch.refused', operationId: operation(snapshot), reason: 'no' });
    case 'timer': {
      const next = [...timers].sort((a, b) => a.dueAt - b.dueAt)[die % 5 === 0 ? die % Math.max(1, timers.length) : 0];
      return next === undefined ? undefined : { type: 'timer', at: Math.max(now, next.dueAt), timer: next, reply: free };
    }
    case 'staleTimer':
      return { type: 'timer', at: now, timer: { id: pick(timers)?.id ?? 'x', path: '', event: { type: 'x' }, dueAt: 1 }, reply: free };
    case 'task':
    case 'taskFails':
      return tasks.length === 0 ? undefined : { type: 'task', at: now, taskId: pick(tasks)!.id, result: kind === 'task' ? { type: 'task.done', output: die % 3 } : { type: 'task.failed', error: { message: 'no' } }, reply: free };
    case 'staleTask':
      return { type: 'task', at: now, taskId: `${call.id}:0:s0`, result: { type: 'task.done', output: 1 }, reply: free };
    case 'due':
      return { type: 'reply.due', at: now };
    case 'line':
      return service(die % 2 === 0 ? { type: 'call.state', state: 'held' } : { type: 'call.roster', participants: die % 4 });
    case 'hangup':
      return die % 8 > 2 ? undefined : service({ type: 'call.ended', reason: 'caller' });
    case 'both':
      return awaiting === null ? undefined : service(outcome(pick(endings[awaiting.types.at(-1)!]!)), { type: 'call.roster', participants: 2 }, ...(die % 3 === 0 ? [{ type: 'call.ended', reason: 'caller' }] : []));
    case 'xstate':
      return service({ type: pick(['xstate.init', 'xstate.stop', 'xstate.done.actor.s0', 'xstate.error.actor.s1', 'xstate.after.1000.bot.s0', 'xstate.route']), ...(awaiting !== null && die % 2 === 0 && { operationId: operation(snapshot) }), output: 1, to: '#bot.s0' });
  }
};
