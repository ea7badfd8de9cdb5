/** The emulated Twilio, with bots of fixed documents, and with the vendor's own package as the judge of signatures and the client of the API. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import twilioPackage from 'twilio';
import { type AnswerOptions, type Caller, type CallOptions, type CallReport, emulator, parseScript, queuedCaller, scriptedCaller, type TwilioEmulator, type TwilioEmulatorOptions } from '../../../src/emulator/index.ts';
import { isCallError } from '../../../src/errors.ts';
import { type Answers, type Told, type TwilioBot, twilioBot } from './twilio-bot.ts';

const vectors = fileURLToPath(new URL('../../../../shared/vectors/cpaas/', import.meta.url));

const menu = (text: string, more = ''): string => `<Gather action="?s=menu" numDigits="1" finishOnKey=""${more}><Say>${text}</Say></Gather>`;

describe('an emulated call by Twilio', function () {
  this.timeout(20_000);
  let service: TwilioEmulator;
  let bot: TwilioBot;
  afterEach(async () => {
    await service.close();
    await bot.close();
  });

  const bots: TwilioBot[] = [];
  after(() => Promise.all(bots.map((one) => one.close())));

  const open = async (answers: Answers, options: TwilioEmulatorOptions = {}): Promise<void> => {
    bot = await twilioBot(...answers);
    bots.push(bot);
    service = await emulator({ service: 'twilio', ...options });
  };

  const by = (script: string): Pick<CallOptions, 'clock' | 'caller'> => ({ clock: 'script', caller: scriptedCaller(parseScript(script)) });

  const call = async (script: string, answers: Answers, options: TwilioEmulatorOptions = {}, more: Partial<CallOptions> = {}): Promise<CallReport> => {
    await open(answers, options);
    return service.call(bot.url, { ...by(script), retryDelayMs: 1, ...more });
  };

  const notes = ({ transcript }: CallReport): readonly string[] => transcript.map(({ who, kind, text }) => `${who}.${kind}${text === undefined ? '' : ` ${text}`}`);
  const statuses = (): readonly string[] => bot.beside.map(({ params }) => params['CallStatus'] ?? `recording ${params['RecordingStatus']}`);

  /** What the vendor's own package thinks of `told`, which was sent to the public address `base`. */
  const isSigned = ({ method, path, headers, params }: Told, base: string): boolean =>
    twilioPackage.validateRequest(service.authToken, String(headers['x-twilio-signature']), base + path, method === 'GET' ? {} : params);

  describe('from ring to end', () => {
    it('asks for a document, does it, and tells how its last verb ended', async () => {
      const report = await call('expect welcome\npress 2\nexpect help', [`<Say>Welcome.</Say>${menu('Which?')}<Redirect>?s=silent</Redirect>`, '<Say>Help it is.</Say><Hangup/>']);
      expect(report).include({ endedBy: 'bot', rounds: 2 }).and.not.have.property('reason');
      expect(notes(report)).deep.equal([
        'line.ringing', 'bot.answered', 'bot.says Welcome.', 'bot.says Which?', 'bot.asks one digit', 'caller.keys 2', 'bot.says Help it is.', 'bot.hungup',
      ]);
      expect(report.callId).match(/^CA[0-9a-f]{32}$/);
      const [first, second] = bot.told;
      expect(first?.params).include({
        AccountSid: service.accountSid, ApiVersion: '2010-04-01', CallSid: report.callId, CallStatus: 'ringing', Direction: 'inbound', From: '+15550100', To: '+15550199', Caller: '+15550100', Called: '+15550199',
      });
      expect(second).property('path', '/api/twilio?s=menu');
      expect(second?.params).include({ CallStatus: 'in-progress', Digits: '2', FinishedOnKey: '', msg: 'Gather End' });
    });

    it('signs each request as the vendor’s package wants it, over the public address where there is one', async () => {
      await call('press 1', [menu('Which?'), '<Redirect method="GET">/api/elsewhere?a=1&amp;b=2</Redirect>'], { publicUrl: 'https://bot.example.com' });
      expect(bot.told.map(({ method, path }) => `${method} ${path.split('&Account', 1)[0]}`)).deep.equal(['POST /api/twilio', 'POST /api/twilio?s=menu', 'GET /api/elsewhere?a=1&b=2']);
      for (const told of [...bot.told, ...bot.beside]) {
        expect(isSigned(told, 'https://bot.example.com'), told.path).equal(true);
        expect(isSigned(told, bot.origin), told.path).equal(false);
      }
      const forged = bot.told[1] ?? expect.fail();
      expect(isSigned({ ...forged, params: { ...forged.params, Digits: '2' } }, 'https://bot.example.com')).equal(false);
    });

    it('signs for the address that it calls where no other is named, and numbers its requests', async () => {
      await call('press 1', [menu('Which?')]);
      expect([...bot.told, ...bot.beside].every((told) => isSigned(told, bot.origin))).equal(true);
      expect(new Set([...bot.told, ...bot.beside].map(({ headers }) => headers['i-twilio-idempotency-token'])).size).equal(3);
    });

    it('goes where a document leads, by relative and absolute addresses, and asks there again', async () => {
      const report = await call('', ['<Redirect>next?x=1</Redirect>', '<Redirect>https://bot.example.com/api/far</Redirect>', '<Say>Here.</Say>'], { publicUrl: 'https://bot.example.com' });
      expect(bot.told.map(({ path }) => path)).deep.equal(['/api/twilio', '/api/next?x=1', '/api/far']);
      expect(notes(report)).deep.equal(['line.ringing', 'bot.answered', 'bot.says Here.', 'bot.hungup']);
    });

    it('is not answered by waiting, nor by going elsewhere', async () => {
      const report = await call('', ['<Pause length="2"/><Redirect/>', '<Reject reason="busy"/>']);
      expect(report.endedBy).equal('rejected');
      expect(bot.told.map(({ params }) => params['CallStatus'])).deep.equal(['ringing', 'ringing']);
    });

    it('ends with the document', async () => expect(await call('', ['<Say>Goodbye.</Say>'])).include({ endedBy: 'bot', rounds: 1 }));

    it('knows callers of all kinds', async () => {
      await call('', ['<Hangup/>'], {}, { from: 'ann', to: 'sip:bot@example.com', name: 'Ann' });
      expect(bot.told[0]?.params).include({ From: 'client:ann', To: 'sip:bot@example.com', CallerName: 'Ann' }).and.not.have.property('FromCity');
    });
  });

  describe('with a question', () => {
    const gathered = async (script: string, attributes: string, inside = '<Say>Well?</Say>'): Promise<Readonly<Record<string, string>>> => {
      await call(script, [`<Gather action="?got" ${attributes}>${inside}</Gather><Redirect>?nothing</Redirect>`]);
      const { path, params } = bot.told[1] ?? expect.fail('nothing was told');
      const { Digits, FinishedOnKey, SpeechResult, Confidence, msg } = params;
      return { to: path.replace('/api/twilio?', ''), ...Object.fromEntries(Object.entries({ Digits, FinishedOnKey, SpeechResult, Confidence, msg }).filter(([, value]) => value !== undefined)) as Record<string, string> };
    };
    const digits = (Digits: string, FinishedOnKey = '') => ({ to: 'got', Digits, FinishedOnKey, msg: 'Gather End' });

    it('a key ends it that is enough', async () => expect(await gathered('press 1', 'numDigits="1"')).deep.equal(digits('1')));
    it('the pound key ends it, and is told', async () => expect(await gathered('press 42#', '')).deep.equal(digits('42', '#')));
    it('another key may end it', async () => expect(await gathered('press 42*7', 'finishOnKey="*"')).deep.equal(digits('42', '*')));
    it('no key may end it', async () => expect(await gathered('press 4#2', 'numDigits="3" finishOnKey=""')).deep.equal(digits('4#2')));
    it('a pause ends it', async () => expect(await gathered('press 42', 'timeout="2"')).deep.equal(digits('42')));
    it('the key alone that ends it is silence', async () => expect(await gathered('press #', '')).deep.equal({ to: 'nothing' }));
    it('silence leads on to the next verb', async () => expect(await gathered('silence', 'numDigits="1"')).deep.equal({ to: 'nothing' }));
    it('silence is told where that is wanted', async () => expect(await gathered('silence', 'numDigits="1" actionOnEmptyResult="true"')).deep.equal(digits('')));
    it('words are told as they were said', async () => expect(await gathered('say I would like sales', 'input="speech"')).deep.equal({ to: 'got', SpeechResult: 'I would like sales', Confidence: '0.9128386' }));
    it('words or keys', async () => {
      expect(await gathered('say sales', 'input="dtmf speech" numDigits="1"')).include({ SpeechResult: 'sales' });
      await service.close();
      await bot.close();
      expect(await gathered('press 2', 'input="dtmf speech" numDigits="1"')).deep.equal(digits('2'));
    });
    it('words are not heard where keys are asked for, nor keys where words are', async () => {
      expect(await gathered('say sales', 'numDigits="1"')).deep.equal({ to: 'nothing' });
      await service.close();
      await bot.close();
      expect(await gathered('press 1', 'input="speech"')).deep.equal({ to: 'nothing' });
    });

    it('waits as long as it says, and five seconds if it does not say', async () => {
      const report = await call('', [`<Gather timeout="7"/>`]);
      expect(notes(report)).include('caller.silence 7 s');
      await service.close();
      await bot.close();
      expect(notes(await call('', [`<Gather/>`]))).include('caller.silence 5 s');
    });

    it('is cut by a person who presses a key, unless the words stand before it', async () => {
      const person = queuedCaller();
      const early = (report: CallReport) => notes(report).filter((note) => /bargein|keys/.test(note));
      const press: Partial<CallOptions> = { clock: 'real', caller: person, speechMs: () => 50, onEntry: ({ text }) => void (text === 'Which?' && person.push({ keys: '1' })) };
      expect(early(await call('', [menu('Which?')], {}, press))).deep.equal(['line.bargein', 'caller.keys 1']);
    });

    it('reads out what is marked up as words', async () => {
      const report = await call('press 1', ['<Gather numDigits="1"><Say>Your code is <say-as interpret-as="telephone">42</say-as>.<break time="1s"/> Right?</Say><Pause length="2"/><Play loop="2">https://bot.example.com/ding.wav</Play></Gather>']);
      expect(notes(report).slice(2, 6)).deep.equal(['bot.says Your code is 42 . Right?', 'bot.pauses 2 s', 'bot.plays https://bot.example.com/ding.wav', 'bot.plays https://bot.example.com/ding.wav']);
    });

    it('hangs up in the middle: the bot is told by the status callback alone', async () => {
      const report = await call('hangup', [menu('Which?')]);
      expect(report).include({ endedBy: 'caller', rounds: 1 });
      expect([bot.told.length, statuses()]).deep.equal([1, ['completed']]);
      expect(bot.beside[0]?.params).include({ CallSid: report.callId, CallbackSource: 'call-progress-events', SequenceNumber: '0' }).and.property('CallDuration').match(/^\d+$/);
    });
  });

  describe('with a recording', () => {
    const record = '<Record action="?got" maxLength="10" timeout="2" recordingStatusCallback="?file"/><Redirect>?nothing</Redirect>';

    it('tells where the sound is, which whoever has the keys of the account can get', async () => {
      await call('record 3', [record]);
      const { path, params } = bot.told[1] ?? expect.fail();
      expect(path).equal('/api/twilio?got');
      expect(params).include({ RecordingDuration: '3', CallStatus: 'in-progress' }).and.not.have.property('Digits');
      expect(params['RecordingUrl']).equal(`${service.apiUrl}/2010-04-01/Accounts/${service.accountSid}/Recordings/${params['RecordingSid']}`);
      const file = `${params['RecordingUrl']}.wav`;
      expect((await fetch(file)).status).equal(401);
      const authorization = `Basic ${Buffer.from(`${service.accountSid}:${service.authToken}`).toString('base64')}`;
      const response = await fetch(file, { headers: { authorization } });
      expect(response.headers.get('content-type')).equal('audio/x-wav');
      expect(Buffer.from(await response.arrayBuffer()).readUInt32LE(40)).equal(3 * 16_000);
      expect((await fetch(file.replace(/RE\w+/, 'RE0'), { headers: { authorization } })).status).equal(404);
      expect(bot.beside[0]).include({ path: '/api/twilio?file' });
      expect(bot.beside[0]?.params).include({ RecordingStatus: 'completed', RecordingSource: 'RecordVerb', RecordingSid: params['RecordingSid'], RecordingDuration: '3', ErrorCode: '0' });
    });

    for (const [what, script, expected] of [
      ['a key ends it, and is told', 'record 3 #', { Digits: '#', RecordingDuration: '3' }],
      ['it is long enough', 'record 20', { RecordingDuration: '10' }],
      ['the caller hangs up, and it is kept', 'record 4 hangup', { Digits: 'hangup', RecordingDuration: '4', CallStatus: 'completed' }],
    ] as const) {
      it(what, async () => {
        await call(script, [record]);
        expect(bot.told[1]?.params).include(expected);
        expect(statuses().includes('completed')).equal(true);
      });
    }

    it('of silence there is none, and the next verb is done', async () => {
      await call('silence', [record]);
      expect(bot.told.map(({ path }) => path)).deep.equal(['/api/twilio', '/api/twilio?nothing']);
    });
  });

  describe('with somebody else', () => {
    const dial = '<Say>One moment.</Say><Dial action="?done" timeout="20"><Number>+15550123</Number></Dial>';
    const dialled = (): Readonly<Record<string, string>> => bot.told[1]?.params ?? expect.fail('nothing was told');

    it('who answers and hangs up, and the caller comes back', async () => {
      const report = await call('press 1', [dial, menu('Anything else?')]);
      expect(dialled()).include({ DialCallStatus: 'completed', DialBridged: 'true', DialCallDuration: '2' });
      expect(notes(report)).include.members(['bot.calls +15550123', 'line.party +15550123 answers', 'line.party +15550123 hangs up', 'bot.says Anything else?']);
      expect(report.endedBy).equal('bot');
    });

    it('who takes the caller over, when the bot has nothing more to say to him', async () => expect(await call('', [dial, '<Hangup/>'])).include({ endedBy: 'transferred' }));
    it('who takes the caller over, when nobody wants to know how it went', async () => expect(await call('', ['<Dial>sip:bob@example.com</Dial>'])).include({ endedBy: 'transferred' }));

    for (const [word, status] of [['busy', 'busy'], ['noanswer', 'no-answer'], ['failed', 'failed']] as const) {
      it(`who cannot be had: ${word}`, async () => {
        const report = await call(`service ${word}`, [dial, '<Say>Sorry.</Say>']);
        expect(dialled()).include({ DialCallStatus: status, DialBridged: 'false' }).and.not.have.property('DialCallDuration');
        expect(report.endedBy).equal('bot');
      });
    }

    it('whom a caller does not wait for', async () => {
      const parties: string[] = [];
      const caller: Caller = {
        next: async () => 'silence',
        party: async ({ kind, to, timeoutMs }) => {
          parties.push(`${kind} ${to} ${timeoutMs}`);
          return kind === 'ringing' ? 'answers' : 'hangup';
        },
      };
      expect(await call('', [dial], {}, { caller })).include({ endedBy: 'caller' });
      expect(parties).deep.equal(['ringing +15550123 20000', 'joined +15550123 20000']);
      expect([bot.told.length, statuses()]).deep.equal([1, ['completed']]);
    });

    it('to whom the caller’s own line is told to go', async () => {
      const refer = '<Refer action="?done"><Sip>sip:bob@example.com</Sip></Refer><Say>Still here.</Say>';
      expect(await call('', [refer])).include({ endedBy: 'transferred' });
      expect(dialled()).include({ ReferCallStatus: 'completed', CallStatus: 'completed' });
      await service.close();
      await bot.close();
      expect(await call('service busy', [refer, '<Say>Sorry.</Say>'])).include({ endedBy: 'bot' });
      expect(dialled()).include({ ReferCallStatus: 'failed', NotifySipResponseCode: '486', CallStatus: 'in-progress' });
    });
  });

  describe('with a bot that', () => {
    it('refuses the call', async () => {
      for (const [reason, status] of [['busy', 'busy'], ['rejected', 'no-answer']] as const) {
        expect(await call('', [`<Reject reason="${reason}"/>`])).include({ endedBy: 'rejected', rounds: 1 });
        expect(statuses()).deep.equal([status]);
        await service.close();
        await bot.close();
      }
      await open([]);
    });

    for (const [what, answer, reason, problem] of [
      ['answers with an error', 500, 'application-error', /the bot answered 500/],
      ['answers that it knows of nothing', 404, 'application-error', /404/],
      ['answers nothing', { type: 'text/xml', body: '' }, 'application-error', /12100/],
      ['answers broken XML', { type: 'text/xml', body: '<Response><Say>Hi</Response>' }, 'application-error', /12100/],
      ['answers with a document type', { type: 'text/xml', body: '<!DOCTYPE r [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>' }, 'application-error', /12100/],
      ['answers something else', { type: 'text/xml', body: '<Answer/>' }, 'application-error', /12100: the document does not begin with `Response`/],
      ['answers JSON', { type: 'application/json', body: '{}' }, 'application-error', /12300/],
      ['makes a verb up', '<Whisper>Hi</Whisper>', 'application-error', /12200: there is no verb `Whisper`/],
      ['makes an attribute up', '<Say loud="yes">Hi</Say>', 'application-error', /12200: `Say` has no attribute `loud`/],
      ['asks within a question', '<Gather><Gather/></Gather>', 'application-error', /12200: `Gather` has no place in `Gather`/],
      ['leads nowhere', '<Redirect>http://</Redirect>', 'application-error', /11100: `Redirect` leads to what is no URL/],
      ['answers too much', `<Say>${'x'.repeat(64 * 1024)}</Say>`, 'application-error', /11750/],
    ] as const) {
      it(`${what} has failed, and the caller is told so`, async () => {
        const report = await call('', [answer]);
        expect(report).include({ endedBy: 'line', reason });
        expect(notes(report).find((note) => note.startsWith('line.error'))).match(problem);
        expect([bot.told.length, statuses()]).deep.equal([1, ['completed']]);
      });
    }

    it('answers plain words or sound is heard all the same', async () => {
      expect(notes(await call('', [{ type: 'text/plain', body: 'Hello.' }]))).include('bot.says Hello.');
    });

    it('does not answer in time is not asked again', async () => {
      const report = await call('', ['never'], {}, { replyTimeoutMs: 30 });
      expect(report).include({ endedBy: 'line', reason: 'unreachable' });
      expect(bot.told.length).equal(1);
    });

    it('breaks the connection off is asked once more, by the same request', async () => {
      const report = await call('press 1', ['gone', menu('Which?'), 'gone', 'gone']);
      expect(report).include({ endedBy: 'line', reason: 'unreachable' });
      const tokens = bot.told.map(({ headers }) => headers['i-twilio-idempotency-token']);
      expect([tokens.length, new Set(tokens).size]).deep.equal([4, 2]);
      expect(bot.told[0]).deep.include({ params: bot.told[1]?.params });
    });

    it('never says a word is hung up on', async () => expect(await call('', Array.from({ length: 40 }, () => '<Redirect/>'))).include({ endedBy: 'line', reason: 'mute' }));

    it('uses what the emulation does not carry out is told so, and how it ends where that is said', async () => {
      const pay = '<Pay action="?paid" chargeAmount="10"/><Say>Behind it.</Say>';
      expect(notes(await call('', [pay])).slice(2)).deep.equal(['line.warned `Pay` is passed over', 'bot.says Behind it.', 'bot.hungup']);
      await service.close();
      await bot.close();
      await call('', [pay, '<Enqueue action="?left" waitUrl="?wait">support</Enqueue>'], { foreignEnd: ({ name }) => (name === 'Pay' ? { Result: 'success' } : { QueueResult: 'hangup' }) });
      expect(bot.told.map(({ path, params }) => [path, params['Result'] ?? params['QueueResult']])).deep.equal([['/api/twilio', undefined], ['/api/twilio?paid', 'success'], ['/api/twilio?left', 'hangup']]);
    });
  });

  describe('by the API', () => {
    const client = () => {
      const made = twilioPackage(service.accountSid, service.authToken);
      made.api.baseUrl = service.apiUrl;
      return made;
    };
    const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;
    const dial = () => ({ to: '+15550123', from: '+15550199', url: 'https://bot.example.com/api/twilio?out' });
    const answer = (script = '', more: Partial<AnswerOptions> = {}): Promise<CallReport> => service.answer(bot.url, { ...by(script), ...more });

    it('a live call is told to do something else, at once', async () => {
      let sid = '';
      await open([({ params }) => (sid = params['CallSid'] ?? '', menu('Which?')), '<Say>Never heard.</Say>']);
      const person = queuedCaller();
      const report = await service.call(bot.url, {
        clock: 'real', caller: person, speechMs: () => 1,
        onEntry: ({ kind }) => void (kind === 'asks' && client().calls(sid).update({ twiml: '<Response><Say>News!</Say></Response>' })),
      });
      expect(notes(report).slice(-3)).deep.equal(['bot.asks one digit', 'bot.says News!', 'bot.hungup']);
      expect(bot.told.length).equal(1);
    });

    it('a live call is led elsewhere, or hung up, even from music without end', async () => {
      for (const [order, path, end] of [[{ url: 'https://bot.example.com/api/next', method: 'GET' }, '/api/next', 'bot.says Next.'], [{ status: 'completed' as const }, undefined, 'bot.hungup']] as const) {
        let sid = '';
        await open([({ params }) => (sid = params['CallSid'] ?? '', '<Play loop="0">https://bot.example.com/music.mp3</Play>'), '<Say>Next.</Say>']);
        const report = await service.call(bot.url, { clock: 'real', caller: queuedCaller(), speechMs: () => 1, onEntry: ({ kind }) => void (kind === 'plays' && client().calls(sid).update(order)) });
        expect(report.endedBy).equal('bot');
        expect(notes(report)).include(end);
        expect(bot.told[1]?.path.split('?')[0]).equal(path);
        await service.close();
        await bot.close();
      }
      await open([]);
    });

    it('what is ordered while the bot is asked comes instead of the answer', async () => {
      await open([menu('Which?'), async ({ params }) => {
        await client().calls(params['CallSid'] ?? '').update({ twiml: '<Response><Say>News!</Say></Response>' });
        return '<Say>Never heard.</Say>';
      }]);
      expect(notes(await service.call(bot.url, by('press 1'))).slice(-2)).deep.equal(['bot.says News!', 'bot.hungup']);
    });

    it('a call that is over or that never was cannot be changed', async () => {
      const { callId } = await call('', ['<Say>Bye.</Say>']);
      expect(await client().calls(callId).update({ twiml: '<Response/>' }).then(() => undefined, codeOf)).equal(21_220);
      expect(await client().calls('CA00').update({ twiml: '<Response/>' }).then(() => undefined, codeOf)).equal(20_404);
      expect((await client().calls(callId).fetch()).status).equal('completed');
      const stranger = twilioPackage(service.accountSid, 'another token');
      stranger.api.baseUrl = service.apiUrl;
      expect(await stranger.calls(callId).fetch().then(() => undefined, codeOf)).equal(20_003);
    });

    it('a call is placed, answered by a person, and goes on as any other', async () => {
      await open([menu('Hello?')]);
      const answering = answer('expect Hello\npress 1');
      const { sid, status } = await client().calls.create({ ...dial(), statusCallback: 'https://bot.example.com/api/status', statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'] });
      expect(status).equal('queued');
      const report = await answering;
      expect(report).include({ callId: sid, endedBy: 'bot' });
      expect(bot.told[0]).include({ path: '/api/twilio?out' });
      expect(bot.told[0]?.params).include({ CallStatus: 'in-progress', Direction: 'outbound-api', From: '+15550199', To: '+15550123' }).and.not.have.property('AnsweredBy');
      expect(bot.beside.map(({ path, params }) => `${path} ${params['SequenceNumber']} ${params['CallStatus']}`)).deep.equal([
        '/api/status 0 initiated', '/api/status 1 ringing', '/api/status 2 in-progress', '/api/status 3 completed',
      ]);
      expect(notes(report).slice(0, 3)).deep.equal(['line.ringing', 'caller.answered', 'bot.says Hello?']);
    });

    it('who has answered is told where somebody listens for that', async () => {
      for (const [answeredBy, machineDetection, told] of [['human', 'Enable', 'human'], ['machine', 'Enable', 'machine_start'], ['machine', 'DetectMessageEnd', 'machine_end_beep'], ['fax', 'Enable', 'fax'], ['unknown', 'Enable', 'unknown']] as const) {
        await open(['<Hangup/>']);
        await client().calls.create({ ...dial(), machineDetection }); // nobody waits yet: the phone rings when it is there
        await answer('', { answeredBy });
        expect(bot.told[0]?.params).include({ AnsweredBy: told });
        await service.close();
        await bot.close();
      }
      await open([]);
    });

    it('a call that nobody takes never begins for the bot', async () => {
      for (const [untaken, status] of [['busy', 'busy'], ['noanswer', 'no-answer'], ['failed', 'failed']] as const) {
        await open([]);
        await client().calls.create({ ...dial(), statusCallback: 'https://bot.example.com/api/status', timeout: 20 });
        expect(await answer('', { untaken })).include({ endedBy: 'line', reason: 'unanswered' });
        expect([bot.told.length, statuses()]).deep.equal([0, [status]]);
        await service.close();
        await bot.close();
      }
      await open([]);
    });

    it('a call may be placed with a document, and is refused without anything to do', async () => {
      await open([]);
      await client().calls.create({ to: '+15550123', from: '+15550199', twiml: '<Response><Say>Your order is ready.</Say></Response>' });
      expect(notes(await answer())).include('bot.says Your order is ready.');
      expect(await client().calls.create({ to: '', from: '+1', url: 'https://bot.example.com/' }).then(() => undefined, codeOf)).equal(21_201);
      expect(await client().calls.create({ to: '+1', from: '+1' }).then(() => undefined, codeOf)).equal(21_205);
      expect(await client().calls.create({ to: '+1', from: '+1', url: 'nowhere' }).then(() => undefined, codeOf)).equal(21_205);
    });

    it('may have a bad day', async () => {
      await open([], { apiRefuses: ({ method }) => (method === 'POST' ? 503 : undefined) });
      expect(await client().calls.create(dial()).then(() => undefined, (error: { readonly status?: number }) => error.status)).equal(503);
    });

    it('does not ring any more once it is closed', async () => {
      await open([]);
      const waiting = answer();
      await service.close();
      const error: unknown = await waiting.catch((thrown: unknown) => thrown);
      expect(isCallError(error) && error.code).equal('ERR_CALL_UNPLACED');
      await open([]);
    });
  });

  describe('on a bad line', () => {
    const events = { statusCallback: 'https://bot.example.com/api/status', statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'] };
    const placed = async (badLine: NonNullable<TwilioEmulatorOptions['badLine']>): Promise<readonly string[]> => {
      await open([], { badLine });
      const client = twilioPackage(service.accountSid, service.authToken);
      client.api.baseUrl = service.apiUrl;
      await client.calls.create({ to: '+15550123', from: '+15550199', twiml: '<Response><Say>Hi.</Say></Response>', ...events });
      await service.answer(bot.url, by(''));
      return statuses();
    };

    it('status callbacks come in another order, the last one first', async () => expect(await placed({ reordered: true })).deep.equal(['completed', 'in-progress', 'ringing', 'initiated']));
    it('status callbacks are lost', async () => expect(await placed({ lost: ['ringing', 'completed'] })).deep.equal(['initiated', 'in-progress']));
    it('all status callbacks are lost', async () => expect(await placed({ lost: true })).deep.equal([]));
    it('status callbacks come twice, and bear the same token', async () => {
      expect(await placed({ twice: true })).deep.equal(['initiated', 'initiated', 'ringing', 'ringing', 'in-progress', 'in-progress', 'completed', 'completed']);
      expect(new Set(bot.beside.map(({ headers }) => headers['i-twilio-idempotency-token'])).size).equal(4);
    });
    it('status callbacks come late, and the call is not over before', async () => expect(await placed({ delayMs: 5 })).length(4));

    it('answers are lost, and each request is sent again', async () => {
      const report = await call('press 1', [menu('Which?'), menu('Which?'), '<Say>Sales.</Say>', '<Say>Sales.</Say>'], { badLine: { answersLost: true } });
      expect(report.endedBy).equal('bot');
      const tokens = bot.told.map(({ headers }) => headers['i-twilio-idempotency-token']);
      expect([tokens.length, new Set(tokens).size]).deep.equal([4, 2]);
    });
  });

  describe('tells the same as the published examples', () => {
    if (!existsSync(vectors)) return void it('skipped: there is no ../shared/vectors/cpaas beside this repository', function () { this.skip(); });
    const namesIn = (file: string, except: readonly string[] = []): readonly string[] =>
      Object.keys((JSON.parse(readFileSync(`${vectors}${file}`, 'utf8')) as { readonly params: object }).params).filter((name) => !except.includes(name)).toSorted();
    const names = (told: Told | undefined): readonly string[] => Object.keys(told?.params ?? {}).toSorted();

    it('of a call that comes in, digits, silence, words, a message, somebody who does not answer, and the end', async () => {
      await call('press 1', [menu('Which?')]);
      expect(names(bot.told[0])).deep.equal(namesIn('twilio-inbound-call.json', ['StirVerstat']));
      expect(names(bot.told[1])).deep.equal(namesIn('twilio-gather-digits.json'));
      expect(names(bot.beside[0])).deep.equal(namesIn('twilio-status-completed.json'));
      for (const [script, document, file] of [
        ['silence', menu('Which?', ' actionOnEmptyResult="true"'), 'twilio-gather-empty.json'],
        ['say sales', '<Gather action="?s" input="speech"/>', 'twilio-gather-speech.json'],
        ['record 7 #', '<Record action="?s" recordingStatusCallback="?file"/>', 'twilio-record-action.json'],
        ['service noanswer', '<Dial action="?s">+15550123</Dial>', 'twilio-dial-action-noanswer.json'],
      ] as const) {
        await service.close();
        await bot.close();
        await call(script, [document]);
        expect(names(bot.told[1]), file).deep.equal(namesIn(file));
        if (file === 'twilio-record-action.json') expect(names(bot.beside[0])).deep.equal(namesIn('twilio-recording-status.json'));
      }
    });
  });
});
