/** A generated call is played before anything is written of it: what it is made of, and whether it comes true. */
import { callMachine, hangup, prompt, recognize } from 'callchart';
import { expect } from 'chai';
import type { ScriptAct } from '../../../src/machines/check/caller-script.ts';
import { rehearse, type Rehearsal } from '../../../src/testing/paths/rehearsal.ts';
import { acme, call, desk, passed, rehearsed, shop } from './bots.ts';

const silence: ScriptAct = { act: 'silence' };
const press = (keys: string): ScriptAct => ({ act: 'press', keys });
const menu = 'For sales press 1, for support press 2.';

const verbs = ({ turns }: Rehearsal): readonly string[] => turns.flatMap(({ deeds }) => deeds.map(({ verb, with: given }) => [verb, ...given].join(' ')));

describe('the rehearsal of a generated call', () => {
  it('tells turn by turn what is done, what is heard, where the call is and how long it took', () => {
    const rehearsal = rehearsed(acme, { script: [silence, press('1'), press('42#')], heard: [[menu], [`Sorry, I did not hear you. ${menu}`], ['Sales it is.', 'Which part?'], ['Goodbye.']], states: ['menu', 'menu', 'asking', 'ended'] });
    expect(verbs(rehearsal)).to.deep.equal(['staysSilent', 'presses 1', 'presses 42#']);
    expect(rehearsal.turns.map(({ states, tookMs, ended }) => [...states, tookMs, ended])).to.deep.equal([['menu', 0, null], ['menu', 5_000, null], ['asking', 0, null], [0, 'bot']]);
    expect([...rehearsal.met]).to.include.members(['acme.menu', 'acme.menu: noinput', 'acme.menu: asking 2', 'acme.menu sales 1', 'acme.asking: digits']);
    expect(passed(acme, [rehearsal])).to.deep.equal(['a call']);
  });

  it('says where a call goes another way than it says: what is heard, where it is, how it ends, and that it is over too early', () => {
    const difference = (part: Parameters<typeof call>[0]): string | null => rehearse(acme, call({ script: [press('1')], heard: [[menu], ['Sales it is.', 'Which part?']], states: ['menu', 'asking'], ended: null, ...part })).difference;
    expect(difference({})).to.equal(null);
    expect(difference({ heard: [[menu], ['Sales it is.']] })).to.equal('after act 1 is heard "Sales it is.", "Which part?", where the call says "Sales it is."');
    expect(difference({ heard: [['Hello.'], []] })).to.match(/^when the phone is answered is heard "For sales/);
    expect(difference({ states: ['menu', 'sales'] })).to.equal('after act 1 the call is in `asking`, where it says `sales`');
    expect(difference({ ended: 'bot' })).to.equal('it ends as nothing, where the call says bot');
    expect(difference({ script: [silence, silence, silence, silence] })).to.equal('the call has ended before its act 4');
    expect(difference({ script: [{ act: 'record', recordMs: 1_000 }] })).to.match(/expected a recording to be open/);
    expect(difference({ script: [{ act: 'assume', guard: 'acme.menu always 1', holds: true }] })).to.equal('nothing can be assumed of the guard `acme.menu always 1` in a test');
  });

  it('has a task end as it is run, one time after the other', () => {
    const rehearsal = rehearsed(shop, { script: [{ act: 'task', path: 'looking', failed: 'ERR_X' }, { act: 'task', path: 'again', done: { eta: 3 } }], heard: [[], [], ['Here it is.']], states: ['looking', 'again', 'ended'] });
    expect(rehearsal.tasks).to.deep.equal({ lookup: [{ failed: 'ERR_X' }, { done: { eta: 3 } }] });
    expect(verbs(rehearsal)).to.deep.equal([]);
    expect(passed(shop, [rehearsal])).to.deep.equal(['a call']);
  });

  it('has a task never end, so that the filler is heard and its time is over', () => {
    const rehearsal = rehearsed(shop, { script: [{ act: 'wait', ms: 25_000 }], heard: [[], ['Still looking.', 'Still looking.', 'That takes too long.']], states: ['looking', 'ended'] });
    expect(rehearsal.tasks).to.deep.equal({ lookup: ['never'] });
    expect(passed(shop, [rehearsal])).to.deep.equal(['a call']);
  });

  it('has a task end late, between the acts of the caller', () => {
    const rehearsal = rehearsed(shop, { script: [{ act: 'wait', ms: 11_000 }, { act: 'task', path: 'looking', done: { eta: 3 } }], heard: [[], ['Still looking.'], ['Here it is.']], states: ['looking', 'looking', 'ended'] });
    expect(verbs(rehearsal)).to.deep.equal(['waits 11000', 'taskEnds looking [object Object]']);
    expect(rehearsal.tasks).to.deep.equal({ lookup: [{ done: { eta: 3 } }] });
    expect(passed(shop, [rehearsal])).to.deep.equal(['a call']);
  });

  it('says one act ahead that a prompt fails which leads nowhere by itself, and behind it where a question is open', () => {
    const fails: ScriptAct = { act: 'service', outcome: 'prompt-failed' };
    const ahead = rehearsed(acme, { script: [press('1'), fails], heard: [[menu], ['Sales it is.'], ['Goodbye.']], states: ['menu', 'sales', 'ended'] });
    expect(verbs(ahead)).to.deep.equal(['failsNext prompt', 'presses 1']);
    const behind = rehearsed(acme, { script: [fails, press('1')], heard: [[menu], [`Sorry, something went wrong. ${menu}`], ['Sales it is.', 'Which part?']], states: ['menu', 'menu', 'asking'], ended: null });
    expect(verbs(behind)).to.deep.equal(['promptFails', 'presses 1']);
    expect(passed(acme, [ahead, behind])).to.deep.equal(['a call', 'a call']);
  });

  it('says before the call what the service fails at when it is answered, as often as it fails', () => {
    const greeting = callMachine('greeting', {
      initial: 'hello',
      states: {
        hello: prompt('Hello.', { on: { done: 'menu', failed: 'again' } }), again: prompt('Once more: hello.', { on: { done: 'menu', failed: 'menu' } }),
        menu: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.'),
      },
    });
    const fails: ScriptAct = { act: 'service', outcome: 'prompt-failed' };
    const rehearsal = rehearsed(greeting, { script: [fails, fails, press('1')], heard: [['Hello.'], ['Once more: hello.'], ['Press 1.'], ['Goodbye.']], states: ['hello', 'again', 'menu', 'ended'] });
    expect([rehearsal.failsNext, verbs(rehearsal)]).to.deep.equal([['prompt', 'prompt'], ['presses 1']]);
    expect(passed(greeting, [rehearsal])).to.deep.equal(['a call']);
  });

  it('knows what each outcome of a service is in a test: of a question, a transfer, an outgoing call, a hold and a verb', () => {
    const waltz = '[audio https://media.example.test/waltz.wav]';
    const service = (outcome: 'done' | 'failed' | 'busy' | 'noanswer', ending?: string): ScriptAct => ({ act: 'service', outcome, ...(ending !== undefined && { ending }) });
    const calls: readonly (readonly [typeof acme | typeof desk, Rehearsal, readonly string[]])[] = [
      [acme, rehearsed(acme, { script: [service('failed'), press('2'), service('busy'), press('2'), service('failed')], heard: [[menu], [`Sorry, something went wrong. ${menu}`], [], [menu], [], ['Goodbye.']], states: ['menu', 'menu', 'support', 'menu', 'support', 'ended'] }), ['questionFails', 'presses 2', 'transferFails busy', 'presses 2', 'transferFails']],
      [acme, rehearsed(acme, { script: [press('2'), service('done')], heard: [[menu], [], []], states: ['menu', 'support', 'ended'], ended: 'transferred' }), ['presses 2', 'transferAnswers']],
      [desk, rehearsed(desk, { script: [service('failed')], heard: [[waltz], ['There is nobody.']], states: ['holding', 'ended'] }), []],
      [desk, rehearsed(desk, { script: [service('noanswer')], heard: [[waltz], ['There is nobody.']], states: ['fetching', 'ended'] }), ['partyFails noanswer']],
      [desk, rehearsed(desk, { script: [service('done'), service('done', 'success')], heard: [[waltz], [], ['Paid.']], states: ['fetching', 'paying', 'ended'] }), ['partyAnswers', 'partyHangsUp', 'verbEnds success']],
      [desk, rehearsed(desk, { script: [service('done'), service('failed')], heard: [[waltz], [], ['There is nobody.']], states: ['fetching', 'paying', 'ended'] }), ['partyAnswers', 'partyHangsUp', 'verbFails']],
    ];
    for (const [bot, rehearsal, expected] of calls) {
      expect(verbs(rehearsal)).to.deep.equal(expected);
      expect(passed(bot, [rehearsal])).to.deep.equal(['a call']);
    }
  });
});
