/** The SDK's guide to audio calls, statement by statement: its basics, from dialogs to what it did by itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { assign } from 'xstate';
import { answer, callMachine, confirm, dialog, dialogMachine, hangup, play, prompt, recognize, record, reject, task, transfer, waterfall } from 'callchart';
import { dial } from 'callchart/testing';
import acme from '../../examples/acme/bot.ts';
import { root } from '../cli/run.ts';
import { openings } from '../defects/opened.ts';

const { opened, closeAll } = openings();

/** What a bot's first say asks of the service. */
const asked = (bot: Parameters<typeof dial>[0]): readonly string[] => dial(bot).lastBatch.map(({ type }) => type);

const bye = hangup('Goodbye.');
const sure = confirm({ prompt: 'Are you sure?', on: { yes: 'bye', no: 'bye', exhausted: 'bye' } });

describe('a bot, in the words of the guide', () => {
  afterEach(closeAll);

  it('is written the same whatever brings the call: what a test hears, a service is sent', async () => {
    const bot = callMachine('polite', { initial: 'sure', states: { sure, bye } });
    const caller = (await opened(bot)).caller('c');
    expect((await caller.rings()).heard).to.equal('answer recognize“Are you sure?”');
    expect((await caller.presses('yes')).heard).to.equal('playPrompt“Goodbye.” hangup');
    dial(bot).isAnswered().hears('Are you sure?').presses('1').hears('Goodbye.').isHungUp();
  });

  it('runs dialogs, which are made as it is made and give a result', () => {
    const age = dialogMachine<{ years: string }, unknown, string>()('age', {
      context: { years: '' }, initial: 'ask',
      states: {
        ask: recognize({ prompt: 'How old are you?', digits: { max: 2 }, on: { digits: { target: 'told', actions: assign({ years: ({ event }) => event.digits }) }, exhausted: 'told' } }),
        told: { type: 'final', output: ({ context }) => context.years },
      },
    });
    const bot = callMachine('bar', { initial: 'age', states: { age: dialog(age, { on: { done: [{ guard: ({ event }) => Number(event.output) >= 18, target: 'bye' }, 'no'] } }), bye, no: hangup('Lemonade, then.') } });
    dial(bot).presses('17').hears('Lemonade');
    dial(bot).presses('18').hears('Goodbye');
  });

  it('asks one question after the other by a waterfall', () => {
    const order = waterfall('order').ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } }).confirm('sure', { prompt: ({ results }) => `A ${results.size} one?` }).end();
    const bot = callMachine('shop', { initial: 'order', states: { order: dialog(order, { on: { done: 'bye' } }), bye } });
    dial(bot).hears('Large').says('small').hears('A small one?').says('yes').hears('Goodbye').isHungUp();
  });

  it('answers where it says so', () => {
    expect(asked(callMachine('early', { initial: 'hello', states: { hello: answer('sure'), sure, bye } }))).to.deep.equal(['answer', 'recognize']);
  });

  it('hangs up where it says so', () => {
    dial(callMachine('brief', { initial: 'sure', states: { sure, bye: hangup() } })).says('yes').isHungUp().endedWith('bot');
  });

  it('refuses a call where it says so, and nothing is heard', () => {
    const caller = dial(callMachine('closed', { initial: 'no', states: { no: reject('busy') } })).isRejected().endedWith('rejected');
    expect(caller.batches).to.have.length(1);
  });

  it('need not say so: the call is answered before the first sentence', () => {
    expect(asked(callMachine('says', { initial: 'hello', states: { hello: prompt('Hello.', 'sure'), sure, bye } }))).to.deep.equal(['answer', 'play', 'recognize']);
  });

  it('is answered before its first question, of whatever kind', () => {
    const questions = { sure, digits: recognize({ digits: { max: 4 }, on: { digits: 'bye', exhausted: 'bye' } }), message: record({ on: { done: 'bye', exhausted: 'bye' } }) };
    const first = (Object.keys(questions) as (keyof typeof questions)[]).map((initial) => asked(callMachine('asks', { initial, states: { ...questions, bye } })));
    expect(first).to.deep.equal([['answer', 'recognize'], ['answer', 'recognize'], ['answer', 'record']]);
  });

  it('is hung up when it has come to its end', () => {
    expect(asked(callMachine('ends', { initial: 'hello', states: { hello: prompt('Hello.', 'over'), over: { type: 'final' } } }))).to.deep.equal(['answer', 'play', 'hangup']);
  });

  it('refuses the call when it has come to its end and nothing was said', () => {
    expect(asked(callMachine('mute', { initial: 'over', states: { over: { type: 'final' } } }))).to.deep.equal(['reject']);
  });

  it('is hung up when it asks nothing any more, though it says nothing about an end', () => {
    expect(asked(callMachine('stops', { initial: 'hello', states: { hello: { entry: play('Hello.') } } }))).to.deep.equal(['answer', 'play', 'hangup']);
  });

  it('keeps the line as long as it asks', () => {
    const caller = dial(callMachine('asks', { initial: 'sure', states: { sure, bye } }));
    expect(caller.lastBatch.some(({ type }) => type === 'hangup')).to.equal(false);
    caller.staysSilent().staysSilent().staysSilent().hears('Goodbye').isHungUp();
  });
});

describe('actions and outcomes', () => {
  afterEach(closeAll);

  it('are the whole of a call: each action has its row and its endings, on a page', () => {
    const rows = [...readFileSync(join(root, 'docs/actions.md'), 'utf8').matchAll(/^\| (\w+) \| `.*\| `(\w+)\.[*\w]+` \|$/gm)].map(([, name = '', ending = '']) => [name, ending]);
    expect(rows.map(([name]) => name)).to.deep.equal(['answer', 'reject', 'hangup', 'play', 'recognize', 'record', 'transfer', 'hold', 'unhold', 'createcall', 'raw']);
    expect(rows.every(([name, ending]) => ending === name || ending === 'call')).to.equal(true);
    expect(dial(acme).says('sales').batches.flat().map(({ type }) => type)).to.deep.equal(['answer', 'recognize', 'play', 'hangup']);
  });

  it('an outcome leads where its name says', () => {
    const bot = callMachine('desk', { initial: 'advisor', states: { advisor: transfer({ to: '+15550123', on: { busy: 'later', failed: 'bye' } }), later: hangup('All are busy.'), bye } });
    dial(bot).isTransferredTo('+15550123').transferFails('busy').hears('All are busy.');
    dial(bot).isTransferredTo('+15550123').transferFails('noanswer').hears('Goodbye.');
  });

  it('travel as workflows: every reply is one, of an action or more, or empty when the call is over', async () => {
    const caller = (await opened(acme)).caller('c');
    const replies = [await caller.rings(), await caller.staysSilent(), await caller.presses('sales')];
    expect(replies.map(({ actions }) => actions.length)).to.deep.equal([2, 1, 2]);
    expect((await caller.isHungUp()).text).to.equal('');
  });

  it('are named and numbered by the framework, never by the author', async () => {
    const { actions } = await (await opened(acme)).caller('call-of-mona').rings();
    const ids = actions.map(({ operationId }) => operationId);
    expect(new Set(ids).size).to.equal(2);
    expect(ids).to.satisfy((all: readonly string[]) => all.every((id) => id !== ''));
  });

  it('a sentence becomes the action that plays it', async () => {
    const { actions } = await (await opened(callMachine('says', { initial: 'bye', states: { bye } }))).caller('c').rings();
    expect(actions.map(({ action, prompts }) => [action, prompts?.map(({ value }) => value)])).to.deep.equal([['answer', undefined], ['playPrompt', ['Goodbye.']], ['hangup', undefined]]);
  });

  it('an action of one\'s own stands beside sentences, and keeps its place', async () => {
    const bot = callMachine('mixed', { initial: 'hello', states: { hello: prompt('Hello.', 'chime'), chime: { entry: play({ silenceMs: 700 }), always: 'bye' }, bye } });
    expect((await (await opened(bot)).caller('c').rings()).heard).to.equal('answer playPrompt“Hello.” playPrompt“(700 ms)” playPrompt“Goodbye.” hangup');
  });

  it('all that a bot does at once is one reply', async () => {
    const bot = callMachine('news', { initial: 'one', states: { one: prompt('One.', 'two'), two: prompt('Two.', 'sure'), sure, bye } });
    expect((await (await opened(bot)).caller('c').rings()).heard).to.equal('answer playPrompt“One.” playPrompt“Two.” recognize“Are you sure?”');
  });

  it('a bot may speak as often as it likes, work in between, and no sentence is lost', async () => {
    const bot = callMachine('slow', {
      initial: 'one',
      states: { one: prompt('One.', 'work'), work: task({ run: async () => null, on: { done: 'two', failed: 'bye' } }), two: prompt('Two.', 'three'), three: prompt('Three.', 'bye'), bye },
    });
    const caller = (await opened(bot)).caller('c');
    expect((await caller.rings()).heard, 'while it works').to.equal('answer playPrompt“One.”');
    expect((await caller.heardItAll()).heard).to.equal('playPrompt“Two.” playPrompt“Three.” playPrompt“Goodbye.” hangup');
  });

  it('a question sees to all the ways in which it can end, of whatever kind it is', () => {
    const leads = { exhausted: 'bye' } as const;
    const questions = {
      sure: confirm({ prompt: 'Well?', on: { yes: 'bye', no: 'bye', ...leads } }),
      choice: recognize({ prompt: 'Well?', choices: { tea: '1' }, on: { tea: 'bye', ...leads } }),
      digits: recognize({ prompt: 'Well?', digits: { max: 4 }, on: { digits: 'bye', ...leads } }),
      message: record({ prompt: 'Well?', on: { done: 'bye', ...leads } }),
    };
    for (const initial of Object.keys(questions) as (keyof typeof questions)[]) {
      const bot = callMachine(initial, { initial, states: { ...questions, bye } });
      dial(bot).staysSilent().hears('did not hear you').hears('Well?').staysSilent().hears('Well?').staysSilent().hears('Goodbye');
      dial(bot).promptFails().hears('went wrong').hears('Well?').hangsUp().endedWith('caller');
      if (initial === 'sure' || initial === 'choice') dial(bot).presses('9').hears('did not get that').hears('Well?');
    }
    dial(callMachine('given', { initial: 'digits', states: { ...questions, bye } })).presses('1234').hears('Goodbye');
    dial(callMachine('given', { initial: 'message', states: { ...questions, bye } })).records(2_000).hears('Goodbye');
  });
});
