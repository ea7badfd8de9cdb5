/** A bot whose guards are answered by somebody else is the same bot in everything else. */
import { callMachine, type CallSnapshot, dialog, dialogMachine, hangup, prompt, recognize, step, type StepResult, waterfall } from 'callchart';
import { expect } from 'chai';
import fc from 'fast-check';
import { and, type AnyStateMachine, not, or, setup } from 'xstate';
import { guardPlaces, supposing } from '../../../src/machines/check/supposing.ts';
import { heard, ring } from '../line.ts';
import { botOf, botPlan, eventOf, moves } from '../random-bot.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 200);

const isOpen = (): boolean => false;

/** A shop with a guard of each kind, `isOpen` in three places. */
const shop = (): AnyStateMachine => {
  const age = dialogMachine('age', { initial: 'asking', states: { asking: recognize({ prompt: 'Age?', digits: { max: 2 }, validate: ({ digits }) => (digits === '99' ? 'Not 99.' : undefined), on: { digits: 'old', exhausted: 'old' } }), old: { type: 'final', output: 1 } } });
  return callMachine('shop', {
    initial: 'hello',
    on: { 'call.roster': { target: '.bye', guard: isOpen } },
    states: {
      hello: prompt('Hello.', [{ target: 'menu', guard: not(isOpen) as never }, { target: 'age', guard: or([and([isOpen, () => true]), () => false]) as never }, 'bye']),
      menu: { ...recognize({ prompt: 'For the age press 1.', choices: { age: '1' }, on: { age: [{ target: 'age', guard: isOpen }, 'bye'], exhausted: 'bye' } }), after: { 9_000: { target: 'bye', guard: () => true } } },
      age: dialog(age, { on: { done: 'bye' } }),
      bye: hangup('Bye.'),
    },
  }) as unknown as AnyStateMachine;
};

describe('supposing', () => {
  it('names each guard by its machine, its state, its event and its number there, one function by the first of its places', () => {
    expect(Object.fromEntries(guardPlaces(shop()))).to.deep.equal({
      'shop call.roster 1': 'shop call.roster 1',
      'shop.hello always 1.1': 'shop call.roster 1',
      'shop.hello always 2.1.1': 'shop call.roster 1',
      'shop.hello always 2.1.2': 'shop.hello always 2.1.2',
      'shop.hello always 2.2': 'shop.hello always 2.2',
      'shop.menu recognize.choice.age 1': 'shop call.roster 1',
      'shop.menu after.9000 1': 'shop.menu after.9000 1',
      'age.asking recognize.digits.* 1.1': 'age.asking recognize.digits.* 1.1',
      'age.asking recognize.digits.* 2': 'age.asking recognize.digits.* 1.1',
    });
  });

  it('lets a caller into a shop that is closed, wherever it is asked whether it is open', () => {
    expect(heard(ring(shop()).result())).to.deep.equal(['Hello.', 'For the age press 1.']);
    const open = supposing(shop(), (guard, evaluate) => (guard === 'shop call.roster 1' ? true : evaluate()));
    const line = ring(open);
    expect(heard(line.result())).to.deep.equal(['Hello.', 'Age?']);
    expect(heard(line.ends({ type: 'recognize.input', input: { kind: 'digits', digits: '99', by: 'interdigit' }, via: 'dtmf' }))).to.deep.equal(['Not 99. Age?']);
  });

  it('finds the digits right that a dialog has found wrong', () => {
    const right = supposing(shop(), (guard, evaluate) => (guard.startsWith('age.') ? false : guard === 'shop call.roster 1' ? true : evaluate()));
    expect(heard(ring(right).ends({ type: 'recognize.input', input: { kind: 'digits', digits: '99', by: 'interdigit' }, via: 'dtmf' }))).to.deep.equal(['Bye.']);
  });

  it('asks again as often as a question may be asked, whatever is supposed: that is no guard of the author', () => {
    const line = ring(supposing(shop(), () => false));
    line.silence();
    line.silence();
    expect(line.silence().batch.at(-1)?.type).to.equal('hangup');
  });

  it('shows the oracle one context and one event where the framework asks twice', () => {
    const asked: { readonly guard: string; readonly about: readonly unknown[] }[] = [];
    const line = ring(supposing(shop(), (guard, _, { context, event }) => {
      asked.push({ guard, about: [context, event] });
      return !guard.startsWith('age.');
    }));
    asked.length = 0;
    line.ends({ type: 'recognize.input', input: { kind: 'digits', digits: '12', by: 'interdigit' }, via: 'dtmf' });
    expect(asked.map(({ guard }) => guard)).to.deep.equal(Array.from({ length: 4 }, () => 'age.asking recognize.digits.* 1.1')); // at two places, twice
    for (const { about } of asked) expect(about.every((one, index) => one === asked[0]?.about[index])).to.equal(true);
  });

  it('reaches the steps of a waterfall that may be passed over, and named guards of a machine that XState made', () => {
    const order = waterfall('order').ask('size', { prompt: 'Size?', choices: { large: '1' } }).say('Not today.', { when: () => false }).end();
    const raw = setup({ guards: { never: () => false, both: and([() => false, 'never' as never]) } }).createMachine({
      id: 'raw', initial: 'first', output: 1,
      states: { first: { always: [{ target: 'second', guard: 'never' }, { target: 'second', guard: 'both' as never }, 'third'] }, second: { type: 'final' }, third: { type: 'final' } },
    });
    const bot = callMachine('bot', {
      initial: 'order',
      states: { order: dialog(order, { on: { done: 'raw' } }), raw: dialog(raw as never, { on: { done: 'bye' } }), bye: hangup('Bye.') },
    } as never) as AnyStateMachine;
    expect([...guardPlaces(bot).entries()]).to.deep.equal([
      ['order.before_2 always 1', 'order.before_2 always 1'],
      ['raw.first always 1', 'raw.first always 1'], ['raw.first always 2.1', 'raw.first always 2.1'], ['raw.first always 2.2', 'raw.first always 1'],
    ]);
    expect(heard(ring(supposing(bot, () => true)).keys('1'))).to.deep.equal(['Not today.', 'Bye.']);
  });

  it('tells who looks on which states are entered, and that a state has ended the call', () => {
    const states: string[] = [];
    const closed: object[] = [];
    const line = ring(supposing(shop(), (_, evaluate) => evaluate(), { entered: (machine, state) => states.push(`${machine}.${state}`), closing: (params) => closed.push(params) }));
    expect(states).to.deep.equal(['shop.idle', 'shop.hello', 'shop.menu']);
    const { batch } = line.keys('1');
    expect(states.slice(3)).to.deep.equal(['shop.bye']);
    expect(closed).to.deep.equal([batch.at(-1)?.params]);
  });

  it('is the bot itself, batch by batch, where the oracle says what the guards say', () => {
    let guards = 0;
    fc.assert(
      fc.property(botPlan, moves, (plan, walk) => {
        const original = botOf(plan);
        const copy = supposing(original, (_, evaluate) => {
          guards += 1;
          return evaluate();
        }, { entered: () => {}, closing: () => {} });
        let now = 1_000;
        let snapshot: CallSnapshot | undefined;
        const told = ({ error, ...rest }: StepResult): string => JSON.stringify({ ...rest, error: error && { code: error.code, message: error.message } });
        for (const move of [undefined, ...walk]) {
          const event = move === undefined ? ({ type: 'service', at: now, events: [{ type: 'call.incoming', call: ring(original).snapshot().call }] } as const) : eventOf(move, snapshot!, now);
          if (event === undefined) continue;
          now = event.at;
          const result = step(original, snapshot, event);
          expect(told(step(copy, snapshot, event))).to.equal(told(result));
          snapshot = result.snapshot;
        }
      }),
      { numRuns },
    );
    expect(guards).to.be.greaterThan(numRuns / 10);
  });
});
