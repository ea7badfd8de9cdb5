/** Calls on a server of Restate that the newest deployment cannot go on with, or decides otherwise than the one before; and commands that cannot be sent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { callMachine, hangup, recognize, task } from 'callchart';
import { type CallsOptions, type Engine, restateDocuments, restateEngine } from 'callchart/transport';
import { machineClock } from '../../../src/transport/clock.ts';
import { readQuarantined } from '../../../src/transport/engines/quarantine.ts';
import { freePort } from '../../servers/postgres.ts';
import { needsRestate, type RestateServer, startRestate } from '../../servers/restate.ts';
import { commandRig } from '../command-service.ts';
import { incoming, pressed, rig, stubService } from '../rig.ts';

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (const from = performance.now(); performance.now() - from < 20_000; await new Promise((resolve) => setTimeout(resolve, 50))) if (await holds()) return;
  throw new Error(`never: ${holds}`);
};

const children = new Set<ChildProcess>();

const shop = (version: string) =>
  callMachine('shop', {
    version, initial: 'menu', apology: `Sorry from ${version}.`,
    states: {
      menu: recognize({ prompt: `Menu of ${version}.`, choices: { on: '1', work: '2' }, on: { on: 'size', work: 'work', exhausted: 'bye' } }),
      size: { ...recognize({ prompt: `Size by ${version}?`, choices: { small: '1' }, on: { small: 'bye', exhausted: 'bye' } }), after: { 1500: 'bye' } },
      work: task({ run: () => version, on: { done: 'worked', failed: 'bye' } }),
      worked: hangup(`Worked by ${version}.`),
      bye: hangup(`Bye from ${version}.`),
    },
  } as never);

describe('Restate: what the newest deployment cannot go on with', function () {
  this.timeout(60_000);
  let server: RestateServer;
  let applications = 0;
  before(async function () {
    needsRestate(this);
    server = await startRestate();
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await server?.stop();
  });

  /** Another process, which serves a bot that decides by chance. */
  const startChild = async (port: number, name: string, how: 'serves' | 'dies') => {
    const script = new URL('../../helpers/restate-child.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', '-C', '@callchart/source', script, `http://${server.ingress}`, `http://${server.admin}`, String(port), name, how], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } });
    children.add(child);
    void once(child, 'exit').then(() => children.delete(child));
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const said = (what: string): readonly string[] => output.split('\n').slice(0, -1).filter((line) => line.startsWith(what)).map((line) => line.slice(what.length + 1));
    await until(async () => said('ready').length > 0);
    return { said, url: () => said('at')[0] ?? '' };
  };

  /** Deployments of one application, one after the other, at one address. */
  const application = async () => {
    const name = `App${(applications += 1)}`;
    const listen = `127.0.0.1:${await freePort()}`;
    return {
      name,
      documents: await restateDocuments({ ingress: `http://${server.ingress}`, name }),
      deploy: async (bots: CallsOptions['bots'], more: Partial<CallsOptions> = {}) => {
        let engine: Engine | undefined;
        const make = await restateEngine({ ingress: `http://${server.ingress}`, admin: `http://${server.admin}`, listen, name });
        const served = await rig(bots, { now: Date.now, marginMs: 500, service: stubService({ replyWithinMs: 5_000 }), ...more, engine: (options) => (engine = make(options)) });
        while (!(await engine!.check().then(() => true, () => false))) await new Promise((resolve) => setTimeout(resolve, 20));
        return served;
      },
    };
  };
  const at = (id: string, choice: string, revision = 1) => ({ id, callState: 'established', operationOutcome: { id: `${id}:${revision}:${revision === 1 ? 1 : 0}`, outcome: 'success', ...pressed(choice) } });
  it('goes on with the version that it began with, and its tasks are that version\'s', async () => {
    const { deploy } = await application();
    const first = await deploy(shop('1'));
    for (const id of ['a', 'b']) await first.caller(id).rings();
    await first.close();
    const second = await deploy(shop('2'), { versions: [shop('1')] });
    expect((await second.caller('a').post(at('a', 'on'))).heard).to.equal('recognize“Size by 1?”');
    expect((await second.caller('b').post(at('b', 'work'))).heard).to.equal('playPrompt“Worked by 1.” hangup');
    expect((await second.caller('c').rings()).heard).to.include('Menu of 2.');
    await second.close();
  });

  it('of a version that is not there: the caller hears the apology, and the record is kept aside', async () => {
    const { deploy, documents } = await application();
    const first = await deploy(shop('1'));
    await first.caller('a').rings();
    await first.close();
    const second = await deploy(shop('2'));
    expect((await second.caller('a').post(at('a', 'on'))).heard).to.equal('playPrompt“Sorry from 2.” hangup');
    let kept = await documents.load('quarantine:botframework:a');
    for (let look = 0; kept === undefined && look < 100; look += 1, kept = await documents.load('quarantine:botframework:a')) await new Promise((resolve) => setTimeout(resolve, 20)); // it is on its way
    expect(readQuarantined(kept?.text ?? '').map(({ reason }) => reason)).to.deep.equal(['version']);
    await second.close();
  });

  it('whose record is damaged: the apology; others go on; and when its id comes again, the second record is kept aside too', async () => {
    const { deploy, documents, name } = await application();
    const line = await deploy(shop('1'));
    const damage = async (text: string) => { const r = await fetch(`http://${server.admin}/services/${name}Call_botframework/state`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ object_key: 'a', new_state: { call: [...Buffer.from(text)] } }) }); expect(r.status).to.be.below(300); await new Promise((resolve) => setTimeout(resolve, 300)); };
    await line.caller('a').rings();
    await line.caller('b').rings();
    await damage('{"revision":1}\nnonsense 1');
    expect((await line.caller('a').post(at('a', 'on'))).heard).to.equal('playPrompt“Sorry from 1.” hangup');
    expect((await line.caller('b').post(at('b', 'on'))).heard).to.include('Size by 1?');
    await damage('{"revision":5}\nnonsense 2');
    await line.caller('a').post(at('a', 'on'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(readQuarantined((await documents.load('quarantine:botframework:a'))?.text ?? '').map(({ text }) => text)).to.deep.equal(['nonsense 1', 'nonsense 2']);
    await line.close();
  });

  it('is given up, where requests are to be tried elsewhere, when nothing was heard of the call for too long', async () => {
    const { deploy } = await application();
    const options = { unknownVersions: 'retry' as const, silentCallMs: 2_000, tombstoneMs: 30_000 };
    const first = await deploy(shop('1'), options);
    await first.caller('a').rings();
    await first.close();
    const second = await deploy(shop('2'), options);
    expect((await second.caller('a').post(at('a', 'on'))).status).to.equal(503);
    await until(async () => (await second.caller('a').post(at('a', 'on'))).status === 200);
    await second.close();
  });

  it('is left to others at first where no request brings it: its timer ends nothing, and another deployment goes on with it', async () => {
    const { deploy, documents } = await application();
    const first = await deploy(shop('1'));
    await first.caller('a').rings();
    expect((await first.caller('a').post(at('a', 'on'))).heard).to.include('Size by 1?'); // a timer of 1.5 s
    await first.close();
    const second = await deploy(shop('2'));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await documents.load('quarantine:botframework:a')).to.equal(undefined);
    const third = await second.close().then(() => deploy(shop('2'), { versions: [shop('1')] }));
    expect((await third.caller('a').post(at('a', 'small', 2))).status).to.equal(200);
    await third.close();
  });

  it('goes on with what was decided before a process died, though the bot would decide otherwise now', async () => {
    const port = await freePort();
    const first = await startChild(port, 'Chancy', 'dies');
    const post = (url: string, body: object, id: string): Promise<Response> =>
      fetch(`${url}/api/calls`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-microsoft-skype-message-id': id, 'x-microsoft-skype-chain-id': 'c' }, body: JSON.stringify(body), signal: AbortSignal.timeout(15_000) });
    expect((await post(first.url(), incoming('a'), 'm1')).status).to.equal(200);
    const died = await post(first.url(), at('a', 'on'), 'm2').then(() => 'answered', () => 'broken off');
    expect(died).to.equal('broken off');
    const second = await startChild(port, 'Chancy', 'serves');
    const again = await post(second.url(), at('a', 'on'), 'm2');
    expect(again.status).to.equal(200);
    const [decided] = first.said('decided');
    expect(await again.text()).to.include(`Next ${decided}.`);
  });

  it('a command whose sending throws is refused, as in a store, and the call goes on', async () => {
    let engine: Engine | undefined;
    let sent = 0;
    const make = await restateEngine({ ingress: `http://${server.ingress}`, admin: `http://${server.admin}`, listen: '127.0.0.1:0', name: 'Throws' });
    const line = await commandRig(shop('1'), { clock: machineClock(), more: { send: async () => { sent += 1; throw new Error('no such thing'); } }, engine: (options) => (engine = make(options)) });
    while (!(await engine!.check().then(() => true, () => false))) await new Promise((resolve) => setTimeout(resolve, 20));
    await line.rings();
    await until(async () => line.lines.some(({ message }) => message === 'command threw'));
    await new Promise((resolve) => setTimeout(resolve, 2_000)); // else it is sent again every second
    expect(line.lines.filter(({ message }) => message === 'command threw')).to.have.length(sent);
    expect(sent).to.be.at.most(3); // the answer, and what is left to be done for the caller: each once
    await line.close();
  });
});
