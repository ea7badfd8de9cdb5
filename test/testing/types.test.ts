/**
 * What the compiler says to the author of a test. Each `@ts-expect-error` pins one mistake.
 *
 * @module
 */
import { expect } from 'chai';
import { ring } from 'callchart/emulator';
import { type Caller, dial, type DialOptions, type Phone, type Script } from 'callchart/testing';
import { bank, closed } from './bots.ts';

describe('the types of a scripted caller', () => {
  it('know the bot’s context, and every verb', () => {
    const caller = dial(bank);
    const account: string = caller.context.account;
    const attempts: number = caller.context.call.asked.attempts;
    const again: typeof caller = caller.hears('balance').waits(1);
    const anyone: Caller = caller;
    expect([account, attempts, again === anyone]).to.deep.equal(['', 1, true]);
  });

  it('refuse what does not exist', () => {
    const mistakes = (caller: ReturnType<typeof dial<typeof bank>>): void => {
      // @ts-expect-error a name that the context does not have
      void caller.context.acount;
      // @ts-expect-error a value of the context is of its own type
      void (caller.context.account satisfies number);
      // @ts-expect-error the context is looked at, not written
      caller.context.call.asked = { attempts: 0, noinput: 0, nomatch: 0, failed: 0, last: null };
      // @ts-expect-error a verb that nobody knows
      caller.shouts('Hello');
      // @ts-expect-error keys are text: a leading zero is a key
      caller.presses(2);
      // @ts-expect-error nothing is heard that is neither text, nor pattern, nor prompt
      caller.hears({ sound: 'Acme' });
      // @ts-expect-error a chat message is no prompt
      caller.reads({ text: 'Acme' });
      // @ts-expect-error the context has no such property to expect
      caller.hasContext({ acount: '42' });
      // @ts-expect-error no batch has such an operation
      caller.hasBatch('answer', 'dance');
      // @ts-expect-error nor has a question such a parameter
      caller.hasBatch({ type: 'recognize', params: { timeout: 5 } });
      // @ts-expect-error a call is not refused for that
      caller.isRejected('bored');
      // @ts-expect-error an end that no call has
      caller.endedWith('bored');
      // @ts-expect-error a transfer does not fail like that
      caller.transferFails('bored');
      // @ts-expect-error nor does an outgoing call
      caller.partyFails('bored');
      // @ts-expect-error an action that a test cannot have fail
      dial(bank, { failing: ['hangup'] });
      // @ts-expect-error a recording does not end like that
      caller.records(1_000, { endedBy: 'boredom' });
      // @ts-expect-error an event that no service tells
      caller.serviceReports({ type: 'call.bored' });
      // @ts-expect-error an expectation is no promise: nothing to wait for but settled()
      void caller.hears('x').then;
      // @ts-expect-error an answer that comes later is not there yet
      void caller.settled().hears('x');
    };
    expect(mistakes).to.be.a('function');
  });

  it('take a script of any phone, and refuse one of what only a test can know', () => {
    const script: Script = (caller) => caller.hears('balance').hangsUp().endedWith('caller');
    const phone: Phone = script(dial(bank));
    const kept = <P extends Phone>(caller: P): P => caller.hears('balance').presses('1');
    expect([typeof phone.hears, kept(dial(bank)).context.account]).to.deep.equal(['function', '']);
    const mistakes = (): void => {
      // @ts-expect-error a live bot does not show its states
      const states: Script = (caller) => caller.isIn('menu');
      // @ts-expect-error nor its context
      const context: Script = (caller) => caller.hasContext({});
      // @ts-expect-error nor does the service fail on demand
      const failing: Script = (caller) => caller.promptFails();
      // @ts-expect-error that the bot's code failed is not told on the line
      const failed: Script = (caller) => caller.endedWith('error');
      // @ts-expect-error a live bot is asked nothing but what a phone is
      void ring(bank, (caller: Caller) => caller.isIn('menu'));
      void [states, context, failing, failed];
    };
    expect(mistakes).to.be.a('function');
  });

  it('refuse to place a call that cannot be', () => {
    const mistakes = (): void => {
      // @ts-expect-error not a bot
      dial({ states: {} });
      // @ts-expect-error an option that nobody knows
      dial(closed, { task: {} });
      // @ts-expect-error a number is text
      dial(closed, { call: { from: 15550100 } });
      // @ts-expect-error there is no date in the core
      dial(closed, { now: new Date(0) });
      // @ts-expect-error what a stub is given is not known until the test says so
      const options: DialOptions = { tasks: { lookup: (order) => order.id } };
      void options;
    };
    expect(mistakes).to.be.a('function');
  });
});
