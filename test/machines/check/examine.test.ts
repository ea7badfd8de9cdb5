/** What `callchart check` says of small bots: what the proof is about, case by case. A finding is told by its id; figures are counted by hand. */
import { callMachine, catalogue, chat, confirm, createcall, dialog, dialogMachine, hangup, hold, library, loadData, lookupUser, oneOf, play, prompt, recognize, record, reject, saveData, task, transfer, userData, waterfall } from 'callchart';
import { dial, examine } from 'callchart/testing';
import { expect } from 'chai';
import * as t from 'io-ts';
import { and, type AnyStateMachine, assign, enqueueActions, not, or, raise, sendTo } from 'xstate';
import { comesTrue, secondOpinion } from '../../../src/machines/check/confirm.ts';
import { walk } from '../../../src/machines/check/walker.ts';

/** What code of an author's is given, as authors of JavaScript write it. */
interface Args {
  readonly context: Readonly<Record<'n' | 'm' | 'left' | 'seen' | 'asked' | 'last' | 'next' | 'slow' | 'name' | 'list' | 'number' | 'parcel' | 'call', never>>;
  readonly event: Readonly<Record<'type' | 'output' | 'error' | 'confidence' | 'digits', never>>;
}

const bot = (states: object, more: object = {}): AnyStateMachine => callMachine('bot', { initial: 'menu', ...more, states: { ...states, bye: hangup('Bye.') } } as never) as unknown as AnyStateMachine;

const menu = (on: object = {}, options: object = {}): object => recognize({ prompt: 'One or two?', choices: { one: '1', two: '2' }, ...options, on: { one: 'bye', two: 'bye', exhausted: 'bye', ...on } } as never);

const look = (output: t.Mixed | undefined, done: unknown, on: object = {}): object => task({ run: () => null, timeoutMs: 1_000, ...(output !== undefined && { output }), on: { done, failed: 'bye', ...on } } as never);

const inside = (name: string, states: object, more: object = {}): object => dialogMachine(name, { initial: Object.keys(states)[0], ...more, states } as never);

/** Ids of what is found, but for what callers only suffer from. */
const errors = (machine: AnyStateMachine): readonly string[] => examine(machine).findings.filter(({ severity }) => severity === 'error').map(({ id }) => id);

const ids = (machine: AnyStateMachine): readonly string[] => examine(machine).findings.map(({ id }) => id);

const counts = { prompts: 4, reprompts: 2, silenceMs: 15_000 };

/** One after a silence; the same question is asked anew, and nobody counts but the author. */
const silent = (more: readonly object[], context: object = { n: 0 }): AnyStateMachine => bot({ menu: menu({ noinput: [...more, { target: 'bye' }] }, { attempts: 1 }) }, { context });

const few = ({ context }: Args): boolean => context['n'] < 2;
const up = assign({ n: ({ context }: Args) => context['n'] + 1 } as never);

/** Bots whose silence the author bounds himself: what he asks three times at most. */
const bounded: Readonly<Record<string, AnyStateMachine>> = {
  'raised one by one': silent([{ target: 'menu', guard: few, actions: up }]),
  'raised by a function of the whole context': silent([{ target: 'menu', guard: few, actions: assign((({ context }: Args) => ({ n: context['n'] + 1 })) as never) }]),
  'that is counted down': silent([{ target: 'menu', guard: ({ context }: Args) => context['left'] > 0, actions: assign({ left: ({ context }: Args) => context['left'] - 1 } as never) }], { left: 2 }),
  'that is a list which grows': silent([{ target: 'menu', guard: ({ context }: Args) => (context['seen'] as unknown as string[]).length < 2, actions: assign({ seen: ({ context }: Args) => [...(context['seen'] as unknown as string[]), 'x'] } as never) }], { seen: [] }),
  'that is nowhere before it is first raised': silent([{ target: 'menu', guard: ({ context }: Args) => (context['n'] ?? 0) < 2, actions: assign({ n: ({ context }: Args) => (context['n'] ?? 0) + 1 } as never) }], {}),
  'in a context that a function gives': bot({ menu: menu({ noinput: [{ target: 'menu', guard: few, actions: up }, { target: 'bye' }] }, { attempts: 1 }) }, { context: () => ({ n: 0 }) }),
  'beside an assign that gives nothing': silent([{ target: 'menu', guard: few, actions: [assign((() => undefined) as never), up] }]),
};

describe('a counter of the author’s own', () => {
  for (const [how, machine] of Object.entries(bounded)) {
    it(`${how} bounds the silence`, () => {
      const examination = examine(machine);
      expect(examination.findings).to.deep.equal([]);
      expect(examination.certificate?.withoutInput).to.deep.equal({ prompts: 4, reprompts: 0, silenceMs: 15_000 });
      expect(examination.followed).to.have.lengthOf(1);
      expect(secondOpinion(machine, examination).says).to.equal('same');
    });
  }

  it('that is a flag bounds it after one more', () => {
    const { findings, certificate } = examine(silent([{ target: 'bye', guard: ({ context }: Args) => context['asked'] }, { target: 'menu', actions: assign({ asked: true } as never) }], { asked: false }));
    expect(findings).to.deep.equal([]);
    expect(certificate?.withoutInput).to.deep.equal({ prompts: 3, reprompts: 0, silenceMs: 10_000 });
  });

  it('in a dialog begins anew with each run of it', () => {
    const asks = inside('ask', { asking: menu({ one: 'over', two: 'over', exhausted: 'over', noinput: [{ target: 'asking', guard: few, actions: up }, { target: 'over' }] }, { attempts: 1 }), over: { type: 'final' } }, { context: { n: 0 } });
    const twice = examine(bot({ menu: dialog(asks as never, { on: { done: 'again' } } as never), again: dialog(asks as never, { on: { done: 'bye' } } as never) }));
    expect(twice.followed).to.deep.equal(['ask: n']);
    expect(twice.certificate?.withoutInput).to.deep.equal({ prompts: 7, reprompts: 0, silenceMs: 30_000 });
    expect(errors(bot({ menu: dialog(asks as never, { on: { done: 'menu' } } as never) }))).to.include('silent-loop:menu/asking');
  });

  it('that the caller sets back by his own doing bounds what comes without it, and not the call', () => {
    const { findings, certificate } = examine(bot({ menu: menu({ one: { target: 'menu', actions: assign({ n: 0 } as never) }, noinput: [{ target: 'menu', guard: few, actions: up }, { target: 'bye' }] }, { attempts: 1 }) }, { context: { n: 0 } }));
    expect(findings).to.deep.equal([]);
    expect(certificate).to.deep.include({ whole: null, rounds: ['menu'], withoutInput: { prompts: 4, reprompts: 0, silenceMs: 15_000 } });
  });

  it('that one of the ways does not raise bounds nothing there, and the loop is told', () => {
    const machine = bot({ menu: menu({ noinput: [{ target: 'menu', guard: few, actions: up }, { target: 'bye' }], nomatch: [{ target: 'menu', guard: few }, { target: 'bye' }] }, { attempts: 1 }) }, { context: { n: 0 } });
    const { findings, certificate } = examine(machine);
    expect(certificate).to.equal(null);
    expect(findings.map(({ id }) => id)).to.deep.equal(['nomatch-loop:menu']);
    expect(comesTrue(machine, findings[0] as never)).to.equal(true);
  });

  it('that is never raised leaves the loop, and the guard that it takes is named', () => {
    const [finding] = examine(silent([{ target: 'menu', guard: few }])).findings;
    expect(finding?.message).to.match(/^state `menu`: silence alone can go round for ever: `menu`, `menu`/);
    const [open] = examine(silent([{ target: 'menu', guard: ({ context }: Args) => (context['call'] as { readonly from: string }).from === 'x' }])).findings;
    expect(open?.message).to.contain('where the guard `bot.menu recognize.noinput 1` holds');
    expect(open?.script?.[0]).to.deep.equal({ act: 'assume', guard: 'bot.menu recognize.noinput 1', holds: true });
  });

  it('that takes more values than anybody waits for is not followed', () => {
    const { findings, followed } = examine(silent([{ target: 'menu', guard: ({ context }: Args) => context['n'] < 200, actions: up }]));
    expect(findings.map(({ id }) => id)).to.deep.equal(['silent-loop:menu']);
    expect(followed).to.deep.equal([]);
  });

  it('that begins with what the call is given is not known', () => {
    expect(errors(bot({ menu: menu({ noinput: [{ target: 'menu', guard: ({ context }: Args) => context['n'] > 0 }, { target: 'bye' }] }) }, { context: ({ input }: { readonly input: { readonly from: string } }) => ({ n: input.from === '' ? 0 : 1 }) }))).to.deep.equal(['silent-loop:menu']);
  });

  it('that says which of two endings was met tells the round that there is from the one that there is not', () => {
    const note = assign({ last: ({ event }: Args) => event['type'] } as never);
    const machine = bot({ menu: menu({ noinput: { target: 'next', actions: note }, nomatch: { target: 'next', actions: note } }), next: { always: [{ target: 'menu', guard: ({ context }: Args) => context['last'] === 'recognize.nomatch.speech' }, { target: 'bye' }] } }, { context: { last: '' } });
    expect(errors(machine)).to.deep.equal(['nomatch-loop:menu']);
  });
});

describe('a guard', () => {
  const worldly: Readonly<Record<string, () => boolean>> = {
    'the clock': () => Date.now() < 0, 'the date of today': () => new Date().getFullYear() < 2000, 'today in words': () => Date().includes('1999'), 'today in the words of a language': () => new Intl.DateTimeFormat('en', { year: 'numeric' }).format() === '1999',
    'the time since the start': () => performance.now() < 0, chance: () => Math.random() < 0, 'chance of a better kind': () => crypto.randomUUID().length === 0, 'a clock that it hides': () => { try { return Date.now() < 0; } catch { return false; } },
  };
  for (const [what, guard] of Object.entries(worldly)) {
    it(`that looks at ${what} is free`, () => {
      expect(errors(silent([{ target: 'menu', guard }]))).to.deep.equal(['silent-loop:menu']);
    });
  }

  it('that looks at a date of its own, beside the event, is not', () => {
    expect(errors(silent([{ target: 'menu', guard: ({ event }: { readonly event: { readonly type: string } }) => event.type === '' || new Date(0).getTime() > 0 || Date.UTC(2000) < 0 || !(new Date(0) instanceof Date) }]))).to.deep.equal([]);
  });

  it('that looks at nothing that it is given looks at something else, and is free', () => {
    let isOpen = false;
    expect(errors(silent([{ target: 'menu', guard: () => isOpen }]))).to.deep.equal(['silent-loop:menu']);
    isOpen = true;
    expect(errors(silent([{ target: 'menu', guard: () => process.env['OPEN'] === '1' }]))).to.deep.equal(['silent-loop:menu']);
  });

  it('of a counter whose context is spread is followed all the same', () => {
    const counting = callMachine<{ n: number; other: string }>()('counting', {
      context: { n: 0, other: '' }, initial: 'menu',
      states: { menu: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { one: 'bye', noinput: [{ guard: ({ context }) => context.n < 2, target: 'menu', actions: assign(({ context }) => ({ ...context, n: context.n + 1 })) }, 'bye'], exhausted: 'bye' } }), bye: hangup('Goodbye.') },
    });
    expect(errors(counting)).to.deep.equal([]);
  });

  const looks: Readonly<Record<string, (args: Args) => boolean>> = {
    'whether there is a name': ({ context }) => Object.hasOwn(context, 'm'), 'whether there is a name, in another way': ({ context }) => 'm' in context, 'what names there are': ({ context }) => Object.keys(context).length > 1,
    'all of the context': ({ context }) => JSON.stringify(context).length > 2, 'who calls': ({ context }) => (context['call'] as { readonly from: string } | undefined)?.from === 'x', 'the actor itself': (args) => (args as unknown as { readonly self: unknown }).self === undefined,
    'what an event may carry': ({ event }) => event['confidence'] === undefined, 'what a copy holds': ({ context }) => ({ ...context })['m'] === 1,
  };
  for (const [what, guard] of Object.entries(looks)) {
    it(`that looks at ${what} is not known`, () => {
      expect(errors(silent([{ target: 'menu', guard: guard as never }], { n: 0, m: 1 }))).to.deep.equal(['silent-loop:menu']);
    });
  }

  it('that throws may hold or not', () => {
    expect(errors(silent([{ target: 'menu', guard: () => { throw new Error('closed'); } }]))).to.deep.equal(['silent-loop:menu']);
  });

  it('says the same of the same event and context wherever it stands, in `not` too', () => {
    const isKnown = ({ context }: Args): boolean => (context['call'] as { readonly from: string }).from !== '';
    const lost = menu({ noinput: 'lost' });
    const machine = (second: unknown): AnyStateMachine => bot({ menu: menu({ one: [{ target: 'known', guard: isKnown }, { target: 'bye' }] }), known: { always: [{ target: 'lost', guard: second }, { target: 'bye' }] }, lost });
    expect(errors(machine(not(isKnown as never)))).to.deep.equal(['unreachable:lost']);
    expect(errors(machine(({ context }: Args) => (context['call'] as { readonly from: string }).from === ''))).to.include('silent-loop:lost');
  });

  it('and the same guard turned round leave nothing out, and two that only mean so do', () => {
    const isKnown = ({ context }: Args): boolean => (context['call'] as { readonly from: string }).from !== '';
    const isUnknown = ({ context }: Args): boolean => (context['call'] as { readonly from: string }).from === '';
    const machine = (first: unknown, second: unknown): AnyStateMachine => bot({ menu: menu({ one: [{ target: 'bye', guard: first }, { target: 'bye', guard: second }] }) });
    expect(errors(machine(isKnown, not(isKnown as never)))).to.deep.equal([]);
    expect(errors(machine(and([isKnown, few] as never), or([not(isKnown as never), not(few as never)] as never)))).to.deep.equal([]);
    expect(errors(machine(isKnown, isUnknown))).to.deep.equal(['unhandled:menu:recognize.choice.one']);
  });

  it('that looks at which of several events it is about is known', () => {
    const machine = bot({ menu: menu({ nomatch: [{ target: 'menu', guard: ({ event }: Args) => event['type'] === 'recognize.noinput' }, { target: 'bye' }] }) });
    const examination = examine(machine);
    expect(examination.findings).to.deep.equal([]);
    expect(secondOpinion(machine, examination).says).to.equal('same');
  });

  it('that looks at how often the question was asked is known', () => {
    const machine = bot({ menu: menu({ noinput: [{ target: 'menu', guard: ({ context }: Args) => (context['call'] as { readonly asked: { readonly attempts: number } }).asked.attempts < 1 }, { target: 'bye' }] }) });
    const examination = examine(machine);
    expect(examination.findings).to.deep.equal([]);
    expect(secondOpinion(machine, examination).says).to.equal('same');
  });
});

describe('a task', () => {
  const branch = (...answers: readonly unknown[]): readonly object[] => answers.map((answer) => ({ target: 'bye', guard: ({ event }: Args) => event['output'] === answer }));
  const parcel = t.union([t.literal('here'), t.literal('lost')]);

  it('with a branch for each answer of its codec is whole, and with one left out hangs up without a word', () => {
    expect(errors(bot({ menu: look(parcel, branch('here', 'lost')) }))).to.deep.equal([]);
    expect(errors(bot({ menu: look(parcel, branch('here')) }))).to.deep.equal(['dead-end:menu']);
    expect(errors(bot({ menu: look(t.keyof({ here: null, lost: null }), branch('here', 'lost')) }))).to.deep.equal([]);
    expect(errors(bot({ menu: look(undefined, branch('here', 'lost')) }))).to.deep.equal(['dead-end:menu']);
  });

  it('that answers yes or no, or nothing, is tried with each', () => {
    expect(errors(bot({ menu: look(t.boolean, branch(true, false)) }))).to.deep.equal([]);
    expect(errors(bot({ menu: look(t.boolean, branch(true)) }))).to.deep.equal(['dead-end:menu']);
    expect(errors(bot({ menu: look(t.union([t.boolean, t.null]), branch(true, false)) }))).to.deep.equal(['dead-end:menu']);
    expect(errors(bot({ menu: look(t.union([t.boolean, t.null]), branch(true, false, null)) }))).to.deep.equal([]);
  });

  it('of whose answer a part is known and a part is not, is tried with that', () => {
    const codec = t.intersection([t.type({ ok: t.boolean }), t.partial({ price: t.number })]);
    const isOk = ({ event }: Args): boolean => (event['output'] as { readonly ok: boolean }).ok;
    expect(errors(bot({ menu: look(codec, [{ target: 'bye', guard: isOk }, { target: 'bye', guard: ({ event }: Args) => !(event['output'] as { readonly ok: boolean }).ok }]) }))).to.deep.equal([]);
    expect(errors(bot({ menu: look(codec, [{ target: 'bye', guard: isOk }, { target: 'bye', guard: ({ event }: Args) => (event['output'] as { readonly price?: number }).price === undefined }]) }))).to.deep.equal(['dead-end:menu']);
  });

  it('whose answer is kept for later is known there', () => {
    const kept = (...known: readonly string[]): AnyStateMachine => bot({
      menu: look(parcel, { target: 'tell', actions: assign({ parcel: ({ event }: Args) => event['output'] } as never) }),
      tell: { always: known.map((answer) => ({ target: 'bye', guard: ({ context }: Args) => context['parcel'] === answer })) },
    }, { context: { parcel: '' } });
    expect(errors(kept('here', 'lost'))).to.deep.equal([]);
    expect(errors(kept('here'))).to.deep.equal(['dead-end:tell']);
  });

  it('fails with a code that a guard asks for, as well as with those that outcomes tell apart', () => {
    const busy = { target: 'menu', guard: ({ event }: Args) => (event['error'] as { readonly code?: string }).code === 'E_BUSY' };
    expect(errors(bot({ menu: look(undefined, 'bye', { failed: [busy, { target: 'bye' }] }) }))).to.deep.equal(['task-loop:menu']);
    expect(errors(bot({ menu: look(undefined, 'bye', { timeout: 'menu' }) }))).to.include('task-loop:menu');
  });

  it('that saves may find that somebody else was faster, and a task that finds who calls may find nobody', () => {
    const visits = userData('visits', t.type({ count: t.number }));
    const saves = (on: object): AnyStateMachine => bot({ menu: saveData(visits as never, { document: { value: null, revision: 0 }, on: { done: 'bye', conflict: 'bye', failed: 'bye', ...on } } as never) });
    expect(errors(saves({}))).to.deep.equal([]);
    expect(errors(saves({ conflict: 'menu' }))).to.deep.equal(['task-loop:menu']);
    expect(errors(bot({ menu: loadData(visits as never, { on: { done: 'bye', failed: 'menu' } } as never) }))).to.deep.equal(['task-loop:menu']);
    const who = (on: object): AnyStateMachine => bot({ menu: lookupUser({ run: () => null, on: { known: 'bye', unknown: 'bye', failed: 'bye', ...on } } as never) });
    expect([errors(who({})), errors(who({ unknown: 'menu' }))]).to.deep.equal([[], ['task-loop:menu']]);
  });
});

describe('a dialog', () => {
  it('that is a waterfall ends in every way that it has', () => {
    const order = (on: object): AnyStateMachine => {
      const steps = waterfall('order', { back: { key: '8', phrases: ['back'] }, cancel: { key: '9', phrases: ['cancel'] } } as never).ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } } as never).ask('count', { prompt: 'How many?', digits: { max: 2 } } as never).end();
      return bot({ menu: dialog(steps as never, { on: { completed: 'bye', notCompleted: 'bye', cancelled: 'bye', back: 'bye', ...on } } as never) });
    };
    expect(errors(order({}))).to.deep.equal([]);
    expect(errors(order({ notCompleted: 'menu' }))).to.deep.equal(['silent-loop:menu/size']);
    expect(examine(order({ back: 'menu' })).certificate).to.deep.include({ whole: null, rounds: ['menu/size'] });
  });

  it('in a dialog is named by its path, from a library as well', () => {
    const inner = inside('inner', { asking: menu({ one: 'over', two: 'over', exhausted: 'over', noinput: 'asking' }), over: { type: 'final' } });
    const outer = inside('outer', { first: dialog(inner as never, { on: { done: 'over' } } as never), over: { type: 'final' } });
    expect(errors(bot({ menu: dialog(outer as never, { on: { done: 'bye' } } as never) }))).to.deep.equal(['silent-loop:menu/first/asking']);
    const shelf = library('shelf', { dialogs: { inner } } as never) as unknown as { readonly dialog: (name: string) => never };
    expect(errors(bot({ menu: dialog(shelf.dialog('inner'), { on: { done: 'bye' } } as never) }))).to.deep.equal(['silent-loop:menu/asking']);
  });

  it('that ends at once is passed through, and two of them that take turns never rest', () => {
    const short = inside('short', { over: { type: 'final' } });
    const runs = (target: string): object => dialog(short as never, { on: { done: target } } as never);
    expect(errors(bot({ menu: runs('bye') }))).to.deep.equal([]);
    expect(errors(bot({ menu: runs('other'), other: runs('menu') }))).to.deep.equal(['unreachable:bye', 'restless:menu']);
  });

  it('that has a state to which nothing leads is told by its path', () => {
    expect(errors(bot({ menu: dialog(inside('ask', { asking: menu({ one: 'over', two: 'over', exhausted: 'over' }), lost: prompt('Lost.', 'over'), over: { type: 'final' } }) as never, { on: { done: 'bye' } } as never) }))).to.deep.equal(['unreachable:menu/lost']);
  });
});

describe('a chart', () => {
  const out = { one: '#bot.bye', two: '#bot.bye', exhausted: '#bot.bye' };

  it('comes back by a history to where it was', () => {
    const order = { initial: 'size', states: { size: menu({ ...out, one: 'count' }), count: menu({ ...out, noinput: '#bot.aside' }), last: { type: 'history' } } };
    expect(errors(bot({ menu: order, aside: prompt('One moment.', '#bot.menu.last') }))).to.deep.equal(['silent-loop:menu.count']);
  });

  it('says beside a question what a timer has it say, after the question, and the silence of both counts', () => {
    const beside = { type: 'parallel', states: { ask: { initial: 'asking', states: { asking: menu(out) } }, still: { initial: 'quiet', states: { quiet: { after: { 2_000: 'said' } }, said: { entry: play('Still here.') } } } } };
    expect(examine(bot({ menu: beside })).certificate?.withoutInput).to.deep.equal({ prompts: 5, reprompts: 2, silenceMs: 17_000 });
  });

  it('asks anew where a timer takes a question away, when the first has ended', () => {
    const machine = bot({ menu: { ...menu(), after: { 2_000: 'other' } }, other: menu() });
    const examination = examine(machine);
    expect(errors(machine)).to.deep.equal([]);
    expect(examination.certificate?.withoutInput).to.deep.equal({ prompts: 7, reprompts: 4, silenceMs: 32_000 });
    expect(secondOpinion(machine, examination).says).to.equal('same');
  });

  it('says what is said on the way out of a state, and ends in a final state of the bot', () => {
    expect(examine(bot({ menu: { ...menu(), exit: play('Leaving.') } })).certificate?.withoutInput).to.deep.equal({ ...counts, prompts: 5 });
    expect(errors(bot({ menu: menu({ one: 'last' }), last: { type: 'final', entry: play('Done.') } }))).to.deep.equal([]);
  });

  it('that names all events at the top comes back with every change of the line, which is the caller’s doing', () => {
    const { findings, certificate } = examine(bot({ menu: menu() }, { on: { '*': '.menu' } }));
    expect(findings).to.deep.equal([]);
    expect(certificate).to.deep.include({ whole: null, rounds: ['menu'] });
  });

  it('that can go on by itself for ever may also leave off when it has asked twice', () => {
    const machine = bot({ menu: { ...menu(), always: { target: 'menu', reenter: true, guard: () => process.env['AGAIN'] === '1' } } });
    expect(errors(machine)).to.deep.equal(['batch-illegal:menu', 'restless:menu']);
    expect([...walk(machine).illegal].join()).to.match(/nothing follows a question/);
  });

  it('that raises an event follows it, and one that computes which cannot be followed', () => {
    expect(errors(bot({ menu: { entry: raise({ type: 'call.state' } as never), on: { 'call.state': 'bye' } } }))).to.deep.equal([]);
    expect(errors(bot({ menu: { entry: raise({ type: 'call.state' } as never), on: { 'call.state': { target: 'menu', reenter: true } } } }))).to.deep.equal(['unreachable:bye', 'restless:menu']);
    expect(errors(bot({ menu: { entry: raise((({ context }: Args) => ({ type: context['next'] })) as never), on: { 'call.state': 'bye' } } }, { context: { next: 'call.state' } }))).to.deep.equal(['unexamined:menu']);
  });

  it('with what nobody can look into has no certificate', () => {
    const opaque = [
      enqueueActions((() => undefined) as never), sendTo((({ self }: { readonly self: never }) => self) as never, { type: 'call.state' } as never), raise({ type: 'call.state' } as never, { delay: (() => 5) as never }),
      assign({ child: ({ spawn }: { readonly spawn: (name: string) => unknown }) => spawn('work') } as never), assign((({ spawn }: { readonly spawn: (name: string) => unknown }) => ({ child: spawn('work') })) as never),
    ];
    for (const action of opaque) {
      const { findings, certificate } = examine(bot({ menu: menu({ one: { target: 'bye', actions: action } }) }));
      expect(findings.map(({ id }) => id)).to.deep.equal(['unexamined:menu']);
      expect(certificate).to.equal(null);
    }
  });

  it('that asks by hand for what only the call tells has no certificate, and one that says it has', () => {
    const asks = { prompts: [{ text: 'Yes?' }], bargein: true, interdigitMs: 1_000, choices: [{ name: 'one', key: '1', phrases: ['one'] }] };
    const on = { 'recognize.*': 'bye', 'play.failed': 'bye' };
    const slow = ({ context }: Args): object => ({ ...asks, timeoutMs: context['slow'] ? 60_000 : 5_000 });
    expect(errors(bot({ menu: { entry: { type: 'recognize', params: slow }, on } }, { context: { slow: true } }))).to.deep.equal(['unexamined:menu']);
    expect(examine(bot({ menu: { entry: { type: 'recognize', params: () => ({ ...asks, timeoutMs: 5_000 }) }, on } })).certificate?.withoutInput.silenceMs).to.equal(5_000);
    expect(errors(bot({ menu: { entry: { type: 'play', params: ({ context }: Args) => ({ prompts: [{ text: context['name'] }] }) }, always: 'bye' } }, { context: { name: 'Ann' } }))).to.deep.equal([]);
  });

  it('goes on by itself as far as XState lets it, and no further', () => {
    const chain = (length: number): AnyStateMachine => bot(Object.fromEntries(Array.from({ length }, (_, index) => [index === 0 ? 'menu' : `part${index}`, prompt('And then.', index === length - 1 ? 'bye' : `part${index + 1}`)])));
    expect(errors(chain(900))).to.deep.equal([]);
    dial(chain(900) as never).hears('Bye.').isHungUp();
    expect(examine(chain(1_200)).findings.map(({ rule }) => rule)).to.include('restless');
    dial(chain(1_200) as never).endedWith('error');
  });

  const length = process.env['CALLCHART_WHOLE'] === '1' ? 10_000 : 4_000;
  it(`of ${length} states in a row is looked at to its end`, function () {
    this.timeout(120_000);
    const states = Object.fromEntries(Array.from({ length }, (_, index) => [index === 0 ? 'menu' : `part${index}`, recognize({ prompt: 'On?', choices: { on: '1' }, attempts: 1, on: { on: 'bye', noinput: index === length - 1 ? 'bye' : `part${index + 1}`, exhausted: 'bye' } } as never)]));
    const { certificate, moments } = examine(bot(states));
    expect(certificate?.whole).to.deep.equal({ prompts: length + 1, reprompts: 0, silenceMs: length * 5_000 });
    expect(moments).to.equal(length);
  });

  it('says the same of the same bot, twice', () => {
    const machine = (): AnyStateMachine => bot({ menu: menu({ noinput: [{ target: 'menu', guard: few }, { target: 'bye' }], one: 'look' }), look: look(t.boolean, 'menu') }, { context: { n: 0 } });
    expect(JSON.stringify(examine(machine()))).to.equal(JSON.stringify(examine(machine())));
  });

  it('has states in any language', () => {
    expect(errors(bot({ menu: menu({ one: 'größe 尺寸' }), 'größe 尺寸': menu({ noinput: 'größe 尺寸' }) }))).to.deep.equal(['silent-loop:größe 尺寸']);
  });
});

describe('what the service works on', () => {
  const desk = (on: object = {}): object => transfer({ to: '+15550123', on: { failed: 'bye', ...on } } as never);

  it('ends a call that is transferred, unless the bot goes on', () => {
    expect(errors(bot({ menu: desk() }))).to.deep.equal([]);
    expect(errors(bot({ menu: desk({ failed: 'menu' }) }))).to.deep.equal(['unreachable:bye', 'failure-loop:menu']);
    expect(errors(bot({ menu: desk({ done: 'menu' }) }))).to.deep.equal(['failure-loop:menu']);
  });

  it('fails where the prompt before it cannot be played: a transfer, an outgoing call, a caller on hold', () => {
    const before = (state: object): AnyStateMachine => bot({ menu: prompt('One moment.', 'next'), next: state });
    expect(errors(before(desk({ busy: 'bye', noanswer: 'bye', failed: 'menu' })))).to.deep.equal(['failure-loop:next']);
    expect(errors(before(createcall({ to: '+15550123', on: { done: 'bye', busy: 'bye', noanswer: 'bye', failed: 'menu' } } as never)))).to.deep.equal(['failure-loop:next']);
    expect(errors(before(hold('Music.', { on: { done: 'bye', failed: 'menu' } } as never)))).to.deep.equal(['failure-loop:next']);
  });

  it('tells of a prompt that cannot be played where a state waits for its end', () => {
    expect(errors(bot({ menu: prompt('Hello.', { on: { done: 'bye', failed: 'menu' } } as never) }))).to.deep.equal(['failure-loop:menu']);
  });

  it('records, and what is recorded is input', () => {
    const { certificate } = examine(bot({ menu: record({ prompt: 'Speak.', attempts: 2, on: { done: 'menu', exhausted: 'bye' } } as never) }));
    expect(certificate).to.deep.include({ withoutInput: { prompts: 3, reprompts: 1, silenceMs: 10_000 }, whole: null, rounds: ['menu'] });
  });

  it('takes commands for input: one that leads away and one that repeats', () => {
    const { certificate, findings } = examine(bot({ menu: menu(), desk: desk({ failed: 'menu' }) }, { commands: { operator: { key: '0', target: 'desk' }, again: { key: '*', repeat: true } } }));
    expect(findings).to.deep.equal([]);
    expect(certificate).to.deep.include({ withoutInput: counts, whole: null, rounds: ['desk', 'menu'] });
  });

  it('is not told commands while digits are asked for', () => {
    expect(errors(bot({ menu: recognize({ prompt: 'How many?', digits: { max: 2 }, on: { digits: 'bye', exhausted: 'bye' } } as never), desk: desk() }, { commands: { operator: { key: '0', target: 'desk' } } }))).to.deep.equal(['unreachable:desk']);
  });
});

describe('a prompt that takes long', () => {
  it('has what timers ask for by hand wait for its end, and what comes behind that question breaks the batch', () => {
    const asks = { type: 'recognize', params: { prompts: [{ text: 'One?' }], bargein: true, timeoutMs: 5_000, interdigitMs: 1_000, choices: [{ name: 'one', key: '1', phrases: ['one'] }] } };
    const machine = bot({ menu: { entry: play('A long story.'), after: { 2_000: 'ask' } }, ask: { entry: asks, on: { '*': 'bye' } } });
    expect(errors(machine)).to.deep.equal(['batch-illegal:ask']);
    expect(errors(bot({ menu: { entry: play('A long story.'), after: { 2_000: 'ask' } }, ask: { entry: asks, on: { 'recognize.*': 'bye', 'play.*': 'bye' } } }))).to.deep.equal([]);
  });
});

describe('a batch that cannot be sent', () => {
  it('says nothing of what it holds', () => {
    const machine = bot({ menu: prompt('We are closed.', 'away'), away: reject() });
    const examination = examine(machine);
    expect(errors(machine)).to.deep.equal(['unreachable:bye', 'batch-illegal:away']);
    expect(examination.certificate?.whole).to.deep.equal({ prompts: 0, reprompts: 0, silenceMs: 0 });
    expect(secondOpinion(machine, examination).says).to.equal('same');
  });
});

describe('words that are computed', () => {
  it('are counted as said, since nobody knows that they are none', () => {
    const hello = bot({ menu: menu({ one: 'hello' }), hello: prompt((({ context }: Args) => (context['name'] === 'Ann' ? 'Hello.' : '')) as never, 'bye') }, { context: { name: 'Ann' } });
    expect(examine(hello).certificate?.whole).to.deep.equal({ ...counts, prompts: 5 });
  });

  it('that cannot be had before a call leave the times of their question as they are', () => {
    const list = bot({ menu: menu({}, { prompt: ({ context }: Args) => (JSON.parse(context['list']) as string[])[0], timeoutMs: 30_000 }) }, { context: { list: '["One or two?"]' } });
    const examination = examine(list);
    expect(examination.certificate?.withoutInput).to.deep.equal({ ...counts, silenceMs: 90_000 });
    expect(secondOpinion(list, examination).says).to.equal('same');
    dial(list as never).hears('One or two?').staysSilent().staysSilent().staysSilent().hears('Bye.').isHungUp();
  });

  it('and choices of run time, none at all even, are looked at like any others', () => {
    const asks = (choicesFrom: unknown): readonly string[] => errors(bot({ menu: recognize({ prompt: 'Which?', choicesFrom, on: { choice: 'bye', exhausted: 'bye', noinput: 'menu' } } as never) }));
    expect(asks(() => [])).to.deep.equal(['silent-loop:menu']);
    expect(asks(({ context }: Args) => JSON.parse(context['list']) as unknown)).to.deep.equal(['silent-loop:menu']);
  });
});

describe('a secret', () => {
  const ask = (on: object): object => recognize({ prompt: 'Your number?', digits: { max: 4 }, secret: true, on: { exhausted: 'bye', ...on } } as never);
  const keep = { target: 'next', actions: assign({ number: ({ event }: Args) => event['digits'] } as never) };
  const kept = (next: object): AnyStateMachine => bot({ menu: ask({ digits: keep }), next }, { context: { number: '' } });
  const words = (({ context }: Args) => `It is ${context['number']}.`) as never;

  it('is told where it is said, written or dialled, and not where a task is given it', () => {
    expect(errors(kept(prompt(words, 'bye')))).to.deep.equal(['secret-told:next']);
    expect(errors(kept(chat({ message: words, on: { sent: 'bye', failed: 'bye' } } as never)))).to.deep.equal(['secret-told:next']);
    expect(errors(kept(transfer({ to: (({ context }: Args) => context['number']) as never, on: { failed: 'bye' } } as never)))).to.deep.equal(['secret-told:next']);
    expect(errors(kept(task({ run: () => true, input: ({ context }: Args) => context['number'], timeoutMs: 1_000, on: { done: 'bye', failed: 'bye' } } as never)))).to.deep.equal([]);
  });

  it('is told where a state written by hand says what the event carries', () => {
    expect(errors(bot({ menu: ask({ digits: 'next' }), next: { entry: { type: 'play', params: ({ event }: Args) => ({ prompts: [{ text: event['digits'] }] }) }, always: 'bye' } }))).to.deep.equal(['secret-told:next']);
  });

  it('is followed into a dialog by its input, and out of one by its output', () => {
    const says = inside('says', { say: prompt(words, 'over'), over: { type: 'final' } }, { context: ({ input }: { readonly input: { readonly number: string } }) => ({ number: input.number }) });
    expect(errors(kept(dialog(says as never, { input: ({ context }: Args) => ({ number: context['number'] }), on: { done: 'bye' } } as never)))).to.deep.equal(['secret-told:next/say']);
    const asks = inside('asks', { asking: recognize({ prompt: 'Your number?', digits: { max: 4 }, secret: true, on: { digits: { target: 'over', actions: assign({ number: ({ event }: Args) => event['digits'] } as never) }, exhausted: 'over' } } as never), over: { type: 'final', output: ({ context }: Args) => ({ number: context['number'] }) } }, { context: { number: '' } });
    const gives = { target: 'next', actions: assign({ number: ({ event }: Args) => (event['output'] as { readonly number: string }).number } as never) };
    expect(errors(bot({ menu: dialog(asks as never, { on: { done: gives } } as never), next: prompt(words, 'bye') }, { context: { number: '' } }))).to.deep.equal(['secret-told:next']);
  });
});

describe('a bot of two languages', () => {
  const say = catalogue('en', { en: { hello: 'Welcome.', bye: 'Goodbye.' }, de: { hello: 'Willkommen.', bye: 'Tschüss.' } });
  const polyglot = (hello: unknown, more: object = {}): AnyStateMachine => callMachine('bot', { initial: 'hello', language: say.language, ...more, states: { hello: prompt(hello as never, 'end'), end: hangup(say('bye')) } } as never) as unknown as AnyStateMachine;

  it('takes every word from its catalogue', () => {
    expect(errors(polyglot(say('hello')))).to.deep.equal([]);
    expect(errors(polyglot('Welcome.'))).to.deep.equal(['untranslated:hello']);
    expect(errors(polyglot(oneOf('Welcome.', 'Hello.')))).to.deep.equal(['untranslated:hello']);
  });

  it('has the framework’s own words in both, or gives its own', () => {
    expect(errors(polyglot(say('hello'), { language: 'en' }))).to.deep.equal(['untranslated:']);
    expect(errors(polyglot(say('hello'), { language: 'en', apology: 'Sorry.', reprompts: { noinput: '', nomatch: '', failed: '' } }))).to.deep.equal([]);
  });
});

describe('a menu', () => {
  it('of yes and no needs no keys in its prompt', () => {
    expect(ids(bot({ menu: confirm({ prompt: 'Are you sure?', on: { yes: 'bye', no: 'bye', exhausted: 'bye' } } as never) }))).to.deep.equal([]);
  });

  it('that is spoken for more than twenty seconds is too long', () => {
    expect(ids(bot({ menu: menu({}, { prompt: 'One or two? '.repeat(800) }) }))).to.deep.equal(['prompt-long:menu']);
  });

  it('may tell of the key of a command, and of none that is neither its own nor a command\'s', () => {
    const telling = (key: string): readonly string[] => ids(bot({ menu: menu({}, { prompt: `One or two? For an operator press ${key}.` }), desk: hangup('An operator.') }, { commands: { operator: { key: '0', target: 'desk' } } }));
    expect(telling('0')).to.deep.equal([]);
    expect(telling('8')).to.deep.equal(['option-unsaid:menu:keys']);
  });

  it('of six options has one too many, and commands are none of them', () => {
    const of = (count: number, more: object = {}): readonly string[] => {
      const names = ['one', 'two', 'three', 'four', 'five', 'six'].slice(0, count);
      return ids(bot({ menu: recognize({ prompt: `${names.join(', ')}?`, choices: Object.fromEntries(names.map((name, index) => [name, `${index + 1}`])), on: { ...Object.fromEntries(names.map((name) => [name, 'bye'])), exhausted: 'bye' } } as never) }, more));
    };
    expect(of(5, { commands: { operator: { key: '0', target: 'bye' } } })).to.deep.equal([]);
    expect(of(6)).to.deep.equal(['menu-breadth:menu']);
  });
});

describe('a waiver', () => {
  const looping = (waive: object): AnyStateMachine => bot({ menu: menu({ noinput: 'menu' }) }, { waive });

  it('in the bot lets a finding be, by its id or by its rule, with the reason', () => {
    for (const id of ['silent-loop:menu', 'silent-loop']) {
      const { findings, certificate } = examine(looping({ [id]: 'a test line' }));
      expect(findings.map((one) => [one.id, one.waived])).to.deep.equal([['silent-loop:menu', 'a test line']]);
      expect(certificate).to.equal(null);
    }
  });

  it('that waives nothing is told', () => {
    expect(ids(looping({ 'silent-loop:other': 'there was one' }))).to.deep.equal(['silent-loop:menu', 'waiver-unused:silent-loop:other']);
    expect(examine(looping({}), { waivers: [{ id: 'task-loop', reason: 'none' }] }).findings.map(({ id }) => id)).to.deep.equal(['silent-loop:menu', 'waiver-unused:task-loop']);
  });
});

describe('a question beside another', () => {
  it('is found also where a timer asks it while the service is at the first, and nothing could be sent yet', () => {
    const both = bot({
      menu: {
        type: 'parallel', onDone: 'bye',
        states: {
          left: { initial: 'ask', states: { ask: record({ prompt: 'Speak.', on: { done: 'over', exhausted: 'over' } } as never), over: { type: 'final' } } },
          right: { initial: 'wait', states: { wait: { after: { 1_000: 'ask' } }, ask: { entry: { type: 'recognize', params: { prompts: [{ text: 'And?' }], bargein: true, timeoutMs: 4_000, interdigitMs: 2_000, choices: [{ name: 'a', key: '1', phrases: [] }] } }, on: { 'recognize.*': 'over' } }, over: { type: 'final' } } },
        },
      },
    });
    expect(errors(both).filter((id) => id.startsWith('batch-illegal:'))).to.have.length(1);
    expect([...walk(both).illegal].join()).to.match(/two questions cannot be open at once/);
  });
});
