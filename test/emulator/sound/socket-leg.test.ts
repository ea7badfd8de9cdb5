/** Microphone and loudspeaker by the messages of a WebSocket: on a clock that is moved by hand, and once by a real one. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { LegListener, SoundLeg } from '../../../src/emulator/sound/leg.ts';
import { loudness, type Pcm } from '../../../src/emulator/sound/pcm.ts';
import { openSocketLeg, type SocketLegOptions } from '../../../src/emulator/sound/socket-leg.ts';
import { type MovableClock, movableClock } from '../../../src/emulator/movable-clock.ts';
import { levelOf, pitchOf, sine } from './hearing.ts';

/** A browser at the other end. */
interface Far {
  readonly leg: SoundLeg;
  readonly clock: MovableClock;
  /** All that came, each with its time since the beginning. */
  readonly came: { readonly atMs: number; readonly bytes: Buffer }[];
  /** So many bytes are not taken. */
  waiting: number;
  isClosed: boolean;
  sends(message: Uint8Array): void;
  /** It goes away. */
  goes(): void;
}

const begin = 1_000_000;
const isLoud = ({ bytes }: Far['came'][number]): boolean => bytes.some((byte) => byte !== 0);
const isNothing = ({ bytes }: Far['came'][number]): boolean => bytes.length === 0;

function connect(listener: LegListener = {}, options: SocketLegOptions = {}): Far {
  const clock = movableClock(begin);
  let heard: (message: Uint8Array) => void = () => {};
  let closed = (): void => {};
  const far: Omit<Far, 'leg'> = {
    clock, came: [], waiting: 0, isClosed: false,
    sends: (message) => heard(message),
    goes: () => closed(),
  };
  const leg = openSocketLeg({
    send: (message) => void far.came.push({ atMs: clock.now() - begin, bytes: Buffer.from(message) }),
    waiting: () => far.waiting,
    onMessage: (told) => (heard = told),
    onClose: (told) => (closed = told),
    close() {
      if (far.isClosed) return;
      far.isClosed = true;
      closed();
    },
  }, listener, { clock, ...options });
  return Object.assign(far, { leg });
}

/** What is heard of `messages`. */
const soundOf = (messages: Far['came']): Pcm => ({
  rate: 16_000, samples: Int16Array.from(messages.flatMap(({ bytes }) => Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(index * 2)))),
});

/** `pcm` as a browser sends it. */
const messagesOf = ({ samples }: Pcm): readonly Buffer[] =>
  Array.from({ length: Math.floor(samples.length / 320) }, (_, index) => {
    const message = Buffer.alloc(640);
    for (const [at, sample] of samples.subarray(index * 320, (index + 1) * 320).entries()) message.writeInt16LE(sample, at * 2);
    return message;
  });

describe('a leg of microphone and loudspeaker by a WebSocket', () => {
  it('plays a sound at its height, its loudness and its length, a message every 20 ms', async () => {
    const { leg, clock, came } = connect();
    expect(await leg.connected).equal(true);
    const played = leg.play(sine(440, 500, 22_050, 10_000));
    await clock.move(1_000);
    expect(await played).equal('played');
    expect(came.map(({ atMs }) => atMs)).deep.equal(Array.from({ length: 51 }, (_, index) => index * 20));
    expect(came.every(({ bytes }) => bytes.length === 640)).equal(true);
    const loud = soundOf(came.filter(isLoud));
    expect(loud.samples.length).equal(25 * 320);
    expect(pitchOf(loud)).closeTo(440, 1);
    expect(loudness(loud)).closeTo(10_000 / Math.SQRT2, 200);
    await leg.close();
  });

  it('is cut at once: the browser is told to throw away what it has, and nothing more of it is sent', async () => {
    const { leg, clock, came } = connect();
    const cut = new AbortController();
    const played = leg.play(sine(440, 5_000, 16_000), cut.signal);
    await clock.move(405);
    cut.abort();
    expect(await played).equal('cut');
    const at = came.findIndex(isNothing);
    expect(came[at]?.atMs).equal(405);
    await clock.move(400);
    expect(came.slice(at).filter(isLoud)).deep.equal([]);
    expect(came.slice(0, at).filter(isLoud).length).equal(16);
    expect(came.filter(isNothing).length).equal(1);
    await leg.close();
  });

  it('plays the next sound at once instead of the one that plays, and nothing where it may not', async () => {
    const { leg, clock, came } = connect();
    const first = leg.play(sine(440, 5_000, 16_000));
    await clock.move(300);
    const second = leg.play(sine(880, 200, 16_000));
    expect(await first).equal('cut');
    await clock.move(300);
    expect(await second).equal('played');
    expect(pitchOf(soundOf(came.slice(came.findIndex(isNothing)).filter(isLoud)))).closeTo(880, 2);
    expect(await leg.play(sine(440, 100, 8_000), AbortSignal.abort())).equal('cut');
    await leg.close();
    expect(await leg.play(sine(440, 100, 8_000))).equal('cut');
  });

  it('sends what was played to its end, and does not tell the browser to throw it away', async () => {
    const { leg, clock, came } = connect();
    const cut = new AbortController();
    const played = leg.play(sine(440, 100, 16_000), cut.signal);
    await clock.move(400);
    expect(await played).equal('played');
    cut.abort();
    await clock.move(100);
    expect(came.filter(isNothing)).deep.equal([]);
    await leg.close();
  });

  it('hears the microphone as it is', async () => {
    const heard: Int16Array[] = [];
    const { leg, clock, sends } = connect({ onSound: (frame) => void heard.push(frame) });
    for (const message of messagesOf(sine(440, 500, 16_000, 10_000))) {
      sends(message);
      await clock.move(20);
    }
    const sound: Pcm = { rate: 16_000, samples: Int16Array.from(heard.flatMap((frame) => [...frame])) };
    expect(heard.length).equal(25);
    expect(pitchOf(sound)).closeTo(440, 1);
    expect(levelOf(sound, 440)).closeTo(10_000, 50);
    await leg.close();
  });

  it('goes on as silence while the microphone sends nothing, and has none before it has sent anything', async () => {
    const heard: Int16Array[] = [];
    const { leg, clock, sends } = connect({ onSound: (frame) => void heard.push(frame) });
    await clock.move(1_000);
    expect(heard).deep.equal([]);
    for (const message of messagesOf(sine(440, 20, 16_000))) sends(message);
    await clock.move(1_000);
    expect(heard.length).equal(1 + 45);
    expect(heard.slice(1).every((frame) => frame.length === 320 && loudness({ samples: frame }) === 0)).equal(true);
    await leg.close();
  });

  it('hears nothing in messages that are no sound, whatever they are', async () => {
    const heard: Int16Array[] = [];
    const { leg, clock, sends } = connect({ onSound: (frame) => void heard.push(frame) });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }).filter(({ length }) => length !== 640), (bytes) => sends(bytes)));
    await clock.move(200);
    expect(heard).deep.equal([]);
    sends(Buffer.alloc(641).subarray(1));
    expect(heard.length).equal(1);
    expect(await leg.connected).equal(true);
    await leg.close();
  });

  it('hears no more of a flood than there is time for', async () => {
    let heard = 0;
    const { leg, clock, sends } = connect({ onSound: () => void (heard += 1) });
    const flood = (): void => {
      for (let count = 0; count < 1_000; count += 1) sends(Buffer.alloc(640, 1));
    };
    flood();
    expect(heard).equal(50);
    for (let turns = 0; turns < 50; turns += 1) {
      await clock.move(20);
      flood();
    }
    expect(heard).equal(50 + 50);
    await leg.close();
  });

  it('loses sound to a browser that takes nothing, and lets go of one that has taken nothing for long', async () => {
    const far = connect({}, { patienceMs: 2_000 });
    const { leg, clock, came } = far;
    await clock.move(100);
    far.waiting = 100_000;
    const from = came.length;
    const played = leg.play(sine(440, 500, 16_000));
    await clock.move(1_000);
    expect(await played, 'time goes on for whoever plays').equal('played');
    expect(came.length).equal(from);
    far.waiting = 0;
    await clock.move(1_900);
    expect(came.length).equal(from + 95);
    expect(leg.gone.aborted).equal(false);
    far.waiting = 100_000;
    await clock.move(2_100);
    expect([leg.gone.aborted, far.isClosed]).deep.equal([true, true]);
  });

  it('knows at once that the browser has gone, and cuts what plays', async () => {
    const far = connect();
    const { leg, clock, came } = far;
    const played = leg.play(sine(440, 5_000, 16_000));
    await clock.move(300);
    far.goes();
    expect(leg.gone.aborted).equal(true);
    expect(await played).equal('cut');
    const from = came.length;
    far.sends(Buffer.alloc(640, 1));
    await clock.move(300);
    expect(came.length, 'nothing is sent to nobody').equal(from);
  });

  it('is not gone where it is closed, not even by whoever hears it', async () => {
    const far = connect({ onSound: () => void far.leg.close() });
    const played = far.leg.play(sine(440, 5_000, 16_000));
    await far.clock.move(300);
    far.sends(Buffer.alloc(640, 1));
    expect(await played).equal('cut');
    expect([far.leg.gone.aborted, far.isClosed]).deep.equal([false, true]);
    await far.leg.close();
    const from = far.came.length;
    await far.clock.move(300);
    expect(far.came.length).equal(from);
  });

  it('keeps the pace of the real clock, and no timer once it is closed', async () => {
    const times: number[] = [];
    let enough = (): void => {};
    const all = new Promise<void>((resolve) => (enough = resolve));
    /** How many there are when the one has ended that has just come round. */
    const timers = async (): Promise<number> => {
      await new Promise((resolve) => setImmediate(resolve));
      return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    };
    const before = await timers();
    const began = performance.now();
    const leg = openSocketLeg({ send: () => void (times.push(performance.now() - began) === 26 && enough()), waiting: () => 0, onMessage: () => {}, onClose: () => {}, close: () => {} });
    await all;
    await leg.close();
    expect(times.every((ms, index) => ms >= index * 20 - 2), times.join(' ')).equal(true);
    expect(times.at(-1)).within(498, 900);
    expect(await timers()).at.most(before);
  });
});
