import { assert } from 'chai';
import type { CallAction, Operation } from '../../../../src/actions/index.ts';
import { isCallError } from '../../../../src/errors.ts';
import { commandsOf, type CommandSettings } from '../../../../src/transport/services/azure/commands.ts';
import type { AzureMemory } from '../../../../src/transport/services/azure/memory.ts';
import { azureLimits, limitsWith } from '../../../../src/transport/services/azure/service-limits.ts';

const settings: CommandSettings = { publicUrl: 'https://bot.example', cognitiveServicesUrl: 'https://ai.example', language: 'en-US' };
const call = { id: 'call-1', from: '+15550100001', to: '+15550100099', direction: 'inbound', headers: {} } as const;

const batchOf = (...actions: readonly CallAction[]): readonly Operation[] => actions.map((action, index) => ({ ...action, operationId: `op${index}`, state: 'menu' }));
const commands = (actions: readonly CallAction[], { busy = false, memory = {}, ...more }: { readonly busy?: boolean; readonly memory?: AzureMemory } & Partial<CommandSettings> = {}) =>
  commandsOf(batchOf(...actions), { callId: 'call-1', bot: 'acme', path: '/api/azure', call, memory: { ...memory }, at: 0, busy }, { ...settings, ...more });
const refusal = (actions: readonly CallAction[], hasSpeech = true): string | undefined => {
  try {
    limitsWith(hasSpeech).check(batchOf(...actions));
    return undefined;
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_BATCH_ILLEGAL') throw error;
    assert.include(error.message, 'menu');
    return error.details.rule;
  }
};

const say = (text: string): CallAction => ({ type: 'play', params: { prompts: [{ text }] } });
const answer: CallAction = { type: 'answer', params: { modalities: ['audio'] } };
const hangup: CallAction = { type: 'hangup', params: {} };
type Question = Extract<CallAction, { readonly type: 'recognize' }>;
const ask = (params: Partial<Question['params']> = {}): Question => ({ type: 'recognize', params: { prompts: [{ text: 'Sales or support?' }], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, ...params } });
const menu = ask({ choices: [{ name: 'sales', key: '1', phrases: ['sales'] }, { name: 'support', key: '2', phrases: ['support'] }] });
const record = (params: object = {}): CallAction => ({ type: 'record', params: { prompts: [{ text: 'Speak.' }], beep: true, format: 'wav', timeoutMs: 5_000, finalSilenceMs: 3_000, maxMs: 60_000, ...params } });
const spoken = (text: string) => ({ kind: 'textSource', text, sourceLocale: 'en-US', voiceKind: 'female' });
const recognitionIn = (actions: readonly CallAction[], index = 0): Readonly<Record<string, unknown>> => commands(actions)[index]?.request['recognition'] as Readonly<Record<string, unknown>>;

describe('azure commands: a batch becomes requests', () => {
  it('answers, asks, and hangs up, each under the id of its operation', () => {
    assert.deepEqual(commands([answer, menu]).map(({ id, done, operation, request }) => [id, done, operation.type, request['does']]), [['op0', 'event', 'answer', 'answer'], ['op1', 'event', 'recognize', 'recognize']]);
    assert.deepEqual(commands([hangup]), [{ id: 'op0', operation: { type: 'hangup', operationId: 'op0' }, done: 'response', request: { does: 'hangup' } }]);
    assert.deepEqual(commands([answer])[0]?.request, { does: 'answer', callbackUrl: 'https://bot.example/api/azure?call=call-1', cognitiveServicesUrl: 'https://ai.example' });
  });

  it('plays what follows one another in one request, and hangs up only when it is over', () => {
    const [first, second, ...more] = commands([say('One.'), say('Two.'), hangup]);
    assert.deepInclude(first, { id: 'op1', done: 'event', request: { does: 'play', sources: [spoken('One.'), spoken('Two.')] } });
    assert.deepInclude(second, { id: 'op2', done: 'response' });
    assert.isEmpty(more);
  });

  it('puts prompts into a question that nobody may interrupt, and leaves them before one that a key cuts short', () => {
    const [question, ...more] = commands([say('Welcome.'), ask({ ...menu.params, bargein: false })]);
    assert.isEmpty(more);
    assert.deepInclude(question?.request['recognition'], { interruptPrompt: false, playPrompts: [spoken('Welcome.'), spoken('Sales or support?')] });
    assert.deepEqual(commands([say('Welcome.'), menu]).map(({ request }) => request['does']), ['play', 'recognize']);
  });

  it('rejects, as busy or not at all', () => {
    for (const [reason, wire] of [['busy', 'busy'], ['declined', 'forbidden']] as const) assert.deepInclude(commands([{ type: 'reject', params: { reason } }])[0], { done: 'response', request: { does: 'reject', reason: wire } });
  });

  it('ends at once where nothing can be heard', () => {
    assert.deepEqual(commands([{ type: 'play', params: { prompts: [{ silenceMs: 1 }] } }], { cognitiveServicesUrl: undefined }), [{ id: 'op0', operation: { type: 'play', operationId: 'op0' }, done: 'response', request: { does: 'wait' } }]);
  });

  it('waits for an event no longer than what is asked can last, and a minute', () => {
    assert.equal(commands([answer])[0]?.withinMs, 175_000);
    assert.equal(commands([say('x'.repeat(100))])[0]?.withinMs, 25_000 + 60_000);
    for (const command of commands([answer, say('One.'), menu])) assert.isAbove(command.withinMs ?? 0, 60_000);
  });

  it('hands a caller on, showing the number that he called', () => {
    const transfer = (to: string) => commands([{ type: 'transfer', params: { to } }])[0];
    assert.deepInclude(transfer('+15550100002'), { done: 'event', request: { does: 'transfer', to: '4:+15550100002', from: '+15550100099' } });
    assert.deepEqual(transfer('8:acs:res_user')?.request, { does: 'transfer', to: '8:acs:res_user' });
  });

  it('rings somebody into the call, and then waits until he has gone', () => {
    const [ring, wait, ...more] = commands([{ type: 'createcall', params: { to: '+15550100002', timeoutMs: 20_500 } }]);
    assert.deepInclude(ring, { id: 'op0:ring', done: 'event', withinMs: 80_500, request: { does: 'ring', to: '4:+15550100002', from: '+15550100099', seconds: 21 } });
    assert.deepEqual(wait, { id: 'op0', operation: { type: 'createcall', operationId: 'op0' }, done: 'event', request: { does: 'wait' } });
    assert.isEmpty(more);
  });

  it('does what the service has verbs of its own for', () => {
    assert.deepInclude(commands([{ type: 'raw', params: { service: 'azure', verb: 'sendDtmfTones', attributes: { tones: '1#' }, endings: ['sent'] } }])[0], { id: 'op0', done: 'event', request: { does: 'sendDtmf', tones: ['one', 'pound'] } });
    const verb = (name: string, attributes: object) => commands([{ type: 'raw', params: { service: 'azure', verb: name, attributes: { ...attributes }, endings: [] } }])[0];
    assert.deepInclude(verb('addParticipant', { participant: '+15550100002', sourceCallerIdNumber: '+15550100099' }), { id: 'op0:add', done: 'event', request: { does: 'ring', to: '4:+15550100002', from: '+15550100099' } });
    assert.deepInclude(verb('removeParticipant', { participant: '8:acs:a_b' }), { id: 'op0', done: 'event', request: { does: 'remove', party: '8:acs:a_b' } });
    assert.deepInclude(verb('muteParticipant', { participant: '8:acs:a_b' }), { id: 'op0', done: 'response' });
    assert.deepInclude(verb('startRecording', { recordingFormatType: 'mp4' }), { id: 'op0', done: 'response', request: { does: 'startOwnRecording', recordingFormatType: 'mp4' } });
    assert.deepInclude(verb('stopRecording', {}), { id: 'op0', done: 'response', request: { does: 'stopOwnRecording' } });
  });

  it('holds with what is to be heard, or with the music of the service, and takes back', () => {
    assert.deepInclude(commands([{ type: 'hold', params: { prompts: [{ audio: 'https://bot.example/music.wav' }] } }])[0], { done: 'response', request: { does: 'hold', source: { kind: 'fileSource', url: 'https://bot.example/music.wav' } } });
    assert.deepEqual(commands([{ type: 'hold', params: { prompts: [] } }, { type: 'unhold', params: {} }]).map(({ request }) => request), [{ does: 'hold' }, { does: 'unhold' }]);
  });

  it('records between a prompt and the silence of the speaker', () => {
    const made = commands([say('Nobody is here.'), record({ termchars: ['#'] })], { beep: 'https://bot.example/beep.wav' });
    assert.deepEqual(made.map(({ id, done, tolerant, withinMs }) => [id, done, tolerant, withinMs]), [['op1:prompt', 'event', undefined, made[0]?.withinMs], ['op1:start', 'sent', undefined, undefined], ['op1:listen', 'event', true, 60_000], ['op1', 'response', undefined, undefined]]);
    assert.deepEqual(made[0]?.request['sources'], [spoken('Nobody is here.'), spoken('Speak.'), { kind: 'fileSource', url: 'https://bot.example/beep.wav' }]);
    assert.deepEqual(made[2]?.request['recognition'], {
      kind: 'callMediaRecognizeSpeechOrDtmfOptions', interruptPrompt: false, initialSilenceTimeoutInSeconds: 5, endSilenceTimeoutInSeconds: 3, speechLanguage: 'en-US',
      interToneTimeoutInSeconds: 60, maxTonesToCollect: 50, stopDtmfTones: ['pound'], operationCallbackUrl: 'https://bot.example/api/azure?call=call-1&stop=%23',
    });
    assert.deepEqual(made[3]?.request, { does: 'stopRecording', listening: 'op1:listen' });
  });

  it('breaks off what the service still does before it says anything new', () => {
    const memory: AzureMemory = { recording: { operation: 'old', id: 'r', startedAt: 0, contentType: 'audio/wav' }, joined: { operation: 'old', party: '4:+15550100002', seen: true }, invitation: 'i' };
    assert.deepEqual(commands([say('Time is up.')], { busy: true }).map(({ id, done, tolerant, request }) => [id, done, tolerant, request['does']]), [['op0:cancel', 'sent', true, 'cancel'], ['op0', 'event', undefined, 'play']]);
    assert.deepEqual(commands([say('Time is up.')], { busy: true, memory }).map(({ request }) => request['does']), ['cancel', 'stopRecording', 'stopRinging', 'remove', 'play']);
    assert.deepEqual(commands([hangup], { busy: true, memory }).map(({ request }) => request['does']), ['hangup'], 'a hangup ends it all');
  });
});

describe('azure commands: questions', () => {
  it('with a key and phrases for all choices are matched by the service', () => {
    assert.deepEqual(recognitionIn([menu]), {
      kind: 'callMediaRecognizeChoiceOptions', playPrompts: [spoken('Sales or support?')], interruptPrompt: true, initialSilenceTimeoutInSeconds: 5, speechLanguage: 'en-US',
      choices: [{ label: 'sales', phrases: ['sales'], tone: 'one' }, { label: 'support', phrases: ['support'], tone: 'two' }],
    });
  });

  for (const [what, params, kind, more] of [
    ['keys alone', { choices: [{ name: 'a', key: '1', phrases: [] }, { name: 'b', key: '#', phrases: [] }] }, 'Dtmf', { maxTonesToCollect: 1 }],
    ['phrases alone', { choices: [{ name: 'a', phrases: ['yes'] }] }, 'Choice', { choices: [{ label: 'a', phrases: ['yes'] }] }],
    ['a key for some of the choices', { choices: [{ name: 'a', key: '1', phrases: ['yes'] }, { name: 'b', phrases: ['no'] }] }, 'SpeechOrDtmf', { maxTonesToCollect: 1, endSilenceTimeoutInSeconds: 1 }],
    ['phrases for some of the choices', { choices: [{ name: 'a', key: '1', phrases: ['yes'] }, { name: 'b', key: '2', phrases: [] }] }, 'SpeechOrDtmf', { maxTonesToCollect: 1 }],
    ['choices and whatever is said', { choices: [{ name: 'a', key: '1', phrases: ['yes'] }], speech: true }, 'SpeechOrDtmf', { maxTonesToCollect: 1 }],
    ['phrases and whatever is said', { choices: [{ name: 'a', phrases: ['yes'] }], speech: true }, 'Speech', { speechLanguage: 'sv-SE' }],
    ['digits', { digits: { max: 4 } }, 'Dtmf', { maxTonesToCollect: 4, interToneTimeoutInSeconds: 3 }],
    ['digits until a key', { digits: { termchars: ['#', '*'] } }, 'Dtmf', { maxTonesToCollect: 50, stopDtmfTones: ['pound', 'asterisk'], operationCallbackUrl: 'https://bot.example/api/azure?call=call-1&stop=%23*' }],
    ['digits or whatever is said', { digits: { max: 4 }, speech: true }, 'SpeechOrDtmf', { maxTonesToCollect: 4 }],
    ['whatever is said', { speech: true }, 'Speech', { endSilenceTimeoutInSeconds: 1 }],
  ] as const) {
    it(`that take ${what} listen as ${kind}`, () => assert.deepInclude(recognitionIn([ask({ language: 'sv-SE', ...params })]), { kind: `callMediaRecognize${kind}Options`, ...more } as never));
  }

  it('wait whole seconds, rounded up, and at least one', () => {
    assert.deepInclude(recognitionIn([ask({ digits: { max: 1 }, timeoutMs: 0, interdigitMs: 1_001 })]), { initialSilenceTimeoutInSeconds: 1, interToneTimeoutInSeconds: 2 });
  });
});

describe('azure commands: what is said', () => {
  const sourcesIn = (prompts: Extract<CallAction, { readonly type: 'play' }>['params']['prompts'], more: Partial<CommandSettings> = {}) => commands([{ type: 'play', params: { prompts } }], more)[0]?.request['sources'];

  it('has the voice that is set, but in its own language alone', () => {
    const voice = 'en-GB-SoniaNeural';
    assert.deepEqual(sourcesIn([{ text: 'Hi' }, { text: 'Hej', language: 'sv-SE' }, { text: 'Hi', voice: 'male' }], { voice, language: 'en-GB' }), [
      { kind: 'textSource', text: 'Hi', voiceName: voice }, { kind: 'textSource', text: 'Hej', sourceLocale: 'sv-SE', voiceKind: 'female' }, { kind: 'textSource', text: 'Hi', sourceLocale: 'en-GB', voiceKind: 'male' },
    ]);
  });

  it('is of a region, also where its language is of none: that of the option, or the likely one', () => {
    const texts = (['en', 'fr', 'zh-Hant', 'de-AT', 'no language'] as const).map((language) => ({ text: 'Hi', language }));
    const localesIn = (language: string) => (sourcesIn(texts, { language }) as readonly { readonly sourceLocale?: string }[]).map(({ sourceLocale }) => sourceLocale);
    assert.deepEqual(localesIn('en-GB'), ['en-GB', 'fr-FR', 'zh-TW', 'de-AT', 'no language']);
    assert.deepEqual(localesIn('fr-CA'), ['en-US', 'fr-CA', 'zh-TW', 'de-AT', 'no language']);
    assert.deepEqual(localesIn('zh-CN')[2], 'zh-TW', 'it is written otherwise');
    assert.deepEqual(sourcesIn([{ text: 'Sorry.', language: 'en' }], { voice: 'en-US-NancyNeural', language: 'en-US' }), [{ kind: 'textSource', text: 'Sorry.', voiceName: 'en-US-NancyNeural' }]);
    assert.include((sourcesIn([{ text: '4', sayAs: 'cardinal', language: 'sv' }]) as readonly { readonly ssmlText: string }[])[0]?.ssmlText, 'xml:lang="sv-SE"');
    assert.deepInclude(recognitionIn([ask({ language: 'sv', speech: true })]), { speechLanguage: 'sv-SE' });
  });

  it('is SSML where it is read out in a certain way, and where it is silent', () => {
    const [letters, silence] = sourcesIn([{ text: '<A&B>', sayAs: 'letters', emphasis: true }, { silenceMs: 7_500 }]) as readonly { readonly ssmlText: string }[];
    assert.equal(letters?.ssmlText, '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US"><voice name="en-US-NancyNeural"><emphasis level="moderate"><say-as interpret-as="characters">&#60;A&#38;B&#62;</say-as></emphasis></voice></speak>');
    assert.include(silence?.ssmlText, '<break time="5000ms"/><break time="2500ms"/>');
  });

  it('is the author\'s own SSML, and his files', () => {
    assert.deepEqual(sourcesIn([{ ssml: '<speak>Hi</speak>' }, { audio: 'https://bot.example/a.wav' }]), [{ kind: 'ssmlSource', ssmlText: '<speak>Hi</speak>' }, { kind: 'fileSource', url: 'https://bot.example/a.wav' }]);
  });
});

describe('azure limits', () => {
  for (const [rule, ...actions] of [
    ['PR-4000', say('x'.repeat(4_001))],
    ['PR-4000', say('  ')],
    ['PR-URI', { type: 'play', params: { prompts: [{ audio: 'http://bot.example/a.wav' }] } }],
    ['PR-URI', { type: 'play', params: { prompts: [{ audio: 'a.wav' }] } }],
    ['PR-SILENCE', { type: 'play', params: { prompts: [{ silenceMs: 60_001 }] } }],
    ['PR-SSML', { type: 'play', params: { prompts: [{ ssml: 'Hello' }] } }],
    ['PR-NONE', { type: 'play', params: { prompts: [] } }],
    ['RG-NONE', ask()],
    ['RG-INITIAL', ask({ digits: { max: 1 }, timeoutMs: 300_001 })],
    ['RG-INITIAL', ask({ speech: true, timeoutMs: 20_001 })],
    ['RG-INTERDIGIT', ask({ digits: { max: 1 }, interdigitMs: 60_001 })],
    ['RG-DIGITS', ask({ digits: { max: 0 } })],
    ['RC-FORMAT', record({ format: 'wma' })],
    ['RC-INITIAL', record({ timeoutMs: 20_001 })],
    ['HO-ONE', { type: 'hold', params: { prompts: [{ text: 'a' }, { text: 'b' }] } }],
    ['CC-RING', { type: 'createcall', params: { to: '+15550100002', timeoutMs: 180_001 } }],
    ['TG-ADDRESS', { type: 'createcall', params: { to: 'sip:somebody@example.com', timeoutMs: 30_000 } }],
    ['VB-NONE', { type: 'raw', params: { service: 'azure', verb: 'Pay', attributes: {}, endings: [] } }],
    ['VB-NONE', { type: 'raw', params: { service: 'twilio', verb: 'Pay', attributes: {}, endings: [] } }],
    ['VB-ATTRIBUTE', { type: 'raw', params: { service: 'azure', verb: 'addParticipant', attributes: {}, endings: [] } }],
    ['TG-ADDRESS', { type: 'raw', params: { service: 'azure', verb: 'removeParticipant', attributes: { participant: 'somebody' }, endings: [] } }],
    ['CC-RING', { type: 'raw', params: { service: 'azure', verb: 'addParticipant', attributes: { participant: '8:acs:a_b', invitationTimeoutInSeconds: 181 }, endings: [] } }],
    ['VB-TONES', { type: 'raw', params: { service: 'azure', verb: 'sendDtmfTones', attributes: { tones: '1'.repeat(19) }, endings: [] } }],
    ['VB-TONES', { type: 'raw', params: { service: 'azure', verb: 'sendDtmfTones', attributes: { tones: '1w' }, endings: [] } }],
    ['TG-ADDRESS', { type: 'transfer', params: { to: '1234' } }],
  ] as readonly (readonly [string, ...CallAction[]])[]) {
    it(`hold ${actions[0]?.type} to ${rule}`, () => assert.equal(refusal(actions), rule));
  }

  it('hold at both ends of each range', () => {
    const legal = [say('x'.repeat(4_000)), ask({ digits: { max: 1 }, timeoutMs: 300_000, interdigitMs: 60_000 }), ask({ speech: true, timeoutMs: 20_000 }), record({ timeoutMs: 0 }), { type: 'createcall', params: { to: '8:acs:a_b', timeoutMs: 180_000 } }] as readonly CallAction[];
    for (const action of legal) assert.isUndefined(refusal([action]), action.type);
  });

  it('let a bot without a speech service play files and hear keys, and no more', () => {
    const keys = ask({ prompts: [{ audio: 'https://bot.example/a.wav' }], choices: [{ name: 'a', key: '1', phrases: [] }] });
    assert.isUndefined(refusal([keys], false));
    for (const [action, rule] of [[say('Hi'), 'PR-SPEECH'], [menu, 'PR-SPEECH'], [ask({ prompts: [], speech: true }), 'RG-SPEECH'], [record({ prompts: [] }), 'RC-SPEECH'], [{ type: 'play', params: { prompts: [{ silenceMs: 500 }] } }, 'PR-SPEECH']] as const) assert.equal(refusal([action], false), rule);
    assert.isFalse(limitsWith(false).capabilities.has('speech'));
    assert.isFalse(limitsWith(false).capabilities.has('record'));
    assert.isTrue(azureLimits.capabilities.has('record'));
  });

  it('refuse a whole batch before any of it is sent', () => {
    assert.throws(() => commands([say('Hi'), { type: 'transfer', params: { to: 'nobody' } }]), /TG-ADDRESS/);
  });
});
