/** Bots whose code fails, or that ask for what cannot be: the caller hears an apology, the author reads why. */
import { expect } from 'chai';
import { enqueueActions } from 'xstate';
import { callMachine, hangup, play, prompt, recognize } from 'callchart';
import { rig } from './rig.ts';

const ask = recognize({ prompt: 'Go on?', choices: { yes: '1', no: '2' }, on: { yes: 'next', no: 'bye', exhausted: 'bye' } });
const bye = hangup('Bye.');
const long = 'x'.repeat(2_049);
const sorry = 'playPrompt“Sorry, something went wrong. Please call again later.” hangup';

/** A bot whose state `next`, reached by `yes`, is `state`. */
const with_ = (state: unknown, more: object = {}) => callMachine('bad', { initial: 'ask', states: { ask, next: state, bye }, ...more } as never);
/** A bot whose first state is `state`. */
const first = (state: unknown, more: object = {}) => callMachine('bad', { initial: 'next', states: { next: state, bye }, ...more } as never);

const throwing = { entry: () => { throw new TypeError('4711 is not a function'); } };

describe('a bot that throws', () => {
  it('ends the call with the apology and a hangup, and the log says where', async () => {
    const line = await rig(with_(throwing));
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.presses('yes')).heard).to.equal(sorry);
    const [failed] = line.said('bot failed');
    expect(failed).to.deep.include({ level: 'error', code: 'ERR_BOT_THREW', details: { state: 'ask' }, call: 'c', chain: 'chain-of-c', bot: 'bad' });
    expect(JSON.stringify(failed)).to.contain('bad-bots.test.ts').and.not.to.contain('4711');
    expect((await caller.isHungUp()).text).to.equal('');
    expect(line.said('call ended')[0]).to.include({ reason: 'error' });
    await line.close();
  });

  it('does so at its first event too, and answers the call to apologise', async () => {
    const line = await rig(first(throwing));
    const caller = line.caller('c');
    const answer = await caller.rings('one');
    expect(answer.heard).to.equal(`answer ${sorry}`);
    expect((await caller.rings('one')).text, 'a retry').to.equal(answer.text);
    expect(line.said('bot failed')).to.have.length(1);
    await line.close();
  });

  it('leaves other calls of the same bot alone', async () => {
    const line = await rig(with_(throwing));
    const [bad, good] = [line.caller('bad'), line.caller('good')];
    await Promise.all([bad.rings(), good.rings()]);
    await bad.presses('yes');
    expect((await good.presses('no')).heard).to.equal('playPrompt“Bye.” hangup');
    await line.close();
  });
});

describe('a batch that the service cannot take', () => {
  const cases: readonly (readonly [string, unknown, RegExp])[] = [
    ['a text of 2,049 characters', prompt(() => long, 'bye'), /./],
    ['SSML', prompt(() => ({ ssml: '<speak>Hi</speak>' }), 'bye'), /PR-SSML/],
    ['a transfer that nobody could see before', { entry: enqueueActions(({ enqueue }) => enqueue({ type: 'transfer', params: { to: 'tel:+15550100' } } as never)), on: { 'transfer.done': 'bye', 'transfer.failed': 'bye', 'transfer.busy': 'bye', 'transfer.noanswer': 'bye' } }, /TR-NONE/],
    ['a hold that nobody could see before', { entry: enqueueActions(({ enqueue }) => enqueue({ type: 'hold', params: { prompts: [] } } as never)), on: { 'hold.done': 'bye' } }, /HO-NONE/],
    ['an outgoing call that nobody could see before', { entry: enqueueActions(({ enqueue }) => enqueue({ type: 'createcall', params: { to: 'tel:+15550100', timeoutMs: 1_000 } } as never)), on: { 'createcall.*': 'bye' } }, /CC-NONE/],
    ['free speech that nobody could see before', { entry: { type: 'recognize', params: () => ({ prompts: [], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, speech: true }) }, on: { 'recognize.*': 'bye' } }, /RG-SPEECH/],
  ];
  for (const [name, state, rule] of cases) {
    it(`never reaches the wire: ${name}`, async () => {
      const line = await rig(with_(state));
      const caller = line.caller('c');
      await caller.rings();
      const answer = await caller.presses('yes', 'm');
      expect(answer.heard).to.equal(sorry);
      const [failed] = line.said('bot failed');
      expect(failed).to.include({ code: 'ERR_BATCH_ILLEGAL', call: 'c' });
      expect(failed?.['details']).to.include({ state: 'next' });
      expect(failed?.['details']).to.have.property('rule').that.matches(rule);
      expect((await caller.presses('yes', 'm')).text, 'a retry').to.equal(answer.text);
      await caller.isHungUp();
      expect(line.said('call ended')[0]).to.include({ reason: 'error' });
      await line.close();
    });

    it(`never reaches the wire as the first of a call: ${name}`, async () => {
      const line = await rig(first(state));
      expect((await line.caller('c').rings()).heard).to.equal(`answer ${sorry}`);
      expect(line.said('bot failed')[0]).to.include({ code: 'ERR_BATCH_ILLEGAL' });
      await line.close();
    });
  }

  it('is found for what a caller keyed, too', async () => {
    const bot = callMachine<{ text: string }>()('echo', {
      context: { text: '' },
      initial: 'digits',
      states: {
        digits: recognize({ prompt: 'Digits?', digits: { max: 4, termchars: ['#'] }, on: { digits: 'echo', exhausted: 'bye' } }),
        echo: prompt(() => '4711 '.repeat(500), 'bye'),
        bye: hangup('Bye.'),
      },
    });
    const line = await rig(bot);
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.keys('4711')).heard).to.equal(sorry);
    expect(line.said('bot failed')[0]).to.deep.include({ code: 'ERR_BATCH_ILLEGAL' });
    expect(JSON.stringify(line.lines)).not.to.contain('4711');
    await line.close();
  });
});

describe('an apology that cannot be sent itself', () => {
  it('gives way to a bare hangup, or to a refusal of a call that was not answered; both errors are logged', async () => {
    for (const apology of [long, { ssml: '<speak>Sorry</speak>' }]) {
      const line = await rig({ '/asks': callMachine('asks', { initial: 'ask', apology, states: { ask, next: throwing, bye } } as never), '/first': callMachine('first', { initial: 'next', apology, states: { next: throwing, bye } } as never) });
      const caller = line.caller('c', { path: '/asks' });
      await caller.rings();
      expect((await caller.presses('yes')).heard).to.equal('hangup');
      expect((await line.caller('d', { path: '/first' }).rings()).heard).to.equal('reject');
      expect(line.said('bot failed').map(({ code, call }) => `${call} ${code}`)).to.deep.equal(['c ERR_BOT_THREW', 'c ERR_BATCH_ILLEGAL', 'd ERR_BOT_THREW', 'd ERR_BATCH_ILLEGAL']);
      await line.close();
    }
  });

  it('does so after an illegal batch as well', async () => {
    const line = await rig(callMachine('worst', { initial: 'ask', apology: long, states: { ask, next: { entry: { type: 'play', params: () => play(long).params }, on: { 'play.done': 'bye' } }, bye } } as never));
    const caller = line.caller('c');
    await caller.rings();
    expect((await caller.presses('yes')).heard).to.equal('hangup');
    expect(line.said('bot failed')).to.have.length(2);
    await caller.isHungUp();
    expect(line.said('call ended')[0]).to.include({ reason: 'error' });
    await line.close();
  });
});

describe('a batch that the service refuses', () => {
  it('ends in the apology, and then in a bare hangup', async () => {
    const line = await rig(with_(bye));
    const caller = line.caller('c');
    await caller.rings();
    const refused = (message: string) => caller.post({ id: 'c', callState: 'established', operationOutcome: { id: caller.operation(), outcome: 'failure', failureReason: 'because of 4711', type: 'worfklowValidationOutcome' } }, message);
    expect((await refused('r1')).heard).to.equal(sorry);
    expect((await refused('r2')).heard).to.equal('hangup');
    expect((await refused('r3')).text).to.equal('');
    expect(line.said('bot failed')[0]).to.include({ code: 'ERR_BATCH_ILLEGAL' });
    expect(JSON.stringify(line.lines)).not.to.contain('4711');
    expect(line.said('call ended')).to.have.length(1);
    await line.close();
  });
});
