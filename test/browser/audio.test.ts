/** Microphone, loudspeaker and keys of a real browser, on a leg of the phone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import type { SoundLeg } from '../../src/emulator/sound/leg.ts';
import { openRtc } from '../../src/emulator/sound/rtc.ts';
import { loudness } from '../../src/emulator/sound/pcm.ts';
import { levelOf, sine } from '../emulator/sound/hearing.ts';
import { openBrowser } from './browser.ts';

const root = resolve(import.meta.dirname, '../..');

/** `src/page/audio.ts`, and the microphone that it wants, as browsers take them. */
async function bundled(): Promise<ReadonlyMap<string, string>> {
  const built = await build({
    configFile: false, logLevel: 'silent', root,
    build: { write: false, minify: false, lib: { entry: ['audio', 'microphone'].map((name) => join(root, `src/page/${name}.ts`)), formats: ['es'], fileName: (_, name) => `${name}.js` } },
  });
  const [first] = Array.isArray(built) ? built : [built];
  if (first === undefined || !('output' in first)) throw new Error('nothing was built');
  return new Map(first.output.flatMap((file) => (file.type === 'chunk' ? [[`/${file.fileName}`, file.code] as const] : [])));
}

/** A wav file of 16 bit samples. */
function wav(samples: Int16Array, rate: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]);
}

/** A page that has the functions of `audio.ts`, and listens to what comes from the other end. */
const html = `<!doctype html><title>Sound</title><script type="module">
import * as audio from '/audio.js';
import { openMicrophone } from '/microphone.js';
const listening = (stream) => {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(stream).connect(analyser);
  const heights = new Float32Array(analyser.frequencyBinCount);
  const samples = new Float32Array(2048);
  const newest = new Float32Array(256);
  window.quietAt = () => new Promise((quiet) => {
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      newest.set(samples.subarray(-256));
      if (newest.some((one) => Math.abs(one) > 0.002)) return;
      clearInterval(timer);
      quiet(Date.now());
    }, 4);
  });
  return () => {
    analyser.getFloatFrequencyData(heights);
    analyser.getFloatTimeDomainData(samples);
    const loudest = heights.indexOf(Math.max(...heights));
    return { hertz: loudest * context.sampleRate / analyser.fftSize, level: Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length) };
  };
};
window.call = async (microphone) => {
  const began = performance.now();
  try {
    window.microphone = microphone ? await openMicrophone() : undefined;
    window.sound = await audio.connectSound({ signal: window.signal, microphone: window.microphone });
  } catch (error) {
    return { reason: error.reason, message: String(error.cause ?? error) };
  }
  window.hears = listening(window.sound.remote);
  return { ms: performance.now() - began };
};
window.keyTone = audio.keyTone;
window.isReady = true;
</script>`;

/** What is heard at the other end of the microphone: the newest second of it, and all keys. */
interface Ear {
  leg: SoundLeg | undefined;
  keys: string;
  frames: number;
  readonly last: Int16Array[];
  offer: string;
}

describe('sound in a real browser', function () {
  this.timeout(120_000);
  let server: Server;
  let url: string;
  let folder: string;
  let scripts: ReadonlyMap<string, string>;
  const browsers: Browser[] = [];
  const legs: SoundLeg[] = [];

  before(async () => {
    scripts = await bundled();
    folder = mkdtempSync(join(tmpdir(), 'callchart-sound-'));
    server = createServer((request, response) => {
      const script = scripts.get(request.url ?? '/');
      response.writeHead(200, { 'content-type': script === undefined ? 'text/html' : 'text/javascript' }).end(script ?? html);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(async () => {
    for (const leg of legs.splice(0)) await leg.close();
    for (const browser of browsers.splice(0)) await browser.close();
  });
  after(() => {
    server?.closeAllConnections();
    server?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function openPage(browser: Browser, patienceMs = 8_000): Promise<{ readonly page: Page; readonly ear: Ear }> {
    browsers.push(browser);
    const page = await browser.newPage();
    const ear: Ear = { leg: undefined, keys: '', frames: 0, last: [], offer: '' };
    await page.exposeFunction('signal', async (offer: string) => {
      const { answer, leg } = await openRtc(offer, {
        onKey: (key) => (ear.keys += key),
        onSound(frame) {
          ear.frames += 1;
          ear.last.push(frame);
          if (ear.last.length > 50) ear.last.shift();
        },
      }, { patienceMs });
      ear.leg = leg;
      ear.offer = offer;
      legs.push(leg);
      return answer;
    });
    await page.goto(url);
    await page.waitForFunction('window.isReady');
    return { page, ear };
  }

  const call = (page: Page, microphone: boolean): Promise<{ readonly ms?: number; readonly reason?: string }> => page.evaluate(`window.call(${microphone})`);
  const heard = (page: Page): Promise<{ readonly hertz: number; readonly level: number }> => page.evaluate('window.hears()');

  /** Waits until `look` is content; the test's own time limit ends it. */
  async function until(page: Page, look: () => boolean): Promise<void> {
    while (!look()) await page.evaluate('new Promise((done) => setTimeout(done, 20))');
  }

  it('plays a tone that the browser hears at its height and its loudness, and nothing before and after it', async function () {
    const { page, ear } = await openPage(await openBrowser(this, {}));
    const { ms, reason } = await call(page, false);
    expect(reason).to.equal(undefined);
    if (process.env['CALLCHART_FIGURES'] !== undefined) console.log(`      connected in ${Math.round(ms ?? 0)} ms`);
    expect(await ear.leg?.connected).to.equal(true);
    expect((await heard(page)).level).to.be.below(0.001);
    const cut = new AbortController();
    const played = ear.leg?.play(sine(440, 20_000, 16_000, 10_000), cut.signal);
    await page.waitForFunction('Math.abs(window.hears().hertz - 440) < 10');
    await page.waitForFunction('Math.abs(window.hears().level - 10_000 / 32_768 / Math.SQRT2) < 0.01');
    cut.abort();
    expect(await played).to.equal('cut');
    await page.waitForFunction('window.hears().level < 0.001');
  });

  it('is quiet soon after a barge-in', async function () {
    const { page, ear } = await openPage(await openBrowser(this, {}));
    await call(page, false);
    const cut = new AbortController();
    void ear.leg?.play(sine(440, 20_000, 16_000, 10_000), cut.signal);
    await page.waitForFunction('window.hears().level > 0.2');
    const quiet: Promise<number> = page.evaluate('window.quietAt()');
    await page.evaluate('0');
    const began = Date.now();
    cut.abort();
    const ms = (await quiet) - began;
    if (process.env['CALLCHART_FIGURES'] !== undefined) console.log(`      quiet after ${ms} ms`);
    // Of this the leg has 20 ms, and a machine that has nothing else to do some 200: the rest is for one that has.
    expect(ms).to.be.within(1, 800);
  });

  it('hears the microphone, in wide band', async function () {
    const file = join(folder, 'tone.wav');
    writeFileSync(file, wav(sine(5_000, 4_000, 48_000, 8_000).samples, 48_000));
    const { page, ear } = await openPage(await openBrowser(this, { microphone: file }));
    expect((await call(page, true)).reason).to.equal(undefined);
    const sound = (): Int16Array => Int16Array.from(ear.last.flatMap((frame) => [...frame]));
    await until(page, () => ear.last.length === 50 && levelOf({ rate: 16_000, samples: sound() }, 5_000) > 1_000);
    const samples = sound();
    expect(levelOf({ rate: 16_000, samples }, 5_000)).to.be.above(5 * levelOf({ rate: 16_000, samples }, 1_300));
    expect(await page.evaluate('window.microphone.level()')).to.be.above(0.01);
    await page.evaluate('window.microphone.mute(true)');
    await until(page, () => loudness({ samples: sound() }) < 20);
    await page.evaluate('window.microphone.mute(false)');
    await until(page, () => loudness({ samples: sound() }) > 300);
  });

  it('takes the keys in order, each once, while the microphone is on', async function () {
    const { page, ear } = await openPage(await openBrowser(this, {}));
    await call(page, true);
    expect(await page.evaluate(`[...'42#0*9'].map((key) => (window.keyTone(key), window.sound.sendKey(key)))`)).to.deep.equal([true, true, true, true, true, true]);
    await until(page, () => ear.keys.length >= 6);
    expect(ear.keys).to.equal('42#0*9');
  });

  it('says that the microphone was refused, and connects without it though the browser hides its addresses', async function () {
    const { page, ear } = await openPage(await openBrowser(this, { microphone: 'refused' }));
    expect((await call(page, true)).reason).to.equal('refused');
    expect(ear.leg).to.equal(undefined);
    expect((await call(page, false)).reason).to.equal(undefined);
    expect(ear.offer).to.match(/\.local /);
    expect(await page.evaluate('window.sound.sendKey("1")')).to.equal(false);
    void ear.leg?.play(sine(880, 5_000, 8_000));
    await page.waitForFunction('Math.abs(window.hears().hertz - 880) < 10');
  });

  it('knows at once that the browser has hung up', async function () {
    const { page, ear } = await openPage(await openBrowser(this, {}));
    await call(page, true);
    const gone = new Promise((resolve) => ear.leg?.gone.addEventListener('abort', resolve));
    const began = performance.now();
    await page.evaluate('window.sound.close()');
    await gone;
    expect(performance.now() - began).to.be.below(2_000);
  });

  it('knows that the browser has gone when the page is closed', async function () {
    const { page, ear } = await openPage(await openBrowser(this, {}), 4_000);
    await call(page, true);
    const gone = new Promise((resolve) => ear.leg?.gone.addEventListener('abort', resolve));
    const played = ear.leg?.play(sine(440, 60_000, 8_000));
    await page.close();
    await gone;
    expect(await played).to.equal('cut');
  });
});
