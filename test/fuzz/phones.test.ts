/**
 * Whatever a caller does, a test call and a live one go alike, word for word in their transcripts. CALLCHART_FUZZ_RUNS says how often it is tried.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { AnyStateMachine } from 'xstate';
import { callMachine, hangup, isCallError, recognize } from 'callchart';
import { emulator, type Emulator, ring } from 'callchart/emulator';
import { dial, type Script } from 'callchart/testing';
import { botframework, botframeworkLimits, serve, silentLog } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { jingle, voicemail } from '../testing/bots.ts';

/** A live call takes some milliseconds, and its tokens with it. */
const numRuns = Math.ceil(Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 3_000) / 20);

const digits = callMachine('digits', {
  initial: 'account',
  states: {
    account: recognize({ prompt: 'Enter your account number, then pound.', digits: { max: 6, termchars: ['#'] }, on: { digits: 'confirm', exhausted: 'bye' } }),
    confirm: recognize({ prompt: ['Is that', 'all?'], choices: { yes: '1', no: '2' }, on: { yes: 'bye', no: 'pin', exhausted: 'bye' } }),
    pin: recognize({ prompt: 'PIN?', bargein: false, digits: { max: 4 }, on: { digits: 'account', exhausted: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

const bots: readonly AnyStateMachine[] = [acme, voicemail, jingle, digits];

type Verb = { readonly name: string; readonly does: Script };

const verbs: readonly Verb[] = [
  ...['1', '2', '9', '42#', '42#12', '1234567', '1x'].map((keys): Verb => ({ name: `presses ${keys}`, does: (caller) => caller.presses(keys) })),
  ...['sales', 'Support!', 'slaes', 'yes'].map((words): Verb => ({ name: `says ${words}`, does: (caller) => caller.says(words) })),
  ...[0, 3_000, 5_000, 11_000].map((ms): Verb => ({ name: `waits ${ms}`, does: (caller) => caller.waits(ms) })),
  ...(['finalsilence', 'termchar', 'maxspeech', 'hangup'] as const).map((endedBy): Verb => ({ name: `records to ${endedBy}`, does: (caller) => caller.records(2_000, { endedBy }) })),
  { name: 'is silent', does: (caller) => caller.staysSilent() },
  { name: 'hangs up', does: (caller) => caller.hangsUp() },
  { name: 'hears goodbye', does: (caller) => caller.hears('Goodbye') },
];

/** What nobody says: the call so far is in the message. */
const never = 'Never.';

const scriptOf = (chosen: readonly Verb[]): Script => (caller) => chosen.reduce((phone, { does }) => does(phone), caller).hears(never);

const messageOf = (error: unknown): string => (isCallError(error) && error.code === 'ERR_EXPECTATION' ? error.message.replace(/^call to .*:\n/, '') : expect.fail(String(error)));

describe('two phones', function () {
  this.timeout(Math.max(60_000, numRuns * 100));
  let service: Emulator;
  let servers: readonly Awaited<ReturnType<typeof serve>>[] = [];

  before(async () => {
    service = await emulator();
    const { appId, appPassword, issuer, metadataUrl: openIdMetadataUrl } = service;
    const calling = botframework({ appId, appPassword, issuer, openIdMetadataUrl, callbackUrl: 'https://bot.test/api/calls' });
    servers = await Promise.all(bots.map((bot) => serve({ service: calling, bots: bot, log: silentLog, port: 0 })));
  });
  after(async () => {
    await service.close();
    for (const server of servers) await server.close();
  });

  it('tell the same of the same calls, one in memory and one over HTTP', async () => {
    let [tried, overtaken] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.nat(bots.length - 1), fc.array(fc.constantFrom(...verbs), { maxLength: 7 }), async (index, chosen) => {
        const script = scriptOf(chosen);
        const said = ((): string => {
          try {
            script(dial(bots[index] ?? acme, { service: botframeworkLimits }));
          } catch (error) {
            return messageOf(error);
          }
          return expect.fail('nothing was thrown');
        })();
        tried += 1;
        // The end of a live call may overtake a caller's silence; in a test a caller cannot be silent after it.
        overtaken += Number(/to last: caller (?:waits|stays)/.test(said));
        if (/to last: caller (?:waits|stays)/.test(said)) return;
        const live = await ring(`${servers[index]?.url ?? ''}/api/calls`, script, { service }).then(() => expect.fail('nothing was thrown'), messageOf);
        expect(live).to.equal(said);
      }),
      { numRuns },
    );
    expect(overtaken, 'most calls were compared').to.be.lessThan(tried / 2);
  });
});
