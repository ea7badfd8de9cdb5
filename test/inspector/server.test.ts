import { get } from 'node:http';
import { createServer, connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import { expect } from 'chai';
import { createActor } from 'xstate';
import { WebSocket } from 'ws';
import acme from '../../examples/acme/bot.ts';
import { isCallError } from '../../src/errors.ts';
import { type CallObservation, type InspectorServer, inspectorServer } from '../../src/inspector/index.ts';

const ring = (callId: string) => {
  const call = { id: callId, from: '+15554929', to: '+1', direction: 'inbound' as const, headers: {} };
  const actor = createActor(acme, { input: call }).start();
  let revision = 0;
  const step = (event: { readonly type: string; readonly [field: string]: unknown }): CallObservation => {
    actor.send(event as never);
    revision += 1;
    const snapshot = JSON.parse(JSON.stringify(actor.getPersistedSnapshot())) as { status: string };
    return { callId, bot: 'acme', machine: acme, revision, at: 1_604_416_038_000, events: [event], snapshot, batch: [], trail: [], moves: [], ended: snapshot.status !== 'active' };
  };
  return { begin: () => step({ type: 'call.incoming', call }), step };
};

let server: InspectorServer;
beforeEach(async () => {
  server = await inspectorServer();
});
afterEach(() => server.close());

/** What the official receiver hands on, from now on; `until` waits for so many. */
const receive = (url: string) => {
  const received: StatelyInspectionEvent[] = [];
  let wake = (): void => undefined;
  createWebSocketReceiver({ server: url }).subscribe((event) => {
    received.push(event);
    wake();
  });
  const until = async (count: number): Promise<readonly StatelyInspectionEvent[]> => {
    while (received.length < count) await new Promise<void>((resolve) => { wake = resolve; });
    return received;
  };
  return { received, until };
};

/** A viewer who is there already: it has seen a call of its own. */
const watching = async () => {
  server.observe(ring('earlier').begin());
  const viewer = receive(server.url);
  await viewer.until(2);
  return viewer;
};

/** How the server takes a handshake: `open`, or the status it refuses with. */
const knock = (url: string, headers: Readonly<Record<string, string>> = {}): Promise<string | number> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.on('open', () => {
      socket.close();
      resolve('open');
    });
    socket.on('unexpected-response', (request, { statusCode = 0 }) => {
      resolve(statusCode);
      request.destroy();
    });
    socket.on('error', () => undefined);
  });

const fetched = (url: string, headers: Readonly<Record<string, string>> = {}) =>
  new Promise<{ readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, unknown>> }>((resolve, reject) => {
    get(url, { headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (more: string) => (body += more)).on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    }).on('error', reject);
  });

const failureOf = (attempt: Promise<unknown>) => attempt.then(() => 'none', (error: unknown) => (isCallError(error) ? [error.code, error.details] : error));

describe('the feed to the official inspector', () => {
  it('shows two calls at once, each with its definition, events and snapshots', async () => {
    const viewer = await watching();
    const [one, two] = [ring('one'), ring('two')];
    server.observe(one.begin());
    server.observe(two.begin());
    server.observe(one.step({ type: 'recognize.choice.sales', via: 'dtmf' }));
    server.observe(two.step({ type: 'recognize.noinput' }));
    await viewer.until(2 + 10);
    const of = (sessionId: string) => viewer.received.filter((message) => message.sessionId === sessionId);
    for (const [id, value, type] of [['call:one', 'sales', 'recognize.choice.sales'], ['call:two', 'menu', 'recognize.noinput']] as const) {
      const [actor] = of(id);
      expect(actor).to.include({ type: '@xstate.actor', name: 'acme', rootId: id });
      expect(JSON.parse((actor?.type === '@xstate.actor' ? actor.definition : undefined) ?? '')).to.have.nested.property('states.menu');
      expect(of(id).at(-2)).to.include({ type: '@xstate.event' }).and.have.nested.property('event.type', type);
      expect(of(id).at(-1)).to.include({ type: '@xstate.snapshot' }).and.have.nested.property('snapshot.value', value);
      expect(of(id).every(({ rootId }) => rootId === id)).to.equal(true);
    }
  });

  it('tells a viewer who comes late of the calls in flight', async () => {
    const [one, two] = [ring('one'), ring('two')];
    for (const observation of [one.begin(), two.begin(), one.step({ type: 'recognize.choice.sales', via: 'dtmf' })]) server.observe(observation);
    const viewer = receive(server.url);
    const received = await viewer.until(4);
    expect(received.filter(({ type }) => type === '@xstate.actor').map(({ sessionId }) => sessionId)).to.have.members(['call:one', 'call:two']);
    expect(received.filter(({ type }) => type === '@xstate.snapshot').map((message) => [message.sessionId, 'snapshot' in message && (message.snapshot as { value?: unknown }).value])).to.have.deep.members([['call:one', 'sales'], ['call:two', 'menu']]);
  });

  it('forgets calls that are over, but for the last fifty', async () => {
    const open = ring('open').begin();
    server.observe(open);
    for (let index = 0; index < 60; index += 1) {
      const { begin, step } = ring(`over-${index}`);
      server.observe(begin());
      server.observe(step({ type: 'call.ended', reason: 'caller' }));
    }
    const actors = (await receive(server.url).until(102)).filter(({ type }) => type === '@xstate.actor').map(({ sessionId }) => sessionId);
    expect(actors).to.have.length(51).and.include.members(['call:open', 'call:over-59', 'call:over-10']);
    expect(actors).to.not.include('call:over-9');
  });

  it('forgets the call heard of longest ago when a thousand are open', async () => {
    for (let index = 0; index <= 1_000; index += 1) server.observe({ ...ring('x').begin(), callId: String(index) });
    const actors = (await receive(server.url).until(2_000)).filter(({ type }) => type === '@xstate.actor').map(({ sessionId }) => sessionId);
    expect(actors).to.have.length(1_000).and.not.include('call:0');
  });

  it('says nothing of what the caller keyed', async () => {
    const viewer = await watching();
    const call = ring('one');
    server.observe(call.begin());
    server.observe(call.step({ type: 'recognize.digits.termchar', digits: '4929' }));
    server.observe(call.step({ type: 'recognize.choice', choice: '4929', via: 'speech' }));
    await viewer.until(2 + 7);
    const late = receive(server.url);
    await late.until(4);
    expect(JSON.stringify([viewer.received, late.received])).to.not.include('4929');
  });

  it('says it when asked to', async () => {
    const open = await inspectorServer({ redact: false });
    open.observe(ring('one').begin());
    expect(JSON.stringify(await receive(open.url).until(2))).to.include('+15554929');
    await open.close();
  });

  it('lets in nobody without its token', async () => {
    const bare = `ws://127.0.0.1:${server.port}/`;
    expect(await Promise.all([bare, `${bare}?token=`, `${bare}?token=wrong`, `${server.url}x`, `${bare}x${new URL(server.url).search}`, `${bare}?token=wrong&${new URL(server.url).search.slice(1)}`].map((url) => knock(url)))).to.deep.equal([401, 401, 401, 401, 401, 401]);
    expect(await knock(server.url)).to.equal('open');
    expect(new URL(server.url).searchParams.get('token')).to.match(/^[\w-]{32}$/);
    const other = await inspectorServer();
    expect(new URL(other.url).search).to.not.equal(new URL(server.url).search);
    await other.close();
  });

  it('lets in pages of this machine and of stately.ai, and no others', async () => {
    const welcome = ['http://localhost:3000', 'http://127.0.0.1', `http://[::1]:${server.port}`, 'https://stately.ai', 'https://editor.stately.ai'];
    const foreign = ['https://evil.example', 'null', '', 'http://stately.ai', 'https://stately.ai.evil.example', 'https://evilstately.ai', 'https://evil.example/.stately.ai', 'http://localhost.evil.example', 'https://x@stately.ai', 'https://stately.ai:444', 'file://'];
    expect(await Promise.all(welcome.map((origin) => knock(server.url, { origin })))).to.deep.equal(welcome.map(() => 'open'));
    expect(await Promise.all(foreign.map((origin) => knock(server.url, { origin })))).to.deep.equal(foreign.map(() => 403));
  });

  it('answers to names of this machine alone', async () => {
    expect(await Promise.all(['evil.example', `127.0.0.1.evil.example:${server.port}`, '10.0.0.1', 'localhost:1', '[::1]'].map((host) => knock(server.url, { host })))).to.deep.equal([403, 403, 403, 'open', 'open']);
  });

  it('listens on 127.0.0.1 alone', async () => {
    const elsewhere = Object.values(networkInterfaces()).flatMap((list) => list ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
    for (const address of [...elsewhere, '::1', '127.0.0.2']) {
      const reached = await new Promise((resolve) => connect(server.port, address).on('connect', () => resolve(address)).on('error', () => resolve('nothing')));
      expect(reached).to.equal('nothing');
    }
    expect(new URL(server.url).hostname).to.equal('127.0.0.1');
  });

  it('does not mind what viewers send, or do', async () => {
    const socket = new WebSocket(server.url);
    await new Promise((resolve) => socket.on('open', resolve));
    socket.on('error', () => undefined);
    socket.send('{');
    socket.send(Buffer.alloc(200_000));
    await new Promise((resolve) => socket.on('close', resolve));
    const raw = connect(server.port, '127.0.0.1');
    raw.on('error', () => undefined);
    raw.end(`GET ${new URL(server.url).search} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`);
    await new Promise((resolve) => raw.on('close', resolve).resume());
    server.observe(ring('one').begin());
    expect(await receive(server.url).until(2)).to.have.length(2);
  });

  it('has a page that shows the official inspector, for those with the token', async () => {
    const { status, body, headers } = await fetched(server.page);
    expect(status).to.equal(200);
    expect(body).to.include('https://stately.ai/inspect').and.not.include(new URL(server.url).searchParams.get('token') ?? 'absent');
    expect(headers).to.include({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    expect(headers['content-security-policy']).to.include(`connect-src ws://127.0.0.1:${server.port}`).and.include("default-src 'none'");
    expect((await fetched(`http://127.0.0.1:${server.port}/`)).status).to.equal(401);
    expect((await fetched(server.page, { host: 'evil.example' })).status).to.equal(403);
  });

  it('takes a port and a token, and says what is wrong with them', async () => {
    expect(await failureOf(inspectorServer({ port: server.port }))).to.deep.equal(['ERR_OPTION_INVALID', { option: 'port' }]);
    expect(await failureOf(inspectorServer({ port: 70_000 }))).to.deep.equal(['ERR_OPTION_INVALID', { option: 'port' }]);
    expect(await failureOf(inspectorServer({ token: '' }))).to.deep.equal(['ERR_OPTION_INVALID', { option: 'token' }]);
    const free = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port } = probe.address() as { port: number };
        probe.close(() => resolve(port));
      });
    });
    const own = await inspectorServer({ port: free, token: 'a b&c' });
    expect([own.port, await knock(own.url)]).to.deep.equal([free, 'open']);
    await own.close();
  });

  it('sends its viewers away when it closes', async () => {
    const other = await inspectorServer();
    const socket = new WebSocket(other.url);
    await new Promise((resolve) => socket.on('open', resolve));
    const gone = new Promise((resolve) => socket.on('close', resolve));
    await other.close();
    await gone;
  });
});
