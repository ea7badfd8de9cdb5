/** Statecharts in calls: regions and history, through JSON between any two events. */
import { callMachine, hangup, play, prompt, recognize } from 'callchart';
import { expect } from 'chai';
import { type AnyStateMachine, assign } from 'xstate';
import { heard, ring, types } from './line.ts';

const ask = (text: string, on: Readonly<Record<string, string>>): object =>
  recognize({ prompt: text, choices: Object.fromEntries(Object.keys(on).map((name, index) => [name, `${index + 1}`])), on: { ...on, exhausted: '#bye' } as never });

const bot = (states: object): AnyStateMachine => callMachine<{ n: number }>()('bot', { context: { n: 0 }, initial: 'start', states: { ...states, bye: { ...hangup('Bye.'), id: 'bye' } } } as never) as AnyStateMachine;

describe('history', () => {
  const order = (history: 'shallow' | 'deep'): AnyStateMachine => bot({
    start: {
      id: 'order', initial: 'size',
      states: {
        size: ask('Size?', { large: 'place', help: '#help' }),
        place: { initial: 'street', states: { street: ask('Street?', { main: 'house' }), house: ask('House?', { one: '#bye', help: '#help' }) } },
        back: { type: 'history', history },
      },
    },
    help: { ...(prompt('Helping.', 'start.back') as object), id: 'help' },
  });
  it('that is deep leads back to where the caller was', () => {
    const line = ring(order('deep'));
    line.keys('1');
    line.keys('1');
    expect(heard(line.keys('2'))).to.deep.equal(['Helping.', 'House?']);
    expect(line.result().trail).to.deep.equal(['help', 'start.place.house']);
  });
  it('that is shallow leads back to the beginning of that part', () => {
    const line = ring(order('shallow'));
    line.keys('1');
    line.keys('1');
    expect(heard(line.keys('2'))).to.deep.equal(['Helping.', 'Street?']);
  });
  it('leads to the beginning where there is none yet', () => {
    expect(heard(ring(order('deep')).keys('2'))).to.deep.equal(['Helping.', 'Size?']);
  });
});

describe('regions', () => {
  const both = (a: object, b: object): AnyStateMachine => bot({ start: { type: 'parallel', states: { a, b }, onDone: 'bye' } });
  it('speak in the order of the document, whatever moved them', () => {
    const say = (name: string): object => ({ initial: 'one', states: { one: { entry: play(`${name} one.`), always: { target: 'two', guard: ({ context }: { context: { n: number } }) => context.n > 0 } }, two: { entry: play(`${name} two.`), type: 'final' } } });
    const line = ring(both({ ...say('A'), on: { 'play.done': { actions: assign({ n: 1 }) } } }, say('B')));
    expect(heard(line.result())).to.deep.equal(['A one.', 'B one.']);
    expect(heard(line.ends({ type: 'play.done' }))).to.deep.equal(['A two.', 'B two.', 'Bye.']);
  });
  it('are all told of an outcome, and of the states passed', () => {
    const line = ring(both({ initial: 'ask', states: { ask: ask('Hm?', { yes: 'done' }), done: { type: 'final' } } }, { initial: 'wait', states: { wait: { on: { 'recognize.choice.yes': 'done' } }, done: { type: 'final' } } }));
    expect(heard(line.keys('1'))).to.deep.equal(['Bye.']);
    expect(line.result().trail).to.deep.equal(['start.a.done+b.done', 'bye']);
  });
  it('end with the call, all of them', () => {
    const line = ring(both({ initial: 'ask', states: { ask: ask('Hm?', { yes: 'ask' }) } }, { initial: 'wait', states: { wait: { after: { 1_000: 'wait' } } } }));
    expect(line.hangsUp()).to.deep.include({ timers: [], batch: [] });
    expect(types(line.result())).to.deep.equal([]);
  });
});
