/** The connector of the old SDK, row by row: its settings, what it reads, what it answers. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import Koa from 'koa';
import * as t from 'io-ts';
import { callMachine, hangup, prompt, recognize, record, task, userData } from 'callchart';
import { bearerVerifier, botframework, calls, dataIn, memoryStore, requestListener, type TransportEvent } from 'callchart/transport';
import { audience, issuer, keyServer } from '../helpers/tokens.ts';
import { incoming, type Json, stubService, until } from '../transport/rig.ts';
import { form, multipart } from '../transport/services/botframework/requests.ts';
import { openings } from '../defects/opened.ts';
import { botOf, everyRowOf, refusalOf, sorry, workflowOf } from './kit.ts';

const { open, opened, closeAll } = openings();

const menu = { prompt: 'Sales?', choices: { sales: '1' }, on: { sales: 'sales', exhausted: 'bye' } } as const;
const acme = botOf({ ask: recognize(menu), sales: hangup('Here is sales.') });

const settings = { appId: audience, appPassword: 'a password', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://issuer.test/openid', issuer };

const codeOf = (text: string): string => (JSON.parse(text) as { readonly error: { readonly code: string } }).error.code;

/** A server of node with `listener`; posts to it. */
const served = async (listener: (request: IncomingMessage, response: ServerResponse) => void) => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: async () => (server.closeAllConnections(), server.close()) });
  return (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
};

/** What is on record of who calls, when `more` arrived. */
const callOf = async (more: Json) => {
  const line = await opened(acme);
  expect((await line.caller('c').post({ ...incoming('c'), ...more })).status).to.equal(200);
  return (await line.record('c'))!.snapshot.call;
};

const mona = { identity: '8:mona.lindqvist', displayName: 'Mona Lindqvist', languageId: 'sv-SE', originator: true };
const ada = { identity: '8:ada', displayName: 'Ada', originator: false };
const bot = { identity: '28:the-app-id', originator: false };

describe('A.2 connector of the old SDK', () => {
  afterEach(closeAll);

  it('A.2 constructor(settings): settings are required, each is named when it is missing, and they stay as they were given', () => {
    for (const missing of ['appId', 'appPassword', 'callbackUrl', 'openIdMetadataUrl', 'issuer'] as const) {
      const [code, sentence] = refusalOf(() => botframework({ ...settings, [missing]: undefined } as never));
      expect([code, sentence.includes(missing)], `${missing}: ${sentence}`).to.deep.equal(['ERR_OPTION_INVALID', true]);
    }
    const frozen = Object.freeze({ ...settings });
    botframework(frozen);
    expect(frozen).to.deep.equal(settings);
    expect(() => botframework(undefined as never)).to.throw();
  });

  it('A.2 settings.callbackUrl: it is where the service posts what became of a reply, and the bot does not start without it or by any other name', async () => {
    const line = await opened(acme);
    expect(workflowOf(await line.caller('c').rings())['links']).to.deep.equal({ callback: 'https://bot.example/api/calls' });
    const { callbackUrl, ...others } = settings;
    for (const wrong of [{}, { callbackUri: callbackUrl }, { callbackUrl: 'http://bot.example/api/calls' }, { callbackUrl: '/api/calls' }]) {
      expect(refusalOf(() => botframework({ ...others, ...wrong } as never))[1]).to.contain('callbackUrl');
    }
  });

  it('A.2 settings.appId / appPassword: a token for another bot does not get in, and no bot starts without either', async () => {
    const keys = await keyServer();
    open.push(keys);
    const line = await opened(acme, { service: stubService({ openIdMetadataUrl: keys.metadataUrl, issuer, verify: undefined } as never) });
    const status = async (aud: string, id: string) => (await line.send(JSON.stringify(incoming(id)), { authorization: `Bearer ${await keys.sign({ aud })}` })).status;
    expect([await status('another-app', 'c'), await status('the-app-id', 'd')]).to.deep.equal([401, 200]);
    for (const option of ['appId', 'appPassword']) expect(refusalOf(() => botframework({ ...settings, [option]: '' }))[0]).to.equal('ERR_OPTION_INVALID');
  });

  it('A.2 settings.serviceUrl: a bot sends no requests to the service, it answers', async () => {
    const line = await opened(acme);
    const { fetch: original } = globalThis;
    const sent: string[] = [];
    globalThis.fetch = (async (...args: Parameters<typeof fetch>) => (sent.push(String(args[0])), original(...args))) as typeof fetch;
    try {
      const caller = line.caller('c');
      await caller.rings();
      await caller.presses('sales');
      await caller.isHungUp();
    } finally {
      globalThis.fetch = original;
    }
    expect(sent.filter((url) => !url.startsWith(line.url))).to.deep.equal([]);
  });

  it('A.2 settings.stateUrl: calls are kept where the bot is, and nothing is fetched to begin one', async () => {
    const line = await opened(acme, { store: memoryStore() });
    await line.caller('c').rings();
    expect(await line.record('c')).to.include({ askedAgain: 0 });
  });

  it('A.2 settings.endpoint: where the keys are and who issues tokens is said by the bot’s owner, and both are looked at', async () => {
    const keys = await keyServer();
    open.push(keys);
    const other = await opened(acme, { service: stubService({ openIdMetadataUrl: keys.metadataUrl, issuer: 'https://somebody.else', verify: undefined } as never) });
    const ours = await opened(acme, { service: stubService({ openIdMetadataUrl: keys.metadataUrl, issuer: 'metadata', verify: undefined } as never) });
    const headers = { authorization: `Bearer ${await keys.sign()}` };
    expect([(await other.send(JSON.stringify(incoming('c')), headers)).status, (await ours.send(JSON.stringify(incoming('c')), headers)).status]).to.deep.equal([401, 200]);
    expect(keys.fetches.metadata).to.be.above(0);
  });

  it('A.2 listen(): calls are taken in Koa, and in whatever has (request, response, next): Express, Restify, node itself', async () => {
    const bots = requestListener({ service: stubService(), bots: acme });
    const middleware = calls({ service: stubService(), bots: acme });
    open.push(bots, middleware);
    for (const post of [await served((request, response) => bots(request, response, () => response.end('the app'))), await served(new Koa().use(middleware).callback())]) {
      const answer = await post('/api/calls', incoming(`c${Math.random()}`));
      expect([answer.status, await answer.text()]).to.satisfy(([status, text]: [number, string]) => status === 200 && text.includes('Sales?'));
    }
    const post = await served((request, response) => bots(request, response, () => response.end('the app')));
    expect(await (await post('/orders', {})).text(), 'what is no call is the application’s').to.equal('the app');
  });

  it('A.2 verifyBotFramework: each request is verified before anything of it is read, and the verifier is to be had alone', async () => {
    const keys = await keyServer();
    open.push(keys);
    const verify = bearerVerifier({ metadataUrl: keys.metadataUrl, issuer, audience, algorithms: ['RS256'], clockToleranceMs: 0 });
    await verify(`Bearer ${await keys.sign()}`);
    let refusal: unknown;
    await verify(`Bearer ${await keys.sign({ aud: 'another' })}`).catch((error: unknown) => (refusal = error));
    expect(refusal).to.include({ code: 'ERR_BEARER_REJECTED' });
  });

  it('A.2 onEvent(handler): several bots share a server, by path and by the number called', async () => {
    const named = (id: string) => callMachine(id, { initial: 'bye', states: { bye: hangup(`This is ${id}.`) } });
    const line = await opened({ '/one': named('one'), '/many': { '28:two': named('two'), '*': named('other') } });
    const heard = async (id: string, path: string, to: string) => (await line.caller(id, { path, to }).rings()).heard;
    expect([await heard('c', '/one', '28:x'), await heard('d', '/many', '28:two'), await heard('e', '/many', '28:y')]).to.deep.equal(['one', 'two', 'other'].map((id) => `answer playPrompt“This is ${id}.” hangup`));
  });

  it('A.2 send(event, cb): the reply is the answer to its request, and that it went out is told', async () => {
    const told: TransportEvent[] = [];
    const line = await opened(acme, { onEvent: (event) => void told.push(event) });
    expect((await line.caller('c').rings()).heard).to.equal('answer recognize“Sales?”');
    await until(() => told.some(({ type }) => type === 'exchange'));
  });

  it('A.2 getData / saveData: what is kept of a user is in the store of calls', async () => {
    const store = memoryStore();
    const visits = userData('visits', t.type({ count: t.number }));
    await dataIn(store).save(visits, { user: 'mona' }, { value: { count: 1 }, revision: 0 });
    expect(await dataIn(store).load(visits, { user: 'mona' })).to.deep.equal({ value: { count: 1 }, revision: 1 });
  });

  it('A.2 body parsing: a body is read as UTF-8 up to a limit, and one that a parser in front has kept as text is taken from there', async () => {
    const line = await opened(acme, { bodyLimitBytes: 2_000 });
    const named = (id: string, displayName: string) => line.caller(id).post({ ...incoming(id), participants: [{ ...mona, displayName }, bot] });
    expect((await named('c', 'Åsa 語')).status).to.equal(200);
    expect((await line.record('c'))?.snapshot.call.name).to.equal('Åsa 語');
    const long = await named('d', 'x'.repeat(3_000));
    expect([long.status, codeOf(long.text)]).to.deep.equal([413, 'ERR_BODY_TOO_LARGE']);
    const middleware = calls({ service: stubService(), bots: acme });
    open.push(middleware);
    const post = await served(new Koa().use(async (ctx, next) => { let text = ''; for await (const piece of ctx.req) text += String(piece); (ctx.request as { rawBody?: string }).rawBody = text; await next(); }).use(middleware).callback());
    expect((await post('/api/calls', incoming('e'))).status).to.equal(200);
  });

  it('A.2 content types: JSON, and a recording as multipart/form-data; anything else is refused by its type', async () => {
    const line = await opened(botOf({ speak: record({ prompt: 'Speak.', on: { done: 'bye', exhausted: 'bye' } }) }));
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.speaks(7)).heard).to.equal('playPrompt“Bye.” hangup');
    expect((await line.send(JSON.stringify(incoming('d')), { 'content-type': 'application/json; charset=utf-8' })).status).to.equal(200);
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data']) {
      const { status, text } = await line.send('x', { 'content-type': type });
      expect([status, codeOf(text)], type).to.deep.equal([415, 'ERR_BODY_TYPE']);
    }
    expect((await line.send(multipart(['Content-Disposition: form-data; name=conversationResult', '{']), form)).status).to.equal(400);
  });

  it('A.2 correlation id: it is read, and is in every line of the call; the message id tells a retry', async () => {
    const line = await opened(acme);
    const caller = line.caller('c', { chain: 'the-chain' });
    await caller.rings();
    const { text } = await caller.staysSilent('m');
    expect((await caller.staysSilent('m')).text, 'the same message').to.equal(text);
    expect(line.lines.filter(({ call }) => call === 'c').map(({ chain }) => chain)).to.satisfy((chains: readonly unknown[]) => chains.length > 0 && chains.every((chain) => chain === 'the-chain'));
  });

  // ---- what a body becomes ----

  it('A.2 dispatch 1, terminated: the bot learns that its caller has gone, once', async () => {
    const ends: unknown[] = [];
    const line = await opened(botOf({ ask: recognize(menu), sales: hangup() }, { cleanup: ({ reason }: { reason: string }) => void ends.push(reason) }));
    const caller = line.caller('c');
    await caller.rings();
    const { status, text } = await caller.post({ ...incoming('c'), callState: 'terminated' });
    await caller.hangsUp();
    await until(() => ends.length > 0);
    expect([status, text, ends, (await line.record('c'))?.snapshot.ended]).to.deep.equal([200, '', ['caller'], 'caller']);
  });

  it('A.2 dispatch 2, participants: a first notification is a call that rings, with its media and its state looked at', async () => {
    const line = await opened(acme);
    expect((await line.caller('c').rings()).heard).to.equal('answer recognize“Sales?”');
    expect((await line.caller('d').post({ ...incoming('d'), presentedModalityTypes: undefined })).status).to.equal(400);
    expect((await callOf({ presentedModalityTypes: ['audio', 'video'] })).headers).to.include({ modalities: 'audio,video' });
  });

  it('A.2 dispatch 3, conversationResult: an outcome goes to the call that its id names, and to the question that is open in it', async () => {
    const line = await opened(acme);
    const caller = line.caller('c');
    await caller.rings();
    const stale = await caller.post(caller.result({ type: 'recognizeOutcome', id: 'another', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } }));
    expect([stale.status, stale.text], 'of an operation that is not open').to.deep.equal([200, '']);
    expect((await line.caller('nobody').post({ ...caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } }), id: 'nobody' })).status).to.equal(404);
    expect((await caller.presses('sales')).heard).to.contain('Here is sales.');
  });

  it('A.2 response slot: two requests of one call at once each get an answer of their own', async () => {
    const line = await opened(acme);
    const caller = line.caller('c');
    await caller.rings();
    const [pressed, changed] = await Promise.all([caller.presses('sales'), caller.post({ id: 'c', type: 'callStateChange', currentState: 'hold' })]);
    expect([pressed.heard, changed.status, changed.text]).to.deep.equal(['playPrompt“Here is sales.” hangup', 200, '']);
  });

  it('A.2 address, conversation: the call’s id, and of what it belongs to the thread, the subject, and whether it is a group', async () => {
    expect(await callOf({ isMultiparty: true, threadId: '19:t@thread.skype', subject: 'Tiles' })).to.deep.include({ id: 'c', conversation: '19:t@thread.skype', headers: { ismultiparty: 'true', modalities: 'audio', subject: 'Tiles' } });
    expect(await callOf({})).not.to.have.property('conversation');
  });

  it('A.2 address, participants: who is on the line is told where they are more than the caller and the bot', async () => {
    expect((await callOf({ participants: [mona, ada, bot] })).participants).to.deep.equal([
      { id: '8:mona.lindqvist', name: 'Mona Lindqvist', language: 'sv-SE', originator: true }, { id: '28:the-app-id' }, { id: '8:ada', name: 'Ada' },
    ]);
    expect(await callOf({})).not.to.have.property('participants');
  });

  it('A.2 address, user: the caller is the originator, with the name and the language that the service tells', async () => {
    expect(await callOf({ participants: [bot, ada, mona] })).to.include({ from: '8:mona.lindqvist', name: 'Mona Lindqvist', language: 'sv-SE' });
    expect((await callOf({ participants: [bot] })).from, 'who withholds it').to.equal('');
  });

  it('A.2 address, bot: the callee is the bot itself, where several are in the call', async () => {
    expect((await callOf({ participants: [mona, { ...bot, identity: '28:another' }, bot, { ...bot, identity: '28:third' }] })).to).to.equal('28:the-app-id');
  });

  it('A.2 appState: it is short, signed, and tells nothing of who is on the line', async () => {
    const line = await opened(acme);
    const caller = line.caller('c');
    const { appState = '' } = await caller.rings();
    expect(appState.length).to.be.within(1, 200);
    expect(Buffer.from(appState.split('.')[0]!, 'base64url').toString()).to.equal('["c","bot"]');
    await caller.post(caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } }, { appState: `${appState.slice(0, -2)}xx` }));
    expect(line.said('hint is not ours')).to.have.length(1);
  });

  it('A.2 workflow body: actions, links, what to be told of, and the appState; nothing of the sender’s insides', async () => {
    const workflow = workflowOf(await (await opened(acme)).caller('c').rings());
    expect(Object.keys(workflow).sort()).to.deep.equal(['actions', 'appState', 'links', 'notificationSubscriptions']);
    expect(workflow['notificationSubscriptions']).to.deep.equal(['callStateChange']);
  });

  // ---- statuses ----

  it('A.2 status 200 workflow: the bot’s reply, as JSON', async () => {
    const { status, headers } = await (await opened(acme)).caller('c').rings();
    expect([status, headers.get('content-type')]).to.deep.equal([200, 'application/json; charset=utf-8']);
  });

  it('A.2 status 200 empty: nothing is asked of a line that is gone', async () => {
    const line = await opened(acme);
    const caller = line.caller('c');
    await caller.rings();
    expect(await caller.hangsUp()).to.include({ status: 200, text: '' });
  });

  it('A.2 status 400 bad JSON: the rule that is broken is told, and no value', async () => {
    const line = await opened(acme);
    const { status, text } = await line.send('{"id": "Mona",');
    expect([status, JSON.parse(text)]).to.deep.equal([400, { error: { code: 'ERR_EVENT_MALFORMED', paths: [], rule: 'H-JSON' } }]);
  });

  it('A.2 status 400 content type: it is 415 here, so that the two are told apart', async () => {
    const { status, text } = await (await opened(acme)).send('x', { 'content-type': 'text/plain' });
    expect([status, codeOf(text)]).to.deep.equal([415, 'ERR_BODY_TYPE']);
  });

  const guarded = async (metadataUrl: string) => opened(acme, { service: stubService({ openIdMetadataUrl: metadataUrl, issuer, verify: undefined } as never) });

  for (const [row, title, authorization] of [
    ['status 401 no bearer token', 'a request without a token is 401', undefined],
    ['status 403 token refused', 'a bad token is 401 as well, and 403 is what a hook refused', 'Bearer garbage'],
  ] as const) {
    it(`A.2 ${row}: ${title}`, async () => {
      const keys = await keyServer();
      open.push(keys);
      const { status, text } = await (await guarded(keys.metadataUrl)).send(JSON.stringify(incoming('c')), { ...(authorization !== undefined && { authorization }) });
      expect([status, codeOf(text)]).to.deep.equal([401, 'ERR_BEARER_REJECTED']);
    });
  }

  it('A.2 status 403 any exception: what is wrong with a request is 400, a call that is not on record 404, a defect 500, and each is a line', async () => {
    const inner = memoryStore();
    const line = await opened(acme, { store: { ...inner, load: async (key) => (key.endsWith('broken') ? Promise.reject(new TypeError('the driver is gone')) : inner.load(key)) } });
    const result = { callState: 'established', operationOutcome: { type: 'answerOutcome', id: 'o', outcome: 'success' } };
    const statuses = [
      (await line.send(JSON.stringify({ ...incoming('c'), participants: [{ displayName: 'Mona', originator: true }] }))).status,
      (await line.send(JSON.stringify({ id: 'c', ...result }))).status,
      (await line.send(JSON.stringify({ id: 'c', ...result, appState: 'not JSON' }))).status,
      (await line.send(JSON.stringify(incoming('broken')))).status,
    ];
    expect(statuses).to.deep.equal([400, 404, 404, 500]);
    expect(line.lines.filter(({ level }) => level !== 'info' )).to.have.length.at.least(4);
  });

  it('A.2 status 500 OpenID: keys that cannot be had are 503, and the service is told when to come again', async () => {
    const gone = await keyServer();
    const token = await gone.sign();
    await gone.close();
    const { status, headers, text } = await (await guarded(gone.metadataUrl)).send(JSON.stringify(incoming('c')), { authorization: `Bearer ${token}` });
    expect([status, headers.get('retry-after'), codeOf(text)]).to.deep.equal([503, '30', 'ERR_KEYS_UNAVAILABLE']);
  });

  it('A.2 status 500 error from the bot: the caller hears the apology, with 200; a call without an originator is a call', async () => {
    const broken = botOf({ words: prompt(() => { throw new Error('the row is not there'); }, 'bye') });
    const reply = await (await opened(broken)).caller('c').rings();
    expect([reply.status, reply.heard]).to.deep.equal([200, `answer ${sorry}`]);
    expect((await (await opened(acme)).caller('c').post({ ...incoming('c'), participants: [bot] })).heard).to.equal('answer recognize“Sales?”');
  });

  it('A.2 no response at all: work without end, and a bot with nothing to say, are answered within the service’s patience', async () => {
    const stuck = botOf({ work: task({ run: () => new Promise<void>(() => {}), on: { done: 'bye', failed: 'bye' } }) });
    expect((await (await opened(stuck)).caller('c').rings()).heard).to.equal('answer playPrompt“(2000 ms)”');
    expect((await (await opened(botOf({ nothing: {} }))).caller('c').rings()).heard).to.equal('reject');
  });

  everyRowOf('A.2');
});
