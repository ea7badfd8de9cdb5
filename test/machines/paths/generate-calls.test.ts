/** Calls that are generated for small bots, of which anybody can count how many it takes. */
import { type AnyStateMachine, assign } from 'xstate';
import { callMachine, createcall, dialog, dialogMachine, type GeneratedCall, type GeneratedCalls, generateCalls, hangup, hold, prompt, raw, recognize, record, task, transfer, unhold } from 'callchart';
import { expect } from 'chai';
import * as t from 'io-ts';
import { driven } from './driven.ts';

const bye = hangup('Goodbye.') as never;
const yes = hangup('Yes.') as never;
const no = hangup('No.') as never;
const ends = { bye, yes, no };

/** What is generated for `machine`, after each call was done on the line of a test. */
const generated = (machine: unknown, options = {}): GeneratedCalls => {
  const calls = generateCalls(machine as AnyStateMachine, options);
  for (const call of calls.calls) expect([...driven(machine as AnyStateMachine, call).met].sort(), call.title).to.deep.equal([...call.covers].sort());
  return calls;
};

const acts = ({ calls }: GeneratedCalls): readonly (readonly string[])[] => calls.map(({ script }) => script.map((act) => Object.values(act).map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join(' ')));

describe('the smallest set of calls', () => {
  it('is one call for a bot that only speaks', () => {
    const { calls, fewest, missed } = generated(callMachine('hello', { initial: 'bye', states: { bye: hangup('Goodbye.') } }));
    expect([calls.length, fewest, missed]).to.deep.equal([1, 1, []]);
    expect(calls[0]).to.include({ ended: 'bot' }).and.to.have.deep.property('heard', [['Goodbye.']]);
  });

  it('has a call for each end of a menu, and no more: what leads nowhere is done on the way', () => {
    const { calls, fewest, missed } = generated(callMachine('shop', {
      initial: 'menu',
      states: { menu: recognize({ prompt: 'Yes 1, no 2, news 3.', choices: { yes: '1', no: '2', news: '3' }, on: { yes: 'yes', no: 'no', news: 'news', exhausted: 'bye' } }), news: prompt('We are open.', 'menu'), ...ends },
    }));
    expect([calls.length, fewest, missed]).to.deep.equal([3, 3, []]);
  });

  it('comes back to a menu for every choice in one call, where only one thing ends it', () => {
    const { calls, fewest } = generated(callMachine('tour', {
      initial: 'menu',
      states: {
        menu: recognize({ prompt: 'One, two or three?', choices: { one: '1', two: '2', three: '3' }, on: { one: 'one', two: 'two', three: 'three', exhausted: 'bye' } }),
        one: prompt('One.', 'menu'), two: prompt('Two.', 'menu'), three: prompt('Three.', 'menu'), bye: hangup('Goodbye.'),
      },
    }));
    expect([calls.length, fewest]).to.deep.equal([1, 1]);
  });

  it('keeps calls as short as is asked for, and lists what does not fit into one', () => {
    const states = { a: recognize({ prompt: 'A?', choices: { on: '1' }, on: { on: 'b', exhausted: 'bye' } }), b: recognize({ prompt: 'B?', choices: { on: '1' }, on: { on: 'yes', exhausted: 'no' } }), ...ends };
    const whole = generated(callMachine('steps', { initial: 'a', states }));
    const short = generated(callMachine('steps', { initial: 'a', states }), { mostActs: 3 });
    expect(whole.missed).to.deep.equal([]);
    expect(short.calls.every(({ script }) => script.length <= 3)).to.equal(true);
    expect(short.missed.map(({ id }) => id)).to.deep.equal(['steps.b exhausted 1', 'steps.b: exhausted', 'steps.b: asking 3', 'steps.no']);
    expect(short.missed[0]?.why).to.equal('no call of at most 3 acts meets it');
  });

  it('is the same each time', () => {
    const made = () => callMachine('shop', { initial: 'menu', states: { menu: recognize({ prompt: 'Yes 1, no 2.', choices: { yes: '1', no: '2' }, on: { yes: 'yes', no: 'no', exhausted: 'bye' } }), ...ends } });
    expect(generateCalls(made())).to.deep.equal(generateCalls(made()));
  });
});

describe('guards', () => {
  it('are driven by the constant that they compare with', () => {
    const bot = callMachine<{ code: string }>()('door', {
      context: { code: '' }, initial: 'code',
      states: {
        code: recognize({ prompt: 'Your code?', digits: { max: 4 }, on: { digits: [{ guard: ({ event }) => event.digits === '4711', target: 'yes' }, 'no'], exhausted: 'bye' } }), ...ends,
      },
    });
    const made = generated(bot);
    expect(made.missed).to.deep.equal([]);
    expect(acts(made).flat()).to.include('press 4711');
  });

  it('are driven past a limit, and by what `validate` takes', () => {
    const bot = callMachine<{ age: number }>()('age', {
      context: { age: 0 }, initial: 'age',
      states: {
        age: recognize({ prompt: 'How old are you?', digits: { max: 3, termchars: ['#'] }, validate: ({ digits }) => (Number(digits) > 120 ? 'Nobody is.' : undefined), on: { digits: { target: 'looking', actions: assign({ age: ({ event }) => Number(event.digits) }) }, exhausted: 'bye' } }),
        looking: { always: [{ guard: ({ context }) => context.age >= 18, target: 'yes' }, 'no'] }, ...ends,
      },
    });
    expect(generated(bot).missed).to.deep.equal([]);
  });

  it('are driven by every answer that a task’s codec has, and by what guards read of one that has none', () => {
    const looked = (codec: object) => callMachine<{ tier: unknown }>()('tiers', {
      context: { tier: null }, initial: 'look',
      states: {
        look: task({ run: async () => ({ customer: { tier: 'gold' } }), ...codec, timeoutMs: 5_000, on: { done: [{ guard: ({ event }) => (event.output as { customer?: { tier?: string } } | null)?.customer?.tier === 'gold', target: 'yes' }, 'no'], failed: 'bye' } }),
        ...ends,
      },
    });
    expect(generated(looked({})).missed).to.deep.equal([]);
    const made = generated(looked({ output: t.type({ customer: t.type({ tier: t.keyof({ gold: null, none: null }) }) }) }));
    expect(made.missed).to.deep.equal([]);
    expect(acts(made).flat()).to.include('task look {"customer":{"tier":"gold"}}');
  });

  it('are driven by a time that a task tells', () => {
    const bot = callMachine('hours', {
      initial: 'look',
      states: {
        look: task({ run: async () => Date.now(), output: t.number, timeoutMs: 5_000, on: { done: [{ guard: ({ event }) => new Date(event.output).getUTCDay() === 6, target: 'yes' }, { guard: ({ event }) => new Date(event.output).getUTCHours() > 20, target: 'no' }, 'bye'], failed: 'bye' } }),
        ...ends,
      },
    });
    expect(generated(bot).missed).to.deep.equal([]);
  });

  it('are driven by an hour of the day that lies between two others', () => {
    const bot = callMachine('nights', {
      initial: 'look',
      states: {
        look: task({ run: async () => Date.now(), output: t.number, timeoutMs: 5_000, on: { done: [{ guard: ({ event }) => new Date(event.output).getUTCHours() >= 2 && new Date(event.output).getUTCHours() < 5, target: 'yes' }, 'no'], failed: 'bye' } }),
        ...ends,
      },
    });
    expect(generated(bot).missed).to.deep.equal([]);
  });

  it('are driven by a number that lies between two others', () => {
    const bot = callMachine('range', {
      initial: 'look',
      states: { look: task({ run: async () => 0, output: t.number, timeoutMs: 5_000, on: { done: [{ guard: ({ event }) => event.output > 10 + 5 && event.output < 100 - 5, target: 'yes' }, 'no'], failed: 'bye' } }), ...ends },
    });
    expect(generated(bot).missed).to.deep.equal([]);
  });

  it('are driven by properties of different kinds, of a task that does not say what it gives', () => {
    const bot = callMachine<{ order: unknown }>()('account', {
      context: { order: null }, initial: 'order',
      states: {
        order: task({ run: async () => ({}), timeoutMs: 5_000, on: { done: { target: 'account', actions: assign({ order: ({ event }) => event.output }) }, failed: 'bye' } }),
        account: task({
          run: async () => ({}), timeoutMs: 5_000,
          on: {
            done: [
              { guard: ({ event }) => (event.output as { known?: boolean } | null)?.known === true && ((event.output as { balance?: number }).balance ?? 0) > 10, target: 'ordered' },
              { guard: ({ event }) => (event.output as { known?: boolean } | null)?.known === true, target: 'no' }, 'bye',
            ],
            failed: 'bye',
          },
        }),
        ordered: { always: [{ guard: ({ context }) => (context.order as { open?: string } | null)?.open === 'late', target: 'late' }, 'yes'] },
        late: hangup('It is late.'), ...ends,
      },
    });
    const made = generated(bot);
    expect(made.missed).to.deep.equal([]);
    expect(acts(made).flat()).to.include('task account {"known":true,"balance":11}', 'what it is asked for, and nothing that is read of another').and.include('task order {"open":"late"}');
  });

  it('are driven where two tasks are asked by one function, and a result is taken apart', () => {
    const isKnown = ({ event }: { readonly event: { readonly output: unknown } }): boolean => {
      const { known } = event.output as { readonly known?: boolean };
      return known === true;
    };
    const bot = callMachine('twice', {
      initial: 'first',
      states: {
        first: task({ run: async () => ({}), timeoutMs: 5_000, on: { done: [{ guard: isKnown, target: 'second' }, 'bye'], failed: 'bye' } }),
        second: task({ run: async () => ({}), timeoutMs: 5_000, on: { done: [{ guard: ({ event }) => (event.output as { balance?: number }).balance === 7 && isKnown({ event }), target: 'yes' }, { guard: isKnown, target: 'no' }, 'bye'], failed: 'bye' } }),
        ...ends,
      },
    });
    const made = generated(bot);
    expect(made.missed).to.deep.equal([]);
    expect(acts(made).flat()).to.include('task first {"known":true}').and.to.include('task second {"balance":7,"known":true}');
  });

  it('are driven by how the number of whoever calls begins', () => {
    const bot = callMachine('abroad', { initial: 'look', states: { look: { always: [{ guard: ({ context }) => context.call.from.startsWith('+49'), target: 'yes' }, 'no'] }, ...ends } });
    const { calls, missed } = generated(bot);
    expect(missed.map(({ id }) => id)).to.deep.equal(['abroad.bye']);
    expect(calls.map(({ call }) => call)).to.deep.include.members([{}, { from: '+49555010000' }]);
  });

  it('are driven by who calls, and by who has answered', () => {
    const bot = callMachine('callers', {
      initial: 'look',
      states: { look: { always: [{ guard: ({ context }) => context.call.answeredBy === 'machine', target: 'no' }, { guard: ({ context }) => context.call.from === '', target: 'yes' }, 'bye'] }, ...ends },
    });
    const { calls, missed } = generated(bot);
    expect(missed).to.deep.equal([]);
    expect(calls.map(({ call }) => call)).to.deep.include.members([{}, { from: '' }, { direction: 'outbound', answeredBy: 'machine' }]);
  });

  it('are driven by a counter, as far as it has to count', () => {
    const bot = callMachine<{ rounds: number }>()('rounds', {
      context: { rounds: 0 }, initial: 'menu',
      states: { menu: recognize({ prompt: 'Again?', choices: { again: '1' }, on: { again: [{ guard: ({ context }) => context.rounds >= 4, target: 'yes' }, { target: 'more', actions: assign({ rounds: ({ context }) => context.rounds + 1 }) }], exhausted: 'bye' } }), more: prompt('Once more.', 'menu'), bye, yes },
    });
    const made = generated(bot);
    expect(made.missed).to.deep.equal([]);
    console.log(acts(made));
    expect(acts(made)).to.deep.include(['press 1', 'press 1', 'press 1', 'press 1', 'press 1']);
  });

  it('that nothing makes hold are listed by their names, and what stands behind them is', () => {
    const isNever = () => false;
    const { missed } = generated(callMachine('never', {
      initial: 'menu', states: { menu: recognize({ prompt: 'Yes?', choices: { yes: '1' }, on: { yes: [{ guard: isNever, target: 'yes' }, 'no'], exhausted: 'bye' } }), ...ends },
    }));
    expect(missed).to.deep.equal([
      { id: 'never.menu yes 1', why: 'nothing that was tried makes the guard `isNever` of `never.menu recognize.choice.yes 1` hold' },
      { id: 'never.yes', why: 'nothing that was tried makes the guard `isNever` of `never.menu recognize.choice.yes 1` hold' },
    ]);
  });

  it('that were not come to in time are listed with how long was looked', () => {
    const bot = callMachine<{ n: number }>()('far', {
      context: { n: 0 }, initial: 'menu',
      states: { menu: recognize({ prompt: 'On?', choices: { on: '1' }, on: { on: [{ guard: ({ context }) => context.n > 5_000, target: 'yes' }, { target: 'more', actions: assign({ n: ({ context }) => context.n + 1 }) }], exhausted: 'bye' } }), more: prompt('More.', 'menu'), ...ends },
    });
    const { missed } = generated(bot, { mostSteps: 300 });
    expect(missed.map(({ id }) => id)).to.include('far.yes');
    for (const { why } of missed) expect(why).to.match(/; the search was given up after \d+ steps$/);
  });
});

describe('what happens in a call', () => {
  const covered = (machine: unknown): GeneratedCalls => {
    const made = generated(machine);
    expect(made.missed).to.deep.equal([]);
    return made;
  };

  it('may be a timer, also while a question is open and while a task goes on', () => {
    const menu = recognize({ prompt: 'Yes?', choices: { yes: '1' }, timeoutMs: 2_000, on: { yes: 'working', exhausted: 'bye' } });
    covered(callMachine('timers', {
      initial: 'wait',
      states: { wait: { after: { 2_000: 'menu' } }, menu: { ...menu, after: { 3_000: 'no' } } as never, working: task({ run: async () => 0, timeoutMs: 30_000, on: { done: 'yes', failed: 'no', timeout: 'bye' } }), ...ends },
    }));
  });

  it('may be a transfer, a call to somebody else, music, a verb of the service or a recording', () => {
    const made = covered(callMachine('parties', {
      initial: 'music',
      states: {
        music: hold('la la', 'message'),
        message: record({ prompt: 'Speak.', termchars: ['#'], maxMs: 60_000, on: { done: 'paying', maxspeech: 'paying', exhausted: 'bye' } }),
        paying: raw('twilio', { verb: 'Pay', on: { success: 'ringing', failed: 'ringing' } } as never),
        ringing: createcall({ to: '+47', on: { done: 'away', busy: 'away', noanswer: 'away', failed: 'away' } } as never),
        away: transfer({ to: '+48', on: { done: 'yes', busy: 'no', failed: 'bye' } } as never), ...ends,
      },
    } as never));
    expect(acts(made).flat()).to.include.members(['service done success', 'service busy', 'service noanswer', 'record 60000']);
  });

  it('may be in a dialog, in regions side by side, and in what is come back to', () => {
    const sure = dialogMachine('sure', {
      initial: 'asking',
      states: { asking: recognize({ prompt: 'Sure?', choices: { yes: '1', no: '2' }, on: { yes: 'completed', no: 'notCompleted', exhausted: 'notCompleted' } }), completed: { type: 'final', output: { status: 'completed' } }, notCompleted: { type: 'final', output: { status: 'notCompleted' } } },
    } as never);
    covered(callMachine('parts', {
      initial: 'sure', commands: { help: { key: '0', target: 'help' } },
      states: {
        sure: dialog(sure as never, { on: { completed: 'work', done: 'bye' } } as never),
        help: prompt('Ask your neighbour.', 'sure'),
        work: { type: 'parallel', onDone: 'yes', states: { left: { initial: 'on', states: { on: { after: { 1_000: 'off' } }, off: { type: 'final' } } }, right: { initial: 'on', states: { on: { after: { 2_000: 'off' } }, off: { type: 'final' } } } } },
        bye, yes,
      },
    } as never));
  });

  it('may be a secret, which stands in no title', () => {
    const { calls } = covered(callMachine<{ pin: string }>()('bank', {
      context: { pin: '' }, initial: 'pin',
      states: {
        pin: recognize({ prompt: 'Your PIN?', digits: { max: 4 }, secret: true, on: { digits: { target: 'look', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
        look: task({ run: async () => true, input: ({ context }) => context.pin, output: t.boolean, timeoutMs: 5_000, on: { done: [{ guard: ({ event }) => event.output, target: 'yes' }, 'no'], failed: 'bye' } }), ...ends,
      },
    }));
    expect(calls.map(({ title }) => title).join()).to.contain('pin: digits').and.not.to.match(/\d{4}/);
  });
});

describe('a generated call', () => {
  it('says act by act what is heard and where the call is', () => {
    const { calls } = generateCalls(callMachine('acme', { initial: 'menu', states: { menu: recognize({ prompt: 'Sales 1.', choices: { sales: '1' }, attempts: 2, on: { sales: 'sales', exhausted: 'bye' } }), sales: hangup('Sales.'), bye: hangup('Goodbye.') } }));
    const call = calls.find(({ covers }) => covers.includes('acme.sales')) as GeneratedCall;
    expect(call.script.at(-1)).to.deep.equal({ act: 'press', keys: '1' });
    expect(call.heard.at(-1)).to.deep.equal(['Sales.']);
    expect(call.states.slice(0, -1)).to.deep.equal(call.script.map(() => 'menu'));
    expect(call.states.at(-1)).to.equal('ended');
  });

  it('may fail at what would have led to its end by itself', () => {
    const { calls, missed } = generateCalls(callMachine('back', { initial: 'back', states: { back: unhold({ on: { done: 'bye', failed: 'again' } }), again: unhold({ on: { done: 'yes', failed: 'no' } }), ...ends } }));
    expect(missed).to.deep.equal([]);
    expect(calls.map(({ script }) => script.map((act) => act.act === 'service' && act.outcome))).to.have.deep.members([['failed', 'failed'], ['failed'], []]);
  });

  it('has a party answer behind a prompt when the prompt is over, and not the prompt be over in its place', () => {
    const ringing = (to: string, busy: string): never => createcall({ to, on: { done: 'bye', busy, noanswer: busy, failed: busy } as never }) as never;
    const made = generated(callMachine('desk', { initial: 'first', states: { first: ringing('+47', 'sorry'), sorry: prompt('I try another one.', { on: { done: 'second', failed: 'no' } }), second: ringing('+48', 'no'), ...ends } } as never), { byPhone: true });
    expect(acts(made).filter((script) => script.length === 3).map(([, ...later]) => later.join(', '))).to.include('wait 1000, service done');
  });

  it('has nothing heard of a prompt that cannot be played', () => {
    const { calls } = generateCalls(callMachine('deaf', { initial: 'menu', states: { menu: recognize({ prompt: 'Sales 1.', choices: { sales: '1' }, attempts: 1, on: { sales: 'bye', failed: 'no', exhausted: 'bye' } }), no: hangup('No.'), bye: hangup('Goodbye.') } }));
    const call = calls.find(({ script }) => script.some((act) => act.act === 'service')) as GeneratedCall;
    expect(call.heard).to.deep.equal([[], ['No.']]);
  });
});
