// The scripted calls: two bots are rung over HTTP with signed tokens. At a terminal you are the caller; else a script is.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const attended = process.stdin.isTTY && process.stdout.isTTY;

const calls = [
  { bot: 'examples/watson', script: 'expect Watson' },
  { bot: 'examples/acme', script: 'expect For sales press 1\nsilence\nexpect did not hear\npress 2\nexpect Support' },
];

for (const { bot, script } of calls) {
  console.log(`$ callchart call ${bot}`);
  const { status } = spawnSync(process.execPath, ['dist/cli/main.js', 'call', bot, ...(attended ? [] : ['--script', '-'])], {
    cwd: root, ...(attended ? { stdio: 'inherit' } : { input: script, stdio: ['pipe', 'inherit', 'inherit'] }),
  });
  if (status !== 0) process.exit(status ?? 1);
  console.log();
}
