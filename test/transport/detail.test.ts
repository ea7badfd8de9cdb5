/** The call detail record: what is left to be said of a call when it is over. */
import { expect } from 'chai';
import { callMachine, hangup, reject, recognize, task } from 'callchart';
import { type CallDetailRecord, memoryStore } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { begin, gate, rig, stubService, until } from './rig.ts';

const patient = () => stubService({ replyWithinMs: 60_000 });

/** A rig that keeps the detail records. */
const bookkeeper = async (bot: Parameters<typeof rig>[0], options: Parameters<typeof rig>[1] = {}) => {
  const details: CallDetailRecord[] = [];
  return { details, line: await rig(bot, { onDetail: (detail) => void details.push(detail), ...options }) };
};

describe('the detail record of a call', () => {
  it('says when it began, was answered and ended, how, and how often the caller was asked again', async () => {
    const { details, line } = await bookkeeper(acme);
    const caller = line.caller('c');
    await caller.rings();
    line.clock.now += 3_000;
    await caller.staysSilent();
    line.clock.now += 3_000;
    await caller.staysSilent();
    line.clock.now += 1_000;
    await caller.presses('support');
    line.clock.now += 500;
    expect(details).to.deep.equal([]);
    await caller.isHungUp();
    await until(() => details.length > 0);
    expect(details).to.deep.equal([
      {
        call: 'c', bot: 'acme', version: '1', chain: 'chain-of-c', direction: 'inbound', begunAt: begin, answeredAt: begin, endedAt: begin + 7_500, durationMs: 7_500,
        reason: 'bot', exchanges: 5, askedAgain: 2, tasks: 0,
      },
    ]);
    expect(line.said('call ended')).to.deep.equal([{ level: 'info', message: 'call ended', chain: 'chain-of-c', call: 'c', bot: 'acme', reason: 'bot', durationMs: 7_500 }]);
    await line.close();
  });

  it('comes once, however often the service tells of the hangup', async () => {
    const { details, line } = await bookkeeper(acme);
    const caller = line.caller('c');
    await caller.rings('m1');
    await caller.rings('m1');
    await caller.hangsUp('m2');
    await caller.hangsUp('m2');
    await caller.hangsUp('m3');
    await line.close();
    expect(details.map(({ call, reason, exchanges }) => ({ call, reason, exchanges }))).to.deep.equal([{ call: 'c', reason: 'caller', exchanges: 2 }]);
  });

  it('of a caller who was refused says that nobody answered', async () => {
    const bot = callMachine('closed', { initial: 'no', states: { no: reject() } });
    const { details, line } = await bookkeeper(bot);
    const caller = line.caller('c');
    await caller.rings();
    line.clock.now += 200;
    await caller.post(caller.result({ type: 'rejectOutcome' }));
    await line.close();
    expect(details).to.have.length(1);
    expect(details[0]).to.include({ reason: 'rejected', answeredAt: null, durationMs: 200 });
  });

  it('counts the work that the caller waited for, and the time until the bot picked up', async () => {
    const { passed, open } = gate<unknown>();
    const bot = callMachine('desk', {
      initial: 'look',
      cleanup: () => null,
      states: { look: task({ run: () => passed, on: { done: 'ask', failed: 'bye' } }), ask: recognize({ prompt: 'Well?', choices: { on: '1' }, on: { on: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') },
    });
    const { details, line } = await bookkeeper(bot, { service: patient(), liveCalls: 0 });
    const caller = line.caller('c');
    const ringing = caller.rings();
    await until(async () => (await line.record('c'))?.snapshot.tasks.length === 1);
    line.clock.now += 2_000;
    open('found');
    await ringing;
    line.clock.now += 1_000;
    await caller.staysSilent();
    await caller.hangsUp();
    await line.close();
    expect(details[0]).to.include({ answeredAt: begin + 2_000, endedAt: begin + 3_000, tasks: 1, askedAgain: 1, reason: 'caller' });
  });

  it('is the same when another process has gone on with the call', async () => {
    const shared = { ...memoryStore() };
    const store = { ...shared, close: async () => {} };
    const first = await bookkeeper(acme, { store });
    await first.line.caller('c').rings();
    first.line.clock.now += 4_000;
    await first.line.close();
    const second = await bookkeeper(acme, { store });
    second.line.clock.now += 9_000;
    await second.line.caller('c').hangsUp();
    await second.line.close();
    expect(first.details).to.deep.equal([]);
    expect(second.details[0]).to.include({ begunAt: begin, answeredAt: begin, endedAt: begin + 9_000, durationMs: 9_000, exchanges: 2 });
  });

  it('of a call that the service lost is made when it is given up', async () => {
    const { details, line } = await bookkeeper(acme, { silentCallMs: 60_000 });
    await line.caller('c').rings();
    line.clock.now += 120_000;
    await until(() => details.length > 0);
    expect(details[0]).to.include({ reason: 'service', durationMs: 120_000 });
    await line.close();
  });

  it('says nothing of who called whom', async () => {
    const { details, line } = await bookkeeper(acme);
    const caller = line.caller('c');
    await caller.rings();
    await caller.presses('support');
    await caller.hangsUp();
    await line.close();
    expect(JSON.stringify(details)).to.contain('"call":"c"').and.not.to.match(/mona|the-app-id|support/i);
  });

  for (const [how, onDetail] of Object.entries({
    throws: () => {
      throw new TypeError('Mona Lindqvist is not in the books');
    },
    rejects: async () => Promise.reject(Object.assign(new Error('Mona Lindqvist is not in the books'), { code: 'ECONNREFUSED' })),
  })) {
    it(`is missed in the log when the bookkeeper ${how}, and the caller hears nothing of it`, async () => {
      const line = await rig(acme, { onDetail });
      const caller = line.caller('c');
      await caller.rings();
      expect((await caller.hangsUp()).status).to.equal(200);
      await until(() => line.said('detail lost').length > 0);
      expect(line.said('detail lost')[0]).to.include({ level: 'error', call: 'c', chain: 'chain-of-c', bot: 'acme' });
      expect(JSON.stringify(line.lines)).not.to.contain('Mona');
      await line.close();
    });
  }

  it('is waited for when the server stops, and not by the caller', async () => {
    const { passed, open } = gate();
    const kept: string[] = [];
    const line = await rig(acme, { onDetail: async ({ call }) => (await passed, void kept.push(call)) });
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.hangsUp()).status).to.equal(200);
    const stopping = line.close();
    expect(kept).to.deep.equal([]);
    open();
    await stopping;
    expect(kept).to.deep.equal(['c']);
  });
});
