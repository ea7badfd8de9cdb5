/** Calls that wait for themselves: work that outlasts the service's patience, timers, and what happens meanwhile. */
import { trace } from '@opentelemetry/api';
import { expect } from 'chai';
import { assign } from 'xstate';
import { CallError, callMachine, hangup, recognize, record, task, type TaskArgs } from 'callchart';
import { memoryStore } from 'callchart/transport';
import { gate, recordIn, rig, stubService, until, watchedStore } from './rig.ts';
import { form, multipart } from './services/botframework/requests.ts';

interface Work {
  readonly input: unknown;
  readonly taskId: string;
  readonly signal: AbortSignal;
  readonly open: (output: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** A bot that looks an order up, and whose work ends when the test says so. */
const shop = (more: { readonly failed?: string } = {}) => {
  const works: Work[] = [];
  const ends: { readonly taskId: string; readonly reason: string }[] = [];
  const bot = callMachine<{ order: string; eta: string }>()('shop', {
    context: { order: '', eta: '' },
    initial: 'ask',
    filler: 'One moment.',
    cleanup: ({ reason }, { taskId }) => void ends.push({ taskId, reason }),
    states: {
      ask: recognize({ prompt: 'Your order?', digits: { max: 4, termchars: ['#'] }, on: { digits: { target: 'find', actions: assign({ order: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
      find: task({
        run: (order: string, { taskId, signal }: TaskArgs) => {
          const { passed, open, fail } = gate<unknown>();
          works.push({ input: order, taskId, signal, open, fail });
          return passed;
        },
        input: ({ context }) => context.order,
        on: { done: { target: 'tell', actions: assign({ eta: ({ event }) => String(event.output) }) }, failed: 'sorry' },
      }),
      tell: recognize({ prompt: ({ context }) => `It comes at ${context.eta}. Again?`, choices: { yes: '1', no: '2' }, on: { yes: { target: 'tell', reenter: true }, no: 'bye', exhausted: 'bye' } }),
      sorry: hangup(more.failed ?? 'We cannot find it.'),
      bye: hangup('Bye.'),
    },
  });
  return { bot, works, ends, work: async (index = 0) => (await until(() => works.length > index), works[index]!) };
};

const patient = () => stubService({ replyWithinMs: 60_000 });

describe('a task', () => {
  it('is run inside what the application puts around it, which may stand for it, be it traced or not', async () => {
    for (const more of [{}, { tracer: trace.getTracer('nobody') }]) {
      const { bot, works, work } = shop();
      const around: string[] = [];
      const line = await rig(bot, {
        service: patient(), ...more,
        aroundTask: async ({ call }, { path }, _, run) => {
          around.push(`${call} ${path}`);
          return call === 'stood-for' ? { type: 'task.done', output: 'once' } : run();
        },
      });
      const [one, other] = [line.caller('stood-for'), line.caller('run')];
      await one.rings();
      expect((await one.keys('4711')).heard).to.equal('recognize“It comes at once. Again?”');
      expect(works).to.deep.equal([]);
      await other.rings();
      const answer = other.keys('4711');
      (await work()).open('noon');
      expect((await answer).heard).to.equal('recognize“It comes at noon. Again?”');
      expect(around).to.deep.equal(['stood-for find', 'run find']);
      await line.close();
    }
  });

  it('that is done in time answers the request that waits for it', async () => {
    const { bot, work } = shop();
    const line = await rig(bot, { service: patient() });
    const caller = line.caller('c');
    await caller.rings();
    const answer = caller.keys('4711');
    const { input, open } = await work();
    expect(input).to.equal('4711');
    open('noon');
    expect((await answer).heard).to.equal('recognize“It comes at noon. Again?”');
    await line.close();
  });

  it('that takes longer lets the filler out in time, whose end asks again, and then its result rides', async () => {
    const { bot, work, works } = shop();
    const line = await rig(bot, { service: stubService({ replyWithinMs: 2_000 }), marginMs: 1_970 });
    const caller = line.caller('c');
    await caller.rings();
    const began = performance.now();
    expect((await caller.keys('4711')).heard).to.equal('playPrompt“One moment.”');
    expect(performance.now() - began, 'before the service loses patience').to.be.lessThan(2_000);
    expect((await caller.heardItAll()).heard, 'again').to.equal('playPrompt“One moment.”');
    const asking = caller.heardItAll();
    (await work()).open('noon');
    expect((await asking).heard).to.equal('recognize“It comes at noon. Again?”');
    expect(works).to.have.length(1);
    await line.close();
  });

  it('is filled with music, a silence or a sentence, as its state or its bot has it, and is never cut off', async () => {
    const waltz = 'https://media.example/waltz.wav';
    const fillers = { music: { audio: waltz }, silence: { silenceMs: 1_500 }, words: ['One moment.', { audio: waltz }] } as const;
    const heard: Record<string, unknown> = {};
    for (const [name, filler] of Object.entries(fillers)) {
      for (const own of [true, false]) {
        const done = gate<string>();
        const bot = callMachine('slow', { initial: 'work', filler: own ? 'Not this.' : filler, states: { work: task({ run: () => done.passed, ...(own && { filler }), on: { done: 'bye', failed: 'bye' } }), bye: hangup('Bye.') } });
        const line = await rig(bot, { service: stubService({ replyWithinMs: 60 }) });
        const caller = line.caller('c');
        const first = await caller.rings();
        const again = await caller.heardItAll();
        const prompts = [first, again].map(({ actions }) => actions.find(({ action }) => action === 'playPrompt')?.prompts);
        expect(prompts[1], 'as often as it takes').to.deep.equal(prompts[0]);
        heard[`${name}, ${own ? 'of the task' : 'of the bot'}`] = prompts[0];
        done.open('');
        await until(async () => (await caller.heardItAll()).heard === 'playPrompt“Bye.” hangup');
        await line.close();
      }
    }
    const sent = { music: [{ fileUri: waltz }], silence: [{ silenceLengthInMilliseconds: 1_500 }], words: [{ value: 'One moment.' }, { fileUri: waltz }] };
    expect(heard).to.deep.equal(Object.fromEntries(Object.entries(sent).flatMap(([name, prompts]) => ['of the task', 'of the bot'].map((whose) => [`${name}, ${whose}`, prompts]))));
  });

  it('that is done between two requests has its batch wait for the next one', async () => {
    const { bot, work } = shop();
    const line = await rig(bot);
    const caller = line.caller('c');
    await caller.rings();
    await caller.keys('4711');
    (await work()).open('noon');
    await until(async () => (await line.record('c'))?.snapshot.parked.length === 1);
    expect((await caller.heardItAll()).heard).to.equal('recognize“It comes at noon. Again?”');
    await line.close();
  });

  it('that throws is a failure that the chart handles', async () => {
    const { bot, work } = shop();
    const line = await rig(bot, { service: patient() });
    const caller = line.caller('c');
    await caller.rings();
    const answer = caller.keys('4711');
    (await work()).fail(Object.assign(new Error('no order 4711'), { code: 'ECONNREFUSED' }));
    expect((await answer).heard).to.equal('playPrompt“We cannot find it.” hangup');
    const { thrown, ...failed } = { ...line.said('task failed')[0] } as Readonly<Record<string, unknown>>;
    expect(failed).to.deep.equal({ level: 'warn', message: 'task failed', chain: 'chain-of-c', call: 'c', bot: 'shop', task: 'find', code: 'ECONNREFUSED' });
    expect(JSON.stringify(thrown), 'what it was, and where').to.include('"kind":"Error"').and.include('tasks.test.ts').and.not.include('4711');
    await line.close();
  });

  it('is given up when the caller hangs up; the held request is answered, the call ends and the cleanup runs once', async () => {
    const { bot, work, ends } = shop();
    const line = await rig(bot, { service: patient() });
    const caller = line.caller('c');
    await caller.rings();
    const answer = caller.keys('4711');
    const { signal, open } = await work();
    expect((await caller.hangsUp()).text).to.equal('');
    expect((await answer).text).to.equal('');
    expect(signal.aborted).to.equal(true);
    open('too late');
    await until(() => ends.length > 0);
    await caller.hangsUp();
    expect(ends).to.deep.equal([{ taskId: 'c:cleanup', reason: 'caller' }]);
    expect(line.said('call ended')).to.have.length(1);
    await line.close();
  });

  it('answers a retry of the request that is held with the same bytes', async () => {
    const { bot, work, works } = shop();
    const line = await rig(bot, { service: patient() });
    const caller = line.caller('c');
    await caller.rings();
    const body = caller.result({ type: 'recognizeOutcome', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits: '4711' } });
    const answers = [caller.post(body, 'm'), caller.post(body, 'm')];
    const { open } = await work();
    answers.push(caller.post(body, 'm'));
    open('noon');
    const texts = (await Promise.all(answers)).map(({ text }) => text);
    texts.push((await caller.post(body, 'm')).text);
    expect(new Set(texts).size).to.equal(1);
    expect(texts[0]).to.contain('It comes at noon');
    expect(works).to.have.length(1);
    await line.close();
  });

  it('of a process that has ended is taken up by the next one, under the same id', async () => {
    const shared = { ...memoryStore(), durable: true, close: async () => {} };
    const [first, second] = [shop(), shop()];
    const one = await rig(first.bot, { store: shared, service: patient() });
    const caller = one.caller('c');
    await caller.rings();
    const body = caller.result({ type: 'recognizeOutcome', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits: '4711' } });
    void caller.post(body, 'm'); // nobody will ever hear this one
    const before = await first.work();
    await one.close(); // whose caller hears the filler
    expect(before.signal.aborted).to.equal(true);
    const two = await rig(second.bot, { store: shared, service: patient() });
    const taken = await second.work();
    expect(taken).to.include({ taskId: before.taskId, input: '4711' });
    expect((await two.caller('c').post(body, 'm')).heard, 'the retry').to.equal('playPrompt“One moment.”');
    const asking = two.caller('c').post({ id: 'c', callState: 'established', operationOutcome: { id: 'c:3:0', outcome: 'success', type: 'playPromptOutcome' } });
    taken.open('noon');
    expect((await asking).heard).to.equal('recognize“It comes at noon. Again?”');
    await two.close();
  });

  it('that has nothing to say at its end ends the call all the same, whether anybody asks then or later', async () => {
    const opens: ((output: unknown) => void)[] = [];
    const mute = () => callMachine('mute', {
      initial: 'work', filler: 'One moment.',
      states: { work: task({ run: () => new Promise((resolve) => void opens.push(resolve)), on: { done: 'end', failed: 'end' } }), end: {} },
    } as never);
    const line = await rig(mute());
    const caller = line.caller('c');
    expect((await caller.rings()).heard).to.equal('answer playPrompt“One moment.”');
    opens[0]?.(1);
    expect((await caller.heardItAll()).heard).to.equal('hangup');
    await line.close();
    const shared = { ...memoryStore(), close: async () => {} };
    const one = await rig(mute(), { store: shared, service: patient() });
    void one.caller('c').rings('m'); // nobody will ever hear this one
    await until(() => opens.length === 2);
    const two = await rig(mute(), { store: shared, service: patient() });
    await until(() => opens.length === 3);
    opens[2]?.(1);
    await until(async () => (await shared.load('botframework:c'))?.text.includes('"tasks"') === false);
    expect((await two.caller('c').rings('m')).heard).to.match(/^(hangup|reject)$/);
    await one.close();
    await two.close();
  });

  it('is left to the process that began it, however long it takes, while that is alive', async () => {
    const shared = { ...memoryStore(), durable: true, close: async () => {} };
    const [first, second] = [shop(), shop()];
    const two = await rig(second.bot, { store: shared });
    const one = await rig(first.bot, { store: shared });
    const caller = one.caller('c');
    await caller.rings();
    expect((await caller.keys('4711')).heard).to.equal('playPrompt“One moment.”');
    two.clock.now += 60_000; // its clock says that the call is due
    await new Promise((resolve) => setTimeout(resolve, 50));
    const third = await rig(second.bot, { store: shared }); // and a process that starts takes nothing either
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(second.works).to.have.length(0);
    first.works[0]?.open('noon');
    await until(async () => (await recordIn(shared, 'c'))?.snapshot.parked.length === 1);
    expect((await third.caller('c').post({ id: 'c', callState: 'established', operationOutcome: { id: caller.operation(), outcome: 'success', type: 'playPromptOutcome' } })).heard).to.equal('recognize“It comes at noon. Again?”');
    for (const line of [one, two, third]) await line.close();
  });
});

/** Asks, and after a minute says something and asks something else. */
const hasty = callMachine('hasty', {
  initial: 'ask',
  states: {
    ask: { ...recognize({ prompt: 'Coffee?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 60_000: 'other' } },
    other: recognize({ prompt: 'Tea, then?', choices: { yes: '1' }, on: { yes: 'tea', exhausted: 'bye' } }),
    tea: hangup('Tea it is.'),
    bye: hangup('Bye.'),
  },
} as never);

describe('a timer', () => {
  it('that goes off while a question is open waits for the next reply, and the stale answer is not taken', async () => {
    const line = await rig(hasty);
    const caller = line.caller('c');
    expect((await caller.rings()).heard).to.equal('answer recognize“Coffee?”');
    line.clock.now += 61_000;
    await until(async () => (await line.record('c'))?.snapshot.parked.length === 1);
    expect((await caller.presses('yes')).heard).to.equal('recognize“Tea, then?”');
    expect((await caller.presses('yes')).heard).to.equal('playPrompt“Tea it is.” hangup');
    await line.close();
  });

  it('with nothing else pending holds the line, with silence, until it goes off', async () => {
    const bot = callMachine('waiter', { initial: 'greet', states: { greet: { after: { 10_000: 'bye' } }, bye: hangup('Bye.') } } as never);
    const line = await rig(bot);
    const caller = line.caller('c');
    expect((await caller.rings()).heard).to.match(/^answer playPrompt“\(\d+ ms\)”$/);
    expect((await caller.heardItAll()).heard).to.match(/^playPrompt“\(\d+ ms\)”$/);
    const asking = caller.heardItAll();
    line.clock.now += 11_000;
    expect((await asking).heard).to.equal('playPrompt“Bye.” hangup');
    await line.close();
  });

  it('goes off in the process that comes after', async () => {
    const store = memoryStore();
    const shared = { ...store, close: async () => {} };
    const one = await rig(hasty, { store: shared });
    const caller = one.caller('c');
    await caller.rings();
    const body = caller.result({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'yes' } });
    await one.close();
    const two = await rig(hasty, { store: shared });
    two.clock.now += 61_000;
    await until(async () => (await recordIn(store, 'c'))?.snapshot.parked.length === 1);
    expect((await two.caller('c').post(body)).heard).to.equal('recognize“Tea, then?”');
    await two.close();
  });
});

describe('several events in one request', () => {
  it('are taken in order: a recording that the hangup ended, and the end', async () => {
    const ends: unknown[] = [];
    const bot = callMachine<{ ref: string }>()('mailbox', {
      context: { ref: '' },
      initial: 'speak',
      cleanup: ({ context, reason }) => void ends.push({ reason, ...(context as object) }),
      states: { speak: record({ prompt: 'Speak.', on: { done: { target: 'bye', actions: assign({ ref: ({ event }) => event.recording.ref }) }, exhausted: 'bye' } }), bye: hangup('Bye.') },
    });
    const line = await rig(bot);
    const caller = line.caller('c');
    await caller.rings();
    const json = JSON.stringify({ id: 'c', callState: 'terminated', operationOutcome: { type: 'recordOutcome', id: caller.operation(), outcome: 'success', completionReason: 'callTerminated', lengthOfRecordingInSecs: 2, format: 'wav' } });
    const answer = await line.send(multipart(['Content-Disposition: form-data; name=conversationResult', json], ['Content-Disposition: form-data; name=recordedAudio\r\nContent-Type: audio/wav', Buffer.alloc(50)]), form);
    expect([answer.status, answer.text]).to.deep.equal([200, '']);
    await until(() => ends.length > 0);
    expect(ends).to.deep.equal([{ reason: 'caller', ref: line.recordings.refs()[0] }]);
    await line.close();
  });
});

describe('a request that is held', () => {
  it('stays held while changes of the line are told', async () => {
    const { bot, work } = shop();
    const line = await rig(bot, { service: patient() });
    const caller = line.caller('c');
    await caller.rings();
    const first = caller.keys('4711');
    const { open } = await work();
    expect((await caller.post({ id: 'c', type: 'callStateChange', currentState: 'hold' })).text, 'a change of the line asks for nothing').to.equal('');
    open('noon');
    expect((await first).heard).to.equal('recognize“It comes at noon. Again?”');
    await line.close();
  });

  it('is told to come again when the store fails as its filler is due, and then gets its reply', async () => {
    const { bot, work } = shop();
    const watched = watchedStore();
    const line = await rig(bot, { store: watched.store, liveCalls: 0 });
    const caller = line.caller('c');
    await caller.rings();
    const body = caller.result({ type: 'recognizeOutcome', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits: '4711' } });
    const first = caller.post(body, 'm');
    const { open } = await work();
    watched.fail(() => new CallError('ERR_STORE_UNAVAILABLE', 'no', { reason: 'read' }));
    const { status, headers } = await first;
    expect([status, headers.get('retry-after')]).to.deep.equal([503, '1']);
    watched.fail(undefined);
    const again = caller.post(body, 'm');
    open('noon');
    expect((await again).heard).to.equal('recognize“It comes at noon. Again?”');
    await line.close();
  });
});
