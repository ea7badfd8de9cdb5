/**
 * The SDK's guide to audio calls, statement by statement: the first bot, its registration, and the first call to it. Where a
 * service's portal did something, a page says what is done instead.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createMachine } from 'xstate';
import { botframework, isCallError } from 'callchart';
import { requestListener } from 'callchart/transport';
import { dial } from 'callchart/testing';
import acme from '../../examples/acme/bot.ts';
import watson from '../../examples/watson/bot.ts';
import { root, run, start } from '../cli/run.ts';
import { openings } from '../defects/opened.ts';
import { issuer, keyServer } from '../helpers/tokens.ts';
import { incoming, stubService } from '../transport/rig.ts';
import { section } from './section.ts';

const { open, opened, closeAll } = openings();

/** The connector of the first bot, with what `options` say. */
const connector = (options: Partial<Parameters<typeof botframework>[0]> = {}) => () =>
  botframework({ appId: 'app', appPassword: 'secret', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://keys.example/', issuer, ...options });

/** The option that `make` is refused for. */
const refusedFor = (make: () => unknown): unknown => {
  try {
    make();
  } catch (error) {
    if (isCallError(error) && 'option' in error.details) return error.details.option;
    throw error;
  }
  return 'nothing';
};

describe('a bot that takes voice calls', () => {
  it('talks with whoever rings, by voice and by key', () => {
    dial(acme).hears('Welcome').says('sales').hears('Sales will call');
    dial(acme).hears('Welcome').presses('2').hears('Support will call');
  });

  it('is written with what one package exports', () => {
    const written = readFileSync(join(root, 'examples/watson/bot.ts'), 'utf8');
    expect([...written.matchAll(/ from '([^']+)'/g)].map(([, name]) => name)).to.deep.equal(['callchart']);
  });

  it('shares its server with a chat bot: what is no call goes on to the next handler', async () => {
    const bots = requestListener({ service: stubService(), bots: watson });
    const server = createServer((request, response) => void bots(request, response, () => void response.end('the chat bot')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const post = async (path: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(incoming('c')) })).text();
    expect(await post('/api/messages')).to.equal('the chat bot');
    expect(await post('/api/calls')).to.contain('Watson');
    await bots.close();
    server.closeAllConnections();
    server.close();
  });

  it('is nothing of another library: a machine of plain XState is refused', () => {
    expect(() => dial(createMachine({}))).to.throw('make it with `callMachine`').with.property('code', 'ERR_BOT_INVALID');
  });
});

describe('hello world', function () {
  this.timeout(30_000);
  afterEach(closeAll);

  const env = { CALLCHART_APP_ID: 'app', CALLCHART_APP_PASSWORD: 'secret', CALLCHART_CALLBACK_URL: 'https://bot.example/api/calls', CALLCHART_OPENID_METADATA_URL: 'https://keys.example/', CALLCHART_STORE: 'memory' };

  it('is two lines, in which nothing but the sentence is about this bot', () => {
    const [, code = ''] = /^```ts\n([^]*?)^```/m.exec(section('getting-started', 'A bot, and a call to it')) ?? [];
    expect(code.trimEnd().split('\n')).to.have.length(2);
    expect(code.replace("'hello'", "'watson'")).to.equal(readFileSync(join(root, 'examples/watson/bot.ts'), 'utf8'));
  });

  it('listens on PORT, and says where', async () => {
    const serving = await start(['serve', 'examples/watson'], { env: { ...env, PORT: '0' } });
    expect(serving.first).to.match(/^listening on http:\/\/127\.0\.0\.1:\d+$/);
    expect(await serving.stop('SIGTERM')).to.equal(0);
  });

  it('listens on 3978 where nobody says another port', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.on('error', () => resolve()).listen(3978, '127.0.0.1', resolve)); // whoever has it, it is in use
    const { code, stderr } = await run(['serve', 'examples/watson'], { env });
    taken.close();
    expect([code, stderr]).to.deep.equal([2, 'callchart: cannot listen on 127.0.0.1:3978: the port is in use; choose another by --port (ERR_OPTION_INVALID)\n']);
    expect(section('commands', '`callchart serve <bot>`')).to.contain('(else `PORT`, else 3978)');
  });

  it('has to be told its callback URL, app id and password, before it listens', () => {
    expect([refusedFor(connector({ callbackUrl: '' })), refusedFor(connector({ appId: '' })), refusedFor(connector({ appPassword: '' }))]).to.deep.equal(['callbackUrl', 'appId', 'appPassword']);
    expect(connector()).not.to.throw();
  });

  it('takes its calls on /api/calls, and nowhere else', async () => {
    const line = await opened(watson);
    const call = JSON.stringify(incoming('c'));
    expect((await line.send(call, {}, '/api/calls')).status).to.equal(200);
    expect((await line.send(call, {}, '/')).status).to.equal(404);
  });

  it('answers over the wire, speaks, and hangs up, in one reply', async () => {
    const answer = await (await opened(watson)).caller('c').rings();
    expect(answer.heard).to.equal('answer playPrompt“Watson… come here!” hangup');
  });

  it('finds its app id and password where its user is told to look', () => {
    expect(section('getting-started', 'Registered with a service')).to.match(/^\| `CALLCHART_APP_ID` \| the registration of the bot/m).and.to.match(/^\| `CALLCHART_APP_PASSWORD` \| the same/m);
  });

  it('is rung on the laptop, with signed requests and no account', async () => {
    const { code, stdout } = await run(['call', 'examples/watson']);
    expect([code, stdout]).to.deep.equal([0, '☎ ringing… answered\nbot: Watson… come here!\n☎ the bot hung up\n']);
    expect(section('getting-started', 'A bot, and a call to it')).to.contain(stdout);
  });

  it('is tested before it is published, as whole calls in a unit test', () => {
    dial(watson).isAnswered().hears('Watson').isHungUp();
    expect(section('testing', 'What a caller does')).to.contain('`presses(');
  });

  it('needs no phone: lines of text are the caller', async () => {
    const { stdout } = await run(['call', 'examples/acme'], { input: '\n2\n' });
    expect(stdout).to.match(/\(silence\)\n[^]*you: 2\nbot: Support will call you back\./);
  });
});

describe('a bot that is registered with its service', function () {
  this.timeout(30_000);
  afterEach(closeAll);

  const page = (): string => section('getting-started', 'Registered with a service');

  it('is one of a pair: the messaging endpoint, where one is asked for, is the chat bot\'s', () => {
    expect(page()).to.match(/messaging endpoint[^.]* is that of a chat bot/);
  });

  it('has one endpoint, which the service is told as it is told the bot', () => {
    expect(page()).to.contain('Give the service the same URL as the bot\'s calling endpoint');
  });

  it('is reached by https alone: a callback URL that is not is refused, and a laptop has a tunnel', () => {
    expect(refusedFor(connector({ callbackUrl: 'http://bot.example/api/calls' }))).to.equal('callbackUrl');
    expect(page()).to.match(/any tunnel with https/);
  });

  it('reads its id and password from the environment, and says which is missing', async () => {
    const { code, stderr } = await run(['serve', 'examples/watson'], { env: { CALLCHART_CALLBACK_URL: 'https://bot.example/api/calls', CALLCHART_OPENID_METADATA_URL: 'https://keys.example/' } });
    expect(code).to.equal(2);
    expect(stderr).to.contain('missing in the environment: CALLCHART_APP_ID, CALLCHART_APP_PASSWORD');
  });

  it('has the service come back to the whole callback URL', async () => {
    const { text } = await (await opened(acme)).caller('c').rings();
    expect((JSON.parse(text) as { readonly links: unknown }).links).to.deep.equal({ callback: 'https://bot.example/api/calls' });
  });

  it('is open to whoever the service lets through: nobody is added first', async () => {
    const line = await opened(acme);
    const heard = await Promise.all(['one', 'another'].map(async (id) => (await line.caller(id).rings()).heard));
    expect(heard).to.have.length(2).and.to.satisfy((all: readonly string[]) => all.every((one) => one.startsWith('answer')));
  });

  it('shows that it can be rung: a stranger without a token is refused, and no call begins', async () => {
    const keys = await keyServer();
    open.push(keys);
    const line = await opened(watson, { service: connector({ openIdMetadataUrl: keys.metadataUrl })() });
    const { status, text } = await line.send('');
    expect([status, text, line.said('call begun').length]).to.deep.equal([401, '{"error":{"code":"ERR_BEARER_REJECTED"}}', 0]);
    expect(section('getting-started', 'When nothing rings')).to.contain('curl -i -X POST').and.to.contain('| 401 `ERR_BEARER_REJECTED` or `ERR_SIGNATURE_REJECTED` to `curl` | all is well so far');
  });

  for (const of of ['getting-started', 'services']) it(`has a table for when it does not ring, of codes and lines that there are: ${of}.md`, () => {
    const table = section(of, 'When nothing rings');
    const sources = ['src/errors.ts', 'src/transport/log.ts', 'src/transport/authenticate.ts'].map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
    const named = [...table.matchAll(/`(ERR_\w+|exchange refused|exchange ignored|event unknown|command refused|call begun|bot failed)`|"reason":"(\w+)"/g)].map(([, name, reason]) => name ?? `'${reason ?? ''}'`);
    expect(named.length).to.be.greaterThan(7);
    expect(named.filter((name) => !sources.includes(name))).to.deep.equal([]);
  });

  it('speaks to the caller and hangs up, when it is rung where it runs', async () => {
    const page = section('getting-started', 'The server, on one machine');
    const settings = Object.fromEntries([...page.matchAll(/(CALLCHART_[A-Z_]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));
    const port = await freePort();
    const env = { ...settings, CALLCHART_STORE: 'memory', CALLCHART_OPENID_METADATA_URL: (settings['CALLCHART_OPENID_METADATA_URL'] ?? '').replace('3979', String(port)) };
    const serving = await start(['serve', 'examples/watson', '--port', '0'], { env });
    const [, appId = ''] = /--app-id (\S+)/.exec(page) ?? [];
    const { code, stdout } = await run(['call', '--url', `${serving.first.replace('listening on ', '')}/api/calls`, '--app-id', appId, '--keys-port', String(port)]);
    await serving.stop('SIGTERM');
    expect([code, stdout]).to.deep.equal([0, '☎ ringing… answered\nbot: Watson… come here!\n☎ the bot hung up\n']);
  });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
