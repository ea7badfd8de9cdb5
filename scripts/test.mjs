// All tests but those of the phone page: the build and the types side by side, then mocha. What is said behind `--` is for mocha: `npm test -- -g "silence"`.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const packageOf = (name) => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
const compiler = join(packageOf('typescript'), 'bin', 'tsc');

/** Files that take long, or wait long: they begin first, so that the others come to their end beside them. Those that compute stand between those that wait. */
const first = [
  'faults/faults', 'faults/oracle', 'cli/killed', 'cli/dev', 'cli/check-planted', 'cli/call', 'refused', 'cli/cover', 'emulator/sound/rtc', 'machines/check/compatibility', 'emulator/trouble', 'emulator/sound/recogniser', 'cli/paths',
  'machines/log/compare', 'examples', 'transport/restart', 'machines/library', 'machines/check/random-chart', 'docs', 'machines/check/agreement', 'machines/check/compatibility-random', 'machines/check/examine', 'machines/paths/random',
  'machines/paths/examples', 'inspector/chart/picture', 'transport/engines/lmdb', 'transport/engines/postgres', 'transport/engines/postgres-failure', 'transport/engines/postgres-pooler', 'deploy/scaling', 'transport/tombstones', 'guide/hello',
].map((name) => `test/${name}.test.ts`);

const run = (args, env = {}) =>
  new Promise((resolve) => {
    spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' }).once('close', (status) => resolve(status ?? 1));
  });

const testsIn = (folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file).replaceAll('\\', '/')).filter((file) => file.endsWith('.test.ts')).sort();

const order = (file) => (first.includes(file) ? first.indexOf(file) : first.length);

const built = await Promise.all([run(['scripts/build.mjs']), run([compiler, '-p', 'tsconfig.json', '--noEmit']), run([compiler, '-p', 'src/page/tsconfig.json', '--noEmit'])]);
if (built.some((status) => status !== 0)) process.exit(1);

/** What the phone page shows in a browser, and of the check and the compiler while a bot is written, is `npm run browser`. */
const isHere = (file) => !file.startsWith('test/browser/') && file !== 'test/cli/dev-examined.test.ts';

const files = [...testsIn('test').filter(isHere), ...testsIn('examples')].sort((one, other) => order(one) - order(other));
// Many tests wait for sound, or for another process: one worker more than there are processors.
const jobs = String(Math.min(availableParallelism() + 1, 6));
process.exit(await run([join(packageOf('mocha'), 'bin', 'mocha.js'), '--parallel', '--jobs', jobs, ...process.argv.slice(2), ...files], { CALLCHART_BUILT: '1' }));
