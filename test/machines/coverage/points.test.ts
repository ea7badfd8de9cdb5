import { expect } from 'chai';
import { callMachine, confirm, createcall, dialog, dialogMachine, hangup, hold, loadData, lookupUser, play, prompt, raw, recognize, record, reject, task, transfer, userData, waterfall } from 'callchart';
import * as t from 'io-ts';
import { type AnyStateMachine, assign } from 'xstate';
import { pointsMet } from '../../../src/machines/coverage/met.ts';
import { type PointKind, pointsOf } from '../../../src/machines/coverage/points.ts';
import { ring } from '../line.ts';

/** What there is to be covered of `kind` at the state `state`, in short: `sales 1 → sales`. */
const at = (machine: AnyStateMachine, state: string, kind: PointKind = 'transition'): readonly string[] =>
  pointsOf(machine).filter((point) => point.state === state && point.kind === kind).map(({ id, targets = [], guard }) =>
    `${id.replace(/^[\w:-]+(\.[\w.]+)?:? ?/, '')}${targets.length === 0 ? '' : ` → ${targets.join('+')}`}${guard === undefined ? '' : ` [${guard}]`}`);

const states = (machine: AnyStateMachine): readonly string[] => pointsOf(machine).filter(({ kind }) => kind === 'state').map(({ id }) => id);

describe('what there is to be covered', () => {
  it('of a question is each of its outcomes, its ways on, and each asking after the first', () => {
    const bot = callMachine('bot', {
      initial: 'menu',
      states: { menu: recognize({ prompt: 'A or b?', choices: { a: '1', b: '2' }, on: { a: 'bye', b: 'menu', exhausted: 'bye' } }), bye: hangup() },
    });
    expect(states(bot)).to.deep.equal(['bot.menu', 'bot.bye']);
    expect(at(bot, 'menu')).to.deep.equal(['a 1 → bye', 'b 1 → menu', 'exhausted 1 → bye']);
    expect(at(bot, 'menu', 'outcome')).to.deep.equal(['a', 'b', 'noinput', 'exhausted', 'nomatch', 'failed']);
    expect(at(bot, 'menu', 'retry')).to.deep.equal(['asking 2', 'asking 3']);
    expect(at(bot, 'bye')).to.deep.equal([]);
  });

  it('of a question is what its author handles himself, and no asking that cannot come', () => {
    const bot = callMachine('bot', {
      initial: 'menu',
      states: {
        menu: recognize({ prompt: 'A?', choices: { a: '1' }, maxNomatch: 2, on: { a: 'once', noinput: 'bye', failed: 'bye', exhausted: 'bye' } }),
        once: recognize({ prompt: 'Now?', choices: { a: '1' }, attempts: 1, on: { a: 'bye', exhausted: 'bye' } }),
        bye: hangup(),
      },
    });
    expect(at(bot, 'menu')).to.deep.equal(['a 1 → once', 'noinput 1 → bye', 'exhausted 1 → bye', 'failed 1 → bye']);
    expect(at(bot, 'menu', 'outcome')).to.deep.equal(['a', 'noinput', 'nomatch', 'exhausted', 'failed']);
    expect(at(bot, 'menu', 'retry')).to.deep.equal(['asking 2']);
    expect(at(bot, 'once', 'retry')).to.deep.equal([]);
  });

  it('of digits that are validated is that they are refused, which is no input: asked again, and then exhausted', () => {
    const bot = callMachine('bot', {
      initial: 'mark',
      states: { mark: recognize({ prompt: 'From 1 to 5?', digits: { max: 1 }, attempts: 2, validate: ({ digits }) => (digits === '9' ? 'Up to 5.' : undefined), on: { digits: 'thanks', exhausted: [{ guard: function isLate() { return false; }, target: 'thanks' }, 'bye'] } }), thanks: hangup(), bye: hangup() },
    });
    expect(at(bot, 'mark')).to.deep.equal(['exhausted 1 → thanks [isLate]', 'exhausted 2 → bye', 'digits 1 → thanks']);
    expect(at(bot, 'mark', 'outcome')).to.have.members(['digits', 'nomatch', 'noinput', 'failed', 'exhausted']);
    const line = ring(bot);
    const refused = line.ends({ type: 'recognize.input', input: { kind: 'digits', digits: '9', by: 'termchar' }, via: 'dtmf' });
    expect(pointsMet(bot, refused)).to.deep.equal(['bot.mark: nomatch', 'bot.mark: asking 2']);
    const given = line.ends({ type: 'recognize.input', input: { kind: 'digits', digits: '9', by: 'termchar' }, via: 'dtmf' });
    expect(pointsMet(bot, given)).to.deep.equal(['bot.mark exhausted 2', 'bot.mark: nomatch', 'bot.mark: exhausted', 'bot.bye']);
  });

  it('of a recording, of free speech, of choices that are known in the call, and of yes and no is the same', () => {
    const bot = callMachine('bot', {
      initial: 'tape',
      states: {
        tape: record({ prompt: 'After the tone.', on: { done: 'free', maxspeech: 'free', exhausted: 'bye' } }),
        free: recognize({ prompt: 'Say it.', speech: true, on: { speech: 'days', exhausted: 'bye' } }),
        days: recognize({ prompt: 'Which?', choicesFrom: () => ({ one: '1' }), on: { choice: 'sure', exhausted: 'bye' } }),
        sure: confirm({ prompt: 'Sure?', on: { yes: 'bye', no: 'tape', exhausted: 'bye' } }),
        bye: hangup(),
      },
    });
    expect(at(bot, 'tape')).to.deep.equal(['maxspeech 1 → free', 'done 1 → free', 'exhausted 1 → bye']);
    expect(at(bot, 'tape', 'outcome')).to.deep.equal(['maxspeech', 'done', 'noinput', 'exhausted', 'failed']);
    expect(at(bot, 'tape', 'retry')).to.deep.equal(['asking 2', 'asking 3']);
    expect(at(bot, 'free', 'outcome')).to.include.members(['speech', 'noinput', 'nomatch', 'failed', 'exhausted']);
    expect(at(bot, 'days')).to.deep.equal(['choice 1 → sure', 'exhausted 1 → bye']);
    expect(at(bot, 'sure')).to.deep.equal(['yes 1 → bye', 'no 1 → tape', 'exhausted 1 → bye']);
  });

  it('of a task is each of its ends, with both branches of a guard; its time that is over is one of them, and counted once', () => {
    const bot = callMachine<{ readonly n: number }>()('bot', {
      context: { n: 0 },
      initial: 'one',
      states: {
        one: task({ run: () => 1, output: t.number, timeoutMs: 5_000, on: { done: [{ guard: function isBig({ event }) { return event.output > 5; }, target: 'bye' }, 'two'], failed: 'bye' } }),
        two: task({ run: () => 1, timeoutMs: 5_000, on: { done: 'bye', timeout: 'one', cancelled: [{ guard: function isOdd() { return true; }, target: 'bye' }, 'one'], failed: 'bye' } }),
        bye: hangup(),
      },
    });
    expect(at(bot, 'one')).to.deep.equal(['done 1 → bye [isBig]', 'done 2 → two', 'failed 1 → bye']);
    expect(at(bot, 'two')).to.deep.equal(['done 1 → bye', 'cancelled 1 → bye [isOdd]', 'cancelled 2 → one', 'timeout 1 → one', 'failed 1 → bye']);
    const line = ring(bot);
    expect(pointsMet(bot, line.due())).to.deep.equal(['bot.one failed 1', 'bot.bye']);
  });

  it('of all that does not ask is where it leads: what is said, held, transferred, called, asked of the service, kept and looked up', () => {
    const visits = userData('visits', t.type({ n: t.number }));
    const bot = callMachine<{ readonly n: number }>()('bot', {
      context: { n: 0 },
      initial: 'say',
      states: {
        say: prompt('Hello.', [{ guard: function isNew({ context }) { return context.n === 0; }, target: 'heard', actions: assign({ n: 1 }) }, 'heard']),
        heard: prompt('Listen.', { on: { done: 'held', failed: 'bye' } }),
        held: hold('Music.', { on: { done: 'moved', failed: 'moved' } }),
        moved: transfer({ to: '+47', on: { busy: 'rung', failed: 'rung' } }),
        rung: createcall({ to: '+47', on: { done: 'paid', failed: 'bye' } }),
        paid: raw('twilio', { verb: 'Pay', on: { success: 'user', failed: 'bye' } }),
        user: lookupUser({ run: () => undefined, on: { known: 'kept', unknown: 'no', failed: 'bye' } }),
        kept: loadData(visits, { on: { done: 'bye', failed: 'no' } }),
        no: reject(),
        bye: hangup(),
      },
    });
    expect(at(bot, 'say')).to.deep.equal(['always 1 → heard [isNew]', 'always 2 → heard']);
    expect(at(bot, 'heard')).to.deep.equal(['done 1 → held', 'failed 1 → bye']);
    expect(at(bot, 'held')).to.deep.equal(['done 1 → moved', 'failed 1 → moved']);
    expect(at(bot, 'moved')).to.deep.equal(['busy 1 → rung', 'failed 1 → rung']);
    expect(at(bot, 'rung')).to.deep.equal(['done 1 → paid', 'failed 1 → bye']);
    expect(at(bot, 'paid')).to.deep.equal(['success 1 → user', 'failed 1 → bye']);
    expect(at(bot, 'user')).to.deep.equal(['unknown 1 → no', 'known 1 → kept', 'failed 1 → bye']);
    expect(at(bot, 'kept')).to.deep.equal(['done 1 → bye', 'failed 1 → no']); // and no apology for data that nobody can read
    expect(at(bot, 'no')).to.deep.equal([]);
    expect(pointsOf(bot).filter(({ kind }) => kind === 'outcome' || kind === 'retry')).to.deep.equal([]);
  });

  it('of a state written by hand is each of its transitions, under the name by which it is written', () => {
    const bot = callMachine('bot', {
      initial: 'work',
      states: {
        work: {
          initial: 'inner', onDone: 'both', on: { 'call.state': [{ guard: function isHeld() { return false; }, target: 'bye' }, { actions: () => {} }], '*': '.inner' },
          states: { inner: { entry: play('One.'), after: { 500: 'over', 2_000: '#bot.bye' } }, over: { type: 'final' }, back: { type: 'history' } },
        },
        both: { type: 'parallel', on: { 'play.done': 'work.back' }, onDone: 'bye', states: { left: { initial: 'a', states: { a: { always: 'z' }, z: { type: 'final' } } }, right: { initial: 'b', states: { b: { on: { 'call.roster': 'z' } }, z: { type: 'final' } } } } },
        bye: hangup(),
      },
    });
    expect(states(bot)).to.deep.equal(['bot.work', 'bot.work.inner', 'bot.work.over', 'bot.both', 'bot.both.left', 'bot.both.left.a', 'bot.both.left.z', 'bot.both.right', 'bot.both.right.b', 'bot.both.right.z', 'bot.bye']);
    expect(at(bot, 'work')).to.have.members(['onDone 1 → both', 'call.state 1 → bye [isHeld]', 'call.state 2', '* 1 → work.inner']);
    expect(at(bot, 'work.inner')).to.deep.equal(['after.500 1 → work.over', 'after.2000 1 → bye']);
    expect(at(bot, 'both')).to.have.members(['play.done 1 → work.back', 'onDone 1 → bye']);
    const line = ring(bot);
    const over = line.due();
    expect(pointsMet(bot, over)).to.include.members(['bot.work.over', 'bot.work.inner after.500 1', 'bot.work onDone 1', 'bot.both', 'bot.both.left.a', 'bot.both.left.a always 1', 'bot.both.left.z', 'bot.both.right.b']);
    expect(pointsMet(bot, line.service({ type: 'call.roster', participants: 2 }))).to.deep.equal(['bot.both onDone 1', 'bot.both.right.b call.roster 1', 'bot.both.right.z', 'bot.bye']);
  });

  it('of commands is what leads away from every state, and that a question is repeated where a command has it so', () => {
    const bot = callMachine('bot', {
      initial: 'menu',
      commands: { operator: { key: '0', target: 'desk' }, again: { key: '*', repeat: true } },
      states: { menu: recognize({ prompt: 'A?', choices: { a: '1' }, on: { a: 'bye', exhausted: 'bye' } }), desk: hangup(), bye: hangup() },
    });
    expect(at(bot, '')).to.deep.equal(['recognize.choice.operator 1 → desk']);
    expect(at(bot, 'menu', 'outcome')).to.include('repeat');
    const line = ring(bot);
    expect(pointsMet(bot, line.keys('*'))).to.deep.equal(['bot.menu: repeat']);
    expect(pointsMet(bot, line.keys('0'))).to.deep.equal(['bot recognize.choice.operator 1', 'bot.desk']);
  });

  it('of commands is no repeating where none is offered: at digits, at a recording, and where the signs of the command mean a choice', () => {
    const sure = dialogMachine('sure', { initial: 'ask', states: { ask: recognize({ prompt: 'Sure?', choices: { yes: '1' }, on: { yes: 'end', exhausted: 'end' } }), code: recognize({ prompt: 'Code?', digits: { max: 2 }, on: { digits: 'end', exhausted: 'end' } }), end: { type: 'final', output: 0 } } });
    const bot = callMachine('bot', {
      initial: 'menu',
      commands: { again: { key: '*', phrases: ['again'], repeat: true } },
      states: {
        menu: recognize({ prompt: 'A?', choices: { a: '1' }, on: { a: 'pin', exhausted: 'bye' } }),
        pin: recognize({ prompt: 'PIN?', digits: { max: 4 }, on: { digits: 'tape', exhausted: 'bye' } }),
        tape: record({ prompt: 'After the tone.', on: { done: 'taken', exhausted: 'bye' } }),
        taken: recognize({ prompt: 'Star?', choices: { star: ['*', 'again'] }, on: { star: 'free', exhausted: 'bye' } }),
        free: recognize({ prompt: 'Say it.', speech: true, on: { speech: 'days', exhausted: 'bye' } }),
        days: recognize({ prompt: 'Which?', choicesFrom: () => ({ one: '1' }), on: { choice: 'last', exhausted: 'bye' } }),
        last: dialog(sure, { on: { done: 'bye' } }),
        bye: hangup(),
      },
    });
    expect(pointsOf(bot).flatMap(({ name, kind, machine, state }) => (name === 'repeat' && kind === 'outcome' ? [`${machine}.${state}`] : []))).to.deep.equal(['bot.menu', 'bot.free', 'bot.days', 'sure.ask']);
    const line = ring(bot);
    expect(pointsMet(bot, line.keys('*'))).to.deep.equal(['bot.menu: repeat']);
    const barred = ring(callMachine('other', { initial: 'taken', commands: { again: { key: '*', phrases: ['again'], repeat: true } }, states: { taken: recognize({ prompt: 'Star?', choices: { star: ['*', 'again'] }, on: { star: 'bye', exhausted: 'bye' } }), bye: hangup() } }));
    expect(barred.keys('*').moves.flatMap(({ transitions }) => transitions)).to.deep.equal(['other.taken recognize.choice.star 1']);
  });

  it('of a dialog is counted once, wherever it runs, and a status that it ends with is an end of its own', () => {
    const pin = dialogMachine<Record<never, never>, undefined, { readonly status: 'ok' | 'no' }>()('pin', {
      initial: 'ask',
      states: { ask: recognize({ prompt: 'PIN?', digits: { max: 4 }, on: { digits: 'ok', exhausted: 'no' } }), ok: { type: 'final', output: { status: 'ok' } }, no: { type: 'final', output: { status: 'no' } } },
    });
    const bot = callMachine('bot', { initial: 'one', states: { one: dialog(pin, { on: { ok: 'two', no: 'bye' } }), two: dialog(pin, { on: { done: 'bye' } }), bye: hangup() } });
    expect(at(bot, 'one')).to.deep.equal(['ok 1 → two', 'no 1 → bye']);
    expect(at(bot, 'two')).to.deep.equal(['done 1 → bye']);
    expect(states(bot)).to.deep.equal(['bot.one', 'bot.two', 'bot.bye', 'pin.ask', 'pin.ok', 'pin.no']);
    const line = ring(bot);
    expect(pointsMet(bot, line.result())).to.deep.equal(['bot.one', 'pin.ask']);
    expect(pointsMet(bot, line.ends({ type: 'recognize.input', input: { kind: 'digits', digits: '1234', by: 'termchar' }, via: 'dtmf' }))).to.have.members(['pin.ask digits 1', 'pin.ask: digits', 'pin.ok', 'bot.one ok 1', 'bot.two', 'pin.ask']);
  });

  it('of a waterfall is none of the ends that it cannot come to', () => {
    const plain = waterfall('plain').ask('size', { prompt: 'Large?', choices: { large: '1' } }).end();
    const back = waterfall('back', { cancel: 'cancel' }).ask('size', { prompt: 'Large?', choices: { large: '1' } }).end();
    const bot = callMachine('bot', { initial: 'one', states: { one: dialog(plain, { on: { done: 'two' } }), two: dialog(back, { on: { done: 'bye' } }), bye: hangup() } });
    expect(states(bot)).to.deep.equal(['bot.one', 'bot.two', 'bot.bye', 'plain.size', 'plain.completed', 'plain.notCompleted', 'back.size', 'back.completed', 'back.notCompleted', 'back.cancelled']);
  });

  it('has an id of its own each, and no word of what the framework does by itself', () => {
    const bot = callMachine('bot', { initial: 'menu', states: { menu: recognize({ prompt: 'A?', choices: { a: '1' }, on: { a: 'bye', exhausted: 'bye' } }), bye: hangup() } });
    const ids = pointsOf(bot).map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids.filter((id) => /call\.(ended|incoming)|idle|\.ended/.test(id))).to.deep.equal([]);
    expect(pointsOf(bot)).to.equal(pointsOf(bot));
  });
});
