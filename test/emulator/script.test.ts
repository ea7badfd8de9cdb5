import { expect } from 'chai';
import type { Entry } from '../../src/emulator/index.ts';
import { keysActs, parseScript, parseScriptCall, sayActs, scriptedCaller } from '../../src/emulator/script.ts';
import type { Turn } from '../../src/emulator/caller.ts';
import { type AnyCallError, isCallError } from '../../src/errors.ts';

const errorOf = (run: () => unknown): AnyCallError => {
  try {
    run();
  } catch (error) {
    return isCallError(error) ? error : expect.fail(`not one of ours: ${String(error)}`);
  }
  return expect.fail('nothing was thrown');
};
const rejectionOf = (promise: Promise<unknown>): Promise<AnyCallError> =>
  promise.then(() => expect.fail('nothing was thrown'), (error: unknown) => (isCallError(error) ? error : expect.fail(`not one of ours: ${String(error)}`)));

const turn = (kind: Turn['kind']) => ({ kind, request: {}, signal: new AbortController().signal }) as Turn;
const says = (text: string): Entry => ({ at: 0, who: 'bot', kind: 'says', text });

describe('a script', () => {
  it('has one act a line, and comments of their own', () => {
    expect(parseScript('\uFEFF# a caller\r\n\r\n  press 1 2#  \nsay  sales, please\nsilence\nrecord 7\nrecord 1.5 #\nexpect Good bye\nexpect /bye/i\nhangup\nexpect x')).deep.equal([
      { line: 3, act: 'press', keys: '12#' },
      { line: 4, act: 'say', words: 'sales, please' },
      { line: 5, act: 'silence' },
      { line: 6, act: 'record', recordMs: 7_000 },
      { line: 7, act: 'record', recordMs: 1_500, stop: '#' },
      { line: 8, act: 'expect', pattern: 'Good bye' },
      { line: 9, act: 'expect', pattern: /bye/i },
      { line: 10, act: 'hangup' },
      { line: 11, act: 'expect', pattern: 'x' },
    ]);
    expect(parseScript('press a\nrecord 2 hangup')).deep.equal([{ line: 1, act: 'press', keys: 'A' }, { line: 2, act: 'record', recordMs: 2_000, stop: 'hangup' }]);
    expect(parseScript('')).deep.equal([]);
  });

  for (const [wrong, rule] of [
    ['press', /keys/], ['press 1 # sales', /comment has a line of its own/], ['press 5x', /0-9/], ['say', /words/], ['silence 3', /alone/], ['hangup now', /alone/],
    ['record', /seconds/], ['record 0', /more than 0/], ['record 7 x', /seconds/], ['record -1', /seconds/], ['expect', /expression/], ['expect /(/', /regular expression/],
    ['expect /a/q', /regular expression/], ['expect /a/g', /flags/], ['dial 5', /an act is press, say, silence, record, hangup, wait, task, service, assume or expect/],
    ['wait', /seconds/], ['wait 0', /more than 0/], ['wait ten', /seconds/], ['wait 86401', /at most 86400/], ['task lookup', /path of a state/], ['task done', /path of a state/],
    ['task lookup done {', /not JSON/], ['task lookup failed a b', /path of a state/], ['service', /prompt-failed, done, failed, busy or noanswer/], ['service Busy', /takes/], ['assume menu', /yes or no/], ['assume yes', /yes or no/], ['Press 1', /an act is/], ['hangup\nhangup', /hung up/], ['record 1 hangup\nsilence', /hung up/],
  ] as const) {
    it(`refuses ${JSON.stringify(wrong)} by the number of its line`, () => {
      const error = errorOf(() => parseScript(`# one\nsilence\n${wrong}`));
      expect(error).include({ code: 'ERR_OPTION_INVALID' }).and.deep.include({ details: { option: 'script' } });
      expect(error.message).match(/^line \d of the script: /).and.match(rule);
      expect(error.message).contain(`line ${wrong.includes('\n') ? 4 : 3} `);
    });
  }

  it('says first who calls, where that matters', () => {
    const source = '# a withheld number\n\ncall {"from":"","language":"de-DE"}\npress 1';
    expect(parseScriptCall(source)).deep.equal({ from: '', language: 'de-DE' });
    expect(parseScript(source)).deep.equal([{ line: 4, act: 'press', keys: '1' }]);
    expect(parseScriptCall('press 1')).deep.equal({});
    for (const wrong of ['call', 'call +1555', 'call {"from":1}', 'call {"form":"x"}', 'call []', 'call {"direction":"up"}']) expect(errorOf(() => parseScriptCall(`# one\n${wrong}`)).message, wrong).match(/^line 2 of the script: `call` takes JSON with `from`, `to`,/);
    expect(errorOf(() => parseScript('press 1\ncall {}')).message).equal('line 2 of the script: who calls is said before all acts');
  });

  it('is also made from the options of a command', () => {
    expect(keysActs('1,2#')).deep.equal([{ line: 0, act: 'press', keys: '1' }, { line: 0, act: 'press', keys: '2#' }]);
    expect(sayActs('sales, the shop')).deep.equal([{ line: 0, act: 'say', words: 'sales' }, { line: 0, act: 'say', words: 'the shop' }]);
    expect(errorOf(() => keysActs('1,x')).message).match(/^`press` takes keys/);
    expect(errorOf(() => sayActs('sales,')).code).equal('ERR_OPTION_INVALID');
  });

  it('gives one act a turn, and is silent after the last', async () => {
    const caller = scriptedCaller(parseScript('press 1\nsay help\nsilence\nrecord 2 #\nhangup'));
    const acts = [];
    for (const kind of ['question', 'question', 'question', 'record', 'question', 'question'] as const) acts.push(await caller.next(turn(kind)));
    expect(acts).deep.equal([{ keys: '1' }, { says: 'help' }, 'silence', { recordMs: 2_000, stop: '#' }, 'hangup', 'silence']);
  });

  it('expects what was heard since the last act', async () => {
    const caller = scriptedCaller(parseScript('expect welcome to  ACME\nexpect /^Welcome/\npress 1\nexpect /sales/\nexpect sales\nhangup'));
    caller.hears?.(says('Welcome'));
    caller.hears?.(says('to Acme.'));
    caller.hears?.({ at: 0, who: 'bot', kind: 'asks', text: 'not heard' });
    await caller.next(turn('question'));
    caller.hears?.(says('Here is sales.'));
    expect(await caller.next(turn('question'))).equal('hangup');
    caller.ended?.({ endedBy: 'caller' });
  });

  it('says by line what was expected, and what was heard', async () => {
    const caller = scriptedCaller(parseScript('press 1\nexpect /Welcome/i\npress 2'));
    caller.hears?.(says('Welcome.'));
    await caller.next(turn('question'));
    caller.hears?.(says('Sorry.'));
    const error = await rejectionOf(caller.next(turn('question')));
    expect(error).include({ code: 'ERR_EXPECTATION', message: 'line 2 of the script: expected to hear /Welcome/i, but heard "Sorry."' });
  });

  it('gives its last expectations until the end of the call', async () => {
    const caller = scriptedCaller(parseScript('press 1\nexpect goodbye'));
    await caller.next(turn('question'));
    expect(await caller.next(turn('question'))).equal('silence');
    expect(errorOf(() => scriptedCaller(parseScript('expect hello')).ended?.({ endedBy: 'bot' })).message).contain('but heard nothing');
    caller.hears?.(says('Goodbye!'));
    caller.ended?.({ endedBy: 'bot' });
  });

  it('wants to be played to its end, unless told otherwise', () => {
    const acts = parseScript('press 1');
    expect(errorOf(() => scriptedCaller(acts).ended?.({ endedBy: 'bot' })).message).equal('line 1 of the script: `press`, but the call had ended (by: bot)');
    scriptedCaller(acts, { complete: false }).ended?.({ endedBy: 'bot' });
    scriptedCaller(parseScript('hangup')).ended?.({ endedBy: 'bot' });
    expect(errorOf(() => scriptedCaller(parseScript('hangup\nexpect x')).ended?.({ endedBy: 'bot' })).code).equal('ERR_EXPECTATION');
  });

  it('does not speak a message into a question', async () => {
    const error = await rejectionOf(scriptedCaller(parseScript('record 5')).next(turn('question')));
    expect(error).include({ code: 'ERR_EXPECTATION', message: 'line 1 of the script: `record`, but the bot asks a question' });
  });
});
