import { expect } from 'chai';
import { type BotLanguage, callMachine, confirm, defaultTexts, hangup, oneOf, prompt, recognize, step, type TextLanguage } from '../../src/index.ts';
import { dial } from '../../src/testing/index.ts';

const wordings = ['Hello.', 'Good day.', 'Welcome.'] as const;
const greeter = callMachine('greeter', { initial: 'hello', states: { hello: prompt(oneOf(...wordings), 'bye'), bye: hangup(oneOf('Bye.', ['Goodbye.', { silenceMs: 200 }])) } });

const spoken = (id: string): string => {
  const { batch } = step(greeter, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call: { id, from: 'a', to: 'b', direction: 'inbound', headers: {} } }] });
  return batch.flatMap(({ type, params }) => (type === 'play' ? [JSON.stringify(params.prompts)] : [])).join(' ');
};

describe('one of several wordings', () => {
  it('is the same for the same call, taken again', () => {
    for (const id of ['c1', 'c2', 'c3', 'ann', '0f3c9a52']) expect(spoken(id)).to.equal(spoken(id));
  });

  it('is another for other calls: of a thousand, each wording has its share', () => {
    const heard = new Map<string, number>();
    for (let call = 0; call < 1_000; call += 1) {
      const [words] = /(?<=text":")[^"]+/.exec(spoken(`call-${call}`)) ?? [''];
      heard.set(words, (heard.get(words) ?? 0) + 1);
    }
    expect([...heard.keys()].sort()).to.deep.equal([...wordings].sort());
    for (const count of heard.values()) expect(count).to.be.within(250, 420);
  });

  it('is another at other places of one call', () => {
    const long = callMachine('long', {
      initial: 'ask',
      states: { ask: recognize({ prompt: oneOf('One?', 'Two?'), choices: { again: '1' }, on: { again: 'ask', exhausted: 'bye' } }), bye: hangup() },
    });
    const caller = dial(long);
    for (let time = 0; time < 20; time += 1) caller.presses('1');
    expect([...new Set(caller.transcript.match(/One\?|Two\?/g))].sort()).to.deep.equal(['One?', 'Two?']);
  });

  it('may be given as a list, and a list of one wording in several parts among them', () => {
    expect(oneOf(['Hello.', 'Good day.'])).to.deep.equal(oneOf('Hello.', 'Good day.'));
    expect(oneOf(['Hello.', 'again'], 'Good day.').oneOf).to.deep.equal([[{ text: 'Hello.' }, { text: 'again' }], [{ text: 'Good day.' }]]);
  });

  it('reaches no service unchosen, whoever says it: a question, its reprompts, the filler', () => {
    const bot = callMachine('everywhere', {
      reprompts: { noinput: [oneOf('Are you there?', 'Hello?')], nomatch: [oneOf('Pardon?', 'Sorry?')] },
      initial: 'ask',
      states: { ask: recognize({ prompt: oneOf('Well?', 'So?'), choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup(oneOf('Bye.', 'Goodbye.')) },
    });
    dial(bot).hears(/^(Well|So)\?$/).staysSilent().hears(/^(Are you there|Hello)\? (Well|So)\?$/).presses('5').hears(/^(Pardon|Sorry)\? (Well|So)\?$/).presses('1').hears(/bye/i).isHungUp();
  });

});

describe('what a bot says before it asks again', () => {
  const asking = (own: object) =>
    callMachine('polite', {
      reprompts: { noinput: ['Are you there?', 'Last time:'], nomatch: 'Pardon?' },
      initial: 'ask',
      states: { ask: recognize({ prompt: 'Which?', choices: { one: '1' }, attempts: 5, ...own, on: { one: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') },
    });

  it('is said by every question that has no text of its own, and tapers', () => {
    dial(asking({})).hears('Which?').staysSilent().hears('Are you there? Which?').staysSilent().hears('Last time: Which?').staysSilent().hears('Last time: Which?').presses('5').hears('Pardon? Which?');
  });

  it('gives way to the text of a question', () => {
    dial(asking({ nomatch: 'Press 1.' })).hears('Which?').presses('5').hears('Press 1. Which?').staysSilent().hears('Are you there?');
  });

  it('is never shared by two bots', () => {
    const other = callMachine('other', { initial: 'ask', states: { ask: recognize({ prompt: 'Which?', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }), bye: hangup() } });
    dial(asking({})).hears('Which?').presses('5').hears('Pardon?');
    dial(other).hears('Which?').presses('5').hears('Sorry, I did not get that.');
  });

  it('is in the language of the bot, or of the caller where the bot speaks that of its callers', () => {
    const bot = (language: BotLanguage) => callMachine('speaks', { language, initial: 'ask', states: { ask: recognize({ prompt: '?', choices: { one: '1' }, on: { one: 'broken', exhausted: 'bye' } }), broken: prompt(() => { throw new Error('oh'); }, 'bye'), bye: hangup() } });
    for (const [language, text] of Object.entries(defaultTexts)) {
      dial(bot(language as TextLanguage)).hears('?').staysSilent().hears(text.noinput).presses('5').hears(text.nomatch).presses('1').hears(text.apology);
      dial(bot('caller'), { call: { language: `${language}-XX` } }).hears('?').staysSilent().hears(text.noinput).presses('1').hears(text.apology);
    }
    dial(bot('caller'), { call: { language: 'tlh' } }).hears('?').staysSilent().hears(defaultTexts.en.noinput);
    dial(bot('caller')).hears('?').staysSilent().hears(defaultTexts.en.noinput);
    expect(() => bot('tlh' as never)).to.throw('no default texts in the language `tlh`');
  });

  it('takes yes and no in the language of the bot, and in that of the caller, without a word of the author', () => {
    const bot = (language: BotLanguage) => callMachine('agrees', { language, initial: 'sure', states: { sure: confirm({ prompt: '?', on: { yes: 'agreed', no: 'not', exhausted: 'not' } }), agreed: hangup('Agreed.'), not: hangup('Not.') } });
    for (const [language, { yes, no }] of Object.entries(defaultTexts)) {
      dial(bot(language as TextLanguage)).hears('?').says(yes.phrases[0]).hears('Agreed.');
      dial(bot('caller'), { call: { language } }).hears('?').says(no.phrases[0]).hears('Not.');
      dial(bot(language as TextLanguage)).hears('?').presses('1').hears('Agreed.');
    }
  });

  it('has words for yes and no in each of these languages', () => {
    for (const { yes, no } of Object.values(defaultTexts)) {
      const bot = callMachine('agrees', { initial: 'sure', states: { sure: confirm({ prompt: '?', yes, no, on: { yes: 'agreed', no: 'not', exhausted: 'not' } }), agreed: hangup('Agreed.'), not: hangup('Not.') } });
      for (const word of yes.phrases) dial(bot).hears('?').says(word).hears('Agreed.');
      for (const word of no.phrases) dial(bot).hears('?').says(word).hears('Not.');
    }
  });
});
