import { expect } from 'chai';
import { assign } from 'xstate';
import { callMachine, confirm, dialog, dialogMachine, hangup, isCallError, prompt, recognize, waterfall } from '../../src/index.ts';
import { dial } from '../../src/testing/index.ts';

const size = dialogMachine<Record<never, never>, undefined, 'large' | 'small'>()('size', {
  initial: 'ask',
  states: {
    ask: recognize({ prompt: 'Large or small?', choices: { large: '1', small: '2' }, on: { large: 'large', small: 'small', exhausted: 'small' } }),
    large: { type: 'final', output: 'large' },
    small: { type: 'final', output: 'small' },
  },
});

const pizza = callMachine('pizza', {
  commands: {
    operator: { key: '0', phrases: ['operator', 'agent'], target: 'operator' },
    mainMenu: { phrases: ['main menu'], target: 'menu' },
    repeat: { key: '*', phrases: ['repeat', 'say again'], repeat: true },
  },
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'To order press 1, for our hours press 2.', choices: { order: '1', hours: '2' }, on: { order: 'size', hours: 'hours', exhausted: 'bye' } }),
    hours: prompt('From noon to ten.', 'menu'),
    size: dialog(size, { on: { done: 'count' } }),
    count: recognize({ prompt: 'How many?', digits: { max: 2, termchars: ['#'] }, on: { digits: 'sure', exhausted: 'bye' } }),
    sure: confirm({ prompt: 'Is that right?', no: ['0', 'operator'], on: { yes: 'bye', no: 'menu', exhausted: 'bye' } }),
    operator: hangup('One moment, somebody will call you back.'),
    bye: hangup('Goodbye.'),
  },
});

describe('commands', () => {
  it('are taken at any question, by key and by phrase', () => {
    dial(pizza).hears(/To order/).presses('0').hears(/somebody/).isHungUp();
    dial(pizza).hears(/To order/).says('Agent').hears(/somebody/).isHungUp();
  });

  it('are taken within a dialog, which ends by it', () => {
    dial(pizza).hears(/To order/).presses('1').hears(/Large/).says('main menu').hears(/To order/).presses('1').hears(/Large/).presses('0').hears(/somebody/).isHungUp();
  });

  it('begin the state anew that they are given in', () => {
    dial(pizza).hears(/To order/).says('main menu').hears(/To order/).presses('2').hears(/noon/);
  });

  it('have a question repeated without counting it as an attempt, and without the words for silence', () => {
    const caller = dial(pizza).hears(/To order/);
    for (let time = 0; time < 5; time += 1) caller.presses('*').hears(/^To order/);
    caller.staysSilent().hears(/did not hear you\. To order/).says('say again').hears(/^To order/).staysSilent().staysSilent().hears(/Goodbye/).isHungUp();
  });

  it('say how it is done and come back to the question that was open, asked as for the first time; to a dialog at its beginning', () => {
    const bot = callMachine('shoes', {
      commands: { help: { key: '9', phrases: ['help'], target: 'help' } },
      initial: 'talk',
      states: {
        talk: {
          initial: 'menu',
          states: {
            menu: recognize({ prompt: 'Shoes?', choices: { shoes: '1' }, on: { shoes: 'pair', exhausted: '#shoes.bye' } }),
            pair: recognize({ prompt: 'A pair?', choices: { yes: '1' }, on: { yes: 'order', exhausted: '#shoes.bye' } }),
            order: dialog(waterfall('order').ask('size', { prompt: 'Which size?', choices: { large: '1' } }).confirm('sure', { prompt: 'Sure?' }).end(), { on: { done: '#shoes.bye' } }),
            back: { type: 'history', target: 'menu' },
          },
        },
        help: prompt('Press the keys you hear.', 'talk.back'),
        bye: hangup('Goodbye.'),
      },
    });
    const caller = dial(bot).hears('Shoes?').presses('1').hears('A pair?').staysSilent().staysSilent();
    caller.says('help').hears(/^Press the keys you hear\.$/).hears(/^A pair\?$/).staysSilent().staysSilent().hears('A pair?').staysSilent().hears('Goodbye.').isHungUp();
    dial(bot).presses('1').presses('1').hears('Which size?').presses('1').hears('Sure?').presses('9').hears('the keys you hear').hears('Which size?');
  });

  it('give way to a choice of the question that has the same key or phrase', () => {
    const caller = dial(pizza).hears(/To order/).presses('1').hears(/Large/).presses('1').hears(/How many/).presses('2#').hears(/right/);
    caller.presses('0').hears(/To order/);
    const again = dial(pizza).hears(/To order/).presses('1').hears(/Large/).presses('1').hears(/How many/).presses('2#').hears(/right/);
    again.says('agent').hears(/somebody/);
  });

  it('are not offered where digits are asked for: a key is one of them there', () => {
    dial(pizza).hears(/To order/).presses('1').hears(/Large/).presses('1').hears(/How many/).presses('0#').hears(/right/);
  });

  it('stand beside choices that are known only at run time', () => {
    const bot = callMachine('sites', {
      commands: { operator: { key: '0', target: 'operator' } },
      initial: 'which',
      states: {
        which: recognize({ prompt: 'Which site?', choicesFrom: () => ({ north: '1', south: '2' }), on: { choice: 'bye', exhausted: 'bye' } }),
        operator: hangup('One moment.'), bye: hangup('Goodbye.'),
      },
    });
    dial(bot).hears(/Which/).presses('0').hears(/One moment/);
    dial(bot).hears(/Which/).says('operator').hears(/One moment/);
    dial(bot).hears(/Which/).presses('2').hears(/Goodbye/);
  });

  for (const [sentence, command] of [
    ['command `operator`: target `nowhere` does not exist', { key: '0', target: 'nowhere' }],
    ['command `operator` leads to a state or repeats the question: one of the two', { key: '0', target: 'bye', repeat: true }],
    ['command `operator` has neither a key nor a phrase', { phrases: [], target: 'bye' }],
    ['command `operator`: `key` is no key', { key: '12', target: 'bye' }],
    ['command `operator`: `phrases` is no list of texts', { phrases: 'operator', target: 'bye' }],
  ] as const) {
    it(`are refused when the bot is loaded: ${sentence}`, () => {
      try {
        callMachine('bad', { commands: { operator: command as never }, initial: 'bye', states: { bye: hangup() } });
      } catch (error) {
        expect(isCallError(error) && error.message).to.equal(`bot \`bad\`: ${sentence}`);
        return;
      }
      expect.fail('it was loaded');
    });
  }

  it('are refused when a key or a phrase would mean two of them, which no service takes', () => {
    const made = (first: object, second: object) => () => callMachine('bad', { commands: { operator: { target: 'bye', ...first }, help: { target: 'bye', ...second } }, initial: 'bye', states: { bye: hangup() } });
    expect(made({ key: '0' }, { key: '0' })).to.throw('key `0` means both the commands `operator` and `help`');
    expect(made({ phrases: ['Help me'] }, { phrases: ['help, me!'] })).to.throw('phrase “help me” means both the commands `operator` and `help`');
  });

  it('are said as the words of their name, where nothing else is said', () => {
    const bot = callMachine('named', { commands: { mainMenu: { target: 'menu' } }, initial: 'menu', states: { menu: recognize({ prompt: 'Sales?', choices: { sales: '1' }, on: { sales: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') } });
    dial(bot).hears('Sales?').says('main menu').hears('Sales?');
  });

  it('lead to a state that exists, as the compiler sees', () => {
    const load = (): unknown =>
      callMachine('bad', {
        commands: { operator: { key: '0', target: 'nowhere' } },
        // @ts-expect-error: there is no such state
        initial: 'bye', states: { bye: hangup() },
      });
    expect(load).to.throw(/does not exist/);
  });
});

describe('confirm', () => {
  const bot = (cancel: string) =>
    callMachine('booking', {
      initial: 'sure',
      states: {
        sure: confirm({ prompt: 'Shall I book it?', cancel: [cancel, 'forget it'], on: { yes: 'booked', no: 'open', cancel: 'bye', exhausted: 'bye' } }),
        booked: hangup('It is booked.'), open: hangup('It stays open.'), bye: hangup('Goodbye.'),
      },
    });

  it('takes every word that the Calling SDK took for yes and for no, and the keys 1 and 2', () => {
    for (const yes of ['yes', 'yep', 'sure', 'ok', 'true']) dial(bot('9')).hears(/book it/).says(yes).hears(/is booked/).isHungUp();
    for (const no of ['no', 'nope', 'not', 'false']) dial(bot('9')).hears(/book it/).says(no).hears(/stays open/).isHungUp();
    dial(bot('9')).hears(/book it/).presses('1').hears(/is booked/);
    dial(bot('9')).hears(/book it/).presses('2').hears(/stays open/);
  });

  it('has a third answer where the bot says what means it', () => {
    dial(bot('9')).hears(/book it/).presses('9').hears(/Goodbye/);
    dial(bot('9')).hears(/book it/).says('forget it').hears(/Goodbye/);
  });

  it('is asked three times at most', () => {
    dial(bot('9')).hears(/book it/).presses('5').hears(/book it/).staysSilent().hears(/book it/).presses('5').hears(/Goodbye/).isHungUp();
  });
});

describe('validate', () => {
  const bot = callMachine<{ readonly account: string; readonly known: readonly string[] }>()('account', {
    context: { account: '', known: ['1234', '5678'] },
    initial: 'ask',
    states: {
      ask: recognize({
        prompt: 'Your account number?',
        digits: { max: 4, termchars: ['#'] },
        validate: ({ digits, context }) => (digits.length < 4 ? 'It has four digits.' : context.known.includes(digits) ? undefined : 'There is no such account.'),
        on: { digits: { target: 'bye', actions: assign({ account: ({ event }) => event.digits }) }, exhausted: 'sorry' },
      }),
      bye: hangup(({ context }) => `Thank you, ${context.account}.`),
      sorry: hangup('Please call again with your number at hand.'),
    },
  });

  it('tells the caller what is wrong with the digits, and asks again', () => {
    dial(bot).hears(/account number/).presses('12#').hears(/four digits\. Your account/).presses('9999').hears(/no such account\. Your account/).presses('5678').hears(/Thank you, 5678/).isHungUp();
  });

  it('counts wrong digits as attempts, together with silence', () => {
    dial(bot).hears(/account number/).presses('12#').hears(/four/).staysSilent().hears(/did not hear you/).presses('9999').hears(/call again/).isHungUp();
  });

  it('finds nothing wrong where it has nothing to say', () => {
    for (const nothing of ['', undefined, false, null]) {
      const bot2 = callMachine('quiet', { initial: 'ask', states: { ask: recognize({ prompt: 'PIN?', digits: { max: 1 }, validate: () => nothing as never, on: { digits: 'bye', exhausted: 'sorry' } }), bye: hangup('Bye.'), sorry: hangup('Sorry.') } });
      dial(bot2).hears('PIN?').presses('1').hears('Bye.');
    }
  });

  it('leaves digits that are right alone', () => {
    dial(bot).hears(/account number/).presses('1234').hears(/Thank you, 1234/).isHungUp();
  });
});
