/** The prompts of the old SDK, row by row: what a caller is asked, and what becomes of every way in which that can end. */
import { expect } from 'chai';
import { assign } from 'xstate';
import { catalogue, confirm, hangup, oneOf, prompt, type Prompt, questions, recognize, record } from 'callchart';
import { dial } from 'callchart/testing';
import { incoming, type Json, type Rig } from '../transport/rig.ts';
import { form, multipart } from '../transport/services/botframework/requests.ts';
import { openings } from '../defects/opened.ts';
import { botOf, bye, everyRowOf, sorry, workflowOf } from './kit.ts';

const { opened, closeAll } = openings();

const menu = { prompt: 'Sales?', choices: { sales: '1' }, on: { sales: 'sales', exhausted: 'bye' } } as const;
const pin = { prompt: 'Your PIN?', digits: { max: 4, termchars: ['#'] } } as const;

/** Tells the digits that it was given. */
const keying = (more: Readonly<Record<string, unknown>> = {}) => botOf({
  ask: recognize({ ...pin, ...more, on: { digits: { target: 'told', actions: assign({ digits: ({ event }: { event: { digits: string } }) => event.digits }) }, exhausted: 'bye' } } as never),
  told: hangup((({ context }: { context: { digits: string } }) => `It is ${context.digits}.`) as never),
}, { context: { digits: '' } });

const choosing = (more: Readonly<Record<string, unknown>> = {}) => botOf({ ask: recognize({ ...menu, ...more } as never), sales: hangup('Here is sales.') });

/** Tells how the recording ended. */
const recording = (more: Readonly<Record<string, unknown>> = {}) => botOf({
  ask: record({ prompt: 'Speak.', maxMs: 10_000, ...more, on: { done: { target: 'told', actions: assign({ how: ({ event }: { event: { type: string; recording: { bytes: number } } }) => `${event.type}, ${event.recording.bytes} bytes` }) }, exhausted: 'bye' } } as never),
  told: hangup((({ context }: { context: { how: string } }) => context.how) as never),
}, { context: { how: '' } });

/** The action that the question of `bot` becomes on the wire. */
const asked = async (bot: ReturnType<typeof botOf>): Promise<Json> => workflowOf(await (await opened(bot)).caller('c').rings()).actions.at(-1)!;

/** A caller who was asked, and the way in which that ended: what he hears next. */
const after = async (line: Rig, outcome: Json, audio?: Buffer): Promise<string> => {
  const caller = line.caller('c');
  await caller.rings();
  const body = caller.result(outcome);
  if (audio === undefined) return (await caller.post(body)).heard;
  return (await line.send(multipart(['Content-Disposition: form-data; name=conversationResult', JSON.stringify(body)], ['Content-Disposition: form-data; name=recordedAudio\r\nContent-Type: audio/wav', audio]), form)).heard;
};

describe('A.8 prompts of the old SDK', () => {
  afterEach(closeAll);

  it('A.8 maxRetries: a caller is asked three times unless the bot says otherwise, the first asking counted', () => {
    dial(choosing()).hears('Sales?').staysSilent().hears('Sales?').staysSilent().hears('Sales?').staysSilent().hears('Bye.').isHungUp();
    dial(choosing({ attempts: 2 })).hears('Sales?').staysSilent().hears('Sales?').staysSilent().hears('Bye.').isHungUp();
  });

  it('A.8 maxRetries 0: a caller is asked once', () => {
    dial(choosing({ attempts: 1 })).hears('Sales?').staysSilent().hears('Bye.').isHungUp();
  });

  it('A.8 prompt text string: the caller hears it', () => {
    dial(choosing({ prompt: 'Do you want sales?' })).hears(/^Do you want sales\?$/);
  });

  it('A.8 prompt text string[]: oneOf is one of its texts, by the call, and the same one where the call is taken again; a plain list is played in order', () => {
    const wordings = ['Good day.', 'Hello.', 'Hi.'] as const;
    const said = (what: Prompt, id: string) => (dial(choosing({ prompt: what }), { call: { id } }).lastBatch.at(-1)!.params as { readonly prompts: readonly { readonly text: string }[] }).prompts.map(({ text }) => text);
    const heard = Array.from({ length: 40 }, (_, index) => said(oneOf(...wordings), `call ${index}`));
    expect(new Set(heard.flat())).to.deep.equal(new Set(wordings));
    expect(heard.every(({ length }) => length === 1)).to.equal(true);
    expect(said(oneOf(...wordings), 'call 7')).to.deep.equal(heard[7]);
    expect(said([...wordings], 'call 7').join(' ')).to.equal('Good day. Hello. Hi.');
  });

  it('A.8 prompt text action: words, a file and a silence are one prompt, in order', async () => {
    expect((await asked(choosing({ prompt: ['Sales?', { silenceMs: 200 }, { audio: 'https://media.example/tune.wav' }] })))['playPrompt']).to.have.deep.property('prompts', [
      { value: 'Sales?' }, { silenceLengthInMilliseconds: 200 }, { fileUri: 'https://media.example/tune.wav' },
    ]);
  });

  it('A.8 prompt text builder: an object is a prompt, and so is what the bot computes for the caller', () => {
    dial(choosing({ prompt: { text: 'Sales?', voice: 'female' } })).hears('Sales?');
    dial(choosing({ prompt: ({ context }: { context: { call: { from: string } } }) => `You are ${context.call.from}. Sales?` })).hears('You are +15550100.');
  });

  it('A.8 state in dialogData: how often he was asked is kept with the call and told to the bot, and begins anew with the next question', () => {
    const caller = dial(botOf({ ask: recognize({ ...menu, on: { sales: 'again', exhausted: 'bye' } }), again: recognize({ ...menu, prompt: 'Sure?', on: { sales: 'bye', exhausted: 'bye' } }) }));
    expect(caller.staysSilent().context.call.asked).to.deep.equal({ attempts: 2, noinput: 1, nomatch: 0, failed: 0, last: 'noinput' });
    expect(caller.presses('1').hears('Sure?').context.call.asked).to.deep.equal({ attempts: 1, noinput: 0, nomatch: 0, failed: 0, last: null });
  });

  it('A.8 action: a state that waits for its action is told how that went, and a song that was not played does not look played', () => {
    const bot = botOf({ song: prompt({ audio: 'https://media.example/song.wav' }, { on: { done: 'bye', failed: 'silent' } }), silent: hangup('There is no music.') });
    dial(bot).hears('song.wav').hears('Bye.').isHungUp();
    dial(bot, { unplayable: /song/ }).hears('There is no music.').isHungUp();
  });

  const sure = (more: Readonly<Record<string, unknown>> = {}) => botOf({ ask: confirm({ prompt: 'Sure?', ...more, on: { yes: 'done', no: 'undone', exhausted: 'bye', ...('cancel' in more && { cancel: 'left' }) } } as never), done: hangup('Done.'), undone: hangup('Not done.'), left: hangup('As you like.') });

  it('A.8 confirm: yes is the key 1 and the words yes, yep, sure, ok and true; no is the key 2 and no, nope, not and false', async () => {
    for (const word of ['yes', 'yep', 'sure', 'ok', 'true']) dial(sure()).says(word).hears('Done.');
    for (const word of ['no', 'nope', 'not', 'false']) dial(sure()).says(word).hears('Not done.');
    dial(sure()).presses('1').hears('Done.');
    dial(sure()).presses('2').hears('Not done.');
    dial(sure()).presses('3').hears('Sure?');
    expect((await asked(sure()))['choices']).to.deep.equal([
      { name: 'yes', speechVariation: ['yes', 'yep', 'sure', 'ok', 'true'], dtmfVariation: '1' }, { name: 'no', speechVariation: ['no', 'nope', 'not', 'false'], dtmfVariation: '2' },
    ]);
  });

  it('A.8 confirm cancelChoice: nothing cancels until the bot says what does, and then it is a way of its own and no “no”', () => {
    dial(sure()).says('cancel').hears('Sure?');
    dial(sure({ cancel: ['9', 'cancel'] })).says('cancel').hears('As you like.');
  });

  it('A.8 confirm yesChoice, noChoice: the bot’s words replace the usual ones, and its objects stay as they were', () => {
    const yes = Object.freeze({ key: '5', phrases: Object.freeze(['go']) });
    const no = Object.freeze({ key: '6', phrases: Object.freeze(['stop']) });
    dial(sure({ yes, no })).says('go').hears('Done.');
    dial(sure({ yes, no })).presses('6').hears('Not done.');
    dial(sure({ yes, no })).presses('1').hears('Sure?');
    expect([yes, no]).to.deep.equal([{ key: '5', phrases: ['go'] }, { key: '6', phrases: ['stop'] }]);
  });

  it('A.8 choice: a choice is its key, its phrases, or its own name, and its name is the way on', async () => {
    const bot = botOf({ ask: recognize({ prompt: 'Sales or support?', choices: { sales: '1', support: ['2', 'help'] }, on: { sales: 'sales', support: 'support', exhausted: 'bye' } }), sales: hangup('Here is sales.'), support: hangup('Here is support.') });
    dial(bot).presses('1').hears('Here is sales.');
    dial(bot).says('sales').hears('Here is sales.');
    dial(bot).says('help').hears('Here is support.');
    expect((await asked(bot))['choices']).to.deep.equal([{ name: 'sales', speechVariation: ['sales'], dtmfVariation: '1' }, { name: 'support', speechVariation: ['help'], dtmfVariation: '2' }]);
  });

  it('A.8 digits: what is keyed is a text, with its zeros and without the key that ended it', async () => {
    dial(keying()).presses('0042').hears('It is 0042.');
    dial(keying()).presses('07#').hears('It is 07.');
    expect((await asked(keying()))['collectDigits']).to.deep.equal({ maxNumberOfDtmfs: 4, stopTones: ['#'] });
  });

  it('A.8 record: the bot gets the recording with its length, and its sound is a stream in the store of recordings', async () => {
    const kept: unknown[] = [];
    const line = await opened(botOf({ ask: record({ prompt: 'Speak.', on: { done: { target: 'bye', actions: ({ event }) => void kept.push(event.recording) }, exhausted: 'bye' } }) }));
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.speaks(7)).heard).to.equal('playPrompt“Bye.” hangup');
    const [ref] = line.recordings.refs();
    expect(kept).to.deep.equal([{ ref, bytes: 500, contentType: 'audio/wav', lengthMs: 7_000 }]);
    expect(Buffer.concat(await line.recordings.open(ref!).toArray()).equals(Buffer.alloc(500, 7))).to.equal(true);
  });

  const options: readonly (readonly [row: string, title: string, bot: () => ReturnType<typeof botOf>, wire: Json])[] = [
    ['bargeInAllowed', 'a caller may interrupt, unless the bot says false', () => choosing({ bargein: false }), { bargeInAllowed: false }],
    ['culture', 'the language listened for goes out as it is', () => choosing({ culture: 'en-US' }), { culture: 'en-US' }],
    ['initialSilenceTimeoutInSeconds', 'the patience with a silent caller, in ms here', () => choosing({ timeoutMs: 8_000 }), { initialSilenceTimeoutInSeconds: 8 }],
    ['interdigitTimeoutInSeconds', 'the longest pause between two keys, in ms here', () => keying({ interdigitMs: 1_500 }), { interdigitTimeoutInSeconds: 1.5 }],
    ['stopTones of digits', 'the keys that end the digits, as a list', () => keying({ digits: { termchars: ['#', '*'] } }), { collectDigits: { stopTones: ['#', '*'] } }],
    ['maxDurationInSeconds', 'the longest message, in ms here', () => recording({ maxMs: 60_000 }), { maxDurationInSeconds: 60 }],
    ['maxSilenceTimeoutInSeconds', 'the silence that ends a message, in ms here', () => recording({ finalSilenceMs: 2_000 }), { maxSilenceTimeoutInSeconds: 2 }],
    ['recordingFormat', 'a message may be wav, mp3 or wma', () => recording({ format: 'mp3' }), { recordingFormat: 'mp3' }],
    ['playBeep', 'a beep says when to speak, unless the bot says false', () => recording({ beep: false }), { playBeep: false }],
    ['stopTones of record', 'the keys that end a message, as a list', () => recording({ termchars: ['#'] }), { stopTones: ['#'] }],
    ['falsy values', 'a silence of 0 is a value, and reaches the service as 0', () => recording({ finalSilenceMs: 0 }), { maxSilenceTimeoutInSeconds: 0 }],
  ];
  for (const [row, title, bot, wire] of options) {
    it(`A.8 ${row}: ${title}`, async () => {
      expect(await asked(bot())).to.deep.include(wire);
    });
  }

  it('A.8 culture: one that this service does not understand never reaches it, and the caller is not left in silence', async () => {
    const line = await opened(choosing({ culture: () => 'de-DE' }));
    expect((await line.caller('c').rings()).heard).to.equal(`answer ${sorry}`);
    expect(line.said('bot failed')[0]).to.include({ code: 'ERR_BATCH_ILLEGAL' });
  });

  it('A.8 falsy values: a patience of 0 s, which the service refuses, is told to the author', async () => {
    expect(await opened(choosing({ timeoutMs: 0 })).then(() => 'served', ({ code }: { code: string }) => code)).to.equal('ERR_BATCH_ILLEGAL');
  });

  // ---- how an asking ends ----

  const ofChoices = (completionReason: string | undefined, more: Json = {}): Json => ({ type: 'recognizeOutcome', outcome: 'failure', choiceOutcome: { completionReason, ...more } });
  const ofDigits = (completionReason: string | undefined, digits?: string): Json => ({ type: 'recognizeOutcome', outcome: digits === undefined ? 'failure' : 'success', collectDigitsOutcome: { completionReason, digits } });
  const ofRecord = (completionReason: string | undefined, lengthOfRecordingInSecs = 0): Json => ({ type: 'recordOutcome', outcome: lengthOfRecordingInSecs === 0 ? 'failure' : 'success', completionReason, lengthOfRecordingInSecs });

  const again = {
    'choice / confirm': { silence: 'recognize“Sorry, I did not hear you. Sales?”', wrong: 'recognize“Sorry, I did not get that. Sales?”', failed: 'recognize“Sorry, something went wrong. Sales?”' },
    digits: { silence: 'recognize“Sorry, I did not hear you. Your PIN?”', failed: 'recognize“Sorry, something went wrong. Your PIN?”' },
    record: { silence: 'record“Sorry, I did not hear you. Speak.”', failed: 'record“Sorry, something went wrong. Speak.”' },
  } as const;
  const [choices, keys, sound] = [again['choice / confirm'], again.digits, again.record];
  const bots = { 'choice / confirm': choosing, digits: keying, record: recording } as const;
  const audio = Buffer.alloc(500, 7);

  type Cell = readonly [reason: string, column: keyof typeof bots, title: string, outcomes: readonly Json[], heard: string, audio?: Buffer];
  const cells: readonly Cell[] = [
    ['matched', 'choice / confirm', 'a key or a phrase of a choice is that choice', ['dtmfOptionMatched', 'speechOptionMatched'].map((reason) => ({ ...ofChoices(reason, { choiceName: 'sales' }), outcome: 'success' })), 'playPrompt“Here is sales.” hangup'],
    ['matched', 'digits', 'it does not happen, and would be a failure of the service', [ofDigits('dtmfOptionMatched'), ofDigits('speechOptionMatched')], keys.failed],
    ['matched', 'record', 'it does not happen, and would be a failure of the service', [ofRecord('dtmfOptionMatched'), ofRecord('speechOptionMatched')], sound.failed],
    ['completedStopToneDetected', 'choice / confirm', 'it does not happen, and is not taken for a wrong key', [ofChoices('completedStopToneDetected')], choices.failed],
    ['completedStopToneDetected', 'digits', 'the digits before the stop tone are the answer', [ofDigits('completedStopToneDetected', '42')], 'playPrompt“It is 42.” hangup'],
    ['completedStopToneDetected', 'record', 'the message before the stop tone is kept', [ofRecord('completedStopToneDetected', 7)], 'playPrompt“record.done.termchar, 500 bytes” hangup', audio],
    ['completedSilenceDetected', 'choice / confirm', 'it does not happen, and would be a failure of the service', [ofChoices('completedSilenceDetected')], choices.failed],
    ['completedSilenceDetected', 'digits', 'it does not happen, and would be a failure of the service', [ofDigits('completedSilenceDetected')], keys.failed],
    ['completedSilenceDetected', 'record', 'the message before the silence is kept', [ofRecord('completedSilenceDetected', 7)], 'playPrompt“record.done.finalsilence, 500 bytes” hangup', audio],
    ['interdigitTimeout', 'choice / confirm', 'a pause before the choice was whole is no match, and is asked again', [ofChoices('interdigitTimeout')], choices.wrong],
    ['interdigitTimeout', 'digits', 'a pause ends the digits, which are the answer', [ofDigits('interdigitTimeout', '42')], 'playPrompt“It is 42.” hangup'],
    ['interdigitTimeout', 'record', 'it does not happen, and would be a failure of the service', [ofRecord('interdigitTimeout')], sound.failed],
    ['incorrectDtmf', 'choice / confirm', 'a key that is no choice is no match, and is asked again', [ofChoices('incorrectDtmf')], choices.wrong],
    ['incorrectDtmf', 'digits', 'it does not happen, and would be a failure of the service', [ofDigits('incorrectDtmf')], keys.failed],
    ['incorrectDtmf', 'record', 'it does not happen, and would be a failure of the service', [ofRecord('incorrectDtmf')], sound.failed],
    ['initialSilenceTimeout', 'choice / confirm', 'a silent caller is asked again', [ofChoices('initialSilenceTimeout')], choices.silence],
    ['initialSilenceTimeout', 'digits', 'a silent caller is asked again', [ofDigits('initialSilenceTimeout')], keys.silence],
    ['initialSilenceTimeout', 'record', 'a silent caller is asked again', [ofRecord('initialSilenceTimeout')], sound.silence],
    ['maxRecordingTimeout', 'choice / confirm', 'it does not happen, and would be a failure of the service', [ofChoices('maxRecordingTimeout')], choices.failed],
    ['maxRecordingTimeout', 'digits', 'it does not happen, and would be a failure of the service', [ofDigits('maxRecordingTimeout')], keys.failed],
    ['maxRecordingTimeout', 'record', 'a message as long as it may be is kept, and nobody has to speak again', [ofRecord('maxRecordingTimeout', 10)], 'playPrompt“record.done.maxspeech, 500 bytes” hangup', audio],
    ['callTerminated', 'choice / confirm', 'the call is over, and nothing is sent to who has gone', [ofChoices('callTerminated')], ''],
    ['callTerminated', 'digits', 'the call is over, and nothing is sent to who has gone', [ofDigits('callTerminated')], ''],
    ['callTerminated', 'record', 'the call is over, and nothing is sent to who has gone', [ofRecord('callTerminated')], ''],
    ['temporarySystemFailure', 'choice / confirm', 'a failure of the service is asked again, in words of its own', [ofChoices('temporarySystemFailure')], choices.failed],
    ['temporarySystemFailure', 'digits', 'a failure of the service is asked again, in words of its own', [ofDigits('temporarySystemFailure')], keys.failed],
    ['temporarySystemFailure', 'record', 'a failure of the service is asked again, in words of its own', [ofRecord('temporarySystemFailure')], sound.failed],
    ['unknown', 'choice / confirm', 'a word that is unknown or new is a failure of the service, and so is no outcome at all', [ofChoices('unknown'), ofChoices('somethingNew'), { type: 'recognizeOutcome', outcome: 'failure' }], choices.failed],
    ['unknown', 'digits', 'a word that is unknown or new is a failure of the service, and so is no outcome at all', [ofDigits('unknown'), ofDigits('somethingNew'), { type: 'recognizeOutcome', outcome: 'failure' }], keys.failed],
    ['unknown', 'record', 'a word that is unknown or new is a failure of the service', [ofRecord('unknown'), ofRecord('somethingNew')], sound.failed],
  ];
  for (const [reason, column, title, outcomes, heard, bytes] of cells) {
    it(`A.8 ${reason}, ${column}: ${title}`, async () => {
      for (const outcome of outcomes) expect(await after(await opened(bots[column]()), outcome, bytes), JSON.stringify(outcome)).to.equal(heard);
    });
  }

  it('A.8 callTerminated, record: what was said before the hangup is kept', async () => {
    const line = await opened(recording());
    expect(await after(line, ofRecord('callTerminated', 7), audio)).to.equal('');
    expect(line.recordings.refs()).to.have.length(1);
  });

  for (const [column, outcome] of [['choice / confirm', ofChoices(undefined)], ['digits', ofDigits(undefined)], ['record', ofRecord(undefined)]] as const) {
    it(`A.8 unknown, ${column}: an outcome that lacks the reason is no message of this service, costs no asking, and is told in a line`, async () => {
      const line = await opened(bots[column]());
      const caller = line.caller('c');
      await caller.rings();
      expect((await caller.post(caller.result(outcome))).status).to.equal(400);
      expect(line.said('exchange refused')[0]).to.deep.include({ code: 'ERR_EVENT_MALFORMED' });
      expect((await line.record('c'))?.snapshot).to.have.nested.property('awaiting.revision', 1);
    });
  }

  it('A.8 digits interdigitTimeout with stop tones: the digits are kept', async () => {
    expect(await after(await opened(keying({ digits: { termchars: ['#'] } })), ofDigits('interdigitTimeout', '42'))).to.equal('playPrompt“It is 42.” hangup');
    expect(await after(await opened(keying({ digits: { max: 4 } })), ofDigits('interdigitTimeout', '42')), 'and without').to.equal('playPrompt“It is 42.” hangup');
    dial(keying()).presses('42').hears('It is 42.');
  });

  it('A.8 operationOutcome.outcome: the reason says what the caller did, and a song that failed is not one that was played', async () => {
    expect(await after(await opened(choosing()), { ...ofChoices('dtmfOptionMatched', { choiceName: 'sales' }), outcome: 'somethingNew' })).to.equal('playPrompt“Here is sales.” hangup');
    const song = await opened(botOf({ song: prompt('La la la.', { on: { done: 'bye', failed: 'silent' } }), silent: hangup('There is no music.') }));
    expect(await after(song, { type: 'playPromptOutcome', outcome: 'failure' })).to.equal('playPrompt“There is no music.” hangup');
  });

  it('A.8 retries exhausted: where that leads has to be said, or the bot is refused when it is loaded', () => {
    expect(() => botOf({ ask: recognize({ ...menu, on: { sales: 'bye' } } as never) })).to.throw('state `ask`: outcome `exhausted` is not handled');
  });

  it('A.8 retry workflow: what was wrong and the question are one action, whose id is its own each time', async () => {
    const line = await opened(choosing());
    const caller = line.caller('c');
    const first = workflowOf(await caller.rings()).actions.at(-1);
    const { actions } = workflowOf(await caller.staysSilent());
    expect(actions.map(({ action }) => action)).to.deep.equal(['recognize']);
    expect(actions[0]?.['operationId']).not.to.equal(first?.['operationId']);
  });

  it('A.8 a repeated first notification: the caller stays at his question', async () => {
    const line = await opened(choosing());
    const caller = line.caller('c');
    const first = await caller.rings();
    expect((await caller.rings()).text, 'the same reply').to.equal(first.text);
    expect((await caller.presses('sales')).heard).to.equal('playPrompt“Here is sales.” hangup');
    await caller.post(incoming('c'));
    expect(line.said('exchange').map(({ kind }) => kind)).to.deep.equal(['taken', 'repeated', 'taken', 'repeated']);
  });

  it('A.8 workflow validation outcome: a refusal of the service is told to the author and not to the caller as a misunderstanding', async () => {
    const line = await opened(choosing());
    expect(await after(line, { type: 'worfklowValidationOutcome', outcome: 'failure', failureReason: 'No.' })).to.equal(sorry);
    expect(line.said('bot failed')[0]).to.deep.include({ code: 'ERR_BATCH_ILLEGAL' });
  });

  // ---- what is said before it is asked again ----

  it('A.8 S recognizeSilencePrompt: a silent caller hears that he was not heard, or what the question or the bot has for that', () => {
    dial(choosing()).staysSilent().hears('Sorry, I did not hear you. Sales?');
    dial(choosing({ noinput: 'Hello?' })).staysSilent().hears('Hello? Sales?');
    dial(botOf({ ask: recognize(menu), sales: hangup() }, { reprompts: { noinput: ['Hello?', 'Still there?'] } })).staysSilent().hears('Hello? Sales?').staysSilent().hears('Still there? Sales?');
  });

  it('A.8 D invalidDtmfPrompt: a caller who keys what is no choice hears that, or what the question or the bot has for it', () => {
    dial(choosing()).presses('9').hears('Sorry, I did not get that. Sales?');
    dial(choosing({ nomatch: 'There is no 9.' })).presses('9').hears('There is no 9. Sales?');
    dial(botOf({ ask: recognize(menu), sales: hangup() }, { reprompts: { nomatch: 'Pardon?' } })).presses('9').hears('Pardon? Sales?');
  });

  it('A.8 R invalidRecognizePrompt: a caller whom nobody understood hears the same; a failure of the service is not put down to him', async () => {
    dial(choosing()).says('what').hears('Sorry, I did not get that. Sales?');
    expect(await after(await opened(choosing()), ofChoices('temporarySystemFailure'))).to.equal(choices.failed);
    expect(await after(await opened(botOf({ ask: recognize(menu), sales: hangup() }, { reprompts: { failed: 'The line is bad.' } })), ofChoices('unknown'))).to.equal('recognize“The line is bad. Sales?”');
  });

  it("A.8 S' recordSilencePrompt: who leaves no message hears that he was not heard, or what the recording or the bot has for that", () => {
    dial(recording()).staysSilent().hears('Sorry, I did not hear you. Speak.');
    dial(recording({ noinput: 'Go ahead.' })).staysSilent().hears('Go ahead. Speak.');
  });

  it('A.8 M maxRecordingPrompt: a message that is too long is kept; a bot that wants none says so in a state of its own', () => {
    dial(recording()).records(60_000).hears('record.done.maxspeech');
    const strict = botOf({ ask: record({ prompt: 'Speak.', maxMs: 2_000, on: { done: 'bye', maxspeech: 'long', exhausted: 'bye' } }), long: prompt('Your message was too long.', 'ask') });
    dial(strict).records(3_000).hears('Your message was too long.').hears('Speak.').records(1_000).hears('Bye.');
  });

  it('A.8 I invalidRecordingPrompt: a recording that failed is asked for again, in words of its own', async () => {
    expect(await after(await opened(recording()), ofRecord('temporarySystemFailure'))).to.equal(sound.failed);
    const own = botOf({ ask: record({ prompt: 'Speak.', on: { done: 'bye', exhausted: 'bye' } }) }, { reprompts: { failed: 'There was a problem with your recording.' } });
    expect(await after(await opened(own), ofRecord('unknown'))).to.equal('record“There was a problem with your recording. Speak.”');
  });

  it('A.8 Prompts.configure(obj): texts belong to a bot, and another bot of the same process keeps its own', () => {
    const polite = questions({ noinput: 'May I ask you again?' });
    dial(botOf({ ask: polite.recognize(menu), sales: bye })).staysSilent().hears('May I ask you again? Sales?');
    dial(choosing()).staysSilent().hears('Sorry, I did not hear you. Sales?');
  });

  it('A.8 localisation: a caller hears his own language, phrases and usual words included; there are words in five languages, and a catalogue for more', async () => {
    const line = await opened(botOf({ ask: confirm({ prompt: 'Säkert?', on: { yes: 'bye', no: 'bye', exhausted: 'bye' } }) }, { language: 'caller' }));
    const caller = line.caller('c');
    expect(workflowOf(await caller.rings()).actions.at(-1)?.['choices'], 'Mona speaks sv-SE').to.have.nested.property('0.speechVariation[0]', 'ja');
    expect((await caller.staysSilent()).heard).to.equal('recognize“Tyvärr hörde jag inget. Säkert?”');
    const say = catalogue('en', { en: { ask: 'Tea?', tea: ['tea'] }, pl: { ask: 'Herbata?', tea: ['herbata'] } });
    const bot = botOf({ ask: recognize({ prompt: say('ask'), choices: { tea: { phrases: say.phrases('tea') } }, on: { tea: 'bye', exhausted: 'bye' } }) });
    dial(bot, { call: { language: 'pl-PL' } }).hears('Herbata?').says('herbata').hears('Bye.');
    dial(bot, { call: { language: 'en-GB' } }).hears('Tea?').says('herbata').hears('Tea?');
  });

  everyRowOf('A.8');
});
