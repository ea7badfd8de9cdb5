import { expect } from 'chai';
import { callMachine, hangup, prompt, recognize } from 'callchart';
import { belowThresholds, coverageReport, missedWords, reportText } from '../../../src/machines/coverage/report.ts';
import { coverageCounter, type Tally } from '../../../src/machines/coverage/tally.ts';
import { ring } from '../line.ts';

const acme = callMachine('acme', {
  initial: 'menu',
  commands: { operator: { key: '0', target: 'support' } },
  states: {
    menu: recognize({ prompt: 'Sales or support?', choices: { sales: '1', support: '2' }, on: { sales: [{ guard: function isOpen() { return true; }, target: 'sales' }, 'bye'], support: 'support', exhausted: 'bye' } }),
    sales: prompt('Sales will call you.', 'bye'),
    support: hangup('Support will call you.'),
    bye: hangup('Goodbye.'),
  },
});

const tally = (...keys: readonly string[]): Tally => {
  const count = coverageCounter(acme);
  for (const key of keys) {
    const line = ring(acme);
    count.count(line.result());
    count.count(line.keys(key));
  }
  return count.tally();
};

describe('the report of coverage', () => {
  it('has a table by state, and what no call came by, with the guard that stands there', () => {
    expect(reportText(coverageReport(acme, tally('1', '1', '9')))).to.equal([
      'state             entered  states  transitions  outcomes  retries',
      'acme (any state)                           0/1',
      'acme.menu               3     1/1          1/4       2/6      1/2',
      'acme.sales              2     1/1          1/1',
      'acme.support            0     0/1',
      'acme.bye                2     1/1',
      'all                           3/4          2/6       2/6      1/2',
      '                             75 %       33.3 %    33.3 %     50 %',
      '',
      'missed:',
      '  acme (any state): recognize.choice.operator → support',
      '  acme.menu: sales → bye; support → support; exhausted → bye; the outcome support; the outcome noinput; the outcome exhausted; the outcome failed; asking 3',
      '  acme.support: never entered',
      '',
      'acme: 3 calls, 8 of 18 covered (44.4 %)',
      '',
    ].join('\n'));
  });

  it('names guards, and says what would be met by way of a state that no call has come to', () => {
    expect(reportText(coverageReport(acme, tally('2')))).to.contain('  acme.menu: sales → sales [isOpen]; sales → bye;').and.to.contain('  acme.sales: never entered, with 1 more\n').and.to.contain('acme: 1 call, ');
  });

  it('tells transitions by their numbers where guards have no names', () => {
    const isLate = (): boolean => false;
    const [nameless] = [(): boolean => false] as const;
    const bot = callMachine('bot', { initial: 'say', states: { say: prompt('Hello.', [{ guard: () => false, target: 'one' }, { guard: isLate, target: 'one' }, { guard: nameless, target: 'one' }, 'bye']), one: hangup(), bye: hangup() } });
    const { missed } = coverageReport(bot, coverageCounter(bot).tally());
    expect(missed.filter(({ kind }) => kind === 'transition').map(missedWords)).to.deep.equal(['always 1 → one', 'always → one [isLate]', 'always 3 → one', 'always → bye']);
  });

  it('says no percentage where there is nothing to be met, and no threshold is missed there', () => {
    const report = coverageReport(acme, tally('1'));
    expect(report.kinds.state).to.deep.equal({ met: 3, total: 4, percent: 75 });
    const quiet = callMachine('quiet', { initial: 'bye', states: { bye: hangup() } });
    expect(coverageReport(quiet, coverageCounter(quiet).tally()).kinds).to.deep.include({ outcome: { met: 0, total: 0, percent: null }, state: { met: 0, total: 1, percent: 0 } });
    expect(belowThresholds(coverageReport(quiet, coverageCounter(quiet).tally()), { outcome: 100, retry: 100, state: 1 })).to.deep.equal([{ kind: 'state', percent: 0, least: 1 }]);
  });

  it('is held to a threshold, kind by kind', () => {
    const report = coverageReport(acme, tally('1', '9'));
    expect(belowThresholds(report, {})).to.deep.equal([]);
    expect(belowThresholds(report, { state: 75, retry: 50, outcome: 100 / 3 })).to.deep.equal([]); // it is written as 33.3
    expect(belowThresholds(report, { state: 75.1, transition: 100, retry: 50 })).to.deep.equal([{ kind: 'state', percent: 75, least: 75.1 }, { kind: 'transition', percent: 33.3, least: 100 }]);
  });

  it('is not made of calls of another bot', () => {
    expect(() => coverageReport(acme, { ...tally('1'), bot: 'zeta' })).to.throw().with.property('code', 'ERR_TALLY_OTHER');
  });
});
