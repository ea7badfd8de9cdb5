/** Records that nobody can go on with: that call ends with an apology, what was kept of it is kept aside, and the rest go on. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type CallStore, memoryStore, type TransportEvent } from 'callchart/transport';
import { callMachine, hangup, recognize } from 'callchart';
import acme from '../../examples/acme/bot.ts';
import { readQuarantined } from '../../src/transport/engines/quarantine.ts';
import { readRecord } from '../../src/transport/record.ts';
import keeper from '../fixtures/records/bot.ts';
import { commandRig } from './command-service.ts';
import { begin, incoming, type Rig, rig, until } from './rig.ts';

/** Keeps a store open when the server that used it stops. */
const kept = (): CallStore => ({ ...memoryStore(), close: async () => {} });

const sorry = callMachine('acme', {
  initial: 'menu', apology: 'Acme is sorry.',
  states: {
    menu: recognize({ prompt: 'Welcome to Acme. For sales press 1, for support press 2.', choices: { sales: '1', support: '2' }, on: { sales: 'bye', support: 'bye', exhausted: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

/** Puts `text` in the place of what is kept of the call at `key`. */
const damage = async (store: CallStore, key: string, text: string | ((before: string) => string), more: object = {}): Promise<string> => {
  const record = await store.load(key);
  const written = typeof text === 'string' ? text : text(record?.text ?? '');
  await store.commit(key, record?.revision ?? 0, { ...record, ...more, revision: (record?.revision ?? 0) + 1, text: written });
  return written;
};

const spoilt = '{"heardAt":1,"secret":"4711';

/** A server with the call `bad`, whose record is damaged, and the call `good`. */
const withDamage = async (options: Parameters<typeof rig>[1] = {}): Promise<Rig> => {
  const line = await rig(sorry, { liveCalls: 0, ...options });
  for (const id of ['bad', 'good']) await line.caller(id).rings();
  await damage(line.store, 'botframework:bad', spoilt);
  return line;
};

const apology = 'playPrompt“Acme is sorry.” hangup';

describe('a record that is damaged', () => {
  it('ends its call with the apology and a hangup; a retry gets the same bytes, and the others go on', async () => {
    const events: TransportEvent[] = [];
    const line = await withDamage({ onEvent: (event) => void events.push(event) });
    const [bad, good] = [line.caller('bad'), line.caller('good')];
    const answer = await bad.presses('sales', 'm');
    expect(answer.heard).to.equal(apology);
    expect((await bad.presses('sales', 'm')).text, 'a retry').to.equal(answer.text);
    const late = { id: 'bad', callState: 'established', operationOutcome: { id: 'bad:1:1', outcome: 'success', type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'support' } } };
    expect((await bad.post(late)).text, 'a late key').to.equal('');
    expect((await bad.isHungUp()).text).to.equal('');
    expect((await bad.post(late)).text, 'after the end').to.equal('');
    await good.rings();
    expect((await good.post({ id: 'good', callState: 'established', operationOutcome: { id: 'good:1:1', outcome: 'success', type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'sales' } } })).heard).to.equal('playPrompt“Goodbye.” hangup');
    expect(line.said('call quarantined').map(({ level, call, bot, reason, chain }) => [level, call, bot, reason, chain])).to.deep.equal([['error', 'bad', 'acme', 'damaged', 'chain-of-bad']]);
    expect(line.lines.filter(({ level }) => level === 'error')).to.have.length(1);
    expect(events.filter(({ type }) => type === 'call.quarantined')).to.deep.equal([{ type: 'call.quarantined', call: 'bad', bot: 'acme', chain: 'chain-of-bad', reason: 'damaged' }]);
    expect(line.said('call ended').filter(({ call }) => call === 'bad').map(({ reason }) => reason)).to.deep.equal(['error']);
    expect(JSON.stringify(line.lines)).not.to.contain('4711');
    await line.close();
  });

  it('is kept aside for 30 days, and then it is dropped', async () => {
    const line = await withDamage();
    await line.caller('bad').presses('sales');
    expect(await line.store.list('quarantine:', 10)).to.deep.equal(['quarantine:botframework:bad']);
    const stored = await line.store.load('quarantine:botframework:bad');
    expect(readQuarantined(stored?.text ?? '')).to.deep.equal([{ reason: 'damaged', at: begin, revision: 2, text: spoilt }]);
    expect(stored?.expiresAt).to.equal(begin + 30 * 86_400_000);
    line.clock.now += 30 * 86_400_000;
    await until(async () => (await line.store.list('quarantine:', 10)).length === 0);
    await line.close();
  });

  it('is kept aside for as long as is asked for', async () => {
    const line = await withDamage({ quarantineMs: 5_000 });
    await line.caller('bad').presses('sales');
    expect((await line.store.load('quarantine:botframework:bad'))?.expiresAt).to.equal(begin + 5_000);
    await line.close();
  });

  it('is found by a process that looks after calls: it is not visited for ever, and its caller hears the apology with the next reply', async () => {
    const store = kept();
    const line = await rig(sorry, { store });
    for (const id of ['bad', 'good']) await line.caller(id).rings();
    await line.close();
    await damage(store, 'botframework:bad', spoilt, { dueAt: 1 });
    const next = await rig(sorry, { store });
    await until(() => next.said('call quarantined').length > 0);
    expect((await store.load('botframework:bad'))?.dueAt).to.be.greaterThan(begin + 3_600_000);
    expect(next.said('call not attended to')).to.deep.equal([]);
    expect((await next.caller('bad').presses('sales')).heard).to.equal(apology);
    expect((await next.caller('good').rings()).status).to.equal(200);
    expect(next.said('call quarantined')).to.have.length(1);
    expect(await next.record('bad')).to.deep.include({ quarantined: 'damaged' });
    await next.close();
  });

  it('of a call that is over is kept aside, and whoever asks late gets nothing to do', async () => {
    const line = await rig(sorry, { liveCalls: 0 });
    const caller = line.caller('bad');
    await caller.rings();
    await caller.hangsUp();
    await damage(line.store, 'botframework:bad', spoilt);
    expect((await caller.presses('sales')).text).to.equal('');
    expect(line.said('call ended')).to.have.length(1);
    expect(line.said('call quarantined')).to.have.length(1);
    expect((await line.record('bad'))?.snapshot.ended).to.equal('error');
    expect((await line.store.load('botframework:bad'))?.expiresAt).to.equal(begin + 3_600_000);
    await line.close();
  });

  it('of a caller who has just hung up is the end of the call at once', async () => {
    const line = await withDamage();
    expect((await line.caller('bad').hangsUp()).text).to.equal('');
    expect(line.said('call ended').map(({ call, reason }) => [call, reason])).to.deep.equal([['bad', 'error']]);
    await line.close();
  });

  it('that is read by what only tells of the line waits with the apology for the next request', async () => {
    const line = await withDamage();
    const caller = line.caller('bad');
    const { status, text } = await caller.post({ id: 'bad', type: 'rosterUpdate', participants: ['8:mona', '8:per'].map((identity) => ({ identity, mediaType: 'audio', mediaStreamDirection: 'sendReceive' })) });
    expect([status, text]).to.deep.equal([200, '']);
    expect((await caller.presses('sales')).heard).to.equal(apology);
    await line.close();
  });

  it('is neither lost nor told twice when the process dies between keeping it aside and the end of the call', async () => {
    const store = kept();
    const line = await rig(sorry, { store });
    await line.caller('bad').rings();
    await line.close();
    await damage(store, 'botframework:bad', spoilt);
    const dying: CallStore = { ...store, commit: async (key, ...more) => (key.startsWith('quarantine:') ? store.commit(key, ...more) : new Promise(() => {})) };
    const one = await rig(sorry, { store: dying });
    void one.caller('bad').presses('sales', 'm').catch(() => {});
    await until(async () => (await store.list('quarantine:', 10)).length > 0);
    expect((await store.load('botframework:bad'))?.text).to.equal(spoilt);
    const two = await rig(sorry, { store });
    expect((await two.caller('bad').presses('sales', 'm')).heard).to.equal(apology);
    expect(readQuarantined((await store.load('quarantine:botframework:bad'))?.text ?? '')).to.have.length(1);
    expect([...one.said('call quarantined'), ...two.said('call quarantined')]).to.have.length(1);
    await two.close();
  });

  it('is met by two processes at once, and ends once', async () => {
    const store = kept();
    const [one, two] = [await rig(sorry, { store, liveCalls: 0 }), await rig(sorry, { store, liveCalls: 0 })];
    await one.caller('bad').rings();
    await damage(store, 'botframework:bad', spoilt);
    const answers = await Promise.all([one, two].map((line) => line.caller('bad').presses('sales', 'm')));
    expect(answers.map(({ heard }) => heard)).to.deep.equal([apology, apology]);
    expect(answers[0]?.text).to.equal(answers[1]?.text);
    expect([...one.said('call quarantined'), ...two.said('call quarantined')]).to.have.length(1);
    await one.close();
    await two.close();
  });

  it('is kept beside the first where a call is damaged twice', async () => {
    const line = await withDamage();
    await line.caller('bad').presses('sales');
    await damage(line.store, 'botframework:bad', 'again');
    expect((await line.caller('bad').presses('support')).heard).to.equal(apology);
    expect(readQuarantined((await line.store.load('quarantine:botframework:bad'))?.text ?? '').map(({ text }) => text)).to.deep.equal([spoilt, 'again']);
    await line.close();
  });

  it('ends with the words that everybody knows where it cannot be known whose call it was', async () => {
    const line = await rig({ '/api/calls': { '28:sales': sorry, '28:support': keeper } }, { liveCalls: 0 });
    await line.caller('bad', { to: '28:sales' }).rings();
    await damage(line.store, 'botframework:bad', spoilt);
    expect((await line.caller('bad').presses('sales')).heard).to.equal('playPrompt“Sorry, something went wrong. Please call again later.” hangup');
    await line.close();
  });
});

describe('a call of a bot that is not served', () => {
  it('ends with the apology of the bot that listens where it comes in', async () => {
    const store = kept();
    const line = await rig(acme, { store });
    await line.caller('c').rings();
    await line.close();
    const text = await damage(store, 'botframework:c', (before) => before.replace('"bot":"acme"', '"bot":"gone"'));
    const next = await rig(sorry, { store });
    expect((await next.caller('c').presses('sales')).heard).to.equal(apology);
    expect(next.said('call quarantined')[0]).to.include({ bot: 'gone', reason: 'bot' });
    expect(readQuarantined((await store.load('quarantine:botframework:c'))?.text ?? '')[0]).to.include({ reason: 'bot', text });
    await next.close();
  });

  it('is nothing to a process that serves another: its timers are left to whoever serves it', async () => {
    const store = kept();
    const patient = callMachine('patient', { initial: 'wait', states: { wait: { after: { 1_000: 'bye' } }, bye: hangup('Waited.') } } as never);
    const [theirs, ours] = [await rig({ '/theirs': patient }, { store, roundMs: 60_000 }), await rig(acme, { store, roundMs: 1 })];
    await theirs.caller('c', { path: '/theirs' }).rings();
    ours.clock.now += 30_000;
    await until(() => ours.said('call left to others').length > 0);
    expect((await ours.record('c'))?.snapshot.timers).to.have.length(1);
    await theirs.close();
    await ours.close();
  });
});

describe('a damaged record of a service that is told by requests', () => {
  const broken = async () => {
    const store = kept();
    const line = await commandRig(sorry, { store, liveCalls: 0 });
    await line.rings('c', { memory: { connection: 'x1' } });
    await line.ends(1, { type: 'answer.done' });
    await line.nth(2);
    await until(async () => readRecord((await store.load('commanded:c'))?.text ?? '').outbox[0]?.sentAt !== undefined);
    await damage(store, 'commanded:c', spoilt);
    return { line, store };
  };

  it('ends with requests of ours: what is being said is broken off, and what they need is what has just been told', async () => {
    const { line } = await broken();
    expect(await line.post('c', [{ type: 'recognize.input', operationId: 'c:2:0', via: 'dtmf', input: { kind: 'choice', name: 'sales' } }], 'e', { memory: { connection: 'x2' } })).to.equal(200);
    await line.nth(4);
    expect(line.heard().slice(2)).to.deep.equal(['break', 'play“Acme is sorry.”']);
    expect(line.sent.at(-1)?.memory).to.deep.equal({ connection: 'x2' });
    expect(new Set(line.sent.map(({ id }) => id)).size, 'no id is used again').to.equal(line.sent.length);
    await line.ends(4, { type: 'play.done' });
    expect((await line.nth(5)).name).to.equal('hangup');
    await line.post('c', [{ type: 'call.ended' }]);
    expect(line.lines.filter(({ message }) => message === 'call ended')).to.have.length(1);
    await line.close();
  });

  it('ends when it is due, without a request of the service', async () => {
    const { line } = await broken();
    await line.pass(31_000);
    await line.nth(4);
    expect(line.heard().slice(2)).to.deep.equal(['break', 'play“Acme is sorry.”']);
    await line.close();
  });
});

describe('a call of a version that is not here, of a service that is told by requests', () => {
  it('hears the apology as soon as the answer that was under way is given', async () => {
    const store = kept();
    const shop = (version: string) => callMachine('shop', { version, apology: `Sorry from ${version}.`, initial: 'menu', states: { menu: recognize({ prompt: 'Well?', choices: { on: '1' }, on: { on: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') } });
    const before = await commandRig(shop('1'), { store });
    await before.rings();
    await until(async () => readRecord((await store.load('commanded:c'))?.text ?? '').outbox[0]?.sentAt !== undefined);
    await before.close();
    const line = await commandRig(shop('2'), { store });
    expect(await line.post('c', [{ type: 'answer.done', operationId: 'c:1:0' }])).to.equal(200);
    expect((await line.nth(1)).says).to.equal('Sorry from 2.');
    await line.close();
  });
});

describe('a poisoned event', () => {
  it('that a service cannot make sense of ends its call with the apology, and no other', async () => {
    const recall = (told: { readonly events: readonly { readonly type: string }[] }) => {
      if (told.events.some(({ type }) => type === 'call.state')) throw new TypeError('4711 is not a function');
      return told as never;
    };
    const line = await commandRig(sorry, { more: { recall } });
    for (const id of ['c', 'd']) await line.rings(id);
    await line.nth(2);
    expect(await line.post('c', [{ type: 'call.state', state: 'established' } as never, { type: 'answer.done', operationId: 'c:1:0' }])).to.equal(200);
    await until(() => line.heard().some((name) => name.includes('sorry')));
    expect(await line.post('d', [{ type: 'answer.done', operationId: 'd:1:0' }])).to.equal(200);
    await until(() => line.heard().some((name) => name.includes('Welcome')));
    expect(line.lines.filter(({ message }) => message === 'bot failed').map(({ call, code }) => [call, code])).to.deep.equal([['c', 'ERR_BOT_THREW']]);
    expect(JSON.stringify(line.lines)).not.to.contain('4711');
    await line.close();
  });

  it('is a command that cannot be sent, too: the process lives', async () => {
    const line = await commandRig(sorry, { more: { send: () => { throw new TypeError('4711'); } } });
    expect(await line.rings()).to.equal(200);
    await until(() => line.lines.some(({ message }) => message === 'command threw'));
    await line.close();
  });
});

describe('records of Callchart 0.1.0', () => {
  const folder = new URL('../fixtures/records/', import.meta.url);
  const texts = new Map(readdirSync(folder).filter((file) => file.endsWith('.txt')).map((file) => [file.slice(0, -4), readFileSync(new URL(file, folder), 'utf8')] as const));

  const goesOn = async (name: string, text = texts.get(name) ?? ''): Promise<{ readonly line: Rig; readonly press: (choice: string) => Promise<string> }> => {
    const store = memoryStore();
    await store.commit(`botframework:${name}`, 0, { revision: 1, text });
    const line = await rig(keeper, { store });
    const { revision = 0, awaiting } = name === 'later' ? { awaiting: null } : readRecord(text).snapshot;
    const operation = `${name}:${revision}:${(awaiting?.types.length ?? 1) - 1}`;
    const press = async (choiceName: string): Promise<string> =>
      (await line.caller(name).post({ id: name, callState: 'established', operationOutcome: { id: operation, outcome: 'success', type: 'recognizeOutcome', ...(choiceName === '' ? { collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits: '1234' } } : { choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName } }) } })).heard;
    return { line, press };
  };

  const goOn: Readonly<Record<string, readonly [choice: string, heard: string]>> = { menu: ['out', 'playPrompt“Bye.” hangup'], again: ['pin', 'recognize“Pin?”'], dialog: ['', 'playPrompt“Count 4.” hangup'], ended: ['out', ''] };
  for (const [name, [choice, heard]] of Object.entries(goOn)) {
    it(`are read, and the call goes on: ${name}`, async () => {
      const { line, press } = await goesOn(name);
      expect(await press(choice)).to.equal(heard);
      expect(line.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
      await line.close();
    });
  }

  it('are read with the task that they wait for, and with what was still to be sent', () => {
    expect(readRecord(texts.get('task') ?? '').snapshot.tasks.map(({ id, name }) => [id, name])).to.deep.equal([['task:2:work', 'work']]);
    const { outbox, memory } = readRecord(texts.get('command') ?? '');
    expect(outbox.map(({ id, done }) => [id, done])).to.deep.equal([['command:1:1', 'event']]);
    expect(memory).to.deep.equal({ connection: 'x1' });
  });

  it('of a later format are refused, kept aside, and the caller hears the apology', async () => {
    const text = (texts.get('menu') ?? '').replace('"format":1', '"format":2').replace('"seen":', '"met":');
    const { line, press } = await goesOn('later', text);
    expect(await press('out')).to.equal('playPrompt“Sorry, something went wrong. Please call again later.” hangup');
    expect(line.said('call quarantined')[0]).to.include({ reason: 'version', code: 'ERR_RECORD_UNKNOWN' });
    expect(readQuarantined((await line.store.load('quarantine:botframework:later'))?.text ?? '')[0]).to.include({ reason: 'version', text });
    await line.close();
  });
});

describe('a process that ends', () => {
  it('takes a repeat of a call whose record is damaged for no call that begins', async () => {
    const line = await withDamage();
    expect((await line.send(JSON.stringify(incoming('bad')), { 'x-microsoft-skype-message-id': 'again' })).heard).to.contain('Acme is sorry.');
    await line.close();
  });
});
