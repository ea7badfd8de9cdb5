import { expect } from 'chai';
import fc from 'fast-check';
import { type AnyStateMachine, assign } from 'xstate';
import { callMachine, dialog, dialogMachine, hangup, prompt, recognize, sealEvent, type ServiceEvent, step, type StepEvent, task, type TaskArgs } from 'callchart';
import { observationOf } from '../../../src/cli/observe.ts';
import { chartMoment } from '../../../src/inspector/chart/moment.ts';
import type { ChartMoment } from '../../../src/inspector/chart/drawing.ts';
import { everyBox, figureOf } from '../../../src/inspector/chart/figure.ts';
import type { CallObservation } from '../../../src/inspector/observation.ts';
import { activeStates, type CallSnapshot } from '../../../src/machines/index.ts';
import { sealed, unsealed } from '../../../src/testing/seal.ts';
import { call, nextTimer, operation } from '../../machines/line.ts';
import { botOf, botPlan, eventOf, type Move, moves } from '../../machines/random-bot.ts';

/** A call that is followed on its chart. Each thing that happens gives the moment that it leads to. */
const follow = (machine: AnyStateMachine) => {
  let now = 1_000_000;
  let stored: CallSnapshot | undefined;
  let observation: CallObservation | undefined;
  const take = (event: StepEvent): ChartMoment => {
    const before = stored === undefined ? undefined : (JSON.parse(JSON.stringify(stored)) as CallSnapshot);
    const kept = sealEvent(event, before, sealed);
    const result = step(machine, before, kept);
    now = event.at;
    stored = result.snapshot;
    observation = observationOf({ machine, event: kept, result });
    return chartMoment(observation);
  };
  const snapshot = (): CallSnapshot => stored ?? expect.fail('no call');
  const service = (...events: readonly object[]): ChartMoment => take({ type: 'service', at: now + 1_000, events: events as readonly ServiceEvent[] });
  const ends = (ending: object): ChartMoment => service({ ...ending, operationId: operation(snapshot()) });
  return {
    take, service, snapshot,
    observation: (): CallObservation => observation ?? expect.fail('no step'),
    rings: () => service({ type: 'call.incoming', call }),
    keys: (keys: string) => ends({ type: 'recognize.input', input: { kind: 'keys', keys }, via: 'dtmf' }),
    chooses: (name: string) => ends({ type: 'recognize.input', input: { kind: 'choice', name }, via: 'speech' }),
    silence: () => ends({ type: 'recognize.noinput' }),
    played: () => ends({ type: 'play.done' }),
    hangsUp: () => service({ type: 'call.ended', reason: 'caller' }),
    task: (output: unknown) => take({ type: 'task', at: now + 100, taskId: snapshot().tasks[0]?.id ?? '', result: { type: 'task.done', output }, reply: true }),
    fails: (message: string) => take({ type: 'task', at: now + 100, taskId: snapshot().tasks[0]?.id ?? '', result: { type: 'task.failed', error: { message } }, reply: true }),
    due: () => {
      const timer = nextTimer(snapshot());
      return take({ type: 'timer', at: timer.dueAt, timer, reply: true });
    },
  };
};

/** What the arrows of `machine` with these ids are called, and where they lead. */
const arrows = (machine: AnyStateMachine, { taken }: ChartMoment): readonly string[] =>
  taken.map((id) => figureOf(machine).arrows.find((arrow) => arrow.id === id) ?? expect.fail(id)).map(({ from, label, target }) => `${from} -${label}-> ${target}`);

const menu = callMachine<{ readonly tries: number }>()('menu', {
  context: { tries: 0 },
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'Sales or support?', choices: { sales: '1', support: '2', again: '3' }, on: { sales: 'sales', support: { target: 'support', actions: assign({ tries: ({ context }) => context.tries + 1 }) }, again: 'menu', exhausted: 'bye' } }),
    sales: prompt('Sales will call you.', 'bye'),
    support: hangup('Support will call you.'),
    bye: hangup('Goodbye.'),
  },
});

const pin = dialogMachine<{ pin: string }, undefined, string>()('pin', {
  context: { pin: '' },
  initial: 'hello',
  states: {
    hello: prompt('A word in confidence.', 'ask'),
    ask: recognize({ prompt: 'Your PIN, please.', digits: { max: 4 }, secret: true, on: { digits: { target: 'got', actions: assign(({ event }) => ({ pin: event.digits })) }, exhausted: 'got' } }),
    got: { type: 'final', output: ({ context }) => context.pin },
  },
});

const bank = callMachine<{ readonly pin: string; readonly notes: readonly object[] }>()('bank', {
  context: { pin: '', notes: [] },
  initial: 'login',
  tasks: { check: (sealedPin: string, { reveal }: TaskArgs) => reveal(sealedPin) === '4929' },
  states: {
    login: dialog(pin, { on: { done: { target: 'checking', actions: assign(({ event }) => ({ pin: event.output, notes: [{ [event.output]: `it was ${event.output}.` }] })) } } }),
    checking: task({ run: 'check', input: ({ context }) => context.pin, timeoutMs: 3_000, on: { done: 'order', failed: 'login' } }),
    order: {
      initial: 'size',
      states: {
        size: recognize({ prompt: ({ context }) => `You keyed ${context.pin}. What size?`, choices: { big: '1', wait: '2' }, on: { big: 'both', wait: '#bank.waiting', exhausted: 'both' } }),
        both: { type: 'parallel', onDone: '#bank.bye', states: { oven: { initial: 'cold', states: { cold: { after: { 1_000: 'hot' } }, hot: { type: 'final' } } }, door: { initial: 'open', states: { open: { after: { 2_000: 'shut' } }, shut: { type: 'final' } } } } },
        back: { type: 'history' },
      },
    },
    waiting: prompt('One moment.', { on: { done: 'order.back', failed: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

describe('a step on the chart', () => {
  it('tells where the call stands, how it came there, what is asked, and how often it was', () => {
    const line = follow(menu);
    const rung = line.rings();
    expect(rung).to.deep.equal({
      revision: 1, at: 1_001_000, active: ['menu'], passed: [], taken: ['idle~0'], ended: false, events: ['call.incoming'], attempts: 1, context: { tries: 0 },
      batch: [{ type: 'answer' }, { type: 'recognize', text: 'Sales or support?' }],
    });
    const again = line.silence();
    expect(again).to.deep.include({ active: ['menu'], events: ['recognize.noinput'], attempts: 2, batch: [{ type: 'recognize', text: 'Sorry, I did not hear you. Sales or support?' }] });
    expect(arrows(menu, again)).to.deep.equal(['menu -again on noinput, nomatch, failed-> menu']);
    const chosen = line.chooses('sales');
    expect(chosen).to.deep.include({ active: ['bye'], passed: ['sales'], events: ['recognize.choice.sales'] }).and.not.have.property('attempts');
    expect(arrows(menu, chosen)).to.deep.equal(['menu -sales-> sales', 'sales -always-> bye']);
    expect(line.hangsUp()).to.deep.include({ active: ['ended'], events: ['call.ended'], taken: [], ended: true });
  });

  it('calls keys what the question took them for', () => {
    const line = follow(menu);
    line.rings();
    const wrong = line.keys('9');
    expect([wrong.events, arrows(menu, wrong), wrong.attempts]).to.deep.equal([['recognize.nomatch'], ['menu -again on noinput, nomatch, failed-> menu'], 2]);
    const same = line.keys('3');
    expect([same.events, arrows(menu, same), same.attempts]).to.deep.equal([['recognize.choice.again'], ['menu -again-> menu'], 1]);
    const chosen = line.keys('2');
    expect([chosen.events, arrows(menu, chosen), chosen.context]).to.deep.equal([['recognize.choice.support'], ['menu -support-> support'], { tries: 1 }]);
  });

  it('says which of two alike transitions was taken, though nothing but a guard tells them apart', () => {
    const forked = callMachine<{ readonly n: number }>()('forked', {
      context: { n: 1 },
      initial: 'ask',
      states: {
        ask: recognize({ prompt: 'Yes?', choices: { yes: '1' }, on: { yes: [{ guard: function isOne({ context }) { return context.n === 1; }, target: 'bye' }, 'bye'], exhausted: 'bye' } }),
        bye: hangup(),
      },
    });
    const line = follow(forked);
    line.rings();
    const chosen = line.chooses('yes');
    expect(chosen).to.deep.include({ active: ['bye'], events: ['recognize.choice.yes'] });
    expect(arrows(forked, chosen)).to.deep.equal(['ask -yes [isOne]-> bye']);
  });

  it('tells a task whose time is over from one that fails', () => {
    const line = follow(bank);
    line.rings();
    line.keys('4929');
    const failed = line.fails('no');
    expect(arrows(bank, failed)[0]).to.equal('checking -failed-> login');
    line.keys('4929');
    expect(arrows(bank, line.due())[0]).to.equal('checking -after 3000 ms-> login');
  });

  it('calls keys what they were taken for, whoever takes them', () => {
    const open = callMachine('open', {
      initial: 'ask',
      states: { ask: { entry: { type: 'recognize', params: { prompts: [{ text: 'Yes?' }], bargein: true, timeoutMs: 5_000, interdigitMs: 2_000, choices: [{ name: 'yes', key: '1', phrases: [] }] } }, on: { '*': 'bye' } }, bye: hangup() },
    });
    const line = follow(open);
    line.rings();
    const keyed = line.keys('1');
    expect([keyed.events, arrows(open, keyed)]).to.deep.equal([['recognize.choice.yes'], ['ask -*-> bye']]);
  });

  it('goes into a dialog and out of it, into regions, by timers, and back to where it was', () => {
    const line = follow(bank);
    const rung = line.rings();
    expect(rung).to.deep.include({ active: ['login', 'login/ask'], passed: ['login/hello'], attempts: 1, context: { pin: '', notes: [], 'login/': { pin: '' } } });
    expect(arrows(bank, rung)).to.deep.equal(['idle -call.incoming-> login', 'login/idle --> login/hello', 'login/hello -always-> login/ask']);
    const keyed = line.keys('4929');
    expect(keyed).to.deep.include({ active: ['checking'], passed: ['login/got'] });
    expect(arrows(bank, keyed)).to.deep.equal(['login/ask -digits-> login/got', 'login -done-> checking']);
    const late = line.due();
    expect([late.events, late.active, arrows(bank, late)]).to.deep.equal([['after 3000 ms'], ['login', 'login/ask'], ['checking -after 3000 ms-> login', 'login/idle --> login/hello', 'login/hello -always-> login/ask']]);
    line.keys('4929');
    const checked = line.task(true);
    expect([checked.events, checked.active, arrows(bank, checked)]).to.deep.equal([['task.done'], ['order', 'order.size'], ['checking -done-> order']]);
    const waits = line.chooses('wait');
    expect([waits.active, arrows(bank, waits)]).to.deep.equal([['waiting'], ['order.size -wait-> waiting']]);
    const back = line.played();
    expect([back.active, arrows(bank, back)]).to.deep.equal([['order', 'order.size'], ['waiting -done-> order.back']]);
    const both = line.chooses('big');
    expect([...both.active].sort()).to.deep.equal(['order', 'order.both', 'order.both.door', 'order.both.door.open', 'order.both.oven', 'order.both.oven.cold']);
    expect(both.active.indexOf('order.both.door')).to.be.lessThan(both.active.indexOf('order.both.door.open'));
    expect(arrows(bank, both)).to.deep.equal(['order.size -big-> order.both']);
    const hot = line.due();
    expect([hot.events, arrows(bank, hot)]).to.deep.equal([['after 1000 ms'], ['order.both.oven.cold -after 1000 ms-> order.both.oven.hot']]);
    const shut = line.due();
    expect(shut).to.deep.include({ active: ['bye'], events: ['after 2000 ms'] });
    expect(shut.passed).to.include.members(['order.both.oven.hot', 'order.both.door.shut']);
    expect(arrows(bank, shut)).to.deep.equal(['order.both.door.open -after 2000 ms-> order.both.door.shut', 'order.both -done-> bye']);
  });

  it('shows nothing of a secret, nor its seal: not in what the bot keeps, says or was told', () => {
    const line = follow(bank);
    const moments = [line.rings(), line.keys('4929'), line.fails('nobody has 12'), line.keys('4929'), line.task(true)];
    expect(JSON.stringify(line.observation().snapshot)).to.contain(sealed('4929', '')); // the bot does keep it
    expect(moments.at(-1)).to.deep.include({ context: { pin: '••••', notes: [{ '••••': 'it was ••••.' }] }, batch: [{ type: 'recognize', text: 'You keyed ••••. What size?' }] });
    const shown = JSON.stringify(moments);
    expect(unsealed(sealed('4929', ''))).to.equal('4929');
    for (const secret of ['4929', sealed('4929', ''), sealed('4929', '').slice(12), 'sealed.']) expect(shown).to.not.contain(secret);
  });

  it('does not tell as a choice what was said and is none', () => {
    const line = follow(menu);
    line.rings();
    const { observation } = line;
    expect(chartMoment({ ...observation(), events: [{ type: 'recognize.choice.4929' }] }).events).to.deep.equal(['recognize.choice.[redacted]']);
  });

  it('is told of bots made by chance, whatever happens to their calls, in states and arrows that are on the chart', () => {
    fc.assert(
      fc.property(botPlan, moves, (plan, happening: readonly Move[]) => {
        const machine = botOf(plan);
        const figure = figureOf(machine);
        const states = new Set(everyBox(figure.boxes).filter(({ path }) => path !== undefined).map(({ id }) => id));
        const ids = new Set(figure.arrows.map(({ id }) => id));
        const line = follow(machine);
        const tell = (moment: ChartMoment): void => {
          expect(moment.active).to.deep.equal(activeStates(line.snapshot()));
          expect([...moment.active, ...moment.passed].filter((id) => !states.has(id))).to.deep.equal([]);
          expect(line.observation().trail.length === 0 || moment.passed.length + moment.active.length > 0).to.equal(true);
          expect(moment.taken.filter((id) => !ids.has(id))).to.deep.equal([]);
          for (const { path, transitions } of line.observation().moves) {
            const place = path === '' ? '' : `${path}/`;
            for (const transition of transitions) {
              const drawn = figure.arrows.filter((one) => one.place === place && one.edges.some(({ id }) => id === transition));
              expect(drawn.length === 0 || drawn.some(({ id }) => moment.taken.includes(id)), transition).to.equal(true);
            }
          }
          expect(JSON.parse(JSON.stringify(moment))).to.deep.equal(moment);
        };
        tell(line.rings());
        let now = 2_000_000;
        for (const move of happening) {
          const event = eventOf(move, line.snapshot(), (now += 1_000));
          if (event !== undefined) tell(line.take(event));
        }
      }),
      { numRuns: 100 },
    );
  });
});
