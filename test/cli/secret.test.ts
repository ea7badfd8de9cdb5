/** A PIN that is keyed to a bot behind `callchart serve`, looked for in all that the command writes, keeps and shows. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import { audience, type KeyServer, keyServer } from '../helpers/tokens.ts';
import { incoming, until } from '../transport/rig.ts';
import { root, run, start } from './run.ts';

const pin = '918273645';

describe('a secret behind callchart serve', function () {
  this.timeout(30_000);
  let keys: KeyServer;
  let folder: string;
  let env: Readonly<Record<string, string>>;
  const bot = join(root, 'test/fixtures/bots/pin');

  before(async () => {
    keys = await keyServer();
    folder = await mkdtemp(join(tmpdir(), 'callchart-pin-'));
    env = {
      CALLCHART_APP_ID: audience, CALLCHART_APP_PASSWORD: 'a password', CALLCHART_CALLBACK_URL: 'https://bot.test/api/calls', CALLCHART_OPENID_METADATA_URL: keys.metadataUrl,
      CALLCHART_LOG_LEVEL: 'trace', CALLCHART_STORE: `lmdb:${join(folder, 'calls')}`, CALLCHART_RECORDINGS: join(folder, 'recordings'), PORT: '0',
    };
  });
  after(async () => {
    await keys.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('has to have its key where calls are kept on disk, and needs none where they are not', async () => {
    const sentence = 'callchart: bot `pin` asks for a secret, and its calls outlive the process: give `secretKey` (CALLCHART_SECRET_KEY), 32 bytes in base64 or hex (ERR_SECRET_KEY)\n';
    expect(await run(['serve', bot], { env })).to.deep.equal({ code: 2, stdout: '', stderr: sentence });
    expect(await run(['call', bot, '--store', `lmdb:${join(folder, 'others')}`])).to.deep.equal({ code: 2, stdout: '', stderr: sentence });
    const serving = await start(['serve', bot], { env: { ...env, CALLCHART_STORE: 'memory' } });
    expect(await serving.stop('SIGTERM')).to.equal(0);
  });

  it('is in no line of the log, no message of the inspector and no file, be it right, wrong, late or unreadable', async () => {
    const serving = await start(['serve', bot, '--inspect'], { cwd: folder, env: { ...env, CALLCHART_SECRET_KEY: randomBytes(32).toString('base64') } });
    const [, feed = ''] = /^inspector feed: (\S+)$/m.exec(serving.output().stderr) ?? [];
    const shown: string[] = [];
    const viewer = new WebSocket(feed).on('message', (message) => void shown.push((message as Buffer).toString()));
    await new Promise((resolve) => viewer.once('open', resolve));
    let messages = 0;
    const post = async (body: unknown): Promise<string> => {
      const headers = { authorization: `Bearer ${await keys.sign()}`, 'content-type': 'application/json', 'x-microsoft-skype-message-id': `m${(messages += 1)}` };
      return (await fetch(`${serving.first.replace('listening on ', '')}/api/calls`, { method: 'POST', headers, body: JSON.stringify(body) })).text();
    };
    const questionIn = (text: string): string => /"action":"recognize","operationId":"([^"]+)"/.exec(text)?.[1] ?? 'none';
    const keyed = (id: string, digits: string) => ({ id: 'c', callState: 'established', operationOutcome: { id, type: 'recognizeOutcome', outcome: 'success', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits } } });

    const first = questionIn(await post(incoming('c')));
    expect(await post(keyed(first, `x${pin}`)), 'what nobody can key').to.contain('ERR_EVENT_MALFORMED');
    const again = await post(keyed(first, `${pin}1`));
    expect(again, 'what is not the PIN').to.contain('Your PIN?');
    expect(await post(keyed(first, pin)), 'what comes late').to.equal('');
    expect(await post(keyed(questionIn(again), pin))).to.contain('Welcome.');
    await until(() => shown.some((message) => message.includes('inside')));
    viewer.close();
    expect(await serving.stop('SIGTERM')).to.equal(0);

    const { stdout, stderr } = serving.output();
    expect(stderr, 'the failure was logged').to.contain('"msg":"task failed"').and.to.contain('ERR_TASK_OUTPUT');
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
    const kept = (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n');
    expect(kept, 'the seal is there').to.contain('sealed.');
    for (const [place, text] of Object.entries({ stdout, stderr, shown: shown.join('\n'), kept })) expect(text.includes(pin), place).to.equal(false);
  });
});
