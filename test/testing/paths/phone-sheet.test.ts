/** Generated calls for a person with a telephone. */
import { callMachine, hangup } from 'callchart';
import { expect } from 'chai';
import { phoneSheet } from '../../../src/testing/paths/phone-sheet.ts';
import { acme, desk, rehearsed, shop } from './bots.ts';

const menu = 'For sales press 1, for support press 2.';

describe('a sheet for a person with a telephone', () => {
  it('says what to arrange, what to do, how long to be silent and what is heard; and what nobody can do from a telephone', () => {
    const calls = [
      rehearsed(acme, { title: 'menu: silence, then sales', script: [{ act: 'silence' }, { act: 'press', keys: '1' }], heard: [[menu], [`Sorry, I did not hear you. ${menu}`], ['Sales it is.', 'Which part?']], states: ['menu', 'menu', 'asking'], ended: null }),
      rehearsed(acme, { title: 'support is busy', script: [{ act: 'press', keys: '2' }, { act: 'service', outcome: 'busy' }, { act: 'hangup' }], heard: [[menu], [], [menu], []], states: ['menu', 'support', 'menu', 'ended'], ended: 'caller' }),
      rehearsed(acme, { title: 'menu: cannot be played', script: [{ act: 'service', outcome: 'prompt-failed' }, { act: 'press', keys: '9' }], heard: [[menu], [`Sorry, something went wrong. ${menu}`], [`Sorry, I did not get that. ${menu}`]], states: ['menu', 'menu', 'menu'], ended: null }),
    ];
    expect(phoneSheet('acme', calls)).to.equal(`2 calls to the bot acme

Call 1 of 2: menu: silence, then sales
   1. Dial. You hear: “For sales press 1, for support press 2.”
   2. Say nothing for 5 seconds. You hear: “Sorry, I did not hear you. For sales press 1, for support press 2.”
   3. Press 1. You hear: “Sales it is.” “Which part?”
   4. Hang up.

Call 2 of 2: support is busy
  Before: Whoever the caller is transferred to is busy.
   1. Dial. You hear: “For sales press 1, for support press 2.”
   2. Press 2.
   3. The other party cannot be had. You hear: “For sales press 1, for support press 2.”
   4. Hang up.

Not to be made from a telephone:
  menu: cannot be played: the service has to fail at a prompt
`);
  });

  it('is one call or many, and tells of tasks and of who answers', () => {
    const sheet = phoneSheet('shop', [rehearsed(shop, { script: [{ act: 'task', path: 'looking', done: { eta: 3 } }], heard: [[], ['Here it is.']], states: ['looking', 'ended'] })]);
    expect(sheet).to.equal('1 call to the bot shop\n\nCall 1 of 1: a call\n  Before: The task `lookup` gives {"eta":3}.\n   1. Dial. You hear: “Here it is.” The bot hangs up.\n');
    const fetched = phoneSheet('desk', [rehearsed(desk, { script: [{ act: 'service', outcome: 'noanswer' }], heard: [['[audio https://media.example.test/waltz.wav]'], ['There is nobody.']], states: ['fetching', 'ended'] })]);
    expect(fetched).to.contain('  Before: Whoever the bot rings does not answer.\n');
  });

  it('has no silence that fills a wait among what is heard', () => {
    const quiet = callMachine('quiet', { initial: 'resting', states: { resting: { after: { 12_000: 'bye' } }, bye: hangup('Goodbye.') } });
    const sheet = phoneSheet('quiet', [rehearsed(quiet, { script: [{ act: 'silence' }], heard: [[], ['[silence 2 s]', 'Goodbye.']], states: ['resting', 'ended'] })]);
    expect(sheet).to.contain('   2. Say nothing for 12 seconds. You hear: “Goodbye.” The bot hangs up.\n');
  });
});
