/**
 * Bot — the bot that the faults are done to: menus, digits, tasks, timers, data of the caller, and a wrap-up. Its context
 * holds the trace of all that it was told, in the order in which that was committed.
 *
 * @module
 */
import * as t from 'io-ts';
import { assign } from 'xstate';
import { callMachine, hangup, play, prompt, recognize, task, updateData, userData } from 'callchart';

/** Who is told what the bot does beside talking: the harness, which writes it down. */
export interface Witness {
  /** The task `taskId` has been done, once more. */
  worked(callId: string, taskId: string): Promise<void>;
  /** The call is over; told at least once, with one id. */
  wrappedUp(callId: string, told: WrapUp): Promise<void>;
}

/** What the bot knows of a call when it is over. */
export interface WrapUp {
  readonly taskId: string;
  readonly reason: string;
  readonly context: unknown;
}

/** The bot's own data. */
export interface Traced {
  readonly trace: readonly string[];
}

/** How often the caller asked for it, in all his calls; each caller of the harness calls once. */
export const keeps = userData('keeps', t.type({ count: t.number }), { keepMs: 3_600_000 });

/** How long the bot's tasks take, and how long it waits, ms. Below the service's patience, but for the long task. */
export const takesMs = { work: 40, long: 1_900, wait: 150, hurry: 250 } as const;

const note = (what: string) => ({ context }: { readonly context: Traced }): readonly string[] => [...context.trace, what];

const working = ({ worked }: Witness, ms: number) => async (_: unknown, { callId, taskId, signal }: { readonly callId: string; readonly taskId: string; readonly signal: AbortSignal }): Promise<string> => {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
  await worked(callId, taskId);
  return taskId;
};

/** What a caller hears when his call cannot go on. */
export const sorry = (version: string): string => `Sorry, says ${version}.`;

const fails = (what: string): never => {
  throw new Error(what);
};

/** The version that calls begin with where nothing else is said. */
export const first = '1';

/** Makes the bot in one of its versions, which differ in what the menu says. */
export const survivor = (witness: Witness, version = first) =>
  callMachine<Traced>()('survivor', {
    version, apology: sorry(version),
    context: { trace: [] },
    initial: 'menu',
    filler: 'One moment.',
    cleanup: async ({ callId, reason, context }, { taskId }) => witness.wrappedUp(callId, { taskId, reason, context }),
    states: {
      menu: recognize({
        prompt: ({ context }) => `Menu ${context.trace.length}${version === first ? '' : ` of ${version}`}.`,
        choices: { code: '1', work: '2', wait: '3', keep: '4', hurry: '5', long: '6', poison: '7', snag: '8', stop: '9' },
        on: {
          code: 'code',
          work: { target: 'work', actions: assign({ trace: note('to work') }) },
          wait: { target: 'wait', actions: assign({ trace: note('to wait') }) },
          keep: 'keep',
          hurry: 'hurry',
          long: 'long',
          poison: 'poison',
          snag: { target: 'menu', guard: () => fails('a guard throws') },
          stop: { target: 'bye', actions: assign({ trace: note('to stop') }) },
          exhausted: { target: 'bye', actions: assign({ trace: note('exhausted') }) },
        },
      }),
      code: recognize({ prompt: 'Code.', digits: { max: 4 }, on: { digits: { target: 'menu', actions: assign({ trace: ({ context, event }) => [...context.trace, `code ${event.digits}`] }) }, exhausted: { target: 'menu', actions: assign({ trace: note('no code') }) } } }),
      work: task({ run: working(witness, takesMs.work), on: { done: { target: 'menu', actions: assign({ trace: ({ context, event }) => [...context.trace, `worked ${event.output}`] }) }, failed: { target: 'menu', actions: assign({ trace: note('work failed') }) } } }),
      long: task({ run: working(witness, takesMs.long), on: { done: { target: 'menu', actions: assign({ trace: ({ context, event }) => [...context.trace, `worked ${event.output}`] }) }, failed: { target: 'menu', actions: assign({ trace: note('work failed') }) } } }),
      wait: { entry: play('Wait.'), after: { [takesMs.wait]: { target: 'menu', actions: assign({ trace: note('waited') }) } } },
      keep: updateData(keeps, {
        change: (kept) => ({ count: (kept?.count ?? 0) + 1 }),
        on: { done: { target: 'menu', actions: assign({ trace: ({ context, event }) => [...context.trace, `kept ${event.output.value?.count}`] }) }, failed: { target: 'menu', actions: assign({ trace: note('not kept') }) } },
      }),
      hurry: {
        ...recognize({ prompt: ({ context }) => `Hurry ${context.trace.length}.`, choices: { again: '1', back: '2' }, on: { again: { target: 'hurry', actions: assign({ trace: note('again') }) }, back: { target: 'menu', actions: assign({ trace: note('back') }) }, exhausted: { target: 'menu', actions: assign({ trace: note('gave up') }) } } }),
        after: { [takesMs.hurry]: { target: 'menu', actions: assign({ trace: note('too late') }) } },
      },
      poison: prompt(() => fails('a prompt throws'), 'menu'),
      bye: hangup('Bye.'),
    },
  });
