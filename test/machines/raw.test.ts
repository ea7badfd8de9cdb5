/** Verbs that one service has and no other: asked for, ended in the service's words, and refused on every other service. */
import { readFileSync } from 'node:fs';
import { type AnyStateMachine, assign } from 'xstate';
import { actionsUsed, azureVerbs, callMachine, type CallService, capabilitiesUsed, capabilitySet, type DeclaredVerbs, declareVerbs, dialog, dialogMachine, examine, hangup, hold, isCallError, play, prompt, raw, rawAction, recognize, type ServiceLimits, toMermaid, twilioVerbs, type Verb, verbsUsed } from 'callchart';
import { dial } from 'callchart/testing';
import { calls } from 'callchart/transport';
import { expect } from 'chai';
import * as t from 'io-ts';
import { stubService } from '../transport/rig.ts';
import { ring, types } from './line.ts';

const faxVerbs = declareVerbs('fax', { Send: { attributes: t.exact(t.type({ pages: t.number })), endings: ['sent'], failures: ['jammed'] } });

declare module 'callchart' {
  interface RawVerbs {
    readonly fax: DeclaredVerbs<typeof faxVerbs>;
  }
}

const shop = callMachine<{ token: string; why: string }>()('shop', {
  context: { token: '', why: '' },
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'To pay press 1.', choices: { pay: '1' }, on: { pay: 'pay', exhausted: 'bye' } }),
    pay: raw('twilio', {
      verb: 'Pay', attributes: { chargeAmount: '10.00' },
      on: {
        success: { target: 'thanks', actions: assign({ token: ({ event }) => event.fields['PaymentToken'] ?? '' }) },
        'caller-interrupted-with-star': 'menu',
        failed: { target: 'sorry', actions: assign({ why: ({ event }) => (event.type === 'raw.failed' ? (event.reason ?? 'the service failed') : event.type) }) },
      },
    }),
    thanks: hangup(({ context }) => `Thank you. Your receipt is ${context.token}.`),
    sorry: hangup(({ context }) => `Sorry: ${context.why}.`),
    bye: hangup('Goodbye.'),
  },
});

const paying = () => dial(shop).presses('1');

/** What is refused of `bot` by a service that can do `can`. */
const refused = (bot: AnyStateMachine, ...can: readonly string[]): string => {
  const service = { ...stubService(), name: 'acme', check: () => {}, capabilities: new Set(['answer', 'reject', 'hangup', 'play', 'recognize', ...can]) } as unknown as CallService;
  try {
    void calls({ service, bots: bot }).close();
    return '';
  } catch (error) {
    if (!isCallError(error)) throw error;
    return `${error.code} ${error.message}`;
  }
};

describe('a verb of a service', () => {
  it('is asked for by its own name, alone and last, and gives the call back to the bot', () => {
    const caller = paying();
    expect(caller.lastBatch).to.deep.equal([{ type: 'raw', operationId: 'call-1:2:0', state: 'pay', params: { service: 'twilio', verb: 'Pay', attributes: { chargeAmount: '10.00' }, endings: ['success', 'caller-interrupted-with-star'] } }]);
    caller.verbEnds('success', { PaymentToken: 'tok-1', PaymentCardType: 'visa' }).hears('Your receipt is tok-1').isHungUp();
    expect(caller.transcript).to.contain('bot asks twilio for Pay\n(Pay ends as success)');
  });

  it('ends in a way that the state tells apart, or else as a failure that says which', () => {
    expect(paying().verbEnds('caller-interrupted-with-star').hears('To pay press 1').state).to.equal('menu');
    paying().verbEnds('validation-error').hears('Sorry: validation-error').isHungUp();
    paying().verbFails().hears('Sorry: the service failed').isHungUp();
    paying().hangsUp().endedWith('caller');
  });

  it('never puts into an event type what the bot has not declared', () => {
    for (const ending of ['failed', 'never-heard-of', 'success.x', '*', '__proto__', '']) {
      const line = ring(shop);
      line.keys('1');
      line.ends({ type: 'raw.ended', ending, fields: {} });
      expect(line.snapshot().machine, ending).to.have.nested.property('context.why', ending);
      expect(types(line.result())).to.deep.equal(['play', 'hangup']);
    }
  });

  it('is over with the outcome of another kind, which is its failure', () => {
    const line = ring(shop);
    line.keys('1');
    line.ends({ type: 'transfer.done' });
    expect(line.snapshot().machine).to.have.nested.property('value', 'sorry');
  });

  it('fails where the prompt before it cannot be played', () => {
    const bot = callMachine('bot', { initial: 'hello', states: { hello: prompt('One moment.', 'pay'), pay: raw('twilio', { verb: 'Pay', on: { success: 'bye', failed: 'sorry' } }), sorry: hangup('Sorry.'), bye: hangup('Bye.') } });
    dial(bot, { unplayable: 'One moment' }).hears('Sorry.').isHungUp();
    dial(bot).hears('One moment').promptFails().hears('Sorry.').isHungUp();
  });

  it('takes back a caller who is on hold, and answers a call that rings', () => {
    const bot = callMachine('bot', { initial: 'music', states: { music: hold('', 'queue'), queue: raw('twilio', { verb: 'Enqueue', attributes: { name: 'desk' }, on: { bridged: 'bye', failed: 'bye' } }), bye: hangup('Bye.') } });
    dial(bot).hasBatch('answer', 'hold', 'unhold', 'raw').verbEnds('bridged').hears('Bye.').isHungUp();
  });

  it('may be given what is computed from the call, and that has to be JSON', () => {
    const queue = (attributes: object) => callMachine('bot', { initial: 'queue', states: { queue: raw('twilio', { verb: 'Enqueue', attributes: (() => attributes) as never, on: { bridged: 'bye', failed: 'bye' } }), bye: hangup('Bye.') } });
    expect(dial(queue({ name: 'desk', waitUrl: undefined })).lastBatch.at(-1)?.params).to.deep.include({ attributes: { name: 'desk', waitUrl: undefined } });
    for (const odd of [{ at: () => 1 }, { n: NaN }, [1]]) expect(dial(queue(odd)).endedWith('error').error?.message).to.match(/^state `queue`: /);
  });

  it('can be asked for by hand, and is handled by its event types', () => {
    const bot = callMachine<{ id: string }>()('bot', {
      context: { id: '' }, initial: 'record',
      states: {
        record: {
          entry: [play('This call is recorded.'), rawAction('azure', { verb: 'startRecording', attributes: { recordingFormatType: 'wav' }, endings: ['started'] })],
          on: { 'raw.done.started': { target: 'menu', actions: assign({ id: ({ event }) => event.fields['recordingId'] ?? '' }) }, 'raw.failed': 'menu', 'play.failed': 'menu' },
        },
        menu: recognize({ choices: { stop: '1' }, on: { stop: 'stop', exhausted: 'stop' } }),
        stop: { entry: rawAction('azure', { verb: 'stopRecording', attributes: {}, endings: ['stopped'] }), on: { 'raw.*': 'bye' } },
        bye: hangup(({ context }) => `Recorded as ${context.id}.`),
      },
    });
    dial(bot).hears('recorded').verbEnds('started', { recordingId: 'r1' }).presses('1').verbEnds('stopped').hears('Recorded as r1').isHungUp();
    dial(bot).verbFails().presses('1').verbFails().hears('Recorded as .').isHungUp();
    expect(verbsUsed(bot)).to.deep.equal([
      { state: 'record', service: 'azure', verb: 'startRecording', endings: ['started'] },
      { state: 'stop', service: 'azure', verb: 'stopRecording', endings: ['stopped'] },
    ]);
  });

  it('of a test has to be open, and to end in one of its ways', () => {
    expect(() => dial(shop).verbEnds('success')).to.throw('expected a verb of the service to be open: it ends as `success`');
    expect(() => paying().verbEnds('sucess')).to.throw(/expected an ending of Pay: success, payment-connector-error, .*\ninstead `sucess`; did you mean `success`\?/);
    expect(() => paying().presses('1')).to.throw('instead twilio does its Pay');
  });
});

describe('a bot with a verb of a service', () => {
  it('is refused at start by any other service, with the state, and taken by its own', () => {
    expect(refused(shop)).to.equal('ERR_CAPABILITY_MISSING state `pay`: the service `acme` cannot do `raw:twilio`');
    expect(refused(shop, 'raw:azure')).to.equal('ERR_CAPABILITY_MISSING state `pay`: the service `acme` cannot do `raw:twilio`');
    expect(refused(shop, 'raw:twilio')).to.equal('');
    expect(actionsUsed(shop)).to.deep.include({ state: 'pay', action: 'raw' });
    expect(capabilitiesUsed(shop).filter(({ state }) => state === 'pay')).to.deep.equal([{ state: 'pay', capability: 'raw:twilio' }]);
  });

  it('is refused for a verb of a dialog, and for one that a handler asks for by hand', () => {
    const inner = dialogMachine()('inner', { initial: 'queue', states: { queue: raw('twilio', { verb: 'Enqueue', on: { bridged: 'out', failed: 'out' } }), out: { type: 'final' } } });
    expect(refused(callMachine('outer', { initial: 'on', states: { on: dialog(inner, { on: { done: 'bye' } }), bye: hangup() } }))).to.contain('state `queue`: the service `acme` cannot do `raw:twilio`');
    const handler = callMachine('bot', {
      initial: 'menu',
      states: {
        menu: recognize({ choices: { tones: '1' }, on: { tones: { target: 'sent', actions: rawAction('azure', { verb: 'sendDtmfTones', attributes: { tones: '12#' }, endings: ['sent'] }) }, exhausted: 'bye' } }),
        sent: { on: { 'raw.done.*': 'bye', 'raw.failed': 'bye' } },
        bye: hangup(),
      },
    });
    expect(refused(handler, 'raw:twilio')).to.contain('state `menu`: the service `acme` cannot do `raw:azure`');
    dial(handler).presses('1').verbEnds('sent').isHungUp();
  });

  it('is drawn with the verb, and with an edge for each ending', () => {
    const drawn = toMermaid(shop);
    expect(drawn).to.contain('asks twilio for Pay');
    expect(drawn).to.match(/pay --> thanks : success\n/).and.to.match(/pay --> menu : caller-interrupted-with-star\n/).and.to.match(/pay --> sorry : failed\n/);
  });

  it('is checked in each ending of the verb, and in its failure', () => {
    expect(examine(shop).findings.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
    const round = (on: object): readonly string[] =>
      examine(callMachine('bot', { initial: 'pay', states: { pay: raw('twilio', { verb: 'Pay', on: { success: 'bye', failed: 'bye', ...on } as never }), bye: hangup() } } as never) as unknown as AnyStateMachine).findings.filter(({ severity }) => severity === 'error').map(({ id }) => id);
    expect(round({})).to.deep.equal([]);
    expect(round({ failed: 'pay' })).to.deep.equal(['failure-loop:pay']);
    expect(round({ 'validation-error': 'pay' })).to.deep.equal(['failure-loop:pay']);
    const forgotten = callMachine('bot', { initial: 'pay', states: { pay: { entry: rawAction('twilio', { verb: 'Pay', attributes: {}, endings: ['success', 'validation-error'] }), on: { 'raw.done.success': 'bye' } }, bye: hangup() } });
    expect(examine(forgotten).findings.map(({ message }) => message)).to.deep.include.members([
      'state `pay`: an ending of a verb of the service is not handled (`raw.done.validation-error`), and the caller is hung up on without a word',
      'state `pay`: a verb of the service that fails is not handled (`raw.failed`), and the caller is hung up on without a word',
    ]);
  });
});

describe('a service of one’s own', () => {
  const limits: ServiceLimits = { name: 'fax', capabilities: capabilitySet('answer', 'hangup', 'play', 'raw:fax'), strayWords: 'nomatch', check: () => {} };

  it('declares its verbs, and bots ask for them', () => {
    const bot = callMachine('bot', { initial: 'send', states: { send: raw('fax', { verb: 'Send', attributes: { pages: 2 }, on: { sent: 'bye', jammed: 'jam', failed: 'bye' } }), bye: hangup('Bye.'), jam: hangup('It is jammed.') } });
    dial(bot, { service: limits }).verbEnds('jammed').hears('It is jammed').isHungUp();
    dial(bot, { service: limits }).verbEnds('sent').hears('Bye.').isHungUp();
  });

  it('has bots refused that ask otherwise', () => {
    const send = (verb: string, attributes: object, on: object) => () => callMachine('bot', { initial: 'send', states: { send: raw('fax', { verb, attributes, on } as never), bye: hangup('Bye.') } } as never);
    const on = { sent: 'bye', failed: 'bye' };
    expect(send('Sned', { pages: 2 }, on)).to.throw('state `send`: the service `fax` has no verb `Sned`; did you mean `Send`?');
    expect(send('Send', { pages: 'two' }, on)).to.throw('state `send`: `attributes.pages` is not what its verb takes');
    expect(send('Send', { pages: 2, colour: 'red' }, on)).to.throw('state `send`: its verb has no attribute `colour`');
    expect(send('Send', { pages: 2 }, { jammed: 'bye', failed: 'bye' })).to.throw('state `send`: outcome `sent` is not handled');
  });
});

describe('the verbs that services declare', () => {
  const all = Object.entries({ twilio: twilioVerbs, azure: azureVerbs }).flatMap(([service, verbs]) => Object.entries<Verb>(verbs).map(([verb, { endings, failures }]) => ({ service, verb, endings, failures })));

  it('end in names that an event type can have', () => {
    expect(all.flatMap(({ endings, failures }) => [...endings, ...failures]).filter((ending) => !/^[a-z]+(-[a-z]+)*$/.test(ending) || ending === 'failed')).to.deep.equal([]);
    expect(all.filter(({ endings }) => endings.length === 0)).to.deep.equal([]);
  });

  it('are listed in docs/actions.md with their endings', () => {
    const page = readFileSync(new URL('../../docs/actions.md', import.meta.url), 'utf8');
    const [, table = ''] = /^## Verbs of a service$([^]*?)^## /m.exec(page) ?? [];
    const words = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
    const rows = all.map(({ service, verb, endings, failures }) => `| ${service} | ${verb} | ${words(endings)} | ${failures.length === 0 ? '' : `${words(failures)} `}|`);
    expect(table.split('\n').filter((line) => /^\| (?!service|---)/.test(line))).to.deep.equal(rows);
  });
});
