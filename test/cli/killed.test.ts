/** A bot that is killed in the middle of a call: started again, it goes on with the call, and the person on the line presses his key. */
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run, type Running, start } from './run.ts';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createNetServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

describe('a bot that is killed while a call of `callchart call --url` is on', function () {
  this.timeout(90_000);

  it('is started again, and the key that the caller presses is answered', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-killed-'));
    const keysPort = await freePort();
    const env = {
      CALLCHART_APP_ID: 'app', CALLCHART_APP_PASSWORD: 'password', CALLCHART_CALLBACK_URL: 'https://bot.test/api/calls', CALLCHART_STORE: `lmdb:${join(folder, 'calls')}`, CALLCHART_LOG_LEVEL: 'silent',
      CALLCHART_OPENID_METADATA_URL: `http://127.0.0.1:${keysPort}/v1/.well-known/openidconfiguration`,
    };
    const serve = (): Promise<Running> => start(['serve', join(root, 'examples/acme'), '--port', '0'], { cwd: folder, env });
    let serving: Running | undefined = await serve();
    let requests = 0;
    let killed = 0;
    // What stands between the two: it is where the caller knows the bot, whichever process that is.
    const between = createServer((asked, response) => {
      const chunks: Buffer[] = [];
      asked.on('data', (chunk: Buffer) => chunks.push(chunk));
      asked.on('end', () => {
        requests += 1;
        if (requests === 2) {
          const dying = serving;
          serving = undefined;
          void dying?.stop('SIGKILL').then(async () => {
            killed += 1;
            serving = await serve();
          });
        }
        if (serving === undefined) return void response.destroy();
        const { hostname, port } = new URL(serving.first.replace('listening on ', ''));
        const passed = request({ hostname, port, method: asked.method, path: asked.url, headers: asked.headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        passed.on('error', () => response.destroy());
        passed.end(Buffer.concat(chunks));
      });
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(between.address() as AddressInfo).port}/api/calls`;
      const { code, stdout } = await run(['call', '--url', url, '--app-id', 'app', '--keys-port', String(keysPort), '--keys', '2', '--json']);
      const { endedBy, transcript } = JSON.parse(stdout) as { readonly endedBy: string; readonly transcript: readonly { readonly kind: string; readonly text?: string }[] };
      expect(transcript.filter(({ kind }) => kind === 'says').map(({ text }) => text).at(-1)).to.equal('Support will call you back.');
      expect({ code, endedBy, killed }).to.deep.equal({ code: 0, endedBy: 'bot', killed: 1 });
      expect(requests, 'the key was pressed to a bot that was not there').to.be.greaterThan(3);
    } finally {
      await serving?.stop('SIGKILL');
      await new Promise((resolve) => between.close(resolve));
      await rm(folder, { recursive: true, force: true });
    }
  });
});
