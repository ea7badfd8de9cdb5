/** A call of a test leaves a log as a live one does, and a log is a test. */
import { callMachine, hangup, isCallError, prompt, readLog, recognize, replay, type ServiceLimits, task } from 'callchart';
import { dial, replays } from 'callchart/testing';
import { botframeworkLimits } from 'callchart/transport';
import { expect } from 'chai';
import { assign } from 'xstate';
import acme from '../../examples/acme/bot.ts';
import { thrownBy } from './surprise.ts';

const bank = callMachine<{ readonly name: string; readonly amount: number }>()('bank', {
  context: { name: '', amount: 0 }, initial: 'card', version: '7',
  states: {
    card: recognize({ prompt: 'Your card?', digits: { max: 6 }, validate: ({ digits }) => (digits.startsWith('9') ? undefined : `There is no card ${digits}.`), on: { digits: 'pin', exhausted: 'bye' } }),
    pin: recognize({ prompt: 'Your PIN?', digits: { max: 4 }, secret: true, on: { digits: 'look', exhausted: 'bye' } }),
    look: task({ run: async () => ({ name: 'Mona', amount: 12, since: ['2001', '2002'] }), on: { done: { target: 'rich', actions: assign(({ event }) => event.output) }, failed: 'bye' } }),
    rich: { always: [{ target: 'vip', guard: ({ context }) => context.amount > 1_000 }, { target: 'poor' }] },
    vip: prompt(({ context }) => `Good day, ${context.name}!`, 'which'),
    poor: prompt(({ context }) => `You have ${context.amount} kroner.`, 'which'),
    which: recognize({ prompt: 'Which account?', choicesFrom: ({ context }) => ({ [`${context.name}s savings`]: '1', [`${context.name}s house`]: '2' }), on: { choice: 'said', exhausted: 'bye' } }),
    said: recognize({ prompt: 'What is it about?', speech: true, on: { speech: 'bye', exhausted: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

/** Mona, who mistypes her card, is rich, and tells a secret. */
const mona = (amount: number) => {
  const caller = dial(bank, { tasks: { look: { name: 'Mona', amount, since: ['2001', '2002'] } }, call: { name: 'Mona Lindqvist', from: '+4799887766', language: 'nb-NO', headers: { 'x-customer': '77' } } });
  return caller.presses('123456').presses('987654').presses('2580').presses('2').says('My house burns').isHungUp();
};

describe('the log of a call in a test', () => {
  it('is had again to the byte, and by its version', () => {
    const log = mona(5_317).log();
    expect(readLog(log).head).to.deep.equal({ log: 1, bot: 'bank', version: '7', masked: false });
    expect(replays(bank, log)).to.deep.include({ outcome: 'same', masked: false, ended: 'bot' });
    expect(replays(bank, readLog(log)).steps).to.equal(replays(bank, log.trimEnd().split('\n').map((line) => JSON.parse(line) as object)).steps);
  });

  it('is without what was said, keyed and known of the caller where it is masked, and goes the same way', () => {
    for (const amount of [5_317, 12]) {
      const log = mona(amount).log({ masked: true });
      expect(log).to.not.match(/Mona|Lindqvist|4799|customer.{0,4}77|123456|987654|2580|5317|burns|2001|savings|house|sealed/);
      const { steps } = readLog(log);
      const answers = steps.flatMap(({ event }) => (event.type === 'service' ? event.events.filter(({ type }) => type === 'recognize.input') : []));
      expect(answers.map((answer) => (answer.type === 'recognize.input' ? answer.input : undefined))).to.deep.equal([
        { kind: 'digits', digits: '000000', by: 'interdigit' }, { kind: 'digits', digits: '000000', by: 'interdigit' }, { kind: 'digits', digits: '0000', by: 'interdigit' }, { kind: 'choice', name: '#2' }, { kind: 'phrase', phrase: 'masked' },
      ]);
      expect(steps.find(({ event }) => event.type === 'task')?.event).to.deep.include({ result: { type: 'task.done', output: { name: '••••', amount: 0, since: ['••••2', '••••3'] } } });
      expect(steps[1]?.moves.at(-1)?.transitions, 'the wrong card').to.deep.equal(['bank.card recognize.digits.* 1']);
      expect(log).to.contain('Your PIN?').and.to.contain('"language":"nb-NO"');
      expect(log.includes('bank.rich always 1'), 'the way of who is rich').to.equal(amount === 5_317);
      expect(replay(bank, readLog(log))).to.deep.include({ outcome: 'same', masked: true, ended: 'bot' });
    }
  });

  it('finds in a masked log what is said otherwise now, and where the chart goes another way', () => {
    const log = readLog(mona(12).log({ masked: true }));
    const text = (from: string, to: string) => ({ ...log, steps: JSON.parse(JSON.stringify(log.steps).replaceAll(from, to)) as typeof log.steps });
    expect(replay(bank, text('Your PIN?', 'Your card?'))).to.deep.include({ outcome: 'different', steps: 2 });
    expect(replay(bank, text('bank.rich always 2', 'bank.rich always 3')).at).to.deep.include({ line: 6, state: 'look' });
  });

  it('says from which line a masked log tells no more, where the bot’s code cannot go on with what is left out', () => {
    const strict = callMachine('strict', {
      initial: 'ask',
      states: { ask: recognize({ prompt: 'Digits?', digits: { max: 4 }, on: { digits: { target: 'bye', actions: ({ event }) => { if (event.digits === '0000') throw new Error('no'); } }, exhausted: 'bye' } }), bye: hangup('Goodbye.') },
    });
    const { outcome, at, steps } = replay(strict, readLog(dial(strict).presses('1234').isHungUp().log({ masked: true })));
    expect({ outcome, steps, line: at?.line, state: at?.state }).to.deep.equal({ outcome: 'unexamined', steps: 1, line: 3, state: 'ask' });
    const throws = readLog(dial(strict).presses('0000').endedWith('error').log({ masked: true }));
    expect(replay(strict, throws).outcome, 'it failed then, and fails now').to.equal('same');
  });

  it('has what became of a batch that the service does not take', () => {
    const greeting = callMachine('greeting', { initial: 'menu', apology: 'I am out of order.', states: { menu: recognize({ prompt: 'Press 1.', choices: { on: '1' }, on: { on: 'greet', exhausted: 'bye' } }), greet: prompt(({ context }) => ({ audio: context.call.name ?? '' }), 'bye'), bye: hangup('Goodbye.') } });
    const mute: ServiceLimits = { ...botframeworkLimits, check: (batch) => { if (batch.some(({ type, state }) => type === 'play' && state === '')) botframeworkLimits.check([...batch, ...batch]); botframeworkLimits.check(batch); } };
    for (const [service, refused] of [[botframeworkLimits, 1], [mute, 2]] as const) {
      const caller = dial(greeting, { service, call: { name: 'not a file' } }).presses('1').endedWith('error');
      expect(readLog(caller.log()).steps[1]).to.deep.include({ refused });
      for (const masked of [false, true]) expect(replays(greeting, caller.log({ masked }))).to.deep.include({ outcome: 'same' });
    }
  });
});

describe('a log as a test', () => {
  it('fails with the first difference, by line, state and what is heard instead', () => {
    const log = dial(acme).presses('2').isHungUp().log();
    replays(acme, log);
    replays(acme, log.replace('"version":"1"', '"version":"0"'));
    const error = thrownBy(() => replays(acme, log.replace('Support will call you back.', 'Somebody will.')));
    expect(error.code).to.equal('ERR_EXPECTATION');
    expect(error.message).to.match(/^line 3 of the log, state `menu`: action 1 of the batch, `play` of state `support`, is another in `params\.prompts\.0\.text`\n {2}recorded {2}.*Somebody will\..*\n {2}replayed {2}.*Support will call/);
  });

  it('may be of a call that has not ended yet, and is refused what is no log of the bot', () => {
    expect(replays(acme, dial(acme).staysSilent().log()).steps).to.equal(2);
    for (const text of ['', 'x', dial(bank).log()]) {
      const error = thrownBy(() => replays(acme, text));
      expect(isCallError(error) && error.code).to.equal('ERR_LOG_INVALID');
    }
  });
});
