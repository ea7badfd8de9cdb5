import { expect } from 'chai';
import { type AnyStateMachine, assign } from 'xstate';
import { callMachine, createcall, hangup, hold, prompt, recognize, record, task, transfer, unhold } from 'callchart';
import { dial } from 'callchart/testing';
import type { Script } from 'callchart/testing';
import acme from '../../examples/acme/bot.ts';
import { type AzureCallOptions, azureCall } from './azure-call.ts';

const failure = async (work: Promise<unknown>): Promise<string> => work.then(() => 'no error', (error: unknown) => (error as Error).message);

/** Calls on paper, each by what it is about. */
const calls: Readonly<Record<string, Script>> = {
  'the caller presses 2': (caller) => caller.isAnswered().hears(/Welcome to Acme/).presses('2').hears(/Support/).isHungUp(),
  'silence reprompts once, then the caller chooses': (caller) => caller.hears(/Acme/).staysSilent().hears(/did not hear/).presses('1').hears(/Sales/).isHungUp(),
  'a wrong key reprompts': (caller) => caller.hears(/Acme/).presses('9').hears(/Acme/).presses('2').hears(/Support/).isHungUp(),
  'words choose as keys do': (caller) => caller.hears(/Acme/).says('sales').hears(/Sales/).isHungUp(),
  'words that are no choice reprompt': (caller) => caller.hears(/Acme/).says('pizza').hears(/Acme/).says('support').hears(/Support/).isHungUp(),
  'three silences end it': (caller) => caller.hears(/Acme/).staysSilent().hears(/Acme/).staysSilent().hears(/Acme/).staysSilent().hears(/Goodbye/).isHungUp(),
  'the caller hangs up at the first question': (caller) => caller.hears(/Acme/).hangsUp().endedWith('caller'),
  'the caller hangs up at the second question': (caller) => caller.hears(/Acme/).staysSilent().hears(/Acme/).hangsUp().endedWith('caller'),
};

describe('a call through the emulated Azure service', () => {
  describe('of Acme', () => {
    for (const [what, script] of Object.entries(calls)) {
      it(`goes as in a test: ${what}`, async () => {
        script(dial(acme));
        const { report } = await azureCall(acme, script);
        expect(report.endedBy).oneOf(['bot', 'caller']);
      });
    }

    it('is the same at every run, to the millisecond', async () => {
      const script = calls['silence reprompts once, then the caller chooses'] as Script;
      const [one, two] = [await azureCall(acme, script), await azureCall(acme, script)];
      expect(one.report.transcript).deep.equal(two.report.transcript);
      expect(one.asked).deep.equal(two.asked).and.deep.equal(['answer 200', 'recognize 202', 'recognize 202', 'play 202', 'terminate 204']);
    });

    for (const hangsUpAt of [1, 2, 3, 4, 5]) {
      it(`is over for the bot when the caller hangs up at its request ${hangsUpAt}`, async () => {
        const { report, events, asked } = await azureCall(acme, (caller) => caller, { hangsUpAt, acts: 'silence\npress 2' });
        expect(report.endedBy).equal('caller');
        // At the fifth the bot hangs up itself.
        expect(events.flatMap((event) => (event.type === 'call.ended' ? [event.reason] : []))).deep.equal([hangsUpAt < 5 ? 'caller' : 'bot']);
        expect(events.filter(({ type }) => type === 'exchange.failed' || type === 'bot.failed')).deep.equal([]);
        expect(asked.slice(hangsUpAt).filter((one) => !/ 4\d\d$/.test(one))).deep.equal([]);
      });
    }

    it('does not go by a script that expects something else', async () => {
      expect(await failure(azureCall(acme, (caller) => caller.hears(/Acme/).presses('2').hears(/Sales/)))).match(/expected to hear \/Sales\/.*\n.*Support will call you back/s);
    });
  });

  describe('on a bad day', () => {
    const days: Readonly<Record<string, AzureCallOptions>> = {
      'events come before the response to their request': { early: true },
      'what happens at one moment is told backwards': { backwards: true },
      'everything is told twice': { twice: true },
      'several events come in one request': { together: true },
      'rosters and beginnings are late': { late: ['ParticipantsUpdated', 'PlayStarted'] },
      'the end of a call is all that is told of it': { endsQuietly: true },
      'all of that at once': { early: true, backwards: true, twice: true, together: true, late: ['ParticipantsUpdated'] },
      'Event Grid speaks CloudEvents': { schema: 'cloudevents' },
      'every first request is throttled': { trouble: ({ nth }) => (nth === 1 ? { status: 429, retryAfterSeconds: 0 } : undefined) },
      'the service is down for a moment': { trouble: ({ operation, nth }) => (operation === 'recognize' && nth === 1 ? { status: 503, retryAfterSeconds: 0 } : undefined) },
      'the response to the answer is lost': { trouble: ({ operation, nth }) => (operation === 'answer' && nth === 1 ? 'unanswered' : undefined) },
    };
    for (const [what, options] of Object.entries(days)) {
      for (const title of ['silence reprompts once, then the caller chooses', 'three silences end it', 'the caller hangs up at the second question']) {
        it(`${what}, and the caller does not notice: ${title}`, async () => {
          const script = calls[title] as Script;
          const [usual, bad] = [await azureCall(acme, script), await azureCall(acme, script, options)];
          expect(bad.heard).deep.equal(usual.heard);
          expect(bad.report.endedBy).equal(usual.report.endedBy);
        }).timeout(40_000);
      }
    }
  });

  describe('with a service that fails in the middle of a batch', () => {
    const failing = (operation: string, status = 400): AzureCallOptions => ({ trouble: (asked) => (asked.operation === operation && asked.nth === 1 ? { status, code: '8523' } : undefined) });

    it('a question that is refused has failed, and is asked again', async () => {
      const { heard, events } = await azureCall(acme, (caller) => caller.hears(/something went wrong.*Acme/is).presses('1').hears(/Sales/).isHungUp(), failing('recognize'));
      expect(heard.length).equal(3);
      expect(events.filter(({ type }) => type === 'command.refused').length).equal(1);
    });

    it('a prompt that is refused has failed, and the bot hears of it', async () => {
      const bot = callMachine('hints', {
        initial: 'hint',
        states: { hint: prompt('A hint.', { on: { done: 'bye', failed: 'sorry' } }), sorry: hangup('No hint today.'), bye: hangup('Goodbye.') },
      });
      await azureCall(bot, (caller) => caller.hears(/No hint today/).isHungUp(), failing('play'));
      await azureCall(bot, (caller) => caller.hears(/A hint/).hears(/Goodbye/).isHungUp());
    });

    it('an answer that fails is the end: thirty seconds later the call is lost', async () => {
      const { report, asked } = await azureCall(acme, (caller) => caller.endedWith('service'), failing('answer'));
      expect([report.endedBy, report.reason]).deep.equal(['line', 'unanswered']);
      expect(asked[0]).equal('answer 400');
      expect(report.transcript.at(-1)?.at).equal(30_000);
    });
  });

  describe('of a bot that waits for itself', () => {
    it('says what a timer has it say, when it is time', async () => {
      const bot = callMachine('patience', {
        initial: 'hello',
        states: { hello: prompt('One moment.', 'wait'), wait: { after: { 40_000: 'bye' } }, bye: hangup('Thank you for waiting.') },
      });
      const { report } = await azureCall(bot, (caller) => caller.hears(/One moment/).hears(/Thank you/).isHungUp());
      const [hello, bye] = report.transcript.filter(({ kind }) => kind === 'says');
      expect((bye?.at ?? 0) - (hello?.at ?? 0)).within(40_000, 42_000);
    });

    it('breaks a question off when a timer has something else to say', async () => {
      const ask = recognize({ prompt: 'Press 1.', timeoutMs: 20_000, choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } });
      const bot = callMachine('hurry', {
        initial: 'ask',
        states: { ask: { ...ask, after: { 7_000: 'late' } } as unknown as typeof ask, late: hangup('Too late.'), bye: hangup('Goodbye.') },
      });
      const { asked } = await azureCall(bot, (caller) => caller.hears(/Press 1/).staysSilent().hears(/Too late/).isHungUp());
      expect(asked).deep.equal(['answer 200', 'recognize 202', 'cancelMedia 202', 'play 202', 'terminate 204']);
    });

    it('fills the time that a task takes', async () => {
      const bot = callMachine('shop', {
        initial: 'find',
        states: {
          find: task({ run: async () => 'x', filler: 'Let me look.', on: { done: 'found', failed: 'sorry' } }),
          found: hangup('It is on its way.'), sorry: hangup('Sorry.'),
        },
      });
      expect((await azureCall(bot, (caller) => caller, { acts: 'wait 5\ntask find done "x"' })).heard).deep.equal(['Let me look.', 'It is on its way.']);
      expect((await azureCall(bot, (caller) => caller, { acts: 'wait 1\ntask find failed' })).heard).deep.equal(['Sorry.']);
    });
  });

  describe('hands callers on', () => {
    const desk = callMachine('desk', {
      initial: 'on',
      states: { on: transfer({ to: '+15550123', on: { done: 'bye', busy: 'busy', noanswer: 'busy', failed: 'busy' } }), busy: hangup('Nobody is there.'), bye: hangup() },
    });

    it('to somebody who answers', async () => {
      const { report, asked } = await azureCall(desk, (caller) => caller.isTransferredTo('+15550123').endedWith('transferred'));
      expect(report.endedBy).equal('transferred');
      expect(asked.slice(0, 2)).deep.equal(['answer 200', 'transfer 202']);
    });

    for (const how of ['busy', 'noanswer', 'failed'] as const) {
      it(`and keeps them where it comes to ${how}`, async () => {
        const { heard, report } = await azureCall(desk, (caller) => caller, { acts: `service ${how}` });
        expect([heard, report.endedBy]).deep.equal([['Nobody is there.'], 'bot']);
      });

      it(`and stays with them where somebody else is ${how}`, async () => {
        const bot = callMachine('secretary', {
          initial: 'ring',
          states: { ring: createcall({ to: '+15550123', on: { done: 'back', failed: 'nobody' } }), back: hangup('Welcome back.'), nobody: hangup('Nobody is there.') },
        });
        expect((await azureCall(bot, (caller) => caller, { acts: `service ${how}` })).heard).deep.equal(['Nobody is there.']);
      });
    }

    it('and has them back when somebody is joined and goes', async () => {
      const bot = callMachine('secretary', {
        initial: 'menu',
        states: {
          menu: prompt('One moment.', 'ring'),
          ring: createcall({ to: '+15550123', on: { done: 'back', failed: 'nobody' } }),
          back: hangup('Welcome back.'),
          nobody: hangup('Nobody is there.'),
        },
      });
      const { asked } = await azureCall(bot, (caller) => caller.hears(/One moment/).hears(/Welcome back/).isHungUp());
      expect(asked).include('addParticipant 202');
    });

    it('after they were on hold', async () => {
      const bot = callMachine('music', {
        initial: 'wait',
        states: { wait: hold('Please hold.', { on: { done: 'back', failed: 'bye' } }), back: unhold({ on: { done: 'bye', failed: 'bye' } }), bye: hangup('Thank you.') },
      });
      const { asked } = await azureCall(bot, (caller) => caller.hears(/Please hold/).hears(/Thank you/).isHungUp());
      expect(asked).include.members(['hold 200', 'unhold 200']);
    });
  });

  describe('takes messages', () => {
    const mailbox = callMachine('mailbox', {
      initial: 'message',
      states: {
        message: record({ prompt: 'Speak after the tone.', termchars: ['#'], on: { done: 'thanks', exhausted: 'bye' } }),
        thanks: hangup('Thank you.'), bye: hangup('Goodbye.'),
      },
    });

    for (const endedBy of ['finalsilence', 'termchar'] as const) {
      it(`that end with ${endedBy}`, async () => {
        const { asked, events } = await azureCall(mailbox, (caller) => caller.hears(/tone/).records(4_000, { endedBy }).hears(/Thank you/).isHungUp());
        expect(asked).include.members(['startRecording 200', 'stopRecording 204']);
        expect(events.filter(({ type }) => type === 'exchange.failed')).deep.equal([]);
        expect(events.flatMap((event) => (event.type === 'recording.kept' ? [[event.bytes > 1_000, event.ref.length, event.call]] : []))).deep.equal([[true, 43, undefined]]);
      });
    }

    const measured = (told: unknown[]) =>
      callMachine<{ readonly lengthMs: number | null }>()('measured', {
        context: { lengthMs: null }, initial: 'message', cleanup: ({ context: { lengthMs } }) => void told.push(lengthMs),
        states: {
          message: record({ prompt: 'Speak after the tone, and speak as long as you like.', termchars: ['#'], on: { done: { target: 'bye', actions: assign({ lengthMs: ({ event }) => event.recording.lengthMs }) }, exhausted: 'bye' } }),
          bye: hangup('Goodbye.'),
        },
      });

    for (const endedBy of ['finalsilence', 'termchar', 'hangup'] as const) {
      it(`that are as long for the bot as they are, ended by ${endedBy}`, async () => {
        const told: number[] = [];
        await azureCall(measured(told), (caller) => caller.hears(/tone/).records(4_000, { endedBy }));
        expect(told).to.have.length(1);
        expect(told[0]).within(4_000, 4_500);
      });
    }

    it('of which none is left by who hangs up without a word', async () => {
      const told: unknown[] = [];
      await azureCall(measured(told), (caller) => caller.hears(/tone/).hangsUp());
      expect(told).to.deep.equal([null]);
    });

    it('that last as long as they may', async () => {
      await azureCall(mailbox, (caller) => caller.hears(/tone/).records(600_000, { endedBy: 'maxspeech' }).hears(/Thank you/).isHungUp());
    });

    it('of callers who hang up', async () => {
      const { report } = await azureCall(mailbox, (caller) => caller.hears(/tone/).records(4_000, { endedBy: 'hangup' }).endedWith('caller'));
      expect(report.endedBy).equal('caller');
    });

    it('and asks again where there is only silence', async () => {
      await azureCall(mailbox, (caller) => caller.hears(/tone/).staysSilent().hears(/tone/).records(1_000).hears(/Thank you/).isHungUp());
    });
  });

  describe('collects digits', () => {
    const pin = callMachine<{ readonly pin: string }>()('pin', {
      context: { pin: '' },
      initial: 'ask',
      states: {
        ask: recognize({ prompt: 'Your number, then pound.', digits: { max: 6, termchars: ['#'] }, on: { digits: 'thanks', exhausted: 'bye' } }),
        thanks: hangup('Thank you.'), bye: hangup('Goodbye.'),
      },
    });

    for (const keys of ['12#', '123456']) {
      it(`of ${keys}`, async () => void (await azureCall(pin, (caller) => caller.hears(/number/).presses(keys).hears(/Thank you/).isHungUp())));
    }

    it('with the tone that ended them among them', async () => {
      await azureCall(pin, (caller) => caller.hears(/number/).presses('12#').hears(/Thank you/).isHungUp(), { keepsStopTone: true });
    });

    it('after a pause, where the service tells which they are', async () => {
      await azureCall(pin, (caller) => caller.hears(/number/).presses('12').hears(/Thank you/).isHungUp(), { pauseIs: 'RecognizeCompleted' });
    });
  });

  describe('that the application places', () => {
    it('begins for the bot when it is answered', async () => {
      const { report, asked } = await azureCall(acme as AnyStateMachine, (caller) => caller.hears(/Acme/).presses('2').hears(/Support/).isHungUp(), { placed: {} });
      expect(report.endedBy).equal('bot');
      expect(asked[0]).equal('createCall 201');
    });

    for (const untaken of ['busy', 'noanswer', 'failed'] as const) {
      it(`does not begin where it comes to ${untaken}`, async () => {
        const { report, events } = await azureCall(acme as AnyStateMachine, (caller) => caller.endedWith('service'), { placed: { untaken } });
        expect([report.endedBy, report.reason]).deep.equal(['line', 'unanswered']);
        expect(events.flatMap((event) => (event.type === 'call.unanswered' ? [event.reason] : []))).deep.equal([untaken]);
        expect(events.filter(({ type }) => type === 'call.begun')).deep.equal([]);
      });
    }
  });
});
