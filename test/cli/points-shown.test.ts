/** What the phone page counts of calls is what `callchart cover` counts, and what it paints is what that paints. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepResult } from 'callchart';
import acme from '../../examples/acme/bot.ts';
import pinLogin from '../../examples/pin-login/bot.ts';
import { givenOf, metBy, pointsShown } from '../../src/cli/dev/points-shown.ts';
import { sessionCoverage } from '../../src/cli/dev/session-coverage.ts';
import { chartCoverage, drawChart } from '../../src/inspector/index.ts';
import { coverageCounter, coverageReport } from '../../src/machines/index.ts';
import { countsOf, coverageRows, missedPoints, painted } from '../../src/page/coverage.ts';
import type { CoverageShown } from '../../src/page/protocol.ts';
import { ring } from '../machines/line.ts';

/** The steps of calls of acme: a silence and a wrong key before sales is chosen, and one who hangs up at once. */
const steps = (): readonly StepResult[] => {
  const [line, other] = [ring(acme), ring(acme)];
  return [line.result(), line.silence(), line.ends({ type: 'recognize.nomatch', by: 'key' }), line.keys('1'), other.result(), other.hangsUp()];
};

const counted = (): CoverageShown => {
  const coverage = sessionCoverage();
  for (const result of steps()) coverage.meets(metBy(acme, result));
  return coverage.of({ chart: 'acme', ...pointsShown(acme) });
};

describe('the coverage of the phone page', () => {
  it('is that of `callchart cover` for the same calls: on the chart, in the table, and in what is missed', () => {
    const count = coverageCounter(acme);
    for (const result of steps()) count.count(result);
    const report = coverageReport(acme, count.tally());
    const shown = counted();
    const counts = countsOf(shown, 'session');
    expect(painted(shown, counts)).to.deep.equal(chartCoverage(acme, count.tally()));
    expect(coverageRows(shown, counts).map(({ kind, met, all }) => ({ kind, met, all }))).to.deep.equal(Object.entries(report.kinds).map(([kind, { met, total }]) => ({ kind, met, all: total })));
    expect(missedPoints(shown, counts).map(({ id }) => id)).to.deep.equal(report.missed.map(({ id }) => id));
    expect(report.missed.length, 'the calls met something and not all').to.be.within(1, shown.points.length - 1);
  });

  it('leads from each point to a state of the picture, in dialogs too', async () => {
    for (const machine of [acme, pinLogin]) {
      const { states, svg } = await drawChart(machine);
      const { points, arrows } = pointsShown(machine);
      expect(points.filter((point) => point.states.length === 0 && point.title !== point.id).map(({ id }) => id)).to.deep.equal([]);
      expect(points.flatMap((point) => point.states).filter((id) => states[id] === undefined)).to.deep.equal([]);
      expect(Object.keys(arrows).filter((id) => !svg.includes(`data-edge="${id}"`))).to.deep.equal([]);
    }
  });

  it('counts what was met of a bot before it was saved anew', () => {
    const coverage = sessionCoverage();
    expect(coverage.shown).to.equal(undefined);
    coverage.of({ chart: 'one', ...pointsShown(acme) });
    coverage.meets(['acme.menu', 'acme.menu']);
    coverage.of({ chart: 'two', ...pointsShown(acme) });
    expect(coverage.shown).to.deep.include({ chart: 'two', session: { 'acme.menu': 2 } });
  });

  it('reads what is given to the command, and says why it cannot be of this bot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-given-'));
    try {
      const count = coverageCounter(acme);
      for (const result of steps()) count.count(result);
      await writeFile(join(folder, 'one.tally.json'), JSON.stringify(count.tally()));
      const given = await givenOf(acme, folder);
      expect(given.counts).to.deep.include({ 'acme.menu': 2, 'acme.menu recognize.noinput 1': 1, 'acme.menu: asking 2': 1 });
      const other = await givenOf(pinLogin, join(folder, 'one.tally.json'));
      expect(other.counts).to.deep.equal({});
      expect(other.trouble).to.match(/one\.tally\.json: it is of the bot `acme`, and this is `/);
      expect((await givenOf(acme, join(folder, 'absent'))).trouble).to.include('there is no file or folder');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
