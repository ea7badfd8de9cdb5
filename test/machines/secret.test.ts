/** Questions for a PIN or a card: the chart only ever meets the seal. */
import { expect } from 'chai';
import { assign } from 'xstate';
import { type AnyCallError, callMachine, hangup, recognize, task, type TaskArgs } from 'callchart';
import { dial } from 'callchart/testing';

interface Context {
  readonly pin: string;
  readonly name: string;
}

export const bank = callMachine<Context>()('bank', {
  context: { pin: '', name: '' },
  initial: 'ask',
  tasks: { check: ({ pin }: { pin: string }, { reveal }: TaskArgs) => reveal(pin) === '918273' },
  states: {
    ask: recognize({ prompt: 'Your PIN, then pound.', digits: { max: 8, termchars: ['#'] }, secret: true, on: { digits: { target: 'check', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
    check: task({ run: 'check', input: ({ context }) => ({ pin: context.pin }), on: { done: [{ target: 'welcome', guard: ({ event }) => event.output === true }, 'wrong'], failed: 'bye' } }),
    welcome: recognize({ prompt: 'Your account number.', digits: { max: 4 }, on: { digits: { target: 'tell', actions: assign({ name: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
    tell: hangup(({ context }) => `Account ${context.name}.`),
    wrong: hangup('That is not your PIN.'),
    bye: hangup('Bye.'),
  },
});

describe('a question for a secret', () => {
  it('is answered as any other, and a task sees what was keyed', () => {
    dial(bank, { runTasks: true }).presses('918273#').hears('Your account number.').presses('4711').hears('Account 4711.');
    dial(bank, { runTasks: true }).presses('000000#').hears('That is not your PIN.');
  });

  it('leaves the PIN in no event, context, batch or error; what is no secret stays as it is', () => {
    const caller = dial(bank, { runTasks: true }).presses('918273#');
    const kept = JSON.stringify([caller.events, caller.context, caller.batches]);
    expect(kept).not.to.include('918273');
    expect(caller.context.pin).to.match(/^sealed\./);
    caller.presses('4711');
    expect(caller.context.name).to.equal('4711');
  });

  it('is asked again after silence, as any other', () => {
    dial(bank, { runTasks: true }).staysSilent().hears('Your PIN, then pound.').presses('918273#').hears('Your account number.');
  });

  it('a stub of its task sees what was keyed as well', () => {
    dial(bank, { tasks: { check: (input, { reveal }) => reveal((input as { readonly pin: string }).pin) === '111111' } }).presses('111111#').hears('Your account number.');
  });

  it('a task that gives the secret back, or throws it, fails: it would come into the record', () => {
    for (const check of [
      ({ pin }: { pin: string }, { reveal }: TaskArgs): unknown => ({ pin: `${reveal(pin)}!` }),
      ({ pin }: { pin: string }, { reveal }: TaskArgs): unknown => { throw new Error(`wrong: ${reveal(pin)}`); },
    ]) {
      const caller = dial(bank, { tasks: { check: check as never } }).presses('918273#').hears('Bye.');
      expect(JSON.stringify(caller.events)).not.to.include('918273');
      expect(JSON.stringify(caller.events)).to.include('ERR_TASK_OUTPUT');
    }
  });

  it('three digits of a card are not given back either, and a sum that happens to be the same is', () => {
    const told = (output: (code: string) => unknown): string => {
      const shop = callMachine<{ readonly code: string }>()('shop', {
        context: { code: '' },
        initial: 'ask',
        states: {
          ask: recognize({ prompt: 'The three digits on the back?', digits: { max: 3 }, secret: true, on: { digits: { target: 'pay', actions: assign({ code: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
          pay: task({ run: (code: string, { reveal }) => output(reveal(code)), input: ({ context }) => context.code, on: { done: 'paid', failed: 'bye' } }),
          paid: hangup('Paid.'),
          bye: hangup('Bye.'),
        },
      });
      const caller = dial(shop, { runTasks: true }).presses('737').isHungUp();
      return caller.lastBatch.flatMap((action) => (action.type === 'play' ? action.params.prompts.map((prompt) => ('text' in prompt ? prompt.text : '')) : [])).join(' ');
    };
    const fail = (code: string): never => { throw new Error(`no card has ${code}`); };
    expect([told((code) => ({ code })), told((code) => [`It was ${code}.`]), told((code) => ({ [code]: true })), told(fail)]).to.deep.equal(['Bye.', 'Bye.', 'Bye.', 'Bye.']);
    expect([told(() => ({ euros: 737 })), told(() => ({ receipt: '17379' })), told(() => true)]).to.deep.equal(['Paid.', 'Paid.', 'Paid.']);
  });

  it('a seal that was made elsewhere is not opened', () => {
    let code: unknown;
    dial(bank, {
      tasks: {
        check: (_, { reveal }) => {
          try {
            reveal('sealed.other.x');
          } catch (error) {
            code = (error as AnyCallError).code;
          }
          return false;
        },
      },
    }).presses('918273#');
    expect(code).to.equal('ERR_SECRET_KEY');
  });
});

describe('a question for a secret that cannot be one', () => {
  const bot = (state: object) => () => callMachine('bot', { initial: 'ask', states: { ask: state as never, bye: hangup('Bye.') } });

  it('because choices are no secret is refused', () => {
    expect(bot(recognize({ prompt: 'Yes?', choices: { yes: '1' }, secret: true, on: { yes: 'bye', exhausted: 'bye' } }))).to.throw('state `ask`: only digits can be secret');
  });

  it('because `validate` would see it is refused', () => {
    expect(bot(recognize({ prompt: 'PIN?', digits: { max: 4 }, secret: true, validate: () => 'No.', on: { digits: 'bye', exhausted: 'bye' } }))).to.throw('state `ask`: secret digits cannot be validated; look at them in a task');
  });
});
