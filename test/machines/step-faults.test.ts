/** What the author's code does wrong: the step is abandoned, the stored chart kept, and the caller hears an apology. */
import { abandon, type CallInput, callMachine, dialog, dialogMachine, hangup, isCallError, play, prompt, recognize, step, task, taskLogic } from 'callchart';
import { expect } from 'chai';
import { type AnyStateMachine, assign, emit, fromCallback, fromPromise, raise, sendTo, spawnChild } from 'xstate';
import { heard, type Line, operation, ring, types } from './line.ts';

const boom = (): never => {
  throw new Error('boom');
};
const apology = 'Sorry, something went wrong. Please call again later.';

interface Data {
  readonly n: number;
  readonly value: unknown;
}

/** A bot that asks, and does `yes` when the caller says yes. */
const asks = (yes: unknown, more: Readonly<Record<string, unknown>> = {}): AnyStateMachine =>
  callMachine<Data>()('bot', {
    context: { n: 1, value: null }, initial: 'ask',
    states: { ask: recognize({ prompt: 'Hm?', choices: { yes: '1' }, on: { yes: yes as 'bye', exhausted: 'bye' } }), bye: hangup('Bye.'), ...more },
  } as never) as never;

/** The step is abandoned with `code`, and the chart is the one before. */
const sorry = (line: Line, act: () => unknown, code: string, details: object = {}): void => {
  const before = line.snapshot();
  act();
  const { error } = line.result();
  expect(error?.code, String(error?.cause ?? error?.message)).to.equal(code);
  expect(error?.details).to.deep.include(details);
  expect(heard(line.result())).to.deep.equal([apology]);
  expect(types(line.result()).slice(-2)).to.deep.equal(['play', 'hangup']);
  expect(line.snapshot()).to.deep.include({ machine: before.machine, failed: true, ended: null, tasks: [], timers: [] });
  line.ends({ type: 'hangup.done' });
  expect(line.snapshot().ended).to.equal('error');
};

describe('author code that throws', () => {
  const throwing: Readonly<Record<string, AnyStateMachine>> = {
    'in a guard': asks({ target: 'bye', guard: boom }),
    'in an assign': asks({ target: 'bye', actions: assign({ n: boom }) }),
    'in an action on the way': asks({ target: 'bye', actions: boom }),
    'in an entry action': asks('next', { next: { entry: boom } }),
    'in an exit action': asks('next', { next: { exit: boom, always: 'bye' } }),
    'in a prompt function': asks('next', { next: hangup(boom) }),
    'in an `always` guard': asks('next', { next: { always: { target: 'bye', guard: boom } } }),
    'in the input of a task': asks('next', { next: task({ run: () => 0, input: boom, on: { done: 'bye', failed: 'bye' } }) }),
    'in the context of a dialog': asks('next', { next: dialog(dialogMachine()('pin', { context: boom as never, initial: 'out', states: { out: { type: 'final' } } }), { on: { done: 'bye' } }) }),
    'in a dialog, under a wildcard': asks('next', { next: { ...dialog(dialogMachine()('pin', { initial: 'out', states: { out: { entry: boom } } }), { on: { done: 'bye' } }), on: { '*': 'bye' } } }),
    'in the input of a dialog': asks('next', { next: dialog(dialogMachine()('pin', { initial: 'out', states: { out: { type: 'final' } } }), { input: boom as never, on: { done: 'bye' } }) }),
    'in the output of a dialog': asks('next', { next: dialog(dialogMachine()('pin', { initial: 'out', states: { out: { type: 'final', output: boom } } }), { on: { done: 'bye' } }) }),
  };
  /** What is computed on entry is told by the state that is entered; of the rest only the state before is known. */
  const toldByItsState = ['in a prompt function', 'in the input of a task', 'in the input of a dialog'];
  for (const [where, bot] of Object.entries(throwing)) {
    it(`${where} is followed by the apology and the hangup`, () => {
      const line = ring(bot);
      sorry(line, () => line.keys('1'), 'ERR_BOT_THREW', { state: toldByItsState.includes(where) ? 'next' : 'ask' });
    });
  }

  it('in a dialog that waits for the caller', () => {
    const pin = dialogMachine()('pin', { initial: 'ask', states: { ask: recognize({ prompt: 'Pin?', choices: { yes: '1' }, on: { yes: { target: 'out', actions: boom }, exhausted: 'out' } }), out: { type: 'final' } } });
    const line = ring(callMachine('bot', { initial: 'run', states: { run: dialog(pin, { on: { done: 'bye' } }), bye: hangup() } }));
    sorry(line, () => line.keys('1'), 'ERR_BOT_THREW', { state: 'run' });
  });

  it('in the context of the bot', () => {
    const line = ring(callMachine<Data>()('bot', { context: boom, initial: 'bye', states: { bye: hangup('Bye.') } }));
    expect(line.result().error?.details).to.deep.equal({ state: 'idle' });
    expect(types(line.result())).to.deep.equal(['answer', 'play', 'hangup']);
    expect(line.snapshot().machine).to.equal(null);
    line.ends({ type: 'hangup.done' });
    expect(line.snapshot()).to.deep.include({ ended: 'error', machine: null });
  });

  it('in the bot’s first states', () => {
    const line = ring(callMachine('bot', { initial: 'one', states: { one: prompt('One.', 'two'), two: { entry: boom } } }));
    expect(types(line.result())).to.deep.equal(['answer', 'play', 'hangup']);
    expect(heard(line.result())).to.deep.equal([apology]);
  });

  it('on the way out is told, and the end is recorded all the same', () => {
    const line = ring(asks({ target: 'bye' }, {}));
    const leaving = ring(callMachine('bot', { initial: 'ask', states: { ask: { ...recognize({ choices: { yes: '1' }, on: { yes: 'ask', exhausted: 'ask' } }), exit: boom } }, cleanup: () => undefined }));
    line.hangsUp();
    const { error, tasks } = leaving.hangsUp();
    expect(error?.code).to.equal('ERR_BOT_THREW');
    expect(tasks).to.have.lengthOf(1);
    expect(leaving.snapshot()).to.deep.include({ ended: 'caller' });
  });

  it('keeps what was thrown as the cause', () => {
    const line = ring(asks({ target: 'bye', actions: boom }));
    expect(line.keys('1').error?.cause).to.be.an('error').with.property('message', 'boom');
  });

  it('leaves a call on which nothing but its end means anything', () => {
    const line = ring(asks({ target: 'bye', actions: boom }, {}));
    line.keys('1');
    expect(line.service({ type: 'call.state', state: 'held' }).ignored).to.equal(true);
    expect(line.patienceEnds().ignored).to.equal(true);
    expect(line.ends({ type: 'play.done' }, 0).ignored).to.equal(true);
    expect(types(line.ends({ type: 'play.failed' }, 0))).to.deep.equal(['hangup']);
    line.ends({ type: 'hangup.failed' });
    expect(line.snapshot().ended).to.equal('error');
  });

  it('leaves a call that the caller may end first: it ended in error all the same', () => {
    const line = ring(asks({ target: 'bye', actions: boom }));
    line.keys('1');
    expect(line.hangsUp().snapshot.ended).to.equal('error');
  });

  it('in the step in which the caller hangs up leaves nothing to say', () => {
    const line = ring(asks({ target: 'bye', actions: boom }));
    const result = line.service({ type: 'recognize.input', operationId: operation(line.snapshot()), input: { kind: 'keys', keys: '1' }, via: 'dtmf' }, { type: 'call.ended', reason: 'caller' });
    expect(result).to.deep.include({ batch: [] });
    expect(result.error?.code).to.equal('ERR_BOT_THREW');
    expect(result.snapshot.ended).to.equal('error');
  });

  it('while no reply is open has its apology wait for the next one', () => {
    const bot = callMachine('bot', { initial: 'ask', states: { ask: { ...recognize({ prompt: 'Hm?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 1_000: { target: 'bye', actions: boom } } }, bye: hangup('Bye.') } });
    const line = ring(bot);
    expect(line.due(false)).to.deep.include({ batch: [] });
    expect(line.result().error?.code).to.equal('ERR_BOT_THREW');
    expect(heard(line.keys('1'))).to.deep.equal([apology]);
    line.ends({ type: 'hangup.done' });
    expect(line.snapshot().ended).to.equal('error');
  });

  it('has the author’s own apology said, or nothing where that is empty', () => {
    const line = ring(callMachine('bot', { apology: 'Oops.', initial: 'one', states: { one: { entry: boom } } }));
    expect(heard(line.result())).to.deep.equal(['Oops.']);
    expect(types(ring(callMachine('bot', { apology: '', initial: 'one', states: { one: { entry: boom } } })).result())).to.deep.equal(['reject']);
  });
});

describe('a chart that never comes to rest', () => {
  it('by itself ends in the apology', () => {
    const line = ring(asks('left', { left: { always: 'right' }, right: { always: 'left' } }));
    sorry(line, () => line.keys('1'), 'ERR_BOT_THREW');
  });
  it('because it raises an event for ever ends in the apology', () => {
    const line = ring(asks('loop', { loop: { entry: raise({ type: 'call.state', state: 'x' } as never), on: { 'call.state': { target: 'loop', reenter: true } } } }));
    sorry(line, () => line.keys('1'), 'ERR_BOT_THREW');
  });
  it('because a dialog that ends at once is run again for ever ends in the apology', () => {
    const nothing = dialogMachine()('nothing', { initial: 'out', states: { out: { type: 'final' } } });
    const line = ring(asks('run', { run: dialog(nothing, { on: { done: { target: 'run', reenter: true } } }) }));
    sorry(line, () => line.keys('1'), 'ERR_BOT_THREW');
  });
});

describe('an author’s context', () => {
  const cycle: unknown[] = [];
  cycle.push([cycle]);
  const shared = { n: 1 };
  const bad: Readonly<Record<string, readonly [value: unknown, path: string]>> = {
    'a Date': [{ at: new Date(0) }, 'context.value.at'],
    'a function': [[1, () => 1], 'context.value.1'],
    'NaN': [Number.NaN, 'context.value'],
    'an infinity': [[[Number.POSITIVE_INFINITY]], 'context.value.0.0'],
    'minus zero': [{ a: -0 }, 'context.value.a'],
    'a cycle': [cycle, 'context.value.0.0'],
    'a bigint': [1n, 'context.value'],
    'a symbol': [Symbol('s'), 'context.value'],
    'a Map': [new Map(), 'context.value'],
    'an undefined in a list': [[undefined], 'context.value.0'],
    'a list with a hole': [Object.assign([], { length: 2, 0: 1 }), 'context.value'],
  };
  for (const [what, [value, path]] of Object.entries(bad)) {
    it(`with ${what} in it is refused, and the place is named`, () => {
      const line = ring(asks({ target: 'bye', actions: assign({ value: () => value }) }));
      sorry(line, () => line.keys('1'), 'ERR_CONTEXT_JSON', { path: what === 'a list with a hole' ? 'context.value' : path });
    });
  }
  it('may hold the same thing twice, an undefined, and anything else that JSON carries', () => {
    const line = ring(asks({ target: 'bye', actions: assign({ value: () => ({ a: shared, b: [shared, null, '', 0, true], c: undefined, d: Object.create(null) as object }) }) }));
    expect(line.keys('1').error).to.equal(undefined);
  });
  it('whose `call` is written by the author is refused', () => {
    for (const forged of [{}, null, undefined, 'x', { id: 'c1', asked: {} }]) {
      const line = ring(asks({ target: 'bye', actions: assign({ call: forged } as never) }));
      sorry(line, () => line.keys('1'), 'ERR_CONTEXT_CALL', { state: 'bye' });
    }
    const copied = ring(asks({ target: 'bye', actions: assign((({ context }: { context: { call: object } }) => ({ call: { ...context.call } })) as never) }));
    sorry(copied, () => copied.keys('1'), 'ERR_CONTEXT_CALL');
  });
  it('in a dialog is held to the same', () => {
    const pin = dialogMachine<{ at: unknown }>()('pin', { context: { at: null }, initial: 'ask', states: { ask: recognize({ prompt: 'Pin?', choices: { yes: '1' }, on: { yes: { actions: assign({ at: () => new Date(0) }) }, exhausted: 'ask' } }) } });
    const line = ring(callMachine('bot', { initial: 'run', states: { run: dialog(pin, { on: { done: 'bye' } }), bye: hangup() } }));
    sorry(line, () => line.keys('1'), 'ERR_CONTEXT_JSON', { path: 'context.at', state: 'run/ask' });
  });
});

describe('what else JSON has to carry', () => {
  const pin = dialogMachine<Record<never, never>, undefined, unknown>()('pin', { initial: 'out', states: { out: { type: 'final', output: () => new Date(0) } } });
  it('a dialog’s output is held to it', () => {
    const line = ring(asks('next', { next: dialog(pin, { on: { done: 'bye' } }) }));
    sorry(line, () => line.keys('1'), 'ERR_CONTEXT_JSON', { path: 'output' });
  });
  it('a task’s input is held to it', () => {
    const line = ring(asks('next', { next: task({ run: () => 0, input: (() => ({ at: new Date(0) })) as never, on: { done: 'bye', failed: 'bye' } }) }));
    sorry(line, () => line.keys('1'), 'ERR_CONTEXT_JSON', { path: 'input.at' });
  });
  it('a delayed event is held to it, and so is its delay', () => {
    const line = ring(asks('next', { next: { entry: raise({ type: 'call.state', at: new Date(0) } as never, { delay: 5 }) } }));
    sorry(line, () => line.keys('1'), 'ERR_CONTEXT_JSON', { path: 'raise.event.at' });
    const never = ring(asks('next', { next: { entry: raise({ type: 'call.state', state: '' } as never, { delay: () => Number.NaN }) } }));
    sorry(never, () => never.keys('1'), 'ERR_CONTEXT_JSON', { path: 'raise.delay' });
  });
  it('what is asked of the service is held to it, and to what the action takes', () => {
    const silent = ring(asks('next', { next: hangup(() => ({ silenceMs: Number.NaN })) }));
    sorry(silent, () => silent.keys('1'), 'ERR_CONTEXT_JSON', { path: 'play.prompts.0.silenceMs', state: 'next' });
    for (const wrong of [{ sound: 'x' }, null, 5]) {
      const odd = ring(asks('next', { next: hangup(() => wrong as never) }));
      sorry(odd, () => odd.keys('1'), 'ERR_BATCH_ILLEGAL', { rule: 'parameters', state: 'next', action: 'play' });
    }
  });
});

describe('an actor that cannot be restored', () => {
  let started = 0;
  const promise = fromPromise(async () => { started += 1; });
  const callback = fromCallback(() => { started += 1; });
  const machine = dialogMachine()('pin', { initial: 'ask', states: { ask: recognize({ prompt: 'Pin?', choices: { yes: '1' }, on: { yes: 'ask', exhausted: 'ask' } }) } });
  const dialogued = { later: dialog(machine, { on: { done: 'bye' } }) };
  const spawned: Readonly<Record<string, unknown>> = {
    'a promise': spawnChild(promise, { id: 'p' }),
    'a callback': spawnChild(callback, { id: 'p' }),
    'a task without an id': spawnChild(taskLogic(() => 0), { input: { value: 1, filler: [] } as never }),
    'a dialog without an id': spawnChild('pin' as never, { input: { call: {}, input: null } as never }),
    'a machine that stands there itself': spawnChild(machine, { id: 'p', input: { call: {}, input: null } as never }),
    'a dialog whose every snapshot is told': spawnChild('pin' as never, { id: 'p', syncSnapshot: true, input: { call: {}, input: null } as never }),
  };
  for (const [what, action] of Object.entries(spawned)) {
    it(`is refused before it starts: ${what}`, () => {
      const line = ring(asks('next', { next: { entry: action, on: { 'play.done': 'bye' } }, ...dialogued }));
      sorry(line, () => line.keys('1'), 'ERR_ACTOR_UNSUPPORTED');
      expect(started).to.equal(0);
    });
  }
  it('is refused in an assign', () => {
    const line = ring(asks({ target: 'bye', actions: assign({ value: ({ spawn }) => (spawn as (logic: unknown, options: object) => unknown)(promise, { id: 'p' }) }) }));
    sorry(line, () => line.keys('1'), 'ERR_ACTOR_UNSUPPORTED', { actor: 'p' });
    expect(started).to.equal(0);
  });
  it('a delayed event to somebody else is refused', () => {
    const line = ring(asks('next', { next: { entry: sendTo(({ self }) => self, { type: 'call.state' }, { delay: 5 }) } }));
    sorry(line, () => line.keys('1'), 'ERR_ACTOR_UNSUPPORTED', { actor: 'sendTo' });
  });
  it('an event that is emitted hurts nobody', () => {
    expect(ring(asks({ target: 'bye', actions: emit({ type: 'x' } as never) })).keys('1').error).to.equal(undefined);
  });
  it('a dialog that is spawned by name, with an id, is kept and answered', () => {
    const input = ({ context }: { context: { call: unknown } }): unknown => ({ call: context.call, input: null });
    const line = ring(asks('next', { next: { entry: spawnChild('pin' as never, { id: 'p', input: input as never }) }, ...dialogued }));
    expect(heard(line.keys('1'))).to.deep.equal(['Pin?']);
    expect(line.snapshot().awaiting?.path).to.equal('p');
    expect(heard(line.silence())).to.deep.equal(['Sorry, I did not hear you. Pin?']);
  });
});

describe('two questions at once', () => {
  const ask = (name: string): object => recognize({ prompt: `${name}?`, choices: { yes: '1' }, on: { yes: 'done', exhausted: 'done' } });
  const region = (name: string, extra: object = {}): object => ({ initial: 'wait', states: { wait: { always: { target: 'ask', guard: ({ context }: { context: Data }) => context.n > 1 }, ...extra }, ask: ask(name), done: {} } });

  it('in two regions are refused when they are asked together', () => {
    const line = ring(asks({ target: 'both', actions: assign({ n: 2 }) }, { both: { type: 'parallel', states: { a: region('A'), b: region('B') } } }));
    sorry(line, () => line.keys('1'), 'ERR_BATCH_ILLEGAL', { rule: 'question-last', action: 'recognize' });
  });
  it('in two regions are refused when the second is asked later', () => {
    for (const [first, second] of [['a', 'b'], ['b', 'a']] as const) {
      const states = { [first]: { initial: 'ask', states: { ask: ask('First'), done: {} } }, [second]: { initial: 'wait', states: { wait: { after: { 1_000: 'ask' } }, ask: ask('Second'), done: {} } } };
      const line = ring(asks('both', { both: { type: 'parallel', states } }));
      line.keys('1');
      const { error } = line.due(false);
      expect(error?.details).to.deep.include({ rule: 'question-last' });
      expect(heard(line.silence())).to.deep.equal([apology]);
    }
  });
  it('in a region and in a dialog are refused', () => {
    const pin = dialogMachine()('pin', { initial: 'ask', states: { ask: ask('Pin') as never, done: { type: 'final' } } });
    const line = ring(asks('both', { both: { type: 'parallel', states: { a: { initial: 'run', states: { run: dialog(pin, { on: { done: 'done' } }), done: {} } }, b: { initial: 'wait', states: { wait: { after: { 1_000: 'ask' } }, ask: ask('B'), done: {} } } } } }));
    expect(heard(line.keys('1'))).to.deep.equal(['Pin?']);
    expect(line.due(false).error?.details).to.deep.include({ rule: 'question-last' });
  });
  it('one after the other in two regions are none of that', () => {
    const states = { a: { initial: 'ask', states: { ask: ask('A'), done: { entry: assign({ n: 2 }) } } }, b: region('B') };
    const line = ring(asks('both', { both: { type: 'parallel', states } }));
    line.keys('1');
    expect(heard(line.keys('1'))).to.deep.equal(['B?']);
    expect(line.result().error).to.equal(undefined);
  });
});

describe('a batch that the service refuses', () => {
  it('is answered with the apology, then with a bare hangup, and then the call is over', () => {
    const line = ring(asks('bye'));
    const refuse = (): ReturnType<Line['service']> => line.service({ type: 'batch.refused', operationId: operation(line.snapshot(), 0), reason: 'no' });
    const sent = [line.result(), refuse(), refuse()];
    expect(sent.map(types)).to.deep.equal([['answer', 'recognize'], ['play', 'hangup'], ['hangup']]);
    expect(sent[1]?.error?.details).to.deep.equal({ rule: 'refused', state: 'ask', action: 'recognize' });
    expect(refuse()).to.deep.include({ batch: [], ignored: false });
    expect(line.snapshot().ended).to.equal('error');
  });
  it('is no news when it is an older one', () => {
    const line = ring(asks('bye'));
    const operationId = operation(line.snapshot());
    line.silence();
    expect(line.service({ type: 'batch.refused', operationId, reason: 'no' }).ignored).to.equal(true);
  });
  it('because the host could not send it is abandoned likewise', () => {
    const line = ring(asks('bye'));
    const before = line.snapshot();
    const { batch, error, snapshot } = abandon(asks('bye'), before, { type: 'service', at: 1, events: [{ type: 'recognize.noinput', operationId: operation(before) }] }, new Error('too long'));
    expect(batch.map(({ type, operationId }) => `${type} ${operationId}`)).to.deep.equal(['play c1:2:0', 'hangup c1:2:1']);
    expect(error?.code).to.equal('ERR_BOT_THREW');
    expect(snapshot.failed).to.equal(true);
  });
});

describe('an illegal batch', () => {
  it('is the author’s error and never the service’s', () => {
    const line = ring(asks('next', { next: { entry: [{ type: 'hangup', params: {} }, play('And more.')] } }));
    sorry(line, () => line.keys('1'), 'ERR_BATCH_ILLEGAL', { rule: 'hangup-last', state: 'next', action: 'hangup' });
  });
});

describe('a chart that changed under a call', () => {
  it('so that its state is gone ends in the apology', () => {
    const line = ring(asks('bye'));
    const other = callMachine('bot', { initial: 'bye', states: { bye: hangup() } });
    const result = step(other, line.snapshot(), { type: 'service', at: 9, events: [{ type: 'recognize.noinput', operationId: operation(line.snapshot()) }] });
    expect(result.error).to.satisfy(isCallError);
    expect(heard(result)).to.deep.equal([apology]);
  });
});

describe('a call that stands where the bot no longer has a state', () => {
  it('ends with the apology, and the error says so', () => {
    const bot = (name: string) => callMachine('bot', { initial: name, states: { [name]: recognize({ prompt: 'Yes?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') } } as never) as never;
    const call: CallInput = { id: 'c', from: 'a', to: 'b', direction: 'inbound', headers: {} };
    const before = step(bot('old'), undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call }] });
    const after = step(bot('new'), before.snapshot, { type: 'service', at: 2, events: [{ type: 'recognize.noinput', operationId: before.batch.at(-1)!.operationId }] });
    expect(after.error).to.include({ code: 'ERR_RECORD_UNKNOWN', message: 'the call stands in state `old`, or in a dialog there, which this version of the bot does not have' });
    expect(after.batch.map(({ type }) => type)).to.deep.equal(['play', 'hangup']);
  });
});
