/** Free speech: whatever the caller says is an outcome, for the bot's own understanding of language. */
import { callMachine, confirm, dialog, dialogMachine, hangup, type Outcome, recognize, step, type StepEvent, task } from 'callchart';
import { dial } from 'callchart/testing';
import { expect } from 'chai';
import { assign } from 'xstate';

interface Data {
  readonly wish: string;
  readonly intent: string;
}

/** Takes a wish in the caller's own words; the key 0, or a word for it, is the agent. */
const concierge = callMachine<Data>()('concierge', {
  context: { wish: '', intent: '' }, initial: 'wish',
  commands: { help: { phrases: ['help'], target: 'helped' }, again: { phrases: ['again'], repeat: true } },
  states: {
    wish: recognize({
      prompt: 'What can I do for you?', choices: { agent: ['0', 'agent', 'a person'] }, speech: true,
      on: { agent: 'agent', speech: { target: 'understanding', actions: assign({ wish: ({ event }) => event.phrase }) }, exhausted: 'bye' },
    }),
    understanding: task({
      run: (wish: string) => (wish.includes('room') ? 'room' : 'none'), input: ({ context }) => context.wish,
      on: { done: [{ target: 'room', guard: ({ event }) => event.output === 'room' }, 'wish'], failed: 'bye' },
    }),
    room: hangup(({ context }) => `A room, then: ${context.wish}`),
    agent: hangup('Somebody comes.'),
    helped: hangup('Say what you want.'),
    bye: hangup('Goodbye.'),
  },
});

/** The same without any choice, and without commands. */
const open = callMachine<Data>()('open', {
  context: { wish: '', intent: '' }, initial: 'wish',
  states: {
    wish: recognize({ prompt: 'Well?', speech: true, on: { speech: { target: 'told', actions: assign({ wish: ({ event }) => `${event.phrase}/${event.confidence ?? '-'}` }) }, exhausted: 'bye' } }),
    told: hangup(({ context }) => context.wish),
    bye: hangup('Goodbye.'),
  },
});

const really = { runTasks: true } as const;

describe('a caller who may say anything', () => {
  it('is taken at his word, and understood by the bot', () => {
    dial(concierge, really).says('I would like a room, please').hears('A room, then: I would like a room, please').isHungUp();
    dial(concierge, really).says('sing').hears('What can I do').says('a room').hears('A room').isHungUp();
    dial(open).says('Anything at all').hears('Anything at all/-').isHungUp();
  });

  it('means a choice, or a command, by its phrase or its key all the same', () => {
    dial(concierge).says('A person!').hears('Somebody comes').isHungUp();
    dial(concierge).presses('0').hears('Somebody comes').isHungUp();
    dial(concierge).says('Help').hears('Say what you want').isHungUp();
    dial(concierge).says('again').hears('What can I do');
  });

  it('is offered the commands of the bot also where there are no choices', () => {
    const asking = callMachine('asking', {
      initial: 'wish', commands: { operator: { key: '0', target: 'agent' }, again: { repeat: true } },
      states: { wish: recognize({ prompt: 'Well?', speech: true, on: { speech: 'bye', exhausted: 'bye' } }), agent: hangup('Somebody comes.'), bye: hangup('Goodbye.') },
    });
    dial(asking).says('again').hears('Well?').presses('0').hears('Somebody comes').isHungUp();
    dial(asking).says('operator').hears('Somebody comes').isHungUp();
    dial(asking).says('tea').hears('Goodbye').isHungUp();
  });

  it('who says nothing, or presses a key that is no choice, is asked again', () => {
    expect(dial(concierge).staysSilent().hears('What can I do').context.call.asked).to.include({ noinput: 1, nomatch: 0 });
    expect(dial(concierge).presses('7').hears('What can I do').context.call.asked).to.include({ noinput: 0, nomatch: 1 });
    expect(dial(open).says('…').context.call.asked).to.include({ noinput: 1, nomatch: 0 });
    dial(open).presses('1').presses('2').presses('3').hears('Goodbye').isHungUp();
  });

  it('may key digits instead', () => {
    const account = callMachine<{ readonly got: string }>()('account', {
      context: { got: '' }, initial: 'ask',
      states: {
        ask: recognize({
          prompt: 'Say or key it.', digits: { max: 4 }, speech: true,
          on: { digits: { target: 'got', actions: assign({ got: ({ event }) => `keyed ${event.digits}` }) }, speech: { target: 'got', actions: assign({ got: ({ event }) => `said ${event.phrase}` }) }, exhausted: 'got' },
        }),
        got: hangup(({ context }) => context.got),
      },
    });
    dial(account).presses('1234').hears('keyed 1234').isHungUp();
    dial(account).says('one two').hears('said one two').isHungUp();
  });

  it('may say one of the choices of the moment, or anything else', () => {
    const cards = callMachine<{ readonly got: string }>()('cards', {
      context: { got: '' }, initial: 'ask',
      states: {
        ask: recognize({ choicesFrom: () => ({ gold: '1' }), speech: true, on: { choice: { target: 'got', actions: assign({ got: ({ event }) => `choice ${event.choice}` }) }, speech: { target: 'got', actions: assign({ got: ({ event }) => event.phrase }) }, exhausted: 'got' } }),
        got: hangup(({ context }) => context.got),
      },
    });
    dial(cards).says('gold').hears('choice gold').isHungUp();
    dial(cards).says('silver').hears('silver').isHungUp();
  });

  it('is shown as such when a test expects something else', () => {
    expect(() => dial(concierge).isHungUp()).to.throw('instead the bot listens for agent (0, "agent", "a person"), help ("help"), again ("again"), or whatever is said');
    expect(() => dial(open).isHungUp()).to.throw('instead the bot listens for whatever is said');
  });
});

describe('what a service understood', () => {
  const call = { id: 'c1', from: '+1', to: '+2', direction: 'inbound', headers: {} } as const;
  const begun = step(open, undefined, { type: 'service', at: 0, events: [{ type: 'call.incoming', call }] });
  const operationId = begun.batch.at(-1)!.operationId;
  const told = (outcome: object): StepEvent => ({ type: 'service', at: 1, events: [{ ...outcome, operationId } as Outcome] });

  it('comes with how sure it is, where it tells', () => {
    const { snapshot } = step(open, begun.snapshot, told({ type: 'recognize.input', via: 'speech', input: { kind: 'phrase', phrase: 'tea', confidence: 0.5 } }));
    expect((snapshot.machine as { context: Data }).context.wish).to.equal('tea/0.5');
  });

  it('is no phrase when it is a name that nobody offered, or nothing was understood', () => {
    for (const outcome of [{ type: 'recognize.input', via: 'speech', input: { kind: 'choice', name: 'tea' } }, { type: 'recognize.nomatch', by: 'speech' }]) {
      const { snapshot } = step(open, begun.snapshot, told(outcome));
      expect((snapshot.machine as { context: { call: { asked: object } } }).context.call.asked).to.include({ nomatch: 1 });
    }
  });

  it('is in no error that the bot makes of it', () => {
    const frail = callMachine('frail', {
      initial: 'wish',
      states: { wish: recognize({ speech: true, on: { speech: { target: 'bye', guard: () => { throw new Error('no'); } }, exhausted: 'bye' } }), bye: hangup() },
    });
    const { error } = dial(frail).says('the secret word').endedWith('error');
    expect(error?.code).to.equal('ERR_BOT_THREW');
    expect(JSON.stringify([error?.message, error?.details])).to.not.contain('secret');
  });
});

describe('a dialog that takes free speech', () => {
  it('hands what was said to its bot', () => {
    const name = dialogMachine<{ readonly name: string }, undefined, string>()('name', {
      context: { name: '' }, initial: 'ask',
      states: {
        ask: recognize({ prompt: 'Your name?', speech: true, on: { speech: { target: 'got', actions: assign({ name: ({ event }) => event.phrase }) }, exhausted: 'got' } }),
        got: { type: 'final', output: ({ context }) => context.name },
      },
    });
    const hotel = callMachine<{ readonly guest: string }>()('hotel', {
      context: { guest: '' }, initial: 'name',
      states: { name: dialog(name, { on: { done: { target: 'bye', actions: assign({ guest: ({ event }) => event.output }) } } }), bye: hangup(({ context }) => `Welcome, ${context.guest}.`) },
    });
    dial(hotel).says('Ada').hears('Welcome, Ada').isHungUp();
  });
});

describe('a service that writes down all that a caller says', () => {
  const shop = callMachine('shop', {
    initial: 'menu', commands: { operator: { phrases: ['operator'], target: 'agent' } },
    states: {
      menu: recognize({ prompt: 'Order, new order, or hours?', choices: { order: ['1', 'order'], fresh: ['2', 'new order'], hours: ['3', 'hours', 'opening times'] }, on: { order: 'order', fresh: 'fresh', hours: 'hours', exhausted: 'bye' } }),
      order: confirm({ prompt: 'Your order. Is it late?', on: { yes: 'agent', no: 'bye', exhausted: 'bye' } }),
      fresh: hangup('A new order.'), hours: hangup('From nine to five.'), agent: hangup('Somebody comes.'), bye: hangup('Goodbye.'),
    },
  });

  /** The states that a call comes to in which the caller is heard to say `phrases`. */
  const after = (...phrases: readonly string[]): string => {
    const call = { id: 'c', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } as const;
    let { snapshot, batch } = step(shop, undefined, { type: 'service', at: 0, events: [{ type: 'call.incoming', call }] });
    for (const phrase of phrases) ({ snapshot, batch } = step(shop, snapshot, { type: 'service', at: 0, events: [{ type: 'recognize.input', operationId: batch.at(-1)!.operationId, via: 'speech', input: { kind: 'phrase', phrase } }] }));
    return batch.at(-2)?.state ?? batch.at(-1)!.state;
  };

  it('is understood when the one choice is named among other words', () => {
    expect(after('Hours, please.')).to.equal('hours');
    expect(after('I would like to know your opening times')).to.equal('hours');
    expect(after('I need a new order')).to.equal('fresh'); // and no “order”, which stands in it
    expect(after('the operator, now')).to.equal('agent');
  });

  it('is asked again where two are named, or none', () => {
    for (const phrase of ['order or hours', 'ordering', 'something else']) expect(after(phrase), phrase).to.equal('menu');
  });

  it('takes a yes or a no only where it comes first', () => {
    expect(after('order', 'yes please')).to.equal('agent');
    expect(after('order', 'No, thank you!')).to.equal('bye');
    for (const phrase of ['I have no idea', 'well yes and no']) expect(after('order', phrase), phrase).to.equal('order');
  });
});
