/** A bot as it is being written, and the project that it is in: `menu` stands in line 6. */
export const writtenBot = ({ menu = "choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' }", more, waive = '' }: { readonly menu?: string; readonly more?: string; readonly waive?: string } = {}): string => `import { callMachine, hangup, recognize } from 'callchart';
export default callMachine('shop', {
  initial: 'menu',
  ${waive}
  states: {
    menu: recognize({ prompt: 'For the end press 1.', ${menu} }),
    bye: hangup('Goodbye.'),
${more ?? ''}
  },
});
`;

/** As an author of this repository has it: nothing of the compiler's is lacking, and only the bot is looked at. */
export const writtenProject = JSON.stringify({
  compilerOptions: { strict: true, target: 'es2022', lib: ['es2023'], module: 'nodenext', types: ['node'], skipLibCheck: true, noEmit: true, customConditions: ['@callchart/source'], allowImportingTsExtensions: true },
  files: ['bot.ts'],
});
