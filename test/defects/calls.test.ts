/** Calls that the old SDK lost, left hanging or took twice: each defect by its id, as its caller would meet it. */
import { expect } from 'chai';
import { assign } from 'xstate';
import { CallError, callMachine, hangup, prompt, recognize, record, task } from 'callchart';
import { memoryStore, silentLog } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { keyServer } from '../helpers/tokens.ts';
import { gate, incoming, type Json, stubService, until } from '../transport/rig.ts';
import { openings } from './opened.ts';

/** What a caller hears when the bot's own code fails. */
const sorry = 'playPrompt“Sorry, something went wrong. Please call again later.” hangup';

const boom = (): never => {
  throw new Error('the row is not there');
};

const { open, opened, closeAll } = openings();

describe('calls that the old SDK lost', () => {
  afterEach(closeAll);

  it('C-1: work that outlasts “please wait” does not cost the caller the sentence after it', async () => {
    const found = gate<string>();
    const bot = callMachine<{ eta: string }>()('shop', {
      context: { eta: '' }, initial: 'wait', filler: 'Still looking.',
      states: {
        wait: prompt('Please wait.', 'find'),
        find: task({ run: () => found.passed, on: { done: { target: 'tell', actions: assign({ eta: ({ event }) => event.output }) }, failed: 'bye' } }),
        tell: prompt(({ context }) => `It comes at ${context.eta}.`, 'more'),
        more: recognize({ prompt: 'Anything else?', choices: { yes: '1', no: '2' }, on: { yes: 'wait', no: 'bye', exhausted: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    const line = await opened(bot);
    const caller = line.caller('c');
    expect((await caller.rings()).heard).to.equal('answer playPrompt“Please wait.”');
    expect((await caller.heardItAll()).heard, 'while the work goes on').to.equal('playPrompt“Still looking.”');
    found.open('noon');
    expect((await caller.heardItAll()).heard).to.equal('playPrompt“It comes at noon.” recognize“Anything else?”');
    expect((await caller.presses('no')).heard, 'the call goes on').to.equal('playPrompt“Bye.” hangup');
  });

  it('C-2: a request is answered though the bot has nothing to say, its work never ends, a write fails or somebody watches badly', async () => {
    const ask = recognize({ prompt: 'Go on?', choices: { nothing: '1', stuck: '2' }, on: { nothing: 'nothing', stuck: 'stuck', exhausted: 'nothing' } });
    const stuck = task({ run: () => new Promise<void>(() => {}), on: { done: 'nothing', failed: 'nothing' } });
    const made = (id: string, initial: 'ask' | 'nothing' | 'stuck') => callMachine(id, { initial, states: { ask, nothing: {}, stuck } });
    const inner = memoryStore();
    const full = { now: false };
    const commit = async (...args: Parameters<typeof inner.commit>) => (full.now ? Promise.reject(new Error('no space left')) : inner.commit(...args));
    const line = await opened({ '/asks': made('asks', 'ask'), '/nothing': made('nothing', 'nothing'), '/stuck': made('stuck', 'stuck') }, { store: { ...inner, commit }, onStep: boom });
    const begun = async (id: string) => {
      const caller = line.caller(id, { path: '/asks' });
      const { appState = '' } = await caller.rings();
      return { ...caller, appState };
    };
    const [a, b, c, d] = [await begun('a'), await begun('b'), await begun('c'), await begun('d')];
    expect((await line.caller('n', { path: '/nothing' }).rings()).heard, 'nothing to say to who rings').to.equal('reject');
    expect((await a.presses('nothing')).heard, 'nothing to say to who is on the line').to.equal('hangup');
    expect((await line.caller('s', { path: '/stuck' }).rings()).heard, 'work without end').to.equal('answer playPrompt“(2000 ms)”');
    expect((await b.presses('stuck')).heard, 'and later in the call').to.equal('playPrompt“(2000 ms)”');
    const foreign = d.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'nothing' } }, { appState: a.appState });
    expect((await d.post(foreign)).heard, 'an appState of another call').to.equal('hangup');
    full.now = true;
    expect((await c.presses('nothing', 'm')).status, 'a write that fails').to.equal(500);
    full.now = false;
    expect((await c.presses('nothing', 'm')).heard, 'and the same request again').to.equal('hangup');
  });

  it('C-3: a request that comes again is not carried out again, be it the first, one in the middle, or one after the end', async () => {
    let charged = 0;
    const bot = callMachine<{ changes: number }>()('till', {
      context: { changes: 0 }, initial: 'ask', cleanup: () => void (charged += 100),
      on: { 'call.state': { actions: assign({ changes: ({ context }) => context.changes + 1 }) } },
      states: {
        ask: recognize({ prompt: 'Pay now?', choices: { yes: '1', no: '2' }, on: { yes: 'pay', no: 'bye', exhausted: 'bye' } }),
        pay: task({ run: async () => (charged += 1), on: { done: 'paid', failed: 'bye' } }),
        paid: recognize({ prompt: ({ context }) => `Paid, held ${context.changes} times. Again?`, choices: { yes: '1', no: '2' }, on: { yes: 'pay', no: 'bye', exhausted: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    const line = await opened(bot, { service: stubService({ replyWithinMs: 60_000 }) });
    const caller = line.caller('c');
    const first = await caller.rings('one');
    expect((await caller.rings('one')).text, 'while the question is open').to.equal(first.text);
    for (const _ of [1, 2]) await caller.post({ id: 'c', type: 'callStateChange', currentState: 'hold' }, 'held');
    const yes = caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'yes' } });
    const paid = await caller.post(yes, 'two');
    expect(paid.heard).to.equal('recognize“Paid, held 1 times. Again?”');
    expect([(await caller.post(yes, 'two')).text, (await caller.post(yes, 'two')).text]).to.deep.equal([paid.text, paid.text]);
    const no = caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'no' } });
    const bye = await caller.post(no, 'three');
    await caller.isHungUp('four');
    await until(() => charged === 101);
    expect([(await caller.post(no, 'three')).text, (await caller.post(yes, 'two')).text], 'after the end').to.deep.equal([bye.text, paid.text]);
    expect([(await caller.isHungUp('four')).text, (await caller.rings('one')).text, (await caller.rings('five')).text]).to.deep.equal(['', '', '']);
    expect(charged, 'once, and one cleanup').to.equal(101);
    expect(line.said('call ended')).to.have.length(1);
  });

  it('C-4: a message of the service that cannot be read is told from a bad token, and every failure is logged', async () => {
    const keys = await keyServer();
    open.push(keys);
    const inner = memoryStore();
    const store = { ...inner, load: async (key: string) => (key.endsWith('broken') ? Promise.reject(new TypeError('the driver is gone')) : inner.load(key)) };
    const line = await opened(acme, { store, service: stubService({ openIdMetadataUrl: keys.metadataUrl, issuer: 'metadata', verify: undefined } as never) });
    const token = await keys.sign();
    const send = async (body: Json, bearer = token) => (await line.send(JSON.stringify(body), { authorization: `Bearer ${bearer}`, 'x-microsoft-skype-chain-id': 'the-chain' })).status;
    const answered = { id: 'c', callState: 'established', operationOutcome: { type: 'answerOutcome', id: 'o', outcome: 'success' } };
    expect(await send({ ...answered, appState: { not: 'text' } }), 'an appState that is no text').to.equal(400);
    expect(await send({ ...incoming('c'), participants: [{ displayName: 'Mona', originator: true }] }), 'somebody without an identity').to.equal(400);
    expect(await send(answered), 'a call that never began, without an appState').to.equal(404);
    expect(await send(incoming('c'), `${token.slice(0, -8)}AAAAAAAA`), 'a token at fault').to.equal(401);
    expect(await send(incoming('broken')), 'a store at fault').to.equal(500);
    expect(await send({ ...incoming('c'), participants: [{ identity: '28:the-app-id', originator: false }] }), 'nobody who rang').to.equal(200);
    const told = line.lines.filter(({ level }) => level !== 'info').map(({ level, message, status, code, chain }) => [level, message, status, code, chain]);
    expect(told).to.deep.equal([
      ['warn', 'exchange refused', 400, 'ERR_EVENT_MALFORMED', 'the-chain'],
      ['warn', 'exchange refused', 400, 'ERR_EVENT_MALFORMED', 'the-chain'],
      ['warn', 'exchange refused', 404, 'ERR_CALL_UNKNOWN', 'the-chain'],
      ['warn', 'exchange refused', 401, 'ERR_BEARER_REJECTED', 'the-chain'],
      ['error', 'exchange failed', 500, undefined, 'the-chain'],
    ]);
  });

  it('C-5: whoever ends a call, the bot learns of it once, by what was known, and nothing of the call is kept for ever', async () => {
    const ends: unknown[] = [];
    const bot = callMachine<{ order: string }>()('tidy', {
      context: { order: '' }, initial: 'ask', cleanup: (end) => void ends.push(end),
      states: {
        ask: recognize({ prompt: 'Your order?', digits: { max: 4, termchars: ['#'] }, on: { digits: { target: 'more', actions: assign({ order: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
        more: recognize({ prompt: 'More?', choices: { yes: '1', no: '2' }, on: { yes: 'ask', no: 'bye', exhausted: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    const line = await opened(bot, { tombstoneMs: 30_000 });
    const ways: Readonly<Record<string, (caller: ReturnType<typeof line.caller>) => Promise<unknown>>> = {
      'by-notification': (caller) => caller.hangsUp(),
      'by-conversation': (caller) => caller.post({ ...incoming('by-conversation'), callState: 'terminated' }),
      'by-result': (caller) => caller.post({ ...caller.result({ type: 'recognizeOutcome', outcome: 'failure', choiceOutcome: { completionReason: 'callTerminated' } }), callState: 'terminated' }),
      'by-bot': async (caller) => (await caller.presses('no'), caller.isHungUp()),
    };
    for (const [id, end] of Object.entries(ways)) {
      const caller = line.caller(id);
      await caller.rings();
      await caller.keys('4711');
      await end(caller);
      await end(caller);
    }
    await until(() => ends.length === 4);
    expect(ends).to.have.deep.members(Object.keys(ways).map((callId) => ({ callId, reason: callId === 'by-bot' ? 'bot' : 'caller', context: { order: '4711' } })));
    line.clock.now += 60_000;
    await until(async () => (await Promise.all(Object.keys(ways).map((id) => line.record(id)))).every((kept) => kept === undefined));
    expect(ends).to.have.length(4);
  });

  it('C-6: nothing is asked of a line whose caller has gone while he was asked', async () => {
    const asks = {
      choice: recognize({ prompt: 'Which?', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }),
      digits: recognize({ prompt: 'How many?', digits: { max: 4 }, on: { digits: 'bye', exhausted: 'bye' } }),
      message: record({ prompt: 'Speak.', on: { done: 'bye', exhausted: 'bye' } }),
    };
    const gone: Readonly<Record<keyof typeof asks, Json>> = {
      choice: { type: 'recognizeOutcome', choiceOutcome: { completionReason: 'callTerminated' } },
      digits: { type: 'recognizeOutcome', collectDigitsOutcome: { completionReason: 'callTerminated' } },
      message: { type: 'recordOutcome', completionReason: 'callTerminated', lengthOfRecordingInSecs: 0 },
    };
    for (const initial of ['choice', 'digits', 'message'] as const) {
      const line = await opened(callMachine('asks', { initial, states: { ...asks, bye: hangup('Bye.') } }));
      for (const callState of ['established', 'terminated']) {
        const caller = line.caller(callState);
        expect((await caller.rings()).heard).to.contain('answer');
        const { status, text } = await caller.post({ ...caller.result({ outcome: 'failure', ...gone[initial] }), callState });
        expect([status, text], `${initial}, ${callState}`).to.deep.equal([200, '']);
        expect((await line.record(callState))?.snapshot.ended).to.equal('caller');
      }
    }
  });

  it('C-7: a caller whose identity is not ASCII is asked to speak once, and the call goes on', async () => {
    let begun = 0;
    const bot = callMachine<{ from: string }>()('mailbox', {
      context: ({ input }) => ((begun += 1), { from: input.from }), initial: 'speak',
      states: {
        speak: record({ prompt: 'Speak.', on: { done: 'thanks', exhausted: 'bye' } }),
        thanks: recognize({ prompt: ({ context }) => `Thank you, ${context.from}, ${context.call.name ?? ''}.`, choices: { more: '1' }, on: { more: 'speak', exhausted: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    const line = await opened(bot);
    const id = 'call-zoë-日本';
    const caller = line.caller(id, { chain: 'c7' });
    const participants = [{ identity: '8:zoë.日本', displayName: 'Zoë 日本', originator: true }, { identity: '28:the-app-id', originator: false }];
    expect((await caller.post({ ...incoming(id), participants })).heard).to.equal('answer record“Speak.”');
    const made = begun;
    for (const _ of [1, 2]) {
      expect((await caller.speaks(3)).heard).to.equal('recognize“Thank you, 8:zoë.日本, Zoë 日本.”');
      expect((await caller.presses('more')).heard).to.equal('record“Speak.”');
    }
    expect(begun, 'nothing began anew').to.equal(made);
  });

  describe('C-8: a failure that nobody listens for', () => {
    const failing = (more: object = {}) => callMachine('frail', {
      initial: 'ask', ...more,
      states: {
        ask: recognize({ prompt: 'Go on?', choices: { now: '1', soon: '2', work: '3' }, on: { now: 'broken', soon: 'soon', work: 'work', exhausted: 'broken' } }),
        soon: { ...recognize({ prompt: 'Still there?', choices: { yes: '1' }, on: { yes: 'broken', exhausted: 'broken' } }), after: { 10: 'broken' } },
        work: task({ run: async () => 'done', on: { done: 'broken', failed: 'broken' } }),
        broken: { entry: boom },
      },
    } as never);
    /** A store that takes its time. */
    const slow = () => {
      const inner = memoryStore();
      return { ...inner, commit: async (...args: Parameters<typeof inner.commit>) => (await new Promise((resolve) => setTimeout(resolve, 2)), inner.commit(...args)) };
    };
    const begun = async (bot: ReturnType<typeof failing>) => {
      const line = await opened(bot, { log: silentLog, store: slow(), service: stubService({ replyWithinMs: 60_000 }) });
      const caller = line.caller('c');
      await caller.rings();
      return { line, caller };
    };

    it('C-8: a bot that throws apologises though its store is slow and nobody listens for errors', async () => {
      const { caller } = await begun(failing());
      expect((await caller.presses('now')).heard).to.equal(sorry);
    });

    it('C-8: so does one that throws when its work is done, or between two requests', async () => {
      const worked = await begun(failing());
      expect((await worked.caller.presses('work')).heard).to.equal(sorry);
      const timed = await begun(failing());
      expect((await timed.caller.presses('soon')).heard).to.equal('recognize“Still there?”');
      timed.line.clock.now += 20;
      await until(async () => (await timed.line.record('c'))?.snapshot.failed === true);
      expect((await timed.caller.presses('yes')).heard).to.equal(sorry);
    });

    it('C-8: what fails while a failure is handled ends the call, not the process', async () => {
      const { line, caller } = await begun(failing({ apology: 'x'.repeat(2_049), cleanup: () => Promise.reject(new CallError('ERR_STORE_UNAVAILABLE', 'gone', { reason: 'write' })) }));
      expect((await caller.presses('now')).heard, 'an apology that cannot be said').to.equal('hangup');
      await caller.isHungUp();
      await until(async () => (await line.record('c'))?.snapshot.tasks.length === 0);
      expect((await line.record('c'))?.snapshot.ended).to.equal('error');
      expect((await line.caller('d').rings()).heard, 'the next caller').to.contain('Go on?');
    });
  });
});
