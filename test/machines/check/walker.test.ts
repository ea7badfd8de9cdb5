/** The walker goes through all that can happen in a call: small bots, and figures counted by hand. */
import { callMachine, createcall, dialog, dialogMachine, hangup, hold, play, prompt, recognize, record, task, transfer } from 'callchart';
import { expect } from 'chai';
import * as t from 'io-ts';
import { and, type AnyStateMachine, assign, not } from 'xstate';
import { samplesOf } from '../../../src/machines/check/samples.ts';
import { walk } from '../../../src/machines/check/walker.ts';

const bot = (states: object, more: object = {}): AnyStateMachine => callMachine<{ n: number }>()('bot', { context: { n: 0 }, initial: 'menu', ...more, states: { ...states, bye: { ...hangup('Bye.'), id: 'bye' } } } as never) as unknown as AnyStateMachine;

const menu = (on: object = {}, options: object = {}): object => recognize({ prompt: 'One or two?', choices: { one: '1', two: '2' }, ...options, on: { one: 'bye', two: 'bye', exhausted: 'bye', ...on } } as never);

const names = (found: ReadonlySet<string>): readonly string[] => [...found].sort();

const isOpen = (): boolean => true;

describe('a walk through a menu', () => {
  it('counts what a silent caller hears: the menu three times, the goodbye, and three silences', () => {
    const walked = walk(bot({ menu: menu() }));
    expect(walked).to.deep.include({ complete: true, endless: false, silent: false, wrong: false, ignored: [] });
    expect(walked.withoutInput).to.deep.equal({ prompts: 4, reprompts: 2, silenceMs: 15_000 });
    expect(walked.whole).to.deep.equal(walked.withoutInput);
    expect(names(walked.states)).to.deep.equal(['bot.bye', 'bot.ended', 'bot.idle', 'bot.menu']);
    expect(walked.moments).to.equal(10 + 2); // ten ways to have gone wrong twice at most, the goodbye, and the hangup after a goodbye that was not played
  });

  it('counts the limits of silences and of wrong keys by themselves', () => {
    expect(walk(bot({ menu: menu({}, { attempts: 9, maxNoinput: 2, maxNomatch: 1 }) })).withoutInput).to.deep.equal({ prompts: 10, reprompts: 8, silenceMs: 10_000 }); // seven failures of the service, a silence, and what ends it
    expect(walk(bot({ menu: menu({}, { attempts: 2, timeoutMs: 1_000, interdigitMs: 7_000 }) })).withoutInput?.silenceMs).to.equal(14_000);
  });

  it('finds that silence alone goes round where it leads back to the menu', () => {
    expect(walk(bot({ menu: menu({ noinput: 'menu' }) }))).to.deep.include({ endless: true, silent: true, wrong: true, withoutInput: null, whole: null });
  });

  it('finds that wrong keys alone go round, or silences and wrong keys in turn', () => {
    expect(walk(bot({ menu: menu({ nomatch: 'menu' }) }))).to.deep.include({ endless: true, silent: false, wrong: true });
    expect(walk(bot({ menu: menu({ noinput: 'other' }), other: menu({ nomatch: 'menu' }) }))).to.deep.include({ endless: true, silent: false, wrong: true });
    expect(walk(bot({ menu: menu({ failed: 'menu' }) }))).to.deep.include({ endless: true, silent: false, wrong: false });
  });

  it('lets the caller go round by keys without being endless, and counts from each of them', () => {
    const walked = walk(bot({ menu: menu({ one: 'long' }), long: prompt('A long story.', 'menu') }));
    expect(walked).to.deep.include({ endless: false, whole: null });
    expect(walked.withoutInput).to.deep.equal({ prompts: 5, reprompts: 2, silenceMs: 15_000 });
  });

  it('adds up a call of several questions', () => {
    const walked = walk(bot({ menu: menu({ one: 'other' }), other: menu({}, { attempts: 1 }) }));
    expect(walked.withoutInput).to.deep.equal({ prompts: 4, reprompts: 2, silenceMs: 15_000 });
    expect(walked.whole).to.deep.equal({ prompts: 5, reprompts: 2, silenceMs: 15_000 }); // the menu three times, then the key, the other question, the goodbye
  });

  it('takes digits as input, wrong ones too, which are asked for again', () => {
    const pin = recognize({ prompt: 'Your PIN?', digits: { max: 4, termchars: ['#'] }, attempts: 2, validate: () => 'That is wrong.', on: { digits: 'right', exhausted: 'bye' } });
    const walked = walk(bot({ menu: pin, right: hangup('Right.') }));
    expect(names(walked.states)).to.include('bot.right');
    expect(walked.withoutInput).to.deep.equal({ prompts: 3, reprompts: 1, silenceMs: 10_000 });
    expect(new Set(walked.ways.map(({ name }) => name))).to.include.keys('recognize.digits.termchar', 'recognize.digits.interdigit');
  });

  it('records, in all four ways', () => {
    const walked = walk(bot({ menu: record({ prompt: 'Speak.', attempts: 1, on: { done: 'thanks', maxspeech: 'long', exhausted: 'bye' } }), thanks: hangup('Thanks.'), long: hangup('Too long.') }));
    expect(names(walked.states)).to.include.members(['bot.thanks', 'bot.long', 'bot.bye']);
    expect(walked.withoutInput).to.deep.equal({ prompts: 2, reprompts: 0, silenceMs: 5_000 });
  });

  it('lets commands lead away, and repeat a question for ever without counting', () => {
    const commands = { operator: { key: '0', target: 'desk' }, again: { key: '*', repeat: true } };
    const walked = walk(bot({ menu: menu(), desk: hangup('The desk.') }, { commands }));
    expect(names(walked.states)).to.include('bot.desk');
    expect(walked).to.deep.include({ endless: false, whole: null });
    expect(walked.ways.some(({ name, from, to }) => name === 'recognize.repeat' && from === to)).to.equal(true);
  });

  it('takes whatever is said where a question does', () => {
    const walked = walk(bot({ menu: recognize({ prompt: 'Speak.', speech: true, choices: { else: ['1', 'something else'] }, on: { speech: 'said', else: 'bye', exhausted: 'bye' } }), said: hangup('I see.') }));
    expect(names(walked.states)).to.include('bot.said');
  });
});

describe('a walk through a faulty bot', () => {
  it('finds the state in which nothing more can happen; a prompt that fails before a transfer is a transfer that fails', () => {
    const walked = walk(bot({ menu: menu({ one: 'stuck', two: 'told' }), stuck: { entry: play('Hm.') }, told: prompt('One moment.', 'desk'), desk: transfer({ to: '+15550123', on: { failed: 'bye' } }) }));
    expect(names(walked.deadEnds)).to.deep.equal(['stuck']);
    expect(walked.ignored).to.deep.equal([]);
  });

  it('takes an end that a state asks for, by a hangup or a refusal, for no dead end', () => {
    expect(walk(bot({ menu: { always: [{ target: 'bye', guard: isOpen }, { target: 'gone' }] }, gone: hangup() })).deadEnds.size).to.equal(0);
    expect(walk(bot({ menu: { type: 'final' } })).deadEnds.size).to.equal(0);
    expect(names(walk(bot({ menu: {} })).deadEnds)).to.deep.equal(['menu']);
  });

  it('tells of two questions at once, of code that throws, and of a chart without rest, and goes on with the rest of the call', () => {
    const asked = menu({ one: '#bye', two: '#bye', exhausted: '#bye' });
    const both = { type: 'parallel', states: { a: { initial: 'x', states: { x: asked } }, b: { initial: 'y', states: { y: asked } } } };
    const walked = walk(bot({ menu: menu({ one: 'both', two: 'throws', noinput: 'round' }), both, throws: { entry: () => { throw new Error('boom'); }, always: 'bye' }, round: { always: { target: 'back', guard: isOpen } }, back: { always: { target: 'round' } } }));
    expect([...walked.illegal].join()).to.match(/both.*two questions cannot be open at once/);
    expect([...walked.threw].join()).to.match(/boom/);
    expect(names(walked.restless)).to.deep.equal(['menu']);
    expect(walked.endless).to.equal(false);
    expect(names(walked.states)).to.include.members(['bot.bye', 'bot.round']);
  });

  it('says that it has not seen everything where there is no end of it', () => {
    const still = { initial: 'a', states: { a: { entry: play('Tick.'), after: { 1_000: 'b' } }, b: { entry: play('Tock.'), after: { 1_000: 'a' } } } };
    expect(walk(bot({ menu: { type: 'parallel', states: { still, ask: { initial: 'asking', states: { asking: menu({ one: '#bye', two: '#bye', exhausted: '#bye' }) } } } } }), { limit: 100 })).to.deep.include({ complete: false, moments: 100 });
  });
});

describe('a walk through what a call waits for', () => {
  it('adds up timers and what is said at each', () => {
    const walked = walk(bot({ menu: { entry: play('Wait.'), after: { 2_000: 'more' } }, more: { entry: play('Still.'), after: { 3_000: 'bye' } } }));
    expect(walked.withoutInput).to.deep.equal({ prompts: 3, reprompts: 0, silenceMs: 5_000 });
    expect(walked.ignored).to.deep.include.members([{ state: 'menu', event: 'play.done' }, { state: 'more', event: 'play.failed' }]);
  });

  it('finds a timer that goes round', () => {
    expect(walk(bot({ menu: { after: { 2_000: 'more' } }, more: { after: { 3_000: 'menu' } } }))).to.deep.include({ endless: true, silent: false, complete: true });
  });

  it('ends tasks in each of their ways', () => {
    const work = (output: t.Mixed): object => task({ run: () => 0 as never, output, timeoutMs: 4_000, on: { done: [{ target: 'yes', guard: ({ event }: { event: { output: unknown } }) => event.output === true }, 'no'], failed: 'failed', timeout: 'late', cancelled: 'off' } } as never);
    const ends = { yes: hangup('Yes.'), no: hangup('No.'), failed: hangup('Failed.'), late: hangup('Late.'), off: hangup('Off.') };
    const walked = walk(bot({ menu: prompt('Looking.', 'work'), work: work(t.boolean), ...ends }));
    expect(names(walked.states)).to.include.members(['bot.yes', 'bot.no', 'bot.failed', 'bot.late', 'bot.off']);
    expect(walked.withoutInput).to.deep.equal({ prompts: 2, reprompts: 0, silenceMs: 4_000 });
    expect(new Set(walked.ways.map(({ name }) => name))).to.include.keys('task.done work', 'task.failed work');
  });

  it('finds a task that is tried again for ever', () => {
    expect(walk(bot({ menu: task({ run: () => 0, on: { done: 'bye', failed: 'menu' } }) }))).to.deep.include({ endless: true, silent: false, wrong: false });
  });

  it('puts the caller on hold, and says so once', () => {
    const walked = walk(bot({ menu: hold('Music.', 'work'), work: task({ run: () => 0, on: { done: 'bye', failed: 'bye' } }) }));
    expect(walked.withoutInput).to.deep.equal({ prompts: 2, reprompts: 0, silenceMs: 0 });
    expect(walked.deadEnds.size).to.equal(0);
    expect(walk(bot({ menu: hold('Music.', { on: { done: 'bye', failed: 'other' } } as never), other: hangup('Other.') })).states).to.include('bot.other');
  });

  it('tries a transfer and an outgoing call in each of their ways', () => {
    expect(walk(bot({ menu: transfer({ to: '+15550123', on: { failed: 'menu' } }) }))).to.deep.include({ endless: true, silent: false });
    const walked = walk(bot({ menu: createcall({ to: '+15550123', on: { done: 'bye', busy: 'busy', failed: 'failed' } }), busy: hangup('Busy.'), failed: hangup('Failed.') }));
    expect(names(walked.states)).to.include.members(['bot.bye', 'bot.busy', 'bot.failed']);
  });

  it('lets a change of the line move the call, whose batch then waits for somebody who asks', () => {
    const walked = walk(bot({ menu: { after: { 9_000: 'bye' }, on: { 'call.roster': 'joined' } }, joined: prompt('Somebody joined.', 'asking'), asking: menu({}, { attempts: 1 }) }));
    expect(walked.withoutInput).to.deep.equal({ prompts: 3, reprompts: 0, silenceMs: 9_000 });
    expect(walked.ways.some(({ name }) => name === 'reply.due')).to.equal(true);
  });

  it('lets a timer overtake a question, whose end then brings what is parked', () => {
    const walked = walk(bot({ menu: { ...menu({}, { attempts: 1 }), after: { 1_000: 'late' } }, late: hangup('Too late.') }));
    expect(walked.withoutInput).to.deep.equal({ prompts: 2, reprompts: 0, silenceMs: 6_000 }); // the second of the timer, the five of the question that nobody waits for any more
  });
});

describe('a walk through a chart', () => {
  it('answers guards in every way, but one guard once', () => {
    const walked = walk(bot({
      menu: { always: [{ target: 'a', guard: isOpen }, { target: 'b' }] },
      a: { always: [{ target: 'both', guard: and([isOpen, () => false]) }, { target: 'never', guard: not(isOpen) }, { target: 'other' }] },
      b: { always: [{ target: 'never', guard: isOpen }, { target: 'bye' }] },
      both: hangup('Both.'), never: hangup('Never.'), other: hangup('Other.'),
    }));
    expect(names(walked.states)).to.deep.equal(['bot.a', 'bot.b', 'bot.both', 'bot.bye', 'bot.ended', 'bot.idle', 'bot.menu', 'bot.other']);
    expect(walked.ways.filter(({ from }) => from < 0).map(({ guards }) => guards.map(([, holds]) => holds))).to.deep.equal([[false], [true, false], [true, true]]);
  });

  it('goes into dialogs and theirs, and out by each status', () => {
    const inner = dialogMachine('inner', { initial: 'asking', states: { asking: menu({ one: 'good', two: 'bad', exhausted: 'bad' }, { attempts: 2 }), good: { type: 'final', output: { status: 'good' } }, bad: { type: 'final', output: { status: 'bad' } } } } as never);
    const outer = dialogMachine('outer', { initial: 'within', states: { within: dialog(inner, { on: { good: 'out', done: 'again' } } as never), again: prompt('Again.', 'within'), out: { type: 'final', output: 1 } } } as never);
    const walked = walk(bot({ menu: dialog(outer as never, { on: { done: 'bye' } }) }));
    expect(names(walked.states)).to.include.members(['bot.menu', 'outer.within', 'outer.again', 'outer.out', 'inner.asking', 'inner.good', 'inner.bad', 'bot.bye']);
    expect(walked).to.deep.include({ endless: true, silent: true });
  });

  it('goes through regions and comes back by histories', () => {
    const walked = walk(bot({
      menu: { type: 'parallel', onDone: 'help', states: { a: { initial: 'x', states: { x: menu({ one: 'z', two: 'y', exhausted: 'z' }, { attempts: 1 }), y: menu({ one: 'z', two: 'z', exhausted: 'z' }, { attempts: 1 }), z: { type: 'final' } } }, b: { initial: 'v', states: { v: { on: { 'recognize.choice.two': 'w', 'recognize.noinput': 'w' } }, w: { type: 'final' } } } } },
      help: { initial: 'first', states: { first: menu({ one: 'second', two: '#bye', exhausted: '#bye' }, { attempts: 1 }), second: menu({ one: '#side', two: '#bye', exhausted: '#bye' }, { attempts: 1 }), back: { type: 'history' } } },
      side: { ...(prompt('Aside.', 'help.back') as object), id: 'side' },
    }));
    expect(names(walked.states)).to.include.members(['bot.menu.a.y', 'bot.menu.a.z', 'bot.menu.b.w', 'bot.help.first', 'bot.help.second', 'bot.side']);
    expect([...walked.states].some((state) => state.endsWith('back'))).to.equal(false);
    expect(walked.withoutInput).to.deep.equal({ prompts: 3, reprompts: 0, silenceMs: 10_000 });
  });

  it('tells no moments apart by the data of the author', () => {
    const counting = bot({ menu: menu({ one: { target: 'menu', actions: assign({ n: ({ context }: { context: { n: number } }) => context.n + 1 }) } }) });
    expect(walk(counting)).to.deep.include({ complete: true, moments: 13, endless: false, whole: null }); // the menu once more, when the call is answered already
  });
});

describe('a sample of a codec', () => {
  it('is of each kind that the codec tells apart', () => {
    expect(samplesOf(t.boolean)).to.deep.equal([true, false]);
    expect(samplesOf(t.keyof({ a: 0, b: 0 }))).to.deep.equal(['a', 'b']);
    expect(samplesOf(t.union([t.null, t.literal('x'), t.array(t.number)]))).to.deep.equal([null, 'x', [], [1]]);
    expect(samplesOf(t.exact(t.intersection([t.type({ ok: t.boolean }), t.partial({ why: t.string })])))).to.deep.equal([{ ok: true }, { ok: true, why: 'sample' }, { ok: false }, { ok: false, why: 'sample' }]);
    expect(samplesOf(t.refinement(t.string, (text): boolean => text === 'nothing like it'))).to.deep.equal([]);
  });
});
