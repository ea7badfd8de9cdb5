/**
 * Runs the benches, all or those named: `npm run bench -- [exchange engines parked step testing check chart memory typecheck] [--json] [--quick] [--check] [--million]`.
 *
 * What is measured is what users run: the package is built first, and `callchart` is its `dist` (`--no-build` takes the one
 * that is there). `--json` writes one object; `--quick` measures little, for CI, and its figures mean little; `--check` ends
 * with 1 when a requirement is missed, with `--quick` by more than four times; `--million` has `parked` park a million calls too. Everything stays on 127.0.0.1.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const flags = {
  exchange: [],
  engines: [],
  parked: ['--expose-gc', '--max-old-space-size=6144'],
  step: [],
  testing: [],
  check: [],
  chart: [],
  memory: ['--expose-gc'],
  // Checks the sources of the package, as the type tests do.
  typecheck: ['--conditions=@callchart/source'],
};

const given = process.argv.slice(2);
const has = (flag) => given.includes(flag);
const unknown = given.filter((word) => (word.startsWith('--') ? !['--json', '--quick', '--check', '--million', '--no-build'].includes(word) : !Object.hasOwn(flags, word)));
if (unknown.length > 0) {
  process.stderr.write(`bench: what is “${unknown.join(' ')}”? There are ${Object.keys(flags).join(', ')}, and --json, --quick, --check, --million, --no-build.\n`);
  process.exit(2);
}
const named = given.filter((word) => !word.startsWith('--'));
const benches = (named.length > 0 ? named : Object.keys(flags)).filter((name) => existsSync(`${root}/bench/${name}.ts`));

if (!has('--no-build')) execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 2, 2] });

const results = {};
for (const name of benches) {
  const run = spawnSync(process.execPath, [...flags[name], '--import', 'tsx', `bench/${name}.ts`, ...['--quick', '--million'].filter(has), ...(has('--json') || has('--check') ? ['--json'] : [])], {
    cwd: root, encoding: 'utf8', stdio: ['ignore', has('--json') || has('--check') ? 'pipe' : 'inherit', 'inherit'], env: { ...process.env, BENCH_PROGRESS: '1' },
  });
  if (run.status !== 0) {
    process.stderr.write(`bench: ${name} failed\n`);
    process.exit(1);
  }
  if (run.stdout !== null) results[name] = JSON.parse(run.stdout.trim().split('\n').at(-1));
}

if (has('--json')) process.stdout.write(`${JSON.stringify({ node: process.version, arch: process.arch, cores: cpus().length, quick: has('--quick'), ...results })}\n`);
if (has('--check')) {
  const missed = Object.values(results).flatMap(({ required = [] }) => required).filter(({ met }) => !met);
  for (const { what, value, least, most } of missed) process.stderr.write(`missed: ${what}: ${value} (${least === undefined ? `at most ${most}` : `at least ${least}`})\n`);
  if (missed.length > 0) process.exit(1);
}
