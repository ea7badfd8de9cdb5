/** Keys beside the sound: each once, whatever the way does to their packets. */
import { expect } from 'chai';
import fc from 'fast-check';
import { arrivals } from '../../../src/emulator/sound/arrivals.ts';
import { keyListener } from '../../../src/emulator/sound/telephone-event.ts';

const keypad = '0123456789*#ABCD';

interface KeyPacket {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

/** A packet of a key that has lasted for so long. */
const told = (event: number, duration: number, ended = false): Uint8Array => Uint8Array.of(event, ended ? 0x8a : 0x0a, duration >> 8, duration & 0xff);

/** What a browser sends for keys of 100 ms with 70 ms between them: six packets each, three of them the end. */
function packetsOf(keys: string, { sequence = 65_530, timestamp = 0xffff_f000 } = {}): readonly KeyPacket[] {
  const packets: KeyPacket[] = [];
  let number = sequence;
  for (const [index, key] of [...keys].entries()) {
    const began = (timestamp + index * 170 * 48) >>> 0;
    for (const [lasted, ended] of [[960, false], [1_920, false], [2_880, false], [4_800, true], [4_800, true], [4_800, true]] as const) {
      packets.push({ sequenceNumber: number, timestamp: began, payload: told(keypad.indexOf(key), lasted, ended) });
      number = (number + 1) & 0xff_ff;
    }
  }
  return packets;
}

/** What is heard of packets that come like this. */
function heardOf(packets: readonly KeyPacket[]): string {
  const order = arrivals<KeyPacket>();
  const listen = keyListener();
  return [...packets.flatMap((packet) => [...order.push(packet)]), ...order.flush()].map(({ timestamp, payload }) => listen(timestamp, payload) ?? '').join('');
}

const someKeys = fc.array(fc.constantFrom(...keypad), { minLength: 1, maxLength: 12 }).map((keys) => keys.join(''));

describe('keys that travel beside the sound', () => {
  it('hears all sixteen keys, the same one pressed again as well', () => {
    expect(heardOf(packetsOf(`${keypad}55#`))).equal(`${keypad}55#`);
  });

  it('hears a key the moment it is pressed', () => {
    expect(keyListener()(7, told(11, 960))).equal('#');
  });

  it('hears each key once as long as one packet of it comes', () => {
    fc.assert(
      fc.property(someKeys, fc.infiniteStream(fc.boolean()), fc.infiniteStream(fc.nat(5)), (keys, isLost, kept) => {
        const left = [...keys].flatMap((_, key) => {
          const packets = packetsOf(keys).slice(key * 6, key * 6 + 6);
          const safe = kept.next().value;
          return packets.filter((_packet, index) => index === safe || isLost.next().value === false);
        });
        expect(heardOf(left)).equal(keys);
      }),
    );
  });

  it('hears each key once and in order, though packets are doubled and overtake one another', () => {
    fc.assert(
      fc.property(someKeys, fc.infiniteStream(fc.nat(3)), fc.infiniteStream(fc.nat(2)), (keys, delays, copies) => {
        const sent = packetsOf(keys).flatMap((packet, index) => Array.from({ length: 1 + copies.next().value }, () => ({ packet, at: index + delays.next().value })));
        const come = sent.toSorted((one, other) => one.at - other.at).map(({ packet }) => packet);
        // The first packet that comes is where the stream begins.
        const [first] = packetsOf(keys);
        expect(heardOf(first === undefined ? [] : [first, ...come])).equal(keys);
      }),
    );
  });

  it('hears a key that is held for long as one', () => {
    const listen = keyListener();
    const heard = [
      listen(1_000, told(5, 960)), listen(1_000, told(5, 65_535)), listen(1_000 + 65_760, told(5, 225)), listen(1_000 + 65_760, told(5, 65_535)),
      listen(1_000 + 2 * 65_760, told(5, 480, true)), listen(1_000 + 2 * 65_760 + 4_000, told(5, 960)),
    ];
    expect(heard.join('')).equal('55');
  });

  it('takes nothing else for a key, whatever the bytes', () => {
    expect(keyListener()(1, told(16, 960))).equal(undefined); // a flash of the hook
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(0xffff_ffff), fc.uint8Array({ maxLength: 8 })), { maxLength: 200 }), (packets) => {
        const listen = keyListener();
        for (const [timestamp, payload] of packets) {
          const key = listen(timestamp, payload);
          if (key !== undefined) expect([payload.length >= 4, key]).deep.equal([true, keypad[payload[0] ?? 99]]);
        }
      }),
    );
  });
});
