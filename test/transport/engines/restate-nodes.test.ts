/** Nodes on a server of Restate: known to it again when it has forgotten them, known by its key, frozen in the middle of a task, and asked by a service that is impatient. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { AnyCallError } from 'callchart';
import { type AroundTask, type CallsOptions, type Engine, gatherBots, restateEngine, type RestateOptions, silentLog } from 'callchart/transport';
import acme from '../../../examples/acme/bot.ts';
import { worker } from '../../helpers/worker-bot.ts';
import { freePort } from '../../servers/postgres.ts';
import { needsRestate, type RestateServer, startRestate } from '../../servers/restate.ts';
import { rig, stubService } from '../rig.ts';

const until = async (holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> => {
  for (const from = performance.now(); performance.now() - from < withinMs; await sleep(20)) if (await holds()) return;
  throw new Error(`never: ${holds}`);
};

const failureOf = (work: Promise<unknown>): Promise<AnyCallError> => work.then(() => Promise.reject(new Error('it resolved')), (error: unknown) => error as AnyCallError);

let applications = 0;

/** A node of an application of its own, which is known to `server` unless `isKnown` is false. */
const nodeOn = async (server: RestateServer, bots: CallsOptions['bots'], { restate, isKnown = true, ...more }: Partial<CallsOptions> & { readonly restate?: Partial<RestateOptions>; readonly isKnown?: boolean } = {}) => {
  let engine: Engine | undefined;
  const make = await restateEngine({ ingress: `http://${server.ingress}`, admin: `http://${server.admin}`, listen: '127.0.0.1:0', name: `Nodes${(applications += 1)}`, ...restate });
  const served = await rig(bots, { now: Date.now, marginMs: 500, service: stubService({ replyWithinMs: 5_000 }), ...more, engine: (options) => (engine = make(options)) });
  if (isKnown) await until(() => engine!.check().then(() => true, () => false));
  return { ...served, engine: engine! };
};

describe('Nodes on Restate', function () {
  this.timeout(60_000);
  const servers: RestateServer[] = [];
  const children = new Set<ChildProcess>();
  let server: RestateServer;
  before(async function () {
    needsRestate(this);
    servers.push((server = await startRestate()));
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const one of servers) await one.stop();
  });

  describe('whose server has lost what it had', () => {
    it('are registered again by the next request, which is answered', async () => {
      const { caller, lines, close } = await nodeOn(server, acme);
      const alice = caller('alice');
      await alice.rings();
      await server.forget();
      expect((await caller('bob').rings()).heard).to.include('Welcome to Acme');
      expect(lines.filter(({ message }) => message === 'registration lost')).to.have.length(1);
      expect((await alice.presses('support')).status, 'a call that it lost is not on record').to.equal(404);
      await close();
    });

    it('are registered again when somebody asks whether they are ready', async () => {
      const { engine, close } = await nodeOn(server, acme);
      await server.forget();
      expect(await failureOf(engine.check())).to.deep.include({ code: 'ERR_STORE_UNAVAILABLE', details: { reason: 'open' } });
      await until(() => engine.check().then(() => true, () => false));
      await close();
    });

    it('refuse and say what to do, where somebody else registers them', async () => {
      const service = stubService();
      const engine = (await restateEngine({ ingress: `http://${server.ingress}`, listen: '127.0.0.1:0', name: 'Unregistered' }))({ bots: gatherBots({ '/api/calls': acme }, service), service, log: silentLog });
      const rings = engine.deliver({ arrival: { callId: 'c', eventId: 'rings', events: [{ type: 'call.incoming', call: { id: 'c', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } }] as never }, chain: undefined, path: '/api/calls', bot: () => acme, deadlineAt: Date.now() + 5_000 });
      for (const { code, details, message } of await Promise.all([rings, engine.check()].map(failureOf))) {
        expect({ code, details }).to.deep.equal({ code: 'ERR_STORE_UNAVAILABLE', details: { reason: 'open' } });
        expect(message).to.include('does not know this application').and.include('`admin`');
      }
      await engine.close();
    });
  });

  describe('that know the server by its key', () => {
    let folder: string;
    let signing: RestateServer;
    let known: string;
    before(async () => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      folder = mkdtempSync(join(tmpdir(), 'callchart-key-'));
      writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
      known = identityOf(publicKey);
      servers.push((signing = await startRestate({ identityKeyFile: join(folder, 'key.pem') })));
    });
    after(() => void (folder !== undefined && rmSync(folder, { recursive: true, force: true })));

    it('take calls from it, on any address', async () => {
      const { caller, close } = await nodeOn(signing, acme, { restate: { listen: '127.0.0.1:0', identityKeys: [known] } });
      const alice = caller('alice');
      expect((await alice.rings()).heard).to.include('Welcome to Acme');
      expect((await alice.presses('support')).heard).to.include('Support will call you back.');
      await close();
    });

    it('take nothing from a server that has none, or another', async () => {
      for (const [one, key] of [[server, known], [signing, identityOf(generateKeyPairSync('ed25519').publicKey)]] as const) {
        const { engine, lines, close } = await nodeOn(one, acme, { isKnown: false, restate: { identityKeys: [key] } });
        await until(() => lines.some(({ message }) => message === 'registration failed'));
        expect(await failureOf(engine.check())).to.include({ code: 'ERR_STORE_UNAVAILABLE' });
        await close();
      }
    });
  });

  describe('a task', () => {
    it('is run inside what was given for it, once, and what that makes of it is its result', async () => {
      const begun: string[] = [];
      const aroundTask: AroundTask = async ({ call, bot }, { id, name }, signal, run) => {
        begun.push(`${bot} ${call} ${id} ${name !== ''} ${signal.aborted}`);
        const result = await run();
        return result.type === 'task.done' ? { type: 'task.failed', error: { message: 'made of it', code: 'ERR_TASK_FAILED' } } : result;
      };
      let works = 0;
      const { caller, close } = await nodeOn(server, worker(async () => void (works += 1)), { aroundTask });
      const alice = caller('alice');
      await alice.rings();
      expect((await alice.presses('yes')).heard).to.equal('playPrompt“It failed.” hangup');
      expect([begun.length, works]).to.deep.equal([1, 1]);
      expect(begun[0]).to.match(/^worker alice \S+ true false$/);
      await close();
    });

    it('whose surrounding throws has failed, and the call goes on', async () => {
      const { caller, close } = await nodeOn(server, worker(async () => 'done'), { aroundTask: async () => Promise.reject(new TypeError('a defect of the application')) });
      const alice = caller('alice');
      await alice.rings();
      expect((await alice.presses('yes')).heard).to.equal('playPrompt“It failed.” hangup');
      await close();
    });

    it('of a node that is frozen is done by another, under the same id; when the first wakes and ends it, nothing comes of that', async () => {
      const name = `Nodes${(applications += 1)}`;
      const address = await oneAddress();
      const startChild = async () => {
        const port = await freePort();
        const script = new URL('../../helpers/restate-child.ts', import.meta.url).pathname;
        const leave = address.add(port);
        const child = spawn(process.execPath, ['--import', 'tsx', '-C', '@callchart/source', script, `http://${server.ingress}`, `http://${server.admin}`, String(port), name, 'slow', address.url], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } });
        children.add(child);
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
        const said = (what: string): readonly string[] => output.split('\n').slice(0, -1).filter((line) => line.startsWith(`${what} `) || line === what);
        await until(() => said('ready').length > 0);
        return { child, said, leave };
      };
      const [first, second] = [await startChild(), await startChild()];
      const service = stubService({ replyWithinMs: 25_000 });
      const engine = (await restateEngine({ ingress: `http://${server.ingress}`, listen: '127.0.0.1:0', name }))({ bots: gatherBots({ '/api/calls': worker(async () => 'never here') }, service), service, log: silentLog });
      const tell = (eventId: string, event: object) => engine.deliver({ arrival: { callId: 'c', eventId, events: [event as never] }, chain: undefined, path: '/api/calls', bot: () => acme, deadlineAt: Date.now() + 25_000 });
      await tell('rings', { type: 'call.incoming', call: { id: 'c', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } });
      const pressing = tell('presses', { type: 'recognize.input', operationId: 'c:1:1', via: 'dtmf', input: { kind: 'choice', name: 'yes' } });
      await until(() => first.said('work').length === 1);
      first.child.kill('SIGSTOP');
      first.leave(); // as a balancer that asks for its health does
      const from = performance.now();
      expect((await pressing).body).to.include('It is done.');
      expect(performance.now() - from, 'how long it took to be found out').to.be.below(12_000);
      first.child.kill('SIGCONT');
      await until(() => first.said('worked').length === 1);
      await sleep(500);
      expect([...second.said('work'), ...second.said('worked').map((said) => said.replace('worked', 'work'))]).to.deep.equal([...first.said('work'), ...first.said('work')]);
      const ends = { type: 'hangup.done', operationId: 'c:2:1' };
      expect((await tell('ends', ends)).body, 'nothing is said again').to.equal('');
      await engine.close();
      address.close();
    });
  });

  describe('a request that comes again', () => {
    let between: Server;
    let asked = 0;
    before(async () => {
      between = createServer(async (request, response) => {
        let body = '';
        for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
        if (request.url?.endsWith('/event') === true) asked += 1;
        const answer = await fetch(`http://${server.ingress}${request.url}`, { method: request.method!, ...(body !== '' && { body, headers: { 'content-type': 'application/json' } }) });
        const text = await answer.text();
        await sleep(100);
        response.writeHead(answer.status).end(text);
      }).listen(0, '127.0.0.1');
      await once(between, 'listening');
    });
    after(() => between?.close());

    it('while it is in hand, or as the next of its call, is asked of the server once', async () => {
      const { caller, close } = await nodeOn(server, acme, { restate: { ingress: `http://127.0.0.1:${(between.address() as AddressInfo).port}` } });
      const alice = caller('alice');
      const rung = await Promise.all([alice.rings('m1'), alice.rings('m1'), alice.rings('m1')]);
      rung.push(await alice.rings('m1'));
      expect(new Set(rung.map(({ status, text }) => `${status} ${text}`)).size).to.equal(1);
      expect(asked).to.equal(1);
      await alice.presses('support', 'm2');
      expect((await alice.rings('m1')).text, 'the server knows the last two').to.equal(rung[0]!.text);
      expect(asked).to.equal(3);
      await close();
    });
  });
});

/** A public key as Restate writes it: base58 of its bytes. */
const identityOf = (key: KeyObject): string => {
  const bytes = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let text = '';
  for (let left = BigInt(`0x${bytes.toString('hex')}`); left > 0n; left /= 58n) text = alphabet[Number(left % 58n)]! + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return `publickeyv1_${'1'.repeat(zeros)}${text}`;
};

/** One address for several nodes: whoever comes gets the first that is left. */
const oneAddress = async () => {
  const ports: number[] = [];
  const open = new Set<Socket>();
  const listener = createTcpServer((socket) => {
    const [port] = ports;
    open.add(socket.on('error', () => {}));
    if (port === undefined) return void socket.destroy();
    const onward = connect(port, '127.0.0.1').on('error', () => {});
    socket.pipe(onward).pipe(socket);
    onward.once('close', () => socket.destroy());
    socket.once('close', () => onward.destroy());
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    add: (port: number) => {
      ports.push(port);
      return () => void ports.splice(ports.indexOf(port), 1);
    },
    close: () => {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
};
