/** What a task gives, held against its codec; and how a task ends that was cancelled or took too long. */
import { expect } from 'chai';
import * as t from 'io-ts';
import { assign } from 'xstate';
import { callMachine, hangup, task } from 'callchart';
import { dial } from 'callchart/testing';

const Order = t.type({ eta: t.number });

const shop = callMachine<{ eta: number }>()('shop', {
  context: { eta: 0 },
  initial: 'find',
  tasks: { find: (): unknown => ({ eta: 3 }) },
  states: {
    find: task({ run: 'find', output: Order, on: { done: { target: 'tell', actions: assign({ eta: ({ event }) => event.output.eta }) }, failed: 'sorry' } }),
    tell: hangup(({ context }) => `In ${context.eta} days.`),
    sorry: hangup('We cannot find it.'),
  },
});

describe('the codec of a task’s result', () => {
  it('lets through what fits, of the bot’s own work', () => {
    dial(shop, { runTasks: true }).hears('In 3 days.');
  });

  it('makes a failure of what does not fit, also of a stub', () => {
    dial(shop, { tasks: { find: { eta: 'soon' } } }).hears('We cannot find it.');
    dial(shop, { tasks: { find: null } }).hears('We cannot find it.');
  });

  it('names the place and never the value', () => {
    let error: unknown;
    const bot = callMachine('bot', {
      initial: 'find',
      states: { find: task({ run: () => ({ eta: 'PRIVATE' }), output: Order as t.Type<{ eta: number }>, on: { done: 'bye', failed: { target: 'bye', actions: ({ event }) => void (error = event.error) } } }), bye: hangup('Bye.') },
    });
    dial(bot, { runTasks: true });
    expect(error).to.deep.equal({ message: 'the task’s `output.eta` does not fit its codec'.replace('’', "'"), code: 'ERR_TASK_OUTPUT' });
  });

  it('is that of the state: another state may take the same task’s result as it comes', () => {
    const bot = callMachine('bot', {
      initial: 'strict',
      tasks: { find: (): unknown => 'anything' },
      states: {
        strict: task({ run: 'find', output: Order, on: { done: 'wrong', failed: 'loose' } }),
        loose: task({ run: 'find', on: { done: 'right', failed: 'wrong' } }),
        right: hangup('Right.'), wrong: hangup('Wrong.'),
      },
    });
    dial(bot, { runTasks: true }).hears('Right.');
  });

  it('may fill in what is missing', () => {
    const Filled = new t.Type<{ eta: number }>('Filled', Order.is, (value) => t.success(Order.is(value) ? value : { eta: 9 }), t.identity);
    const bot = callMachine<{ eta: number }>()('bot', {
      context: { eta: 0 }, initial: 'find',
      states: { find: task({ run: () => ({}), output: Filled, on: { done: { target: 'tell', actions: assign({ eta: ({ event }) => event.output.eta }) }, failed: 'tell' } }), tell: hangup(({ context }) => `In ${context.eta} days.`) },
    });
    dial(bot, { runTasks: true }).hears('In 9 days.');
  });
});

describe('a task that ends otherwise', () => {
  const bot = callMachine('bot', {
    initial: 'work',
    tasks: { work: (): unknown => null },
    states: {
      work: task({ run: 'work', on: { done: 'bye', failed: 'failed', cancelled: 'cancelled', timeout: 'late' } }),
      bye: hangup('Bye.'), failed: hangup('Failed.'), cancelled: hangup('Cancelled.'), late: hangup('Late.'),
    },
  });
  const throwing = (error: unknown) => ({ tasks: { work: () => { throw error; } } });

  it('was cancelled when it threw what an aborted signal makes a library throw', () => {
    dial(bot, throwing(new DOMException('gone', 'AbortError'))).hears('Cancelled.');
  });

  it('took too long when its own time limit says so', () => {
    dial(bot, throwing(new DOMException('slow', 'TimeoutError'))).hears('Late.');
  });

  it('took too long when the state says so, and whoever does not tell that apart finds it in the failure', () => {
    for (const [on, said] of [[{ done: 'bye', failed: 'told', timeout: 'late' }, 'Late.'], [{ done: 'bye', failed: { target: 'told', actions: assign({ why: ({ event }: { event: { error: { code?: string } } }) => event.error.code ?? '' }) } }, 'ERR_TASK_TIMEOUT']] as const) {
      const slow = callMachine<{ why: string }>()('slow', {
        context: { why: '' }, initial: 'work', tasks: { work: () => new Promise<never>(() => {}) },
        states: { work: task({ run: 'work', timeoutMs: 1_000, on: on as never }), told: hangup((({ context }: { context: { why: string } }) => context.why) as never), late: hangup('Late.'), bye: hangup() } as never,
      });
      dial(slow, { runTasks: true }).waits(1_000).hears(said).isHungUp();
    }
  });

  it('failed in every other case', () => {
    dial(bot, throwing(new Error('x'))).hears('Failed.');
  });

  it('failed as well where the chart does not tell these apart', () => {
    const plain = callMachine('bot', { initial: 'work', tasks: { work: (): unknown => null }, states: { work: task({ run: 'work', on: { done: 'bye', failed: 'failed' } }), bye: hangup('Bye.'), failed: hangup('Failed.') } });
    dial(plain, throwing(new DOMException('gone', 'AbortError'))).hears('Failed.');
    dial(plain, throwing(new DOMException('slow', 'TimeoutError'))).hears('Failed.');
  });
});

describe('a task in place and a task by name', () => {
  it('of one name are refused: a stub could not tell which is meant', () => {
    const make = () => callMachine('bot', { initial: 'find', tasks: { find: () => 1 }, states: { find: task({ run: () => 2, on: { done: 'bye', failed: 'bye' } }), bye: hangup('Bye.') } });
    expect(make).to.throw("state `find`: what it runs is called `find`, as something else is that the machine runs");
  });
});
