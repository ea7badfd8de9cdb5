/** Libraries: dialogs under a name of their own, from one module to the next. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { callMachine, type CallSnapshot, dialog, type Dialog, dialogMachine, hangup, isCallError, library, prompt, recognize, step, type StepEvent, type StepResult, task, tasksDeclared, toMermaid, toScxml, waterfall } from 'callchart';
import { dial } from 'callchart/testing';
import { expect } from 'chai';
import fc from 'fast-check';
import { type AnyStateMachine, assign, createMachine } from 'xstate';
import { call } from './line.ts';
import { botOf, botPlan, eventOf, moves } from './random-bot.ts';

/** A dialog called `pay` that charges by `charge`, a task written in its state `charging`, and says who it is. */
const paying = (who: string, fee: number) =>
  dialogMachine<{ readonly euros: number }, { readonly euros: number }, number>()('pay', {
    context: ({ input }) => ({ euros: input.euros }),
    initial: 'asking',
    states: {
      asking: recognize({ prompt: `${who}: pay?`, choices: { yes: '1', no: '2' }, on: { yes: '#pay.charging', no: { target: '#pay.done' }, exhausted: 'done' } }),
      charging: task({ run: (euros: number) => euros + fee, input: ({ context }) => context.euros, on: { done: { target: 'done', actions: assign({ euros: ({ event }) => event.output }) }, failed: '#pay.done' } }),
      done: { type: 'final', output: ({ context }) => context.euros },
    },
  });

const check = waterfall<{ readonly card: string }>('check').ask('pin', { prompt: ({ input }) => `Pin of ${input.card}?`, digits: { max: 4 } }).end();
const cards = library('cards', { dialogs: { check } });
const billing = library('billing', { dialogs: { pay: paying('Billing', 1) }, libraries: [cards] });
const parking = library('parking', { dialogs: { pay: paying('Parking', 10) } });

const town = callMachine<{ readonly paid: readonly number[] }>()('town', {
  context: { paid: [] },
  initial: 'bill',
  states: {
    bill: dialog(billing.dialog('pay'), { input: { euros: 100 }, on: { done: { target: 'park', actions: assign({ paid: ({ context, event }) => [...context.paid, event.output] }) } } }),
    park: dialog(parking.dialog('pay'), { input: { euros: 5 }, on: { done: { target: 'card', actions: assign({ paid: ({ context, event }) => [...context.paid, event.output] }) } } }),
    card: dialog(billing.dialog('cards:check'), { input: { card: 'Acme' }, on: { done: [{ guard: ({ event }) => event.output.status === 'completed' && event.output.results.pin === '1234', target: 'told' }, 'bye'] } }),
    told: hangup(({ context }) => `You paid ${context.paid.join(' and ')}.`),
    bye: hangup('Goodbye.'),
  },
});

const problemsOf = (load: () => unknown): readonly string[] => {
  try {
    load();
  } catch (error) {
    if (isCallError(error) && error.code === 'ERR_BOT_INVALID') return error.details.problems;
    throw error;
  }
  return [];
};

const loose = (name: unknown, contents: object): unknown => library(name as string, contents as never);

describe('a library', () => {
  it('has its dialogs run by a bot, two of one name among them, each with its own work', async () => {
    const caller = await dial(town, { runTasks: true }).hears('Billing: pay?').presses('1').settled();
    caller.hears('Parking: pay?').presses('1');
    (await caller.settled()).hears('Pin of Acme?').presses('1234').hears('You paid 101 and 15.').isHungUp();
  });

  it('has a test’s stub stand for all work of one name, or for that of one dialog', () => {
    dial(town, { tasks: { charging: 7, 'parking:pay/charging': 8 } }).presses('1').presses('1').presses('1234').hears('You paid 7 and 8.').isHungUp();
    expect(() => dial(town, { tasks: { 'cards:check/charging': 8 } })).to.throw('the bot has no task `cards:check/charging`');
  });

  it('follows a target that a dialog writes by its own name', () => {
    dial(town).hears('Billing').presses('2').hears('Parking').staysSilent().staysSilent().staysSilent().hears('Pin of Acme').presses('9').hears('Goodbye').isHungUp();
  });

  it('tells its tasks and what waits apart, wherever they are kept', () => {
    expect(tasksDeclared(town).map(({ machine, name }) => `${machine} ${name}`)).eql(['billing:pay charging', 'parking:pay charging']);
    const at = 0;
    const begun = step(town, undefined, { type: 'service', at, events: [{ type: 'call.incoming', call }] });
    expect(begun.snapshot.awaiting).include({ path: 'bill', node: 'billing:pay.asking' });
    const restored = JSON.parse(JSON.stringify(begun.snapshot)) as typeof begun.snapshot;
    const keyed = step(town, restored, { type: 'service', at, events: [{ type: 'recognize.input', operationId: 'c1:1:1', via: 'dtmf', input: { kind: 'keys', keys: '1' } }] });
    expect(keyed.tasks).to.have.length(1);
    expect(keyed.tasks[0]).include({ machine: 'billing:pay', name: 'charging', path: 'bill/charging' });
  });

  it('names the state that waits when the service refuses what it asked', () => {
    const at = 0;
    const { snapshot } = step(town, undefined, { type: 'service', at, events: [{ type: 'call.incoming', call }] });
    const { error } = step(town, snapshot, { type: 'service', at, events: [{ type: 'batch.refused', operationId: 'c1:1:1', reason: 'no' }] });
    expect(error?.message).contain('`bill/asking`');
  });

  it('is drawn by the names of its dialogs, which are names in SCXML too', () => {
    expect(toMermaid(town)).contain('runs dialog billing#58;pay').and.contain('runs dialog parking#58;pay');
    expect(toScxml(town)).contain('src="billing%3Apay.scxml"');
    const drawn = toScxml(billing.dialog('cards:check'));
    expect(drawn).contain('name="billing_x3A_cards_x3A_check"');
    expect([...drawn.matchAll(/ id="([^"]*)"/g)].filter(([, id = '']) => id.includes(':'))).eql([]);
  });

  it('gives the same dialog each time, and leaves the one that it was made of as it was', () => {
    expect(billing.dialog('pay')).equal(billing.dialog('pay'));
    expect([billing.dialog('pay').id, billing.dialog('cards:check').id, cards.dialog('check').id, check.id]).eql(['billing:pay', 'billing:cards:check', 'cards:check', 'check']);
    expect(billing.names).eql(['pay', 'cards:check']);
  });

  it('takes under its name whatever its dialogs run, its own and those of its libraries', () => {
    const pin = dialogMachine<Record<never, never>, undefined, string>()('pin', { initial: 'done', states: { done: { type: 'final', output: '1' } } });
    const say = (name: string) => dialogMachine()(name, { initial: 'a', states: { a: prompt(`${name} says.`, 'b'), b: dialog(pin, { on: { done: 'c' } }), c: dialog(cards.dialog('check'), { input: { card: name }, on: { done: 'd' } }), d: { type: 'final' } } });
    const [one, two] = [library('one', { dialogs: { greet: say('greet') } }), library('two', { dialogs: { greet: say('greet') }, libraries: [cards] })];
    const bot = callMachine('bot', { initial: 'a', states: { a: dialog(one.dialog('greet'), { on: { done: 'b' } }), b: dialog(two.dialog('greet'), { on: { done: 'c' } }), c: dialog(two.dialog('cards:check'), { input: { card: 'c' }, on: { done: 'd' } }), d: hangup() } });
    dial(bot).hears('greet says.').hears('Pin of greet?').presses('1234').hears('greet says.').hears('Pin of greet?').presses('1234').hears('Pin of c?');
    expect(toMermaid(two.dialog('greet'))).contain('runs dialog two#58;pin').and.contain('runs dialog two#58;cards#58;check');
  });

  it('is refused by the compiler for an id, an input or an output that is not there', () => {
    const typed: Dialog<{ readonly euros: number }, number> = billing.dialog('pay');
    expect(typed.id).equal('billing:pay');
    // @ts-expect-error: no dialog is called so
    expect(() => billing.dialog('cards:pay')).to.throw('library `billing`: dialog `cards:pay` does not exist');
    // @ts-expect-error: it wants euros
    dialog(billing.dialog('pay'), { input: { cents: 1 }, on: { done: 'bye' } });
    // @ts-expect-error: a misspelt option
    expect(() => library('x', { dialogs: { check }, librarys: [cards] })).to.throw('option `librarys` does not exist; did you mean `libraries`?');
  });

  for (const [title, load, ...sentences] of [
    ['an id that does not exist', () => billing.dialog('pya' as never), 'dialog `pya` does not exist; did you mean `pay`?'],
    ['no id', () => billing.dialog(undefined as never), 'dialog `undefined` does not exist'],
    ['a name of a prototype', () => billing.dialog('toString' as never), 'dialog `toString` does not exist'],
    ['a library listed twice', () => library('shop', { libraries: [cards, cards] }), 'library `cards` is listed twice'],
    ['two libraries of one name', () => library('shop', { libraries: [cards, library('cards', { dialogs: { check } })] }), 'two libraries are both called `cards`'],
    ['no dialogs', () => library('shop', {}), 'it has no dialogs'],
    ['a name that is none', () => loose('a:b', { dialogs: { check } }), 'the name of a library is a letter, then letters, digits, `-` or `_`'],
    ['no name', () => loose(undefined, { dialogs: { check } }), 'the name of a library is a letter, then letters, digits, `-` or `_`'],
    ['a dialog with a name that is none', () => library('shop', { dialogs: { 'a.b': check } }), 'dialog `a.b`: its name is not a letter, then letters, digits, `-` or `_`'],
    ['a dialog twice', () => library('shop', { dialogs: { one: check, two: check } }), 'dialog `two`: is `one` once more'],
    ['a waterfall that is not ended', () => loose('shop', { dialogs: { open: waterfall('open') } }), 'dialog `open`: is not made by `dialogMachine` or `waterfall`; call its `.end()`'],
    ['a bot', () => loose('shop', { dialogs: { town } }), 'dialog `town`: is not made by `dialogMachine` or `waterfall`'],
    ['a machine of XState', () => loose('shop', { dialogs: { plain: createMachine({}) } }), 'dialog `plain`: is not made by `dialogMachine` or `waterfall`'],
    ['nothing for a dialog', () => loose('shop', { dialogs: { pay: undefined } }), 'dialog `pay`: is not made by `dialogMachine` or `waterfall`'],
    ['what is no library', () => loose('shop', { dialogs: { check }, libraries: [check] }), '`libraries` holds what is no library'],
    ['what is no list', () => loose('shop', { dialogs: { check }, libraries: cards }), '`libraries` is not a list'],
    ['no contents', () => loose('shop', undefined as never), 'it has no dialogs'],
  ] as const) {
    it(`is refused: ${title}`, () => {
      expect(problemsOf(load)).eql(sentences);
    });
  }

  it('is refused beside another of its name in one bot, also deep in other dialogs', () => {
    const twin = library('cards', { dialogs: { other: waterfall('other').say('Hm.').end() } });
    const around = (id: string, inner: Dialog<undefined, unknown>) => dialogMachine()(id, { initial: 'a', states: { a: dialog(inner, { on: { done: 'b' } }), b: { type: 'final' } } });
    const bye = hangup();
    const bot = (inner: Dialog<undefined, unknown>) => () => callMachine('bot', { initial: 'a', states: { a: dialog(cards.dialog('check'), { input: { card: 'a' }, on: { done: 'b' } }), b: dialog(inner, { on: { done: 'bye' } }), bye } });
    expect(problemsOf(bot(twin.dialog('other')))).eql(['state `b`: two libraries are both called `cards`']);
    expect(problemsOf(bot(around('left', around('right', twin.dialog('other')))))).eql(['state `b`: two libraries are both called `cards`']);
    expect(problemsOf(() => library('shop', { dialogs: { one: around('one', twin.dialog('other')) }, libraries: [cards] })), 'and within one library').eql(['two libraries are both called `shop:cards`']);
    expect(problemsOf(() => library('shop', { dialogs: { one: around('one', twin.dialog('other')) } }))).eql([]);
  });
});

describe('a dialog of a library', () => {
  /** What of a step is the same whatever the machines are called. */
  const told = ({ batch, trail, holds, ignored, tasks, timers, error, snapshot: { ended } }: StepResult): unknown => ({
    batch, trail, holds, ignored, ended, tasks: tasks.map(({ id, path, input }) => [id, path, input]), timers: timers.map(({ path, dueAt }) => [path, dueAt]), error: error?.code,
  });

  it('does and says in every call what it does and says outside of it', () => {
    const shelved = <D extends AnyStateMachine>(one: D): D => library(`l-${one.id.replaceAll(':', '-')}`, { dialogs: { one } } as never).dialog('one' as never) as D;
    let inside = 0;
    fc.assert(
      fc.property(botPlan, moves, (plan, walk) => {
        const [plain, kept] = [botOf(plan), botOf(plan, shelved)];
        let [now, one, other]: [number, CallSnapshot | undefined, CallSnapshot | undefined] = [1_000, undefined, undefined];
        const take = (event: StepEvent, same: StepEvent): void => {
          now = event.at;
          const [expected, found] = [step(plain, one, event), step(kept, other, same)];
          expect(told(found)).eql(told(expected));
          if (found.trail.some((state) => state.includes('/'))) inside += 1;
          [one, other] = [expected.snapshot, JSON.parse(JSON.stringify(found.snapshot)) as CallSnapshot];
        };
        const begins: StepEvent = { type: 'service', at: now, events: [{ type: 'call.incoming', call }] };
        take(begins, begins);
        for (const move of walk) {
          const [event, same] = [eventOf(move, one!, now + 100), eventOf(move, other!, now + 100)];
          if (event !== undefined && same !== undefined) take(event, same);
        }
      }),
      { numRuns: 60 },
    );
    expect(inside, 'steps in dialogs').above(0);
  });
});

describe('a library that is a package of its own', function () {
  this.timeout(180_000);

  const root = resolve(import.meta.dirname, '../..');
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'callchart-library-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (...args: readonly string[]): string => {
    try {
      return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    } catch (error) {
      throw new Error(`${(error as { stdout?: string }).stdout ?? ''}${(error as { stderr?: string }).stderr ?? ''}`, { cause: error });
    }
  };

  it('is compiled and published with its types, and used by a bot that knows only those', () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const settings = { ...(JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { compilerOptions: object }).compilerOptions, types: [], noEmit: false };
    const write = (file: string, text: string | object): void => writeFileSync(join(folder, file), typeof text === 'string' ? text : JSON.stringify(text));
    mkdirSync(join(folder, 'node_modules/acme-billing'), { recursive: true });
    mkdirSync(join(folder, 'billing'));
    symlinkSync(root, join(folder, 'node_modules/callchart'));
    symlinkSync(join(root, 'node_modules/xstate'), join(folder, 'node_modules/xstate'));
    write('package.json', { type: 'module' });
    write('node_modules/acme-billing/package.json', { name: 'acme-billing', type: 'module', exports: { types: './index.d.ts', default: './index.js' }, peerDependencies: { callchart: '*' } });
    write('billing/index.ts', `
      import { library, waterfall } from 'callchart';
      const pay = waterfall<{ readonly euros: number }>('pay').confirm('sure', { prompt: ({ input }) => \`Pay \${input.euros} euros?\` }).end();
      export const billing = library('billing', { dialogs: { pay } });
    `);
    write('tsconfig.billing.json', { compilerOptions: { ...settings, declaration: true, rootDir: 'billing', outDir: 'node_modules/acme-billing' }, files: ['billing/index.ts'] });
    run(tsc, '-p', 'tsconfig.billing.json');
    rmSync(join(folder, 'billing'), { recursive: true });
    write('bot.ts', `
      import { callMachine, dialog, hangup } from 'callchart';
      import { dial } from 'callchart/testing';
      import { billing } from 'acme-billing';
      const bot = callMachine('bot', {
        initial: 'pay',
        states: {
          pay: dialog(billing.dialog('pay'), { input: { euros: 7 }, on: { done: [{ guard: ({ event }) => event.output.status === 'completed' && event.output.results.sure, target: 'thanks' }, 'bye'] } }),
          thanks: hangup('Thanks.'), bye: hangup('Goodbye.'),
        },
      });
      dial(bot).hears('Pay 7 euros?').says('yes').hears('Thanks.').isHungUp();
      // @ts-expect-error: the package has no such dialog
      try { billing.dialog('refund'); } catch (error) { console.log((error as Error).message); }
    `);
    write('tsconfig.json', { compilerOptions: { ...settings, noEmit: true, types: ['node'], typeRoots: [join(root, 'node_modules/@types')] }, files: ['bot.ts'] });
    run(tsc, '-p', 'tsconfig.json');
    expect(run('--import', join(root, 'node_modules/tsx/dist/loader.mjs'), '--conditions=@callchart/source', 'bot.ts')).equal('library `billing`: dialog `refund` does not exist\n');
  });
});
