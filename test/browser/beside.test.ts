/** What is wrong with the bot and what was met of it, over the chart of the phone page, in a real browser. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { type DevPhone, startDev } from '../cli/dev-page.ts';
import { root } from '../cli/run.ts';
import { writtenBot, writtenProject } from '../cli/written-bot.ts';
import { acmeCoverage, acmeExamined } from '../page/examined.ts';
import { standIn, type StandIn, type StandInOptions } from '../page/process.ts';
import { openBrowser } from './browser.ts';
import { pictures, violations } from './colours.ts';

describe('what is found and met of the bot, in a browser', function () {
  this.timeout(200_000);
  const results = join(root, 'test-results');
  let browser: Browser | undefined;
  let stand: StandIn | undefined;
  let phone: DevPhone | undefined;

  before(async function () {
    mkdirSync(results, { recursive: true });
    browser = await openBrowser(this, { microphone: 'refused' });
  });
  after(async () => browser?.close());
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    await stand?.close();
    await phone?.stop('SIGINT');
    [stand, phone] = [undefined, undefined];
  });

  type Look = { readonly colorScheme?: 'light' | 'dark'; readonly viewport?: { readonly width: number; readonly height: number } };
  const tab = async (url: string, { colorScheme = 'light', viewport = { width: 1440, height: 900 } }: Look = {}): Promise<Page> => {
    const context = await (browser as Browser).newContext({ colorScheme, viewport, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(url);
    await page.locator('[data-state=menu]').waitFor();
    return page;
  };
  const open = async (options: StandInOptions, look: Look = {}): Promise<Page> => {
    stand = await standIn(options);
    return tab(stand.url, look);
  };

  /** Whether two things on the screen have any place in common. */
  const overlap = async (page: Page, one: string, other: string): Promise<boolean> => {
    const [a, b] = [await page.locator(one).boundingBox(), await page.locator(other).boundingBox()];
    return a !== null && b !== null && a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 1 && b.y < a.y + a.height - 1;
  };

  it('puts findings on their states, leads from each to its line by the keyboard, and plays the caller who shows it', async () => {
    const page = await open({ examined: acmeExamined, coverage: acmeCoverage });
    await page.locator('[data-remark="silent-loop:menu"]').waitFor();
    expect(await page.locator('[data-state=menu]').getAttribute('aria-label')).to.equal('menu, 1 error; Enter shows its source');
    const findings = page.getByRole('button', { name: /^Findings/ });
    expect(await findings.textContent()).to.equal('Findings2 errors, 1 warning');
    await findings.focus();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('region', { name: 'Findings' }).getByRole('listitem').count()).to.equal(3);
    expect(await overlap(page, '.beside', '.canvas'), 'the chart is seen beside the findings').to.equal(false);
    const finding = page.getByRole('button', { name: /silence alone can go round for ever/ });
    await finding.focus();
    await page.keyboard.press('Enter');
    const list = page.getByRole('region', { name: 'Findings' });
    await list.locator('[data-marked]', { hasText: 'menu: recognize' }).waitFor();
    expect(await page.locator('.looked-at').getAttribute('data-state')).to.equal('menu');
    expect(await finding.getAttribute('aria-expanded')).to.equal('true');
    expect(await violations(page), 'findings').to.deep.equal([]);
    await pictures(page, results, (colours) => `page-${colours}-findings.png`);
    await page.keyboard.press('Enter');
    await list.locator('[data-marked]').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Close findings' }).click();
    await page.locator('[data-remark="types:examples/acme/bot.ts:12"]').click();
    await list.locator('[data-marked]', { hasText: 'support: hangup' }).waitFor();
    expect(await page.locator('.looked-at').getAttribute('data-state')).to.equal('support');
    await page.getByText('A caller who shows it').first().click();
    expect(await violations(page), 'a script').to.deep.equal([]);
    await page.getByRole('button', { name: 'Play it as a call' }).click();
    await page.getByText('You hung up.').first().waitFor();
    expect(await page.locator('.said', { hasText: 'Sorry, I did not hear you.' }).count()).to.equal(2);
  });

  it('paints what was met and what was not, with how often, and leads to what is missed', async () => {
    const page = await open({ coverage: { ...acmeCoverage, given: { name: 'calls/', counts: { 'acme.support': 4 } } }, examined: acmeExamined });
    const ids = (name: string): Promise<readonly string[]> => page.locator(name).evaluateAll((nodes) => nodes.map((node) => (node as unknown as { readonly dataset: Readonly<Record<string, string>> }).dataset).map(({ state, edge }) => state ?? edge ?? ''));
    expect(await ids('.met, .missed'), 'nothing is painted until it is wished').to.deep.equal([]);
    await page.getByRole('button', { name: /^Coverage/ }).click();
    await page.locator('.met').first().waitFor();
    expect(await ids('.met')).to.deep.equal(['support']);
    await page.getByRole('radio', { name: 'Calls of this phone' }).check();
    await page.locator('.met[data-state=menu]').waitFor();
    expect(await ids('.met')).to.deep.equal(['menu>sales', 'menu']);
    expect(await ids('.missed')).to.deep.equal(['menu>support', 'menu>menu', 'sales', 'support']);
    expect(await page.locator('.count-sign').allTextContents()).to.deep.equal(['1×', '2×']);
    expect(await page.getByRole('row', { name: /^States/ }).textContent()).to.equal('States1 of 333 %');
    stand?.tell({ type: 'met', names: ['acme.sales'] });
    await page.getByRole('row', { name: 'States 2 of 3 66 %' }).waitFor();
    await page.locator('.met[data-state=sales]').waitFor();
    await page.getByRole('button', { name: 'support never entered' }).click();
    expect(await page.locator('.looked-at').getAttribute('data-state')).to.equal('support');
    expect(await page.getByRole('complementary').count(), 'and nothing covers the chart').to.equal(0);
    expect(await violations(page), 'coverage').to.deep.equal([]);
    await pictures(page, results, (colours) => `page-${colours}-coverage.png`);
    await page.getByRole('button', { name: 'Close coverage' }).click();
    expect(await ids('.met, .missed')).to.deep.equal([]);
  });

  it('has room for the chart and for findings on a small screen, one below the other', async () => {
    const page = await open({ examined: acmeExamined, coverage: acmeCoverage }, { viewport: { width: 375, height: 740 } });
    await page.getByRole('button', { name: /^Findings/ }).click();
    expect(await overlap(page, '.beside', '.canvas')).to.equal(false);
    expect(await page.evaluate('document.documentElement.scrollWidth <= 375'), 'nothing is wider than the screen').to.equal(true);
    expect(await violations(page)).to.deep.equal([]);
    await page.screenshot({ path: join(results, 'page-small-findings.png'), fullPage: true });
  });

  it('shows a mistake of types at its state, with file and line, while calls go on; saving the file mends it', async () => {
    const folder = mkdtempSync(join(results, 'beside-'));
    try {
      const bot = join(folder, 'bot.ts');
      writeFileSync(join(folder, 'tsconfig.json'), writtenProject);
      writeFileSync(bot, writtenBot());
      phone = await startDev(folder, { checks: true });
      const page = await tab(phone.first.replace('phone: ', ''));
      const button = page.getByRole('button', { name: /^Findings/ });
      await button.filter({ hasText: 'Nothing found' }).waitFor({ timeout: 90_000 });
      writeFileSync(bot, writtenBot({ menu: "choices: { one: '1' }, timeoutMs: Number('5000' satisfies number), on: { one: 'bye', exhausted: 'bye' }" }));
      await button.filter({ hasText: 'error' }).waitFor({ timeout: 90_000 });
      await button.click();
      await page.getByRole('button', { name: `${relative(root, bot)}:6` }).click();
      await page.locator('.beside [data-marked]', { hasText: 'satisfies number' }).waitFor();
      expect(await page.locator('[data-remark]').count()).to.equal(1);
      expect(await page.locator('[data-state=menu]').getAttribute('aria-label')).to.match(/^menu, 1 error;/);
      await page.screenshot({ path: join(results, 'page-mistake.png') });
      await page.getByRole('button', { name: 'Call', exact: true }).click();
      await page.getByRole('button', { name: 'Stay silent' }).waitFor();
      writeFileSync(bot, writtenBot());
      await button.filter({ hasText: 'Nothing found' }).waitFor({ timeout: 90_000 });
      expect(await page.locator('[data-remark], .beside [data-marked]').count()).to.equal(0);
      await page.keyboard.press('1');
      await page.getByText('The bot hung up.').first().waitFor();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
