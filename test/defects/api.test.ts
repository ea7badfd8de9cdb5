/** What the old SDK declared and did not do, and what its package brought along: each by the word that it stands under. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type AnyStateMachine, assign } from 'xstate';
import * as callchart from 'callchart';
import {
  type BotFrameworkOptions, botframework, callMachine, type CallData, type CallEvent, type CallService, type ChoiceMeaning, confirm, dialog, type Dialog, hangup, type Hooks, isCallError, type Log,
  type Prompt, recognize, record, type Recording, type TransportEvent, waterfall, type WaterfallResult,
} from 'callchart';
import { dial } from 'callchart/testing';
import { bearerVerifier, type BearerVerifier, calls, requestListener } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { audience, issuer, keyServer } from '../helpers/tokens.ts';
import { logInto, type LogLine, stubService } from '../transport/rig.ts';
import { openings } from './opened.ts';

const root = join(import.meta.dirname, '../..');
const { open, opened, closeAll } = openings();

/** Why `make` was refused: the code and the sentence. */
const refusalOf = (make: () => unknown): readonly string[] => {
  try {
    make();
  } catch (error) {
    if (isCallError(error)) return [error.code, error.message];
    throw error;
  }
  return ['it was made'];
};

const settings: BotFrameworkOptions = { appId: 'app', appPassword: 'secret', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://keys.example/', issuer };
const bye = hangup('Bye.');

describe('what the old SDK declared otherwise than it did', () => {
  afterEach(closeAll);

  it('API callbackUri: a setting by a name that does not exist is refused, by the compiler and at start, with the name that does', () => {
    const { callbackUrl, ...others } = settings;
    // @ts-expect-error it is `callbackUrl`
    expect(refusalOf(() => botframework({ ...others, callbackUri: callbackUrl }))).to.deep.equal(['ERR_OPTION_INVALID', 'option `callbackUri` of `botframework` does not exist; did you mean `callbackUrl`?']);
  });

  it('API constructor: settings that are needed are required, and each that is missing is told by its name', () => {
    // @ts-expect-error settings are required
    expect(refusalOf(() => botframework())).to.deep.equal(['ERR_OPTION_INVALID', 'the options of `botframework` are not an object']);
    for (const name of ['appId', 'appPassword', 'callbackUrl', 'openIdMetadataUrl', 'issuer'] as const) {
      const { [name]: _, ...others } = settings;
      const [code, sentence] = refusalOf(() => botframework(others as BotFrameworkOptions));
      expect(code).to.equal('ERR_OPTION_INVALID');
      expect(sentence).to.match(new RegExp(`^option \`${name}\` (is required|must )`));
    }
  });

  it('API autoBatchDelay, processLimit: an option that would do nothing is refused and not ignored', () => {
    const server = { service: stubService(), bots: acme };
    // @ts-expect-error nothing waits for more to be said
    expect(refusalOf(() => calls({ ...server, autoBatchDelay: 150 }))).to.deep.equal(['ERR_OPTION_INVALID', 'option `autoBatchDelay` of `calls` does not exist']);
    // @ts-expect-error nothing limits how many calls are taken at once
    expect(refusalOf(() => requestListener({ ...server, processLimit: 4 }))[1]).to.contain('`processLimit`').and.to.contain('does not exist');
  });

  it('API verifyBotFramework: the verifier stands alone, takes a header, and takes no call', async () => {
    const keys = await keyServer();
    open.push(keys);
    const verify: BearerVerifier = bearerVerifier({ metadataUrl: keys.metadataUrl, issuer, audience, algorithms: ['RS256'], clockToleranceMs: 1_000 });
    const outcome = (header: string | undefined) => verify(header).then(() => 'let in', (error: unknown) => (isCallError(error) ? error.code : error));
    expect(await outcome(undefined)).to.equal('ERR_BEARER_REJECTED');
    expect(await outcome(`Bearer ${await keys.sign()}`)).to.equal('let in');
    expect(await outcome(`Bearer ${await keys.sign({ aud: 'another' })}`)).to.equal('ERR_BEARER_REJECTED');
  });

  it('API enums: what an ending is called is a word, on the line, in the chart and in a result, and stands in no order', () => {
    const order = waterfall('order', { back: '9', cancel: '0' }).ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } }).end();
    const statusAfter = (key: string): string => {
      const bot = callMachine<{ status: string }>()('shop', { context: { status: '' }, initial: 'order', states: { order: dialog(order, { on: { done: { target: 'bye', actions: assign({ status: ({ event }) => event.output.status }) } } }), bye: hangup('Bye.') } });
      return dial(bot).presses(key).context.status;
    };
    expect(['1', '9', '0'].map(statusAfter)).to.deep.equal(['completed', 'back', 'cancelled']);
    expect(dial(acme).staysSilent().presses('9').presses('1').events.map(({ type }) => type)).to.satisfy((types: readonly string[]) => types.length > 3 && types.every((type) => /^[a-z.]+$/.test(type)));
  });

  it('API interfaces: what an application takes and gives has a name that it can import', async () => {
    const hello: Prompt = { text: 'Hello.' };
    const yes: ChoiceMeaning = ['1', 'yes'];
    const said: string[] = [];
    const keep = ({ id }: CallData, { type }: CallEvent): void => void said.push(`${id} ${type}`);
    const bot: AnyStateMachine = callMachine('named', { initial: 'ask', states: { ask: recognize({ prompt: hello, choices: { yes }, on: { yes: { target: 'bye', actions: ({ context, event }) => keep(context.call, event) }, exhausted: 'bye' } }), bye } });
    const lines: LogLine[] = [];
    const log: Log = logInto(lines);
    const service: CallService = stubService();
    const hooks: Hooks = { send: [async ({ kind }, next) => (said.push(kind), next())] };
    const onEvent = ({ type }: TransportEvent): void => void said.push(type);
    const caller = (await opened(bot, { service, log, hooks, onEvent })).caller('c');
    await caller.rings();
    await caller.presses('yes');
    expect(said).to.deep.equal(['call.begun', 'taken', 'exchange', 'c recognize.choice.yes', 'taken', 'exchange']);
    expect(lines).to.have.length.above(0);
  });

  it('API callState: what an event declares is there', async () => {
    const bot = callMachine<{ seen: readonly string[] }>()('watch', {
      context: { seen: [] }, initial: 'ask', on: { 'call.state': { actions: assign({ seen: ({ context, event }) => [...context.seen, event.state] }) } },
      states: { ask: recognize({ prompt: 'Still there?', choices: { yes: '1' }, on: { yes: 'told', exhausted: 'told' } }), told: hangup(({ context }) => context.seen.join(', ')) },
    });
    const caller = (await opened(bot)).caller('c');
    await caller.rings();
    for (const currentState of ['hold', 'unhold']) await caller.post({ id: 'c', type: 'callStateChange', currentState });
    expect((await caller.presses('yes')).heard).to.equal('playPrompt“hold, unhold” hangup');
  });

  it('API results: what a caller answered has its type, whatever asked him', () => {
    const ask: Dialog<undefined, WaterfallResult<{ readonly size: 'large' | 'small'; readonly sure: boolean; readonly count: string; readonly message: Recording }>> = waterfall('ask')
      .ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } }).confirm('sure', { prompt: 'Sure?' }).ask('count', { prompt: 'How many?', digits: { max: 1 } }).record('message', { prompt: 'Speak.' }).end();
    const bot = callMachine<{ answers: readonly unknown[] }>()('typed', {
      context: { answers: [] }, initial: 'ask',
      states: {
        ask: dialog(ask, { on: { completed: { target: 'bye', actions: assign({ answers: ({ event: { output: { results } } }) => [results.size, results.sure, results.count, results.message.lengthMs] }) }, done: 'bye' } }),
        bye: hangup('Bye.'),
      },
    });
    // @ts-expect-error no caller can have answered so
    const middling = ({ results }: WaterfallResult<{ readonly size: 'large' | 'small' }>): boolean => results.size === 'middling';
    expect(middling({ status: 'completed', results: { size: 'small' } })).to.equal(false);
    expect(dial(bot).presses('2').says('yes').presses('3').records(4_000).context.answers).to.deep.equal(['small', true, '3', 4_000]);
    // @ts-expect-error a choice is an outcome by its name, and compared with nothing
    expect(refusalOf(() => callMachine('typed', { initial: 'ask', states: { ask: confirm({ on: { true: 'bye', no: 'bye', exhausted: 'bye' } }), bye } }))[1]).to.contain('outcome `yes` is not handled');
    // @ts-expect-error and so is a recording
    expect(refusalOf(() => callMachine('typed', { initial: 'ask', states: { ask: record({ on: { recordedAudio: 'bye', exhausted: 'bye' } }), bye } }))[1]).to.contain('outcome `done` is not handled');
  });

  it('API README: the page of the package is about this package, and imports nothing that is not there', () => {
    const page = readFileSync(join(root, 'README.md'), 'utf8');
    const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly name: string };
    const imported = [...page.matchAll(/^import \{ ([^}]+) \} from 'callchart';/gm)].flatMap(([, names = '']) => names.split(', '));
    expect(page.split('\n')[0]?.toLowerCase()).to.equal(`# ${name}`);
    expect(page).to.contain(`npm i ${name}`).and.to.match(/\bcalls?\b/);
    expect(imported).to.have.length.above(4);
    expect(imported.filter((one) => !(one in callchart))).to.deep.equal([]);
  });

  it('API dependencies: each package that comes along is used, is kept by somebody, and is none of those that the SDK brought', () => {
    const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));
    const { dependencies } = read('package.json') as { readonly dependencies: Readonly<Record<string, string>> };
    interface Locked {
      readonly deprecated?: string;
      readonly peerDependencies?: Readonly<Record<string, string>>;
    }
    const { packages } = read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => readFileSync(join(root, 'src', file), 'utf8')).join('\n');
    const names = Object.keys(dependencies);
    const isImported = (name: string): boolean => new RegExp(`(from|import\\() ?'${name}[/']`).test(sources);
    const wanted = new Set(names.filter(isImported).flatMap((name) => Object.keys(packages[`node_modules/${name}`]?.peerDependencies ?? {})));
    expect(names.filter((name) => !isImported(name) && !wanted.has(name)), 'imported by nobody').to.deep.equal([]);
    expect(Object.entries(packages).filter(([, { deprecated }]) => deprecated !== undefined).map(([place]) => place), 'given up by their makers').to.deep.equal([]);
    const brought = ['async', 'base64url', 'busboy', 'chrono-node', 'jsonwebtoken', 'node-uuid', 'request', 'rsa-pem-from-mod-exp', 'sprintf-js'];
    expect(names.filter((name) => brought.includes(name)), 'brought by the SDK').to.deep.equal([]);
  });
});
