/** `callchart replay`: recorded calls are had again; the first difference is named by its line, and what was not examined is no success. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { root, run, runFile, runNext } from './run.ts';

interface Told {
  readonly ok: boolean;
  readonly logs: readonly { readonly log: string; readonly ok: boolean; readonly outcome: string; readonly compared?: string; readonly line?: number; readonly reason?: string; readonly readings?: readonly object[] }[];
}

describe('callchart replay', function () {
  this.timeout(60_000);
  let folder: string;
  const file = (name: string): string => join(folder, name);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callchart-replay-'));
    const calls = await Promise.all([
      runNext(['call', 'examples/acme', '--keys', '2', '--log', file('a-way.jsonl'), '--json']),
      runNext(['call', 'examples/acme', '--keys', '9,1', '--log', file('bytes.jsonl'), '--unmasked', '--json', '--from', '+4799887766']),
      runNext(['call', 'test/fixtures/bots/clock', '--keys', '1', '--service', 'twilio', '--log', file('clock.jsonl'), '--json']),
    ]);
    expect(calls.map(({ code }) => code), calls.map(({ stderr }) => stderr).join('')).to.deep.equal([0, 0, 0]);
  });
  after(() => rm(folder, { recursive: true }));

  it('says of each log what it did: the bytes, or of a masked one the way', async () => {
    const [masked, bytes, both] = await Promise.all([runNext(['replay', 'examples/acme', file('a-way.jsonl')]), runNext(['replay', 'examples/acme', file('bytes.jsonl')]), runNext(['replay', 'examples/acme', file('a-way.jsonl'), file('bytes.jsonl'), '--json'])]);
    expect([masked.code, bytes.code, both.code], masked.stderr).to.deep.equal([0, 0, 0]);
    expect(masked.stdout).to.equal(`${file('a-way.jsonl')}: 3 steps, the way of it and what everybody hears; the log is masked, and bytes were not compared; ended by \`bot\`\n`);
    expect(bytes.stdout).to.equal(`${file('bytes.jsonl')}: 4 steps, byte for byte; ended by \`bot\`\n`);
    const told = JSON.parse(both.stdout) as Told;
    expect(told.logs.map(({ ok, outcome, compared }) => [ok, outcome, compared])).to.deep.equal([[true, 'same', 'way'], [true, 'same', 'bytes']]);
    expect(await readFile(file('a-way.jsonl'), 'utf8')).to.not.contain('callchart.caller');
    expect(await readFile(file('bytes.jsonl'), 'utf8')).to.contain('+4799887766');
  });

  it('takes a folder, names each log that fails by its first bad line, and counts them', async () => {
    await writeFile(file('cut.jsonl'), (await readFile(file('bytes.jsonl'), 'utf8')).slice(0, -30));
    const { code, stdout } = await runNext(['replay', 'examples/acme', folder]);
    expect(code).to.equal(1);
    expect(stdout.split('\n')).to.deep.equal([
      `${file('a-way.jsonl')}: 3 steps, the way of it and what everybody hears; the log is masked, and bytes were not compared; ended by \`bot\``,
      `${file('bytes.jsonl')}: 4 steps, byte for byte; ended by \`bot\``,
      `${file('clock.jsonl')}:1: the log is of a bot with another name than \`acme\` (ERR_LOG_INVALID); nothing was replayed`,
      `${file('cut.jsonl')}:5: the line is cut off (ERR_LOG_INVALID); nothing was replayed`,
      '4 logs: 2 the same, 0 different, 2 not examined', '',
    ]);
    await rm(file('cut.jsonl'));
  });

  it('names the first difference by line, state and place, and shows what was said only when asked to', async () => {
    await writeFile(file('other.jsonl'), (await readFile(file('bytes.jsonl'), 'utf8')).replace('Sales will call you back.', 'Sales will not.'));
    const [quiet, open] = await Promise.all([runNext(['replay', 'examples/acme', file('other.jsonl')]), runNext(['replay', 'examples/acme', file('other.jsonl'), '--values'])]);
    expect([quiet.code, open.code]).to.deep.equal([1, 1]);
    expect(quiet.stdout).to.equal(`${file('other.jsonl')}:4: state \`menu\`: action 1 of the batch, \`play\` of state \`sales\`, is another in \`params.prompts.0.text\` (2 steps before it the same)\n`);
    expect(open.stdout).to.match(/\n {2}recorded: .*Sales will not\..*\n {2}replayed: .*Sales will call you back\./);
    await rm(file('other.jsonl'));
  });

  it('is no success for a log that ends before its call does', async () => {
    await writeFile(file('short.jsonl'), `${(await readFile(file('bytes.jsonl'), 'utf8')).split('\n').slice(0, 3).join('\n')}\n`);
    const { code, stdout } = await runNext(['replay', 'examples/acme', file('short.jsonl')]);
    expect([code, stdout]).to.deep.equal([1, `${file('short.jsonl')}:3: state \`menu\`: the log ends here, and the call does not: what came after it is not in the log (2 steps before it the same)\n`]);
    await rm(file('short.jsonl'));
  });

  it('tells what the bot reads of the clock by itself, with state, transition and line of code, and that is no success', async () => {
    const { code, stdout } = await run(['replay', 'test/fixtures/bots/clock', file('clock.jsonl'), '--json']);
    const { ok, logs } = JSON.parse(stdout) as Told;
    expect([code, ok]).to.deep.equal([1, false]);
    expect(logs[0]?.outcome).to.equal('same');
    expect(logs[0]?.readings).to.deep.equal([{ line: 3, state: 'ask', transitions: ['clock.ask recognize.choice.guard 1'], what: 'Date.now', place: 'test/fixtures/bots/clock/bot.ts:19' }]);
    expect((await run(['replay', 'test/fixtures/bots/clock', file('clock.jsonl')])).stdout).to.contain(`${file('clock.jsonl')}:3: state \`ask\`, on \`clock.ask recognize.choice.guard 1\`: the bot reads \`Date.now\` at test/fixtures/bots/clock/bot.ts:19, which is not in the log`);
  });

  it('writes the replay of a log as a test, which runs', async () => {
    const test = join(root, '.callchart', `replayed-${process.pid}.test.ts`);
    await mkdir(join(root, '.callchart'), { recursive: true });
    try {
      expect((await runNext(['replay', 'examples/acme', file('bytes.jsonl'), '--test', test])).code).to.equal(0);
      const written = await readFile(test, 'utf8');
      expect(written).to.contain("import bot from '../examples/acme/bot.ts';").and.to.contain('replays(bot, log);');
      const ran = await runFile(join(root, 'node_modules/mocha/bin/mocha.js'), ['--no-config', test]);
      expect([ran.code, /1 passing/.test(ran.stdout)], ran.stdout + ran.stderr).to.deep.equal([0, true]);
    } finally {
      await rm(test, { force: true });
    }
  });

  it('cannot be understood without logs, with two of them for one test, or with a bot that is none', async () => {
    const all = await Promise.all([['replay', 'examples/acme'], ['replay', 'examples/acme', file('none.jsonl')], ['replay', 'examples/acme', folder, '--test', 'x.test.ts'], ['replay', 'nothing', file('bytes.jsonl')], ['call', 'examples/acme', '--unmasked'], ['call', '--url', 'http://127.0.0.1:1', '--log', 'x'], ['call', 'examples/acme', '--log', '/nowhere/x']].map((args) => runNext(args)));
    expect(all.map(({ code }) => code)).to.deep.equal([2, 2, 2, 2, 2, 2, 2]);
    expect(all.map(({ stderr }) => stderr).join('')).to.match(/which logs[^]*no file or folder[^]*for one log[^]*nothing[^]*goes with `--log`[^]*CALLCHART_CALL_LOGS[^]*cannot be written/);
  });
});
