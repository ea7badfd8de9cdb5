/** The phone whole where browsers cannot have WebRTC: no network, no WebRTC in the browser, no package of it beside the process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { toWav } from '../../src/emulator/sound/wav.ts';
import { root } from '../cli/run.ts';
import { sine } from '../emulator/sound/hearing.ts';
import { openBrowser } from './browser.ts';
import { ears, hears, loudAt, type Microphone, microphoneIn, now } from './ears.ts';
import { phones } from './phones.ts';

/** A browser without it. */
const noWebrtc = 'delete window.RTCPeerConnection;';

/** A browser on a machine in no network: it has nothing to offer, and says so at once. */
const noNetwork = `
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  get localDescription() {
    const own = super.localDescription;
    return own === null ? null : { type: own.type, sdp: own.sdp.replace(/^a=candidate:.*\\r\\n/gm, '') };
  }
};
`;

/** Keeps how loud each 128 samples are that the loudspeaker gets. */
const meter = `
window.peaks = [];
{
  const attach = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...more) {
    if (this instanceof AudioWorkletNode && target === this.context.destination) {
      window.sampleRate = this.context.sampleRate;
      const processor = this.context.createScriptProcessor(1024, 1, 1);
      processor.onaudioprocess = ({ inputBuffer }) => {
        const samples = inputBuffer.getChannelData(0);
        for (let at = 0; at < samples.length; at += 128) window.peaks.push(Math.max(...samples.subarray(at, at + 128).map(Math.abs)));
      };
      attach.call(this, processor);
      attach.call(processor, target);
    }
    return attach.call(this, target, ...more);
  };
}
`;

/** Node finds no `werift`. */
const withoutWerift = `import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`export const resolve = (name, context, next) => {
  if (name === 'werift') throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(name, context);
};\`));
`;

describe('callchart dev in a browser that cannot have WebRTC', function () {
  this.timeout(180_000);
  const results = join(root, 'test-results');
  let folder: string;
  let browser: Browser;
  let microphone: Microphone;
  let context: BrowserContext | undefined;
  let address: string;
  const served = phones();

  const started = async (bot: string, { isRefused = false, env }: { readonly isRefused?: boolean; readonly env?: Readonly<Record<string, string>> } = {}): Promise<void> => {
    address = (await served.of(bot, env)).first.replace('phone: ', '');
    context = await browser.newContext({ permissions: isRefused ? [] : ['microphone'] });
    await context.addInitScript(ears);
  };

  const tab = async (): Promise<Page> => {
    const page = await (context as BrowserContext).newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(address);
    return page;
  };

  const opened = async (bot: string, lack: string, isRefused = false): Promise<Page> => {
    await started(bot, { isRefused });
    await (context as BrowserContext).addInitScript(lack);
    return tab();
  };

  const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const said = (page: Page, text: string | RegExp) => page.getByRole('log').getByText(text).first();
  const peers = (page: Page): Promise<unknown> => page.evaluate('window.peers');

  before(async function () {
    mkdirSync(results, { recursive: true });
    folder = mkdtempSync(join(results, 'offline-'));
    microphone = microphoneIn(folder);
    browser = await openBrowser(this, { microphone: microphone.file, byPermission: true });
  });
  afterEach(async () => {
    await context?.close();
    context = undefined;
    microphone.isQuiet();
  });
  after(async () => {
    await (browser as Browser | undefined)?.close(); // it is not there where the tests were skipped
    await served.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('hears the greeting, and “support” is understood', async () => {
    await microphone.hears('support', 7_000, 30_000);
    const page = await opened('examples/acme', noWebrtc);
    await press(page, 'Call');
    await said(page, 'Welcome to Acme. For sales press 1, for support press 2.').waitFor();
    await hears(page, 0);
    await page.getByText('Microphone and loudspeaker are on').waitFor();
    await page.locator('.level [data-lit]').first().waitFor();
    await page.getByRole('log').getByText('support', { exact: true }).waitFor();
    const since = await now(page);
    await said(page, 'Support will call you back.').waitFor();
    await hears(page, since);
    await said(page, 'The bot hung up').waitFor();
  });

  it('hears nothing more of a prompt soon after a key', async () => {
    const bot = join(folder, 'long');
    mkdirSync(bot);
    writeFileSync(join(bot, 'bot.ts'), `import { callMachine, hangup, recognize } from 'callchart';
export default callMachine('long', {
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'This is a very long welcome, which goes on and on, and says a great many things that nobody wants to know before it comes to its end at last. Press one.', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }),
    bye: hangup([{ silenceMs: 3000 }, 'Goodbye.']),
  },
});
`);
    const page = await opened(bot, noNetwork);
    await press(page, 'Call');
    await hears(page, 0);
    expect(await peers(page), 'WebRTC was tried first').to.equal(1);
    const pressed = await now(page);
    await page.keyboard.press('1');
    await said(page, 'You interrupt the bot').waitFor();
    await page.waitForTimeout(1_500); // the pause of the bot, in which nothing is to be heard
    const heardFor = (await loudAt(page)) - pressed;
    if (process.env['CALLCHART_FIGURES'] === '1') console.log(`      the prompt was heard for ${Math.round(heardFor)} ms after the key`);
    expect(heardFor).to.be.lessThan(600);
    const silent = await now(page);
    await said(page, 'Goodbye.').waitFor();
    await hears(page, silent);
  });

  it('hears the bot where the microphone is refused, and keys are taken', async () => {
    const page = await opened('examples/acme', noNetwork, true);
    await press(page, 'Call');
    await page.getByText('The microphone is refused').first().waitFor();
    await hears(page, 0);
    await page.getByText('You only listen', { exact: true }).waitFor();
    await page.keyboard.press('2');
    await said(page, 'Support will call you back.').waitFor();
    await said(page, 'The bot hung up').waitFor();
  });

  it('hears a sound from its beginning to its end', async () => {
    const bot = join(folder, 'tone');
    mkdirSync(bot);
    writeFileSync(join(bot, 'tone.wav'), toWav(sine(440, 3_000, 16_000, 10_000)));
    writeFileSync(join(bot, 'bot.ts'), `import { callMachine, hangup } from 'callchart';
export default callMachine('tone', { initial: 'bye', states: { bye: hangup([{ audio: '${pathToFileURL(join(bot, 'tone.wav')).href}' }]) } });
`);
    const page = await opened(bot, noWebrtc + meter, true);
    await press(page, 'Call');
    await said(page, 'The bot hung up').waitFor();
    await page.waitForTimeout(500); // what has come is still heard
    const peaks = (await page.evaluate('window.peaks')) as readonly number[];
    const rate = (await page.evaluate('window.sampleRate')) as number;
    const isTone = (peak: number): boolean => peak > 0.25;
    const heard = peaks.slice(peaks.findIndex(isTone), peaks.findLastIndex(isTone) + 1);
    const lengthMs = (parts: readonly number[]): number => (parts.length * 128_000) / rate;
    // A machine that is busy leaves gaps in it, and must lose nothing of it.
    if (process.env['CALLCHART_FIGURES'] === '1') console.log(`      gaps in 3 s of sound: ${Math.round(lengthMs(heard.filter((peak) => !isTone(peak))))} ms`);
    expect(lengthMs(heard.filter(isTone))).to.be.closeTo(3_000, 30);
  });

  it('records what is said', async () => {
    await microphone.hears('please call me back', 11_000, 60_000);
    const page = await opened('examples/voicemail', noWebrtc);
    await press(page, 'Call');
    const player = page.locator('audio').first();
    await player.waitFor({ state: 'attached', timeout: 90_000 });
    const { pathname } = new URL((await player.getAttribute('src')) ?? '', page.url());
    const bytes = await page.evaluate(async (path) => [...new Uint8Array(await (await fetch(path)).arrayBuffer())], pathname);
    expect(Buffer.from(bytes.slice(0, 4)).toString()).to.equal('RIFF');
    expect(bytes.length).to.be.greaterThan(16_000);
  });

  it('gives the sound to another window, and takes it back', async () => {
    const first = await opened('examples/acme', noWebrtc);
    await press(first, 'Call');
    await first.getByText('Microphone and loudspeaker are on').waitFor();
    const second = await tab();
    await press(second, 'Take the call here');
    await first.getByText('The sound of this call has gone to another window').waitFor();
    await second.getByText('Microphone and loudspeaker are on').waitFor();
    await press(first, 'Take the call here');
    await second.getByText('The sound of this call has gone to another window').waitFor();
    await first.getByText('Microphone and loudspeaker are on').waitFor();
    await press(first, 'Hang up');
    await first.getByText('You hung up.').first().waitFor();
    expect(await first.getByText('The sound did not come through').count()).to.equal(0);
  });

  it('has sound where werift is not installed, and does not try it by WebRTC', async () => {
    const file = join(folder, 'without-werift.mjs');
    writeFileSync(file, withoutWerift);
    await started('examples/acme', { env: { NODE_OPTIONS: `--import=${pathToFileURL(file).href}` } });
    const page = await tab();
    await page.getByText('Sound', { exact: true }).waitFor();
    await press(page, 'Call');
    await hears(page, 0);
    await page.getByText('Microphone and loudspeaker are on').waitFor();
    expect(await peers(page)).to.equal(0);
  });
});
