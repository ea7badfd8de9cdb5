/**
 * Whatever stands in a store in the place of a record, the process lives, the caller gets an answer that the service takes, a retry gets the
 * same bytes, and the other calls are as they were. CALLCHART_FUZZ_RUNS says how often it is tried.
 */
import { assert } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { type CallStore, memoryStore } from 'callchart/transport';
import type { ServiceEvent } from '../../src/machines/index.ts';
import { checkWorkflow } from '../../src/transport/services/botframework/limits.ts';
import keeper from '../fixtures/records/bot.ts';
import { commandRig } from '../transport/command-service.ts';
import { begin, pressed, rig, type Rig } from '../transport/rig.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 300);

const names = ['menu', 'again', 'dialog', 'task', 'ended', 'command'];
const records = names.map((name) => readFileSync(new URL(`../fixtures/records/${name}.txt`, import.meta.url), 'utf8'));
const heads = records.map((text) => ({ head: text.slice(0, text.indexOf('\n')), replies: text.slice(text.indexOf('\n')) }));

const anyValue = fc.oneof(fc.jsonValue(), fc.constantFrom(null, '', [], {}, -1, 1e308, '\ud800', '__proto__', 'call.ended', 'menu', { type: 'play' }));

/** A record with one value in it replaced by any other, or left out. */
const spoilt = fc.tuple(fc.constantFrom(...heads), fc.nat(), anyValue, fc.boolean()).map(([{ head, replies }, at, value, isLeftOut]) => {
  let places = 0;
  const whole: unknown = JSON.parse(head, (_, inner: unknown) => (places++, inner));
  let place = 0;
  return `${JSON.stringify(whole, (_, inner: unknown) => (place++ === 1 + (at % (places - 1)) ? (isLeftOut ? undefined : value) : inner))}${replies}`;
});
/** A record that was cut, or has a piece of something else in it. */
const cut = fc.tuple(fc.constantFrom(...records), fc.nat(), fc.nat({ max: 40 }), fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 20 }))).map(([text, at, length, other]) => text.slice(0, at % text.length) + other + text.slice((at % text.length) + length));
const anyText = fc.oneof({ weight: 5, arbitrary: spoilt }, { weight: 3, arbitrary: cut }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) }, { weight: 1, arbitrary: fc.jsonValue().map((value) => `${JSON.stringify(value)}\n`) });

const put = async (store: CallStore, key: string, text: string, dueAt?: number): Promise<void> => {
  const revision = ((await store.load(key))?.revision ?? 0) + 1;
  await store.commit(key, revision - 1, { revision, text, ...(dueAt !== undefined && { dueAt }) });
};

const failed = (error: unknown): void => void rejections.push(error);
const rejections: unknown[] = [];

describe('any text in the place of a record', function () {
  this.timeout(0);
  before(() => void process.on('unhandledRejection', failed));
  after(() => void process.off('unhandledRejection', failed));
  afterEach(() => assert.deepEqual(rejections.splice(0), []));

  /** The call that nobody has spoilt goes on as it would. */
  const othersGoOn = async (line: Rig, id: string): Promise<void> => {
    const caller = line.caller(id);
    assert.include((await caller.rings()).heard, 'Hm?');
    assert.equal((await caller.presses('out')).heard, 'playPrompt“Bye.” hangup');
  };

  it('leaves the caller with an answer, a retry with the same, and everybody else alone', async () => {
    const line = await rig(keeper, { liveCalls: 0 });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(anyText, fc.boolean(), async (text, isDue) => {
        const id = `call-${(count += 1)}`;
        await put(line.store, `botframework:${id}`, text.replaceAll(/menu|again|dialog|task|ended/g, (name) => (text.includes(`"id":"${name}"`) ? id : name)), isDue ? begin : undefined);
        const key = { id, callState: 'established', operationOutcome: { id: `${id.slice(-8)}:1:1`, outcome: 'success', ...pressed('out') } };
        const answer = await line.caller(id).post(key, `m-${id}`);
        assert.equal(answer.status, 200, answer.text);
        assert.isTrue(answer.text === '' || checkWorkflow(JSON.parse(answer.text), 'core').length === 0, answer.text);
        assert.equal((await line.caller(id).post(key, `m-${id}`)).text, answer.text);
        if (count % 20 === 0) await othersGoOn(line, `other-${count}`);
      }),
      { numRuns },
    );
    assert.isEmpty(line.said('exchange failed'));
    await line.close();
  });

  it('does not stop whoever looks after calls: each is looked at, and a timer of another call fires', async () => {
    const store: CallStore = { ...memoryStore(), close: async () => {} };
    const texts = fc.sample(anyText, Math.min(numRuns, 500));
    const first = await rig(keeper, { store });
    await first.caller('waits').rings();
    await first.close();
    for (const [index, text] of texts.entries()) await put(store, `botframework:due-${index}`, text, begin);
    const line = await rig(keeper, { store, liveCalls: 0 });
    line.clock.now += 60_000;
    const deadline = Date.now() + 60_000;
    while ((await line.record('waits'))?.snapshot.timers.length !== 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await line.record('waits'))?.snapshot.timers.length, 0);
    await line.close();
  });

  it('leaves a service that is told by requests with an answer, and other calls alone', async () => {
    const store: CallStore = { ...memoryStore(), close: async () => {} };
    const line = await commandRig(keeper, { store, liveCalls: 0 });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const id = `call-${(count += 1)}`;
        await put(store, `commanded:${id}`, text);
        const events: readonly ServiceEvent[] = [{ type: 'recognize.input', operationId: 'command:1:1', via: 'dtmf', input: { kind: 'choice', name: 'out' } }];
        assert.equal(await line.post(id, events), 200);
      }),
      { numRuns },
    );
    const sent = line.sent.length;
    await line.rings('other');
    assert.equal((await line.nth(sent + 1)).name, 'answer');
    await line.close();
  });
});
