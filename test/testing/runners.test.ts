import { expect } from 'chai';
import { join } from 'node:path';
import { root, runFile } from '../cli/run.ts';

describe('a scripted caller under another runner', function () {
  this.timeout(30_000);

  it('is told of by `node --test` as here: what holds passes, what does not fails with the call so far', async () => {
    const { code, stdout } = await runFile('--test', ['--test-reporter=tap', join(root, 'test/fixtures/runners/acme.ts')]);
    expect(code).to.equal(1);
    expect(stdout).to.match(/^\s*ok 1 - Acme asks again after a silence/m).and.to.match(/^\s*ok 2 - so does a live Acme$/m).and.to.match(/^\s*not ok 3 - Acme puts whoever presses 1/m);
    expect(stdout).to.match(/call to `acme`:\n[^]*caller presses 1\n\s*bot: Sales will call you back\.\n[^]*expected to hear \/support\/i\n/).and.to.contain("code: 'ERR_EXPECTATION'");
  });
});
