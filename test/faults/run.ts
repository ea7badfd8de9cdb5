/**
 * `npm run faults` — the matrix over one engine: `--engine lmdb|postgres|restate`, `--rows F3,F4`, `--full`, `--seed n`,
 * `--calls n` (so many calls at once, in place of the rows). Prints a line a row, and `N passed, N failed` last.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { engineKind, type EngineName, engineNames } from './engines.ts';
import { manyCalls } from './many-calls.ts';
import { line } from './report.ts';
import { closedWithinMs, Hung, openStage, play, rows, type Stage, type Thoroughness, within } from './rows.ts';

const { values } = parseArgs({ options: { engine: { type: 'string', default: 'lmdb' }, rows: { type: 'string' }, seed: { type: 'string' }, calls: { type: 'string' }, full: { type: 'boolean', default: false } } });
const isEngine = (name: string): name is EngineName => (engineNames as readonly string[]).includes(name);
if (!isEngine(values.engine)) throw new TypeError(`--engine is one of ${engineNames.join(', ')}`);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
const wanted = values.rows?.split(',');
let [passed, failed] = [0, 0];

/** Takes a stage down, which may hang. */
const leave = async (stage: Promise<Stage> | undefined): Promise<void> => {
  const there = await stage?.catch(() => undefined); // then it never stood
  if (there !== undefined) await within(closedWithinMs, there.close(), () => new Error(`not taken down after ${closedWithinMs} ms`)).catch((error: unknown) => console.log(String(error)));
};

const kind = await engineKind(values.engine);
if (typeof kind === 'string') {
  console.log(`not run: ${values.engine}: ${kind}`);
  failed = 1;
} else {
  console.log(`faults over ${kind.name}, seed ${seed}`);
  const some = values.calls === undefined ? rows.filter(({ id }) => wanted?.includes(id) ?? true) : [manyCalls(Number(values.calls))];
  const how: Thoroughness = { full: values.full, seed };
  let stage: Promise<Stage> | undefined;
  for (const row of some) {
    const why = row.without?.(kind) ?? (row.isOnDemand === true && wanted === undefined ? `on demand, by --rows ${row.id}` : undefined);
    if (why !== undefined) {
      console.log(`${row.id.padEnd(3)} – ${row.fault}: not run: ${why}`);
      continue;
    }
    try {
      const figures = await play(row, () => (stage ??= openStage(kind, how)), how);
      console.log(line(row, figures));
      for (const fault of figures.faults.slice(0, 20)) console.log(`      ${fault.slice(0, 1_000)}`);
      if (figures.faults.length === 0 && figures.calls > 0) passed += 1;
      else failed += 1;
    } catch (error) {
      failed += 1;
      console.log(`${row.id.padEnd(3)} ✘ ${row.fault}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      if (!(error instanceof Hung)) continue;
      await leave(stage);
      stage = undefined;
    }
  }
  await leave(stage);
  await kind.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
