/** What is kept of a call: nothing is lost by being written in few words. */
import { assign } from 'xstate';
import { expect } from 'chai';
import { callMachine, dialog, dialogMachine, hangup, hold, prompt, recognize, step, task } from 'callchart';
import { eventHash, readRecord, writeRecord } from '../../src/transport/record.ts';
import { ring } from '../machines/line.ts';

const pin = dialogMachine<{ tries: number }, undefined, string>()('pin', {
  context: { tries: 0 },
  initial: 'ask',
  states: {
    ask: recognize({ prompt: 'Pin?', digits: { max: 4 }, on: { digits: { target: 'out', actions: assign({ tries: 1 }) }, exhausted: 'out' } }),
    out: { type: 'final', output: 'x' },
  },
});

const bot = callMachine<{ n: number }>()('bot', {
  context: { n: 0 },
  initial: 'menu',
  cleanup: () => null,
  states: {
    menu: { ...recognize({ prompt: 'Hm?', choices: { pin: '1', deep: '2', work: '3', out: '4' }, on: { pin: 'pin', deep: 'deep', work: 'work', out: 'bye', exhausted: 'bye' } }), after: { 60_000: 'bye' } },
    pin: dialog(pin, { on: { done: 'menu' } }),
    deep: { initial: 'a', states: { a: prompt('A', 'b'), b: { on: { 'play.done': '#bot.aside' }, entry: { type: 'play', params: { prompts: [{ text: 'B' }] } } }, memory: { type: 'history' } } },
    aside: recognize({ choices: { back: '1' }, on: { back: 'deep.memory', exhausted: 'bye' } }),
    work: task({ run: () => 1, input: { x: [1, null] }, on: { done: 'menu', failed: 'bye' } }),
    bye: hangup('Bye.'),
  },
});

const kept = { heardAt: 1, begunAt: 1, answeredAt: 1, askedAgain: 0, tasksBegun: 0, leasedBy: {}, chain: undefined, seen: eventHash('a'), memory: {}, outbox: [], replies: [{ id: eventHash('a'), body: 'naïve\n“☎”' }, { id: eventHash('b'), body: null }] };

describe('the record of a call', () => {
  it('has who else is on the line once, and the bot reads them after a restart as before', () => {
    const choir = callMachine('choir', {
      initial: 'greet',
      states: {
        greet: recognize({ prompt: 'Hm?', choices: { on: '1' }, on: { on: 'tell', exhausted: 'tell' } }),
        tell: hangup(({ context: { call } }) => `${call.participants?.map(({ name = '?' }) => name).join(', ')} in ${call.conversation}`),
      },
    });
    const call = { id: 'c', from: 'a', to: 'b', direction: 'inbound', headers: {}, conversation: '19:choir', participants: [{ id: 'a', name: 'Mona', originator: true }, { id: 'b' }, { id: 'd', name: 'Per' }] } as const;
    const first = step(choir, undefined, { type: 'service', at: 1, events: [{ type: 'call.incoming', call }] });
    const text = writeRecord({ ...kept, snapshot: first.snapshot });
    expect(text.split('Mona')).to.have.length(2);
    const { snapshot } = readRecord(text);
    const operationId = first.batch.at(-1)?.operationId ?? '';
    const second = step(choir, snapshot, { type: 'service', at: 2, events: [{ type: 'recognize.input', operationId, via: 'dtmf', input: { kind: 'choice', name: 'on' } }] });
    expect(JSON.stringify(second.batch)).to.contain('Mona, ?, Per in 19:choir');
  });

  const walks = { 'at the menu': '', 'in a dialog': '1', 'in a nested state': '2', 'with a history': '2 1', 'while a task runs': '3' };
  for (const [where, keys] of Object.entries(walks)) {
    it(`gives the call back ${where}, and the call goes on the same`, () => {
      const line = ring(bot);
      for (const key of keys.split(' ').filter(Boolean)) {
        if (line.snapshot().awaiting?.types.at(-1) === 'play') line.ends({ type: 'play.done' });
        line.keys(key);
      }
      const snapshot = line.snapshot();
      const text = writeRecord({ ...kept, snapshot });
      const record = readRecord(text);
      expect(JSON.parse(JSON.stringify(record.snapshot))).to.deep.equal(snapshot);
      expect(record.replies).to.deep.equal(kept.replies);
      expect(text.split(snapshot.call.to).length, 'who is called is said once').to.equal(2);
      const end = { type: 'service', at: 5, events: [{ type: 'call.ended', reason: 'caller' }] } as const;
      expect(step(bot, record.snapshot, end).snapshot).to.deep.equal(step(bot, snapshot, end).snapshot);
    });
  }

  it('remembers what a caller on hold hears, before and after he is there', () => {
    const music = { audio: 'https://media.example.test/waltz.wav' };
    const line = ring(callMachine('bot', { initial: 'holding', states: { holding: hold(music, 'work'), work: task({ run: () => 1, on: { done: 'bye', failed: 'bye' } }), bye: hangup('Bye.') } }));
    for (const held of [null, [music]]) {
      const snapshot = line.snapshot();
      expect(snapshot.held).to.deep.equal(held);
      expect(JSON.parse(JSON.stringify(readRecord(writeRecord({ ...kept, snapshot })).snapshot))).to.deep.equal(snapshot);
      if (held === null) line.ends({ type: 'hold.done' });
    }
  });

  it('of a finished call has no chart, and still the answers to late repeats', () => {
    const line = ring(bot);
    line.hangsUp();
    expect(readRecord(writeRecord({ ...kept, snapshot: line.snapshot() })).snapshot.machine, 'until the cleanup is done').not.to.equal(null);
    line.task(null);
    const record = readRecord(writeRecord({ ...kept, snapshot: line.snapshot() }));
    expect(record.snapshot).to.include({ ended: 'caller', machine: null });
    expect(record.replies).to.deep.equal(kept.replies);
  });

  it('with a word that only a later version knows is of another version, and is not damaged', () => {
    const reasonOf = (text: string): unknown => {
      try {
        readRecord(text);
      } catch (error) {
        return (error as { readonly details: { readonly reason: unknown } }).details.reason;
      }
      return undefined;
    };
    const line = ring(bot);
    const text = writeRecord({ ...kept, snapshot: line.snapshot() });
    expect(reasonOf(text)).to.equal(undefined);
    expect(reasonOf(text.replace('"types":["answer","recognize"]', '"types":["answer","teleport"]'))).to.equal('version');
    expect(reasonOf(text.replace('"types":["answer","recognize"]', '"types":["answer",7]'))).to.equal('damaged');
    expect(reasonOf(text.replace('"direction":"inbound"', '"direction":"sideways"'))).to.equal('version');
  });

  it('that is damaged is refused, and is not quoted', () => {
    const text = writeRecord({ ...kept, snapshot: ring(bot).snapshot() });
    for (const damaged of ['', '{}', 'null\n', text.slice(0, -1), text.slice(1), text.replace('"format":1', '"format":2')]) {
      expect(() => readRecord(damaged)).to.throw(/^a stored call/).with.property('code', 'ERR_RECORD_UNKNOWN');
    }
  });
});
