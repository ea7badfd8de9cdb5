/**
 * The state makers return plain XState, and a bot made of them runs in a plain XState actor: no host, no service.
 */
import { answer, type CallEvent, callMachine, createcall, dialog, dialogMachine, type EndReason, hangup, hold, play, prompt, raw, recognize, record, reject, task, transfer, unhold } from 'callchart';
import { expect } from 'chai';
import { assign, createActor, initialTransition, transition } from 'xstate';
import acme from '../../examples/acme/bot.ts';

const call = { id: 'c1', from: '+15550001', to: '+15550002', direction: 'inbound', headers: {} } as const;
const incoming: CallEvent = { type: 'call.incoming', call };
const silence: CallEvent = { type: 'recognize.noinput' };
const wrongKey: CallEvent = { type: 'recognize.nomatch.key' };
const notPlayed: CallEvent = { type: 'play.failed' };
const notHeard: CallEvent = { type: 'recognize.failed', cause: 'system' };
const endedBy = (reason: EndReason): CallEvent => ({ type: 'call.ended', reason });

/** The functions in `value`, by their paths: those that an author gave. */
const functionsIn = (value: unknown, path = ''): readonly string[] => {
  if (typeof value === 'function') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => functionsIn(inner, path === '' ? key : `${path}.${key}`));
};

const on = { a: 'x', exhausted: 'y' } as const;
const pin = dialogMachine<Record<never, never>, undefined, string>()('pin', { initial: 'done', states: { done: { type: 'final', output: '1234' } } });

const plain: Readonly<Record<string, object>> = {
  'answer, moving on': answer('x'),
  'answer, waiting': answer({ modalities: ['audio'], on: { done: 'x', failed: 'y' } }),
  'prompt, moving on': prompt('Hello.', 'x'),
  'prompt, waiting': prompt(['Hello.', { silenceMs: 10 }], { on: { done: 'x', failed: [{ target: 'y' }] } }),
  'recognize by choices': recognize({ prompt: 'Hm?', choices: { a: ['1', 'yes'] }, attempts: 2, maxNoinput: 1, noinput: ['Hello?'], on }),
  'recognize by digits': recognize({ digits: { max: 4 }, on: { digits: 'x', exhausted: 'y' } }),
  'record': record({ prompt: 'Beep.', termchars: ['#'], on: { done: 'x', exhausted: 'y', maxspeech: 'y' } }),
  'transfer': transfer({ to: 'sip:a@example.com', on: { failed: 'x' } }),
  'hold': hold({ audio: 'https://media.example.test/waltz.wav' }, 'x'),
  'hold that waits': hold('', { on: { done: 'x', failed: 'y' } }),
  'unhold': unhold('x'),
  'createcall': createcall({ to: 'sip:a@example.com', on: { done: 'x', failed: 'y' } }),
  'a verb of a service': raw('twilio', { verb: 'Pay', attributes: { chargeAmount: '10.00' }, on: { success: 'x', failed: 'y' } }),
  'recognize by free speech': recognize({ speech: true, on: { speech: 'x', exhausted: 'y' } }),
  'hangup': hangup('Bye.'),
  'hangup without a word': hangup(),
  'reject': reject('busy'),
};

describe('a state maker', () => {
  for (const [title, state] of Object.entries(plain)) {
    it(`gives a plain object: ${title}`, () => {
      expect('then' in state, 'is no thenable').equal(false);
      expect(Object.getPrototypeOf(state)).equal(Object.prototype);
      expect(functionsIn(state)).eql([]);
      expect(JSON.parse(JSON.stringify(state))).eql(state);
    });
  }

  it('keeps the functions of the author, and computes only where one was given', () => {
    const guard = (): boolean => true;
    const actions = (): void => undefined;
    expect(functionsIn(recognize({ choices: { a: '1' }, on: { a: { target: 'x', guard, actions }, exhausted: 'y' } }))).eql(['on.recognize.choice.a.0.guard', 'on.recognize.choice.a.0.actions']);
    expect(functionsIn(hangup(() => 'Bye.'))).eql(['entry.0.params']);
    expect(functionsIn(hangup('Bye.'))).eql([]);
    expect(functionsIn(transfer({ to: () => 'sip:a@example.com', on: { failed: 'x' } }))).eql(['entry.0.params']);
  });

  it('gives a task and a dialog a function of the framework’s own for the input, and no thenable', () => {
    const states = { task: task({ run: 'find', input: 1, on: { done: 'x', failed: 'y' } }), dialog: dialog(pin, { on: { done: 'x' } }) };
    for (const state of Object.values(states)) expect('then' in state).equal(false);
    expect(functionsIn(states.task)).eql(['invoke.input']);
  });

  it('does not write into what it is given', () => {
    const frozen = <T extends object>(value: T): T => {
      for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) frozen(inner);
      return Object.freeze(value);
    };
    const options = frozen({ prompt: 'Hm?', choices: { a: ['1', 'yes'] }, on: { a: [{ target: 'bye' }], exhausted: 'bye' } } as const);
    const states = frozen({ menu: recognize(options), bye: hangup() });
    expect(() => callMachine('frozen', frozen({ initial: 'menu', states }) as never)).not.throw();
  });
});

describe('acme in a plain XState actor', () => {
  /** An acme that was called and got `events`. */
  const after = (...events: readonly CallEvent[]) => {
    const actor = createActor(acme).start();
    for (const event of [incoming, ...events]) actor.send(event as typeof incoming);
    return actor;
  };

  it('waits for the call, then asks', () => {
    const actor = createActor(acme).start();
    expect(actor.getSnapshot().matches('idle')).equal(true);
    actor.send({ type: 'call.incoming', call });
    expect(actor.getSnapshot().matches('menu')).equal(true);
    expect(actor.getSnapshot().context.call).include({ ...call, ended: null });
  });

  it('goes where the caller chose', () => {
    const actor = createActor(acme).start();
    actor.send({ type: 'call.incoming', call });
    actor.send({ type: 'recognize.choice.support', via: 'dtmf' });
    expect(actor.getSnapshot().matches('support')).equal(true);
    actor.send({ type: 'call.ended', reason: 'bot' });
    const snapshot = actor.getSnapshot();
    expect(snapshot.matches('ended')).equal(true);
    expect(snapshot.status).equal('done');
    expect(snapshot.output).eql({ reason: 'bot' });
  });

  it('asks three times and then says goodbye', () => {
    const asked = [[], [silence], [silence, silence], [silence, silence, silence]].map((events) => after(...events).getSnapshot());
    expect(asked.map(({ value }) => value)).eql(['menu', 'menu', 'menu', 'bye']);
    expect(asked.slice(0, 3).map(({ context }) => [context.call.asked.attempts, context.call.asked.noinput])).eql([[1, 0], [2, 1], [3, 2]]);
  });

  it('counts every cause together, and each by itself', () => {
    const snapshot = after(wrongKey, silence).getSnapshot();
    expect(snapshot.value).equal('menu');
    expect(snapshot.context.call.asked).include({ attempts: 3, noinput: 1, nomatch: 1, failed: 0 });
    expect(after(wrongKey, silence, notHeard).getSnapshot().value).equal('bye');
  });

  it('counts a prompt that could not be played as an asking, and never as an answer', () => {
    const snapshot = after(notPlayed).getSnapshot();
    expect(snapshot.value).equal('menu');
    expect(snapshot.context.call.asked).include({ attempts: 2, noinput: 0, nomatch: 0, failed: 1 });
    expect(after(notPlayed, notPlayed, notPlayed).getSnapshot().value).equal('bye');
  });

  it('is left by the end of the call from every state', () => {
    for (const events of [[], [silence], [silence, silence, silence], [{ type: 'recognize.choice.sales', via: 'speech' } as const]]) {
      const snapshot = after(...events, endedBy('caller')).getSnapshot();
      expect(snapshot.value).equal('ended');
      expect(snapshot.context.call.ended).equal('caller');
      expect(snapshot.output).eql({ reason: 'caller' });
    }
  });

  it('is left by the end of a call that never began', () => {
    const actor = createActor(acme).start();
    actor.send({ type: 'call.ended', reason: 'service' });
    expect(actor.getSnapshot().output).eql({ reason: 'service' });
  });

  it('ignores the end of a call that has ended', () => {
    expect(after(endedBy('caller'), endedBy('service')).getSnapshot().output).eql({ reason: 'caller' });
  });

  it('asks in the entry of its states, as XState’s pure functions show', () => {
    const [idle] = initialTransition(acme);
    const [menu, asking] = transition(acme, idle, { type: 'call.incoming', call });
    expect(asking.map(({ type }) => type)).include('recognize');
    const [, closing] = transition(acme, menu, { type: 'recognize.choice.sales', via: 'dtmf' });
    expect(closing.map(({ type }) => type)).eql(['play', 'hangup']);
  });
});

describe('a question', () => {
  const bot = callMachine<{ readonly silences: number }>()('limits', {
    context: { silences: 0 },
    initial: 'soft',
    states: {
      soft: recognize({ choices: { next: '1' }, attempts: 9, maxNoinput: 2, maxNomatch: 3, on: { next: 'strict', exhausted: 'bye' } }),
      strict: recognize({
        choices: { next: '1', back: '2' },
        on: {
          next: 'message', back: 'soft', exhausted: 'bye',
          noinput: [{ guard: ({ context }) => context.silences < 5, actions: assign({ silences: ({ context }) => context.silences + 1 }) }, 'bye'],
        },
      }),
      message: record({ attempts: 2, on: { done: 'wild', exhausted: 'bye', failed: 'soft' } }),
      wild: { entry: play('Anything?'), on: { '*': 'soft' } },
      bye: hangup(),
    },
  });
  type Event = Parameters<ReturnType<typeof createActor<typeof bot>>['send']>[0];
  const next: Event = { type: 'recognize.choice.next', via: 'dtmf' };
  const after = (...events: readonly Event[]) => {
    const actor = createActor(bot).start();
    for (const event of [incoming as Event, ...events]) actor.send(event);
    return actor.getSnapshot();
  };
  const [noinput, nomatch] = [silence as Event, wrongKey as Event];
  const recorded: Event = { type: 'record.done.termchar', recording: { ref: 'r', bytes: 1, contentType: 'audio/wav', lengthMs: 1 } };

  it('ends by the silences and by the misses that it allows, before its askings are used up', () => {
    expect(after(noinput).value).equal('soft');
    expect(after(noinput, noinput).value).equal('bye');
    expect(after(nomatch, nomatch).value).equal('soft');
    expect(after(nomatch, nomatch, nomatch).value).equal('bye');
    expect(after(nomatch, noinput, nomatch).value).equal('soft');
    expect(after(nomatch, noinput, nomatch, noinput).value).equal('bye');
  });

  it('does not count what its author handles', () => {
    const snapshot = after(next, noinput, noinput, noinput, noinput);
    expect(snapshot.value).equal('strict');
    expect(snapshot.context.silences).equal(4);
    expect(snapshot.context.call.asked).include({ attempts: 1, noinput: 0, nomatch: 0, failed: 0 });
    expect(after(next, noinput, nomatch, nomatch, nomatch).value).equal('bye');
  });

  it('counts from one again each time its state is entered', () => {
    expect(after(nomatch, next).context.call.asked).include({ attempts: 1, noinput: 0, nomatch: 0, failed: 0 });
    const back: Event = { type: 'recognize.choice.back', via: 'dtmf' };
    const snapshot = after(nomatch, nomatch, next, nomatch, back);
    expect(snapshot.value).equal('soft');
    expect(snapshot.context.call.asked.attempts).equal(1);
  });

  it('is the same for a recording', () => {
    const message = [next, next] as const;
    expect(after(...message).value).equal('message');
    expect(after(...message, { type: 'record.noinput' }).context.call.asked).include({ attempts: 2, noinput: 1, nomatch: 0, failed: 0 });
    expect(after(...message, { type: 'record.noinput' }, { type: 'record.noinput' }).value).equal('bye');
    expect(after(...message, { type: 'play.failed' }).value, 'handled by the author').equal('soft');
    expect(after(...message, recorded).value).equal('wild');
  });

  it('lets the end of the call through a wildcard of the author', () => {
    expect(after(next, next, recorded, { type: 'call.state', state: 'held' }).value).equal('soft');
    const snapshot = after(next, next, recorded, { type: 'call.ended', reason: 'caller' });
    expect(snapshot.value).equal('ended');
    expect(snapshot.output).eql({ reason: 'caller' });
  });
});

describe('the end of the call', () => {
  it('comes before wildcards in nested states too, and before `call.*`', () => {
    const bot = callMachine('nested', {
      initial: 'outer',
      states: {
        outer: { initial: 'inner', on: { 'call.*': '.other' }, states: { inner: { on: { '*': 'other' } }, other: { on: { 'call.*': 'inner' } } } },
      },
    });
    for (const events of [[], [{ type: 'call.state', state: 'held' } as const]]) {
      const actor = createActor(bot).start();
      for (const event of [{ type: 'call.incoming', call } as const, ...events, { type: 'call.ended', reason: 'transferred' } as const]) actor.send(event);
      expect(actor.getSnapshot().value).equal('ended');
      expect(actor.getSnapshot().output).eql({ reason: 'transferred' });
    }
  });

  it('ends a dialog’s state as well', () => {
    const login = dialogMachine<Record<never, never>, undefined, string>()('login', { initial: 'ask', states: { ask: recognize({ digits: { max: 4 }, on: { digits: 'ok', exhausted: 'ok' } }), ok: { type: 'final', output: 'in' } } });
    const bot = callMachine('with-dialog', { initial: 'login', states: { login: dialog(login, { on: { done: 'bye' } }), bye: hangup() } });
    const actor = createActor(bot).start();
    actor.send({ type: 'call.incoming', call });
    expect(actor.getSnapshot().matches('login')).equal(true);
    actor.send({ type: 'call.ended', reason: 'caller' });
    expect(actor.getSnapshot().output).eql({ reason: 'caller' });
  });
});
