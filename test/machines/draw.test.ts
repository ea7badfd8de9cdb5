import { expect } from 'chai';
import fc from 'fast-check';
import { type AnyStateMachine, assign, createMachine } from 'xstate';
import { callMachine, chat, dialog, dialogMachine, hangup, lookupUser, play, prompt, recognize, record, task, transfer } from 'callchart';
import acme from '../../examples/acme/bot.ts';
import { chartOf } from '../../src/machines/draw/chart.ts';
import { toMermaid } from '../../src/machines/draw/mermaid.ts';
import { namespace, toScxml } from '../../src/machines/draw/scxml.ts';

const pin = dialogMachine<{ pin: string }, undefined, string>()('pin', {
  context: { pin: '' },
  initial: 'ask',
  states: {
    ask: recognize({ prompt: 'Your PIN, please.', digits: { max: 4 }, on: { digits: { target: 'got', actions: assign(({ event }) => ({ pin: event.digits })) }, exhausted: 'got' } }),
    got: { type: 'final', output: ({ context }) => context.pin },
  },
});

/** One of everything. */
const bank = callMachine('bank', {
  initial: 'welcome',
  on: { 'call.roster': '.operator' },
  tasks: { balance: async () => 12 },
  states: {
    welcome: prompt('Welcome.', 'pin'),
    pin: dialog(pin, { on: { done: 'lookup' } }),
    lookup: task({ run: 'balance', timeoutMs: 5_000, on: { done: 'order', failed: 'operator' } }),
    order: {
      initial: 'amount',
      states: {
        amount: recognize({ prompt: ({ context }) => `You are ${context.call.from}.`, choices: { all: '1', half: '2' }, on: { all: 'check', half: 'check', exhausted: 'check', noinput: 'amount' } }),
        check: { type: 'parallel', states: { clock: { initial: 'on', states: { on: { after: { 2_000: 'off' } }, off: { type: 'final' } } }, music: { entry: play('♪') } }, onDone: 'sure' },
        sure: { on: { 'play.done': { target: 'amount', guard: function inTime() { return true; } } } },
        back: { type: 'history', history: 'deep', target: 'sure' },
      },
    },
    message: record({ prompt: 'Leave a message.', on: { done: 'bye', exhausted: 'bye', maxspeech: 'order' } }),
    operator: transfer({ to: 'sip:desk@bank.example', on: { failed: 'again', busy: 'message' } }),
    again: { entry: play('Let us go back.'), on: { 'play.*': '#bank.order.back', '*': { actions: () => undefined } } },
    bye: hangup('Goodbye.'),
  },
});

const identifier = '[A-Za-z][A-Za-z0-9_]*';
const text = "(?:[^\\p{C}\"#:;<>{}\\[\\]|\\\\`%~^$@&-]|[\\p{Sc}]|-(?!-|>)|#\\d+;)+";
const grammar = new RegExp(
  `^(?:stateDiagram-v2|(?:  )+(?:state "${text}" as ${identifier}(?: \\{)?|\\}|\\[\\*\\] --> ${identifier}|${identifier} --> \\[\\*\\]|${identifier} --> ${identifier} : ${text}|${identifier} : ${text}|note right of ${identifier} : ${text}))$`,
  'u',
);

const isMermaid = (drawn: string): void => {
  const lines = drawn.split('\n');
  expect(lines.pop()).to.equal('');
  for (const line of lines) expect(line).to.match(grammar).and.not.match(/direction\s+(?:TB|BT|LR|RL)/i);
  expect(lines.filter((line) => line.endsWith('{')).length).to.equal(lines.filter((line) => line.trim() === '}').length);
  const declared = lines.flatMap((line) => /" as (\w+)/.exec(line)?.[1] ?? []);
  expect(new Set(declared).size).to.equal(declared.length);
  const used = lines.flatMap((line) => line.replace(/"[^"]*"/, '').split(' : ')[0]?.match(/\b[A-Za-z]\w*\b/g) ?? []);
  expect(declared).to.include.members(used.filter((word) => !['stateDiagram', 'v2', 'state', 'as', 'note', 'right', 'of'].includes(word)));
};

interface Xml {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Xml[];
  readonly text: string;
}

const unescaped = (from: string): string => {
  expect(from).to.not.match(/&(?!(?:amp|lt|gt|quot|#\d+);)/).and.not.match(/</);
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return from.replace(/&(#?\w+);/g, (_, name: string) => (name.startsWith('#') ? String.fromCodePoint(Number(name.slice(1))) : (entities[name] ?? expect.fail(name))));
};

/** A reader of the XML that we write, which refuses whatever is not well-formed. */
const parse = (xml: string): Xml => {
  expect(xml).to.match(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/);
  // eslint-disable-next-line no-control-regex -- these are what XML 1.0 has no place for
  expect(xml).to.not.match(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u);
  const open: { name: string; attributes: Record<string, string>; children: Xml[]; text: string }[] = [{ name: '', attributes: {}, children: [], text: '' }];
  const rest = xml.slice(xml.indexOf('\n')).replace(/<(\/?)([A-Za-z_][\w:.-]*)((?: [A-Za-z_][\w:.-]*="[^"<]*")*)(\/?)>|([^<]+)/g, (_, close: string, name: string | undefined, attributes: string, empty: string, content: string | undefined) => {
    const top = open.at(-1) ?? expect.fail('after the end');
    if (name === undefined) {
      top.text += unescaped(content ?? '').trim();
    } else if (close === '/') {
      expect(name).to.equal(top.name);
      open.pop();
    } else {
      const pairs = [...attributes.matchAll(/ ([\w:.-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescaped(value)] as const);
      expect(new Set(pairs.map(([key]) => key)).size).to.equal(pairs.length);
      const made = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
      top.children.push(made);
      if (empty !== '/') open.push(made);
    }
    return '';
  });
  expect(rest).to.equal('');
  expect(open).to.have.length(1);
  expect(open[0]?.children).to.have.length(1);
  return open[0]?.children[0] ?? expect.fail('no document');
};

const all = (xml: Xml): readonly Xml[] => [xml, ...xml.children.flatMap(all)];

/** Holds `xml` against what SCXML 1.0 says of its elements. */
const isScxml = (xml: string): Xml => {
  const document = parse(xml);
  const allowed: Readonly<Record<string, readonly string[]>> = {
    scxml: ['state', 'parallel', 'final'], state: ['onentry', 'onexit', 'transition', 'state', 'parallel', 'history', 'final', 'invoke'], parallel: ['onentry', 'onexit', 'transition', 'state', 'parallel', 'history', 'invoke'],
    final: ['onentry', 'onexit'], history: ['transition'], onentry: ['send'], onexit: ['cancel'], transition: [], invoke: [], send: [], cancel: [],
  };
  const states = all(document).filter(({ name }) => ['state', 'parallel', 'final', 'history'].includes(name));
  const ids = states.map(({ attributes }) => attributes['id'] ?? '');
  expect(new Set(ids).size).to.equal(ids.length);
  for (const { name, attributes, children } of all(document)) {
    if (name.startsWith('callchart:')) continue;
    for (const child of children) if (!child.name.startsWith('callchart:')) expect(allowed[name]).to.include(child.name);
    for (const id of [attributes['target'], attributes['initial']].flatMap((list) => list?.split(' ') ?? [])) expect(ids).to.include(id);
    if (attributes['event'] !== undefined) expect(attributes['event']).to.match(/^(?:\*|[\w-]+(?:\.[\w-]+)*(?:\.\*)?)$/);
    if (name === 'history') expect(children).to.have.length(1);
    if (name === 'transition') expect(Object.keys(attributes).some((key) => ['event', 'cond', 'target'].includes(key))).to.equal(true);
  }
  expect(document.attributes).to.include({ xmlns: 'http://www.w3.org/2005/07/scxml', version: '1.0', 'xmlns:callchart': namespace });
  return document;
};

const find = (document: Xml, id: string): Xml => all(document).find(({ attributes, name }) => attributes['id'] === id && name !== 'send' && name !== 'invoke') ?? expect.fail(`no ${id}`);
const machines: readonly (readonly [string, AnyStateMachine])[] = [['acme', acme], ['bank', bank], ['pin', pin]];

describe('a drawn bot', () => {
  it('is what the author wrote, in Mermaid', () => {
    expect(toMermaid(acme)).to.equal(`stateDiagram-v2
  state "idle" as idle
  state "menu" as menu
  menu : asks “Welcome to Acme. For sales press 1, for support press 2.”
  state "sales" as sales
  sales : says “Sales will call you back.”
  sales : hangs up
  state "support" as support
  support : says “Support will call you back.”
  support : hangs up
  state "bye" as bye
  bye : says “Goodbye.”
  bye : hangs up
  state "ended" as ended
  [*] --> idle
  ended --> [*]
  idle --> menu : call.incoming
  menu --> sales : sales
  menu --> support : support
  menu --> bye : exhausted
  menu --> menu : again on noinput, nomatch, failed
  note right of ended : call.ended leads here from every state
`);
  });

  it('shows nested and parallel states, histories, delays, guards, dialogs and tasks in Mermaid', () => {
    const drawn = toMermaid(bank);
    isMermaid(drawn);
    for (const line of [
      '  welcome --> pin : always',
      '  pin : runs dialog pin',
      '  pin --> lookup : done',
      '  lookup : runs task balance',
      '  lookup --> operator : after 5000 ms',
      '  state "order" as order {',
      '    [*] --> order_amount',
      '    order_amount : asks (computed)',
      '    order_amount --> order_amount : noinput',
      '    order_amount --> order_amount : again on nomatch, failed',
      '    state "check (parallel)" as order_check {',
      '        order_check_clock_on --> order_check_clock_off : after 2000 ms',
      '        order_check_clock_off --> [*]',
      '    order_check --> order_sure : done',
      '    order_sure --> order_amount : play.done #91;inTime#93;',
      '    state "back (deep history)" as order_back',
      '    order_back --> order_sure : by default',
      '  message --> order : maxspeech',
      '  operator : transfers to sip#58;desk#64;bank.example',
      '  operator --> message : busy',
      '  operator --> again : noanswer',
      '  again --> order_back : play.*',
      '  again --> again : * (stays)',
      '  any_state --> operator : call.roster',
    ]) expect(drawn.split('\n')).to.include(line);
    expect(drawn.match(/call\.ended/g)).to.have.length(1);
  });

  it('names the good end of every kind of work as its author does', () => {
    const bot = callMachine('bot', {
      initial: 'who',
      states: {
        who: lookupUser({ run: () => 'x', on: { known: 'tell', unknown: 'bye', failed: 'bye' } }),
        tell: chat({ message: 'Hello.', on: { sent: 'bye', failed: 'bye' } }),
        bye: hangup(),
      },
    });
    expect(toMermaid(bot)).to.include('tell : sends a chat message').and.to.include('who --> tell : known').and.to.include('tell --> bye : sent').and.to.include('tell --> bye : failed');
    expect(toScxml(bot)).to.include('type="callchart:chat"').and.to.include('callchart:outcome="sent"');
  });

  it('shows them in SCXML', () => {
    const document = isScxml(toScxml(bank));
    const of = (id: string, name: string) => find(document, id).children.filter((child) => child.name === name).map(({ attributes }) => attributes);
    expect(document.attributes).to.include({ name: 'bank', initial: 'bank' });
    expect(document.children.map(({ name, attributes }) => [name, attributes['id']])).to.deep.equal([['state', 'bank'], ['final', 'ended']]);
    expect(find(document, 'bank').attributes['initial']).to.equal('idle');
    expect(of('bank', 'transition')).to.deep.equal([{ event: 'call.roster', target: 'operator', type: 'internal' }, { event: 'call.ended', target: 'ended' }]);
    expect(of('welcome', 'transition')).to.deep.equal([{ target: 'pin' }]);
    expect(of('pin', 'invoke')).to.deep.equal([{ id: 'pin', type: 'scxml', src: 'pin.scxml' }]);
    expect(of('lookup', 'invoke')).to.deep.equal([{ id: 'lookup', type: 'callchart:task', src: 'balance' }]);
    expect(of('lookup', 'transition').map(({ event }) => event)).to.deep.equal(['done.invoke.lookup', 'error.platform.lookup', 'after.5000.lookup']);
    expect(all(find(document, 'lookup')).find(({ name }) => name === 'send')?.attributes).to.deep.equal({ event: 'after.5000.lookup', id: 'after.5000.lookup', delay: '5000ms' });
    expect(all(find(document, 'lookup')).find(({ name }) => name === 'cancel')?.attributes).to.deep.equal({ sendid: 'after.5000.lookup' });
    expect(find(document, 'order').attributes['initial']).to.equal('order.amount');
    expect(find(document, 'order.check').name).to.equal('parallel');
    expect(of('order.check', 'transition')).to.deep.equal([{ event: 'done.state.order.check', target: 'order.sure' }]);
    expect(find(document, 'order.check.clock.off').name).to.equal('final');
    expect(find(document, 'order.back')).to.include({ name: 'history' }).and.have.deep.nested.property('attributes.type', 'deep');
    expect(of('order.back', 'transition')).to.deep.equal([{ target: 'order.sure' }]);
    expect(of('order.sure', 'transition')).to.deep.equal([{ event: 'play.done', cond: 'inTime', target: 'order.amount' }]);
    expect(of('again', 'transition').map(({ event }) => event)).to.deep.equal(['call.ended', 'play.*', '*']);
    expect(all(find(document, 'order.amount')).find(({ name }) => name === 'callchart:recognize')?.attributes).to.deep.equal({ computed: 'true' });
  });

  it('carries the call actions as data in SCXML', () => {
    const menu = find(isScxml(toScxml(acme)), 'menu');
    const asked = all(menu).find(({ name }) => name === 'callchart:recognize') ?? expect.fail('no question');
    expect(asked.attributes).to.deep.equal({ bargein: 'true', timeoutMs: '5000', interdigitMs: '3000' });
    expect(asked.children.filter(({ name }) => name === 'callchart:choice').map(({ attributes }) => attributes)).to.deep.equal([{ name: 'sales', key: '1' }, { name: 'support', key: '2' }]);
    expect(menu.children.filter(({ name }) => name === 'transition').map(({ attributes }) => [attributes['event'], attributes['cond'], attributes['target']]).slice(0, 4)).to.deep.equal([
      ['recognize.choice.sales', undefined, 'sales'], ['recognize.choice.support', undefined, 'support'],
      ['recognize.noinput', 'call.mayAskAgain', undefined], ['recognize.noinput', undefined, 'bye'],
    ]);
  });

  for (const [name, machine] of machines) {
    it(`holds every state and transition of ${name}, in the author's order`, () => {
      const chart = chartOf(machine);
      const walk = (node: AnyStateMachine['root']): readonly AnyStateMachine['root'][] => [node, ...Object.values(node.states as Readonly<Record<string, AnyStateMachine['root']>>).flatMap(walk)];
      const nodes = walk(machine.root).slice(1);
      const isTask = (path: string): boolean => chart.nodes.find((node) => node.path === path)?.facts?.kind === 'task';
      expect(chart.nodes.map(({ path }) => path)).to.deep.equal(nodes.map(({ path }) => path.join('.')));
      const transitions = walk(machine.root).flatMap((node) => [...(node.always ?? []), ...[...node.transitions].filter(([event]) => event !== '').flatMap(([, list]) => list)]);
      const drawn = chart.edges.map(({ from, targets, kind }) => [from, kind === 'after' && isTask(from) ? [] : targets]); // a task whose time is over fails, and the chart shows where that leads
      expect(drawn).to.deep.equal(transitions.map(({ source, target }) => [source.path.join('.'), (target ?? []).map(({ path }) => path.join('.'))]));
      const document = isScxml(toScxml(machine));
      expect(all(document).filter((xml) => xml.name === 'transition')).to.have.length(chart.edges.length + chart.nodes.filter(({ type }) => type === 'history').length);
      expect(all(document).filter((xml) => ['state', 'parallel', 'final', 'history'].includes(xml.name))).to.have.length(chart.nodes.length + 1);
      isMermaid(toMermaid(machine));
      expect(toMermaid(machine).match(/ as \w/g)?.length).to.be.within(chart.nodes.length, chart.nodes.length + 1);
      expect([toMermaid(machine), toScxml(machine)]).to.deep.equal([toMermaid(machine), toScxml(machine)]);
    });
  }

  it('keeps states apart whose names differ by signs alone, and from the words of Mermaid', () => {
    const machine = createMachine({ id: 'a-b', initial: 'state', states: { state: { on: { x: 'a b' } }, 'a b': { on: { x: 'a-b' } }, 'a-b': { on: { x: 'end' } }, end: {}, note: {}, 日本: {}, any_state: {} }, on: { y: '.note' } });
    const drawn = toMermaid(machine);
    isMermaid(drawn);
    expect(drawn).to.include('state "日本"').and.include('s_state --> a_b : x').and.include('a_b --> a_b_2 : x').and.include('any_state --> s_note : y');
    expect(find(isScxml(toScxml(machine)), 'a_x20_b').attributes['callchart:name']).to.equal('a b');
  });

  it('is drawn without states, with a parallel root, and when it begins in its end', () => {
    for (const machine of [
      createMachine({ id: 'empty' }),
      createMachine({ id: 'both', type: 'parallel', states: { a: {}, b: { initial: 'c', states: { c: {}, d: {}, h: { type: 'history' } } }, h: { type: 'history' } }, on: { x: '.h' } }),
      createMachine({ id: 'over', initial: 'end', states: { end: { type: 'final' } } }),
      createMachine({ id: 'self', initial: 'a', states: { a: { on: { x: 'a', y: { target: 'a', reenter: true }, z: { guard: 'may', target: 'b', actions: ['note', { type: 'tell', params: { to: null, list: [[1]] } }] } } }, b: { after: { soon: 'a' } } } }),
    ]) {
      isMermaid(toMermaid(machine));
      isScxml(toScxml(machine));
    }
  });

  it('says any text so that neither Mermaid nor XML takes it for a sign of its own', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom('"', ':', ';', '#', '#35;', '%% no', 'a --> b', '{', '}', '[*]', '<b>&amp;</b>', ']]>', '\n}', 'end note', 'direction LR', 'state x as y', '\u0000', '\ud800', '`', '\\', '__proto__', 'constructor', 'style a:#b;', '<<fork>>', 'ünïcödé 🎉'),
    );
    fc.assert(
      fc.property(nasty, nasty, nasty, nasty, (says, choice, state, event) => {
        const bare = (word: string): string => `${word.replace(/[.*#\\]/g, '')}x`;
        const made = callMachine('fuzzed', {
          initial: 'ask',
          states: { ask: recognize({ prompt: says, choices: { [bare(choice)]: '1' }, on: { [bare(choice)]: 'bye', exhausted: 'bye' } as never }), bye: hangup(says) },
        } as never) as AnyStateMachine;
        const name = bare(state);
        const raw = createMachine({ id: 'raw', initial: name, states: { [name]: { description: says, entry: [{ type: event, params: { [event]: says, more: [says] } }], on: { [bare(event)]: { target: name, guard: says } } } } });
        for (const machine of [made, raw as AnyStateMachine]) {
          isMermaid(toMermaid(machine));
          isScxml(toScxml(machine));
        }
      }),
      { numRuns: 80 },
    );
  });
});
