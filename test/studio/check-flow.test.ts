import { expect } from 'chai';
import { scriptText } from '../../src/machines/check/caller-script.ts';
import type { Finding } from '../../src/machines/check/finding.ts';
import { checkFlow, type FlowChecked } from '../../src/studio/check-flow.ts';
import { readFlow } from '../../src/studio/flow.ts';
import { ask, flowOf, flowText, request, say, set, type Short, split } from './flow-text.ts';

const check = (widgets: Readonly<Record<string, Short>>, trigger: Readonly<Record<string, string>> = { incomingCall: Object.keys(widgets)[0] ?? '' }): FlowChecked => checkFlow(readFlow(flowText(trigger, widgets)));
const ids = (widgets: Readonly<Record<string, Short>>, trigger?: Readonly<Record<string, string>>): readonly string[] => check(widgets, trigger).findings.map(({ id }) => id);
const one = (widgets: Readonly<Record<string, Short>>, id: string): Finding => check(widgets).findings.find((finding) => finding.id === id) ?? expect.fail(`${id} is not among ${ids(widgets).join(', ')}`);

/** A menu that nothing is wrong with. */
const sound = {
  menu: ask('For sales press 1, for support press 2.', { keypress: 'choice', speech: null, timeout: 'bye' }),
  choice: split('menu', { noMatch: 'bye', 'match 1': 'sales', 'match 2': 'support' }),
  sales: say('Sales will call you back.'),
  support: say('Support will call you back.'),
  bye: say('Goodbye.'),
};

describe('a Studio flow', () => {
  it('in which every caller is told how it ends has no findings', () => expect(ids(sound)).to.deep.equal([]));

  describe('is not handled', () => {
    it('where a caller stays silent at a question', () => {
      const flow = { ...sound, menu: ask('For sales press 1, for support press 2.', { keypress: 'choice', timeout: null }) };
      expect(one(flow, 'unhandled:menu:timeout')).to.deep.include({ severity: 'error', state: 'menu', message: 'widget `menu`: silence is not handled (`timeout`), and the caller is hung up on without a word', script: [{ act: 'silence' }] });
      expect(ids({ ...sound, menu: ask('For sales press 1, for support press 2.', { keypress: 'choice' }) }), 'the edge is not even drawn').to.deep.equal(['unhandled:menu:timeout']);
    });

    it('where a caller presses what no branch takes', () => {
      const flow = { ...sound, choice: split('menu', { 'match 1': 'sales', 'match 2': 'support' }) };
      expect(scriptText(one(flow, 'unhandled:choice:noMatch').script ?? [])).to.equal('press 9\n');
    });

    it('where a silent caller comes to a split that looks at his keys', () => {
      const flow = { ...sound, menu: ask('For sales press 1, for support press 2.', { keypress: 'choice', timeout: 'choice' }), choice: split('menu', { noMatch: null, 'match 1': 'sales', 'match 2': 'support' }) };
      expect(scriptText(one(flow, 'unhandled:choice:noMatch').script ?? [])).to.equal('silence\n');
    });

    it('where a request fails while the caller waits', () => {
      expect(ids({ hello: say('One moment.', 'look'), look: request('told', null), told: say('You are number 3.') })).to.deep.equal(['unhandled:look:failed']);
      expect(ids({ hello: say('Goodbye.', 'log'), log: request(null, null) }), 'who has been told goodbye has nothing to lose').to.deep.equal([]);
      expect(ids({ hello: say('Goodbye.', 'log'), log: request('more', null), more: request(null, null) })).to.deep.equal([]);
    });

    it('where a call cannot be handed on', () => {
      expect(ids({ hello: say('One moment.', 'agent'), agent: { type: 'send-to-flex', on: { callComplete: null, failedToEnqueue: null, callFailure: null } } })).to.deep.equal(['unhandled:agent:failedToEnqueue']);
    });

    it('where callers are asked for keys or for words that lead nowhere', () => {
      expect(ids({ menu: ask('Press 1 or say yes.', { keypress: null, speech: 'bye', timeout: 'bye' }), bye: sound.bye })).to.deep.equal(['unhandled:menu:keypress']);
      expect(ids({ menu: ask('Press 1 or say yes.', { keypress: 'bye', speech: null, timeout: 'bye' }), bye: sound.bye })).to.deep.equal(['unhandled:menu:speech']);
      expect(ids({ menu: ask('Well?', { keypress: null, timeout: 'bye' }), bye: sound.bye })).to.deep.equal(['unhandled:menu:keypress']);
      expect(ids({ menu: ask('To speak with an agent press 1.', { keypress: 'bye', timeout: 'bye' }), bye: sound.bye })).to.deep.equal([]);
    });

    it('where nobody leaves a message though the flow would go on', () => {
      const record = (on: Readonly<Record<string, string | null>>): Short => ({ type: 'record-voicemail', on });
      expect(ids({ hello: say('Speak after the tone.', 'message'), message: record({ recordingComplete: null, noAudio: null, hangup: null }) })).to.deep.equal([]);
      expect(ids({ hello: say('Speak after the tone.', 'message'), message: record({ recordingComplete: 'bye', noAudio: null, hangup: null }), bye: sound.bye })).to.deep.equal(['unhandled:message:noAudio']);
    });
  });

  describe('comes to a dead end', () => {
    it('where a choice is taken and the call ends without a word', () => {
      const flow = { ...sound, choice: split('menu', { noMatch: 'bye', 'match 1': null, 'match 2': 'support' }), sales: sound.bye };
      expect(one(flow, 'dead-end:choice:match-1')).to.deep.include({ message: 'widget `choice`: its branch 1 leads nowhere, and the caller is hung up on without a word', script: [{ act: 'press', keys: '1' }] });
    });

    it('where the work behind a choice is the last thing that happens, but not after a goodbye', () => {
      const flow = { ...sound, sales: request(null, null) };
      expect(ids(flow)).to.deep.equal(['dead-end:sales:success']);
      expect(ids({ ...flow, sales: say('Noted.', 'note'), note: request(null, null) })).to.deep.equal([]);
    });

    it('where an edge leads to a widget that is gone', () => {
      expect(one({ hello: say('Hello.', 'gone') }, 'dead-end:hello:audioComplete').message).to.equal('widget `hello`: `audioComplete` leads nowhere; what it is wired to is not in the flow');
      const branches = { ...sound, choice: split('menu', { noMatch: 'bye', 'match 1': null, 'match 2': 'gone' }), sales: sound.bye, support: sound.bye };
      expect(check(branches).findings.filter(({ rule }) => rule === 'dead-end').map(({ id, message }) => `${id}: ${/;.*/.exec(message)?.[0] ?? ''}`)).to.deep.equal(['dead-end:choice:match-1: ', 'dead-end:choice:match-2: ; what it is wired to is not in the flow']);
      expect(one({ ...sound, menu: ask('For sales press 1, for support press 2.', { keypress: 'choice', timeout: 'gone' }) }, 'unhandled:menu:timeout').message).to.match(/; what it is wired to is not in the flow$/);
    });

    it('where whoever is rung up and answers hears nothing', () => {
      expect(ids({ ring: { type: 'make-outgoing-call-v2', on: { answered: null, busy: 'text', noAnswer: 'text', failed: null } }, text: { type: 'send-message', on: { sent: null, failed: null } } }, { incomingCall: 'ring' })).to.deep.equal(['dead-end:ring:answered']);
    });
  });

  describe('goes round for ever', () => {
    it('on silence alone', () => {
      const flow = { ...sound, menu: ask('For sales press 1, for support press 2.', { keypress: 'choice', timeout: 'again' }), again: say('Sorry.', 'menu') };
      expect(one(flow, 'silent-loop:menu')).to.deep.include({ message: 'widget `menu`: silence alone can go round for ever: `menu`, `again`, `menu`', script: [{ act: 'silence' }, { act: 'silence' }] });
    });

    it('on silence through a split that looks at the keys', () => {
      const flow = { ...sound, menu: ask('For sales press 1, for support press 2.', { keypress: 'choice', timeout: 'choice' }), choice: split('menu', { noMatch: 'menu', 'match 1': 'sales', 'match 2': 'support' }) };
      const { bye: _, ...rest } = flow;
      expect(ids(rest)).to.deep.equal(['silent-loop:menu', 'nomatch-loop:menu']);
    });

    it('on keys that no branch takes, and on keys where words are wanted', () => {
      const flow = { ...sound, choice: split('menu', { noMatch: 'menu', 'match 1': 'sales', 'match 2': 'support' }) };
      expect(scriptText(one(flow, 'nomatch-loop:menu').script ?? [])).to.equal('press 9\n');
      expect(ids({ menu: ask('Say a city.', { keypress: 'menu', speech: 'bye', timeout: 'bye' }), bye: sound.bye })).to.deep.equal(['nomatch-loop:menu']);
    });

    it('but not where the caller asks to hear it again', () => {
      expect(ids({ ...sound, choice: split('menu', { noMatch: 'bye', 'match 1': 'menu', 'match 2': 'support' }), sales: sound.bye })).to.deep.equal(['unreachable:sales']);
    });

    it('on requests that keep failing, and on answers that keep coming', () => {
      expect(ids({ hello: say('One moment.', 'look'), look: request('told', 'sorry'), sorry: say('Still looking.', 'look'), told: say('Found.') })).to.deep.equal(['failure-loop:look']);
      const poll = { hello: say('One moment.', 'look'), look: request('ready', 'told'), ready: split('{{widgets.look.parsed.ready}}', { noMatch: 'hello', 'match yes': 'told' }), told: say('Done.') };
      expect(one(poll, 'task-loop:hello').message).to.match(/whether `ready` ends it cannot be seen: a counter would have to be$/);
    });

    it('on a transfer that nobody answers, but not where silence puts the caller through', () => {
      const friend = (next: string): Short => ({ type: 'connect-call-to', on: { callCompleted: next, hangup: null } });
      expect(ids({ hello: say('One moment.', 'friend'), friend: friend('sorry'), sorry: say('Still busy.', 'friend') })).to.deep.equal(['endless:friend']);
      expect(ids({ menu: ask('Press 1.', { keypress: 'bye', timeout: 'friend' }), friend: friend('menu'), bye: sound.bye })).to.deep.equal([]);
    });

    it('on nothing at all', () => {
      expect(ids({ hello: say('Hello.', 'again'), again: say('And again.', 'hello') })).to.deep.equal(['endless:hello']);
      expect(ids({ hello: say('Hello.', 'a'), a: set('x', '1', 'b'), b: set('x', '2', 'a') })).to.deep.equal(['restless:a']);
      expect(ids({ hello: say('Please hold.', null, { loop: 0 }) })).to.deep.equal(['endless:hello']);
      expect(ids({ menu: ask('Press 1.', { keypress: 'bye', timeout: 'bye' }, { loop: 0 }), bye: sound.bye })).to.deep.equal(['silent-loop:menu']);
    });
  });

  describe('that counts', () => {
    const counting = (value: string, decide: Readonly<Record<string, string | null>>): Readonly<Record<string, Short>> => ({
      menu: ask('For sales press 1, for support press 2.', { keypress: 'choice', timeout: 'count' }),
      choice: split('menu', { noMatch: 'count', 'match 1': 'sales', 'match 2': 'support' }),
      count: set('tries', value, 'enough'),
      enough: split('{{flow.variables.tries}}', decide),
      sales: sound.sales,
      support: sound.support,
      bye: sound.bye,
    });
    const plus = '{{flow.variables.tries | plus: 1}}';

    it('ends its loops, whichever way it compares', () => {
      expect(ids(counting(plus, { 'match less_than:3': 'menu', noMatch: 'bye' }))).to.deep.equal([]);
      expect(ids(counting(plus, { 'match greater_than:2': 'bye', noMatch: 'menu' }))).to.deep.equal([]);
      expect(ids(counting(plus, { 'match 3': 'bye', noMatch: 'menu' }))).to.deep.equal([]);
      expect(ids(counting('{% if flow.variables.tries %}{{flow.variables.tries | plus: 1}}{% else %}0{% endif %}', { 'match less_than:3': 'menu', noMatch: 'bye' }))).to.deep.equal([]);
    });

    it('does not, where it does not count, skips the number, compares the wrong way round, is set back, or is passed by', () => {
      const loops = ['silent-loop:menu', 'nomatch-loop:menu'];
      expect(ids(counting('1', { 'match less_than:3': 'menu', noMatch: 'bye' }))).to.deep.equal(loops);
      expect(ids(counting('{{flow.variables.tries | plus: 2}}', { 'match 3': 'bye', noMatch: 'menu' }))).to.deep.equal(loops);
      expect(ids(counting('{{flow.variables.tries | plus: 2}}', { 'match greater_than:3': 'menu', noMatch: 'bye' }))).to.deep.equal(loops);
      expect(ids({ ...counting(plus, { 'match less_than:3': 'back', noMatch: 'bye' }), back: set('tries', '0', 'menu') })).to.deep.equal(loops);
      expect(ids({ ...counting(plus, { 'match less_than:3': 'menu', noMatch: 'bye' }), menu: ask('For sales press 1, for support press 2.', { keypress: 'choice', timeout: 'menu' }) })).to.deep.equal(['silent-loop:menu']);
    });

    it('is told that a counter would have to be seen, where what it compares with is computed', () => {
      expect(one(counting(plus, { 'match less_than:{{widgets.x.parsed.limit}}': 'menu', noMatch: 'bye' }), 'silent-loop:menu').message).to.match(/whether `enough` ends it cannot be seen/);
    });
  });

  it('names widgets that nothing leads to, and widgets about calls that only messages reach', () => {
    expect(ids({ ...sound, lost: say('Hello?') })).to.deep.equal(['unreachable:lost']);
    expect(ids({ hello: sound.bye, text: { type: 'send-message', on: { sent: 'aloud', failed: null } }, aloud: say('Hello?') }, { incomingCall: 'hello', incomingMessage: 'text' })).to.deep.equal(['unreachable:aloud']);
  });

  it('says what it cannot examine: widgets, events and flows that it does not know', () => {
    const findings = ids({
      hello: say('Hello.', 'odd'), odd: { type: 'start-call-recording', on: { next: 'sub' } }, sub: { type: 'run-subflow', on: { completed: 'menu', failed: 'bye' } },
      menu: ask('Press 1.', { keypress: 'bye', timeout: 'bye', noInput: 'bye' }), bye: sound.bye,
    });
    expect(findings).to.deep.equal(['unexamined:odd', 'unexamined:sub', 'unexamined:menu:noInput']);
  });

  it('is warned of questions without words, of long prompts, and of keys that are named or taken alone', () => {
    const long = Array.from({ length: 51 }, () => 'word').join(' ');
    expect(check({ hello: say('For sales press 1, for support press 2.', 'menu'), menu: ask('', { keypress: 'choice', timeout: 'bye' }), choice: sound.choice, sales: sound.sales, support: sound.support, bye: sound.bye }).findings, 'the words come before the question').to.deep.equal([]);
    expect(ids({ menu: ask('', { keypress: 'bye', timeout: 'bye' }), bye: sound.bye })).to.deep.equal(['question-mute:menu']);
    expect(ids({ hello: say(long) })).to.deep.equal(['prompt-long:hello']);
    const { findings } = check({ ...sound, menu: ask('For sales press one, for the bar press 3.', { keypress: 'choice', timeout: 'bye' }) });
    expect(findings.map(({ id, severity }) => `${severity} ${id}`)).to.deep.equal(['warning option-unsaid:menu:2', 'warning option-unsaid:menu:3']);
  });

  it('is warned of a branch that is never taken', () => {
    const { states, ...flow } = flowOf({ incomingCall: 'menu' }, sound) as { readonly states: { readonly name: string; readonly transitions: object[] }[] };
    const choice = states.find(({ name }) => name === 'choice');
    choice?.transitions.push({ ...choice.transitions[1] });
    expect(checkFlow(readFlow(JSON.stringify({ ...flow, states }))).findings.map(({ id }) => id)).to.deep.equal(['option-doubled:choice:match-3']);
  });

  it('is not warned of what it says where that is computed or recorded', () => {
    expect(ids({ ...sound, menu: ask('{{flow.variables.menu}}', { keypress: 'choice', timeout: 'bye' }) })).to.deep.equal([]);
    expect(ids({ ...sound, menu: ask('', { keypress: 'choice', timeout: 'bye' }, { play: 'https://example.com/menu.mp3' }) })).to.deep.equal([]);
  });

  it('is followed from the calls that it makes, and nobody is cut off whom it did not reach', () => {
    const ring = { ring: { type: 'make-outgoing-call-v2', on: { answered: 'menu', busy: null, noAnswer: null, failed: null } }, look: request('ring', null), ...sound };
    const { findings, notes } = check(ring, { incomingRequest: 'look' });
    expect(findings).to.deep.equal([]);
    expect(notes[0]).to.equal('calls were followed from `incomingRequest`');
  });

  it('tells what it did not examine, and where it depends on who answers', () => {
    const { notes } = check({ hello: say('One moment.', 'friend'), friend: { type: 'connect-call-to', on: { callCompleted: null, hangup: null } }, text: { type: 'send-message', on: { sent: null, failed: null } } }, { incomingCall: 'hello', incomingMessage: 'text' });
    expect(notes.slice(0, 3)).to.deep.equal(['calls were followed from `incomingCall`', '1 widget that only messages reach was not examined', 'whether anybody answers at `friend` is not looked at by the flow: where nobody does, the call ends there']);
  });

  it('of a thousand widgets that lead everywhere is examined whole', function () {
    this.timeout(20_000);
    const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
    const menu = (n: number): Readonly<Record<string, Short>> => ({
      [`menu${n}`]: ask('{{flow.variables.menu}}', { keypress: `choice${n}`, timeout: `menu${(n + 1) % 500}` }),
      [`choice${n}`]: split(`menu${n}`, { noMatch: `menu${(n * 7 + 3) % 500}`, ...Object.fromEntries(keys.map((key) => [`match ${key}`, `menu${(n * 31 + Number(key) * 17) % 500}`])) }),
    });
    const findings = ids({ hello: say('Hello.', 'menu0'), ...Object.assign({}, ...Array.from({ length: 500 }, (_, n) => menu(n))) as Readonly<Record<string, Short>> });
    expect(findings).to.deep.equal(['silent-loop:menu0', 'nomatch-loop:menu77']);
  });

  it('of a thousand widgets is checked in a moment', function () {
    this.timeout(10_000);
    const menu = (n: number): Readonly<Record<string, Short>> => ({
      [`menu${n}`]: ask('For more press 1, to go back press 2.', { keypress: `choice${n}`, timeout: `count${n}` }),
      [`choice${n}`]: split(`menu${n}`, { noMatch: `count${n}`, 'match 1': `menu${(n + 1) % 250}`, 'match 2': `menu${(n + 249) % 250}` }),
      [`count${n}`]: set('tries', '{{flow.variables.tries | plus: 1}}', `enough${n}`),
      [`enough${n}`]: split('{{flow.variables.tries}}', { 'match less_than:3': `menu${n}`, noMatch: 'bye' }),
    });
    expect(ids({ ...Object.assign({}, ...Array.from({ length: 250 }, (_, n) => menu(n))) as Readonly<Record<string, Short>>, bye: sound.bye })).to.deep.equal([]);
  });
});
