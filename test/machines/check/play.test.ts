/** A script is played to the real core, and tells where the call stands after each act. */
import { callMachine, createcall, dialog, dialogMachine, hangup, hold, play as says, prompt, recognize, record, task, transfer } from 'callchart';
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import type { CallerScript, ScriptAct } from '../../../src/machines/check/caller-script.ts';
import { play, type Played } from '../../../src/machines/check/play.ts';
import { walk } from '../../../src/machines/check/walker.ts';

const bot = (states: object): AnyStateMachine => callMachine('bot', { initial: 'menu', states: { ...states, bye: hangup('Bye.') } } as never) as unknown as AnyStateMachine;

const menu = (on: object = {}, options: object = {}): object => recognize({ prompt: 'One or two?', choices: { one: '1', two: '2' }, ...options, on: { one: 'bye', two: 'bye', exhausted: 'bye', ...on } } as never);

const silence: ScriptAct = { act: 'silence' };

const press = (keys: string): ScriptAct => ({ act: 'press', keys });

/** What is said between one act and the next is told apart by nobody here; all of it, and how the call ended. */
const heard = ({ said, ended }: Played): readonly unknown[] => [...said, ended];

describe('a script that is played', () => {
  it('confirms a loop: silence leads the call back to where it was', () => {
    const looping = bot({ menu: menu({ noinput: 'other' }), other: menu({ noinput: 'menu' }) });
    const { moments, ended, idle } = play(looping, [silence, silence, silence, silence]);
    expect(moments[3]).to.equal(moments[1]);
    expect(moments[4]).to.equal(moments[2]);
    expect(new Set(moments).size).to.equal(3); // the first has the call answered, which the others find done
    expect({ ended, idle }).to.deep.equal({ ended: null, idle: [] });
  });

  it('confirms no loop where the silences are counted', () => {
    const played = play(bot({ menu: menu() }), [silence, silence, silence]);
    expect(new Set(played.moments).size).to.equal(4);
    expect(heard(played)).to.deep.equal(['One or two?', 'Sorry, I did not hear you. One or two?', 'Sorry, I did not hear you. One or two?', 'Bye.', 'bot']);
  });

  it('stands where a walk has been, after each act', () => {
    const machine = bot({ menu: { ...menu({ one: 'look', noinput: 'menu' }), after: { 60_000: 'bye' } }, look: task({ run: () => 0, timeoutMs: 4_000, on: { done: 'menu', failed: 'bye' } }) });
    const { keys, complete } = walk(machine);
    const { moments } = play(machine, [silence, press('9'), press('1'), { act: 'task', path: 'look', done: 1 }, silence]);
    expect(complete).to.equal(true);
    expect(keys).to.include.members([...moments]);
  });

  it('takes a guard as it is until something is assumed of it, from there on', () => {
    const isOpen = (): boolean => false;
    const machine = bot({ menu: menu({ one: [{ target: 'open', guard: isOpen }, { target: 'menu' }] }), open: prompt('Open.', [{ target: 'inside', guard: isOpen }, { target: 'bye' }] as never), inside: hangup('Come in.') });
    const open: ScriptAct = { act: 'assume', guard: 'bot.open always 1', holds: true }; // the second place of the same guard
    expect(heard(play(machine, [press('1'), open, press('1')]))).to.deep.equal(['One or two?', 'One or two?', 'Open.', 'Come in.', 'bot']);
    expect(play(machine, [open, press('1')]).idle).to.deep.equal([]);
    expect(play(machine, [{ act: 'assume', guard: 'bot.open always 2', holds: true }]).idle).to.deep.equal([0]);
  });

  it('assumes what stands first before the phone rings', () => {
    const machine = bot({ menu: { always: [{ target: 'early', guard: () => false }, { target: 'bye' }] }, early: hangup('Early.') });
    expect(heard(play(machine, [{ act: 'assume', guard: 'bot.menu always 1', holds: true }]))).to.deep.equal(['Early.', 'bot']);
    expect(heard(play(machine, []))).to.deep.equal(['Bye.', 'bot']);
  });

  it('keeps keys for the next question, where it is asked without a prompt that must be heard', () => {
    const pin = (bargein: boolean): AnyStateMachine => bot({ menu: menu({ one: 'pin' }), pin: recognize({ prompt: 'PIN?', digits: { termchars: ['#'] }, bargein, on: { digits: 'right', exhausted: 'bye' } }), right: hangup('Right.') });
    expect(heard(play(pin(true), [press('112#')]))).to.deep.equal(['One or two?', 'PIN?', 'Right.', 'bot']);
    expect(heard(play(pin(false), [press('112#')]))).to.deep.equal(['One or two?', 'PIN?', null]);
  });

  it('says words, and is not understood', () => {
    expect(play(bot({ menu: menu() }), [{ act: 'say', words: 'Two!' }]).ended).to.equal('bot');
    expect(play(bot({ menu: menu({ nomatch: 'lost' }), lost: hangup('Lost.') }), [{ act: 'say', words: 'three' }]).said).to.include('Lost.');
  });

  it('records as long as it may be, ends with a key, and hangs up in the middle', () => {
    const machine = bot({ menu: record({ prompt: 'Speak.', maxMs: 10_000, termchars: ['#'], on: { done: 'thanks', maxspeech: 'long', exhausted: 'bye' } }), thanks: hangup('Thanks.'), long: hangup('Too long.') });
    expect(play(machine, [{ act: 'record', recordMs: 12_000 }]).said).to.include('Too long.');
    expect(play(machine, [{ act: 'record', recordMs: 2_000, stop: '#' }]).said).to.include('Thanks.');
    expect(play(machine, [{ act: 'record', recordMs: 2_000, stop: 'hangup' }]).ended).to.equal('caller');
  });

  it('ends a task in a dialog by its path, as done or as failed with a code', () => {
    const look = dialogMachine('look', { initial: 'up', states: { up: task({ run: () => 0, on: { done: 'good', failed: 'bad', timeout: 'late' } }), good: { type: 'final', output: { status: 'good' } }, bad: { type: 'final', output: { status: 'bad' } }, late: { type: 'final', output: { status: 'late' } } } } as never);
    const machine = bot({ menu: dialog(look as never, { on: { good: 'bye', bad: 'bad', late: 'late' } } as never), bad: hangup('Bad.'), late: hangup('Late.') });
    const path = 'menu/up';
    expect(heard(play(machine, [{ act: 'task', path, done: null }]))).to.deep.equal(['Bye.', 'bot']);
    expect(heard(play(machine, [{ act: 'task', path, failed: '' }]))).to.deep.equal(['Bad.', 'bot']);
    expect(heard(play(machine, [{ act: 'task', path, failed: 'ERR_TASK_TIMEOUT' }]))).to.deep.equal(['Late.', 'bot']);
    expect(play(machine, [{ act: 'task', path: 'up', done: null }]).idle).to.deep.equal([0]);
  });

  it('waits for timers in their order, and silence is cut short by what is due sooner', () => {
    const machine = bot({ menu: { entry: says('Wait.'), after: { 2_000: 'more', 9_000: 'bye' } }, more: { ...menu(), after: { 3_000: 'late' } }, late: hangup('Late.') });
    expect(heard(play(machine, [{ act: 'wait', ms: 1_999 }]))).to.deep.equal(['Wait.', null]);
    expect(heard(play(machine, [{ act: 'wait', ms: 2_000 }]))).to.deep.equal(['Wait.', 'One or two?', null]);
    expect(heard(play(machine, [{ act: 'wait', ms: 1_000 }, { act: 'wait', ms: 1_000 }, press('1')]))).to.deep.equal(['Wait.', 'One or two?', 'Bye.', 'bot']);
    expect(heard(play(machine, [silence, silence]))).to.deep.equal(['Wait.', 'One or two?', 'Late.', 'bot']); // the timer of three seconds, then the question of five, whose end brings the news
  });

  it('has the service fail a prompt, or what it works on, before it tells what it tells by itself', () => {
    const told = bot({ menu: prompt('Hello.', { on: { done: 'desk', failed: 'silent' } } as never), silent: hangup('Silent.'), desk: transfer({ to: '+15550123', on: { busy: 'busy', failed: 'failed', done: 'gone' } }), busy: hangup('Busy.'), failed: hangup('Failed.'), gone: hangup('Gone.') });
    const serves = (...outcomes: readonly ('prompt-failed' | 'done' | 'failed' | 'busy' | 'noanswer')[]): readonly unknown[] => heard(play(told, outcomes.map((outcome) => ({ act: 'service', outcome }))));
    expect(serves('prompt-failed')).to.deep.equal(['Hello.', 'Silent.', 'bot']);
    expect(serves('done', 'busy')).to.deep.equal(['Hello.', 'Busy.', 'bot']);
    expect(serves('busy')).to.deep.equal(['Hello.', 'Busy.', 'bot']); // the prompt is played first
    expect(serves('noanswer')).to.deep.equal(['Hello.', 'Failed.', 'bot']);
    expect(serves('failed')).to.deep.equal(['Hello.', 'Failed.', 'bot']);
    expect(serves('done', 'done')).to.deep.equal(['Hello.', 'Gone.', 'bot']);
    const rung = bot({ menu: hold('Music.', { on: { done: 'ring', failed: 'bye' } } as never), ring: createcall({ to: '+15550123', timeoutMs: 20_000, on: { done: 'bye', noanswer: 'nobody', failed: 'bye' } }), nobody: hangup('Nobody.') });
    expect(heard(play(rung, [silence]))).to.deep.equal(['Music.', 'Nobody.', 'bot']);
    expect(heard(play(rung, [{ act: 'service', outcome: 'failed' }]))).to.deep.equal(['Music.', 'Bye.', 'bot']); // the hold
  });

  it('tells which acts came to nothing, and what the bot threw', () => {
    const script: CallerScript = [{ act: 'record', recordMs: 1_000 }, press('1'), { act: 'hangup' }, press('1')];
    expect(play(bot({ menu: menu() }), script)).to.deep.include({ idle: [0, 3], ended: 'caller', error: null });
    const thrown = play(bot({ menu: menu({ one: 'throws' }), throws: { entry: () => { throw new Error('boom'); } } }), [press('1')]);
    expect(thrown.error?.code).to.equal('ERR_BOT_THREW');
    expect(thrown.ended).to.equal('error');
  });
});
