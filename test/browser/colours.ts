/**
 * Colours — what axe-core finds wrong with a page, and how it looks, in light and in dark: a page changes between them where it stands.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}

/** All findings that are `serious` at least, or all, as `rule: where`. In dark the colours alone are looked at: the rest is the same. */
export async function violations(page: Page, least: 'any' | 'serious' = 'any'): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as { readonly violations: readonly Violation[] };
  const dark = await inDark(page, () => page.evaluate('axe.run(document, { resultTypes: ["violations"], runOnly: ["color-contrast", "link-in-text-block"] })') as Promise<typeof found>);
  const counted = ({ impact }: Violation): boolean => least === 'any' || impact === 'serious' || impact === 'critical';
  const told = (colours: string, some: readonly Violation[]): readonly string[] => some.filter(counted).flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}, ${colours}: ${target.join(' ')} ${failureSummary ?? ''}`));
  return [...told('light', found.violations), ...told('dark', dark.violations)];
}

/** Pictures of the page, in light and in dark, each under a name of its own in `folder`. */
export async function pictures(page: Page, folder: string, name: (colours: 'light' | 'dark') => string): Promise<void> {
  await page.screenshot({ path: join(folder, name('light')) });
  await inDark(page, () => page.screenshot({ path: join(folder, name('dark')) }));
}

const inDark = async <T>(page: Page, work: () => Promise<T>): Promise<T> => {
  await page.emulateMedia({ colorScheme: 'dark' });
  try {
    return await work();
  } finally {
    await page.emulateMedia({ colorScheme: 'light' });
  }
};
