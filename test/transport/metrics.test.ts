/** What happens behind a server of bots, as Prometheus scrapes it: every number is there, and no label grows with the calls. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { callMachine, hangup, recognize, task } from 'callchart';
import { type CallStore, memoryStore, metrics, serveStatus } from 'callchart/transport';
import { CallError } from '../../src/errors.ts';
import { metricTable } from '../../src/transport/metrics.ts';
import { commandRig } from './command-service.ts';
import { gate, rig, stubService, until } from './rig.ts';

const shop = (work: () => unknown) =>
  callMachine('shop', {
    initial: 'ask',
    states: {
      ask: recognize({ prompt: 'Hm?', choices: { work: '1', wait: '2', boom: '3' }, on: { work: 'work', wait: 'wait', boom: 'boom', exhausted: 'bye' } }),
      work: task({ run: work, on: { done: 'bye', failed: 'bye' } }),
      wait: { after: { 100: 'bye' } },
      boom: hangup(() => {
        throw new Error('the bot is broken');
      }),
      bye: hangup('Bye.'),
    },
  });

/** The value of a series in the text of a scrape. */
const valueIn = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

describe('metrics', () => {
  it('count what happened to calls, in a scrape like any other', async () => {
    const counted = await metrics();
    const line = await rig(shop(() => Promise.reject(new Error('not today'))), { metrics: counted, service: stubService({ replyWithinMs: 5_000 }) });
    const status = await serveStatus(line.server, { port: 0 }, { metrics: counted });
    const [one, two, three, four] = [line.caller('call-of-one'), line.caller('call-of-two'), line.caller('call-of-three'), line.caller('call-of-four')];
    await one.rings();
    await one.presses('work');
    await one.isHungUp();
    await two.rings('again');
    await two.rings('again');
    await two.presses('boom');
    await three.rings();
    const held = three.presses('wait');
    await until(async () => (await line.record('call-of-three'))?.snapshot.timers.length === 1);
    const during = await (await fetch(`${status.url}/metrics`)).text();
    expect(valueIn(during, 'callchart_exchanges_in_hand{service="botframework"}')).to.equal(1);
    line.clock.now += 350;
    await held;
    await line.send('not a body');
    await four.presses('work');

    const response = await fetch(`${status.url}/metrics`);
    const text = await response.text();
    expect(response.headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    const of = (name: string, labels: string): number | undefined => valueIn(text, `${name}{service="botframework"${labels}}`);
    expect({
      taken: of('callchart_exchange_duration_seconds_count', ',bot="shop",kind="taken",status="200"'), repeated: of('callchart_exchange_duration_seconds_count', ',bot="shop",kind="repeated",status="200"'),
      refused: of('callchart_exchange_duration_seconds_count', ',bot="",kind="refused",status="400"'), malformed: of('callchart_exchanges_refused_total', ',code="ERR_EVENT_MALFORMED"'), unknown: of('callchart_exchanges_refused_total', ',code="ERR_CALL_UNKNOWN"'),
      begun: of('callchart_calls_begun_total', ',bot="shop"'), ended: of('callchart_calls_ended_total', ',bot="shop",reason="bot"'), lasted: of('callchart_call_duration_seconds_count', ',bot="shop"'),
      active: of('callchart_calls_active_here', ''), inHand: of('callchart_exchanges_in_hand', ''),
      tasks: of('callchart_task_duration_seconds_count', ',bot="shop",task="work"'), failed: of('callchart_tasks_failed_total', ',bot="shop",task="work"'),
      broken: of('callchart_bot_failures_total', ',bot="shop",code="ERR_BOT_THREW"'), timers: of('callchart_timer_lateness_seconds_count', ''), late: of('callchart_timer_lateness_seconds_sum', ''),
    }).to.deep.equal({ taken: 7, repeated: 1, refused: 1, malformed: 1, unknown: 1, begun: 3, ended: 1, lasted: 1, active: 2, inHand: 0, tasks: 1, failed: 1, broken: 1, timers: 1, late: 0.25 });
    expect(of('callchart_store_duration_seconds_count', ',operation="commit"')).to.be.at.least(8);
    expect(text).to.match(/^process_cpu_seconds_total /m).and.match(/^nodejs_eventloop_lag_seconds /m);
    expect(text, 'no call, nobody, no path').not.to.match(/call-of|mona|chain|\/api/i);
    await status.close();
    await line.close();
    expect(valueIn(await counted.text(), 'callchart_calls_active_here{service="botframework"}'), 'what has ended has nothing in hand').to.equal(0);
  }).timeout(20_000);

  it('count conflicts and failures of the store, and what a service refused', async () => {
    const inner = memoryStore();
    const counted = await metrics({ ofProcess: false });
    let loses = 0;
    let isFull = false;
    const store: CallStore = {
      ...inner,
      commit: async (...asked) => {
        if (isFull) throw new CallError('ERR_STORE_UNAVAILABLE', 'full', { reason: 'full' });
        loses += 1;
        return loses === 2 ? false : inner.commit(...asked);
      },
    };
    const line = await commandRig(shop(() => 0), { store, metrics: counted, answers: 'by hand' });
    await line.rings();
    (await line.nth(1)).answer({ kind: 'refused', reason: 'a word of the service' });
    await until(async () => valueIn(await counted.text(), 'callchart_commands_refused_total{service="commanded",bot="shop"}') === 1);
    await until(() => loses >= 3);
    isFull = true;
    expect(await line.rings('other')).to.equal(503);
    const text = await counted.text();
    expect(valueIn(text, 'callchart_store_conflicts_total{service="commanded"}')).to.equal(1);
    expect(valueIn(text, 'callchart_store_failures_total{service="commanded",operation="commit",reason="full"}')).to.be.at.least(1);
    expect(text).not.to.contain('word of the service');
    isFull = false;
    await line.close();
  });

  it('go into a registry of the application, once, beside what it counts itself', async () => {
    const registry = new Registry();
    const counted = await metrics({ registry });
    const told: string[] = [];
    const line = await rig(shop(() => 0), { metrics: counted, onEvent: ({ type }) => void told.push(type) });
    await line.caller('c').rings();
    expect(await registry.metrics()).to.contain('callchart_calls_begun_total{service="botframework",bot="shop"} 1').and.not.contain('process_cpu');
    expect(told, 'and the application is told as before').to.deep.equal(['call.begun', 'exchange']);
    expect(await metrics({ registry }).catch(({ code, message }: CallError) => [code, message])).to.deep.equal(['ERR_OPTION_INVALID', 'option `registry` has `callchart_exchange_duration_seconds` already: one `metrics()` counts for any number of servers']);
    await line.close();
  });

  it('are no more series for a thousand calls than for one', async () => {
    const counted = await metrics({ ofProcess: false });
    const { passed, open } = gate<unknown>();
    const line = await rig(shop(() => passed), { metrics: counted });
    const series = async (): Promise<number> => (await counted.text()).split('\n').filter((one) => one !== '' && !one.startsWith('#')).length;
    await line.caller('first').rings();
    const before = await series();
    for (let count = 0; count < 200; count += 1) await line.caller(`call-${count}`).rings();
    expect(await series()).to.equal(before);
    expect(valueIn(await counted.text(), 'callchart_calls_active_here{service="botframework"}')).to.equal(201);
    open(0);
    await line.close();
  }).timeout(20_000);

  it('stand on the page of operations, every one with its labels', () => {
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(callchart_\w+)` \| (counter|gauge|histogram) \| ([^|]*) \|/gm)].map(([, name, type, labels = '']) => ({ name, type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label) }));
    expect(rows).to.deep.equal(Object.entries(metricTable).map(([name, { type, labels }]) => ({ name, type, labels: [...labels] })));
  });
});
