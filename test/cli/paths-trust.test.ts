/** `callchart paths`: what its files may be trusted with, and what they are not written over. */
import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, runNext } from './run.ts';

describe('what the command paths leaves behind', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    await mkdir(join(root, 'test-results'), { recursive: true });
    folder = await mkdtemp(join(root, 'test-results', 'trust-')); // in the project, where `callchart` is found
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const bot = async (source: string): Promise<string> => {
    const file = join(folder, 'bot.ts');
    await writeFile(file, source);
    return file;
  };

  it('is told not to be trusted where the bot reads the clock in a guard, with the state and the place', async () => {
    await bot(`import { callMachine, hangup, recognize } from 'callchart';
export default callMachine('night', { initial: 'menu', states: {
  menu: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { exhausted: 'bye', one: [
    { guard: () => new Date().getHours() < 24, target: 'open' },
    { target: 'bye' }] } }),
  open: hangup('We are open.'), bye: hangup('Goodbye.'),
} });
`);
    const { code, stderr } = await runNext(['paths', folder, '--format', 'test']);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^test-results\/trust-\w+\/bot\.ts: state `menu`, on `night\.menu recognize\.choice\.one 1`: the bot reads `new Date\(\)` at test-results\/trust-\w+\/bot\.ts:4, so that these calls may go another way at another time: /m);
    expect(stderr).not.to.contain('a mistake of callchart');
  });

  it('are scripts that wait for timers, and say nothing where something is asked', async () => {
    await bot(`import { callMachine, hangup, recognize } from 'callchart';
export default callMachine('timed', { initial: 'resting', states: {
  resting: { after: { 20000: 'menu' } },
  menu: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }),
  bye: hangup('Goodbye.'),
} });
`);
    const out = join(folder, 'scripts');
    const { code } = await runNext(['paths', folder, '--format', 'script', '--out', out]);
    expect(code).to.equal(0);
    const names = await readdir(out);
    const texts = await Promise.all(names.map((name) => readFile(join(out, name), 'utf8')));
    expect(texts.map((text) => text.split('\n')[1])).to.deep.equal(texts.map(() => 'wait 20'));
    expect(texts.some((text) => text.includes('\nsilence\nsilence\n'))).to.equal(true);
    const played = await Promise.all(names.map((name) => runNext(['call', folder, '--service', 'twilio', '--script', join(out, name)])));
    expect(played.map(({ code: ended, stderr }) => [ended, stderr])).to.deep.equal(names.map(() => [0, '']));
  });

  it('is never the bot itself, by whatever name it is called', async () => {
    const source = "import { callMachine, hangup } from 'callchart';\nexport default callMachine('short', { initial: 'bye', states: { bye: hangup('Goodbye.') } });\n";
    const file = await bot(source);
    const alias = join(folder, 'alias.ts');
    await symlink(file, alias);
    const commands = [['paths', folder, '--format', 'test', '--out', file], ['paths', folder, '--out', alias], ['draw', folder, '--out', file], ['call', folder, '--log', alias]];
    for (const command of commands) {
      const { code, stderr } = await runNext(command);
      expect([command[0], code, stderr]).to.deep.equal([command[0], 2, `callchart: ${command.at(-1) ?? ''} is the bot itself, and is not written over (ERR_OPTION_INVALID)\n`]);
      expect(await readFile(file, 'utf8')).to.equal(source);
    }
  });

  it('lies beside what an earlier run has left, which stays and is named', async () => {
    const out = join(folder, 'scripts');
    const first = await runNext(['paths', 'examples/acme', '--format', 'script', '--out', out]);
    expect(first.stderr).to.equal(`wrote 3 files into ${out}\n`);
    await writeFile(join(out, 'of-old.txt'), 'press 1\n');
    const again = await runNext(['paths', 'examples/acme', '--format', 'script', '--out', out]);
    expect([again.code, again.stderr]).to.deep.equal([0, `wrote 3 files into ${out}\n${out}: 1 file there is not of this run: of-old.txt\n`]);
    expect(await readFile(join(out, 'of-old.txt'), 'utf8')).to.equal('press 1\n');
  });
});
