/** Chat beside the call: what is sent to the person on the line, and what becomes of it. */
import { expect } from 'chai';
import { type CallError, callMachine, chat, dialog, dialogMachine, hangup, prompt, recognize } from 'callchart';
import { dial } from 'callchart/testing';

const card = { title: 'The demo', subtitle: 'of calls', text: 'All of it', images: [{ url: 'https://bot.test/a.png', alt: 'a phone' }], buttons: [{ title: 'More', url: 'https://bot.test/' }] };

/** The chat demo of the old SDK: asks, sends a card to whoever calls, tells how that went, and asks again. */
const demo = callMachine('demo', {
  initial: 'intro',
  states: {
    intro: prompt('I can send you a message.', 'ask'),
    ask: recognize({ prompt: 'Shall I?', choices: { yes: '1', no: '2' }, on: { yes: 'send', no: 'canceled', exhausted: 'canceled' } }),
    send: chat({ card, on: { sent: 'sent', failed: 'failed' } }),
    sent: prompt('It is on its way.', 'menu'),
    failed: prompt('It could not be delivered.', 'menu'),
    canceled: prompt('Then not.', 'menu'),
    menu: recognize({ prompt: 'Which demo?', choices: { chat: '1' }, on: { chat: 'ask', exhausted: 'bye' } }),
    bye: hangup('Bye.'),
  },
});

describe('a chat message beside the call', () => {
  it('is a card to whoever calls, from whom he called, and the caller hears that it was sent', () => {
    const caller = dial(demo).hears('Shall I?').presses('1');
    caller.hears('It is on its way.').hears('Which demo?').reads('The demo').reads(/More: https:\/\/bot\.test/);
    expect(caller.messages).to.deep.equal([{ to: '+15550100', from: '+15550199', message: { cards: [card] } }]);
  });

  it('goes to whoever was called, where the bot has placed the call', () => {
    const caller = dial(demo, { call: { direction: 'outbound', from: '+15550199', to: '+15550177' } }).presses('1').hears('It is on its way.');
    expect(caller.messages.map(({ to, from }) => [to, from])).to.deep.equal([['+15550177', '+15550199']]);
  });

  it('that could not be delivered is an outcome, and the call goes on', () => {
    const caller = dial(demo, { undeliverable: /demo/ }).presses('1').hears('It could not be delivered.').hears('Which demo?');
    expect(caller.messages).to.deep.equal([]);
  });

  it('is not sent when the caller does not want it', () => {
    expect(dial(demo).presses('2').hears('Then not.').messages).to.deep.equal([]);
  });

  it('stands in the transcript of the call, in its place', () => {
    expect(dial(demo).presses('1').transcript.split('\n')).to.include.members(['chat: The demo · of calls · All of it · [image a phone] · [More: https://bot.test/]', '(task send is done)']);
  });

  it('stays on the screen while the caller goes on, and the same words are not found twice', () => {
    const caller = dial(demo).presses('1').presses('1').presses('1').reads('The demo').reads('The demo');
    expect(() => caller.reads('The demo')).to.throw(/expected to read "The demo"\nthe chat messages so far: "The demo · .+", "The demo · .+"; the bot listens/);
  });

  it('may be computed, go to somebody else, and hold text and cards', () => {
    const bot = callMachine<{ eta: number }>()('bot', {
      context: { eta: 7 },
      initial: 'tell',
      states: {
        tell: chat({ message: ({ context }) => `In ${context.eta} days, ${context.call.from}.`, on: { sent: 'office', failed: 'bye' } }),
        office: chat({ message: { text: 'For the office', cards: [{ title: 'One', buttons: [{ title: 'Yes', reply: 'yes' }] }, { text: 'Two' }] }, to: () => '8:office', on: { sent: 'bye', failed: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    const caller = dial(bot).reads('In 7 days, +15550100.').reads('[Yes: yes] · Two').hears('Bye.');
    expect(caller.messages.map(({ to }) => to)).to.deep.equal(['+15550100', '8:office']);
  });

  it('is sent by a dialog as by the bot', () => {
    const tell = dialogMachine<Record<never, never>, undefined, string>()('tell', {
      initial: 'write',
      states: { write: chat({ message: ({ context }) => `To ${context.call.from}`, on: { sent: 'end', failed: 'end' } }), end: { type: 'final', output: 'x' } },
    });
    const bot = callMachine('bot', { initial: 'run', states: { run: dialog(tell, { on: { done: 'bye' } }), bye: hangup('Bye.') } });
    dial(bot).reads('To +15550100').hears('Bye.');
  });

  it('to a caller who withholds the number fails: it is not known whom it is for', () => {
    const caller = dial(demo, { call: { from: '' } }).presses('1').hears('It could not be delivered.');
    expect(caller.transcript).to.include('(task send failed: a chat message was not sent: it is not known who the person on the line is)');
    expect(caller.messages).to.deep.equal([]);
  });

  it('tells the chart by a code why it failed', () => {
    let error: unknown;
    const bot = callMachine('bot', { initial: 'tell', states: { tell: chat({ message: 'PRIVATE', on: { sent: 'bye', failed: { target: 'bye', actions: ({ event }) => void (error = event.error) } } }), bye: hangup('Bye.') } });
    dial(bot, { undeliverable: 'PRIVATE' });
    expect(error).to.deep.equal({ message: 'a chat message was not delivered', code: 'ERR_CHAT_UNDELIVERED' });
  });

  it('that takes too long is a failure, or an outcome of its own; a stub may stand for it', async () => {
    const bot = callMachine('bot', {
      initial: 'tell',
      states: { tell: chat({ message: 'Hello', timeoutMs: 2_000, filler: 'One moment.', on: { sent: 'sent', failed: 'bye', timeout: 'late' } }), sent: hangup('Sent.'), late: hangup('Late.'), bye: hangup('Bye.') },
    });
    dial(bot, { tasks: { tell: () => new Promise(() => {}) } }).waits(2_000).hears('Late.');
    dial(bot, { tasks: { tell: null } }).hears('Sent.');
  });
});

describe('a message that is none', () => {
  const bot = (options: object) => () => callMachine('bot', { initial: 'tell', states: { tell: chat({ ...options, on: { sent: 'bye', failed: 'bye' } } as never), bye: hangup('Bye.') } });

  it('is refused when the bot is made, by its place and its rule', () => {
    const told = (options: object): string => {
      try {
        bot(options)();
      } catch (error) {
        return (error as CallError<'ERR_BOT_INVALID'>).details.problems.join('; ');
      }
      return 'nothing';
    };
    expect([
      {}, { message: ' ' }, { message: {} }, { message: 7 }, { card: {} }, { card: { title: 'x', images: [{ url: 'a.png' }] } }, { card: { title: 'x', images: [{ alt: 'a' }] } },
      { card: { title: 'x', buttons: [{ title: 'x' }] } }, { card: { title: 'x', buttons: [{ title: 'x', url: 'javascript:alert(1)' }] } }, { message: { cards: 'x' } }, { card: { title: 7 } },
    ].map(told)).to.deep.equal([
      'state `tell`: `message` is not a message: a `text`, `cards`, or both',
      'state `tell`: `message.text` is not a text with something in it',
      'state `tell`: `message` is not a message: a `text`, `cards`, or both',
      'state `tell`: `message` is not a message: a `text`, `cards`, or both',
      'state `tell`: `message.cards.0` is not a card: a `title`, a `text` or `images` at least',
      'state `tell`: `message.cards.0.images.0.url` is not an absolute http or https URL',
      'state `tell`: `message.cards.0.images.0` is not an image: its `url`',
      'state `tell`: `message.cards.0.buttons.0` is not a button: its `title`, and one of `url`, `reply` and `call`',
      'state `tell`: `message.cards.0.buttons.0.url` is not an absolute http or https URL',
      'state `tell`: `message.cards` is not a list of cards',
      'state `tell`: `message.cards.0.title` is not a text with something in it',
    ]);
    expect(told({ card })).to.equal('nothing');
  });

  it('ends the call with the apology where it is computed, and the error never quotes it', () => {
    const caller = dial(bot({ message: () => ({ text: 'PRIVATE', cards: [{}] }) })()).endedWith('error');
    expect(caller.error).to.include({ code: 'ERR_CHAT_MESSAGE', message: 'a chat message: `message.cards.0` is not a card: a `title`, a `text` or `images` at least' });
    expect(caller.transcript).not.to.include('PRIVATE');
  });
});
