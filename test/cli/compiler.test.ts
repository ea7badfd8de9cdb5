/** What the compiler of an author's project says of his bot, as the phone page tells it. */
import { expect } from 'chai';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { compiled, read } from '../../src/cli/dev/compiler.ts';
import { readSource } from '../../src/inspector/chart/source.ts';
import { root } from './run.ts';

describe('what the compiler says', () => {
  const folder = resolve('/bots');
  const said = (...lines: readonly string[]) => read(lines.join('\n'), folder);

  it('is an error in our own words where it holds some, and at the line that it names', () => {
    const { diagnostics } = said(
      "bot.ts(5,5): error TS2322: Type 'MadeState<…>' is not assignable to type 'MadeState<…> ...'.",
      "  Type 'MadeState<…>' is not assignable to type '\"state `menu`: outcome `two` is not handled\"'.",
      'steps/ask.ts(12,19): error TS2345: Argument of type \'7\' is not assignable to parameter of type \'Prompt\'.',
      join(folder, 'bot.ts'),
    );
    expect(diagnostics).to.deep.equal([
      { file: join(folder, 'bot.ts'), line: 5, message: 'state `menu`: outcome `two` is not handled' },
      { file: join(folder, 'steps', 'ask.ts'), line: 12, message: "Argument of type '7' is not assignable to parameter of type 'Prompt'. (TS2345)" },
    ]);
  });

  it('is short, however long the types are', () => {
    const [one] = said(`bot.ts(1,1): error TS2322: Type '${'x'.repeat(2_000)}' is wrong.`).diagnostics;
    expect(one?.message.length).to.be.lessThan(300);
    expect(one?.message).to.match(/…\s\(TS2322\)$/);
  });

  it('names the files that it has read, and what is wrong with the project itself', () => {
    expect(said('bot.ts(1,1): error TS1005: \';\' expected.', join(folder, 'lib.d.ts'), 'bot.ts').listed, 'some name them from where they are').to.deep.equal([join(folder, 'lib.d.ts'), join(folder, 'bot.ts')]);
    expect(said("error TS18003: No inputs were found in config file '/bots/tsconfig.json'.").trouble).to.equal("No inputs were found in config file '/bots/tsconfig.json'.");
    expect(said('', '').diagnostics).to.deep.equal([]);
  });
});

describe('the compiler of an author’s project', function () {
  this.timeout(90_000);
  let folder: string;
  const never = new AbortController().signal;
  const put = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  const compile = async (name: string, stop = never) => {
    const file = join(folder, name);
    return compiled(file, await readSource(file), stop);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callchart-compiler-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const withTypeScript = async (): Promise<void> => {
    await mkdir(join(folder, 'node_modules'));
    await symlink(join(root, 'node_modules/typescript'), join(folder, 'node_modules/typescript'), 'junction');
  };

  it('is said to be missing where there is none, with the command that installs it', async () => {
    await put('bot.ts', 'export default 1;\n');
    expect(await compile('bot.ts')).to.deep.equal({ sentence: 'Types are not checked: TypeScript is not installed where the bot is.', install: 'npm install --save-dev typescript' });
    await put('bot.js', 'export default 1;\n');
    expect(await compile('bot.js')).to.deep.equal({ sentence: 'bot.js is JavaScript, which has no types to check.' });
  });

  it('looks at a bot that is in no project, and tells of its own files alone', async () => {
    await withTypeScript();
    await put('bot.ts', "import { size } from './size.ts';\nimport { other } from './node_modules/other.ts';\nexport const pin: string = size;\nexport default other;\n");
    await put('size.ts', 'export const size = 4;\nexport const wrong: number = true;\n');
    await put('node_modules/other.ts', 'export const other = 1;\n');
    await put('unrelated.ts', 'export const mistaken: number = true;\n');
    const found = await compile('bot.ts');
    expect('mistakes' in found && found.mistakes.map(({ message, source: { file, line } }) => `${file.slice(file.lastIndexOf('/') + 1)}:${line}: ${message}`)).to.deep.equal([
      "bot.ts:3: Type 'number' is not assignable to type 'string'. (TS2322)", "size.ts:2: Type 'boolean' is not assignable to type 'number'. (TS2322)",
    ]);
  });

  it('says that the project does not take in the bot, rather than that nothing is wrong', async () => {
    await withTypeScript();
    await put('bot.ts', 'export const mistaken: number = true;\n');
    await put('other.ts', 'export const fine = 1;\n');
    await put('tsconfig.json', '{ "compilerOptions": { "strict": true, "types": [] }, "files": ["other.ts"] }');
    const found = await compile('bot.ts');
    expect('sentence' in found && found.sentence).to.match(/^Types are not checked: .*tsconfig\.json does not take in .*bot\.ts\.$/);
    await put('tsconfig.json', '{ "compilerOptions": { "strikt": true }, "files": ["bot.ts"] }');
    const misspelt = await compile('bot.ts');
    expect('sentence' in misspelt && misspelt.sentence).to.match(/strikt/);
  });

  it('is ended when it is not wished any more', async () => {
    await withTypeScript();
    await put('bot.ts', 'export const mistaken: number = true;\n');
    const stop = new AbortController();
    const compiling = compile('bot.ts', stop.signal);
    stop.abort();
    expect(await compiling).to.have.property('sentence');
  });
});
