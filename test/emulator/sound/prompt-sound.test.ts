import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { PromptItem } from '../../../src/actions/index.ts';
import { lengthMs, loudness, type Pcm } from '../../../src/emulator/sound/pcm.ts';
import { promptSound } from '../../../src/emulator/sound/prompt-sound.ts';
import { lostSound } from '../../../src/emulator/sound/tones.ts';
import type { Speaking, Voice } from '../../../src/emulator/sound/voice.ts';
import { toWav } from '../../../src/emulator/sound/wav.ts';
import { pitchOf, sine } from './hearing.ts';

const rate = 16_000;
const speechMs = (text: string): number => text.length * 10;

/** A voice that hums ten milliseconds for each letter, and remembers what it said. */
function hummingVoice(how: { readonly isForeign?: boolean; readonly trouble?: string } = {}) {
  const said: { readonly text: string; readonly how: Speaking | undefined }[] = [];
  const voice: Voice = {
    speak: async (text, speaking, signal) => {
      signal?.throwIfAborted();
      said.push({ text, how: speaking });
      return { pcm: sine(200, speechMs(text), rate), isForeign: false, ...how };
    },
    close: async () => {},
  };
  return { voice, said };
}

const isLostSound = (pcm: Pcm): boolean => pcm.samples.join() === lostSound(rate).samples.join();

describe('what a caller hears of a prompt', () => {
  let server: Server;
  let base: string;
  let folder: string;
  const tone = toWav(sine(440, 500, 8_000));
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callchart-'));
    await writeFile(join(folder, 'hello there.wav'), toWav(sine(330, 250, 44_100)));
    server = createServer((request, response) => {
      const path = request.url?.split('?')[0];
      if (path === '/tone.wav') response.end(tone);
      else if (path === '/elsewhere') response.writeHead(302, { location: '/tone.wav' }).end();
      else if (path === '/song.mp3') response.end('ID3, and then music');
      else if (path === '/endless') response.writeHead(200).write(tone);
      else if (path === '/huge') for (let part = 0; part < 12; part += 1) response.write(Buffer.alloc(1024 * 1024));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  it('is a text in the voice, the language and with the stress that the bot asks for', async () => {
    const { voice, said } = hummingVoice();
    const { pcm, remarks } = await promptSound({ voice, speechMs })({ text: 'Hello there.', voice: 'male', language: 'de', culture: 'en-GB', emphasis: true });
    expect(said).deep.equal([{ text: 'Hello there.', how: { gender: 'male', language: 'en-GB', emphasis: true } }]);
    expect([lengthMs(pcm), pcm.rate, remarks]).deep.equal([120, rate, []]);
  });

  it('is a text in the words of its kind', async () => {
    const { voice, said } = hummingVoice();
    const sounded = promptSound({ voice, speechMs });
    await sounded({ text: '42', sayAs: 'ordinal' });
    await sounded({ text: '15:00', sayAs: 'time24' });
    expect(said.map(({ text }) => text)).deep.equal(['forty second', 'fifteen hundred']);
  });

  it('is silence for as long as the bot says, and for as long as a text would take where nobody can say it', async () => {
    const sounded = promptSound({ speechMs });
    for (const [item, ms] of [[{ silenceMs: 1_500 }, 1_500], [{ text: 'Hello there.' }, 120], [{ silenceMs: 0 }, 0]] as const) {
      const { pcm, remarks } = await sounded(item);
      expect([lengthMs(pcm), loudness(pcm), remarks]).deep.equal([ms, 0, []]);
    }
    expect(lengthMs((await sounded({ silenceMs: 1e12 })).pcm)).equal(600_000);
  });

  it('is SSML without its tags: words, pauses and files in order', async () => {
    const { voice, said } = hummingVoice();
    const ssml = `<speak><prosody rate="slow">One <say-as interpret-as="date" format="md">5/17</say-as>.</prosody><break time="300ms"/><audio src="${base}/tone.wav"/>Bye &amp; thanks.</speak>`;
    const { pcm, remarks } = await promptSound({ voice, speechMs })({ ssml });
    expect(said.map(({ text }) => text)).deep.equal(['One May seventeenth.', 'Bye & thanks.']);
    expect([lengthMs(pcm), remarks]).deep.equal([200 + 300 + 500 + 130, []]);
    expect(loudness({ samples: pcm.samples.subarray(210 * 16, 490 * 16) })).equal(0);
  });

  it('is never a tag, however broken the SSML is', async () => {
    for (const ssml of ['<speak>Hello <b', '<speak><voice>Hello', 'Hello', '<speak>Hello</wrong></speak>', '<<<>>> Hello', '<!DOCTYPE a [<!ENTITY b "c">]><speak>Hello &b;</speak>']) {
      const { voice, said } = hummingVoice();
      await promptSound({ voice, speechMs })({ ssml });
      expect(said.map(({ text }) => text).join(' '), ssml).not.match(/[<>]|voice|speak/);
      expect(said.map(({ text }) => text).join(' '), ssml).match(/Hello/);
    }
  });

  it('is the first of several wordings where the bot has not chosen yet', async () => {
    const { voice, said } = hummingVoice();
    await promptSound({ voice, speechMs })({ oneOf: [[{ text: 'Hello.' }, { silenceMs: 10 }, { text: 'Hi.' }], [{ text: 'Good day.' }]] });
    expect(said.map(({ text }) => text)).deep.equal(['Hello.', 'Hi.']);
  });

  it('is a file of the web and one of this machine, at the rate of all prompts', async () => {
    const sounded = promptSound({ speechMs });
    for (const [audio, ms, hertz] of [[`${base}/tone.wav`, 500, 440], [pathToFileURL(join(folder, 'hello there.wav')).href, 250, 330]] as const) {
      const { pcm, remarks } = await sounded({ audio });
      expect(remarks).deep.equal([]);
      expect(lengthMs(pcm)).closeTo(ms, 1);
      expect(pitchOf(pcm)).closeTo(hertz, 2);
    }
  });

  const lost: readonly (readonly [string, () => string, RegExp])[] = [
    ['is not there', () => `${base}/absent.wav?secret=hush`, /\/absent\.wav is not played: its server answered 404\. A short tone is heard in its place\.$/],
    ['is not there on this machine', () => pathToFileURL(join(folder, 'absent.wav')).href, /absent\.wav is not played: there is no such file\./],
    ['is a folder', () => pathToFileURL(folder).href, /it is no file/],
    ['is no WAV file', () => `${base}/song.mp3`, /it is no WAV file of PCM, µ-law or A-law/],
    ['never ends', () => `${base}/endless`, /it did not come within 0\.3 s/],
    ['is too large', () => `${base}/huge`, /it is longer than 10 MiB/],
    ['leads somewhere else', () => `${base}/elsewhere`, /could not be reached, or answered with another address/],
    ['is on a server that is down', () => 'http://user:hush@127.0.0.1:9/a.wav', /^http:\/\/127\.0\.0\.1:9\/a\.wav is not played: its server could not be reached/],
    ['has no whole address', () => 'welcome.wav', /^a sound is not played: it is no absolute address/],
    ['is no file of the web', () => 'ftp://127.0.0.1/a.wav', /only http, https and file addresses are played/],
  ];
  for (const [name, audio, sentence] of lost) {
    it(`is a short tone for a file that ${name}, and a sentence that says so`, async () => {
      const { pcm, remarks } = await promptSound({ speechMs, fileTimeoutMs: name === 'never ends' ? 300 : 5_000 })({ audio: audio() });
      expect(remarks.length).equal(1);
      expect(remarks[0]).match(sentence).not.match(/hush/);
      expect(isLostSound(pcm)).equal(true);
    });
  }

  it('comes with a sentence when the voice cannot do it justice, one for each matter', async () => {
    const foreign = await promptSound({ voice: hummingVoice({ isForeign: true }).voice, speechMs })({ ssml: '<speak>Guten Tag.<break/>Auf Wiedersehen.</speak>' });
    expect(foreign.remarks).deep.equal(['The voice speaks English alone: what is written in another language is read in English sounds.']);
    const broken = await promptSound({ voice: hummingVoice({ trouble: 'the voice broke down' }).voice, speechMs })({ text: 'Hello.' });
    expect(broken.remarks).deep.equal(['A text was not said: the voice broke down. A short tone is heard in its place.']);
  });

  it('is broken off when the caller hangs up', async () => {
    const hungUp = new AbortController();
    const items: readonly PromptItem[] = [{ audio: `${base}/endless` }, { text: 'Hello.' }];
    const sounds = items.map((item) => promptSound({ voice: hummingVoice().voice, speechMs })(item, hungUp.signal).catch((error: Error) => error.message));
    hungUp.abort(new Error('hung up'));
    expect((await Promise.all(sounds))[0]).equal('hung up');
    expect(await promptSound({ voice: hummingVoice().voice, speechMs })({ text: 'Hello.' }, hungUp.signal).catch((error: Error) => error.message)).equal('hung up');
  });
});
