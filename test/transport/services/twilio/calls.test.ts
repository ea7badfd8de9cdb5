/** Whole calls over Twilio's wire: a caller who does what documents say, and an account that takes our own requests. */
import { expect } from 'chai';
import { XMLParser } from 'fast-xml-parser';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import type { AnyStateMachine } from 'xstate';
import { callMachine, createcall, hangup, hold, prompt, raw, recognize, record, reject, task, transfer } from 'callchart';
import { type CallsOptions, memoryRecordings, serve, type TransportEvent, twilio, type TwilioOptions } from 'callchart/transport';
import acme from '../../../../examples/acme/bot.ts';
import { gate, logInto, type LogLine, until } from '../../rig.ts';
import { accountSid, authToken, callSid, type Fields, ongoing, path, publicUrl, ringing, signatureOf } from './requests.ts';

/** A verb of a document. */
interface Verb {
  readonly name: string;
  readonly attributes: Fields;
  readonly text: string;
  readonly children: readonly Verb[];
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly verbs: readonly Verb[];
}

type Node = Readonly<Record<string, unknown>>;
const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false, parseAttributeValue: false, trimValues: false, ignoreDeclaration: true });

const verbOf = (node: Node): Verb => {
  const name = Object.keys(node).find((key) => key !== ':@') ?? '';
  const inside = node[name] as readonly Node[];
  return { name, attributes: (node[':@'] ?? {}) as Fields, text: inside.map((child) => String(child['#text'] ?? '')).join(''), children: inside.filter((child) => !('#text' in child)).map(verbOf) };
};

const verbsOf = (body: string): readonly Verb[] => (body === '' ? [] : verbOf((parser.parse(body) as readonly Node[])[0] ?? { Response: [] }).children);

/** What is said in a document, and what its last verb is. */
const heard = ({ verbs }: Answer): string => verbs.flatMap((verb) => [verb, ...verb.children]).map(({ name, text: said }) => (name === 'Say' || name === 'Play' ? `“${said}”` : name === 'Redirect' ? '' : name)).filter((word) => word !== '').join(' ');

/** A request that the account got. */
interface Ordered {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly fields: Fields;
}

/** An account of Twilio: keeps what it is asked for, and answers by `answers`. */
const openAccount = async (answers: (ordered: Ordered) => { readonly status: number; readonly json?: object; readonly wav?: Buffer }) => {
  const ordered: Ordered[] = [];
  const server = createServer(async (request, response) => {
    const one = { method: request.method ?? '', url: request.url ?? '', authorization: request.headers.authorization, fields: Object.fromEntries(new URLSearchParams(await text(request))) };
    ordered.push(one);
    const { status, json, wav } = answers(one);
    response.writeHead(status, { 'content-type': wav === undefined ? 'application/json' : 'audio/x-wav' }).end(wav ?? JSON.stringify(json ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ordered, close: () => new Promise<unknown>((resolve) => server.close(resolve).closeAllConnections()) };
};

/** A server of `bot` behind Twilio, and one who rings it. */
const opened = async (bot: AnyStateMachine, options: Partial<TwilioOptions> = {}, more: Partial<CallsOptions> = {}) => {
  const lines: LogLine[] = [];
  const clock = { now: 1_760_000_000_000 };
  const service = twilio({ accountSid, authToken, publicUrl, apiUrl: 'http://127.0.0.1:9', ...options });
  const server = await serve({ service, bots: { [path]: bot }, log: logInto(lines), now: () => clock.now, port: 0, roundMs: 5, marginMs: 20, ...more });
  let tokens = 0;
  let latest: Answer = { status: 0, body: '', verbs: [] };

  /** Posts a form to an address; undefined is the first one. */
  const post = async (fields: Fields, address = publicUrl + path, headers: Fields = { 'i-twilio-idempotency-token': `t${(tokens += 1)}` }): Promise<Answer> => {
    const signature = signatureOf(address, fields);
    const response = await fetch(server.url + address.slice(publicUrl.length), {
      method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', 'x-twilio-signature': signature, ...headers }, body: new URLSearchParams(fields).toString(),
    });
    const body = await response.text();
    if (response.status === 200 && body !== '') expect(response.headers.get('content-type')).to.equal('text/xml; charset=utf-8');
    return { status: response.status, body, verbs: response.status === 200 ? verbsOf(body) : [] };
  };
  const keep = async (answer: Promise<Answer>): Promise<Answer> => (latest = await answer);
  const find = (...names: readonly string[]): Verb => latest.verbs.find(({ name }) => names.includes(name)) ?? expect.fail(`there is no ${names.join(', ')} in: ${latest.body}`);
  const action = (...names: readonly string[]): string => find(...names).attributes['action'] ?? '';
  return {
    lines, server, clock, post, find,
    latest: () => latest,
    rings: (fields: Fields = ringing) => keep(post(fields)),
    keys: (Digits: string, more: Fields = {}) => keep(post({ ...ongoing, Digits, ...more }, action('Gather'))),
    says: (SpeechResult: string) => keep(post({ ...ongoing, SpeechResult, Confidence: '0.9' }, action('Gather'))),
    /** Hears the document to its end. */
    listens: () => keep(post(ongoing, find('Redirect').text)),
    /** The verb that asks somebody, or records, has come to this. */
    ends: (fields: Fields) => keep(post({ ...ongoing, ...fields }, action('Record', 'Dial', 'Refer', 'Pay'))),
    hangsUp: (fields: Fields = {}) => post({ ...ongoing, CallStatus: 'completed', CallbackSource: 'call-progress-events', SequenceNumber: '0', CallDuration: '9', ...fields }),
    /** Does what a push says. */
    isTold: (twiml: string) => (latest = { status: 200, body: twiml, verbs: verbsOf(twiml) }),
    said: (message: string) => lines.filter((line) => line.message === message),
    close: () => server.close(),
  };
};

describe('twilio: a call', () => {
  it('is answered by the menu; silence is asked again, and a key goes where it leads', async () => {
    const line = await opened(acme);
    expect(heard(await line.rings())).to.match(/^Gather “Welcome to Acme/);
    expect(heard(await line.listens())).to.match(/^Gather “Sorry, I did not hear you\./);
    expect(heard(await line.keys('9'))).to.match(/^Gather “/);
    expect(heard(await line.keys('2'))).to.match(/support/i).and.match(/ Hangup$/);
    await line.hangsUp();
    expect(line.said('call ended').map(({ reason }) => reason)).to.deep.equal(['bot']);
    expect(line.lines.filter(({ level }) => level !== 'info')).to.deep.equal([]);
    await line.close();
  });

  it('is answered with the same bytes when a request is repeated, with a token or without, and nothing happens twice', async () => {
    for (const headers of [{ 'i-twilio-idempotency-token': 'same' }, {}]) {
      const line = await opened(acme);
      await line.rings();
      const address = line.find('Gather').attributes['action'] ?? '';
      const first = await line.post({ ...ongoing, Digits: '9' }, address, headers);
      const again = await line.post({ ...ongoing, Digits: '9' }, address, headers);
      expect(again.body).to.equal(first.body);
      expect(line.said('exchange').map(({ kind }) => kind)).to.deep.equal(['taken', 'taken', 'repeated']);
      await line.close();
    }
  });

  it('goes on where it is when an old question is answered once more', async () => {
    const line = await opened(acme);
    await line.rings();
    const old = line.find('Gather').attributes['action'] ?? '';
    const now = await line.listens();
    expect((await line.post({ ...ongoing, Digits: '2' }, old)).body).to.equal(now.body);
    await line.close();
  });

  it('is over when the caller hangs up, told by whatever comes first and as often as it comes', async () => {
    const line = await opened(acme);
    await line.rings();
    expect(heard(await line.keys('9', { CallStatus: 'completed' }))).to.equal('Hangup');
    for (let time = 0; time < 2; time += 1) expect((await line.hangsUp()).status).to.equal(200);
    expect(line.said('call ended').map(({ reason }) => reason)).to.deep.equal(['caller']);
    await line.close();
  });

  it('lets nobody in but Twilio, and tells him nothing', async () => {
    const line = await opened(acme);
    const { status, body } = await line.post(ringing, undefined, { 'x-twilio-signature': 'A'.repeat(27) + '=' });
    expect([status, body]).to.deep.equal([401, '{"error":{"code":"ERR_SIGNATURE_REJECTED"}}']);
    expect(JSON.stringify(line.lines)).not.to.contain(authToken);
    await line.close();
  });

  it('is refused as busy', async () => {
    const line = await opened(callMachine('shy', { initial: 'busy', states: { busy: reject('busy') } }));
    await line.rings();
    expect(line.find('Reject').attributes).to.deep.equal({ reason: 'busy' });
    await line.hangsUp({ CallStatus: 'busy' });
    expect(line.said('call ended').map(({ reason }) => reason)).to.deep.equal(['rejected']);
    await line.close();
  });

  it('of which nothing is known is hung up on, and its end is no matter', async () => {
    const line = await opened(acme);
    expect((await line.post(ongoing, `${publicUrl}${path}?of=play&op=12345678:3:0`)).body).to.contain('<Hangup/>');
    expect((await line.hangsUp()).status).to.equal(200);
    await line.close();
  });
});

describe('twilio: what takes time', () => {
  const looking = (work: () => Promise<unknown>) =>
    callMachine('slow', {
      initial: 'look', filler: 'One moment.',
      states: { look: task({ run: work, on: { done: 'found', failed: 'bye' } }), found: recognize({ prompt: 'Found. Again?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.') },
    });

  it('a task that is slow is waited for with a filler, and what it comes to breaks the filler off', async () => {
    const account = await openAccount(() => ({ status: 200, json: { sid: callSid } }));
    const looked = gate();
    const line = await opened(looking(() => looked.passed), { apiUrl: account.url, fillAfterMs: 20 });
    expect(heard(await line.rings())).to.equal('“One moment.”');
    looked.open();
    await until(() => account.ordered.length === 1);
    const [{ method, url, authorization, fields } = expect.fail('nothing was asked for')] = account.ordered;
    expect([method, url, authorization]).to.deep.equal(['POST', `/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`, `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`]);
    line.isTold(fields['Twiml'] ?? '');
    expect(heard(line.latest())).to.equal('Gather “Found. Again?”');
    expect(heard(await line.keys('1'))).to.equal('“Goodbye.” Hangup');
    await line.close();
    await account.close();
  });

  it('the end of the filler, told when the task is done, is told what the call is about now', async () => {
    const account = await openAccount(() => ({ status: 200 }));
    const looked = gate();
    const line = await opened(looking(() => looked.passed), { apiUrl: account.url, fillAfterMs: 20 });
    await line.rings();
    looked.open();
    await until(() => account.ordered.length === 1);
    expect(heard(await line.listens())).to.equal('Gather “Found. Again?”');
    await line.close();
    await account.close();
  });

  it('a call that has gone meanwhile is over when Twilio says so', async () => {
    const account = await openAccount(() => ({ status: 400, json: { code: 21220, message: 'Call is not in-progress. Cannot redirect.' } }));
    const looked = gate();
    const line = await opened(looking(() => looked.passed), { apiUrl: account.url, fillAfterMs: 20 });
    await line.rings();
    looked.open();
    await until(() => line.said('call ended').length === 1);
    await line.close();
    await account.close();
  });

  it('what is too long to be sent is asked for', async () => {
    const account = await openAccount(() => ({ status: 200 }));
    const looked = gate();
    const bot = callMachine('long', { initial: 'look', states: { look: task({ run: () => looked.passed, on: { done: 'tell', failed: 'bye' } }), tell: prompt('And so on. '.repeat(370), 'bye'), bye: hangup('Goodbye.') } });
    const line = await opened(bot, { apiUrl: account.url, fillAfterMs: 20 });
    await line.rings();
    looked.open();
    await until(() => account.ordered.length === 1);
    const { Url = '', Method } = account.ordered[0]?.fields ?? {};
    expect(Method).to.equal('POST');
    for (let time = 0; time < 2; time += 1) expect(heard(await line.post(ongoing, Url))).to.match(/^“(And so on\. ){370}” “Goodbye\.” Hangup$/);
    await line.close();
    await account.close();
  });

  it('an answer that Twilio did not get is asked for at the fallback address, and the call goes on', async () => {
    const line = await opened(acme);
    await line.rings();
    const address = line.find('Gather').attributes['action'] ?? '';
    const lost = await line.post({ ...ongoing, Digits: '9' }, address);
    const fallback: Fields = { ...ongoing, ErrorCode: '11200', ErrorUrl: address };
    expect((await line.post(fallback)).body).to.equal(lost.body);
    await line.close();
  });

  it('a caller on hold hears music at once, and is taken back when the bot has something to say', async () => {
    const account = await openAccount(() => ({ status: 200 }));
    const looked = gate();
    const bot = callMachine('desk', {
      initial: 'wait',
      states: { wait: hold({ audio: 'https://cdn.example/music.mp3' }, { on: { done: 'look', failed: 'bye' } }), look: task({ run: () => looked.passed, on: { done: 'back', failed: 'bye' } }), back: prompt('Here you are.', 'bye'), bye: hangup() },
    });
    const line = await opened(bot, { apiUrl: account.url });
    expect(heard(await line.rings())).to.equal('“”');
    expect(heard(await line.listens())).to.match(/^“https:\/\/cdn\.example\/music\.mp3”/);
    looked.open();
    await until(() => account.ordered.length === 1);
    expect(heard(line.isTold(account.ordered[0]?.fields['Twiml'] ?? ''))).to.equal('“Here you are.” Hangup');
    await line.close();
    await account.close();
  });
});

describe('twilio: a recording', () => {
  const box = callMachine('box', { initial: 'speak', states: { speak: record({ prompt: 'Speak after the tone.', on: { done: 'thanks', exhausted: 'bye' } }), thanks: hangup('Thank you.'), bye: hangup('Goodbye.') } });
  const recording: Fields = { RecordingUrl: 'https://elsewhere.example/Recordings/RE7', RecordingSid: 'RE7', RecordingDuration: '7' };

  it('is told with its end; its file follows, is fetched from the account and nowhere else, and is not lost to a retry', async () => {
    const wav = Buffer.from('RIFF and so on');
    const account = await openAccount(({ url }) => ({ status: url.endsWith('/RE7.wav') ? 200 : 404, wav }));
    const recordings = memoryRecordings();
    const kept: unknown[] = [];
    const line = await opened(box, { apiUrl: account.url }, { recordings, onRecording: (one) => void kept.push(one) });
    await line.rings();
    const { action = '', recordingStatusCallback = '' } = line.find('Record').attributes;
    const callback: Fields = { ...recording, AccountSid: accountSid, CallSid: callSid, RecordingStatus: 'completed' };
    expect((await line.post(callback, recordingStatusCallback)).body).to.equal('');
    expect(heard(await line.ends({ ...recording, Digits: '#' }))).to.equal('“Thank you.” Hangup');
    await line.post({ ...ongoing, ...recording, Digits: '#' }, action, { 'i-twilio-idempotency-token': 'another' });
    await line.post(callback, recordingStatusCallback);
    expect(recordings.refs()).to.deep.equal(['RE7']);
    expect(await buffer(recordings.open('RE7'))).to.deep.equal(wav);
    expect(kept[0]).to.deep.equal({ callId: callSid, recording: { ref: 'RE7', bytes: wav.length, contentType: 'audio/x-wav', lengthMs: 7_000 } });
    expect(account.ordered[0]).to.deep.include({ method: 'GET', url: `/2010-04-01/Accounts/${accountSid}/Recordings/RE7.wav` });
    await line.close();
    await account.close();
  });

  it('whose file cannot be had is refused for now, by its name and why; nothing says where it was looked for', async () => {
    for (const [status, reason] of [[401, '401'], [0, 'unreachable']] as const) {
      const account = await openAccount(() => ({ status }));
      const events: TransportEvent[] = [];
      const line = await opened(box, { apiUrl: status === 0 ? 'http://127.0.0.1:1' : account.url }, { onEvent: (event) => void events.push(event) });
      await line.rings();
      const { recordingStatusCallback = '' } = line.find('Record').attributes;
      const { status: answered, body } = await line.post({ ...recording, AccountSid: accountSid, CallSid: callSid, RecordingStatus: 'completed' }, recordingStatusCallback);
      expect([answered, body]).to.deep.equal([503, '{"error":{"code":"ERR_RECORDING_UNAVAILABLE"}}']);
      const [told] = events.filter(({ type }) => type === 'exchange.refused');
      expect(told).to.deep.include({ code: 'ERR_RECORDING_UNAVAILABLE', call: callSid, ref: 'RE7', status: 503 });
      const [said] = line.said('exchange refused');
      expect(said).to.deep.include({ level: 'error', call: callSid, ref: 'RE7', details: { ref: 'RE7', reason } });
      expect(JSON.stringify(line.lines)).not.to.match(/127\.0\.0\.1|Accounts|a token of/i);
      expect(line.said('exchange failed')).to.deep.equal([]);
      await line.close();
      await account.close();
    }
  });

  it('of which Twilio has no file is told to whoever counts, and Twilio is told that all is well', async () => {
    const events: TransportEvent[] = [];
    const line = await opened(box, {}, { onEvent: (event) => void events.push(event) });
    await line.rings();
    const { recordingStatusCallback = '' } = line.find('Record').attributes;
    for (const RecordingStatus of ['absent', 'failed']) {
      expect((await line.post({ ...recording, AccountSid: accountSid, CallSid: callSid, RecordingStatus }, recordingStatusCallback)).status).to.equal(200);
    }
    expect(events.filter(({ type }) => type === 'recording.lost')).to.deep.equal(['absent', 'failed'].map((reason) => ({ type: 'recording.lost', chain: undefined, call: callSid, ref: 'RE7', reason })));
    expect(line.said('recording lost').map(({ level, ref }) => [level, ref])).to.deep.equal([['warn', 'RE7'], ['warn', 'RE7']]);
    await line.close();
  });

  it('that the application cannot take is announced again, and its file stays', async () => {
    const account = await openAccount(() => ({ status: 200, wav: Buffer.from('RIFF') }));
    const recordings = memoryRecordings();
    const line = await opened(box, { apiUrl: account.url }, { recordings, onRecording: async function shelf() { throw new Error('no Mona'); } });
    await line.rings();
    const { recordingStatusCallback = '' } = line.find('Record').attributes;
    expect((await line.post({ ...recording, AccountSid: accountSid, CallSid: callSid, RecordingStatus: 'completed' }, recordingStatusCallback)).status).to.equal(500);
    expect(line.said('exchange refused')[0]).to.deep.include({ code: 'ERR_HOOK_FAILED', ref: 'RE7', details: { hook: 'recording', name: 'shelf', reason: 'threw' } });
    expect(recordings.refs()).to.deep.equal(['RE7']);
    await line.close();
    await account.close();
  });

  it('of silence is asked for again', async () => {
    const line = await opened(box);
    await line.rings();
    expect(heard(await line.listens())).to.match(/Speak after the tone\.” Record$/);
    await line.close();
  });

  it('of a caller who hangs up is kept, and the call is over', async () => {
    const line = await opened(box);
    await line.rings();
    await line.ends({ ...recording, Digits: 'hangup', CallStatus: 'completed' });
    expect(line.said('call ended').map(({ reason }) => reason)).to.deep.equal(['caller']);
    await line.close();
  });
});

describe('twilio: somebody else', () => {
  const desk = callMachine('desk', { initial: 'on', states: { on: transfer({ to: '+15551234567', on: { failed: 'sorry', busy: 'later' } }), later: hangup('They are busy.'), sorry: hangup('Nobody is there.') } });

  it('takes the caller over, and the bot no longer has him', async () => {
    const line = await opened(desk);
    await line.rings();
    expect(line.find('Dial').children).to.deep.equal([{ name: 'Number', attributes: {}, text: '+15551234567', children: [] }]);
    expect(heard(await line.ends({ DialCallStatus: 'completed' }))).to.equal('Hangup');
    expect(line.said('call ended').map(({ reason }) => reason)).to.deep.equal(['transferred']);
    await line.close();
  });

  it('is busy, or does not answer, and the bot has the caller again', async () => {
    const line = await opened(desk);
    await line.rings();
    expect(heard(await line.ends({ DialCallStatus: 'busy' }))).to.equal('“They are busy.” Hangup');
    await line.close();
    const another = await opened(desk);
    await another.rings();
    expect(heard(await another.ends({ DialCallStatus: 'no-answer' }))).to.equal('“Nobody is there.” Hangup');
    await another.close();
  });

  it('is rung for the caller, who is with the bot again afterwards', async () => {
    const bot = callMachine('pair', { initial: 'ring', states: { ring: createcall({ to: 'sip:friend@pbx.example', on: { done: 'after', failed: 'after' } }), after: hangup('Welcome back.') } });
    const line = await opened(bot);
    await line.rings();
    expect(heard(await line.ends({ DialCallStatus: 'completed', DialCallDuration: '60' }))).to.equal('“Welcome back.” Hangup');
    await line.close();
  });
});

describe('twilio: a verb that no other service has', () => {
  const shop = callMachine('shop', { initial: 'pay', states: { pay: raw('twilio', { verb: 'Pay', attributes: { chargeAmount: '10.00' }, on: { success: 'thanks', 'caller-hung-up': 'bye', failed: 'sorry' } }), thanks: hangup('Paid.'), sorry: hangup('Not paid.'), bye: hangup() } });

  it('is done, and ends by its own words', async () => {
    for (const [Result, said] of [['success', '“Paid.” Hangup'], ['too-many-failed-attempts', '“Not paid.” Hangup'], ['card-eaten', '“Not paid.” Hangup']] as const) {
      const line = await opened(shop);
      await line.rings();
      expect(heard(await line.ends({ Result, PaymentConnector: 'Default' }))).to.equal(said);
      await line.close();
    }
  });
});

describe('twilio: a call that the application places', () => {
  const reminder = callMachine('reminder', {
    initial: 'who',
    states: { who: { always: [{ guard: ({ context }) => context.call.answeredBy === 'machine', target: 'machine' }, { target: 'person' }] }, machine: hangup('Please call us back.'), person: recognize({ prompt: 'Will you come?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('See you.') },
  });
  const placing = { to: '+15550000007', from: '+15550000002', detectMachine: true, timeoutMs: 20_000 };
  const answered: Fields = { ...ongoing, Direction: 'outbound-api', From: placing.from, To: placing.to };

  it('is placed with all that it takes, and begins when a person or a machine answers', async () => {
    for (const [AnsweredBy, said] of [['human', 'Gather “Will you come?”'], ['machine_start', '“Please call us back.” Hangup']] as const) {
      const account = await openAccount(() => ({ status: 201, json: { sid: callSid, status: 'queued' } }));
      const line = await opened(reminder, { apiUrl: account.url });
      expect(await line.server.place(placing)).to.equal(callSid);
      expect(account.ordered[0]).to.deep.include({ method: 'POST', url: `/2010-04-01/Accounts/${accountSid}/Calls.json` });
      expect(account.ordered[0]?.fields).to.deep.equal({
        To: placing.to, From: placing.from, Url: publicUrl + path, Method: 'POST', StatusCallback: `${publicUrl}${path}?of=status`, StatusCallbackMethod: 'POST', StatusCallbackEvent: 'completed', Timeout: '20', MachineDetection: 'Enable',
      });
      expect(heard(await line.rings({ ...answered, AnsweredBy }))).to.equal(said);
      await line.close();
      await account.close();
    }
  });

  it('is not answered, and never begins', async () => {
    const line = await opened(reminder);
    for (const [CallStatus, reason] of [['busy', 'busy'], ['no-answer', 'noanswer'], ['failed', 'failed'], ['canceled', 'cancelled']] as const) {
      await line.post({ ...answered, CallStatus, CallbackSource: 'call-progress-events', SequenceNumber: '2' }, `${publicUrl}${path}?of=status`);
      expect(line.said('call unanswered').at(-1)).to.include({ reason });
    }
    expect(line.said('call begun')).to.deep.equal([]);
    await line.close();
  });

  it('goes to a number, a SIP address or a client, and is asked for of no other', async () => {
    const account = await openAccount(() => ({ status: 201, json: { sid: callSid, status: 'queued' } }));
    const line = await opened(reminder, { apiUrl: account.url });
    for (const to of ['reception', '8:acs:somebody', 'sip:a desk', '+1 555']) {
      const refused = await line.server.place({ ...placing, to }).then(() => undefined, (error: unknown) => error as Error & { readonly code: string; readonly details: object });
      expect([refused?.code, refused?.details], to).to.deep.equal(['ERR_OPTION_INVALID', { option: 'to' }]);
      expect(refused?.message).not.to.contain(to);
    }
    expect(account.ordered).to.deep.equal([]);
    for (const to of ['+15550000007', 'sip:desk@example.com', 'client:reception', 'tel:+15550000008']) await line.server.place({ ...placing, to });
    expect(account.ordered.map(({ fields }) => fields?.['To'])).to.deep.equal(['+15550000007', 'sip:desk@example.com', 'client:reception', '+15550000008']);
    await line.close();
    await account.close();
  });

  it('is not placed where Twilio refuses, and is not placed twice', async () => {
    const account = await openAccount(() => ({ status: 400, json: { code: 21211, message: 'The To number is not valid' } }));
    const line = await opened(reminder, { apiUrl: account.url });
    const refused = await line.server.place(placing).then(() => undefined, (error: unknown) => error as Error & { readonly code: string; readonly details: object });
    expect([refused?.code, refused?.details]).to.deep.equal(['ERR_CALL_UNPLACED', { service: 'twilio', reason: '21211' }]);
    expect(`${refused?.message} ${refused?.stack}`).not.to.contain(authToken);
    expect(account.ordered).to.have.length(1);
    await line.close();
    await account.close();
  });
});
