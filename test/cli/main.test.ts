import { expect } from 'chai';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inOrder, shielded } from '../../src/cli/arguments.ts';
import { draw } from '../../src/cli/draw.ts';
import { sentence } from '../../src/cli/failure.ts';
import { toSvg } from '../../src/inspector/index.ts';
import { toMermaid } from '../../src/machines/draw/mermaid.ts';
import acme from '../../examples/acme/bot.ts';
import { root, run, runNext } from './run.ts';

describe('the command callchart', function () {
  this.timeout(30_000);

  it('names its commands and its version, and refuses what it does not know', async () => {
    const [help, version, none, unknown, planned, option, value] = await Promise.all([
      run(['--help']), run(['--version']), run([]), run(['dial']), run(['diff', 'x']), run(['call', 'examples/acme', '--loud']), run(['call', '--script']),
    ]);
    for (const command of ['new', 'call', 'serve', 'check', 'draw', 'cover', 'decode', 'validate']) expect(help.stdout).to.match(new RegExp(`^  ${command} `, 'm'));
    expect(help.code).to.equal(0);
    const { version: own } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string };
    expect(version).to.include({ code: 0, stdout: `${own}\n` });
    expect([none, unknown, planned, option, value].map(({ code, stderr }) => `${String(code)} ${stderr}`)).to.deep.equal([
      '2 callchart: say a command first; `callchart --help` lists them (ERR_OPTION_INVALID)\n',
      '2 callchart: there is no command `dial`; `callchart --help` lists them (ERR_OPTION_INVALID)\n',
      '2 callchart: the command `diff` is not in this version (ERR_OPTION_INVALID)\n',
      '2 callchart: Unknown option `--loud` (ERR_OPTION_INVALID)\n',
      '2 callchart: option `--script <file>` value is missing (ERR_OPTION_INVALID)\n',
    ]);
  });

  it('keeps values to the letter, and acts in their order', () => {
    const argv = ['call', '.', '--keys', '0042', '--say=1e3', '--json', '-', '--keys', '7'];
    expect(shielded(argv)).to.deep.equal(['call', '\0.', '--keys', '\x000042', '--say=\x001e3', '--json', '\0-', '--keys', '\x007']);
    expect(inOrder(argv, ['keys', 'say'])).to.deep.equal([{ name: 'keys', value: '0042' }, { name: 'say', value: '1e3' }, { name: 'keys', value: '7' }]);
  });

  it('draws and checks a bot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-draw-'));
    try {
      const [mermaid, scxml, svg, checked, found, broken] = await Promise.all([
        runNext(['draw', 'examples/acme']),
        runNext(['draw', 'test/fixtures/bots/dialog', '--format', 'scxml', '--out', join(folder, 'bank.scxml')]),
        runNext(['draw', 'examples/acme', '--format', 'svg']),
        runNext(['check', 'examples/acme', '--json']),
        runNext(['check', 'test/fixtures/bots/transfers']),
        runNext(['check', 'test/fixtures/bots/broken-rule', '--json']),
      ]);
      expect(mermaid).to.include({ code: 0, stdout: toMermaid(acme), stderr: '' });
      expect([scxml.code, (await readdir(folder)).sort()]).to.deep.equal([0, ['bank.scxml', 'pin.scxml']]);
      expect(await readFile(join(folder, 'bank.scxml'), 'utf8')).to.match(/src="pin\.scxml"/);
      expect(svg).to.include({ code: 0, stdout: await toSvg(acme), stderr: '' });
      expect(await draw('examples/acme', { format: 'dot' }).catch(sentence)).to.equal('`--format` is mermaid, scxml or svg (ERR_OPTION_INVALID)');
      const { ok, events, actions } = JSON.parse(checked.stdout) as { readonly ok: boolean; readonly events: readonly string[]; readonly actions: readonly string[] };
      expect([checked.code, ok, [...actions].sort()]).to.deep.equal([0, true, ['hangup', 'play', 'recognize']]);
      expect(events).to.include.members(['call.ended', 'answer.failed', 'play.failed', 'recognize.noinput', 'recognize.choice.sales']).and.not.include.members(['record.noinput']);
      expect(events.filter((type) => type === 'recognize.choice' || type.startsWith('recognize.digits'))).to.deep.equal([]);
      expect(found.code).to.equal(1);
      expect(found.stdout).to.contain('  error   state `handing`: the service `botframework` cannot do `transfer`\n          unsupported:handing:transfer\n');
      const { findings } = JSON.parse(broken.stdout) as { readonly findings: readonly { readonly message: string }[] };
      expect([broken.code, findings.map(({ message }) => message)]).to.deep.equal([1, ['state `menu`: outcome `support` is not handled', 'state `menu`: target `selling` does not exist']]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('finds what the service would refuse in every call, each with its state and its rule, and rings nobody', async () => {
    const [checked, called] = await Promise.all([runNext(['check', 'test/fixtures/bots/limits', '--json']), runNext(['call', 'test/fixtures/bots/limits', '--keys', '1'])]);
    const { findings } = JSON.parse(checked.stdout) as { readonly findings: readonly { readonly code: string; readonly message: string; readonly severity: string }[] };
    expect([checked.code, findings.filter(({ severity }) => severity === 'error').map(({ code, message }) => [code, /`(\w+)`/.exec(message)?.[1], /[A-Z]+-[A-Z0-9]+/.exec(message)?.[0]])]).to.deep.equal([1, [['ERR_BATCH_ILLEGAL', 'ask', 'RG-INITIAL'], ['ERR_BATCH_ILLEGAL', 'again', 'CH-MAX5']]]);
    expect([called.code, called.stdout]).to.deep.equal([2, '']);
    expect(called.stderr).to.include('RG-INITIAL');
  });

  it('finds what the service cannot do before the first call, and takes none', async () => {
    const sentences = ['holding', 'back', 'ringing', 'wish', 'paying'].map((state, index) => `state \`${state}\`: the service \`botframework\` cannot do \`${['hold', 'unhold', 'createcall', 'speech', 'raw:twilio'][index]}\``);
    const env = { CALLCHART_APP_ID: 'app', CALLCHART_APP_PASSWORD: 'password', CALLCHART_CALLBACK_URL: 'https://bot.test/api/calls', CALLCHART_OPENID_METADATA_URL: 'https://keys.test', CALLCHART_STORE: 'memory', CALLCHART_LOG_LEVEL: 'silent' };
    const [checked, written, served, called, drawn] = await Promise.all([
      runNext(['check', 'test/fixtures/bots/beyond', '--json']),
      runNext(['check', 'test/fixtures/bots/beyond']),
      runNext(['serve', 'test/fixtures/bots/transfers', '--port', '0'], { env }),
      runNext(['call', 'test/fixtures/bots/beyond', '--keys', '1']),
      runNext(['draw', 'test/fixtures/bots/beyond']),
    ]);
    const { findings: all, actions, events } = JSON.parse(checked.stdout) as { readonly findings: readonly { readonly code: string; readonly message: string; readonly severity: string }[]; readonly actions: readonly string[]; readonly events: readonly string[] };
    const findings = all.filter(({ severity }) => severity === 'error');
    expect([checked.code, findings.map(({ message }) => message)]).to.deep.equal([1, sentences]);
    expect(new Set(findings.map(({ code }) => code))).to.deep.equal(new Set(['ERR_CAPABILITY_MISSING']));
    expect([...actions].sort()).to.deep.equal(['createcall', 'hangup', 'hold', 'play', 'raw', 'recognize', 'unhold']);
    expect(events).to.include.members(['recognize.speech', 'hold.done', 'hold.failed', 'unhold.failed', 'createcall.noanswer', 'raw.failed', 'raw.done.success', 'raw.done.validation-error']);
    expect(called.code).to.not.equal(0);
    expect(called.stdout).to.equal('');
    expect(called.stderr).to.equal(`callchart: ${sentences[0]}; \`twilio\` and \`azure\` can: \`--service\` (ERR_CAPABILITY_MISSING)\n`);
    expect(written.stdout).to.contain(`${sentences[2]}\n`).and.to.match(/unsupported:ringing:createcall\n[^(]*\(`twilio` and `azure` can: `--service`\)\n/).and.to.match(/unsupported:paying:raw:twilio\n[^(]*\(`twilio` can: `--service`\)\n/);
    expect([served.code, served.stdout]).to.deep.equal([2, '']);
    expect(served.stderr).to.contain('; `twilio` and `azure` can: `--service` (ERR_CAPABILITY_MISSING)\n');
    for (const saying of ['holding : puts on hold', 'back : takes back from hold', 'ringing : places a call to +15550123', 'paying : asks twilio for Pay', 'paying --> wish : validation-error']) expect(drawn.stdout).to.contain(saying);
  });

  it('takes the service from the environment where the command line names none', async () => {
    const env = (name: string): object => ({ env: { CALLCHART_SERVICE: name } });
    const check = ['check', 'examples/acme', '--json'];
    const serviceOf = ({ stdout }: { readonly stdout: string }): unknown => (JSON.parse(stdout) as { readonly service: string }).service;
    const [set, named, blank, unknown, called, served] = await Promise.all([
      runNext(check, env('azure')), runNext([...check, '--service', 'twilio'], env('azure')), runNext(check, env('')), runNext(check, env('pigeon')),
      runNext(['call', 'test/fixtures/bots/transfers'], env('twilio')), runNext(['serve', 'examples/acme'], env('azure')),
    ]);
    expect([set, named, blank].map(serviceOf)).to.deep.equal(['azure', 'twilio', 'botframework']);
    expect([unknown.code, unknown.stderr]).to.deep.equal([2, 'callchart: CALLCHART_SERVICE: there is no service `pigeon`; `botframework`, `twilio` and `azure` are (ERR_OPTION_INVALID)\n']);
    expect(called.stderr).to.include('Twilio refuses its `transfer`');
    expect(served.stderr).to.include('CALLCHART_AZURE_CONNECTION_STRING');
  });

  it('writes a project, once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-new-'));
    try {
      const { code, stdout } = await run(['new', 'My Bot'], { cwd: folder });
      expect([code, stdout]).to.deep.equal([0, 'wrote a bot, its test and what runs them in My Bot\nnow:\n  cd "My Bot"\n  npm install\n  npm start\n  npm test\n']);
      const project = join(folder, 'My Bot');
      expect((await readdir(project)).sort()).to.deep.equal(['.dockerignore', '.gitignore', '.mocharc.json', 'README.md', 'bot.test.ts', 'bot.ts', 'package.json', 'tsconfig.json']);
      const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { readonly version: string; readonly devDependencies: Record<string, string> };
      const made = JSON.parse(await readFile(join(project, 'package.json'), 'utf8')) as { readonly name: string; readonly dependencies: object; readonly devDependencies: Record<string, string> };
      expect(made.name).to.equal('my-bot');
      expect(made.dependencies).to.deep.equal({ callchart: `^${own.version}`, xstate: own.devDependencies['xstate'] });
      expect(Object.values(made.devDependencies)).to.not.include('*');
      expect(await readFile(join(project, 'bot.ts'), 'utf8')).to.equal(await readFile(join(root, 'examples/acme/bot.ts'), 'utf8'));
      expect(await runNext(['new', 'My Bot'], { cwd: folder })).to.deep.equal({ code: 2, stdout: '', stderr: 'callchart: the folder My Bot is not empty (ERR_OPTION_INVALID)\n' });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
