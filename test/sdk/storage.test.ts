/** The storage of the old SDK, row by row: what is kept of a call, of a user and of a conversation, and for how long. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import * as t from 'io-ts';
import { assign } from 'xstate';
import { conversationData, type Data, hangup, loadData, privateConversationData, prompt, recognize, saveData, updateData, userData } from 'callchart';
import { dataStore, dial } from 'callchart/testing';
import { dataIn, lmdbStore, memoryStore } from 'callchart/transport';
import { begin, incoming, until } from '../transport/rig.ts';
import { openings } from '../defects/opened.ts';
import { botOf, everyRowOf } from './kit.ts';

const { opened, closeAll } = openings();

const Visits = t.type({ count: t.number });
const [ofUser, ofConversation, ofBoth] = [userData('visits', Visits), conversationData('visits', Visits), privateConversationData('visits', Visits)];

interface Counting {
  readonly context: { readonly count: number };
}

/** Says how often it was called, by `data`. */
const counter = (data: Data<{ count: number }>) => botOf({
  count: updateData(data, { change: (kept: { count: number } | null) => ({ count: (kept?.count ?? 0) + 1 }), on: { done: { target: 'told', actions: assign({ count: ({ event }: { event: { output: { value: { count: number } } } }) => event.output.value.count }) }, failed: 'bye' } } as never),
  told: hangup((({ context }: Counting) => `Call ${context.count}.`) as never),
}, { context: { count: 0 } });

const ask = recognize({ prompt: 'Sales?', choices: { sales: '1' }, on: { sales: 'bye', exhausted: 'bye' } });

describe('A.9 storage of the old SDK', () => {
  afterEach(closeAll);

  it('A.9 context: data are found by who calls, by the conversation, or by both', () => {
    const heard = (data: Data<{ count: number }>, calls: readonly (readonly [from: string, conversation: string])[]) => {
      const store = dataStore();
      return calls.map(([from, conversation], index) => dial(counter(data), { data: store, call: { id: `c${index}`, from, conversation } }).hears(/Call \d/).context.count);
    };
    const calls = [['mona', 'sales'], ['mona', 'support'], ['ada', 'sales'], ['mona', 'sales']] as const;
    expect(heard(ofUser, calls)).to.deep.equal([1, 2, 1, 3]);
    expect(heard(ofConversation, calls)).to.deep.equal([1, 1, 2, 3]);
    expect(heard(ofBoth, calls)).to.deep.equal([1, 1, 1, 2]);
  });

  it('A.9 getData(ctx, cb) / saveData(ctx, data, cb): states load and save, and the rest of the application reaches the same documents', async () => {
    const line = await opened(counter(ofUser));
    await line.caller('c').rings();
    await until(async () => (await dataIn(line.store).load(ofUser, { user: '8:mona.lindqvist' })).value?.count === 1);
    await dataIn(line.store).update(ofUser, { user: '8:mona.lindqvist' }, () => ({ count: 40 }));
    expect((await line.caller('d').rings()).heard).to.contain('Call 41.');
  });

  it('A.9 data: the three kinds of data of one name are three documents, each held against its codec', () => {
    const data = dataStore();
    const owner = { user: 'mona', conversation: 'sales' };
    for (const [kind, count] of [[ofUser, 1], [ofConversation, 2], [ofBoth, 3]] as const) data.write(kind, owner, { count });
    expect([ofUser, ofConversation, ofBoth].map((kind) => data.read(kind, owner)?.count)).to.deep.equal([1, 2, 3]);
    data.writeText(ofUser, owner, '{"count":"many"}');
    dial(counter(ofUser), { data, call: { from: 'mona' } }).hears('Sorry, something went wrong').endedWith('error');
  });

  it('A.9 privateConversationData: what a call knows is in its own context, kept from one request to the next with the state it is in', async () => {
    const line = await opened(botOf({ ask: recognize({ prompt: 'Your number?', digits: { max: 2 }, on: { digits: { target: 'more', actions: assign({ said: ({ event }: { event: { digits: string } }) => event.digits }) }, exhausted: 'bye' } } as never), more: recognize({ prompt: 'More?', choices: { yes: '1' }, on: { yes: 'told', exhausted: 'bye' } }), told: hangup((({ context }: { context: { said: string } }) => `It was ${context.said}.`) as never) }, { context: { said: '' } }), { liveCalls: 0 });
    const [mona, ada] = [line.caller('c'), line.caller('d')];
    for (const caller of [mona, ada]) await caller.rings();
    await mona.keys('12');
    await ada.keys('34');
    expect([(await mona.presses('yes')).heard, (await ada.presses('yes')).heard]).to.deep.equal(['playPrompt“It was 12.” hangup', 'playPrompt“It was 34.” hangup']);
  });

  it('A.9 endConversation: what a call knew goes with it, and what its user has stays', async () => {
    const line = await opened(counter(ofUser), { tombstoneMs: 30_000 });
    const caller = line.caller('c');
    await caller.rings();
    await caller.isHungUp();
    line.clock.now = begin + 31_000;
    await until(async () => (await line.record('c')) === undefined);
    expect((await dataIn(line.store).load(ofUser, { user: '8:mona.lindqvist' })).value).to.deep.equal({ count: 1 });
  });

  it('A.9 MemoryBotStorage: memoryStore keeps calls as long as they last and forgets those that have ended', async () => {
    const line = await opened(botOf({ ask }), { store: memoryStore(), tombstoneMs: 30_000 });
    for (const id of ['c', 'd', 'e']) {
      const caller = line.caller(id);
      await caller.rings();
      if (id !== 'e') await caller.hangsUp();
    }
    line.clock.now = begin + 31_000;
    await until(async () => (await line.record('c')) === undefined && (await line.record('d')) === undefined);
    expect((await line.record('e'))?.snapshot.ended).to.equal(null);
  });

  it('A.9 MemoryBotStorage deleteData: what is taken away is that of its owner, and of nobody else', async () => {
    const store = memoryStore();
    const data = dataIn(store);
    for (const conversation of ['sales', 'support']) for (const kind of [ofConversation, ofBoth]) await data.save(kind, { user: 'mona', conversation }, { value: { count: 1 }, revision: 0 });
    await data.forget(ofBoth, { user: 'mona', conversation: 'sales' });
    const left = async (kind: Data<{ count: number }>, conversation: string) => (await data.load(kind, { user: 'mona', conversation })).value;
    expect([await left(ofBoth, 'sales'), await left(ofBoth, 'support'), await left(ofConversation, 'sales')]).to.deep.equal([null, { count: 1 }, { count: 1 }]);
  });

  it('A.9 CallConnector as storage: no state service is asked; a call goes on after the death of its process from a folder on disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'callchart-storage-'));
    try {
      const first = await opened(botOf({ ask }), { store: await lmdbStore({ folder }) });
      const reply = await first.caller('c').rings();
      await closeAll();
      const second = await opened(botOf({ ask }), { store: await lmdbStore({ folder }) });
      const operation = reply.actions.at(-1)!.operationId;
      const caller = second.caller('c');
      const answer = await caller.post({ id: 'c', callState: 'established', operationOutcome: { type: 'recognizeOutcome', id: operation, outcome: 'success', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } } });
      expect(answer.heard).to.equal('playPrompt“Bye.” hangup');
      await closeAll();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('A.9 last writer wins: two calls of one user both count, and one that saves what has changed meanwhile is told so', async () => {
    const line = await opened(counter(ofUser));
    await Promise.all(Array.from({ length: 8 }, (_, index) => line.caller(`c${index}`).post(incoming(`c${index}`))));
    await until(async () => (await dataIn(line.store).load(ofUser, { user: '8:mona.lindqvist' })).value?.count === 8);
    const slow = botOf(
      {
        load: loadData(ofUser, { on: { done: { target: 'ask', actions: assign({ kept: ({ event }: { event: { output: unknown } }) => event.output }) }, failed: 'bye' } } as never),
        ask: recognize({ prompt: 'Double it?', choices: { yes: '1' }, on: { yes: 'save', exhausted: 'bye' } }),
        save: saveData(ofUser, { document: (({ context }: { context: { kept: { value: { count: number }; revision: number } } }) => ({ ...context.kept, value: { count: 2 * context.kept.value.count } })) as never, on: { done: 'bye', conflict: 'late', failed: 'bye' } }),
        late: prompt('Somebody was faster.', 'bye'),
      },
      { context: { kept: null } },
    );
    const data = dataStore();
    data.write(ofUser, { user: '+15550100' }, { count: 1 });
    const caller = dial(slow, { data }).hears('Double it?');
    data.write(ofUser, { user: '+15550100' }, { count: 5 });
    caller.presses('1').hears('Somebody was faster.');
    expect(data.read(ofUser, { user: '+15550100' })).to.deep.equal({ count: 5 });
  });

  everyRowOf('A.9');
});
