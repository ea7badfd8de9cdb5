/** The same request twice: the same bytes again, and nothing done twice. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { assign } from 'xstate';
import { CallError, callMachine, hangup, recognize, record } from 'callchart';
import { lmdbStore, memoryRecordings, memoryStore } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { eventHash } from '../../src/transport/record.ts';
import { gate, pressed, rig, watchedStore } from './rig.ts';

/** Counts aloud: what is done twice is heard. */
const counter = callMachine<{ count: number }>()('counter', {
  context: { count: 0 },
  initial: 'ask',
  states: {
    ask: recognize({ prompt: ({ context }) => `Count ${context.count}.`, choices: { up: '1', stop: '2' }, on: { up: { target: 'ask', reenter: true, actions: assign({ count: ({ context }) => context.count + 1 }) }, stop: 'bye', exhausted: 'bye' } }),
    bye: hangup('Bye.'),
  },
});

const mailbox = callMachine<{ ref: string }>()('mailbox', {
  context: { ref: '' },
  initial: 'speak',
  states: {
    speak: record({ prompt: 'Speak.', on: { done: { target: 'more', actions: assign({ ref: ({ event }) => event.recording.ref }) }, exhausted: 'bye' } }),
    more: recognize({ prompt: 'More?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
    bye: hangup('Bye.'),
  },
});

describe('a request that comes again', () => {
  it('gets the same bytes, and the chart does not move', async () => {
    const line = await rig(counter);
    const caller = line.caller('c');
    const first = await caller.rings('one');
    expect((await caller.rings('one')).text).to.equal(first.text);
    const body = caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'up' } });
    const second = await caller.post(body, 'two');
    expect(second.heard).to.equal('recognize“Count 1.”');
    for (let again = 0; again < 3; again += 1) expect((await caller.post(body, 'two')).text).to.equal(second.text);
    expect((await caller.presses('up')).heard).to.equal('recognize“Count 2.”');
    expect(line.said('exchange').map(({ kind }) => kind)).to.deep.equal(['taken', 'repeated', 'taken', 'repeated', 'repeated', 'repeated', 'taken']);
    await line.close();
  });

  it('gets them too while the first is under way', async () => {
    const line = await rig(counter);
    const caller = line.caller('c');
    const begun = await Promise.all(Array.from({ length: 8 }, () => caller.rings('one')));
    expect(new Set(begun.map(({ text }) => text)).size).to.equal(1);
    const body = caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'up' } });
    const taken = await Promise.all(Array.from({ length: 8 }, () => caller.post(body, 'two')));
    expect(new Set(taken.map(({ text }) => text)).size).to.equal(1);
    expect((await caller.presses('up')).heard).to.equal('recognize“Count 2.”');
    expect(line.said('exchange').filter(({ kind }) => kind === 'taken')).to.have.length(3);
    await line.close();
  });

  it('gets them from another process on the same folder, and after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-repeats-'));
    const one = await rig(counter, { store: await lmdbStore({ folder }) });
    const caller = one.caller('c');
    await caller.rings('one');
    const body = caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'up' } });
    const taken = await caller.post(body, 'two');
    await one.close();
    const two = await rig(counter, { store: await lmdbStore({ folder }) });
    expect((await two.caller('c').post(body, 'two')).text).to.equal(taken.text);
    expect(two.said('exchange')[0]).to.include({ kind: 'repeated' });
    await two.close();
    await rm(folder, { recursive: true });
  });

  it('is known as such by a process whose own copy of the call is old', async () => {
    const inner = memoryStore();
    const shared = { ...inner, close: async () => {} };
    const [one, two] = [await rig(counter, { store: shared }), await rig(counter, { store: shared })];
    const [here, there] = [one.caller('c'), two.caller('c')];
    await here.rings('one'); // one has the call warm from now on
    const body = here.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'up' } });
    const taken = await there.post(body, 'two');
    expect(taken.heard).to.equal('recognize“Count 1.”');
    expect((await here.post(body, 'two')).text).to.equal(taken.text);
    const next = there.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'up' } });
    const third = await there.post(next, 'three');
    const afterwards = there.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'up' } });
    expect(third.heard).to.equal('recognize“Count 2.”');
    expect((await here.post(afterwards, 'four')).heard, 'of no interest to the old copy').to.equal('recognize“Count 3.”');
    await one.close();
    await two.close();
  });

  it('gets an empty 200 when it comes very late', async () => {
    const line = await rig(counter);
    const caller = line.caller('c');
    await caller.rings('one');
    for (let turn = 0; turn < 4; turn += 1) await caller.presses('up', `turn ${turn}`);
    const late = await caller.rings('one');
    expect([late.status, late.text]).to.deep.equal([200, '']);
    expect((await caller.presses('up')).heard).to.equal('recognize“Count 5.”');
    await line.close();
  });

  it('keeps its reply in mind while changes of the line are told in between', async () => {
    const line = await rig(counter);
    const caller = line.caller('c');
    const first = await caller.rings('one');
    for (const state of ['establishing', 'established', 'hold', 'unhold']) expect((await caller.post({ id: 'c', type: 'callStateChange', currentState: state })).text).to.equal('');
    expect((await caller.rings('one')).text).to.equal(first.text);
    await line.close();
  });

  it('does not begin a call again when the first notification bears another message id', async () => {
    const line = await rig(counter);
    const caller = line.caller('c');
    const first = await caller.rings('one');
    expect((await caller.rings('two')).text).to.equal(first.text);
    await caller.presses('up');
    await caller.presses('stop');
    await caller.isHungUp();
    expect((await caller.rings('three')).text, 'after the end').to.equal('');
    expect(line.said('call ended')).to.have.length(1);
    await line.close();
  });
});

describe('an outcome of an older batch', () => {
  it('is answered with nothing to do and changes nothing but that it is remembered', async () => {
    const line = await rig(counter);
    const caller = line.caller('c');
    await caller.rings();
    const older = caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'stop' } });
    await caller.presses('up');
    const before = await line.record('c');
    const answer = await caller.post(older, 'another');
    expect([answer.status, answer.text]).to.deep.equal([200, '']);
    expect(await line.record('c')).to.deep.equal({ ...before, seen: `${before?.seen} ${eventHash('another')}` });
    expect((await caller.presses('up')).heard).to.equal('recognize“Count 2.”');
    await line.close();
  });
});

describe('an appState', () => {
  it('that is forged, foreign or absent leaves a result what it is', async () => {
    const line = await rig(acme);
    const [a, b, c] = [line.caller('a'), line.caller('b'), line.caller('c')];
    const { appState = '' } = await a.rings();
    await b.rings();
    await c.rings();
    const untouched = await line.store.load('botframework:a');
    const sales = { type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } };
    expect((await b.post(b.result(sales, { appState }))).heard, 'foreign').to.contain('Sales');
    expect((await c.post(c.result(sales, { appState: `${appState.slice(0, -3)}abc` }))).heard, 'forged').to.contain('Sales');
    expect(line.said('hint names another call')).to.have.length(1);
    expect(line.said('hint names another call')[0]).to.include({ call: 'b', hinted: 'a' });
    expect(await line.store.load('botframework:a')).to.deep.equal(untouched);
    expect((await a.post(a.result(sales))).heard, 'absent').to.contain('Sales');
    await line.close();
  });
});

describe('a recording that is sent again', () => {
  it('is kept once, by the reference that the bot was given', async () => {
    const line = await rig(mailbox);
    const caller = line.caller('c');
    await caller.rings();
    const spoken = caller.operation();
    const first = await caller.speaks(3, 'spoken', spoken);
    expect(first.heard).to.equal('recognize“More?”');
    const kept = line.recordings.refs();
    expect(kept).to.have.length(1);
    for (let again = 0; again < 3; again += 1) expect((await caller.speaks(3, 'spoken', spoken)).text).to.equal(first.text);
    expect((await caller.speaks(3, 'another message', spoken)).text, 'of an older batch').to.equal('');
    expect(line.recordings.refs()).to.deep.equal(kept);
    await line.close();
  });

  it('leaves nothing behind when its call is not on record, or the store says no', async () => {
    const watched = watchedStore();
    const recordings = memoryRecordings();
    const line = await rig(mailbox, { store: watched.store, recordings });
    expect((await line.caller('nobody').speaks(3)).status).to.equal(404);
    const caller = line.caller('c');
    await caller.rings();
    const damaged = await watched.inner.load('botframework:c');
    expect(damaged).to.not.equal(undefined);
    watched.fail(() => new TypeError('the driver is gone'));
    expect((await caller.speaks(3, 'spoken')).status).to.equal(500);
    watched.fail(undefined);
    const tried = recordings.refs().length;
    expect((await caller.speaks(3, 'spoken')).heard).to.equal('recognize“More?”');
    expect(recordings.refs().length).to.equal(tried + 1);
    await line.close();
  });

  it('is kept when nobody can say whether its commit was carried out, since the call may refer to it', async () => {
    const watched = watchedStore();
    const recordings = memoryRecordings();
    const stuck = gate<boolean>();
    const commit = async (...args: Parameters<typeof watched.inner.commit>): Promise<boolean> => {
      const done = await watched.inner.commit(...args);
      if (args[0] === 'botframework:c' && args[1] === 1) {
        stuck.open(done);
        throw new CallError('ERR_STORE_UNAVAILABLE', 'the disk does not answer', { reason: 'locked' });
      }
      return done;
    };
    const line = await rig(mailbox, { store: { ...watched.store, commit }, recordings });
    const caller = line.caller('c');
    await caller.rings();
    const spoken = caller.operation();
    expect((await caller.speaks(3, 'spoken', spoken)).status).to.equal(503);
    expect(await stuck.passed).to.equal(true);
    expect((await caller.speaks(3, 'spoken', spoken)).heard).to.equal('recognize“More?”');
    const { text = '' } = (await watched.inner.load('botframework:c')) ?? {};
    expect(recordings.refs()).to.have.length(1);
    expect(text).to.contain(recordings.refs()[0]);
    await line.close();
  });
});

describe('a call whose record was put back by a backup', () => {
  it('tells how it went with what the record does not know: the caller hears the open question again, and the call goes on', async () => {
    const store = memoryStore();
    const line = await rig(counter, { store: { ...store, close: async () => {} } });
    const caller = line.caller('c');
    const first = await caller.rings();
    const backup = (await store.load('botframework:c'))!;
    await caller.presses('up');
    const ahead = caller.result(pressed('up'));
    await line.close();
    const now = (await store.load('botframework:c'))!;
    await store.commit('botframework:c', now.revision, { ...backup, revision: now.revision + 1 });
    const back = await rig(counter, { store });
    const again = back.caller('c');
    const answer = await again.post(ahead, 'ahead');
    expect(answer.text).to.equal(first.text);
    expect((await again.post(ahead, 'ahead')).text, 'a retry').to.equal(first.text);
    expect(back.said('call behind').map(({ level, call }) => [level, call])).to.deep.equal(Array(2).fill(['warn', 'c']));
    expect((await again.presses('up')).heard).to.equal('recognize“Count 1.”');
    expect((await again.post(ahead, 'ahead')).text, 'once the call has moved on').to.equal('');
    await back.close();
  });
});
