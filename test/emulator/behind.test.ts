/** A bot that is served for one call: what it does at the end of the call is waited for. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { callMachine, hangup, recognize } from 'callchart';
import { emulatedNames, ring, serveBehind } from 'callchart/emulator';
import { silentLog } from 'callchart/transport';

const tidying = (cleanup: () => Promise<void>) =>
  callMachine('tidy', { cleanup, initial: 'ask', states: { ask: recognize({ prompt: 'Well?', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.') } });

/** What `deed` writes to standard error. */
const written = async (deed: () => Promise<unknown>): Promise<string> => {
  const { write } = process.stderr;
  let text = '';
  process.stderr.write = ((chunk: string) => (text += chunk) !== '') as typeof write;
  try {
    await deed();
  } finally {
    process.stderr.write = write;
  }
  return text;
};

for (const service of emulatedNames) {
  describe(`the cleanup of a bot that is rung over ${service}`, () => {
    it('is done when the call is over, whoever hung up', async () => {
      let done = 0;
      const bot = tidying(async () => {
        for (let turns = 0; turns < 500; turns += 1) await turn();
        done += 1;
      });
      await ring(bot, (caller) => caller.presses('1').hears('Goodbye').isHungUp(), { service });
      expect(done).to.equal(1);
      await ring(bot, (caller) => caller.hears('Well').hangsUp(), { service });
      expect(done).to.equal(2);
    });

    it('is waited for only so long, which is told', async () => {
      const behind = await serveBehind(service, tidying(() => new Promise(() => {})), { log: silentLog, cleanupMs: 20 });
      await behind.service.call(behind.endpoint, { clock: 'script', caller: { next: async () => 'hangup' } });
      expect(await written(() => behind.close())).to.equal('the cleanup of `tidy` is not done after 0.02 s, and is waited for no longer\n');
    });
  });
}
