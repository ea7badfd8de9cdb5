/** Bots behind a service: on an app that is there already, or on a server of their own. */
import { createServer, request, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { type AnyStateMachine, createMachine } from 'xstate';
import { callMachine, dialog, dialogMachine, hangup, isCallError, prompt, recognize, transfer } from 'callchart';
import { calls, type CallsListener, memoryStore, requestListener, serve, silentLog, twilio } from 'callchart/transport';
import { dial } from 'callchart/testing';
import acme from '../../examples/acme/bot.ts';
import watson from '../../examples/watson/bot.ts';
import porter from '../fixtures/bots/beyond/bot.ts';
import { incoming, type LogLine, logInto, rig, stubService, until } from './rig.ts';

/** `bot` as one that was loaded while the program runs: the compiler has not seen its states. */
const unseen = (bot: AnyStateMachine): AnyStateMachine => bot;

const refusalOf = (make: () => unknown) => {
  try {
    make();
  } catch (error) {
    if (isCallError(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

/** An app on loopback. */
const listen = async (app: Koa) => {
  app.silent = true;
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  const post = (path: string, body: unknown) => fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return { port, post, get: (path: string) => fetch(`http://127.0.0.1:${port}${path}`), close: () => (server.closeAllConnections(), server.close()) };
};

describe('a single bot', () => {
  it('listens where its service has bots listen', async () => {
    for (const [service, path] of [[stubService(), '/api/calls'], [twilio({ accountSid: `AC${'0'.repeat(32)}`, authToken: 'a token', publicUrl: 'https://bot.example' }), '/api/twilio']] as const) {
      const server = await serve({ service, bots: acme, port: 0, log: silentLog });
      const statusOf = async (asked: string): Promise<number> => (await fetch(server.url + asked, { method: 'POST' })).status;
      expect([await statusOf(path), await statusOf('/api/elsewhere')]).to.deep.equal([path === '/api/calls' ? 415 : 401, 404]);
      await server.close();
    }
  });
});

describe('a bot behind a request listener', () => {
  /** A server of nothing but node:http. */
  const serving = async (listener: RequestListener) => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      post: (path: string, body: unknown) => fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      close: async (bots: CallsListener) => {
        await bots.close();
        server.closeAllConnections();
        server.close();
      },
    };
  };

  it('answers calls in a plain server of node, and has 404 for all that is not on its path', async () => {
    const bots = requestListener({ service: stubService(), bots: acme });
    const { post, close } = await serving((request, response) => bots(request, response));
    const answer = await post('/api/calls', incoming('c'));
    expect([answer.status, await answer.text()]).to.satisfy(([status, text]: [number, string]) => status === 200 && text.includes('Welcome to Acme.'));
    expect((await post('/elsewhere', incoming('d'))).status).to.equal(404);
    await close(bots);
  });

  it('leaves requests for other paths to the application, body, status and all, where there is a next', async () => {
    const bots = requestListener({ service: stubService(), bots: acme });
    const passed: (string | undefined)[] = [];
    const { post, close } = await serving((request, response) => {
      response.statusCode = 202;
      bots(request, response, async () => {
        passed.push(request.url);
        let body = '';
        for await (const piece of request) body += String(piece);
        response.setHeader('x-app', 'mine').end(`the app had ${body}`);
      });
    });
    const own = await post('/orders?of=today', { tiles: 4 });
    expect([own.status, own.headers.get('x-app'), await own.text()]).to.deep.equal([202, 'mine', 'the app had {"tiles":4}']);
    expect(await (await post('/api/calls', incoming('c'))).text()).to.contain('Welcome to Acme.');
    expect((await post('/api/calls', 'no call')).status).to.equal(400);
    expect(passed).to.deep.equal(['/orders?of=today']);
    await close(bots);
  });

  it('answers below a router that takes its prefix off the address, as Express does', async () => {
    const bots = requestListener({ service: stubService(), bots: { '/acme': acme } });
    const { post, close } = await serving((request, response) => {
      const prefix = '/voice';
      const gone = (): void => void response.writeHead(410).end();
      if (!request.url?.startsWith(`${prefix}/`)) return gone();
      request.url = request.url.slice(prefix.length);
      bots(request, response, gone);
    });
    expect(await (await post('/voice/acme', incoming('c'))).text()).to.contain('Welcome to Acme.');
    expect((await post('/acme', incoming('d'))).status).to.equal(410);
    expect((await post('/voice/watson', incoming('d'))).status).to.equal(410);
    await close(bots);
  });

  it('closes the store of its calls, and takes no more', async () => {
    const bots = requestListener({ service: stubService(), bots: acme, store: memoryStore() });
    const { post, close } = await serving((request, response) => bots(request, response));
    await bots.close();
    expect((await post('/api/calls', incoming('c'))).status).to.equal(503);
    await close(bots);
  });

  it('is what Express counts and Restify asks for: a function of three arguments that gives nothing back', async () => {
    const bots = requestListener({ service: stubService(), bots: acme });
    const given: unknown[] = [];
    const { post, close } = await serving((request, response) => void given.push(bots(request, response, () => response.end())));
    await post('/api/calls', incoming('c'));
    await post('/elsewhere', {});
    expect([bots.length, bots.constructor.name, given]).to.deep.equal([3, 'Function', [undefined, undefined]]);
    await close(bots);
  });
});

describe('a bot mounted on a Koa app', () => {
  it('answers calls on its path and leaves the other routes to the app', async () => {
    const app = new Koa();
    const seen: string[] = [];
    const middleware = calls({ service: stubService(), bots: acme });
    app.use(async (ctx, next) => (seen.push(ctx.path), next()));
    app.use(middleware);
    app.use((ctx) => void (ctx.body = `the app's own ${ctx.method} ${ctx.path}`));
    const { post, get, close } = await listen(app);
    expect(await (await post('/api/calls', incoming('c'))).text()).to.contain('Welcome to Acme.');
    expect(await (await get('/health')).text()).to.equal("the app's own GET /health");
    expect(await (await post('/api/calls/more', {})).text()).to.equal("the app's own POST /api/calls/more");
    expect(await (await post('/api/callsx', {})).text()).to.equal("the app's own POST /api/callsx");
    expect(seen).to.have.length(4);
    await middleware.close();
    close();
  });

  it('is refused at start with a store that was not waited for', () => {
    for (const store of [Promise.resolve(memoryStore()), null, {}]) {
      expect(() => calls({ service: stubService(), bots: acme, store: store as never })).to.throw(/`lmdbStore` and `openStore` give a promise/).with.property('code', 'ERR_OPTION_INVALID');
    }
  });

  it('a request that is broken off before its body is there is told as that, and as no fault of the app', async () => {
    const lines: LogLine[] = [];
    const asked: { begun: boolean; ended: () => void } = { begun: false, ended: () => {} };
    const verify = (): Promise<void> => new Promise((resolve) => Object.assign(asked, { begun: true, ended: resolve }));
    const taking = calls({ service: stubService({ verify }), bots: acme, log: logInto(lines) });
    let isGone = false;
    const app = new Koa().use((ctx, next) => (ctx.req.once('close', () => (isGone = true)), next())).use(taking);
    const server = createServer(app.callback() as RequestListener).listen(0, '127.0.0.1');
    await until(() => server.listening);
    const sent = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, path: '/api/calls', method: 'POST', headers: { 'content-type': 'application/json', 'content-length': '500', authorization: 'Bearer x' } });
    sent.on('error', () => {}).write('{"id":');
    await until(() => asked.begun);
    sent.destroy();
    await until(() => isGone);
    asked.ended();
    await until(() => lines.length > 0);
    expect(lines[0]).to.include({ status: 400, code: 'ERR_EVENT_MALFORMED' });
    expect(lines[0]?.['reason']).to.match(/broke off/);
    await taking.close();
    server.close();
  });

  it('takes calls behind a body parser that keeps the text, and says what is wrong behind one that does not', async () => {
    const kept = new Koa();
    const behind = calls({ service: stubService(), bots: acme });
    kept.use(bodyParser()).use(behind);
    const first = await listen(kept);
    expect((await first.post('/api/calls', incoming('c'))).status).to.equal(200);
    const lost = new Koa();
    const lines: LogLine[] = [];
    const without = calls({ service: stubService(), bots: acme, log: logInto(lines) });
    lost.use(async (ctx, next) => {
      for await (const _ of ctx.req);
      return next();
    });
    lost.use(without);
    const second = await listen(lost);
    expect((await second.post('/api/calls', incoming('c'))).status).to.equal(500);
    expect(lines[0]).to.include({ level: 'error', code: 'ERR_OPTION_INVALID' });
    expect(lines[0]?.['reason']).to.match(/mount the calls before it/);
    await behind.close();
    await without.close();
    first.close();
    second.close();
  });
});

describe('a server of bots', () => {
  it('tells its address, takes a call from ring to hangup, and stops', async () => {
    const line = await rig(acme);
    expect(line.url).to.equal(`http://127.0.0.1:${line.port}`);
    const caller = line.caller('c');
    expect((await caller.rings()).heard).to.equal('answer recognize“Welcome to Acme. For sales press 1, for support press 2.”');
    expect((await caller.presses('support')).heard).to.equal('playPrompt“Support will call you back.” hangup');
    expect((await caller.isHungUp()).text).to.equal('');
    expect(line.said('call ended')).to.have.length(1);
    expect((await fetch(`${line.url}/elsewhere`)).status).to.equal(404);
    await line.close();
    expect(await fetch(line.url).then(() => 'open', () => 'closed')).to.equal('closed');
  });

  it('gives the store back when its port is taken', async () => {
    const line = await rig(acme);
    const store = memoryStore();
    let closed = false;
    const watched = { ...store, close: async () => ((closed = true), store.close()) };
    const failed = await serve({ service: stubService(), bots: acme, store: watched, port: line.port }).catch((error: NodeJS.ErrnoException) => error);
    expect(failed).to.have.property('code', 'EADDRINUSE');
    expect(closed).to.equal(true);
    await line.close();
  });

  it('serves several bots, by path and by the number that was called, and each call stays with its bot', async () => {
    const named = (id: string) => callMachine(id, { initial: 'ask', states: { ask: recognize({ prompt: `This is ${id}.`, choices: { on: '1' }, on: { on: 'bye', exhausted: 'bye' } }), bye: hangup(`Bye from ${id}.`) } });
    const line = await rig({ '/sales': named('sales'), '/desk': { '28:day': named('day'), '28:night': named('night'), '*': named('other') }, '/closed': { '28:day': acme } });
    const first = async (id: string, path: string, to: string) => {
      const caller = line.caller(id, { path, to });
      const { heard, status } = await caller.rings();
      return status === 200 ? [heard, (await caller.presses('on')).heard] : status;
    };
    expect(await first('a', '/sales', '28:whoever')).to.deep.equal(['answer recognize“This is sales.”', 'playPrompt“Bye from sales.” hangup']);
    expect(await first('b', '/desk', '28:night')).to.deep.equal(['answer recognize“This is night.”', 'playPrompt“Bye from night.” hangup']);
    expect(await first('c', '/desk', '28:day')).to.deep.equal(['answer recognize“This is day.”', 'playPrompt“Bye from day.” hangup']);
    expect(await first('d', '/desk', '28:third')).to.deep.equal(['answer recognize“This is other.”', 'playPrompt“Bye from other.” hangup']);
    expect(await first('e', '/closed', '28:third')).to.equal(404);
    await line.close();
  });

  it('tells the machine who calls whom', async () => {
    const bot = callMachine<{ greeting: string }>()('input', {
      context: ({ input }) => ({ greeting: `${input.name} in ${input.language}, from ${input.from} to ${input.to}, ${input.direction}` }),
      initial: 'bye',
      states: { bye: hangup(({ context }) => context.greeting) },
    });
    const line = await rig(bot);
    expect((await line.caller('c').rings()).heard).to.contain('Mona Lindqvist in sv-SE, from 8:mona.lindqvist to 28:the-app-id, inbound');
    await line.close();
  });
});

describe('what is given to those who serve', () => {
  const sentenceOf = (given: unknown): string => {
    const { code, message, details } = refusalOf(() => calls(given as never));
    expect(code, message).to.equal('ERR_OPTION_INVALID');
    return `${(details as { readonly option: string }).option}: ${message}`;
  };

  it('is refused in a sentence where JavaScript has left something out, or not waited for it', async () => {
    const service = stubService();
    const noService = 'service: option `service` is a calling service; `azure` gives a promise of one, which is waited for';
    const noBots = 'bots: option `bots` is a machine that `callMachine` made, or machines by path';
    expect(sentenceOf(undefined)).to.equal('options: the options are not an object: `service` and `bots` are required');
    expect(sentenceOf({ bots: acme })).to.equal('service: option `service` is required: `botframework(…)`, `twilio(…)` or `await azure(…)`');
    for (const other of [Promise.resolve(service), 'twilio', null, {}]) expect(sentenceOf({ service: other, bots: acme })).to.equal(noService);
    expect(sentenceOf({ service })).to.equal('bots: option `bots` is required: a machine that `callMachine` made, or machines by path');
    for (const other of ['x', null, 5, [acme], Promise.resolve(acme)]) expect(sentenceOf({ service, bots: other })).to.equal(noBots);
    for (const other of ['x', null, undefined, [acme]]) expect(sentenceOf({ service, bots: { '/desk': other } })).to.equal('bots: option `bots`: what is on `/desk` is neither a machine that `callMachine` made nor machines by number');
    for (const given of [undefined, { service: Promise.resolve(service), bots: acme }, { service }]) {
      const error: unknown = await serve(given as never).then(() => undefined, (refusal: unknown) => refusal);
      expect(error).to.include({ code: 'ERR_OPTION_INVALID' });
    }
  });
});

describe('a bot that cannot be served', () => {
  it('is refused at start when the service cannot do what a state asks for, by the names of both', () => {
    const bot = callMachine('desk', { initial: 'on', states: { on: transfer({ to: 'tel:+15550100', on: { done: 'bye', busy: 'bye', noanswer: 'bye', failed: 'bye' } }), bye: hangup() } });
    const { code, details, message } = refusalOf(() => calls({ service: stubService(), bots: unseen(bot) }));
    expect(code).to.equal('ERR_CAPABILITY_MISSING');
    expect(details).to.deep.equal({ service: 'botframework', action: 'transfer', state: 'on' });
    expect(message).to.equal('state `on`: the service `botframework` cannot do `transfer`');
  });

  it('is refused at start for what a hand-written state asks for, too', () => {
    const bot = callMachine('hand', { initial: 'on', states: { on: { entry: { type: 'transfer', params: { to: 'tel:+15550100' } } } } } as never);
    expect(refusalOf(() => calls({ service: stubService(), bots: bot })).details).to.deep.equal({ service: 'botframework', action: 'transfer', state: 'on' });
  });

  it('is refused at start for hold, for an outgoing call, and for free speech, of its own or of a dialog', () => {
    const capable = (...more: readonly string[]) => ({ ...stubService(), encode: () => '', check: () => {}, capabilities: new Set([...stubService().capabilities, ...more]) }) as never;
    const missing = (...more: readonly string[]) => refusalOf(() => calls({ service: capable(...more), bots: porter })).details;
    expect(missing()).to.deep.equal({ service: 'botframework', action: 'hold', state: 'holding' });
    expect(missing('hold')).to.deep.equal({ service: 'botframework', action: 'unhold', state: 'back' });
    expect(missing('hold', 'unhold')).to.deep.equal({ service: 'botframework', action: 'createcall', state: 'ringing' });
    expect(missing('hold', 'unhold', 'createcall')).to.deep.equal({ service: 'botframework', action: 'speech', state: 'wish' });
    expect(missing('hold', 'unhold', 'createcall', 'speech')).to.deep.equal({ service: 'botframework', action: 'raw:twilio', state: 'paying' });
    expect(() => calls({ service: capable('hold', 'unhold', 'createcall', 'speech', 'raw:twilio'), bots: porter })).to.not.throw();

    const name = dialogMachine()('name', { initial: 'ask', states: { ask: recognize({ speech: true, on: { speech: 'got', exhausted: 'got' } }), got: { type: 'final' } } });
    const asking = callMachine('asking', { initial: 'name', states: { name: dialog(name, { on: { done: 'bye' } }), bye: hangup() } });
    expect(refusalOf(() => calls({ service: stubService(), bots: unseen(asking) })).message).to.equal('state `ask`: the service `botframework` cannot do `speech`');
    const byHand = callMachine('by-hand', { initial: 'ask', states: { ask: { entry: { type: 'recognize', params: { prompts: [], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, speech: true } }, on: { 'recognize.speech': 'bye', 'recognize.*': 'bye' } }, bye: hangup() } });
    expect(refusalOf(() => calls({ service: stubService(), bots: unseen(byHand) })).details).to.deep.equal({ service: 'botframework', action: 'speech', state: 'ask' });
  });

  it('is refused at start for an option that does not exist, with the likely one', () => {
    expect(refusalOf(() => calls({ service: stubService(), bots: acme, onevent: () => {} } as never)).message).to.equal('option `onevent` of `calls` does not exist; did you mean `onEvent`?');
    expect(refusalOf(() => stubService({ apId: 'x' } as never)).message).to.equal('option `apId` of `botframework` does not exist; did you mean `appId`?');
    expect(refusalOf(() => dial(acme, { taks: {} } as never)).message).to.equal('option `taks` of `dial` does not exist; did you mean `tasks`?');
    expect(refusalOf(() => dial(acme, { call: { form: '1' } } as never)).message).to.equal('option `form` of `call` does not exist; did you mean `from`?');
  });

  it('is refused at start for what the service would refuse in every call, and says which state and which rule', () => {
    const silence = callMachine('silence', { initial: 'ask', states: { ask: recognize({ prompt: 'Yes?', choices: { yes: '1' }, timeoutMs: 60_000, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') } });
    const { code, message } = refusalOf(() => calls({ service: stubService(), bots: silence }));
    expect(code).to.equal('ERR_BATCH_ILLEGAL');
    expect(message).to.include('state `ask`').and.include('RG-INITIAL');
  });

  it('is refused when another bot has its id, when it was not made with callMachine, and when there is none', () => {
    const twin = callMachine('acme', { initial: 'bye', states: { bye: hangup('Bye.') } });
    const say = (bots: unknown): string => refusalOf(() => calls({ service: stubService(), bots: bots as never })).message;
    expect(say({ '/a': acme, '/b': twin })).to.equal('two bots are both called `acme`');
    expect(say(createMachine({ initial: 'a', states: { a: {} } }))).to.equal('the machine is not a bot: make it with `callMachine`');
    expect(say({ '/a': { '28:x': { not: 'a machine' } } })).to.equal('the machine is not a bot: make it with `callMachine`');
    expect(say({})).to.equal('no bot answers calls');
    expect(say({ '/a': {} })).to.equal('no bot answers on `/a`');
    expect(say({ 'api/calls': acme })).to.equal('the path `api/calls` begins with `/`');
  });

  it('may stand on two paths at once', async () => {
    const line = await rig({ '/a': watson, '/b': watson });
    expect((await line.caller('x', { path: '/a' }).rings()).heard).to.contain('Watson');
    expect((await line.caller('y', { path: '/b' }).rings()).heard).to.contain('Watson');
    await line.close();
  });

  it('is refused with an option that is no number', () => {
    const { details } = refusalOf(() => calls({ service: stubService(), bots: acme, tombstoneMs: NaN }));
    expect(details).to.deep.equal({ option: 'tombstoneMs' });
  });

  it('is refused with a margin in which no filler can be committed', () => {
    for (const marginMs of [0, 19]) expect(() => calls({ service: stubService(), bots: acme, marginMs })).to.throw(/`marginMs` is a number from 20/);
  });

  it('is refused with so short a memory that what is told late of a call would be told of nobody', () => {
    const { details, message } = refusalOf(() => calls({ service: stubService(), bots: acme, tombstoneMs: 29_999 }));
    expect(details).to.deep.equal({ option: 'tombstoneMs' });
    expect(message).to.contain('30000');
    expect(() => calls({ service: stubService(), bots: acme, tombstoneMs: 30_000 })).not.to.throw();
  });
});

describe('a server that stops', () => {
  it('gives the filler to who waits, and takes no call any more', async () => {
    const bot = callMachine('slow', { initial: 'work', filler: 'One moment.', tasks: { work: () => new Promise(() => {}) }, states: { work: { invoke: { id: 'w', src: 'work', onDone: 'bye', onError: 'bye' } }, bye: prompt('Done.', 'end'), end: hangup() } } as never);
    const line = await rig(bot, { service: stubService({ replyWithinMs: 60_000 }) });
    const ringing = line.caller('c').rings();
    await until(async () => (await line.store.due(Infinity, 1)).length === 1);
    await line.close();
    expect((await ringing).heard).to.equal('answer playPrompt“One moment.”');
  });
});
