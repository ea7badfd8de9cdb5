/** The builders of actions of the old SDK, row by row: what stands for each, and what it becomes on the wire. */
import { expect } from 'chai';
import { answer, hangup, play, prompt, type Prompt, recognize, record, reject } from 'callchart';
import { dial } from 'callchart/testing';
import type { Json } from '../transport/rig.ts';
import { openings } from '../defects/opened.ts';
import { botOf, everyRowOf, refusalOf, sorry, workflowOf } from './kit.ts';

const { opened, closeAll } = openings();

/** The actions that the state `first` becomes on the wire, when it is the first of a call; without their ids. */
const wired = async (first: unknown): Promise<readonly Json[]> =>
  workflowOf(await (await opened(botOf({ first }))).caller('c').rings()).actions.map(({ operationId, ...action }) => (expect(operationId).to.be.a('string'), action));

const spoken = async (what: Prompt): Promise<unknown> => (await wired(prompt(what, 'bye')))[1]?.['prompts'];

const asked = async (more: object): Promise<Json | undefined> => (await wired(recognize({ prompt: 'Sales?', choices: { sales: '1' }, on: { sales: 'bye', exhausted: 'bye' }, ...more } as never))).at(-1);

const taped = async (more: object): Promise<Json | undefined> => (await wired(record({ prompt: 'Speak.', on: { done: 'bye', exhausted: 'bye' }, ...more } as never))).at(-1);

describe('A.10 action builders of the old SDK', () => {
  afterEach(closeAll);

  it('A.10 operationId: every action of a call has an id of its own, and the same call has the same ids', async () => {
    const idsOf = async (): Promise<readonly unknown[]> => {
      const caller = (await opened(botOf({ ask: recognize({ prompt: 'Sales?', choices: { sales: '1' }, on: { sales: 'bye', exhausted: 'bye' } }) }))).caller('c');
      return [await caller.rings(), await caller.staysSilent(), await caller.presses('sales')].flatMap((reply) =>
        (workflowOf(reply).actions as readonly { readonly operationId: string; readonly playPrompt?: Json }[]).flatMap(({ operationId, playPrompt }) => [operationId, ...(playPrompt === undefined ? [] : [playPrompt['operationId']])]));
    };
    const ids = await idsOf();
    expect(ids).to.have.length(7);
    expect(new Set(ids).size).to.equal(7);
    expect(await idsOf()).to.deep.equal(ids);
  });

  it('A.10 AnswerAction.acceptModalityTypes(list): a call is answered with sound, or with what the bot takes', async () => {
    expect((await wired(prompt('Hello.', 'bye')))[0]).to.deep.equal({ action: 'answer', acceptModalityTypes: ['audio'] });
    expect((await wired(answer({ modalities: ['audio', 'video'], on: { done: 'bye', failed: 'bye' } })))[0]).to.deep.equal({ action: 'answer', acceptModalityTypes: ['audio', 'video'] });
  });

  it('A.10 HangupAction: the bot hangs up, with a word of parting or without', async () => {
    expect(await wired(hangup('Goodbye.'))).to.deep.equal([{ action: 'answer', acceptModalityTypes: ['audio'] }, { action: 'playPrompt', prompts: [{ value: 'Goodbye.' }] }, { action: 'hangup' }]);
    expect((await wired(answer('bye'))).at(-1)).to.deep.equal({ action: 'hangup' });
  });

  it('A.10 RejectAction: who rings is refused, and hears nothing', async () => {
    expect(await wired(reject())).to.deep.equal([{ action: 'reject' }]);
    expect(await wired(reject('busy')), 'the protocol has no word for the reason').to.deep.equal([{ action: 'reject' }]);
  });

  it('A.10 PlayPromptAction.prompts(list): what is played one after the other is one action', async () => {
    expect(await spoken(['One.', { silenceMs: 300 }, { audio: 'https://media.example/two.wav' }])).to.deep.equal([{ value: 'One.' }, { silenceLengthInMilliseconds: 300 }, { fileUri: 'https://media.example/two.wav' }]);
    expect((await wired({ entry: play(['One.', 'Two.']), always: 'bye' }))[1], 'in a state by hand').to.deep.equal({ action: 'playPrompt', prompts: [{ value: 'One.' }, { value: 'Two.' }] });
  });

  const said: readonly (readonly [row: string, title: string, what: Prompt, wire: readonly Json[]])[] = [
    ['PlayPromptAction.text(session, text, ...args)', 'a text is a text', 'Hello.', [{ value: 'Hello.' }]],
    ['PlayPromptAction.file(session, uri)', 'a file is the object of its address', { audio: 'https://media.example/a.wav' }, [{ fileUri: 'https://media.example/a.wav' }]],
    ['PlayPromptAction.silence(session, ms)', 'a silence is the object of its length', { silenceMs: 2_000 }, [{ silenceLengthInMilliseconds: 2_000 }]],
    ['Prompt.value(text, ...args)', 'the words of a prompt', { text: 'Hello.' }, [{ value: 'Hello.' }]],
    ['Prompt.fileUri', 'the file of a prompt', [{ audio: 'https://media.example/a.wav' }], [{ fileUri: 'https://media.example/a.wav' }]],
    ['Prompt.voice', 'a text is read by a man or by a woman', [{ text: 'Hello.', voice: 'male' }, { text: 'Hi.', voice: 'female' }], [{ value: 'Hello.', voice: 'male' }, { value: 'Hi.', voice: 'female' }]],
    ['Prompt.culture', 'a text asks for a voice of its language', { text: 'Hello.', culture: 'en-US' }, [{ value: 'Hello.', culture: 'en-US' }]],
    ['Prompt.silenceLengthInMilliseconds', 'the pause of a prompt', [{ silenceMs: 1 }], [{ silenceLengthInMilliseconds: 1 }]],
    ['Prompt.emphasize(flag)', 'a text is stressed, or expressly is not', [{ text: 'Now!', emphasis: true }, { text: 'Later.', emphasis: false }], [{ value: 'Now!', emphasize: true }, { value: 'Later.', emphasize: false }]],
    ['Prompt.sayAs', 'a text is read as letters, a date, a number', { text: '42', sayAs: 'cardinal' }, [{ value: '42', sayAs: 'cardinal' }]],
    ['Prompt.text/file/silence', 'one list has all three', ['Hello.', { audio: 'https://media.example/a.wav' }, { silenceMs: 10 }], [{ value: 'Hello.' }, { fileUri: 'https://media.example/a.wav' }, { silenceLengthInMilliseconds: 10 }]],
  ];
  for (const [row, title, what, wire] of said) {
    it(`A.10 ${row}: ${title}`, async () => {
      expect(await spoken(what)).to.deep.equal(wire);
    });
  }

  it('A.10 PlayPromptAction.text(session, text, ...args): what belongs into a text is computed from what the bot knows', () => {
    dial(botOf({ hello: prompt((({ context }: { context: { n: number } }) => `You have ${context.n} messages.`) as never, 'bye') }, { context: { n: 3 } })).hears('You have 3 messages.');
  });

  it('A.10 Prompt.value, falsy: an empty text says nothing, and a text of 0 says “0”', async () => {
    expect(await wired(hangup('')), 'nobody has to be answered for nothing').to.deep.equal([{ action: 'reject' }]);
    expect(await spoken(['', '0', { text: '' }, { text: '0' }])).to.deep.equal([{ value: '0' }, { value: '0' }]);
  });

  it('A.10 Prompt.culture: one that this service has no voice for never reaches it', async () => {
    expect(await opened(botOf({ first: prompt({ text: 'Hallo.', culture: 'de-DE' }, 'bye') })).then(() => 'served', ({ code }: { code: string }) => code)).to.equal('ERR_BATCH_ILLEGAL');
    const line = await opened(botOf({ first: prompt(() => ({ text: 'Hallo.', culture: 'de-DE' }), 'bye') }));
    expect((await line.caller('c').rings()).heard).to.equal(`answer ${sorry}`);
    expect(line.said('bot failed')[0]).to.deep.include({ code: 'ERR_BATCH_ILLEGAL', details: { rule: 'PR-CULTURE', state: 'first', action: 'play' } });
  });

  it('A.10 toPrompt() / toAction(): an action is plain data already, as a test of the bot sees it', () => {
    const { batches } = dial(botOf({ first: prompt([{ text: 'Hello.', voice: 'male' }], 'bye') }));
    expect(batches[0]?.map(({ type, params }) => ({ type, params }))[1]).to.deep.equal({ type: 'play', params: { prompts: [{ text: 'Hello.', voice: 'male' }] } });
  });

  const questions: readonly (readonly [row: string, title: string, more: object, wire: Json])[] = [
    ['RecognizeAction.bargeInAllowed(flag)', 'a caller may or may not interrupt', { bargein: false }, { bargeInAllowed: false }],
    ['RecognizeAction.culture', 'the language listened for', { culture: 'en-US' }, { culture: 'en-US' }],
    ['RecognizeAction.initialSilenceTimeoutInSeconds', 'how long a caller may think', { timeoutMs: 12_000 }, { initialSilenceTimeoutInSeconds: 12 }],
    ['RecognizeAction.interdigitTimeoutInSeconds', 'how long he may look for the next key', { interdigitMs: 5_000 }, { interdigitTimeoutInSeconds: 5 }],
    ['RecognizeAction.choices(list)', 'choices by name, each with its phrases and its key', { choices: { sales: { key: '1', phrases: ['sales', 'buy'] } } }, { choices: [{ name: 'sales', speechVariation: ['sales', 'buy'], dtmfVariation: '1' }] }],
    ['RecognizeAction.collectDigits(obj)', 'so many digits, or until a key', { choices: undefined, digits: { max: 5, termchars: ['#'] }, on: { digits: 'bye', exhausted: 'bye' } }, { collectDigits: { maxNumberOfDtmfs: 5, stopTones: ['#'] } }],
  ];
  for (const [row, title, more, wire] of questions) {
    it(`A.10 ${row}: ${title}`, async () => {
      expect(await asked(more)).to.deep.include(wire);
    });
  }

  it('A.10 RecognizeAction.playPrompt: the question is played before it listens, in the same action', async () => {
    expect((await asked({ prompt: ['Sales?', { silenceMs: 5 }] }))?.['playPrompt']).to.deep.include({ action: 'playPrompt', prompts: [{ value: 'Sales?' }, { silenceLengthInMilliseconds: 5 }] });
    expect(await asked({ prompt: undefined }), 'or nothing is').not.to.have.property('playPrompt');
  });

  const recordings: readonly (readonly [row: string, title: string, more: object, wire: Json])[] = [
    ['RecordAction.maxDurationInSeconds', 'how long a message may be', { maxMs: 600_000 }, { maxDurationInSeconds: 600 }],
    ['RecordAction.initialSilenceTimeoutInSeconds', 'how long a caller may wait before he speaks', { timeoutMs: 7_000 }, { initialSilenceTimeoutInSeconds: 7 }],
    ['RecordAction.maxSilenceTimeoutInSeconds', 'the silence that ends it', { finalSilenceMs: 1_000 }, { maxSilenceTimeoutInSeconds: 1 }],
    ['RecordAction.recordingFormat', 'wav, mp3 or wma', { format: 'wma' }, { recordingFormat: 'wma' }],
    ['RecordAction.playBeep(flag)', 'a beep, or none', { beep: false }, { playBeep: false }],
    ['RecordAction.stopTones(list)', 'the keys that end it', { termchars: ['#', '0'] }, { stopTones: ['#', '0'] }],
  ];
  for (const [row, title, more, wire] of recordings) {
    it(`A.10 ${row}: ${title}`, async () => {
      expect(await taped(more)).to.deep.include(wire);
    });
  }

  it('A.10 RecordAction.playPrompt: what is said before the beep is in the same action', async () => {
    expect((await taped({}))?.['playPrompt']).to.deep.include({ action: 'playPrompt', prompts: [{ value: 'Speak.' }] });
  });

  it('A.10 no builder validates: what is wrong is found when the bot is loaded, and what only the service refuses before it is sent', async () => {
    const menu = { prompt: 'Sales?', on: { sales: 'bye', exhausted: 'bye' } } as const;
    const wrongs: readonly (readonly [unknown, string])[] = [
      [recognize({ ...menu, choices: { sales: { key: '12' } } } as never), 'choice `sales`: `key` is not a key'],
      [recognize({ ...menu, choices: { sales: { phrases: 'buy' } } } as never), 'choice `sales`: `phrases` is not a list of phrases'],
      [recognize({ ...menu, choices: { sales: '1' }, timeoutMs: 'soon' } as never), '`timeoutMs` is not a time in milliseconds'],
      [recognize({ ...menu, choices: { sales: '1' }, bargeInAllowed: false } as never), 'option `bargeInAllowed` does not exist; did you mean `bargein`?'],
      [recognize({ prompt: 'PIN?', digits: { max: '4' }, on: { digits: 'bye', exhausted: 'bye' } } as never), 'digits: `max` is not a number'],
      [record({ termchars: '#', on: { done: 'bye', exhausted: 'bye' } } as never), '`termchars` is not a list of keys'],
      [prompt({ value: 'Hello.' } as never, 'bye'), '`prompt` is not a prompt'],
    ];
    for (const [first, sentence] of wrongs) expect(refusalOf(() => botOf({ first }))).to.deep.equal(['ERR_BOT_INVALID', `bot \`bot\`: state \`first\`: ${sentence}`]);
    const line = await opened(botOf({ first: prompt(() => 'x'.repeat(2_049), 'bye') }));
    expect((await line.caller('c').rings()).heard).to.equal(`answer ${sorry}`);
  });

  everyRowOf('A.10');
});
