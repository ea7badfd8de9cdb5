/** The page for those who come from the old SDK: nothing on it is left open, and every export has its line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { section } from '../guide/section.ts';
import { rowsOf } from './rows.ts';

/** The rows of the tables in `text`, by their cells; a bar within code is none. */
const rowsIn = (text: string): readonly (readonly string[])[] =>
  text.replace(/^```[\s\S]*?^```/gm, '').split('\n').filter((line) => line.startsWith('|'))
    .map((line) => line.replace(/`[^`]*`/g, (code) => code.replaceAll('|', '¦')).split('|').slice(1, -1).map((cell) => cell.trim()));

describe('the page for those who come from the old SDK', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/from-botbuilder-calling.md'), 'utf8');

  it('has no empty cell', () => {
    const rows = rowsIn(page);
    expect(rows).to.have.length.above(200);
    expect(rows.filter((cells) => cells.length < 2 || cells.some((cell) => cell === ''))).to.deep.equal([]);
  });

  it('says of every export where it has gone', () => {
    const told = rowsIn(section('from-botbuilder-calling', 'Exports')).slice(2).map(([name = '']) => name.replaceAll('`', ''));
    expect(told).to.deep.equal(rowsOf('A.1').filter((name) => name !== 'callback style'));
  });

  it('shows six bots before and after', () => {
    const bots = section('from-botbuilder-calling', 'Six bots').split(/^### /m).slice(1);
    expect(bots.map((bot) => bot.split('\n')[0])).to.deep.equal(['Hello world', 'A menu', 'A waterfall', 'Digits', 'A recording', 'In the caller\'s language']);
    for (const bot of bots) expect([...bot.matchAll(/^```(js|ts)$/gm)].map(([, language]) => language), bot.split('\n')[0]).to.deep.equal(['js', 'ts']);
  });
});
