/** The calls of a store for whoever looks after it: listed and shown without what callers said, and ended from outside while they are served. */
import { expect } from 'chai';
import { callMachine, hangup, recognize, task } from 'callchart';
import { assign } from 'xstate';
import { type CallDesk, callDesk, type CallStore, type CallSummary, folderCallLogs, memoryStore } from 'callchart/transport';
import { readLog, replay } from 'callchart';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandRig } from './command-service.ts';
import { begin, gate, rig, stubService, until } from './rig.ts';

const bank = () => {
  const { passed, open } = gate<unknown>();
  const bot = callMachine<{ account: string }>()('bank', {
    version: '3', context: { account: '' }, initial: 'account', apology: 'We have to stop here.',
    states: {
      account: recognize({ prompt: 'Your account?', digits: { max: 8, termchars: ['#'] }, on: { digits: { target: 'menu', actions: assign({ account: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
      menu: recognize({ prompt: ({ context }) => `Account ${context.account}.`, choices: { look: '1', stop: '2' }, on: { look: 'look', stop: 'bye', exhausted: 'bye' } }),
      look: task({ run: () => passed, input: ({ context }) => context.account, on: { done: 'bye', failed: 'bye' } }),
      bye: hangup('Bye.'),
    },
  });
  return { bot, open };
};

const listed = async (desk: CallDesk, ...asked: Parameters<CallDesk['list']>): Promise<readonly CallSummary[]> => {
  const found: CallSummary[] = [];
  for await (const one of desk.list(...asked)) found.push(one);
  return found;
};

const service = () => stubService({ replyWithinMs: 60_000 });

/** A caller whose account is looked up, and who waits for that. */
const looking = async () => {
  const store = memoryStore();
  const { bot } = bank();
  const line = await rig(bot, { store, service: service() });
  const caller = line.caller('one');
  await caller.rings();
  await caller.keys('47114711');
  const held = caller.presses('look');
  await until(async () => (await line.record('one'))?.snapshot.tasks.length === 1);
  held.catch(() => {});
  return { store, line, held };
};

describe('a desk of calls', () => {
  it('lists calls by where they stand and what they wait for; those that have ended if they are asked for, and no documents', async () => {
    const store = memoryStore();
    const { bot } = bank();
    const line = await rig(bot, { store, service: service() });
    await store.commit('data:user:visits:+15550100', 0, { revision: 1, text: '{"value":1,"by":[]}' });
    await store.commit('process:1', 0, { revision: 1, text: '7' });
    const [one, two, three] = [line.caller('one'), line.caller('two'), line.caller('three')];
    await Promise.all([one.rings(), two.rings(), three.rings()]);
    await two.keys('47114711');
    void two.presses('look').catch(() => {});
    await until(async () => (await line.record('two'))?.snapshot.tasks.length === 1);
    await three.hangsUp();
    const desk = callDesk(store);
    const all = { service: 'botframework', bot: 'bank', version: '3', begunAt: begin, heardAt: begin };
    const [first, second] = [{ ...all, call: 'one', status: 'live', states: ['account'], waitsFor: 'answer' }, { ...all, call: 'two', status: 'live', states: ['look'], waitsFor: 'task' }];
    expect(await listed(desk)).to.have.deep.members([first, second]);
    expect(await listed(desk, { ended: true, service: 'botframework', bot: 'bank' })).to.have.deep.members([first, second, { ...all, call: 'three', status: 'ended', states: [], waitsFor: 'nothing', ended: 'caller' }]);
    expect(await listed(desk, { bot: 'another' })).to.deep.equal([]);
    expect(await listed(desk, { service: 'twilio' })).to.deep.equal([]);
    await line.close();
  });

  it('shows a call without who calls and what was said and keyed, and all of it if that is asked for', async () => {
    const { store, line } = await looking();
    const desk = callDesk(store);
    const masked = JSON.stringify(await desk.show('one'));
    expect(masked).not.to.match(/4711|mona|Mona|the-app-id|Account|sv-SE/);
    expect(JSON.parse(masked)).to.deep.include({ call: 'one', states: ['look'], tasks: [{ task: 'look', since: begin }], outbox: [], requests: 3, direction: 'inbound', answeredAt: begin, waitsFor: 'task' });
    const { unmasked } = (await desk.show('botframework:one', { unmasked: true })) ?? {};
    expect(unmasked).to.deep.include({ tasks: ['47114711'] });
    expect(unmasked?.call.from).to.equal('8:mona.lindqvist');
    expect(unmasked?.replies.join(' ')).to.contain('Account 47114711.');
    expect(await desk.show('nobody')).to.equal(undefined);
    await line.close();
  });

  it('tells of a record that cannot be read, and of one that was put aside, and of nothing that stands in it', async () => {
    const store = memoryStore();
    await store.commit('botframework:broken', 0, { revision: 1, text: '{"seen":"4711"' });
    await store.commit('quarantine:botframework:aside', 0, { revision: 1, text: JSON.stringify({ records: [{ reason: 'damaged', at: begin, revision: 3, text: '{"seen":"4711"' }] }) });
    const desk = callDesk(store);
    expect(await listed(desk)).to.have.deep.members([{ service: 'botframework', call: 'broken', status: 'unreadable' }, { service: 'botframework', call: 'aside', status: 'quarantined', quarantined: 'damaged' }]);
    expect(await desk.show('aside', { unmasked: true })).to.deep.equal({ service: 'botframework', call: 'aside', status: 'quarantined', quarantined: 'damaged', revision: 1 });
    expect([await desk.end('broken'), await desk.end('aside'), await desk.end('nobody')]).to.deep.equal(['unreadable', 'unreadable', 'unknown']);
  });

  it('says that a call id is that of two services, and asks which', async () => {
    const store = memoryStore();
    for (const name of ['azure', 'twilio']) await store.commit(`${name}:same`, 0, { revision: 1, text: 'x' });
    const desk = callDesk(store);
    expect(await desk.show('same').catch(({ code, message }: { code: string; message: string }) => [code, message])).to.deep.equal(['ERR_OPTION_INVALID', 'several services have a call of this id: azure, twilio; say which']);
    expect((await desk.show('same', { service: 'azure' }))?.service).to.equal('azure');
  });

  it('never overwrites what a server has just written: the wish is put to what is on record by then', async () => {
    const inner = memoryStore();
    const { bot } = bank();
    const line = await rig(bot, { store: inner, service: service(), roundMs: 60_000 });
    const caller = line.caller('one');
    await caller.rings();
    let isFirst = true;
    const racing: CallStore = {
      ...inner,
      commit: async (...asked) => {
        if (isFirst) await caller.keys('47114711');
        isFirst = false;
        return inner.commit(...asked);
      },
    };
    expect(await callDesk(racing).end('one')).to.equal('asked');
    const record = await line.record('one');
    expect([record?.snapshot.revision, record?.endAsked?.apologise]).to.deep.equal([2, false]);
    expect((await caller.presses('look')).heard, 'an event that comes first is taken, and the wish at once after it').to.equal('hangup');
    await line.close();
  }).timeout(10_000);
});

describe('a call whose end is asked for', () => {
  it('is hung up at once by a service that is told what to do, with the apology if that is wished', async () => {
    for (const [apologise, heard] of [[false, ['answer', 'recognize“Your account?”', 'break', 'hangup']], [true, ['answer', 'recognize“Your account?”', 'break', 'play“We have to stop here.”', 'hangup']]] as const) {
      const store = memoryStore();
      const line = await commandRig(bank().bot, { store });
      await line.rings();
      await line.ends(1, { type: 'answer.done' });
      await line.nth(2);
      const desk = callDesk(store, { now: () => begin });
      expect(await desk.end('c', { apologise })).to.equal('asked');
      expect((await desk.show('c'))?.ending).to.equal('asked');
      await line.pass(1_000);
      if (apologise) {
        await line.nth(4);
        await line.ends(4, { type: 'play.done' });
      }
      await line.nth(heard.length);
      expect(line.heard()).to.deep.equal(heard);
      expect(await desk.show('c')).to.deep.include({ ending: 'told', waitsFor: 'end', status: 'live' });
      await line.ends(heard.length, { type: 'hangup.done' });
      expect(await desk.show('c')).to.deep.include({ status: 'ended', ended: 'bot' });
      expect(await desk.end('c')).to.equal('ended');
      await line.close();
    }
  });

  it('is hung up with its next reply by a service that is told nothing else, and its log is that of the call', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-desk-'));
    const store = memoryStore();
    const { bot } = bank();
    const line = await rig(bot, { store, service: service(), callLogs: folderCallLogs({ folder }) });
    const caller = line.caller('one');
    await caller.rings();
    const desk = callDesk(store);
    expect(await desk.end('one', { apologise: true })).to.equal('asked');
    await until(async () => (await desk.show('one'))?.ending === 'request');
    expect((await caller.keys('47114711')).heard).to.equal('playPrompt“We have to stop here.” hangup');
    await caller.isHungUp();
    expect(await desk.show('one')).to.deep.include({ status: 'ended', ended: 'bot' });
    await line.close();
    const log = readLog(await readFile(join(folder, 'botframework-one.jsonl'), 'utf8'));
    expect([replay(bot, log).outcome, log.steps.map(({ event }) => event.type)]).to.deep.equal(['same', ['service', 'end.asked', 'service', 'service']]);
    await rm(folder, { recursive: true });
  });

  it('is ended once though two processes take that up: the caller hears the apology', async () => {
    const inner = memoryStore();
    const store: CallStore = { ...inner, close: async () => {} };
    const { bot } = bank();
    const begins = await rig(bot, { store, service: service() });
    await begins.caller('one').rings();
    await begins.close();
    await callDesk(store).end('one', { apologise: true });
    const slowness = gate();
    let loads = 0;
    /** It has looked at the call, and is slow before it takes it. */
    const slow = await rig(bot, { service: service(), store: { ...store, load: async (key) => ((key === 'botframework:one' && (loads += 1) === 2 ? await slowness.passed : undefined), store.load(key)) } });
    await until(() => loads === 2);
    const quick = await rig(bot, { store, service: service() });
    const parked = async () => (await quick.record('one'))?.snapshot.parked.map(({ action }) => action.type);
    await until(async () => (await parked())?.length === 2);
    slowness.open();
    await slow.close(); // once all that it is at is done
    expect(await parked()).to.deep.equal(['play', 'hangup']);
    await quick.close();
  });

  it('is hung up at once where a reply is held back for a task', async () => {
    const { store, line, held } = await looking();
    await callDesk(store).end('one');
    expect((await held).heard).to.equal('hangup');
    await line.close();
  });
});
