/** Calls on a server of Restate: what every engine promises, and what is lost when the server or a process is killed: nothing. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { expect } from 'chai';
import * as t from 'io-ts';
import { assign } from 'xstate';
import { type AnyCallError, callMachine, hangup, loadData, prompt, recognize, task, type TaskArgs, updateData, userData } from 'callchart';
import { type CallsOptions, dataIn, type Engine, type EngineOptions, gatherBots, type MakeEngine, restateDocuments, restateEngine, type RestateOptions, silentLog } from 'callchart/transport';
import acme from '../../../examples/acme/bot.ts';
import { machineClock } from '../../../src/transport/clock.ts';
import { worker } from '../../helpers/worker-bot.ts';
import { needsRestate, type RestateServer, startRestate, withoutRestate } from '../../servers/restate.ts';
import { commandRig } from '../command-service.ts';
import { gate, incoming, rig, stubService } from '../rig.ts';
import { describeEngine, type Ground } from './engine-kit.ts';

let server: RestateServer;
let applications = 0;

/** A name that no other test has: what is kept under it is its own. */
const application = (): string => `Test${(applications += 1)}`;

const engineOf = (options: Partial<RestateOptions> = {}): Promise<MakeEngine> =>
  restateEngine({ ingress: `http://${server.ingress}`, admin: `http://${server.admin}`, listen: '127.0.0.1:0', name: application(), ...options });

const until = async (holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> => {
  for (const from = performance.now(); performance.now() - from < withinMs; await new Promise((resolve) => setTimeout(resolve, 10))) if (await holds()) return;
  throw new Error(`never: ${holds}`);
};

const ready = async (engine: Engine): Promise<Engine> => {
  await until(() => engine.check().then(() => true, () => false));
  return engine;
};

/** A server of bots whose calls are kept by Restate. */
const line = async (bots: CallsOptions['bots'], { service = stubService({ replyWithinMs: 5_000 }), restate, ...more }: Partial<CallsOptions> & { readonly restate?: Partial<RestateOptions> } = {}) => {
  let engine: Engine | undefined;
  const make = await engineOf(restate);
  const served = await rig(bots, { now: Date.now, marginMs: 500, ...more, service, engine: (options) => (engine = make(options)) });
  await ready(engine!);
  return { ...served, engine: engine! };
};

const failureOf = (work: Promise<unknown>): Promise<AnyCallError> => work.then(() => Promise.reject(new Error('it resolved')), (error: unknown) => error as AnyCallError);

/** One address for several nodes: whoever comes gets the first that is left. */
const balancer = async () => {
  const nodes: { readonly port: number; readonly sockets: Set<Socket> }[] = [];
  const listener = createTcpServer((socket) => {
    const [first] = nodes;
    if (first === undefined) return void socket.destroy();
    const onward = connect(first.port, '127.0.0.1');
    for (const one of [socket, onward]) first.sockets.add(one.on('error', () => {}));
    socket.pipe(onward).pipe(socket);
    onward.once('close', () => socket.destroy());
    socket.once('close', () => onward.destroy());
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    add: (port: number) => {
      const node = { port, sockets: new Set<Socket>() };
      nodes.push(node);
      return () => void nodes.splice(nodes.indexOf(node), 1);
    },
    close: () => void listener.close(),
  };
};

/** A ground of its own on the server. */
const ground = async (): Promise<Ground> => {
  const name = application();
  const nodes = new Set<Engine>();
  const shared = await balancer();
  return {
    node: async (options: EngineOptions) => {
      const port = await freePort();
      const remove = shared.add(port);
      const made = (await engineOf({ name, listen: `127.0.0.1:${port}`, endpoint: `http://127.0.0.1:${shared.port}` }))(options);
      const engine: Engine = { ...made, close: () => {
        remove();
        return made.close();
      } };
      nodes.add(engine);
      return ready(engine);
    },
    fail: async () => {
      await server.kill();
      return () => server.restart();
    },
    store: await restateDocuments({ ingress: `http://${server.ingress}`, name }),
    dispose: async () => {
      for (const engine of nodes) await engine.close();
      shared.close();
    },
  };
};

const freePort = async (): Promise<number> => {
  const listener = createTcpServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  await new Promise((closed) => listener.close(closed));
  return port;
};

const children = new Set<ChildProcess>();

/** Another process, which does what Restate gives it. */
const startChild = async (port: number, name: string, hangs = false) => {
  const script = new URL('../../helpers/restate-child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', '-C', '@callchart/source', script, `http://${server.ingress}`, `http://${server.admin}`, String(port), name, ...(hangs ? ['hangs'] : [])], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } });
  children.add(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const said = (): readonly string[] => output.split('\n').slice(0, -1);
  await until(() => said().includes('ready'), 40_000);
  return {
    said,
    kill: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      children.delete(child);
    },
  };
};

/** Thinks for as long as the test wants. */
const thinker = () => {
  const works: { readonly signal: AbortSignal; readonly open: (output: unknown) => void }[] = [];
  const bot = worker((_, { signal }) => {
    const { passed, open } = gate<unknown>();
    works.push({ signal, open });
    return passed;
  });
  return { bot, works };
};

/** Says after a while that it is still there. */
const patient = callMachine<{ rounds: number }>()('patient', {
  context: { rounds: 0 },
  initial: 'ask',
  states: {
    ask: { ...recognize({ prompt: ({ context }) => `Round ${context['rounds']}.`, choices: { go: '1' }, on: { go: 'ask', exhausted: 'bye' } }), after: { 1_500: { target: 'ask', reenter: true, actions: assign({ rounds: ({ context }) => Number(context['rounds']) + 1 }) } } },
    bye: hangup('Bye.'),
  },
} as never);

describe('Restate', function () {
  this.timeout(60_000);
  before(async function () {
    needsRestate(this);
    server = await startRestate();
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await server?.stop();
  });

  describeEngine('as an engine', ground, { time: 'real' });

  describe('its server, killed and started again', () => {
    it('has lost nothing: the call goes on, a retry gets its bytes, and a timer that was set goes off', async () => {
      const { caller, close } = await line(patient);
      const alice = caller('alice');
      const first = await alice.rings('m1');
      expect(first.heard).to.equal('answer recognize“Round 0.”');
      await server.kill();
      const refused = await alice.presses('go', 'm2');
      expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([503, '1']);
      await server.restart();
      expect((await alice.rings('m1')).text).to.equal(first.text);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect((await alice.presses('go', 'm2')).heard, 'the timer has gone off').to.match(/Round [1-9]/);
      await close();
    });

    it('in the second in which somebody presses a key: the key is taken when it is back, within the same request', async () => {
      const { caller, close } = await line(acme);
      const alice = caller('alice');
      await alice.rings();
      await server.kill();
      const [answer] = await Promise.all([alice.presses('support'), server.restart()]);
      expect(answer.heard).to.equal('playPrompt“Support will call you back.” hangup');
      await close();
    });

    it('in the middle of a task: it is not done again, and the request that waits for it gets its result', async () => {
      const { bot, works } = thinker();
      const { caller, close } = await line(bot, { service: stubService({ replyWithinMs: 15_000 }) });
      const alice = caller('alice');
      await alice.rings();
      const pressing = alice.presses('yes');
      await until(() => works.length === 1);
      await server.restart();
      works[0]?.open('done');
      expect((await pressing).heard).to.equal('playPrompt“It is done.” hangup');
      expect(works).to.have.length(1);
      await close();
    });
  });

  describe('a process that is killed', () => {
    it('in the middle of a task: the task is done again, under the same id, by the process that follows', async () => {
      const [name, port] = [application(), await freePort()];
      const one = await startChild(port, name, true);
      // This process takes the requests, and nothing of the rest: Restate does not know of it.
      const service = stubService({ replyWithinMs: 40_000 });
      const engine = (await restateEngine({ ingress: `http://${server.ingress}`, listen: '127.0.0.1:0', name }))({ bots: gatherBots({ '/api/calls': worker(async () => 'never here') }, service), service, log: silentLog });
      const tell = (eventId: string, event: object) => engine.deliver({ arrival: { callId: 'c', eventId, events: [event as never] }, chain: undefined, path: '/api/calls', bot: () => acme, deadlineAt: Date.now() + 40_000 });
      await tell('rings', { type: 'call.incoming', call: { id: 'c', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } });
      const answering = tell('presses', { type: 'recognize.input', operationId: 'c:1:1', via: 'dtmf', input: { kind: 'choice', name: 'yes' } });
      await until(() => one.said().some((said) => said.startsWith('work ')));
      await one.kill();
      const two = await startChild(port, name);
      expect((await answering).body).to.include('It is done.');
      const works = [...one.said(), ...two.said()].filter((said) => said.startsWith('work '));
      expect(works).to.have.length(2);
      expect(new Set(works).size).to.equal(1);
      await two.kill();
      await engine.close();
    });
  });

  describe('a call that cannot be taken', () => {
    it('hinders no other, and not its own next request: what is broken is refused at once', async () => {
      const service = stubService({ replyWithinMs: 5_000 });
      const { encode } = service;
      let broken = true;
      const { caller, lines, close } = await line(acme, { service: { ...service, encode: (batch, context) => {
        if (broken && context.callId === 'poison') throw new TypeError('a defect');
        return encode(batch, context);
      } } });
      const [poison, alice] = [caller('poison'), caller('alice')];
      const from = performance.now();
      const [refused, answered] = await Promise.all([poison.rings(), alice.rings()]);
      expect(performance.now() - from).to.be.below(4_000);
      expect(refused.status).to.equal(500);
      expect(answered.heard).to.include('Welcome to Acme');
      expect(lines.filter(({ message }) => message === 'event lost')).to.have.length(1);
      expect((await alice.presses('sales')).heard).to.include('Sales');
      broken = false;
      expect((await poison.rings()).heard, 'it was as if it had not rung').to.include('Welcome to Acme');
      await close();
    });
  });

  describe('the deadline of a request', () => {
    it('is kept where the server does not answer: 503, and the retry gets the reply', async () => {
      const { caller, close } = await line(acme, { service: stubService({ replyWithinMs: 1_500 }) });
      const alice = caller('alice');
      await alice.rings();
      process.kill(server.pid!, 'SIGSTOP');
      const from = performance.now();
      const refused = await alice.presses('support', 'm').finally(() => process.kill(server.pid!, 'SIGCONT'));
      expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([503, '1']);
      expect(performance.now() - from).to.be.within(1_000, 1_500);
      await until(async () => (await alice.presses('support', 'm')).heard.includes('Support'));
      await close();
    });

    it('has a line that asks by itself wait, and say what it is about when it asks again', async () => {
      const { engine, close } = await line(acme, { service: { ...stubService({ replyWithinMs: 1_000 }), idle: ({ over }) => (over ? 'over' : 'wait') } });
      const tell = (eventId: string, events: readonly object[], more: object = {}) => engine.deliver({ arrival: { callId: 'c', eventId, events: events as never, ...more }, chain: undefined, path: '/api/calls', bot: () => acme, deadlineAt: Date.now() + 1_000 });
      await tell('rings', [{ type: 'call.incoming', call: { id: 'c', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } }]);
      process.kill(server.pid!, 'SIGSTOP');
      const kept = await tell('presses', [{ type: 'recognize.input', operationId: 'c:1:1', via: 'dtmf', input: { kind: 'choice', name: 'support' } }]).finally(() => process.kill(server.pid!, 'SIGCONT'));
      expect(kept.body).to.equal('wait');
      let asked = 0;
      await until(async () => (await tell(`asks ${(asked += 1)}`, [], { asks: true })).body.includes('Support will call you back.'));
      await close();
    });
  });

  describe('a reply that is owed', () => {
    it('is the filler when time is up, and then the result, at the next request', async () => {
      const { bot, works } = thinker();
      const { caller, close } = await line(bot, { service: stubService({ replyWithinMs: 1_200 }) });
      const alice = caller('alice');
      await alice.rings();
      expect((await alice.presses('yes')).heard).to.equal('playPrompt“One moment.”');
      const asking = alice.heardItAll();
      await until(() => works.length === 1);
      works[0]?.open('done');
      expect((await asking).heard).to.equal('playPrompt“It is done.” hangup');
      await close();
    });

    it('is the filler when the process ends', async () => {
      const { bot, works } = thinker();
      const { caller, close } = await line(bot, { service: stubService({ replyWithinMs: 30_000 }) });
      const alice = caller('alice');
      await alice.rings();
      const pressing = alice.presses('yes');
      await until(() => works.length === 1);
      const [answer] = await Promise.all([pressing, close()]);
      expect(answer.heard).to.equal('playPrompt“One moment.”');
      await until(() => works[0]?.signal.aborted === true); // the task is left to another process
    });

    it('is the same for a request that comes again while the first is held', async () => {
      const { bot, works } = thinker();
      const { caller, close } = await line(bot, { service: stubService({ replyWithinMs: 20_000 }) });
      const alice = caller('alice');
      await alice.rings();
      const twice = [alice.presses('yes', 'm'), alice.presses('yes', 'm')];
      await until(() => works.length === 1);
      await new Promise((resolve) => setTimeout(resolve, 200));
      works[0]?.open('done');
      const heard = await Promise.all(twice);
      expect(heard.map(({ heard: text }) => text)).to.deep.equal(Array(2).fill('playPrompt“It is done.” hangup'));
      await close();
    });
  });

  describe('a task that nobody waits for any more', () => {
    it('is called off, and what it gives is nobody’s', async () => {
      const { bot, works } = thinker();
      const { caller, lines, close } = await line(bot, { service: stubService({ replyWithinMs: 20_000 }) });
      const alice = caller('alice');
      await alice.rings();
      const pressing = alice.presses('yes');
      await until(() => works.length === 1);
      await alice.hangsUp();
      await until(() => works[0]?.signal.aborted === true);
      works[0]?.open('done');
      expect((await pressing).heard).to.equal('');
      expect(lines.filter(({ message }) => ['event lost', 'task failed'].includes(message as string))).to.deep.equal([]);
      await close();
    });
  });

  describe('a service that is told by commands', () => {
    const overRestate = async (bot: Parameters<typeof commandRig>[0], options: Parameters<typeof commandRig>[1] = {}) => {
      let engine: Engine | undefined;
      const make = await engineOf();
      const rung = await commandRig(bot, { clock: machineClock(), ...options, engine: (of) => (engine = make(of)) });
      await ready(engine!);
      return rung;
    };

    it('gets them one after the other, each once, when the one before has ended', async () => {
      const rung = await overRestate(acme);
      const nth = (many: number) => until(() => rung.sent.length >= many);
      await rung.rings();
      await nth(1);
      await rung.ends(1, { type: 'answer.done' });
      await nth(2);
      await rung.ends(2, { type: 'recognize.input', via: 'dtmf', input: { kind: 'choice', name: 'support' } });
      await nth(3);
      await rung.ends(3, { type: 'play.done' });
      await nth(4);
      expect(rung.heard()).to.deep.equal(['answer', 'recognize“Welcome to Acme. For sales press 1, for support press 2.”', 'play“Support will call you back.”', 'hangup'].map((text) => (text.startsWith('recognize') ? rung.heard()[1] : text)));
      expect(new Set(rung.sent.map(({ id }) => id)).size).to.equal(4);
      await rung.post('c', [{ type: 'call.ended' }]);
      expect(rung.lines.filter(({ message }) => message === 'call ended')).to.have.length(1);
      await rung.close();
    });

    it('is not told what was decided against before its turn came', async () => {
      const rung = await overRestate(acme, { answers: 'by hand' });
      expect(await rung.rings()).to.equal(200);
      await until(() => rung.sent.length === 1);
      await rung.post('c', [{ type: 'answer.done', operationId: rung.sent[0]!.id }]); // the question waits for its turn
      await rung.post('c', [{ type: 'call.ended' }]);
      rung.sent[0]!.answer({ kind: 'taken' });
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(rung.heard()).to.deep.equal(['answer']);
      await rung.close();
    });

    it('that tells nothing of a command for too long has lost it', async () => {
      const rung = await overRestate(acme, { more: { commands: (batch) => batch.map(({ operationId, type }) => ({ id: operationId, operation: { type, operationId }, done: 'event', withinMs: 300, request: { name: type, says: '' } })) } });
      await rung.rings();
      await until(() => rung.sent.length >= 1);
      await until(() => rung.lines.some(({ message }) => message === 'call ended') || rung.sent.length > 1, 5_000);
      await rung.close();
    });

    it('has the caller reminded that he is not alone, while the bot works', async () => {
      const { bot, works } = thinker();
      const rung = await overRestate(bot, { more: { fillAfterMs: 300 } });
      await rung.rings();
      await until(() => rung.sent.length >= 1);
      await rung.ends(1, { type: 'answer.done' });
      await until(() => rung.sent.length >= 2);
      await rung.ends(2, { type: 'recognize.input', via: 'dtmf', input: { kind: 'choice', name: 'yes' } });
      await until(() => rung.heard().includes('play“One moment.”'));
      works[0]?.open('done');
      await rung.close();
    });
  });

  describe('a call that is over', () => {
    it('is forgotten after a while, and may begin anew', async () => {
      const service = stubService({ replyWithinMs: 5_000 });
      const engine = await ready((await engineOf())({ bots: gatherBots({ '/api/calls': acme }, service), service, log: silentLog, tombstoneMs: 300 }));
      const tell = (eventId: string, event: object) => engine.deliver({ arrival: { callId: 'c', eventId, events: [event as never] }, chain: undefined, path: '/api/calls', bot: () => acme, deadlineAt: Date.now() + 5_000 });
      const ring = { type: 'call.incoming', call: { id: 'c', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } };
      await tell('rings', ring);
      await tell('hangs up', { type: 'call.ended' });
      let told = 0;
      // Who tells something of it has it remembered for longer.
      await until(async () => {
        await new Promise((resolve) => setTimeout(resolve, 700));
        return tell(`late ${(told += 1)}`, { type: 'call.ended' }).then(() => false, (error: AnyCallError) => error.code === 'ERR_CALL_UNKNOWN');
      });
      expect(await tell('rings', ring)).to.include({ kind: 'taken' });
      await engine.close();
    });

    it('of which nothing is heard for too long is over', async () => {
      const { caller, lines, close } = await line(acme, { silentCallMs: 300 });
      await caller('alice').rings();
      await until(() => lines.some(({ message }) => message === 'call ended'));
      expect(lines.find(({ message }) => message === 'call ended')).to.include({ call: 'alice', reason: 'service' });
      await close();
    });
  });

  describe('data beyond the call', () => {
    const visits = userData('visits', t.type({ count: t.number }));
    const greeter = callMachine<{ count: number }>()('greeter', {
      context: { count: 0 },
      initial: 'recall',
      states: {
        recall: loadData(visits, { on: { done: { target: 'greet', actions: assign(({ event }) => ({ count: event.output.value?.count ?? 0 })) }, failed: 'sorry' } }),
        greet: prompt(({ context }) => (context.count === 0 ? 'Welcome.' : 'Welcome back.'), 'remember'),
        remember: updateData(visits, { change: (kept) => ({ count: (kept?.count ?? 0) + 1 }), on: { done: 'bye', failed: 'sorry' } }),
        sorry: hangup('Our book is closed.'),
        bye: hangup('Bye.'),
      },
    });

    it('are kept by the same server, for calls and for the application', async () => {
      const name = application();
      const { caller, close } = await line(greeter, { restate: { name } });
      const data = dataIn(await restateDocuments({ ingress: `http://${server.ingress}`, name }));
      const answer = await caller('one').rings();
      expect(answer.heard).to.include('Welcome.');
      const user = { user: ((incoming('one') as { readonly participants: readonly { readonly identity: string }[] }).participants[0])!.identity };
      await until(async () => (await data.load(visits, user)).value?.count === 1);
      expect((await caller('two').rings()).heard).to.include('Welcome back.');
      await Promise.all(Array.from({ length: 6 }, () => data.update(visits, { user: 'bob' }, (kept) => ({ count: (kept?.count ?? 0) + 1 }))));
      expect((await data.load(visits, { user: 'bob' })).value).to.deep.equal({ count: 6 });
      await data.forget(visits, { user: 'bob' });
      expect((await data.load(visits, { user: 'bob' })).value).to.equal(null);
      await close();
    });
  });

  describe('a secret', () => {
    let between: Server;
    const passed: string[] = [];
    before(async () => {
      between = createServer(async (request, response) => {
        let body = '';
        for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
        const answer = await fetch(`http://${server.ingress}${request.url}`, { method: request.method!, ...(body !== '' && { body, headers: { 'content-type': 'application/json' } }) });
        const text = await answer.text();
        passed.push(body, text);
        response.writeHead(answer.status).end(text);
      }).listen(0, '127.0.0.1');
      await once(between, 'listening');
    });
    after(() => between?.close());

    it('goes to the server under seal, and is seen by the task that asks alone', async () => {
      const shown: string[] = [];
      const pin = '471147114711'; // longer than what a time of day, or a hash, may have by chance
      const teller = callMachine<{ pin: string }>()('teller', {
        context: { pin: '' },
        initial: 'ask',
        states: {
          ask: recognize({ prompt: 'Your PIN?', digits: { max: 12 }, secret: true, on: { digits: { target: 'check', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
          check: task({ input: ({ context }) => context.pin, run: (pin: string, { reveal }: TaskArgs) => void shown.push(reveal(pin)), on: { done: 'bye', failed: 'bye' } }),
          bye: hangup('Bye.'),
        },
      });
      const { port } = between.address() as AddressInfo;
      const { caller, close } = await line(teller, { secretKey: randomBytes(32).toString('base64'), restate: { ingress: `http://127.0.0.1:${port}` } });
      const alice = caller('alice');
      await alice.rings();
      expect((await alice.keys(pin)).heard).to.include('Bye.');
      expect(shown).to.deep.equal([pin]);
      expect(passed.length).to.be.above(3);
      expect(passed.join('\n')).not.to.include(pin);
      await close();
    });
  });

  describe('a process', () => {
    it('of another version, at an address that the server knows, is looked at anew', async () => {
      const port = await freePort();
      for (const name of [application(), application()]) {
        const { caller, close } = await line(acme, { restate: { listen: `127.0.0.1:${port}`, name } });
        expect((await caller('alice').rings()).heard).to.include('Welcome to Acme');
        await close();
      }
    });

    it('that is there before the server is refuses until the server knows of it, and then takes calls', async () => {
      await server.kill();
      const service = stubService({ replyWithinMs: 1_000 });
      const engine = (await engineOf())({ bots: gatherBots({ '/api/calls': acme }, service), service, log: silentLog });
      expect(await failureOf(engine.check())).to.have.property('code', 'ERR_STORE_UNAVAILABLE');
      await server.restart();
      await ready(engine);
      await engine.close();
    });
  });
});

describe('an engine on Restate', () => {
  const failing = (options: Partial<RestateOptions>) => failureOf(restateEngine({ ingress: 'http://127.0.0.1:1', listen: '127.0.0.1:0', ...options }));

  it('listens beyond this machine only with keys by which the server is known', async () => {
    for (const listen of ['0.0.0.0:9080', '[::]:9080', '10.0.0.1:9080', 'bots.example:9080']) {
      expect(await failing({ listen }), listen).to.deep.include({ code: 'ERR_OPTION_INVALID', details: { option: 'identityKeys' } });
    }
  });

  it('says which of its options is none, and nothing of what is in it', async () => {
    for (const [option, options] of [['listen', { listen: '9080' }], ['ingress', { ingress: 'http://bot:secret@db:8080' }], ['admin', { admin: 'secret' }], ['endpoint', { endpoint: 'http://x/secret' }], ['name', { name: 'a secret' }]] as const) {
      const { code, details, message } = await failing(options);
      expect({ code, details }).to.deep.equal({ code: 'ERR_OPTION_INVALID', details: { option } });
      expect(message).not.to.include('secret');
    }
  });

  it('needs Node 22', async function () {
    if (withoutRestate === undefined || Number(process.versions.node.split('.', 1)[0]) >= 22) return this.skip();
    const { code, message } = await failing({});
    expect([code, message]).to.deep.equal(['ERR_OPTION_INVALID', 'calls kept by Restate need Node 22 or later: its SDK does not work on Node 20']);
  });
});

