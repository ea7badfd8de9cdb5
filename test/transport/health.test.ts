/** What a load balancer, an orchestrator and Prometheus ask a process, and all that they are told. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import Koa from 'koa';
import { CallError, isCallError } from 'callchart';
import { type CallStore, koaStatus, memoryStore, metrics, serveStatus, statusListener } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { rig } from './rig.ts';

const told = async (url: string, init?: RequestInit): Promise<readonly [number, string]> => {
  const response = await fetch(url, init);
  return [response.status, await response.text()];
};

describe('a process that is asked how it is', () => {
  it('lives, is ready while it takes calls and its store answers, and is not when it ends', async () => {
    const inner = memoryStore();
    let isHung = false;
    let looks = 0;
    const store = { ...inner, load: (id: string) => ((looks += 1), isHung ? new Promise<never>(() => {}) : inner.load(id)) };
    const line = await rig(acme, { store, roundMs: 60_000 });
    const status = await serveStatus(line.server, { port: 0 }, { withinMs: 50 });
    expect(status.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect([await told(`${status.url}/health`), await told(`${status.url}/ready`)]).to.deep.equal([[200, '{"status":"ok"}'], [200, '{"status":"ready"}']]);

    isHung = true;
    const before = looks;
    const began = performance.now();
    const asked = await Promise.all(Array.from({ length: 5 }, () => fetch(`${status.url}/ready`)));
    expect(performance.now() - began, 'a probe has its answer before it gives up').to.be.lessThan(900);
    for (const response of asked) expect([response.status, response.headers.get('retry-after'), response.headers.get('cache-control'), await response.text()]).to.deep.equal([503, '1', 'no-store', '{"error":{"code":"ERR_STORE_UNAVAILABLE"}}']);
    expect(looks - before, 'however many ask, a store that hangs is asked once').to.equal(1);
    expect(await told(`${status.url}/health`)).to.deep.equal([200, '{"status":"ok"}']);
    isHung = false;
    await new Promise((resolve) => setTimeout(resolve, 1_200)); // what hung is given up
    expect(await told(`${status.url}/ready`)).to.deep.equal([200, '{"status":"ready"}']);

    line.server.drain();
    expect([await told(`${status.url}/ready?verbose=1`), await told(`${status.url}/health`)]).to.deep.equal([[503, '{"error":{"code":"ERR_DRAINING"}}'], [200, '{"status":"ok"}']]);
    await line.close();
    await status.close();
  }).timeout(10_000);

  it('is not ready while its disk is full, though it can be read, and is ready again once something can be written, with no caller needed', async () => {
    const inner = memoryStore();
    let isFull = false;
    const store: CallStore = { ...inner, commit: async (id, expected, record) => {
      if (isFull) throw new CallError('ERR_STORE_UNAVAILABLE', 'its disk is full', { reason: 'full' });
      return inner.commit(id, expected, record);
    } };
    const line = await rig(acme, { store, roundMs: 60_000 });
    const status = await serveStatus(line.server, { port: 0 });
    isFull = true;
    expect((await line.caller('c').rings()).status).to.equal(503);
    for (let look = 0; look < 2; look += 1) expect(await told(`${status.url}/ready`)).to.deep.equal([503, '{"error":{"code":"ERR_STORE_UNAVAILABLE"}}']);
    isFull = false;
    expect(await told(`${status.url}/ready`)).to.deep.equal([200, '{"status":"ready"}']);
    expect(await inner.list('botframework:', 10), 'nothing is on record of a call').to.deep.equal([]);
    await line.close();
    await status.close();
  });

  it('knows three paths, by GET and HEAD, and metrics only where there are some', async () => {
    const line = await rig(acme);
    const status = await serveStatus(line.server, { port: 0 });
    expect(await told(`${status.url}/metrics`)).to.deep.equal([404, '{"error":{"code":"ERR_ROUTE_UNKNOWN"}}']);
    expect(await told(`${status.url}/__proto__`)).to.deep.equal([404, '{"error":{"code":"ERR_ROUTE_UNKNOWN"}}']);
    expect(await told(`${status.url}/ready`, { method: 'HEAD' })).to.deep.equal([200, '']);
    expect((await told(`${status.url}/ready`, { method: 'POST' }))[0]).to.equal(405);
    await Promise.all([status.close(), line.close()]);
  });

  it('says so in an application of any kind, which has its other paths for itself', async () => {
    const line = await rig(acme);
    const counted = await metrics({ ofProcess: false });
    const listener = statusListener(line.server, { metrics: counted });
    const koa = new Koa().use(koaStatus(line.server)).use((ctx) => void (ctx.body = 'ours'));
    const servers: readonly Server[] = [createServer((request, response) => listener(request, response, () => response.end('ours'))), createServer(koa.callback())];
    for (const server of servers) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect([await told(`${url}/ready`), await told(`${url}/`)]).to.deep.equal([[200, '{"status":"ready"}'], [200, 'ours']]);
      server.close();
      server.closeAllConnections();
    }
    await line.close();
  });

  it('is not asked of what takes no calls', () => {
    for (const [calls, options] of [[undefined, {}], [{ check: async () => {} }, { withinMs: 0 }], [{ check: async () => {} }, { within: 5 }]] as const) {
      expect(() => statusListener(calls as never, options as never)).to.throw().and.satisfy((error: unknown) => isCallError(error) && error.code === 'ERR_OPTION_INVALID');
    }
  });
});
