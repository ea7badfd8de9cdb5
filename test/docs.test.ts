/** What the pages show is what runs: code blocks are the examples' own files, commands and links exist. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { expect } from 'chai';
import { parseScript } from 'callchart/emulator';
import { dial } from 'callchart/testing';
import { marks, withTable } from '../scripts/services-table.ts';
import acme from '../examples/acme/bot.ts';
import { compile, type Diagnostic } from './types/compile.ts';

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

  it('hold no link to a heading that is not there', () => {
    const slug = (heading: string): string => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    const headings = (file: string): ReadonlySet<string> => new Set([...page(file).replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading ?? '')));
    const dead = pages.flatMap((file) =>
      [...page(file).matchAll(/\]\((?!https?:)([^)#]*\.md)?#([^)]+)\)/g)].filter(([, target, anchor]) => !headings(target === undefined ? file : join(dirname(file), target)).has(anchor ?? '')).map(([link]) => `${file}: ${link}`),
    );
    expect(dead).to.deep.equal([]);
  });

  it('are all on the list of the README', () => {
    const listed = page('README.md');
    expect(pages.filter((file) => /^docs\/[^/]+\.md$/.test(file) && !listed.includes(`](${file})`))).to.deep.equal([]);
  });

  it('name only npm scripts that exist', () => {
    const scripts = Object.keys((JSON.parse(page('package.json')) as { scripts: object }).scripts);
    const named = pages.flatMap((file) => [...page(file).matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name ?? ''));
    expect(named.filter((name) => !scripts.includes(name))).to.deep.equal([]);
  });
});

/**
 * A `ts` block that begins with an import is a whole module: it compiles as strictly as the sources do, and is imported.
 * What it does at its top level, such as dialling its bot, is its test; a bot that it exports is rung besides. All other
 * blocks are fragments. A module keeps the line numbers of its page.
 */
const modules = (file: string): readonly { readonly name: string; readonly source: string }[] => {
  const text = page(file);
  return [...text.matchAll(/^```ts\n(?=import )([\s\S]*?)^```/gm)].map(({ 1: code = '', index }) => {
    const line = text.slice(0, index).split('\n').length;
    return { name: `${basename(file, '.md')}-${line}.ts`, source: '\n'.repeat(line) + code };
  });
};

describe('the bots on the pages', function () {
  this.timeout(60_000);

  const running = ['getting-started', 'writing-a-bot', 'testing', 'data', 'dialogs', 'localisation', 'chat', 'from-botbuilder-calling'];
  const whole = running.flatMap((name) => modules(`docs/${name}.md`));
  let folder = '';
  let diagnostics: readonly Diagnostic[] = [];

  before(() => {
    const below = join(root, '.callchart/docs');
    mkdirSync(below, { recursive: true });
    folder = mkdtempSync(join(below, 'page-'));
    for (const { name, source } of whole) writeFileSync(join(folder, name), source);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.json', include: ['*.ts'], exclude: [] }));
    diagnostics = compile(join('.callchart/docs', basename(folder), 'tsconfig.json'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are on each of these pages', () => {
    expect(new Set(whole.map(({ name }) => name.replace(/-\d+\.ts$/, '')))).to.deep.equal(new Set(running));
  });

  for (const { name, source } of whole) {
    it(`compile and run: ${name.replace(/-(\d+)\.ts$/, '.md, line $1')}`, async () => {
      expect(source, 'it does something').to.match(/^export default |\bdial\(|^await /m);
      expect(diagnostics.filter(({ file }) => file === name).map(({ text }) => text)).to.deep.equal([]);
      const { default: bot } = (await import(pathToFileURL(join(folder, name)).href)) as { readonly default?: AnyStateMachine };
      if (bot !== undefined) dial(bot).isAnswered();
    });
  }
});

describe('the page of the services', () => {
  it('has the table that the code makes', () => {
    const written = page('docs/services.md');
    expect(written).to.contain(marks[0]).and.contain(marks[1]);
    expect(written, '`npm run docs:services` writes it').to.equal(withTable(written));
  });
});

describe('the page of the commands', () => {
  const commands = (): string => page('docs/commands.md');
  const source = (file: string): string => page(`src/cli/${file}`);
  const found = (text: string, pattern: RegExp): ReadonlySet<string> => new Set([...text.matchAll(pattern)].map(([, name]) => name ?? ''));

  it('names every command, option and setting that there is, and no other', () => {
    const written = source('main.ts');
    expect(found(commands(), /^## `callchart ([a-z]+)/gm)).to.deep.equal(found(written, /\.command\('([a-z]+)/g));
    expect(found(commands(), /`--([a-z-]+)/g)).to.deep.equal(new Set([...found(written, /\.option\('--([a-z-]+)/g), 'version', 'help']));
    const settings = readdirSync(join(root, 'src/cli'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).flatMap((file) => [...found(source(file), /'(CALLCHART_[A-Z_]+)'/g)]);
    expect(found(commands(), /\b(CALLCHART_[A-Z_]+)/g)).to.deep.equal(new Set(settings));
    const ofServe = [...found(source('serve.ts'), /'(CALLCHART_[A-Z_]+)'/g)];
    expect(ofServe.filter((name) => !written.includes(`'  ${name} `) && !written.includes(`"  ${name} `)), 'in `serve --help`').to.deep.equal([]);
  });

  it('shows a script that can be played', () => {
    const [script = ''] = blocks('docs/commands.md', 'text');
    expect(new Set(parseScript(script).map(({ act }) => act))).to.deep.equal(new Set(['expect', 'press', 'say', 'silence', 'record', 'hangup']));
  });
});
