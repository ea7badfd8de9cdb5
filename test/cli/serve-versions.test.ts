/** A server that is started anew with the next version of its bot, while a caller thinks. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audience, type KeyServer, keyServer } from '../helpers/tokens.ts';
import { incoming } from '../transport/rig.ts';
import { root, run, runNext, type Running, start } from './run.ts';

interface Workflow {
  readonly actions: readonly { readonly action: string; readonly operationId: string; readonly prompts?: readonly { readonly value: string }[]; readonly playPrompt?: { readonly prompts: readonly { readonly value: string }[] } }[];
}

describe('callchart serve with another version of its bot', function () {
  this.timeout(60_000);
  let keys: KeyServer;
  let folder: string;
  let env: Readonly<Record<string, string>>;
  const [first, second] = [join(root, 'examples/acme'), join(root, 'test/fixtures/bots/acme-2')];

  beforeEach(async () => {
    keys = await keyServer();
    folder = await mkdtemp(join(tmpdir(), 'callchart-versions-'));
    env = { CALLCHART_APP_ID: audience, CALLCHART_APP_PASSWORD: 'a password', CALLCHART_CALLBACK_URL: 'https://bot.test/api/calls', CALLCHART_OPENID_METADATA_URL: keys.metadataUrl };
  });
  afterEach(async () => {
    await keys.close();
    await rm(folder, { recursive: true, force: true });
  });

  const post = async ({ first: line }: Running, body: unknown): Promise<string> => {
    const response = await fetch(`${line.replace('listening on ', '')}/api/calls`, { method: 'POST', headers: { authorization: `Bearer ${await keys.sign()}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const { actions } = (await response.json()) as Workflow;
    return actions.flatMap(({ prompts = [], playPrompt }) => [...prompts, ...(playPrompt?.prompts ?? [])].map(({ value }) => value)).join(' ');
  };

  const served = (bot: string, ...more: readonly string[]): Promise<Running> => start(['serve', bot, '--port', '0', ...more], { cwd: folder, env });

  /** A call of version 1 waits for a key; then version 2 is served, and the key is pressed. */
  const pressedLater = async (...options: readonly string[]): Promise<{ readonly heard: string; readonly anew: string; readonly errors: string }> => {
    const one = await served(first);
    expect(await post(one, incoming('c'))).to.match(/^Welcome to Acme/);
    await one.stop('SIGTERM');
    const two = await served(second, ...options);
    const heard = await post(two, { id: 'c', callState: 'established', operationOutcome: { type: 'recognizeOutcome', id: 'c:1:1', outcome: 'success', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'support' } } });
    const anew = await post(two, incoming('d'));
    await two.stop('SIGTERM');
    return { heard, anew, errors: two.output().stderr };
  };

  it('has the call go on with the version that it began with, where that is loaded; a new call gets the new one', async () => {
    const { heard, anew } = await pressedLater('--versions', first);
    expect(heard).to.equal('Support will call you back.');
    expect(anew).to.match(/^This is the new Acme/);
  });

  it('moves it, where what the check has found says so', async () => {
    const { code, stdout } = await run(['check', second, '--against', first, '--allow-pinned', '--json']);
    expect(code).to.equal(0);
    await writeFile(join(folder, 'moves.json'), stdout);
    const { heard, errors } = await pressedLater('--moves', 'moves.json');
    expect(heard).to.equal('The new support will call you back.');
    expect(errors).to.match(/"from":"1","to":"2","msg":"call moved"/);
  });

  it('says that it is sorry with neither, and the log says what to do', async () => {
    const { heard, anew, errors } = await pressedLater();
    expect(heard).to.equal('Acme is sorry.');
    expect(anew).to.match(/^This is the new Acme/);
    expect(errors).to.match(/"level":50,.*version `1`.*`versions`.*"msg":"call quarantined"/);
  });

  it('does not start where versions or moves cannot be', async () => {
    await writeFile(join(folder, 'wrong.json'), 'no JSON');
    await writeFile(join(folder, 'nobody.json'), JSON.stringify([{ from: '0', to: '2', states: 'all' }]));
    const refused = async (more: readonly string[], setting: Readonly<Record<string, string>> = {}): Promise<string> => {
      const { code, stderr } = await runNext(['serve', second, '--port', '0', ...more], { cwd: folder, env: { ...env, CALLCHART_STORE: 'memory', ...setting } });
      expect(code).to.not.equal(0);
      return stderr;
    };
    expect(await refused(['--moves', 'wrong.json'])).to.match(/wrong\.json is not JSON.* \(ERR_OPTION_INVALID\)$/m);
    expect(await refused(['--moves', 'none.json'])).to.match(/none\.json cannot be read \(ERR_OPTION_INVALID\)$/m);
    expect(await refused(['--moves', 'nobody.json'])).to.match(/from version `0`, which is neither served nor loaded \(ERR_BOT_INVALID\)$/m);
    expect(await refused(['--versions', 'none'])).to.match(/there is no file or folder .* \(ERR_BOT_LOAD\)$/m);
    expect(await refused([], { CALLCHART_UNKNOWN_VERSIONS: 'guess' })).to.match(/CALLCHART_UNKNOWN_VERSIONS is apology, retry or served \(ERR_OPTION_INVALID\)$/m);
  });
});
