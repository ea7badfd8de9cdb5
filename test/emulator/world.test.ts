import { expect } from 'chai';
import { assign } from 'xstate';
import { botframework, callMachine, dialog, dialogMachine, hangup, play, prompt, recognize, serve, silentLog, task } from 'callchart';
import type { AnyStateMachine } from 'xstate';
import { answer, fakeBot, hangup as hangupAction, type Json, menu } from './fake-bot.ts';
import { botframeworkWire, type CallReport, distantWorld, emulator, localWorld, parseScript, scriptedCaller } from '../../src/emulator/index.ts';
import { isCallError } from '../../src/errors.ts';
import { type CallerScript, scriptText } from '../../src/machines/check/caller-script.ts';
import { guardPlaces, supposing } from '../../src/machines/check/supposing.ts';

/** Plays `script` to `machine` over HTTP, as `callchart call` does. */
const played = async (machine: AnyStateMachine, script: string): Promise<CallReport> => {
  const acts = parseScript(script);
  const world = localWorld({ tasks: new Set(acts.flatMap((act) => (act.act === 'task' ? [act.path] : []))), guards: guardPlaces(machine) });
  const service = await emulator();
  const { appId, appPassword, metadataUrl, issuer } = service;
  const calling = botframework({ appId, appPassword, callbackUrl: 'https://bot.test/api/calls', openIdMetadataUrl: metadataUrl, issuer });
  const server = await serve({
    service: calling, bots: supposing(machine, world.oracle), log: silentLog, port: 0, roundMs: 3_600_000, clock: world.clock, aroundTask: world.aroundTask, onStep: world.sees,
  });
  try {
    return await service.call(`${server.url}/api/calls`, { clock: 'script', world, caller: scriptedCaller(acts, { world }) });
  } finally {
    await service.close();
    await server.close();
  }
};

/** What somebody who listens in notes down, without what every call has. */
const told = ({ transcript }: CallReport): readonly string[] =>
  transcript.filter(({ kind }) => !['ringing', 'answered', 'asks', 'pauses'].includes(kind)).map(({ who, kind, text }) => (text === undefined ? `${who} ${kind}` : `${who} ${kind}: ${text}`));

/** Why the call did not go by the script. */
const surprise = (call: Promise<unknown>): Promise<string> =>
  call.then(() => expect.fail('the call went by the script'), (error: unknown) => (isCallError(error) && error.code === 'ERR_EXPECTATION' ? error.message : expect.fail(String(error))));

const neverRun = async (): Promise<{ eta: number }> => expect.fail('the task was run');

const orders = callMachine<{ eta: number }>()('orders', {
  context: { eta: 0 },
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'For your order press 1.', choices: { order: '1' }, on: { order: 'lookup', exhausted: 'bye' } }),
    lookup: task({ run: neverRun, filler: 'One moment.', on: { done: { target: 'tell', actions: assign({ eta: ({ event }) => event.output.eta }) }, failed: 'sorry', timeout: 'late' } }),
    tell: hangup(({ context }) => `It takes ${context.eta} days.`),
    sorry: prompt('I cannot find it.', 'menu'),
    late: hangup('It takes too long.'),
    bye: hangup('Goodbye.'),
  },
});

describe('a script that moves the world', () => {
  describe('by the ends of tasks', () => {
    it('a task that the script has fail is not run, and the caller hears of it', async () => {
      const report = await played(orders, 'press 1\ntask lookup failed\nexpect cannot find it\npress 1\ntask lookup done {"eta":3}\nexpect 3 days');
      expect(told(report)).deep.equal([
        'bot says: For your order press 1.', 'caller keys: 1', 'line task: `lookup` failed', 'bot says: I cannot find it.', 'bot says: For your order press 1.',
        'caller keys: 1', 'line task: `lookup` is done', 'bot says: It takes 3 days.', 'bot hungup',
      ]);
      expect(report.endedBy).equal('bot');
    });

    it('a code tells which failure it is', async () => {
      expect(told(await played(orders, 'press 1\ntask lookup failed ERR_TASK_TIMEOUT\nexpect too long'))).include('line task: `lookup` failed: ERR_TASK_TIMEOUT');
    });

    it('the caller hears the filler while he waits for a task, and hangs up when no line ends it', async () => {
      const report = await played(orders, 'press 1\nwait 25\nexpect One moment\ntask lookup failed\nexpect cannot find\npress 1');
      expect(report.endedBy).equal('caller');
      expect(told(report).filter((line) => line === 'bot says: One moment.').length).within(2, 3);
    });

    it('a task in a dialog has the path of its dialog before it', async () => {
      const size = dialogMachine('size', { initial: 'size', states: { size: task({ run: neverRun, on: { done: 'known', failed: 'known' } }), known: { type: 'final' } } });
      const shop = callMachine('shop', { initial: 'order', states: { order: dialog(size, { on: { done: 'bye' } }), bye: hangup('Goodbye.') } });
      expect(told(await played(shop, 'task order/size done\nexpect Goodbye'))).include('line task: `order/size` is done');
    });

    it('tasks without lines are run', async () => {
      const bot = callMachine<{ eta: number }>()('bot', {
        context: { eta: 0 },
        initial: 'real',
        states: {
          real: task({ run: async () => new Promise<number>((resolve) => setImmediate(resolve, 7)), on: { done: { target: 'paper', actions: assign({ eta: ({ event }) => event.output }) }, failed: 'sorry' } }),
          paper: task({ run: neverRun, on: { done: 'tell', failed: 'sorry' } }),
          tell: hangup(({ context }) => `It is ${context.eta}.`),
          sorry: hangup('Sorry.'),
        },
      });
      expect(told(await played(bot, 'task paper done\nexpect It is 7'))).deep.equal(['line task: `paper` is done', 'bot says: It is 7.', 'bot hungup']);
    });

    it('a task that is run and never ends is given up after its time', async () => {
      const bot = callMachine('bot', {
        initial: 'stuck',
        states: { stuck: task({ run: async () => new Promise<void>(() => {}), timeoutMs: 20, on: { done: 'bye', failed: 'bye', timeout: 'late' } }), late: hangup('Too late.'), bye: hangup('Goodbye.') },
      });
      expect(told(await played(bot, 'expect Too late'))).deep.equal(['bot says: Too late.', 'bot hungup']);
    });

    it('the caller hangs up while the bot waits for a task', async () => {
      const report = await played(orders, 'press 1\ntask lookup failed\nexpect cannot find\npress 1\nhangup');
      expect(report.endedBy).equal('caller');
      expect(told(report).at(-1)).equal('caller hungup');
    });

    it('a task ends while a question is open, and what comes of it is heard after the answer', async () => {
      const bot = callMachine('bot', {
        initial: 'both',
        states: {
          both: {
            type: 'parallel',
            states: {
              work: { initial: 'running', states: { running: task({ run: neverRun, on: { done: 'told', failed: 'told' } }), told: { entry: play('It is ready.') } } },
              talk: { initial: 'ask', states: { ask: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.') } },
            },
          },
        },
      } as never) as AnyStateMachine;
      expect(told(await played(bot, 'expect Press\ntask both.work.running done\npress 1\nexpect It is ready. Goodbye.'))).deep.equal([
        'bot says: Press 1.', 'line task: `both.work.running` is done', 'caller keys: 1', 'bot says: It is ready.', 'bot says: Goodbye.', 'bot hungup',
      ]);
    });

    it('it is said by line when the bot waits for a task and the script for the caller, or the other way round', async () => {
      expect(await surprise(played(orders, 'press 1\nsilence\ntask lookup done'))).equal('line 2 of the script: `silence`, but the bot waits for the task `lookup`');
      expect(await surprise(played(orders, 'task lookup done\npress 1'))).equal('line 1 of the script: `task lookup`, but the bot does not run it: the bot asks a question');
    });
  });

  describe('by time', () => {
    it('what a timer has the bot say at the end of a wait can come to its end, or fail, by the next line', async () => {
      const bot = callMachine('bot', { initial: 'speak', states: { speak: prompt('Please hold.', 'waiting'), waiting: { after: { 10_000: 'speak' } } } });
      expect(told(await played(bot, 'service done\nwait 10\nservice done\nwait 10\nservice done\nhangup'))).deep.equal([
        'bot says: Please hold.', 'caller waits: 10 s', 'bot says: Please hold.', 'caller waits: 10 s', 'bot says: Please hold.', 'caller hungup',
      ]);
    });

    const patient = callMachine('patient', {
      initial: 'wait',
      states: {
        wait: { entry: play('Please hold the line.'), after: { 600_000: 'ask' } },
        ask: recognize({ prompt: 'Still there? Press 1.', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
        bye: hangup('Goodbye.'),
      },
    });

    it('ten minutes of a timer are over at once, whether the script waits for them or not', async () => {
      const began = performance.now();
      const [waited, by] = [await played(patient, 'expect hold the line\nwait 600\nexpect Still there\npress 1'), await played(patient, 'expect hold the line\npress 1\nexpect Goodbye')];
      expect(performance.now() - began).lessThan(30_000);
      expect(told(waited)).deep.equal(['bot says: Please hold the line.', 'caller waits: 600 s', 'bot says: Still there? Press 1.', 'caller keys: 1', 'bot says: Goodbye.', 'bot hungup']);
      expect(told(by)).deep.equal(told(waited).filter((line) => line !== 'caller waits: 600 s'));
    });

    it('waiting is silence to an open question, which gives up when its time is over', async () => {
      const report = await played(patient, 'wait 606\nexpect did not hear\npress 1\nexpect Goodbye');
      expect(told(report).filter((line) => line.startsWith('caller'))).deep.equal(['caller waits: 606 s', 'caller silence: 5 s', 'caller keys: 1']);
    });

    it('what the caller hears until the bot hangs up is held against the script, though he would have waited longer', async () => {
      expect((await played(patient, 'wait 900\nexpect Goodbye\nhangup')).endedBy).equal('bot');
      expect(await surprise(played(patient, 'wait 900\nexpect a song'))).match(/^line 2 of the script: expected to hear "a song", but heard "Still there/);
    });

    it('for a bot that runs elsewhere, whose time is real, waiting takes as long as it says', async () => {
      const service = await emulator();
      const bot = await fakeBot([answer, menu('Which?')], [hangupAction]);
      try {
        const began = performance.now();
        const report = await service.call(bot.url, { clock: 'script', caller: scriptedCaller(parseScript('wait 0.05\npress 1')) });
        expect(performance.now() - began).at.least(49);
        expect(told(report)).deep.equal(['bot says: Which?', 'caller waits: 0.1 s', 'caller keys: 1', 'bot hungup']);
      } finally {
        await service.close();
        await bot.close();
      }
    });

    it('a timer goes off while a question is open, and what it says is heard after the answer', async () => {
      const bot = callMachine('bot', {
        initial: 'ask',
        states: {
          ask: { initial: 'asking', after: { 3_000: { actions: play('Three seconds.') } }, states: { asking: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { one: '#bot.bye', exhausted: '#bot.bye' } as never }) } },
          bye: hangup('Goodbye.'),
        },
      } as never) as AnyStateMachine;
      expect(told(await played(bot, 'wait 4\npress 1\nexpect Three seconds. Goodbye.'))).deep.equal(['bot says: Press 1.', 'caller waits: 4 s', 'caller keys: 1', 'bot says: Three seconds.', 'bot says: Goodbye.', 'bot hungup']);
      expect(told(await played(bot, 'wait 2\npress 1\nexpect Goodbye.'))).deep.equal(['bot says: Press 1.', 'caller waits: 2 s', 'caller keys: 1', 'bot says: Goodbye.', 'bot hungup']);
    });

    it('a task is given up after its time, unless the script ends it before', async () => {
      const bot = callMachine('bot', {
        initial: 'lookup',
        states: { lookup: task({ run: neverRun, timeoutMs: 5_000, on: { done: 'found', failed: 'sorry', timeout: 'late' } }), found: hangup('Found.'), sorry: hangup('Sorry.'), late: hangup('Too late.') },
      });
      expect(told(await played(bot, 'wait 4\ntask lookup done\nexpect Found')).at(-2)).equal('bot says: Found.');
      expect(await surprise(played(bot, 'wait 6\ntask lookup done\nexpect Found'))).contain('`task`, but the call had ended');
    });

    it('has the same times at every run', async () => {
      const script = 'wait 606\npress 1';
      expect((await played(patient, script)).transcript).deep.equal((await played(patient, script)).transcript);
    });
  });

  describe('by its guards', () => {
    const open = (): boolean => true;
    const shop = callMachine('shop', {
      initial: 'menu',
      states: {
        menu: recognize({ prompt: 'For sales press 1.', choices: { sales: '1' }, on: { sales: [{ guard: open, target: 'sales' }, { target: 'closed' }], exhausted: [{ guard: open, target: 'sales' }, { target: 'closed' }] } }),
        sales: hangup('Here is sales.'),
        closed: prompt('Sales is closed.', 'menu'),
      },
    });
    const place = [...guardPlaces(shop).keys()].find((one) => one.includes('choice.sales')) ?? '';

    it('a guard holds or does not from here on, as the script assumes', async () => {
      expect(told(await played(shop, `assume ${place} no\npress 1\nexpect closed\nassume ${place} yes\npress 1\nexpect Here is sales`))).deep.equal([
        `line assumed: \`${place}\` does not hold`, 'bot says: For sales press 1.', 'caller keys: 1', 'bot says: Sales is closed.', 'bot says: For sales press 1.',
        `line assumed: \`${place}\` holds`, 'caller keys: 1', 'bot says: Here is sales.', 'bot hungup',
      ]);
      expect(told(await played(shop, 'press 1')).at(-2)).equal('bot says: Here is sales.');
    });

    it('one that stands in several places is assumed at any of them', async () => {
      const places = [...guardPlaces(shop).keys()];
      expect(places).length.greaterThan(1);
      for (const one of places) expect(told(await played(shop, `assume ${one} no\npress 1\nexpect closed\nhangup`))).include('bot says: Sales is closed.');
    });
  });

  describe('by the service', () => {
    const desk = callMachine('desk', {
      initial: 'menu',
      states: {
        menu: recognize({ prompt: 'For the news press 1.', choices: { news: '1' }, on: { news: 'news', exhausted: 'bye' } }),
        news: { entry: play('Here is the news.'), on: { 'play.done': 'menu', 'play.failed': 'bye' } },
        bye: hangup('Goodbye.'),
      },
    });

    it('a prompt that cannot be played is not heard, and the question is asked again', async () => {
      expect(told(await played(desk, 'service prompt-failed\nexpect For the news\npress 1\nhangup'))).deep.equal([
        'line failed: recognize: its prompt could not be played', 'bot says: Sorry, something went wrong.', 'bot says: For the news press 1.', 'caller keys: 1', 'bot says: Here is the news.', 'bot says: For the news press 1.', 'caller hungup',
      ]);
    });

    it('a question that fails after the caller has waited is asked again', async () => {
      expect(told(await played(desk, 'wait 1\nservice failed\nexpect For the news\nhangup'))).deep.equal([
        'bot says: For the news press 1.', 'caller waits: 1 s', 'line failed: recognize: it failed', 'bot says: Sorry, something went wrong.', 'bot says: For the news press 1.', 'caller hungup',
      ]);
    });

    it('what the bot waits for the end of comes to its end, or fails', async () => {
      expect(told(await played(desk, 'press 1\nservice done\nexpect For the news\npress 1\nservice prompt-failed\nexpect Goodbye')).slice(2)).deep.equal([
        'bot says: Here is the news.', 'bot says: For the news press 1.', 'caller keys: 1', 'line failed: play: its prompt could not be played', 'bot says: Goodbye.', 'bot hungup',
      ]);
    });

    it('the caller hears the question again for as long as its prompt fails, and no longer than three times', async () => {
      expect(told(await played(desk, 'service prompt-failed\nservice prompt-failed\nservice prompt-failed\nexpect Goodbye')).filter((line) => line.startsWith('line'))).length(3);
    });

    it('whoever the caller is handed on to is busy, or does not answer', async () => {
      const line = await emulator({ wire: botframeworkWire({ profile: 'extended' }) });
      const transfers: Json = { action: 'transfer', operationId: 'op-transfer', target: { identity: '8:bob', originator: false } };
      try {
        for (const [script, outcome, endedBy] of [['service busy', 'failure', 'bot'], ['service noanswer', 'failure', 'bot'], ['service done', 'success', 'transferred']] as const) {
          const bot = await fakeBot([answer, transfers], [hangupAction]);
          const report = await line.call(bot.url, { clock: 'script', caller: scriptedCaller(parseScript(script)) });
          expect(report.endedBy).equal(endedBy);
          expect(bot.outcomes()[0]).deep.include({ type: 'transferOutcome', outcome, failureReason: outcome === 'success' ? '' : script.replace('service ', '') });
          await bot.close();
        }
      } finally {
        await line.close();
      }
    });

    it('a question that is asked after something else is the one that fails', async () => {
      expect(told(await played(desk, 'press 1\nservice failed\nexpect For the news\nhangup')).slice(2)).deep.equal([
        'bot says: Here is the news.', 'bot says: For the news press 1.', 'line failed: recognize: it failed', 'bot says: Sorry, something went wrong.', 'bot says: For the news press 1.', 'caller hungup',
      ]);
    });

    it('nobody is busy while a question is open', async () => {
      expect(await surprise(played(desk, 'service busy'))).equal('line 1 of the script: `service busy`, but the bot asks a question');
    });
  });

  it('is written as it is read', () => {
    const script: CallerScript = [
      { act: 'press', keys: '12#' }, { act: 'say', words: 'never mind' }, { act: 'silence' }, { act: 'record', recordMs: 1_500, stop: '#' }, { act: 'wait', ms: 2_500 },
      { act: 'task', path: 'order/size', done: { eta: [3, null] } }, { act: 'task', path: 'lookup', failed: '' }, { act: 'task', path: 'lookup', failed: 'ERR_TASK_TIMEOUT' },
      ...(['prompt-failed', 'done', 'failed', 'busy', 'noanswer'] as const).map((outcome) => ({ act: 'service', outcome }) as const),
      { act: 'assume', guard: 'acme.menu recognize.choice.sales 1.2', holds: true }, { act: 'assume', guard: 'acme recognize.choice.help 1', holds: false }, { act: 'hangup' },
    ];
    expect(parseScript(scriptText(script))).deep.equal(script.map((act, index) => ({ ...act, line: index + 1 })));
  });
});

describe('a world that waits for what the bot does of itself', () => {
  const inNoTime = async (): Promise<void> => {};

  it('moves the bot on until it has done it', async () => {
    const world = localWorld();
    const deed = new Promise<string>((resolve) => void world.clock.setTimer(world.clock.now() + 5_000, () => resolve('done')));
    expect(await world.until(deed, () => world.skip(), 60_000)).equal('done');
    expect(world.elapsed()).equal(5_000);
  });

  it('waits no longer than it is told, nor for what can never be', async () => {
    const world = localWorld();
    const late = new Promise<string>((resolve) => void world.clock.setTimer(world.clock.now() + 90_000, () => resolve('done')));
    expect(await world.until(late, () => world.wait(40_000), 60_000)).equal(undefined);
    expect(await localWorld().until(new Promise<string>(() => {}), inNoTime, 60_000)).equal(undefined);
  });

  it('takes real time with a bot elsewhere', async () => {
    expect(await distantWorld().until(Promise.resolve('done'), inNoTime, 5_000)).equal('done');
    expect(await distantWorld().until(new Promise<string>(() => {}), inNoTime, 5)).equal(undefined);
  });
});
