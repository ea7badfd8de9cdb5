/** When packets are due. */
import { expect } from 'chai';
import fc from 'fast-check';
import { pace, packetMs } from '../../../src/emulator/sound/pace.ts';

describe('the pace of packets', () => {
  it('has the first one due at once, and the next 20 ms after it', () => {
    const sent = pace(1_000);
    expect(sent.due(1_000)).deep.equal({ packets: 1, left: 0 });
    expect(sent.waitMs(1_000.25)).equal(19.75);
    expect(sent.due(1_019)).deep.equal({ packets: 0, left: 0 });
    expect(sent.due(1_020)).deep.equal({ packets: 1, left: 0 });
  });

  it('catches up when the timer comes late', () => {
    const sent = pace(0);
    sent.due(0);
    expect(sent.due(109)).deep.equal({ packets: 5, left: 0 });
    expect(sent.waitMs(109)).equal(11);
  });

  it('leaves out what a machine that slept did not send', () => {
    const sent = pace(0);
    sent.due(0);
    expect(sent.due(60_000)).deep.equal({ packets: 1, left: 2_999 });
    expect(sent.waitMs(60_000)).equal(20);
  });

  it('neither drifts nor runs ahead, however late the timers come', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { maxLength: 200 }), (began, lateness) => {
        const sent = pace(began);
        let now = began;
        let passed = 0;
        for (const late of lateness) {
          now += sent.waitMs(now) + late;
          const { packets, left } = sent.due(now);
          passed += packets + left;
          expect(packets).to.be.at.most(10);
          expect(passed).equal(Math.floor((now - began) / packetMs) + 1);
        }
      }),
    );
  });
});
