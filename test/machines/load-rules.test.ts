/**
 * What the loader refuses: the bots that the compiler refuses, in the same words, and what only a loaded bot shows.
 */
import { answer, callMachine, CallError, confirm, dialog, dialogMachine, hangup, isCallError, play, prompt, raw, rawAction, recognize, record, reject, task, transfer, waterfall } from 'callchart';
import { expect } from 'chai';
import { fromCallback, fromObservable, fromPromise } from 'xstate';
import { refusals } from '../types/refusals.ts';

/** The problems of a bot that is refused while `load` runs. */
const problemsOf = (load: () => unknown): readonly string[] => {
  try {
    load();
  } catch (error) {
    if (isCallError(error) && error.code === 'ERR_BOT_INVALID') return error.details.problems;
    throw error;
  }
  return [];
};

interface Untyped {
  readonly id?: string;
  readonly initial?: unknown;
  readonly [property: string]: unknown;
}

/** The problems of a bot that no compiler has seen; where it has no `initial` it begins in its first state. */
const problems = (states: Readonly<Record<string, unknown>>, { id = 'bot', ...rest }: Untyped = {}): readonly string[] =>
  problemsOf(() => callMachine(id, { initial: Object.keys(states)[0], states, ...rest } as never));

const bye = hangup();
const done = { exhausted: 'bye' } as const;
const loose = <T extends (...args: never) => unknown>(maker: T) => (options: unknown): unknown => maker(...([options] as never));
const [ask, take, run, hand] = [loose(recognize), loose(record), loose(task), loose(transfer)];
const verb = (options: unknown, service = 'twilio'): unknown => raw(...([service, options] as unknown as Parameters<typeof raw>));

describe('the loader', () => {
  describe('says what the compiler says', () => {
    for (const { file, mistake, url, sentences } of refusals.filter(({ sentences: some }) => some.length > 0)) {
      it(`of ${file}: ${mistake}`, async () => {
        const refused = await import(url.href).then(() => undefined, (error: unknown) => error);
        if (file.startsWith('capability-')) { // refused beside a service, and not by itself
          expect(isCallError(refused) && refused.code, 'is refused').equal('ERR_CAPABILITY_MISSING');
          expect([...sentences]).eql([(refused as CallError).message]);
          return;
        }
        expect(isCallError(refused) && refused.code, 'is refused').equal(file.startsWith('catalogue-') ? 'ERR_CATALOGUE_INVALID' : 'ERR_BOT_INVALID');
        const found = (refused as CallError<'ERR_BOT_INVALID'>).details.problems;
        expect(found).include.members([...sentences]);
      });
    }

    it('and takes every bot that the compiler takes', async () => {
      expect(Object.keys(await import('../types/accepted.ts'))).include.members(['big', 'small', 'values', 'one']);
    });
  });

  it('names the bot and all of its problems in one error', () => {
    const load = (): unknown => callMachine('acme', { initial: 'menu', states: { menu: ask({ choices: { sales: '1', support: '2' }, on: { sales: 'sale' } }), bye } } as never);
    expect(load).throw(
      CallError,
      'bot `acme`: state `menu`: outcome `support` is not handled; state `menu`: outcome `exhausted` is not handled; state `menu`: target `sale` does not exist',
    );
  });

  it('names every outcome, target and action that is wrong, each once', () => {
    const menu = ask({ choices: { a: '1', b: '2' }, on: { c: 'nowhere', d: ['nowhere', { target: 'bye', actions: [{ type: 'paly' }, 'paly'] }] } });
    expect(problems({ menu, bye })).eql([
      'state `menu`: outcome `a` is not handled',
      'state `menu`: outcome `b` is not handled',
      'state `menu`: outcome `exhausted` is not handled',
      'state `menu`: outcome `c` does not exist',
      'state `menu`: outcome `d` does not exist',
      'state `menu`: target `nowhere` does not exist',
    ]);
    expect(problems({ hello: { entry: ['paly', { type: 'paly' }], exit: 'hagnup', after: { 10: { actions: 'tarnsfer' } }, always: { target: 'hello', actions: 'paly' } } })).eql([
      'state `hello`: action `paly` does not exist',
      'state `hello`: action `hagnup` does not exist',
      'state `hello`: action `tarnsfer` does not exist',
    ]);
  });

  describe('refuses a question', () => {
    const cases: readonly (readonly [title: string, state: unknown, ...problems: string[]])[] = [
      ['with one key for two choices', ask({ choices: { a: '1', b: '1' }, on: { a: 'bye', b: 'bye', ...done } }), 'key `1` means both `a` and `b`'],
      ['with one phrase for two choices', ask({ choices: { a: 'yes', b: ['2', 'Yes '] }, on: { a: 'bye', b: 'bye', ...done } }), 'phrase `yes` means both `a` and `b`'],
      ['with two keys for one choice', ask({ choices: { a: ['1', '2'] }, on: { a: 'bye', ...done } }), 'phrase `2` of choice `a` is a key; a choice has one key'],
      ['with a choice that nothing means', ask({ choices: { a: { phrases: [] } }, on: { a: 'bye', ...done } }), 'choice `a` has neither a key nor a phrase'],
      ['with a choice that an empty phrase means', ask({ choices: { a: { phrases: [' '] } }, on: { a: 'bye', ...done } }), 'choice `a` has neither a key nor a phrase'],
      ['with a choice of two keys in one', ask({ choices: { a: { key: '12' } }, on: { a: 'bye', ...done } }), 'choice `a`: `key` is not a key'],
      ['with a choice whose key is a number', ask({ choices: { a: { key: 1 } }, on: { a: 'bye', ...done } }), 'choice `a`: `key` is not a key'],
      ['with a choice whose phrases are one text', ask({ choices: { a: { phrases: 'yes' } }, on: { a: 'bye', ...done } }), 'choice `a`: `phrases` is not a list of phrases'],
      ['for digits whose number is a text', ask({ digits: { max: '4' }, on: { digits: 'bye', ...done } }), 'digits: `max` is not a number'],
      ['with a choice without a name', ask({ choices: { '': '1' }, on: { '': 'bye', ...done } }), 'a choice has no name', 'event `recognize.choice.` does not exist'],
      ['for digits without an end', ask({ digits: {}, on: { digits: 'bye', ...done } }), '`digits` needs `max` or `termchars`'],
      ['for digits with an empty list of ends', ask({ digits: { termchars: [] }, on: { digits: 'bye', ...done } }), '`digits` needs `max` or `termchars`'],
      ['for no digits', ask({ digits: { max: 0 }, on: { digits: 'bye', ...done } }), '`max` is not a positive integer'],
      ['for half a digit', ask({ digits: { max: 0.5 }, on: { digits: 'bye', ...done } }), '`max` is not a positive integer'],
      ['for choices and digits', ask({ choices: { a: '1' }, digits: { max: 1 }, on: { digits: 'bye', ...done } }), 'a question has either `choices` or `digits`'],
      ['for neither choices nor digits', ask({ on: done }), 'a question has at least one choice', 'a question has either `choices` or `digits`'],
      ['for free speech that is not a yes', ask({ speech: 'yes', on: { speech: 'bye', ...done } }), '`speech` is neither true nor false'],
      ['for free speech whose outcome is forgotten', ask({ prompt: () => 'Hm?', speech: true, on: done }), 'outcome `speech` is not handled'],
      ['for free speech and for choices and digits at once', ask({ choices: { a: '1' }, digits: { max: 1 }, speech: true, on: { digits: 'bye', speech: 'bye', ...done } }), 'a question has either `choices` or `digits`'],
      ['for no choice', ask({ choices: {}, on: done }), 'a question has at least one choice'],
      ['for no choice, with a prompt that is computed', ask({ prompt: () => 'Hm?', choices: {}, on: done }), 'a question has at least one choice'],
      ['asked no times', ask({ choices: { a: '1' }, attempts: 0, on: { a: 'bye', ...done } }), '`attempts` is not a positive integer'],
      ['asked less than never', ask({ choices: { a: '1' }, attempts: -1, on: { a: 'bye', ...done } }), '`attempts` is not a positive integer'],
      ['asked one and a half times', ask({ choices: { a: '1' }, attempts: 1.5, on: { a: 'bye', ...done } }), '`attempts` is not a positive integer'],
      ['asked for ever', ask({ choices: { a: '1' }, attempts: Infinity, on: { a: 'bye', ...done } }), '`attempts` is not a positive integer'],
      ['asked NaN times', ask({ choices: { a: '1' }, attempts: NaN, on: { a: 'bye', ...done } }), '`attempts` is not a positive integer'],
      ['asked `three` times', ask({ prompt: () => 'Hm?', choices: { a: '1' }, attempts: 'three', on: { a: 'bye', ...done } }), '`attempts` is not a positive integer'],
      ['that no silence may end', ask({ choices: { a: '1' }, maxNoinput: 0, maxNomatch: -2, on: { a: 'bye', ...done } }), '`maxNoinput` is not a positive integer', '`maxNomatch` is not a positive integer'],
      ['that waits for less than no time', ask({ choices: { a: '1' }, timeoutMs: -1, on: { a: 'bye', ...done } }), '`timeoutMs` is not a time in milliseconds'],
      ['that waits for NaN', ask({ choices: { a: '1' }, timeoutMs: NaN, interdigitMs: Infinity, on: { a: 'bye', ...done } }), '`timeoutMs` is not a time in milliseconds', '`interdigitMs` is not a time in milliseconds'],
      ['that waits for a word', ask({ choices: { a: '1' }, timeoutMs: '5s', on: { a: 'bye', ...done } }), '`timeoutMs` is not a time in milliseconds'],
      ['with a silence of less than no time', ask({ prompt: { silenceMs: -5 }, choices: { a: '1' }, on: { a: 'bye', ...done } }), '`silenceMs` is not a time in milliseconds'],
      ['that records for NaN', take({ maxMs: NaN, finalSilenceMs: -1, timeoutMs: -1, on: { done: 'bye', ...done } }), '`timeoutMs` is not a time in milliseconds', '`finalSilenceMs` is not a time in milliseconds', '`maxMs` is not a time in milliseconds'],
      ['that records no times', take({ attempts: 0, on: { done: 'bye', ...done } }), '`attempts` is not a positive integer'],
      ['whose entry was replaced', { ...recognize({ choices: { a: '1' }, on: { a: 'bye', ...done } }), entry: play('Hm?') }, 'property `entry` replaces what the maker wrote there'],
    ];
    for (const [title, menu, ...sentences] of cases) {
      it(title, () => {
        expect(problems({ menu, bye })).have.members(sentences.map((sentence) => `state \`menu\`: ${sentence}`));
      });
    }

    it('and takes a zero for a time', () => {
      expect(problems({ menu: ask({ choices: { a: '1' }, timeoutMs: 0, interdigitMs: 0, on: { a: 'bye', ...done } }), bye })).eql([]);
    });

    it('and takes a letter for a phrase, which on few telephones is a key', () => {
      expect(problems({ quiz: ask({ choices: { first: { phrases: ['A'] }, second: { key: 'A' } }, on: { first: 'bye', second: 'bye', ...done } }), bye })).eql([]);
    });

    it('and takes handlers that were added to the handlers of the maker', () => {
      const made = recognize({ choices: { a: '1' }, on: { a: 'bye', exhausted: 'bye' } });
      expect(problems({ menu: { ...made, on: { ...made.on, 'call.roster': 'bye' } }, bye })).eql([]);
    });
  });

  describe('refuses an option', () => {
    const yesNo = { yes: 'bye', no: 'bye', ...done };
    const on = { done: 'bye', failed: 'bye' };
    const pin = dialogMachine<Record<never, never>, undefined, string>()('pin', { initial: 'done', states: { done: { type: 'final', output: '1' } } });
    const cases: readonly (readonly [title: string, state: unknown, ...problems: string[]])[] = [
      ['of a question that is misspelt', ask({ promt: 'Hm?', timeout: 5, choices: { a: '1' }, on: { a: 'bye', ...done } }), 'option `promt` does not exist; did you mean `prompt`?', 'option `timeout` does not exist; did you mean `timeoutMs`?'],
      ['that is like no other', ask({ colour: 'red', choices: { a: '1' }, on: { a: 'bye', ...done } }), 'option `colour` does not exist'],
      ['of a question of yes and no', loose(confirm)({ yse: '1', on: yesNo }), 'option `yse` does not exist; did you mean `yes`?'],
      ['that only other questions have', loose(confirm)({ digits: { max: 1 }, validate: () => 'No.', on: yesNo }), 'option `digits` does not exist', 'option `validate` does not exist'],
      ['of a recording', take({ maxMS: 5, nomatch: 'Pardon?', on: { done: 'bye', ...done } }), 'option `maxMS` does not exist; did you mean `maxMs`?', 'option `nomatch` does not exist'],
      ['of a transfer', hand({ to: '+47', timeoutMs: 5, on: { failed: 'bye' } }), 'option `timeoutMs` does not exist'],
      ['of a verb', verb({ verb: 'Pay', attribtes: {}, on: { success: 'bye', failed: 'bye' } }), 'option `attribtes` does not exist; did you mean `attributes`?'],
      ['of work', run({ run: async () => 1, inptu: 5, on }), 'option `inptu` does not exist; did you mean `input`?'],
      ['of a dialog', loose((options) => dialog(pin, options as never))({ args: 5, on: { done: 'bye' } }), 'option `args` does not exist'],
      ['of an answer', answer({ modalites: ['audio'], on } as never), 'option `modalites` does not exist; did you mean `modalities`?'],
      ['of a prompt that waits', prompt('Hello.', { on, timeoutMs: 5 } as never), 'option `timeoutMs` does not exist'],
      ['of a choice', ask({ choices: { a: { kye: '1', phrases: ['a'] }, b: { key: '2', phrase: 'bee' } }, on: { a: 'bye', b: 'bye', ...done } }), 'choice `a`: option `kye` does not exist; did you mean `key`?', 'choice `b`: option `phrase` does not exist; did you mean `phrases`?'],
      ['of what means yes', loose(confirm)({ yes: { keys: '1' }, promt: 'Hm?', on: yesNo }), 'choice `yes`: option `keys` does not exist; did you mean `key`?', 'option `promt` does not exist; did you mean `prompt`?'],
      ['of digits', ask({ digits: { max: 4, termchar: '#' }, on: { digits: 'bye', ...done } }), 'digits: option `termchar` does not exist; did you mean `termchars`?'],
      ['of a transition', prompt('Hello.', { targt: 'bye' } as never), 'a transition has no `targt`; did you mean `target`?'],
      ['of a transition by hand', { on: { 'call.state': { target: 'bye', cond: () => true } } }, 'a transition has no `cond`'],
      ['of what is said', prompt({ text: 'Hello.', emphasys: true } as never, 'bye'), '`prompt` has `emphasys`, which no prompt has; did you mean `emphasis`?'],
    ];
    const values: readonly (readonly [title: string, state: unknown, ...problems: string[]])[] = [
      ['a number for a prompt', ask({ prompt: 5, choices: { a: '1' }, on: { a: 'bye', ...done } }), '`prompt` is not a prompt'],
      ['words where a number stands, beside a prompt that is computed', ask({ prompt: () => 'Hm?', attempts: 'three', timeoutMs: '5s', choices: { a: '1' }, on: { a: 'bye', ...done } }), '`attempts` is not a positive integer', '`timeoutMs` is not a time in milliseconds'],
      ['a word for yes or no', ask({ bargein: 'no', reprompt: 0, choices: { a: '1' }, on: { a: 'bye', ...done } }), '`bargein` is neither true nor false', '`reprompt` is neither true nor false'],
      ['a number for a text', ask({ culture: 5, noinput: 5, nomatch: [5], choices: { a: '1' }, on: { a: 'bye', ...done } }), '`culture` is not a text', '`noinput` is neither a text nor a list of prompts', '`nomatch` is not a prompt'],
      ['a text for a function', ask({ validate: 'four', digits: { max: 4 }, on: { digits: 'bye', ...done } }), '`validate` is not a function'],
      ['a text for a list of keys', take({ termchars: '#', on: { done: 'bye', ...done } }), '`termchars` is not a list of keys'],
      ['a number for work', run({ run: 5, on }), '`run` is neither a function nor the name of a task'],
      ['a number for a telephone number', hand({ to: 47, on: { failed: 'bye' } }), '`to` is not a text'],
      ['nobody to transfer to', hand({ on: { failed: 'bye' } }), 'has no `to`'],
      ['a verb that its service does not have', verb({ verb: 'Pau', on: { success: 'bye', failed: 'bye' } }), 'the service `twilio` has no verb `Pau`; did you mean `Pay`?'],
      ['a verb of a service that nobody knows', verb({ verb: 'Pay', on: { success: 'bye', failed: 'bye' } }, 'twillio'), 'nobody has declared verbs of the service `twillio`; did you mean `twilio`?'],
      ['no verb', verb({ on: { failed: 'bye' } }), 'has no `verb`'],
      ['a verb with a list of attributes', verb({ verb: 'Pay', attributes: ['10.00'], on: { success: 'bye', failed: 'bye' } }), '`attributes` is not an object'],
      ['a verb with an attribute of another kind', verb({ verb: 'Pay', attributes: { chargeAmount: 10 }, on: { success: 'bye', failed: 'bye' } }), '`attributes.chargeAmount` is not what its verb takes'],
      ['a verb with an attribute too many', verb({ verb: 'Pay', attributes: { amount: '10.00' }, on: { success: 'bye', failed: 'bye' } }), 'its verb has no attribute `amount`'],
      ['a verb without what it needs', verb({ verb: 'sendDtmfTones', on: { sent: 'bye', failed: 'bye' } }, 'azure'), '`attributes.tones` is not what its verb takes'],
      ['a verb by hand that ends in no such way', { entry: rawAction('twilio', { verb: 'Pay', attributes: {}, endings: ['sucess' as never] }), on: { 'raw.*': 'bye' } }, 'ending `sucess` does not exist; did you mean `success`?'],
      ['a verb by hand whose ending no event can have', { entry: { type: 'raw', params: { service: 'twilio', verb: 'Pay', attributes: {}, endings: ['a.b', ''] } }, on: { 'raw.*': 'bye' } }, 'ending `a.b` holds a `.` or `*`', 'an ending has no name'],
      ['a number for a parting', hangup(5 as never), '`parting` is not a prompt'],
    ];
    for (const [title, x, ...sentences] of [...cases, ...values.map(([what, ...rest]) => [`that has ${what}`, ...rest] as const)]) {
      it(title, () => {
        const found = problems({ x, bye });
        expect(found).include.members(sentences.map((sentence) => `state \`x\`: ${sentence}`));
        expect(found.filter((problem) => /has wrong parameters/.test(problem)), 'and says it once').eql([]);
      });
    }

    it('of the bot itself, and of a dialog', () => {
      expect(problems({ bye }, { intial: 'bye', reprompt: {} })).eql(['option `intial` does not exist; did you mean `initial`?', 'option `reprompt` does not exist; did you mean `reprompts`?']);
      expect(problems({ bye }, { apology: 5, cleanup: 'later', version: 2, reprompts: { noinptu: 'Hm?', nomatch: 5 } })).eql([
        '`apology` is not a prompt', '`cleanup` is not a function', '`version` is not a text',
        'reprompts: option `noinptu` does not exist; did you mean `noinput`?', 'reprompts: `nomatch` is neither a text nor a list of prompts',
      ]);
      expect(problems({ bye }, { commands: { help: { key: '0', phrase: 'help', target: 'bye' } }, tasks: { find: 'find.js' } })).eql(['command `help`: option `phrase` does not exist; did you mean `phrases`?', 'task `find` is not a function']);
      expect(problemsOf(() => dialogMachine()('pin', { initial: 'done', states: { done: { type: 'final' } }, commands: {} } as never))).eql(['option `commands` does not exist']);
    });

    it('of the bot that holds something else than names', () => {
      expect(problemsOf(() => callMachine('bot', undefined as never))).eql(['the bot has no `initial`']);
      expect(problemsOf(() => callMachine('bot', 'menu' as never))).eql(['its options are not an object']);
      expect(problems({ bye }, { states: null, tasks: [], commands: 'repeat' })).eql(['`states` is not an object', '`tasks` is not an object', '`commands` is not an object']);
    });

    it('but takes one that is told to be undefined', () => {
      expect(problems({ x: ask({ culture: undefined, promt: undefined, choices: { a: '1' }, on: { a: 'bye', ...done } }), bye })).eql(['state `x`: option `promt` does not exist; did you mean `prompt`?']);
    });
  });

  it('says of a maker that was given no outcomes which are missing', () => {
    expect(problems({ x: take({}), bye })).eql(['state `x`: outcome `done` is not handled', 'state `x`: outcome `exhausted` is not handled']);
  });

  describe('refuses to run as a dialog', () => {
    const acme = () => callMachine('acme', { initial: 'bye', states: { bye } });
    const cases: readonly (readonly [title: string, what: unknown, problem: string])[] = [
      ['the id of one, which may not exist', 'pay', 'dialog `pay` is given by its name; give the dialog itself'],
      ['nothing, as of an import that is not there', undefined, 'runs what is no dialog; make it with `dialogMachine` or `waterfall`'],
      ['a function', () => 1, 'runs what is no dialog; make it with `dialogMachine` or `waterfall`'],
      ['a waterfall that is not finished', waterfall('w').say('Hi.'), 'runs a waterfall that is not finished; call its `.end()`'],
      ['a bot, in which no call would ever begin', acme(), 'runs the bot `acme`, which waits for a call of its own; make it with `dialogMachine`'],
    ];
    for (const [title, what, problem] of cases) {
      it(title, () => {
        expect(problems({ a: dialog(what as never, { on: { done: 'bye' } }), bye })).eql([`state \`a\`: ${problem}`]);
        expect(problemsOf(() => waterfall('w').dialog('a', what as never).end())).eql([`step \`a\`: ${problem}`]);
      });
    }

    it('a bot that a hand invokes', () => {
      expect(problems({ a: { invoke: { src: acme(), onDone: 'bye' } }, bye })).eql(['state `a`: runs the bot `acme`, which waits for a call of its own; make it with `dialogMachine`']);
    });

    it('anything that is not told where it leads', () => {
      const over = dialogMachine('over', { initial: 'done', states: { done: { type: 'final' } } });
      expect(problems({ a: (dialog as (machine: unknown) => unknown)(over), bye })).eql(['state `a`: outcome `done` is not handled']);
    });
  });

  describe('refuses what a restored call could not go on with', () => {
    const sentence = 'state `work`: runs an actor that cannot be restored; use `task` or `dialog`';
    const logics = { 'a promise': fromPromise(async () => 1), 'a callback': fromCallback(() => undefined), 'an observable': fromObservable(() => ({ subscribe: () => ({ unsubscribe: () => undefined }) })) };
    for (const [title, src] of Object.entries(logics)) {
      it(title, () => {
        expect(problems({ work: { invoke: { src, onDone: 'bye' } }, bye })).eql([sentence]);
      });
    }

    it('a promise that stands deep inside, and beside a task', () => {
      const work = { initial: 'in', states: { in: { invoke: [{ src: 'find' }, { src: fromPromise(async () => 1) }] } } };
      expect(problems({ work, bye }, { tasks: { find: async () => 1 } })).eql(['state `work.in`: runs an actor that cannot be restored; use `task` or `dialog`']);
    });

    it('nothing at all', () => {
      expect(problems({ work: { invoke: { onDone: 'bye' } }, bye })).eql([sentence]);
    });

    it('a dialog by the name of what else the machine runs, or of the machine', () => {
      const pin = dialogMachine<Record<never, never>, undefined, string>()('find', { initial: 'done', states: { done: { type: 'final', output: '1' } } });
      const clash = (state: string): string => `state \`${state}\`: what it runs is called \`find\`, as something else is that the machine runs`;
      const on = { done: 'bye', failed: 'bye' };
      expect(problems({ a: dialog(pin, { on: { done: 'bye' } }), bye }, { tasks: { find: async () => 1 } })).eql([clash('a')]);
      expect(problems({ a: dialog(pin, { on: { done: 'bye' } }), find: run({ run: async () => 1, on }), bye })).eql([clash('find')]);
      expect(problems({ find: run({ run: async () => 1, on }), b: run({ run: 'find', on }), bye }, { tasks: { find: async () => 2 } })).eql([clash('find')]);
      expect(problems({ a: dialog(pin, { on: { done: 'bye' } }), bye }, { id: 'find' })).eql(['state `a`: a dialog is called `find` as the machine around it is']);
    });

    it('two dialogs of one name, however deep', () => {
      const pin = () => dialogMachine<Record<never, never>, undefined, string>()('pin', { initial: 'done', states: { done: { type: 'final', output: '1' } } });
      const around = (id: string, inner: ReturnType<typeof pin>) => dialogMachine<Record<never, never>, undefined, string>()(id, { initial: 'ask', states: { ask: dialog(inner, { on: { done: 'done' } }), done: { type: 'final', output: '1' } } });
      const one = pin();
      expect(problems({ a: dialog(around('left', one), { on: { done: 'b' } }), b: dialog(around('right', pin()), { on: { done: 'bye' } }), bye })).eql(['state `b`: two dialogs are both called `pin`']);
      expect(problems({ a: dialog(one, { on: { done: 'b' } }), b: dialog(around('right', around('deep', pin())), { on: { done: 'bye' } }), bye })).eql(['state `b`: two dialogs are both called `pin`']);
      expect(problems({ a: dialog(around('left', one), { on: { done: 'b' } }), b: dialog(around('right', one), { on: { done: 'bye' } }), bye }), 'one dialog in both').eql([]);
    });

    it('two dialogs of one name', () => {
      const pin = () => dialogMachine<Record<never, never>, undefined, string>()('pin', { initial: 'done', states: { done: { type: 'final', output: '1' } } });
      const [first, second] = [pin(), pin()];
      expect(problems({ a: dialog(first, { on: { done: 'b' } }), b: dialog(second, { on: { done: 'bye' } }), bye })).eql(['state `b`: two dialogs are both called `pin`']);
      expect(problems({ a: dialog(first, { on: { done: 'b' } }), b: dialog(first, { on: { done: 'bye' } }), bye }), 'one dialog twice').eql([]);
    });
  });

  it('refuses a target by id that stands on no state', () => {
    const shop = { id: 'mall', initial: 'till', states: { till: { always: [{ target: '#mall.paid', guard: () => false }, { target: '#bot.bye' }] }, paid: { id: 'paid' } } };
    const at = (target: string): readonly string[] => problems({ hello: prompt('Hello.', target), shop, bye });
    for (const target of ['#bot.bye', '#mall', '#mall.till', '#paid', '#bot.shop.till', '#bot.ended']) expect(at(target), target).eql([]);
    for (const target of ['#bye', '#bot.by', '#mall.tlil', '#other.bye', '#paid.off', '#']) expect(at(target), target).eql([`state \`hello\`: target \`${target}\` does not exist`]);
  });

  it('refuses a target of the machine’s own handlers that is no state', () => {
    const at = (target: string): readonly string[] => problems({ bye }, { on: { 'call.state': { target } } });
    expect(at('.bye')).eql([]);
    expect(at('#bot.bye')).eql([]);
    expect(at('bye')).eql(["the bot's own `on`: target `bye` is written `.bye` there"]);
    expect(at('.by')).eql(["the bot's own `on`: target `.by` does not exist"]);
    expect(at('by')).eql(["the bot's own `on`: target `by` does not exist"]);
  });

  it('refuses an event or an action of the machine’s own handlers that does not exist', () => {
    expect(problems({ bye }, { on: { 'call.rooster': '.bye', 'call.roster': { actions: [{ type: 'paly' }] }, 'call.ended': '.bye' } })).eql([
      "the bot's own `on`: event `call.rooster` does not exist", "the bot's own `on`: event `call.ended` is handled by the framework", "the bot's own `on`: action `paly` does not exist",
    ]);
  });

  it('refuses a name that cannot be part of an id', () => {
    for (const id of ['', '1st', 'a b', 'a.b', '#a', 'ä']) expect(problems({ bye }, { id }), id).eql(['the id of a bot is a letter, then letters, digits, `-` or `_`']);
    for (const id of ['a', 'Acme-2', 'a_b']) expect(problems({ bye }, { id }), id).eql([]);
  });

  it('refuses a beginning that is no state, and none', () => {
    expect(problems({ bye }, { initial: 'by' })).eql(['initial state `by` does not exist']);
    expect(problems({ bye }, { initial: 'toString' })).eql(['initial state `toString` does not exist']);
    expect(problems({ bye }, { initial: undefined })).eql(['the bot has no `initial`']);
    expect(problems({})).eql(['the bot has no `initial`']);
  });

  it('refuses what is no state, before it looks at anything else', () => {
    for (const odd of [undefined, null, 'bye', 1, [], hangup]) expect(problems({ bye, odd }), String(odd)).eql(['state `odd`: is no state']);
    expect(problems({ shop: { initial: 'till', states: { till: undefined } } })).eql(['state `shop.till`: is no state']);
  });

  it('refuses a delay that is no time', () => {
    for (const delay of ['-1', 'soon', 'NaN', 'Infinity', '']) expect(problems({ wait: { after: { [delay]: 'bye' } }, bye }), delay).eql([`state \`wait\`: delay \`${delay}\` is not a time in milliseconds`]);
    expect(problems({ work: run({ run: async () => 1, timeoutMs: -1, on: { done: 'bye', failed: 'bye' } }), bye })).eql(['state `work`: delay `-1` is not a time in milliseconds']);
    expect(problems({ wait: { after: { 0: 'bye', 1_000: 'bye' } }, bye })).eql([]);
  });

  it('refuses the framework’s own actions in states that no maker made', () => {
    expect(problems({ a: { entry: 'call.end', on: { 'call.state': { target: 'bye', actions: [{ type: 'call.ask' }] } } }, bye })).eql([
      'state `a`: action `call.end` does not exist', 'state `a`: action `call.ask` does not exist',
    ]);
  });

  it('refuses tasks by a name that the machine does not have, by hand and by maker', () => {
    const on = { done: 'bye', failed: 'bye' };
    expect(problems({ a: run({ run: 'fnid', on }), b: { invoke: [{ src: 'find' }, { src: 'lokup' }] }, bye }, { tasks: { find: async () => 1 } })).eql([
      'state `a`: task `fnid` does not exist', 'state `b`: task `lokup` does not exist',
    ]);
  });

  it('refuses a maker’s handlers that a spread has replaced, but not those of a state that asks nothing', () => {
    const on = { 'call.roster': 'bye' };
    const sentence = (state: string, property = 'on'): string => `state \`${state}\`: property \`${property}\` replaces what the maker wrote there`;
    expect(problems({
      a: { ...(take({ on: { done: 'bye', ...done } }) as object), on }, b: { ...(hand({ to: 'sip:a@example.com', on: { failed: 'bye' } }) as object), on },
      c: { ...prompt('Hold.', { on: { done: 'bye', failed: 'bye' } }), on }, d: { ...(run({ run: async () => 1, on: { done: 'bye', failed: 'bye' } }) as object), invoke: { src: 'find' } },
      e: { ...hangup(), entry: play('No.') }, f: { ...hangup(), on }, g: { ...reject(), on }, bye,
    }, { tasks: { find: async () => 1 } })).eql([sentence('a'), sentence('b'), sentence('c'), sentence('d', 'invoke'), sentence('e', 'entry')]);
  });

  it('holds a dialog to the same rules', () => {
    const load = (): unknown => dialogMachine()('pin', { initial: 'ask', states: { ask: ask({ digits: {}, on: { digits: 'done' } }) } } as never);
    expect(problemsOf(load)).eql([
      'state `ask`: outcome `exhausted` is not handled', 'state `ask`: target `done` does not exist', 'state `ask`: `digits` needs `max` or `termchars`',
    ]);
  });
});
