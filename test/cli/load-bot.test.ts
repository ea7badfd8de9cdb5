import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, runFile } from './run.ts';

const settings = {
  CALLCHART_APP_ID: 'app', CALLCHART_APP_PASSWORD: 'password', CALLCHART_CALLBACK_URL: 'https://bot.test/api/calls', CALLCHART_OPENID_METADATA_URL: 'https://keys.test/',
};

describe('a bot that cannot be loaded', function () {
  this.timeout(30_000);

  it('is refused with its file, its state and the sentence', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-load-'));
    try {
      const files = {
        'unclosed.ts': "const bot: string = 'x';\nexport default callMachine('x', {\n  initial 'menu',\n});\n",
        'throws.ts': "type Line = string;\nconst lines: Line[] = [];\n\nexport default lines[0]!.length;\n",
        'imports.ts': "import nothing from './nothing.ts';\nexport default nothing;\n",
      };
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
      const at = (name: string): string => join(folder, name);
      const bots = [at('unclosed.ts'), at('throws.ts'), at('imports.ts'), at('absent.ts'), folder, 'test/fixtures/bots/no-default', 'test/fixtures/bots/raw', 'test/fixtures/bots/broken-catalogue', 'test/fixtures/bots/broken-rule'];
      const sentences = JSON.parse((await runFile('test/cli/load-child.ts', bots)).stdout) as readonly string[];
      expect(sentences).to.deep.equal([
        `${at('unclosed.ts')}:3:10: Expected "}" but found "'menu'" (ERR_BOT_LOAD)`,
        `${at('throws.ts')}:4: Cannot read properties of undefined (reading 'length') (ERR_BOT_LOAD)`,
        `${at('imports.ts')}: Cannot find module './nothing.ts' (ERR_BOT_LOAD)`,
        `there is no file or folder ${at('absent.ts')} (ERR_BOT_LOAD)`,
        `the folder ${folder} has neither bot.ts nor bot.js (ERR_BOT_LOAD)`,
        'test/fixtures/bots/no-default/bot.ts: the file has no default export; `export default callMachine(…)` is a bot (ERR_BOT_LOAD)',
        'test/fixtures/bots/raw/bot.ts: the default export is the XState machine `light`, which `callMachine` did not make (ERR_BOT_LOAD)',
        'test/fixtures/bots/broken-catalogue/bot.js: catalogue: language `de`: message `welcome`: a `{` is not closed, at character 16; language `de`: message `parting` is missing (ERR_CATALOGUE_INVALID)',
        'test/fixtures/bots/broken-rule/bot.js: bot `careless`: state `menu`: outcome `support` is not handled; state `menu`: target `selling` does not exist (ERR_BOT_INVALID)',
      ]);
      const [unclosed, broken, checked] = await Promise.all([
        run(['call', at('unclosed.ts')]), run(['serve', 'test/fixtures/bots/broken-rule'], { env: settings }), run(['check', 'test/fixtures/bots/broken-catalogue']),
      ]);
      expect(unclosed).to.deep.equal({ code: 2, stdout: '', stderr: `callchart: ${sentences[0] ?? ''}\n` });
      expect(checked.code).to.equal(1);
      expect(checked.stdout).to.equal(
        'test/fixtures/bots/broken-catalogue: whether every call ends is not known\nnothing was looked at: mend first what the bot is refused for\ntest/fixtures/bots/broken-catalogue: 2 errors\n  error   language `de`: message `welcome`: a `{` is not closed, at character 16\n          invalid:1\n  error   language `de`: message `parting` is missing\n          untranslated:2\n',
      );
      expect(broken).to.deep.equal({ code: 2, stdout: '', stderr: `callchart: ${sentences.at(-1) ?? ''}\n` });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
