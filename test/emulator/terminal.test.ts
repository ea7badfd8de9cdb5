import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { type Caller, type Emulator, emulator, terminalPhone } from '../../src/emulator/index.ts';
import type { Turn } from '../../src/emulator/caller.ts';
import { answer, type FakeBot, fakeBot, hangup, menu, play, record } from './fake-bot.ts';

const question = () => ({ kind: 'question', request: {}, signal: new AbortController().signal }) as Turn;

/** A terminal: what is typed into it, and what it shows. */
function terminal(options: { readonly live?: boolean; readonly color?: boolean } = {}) {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const phone = terminalPhone({ input, output, ...options });
  return { phone, type: (text: string) => void input.write(text), end: () => void input.end(), shown: () => shown };
}

const plain = (text: string): string => stripVTControlCharacters(text).replace(/\r/g, '');

describe('the phone in a terminal', () => {
  let service: Emulator;
  let bot: FakeBot | undefined;
  before(async () => {
    service = await emulator();
  });
  afterEach(() => bot?.close());
  after(() => service.close());

  it('shows a call in plain text where lines come from a pipe', async () => {
    const { phone, type, end, shown } = terminal();
    bot = await fakeBot([answer, play('Welcome.'), menu('Which?')], [menu('Again?')], [record({}, 'Speak.')], [play('Thanks.'), hangup]);
    type('\nsales\n/record 5\n');
    end();
    const { endedBy } = await service.call(bot.url, { clock: 'script', caller: phone });
    expect(endedBy).equal('bot');
    expect(shown()).equal(
      '☎ ringing… answered\nbot: Welcome.\nbot: Which?\n(silence)\nbot: Again?\nyou: sales\nbot: Speak.\n…beep…\n(recorded 5 s)\nbot: Thanks.\n☎ the bot hung up\n',
    );
  });

  it('hangs up at the end of the pipe', async () => {
    const { phone, end, shown } = terminal();
    bot = await fakeBot([answer, menu('Which?')]);
    end();
    expect(await service.call(bot.url, { clock: 'script', caller: phone })).include({ endedBy: 'caller' });
    expect(shown()).match(/you hung up\n$/);
  });

  it('shows refusals, retries and illegal answers', async () => {
    const { phone, shown } = terminal();
    bot = await fakeBot(503, [play()], [{ action: 'reject', operationId: 'r' }]);
    await service.call(bot.url, { clock: 'script', caller: phone, retryDelayMs: 1 });
    expect(shown()).equal(
      "☎ ringing…\n☎ the bot answered 503; try 2 of 3\n☎ the bot's answer is illegal: playPrompt has at least one prompt (PP-EMPTY at actions.0.prompts)\n☎ the bot refused the call\n",
    );
  });

  it('takes keys, words, a recording, help and hanging up', async () => {
    const { phone, type, shown } = terminal();
    type(' 1 2# \na\nI want sales\n/record 2\n/record no\n/help\n/hangup\n');
    const acts = [];
    for (let count = 0; count < 5; count++) acts.push(await phone.next(question()));
    expect(acts).deep.equal([{ keys: '12#' }, { keys: 'A' }, { says: 'I want sales' }, { recordMs: 2_000 }, 'hangup']);
    expect(shown().match(/keys: 0-9/g)).length(2);
    phone.ended?.({ endedBy: 'caller' });
  });

  const callLive = async (type: (phone: ReturnType<typeof terminal>, heard: string) => void, options: { readonly color?: boolean } = {}) => {
    const phone = terminal({ live: true, ...options });
    const caller: Caller = { ...phone.phone, hears: (entry) => {
      phone.phone.hears?.(entry);
      type(phone, `${entry.who}.${entry.kind}`);
    } };
    bot = await fakeBot([answer, play('Welcome.'), menu('Which?', { initialSilenceTimeoutInSeconds: 30 })], [hangup]);
    const report = await service.call(bot.url, { clock: 'real', caller, speechMs: () => 3 });
    return { report, bot, shown: plain(phone.shown()), raw: phone.shown() };
  };

  it('lets a person answer in real time', async () => {
    const { report, bot, shown } = await callLive(({ type }, heard) => heard === 'bot.asks' && type('\n2\n'));
    expect(report.endedBy).equal('bot');
    expect(bot.outcomes()[0]).deep.include({ choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'help' } });
    expect(shown).contain('☎ ringing… answered').and.contain('bot: Welcome.\n').and.contain('☎ the bot hung up\n').and.not.contain('you:');
  });

  it('hangs up at Ctrl-C, at Ctrl-D and at /hangup, whatever plays', async () => {
    for (const [keys, moment] of [['\x03', 'bot.says'], ['\x04', 'bot.asks'], ['/hangup\n', 'bot.says']] as const) {
      const { report, bot, shown } = await callLive(({ type }, heard) => heard === moment && type(keys));
      expect(report.endedBy, JSON.stringify(keys)).equal('caller');
      expect(bot.received.at(-1)?.json).include({ callState: 'terminated' });
      expect(shown).contain('☎ you hung up\n');
      await bot.close();
    }
  });

  it('has colour only where it is wanted', async () => {
    const press = ({ type }: ReturnType<typeof terminal>, heard: string) => heard === 'bot.asks' && type('1\n');
    expect((await callLive(press, { color: true })).raw).contain('\x1b[2m☎');
    await bot?.close();
    expect((await callLive(press)).raw).not.contain('\x1b[2m').and.not.contain('\x1b[1mbot');
  });
});
