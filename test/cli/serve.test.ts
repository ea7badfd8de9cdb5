import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLog, replay } from 'callchart';
import bot from '../../examples/acme/bot.ts';
import type { Options } from '../../src/cli/arguments.ts';
import { sentence } from '../../src/cli/failure.ts';
import { serve } from '../../src/cli/serve.ts';
import { audience, type KeyServer, keyServer } from '../helpers/tokens.ts';
import { appPassword, botConnector } from '../transport/services/botframework/bot-connector.ts';
import { until } from '../transport/rig.ts';
import { root, run, type Running, start } from './run.ts';

interface Workflow {
  readonly actions: readonly { readonly action: string; readonly operationId: string; readonly prompts?: readonly { readonly value: string }[] }[];
}

describe('callchart serve', function () {
  this.timeout(30_000);
  let keys: KeyServer;
  let folder: string;
  let env: Readonly<Record<string, string>>;
  const acme = join(root, 'examples/acme');

  before(async () => {
    keys = await keyServer();
    folder = await mkdtemp(join(tmpdir(), 'callchart-serve-'));
    env = { CALLCHART_APP_ID: audience, CALLCHART_APP_PASSWORD: 'a password', CALLCHART_CALLBACK_URL: 'https://bot.test/api/calls', CALLCHART_OPENID_METADATA_URL: keys.metadataUrl };
  });
  after(async () => {
    await keys.close();
    await rm(folder, { recursive: true, force: true });
  });

  const post = async ({ first }: Running, body: unknown): Promise<Response> =>
    fetch(`${first.replace('listening on ', '')}/api/calls`, { method: 'POST', headers: { authorization: `Bearer ${await keys.sign()}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });

  it('takes a signed call, is killed while the caller thinks, and goes on with it when it is started again', async () => {
    const incoming = JSON.parse(await readFile(join(root, 'test/fixtures/botframework/incoming.json'), 'utf8')) as { readonly id: string };
    const logs = { CALLCHART_CALL_LOGS: 'logs', CALLCHART_CALL_LOGS_UNMASKED: 'yes' };
    const serving = await start(['serve', acme, '--service', 'botframework', '--port', '0'], { cwd: folder, env: { ...env, ...logs } });
    expect(serving.first).to.match(/^listening on http:\/\/127\.0\.0\.1:\d+$/);
    const asked = (await (await post(serving, incoming)).json()) as Workflow;
    expect(asked.actions.map(({ action }) => action)).to.deep.equal(['answer', 'recognize']);
    const taken = await run(['serve', acme, '--port', serving.first.split(':').at(-1) ?? ''], { cwd: folder, env });
    expect(taken).to.include({ code: 2, stdout: '' });
    expect(taken.stderr).to.match(/^callchart: cannot listen on 127\.0\.0\.1:\d+: the port is in use; choose another by --port \(ERR_OPTION_INVALID\)\n$/);
    const logged = async (): Promise<string> => readFile(join(folder, 'logs', `botframework-${incoming.id}.jsonl`), 'utf8').catch(() => '');
    await until(async () => (await logged()).split('\n').length === 3); // nobody waits for a log
    expect(await serving.stop('SIGKILL')).to.equal(null);

    const again = await start(['serve', acme, '--inspect'], { cwd: folder, env: { ...env, ...logs, PORT: '0' } });
    const outcome = { type: 'recognizeOutcome', id: asked.actions[1]?.operationId, outcome: 'success', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'support' } };
    const said = (await (await post(again, { id: incoming.id, operationOutcome: outcome, callState: 'established' })).json()) as Workflow;
    expect(said.actions[0]?.prompts?.[0]?.value).to.equal('Support will call you back.');
    expect((await fetch(again.first.replace('listening on ', ''))).status).to.equal(404);
    expect(await again.stop('SIGTERM')).to.equal(0);
    const { outcome: how, steps } = replay(bot, readLog(await logged()));
    expect([how, steps], 'one log, of both processes').to.deep.equal(['unexamined', 2]); // the call has not ended
    const { stdout, stderr } = again.output();
    expect(stdout).to.equal(`${again.first}\n`);
    expect(stderr).to.match(/^inspector: http:\/\/127\.0\.0\.1:\d+\/\?token=\S+$/m).and.to.match(/^call call-mon.* r2 {2}recognize\.choice\.support: support {2}\[play, hangup\]$/m);
    expect(stderr).to.match(/^\{"level":30,.*"msg":"exchange"\}$/m).and.not.to.match(/Mona|will call you back/);
  });

  it('sends the chat messages of a bot where the environment says', async () => {
    const connector = await botConnector();
    const chat = join(root, 'test/fixtures/bots/chat');
    const own = { ...env, CALLCHART_APP_PASSWORD: appPassword, CALLCHART_STORE: 'memory' };
    const serving = await start(['serve', chat, '--port', '0'], { cwd: folder, env: { ...own, CALLCHART_CHAT_SERVICE_URL: connector.serviceUrl, CALLCHART_CHAT_TOKEN_URL: connector.tokenUrl } });
    const incoming = JSON.parse(await readFile(join(root, 'test/fixtures/botframework/incoming.json'), 'utf8')) as { readonly id: string };
    const asked = (await (await post(serving, incoming)).json()) as Workflow;
    const outcome = { type: 'recognizeOutcome', id: asked.actions[1]?.operationId, outcome: 'success', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'me' } };
    const said = (await (await post(serving, { id: incoming.id, operationOutcome: outcome, callState: 'established' })).json()) as Workflow;
    expect(said.actions[0]?.prompts?.[0]?.value).to.equal('It is on its way.');
    expect(connector.activities).to.have.length(1);
    expect(await serving.stop('SIGTERM')).to.equal(0);
    expect(serving.output().stderr).not.to.match(/Your order|token-1/);
    await connector.close();

    const [without, wrong] = await Promise.all([run(['serve', chat, '--port', '0'], { cwd: folder, env: own }), run(['serve', chat], { cwd: folder, env: { ...own, CALLCHART_CHAT_SERVICE_URL: 'http://chat.test' } })]);
    expect(without).to.deep.equal({ code: 2, stdout: '', stderr: 'callchart: state `me` sends a chat message: CALLCHART_CHAT_SERVICE_URL says where it goes (ERR_OPTION_INVALID)\n' });
    expect(wrong).to.deep.equal({ code: 2, stdout: '', stderr: 'callchart: CALLCHART_CHAT_SERVICE_URL is an https URL, or http on loopback (ERR_OPTION_INVALID)\n' });
  });

  it('says which settings are missing or wrong, and does not start', async () => {
    const { CALLCHART_APP_ID: _, CALLCHART_APP_PASSWORD: __, ...some } = env;
    const refused = (environment: Readonly<Record<string, string>>, options: Options = {}): Promise<string> => serve(acme, options, environment).then(() => 'served', sentence);
    const refusals = await Promise.all([
      refused(some),
      refused({ ...env, CALLCHART_CALLBACK_URL: 'http://bot.test/api/calls' }),
      refused({ ...env, CALLCHART_OPENID_METADATA_URL: 'http://keys.test' }),
      refused(env, { service: 'vonage' }),
      refused({ CALLCHART_TWILIO_AUTH_TOKEN: 'a secret of the tests', CALLCHART_TWILIO_PUBLIC_URL: 'https://bot.test' }, { service: 'twilio' }),
      refused({ CALLCHART_TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000001', CALLCHART_TWILIO_AUTH_TOKEN: 'a secret of the tests', CALLCHART_TWILIO_PUBLIC_URL: 'http://bot.test' }, { service: 'twilio' }),
      refused(env, { port: '70000' }),
      refused({ ...env, CALLCHART_LOG_LEVEL: 'loud' }),
      refused({ ...env, CALLCHART_CALL_LOGS: join(folder, 'logs'), CALLCHART_CALL_LOGS_UNMASKED: 'true' }),
    ]);
    expect(refusals).to.deep.equal([
      'settings are missing in the environment: CALLCHART_APP_ID, CALLCHART_APP_PASSWORD (ERR_OPTION_INVALID)',
      'CALLCHART_CALLBACK_URL is an absolute https URL (ERR_OPTION_INVALID)',
      'CALLCHART_OPENID_METADATA_URL must be an https URL, or http on loopback (ERR_OPTION_INVALID)',
      'the service `vonage` is not in this version; `botframework`, `twilio` and `azure` are (ERR_OPTION_INVALID)',
      'a setting is missing in the environment: CALLCHART_TWILIO_ACCOUNT_SID (ERR_OPTION_INVALID)',
      'CALLCHART_TWILIO_PUBLIC_URL is an absolute https URL without a query, or http on loopback (ERR_OPTION_INVALID)',
      '--port is a port: a whole number from 0 to 65535 (ERR_OPTION_INVALID)',
      'CALLCHART_LOG_LEVEL is one of trace, debug, info, warn, error, fatal, silent (ERR_OPTION_INVALID)',
      'CALLCHART_CALL_LOGS_UNMASKED is yes or no (ERR_OPTION_INVALID)',
    ]);
    expect(await run(['serve', acme], { env: some })).to.deep.equal({ code: 2, stdout: '', stderr: `callchart: ${refusals[0] ?? ''}\n` });
  });
});
