/**
 * Survey — three questions after a visit: a mark from 1 to 5, a yes or no, and a comment that may be left out.
 *
 * Whoever has answered within the last 90 days is thanked and asked nothing. Two calls of one caller at the same time are one answer:
 * what is saved second is a conflict. Who hangs up half-way is handed in as incomplete. Replace `handIn`.
 */
import * as t from 'io-ts';
import { assign } from 'xstate';
import { type CallEnd, callMachine, confirm, hangup, loadData, prompt, recognize, record, saveData, userData } from 'callchart';

const Answers = t.type({ mark: t.number, again: t.boolean, comment: t.union([t.string, t.null]) });

/** What is kept of a caller. `comment` is the recording's name in the recordings store. */
export const answered = userData('survey', Answers, { keepMs: 90 * 86_400_000 });

interface Context {
  /** Of what is kept: what has been written since is not overwritten. */
  readonly revision: number;
  readonly mark: number | null;
  readonly again: boolean | null;
  readonly comment: string | null;
  /** Whether all questions were asked, or none, since they had been asked before. */
  readonly stands: 'incomplete' | 'complete' | 'known';
}

/** What was handed in, by call. A table of your own, in earnest. */
export const handedIn = new Map<string, Partial<Context>>();
const handIn = async ({ callId, context: { stands = 'incomplete', ...context } }: CallEnd<Partial<Context>>): Promise<void> => {
  if (stands !== 'known') handedIn.set(callId, { stands, ...context });
};

export default callMachine<Context>()('survey', {
  context: { revision: 0, mark: null, again: null, comment: null, stands: 'incomplete' },
  initial: 'recalling',
  waive: { 'no-person': 'a survey asks, and has nothing to help with' },
  cleanup: handIn,
  states: {
    recalling: loadData(answered, {
      timeoutMs: 5_000,
      on: {
        done: [
          { guard: ({ event }) => event.output.value !== null, target: 'known', actions: assign({ stands: 'known' }) },
          { target: 'welcome', actions: assign({ revision: ({ event }) => event.output.revision }) },
        ],
        outdated: { target: 'known', actions: assign({ stands: 'known' }) }, // answers to an older survey are answers
        failed: 'welcome',
      },
    }),
    welcome: prompt('Thank you for staying at the Harbour Hotel. We have three short questions.', 'mark'),
    mark: recognize({
      prompt: 'How did you like it? Key a mark from 1, not at all, to 5, very much.', digits: { max: 1 },
      validate: ({ digits }) => (/^[1-5]$/.test(digits) ? undefined : 'That is no mark from 1 to 5.'),
      on: { digits: { target: 'again', actions: assign({ mark: ({ event }) => Number(event.digits) }) }, exhausted: 'bye' },
    }),
    again: confirm({
      prompt: 'Would you come again? For yes press 1, for no press 2.',
      on: { yes: { target: 'comment', actions: assign({ again: true }) }, no: { target: 'comment', actions: assign({ again: false }) }, exhausted: 'bye' },
    }),
    comment: recognize({
      prompt: 'To tell us more press 1, to finish press 2.', choices: { more: ['1', 'more', 'tell you more'], finish: '2' },
      on: { more: 'recording', finish: 'saving', exhausted: 'saving' },
    }),
    recording: record({
      prompt: 'Please speak after the tone, and press pound when you are done.', termchars: ['#'], maxMs: 60_000, attempts: 2,
      on: { done: { target: 'saving', actions: assign({ comment: ({ event }) => event.recording.ref }) }, exhausted: 'saving' },
    }),
    saving: {
      ...saveData(answered, {
        document: ({ context: { revision, mark, again, comment } }) => ({ revision, value: { mark: mark ?? 0, again: again ?? false, comment } }), timeoutMs: 5_000,
        on: { done: 'thanks', conflict: { target: 'known', actions: assign({ stands: 'known' }) }, failed: 'thanks' },
      }),
      entry: assign({ stands: 'complete' }),
    },
    thanks: hangup('Thank you, that helps us. Goodbye.'),
    known: hangup('Thank you, we have your answers already. Goodbye.'),
    bye: hangup('Thank you all the same. Goodbye.'),
  },
});
