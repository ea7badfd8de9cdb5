/** Live calls leave logs: one a call, in order, by every process that has a part in it; nobody waits for them, and what cannot be written harms no call. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, type CallLog, callMachine, hangup, prompt, readLog, recognize, replay, type ServiceEvent, task } from 'callchart';
import { type AroundTask, botframeworkLimits, type CallLogEntry, type CallLogs, embeddedEngine, folderCallLogs, gatherBots, memoryStore, type ReplyService, silentLog } from 'callchart/transport';
import { expect } from 'chai';
import fc from 'fast-check';
import { assign, type AnyStateMachine } from 'xstate';
import acme from '../../examples/acme/bot.ts';
import { readRecord } from '../../src/transport/record.ts';
import { call } from '../machines/line.ts';
import { botOf, botPlan, eventOf, moves } from '../machines/random-bot.ts';
import { begin, gate, rig, stubService, until } from './rig.ts';

/** Logs in memory, by call. */
const kept = (masked = false, written: (entry: CallLogEntry) => void | Promise<void> = () => {}) => {
  const texts = new Map<string, string>();
  const logs: CallLogs = {
    masked,
    append: async (entry) => {
      await written(entry);
      texts.set(entry.call, (entry.begins ? entry.head : (texts.get(entry.call) ?? entry.head)) + entry.lines);
    },
  };
  return { logs, texts, log: (id: string): CallLog => readLog(texts.get(id) ?? '') };
};

const shop = callMachine<{ order: string; eta: string }>()('shop', {
  context: { order: '', eta: '' }, initial: 'ask', filler: 'One moment.', cleanup: () => 'clean',
  states: {
    ask: recognize({ prompt: 'Your order?', digits: { max: 4, termchars: ['#'] }, on: { digits: { target: 'find', actions: assign({ order: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
    find: task({ run: async (order: string) => `${order} at noon`, input: ({ context }) => context.order, on: { done: { target: 'tell', actions: assign({ eta: ({ event }) => String(event.output) }) }, failed: 'bye' } }),
    tell: hangup(({ context }) => `It comes: ${context.eta}.`),
    bye: hangup('Bye.'),
  },
});

describe('a live call', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'callchart-logs-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const calledShop = async (callLogs: CallLogs): Promise<void> => {
    const line = await rig(shop, { callLogs, service: stubService({ replyWithinMs: 60_000 }) });
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.keys('4711')).heard).to.contain('It comes: 4711 at noon.');
    await caller.isHungUp();
    await line.close();
  };

  it('leaves a file of which a person can have it again, to the byte where all was kept', async () => {
    await calledShop(folderCallLogs({ folder, masked: false }));
    expect(await readdir(folder)).to.deep.equal(['botframework-c.jsonl']);
    const log = readLog(await readFile(join(folder, 'botframework-c.jsonl'), 'utf8'));
    expect(log.head).to.deep.equal({ log: 1, bot: 'shop', version: '1', masked: false, service: 'botframework' });
    expect(log.steps.map(({ event }) => event.type)).to.deep.equal(['service', 'service', 'task', 'service', 'task']); // the last of them is the cleanup's
    expect(replay(shop, log)).to.deep.include({ outcome: 'same', steps: 5, ended: 'bot' });
    expect((await stat(join(folder, 'botframework-c.jsonl'))).mode & 0o077, 'for nobody else').to.equal(0);
  });

  it('leaves by default nothing of what was keyed and of who called, and its way can be gone again', async () => {
    await calledShop(folderCallLogs({ folder }));
    const text = await readFile(join(folder, 'botframework-c.jsonl'), 'utf8');
    expect(text).to.contain('Your order?').and.to.contain('"digits":"0000"');
    expect(text).to.not.match(/4711|mona|Lindqvist/i);
    expect(replay(shop, readLog(text))).to.deep.include({ masked: true, outcome: 'same', steps: 5 });
  });

  it('is answered while its log waits for the disk, and the log has everything in order when the disk is back', async () => {
    const disk = gate();
    const { logs, log } = kept(false, () => disk.passed);
    const line = await rig(acme, { callLogs: logs });
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.presses('support')).heard).to.contain('Support');
    await caller.isHungUp();
    disk.open();
    await line.close();
    expect(replay(acme, log('c'))).to.deep.include({ outcome: 'same', steps: 3 });
  });

  it('is not harmed by a folder that cannot be written, and the log of the server tells of it once', async () => {
    await writeFile(join(folder, 'a-file'), '');
    const line = await rig(acme, { callLogs: folderCallLogs({ folder: join(folder, 'a-file', 'logs') }) });
    for (const id of ['one', 'two']) {
      const caller = line.caller(id);
      await caller.rings();
      expect((await caller.presses('sales')).heard).to.contain('Sales');
      await caller.isHungUp();
    }
    await line.close();
    expect(line.said('call log lost')).to.have.length(1);
    expect(line.said('call log lost')[0]).to.deep.include({ level: 'error', call: 'one' });
  });

  it('has no more lines written after one that was lost, as on a disk that was full for a while', async () => {
    let count = 0;
    const { logs, texts, log } = kept(false, () => {
      count += 1;
      if (count === 2) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    });
    const line = await rig(acme, { callLogs: logs });
    const [one, two] = [line.caller('one'), line.caller('two')];
    await one.rings();
    await until(() => texts.has('one'));
    await one.presses('sales');
    await until(() => line.said('call log lost').length === 1);
    await one.isHungUp();
    await two.rings();
    await two.hangsUp();
    await line.close();
    expect(log('one').steps).to.have.length(1);
    expect(replay(acme, log('one')).outcome).to.equal('unexamined');
    expect(replay(acme, log('two')).outcome).to.equal('same');
  });

  it('goes on in the same file where another process goes on with it, behind what the first had written by halves', async () => {
    const store = memoryStore();
    const [first, second] = [await rig(acme, { store: { ...store, close: async () => {} }, callLogs: folderCallLogs({ folder, masked: false }) }), await rig(acme, { store, callLogs: folderCallLogs({ folder, masked: false }) })];
    const answer = await first.caller('c').rings();
    await first.close();
    await second.send(JSON.stringify({ id: 'c', callState: 'established', operationOutcome: { type: 'recognizeOutcome', id: answer.actions.at(-1)?.operationId, outcome: 'success', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } } }), { 'x-microsoft-skype-message-id': 'second' });
    await second.caller('c').hangsUp();
    await second.close();
    const file = join(folder, 'botframework-c.jsonl');
    expect(replay(acme, readLog(await readFile(file, 'utf8')))).to.deep.include({ outcome: 'same', steps: 3 });

    await writeFile(file, (await readFile(file, 'utf8')).split('\n').slice(0, 2).join('\n').slice(0, -9));
    await folderCallLogs({ folder }).append({ service: 'botframework', call: 'c', begins: false, ends: false, head: '', lines: '{"revision":2}\n' });
    expect((await readFile(file, 'utf8')).split('\n').slice(2)).to.deep.equal(['{"revision":2}', '']);
  });

  it('gets a file of its own where another had the same id before, and a plain name whatever its id is', async () => {
    const logs = folderCallLogs({ folder });
    const entry = { service: 'twilio', begins: true, ends: true, head: 'head\n', lines: 'line\n' };
    for (const id of ['CA1', 'CA1', '../../etc/passwd', 'a/b', 'a/c', '', 'ä'.repeat(300)]) await logs.append({ ...entry, call: id });
    const names = await readdir(folder);
    expect(names).to.have.length(7).and.to.include.members(['twilio-CA1.jsonl', 'twilio-CA1~2.jsonl']);
    for (const name of names) expect(name).to.match(/^twilio-[\w-]*(?:~\d+|\.[0-9a-f]{24})?\.jsonl$/);
    await logs.append({ ...entry, call: 'CA1', begins: false, lines: 'late\n' });
    expect(await readFile(join(folder, 'twilio-CA1~2.jsonl'), 'utf8')).to.equal('head\nline\nlate\n');
  });

  it('whose bot asks for what the service does not take has the apology in its log, and again in the replay', async () => {
    const long = callMachine('long', { initial: 'ask', states: { ask: recognize({ prompt: 'Go on?', choices: { yes: '1' }, on: { yes: 'next', exhausted: 'bye' } }), next: prompt(() => 'x'.repeat(2_049), 'bye'), bye: hangup('Bye.') } });
    const mute = callMachine('mute', { initial: 'ask', apology: () => 'x'.repeat(2_049), states: { ask: recognize({ prompt: 'Go on?', choices: { yes: '1' }, on: { yes: 'next', exhausted: 'bye' } }), next: { entry: () => { throw new Error('boom'); } }, bye: hangup('Bye.') } } as never) as AnyStateMachine;
    for (const [bot, failures, refused] of [[long, ['ERR_BATCH_ILLEGAL'], 1], [mute, ['ERR_BOT_THREW', 'ERR_BATCH_ILLEGAL'], 1]] as const) {
      for (const masked of [false, true]) {
        const { logs, log } = kept(masked);
        const line = await rig(bot, { callLogs: logs });
        const caller = line.caller('c');
        await caller.rings();
        await caller.presses('yes');
        await caller.isHungUp();
        await line.close();
        expect(log('c').steps[1]).to.deep.include({ failures, refused, moves: [] });
        expect(replay(bot, log('c')), `${bot.id}, masked: ${masked}`).to.deep.include({ outcome: 'same', steps: 3, ended: 'error' });
      }
    }
  });

  it('is refused options that are no logs', async () => {
    expect(() => folderCallLogs({ folder: ' ' })).to.throw('folder');
    const refused = await rig(acme, { callLogs: 'logs' as never }).then(() => undefined, (error: unknown) => error);
    expect(refused).to.deep.include({ code: 'ERR_OPTION_INVALID', details: { option: 'callLogs' } });
  });
});

describe('random live calls', () => {
  const runs = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 60);

  /** A service that takes everything, and speaks our own words. */
  const service: ReplyService = {
    ...botframeworkLimits, name: 'any', style: 'reply', check: () => {}, capabilities: new Set([...botframeworkLimits.capabilities, 'transfer', 'hold', 'unhold', 'createcall', 'speech', 'raw:twilio']),
    replyWithinMs: 10_000, chainId: () => undefined, authenticate: async () => {}, decode: async () => ({ arrivals: [] }), encode: (batch: Batch) => JSON.stringify(batch),
  } as unknown as ReplyService;

  it('that two processes share, each killed and started again in between, are had again with no difference', async function () {
    this.timeout(Math.max(30_000, runs * 300));
    let steps = 0;
    await fc.assert(
      fc.asyncProperty(botPlan, moves, fc.boolean(), async (plan, walk, masked) => {
        const bot = botOf(plan);
        const { logs, log } = kept(masked);
        const store = { ...memoryStore(), close: async () => {} };
        let now = begin;
        const clock = {
          now: () => now,
          setTimer: (at: number, work: () => void) => {
            const soon = at <= now ? setImmediate(work) : undefined; // a reply that is due; timers of the bot never are
            return () => clearImmediate(soon);
          },
        };
        let begun = 0;
        /** A bot made by chance may go from one task to the next for ever: after some of them the next one does not end. */
        const aroundTask: AroundTask = (_ref, _task, _signal, run) => ((begun += 1) > 20 ? new Promise(() => {}) : run());
        const started = () => embeddedEngine({ aroundTask, store, service, bots: gatherBots({ '/api/any': bot }, service), log: silentLog, clock, callLogs: logs, marginMs: 0 });
        const engines = [started(), started()];
        let count = 0;
        const deliver = async (events: readonly ServiceEvent[], which: number): Promise<void> => {
          count += 1;
          await engines[which]!.deliver({ arrival: { callId: call.id, eventId: `e${count}`, events }, chain: undefined, path: '/api/any', bot: () => bot, deadlineAt: now - 1 });
        };
        await deliver([{ type: 'call.incoming', call }], 0);
        for (const move of walk) {
          now += 100;
          const { snapshot } = readRecord((await store.load(`any:${call.id}`))!.text);
          if (snapshot.ended !== null) break;
          if (move.die % 7 === 0) {
            await engines[move.die % 2]!.close();
            engines[move.die % 2] = started();
          }
          const event = move.kind === 'xstate' ? undefined : eventOf(move, snapshot, now);
          if (event?.type === 'service') await deliver(event.events, move.die % 3 === 0 ? 1 : 0);
        }
        await deliver([{ type: 'call.ended', reason: 'caller' }], 1);
        await Promise.all(engines.map((engine) => engine.close()));
        const { outcome, at, ...rest } = replay(bot, log(call.id));
        if (masked) expect(outcome, JSON.stringify(at)).to.not.equal('different');
        else expect({ outcome, at }).to.deep.equal({ outcome: 'same', at: undefined });
        steps += rest.steps;
      }),
      { numRuns: Math.ceil(runs / 3) },
    );
    expect(steps).to.be.greaterThan(runs / 3);
    if (process.env['CALLCHART_FUZZ_RUNS'] !== undefined) console.log(`       ${Math.ceil(runs / 3)} calls, ${steps} steps`);
  });
});
