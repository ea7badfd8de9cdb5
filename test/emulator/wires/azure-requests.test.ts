import { expect } from 'chai';
import { CallAutomationClient } from '@azure/communication-call-automation';
import { accessKey, azureDesk, type AzureDesk, caller, callbackUrl, contextOf, own, refusal, turn } from './azure-desk.ts';

const phone = { phoneNumber: caller.slice(2) };
const colleague = { phoneNumber: '+15550100002' };
const text = { kind: 'textSource', text: 'Welcome.', voiceName: 'en-US-NancyNeural' } as const;
const file = { kind: 'fileSource', url: 'https://bot.example/a.wav' } as const;

describe('the emulated Azure service, by requests of the official client', () => {
  let desk: AzureDesk;
  afterEach(() => desk.close());

  describe('a call that comes in', () => {
    it('is answered, and the bot is told that it is put through and who is on it', async () => {
      desk = await azureDesk();
      const ringing = desk.ring();
      const { callConnectionProperties: call } = await desk.client.answerCall(contextOf(ringing), callbackUrl, { operationContext: 'answer-1' });
      expect(call).deep.include({ callConnectionState: 'connecting', callbackUri: callbackUrl, correlationId: ringing.correlationId, source: { phoneNumber: caller.slice(2), rawId: caller } });
      expect(call.targetParticipants).deep.equal([{ phoneNumber: own.slice(2), rawId: own }]);
      await turn();
      expect(await desk.names()).deep.equal(['CallConnected', 'ParticipantsUpdated']);
      const [connected, roster] = desk.told;
      expect(connected).deep.include({ url: callbackUrl }).and.property('data').include({ operationContext: 'answer-1', callConnectionId: call.callConnectionId });
      expect(roster?.data).not.property('operationContext');
      expect(roster?.data['sequenceNumber']).equal(1);
      expect(desk.changes).deep.equal(['answered']);
      expect((await desk.client.getCallConnection(call.callConnectionId ?? '').getCallConnectionProperties()).callConnectionState).equal('connected');
    });

    it('can be answered once, and not after it was lost', async () => {
      desk = await azureDesk();
      const ringing = desk.ring();
      const answer = (): Promise<string> => refusal(desk.client.answerCall(contextOf(ringing), callbackUrl));
      expect(await answer()).equal('taken');
      expect(await answer()).equal('400 8523');
      const lost = desk.ring();
      lost.lose();
      expect(await refusal(desk.client.answerCall(contextOf(lost), callbackUrl))).equal('400 8523');
    });

    it('is told to have failed where the caller has hung up before', async () => {
      desk = await azureDesk();
      const ringing = desk.ring();
      ringing.hangUp();
      const { callConnection } = await desk.client.answerCall(contextOf(ringing), callbackUrl, { operationContext: 'answer-1' });
      await turn();
      expect(await desk.names()).deep.equal(['AnswerFailed']);
      expect(desk.last().data).deep.include({ operationContext: 'answer-1' }).and.nested.include({ 'resultInformation.code': 500 });
      expect(await refusal(callConnection.getCallConnectionProperties())).equal('404 8522');
    });

    it('is refused or sent on, and the bot hears no more of it', async () => {
      desk = await azureDesk();
      const [first, second] = [desk.ring(), desk.ring()];
      await desk.client.rejectCall(contextOf(first), { callRejectReason: 'busy' });
      await desk.client.redirectCall(contextOf(second), { targetParticipant: { communicationUserId: '8:acs:somebody' } });
      await turn();
      expect(await desk.names()).deep.equal([]);
      expect(desk.changes).deep.equal(['rejected', 'redirected to 8:acs:somebody']);
      expect(await refusal(desk.client.answerCall(contextOf(first), callbackUrl))).equal('400 8523');
    });

    it('is joined by another connection, where it is known', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      const { serverCallId = '' } = await call.getCallConnectionProperties();
      await desk.names();
      const { callConnectionProperties } = await desk.client.connectCall({ id: serverCallId, kind: 'serverCallLocator' }, callbackUrl);
      await turn();
      expect(await desk.names()).deep.equal(['CallConnected', 'ParticipantsUpdated']);
      expect(desk.last().data['callConnectionId']).equal(callConnectionProperties.callConnectionId);
      await desk.client.connectCall({ id: 'no-room', kind: 'roomCallLocator' }, callbackUrl);
      await turn();
      expect(await desk.names()).deep.equal(['ConnectFailed']);
    });
  });

  describe('the end of a call', () => {
    for (const everyone of [true, false]) {
      it(`is the bot's, ${everyone ? 'for everybody' : 'by leaving'}`, async () => {
        desk = await azureDesk();
        const { call } = await desk.established();
        await desk.names();
        await call.hangUp(everyone);
        await turn();
        expect(await desk.names()).deep.equal(['CallDisconnected']);
        expect(desk.last().data).deep.include({ operationContext: 'answer-1' }).and.nested.include({ 'resultInformation.code': 200, 'resultInformation.subCode': 7000 });
        expect(desk.changes).deep.equal(['answered', 'ended by app']);
        expect(await refusal(call.hangUp(everyone))).equal('404 8522');
        expect(await refusal(call.getCallMedia().playToAll([text]))).equal('400 8501');
      });
    }

    it("is the caller's, in the middle of a question", async () => {
      desk = await azureDesk();
      const { call, ringing } = await desk.established();
      await call.getCallMedia().startRecognizing(phone, { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1, operationContext: 'ask-1' });
      const question = await desk.questions.next();
      await desk.names();
      ringing.hangUp();
      expect(await desk.names()).deep.equal(['RecognizeCanceled', 'CallDisconnected']);
      expect(desk.last().data).nested.include({ 'resultInformation.subCode': 540_000 });
      question.end({ end: 'digits', digits: '1', by: 'max' });
      await turn();
      expect(await desk.names()).deep.equal([]);
    });

    it('is all that is told, where that is wished', async () => {
      desk = await azureDesk({ endsQuietly: true });
      const { call } = await desk.established();
      await call.getCallMedia().playToAll([text]);
      await desk.plays.next();
      await desk.names();
      await call.hangUp(true);
      await turn();
      expect(await desk.names()).deep.equal(['CallDisconnected']);
    });
  });

  describe('what is played', () => {
    it('starts, ends, and is told under its own word', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await desk.names();
      await call.getCallMedia().playToAll([text, file], { operationContext: 'play-1' });
      const play = await desk.plays.next();
      expect(play.with).deep.equal({ prompts: [{ text: 'Welcome.' }, { audio: 'https://bot.example/a.wav' }], loop: false });
      expect(await desk.names()).deep.equal(['PlayStarted']);
      play.end('end');
      await turn();
      expect(await desk.names()).deep.equal(['PlayCompleted']);
      expect(desk.last().data).deep.include({ operationContext: 'play-1', resultInformation: { code: 200, subCode: 0, message: 'Action completed successfully.' } });
    });

    it('fails at the source that cannot be played', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await call.getCallMedia().playToAll([text, file]);
      (await desk.plays.next()).end({ failed: 'file-absent', index: 1 });
      await turn();
      await desk.names();
      expect(desk.last()).include({ name: 'PlayFailed' }).property('data').nested.include({ failedPlaySourceIndex: 1, 'resultInformation.code': 400, 'resultInformation.subCode': 8536 });
    });

    it('waits for what is played before it', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await desk.names();
      await call.getCallMedia().playToAll([text], { operationContext: 'one' });
      await call.getCallMedia().playToAll([file], { operationContext: 'two' });
      expect(await desk.names()).deep.equal(['PlayStarted']);
      (await desk.plays.next()).end('end');
      const second = await desk.plays.next();
      expect(await desk.names()).deep.equal(['PlayCompleted', 'PlayStarted']);
      second.end('end');
      await turn();
      await desk.names();
      expect(desk.told.map(({ data }) => data['operationContext']).slice(-4)).deep.equal(['one', 'one', 'two', 'two']);
    });

    it('is broken off by what interrupts it, and by a request to', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await desk.names();
      await call.getCallMedia().playToAll([file], { operationContext: 'music', loop: true });
      const music = await desk.plays.next();
      expect(music.with.loop).equal(true);
      await call.getCallMedia().playToAll([text], { operationContext: 'words', interruptCallMediaOperation: true });
      expect(music.signal.aborted).equal(true);
      await call.getCallMedia().playToAll([text], { operationContext: 'behind' });
      expect(await desk.names()).deep.equal(['PlayStarted', 'PlayCanceled', 'PlayStarted']);
      await call.getCallMedia().cancelAllOperations();
      await turn();
      expect(await desk.names()).deep.equal(['PlayCanceled', 'PlayCanceled']);
      expect(desk.told.slice(-2).map(({ data }) => data['operationContext'])).deep.equal(['words', 'behind']);
      expect(desk.last().data).not.property('resultInformation');
    });

    it('is not said where there is no speech service, and not played where there is nothing', async () => {
      desk = await azureDesk();
      const { call } = await desk.established({ callIntelligenceOptions: {} });
      await desk.names();
      await call.getCallMedia().playToAll([text]);
      await turn();
      expect(await desk.names()).deep.equal(['PlayFailed']);
      expect(desk.last().data).nested.include({ 'resultInformation.code': 401, 'resultInformation.subCode': 8565 });
      await call.getCallMedia().startRecognizing(phone, { kind: 'callMediaRecognizeSpeechOptions' });
      await turn();
      expect(await desk.names()).deep.equal(['RecognizeFailed']);
    });

    it('to one of several is refused while another such runs; to all it waits its turn', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await call.getCallMedia().play([text], [phone]);
      await desk.plays.next();
      expect(await refusal(call.getCallMedia().play([text], [phone]))).equal('412 8583');
      expect(await refusal(call.getCallMedia().sendDtmfTones(['one'], phone))).equal('412 8583');
      expect(await refusal(call.getCallMedia().playToAll([text]))).equal('taken');
    });

    it('waits for nobody when one of several is asked, and is refused to another of them meanwhile', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await call.addParticipant({ targetParticipant: { communicationUserId: '8:acs:r_u' } });
      (await desk.rings.next()).end('answered');
      await desk.leaves.next();
      await call.getCallMedia().startRecognizing(phone, { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1 });
      await desk.questions.next();
      expect(await refusal(call.getCallMedia().play([text], [{ communicationUserId: '8:acs:r_u' }]))).equal('412 8583');
      await desk.names();
      await call.getCallMedia().playToAll([text]);
      await desk.plays.next();
      expect(await desk.names()).deep.equal(['PlayStarted']);
    });

    it('needs a call that is put through, a source, and bounds that are kept', async () => {
      desk = await azureDesk();
      const { callConnectionProperties: { callConnectionId = '' } } = await desk.client.createCall({ targetParticipant: phone, sourceCallIdNumber: { phoneNumber: own.slice(2) } }, callbackUrl);
      expect(await refusal(desk.client.getCallConnection(callConnectionId).getCallMedia().playToAll([text]))).equal('400 8501');
      const { call } = await desk.established();
      const media = call.getCallMedia();
      expect(await refusal(media.playToAll([]))).equal('400 8523');
      expect(await refusal(media.playToAll([{ ...text, text: 'x'.repeat(4_001) }]))).equal('400 8523');
      expect(await refusal(media.startRecognizing(phone, { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1, initialSilenceTimeoutInSeconds: 301 }))).equal('400 8523');
      expect(await refusal(media.startRecognizing(phone, { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1, interToneTimeoutInSeconds: 61 }))).equal('400 8523');
      expect(await refusal(media.startRecognizing(phone, { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 0 }))).equal('400 8523');
      expect(await refusal(media.startRecognizing(colleague, { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1 }))).equal('400 8523');
      const choices = [{ label: 'a', phrases: ['a'], tone: 'one' }, { label: 'b', phrases: ['b'] }] as never;
      expect(await refusal(media.startRecognizing(phone, { kind: 'callMediaRecognizeChoiceOptions', choices }))).equal('400 8523');
      expect(await refusal(desk.client.getCallConnection('nobody').getCallMedia().playToAll([text]))).equal('404 8522');
    });
  });

  describe('a question', () => {
    const asked = async (options: Parameters<ReturnType<Awaited<ReturnType<AzureDesk['established']>>['call']['getCallMedia']>['startRecognizing']>[1]) => {
      const { call } = await desk.established();
      await desk.names();
      await call.getCallMedia().startRecognizing(phone, options as never);
      return desk.questions.next();
    };
    const dtmf = { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 4, stopDtmfTones: ['pound'], operationContext: 'ask-1', playPrompt: text, interruptPrompt: true, initialSilenceTimeoutInSeconds: 10, interToneTimeoutInSeconds: 3 } as const;
    const choice = {
      kind: 'callMediaRecognizeChoiceOptions', operationContext: 'ask-1', playPrompts: [text, file], speechLanguage: 'en-US',
      choices: [{ label: 'sales', phrases: ['sales', 'first'], tone: 'one' }, { label: 'support', phrases: ['support'], tone: 'two' }],
    } as const;

    it('is put to the caller in words that know no service', async () => {
      desk = await azureDesk();
      expect((await asked(dtmf as never)).with).deep.include({ who: caller, isTaped: false, question: { prompts: [{ text: 'Welcome.' }], bargein: true, timeoutMs: 10_000, interdigitMs: 3_000, digits: { max: 4, termchars: ['#'] } } });
      const { with: { question } } = await asked(choice as never);
      expect(question).deep.include({ prompts: [{ text: 'Welcome.' }, { audio: 'https://bot.example/a.wav' }], bargein: false, language: 'en-US', timeoutMs: 5_000 });
      expect(question).deep.include({ choices: [{ name: 'sales', phrases: ['sales', 'first'], key: '1' }, { name: 'support', phrases: ['support'], key: '2' }] });
      expect((await asked({ kind: 'callMediaRecognizeSpeechOptions' })).with.question).include({ speech: true }).not.property('digits');
      expect((await asked({ kind: 'callMediaRecognizeSpeechOrDtmfOptions', maxTonesToCollect: 2 } as never)).with.question).deep.include({ speech: true, digits: { max: 2 } });
    });

    type Ends = Parameters<Awaited<ReturnType<AzureDesk['questions']['next']>>['end']>[0];
    const endings: readonly [told: string, options: object, answered: Ends, data: object][] = [
      ['four digits', dtmf, { end: 'digits', digits: '4071', by: 'max' }, { code: 200, subCode: 8531, recognitionType: 'dtmf', tones: ['four', 'zero', 'seven', 'one'] }],
      ['digits and the stop tone', dtmf, { end: 'digits', digits: '4*', by: 'stop' }, { code: 200, subCode: 8514, recognitionType: 'dtmf', tones: ['four', 'asterisk'] }],
      ['a choice by key', choice, { end: 'choice', label: 'sales' }, { code: 200, subCode: 8533, recognitionType: 'choices', label: 'sales' }],
      ['a choice by words', choice, { end: 'choice', label: 'sales', phrase: 'first' }, { code: 200, subCode: 8545, recognitionType: 'choices', label: 'sales', recognizedPhrase: 'first' }],
      ['words', { kind: 'callMediaRecognizeSpeechOptions' }, { end: 'speech', speech: 'my booking', confidence: 0.9 }, { code: 200, subCode: 8569, recognitionType: 'speech', speech: 'my booking', confidence: 0.9 }],
      ['silence', dtmf, { end: 'failed', result: 'initial-silence' }, { code: 400, subCode: 8510 }],
      ['a pause', dtmf, { end: 'digits', digits: '40', by: 'pause' }, { code: 400, subCode: 8532 }],
      ['a wrong key', choice, { end: 'failed', result: 'wrong-key' }, { code: 500, subCode: 8534 }],
      ['words that are no choice', choice, { end: 'failed', result: 'no-option' }, { code: 400, subCode: 8547 }],
      ['words that nobody understood', choice, { end: 'failed', result: 'speech-unclear' }, { code: 400, subCode: 8563 }],
      ['words that came too late', choice, { end: 'failed', result: 'speech-late' }, { code: 408, subCode: 8570 }],
      ['a prompt that cannot be played', choice, { end: 'failed', result: 'prompt-failed', index: 0 }, { code: 500, subCode: 8511, failedPlaySourceIndex: 0 }],
      ['a broken service', dtmf, { end: 'failed', result: 'internal' }, { code: 500, subCode: 8512 }],
      ['nobody knows what', dtmf, { end: 'failed', result: 'unknown' }, { code: 500, subCode: 9999 }],
    ];
    const flat = ({ resultInformation, dtmfResult, choiceResult, speechResult, ...rest }: Readonly<Record<string, unknown>>): object => ({ ...rest, ...(resultInformation as object), ...(dtmfResult as object), ...(choiceResult as object), ...(speechResult as object) });
    for (const [what, options, answered, data] of endings) {
      it(`is ended by ${what}`, async () => {
        desk = await azureDesk();
        (await asked(options as never)).end(answered);
        await turn();
        await desk.names();
        const completes = 'code' in data && data.code === 200;
        expect(desk.last().name).equal(completes ? 'RecognizeCompleted' : 'RecognizeFailed');
        expect(flat(desk.last().data)).deep.include(data);
        if (!completes) expect(desk.last().data).not.have.any.keys('recognitionType', 'dtmfResult', 'choiceResult');
      });
    }

    it('tells a pause as its completion, and the stop tone among the tones, where that is wished', async () => {
      desk = await azureDesk({ pauseIs: 'RecognizeCompleted', keepsStopTone: true });
      (await asked(dtmf as never)).end({ end: 'digits', digits: '40', by: 'pause' });
      await turn();
      await desk.names();
      expect(desk.last()).include({ name: 'RecognizeCompleted' }).property('data').deep.include({ recognitionType: 'dtmf', dtmfResult: { tones: ['four', 'zero'] } });
      (await asked(dtmf as never)).end({ end: 'digits', digits: '40', by: 'stop' });
      await turn();
      await desk.names();
      expect(desk.last().data).deep.include({ dtmfResult: { tones: ['four', 'zero', 'pound'] } });
    });
  });

  describe('keys', () => {
    it('are told one by one while somebody listens for them', async () => {
      desk = await azureDesk();
      const { call, ringing } = await desk.established();
      const connection = ringing.connection();
      if (connection === undefined) throw new Error('the call is not put through');
      await desk.names();
      desk.resource.keys(connection, caller, '1');
      await call.getCallMedia().startContinuousDtmfRecognition(phone, { operationContext: 'keys-1' });
      await turn();
      desk.resource.keys(connection, caller, '8#');
      expect(await refusal(call.getCallMedia().play([text], [phone]))).equal('412 8583');
      await call.getCallMedia().stopContinuousDtmfRecognition(phone, { operationContext: 'keys-2' });
      await turn();
      desk.resource.keys(connection, caller, '9');
      expect(await desk.names()).deep.equal(['ContinuousDtmfRecognitionToneReceived', 'ContinuousDtmfRecognitionToneReceived', 'ContinuousDtmfRecognitionStopped']);
      expect(desk.told.slice(-3).map(({ data: { operationContext, sequenceId, tone } }) => [operationContext, sequenceId, tone])).deep.equal([['keys-1', 1, 'eight'], ['keys-1', 2, 'pound'], ['keys-2', undefined, undefined]]);
    });

    it('are told beside the question that they answer', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await call.getCallMedia().startContinuousDtmfRecognition(phone, { operationContext: 'keys-1' });
      await turn();
      await desk.names();
      await call.getCallMedia().startRecognizing(phone, { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 2 });
      (await desk.questions.next()).end({ end: 'digits', digits: '42', by: 'max' });
      await turn();
      expect(await desk.names()).deep.equal(['ContinuousDtmfRecognitionToneReceived', 'ContinuousDtmfRecognitionToneReceived', 'RecognizeCompleted']);
      await call.getCallMedia().startRecognizing(phone, { kind: 'callMediaRecognizeChoiceOptions', choices: [{ label: 'sales', phrases: ['sales'], tone: 'one' }] as never });
      (await desk.questions.next()).end({ end: 'choice', label: 'sales' });
      await turn();
      expect(await desk.names()).deep.equal(['ContinuousDtmfRecognitionToneReceived', 'RecognizeCompleted']);
      expect(desk.told.at(-2)?.data).include({ sequenceId: 3, tone: 'one' });
    });

    it('are sent to a telephone, eighteen at most', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await desk.names();
      expect(await call.getCallMedia().sendDtmfTones(['one', 'pound'], phone, { operationContext: 'send-1' })).include({ operationContext: 'send-1' });
      await turn();
      expect(await desk.names()).deep.equal(['SendDtmfTonesCompleted']);
      expect(await refusal(call.getCallMedia().sendDtmfTones(Array.from({ length: 19 }, () => 'one'), phone))).equal('400 8523');
    });
  });

  describe('people', () => {
    it('are invited, listed, muted, held, and removed', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await desk.names();
      const { invitationId, participant } = await call.addParticipant({ targetParticipant: { communicationUserId: '8:acs:r_u' } }, { operationContext: 'add-1', invitationTimeoutInSeconds: 20 });
      expect([typeof invitationId, participant?.identifier]).deep.equal(['string', { communicationUserId: '8:acs:r_u' }]);
      const ring = await desk.rings.next();
      expect(ring.with).deep.equal({ who: '8:acs:r_u', ringMs: 20_000, why: 'invite' });
      ring.end('answered');
      await turn();
      expect(await desk.names()).deep.equal(['AddParticipantSucceeded', 'ParticipantsUpdated']);
      await call.muteParticipant({ communicationUserId: '8:acs:r_u' });
      await call.getCallMedia().hold(phone);
      await turn();
      expect(await desk.names()).deep.equal(['ParticipantsUpdated', 'ParticipantsUpdated']);
      const { values = [] } = await call.listParticipants();
      expect(values).deep.include.members([{ identifier: { phoneNumber: caller.slice(2), rawId: caller }, isMuted: false, isOnHold: true }, { identifier: { communicationUserId: '8:acs:r_u' }, isMuted: true, isOnHold: false }]);
      expect(await call.getParticipant(phone)).deep.include({ isOnHold: true });
      expect(await refusal(call.getParticipant(colleague))).equal('404 8522');
      expect(await refusal(call.muteParticipant(phone))).equal('400 8523');
      await call.getCallMedia().unhold(phone);
      await turn();
      expect((await call.getParticipant(phone)).isOnHold).equal(false);
      await desk.names();
      await call.removeParticipant({ communicationUserId: '8:acs:r_u' }, { operationContext: 'remove-1' });
      await turn();
      expect(await desk.names()).deep.equal(['RemoveParticipantSucceeded', 'ParticipantsUpdated']);
      await call.removeParticipant({ communicationUserId: '8:acs:r_u' });
      await call.removeParticipant(phone);
      await turn();
      expect(await desk.names()).deep.equal(['RemoveParticipantFailed', 'RemoveParticipantSucceeded', 'CallDisconnected']);
    });

    for (const [pickup, code, subCode] of [['busy', 486, 560_486], ['noanswer', 408, 560_408], ['declined', 603, 10_104], ['unreachable', 404, 560_404]] as const) {
      it(`that do not come are told to be ${pickup}`, async () => {
        desk = await azureDesk();
        const { call } = await desk.established();
        await desk.names();
        await call.addParticipant({ targetParticipant: colleague, sourceCallIdNumber: { phoneNumber: own.slice(2) } });
        (await desk.rings.next()).end(pickup);
        await turn();
        expect(await desk.names()).deep.equal(['AddParticipantFailed']);
        expect(desk.last().data).nested.include({ 'resultInformation.code': code, 'resultInformation.subCode': subCode, 'participant.rawId': '4:+15550100002' });
      });
    }

    it('are not invited any more when the invitation is taken back', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      const { invitationId = '' } = await call.addParticipant({ targetParticipant: colleague, sourceCallIdNumber: { phoneNumber: own.slice(2) } });
      const ring = await desk.rings.next();
      await desk.names();
      await call.cancelAddParticipantOperation(invitationId);
      await turn();
      expect(ring.signal.aborted).equal(true);
      ring.end('answered');
      await call.cancelAddParticipantOperation(invitationId);
      await turn();
      expect(await desk.names()).deep.equal(['CancelAddParticipantSucceeded', 'CancelAddParticipantFailed']);
    });

    it('who were invited go again, and the others stay', async () => {
      desk = await azureDesk();
      const { call, ringing } = await desk.established();
      await call.addParticipant({ targetParticipant: colleague, sourceCallIdNumber: { phoneNumber: own.slice(2) } });
      (await desk.rings.next()).end('answered');
      const guest = await desk.leaves.next();
      await desk.names();
      guest.end();
      await turn();
      expect(await desk.names()).deep.equal(['ParticipantsUpdated']);
      expect(ringing.connection()?.others()).deep.equal([caller]);
    });

    it('need a number to be called from', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      expect(await refusal(call.addParticipant({ targetParticipant: colleague }))).equal('400 8523');
    });

    it('are held with a sound that cannot be played: that is told', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await desk.names();
      desk.failHold();
      await call.getCallMedia().hold(phone, { playSource: file, operationContext: 'hold-1' });
      await turn();
      expect(await desk.names()).deep.equal(['HoldFailed']);
      expect(desk.last().data).nested.include({ operationContext: 'hold-1', 'resultInformation.subCode': 8536 });
    });

    it('are moved here from another call', async () => {
      desk = await azureDesk();
      const { call: there, ringing } = await desk.established();
      const { call } = await desk.established();
      expect(ringing.connection()?.state).equal('connected');
      const { callConnectionId = '' } = await there.getCallConnectionProperties();
      await desk.names();
      await call.moveParticipants([phone], callConnectionId);
      await turn();
      expect(await desk.names()).deep.equal(['MoveParticipantSucceeded', 'CallDisconnected', 'ParticipantsUpdated']);
      await call.moveParticipants([phone], 'nowhere');
      await turn();
      expect(await desk.names()).deep.equal(['MoveParticipantFailed', 'ParticipantsUpdated']);
    });
  });

  describe('a transfer', () => {
    it('hands the caller on, and the call is over for the bot', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await desk.names();
      await call.transferCallToParticipant(colleague, { operationContext: 'xfer-1', transferee: phone });
      const ring = await desk.rings.next();
      expect(ring.with).include({ who: '4:+15550100002', why: 'transfer' });
      expect((await call.getCallConnectionProperties()).callConnectionState).equal('transferring');
      expect(await refusal(call.transferCallToParticipant(colleague))).equal('409 8519');
      ring.end('answered');
      await turn();
      expect(await desk.names()).deep.equal(['CallTransferAccepted', 'CallDisconnected']);
      expect(desk.told.at(-2)?.data).nested.include({ operationContext: 'xfer-1', 'transferee.rawId': caller, 'transferTarget.rawId': '4:+15550100002', 'resultInformation.subCode': 7015 });
      expect(desk.changes.at(-1)).equal('ended by transfer');
    });

    it('fails, and the bot has the caller still', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      await desk.names();
      await call.transferCallToParticipant(colleague, { operationContext: 'xfer-1' });
      (await desk.rings.next()).end('busy');
      await turn();
      expect(await desk.names()).deep.equal(['CallTransferFailed']);
      expect(desk.last().data).nested.include({ 'resultInformation.subCode': 560_486, 'resultInformation.sipDetails.code': 486 });
      expect(await refusal(call.getCallMedia().playToAll([text]))).equal('taken');
    });

    it('is overtaken by a caller who hangs up', async () => {
      desk = await azureDesk();
      const { call, ringing } = await desk.established();
      await desk.names();
      await call.transferCallToParticipant(colleague);
      const ring = await desk.rings.next();
      ringing.hangUp();
      ring.end('answered');
      await turn();
      expect(await desk.names()).deep.equal(['CallDisconnected']);
    });
  });

  describe('a call that is placed', () => {
    const place = () => desk.client.createCall({ targetParticipant: phone, sourceCallIdNumber: { phoneNumber: own.slice(2) } }, callbackUrl, { operationContext: 'out-1' });

    it('rings, and is put through when it is answered', async () => {
      desk = await azureDesk();
      const { callConnectionProperties: call } = await place();
      expect(call).deep.include({ callConnectionState: 'connecting', targetParticipants: [{ phoneNumber: caller.slice(2), rawId: caller }], sourceCallerIdNumber: { phoneNumber: own.slice(2) } });
      const ring = await desk.rings.next();
      expect(ring.with).include({ who: caller, why: 'call' });
      expect(await desk.names()).deep.equal([]);
      ring.end('answered');
      await turn();
      expect(await desk.names()).deep.equal(['CallConnected', 'ParticipantsUpdated']);
      expect(desk.told[0]?.data).include({ operationContext: 'out-1' });
      const [connection] = desk.resource.calls();
      if (connection === undefined) throw new Error('no call runs');
      desk.resource.hangUp(connection, caller);
      await desk.names();
      expect(desk.last().data).nested.include({ operationContext: 'out-1', 'resultInformation.subCode': 560_000 });
    });

    it('is told not to have come about', async () => {
      desk = await azureDesk();
      await place();
      (await desk.rings.next()).end('busy');
      await turn();
      expect(await desk.names()).deep.equal(['CreateCallFailed', 'CallDisconnected']);
      expect(desk.told[0]?.data).deep.include({ operationContext: 'out-1' }).and.nested.include({ 'resultInformation.code': 486, 'resultInformation.q850Details.code': 17 });
    });

    it("needs a number, and one that is the customer's", async () => {
      desk = await azureDesk({ numbers: [own.slice(2)] });
      expect(await refusal(place())).equal('taken');
      expect(await refusal(desk.client.createCall({ targetParticipant: phone }, callbackUrl))).equal('400 8523');
      expect(await refusal(desk.client.createCall({ targetParticipant: phone, sourceCallIdNumber: colleague }, callbackUrl))).equal('403 7507');
    });

    it('rings at several, and those who answer are on it', async () => {
      desk = await azureDesk();
      await desk.client.createGroupCall([phone, colleague], callbackUrl, { sourceCallIdNumber: { phoneNumber: own.slice(2) } });
      (await desk.rings.next()).end('noanswer');
      (await desk.rings.next()).end('answered');
      await turn();
      await desk.names();
      expect((desk.last().data['participants'] as readonly { readonly identifier: { readonly rawId: string } }[]).map(({ identifier }) => identifier.rawId)).include('4:+15550100002').and.not.include(caller);
    });
  });

  describe('a recording', () => {
    const recordingStateCallbackEndpointUrl = 'https://bot.example/api/azure?recording=1';

    it('is begun, paused, resumed and stopped, and its file is announced', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      const { callConnectionId = '' } = await call.getCallConnectionProperties();
      await desk.names();
      const tapes = desk.client.getCallRecording();
      const { recordingId, recordingState } = await tapes.start({ callConnectionId, recordingStateCallbackEndpointUrl } as never);
      expect(recordingState).equal('active');
      expect(await refusal(tapes.start({ callConnectionId } as never))).equal('400 8559');
      await tapes.pause(recordingId);
      expect((await tapes.getState(recordingId)).recordingState).equal('inactive');
      await tapes.resume(recordingId);
      await tapes.stop(recordingId);
      await turn();
      expect(await desk.names()).deep.equal(['RecordingStateChanged', 'RecordingStateChanged', 'RecordingStateChanged', 'RecordingStateChanged']);
      expect(desk.told.slice(-4).map(({ url, data }) => [url, data['state']])).deep.equal(['active', 'inactive', 'active', 'inactive'].map((state) => [recordingStateCallbackEndpointUrl, state]));
      expect(desk.last().subject).match(/^calling\/recordings\/[^/]+\/[^/]+\/RecordingStateChanged$/);
      expect(desk.grid.map(({ type }) => type)).deep.equal(['Microsoft.Communication.RecordingFileStatusUpdated']);
      expect(await refusal(tapes.stop(recordingId))).equal('404 8522');
      expect((await tapes.getState(recordingId)).recordingState).equal('inactive');
    });

    it('ends with the call', async () => {
      desk = await azureDesk();
      const { call, ringing } = await desk.established();
      const { serverCallId = '' } = await call.getCallConnectionProperties();
      await desk.client.getCallRecording().start({ callLocator: { id: serverCallId, kind: 'serverCallLocator' } });
      await turn();
      ringing.hangUp();
      expect(desk.grid.map(({ data }) => data['sessionEndReason'])).deep.equal(['CallEnded']);
      const [file] = desk.grid as unknown as readonly [{ readonly data: { readonly recordingStorageInfo: { readonly recordingChunks: readonly [{ readonly contentLocation: string }] } } }];
      const [chunk] = file.data.recordingStorageInfo.recordingChunks;
      expect(chunk.contentLocation.startsWith(`${desk.url}/v1/objects/`)).equal(true);
      expect(Buffer.from(await (await fetch(chunk.contentLocation)).arrayBuffer()).toString('latin1', 0, 4)).equal('RIFF');
      expect((await fetch(`${chunk.contentLocation}x`)).status).equal(401);
    });
  });

  describe('streams', () => {
    const mediaStreamingOptions = { transportUrl: 'wss://bot.example/ws', transportType: 'websocket', contentType: 'audio', audioChannelType: 'unmixed' };
    const transcriptionOptions = { transportUrl: 'wss://bot.example/ws', transportType: 'websocket', locale: 'en-US', startTranscription: false };

    it('begin and end where the call was answered with them', async () => {
      desk = await azureDesk();
      const { call } = await desk.established({ mediaStreamingOptions, transcriptionOptions });
      await desk.names();
      const media = call.getCallMedia();
      await media.startMediaStreaming({ operationContext: 'ms-1' });
      await media.stopMediaStreaming();
      await media.startTranscription({ locale: 'en-US' });
      await media.updateTranscription('sv-SE', { operationContext: 'tr-2' });
      await media.stopTranscription();
      await turn();
      expect(await desk.names()).deep.equal(['MediaStreamingStarted', 'MediaStreamingStopped', 'TranscriptionStarted', 'TranscriptionUpdated', 'TranscriptionStopped']);
    });

    it('are refused where it was not', async () => {
      desk = await azureDesk();
      const { call } = await desk.established();
      expect(await refusal(call.getCallMedia().startMediaStreaming())).equal('405 8520');
      expect(await refusal(call.getCallMedia().startTranscription())).equal('405 8522');
    });
  });

  describe('trust', () => {
    it('is in the signature alone', async () => {
      desk = await azureDesk();
      const stranger = new CallAutomationClient(`endpoint=${desk.url}/;accesskey=${Buffer.from('another key').toString('base64')}`, { allowInsecureConnection: true });
      const ringing = desk.ring();
      expect(await refusal(stranger.answerCall(contextOf(ringing), callbackUrl))).equal('401 7509');
      expect((await fetch(`${desk.url}/calling/callConnections/x?api-version=2026-03-12`)).status).equal(401);
      expect(await refusal(desk.client.answerCall(contextOf(ringing), callbackUrl))).equal('taken');
      expect(desk.asked.length).equal(1);
    });
  });

  describe('a bad day', () => {
    it('a request that comes again under its id gets its reply again, and has no second effect', async () => {
      let lost = false;
      desk = await azureDesk({ retries: 1, trouble: ({ operation }) => (operation === 'answer' && !lost ? ((lost = true), 'unanswered') : undefined) });
      const ringing = desk.ring();
      const { callConnectionProperties } = await desk.client.answerCall(contextOf(ringing), callbackUrl);
      expect(callConnectionProperties.callConnectionId).equal(ringing.connection()?.connectionId);
      expect(await desk.names()).deep.equal(['CallConnected', 'ParticipantsUpdated']);
    });

    it('a play whose response is lost comes again, and is heard twice', async () => {
      desk = await azureDesk({ retries: 1, trouble: ({ operation, nth }) => (operation === 'play' && nth === 1 ? 'unanswered' : undefined) });
      const { call } = await desk.established();
      await call.getCallMedia().playToAll([text], { operationContext: 'twice' });
      const first = await desk.plays.next();
      first.end('end');
      expect((await desk.plays.next()).with).deep.equal(first.with);
    });

    it('a request is refused for a while, and taken when it comes again', async () => {
      const trouble: Parameters<typeof azureDesk>[0] = { retries: 3, trouble: ({ operation, nth }) => (operation !== 'play' || nth > 3 ? undefined : nth === 1 ? { status: 503, retryAfterSeconds: 0 } : nth === 2 ? { status: 500 } : 'unread') };
      desk = await azureDesk(trouble);
      const { call } = await desk.established();
      await call.getCallMedia().playToAll([text]);
      expect((await desk.plays.next()).with.prompts.length).equal(1);
      expect(desk.asked.filter(([{ operation }]) => operation === 'play').map(([, status]) => status)).deep.equal([503, 500, 202]);
    });

    it('a request that is throttled says when to come again', async () => {
      desk = await azureDesk({ trouble: ({ operation }) => (operation === 'hangup' ? { status: 429, retryAfterSeconds: 1 } : undefined) });
      const { call } = await desk.established();
      expect(await refusal(call.hangUp(false))).equal('429 8516');
      expect(desk.changes).deep.equal(['answered']);
    });

    it('events come before the response to the request that caused them', async () => {
      desk = await azureDesk({ early: true });
      const ringing = desk.ring();
      let toldBefore = -1;
      const client = new CallAutomationClient(`endpoint=${desk.url}/;accesskey=${accessKey}`, {
        allowInsecureConnection: true,
        additionalPolicies: [{ policy: { name: 'watch', sendRequest: async (request, next) => {
          const response = await next(request);
          toldBefore = desk.told.length;
          return response;
        } }, position: 'perRetry' }],
      });
      await client.answerCall(contextOf(ringing), callbackUrl);
      expect(toldBefore).equal(2);
    });

    it('what happens at one moment is told backwards', async () => {
      desk = await azureDesk({ backwards: true });
      const { call } = await desk.established();
      expect(await desk.names()).deep.equal(['ParticipantsUpdated', 'CallConnected']);
      await call.getCallMedia().playToAll([text]);
      await desk.plays.next();
      await desk.names();
      await call.hangUp(true);
      await turn();
      expect(await desk.names()).deep.equal(['CallDisconnected', 'PlayCanceled']);
    });

    it('everything is told twice, a roster under another id', async () => {
      desk = await azureDesk({ twice: true });
      await desk.established();
      expect(await desk.names()).deep.equal(['CallConnected', 'CallConnected', 'ParticipantsUpdated', 'ParticipantsUpdated']);
      const [one, two, three, four] = desk.told;
      expect(one?.id).equal(two?.id);
      expect(three?.id).not.equal(four?.id);
      expect(three?.data).deep.equal(four?.data);
    });

    it('two events come in one request', async () => {
      desk = await azureDesk({ together: true });
      await desk.established();
      expect(desk.posts).deep.equal([2]);
    });

    it('what is late comes after what followed it', async () => {
      desk = await azureDesk({ late: ['ParticipantsUpdated'] });
      const { call } = await desk.established();
      expect(await desk.names()).deep.equal(['CallConnected']);
      await call.hangUp(true);
      await turn();
      expect(await desk.names()).deep.equal(['CallDisconnected', 'ParticipantsUpdated']);
    });
  });
});
