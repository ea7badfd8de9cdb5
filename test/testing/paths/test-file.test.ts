/** Generated calls as tests of our own. */
import { callMachine, hangup, prompt, recognize, record, transfer } from 'callchart';
import { expect } from 'chai';
import { literal, testFile } from '../../../src/testing/paths/test-file.ts';
import { acme, desk, passed, rehearsed, shop } from './bots.ts';

const menu = 'For sales press 1, for support press 2.';
const sales = rehearsed(acme, { title: 'menu: silence, then sales', script: [{ act: 'silence' }, { act: 'press', keys: '1' }, { act: 'press', keys: '42#' }], heard: [[menu], [`Sorry, I did not hear you. ${menu}`], ['Sales it is.', 'Which part?'], ['Goodbye.']], states: ['menu', 'menu', 'asking', 'ended'] });
const twice = rehearsed(shop, { title: "it's found the second time", script: [{ act: 'task', path: 'looking', failed: 'ERR_X' }, { act: 'task', path: 'again', done: { eta: 3_000 } }], heard: [[], [], ['Here it is.']], states: ['looking', 'again', 'ended'] });
const late = rehearsed(shop, { call: { from: '' }, now: Date.UTC(2025, 0, 11, 22, 30), script: [{ act: 'wait', ms: 25_000 }], heard: [[], ['Still looking.', 'Still looking.', 'That takes too long.']], states: ['looking', 'ended'] });

describe('a file of tests', () => {
  it('reads as a person would have written it: a line a turn, what is heard word for word, and each state that the call comes to', () => {
    expect(testFile(acme, [sales], { imports: { bot: './bot.ts' } })).to.equal(`/** Calls that cover the bot \`acme\`. Written by \`callchart paths\`, and better written anew than changed by hand. */
import { dial } from 'callchart/testing';
import acme from './bot.ts';

describe('acme', () => {
  it('menu: silence, then sales', () => {
    dial(acme).hears('For sales press 1, for support press 2.').isIn('menu')
      .staysSilent().hears('Sorry, I did not hear you. For sales press 1, for support press 2.')
      .presses('1').hears('Sales it is.').hears('Which part?').isIn('asking')
      .presses('42#').hears('Goodbye.').isHungUp();
  });
});
`);
  });

  it('sets the scene: how each run of a task ends, who calls, and when', () => {
    const file = testFile(shop, [twice, late], { imports: { bot: '../bots/shop.ts', runner: 'node:test' } });
    expect(file).to.contain("import { describe, it } from 'node:test';\nimport { dial, failing, inTurn, never } from 'callchart/testing';\nimport shop from '../bots/shop.ts';\n");
    expect(file).to.contain(`  it("it's found the second time", () => {\n    dial(shop, { tasks: { lookup: inTurn(failing('ERR_X'), { eta: 3_000 }) } }).hears('Here it is.').isHungUp();\n  });`);
    expect(file).to.contain("dial(shop, { call: { from: '' }, now: Date.UTC(2025, 0, 11, 22, 30), tasks: { lookup: never } }).isIn('looking')\n      .waits(25_000).hears('Still looking.')");
    expect(passed(shop, [twice, late])).to.deep.equal(["it's found the second time", 'a call']);
  });

  it('fails where the bot has come to do something else', () => {
    const renamed = callMachine('acme', {
      initial: 'menu',
      states: { menu: recognize({ prompt: menu, choices: { sales: '1', support: '2' }, on: { sales: 'sales', support: 'bye', exhausted: 'bye' } }), sales: prompt('Sales, at last.', 'bye'), bye: hangup('Goodbye.') },
    });
    expect(passed(acme, [sales])).to.deep.equal(['menu: silence, then sales']);
    expect(passed(acme, [sales], renamed as never)).to.have.lengthOf(1).and.to.satisfy(([one]: readonly string[]) => /expected to hear "Sales it is\."/.test(one ?? ''));
  });

  it('says whom the caller is handed to and who is rung, and fails where that is somebody else', () => {
    const busy = rehearsed(acme, { script: [{ act: 'press', keys: '2' }, { act: 'service', outcome: 'busy' }, { act: 'press', keys: '2' }, { act: 'service', outcome: 'done' }], heard: [[menu], [], [menu], [], []], states: ['menu', 'support', 'menu', 'support', 'ended'], ended: 'transferred' });
    const file = testFile(acme, [busy], { imports: { bot: './bot.ts' } });
    expect(file.split(".isTransferredTo('+15550123')")).to.have.lengthOf(3);
    expect(file).to.contain(".presses('2').isIn('support').isTransferredTo('+15550123')\n      .transferFails('busy').hears(");
    expect(file).to.contain(".transferAnswers().endedWith('transferred');");
    expect(passed(acme, [busy])).to.deep.equal(['a call']);
    const elsewhere = callMachine('acme', {
      initial: 'menu',
      states: { menu: recognize({ prompt: menu, choices: { sales: '1', support: '2' }, on: { sales: 'bye', support: 'support', exhausted: 'bye' } }), support: transfer({ to: '+15550199', on: { busy: 'menu', failed: 'bye' } }), bye: hangup('Goodbye.') },
    });
    expect(passed(acme, [busy], elsewhere as never)).to.have.lengthOf(1).and.to.satisfy(([one]: readonly string[]) => /expected the bot to transfer the caller to \+15550123/.test(one ?? ''));
    const rung = rehearsed(desk, { script: [{ act: 'service', outcome: 'noanswer' }], heard: [['[audio https://media.example.test/waltz.wav]'], ['There is nobody.']], states: ['fetching', 'ended'] });
    expect(testFile(desk, [rung], { imports: { bot: './bot.ts' } })).to.contain(".isIn('fetching').isCalling('+15550140')\n      .partyFails('noanswer')");
  });

  it('expects nothing of a silence that fills a wait', () => {
    const quiet = callMachine('quiet', { initial: 'resting', states: { resting: { after: { 12_000: 'bye' } }, bye: hangup('Goodbye.') } });
    const waited = rehearsed(quiet, { script: [{ act: 'silence' }], heard: [[], ['[silence 2 s]', 'Goodbye.']], states: ['resting', 'ended'] });
    expect(testFile(quiet, [waited], { imports: { bot: './bot.ts' } })).to.contain(".staysSilent().hears('Goodbye.').isHungUp();");
    expect(passed(quiet, [waited])).to.deep.equal(['a call']);
  });

  it('has a name for every bot, whatever its id is', () => {
    const named = (id: string): string => /^import (\w+) from/m.exec(testFile({ id } as never, [], { imports: { bot: './bot.ts' } }).split('\n').slice(2).join('\n'))?.[1] ?? '';
    expect(['acme', 'opening-hours', 'delete', 'dial', '24h line', 'Pin Login', '呼'].map(named)).to.deep.equal(['acme', 'openingHours', 'bot', 'bot', 'hLine', 'pinLogin', 'bot']);
  });

  it('writes any text and any value so that it is read as it was', () => {
    const values: readonly unknown[] = ["it's", 'a "word"', `both ' and "`, 'back\\slash', 'line\nbreak\u2028', '${x} `y`', 1_000, -2_500, 1234.5, 1e21, 0, [1, [true, null]], { a: 1, 'b c': { d: [] }, e: {} }, { constructor: 'x' }];
    for (const value of values) expect((new Function(`return (${literal(value)});`) as () => unknown)()).to.deep.equal(value);
    expect(literal({ eta: 120_000, 'to-day': "it's" })).to.equal(`{ eta: 120_000, 'to-day': "it's" }`);
    const proto = JSON.parse('{ "__proto__": 1 }') as object;
    expect(Object.keys((new Function(`return (${literal(proto)});`) as () => object)())).to.deep.equal(['__proto__']);
  });

  it('tells how a recording was ended', () => {
    const bot = callMachine('bot', { initial: 'message', states: { message: record({ prompt: 'Speak.', maxMs: 10_000, termchars: ['#'], on: { done: 'bye', maxspeech: 'bye', exhausted: 'bye' } }), bye: hangup('Thanks.') } });
    const calls = [{ recordMs: 2_000, stop: '#' as const }, { recordMs: 2_000 }, { recordMs: 12_000 }].map((act) => rehearsed(bot, { script: [{ act: 'record', ...act }], heard: [['Speak.'], ['Thanks.']], states: ['message', 'ended'] }));
    const file = testFile(bot, calls, { imports: { bot: './bot.ts' } });
    for (const verb of [".records(2_000, { endedBy: 'termchar' })", '.records(2_000).', '.records(12_000).']) expect(file).to.contain(verb);
    expect(passed(bot, calls)).to.deep.equal(['a call', 'a call', 'a call']);
  });
});
