/** One script, one bot, every service that is emulated: the same is heard, and the call ends alike. */
import { expect } from 'chai';
import { callMachine, createcall, hangup, play, prompt, recognize, task, transfer } from 'callchart';
import { type EmulatedName, emulator, ring } from 'callchart/emulator';
import { dial, type Script } from 'callchart/testing';
import { azureLimits, botframeworkLimits, twilioLimits } from 'callchart/transport';
import type { AnyStateMachine } from 'xstate';
import acme from '../../examples/acme/bot.ts';
import { closed, voicemail } from '../testing/bots.ts';
import { errorOf, messageOf } from '../testing/surprise.ts';

type Row = readonly [title: string, bot: AnyStateMachine, script: Script];

const everywhere: readonly Row[] = [
  ['the menu, silence first', acme, (caller) => caller.isAnswered().hears(/Acme/).staysSilent().hears('did not hear you').hears(/Acme/).presses('2').hears(/support/i).isHungUp().endedWith('bot')],
  ['a wrong key, wrong words, and the right ones', acme, (caller) => caller.presses('9').hears(/Acme/).says('slaes').hears(/Acme/).says('Sales').hears('Sales will').isHungUp()],
  ['silence to the end', acme, (caller) => caller.staysSilent().hears('did not hear').staysSilent().hears('did not hear').staysSilent().hears('Goodbye').isHungUp()],
  ['hanging up at once', acme, (caller) => caller.hears('Welcome').hangsUp().endedWith('caller')],
  ['hanging up at the second asking', acme, (caller) => caller.staysSilent().hears('did not hear').hangsUp().endedWith('caller')],
  ['a message, and a key behind it', voicemail, (caller) => caller.hears('Leave a message').records(4_000, { endedBy: 'termchar' }).hears('Thank you.').isHungUp()],
  ['a message that is too long', voicemail, (caller) => caller.records(90_000).hears('That was long.').isHungUp()],
  ['a message, and hanging up', voicemail, (caller) => caller.records(2_000, { endedBy: 'hangup' }).endedWith('caller')],
  ['no message', voicemail, (caller) => caller.staysSilent().hears('did not hear you').hangsUp()],
  ['a call that is refused', closed, (caller) => caller.isRejected().endedWith('rejected')],
];

const desk = callMachine('desk', {
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'For the desk press 1, to be put through press 2, to leave press 3.', choices: { desk: '1', through: '2', leave: '3' }, on: { desk: 'ring', through: 'hand', leave: 'bye', exhausted: 'bye' } }),
    ring: createcall({ to: '+15550123', on: { done: 'again', busy: 'busy', noanswer: 'away', failed: 'away' } }),
    hand: transfer({ to: '+15550124', on: { busy: 'busy', noanswer: 'away', failed: 'away' } }),
    busy: prompt('The line is busy.', 'menu'),
    away: prompt('Nobody is there.', 'menu'),
    again: prompt('Welcome back.', 'menu'),
    bye: hangup('Goodbye.'),
  },
});

/** What only a service can that has others to ring. */
const withOthers: readonly Row[] = [
  ['the desk answers and hangs up', desk, (caller) => caller.presses('1').isCalling('+15550123').waits(5_000).partyAnswers().waits(60_000).partyHangsUp().hears('Welcome back').presses('3').hears('Goodbye').isHungUp()],
  ['the caller hangs up on the desk', desk, (caller) => caller.presses('1').partyAnswers().hangsUp().endedWith('caller')],
  ['the caller does not wait for the desk', desk, (caller) => caller.presses('1').hangsUp().endedWith('caller')],
  ['the desk is busy, then away', desk, (caller) => caller.presses('1').partyFails('busy').hears('is busy').presses('1').partyFails('noanswer').hears('Nobody').presses('1').partyFails().hears('Nobody').presses('3').isHungUp()],
  ['nobody answers at the desk', desk, (caller) => caller.presses('1').waits(3_000).waits(30_000).hears('Nobody is there').presses('3').isHungUp()],
  ['the caller is put through', desk, (caller) => caller.presses('2').isTransferredTo('+15550124').transferAnswers().endedWith('transferred')],
  ['the caller cannot be put through', desk, (caller) => caller.presses('2').transferFails('busy').hears('is busy').presses('2').transferFails().hears('Nobody').presses('3').isHungUp()],
];

describe('who was rung and could not be had', () => {
  for (const service of ['twilio', 'azure'] as const) {
    it(`is told in plain words over ${service}, whether the caller was to be joined to him or handed on`, async () => {
      const { transcript } = await ring(desk, (caller) => caller.presses('1').partyFails('busy').presses('2').transferFails('busy').presses('1').partyFails('noanswer').presses('2').transferFails().presses('3').isHungUp(), { service });
      expect(transcript.filter(({ kind }) => kind === 'failed').map(({ text }) => text)).to.deep.equal(['busy: +15550123', 'busy: +15550124', 'no answer: +15550123', 'not reached: +15550124']);
    });
  }
});

/** How long a recording was is Azure's clock's to say, and not a script's. */
const tooLong = 'a message that is too long';

const services: Readonly<Record<EmulatedName, readonly Row[]>> = { botframework: everywhere, twilio: [...everywhere, ...withOthers], azure: [...everywhere.filter(([title]) => title !== tooLong), ...withOthers] };
const limits = { botframework: botframeworkLimits, twilio: twilioLimits, azure: azureLimits } as const;

for (const [name, rows] of Object.entries(services) as readonly (readonly [EmulatedName, readonly Row[]])[]) {
  describe(`a script over ${name}`, function () {
    this.timeout(30_000);

    for (const [title, bot, script] of rows) {
      it(`goes as in a test: ${title}`, async () => {
        script(dial(bot, { service: limits[name] }));
        const { endedBy } = await ring(bot, script, { service: name });
        expect(endedBy).to.be.oneOf(['bot', 'caller', 'rejected', 'transferred']);
      });
    }
  });
}

/** Its task is done before the words are said that lead up to it. */
const eager = callMachine('eager', {
  initial: 'welcome',
  states: {
    welcome: prompt('Welcome. We look for your order.', 'looking'),
    looking: task({ run: async () => 3, on: { done: 'tell', failed: 'tell' } }),
    tell: hangup('It comes in three days.'),
  },
});

describe('a prompt before a task that is done at once', function () {
  this.timeout(30_000);

  for (const service of Object.keys(services) as readonly EmulatedName[]) {
    it(`is heard to its end, over ${service}`, async () => {
      const { transcript } = await ring(eager, (caller) => caller.hears('Welcome').hears('three days').isHungUp(), { service });
      const said = transcript.filter(({ kind }) => kind === 'says');
      expect(said.map(({ text }) => text)).to.deep.equal(['Welcome. We look for your order.', 'It comes in three days.']);
      expect((said[1]?.at ?? 0) - (said[0]?.at ?? 0)).to.be.at.least(2_000);
    });
  }
});

describe('a script over Twilio', function () {
  this.timeout(30_000);

  it('that does not go as expected tells the call up to there', async () => {
    const surprised: Script = (caller) => caller.hears(/Acme/).presses('1').hears('support');
    const said = messageOf(() => surprised(dial(acme, { service: twilioLimits })));
    expect((await ring(acme, surprised, { service: 'twilio' }).then(() => expect.fail('nothing was thrown'), errorOf)).message).to.equal(said);
  });

  for (const [title, script, sentence] of [
    ['has the desk answer where a question is asked', (caller) => caller.partyAnswers(), /expected an outgoing call to be open: the other party answers\ninstead the bot listens/],
    ['has the desk hang up before it answers', (caller) => caller.presses('1').partyHangsUp(), /expected an outgoing call to be open: the other party hangs up\ninstead it rings at \+15550123/],
    ['presses keys while he talks with the desk', (caller) => caller.presses('1').partyAnswers().presses('1'), /expected a question to be open: caller presses 1\ninstead the caller talks with \+15550123/],
    ['expects another call', (caller) => caller.presses('1').isCalling('+15550199').partyAnswers(), /expected the bot to call \+15550199\ninstead it rings at \+15550123/],
  ] satisfies readonly (readonly [string, Script, RegExp])[]) {
    it(`that ${title} fails`, async () => expect((await ring(desk, script, { service: 'twilio' }).then(() => expect.fail('nothing was thrown'), errorOf)).message).to.match(sentence));
  }

  const reminder = callMachine('reminder', {
    initial: 'greet',
    states: {
      greet: { always: [{ guard: ({ context }) => context.call.answeredBy === 'machine', target: 'note' }, { target: 'ask' }] },
      note: hangup('Your appointment is tomorrow at nine.'),
      ask: recognize({ prompt: 'Your appointment is tomorrow. Press 1 to keep it.', choices: { keep: '1' }, on: { keep: 'kept', exhausted: 'note' } }),
      kept: hangup('See you tomorrow.'),
    },
  });

  it('is that of the one who is called, where the bot places the call', async () => {
    const kept: Script = (caller) => caller.isAnswered().hears('Press 1').presses('1').hears('See you').isHungUp();
    kept(dial(reminder, { call: { direction: 'outbound', answeredBy: 'human' } }));
    const { transcript } = await ring(reminder, kept, { service: 'twilio', direction: 'outbound', answeredBy: 'human' });
    expect(transcript.slice(0, 2).map(({ who, kind }) => `${who} ${kind}`)).to.deep.equal(['line ringing', 'caller answered']);
  });

  it('may be that of a machine which takes the call', async () => {
    await ring(reminder, (caller) => caller.hears('tomorrow at nine').isHungUp(), { service: 'twilio', direction: 'outbound', answeredBy: 'machine' });
  });

  it('is not that of a bot which places calls where its service places none', async () => {
    expect((await ring(reminder, (caller) => caller.hangsUp(), { direction: 'outbound' }).then(() => expect.fail('nothing was thrown'), errorOf)).code).to.equal('ERR_CAPABILITY_MISSING');
  });

  it('waits for timers and tasks: what there is to say comes when there is something to say', async () => {
    const bot = callMachine('looking', {
      initial: 'first',
      states: {
        first: { entry: play('One.'), after: { 8_000: 'looking' } },
        looking: task({ run: async () => new Promise<string>((resolve) => setImmediate(() => resolve('done'))), filler: 'One moment.', on: { done: 'tell', failed: 'bye' } }),
        tell: recognize({ prompt: 'It is on its way. Is that all?', choices: { yes: '1' }, on: { yes: 'last', exhausted: 'last' } }),
        last: { entry: play('Thank you.'), after: { 600_000: 'bye' } },
        bye: hangup('Goodbye.'),
      },
    });
    const since = performance.now();
    const report = await ring(bot, (caller) => caller.hears('One.').presses('1').hears('Thank you.').isHungUp(), { service: 'twilio' });
    expect(report.transcript.at(-1)?.at).to.be.within(608_000, 640_000);
    expect(performance.now() - since).to.be.below(15_000);
  });

  it('is told to what the bot is while a question is open, by the API', async () => {
    const bot = callMachine('hasty', {
      initial: 'ask',
      states: {
        ask: { ...recognize({ prompt: 'Take your time. Press 1.', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }), after: { 2_000: 'late' } },
        late: hangup('Time is up.'),
        bye: hangup('Goodbye.'),
      },
    });
    const report = await ring(bot, (caller) => caller.staysSilent().hears('Time is up').isHungUp(), { service: 'twilio' });
    expect(report.transcript.filter(({ kind }) => kind === 'says').map(({ text }) => text)).to.deep.equal(['Take your time. Press 1.', 'Time is up.']);
  });

  it('is wanted with a service that there is', async () => {
    expect((await ring(acme, (caller) => caller, { service: 'carrier-pigeon' as 'twilio' }).then(() => expect.fail('nothing was thrown'), errorOf)).message).to.match(/`service` is one of `botframework`, `twilio`, `azure`/);
    const service = await emulator({ service: 'twilio' });
    try {
      expect((await ring(acme, (caller) => caller, { service }).then(() => expect.fail('nothing was thrown'), errorOf)).message).to.match(/for an endpoint/);
      expect((await ring('http://127.0.0.1:1/', (caller) => caller, { service: 'twilio' }).then(() => expect.fail('nothing was thrown'), errorOf)).message).to.match(/is required for an endpoint/);
    } finally {
      await service.close();
    }
  });
});
