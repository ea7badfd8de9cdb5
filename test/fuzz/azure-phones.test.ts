/**
 * Whatever a caller does, and however bad the day of the service, a test call and one through the emulated Azure service go alike,
 * word for word in their transcripts. CALLCHART_FUZZ_RUNS says how often it is tried.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { AnyStateMachine } from 'xstate';
import { callMachine, hangup, isCallError, recognize } from 'callchart';
import { dial, type Script } from 'callchart/testing';
import acme from '../../examples/acme/bot.ts';
import { azureCall } from '../emulator/azure-call.ts';

/** A call through a service takes a third of a second. */
const numRuns = Math.ceil(Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 3_000) / 200);

const digits = callMachine('digits', {
  initial: 'account',
  states: {
    account: recognize({ prompt: 'Enter your account number, then pound.', digits: { max: 6, termchars: ['#'] }, on: { digits: 'confirm', exhausted: 'bye' } }),
    confirm: recognize({ prompt: ['Is that', 'all?'], choices: { yes: '1', no: '2' }, on: { yes: 'bye', no: 'pin', exhausted: 'bye' } }),
    pin: recognize({ prompt: 'PIN?', bargein: false, digits: { max: 4 }, on: { digits: 'account', exhausted: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

type Verb = { readonly name: string; readonly does: Script };

const keys: readonly Verb[] = [
  ...['1', '2', '9', '42#', '123456'].map((pressed): Verb => ({ name: `presses ${pressed}`, does: (caller) => caller.presses(pressed) })),
  { name: 'is silent', does: (caller) => caller.staysSilent() },
  { name: 'hangs up', does: (caller) => caller.hangsUp() },
];
const words = ['sales', 'Support!', 'yes'].map((said): Verb => ({ name: `says ${said}`, does: (caller) => caller.says(said) }));

/** Bots with what their callers do. Words are not heard where tones alone are listened for. */
const calls = fc.oneof(
  fc.record({ bot: fc.constant<AnyStateMachine>(acme), chosen: fc.array(fc.constantFrom(...keys, ...words), { maxLength: 6 }) }),
  fc.record({ bot: fc.constant<AnyStateMachine>(digits), chosen: fc.array(fc.constantFrom(...keys), { maxLength: 6 }) }),
).map(({ bot, chosen }) => ({ names: chosen.map(({ name }) => name), take: () => ({ bot, script: scriptOf(chosen) }) }));

/** What nobody says: the call so far is in the message. */
const scriptOf = (chosen: readonly Verb[]): Script => (caller) => chosen.reduce((phone, { does }) => does(phone), caller).hears('Never.');

const messageOf = (error: unknown): string => (isCallError(error) && error.code === 'ERR_EXPECTATION' ? error.message.replace(/^call to .*:\n/, '') : expect.fail(String(error)));

const days = fc.record({
  early: fc.boolean(), backwards: fc.boolean(), twice: fc.boolean(), together: fc.boolean(), endsQuietly: fc.boolean(), keepsStopTone: fc.boolean(),
  late: fc.subarray(['ParticipantsUpdated', 'PlayStarted']), schema: fc.constantFrom('eventgrid' as const, 'cloudevents' as const),
});

describe('a phone at the emulated Azure service', function () {
  this.timeout(Math.max(120_000, numRuns * 4_000));

  it('hears what a phone of a test hears, on any day', async () => {
    await fc.assert(
      fc.asyncProperty(calls, days, async ({ take }, day) => {
        const { bot, script } = take();
        const expected = ((): string => {
          try {
            script(dial(bot));
          } catch (error) {
            return messageOf(error);
          }
          return expect.fail('nothing was thrown');
        })();
        // The end of a live call may overtake a caller's silence; in a test a caller cannot be silent after it.
        if (/to last: caller stays/.test(expected)) return;
        const got = await azureCall(bot, script, { ...day, pauseIs: 'RecognizeCompleted' }).then(() => expect.fail('nothing was thrown'), messageOf);
        expect(got).to.equal(expected);
      }),
      { numRuns },
    );
  });
});
