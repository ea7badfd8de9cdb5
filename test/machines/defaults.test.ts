/** Defaults for all questions of a bot. */
import { assign } from 'xstate';
import { type Batch, callMachine, dialog, hangup, isCallError, questions } from 'callchart';
import { dial } from 'callchart/testing';
import { expect } from 'chai';

const { recognize, confirm, record, waterfall } = questions({
  timeoutMs: 8_000, interdigitMs: 2_000, attempts: 2, bargein: false, culture: 'en-GB', noinput: 'Are you there?', nomatch: ['Pardon?'], record: { maxMs: 60_000, attempts: 1, beep: false },
});

const bot = callMachine<{ readonly size: string }>()('bot', {
  context: { size: '' },
  initial: 'size',
  states: {
    size: recognize({ prompt: 'Size?', choices: { large: '1', small: '2' }, on: { large: { target: 'sure', actions: assign({ size: ({ event }) => event.type }) }, small: 'sure', exhausted: 'bye' } }),
    sure: confirm({ prompt: 'Sure?', attempts: 3, timeoutMs: 4_000, bargein: true, noinput: 'Yes or no?', on: { yes: 'message', no: 'size', exhausted: 'bye' } }),
    message: record({ prompt: 'Speak.', maxMs: 30_000, on: { done: 'bye', exhausted: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

/** What was asked of the service last. */
const asked = ({ lastBatch }: { readonly lastBatch: Batch }): object | undefined => lastBatch.at(-1)?.params;

describe('defaults of questions', () => {
  it('hold for a question that says nothing else', () => {
    dial(bot).hears('Size?').staysSilent().hears('Are you there? Size?').staysSilent().hears('Goodbye').isHungUp();
    dial(bot).hears('Size?').presses('7').hears('Pardon? Size?').presses('7').hears('Goodbye');
    expect(asked(dial(bot))).include({ timeoutMs: 8_000, interdigitMs: 2_000, bargein: false, culture: 'en-GB' });
  });

  it('yield to what a question says itself', () => {
    const caller = dial(bot).presses('1').hears('Sure?');
    expect(asked(caller)).include({ timeoutMs: 4_000, interdigitMs: 2_000, bargein: true });
    caller.staysSilent().hears('Yes or no? Sure?').presses('7').hears('Pardon? Sure?').staysSilent().hears('Goodbye');
  });

  it('hold for a recording where it has the option, after what is said of recordings alone', () => {
    const caller = dial(bot).presses('1').presses('1').hears('Speak.');
    expect(asked(caller)).include({ timeoutMs: 8_000, maxMs: 30_000, beep: false });
    caller.staysSilent().hears('Goodbye').isHungUp();
  });

  it('hold for the questions of a waterfall', () => {
    const poll = waterfall('poll').ask('age', { prompt: 'Young or old?', choices: { young: '1', old: '2' } }).confirm('sure', { prompt: 'Sure?', noinput: 'Yes or no?' }).end();
    const asking = callMachine('asking', { initial: 'poll', states: { poll: dialog(poll, { on: { done: 'bye' } }), bye: hangup('Goodbye.') } });
    dial(asking).staysSilent().hears('Are you there? Young or old?').presses('1').hears('Sure?').staysSilent().hears('Yes or no? Sure?').staysSilent().hears('Goodbye').isHungUp();
  });

  it('hold for the recordings of a waterfall, after what is said of recordings alone', () => {
    const memo = waterfall('memo').record('message', { prompt: 'Speak.', maxMs: 30_000 }).end();
    const caller = dial(callMachine('asking', { initial: 'memo', states: { memo: dialog(memo, { on: { done: 'bye' } }), bye: hangup('Goodbye.') } })).hears('Speak.');
    expect(asked(caller)).include({ timeoutMs: 8_000, maxMs: 30_000, beep: false });
    caller.staysSilent().hears('Goodbye').isHungUp();
  });

  it('leave the makers typed as they were', () => {
    const made = () =>
      callMachine('typed', {
        initial: 'menu',
        states: {
          // @ts-expect-error: an outcome is not handled
          menu: recognize({ choices: { a: '1', b: '2' }, on: { a: 'bye', exhausted: 'bye' } }),
          bye: hangup(),
        },
      });
    expect(made).to.throw('state `menu`: outcome `b` is not handled');
    // @ts-expect-error: a misspelt default
    expect(() => questions({ timeout: 5 })).to.throw('timeoutMs');
  });

  it('are looked at when they are given', () => {
    try {
      questions({ atempts: 2, timeoutMs: -1, choices: {}, record: { nomatch: 'Pardon?', beep: 'yes' } } as never);
    } catch (error) {
      expect(isCallError(error) && error.code === 'ERR_BOT_INVALID' && error.details.problems).eql([
        'option `atempts` does not exist; did you mean `attempts`?', '`timeoutMs` is not a time in milliseconds', 'option `choices` does not exist',
        'record: option `nomatch` does not exist', 'record: `beep` is neither true nor false',
      ]);
      return;
    }
    expect.fail('they were taken');
  });
});
