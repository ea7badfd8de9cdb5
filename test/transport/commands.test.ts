/** Services that are told what to do by requests of ours: a batch becomes commands, sent in order, each when the one before is done. */
import { expect } from 'chai';
import fc from 'fast-check';
import { type BotFrameworkOptions, memoryStore, type ReplyService, type ServiceCommand } from 'callchart/transport';
import { callMachine, hangup, hold, play, prompt, readLog, recognize, reject, replay, task, transfer } from 'callchart';
import { answered, heard as settledBy, type Outbox, replaced, toSend } from '../../src/transport/outbox.ts';
import acme from '../../examples/acme/bot.ts';
import { commandRig, commandService } from './command-service.ts';
import { gate, recordIn, rig, stubService, until } from './rig.ts';

const menu = 'Welcome to Acme. For sales press 1, for support press 2.';
const choice = (name: string) => ({ type: 'recognize.input', via: 'dtmf', input: { kind: 'choice', name } }) as const;

describe('a batch of commands', () => {
  it('is sent one after the other, each when the one before has ended', async () => {
    const line = await commandRig(acme);
    expect(await line.rings()).to.equal(200);
    await line.nth(1);
    expect(line.heard()).to.deep.equal(['answer']);
    await line.ends(1, { type: 'answer.done' });
    expect((await line.nth(2)).says).to.equal(menu);
    await line.ends(2, choice('support'));
    await line.ends(3, { type: 'play.done' });
    await line.nth(4);
    expect(line.heard().slice(2)).to.deep.equal(['play“Support will call you back.”', 'hangup']);
    await line.post('c', [{ type: 'call.ended' }]);
    expect(line.lines.find(({ message }) => message === 'call ended')).to.include({ reason: 'bot' });
    await line.close();
  });

  it('is answered 200 with nothing, before anything of it is sent', async () => {
    const line = await commandRig(acme, { answers: 'by hand' });
    expect(await line.rings()).to.equal(200);
    expect((await line.nth(1)).name).to.equal('answer');
    await line.close();
  });

  it('goes on when an event is here before the response to the request that caused it', async () => {
    const line = await commandRig(acme, { answers: 'by hand' });
    await line.rings();
    const { id, answer } = await line.nth(1);
    await line.post('c', [{ type: 'answer.done', operationId: id }], 'connected', { memory: { connection: 'x1' } });
    expect(line.sent).to.have.length(1); // one sender a call: the first request is still on its way
    answer({ kind: 'taken', memory: { server: 's1' } });
    expect((await line.nth(2)).memory).to.include({ connection: 'x1' });
    await line.close();
  });

  it('that the service refuses in the middle is the failure of that action, and the rest is not sent', async () => {
    const bot = callMachine('desk', {
      initial: 'hello',
      states: { hello: prompt('One moment.', 'desk'), desk: transfer({ to: '+15550123', on: { failed: 'sorry', busy: 'sorry', noanswer: 'sorry' } }), sorry: hangup('Nobody is there.') },
    });
    const line = await commandRig(bot, { answers: 'by hand' });
    await line.rings();
    (await line.nth(1)).answer({ kind: 'taken' });
    await line.ends(1, { type: 'answer.done' });
    (await line.nth(2)).answer({ kind: 'refused', reason: '8500' });
    expect((await line.nth(3)).says).to.equal('Nobody is there.');
    expect(line.heard()).to.deep.equal(['answer', 'play“One moment.”', 'play“Nobody is there.”']);
    expect(line.lines.find(({ message }) => message === 'command refused')).to.include({ reason: '8500', call: 'c' });
    await line.close();
  });

  it('ends with the call where the service says that it is gone', async () => {
    const line = await commandRig(acme, { answers: 'by hand' });
    await line.rings();
    (await line.nth(1)).answer({ kind: 'gone' });
    await until(() => line.lines.some(({ message }) => message === 'call ended'));
    expect(line.lines.find(({ message }) => message === 'call ended')).to.include({ reason: 'caller' });
    await line.close();
  });

  it('that is done with the response has its outcome from it: a refused call is over', async () => {
    const line = await commandRig(callMachine('no', { initial: 'no', states: { no: reject('busy') } }));
    await line.rings();
    await until(() => line.lines.some(({ message }) => message === 'call ended'));
    expect(line.lines.find(({ message }) => message === 'call ended')).to.include({ reason: 'rejected' });
    await line.close();
  });

  it('is not sent twice for an event that comes twice', async () => {
    const line = await commandRig(acme);
    await line.rings();
    await line.rings();
    const { id } = await line.nth(1);
    for (let time = 0; time < 3; time += 1) await line.post('c', [{ type: 'answer.done', operationId: id }], 'connected');
    await line.nth(2);
    for (let time = 0; time < 3; time += 1) await line.post('c', [{ operationId: line.sent[1]!.id, ...choice('sales') }], 'keyed');
    await line.nth(3);
    expect(line.heard()).to.deep.equal(['answer', `recognize“${menu}”`, 'play“Sales will call you back.”']);
    await line.close();
  });

  it('of which the process died is sent again under the same id by the next one', async () => {
    const store = memoryStore();
    const kept = { ...store, close: async () => {} };
    const first = await commandRig(acme, { answers: 'by hand', store: kept });
    await first.rings();
    const { id } = await first.nth(1);
    await first.close(); // before the service has answered
    const second = await commandRig(acme, { store: kept });
    expect((await second.nth(1)).id).to.equal(id);
    await second.ends(1, { type: 'answer.done' });
    expect((await second.nth(2)).says).to.equal(menu);
    await second.close();
    // And what the service has taken and not ended is waited for, and not sent again.
    const third = await commandRig(acme, { store: kept });
    await third.pass(5_000);
    expect(third.sent).to.deep.equal([]);
    await third.post('c', [{ operationId: second.sent[1]!.id, ...choice('sales') }]);
    expect((await third.nth(1)).says).to.equal('Sales will call you back.');
    await third.close();
  });

  it('whose event never comes fails when its time is over: the question is asked again', async () => {
    const line = await commandRig(acme);
    await line.rings();
    await line.ends(1, { type: 'answer.done' });
    await line.nth(2);
    await line.pass(31_000);
    expect((await line.nth(3)).says).to.contain('For sales press 1');
    expect(line.sent[2]!.id).not.to.equal(line.sent[1]!.id);
    await line.close();
  });
});

describe('what a bot wants while the service is at work', () => {
  const impatient = callMachine('impatient', {
    initial: 'ask',
    states: {
      ask: { ...recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 3_000: 'hurry' } },
      hurry: recognize({ prompt: 'Quick!', choices: { now: '1' }, on: { now: 'bye', exhausted: 'bye' } }),
      bye: hangup('Bye.'),
    },
  });

  it('breaks off what a timer has made old, and hears no more of it', async () => {
    const line = await commandRig(impatient);
    await line.rings();
    await line.ends(1, { type: 'answer.done' });
    const { id } = await line.nth(2);
    await line.pass(3_000);
    await line.nth(4);
    expect(line.heard()).to.deep.equal(['answer', 'recognize“Well?”', 'break', 'recognize“Quick!”']);
    await line.post('c', [{ operationId: id, ...choice('yes') }]);
    await line.ends(4, choice('now'));
    expect((await line.nth(5)).says).to.equal('Bye.');
    await line.close();
  });

  it('waits for an answer that is under way', async () => {
    const line = await commandRig(impatient);
    await line.rings();
    await line.nth(1);
    await line.pass(3_000);
    expect(line.heard()).to.deep.equal(['answer']);
    await line.ends(1, { type: 'answer.done' });
    await line.nth(2);
    expect(line.heard()).to.deep.equal(['answer', 'recognize“Quick!”']);
    await line.close();
  });

  it('is a word now and then while work goes on, and the result when it is there', async () => {
    const { passed, open } = gate<unknown>();
    const bot = callMachine('shop', {
      initial: 'find', filler: 'One moment.',
      states: { find: task({ run: () => passed, on: { done: 'found', failed: 'bye' } }), found: hangup('It is on its way.'), bye: hangup('Bye.') },
    });
    const line = await commandRig(bot);
    await line.rings();
    await line.pass(4_000);
    await line.ends(1, { type: 'answer.done' });
    await line.ends(2, { type: 'play.done' });
    await line.pass(4_000);
    await line.ends(3, { type: 'play.done' });
    expect(line.heard()).to.deep.equal(['answer', 'play“One moment.”', 'play“One moment.”']);
    open(undefined);
    expect((await line.nth(4)).says).to.equal('It is on its way.');
    await line.close();
  });

  it('is nothing while the caller is on hold: the service plays its music', async () => {
    const bot = callMachine('queue', {
      initial: 'hold', states: { hold: hold('Music.', { on: { done: 'wait', failed: 'bye' } }), wait: { after: { 60_000: 'bye' } }, bye: hangup('Your turn.') },
    });
    const line = await commandRig(bot);
    await line.rings();
    await line.ends(1, { type: 'answer.done' });
    await line.nth(2);
    await line.pass(59_000);
    expect(line.heard()).to.deep.equal(['answer', 'hold“Music.”']);
    await line.pass(2_000);
    await line.nth(4);
    expect(line.heard().slice(2)).to.deep.equal(['unhold', 'play“Your turn.”']);
    await line.close();
  });
});

describe('an outbox', () => {
  const command = (id: string, more: Partial<ServiceCommand> = {}): ServiceCommand => ({ id, operation: { type: 'record', operationId: 'o' }, done: 'event', request: {}, ...more });

  it('takes a step of an operation for what it is: its end leads on, its failure is that of the operation', () => {
    const outbox: Outbox = [command('o:p'), command('o')];
    expect(settledBy(outbox, [{ type: 'play.done', operationId: 'o:p' }])).to.deep.equal({ outbox: [outbox[1]], events: [] });
    expect(settledBy(outbox, [{ type: 'play.failed', operationId: 'o:p', reason: 'x' }])).to.deep.equal({ outbox: [], events: [{ type: 'play.failed', operationId: 'o', reason: 'x' }] });
  });

  it('goes on after a step whose end does not matter', () => {
    const outbox: Outbox = [command('o:r', { tolerant: true }), command('o')];
    expect(settledBy(outbox, [{ type: 'recognize.noinput', operationId: 'o:r' }])).to.deep.equal({ outbox: [outbox[1]], events: [] });
  });

  it('is empty when the call has ended, and passes on what is none of its business', () => {
    const events = [{ type: 'call.roster', participants: 2 }, { type: 'call.ended' }] as const;
    expect(settledBy([command('o')], events)).to.deep.equal({ outbox: [], events });
  });

  it('sends each command of a call in order, and one at a time, whatever comes first', async () => {
    const bot = callMachine('talk', {
      initial: 'one',
      states: { one: { entry: [play('1'), play('2'), play('3')], on: { 'play.done': 'two', 'play.failed': 'bye' } }, two: { entry: [play('4'), play('5')], on: { 'play.done': 'bye', 'play.failed': 'bye' } }, bye: hangup('6') },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), async (early) => {
        const line = await commandRig(bot, { answers: 'by hand' });
        await line.rings();
        let most = 0;
        for (let many = 1; many <= 7; many += 1) {
          const { id, name, answer } = await line.nth(many);
          most = Math.max(most, line.sent.length - (many - 1));
          const tell = () => line.post('c', [{ type: `${name}.done` as 'play.done', operationId: id }]);
          if (early[many] === true) await tell();
          answer({ kind: 'taken' });
          if (early[many] !== true) await tell();
        }
        await line.nth(8);
        expect(most).to.equal(1);
        expect(line.sent.map(({ name, says }) => says || name)).to.deep.equal(['answer', '1', '2', '3', '4', '5', '6', 'hangup']);
        expect(new Set(line.sent.map(({ id }) => id)).size).to.equal(8);
        await line.close();
      }),
      { numRuns: 15 },
    );
  });
});

describe('a reply service that can be told something unasked', () => {
  const pushing = (pushed: { readonly id: string; readonly body: string }[], refuse = false): ReplyService => ({
    ...stubService({ replyWithinMs: 60_000 } satisfies Partial<BotFrameworkOptions>),
    idle: ({ over }) => (over ? 'over' : 'idle'),
    push: (body, { type, operationId }) => ({ id: operationId, operation: { type, operationId }, done: 'sent', request: { body } }),
    send: async ({ id, request }) => (pushed.push({ id, body: request['body'] as string }), refuse ? { kind: 'gone' } : { kind: 'taken' }),
    unknownCalls: 'ignored',
  });
  const timed = callMachine('timed', {
    initial: 'ask',
    states: { ask: { ...recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 3_000: 'hurry' } }, hurry: recognize({ prompt: 'Quick!', choices: { now: '1' }, on: { now: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') },
  });

  it('is pushed what a timer has to say, and a stale answer is told once more what the call is about now', async () => {
    const pushed: { readonly id: string; readonly body: string }[] = [];
    const line = await rig(timed, { service: pushing(pushed) });
    const caller = line.caller('c');
    await caller.rings();
    line.clock.now += 3_000;
    await until(() => pushed.length === 1);
    expect(pushed[0]!.body).to.contain('Quick!');
    const stale = await caller.presses('yes'); // of the question before
    expect(stale.text).to.equal(pushed[0]!.body);
    await line.close();
  });

  it('is still answered with the last two replies when a request comes again, whatever it was pushed since', async () => {
    const pushed: { readonly id: string; readonly body: string }[] = [];
    const line = await rig(timed, { service: pushing(pushed) });
    const caller = line.caller('c');
    const rung = await caller.rings('first');
    const louder = await caller.staysSilent('second');
    line.clock.now += 3_000;
    await until(() => pushed.length === 1);
    expect((await caller.rings('first')).text).to.equal(rung.text);
    expect((await caller.staysSilent('second')).text).to.equal(louder.text);
    expect((await caller.presses('yes')).text, 'and what the call is about is what was pushed').to.equal(pushed[0]!.body);
    await line.close();
  });

  it('loses a call that is gone when it is pushed to', async () => {
    const pushed: { readonly id: string; readonly body: string }[] = [];
    const line = await rig(timed, { service: pushing(pushed, true) });
    await line.caller('c').rings();
    line.clock.now += 3_000;
    await until(() => line.said('call ended').length === 1);
    expect((await recordIn(line.store, 'c'))?.snapshot.ended).to.equal('caller');
    await line.close();
  });

  it('hears that a call is over from a call that nobody knows', async () => {
    const line = await rig(timed, { service: pushing([]) });
    const answer = await line.caller('nobody').presses('yes');
    expect([answer.status, answer.text]).to.deep.equal([200, 'over']);
    await line.close();
  });
});

describe('what cannot be written in any way', () => {
  const bots = {
    'a timer has to say': callMachine('late', {
      initial: 'ask', cleanup: () => null,
      states: { ask: { ...recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 3_000: 'bye' } }, bye: hangup('Bye.') },
    } as never),
    'a task has to say': callMachine('slow', {
      initial: 'find', cleanup: () => null,
      states: { find: task({ run: () => new Promise((resolve) => setTimeout(resolve, 20)), on: { done: 'bye', failed: 'bye' } }), bye: hangup('Bye.') },
    }),
  };
  for (const [what, bot] of Object.entries(bots)) {
    it(`when ${what} ends its call, and is not tried for ever; the log of the call says the same`, async () => {
      let isBroken = false;
      let log = '';
      const { service: { commands } } = commandService();
      const line = await commandRig(bot, {
        more: { commands: (batch, context) => { if (isBroken) throw new RangeError('cannot be written'); return commands(batch, context); } },
        callLogs: { masked: false, append: async ({ begins, head, lines }) => void (log += (begins ? head : '') + lines) },
      });
      await line.rings();
      isBroken = true;
      await line.pass(4_000);
      await until(async () => (await line.pass(500), line.lines.some(({ message }) => message === 'call ended')));
      expect(line.lines.find(({ message }) => message === 'call ended')).to.include({ reason: 'error' });
      const { length } = line.lines;
      await line.pass(120_000);
      expect(line.lines.slice(length).filter(({ level }) => level === 'error')).to.deep.equal([]);
      await line.close();
      const { outcome, difference } = replay(bot, readLog(log)) as { readonly outcome: string; readonly difference?: unknown };
      expect([outcome, difference]).to.deep.equal(['same', undefined]);
    });
  }

  it('at a request is told to whoever asks, and the call is as it was', async () => {
    let isBroken = false;
    const { service: { commands } } = commandService();
    const line = await commandRig(acme, { more: { commands: (batch, context) => { if (isBroken) throw new RangeError('cannot be written'); return commands(batch, context); } } });
    await line.rings();
    isBroken = true;
    expect(await line.ends(1, { type: 'answer.done' })).to.equal(200);
    const { id } = await line.nth(2);
    const press = () => line.post('c', [{ type: 'recognize.input', operationId: id, via: 'dtmf', input: { kind: 'choice', name: 'sales' } }], 'press');
    expect(await press()).to.equal(500);
    isBroken = false;
    expect(await press()).to.equal(200);
    await line.close();
  });
});

describe('a command that is replaced while it is on its way', () => {
  const command = (id: string): ServiceCommand => ({ id, operation: { type: 'recognize', operationId: id }, done: 'event', request: {} });

  it('is waited for, and then what stands in its place is sent, however it ended', () => {
    const outbox = replaced([command('c:1:0')], () => [command('c:2:0')]);
    expect(toSend(outbox)?.id).to.equal('c:1:0');
    for (const settled of [answered(outbox, 'c:1:0', { kind: 'taken' }, 1), answered(outbox, 'c:1:0', { kind: 'refused', reason: '500' }, 1), settledBy(outbox, [{ type: 'recognize.noinput', operationId: 'c:1:0' }])]) {
      expect(settled.outbox.map(({ id }) => id)).to.deep.equal(['c:2:0']);
    }
    expect(replaced([{ ...command('c:1:0'), sentAt: 1 }], () => [command('c:2:0')]).map(({ id }) => id), 'it has arrived').to.deep.equal(['c:2:0']);
  });
});
