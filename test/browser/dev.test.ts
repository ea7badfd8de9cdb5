/** The phone whole: a real browser with a voice for a microphone, the phone process, the bot process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { root } from '../cli/run.ts';
import { openBrowser } from './browser.ts';
import { ears, hears, loudAt, type Microphone, microphoneIn, now } from './ears.ts';
import { phones } from './phones.ts';

describe('callchart dev in a browser', function () {
  this.timeout(180_000);
  const results = join(root, 'test-results');
  let folder: string;
  let browser: Browser;
  let microphone: Microphone;
  let context: BrowserContext | undefined;
  const served = phones();

  const opened = async (bot: string, { isRefused = false, ...look }: { readonly isRefused?: boolean; readonly colorScheme?: 'light' | 'dark' } = {}): Promise<Page> => {
    const { first } = await served.of(bot);
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light', reducedMotion: 'reduce', permissions: isRefused ? [] : ['microphone'], ...look });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.addInitScript(ears);
    await page.goto(first.replace('phone: ', ''));
    return page;
  };

  const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const said = (page: Page, text: string | RegExp) => page.getByRole('log').getByText(text).first();
  const active = (page: Page): Promise<readonly (string | null)[]> => page.locator('.picture .active title').evaluateAll((titles) => titles.map((title) => (title as { readonly textContent: string | null }).textContent));

  before(async function () {
    mkdirSync(results, { recursive: true });
    folder = mkdtempSync(join(results, 'browser-'));
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

  it('calls acme: the greeting is heard, “support” is understood, the answer is heard, and the chart follows', async () => {
    await microphone.hears('support', 7_000, 30_000);
    const page = await opened('examples/acme');
    await press(page, 'Call');
    await said(page, 'Welcome to Acme. For sales press 1, for support press 2.').waitFor();
    await hears(page, 0);
    expect((await active(page)).join()).to.include('menu');
    await page.screenshot({ path: join(results, 'phone-on-the-line.png') });
    await page.getByRole('log').getByText('support', { exact: true }).waitFor();
    const heardAt = await now(page);
    await said(page, 'Support will call you back.').waitFor();
    await page.screenshot({ path: process.env['CALLCHART_PICTURES'] === '1' ? join(root, 'docs/images/phone.png') : join(results, 'phone-understood.png') });
    await hears(page, heardAt);
    await said(page, 'The bot hung up').waitFor();
    await page.locator('.picture .active title', { hasText: 'ended' }).waitFor({ state: 'attached' });
    await press(page, 'Step back');
    expect((await active(page)).join()).to.include('support');
  });

  it('is cut short by a key: nothing more is heard of the prompt after 200 ms and what the browser holds back', async () => {
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
    const page = await opened(bot);
    await press(page, 'Call');
    await hears(page, 0);
    const pressed = await now(page);
    await page.keyboard.press('1');
    await said(page, 'You interrupt the bot').waitFor();
    await page.waitForTimeout(1_500); // the pause of the bot, in which nothing is to be heard
    const heardFor = (await loudAt(page)) - pressed;
    if (process.env['CALLCHART_FIGURES'] === '1') console.log(`      the prompt was heard for ${Math.round(heardFor)} ms after the key`);
    expect(heardFor).to.be.lessThan(900);
    await press(page, 'Hang up');
    await page.getByText('You hung up.').first().waitFor();
  });

  it('has a voice cut the prompt when it begins', async () => {
    await microphone.hears('sales', 2_500, 30_000);
    const page = await opened('examples/acme');
    await press(page, 'Call');
    await said(page, 'You interrupt the bot').waitFor();
    await said(page, 'Sales will call you back.').waitFor();
    await said(page, 'The bot hung up').waitFor();
  });

  it('records what is said, and plays it again', async () => {
    await microphone.hears('please call me back', 11_000, 60_000);
    const page = await opened('examples/voicemail');
    await press(page, 'Call');
    const player = page.locator('audio').first();
    await player.waitFor({ state: 'attached', timeout: 90_000 });
    const { pathname } = new URL((await player.getAttribute('src')) ?? '', page.url());
    const bytes = await page.evaluate(async (path) => [...new Uint8Array(await (await fetch(path)).arrayBuffer())], pathname);
    expect(Buffer.from(bytes.slice(0, 4)).toString()).to.equal('RIFF');
    expect(bytes.length).to.be.greaterThan(4_000);
  });

  it('says that the microphone is refused; the bot is heard all the same, and keys are taken', async () => {
    const page = await opened('examples/acme', { isRefused: true });
    await press(page, 'Call');
    await page.getByText('The microphone is refused').first().waitFor();
    await hears(page, 0);
    await page.keyboard.press('2');
    await said(page, 'Support will call you back.').waitFor();
    await said(page, 'The bot hung up').waitFor();
  });

  it('goes on with a call after a reload of the page', async () => {
    const page = await opened('examples/acme', { colorScheme: 'dark' });
    await press(page, 'Call');
    await said(page, /Welcome to Acme/).waitFor();
    await page.reload();
    await said(page, /Welcome to Acme/).waitFor();
    await page.screenshot({ path: join(results, 'phone-dark.png') });
    await page.keyboard.press('1');
    await said(page, 'Sales will call you back.').waitFor();
    await said(page, 'The bot hung up').waitFor();
  });
});
