/** A log is held against what a log is: the first line that does not fit is named, and nothing that stands there. */
import { callMachine, hangup, isCallError, logText, readLog, recognize, replay } from 'callchart';
import { expect } from 'chai';
import { difference } from '../../../src/machines/log/difference.ts';
import { logOf } from './recorded.ts';
import { call } from '../line.ts';

const acme = callMachine('acme', {
  initial: 'menu',
  states: { menu: recognize({ prompt: 'Sales 1, support 2.', choices: { sales: '1', support: '2' }, on: { sales: 'bye', support: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.') },
});

/** A caller who is silent twice, presses 1 and is hung up. */
const log = logOf(acme, (snapshot, index) => {
  const operationId = snapshot === undefined ? '' : `${call.id}:${snapshot.awaiting?.revision ?? 0}:${(snapshot.awaiting?.types.length ?? 1) - 1}`;
  const at = 1_000 + index;
  if (index === 0) return { type: 'service', at, events: [{ type: 'call.incoming', call }] };
  if (index < 3) return { type: 'service', at, events: [{ type: 'recognize.noinput', operationId }] };
  if (index === 3) return { type: 'service', at, events: [{ type: 'recognize.input', operationId, via: 'dtmf', input: { kind: 'keys', keys: '1' } }] };
  return index === 4 ? { type: 'service', at, events: [{ type: 'hangup.done', operationId }] } : undefined;
});
const lines = logText(log).trimEnd().split('\n');

const whole = (some: readonly (string | undefined)[]): string => some.map((line) => `${line ?? ''}\n`).join('');
const changed = (line: number, change: (text: string) => string): string => whole(lines.map((text, index) => (index === line - 1 ? change(text) : text)));

const refusal = (text: string): { readonly reason: string; readonly line: number; readonly message: string } => {
  try {
    replay(acme, readLog(text));
  } catch (error) {
    if (isCallError(error) && error.code === 'ERR_LOG_INVALID') return { ...error.details, message: error.message };
    throw error;
  }
  throw new Error('it was taken');
};

describe('the log of a call', () => {
  it('is the same read and written again', () => {
    expect(lines).to.have.length(6);
    expect(logText(readLog(whole(lines)))).to.equal(whole(lines));
    expect(readLog(lines.join('\n')), 'without the last newline').to.deep.equal(log);
    expect(readLog(`\uFEFF${lines.join('\r\n')}\r\n`), 'as an editor may save it').to.deep.equal(log);
    expect(replay(acme, log)).to.deep.equal({ masked: false, steps: 5, outcome: 'same', readings: [], ended: 'bot' });
  });

  const damaged: readonly (readonly [what: string, text: string, reason: string, line: number])[] = [
    ['empty', '', 'empty', 1],
    ['blank', ' \n\n', 'empty', 1],
    ['no log at all', 'Dear caller,\n', 'head', 1],
    ['JSON, and no log', '{"hello":1}\n', 'head', 1],
    ['of a later format', changed(1, (text) => text.replace('"log":1', '"log":2')), 'format', 1],
    ['without the name of its bot', changed(1, (text) => text.replace('"bot":"acme",', '')), 'head', 1],
    ['of another bot', changed(1, (text) => text.replace('acme', 'watson')), 'bot', 1],
    ['of another version', changed(1, (text) => text.replace('"version":"1"', '"version":"2"')), 'version', 1],
    ['without its head', whole(lines.slice(1)), 'head', 1],
    ['without its beginning', whole([lines[0], ...lines.slice(2)]), 'missing', 2],
    ['with a line lost', whole(lines.filter((_, index) => index !== 3)), 'missing', 4],
    ['with two lines lost', whole(lines.filter((_, index) => index !== 2 && index !== 3)), 'missing', 3],
    ['with a line twice', whole(lines.flatMap((line, index) => (index === 3 ? [line, line] : [line]))), 'doubled', 5],
    ['with two lines exchanged', whole([...lines.slice(0, 3), lines[4], lines[3], ...lines.slice(5)]), 'order', 4],
    ['with another log behind it', whole([...lines, ...lines]), 'doubled', 7],
    ['cut off within the last line', whole(lines).slice(0, -20), 'truncated', 6],
    ['with a line cut off that another process went on behind', changed(4, (text) => text.slice(0, 30)), 'shape', 4],
    ['with an empty line', whole([...lines.slice(0, 2), '', ...lines.slice(2)]), 'shape', 3],
    ['with a list for a line', changed(3, () => '[]'), 'shape', 3],
    ['without a time', changed(3, (text) => text.replace(/"at":\d+,/, '')), 'shape', 3],
    ['with an event that there is not', changed(3, (text) => text.replace('recognize.noinput', 'recognize.shouted')), 'shape', 3],
    ['with keys that are no text', changed(5, (text) => text.replace('"keys":"1"', '"keys":1')), 'shape', 5],
    ['with an action that there is not', changed(2, (text) => text.replace('"type":"answer"', '"type":"greet"')), 'shape', 2],
    ['with a prompt that is none', changed(2, (text) => text.replace('"text":"Sales 1, support 2."', '"text":null')), 'shape', 2],
    ['without its moves', changed(2, (text) => text.replace('"moves"', '"paces"')), 'shape', 2],
    ['of which the first step brings no call', changed(2, (text) => text.replace('"call.incoming"', '"call.state","state":"x"')), 'shape', 2],
  ];

  for (const [what, text, reason, line] of damaged) {
    it(`is refused ${what}, by line ${line}`, () => {
      const { message, ...details } = refusal(text);
      expect(details).to.deep.equal({ reason, line });
      expect(message).to.match(new RegExp(`^line ${line}: `)).and.not.match(/Sales|\+47|watson|Dear/);
    });
  }

  it('that stops before its call does is no success: what came after it was not examined', () => {
    const { outcome, at, steps } = replay(acme, readLog(whole(lines.slice(0, 4))));
    expect({ outcome, steps, line: at?.line, state: at?.state }).to.deep.equal({ outcome: 'unexamined', steps: 3, line: 4, state: 'menu' });
  });

  it('names the place and not the words of what it finds different', () => {
    const reworded = callMachine('acme', {
      initial: 'menu',
      states: { menu: recognize({ prompt: 'Sales 1, support 2.', choices: { sales: '1', support: '2' }, on: { sales: 'bye', support: 'bye', exhausted: 'bye' } }), bye: hangup('Good evening.') },
    });
    const { outcome, at, steps } = replay(reworded, log);
    expect({ outcome, steps, line: at?.line, state: at?.state, what: at?.what }).to.deep.equal({ outcome: 'different', steps: 3, line: 5, state: 'menu', what: 'action 1 of the batch, `play` of state `bye`, is another in `params.prompts.0.text`' });
    expect(at?.recorded).to.include('Goodbye.');
    expect(at?.replayed).to.include('Good evening.');
  });

  it('names the transition that is another', () => {
    const turned = callMachine('acme', {
      initial: 'menu',
      states: {
        menu: recognize({ prompt: 'Sales 1, support 2.', choices: { sales: '1', support: '2' }, attempts: 2, on: { sales: 'bye', support: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.'),
      },
    });
    const { at } = replay(turned, log);
    expect({ line: at?.line, what: at?.what.split(';')[0] }).to.deep.equal({ line: 4, what: 'the chart went by `acme.menu recognize.noinput 1`, and goes now by `acme.menu recognize.noinput 2`' });
  });

  it('names the actor, or the event, where the transition is the same and what takes it is another', () => {
    const [secondStep = expect.fail()] = log.steps.slice(1);
    const other = (change: object): string | undefined => difference(secondStep, { ...secondStep, moves: secondStep.moves.map((move) => ({ ...move, ...change })) })?.what;
    expect(other({})).to.equal(undefined);
    expect(other({ path: 'login' })).to.equal('the chart went by `acme.menu recognize.noinput 1` in the bot itself, and goes there now in the actor `login`');
    expect(other({ event: 'recognize.nomatch.key' })).to.equal('the chart went by `acme.menu recognize.noinput 1` on `recognize.noinput`, and goes there now on `recognize.nomatch.key`');
  });
});
