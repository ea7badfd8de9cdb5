import { assert } from 'chai';
import { type Batch, type CallAction, recognizeDefaults, recordDefaults } from '../../../../src/actions/index.ts';
import { isCallError } from '../../../../src/errors.ts';
import { botframework } from '../../../../src/transport/services/botframework/index.ts';
import { capabilities } from '../../../../src/transport/services/botframework/capabilities.ts';
import { encodeBatch, type WireAction } from '../../../../src/transport/services/botframework/encode.ts';
import { signHint } from '../../../../src/transport/services/botframework/hint.ts';

const callback = 'https://bot.example/api/calls';
const batch = (...actions: readonly CallAction[]): Batch => actions.map((action, index) => ({ ...action, operationId: `op${index}`, state: 'menu' }));
const wire = (...actions: readonly CallAction[]) => (JSON.parse(encodeBatch(batch(...actions), { callback })) as { readonly actions: readonly WireAction[] }).actions;
const refusal = (actions: readonly CallAction[], options = { callback }) => {
  try {
    encodeBatch(batch(...actions), options);
  } catch (error) {
    if (isCallError(error) && error.code === 'ERR_BATCH_ILLEGAL') return error;
    throw error;
  }
  throw new Error('it was encoded');
};
const play = (text: string): CallAction => ({ type: 'play', params: { prompts: [{ text }] } });
const hangup: CallAction = { type: 'hangup', params: {} };
const ask = (params: object): CallAction => ({ type: 'recognize', params: { prompts: [{ text: 'Which?' }], ...recognizeDefaults, ...params } });
const record = (params: object): CallAction => ({ type: 'record', params: { prompts: [], ...recordDefaults, ...params } });

describe('botframework encode', () => {
  it('says nothing where there is nothing to do', () => {
    assert.equal(encodeBatch([], { callback }), '');
  });

  it('answers, greets and asks in one body, in this order of fields', () => {
    const menu = ask({ choices: [{ name: 'sales', phrases: ['sales'], key: '1' }, { name: 'other', phrases: [], key: '0' }] });
    const body = encodeBatch(batch({ type: 'answer', params: { modalities: ['audio'] } }, play('Hello.'), menu), { callback, appState: 'hint' });
    assert.equal(
      body,
      '{"links":{"callback":"https://bot.example/api/calls"},"actions":[' +
        '{"action":"answer","operationId":"op0","acceptModalityTypes":["audio"]},' +
        '{"action":"playPrompt","operationId":"op1","prompts":[{"value":"Hello."}]},' +
        '{"action":"recognize","operationId":"op2","playPrompt":{"action":"playPrompt","operationId":"op2:p","prompts":[{"value":"Which?"}]},' +
        '"bargeInAllowed":true,"initialSilenceTimeoutInSeconds":5,"interdigitTimeoutInSeconds":3,' +
        '"choices":[{"name":"sales","speechVariation":["sales"],"dtmfVariation":"1"},{"name":"other","dtmfVariation":"0"}]}],' +
        '"appState":"hint","notificationSubscriptions":["callStateChange"]}',
    );
  });

  it('gives the same bytes for the same batch', () => {
    const twice = [0, 1].map(() => encodeBatch(batch(play('a'), hangup), { callback, appState: signHint('s', { callId: 'c', bot: 'b' }) }));
    assert.equal(twice[0], twice[1]);
  });

  it('says the same of a question whose parameters are constant, with the operation id of each asking', () => {
    for (const action of [ask({ digits: { max: 4 } }), play('Hello "callchart.operation".'), hangup, ask({ prompts: [{ text: 'callchart.operation' }], digits: { max: 1 } })]) {
      const constant = { ...action, params: Object.freeze({ ...action.params }) } as CallAction;
      for (const operationId of ['op0', 'a"\\$&:7:0']) {
        const [moulded, plain] = [constant, action].map((one) => encodeBatch([{ ...one, operationId, state: 'menu' }], { callback }));
        assert.equal(moulded, plain);
      }
    }
  });

  it('asks for digits with their number and stop tones, in fractions of a second', () => {
    const [action] = wire(ask({ prompts: [], digits: { max: 4, termchars: ['#'] }, timeoutMs: 2500, interdigitMs: 1250, bargein: false, culture: 'en-US' }));
    assert.deepEqual(action, {
      action: 'recognize', operationId: 'op0', bargeInAllowed: false, culture: 'en-US',
      initialSilenceTimeoutInSeconds: 2.5, interdigitTimeoutInSeconds: 1.25, collectDigits: { maxNumberOfDtmfs: 4, stopTones: ['#'] },
    });
  });

  it('records with every word of the request, and a final silence of zero stays zero', () => {
    const [action] = wire(record({ finalSilenceMs: 0, termchars: ['*', '#'], beep: false }));
    assert.deepEqual(action, {
      action: 'record', operationId: 'op0', maxDurationInSeconds: 180, initialSilenceTimeoutInSeconds: 5, maxSilenceTimeoutInSeconds: 0,
      recordingFormat: 'wav', playBeep: false, stopTones: ['*', '#'],
    });
    assert.notProperty(wire(record({ termchars: [] }))[0], 'stopTones');
  });

  it('plays text, files and silences with all their manners', () => {
    const [action] = wire({ type: 'play', params: { prompts: [{ text: '2026', voice: 'male', culture: 'en-US', emphasis: false, sayAs: 'year' }, { audio: 'https://a.example/b.wav' }, { silenceMs: 250 }] } });
    assert.deepEqual(action?.['prompts'], [
      { value: '2026', voice: 'male', culture: 'en-US', emphasize: false, sayAs: 'year' },
      { fileUri: 'https://a.example/b.wav' },
      { silenceLengthInMilliseconds: 250 },
    ]);
  });

  it('refuses a call without the reason, for which this wire has no word', () => {
    assert.deepEqual(wire({ type: 'reject', params: { reason: 'busy' } }), [{ action: 'reject', operationId: 'op0' }]);
  });

  it('speaks a text of any language with its one voice, and listens with its one ear', () => {
    const [said, asked] = wire({ type: 'play', params: { prompts: [{ text: 'Hallo.', language: 'de' }] } }, ask({ choices: [{ name: 'yes', phrases: ['ja'] }], language: 'de' }));
    assert.deepEqual(said?.['prompts'], [{ value: 'Hallo.' }]);
    assert.doesNotHaveAnyKeys(asked, ['culture', 'language']);
  });

  for (const [title, actions, rule] of [
    ['a transfer', [{ type: 'transfer', params: { to: '+4670' } }], 'TR-NONE'],
    ['SSML', [{ type: 'play', params: { prompts: [{ ssml: '<speak/>' }] } }], 'PR-SSML'],
    ['no time to answer', [ask({ digits: { max: 1 }, timeoutMs: 0 })], 'RG-INITIAL'],
    ['a prompt of nothing', [play('')], 'PR-NOTHING'],
    ['two questions', [ask({ digits: { max: 1 } }), ask({ digits: { max: 1 } })], 'W-TWICE'],
    ['words before a reject', [play('Sorry.'), { type: 'reject', params: { reason: 'busy' } }], 'W-ALONE'],
    ['a language that is not spoken', [ask({ digits: { max: 1 }, culture: 'sv-SE' })], 'RG-CULTURE'],
  ] as const satisfies readonly (readonly [string, readonly CallAction[], string])[]) {
    it(`tells the author about ${title}, by rule, state and action`, () => {
      const { details, message } = refusal(actions);
      assert.include(details, { rule, state: 'menu' });
      assert.include(message, `state \`menu\`: the service refuses its \`${details.action}\``);
    });
  }

  it('is not set up at all with a callback in the clear', () => {
    const options = { appId: 'a', appPassword: 'b', openIdMetadataUrl: 'https://keys.example/', issuer: 'c' };
    for (const callbackUrl of ['http://bot.example/', 'bot.example', '']) {
      assert.throws(() => botframework({ ...options, callbackUrl }), /callbackUrl/);
    }
    assert.doesNotThrow(() => botframework({ ...options, callbackUrl: callback }));
  });

  it('is capable of all that it encodes, and no more', () => {
    assert.deepEqual([...capabilities].sort(), ['answer', 'hangup', 'play', 'recognize', 'record', 'reject']);
  });
});
