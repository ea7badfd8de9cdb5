/** The caller is put on hold while the call waits for something, and taken back when anything needs him. */
import { callMachine, hangup, hold, prompt, recognize, task, transfer, unhold } from 'callchart';
import { dial } from 'callchart/testing';
import { expect } from 'chai';
import { assign } from 'xstate';

const waltz = { audio: 'https://media.example.test/waltz.wav' } as const;

/** Puts the caller on hold while the order is looked up, then tells. */
const shop = callMachine<{ readonly order: string; readonly eta: number }>()('shop', {
  context: { order: '', eta: 0 }, initial: 'number', filler: 'One moment.',
  states: {
    number: recognize({ prompt: 'Key your order number.', digits: { max: 4 }, on: { digits: { target: 'wait', actions: assign({ order: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
    wait: prompt('I look it up.', 'holding'),
    holding: hold(waltz, 'looking'),
    looking: task({ run: (order: string) => ({ eta: Number(order) }), input: ({ context }) => context.order, on: { done: { target: 'told', actions: assign({ eta: ({ event }) => event.output.eta }) }, failed: 'bye' } }),
    told: prompt(({ context }) => `It takes ${context.eta} days.`, 'number'),
    bye: hangup('Goodbye.'),
  },
});

const asked = (batches: readonly (readonly { readonly type: string }[])[]): readonly string[] => batches.map((batch) => batch.map(({ type }) => type).join(' '));

/** Work that takes until somebody says so. */
const patience = () => {
  let finish: (value: unknown) => void = () => {};
  const work = new Promise((resolve) => { finish = resolve; });
  return { work: () => work, finish };
};

describe('a caller on hold', () => {
  it('is put there in the batch of what was said before, and taken back by what is said next', () => {
    const caller = dial(shop, { tasks: { looking: { eta: 3 } } }).presses('1234').hears('I look it up').hears('waltz.wav').hears('3 days').hears('order number');
    expect(asked(caller.batches)).to.deep.equal(['answer recognize', 'play hold', 'unhold play recognize']);
    expect(caller.lastBatch.map(({ state }) => state)).to.deep.equal(['told', 'told', 'number']);
    expect(caller.transcript.split('\n').slice(3)).to.deep.equal([
      'caller presses 1234', 'bot: I look it up.', 'bot puts the caller on hold', 'bot: [audio https://media.example.test/waltz.wav]', '(task looking is done)', 'bot takes the caller back', 'bot: It takes 3 days.', 'bot: Key your order number.',
    ]);
  });

  it('hears his music and no filler, however long the work takes', async () => {
    const { work, finish } = patience();
    const caller = dial(shop, { tasks: { looking: work } }).presses('1234').isOnHold().waits(25_000).isOnHold();
    expect(caller.transcript).to.not.contain('One moment');
    expect(asked(caller.batches)).to.deep.equal(['answer recognize', 'play hold', 'hold', 'hold']);
    expect(caller.lastBatch[0]?.params).to.deep.equal({ prompts: [waltz] });
    expect(() => caller.isHungUp()).to.throw('instead the caller is on hold, and the bot waits for its task `looking`');
    finish({ eta: 9 });
    (await caller.settled()).hears('9 days');
    expect(asked(caller.batches).at(-1)).to.equal('unhold play recognize');
    expect(() => caller.isOnHold()).to.throw('the caller to be on hold');
  });

  it('hears the filler after all when the service does not put him on hold', () => {
    for (const options of [{ failing: ['hold'] }, { unplayable: 'waltz' }] as const) {
      const caller = dial(shop, { tasks: { looking: patience().work }, ...options }).presses('1234').waits(15_000).hears('One moment');
      expect(() => caller.isOnHold()).to.throw('the caller to be on hold');
    }
  });

  it('was never put there when what came before it in the batch could not be played', () => {
    const caller = dial(shop, { tasks: { looking: { eta: 3 } }, unplayable: 'look it up' }).presses('1234').hears('3 days');
    expect(asked(caller.batches).at(-1)).to.equal('play recognize');
  });

  it('is told when the line ends, and may hang up', () => {
    dial(shop, { tasks: { looking: patience().work } }).presses('1234').isOnHold().hangsUp().endedWith('caller');
  });

  it('is handed on, or hung up on, as he is', () => {
    const desk = (then: ReturnType<typeof hangup>) => callMachine('desk', { initial: 'holding', states: { holding: hold('', 'after'), after: then, bye: hangup() } } as never);
    const agent = transfer({ to: '+15550123', on: { failed: 'bye' } }) as never;
    expect(asked(dial(desk(agent)).isTransferredTo('+15550123').batches)).to.deep.equal(['answer hold transfer']);
    expect(asked(dial(desk(agent)).transferFails().isHungUp().batches)).to.deep.equal(['answer hold transfer', 'hangup']);
    expect(asked(dial(desk(hangup())).isHungUp().batches)).to.deep.equal(['answer hold hangup']);
    expect(asked(dial(desk(hangup('Bye.'))).isHungUp().batches)).to.deep.equal(['answer hold unhold play hangup']);
  });

  it('is hung up on when nothing can move the call on any more', () => {
    const stuck = callMachine('stuck', { initial: 'holding', states: { holding: hold(waltz, 'nowhere'), nowhere: {} } });
    expect(asked(dial(stuck).isHungUp().batches)).to.deep.equal(['answer hold hangup']);
  });

  it('hears the apology when the bot’s code fails', () => {
    const frail = callMachine('frail', {
      initial: 'holding',
      states: { holding: hold(waltz, 'looking'), looking: task({ run: () => 1, on: { done: 'told', failed: 'told' } }), told: prompt(() => { throw new Error('no'); }, 'bye'), bye: hangup() },
    });
    const caller = dial(frail, { tasks: { looking: 1 } }).endedWith('error');
    expect(asked(caller.batches).at(-1)).to.equal('unhold play hangup');
  });
});

describe('states that wait for a hold', () => {
  const careful = callMachine('careful', {
    initial: 'holding',
    states: {
      holding: hold(waltz, { on: { done: 'looking', failed: 'sorry' } }),
      looking: task({ run: () => 1, on: { done: 'back', failed: 'back' } }),
      back: unhold({ on: { done: 'told', failed: 'lost' } }),
      told: hangup('Done.'),
      sorry: hangup('You cannot be put on hold.'),
      lost: hangup(),
    },
  });
  const options = { tasks: { looking: 1 } } as const;

  it('know when the caller is there, and when he is back', () => {
    const caller = dial(careful, options).hears('waltz').hears('Done').isHungUp();
    expect(asked(caller.batches)).to.deep.equal(['answer hold', 'unhold', 'play hangup']);
  });

  it('know when the service cannot', () => {
    dial(careful, { ...options, failing: ['hold'] }).hears('cannot be put on hold').isHungUp();
    const caller = dial(careful, { ...options, failing: ['unhold'] }).isHungUp();
    expect(asked(caller.batches)).to.deep.equal(['answer hold', 'unhold', 'hangup']);
  });

  it('leave a caller who cannot be taken back to nobody: the call is hung up', () => {
    const caller = dial(shop, { tasks: { looking: { eta: 3 } }, failing: ['unhold'] }).presses('1234').isHungUp();
    expect(asked(caller.batches)).to.deep.equal(['answer recognize', 'play hold', 'unhold play recognize', 'hangup']);
  });
});
