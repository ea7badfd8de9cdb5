/** What somebody did in a recorded call, done to another version of the bot. */
import { type CallLog, callMachine, hangup, prompt, recognize, record, task, transfer } from 'callchart';
import { dial, type Caller } from 'callchart/testing';
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import { compare, type Comparison } from '../../../src/machines/log/compare.ts';
import { told } from './told.ts';

const bot = (states: object, initial = 'ask'): AnyStateMachine => callMachine('carried', { initial, states: { ...states, yes: hangup('Yes.'), no: hangup('No.'), bye: hangup('Bye.') } } as never) as AnyStateMachine;
const ask = (changed: object): AnyStateMachine => bot({ ask: recognize({ prompt: 'Well?', choices: { yes: ['1', 'yes', 'of course'], no: ['2', 'no'] }, on: { yes: 'yes', no: 'no', exhausted: 'bye' }, ...changed } as never) });
const keys = (digits: object): AnyStateMachine => bot({ ask: recognize({ prompt: 'Well?', digits, on: { digits: 'yes', exhausted: 'bye' } } as never) });
const message = (changed: object): AnyStateMachine => bot({ ask: record({ prompt: 'Speak.', on: { done: 'yes', maxspeech: 'no', exhausted: 'bye' }, ...changed } as never) });

const logOf = (one: AnyStateMachine, acts: (caller: Caller) => unknown, masked = false, tasks: object = {}): CallLog => {
  const caller = dial(one, { tasks: tasks as never });
  acts(caller as Caller);
  return told(one, caller.events, masked);
};

const said = (old: AnyStateMachine, next: AnyStateMachine, acts: (caller: Caller) => unknown): Comparison => compare(old, next, logOf(old, acts));

describe('what a caller did', () => {
  it('is done with the key that he pressed, whatever it means now', () => {
    const next = ask({ choices: { yes: ['2', 'yes'], no: ['1', 'no'] } });
    expect(said(ask({}), next, (caller) => caller.presses('1'))).deep.include({ verdict: 'ends-otherwise', divergence: { revision: 2, was: 'yes', is: 'no', heard: ['Yes.'], hears: ['No.'] } });
    expect(said(ask({}), next, (caller) => caller.says('no')).verdict).equal('asks-otherwise');
  });

  it('is said in any words of the choice that was made, if they all mean the same now', () => {
    expect(said(ask({}), ask({ choices: { sure: ['1', 'yes', 'of course', 'sure'], no: ['2', 'no'] }, on: { sure: 'yes', no: 'no', exhausted: 'bye' } }), (caller) => caller.says('of course')).verdict).equal('asks-otherwise');
    expect(said(ask({}), ask({ choices: { yes: ['1', 'yes'], no: ['2', 'no'] } }), (caller) => caller.says('of course'))).deep.include({ verdict: 'not-examined', why: 'the log does not say which words a caller chose by, and not all of them mean the same here' });
  });

  it('is not known of a key that meant nothing, where more keys mean something now', () => {
    const next = ask({ choices: { yes: ['1', 'yes'], no: ['2', 'no'], maybe: '3' }, on: { yes: 'yes', no: 'no', maybe: 'bye', exhausted: 'bye' } });
    expect(said(ask({}), next, (caller) => caller.presses('9').presses('1'))).deep.include({ verdict: 'not-examined', line: 3, why: 'a caller was not understood, and the log does not say what he keyed: the question takes more here' });
    expect(said(next, ask({}), (caller) => caller.presses('9').presses('1')).verdict).equal('asks-otherwise');
  });

  it('is keyed as far as the question takes it', () => {
    expect(said(keys({ max: 4 }), keys({ max: 6 }), (caller) => caller.presses('4711')).verdict).equal('asks-otherwise');
    expect(said(keys({ max: 4 }), keys({ max: 3 }), (caller) => caller.presses('4711'))).deep.include({ verdict: 'not-examined', why: 'a caller keyed more than the question takes here' });
    expect(said(keys({ max: 4, termchars: ['#'] }), keys({ max: 4 }), (caller) => caller.presses('47#')).verdict).equal('asks-otherwise');
    expect(said(keys({ max: 4 }), ask({}), (caller) => caller.presses('1')).verdict).equal('asks-otherwise');
  });

  it('is not known of a secret, of which no log says how long it was', () => {
    const pin = (max: number): AnyStateMachine => bot({ ask: recognize({ prompt: 'Your PIN?', digits: { max, termchars: ['#'] }, secret: true, on: { digits: 'yes', exhausted: 'bye' } } as never) });
    for (const masked of [false, true]) {
      const log = logOf(pin(6), (caller) => caller.presses('123456'), masked);
      expect(compare(pin(6), pin(6), log).verdict).equal('identical');
      expect(compare(pin(6), pin(4), log)).deep.include({ verdict: 'not-examined', why: 'the digits of a secret are not in a log, nor how many they are, and the question takes other ones here' });
    }
  });

  it('is spoken as long as it was, or as long as it may be', () => {
    expect(said(message({ maxMs: 60_000 }), message({ maxMs: 5_000 }), (caller) => caller.records(10_000))).deep.include({ verdict: 'ends-otherwise' });
    expect(said(message({ maxMs: 60_000 }), message({ maxMs: 30_000 }), (caller) => caller.records(10_000)).verdict).equal('asks-otherwise');
    expect(said(message({ maxMs: 5_000 }), message({ maxMs: 60_000 }), (caller) => caller.records(10_000))).deep.include({ verdict: 'not-examined', why: 'the recording was as long as it could be, and may be longer here' });
    expect(said(message({ termchars: ['#'] }), message({}), (caller) => caller.records(4_000, { endedBy: 'termchar' })).why).equal('the recording was ended by a key, and no key ends it here');
  });

  it('fails where a prompt has failed, also in another place of the batch', () => {
    const failing = (...texts: readonly string[]): AnyStateMachine => bot({ ...Object.fromEntries(texts.map((text, index) => [`say${index}`, prompt(text, (index === texts.length - 1 ? 'ask' : `say${index + 1}`) as never)])), ask: recognize({ prompt: 'Well?', choices: { yes: '1' }, attempts: 1, on: { yes: 'yes', exhausted: 'bye' } } as never) }, 'say0');
    expect(said(failing('One.', 'Two.'), failing('One. Two.'), (caller) => caller.promptFails())).deep.include({ verdict: 'cosmetic', why: null });
  });

  it('is asked again of a task by its path or else by its name', () => {
    const looks = (state: string, name: string): AnyStateMachine =>
      callMachine('carried', { initial: state, tasks: { [name]: () => 1 }, states: { [state]: task({ run: name, on: { done: 'yes', failed: 'no' } } as never), yes: hangup('Yes.'), no: hangup('No.') } } as never) as AnyStateMachine;
    const log = logOf(looks('looking', 'lookup'), () => {}, false, { lookup: 1 });
    expect(compare(looks('looking', 'lookup'), looks('finding', 'lookup'), log).verdict).equal('identical');
    expect(compare(looks('looking', 'lookup'), looks('looking', 'find'), log).verdict).equal('cosmetic');
    expect(compare(looks('looking', 'lookup'), looks('finding', 'find'), log)).deep.include({ verdict: 'not-examined', why: 'the bot waits for its task `find`, of which the log has no result' });
  });

  it('means nothing where he is handed on instead of asked', () => {
    const next = bot({ ask: transfer({ to: '+15550111', on: { failed: 'bye' } } as never) });
    expect(said(ask({}), next, (caller) => caller.presses('1'))).deep.include({ verdict: 'hears-otherwise', followed: 1, why: 'the log has an answer, which nobody waits for here' });
  });

  it('is over later where the bot takes longer, with nobody to decide', () => {
    const waits = (ms: number): AnyStateMachine => bot({ ask: recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: 'pause', exhausted: 'bye' } } as never), pause: { after: { [ms]: 'yes' } } });
    const old = bot({ ask: recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: 'yes', exhausted: 'bye' } } as never) });
    expect(said(old, waits(9_000), (caller) => caller.presses('1'))).deep.include({ verdict: 'asks-otherwise', why: null, followed: 3 });
    expect(said(waits(9_000), waits(9_000), (caller) => caller.presses('1').waits(9_000)).verdict).equal('identical');
    expect(said(waits(9_000), old, (caller) => caller.presses('1').waits(9_000)).verdict).equal('asks-otherwise');
  });
});
