/** What live calls come by, counted by the server that takes them. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { coverageFolder } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { sumOfTallies, readTally, type Tally } from '../../src/machines/index.ts';
import { pressed, type Rig, rig } from './rig.ts';

describe('a server that counts', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'callchart-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const counts = async (): Promise<readonly Tally[]> => Promise.all((await readdir(folder)).map(async (name) => readTally(await readFile(join(folder, name), 'utf8'))));

  /** Two calls: one is silent and goes to sales, the other is told twice that support was chosen. */
  const twoCalls = async ({ caller }: Pick<Rig, 'caller'>): Promise<void> => {
    const mona = caller('mona');
    await mona.rings();
    await mona.staysSilent();
    await mona.presses('sales');
    const jens = caller('jens');
    await jens.rings();
    const body = jens.result(pressed('support'));
    await jens.post(body, 'the same');
    await jens.post(body, 'the same');
  };

  it('has counted all its calls when it closes, where the environment says so, and tells whoever watches as before', async () => {
    process.env['CALLCHART_COVERAGE'] = folder;
    let steps = 0;
    const server = await rig(acme, { onStep: () => (steps += 1) }).finally(() => delete process.env['CALLCHART_COVERAGE']);
    await twoCalls(server);
    await server.close();
    expect(steps).to.equal(5);
    expect(await counts()).to.have.length(1);
    expect(sumOfTallies(acme, await counts())).to.deep.include({ calls: 2, askings: { 'acme.menu: asking 2': 1 } });
    expect(sumOfTallies(acme, await counts()).transitions).to.include({ 'acme.menu recognize.choice.support 1': 1, 'acme.menu recognize.choice.sales 1': 1 });
  });

  it('counts by hand where the application has it so, and writes when it is told', async () => {
    const inside = join(folder, 'of', 'ours');
    const counted = coverageFolder(inside, { pauseMs: 60_000 });
    const server = await rig(acme, { onStep: ({ machine, result }) => counted.count(machine, result) });
    await twoCalls(server);
    expect(await readdir(inside)).to.deep.equal([]);
    counted.write();
    expect((await readdir(inside)).every((name) => /^acme\.[\da-f-]+\.tally\.json$/.test(name))).to.equal(true);
    expect(readTally(await readFile(join(inside, (await readdir(inside))[0] ?? ''), 'utf8'))).to.deep.include({ bot: 'acme', calls: 2 });
    await server.close();
  });

  it('is not started where the counts cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(() => coverageFolder(join(folder, 'file'))).to.throw('cannot be made').with.property('code', 'ERR_OPTION_INVALID');
  });
});
