/** Bots for the calls that are written down, and such calls. @module */
import { callMachine, createcall, hangup, hold, prompt, raw, recognize, task, transfer, unhold } from 'callchart';
import { dial, failing, inTurn, never } from 'callchart/testing';
import type { AnyStateMachine } from 'xstate';
import type { GeneratedCall } from '../../../src/machines/paths/generated-call.ts';
import { usualNow } from '../../../src/machines/paths/usual-call.ts';
import { rehearse, type Rehearsal } from '../../../src/testing/paths/rehearsal.ts';
import { testFile } from '../../../src/testing/paths/test-file.ts';

/** A menu, as everybody has one. */
export const acme = callMachine('acme', {
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'For sales press 1, for support press 2.', choices: { sales: '1', support: '2' }, on: { sales: 'sales', support: 'support', exhausted: 'bye' } }),
    sales: prompt('Sales it is.', { on: { done: 'asking', failed: 'bye' } }),
    asking: recognize({ prompt: 'Which part?', digits: { max: 4, termchars: ['#'] }, on: { digits: 'bye', exhausted: 'bye' } }),
    support: transfer({ to: '+15550123', on: { busy: 'menu', failed: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

/** Looks something up, and once more where that fails; a filler covers what takes long. */
export const shop = callMachine('shop', {
  initial: 'looking',
  filler: 'Still looking.',
  tasks: { lookup: () => ({ eta: 1 }) },
  states: {
    looking: task({ run: 'lookup', timeoutMs: 25_000, on: { done: 'found', failed: 'again', timeout: 'late' } }),
    again: task({ run: 'lookup', timeoutMs: 25_000, on: { done: 'found', failed: 'lost', timeout: 'late' } }),
    found: hangup('Here it is.'),
    lost: hangup('It is lost.'),
    late: hangup('That takes too long.'),
  },
});

/** Somebody is fetched while the caller is on hold, and a verb of the service's own comes last. */
export const desk = callMachine('desk', {
  initial: 'holding',
  states: {
    holding: hold({ audio: 'https://media.example.test/waltz.wav' }, { on: { done: 'back', failed: 'alone' } }),
    back: unhold({ on: { done: 'fetching', failed: 'alone' } }),
    fetching: createcall({ to: '+15550140', on: { done: 'paying', busy: 'alone', noanswer: 'alone', failed: 'alone' } }),
    paying: raw('twilio', { verb: 'Pay', attributes: { chargeAmount: '1.00' }, on: { success: 'paid', failed: 'alone' } }),
    paid: hangup('Paid.'),
    alone: hangup('There is nobody.'),
  },
});

/** A call on paper, of which only that is said which matters. */
export const call = (part: Partial<GeneratedCall>): GeneratedCall => ({ title: 'a call', call: {}, now: usualNow, script: [], heard: [], states: [], ended: 'bot', covers: [], ...part });

/** Runs the test file of `calls` with `bot`, as a runner does: the titles of those that pass, and what the others say. */
export const passed = (bot: AnyStateMachine, calls: readonly Rehearsal[], tested: AnyStateMachine = bot): readonly string[] => {
  const source = testFile(tested, calls, { imports: { bot: './bot.ts' } });
  const [, name = ''] = /^import (\w+) from '\.\/bot\.ts';$/m.exec(source) ?? [];
  const told: string[] = [];
  const it = (title: string, test: () => void): void => {
    try {
      test();
      told.push(title);
    } catch (error) {
      told.push(`${title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const body = source.replace(/^import .*$/gm, '');
  (new Function('dial', 'failing', 'inTurn', 'never', 'describe', 'it', name, body) as (...given: readonly unknown[]) => void)(dial, failing, inTurn, never, (_: string, all: () => void) => all(), it, tested);
  return told;
};

/** The rehearsal of a call that has to come true. @throws where it does not */
export const rehearsed = (bot: AnyStateMachine, part: Partial<GeneratedCall>): Rehearsal => {
  const rehearsal = rehearse(bot, call(part), { wordings: true });
  if (rehearsal.difference !== null) throw new Error(rehearsal.difference);
  return rehearsal;
};
