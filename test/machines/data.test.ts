/** What a bot keeps beyond the call: of a user, of a conversation, of a user in a conversation. */
import { expect } from 'chai';
import * as t from 'io-ts';
import { assign } from 'xstate';
import { CallError, callMachine, conversationData, type Data, dialog, dialogMachine, hangup, type Kept, loadData, lookupUser, privateConversationData, prompt, recognize, saveData, updateData, userData } from 'callchart';
import { type DataStore, dataStore, dial } from 'callchart/testing';

const Visits = t.type({ count: t.number });
const visits = userData('visits', Visits);

/** Greets who has called before. */
const greeter = (data: Data<{ count: number }> = visits) =>
  callMachine<{ count: number }>()('greeter', {
    context: { count: 0 },
    initial: 'recall',
    states: {
      recall: loadData(data, { on: { done: { target: 'greet', actions: assign(({ event }) => ({ count: event.output.value?.count ?? 0 })) }, failed: 'sorry' } }),
      greet: prompt(({ context }) => (context.count === 0 ? 'Welcome.' : `Welcome back, for the ${context.count + 1}. time.`), 'remember'),
      remember: updateData(data, { change: (kept) => ({ count: (kept?.count ?? 0) + 1 }), on: { done: 'bye', failed: 'sorry' } }),
      sorry: hangup('Our book is closed.'),
      bye: hangup('Bye.'),
    },
  });

describe('data of a user', () => {
  it('who calls for the first time are none, and are kept for the second call', () => {
    const data = dataStore();
    dial(greeter(), { data }).hears('Welcome.').hears('Bye.').isHungUp();
    dial(greeter(), { data }).hears('Welcome back, for the 2. time.').isHungUp();
    expect(data.read(visits, { user: '+15550100' })).to.deep.equal({ count: 2 });
  });

  it('are not those of another user', () => {
    const data = dataStore();
    dial(greeter(), { data });
    dial(greeter(), { data, call: { from: '+15550177' } }).hears('Welcome.');
    expect(data.read(visits, { user: '+15550177' })).to.deep.equal({ count: 1 });
  });

  it('are those of whoever was called, where the bot has placed the call', () => {
    const data = dataStore();
    for (const to of ['+15550177', '+15550178']) dial(greeter(), { data, call: { direction: 'outbound', from: '+15550199', to } }).hears('Welcome.');
    dial(greeter(), { data, call: { from: '+15550177' } }).hears('Welcome back, for the 2. time.');
    expect(data.read(visits, { user: '+15550199' })).to.equal(null);
  });

  it('are not kept of a caller who withholds the number: nothing is found, and to write is a failure', () => {
    dial(greeter(), { call: { from: '' } }).hears('Welcome.').hears('Our book is closed.');
  });

  it('of an older shape end the call with the apology, where nobody handles that', () => {
    const data = dataStore();
    data.writeText(visits, { user: '+15550100' }, '{"value":{"visits":7},"by":[]}');
    const caller = dial(greeter(), { data }).hears(/sorry/i).endedWith('error');
    expect(caller.error).to.include({ code: 'ERR_DATA_SHAPE', message: 'the data `visits`: `visits.count` does not fit the codec' });
  });

  it('that are damaged do as well, and no byte of them is in the error', () => {
    const data = dataStore();
    data.writeText(visits, { user: '+15550100' }, '{"value": SECRET');
    const { error } = dial(greeter(), { data }).endedWith('error');
    expect(error).to.include({ code: 'ERR_DATA_SHAPE' });
    expect(JSON.stringify([error?.message, error?.details, String(error?.cause)])).not.to.include('SECRET');
  });

  it('of an older shape are made new by `migrate`', () => {
    const data = dataStore();
    const migrated = userData('visits', Visits, { migrate: (older) => (t.type({ visits: t.number }).is(older) ? { count: older.visits } : undefined) });
    data.writeText(visits, { user: '+15550100' }, '{"value":{"visits":7},"by":[]}');
    dial(greeter(migrated), { data }).hears('Welcome back, for the 8. time.').isHungUp();
    expect(data.read(visits, { user: '+15550100' })).to.deep.equal({ count: 8 });
  });

  it('that `migrate` makes nothing of are refused as they were', () => {
    const data = dataStore();
    const strict = userData('visits', Visits, { migrate: () => ({ count: 'many' }) as never });
    data.writeText(visits, { user: '+15550100' }, '{"value":{"visits":7},"by":[]}');
    expect(dial(greeter(strict), { data }).endedWith('error').error).to.include({ code: 'ERR_DATA_SHAPE' });
  });

  it('of an older shape lead where the chart says', () => {
    const data = dataStore();
    data.writeText(visits, { user: '+15550100' }, '{"value":[],"by":[]}');
    const bot = callMachine('bot', { initial: 'recall', states: { recall: loadData(visits, { on: { done: 'bye', failed: 'bye', outdated: 'old' } }), old: hangup('That was long ago.'), bye: hangup('Bye.') } });
    dial(bot, { data }).hears('That was long ago.').isHungUp();
  });

  it('are not loaded when the store fails, and the caller hears what the chart says to that', () => {
    dial(greeter(), { tasks: { recall: () => { throw new CallError('ERR_STORE_UNAVAILABLE', 'down', { reason: 'read' }); } } }).hears('Our book is closed.');
  });
});

/** Loads, lets the test do something, and saves. */
const editor = callMachine<{ doc: Kept<{ count: number }> }>()('editor', {
  context: { doc: { value: null, revision: 0 } },
  initial: 'read',
  states: {
    read: loadData(visits, { on: { done: { target: 'ask', actions: assign({ doc: ({ event }) => event.output }) }, failed: 'bye' } }),
    ask: recognize({ prompt: 'Save, or forget?', choices: { save: '1', forget: '2' }, on: { save: 'write', forget: 'drop', exhausted: 'bye' } }),
    write: saveData(visits, {
      document: ({ context: { doc } }) => ({ ...doc, value: { count: (doc.value?.count ?? 0) + 10 } }),
      on: { done: { target: 'ask', actions: assign({ doc: ({ event }) => event.output }) }, conflict: 'clash', failed: 'bye' },
    }),
    drop: saveData(visits, { document: ({ context: { doc } }) => ({ ...doc, value: null }), on: { done: 'gone', conflict: 'clash', failed: 'bye' } }),
    clash: prompt('Somebody else was faster.', 'read'),
    gone: hangup('Forgotten.'),
    bye: hangup('Bye.'),
  },
});

const me = { user: '+15550100' };

describe('data that are saved', () => {
  it('are saved again with the revision that the last save gave', () => {
    const data = dataStore();
    dial(editor, { data }).presses('1').presses('1');
    expect(data.read(visits, me)).to.deep.equal({ count: 20 });
  });

  it('are not saved over what somebody else has written since: the caller hears so, and it is read again', () => {
    const data = dataStore();
    const caller = dial(editor, { data });
    data.write(visits, me, { count: 5 });
    caller.presses('1').hears('Somebody else was faster.').hears('Save, or forget?').presses('1');
    expect(data.read(visits, me)).to.deep.equal({ count: 15 });
  });

  it('are forgotten when null is saved', () => {
    const data = dataStore();
    data.write(visits, me, { count: 5 });
    dial(editor, { data }).presses('2').hears('Forgotten.');
    expect(data.read(visits, me)).to.equal(null);
  });

  it('count once when the work is done twice, as after a crash', () => {
    const data = dataStore();
    const twice: DataStore = {
      ...data,
      begin: () => {
        const carryOut = data.begin();
        return (...args) => (carryOut(...args), carryOut(...args));
      },
    };
    dial(greeter(), { data: twice }).hears('Bye.');
    expect(data.read(visits, me)).to.deep.equal({ count: 1 });
    const caller = dial(editor, { data: twice });
    caller.presses('1').hears('Save, or forget?');
    expect(data.read(visits, me)).to.deep.equal({ count: 11 });
  });

  it('that do not fit the codec are refused before they are kept', () => {
    const data = dataStore();
    const bot = callMachine('bot', { initial: 'write', states: { write: updateData(visits, { change: () => ({ count: 'many' }) as never, on: { done: 'bye', failed: 'bye' } }), bye: hangup('Bye.') } });
    expect(dial(bot, { data }).endedWith('error').error).to.include({ code: 'ERR_DATA_SHAPE' });
    expect(data.read(visits, me)).to.equal(null);
  });

  it('are changed with what the state gives', () => {
    const data = dataStore();
    const bot = callMachine<{ by: number }>()('bot', {
      context: { by: 3 }, initial: 'add',
      states: { add: updateData(visits, { input: ({ context }) => context.by, change: (kept, by) => ({ count: (kept?.count ?? 0) + by }), on: { done: 'bye', failed: 'bye' } }), bye: hangup('Bye.') },
    });
    dial(bot, { data });
    dial(bot, { data });
    expect(data.read(visits, me)).to.deep.equal({ count: 6 });
  });
});

describe('data of a conversation', () => {
  const notes = conversationData('notes', t.array(t.string));
  const mine = privateConversationData('mine', t.array(t.string));
  const noting = callMachine('noting', {
    initial: 'shared',
    states: {
      shared: updateData(notes, { change: (kept) => [...(kept ?? []), 'x'], on: { done: 'own', failed: 'bye' } }),
      own: updateData(mine, { change: (kept) => [...(kept ?? []), 'x'], on: { done: 'bye', failed: 'bye' } }),
      bye: hangup('Bye.'),
    },
  });

  it('are shared by all who are in it; those of a user in it are not', () => {
    const data = dataStore();
    for (const from of ['ann', 'bob', 'ann']) dial(noting, { data, call: { from, conversation: 'team' } });
    expect(data.read(notes, { conversation: 'team' })).to.have.length(3);
    expect(data.read(mine, { conversation: 'team', user: 'ann' })).to.have.length(2);
    expect(data.read(mine, { conversation: 'team', user: 'bob' })).to.have.length(1);
    expect(data.read(mine, { conversation: 'te', user: 'amann' }), 'of no neighbour').to.equal(null);
  });

  it('are those of the call where its service names no conversation', () => {
    const data = dataStore();
    dial(noting, { data, call: { id: 'call-7' } });
    expect(data.read(notes, { conversation: 'call-7' })).to.deep.equal(['x']);
  });
});

describe('account linking', () => {
  const accounts: Readonly<Record<string, string>> = { '+15550100': 'account-1', '+15550101': 'account-1' };
  const bot = callMachine('bot', {
    initial: 'who',
    states: {
      who: lookupUser({ run: ({ from }) => accounts[from], on: { known: 'count', unknown: 'stranger', failed: 'sorry' } }),
      count: updateData(visits, { change: (kept) => ({ count: (kept?.count ?? 0) + 1 }), on: { done: 'hello', failed: 'sorry' } }),
      hello: hangup(({ context }) => `Hello ${context.call.user}.`),
      stranger: hangup('Who are you?'),
      sorry: hangup('Later, please.'),
    },
  });

  it('finds whose the caller’s number is, and his data from whatever phone', () => {
    const data = dataStore();
    dial(bot, { data, runTasks: true }).hears('Hello account-1.');
    dial(bot, { data, runTasks: true, call: { from: '+15550101' } }).hears('Hello account-1.');
    expect(data.read(visits, { user: 'account-1' })).to.deep.equal({ count: 2 });
  });

  it('that finds nobody is an outcome of its own', () => {
    dial(bot, { runTasks: true, call: { from: '+15550155' } }).hears('Who are you?');
    dial(bot, { tasks: { who: null } }).hears('Who are you?');
  });

  it('that fails, or gives no id, is a failure', () => {
    dial(bot, { tasks: { who: () => { throw new Error('down'); } } }).hears('Later, please.');
    const odd = callMachine('bot', { initial: 'who', states: { who: lookupUser({ run: () => 7 as never, on: { known: 'yes', unknown: 'no', failed: 'no' } }), yes: hangup('Yes.'), no: hangup('No.') } });
    dial(odd, { runTasks: true }).hears('No.');
  });

  it('is known to the dialogs that come after it', () => {
    const ask = dialogMachine<Record<never, never>, undefined, string>()('ask', { initial: 'say', states: { say: prompt(({ context }) => `You are ${context.call.user}.`, 'end'), end: { type: 'final', output: 'x' } } });
    const linked = callMachine('bot', { initial: 'who', states: { who: lookupUser({ run: () => 'account-1', on: { known: 'run', unknown: 'bye', failed: 'bye' } }), run: dialog(ask, { on: { done: 'bye' } }), bye: hangup('Bye.') } });
    dial(linked, { runTasks: true }).hears('You are account-1.');
  });
});

describe('data that cannot be', () => {
  it('are refused when they are declared', () => {
    const told = (make: () => unknown): string => {
      try {
        make();
      } catch (error) {
        return (error as CallError).message;
      }
      return 'nothing';
    };
    expect(told(() => userData('my visits', Visits))).to.equal('data `my visits`: the name is a letter, then letters, digits, `-` or `_`');
    expect(told(() => userData('visits', undefined as never))).to.equal('data `visits`: the second argument is an io-ts codec');
    expect(told(() => userData('visits', Visits, { keepMs: -1 }))).to.equal('data `visits`: `keepMs` is not a time in milliseconds');
  });
});
