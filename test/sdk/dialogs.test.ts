/** The dialogs of the old SDK, row by row: how they begin, go on and end, and how they travel in libraries. */
import { expect } from 'chai';
import { assign } from 'xstate';
import { callMachine, confirm, dialog, type Dialog, dialogMachine, hangup, library, recognize, waterfall, type WaterfallResult } from 'callchart';
import { dial } from 'callchart/testing';
import { botOf, everyRowOf, refusalOf } from './kit.ts';

/** Asks for as many digits as it is told to, and gives them back. */
const pin = dialogMachine<{ readonly length: number; readonly pin: string }, { readonly length: number }, string>()('pin', {
  context: ({ input }) => ({ length: input.length, pin: '' }), initial: 'ask',
  states: {
    ask: recognize({ prompt: ({ context }) => `Key ${context.length} digits.`, digits: { max: 4 }, on: { digits: { target: 'got', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'got' } }),
    got: { type: 'final', output: ({ context }: { context: { pin: string } }) => context.pin },
  },
});

const safe = callMachine<{ pin: string }>()('safe', {
  context: { pin: '' }, initial: 'pin',
  states: {
    pin: dialog(pin, { input: { length: 4 }, on: { done: { target: 'told', actions: assign({ pin: ({ event }) => event.output }) } } }),
    told: hangup(({ context }) => `You keyed ${context.pin}.`),
  },
});

/** A bot that runs `order` and says how it ended. */
const teller = <R>(order: Dialog<undefined, WaterfallResult<R>>) =>
  callMachine<{ readonly ended: string }>()('teller', {
    context: { ended: '' }, initial: 'order',
    states: {
      order: dialog(order, { on: { done: { target: 'told', actions: assign({ ended: ({ event }) => JSON.stringify(event.output) }) } } }),
      told: hangup(({ context }) => context.ended),
    },
  });

const size = { prompt: 'Large or small?', choices: { large: '1', small: '2' } } as const;
const glaze = { prompt: 'Blue or white?', choices: { blue: '1', white: '2' } } as const;
const ways = { back: 'back', skip: 'skip', cancel: 'never mind' } as const;
const order = waterfall('order', ways).ask('size', size).ask('glaze', glaze).end();

describe('A.7 dialogs of the old SDK', () => {
  it('A.7 Dialog begin: a dialog begins with what it is given, and asks', () => {
    dial(safe).hears('Key 4 digits.');
  });

  it('A.7 Dialog replyReceived: what the caller keys is the dialog’s to take', () => {
    dial(safe).presses('12').hears('You keyed 12.');
    dial(safe).staysSilent().hears('Sorry, I did not hear you. Key 4 digits.');
  });

  it('A.7 Dialog dialogResumed: who ran it gets its result, with its type', () => {
    dial(safe).presses('0042').hears('You keyed 0042.').isHungUp();
  });

  it('A.7 SimpleDialog(fn): a state is a dialog of one step, and ends by itself', () => {
    const one = dialogMachine()('one', { initial: 'told', states: { told: { type: 'final', entry: { type: 'play', params: { prompts: [{ text: 'Hello.' }] } } } } });
    dial(botOf({ one: dialog(one, { on: { done: 'bye' } }) })).hears('Hello.').hears('Bye.').isHungUp();
  });

  it('A.7 waterfall: one question after the other, each knowing all answers before it', () => {
    const tiles = waterfall('tiles').ask('size', size).ask('count', { prompt: ({ results }) => `How many ${results.size} ones?`, digits: { max: 2, termchars: ['#'] } }).confirm('sure', { prompt: ({ results }) => `${results.count} ${results.size} ones?` }).end();
    dial(teller(tiles)).presses('1').hears('How many large ones?').presses('12#').hears('12 large ones?').says('yes').hears('{"status":"completed","results":{"size":"large","count":"12","sure":true}}');
  });

  it('A.7 waterfall, a reply on top: a sentence on the way is no step of its own, and one that could not be played is no answer to the question after it', () => {
    const told = waterfall('told').ask('size', size).say('Good.').ask('glaze', glaze).end();
    const caller = dial(teller(told)).presses('1').hears('Good.').hears('Blue or white?').promptFails().hears('Sorry, something went wrong. Blue or white?');
    caller.presses('2').hears('{"status":"completed","results":{"size":"large","glaze":"white"}}');
  });

  it('A.7 waterfall, back: back leads to the question before, and from the first one out of the dialog, with nobody hung up on', () => {
    dial(teller(order)).presses('1').hears('Blue or white?').says('back').hears('Large or small?').presses('2').presses('1').hears('{"size":"small","glaze":"blue"}');
    dial(teller(order)).says('back').hears('{"status":"back","results":{},"error":null}');
  });

  it('A.7 waterfall, past the end: it ends with all its results', () => {
    dial(teller(order)).presses('1').presses('1').hears('{"status":"completed","results":{"size":"large","glaze":"blue"}}').isHungUp();
  });

  const priced = waterfall('priced').ask('size', size).run('price', (): number => { throw Object.assign(new Error('no such size'), { code: 'E_SIZE' }); }).say(({ results }) => `${results.price} euros.`).end();

  it('A.7 waterfall, errors in a step: work that fails ends the waterfall, with what was answered and why', async () => {
    (await dial(teller(priced), { runTasks: true }).presses('2').settled()).hears('{"status":"notCompleted","results":{"size":"small"},"error":{"message":"no such size","code":"E_SIZE"}}').isHungUp();
    const broken = waterfall('broken').say(() => { throw new Error('the row is not there'); }).end();
    dial(teller(broken)).hears('Sorry, something went wrong').endedWith('error');
  });

  it('A.7 skip(result?): a caller may pass a question over, which then has no result; a step that is not to be taken is not asked', () => {
    dial(teller(order)).says('skip').hears('Blue or white?').presses('1').hears('{"status":"completed","results":{"glaze":"blue"}}');
    const picky = waterfall('picky').ask('size', size).ask('glaze', { ...glaze, when: ({ results }) => results.size === 'large' }).end();
    dial(teller(picky)).presses('2').hears('{"status":"completed","results":{"size":"small"}}');
  });

  it('A.7 empty waterfall: it is refused when it is made', () => {
    expect(refusalOf(() => waterfall('empty').end())).to.deep.equal(['ERR_BOT_INVALID', 'waterfall `empty`: has no steps']);
  });

  it('A.7 result.error: the step after one that failed is not taken as if nothing had happened', () => {
    const caller = dial(teller(priced), { tasks: { price: () => { throw new Error('closed'); } } }).presses('1').hears('"error":{"message":"closed"');
    expect(caller.transcript).not.to.contain('euros');
  });

  it('A.7 DialogAction.send(msg, ...): a sentence is a step', () => {
    dial(teller(waterfall('told').say('Hello.').end())).hears('Hello.').hears('"completed"');
  });

  it('A.7 DialogAction.beginDialog(id, args): a dialog is a step, and its output is the step’s result', () => {
    dial(teller(waterfall('outer').dialog('pin', pin, { input: { length: 2 } }).end())).hears('Key 2 digits.').presses('12').hears('{"status":"completed","results":{"pin":"12"}}');
  });

  it('A.7 DialogAction.endDialog(x): an end gives its result and is never spoken', () => {
    const quiet = dialogMachine<Record<never, never>, undefined, string>()('quiet', { context: {}, initial: 'over', states: { over: { type: 'final', output: () => 'a result' } } });
    const caller = dial(botOf({ quiet: dialog(quiet, { on: { done: 'bye' } }) })).hears('Bye.');
    expect(caller.transcript).not.to.contain('a result');
  });

  it('A.7 ResumeReason completed: the outcome has the name of the choice; of a waterfall the status is completed', () => {
    dial(teller(order)).presses('1').presses('1').hears('"status":"completed"');
    dial(botOf({ ask: recognize({ ...size, on: { large: 'bye', small: 'small', exhausted: 'bye' } }), small: hangup('Small.') })).presses('2').hears('Small.');
  });

  it('A.7 ResumeReason notCompleted: who was asked in vain leads to `exhausted`; of a waterfall the status is notCompleted', () => {
    dial(teller(order)).staysSilent().staysSilent().staysSilent().hears('{"status":"notCompleted","results":{},"error":null}');
    dial(botOf({ ask: recognize({ ...size, on: { large: 'bye', small: 'bye', exhausted: 'vain' } }), vain: hangup('I give up.') })).staysSilent().staysSilent().staysSilent().hears('I give up.');
  });

  it('A.7 ResumeReason canceled: a caller cancels in his own words; of a waterfall the status is cancelled', () => {
    dial(teller(order)).presses('1').says('never mind').hears('{"status":"cancelled","results":{"size":"large"},"error":null}');
    dial(botOf({ ask: confirm({ prompt: 'Sure?', cancel: '9', on: { yes: 'bye', no: 'bye', cancel: 'left', exhausted: 'bye' } }), left: hangup('As you like.') })).presses('9').hears('As you like.');
  });

  it('A.7 ResumeReason forward: what was passed over has no result', () => {
    dial(teller(order)).presses('2').says('skip').hears('{"status":"completed","results":{"size":"small"}}');
  });

  it('A.7 ResumeReason back: from the first question of a dialog that is a step, back leads to the question before that step', () => {
    const outer = waterfall('outer').ask('town', { prompt: 'North or south?', choices: { north: '1', south: '2' } }).dialog('order', order).end();
    dial(teller(outer)).presses('1').hears('Large or small?').says('back').hears('North or south?');
  });

  const cards = library('cards', { dialogs: { pin } });
  const billing = library('billing', { dialogs: { order }, libraries: [cards] });

  it('A.7 Library dialog: dialogs go by the name of their library, and one dialog under two names is refused', () => {
    const bot = botOf({ pin: dialog(cards.dialog('pin'), { input: { length: 3 }, on: { done: 'bye' } }) });
    dial(bot).hears('Key 3 digits.').presses('123').hears('Bye.');
    expect(cards.dialog('pin').id).to.equal('cards:pin');
    expect(refusalOf(() => library('twice', { dialogs: { one: pin, two: pin } }))).to.deep.equal(['ERR_BOT_INVALID', 'library `twice`: dialog `two`: is `one` once more']);
  });

  it('A.7 Library library: a library holds others, and two of one name are refused', () => {
    expect(billing.names).to.deep.equal(['order', 'cards:pin']);
    expect(refusalOf(() => library('shop', { libraries: [cards, library('cards', { dialogs: { order } })] }))).to.deep.equal(['ERR_BOT_INVALID', 'library `shop`: two libraries are both called `cards`']);
  });

  it('A.7 Library findDialog: a dialog is the same machine each time, and one that does not exist is refused by its name', () => {
    expect(billing.dialog('cards:pin')).to.equal(billing.dialog('cards:pin'));
    expect(billing.dialog('cards:pin').id).to.equal('billing:cards:pin');
    expect(refusalOf(() => billing.dialog('pin' as never))[1]).to.contain('dialog `pin` does not exist');
  });

  it('A.7 BotBuilder:Prompts: bots share no dialog and no question, and one bot’s words are not another’s', () => {
    const ask = recognize({ ...size, on: { large: 'bye', small: 'bye', exhausted: 'bye' } });
    const [polite, plain] = [botOf({ ask }, { reprompts: { noinput: 'Are you there?' } }), botOf({ ask })];
    dial(polite).staysSilent().hears('Are you there? Large or small?');
    dial(plain).staysSilent().hears('Sorry, I did not hear you. Large or small?');
  });

  everyRowOf('A.7');
});
