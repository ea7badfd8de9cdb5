/** Every section of the old SDK's API has a suite, which looks for its rows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { sections } from './rows.ts';

describe('the public API of the old SDK', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
  const source = files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('\n');
  for (const section of sections) {
    it(`${section} is gone through row by row`, () => {
      expect(source).to.contain(`everyRowOf('${section}')`);
    });
  }
});
