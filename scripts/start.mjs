// The main job: a bot is rung over HTTP with signed tokens by itself, and then there is a phone to ring it by hand, until Ctrl-C.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bot = 'examples/watson';
process.chdir(root);

const run = (script, args, input) => {
  const { status } = spawnSync(process.execPath, [script, ...args], input === undefined ? { stdio: 'inherit' } : { input, stdio: ['pipe', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
};

run('scripts/build.mjs', []);
console.log(`$ callchart call ${bot}`);
run('dist/cli/main.js', ['call', bot, '--script', '-'], 'expect Watson');
console.log(`\n$ callchart dev ${bot}`);
process.argv.splice(2, 0, 'dev', bot); // what comes after `npm start --` is for `dev`
await import('../dist/cli/main.js');
