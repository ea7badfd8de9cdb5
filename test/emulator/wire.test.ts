import { expect } from 'chai';
import { type Ending, type LineAction, botframeworkWire } from '../../src/emulator/index.ts';
import type { LineState } from '../../src/emulator/live-line.ts';
import type { Message } from '../../src/emulator/post.ts';
import type { Reply } from '../../src/emulator/wires/botframework.ts';
import { decodeBody } from '../../src/transport/services/botframework/decode.ts';
import { answer, digits, hangup, type Json, menu, play, record, reject } from './fake-bot.ts';

const wire = botframeworkWire();
const extended = botframeworkWire({ profile: 'extended' });
const call = { id: 'call-1', chainId: 'chain-1', from: '8:ann', to: '28:bot', name: 'Ann', language: 'en-GB' };

const jsonOf = ({ body }: Message): Json => JSON.parse(typeof body === 'string' ? body : (/\r\n\r\n(\{.*?\})\r\n/s.exec(Buffer.from(body).toString('latin1'))?.[1] ?? 'null')) as Json;
const workflow = (...actions: readonly Json[]): string => JSON.stringify({ links: { callback: 'https://bot.example/calls' }, actions, appState: 'opaque' });
const actionsOf = (reply: Reply): readonly LineAction[] => (reply.kind === 'actions' ? reply.actions : expect.fail(`not taken: ${JSON.stringify(reply)}`));
const actionOf = (action: Json, by = wire): LineAction => actionsOf(by.read(workflow(action)))[0] ?? expect.fail('no action');
const outcomeOf = (action: LineAction, ending: Ending, state: LineState = 'established'): Json => jsonOf(wire.outcome(call, action, ending, state, 'opaque'))['operationOutcome'] as Json;

describe('the wire of the Bot Framework, from the service', () => {
  describe('a call that comes in', () => {
    it('names both parties, and who began it', () => {
      expect(jsonOf(wire.incoming(call))).deep.equal({
        id: 'call-1',
        participants: [
          { identity: '8:ann', displayName: 'Ann', languageId: 'en-GB', originator: true },
          { identity: '28:bot', originator: false },
        ],
        isMultiparty: false,
        presentedModalityTypes: ['audio'],
        callState: 'incoming',
      });
    });

    it('bears the headers of the service', () => {
      const { headers } = wire.incoming(call);
      expect(headers).include({
        'Content-Type': 'application/json; charset=utf-8', Accept: 'application/json',
        'User-Agent': 'Microsoft-Skype/3.0,(Calling/1.0)', 'X-Microsoft-Skype-Chain-ID': 'chain-1',
      });
      expect(headers['X-Microsoft-Skype-Message-ID']).match(/^[0-9a-f-]{36}$/).and.not.equal(wire.incoming(call).headers['X-Microsoft-Skype-Message-ID']);
    });

    it('is understood by our decoder, and so is its end', () => {
      expect(decodeBody(jsonOf(wire.incoming(call))).events).deep.include({
        type: 'call.incoming',
        call: { id: 'call-1', from: '8:ann', to: '28:bot', name: 'Ann', language: 'en-GB', direction: 'inbound', headers: { ismultiparty: 'false', modalities: 'audio' } },
      });
      expect(decodeBody(jsonOf(wire.ended(call))).events).deep.equal([{ type: 'call.ended', reason: 'caller' }]);
    });
  });

  it('gives telephone numbers and plain names their prefix', () => {
    expect(['+46701234567', 'ann', '8:ann', '28:app', '4:112'].map(wire.identity)).deep.equal(['4:+46701234567', '8:ann', '8:ann', '28:app', '4:112']);
  });

  describe('an answer', () => {
    it('of nothing is nothing', () => {
      expect(wire.read('')).deep.equal({ kind: 'nothing' });
      expect(wire.read(' \r\n')).deep.equal({ kind: 'nothing' });
    });

    it('becomes actions, with the defaults of the service', () => {
      expect(wire.read(workflow(answer, play('Hi'), menu('Which?'), hangup))).deep.equal({
        kind: 'actions',
        callback: 'https://bot.example/calls',
        appState: 'opaque',
        actions: [
          { type: 'answer', params: { modalities: ['audio'] }, operationId: 'op-answer' },
          { type: 'play', params: { prompts: [{ text: 'Hi' }] }, operationId: 'op-play' },
          {
            type: 'recognize',
            operationId: 'op-ask',
            params: {
              prompts: [{ text: 'Which?' }], bargein: true, timeoutMs: 5_000, interdigitMs: 1_000,
              choices: [{ name: 'sales', key: '1', phrases: ['sales', 'the shop'] }, { name: 'help', key: '2', phrases: [] }],
            },
          },
          { type: 'hangup', params: {}, operationId: 'op-hangup' },
        ],
      });
      expect(actionOf(reject)).deep.equal({ type: 'reject', params: { reason: 'declined' }, operationId: 'op-reject' });
      expect(actionOf({ action: 'record', operationId: 'op-record' })).deep.equal({
        type: 'record', operationId: 'op-record',
        params: { prompts: [], beep: true, format: 'wma', timeoutMs: 5_000, finalSilenceMs: 5_000, maxMs: 180_000 },
      });
    });

    it('keeps what it says', () => {
      const collect = digits({ maxNumberOfDtmfs: 4, stopTones: ['#', '*'] }, undefined, { bargeInAllowed: false, initialSilenceTimeoutInSeconds: 1.5, interdigitTimeoutInSeconds: 2, culture: 'en-US' });
      expect(actionOf(collect)).deep.include({
        params: { prompts: [], bargein: false, timeoutMs: 1_500, interdigitMs: 2_000, culture: 'en-US', digits: { max: 4, termchars: ['#', '*'] } },
      });
      expect(actionOf(record({ playBeep: false, maxSilenceTimeoutInSeconds: 0, maxDurationInSeconds: 2, recordingFormat: 'MP3', stopTones: ['#'] }, 'Speak'))).deep.include({
        params: { prompts: [{ text: 'Speak' }], beep: false, format: 'mp3', timeoutMs: 5_000, finalSilenceMs: 0, maxMs: 2_000, termchars: ['#'] },
      });
      const prompts = [{ value: '12', sayAs: 'Cardinal', emphasize: true, culture: 'en-US', voice: 'male' }, { fileUri: 'https://a.example/a.wav' }, { silenceLengthInMilliseconds: 200 }];
      expect(actionOf({ action: 'playPrompt', operationId: 'p', prompts })).deep.include({
        params: { prompts: [{ text: '12', sayAs: 'cardinal', emphasis: true, culture: 'en-US' }, { audio: 'https://a.example/a.wav' }, { silenceMs: 200 }] },
      });
    });

    it('without links has no callback', () => {
      expect(wire.read(JSON.stringify({ actions: [hangup] }))).not.have.property('callback');
    });

    it('that is illegal is refused with its rule, and the operation at fault', () => {
      expect(wire.read(workflow(answer, play('Hi'), { ...play(), operationId: 'at-fault' }))).include({ kind: 'refused', rule: 'PP-EMPTY', operationId: 'at-fault', callback: 'https://bot.example/calls', appState: 'opaque' });
      expect(wire.read(workflow(hangup, answer))).include({ kind: 'refused', rule: 'W-ORDER', operationId: 'op-answer' });
      expect(wire.read(workflow(menu(), { ...hangup, operationId: ' ' }))).include({ rule: 'A-OPID', operationId: 'op-ask' });
      expect(wire.read(JSON.stringify({ links: { callback: 'http://bot.example/' }, actions: [answer] }))).include({ rule: 'W-HTTPS', operationId: 'op-answer' }).and.not.have.property('callback');
      for (const body of ['no JSON', 'null', '[]', '{}', '"x"', '{"actions":[]}', '{"actions":[null]}']) {
        const reply = wire.read(body);
        expect(reply, body).property('kind', 'refused');
        expect(reply, body).property('operationId').match(/\S/);
      }
    });

    it('may ask for the actions that were withdrawn, where they are allowed', () => {
      const transfer = { action: 'transfer', operationId: 't', target: { identity: '8:bob', originator: false } };
      expect(wire.read(workflow(transfer))).include({ kind: 'refused', rule: 'A-NAME', operationId: 't' });
      expect(actionOf(transfer, extended)).deep.equal({ type: 'transfer', params: { to: '8:bob' }, operationId: 't' });
      const hosted = { action: 'answerAppHostedMedia', operationId: 'm', mediaConfiguration: {} };
      expect(actionOf(hosted, extended)).deep.equal({ type: 'other', name: 'answerAppHostedMedia', answers: true, operationId: 'm' });
    });
  });

  describe('an outcome', () => {
    const done: Ending = { end: 'done' };
    const silence: Ending = { end: 'silence' };
    const left: Ending = { end: 'left' };
    const failed = (cause: 'system' | 'unknown'): Ending => ({ end: 'failed', cause, reason: 'InternalServerError' });
    const ask = actionOf(menu());
    const collect = actionOf(digits({ stopTones: ['#'] }));
    const tape = actionOf(record());
    const recorded = (by: 'finalsilence' | 'termchar' | 'maxspeech' | 'hangup'): Ending => ({ end: 'recorded', by, lengthMs: 2_500 });
    const of = (name: string, answers = true): LineAction => ({ type: 'other', name, answers, operationId: 'op' });

    const rows: readonly (readonly [string, LineAction, Ending, Json])[] = [
      ['an answer', actionOf(answer), done, { type: 'answerOutcome', id: 'op-answer', outcome: 'success', failureReason: '' }],
      ['an answer that failed', actionOf(answer), failed('system'), { type: 'answerOutcome', outcome: 'failure', failureReason: 'InternalServerError' }],
      ['a refusal', actionOf(reject), done, { type: 'rejectOutcome', outcome: 'success' }],
      ['a hangup', actionOf(hangup), done, { type: 'hangupOutcome', outcome: 'success' }],
      ['a prompt', actionOf(play('Hi')), done, { type: 'playPromptOutcome', outcome: 'success' }],
      ['a prompt that failed', actionOf(play('Hi')), failed('system'), { type: 'playPromptOutcome', outcome: 'failure' }],
      ['a prompt that nobody heard', actionOf(play('Hi')), left, { type: 'playPromptOutcome', outcome: 'failure', failureReason: 'CallTerminated' }],
      ['a transfer', { type: 'transfer', params: { to: '8:bob' }, operationId: 'op' }, done, { type: 'transferOutcome', outcome: 'success' }],
      ['video', of('videoSubscription', false), done, { type: 'videoSubscriptionOutcome', outcome: 'success' }],
      ['hosted media', of('answerAppHostedMedia'), done, { type: 'answerAppHostedMediaOutcome', outcome: 'success' }],
      ['an outgoing call', of('placeCall'), done, { type: 'placeCallOutcome', outcome: 'success', acceptedModalityTypes: ['audio'] }],

      ['a choice by key', ask, { end: 'choice', name: 'sales', via: 'dtmf' }, { type: 'recognizeOutcome', outcome: 'success', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } }],
      ['a choice by voice', ask, { end: 'choice', name: 'sales', via: 'speech' }, { outcome: 'success', choiceOutcome: { completionReason: 'speechOptionMatched', choiceName: 'sales' } }],
      ['a wrong key', ask, { end: 'wrong', by: 'key' }, { outcome: 'failure', choiceOutcome: { completionReason: 'incorrectDtmf' } }],
      ['half a choice', ask, { end: 'wrong', by: 'interdigit' }, { outcome: 'failure', choiceOutcome: { completionReason: 'interdigitTimeout' } }],
      ['no choice', ask, silence, { outcome: 'failure', failureReason: 'InitialSilenceTimeout', choiceOutcome: { completionReason: 'initialSilenceTimeout' } }],
      ['a question to nobody', ask, left, { outcome: 'failure', choiceOutcome: { completionReason: 'callTerminated' } }],
      ['a deaf service', ask, failed('system'), { outcome: 'failure', choiceOutcome: { completionReason: 'temporarySystemFailure' } }],
      ['a question whose prompt cannot be played', ask, { end: 'unplayed' }, { type: 'playPromptOutcome', id: 'op-ask', outcome: 'failure', failureReason: 'PromptNotPlayed' }],
      ['a riddle', ask, failed('unknown'), { outcome: 'failure', choiceOutcome: { completionReason: 'unknown' } }],

      ['digits and a pause', collect, { end: 'digits', digits: '12', by: 'interdigit' }, { type: 'recognizeOutcome', outcome: 'success', collectDigitsOutcome: { completionReason: 'interdigitTimeout', digits: '12' } }],
      ['digits and a stop tone', collect, { end: 'digits', digits: '12', by: 'termchar' }, { outcome: 'success', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits: '12' } }],
      ['a stop tone alone', collect, { end: 'digits', digits: '', by: 'termchar' }, { outcome: 'failure', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits: '' } }],
      ['no digits', collect, silence, { outcome: 'failure', collectDigitsOutcome: { completionReason: 'initialSilenceTimeout' } }],
      ['digits of nobody', collect, left, { outcome: 'failure', collectDigitsOutcome: { completionReason: 'callTerminated' } }],
      ['deaf to digits', collect, failed('system'), { outcome: 'failure', collectDigitsOutcome: { completionReason: 'temporarySystemFailure' } }],
      ['unknown digits', collect, failed('unknown'), { outcome: 'failure', collectDigitsOutcome: { completionReason: 'unknown' } }],

      ['a message', tape, recorded('finalsilence'), { type: 'recordOutcome', outcome: 'success', completionReason: 'completedSilenceDetected', lengthOfRecordingInSecs: 2.5, format: 'wav' }],
      ['a message and a key', tape, recorded('termchar'), { outcome: 'success', completionReason: 'completedStopToneDetected' }],
      ['a long message', tape, recorded('maxspeech'), { outcome: 'success', completionReason: 'maxRecordingTimeout' }],
      ['a message cut short', tape, recorded('hangup'), { outcome: 'success', completionReason: 'callTerminated', lengthOfRecordingInSecs: 2.5 }],
      ['no message', tape, silence, { outcome: 'failure', completionReason: 'initialSilenceTimeout', lengthOfRecordingInSecs: 0 }],
      ['a message of nobody', tape, left, { outcome: 'failure', completionReason: 'callTerminated', lengthOfRecordingInSecs: 0 }],
      ['a broken tape', tape, failed('system'), { outcome: 'failure', completionReason: 'temporarySystemFailure', lengthOfRecordingInSecs: 0 }],
      ['an unknown tape', tape, failed('unknown'), { outcome: 'failure', completionReason: 'unknown', lengthOfRecordingInSecs: 0 }],
    ];

    for (const [what, action, ending, expected] of rows) {
      it(`of ${what} is told as the service tells it, and our decoder takes it`, () => {
        expect(outcomeOf(action, ending)).deep.include(expected);
        const body = jsonOf(wire.outcome(call, action, ending, 'established', 'opaque'));
        expect(body).include({ id: 'call-1', callState: 'established', appState: 'opaque' });
        decodeBody(body);
      });
    }

    it('of an illegal answer bears the misspelt type and the broken rule', () => {
      const reply = wire.read(workflow(play()));
      if (reply.kind !== 'refused') return expect.fail('taken');
      const body = jsonOf(wire.refused(call, reply, 'established'));
      expect(body['operationOutcome']).deep.equal({
        type: 'worfklowValidationOutcome', id: 'op-play', outcome: 'failure', failureReason: 'playPrompt has at least one prompt (PP-EMPTY at actions.0.prompts)',
      });
      expect(decodeBody(body).events[0]).include({ type: 'batch.refused', operationId: 'op-play' });
    });

    it('with a recording is multipart, the JSON first and then the sound', async () => {
      const { headers, body } = wire.outcome(call, tape, recorded('finalsilence'), 'established', 'opaque');
      expect(headers['Content-Type']).match(/^multipart\/form-data; boundary="[^"]+"$/);
      const form = await new Response(body, { headers: { 'content-type': headers['Content-Type'] ?? '' } }).formData();
      expect([...form.keys()]).deep.equal(['conversationResult', 'recordedAudio']);
      expect(JSON.parse(String(form.get('conversationResult')))).include({ id: 'call-1' });
      expect(Buffer.from(body).toString('latin1')).match(/name="recordedAudio"\r\nContent-Type: audio\/wav\r\n\r\nRIFF/);
    });

    it('without sound is JSON', () => {
      expect(wire.outcome(call, tape, silence, 'established').headers['Content-Type']).match(/^application\/json/);
    });
  });
});
