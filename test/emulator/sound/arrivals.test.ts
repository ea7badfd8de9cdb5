/** Packets of a stream, put back into their order. */
import { expect } from 'chai';
import fc from 'fast-check';
import { arrivals } from '../../../src/emulator/sound/arrivals.ts';

const packet = (sequenceNumber: number) => ({ sequenceNumber: sequenceNumber & 0xff_ff });

/** What comes out of packets that come like this, packet by packet, and what waits at the end. */
function through(numbers: readonly number[]) {
  const order = arrivals<{ readonly sequenceNumber: number }>();
  const steps = numbers.map((number) => order.push(packet(number)).map(({ sequenceNumber }) => sequenceNumber));
  return { steps, flushed: order.flush().map(({ sequenceNumber }) => sequenceNumber) };
}

describe('packets that arrive', () => {
  it('go on at once where none is missing', () => {
    expect(through([65_534, 65_535, 65_536, 65_537]).steps).deep.equal([[65_534], [65_535], [0], [1]]);
  });

  it('wait for one that is missing, and go on when it comes', () => {
    expect(through([1, 3, 4, 2]).steps).deep.equal([[1], [], [], [2, 3, 4]]);
  });

  it('wait for no more than three others: then it is lost, and comes after its turn', () => {
    expect(through([1, 3, 4, 5, 6, 2]).steps).deep.equal([[1], [], [], [], [3, 4, 5, 6], [2]]);
  });

  it('wait no longer when nothing comes any more', () => {
    expect(through([1, 3, 5])).deep.equal({ steps: [[1], [], []], flushed: [3, 5] });
  });

  it('are taken for a new stream when they leap', () => {
    expect(through([1, 3, 30_000, 30_001, 2]).steps).deep.equal([[1], [], [3, 30_000], [30_001], [2]]);
  });

  it('all come out, in order, where none is more than three places late', () => {
    fc.assert(
      fc.property(fc.nat(65_535), fc.array(fc.nat(3), { minLength: 1, maxLength: 300 }), (first, delays) => {
        const late = delays.map((delay, index) => ({ number: index + 1, at: index + 1 + delay })).toSorted((one, other) => one.at - other.at);
        const { steps, flushed } = through([first, ...late.map(({ number }) => first + number)]);
        expect([...steps.flat(), ...flushed]).deep.equal(Array.from({ length: delays.length + 1 }, (_, index) => (first + index) & 0xff_ff));
      }),
    );
  });

  it('never come to more than were sent, and few wait', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(65_535), { maxLength: 300 }), (numbers) => {
        const { steps, flushed } = through(numbers);
        expect(steps.flat().length + flushed.length).to.be.at.most(numbers.length);
        expect(flushed.length).to.be.at.most(3);
      }),
    );
  });
});
