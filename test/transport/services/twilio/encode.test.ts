/** What Twilio is told: documents that the official builder would have written, and that never end a call by accident. */
import { assert } from 'chai';
import { XMLParser } from 'fast-xml-parser';
import fc from 'fast-check';
import twilioPackage from 'twilio';
import type { Batch, CallAction, Operation, PromptItem, Recognize, Record as RecordParams } from 'callchart';
import { isCallError } from '../../../../src/errors.ts';
import { type DocumentOptions, encodeBatch, hangupDocument, waitDocument } from '../../../../src/transport/services/twilio/encode.ts';
import { validateTwiml } from '../../../../src/transport/services/twilio/limits.ts';
import { isRule } from '../../../../src/transport/services/twilio/rules.ts';

type Voice = InstanceType<typeof twilioPackage.twiml.VoiceResponse>;

const options: DocumentOptions = { base: 'https://bot.example', path: '/api/twilio' };
const here = (query: string): string => `https://bot.example/api/twilio?${query}`;
const end = (of: string, index = 0): string => here(`of=${of}&op=12345678:3:${index}`);

const batch = (...actions: readonly (CallAction & { readonly state?: string })[]): Batch => actions.map((action, index) => ({ state: 'menu', ...action, operationId: `12345678:3:${index}` }) as Operation);
const play = (...prompts: readonly PromptItem[]): CallAction => ({ type: 'play', params: { prompts } });
const ask = (params: Partial<Recognize>): CallAction => ({ type: 'recognize', params: { prompts: [{ text: 'Which?' }], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, ...params } });
const record = (params: Partial<RecordParams> = {}): CallAction => ({ type: 'record', params: { prompts: [], beep: true, format: 'wav', timeoutMs: 5_000, finalSilenceMs: 3_000, maxMs: 180_000, ...params } });
const answer: CallAction = { type: 'answer', params: { modalities: ['audio'] } };

const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, parseTagValue: false, parseAttributeValue: false, trimValues: false, ignoreDeclaration: true, htmlEntities: true });
const inOrder = (_: string, value: unknown): unknown => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value);
/** A document as a value in which the order of attributes is nothing. */
const read = (document: string): unknown => JSON.parse(JSON.stringify(parser.parse(document), inOrder)) as unknown;

/** `actions` are written as the official builder writes `build`, and are legal. */
const written = (actions: Batch, build: (voice: Voice) => void, more: Partial<DocumentOptions> = {}): void => {
  const document = encodeBatch(actions, { ...options, ...more });
  const voice = new twilioPackage.twiml.VoiceResponse();
  build(voice);
  assert.deepEqual(read(document), read(voice.toString()), document);
  assert.deepEqual(validateTwiml(document), []);
};

/** `text` without what XML cannot carry: XML 1.0 §2.2. */
const writable = (text: string): string =>
  [...text].filter((character) => '\t\n\r'.includes(character) || (character >= ' ' && !/^[\uD800-\uDFFF\uFFFE\uFFFF]$/.test(character))).join('');

/** The rule that `action` breaks, told to its author with state and action. */
const refused = (action: CallAction, more: Partial<DocumentOptions> = {}): string => {
  try {
    encodeBatch(batch(action), { ...options, ...more });
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_BATCH_ILLEGAL') throw error;
    assert.deepEqual([error.details.state, error.details.action], ['menu', action.type]);
    assert.isTrue(isRule(error.details.rule));
    assert.include(error.message, error.details.rule);
    return error.details.rule;
  }
  return 'none';
};

describe('twilio: what is said', () => {
  it('the end of a prompt is told at its address', () => {
    written(batch(play({ text: 'Good day.' })), (voice) => {
      voice.say('Good day.');
      voice.redirect(end('play'));
    });
    written(batch(play({ text: 'One.' }, { audio: 'https://cdn.example/two.wav' }, { silenceMs: 2_000 }), play({ text: 'Three.' })), (voice) => {
      voice.say('One.');
      voice.play('https://cdn.example/two.wav');
      voice.pause({ length: 2 });
      voice.say('Three.');
      voice.redirect(end('play', 1));
    });
  });

  it('no text can be taken for a verb', () => {
    for (const text of ['</Say><Hangup/>', 'Tom & Jerry', '"quoted" \'too\'', ']]>', '&amp;', 'a\u0000b\u0008', 'naïve 🙂', 'line\nbreak']) {
      written(batch(play({ text })), (voice) => {
        voice.say(writable(text));
        voice.redirect(end('play'));
      });
    }
  });

  it('any text arrives as it was, but for what XML cannot carry', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (text) => {
        const document = encodeBatch(batch(play({ text: `x${text}x` }, { audio: 'https://cdn.example/a?b=1&c=<"\'>' })), options);
        const kept = writable(`x${text}x`);
        const [{ Response: [said, played] }] = parser.parse(document) as readonly [{ readonly Response: readonly [{ readonly Say: readonly [{ readonly '#text': string }] }, { readonly Play: readonly [{ readonly '#text': string }] }] }];
        assert.equal(said.Say[0]['#text'].replace(/&#13;|&#xd;/gi, '\r'), kept);
        assert.equal(played.Play[0]['#text'], 'https://cdn.example/a?b=1&c=<"\'>');
        assert.deepEqual(validateTwiml(document), []);
      }),
      { numRuns: 150 },
    );
  });

  it('a voice and a language are the service\'s, and a text in another language is left to the voice for that', () => {
    const polly = { voice: 'Polly.Amy', language: 'en-GB' };
    written(batch(play({ text: 'Good day.' }, { text: 'Hello.', language: 'en' }, { text: 'Guten Tag.', language: 'de' }, { text: 'God dag.', culture: 'sv-se' }, { text: 'He.', voice: 'male' })), (voice) => {
      voice.say({ voice: 'Polly.Amy', language: 'en-GB' }, 'Good day.');
      voice.say({ voice: 'Polly.Amy', language: 'en-GB' }, 'Hello.');
      voice.say({ language: 'de-DE' }, 'Guten Tag.');
      voice.say({ language: 'sv-SE' }, 'God dag.');
      voice.say({ voice: 'man', language: 'en-GB' }, 'He.');
      voice.redirect(end('play'));
    }, polly);
    assert.equal(refused(play({ text: 'x', culture: 'tlh-QO' })), 'PR-CULTURE');
    written(batch(play({ text: 'x', language: 'tlh' })), (voice) => {
      voice.say('x');
      voice.redirect(end('play'));
    });
  });

  it('numbers, dates and stress are said by SSML', () => {
    written(batch(play({ text: '2026-01-02', sayAs: 'yearMonthDay' }, { text: '42', sayAs: 'ordinal', emphasis: true }, { text: '12:30', sayAs: 'time24' })), (voice) => {
      voice.say('').sayAs({ 'interpret-as': 'date', format: 'ymd' }, '2026-01-02');
      voice.say('').emphasis({ level: 'strong' }, '').sayAs({ 'interpret-as': 'ordinal' }, '42');
      voice.say('12:30');
      voice.redirect(end('play'));
    });
  });

  it('an author\'s SSML is taken as far as Twilio speaks it', () => {
    const ssml = '<?xml version="1.0"?><speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="de-DE">Guten <emphasis level="strong">Tag</emphasis>,<break time="500ms"/> <prosody rate="slow">a &lt; b <sub alias="zwei">2</sub></prosody></speak>';
    written(batch(play({ ssml })), (voice) => {
      const said = voice.say({ language: 'de-DE' }, 'Guten ');
      said.emphasis({ level: 'strong' }, 'Tag');
      said.addText(',');
      said.break({ time: '500ms' });
      said.addText(' ');
      said.prosody({ rate: 'slow' }, 'a < b ').sub({ alias: 'zwei' }, '2');
      voice.redirect(end('play'));
    });
    const broken = {
      'SS-XML': ['Hello', '<speak>a', '<p>a</p>', '<speak>a</speak><speak>b</speak>', '<speak>&nbsp;</speak>', '<!DOCTYPE speak [<!ENTITY a "b">]><speak>&a;</speak>', '<speak/>', '<speak>a & b</speak>'],
      'SS-ELEMENT': ['<speak><audio src="https://a.example/b.wav"/></speak>', '<speak><Say>a</Say></speak>', '<speak><p><p>a</p></p></speak>', '<speak><break>a</break></speak>'],
      'SS-ATTRIBUTE': ['<speak><break speed="1"/></speak>', '<speak><break time="soon"/></speak>', '<speak><say-as interpret-as="bird">a</say-as></speak>'],
    };
    for (const [rule, texts] of Object.entries(broken)) for (const text of texts) assert.equal(refused(play({ ssml: text })), rule, text);
  });

  it('a silence is whole seconds: what is shorter than half of one is left out', () => {
    const paused = (...silences: readonly number[]): readonly string[] =>
      [...encodeBatch(batch(play({ text: 'a' }, ...silences.map((silenceMs) => ({ silenceMs })), { text: 'b' })), options).matchAll(/<Pause(?: length="(\d+)")?\/>/g)].map(([, length = '1']) => length);
    assert.deepEqual(paused(1), []);
    assert.deepEqual(paused(499), []);
    assert.deepEqual(paused(500), ['1']);
    assert.deepEqual(paused(1_000), ['1']);
    assert.deepEqual(paused(1_500), ['2']);
    assert.deepEqual(paused(60_400), ['60']);
    assert.deepEqual(paused(300, 300), ['1']);
    assert.equal(refused(play({ silenceMs: -1 })), 'PR-SILENCE');
    assert.equal(refused(play({ silenceMs: Infinity })), 'PR-SILENCE');
  });

  it('what cannot be said is told to the author', () => {
    assert.equal(refused(play({ text: 'x'.repeat(4_096) })), 'none');
    assert.equal(refused(play({ text: 'x'.repeat(4_097) })), 'PR-4096');
    assert.equal(refused(play({ ssml: `<speak>${'x'.repeat(4_097)}</speak>` })), 'PR-4096');
    assert.equal(refused(play({ audio: '/relative.wav' })), 'PR-URI');
    assert.equal(refused(play({ audio: 'file:///etc/passwd' })), 'PR-URI');
    assert.equal(refused(play(...Array.from({ length: 17 }, () => ({ text: 'é'.repeat(2_000) })))), 'X-64K');
  });
});

describe('twilio: what is asked', () => {
  const choices = [{ name: 'sales', key: '1' as const, phrases: ['sales', 'the, sales desk'] }, { name: 'support', key: '2' as const, phrases: ['support'] }];

  it('a menu of keys and phrases hears both, and silence is told at the same address', () => {
    written(batch(ask({ choices })), (voice) => {
      voice.gather({ input: ['dtmf', 'speech'], numDigits: 1, finishOnKey: '', hints: 'sales, the sales desk, support', speechTimeout: 'auto', action: end('recognize') }).say('Which?');
      voice.redirect(end('recognize'));
    });
  });

  it('a menu of keys alone hears keys alone, any key at once', () => {
    written(batch(ask({ choices: [{ name: 'again', key: '#', phrases: [] }] })), (voice) => {
      voice.gather({ numDigits: 1, finishOnKey: '', action: end('recognize') }).say('Which?');
      voice.redirect(end('recognize'));
    });
  });

  it('a prompt that may not be interrupted comes before the question', () => {
    written(batch(play({ text: 'Hello.' }), ask({ choices: [{ name: 'yes', phrases: ['yes'] }], bargein: false, timeoutMs: 7_400, language: 'sv' })), (voice) => {
      voice.say('Hello.');
      voice.say('Which?');
      voice.gather({ input: ['speech'], language: 'sv-SE', hints: 'yes', speechTimeout: 'auto', timeout: 7, action: end('recognize', 1) });
      voice.redirect(end('recognize', 1));
    });
  });

  it('digits end with their number, with a key, or with either', () => {
    const gathered = (digits: NonNullable<Recognize['digits']>, attributes: object): void =>
      written(batch(ask({ digits })), (voice) => {
        voice.gather({ ...attributes, action: end('recognize') }).say('Which?');
        voice.redirect(end('recognize'));
      });
    gathered({ max: 4 }, { numDigits: 4, finishOnKey: '' });
    gathered({ termchars: ['#'] }, {});
    gathered({ max: 20, termchars: ['*'] }, { numDigits: 20, finishOnKey: '*' });
  });

  it('whatever is said is heard, beside digits as well', () => {
    written(batch(ask({ speech: true, culture: 'en-GB', digits: { max: 8 } })), (voice) => {
      voice.gather({ input: ['dtmf', 'speech'], numDigits: 8, finishOnKey: '', language: 'en-GB', speechTimeout: 'auto', action: end('recognize') }).say('Which?');
      voice.redirect(end('recognize'));
    });
  });

  it('hints are at most 500, each at most 100 characters, and each said once', () => {
    const phrases = [...Array.from({ length: 600 }, (_, index) => `phrase ${index}`), 'phrase 0', 'x'.repeat(101)];
    const [, hints = ''] = /hints="([^"]*)"/.exec(encodeBatch(batch(ask({ choices: [{ name: 'one', phrases }] })), options)) ?? [];
    assert.lengthOf(hints.split(', '), 500);
  });

  it('what Twilio cannot ask is told to the author', () => {
    assert.equal(refused(ask({})), 'GA-NOTHING');
    assert.equal(refused(ask({ choices: [] })), 'GA-NOTHING');
    assert.equal(refused(ask({ digits: {} })), 'GA-NOTHING');
    assert.equal(refused(ask({ choices: [{ name: 'mute', phrases: [] }] })), 'GA-CHOICE');
    assert.equal(refused(ask({ digits: { max: 0 } })), 'GA-DIGITS');
    assert.equal(refused(ask({ digits: { max: 1.5 } })), 'GA-DIGITS');
    assert.equal(refused(ask({ digits: { termchars: ['#', '*'] } })), 'GA-TERMCHARS');
    assert.equal(refused(ask({ digits: { termchars: ['A'] } })), 'GA-TERMCHAR');
    assert.equal(refused(ask({ choices, timeoutMs: 0 })), 'GA-TIMEOUT');
    assert.equal(refused(ask({ choices, timeoutMs: NaN })), 'GA-TIMEOUT');
    assert.equal(refused(ask({ choices, culture: 'cy-GB' })), 'GA-CULTURE');
  });
});

describe('twilio: what is recorded', () => {
  it('a recording tells its end and its file, each at an address', () => {
    written(batch(record({ prompts: [{ text: 'Speak.' }] })), (voice) => {
      voice.say('Speak.');
      voice.record({ action: here('of=record&op=12345678:3:0&max=180'), maxLength: 180, timeout: 3, finishOnKey: '', trim: 'do-not-trim', recordingStatusCallback: here('of=file') });
      voice.redirect(here('of=record&op=12345678:3:0&max=180'));
    });
  });

  it('keys, beep and container are as they were asked for', () => {
    written(batch(record({ beep: false, format: 'mp3', termchars: ['#', '*', '#'], finalSilenceMs: 5_000, maxMs: 2_000 })), (voice) => {
      voice.record({ action: here('of=record&op=12345678:3:0&max=2&as=mp3'), maxLength: 2, finishOnKey: '#*', playBeep: false, trim: 'do-not-trim', recordingStatusCallback: here('of=file&as=mp3') });
      voice.redirect(here('of=record&op=12345678:3:0&max=2&as=mp3'));
    });
  });

  it('what Twilio cannot record is told to the author', () => {
    assert.equal(refused(record({ format: 'wma' })), 'RC-FORMAT');
    assert.equal(refused(record({ maxMs: 999 })), 'RC-LENGTH');
    assert.equal(refused(record({ maxMs: 14_400_001 })), 'RC-LENGTH');
    assert.equal(refused(record({ finalSilenceMs: 0 })), 'RC-SILENCE');
    assert.equal(refused(record({ termchars: ['D'] })), 'RC-TERMCHAR');
  });
});

describe('twilio: who is rung', () => {
  const dialled = (to: string, party: (dial: ReturnType<Voice['dial']>) => void, more: Partial<DocumentOptions> = {}, attributes: object = {}): void =>
    written(batch({ type: 'transfer', params: { to } }), (voice) => {
      party(voice.dial({ action: end('transfer'), answerOnBridge: true, ...attributes }));
      voice.redirect(end('transfer'));
    }, more);

  it('a caller is handed on to a number, a SIP address or a client', () => {
    dialled('+15551234567', (dial) => dial.number('+15551234567'));
    dialled('tel:+15551234567', (dial) => dial.number('+15551234567'), { callerId: '+15550000009' }, { callerId: '+15550000009' });
    dialled('sip:desk@pbx.example;transport=tls', (dial) => dial.sip('sip:desk@pbx.example;transport=tls'));
    dialled('client:alice', (dial) => dial.client('alice'));
    for (const to of ['', 'alice', 'https://a.example', '+1 555 123', 'client:', 'sip:']) assert.equal(refused({ type: 'transfer', params: { to } }), 'DI-TARGET', to);
  });

  it('a caller is referred by his own exchange where that is asked for', () => {
    written(batch(play({ text: 'One moment.' }), { type: 'transfer', params: { to: 'sip:desk@pbx.example' } }), (voice) => {
      voice.say('One moment.');
      voice.refer({ action: end('transfer', 1) }).sip('sip:desk@pbx.example');
      voice.redirect(end('transfer', 1));
    }, { transferBy: 'refer' });
    assert.equal(refused({ type: 'transfer', params: { to: '+15551234567' } }, { transferBy: 'refer' }), 'RE-TARGET');
  });

  it('somebody else is rung for as long as the bot says', () => {
    written(batch({ type: 'createcall', params: { to: '+15551234567', timeoutMs: 20_000, from: '+15550000009' } }), (voice) => {
      voice.dial({ action: end('createcall'), timeout: 20, callerId: '+15550000009', answerOnBridge: true }).number('+15551234567');
      voice.redirect(end('createcall'));
    });
    assert.equal(refused({ type: 'createcall', params: { to: '+15551234567', timeoutMs: 4_000 } }), 'DI-TIMEOUT');
    assert.equal(refused({ type: 'createcall', params: { to: '+15551234567', timeoutMs: 601_000 } }), 'DI-TIMEOUT');
    assert.equal(refused({ type: 'createcall', params: { to: '+15551234567', timeoutMs: 20_000, from: 'me & you' } }), 'DI-CALLER');
  });
});

describe('twilio: verbs that no other service has', () => {
  const raw = (verb: string, attributes: Readonly<Record<string, unknown>>, service = 'twilio'): CallAction => ({ type: 'raw', params: { service, verb, attributes, endings: ['success'] } });

  it('a payment is taken as Twilio takes it', () => {
    written(batch(raw('Pay', { chargeAmount: '10.00', currency: 'sek', securityCode: false, timeout: 7, validCardTypes: ['visa', 'amex'], parameters: { order: 'A "1"' } })), (voice) => {
      voice.pay({ chargeAmount: '10.00', currency: 'sek', securityCode: false, timeout: 7, validCardTypes: ['visa', 'amex'], action: end('raw') }).parameter({ name: 'order', value: 'A "1"' });
      voice.redirect(end('raw'));
    });
  });

  it('a caller waits in a queue of Twilio, or is somebody\'s task', () => {
    written(batch(play({ text: 'Please wait.' }), raw('Enqueue', { name: 'support', waitUrl: 'https://cdn.example/wait.xml' })), (voice) => {
      voice.say('Please wait.');
      voice.enqueue({ waitUrl: 'https://cdn.example/wait.xml', action: end('raw', 1) }, 'support');
      voice.redirect(end('raw', 1));
    });
    written(batch(raw('Enqueue', { workflowSid: 'WW1', task: '{"language":"sv"}' })), (voice) => {
      voice.enqueue({ workflowSid: 'WW1', action: end('raw') }).task({}, '{"language":"sv"}');
      voice.redirect(end('raw'));
    });
  });

  it('a verb that nobody declared, or that is another service\'s, is told to the author, and so is an attribute', () => {
    assert.equal(refused(raw('Sing', {})), 'VB-NONE');
    assert.equal(refused(raw('toString', {})), 'VB-NONE');
    assert.equal(refused(raw('Pay', {}, 'azure')), 'VB-NONE');
    assert.equal(refused(raw('Pay', { chargeAmount: 10 })), 'VB-ATTRIBUTE');
    assert.equal(refused(raw('Pay', { action: 'https://elsewhere.example' })), 'VB-ATTRIBUTE');
  });
});

describe('twilio: the line', () => {
  it('nothing to say is an empty body', () => {
    assert.equal(encodeBatch([], options), '');
  });

  it('a call is refused as busy, or just refused', () => {
    written(batch({ type: 'reject', params: { reason: 'busy' } }), (voice) => voice.reject({ reason: 'busy' }));
    written(batch({ type: 'reject', params: { reason: 'declined' } }), (voice) => voice.reject());
  });

  it('a call is hung up after the last word', () => {
    written(batch(answer, play({ text: 'Goodbye.' }), { type: 'hangup', params: {} }), (voice) => {
      voice.say('Goodbye.');
      voice.hangup();
    });
  });

  it('an answer by itself picks up and is told at once; before a silence as well', () => {
    written(batch(answer), (voice) => {
      voice.play({ digits: 'w' });
      voice.redirect(end('answer'));
    });
    written(batch(answer, play({ silenceMs: 2_000 })), (voice) => {
      voice.play({ digits: 'w' });
      voice.pause({ length: 2 });
      voice.redirect(end('play', 1));
    });
    written(batch(answer, play({ text: 'Hello.' })), (voice) => {
      voice.say('Hello.');
      voice.redirect(end('play', 1));
    });
  });

  it('that a caller is on hold is told at once, and what he hears there is heard as long as the bot waits', () => {
    const hold = (...prompts: readonly PromptItem[]): CallAction => ({ type: 'hold', params: { prompts } });
    written(batch(play({ text: 'One moment.' }), hold({ text: 'Please hold.' })), (voice) => {
      voice.say('One moment.');
      voice.redirect(end('hold', 1));
    });
    written(batch({ ...hold({ text: 'Please hold.' }, { silenceMs: 3_000 }), state: '' }), (voice) => {
      for (let turn = 0; turn < 10; turn += 1) {
        voice.say('Please hold.');
        voice.pause({ length: 3 });
        voice.pause();
      }
      voice.redirect(end('hold'));
    });
    written(batch({ ...hold(), state: '' }), (voice) => {
      for (let turn = 0; turn < 10; turn += 1) {
        voice.play('https://cdn.example/music.mp3');
        voice.pause();
      }
      voice.redirect(end('hold'));
    }, { holdMusic: 'https://cdn.example/music.mp3' });
    written(batch({ ...hold(), state: '' }), (voice) => {
      voice.pause({ length: 30 });
      voice.redirect(end('hold'));
    });
  });

  it('a caller is taken back without a word', () => {
    written(batch({ type: 'unhold', params: {} }), (voice) => voice.redirect(end('unhold')));
    written(batch({ type: 'unhold', params: {} }, play({ text: 'Hello again.' })), (voice) => {
      voice.say('Hello again.');
      voice.redirect(end('play', 1));
    });
  });

  it('a line on which nothing goes on is kept for a while and asks; a call that is over is hung up', () => {
    const voice = new twilioPackage.twiml.VoiceResponse();
    voice.pause({ length: 10 });
    voice.redirect(here('of=wait&n=abc'));
    assert.deepEqual(read(waitDocument('abc', options)), read(voice.toString()));
    const over = new twilioPackage.twiml.VoiceResponse();
    over.hangup();
    assert.deepEqual(read(hangupDocument), read(over.toString()));
  });

  it('every document but those that end the call goes on: no call ends because a document did', () => {
    const going: readonly CallAction[] = [
      answer, play({ text: 'x' }), play(), ask({ speech: true }), record(), { type: 'transfer', params: { to: '+15551234567' } }, { type: 'createcall', params: { to: '+15551234567', timeoutMs: 30_000 } },
      { type: 'hold', params: { prompts: [] } }, { type: 'unhold', params: {} },
    ];
    for (const action of going) assert.match(encodeBatch(batch(action), options), /<Redirect>[^<]+<\/Redirect><\/Response>$/, action.type);
  });
});
