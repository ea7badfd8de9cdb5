import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { callMachine, hangup, oneOf, prompt, type Prompt, recognize, reject } from 'callchart';
import { dial } from 'callchart/testing';
import acme from '../../examples/acme/bot.ts';
import { bank, vault } from './bots.ts';
import { messageOf } from './surprise.ts';

const jingle = { audio: 'https://example.com/jingle.wav' } as const;
const greeting = oneOf('Hello.', ['Good', 'day.'], { audio: 'https://example.com/hello.wav?a=(b)' });
const news: Prompt = ['The news:', jingle, { silenceMs: 500 }, { text: 'Nothing (new).', voice: 'female' }];

const radio = callMachine('radio', {
  initial: 'jingle',
  states: { jingle: prompt(jingle, 'greet'), greet: prompt(greeting, 'news'), news: prompt(news, 'bye'), bye: hangup('Goodbye.') },
});

describe('a caller who expects', () => {
  it('hears a prompt as the bot has it: a file, a list, one of several wordings', () => {
    dial(radio).hears(jingle).hears(greeting).hears(news).hears('Goodbye').isHungUp();
    for (const id of ['a', 'b', 'c', 'd', 'e']) dial(radio, { call: { id } }).hears(greeting).hears('The news');
    dial(radio).hears(['The news:', jingle]).hears({ text: 'Nothing (new).' });
    expect(messageOf(() => dial(radio).hears({ audio: 'https://example.com/jinglexwav' }))).to.match(/expected to hear "\[audio https:\/\/example\.com\/jinglexwav\]"\nheard instead: "\[audio https:/);
    expect(messageOf(() => dial(radio).hears(oneOf('Hi.', 'Hey.')))).to.contain('expected to hear "Hi. / Hey."');
    expect(messageOf(() => dial(radio).hears([]))).to.contain('expected words to listen for');
    expect(messageOf(() => dial(radio).hears({ sound: 'x' } as never))).to.contain('expected a text, a regular expression or a prompt to listen for');
    expect(messageOf(() => dial(radio).hears(7 as never))).to.contain('instead something else');
    expect(messageOf(() => dial(radio).hears(news).hears(jingle))).to.contain('expected to hear "[audio');
  });

  it('cannot be played a prompt that is named as the bot has it', () => {
    const bot = callMachine('jingle', { initial: 'jingle', states: { jingle: prompt(jingle, { on: { done: 'heard', failed: 'unheard' } }), heard: hangup('Heard.'), unheard: hangup('Missed.') } });
    dial(bot, { unplayable: jingle }).hears('Missed.');
    dial(bot, { unplayable: { audio: 'https://example.com/other.wav' } }).hears('Heard.');
  });

  it('is in a state, in the one around it, and in that of a dialog', () => {
    const bot = callMachine('order', {
      initial: 'order',
      states: {
        order: { initial: 'size', states: { size: recognize({ prompt: 'Size?', choices: { large: '1' }, on: { large: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.') } },
      },
    });
    dial(bot).isIn('order').isIn('order.size').presses('1').isIn('ended');
    dial(vault).isIn('pin').isIn('pin/asking');
    expect(messageOf(() => dial(bot).isIn('order.siz'))).to.match(/expected the call to be in state `order\.siz`\ninstead it is in `order\.size`; the bot listens for large/);
    expect(messageOf(() => dial(vault).isIn('asking'))).to.contain('instead it is in `pin` and `pin/asking`;');
  });

  it('is in every region of a state that has several', () => {
    const bot = callMachine('two', {
      initial: 'both',
      states: {
        both: {
          type: 'parallel',
          states: {
            talk: { initial: 'ask', states: { ask: recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: 'said', exhausted: 'said' } }), said: {} } },
            watch: { initial: 'quiet', states: { quiet: { after: { 1_000: 'late' } }, late: {} } },
          },
        },
      },
    });
    dial(bot).isIn('both').isIn('both.talk.ask').isIn('both.watch.quiet').waits(1_000).isIn('both.watch.late').isIn('both.talk');
    expect(messageOf(() => dial(bot).isIn('both.watch.late'))).to.contain('instead it is in `both.talk.ask` and `both.watch.quiet`;');
  });

  it('knows what the bot knows, as far as he asks', () => {
    dial(bank).presses('1').presses('42#').hasContext({ account: '42' }).hasContext({ account: '42', call: { from: '+15550100', asked: { attempts: 1 } } }).hasContext({});
    const message = messageOf(() => dial(bank).presses('1').hasContext({ account: '42', call: { asked: { attempts: 1 } } }));
    expect(message).to.match(/^call to `bank`:\n {2}caller dials[^]*expected the context to hold \{"account":"42","call":\{"asked":\{"attempts":1\}\}\}\ninstead `account` is ""; the bot listens for digits/);
    expect(messageOf(() => dial(bank).staysSilent().hasContext({ call: { asked: { attempts: 1 } } }))).to.contain('instead `call.asked.attempts` is 2;');
  });

  it('compares lists as a whole, and finds nothing where nothing is', () => {
    const bot = callMachine<{ readonly toppings: readonly string[]; readonly size: string | null }>()('pizza', {
      context: { toppings: ['ham', 'egg'], size: null }, initial: 'ask',
      states: { ask: recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') },
    });
    dial(bot).hasContext({ toppings: ['ham', 'egg'], size: null });
    expect(messageOf(() => dial(bot).hasContext({ toppings: ['ham'] }))).to.contain('instead `toppings` is ["ham","egg"];');
    expect(messageOf(() => dial(bot).hasContext({ toppings: ['ham', 'eggs'] }))).to.contain('instead `toppings.1` is "egg";');
    expect(messageOf(() => dial(bot).hasContext({ size: 'large' }))).to.contain('instead `size` is null;');
  });

  it('sees the latest batch, by type and by what he names of it', () => {
    dial(bank).hasBatch('answer', 'recognize').presses('1').hasBatch({ type: 'recognize', params: { bargein: true, digits: { max: 6, termchars: ['#'] } } });
    dial(bank).presses('2').hasBatch({ type: 'transfer', params: { to: '+15550123' } });
    expect(messageOf(() => dial(bank).hasBatch('recognize'))).to.match(/caller dials[^]*expected the last batch to be \[recognize\]\ninstead it is \[answer, recognize\]; the bot listens for balance/);
    expect(messageOf(() => dial(bank).hasBatch('answer', { type: 'recognize', params: { timeoutMs: 8_000 } }))).to.match(/expected the last batch to be \[answer, recognize \{"timeoutMs":8000\}\]\ninstead `recognize\.params\.timeoutMs` is 5000;/);
  });

  it('reads in the message what the page of testing shows', () => {
    const page = readFileSync(new URL('../../docs/testing.md', import.meta.url), 'utf8');
    const shown = [...page.matchAll(/^```text\n([^]*?)\n```/gm)].map(([, text]) => text);
    expect(shown).to.deep.equal([messageOf(() => dial(acme).hears(/Acme/).presses('1').hears(/support/i))]);
    expect(dial(acme).says('slaes').transcript).to.contain('caller says "slaes"\n(no match: the bot listens for sales (1, "sales"), support (2, "support"); did you mean `sales`?)');
    for (const part of ['``caller says "slaes"``', '(no match: the bot listens for sales (1, "sales"), support (2, "support"); did']) expect(page).to.contain(part);
  });

  it('is refused for a reason', () => {
    const bot = callMachine('closed', { initial: 'no', states: { no: reject('busy') } });
    dial(bot).isRejected().isRejected('busy');
    expect(messageOf(() => dial(bot).isRejected('declined'))).to.match(/expected the bot to refuse the call as `declined`\ninstead it has refused it as `busy`$/);
  });

  it('reads what was likely meant where nothing matches', () => {
    const misspelt = messageOf(() => dial(bank).says('a humen').hears('Nobody'));
    expect(misspelt).to.contain('caller says "a humen"\n  (no match: the bot listens for balance (1, "balance"), advisor (2, "advisor", "a human"); did you mean `a human`?)\n');
    expect(messageOf(() => dial(bank).presses('7').hears('Nobody'))).to.match(/caller presses 7\n {2}\(no match: the bot listens for balance \(1, "balance"\), advisor \(2, "advisor", "a human"\)\)\n/);
    expect(dial(bank).presses('1').says('forty-two').transcript).to.contain('(no match: the bot listens for digits (up to 6, ended by #))');
    expect(dial(bank).says('balance').transcript).not.to.contain('no match');
  });
});
