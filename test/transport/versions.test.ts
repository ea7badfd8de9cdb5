/** Several versions of one bot: a call goes on with the one that it began with, or with another where a move says so. */
import { expect } from 'chai';
import { compatibility, callMachine, hangup, recognize, replay, readLog, task } from 'callchart';
import { type CallLogs, type CallsOptions, type CallStore, memoryStore, type VersionMove } from 'callchart/transport';
import { readQuarantined } from '../../src/transport/engines/quarantine.ts';
import { type Rig, rig, stubService, until } from './rig.ts';

/** Keeps a store open when the server that used it stops. */
const kept = (): CallStore => ({ ...memoryStore(), close: async () => {} });

const shop = (version: string, more: object = {}, states: object = {}) =>
  callMachine('shop', {
    version, initial: 'menu', apology: `Sorry from ${version}.`, ...more,
    states: {
      menu: recognize({ prompt: `Menu of ${version}.`, choices: { on: '1', work: '2' }, on: { on: 'size', work: 'work', exhausted: 'bye' } }),
      size: recognize({ prompt: `Size by ${version}?`, choices: { small: '1', large: '2' }, on: { small: 'bye', large: 'bye', exhausted: 'bye' } }),
      work: task({ run: () => version, on: { done: 'worked', failed: 'bye' } }),
      worked: hangup(`Worked by ${version}.`),
      bye: hangup(`Bye from ${version}.`),
      ...states,
    },
  } as never);

const [one, two, three] = [shop('1'), shop('2'), shop('3')];

/** What the comparison would have found if calls in `name` could not go on. */
const pinnedAt = (name: string): VersionMove => {
  const found = compatibility(one, two);
  return { ...found, states: found.states.map((at) => (at.state === name ? { ...at, verdict: 'pinned' as const } : at)) };
};

/** The calls of `ids` at the menu of version 1; the process is then another. */
const begun = async (store: CallStore, ids: readonly string[], bot = one): Promise<void> => {
  const line = await rig(bot, { store });
  for (const id of ids) await line.caller(id).rings();
  await line.close();
};

/** Serves version 2, where calls of version 1 are on record. */
const next = async (options: Partial<CallsOptions> = {}, ids: readonly string[] = ['c']): Promise<Rig & { readonly store: CallStore }> => {
  const store = kept();
  await begun(store, ids);
  return rig(two, { store, ...options });
};

/** A caller whose first question was put by another process. */
const resumed = (line: Rig, id: string) => {
  const caller = line.caller(id);
  const at = (choiceName: string, revision: number, message?: string) =>
    caller.post({ id, callState: 'established', operationOutcome: { id: `${id}:${revision}:${revision === 1 ? 1 : 0}`, outcome: 'success', type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName } } }, message);
  return { ...caller, at };
};

describe('a call of another version', () => {
  it('goes on with the version that it began with, and a call that begins gets the one that is served', async () => {
    const line = await next({ versions: [one] });
    expect((await resumed(line, 'c').at('on', 1)).heard).to.equal('recognize“Size by 1?”');
    const other = line.caller('new');
    expect((await other.rings()).heard).to.equal('answer recognize“Menu of 2.”');
    expect((await other.presses('on')).heard).to.equal('recognize“Size by 2?”');
    expect((await line.record('c'))?.snapshot.version).to.equal('1');
    expect(line.said('call moved')).to.deep.equal([]);
    await line.close();
  });

  it('has its own tasks', async () => {
    const line = await next({ versions: [one] });
    expect((await resumed(line, 'c').at('work', 1)).heard).to.equal('playPrompt“Worked by 1.” hangup');
    const other = line.caller('new');
    await other.rings();
    expect((await other.presses('work')).heard).to.equal('playPrompt“Worked by 2.” hangup');
    await line.close();
  });

  it('that is newer goes on in an old process that has loaded it', async () => {
    const store = kept();
    await begun(store, ['c'], two);
    const line = await rig(one, { store, versions: [two] });
    expect((await resumed(line, 'c').at('on', 1)).heard).to.equal('recognize“Size by 2?”');
    await line.close();
  });

  it('is moved by what the comparison of both has found, in the commit of the next event', async () => {
    const line = await next({ moves: [JSON.parse(JSON.stringify(compatibility(one, two)))] });
    expect((await line.record('c'))?.snapshot.version, 'not by itself').to.equal('1');
    expect((await resumed(line, 'c').at('on', 1)).heard).to.equal('recognize“Size by 2?”');
    expect((await line.record('c'))?.snapshot.version).to.equal('2');
    expect(line.said('call moved').map(({ call, bot, from, to }) => [call, bot, from, to])).to.deep.equal([['c', 'shop', '1', '2']]);
    await line.close();
  });

  it('is not moved by an event that means nothing to it', async () => {
    const line = await next({ versions: [one], moves: [{ from: '1', to: '2', states: 'all' }] });
    expect((await resumed(line, 'c').at('on', 0)).text).to.equal('');
    expect((await line.record('c'))?.snapshot.version).to.equal('1');
    await line.close();
  });

  it('is moved by hand in the states that are named, and stays with its version in all others', async () => {
    const line = await next({ versions: [one], moves: [{ from: '1', to: '2', states: ['size'] }] });
    const caller = resumed(line, 'c');
    expect((await caller.at('on', 1)).heard, 'at the menu').to.equal('recognize“Size by 1?”');
    expect((await caller.presses('large')).heard, 'at the size').to.equal('playPrompt“Bye from 2.” hangup');
    await line.close();
  });

  it('is moved on and on where one move leads to the next', async () => {
    const store = kept();
    await begun(store, ['c']);
    const line = await rig(three, { store, versions: [one, two], moves: [{ from: '1', to: '2', states: 'all' }, { bot: 'shop', from: '2', to: '3', states: ['menu'] }] });
    expect((await resumed(line, 'c').at('on', 1)).heard).to.equal('recognize“Size by 3?”');
    await line.close();
  });

  it('is moved while it waits for a task that died with its process: the version that it goes on with does the work', async () => {
    const store = kept();
    const slow = shop('1', {}, { work: task({ run: () => new Promise(() => {}), on: { done: 'worked', failed: 'bye' } }) });
    const line = await rig(slow, { store });
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.presses('work')).heard, 'the filler').to.match(/^playPrompt/);
    await line.close();
    const again = await rig(two, { store, moves: [compatibility(one, two)] });
    await until(async () => (await again.record('c'))?.snapshot.tasks.length === 0);
    expect(again.said('call moved')).to.have.length(1);
    await again.close();
  });

  it('says so in its log, and a replay says from where on nothing was examined', async () => {
    const texts: string[] = [];
    const callLogs: CallLogs = { masked: false, append: ({ begins, head, lines }) => void texts.push(begins ? head + lines : lines) };
    const store = kept();
    const before = await rig(one, { store, callLogs });
    await before.caller('c').rings();
    await before.close();
    const line = await rig(two, { store, callLogs, moves: [compatibility(one, two)] });
    await resumed(line, 'c').at('on', 1);
    await line.close();
    const log = readLog(texts.join(''));
    expect(log.steps.map(({ moved }) => moved)).to.deep.equal([undefined, '2']);
    const replayed = replay(one, log);
    expect(replayed).to.include({ outcome: 'unexamined', steps: 1 });
    expect(replayed.at?.what).to.equal('here the call goes on with version 2 of the bot');
  });
});

describe('a call of a version that is not here', () => {
  it('hears the apology of the bot that is served and is hung up; nothing of its chart is run, and the log says once what to do', async () => {
    const line = await next();
    const caller = resumed(line, 'c');
    const text = (await line.store.load('botframework:c'))?.text;
    const answer = await caller.at('on', 1, 'm');
    expect(answer.heard).to.equal('playPrompt“Sorry from 2.” hangup');
    expect((await caller.at('on', 1, 'm')).text, 'a retry').to.equal(answer.text);
    expect((await caller.at('on', 1)).text, 'a late key').to.equal('');
    expect((await caller.isHungUp()).text).to.equal('');
    expect(line.said('call ended')[0]).to.include({ reason: 'error', call: 'c' });
    const lines = line.said('call quarantined');
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({ level: 'error', call: 'c', bot: 'shop', reason: 'version', code: 'ERR_RECORD_UNKNOWN' });
    expect(String(lines[0]?.['rule'])).to.match(/version `1`.*version `2`.*`versions`.*`moves`/);
    expect(line.lines.filter(({ level }) => level === 'error')).to.have.length(1);
    const [found, ...others] = readQuarantined((await line.store.load('quarantine:botframework:c'))?.text ?? '');
    expect(others).to.deep.equal([]);
    expect(found).to.include({ reason: 'version', text });
    await line.close();
  });

  it('of which the caller hangs up just then is over at once', async () => {
    const line = await next();
    expect((await line.caller('c').hangsUp()).text).to.equal('');
    expect(line.said('call ended')).to.have.length(1);
    expect(line.said('call quarantined')).to.have.length(1);
    await line.close();
  });

  it('answers a retry of what it had answered before as it did then', async () => {
    const store = kept();
    const before = await rig(one, { store });
    const first = await before.caller('c').rings('m1');
    await before.close();
    const line = await rig(two, { store });
    expect((await line.caller('c').rings('m1')).text).to.equal(first.text);
    expect(line.said('call quarantined')).to.deep.equal([]);
    await line.close();
  });

  for (const [what, options, answers] of [
    ['hears the apology', {}, [200, 200]],
    ['hears the apology where the calls that may go on are named', { moves: [pinnedAt('work')] }, [200, 200]],
    ['gets 503 at once where another process may take it', { unknownVersions: 'retry' }, [503, 503]],
  ] as readonly (readonly [string, Partial<CallsOptions>, readonly number[]])[]) {
    it(`whose process died while a reply was held: the request that comes again ${what}`, async () => {
      const inner = memoryStore();
      const slow = shop('1', {}, { work: task({ run: () => new Promise(() => {}), on: { done: 'worked', failed: 'bye' } }) });
      const dead = { is: false };
      const alive = async <T>(work: () => Promise<T>): Promise<T> => (dead.is ? Promise.reject(new Error('dead')) : work());
      const before = await rig(slow, { store: { ...inner, commit: (...args) => alive(() => inner.commit(...args)), close: async () => {} }, service: stubService({ replyWithinMs: 60_000 }) });
      const first = before.caller('c');
      await first.rings();
      const unheard = first.presses('work', 'm');
      await until(async () => (await before.record('c'))?.snapshot.tasks.length === 1);
      dead.is = true;
      const line = await rig(two, { store: { ...inner, close: async () => {} }, service: stubService({ replyWithinMs: 60_000 }), ...options });
      const again = [await resumed(line, 'c').at('work', 1, 'm'), await resumed(line, 'c').at('work', 1, 'm')];
      expect(again.map(({ status }) => status)).to.deep.equal(answers);
      if (answers[0] === 200) expect(again.map(({ heard }) => heard)).to.deep.equal(Array(2).fill('playPrompt“Sorry from 2.” hangup'));
      expect(line.said('call quarantined')).to.have.length(answers[0] === 200 ? 1 : 0);
      expect(line.said('held reply not looked for')).to.deep.equal([]);
      await line.close();
      await before.close();
      await unheard;
    });
  }

  it('is refused with 503 where another process may take it, and is left as it is', async () => {
    const line = await next({ unknownVersions: 'retry' });
    const text = (await line.store.load('botframework:c'))?.text;
    const answer = await resumed(line, 'c').at('on', 1);
    expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '1']);
    expect((await line.store.load('botframework:c'))?.text).to.equal(text);
    expect(await line.store.list('quarantine:', 10)).to.deep.equal([]);
    await line.close();
  });

  it('is left to others as well where a later Callchart has written a word into it that is not known here', async () => {
    const store = kept();
    await begun(store, ['c'], two);
    const { revision, ...found } = (await store.load('botframework:c'))!;
    const text = found.text.replace('"types":["answer","recognize"]', '"types":["answer","teleport"]');
    expect(text).not.to.equal(found.text);
    await store.commit('botframework:c', revision, { ...found, revision: revision + 1, text });
    const line = await rig(two, { store, unknownVersions: 'retry' });
    expect((await resumed(line, 'c').at('on', 1)).status).to.equal(503);
    expect((await store.load('botframework:c'))?.text).to.equal(text);
    expect(await store.list('quarantine:', 10)).to.deep.equal([]);
    await line.close();
  });

  it('goes on with the version that is served where that is asked for', async () => {
    const line = await next({ unknownVersions: 'served' });
    expect((await resumed(line, 'c').at('on', 1)).heard).to.equal('recognize“Size by 2?”');
    expect(line.said('call moved')).to.have.length(1);
    await line.close();
  });

  it('is left to the processes that have its version for a minute after something of it was due, and then it ends', async () => {
    const store = kept();
    const timed = shop('2', {}, { menu: { ...recognize({ prompt: 'Timed.', choices: { on: '1' }, on: { on: 'bye', exhausted: 'bye' } }), after: { 5_000: 'bye' } } });
    await begun(store, ['c'], timed);
    const old = await rig(one, { store, roundMs: 1 });
    const text = (await store.load('botframework:c'))?.text;
    old.clock.now += 20_000;
    await until(() => old.said('call left to others').length > 0);
    expect((await store.load('botframework:c'))?.text).to.equal(text);
    expect((await resumed(old, 'other').rings()).heard, 'others are not worse for it').to.contain('Menu of 1.');
    old.clock.now += 61_000;
    await until(() => old.said('call quarantined').length > 0);
    expect((await resumed(old, 'c').at('on', 1)).heard, 'its caller hears the apology with the next reply').to.equal('playPrompt“Sorry from 1.” hangup');
    expect((await old.record('c'))?.snapshot.timers).to.deep.equal([]);
    await old.close();
  });
});

describe('a call that waits for a task', () => {
  const waiting = (name: string) =>
    callMachine('clerk', {
      initial: 'find', apology: 'Sorry, we changed.', tasks: { [name]: () => new Promise(() => {}) },
      states: { find: task({ run: name, timeoutMs: 30_000, on: { done: 'bye', failed: 'bye' } }), bye: hangup('Bye.') },
    } as never);

  it('that the bot calls otherwise by now hears the apology at once, and not when the time of the task is over', async () => {
    const store = kept();
    const before = await rig(waiting('lookUp'), { store });
    expect((await before.caller('c').rings()).heard, 'the filler').to.match(/playPrompt/);
    await before.close();
    const line = await rig(waiting('search'), { store });
    await until(async () => (await line.record('c'))?.snapshot.failed === true);
    const { snapshot: { tasks, timers, awaiting } } = (await line.record('c'))!;
    expect([tasks, timers]).to.deep.equal([[], []]);
    const id = `c:${awaiting?.revision}:${(awaiting?.types.length ?? 0) - 1}`;
    const answer = await line.caller('c').post({ id: 'c', callState: 'established', operationOutcome: { id, outcome: 'success', type: 'playPromptOutcome' } });
    expect(answer.heard).to.equal('playPrompt“Sorry, we changed.” hangup');
    expect(line.lines.find(({ reason }) => String(reason).includes('`lookUp`')), 'and the log says why').to.include({ code: 'ERR_RECORD_UNKNOWN' });
    await line.close();
  });
});

describe('versions that cannot be', () => {
  const refused = async (options: Partial<CallsOptions>): Promise<string> => {
    try {
      await (await rig(two, options)).close();
    } catch (error) {
      return `${(error as { readonly code: string }).code}: ${(error as Error).message}`;
    }
    return 'taken';
  };

  const wrong: readonly (readonly [string, Partial<CallsOptions>, RegExp])[] = [
    ['two of one name', { versions: [shop('2')] }, /^ERR_BOT_INVALID: two bots are both version `2` of `shop`/],
    ['two others of one name', { versions: [shop('1'), shop('1')] }, /^ERR_BOT_INVALID: two bots are both version `1`/],
    ['one of a bot that is not served', { versions: [callMachine('shops', { version: '1', initial: 'bye', states: { bye: hangup('Bye.') } })] }, /^ERR_BOT_INVALID: version `1` of `shops` .* did you mean `shop`\?$/],
    ['something else', { versions: [{} as never] }, /^ERR_BOT_INVALID: the machine is not a bot/],
    ['no list', { versions: one as never }, /^ERR_OPTION_INVALID: option `versions` is a list/],
    ['a move to a version that nobody knows', { versions: [one], moves: [{ from: '1', to: '9', states: 'all' }] }, /version `9`, which is neither served nor loaded/],
    ['a move from a version that nobody knows', { moves: [{ from: '0', to: '2', states: 'all' }] }, /from version `0`, which is neither served nor loaded/],
    ['a move of another bot', { moves: [{ bot: 'shap', from: '1', to: '2', states: 'all' }] }, /calls of `shap` are to be moved, and no bot of that name is served; did you mean `shop`/],
    ['a move from a state that is not there', { versions: [one], moves: [{ from: '1', to: '2', states: ['mneu'] }] }, /state `mneu`, which version `1` does not have; did you mean `menu`/],
    ['a move to itself', { moves: [compatibility(two, shop('2', { apology: 'Oh.' }))] }, /from version `2` to itself/],
    ['moves that go round', { versions: [one], moves: [{ from: '1', to: '2', states: ['menu'] }, { from: '2', to: '1', states: ['size'] }] }, /go round/],
    ['a move that is none', { moves: [{ from: '1' } as never] }, /^ERR_OPTION_INVALID: option `moves`/],
    ['another word for what becomes of unknown ones', { unknownVersions: 'guess' as never }, /^ERR_OPTION_INVALID: option `unknownVersions`/],
    ['one that the service cannot carry', { versions: [shop('1', {}, { bye: { entry: { type: 'transfer', params: { to: 'tel:+15550100' } }, on: { 'transfer.*': 'menu' } } })] }, /^ERR_CAPABILITY_MISSING/],
  ];
  for (const [name, options, sentence] of wrong) it(`are refused at the start: ${name}`, async () => expect(await refused(options)).to.match(sentence));

  it('need a key for secrets as the served one does', async () => {
    const durable = { ...memoryStore(), durable: true };
    const secret = shop('1', {}, { bye: recognize({ prompt: 'Pin?', digits: { max: 4 }, secret: true, on: { digits: 'menu', exhausted: 'menu' } } as never) });
    expect(await refused({ store: durable, versions: [secret] })).to.match(/^ERR_SECRET_KEY/);
  });
});
