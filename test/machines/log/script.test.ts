/** A recorded call as a script: whoever plays it has the same call. */
import { type CallLog, replay, type ReplayedStep, scriptOf, scriptText } from 'callchart';
import { parseScript } from 'callchart/emulator';
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import { play } from '../../../src/machines/check/play.ts';
import { callsOf, desk } from './desk.ts';
import { exampleCalls } from './example-calls.ts';

const scripted = (bot: AnyStateMachine, log: CallLog): ReturnType<typeof scriptOf> => {
  const steps: ReplayedStep[] = [];
  replay(bot, log, { replayed: (step) => steps.push(step) });
  expect(steps).length(log.steps.length);
  return scriptOf(bot, steps, { masked: log.head.masked });
};

describe('the script of a recorded call', () => {
  const bot = desk();

  for (const masked of [false, true]) {
    it(`is the same call again${masked ? ', of a masked log with its guards as they were' : ''}`, () => {
      const told = callsOf(bot, 80, masked).map((log) => scripted(bot, log));
      for (const { call, untold } of told) {
        expect(untold).eql([]);
        const played = play(bot, call.script);
        expect(played.said).eql(call.heard.flat());
        expect(played.ended).equal(call.ended);
        expect(played.idle).eql([]);
        expect(call.heard).length(call.script.length + 1);
        expect(call.states).length(call.script.length + 1);
        expect(parseScript(scriptText(call.script))).length(call.script.length);
      }
      const acts = new Set(told.flatMap(({ call }) => call.script.map(({ act }) => act)));
      expect([...acts].sort()).eql([...(masked ? ['assume'] : []), 'hangup', 'press', 'say', 'service', 'silence', 'task', 'wait'].sort());
    });
  }

  it('has no keys of a caller’s where the log is masked', () => {
    const texts = callsOf(bot, 80, true).map((log) => scriptText(scripted(bot, log).call.script));
    expect(texts.filter((text) => /4711|47#|12#/.test(text))).eql([]);
    expect(texts.some((text) => text.includes('press 0000') && text.includes('assume desk.number recognize.digits.* 1 yes'))).equal(true);
  });

  it('is the same call again for all calls of the examples, or says what it cannot say', async () => {
    const calls = await exampleCalls();
    expect(calls.length).above(40);
    const untold = calls.flatMap(({ title, bot: example, log }) => {
      const { call, untold: told } = scripted(example, log(false));
      if (told.length === 0) expect(play(example, call.script).said, title).eql(call.heard.flat());
      return told.length === 0 ? [] : [[title, told[0]!.replace(/^step \d+: /, '').replace(/:.*/, '')]];
    });
    expect(untold).eql([
      ['pin-login: the right PIN tells the balance', 'what was keyed is sealed, and zeros stand in its place'],
      ['pin-login: a wrong PIN may be tried again', 'what was keyed is sealed, and zeros stand in its place'],
      ['pin-login: the third wrong PIN locks the account', 'what was keyed is sealed, and zeros stand in its place'],
      ['reminder: a machine is told to call back, after its own greeting', 'played from this script the call is heard otherwise'], // who answers is not in a script
      ['voicemail: who hangs up in the middle of his message has left it', 'played from this script the call is heard otherwise'], // the script tells the message before the end
    ]);
  });
});
