/**
 * The same events give the same batches, byte for byte: whether the snapshot went through JSON in between, was handed on as
 * it is, or a live actor was kept. CALLCHART_FUZZ_RUNS says how many bots are tried.
 */
import { callMachine, type CallSnapshot, compose, hangup, isCallError, openRun, prompt, recognize, type Run, type ServiceEvent, step, type StepEvent, type StepResult } from 'callchart';
import { expect } from 'chai';
import fc from 'fast-check';
import type { AnyStateMachine } from 'xstate';
import { call, operation } from './line.ts';
import { botOf, botPlan, eventOf, moves } from './random-bot.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 400);

/** What of a result has to be the same: the batch to the byte, and all the rest but for the order of keys. */
const same = ({ error, batch, ...rest }: StepResult): string =>
  JSON.stringify(batch) + JSON.stringify({ ...rest, error: error && { code: error.code, details: error.details, message: error.message } }, (_, value: unknown) => (isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value));

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

const throughJson = (snapshot: CallSnapshot): CallSnapshot => JSON.parse(JSON.stringify(snapshot)) as CallSnapshot;

/** The three ways to go from step to step. */
const ways = (machine: AnyStateMachine): readonly ((before: CallSnapshot | undefined, event: StepEvent) => StepResult)[] => {
  let plain: CallSnapshot | undefined;
  let live: Run | undefined = openRun(machine, call);
  return [
    (before, event) => step(machine, before && throughJson(before), event),
    (_, event) => {
      const result = step(machine, plain, event);
      plain = result.snapshot;
      return result;
    },
    (before, event) => {
      live ??= openRun(machine, call, before?.machine ?? undefined);
      const result = step(machine, before, event, live);
      if (result.error !== undefined || result.snapshot.ended !== null) live = undefined;
      return result;
    },
  ];
};

const seen = { steps: 0, dialog: 0, nested: 0, sameStepDialog: 0, parallel: 0, history: 0, timer: 0, task: 0, exception: 0, parked: 0, held: 0, filler: 0, ended: 0 };

const count = (before: CallSnapshot | undefined, event: StepEvent, result: StepResult): void => {
  const add = (name: keyof typeof seen, happened: boolean): void => {
    if (happened) seen[name] += 1;
  };
  const { trail, snapshot, error, ignored, holds } = result;
  const children = (one: CallSnapshot | undefined): string => Object.keys((one?.machine as { readonly children?: object } | null)?.children ?? {}).join();
  add('steps', true);
  add('dialog', trail.some((state) => state.includes('/')));
  add('nested', trail.some((state) => state.split('/').length > 2));
  add('sameStepDialog', children(before) === '' && children(snapshot) === '' && error === undefined && trail.some((state) => state.includes('/')));
  add('parallel', trail.some((state) => state.includes('+')));
  add('history', Object.keys((before?.machine as { readonly historyValue?: object } | null)?.historyValue ?? {}).length > 0 && !ignored);
  add('timer', event.type === 'timer' && !ignored);
  add('task', event.type === 'task' && !ignored);
  add('exception', error?.code === 'ERR_BOT_THREW');
  add('parked', snapshot.parked.length > 0);
  add('held', holds);
  add('filler', snapshot.awaiting?.filler === true);
  add('ended', snapshot.ended !== null);
};

/** What holds after every step, whatever the bot. */
const holdsAlways = (machine: AnyStateMachine, before: CallSnapshot | undefined, event: StepEvent, result: StepResult, ids: Set<string>): void => {
  const { snapshot, batch, ignored, holds, tasks, timers } = result;
  const answered = before?.answered ?? false;
  expect(compose(batch, { answered, over: false }).map(({ type }) => type), 'a legal batch').to.deep.equal(batch.map(({ type }) => type));
  for (const { operationId } of batch) {
    expect(ids.has(operationId), `${operationId} is new`).to.equal(false);
    ids.add(operationId);
  }
  expect(tasks, 'the tasks of the snapshot').to.deep.equal(snapshot.tasks);
  expect(timers, 'the timers of the snapshot').to.deep.equal(snapshot.timers);
  expect(new Set(tasks.map(({ id }) => id)).size, 'task ids').to.equal(tasks.length);
  if (before !== undefined && before.ended !== null) {
    expect(batch, 'nothing after the end').to.deep.equal([]);
    expect(snapshot.ended, 'one end').to.equal(before.ended);
    return;
  }
  if (ignored) expect(snapshot, 'an ignored event changes nothing').to.deep.equal(before);
  else expect(snapshot.revision, 'one revision a step').to.equal((before?.revision ?? 0) + 1);
  if (snapshot.ended !== null) {
    expect({ batch, timers, awaiting: snapshot.awaiting, parked: snapshot.parked }, 'the end').to.deep.equal({ batch: [], timers: [], awaiting: null, parked: [] });
    return;
  }
  const pending = tasks.length > 0 || timers.length > 0;
  if (holds) expect(pending && batch.length === 0, 'a reply is held for something').to.equal(true);
  if (snapshot.awaiting === null) expect(step(machine, snapshot, { type: 'reply.due', at: event.at }).batch, 'the call is never left in dead air').to.not.deep.equal([]);
  const replied = event.type === 'service' && event.events.some(({ type }) => 'operationId' in event && type !== 'batch.refused');
  if (replied && !ignored) expect(batch.length > 0 || holds || snapshot.awaiting !== null, 'a reply or a reason').to.equal(true);
};

describe('step', () => {
  it('gives the same batches and the same snapshots through JSON, without it, and with a live actor', function () {
    this.timeout(Math.max(60_000, numRuns * 100));
    fc.assert(
      fc.property(botPlan, moves, (plan, walk) => {
        const machine = botOf(plan);
        const [json, plain, live] = ways(machine);
        const ids = new Set<string>();
        let now = 1_000;
        let snapshot: CallSnapshot | undefined;
        const take = (event: StepEvent): void => {
          now = event.at;
          const result = json!(snapshot, event);
          const expected = same(result);
          expect(same(plain!(snapshot, event)), 'without JSON').to.equal(expected);
          expect(same(live!(snapshot, event)), 'with a live actor').to.equal(expected);
          const kept = throughJson(result.snapshot);
          const before = snapshot;
          count(before, event, result);
          holdsAlways(machine, before, event, { ...result, snapshot: kept, tasks: kept.tasks, timers: kept.timers }, ids);
          snapshot = kept;
        };
        take({ type: 'service', at: now, events: [{ type: 'call.incoming', call }] });
        let late = 0;
        for (const move of walk) {
          if (snapshot!.ended !== null && (late += 1) > 2) break;
          const event = eventOf(move, snapshot!, now + 100);
          if (event !== undefined) take(event);
        }
      }),
      { numRuns },
    );
    if (numRuns >= 200) for (const [what, times] of Object.entries(seen)) expect(times, `${what} occurred, in ${JSON.stringify(seen)}`).to.be.greaterThan(0);
    if (process.env['CALLCHART_FUZZ_RUNS'] !== undefined) console.log('      ', JSON.stringify(seen));
  });

  const acme = callMachine('acme', {
    initial: 'hi',
    states: { hi: prompt('Hi.', 'menu'), menu: recognize({ prompt: 'Hm?', choices: { a: '1', b: 'bee' }, on: { a: 'menu', b: 'bye', exhausted: 'bye' } }), bye: hangup('Bye.') },
  });
  const known = ['call.incoming', 'call.ended', 'call.state', 'call.roster', 'batch.refused', 'recognize.input', 'recognize.nomatch', 'recognize.failed', 'record.done', 'record.failed', 'play.done', 'play.failed', 'hangup.done', 'hangup.failed', 'reject.done', 'answer.failed', 'transfer.done', 'hold.done', 'unhold.failed', 'createcall.done', 'raw.ended', 'raw.failed'];
  const garbage = fc.record(
    {
      type: fc.oneof(fc.constantFrom(...known), fc.constantFrom('xstate.init', 'xstate.stop', 'xstate.done.actor.x', '*', 'recognize.*', '__proto__', 'constructor', ''), fc.string()),
      operationId: fc.oneof(fc.constantFrom('#', 'c1:1:0', 'c1:1:2', 'c1:0:0'), fc.anything()),
      input: fc.oneof(fc.record({ kind: fc.constantFrom('choice', 'keys', 'phrase', 'digits', 'x'), name: fc.anything(), keys: fc.anything(), phrase: fc.anything(), digits: fc.anything(), by: fc.anything() }), fc.anything()),
      via: fc.anything(), by: fc.anything(), reason: fc.anything(), cause: fc.anything(), recording: fc.anything(), state: fc.anything(), participants: fc.anything(), ending: fc.oneof(fc.constantFrom('success', '__proto__', '*'), fc.anything()), fields: fc.anything(),
    },
    { requiredKeys: ['type'] },
  );

  it('makes a call, or one of our own errors, of whatever a service tells', () => {
    fc.assert(
      fc.property(fc.array(fc.array(garbage, { maxLength: 3 }), { maxLength: 6 }), fc.boolean(), (told, begins) => {
        let snapshot = begins ? step(acme, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call }] }).snapshot : undefined;
        for (const events of told) {
          const meant = events.map((event) => (event.operationId === '#' && snapshot !== undefined && snapshot.awaiting !== null ? { ...event, operationId: operation(snapshot) } : event));
          try {
            const result = step(acme, snapshot, { type: 'service', at: 2, events: meant as readonly ServiceEvent[] });
            for (const state of result.trail) expect(state).to.be.oneOf(['hi', 'menu', 'bye', 'ended']);
            if (snapshot !== undefined && snapshot.ended !== null) expect(result.batch).to.deep.equal([]);
            snapshot = result.snapshot;
          } catch (error) {
            if (!isCallError(error)) throw error;
            expect(error.code).to.equal('ERR_CALL_UNKNOWN');
            expect(snapshot).to.equal(undefined);
          }
        }
      }),
      { numRuns },
    );
  });
});
