/** Misfits of the old SDK with the protocol of its own service: each by its id, on the wire as the service would see it. */
import { expect } from 'chai';
import { assign } from 'xstate';
import { callMachine, hangup, isCallError, prompt, recognize, recognizeDefaults, record, recordDefaults, reject } from 'callchart';
import { dial } from 'callchart/testing';
import acme from '../../examples/acme/bot.ts';
import { checkWorkflow } from '../../src/transport/services/botframework/limits.ts';
import { type Answer, incoming, type Json, raw } from '../transport/rig.ts';
import { openings } from './opened.ts';

/** What a caller hears when the bot asked for what cannot be. */
const sorry = 'playPrompt“Sorry, something went wrong. Please call again later.” hangup';

const bye = hangup('Bye.');

/** The answer, which the service would take. */
const legal = (answer: Answer): Answer => {
  expect(answer.status).to.equal(200);
  expect(checkWorkflow(JSON.parse(answer.text), 'core'), answer.heard).to.deep.equal([]);
  return answer;
};

const refusalOf = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    if (isCallError(error)) return error.message;
    throw error;
  }
  return 'it was made';
};

/** What came of a question: a choice for which there was a reason. */
const chosen = (completionReason: string, outcome: 'success' | 'failure' = 'failure'): Json => ({ type: 'recognizeOutcome', outcome, choiceOutcome: { completionReason, ...(outcome === 'success' && { choiceName: 'sales' }) } });

const { opened, closeAll } = openings();

describe('misfits of the old SDK with its service', () => {
  afterEach(closeAll);

  it('P1: a bot that hangs up on who rings refuses the call, and never hangs up on a line that is not answered', async () => {
    const line = await opened(callMachine('shut', { initial: 'bye', states: { bye: hangup() } }));
    expect(legal(await line.caller('c').rings()).heard).to.equal('reject');
  });

  it('P1: words before a refusal are the author’s mistake, and never reach the service', async () => {
    const bot = callMachine('shut', { initial: 'words', states: { words: prompt('We are closed.', 'no'), no: reject() } });
    const line = await opened(bot);
    expect(legal(await line.caller('c').rings()).heard).to.equal(`answer ${sorry}`);
    expect(line.said('bot failed')[0]).to.deep.include({ code: 'ERR_BATCH_ILLEGAL', details: { rule: 'reject-alone', state: 'no', action: 'reject' } });
    expect(dial(bot).hears('Sorry').error?.code, 'a test of the bot finds it').to.equal('ERR_BATCH_ILLEGAL');
  });

  it('P2: two questions in one step are the author’s mistake, and never reach the service', async () => {
    const ask = (name: string) => ({ type: 'recognize', params: { prompts: [], ...recognizeDefaults, choices: [{ name, phrases: [name] }] } }) as const;
    const leave = { type: 'record', params: { prompts: [], beep: true, format: 'wav', timeoutMs: 5_000, finalSilenceMs: 3_000, maxMs: 60_000 } } as const;
    const region = recognize({ prompt: 'Which?', choices: { one: '1' }, on: { one: '#eager.bye', exhausted: '#eager.bye' } });
    for (const both of [{ entry: [ask('one'), ask('two')] }, { entry: [ask('one'), leave] }, { type: 'parallel', states: { left: region, right: region } }]) {
      const line = await opened(callMachine('eager', { initial: 'first', states: { first: recognize({ prompt: 'Ready?', choices: { yes: '1' }, on: { yes: 'both', exhausted: 'bye' } }), both, bye } } as never));
      const caller = line.caller('c');
      legal(await caller.rings());
      expect(legal(await caller.presses('yes')).heard).to.equal(sorry);
      const [failed] = line.said('bot failed');
      expect(failed).to.include({ code: 'ERR_BATCH_ILLEGAL' });
      expect(failed?.['details']).to.include({ rule: 'question-last' });
    }
  });

  it('P3: an appState is as short for a hundred people with long names as for two, and within the limit for any call', async () => {
    const ask = recognize({ prompt: 'Which?', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } });
    const line = await opened(callMachine('desk'.repeat(60), { initial: 'ask', states: { ask, bye } }));
    const crowd = Array.from({ length: 100 }, (_, index) => ({ identity: `8:${'x'.repeat(60)}${index}`, displayName: 'Åsa '.repeat(20), originator: index === 0 }));
    const stateOf = async (id: string, participants: readonly Json[]): Promise<readonly string[]> => {
      const caller = line.caller(id, { chain: 'p3' });
      const first = legal(await caller.post({ ...incoming(id), isMultiparty: participants.length > 2, threadId: '19:t@thread.skype', participants }));
      return [first, legal(await caller.staysSilent())].map(({ appState = '' }) => appState);
    };
    const two = await stateOf('call-1', incoming('c')['participants'] as readonly Json[]);
    const many = await stateOf('call-2', crowd);
    expect(many.map(({ length }) => length)).to.deep.equal(two.map(({ length }) => length));
    expect(many[0], 'and there is one').to.have.length.above(0);
    for (const state of [...(await stateOf('語'.repeat(200), crowd)), ...many]) expect(state.length).to.be.at.most(1_024);
  });

  it('P4: a workflow that the service would refuse is never sent', async () => {
    const long = 'x'.repeat(2_049);
    const bads: Readonly<Record<string, unknown>> = {
      'a text too long': prompt(long, 'bye'),
      'a question without end': recognize({ prompt: 'Which?', choices: { one: '1' }, timeoutMs: 31_000, on: { one: 'bye', exhausted: 'bye' } }),
      'a record of an hour': record({ maxMs: 3_600_000, on: { done: 'bye', exhausted: 'bye' } }),
      'thirty digits': recognize({ prompt: 'Which?', digits: { max: 30 }, on: { digits: 'bye', exhausted: 'bye' } }),
      'a file without an address': prompt({ audio: 'welcome.wav' }, 'bye'),
    };
    for (const [title, bad] of Object.entries(bads)) {
      const refusal = await opened(callMachine('bad', { initial: 'bad', states: { bad, bye } } as never)).then(() => 'served', ({ code }: { code: string }) => code);
      expect(refusal, `${title}: before the first call`).to.equal('ERR_BATCH_ILLEGAL');
    }
    const line = await opened(callMachine('bad', { initial: 'bad', states: { bad: prompt(() => long, 'bye'), bye } } as never));
    expect(legal(await line.caller('c').rings()).heard, 'what is computed is found in the call').to.equal(`answer ${sorry}`);
    expect(line.said('bot failed')[0]).to.include({ code: 'ERR_BATCH_ILLEGAL' });
  });

  it('P4: a workflow that the service refuses is told to the author, and not sent again as if the caller had not been understood', async () => {
    const line = await opened(acme);
    const caller = line.caller('c');
    const refused = (await caller.rings()).actions.filter(({ action }) => action === 'recognize');
    const answer = await caller.post(caller.result({ type: 'worfklowValidationOutcome', outcome: 'failure', failureReason: 'Recognize action is invalid.' }));
    expect(refused).to.have.length(1);
    expect(legal(answer).heard).to.equal(sorry);
    const [failed] = line.said('bot failed');
    expect(failed).to.include({ level: 'error', code: 'ERR_BATCH_ILLEGAL' });
    expect(failed?.['details']).to.include({ rule: 'refused', action: 'recognize' }).and.to.have.property('state', 'menu');
    expect((await caller.post(caller.result({ type: 'worfklowValidationOutcome', outcome: 'failure', failureReason: 'Nor that.' }))).heard, 'the third is none of the first two').to.equal('hangup');
  });

  it('P5: a reason that is unknown or new is told from a wrong key, and costs no asking where the bot handles it', async () => {
    const menu = { prompt: 'Sales?', choices: { sales: '1' }, maxNoinput: 1, maxNomatch: 1 } as const;
    const line = await opened({
      '/counts': callMachine('counts', { initial: 'menu', states: { menu: recognize({ ...menu, on: { sales: 'bye', exhausted: 'bye' } }), bye } }),
      '/handles': callMachine('handles', { initial: 'menu', states: { menu: recognize({ ...menu, on: { sales: 'bye', failed: 'keys', exhausted: 'bye' } }), keys: hangup('Use your keys.'), bye } }),
    });
    for (const [index, outcome] of [chosen('unknown'), chosen('somethingNew'), chosen('somethingNew', 'success'), { type: 'recognizeOutcome', outcome: 'failure' }].entries()) {
      const counts = line.caller(`counts ${index}`, { path: '/counts' });
      await counts.rings();
      expect((await counts.post(counts.result(outcome))).heard, 'not as a wrong key').to.equal('recognize“Sorry, something went wrong. Sales?”');
      expect((await counts.presses('sales')).heard).to.contain('Bye');
      const handles = line.caller(`handles ${index}`, { path: '/handles' });
      await handles.rings();
      expect((await handles.post(handles.result(outcome))).heard, 'and handled').to.contain('Use your keys.');
    }
  });

  it('P6: a prompt that failed does not look played, whether a state waits for it or a question follows', async () => {
    const bot = callMachine('radio', {
      initial: 'song',
      states: {
        song: prompt({ audio: 'https://media.example/song.wav' }, { on: { done: 'played', failed: 'silent' } }),
        played: recognize({ prompt: 'Did you like it?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
        silent: recognize({ prompt: 'There is no song today. Again?', choices: { yes: '1' }, on: { yes: 'song', exhausted: 'bye' } }),
        bye,
      },
    });
    const line = await opened(bot);
    const caller = line.caller('c');
    await caller.rings();
    const failed = { type: 'playPromptOutcome', outcome: 'failure', failureReason: 'InternalServerError' };
    expect((await caller.post(caller.result(failed))).heard).to.equal('recognize“There is no song today. Again?”');
    expect((await caller.post(caller.result(failed))).heard, 'the prompt of a question').to.equal('recognize“Sorry, something went wrong. There is no song today. Again?”');
    await caller.presses('yes');
    expect((await caller.heardItAll()).heard, 'and one that was played').to.equal('recognize“Did you like it?”');
  });

  it('P6: the bot is told why a prompt failed, in the service’s own words', async () => {
    const bot = callMachine<{ why: string }>()('radio', {
      context: { why: '' }, initial: 'song',
      states: {
        song: prompt({ audio: 'https://media.example/song.wav' }, { on: { done: 'bye', failed: { target: 'why', actions: assign({ why: ({ event }) => JSON.stringify(event) }) } } }),
        why: hangup(({ context }) => context.why),
        bye: hangup('Bye.'),
      },
    });
    const line = await opened(bot);
    const caller = line.caller('c');
    await caller.rings();
    const { heard } = await caller.post(caller.result({ type: 'playPromptOutcome', outcome: 'failure', failureReason: 'InternalServerError' }));
    expect(heard).to.contain('InternalServerError');
  });

  it('P7: a question that is asked again has another operation id, and an answer to the first asking is not taken for one to the second', async () => {
    const line = await opened(acme);
    const caller = line.caller('c');
    const ids: string[] = [];
    const operations = ({ actions }: Answer) => actions.forEach(({ operationId, playPrompt }) => ids.push(operationId, ...(playPrompt === undefined ? [] : [playPrompt.operationId])));
    operations(await caller.rings());
    const stale = caller.result(chosen('dtmfOptionMatched', 'success'));
    operations(await caller.staysSilent());
    operations(await caller.post(caller.result(chosen('incorrectDtmf'))));
    expect(ids).to.have.length(7);
    expect(new Set(ids).size).to.equal(7);
    expect((await caller.post(stale)).text).to.equal('');
    expect((await caller.presses('support')).heard).to.contain('Support');
  });

  it('P8: stop tones are a list on the wire, and a bare string is refused when the bot is loaded, or computed', async () => {
    const on = { done: 'bye', exhausted: 'bye' } as const;
    // @ts-expect-error and by the compiler before that
    const bare = () => callMachine('bare', { initial: 'speak', states: { speak: record({ termchars: '#', on }), bye } });
    expect(refusalOf(bare)).to.contain('state `speak`: `termchars` is not a list of keys');
    const sent = async (state: unknown): Promise<Answer> => {
      const line = await opened(callMachine('sent', { initial: 'speak', states: { speak: state, bye } } as never));
      const answer = legal(await line.caller('c').rings());
      return answer;
    };
    expect((await sent({ entry: { type: 'record', params: () => ({ ...recordDefaults, prompts: [], termchars: '#' }) } })).heard).to.equal(`answer ${sorry}`);
    expect((await sent(record({ termchars: ['#', '*'], on }))).text).to.contain('"stopTones":["#","*"]');
    expect((await sent(recognize({ digits: { termchars: ['#'] }, on: { digits: 'bye', exhausted: 'bye' } }))).text).to.contain('"collectDigits":{"stopTones":["#"]}');
  });

  it('P9: the chain id is read in whatever case its header came, and stands in every line of the log', async () => {
    const line = await opened(acme);
    const send = (name: string, body: string) => {
      const bytes = Buffer.from(body);
      return raw(line.port, ['POST /api/calls HTTP/1.1', 'host: bot', 'connection: close', 'content-type: application/json', `${name}: chain-7`, `content-length: ${bytes.length}`, '', body].join('\r\n'));
    };
    const names = ['X-Microsoft-Skype-Chain-ID', 'x-microsoft-skype-chain-id', 'X-MICROSOFT-SKYPE-CHAIN-ID'];
    for (const [index, name] of names.entries()) {
      expect(await send(name, JSON.stringify(incoming(`c${index}`)))).to.match(/^HTTP\/1.1 200 /);
      expect(await send(name, '{')).to.match(/^HTTP\/1.1 400 /);
      expect(await send(name, JSON.stringify({ id: `c${index}`, type: 'callStateChange', currentState: 'terminated' }))).to.match(/^HTTP\/1.1 200 /);
    }
    for (const [message, times] of [['exchange', 6], ['exchange refused', 3], ['call ended', 3]] as const) expect(line.said(message), message).to.have.length(times);
    expect(new Set(line.lines.map(({ chain }) => chain))).to.deep.equal(new Set(['chain-7']));
  });

  it('.NET: digits are taken in any number that was asked for, and not five at the most', async () => {
    for (const digits of ['1', '12345', '123456', '12345678901234567890']) {
      for (const completionReason of ['completedStopToneDetected', 'interdigitTimeout']) {
        const line = await opened(callMachine<{ account: string }>()('bank', {
          context: { account: '' }, initial: 'ask',
          states: {
            ask: recognize({ prompt: 'Your account?', digits: { max: 20, termchars: ['#'] }, on: { digits: { target: 'bye', actions: assign({ account: ({ event }) => event.digits }) }, exhausted: 'bye' } }),
            bye: hangup(({ context }) => context.account),
          },
        }));
        const caller = line.caller('c');
        legal(await caller.rings());
        const outcome = { type: 'recognizeOutcome', collectDigitsOutcome: { completionReason, digits } };
        expect(legal(await caller.post(caller.result(outcome))).heard, completionReason).to.equal(`playPrompt“${digits}” hangup`);
      }
    }
  });

  it('.NET: the outcome of whatever the call waits for is answered with something to do, until the call is over', async () => {
    const bot = callMachine('tour', {
      initial: 'hello',
      states: {
        hello: prompt('Hello.', { on: { done: 'menu', failed: 'menu' } }),
        menu: recognize({ prompt: 'Go on?', choices: { yes: '1' }, on: { yes: 'speak', exhausted: 'bye' } }),
        speak: record({ prompt: 'Speak.', on: { done: 'bye', exhausted: 'bye' } }),
        bye,
      },
    });
    const line = await opened(bot);
    const caller = line.caller('c');
    const answers = [await caller.rings(), await caller.heardItAll(), await caller.staysSilent(), await caller.presses('yes'), await caller.speaks(3)].map(legal);
    expect(answers.map(({ heard }) => heard)).to.deep.equal(['answer playPrompt“Hello.”', 'recognize“Go on?”', 'recognize“Sorry, I did not hear you. Go on?”', 'record“Speak.”', 'playPrompt“Bye.” hangup']);
    expect((await caller.isHungUp()).text).to.equal('');
  });
});
