/** A bad line between the service and the bot: messages that are late, come twice, overtake one another, or whose answer is lost. Nobody on the phone notices. */
import { expect } from 'chai';
import fc from 'fast-check';
import { callMachine, createcall, hangup, prompt, recognize, record, transfer } from 'callchart';
import { type CallReport, emulatedNames, type EmulatedName, type LineTrouble, localWorld, parseScript, ring, scriptedCaller, serveBehind } from 'callchart/emulator';
import type { ScriptedCall } from 'callchart/testing';
import { silentLog, type Stepped } from 'callchart/transport';
import type { AnyStateMachine } from 'xstate';
import acme from '../../examples/acme/bot.ts';
import * as acmeCalls from '../../examples/acme/calls.ts';
import callback from '../../examples/callback/bot.ts';
import * as callbackCalls from '../../examples/callback/calls.ts';
import reminder from '../../examples/reminder/bot.ts';
import * as reminderCalls from '../../examples/reminder/calls.ts';
import voicemail from '../../examples/voicemail/bot.ts';
import * as voicemailCalls from '../../examples/voicemail/calls.ts';
import { errorOf } from '../testing/surprise.ts';
import { roadTo } from './road.ts';

const troubles: readonly (readonly [what: string, trouble: LineTrouble])[] = [
  ['all of that happens at once', { delayMs: 1, twice: true, reordered: true, lost: true }],
  ['each message is late', { delayMs: 3 }],
  ['each message is delivered twice', { twice: true }],
  ['messages overtake one another', { reordered: true, twice: true }],
  ['the answer to each message is lost once', { lost: true }],
];

/** What has happened on the line; of what was sent again nobody there knows. */
const noticed = ({ transcript, endedBy }: CallReport): readonly string[] => [...transcript.filter(({ kind }) => kind !== 'retrying').map(({ who, kind, text }) => `${who} ${kind} ${text ?? ''}`), endedBy];

const sentAgain = ({ transcript }: CallReport): number => transcript.filter(({ kind }) => kind === 'retrying').length;

const examples: readonly (readonly [name: string, bot: AnyStateMachine, calls: Readonly<Record<string, ScriptedCall>>])[] = [
  ['acme', acme, acmeCalls.calls], ['voicemail', voicemail, voicemailCalls.calls], ['callback', callback, callbackCalls.calls], ['reminder', reminder, reminderCalls.calls],
];

/** How `call` goes at `bot`, over `service`; nothing where the service does not carry such a call. */
const rung = async (bot: AnyStateMachine, { script, call = {}, tasks = {} }: ScriptedCall, service: EmulatedName, trouble?: LineTrouble): Promise<CallReport | undefined> => {
  const { direction, from, to, answeredBy } = call;
  if ((direction === 'outbound' && service === 'botframework') || (answeredBy === 'machine' && service === 'azure')) return undefined;
  return ring(bot, script, {
    service, tasks, ...(trouble !== undefined && { trouble }), ...(direction !== undefined && { direction }), ...(answeredBy !== undefined && { answeredBy }), ...(from !== undefined && { from }), ...(to !== undefined && { to }),
  });
};

describe('a bad line', function () {
  this.timeout(60_000);

  for (const service of emulatedNames) {
    for (const [name, bot, calls] of examples) {
      it(`changes nothing that is heard or done, whatever is bad about it: ${name}, by ${service}`, async () => {
        for (const [index, [title, call]] of Object.entries(calls).entries()) {
          const usual = await rung(bot, call, service);
          if (usual === undefined) continue;
          const [what, trouble] = troubles[index % troubles.length] ?? expect.fail('there is always some trouble');
          const report = await rung(bot, call, service, trouble);
          if (report === undefined) return expect.fail('the call is carried with trouble as without');
          expect(noticed(report), `${title}, and ${what}`).to.deep.equal(noticed(usual));
          expect(sentAgain(report) > 0, `${title}, and ${what}`).to.equal(trouble.lost === true);
        }
      });
    }
  }

  const plain = callMachine('plain', {
    initial: 'menu',
    states: {
      menu: recognize({ prompt: 'Press 1 for a message, 2 for a code.', choices: { message: '1', code: '2' }, on: { message: 'message', code: 'code', exhausted: 'bye' } }),
      code: recognize({ prompt: 'Your code, then pound.', digits: { max: 4, termchars: ['#'] }, on: { digits: 'menu', exhausted: 'menu' } }),
      message: record({ prompt: 'Speak.', maxMs: 20_000, termchars: ['#'], on: { done: 'thanks', exhausted: 'bye' } }),
      thanks: prompt('Thank you.', 'menu'),
      bye: hangup('Goodbye.'),
    },
  });
  const desk = callMachine('desk', {
    initial: 'menu',
    states: {
      menu: recognize({ prompt: 'For the desk press 1, to be put through press 2.', choices: { desk: '1', through: '2' }, on: { desk: 'ring', through: 'hand', exhausted: 'bye' } }),
      ring: createcall({ to: '+15550123', on: { done: 'again', busy: 'menu', noanswer: 'menu', failed: 'menu' } }),
      hand: transfer({ to: '+15550124', on: { busy: 'menu', noanswer: 'menu', failed: 'menu' } }),
      again: prompt('Welcome back.', 'menu'),
      bye: hangup('Goodbye.'),
    },
  });

  /** What `script` comes to at `bot`: what is noticed on the line, and what the bot has asked for, batch by batch. */
  const played = async (service: EmulatedName, bot: AnyStateMachine, script: string, trouble: LineTrouble = {}): Promise<readonly unknown[]> => {
    const world = localWorld();
    const batches: string[] = [];
    const onStep = (stepped: Stepped): void => {
      world.sees(stepped);
      if (stepped.result.batch.length > 0) batches.push(stepped.result.batch.map(({ type }) => type).join(' '));
    };
    const behind = await serveBehind(service, bot, { log: silentLog, onStep, clock: world.clock, roundMs: 3_600_000, aroundTask: world.aroundTask });
    try {
      const report = await behind.service.call(behind.endpoint, { clock: 'script', caller: scriptedCaller(parseScript(script), { complete: false, world }), world, trouble });
      return [noticed(report), batches];
    } finally {
      await behind.close();
    }
  };

  const acts = ['press 1', 'press 2', 'press 9', 'press 42#', 'press 1234', 'silence', 'say pizza'];
  const ways = fc.record({ delayMs: fc.constantFrom(0, 2), twice: fc.boolean(), reordered: fc.boolean(), lost: fc.boolean() });
  const numRuns = Math.ceil(Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 3_000) / 300);

  for (const service of emulatedNames) {
    it(`is not noticed by ${service}, whatever the caller does`, async () => {
      const bot = fc.constantFrom(plain, ...(service === 'botframework' ? [] : [desk])).map((machine) => ({ name: machine.id, take: () => machine as AnyStateMachine }));
      const script = fc.tuple(fc.array(fc.constantFrom(...acts), { maxLength: 5 }), fc.boolean()).map(([lines, leaves]) => [...lines, ...(leaves ? ['hangup'] : [])].join('\n'));
      await fc.assert(
        fc.asyncProperty(bot, script, ways, async ({ take }, lines, trouble) => {
          expect(await played(service, take(), lines, trouble)).to.deep.equal(await played(service, take(), lines));
        }),
        { numRuns },
      );
    });
  }

  /** The messages of a call, in the order in which they reach the bot, each as the number of the first of its kind; of Azure, which has no ids of messages, how many. */
  const travelled = async (service: EmulatedName, trouble: LineTrouble): Promise<readonly number[]> => {
    const behind = await serveBehind(service, acme, { log: silentLog });
    const road = await roadTo(behind.endpoint);
    try {
      await behind.service.call(road.url, { clock: 'script', caller: scriptedCaller(parseScript('press 9\npress 2')), trouble });
      const ids = [...new Set(road.travelled)];
      return service === 'azure' ? [road.travelled.length] : road.travelled.map((id) => ids.indexOf(id));
    } finally {
      await behind.close();
      await road.close();
    }
  };

  it('is bad: the messages come as they are wished', async () => {
    for (const [service, all] of [['botframework', [0, 1, 2, 3]], ['twilio', [0, 1, 2, 3]]] as const) {
      expect(await travelled(service, {}), service).to.deep.equal(all);
      expect([...(await travelled(service, { twice: true }))].sort(), service).to.deep.equal(all.flatMap((id) => [id, id]));
      expect(await travelled(service, { lost: true }), service).to.deep.equal(all.flatMap((id) => [id, id]));
      expect(await travelled(service, { twice: true, reordered: true }), service).to.deep.equal([0, 1, 0, 2, 1, 3, 2, 3]);
    }
    const [handshake, usual] = [1, (await travelled('azure', {}))[0] ?? 0];
    expect(usual).to.be.greaterThan(6);
    expect([await travelled('azure', { twice: true }), await travelled('azure', { lost: true })]).to.deep.equal([[2 * usual - handshake], [2 * usual - handshake]]);
  });

  it('is late by the machine’s own time, and by none of the script’s', async () => {
    const [since, call] = [performance.now(), await ring(acme, (caller) => caller.presses('2').hears('Support').isHungUp(), { trouble: { delayMs: 40 } })];
    expect(performance.now() - since).to.be.greaterThan(3 * 40);
    expect(call.transcript).to.deep.equal((await ring(acme, (caller) => caller.presses('2').hears('Support').isHungUp())).transcript);
  });

  it('is one of a call, and not of those beside it', async () => {
    for (const service of emulatedNames) {
      const behind = await serveBehind(service, acme, { log: silentLog });
      const call = (trouble?: LineTrouble): Promise<CallReport> => behind.service.call(behind.endpoint, { clock: 'script', caller: scriptedCaller(parseScript('press 2')), ...(trouble !== undefined && { trouble }) });
      const [bad, good] = await Promise.all([call({ lost: true }), call()]);
      await behind.close();
      expect([sentAgain(bad) > 0, sentAgain(good)], service).to.deep.equal([true, 0]);
    }
  });

  it('is wanted in words that there are', async () => {
    const call = (trouble: object) => ring(acme, (caller) => caller, { trouble }).then(() => expect.fail('nothing was thrown'), errorOf);
    expect((await call({ reorderd: true })).message).to.match(/option `reorderd` of `trouble` does not exist.*`reordered`/);
    expect((await call({ delayMs: -1 })).message).to.match(/`delayMs` must be a number from 0/);
  });
});
