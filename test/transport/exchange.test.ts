/** One request, walked through the six headings in order; and what becomes of those that do not get through. */
import { gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import Koa from 'koa';
import { assign, type AnyStateMachine } from 'xstate';
import { CallError, callMachine, hangup, recognize, task } from 'callchart';
import { type CallRequest, calls, type ReplyService, embeddedEngine, exchange, type ExchangeLine, gatherBots, memoryRecordings } from 'callchart/transport';
import { keyServer } from '../helpers/tokens.ts';
import acme from '../../examples/acme/bot.ts';
import { begin, incoming, type LogLine, logInto, pressed, raw, rig, type Rig, stubService, watchedStore } from './rig.ts';

/** A line without a server: what each heading was asked, in order. */
const openLine = (bot: AnyStateMachine, change: (service: ReplyService) => Partial<ReplyService> = () => ({})) => {
  const { store, asked, fail } = watchedStore();
  const lines: LogLine[] = [];
  const inner = stubService();
  const told = <A extends readonly unknown[], R>(name: string, work: (...args: A) => R) => (...args: A): R => {
    asked.push(name);
    return work(...args);
  };
  const traced = { ...inner, authenticate: told('authenticate', inner.authenticate), decode: told('decode', inner.decode), encode: told('encode', inner.encode) };
  const service = { ...traced, ...change(traced) };
  const bots = gatherBots({ '/api/calls': bot }, service);
  const log = logInto(lines);
  const engine = embeddedEngine({ store, bots, service, log, now: () => begin, onStep: () => asked.push('stepped') });
  const line: ExchangeLine = { service, bots, engine, recordings: memoryRecordings(), log, now: () => begin };
  return { line, asked, lines, fail };
};

const requestOf = (body: unknown, headers: CallRequest['headers'] = {}, path = '/api/calls') => {
  const reads = { count: 0 };
  const request: CallRequest = {
    method: 'POST', path, query: '', headers: { 'content-type': 'application/json', ...headers },
    text: async () => ((reads.count += 1), typeof body === 'string' ? body : JSON.stringify(body)),
    stream: () => ((reads.count += 1), Readable.from([])),
  };
  return { request, reads };
};

const codeOf = (body: string): string => (JSON.parse(body) as { readonly error: { readonly code: string } }).error.code;

describe('an exchange', () => {
  it('authenticates, decodes, loads, steps, encodes and commits, in this order, and then answers', async () => {
    let asked: string[] = [];
    const bot = callMachine('one', {
      initial: 'menu',
      states: { menu: recognize({ prompt: () => (asked.push('step'), 'Press 1.'), choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') },
    });
    const opened = openLine(bot);
    ({ asked } = opened);
    const { status, headers, body } = await exchange(requestOf(incoming('c')).request, opened.line);
    expect(status).to.equal(200);
    expect(headers).to.deep.equal({ 'content-type': 'application/json; charset=utf-8' });
    expect(body).to.contain('Press 1.');
    expect(asked).to.deep.equal(['authenticate', 'decode', 'load', 'step', 'encode', 'commit', 'stepped']);
    await opened.line.engine.close();
  });

  it('reads no body and asks no store for a request that does not authenticate', async () => {
    const { line, asked } = openLine(acme, () => ({ authenticate: () => Promise.reject(new CallError('ERR_BEARER_REJECTED', 'no', { reason: 'missing' })) }));
    const { request, reads } = requestOf(incoming('c'));
    const { status, body } = await exchange(request, line);
    expect([status, codeOf(body)]).to.deep.equal([401, 'ERR_BEARER_REJECTED']);
    expect(reads.count).to.equal(0);
    expect(asked).to.deep.equal([]);
    await line.engine.close();
  });

  it('answers 503 and says when to come back while the keys or the store cannot be had', async () => {
    const keys = openLine(acme, () => ({ authenticate: () => Promise.reject(new CallError('ERR_KEYS_UNAVAILABLE', 'no', { reason: 'timeout' })) }));
    const down = await exchange(requestOf(incoming('c')).request, keys.line);
    expect([down.status, down.headers['retry-after'], codeOf(down.body)]).to.deep.equal([503, '30', 'ERR_KEYS_UNAVAILABLE']);
    const store = openLine(acme);
    store.fail(() => new CallError('ERR_STORE_UNAVAILABLE', 'no', { reason: 'read' }));
    const away = await exchange(requestOf(incoming('c')).request, store.line);
    expect([away.status, away.headers['retry-after'], codeOf(away.body)]).to.deep.equal([503, '1', 'ERR_STORE_UNAVAILABLE']);
    store.fail(undefined);
    expect((await exchange(requestOf(incoming('c')).request, store.line)).status, 'the retry').to.equal(200);
    await keys.line.engine.close();
    await store.line.engine.close();
  });

  it('answers 503 and says when to come back when other writers keep winning: the call is as it was', async () => {
    const { line } = openLine(acme);
    const engine = embeddedEngine({ store: { ...watchedStore().store, commit: async () => false }, bots: line.bots, service: line.service, log: line.log, now: () => begin });
    const { status, headers, body } = await exchange(requestOf(incoming('c')).request, { ...line, engine });
    expect([status, headers['retry-after'], codeOf(body)]).to.deep.equal([503, '1', 'ERR_CALL_CONFLICT']);
    await engine.close();
    await line.engine.close();
  });

  it('answers 500 for what nobody foresaw, and neither tells nor logs what it said', async () => {
    const { line, lines } = openLine(acme, () => ({ decode: () => Promise.reject(new TypeError('cannot read 4711 of Mona')) }));
    const { status, body } = await exchange(requestOf(incoming('c')).request, line);
    expect([status, body]).to.deep.equal([500, '{"error":{"code":"ERR_INTERNAL"}}']);
    expect(JSON.stringify(lines)).to.contain('TypeError').and.to.contain('exchange.test.ts').and.not.to.match(/4711|Mona/);
    await line.engine.close();
  });

  it('names the places and the rule of a malformed body, and no value of it', async () => {
    const { line, lines } = openLine(acme);
    const { status, body } = await exchange(requestOf({ ...incoming('c'), participants: [{ identity: { secret: '8:mona' }, originator: 'Mona' }] }).request, line);
    expect(status).to.equal(400);
    const { error } = JSON.parse(body) as { readonly error: { readonly code: string; readonly paths: readonly string[]; readonly rule: string } };
    expect(error.code).to.equal('ERR_EVENT_MALFORMED');
    expect(error.paths).to.include('participants.0.identity');
    expect(error.rule).to.be.a('string').and.not.equal('');
    expect(body + JSON.stringify(lines)).not.to.match(/mona/i);
    await line.engine.close();
  });

  it('answers 404 for an outcome of a call that never began, and for a number that nobody answers', async () => {
    const { line } = openLine(acme);
    const unknown = await exchange(requestOf({ id: 'never', callState: 'established', operationOutcome: { id: 'o', outcome: 'success', ...pressed('sales') } }).request, line);
    expect([unknown.status, codeOf(unknown.body)]).to.deep.equal([404, 'ERR_CALL_UNKNOWN']);
    const bots = gatherBots({ '/api/calls': { '28:acme': acme } }, line.service);
    for (const to of ['28:somebody-else', 'constructor', '__proto__']) {
      const unrouted = await exchange(requestOf(incoming('c', to)).request, { ...line, bots });
      expect([unrouted.status, codeOf(unrouted.body)], to).to.deep.equal([404, 'ERR_ROUTE_UNKNOWN']);
    }
    await line.engine.close();
  });

  it('only logs a hint that names another call: the message itself says which call it is', async () => {
    const { line, lines } = openLine(acme);
    const begun = await exchange(requestOf(incoming('a')).request, line);
    await exchange(requestOf(incoming('b')).request, line);
    const { appState, actions } = JSON.parse(begun.body) as { readonly appState: string; readonly actions: readonly { readonly operationId: string }[] };
    const result = (hint: string) => ({ id: 'b', appState: hint, callState: 'established', operationOutcome: { id: actions.at(-1)?.operationId.replace('a:', 'b:'), outcome: 'success', ...pressed('sales') } });
    const taken = await exchange(requestOf(result(appState), { 'x-microsoft-skype-message-id': 'm' }).request, line);
    expect(taken.body).to.contain('Sales will call you back.');
    expect(lines.filter(({ message }) => message === 'hint names another call')).to.have.length(1);
    const forged = await exchange(requestOf({ ...result(`${appState}x`), id: 'a' }, { 'x-microsoft-skype-message-id': 'm2' }).request, line);
    expect(forged.status).to.equal(200);
    expect(lines.filter(({ message }) => message === 'hint is not ours')).to.have.length(1);
    expect(lines.filter(({ message }) => message === 'hint names another call')).to.have.length(1);
    await line.engine.close();
  });
});

describe('an exchange over HTTP', () => {
  let line: Rig;
  beforeEach(async () => void (line = await rig(acme, { bodyLimitBytes: 2_000 })));
  afterEach(() => line.close());

  it('refuses two Authorization headers, of which node would show one', async () => {
    const keys = await keyServer();
    const token = await keys.sign();
    const real = await rig(acme, { service: stubService({ openIdMetadataUrl: keys.metadataUrl, issuer: 'metadata', verify: undefined } as never) });
    const body = JSON.stringify(incoming('c'));
    const request = (...headers: readonly string[]) => raw(real.port, ['POST /api/calls HTTP/1.1', 'host: bot', 'connection: close', 'content-type: application/json', `content-length: ${body.length}`, ...headers, '', body].join('\r\n'));
    expect(await request(`authorization: Bearer ${token}`)).to.match(/^HTTP\/1.1 200 /);
    expect(await request(`authorization: Bearer ${token}`, `AUTHORIZATION: Bearer ${token}`)).to.match(/^HTTP\/1.1 401 /);
    expect(await request(`Authorization: Bearer ${token}`, 'authorization: Bearer x.y.z')).to.match(/^HTTP\/1.1 401 /);
    expect(await request()).to.match(/^HTTP\/1.1 401 /);
    await real.close();
    await keys.close();
  });

  it('leaves the body of an unauthenticated request in the socket', async () => {
    const touched: string[] = [];
    const app = new Koa();
    app.silent = true;
    app.use((ctx, next) => {
      for (const name of ['on', 'read', 'pipe', 'resume'] as const) {
        const inner = ctx.req[name].bind(ctx.req) as (...args: readonly unknown[]) => unknown;
        ctx.req[name] = ((...args: readonly unknown[]) => {
          if (name !== 'on' || args[0] === 'data' || args[0] === 'readable') touched.push(name);
          return inner(...args);
        }) as never;
      }
      return next().then(() => void touched.push('answered'));
    });
    const middleware = calls({ service: stubService({ verify: () => Promise.reject(new CallError('ERR_BEARER_REJECTED', 'no', { reason: 'signature' })) }), bots: acme });
    app.use(middleware);
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { readonly port: number };
    const response = await fetch(`http://127.0.0.1:${port}/api/calls`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(incoming('c')) });
    expect(response.status).to.equal(401);
    await response.text();
    expect(touched[0]).to.equal('answered');
    await middleware.close();
    server.closeAllConnections();
    server.close();
  });

  it('answers 405 and names POST for any other method', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await fetch(`${line.url}/api/calls`, { method });
      expect([response.status, response.headers.get('allow')], method).to.deep.equal([405, 'POST']);
    }
  });

  it('takes a gzipped body within the limit, and refuses one that swells beyond it', async () => {
    const small = await line.send(gzipSync(JSON.stringify(incoming('c'))), { 'content-encoding': 'gzip' });
    expect([small.status, small.actions.length]).to.deep.equal([200, 2]);
    const bomb = await line.send(gzipSync(JSON.stringify({ ...incoming('d'), subject: 'x'.repeat(10_000_000) })), { 'content-encoding': 'gzip' });
    expect([bomb.status, codeOf(bomb.text)]).to.deep.equal([413, 'ERR_BODY_TOO_LARGE']);
    const broken = await line.send('not gzip at all', { 'content-encoding': 'gzip' });
    expect(broken.status).to.equal(400);
    const strange = await line.send('{}', { 'content-encoding': 'rot13' });
    expect([strange.status, codeOf(strange.text)]).to.deep.equal([415, 'ERR_BODY_TYPE']);
  });

  it('answers 413 for a long body, 415 for another type, 400 for what is no JSON', async () => {
    const long = await line.send(JSON.stringify({ ...incoming('c'), subject: 'x'.repeat(3_000) }));
    expect([long.status, codeOf(long.text)]).to.deep.equal([413, 'ERR_BODY_TOO_LARGE']);
    const other = await line.send('<call/>', { 'content-type': 'text/xml' });
    expect([other.status, codeOf(other.text)]).to.deep.equal([415, 'ERR_BODY_TYPE']);
    for (const text of ['', 'null', '[]', '{', '"call"']) expect((await line.send(text)).status, text).to.equal(400);
  });

  it('reads a body whatever its content type looks like, as long as it means JSON', async () => {
    for (const [index, type] of ['application/json', 'application/json; charset=utf-8', 'application/json, application/json', 'application/json;'].entries()) {
      expect((await line.send(JSON.stringify(incoming(`c${index}`)), { 'content-type': type })).status, type).to.equal(200);
    }
  });
});

describe('the log of a call', () => {
  const planted = /4711|5550199|mona|lindqvist|hunter2/i;

  it('bears the chain id in every line, and nothing that the caller said, keyed or is', async () => {
    const bot = callMachine<{ pin: string }>()('pin', {
      context: { pin: '' },
      initial: 'ask',
      tasks: {
        check: async (pin: string) => {
          throw Object.assign(new Error(`no account for ${pin}`), { code: `PIN_${pin}` });
        },
      },
      states: {
        ask: recognize({ prompt: 'Your PIN?', digits: { max: 4, termchars: ['#'] }, on: { digits: { target: 'check', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
        check: task({ run: 'check', input: ({ context }) => context.pin, on: { done: 'bye', failed: 'again' } }),
        again: recognize({
          prompt: 'Again?', choices: { yes: { phrases: ['hunter2'] } },
          on: { yes: { target: 'bye', actions: () => { throw new RangeError('hunter2 4711\n    at 4711 (mona)'); } }, exhausted: 'bye' },
        }),
        bye: hangup('Bye.'),
      },
    });
    const line = await rig(bot);
    const mona = line.caller('call-one', { chain: 'the-chain' });
    await mona.rings();
    await mona.keys('4711');
    const bad = await mona.post({ id: 'call-one', callState: 'established', operationOutcome: { id: 7, outcome: 'success', type: 'recognizeOutcome', collectDigitsOutcome: { completionReason: 'mona', digits: '5550199' } } });
    expect(bad.status).to.equal(400);
    expect(bad.text).not.to.match(planted);
    const sorry = await mona.post(mona.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'speechOptionMatched', choiceName: 'yes' } }));
    expect(sorry.heard).to.contain('Sorry').and.to.contain('hangup');
    await mona.isHungUp();
    await mona.hangsUp();
    expect(line.lines.map(({ message }) => message)).to.include.members(['exchange', 'task failed', 'bot failed', 'call ended', 'exchange refused']);
    expect(line.lines.filter(({ chain }) => chain !== 'the-chain')).to.deep.equal([]);
    expect(JSON.stringify(line.lines)).not.to.match(planted);
    const [failed] = line.said('bot failed');
    expect(failed).to.include({ code: 'ERR_BOT_THREW', call: 'call-one', bot: 'pin' });
    expect(JSON.stringify(failed)).to.contain('RangeError').and.to.contain('exchange.test.ts');
    await line.close();
  });

  it('that cannot be written leaves no caller without an answer, and is told once', async () => {
    const told: string[] = [];
    const hears = (warning: Error & { readonly code?: string }): void => void (warning.code === 'CALLCHART_LOG' && told.push(warning.message));
    process.on('warning', hears);
    const full = (): never => {
      throw new RangeError('the disk is full');
    };
    const line = await rig(acme, { log: { info: full, warn: full, error: full } });
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.post({ id: 'c' })).status).to.equal(400);
    expect((await caller.presses('support')).heard).to.contain('Support');
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).to.deep.equal(['the log of calls cannot be written: RangeError']);
    process.off('warning', hears);
    await line.close();
  });
});
