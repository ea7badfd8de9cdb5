/** A planted PIN: keyed over the wire, and found nowhere but in the task that may see it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import fc from 'fast-check';
import { assign } from 'xstate';
import { type AnyCallError, callMachine, hangup, recognize, task, type TaskArgs } from 'callchart';
import { type StatelyMessage, watch, type WatchedCall } from 'callchart/inspector';
import { type CallStore, lmdbStore, memoryStore } from 'callchart/transport';
import { observationOf } from '../../src/cli/observe.ts';
import { secretsUnder } from '../../src/transport/secrets.ts';
import { rig, stubService } from './rig.ts';

const key = (): string => randomBytes(32).toString('base64');
const codeOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    const { code, details } = error as AnyCallError;
    return [code, details];
  }
  return 'nothing was thrown';
};

describe('a seal', () => {
  it('opens to what was sealed, whatever that is', () => {
    const { seal, reveal } = secretsUnder(key());
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, place) => {
      expect(reveal(seal(text, place))).to.equal(Buffer.from(text).toString('utf8'));
    }));
  });

  it('is the same for the same text at the same place, another at another, and tells no length', () => {
    const { seal } = secretsUnder(key());
    expect(seal('1234', 'a')).to.equal(seal('1234', 'a'));
    expect(seal('1234', 'a')).not.to.equal(seal('1234', 'b'));
    expect(seal('1234', 'a')).not.to.equal(seal('1235', 'a'));
    expect(seal('1', 'a')).to.have.length(seal('123456789012345678', 'a').length);
  });

  it('is opened by an older key that is still known, and by no other', () => {
    const [older, newer] = [key(), key()];
    const sealed = secretsUnder(older).seal('1234', 'a');
    expect(secretsUnder(`${newer}, ${older}`).reveal(sealed)).to.equal('1234');
    expect(codeOf(() => secretsUnder(newer).reveal(sealed))).to.deep.equal(['ERR_SECRET_KEY', { reason: 'unknown' }]);
  });

  it('that was altered anywhere is not opened', () => {
    const { seal, reveal } = secretsUnder(key());
    const token = seal('1234', 'a');
    for (let index = 0; index < token.length - 1; index += 1) {
      const altered = `${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`;
      expect(codeOf(() => reveal(altered)), `at ${index}`).to.deep.equal(['ERR_SECRET_KEY', { reason: 'unknown' }]);
    }
  });

  it('needs a key of 32 bytes', () => {
    for (const odd of ['', 'short', 'x'.repeat(64), randomBytes(31).toString('base64'), `${key()},`]) expect(codeOf(() => secretsUnder(odd)), odd).to.deep.equal(['ERR_SECRET_KEY', { reason: 'malformed' }]);
    expect(secretsUnder(randomBytes(32).toString('hex')).seal('1', 'a')).to.match(/^sealed\./);
  });
});

const pin = '918273645';

/** A bank whose task tells whether the PIN was right. */
const bank = () => {
  const seen: string[] = [];
  const bot = callMachine<{ pin: string }>()('bank', {
    context: { pin: '' },
    initial: 'ask',
    states: {
      ask: recognize({ prompt: 'Your PIN?', digits: { max: 9, termchars: ['#'] }, secret: true, on: { digits: { target: 'check', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
      check: task({
        run: ({ pin: sealed }: { pin: string }, { reveal }: TaskArgs) => {
          seen.push(reveal(sealed));
          return seen.at(-1) === pin;
        },
        input: ({ context }) => ({ pin: context.pin }),
        on: { done: [{ target: 'inside', guard: ({ event }) => event.output }, 'bye'], failed: 'bye' },
      }),
      inside: recognize({ prompt: 'Welcome.', choices: { stop: '1' }, on: { stop: 'bye', exhausted: 'bye' } }),
      bye: hangup('Bye.'),
    },
  });
  return { bot, seen };
};

const bytesIn = async (folder: string): Promise<string> => {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'latin1')));
  return texts.join('\n');
};

describe('a planted PIN', function () {
  this.timeout(20_000);
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'callchart-secret-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('is in no log, event, record, store file, hook, span, inspector message or detail record, whoever may see all of them', async () => {
    const { bot, seen } = bank();
    const store = await lmdbStore({ folder });
    const told: unknown[] = [];
    const exporter = new InMemorySpanExporter();
    const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('the-tests');
    let watched: WatchedCall | undefined;
    const inspect = (stepped: Parameters<typeof observationOf>[0]): readonly StatelyMessage[] => {
      const { call, messages } = watch(watched, observationOf(stepped), { redact: false });
      watched = call;
      return messages;
    };
    const line = await rig(bot, {
      service: stubService({ replyWithinMs: 5_000 }), store, secretKey: key(),
      tracer,
      onStep: (stepped) => told.push(['step', stepped.event, stepped.result], ['inspector', inspect(stepped)]),
      onEvent: (event) => told.push(['event', event]),
      onDetail: (detail) => void told.push(['detail', detail]),
      hooks: {
        receive: [async ({ events }, next) => (told.push(['receive', events]), next())],
        send: [async (reply, next) => (told.push(['send', reply]), next())],
        call: [async (moment, next) => (told.push(['call', moment]), next())],
      },
    });
    const caller = line.caller('c');
    await caller.rings();
    const question = caller.operation();
    expect((await caller.keys(pin)).heard).to.equal('recognize“Welcome.”');
    await caller.post(caller.result({ id: question, type: 'recognizeOutcome', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits: pin } }), 'late');
    const record = JSON.stringify(await store.load('botframework:c'));
    expect(record).to.include('sealed.');
    await caller.presses('stop');
    await caller.isHungUp();
    expect(seen).to.deep.equal([pin]);
    await line.close();
    told.push(['span', exporter.getFinishedSpans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))]);
    const everything = [JSON.stringify(line.lines), JSON.stringify(told), record, await bytesIn(folder)].join('\n');
    expect(told.map((one) => (one as readonly string[])[0])).to.include.members(['step', 'inspector', 'span', 'event', 'detail', 'receive', 'send', 'call']);
    for (const place of [record, JSON.stringify(told.filter((one) => (one as readonly string[])[0] === 'inspector'))]) expect(place.includes('sealed.'), 'it was looked for in the right place').to.equal(true);
    expect(exporter.getFinishedSpans().map(({ name }) => name), 'spans were made').to.include('ask');
    expect(everything.includes(pin), 'the PIN is somewhere').to.equal(false);
    expect(everything.includes(Buffer.from(pin).toString('base64').slice(0, -1)), 'nor in base64').to.equal(false);
  });

  it('is opened by the process that takes the call over, with the same key', async () => {
    const shared = { secretKey: key(), service: stubService({ replyWithinMs: 5_000 }) };
    const first = await rig(bank().bot, { ...shared, store: await lmdbStore({ folder }) });
    await first.caller('c').rings();
    await first.close();
    const { bot, seen } = bank();
    const second = await rig(bot, { ...shared, store: await lmdbStore({ folder }) });
    const caller = second.caller('c');
    await caller.post({ id: 'c', callState: 'established', operationOutcome: { id: 'c:1:1', type: 'recognizeOutcome', outcome: 'success', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits: pin } } });
    expect(seen).to.deep.equal([pin]);
    await second.close();
  });
});

describe('a server whose bot asks for a secret', () => {
  const refused = async (store: CallStore, secretKey?: string): Promise<unknown> => {
    try {
      const line = await rig(bank().bot, { store, ...(secretKey !== undefined && { secretKey }) });
      await line.close();
      return 'nothing was thrown';
    } catch (error) {
      const { code, message } = error as AnyCallError;
      return [code, message];
    }
  };

  it('does not start without a key where its calls outlive the process', async () => {
    const { durable: _, ...store } = memoryStore();
    expect(await refused(store)).to.deep.equal(['ERR_SECRET_KEY', 'bot `bank` asks for a secret, and its calls outlive the process: give `secretKey` (CALLCHART_SECRET_KEY), 32 bytes in base64 or hex']);
    expect(await refused(store, 'short')).to.deep.equal(['ERR_SECRET_KEY', 'the secret key (CALLCHART_SECRET_KEY) is 32 bytes in base64 or hex; several with commas between']);
    expect(await refused(store, key())).to.equal('nothing was thrown');
  });

  it('needs none where they do not', async () => {
    expect(await refused(memoryStore())).to.equal('nothing was thrown');
  });

  it('apologises when a secret is asked for by hand that nobody could see before, and there is no key', async () => {
    const byHand = callMachine('byhand', {
      initial: 'ask',
      states: {
        ask: { entry: { type: 'recognize', params: () => ({ prompts: [], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, digits: { max: 4 }, secret: true }) } as never, on: { 'recognize.*': 'bye' } },
        bye: hangup('Bye.'),
      },
    });
    const { durable: _, ...store } = memoryStore();
    const line = await rig(byHand, { store });
    expect((await line.caller('c').rings()).heard).to.match(/sorry/i);
    expect(line.said('bot failed')[0]).to.include({ code: 'ERR_SECRET_KEY' });
    await line.close();
  });
});
