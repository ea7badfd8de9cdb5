/** What plays for a browser, packet by packet. */
import { expect } from 'chai';
import fc from 'fast-check';
import { downlink, packetLength } from '../../../src/emulator/sound/downlink.ts';
import { sine } from './hearing.ts';

const isSilent = (packet: Buffer): boolean => packet.every((byte) => byte === 0xff);

/** A downlink whose first, silent packets have gone. */
function begun() {
  const down = downlink();
  for (let count = 0; count < 5; count += 1) expect(isSilent(down.next())).equal(true);
  return down;
}

describe('what plays for a browser', () => {
  it('keeps the first sound back until the browser loses nothing of it', async () => {
    const down = downlink();
    const played = down.play(sine(440, 20, 8_000));
    expect(Array.from({ length: 7 }, () => isSilent(down.next()))).deep.equal([true, true, true, true, true, false, true]);
    expect(await played).equal('played');
  });

  it('is the whole sound and nothing else, whatever its length and its rate', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3_000), fc.constantFrom(8_000, 16_000, 22_050, 48_000), async (length, rate) => {
        const down = begun();
        const played = down.play({ rate, samples: new Int16Array(length).fill(8_000) });
        const packets = Array.from({ length: 60 }, () => down.next());
        expect(packets.every((packet) => packet.length === packetLength)).equal(true);
        const loud = packets.flatMap((packet) => [...packet]).filter((byte) => byte !== 0xff).length;
        expect(loud).closeTo((length * 8_000) / rate, 1);
        expect(await played).equal('played');
      }),
      { numRuns: 50 },
    );
  });

  it('is silent in the very next packet once it is cut, and so at the end of all', async () => {
    const down = begun();
    const cut = new AbortController();
    const first = down.play(sine(440, 200, 8_000), cut.signal);
    expect(isSilent(down.next())).equal(false);
    cut.abort();
    expect(isSilent(down.next())).equal(true);
    expect(await first).equal('cut');
    const second = down.play(sine(440, 200, 8_000));
    expect(isSilent(down.next())).equal(false);
    down.close();
    expect(isSilent(down.next())).equal(true);
    expect([await second, await down.play(sine(440, 200, 8_000))]).deep.equal(['cut', 'cut']);
  });

  it('is not cut by the signal of a sound that was before it', async () => {
    const down = begun();
    const old = new AbortController();
    const first = down.play(sine(440, 200, 8_000), old.signal);
    const second = down.play(sine(440, 40, 8_000));
    old.abort();
    expect([down.next(), down.next(), down.next()].map(isSilent)).deep.equal([false, false, true]);
    expect([await first, await second]).deep.equal(['cut', 'played']);
  });
});
