/**
 * Template — the files of a new project: a bot, its test, and what runs both.
 *
 * @module
 */
import type { PackageFacts } from './package-facts.ts';

/** The files of a project called `name`, by path. */
export const projectFiles = (name: string, { version, dependencies, devDependencies }: PackageFacts): Readonly<Record<string, string>> => {
  const versionsOf = (...names: readonly string[]): Readonly<Record<string, string>> => Object.fromEntries(names.map((one) => [one, devDependencies[one] ?? dependencies[one] ?? '*']));
  return {
    'package.json': json({
      name,
      version: '0.1.0',
      private: true,
      type: 'module',
      scripts: { start: 'callchart call .', check: 'callchart check .', test: 'tsc && mocha' },
      dependencies: { callchart: `^${version}`, ...versionsOf('xstate') },
      devDependencies: versionsOf('@types/chai', '@types/mocha', '@types/node', 'chai', 'mocha', 'tsx', 'typescript'),
    }),
    'tsconfig.json': json({
      compilerOptions: {
        target: 'es2022', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true, verbatimModuleSyntax: true,
        types: ['node', 'mocha'],
      },
      include: ['*.ts'],
    }),
    '.mocharc.json': json({ 'node-option': ['import=tsx'], spec: ['*.test.ts'] }),
    '.gitignore': 'node_modules/\n.callchart/\n',
    'bot.ts': bot,
    'bot.test.ts': test,
    'README.md': readme(name),
  };
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const bot = `import { callMachine, hangup, recognize } from 'callchart';

export default callMachine('acme', {
  initial: 'menu',
  states: {
    menu: recognize({
      prompt: 'Welcome to Acme. For sales press 1, for support press 2.',
      choices: { sales: '1', support: '2' },
      on: { sales: 'sales', support: 'support', exhausted: 'bye' },
    }),
    sales: hangup('Sales will call you back.'),
    support: hangup('Support will call you back.'),
    bye: hangup('Goodbye.'),
  },
});
`;

const test = `import { dial } from 'callchart/testing';
import acme from './bot.ts';

it('Acme asks again after a silence, then puts the caller through to support', () => {
  dial(acme).hears(/Acme/).staysSilent().hears(/Acme/).presses('2').hears(/support/i).isHungUp();
});
`;

const readme = (name: string): string => `# ${name}

A bot that takes phone calls: a chart of states in \`bot.ts\`, made with Callchart.

\`\`\`sh
npm install
npm start     # call it: press keys, type words, say nothing
npm test      # tsc finds the outcome that you forgot; mocha plays whole calls
\`\`\`

\`npx callchart draw .\` writes the chart as Mermaid. \`npx callchart serve . --service botframework --port 3978\` takes calls from
the service; \`npx callchart serve --help\` says which settings it wants.
`;
