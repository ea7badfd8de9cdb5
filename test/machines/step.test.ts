/** Outcomes and ends: who gets what a service reports, and how a call ends. */
import { answer, callMachine, dialog, dialogMachine, hangup, isCallError, play, prompt, recognize, record, type Recording, reject, step, transfer } from 'callchart';
import { expect } from 'chai';
import { assign, createActor } from 'xstate';
import { call, heard, operation, ring, types } from './line.ts';

const recording: Recording = { ref: 'r1', bytes: 9, contentType: 'audio/wav', lengthMs: 900 };

const acme = callMachine('acme', {
  initial: 'menu',
  states: {
    menu: recognize({
      prompt: 'Sales or support?', choices: { sales: ['1', 'the sales desk'], support: '2', mainMenu: '3' },
      on: { sales: 'sales', support: 'support', mainMenu: { target: 'menu', reenter: true }, exhausted: 'bye' },
    }),
    sales: hangup('Sales will call you back.'),
    support: prompt('Support.', { on: { done: 'bye', failed: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

describe('an outcome', () => {
  it('answers the open question, and what follows goes out in the same reply', () => {
    const line = ring(acme);
    expect(types(line.result())).to.deep.equal(['answer', 'recognize']);
    expect(types(line.keys('1'))).to.deep.equal(['play', 'hangup']);
    expect(heard(line.result())).to.deep.equal(['Sales will call you back.']);
    expect(line.result().trail).to.deep.equal(['sales']);
  });

  it('matches a choice by its key, by its phrase, by its name, and by one digit', () => {
    const inputs = [{ kind: 'keys', keys: '1' }, { kind: 'phrase', phrase: 'The sales-desk!' }, { kind: 'choice', name: 'sales' }, { kind: 'digits', digits: '1', by: 'interdigit' }] as const;
    for (const input of inputs) expect(heard(ring(acme).ends({ type: 'recognize.input', input, via: 'speech' }))).to.deep.equal(['Sales will call you back.']);
    expect(heard(ring(acme).says('main menu'))).to.deep.equal(['Sales or support?']);
  });

  it('with a choice that was never offered is an input that matches nothing', () => {
    const inputs = [{ kind: 'choice', name: 'exhausted' }, { kind: 'choice', name: 'bye' }, { kind: 'choice', name: 'constructor' }, { kind: 'keys', keys: '12' }, { kind: 'phrase', phrase: 'sales desk' }] as const;
    for (const input of inputs) {
      const line = ring(acme);
      expect(heard(line.ends({ type: 'recognize.input', input, via: 'speech' }))).to.deep.equal(['Sorry, I did not get that. Sales or support?']);
      expect(line.snapshot().machine).to.have.nested.property('context.call.asked.nomatch', 1);
    }
  });

  it('of an older batch changes nothing', () => {
    const line = ring(acme);
    const old = operation(line.snapshot());
    line.silence();
    const before = line.snapshot();
    const result = line.service({ type: 'recognize.input', operationId: old, input: { kind: 'keys', keys: '1' }, via: 'dtmf' });
    expect(result).to.deep.include({ ignored: true, batch: [] });
    expect(line.snapshot()).to.deep.equal(before);
  });

  it('that is told twice is taken once', () => {
    const line = ring(acme);
    const id = operation(line.snapshot());
    line.keys('2');
    expect(line.service({ type: 'recognize.input', operationId: id, input: { kind: 'keys', keys: '2' }, via: 'dtmf' }).ignored).to.equal(true);
    const twice = { type: 'play.done', operationId: operation(line.snapshot()) } as const;
    expect(heard(line.service(twice, twice))).to.deep.equal(['Goodbye.']);
  });

  it('of nobody’s operation, or of another call’s, changes nothing', () => {
    const line = ring(acme);
    for (const operationId of ['', 'c1', 'c1:1', 'c1:1:9', 'c1:1:-1', 'c1:1:1.0', 'c2:1:1', 'toString']) expect(line.service({ type: 'recognize.noinput', operationId }).ignored).to.equal(true);
  });

  it('that tells of an action on the way to the question leaves the question open', () => {
    const line = ring(acme);
    expect(line.ends({ type: 'answer.done' }, 0).ignored).to.equal(true);
    expect(types(line.keys('2'))).to.deep.equal(['play']);
  });

  it('of a prompt that could not be played counts as an asking, and is never an input', () => {
    const line = ring(callMachine('acme', { initial: 'hi', states: { hi: prompt('Hi.', 'menu'), menu: recognize({ prompt: 'One?', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') } }));
    expect(types(line.result())).to.deep.equal(['answer', 'play', 'recognize']);
    expect(heard(line.ends({ type: 'play.failed' }, 1))).to.deep.equal(['Sorry, something went wrong. One?']);
    expect(line.snapshot().machine).to.have.nested.property('context.call.asked').that.deep.includes({ attempts: 2, failed: 1, noinput: 0, nomatch: 0 });
    line.ends({ type: 'play.failed' });
    expect(heard(line.ends({ type: 'play.failed' }))).to.deep.equal(['Bye.']);
  });

  it('that is none of the operation’s endings is its failure', () => {
    const line = ring(acme);
    expect(heard(line.ends({ type: 'record.done', by: 'hangup', recording }))).to.deep.equal(['Sorry, something went wrong. Sales or support?']);
    expect(heard(line.ends({ type: 'xstate.done.actor.pin' } as never))).to.deep.equal(['Sorry, something went wrong. Sales or support?']);
    expect(heard(line.ends({ type: 'recognize.nomatch', by: 'xstate.stop' as never }))).to.deep.equal(['Goodbye.']);
  });

  it('of a prompt that is waited for leads on', () => {
    const line = ring(acme);
    expect(types(line.keys('2'))).to.deep.equal(['play']);
    expect(types(line.ends({ type: 'play.done' }))).to.deep.equal(['play', 'hangup']);
  });

  it('of an answer that is waited for leads on', () => {
    const bot = callMachine('bot', { initial: 'ring', states: { ring: answer({ on: { done: 'hi', failed: 'gone' } }), hi: hangup('Hi.'), gone: hangup() } });
    expect(types(ring(bot).result())).to.deep.equal(['answer']);
    expect(types(ring(bot).ends({ type: 'answer.done' }))).to.deep.equal(['play', 'hangup']);
    expect(types(ring(bot).ends({ type: 'answer.failed' }))).to.deep.equal(['hangup']);
  });
});

describe('a question', () => {
  const tapering = callMachine('bot', {
    initial: 'ask',
    states: {
      ask: recognize({ prompt: 'Yes?', choices: { yes: '1' }, attempts: 6, noinput: ['Hello?', 'Still there?'], nomatch: ['What?', ['Pardon', 'me?']], on: { yes: 'bye', exhausted: 'bye' } }),
      bye: hangup('Bye.'),
    },
  });

  it('is asked again with texts that taper by what went wrong, how often', () => {
    const line = ring(tapering);
    expect([line.silence(), line.keys('9'), line.silence(), line.says('no'), line.silence(), line.silence()].map((one) => heard(one)[0])).to.deep.equal(
      ['Hello? Yes?', 'What? Yes?', 'Still there? Yes?', 'Pardon me? Yes?', 'Still there? Yes?', 'Bye.'],
    );
  });

  it('for digits gets digits, however they ended', () => {
    const bot = callMachine<{ code: string }>()('bot', {
      context: { code: '' }, initial: 'ask',
      states: {
        ask: recognize({ prompt: 'Code?', digits: { max: 4, termchars: ['#'] }, on: { digits: { target: 'bye', actions: assign({ code: ({ event }) => `${event.type} ${event.digits}` }) }, exhausted: 'bye' } }),
        bye: hangup(({ context }) => context.code),
      },
    });
    const said = (input: Parameters<ReturnType<typeof ring>['ends']>[0]): string => heard(ring(bot).ends(input))[0] ?? '';
    expect(said({ type: 'recognize.input', input: { kind: 'digits', digits: '12', by: 'termchar' }, via: 'dtmf' })).to.equal('recognize.digits.termchar 12');
    expect(said({ type: 'recognize.input', input: { kind: 'digits', digits: '0', by: 'interdigit' }, via: 'dtmf' })).to.equal('recognize.digits.interdigit 0');
    expect(said({ type: 'recognize.input', input: { kind: 'keys', keys: '1234' }, via: 'dtmf' })).to.equal('recognize.digits.interdigit 1234');
    expect(said({ type: 'recognize.input', input: { kind: 'digits', digits: '', by: 'termchar' }, via: 'dtmf' })).to.match(/did not hear/);
    expect(said({ type: 'recognize.input', input: { kind: 'phrase', phrase: 'one two' }, via: 'speech' })).to.match(/did not get/);
  });

  it('whose choices are known only at run time gets the choice by name', () => {
    const bot = callMachine<{ cities: readonly string[]; city: string }>()('bot', {
      context: { cities: ['Oslo', 'xstate.init'], city: '' }, initial: 'ask',
      states: {
        ask: recognize({
          prompt: 'Where?', choicesFrom: ({ context }) => Object.fromEntries(context.cities.map((city, index) => [city, `${index + 1}`])),
          on: { choice: { target: 'bye', actions: assign({ city: ({ event }) => event.choice }) }, exhausted: 'bye' },
        }),
        bye: hangup(({ context }) => `To ${context.city}.`),
      },
    });
    expect(heard(ring(bot).keys('2'))).to.deep.equal(['To xstate.init.']);
    expect(heard(ring(bot).ends({ type: 'recognize.input', input: { kind: 'choice', name: 'Oslo' }, via: 'speech' }))).to.deep.equal(['To Oslo.']);
    expect(heard(ring(bot).keys('3'))).to.deep.equal(['Sorry, I did not get that. Where?']);
    expect(ring(bot).result().batch.at(-1)?.params).to.not.have.any.keys('atRunTime', 'reprompts');
  });

  it('for a recording gets it, also when the caller hangs up: before the call ends', () => {
    const bot = callMachine<{ ref: string }>()('bot', {
      context: { ref: '' }, initial: 'ask',
      states: {
        ask: record({ prompt: 'Speak.', on: { done: { target: 'bye', actions: assign({ ref: ({ event }) => `${event.type} ${event.recording.ref}` }) }, exhausted: 'bye' } }),
        bye: hangup(({ context }) => context.ref),
      },
      cleanup: () => undefined,
    });
    for (const by of ['finalsilence', 'termchar', 'maxspeech'] as const) expect(heard(ring(bot).ends({ type: 'record.done', by, recording }))).to.deep.equal([`record.done.${by} r1`]);
    const line = ring(bot);
    const result = line.service({ type: 'record.done', operationId: operation(line.snapshot()), by: 'hangup', recording }, { type: 'call.ended', reason: 'caller' });
    expect(result.batch).to.deep.equal([]);
    expect(result.tasks[0]?.input).to.deep.equal({ callId: 'c1', reason: 'caller', context: { ref: 'record.done.hangup r1' } });
    expect(result.trail).to.deep.equal(['bye', 'ended']);
  });
});

describe('an outcome in a dialog', () => {
  const inner = dialogMachine<Record<never, never>, undefined, string>()('inner', {
    initial: 'ask',
    states: {
      ask: recognize({ prompt: 'Inner?', choices: { yes: '1', operator: '0' }, on: { yes: 'done', exhausted: 'gone', operator: [] as never } }),
      done: { type: 'final', output: 'yes' },
      gone: { type: 'final', output: 'gone' },
    },
  });
  const outer = dialogMachine<{ said: string }, undefined, string>()('outer', {
    context: { said: '' }, initial: 'first',
    states: { first: prompt('Outer.', 'run'), run: dialog(inner, { on: { done: { target: 'done', actions: assign({ said: ({ event }) => event.output }) } } }), done: { type: 'final', output: ({ context }) => `outer ${context.said}` } },
  });
  const bot = callMachine<{ said: string }>()('bot', {
    context: { said: '' }, initial: 'open',
    states: {
      open: {
        initial: 'run', on: { 'recognize.choice.operator': 'agent' },
        states: { run: dialog(outer, { on: { done: { target: 'thanks', actions: assign({ said: ({ event }) => event.output }) } } }), thanks: hangup(({ context }) => context.said) },
      },
      agent: hangup('The operator.'),
    },
  });

  it('two deep goes to the actor that asked, and its result climbs', () => {
    const line = ring(bot);
    expect(heard(line.result())).to.deep.equal(['Outer.', 'Inner?']);
    expect(line.snapshot().awaiting?.path).to.equal('open.run/run');
    expect(heard(line.silence())).to.deep.equal(['Sorry, I did not hear you. Inner?']);
    expect(heard(line.keys('1'))).to.deep.equal(['outer yes']);
  });

  it('that no state of the dialog handles climbs to its parents: a global command', () => {
    expect(heard(ring(bot).keys('0'))).to.deep.equal(['The operator.']);
  });

  it('counts each question by itself', () => {
    const line = ring(bot);
    line.silence();
    line.silence();
    expect(heard(line.silence())).to.deep.equal(['outer gone']);
  });

  it('a remote hangup ends it from any depth', () => {
    const line = ring(bot);
    expect(line.hangsUp()).to.deep.include({ batch: [], timers: [], holds: false });
    expect(line.snapshot()).to.deep.include({ ended: 'caller', awaiting: null });
    expect(line.snapshot().machine).to.deep.include({ value: 'ended', status: 'done', output: { reason: 'caller' }, children: {} });
  });

  it('that arrives when the dialog has ended goes to its parent', () => {
    const short = dialogMachine()('short', { initial: 'hi', states: { hi: prompt('Short.', 'out'), out: { type: 'final' } } });
    const stays = callMachine('stays', {
      initial: 'run', states: { run: { ...dialog(short, { on: { done: { actions: [] } } }), on: { 'play.done': 'bye' } }, bye: hangup('Bye.') },
    });
    const line = ring(stays);
    expect(heard(line.result())).to.deep.equal(['Short.']);
    expect(heard(line.ends({ type: 'play.done' }))).to.deep.equal(['Bye.']);
  });

  it('that ends within the same step has its prompts in the same batch, in order', () => {
    const hello = dialogMachine<Record<never, never>, string, string>()('hello', { context: ({ input }) => ({ input }), initial: 'say', states: { say: prompt('Child.', 'out'), out: { type: 'final', output: 'ok' } } });
    const twice = callMachine('twice', {
      initial: 'one',
      states: {
        one: { ...dialog(hello, { input: 'x', on: { done: 'between' } }), entry: play('Parent first.') },
        between: prompt('Between.', 'two'),
        two: dialog(hello, { input: 'x', on: { done: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    expect(heard(ring(twice).result())).to.deep.equal(['Parent first.', 'Child.', 'Between.', 'Child.', 'Bye.']);
  });

  it('speaks after its parent even in first states', () => {
    const leaf = dialogMachine()('leaf', { initial: 'say', states: { say: { entry: play('Leaf.'), always: 'out' }, out: { type: 'final' } } });
    const branch = dialogMachine()('branch', { initial: 'run', states: { run: { ...dialog(leaf, { on: { done: 'out' } }), entry: play('Branch.') }, out: { type: 'final' } } });
    const tree = callMachine('tree', { initial: 'run', states: { run: { ...dialog(branch, { on: { done: 'bye' } }), entry: play('Root.') }, bye: hangup() } });
    expect(heard(ring(tree).result())).to.deep.equal(['Root.', 'Branch.', 'Leaf.']);
    expect(types(ring(tree).result())).to.deep.equal(['answer', 'play', 'play', 'play', 'hangup']);
  });
});

describe('a state written by hand', () => {
  it('has its prompts join the batch in their place', () => {
    const bot = callMachine('bot', {
      initial: 'one',
      states: {
        one: prompt('One.', 'two'),
        two: { entry: play('Two.'), exit: play('Leaving two.'), always: { target: 'three', actions: play('On the way.') } },
        three: prompt('Three.', 'bye'),
        bye: hangup(),
      },
    });
    expect(heard(ring(bot).result())).to.deep.equal(['One.', 'Two.', 'Leaving two.', 'On the way.', 'Three.']);
  });

  it('may have a function called like an action: it is no action', () => {
    let calls = 0;
    const bot = callMachine('bot', { initial: 'one', states: { one: { entry: [function hangup() { calls += 1; }, play('Hi.')], on: { 'play.done': 'bye' } }, bye: hangup() } });
    expect(types(ring(bot).result())).to.deep.equal(['answer', 'play']);
    expect(calls).to.equal(1);
  });

  it('may ask a question itself', () => {
    const bot = callMachine('bot', {
      initial: 'ask',
      states: {
        ask: { entry: { type: 'recognize', params: { prompts: [{ text: 'Hm?' }], bargein: true, timeoutMs: 1, interdigitMs: 1, choices: [{ name: 'yes', phrases: [], key: '1' }] } }, on: { 'recognize.choice.yes': 'bye', '*': 'no' } },
        bye: hangup('Yes.'), no: hangup('No.'),
      },
    });
    expect(heard(ring(bot).keys('1'))).to.deep.equal(['Yes.']);
    expect(heard(ring(bot).silence())).to.deep.equal(['No.']);
  });
});

describe('a call with nothing more to ask', () => {
  it('is hung up on once something was said', () => {
    const bot = callMachine('bot', { initial: 'hi', states: { hi: { entry: play('Hi.') } } });
    expect(types(ring(bot).result())).to.deep.equal(['answer', 'play', 'hangup']);
  });
  it('is refused when it was not answered and nothing is said', () => {
    const bot = callMachine('bot', { initial: 'mute', states: { mute: {} } });
    const line = ring(bot);
    expect(line.result().batch[0]).to.deep.include({ type: 'reject', params: { reason: 'declined' }, operationId: 'c1:1:0' });
    expect(line.ends({ type: 'reject.done' }).snapshot.ended).to.equal('rejected');
  });
  it('is hung up on when the chart stays where it is after an answer', () => {
    const bot = callMachine('bot', { initial: 'ask', states: { ask: recognize({ prompt: 'Hm?', choices: { yes: '1' }, on: { yes: {}, exhausted: 'bye' } }), bye: hangup() } });
    expect(types(ring(bot).keys('1'))).to.deep.equal(['hangup']);
  });
  it('is hung up on when the author’s own end is reached', () => {
    const bot = callMachine('bot', { initial: 'hi', states: { hi: prompt('Hi.', 'over'), over: { type: 'final' } } });
    const line = ring(bot);
    expect(types(line.result())).to.deep.equal(['answer', 'play', 'hangup']);
    expect(line.ends({ type: 'hangup.done' }).snapshot.ended).to.equal('bot');
  });
});

describe('the end of a call', () => {
  const ends = (reason: string, line: ReturnType<typeof ring>): void => {
    expect(line.snapshot().ended).to.equal(reason);
    expect(line.result()).to.deep.include({ batch: [], timers: [], holds: false, ignored: false });
    expect(line.snapshot().machine).to.have.nested.property('context.call.ended', reason);
  };

  it('comes from the hangup’s outcome', () => {
    const line = ring(acme);
    line.keys('1');
    expect(line.snapshot().ended).to.equal(null);
    line.ends({ type: 'hangup.done' });
    ends('bot', line);
  });
  it('comes from the caller, in any state', () => {
    const line = ring(acme);
    line.hangsUp();
    ends('caller', line);
    const waiting = ring(acme);
    waiting.keys('2');
    waiting.hangsUp();
    ends('caller', waiting);
  });
  it('comes from the caller who hangs up while the bot does', () => {
    const line = ring(acme);
    line.keys('1');
    line.hangsUp();
    ends('caller', line);
  });
  it('comes from the service', () => {
    const line = ring(acme);
    line.service({ type: 'call.ended', reason: 'service' });
    ends('service', line);
  });
  it('comes from an answer that failed and that nobody handles', () => {
    const line = ring(acme);
    line.ends({ type: 'answer.failed' }, 0);
    ends('service', line);
  });
  it('comes from a refusal, whatever became of it', () => {
    const bot = callMachine('bot', { initial: 'no', states: { no: reject('busy') } });
    for (const type of ['reject.done', 'reject.failed'] as const) {
      const line = ring(bot);
      expect(types(line.result())).to.deep.equal(['reject']);
      line.ends({ type });
      ends('rejected', line);
    }
  });
  it('comes from a transfer that nobody waits for; one that is handled leads on', () => {
    const away = callMachine('bot', { initial: 'away', states: { away: transfer({ to: '+47', on: { failed: 'sorry' } }), sorry: hangup('Sorry.') } });
    const line = ring(away);
    expect(types(line.result())).to.deep.equal(['answer', 'transfer']);
    line.ends({ type: 'transfer.done' });
    ends('transferred', line);
    expect(heard(ring(away).ends({ type: 'transfer.busy' }))).to.deep.equal(['Sorry.']);
    const stays = callMachine('bot', { initial: 'away', states: { away: transfer({ to: '+47', on: { failed: 'sorry', done: 'sorry' } }), sorry: hangup('Sorry.') } });
    expect(heard(ring(stays).ends({ type: 'transfer.done' }))).to.deep.equal(['Sorry.']);
  });

  it('a closing batch that failed is answered with a bare hangup, and a bare hangup that fails is the end', () => {
    const line = ring(acme);
    line.keys('1');
    expect(types(line.ends({ type: 'play.failed' }, 0))).to.deep.equal(['hangup']);
    line.ends({ type: 'hangup.failed' });
    ends('service', line);
  });
  it('a hangup that failed behind a prompt is tried once more, alone', () => {
    const line = ring(acme);
    line.keys('1');
    expect(types(line.ends({ type: 'hangup.failed' }))).to.deep.equal(['hangup']);
    line.ends({ type: 'hangup.done' });
    ends('bot', line);
  });

  it('is recorded once, and nothing changes it', () => {
    const line = ring(acme);
    line.keys('1');
    const closing = operation(line.snapshot());
    line.hangsUp();
    const ended = line.snapshot();
    const late = [
      () => line.service({ type: 'hangup.done', operationId: closing }), () => line.service({ type: 'call.ended', reason: 'service' }), () => line.service({ type: 'call.incoming', call }),
      () => line.service({ type: 'batch.refused', operationId: closing, reason: 'x' }), () => line.service({ type: 'call.roster', participants: 0 }), () => line.patienceEnds(),
    ];
    for (const event of late) expect(event()).to.deep.include({ ignored: true, batch: [], tasks: [], timers: [] });
    expect(line.snapshot()).to.deep.equal(ended);
  });

  it('is seen before every wildcard of the author', () => {
    const bot = callMachine('bot', {
      initial: 'a',
      states: { a: { initial: 'b', on: { 'call.*': 'bad', '*': 'bad' }, states: { b: { on: { '*': 'c' }, entry: play('Hi.') }, c: {} } }, bad: hangup('Bad.') },
    });
    const line = ring(bot);
    line.hangsUp();
    ends('caller', line);
    expect(line.snapshot().machine).to.deep.include({ value: 'ended' });
  });

  it('leaves a cleanup to be done once, with one id, and knows the author’s context', () => {
    const bot = callMachine<{ n: number }>()('bot', { context: { n: 7 }, initial: 'hi', states: { hi: recognize({ choices: { a: '1' }, on: { a: 'hi', exhausted: 'hi' } }) }, cleanup: () => undefined });
    const line = ring(bot);
    const { tasks } = line.hangsUp();
    expect(tasks).to.deep.equal([{ id: 'c1:cleanup', path: 'call.cleanup', machine: 'bot', name: 'call.cleanup', input: { callId: 'c1', reason: 'caller', context: { n: 7 } }, filler: [], since: tasks[0]?.since }]);
    expect(line.hangsUp().tasks).to.deep.equal(tasks);
    expect(line.task(null)).to.deep.include({ ignored: false, tasks: [], batch: [] });
    expect(line.take({ type: 'task', at: 9, taskId: 'c1:cleanup', result: { type: 'task.done', output: null }, reply: false }).ignored).to.equal(true);
  });
});

describe('a call that begins', () => {
  it('begins with `call.incoming` and with nothing else', () => {
    for (const events of [[], [{ type: 'call.ended', reason: 'caller' }], [{ type: 'play.done', operationId: 'c1:1:0' }]] as const) {
      expect(() => step(acme, undefined, { type: 'service', at: 1, events })).to.throw().that.satisfies((error: unknown) => isCallError(error) && error.code === 'ERR_CALL_UNKNOWN');
    }
  });
  it('begins once, however often it is told', () => {
    const twice = step(acme, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call }, { type: 'call.incoming', call }] });
    expect(types(twice)).to.deep.equal(['answer', 'recognize']);
    const line = ring(acme);
    expect(line.service({ type: 'call.incoming', call }).ignored).to.equal(true);
  });
  it('may end in the same breath', () => {
    const result = step(acme, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call }, { type: 'call.ended', reason: 'caller' }] });
    expect(result).to.deep.include({ batch: [], ignored: false });
    expect(result.snapshot.ended).to.equal('caller');
  });
  it('hears nothing of the line before it has begun', () => {
    const bot = callMachine('bot', { initial: 'hi', states: { hi: hangup('Hi.'), lost: hangup('Lost.') }, on: { 'call.state': '.lost' as never } });
    const result = step(bot, undefined, { type: 'service', at: 1, events: [{ type: 'call.state', state: 'ringing' }, { type: 'call.incoming', call }] });
    expect(heard(result)).to.deep.equal(['Hi.']);
  });
  it('is taken by a bot only', () => {
    const pin = dialogMachine()('pin', { initial: 'out', states: { out: { type: 'final' } } });
    expect(() => step(pin, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call }] })).to.throw().that.satisfies((error: unknown) => isCallError(error) && error.code === 'ERR_BOT_INVALID');
  });
  it('has operation ids that no other batch of the call has', () => {
    const line = ring(acme);
    const ids = [line.result(), line.silence(), line.keys('9'), line.keys('1')].flatMap(({ batch }) => batch.map(({ operationId }) => operationId));
    expect(ids).to.deep.equal(['c1:1:0', 'c1:1:1', 'c1:2:0', 'c1:3:0', 'c1:4:0', 'c1:4:1']);
  });
});

describe('what is told of the line', () => {
  const bot = callMachine<{ people: number }>()('bot', {
    context: { people: 1 }, initial: 'ask',
    on: { 'call.roster': { actions: assign({ people: ({ event }) => event.participants }) } },
    states: {
      ask: recognize({ prompt: ({ context }) => `${context.people} here.`, choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
      bye: hangup(({ context }) => `${context.people} at the end.`),
    },
  });
  it('reaches the chart, and the question stays open', () => {
    const line = ring(bot);
    expect(line.service({ type: 'call.roster', participants: 3 })).to.deep.include({ batch: [], ignored: false });
    expect(heard(line.keys('1'))).to.deep.equal(['3 at the end.']);
  });
  it('is of no interest to a chart that does not handle it', () => {
    const line = ring(bot);
    const before = line.snapshot();
    expect(line.service({ type: 'call.state', state: 'held' }).ignored).to.equal(true);
    expect(line.snapshot()).to.deep.equal(before);
  });
});

describe('what is kept of a chart', () => {
  it('is XState’s own persisted snapshot, at every event of a call', () => {
    const bot = callMachine<{ n: number }>()('kept', {
      context: { n: 0 }, initial: 'ask',
      states: { ask: recognize({ prompt: 'Again?', choices: { again: '1', stop: '2' }, on: { again: { target: 'ask', actions: assign({ n: ({ context }) => context.n + 1 }) }, stop: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') },
    });
    for (const id of ['the first call', 'another']) {
      const call = { id, from: 'a', to: 'b', direction: 'inbound', headers: {} } as const;
      const actor = createActor(bot, { input: call }).start();
      const isXStates = (): void => void expect(JSON.stringify(snapshot.machine)).to.equal(JSON.stringify(actor.getPersistedSnapshot()));
      let { snapshot, batch } = step(bot, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call }] });
      actor.send({ type: 'call.incoming', call });
      for (let time = 0; time < 4; time += 1) {
        isXStates();
        ({ snapshot, batch } = step(bot, snapshot, { type: 'service', at: 2 + time, events: [{ type: 'recognize.input', operationId: batch.at(-1)!.operationId, input: { kind: 'choice', name: 'again' }, via: 'dtmf' }] }));
        actor.send({ type: 'recognize.choice.again', via: 'dtmf' });
      }
      ({ snapshot } = step(bot, snapshot, { type: 'service', at: 9, events: [{ type: 'call.ended', reason: 'caller' }] }));
      actor.send({ type: 'call.ended', reason: 'caller' });
      isXStates();
    }
  });
});
