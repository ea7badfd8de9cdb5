import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { type AnyStateMachine, createMachine } from 'xstate';
import { callMachine, dialog, dialogMachine, hangup, play, prompt, recognize, task } from 'callchart';
import acme from '../../../examples/acme/bot.ts';
import { drawChart, toSvg } from '../../../src/inspector/chart/draw-chart.ts';
import { everyBox, figureOf } from '../../../src/inspector/chart/figure.ts';
import { layOut, type PlacedBox } from '../../../src/inspector/chart/layout.ts';
import { textWidth, wrapped } from '../../../src/inspector/chart/text-width.ts';
import { chartOf } from '../../../src/machines/draw/chart.ts';
import { arrowsOf } from '../../../src/machines/draw/wording.ts';
import { botOf, botPlan } from '../../machines/random-bot.ts';

const pin = dialogMachine('pin', {
  initial: 'ask',
  states: {
    ask: recognize({ prompt: 'Your PIN, please.', digits: { max: 4 }, on: { digits: 'got', exhausted: 'got' } }),
    got: { type: 'final', output: 1 },
  },
});

/** One of everything; two states run the same dialog. */
const bank = callMachine('bank', {
  initial: 'welcome',
  on: { 'call.roster': '.operator' },
  tasks: { balance: async () => 12 },
  states: {
    welcome: prompt('Welcome.', 'login'),
    login: dialog(pin, { on: { done: 'lookup' } }),
    lookup: task({ run: 'balance', timeoutMs: 5_000, on: { done: 'order', failed: 'operator' } }),
    order: {
      initial: 'amount',
      states: {
        amount: recognize({ prompt: 'How much?', choices: { all: '1', half: '2' }, on: { all: 'check', half: 'sure', exhausted: 'check' } }),
        check: { type: 'parallel', states: { clock: { initial: 'on', states: { on: { after: { 2_000: 'off' } }, off: { type: 'final' } } }, music: { entry: play('♪') } }, onDone: 'sure' },
        sure: { on: { 'play.done': { target: 'again', guard: function inTime() { return true; } } } },
        again: dialog(pin, { on: { done: 'back' } }),
        back: { type: 'history', history: 'deep', target: 'sure' },
      },
      on: { 'play.failed': 'operator' },
    },
    operator: hangup('Goodbye.'),
  },
});

const attributes = (svg: string, name: string): readonly string[] => [...svg.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value = '']) => unescaped(value));

const unescaped = (text: string): string => text.replace(/&(amp|lt|gt|quot);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name] ?? '');

const isWellFormed = (svg: string): void => {
  expect(XMLValidator.validate(svg)).to.equal(true);
  // eslint-disable-next-line no-control-regex -- these are what XML 1.0 has no place for
  expect(svg).to.not.match(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u);
  expect(svg).to.not.match(/NaN|undefined|Infinity| d=""/);
};

/** The part of `svg` that belongs to the state or arrow `id`. */
const partOf = (svg: string, name: 'data-state' | 'data-edge', id: string): string =>
  svg.split('\n').find((line) => line.includes(` ${name}="${id}"`)) ?? expect.fail(`no ${id}`);

describe('the picture of a chart', () => {
  it('has each state once, with what it says, and each transition with the name that the author has for it', async () => {
    const { svg, states } = await drawChart(acme);
    isWellFormed(svg);
    expect(attributes(svg, 'data-state')).to.deep.equal(['idle', 'menu', 'sales', 'support', 'bye', 'ended']);
    expect(Object.keys(states)).to.deep.equal(attributes(svg, 'data-state'));
    expect(states['menu']).to.deep.equal({ title: 'menu', chart: 'acme' });
    expect(partOf(svg, 'data-state', 'menu')).to.contain('<title>menu; asks “Welcome to Acme. For sales press 1, for support press 2.”</title>').and.to.contain('class="state plain asks"');
    expect(figureOf(acme).arrows.map(({ id, target, label }) => [id, target, label])).to.deep.equal([
      ['idle~0', 'menu', 'call.incoming'], ['menu~0', 'sales', 'sales'], ['menu~1', 'support', 'support'], ['menu~2', 'bye', 'exhausted'], ['menu~3', 'menu', 'again on noinput, nomatch, failed'],
    ]);
    expect(attributes(svg, 'data-edge')).to.deep.equal(['idle~0', 'menu~0', 'menu~1', 'menu~2', 'menu~3']);
    expect(partOf(svg, 'data-edge', 'menu~0')).to.contain('>sales</text>');
  });

  it('says what it is to those who do not see it, and has colours for light and for dark', async () => {
    const svg = await toSvg(acme);
    expect(svg).to.match(/^<svg [^>]*role="img" aria-label="Chart of acme: 6 states"/).and.to.contain('@media (prefers-color-scheme:dark)').and.to.contain('<title>Chart of acme</title>');
    for (const id of attributes(svg, 'data-state')) expect(partOf(svg, 'data-state', id)).to.match(/^<g [^>]*><title>[^<]+<\/title>/);
    expect(svg).to.not.match(/<script|href=|url\(|@import|@font-face/);
  });

  it('draws a dialog inside every state that runs it, by ids that tell the two apart', async () => {
    const { svg, states } = await drawChart(bank);
    isWellFormed(svg);
    expect(attributes(svg, 'data-state')).to.include.members(['login', 'login/idle', 'login/ask', 'login/got', 'order.again', 'order.again/ask', 'order.again/got']);
    expect([states['login/ask'], states['order.again/ask']]).to.deep.equal([{ title: 'ask', chart: 'pin' }, { title: 'ask', chart: 'pin' }]);
    expect(attributes(svg, 'data-edge')).to.include.members(['login/idle~0', 'login/ask~0', 'order.again/ask~0']);
    expect(partOf(svg, 'data-state', 'login')).to.contain('runs dialog pin');
  });

  it('stops where a dialog would be drawn inside itself', async () => {
    const round = dialogMachine('round', { initial: 'ask', states: { ask: hangup(), out: { type: 'final' } } }) as AnyStateMachine;
    const turning = createMachine({ id: 'turning', initial: 'a', states: { a: { invoke: { id: 'a', src: 'turning' } }, b: { invoke: { id: 'b', src: 'round' } } } }).provide({ actors: { round } as never }) as AnyStateMachine;
    (turning.implementations.actors as Record<string, unknown>)['turning'] = turning;
    expect(attributes(await toSvg(turning), 'data-state')).to.deep.equal(['a', 'b', 'b/idle', 'b/ask', 'b/out']);
  });

  it('keeps out of the way what every chart has: one box for all states, none for the end of the call', async () => {
    const { arrows, boxes } = figureOf(bank);
    expect(arrows.filter(({ edges }) => edges.some(({ event }) => event === 'call.ended'))).to.deep.equal([]);
    expect(boxes.filter(({ kind }) => kind === 'any').map(({ title }) => title)).to.deep.equal(['any state']);
    expect(arrows.filter(({ from }) => from === '~any').map(({ target, label }) => [target, label])).to.deep.equal([['operator', 'call.roster']]);
    expect(partOf(await toSvg(bank), 'data-state', 'ended')).to.contain('call.ended leads here from every state');
    expect(figureOf(acme).boxes.some(({ kind }) => kind === 'any')).to.equal(false);
    expect(arrows.find(({ from }) => from === 'login/idle')?.label).to.equal('');
  });

  it('tells histories, regions, ends, guards, delays and beginnings', async () => {
    const svg = await toSvg(bank);
    const { arrows } = figureOf(bank);
    const labels = (from: string): readonly (readonly string[])[] => arrows.filter((arrow) => arrow.from === from).map(({ target, label }) => [target, label]);
    expect(labels('order.back')).to.deep.equal([['order.sure', 'by default']]);
    expect(labels('order.check.clock.on')).to.deep.equal([['order.check.clock.off', 'after 2000 ms']]);
    expect(labels('order.sure')).to.deep.equal([['order.again', 'play.done [inTime]']]);
    expect(labels('lookup')).to.deep.include(['operator', 'after 5000 ms']);
    expect(partOf(svg, 'data-state', 'order.back')).to.contain('back (deep history)');
    expect(partOf(svg, 'data-state', 'order.check')).to.contain('class="state parallel').and.to.contain('check (parallel)');
    expect(partOf(svg, 'data-state', 'order.check.clock')).to.contain('class="state region');
    expect(partOf(svg, 'data-state', 'order.check.clock.off')).to.contain('class="state final');
    expect(svg.match(/class="edge begins"/g)).to.have.length(2); // of `order` and of `clock`; a call and a dialog begin in a dot of their own
  });

  it('keeps states inside the states around them, apart from each other, and words inside their boxes', async () => {
    for (const machine of [acme, bank]) {
      const { boxes, width, height } = await layOut(figureOf(machine));
      const area = new Map(boxes.map(({ box, area: { x, y, width: wide, height: high } }) => [box.id, { left: x, top: y, right: x + wide, bottom: y + high }]));
      const of = (id: string) => area.get(id) ?? expect.fail(id);
      const isApart = (one: string, other: string): boolean => of(one).right <= of(other).left || of(other).right <= of(one).left || of(one).bottom <= of(other).top || of(other).bottom <= of(one).top;
      for (const { box, title, remarks, area: { width: wide } } of boxes as readonly PlacedBox[]) {
        expect(of(box.id)).to.satisfy(({ left, top, right, bottom }: ReturnType<typeof of>) => left >= 0 && top >= 0 && right <= width && bottom <= height);
        for (const { id } of box.boxes) expect(of(id).left >= of(box.id).left && of(id).top > of(box.id).top && of(id).right <= of(box.id).right && of(id).bottom <= of(box.id).bottom, id).to.equal(true);
        for (const [index, { id }] of box.boxes.entries()) for (const other of box.boxes.slice(index + 1)) expect(isApart(id, other.id), `${id} and ${other.id}`).to.equal(true);
        if (box.kind !== 'start') for (const line of [...title, ...remarks]) expect(textWidth(line, 11)).to.be.at.most(wide - 20);
      }
    }
  });

  it('reads from the top to the bottom, but for what leads back in the order of the author', async () => {
    const turning = callMachine('turning', {
      initial: 'first',
      states: {
        last: hangup('Bye.'),
        first: prompt('One.', 'second'),
        second: recognize({ prompt: 'Again?', choices: { yes: '1', no: '2' }, on: { yes: 'first', no: 'last', exhausted: 'last' } }),
      },
    });
    const { boxes } = await layOut(figureOf(turning));
    const top = (id: string): number => boxes.find(({ box }) => box.id === id)?.area.y ?? expect.fail(id);
    expect([top('idle') < top('first'), top('first') < top('second'), top('second') < top('last')]).to.deep.equal([true, true, true]);
  });

  it('is the same bytes again, whatever was drawn in between', async () => {
    const [first, other] = [await toSvg(bank), await toSvg(acme)];
    expect(await toSvg(bank)).to.equal(first);
    expect(await Promise.all([toSvg(acme), toSvg(bank)])).to.deep.equal([other, first]);
  });

  it('has every state and every arrow of a bot made by chance once, and is XML', async function chance() {
    this.timeout(180_000);
    await fc.assert(
      fc.asyncProperty(botPlan, async (plan) => {
        const machine = botOf(plan);
        const { svg, states } = await drawChart(machine);
        isWellFormed(svg);
        const ids = attributes(svg, 'data-state');
        expect(new Set(ids).size).to.equal(ids.length);
        expect(Object.keys(states)).to.deep.equal(ids);
        const own = (id: string): boolean => !id.includes('/');
        const chart = chartOf(machine);
        expect(ids.filter(own).sort()).to.deep.equal(chart.nodes.map(({ path }) => path).sort());
        const edges = attributes(svg, 'data-edge');
        expect(new Set(edges).size).to.equal(edges.length);
        expect(edges.filter(own)).to.have.length(arrowsOf(chart).length + chart.nodes.filter(({ type }) => type === 'history').flatMap(({ initial }) => initial).length);
        expect(edges).to.have.length(figureOf(machine).arrows.length);
        expect(ids).to.have.length(everyBox(figureOf(machine).boxes).filter(({ path }) => path !== undefined).length);
        expect(await toSvg(machine)).to.equal(svg);
      }),
      { numRuns: 15 },
    );
  });

  it('says any text so that XML does not take it for its own, and keeps names apart', async () => {
    const nasty = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), fc.constantFrom('<&">', ']]>', '</style><script>', '\u0000', '\u0001f', '\u001f', '\ud800', '\ufffe', 'a/b', 'a~0', '%2f', 'two\nlines', '\u202e', '日本', '🎉', '__proto__', 'constructor'));
    await fc.assert(
      fc.asyncProperty(nasty, nasty, nasty, nasty, async (one, two, event, says) => {
        const bare = (word: string): string => `${word.replace(/[.#\\]/g, '')}x`;
        const names = [...new Set([bare(one), `${bare(two)}y`])];
        const machine = createMachine({ id: 'raw', initial: names[0] ?? '', states: Object.fromEntries(names.map((name) => [name, { description: says, on: { [bare(event)]: { target: names[0] ?? '', guard: says } } }])) }) as AnyStateMachine;
        const svg = await toSvg(machine);
        isWellFormed(svg);
        expect(new Set(attributes(svg, 'data-state')).size).to.equal(names.length);
      }),
      { numRuns: 20 },
    );
  });

  it('is drawn without states, with a parallel root, and when it begins in its end', async () => {
    const machines = [
      createMachine({ id: 'empty' }),
      createMachine({ id: 'both', type: 'parallel', states: { a: {}, b: { initial: 'c', states: { c: {}, d: {}, h: { type: 'history' } } } }, on: { x: '.b.h' } }),
      createMachine({ id: 'over', initial: 'end', states: { end: { type: 'final' } } }),
      createMachine({ id: 'deep', initial: 'a', states: { a: { on: { x: '.b.c', y: 'a' }, initial: 'b', states: { b: { initial: 'c', states: { c: { on: { z: '#deep.a' } } } } } } } } as never),
    ] as readonly AnyStateMachine[];
    for (const machine of machines) isWellFormed(await toSvg(machine));
  });

  it('can be had of every example', async () => {
    const examples = resolve(import.meta.dirname, '../../../examples');
    const bots = readdirSync(examples).map((name) => join(examples, name, 'bot.ts')).filter((file) => existsSync(file));
    expect(bots.length).to.be.greaterThan(10);
    for (const file of bots) {
      const { default: bot } = (await import(pathToFileURL(file).href)) as { readonly default: AnyStateMachine };
      const { svg, states } = await drawChart(bot, { file });
      isWellFormed(svg);
      const unplaced = Object.entries(states).filter(([id, { source }]) => source === undefined && !/(?:^|\/)(?:idle|ended)$/.test(id));
      expect(unplaced, file).to.deep.equal([]);
    }
  });
});

describe('the width of a text', () => {
  it('is that of Helvetica', () => {
    expect(textWidth('Hello', 1_000)).to.equal(722 + 556 + 222 + 222 + 556);
    expect(textWidth('e\u0301', 1_000)).to.equal(556);
    expect(textWidth('日本', 10)).to.equal(20);
  });

  it('breaks lines between words, long words where they must, and says where there is more', () => {
    expect(wrapped('one two three', 10, 40, 3)).to.deep.equal(['one two', 'three']);
    expect(wrapped('one two three', 10, 40, 1)).to.deep.equal(['one two…']);
    expect(wrapped('abcdefghijkl', 10, 30, 5).join('')).to.equal('abcdefghijkl');
    for (const line of wrapped('abcdefghijkl', 10, 30, 5)) expect(textWidth(line, 10)).to.be.at.most(30);
  });
});
