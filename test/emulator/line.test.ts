import { expect } from 'chai';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import {
  type CallOptions, type CallReport, type Emulator, emulator, type Ending, type Entry, botframeworkWire, parseScript, queuedCaller, scriptedCaller,
} from '../../src/emulator/index.ts';
import { isCallError } from '../../src/errors.ts';
import { answer, digits, type FakeBot, fakeBot, hangup, type Json, menu, play, record, reject } from './fake-bot.ts';

type More = Partial<Omit<CallOptions, 'caller'>> & { readonly caller?: CallOptions['caller']; readonly script?: string };

describe('an emulated call', () => {
  let service: Emulator;
  let bot: FakeBot;
  before(async () => {
    service = await emulator();
  });
  afterEach(() => bot?.close());
  after(() => service.close());

  const call = ({ script = '', ...more }: More = {}, by = service): Promise<CallReport> =>
    by.call(bot.url, { clock: 'script', caller: scriptedCaller(parseScript(script)), retryDelayMs: 1, ...more });
  const told = ({ transcript }: CallReport): readonly string[] => transcript.map(({ who, kind, text }) => `${who}.${kind}${text === undefined ? '' : ` ${text}`}`);

  describe('from ring to end', () => {
    it('rings, runs what the bot answers, and tells how it ended', async () => {
      bot = await fakeBot([answer, play('Welcome.'), menu('Which?')], [play('Help it is.'), hangup]);
      const entries: Entry[] = [];
      const report = await call({ script: 'expect welcome\npress 2\nexpect help', from: '+4670', name: 'Ann', language: 'sv', onEntry: (entry) => entries.push(entry) });
      expect(report).include({ endedBy: 'bot', rounds: 2 }).and.not.have.property('reason');
      expect(told(report)).deep.equal([
        'line.ringing', 'bot.answered', 'bot.says Welcome.', 'bot.says Which?', 'bot.asks sales (1), help (2)', 'caller.keys 2', 'bot.says Help it is.', 'bot.hungup',
      ]);
      expect(entries).deep.equal(report.transcript);
      expect(entries.every(({ at }, index) => at >= (entries[index - 1]?.at ?? 0))).equal(true);

      const [ring, first, last] = bot.received.map(({ json }) => json);
      expect(ring).deep.include({ id: report.callId, callState: 'incoming', participants: [
        { identity: '4:+4670', displayName: 'Ann', languageId: 'sv', originator: true }, { identity: `28:${service.appId}`, originator: false },
      ] });
      expect(first).deep.equal({
        id: report.callId, callState: 'established', appState: 'opaque',
        operationOutcome: { type: 'recognizeOutcome', id: 'op-ask', outcome: 'success', failureReason: '', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'help' } },
      });
      expect(last).deep.include({ callState: 'terminated', operationOutcome: { type: 'hangupOutcome', id: 'op-hangup', outcome: 'success', failureReason: '' } });
    });

    it('bears a token that the served keys verify, and the ids of call and message', async () => {
      bot = await fakeBot([answer, menu()], [hangup]);
      await call({ script: 'press 1' });
      const { jwks_uri } = (await (await fetch(service.metadataUrl)).json()) as { jwks_uri: string };
      const set = createRemoteJWKSet(new URL(jwks_uri));
      for (const { headers, method } of bot.received) {
        expect(method).equal('POST');
        await jwtVerify(headers.authorization?.replace('Bearer ', '') ?? '', set, { issuer: service.issuer, audience: service.appId, algorithms: ['RS256'] });
        expect(headers).include({ 'user-agent': 'Microsoft-Skype/3.0,(Calling/1.0)', accept: 'application/json' });
      }
      expect(new Set(bot.received.map(({ headers }) => headers['x-microsoft-skype-chain-id'])).size).equal(1);
      expect(new Set(bot.received.map(({ headers }) => headers['x-microsoft-skype-message-id'])).size).equal(3);
    });

    it('posts outcomes to the callback, at the place where the bot was called', async () => {
      bot = await fakeBot([answer, menu()], [hangup]);
      await call({ script: 'press 1' });
      expect(bot.received.map(({ path }) => path)).deep.equal(['/api/calls', '/api/calls/more?x=1', '/api/calls/more?x=1']);
      await bot.close();
      bot = await fakeBot([answer, menu()], [hangup]);
      await call({ script: 'press 1', carry: () => `${bot.origin}/elsewhere` });
      expect(bot.received.map(({ path }) => path)).deep.equal(['/api/calls', '/elsewhere', '/elsewhere']);
    });

    it('is refused by the bot', async () => {
      bot = await fakeBot([reject]);
      const report = await call();
      expect(report).include({ endedBy: 'rejected', rounds: 1 });
      expect(bot.received.at(-1)?.json).deep.include({ callState: 'terminated', operationOutcome: { type: 'rejectOutcome', id: 'op-reject', outcome: 'success', failureReason: '' } });
    });

    it('takes no actions on a dead line', async () => {
      bot = await fakeBot([hangup], [play('still here')]);
      const report = await call();
      expect(report).include({ endedBy: 'bot', rounds: 1 });
      expect(bot.received).length(2);
    });

    it('is over when the bot has nothing to do, or says not where to call back', async () => {
      bot = await fakeBot('');
      expect(await call()).include({ endedBy: 'line', reason: 'nothing-to-do', rounds: 0 });
      await bot.close();
      bot = await fakeBot({ actions: [answer, play('Hi')] });
      const report = await call();
      expect(report).include({ endedBy: 'line', reason: 'nothing-to-do', rounds: 1 });
      expect(told(report)).deep.equal(['line.ringing', 'bot.answered', 'bot.says Hi', 'line.hungup the bot has nothing more to do']);
      expect(bot.received).length(1);
      await bot.close();
      bot = await fakeBot({ actions: [answer, hangup] });
      expect(await call()).include({ endedBy: 'bot' });
    });
  });

  describe('with a caller who', () => {
    const outcome = async (script: string, ...actions: readonly Json[]): Promise<Json> => {
      bot = await fakeBot([answer, ...actions], [hangup]);
      await call({ script });
      return bot.outcomes()[0] ?? expect.fail('no outcome');
    };
    const choice = (completionReason: string, choiceName?: string) => ({ choiceOutcome: { completionReason, ...(choiceName !== undefined && { choiceName }) } });

    it('presses a key', async () => expect(await outcome('press 1', menu('Which?'))).deep.include({ outcome: 'success', ...choice('dtmfOptionMatched', 'sales') }));
    it('speaks', async () => expect(await outcome('say the shop', menu('Which?'))).deep.include({ outcome: 'success', ...choice('speechOptionMatched', 'sales') }));
    it('presses a wrong key', async () => expect(await outcome('press 9', menu('Which?'))).deep.include({ outcome: 'failure', ...choice('incorrectDtmf') }));
    it('is silent', async () => expect(await outcome('', menu('Which?'))).deep.include({ outcome: 'failure', ...choice('initialSilenceTimeout') }));
    it('keys digits', async () =>
      expect(await outcome('press 12', digits({ maxNumberOfDtmfs: 4 }))).deep.include({ outcome: 'success', collectDigitsOutcome: { completionReason: 'interdigitTimeout', digits: '12' } }));
    it('keys digits and a stop tone', async () =>
      expect(await outcome('press 12#', digits({ stopTones: ['#'] }))).deep.include({ collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits: '12' } }));
    it('keys no digits', async () => expect(await outcome('', digits({ stopTones: ['#'] }))).deep.include({ collectDigitsOutcome: { completionReason: 'initialSilenceTimeout' } }));

    it('leaves a message', async () => {
      const told = await outcome('record 1.5', record({ maxSilenceTimeoutInSeconds: 1 }, 'Speak.'));
      expect(told).include({ type: 'recordOutcome', outcome: 'success', completionReason: 'completedSilenceDetected', lengthOfRecordingInSecs: 1.5, format: 'wav' });
      const { headers, body } = bot.received[1] ?? expect.fail();
      const form = await new Response(Uint8Array.from(body), { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();
      expect(JSON.parse(String(form.get('conversationResult')))).deep.include({ operationOutcome: told, appState: 'opaque' });
      expect(body.subarray(body.indexOf('RIFF')).readUInt32LE(40)).equal(1.5 * 16_000);
    });
    it('speaks too long', async () => expect(await outcome('record 9', record({ maxDurationInSeconds: 2 }))).include({ outcome: 'success', completionReason: 'maxRecordingTimeout', lengthOfRecordingInSecs: 2 }));
    it('ends a message by a key', async () => expect(await outcome('record 2 #', record({ stopTones: ['#'] }))).include({ completionReason: 'completedStopToneDetected' }));
    it('leaves no message', async () => expect(await outcome('', record())).include({ outcome: 'failure', completionReason: 'initialSilenceTimeout', lengthOfRecordingInSecs: 0 }));

    it('hangs up in the middle of a question', async () => {
      bot = await fakeBot([answer, menu('Which?'), play('never heard')]);
      const report = await call({ script: 'hangup' });
      expect(report).include({ endedBy: 'caller', rounds: 1 });
      expect(told(report).slice(-2)).deep.equal(['bot.asks sales (1), help (2)', 'caller.hungup']);
      expect(bot.received[1]?.json).deep.include({ callState: 'terminated' });
      expect(bot.outcomes()[0]).deep.include({ outcome: 'failure', choiceOutcome: { completionReason: 'callTerminated' } });
      expect(bot.received).length(2);
    });

    it('hangs up in the middle of a message, which is kept', async () => {
      const told = await outcome('record 2 hangup', record());
      expect(told).include({ outcome: 'success', completionReason: 'callTerminated', lengthOfRecordingInSecs: 2 });
      expect(bot.received[1]?.headers['content-type']).match(/^multipart/);
      expect(bot.received[1]?.json).include({ callState: 'terminated' });
    });

    it('hangs up before a message, or while digits are waited for', async () => {
      expect(await outcome('hangup', record())).include({ outcome: 'failure', completionReason: 'callTerminated' });
      await bot.close();
      expect(await outcome('hangup', digits({ maxNumberOfDtmfs: 2 }))).deep.include({ collectDigitsOutcome: { completionReason: 'callTerminated' } });
    });

    it('hangs up while it rings', async () => {
      const person = queuedCaller();
      bot = await fakeBot(() => (person.hangUp(), [answer, play('Hello?')]));
      const report = await call({ caller: person, clock: 'real' });
      expect(report.endedBy).equal('caller');
      expect(told(report)).deep.equal(['line.ringing', 'caller.hungup']);
      expect(bot.received[1]?.json).deep.include({ callState: 'terminated', operationOutcome: { type: 'answerOutcome', id: 'op-answer', outcome: 'failure', failureReason: 'CallTerminated' } });
    });

    it('hangs up while a prompt plays', async () => {
      const person = queuedCaller();
      bot = await fakeBot([answer, play('A long story.'), menu()]);
      const report = await call({ caller: person, clock: 'real', speechMs: () => 5_000, onEntry: ({ kind }) => kind === 'says' && person.hangUp() });
      expect(report.endedBy).equal('caller');
      expect(bot.received[1]?.json).deep.include({ callState: 'terminated', operationOutcome: { type: 'playPromptOutcome', id: 'op-play', outcome: 'failure', failureReason: 'CallTerminated' } });
    });

    it('is told to be gone where nothing is open', async () => {
      const person = queuedCaller();
      bot = await fakeBot([answer, menu(undefined)], () => (person.hangUp(), ''));
      person.push({ keys: '1' });
      const report = await call({ caller: person, clock: 'real' });
      expect(report.endedBy).equal('caller');
      expect(bot.received[2]).include({ path: '/api/calls' }).and.deep.nested.include({ 'json.callState': 'terminated', 'json.id': report.callId });
    });

    it('does not go by its script: the bot is told the end, and the error is thrown', async () => {
      bot = await fakeBot([answer, menu('Which?')]);
      const error: unknown = await call({ script: 'expect Welcome\npress 1' }).catch((thrown: unknown) => thrown);
      expect(isCallError(error) && error.code).equal('ERR_EXPECTATION');
      expect(bot.received[1]?.json).include({ callState: 'terminated' });
    });

    it('throws, or whose listener throws', async () => {
      bot = await fakeBot([answer, menu('Which?')]);
      expect(await call({ caller: { next: () => { throw new Error('broken'); } } }).catch((thrown: unknown) => thrown)).property('message', 'broken');
      expect(bot.received[1]?.json).include({ callState: 'terminated' });
      await bot.close();
      bot = await fakeBot([answer, menu('Which?')]);
      const onEntry = ({ kind }: Entry) => {
        if (kind === 'says') throw new Error('deaf');
      };
      expect(await call({ onEntry }).catch((thrown: unknown) => thrown)).property('message', 'deaf');
      expect(bot.received[1]?.json).include({ callState: 'terminated' });
    });
  });

  describe('with a bot that', () => {
    it('answers something illegal: nothing runs, and it is told why', async () => {
      bot = await fakeBot([answer, play('Hi'), { ...menu(), operationId: 'at-fault', initialSilenceTimeoutInSeconds: 0 }], [hangup]);
      const report = await call();
      expect(told(report)).deep.equal([
        'line.ringing', 'line.refused recognize waits 1 to 30 seconds for the first input (RG-INITIAL at actions.2.initialSilenceTimeoutInSeconds)', 'bot.hungup',
      ]);
      expect(bot.outcomes()[0]).include({ type: 'worfklowValidationOutcome', id: 'at-fault', outcome: 'failure' }).and.property('failureReason').match(/RG-INITIAL/);
      expect(bot.received[1]?.json).include({ callState: 'incoming' });
    });

    it('answers what is no workflow at all', async () => {
      bot = await fakeBot('<Response/>', [hangup]);
      await call();
      expect(bot.received[1]).nested.include({ path: '/api/calls', 'json.operationOutcome.type': 'worfklowValidationOutcome' });
    });

    it('never says a word is hung up on', async () => {
      bot = await fakeBot(...Array.from({ length: 40 }, () => [play()]));
      expect(await call()).include({ endedBy: 'line', reason: 'mute' });
      expect(bot.received.at(-1)?.json).include({ callState: 'terminated' });
      expect(bot.received.length).below(30);
    });

    it('plays before it answers is told of the failure', async () => {
      bot = await fakeBot([play('Hi'), menu()], [answer, play('Hi')], [answer], [reject], [hangup]);
      const report = await call();
      expect(bot.outcomes().map(({ type, outcome }) => `${String(type)} ${String(outcome)}`)).deep.equal([
        'playPromptOutcome failure', 'playPromptOutcome success', 'answerOutcome failure', 'rejectOutcome failure', 'hangupOutcome success',
      ]);
      expect(told(report)).include('line.failed play: the call is not answered');
    });

    it('fails with 5xx is asked again, by the same message', async () => {
      bot = await fakeBot(500, 503, [answer, menu()], 502, [hangup]);
      const report = await call({ script: 'press 1' });
      expect(report.endedBy).equal('bot');
      expect(told(report).filter((text) => text.startsWith('line.retrying'))).deep.equal([
        'line.retrying the bot answered 500; try 2 of 3', 'line.retrying the bot answered 503; try 3 of 3', 'line.retrying the bot answered 502; try 2 of 3',
      ]);
      const ids = bot.received.map(({ headers }) => headers['x-microsoft-skype-message-id']);
      expect(new Set(ids.slice(0, 3)).size).equal(1);
      expect(ids[3]).equal(ids[4]).and.not.equal(ids[0]);
      expect(bot.received[3]?.body.equals(bot.received[4]?.body ?? Buffer.alloc(0))).equal(true);
    });

    it('does not answer in time is asked again, then hung up on', async () => {
      bot = await fakeBot('never', 'never', 'never', [answer]);
      const report = await call({ replyTimeoutMs: 20 });
      expect(report).include({ endedBy: 'line', reason: 'unreachable' });
      expect(told(report).slice(-2)).deep.equal(['line.error the bot did not answer within 20 ms', 'line.hungup the bot does not answer']);
      expect(bot.received).length(3);
    });

    it('is not there', async () => {
      bot = await fakeBot();
      await bot.close();
      const report = await call({ tries: 2 });
      expect(report).include({ endedBy: 'line', reason: 'unreachable', rounds: 0 });
      expect(told(report)).include('line.error the bot cannot be reached');
    });

    it('refuses the first message cannot be talked to', async () => {
      bot = await fakeBot(401);
      const report = await call();
      expect(report).include({ endedBy: 'line', reason: 'unavailable' });
      expect(told(report)).deep.equal(['line.ringing', 'line.error the bot answered 401', 'line.hungup this bot cannot be talked to']);
      expect(bot.received).length(1);
    });

    it('refuses a later message is hung up on', async () => {
      bot = await fakeBot([answer, play('Hi')], 400);
      expect(await call()).include({ endedBy: 'line', reason: 'refused' });
    });

    it('answers without end in redirects or in bytes', async () => {
      bot = await fakeBot(302);
      expect(await call()).include({ reason: 'unavailable' });
      await bot.close();
      bot = await fakeBot(`"${'x'.repeat(1024 * 1024)}"`);
      expect(await call()).include({ reason: 'unavailable' });
    });
  });

  describe('ends', () => {
    const loop = () => Array.from({ length: 1_000 }, (_, index) => (index === 0 ? [answer, menu('Which?')] : [menu('Which?')]));

    it('at the cap on rounds', async () => {
      bot = await fakeBot(...loop());
      const report = await call({ maxRounds: 13 });
      expect(report).include({ endedBy: 'line', reason: 'rounds' });
      expect(bot.outcomes()).length(14);
      expect(bot.outcomes().at(-1)).deep.include({ choiceOutcome: { completionReason: 'callTerminated' } });
    });

    it('at the longest call, which a script reaches in no time', async () => {
      bot = await fakeBot(...loop());
      const report = await call({ maxCallMs: 60_000 });
      expect(report).include({ endedBy: 'line', reason: 'length' });
      expect(report.transcript.at(-1)?.at).within(60_000, 70_000);
    });

    it('with the emulator', async () => {
      const other = await emulator();
      bot = await fakeBot([answer, menu('Which?')]);
      const calling = call({ caller: queuedCaller(), clock: 'real', speechMs: () => 1, onEntry: ({ kind }) => void (kind === 'asks' && setImmediate(() => other.close())) }, other);
      expect(await calling).include({ endedBy: 'line', reason: 'closed' });
      expect(bot.received[1]?.json).include({ callState: 'terminated' });
    });
  });

  describe('goes wrong as wished', () => {
    const faulty = async (ending: Ending, type: string, ...actions: readonly Json[]): Promise<Json> => {
      bot = await fakeBot([answer, ...actions, hangup], '');
      await call({ fault: (action) => (action.type === type ? ending : undefined) });
      return bot.outcomes()[0] ?? expect.fail('no outcome');
    };
    const failed: Ending = { end: 'failed', cause: 'system', reason: 'InternalServerError' };

    it('in a prompt, and the rest is skipped', async () => {
      expect(await faulty(failed, 'play', play('Hi'), menu())).deep.equal({ type: 'playPromptOutcome', id: 'op-play', outcome: 'failure', failureReason: 'InternalServerError' });
    });
    it('in a question', async () => expect(await faulty(failed, 'recognize', menu())).deep.include({ choiceOutcome: { completionReason: 'temporarySystemFailure' } }));
    it('in a recording', async () => expect(await faulty({ ...failed, cause: 'unknown' }, 'record', record())).include({ completionReason: 'unknown' }));
    it('in an answer', async () => expect(await faulty(failed, 'answer')).include({ type: 'answerOutcome', outcome: 'failure' }));
    it('by half a choice', async () => expect(await faulty({ end: 'wrong', by: 'interdigit' }, 'recognize', menu())).deep.include({ choiceOutcome: { completionReason: 'interdigitTimeout' } }));
  });

  it('may use the withdrawn actions where they are allowed', async () => {
    const extended = await emulator({ wire: botframeworkWire({ profile: 'extended' }), appId: 'app-1' });
    const transfer = { action: 'transfer', operationId: 't', target: { identity: '8:bob', originator: false } };
    bot = await fakeBot([answer, play('One moment.'), transfer]);
    const report = await call({}, extended);
    expect(report.endedBy).equal('transferred');
    expect(bot.received[1]?.json).deep.include({ callState: 'terminated', operationOutcome: { type: 'transferOutcome', id: 't', outcome: 'success', failureReason: '' } });
    await bot.close();
    bot = await fakeBot([{ action: 'answerAppHostedMedia', operationId: 'm', mediaConfiguration: {} }], [{ action: 'videoSubscription', operationId: 'v', socketId: 1, participantIdentity: '8:bob', videoModality: 'video' }, play('Hi')], [hangup]);
    await call({}, extended);
    expect(bot.outcomes().map(({ type }) => type)).deep.equal(['answerAppHostedMediaOutcome', 'playPromptOutcome', 'hangupOutcome']);
    await extended.close();
  });

  it('wants sound options', async () => {
    const caller = scriptedCaller([]);
    for (const [url, options, option] of [
      ['calls', {}, 'url'], ['ftp://bot.example/', {}, 'url'], ['http://127.0.0.1:1/', { clock: 'sun' as 'real' }, 'clock'], ['http://127.0.0.1:1/', { tries: 0 }, 'tries'],
    ] as const) {
      const error: unknown = await service.call(url, { clock: 'script', caller, ...options }).catch((thrown: unknown) => thrown);
      expect(error).deep.include({ code: 'ERR_OPTION_INVALID', details: { option } });
    }
  });

  it('may run beside others', async () => {
    bot = await fakeBot(...Array.from({ length: 30 }, () => ({ json }: { json: Json }) => (json['participants'] ? [answer, menu()] : [hangup])));
    const reports = await Promise.all(Array.from({ length: 10 }, () => call({ script: 'press 1' })));
    expect(new Set(reports.map(({ callId }) => callId)).size).equal(10);
    expect(reports.every(({ endedBy }) => endedBy === 'bot')).equal(true);
  });
});
