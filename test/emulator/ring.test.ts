import { expect } from 'chai';
import { callMachine, chat, hangup, play, prompt, recognize, task } from 'callchart';
import { emulator, ring } from 'callchart/emulator';
import { dial, type Script } from 'callchart/testing';
import { botframeworkLimits } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { root, start } from '../cli/run.ts';
import { bank, broken, closed, shop, voicemail } from '../testing/bots.ts';
import { errorOf, messageOf } from '../testing/surprise.ts';

/** The script of the pages, and longer ones: each is played in a test and on live lines, as it stands. */
const support: Script = (caller) => caller.isAnswered().hears(/Acme/).staysSilent().hears('did not hear you').hears(/Acme/).presses('2').hears(/support/i).isHungUp().endedWith('bot');
const stranger: Script = (caller) => caller.presses('9').hears(/Acme/).says('slaes').hears(/Acme/).says('Sales').hears('Sales will').isHungUp();
const patient: Script = (caller) => caller.hears('Welcome').waits(4_999).hears(/press 1/).waits(10_000).hears(/did not hear/).hears(/did not hear/).waits(5_000).hears('Goodbye').isHungUp();
const leaver: Script = (caller) => caller.hears('Leave a message').records(4_000, { endedBy: 'termchar' }).hears('Thank you.').isHungUp();
const talker: Script = (caller) => caller.records(90_000).hears('That was long.').isHungUp();
const hasty: Script = (caller) => caller.records(2_000, { endedBy: 'hangup' }).endedWith('caller');
const early: Script = (caller) => caller.hears('Welcome').hangsUp().endedWith('caller');

/** A bot that the Bot Framework can carry: nothing of the line is beyond it. */
const bookkeeper = callMachine<{ readonly account: string }>()('bookkeeper', {
  context: { account: '' },
  initial: 'account',
  states: {
    account: recognize({
      prompt: 'Enter your account number, then pound.', digits: { max: 6, termchars: ['#'] },
      on: { digits: { target: 'confirm' }, exhausted: 'bye' },
    }),
    confirm: recognize({ prompt: ['Is that', 'all?'], choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

describe('a script', function () {
  this.timeout(30_000);

  const both: readonly (readonly [title: string, bot: Parameters<typeof ring>[0] & object, script: Script])[] = [
    ['of the acme menu', acme, support],
    ['of keys and words that nobody asked for', acme, stranger],
    ['of a caller who waits', acme, patient],
    ['of one who hangs up', acme, early],
    ['of a message with a key behind it', voicemail, leaver],
    ['of a message that is too long', voicemail, talker],
    ['of a message, and hanging up', voicemail, hasty],
    ['of digits keyed ahead, and of a prompt in two parts', bookkeeper, (caller) => caller.hears('Enter').presses('42#1').hears('Is that all?').hears(/Goodbye/).isHungUp()],
    ['of a call that is refused', closed, (caller) => caller.isRejected().endedWith('rejected')],
  ];
  for (const [title, bot, script] of both) {
    it(`${title} is played in a test and at a live bot alike`, async () => {
      script(dial(bot, { service: botframeworkLimits }));
      const { endedBy } = await ring(bot, script);
      expect(endedBy).to.be.oneOf(['bot', 'caller', 'rejected']);
    });
  }

  it('is told of a withheld number by every service', async () => {
    const asks = callMachine('asks', { initial: 'who', states: { who: prompt('Hello.', [{ guard: ({ context }) => context.call.from === '', target: 'nobody' }, 'somebody']), nobody: hangup('Who are you?'), somebody: hangup('I know you.') } });
    for (const service of ['botframework', 'twilio', 'azure'] as const) {
      await ring(asks, (caller) => caller.hears('Who are you?').isHungUp(), { service, from: '' });
      await ring(asks, (caller) => caller.hears('I know you.').isHungUp(), { service });
    }
  });

  it('that does not go as expected says the same of both lines', async () => {
    const surprised: Script = (caller) => caller.hears(/Acme/).says('slaes').presses('1').hears('support').isHungUp();
    const said = messageOf(() => surprised(dial(acme, { service: botframeworkLimits })));
    const live = await ring(acme, surprised).then(() => expect.fail('nothing was thrown'), errorOf);
    expect(live.code).to.equal('ERR_EXPECTATION');
    expect(live.message).to.equal(said);
    expect(said).to.equal([
      'call to `acme`:',
      '  caller dials',
      '  bot answers',
      '  bot: Welcome to Acme. For sales press 1, for support press 2.',
      '  caller says "slaes"',
      '  (no match: the bot listens for sales (1, "sales"), support (2, "support"); did you mean `sales`?)',
      '  bot: Sorry, I did not hear you. Welcome to Acme. For sales press 1, for support press 2.',
      '  caller presses 1',
      '  bot: Sales will call you back.',
      '  bot hangs up',
      'expected to hear "support"',
      'heard instead: "Sales will call you back."; the bot has hung up',
    ].join('\n'));
  });

  for (const [title, script, sentence] of [
    ['records where a question is asked', (caller) => caller.records(1_000), /expected a recording to be open: caller speaks for 1 s\ninstead the bot listens for sales/],
    ['presses what no telephone has', (caller) => caller.presses('1x'), /expected keys of a telephone/],
    ['waits for no time at all', (caller) => caller.waits(-1), /expected a time in ms/],
    ['goes on when the bot has hung up', (caller) => caller.presses('1').presses('2'), /expected a question to be open: caller presses 2\ninstead the bot has hung up$/],
    ['hangs up when the bot has hung up', (caller) => caller.presses('1').hangsUp(), /expected the call to last: caller hangs up\ninstead the bot has hung up$/],
    ['expects the end too early', (caller) => caller.isHungUp().presses('1'), /expected the bot to hang up\ninstead the bot listens for sales/],
    ['expects another end', (caller) => caller.presses('1').endedWith('caller'), /expected the call to end with `caller`\ninstead the bot has hung up$/],
    ['listens for nothing', (caller) => caller.hears(''), /expected words to listen for/],
  ] satisfies readonly (readonly [string, Script, RegExp])[]) {
    it(`that ${title} fails on both lines`, async () => {
      expect(messageOf(() => script(dial(acme)))).to.match(sentence);
      expect((await ring(acme, script).then(() => expect.fail('nothing was thrown'), errorOf)).message).to.match(sentence);
    });
  }

  it('goes on with what the bot shows on the screen, and leaves the line where it ends', async () => {
    const bot = callMachine('texter', {
      initial: 'send',
      states: {
        send: chat({ message: { text: 'Your order is on its way.' }, on: { sent: 'ask', failed: 'bye' } }),
        ask: recognize({ prompt: 'Did you get it?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
        bye: hangup('Goodbye.'),
      },
    });
    const script: Script = (caller) => caller.reads('on its way').hears('Did you get it?');
    script(dial(bot));
    expect((await ring(bot, script)).endedBy).to.equal('caller');
  });

  it('waits for the timers and the tasks of a live bot, and for timers in no time', async () => {
    const bot = callMachine('looking', {
      initial: 'first',
      states: {
        first: { entry: play('One.'), after: { 8_000: 'looking' } },
        looking: task({ run: async () => new Promise<string>((resolve) => setImmediate(() => resolve('It is on its way.'))), on: { done: 'tell', failed: 'sorry' } }),
        tell: recognize({ prompt: 'It is on its way. Is that all?', choices: { yes: '1' }, on: { yes: 'last', exhausted: 'last' } }),
        last: { entry: play('Thank you.'), after: { 8_000: 'bye' } },
        sorry: hangup('I cannot find it.'),
        bye: hangup('Goodbye.'),
      },
    });
    const script: Script = (caller) => caller.hears('One.').waits(8_000).hears('on its way').presses('1').hears('Thank you.').staysSilent().hears('Goodbye.').isHungUp();
    script(dial(bot, { tasks: { looking: 'It is on its way.' } }));
    expect((await ring(bot, script)).endedBy).to.equal('bot');
  });

  it('has stubs stand for tasks of a live bot, as in a test, and the others are run', async () => {
    const told: Script = (caller) => caller.hears('It takes 3 days.').isHungUp();
    const lost: Script = (caller) => caller.hears('I cannot find it.').isHungUp();
    const missing = (): never => { throw new Error('no such order'); };
    told(dial(shop, { tasks: { lookup: { eta: 3 } }, runTasks: true }));
    await ring(shop, told, { tasks: { lookup: { eta: 3 } } });
    await ring(shop, told, { tasks: { lookup: async (from: string) => ({ eta: from.length }) }, from: '+44' });
    await ring(shop, lost, { tasks: { lookup: { eta: 0 }, noting: missing } });
    await ring(shop, lost, { tasks: { lookup: (_: unknown, { reveal }) => ({ eta: reveal('sealed').length }) } }); // a stub is shown no secrets
    expect((await ring(shop, told, { tasks: { lookpu: { eta: 3 } } }).then(() => expect.fail('nothing was thrown'), errorOf)).message).to.match(/the bot has no task `lookpu`/);
  });

  it('is not played to a bot that the service cannot carry, and leaves nothing open', async () => {
    expect((await ring(bank, support).then(() => expect.fail('nothing was thrown'), errorOf)).code).to.equal('ERR_CAPABILITY_MISSING');
  });

  it('hears an apology where the code of the bot fails, and tells why', async () => {
    const sorry: Script = (caller) => caller.presses('1').hears('went wrong').isHungUp();
    for (const message of [messageOf(() => sorry(dial(broken))), (await ring(broken, sorry).then(() => expect.fail('nothing was thrown'), errorOf)).message]) {
      expect(message).to.match(/\(the bot failed: .*no such table\)/).and.to.match(/expected the bot to hang up\ninstead the call has ended: the bot failed/);
    }
  });

  it('calls as whom it is told to', async () => {
    const bot = callMachine('who', { initial: 'tell', states: { tell: prompt(({ context }) => `You are ${context.call.from}, ${context.call.name ?? 'nobody'}, ${context.call.language ?? ''}.`, 'bye'), bye: hangup('Goodbye.') } });
    await ring(bot, (caller) => caller.hears('You are +15550100, nobody'));
    await ring(bot, (caller) => caller.hears('You are +15550123, Ann, sv-SE.'), { from: '+15550123', name: 'Ann', language: 'sv-SE' });
  });

  it('is played to a bot that runs in a process of its own', async () => {
    const service = await emulator();
    const env = { CALLCHART_APP_ID: service.appId, CALLCHART_APP_PASSWORD: service.appPassword, CALLCHART_CALLBACK_URL: 'https://bot.test/api/calls', CALLCHART_OPENID_METADATA_URL: service.metadataUrl };
    const serving = await start(['serve', 'examples/acme', '--service', 'botframework', '--port', '0'], { cwd: root, env });
    const endpoint = `${serving.first.replace('listening on ', '')}/api/calls`;
    try {
      expect((await ring(endpoint, support, { service })).endedBy).to.equal('bot');
      const error = await ring(endpoint, (caller) => caller.hears(/Acme/).presses('1').hears('support'), { service }).then(() => expect.fail('nothing was thrown'), errorOf);
      expect(error.code).to.equal('ERR_EXPECTATION');
      expect(error.message).to.match(new RegExp(`^call to \`${endpoint}\`:\n {2}caller dials\n {2}bot answers\n {2}bot: Welcome[^]*expected to hear "support"\nheard instead: "Sales will call you back\\."; the bot has hung up$`));
    } finally {
      expect(await serving.stop('SIGTERM')).to.equal(0);
      await service.close();
    }
  });

  it('says so when the bot cannot be reached, unless that is what it expects', async () => {
    const service = await emulator();
    const nobody = 'http://127.0.0.1:9/api/calls';
    try {
      const error = await ring(nobody, (caller) => caller, { service }).then(() => expect.fail('nothing was thrown'), errorOf);
      expect(error.message).to.match(/\(the bot cannot be reached\)[^]*expected the call to be carried to its end\ninstead the service has ended the call$/);
      expect((await ring(nobody, (caller) => caller.endedWith('service'), { service })).endedBy).to.equal('line');
    } finally {
      await service.close();
    }
  });

  it('needs the service that an endpoint was told of, and no other option than there are', async () => {
    const refused = async (call: Promise<unknown>): Promise<string> => (await call.then(() => expect.fail('nothing was thrown'), errorOf)).message;
    const service = await emulator();
    expect(await refused(ring('http://127.0.0.1:9/', support))).to.match(/option `service` is required for an endpoint/);
    expect(await refused(ring(acme, support, { service }))).to.match(/option `service` is for an endpoint/);
    expect(await refused(ring('http://127.0.0.1:9/', support, { service, tasks: {} }))).to.match(/option `tasks` is for a machine/);
    expect(await refused(ring(acme, support, { form: '+1' } as object))).to.match(/did you mean `from`/);
    await service.close();
  });
});
