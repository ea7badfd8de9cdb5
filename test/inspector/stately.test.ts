import { expect } from 'chai';
import { type AnyStateMachine, assign, createActor } from 'xstate';
import { callMachine, dialog, dialogMachine, hangup, recognize, task } from 'callchart';
import acme from '../../examples/acme/bot.ts';
import { type CallObservation, formatTrail } from '../../src/inspector/observation.ts';
import { introduce, type StatelyMessage, type StatelyOptions, watch, type WatchedCall } from '../../src/inspector/stately.ts';

const pin = dialogMachine<{ pin: string }, undefined, string>()('pin', {
  context: { pin: '' },
  initial: 'ask',
  states: {
    ask: recognize({ digits: { max: 4 }, on: { digits: { target: 'got', actions: assign(({ event }) => ({ pin: event.digits })) }, exhausted: 'got' } }),
    got: { type: 'final', output: ({ context }) => context.pin },
  },
});

const bank = callMachine<{ pin: string; name: string }>()('bank', {
  context: { pin: '', name: '' },
  initial: 'pin',
  tasks: { balance: async () => 12 },
  states: {
    pin: dialog(pin, { on: { done: { target: 'lookup', actions: assign(({ event }) => ({ pin: event.output })) } } }),
    lookup: task({ run: 'balance', input: ({ context }) => context.pin, on: { done: 'pin', failed: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

/** A call that is stepped by hand: events go to the actor at the path that is given. */
const ring = (machine: AnyStateMachine, callId: string) => {
  const call = { id: callId, from: '+15554929', to: '+1', name: 'Ada 4929', direction: 'inbound', headers: { 'x-pin': '4929' } };
  const actor = createActor(machine, { input: call }).start();
  let revision = 0;
  const step = (event: { readonly type: string; readonly [field: string]: unknown }, child?: string): CallObservation => {
    if (child === undefined) actor.send(event);
    else (actor.getSnapshot() as { children: Record<string, { send: (event: unknown) => void } | undefined> }).children[child]?.send(event);
    revision += 1;
    const snapshot = JSON.parse(JSON.stringify(actor.getPersistedSnapshot())) as { status: string; value: unknown };
    return { callId, bot: machine.id, machine, revision, at: 1_604_416_038_000 + revision, events: [event], snapshot, batch: [{ type: 'play' }, { type: 'hangup' }], trail: [], moves: [], ended: snapshot.status !== 'active' };
  };
  return { step, begin: () => step({ type: 'call.incoming', call }) };
};

const follow = (observations: readonly CallObservation[], options?: StatelyOptions) =>
  observations.reduce<{ readonly call: WatchedCall | undefined; readonly messages: readonly StatelyMessage[] }>(
    ({ call, messages }, observation) => {
      const next = watch(call, observation, options);
      return { call: next.call, messages: [...messages, ...next.messages] };
    },
    { call: undefined, messages: [] },
  );

const brief = (message: StatelyMessage): string => {
  const detail = message.type === '@xstate.event' ? message.event.type : message.type === '@xstate.snapshot' ? `${message.snapshot.status} ${JSON.stringify(message.snapshot.value)}` : message.name;
  return `${message.type} ${message.sessionId} ${detail}`;
};

const bankCall = (): readonly CallObservation[] => {
  const { begin, step } = ring(bank, 'c1');
  return [
    begin(),
    step({ type: 'recognize.digits.termchar', digits: '4929' }, 'pin'),
    step({ type: 'task.done', output: { owner: 'four nine two nine 4929' } }, 'lookup'),
    step({ type: 'call.ended', reason: 'caller' }),
  ];
};

describe('calls, as the official inspector is told of them', () => {
  it('are actors that were sent an event and have a snapshot', () => {
    const { begin, step } = ring(acme, 'c1');
    const { messages } = follow([begin(), step({ type: 'recognize.choice.sales', via: 'dtmf' }), step({ type: 'call.ended', reason: 'bot' })]);
    expect(messages.map(brief)).to.deep.equal([
      '@xstate.actor call:c1 acme', '@xstate.event call:c1 call.incoming', '@xstate.snapshot call:c1 active "menu"',
      '@xstate.event call:c1 recognize.choice.sales', '@xstate.snapshot call:c1 active "sales"',
      '@xstate.event call:c1 call.ended', '@xstate.snapshot call:c1 done "ended"',
    ]);
    for (const message of messages) expect(message).to.include({ rootId: 'call:c1', id: null, _version: '0.7.2' });
    expect(messages.map(({ createdAt }) => createdAt)).to.include('1604416038001');
    expect(messages[3]).to.have.deep.property('event', { via: 'dtmf', type: 'recognize.choice.sales' });
  });

  it('define the chart in the author\'s order, with prompts and actions and without code', () => {
    const [actor] = follow([ring(acme, 'c1').begin()]).messages;
    const definition = JSON.parse(actor?.type === '@xstate.actor' ? actor.definition : '') as { id: string; context?: unknown; states: Record<string, { entry?: unknown }> };
    expect(definition.id).to.equal('acme');
    expect(Object.keys(definition.states)).to.deep.equal(['idle', 'menu', 'sales', 'support', 'bye', 'ended']);
    expect(definition.states['sales']?.entry).to.deep.equal([{ type: 'play', params: { prompts: [{ text: 'Sales will call you back.' }] } }, { type: 'hangup', params: {} }]);
    expect(definition).to.not.have.property('context');
  });

  it('show dialogs and tasks as actors of their own, each run another one, and stop what is gone', () => {
    const { messages } = follow(bankCall());
    expect(messages.map(brief)).to.deep.equal([
      '@xstate.actor call:c1 bank', '@xstate.event call:c1 call.incoming', '@xstate.actor call:c1/pin pin',
      '@xstate.snapshot call:c1/pin active "ask"', '@xstate.snapshot call:c1 active "pin"',
      '@xstate.event call:c1 recognize.digits.termchar', '@xstate.actor call:c1/lookup lookup',
      '@xstate.snapshot call:c1/pin stopped "ask"', '@xstate.snapshot call:c1/lookup active undefined', '@xstate.snapshot call:c1 active "lookup"',
      '@xstate.event call:c1 task.done', '@xstate.actor call:c1/pin~2 pin',
      '@xstate.snapshot call:c1/lookup stopped undefined', '@xstate.snapshot call:c1/pin~2 active "ask"', '@xstate.snapshot call:c1 active "pin"',
      '@xstate.event call:c1 call.ended', '@xstate.snapshot call:c1/pin~2 stopped "ask"', '@xstate.snapshot call:c1 done "ended"',
    ]);
    const dialogActor = messages.find((message) => message.type === '@xstate.actor' && message.name === 'pin');
    expect(dialogActor).to.include({ parentId: 'call:c1', rootId: 'call:c1' });
    expect(JSON.parse(dialogActor?.type === '@xstate.actor' ? dialogActor.definition : '')).to.have.nested.property('states.ask');
    const [, , , , first] = messages;
    expect(first).to.have.deep.nested.property('snapshot.children', { pin: { xstate$$type: 1, id: 'call:c1/pin' } });
  });

  it('say nothing of what the caller keyed, said or is called', () => {
    const { messages, call } = follow(bankCall());
    expect(JSON.stringify([messages, introduce(call ?? expect.fail())])).to.not.match(/4929|Ada|four nine/);
    expect(messages.find((message) => message.type === '@xstate.snapshot' && message.sessionId === 'call:c1')).to.have.deep.nested.property('snapshot.context', {
      pin: '[redacted]', name: '[redacted]',
      call: { id: '[redacted]', from: '[redacted]', to: '[redacted]', name: '[redacted]', direction: 'inbound', headers: '[redacted]', asked: { attempts: 0, noinput: 0, nomatch: 0, failed: 0 }, ended: null },
    });
    expect(messages).to.deep.include({ type: '@xstate.event', sessionId: 'call:c1', rootId: 'call:c1', createdAt: '1604416038002', id: null, _version: '0.7.2', event: { digits: '[redacted]', type: 'recognize.digits.termchar' } });
  });

  it('say nothing either in whatever other event, name, output or error holds it', () => {
    const observed = (more: Partial<CallObservation>): CallObservation => ({ ...ring(acme, 'c1').begin(), ...more });
    const event = (fields: object): Partial<CallObservation> => ({ events: [{ type: 'x', ...fields }] });
    for (const more of [
      event({ choice: '4929' }), event({ phrase: '4929', keys: '4929' }), event({ type: 'recognize.speech', phrase: '4929', confidence: 0.4929 }), event({ input: { kind: 'keys', keys: '4929' } }), event({ via: '4929', reason: '4929', cause: '4929', by: '4929', participants: '4929' }),
      event({ recording: { ref: '4929' } }), event({ 4929: true, 'my 4929': 1, pin4929: 1 }), event({ output: { 4929: 4929 } }), event({ type: 'recognize.choice.4929' }),
      { snapshot: { status: 'done', value: 'menu', output: '4929', error: { message: '4929' }, context: { 4929: 1, digits: ['4929'], call: { asked: { attempts: 1, last: '4929' }, ended: '4929', direction: '4929', x: '4929' } }, children: { t: { src: 't', snapshot: { status: 'active', input: { value: '4929' } } } } } },
      { snapshot: '4929' }, { snapshot: null, ended: true },
    ]) {
      const observation = observed(more);
      expect(JSON.stringify(follow([observation]).messages), JSON.stringify(more)).to.not.include('4929');
      expect(formatTrail(observation)).to.not.include('4929');
    }
  });

  it('say everything when asked to', () => {
    const { messages } = follow(bankCall(), { redact: false });
    expect(messages).to.deep.include({ type: '@xstate.event', sessionId: 'call:c1', rootId: 'call:c1', createdAt: '1604416038002', id: null, _version: '0.7.2', event: { digits: '4929', type: 'recognize.digits.termchar' } });
    expect(JSON.stringify(messages.at(-1))).to.include('"pin":"4929"').and.include('Ada 4929');
  });

  it('survive contexts that JSON does not', () => {
    const loop: Record<string, unknown> = { big: 1n, run: () => 1, sign: Symbol('s') };
    loop['self'] = loop;
    const deep = Array.from({ length: 500 }).reduce<unknown>((inner) => [inner], 'core');
    const observation: CallObservation = { ...ring(acme, 'c1').begin(), snapshot: { status: 'active', value: 'menu', context: { loop, deep } } };
    expect(() => JSON.stringify(follow([observation], { redact: false }).messages)).to.not.throw();
  });

  it('are introduced to a late viewer as they are now', () => {
    const steps = bankCall();
    const { call } = follow(steps.slice(0, 2));
    expect(introduce(call ?? expect.fail()).map(brief)).to.deep.equal(['@xstate.actor call:c1 bank', '@xstate.actor call:c1/lookup lookup', '@xstate.snapshot call:c1/lookup active undefined', '@xstate.snapshot call:c1 active "lookup"']);
  });

  it('ignore a step that comes late, and begin anew under the id of a call that is over', () => {
    const steps = bankCall();
    const [first, second] = steps;
    if (first === undefined || second === undefined) expect.fail();
    expect(follow([second, first]).messages).to.deep.equal(follow([second]).messages);
    expect(follow([...steps, first]).messages.slice(-5).map(brief)[0]).to.equal('@xstate.actor call:c1 bank');
  });

  it('are told apart by any id', () => {
    const ids = ['a', 'a/b', 'a%2fb', 'a~2', '', '\ud800', 'a:b'];
    expect(new Set(ids.map((id) => follow([ring(acme, id).begin()]).messages[0]?.sessionId)).size).to.equal(ids.length);
  });
});

describe('a step on one line', () => {
  it('says which call, what happened, where it went and what it asked', () => {
    const { begin, step } = ring(acme, '7f3a9c01-22');
    begin();
    expect(formatTrail({ ...step({ type: 'recognize.choice.sales', via: 'dtmf' }), trail: ['menu', 'sales'] })).to.equal('call 7f3a9c01… r2  recognize.choice.sales: menu → sales  [play, hangup]');
  });

  it('says the state when none was passed, and the end', () => {
    const { begin } = ring(acme, 'c1');
    expect(formatTrail({ ...begin(), batch: [], events: [], ended: true })).to.equal('call c1 r1  menu  ended');
    expect(formatTrail({ ...begin(), batch: [], snapshot: { value: { p: { a: 'x', b: {} } } } })).to.equal('call c1 r2  call.incoming: p.(a.x, b)');
  });

  it('holds nothing that a terminal obeys', () => {
    expect(formatTrail({ ...ring(acme, '\u001b[2J\nx').begin(), trail: ['\u202e'] })).to.match(/^[^\p{Cc}\p{Cf}]+$/u);
  });
});
