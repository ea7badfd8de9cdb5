/**
 * Voicemail — takes a message of up to two minutes, and hands it over when the call has ended, however it has ended.
 *
 * A message ends by pound, by silence or by hanging up. The caller may keep it, record it again or cancel it; who says nothing, or hangs
 * up, keeps it. Replace `deliver`: a message is known by the `ref` of its recording, and `onRecording` of the server is told of that `ref` when the
 * bytes are there, which on some services is minutes after the call. It is run again with the same call when the process dies before it is done; what else may go wrong with it (a mail server that is down) it has to try again itself.
 */
import { assign } from 'xstate';
import { callMachine, type CallEnd, hangup, prompt, recognize, record, type Recording } from 'callchart';

interface Context {
  readonly from: string;
  /** What is handed over: the latest message that is not cancelled. */
  readonly message: Recording | null;
}

/** What has been handed over, by call. A row of a database in earnest, beside which `onRecording` puts the file. */
export const delivered = new Map<string, { readonly from: string; readonly message: Recording }>();
const deliver = async ({ callId, context: { from = '', message = null } }: CallEnd<Partial<Context>>): Promise<void> => {
  if (message !== null) delivered.set(callId, { from, message });
};

export default callMachine<Context>()('voicemail', {
  context: ({ input }) => ({ from: input.from, message: null }),
  initial: 'greeting',
  cleanup: deliver,
  states: {
    greeting: prompt('You have reached Miller Plumbing. We are out on a job.', 'recording'),
    recording: record({
      prompt: 'Please leave a message after the tone, and press pound when you are done.', termchars: ['#'], maxMs: 120_000, finalSilenceMs: 4_000, attempts: 2, noinput: 'I did not hear anything.',
      on: {
        done: { target: 'keeping', actions: assign({ message: ({ event }) => event.recording }) },
        maxspeech: { target: 'full', actions: assign({ message: ({ event }) => event.recording }) },
        exhausted: [{ guard: ({ context }) => context.message !== null, target: 'kept' }, 'nothing'],
      },
    }),
    full: prompt('That was as long as a message can be.', 'keeping'),
    keeping: recognize({
      prompt: 'To keep your message press 1, to record it again press 2, to cancel it press 3.',
      choices: { keep: ['1', 'keep', 'keep it'], again: ['2', 'again', 'record again'], cancel: ['3', 'cancel', 'cancel it'] }, attempts: 2,
      on: { keep: 'kept', again: 'recording', cancel: { target: 'cancelled', actions: assign({ message: null }) }, exhausted: 'kept' },
    }),
    kept: hangup('Thank you. We listen to it today. Goodbye.'),
    cancelled: hangup('Your message is gone. Goodbye.'),
    nothing: hangup('I have no message from you. Please call again. Goodbye.'),
  },
});
