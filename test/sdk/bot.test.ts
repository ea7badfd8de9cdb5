/** The bot of the old SDK, row by row: its settings, its methods, its middleware, its events. */
import { expect } from 'chai';
import * as t from 'io-ts';
import { assign } from 'xstate';
import { callMachine, catalogue, conversationData, type Data, dialog, dialogMachine, hangup, library, lookupUser, prompt, questions, recognize, record, step, updateData, userData, waterfall } from 'callchart';
import { dataStore, dial } from 'callchart/testing';
import { calls, dataIn, type Hook, memoryStore, type Receiving, type TransportEvent } from 'callchart/transport';
import { incoming, type LogLine, stubService, until, watchedStore } from '../transport/rig.ts';
import { openings } from '../defects/opened.ts';
import { botOf, everyRowOf, refusalOf, sorry } from './kit.ts';

const { opened, closeAll } = openings();

const menu = { prompt: 'Sales?', choices: { sales: '1' }, on: { sales: 'sales', exhausted: 'bye' } } as const;
const acme = botOf({ ask: recognize(menu), sales: hangup('Here is sales.') });
const boom = (): never => { throw new Error('the row is not there'); };
const codeOf = (text: string): string => (JSON.parse(text) as { readonly error: { readonly code: string } }).error.code;

const size = waterfall('size').ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } }).end();

/** Greets whom it knows. */
const club = botOf({
  who: lookupUser({ run: ({ from }) => (from === '8:mona.lindqvist' ? 'account-1' : undefined), on: { known: 'hello', unknown: 'stranger', failed: 'down' } }),
  hello: hangup((({ context }: { context: { call: { user: string } } }) => `Hello, ${context.call.user}.`) as never), stranger: hangup('Please register.'), down: hangup('Please call later.'),
});

describe('A.3 bot of the old SDK', () => {
  afterEach(closeAll);

  it('A.3 defaultDialogId: a call begins in the state `initial`, and one that is not there is refused', () => {
    expect(dial(acme).state).to.equal('ask');
    expect(refusalOf(() => callMachine('bot', { initial: 'nowhere', states: { bye: hangup() } } as never))[0]).to.equal('ERR_BOT_INVALID');
  });

  it('A.3 defaultDialogArgs: a call begins with a context, which may be computed from who calls', () => {
    const bot = callMachine<{ vip: boolean }>()('bot', { context: ({ input }) => ({ vip: input.from === '+15550100' }), initial: 'hello', states: { hello: hangup(({ context }) => (context.vip ? 'Hello again.' : 'Hello.')) } });
    dial(bot).hears('Hello again.');
    dial(bot, { call: { from: '+15550177' } }).hears(/^Hello\.$/);
  });

  it('A.3 localizer: a caller hears the catalogue of his language, and a message that one language lacks is found before any call', () => {
    const say = catalogue('en', { en: { hello: 'Hello.' }, de: { hello: 'Guten Tag.' } });
    dial(botOf({ hello: hangup(say('hello')) }), { call: { language: 'de-AT' } }).hears('Guten Tag.');
    const [code, sentence] = refusalOf(() => catalogue('en', { en: { hello: 'Hello.' }, de: {} } as never));
    expect([code, sentence.endsWith('language `de`: message `hello` is missing')]).to.deep.equal(['ERR_CATALOGUE_INVALID', true]);
  });

  it('A.3 lookupUser: a caller’s account is looked up by a state, and who is unknown, or cannot be looked up, is not met with an error', async () => {
    expect((await (await opened(club)).caller('c').rings()).heard).to.equal('answer playPrompt“Hello, account-1.” hangup');
    dial(club, { tasks: { who: null } }).hears('Please register.');
    dial(club, { tasks: { who: boom } }).hears('Please call later.').isHungUp();
  });

  it('A.3 processLimit: nothing limits how many calls are taken at once', async () => {
    const line = await opened(acme);
    const replies = await Promise.all(Array.from({ length: 40 }, (_, index) => line.caller(`c${index}`).rings()));
    expect(new Set(replies.map(({ heard }) => heard))).to.deep.equal(new Set(['answer recognize“Sales?”']));
  });

  it('A.3 autoBatchDelay: nothing waits for more to be said, the batch leaves when the chart rests', () => {
    const caller = dial(botOf({ one: prompt('One.', 'ask'), ask: recognize(menu), sales: hangup() }), { now: 1_000 });
    expect([caller.batches.length, caller.now]).to.deep.equal([1, 1_000]);
  });

  it('A.3 storage: calls are kept in the store that the bot’s owner gives, in memory where he gives none', async () => {
    const { store, asked } = watchedStore();
    const line = await opened(acme, { store });
    await line.caller('c').rings();
    expect(asked).to.deep.equal(['load', 'commit']);
    const without = calls({ service: stubService(), bots: acme });
    await without.close();
    expect(refusalOf(() => calls({ service: stubService(), bots: acme, store: Promise.resolve(memoryStore()) as never }))[1], 'a store that was not waited for').to.contain('option `store` is a store of calls');
  });

  const Count = t.type({ count: t.number });
  const counting = (data: Data<{ count: number }>) => botOf({ count: updateData(data, { change: (kept) => ({ count: (kept?.count ?? 0) + 1 }), on: { done: 'bye', failed: 'bye' } }) });

  it('A.3 persistUserData: a user’s data are loaded and saved where the chart says, and nowhere else', async () => {
    const mine = userData('mine', Count);
    const line = await opened(counting(mine));
    await line.caller('c').rings();
    await line.caller('d').rings();
    expect((await dataIn(line.store).load(mine, { user: '8:mona.lindqvist' })).value).to.deep.equal({ count: 2 });
    const { store, asked } = watchedStore();
    await (await opened(acme, { store })).caller('c').rings();
    expect(asked.filter((what) => what === 'load'), 'a bot without data loads its call and nothing else').to.have.length(1);
  });

  it('A.3 persistConversationData: a conversation’s data survive without being switched on', () => {
    const ours = conversationData('ours', Count);
    const data = dataStore();
    for (const from of ['mona', 'ada']) dial(counting(ours), { data, call: { id: from, from, conversation: 'sales' } }).isHungUp();
    expect(data.read(ours, { conversation: 'sales' })).to.deep.equal({ count: 2 });
  });

  it('A.3 dialogErrorMessage: when the bot’s own code fails the caller hears its apology, which may be any prompt', () => {
    dial(botOf({ words: prompt(boom, 'bye') })).hears('Sorry, something went wrong. Please call again later.').endedWith('error');
    dial(botOf({ words: prompt(boom, 'bye') }, { apology: ['Oops.', { silenceMs: 100 }, 'Call later.'] })).hears('Oops.').hears('Call later.').endedWith('error');
  });

  it('A.3 promptDefaults / recognizeDefaults / recordDefaults: all questions of a bot share what is said once, recordings have more of their own', () => {
    const { recognize: asks, record: records } = questions({ attempts: 1, noinput: 'Hello?', record: { attempts: 2, maxMs: 2_000 } });
    dial(botOf({ ask: asks({ ...menu, on: { sales: 'speak', exhausted: 'bye' } }), speak: records({ prompt: 'Speak.', on: { done: 'bye', exhausted: 'bye' } }) })).presses('1').hears('Speak.').staysSilent().hears('Hello? Speak.').staysSilent().hears('Bye.');
    dial(botOf({ ask: asks(menu), sales: hangup() })).staysSilent().hears('Bye.');
    dial(botOf({ speak: record({ prompt: 'Speak.', on: { done: 'bye', exhausted: 'bye' } }) })).staysSilent().hears('Sorry, I did not hear you. Speak.');
  });

  // ---- methods ----

  it('A.3 set(name, value): options are given once, and what is changed afterwards changes nothing for whoever calls', async () => {
    const options = { noinput: 'Hello?', ...menu } as { noinput: string };
    const bot = botOf({ ask: recognize(options as never), sales: hangup() });
    options.noinput = 'Something else.';
    dial(bot).staysSilent().hears('Hello? Sales?');
  });

  it('A.3 get(name): what a bot asks of a service is in its machine, for any tool of XState', () => {
    expect(acme.states['ask']?.meta).to.have.nested.property('call.choices').that.deep.equals(['sales']);
  });

  it('A.3 dialog(id, dialog): a state is a dialog', () => {
    dial(acme).presses('1').hears('Here is sales.');
  });

  it('A.3 dialog(id): a dialog is a value, and the same one in as many states and bots as run it', () => {
    for (const bot of [botOf({ size: dialog(size, { on: { done: 'again' } }), again: dialog(size, { on: { done: 'bye' } }) }), botOf({ size: dialog(size, { on: { done: 'bye' } }) })]) dial(bot).hears('Large or small?').presses('1');
  });

  it('A.3 library(lib or name): a library’s dialog is run by its name in the library', () => {
    const shop = library('shop', { dialogs: { size } });
    dial(botOf({ size: dialog(shop.dialog('size'), { on: { done: 'bye' } }) })).hears('Large or small?').presses('1').hears('Bye.');
  });

  it('A.3 use(...maps): hooks are lists, the first of each around the others', async () => {
    const order: string[] = [];
    const around = (name: string): Hook<unknown> => async (_, next) => (order.push(`${name} in`), await next(), void order.push(`${name} out`));
    await (await opened(acme, { hooks: { receive: [around('a'), around('b')], send: [around('s')] } })).caller('c').rings();
    expect(order).to.deep.equal(['a in', 'b in', 'b out', 'a out', 's in', 's out']);
  });

  it('A.3 receive(event, done): without a server, a call is an event after the other', () => {
    const { batch } = step(acme, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call: { id: 'c', from: 'a', to: 'b', direction: 'inbound', headers: {} } }] });
    expect(batch.map(({ type }) => type)).to.deep.equal(['answer', 'recognize']);
    dial(acme).serviceReports({ type: 'call.ended', reason: 'caller' }).endedWith('caller');
  });

  it('A.3 send(event, done): what the bot asks for is the reply, and nothing is sent beside it', async () => {
    const line = await opened(acme);
    const { fetch: original } = globalThis;
    const sent: unknown[] = [];
    globalThis.fetch = (async (...args: Parameters<typeof fetch>) => (sent.push(String(args[0])), original(...args))) as typeof fetch;
    try {
      expect((await line.caller('c').rings()).heard).to.equal('answer recognize“Sales?”');
    } finally {
      globalThis.fetch = original;
    }
    expect(sent, 'the caller’s own').to.deep.equal([`${line.url}/api/calls`]);
  });

  it("A.3 on('error'): what fails is a line and an event, and a bot to whom nobody listens goes on", async () => {
    const told: TransportEvent[] = [];
    const broken = botOf({ words: prompt(boom, 'bye') });
    expect((await (await opened(broken, { onEvent: (event) => void told.push(event) })).caller('c').rings()).heard).to.equal(`answer ${sorry}`);
    expect(told.find(({ type }) => type === 'bot.failed')).to.include({ call: 'c', code: 'ERR_BOT_THREW' });
    const deaf = await opened(broken, { log: undefined as never });
    expect([(await deaf.caller('c').rings()).status, (await deaf.caller('d').rings()).status]).to.deep.equal([200, 200]);
  });

  it('A.3 dialog form function: a state that a hand has written runs a function of the context', () => {
    dial(botOf({ count: { entry: assign({ n: 3 }), always: 'told' }, told: hangup((({ context }: { context: { n: number } }) => `It is ${context.n}.`) as never) }, { context: { n: 0 } })).hears('It is 3.');
  });

  it('A.3 dialog form array of functions: a waterfall', () => {
    dial(botOf({ size: dialog(size, { on: { done: 'bye' } }) })).hears('Large or small?').presses('1').hears('Bye.');
  });

  it('A.3 dialog form Dialog instance: a dialogMachine', () => {
    const own = dialogMachine()('own', { initial: 'say', states: { say: prompt('My own.', 'over'), over: { type: 'final' } } });
    dial(botOf({ own: dialog(own, { on: { done: 'bye' } }) })).hears('My own.').hears('Bye.');
  });

  // ---- middleware ----

  it('A.3 middleware receive: a hook sees what the caller did before the bot takes it, and may refuse the request', async () => {
    const seen: string[] = [];
    const receive: Hook<Receiving> = async ({ events, callId, refuse }, next) => {
      seen.push(...events.map(({ type }) => type));
      if (callId === 'spam') refuse();
      await next();
    };
    const line = await opened(acme, { hooks: { receive: [receive] } });
    const caller = line.caller('c');
    await caller.rings();
    await caller.presses('sales');
    expect(seen).to.deep.equal(['call.incoming', 'recognize.input']);
    expect((await line.caller('spam').rings()).status).to.equal(403);
  });

  it('A.3 middleware send: a hook sees each reply, and a retry gets the same bytes', async () => {
    const bodies: string[] = [];
    const line = await opened(acme, { hooks: { send: [async ({ body }, next) => (bodies.push(body), next())] } });
    const caller = line.caller('c');
    const { text } = await caller.rings();
    await caller.rings();
    expect(bodies).to.deep.equal([text, text]);
  });

  it('A.3 middleware botbuilder: each step is told with its event and the context after it', async () => {
    const steps: unknown[] = [];
    const line = await opened(acme, { onStep: ({ event, result }) => void steps.push([event.type, result.trail.at(-1), (result.snapshot.machine as { context: { call: { from: string } } }).context.call.from]) });
    await line.caller('c').rings();
    expect(steps).to.deep.equal([['service', 'ask', '8:mona.lindqvist']]);
  });

  it('A.3 middleware map with none: hooks that are no list of functions are refused at start', () => {
    for (const hooks of [{ receive: () => {} }, { send: [undefined] }, { call: 'log' }]) expect(refusalOf(() => calls({ service: stubService(), bots: acme, hooks: hooks as never }))[0]).to.equal('ERR_OPTION_INVALID');
    expect(refusalOf(() => calls({ service: stubService(), bots: acme, hooks: { recieve: [] } as never }))[0], 'and so is a list that does not exist').to.equal('ERR_OPTION_INVALID');
  });

  const failing = async (receive: Hook<Receiving>) => {
    const lines: LogLine[] = [];
    let isBad = true;
    const line = await opened(acme, { hooks: { receive: [async (context, next) => (isBad ? receive(context, next) : next())] } });
    const caller = line.caller('c');
    const { status, text } = await caller.rings();
    lines.push(...line.said('exchange refused'));
    isBad = false;
    return { status, code: codeOf(text), lines, retry: (await caller.rings()).heard };
  };

  it('A.3 middleware exception: it is not swallowed: the request is a 500 and a line, and the service’s retry is taken', async () => {
    const { status, code, lines, retry } = await failing(boom);
    expect([status, code, lines[0]?.['code'], retry]).to.deep.equal([500, 'ERR_HOOK_FAILED', 'ERR_HOOK_FAILED', 'answer recognize“Sales?”']);
  });

  it('A.3 middleware that never calls next: the request is not left open', async () => {
    for (const hook of [async () => {}, () => new Promise<void>(() => {})]) expect(await failing(hook)).to.include({ status: 500, code: 'ERR_HOOK_FAILED', retry: 'answer recognize“Sales?”' });
  });

  // ---- events, in the order of a turn ----

  it('A.3 event lookupUser: the look-up is a task, and one that fails is told', async () => {
    const told: TransportEvent[] = [];
    const bot = botOf({ who: lookupUser({ run: boom, on: { known: 'bye', unknown: 'bye', failed: 'bye' } }) });
    await (await opened(bot, { onEvent: (event) => void told.push(event) })).caller('c').rings();
    expect(told.find(({ type }) => type === 'task.failed')).to.include({ task: 'who', call: 'c' });
  });

  for (const [row, title] of [['event receive', 'a hook is told of a request before it is taken'], ['event incoming', 'a hook that waits for `next` is told when it was taken']] as const) {
    it(`A.3 ${row}: ${title}`, async () => {
      const order: string[] = [];
      const line = await opened(acme, { onStep: () => void order.push('taken'), hooks: { receive: [async ({ events }, next) => (order.push(events[0]!.type), await next(), void order.push('after'))] } });
      await line.caller('c').rings();
      expect(order).to.deep.equal(['call.incoming', 'taken', 'after']);
    });
  }

  it('A.3 event getStorageData: a load that fails is told, and the service’s retry is taken', async () => {
    const watched = watchedStore();
    const told: TransportEvent[] = [];
    const line = await opened(acme, { store: watched.store, onEvent: (event) => void told.push(event) });
    watched.fail(() => new TypeError('the driver is gone'));
    expect((await line.caller('c').rings()).status).to.equal(500);
    watched.fail(undefined);
    expect((await line.caller('c').rings()).heard).to.equal('answer recognize“Sales?”');
    expect(told.map(({ type }) => type)).to.include.members(['exchange.failed', 'exchange']);
  });

  it('A.3 event routing: which states a caller went through is told, step by step', async () => {
    const trails: (readonly string[])[] = [];
    const line = await opened(acme, { onStep: ({ result }) => void trails.push(result.trail) });
    const caller = line.caller('c');
    await caller.rings();
    await caller.presses('sales');
    expect(trails.map((trail) => trail.at(-1))).to.deep.equal(['ask', 'sales']);
  });

  it('A.3 event saveStorageData: a commit that fails sends nothing, and the step is taken at the retry', async () => {
    const inner = memoryStore();
    let isFull = true;
    const line = await opened(acme, { store: { ...inner, commit: async (...args) => (isFull ? Promise.reject(new Error('no space left')) : inner.commit(...args)) } });
    expect((await line.caller('c').rings()).status).to.equal(500);
    isFull = false;
    expect((await line.caller('c').rings()).heard).to.equal('answer recognize“Sales?”');
  });

  it('A.3 event send: a hook is told of a reply before it is written', async () => {
    const kinds: string[] = [];
    await (await opened(acme, { hooks: { send: [async ({ kind, body }, next) => (kinds.push(`${kind} ${body.length > 0}`), next())] } })).caller('c').rings();
    expect(kinds).to.deep.equal(['taken true']);
  });

  it('A.3 event outgoing: each exchange is told, with its size and how long it took', async () => {
    const told: TransportEvent[] = [];
    const line = await opened(botOf({ ask: recognize({ ...menu, prompt: 'Är det säkert?' }), sales: hangup() }), { onEvent: (event) => void told.push(event) });
    const { text } = await line.caller('c').rings();
    await until(() => told.some(({ type }) => type === 'exchange'));
    expect(text).to.contain('Är');
    expect(told.find(({ type }) => type === 'exchange')).to.include({ kind: 'taken', status: 200, bytes: Buffer.byteLength(text), call: 'c' });
  });

  it('A.3 event error: a request that is refused is told with its code, and nobody has to listen', async () => {
    const told: TransportEvent[] = [];
    const line = await opened(acme, { onEvent: (event) => void told.push(event) });
    await line.caller('c').post({ ...incoming('c'), participants: 'nobody' });
    expect(told[0]).to.include({ type: 'exchange.refused', status: 400, code: 'ERR_EVENT_MALFORMED' });
  });

  everyRowOf('A.3');
});
