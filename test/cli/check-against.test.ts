/** `callchart check --against`: what happens to calls in flight when a bot is served anew, for people and for programs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { type Command, type Ran, root, runMany } from './run.ts';

const shop = (version: string, choice: string, more = ''): string => `import { callMachine, hangup, recognize } from 'callchart';
export default callMachine('shop', {
  version: '${version}', initial: 'menu',
  states: {
    menu: recognize({ prompt: 'To order press 1.', choices: { order: '1' }, on: { order: 'size', exhausted: 'bye' } }),
    size: recognize({ prompt: 'For large press 1.', choices: { ${choice}: '1' }, on: { ${choice}: 'bye', exhausted: 'bye' } }),
    ${more}bye: hangup('Goodbye.'),
  },
});
`;

const files = {
  one: shop('1', 'large'), same: shop('1', 'large'), worded: shop('2', 'large').replace('To order', 'To buy'), two: shop('2', 'big'), unnamed: shop('1', 'big'), endless: shop('2', 'large').replace("exhausted: 'bye' } }),\n    size", "noinput: 'menu', exhausted: 'bye' } }),\n    size"),
  office: shop('1', 'large').replace("'shop'", "'office'"),
};

describe('callchart check --against', function () {
  this.timeout(120_000);
  let folder = '';
  const ran = new Map<string, Ran>();
  const at = (name: string): string => relative(root, join(folder, `${name}.ts`));

  before(async () => {
    mkdirSync(join(root, '.callchart'), { recursive: true });
    folder = mkdtempSync(join(root, '.callchart/versions-'));
    for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, `${name}.ts`), source);
    const command = (name: string, options: object = {}): Command => ({ command: 'check', bot: at(name), options: { against: at('one'), ...options } });
    const commands: Readonly<Record<string, Command>> = {
      same: command('same'), worded: command('worded'), two: command('two'), json: command('two', { json: true }), allowed: command('two', { allowPinned: true }), unnamed: command('unnamed', { allowPinned: true }),
      endless: command('endless', { allowPinned: true }), office: command('office'), absent: command('two', { against: at('nowhere') }), flow: command('two', { against: 'flow.json' }), service: command('two', { service: 'twilio' }),
      alone: { command: 'check', bot: at('two'), options: { allowPinned: true } },
    };
    const all = await runMany(Object.values(commands));
    Object.keys(commands).forEach((name, index) => ran.set(name, all[index] as Ran));
  });
  after(() => rmSync(folder, { recursive: true }));

  const of = (name: string): Ran => ran.get(name) as Ran;

  it('says that calls go on in every state where only a prompt is another', () => {
    for (const name of ['same', 'worded']) {
      const { code, stdout, stderr } = of(name);
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.match(/^shop: calls of version 1 can go on with version [12] in 3 of 3 states\n/).and.to.contain('\n  continues  menu\n').and.to.contain('\n  continues  size\n').and.to.contain('\n  continues  bye\n').and.not.to.contain('pinned ');
    }
  });

  it('names the state in which they are pinned, why, and a caller who comes there', () => {
    const { code, stdout, stderr } = of('two');
    expect([code, stderr]).to.deep.equal([1, '']);
    expect(stdout).to.contain('\n  continues  menu\n  pinned     size  after `recognize.choice.large`: nothing leads on from there\n               press 1\n  continues  bye\n');
  });

  it('prints the same as one JSON object', () => {
    const { code, stdout } = of('json');
    const printed = JSON.parse(stdout) as { readonly ok: boolean; readonly states: readonly { readonly state: string; readonly verdict: string; readonly script: string; readonly confirmed: boolean; readonly obstacles: readonly { readonly cause: string }[] }[] };
    expect([code, printed.ok]).to.deep.equal([1, false]);
    expect(printed).to.deep.include({ bot: 'shop', versions: { old: '1', new: '2' }, ambiguous: false, complete: true, certified: true, lacking: [] });
    expect(printed.states.map(({ state, verdict, confirmed }) => [state, verdict, confirmed])).to.deep.equal([['menu', 'continues', true], ['size', 'pinned', true], ['bye', 'continues', true]]);
    expect(printed.states[1]).to.deep.include({ script: 'press 1\n' }).and.to.have.nested.property('obstacles[0].cause', 'unheeded');
  });

  it('lets pinned calls be no failure where that is asked for, but not two versions of one name, nor what nobody knows', () => {
    expect(['allowed', 'unnamed', 'endless'].map((name) => of(name).code)).to.deep.equal([0, 1, 1]);
    expect(of('unnamed').stdout).to.contain('both versions are called 1 and are not the same');
    expect(of('endless').stdout).to.contain('it is not known whether every call of version 2 ends');
  });

  it('refuses another bot, one that is not there, a flow, and options that say nothing', () => {
    const refused = ['office', 'absent', 'flow', 'service', 'alone'].map((name) => of(name));
    expect(refused.map(({ code, stdout }) => [code, stdout])).to.deep.equal(refused.map(() => [2, '']));
    const [office, absent, ...others] = refused.map(({ stderr }) => stderr);
    expect(office).to.contain('the old bot is called `shop` and the new one `office`').and.to.contain('ERR_BOT_INVALID');
    expect(absent).to.contain('ERR_BOT_LOAD');
    for (const one of others) expect(one).to.contain('ERR_OPTION_INVALID');
  });
});
