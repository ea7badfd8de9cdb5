/**
 * Template — the files of a new project: a bot, its test, and what runs both.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
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
    '.gitignore': 'node_modules/\n.callchart/\n.env\n',
    '.dockerignore': shipped('docs/deploy/.dockerignore'),
    'bot.ts': shipped('examples/acme/bot.ts'),
    'bot.test.ts': shipped('examples/acme/bot.test.ts'),
    'README.md': readme(name),
  };
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A file as it ships with this package: the acme menu and its test among the examples, what keeps secrets out of an image beside the Dockerfile. */
const shipped = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

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
