/** The commands of docs/scaling.md about Restate, as they stand there: a server, three nodes, two balancers, and a call that outlives two nodes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { root } from '../cli/run.ts';
import { freePort } from '../servers/postgres.ts';
import { needsRestate, type RestateServer, startRestate } from '../servers/restate.ts';
import { block, blocks, ended, type Page, pageIn, says } from './page.ts';

const portOf = (address: string): number => Number(address.split(':')[1]);

describe('the page about scaling, on Restate', function () {
  this.timeout(120_000);
  let server: RestateServer;
  let folder: string;
  let page: Page;

  before(async function () {
    needsRestate(this);
    if ([spawnSync('caddy', ['version']), spawnSync('/usr/sbin/haproxy', ['-v'])].some(({ status }) => status !== 0) && process.env['CALLCHART_SERVERS'] === undefined) return this.skip();
    mkdirSync(join(root, '.callchart'), { recursive: true });
    folder = mkdtempSync(join(root, '.callchart/scaling-')); // where the bot finds its package
    writeFileSync(join(folder, 'bot.ts'), readFileSync(join(root, 'examples/acme/bot.ts')));
    server = await startRestate();
    const free = await Promise.all(['4001', '4002', '4003', '9461', '9462', '9463', '8090', '9080', '9081', '9082', '9083', '3979'].map(async (port) => [port, await freePort()] as const));
    page = pageIn(folder, new Map([['8080', portOf(server.ingress)], ['9070', portOf(server.admin)], ...free]));
  });
  after(async () => {
    page?.stop();
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  it('sets up three nodes and two balancers, and a call goes on when two of the nodes are killed in it', async () => {
    const balancers = (blocks('The balancers before Restate and behind it')[0] ?? '').split('\n');
    const isBehind = (line: string): boolean => line.includes('CALLCHART_RESTATE_');
    const [toNodes, toRestate] = [balancers.filter((line) => !isBehind(line)).join('\n'), balancers.filter(isBehind).join('\n')];
    page.shell(toRestate, { CADDY_ADMIN: `127.0.0.1:${await freePort()}` });
    const nodes = page.shell(readNodes());
    await says(nodes, /listening on http/g, 3);
    page.shell(toNodes);
    for (;;) if ((await fetch(page.here('http://127.0.0.1:8090/api/calls')).then(({ status }) => status, () => 0)) === 405) break;
    for (;;) if ((await fetch(page.here('http://127.0.0.1:8080/restate/health')).then((response) => response.text())).includes('CallchartCall_botframework')) break;

    writeFileSync(join(folder, 'waits.script'), block('A call that outlives its node', 'text'));
    const call = page.shell(`${readCall()} --keys-port 3979`);
    const hangup = ended(call);
    let heard = '';
    for (const stream of [call.stdout, call.stderr]) stream?.on('data', (text: Buffer | string) => (heard += String(text)));
    await says(call, /Welcome to Acme/g);
    const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', String(nodes.pid)], { encoding: 'utf8' }).trim().split('\n').map(Number);
    expect(pids).to.have.length(3);
    for (const pid of pids.slice(0, 2)) process.kill(pid, 'SIGKILL');
    expect(await hangup, heard).to.equal(0);
    expect(heard).to.contain('Support will call you back.');
  });
});

/** The settings and the nodes; what is to be installed is. */
const readNodes = (): string => blocks('The nodes on Restate')[1] ?? 'false';

const readCall = (): string => (blocks('The balancers before Restate and behind it')[1] ?? 'false').trim();
