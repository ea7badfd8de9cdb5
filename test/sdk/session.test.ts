/** The session of the old SDK, row by row: where what it held and what it did has gone. */
import { expect } from 'chai';
import * as t from 'io-ts';
import { assign } from 'xstate';
import { callMachine, catalogue, conversationData, createcall, dialog, dialogMachine, hangup, library, loadData, oneOf, play, privateConversationData, prompt, questions, recognize, reject, step, type StepEvent, transfer, updateData, userData, waterfall } from 'callchart';
import { dataStore, dial } from 'callchart/testing';
import { memoryStore } from 'callchart/transport';
import { incoming, rig, stubService } from '../transport/rig.ts';
import { openings } from '../defects/opened.ts';
import { botOf, everyRowOf, refusalOf, sorry } from './kit.ts';

const { opened, closeAll } = openings();

const menu = { prompt: 'Sales?', choices: { sales: '1' }, on: { sales: 'sales', exhausted: 'bye' } } as const;
const ask = recognize(menu);
const acme = botOf({ ask, sales: hangup('Here is sales.') });

/** Asks for a size, and gives it back. */
const size = waterfall('size').ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } }).end();
/** Says what it is given. */
const told = dialogMachine<{ readonly what: string }, string>()('told', {
  context: ({ input }) => ({ what: input }), initial: 'say',
  states: { say: prompt(({ context }) => context.what, 'over'), over: { type: 'final' } },
});

const Count = t.type({ count: t.number });

describe('A.4 session of the old SDK', () => {
  afterEach(closeAll);

  it('A.4 library: a dialog of a library goes by the library’s name in tests, snapshots and logs', () => {
    const bot = botOf({ size: dialog(library('shop', { dialogs: { size } }).dialog('size'), { on: { done: 'bye' } }) });
    dial(bot).hears('Large or small?');
    const { snapshot } = step(bot, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call: { id: 'c', from: 'a', to: 'b', direction: 'inbound', headers: {} } }] });
    expect(JSON.stringify(snapshot)).to.contain('shop:size');
  });

  it('A.4 sessionState: where a call stands is the state that is active, that of a dialog included, and it is kept with the call', async () => {
    expect(dial(acme).state).to.equal('ask');
    const line = await opened(acme);
    await line.caller('c').rings();
    expect((await line.record('c'))?.snapshot.machine).to.have.property('value', 'ask');
  });

  it('A.4 message: what the caller did is the event, typed by its outcome', () => {
    const bot = botOf({ ask: recognize({ ...menu, on: { sales: { target: 'told', actions: assign({ via: ({ event }: { event: { via: string } }) => event.via }) }, exhausted: 'bye' } } as never), told: hangup((({ context }: { context: { via: string } }) => `By ${context.via}.`) as never) }, { context: { via: '' } });
    dial(bot).presses('1').hears('By dtmf.');
    dial(bot).says('sales').hears('By speech.');
  });

  it('A.4 address: who calls whom, in which conversation and in which language, is context.call', async () => {
    const line = await opened(acme);
    await line.caller('c').post({ ...incoming('c'), threadId: '19:t@thread.skype', subject: 'Tiles' });
    expect((await line.record('c'))?.snapshot.call).to.deep.equal({
      id: 'c', from: '8:mona.lindqvist', to: '28:the-app-id', name: 'Mona Lindqvist', language: 'sv-SE', direction: 'inbound', conversation: '19:t@thread.skype',
      headers: { ismultiparty: 'false', modalities: 'audio', subject: 'Tiles' },
    });
  });

  for (const [row, title, make, owner] of [
    ['userData', 'what is kept of a user is there when he calls again', userData, { user: 'mona' }],
    ['conversationData', 'what is kept of a conversation is there at its next call, with nothing to switch on', conversationData, { conversation: 'sales' }],
    ['privateConversationData', 'what is kept of a user in a conversation is there at their next call', privateConversationData, { user: 'mona', conversation: 'sales' }],
  ] as const) {
    it(`A.4 ${row}: ${title}`, () => {
      const kept = make('count', Count);
      const bot = botOf({
        recall: loadData(kept, { on: { done: { target: 'greet', actions: assign({ count: ({ event }: { event: { output: { value: { count: number } | null } } }) => event.output.value?.count ?? 0 }) }, failed: 'bye' } } as never),
        greet: prompt((({ context }: { context: { count: number } }) => `Call ${context.count + 1}.`) as never, 'remember'),
        remember: updateData(kept, { change: (value) => ({ count: (value?.count ?? 0) + 1 }), on: { done: 'bye', failed: 'bye' } }),
      }, { context: { count: 0 } });
      const data = dataStore();
      for (const [index, id] of ['c', 'd', 'e'].entries()) dial(bot, { data, call: { id, from: 'mona', conversation: 'sales' } }).hears(`Call ${index + 1}.`).isHungUp();
      expect(data.read(kept, owner)).to.deep.equal({ count: 3 });
    });
  }

  it('A.4 dialogData: a dialog’s data are its own, and go with it', () => {
    const bot = botOf({ first: dialog(told, { input: 'One.', on: { done: 'second' } }), second: dialog(told, { input: 'Two.', on: { done: 'bye' } }) }, { context: { mine: 1 } });
    const caller = dial(bot).hears('One.').hears('Two.').hears('Bye.');
    expect(caller.context).to.include({ mine: 1 }).and.not.to.have.property('what');
  });

  it('A.4 promptDefaults, recognizeDefaults, recordDefaults: a bot’s questions share their options, and a question’s own come first', () => {
    const { recognize: asks } = questions({ attempts: 1, timeoutMs: 8_000 });
    dial(botOf({ ask: asks(menu), sales: hangup() })).waits(7_999).hears('Sales?').waits(1).hears('Bye.');
    dial(botOf({ ask: asks({ ...menu, attempts: 2 }), sales: hangup() })).staysSilent().hears('Sales?').staysSilent().hears('Bye.');
  });

  it('A.4 one CallSession per HTTP request: the bot’s code gets the context and the event, and nothing of the request', async () => {
    const given: (readonly string[])[] = [];
    const line = await opened(botOf({ ask: recognize({ ...menu, on: { sales: { target: 'bye', actions: (args: object) => void given.push(Object.keys(args)) }, exhausted: 'bye' } } as never) }));
    const caller = line.caller('c');
    await caller.rings();
    await caller.presses('sales');
    expect(given.flat()).to.include.members(['context', 'event']).and.not.to.include.members(['req', 'res', 'session']);
  });

  const arrives: StepEvent = { type: 'service', at: 1_000, events: [{ type: 'call.incoming', call: { id: 'c', from: 'a', to: 'b', direction: 'inbound', headers: {} } }] };

  it('A.4 dispatch(state, event): `step` takes an event into a stored call, and the same gives the same', () => {
    const first = step(acme, undefined, arrives);
    expect(first.batch.map(({ type }) => type)).to.deep.equal(['answer', 'recognize']);
    const stored = JSON.parse(JSON.stringify(first.snapshot)) as typeof first.snapshot;
    const silence: StepEvent = { type: 'service', at: 6_000, events: [{ type: 'recognize.noinput', operationId: first.batch.at(-1)!.operationId }] };
    expect(step(acme, stored, silence)).to.deep.equal(step(acme, first.snapshot, silence));
  });

  it('A.4 dispatch, a missing dialog: a call that stands where the bot no longer has a state is not begun anew behind the caller’s back', async () => {
    const store = { ...memoryStore(), close: async () => {} }; // it is the next server's too
    const before = await rig(botOf({ gone: recognize({ ...menu, on: { sales: 'bye', exhausted: 'bye' } }) }), { store });
    await before.caller('c').rings();
    await before.close();
    const line = await opened(botOf({ other: hangup('Hello.') }), { store });
    const caller = line.caller('c');
    const answer = await caller.post({ id: 'c', callState: 'established', operationOutcome: { type: 'recognizeOutcome', id: 'c:1:1', outcome: 'success', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } } });
    expect([answer.status, answer.heard]).to.deep.equal([200, sorry]);
  });

  it('A.4 error(err): what the bot’s code throws is the apology and the hangup, and the call ends with the reason `error`', () => {
    const caller = dial(botOf({ words: prompt(() => { throw new Error('the row is not there'); }, 'bye') }, { apology: 'We have a problem.' }));
    caller.hears('We have a problem.').endedWith('error');
    expect(caller.lastBatch.map(({ type }) => type)).to.deep.equal(['answer', 'play', 'hangup']);
    expect(caller.error?.code).to.equal('ERR_BOT_THREW');
  });

  const say = catalogue('en', { en: { hello: 'Hello {who}.', tiles: '{n, plural, one {# tile} other {# tiles}}.' }, pl: { hello: 'Witaj {who}.', tiles: '{n, plural, one {# kafelek} few {# kafelki} many {# kafelków} other {# kafelka}}.' } });

  it('A.4 gettext(id, ...args): a message of a catalogue is said in the caller’s language, its arguments by name', () => {
    const bot = botOf({ hello: prompt(say('hello', { who: 'Mona' }), 'bye') });
    dial(bot, { call: { language: 'pl-PL' } }).hears('Witaj Mona.');
    dial(bot, { call: { language: 'en-GB' } }).hears('Hello Mona.');
    dial(bot).hears('Hello Mona.');
  });

  it('A.4 ngettext(one, many, n): a number has every form of its language, not two', () => {
    const heard = (n: number, language: string) => dial(botOf({ tiles: hangup(say('tiles', { n })) }), { call: { language } });
    heard(1, 'en').hears('1 tile.');
    heard(3, 'en').hears('3 tiles.');
    heard(1, 'pl').hears('1 kafelek.');
    heard(3, 'pl').hears('3 kafelki.');
    heard(5, 'pl').hears('5 kafelków.');
  });

  it('A.4 save(): a call is on record before its reply goes out, without anybody asking for that', async () => {
    const line = await opened(acme);
    await line.caller('c').rings();
    expect((await line.record('c'))?.snapshot.revision).to.equal(1);
  });

  it('A.4 answer(): who calls is answered when there is something to play or to ask', () => {
    dial(acme).isAnswered().hears('Sales?');
  });

  it('A.4 reject(): a caller is refused, and hears nothing', () => {
    const caller = dial(botOf({ no: reject() })).isRejected();
    expect(caller.lastBatch.map(({ type }) => type)).to.deep.equal(['reject']);
  });

  it('A.4 hangup(): the bot hangs up', () => {
    dial(acme).presses('1').hears('Here is sales.').isHungUp().endedWith('bot');
  });

  it('A.4 send(text, ...args): a text is said, with what the bot knows in it', () => {
    dial(botOf({ hello: prompt((({ context }: { context: { n: number } }) => `You have ${context.n} messages.`) as never, 'bye') }, { context: { n: 3 } })).hears('You have 3 messages.');
  });

  it('A.4 send(string[]): one of several wordings is said, and the same again when the service asks again', async () => {
    const line = await opened(botOf({ hello: prompt(oneOf('Hello.', 'Good day.', 'Hi.'), 'ask'), ask, sales: hangup() }));
    const caller = line.caller('c');
    const { text, heard } = await caller.rings();
    expect(heard).to.match(/^answer playPrompt“(Hello|Good day|Hi)\.” recognize/);
    expect((await caller.rings()).text).to.equal(text);
  });

  it('A.4 send(object with toAction()): an action stands in the entry of a state by hand, and is sent in its place', () => {
    const caller = dial(botOf({ hello: { entry: [play('Hello.'), play('There.')], always: 'ask' }, ask, sales: hangup() }));
    expect(caller.hears('Hello.').hears('There.').lastBatch.map(({ type }) => type)).to.deep.equal(['answer', 'play', 'play', 'recognize']);
  });

  it('A.4 send(raw action): an action that is none of ours is refused when the bot is loaded, and what is made in no other way never reaches the service', async () => {
    expect(refusalOf(() => botOf({ raw: { entry: { type: 'placeCall', params: { target: 'sip:desk' } }, always: 'bye' } }))).to.deep.equal(['ERR_BOT_INVALID', 'bot `bot`: state `raw`: action `placeCall` does not exist']);
    expect(refusalOf(() => botOf({ raw: { entry: { action: 'playPrompt', operationId: '1', prompts: [] }, always: 'bye' } }))[0]).to.equal('ERR_BOT_INVALID');
  });

  it('A.4 send(): a request gets its reply though the bot says nothing', async () => {
    const line = await opened(acme);
    const caller = line.caller('c');
    await caller.rings();
    expect(await caller.post({ id: 'c', type: 'callStateChange', currentState: 'hold' })).to.include({ status: 200, text: '' });
  });

  it('A.4 messageSent(): what was sent is known to a test of the bot, batch by batch', () => {
    expect(dial(acme).lastBatch.map(({ type }) => type)).to.deep.equal(['answer', 'recognize']);
    expect(dial(acme).serviceReports({ type: 'call.state', state: 'hold' }).lastBatch.map(({ type }) => type)).to.deep.equal(['answer', 'recognize']);
  });

  it('A.4 beginDialog(id, args): a state runs a dialog with what it is given', () => {
    dial(botOf({ told: dialog(told, { input: 'One.', on: { done: 'bye' } }) })).hears('One.').hears('Bye.');
  });

  it('A.4 beginDialog, unknown id: a state that is not there is refused before any call; so is a dialog by its id alone, and one that its library does not have, with the likely name', () => {
    const tiles = library('tiles', { dialogs: { size, told } });
    expect(refusalOf(() => tiles.dialog('sise' as never))).to.deep.equal(['ERR_BOT_INVALID', 'library `tiles`: dialog `sise` does not exist; did you mean `size`?']);
    expect(refusalOf(() => botOf({ size: dialog('size' as never, { on: { done: 'bye' } }) }))).to.deep.equal(['ERR_BOT_INVALID', 'bot `bot`: state `size`: dialog `size` is given by its name; give the dialog itself']);
    expect(refusalOf(() => botOf({ ask: recognize({ ...menu, on: { sales: 'slaes', exhausted: 'bye' } }), sales: hangup() }))[1]).to.contain('target `slaes` does not exist');
  });

  it('A.4 replaceDialog(id, args): another state takes over, and the dialog that was left gives no result', () => {
    const bot = botOf({ size: dialog(size, { on: { done: 'sold' } }), told: dialog(told, { input: 'Here is help.', on: { done: 'bye' } }), sold: hangup('Sold.') }, { commands: { help: { key: '0', target: 'told' } } });
    const caller = dial(bot).hears('Large or small?').presses('0').hears('Here is help.').hears('Bye.');
    expect(caller.transcript).not.to.contain('Sold.');
  });

  it('A.4 endDialog(x?, ...args): a dialog ends, after a last word where it has one, and the chart goes on', () => {
    dial(botOf({ told: dialog(told, { input: 'A last word.', on: { done: 'ask' } }), ask, sales: hangup() })).hears('A last word.').hears('Sales?');
  });

  it('A.4 endDialogWithResult(r): its result is the event’s output, with its type', () => {
    const bot = callMachine<{ size: string }>()('shop', {
      context: { size: '' }, initial: 'size',
      states: {
        size: dialog(size, { on: { done: { target: 'told', actions: assign({ size: ({ event }) => (event.output.status === 'completed' ? event.output.results.size : '?') }) } } }),
        told: hangup(({ context }) => `A ${context.size} one.`),
      },
    });
    dial(bot).presses('2').hears('A small one.');
  });

  it('A.4 endConversation(x?, ...args): the call ends after a last word, from wherever it is', () => {
    dial(botOf({ size: dialog(size, { on: { done: 'ask' } }), ask, sales: hangup('Here is sales.') })).presses('1').hears('Sales?').presses('1').hears('Here is sales.').isHungUp();
    const quits = dialogMachine('quits', { initial: 'over', states: { over: hangup('Enough of that.') } });
    dial(botOf({ inner: dialog(waterfall('outer').dialog('quits', quits).end(), { on: { done: 'ask' } }), ask, sales: hangup() })).hears(/^Enough of that\.$/).isHungUp();
  });

  it('A.4 reset(id?, args?): a caller who starts over is asked from the beginning, and a dialog begins with its input anew', () => {
    const address = waterfall('address').ask('town', { prompt: 'North or south?', choices: { north: '1', south: '2' } }).ask('size', { prompt: ({ results }) => `Large or small, in the ${results.town}?`, choices: { large: '1', small: '2' } }).end();
    const bot = botOf({ address: dialog(address, { on: { done: 'bye' } }) }, { commands: { again: { key: '9', target: 'address' } } });
    dial(bot).presses('1').hears('in the north?').presses('9').hears('North or south?').presses('2').hears('in the south?');
  });

  it('A.4 sendBatch(): the batch leaves when the chart rests, all of it', () => {
    const caller = dial(botOf({ one: prompt('One.', 'two'), two: prompt('Two.', 'ask'), ask, sales: hangup() }));
    expect(caller.batches).to.have.length(1);
  });

  it('A.4 no cancelDialog: any transition that leaves its state cancels a dialog, and a caller may by a command', () => {
    dial(botOf({ size: dialog(size, { on: { done: 'bye' } }), left: hangup('As you like.') }, { commands: { stop: { key: '*', target: 'left' } } })).hears('Large').presses('*').hears('As you like.').isHungUp();
  });

  it('A.4 no trigger actions: a command is taken at every question, that of a dialog too', () => {
    const bot = botOf({ ask: recognize({ ...menu, on: { sales: 'size', exhausted: 'bye' } }), size: dialog(size, { on: { done: 'bye' } }), desk: hangup('Here is the desk.') }, { commands: { operator: { key: '0', phrases: ['operator'], target: 'desk' } } });
    dial(bot).says('operator').hears('Here is the desk.');
    dial(bot).presses('1').hears('Large').says('operator').hears('Here is the desk.');
  });

  it('A.4 no recognizers: whatever a caller says is an event, for a task that understands language; a bot of that is refused where the service hears phrases alone', async () => {
    const bot = botOf({ ask: recognize({ prompt: 'What can I do for you?', speech: true, on: { speech: { target: 'told', actions: assign({ said: ({ event }: { event: { phrase: string } }) => event.phrase }) }, exhausted: 'bye' } } as never), told: hangup((({ context }: { context: { said: string } }) => `You said: ${context.said}`) as never) }, { context: { said: '' } });
    dial(bot).says('When is breakfast?').hears('You said: When is breakfast?');
    expect(await refusalOfServing(bot)).to.equal('ERR_CAPABILITY_MISSING');
  });

  it('A.4 no outgoing calls: a bot may ring somebody for the caller and have him back; it is refused where the service cannot', async () => {
    const bot = botOf({ desk: createcall({ to: '+15550123', on: { done: 'ask', failed: 'bye' } }), ask, sales: hangup() });
    dial(bot).isCalling('+15550123').partyAnswers().partyHangsUp().hears('Sales?');
    dial(acme, { call: { direction: 'outbound' } }).hears('Sales?');
    expect(await refusalOfServing(bot)).to.equal('ERR_CAPABILITY_MISSING');
  });

  it('A.4 no transfer: a bot may hand its caller on; it is refused where the service cannot', async () => {
    const bot = botOf({ desk: transfer({ to: '+15550123', on: { failed: 'bye' } }) });
    dial(bot).isTransferredTo('+15550123').transferAnswers().endedWith('transferred');
    expect(await refusalOfServing(bot)).to.equal('ERR_CAPABILITY_MISSING');
  });

  /** Why `bot` is not served by this service. */
  const refusalOfServing = async (bot: typeof acme): Promise<unknown> => {
    try {
      await opened(bot, { service: stubService() });
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
    return 'it was served';
  };

  everyRowOf('A.4');
});
