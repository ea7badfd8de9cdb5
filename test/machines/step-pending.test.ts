/** What a call waits for by itself: tasks, timers, and batches that wait for a reply to ride on. */
import { callMachine, dialog, dialogMachine, hangup, play, prompt, recognize, step, task, type TaskFunction } from 'callchart';
import { expect } from 'chai';
import { type AnyStateMachine, assign, cancel, raise } from 'xstate';
import { heard, nextTimer, operation, ring, types } from './line.ts';

const find: TaskFunction<string, { readonly eta: number }> = () => ({ eta: 3 });

interface Data {
  readonly eta: number;
  readonly failure: string;
}

const shop = callMachine<Data>()('shop', {
  context: { eta: 0, failure: '' }, initial: 'hi', filler: 'One moment.',
  tasks: { find },
  states: {
    hi: prompt('Looking.', 'look'),
    look: task({
      run: 'find', input: ({ context }) => context.call.from, timeoutMs: 20_000,
      on: {
        done: { target: 'tell', actions: assign({ eta: ({ event }) => (event.output as { eta: number }).eta }) },
        failed: { target: 'sorry', actions: assign({ failure: ({ event }) => event.error.message }) }, timeout: 'late',
      },
    }),
    tell: recognize({ prompt: ({ context }) => `${context.eta} days. Again?`, choices: { again: '1' }, on: { again: 'look', exhausted: 'bye' } }),
    sorry: hangup(({ context }) => `Sorry: ${context.failure}.`),
    late: hangup('Too late.'),
    bye: hangup('Bye.'),
  },
});

describe('a task', () => {
  it('leaves as data, and the prompt before it is played meanwhile', () => {
    const { tasks, batch, holds } = ring(shop).result();
    expect(heard({ batch })).to.deep.equal(['Looking.']);
    expect(holds).to.equal(false);
    expect(tasks).to.deep.equal([{ id: 'c1:1:look', path: 'look', machine: 'shop', name: 'find', input: '+4721000000', filler: [], since: 1_001_000 }]);
  });

  it('holds the reply back once the prompt is over, and its result is the reply', () => {
    const line = ring(shop);
    expect(line.ends({ type: 'play.done' })).to.deep.include({ batch: [], holds: true });
    expect(heard(line.task({ eta: 5 }))).to.deep.equal(['5 days. Again?']);
    expect(line.result()).to.deep.include({ tasks: [], timers: [], holds: false });
  });

  it('that fails leads to `failed`', () => {
    const line = ring(shop);
    line.ends({ type: 'play.done' });
    expect(heard(line.taskFails('no stock'))).to.deep.equal(['Sorry: no stock.']);
  });

  it('whose result comes while the prompt is still played waits for its end', () => {
    const line = ring(shop);
    expect(line.task({ eta: 5 }, false)).to.deep.include({ batch: [], holds: false, tasks: [] });
    expect(heard(line.ends({ type: 'play.done' }))).to.deep.equal(['5 days. Again?']);
    expect(heard(line.keys('9'))).to.deep.equal(['Sorry, I did not get that. 5 days. Again?']);
  });

  it('whose result comes while the prompt before it is still played waits for its end also where the service can be told at any time', () => {
    const line = ring(shop);
    expect(line.task({ eta: 5 })).to.deep.include({ batch: [], holds: false, tasks: [] });
    expect(heard(line.ends({ type: 'play.done' }))).to.deep.equal(['5 days. Again?']);
    const failing = ring(shop);
    expect(failing.taskFails('no stock').batch).to.deep.equal([]);
    expect(heard(failing.ends({ type: 'play.failed' }))).to.deep.equal(['Sorry: no stock.']);
  });

  it('whose result comes while its filler is said cuts that short, and so does a timer the music up to it', () => {
    const line = ring(shop);
    line.ends({ type: 'play.done' });
    line.patienceEnds();
    expect(heard(line.task({ eta: 5 }))).to.deep.equal(['5 days. Again?']);
    const waiting = ring(callMachine('waiting', { initial: 'music', states: { music: { entry: play('La la la.'), after: { 20_000: 'bye' } }, bye: hangup('Bye.') } }));
    expect(heard(waiting.due())).to.deep.equal(['Bye.']);
  });

  it('has the filler said when the service’s patience ends, and asks again when that was heard', () => {
    const line = ring(shop);
    line.ends({ type: 'play.done' });
    expect(heard(line.patienceEnds())).to.deep.equal(['One moment.']);
    expect(types(line.result())).to.deep.equal(['play']);
    expect(line.ends({ type: 'play.done' })).to.deep.include({ batch: [], holds: true });
    expect(heard(line.patienceEnds())).to.deep.equal(['One moment.']);
    expect(line.task({ eta: 1 }, false).batch).to.deep.equal([]);
    expect(heard(line.ends({ type: 'play.failed' }))).to.deep.equal(['1 days. Again?']);
  });

  it('has its own filler before the bot’s, and a silence where there is none', () => {
    const filled = (bot: string | undefined, own: string | undefined): readonly unknown[] => {
      const machine = callMachine('bot', { ...(bot !== undefined && { filler: bot }), initial: 'look', states: { look: task({ run: find, ...(own !== undefined && { filler: own }), on: { done: 'bye', failed: 'bye' } }), bye: hangup() } });
      const line = ring(machine);
      expect(line.result()).to.deep.include({ batch: [], holds: true });
      const { batch } = line.patienceEnds();
      expect(batch.map(({ type }) => type)).to.deep.equal(['answer', 'play']);
      return (batch[1]!.params as { readonly prompts: readonly unknown[] }).prompts;
    };
    expect(filled('Bot.', 'Own.')).to.deep.equal([{ text: 'Own.' }]);
    expect(filled('Bot.', undefined)).to.deep.equal([{ text: 'Bot.' }]);
    expect(filled(undefined, undefined)).to.deep.equal([{ silenceMs: 2_000 }]);
    expect(filled('', undefined)).to.deep.equal([{ silenceMs: 2_000 }]);
  });

  it('never has its filler’s end taken for anything else', () => {
    const machine = callMachine('bot', { initial: 'look', states: { look: { ...task({ run: find, on: { done: 'bye', failed: 'bye' } }), on: { 'play.*': 'wrong', '*': 'wrong' } }, wrong: hangup('Wrong.'), bye: hangup('Bye.') } });
    const line = ring(machine);
    line.patienceEnds();
    expect(line.ends({ type: 'play.done' })).to.deep.include({ batch: [], holds: true });
    expect(heard(line.task(null))).to.deep.equal(['Bye.']);
  });

  it('whose result comes twice, or for a state that was left, is of no interest', () => {
    const line = ring(shop);
    const [first] = line.snapshot().tasks;
    line.task({ eta: 5 }, false);
    const late = { type: 'task', at: 9, taskId: first!.id, result: { type: 'task.done', output: { eta: 9 } }, reply: true } as const;
    expect(line.take(late).ignored).to.equal(true);
    line.ends({ type: 'play.done' });
    expect(line.keys('1').tasks.map(({ id }) => id)).to.deep.equal(['c1:4:look']);
    expect(line.take(late).ignored).to.equal(true);
    expect(line.snapshot().tasks).to.have.lengthOf(1);
  });

  it('keeps its id from step to step, and has a new one when its state is entered anew', () => {
    const machine = callMachine('bot', { initial: 'look', on: { 'call.state': '.look' as never }, states: { look: task({ run: find, on: { done: 'bye', failed: 'bye' } }), bye: hangup() } });
    const line = ring(machine);
    line.service({ type: 'call.roster', participants: 2 });
    line.patienceEnds();
    expect(line.result().tasks.map(({ id }) => id)).to.deep.equal(['c1:1:look']);
    expect(line.service({ type: 'call.state', state: 'x' }).tasks.map(({ id }) => id)).to.deep.equal(['c1:3:look']);
  });

  it('with a timer is given up when that is due', () => {
    const line = ring(shop);
    line.ends({ type: 'play.done' });
    expect(line.result().timers.map(({ dueAt }) => dueAt)).to.deep.equal([1_021_000]);
    const [late] = line.snapshot().tasks;
    expect(heard(line.due())).to.deep.equal(['Too late.']);
    expect(line.result()).to.deep.include({ tasks: [], timers: [] });
    expect(line.take({ type: 'task', at: 9, taskId: late!.id, result: { type: 'task.done', output: { eta: 1 } }, reply: false }).ignored).to.equal(true);
  });

  it('in a dialog says which machine it belongs to', () => {
    const ask = dialogMachine<Record<never, never>, undefined, unknown>()('ask', { initial: 'look', tasks: { find }, states: { look: task({ run: 'find', on: { done: 'out', failed: 'out' } }), out: { type: 'final', output: 'x' } } });
    const line = ring(callMachine('bot', { initial: 'run', states: { run: dialog(ask, { on: { done: 'bye' } }), bye: hangup('Bye.') } }));
    expect(line.result().tasks[0]).to.deep.include({ id: 'c1:1:run/look', path: 'run/look', machine: 'ask', name: 'find', input: null });
    expect(heard(line.task(null))).to.deep.equal(['Bye.']);
  });

  it('that was written by hand is given its input as it is', () => {
    const machine = callMachine('bot', { initial: 'look', tasks: { find }, states: { look: { invoke: { src: 'find', input: 'order 7', onDone: 'bye', onError: 'bye' } }, bye: hangup('Bye.') } });
    const line = ring(machine);
    expect(line.result().tasks[0]).to.deep.include({ name: 'find', input: 'order 7', filler: [] });
    expect(types(line.patienceEnds())).to.deep.equal(['answer', 'play']);
  });

  it('may be one of two in the same state, whatever that is called', () => {
    const machine = callMachine('bot', { initial: 'x', tasks: { find }, states: { x: { invoke: [{ src: 'find', input: 1 }, { src: 'find', input: 2, onDone: 'bye' }] }, bye: hangup('Bye.') } });
    const line = ring(machine);
    expect(line.result().tasks.map(({ path, input }) => `${path} ${String(input)}`)).to.deep.equal(['x:0 1', 'x:1 2']);
    expect(line.task(null)).to.deep.include({ batch: [], holds: true });
    expect(heard(line.task(null))).to.deep.equal(['Bye.']);
  });

  it('that fails where nobody handles it ends in the apology', () => {
    const machine = callMachine('bot', { initial: 'look', tasks: { find }, states: { look: { invoke: { src: 'find', onDone: 'bye' } }, bye: hangup('Bye.') } });
    expect(ring(machine).taskFails('x').error?.code).to.equal('ERR_BOT_THREW');
  });

  it('is waited for no more when the caller hangs up', () => {
    const line = ring(shop);
    expect(line.hangsUp()).to.deep.include({ tasks: [], timers: [], batch: [] });
  });

  it('may be one of two; each brings its own result', () => {
    const region = (name: string): object => ({ initial: 'look', states: { look: task({ run: find, input: name, on: { done: 'done', failed: 'done' } }), done: { type: 'final' } } });
    const machine = callMachine('bot', { initial: 'both', states: { both: { type: 'parallel', states: { a: region('a'), b: region('b') }, onDone: 'bye' }, bye: hangup('Both.') } } as never) as AnyStateMachine;
    const line = ring(machine);
    expect(line.result().tasks.map(({ input }) => input)).to.deep.equal(['a', 'b']);
    expect(line.task(1)).to.deep.include({ batch: [], holds: true });
    expect(line.result().tasks.map(({ id }) => id)).to.deep.equal(['c1:1:both.b.look']);
    expect(heard(line.task(2))).to.deep.equal(['Both.']);
  });
});

const waits = callMachine('waits', {
  initial: 'ask',
  states: {
    ask: { ...recognize({ prompt: 'Hm?', choices: { yes: '1', stay: '2' }, on: { yes: 'bye', stay: 'hold', exhausted: 'bye' } }), after: { 8_000: 'hurry', 30_000: 'bye' } },
    hurry: recognize({ prompt: 'Quick!', choices: { yes: '2' }, on: { yes: 'done', exhausted: 'bye' } }),
    hold: { after: { 3_000: 'ask' } },
    done: hangup('Done.'),
    bye: hangup('Bye.'),
  },
});

describe('a timer', () => {
  it('is set on entry and taken back on exit', () => {
    const line = ring(waits);
    expect(line.result().timers.map(({ id, path, dueAt }) => `${id} ${path} ${dueAt}`)).to.deep.equal(['xstate.after.8000.waits.ask  1009000', 'xstate.after.30000.waits.ask  1031000']);
    expect(line.keys('1').timers).to.deep.equal([]);
  });

  it('keeps its time while the question is asked again', () => {
    const line = ring(waits);
    const { timers } = line.result();
    expect(line.silence().timers).to.deep.equal(timers);
  });

  it('holds the reply back while there is nothing to ask, and a silence keeps the line', () => {
    const line = ring(waits);
    expect(line.keys('2')).to.deep.include({ batch: [], holds: true });
    const { batch } = line.take({ type: 'reply.due', at: nextTimer(line.snapshot()).dueAt - 1_500 });
    expect(batch.map(({ params }) => params)).to.deep.equal([{ prompts: [{ silenceMs: 1_500 }] }]);
    expect(line.due(false)).to.deep.include({ batch: [] });
    expect(heard(line.ends({ type: 'play.done' }))).to.deep.equal(['Hm?']);
    expect(line.result().timers.map(({ dueAt }) => dueAt - line.snapshot().timers[0]!.dueAt)).to.deep.equal([0, 22_000]);
  });

  it('keeps the line with a silence that is neither a blink nor an age', () => {
    const silence = (before: number): unknown => {
      const line = ring(waits);
      line.keys('2');
      return line.take({ type: 'reply.due', at: nextTimer(line.snapshot()).dueAt - before }).batch[0]?.params;
    };
    expect([-5, 0, 499, 700, 99_000].map(silence)).to.deep.equal([500, 500, 500, 700, 5_000].map((silenceMs) => ({ prompts: [{ silenceMs }] })));
  });

  it('that is due while a question is open parks what comes next, and the old answer is no answer to it', () => {
    const line = ring(waits);
    expect(line.due(false)).to.deep.include({ batch: [], holds: false, ignored: false });
    expect(line.snapshot().parked).to.have.lengthOf(1);
    expect(heard(line.keys('2'))).to.deep.equal(['Quick!']);
    expect(line.snapshot().machine).to.have.nested.property('context.call.asked').that.deep.includes({ attempts: 1, nomatch: 0 });
    expect(heard(line.keys('2'))).to.deep.equal(['Done.']);
  });

  it('that leaves a question which was never sent has it withdrawn', () => {
    const machine = callMachine('bot', {
      initial: 'one',
      states: {
        one: { ...recognize({ prompt: 'One?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 1_000: 'two' } },
        two: { ...recognize({ prompt: 'Two?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 1_000: 'three' } },
        three: { ...recognize({ prompt: 'Three?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 1_000: 'hold' } },
        hold: { after: { 1_000: 'bye' } },
        bye: hangup('Bye.'),
      },
    });
    const line = ring(machine);
    line.due(false);
    line.due(false);
    expect(line.snapshot().parked.map(({ state }) => state)).to.deep.equal(['three']);
    line.due(false);
    expect(line.snapshot().parked).to.deep.equal([]);
    expect(line.silence()).to.deep.include({ batch: [], holds: true });
    expect(heard(line.due())).to.deep.equal(['Bye.']);
  });

  it('that speaks in another region while a question is open leaves the question open', () => {
    const machine = callMachine('bot', {
      initial: 'both',
      states: {
        both: {
          type: 'parallel',
          states: {
            a: { initial: 'ask', states: { ask: recognize({ prompt: 'Hm?', choices: { yes: '1' }, on: { yes: 'next', exhausted: 'next' } }), next: recognize({ prompt: 'And?', choices: { yes: '1' }, on: { yes: '#bye', exhausted: '#bye' } as never }) } },
            b: { initial: 'wait', states: { wait: { after: { 1_000: 'tell' } }, tell: { entry: play('By the way.') } } },
          },
        },
        bye: { ...hangup('Bye.'), id: 'bye' },
      },
    } as never) as AnyStateMachine;
    const parked = ring(machine);
    parked.due(false);
    expect(heard(parked.keys('1'))).to.deep.equal(['By the way.', 'And?']);
    const pushed = ring(machine);
    expect(pushed.due(true)).to.deep.include({ batch: [], holds: false });
    expect(heard(pushed.keys('1'))).to.deep.equal(['By the way.', 'And?']);
  });

  it('that has a new question may be pushed where the service allows it, and the old outcome is dropped', () => {
    const line = ring(waits);
    const old = operation(line.snapshot());
    expect(heard(line.due(true))).to.deep.equal(['Quick!']);
    expect(line.service({ type: 'recognize.noinput', operationId: old }).ignored).to.equal(true);
    expect(heard(line.keys('2'))).to.deep.equal(['Done.']);
  });

  it('that was taken back, or was due already, changes nothing', () => {
    const line = ring(waits);
    const timer = nextTimer(line.snapshot());
    line.keys('2');
    expect(line.take({ type: 'timer', at: timer.dueAt, timer, reply: true })).to.deep.include({ ignored: true, batch: [] });
    const hold = nextTimer(line.snapshot());
    line.due();
    expect(line.take({ type: 'timer', at: hold.dueAt, timer: hold, reply: true }).ignored).to.equal(true);
    expect(line.take({ type: 'timer', at: 1, timer: { ...nextTimer(line.snapshot()), dueAt: 1 }, reply: true }).ignored).to.equal(true);
  });

  it('is set anew when its state is entered again', () => {
    const line = ring(waits);
    const first = nextTimer(line.snapshot()).dueAt;
    line.keys('2');
    line.due();
    expect(nextTimer(line.snapshot()).dueAt).to.equal(first + 1_000 + 3_000);
  });

  it('in a dialog belongs to the dialog, and goes with it', () => {
    const pin = dialogMachine()('pin', { initial: 'ask', states: { ask: { ...recognize({ prompt: 'Pin?', choices: { yes: '1' }, on: { yes: 'out', exhausted: 'out' } }), after: { 5_000: 'late' } }, late: prompt('Late.', 'out'), out: { type: 'final' } } });
    const machine = callMachine('bot', { initial: 'run', states: { run: { ...dialog(pin, { on: { done: 'bye' } }), after: { 60_000: 'bye' } }, bye: hangup('Bye.') }, on: { 'call.state': '.bye' as never } });
    const line = ring(machine);
    expect(line.result().timers.map(({ path }) => path)).to.deep.equal(['', 'run']);
    expect(line.due(false).trail).to.deep.equal(['run/late', 'run/out', 'bye']);
    expect(heard(line.keys('1'))).to.deep.equal(['Late.', 'Bye.']);
    expect(line.result().timers).to.deep.equal([]);
    expect(ring(machine).service({ type: 'call.state', state: 'x' }).timers).to.deep.equal([]);
  });

  it('of a dialog that is run anew within a step is that of the new one alone', () => {
    const pin = dialogMachine<{ again: boolean }, boolean>()('pin', {
      context: ({ input }) => ({ again: input }), initial: 'first',
      states: { first: { entry: raise({ type: 'call.state', state: 'old' } as never, { delay: 9_000, id: 'old' }), always: [{ target: 'out', guard: ({ context }) => !context.again }, 'stay'] }, stay: { entry: cancel('old'), after: { 1_000: 'out' } }, out: { type: 'final' } },
    });
    const machine = callMachine<{ n: number }>()('bot', {
      context: { n: 0 }, initial: 'run',
      states: { run: dialog(pin, { input: ({ context }: { context: { n: number } }) => context.n > 0, on: { done: [{ target: 'run', reenter: true, guard: ({ context }: { context: { n: number } }) => context.n === 0, actions: assign({ n: 1 }) }, 'bye'] } }), bye: hangup() },
    } as never) as AnyStateMachine;
    expect(ring(machine).result().timers.map(({ id }) => id)).to.deep.equal(['xstate.after.1000.pin.stay']);
  });

  it('that nobody in its dialog takes any more is not taken by the parent’s wildcard', () => {
    const pin = dialogMachine()('pin', { initial: 'a', states: { a: { entry: raise({ type: 'call.state', state: 'x' } as never, { delay: 1_000 }), always: 'b' }, b: recognize({ prompt: 'Pin?', choices: { yes: '1' }, on: { yes: 'b', exhausted: 'b' } }) } });
    const machine = callMachine('bot', { initial: 'run', states: { run: { ...dialog(pin, { on: { done: 'wrong' } }), on: { '*': 'wrong' } }, wrong: hangup('Wrong.') } });
    const line = ring(machine);
    expect(line.due(false).trail).to.deep.equal([]);
    expect(line.result().timers).to.deep.equal([]);
  });
});

describe('a batch that is parked', () => {
  it('rides on the next reply, also when patience ends', () => {
    const machine = callMachine('bot', { initial: 'look', states: { look: task({ run: find, on: { done: 'tell', failed: 'tell' } }), tell: hangup('Done.') } });
    const line = ring(machine);
    expect(line.task(null, false)).to.deep.include({ batch: [], holds: false });
    expect(heard(line.patienceEnds())).to.deep.equal(['Done.']);
    expect(types(line.result())).to.deep.equal(['answer', 'play', 'hangup']);
    expect(line.patienceEnds().ignored).to.equal(true);
  });

  it('because the line changed waits for the outcome of what is open', () => {
    const machine = callMachine('bot', { initial: 'ask', on: { 'call.roster': '.crowd' as never }, states: { ask: recognize({ prompt: 'Hm?', choices: { yes: '1' }, on: { yes: 'crowd', exhausted: 'crowd' } }), crowd: hangup('Too many.') } });
    const line = ring(machine);
    expect(line.service({ type: 'call.roster', participants: 5 })).to.deep.include({ batch: [], ignored: false });
    expect(heard(line.silence())).to.deep.equal(['Too many.']);
  });

  it('is forgotten when the caller hangs up', () => {
    const line = ring(waits);
    line.due(false);
    expect(line.hangsUp()).to.deep.include({ batch: [] });
    expect(line.snapshot().parked).to.deep.equal([]);
  });
});

describe('patience that ends', () => {
  it('means nothing while the service has something to do, or before and after the call', () => {
    const line = ring(waits);
    expect(line.patienceEnds()).to.deep.include({ ignored: true, batch: [] });
    expect(() => step(waits, undefined, { type: 'reply.due', at: 1 })).to.throw('not on record');
  });
});
