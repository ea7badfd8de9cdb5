/** A call that was recorded is had again: every batch to the byte, or the first difference. CALLCHART_FUZZ_RUNS says how many random calls. */
import { type CallLog, type CallSnapshot, type LogStep, logStep, logText, readLog, replay, step, type StepEvent } from 'callchart';
import { expect } from 'chai';
import fc from 'fast-check';
import type { AnyStateMachine } from 'xstate';
import { call } from '../line.ts';
import { botOf, botPlan, eventOf, type Move, moves } from '../random-bot.ts';

const numRuns = Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 200);

/** Calls `machine` and goes `walk`, then hangs up; what a server would have written of it, through text. */
const recorded = (machine: AnyStateMachine, walk: readonly Move[]): CallLog => {
  const steps: LogStep[] = [];
  let snapshot: CallSnapshot | undefined;
  let now = 1_000;
  const take = (event: StepEvent): void => {
    now = event.at;
    const before = snapshot;
    const result = step(machine, before, event);
    if (result.ignored) return;
    steps.push(logStep({ event, before, result, failures: result.error === undefined ? [] : [result.error.code], refused: 0 }));
    snapshot = JSON.parse(JSON.stringify(result.snapshot)) as CallSnapshot;
  };
  take({ type: 'service', at: now, events: [{ type: 'call.incoming', call }] });
  for (const move of walk) {
    const event = move.kind === 'xstate' ? undefined : eventOf(move, snapshot!, now + 100); // no service tells these
    if (event !== undefined) take(event);
  }
  take({ type: 'service', at: now + 100, events: [{ type: 'call.ended', reason: 'caller' }] });
  return readLog(logText({ head: { log: 1, bot: machine.id, version: '1', masked: false }, steps }));
};

describe('replay', () => {
  it('has random calls again with no difference', function () {
    this.timeout(Math.max(20_000, numRuns * 100));
    let steps = 0;
    fc.assert(
      fc.property(botPlan, moves, (plan, walk) => {
        const machine = botOf(plan);
        const log = recorded(machine, walk);
        const { outcome, at, ...rest } = replay(machine, log);
        expect({ outcome, at }).to.deep.equal({ outcome: 'same', at: undefined });
        steps += rest.steps;
      }),
      { numRuns },
    );
    expect(steps).to.be.greaterThan(numRuns);
    if (process.env['CALLCHART_FUZZ_RUNS'] !== undefined) console.log(`       ${numRuns} calls, ${steps} steps`);
  });
});
