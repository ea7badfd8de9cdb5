/** The files of docs/deploy are used: the proxy in front of a bot, and what the container starts. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { parse } from 'node:querystring';
import twilioPackage from 'twilio';
import { type CallServer, serve, silentLog, twilio } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { packageFacts } from '../../src/cli/package-facts.ts';
import { projectFiles } from '../../src/cli/template.ts';
import { until } from '../transport/rig.ts';

const root = resolve(import.meta.dirname, '../..');
const hasCaddy = spawnSync('caddy', ['version']).status === 0;
const authToken = '0123456789abcdef0123456789abcdef';
const port = 39_443;
const publicUrl = `https://localhost:${port}`;

const form = 'AccountSid=AC00000000000000000000000000000000&CallSid=CA11111111111111111111111111111111&CallStatus=ringing&Direction=inbound&From=%2B15550100&To=%2B15550199&ApiVersion=2010-04-01';

const signature = (url: string): string => twilioPackage.getExpectedTwilioSignature(authToken, url, { ...parse(form) });

/** Through the proxy, whose certificate is its own. */
const post = (signed: string): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((done, failed) => {
    const sent = request(`${publicUrl}/api/twilio`, { method: 'POST', rejectUnauthorized: false, headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', 'x-twilio-signature': signed } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => done({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
    });
    sent.on('error', failed).end(form);
  });

describe('a bot behind the proxy of docs/deploy', function () {
  this.timeout(30_000);
  let bot: CallServer;
  let proxy: ChildProcess;
  let folder: string;

  before(async function () {
    // Where the checks of this project run, it has to be there; elsewhere it need not.
    if (!hasCaddy && process.env['CALLCHART_SERVERS'] === undefined) return this.skip();
    bot = await serve({ service: twilio({ accountSid: 'AC00000000000000000000000000000000', authToken, publicUrl }), bots: { '/api/twilio': acme }, port: 0, log: silentLog });
    folder = mkdtempSync(join(tmpdir(), 'callchart-proxy-'));
    proxy = spawn('caddy', ['run', '--config', join(root, 'docs/deploy/Caddyfile'), '--adapter', 'caddyfile'], {
      stdio: 'ignore', env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, CALLCHART_HOST: `localhost:${port}`, CALLCHART_UPSTREAM: `127.0.0.1:${bot.port}` },
    });
    await until(() => post('x').then(() => true, () => false));
  });
  after(async () => {
    proxy?.kill();
    await bot?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('takes what is signed over the public address, and answers', async () => {
    const { status, text } = await post(signature(`${publicUrl}/api/twilio`));
    expect(status).to.equal(200);
    expect(text).to.contain('Welcome to Acme');
  });

  it('refuses what is signed over the address behind the proxy', async () => {
    const { status, text } = await post(signature(`${bot.url}/api/twilio`));
    expect(status).to.equal(401);
    expect(text).to.equal('{"error":{"code":"ERR_SIGNATURE_REJECTED"}}');
  });
});

describe('the container of docs/deploy', () => {
  const file = readFileSync(join(root, 'docs/deploy/Dockerfile'), 'utf8');

  it('starts a command that there is, which listens for others than itself', () => {
    const [, listed = ''] = /^CMD (\[.*\])$/m.exec(file) ?? [];
    const [binary, ...args] = JSON.parse(listed) as readonly string[];
    expect(binary).to.equal('node_modules/.bin/callchart');
    expect(args.slice(0, 2)).to.deep.equal(['serve', 'bot.ts']);
    expect(args).to.include('0.0.0.0');
    expect(args, 'the environment names the service').not.to.include('--service');
    const options = readFileSync(join(root, 'src/cli/main.ts'), 'utf8');
    for (const option of args.filter((arg) => arg.startsWith('--'))) expect(options).to.contain(`'${option} `);
  });

  it('takes neither secrets nor what is made here into the image, and neither does a new project', () => {
    const ignored = readFileSync(join(root, 'docs/deploy/.dockerignore'), 'utf8');
    expect(ignored.trimEnd().split('\n')).to.have.members(['node_modules', '.callchart', '.env', '.git']);
    const project = projectFiles('bot', packageFacts());
    expect(project['.dockerignore']).to.equal(ignored);
    expect(project['.gitignore']?.trimEnd().split('\n')).to.include('.env');
  });

  it('keeps calls and recordings where a volume is', () => {
    const volume = /^VOLUME (\S+)$/m.exec(file)?.[1] ?? '';
    for (const setting of ['CALLCHART_STORE=lmdb:', 'CALLCHART_RECORDINGS=']) expect(file).to.contain(`${setting}${volume}/`);
    const composition = readFileSync(join(root, 'docs/deploy/compose.yaml'), 'utf8');
    expect(composition).to.contain(`:${volume}\n`);
    for (const name of ['CALLCHART_HOST', 'CALLCHART_UPSTREAM']) expect(composition).to.contain(name);
  });
});
