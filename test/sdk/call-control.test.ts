/** What the old SDK did by itself, row by row: who is answered, who is hung up on, and who is refused. */
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import { answer, dialog, dialogMachine, hangup, prompt, recognize, reject, waterfall } from 'callchart';
import { dial } from 'callchart/testing';
import { openings } from '../defects/opened.ts';
import { botOf, everyRowOf, sorry, workflowOf } from './kit.ts';

const { opened, closeAll } = openings();

const ask = recognize({ prompt: 'Sales?', choices: { sales: '1' }, on: { sales: 'sales', exhausted: 'bye' } });

/** What who rings hears first, in a workflow that the service would take. */
const first = async (bot: AnyStateMachine): Promise<string> => {
  const reply = await (await opened(bot)).caller('c').rings();
  workflowOf(reply);
  return reply.heard;
};

/** What a caller hears when he has chosen sales, which is the state `sales`. */
const later = async (sales: unknown): Promise<string> => {
  const caller = (await opened(botOf({ ask, sales }))).caller('c');
  await caller.rings();
  const reply = await caller.presses('sales');
  workflowOf(reply);
  return reply.heard;
};

const rings = (row: string, title: string, states: Readonly<Record<string, unknown>>, heard: string): void => {
  it(`A.6 ${row}: ${title}`, async () => {
    expect(await first(botOf(states))).to.equal(heard);
  });
};

describe('A.6 call control of the old SDK', () => {
  afterEach(closeAll);

  it('A.6 auto-answer: a call is answered, with sound, before anything is played or asked, and only once', async () => {
    const line = await opened(botOf({ ask, sales: prompt('Sales.', 'ask') }));
    const caller = line.caller('c');
    expect(workflowOf(await caller.rings()).actions[0]).to.deep.include({ action: 'answer', acceptModalityTypes: ['audio'] });
    expect((await caller.presses('sales')).heard).to.equal('playPrompt“Sales.” recognize“Sales?”');
    expect(await first(botOf({ hello: answer('ask'), ask, sales: hangup() })), 'the bot’s own answer is the only one').to.equal('answer recognize“Sales?”');
  });

  it('A.6 auto-hangup: a caller is hung up on when the chart has ended or nothing can move it on', async () => {
    expect(await later({ type: 'final' })).to.equal('hangup');
    expect(await later({})).to.equal('hangup');
    expect(await later(hangup('Here is sales.')), 'one hangup, not two').to.equal('playPrompt“Here is sales.” hangup');
  });

  it('A.6 auto-reject: who rings at a bot with nothing to say is refused', async () => {
    expect(await first(botOf({ nothing: {} }))).to.equal('reject');
    expect(await first(botOf({ over: { type: 'final' } }))).to.equal('reject');
  });

  it('A.6 never: a state that ends without a prompt does not leave the caller in silence for a round, he is hung up on in the same batch', async () => {
    expect(await later({ entry: { type: 'play', params: { prompts: [{ text: 'Here is sales.' }] } } })).to.equal('playPrompt“Here is sales.” hangup');
  });

  it('A.6 reached by endConversation(): the state `hangup` ends the call from wherever it is reached', async () => {
    expect(await later(hangup())).to.equal('hangup');
    const inner = dialogMachine('inner', { initial: 'over', states: { over: hangup('Enough of that.') } });
    expect(await later(dialog(inner, { on: { done: 'bye' } })), 'a dialog ends the whole call').to.equal('playPrompt“Enough of that.” hangup');
  });

  it('A.6 reached by endDialog on the last dialog: where the end of a dialog leads is said, and may be the hangup', async () => {
    const done = dialogMachine()('done', { initial: 'over', states: { over: { type: 'final' } } });
    expect(await later(dialog(done, { on: { done: 'bye' } }))).to.equal('playPrompt“Bye.” hangup');
    expect(() => botOf({ ask, sales: dialog(done, { on: {} } as never) })).to.throw('state `sales`: outcome `done` is not handled');
  });

  it('A.6 reached by a waterfall past its last step: it is over with its results, and the chart goes on', async () => {
    expect(await later(dialog(waterfall('told').say('Here is sales.').end(), { on: { done: 'bye' } }))).to.equal('playPrompt“Here is sales.” playPrompt“Bye.” hangup');
  });

  it('A.6 reached by callTerminated: who has gone is not hung up on', async () => {
    const caller = (await opened(botOf({ ask, sales: hangup() }))).caller('c');
    await caller.rings();
    const { status, text } = await caller.post(caller.result({ type: 'recognizeOutcome', outcome: 'failure', choiceOutcome: { completionReason: 'callTerminated' } }));
    expect([status, text]).to.deep.equal([200, '']);
  });

  it('A.6 reached by session.error(): when the bot’s own code fails, the caller hears the apology and is hung up on', async () => {
    expect(await later(prompt(() => { throw new Error('the row is not there'); }, 'bye'))).to.equal(sorry);
  });

  // ---- what was observed on the first notification ----

  rings('send', 'a bot that says one thing and nothing more says it and hangs up, in one reply', { words: prompt('Hello.', 'over'), over: {} }, 'answer playPrompt“Hello.” hangup');
  rings('answer()', 'a bot that answers and waits for that gets the end of it', { hello: answer({ on: { done: 'ask', failed: 'bye' } }), ask, sales: {} }, 'answer');
  rings('hangup()', 'a line that was never answered is refused and not hung up on', { over: hangup() }, 'reject');
  rings('reject()', 'a refusal is a refusal', { no: reject() }, 'reject');
  rings('send+hangup', 'words, then the hangup', { words: prompt('Hello.', 'over'), over: hangup() }, 'answer playPrompt“Hello.” hangup');
  rings('send+reject', 'words before a refusal never reach the service: the caller hears the apology, and a test of the bot finds it', { words: prompt('We are closed.', 'no'), no: reject() }, `answer ${sorry}`);
  rings('endConversation()', 'a bot that ends before it begins refuses the call', { over: { type: 'final' } }, 'reject');
  rings("endConversation('x')", 'a word of parting is heard', { over: hangup('Goodbye.') }, 'answer playPrompt“Goodbye.” hangup');
  rings('endDialog()', 'a dialog that ends at once leads on within the same reply', { inner: dialog(dialogMachine()('inner', { initial: 'over', states: { over: { type: 'final' } } }), { on: { done: 'over' } }), over: {} }, 'reject');
  rings('answer()+endConversation()', 'a call that was answered is hung up on', { hello: answer('over'), over: hangup() }, 'answer hangup');

  it('A.6 send+reject: a test of the bot finds it', () => {
    expect(dial(botOf({ words: prompt('We are closed.', 'no'), no: reject() })).endedWith('error').error?.code).to.equal('ERR_BATCH_ILLEGAL');
  });

  everyRowOf('A.6');
});
