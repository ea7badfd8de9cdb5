/** A bot speaks the language of whoever calls, out of one catalogue that is refused as a whole when anything in it is broken. */
import { expect } from 'chai';
import fc from 'fast-check';
import { callMachine, catalogue, type CatalogueOptions, confirm, defaultTexts, dialog, hangup, isCallError, prompt, recognize, record, step, task, waterfall } from '../../src/index.ts';
import { dial } from '../../src/testing/index.ts';

const say = catalogue('en', {
  en: {
    welcome: 'Welcome to {shop}.', which: 'Sales or help?', items: '{n, plural, =0 {Your basket is empty} one {# item} other {# items}}.', bye: 'Goodbye.',
    silence: 'Are you there?', pardon: 'Pardon?', sorry: 'Something broke.', moment: 'One moment.', sure: 'Sure?',
    salesWords: ['sales', 'new orders'], helpWords: ['help'], operatorWords: ['operator'], yesWords: ['aye'], noWords: ['nay'],
  },
  de: {
    welcome: 'Willkommen bei {shop}.', which: 'Verkauf oder Hilfe?', items: '{n, plural, =0 {Ihr Korb ist leer} one {# Artikel} other {# Artikel}}.', bye: 'Auf Wiederhören.',
    silence: 'Sind Sie noch da?', pardon: 'Wie bitte?', sorry: 'Etwas ging schief.', moment: 'Einen Augenblick.', sure: 'Sicher?',
    salesWords: ['Verkauf', 'Bestellung'], helpWords: ['Hilfe'], operatorWords: ['Vermittlung'], yesWords: ['jawoll'], noWords: ['nö'],
  },
  pl: {
    welcome: 'Witamy w {shop}.', which: 'Sprzedaż czy pomoc?', items: '{n, plural, =0 {Koszyk jest pusty} one {# rzecz} few {# rzeczy} many {# rzeczy, dużo} other {# rzeczy, część}}.', bye: 'Do widzenia.',
    silence: 'Czy jest tam ktoś?', pardon: 'Słucham?', sorry: 'Coś się zepsuło.', moment: 'Chwileczkę.', sure: 'Na pewno?',
    salesWords: ['sprzedaż'], helpWords: ['pomoc'], operatorWords: ['centrala'], yesWords: ['tak'], noWords: ['nie'],
  },
});

const shop = callMachine<{ readonly n: number }>()('shop', {
  context: { n: 2 },
  language: say.language,
  apology: say('sorry'), reprompts: { nomatch: say('pardon') },
  commands: { operator: { key: '0', phrases: say.phrases('operatorWords'), target: 'bye' } },
  initial: 'welcome',
  states: {
    welcome: prompt(say('welcome', { shop: 'Acme' }), 'which'),
    which: recognize({
      prompt: say('which'), noinput: say('silence'),
      choices: { sales: { key: '1', phrases: say.phrases('salesWords') }, help: { phrases: say.phrases('helpWords') }, broken: '9' },
      on: { sales: 'items', help: 'bye', broken: 'broken', exhausted: 'bye' },
    }),
    items: prompt(say('items', ({ context }) => ({ n: context.n })), 'sure'),
    sure: confirm({ prompt: say('sure'), yes: { phrases: say.phrases('yesWords') }, no: { phrases: say.phrases('noWords') }, on: { yes: 'bye', no: 'which', exhausted: 'bye' } }),
    broken: prompt(() => { throw new Error('oh'); }, 'bye'),
    bye: hangup(say('bye')),
  },
});

const from = (language: string) => dial(shop, { call: { language } });

describe('a caller of a language that the catalogue has', () => {
  it('is spoken to in it, from the welcome to the parting', () => {
    from('de-AT').hears('Willkommen bei Acme.').hears('Verkauf oder Hilfe?').presses('1').hears('2 Artikel.').hears('Sicher?').says('jawoll').hears('Auf Wiederhören').isHungUp();
    from('en-GB').hears('Welcome to Acme.').hears('Sales or help?').presses('1').hears('2 items.').hears('Sure?').says('aye').hears('Goodbye').isHungUp();
  });

  it('is understood in it, and in no other', () => {
    from('de').hears('Verkauf').says('Bestellung').hears('2 Artikel');
    from('pl').hears('Sprzedaż').says('pomoc').hears('Do widzenia').isHungUp();
    from('de').hears('Verkauf').says('new orders').hears('Wie bitte? Verkauf oder Hilfe?');
  });

  it('gives commands in it', () => {
    from('de').hears('Verkauf').says('Vermittlung').hears('Auf Wiederhören').isHungUp();
    from('de').hears('Verkauf').says('operator').hears('Wie bitte?').presses('0').hears('Auf Wiederhören');
  });

  it('hears in it what the bot says when things go wrong: by its own words, and by the default texts where there are none', () => {
    from('de').hears('Verkauf').staysSilent().hears('Sind Sie noch da? Verkauf').presses('5').hears('Wie bitte? Verkauf');
    from('de').hears('Verkauf').presses('9').hears('Etwas ging schief.').endedWith('error');
    from('de').presses('1').hears('Sicher?').staysSilent().hears(defaultTexts.de.noinput);
    from('pl').presses('1').hears('Na pewno?').staysSilent().hears(defaultTexts.en.noinput); // there are no default texts in Polish
    const plain = callMachine('plain', { language: say.language, initial: 'sure', states: { sure: confirm({ prompt: say('sure'), on: { yes: 'bye', no: 'sure', exhausted: 'sure' } }), bye: hangup(say('bye')) } });
    dial(plain, { call: { language: 'de-AT' } }).hears('Sicher?').says('genau').hears('Auf Wiederhören').isHungUp();
  });
});

describe('a caller of another language, or of none', () => {
  it('is spoken to in the first language of the catalogue', () => {
    for (const language of ['tlh', 'sv-SE', '', '-', 'd', 'deutsch', 'i-default', '*']) from(language).hears('Welcome to Acme.').hears('Sales or help?').says('sales').hears('2 items');
    dial(shop).hears('Welcome to Acme.').staysSilent().hears('Are you there?');
  });

  it('hears no default text in a language that the bot does not speak otherwise', () => {
    from('fr').presses('1').hears('Sure?').staysSilent().hears(defaultTexts.en.noinput);
  });
});

describe('the language of a call', () => {
  const tags = fc.array(fc.constantFrom('de', 'en', 'zh', 'hant', 'AT', 'TW', 'x', 'a', '1996', 'DE', 'En'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('-'));
  const canonical = (tag: string): boolean => {
    try {
      return Intl.getCanonicalLocales(tag).length > 0;
    } catch {
      return false;
    }
  };

  it('is the longest beginning of the caller’s tag that the catalogue has, else the first', () => {
    fc.assert(fc.property(fc.uniqueArray(tags.filter(canonical), { minLength: 1, maxLength: 6, selector: (tag) => tag.toLowerCase() }), fc.oneof(tags, fc.string()), (languages, tag) => {
      const { language } = catalogue(languages[0] ?? '', Object.fromEntries(languages.map((one) => [one, { hello: 'x' }])) as Readonly<Record<string, { readonly hello: string }>>);
      const picked = language({ call: { language: tag } });
      const begins = languages.filter((one) => `${tag}-`.toLowerCase().startsWith(`${one}-`.toLowerCase()));
      const longest = begins.reduce((best, one) => (one.length > best.length ? one : best), '');
      expect(picked).to.equal(longest === '' ? languages[0] : longest);
    }), { numRuns: 500 });
  });

  it('is found in no time for a tag that is no tag', () => {
    const { language } = catalogue('en', { en: { hello: 'x' } });
    expect(language({ call: { language: '-'.repeat(1_000_000) } })).to.equal('en');
    expect(language({ call: { language: `en-${'a-'.repeat(500_000)}` } })).to.equal('en');
  });
});

describe('a plural', () => {
  const basket = (language: string, n: number): string => say('items', { n })({ call: { language } }).text;

  it('has the forms of its language', () => {
    expect([0, 1, 2, 5, 22, 1.5].map((n) => basket('pl', n))).to.deep.equal([
      'Koszyk jest pusty.', '1 rzecz.', '2 rzeczy.', '5 rzeczy, dużo.', '22 rzeczy.', '1,5 rzeczy, część.',
    ]);
    expect([0, 1, 2].map((n) => basket('en', n))).to.deep.equal(['Your basket is empty.', '1 item.', '2 items.']);
  });

  it('may say nothing for a number', () => {
    const mail = catalogue('en', { en: { waiting: '{n, plural, =0 {} one {# message.} other {# messages.}}', bye: 'Goodbye.' } });
    const bot = (n: number) => callMachine('mail', { initial: 'waiting', states: { waiting: prompt(mail('waiting', { n }), 'bye'), bye: hangup(mail('bye')) } });
    dial(bot(2)).hears('2 messages.').hears('Goodbye.').isHungUp();
    expect(dial(bot(0)).hears('Goodbye.').isHungUp().lastBatch.map(({ type }) => type)).to.deep.equal(['answer', 'play', 'hangup']);
  });

  it('has all six of Arabic', () => {
    const arabic = catalogue('ar', { ar: { days: '{n, plural, zero {zero} one {one} two {two} few {few} many {many} other {other}}' } });
    expect([0, 1, 2, 3, 11, 100].map((n) => arabic('days', { n })({ call: {} }).text)).to.deep.equal(['zero', 'one', 'two', 'few', 'many', 'other']);
  });
});

describe('a text of a catalogue', () => {
  it('carries its language, and asks for no voice, so that a service with one voice speaks it all the same', () => {
    expect(say('bye')({ call: { language: 'de-CH' } })).to.deep.equal({ text: 'Auf Wiederhören.', language: 'de' });
    const { batch } = step(shop, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call: { id: 'c', from: 'a', to: 'b', direction: 'inbound', headers: {}, language: 'de' } }] });
    const asks = batch.find(({ type }) => type === 'recognize');
    expect(asks?.params).to.include({ language: 'de' }).and.not.have.property('culture');
  });

  it('has an apostrophe where it is written twice before an argument, or once before anything else', () => {
    const french = catalogue('fr', { fr: { who: "C'est l''{name} d'ici." } });
    expect(french('who', { name: 'ami' })({}).text).to.equal("C'est l'ami d'ici.");
  });

  it('writes numbers as its language does, and times in the zone of the catalogue', () => {
    const messages = { en: { at: '{at, time, short} {euros, number}' }, de: { at: '{at, time, short} {euros, number}' } } as const;
    const heard = (options: CatalogueOptions, language: string): string => catalogue('en', messages, options)('at', { at: 0, euros: 1234.5 })({ call: { language } }).text.replace(/\s/g, ' ');
    expect([heard({}, 'en'), heard({}, 'de'), heard({ timeZone: 'Asia/Tokyo' }, 'de')]).to.deep.equal(['12:00 AM 1,234.5', '00:00 1.234,5', '09:00 1.234,5']);
  });

  it('stands wherever something is said: in a waterfall, in a recording', () => {
    const order = waterfall('order')
      .say(say('welcome', ({ call }) => ({ shop: call.to })))
      .ask('what', { prompt: say('which'), noinput: say('silence'), nomatch: say('pardon'), choices: { sales: { phrases: say.phrases('salesWords') } } })
      .end();
    const bot = callMachine('everywhere', {
      initial: 'order',
      states: { order: dialog(order, { on: { done: 'note' } }), note: record({ prompt: say('sure'), noinput: say('silence'), on: { done: 'bye', exhausted: 'bye' } }), bye: hangup(say('bye')) },
    });
    const caller = dial(bot, { call: { language: 'de', to: 'Acme' } });
    caller.hears('Willkommen bei Acme.').hears('Verkauf oder Hilfe?').staysSilent().hears('Sind Sie noch da? Verkauf').presses('7').hears('Wie bitte? Verkauf').says('Verkauf');
    caller.hears('Sicher?').staysSilent().hears('Sind Sie noch da? Sicher?').records(1_000).hears('Auf Wiederhören.').isHungUp();
  });

  it('is heard while the call waits, as the filler of a task, of a step and of a bot', () => {
    const on = { done: 'bye', failed: 'bye' } as const;
    const working = { run: async () => 1, on } as const;
    const steps = waterfall('steps').run('price', () => 1, { filler: say('moment') }).end();
    const states = [task({ ...working, filler: say('moment') }), dialog(steps, { on: { done: 'bye' } }), task(working)];
    for (const [index, work] of states.entries()) {
      const bot = callMachine('waits', { ...(index === 2 && { filler: say('moment') }), initial: 'work', states: { work, bye: hangup() } as never });
      const begun = step(bot, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call: { id: 'c', from: 'a', to: 'b', direction: 'inbound', headers: {}, language: 'de' } }] });
      const { batch } = step(bot, begun.snapshot, { type: 'reply.due', at: 2 });
      expect(batch.flatMap((action) => (action.type === 'play' ? action.params.prompts : []))).to.deep.equal([{ text: 'Einen Augenblick.', language: 'de' }]);
    }
  });
});

describe('a message whose argument is computed wrong', () => {
  it('gives the call the apology, and the bot’s author the name of the message and of the argument', () => {
    const bot = (n: unknown) => callMachine('wrong', { apology: say('sorry'), initial: 'items', states: { items: prompt(say('items', () => ({ n: n as number })), 'bye'), bye: hangup() } });
    for (const [n, what] of [[undefined, 'is missing'], ['7', 'is no number'], [Number.NaN, 'is no number']] as const) {
      const caller = dial(bot(n), { call: { language: 'de' } }).hears('Etwas ging schief.').endedWith('error');
      expect(caller.error).to.include({ code: 'ERR_CATALOGUE_ARGUMENT', message: `message \`items\`: argument \`n\` ${what}` });
    }
  });

  it('is refused at once when the argument stands there', () => {
    expect(() => say('items', { n: 'two' as never })).to.throw('message `items`: argument `n` is no number').with.property('code', 'ERR_CATALOGUE_INVALID');
    expect(() => say('welcome', {} as never)).to.throw('message `welcome`: argument `shop` is missing');
  });

  it('is apologised for by default words when the apology itself is at fault', () => {
    const bot = callMachine('worse', { apology: say('welcome', (() => ({})) as never), initial: 'a', states: { a: prompt(() => { throw new Error('oh'); }, 'b'), b: hangup() } });
    dial(bot).hears(defaultTexts.en.apology).endedWith('error');
  });
});

describe('a bot’s own text that is computed and throws', () => {
  it('gives the call the apology', () => {
    const throws = (): never => { throw new Error('oh'); };
    const asking = { initial: 'ask', states: { ask: recognize({ prompt: 'Well?', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }), bye: hangup() } } as const;
    dial(callMachine('a', { ...asking, reprompts: { noinput: throws } })).hears('Well?').staysSilent().hears(defaultTexts.en.apology).endedWith('error');
    dial(callMachine('b', { ...asking, commands: { operator: { phrases: throws, target: 'bye' } } })).hears(defaultTexts.en.apology).endedWith('error');
    dial(callMachine('c', { ...asking, language: throws })).hears(defaultTexts.en.apology).endedWith('error');
  });
});

const problemsOf = (make: () => unknown): readonly string[] => {
  try {
    make();
  } catch (error) {
    if (isCallError(error) && (error.code === 'ERR_CATALOGUE_INVALID' || error.code === 'ERR_BOT_INVALID')) return error.details.problems;
    throw error;
  }
  return [];
};

describe('a catalogue that is refused', () => {
  const english = (message: unknown) => ({ en: { m: message } });
  const broken: Readonly<Record<string, string>> = {
    'Hello {x': 'a `{` is not closed, at character 7',
    'Hello {}': 'there is nothing between `{` and `}`, at character 7',
    '{n, plural, one {# item}}': 'a plural or select has no `other`, at character 25',
    '{g, select, male {he}}': 'a plural or select has no `other`, at character 22',
    '{n, plural, on {a} other {b}}': '`on` is no form of a plural',
    '{n, plural, one {a} one {b} other {c}}': 'a plural has a form twice, at character 21',
    '{n, spellout}': 'an argument is of a kind that does not exist, at character 5',
    '{n, number, lots}': 'the style `lots` is not known',
    '{n, plural, other {{d, date, never}}}': 'the style `never` is not known',
    '{n, number, ::currency/EU}': 'a number or a date has a style that cannot be',
    '{d, date, ::QQQ}': 'a number or a date has a style that cannot be',
    "l'{name}": 'a brace would be read out; an apostrophe before a `{` is written twice',
    'a } b': 'a brace would be read out; an apostrophe before a `{` is written twice',
    '': 'says nothing',
    '  ': 'says nothing',
  };
  for (const [message, what] of Object.entries(broken)) {
    it(`for the message “${message}”`, () => {
      expect(problemsOf(() => catalogue('en', english(message) as never))).to.deep.equal([`language \`en\`: message \`m\`: ${what}`]);
    });
  }

  const odd: readonly (readonly [name: string, first: string, languages: unknown, problems: readonly string[]])[] = [
    ['a list without phrases', 'en', english([]), ['language `en`: message `m`: has no phrases']],
    ['a list with a blank, a key and a number', 'en', english([' ', '1', 7]), [
      'language `en`: message `m`: holds what is no text', 'language `en`: message `m`: holds a phrase of nothing', 'language `en`: message `m`: holds a key; keys stand at the choice',
    ]],
    ['a message that is neither', 'en', english(7), ['language `en`: message `m`: is neither a text nor a list of phrases']],
    ['a tag that is none', 'en_US', { en_US: { m: 'x' } }, ['language `en_US`: is no BCP 47 tag']],
    ['one language twice', 'de', { de: { m: 'x' }, DE: { m: 'y' } }, ['languages `de` and `DE` are the same']],
    ['a first language that is not there', 'fr', english('x'), ['there is no language `fr`']],
    ['no messages at all', 'en', undefined, ['a catalogue is messages by name, by language']],
    ['languages without messages', 'en', { en: null, fr: 5 }, ['language `en`: is not messages by name', 'language `fr`: is not messages by name']],
    ['plurals of a language that nobody knows the forms of', 'tlh', { tlh: { m: '{n, plural, other {#}}', plain: 'nuqneH' } }, ['language `tlh`: message `m`: numbers and dates of the language `tlh` are not known here']],
  ];
  for (const [name, first, languages, problems] of odd) {
    it(`for ${name}`, () => expect(problemsOf(() => catalogue(first as never, languages as never))).to.deep.equal(problems));
  }

  it('for a time zone that is none', () => {
    expect(problemsOf(() => catalogue('en', { en: { m: 'x' } }, { timeZone: 'Mars/Olympus' }))).to.deep.equal(['`timeZone` is no time zone']);
  });

  it('with everything at once in which another language differs', () => {
    const first = { gone: 'x', text: 'x', list: ['x'], args: '{a} {n, number}', kind: '{a}', same: '{n, plural, other {#}}' };
    const other = { added: 'x', text: ['x'], list: 'x', args: '{a} {b}', kind: '{a, number}', same: '{n}' };
    expect(problemsOf(() => catalogue('en', { en: first, de: other } as never))).to.deep.equal([
      'language `de`: message `gone` is missing',
      'language `de`: message `added` does not exist in `en`',
      'language `de`: message `text` is a text in `en`',
      'language `de`: message `list` is a list in `en`',
      'language `de`: message `args`: argument `n` is missing',
      'language `de`: message `args`: argument `b` does not exist in `en`',
      'language `de`: message `kind`: argument `a` is a number, and in `en` anything',
    ]);
  });

  it('for a name that is asked for and is not there, or is of the other kind', () => {
    const ask: (name: string) => unknown = say as never;
    expect(() => ask('welcom')).to.throw('there is no message `welcom`').with.property('code', 'ERR_CATALOGUE_INVALID');
    expect(() => ask('toString')).to.throw('there is no message `toString`');
    expect(() => ask('salesWords')).to.throw('message `salesWords` is a list; it is for `phrases`');
    expect(() => say.phrases('welcome' as never)).to.throw('message `welcome` is no list');
  });
});

describe('two choices that sound the same in one language', () => {
  const words = catalogue('en', { en: { left: ['left'], right: ['right'], stay: ['stay'] }, xx: { left: ['lo'], right: ['lo'], stay: ['la'] } });
  const ask = (second: 'right' | 'stay') =>
    recognize({ choices: { left: { phrases: words.phrases('left') }, other: { phrases: words.phrases(second) } }, on: { left: 'bye', other: 'bye', exhausted: 'bye' } });

  it('are found when the bot is loaded', () => {
    expect(problemsOf(() => callMachine('same', { initial: 'ask', states: { ask: ask('right'), bye: hangup() } }))).to.deep.equal(['state `ask`: phrase `lo` means both `left` and `other` in the language `xx`']);
    expect(problemsOf(() => callMachine('same', { initial: 'ask', states: { ask: ask('stay'), bye: hangup() } }))).to.deep.equal([]);
  });

  it('are found among the commands as well', () => {
    const commands = { left: { phrases: words.phrases('left'), target: 'bye' }, right: { phrases: words.phrases('right'), target: 'bye' } } as const;
    expect(problemsOf(() => callMachine('same', { commands, initial: 'ask', states: { ask: ask('stay'), bye: hangup() } }))).to.deep.equal(['phrase “lo” means both the commands `left` and `right`']);
  });
});
