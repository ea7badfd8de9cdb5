/** A call that was recorded is had again: every batch to the byte, or the first difference. CALLCHART_FUZZ_RUNS says how many random calls. */
import { logText, replay, type StepEvent } from 'callchart';
import { expect } from 'chai';
import fc from 'fast-check';
import { botOf, botPlan, moves } from '../random-bot.ts';
import { recorded } from './recorded.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 100);

describe('replay', () => {
  it('has random calls again with no difference', function () {
    this.timeout(Math.max(60_000, numRuns * 200));
    let steps = 0;
    fc.assert(
      fc.property(botPlan, moves, (plan, walk) => {
        const machine = botOf(plan);
        const { outcome, at, ...rest } = replay(machine, recorded(machine, walk));
        expect({ outcome, at }).to.deep.equal({ outcome: 'same', at: undefined });
        steps += rest.steps;
      }),
      { numRuns },
    );
    expect(steps).to.be.greaterThan(numRuns);
    if (process.env['CALLCHART_FUZZ_RUNS'] !== undefined) console.log(`       ${numRuns} calls, ${steps} steps`);
  });

  it('has the way of masked random calls again, or says that it cannot tell, and finds no difference', function () {
    this.timeout(Math.max(60_000, numRuns * 200));
    const seen = { same: 0, unexamined: 0, different: 0 };
    fc.assert(
      fc.property(botPlan, moves, (plan, walk) => {
        const machine = botOf(plan);
        const { outcome, at } = replay(machine, recorded(machine, walk, { masked: true, told: withCanary }));
        expect(outcome, JSON.stringify(at)).to.not.equal('different');
        seen[outcome] += 1;
      }),
      { numRuns },
    );
    expect(seen.same, JSON.stringify(seen)).to.be.greaterThan(numRuns * 0.8);
    if (process.env['CALLCHART_FUZZ_RUNS'] !== undefined) console.log(`       ${JSON.stringify(seen)}`);
  });

  it('finds nothing in masked logs of what the caller said, keyed and is', function () {
    this.timeout(Math.max(60_000, numRuns * 200));
    let said = 0;
    fc.assert(
      fc.property(botPlan, moves, (plan, walk) => {
        const machine = botOf(plan);
        const masked = logText(recorded(machine, walk, { masked: true, told: withCanary }));
        expect(masked).to.not.match(canary);
        if (logText(recorded(machine, walk, { told: withCanary })).split('\n').slice(2).some((line) => canary.test(line))) said += 1;
      }),
      { numRuns },
    );
    expect(said, 'there was something to find').to.be.greaterThan(numRuns / 4);
  });
});

const canary = /canary|7419|7,419/i;

/** `event` with a canary in everything that is the caller's. */
const withCanary = (event: StepEvent): StepEvent => {
  if (event.type === 'task') return event.result.type === 'task.failed' ? { ...event, result: { type: 'task.failed', error: { message: 'no canary', code: 'canary' } } } : { ...event, result: { type: 'task.done', output: { name: 'canary', number: 7419, canary: ['7419', { x7419: true }] } } };
  if (event.type !== 'service') return event;
  return {
    ...event,
    events: event.events.map((one) => {
      switch (one.type) {
        case 'call.incoming':
          return { ...one, call: { ...one.call, from: '+canary7419', name: 'Canary', language: 'en-x-canary', conversation: 'canary', headers: { 'x-who': 'canary', 'x-7419': '1' }, participants: [{ id: 'canary', name: 'Canary 7419', originator: true }] } };
        case 'recognize.input':
          if (one.input.kind === 'digits') return { ...one, input: { ...one.input, digits: '7419' } };
          return one.input.kind === 'phrase' && one.input.phrase === 'a word' ? { ...one, input: { ...one.input, phrase: 'my canary is 7419' } } : one;
        case 'record.done':
          return { ...one, recording: { ...one.recording, ref: 'canary7419' } };
        case 'raw.ended':
          return { ...one, fields: { ...one.fields, PaymentToken: 'canary7419' } };
        default:
          return one;
      }
    }),
  };
};
