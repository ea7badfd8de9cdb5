/** What the pages show is what runs: code blocks are the examples' own files, commands and links exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';
import { dial } from 'callchart/testing';
import acme from '../examples/acme/bot.ts';

const root = resolve(import.meta.dirname, '..');
const page = (file: string): string => readFileSync(join(root, file), 'utf8');
const blocks = (file: string, language: string): readonly string[] => [...page(file).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code]) => code ?? '');

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)];

describe('the pages', () => {
  it('show on the first screen the bot of examples/acme and its test, to the letter', () => {
    const [bot, test] = blocks('README.md', 'ts');
    expect(bot).to.equal(page('examples/acme/bot.ts'));
    expect(test).to.equal(page('examples/acme/bot.test.ts'));
  });

  it('show what the caller hears as the caller hears it', () => {
    const [heard = ''] = blocks('README.md', 'text');
    const said = heard.split('\n').filter((line) => line.startsWith('bot ')).map((line) => line.replace(/^bot\s+/, ''));
    const caller = dial(acme);
    const [first = '', second = '', third = ''] = said;
    caller.hears(first).staysSilent().hears(second).presses('2').hears(third).isHungUp();
    expect(said).to.have.length(3);
  });

  it('hold no link to a file that is not there', () => {
    const dead = pages.flatMap((file) =>
      [...page(file).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target ?? '').filter((target) => !existsSync(join(root, dirname(file), target))).map((target) => `${file}: ${target}`),
    );
    expect(dead).to.deep.equal([]);
  });

  it('name only npm scripts that exist', () => {
    const scripts = Object.keys((JSON.parse(page('package.json')) as { scripts: object }).scripts);
    const named = pages.flatMap((file) => [...page(file).matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name ?? ''));
    expect(named.filter((name) => !scripts.includes(name))).to.deep.equal([]);
  });
});
