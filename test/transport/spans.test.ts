/** Spans: one an exchange, one a state for as long as the call is in it, one a task; and nobody's words in any of them. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, type ContextManager, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type TextMapPropagator, trace, type Tracer } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { assign } from 'xstate';
import { expect } from 'chai';
import { callMachine, dialog, dialogMachine, hangup, isCallError, prompt, recognize, task } from 'callchart';
import { calls, memoryStore } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { callSpans } from '../../src/transport/call-spans.ts';
import { begin, gate, incoming, type Json, rig, stubService, until } from './rig.ts';

/** What an application's own set-up of the SDK has: who is active follows asynchronous work. */
const contextManager = (): ContextManager => {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (within, work, self, ...args) => storage.run(within, () => work.call(self as never, ...args)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
};

/** `traceparent`, as far as these tests need it. */
const traceparent: TextMapPropagator = {
  inject: () => {},
  fields: () => ['traceparent'],
  extract: (within, carrier, getter) => {
    const [, traceId = '', spanId = ''] = String(getter.get(carrier, 'traceparent') ?? '').split('-');
    return traceId === '' ? within : trace.setSpanContext(within, { traceId, spanId, traceFlags: 1, isRemote: true });
  },
};

const recorder = () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracer = provider.getTracer('the-tests');
  /** What has ended, in order. */
  const spans = (): readonly ReadableSpan[] => exporter.getFinishedSpans();
  const isState = (span: ReadableSpan): boolean => 'callchart.state' in span.attributes;
  return {
    tracer, spans,
    exchanges: () => spans().filter(({ kind }) => kind === SpanKind.SERVER),
    states: () => spans().filter(isState),
    named: (name: string): ReadableSpan => {
      const found = spans().filter((span) => span.name === name).at(-1);
      if (found === undefined) throw new Error(`no span ${name} among ${spans().map((span) => span.name).join(', ')}`);
      return found;
    },
  };
};

const ms = ([seconds, nanos]: readonly [number, number]): number => seconds * 1_000 + Math.round(nanos / 1e6) - begin;
/** When a state was entered and left, ms of the tests' clock. */
const times = ({ name, startTime, endTime }: ReadableSpan): readonly [string, number, number] => [name, ms(startTime), ms(endTime)];
const idOf = (span: ReadableSpan): string => span.spanContext().spanId;
const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId;

describe('spans', () => {
  beforeEach(() => {
    context.setGlobalContextManager(contextManager());
    propagation.setGlobalPropagator(traceparent);
  });
  afterEach(() => {
    context.disable();
    propagation.disable();
  });

  it('say of each exchange which call it was of, what it told, and how it was answered', async () => {
    const { tracer, exchanges } = recorder();
    const line = await rig(acme, { tracer });
    const caller = line.caller('c');
    await caller.rings('m1');
    await caller.rings('m1');
    await caller.presses('support');
    expect(exchanges().map(({ name }) => name)).to.deep.equal(Array(3).fill('POST /api/calls'));
    expect(exchanges()[0]?.attributes).to.deep.equal({
      'http.request.method': 'POST', 'http.route': '/api/calls', 'url.path': '/api/calls', 'http.response.status_code': 200,
      'callchart.service': 'botframework', 'callchart.call.id': 'c', 'callchart.chain': 'chain-of-c', 'callchart.bot': 'acme',
      'callchart.events': ['call.incoming'], 'callchart.exchange.kind': 'taken',
    });
    expect(exchanges().map(({ attributes }) => attributes['callchart.exchange.kind'])).to.deep.equal(['taken', 'repeated', 'taken']);
    expect(exchanges()[2]?.attributes['callchart.events']).to.deep.equal(['recognize.input']);
    expect(exchanges().map(({ status }) => status.code)).to.deep.equal(Array(3).fill(SpanStatusCode.UNSET));
    await line.close();
  });

  it('are the children of what the headers of the request name', async () => {
    const { tracer, exchanges } = recorder();
    const line = await rig(acme, { tracer });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await line.send(JSON.stringify(incoming('c')), { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    expect([exchanges()[0]?.spanContext().traceId, exchanges()[0]?.parentSpanContext?.spanId]).to.deep.equal([traceId, 'b7ad6b7169203331']);
    await line.close();
  });

  it('say by its code why an exchange was refused; it is an error where that is no fault of the sender', async () => {
    const { tracer, exchanges } = recorder();
    const line = await rig(acme, { tracer, store: { ...memoryStore(), load: async () => { throw new Error('Mona 4711'); } } });
    await line.send('no json');
    await line.caller('c').rings();
    expect(exchanges().map(({ attributes, status }) => [attributes['http.response.status_code'], attributes['error.type'], status])).to.deep.equal([
      [400, 'ERR_EVENT_MALFORMED', { code: SpanStatusCode.UNSET }],
      [500, 'ERR_INTERNAL', { code: SpanStatusCode.ERROR, message: 'ERR_INTERNAL' }],
    ]);
    await line.close();
  });

  it('last as long as the call is in a state: the wait for the caller, and no time for what is passed on the way', async () => {
    const { tracer, states, exchanges, named } = recorder();
    const bot = callMachine('steps', {
      initial: 'hello',
      states: {
        hello: prompt('Hello.', 'menu'),
        menu: recognize({ prompt: 'Menu.', choices: { a: '1' }, on: { a: 'thanks', exhausted: 'bye' } }),
        thanks: prompt('Thanks.', 'bye'),
        bye: hangup('Bye.'),
      },
    });
    const line = await rig(bot, { tracer });
    const caller = line.caller('c');
    await caller.rings();
    line.clock.now += 7_000;
    await caller.staysSilent(); // asked again: still the menu
    line.clock.now += 3_000;
    await caller.presses('a');
    line.clock.now += 500;
    await caller.isHungUp();
    await caller.hangsUp();
    expect(states().map(times)).to.deep.equal([['hello', 0, 0], ['menu', 0, 10_000], ['thanks', 10_000, 10_000], ['bye', 10_000, 10_500]]);
    expect(named('menu').attributes).to.deep.equal({ 'callchart.call.id': 'c', 'callchart.bot': 'steps', 'callchart.state': 'menu', 'callchart.revision': 1 });
    const [rang, silent, pressed] = exchanges();
    expect(states().map(parentOf)).to.deep.equal([rang, rang, pressed, pressed].map((span) => span && idOf(span)));
    expect([rang, silent, pressed].map((span) => span?.links.map(({ context: linked }) => linked.spanId)), 'each is linked with where it found the call').to.deep.equal([[], [idOf(named('menu'))], [idOf(named('menu'))]]);
    await line.close();
  });

  it('are there for the states of a dialog beside that of the state that runs it', async () => {
    const { tracer, states } = recorder();
    const pin = dialogMachine<{ tries: number }, undefined, string>()('pin', {
      context: { tries: 0 },
      initial: 'ask',
      states: {
        ask: recognize({ prompt: 'Pin?', digits: { max: 4 }, on: { digits: { target: 'out', actions: assign({ tries: 1 }) }, exhausted: 'out' } }),
        out: { type: 'final', output: 'x' },
      },
    });
    const bot = callMachine('desk', { initial: 'pin', states: { pin: dialog(pin, { on: { done: 'more' } }), more: recognize({ prompt: 'More?', choices: { yes: '1' }, on: { yes: 'pin', exhausted: 'bye' } }), bye: hangup('Bye.') } });
    const line = await rig(bot, { tracer });
    const caller = line.caller('c');
    await caller.rings();
    line.clock.now += 1_000;
    await caller.keys('4711');
    line.clock.now += 1_000;
    await caller.presses('yes');
    line.clock.now += 1_000;
    await caller.hangsUp();
    expect(states().map(times)).to.have.deep.members([
      ['pin', 0, 1_000], ['pin/ask', 0, 1_000], ['pin/out', 1_000, 1_000], ['more', 1_000, 2_000], ['pin', 2_000, 3_000], ['pin/ask', 2_000, 3_000],
    ]);
    await line.close();
  });

  it('are there for tasks, within the state that waits; and what an application traces in a task is inside', async () => {
    const { tracer, states, named } = recorder();
    const passes = [gate<string>(), gate<string>()];
    let runs = 0;
    const bot = callMachine('shop', {
      initial: 'find',
      states: {
        find: task({ run: async () => tracer.startActiveSpan('query', async (span: Span) => { const { passed } = passes[(runs += 1) - 1]!; try { return await passed; } finally { span.end(); } }), on: { done: 'tell', failed: 'bye' } }),
        tell: recognize({ prompt: 'Again?', choices: { yes: '1' }, on: { yes: 'find', exhausted: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    const line = await rig(bot, { tracer, service: stubService({ replyWithinMs: 60_000 }) });
    const caller = line.caller('c');
    const ringing = caller.rings();
    await until(() => runs === 1);
    line.clock.now += 400;
    passes[0]!.open('noon');
    await ringing;
    expect(times(named('find'))).to.deep.equal(['find', 0, 400]);
    expect(parentOf(named('task find'))).to.equal(idOf(named('find')));
    expect(parentOf(named('query'))).to.equal(idOf(named('task find')));
    expect(named('task find').attributes).to.include({ 'callchart.call.id': 'c', 'callchart.bot': 'shop', 'callchart.task': 'find' });

    const again = caller.presses('yes');
    await until(() => runs === 2);
    passes[1]!.fail(Object.assign(new Error('4711'), { code: 'ECONNREFUSED' }));
    await again;
    expect([named('task find').status.code, named('task find').attributes['error.type']]).to.deep.equal([SpanStatusCode.ERROR, 'ECONNREFUSED']);
    await line.close();
    expect(states().at(-1)?.name).to.equal('bye');
  });

  it('of a task that is given up end then, though its code goes on', async () => {
    const { tracer, named } = recorder();
    let runs = 0;
    const bot = callMachine('shop', { initial: 'find', states: { find: task({ run: () => ((runs += 1), new Promise<string>(() => {})), on: { done: 'bye', failed: 'bye' } }), bye: hangup('Bye.') } });
    const line = await rig(bot, { tracer });
    const caller = line.caller('c');
    await caller.rings();
    await until(() => runs === 1);
    await caller.hangsUp();
    expect(named('task find').attributes['callchart.cut']).to.equal(true);
    await line.close();
  });

  it('of an exchange are active in hooks and while the bot is asked, so that theirs are inside', async () => {
    const { tracer, exchanges, named } = recorder();
    const own = (name: string) => async (_: unknown, next: () => Promise<void>): Promise<void> => tracer.startActiveSpan(name, async (span: Span) => (await next(), span.end()));
    const line = await rig(acme, { tracer, hooks: { receive: [own('receive')], send: [own('send')], call: [own('begun')] }, onStep: () => tracer.startSpan('seen').end() });
    await line.caller('c').rings();
    const exchange = idOf(exchanges()[0]!);
    expect([parentOf(named('receive')), parentOf(named('send'))]).to.deep.equal([exchange, exchange]);
    expect([named('seen'), named('begun')].map(parentOf)).to.deep.equal([idOf(named('receive')), idOf(named('receive'))]);
    await line.close();
  });

  it('are errors, by the code, where the code of the bot fails: the exchange, and the state that it failed in', async () => {
    const { tracer, exchanges, named } = recorder();
    const bot = callMachine('frail', {
      initial: 'menu',
      states: {
        menu: recognize({ prompt: 'Hm?', choices: { a: '1' }, on: { a: { target: 'bye', actions: () => { throw new Error('Mona pressed 4711'); } }, exhausted: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    const line = await rig(bot, { tracer });
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.presses('a')).status).to.equal(200);
    await caller.isHungUp();
    await caller.hangsUp();
    for (const span of [exchanges()[1], named('menu')]) expect([span?.status, span?.attributes['error.type']]).to.deep.equal([{ code: SpanStatusCode.ERROR, message: 'ERR_BOT_THREW' }, 'ERR_BOT_THREW']);
    expect(exchanges()[0]?.status.code).to.equal(SpanStatusCode.UNSET);
    await line.close();
  });

  it('go on in the process that takes a call over, and say so at both ends', async () => {
    const store = memoryStore();
    const kept = { ...store, close: async () => {} };
    const first = recorder();
    const before = await rig(acme, { tracer: first.tracer, store: kept });
    await before.caller('c').rings();
    before.clock.now += 50;
    await before.close();
    expect(first.states().map(times)).to.deep.equal([['menu', 0, 50]]);
    expect(first.named('menu').attributes['callchart.cut']).to.equal(true);

    const second = recorder();
    const after = await rig(acme, { tracer: second.tracer, store: kept });
    const caller = after.caller('c');
    await caller.rings();
    after.clock.now += 5_000;
    await caller.presses('support');
    after.clock.now += 1_000;
    await caller.hangsUp();
    expect(second.states().map(times)).to.deep.equal([['menu', 5_000, 5_000], ['support', 5_000, 6_000]]);
    expect(second.states().map(({ attributes }) => attributes['callchart.resumed'])).to.deep.equal([true, undefined]);
    await after.close();
  });

  it('hold nothing of what a caller said, keyed or is, nor of what a bot said', async () => {
    const { tracer, spans } = recorder();
    const bot = callMachine<{ order: string }>()('shop', {
      context: { order: '' },
      initial: 'ask',
      cleanup: () => null,
      states: {
        ask: recognize({ prompt: 'Your order?', digits: { max: 6, termchars: ['#'] }, on: { digits: { target: 'find', actions: assign({ order: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
        find: task({ run: (order: string) => { throw new Error(`nothing for ${order}`); }, input: ({ context: { order } }) => order, on: { done: 'bye', failed: 'menu' } }),
        menu: recognize({ prompt: ({ context: { order } }) => `Not ${order}?`, choices: { 'rhubarb pie': { phrases: ['rhubarb pie'] } }, on: { 'rhubarb pie': 'fail', exhausted: 'bye' } }),
        fail: { entry: () => { throw new Error('Mona said rhubarb pie'); } },
        bye: hangup('Bye.'),
      },
    });
    const line = await rig(bot, { tracer, service: stubService({ replyWithinMs: 60_000 }) });
    const caller = line.caller('c');
    await caller.rings();
    await caller.keys('471193');
    await caller.presses('rhubarb pie');
    await caller.post({ id: 'c', callState: 'rhubarb pie', operationOutcome: { type: '471193' } });
    await caller.isHungUp();
    await caller.hangsUp();
    await line.close();
    const told = JSON.stringify(spans().map(({ name, attributes, status, events, links }) => ({ name, attributes, status, events, links })));
    expect(spans().length).to.be.greaterThan(8);
    expect(told).to.contain('ERR_BOT_THREW');
    expect(told).not.to.match(/471193|rhubarb|Mona|mona|Lindqvist|Your order/);
  });

  it('are made by nobody without a tracer', async () => {
    const line = await rig(acme);
    const seen: unknown[] = [];
    context.disable();
    context.setGlobalContextManager({ ...contextManager(), with: (within, work, self, ...args) => (seen.push(within), work.call(self as never, ...args)) });
    await line.caller('c').rings();
    expect(seen).to.deep.equal([]);
    await line.close();
  });

  describe('whose tracer or propagation throws', () => {
    const throws = (): never => { throw new Error('no'); };
    const brokenSpan = new Proxy({}, { get: () => throws }) as Span;
    const broken: Readonly<Record<string, Tracer>> = {
      'at each span': { startSpan: throws, startActiveSpan: throws },
      'at all that a span is told': { startSpan: () => brokenSpan, startActiveSpan: throws },
      'by giving no span': { startSpan: () => undefined as never, startActiveSpan: throws },
    };
    const walk = async (tracer: Tracer): Promise<readonly Json[]> => {
      const bot = callMachine('shop', { initial: 'find', states: { find: task({ run: () => 1, on: { done: 'menu', failed: 'bye' } }), menu: recognize({ prompt: 'Again?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') } });
      const line = await rig(bot, { tracer, service: stubService({ replyWithinMs: 60_000 }) });
      const caller = line.caller('c');
      expect((await caller.rings()).heard).to.contain('Again?');
      expect((await caller.presses('yes')).heard).to.contain('Bye.');
      expect((await caller.hangsUp()).status).to.equal(200);
      await line.close();
      return line.said('tracer failed');
    };

    for (const [how, tracer] of Object.entries(broken))
      it(`harm no caller: ${how}`, async () => {
        const said = await walk(tracer);
        expect(said.length, 'it is told once by each of the two').to.be.within(1, 2);
      });

    it('harm no caller: while a context is made active, before or after the work has begun', async () => {
      for (const isAfter of [false, true]) {
        context.disable();
        context.setGlobalContextManager({ ...contextManager(), with: (_, work, self, ...args) => { if (isAfter) work.call(self as never, ...args); throw new Error('no'); } });
        expect(await walk(recorder().tracer)).not.to.deep.equal([]);
      }
    });

    it('harm no caller: while the headers are read', async () => {
      propagation.disable();
      propagation.setGlobalPropagator({ ...traceparent, extract: throws });
      const { tracer, exchanges } = recorder();
      expect(await walk(tracer)).to.have.length(1);
      expect(exchanges()).to.have.length(3);
    });

    it('is refused at start when it is none', () => {
      try {
        calls({ service: stubService(), bots: acme, tracer: {} as never });
      } catch (error) {
        expect(isCallError(error) && [error.code, error.details]).to.deep.equal(['ERR_OPTION_INVALID', { option: 'tracer' }]);
        return;
      }
      throw new Error('it was taken');
    });
  });

  describe('of states', () => {
    const table = () => {
      const { tracer, states } = recorder();
      const spans = callSpans(tracer, { info: () => {}, warn: () => {}, error: () => {} }, () => begin);
      const chart = (value: unknown, child?: unknown) => ({ status: 'active', value, children: child === undefined ? {} : { pin: { snapshot: { status: 'active', value: child, children: {} } } } });
      const standing = (machine: object) => ({ call: { id: 'c' }, bot: 'x', machine, ended: null, tasks: [] }) as never;
      let latest: object | undefined;
      const step = (at: number, machine: object, trail: readonly string[], from = latest): void => {
        const result = { snapshot: standing(machine), trail } as never;
        spans.step({ ref: { call: 'c', bot: 'x', chain: undefined }, at: begin + at, before: from && standing(from), result, failures: [], trace: undefined });
        latest = machine;
      };
      return { step, chart, states, left: () => states().map(times) };
    };

    it('begin again for a dialog that is left and run anew within one step', () => {
      const { step, chart, left } = table();
      step(0, chart('pin', 'ask'), ['pin', 'pin/ask']);
      step(5, chart('pin', 'ask'), ['help', 'pin', 'pin/ask']);
      expect(left()).to.deep.equal([['pin', 0, 5], ['pin/ask', 0, 5], ['help', 5, 5]]);
    });

    it('go on for a dialog that runs in one region while the chart moves in another', () => {
      const { step, chart, left } = table();
      step(0, chart({ pin: 'pin', light: 'on' }, 'ask'), ['pin.pin+light.on', 'pin/ask']);
      step(5, chart({ pin: 'pin', light: 'off' }, 'ask'), ['pin.pin+light.off']);
      expect(left()).to.deep.equal([['pin.pin+light.on', 0, 5]]);
    });

    it('are cut for a call that another process has moved on in between', () => {
      const { step, chart, states, left } = table();
      step(0, chart('menu'), ['menu']);
      step(5, chart('bye'), ['bye'], chart('queue'));
      expect(left()).to.deep.equal([['menu', 0, 5], ['queue', 5, 5]]);
      expect(states().map(({ attributes }) => [attributes['callchart.cut'], attributes['callchart.resumed']])).to.deep.equal([[true, undefined], [undefined, true]]);
    });
  });

  it('are open for a bounded number of calls: the one seen first is cut for another', () => {
    const { tracer, states } = recorder();
    const table = callSpans(tracer, { info: () => {}, warn: () => {}, error: () => {} }, () => begin + 9, 2);
    for (const call of ['a', 'b', 'c']) {
      const snapshot = { call: { id: call }, bot: 'x', machine: { status: 'active', value: 'menu', children: {} }, ended: null, tasks: [] } as never;
      table.step({ ref: { call, bot: 'x', chain: undefined }, at: begin, before: undefined, result: { snapshot, trail: ['menu'] } as never, failures: [], trace: undefined });
    }
    expect(states().map(({ attributes }) => [attributes['callchart.call.id'], attributes['callchart.cut']])).to.deep.equal([['a', true]]);
    expect(states().map(times)).to.deep.equal([['menu', 0, 9]]);
    table.close();
    expect(states()).to.have.length(3);
  });
});
