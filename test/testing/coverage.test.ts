import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { callMachine, hangup, prompt, recognize } from 'callchart';
import { coverage, dial } from 'callchart/testing';
import acme from '../../examples/acme/bot.ts';
import { sumOfTallies, readTally, reportText, type Tally } from '../../src/machines/index.ts';

const root = resolve(import.meta.dirname, '../..');

const shop = callMachine('shop', {
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'Books or maps?', choices: { books: '1', maps: '2' }, attempts: 2, on: { books: 'books', maps: [{ guard: function isOpen() { return true; }, target: 'maps' }, 'bye'], exhausted: 'bye' } }),
    books: prompt('Books.', 'bye'),
    maps: hangup('Maps.'),
    bye: hangup('Goodbye.'),
  },
});

describe('the coverage of a test', () => {
  it('is that of its calls, and says what none of them came by', () => {
    const counted = coverage(shop);
    dial(shop, { coverage: counted }).staysSilent().presses('1').isHungUp();
    dial(shop).presses('2').isHungUp(); // nobody counts this one
    const { calls, kinds, total, missed, states } = counted.report();
    expect(calls).to.equal(1);
    expect(kinds).to.deep.equal({
      state: { met: 3, total: 4, percent: 75 },
      transition: { met: 2, total: 5, percent: 40 },
      outcome: { met: 2, total: 6, percent: 33.3 },
      retry: { met: 1, total: 1, percent: 100 },
    });
    expect(total).to.deep.equal({ met: 8, total: 16, percent: 50 });
    expect(missed.map(({ id }) => id)).to.deep.equal([
      'shop.menu maps 1', 'shop.menu maps 2', 'shop.menu exhausted 1', 'shop.menu: maps', 'shop.menu: exhausted', 'shop.menu: nomatch', 'shop.menu: failed', 'shop.maps',
    ]);
    expect(missed[0]).to.deep.equal({ id: 'shop.menu maps 1', kind: 'transition', machine: 'shop', state: 'menu', name: 'maps', targets: ['maps'], guard: 'isOpen' });
    expect(states.find(({ state }) => state === 'bye')).to.deep.include({ machine: 'shop', entered: 1 });
  });

  it('can be all of it', () => {
    const counted = coverage(acme);
    const rings = () => dial(acme, { coverage: counted });
    rings().presses('1').isHungUp();
    rings().staysSilent().presses('9').presses('2').isHungUp();
    rings().staysSilent().staysSilent().staysSilent().isHungUp();
    rings().promptFails().hangsUp();
    expect(counted.report().missed).to.deep.equal([]);
    expect(counted.report().total.percent).to.equal(100);
  });

  it('is, of the test on the first screen, what the page shows', () => {
    const counted = coverage(acme);
    dial(acme, { coverage: counted }).hears(/Acme/).staysSilent().hears(/Acme/).presses('2').hears(/support/i).isHungUp();
    expect(readFileSync(join(root, 'docs/coverage.md'), 'utf8')).to.contain(`\`\`\`text\n${reportText(counted.report())}\`\`\`\n`);
  });

  it('is not that of another bot, nor of a machine that is no bot', () => {
    expect(() => dial(acme, { coverage: coverage(shop) })).to.throw('another bot').with.property('code', 'ERR_OPTION_INVALID');
    expect(() => coverage({} as never)).to.throw().with.property('code', 'ERR_BOT_INVALID');
  });
});

describe('a process that is asked to count', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'callchart-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs mocha over tests that each dial Acme, as somebody's project has them. */
  const tests = async (count: number, ...options: readonly string[]): Promise<void> => {
    const files = Array.from({ length: count }, (_, index) => join(folder, `${index}.test.mts`));
    for (const [index, file] of files.entries()) {
      writeFileSync(file, `import acme from ${JSON.stringify(join(root, 'examples/acme/bot.ts'))};\nimport { dial } from ${JSON.stringify(join(root, 'src/testing/index.ts'))};\nit('rings', () => { dial(acme).presses('${1 + (index % 2)}').isHungUp(); dial(acme).staysSilent(); });\n`);
    }
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/mocha/bin/mocha.js'), ...options, ...files], { cwd: root, env: { ...process.env, CALLCHART_COVERAGE: join(folder, 'counts') } });
  };

  const counts = (): readonly Tally[] => readdirSync(join(folder, 'counts')).filter((file) => file.endsWith('.tally.json')).map((file) => readTally(readFileSync(join(folder, 'counts', file), 'utf8')));

  it('leaves the counts of all its calls when it ends', async () => {
    await tests(3);
    expect(counts()).to.have.length(1);
    expect(counts()[0]).to.deep.include({ bot: 'acme', calls: 6, askings: { 'acme.menu: asking 2': 3 } });
  });

  it('has left them also where it is killed in the end, as runners do with their workers', async () => {
    const file = join(folder, 'killed.mts');
    writeFileSync(file, `import acme from ${JSON.stringify(join(root, 'examples/acme/bot.ts'))};\nimport { dial } from ${JSON.stringify(join(root, 'src/testing/index.ts'))};\ndial(acme).presses('1').isHungUp();\nsetImmediate(() => setImmediate(() => process.kill(process.pid, 'SIGKILL')));\n`);
    const died = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--conditions=@callchart/source', file], { cwd: root, env: { ...process.env, CALLCHART_COVERAGE: join(folder, 'counts') } }).catch(({ signal }: { readonly signal?: string }) => signal);
    expect(died).to.equal('SIGKILL');
    expect(counts()).to.have.length(1);
    expect(counts()[0]).to.deep.include({ bot: 'acme', calls: 1 });
  });

  it('loses nothing where several count at once', async () => {
    await tests(4, '--parallel', '--jobs', '2');
    expect(counts().length).to.be.greaterThan(1);
    expect(sumOfTallies(acme, counts())).to.deep.include({ calls: 8, askings: { 'acme.menu: asking 2': 4 } });
    expect(sumOfTallies(acme, counts()).states).to.include({ 'acme.menu': 8, 'acme.sales': 2, 'acme.support': 2 });
    expect(readdirSync(join(folder, 'counts')).filter((file) => !file.endsWith('.tally.json'))).to.deep.equal([]);
  });
});
