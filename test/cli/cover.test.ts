import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import acme from '../../examples/acme/bot.ts';
import { coverageCounter, type StepResult, type Tally } from '../../src/machines/index.ts';
import { ring } from '../machines/line.ts';
import { root, run, runNext } from './run.ts';

/** The steps of a call in which the caller does this. */
const steps = (...keys: readonly string[]): readonly StepResult[] => {
  const line = ring(acme);
  return [line.result(), ...keys.map((key) => (key === '' ? line.silence() : line.keys(key)))];
};

const tallied = (...calls: readonly (readonly StepResult[])[]): Tally => {
  const { count, tally } = coverageCounter(acme);
  for (const result of calls.flat()) count(result);
  return tally();
};

/** The log of a call, as it is written: what the caller keyed is not in it. */
const logOf = (results: readonly StepResult[], head: object = {}): string =>
  [{ log: 1, bot: 'acme', version: '1', masked: true, ...head }, ...results.map(({ snapshot: { revision, call }, moves }, index) => ({
    revision, event: { type: 'service', at: index, events: index === 0 ? [{ type: 'call.incoming', call }] : [{ type: 'recognize.noinput', operationId: 'c1:1:1' }] }, batch: [], moves: moves.map(({ path, event, transitions }) => ({ path, event, transitions })),
  }))].map((line) => `${JSON.stringify(line)}\n`).join('');

describe('callchart cover', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'callchart-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const cover = (...args: readonly string[]) => runNext(['cover', 'examples/acme', ...args]);
  /** The command that runs another, which writes where a process writes. */
  const running = (...args: readonly string[]) => run(['cover', 'examples/acme', ...args]);

  it('says the same of calls by their counts and by their logs, in a folder as by name', async () => {
    const one = steps('', '1');
    const two = steps('9', '2');
    mkdirSync(join(folder, 'counts', 'deep'), { recursive: true });
    put('counts/acme.1.tally.json', JSON.stringify(tallied(one)));
    put('counts/deep/acme.2.tally.json', JSON.stringify(tallied(two)));
    put('counts/readme.json', 'this is nothing of ours');
    const logs = [put('one.jsonl', logOf(one)), put('two.jsonl', logOf(two))];
    const [counted, logged, both] = await Promise.all([cover(join(folder, 'counts')), cover(...logs), cover(join(folder, 'counts'), ...logs, '--json')]);
    expect(counted).to.include({ code: 0, stderr: '' });
    expect(counted.stdout).to.contain('acme: 2 calls, 10 of 15 covered (66.6 %)\n').and.to.contain('  acme.bye: never entered\n');
    expect(logged).to.deep.equal(counted);
    const report = JSON.parse(both.stdout) as { readonly ok: boolean; readonly calls: number; readonly kinds: object; readonly missed: readonly { readonly id: string }[] };
    expect([both.code, report.ok, report.calls]).to.deep.equal([0, true, 4]);
    expect(report.kinds).to.deep.include({ state: { met: 3, total: 4, percent: 75 } });
    expect(report.missed.map(({ id }) => id)).to.deep.equal(['acme.menu exhausted 1', 'acme.menu: exhausted', 'acme.menu: failed', 'acme.menu: asking 3', 'acme.bye']);
  });

  it('ends with 1 where less is covered than has to be, and says of which kind', async () => {
    const file = put('one.jsonl', logOf(steps('', '1')));
    const [below, enough, wrong] = await Promise.all([cover(file, '--min', '40', '--min-state', '50', '--json'), cover(file, '--min-state', '50', '--min-retry', '50'), cover(file, '--min', '101')]);
    expect(below).to.include({ code: 1, stderr: 'callchart: 33.3 % of the transitions are covered, and it should be 40 %\ncallchart: 33.3 % of the outcomes of questions are covered, and it should be 40 %\n' });
    expect(JSON.parse(below.stdout)).to.include({ ok: false });
    expect([enough.code, enough.stderr]).to.deep.equal([0, '']);
    expect(wrong).to.include({ code: 2, stdout: '', stderr: 'callchart: `--min` is a number from 0 to 100: how many of a hundred (ERR_OPTION_INVALID)\n' });
  });

  it('draws the chart with what was covered', async () => {
    const drawn = join(folder, 'acme.svg');
    const { code, stderr } = await cover(put('one.jsonl', logOf(steps('1'))), '--svg', drawn);
    expect([code, stderr]).to.deep.equal([0, `wrote ${drawn}\n`]);
    const svg = readFileSync(drawn, 'utf8');
    expect(svg).to.match(/<g class="state plain leaves met" data-state="sales">/).and.to.match(/<g class="state plain leaves missed" data-state="support">/);
    const refused = await cover(put('two.jsonl', logOf(steps('1'))), '--svg', join(folder, 'nowhere', 'acme.svg'));
    expect([refused.code, refused.stdout, refused.stderr]).to.deep.equal([2, '', `callchart: ${join(folder, 'nowhere', 'acme.svg')} cannot be written (ERR_OPTION_INVALID)\n`]);
  });

  it('never takes nothing for a success, and tells by name what it cannot read', async () => {
    const log = logOf(steps('', '1'));
    mkdirSync(join(folder, 'empty'));
    mkdirSync(join(folder, 'strange'));
    put('strange/zeta.tally.json', JSON.stringify({ ...tallied(), bot: 'zeta' }));
    const cases: readonly (readonly [file: string | undefined, says: string])[] = [
      [undefined, 'say what is to be read: logs of calls, the counts of tests or a folder of them; or `-- npm test`, which is run and counted (ERR_OPTION_INVALID)'],
      [join(folder, 'absent'), `there is no file or folder ${join(folder, 'absent')} (ERR_OPTION_INVALID)`],
      [join(folder, 'empty'), `${join(folder, 'empty')}: there is no log of a call and no count of calls in the folder (ERR_OPTION_INVALID)`],
      [put('none.tally.json', JSON.stringify(tallied())), 'no call of `acme` was counted (ERR_OPTION_INVALID)'],
      [put('zeta.jsonl', logOf(steps('1'), { bot: 'zeta' })), `${join(folder, 'zeta.jsonl')}: it is of the bot \`zeta\`, and this is \`acme\` (ERR_TALLY_OTHER)`],
      [put('older.jsonl', logOf(steps('1'), { version: '0' })), `${join(folder, 'older.jsonl')}: it is of the version \`0\` of the bot, and this is \`1\` (ERR_TALLY_OTHER)`],
      [put('cut.tally.json', JSON.stringify(tallied()).slice(0, -9)), `${join(folder, 'cut.tally.json')}: it is no JSON (ERR_TALLY_DAMAGED)`],
      [put('other.tally.json', '{"calls":1}'), `${join(folder, 'other.tally.json')}: it is no tally of calls (ERR_TALLY_DAMAGED)`],
      [put('bent.jsonl', log.replace('acme.menu recognize.noinput 1', 'acme.lobby recognize.noinput 1')), `${join(folder, 'bent.jsonl')}:3: the bot has no transition \`acme.lobby recognize.noinput 1\` (ERR_TALLY_OTHER)`],
    ];
    const ran = await Promise.all(cases.map(([file]) => cover(...(file === undefined ? [] : [file]))));
    expect(ran.map(({ code, stdout, stderr }) => [code, stdout, stderr])).to.deep.equal(cases.map(([, says]) => [2, '', `callchart: ${says}\n`]));
    const [strange, gap, cut] = await Promise.all([cover(join(folder, 'strange')), cover(put('gap.jsonl', log.split('\n').filter((_, index) => index !== 2).join('\n'))), cover(put('cut.jsonl', log.slice(0, -20)))]);
    expect([strange.code, strange.stderr]).to.deep.equal([2, `left out: ${join(folder, 'strange', 'zeta.tally.json')}: it is of the bot \`zeta\`, and this is \`acme\`\ncallchart: ${join(folder, 'strange')}: there is nothing of this bot, \`acme\`, in the folder (ERR_OPTION_INVALID)\n`]);
    expect([gap.code, gap.stdout]).to.deep.equal([2, '']);
    expect(gap.stderr).to.match(/^callchart: \S+gap\.jsonl:3: .*missing.* \(ERR_LOG_INVALID\)\n$/);
    expect([cut.code, cut.stderr.replace(folder, '')]).to.deep.equal([2, 'callchart: /cut.jsonl:4: the line is cut off (ERR_LOG_INVALID)\n']);
  });

  it('leaves out of a folder what is of another bot, and says so', async () => {
    put('acme.tally.json', JSON.stringify(tallied(steps('1'))));
    put('zeta.tally.json', JSON.stringify({ ...tallied(), bot: 'zeta' }));
    const { code, stdout, stderr } = await cover(folder);
    expect([code, stderr]).to.deep.equal([0, `left out: ${join(folder, 'zeta.tally.json')}: it is of the bot \`zeta\`, and this is \`acme\`\n`]);
    expect(stdout).to.contain('acme: 1 call, ');
  });

  describe('with a command', () => {
    const tests = (text: string): readonly string[] => {
      const file = put('acme.test.mts', `import acme from ${JSON.stringify(join(root, 'examples/acme/bot.ts'))};\nimport { dial } from ${JSON.stringify(join(root, 'src/testing/index.ts'))};\nit('rings', () => { ${text} });\n`);
      return ['--', process.execPath, join(root, 'node_modules/mocha/bin/mocha.js'), '--config', join(root, '.mocharc.json'), file];
    };

    it('runs it and says what its calls have covered, and leaves nothing behind', async () => {
      const before = readdirSync(tmpdir()).filter((name) => name.startsWith('callchart-cover-'));
      const { code, stdout, stderr } = await running('--json', ...tests("dial(acme).presses('1').isHungUp(); dial(acme).staysSilent().presses('2').isHungUp();"));
      expect([code, (JSON.parse(stdout) as { readonly calls: number }).calls]).to.deep.equal([0, 2]); // what the command wrote is not in it
      expect(stderr).to.contain('1 passing');
      expect(readdirSync(tmpdir()).filter((name) => name.startsWith('callchart-cover-'))).to.deep.equal(before);
    });

    it('ends with 1 where the command fails, and reports all the same', async () => {
      const { code, stdout, stderr } = await running(...tests("dial(acme).presses('1').hears('Never said');"));
      expect(code).to.equal(1);
      expect(stdout).to.contain('acme: 1 call, ');
      expect(stderr).to.match(/ended with 1\n$/);
    });

    it('hands on what stands behind `--` to the letter: options, numbers, and another `--`', async () => {
      const args = ['--import=tsx', 'own.test.ts', '-x', '--a=b', '--c', '0042', '+4722334455', '-', '', '--', '--d=e', '--help'];
      const { stderr } = await running('--', process.execPath, '-e', 'console.error(JSON.stringify(process.argv.slice(1)))', '--', ...args);
      expect(JSON.parse(stderr.slice(0, stderr.indexOf('\n')))).to.deep.equal(args);
    });

    it('ends with 1 where the command fails, whatever it has rung', async () => {
      const [silent, alone] = await Promise.all([running('--', process.execPath, '-e', 'process.exitCode = 3'), running('--json', '--', process.execPath, '-e', 'process.exitCode = 3')]);
      expect([silent.code, silent.stdout, silent.stderr]).to.deep.equal([1, '', `callchart: \`${process.execPath} -e process.exitCode = 3\` ended with 3\n`]);
      expect([alone.code, alone.stdout]).to.deep.equal([1, '']);
      const other = await run(['cover', 'examples/states', ...tests("dial(acme).presses('1').hears('Never said');")]);
      expect([other.code, other.stdout]).to.deep.equal([1, '']);
      expect(other.stderr).to.contain('nothing of this bot, `states`,').and.to.match(/ended with 1\n$/);
    });

    it('ends with 2 where nothing was rung, or another bot, or the command cannot be run', async () => {
      const [silent, absent] = await Promise.all([running('--', process.execPath, '-e', '0'), running('--', join(folder, 'no-such-program'))]);
      expect([silent.code, silent.stdout, silent.stderr]).to.deep.equal([2, '', `callchart: \`${process.execPath} -e 0\` has rung no bot (ERR_OPTION_INVALID)\n`]);
      expect([absent.code, absent.stderr]).to.deep.equal([2, `callchart: \`${join(folder, 'no-such-program')}\` cannot be run (ERR_OPTION_INVALID)\n`]);
      const other = await run(['cover', 'examples/states', ...tests("dial(acme).presses('1');")]);
      expect([other.code, other.stdout]).to.deep.equal([2, '']);
      expect(other.stderr).to.contain('nothing of this bot, `states`,');
    });
  });
});
