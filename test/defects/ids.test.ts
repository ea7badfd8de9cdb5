/** Every defect on the page for those who come from the old SDK has tests that are called after it, and the other way round. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { section } from '../guide/section.ts';

/** The defects that were found in the code of 3.0.1, by their ids; those of its typings and of its sister have a word instead. */
const ids = [
  ...[1, 2, 3, 4, 5, 6].map((number) => `S${number}`), ...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => `C-${number}`), ...[1, 2, 3, 4].map((number) => `R${number}`),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `P${number}`), '.NET', 'API',
];

describe('the defects of the old SDK', () => {
  it('have a line each on the page', () => {
    const told = [...section('from-botbuilder-calling', 'Its defects').matchAll(/^\| ([A-Z.][\w.-]*) \|/gm)].map(([, id = '']) => id);
    expect([...new Set(told)]).to.deep.equal(ids);
  });

  it('have tests each that are called after them', () => {
    const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts') && name !== 'ids.test.ts');
    const titles = files.flatMap((name) => [...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(/^ +it\((['`])(.*?)\1, /gm)].map(([, , title = '']) => title));
    expect(ids.filter((id) => !titles.some((title) => title.startsWith(`${id}: `) || title.startsWith(`${id} `)))).to.deep.equal([]);
    expect(titles.filter((title) => !ids.some((id) => title.startsWith(`${id}: `) || title.startsWith(`${id} `)))).to.deep.equal([]);
  });
});
