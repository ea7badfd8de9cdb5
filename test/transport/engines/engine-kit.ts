/**
 * Engine kit — what every engine must do for calls, whatever keeps them: over the contract alone (`deliver`, `drain`, `check`,
 * `close`), what the bot runs and what the service is told. Each engine's test file runs it over a ground of its own.
 *
 * @module
 */
import { expect } from 'chai';
import * as t from 'io-ts';
import type { AnyStateMachine } from 'xstate';
import { assign } from 'xstate';
import { callMachine, CallError, hangup, recognize, task, type TaskArgs, updateData, userData } from 'callchart';
import { type CallDetailRecord, type CallService, type CallStore, type Clock, dataIn, type Engine, type EngineOptions, embeddedEngine, gatherBots, type ReplyService } from 'callchart/transport';
import { movableClock } from '../../../src/emulator/movable-clock.ts';
import type { ServiceEvent } from '../../../src/machines/index.ts';
import type { Reply } from '../../../src/transport/deliver.ts';
import { counter } from '../../helpers/counter-bot.ts';
import { commandService } from '../command-service.ts';
import { answerOf, begin, gate, type LogLine, logInto, stubService } from '../rig.ts';

/** Where the nodes of one test keep their calls. */
export interface Ground {
  /** One more node, as another process would be one: it shares nothing with the others but what is kept. */
  node(options: EngineOptions): Promise<Engine>;
  /** Ends a node without a word, as kill -9 does: nothing that it does from now on is kept. Left out where nodes cannot be killed within one process. */
  kill?(engine: Engine): Promise<void>;
  /** Stops a node dead, as SIGSTOP does: what it is at waits, also for the store. What it gives lets it go on. */
  freeze?(engine: Engine): () => void;
  /** From now on nothing can be kept; what it gives ends that. Left out where the ground cannot be taken away. */
  fail?(): Promise<() => Promise<void>>;
  /** Where the bots' data are, for an application beside the calls. Left out where data are kept otherwise. */
  readonly store?: CallStore;
  /** Ends all that is left. */
  dispose(): Promise<void>;
}

export interface EngineKitOptions {
  /** `real`: the engine is not served by a clock that is moved by hand. */
  readonly time?: 'in hand' | 'real';
}

/** How it is with a node. */
interface NodeState {
  isDead: boolean;
  /** Resolves when the node goes on. */
  stopped: Promise<void> | undefined;
}

/** The ground of an engine over stores: each node has a store of its own over the same records. */
export const storesOf = (start: () => Promise<{ open(): Promise<CallStore>; dispose(): Promise<void> }>) => async (): Promise<Ground> => {
  const { open, dispose } = await start();
  const nodes = new Map<Engine, NodeState>();
  const stores: CallStore[] = [];
  let isGone = false;

  /** `inner` as one node sees it: of a dead one nothing comes back. */
  const seenBy = (inner: CallStore, state: Readonly<NodeState>): CallStore => {
    const watch = <A extends readonly unknown[], R>(work: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
      await state.stopped;
      if (state.isDead) return new Promise<never>(() => {});
      if (isGone) throw new CallError('ERR_STORE_UNAVAILABLE', 'the store is gone', { reason: 'write' });
      const done = await work(...args);
      await state.stopped;
      return state.isDead ? new Promise<never>(() => {}) : done;
    };
    const { claim, release } = inner;
    return {
      ...(inner.durable !== undefined && { durable: inner.durable }),
      load: watch((id) => inner.load(id)), commit: watch((id, expected, record) => inner.commit(id, expected, record)),
      due: watch((at, limit, after, prefix) => inner.due(at, limit, after, prefix)), list: watch((prefix, limit, after) => inner.list(prefix, limit, after)),
      expire: watch((now, limit) => inner.expire(now, limit)), close: async () => {},
      ...(claim !== undefined && { claim: watch((callIds: readonly string[], at: number, forMs: number) => claim.call(inner, callIds, at, forMs)) }),
      ...(release !== undefined && { release: watch((callIds: readonly string[]) => release.call(inner, callIds)) }),
    };
  };

  const newStore = async (): Promise<CallStore> => {
    const store = await open();
    stores.push(store);
    return store;
  };

  return {
    node: async (options) => {
      const state: NodeState = { isDead: false, stopped: undefined };
      const engine = embeddedEngine({ ...options, store: seenBy(await newStore(), state) });
      nodes.set(engine, state);
      return engine;
    },
    kill: async (engine) => {
      const state = nodes.get(engine);
      if (state !== undefined) state.isDead = true;
    },
    freeze: (engine) => {
      const state = nodes.get(engine)!;
      const { passed, open: go } = gate();
      state.stopped = passed.then(() => void (state.stopped = undefined));
      return () => go();
    },
    fail: async () => {
      isGone = true;
      return async () => void (isGone = false);
    },
    store: await newStore(),
    dispose: async () => {
      for (const [engine, { isDead }] of nodes) if (!isDead) await engine.close();
      for (const store of stores) await store.close();
      await dispose();
    },
  };
};

const path = '/api/calls';

/** The time of one test. */
const timeOf = (kind: 'in hand' | 'real') => {
  const movable = kind === 'in hand' ? movableClock(begin) : undefined;
  return {
    /** The clock of one node: its timers wait while it is stopped, and its time of day may be another. */
    clockOfNode: (): NodeClock | undefined => movable && nodeClock(movable),
    now: (): number => movable?.now() ?? Date.now(),
    /** Lets so much time pass. */
    pass: (ms: number): Promise<void> => movable?.move(ms) ?? new Promise((resolve) => setTimeout(resolve, ms)),
    /** Lets time pass until it `holds`; fails after a minute of time in hand, or after fifteen real seconds. */
    until: async (holds: () => boolean | Promise<boolean>): Promise<void> => {
      for (const from = performance.now(); performance.now() - from < 15_000; ) {
        if (await holds()) return;
        if (movable === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
        else if (movable.now() - begin > 60_000) break;
        else await movable.move(50);
      }
      throw new Error(`never: ${holds}`);
    },
  };
};

/** The clock of one node. */
interface NodeClock extends Clock {
  /** Nothing happens in time any more, until what it gives is called. */
  stop(): () => void;
  /** Sets the time of day. */
  set(byMs: number): void;
}

const nodeClock = (clock: ReturnType<typeof movableClock>): NodeClock => {
  let aheadMs = 0;
  let waiting: (() => void)[] | undefined;
  let stopped = gate();
  return {
    now: () => clock.now() + aheadMs,
    elapsed: () => clock.now(),
    setTimer: (at, work) => clock.setTimer(at - aheadMs, () => void (waiting === undefined ? work() : waiting.push(work))),
    working: (work) => clock.working(Promise.race([work, stopped.passed])),
    holding: (reply) => clock.holding(Promise.race([reply, stopped.passed])),
    stop: () => {
      waiting = [];
      stopped.open();
      return () => {
        stopped = gate();
        const late = waiting ?? [];
        waiting = undefined;
        for (const work of late) work();
      };
    },
    set: (byMs) => void (aheadMs += byMs),
  };
};

/** A call, as its service sees it: events with ids go to whichever node the test says. */
const lineOf = (id: string, bot: AnyStateMachine, now: () => number, replyWithinMs: number, working: (engine: Engine, work: Promise<unknown>) => void) => {
  let count = 0;
  let latest = '';
  const tell = async (engine: Engine, events: readonly ServiceEvent[], eventId = `${id}-${(count += 1)}`): Promise<Reply> => {
    const delivering = engine.deliver({ arrival: { callId: id, eventId, events }, chain: undefined, path, bot: () => bot, deadlineAt: now() + replyWithinMs });
    working(engine, delivering);
    const reply = await delivering;
    const { actions } = answerOf(200, new Headers(), reply.body);
    if (actions.length > 0) latest = actions.at(-1)?.operationId ?? '';
    return reply;
  };
  return {
    tell,
    rings: (engine: Engine, eventId?: string) => tell(engine, [{ type: 'call.incoming', call: { id, from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } }], eventId),
    presses: (engine: Engine, name: string, eventId?: string) => tell(engine, [choice(latest, name)], eventId),
    heardItAll: (engine: Engine, eventId?: string) => tell(engine, [{ type: 'play.done', operationId: latest }], eventId),
    hangsUp: (engine: Engine, eventId?: string) => tell(engine, [{ type: 'call.ended' }], eventId),
    /** The operation that the caller hears last. */
    operation: () => latest,
  };
};

const choice = (operationId: string, name: string): ServiceEvent => ({ type: 'recognize.input', operationId, via: 'dtmf', input: { kind: 'choice', name } });

const heard = ({ body }: Reply): string => answerOf(200, new Headers(), body).heard;

/** Looks something up, which takes as long as the test wants. */
const slow = () => {
  const works: { readonly taskId: string; readonly open: (output: unknown) => void }[] = [];
  const bot = callMachine<{ found: string }>()('slow', {
    context: { found: '' },
    initial: 'find',
    filler: 'One moment.',
    states: {
      find: task({
        run: (_: unknown, { taskId }: TaskArgs) => {
          const { passed, open } = gate<unknown>();
          works.push({ taskId, open });
          return passed;
        },
        on: { done: { target: 'tell', actions: assign({ found: ({ event }) => String(event.output) }) }, failed: 'bye' },
      }),
      tell: recognize({ prompt: ({ context }) => `It is ${context.found}.`, choices: { again: '1' }, on: { again: 'bye', exhausted: 'bye' } }),
      bye: hangup('Bye.'),
    },
  });
  return { bot, works };
};

/** Asks, and after three seconds asks something else. */
const hasty = callMachine('hasty', {
  initial: 'ask',
  states: {
    ask: { ...recognize({ prompt: 'Coffee?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 3_000: 'other' } },
    other: recognize({ prompt: 'Tea, then?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
    bye: hangup('Bye.'),
  },
} as never);

/** Holds an engine against what all engines promise. */
export function describeEngine(name: string, ground: () => Promise<Ground>, { time: kind = 'in hand' }: EngineKitOptions = {}): void {
  describe(name, () => {
    let on: Ground;
    let time: ReturnType<typeof timeOf>;
    let lines: LogLine[];
    let details: CallDetailRecord[];
    let clocks: Map<Engine, NodeClock>;

    beforeEach(async () => {
      on = await ground();
      time = timeOf(kind);
      lines = [];
      details = [];
      clocks = new Map();
    });
    afterEach(() => on.dispose());

    const patient = (): CallService => stubService({ replyWithinMs: 10_000 });

    const node = async (bot: AnyStateMachine, { service = patient(), ...more }: Partial<EngineOptions> = {}): Promise<Engine> => {
      const clock = time.clockOfNode();
      const { send } = service;
      /** A command whose answer the test gives by hand is work that waits for somebody. */
      const waiting: CallService = send === undefined ? service : {
        ...service,
        send: (command, context, signal) => {
          const sending = send(command, context, signal);
          clock?.holding?.(sending);
          return sending;
        },
      };
      const engine = await on.node({ bots: gatherBots({ [path]: bot }, service), service: waiting, log: logInto(lines), roundMs: 500, ...(clock !== undefined && { clock }), onDetail: (detail) => void details.push(detail), ...more });
      if (clock !== undefined) clocks.set(engine, clock);
      return engine;
    };

    const lineTo = (bot: AnyStateMachine, id = 'c', replyWithinMs = 10_000) => lineOf(id, bot, time.now, replyWithinMs, (engine, work) => clocks.get(engine)?.working?.(work));

    /** What `work` is refused with. */
    const refusalOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined, (error: unknown) => (error as { readonly code?: unknown }).code);

    /** Ends `engine` as kill -9 does; skips the test where that cannot be. */
    const kill = async (test: Mocha.Context, engine: Engine): Promise<void> => {
      if (on.kill === undefined) return test.skip();
      clocks.get(engine)?.stop();
      await on.kill(engine);
    };

    /** Stops `engine` as SIGSTOP does; what it gives is SIGCONT. */
    const freeze = (test: Mocha.Context, engine: Engine): (() => void) => {
      const clock = clocks.get(engine);
      if (on.freeze === undefined || clock === undefined) return test.skip();
      const [go, wake] = [on.freeze(engine), clock.stop()];
      return () => {
        go();
        wake();
      };
    };

    describe('a request', () => {
      it('that comes again gets the same bytes, from whichever node it reaches', async () => {
        const [one, two] = [await node(counter), await node(counter)];
        const line = lineTo(counter);
        const first = await line.rings(one, 'r');
        expect(heard(first)).to.equal('answer recognize“Count 0.”');
        expect(await line.rings(two, 'r')).to.deep.equal({ ...first, kind: 'repeated' });
        const taken = await line.presses(two, 'up', 'p');
        for (const engine of [one, two, one]) expect(await line.tell(engine, [choice('c:1:1', 'up')], 'p')).to.deep.equal({ ...taken, kind: 'repeated' });
        expect(heard(await line.presses(one, 'up'))).to.equal('recognize“Count 2.”');
      });

      it('that comes to both nodes at once is taken once, and both give the same bytes', async () => {
        const [one, two] = [await node(counter), await node(counter)];
        const line = lineTo(counter);
        const rung = await Promise.all([line.rings(one, 'r'), line.rings(two, 'r'), line.rings(one, 'r'), line.rings(two, 'r')]);
        expect(new Set(rung.map(({ body }) => body)).size).to.equal(1);
        expect(rung.filter(({ kind }) => kind === 'taken')).to.have.length(1);
        const operation = line.operation();
        const taken = await Promise.all([one, two, one, two].map((engine) => line.tell(engine, [choice(operation, 'up')], 'p')));
        expect(new Set(taken.map(({ body }) => body)).size).to.equal(1);
        expect(taken.filter(({ kind }) => kind === 'taken')).to.have.length(1);
        expect(heard(await line.presses(one, 'up'))).to.equal('recognize“Count 2.”');
      });

      it('that two nodes hold is answered by both with the same bytes: with the result, or with the filler though the result comes before the second has looked', async () => {
        const { bot, works } = slow();
        const [one, two] = [await node(bot), await node(bot)];
        for (const [index, ends] of (['result', 'filler'] as const).entries()) {
          const [line, patientLine] = [lineTo(bot, `call ${ends}`, 3_100), lineTo(bot, `call ${ends}`, 6_000)];
          const second = patientLine.rings(two, 'r'); // which does the work
          await time.until(() => works.length === index + 1);
          const first = line.rings(one, 'r');
          let isAnswered = false;
          void first.then(() => (isAnswered = true));
          if (ends === 'filler') await time.until(() => isAnswered);
          works[index]?.open('noon');
          await time.pass(500);
          const reply = await first;
          expect(heard(reply)).to.equal(ends === 'result' ? 'answer recognize“It is noon.”' : 'answer playPrompt“One moment.”');
          expect((await second).body).to.equal(reply.body);
          for (const engine of [one, two]) expect(await line.rings(engine, 'r')).to.deep.equal({ ...reply, kind: 'repeated' });
        }
      });

      it('that comes when two others have been answered since is not taken again, and has nothing to do', async () => {
        const [one, two] = [await node(counter), await node(counter)];
        const line = lineTo(counter);
        await line.rings(one, 'r');
        for (const engine of [one, two, one]) await line.presses(engine, 'up');
        for (const engine of [one, two]) expect(await line.rings(engine, 'r')).to.include({ kind: 'repeated', body: '' });
        expect(heard(await line.presses(two, 'up'))).to.equal('recognize“Count 4.”');
      });

      it('that meant nothing to the bot is not taken either when it comes again, though it would mean something by then', async () => {
        const bot = callMachine('roster', {
          initial: 'alone',
          states: {
            alone: recognize({ prompt: 'Alone?', choices: { no: '1' }, on: { no: 'open', exhausted: 'bye' } }),
            open: { initial: 'ask', on: { 'call.roster': 'joined' }, states: { ask: recognize({ prompt: 'Open.', choices: { go: '1' }, on: { go: '#roster.bye', exhausted: '#roster.bye' } }) } },
            joined: recognize({ prompt: 'Hello, both.', choices: { go: '1' }, on: { go: 'bye', exhausted: 'bye' } }),
            bye: hangup('Bye.'),
          },
        } as never);
        const [one, two] = [await node(bot), await node(bot)];
        const line = lineTo(bot);
        await line.rings(one);
        const joins = (engine: Engine, id: string) => line.tell(engine, [{ type: 'call.roster', participants: 2 }], id);
        expect(await joins(one, 'early')).to.include({ kind: 'ignored', body: '' });
        expect(heard(await line.presses(one, 'no'))).to.equal('recognize“Open.”');
        for (const engine of [two, one]) expect(await joins(engine, 'early')).to.include({ kind: 'repeated', body: '' });
        expect(await joins(two, 'later'), 'another one').to.include({ kind: 'taken' });
      });

      it('is answered with the same bytes after the end of its call too, if it is one of the last two', async () => {
        const [one, two] = [await node(counter), await node(counter)];
        const line = lineTo(counter);
        await line.rings(one, 'first');
        const second = await line.presses(two, 'up', 'second');
        const third = await line.presses(one, 'stop', 'third');
        await line.hangsUp(two);
        for (const engine of [one, two]) {
          expect(await line.presses(engine, 'up', 'second')).to.deep.equal({ ...second, kind: 'repeated' });
          expect(await line.presses(engine, 'stop', 'third')).to.deep.equal({ ...third, kind: 'repeated' });
          expect(await line.rings(engine, 'first')).to.include({ kind: 'repeated', body: '' });
        }
      });

      it('of a call that nobody knows is refused', async () => {
        expect(await refusalOf(lineTo(counter).presses(await node(counter), 'up'))).to.equal('ERR_CALL_UNKNOWN');
      });
    });

    describe('a call', () => {
      it('goes on at whichever node its next event reaches', async () => {
        const [one, two] = [await node(counter), await node(counter)];
        const line = lineTo(counter);
        await line.rings(one);
        for (let turn = 1; turn <= 6; turn += 1) expect(heard(await line.presses(turn % 2 === 0 ? one : two, 'up'))).to.equal(`recognize“Count ${turn}.”`);
      });

      it('takes one of two answers that reach two nodes at once, and both nodes go on from there', async () => {
        const [one, two] = [await node(counter), await node(counter)];
        for (let round = 0; round < 5; round += 1) {
          const line = lineTo(counter, `call ${round}`);
          await line.rings(one);
          const operation = line.operation();
          const both = await Promise.all([one, two].map((engine, index) => line.tell(engine, [choice(operation, 'up')], `press ${index}`)));
          expect(both.map(heard).filter((said) => said !== '')).to.deep.equal(['recognize“Count 1.”']);
          for (const [index, engine] of [two, one, one, two].entries()) expect(heard(await line.presses(engine, 'up'))).to.equal(`recognize“Count ${2 + index}.”`);
        }
      });

      it('ends once, however often that is told and to whom', async () => {
        const [one, two] = [await node(counter), await node(counter)];
        const line = lineTo(counter);
        await line.rings(one);
        await Promise.all([one, two, one, two].map((engine) => line.hangsUp(engine)));
        await line.hangsUp(two, 'late');
        expect(details.map(({ reason }) => reason)).to.deep.equal(['caller']);
      });

      it('whose bot throws hears the apology and is hung up, and others go on', async () => {
        const poisoned = callMachine('poisoned', {
          initial: 'ask', apology: 'Something went wrong.',
          states: {
            ask: recognize({ prompt: 'Well?', choices: { on: '1', off: '2' }, on: { on: { target: 'ask', reenter: true }, off: { target: 'ask', actions: () => { throw new Error('poison'); } }, exhausted: 'bye' } }),
            bye: hangup('Bye.'),
          },
        });
        const [one, two] = [await node(poisoned), await node(poisoned)];
        const [bad, good] = [lineTo(poisoned, 'bad'), lineTo(poisoned, 'good')];
        await bad.rings(one);
        await good.rings(one);
        const apology = await bad.presses(two, 'off', 'p');
        expect(heard(apology)).to.equal('playPrompt“Something went wrong.” hangup');
        expect(await bad.tell(one, [choice('bad:1:1', 'off')], 'p')).to.deep.equal({ ...apology, kind: 'repeated' });
        for (const engine of [one, two]) expect(heard(await good.presses(engine, 'on'))).to.equal('recognize“Well?”');
        await bad.tell(one, [{ type: 'hangup.done', operationId: bad.operation() }]);
        expect(details.map(({ call, reason }) => [call, reason])).to.deep.equal([['bad', 'error']]);
      });
    });

    describe('a late fact', () => {
      it('of a call that is over is on record, though nothing comes of it', async () => {
        const [one, two] = [await node(counter), await node(counter)];
        const line = lineTo(counter);
        await line.rings(one);
        const operation = line.operation();
        await line.hangsUp(one);
        await time.pass(5_000);
        expect(await line.tell(two, [choice(operation, 'up')], 'late')).to.include({ kind: 'taken', body: '' });
        for (const engine of [one, two]) expect(await line.tell(engine, [choice(operation, 'up')], 'late')).to.include({ kind: 'repeated', body: '' });
        expect(details).to.have.length(1);
      });

      it('races the hangup, in either order: each is taken once, and the call ends once', async () => {
        const [one, two] = [await node(counter), await node(counter)];
        for (let round = 0; round < 6; round += 1) {
          const line = lineTo(counter, `call ${round}`);
          await line.rings(one);
          const operation = line.operation();
          const tellings = [() => line.tell(one, [choice(operation, 'stop')], 'outcome'), () => line.hangsUp(two, 'hangup')];
          const replies = await Promise.all((round % 2 === 0 ? tellings : tellings.reverse()).map((telling) => telling()));
          expect(replies.map(({ kind }) => kind)).to.deep.equal(['taken', 'taken']);
          expect(await line.tell(two, [choice(operation, 'stop')], 'outcome'), 'it is on record').to.include({ kind: 'repeated' });
          expect(await line.hangsUp(one, 'hangup')).to.include({ kind: 'repeated' });
          expect(replies.map(heard).filter((said) => said.includes('hangup')).length, 'one hangup at most').to.be.at.most(1);
        }
        expect(details.map(({ call }) => call)).to.deep.equal(Array.from({ length: 6 }, (_, round) => `call ${round}`));
      });
    });

    describe('a timer', () => {
      it('goes off once, with two nodes looking, and what it says waits for the next reply', async () => {
        const [one, two] = [await node(hasty), await node(hasty)];
        const line = lineTo(hasty);
        expect(heard(await line.rings(one))).to.equal('answer recognize“Coffee?”');
        await time.pass(5_000);
        expect(heard(await line.presses(two, 'yes')), 'the stale answer is not taken').to.equal('recognize“Tea, then?”');
        expect(heard(await line.presses(one, 'yes'))).to.equal('playPrompt“Bye.” hangup');
      });

      it('that was set again since does not go off at its old time, and then once', async () => {
        const gone: number[] = [];
        const bot = callMachine('patient', {
          initial: 'ask',
          states: {
            ask: { ...recognize({ prompt: 'Coffee?', choices: { wait: '1' }, on: { wait: { target: 'ask', reenter: true }, exhausted: 'bye' } }), after: { 3_000: 'count' } },
            count: task({ run: async () => void gone.push(time.now()), on: { done: 'other', failed: 'bye' } }),
            other: recognize({ prompt: 'Tea, then?', choices: { wait: '1' }, on: { wait: 'bye', exhausted: 'bye' } }),
            bye: hangup('Bye.'),
          },
        } as never);
        const [one, two] = [await node(bot), await node(bot)];
        const line = lineTo(bot);
        await line.rings(one);
        await time.pass(2_000);
        const setAt = time.now();
        expect(heard(await line.presses(two, 'wait'))).to.equal('recognize“Coffee?”');
        await time.pass(2_000);
        expect(gone).to.deep.equal([]);
        await time.pass(4_000);
        expect(gone).to.have.length(1);
        expect(gone[0]).to.be.at.least(setAt + 3_000);
        expect(heard(await line.presses(one, 'wait'))).to.equal('recognize“Tea, then?”');
      });

      it('of a node that is gone goes off at another', async function () {
        const one = await node(hasty);
        const line = lineTo(hasty);
        await line.rings(one);
        await kill(this, one);
        const two = await node(hasty);
        await time.pass(5_000);
        expect(heard(await line.presses(two, 'yes'))).to.equal('recognize“Tea, then?”');
      });

      it('of a node that is gone goes off in time at another, though nodes look too that have another version of its bot, or another service', async function () {
        const asking = (version: string, gone: number[] = []) => callMachine('timed', {
          version,
          initial: 'ask',
          states: {
            ask: { ...recognize({ prompt: 'Coffee?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 6_000: 'count' } },
            count: task({ run: async () => void gone.push(time.now()), on: { done: 'bye', failed: 'bye' } }),
            bye: hangup('Bye.'),
          },
        } as never);
        await node(asking('2'));
        await node(asking('1'), { service: { ...patient(), name: 'other' } as CallService });
        const one = await node(asking('1'));
        const from = time.now();
        for (let index = 0; index < 20; index += 1) await lineTo(asking('1'), `call ${index}`).rings(one);
        await kill(this, one);
        await time.pass(300);
        const gone: number[] = [];
        await node(asking('1', gone));
        await time.until(() => gone.length === 20);
        expect(Math.max(...gone) - from, 'at its time, or a round later').to.be.at.most(kind === 'in hand' ? 6_600 : 9_000);
      });

      it('that fell due while no node was there goes off in its turn: the one that was due first is the first', async () => {
        const bot = callMachine<{ said: string }>()('turns', {
          context: { said: 'nothing' },
          initial: 'outer',
          states: {
            outer: {
              initial: 'wait', after: { 1_500: 'late' },
              states: {
                wait: { ...recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: '#turns.bye', exhausted: '#turns.bye' } }), after: { 500: { target: 'told', actions: assign({ said: 'the inner one' }) } } },
                told: {},
              },
            },
            late: recognize({ prompt: ({ context }) => `Before came ${context['said']}.`, choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
            bye: hangup('Bye.'),
          },
        } as never);
        const one = await node(bot);
        const line = lineTo(bot);
        await line.rings(one);
        await one.close();
        await time.pass(3_000);
        const two = await node(bot);
        await time.pass(2_000);
        expect(heard(await line.presses(two, 'yes'))).to.equal('recognize“Before came the inner one.”');
      });

      it('goes off once, though the clock of a node is set forward or back by a minute', async function () {
        for (const [index, byMs] of [60_000, -60_000].entries()) {
          const gone: number[] = [];
          const bot = callMachine('clocked', {
            initial: 'ask',
            states: {
              ask: { ...recognize({ prompt: 'Coffee?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), after: { 3_000: 'count' } },
              count: task({ run: async () => void gone.push(time.now()), on: { done: 'other', failed: 'bye' } }),
              other: recognize({ prompt: 'Tea, then?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
              bye: hangup('Bye.'),
            },
          } as never);
          const [one, two] = [await node(bot), await node(bot)];
          const clock = clocks.get(two);
          if (clock === undefined) return this.skip();
          const line = lineTo(bot, `call ${index}`);
          await line.rings(one);
          await time.pass(1_000);
          clock.set(byMs);
          await time.pass(1_000);
          clock.set(-byMs);
          await time.pass(70_000);
          expect(gone, `set by ${byMs} ms`).to.have.length(1);
          expect(heard(await line.presses(two, 'yes'))).to.equal('recognize“Tea, then?”');
          for (const engine of [one, two]) await engine.close();
        }
      });

      it('is pushed to a line that can be told something unasked, once, under the id of what it says', async () => {
        const pushed: { readonly id: string; readonly body: string }[] = [];
        const pushing = (): ReplyService => ({
          ...stubService({ replyWithinMs: 10_000 }),
          idle: ({ over }) => (over ? 'over' : 'idle'),
          push: (body, { type, operationId }) => ({ id: operationId, operation: { type, operationId }, done: 'sent', request: { body } }),
          send: async ({ id, request }) => (pushed.push({ id, body: request['body'] as string }), { kind: 'taken' }),
        });
        const [one, two] = [await node(hasty, { service: pushing() }), await node(hasty, { service: pushing() })];
        const line = lineTo(hasty);
        await line.rings(one);
        await time.until(() => pushed.length > 0);
        await time.pass(2_000);
        expect(pushed.map(({ id }) => id)).to.deep.equal(['c:2:0']);
        expect(pushed[0]?.body).to.contain('Tea, then?');
        expect(heard(await line.tell(two, [choice('c:2:0', 'yes')]))).to.equal('playPrompt“Bye.” hangup');
      });

      it('breaks off what a command service does, with commands that are each sent once', async () => {
        const { service, heard: sent, sent: sendings } = commandService();
        const [one, two] = [await node(hasty, { service }), await node(hasty, { service })];
        const line = lineTo(hasty);
        await line.rings(one);
        await time.until(() => sendings.length === 1);
        await line.tell(two, [{ type: 'answer.done', operationId: sendings[0]?.id ?? '' }]);
        await time.until(() => sendings.length === 4);
        await time.pass(2_000);
        expect(sent()).to.deep.equal(['answer', 'recognize“Coffee?”', 'break', 'recognize“Tea, then?”']);
        expect(new Set(sendings.map(({ id }) => id)).size).to.equal(4);
      });
    });

    describe('a task', () => {
      it('runs once, on the node that began it, and its result answers the request that waits for it', async () => {
        const { bot, works } = slow();
        const [one] = [await node(bot), await node(bot)];
        const line = lineTo(bot);
        const ringing = line.rings(one);
        await time.until(() => works.length > 0);
        works[0]?.open('noon');
        expect(heard(await ringing)).to.equal('answer recognize“It is noon.”');
        await time.pass(3_000);
        expect(works).to.have.length(1);
      });

      it('that takes long lets the filler out, is not begun by others, and its result rides on the reply that comes next', async () => {
        const { bot, works } = slow();
        const [one, two] = [await node(bot), await node(bot)];
        const line = lineTo(bot, 'c', 2_000);
        const ringing = line.rings(one);
        if (kind === 'in hand') await time.pass(2_000);
        expect(heard(await ringing)).to.equal('answer playPrompt“One moment.”');
        await node(bot); // one that starts takes nothing away
        if (kind === 'in hand') await time.pass(40_000);
        expect(works).to.have.length(1);
        works[0]?.open('noon');
        await time.pass(500);
        expect(heard(await line.heardItAll(two))).to.equal('recognize“It is noon.”');
        expect(works).to.have.length(1);
      });

      it('of one node answers the request that another holds', async () => {
        const { bot, works } = slow();
        const [one, two] = [await node(bot), await node(bot)];
        const line = lineTo(bot, 'c', 2_000);
        const ringing = line.rings(one);
        if (kind === 'in hand') await time.pass(2_000);
        await ringing;
        const asking = line.heardItAll(two);
        let answered = false;
        void asking.then(() => (answered = true));
        await time.pass(500);
        expect(answered).to.equal(false);
        works[0]?.open('noon');
        const from = time.now();
        await time.until(() => answered);
        expect(time.now() - from, 'long before the service loses patience').to.be.lessThan(1_000);
        expect(heard(await asking)).to.equal('recognize“It is noon.”');
      });

      it('of a node that was killed is run by another within three seconds, and its result counts once', async function () {
        const { bot, works } = slow();
        const [one, two] = [await node(bot), await node(bot)];
        const line = lineTo(bot);
        void line.rings(one, 'r'); // nobody will ever hear this one
        await time.until(() => works.length === 1);
        await kill(this, one);
        const from = time.now();
        const retry = line.rings(two, 'r');
        await time.until(() => works.length === 2);
        expect(time.now() - from).to.be.at.most(3_000);
        expect(works[1]?.taskId).to.equal(works[0]?.taskId);
        works[0]?.open('from the dead');
        works[1]?.open('noon');
        expect(heard(await retry)).to.equal('answer recognize“It is noon.”');
        await time.pass(5_000);
        expect(works).to.have.length(2);
      });

      it('of a node that ends is handed over at once, and its caller hears the filler', async () => {
        const { bot, works } = slow();
        const [one, two] = [await node(bot), await node(bot)];
        const line = lineTo(bot);
        const ringing = line.rings(one);
        await time.until(() => works.length === 1);
        await one.close();
        expect(heard(await ringing)).to.equal('answer playPrompt“One moment.”');
        const from = time.now();
        await time.until(() => works.length === 2);
        expect(time.now() - from).to.be.at.most(1_500);
        works[1]?.open('noon');
        await time.pass(500);
        expect(heard(await line.heardItAll(two))).to.equal('recognize“It is noon.”');
      });

      it('of a node that was frozen is run by another; the one that wakes keeps nothing and begins nothing that is not its own', async function () {
        const { bot, works } = slow();
        const [one, two] = [await node(bot), await node(bot)];
        const line = lineTo(bot);
        const ringing = line.rings(one, 'r');
        await time.until(() => works.length === 1);
        const wake = freeze(this, one);
        const retry = line.rings(two, 'r');
        await time.pass(5_000);
        expect(works).to.have.length(2);
        works[1]?.open('noon');
        expect(heard(await retry)).to.equal('answer recognize“It is noon.”');
        works[0]?.open('much later'); // what it was at when it was stopped
        wake();
        await time.pass(3_000);
        expect((await ringing).body, 'what was said elsewhere').to.equal((await retry).body);
        expect(works).to.have.length(2);
        expect(heard(await line.presses(one, 'again'))).to.equal('playPrompt“Bye.” hangup');
      });

      it('after task without end leaves the node and its other calls in peace', async () => {
        let runs = 0;
        const bot = callMachine('restless', {
          initial: 'menu',
          states: {
            menu: recognize({ prompt: 'Well?', choices: { loop: '1', stay: '2' }, on: { loop: 'this', stay: { target: 'menu', reenter: true }, exhausted: 'bye' } }),
            this: task({ run: async () => void (runs += 1), on: { done: 'that', failed: 'bye' } }),
            that: task({ run: async () => void (runs += 1), on: { done: 'this', failed: 'bye' } }),
            bye: hangup('Bye.'),
          },
        });
        const one = await node(bot);
        const [restless, calm] = [lineTo(bot, 'restless', 3_000), lineTo(bot, 'calm')];
        await restless.rings(one);
        await calm.rings(one);
        const looping = restless.presses(one, 'loop');
        expect(heard(await calm.presses(one, 'stay'))).to.equal('recognize“Well?”');
        if (kind === 'in hand') await time.pass(3_000);
        expect(heard(await looping)).to.match(/^playPrompt/);
        expect(heard(await calm.presses(one, 'stay'))).to.equal('recognize“Well?”');
        await restless.hangsUp(one);
        const ran = runs;
        expect(ran).to.be.greaterThan(10).and.lessThan(300);
        await time.pass(1_000);
        expect(runs).to.be.at.most(ran + 1);
      });
    });

    describe('a command', () => {
      it('that says that the caller is not alone is sent by the node that takes up the work of a dead one, as soon as it has it', async function () {
        const { service, heard: told } = commandService({ fillAfterMs: 1_200 });
        const { bot, works } = slow();
        const [one] = [await node(bot, { service }), await node(bot, { service })];
        await lineTo(bot).rings(one);
        await time.until(() => works.length === 1);
        await time.pass(1_000);
        await kill(this, one);
        const from = time.now();
        await time.until(() => told().length > 0);
        expect(told()[0]).to.equal('answer');
        expect(time.now() - from, 'and not after another 1,200 ms').to.be.at.most(2_500);
      });

      it('of a node that was killed is sent again by another, under the same id', async function () {
        const { service, sent } = commandService({ answers: 'by hand' });
        const [one] = [await node(counter, { service }), await node(counter, { service })];
        const line = lineTo(counter);
        await line.rings(one);
        await time.until(() => sent.length === 1);
        await kill(this, one);
        const from = time.now();
        await time.until(() => sent.length === 2);
        expect(time.now() - from).to.be.at.most(3_000);
        expect(sent.map(({ id }) => id)).to.deep.equal(['c:1:0', 'c:1:0']);
      });

      it('is sent by one node alone, whatever others hear of its call, and by one that was frozen under its old id alone', async function () {
        const { service, sent } = commandService({ answers: 'by hand' });
        const [one, two] = [await node(counter, { service }), await node(counter, { service })];
        const line = lineTo(counter);
        await line.rings(one);
        await time.until(() => sent.length === 1);
        await line.tell(two, [{ type: 'call.roster', participants: 2 }]);
        await time.pass(3_000);
        expect(sent).to.have.length(1);
        const wake = freeze(this, one);
        await time.pass(5_000);
        expect(sent.map(({ id }) => id)).to.deep.equal(['c:1:0', 'c:1:0']);
        sent[1]?.answer({ kind: 'taken' });
        await line.tell(two, [{ type: 'answer.done', operationId: 'c:1:0' }]);
        await time.until(() => sent.length === 3);
        wake();
        sent[0]?.answer({ kind: 'taken' });
        await time.pass(3_000);
        expect(sent.map(({ id }) => id)).to.deep.equal(['c:1:0', 'c:1:0', 'c:1:1']);
      });

      it('that two nodes race for is one: an outcome and a hangup make one hangup', async () => {
        const { service, sent } = commandService();
        const [one, two] = [await node(counter, { service }), await node(counter, { service })];
        for (let round = 0; round < 4; round += 1) {
          const line = lineTo(counter, `call ${round}`);
          const ours = () => sent.filter(({ id }) => id.startsWith(`call ${round}:`));
          await line.rings(one);
          await time.until(() => ours().length === 1);
          await line.tell(one, [{ type: 'answer.done', operationId: ours()[0]?.id ?? '' }]);
          await time.until(() => ours().length === 2);
          const outcome = { ...choice(ours()[1]?.id ?? '', 'stop') };
          await Promise.all(round % 2 === 0 ? [line.tell(one, [outcome]), line.hangsUp(two)] : [line.hangsUp(two), line.tell(one, [outcome])]);
          await time.pass(1_000);
          expect(ours().filter(({ name: command }) => command === 'hangup').length).to.be.at.most(1);
          expect(new Set(ours().map(({ id }) => id)).size).to.equal(ours().length);
        }
        expect(details).to.have.length(4);
      });
    });

    describe('data', () => {
      it('that calls on two nodes change at once lose nothing', async function () {
        const visits = userData('visits', t.type({ count: t.number }));
        const bot = callMachine('guestbook', {
          initial: 'remember',
          states: { remember: updateData(visits, { change: (kept) => ({ count: (kept?.count ?? 0) + 1 }), on: { done: 'bye', failed: 'sorry' } }), sorry: hangup('Our book is closed.'), bye: hangup('Bye.') },
        });
        const nodes = [await node(bot), await node(bot)];
        const said = await Promise.all(Array.from({ length: 6 }, (_, index) => lineTo(bot, `call ${index}`).rings(nodes[index % 2]!)));
        for (const reply of said) expect(heard(reply)).to.equal('answer playPrompt“Bye.” hangup');
        if (on.store === undefined) return this.skip();
        expect((await dataIn(on.store).load(visits, { user: '+15550100' })).value).to.deep.equal({ count: 6 });
      });
    });

    describe('a node', () => {
      it('takes no new calls once it drains, and goes on with those on record', async () => {
        const one = await node(counter);
        const [old, young] = [lineTo(counter, 'old'), lineTo(counter, 'young')];
        await old.rings(one);
        one.drain();
        expect(await refusalOf(young.rings(one))).to.equal('ERR_DRAINING');
        expect(heard(await old.presses(one, 'up'))).to.equal('recognize“Count 1.”');
      });

      it('says whether calls can be kept', async function () {
        const one = await node(counter);
        await one.check();
        if (on.fail === undefined) return this.skip();
        const mend = await on.fail();
        expect(await refusalOf(one.check())).to.equal('ERR_STORE_UNAVAILABLE');
        await mend();
        await one.check();
      });

      it('refuses events while nothing can be kept, and takes them afterwards as if nothing had been', async function () {
        const { bot, works } = slow();
        const one = await node(bot);
        const line = lineTo(bot);
        const ringing = line.rings(one);
        let answered = false;
        void ringing.then(() => (answered = true), () => {});
        await time.until(() => works.length === 1);
        if (on.fail === undefined) return this.skip();
        const mend = await on.fail();
        expect(await refusalOf(line.tell(one, [{ type: 'call.roster', participants: 2 }], 'roster'))).to.equal('ERR_STORE_UNAVAILABLE');
        works[0]?.open('noon'); // whose result nobody can keep now
        await time.pass(2_000);
        await mend();
        await time.until(() => answered);
        expect(heard(await ringing)).to.equal('answer recognize“It is noon.”');
        expect(works, 'and that is no reason to do the work again').to.have.length(1);
      });
    });
  });
}
