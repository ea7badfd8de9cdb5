/** What stands beside and above the chart, without a browser: what is wrong with the bot, and what of it was met. */
import { expect } from 'chai';
import { countsOf, coverageRows, missedPoints, painted, partOf, pointWords } from '../../src/page/coverage.ts';
import { emptyPage, type Happening, lookedAt, next, type Page, shownRemarks, titleOf, wanting } from '../../src/page/model.ts';
import type { CoverageShown, ExaminedShown, RemarkShown, Told } from '../../src/page/protocol.ts';
import { examinationSentences, installOf, remarksByState, sentenceOf, standingWords, tallied, tallyWords } from '../../src/page/remark-words.ts';
import { acmeChart } from './chart.ts';
import { acmeCoverage, acmeExamined } from './examined.ts';
import { noSound, readyBot, threeServices } from './process.ts';

const told = (one: Told): Happening => ({ type: 'told', told: one });
const after = (page: Page, ...happenings: readonly Happening[]): Page => happenings.reduce(next, page);
const examined = (now: ExaminedShown): Happening => told({ type: 'examined', examined: now });
const covered = (now: CoverageShown): Happening => told({ type: 'coverage', coverage: now });
const greeted = (): Page => after(emptyPage(), told({ type: 'hello', bot: readyBot, services: threeServices, sound: noSound, calls: [], version: '0.1.0' }), told({ type: 'chart', id: 'acme', drawing: acmeChart }));
const remark = (id: string, more: Partial<RemarkShown> = {}): RemarkShown => ({ id, severity: 'error', from: 'check', message: 'state `menu`: waits for nothing', ...more });
const nothing: ExaminedShown = { chart: 'acme', service: 'twilio', check: { is: 'done' }, types: { is: 'done' }, remarks: [] };

describe('what is found of the bot, on the page', () => {
  it('leads from a remark to its state and asks for its file, and covers nothing of the chart with it', () => {
    const page = after(greeted(), examined(acmeExamined), { type: 'remarked', id: 'silent-loop:menu' });
    expect(page.beside, 'from its sign on the chart to the others').to.equal('remarks');
    expect(page.marked, 'its state is marked').to.equal('menu');
    expect(lookedAt(page)).to.equal(undefined);
    expect(wanting(page)).to.deep.equal([{ type: 'source', file: 'examples/acme/bot.ts' }]);
    expect(after(page, { type: 'remarked' })).not.to.have.any.keys('remarked', 'marked');
  });

  it('lets go of what was looked at once it is mended, and not while it only stands elsewhere', () => {
    const page = after(greeted(), examined(acmeExamined), { type: 'remarked', id: 'silent-loop:menu' });
    const moved = after(page, examined({ ...acmeExamined, remarks: acmeExamined.remarks.map((one) => ({ ...one, source: { file: 'examples/acme/bot.ts', line: 9 } })) }));
    expect(moved.remarked).to.equal('silent-loop:menu');
    expect(after(moved, examined(nothing))).not.to.have.any.keys('marked', 'remarked');
    expect(lookedAt(after(page, { type: 'looked', state: 'bye' })), 'the source of a state takes its place').to.deep.equal({ title: 'bye', file: 'examples/acme/bot.ts', line: 13 });
    expect(after(page, { type: 'looked', state: 'bye' })).not.to.have.any.keys('remarked', 'marked');
    expect(after(page, { type: 'looked', state: 'bye' }, { type: 'marked', state: 'sales' }), 'a state that was missed').not.to.have.any.keys('looked', 'remarked');
  });

  it('puts no sign on the chart of another bot, which a call of before is shown on', () => {
    expect(shownRemarks(after(greeted(), examined(acmeExamined)))).to.have.length(3);
    expect(shownRemarks(after(greeted(), examined({ ...acmeExamined, chart: 'another' })))).to.deep.equal([]);
  });

  it('names the bot where a remark is about no state', () => {
    const page = after(greeted(), examined(acmeExamined));
    expect(titleOf(page, remark('no-person:'))).to.equal('acme');
    expect(titleOf(page, remark('x', { state: 'menu' }))).to.equal('menu');
  });

  it('counts in words, and says what goes on', () => {
    expect(tallyWords(tallied(acmeExamined.remarks))).to.equal('2 errors, 1 warning');
    expect(standingWords(acmeExamined)).to.equal('2 errors, 1 warning');
    expect(standingWords(nothing)).to.equal('Nothing found');
    expect(standingWords({ ...nothing, types: { is: 'running' } })).to.equal('Checking');
    expect(standingWords({ ...nothing, check: { is: 'off' }, types: { is: 'off' } })).to.equal('Not checked');
    expect([...remarksByState(acmeExamined.remarks)].map(([state, some]) => `${state} ${some.length}`)).to.deep.equal(['support 1', 'menu 1']);
    expect(sentenceOf(remark('x'))).to.equal('waits for nothing');
    expect(examinationSentences(nothing)).to.deep.equal(['The check finds nothing, for a line of twilio.', 'The compiler finds nothing.']);
    expect(examinationSentences({ ...acmeExamined, check: { is: 'running' } })).to.deep.equal(['The bot is checked anew: what stands here may be mended already.']);
    expect(examinationSentences({ ...nothing, check: { is: 'off' }, types: { is: 'off' } })).to.deep.equal(['The bot is not checked: the command was started with `--no-check`.']);
  });

  it('says that types are not checked, and how to have it', () => {
    const without = { is: 'without', sentence: 'Types are not checked: TypeScript is not installed where the bot is.', install: 'npm install --save-dev typescript' } as const;
    expect(examinationSentences({ ...nothing, types: without })).to.deep.equal(['The check finds nothing, for a line of twilio.', without.sentence]);
    expect(installOf({ is: 'done' }, without)).to.equal(without.install);
    expect(installOf({ is: 'done' }, { is: 'running' })).to.equal(undefined);
  });
});

describe('what was met of the bot, on the page', () => {
  it('grows with the steps of calls', () => {
    const page = after(greeted(), told({ type: 'met', names: ['acme.menu'] }), covered(acmeCoverage));
    expect(page.coverage?.session['acme.menu'], 'what was met before was told with it').to.equal(2);
    const later = after(page, told({ type: 'met', names: ['acme.menu', 'acme.sales'] }));
    expect(later.coverage?.session).to.deep.equal({ 'acme.menu': 3, 'acme.menu recognize.choice.sales 1': 1, 'acme.sales': 1 });
  });

  it('is a table by kind, in which a hundred per cent is all of it', () => {
    const rows = coverageRows(acmeCoverage, countsOf(acmeCoverage, 'session'));
    expect(rows.map(({ words, met, all }) => `${words} ${met}/${all}`)).to.deep.equal(['States 1/3', 'Transitions 1/2', 'Outcomes of questions 0/1', 'Askings again 0/1']);
    expect(rows.map(partOf)).to.deep.equal(['33 %', '50 %', '0 %', '0 %']);
    expect(partOf({ met: 999, all: 1_000 })).to.equal('99 %');
    expect(partOf({ met: 7, all: 7 })).to.equal('100 %');
  });

  it('names what is missed', () => {
    expect(missedPoints(acmeCoverage, acmeCoverage.session).map((point) => `${point.title} ${pointWords(point)}`)).to.deep.equal([
      'sales never entered', 'support never entered', 'menu support: never taken', 'menu noinput: never came', 'menu never asked for the second time',
    ]);
  });

  it('is painted on states and transitions, with how often', () => {
    expect(painted(acmeCoverage, acmeCoverage.session)).to.deep.equal({ states: { menu: 2, sales: 0, support: 0 }, transitions: { 'menu>sales': 1, 'menu>support': 0, 'menu>menu': 0 } });
  });

  it('is of the calls that were given to the command, until the person wants those of this phone', () => {
    const given = { ...acmeCoverage, given: { name: 'calls/', counts: { 'acme.support': 4 } } };
    const page = after(greeted(), covered(given));
    expect(page.covered).to.equal('given');
    expect(countsOf(given, page.covered)).to.deep.equal({ 'acme.support': 4 });
    const mine = after(page, { type: 'covered', covered: 'session' }, covered(given));
    expect(mine.covered, 'a saved bot does not change that').to.equal('session');
    expect(after(greeted(), covered(acmeCoverage)).covered).to.equal('session');
  });
});
