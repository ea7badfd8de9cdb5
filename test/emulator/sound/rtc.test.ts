/** Microphone and loudspeaker on a leg: two ends in one process, by real packets on loopback. */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { isCallError } from '../../../src/errors.ts';
import type { LegListener, SoundLeg } from '../../../src/emulator/sound/leg.ts';
import { loadOpus } from '../../../src/emulator/sound/opus.ts';
import { lengthMs, loudness, type Pcm } from '../../../src/emulator/sound/pcm.ts';
import { openRtc, type RtcOptions, type RtcPackages, rtcPart } from '../../../src/emulator/sound/rtc.ts';
import { type BrowserEnd, browserEnd, isLoud, keyType, payloadsOf, pcmuType, soundOf } from './browser-end.ts';
import { levelOf, pitchOf, sine } from './hearing.ts';

const installed: RtcPackages = { werift: () => import('werift'), opus: loadOpus };
const notFound = (): Promise<never> => Promise.reject(Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }));

/** How many sockets and timers there are, once those that are being closed are closed. A handshake leaves timers of half a second. */
async function held(atMost = 0, kinds = /UDP|Timeout/): Promise<number> {
  const count = (): number => process.getActiveResourcesInfo().filter((kind) => kinds.test(kind)).length;
  for (let turns = 0; turns < 1_000 && count() > atMost; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  return count();
}

describe('a leg of microphone and loudspeaker', function () {
  this.timeout(120_000);
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => void (await Promise.all(open.splice(0).map((one) => one.close()))));

  async function connect(listener: LegListener = {}, options: RtcOptions = {}): Promise<{ readonly leg: SoundLeg; readonly end: BrowserEnd }> {
    const end = await browserEnd();
    open.push(end);
    const { answer, leg } = await openRtc(end.offer, listener, options);
    open.push(leg);
    await Promise.all([end.take(answer), leg.connected]);
    return { leg, end };
  }

  /** Resolves with the first packet of which `is` holds, from now on. */
  const packet = (end: BrowserEnd, is: (one: BrowserEnd['packets'][number]) => boolean): Promise<void> => new Promise((resolve) => (end.onPacket = (one) => void (is(one) && resolve())));
  const loudOf = (end: BrowserEnd) => end.packets.filter(isLoud);

  it('plays a sound at its height, its loudness and its length, packet after packet', async () => {
    const { leg, end } = await connect();
    expect(await leg.play(sine(440, 500, 16_000, 10_000))).equal('played');
    const loud = loudOf(end);
    expect(loud.length).equal(25);
    expect(lengthMs(soundOf(loud))).equal(500);
    expect(pitchOf(soundOf(loud))).closeTo(440, 1);
    expect(loudness(soundOf(loud))).closeTo(10_000 / Math.SQRT2, 200);
    const [first] = end.packets;
    for (const [index, { header }] of end.packets.entries()) {
      expect(header.payloadType).equal(0);
      expect((header.sequenceNumber - (first?.header.sequenceNumber ?? 0)) & 0xff_ff).equal(index);
      expect((header.timestamp - (first?.header.timestamp ?? 0)) >>> 0).equal(index * 160);
    }
  });

  it('takes as long as the sound, and sends no packet ahead of its time', async () => {
    const { leg, end } = await connect();
    const played = leg.play(sine(440, 1_000, 8_000));
    await packet(end, isLoud);
    const began = performance.now();
    const ahead: number[] = [];
    end.onPacket = () => void ahead.push(loudOf(end).length - (performance.now() - began) / 20);
    await played;
    expect(Math.max(...ahead)).at.most(2);
    expect(performance.now() - began).within(975, 1_300);
  });

  it('is silent, and not still, where nothing plays', async () => {
    const { leg, end } = await connect();
    await leg.play(sine(440, 45, 8_000));
    const from = end.packets.length;
    await packet(end, () => end.packets.length >= from + 10);
    expect(end.packets.slice(from).filter(isLoud)).deep.equal([]);
    expect(loudOf(end).length).equal(3);
  });

  it('is cut by the caller within two packets', async () => {
    const { leg, end } = await connect();
    const cut = new AbortController();
    const played = leg.play(sine(440, 5_000, 16_000), cut.signal);
    await packet(end, () => loudOf(end).length === 7);
    cut.abort();
    expect(await played).equal('cut');
    const from = end.packets.length;
    await packet(end, () => end.packets.length >= from + 10);
    if (process.env['CALLCHART_FIGURES'] !== undefined) console.log(`      packets of the prompt after the cut: ${loudOf(end).length - 7}`);
    expect(loudOf(end).length).within(7, 9);
    expect(end.packets.slice(-7).filter(isLoud)).deep.equal([]);
  });

  it('plays the next sound at once instead of the one that plays', async () => {
    const { leg, end } = await connect();
    const first = leg.play(sine(440, 5_000, 8_000));
    await packet(end, () => loudOf(end).length === 5);
    const second = leg.play(sine(880, 200, 8_000));
    expect(await first).equal('cut');
    expect(await second).equal('played');
    expect(pitchOf(soundOf(loudOf(end).slice(-9)))).closeTo(880, 2);
  });

  it('plays nothing for a caller who has acted, and is done with a sound of no length', async () => {
    const { leg, end } = await connect();
    expect(await leg.play(sine(440, 100, 8_000), AbortSignal.abort())).equal('cut');
    expect(await leg.play({ rate: 8_000, samples: new Int16Array(0) })).equal('played');
    await leg.close();
    expect(await leg.play(sine(440, 100, 8_000))).equal('cut');
    expect(loudOf(end)).deep.equal([]);
  });

  it('keeps a sound until the browser is there', async () => {
    const end = await browserEnd();
    const { answer, leg } = await openRtc(end.offer);
    open.push(end, leg);
    const played = leg.play(sine(440, 200, 8_000));
    await end.take(answer);
    expect(await played).equal('played');
    expect(loudOf(end).length).equal(10);
  });

  it('cuts what plays when it is closed, which is not the browser having gone', async () => {
    const { leg, end } = await connect();
    const played = leg.play(sine(440, 5_000, 8_000));
    await packet(end, isLoud);
    await leg.close();
    expect(await played).equal('cut');
    expect(leg.gone.aborted).equal(false);
    await leg.close();
  });

  it('may be closed by whoever hears it', async () => {
    const before = await held(0, /UDP/);
    const { leg, end } = await connect({ onSound: () => void leg.close(), onKey: () => void leg.close() });
    const played = leg.play(sine(440, 20_000, 8_000));
    for (const [sequenceNumber, payload] of payloadsOf(sine(440, 100, 8_000)).entries()) await end.send({ payloadType: pcmuType, sequenceNumber, timestamp: sequenceNumber * 160, payload });
    expect(await played).equal('cut');
    await leg.close();
    await end.close();
    expect(await held(before, /UDP/)).at.most(before);
  });

  it('does not mind strangers who knock at its ports', async () => {
    const { leg, end } = await connect();
    const port = Number(/ 127\.0\.0\.1 (\d+) typ host/.exec(end.answer)?.[1]);
    const stranger = createSocket('udp4');
    const answers: Buffer[] = [];
    stranger.on('message', (message) => void answers.push(message));
    const send = (bytes: Uint8Array): Promise<void> => new Promise((sent) => stranger.send(bytes, port, '127.0.0.1', () => sent()));
    const check = Uint8Array.of(0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12).fill(7));
    const named = Uint8Array.of(0, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12).fill(8), 0, 6, 0, 8, ...Buffer.from('abcd:efg'));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constantFrom(check, named), fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.of(...check.subarray(0, 8), ...rest))), send),
      { numRuns: 300 },
    );
    expect(await leg.play(sine(440, 200, 8_000))).equal('played');
    expect(loudOf(end).length).equal(10);
    expect(answers).deep.equal([]);
    await new Promise<void>((closed) => stranger.close(() => closed()));
  });

  it('knows that the browser has not come, and lets go', async () => {
    const before = await held();
    const end = await browserEnd();
    open.push(end);
    const { leg } = await openRtc(end.offer, {}, { patienceMs: 50 });
    const gone = new Promise((resolve) => leg.gone.addEventListener('abort', resolve));
    expect(await leg.connected).equal(false);
    await gone;
    await leg.close();
    await end.close();
    expect(await held(before)).at.most(before);
  });

  it('knows that the browser has gone without a word', async () => {
    const { leg, end } = await connect({}, { patienceMs: 400 });
    const gone = new Promise((resolve) => leg.gone.addEventListener('abort', resolve));
    const played = leg.play(sine(440, 20_000, 8_000));
    await end.close();
    await gone;
    expect(await played).equal('cut');
    expect(await leg.play(sine(440, 100, 8_000))).equal('cut');
  });

  it('hears the microphone: silence where packets are lost, in order where they overtake one another', async () => {
    const heard: Int16Array[] = [];
    let enough: () => void = () => {};
    const { end } = await connect({ onSound: (frame) => void (heard.push(frame) === 50 && enough()) });
    const all = new Promise<void>((resolve) => (enough = resolve));
    const sent = payloadsOf(sine(440, 1_000, 8_000)).map((payload, index) => ({ payloadType: pcmuType, sequenceNumber: (65_530 + index) & 0xff_ff, timestamp: (0xffff_ff00 + index * 160) >>> 0, payload }));
    const lost = sent.filter((_, index) => index < 20 || index >= 25);
    const come = lost.flatMap((one, index) => (index % 10 === 3 ? [] : index % 10 === 4 ? [one, lost[index - 1] ?? one] : [one, one]));
    for (const one of come) await end.send(one);
    await all;
    const sound: Pcm = { rate: 16_000, samples: Int16Array.from(heard.slice(0, 50).flatMap((frame) => [...frame])) };
    const part = (from: number, to: number): Pcm => ({ rate: 16_000, samples: sound.samples.subarray(from * 320, to * 320) });
    expect(heard.every(({ length }) => length === 320)).equal(true);
    for (const whole of [part(0, 20), part(25, 50)]) {
      expect(pitchOf(whole)).closeTo(440, 1);
      expect(levelOf(whole, 440)).closeTo(10_000, 500);
    }
    expect(loudness(part(20, 25))).equal(0);
  });

  it('goes on as silence while the microphone sends nothing', async () => {
    const heard: Int16Array[] = [];
    const { end } = await connect({ onSound: (frame) => void heard.push(frame) });
    await end.send({ payloadType: pcmuType, sequenceNumber: 1, timestamp: 160, payload: payloadsOf(sine(440, 20, 8_000))[0] ?? new Uint8Array(0) });
    await packet(end, () => heard.length >= 10);
    expect(heard.slice(1).every((frame) => loudness({ samples: frame }) === 0)).equal(true);
  });

  it('hears each key once', async () => {
    let keys = '';
    let done: () => void = () => {};
    const { end } = await connect({ onKey: (key) => void ((keys += key).length === 3 && done()) });
    const all = new Promise<void>((resolve) => (done = resolve));
    let sequenceNumber = 0;
    for (const [index, event] of [4, 2, 11].entries()) {
      for (const payload of [[event, 10, 0, 160], [event, 10, 1, 64], [event, 138, 3, 32], [event, 138, 3, 32], [event, 138, 3, 32]]) {
        sequenceNumber += 1;
        const one = { payloadType: keyType, sequenceNumber, timestamp: 8_000 + index * 1_360, payload: Uint8Array.from(payload) };
        if (sequenceNumber % 4 !== 2) await end.send(one);
        if (sequenceNumber % 3 === 0) await end.send(one);
      }
    }
    await all;
    expect(keys).equal('42#');
  });

  it('refuses what is no offer, and leaves nothing behind', async () => {
    const { offer, close } = await browserEnd();
    await close();
    const before = await held();
    const refused = async (text: string): Promise<void> => {
      try {
        const { leg } = await openRtc(text);
        await leg.close();
        expect.fail('it was answered');
      } catch (error) {
        expect(isCallError(error) && error.code, String(error)).equal('ERR_OPTION_INVALID');
        expect((error as Error).message).not.contain('a=');
      }
    };
    for (const text of ['', 'v=0', 'garbage', `${offer}${'a=x\r\n'.repeat(20_000)}`, `${offer}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`, offer.replace('m=audio', 'm=video'), offer + offer]) await refused(text);
    for (const needed of [/a=ice-pwd.*\r\n/, /a=ice-ufrag.*\r\n/, /a=fingerprint.*\r\n/, /a=setup.*\r\n/, /a=mid.*\r\n/, /a=rtpmap:0 .*\r\n/]) await refused(offer.replace(needed, ''));
    expect(await held(before)).at.most(before);
  });

  it('answers or refuses whatever an offer looks like, and leaves nothing behind', async () => {
    const { offer, close } = await browserEnd();
    await close();
    const before = await held();
    const lines = offer.split('\r\n');
    const strange = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.array(fc.constantFrom(...lines), { maxLength: 40 }).map((some) => some.join('\r\n')),
      fc.tuple(fc.nat(lines.length - 1), fc.constantFrom('a=rtpmap:x y', 'a=rtpmap:', 'a=fmtp:77 x', 'a=ssrc:', 'a=ssrc:1', 'a=candidate:x', 'a=candidate:1 1 udp 1 nobody.local 9 typ host', 'a=group:BUNDLE 0 1 2', 'a=msid:', 'c=IN', 'a=rtcp:9', 'a=extmap:', 'a=rid:1 send', 'a=mid:9', 'o=')).map(([at, line]) => lines.toSpliced(at, 0, line).join('\r\n')),
      fc.tuple(fc.nat(offer.length - 1), fc.string({ minLength: 1, maxLength: 3 })).map(([at, text]) => offer.slice(0, at) + text + offer.slice(at + text.length)),
    );
    await fc.assert(
      fc.asyncProperty(strange, async (text) => {
        try {
          const { answer, leg } = await openRtc(text);
          expect(answer).match(/^v=0/);
          await leg.close();
        } catch (error) {
          if (!isCallError(error)) throw error;
        }
      }),
      { numRuns: 150 },
    );
    expect(await held(before)).at.most(before);
  });

  for (const when of ['before-anything', 'in-the-handshake', 'in-a-prompt']) {
    it(`keeps no process alive that closes it ${when.replaceAll('-', ' ')}`, async () => {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--conditions=@callchart/source', '--import', 'tsx', join(import.meta.dirname, 'leg-child.ts'), when]);
      expect(stderr).equal('');
      if (process.env['CALLCHART_FIGURES'] !== undefined) console.log(`      ended ${stdout} ms after it was closed`);
      expect(Number(stdout)).below(3_000);
    });
  }

  it('tells which packages are not installed', async () => {
    expect(await rtcPart()).deep.equal({ ready: true, missing: [] });
    expect(await rtcPart({ werift: notFound, opus: notFound })).deep.equal({ ready: false, missing: ['werift', 'opus-decoder'] });
    const broken = await rtcPart({ ...installed, opus: () => Promise.reject(new Error('bad file')) });
    expect(broken).deep.equal({ ready: false, missing: [], trouble: 'The package opus-decoder is installed and cannot be loaded: bad file' });
    const end = await browserEnd();
    open.push(end);
    const refused: unknown = await openRtc(end.offer, {}, { packages: { ...installed, werift: notFound } }).catch((error: unknown) => error);
    expect(isCallError(refused) && [refused.code, refused.message]).deep.equal(['ERR_OPTION_INVALID', 'sound needs werift, which is not installed']);
  });
});

describe('what a microphone sends', () => {
  it('is decoded from Opus, 20 ms at 16 kHz, and of a broken packet there is nothing, nor a word on the terminal', async () => {
    const { decode, close } = await (await loadOpus())();
    const said: unknown[] = [];
    const { error } = console;
    console.error = (...words: unknown[]) => void said.push(words);
    try {
      expect(decode(Uint8Array.of(0xf8, 0xff, 0xfe))).deep.equal(new Int16Array(320));
      fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (packet) => void expect(decode(packet).length).within(0, 1_920)));
      expect(decode(new Uint8Array(100_000)).length).within(0, 1_920);
    } finally {
      console.error = error;
      close();
    }
    expect(said).deep.equal([]);
  });
});
