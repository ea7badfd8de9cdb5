/** Loops, against a search that shares nothing with the check: is there a way back along edges of some events? */
import { expect } from 'chai';
import * as fc from 'fast-check';
import { isCallError } from '../../src/errors.ts';
import { checkFlow } from '../../src/studio/check-flow.ts';
import { readFlow } from '../../src/studio/flow.ts';
import { flowText, type Short } from './flow-text.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const events = { 'say-play': ['audioComplete'], 'gather-input-on-call': ['keypress', 'timeout'], 'make-http-request': ['success', 'failed'], 'set-variables': ['next'], 'connect-call-to': ['callCompleted'] } as const;

/** Flows of five widgets without splits, in which every call is somewhere. */
const flows = fc.tuple(...names.map(() => fc.constantFrom(...(Object.keys(events) as (keyof typeof events)[])).chain((type) =>
  fc.tuple(...events[type].map(() => fc.option(fc.constantFrom(...names)))).map((targets): Short => ({ type, on: Object.fromEntries(events[type].map((event, index) => [event, targets[index] ?? null])), properties: { say: 'Well.' } })),
))).map((widgets) => Object.fromEntries(widgets.map((widget, index) => [names[index] as string, widget])));

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly event: string;
}

const arrows = (flow: Readonly<Record<string, Short>>): readonly Arrow[] => Object.entries(flow).flatMap(([from, { on = {} }]) => Object.entries(on).flatMap(([event, to]) => (to === null ? [] : [{ from, to, event }])));

const reaches = (all: readonly Arrow[], from: string): ReadonlySet<string> => {
  const reached = new Set([from]);
  for (const at of reached) for (const { to, from: start } of all) if (start === at) reached.add(to);
  return reached;
};

/** Whether a call can go round along edges of `allowed`, one of `turning` among them. */
const goesRound = (flow: Readonly<Record<string, Short>>, turning: readonly string[], besides: readonly string[]): boolean => {
  const all = arrows(flow);
  const inCalls = reaches(all, 'a');
  const allowed = all.filter(({ from, to, event }) => inCalls.has(from) && ([...turning, ...besides].includes(event) || (event === 'keypress' && from === to && besides.includes('timeout'))));
  return allowed.some(({ from, to, event }) => turning.includes(event) && reaches(allowed, to).has(from));
};

describe('a loop of a flow', () => {
  it('is found exactly where edges of its kind lead back', function () {
    this.timeout(30_000);
    const counts = { silent: 0, failure: 0, task: 0, idle: 0, none: 0 };
    fc.assert(fc.property(flows, (flow) => {
      const rules = new Set(loopRules(flow));
      const quiet = ['audioComplete', 'next'];
      const expected = {
        silent: goesRound(flow, ['timeout'], [...quiet, 'success']),
        failure: goesRound(flow, ['failed'], [...quiet, 'success', 'timeout']),
        task: goesRound(flow, ['success'], [...quiet, 'callCompleted']),
        idle: goesRound(flow, [...quiet, 'callCompleted'], []),
      };
      expect({ silent: rules.has('silent-loop'), failure: rules.has('failure-loop'), task: rules.has('task-loop'), idle: rules.has('endless') || rules.has('restless') }).to.deep.equal(expected);
      for (const kind of ['silent', 'failure', 'task', 'idle'] as const) if (expected[kind]) counts[kind] += 1;
      if (!Object.values(expected).includes(true)) counts.none += 1;
    }), { numRuns: Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 2_000) });
    for (const [kind, count] of Object.entries(counts)) expect(count, kind).to.be.greaterThan(50);
  });
});

const loopRules = (flow: Readonly<Record<string, Short>>): readonly string[] => {
  try {
    return checkFlow(readFlow(flowText({ incomingCall: 'a' }, flow))).findings.map(({ rule }) => rule);
  } catch (error) {
    if (isCallError(error)) expect.fail(error.message);
    throw error;
  }
};
