/** `callchart dev` while a bot is written: what the check and the compiler find of it comes to the page, with file and line, and goes when it is mended. */
import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ExaminedShown, Told } from '../../src/page/protocol.ts';
import { type DevPage, type DevPhone, isOver, startDev } from './dev-page.ts';
import { writtenBot, writtenProject } from './written-bot.ts';
import { root } from './run.ts';

describe('callchart dev examines the bot', function () {
  this.timeout(200_000);
  let folder: string;
  let given: string;
  let phone: DevPhone;
  let page: DevPage;

  /** Compilers and loaders take their time, where others want the machine as well. */
  const patienceMs = 90_000;
  const loops = "choices: { one: '1' }, on: { one: 'bye', noinput: 'menu', exhausted: 'bye' }";
  const save = (more: Parameters<typeof writtenBot>[0] = {}): Promise<void> => writeFile(join(folder, 'bot.ts'), writtenBot(more));
  const isDone = ({ check, types }: ExaminedShown): boolean => check.is !== 'running' && types.is !== 'running';
  const isByCompiler = ({ remarks }: ExaminedShown): boolean => remarks.some(({ from }) => from === 'compiler');
  const examined = async (holds: (now: ExaminedShown) => boolean = isDone): Promise<ExaminedShown> => (await page.hears('examined', ({ examined: now }) => holds(now), patienceMs)).examined;
  const ready = async (): Promise<void> => void (await page.hears('bot', ({ bot }) => bot.state === 'ready', patienceMs));
  const place = (line: number): object => ({ file: relative(root, join(folder, 'bot.ts')), line });

  before(async () => {
    await mkdir(join(root, 'test-results'), { recursive: true });
    folder = await mkdtemp(join(root, 'test-results/examined-'));
    await writeFile(join(folder, 'tsconfig.json'), writtenProject);
    await save({ menu: loops, waive: "waive: { 'silent-loop:menu': 'the line hangs up by itself' }," });
    given = join(folder, 'before.tally.json');
    await writeFile(given, JSON.stringify({ tally: 1, bot: 'shop', version: '1', calls: 3, states: { 'shop.bye': 3 }, transitions: {}, askings: {} }));
    phone = await startDev(folder, { checks: true, given });
    page = await phone.open();
  });
  after(async () => {
    page.close();
    expect(await phone.stop('SIGINT')).to.equal(0);
    await rm(folder, { recursive: true, force: true });
  });

  it('finds nothing in a bot in which nothing is wrong but what the author lets be', async () => {
    const { check, types, remarks, service } = await examined();
    expect({ check, types, remarks, service }).to.deep.equal({ check: { is: 'done' }, types: { is: 'done' }, remarks: [], service: 'botframework' });
  });

  it('tells a finding at its state and its line, with a caller whom a phone of the page can play', async () => {
    await save({ menu: loops });
    const { remarks, chart } = await examined((now) => isDone(now) && now.remarks.length > 0);
    const [first] = remarks;
    expect(first).to.deep.include({ id: 'silent-loop:menu', state: 'menu', severity: 'error', from: 'check', source: place(6) });
    expect(first?.message).to.include('state `menu`: silence alone can go round for ever');
    page.say({ type: 'chart', id: chart ?? '' });
    expect((await page.hears('chart')).drawing.states).to.have.property('menu');
    page.say({ type: 'call', key: 'played', service: 'botframework', plays: first?.plays ?? [] });
    const { callId } = await page.hears('began', ({ key }) => key === 'played');
    expect(await page.call((call) => call.id === callId && isOver(call))).to.include({ ended: 'You hung up.' });
    expect(page.notes(callId).filter((note) => note.startsWith('caller.silence')).length).to.be.greaterThan(1);
  });

  it('tells an outcome that is not handled once, by the compiler and at its line, although the bot does not load', async () => {
    await save({ menu: "choices: { one: '1', two: '2' }, on: { one: 'bye', exhausted: 'bye' }" });
    const { remarks } = await examined((now) => isDone(now) && isByCompiler(now));
    expect(remarks).to.have.length(1);
    expect(remarks[0]).to.deep.include({ state: 'menu', severity: 'error', from: 'compiler', message: 'state `menu`: outcome `two` is not handled', source: place(6) });
    expect(page.told.findLast((told): told is Extract<Told, { readonly type: 'bot' }> => told.type === 'bot')?.bot.state).to.equal('failed');
  });

  it('is mended by saving; what else the compiler finds is at the state that the line is part of, and the bot runs all the same', async () => {
    await save({ more: "    late: {\n      entry: () => {\n        const hour: string = 7;\n        void hour;\n      },\n      always: 'bye',\n    }," });
    const { remarks } = await examined((now) => isDone(now) && isByCompiler(now) && now.chart !== undefined && now.remarks.some(({ state }) => state === 'late'));
    expect(remarks.filter(({ state }) => state === 'menu')).to.deep.equal([]);
    expect(remarks.find(({ from }) => from === 'compiler')).to.deep.include({ state: 'late', message: "Type 'number' is not assignable to type 'string'. (TS2322)", source: place(10) });
  });

  it('gives up what it looks at when the bot is saved anew', async () => {
    await save({ more: '    // once' });
    await ready();
    await save({ menu: "choices: { one: '1', two: '2' }, on: { one: 'bye', exhausted: 'bye' }" });
    await page.hears('bot', ({ bot }) => bot.state === 'failed', patienceMs);
    const from = page.told.findLastIndex((told) => told.type === 'bot');
    await examined((now) => isDone(now) && isByCompiler(now));
    // While one of both runs, what it found before stands.
    const checked = page.told.slice(from).flatMap((told) => (told.type === 'examined' && isDone(told.examined) ? [told.examined.remarks.map(({ message }) => message)] : []));
    expect(checked.length).to.be.greaterThan(0);
    for (const messages of checked) expect(messages, 'nothing is told of the bot before').to.deep.equal(['state `menu`: outcome `two` is not handled']);
  });

  it('counts what the calls meet of the bot, step by step', async () => {
    await save();
    await ready();
    const other = await phone.open();
    const { coverage } = await other.hears('coverage');
    expect(coverage.points.map(({ id }) => id)).to.include.members(['shop.menu', 'shop.menu: noinput', 'shop.menu: asking 2', 'shop.bye']);
    expect(coverage.points.find(({ id }) => id === 'shop.bye')).to.deep.include({ kind: 'state', title: 'bye', states: ['bye'] });
    const drawn = Object.values(coverage.arrows).flat();
    expect(coverage.points.filter(({ kind }) => kind === 'transition').flatMap(({ by }) => by).filter((name) => !drawn.includes(name)), 'each transition is seen on the chart').to.deep.equal([]);
    expect(coverage.given, 'and what was counted before').to.deep.equal({ name: given, counts: { 'shop.bye': 3 } });
    const bye = coverage.session['shop.bye'] ?? 0;
    page.say({ type: 'call', key: 'counted', service: 'twilio', plays: [{ keys: '1' }] });
    const { callId } = await page.hears('began', ({ key }) => key === 'counted');
    expect((await page.hears('met', ({ names }) => names.includes('shop.bye'))).names).to.include('shop.menu recognize.choice.one 1');
    await page.call((call) => call.id === callId && isOver(call));
    const after = await phone.open();
    expect((await after.hears('coverage')).coverage.session['shop.bye']).to.be.greaterThan(bye);
    other.close();
    after.close();
  });
});
