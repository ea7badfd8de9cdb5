import { expect } from 'chai';
import { callMachine, dialog, dialogMachine, hangup, prompt, recognize, type StepResult, task, transfer } from 'callchart';
import { chartCoverage, drawChart } from 'callchart/inspector';
import { XMLValidator } from 'fast-xml-parser';
import { figureOf } from '../../../src/inspector/chart/figure.ts';
import { coverageCounter, coverageReport } from '../../../src/machines/index.ts';
import { ring } from '../../machines/line.ts';

const pin = dialogMachine('pin', {
  initial: 'ask',
  states: { ask: recognize({ prompt: 'Your PIN?', digits: { max: 4 }, on: { digits: 'got', exhausted: 'got' } }), got: { type: 'final', output: 0 } },
});

const bank = callMachine('bank', {
  initial: 'login',
  commands: { operator: { key: '0', target: 'desk' } },
  states: {
    login: dialog(pin, { on: { done: 'checking' } }),
    checking: task({ run: () => 1, timeoutMs: 3_000, on: { done: 'menu', failed: 'bye' } }),
    menu: recognize({ prompt: 'More or goodbye?', choices: { more: '1', leave: '2' }, on: { more: 'once', leave: 'bye', exhausted: 'bye' } }),
    once: dialog(pin, { on: { done: 'bye' } }),
    desk: prompt('The desk is shut.', 'bye'),
    bye: hangup('Goodbye.'),
  },
});

/** A call that goes to the menu, is silent there, and is let go. */
const counted = () => {
  const { count, tally } = coverageCounter(bank);
  const line = ring(bank);
  for (const happens of [() => line.result(), () => line.ends({ type: 'recognize.input', input: { kind: 'digits', digits: '1234', by: 'termchar' }, via: 'dtmf' }), () => line.task(1), () => line.silence(), () => line.keys('2')]) count(happens());
  return tally();
};

/** What the arrow from `from` that begins with `label` says. */
const arrow = (transitions: Readonly<Record<string, number>>, from: string, label: string): number | undefined => {
  const found = figureOf(bank).arrows.find((one) => one.from === from && one.label.startsWith(label));
  return found === undefined ? expect.fail(`${from} ${label}`) : transitions[found.id];
};

describe('coverage on the chart', () => {
  it('is how often each state was entered and each arrow taken, and 0 for what no call came by', () => {
    const { states, transitions } = chartCoverage(bank, counted());
    expect(states).to.deep.equal({ 'login': 1, 'login/ask': 1, 'login/got': 1, 'checking': 1, 'menu': 1, 'once': 0, 'once/ask': 1, 'once/got': 1, 'desk': 0, 'bye': 1 });
    expect(['again on', 'more', 'leave', 'exhausted'].map((label) => arrow(transitions, 'menu', label))).to.deep.equal([1, 0, 1, 0]);
    expect([arrow(transitions, 'checking', 'done'), arrow(transitions, 'checking', 'failed'), arrow(transitions, '~any', 'recognize.choice.operator')]).to.deep.equal([1, 0, 0]);
    expect(arrow(transitions, 'idle', 'call.incoming')).to.equal(undefined); // every call begins
  });

  it('tells a task whose time is over', () => {
    const { count, tally } = coverageCounter(bank);
    const line = ring(bank);
    line.ends({ type: 'recognize.input', input: { kind: 'digits', digits: '1234', by: 'termchar' }, via: 'dtmf' });
    count(line.due());
    const { transitions } = chartCoverage(bank, tally());
    expect([arrow(transitions, 'checking', 'failed'), arrow(transitions, 'checking', 'after 3000 ms')]).to.deep.equal([1, undefined]); // its author wrote `failed` alone
  });

  it('misses nothing where the table misses nothing: what is not handled by itself is painted where it is', () => {
    const bot = callMachine('bot', {
      initial: 'work',
      states: {
        work: task({ run: () => 1, timeoutMs: 2_000, on: { done: 'own', failed: 'own' } }),
        own: task({ run: () => 1, timeoutMs: 2_000, on: { done: 'once', timeout: 'once', failed: 'once' } }),
        once: recognize({ prompt: 'Now?', choices: { a: '1' }, attempts: 1, on: { a: 'desk', exhausted: 'desk' } }),
        desk: transfer({ to: '+47', on: { busy: 'bye', failed: 'bye' } }),
        bye: hangup(),
      },
    });
    const { count, tally } = coverageCounter(bot);
    const calls: readonly ((line: ReturnType<typeof ring>) => readonly StepResult[])[] = [
      (line) => [line.result(), line.task(1), line.task(1), line.keys('1'), line.ends({ type: 'transfer.noanswer' })],
      (line) => [line.result(), line.taskFails('no'), line.due(), line.silence(), line.ends({ type: 'transfer.busy' })],
      (line) => [line.result(), line.due(), line.taskFails('no'), line.ends({ type: 'recognize.nomatch', by: 'key' })],
      (line) => [line.result(), line.task(1), line.task(1), line.ends({ type: 'recognize.failed', cause: 'system' })],
    ];
    for (const call of calls) for (const result of call(ring(bot))) count(result);
    expect(coverageReport(bot, tally()).missed).to.deep.equal([]);
    const { transitions } = chartCoverage(bot, tally());
    const told = Object.fromEntries(figureOf(bot).arrows.map(({ id, from, label }) => [`${from} ${label}`, transitions[id]]));
    expect(told).to.deep.equal({
      'idle call.incoming': undefined, 'work done': 2, 'work failed': 2, 'work after 2000 ms': undefined, 'own done': 2, 'own timeout': 1, 'own failed': 1, 'own after 2000 ms': 1,
      'once a': 1, 'once exhausted': 3, 'once again on noinput, nomatch, failed': undefined, 'desk busy': 1, 'desk failed': 1, 'desk noanswer': undefined,
    });
  });

  it('is painted: what was met and what was missed have classes, counts, and words for those who do not see it', async () => {
    const coverage = chartCoverage(bank, counted());
    const { svg, states } = await drawChart(bank, { coverage });
    expect(XMLValidator.validate(svg)).to.equal(true);
    const group = (id: string): string => new RegExp(`<g class="[^"]*" data-(?:state|edge)="${id}">.*?</g>`).exec(svg)?.[0] ?? expect.fail(id);
    expect(group('menu')).to.contain('class="state plain asks met"').and.to.contain('; entered once</title>').and.to.contain('>menu ×1</text>');
    expect(group('desk')).to.contain('class="state plain says missed"').and.to.contain('; never entered</title>').and.to.contain('>desk ×0</text>');
    expect(group('ended')).to.not.match(/met|missed|×/);
    expect(group('idle~0')).to.not.match(/met|missed|×/);
    for (const [id, times] of Object.entries(coverage.transitions)) expect(group(id)).to.contain(times > 0 ? ' met"' : ' missed"').and.to.contain(times > 0 ? `; taken ${times === 1 ? 'once' : `${times} times`}</title>` : '; never taken</title>').and.to.contain(`×${times}</text>`);
    expect(states['menu']?.title).to.equal('menu'); // a count is no part of a name
    expect(svg).to.match(/\.missed>\.box\{[^}]*stroke-dasharray/).and.to.match(/\.missed>\.way\{[^}]*stroke-dasharray/); // without colour as well
    expect(svg.match(/--chart-missed:#/g)).to.have.length(2); // for light and for dark
    expect((await drawChart(bank, { coverage: chartCoverage(bank, counted()) })).svg).to.equal(svg);
  });

  it('is on no chart that was not asked for it', async () => {
    const { svg } = await drawChart(bank);
    expect(svg).to.not.match(/class="[^"]*\b(met|missed)\b/).and.to.not.contain('×');
  });
});
