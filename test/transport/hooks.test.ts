/** Hooks around requests, replies and calls, and the events that a server tells: nothing that fails in them is lost. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { CallError, callMachine, hangup, isCallError, record, task } from 'callchart';
import { type CallDetailRecord, type CallMoment, calls, type CallsOptions, type Hook, type Hooks, type KeptRecording, memoryStore, type Receiving, type Sending, type TransportEvent } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { compile } from '../types/compile.ts';
import { gate, rig, type Rig, stubService, until, watchedStore } from './rig.ts';

const codeOf = (text: string): string => (JSON.parse(text) as { readonly error: { readonly code: string } }).error.code;

/** A hook that does `work` in place of passing on, as long as `isBad`. */
const switchable = (work: Hook<never>) => {
  const hook: { isBad: boolean; readonly run: Hook<unknown> } = { isBad: true, run: async (context, next) => (hook.isBad ? work(context as never, next) : next()) };
  return hook;
};

const withHooks = (hooks: Hooks, options: Partial<CallsOptions> = {}): Promise<Rig> => rig(acme, { hooks, ...options });

const mailbox = callMachine('mailbox', { initial: 'speak', states: { speak: record({ prompt: 'Speak.', on: { done: 'thanks', exhausted: 'thanks' } }), thanks: hangup('Thank you.') } });

/** What a hook can do wrong. */
const wrongs: Readonly<Record<string, { readonly work: Hook<never>; readonly reason: string }>> = {
  throws: { work: async () => { throw new RangeError('Mona pressed 4711'); }, reason: 'threw' },
  'throws something that is no error': { work: () => Promise.reject('4711'), reason: 'threw' },
  'throws before it is asked to wait': { work: () => { throw new RangeError('Mona pressed 4711'); }, reason: 'threw' },
  'never calls next': { work: async () => {}, reason: 'skipped' },
  'never ends': { work: () => new Promise(() => {}), reason: 'late' },
};

describe('a receive hook', () => {
  it('runs around the taking of each request, the first one outermost, and sees what it tells', async () => {
    const order: string[] = [];
    const seen: Receiving[] = [];
    const around = (name: string): Hook<Receiving> => async (context, next) => {
      order.push(`${name} in`);
      seen.push(context);
      await next();
      order.push(`${name} out`);
    };
    const line = await withHooks({ receive: [around('a'), around('b')] }, { onStep: () => order.push('step') });
    expect((await line.caller('c').rings('m1')).heard).to.contain('Welcome to Acme.');
    expect(order).to.deep.equal(['a in', 'b in', 'step', 'b out', 'a out']);
    expect(seen[0]).to.deep.include({ callId: 'c', chain: 'chain-of-c', eventId: 'incoming', path: '/api/calls' });
    expect(seen[0]?.events.map(({ type }) => type)).to.deep.equal(['call.incoming']);
    expect(seen[0]?.headers['x-microsoft-skype-message-id']).to.equal('m1');
    await line.close();
  });

  for (const [wrong, { work, reason }] of Object.entries(wrongs)) {
    it(`that ${wrong} takes nothing: the key is not lost, and the service's retry is taken`, async () => {
      const hook = switchable(work);
      hook.isBad = false;
      const line = await withHooks({ receive: [hook.run] });
      const caller = line.caller('c');
      await caller.rings();
      const before = await line.record('c');
      hook.isBad = true;
      const failed = await caller.presses('support', 'm');
      expect([failed.status, codeOf(failed.text)]).to.deep.equal([500, 'ERR_HOOK_FAILED']);
      expect(await line.record('c')).to.deep.equal(before);
      const [said] = line.said('exchange refused');
      expect(said).to.include({ level: 'error', code: 'ERR_HOOK_FAILED', call: 'c', chain: 'chain-of-c' });
      expect(said?.['details']).to.deep.equal({ hook: 'receive', name: 'run', reason });
      expect(JSON.stringify(line.lines)).not.to.match(/Mona|4711/);
      hook.isBad = false;
      expect((await caller.presses('support', 'm')).heard).to.equal('playPrompt“Support will call you back.” hangup');
      expect(line.said('exchange').at(-1)).to.include({ kind: 'taken' });
      await line.close();
    });
  }

  const afterwards: Readonly<Record<string, Hook<never>>> = {
    'throws after next': async (_, next) => { await next(); throw new Error('too late'); },
    'throws while next is under way': (_, next) => (void next(), Promise.reject(new Error('too early'))),
    'calls next twice': async (_, next) => { await next(); await next(); },
    'calls next twice and looks away': async (_, next) => { void next(); void next(); },
    'hangs after next': async (_, next) => { await next(); await new Promise(() => {}); },
    'refuses after next': async (context: Receiving, next: () => Promise<void>) => { await next(); context.refuse(); },
  };
  for (const [wrong, work] of Object.entries(afterwards)) {
    it(`that ${wrong} is a 500, and the retry gets the reply of the key that was taken once`, async () => {
      const hook = switchable(work);
      let steps = 0;
      const line = await withHooks({ receive: [hook.run] }, { onStep: () => void (steps += 1) });
      const caller = line.caller('c');
      const failed = await caller.rings('m');
      expect([failed.status, codeOf(failed.text)]).to.deep.equal([500, 'ERR_HOOK_FAILED']);
      hook.isBad = false;
      expect((await caller.rings('m')).heard).to.contain('Welcome to Acme.');
      expect(steps).to.equal(1);
      expect(line.said('exchange')[0]).to.include({ kind: 'repeated' });
      await line.close();
    });
  }

  it('that does not wait for next is waited for', async () => {
    const line = await withHooks({ receive: [async (_, next) => void next()] });
    expect((await line.caller('c').rings()).heard).to.contain('Welcome to Acme.');
    await line.close();
  });

  it('cannot hide that the call is unknown, nor what a hook inside it threw', async () => {
    const caught: unknown[] = [];
    const hook = switchable(async () => { throw new Error('inside'); });
    hook.isBad = false;
    const hides: Hook<Receiving> = async (_, next) => {
      try {
        await next();
      } catch (error) {
        caught.push(isCallError(error) && error.code);
      }
    };
    const replaces: Hook<Receiving> = (_, next) => next().catch(() => { throw new Error('another'); });
    const line = await withHooks({ receive: [replaces, hides, hook.run] });
    const unknown = await line.caller('nobody').presses('support');
    expect([unknown.status, codeOf(unknown.text)]).to.deep.equal([404, 'ERR_CALL_UNKNOWN']);
    hook.isBad = true;
    expect((await line.caller('c').rings()).status).to.equal(500);
    expect(caught).to.deep.equal(['ERR_CALL_UNKNOWN', 'ERR_HOOK_FAILED']);
    await line.close();
  });

  it('that was given up takes nothing when it calls next after all', async () => {
    const late = gate();
    let result: unknown;
    const hook = switchable(async (_, next) => {
      await late.passed;
      await next().catch((error: unknown) => (result = error));
    });
    const line = await withHooks({ receive: [hook.run] });
    expect((await line.caller('c').rings()).status).to.equal(500);
    late.open();
    await until(() => result !== undefined);
    expect(result).to.have.property('code', 'ERR_HOOK_FAILED');
    expect(await line.record('c')).to.equal(undefined);
    await line.close();
  });

  it('is not blamed for a store that is slow: the caller is answered', async () => {
    const inner = memoryStore();
    const store = { ...inner, load: async (key: string) => (await sleep(90), inner.load(key)) };
    const line = await withHooks({ receive: [(_, next) => next()] }, { store });
    expect((await line.caller('c').rings()).heard).to.contain('Welcome to Acme.');
    await line.close();
  });

  it('refuses a request for good, and nothing is taken', async () => {
    const line = await withHooks({ receive: [async function nightly({ refuse }) { refuse(); }] });
    const refused = await line.caller('c').rings();
    expect([refused.status, codeOf(refused.text)]).to.deep.equal([403, 'ERR_HOOK_REFUSED']);
    expect(line.said('exchange refused')[0]).to.deep.include({ level: 'warn', code: 'ERR_HOOK_REFUSED', details: { name: 'nightly' }, call: 'c' });
    expect(await line.record('c')).to.equal(undefined);
    await line.close();
  });

  it('does not run for who is not the service', async () => {
    let runs = 0;
    const service = stubService({ verify: () => Promise.reject(new Error('no')) });
    const line = await withHooks({ receive: [(_, next) => ((runs += 1), next())] }, { service });
    expect((await line.caller('c').rings()).status).to.equal(500);
    expect(runs).to.equal(0);
    await line.close();
  });
});

describe('a recording', () => {
  const voicemail = callMachine('voicemail', { initial: 'speak', states: { speak: record({ prompt: 'Speak.', on: { done: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') } });

  const speaks = async (hooks: (hook: Hook<unknown>) => Hooks, work: Hook<never>) => {
    const hook = switchable(work);
    hook.isBad = false;
    const line = await rig(voicemail, { hooks: hooks(hook.run) });
    const removed: string[] = [];
    const { remove } = line.recordings;
    Object.assign(line.recordings, { remove: async (ref: string) => (removed.push(ref), remove(ref)) });
    const caller = line.caller('c');
    await caller.rings();
    hook.isBad = true;
    expect((await caller.speaks(3, 'm')).status).to.equal(500);
    await line.close();
    return removed.length;
  };

  it('is dropped when a hook took nothing of it, since the retry brings it along again', async () => {
    expect(await speaks((hook) => ({ receive: [hook] }), async () => {})).to.equal(1);
  });

  it('is kept when the hook failed behind its back: the call has it', async () => {
    expect(await speaks((hook) => ({ receive: [hook] }), async (_, next) => { await next(); throw new Error('no'); })).to.equal(0);
    expect(await speaks((hook) => ({ send: [hook] }), async () => { throw new Error('no'); })).to.equal(0);
  });
});

describe('a send hook', () => {
  it('sees each reply after it was committed, a stored one too', async () => {
    const seen: Sending[] = [];
    const records: unknown[] = [];
    const line: Rig = await withHooks({ send: [async (sending, next) => { seen.push(sending); records.push((await line.record('c'))?.snapshot.revision); await next(); }] });
    const caller = line.caller('c');
    const { text } = await caller.rings('m');
    await caller.rings('m');
    await caller.hangsUp();
    expect(seen).to.deep.equal([
      { callId: 'c', chain: 'chain-of-c', kind: 'taken', body: text },
      { callId: 'c', chain: 'chain-of-c', kind: 'repeated', body: text },
      { callId: 'c', chain: 'chain-of-c', kind: 'taken', body: '' },
    ]);
    expect(records).to.deep.equal([1, 1, 2]);
    await line.close();
  });

  it('cannot change what the caller hears', async () => {
    const line = await withHooks({ send: [async (sending, next) => { Object.assign(sending, { body: 'nonsense' }); await next(); }] });
    expect((await line.caller('c').rings()).heard).to.contain('Welcome to Acme.');
    await line.close();
  });

  for (const [wrong, { work, reason }] of Object.entries(wrongs)) {
    it(`that ${wrong} is a 500, and the retry gets the stored reply: the bot speaks once`, async () => {
      const hook = switchable(work);
      let steps = 0;
      const line = await withHooks({ send: [hook.run] }, { onStep: () => void (steps += 1) });
      const caller = line.caller('c');
      const failed = await caller.rings('m');
      expect([failed.status, codeOf(failed.text)]).to.deep.equal([500, 'ERR_HOOK_FAILED']);
      expect(line.said('exchange refused')[0]?.['details']).to.deep.equal({ hook: 'send', name: 'run', reason });
      hook.isBad = false;
      expect((await caller.rings('m')).heard).to.contain('Welcome to Acme.');
      expect(steps).to.equal(1);
      expect(JSON.stringify(line.lines)).not.to.match(/Mona|4711/);
      await line.close();
    });
  }
});

describe('a call hook', () => {
  it('is told once when a call begins and once when it ends, and who calls whom', async () => {
    const moments: CallMoment[] = [];
    const line = await withHooks({ call: [async (moment, next) => { moments.push(moment); await next(); }] });
    const caller = line.caller('c');
    await caller.rings('m1');
    await caller.rings('m1');
    await caller.hangsUp('m2');
    await caller.hangsUp('m3');
    await line.close();
    expect(moments.map(({ type, callId, bot, chain, call: { from, to } }) => ({ type, callId, bot, chain, from, to }))).to.deep.equal(
      ['begun', 'ended'].map((type) => ({ type, callId: 'c', bot: 'acme', chain: 'chain-of-c', from: '8:mona.lindqvist', to: '28:the-app-id' })),
    );
    const [, ended] = moments;
    expect(ended?.type === 'ended' && ended.detail).to.include({ reason: 'caller', exchanges: 2 });
  });

  it('keeps no caller waiting; the end is told after the beginning, and the server stops after both', async () => {
    const { passed, open } = gate();
    const told: string[] = [];
    const line = await withHooks({ call: [async ({ type }, next) => { if (type === 'begun') await passed; told.push(type); await next(); }] }, { service: stubService({ replyWithinMs: 60_000 }) });
    const caller = line.caller('c');
    await caller.rings();
    await caller.hangsUp();
    expect(told).to.deep.equal([]);
    const stopping = line.close();
    open();
    await stopping;
    expect(told).to.deep.equal(['begun', 'ended']);
  });

  for (const [wrong, { work, reason }] of Object.entries(wrongs)) {
    it(`that ${wrong} is missed in the log, and the call goes on to its end`, async () => {
      const events: TransportEvent[] = [];
      const line = await withHooks({ call: [async function ledger(moment, next) { return work(moment as never, next); }] }, { onEvent: (event) => events.push(event) });
      const caller = line.caller('c');
      expect((await caller.rings()).heard).to.contain('Welcome to Acme.');
      expect((await caller.hangsUp()).status).to.equal(200);
      await line.close();
      const said = line.said('hook failed');
      expect(said.map(({ moment }) => moment)).to.deep.equal(['begun', 'ended']);
      expect(said[0]).to.deep.include({ level: 'error', call: 'c', chain: 'chain-of-c', bot: 'acme', code: 'ERR_HOOK_FAILED', details: { hook: 'call', name: 'ledger', reason } });
      expect(events.filter(({ type }) => type === 'hook.failed')).to.deep.include({ type: 'hook.failed', chain: 'chain-of-c', call: 'c', bot: 'acme', moment: 'ended' });
      expect(JSON.stringify(line.lines)).not.to.match(/Mona|4711/);
    });
  }
});

describe('hooks that are none', () => {
  it('and lists that there are not are refused at start', () => {
    expect(() => calls({ service: stubService(), bots: acme, hooks: { recieve: [] } as never })).to.throw('option `hooks.recieve` does not exist: there are `receive`, `send` and `call`').with.property('code', 'ERR_OPTION_INVALID');
  });

  it('are refused at start, by the name of their list', () => {
    for (const hooks of [{ receive: acme }, { send: ['log'] }, { call: [async () => {}, undefined] }]) {
      expect(() => calls({ service: stubService(), bots: acme, hooks: hooks as never })).to.throw(/is a list of functions/).with.property('code', 'ERR_OPTION_INVALID');
    }
  });

  it('leave the phone as it is', async () => {
    const line = await withHooks({ receive: [], send: [], call: [] });
    const caller = line.caller('c');
    expect((await caller.rings()).heard).to.contain('Welcome to Acme.');
    expect((await caller.presses('support')).heard).to.contain('Support');
    await line.close();
  });
});

describe('whoever is told of recordings', () => {
  const openings: Rig[] = [];
  const speaking = async (options: Partial<CallsOptions>) => {
    const line = await rig(mailbox, options);
    openings.push(line);
    const caller = line.caller('c');
    await caller.rings();
    return { line, caller, operation: caller.operation() };
  };
  afterEach(async () => void (await Promise.all(openings.splice(0).map((line) => line.close()))));

  it('hears of one that came with its event once, by the ref of the event, when its bytes are there', async () => {
    const told: (KeptRecording & { readonly there: boolean })[] = [];
    const events: TransportEvent[] = [];
    const { line, caller, operation } = await speaking({
      onEvent: (event) => void events.push(event),
      onRecording: (kept) => void told.push({ ...kept, there: line.recordings.refs().includes(kept.recording.ref) }),
    });
    await caller.speaks(4, 'm', operation);
    await caller.speaks(4, 'm', operation); // the service's retry
    await caller.speaks(4, 'n', operation); // an outcome of before
    const [ref = ''] = line.recordings.refs();
    expect(line.recordings.refs()).to.deep.equal([ref]);
    expect(told).to.deep.equal([{ callId: 'c', recording: { ref, bytes: 500, contentType: 'audio/wav', lengthMs: 4_000 }, there: true }]);
    expect(events.filter(({ type }) => type === 'recording.kept')).to.deep.equal([{ type: 'recording.kept', chain: 'chain-of-c', call: 'c', ref, bytes: 500 }]);
    expect(line.said('recording kept')).to.deep.equal([{ level: 'info', message: 'recording kept', chain: 'chain-of-c', call: 'c', ref, bytes: 500 }]);
  });

  it('stays kept where its event is on record and the reply to it fails, and is told of', async () => {
    const { store, fail } = watchedStore();
    const { passed, open } = gate();
    const told: string[] = [];
    const bot = callMachine('slow', {
      initial: 'speak',
      states: {
        speak: record({ prompt: 'Speak.', on: { done: 'think', exhausted: 'bye' } }),
        think: task({ run: () => (fail(() => new CallError('ERR_STORE_UNAVAILABLE', 'no', { reason: 'read' })), passed), on: { done: 'bye', failed: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    const line = await rig(bot, { store, onRecording: ({ recording: { ref } }) => void told.push(ref) });
    openings.push(line);
    const caller = line.caller('c');
    await caller.rings();
    const operation = caller.operation();
    expect((await caller.speaks(4, 'm', operation)).status).to.equal(503);
    fail(undefined);
    expect(line.recordings.refs()).to.have.length(1);
    expect(told).to.deep.equal(line.recordings.refs());
    expect((await caller.speaks(4, 'm', operation)).status, 'the retry').to.equal(200);
    expect(told).to.deep.equal(line.recordings.refs());
    open();
  });

  it('keeps no caller waiting, and the server stops after him', async () => {
    const { passed, open } = gate();
    let isTold = false;
    const { line, caller } = await speaking({ onRecording: async () => { await passed; isTold = true; } });
    expect((await caller.speaks(4)).heard).to.contain('Thank you.');
    expect(isTold).to.equal(false);
    const stopping = line.close();
    open();
    await stopping;
    expect(isTold).to.equal(true);
  });

  it('costs no caller his call by throwing, and is missed in the log', async () => {
    const { line, caller } = await speaking({ onRecording: function shelf() { throw new RangeError('Mona pressed 4711'); } });
    expect((await caller.speaks(4)).heard).to.contain('Thank you.');
    await until(() => line.said('hook failed').length > 0);
    expect(line.said('hook failed')).to.have.length(1);
    expect(line.said('hook failed')[0]).to.deep.include({ level: 'error', call: 'c', bot: 'mailbox', moment: 'recording', code: 'ERR_HOOK_FAILED', details: { hook: 'recording', name: 'shelf', reason: 'threw' } });
    expect(JSON.stringify(line.lines)).not.to.match(/Mona|4711/);
  });
});

describe('the events of a server', () => {
  it('tell a call from ring to hangup, with the facts of the log and without the caller', async () => {
    const events: TransportEvent[] = [];
    const line = await rig(acme, { onEvent: (event) => events.push(event) });
    const caller = line.caller('c');
    await caller.rings('m');
    await caller.rings('m');
    line.clock.now += 2_000;
    await caller.presses('support');
    await caller.isHungUp();
    expect((await line.caller('nobody').hangsUp()).status).to.equal(404);
    const of = { chain: 'chain-of-c', call: 'c', bot: 'acme' };
    expect(events.map((event) => (event.type === 'exchange' ? { ...event, bytes: event.bytes > 0 } : event))).to.deep.equal([
      { type: 'call.begun', ...of },
      { type: 'exchange', ...of, kind: 'taken', status: 200, events: ['call.incoming'], bytes: true, ms: 0 },
      { type: 'exchange', ...of, kind: 'repeated', status: 200, events: ['call.incoming'], bytes: true, ms: 0 },
      { type: 'exchange', ...of, kind: 'taken', status: 200, events: ['recognize.input'], bytes: true, ms: 0 },
      { type: 'call.ended', ...of, reason: 'bot', durationMs: 2_000 },
      { type: 'exchange', ...of, kind: 'taken', status: 200, events: ['hangup.done'], bytes: false, ms: 0 },
      { type: 'exchange.refused', chain: 'chain-of-nobody', call: 'nobody', path: '/api/calls', status: 404, code: 'ERR_CALL_UNKNOWN', ms: 0 },
    ]);
    const lines = line.lines.map(({ level, message, reason, details, ...facts }) => ({ level, details, line: { ...facts, type: message.replace(' ', '.'), ...(message === 'call ended' && { reason }) } }));
    expect(lines.map(({ line: facts }) => facts), 'a line is an event').to.deep.equal(events);
    expect(lines.at(-1), 'and errors say more').to.deep.include({ level: 'warn', details: {} });
    expect(JSON.stringify(events)).not.to.match(/mona|lindqvist|support will/i);
    await line.close();
  });

  it('tell that a task failed, that the bot threw, and that the server did', async () => {
    const events: TransportEvent[] = [];
    const bot = callMachine('bad', {
      initial: 'work',
      tasks: { find: () => Promise.reject(Object.assign(new Error('no Mona'), { code: 'ECONNREFUSED' })) },
      states: { work: task({ run: 'find', on: { done: 'bye', failed: 'bye' } }), bye: hangup(() => { throw new Error('no Mona'); }) },
    });
    const verify = async (): Promise<void> => { if (events.length > 3) throw new Error('no Mona'); };
    const line = await rig(bot, { onEvent: (event) => events.push(event), service: stubService({ verify, replyWithinMs: 60_000 }) });
    await line.caller('c').rings();
    await line.caller('d').rings();
    const of = { chain: 'chain-of-c', call: 'c', bot: 'bad' };
    expect(events.filter(({ type }) => type.endsWith('failed'))).to.deep.equal([
      { type: 'task.failed', ...of, task: 'find', code: 'ECONNREFUSED' },
      { type: 'bot.failed', ...of, revision: 2, code: 'ERR_BOT_THREW' },
      { type: 'exchange.failed', chain: 'chain-of-d', call: undefined, path: '/api/calls', status: 500, ms: 0 },
    ]);
    expect(JSON.stringify([events, line.lines])).not.to.contain('Mona');
    await line.close();
  });

  for (const [how, onEvent] of Object.entries({
    throws: () => { throw new Error('Mona'); },
    rejects: async () => { throw new Error('Mona'); },
  })) {
    it(`do the caller no harm when their listener ${how}, and the log says so`, async () => {
      const line = await rig(acme, { onEvent });
      expect((await line.caller('c').rings()).heard).to.contain('Welcome to Acme.');
      await until(() => line.said('listener failed').length === 2);
      expect(line.said('listener failed').map(({ level, call, chain, event }) => ({ level, call, chain, event }))).to.deep.equal(['call.begun', 'exchange'].map((event) => ({ level: 'error', call: 'c', chain: 'chain-of-c', event })));
      expect(JSON.stringify(line.lines)).not.to.contain('Mona');
      await line.close();
    });
  }
});

describe('the page of the hooks', function () {
  this.timeout(60_000);
  const root = resolve(import.meta.dirname, '../..');
  const page = readFileSync(join(root, 'docs/hooks.md'), 'utf8');

  it('shows a module that compiles, and counts a call when it is used', async () => {
    const [, source = ''] = /^```ts\n(import [\s\S]*?)^```/m.exec(page) ?? [];
    const below = join(root, '.callchart/docs');
    mkdirSync(below, { recursive: true });
    const folder = mkdtempSync(join(below, 'hooks-'));
    try {
      writeFileSync(join(folder, 'hooks.ts'), source);
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.json', include: ['*.ts'], exclude: [] }));
      expect(compile(join('.callchart/docs', basename(folder), 'tsconfig.json')).map(({ text }) => text)).to.deep.equal([]);
      const { books, counts, options } = (await import(pathToFileURL(join(folder, 'hooks.ts')).href)) as {
        readonly books: readonly CallDetailRecord[];
        readonly counts: ReadonlyMap<string, number>;
        readonly options: Partial<CallsOptions>;
      };
      const line = await rig(acme, options);
      const caller = line.caller('c');
      await caller.rings();
      await caller.hangsUp();
      await line.send('{}', { 'x-maintenance': 'on' });
      await line.close();
      expect(books.map(({ call, reason }) => ({ call, reason }))).to.deep.equal([{ call: 'c', reason: 'caller' }]);
      expect(Object.fromEntries(counts)).to.deep.equal({ 'begun: inbound': 1, 'acme taken': 2, 'ended: inbound': 1, '400 ERR_EVENT_MALFORMED': 1 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('shows what is done with recordings: it compiles, and writes the file of a message that was left', async () => {
    const [, source = ''] = [...page.matchAll(/^```ts\n(import [\s\S]*?)^```/gm)].map(([, code]) => code);
    const below = join(root, '.callchart/docs');
    mkdirSync(below, { recursive: true });
    const folder = mkdtempSync(join(below, 'recorded-'));
    const here = process.cwd();
    try {
      writeFileSync(join(folder, 'recorded.ts'), source);
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.json', include: ['*.ts'], exclude: [] }));
      expect(compile(join('.callchart/docs', basename(folder), 'tsconfig.json')).map(({ text }) => text)).to.deep.equal([]);
      process.chdir(folder);
      const { recorded } = (await import(pathToFileURL(join(folder, 'recorded.ts')).href)) as { readonly recorded: Pick<CallsOptions, 'onRecording' | 'recordings'> };
      const line = await rig(mailbox, recorded);
      const caller = line.caller('c');
      await caller.rings();
      await caller.speaks(4);
      await line.close();
      const [ref] = line.said('recording kept').map(({ ref: named }) => String(named));
      expect(readFileSync(join(folder, `${ref}.wav`)).length).to.equal(500);
      expect(line.said('hook failed')).to.deep.equal([]);
    } finally {
      process.chdir(here);
      rmSync(folder, { recursive: true });
    }
  });

  it('names every event that there is', () => {
    const source = readFileSync(join(root, 'src/transport/log.ts'), 'utf8');
    const types = [...source.matchAll(/readonly type: '([a-z.]+)'/g)].map(([, type]) => type ?? '');
    expect(types).to.have.length(17);
    expect(types.filter((type) => !page.includes(`| \`${type}\` |`))).to.deep.equal([]);
  });
});
