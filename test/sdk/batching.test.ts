/** Batches of the old SDK, row by row: it sent by a timer and once a request; here what one event asks for leaves at once. */
import { expect } from 'chai';
import { assign } from 'xstate';
import { prompt, recognize, task } from 'callchart';
import { dial } from 'callchart/testing';
import { gate, stubService } from '../transport/rig.ts';
import { openings } from '../defects/opened.ts';
import { botOf, everyRowOf } from './kit.ts';

const { opened, closeAll } = openings();

const more = recognize({ prompt: 'Anything else?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } });

/** Says three things in three states, and asks. */
const chatty = botOf({ one: prompt('One.', 'two'), two: prompt('Two.', 'three'), three: prompt('Three.', 'more'), more });

describe('A.5 auto-batching of the old SDK', () => {
  afterEach(closeAll);

  it('A.5 autoBatchDelay: a batch leaves at once, and no timer is set for it', async () => {
    const set: unknown[] = [];
    const { setTimeout: original } = globalThis;
    const line = await opened(chatty, { roundMs: 60_000 });
    await new Promise((resolve) => setImmediate(resolve)); // whoever looks after calls has set the timer for the next round
    globalThis.setTimeout = ((work: () => void, ms: number, ...args: []) => {
      if (new Error('here').stack?.includes('/src/')) set.push(ms);
      return original(work, ms, ...args);
    }) as never;
    try {
      expect((await line.caller('c').rings()).heard).to.equal('answer playPrompt“One.” playPrompt“Two.” playPrompt“Three.” recognize“Anything else?”');
    } finally {
      globalThis.setTimeout = original;
    }
    expect(set).to.deep.equal([]);
    expect(dial(chatty, { now: 1_000 }).presses('1').now, 'nor does a call in a test take time').to.equal(1_000);
  });

  it('A.5 flushed at once: what was said before a question leaves with it, in one batch', () => {
    const caller = dial(chatty);
    expect(caller.batches.map((batch) => batch.map(({ type }) => type))).to.deep.equal([['answer', 'play', 'play', 'play', 'recognize']]);
    expect(caller.staysSilent().lastBatch.map(({ type }) => type), 'and so does a question that is asked again').to.deep.equal(['recognize']);
  });

  it('A.5 sendBatch with no action: a request for which the bot has nothing to say is answered all the same, and the caller’s question stays open', async () => {
    const line = await opened(chatty);
    const caller = line.caller('c');
    await caller.rings();
    const { status, text } = await caller.post({ id: 'c', type: 'callStateChange', currentState: 'hold' });
    expect([status, text]).to.deep.equal([200, '']);
    expect((await caller.presses('yes')).heard).to.equal('playPrompt“Bye.” hangup');
  });

  it('A.5 one workflow per HTTP request: what the bot says after its first reply waits for the next request, and is not dropped', async () => {
    const found = gate<string>();
    const bot = botOf(
      {
        wait: prompt('Please wait.', 'find'),
        find: task({ run: () => found.passed, on: { done: { target: 'tell', actions: assign({ eta: ({ event }: { event: { output: string } }) => event.output }) }, failed: 'bye' } } as never),
        tell: prompt((({ context }: { context: { eta: string } }) => `It comes at ${context.eta}.`) as never, 'more'),
        more,
      },
      { context: { eta: '' } },
    );
    const caller = (await opened(bot, { service: stubService({ replyWithinMs: 60_000 }) })).caller('c');
    expect((await caller.rings()).heard, 'who waits is told so at once').to.equal('answer playPrompt“Please wait.”');
    const reply = caller.heardItAll();
    found.open('noon');
    expect((await reply).heard).to.equal('playPrompt“It comes at noon.” recognize“Anything else?”');
  });

  it('A.5 a batch that was only saved: the bot’s state is on record before its reply goes out, whether or not it says anything', async () => {
    const line = await opened(botOf({ ask: more }, { context: { held: 0 }, on: { 'call.state': { actions: assign({ held: ({ context }: { context: { held: number } }) => context.held + 1 }) } } }));
    const caller = line.caller('c');
    await caller.rings();
    await caller.post({ id: 'c', type: 'callStateChange', currentState: 'hold' });
    expect(JSON.stringify((await line.record('c'))?.snapshot)).to.contain('"held":1');
  });

  everyRowOf('A.5');
});
