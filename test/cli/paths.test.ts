/** `callchart paths`: what is written of a bot's calls, and that it holds. */
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import { sentence } from '../../src/cli/failure.ts';
import { paths } from '../../src/cli/paths.ts';
import { generateCalls, type GeneratedCalls, pointsOf } from '../../src/machines/index.ts';
import { rehearse, type Rehearsal } from '../../src/testing/paths/rehearsal.ts';
import { testFile } from '../../src/testing/paths/test-file.ts';
import { root, runNext } from './run.ts';

const examples = readdirSync(join(root, 'examples')).filter((name) => existsSync(join(root, 'examples', name, 'bot.ts')));

const botOf = async (name: string): Promise<AnyStateMachine> => ((await import(pathToFileURL(join(root, 'examples', name, 'bot.ts')).href)) as { readonly default: AnyStateMachine }).default;

describe('the calls of an example', function () {
  this.timeout(300_000);
  const made: { readonly name: string; readonly bot: AnyStateMachine; readonly generated: GeneratedCalls; readonly calls: readonly Rehearsal[] }[] = [];

  before(async () => {
    for (const name of examples) {
      const bot = await botOf(name);
      const generated = generateCalls(bot);
      made.push({ name, bot, generated, calls: generated.calls.map((call) => rehearse(bot, call)) });
    }
  });

  it('come true with the scripted caller, meet what they say, and leave out what is listed and nothing else', () => {
    expect(made).to.have.lengthOf(examples.length);
    for (const { name, bot, generated: { missed, fewest }, calls } of made) {
      for (const { call, difference, met } of calls) expect([name, call.title, difference, call.covers.filter((id) => !met.has(id))]).to.deep.equal([name, call.title, null, []]);
      const met = new Set(calls.flatMap((one) => [...one.met]));
      expect([name, pointsOf(bot).map(({ id }) => id).filter((id) => !met.has(id)).sort()]).to.deep.equal([name, missed.map(({ id }) => id).sort()]);
      expect(fewest, name).to.be.at.most(calls.length);
    }
  });

  it('are tests that compile and pass', async () => {
    await mkdir(join(root, 'test-results'), { recursive: true });
    const folder = await mkdtemp(join(root, 'test-results', 'paths-')); // in the project, where `callchart` is found
    try {
      const files = [];
      for (const { name, bot, calls } of made) {
        const file = join(folder, `${name}.test.ts`);
        await writeFile(file, testFile(bot, calls, { imports: { bot: relative(folder, join(root, 'examples', name, 'bot.ts')) } }));
        files.push({ file, calls: calls.length });
      }
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }));
      const execute = promisify(execFile);
      const node = (script: string, ...args: readonly string[]): Promise<string> => execute(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root, maxBuffer: 1e8 }).then(({ stdout }) => stdout, (error: { readonly stdout: string; readonly stderr: string }) => `${error.stdout}${error.stderr}`);
      const [compiled, passed] = await Promise.all([node('typescript/bin/tsc', '-p', folder, '--noEmit'), node('mocha/bin/mocha.js', '--reporter', 'json', ...files.map(({ file }) => file))]);
      expect(compiled).to.equal('');
      const { stats, failures } = JSON.parse(passed) as { readonly stats: { readonly passes: number; readonly failures: number }; readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly message: string } }[] };
      expect(failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message}`)).to.deep.equal([]);
      expect(stats.passes).to.equal(files.reduce((sum, { calls }) => sum + calls, 0));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('the command paths', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callchart-paths-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lists the calls for people, with what each is the first to meet', async () => {
    const { code, stdout, stderr } = await runNext(['paths', 'examples/acme']);
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/^acme: 3 calls cover 15 of 15 points; fewer cannot\n1\. menu: /);
    expect(stdout).to.match(/\n {3}press 1\n/).and.match(/\n {3}first to meet: .*acme\.sales/);
  });

  it('writes tests beside the bot, JSON, a sheet, and a folder of conversations or scripts', async () => {
    const [test, json, sheet, botium, script] = await Promise.all([
      runNext(['paths', 'examples/acme', '--format', 'test', '--runner', 'node:test']),
      runNext(['paths', 'examples/acme', '--format', 'json']),
      runNext(['paths', 'examples/acme', '--format', 'text', '--out', join(folder, 'sheet.txt')]),
      runNext(['paths', 'examples/acme', '--format', 'botium', '--out', join(folder, 'convos')]),
      runNext(['paths', 'examples/acme', '--format', 'script', '--out', join(folder, 'scripts')]),
    ]);
    expect([test, json, sheet, botium, script].map(({ code }) => code)).to.deep.equal([0, 0, 0, 0, 0]);
    expect(test.stdout).to.match(/^import \{ describe, it \} from 'node:test';$/m).and.match(/^import acme from '\.\/bot\.ts';$/m);
    const { bot, calls, missed, fewest } = JSON.parse(json.stdout) as { readonly bot: string; readonly calls: readonly unknown[]; readonly missed: readonly unknown[]; readonly fewest: number };
    expect([bot, calls.length, missed, fewest]).to.deep.equal(['acme', 3, [], 3]);
    expect(sheet.stderr).to.match(/^wrote .*sheet\.txt\nacme\.menu: failed: not covered from a telephone: [^\n]+\n$/);
    expect(await readFile(join(folder, 'sheet.txt'), 'utf8')).to.match(/^3 calls to the bot acme\n/);
    expect(botium.stderr).to.match(/^wrote 3 files into .*convos\nacme\.menu: failed: not covered from a telephone: [^\n]+\n$/);
    expect((await readdir(join(folder, 'convos'))).every((name) => name.endsWith('.convo.txt'))).to.equal(true);
    const scripts = await readdir(join(folder, 'scripts'));
    expect(scripts).to.have.lengthOf(3);
    const played = await runNext(['call', 'examples/acme', '--script', join(folder, 'scripts', scripts[0] ?? '')]);
    expect([played.code, played.stderr]).to.deep.equal([0, '']);
  });

  it('tells what is missed and why, which is an error where all is to be covered', async () => {
    await mkdir(join(root, 'test-results'), { recursive: true });
    const moon = await mkdtemp(join(root, 'test-results', 'moon-')); // in the project, where `callchart` is found
    try {
      await writeFile(join(moon, 'bot.ts'), `
        import { callMachine, hangup, recognize } from 'callchart';
        const isFullMoon = (): boolean => false;
        export default callMachine('moon', { initial: 'menu', states: {
          menu: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { one: [{ guard: isFullMoon, target: 'howl' }, { target: 'bye' }], exhausted: 'bye' } }),
          howl: hangup('Howl.'), bye: hangup('Goodbye.'),
        } });
      `);
      const [told, refused] = await Promise.all([runNext(['paths', moon]), runNext(['paths', moon, '--complete'])]);
      expect([told.code, refused.code]).to.deep.equal([0, 1]);
      expect(told.stderr).to.match(/^moon\.menu one 1: not covered: .*isFullMoon/m).and.match(/^moon\.howl: not covered: /m);
      expect(refused.stderr).to.equal(told.stderr);
    } finally {
      await rm(moon, { recursive: true, force: true });
    }
  });

  it('keeps to the acts that a call may have, and to the limits of a service', async () => {
    const json = await runNext(['paths', 'examples/acme', '--format', 'json', '--most-acts', '1', '--service', 'twilio']);
    const { calls, missed } = JSON.parse(json.stdout) as { readonly calls: readonly { readonly script: readonly unknown[] }[]; readonly missed: readonly { readonly id: string; readonly why: string }[] };
    expect(calls.every(({ script }) => script.length <= 1)).to.equal(true);
    expect(missed.map(({ id }) => id)).to.include('acme.menu: asking 3');
    expect(json.code).to.equal(0);
  });

  it('tells of calls that go another way by the limits of a service, and refuses a bot that the service cannot carry', async () => {
    await mkdir(join(root, 'test-results'), { recursive: true });
    const spoken = await mkdtemp(join(root, 'test-results', 'spoken-'));
    try {
      await writeFile(join(spoken, 'bot.ts'), `
        import { callMachine, hangup, recognize } from 'callchart';
        const keys = [...'0123456789*#'].map((key, index) => ['key' + index, key]);
        export default callMachine('spoken', { initial: 'menu', states: {
          menu: recognize({ prompt: 'Press any key.', choices: Object.fromEntries(keys), on: { ...Object.fromEntries(keys.map(([name]) => [name, 'bye'])), nomatch: 'lost', exhausted: 'bye' } } as never),
          lost: hangup('Pardon?'), bye: hangup('Goodbye.'),
        } });
      `);
      const [anywhere, limited, refused] = await Promise.all([runNext(['paths', spoken, '--complete']), runNext(['paths', spoken, '--service', 'botframework']), runNext(['paths', 'test/fixtures/bots/transfers', '--service', 'botframework'])]);
      expect([anywhere.code, anywhere.stderr]).to.deep.equal([0, '']);
      expect([limited.code, / cover \d+ of \d+ points$/.test(limited.stdout.split('\n')[0] ?? '')]).to.deep.equal([0, true]);
      expect(limited.stderr).to.contain('goes another way on the service: ').and.contain('spoken.lost: not covered: the call that was to meet it goes another way\n');
      expect([refused.code, refused.stdout]).to.deep.equal([2, '']);
      expect(refused.stderr).to.match(/cannot do `transfer`.*ERR_CAPABILITY_MISSING/);
    } finally {
      await rm(spoken, { recursive: true, force: true });
    }
  });

  it('refuses what it cannot make sense of', async () => {
    const told = (options: Parameters<typeof paths>[1], bot = 'examples/acme'): Promise<unknown> => paths(bot, options).catch(sentence);
    expect(await told({ format: 'dot' })).to.equal('`--format` is test, botium, text, json or script (ERR_OPTION_INVALID)');
    expect(await told({ format: 'botium' })).to.equal('the format botium is a file a call: `--out <folder>` says where (ERR_OPTION_INVALID)');
    expect(await told({ runner: 'vitest' })).to.equal('`--runner` is of the format test (ERR_OPTION_INVALID)');
    expect(await told({ mostActs: '0' })).to.equal('`--most-acts` is a number of acts, from 1 (ERR_OPTION_INVALID)');
    expect(await told({ service: 'vonage' })).to.match(/not in this version/);
    expect(await told({}, 'examples/nothing')).to.match(/ERR_BOT_LOAD/);
    const [file, files] = await Promise.all([runNext(['paths', 'examples/acme', '--out', join(folder, 'no', 'such')]), runNext(['paths', 'examples/acme', '--format', 'script', '--out', join(root, 'package.json')])]);
    expect([file.code, file.stderr]).to.deep.equal([2, `callchart: ${join(folder, 'no', 'such')} cannot be written (ERR_OPTION_INVALID)\n`]);
    expect([files.code, files.stderr]).to.deep.equal([2, `callchart: the folder ${join(root, 'package.json')} cannot be written (ERR_OPTION_INVALID)\n`]);
  });
});
