/**
 * Step — microseconds a `step`, of a flat bot and of one whose question is in a dialog within a dialog; with the call's
 * actor kept alive, and restored from JSON and written back to it, as an engine does for a call that it does not keep.
 *
 * For scale, the flat bot by hand: a `switch` that makes the same batch. Run with `npm run bench -- step`, or after a build
 * with `node --import tsx bench/step.ts [--json] [--quick]`. Batches of all contestants are interleaved.
 *
 * @module
 */
import { assign } from 'xstate';
import { type CallSnapshot, callMachine, dialog, dialogMachine, hangup, openRun, operationId, prompt, recognize, step, type StepEvent } from 'callchart';
import { isQuick, report, shown, type Spread, spread, table } from './figures.ts';

type Machine = Parameters<typeof step>[0];

const batches = isQuick ? 7 : 41;
const stepsPerBatch = isQuick ? 200 : 500;

const input = { id: '0f3c9a52-6d0b-4f0e-9a55-0c6f3c1f3b0e', from: '8:caller.one', to: '28:the-bot', direction: 'inbound', headers: {} } as const;
const choices = { again: '1', other: '2' } as const;

/** Twelve states; each answer counts, says so, and asks again. */
const flat = callMachine<{ readonly count: number }>()('flat', {
  context: { count: 0 },
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'Once more, press 1.', choices, on: { again: { target: 'counted', actions: assign({ count: ({ context }) => context.count + 1 }) }, other: 'a', exhausted: 'bye' } }),
    counted: prompt(({ context }) => `That was number ${context.count}.`, 'menu'),
    a: prompt('A', 'b'), b: prompt('B', 'c'), c: prompt('C', 'd'), d: prompt('D', 'e'), e: prompt('E', 'f'), f: prompt('F', 'g'), g: prompt('G', 'h'), h: prompt('H', 'menu'),
    bye: hangup('Goodbye.'),
  },
});

const inner = dialogMachine()('inner', {
  initial: 'ask',
  states: {
    ask: recognize({ prompt: 'Once more, press 1.', choices, on: { again: 'said', other: 'out', exhausted: 'out' } }),
    said: prompt('Once more it is.', 'ask'),
    out: { type: 'final' },
  },
});
const outer = dialogMachine()('outer', { initial: 'run', states: { run: dialog(inner, { on: { done: 'out' } }), out: { type: 'final' } } });
const nested = callMachine('nested', { initial: 'run', states: { run: dialog(outer, { on: { done: 'bye' } }), bye: hangup('Goodbye.') } });

const incoming: StepEvent = { type: 'service', at: 1, events: [{ type: 'call.incoming', call: input }] };

const pressed = ({ awaiting }: CallSnapshot): StepEvent => {
  if (awaiting?.types.at(-1) !== 'recognize') throw new Error('the call waits for no answer');
  return { type: 'service', at: 2, events: [{ type: 'recognize.input', operationId: operationId(input.id, awaiting.revision, awaiting.types.length - 1), input: { kind: 'choice', name: 'again' }, via: 'dtmf' }] };
};

/** A function that takes one more step of the same call. */
type Walk = () => void;

/** A step that counts: one that was ignored costs next to nothing, and says nothing. */
const taken = (...of: Parameters<typeof step>): CallSnapshot => {
  const { snapshot, ignored, batch } = step(...of);
  if (ignored || batch.length === 0) throw new Error('the step did nothing');
  return snapshot;
};

const live = (machine: Machine): Walk => {
  const run = openRun(machine, input);
  let snapshot = taken(machine, undefined, incoming, run);
  return () => {
    snapshot = taken(machine, snapshot, pressed(snapshot), run);
  };
};

const restored = (machine: Machine): Walk => {
  let text = JSON.stringify(taken(machine, undefined, incoming));
  return () => {
    const snapshot = JSON.parse(text) as CallSnapshot;
    text = JSON.stringify(taken(machine, snapshot, pressed(snapshot)));
  };
};

interface Hand {
  readonly state: 'menu' | 'bye';
  readonly count: number;
  readonly revision: number;
}

const hand = (call: Hand, event: string): { readonly call: Hand; readonly batch: readonly object[] } => {
  const revision = call.revision + 1;
  const id = (index: number): string => `${input.id}:${revision}:${index}`;
  switch (event) {
    case 'again': {
      const count = call.count + 1;
      return {
        call: { state: 'menu', count, revision },
        batch: [
          { type: 'play', operationId: id(0), params: { prompts: [{ text: `That was number ${count}.` }] } },
          { type: 'recognize', operationId: id(1), params: { prompts: [{ text: 'Once more, press 1.' }], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, choices: [{ name: 'again', key: '1', phrases: ['again'] }, { name: 'other', key: '2', phrases: ['other'] }] } },
        ],
      };
    }
    default:
      return { call: { ...call, state: 'bye', revision }, batch: [{ type: 'hangup', operationId: id(0), params: {} }] };
  }
};

let kept: unknown;
const handLive = (): Walk => {
  let call: Hand = { state: 'menu', count: 0, revision: 1 };
  return () => {
    const next = hand(call, 'again');
    call = next.call;
    kept = next.batch;
  };
};
const handRestored = (): Walk => {
  let text = JSON.stringify({ state: 'menu', count: 0, revision: 1 } satisfies Hand);
  return () => {
    const next = hand(JSON.parse(text) as Hand, 'again');
    text = JSON.stringify(next.call);
    kept = next.batch;
  };
};

const walks: readonly { readonly name: string; readonly fresh: () => Walk }[] = [
  { name: 'by hand', fresh: handLive },
  { name: 'by hand, with JSON', fresh: handRestored },
  { name: 'flat, live', fresh: () => live(flat) },
  { name: 'flat, restored', fresh: () => restored(flat) },
  { name: 'nested 2 deep, live', fresh: () => live(nested) },
  { name: 'nested 2 deep, restored', fresh: () => restored(nested) },
];

const took = (walk: Walk): number => {
  const began = process.hrtime.bigint();
  for (let count = 0; count < stepsPerBatch; count += 1) walk();
  return Number(process.hrtime.bigint() - began) / 1_000 / stepsPerBatch;
};

for (const { fresh } of walks) for (let count = 0; count < 4; count += 1) took(fresh());
const times = walks.map((): number[] => []);
for (let batch = 0; batch < batches; batch += 1) walks.forEach(({ fresh }, index) => times[index]!.push(took(fresh())));
if (kept === undefined) throw new Error('nothing was made by hand');

const rows: readonly { readonly name: string; readonly microseconds: Spread }[] = walks.map(({ name }, index) => ({ name, microseconds: spread(times[index]!) }));
report(
  { name: 'step', batches, stepsPerBatch, rows },
  `${table([['', 'µs/step'], ...rows.map(({ name, microseconds }) => [name, shown(microseconds)])])}\nmedians (min–max) of ${batches} interleaved batches of ${stepsPerBatch} steps`,
);
