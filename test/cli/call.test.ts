import { expect } from 'chai';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ran, root, run, runNext, start } from './run.ts';

interface Told {
  readonly bot: string;
  readonly endedBy: string;
  readonly rounds: number;
  readonly transcript: readonly { readonly who: string; readonly kind: string; readonly text?: string }[];
  readonly error?: { readonly code: string; readonly message: string };
}

const told = (stdout: string): Told => {
  expect(stdout.trimEnd().split('\n')).to.have.length(1);
  return JSON.parse(stdout) as Told;
};
const heard = ({ transcript }: Told): readonly (string | undefined)[] => transcript.filter(({ kind }) => kind === 'says').map(({ text }) => text);

describe('callchart call', function () {
  this.timeout(30_000);

  /** A service tries for some time to reach a bot that is not there: other tests go on meanwhile. */
  let nobody: Promise<Ran>;
  before(async () => {
    nobody = runNext(['call', '--url', 'http://127.0.0.1:1/api/calls', '--app-id', 'app', '--keys-port', String(await freePort()), '--json']);
  });

  it('rings Watson and Acme, by key, by word and by silence', async () => {
    const [watson, sales, words, silence] = await Promise.all([
      runNext(['call', 'examples/watson', '--json']),
      runNext(['call', 'examples/acme', '--keys', '1', '--json']),
      runNext(['call', 'examples/acme/bot.ts', '--keys', '9,8', '--say', 'Support', '--inspect']),
      runNext(['call', 'examples/acme']),
    ]);
    expect(told(watson.stdout)).to.deep.include({ bot: 'watson', endedBy: 'bot', rounds: 1 });
    expect(heard(told(watson.stdout))).to.deep.equal(['Watson… come here!']);
    expect(told(sales.stdout)).to.include({ bot: 'acme', endedBy: 'bot', rounds: 2 });
    expect(heard(told(sales.stdout)).at(-1)).to.equal('Sales will call you back.');
    expect(words.stdout).to.match(/you: 9\n[^]*you: 8\n[^]*you: Support\nbot: Support will call you back\.\n☎ the bot hung up\n$/);
    expect(words.stderr).to.match(/^call .* r1 {2}call\.incoming: menu {2}\[answer, recognize\]$/m).and.to.match(/recognize\.choice\.support: support {2}\[play, hangup\]/);
    expect(silence.stdout).to.match(/(?:\(silence\)\n[^]*){3}bot: Goodbye\.\n☎ the bot hung up\n$/);
    expect([watson, sales, words, silence].map(({ code }) => code)).to.deep.equal([0, 0, 0, 0]);
    expect(watson.stderr + sales.stderr + silence.stderr).to.equal('');
  });

  it('plays a script and holds the bot to it; lines that are piped in are the caller', async () => {
    const [good, bad, wrong, piped, digits] = await Promise.all([
      runNext(['call', 'examples/acme', '--script', '-'], { input: 'expect sales press 1\nsilence\nexpect did not hear\npress 2\nexpect Support' }),
      runNext(['call', 'examples/acme', '--script', '-', '--json'], { input: 'press 1\nexpect a free car\n' }),
      runNext(['call', 'examples/acme', '--script', '-'], { input: '\npresss 1' }),
      runNext(['call', 'examples/acme'], { input: '2\n' }),
      runNext(['call', 'test/fixtures/bots/dialog', '--keys', '0042']),
    ]);
    expect([good.code, good.stderr]).to.deep.equal([0, '']);
    expect(bad.code).to.equal(1);
    expect(told(bad.stdout).error).to.deep.equal({ code: 'ERR_EXPECTATION', message: 'line 2 of the script: expected to hear "a free car", but heard "Sales will call you back."' });
    expect([wrong.code, wrong.stderr]).to.deep.equal([2, 'callchart: line 2 of the script: an act is press, say, silence, record, hangup, wait, task, service, assume or expect (ERR_OPTION_INVALID)\n']);
    expect(piped.stdout).to.contain('you: 2\nbot: Support will call you back.');
    expect(digits.stdout).to.contain('bot: Welcome back.');
  });

  it('plays scripts that move the world: tasks, guards, time and what the service fails at', async () => {
    const bank = 'test/fixtures/bots/dialog';
    const guard = 'bank.looking invoke.onDone 1';
    const [failed, json, assumed, silent, waiting] = await Promise.all([
      runNext(['call', bank, '--script', '-'], { input: 'service failed\npress 0042\ntask looking failed ERR_TASK_TIMEOUT\nexpect do not know you' }),
      runNext(['call', bank, '--script', '-', '--json'], { input: 'press 0042\ntask looking failed' }),
      runNext(['call', bank, '--script', '-', '--json'], { input: `assume ${guard} yes\npress 1234\ntask looking done false\nexpect Welcome back` }),
      runNext(['call', 'test/fixtures/bots/patient']),
      runNext(['call', 'test/fixtures/bots/patient', '--script', '-'], { input: 'wait 600\nexpect Still there\npress 1\nexpect Goodbye' }),
    ]);
    expect([failed.code, failed.stderr]).to.deep.equal([0, '']);
    expect(failed.stdout).to.match(/☎ recognize: it failed\nbot: Sorry[^]*you: 0042\n\(task `looking` failed: ERR_TASK_TIMEOUT\)\nbot: We do not know you\./);
    expect(told(json.stdout).transcript.map(({ who, kind, text }) => `${who} ${kind} ${text}`)).to.include('line task `looking` failed');
    expect([assumed.code, heard(told(assumed.stdout)).at(-1)]).to.deep.equal([0, 'Welcome back.']);
    expect(told(assumed.stdout).transcript.map(({ who, kind, text }) => `${who} ${kind} ${text}`)).to.include(`line assumed \`${guard}\` holds`);
    expect(silent.stdout).to.match(/hold the line\.\n[^]*(?:\(silence\)\n[^]*){3}bot: Goodbye\.\n☎ the bot hung up\n$/);
    expect([waiting.code, waiting.stderr]).to.deep.equal([0, '']);
    expect(waiting.stdout).to.include('(waits 600 s)\n');
  });

  it('is who the script says, also where it is the bot that calls', async () => {
    const machine = 'call {"direction":"outbound","answeredBy":"machine"}\ntask finding done {"id":"7","when":"on Monday"}\nexpect Please call us back';
    const [withheld, twilio, nobody, distant] = await Promise.all([
      runNext(['call', 'examples/callback', '--script', '-', '--json'], { input: 'call {"from":""}\ntask joining done 0\npress 1#\nexpect number' }),
      runNext(['call', 'examples/reminder', '--service', 'twilio', '--script', '-', '--json'], { input: machine }),
      runNext(['call', 'examples/reminder', '--service', 'botframework', '--script', '-'], { input: 'call {"direction":"outbound"}' }),
      runNext(['call', '--url', 'http://127.0.0.1:1/api/calls', '--script', '-'], { input: 'call {"direction":"outbound"}' }),
    ]);
    expect(heard(told(withheld.stdout)).join(' ')).to.include('Please key the number to call, with the area code');
    expect([twilio.code, heard(told(twilio.stdout)).at(-1)]).to.deep.equal([0, 'Hello. This is the Lake Street practice. Please call us back at 020 7946 0123. Thank you.']);
    expect([nobody.code, nobody.stderr]).to.deep.equal([2, 'callchart: the script is of a call that the bot places, and the service `botframework` places none: say another by --service (ERR_OPTION_INVALID)\n']);
    expect([distant.code, distant.stderr]).to.deep.equal([2, 'callchart: a call that the bot places is for a bot in this process, and not for one that is called by `--url` (ERR_OPTION_INVALID)\n']);
  });

  it('refuses a script that cannot be played to the bot before the call', async () => {
    const [unknown, task, guard] = await Promise.all([
      runNext(['call', 'test/fixtures/bots/dialog', '--script', '-'], { input: 'press 1\nassume bank.looking invoke.onDone 2 yes' }),
      runNext(['call', '--url', 'http://127.0.0.1:1/api/calls', '--script', '-'], { input: 'task looking failed' }),
      runNext(['call', '--url', 'http://127.0.0.1:1/api/calls', '--script', '-'], { input: '# of another process\nassume bank.looking invoke.onDone 1 yes' }),
    ]);
    expect([unknown.code, unknown.stdout, unknown.stderr]).to.deep.equal([2, '', 'callchart: line 2 of the script: the bot `bank` has no guard `bank.looking invoke.onDone 2`; did you mean `bank.looking invoke.onDone 1`? (ERR_OPTION_INVALID)\n']);
    expect([task.code, task.stderr]).to.deep.equal([2, 'callchart: line 1 of the script: `task` is for a bot in this process, and not for one that is called by `--url` (ERR_OPTION_INVALID)\n']);
    expect([guard.code, guard.stderr]).to.deep.equal([2, 'callchart: line 2 of the script: `assume` is for a bot in this process, and not for one that is called by `--url` (ERR_OPTION_INVALID)\n']);
  });

  it('shows the chat messages of the bot as a phone does, and sends nothing anywhere', async () => {
    const bot = 'test/fixtures/bots/chat';
    const [screen, json, script, office] = await Promise.all([
      runNext(['call', bot, '--keys', '1']),
      runNext(['call', bot, '--keys', '1', '--from', '+15550100', '--json']),
      runNext(['call', bot, '--script', '-'], { input: 'press 1\nexpect Your order\nexpect It is on its way\n' }),
      runNext(['call', bot, '--keys', '2', '--json']),
    ]);
    expect(screen.stdout).to.include('chat: Your order · [Follow it: https://shop.test/7]\nbot: It is on its way.\n');
    expect(told(json.stdout).transcript.filter(({ kind }) => kind === 'writes').map(({ who, text }) => [who, text])).to.deep.equal([['bot', 'Your order · [Follow it: https://shop.test/7]']]);
    expect([script.code, script.stderr]).to.deep.equal([0, '']);
    expect(heard(told(office.stdout)).at(-1), 'somebody who is not on the line').to.equal('It could not be delivered.');
  });

  it('plays the demo of the Calling SDK from end to end, and knows the caller in the next call', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-demo-'));
    try {
      const demo = (script: string) => runNext(['call', 'examples/demo', '--script', `examples/demo/${script}`, '--store', `lmdb:${folder}`, '--json']);
      const first = await demo('demo.script');
      expect([first.code, first.stderr]).to.deep.equal([0, '']);
      expect(told(first.stdout)).to.deep.include({ bot: 'demo', endedBy: 'bot' });
      expect(heard(told(first.stdout)).slice(0, 1)).to.deep.equal(['Hello, this is the Callchart demo.']);
      const second = await demo('again.script');
      expect([second.code, second.stderr]).to.deep.equal([0, '']);
      expect(told(second.stdout).rounds, 'asked three times, then the hangup').to.equal(4);
      const [checked, forgetful, misspelt, elsewhere] = await Promise.all([
        runNext(['check', 'examples/demo', '--json']),
        runNext(['call', 'examples/demo', '--script', 'examples/demo/again.script']),
        runNext(['call', 'examples/demo', '--store', 'redis://secret@x']),
        runNext(['call', '--url', 'http://127.0.0.1:1/api/calls', '--store', 'memory']),
      ]);
      const { findings, ...verdict } = JSON.parse(checked.stdout) as { readonly findings: readonly { readonly waived?: string }[] };
      expect(verdict).to.deep.include({ bot: 'demo', ok: true });
      expect(findings.filter(({ waived }) => waived === undefined)).to.deep.equal([]);
      expect([forgetful.code, forgetful.stderr]).to.deep.equal([1, 'callchart: line 2 of the script: expected to hear "Good to have you back", but heard "Hello, this is the Callchart demo. Pick a demo: DTMF, digits, recordings or chat. Say “options” for the list, “help” to hear this again, or “quit” to hang up." (ERR_EXPECTATION)\n']);
      expect([misspelt.code, misspelt.stderr]).to.deep.equal([2, "callchart: --store is neither 'memory' nor 'lmdb:<folder>' nor 'postgres://…' ('restate://…' keeps calls for `callchart serve`, and is no store that can be opened): say 'memory', 'lmdb:<folder>' or 'postgres://user:password@host/database' (ERR_OPTION_INVALID)\n"]);
      expect([elsewhere.code, elsewhere.stderr]).to.deep.equal([2, 'callchart: `--store` is where a bot in this process keeps its calls: `callchart serve` reads CALLCHART_STORE (ERR_OPTION_INVALID)\n']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('tells the author what the bot\'s code threw, and where', async () => {
    const { code, stdout, stderr } = await runNext(['call', 'test/fixtures/bots/thrower']);
    expect(code).to.equal(1);
    expect(stdout).to.contain('bot: Sorry, something went wrong.');
    expect(stderr).to.contain('(ERR_BOT_THREW)').and.to.contain('Error: no such table').and.to.match(/thrower\/bot\.ts:\d+/);
  });

  it('calls a bot that runs elsewhere, and says what that has to be told', async () => {
    const port = await freePort();
    const env = {
      CALLCHART_APP_ID: 'app', CALLCHART_APP_PASSWORD: 'password', CALLCHART_CALLBACK_URL: 'https://bot.test/api/calls', CALLCHART_STORE: 'memory', CALLCHART_LOG_LEVEL: 'silent',
      CALLCHART_OPENID_METADATA_URL: `http://127.0.0.1:${port}/v1/.well-known/openidconfiguration`,
    };
    const serving = await start(['serve', 'examples/acme', '--port', '0'], { env });
    try {
      const url = `${serving.first.replace('listening on ', '')}/api/calls`;
      const { code, stdout, stderr } = await runNext(['call', '--url', url, '--app-id', 'app', '--keys-port', String(port), '--keys', '1', '--json']);
      expect([code, stderr]).to.deep.equal([0, `the bot has to run with CALLCHART_APP_ID=app and CALLCHART_OPENID_METADATA_URL=${env.CALLCHART_OPENID_METADATA_URL}\n`]);
      expect(told(stdout)).to.include({ bot: url, endedBy: 'bot', rounds: 2 });
    } finally {
      await serving.stop('SIGINT');
    }
    const [unreached, unnamed] = [await nobody, await runNext(['call', '--url', 'http://127.0.0.1:1/api/calls'])];
    expect(unreached.code).to.equal(1);
    expect(told(unreached.stdout)).to.include({ endedBy: 'line', reason: 'unreachable' });
    expect([unnamed.code, unnamed.stderr]).to.deep.equal([2, "callchart: say the bot's app id by `--app-id` or CALLCHART_APP_ID: a token is made out to it (ERR_OPTION_INVALID)\n"]);
  });

  it('rings a bot as Twilio would, in this process and elsewhere', async () => {
    const port = await freePort();
    const env = {
      CALLCHART_TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000001', CALLCHART_TWILIO_AUTH_TOKEN: 'token-1, token-2', CALLCHART_TWILIO_PUBLIC_URL: 'https://bot.example.com',
      CALLCHART_TWILIO_API_URL: `http://127.0.0.1:${port}`, CALLCHART_STORE: 'memory',
    };
    const serving = await start(['serve', 'examples/acme', '--service', 'twilio', '--port', '0'], { env });
    try {
      const url = `${serving.first.replace('listening on ', '')}/api/twilio`;
      const calling = ['call', '--url', url, '--service', 'twilio', '--keys-port', String(port), '--keys', '2', '--json'];
      const [here, there, stranger, bare, unknown] = [
        await runNext(['call', 'examples/acme', '--service', 'twilio', '--keys', '2', '--json']),
        await run(calling, { env }),
        await run(calling, { env: { ...env, CALLCHART_TWILIO_AUTH_TOKEN: 'another token' } }),
        await run(calling),
        await runNext(['call', 'examples/acme', '--service', 'carrier-pigeon']),
      ];
      for (const { code, stdout } of [here, there]) {
        expect(told(stdout)).to.include({ endedBy: 'bot', rounds: 2 });
        expect(heard(told(stdout))).to.deep.equal(['Welcome to Acme. For sales press 1, for support press 2.', 'Support will call you back.']);
        expect(code).to.equal(0);
      }
      expect(there.stderr).to.equal(`the bot has to run with the same settings of Twilio and CALLCHART_TWILIO_API_URL=http://127.0.0.1:${port}\n`);
      expect([stranger.code, told(stranger.stdout).endedBy]).to.deep.equal([1, 'line']);
      expect([bare.code, bare.stderr]).to.deep.equal([2, 'callchart: the setting CALLCHART_TWILIO_ACCOUNT_SID is missing in the environment: what a bot is called with is signed by it (ERR_OPTION_INVALID)\n']);
      expect([unknown.code, unknown.stderr]).to.deep.equal([2, 'callchart: there is no service `carrier-pigeon`; `botframework`, `twilio` and `azure` are (ERR_OPTION_INVALID)\n']);
    } finally {
      await serving.stop('SIGINT');
    }
  });

  it('rings a bot that runs elsewhere as Azure would', async () => {
    const [apiPort, keysPort] = [await freePort(), await freePort()];
    const env = {
      CALLCHART_AZURE_CONNECTION_STRING: `endpoint=http://127.0.0.1:${apiPort}/;accesskey=YSBrZXk=`, CALLCHART_AZURE_RESOURCE_ID: '00000000-0000-4000-8000-000000000001', CALLCHART_AZURE_EVENT_GRID_SECRET: 'a secret of the tests',
      CALLCHART_AZURE_PUBLIC_URL: 'https://bot.example.com', CALLCHART_AZURE_COGNITIVE_SERVICES_URL: 'https://ai.example.com', CALLCHART_AZURE_ALLOW_INSECURE_CONNECTION: 'true',
      CALLCHART_AZURE_OPENID_METADATA_URL: `http://127.0.0.1:${keysPort}/calling/.well-known/acsopenidconfiguration`, CALLCHART_STORE: 'memory', CALLCHART_SERVICE: 'azure',
    };
    const serving = await start(['serve', 'examples/acme', '--port', '0'], { env });
    try {
      const calling = ['call', '--url', `${serving.first.replace('listening on ', '')}/api/azure`, '--keys-port', String(keysPort), '--keys', '2', '--json'];
      const there = await run(calling, { env });
      expect(there.stderr).to.equal(`the bot has to run with the same settings of Azure and CALLCHART_AZURE_OPENID_METADATA_URL=${env.CALLCHART_AZURE_OPENID_METADATA_URL}, CALLCHART_AZURE_ALLOW_INSECURE_CONNECTION=true\n`);
      expect(there.code).to.equal(0);
      expect(told(there.stdout)).to.include({ endedBy: 'bot' });
      expect(heard(told(there.stdout))).to.deep.equal(['Welcome to Acme. For sales press 1, for support press 2.', 'Support will call you back.']);
      const stranger = await run(calling, { env: { ...env, CALLCHART_AZURE_EVENT_GRID_SECRET: 'another secret' } });
      expect([stranger.code, told(stranger.stdout).endedBy]).to.deep.equal([1, 'line']);
      const abroad = await run(calling, { env: { ...env, CALLCHART_AZURE_CONNECTION_STRING: 'endpoint=https://resource.example/;accesskey=YSBrZXk=' } });
      expect(abroad.code).to.equal(2);
      expect(abroad.stderr).to.contain('CALLCHART_AZURE_CONNECTION_STRING leads to this machine').and.not.to.contain('YSBrZXk=');
    } finally {
      await serving.stop('SIGINT');
    }
  });

  it('ends when the bot has tidied up behind the call', async () => {
    const ran = await Promise.all(['botframework', 'twilio', 'azure'].map((service) => runNext(['call', 'test/fixtures/bots/tidy', '--service', service])));
    expect(ran.map(({ stderr }) => stderr)).to.deep.equal(['tidied up\n', 'tidied up\n', 'tidied up\n']);
  });

  it('loads a bot of a CommonJS package, which brings a copy of Callchart of its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-call-'));
    try {
      await mkdir(join(folder, 'node_modules'));
      await symlink(root, join(folder, 'node_modules/callchart'), 'dir');
      await symlink(join(root, 'node_modules/xstate'), join(folder, 'node_modules/xstate'), 'dir');
      await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}');
      await writeFile(join(folder, 'bot.ts'), "import { callMachine, hangup, recognize } from 'callchart';\nexport default callMachine('old', { initial: 'ask', states: { ask: recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.') } });\n");
      const { code, stdout, stderr } = await runNext(['call', '.', '--keys', '1'], { cwd: folder });
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.contain('bot: Goodbye.');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

const freePort = async (): Promise<number> => {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
};
