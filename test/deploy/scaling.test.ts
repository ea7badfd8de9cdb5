/** The commands of docs/scaling.md, as they stand there: a database, three nodes, a balancer, and a call that outlives its node. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { root } from '../cli/run.ts';
import { freePort, needsPostgres, type PostgresServer, startPostgres } from '../servers/postgres.ts';
import { until } from '../transport/rig.ts';
import { block, blocks, ended, type Page, pageIn, says } from './page.ts';

/** Its caller waits for a task while the service waits for the reply: nobody has heard of him yet when it runs. */
const slowBot = `
import { callMachine, hangup, task } from 'callchart';
export default callMachine('slow', {
  initial: 'working',
  states: {
    working: task({
      run: async () => {
        process.stderr.write(\`TASK RUNS \${process.pid}\\n\`);
        await new Promise((resolve) => setTimeout(resolve, 2_000));
      },
      on: { done: 'done', failed: 'failed' },
    }),
    done: hangup('It took its time.'),
    failed: hangup('It did not work.'),
  },
});
`;

describe('the page about scaling', function () {
  this.timeout(90_000);
  let server: PostgresServer;
  let folder: string;
  let page: Page;

  before(async function () {
    needsPostgres(this);
    if (spawnSync('/usr/sbin/haproxy', ['-v']).status !== 0 && process.env['CALLCHART_SERVERS'] === undefined) return this.skip();
    mkdirSync(join(root, '.callchart'), { recursive: true });
    folder = mkdtempSync(join(root, '.callchart/scaling-')); // where the bot finds its package
    writeFileSync(join(folder, 'bot.ts'), readFileSync(join(root, 'examples/acme/bot.ts')));
    writeFileSync(join(folder, 'slow.ts'), slowBot);
    server = await startPostgres();
    page = pageIn(folder, new Map([['5432', server.port], ...(await Promise.all(['4001', '4002', '4003', '9461', '9462', '9463', '8080', '3979'].map(async (port) => [port, await freePort()] as const)))]));
    const local = { PGHOST: '127.0.0.1', PGPORT: String(server.port), PGUSER: 'postgres', PGPASSWORD: new URL(server.url).password };
    expect(await ended(page.shell(blocks('The database')[0] ?? 'false', local))).to.equal(0);
  });
  after(async () => {
    page?.stop();
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  it('sets up PostgreSQL, three nodes and a balancer, and a call goes on when two of the nodes are killed in it', async () => {
    const nodes = page.shell(block('The nodes'));
    let log = '';
    nodes.stderr?.on('data', (text: Buffer) => (log += text.toString('utf8')));
    await says(nodes, /listening on http/g, 3);
    expect(await server.sql("SELECT datname FROM pg_stat_activity WHERE application_name = 'callchart' GROUP BY 1")).to.equal('calls');

    page.shell(block('The balancer'));
    await until(() => fetch(page.here('http://127.0.0.1:8080/api/calls')).then(({ status }) => status === 405, () => false), 20_000);

    const [script, command] = [block('A call that outlives its node', 'text'), block('A call that outlives its node')];
    writeFileSync(join(folder, 'waits.script'), script);
    const call = page.shell(`${command.trim()} --keys-port 3979`);
    const hangup = ended(call);
    let heard = '';
    call.stdout?.on('data', (text: Buffer) => (heard += text.toString('utf8')));
    await says(call, /Welcome to Acme/g);
    const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', String(nodes.pid)], { encoding: 'utf8' }).trim().split('\n').map(Number);
    expect(pids).to.have.length(3);
    const itsNode = Number(/"pid":(\d+).*"call begun"/.exec(log)?.[1]);
    const [other] = pids.filter((pid) => pid !== itsNode);
    expect(pids).to.include(itsNode);
    for (const pid of [itsNode, other!]) process.kill(pid, 'SIGKILL');
    expect(await hangup, heard).to.equal(0);
    expect(heard).to.contain('Support will call you back.');
  });

  it('has a balancer that keeps a request for another node: the caller on Twilio hears nothing of a node that is killed while it holds his', async () => {
    const api = await freePort();
    const settings = {
      CALLCHART_SERVICE: 'twilio', CALLCHART_TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000001', CALLCHART_TWILIO_AUTH_TOKEN: 'token', CALLCHART_TWILIO_PUBLIC_URL: 'https://bot.example.com',
      CALLCHART_TWILIO_API_URL: `http://127.0.0.1:${api}`,
    };
    const moved = pageIn(folder, new Map([['5432', server.port], ...(await Promise.all(['4001', '4002', '4003', '9461', '9462', '9463', '8080'].map(async (port) => [port, await freePort()] as const)))]));
    try {
      const nodes = moved.shell(block('The nodes').replaceAll(' bot.ts', ' slow.ts'), settings);
      let log = '';
      nodes.stderr?.on('data', (text: Buffer) => (log += text.toString('utf8')));
      await says(nodes, /listening on http/g, 3);
      const balancer = moved.shell(block('The balancer'));
      await until(() => fetch(moved.here('http://127.0.0.1:8080/api/twilio')).then(({ status }) => status === 405, () => false), 20_000);
      const call = moved.shell(`npx callchart call --url http://127.0.0.1:8080/api/twilio --keys-port ${api} --json`, settings);
      const hangup = ended(call);
      let heard = '';
      for (const stream of [call.stdout, call.stderr]) stream?.on('data', (text: Buffer) => (heard += text.toString('utf8')));
      await until(() => log.includes('TASK RUNS'), 20_000);
      const held = Number(/TASK RUNS (\d+)/.exec(log)?.[1]);
      process.kill(held, 'SIGKILL');
      expect(await hangup, heard).to.equal(0);
      expect(heard).to.contain('It took its time.').and.not.to.match(/answered 5\d\d|error/i);
      expect(Number(/TASK RUNS (\d+)\n[^]*TASK RUNS (\d+)/.exec(log)?.[2]), 'by another').not.to.equal(held);
      expect(balancer.exitCode).to.equal(null);
    } finally {
      moved.stop();
    }
  });

  it('says of several processes on one machine what can be done so', async () => {
    page.stop(); // the node that was left has one of the ports
    const given = block('The nodes').split('\n').filter((line) => line.startsWith('export ') && !line.includes('STORE')).join('\n');
    const child = page.shell(`${given}\n${block('Several processes on one machine')}`);
    await says(child, /listening on http/g, 2);
  });
});
