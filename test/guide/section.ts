/** What a page has under one of its headings: for what a user is told rather than given. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../cli/run.ts';

/** The text under `heading` of `docs/<page>.md`, up to the next heading of its level or above. */
export const section = (page: string, heading: string): string => {
  const lines = readFileSync(join(root, 'docs', `${page}.md`), 'utf8').split('\n');
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (at < 0) throw new Error(`docs/${page}.md has no section “${heading}”`);
  const level = lines[at]?.indexOf(' ') ?? 0;
  const next = lines.findIndex((line, index) => index > at && /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(at + 1, next < 0 ? undefined : next).join('\n');
};
