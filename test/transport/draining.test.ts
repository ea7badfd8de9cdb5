/** A process that is about to end: what rings is refused, what is on record goes on, what is held back has its filler. */
import { expect } from 'chai';
import { callMachine, hangup, isCallError, recognize, task } from 'callchart';
import { memoryStore } from 'callchart/transport';
import { commandRig } from './command-service.ts';
import { gate, rig, stubService, until } from './rig.ts';


/** The same bot, whose work ends when the test says so. */
const working = () => {
  const { passed, open } = gate<unknown>();
  let begun = 0;
  const machine = callMachine('desk', {
    initial: 'ask', filler: 'One moment.',
    states: {
      ask: recognize({ prompt: 'Work?', choices: { work: '1', stop: '2' }, on: { work: 'work', stop: 'bye', exhausted: 'bye' } }),
      work: task({ run: () => ((begun += 1), passed), on: { done: 'bye', failed: 'bye' } }),
      bye: hangup('Bye.'),
    },
  });
  return { machine, open, begun: () => begun };
};

const codeOf = async (promise: Promise<unknown>): Promise<string> => promise.then(() => 'nothing', (error: unknown) => (isCallError(error) ? error.code : String(error)));

describe('a process that drains', () => {
  it('refuses calls that ring with 503, a time to come back and the end of the connection; those on record go on', async () => {
    const { machine } = working();
    const line = await rig(machine, { service: stubService({ replyWithinMs: 5_000 }) });
    const [known, late] = [line.caller('known'), line.caller('late')];
    expect((await known.rings('m-ring')).headers.get('connection')).to.equal('keep-alive');
    await line.server.check();
    line.server.drain();
    const refused = await late.rings();
    expect([refused.status, refused.text, refused.headers.get('retry-after'), refused.headers.get('connection')]).to.deep.equal([503, '{"error":{"code":"ERR_DRAINING"}}', '1', 'close']);
    expect(await line.record('late'), 'nothing is on record of it').to.equal(undefined);
    expect((await known.rings('m-ring')).status, 'a retry of the first request has its reply').to.equal(200);
    const said = await known.presses('stop');
    expect([said.heard, said.headers.get('connection')]).to.deep.equal(['playPrompt“Bye.” hangup', 'close']);
    expect(await codeOf(line.server.check())).to.equal('ERR_DRAINING');
    expect(await codeOf(line.server.place({ to: '+15550100', from: '+15550199' })), 'no call is placed whose answer nobody takes').to.equal('ERR_DRAINING');
    expect(line.said('exchange refused').map(({ code }) => code)).to.deep.equal(['ERR_DRAINING']);
    await line.close();
  });

  it('gives a caller whose reply is held back the filler, and the next process has the call', async () => {
    const { machine, begun } = working();
    const store = memoryStore();
    const kept = { ...store, durable: true, close: async () => {} };
    const line = await rig(machine, { service: stubService({ replyWithinMs: 60_000 }), store: kept });
    const caller = line.caller('held');
    await caller.rings();
    const held = caller.presses('work');
    await until(() => begun() === 1);
    const began = Date.now();
    line.server.drain();
    const closed = line.close();
    const filler = await held;
    expect([filler.status, filler.heard, filler.headers.get('connection')]).to.deep.equal([200, 'playPrompt“One moment.”', 'close']);
    await closed;
    expect(Date.now() - began, 'nobody waits for the deadline of the service').to.be.lessThan(5_000);

    const next = working();
    const other = await rig(next.machine, { service: stubService({ replyWithinMs: 60_000 }), store: kept });
    const asked = other.send(JSON.stringify(caller.result({ type: 'playPromptOutcome' })), { 'x-microsoft-skype-message-id': 'after' });
    await until(() => next.begun() === 1);
    next.open('done');
    expect((await asked).heard).to.equal('playPrompt“Bye.” hangup');
    await other.close();
  });

  it('takes a call that was placed when somebody has answered it: he is on the line', async () => {
    const { machine } = working();
    const line = await commandRig(machine);
    line.server.drain();
    const call = (id: string, direction: 'inbound' | 'outbound') => line.post(id, [{ type: 'call.incoming', call: { id, from: '+15550199', to: '+15550100', direction, headers: {} } }]);
    expect([await call('in', 'inbound'), await call('out', 'outbound')]).to.deep.equal([503, 200]);
    expect((await line.nth(1)).says).to.equal('Work?');
    await line.close();
  });

  it('waits for requests that have not come to the engine yet, and answers them', async () => {
    const { machine } = working();
    const door = gate();
    let arrived = 0;
    const service = { ...stubService({ replyWithinMs: 5_000 }), authenticate: async () => {
      arrived += 1;
      if (arrived === 2) await door.passed;
    } };
    const line = await rig(machine, { service: service as never });
    const caller = line.caller('slow');
    await caller.rings();
    const answer = caller.presses('stop');
    await until(() => arrived === 2);
    const closed = line.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    door.open();
    expect((await answer).heard).to.equal('playPrompt“Bye.” hangup');
    await closed;
  });
});
