/** `callchart diff`: last week's calls on two versions of a bot. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { logText } from 'callchart';
import { dial, type Phone } from 'callchart/testing';
import type { AnyStateMachine } from 'xstate';
import { told } from '../machines/log/told.ts';
import { root, type Ran, runNext } from './run.ts';

const bot = (target: string): string => `import { callMachine, hangup, recognize } from 'callchart';
import { bye } from './texts.ts';

export default callMachine('acme', {
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'For sales press 1, for support press 2.', choices: { sales: '1', support: '2' }, on: { sales: '${target}', support: 'support', exhausted: 'bye' } }),
    sales: hangup('Sales will call you back.'),
    support: hangup('Support will call you back.'),
    bye: hangup(bye),
  },
});
`;

const callers: readonly (readonly [name: string, acts: (caller: Phone) => unknown])[] = [
  ['monday', (caller) => caller.presses('1')],
  ['tuesday', (caller) => caller.presses('2')],
  ['wednesday', (caller) => caller.staysSilent().staysSilent().staysSilent()],
  ['thursday', (caller) => caller.staysSilent().presses('1')],
  ['friday', (caller) => caller.hangsUp()],
];

describe('callchart diff', function () {
  this.timeout(60_000);
  let folder = '';
  const at = (...path: readonly string[]): string => join(folder, ...path);
  const version = (name: string, target: string, bye: string): void => {
    mkdirSync(at(name));
    writeFileSync(at(name, 'bot.ts'), bot(target));
    writeFileSync(at(name, 'texts.ts'), `export const bye = '${bye}';\n`);
  };
  const diff = (...args: readonly string[]): Promise<Ran> => runNext(['diff', ...args]);

  before(async () => {
    const below = join(root, '.callchart/diff');
    mkdirSync(below, { recursive: true });
    folder = mkdtempSync(join(below, 'versions-'));
    version('old', 'sales', 'Goodbye.');
    version('new', 'bye', 'So long.');
    const { default: old } = (await import(pathToFileURL(at('old', 'bot.ts')).href)) as { readonly default: AnyStateMachine };
    for (const name of ['calls', 'masked', 'damaged', 'none', 'others']) mkdirSync(at(name));
    for (const [name, acts] of callers) {
      const caller = dial(old);
      acts(caller);
      for (const masked of [false, true]) writeFileSync(at(masked ? 'masked' : 'calls', `${name}.jsonl`), logText(told(old, caller.events, masked)));
    }
    const log = readFileSync(at('calls', 'monday.jsonl'), 'utf8');
    writeFileSync(at('damaged', 'cut.jsonl'), log.slice(0, -20));
    writeFileSync(at('damaged', 'empty.jsonl'), '');
    writeFileSync(at('damaged', 'other.jsonl'), log.replace('"bot":"acme"', '"bot":"watson"'));
    writeFileSync(at('damaged', 'older.jsonl'), log.replace(/"version":"[^"]*"/, '"version":"0"'));
    writeFileSync(at('damaged', 'whole.jsonl'), log);
    writeFileSync(at('others', 'monday.jsonl'), log.replace('Sales will call you back.', 'Sales will ring you back.'));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const calls of ['calls', 'masked']) {
    it(`groups ${calls === 'masked' ? 'masked logs' : 'calls'} by what becomes of them, the most frequent first, each with its script and its logs`, async () => {
      const { code, stdout, stderr } = await diff(at('old'), at('new'), '--calls', at(calls), '--json');
      expect(stderr).equal('');
      expect(code).equal(1);
      const told = JSON.parse(stdout) as { readonly groups: readonly { readonly logs: readonly { readonly log: string }[] }[] } & Readonly<Record<string, unknown>>;
      expect(told).deep.include({ bot: 'acme', ok: false, calls: 5, masked: calls === 'masked' ? 5 : 0, refused: [], verdicts: { 'ends-otherwise': 2, 'hears-otherwise': 1, 'asks-otherwise': 0, 'not-examined': 0, cosmetic: 0, identical: 2 } });
      expect(told.groups.map(({ logs, ...group }) => ({ ...group, logs: logs.map(({ log }) => log) }))).eql([
        { verdict: 'ends-otherwise', was: 'sales', is: 'bye', why: null, count: 2, share: 0.4, script: 'press 1\n', untold: [], logs: [at(calls, 'monday.jsonl'), at(calls, 'thursday.jsonl')] },
        { verdict: 'identical', was: null, is: null, why: null, count: 2, share: 0.4, script: null, untold: [], logs: [at(calls, 'friday.jsonl'), at(calls, 'tuesday.jsonl')] },
        { verdict: 'hears-otherwise', was: 'bye', is: 'bye', why: null, count: 1, share: 0.2, script: 'silence\nsilence\nsilence\n', untold: [], logs: [at(calls, 'wednesday.jsonl')] },
      ]);
    });
  }

  it('tells people how many, what was heard, what is, and how to have it again', async () => {
    const { code, stdout } = await diff(at('old'), at('new'), '--calls', at('calls'));
    expect(code).equal(1);
    expect(stdout).match(/: 5 calls\n +2 +40\.0 % {2}end otherwise\n +1 +20\.0 % {2}hear something else\n +2 +40\.0 % {2}identical\n/);
    expect(stdout).include('2 calls (40.0 %) end otherwise: state `sales`, now `bye`\n  ended: `bot`, in state `sales`\n  ends:  `bot`, in state `bye`\n  heard: Sales will call you back.\n  hears: So long.\n  on the old version, as `callchart call --script` plays it:\n    press 1\n');
    expect(stdout).include('1 call (20.0 %) hear something else: state `bye`\n  heard: Goodbye.\n  hears: So long.\n  on the old version, as `callchart call --script` plays it:\n    silence\n    silence\n    silence\n');
  });

  it('writes a script a group, or of each call, that the old version is called with', async () => {
    const { stderr } = await diff(at('old'), at('new'), '--calls', at('calls'), '--out', at('scripts'));
    expect(stderr).equal(`wrote 2 scripts into ${at('scripts')}\n`);
    expect(readdirSync(at('scripts')).sort()).eql(['1-ends-otherwise.script', '2-hears-otherwise.script']);
    const { code, stdout } = await runNext(['call', at('old'), '--script', at('scripts', '1-ends-otherwise.script')]);
    expect(code).equal(0);
    expect(stdout).include('Sales will call you back.');
    await diff(at('old'), at('new'), '--calls', at('calls'), '--out', at('all'), '--all');
    expect(readdirSync(at('all')).sort()).eql(['1-ends-otherwise-2.script', '1-ends-otherwise.script', '2-hears-otherwise.script']);
  });

  it('finds nothing between a version and itself, and each version has its own files', async () => {
    for (const calls of ['calls', 'masked']) expect((await diff(at('old'), at('old', 'bot.ts'), '--calls', at(calls))).code, calls).equal(0);
  });

  it('lists logs that cannot be used by name and line, and never calls them the same', async () => {
    const { code, stdout } = await diff(at('old'), at('old'), '--calls', at('damaged'));
    expect(code).equal(1);
    const lines = stdout.split('\n').filter((line) => line.includes('ERR_LOG_INVALID'));
    expect(lines.map((line) => line.slice(at('damaged').length + 1))).eql([
      'cut.jsonl:4: the line is cut off (ERR_LOG_INVALID); the call was not examined',
      'empty.jsonl:1: there is nothing in the log (ERR_LOG_INVALID); the call was not examined',
      'older.jsonl:1: the log is of another version of `acme` than 1 (ERR_LOG_INVALID); the call was not examined',
      'other.jsonl:1: the log is of a bot with another name than `acme` (ERR_LOG_INVALID); the call was not examined',
    ]);
    expect(stdout).match(/ 4 +80\.0 % {2}not examined\n +1 +20\.0 % {2}identical\n/);
  });

  it('says of a log which the old version does not replay that nothing was examined', async () => {
    const { code, stdout } = await diff(at('old'), at('old'), '--calls', at('others'));
    expect(code).equal(1);
    expect(stdout).match(/1 call \(100\.0 %\) not examined: the old version does not do what is recorded: /).include(`${at('others', 'monday.jsonl')}:3\n`).not.include('will ring');
  });

  it('cannot do without calls, nor with two bots', async () => {
    const refused = await Promise.all([diff(at('old'), at('new')), diff(at('old'), at('new'), '--calls', at('none')), diff(at('old'), join(root, 'examples/watson'), '--calls', at('calls')), diff(at('old'), at('nowhere'), '--calls', at('calls'))]);
    expect(refused.map(({ code }) => code)).eql([2, 2, 2, 2]);
    expect(refused.map(({ stderr }) => stderr.match(/ERR_\w+/)?.[0])).eql(['ERR_OPTION_INVALID', 'ERR_OPTION_INVALID', 'ERR_OPTION_INVALID', 'ERR_BOT_LOAD']);
  });
});
