import { expect } from 'chai';
import fc from 'fast-check';
import { joined, lengthMs, loudness, type Pcm, silence } from '../../../src/emulator/sound/pcm.ts';
import { type SpeechEnd, speechDetector, type SpeechEvent } from '../../../src/emulator/sound/speech.ts';
import { openVoice, type Speaker, type Voice } from '../../../src/emulator/sound/voice.ts';
import { hiss, over, sine } from './hearing.ts';

const rate = 16_000;
const frame = 320;

/** What is told of `pcm`, portion by portion, each with the time at which it is told. */
function told(pcm: Pcm, { end, portion = frame }: { readonly end?: Partial<SpeechEnd>; readonly portion?: number } = {}): readonly (SpeechEvent & { readonly toldMs: number })[] {
  const detector = speechDetector(end);
  const events: (SpeechEvent & { readonly toldMs: number })[] = [];
  for (let at = 0; at < pcm.samples.length; at += portion) {
    for (const event of detector.hear(pcm.samples.slice(at, at + portion))) events.push({ ...event, toldMs: ((at + portion) * 1_000) / rate });
  }
  return events;
}

const types = (events: readonly SpeechEvent[]): readonly string[] => events.map(({ type }) => type);

/** A vowel, more or less: a pitch with its overtones. */
const vowel = (ms: number, hertz = 120, peak = 3_000): Pcm => over(over(sine(hertz, ms, rate, peak), sine(2 * hertz, ms, rate, peak / 2)), sine(5 * hertz, ms, rate, peak / 3));

const room = (pcm: Pcm, peak = 20): Pcm => over(pcm, hiss(lengthMs(pcm), rate, peak));
const still = (ms: number): Pcm => silence(ms, rate);

describe('where somebody speaks', () => {
  let voice: Voice;
  before(async () => void (voice = (await openVoice()).voice as Voice));
  after(() => voice.close());

  it('is told within 60 ms of a voice, and again when it has been silent for long enough', () => {
    for (const offset of [1_000, 1_003, 1_007, 1_013, 1_019]) {
      const [begins, ends, ...more] = told(room(joined([still(offset), vowel(400), still(1_500)], rate)), { portion: 160 });
      expect([begins?.type, ends?.type, more.length]).deep.equal(['begins', 'ends', 0]);
      expect((begins?.toldMs ?? 0) - offset, `${offset}`).within(40, 60);
      expect((begins?.type === 'begins' ? begins.atMs : 0) - offset).within(-10, 10);
      expect((ends?.toldMs ?? 0) - offset - 400).within(690, 720);
      expect((ends?.type === 'ends' ? ends.atMs : 0) - offset).within(390, 420);
    }
  });

  it('is told once for each word of each speaker, within an eighth of a second, and nothing of the word is lost', async () => {
    for (const speaker of ['slt', 'rms', 'awb', 'kal16'] as const satisfies readonly Speaker[]) {
      for (const word of ['sales', 'support', 'help', 'yes', 'four']) {
        const { pcm } = await voice.speak(word, { speaker });
        const first = pcm.samples.findIndex((sample) => Math.abs(sample) > 600) / 16;
        const events = told(room(joined([still(1_500), pcm, still(1_200)], rate)));
        expect(types(events), `${speaker} ${word}`).deep.equal(['begins', 'ends']);
        const [begins, ends] = events;
        expect((begins?.toldMs ?? 0) - 1_500 - first, `${speaker} ${word}`).most(130);
        const whole = ends?.type === 'ends' ? ends.voice : still(0);
        // Of all the sound that there is in the word, next to nothing is missing.
        const energy = ({ samples }: Pcm): number => loudness({ samples }) ** 2 * samples.length;
        expect(energy(whole) / energy(pcm), `${speaker} ${word}`).within(0.995, 1.02);
      }
    }
  });

  it('has what was heard a little before it began', () => {
    const [, ends] = told(room(joined([still(1_000), vowel(400), still(1_000)], rate)));
    const whole = ends?.type === 'ends' ? ends.voice : still(0);
    expect(whole.rate).equal(rate);
    expect(lengthMs(whole)).within(300 + 400 + 690, 300 + 400 + 730);
    expect(loudness({ samples: whole.samples.subarray(0, 280 * 16) })).lessThan(30);
  });

  it('goes on over pauses that are shorter than the question allows', () => {
    const pauses = room(joined([still(1_000), vowel(300), still(500), vowel(300), still(2_000)], rate));
    expect(types(told(pauses))).deep.equal(['begins', 'ends']);
    expect(types(told(pauses, { end: { finalSilenceMs: 300 } }))).deep.equal(['begins', 'ends', 'begins', 'ends']);
    expect(types(told(pauses, { end: { finalSilenceMs: 2_500 } }))).deep.equal(['begins']);
  });

  it('has the pauses of the question that is asked now', () => {
    const detector = speechDetector({ finalSilenceMs: 3_000 });
    expect(types(detector.hear(room(joined([still(1_000), vowel(300)], rate)).samples))).deep.equal(['begins']);
    detector.turn({ finalSilenceMs: 200 });
    expect(types(detector.hear(room(still(250)).samples))).deep.equal(['ends']);
  });

  it('is ended when it is longer than it may be', () => {
    const babble = room(joined([still(1_000), ...Array.from({ length: 20 }, () => [vowel(250), still(80)]).flat()], rate));
    const [, ends] = told(babble, { end: { longestMs: 2_000 } });
    expect([ends?.type === 'ends' && ends.by, ends?.toldMs]).deep.equal(['length', 3_000]);
    expect(lengthMs(ends?.type === 'ends' ? ends.voice : still(0))).equal(2_300);
  });

  it('is nowhere where somebody clicks, knocks or coughs shortly', () => {
    for (const ms of [2, 20, 40, 79]) {
      for (let seed = 1; seed <= 5; seed += 1) expect(told(room(joined([still(1_000), hiss(ms, rate, 12_000, seed), still(1_000)], rate))), `${ms} ms`).deep.equal([]);
    }
    expect(told(room(joined([still(1_000), vowel(30), still(1_000)], rate)))).deep.equal([]);
  });

  it('is nowhere in silence, and in a room with constant noise', () => {
    for (const peak of [0, 20, 500, 3_000]) expect(told(hiss(10_000, rate, peak)), `${peak}`).deep.equal([]);
  });

  it('is found in constant noise', () => {
    expect(types(told(room(joined([still(3_000), vowel(500, 120, 8_000), still(1_500)], rate), 1_500)))).deep.equal(['begins', 'ends']);
  });

  it('is over, some time after a fan was switched on, and found again beside it', () => {
    const fan = joined([still(2_000), hiss(8_000, rate, 2_000)], rate);
    const events = told(over(fan, joined([still(7_000), vowel(500, 120, 10_000), still(2_500)], rate)));
    expect(types(events)).deep.equal(['begins', 'ends', 'begins', 'ends']);
    expect(events[1]?.toldMs).most(5_500);
    expect(events[2]?.toldMs).within(7_000, 7_100);
  });

  it('does not hang on the size of the portions', () => {
    const pcm = room(joined([still(800), vowel(300), still(200), hiss(60, rate, 9_000), still(900), vowel(150, 210), still(900)], rate));
    const whole = speechDetector().hear(pcm.samples);
    expect(types(whole)).deep.equal(['begins', 'ends', 'begins', 'ends']);
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      const detector = speechDetector();
      const events: SpeechEvent[] = [];
      for (let at = 0, turn = 0; at < pcm.samples.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        events.push(...detector.hear(pcm.samples.slice(at, at + size)));
        at += size;
      }
      expect(events).deep.equal(whole);
    }), { numRuns: 25 });
  });

  it('begins before it ends, whatever is heard', () => {
    const sounds = fc.array(fc.oneof(
      fc.nat(600).map(still),
      fc.tuple(fc.nat(600), fc.nat(32_000)).map(([ms, peak]) => hiss(ms, rate, peak)),
      fc.tuple(fc.nat(600), fc.integer({ min: 60, max: 4_000 }), fc.nat(32_000)).map(([ms, hertz, peak]) => sine(hertz, ms, rate, peak)),
    ), { maxLength: 12 });
    fc.assert(fc.property(sounds, (parts) => {
      const events = told(joined(parts, rate));
      let last = 0;
      for (const [index, event] of events.entries()) {
        expect(event.type).equal(index % 2 === 0 ? 'begins' : 'ends');
        expect(event.atMs).within(last, event.toldMs);
        last = event.type === 'begins' ? event.atMs : 0;
      }
    }), { numRuns: 60 });
  });
});
