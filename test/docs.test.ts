/** What the pages show is what runs: code blocks are the examples' own files, commands and links exist. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { expect } from 'chai';
import { parseScript } from 'callchart/emulator';
import { dial } from 'callchart/testing';
import type { AzureTokenCredential, CallServer } from 'callchart/transport';
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

/** What the servers on the pages read from the environment. */
const settings = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: 'x', AZURE_RESOURCE_ID: '00000000-0000-0000-0000-000000000000', AZURE_EVENT_GRID_SECRET: 'x',
  STATE: '', PORT: '0',
};

describe('the bots on the pages', function () {
  this.timeout(60_000);

  const running = ['getting-started', 'writing-a-bot', 'testing', 'coverage', 'data', 'dialogs', 'localisation', 'chat', 'from-botbuilder-calling', 'services', 'emulator', 'versions'];
  const whole = running.flatMap((name) => modules(`docs/${name}.md`));
  let folder = '';
  let diagnostics: readonly Diagnostic[] = [];
  const given = { ...process.env };

  before(() => {
    const below = join(root, '.callchart/docs');
    mkdirSync(below, { recursive: true });
    folder = mkdtempSync(join(below, 'page-'));
    Object.assign(process.env, settings, { STATE: join(folder, 'state') });
    for (const { name, source } of whole) writeFileSync(join(folder, name), source);
    const [, , server = ''] = blocks('README.md', 'ts');
    writeFileSync(join(folder, 'README.ts'), server);
    writeFileSync(join(folder, 'bot.ts'), page('examples/acme/bot.ts'));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.json', include: ['*.ts'], exclude: [] }));
    diagnostics = compile(join('.callchart/docs', basename(folder), 'tsconfig.json'));
  });
  after(() => {
    for (const name of Object.keys(settings)) if (given[name] === undefined) delete process.env[name];
    Object.assign(process.env, given);
    rmSync(folder, { recursive: true });
  });

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

  it('are served by what the README shows, as far as the compiler knows', () => {
    expect(blocks('README.md', 'ts')[2]).to.match(/^import [\s\S]*await serve\(/);
    expect(diagnostics.filter(({ file }) => file === 'README.ts').map(({ text }) => text)).to.deep.equal([]);
  });

  it('are served on their own paths by the servers of services.md, which let no stranger in', async () => {
    const servers = whole.filter(({ source }) => source.includes('export const start = '));
    expect(servers.map(({ name }) => name.replace(/-\d+\.ts$/, ''))).to.deep.equal(['services', 'services']);
    for (const [index, path] of ['/api/twilio', '/api/azure'].entries()) {
      const { start } = (await import(pathToFileURL(join(folder, servers[index]?.name ?? '')).href)) as { readonly start: (credential: AzureTokenCredential) => Promise<CallServer> };
      const server = await start({ getToken: () => Promise.reject(new Error('nothing is asked of the resource')) });
      try {
        expect([(await fetch(server.url + path)).status, (await fetch(server.url + path, { method: 'POST' })).status, (await fetch(`${server.url}/api/calls`, { method: 'POST' })).status]).to.deep.equal([405, 401, 404]);
      } finally {
        await server.close();
      }
    }
  });
});

describe('the page of the services', () => {
  it('has the table that the code makes', () => {
    const written = page('docs/services.md');
    expect(written).to.contain(marks[0]).and.contain(marks[1]);
    expect(written, '`npm run docs:services` writes it').to.equal(withTable(written));
  });
});

describe('the options on the page of the services', () => {
  const section = (heading: string): string => page('docs/services.md').split(`\n### ${heading}\n`)[1]?.split('\n##')[0] ?? '';
  const rows = (heading: string): readonly { readonly option: string; readonly standard: string }[] => [...section(heading).matchAll(/^\| `([a-z]\w+)` \| ([^|]*) \|/gm)].map(([, option = '', standard = '']) => ({ option, standard }));
  const members = (file: string, name: string): readonly { readonly option: string; readonly about: string; readonly isRequired: boolean }[] => {
    const text = page(file).split(`export interface ${name} {`)[1]?.split('\n}')[0] ?? '';
    return [...text.matchAll(/\/\*\* (.*) \*\/\n {2}readonly (\w+)(\??):/g)].map(([, about = '', option = '', mark]) => ({ option, about, isRequired: mark === '' }));
  };
  const tables = [
    ['The options of `twilio`', 'src/transport/services/twilio/index.ts', 'TwilioOptions'], ['The options of `azure`', 'src/transport/services/azure/index.ts', 'AzureOptions'], ['Placing calls', 'src/transport/service.ts', 'Placing'],
  ] as const;

  for (const [heading, file, name] of tables) {
    it(`are those of ${name}, in its order, with what is required and the numbers that stand for what is not said`, () => {
      const [told, known] = [rows(heading), members(file, name)];
      expect(told.map(({ option }) => option)).to.deep.equal(known.map(({ option }) => option));
      for (const [index, { option, about, isRequired }] of known.entries()) {
        const { standard = '' } = told[index] ?? {};
        if (isRequired && option !== 'path') expect(standard, option).to.match(/^required/);
        const [, number] = /Default ([\d,]+\d)/.exec(about) ?? [];
        if (number !== undefined) expect(standard, option).to.equal(number);
      }
    });
  }
});

describe('the page for a further service', () => {
  const text = (): string => page('docs/adding-a-service.md');
  const tableUnder = (heading: string): string => text().split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';

  it('tells of everything that a service may have beside what it has to, and of nothing else', () => {
    const seam = page('src/transport/service.ts') + page('src/actions/service-limits.ts');
    const members = new Set([...seam.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, name]) => name));
    const told = [...tableUnder('What a service says of itself').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name ?? '');
    expect(told.filter((name) => !members.has(name))).to.deep.equal([]);
    const interfaces = ['AnyService', 'ReplyService', 'Arrival', 'Decoded', 'Recalled'].map((name) => seam.split(new RegExp(`interface ${name}\\b[^\\n]*\\{\\n`))[1]?.split('\n}')[0] ?? '');
    const optional = interfaces.flatMap((body) => [...body.matchAll(/^ {2}(?:readonly )?(\w+)\?[:(]/gm)].map(([, name]) => name ?? ''));
    expect(optional).to.include.members(['push', 'parting', 'unanswered']);
    expect(optional.filter((name) => !told.includes(name))).to.deep.equal([]);
  });

  it('lists every file outside of its folder that names the last one', () => {
    const listed = [...tableUnder('Where it is added').matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, file = '']) => file);
    const sources = ['src', 'scripts'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => `${folder}/${file}`));
    const own = /^src\/(transport\/services\/|cli\/services\/|emulator\/wires\/|emulator\/azure\.ts|emulator\/index\.ts)/;
    const naming = sources.filter((file) => !own.test(file) && /^(?:import|export) [^;]*\bazure/im.test(page(file)));
    expect(naming).to.include('src/emulator/emulated.ts');
    expect(naming.filter((file) => !listed.includes(file))).to.deep.equal([]);
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
    const readers = [...readdirSync(join(root, 'src/cli'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => `src/cli/${file}`), 'src/coverage-folder.ts', 'src/transport/engines/open.ts'];
    const settings = readers.flatMap((file) => [...found(page(file), /'(CALLCHART_[A-Z_]+)'/g)]);
    expect(found(commands(), /\b(CALLCHART_[A-Z_]+)/g)).to.deep.equal(new Set(settings));
    const ofServe = [...found(source('serve.ts'), /'(CALLCHART_[A-Z_]+)'/g)];
    expect(ofServe.filter((name) => !written.includes(`'  ${name} `) && !written.includes(`"  ${name} `)), 'in `serve --help`').to.deep.equal([]);
  });

  it('shows a script that can be played', () => {
    const [script = ''] = blocks('docs/commands.md', 'text');
    expect(new Set(parseScript(script).map(({ act }) => act))).to.deep.equal(new Set(['expect', 'press', 'say', 'silence', 'record', 'hangup']));
  });
});
