/** What a caller does, as data and as text: the one comes back from the other. */
import { parseScript } from 'callchart/emulator';
import { expect } from 'chai';
import fc from 'fast-check';
import { type CallerScript, type ScriptAct, scriptText } from '../../../src/machines/check/caller-script.ts';

const keys = fc.array(fc.constantFrom(...'0123456789*#ABCD'), { minLength: 1, maxLength: 6 }).map((some) => some.join(''));
/** Words, and names of states, in any language: without line breaks, and without a space at an end. */
const words = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).map((word) => word.replace(/\s/gu, '')).filter((word) => word !== ''), { minLength: 1, maxLength: 3 }).map((some) => some.join(' '));
const name = fc.oneof(fc.constantFrom('menu', 'order.size', 'pin/ask', 'größe 尺寸', 'please wait', 'done', 'all done', 'is done now', 'failed once'), words);

const act: fc.Arbitrary<ScriptAct> = fc.oneof(
  fc.record({ act: fc.constant('press' as const), keys }),
  fc.record({ act: fc.constant('say' as const), words }),
  fc.constant({ act: 'silence' } as const),
  fc.record({ act: fc.constant('record' as const), recordMs: fc.integer({ min: 1, max: 3_600_000 }) }),
  fc.record({ act: fc.constant('record' as const), recordMs: fc.integer({ min: 1, max: 3_600_000 }), stop: fc.constantFrom(...(['#', '*', '0', 'A'] as const)) }),
  fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 86_400_000 }) }),
  fc.record({ act: fc.constant('task' as const), path: name, done: fc.oneof(fc.jsonValue(), fc.constantFrom('it is done', 'line\u2028break', ' done 1')).map((value): unknown => JSON.parse(JSON.stringify(value))) }),
  fc.record({ act: fc.constant('task' as const), path: name, failed: fc.constantFrom('', 'ERR_TASK_TIMEOUT', 'E_BUSY', 'done') }),
  fc.record({ act: fc.constant('service' as const), outcome: fc.constant('done' as const), ending: fc.constantFrom('success', 'validation-error') }),
  fc.record({ act: fc.constant('service' as const), outcome: fc.constantFrom(...(['prompt-failed', 'done', 'failed', 'busy', 'noanswer'] as const)) }),
  fc.record({ act: fc.constant('assume' as const), guard: fc.tuple(name, fc.constantFrom('recognize.choice.sales 1', 'always 2.1', 'after.5000 1', 'invoke.onDone 3')).map((parts) => parts.join(' ')), holds: fc.boolean() }),
);

const last: fc.Arbitrary<CallerScript> = fc.constantFrom<CallerScript>([], [{ act: 'hangup' }], [{ act: 'record', recordMs: 3_000, stop: 'hangup' }]);

/** The acts that `text` says, without the numbers of their lines. */
const read = (text: string): readonly unknown[] => parseScript(text).map((one) => Object.fromEntries(Object.entries(one).filter(([property]) => property !== 'line')));

describe('a caller’s script', () => {
  it('comes back from its text, whatever the caller does', () => {
    fc.assert(fc.property(fc.array(act, { maxLength: 8 }), last, (acts, end) => {
      const script = [...acts, ...end];
      expect(read(scriptText(script))).to.deep.equal(script);
      expect(scriptText(read(scriptText(script)) as CallerScript)).to.equal(scriptText(script));
    }), { numRuns: 500 });
  });

  it('has a line for each act, which its number counts', () => {
    const text = scriptText([{ act: 'press', keys: '12#' }, { act: 'silence' }, { act: 'wait', ms: 1_500 }, { act: 'hangup' }]);
    expect(text).to.equal('press 12#\nsilence\nwait 1.5\nhangup\n');
    expect(parseScript(text).map(({ line }) => line)).to.deep.equal([1, 2, 3, 4]);
  });

  it('of nobody who does anything is empty', () => {
    expect(scriptText([])).to.equal('');
    expect(parseScript('')).to.deep.equal([]);
  });
});
