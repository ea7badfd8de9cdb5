/**
 * Parked — what calls cost that wait: bytes in memory and on disk, the time to take an event of any one of them, and how soon a
 * process that was killed with them answers again.
 *
 * Run with `npm run bench -- parked`, or after a build with `node --expose-gc --import tsx bench/parked.ts [--json] [--quick]`;
 * `--million` also parks 10⁶ (minutes, 5 GB of memory and of disk). A parked call is one that was asked at its menu, as the transport
 * keeps it; the others are its copies under ids of their own. The store on disk is flushed.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Engine, lmdbStore, type LmdbStore, memoryStore } from 'callchart/transport';
import { atMost, isQuick, median, progress, report, type Requirement, round, shown, type Spread, spread, table } from './figures.ts';
import { engineOver, keyOf, park, pressKey } from './parked/calls.ts';
import { recover } from './parked/recovery.ts';

const counts = isQuick ? [1_000, 10_000] : process.argv.includes('--million') ? [10_000, 100_000, 1_000_000] : [10_000, 100_000];
const rounds = isQuick ? 3 : 9;
const eventsPerRound = isQuick ? 50 : 100;
const loadsPerRound = 500;
const coldEvents = isQuick ? 50 : 200;
const recoveries = isQuick ? 1 : 3;
const parkedAtDeath = isQuick ? 10_000 : 100_000;

const collect = globalThis.gc;
if (collect === undefined) throw new Error('run with --expose-gc');

const heap = async (): Promise<number> => {
  for (let before = Infinity; ; ) {
    await sleep(20);
    collect();
    const { heapUsed, external } = process.memoryUsage();
    if (heapUsed + external > before - 10_000) return heapUsed + external;
    before = heapUsed + external;
  }
};

const bytesInMemory = async (count: number): Promise<number> => {
  const store = memoryStore();
  const before = await heap();
  await park(store, count);
  const bytes = ((await heap()) - before) / count;
  await store.close();
  return bytes;
};

/** Calls on disk, and which of them nobody has answered yet. */
interface Parked {
  readonly count: number;
  readonly folder: string;
  store: LmdbStore;
  engine: Engine;
  /** Those whose key was not pressed, from the end of a shuffled deck. */
  readonly deck: number[];
}

const base = await mkdtemp(join(tmpdir(), 'callchart-bench-'));
process.once('exit', () => rmSync(base, { recursive: true, force: true }));

const parkOnDisk = async (count: number): Promise<Parked> => {
  const folder = join(base, String(count));
  const store = await lmdbStore({ folder });
  await park(store, count);
  const deck = new Set<number>();
  while (deck.size < Math.min(count, rounds * eventsPerRound + coldEvents)) deck.add(Math.floor(Math.random() * count));
  return { count, folder, store, engine: engineOver(store), deck: [...deck] };
};

/** Ms that each of some things took, one after the other. */
const timed = async (times: number, work: () => Promise<unknown>): Promise<readonly number[]> => {
  const took: number[] = [];
  for (let done = 0; done < times; done += 1) {
    const began = performance.now();
    await work();
    took.push(performance.now() - began);
  }
  return took;
};

const sizeOf = (folder: string): number => statSync(join(folder, 'data.mdb')).size;

/** The first events after the machine has forgotten the file: of a folder that is closed, so that nothing holds its pages. */
const cold = async (parked: Parked): Promise<number | undefined> => {
  await parked.engine.close();
  let isForgotten = true;
  try {
    execFileSync('sync', ['-d', join(parked.folder, 'data.mdb')]);
    execFileSync('dd', [`if=${join(parked.folder, 'data.mdb')}`, 'iflag=nocache', 'count=0', 'status=none']);
  } catch {
    isForgotten = false; // another system's `dd`
  }
  parked.store = await lmdbStore({ folder: parked.folder });
  parked.engine = engineOver(parked.store);
  return isForgotten ? median(await timed(coldEvents, () => pressKey(parked.engine, parked.deck.pop()!))) : undefined;
};

const inMemory: number[] = [];
for (const count of counts) {
  progress(`parking ${count} calls in memory`);
  inMemory.push(await bytesInMemory(count));
}

const all: Parked[] = [];
const filledMs: number[] = [];
for (const count of counts) {
  progress(`parking ${count} calls on disk`);
  const began = performance.now();
  all.push(await parkOnDisk(count));
  filledMs.push(performance.now() - began);
}

const takes = counts.map((): number[] => []);
const loads = counts.map((): number[] => []);
for (const [number, parked] of all.entries()) await timed(Math.min(50, eventsPerRound), () => parked.store.load(keyOf(number))); // the code is compiled
for (let number = 0; number < rounds; number += 1) {
  const order = all.map((parked, index) => ({ parked, index }));
  for (const { parked, index } of number % 2 === 0 ? order : order.toReversed()) {
    loads[index]!.push(median(await timed(loadsPerRound, () => parked.store.load(keyOf(Math.floor(Math.random() * parked.count))))));
    takes[index]!.push(median(await timed(eventsPerRound, () => pressKey(parked.engine, parked.deck.pop()!))));
    progress(`round ${number + 1}, ${parked.count} parked: ${takes[index]!.at(-1)!.toFixed(2)} ms an event, ${loads[index]!.at(-1)!.toFixed(4)} ms a load`);
  }
}

const rows: { readonly parked: number; readonly bytesInMemory: number; readonly bytesOnDisk: number; readonly bytesInBackup: number; readonly backupMs: number; readonly eventMs: Spread; readonly loadMs: Spread; readonly coldEventMs: number | null; readonly parkedPerSecond: number }[] = [];
for (const [index, parked] of all.entries()) {
  const onDisk = sizeOf(parked.folder);
  progress(`${parked.count} parked: a backup, and events with nothing in memory`);
  const copy = `${parked.folder} copied`;
  const began = performance.now();
  await parked.store.backup(copy);
  const backupMs = performance.now() - began;
  const inBackup = sizeOf(copy);
  await rm(copy, { recursive: true });
  const coldMs = await cold(parked);
  rows.push({
    parked: parked.count, bytesInMemory: round(inMemory[index]!), bytesOnDisk: round(onDisk / parked.count), bytesInBackup: round(inBackup / parked.count), backupMs: round(backupMs),
    eventMs: spread(takes[index]!), loadMs: spread(loads[index]!), coldEventMs: coldMs === undefined ? null : round(coldMs), parkedPerSecond: round(parked.count / (filledMs[index]! / 1_000)),
  });
}
for (const { engine } of all) await engine.close();

progress(`killing a process with ${parkedAtDeath} calls`);
const ofDeath = all.find(({ count }) => count === parkedAtDeath)!;
const recovered = [];
for (let number = 0; number < recoveries; number += 1) recovered.push(await recover(ofDeath.folder));
const recovery = { parked: parkedAtDeath, listeningMs: spread(recovered.map(({ listeningMs }) => listeningMs)), answeredMs: spread(recovered.map(({ answeredMs }) => answeredMs)), timersMs: spread(recovered.map(({ timersMs }) => timersMs)) };

/** Within a round, of the most parked calls to the fewest. */
const growth = spread(takes.at(-1)!.map((took, number) => took / takes[0]![number]!));
const last = rows.at(-1)!;
/** What the requirement is about; less is an inkling of it, and says so. */
const isWhole = counts.at(-1) === 1_000_000;
const required: Requirement[] = [
  atMost(`times as long to take an event of a random call of ${counts.at(-1)} as of ${counts[0]}${isWhole ? '' : ' (required from 10000 to 1000000: --million)'}`, growth.median, 2),
  atMost(`bytes on disk a call of ${last.parked} that are parked (a million in less than 4 GB${isWhole ? '' : ', which --million shows'})`, last.bytesOnDisk, 4_000),
];
const text = [
  table([
    ['parked', 'bytes in memory', 'on disk', 'in a backup', 'backup ms', 'ms an event of a random one', 'ms a load', 'ms an event, cold'],
    ...rows.map(({ parked, bytesInMemory: memory, bytesOnDisk, bytesInBackup, backupMs, eventMs, loadMs, coldEventMs }) => [String(parked), String(memory), String(bytesOnDisk), String(bytesInBackup), String(backupMs), shown(eventMs), shown(loadMs), String(coldEventMs ?? 'not known')]),
  ]),
  `killed with ${parkedAtDeath} parked: listens after ${shown(recovery.listeningMs)} ms, has answered after ${shown(recovery.answeredMs)} ms, has taken up all due timers after ${shown(recovery.timersMs)} ms`,
].join('\n');
report({ name: 'parked', rounds, rows, growth, recovery, required }, text);
process.exit(0);
