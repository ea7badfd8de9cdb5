/** What the check and the compiler say of a bot, on the states of its chart. */
import { expect } from 'chai';
import { callMachine, dialog, dialogMachine, hangup, recognize } from 'callchart';
import type { ChartDrawing } from '../../../src/inspector/chart/drawing.ts';
import { drawChart } from '../../../src/inspector/chart/draw-chart.ts';
import { remarkOfFinding, remarkOfMistake } from '../../../src/inspector/chart/remarks.ts';
import { examine } from '../../../src/machines/index.ts';

const state = (chart: string, title: string, line?: number) => ({ title, chart, ...(line !== undefined && { source: { file: 'bot.ts', line } }) });
const drawing: ChartDrawing = {
  svg: '',
  states: { menu: state('acme', 'menu', 6), order: state('acme', 'order', 9), 'order.size': state('acme', 'order.size', 11), login: state('acme', 'login', 20), 'login/ask': state('pin', 'ask', 40), 'both.left.open': state('acme', 'both.left.open', 50), two: state('acme', 'two'), 'two/again': state('lib:pair', 'again', 60), 'three/again': state('lib:pair', 'again', 60) },
};
const finding = (name: string): { readonly state?: string; readonly line?: number } => {
  const { state: id, source } = remarkOfFinding({ state: name, severity: 'warning', message: 'something' }, drawing);
  return { ...(id !== undefined && { state: id }), ...(source !== undefined && { line: source.line }) };
};
const mistake = (chart: string, path: string): string | undefined => remarkOfMistake({ message: 'wrong', source: { file: 'bot.ts', line: 12 }, state: { chart, path } }, drawing).state;

describe('a remark on the chart', () => {
  it('is at the state that the finding names, in dialogs and in regions too, and where that is written', () => {
    expect(finding('menu')).to.deep.equal({ state: 'menu', line: 6 });
    expect(finding('order.size')).to.deep.equal({ state: 'order.size', line: 11 });
    expect(finding('login/ask')).to.deep.equal({ state: 'login/ask', line: 40 });
    expect(finding('both.left.open+right.shut')).to.deep.equal({ state: 'both.left.open', line: 50 });
    expect(finding('order.colour'), 'a state that the picture does not have is in one that it has').to.deep.equal({ state: 'order', line: 9 });
    expect(finding('two')).to.deep.equal({ state: 'two' });
  });

  it('is at the one state of a dialog that goes by that name, and nowhere where there are several or none', () => {
    expect(finding('ask')).to.deep.equal({ state: 'login/ask', line: 40 });
    for (const name of ['again', 'nobody', '']) expect(finding(name)).to.deep.equal({});
  });

  it('is at the line that the compiler names, and at the state that the line is part of', () => {
    expect(remarkOfMistake({ message: 'wrong', source: { file: 'bot.ts', line: 12 } }, drawing)).to.deep.equal({ severity: 'error', from: 'compiler', message: 'wrong', source: { file: 'bot.ts', line: 12 } });
    expect([mistake('acme', 'order.size'), mistake('pin', 'ask'), mistake('acme', 'ask'), mistake('pair', 'again')]).to.deep.equal(['order.size', 'login/ask', undefined, 'two/again']);
  });

  it('is on the chart for whatever the check finds, in a dialog as in the bot', async () => {
    const round = { prompt: 'Press 1.', choices: { one: '1' }, on: { one: 'out', noinput: 'ask', exhausted: 'out' } };
    const pin = dialogMachine('pin', { initial: 'ask', states: { ask: recognize(round as never), out: { type: 'final' } } } as never);
    const bot = callMachine('shop', { initial: 'login', states: { login: dialog(pin as never, { on: { done: 'ask' } } as never), ask: recognize({ ...round, on: { ...round.on, one: 'bye', exhausted: 'bye' } } as never), bye: hangup('Goodbye.') } } as never);
    const drawn = await drawChart(bot);
    const { findings } = examine(bot);
    expect(findings.map(({ id }) => id)).to.include.members(['silent-loop:login/ask', 'silent-loop:ask']);
    expect(findings.filter(({ rule }) => rule === 'silent-loop').map((one) => remarkOfFinding(one, drawn).state)).to.have.members(['login/ask', 'ask']);
    expect(findings.filter((one) => one.state !== '').filter((one) => remarkOfFinding(one, drawn).state === undefined).map(({ id }) => id)).to.deep.equal([]);
  });
});
