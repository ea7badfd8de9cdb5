/** Whole calls over the emulated Twilio that go wrong somewhere: callers who leave, bots that die, lines that lose or repeat things. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { callMachine, hangup, recognize, record } from 'callchart';
import { type Act, type BadLine, type CallReport, type Caller, emulator, type EmulatedName, localWorld, parseScript, scriptedCaller, serveBehind } from 'callchart/emulator';
import { serve, silentLog, type Stepped, twilio } from 'callchart/transport';
import type { AnyStateMachine } from 'xstate';
import acme from '../../examples/acme/bot.ts';
import { start } from '../cli/run.ts';

/** What reaches the caller in words. */
const heard = ({ transcript }: CallReport): readonly (string | undefined)[] => transcript.filter(({ kind }) => kind === 'says' || kind === 'plays').map(({ text }) => text);

/** `machine` behind the service `name`, called once by somebody who does `acts`. `leavesAt`: he hangs up as soon as so much has happened. */
const call = async (name: EmulatedName, machine: AnyStateMachine, acts: readonly Act[], leavesAt?: number): Promise<{ readonly report: CallReport; readonly ends: readonly unknown[] }> => {
  const world = localWorld();
  const ends: unknown[] = [];
  const onStep = (stepped: Stepped): void => {
    world.sees(stepped);
    if (stepped.result.snapshot.ended !== null) ends.push(stepped.result.snapshot.ended);
  };
  const behind = await serveBehind(name, machine, { log: silentLog, onStep, clock: world.clock, roundMs: 3_600_000, aroundTask: world.aroundTask });
  try {
    const gone = new AbortController();
    const scripted = scriptedCaller(acts, { complete: false, world });
    let happened = 0;
    const caller: Caller = { ...scripted, gone: scripted.gone === undefined ? gone.signal : AbortSignal.any([gone.signal, scripted.gone]) };
    const onEntry = (): void => {
      if (happened === leavesAt) gone.abort();
      happened += 1;
    };
    return { report: await behind.service.call(behind.endpoint, { clock: 'script', caller, world, onEntry }), ends };
  } finally {
    await behind.close();
  }
};

describe('a call by Twilio', function () {
  this.timeout(60_000);

  it('ends for the bot wherever the caller hangs up', async () => {
    const acts = parseScript('silence\npress 9\npress 2');
    const { report } = await call('twilio', acme, acts);
    const all = report.transcript.length;
    const farewell = report.transcript.findLastIndex(({ kind }) => kind === 'keys'); // the last that the bot hears of him
    expect(farewell).to.be.greaterThan(8);
    for (let at = 0; at < all - 1; at += 1) {
      const { report: left, ends } = await call('twilio', acme, acts, at);
      // Twilio does not say who hung up: of a bot that is about to, it is taken to be the bot.
      expect([left.endedBy, ends[0]], `after ${at}`).to.deep.equal(['caller', at < farewell ? 'caller' : 'bot']);
    }
  });

  it('goes on where it was when the bot is killed between two requests, and another one is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-twilio-'));
    const service = await emulator({ service: 'twilio', publicUrl: 'https://bot.example.com' });
    const env = {
      CALLCHART_TWILIO_ACCOUNT_SID: service.accountSid, CALLCHART_TWILIO_AUTH_TOKEN: service.authToken, CALLCHART_TWILIO_PUBLIC_URL: 'https://bot.example.com', CALLCHART_TWILIO_API_URL: service.apiUrl,
      CALLCHART_STORE: `lmdb:${folder}`,
    };
    const begin = (port: string) => start(['serve', 'examples/acme', '--service', 'twilio', '--port', port], { env });
    let bot = await begin('0');
    const origin = bot.first.replace('listening on ', '');
    try {
      let turns = 0;
      const caller: Caller = {
        next: async () => {
          turns += 1;
          if (turns > 2) return { keys: '2' };
          await bot.stop('SIGKILL');
          bot = await begin(new URL(origin).port);
          return turns === 1 ? { keys: '9' } : 'silence';
        },
      };
      const report = await service.call(`${origin}/api/twilio`, { clock: 'script', caller });
      expect([turns, report.endedBy, heard(report).at(-1)]).to.deep.equal([3, 'bot', 'Support will call you back.']);
    } finally {
      await service.close();
      await bot.stop('SIGKILL');
      await rm(folder, { recursive: true });
    }
  });

  const onBadLine = async (badLine: BadLine, machine: AnyStateMachine, script: string): Promise<{ readonly report: CallReport; readonly steps: readonly string[] }> => {
    const service = await emulator({ service: 'twilio', publicUrl: 'https://bot.example.com', badLine });
    const { accountSid, authToken, apiUrl } = service;
    const steps: string[] = [];
    const onStep = ({ event, result }: Stepped): void => {
      if (event.type === 'service' && !result.ignored) steps.push(...event.events.map(({ type }) => type));
    };
    const server = await serve({ service: twilio({ accountSid, authToken, apiUrl, publicUrl: 'https://bot.example.com' }), bots: { '/api/twilio': machine }, log: silentLog, onStep, port: 0 });
    try {
      return { report: await service.call(`${server.url}/api/twilio`, { clock: 'script', caller: scriptedCaller(parseScript(script)) }), steps };
    } finally {
      await service.close();
      await server.close();
    }
  };

  for (const [title, badLine] of [['answers are lost once', { answersLost: true }], ['status callbacks come twice', { twice: true }], ['status callbacks are late', { delayMs: 20 }], ['all at once', { answersLost: true, twice: true, reordered: true, delayMs: 5 }]] as const) {
    it(`goes as ever where ${title}`, async () => {
      const { report, steps } = await onBadLine(badLine, acme, 'silence\npress 2');
      expect([report.endedBy, ...heard(report).slice(-1)]).to.deep.equal(['bot', 'Support will call you back.']);
      expect(steps.filter((type) => type === 'recognize.noinput' || type === 'recognize.input')).to.deep.equal(['recognize.noinput', 'recognize.input']);
    });
  }

  const keys = callMachine('keys', {
    initial: 'menu',
    states: {
      menu: recognize({ prompt: 'Press 1, or 2 for a code.', choices: { one: '1', two: '2' }, on: { one: 'message', two: 'code', exhausted: 'bye' } }),
      code: recognize({ prompt: 'Your code, then pound.', digits: { max: 4, termchars: ['#'] }, on: { digits: 'menu', exhausted: 'menu' } }),
      message: record({ prompt: 'Speak.', maxMs: 20_000, timeoutMs: 3_000, finalSilenceMs: 3_000, termchars: ['#'], on: { done: 'thanks', exhausted: 'bye' } }),
      thanks: hangup('Thank you.'),
      bye: hangup('Goodbye.'),
    },
  });

  it('sounds as one by the Bot Framework, whatever the caller keys', async () => {
    const act = fc.constantFrom('press 1', 'press 2', 'press 9', 'press 42', 'press 12#', 'press 1234', 'silence', 'hangup'); // a `#` by itself is a failure there, and silence here
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 6 }), async (lines) => {
        const until = lines.indexOf('hangup');
        const script = [...(until < 0 ? lines : lines.slice(0, until + 1))].join('\n');
        const [one, other] = [await call('botframework', keys, parseScript(script)), await call('twilio', keys, parseScript(script))];
        expect([heard(other.report), other.report.endedBy, other.ends[0]]).to.deep.equal([heard(one.report), one.report.endedBy, one.ends[0]]);
      }),
      { numRuns: 25 },
    );
  });
});
