/** Servers that end in order, are asked how they are, and whose calls are looked after: real processes on one folder of calls. */
import { expect } from 'chai';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callDesk, lmdbStore } from 'callchart/transport';
import { calls } from '../../src/cli/calls.ts';
import { sentence } from '../../src/cli/failure.ts';
import { serve } from '../../src/cli/serve.ts';
import { audience, type KeyServer, keyServer } from '../helpers/tokens.ts';
import { root, run, runNext, type Running, start } from './run.ts';

interface Workflow {
  readonly actions: readonly { readonly action: string; readonly operationId: string; readonly prompts?: readonly { readonly value: string }[] }[];
}

describe('operations', function () {
  this.timeout(60_000);
  let keys: KeyServer;
  let folder: string;
  let env: Readonly<Record<string, string>>;
  let incoming: { readonly id: string };
  const bot = join(root, 'test/fixtures/bots/slow');
  const running: Running[] = [];

  before(async () => {
    keys = await keyServer();
    env = { CALLCHART_APP_ID: audience, CALLCHART_APP_PASSWORD: 'a password', CALLCHART_CALLBACK_URL: 'https://bot.test/api/calls', CALLCHART_OPENID_METADATA_URL: keys.metadataUrl, CALLCHART_STORE: 'lmdb:calls' };
    incoming = JSON.parse(await readFile(join(root, 'test/fixtures/botframework/incoming.json'), 'utf8')) as typeof incoming;
  });
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'callchart-operations-'))));
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.stop('SIGKILL')));
    await rm(folder, { recursive: true, force: true });
  });
  after(() => keys.close());

  const served = async (more: Readonly<Record<string, string>> = {}, ...args: readonly string[]): Promise<Running> => {
    const one = await start(['serve', bot, '--port', '0', ...args], { cwd: folder, env: { ...env, ...more } });
    running.push(one);
    return one;
  };
  const post = async ({ first }: Running, body: unknown, message: string): Promise<Response> =>
    fetch(`${first.replace('listening on ', '')}/api/calls`, { method: 'POST', headers: { authorization: `Bearer ${await keys.sign()}`, 'content-type': 'application/json', 'x-microsoft-skype-message-id': message }, body: JSON.stringify(body) });
  const rings = async (server: Running, id: string): Promise<Workflow> => (await (await post(server, { ...incoming, id }, `${id}-rings`)).json()) as Workflow;
  const presses = (id: string, { actions }: Workflow, choiceName: string): object => ({ id, callState: 'established', operationOutcome: { type: 'recognizeOutcome', id: actions.at(-1)?.operationId, outcome: 'success', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName } } });
  /** Until the reply to its last request is held back. */
  const waitsForTask = async (id: string): Promise<void> => {
    const store = await lmdbStore({ folder: join(folder, 'calls') });
    try {
      for (let turn = 0; turn < 500 && (await callDesk(store).show(id, { service: 'botframework' }))?.waitsFor !== 'task'; turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      await store.close();
    }
  };
  const statusOf = async (one: Running): Promise<string> => {
    for (let turn = 0; turn < 200; turn += 1) {
      const [, url] = /^status on (\S+)$/m.exec(one.output().stdout) ?? [];
      if (url !== undefined) return url;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('no status');
  };
  const asked = async (url: string): Promise<readonly [number, string]> => {
    const response = await fetch(url);
    return [response.status, await response.text()];
  };

  it('a server that is to end gives a caller who waits his filler and goes with 0; another on the same folder goes on with its calls', async () => {
    const [one, other] = await Promise.all([served(), served()]);
    const [held, resting] = [await rings(one, 'held-call'), await rings(one, 'resting-call')];
    const answer = post(one, presses('held-call', held, 'work'), 'held-works');
    await waitsForTask('held-call');
    const began = performance.now();
    const code = one.stop('SIGTERM');
    const response = await answer;
    const filler = (await response.json()) as Workflow;
    expect([response.status, response.headers.get('connection'), filler.actions?.[0]?.prompts?.[0]?.value], JSON.stringify(filler)).to.deep.equal([200, 'close', 'One moment.']);
    expect(await code).to.equal(0);
    expect(performance.now() - began, 'long before the deadline of the service').to.be.lessThan(8_000);
    const said = (await (await post(other, presses('resting-call', resting, 'stop'), 'resting-stops')).json()) as Workflow;
    expect(said.actions[0]?.prompts?.[0]?.value).to.equal('Bye.');
    expect(await (await post(other, presses('held-call', held, 'work'), 'held-works')).json(), 'a retry of what the first one answered').to.deep.equal(filler);
  });

  it('a server that drains is not ready, refuses calls that ring and takes the rest; a second signal ends it at once', async () => {
    const server = await served({ CALLCHART_DRAIN_MS: '60000', CALLCHART_STATUS: '0' });
    const status = await statusOf(server);
    expect(status).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect([await asked(`${status}/health`), await asked(`${status}/ready`)]).to.deep.equal([[200, '{"status":"ok"}'], [200, '{"status":"ready"}']]);
    const known = await rings(server, 'known-call');
    const code = server.stop('SIGTERM');
    for (let turn = 0; turn < 200 && (await asked(`${status}/ready`))[0] === 200; turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    expect([await asked(`${status}/ready`), await asked(`${status}/health`)]).to.deep.equal([[503, '{"error":{"code":"ERR_DRAINING"}}'], [200, '{"status":"ok"}']]);
    const refused = await post(server, { ...incoming, id: 'late-call' }, 'late-rings');
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).to.deep.equal([503, '1', { error: { code: 'ERR_DRAINING' } }]);
    const said = (await (await post(server, presses('known-call', known, 'stop'), 'known-stops')).json()) as Workflow;
    expect(said.actions[0]?.prompts?.[0]?.value).to.equal('Bye.');
    const scrape = (await asked(`${status}/metrics`))[1];
    expect(scrape).to.contain('callchart_exchanges_refused_total{service="botframework",code="ERR_DRAINING"} 1').and.contain('callchart_calls_begun_total{service="botframework",bot="slow"} 1');
    void server.stop('SIGINT');
    expect(await code).to.equal(130);
  });

  it('a server without prom-client says what to install, and answers the rest of what it is asked', async () => {
    const hides = 'export const resolve = (name, context, next) => { if (name === "prom-client") throw new Error("hidden"); return next(name, context); };';
    const registers = `import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hides)}`)});`;
    const server = await served({ CALLCHART_STATUS: '0', NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(registers)}` });
    const status = await statusOf(server);
    expect([await asked(`${status}/ready`), await asked(`${status}/metrics`)]).to.deep.equal([[200, '{"status":"ready"}'], [404, '{"error":{"code":"ERR_ROUTE_UNKNOWN"}}']]);
    expect(server.output().stderr).to.match(/"msg":"no metrics"/).and.contain('npm install prom-client');
    expect(await server.stop('SIGINT')).to.equal(0);
  });

  it('the calls of a server that runs are listed and shown without what callers are, and ended', async () => {
    const server = await served();
    const [asking, working] = [await rings(server, 'asking-call'), await rings(server, 'working-call')];
    void post(server, presses('working-call', working, 'work'), 'working-works').catch(() => {});
    await waitsForTask('working-call');
    const at = { cwd: folder, env: { CALLCHART_STORE: 'lmdb:calls' } };

    const list = await runNext(['calls', 'list'], at);
    expect(list.stdout).to.match(/^botframework:asking-call {2}live {2}slow \S* {2}ask {2}since \d+ s, heard of \d+ s ago {2}waits for the caller's answer$/m).and.match(/^botframework:working-call {2}live .* {2}work {2}.* {2}waits for a task$/m);
    const json = await runNext(['calls', 'list', '--json', '--limit', '1', '--bot', 'slow'], at);
    expect([json.stdout.trim().split('\n').map((line) => (JSON.parse(line) as { readonly status: string }).status), json.stderr]).to.deep.equal([['live'], 'there are more: --limit 1 has been reached\n']);

    const shown = await runNext(['calls', 'show', 'working-call'], at);
    expect(shown.stdout).to.match(/^botframework:working-call {2}live\nbot {11}slow /).and.match(/^task {10}work, since \d{4}-/m);
    expect(list.stdout + shown.stdout + json.stdout).not.to.match(/mona|28:[a-z]|Work, or stop/i);
    expect((await runNext(['calls', 'show', 'working-call', '--unmasked'], at)).stdout).to.contain('mona');

    const held = post(server, presses('held-call', await rings(server, 'held-call'), 'work'), 'held-works');
    await waitsForTask('held-call');
    const ended = await runNext(['calls', 'end', 'botframework:held-call'], at);
    expect([ended.code, ended.stdout]).to.deep.equal([0, 'botframework:held-call: botframework is told to hang up; that it has is not heard of yet\n']);
    expect(((await (await held).json()) as Workflow).actions.map(({ action }) => action)).to.deep.equal(['hangup']);
    const later = await runNext(['calls', 'end', 'asking-call', '--apologise', '--json'], at);
    expect(JSON.parse(later.stdout)).to.deep.equal({ call: 'asking-call', asked: 'asked', status: 'live', ending: 'request' });
    const said = (await (await post(server, presses('asking-call', asking, 'work'), 'asking-works')).json()) as Workflow;
    expect(said.actions.map(({ action }) => action)).to.deep.equal(['playPrompt', 'hangup']);
    await rings(server, 'left-call');
    expect(await server.stop('SIGTERM')).to.equal(0);

    const unserved = await runNext(['calls', 'end', 'left-call'], at);
    expect([unserved.code, unserved.stdout]).to.deep.equal([1, 'left-call: the end is on record, and no server of botframework has taken it up within 5 s: the first one that runs does\n']);
    expect(await runNext(['calls', 'end', 'nobody'], at)).to.deep.equal({ code: 1, stdout: '', stderr: 'callchart: no call nobody is on record (ERR_CALL_UNKNOWN)\n' });
  });

  it('refuses the name of a service that there is not, but for one that has calls in the store', async () => {
    const store = await lmdbStore({ folder: join(folder, 'calls') });
    await store.commit('mine:one', 0, { revision: 1, text: '{}' });
    await store.close();
    const [misspelt, own, spoken] = await Promise.all(['botframwork', 'mine', 'twilio'].map((service) => runNext(['calls', 'list', '--service', service], { cwd: folder, env })));
    expect([misspelt?.code, misspelt?.stderr]).to.deep.equal([2, 'callchart: there is no service `botframwork`; `botframework`, `twilio` and `azure` are (ERR_OPTION_INVALID)\n']);
    expect([own?.code, own?.stdout]).to.deep.equal([0, 'mine:one  unreadable\n']);
    expect([spoken?.code, spoken?.stderr]).to.deep.equal([0, 'no calls\n']);
  });

  it('says of a folder that this user may not look into that he may not', async function () {
    if (process.platform === 'win32') this.skip(); // has no such permissions
    const isRoot = process.geteuid?.() === 0;
    await (await lmdbStore({ folder: join(folder, 'calls') })).close();
    await chmod(join(folder, 'calls'), isRoot ? 0o700 : 0o000);
    if (isRoot) process.seteuid!(65_534); // whom nobody gave anything
    try {
      const failure = await calls('list', undefined, { store: `lmdb:${join(folder, 'calls')}` }, {}).catch((error: Error) => error);
      expect(String(failure)).to.match(/--store: EACCES, the store of calls cannot be looked at in .*calls: this user may not/);
    } finally {
      if (isRoot) process.seteuid!(0);
      await chmod(join(folder, 'calls'), 0o700);
    }
  });

  it('says what cannot be asked of the calls of a store, and makes none where there is none', async () => {
    const refused = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> => (await runNext(['calls', ...args], { cwd: folder, env: environment })).stderr;
    expect(await Promise.all([refused(['drop']), refused(['show']), refused(['list', '--store', 'lmdb:nowhere']), refused(['list'], { CALLCHART_STORE: 'memory' }), refused(['list', '--unmasked'])])).to.deep.equal([
      'callchart: `callchart calls` lists, shows or ends calls, or makes a backup of all: say list, show, end or backup (ERR_OPTION_INVALID)\n',
      'callchart: say which call: callchart calls show <call> (ERR_OPTION_INVALID)\n',
      'callchart: --store: there is no store of calls in nowhere (ERR_OPTION_INVALID)\n',
      'callchart: CALLCHART_STORE is memory: calls that are kept in memory are those of the process that serves them, and nobody else sees them (ERR_OPTION_INVALID)\n',
      'callchart: `--unmasked` is for `callchart calls show` (ERR_OPTION_INVALID)\n',
    ]);
  });

  it('says which settings of a server make no sense, and that the port of its status is taken', async () => {
    const said = (environment: Readonly<Record<string, string>>, options = {}): Promise<string> => serve(bot, { port: '0', ...options }, { ...env, CALLCHART_STORE: 'memory', ...environment }).then(() => 'served', sentence);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    expect([await said({ CALLCHART_DRAIN_MS: 'soon' }), await said({ CALLCHART_STATUS: 'here' }), await said({}, { status: '1.2.3.4:99999' })]).to.deep.equal([
      'CALLCHART_DRAIN_MS is a number of milliseconds, 3600000 at most (ERR_OPTION_INVALID)',
      'CALLCHART_STATUS is a port, or host:port (ERR_OPTION_INVALID)',
      '--status is a port: a whole number from 0 to 65535 (ERR_OPTION_INVALID)',
    ]);
    const refused = await run(['serve', bot, '--port', '0', '--status', `127.0.0.1:${port}`], { cwd: folder, env: { ...env, CALLCHART_LOG_LEVEL: 'silent' } });
    expect(refused).to.deep.equal({ code: 2, stdout: '', stderr: `callchart: cannot listen on 127.0.0.1:${port}: the port is in use; choose another by --status (ERR_OPTION_INVALID)\n` });
    taken.close();
  });
});
