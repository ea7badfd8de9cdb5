/** What is left of a call that is over, or gone silent. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { callMachine, hangup, recognize } from 'callchart';
import { type CallStore, embeddedEngine, exchange, gatherBots, memoryRecordings, memoryStore, silentLog } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import watson from '../../examples/watson/bot.ts';
import { begin, incoming, rig, stubService, until } from './rig.ts';
import { requestOf } from './services/botframework/requests.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Keeps a store open when the server that used it stops. */
const kept = (): CallStore => ({ ...memoryStore(), close: async () => {} });

describe('a finished call', () => {
  it('keeps its ids and its last reply for the time that was set, and then nothing', async () => {
    const line = await rig(acme, { tombstoneMs: 60_000 });
    const caller = line.caller('c');
    await caller.rings('one');
    const sales = caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } });
    const last = await caller.post(sales, 'two');
    await caller.isHungUp('three');
    line.clock.now += 59_000;
    expect((await caller.post(sales, 'two')).text).to.equal(last.text);
    expect((await caller.isHungUp('three')).status).to.equal(200);
    expect((await caller.presses('sales', 'four')).text, 'a late fact').to.equal('');
    line.clock.now += 59_000;
    expect((await caller.presses('sales', 'four')).text, 'and it has been heard of').to.equal('');
    expect(line.said('exchange').at(-1)).to.include({ kind: 'repeated' });
    line.clock.now += 2_000;
    await until(async () => (await line.store.load('botframework:c')) === undefined);
    expect((await caller.post(sales, 'two')).status).to.equal(404);
    expect(line.said('call ended')).to.have.length(1);
    await line.close();
  });

  it('is remembered until its cleanup has run, however long that takes', async () => {
    let finish: () => void = () => {};
    let runs = 0;
    const bot = callMachine('tidy', {
      initial: 'bye',
      cleanup: () => ((runs += 1), new Promise<void>((resolve) => void (finish = resolve))),
      states: { bye: hangup('Bye.') },
    });
    const line = await rig(bot, { tombstoneMs: 30_000 });
    const caller = line.caller('c');
    await caller.rings();
    await caller.isHungUp();
    await until(() => runs === 1);
    line.clock.now += 40_000; // the tombstone's time, and the lease of the cleanup
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await line.store.load('botframework:c')).to.not.equal(undefined);
    expect(runs).to.equal(1);
    finish();
    await until(async () => (line.clock.now += 1_000, (await line.store.load('botframework:c')) === undefined));
    await line.close();
  });

  it('leaves nothing behind: two thousand calls, and neither the store nor the memory holds any', async function () {
    this.timeout(60_000);
    const [store, service, clock] = [kept(), stubService(), { now: begin }];
    const bots = gatherBots({ '/api/calls': watson }, service);
    const engine = embeddedEngine({ store, bots, service, log: silentLog, now: () => clock.now, roundMs: 5, tombstoneMs: 1_000, liveCalls: 100 });
    const line = { service, bots, engine, recordings: memoryRecordings(), log: silentLog, now: () => clock.now };
    const post = async (body: unknown): Promise<string> => (await exchange(requestOf({ 'content-type': 'application/json' }, JSON.stringify(body)), line)).body;
    const ring = async (id: string): Promise<void> => {
      const { actions } = JSON.parse(await post(incoming(id))) as { readonly actions: readonly { readonly operationId: string }[] };
      await post({ id, callState: 'terminated', operationOutcome: { id: actions.at(-1)?.operationId, outcome: 'success', type: 'hangupOutcome' } });
    };
    const heapAfter = async (calls: number, name: string): Promise<number> => {
      for (let call = 0; call < calls; call += 1) await ring(`${name}-${call}`);
      expect(await store.load(`botframework:${name}-${calls - 1}`)).to.not.equal(undefined);
      clock.now += 10_000;
      await until(async () => (await store.load(`botframework:${name}-${calls - 1}`)) === undefined);
      await new Promise((resolve) => setTimeout(resolve, 10)); // what a promise still holds is let go
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await heapAfter(1_500, 'warm');
    const after = await heapAfter(2_000, 'call');
    expect(await store.due(Infinity, 10)).to.deep.equal([]);
    expect(await store.load('botframework:call-7')).to.equal(undefined);
    expect((after - before) / 2_000, 'bytes a call, of some 2,500 that a record has').to.be.lessThan(500);
    await engine.close();
  });
});

describe('a call gone silent', () => {
  it('ends as `service` after the time that was set, and its cleanup runs', async () => {
    const ends: unknown[] = [];
    const bot = callMachine('lost', {
      initial: 'ask', cleanup: ({ reason, callId }) => void ends.push([callId, reason]),
      states: { ask: recognize({ prompt: 'There?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') },
    });
    const line = await rig(bot, { silentCallMs: 600_000 });
    const [quiet, alive] = [line.caller('quiet'), line.caller('alive')];
    await quiet.rings();
    await alive.rings();
    line.clock.now += 400_000;
    expect((await alive.staysSilent()).heard).to.contain('There?');
    line.clock.now += 250_000; // 650 s for the one, 250 s for the other; looked for within a 24th of the time
    await until(() => ends.length > 0);
    expect(ends).to.deep.equal([['quiet', 'service']]);
    expect(line.said('call ended')).to.have.length(1);
    expect(line.said('call ended')[0]).to.include({ call: 'quiet', reason: 'service', chain: 'chain-of-quiet' });
    expect((await quiet.presses('yes')).text).to.equal('');
    expect((await alive.presses('yes')).heard).to.contain('Bye.');
    await line.close();
  });

  it('is silent even though it talks to itself: timers and tasks are nobody on the line', async () => {
    const bot = callMachine('clockwork', {
      initial: 'tick',
      states: { tick: { after: { 50_000: 'tock' } }, tock: { after: { 50_000: 'tick' } } },
    } as never);
    const line = await rig(bot, { silentCallMs: 600_000 });
    await line.caller('c').rings();
    for (let minute = 0; minute < 14 && line.said('call ended').length === 0; minute += 1) {
      line.clock.now += 51_000;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    expect(line.said('call ended')[0]).to.include({ reason: 'service' });
    await line.close();
  });
});
