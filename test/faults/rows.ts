/**
 * Rows — the faults, F1 to F16, each with what is done to those who carry calls meanwhile. What must hold of every call is
 * the oracle's.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openStore } from 'callchart/transport';
import { first, sorry } from './bot.ts';
import type { EngineHere, EngineKind } from './engines.ts';
import { type Fleet, type Outage, startFleet } from './fleet.ts';
import { leftOver, stillCounting } from './left-over.ts';
import { rememberedMs } from './node.ts';
import { points } from './points.ts';
import { chanceOf, type Figures, runCalls, type RunOptions } from './run-calls.ts';
import { type Mode, modes } from './services.ts';
import type { Story } from './story.ts';
import { startVendor, type Vendor } from './vendor.ts';

/** How thoroughly: in `npm test`, or when somebody asks. */
export interface Thoroughness {
  /** Longer runs, and each mode by itself. */
  readonly full: boolean;
  readonly seed: number;
}

export interface Row {
  readonly id: string;
  /** What is done, in words. */
  readonly fault: string;
  /** Why it cannot be done with `kind`; undefined where it can. */
  readonly without?: (kind: EngineKind) => string | undefined;
  /** Only where it is named. */
  readonly isOnDemand?: boolean;
  /** So long it takes at most, ms, where that is another time than that of most rows. */
  readonly longestMs?: number;
  /** On a stage of its own where it `needsOwn`. */
  run(stage: Stage, how: Thoroughness): Promise<Figures>;
  readonly needsOwn?: (kind: EngineKind) => StageOptions | undefined;
}

/** What a row has at hand: three processes over an engine, and a vendor. */
export interface Stage {
  readonly kind: EngineKind;
  readonly engine: EngineHere;
  readonly fleet: Fleet;
  readonly vendor: Vendor;
  readonly chance: () => number;
  carry(during: () => Promise<unknown>, more?: Partial<RunOptions>): Promise<Figures>;
  close(): Promise<void>;
}

export interface StageOptions {
  /** Makes the engine in place of its kind. */
  readonly engine?: () => Promise<EngineHere>;
  /** How long calls are remembered when they are over, ms. */
  readonly rememberedMs?: number;
  /** How many processes there are. Default 3. */
  readonly count?: number;
}

/** Sets a stage. */
export const openStage = async (kind: EngineKind, { full, seed }: Thoroughness, { engine: make = kind.make, ...more }: StageOptions = {}): Promise<Stage> => {
  const chance = chanceOf(seed);
  const engine = await make();
  let fleet: Fleet | undefined;
  const vendor = await startVendor({ urls: () => fleet?.places.map(({ url }) => url()).filter((url) => url !== undefined) ?? [], chance });
  const here = (fleet = await within(upWithinMs, startFleet({ engine, url: vendor.url, ...more }), () => new Hung(`the processes do not take calls after ${upWithinMs} ms`)));
  return {
    kind, engine, fleet: here, vendor, chance,
    carry: (during, options) => runCalls({ vendor, fleet: here, store: engine.store, ...(engine.underWay !== undefined && { underWay: engine.underWay }), lines: full ? 12 : 6, isAnybodys: kind.name === 'restate', during, ...options }),
    close: async () => {
      await here.close();
      await vendor.close();
      await engine.close();
    },
  };
};

/** Plays `row` on `shared`, or on a stage of its own. */
export const play = async (row: Row, shared: () => Promise<Stage>, how: Thoroughness): Promise<Figures> => {
  const common = await shared();
  const own = row.needsOwn?.(common.kind);
  const stage = own === undefined ? common : await openStage(common.kind, how, own);
  const playing = async (): Promise<Figures> => {
    await stage.fleet.up();
    return row.run(stage, how);
  };
  try {
    return await within(row.longestMs ?? (how.full ? longestFullMs : longestMs), playing(), () => hangs(row, stage));
  } finally {
    stage.vendor.behave({});
    if (stage !== common) await within(closedWithinMs, stage.close(), () => new Error(`${row.id} is not taken down after ${closedWithinMs} ms`));
  }
};

/** So long a row takes at most, ms: the points at which nobody comes by, and a line that gives up, are in it. */
const longestMs = 240_000;
const longestFullMs = 900_000;

/** So long processes take at most until they take calls, ms. */
const upWithinMs = 90_000;

/** So long it takes at most to take a stage down, ms. */
export const closedWithinMs = 30_000;

/** What `work` comes to within `ms`; else it fails with `late()`. */
export const within = async <T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> => {
  const over = new AbortController();
  try {
    return await Promise.race([work, sleep(ms, undefined, { signal: over.signal }).then(() => Promise.reject(late()))]);
  } finally {
    over.abort();
  }
};

/** What a row that does not end waits for. */
const hangs = ({ id }: Row, { vendor, fleet }: Stage): Hung => {
  const going = vendor.stories.filter(({ endedAt }) => endedAt === undefined).map(({ id: call, sendings }) => `${call}, at its request ${sendings.length}`);
  const away = fleet.places.filter(({ url }) => url() === undefined).map(({ index }) => `process ${index + 1} does not come up`);
  return new Hung(`${id} does not end: ${[...going, ...away].join('; ') || 'all calls are over, and all processes answer'}`);
};

/** Thrown of a row that does not end: what is left of it goes on, and its stage is good for nothing. */
export class Hung extends Error {}

/** One run after the other, as one. */
const together = (all: readonly Figures[]): Figures => {
  const sum = (of: (figures: Figures) => number): number => all.reduce((total, one) => total + of(one), 0);
  const most = (of: (figures: Figures) => number): number => Math.max(0, ...all.map(of));
  return {
    calls: sum(({ calls }) => calls), requests: sum(({ requests }) => requests), duplicates: sum(({ duplicates }) => duplicates), kills: sum(({ kills }) => kills), commands: sum(({ commands }) => commands),
    worstMs: most(({ worstMs }) => worstMs), worstWithOutageMs: most(({ worstWithOutageMs }) => worstWithOutageMs), faults: all.flatMap(({ faults }) => faults),
  };
};

/** Points that no call of the mode comes by. */
const never: Readonly<Record<Mode, readonly string[]>> = { reply: ['sending', 'sent'], push: [], command: ['replying'] };

/** What was not come by in so long is a fault of the row, ms: a point at which nobody died, a mode without a call in flight. */
const comesByMs = 60_000;

/** Where somebody else has to die first. */
const needsDeath: readonly (typeof points)[number][] = ['finding one dead', 'found one dead'];

/** That a claim is given back takes two processes that look for the same call in the same moment: nobody dies there where it does not come. */
const byChance: readonly (typeof points)[number][] = ['gave back'];

/** Until one is found dead by whom it is to be, another one is killed so often, ms. */
const nextDeathMs = 3_000;

const dieAtEach = async ({ kind, fleet, vendor, chance }: Pick<Stage, 'kind' | 'fleet' | 'vendor' | 'chance'>, some: readonly (typeof points)[number][]): Promise<readonly string[]> => {
  const missed: string[] = [];
  for (const [index, point] of some.entries()) {
    const place = fleet.places[index % fleet.places.length]!;
    const late = new AbortController();
    // Where timers are the server's, a process is woken for a filler alone: of work that takes longer than the service waits.
    vendor.behave(point === 'waking' && kind.without.includes('found due') ? { often: 'long' } : {});
    const after = needsDeath.includes(point);
    const dead = place.dieAt(point, after ? 1 : 1 + Math.floor(chance() * 3)).then(() => true);
    const tooLate = sleep(comesByMs, false, { signal: late.signal });
    let isDead: boolean | undefined;
    do {
      if (after) await fleet.places[(place.index + 1) % fleet.places.length]!.kill();
      isDead = await Promise.race([dead, tooLate, ...(after ? [sleep(nextDeathMs, undefined, { signal: late.signal })] : [])]);
    } while (isDead === undefined);
    late.abort();
    if (!isDead && !byChance.includes(point)) missed.push(`the point “${point}” was not come by`);
  }
  return missed;
};

/** For so long a caller may hear nothing while the nodes that are left take over from one that died, ms. */
const takenOverMs = 10_000;

const killOne = async ({ places: all }: Fleet, chance: () => number): Promise<void> => all[Math.floor(chance() * all.length)]?.kill();

export const rows: readonly Row[] = [
  {
    id: 'F1', fault: 'more than half of all requests sent twice, one after the other or at once, to other processes',
    run: ({ vendor, carry }, { full }) => {
      vendor.behave({ twice: 0.6 });
      return carry(() => sleep(full ? 15_000 : 500), { acts: ['work', 'long', 'hurry', 'code', 'keep', 'wait', 'stop'] });
    },
  },
  {
    id: 'F2', fault: 'hangup raced with an outcome, and outcomes that come seconds after the end',
    run: ({ vendor, carry }, { full }) => {
      vendor.behave({ wanted: ['race', 'race', 'hangs up', 'stop'] });
      return carry(() => sleep(full ? 10_000 : 500), {
        afterwards: async (stories) => {
          await sleep(full ? 5_000 : 300);
          await Promise.all(stories.map((story) => vendor.late(story)));
        },
      });
    },
  },
  {
    id: 'F3', fault: 'kill -9 at each step of exchange and deliver, and of what a process does beside',
    run: async ({ kind, fleet, vendor, chance, carry }, { full }) => {
      const of = async (some: readonly Mode[]): Promise<Figures> => {
        let missed: readonly string[] = [];
        const here = points.filter((point) => !some.every((mode) => never[mode].includes(point)) && !kind.without.includes(point));
        const figures = await carry(async () => (missed = await dieAtEach({ kind, fleet, vendor, chance }, here)), { modes: some });
        return { ...figures, faults: [...figures.faults, ...missed], ...(kind.without.length > 0 && { note: `it has no ${kind.without.map((point) => `“${point}”`).join(', ')}` }) };
      };
      if (!full) return of(modes);
      const all: Figures[] = [];
      for (const mode of modes) all.push(await of([mode]));
      return together(all);
    },
  },
  {
    id: 'F4', fault: 'kill -9 of one process of three, every 1.8 s',
    run: ({ fleet, chance, carry }, { full }) =>
      carry(async () => {
        for (const end = Date.now() + (full ? 30_000 : 1_900); Date.now() < end; ) {
          await sleep(1_800);
          await killOne(fleet, chance);
        }
      }),
  },
  {
    id: 'F5', fault: 'kill -9 of the server that keeps the calls, and its restart',
    without: ({ name }) => (name === 'lmdb' ? 'LMDB has no server' : undefined),
    run: async ({ kind, fleet, engine, carry }, { full }) => {
      const took: number[] = [];
      const figures = await carry(async () => {
        for (let times = 0; times < (full ? 4 : 2); times += 1) {
          await sleep(2_000);
          const outage: Outage = { what: 'store', who: kind.name, from: Date.now(), to: Infinity };
          fleet.outages.push(outage);
          await engine.kill?.();
          await engine.restart?.();
          await engine.heals?.();
          outage.to = Date.now();
          took.push(outage.to - outage.from);
        }
        await sleep(1_000);
      });
      return { ...figures, note: `it was away for ${Math.max(...took)} ms at most` };
    },
  },
  {
    id: 'F6', fault: 'kill -9 of all processes at once',
    run: ({ fleet, carry }, { full }) =>
      carry(async () => {
        for (let times = 0; times < (full ? 6 : 1); times += 1) {
          await fleet.up();
          await sleep(500);
          await Promise.all(fleet.places.map((place) => place.kill()));
        }
        await fleet.up();
      }),
  },
  {
    id: 'F7', fault: 'a standby of PostgreSQL takes over, after the line to it was cut',
    without: ({ name }) => (name === 'lmdb' ? 'LMDB has no standby' : name === 'restate' ? 'nodes of Restate are its own business: F8' : undefined),
    run: () => failover(),
  },
  {
    id: 'F8', fault: 'one of three nodes of Restate dies', isOnDemand: true,
    without: ({ name, cluster }) => (cluster === undefined ? `${name === 'lmdb' ? 'LMDB' : 'PostgreSQL'} has no nodes of its own` : undefined),
    needsOwn: ({ cluster }) => ({ ...(cluster !== undefined && { engine: cluster }) }),
    run: async ({ fleet, engine, carry }, { full }) => {
      const took: number[] = [];
      await engine.heals?.(); // it begins only now
      const figures = await carry(async () => {
        for (let times = 0; times < (full ? 3 : 1); times += 1) {
          await sleep(1_500);
          const outage: Outage = { what: 'store', who: 'a node', from: Date.now(), to: Infinity };
          fleet.outages.push(outage);
          await engine.kill?.();
          await engine.heals?.();
          took.push(Date.now() - outage.from);
          await sleep(2_000);
          await engine.restart?.();
          outage.to = Date.now(); // a process that gives its requests to that node has nobody until then
          await sleep(500);
        }
      });
      const slowest = Math.max(...took);
      return { ...figures, faults: [...figures.faults, ...(figures.worstWithOutageMs > takenOverMs ? [`somebody heard nothing for ${figures.worstWithOutageMs} ms`] : [])], note: `the others had taken over after ${slowest} ms` };
    },
  },
  {
    id: 'F9', fault: 'a process frozen for seconds, which wakes and writes on',
    run: async ({ vendor, fleet, carry }, { full }) => {
      vendor.behave({ tryMs: 1_500 });
      const before = fleet.outages.length;
      const figures = await carry(async () => {
        for (let times = 0; times < (full ? 3 : 1); times += 1) {
          await sleep(400);
          await fleet.places[times % 3]!.freeze(full ? 5_000 : 2_500);
        }
        await sleep(300);
      });
      const locked = fleet.outages.slice(before).filter(({ what }) => what === 'store').length;
      return { ...figures, ...(locked > 0 && { note: `frozen in the midst of a commit: ${locked}, and nobody could write until it woke` }) };
    },
  },
  {
    id: 'F10', fault: 'one clock a minute ahead and one a minute behind; timers set anew and called off as they fire',
    run: async ({ fleet, carry }, { full }) => {
      fleet.places[0]!.jump(60_000);
      fleet.places[1]!.jump(-60_000);
      const figures = await carry(() => sleep(full ? 15_000 : 500), { acts: ['hurry', 'wait', 'hurry', 'work', 'stop'] });
      for (const place of fleet.places) place.jump(0);
      return figures;
    },
  },
  {
    id: 'F11', fault: 'a service that gives each try 70 ms and tries again while the first is still worked on',
    run: ({ vendor, carry }, { full }) => {
      vendor.behave({ tryMs: 70 });
      return carry(() => sleep(full ? 10_000 : 500));
    },
  },
  {
    id: 'F12', fault: 'a prompt and a guard that throw, and among the calls events and bodies that no service sends',
    run: async ({ vendor, carry }, { full }) => {
      vendor.behave({ wanted: ['poison', 'snag', 'stop'] });
      const wrong: string[] = [];
      const figures = await carry(async () => {
        for (let times = 0; times < (full ? 50 : 4); times += 1) {
          wrong.push(...(await vendor.junk()));
          await sleep(100);
        }
      });
      return { ...figures, faults: [...figures.faults, ...wrong] };
    },
  },
  {
    id: 'F13', fault: 'an API that answers 500, says nothing after it has taken a command, or is slow',
    run: ({ vendor, fleet, chance, carry }, { full, seed }) => {
      const trouble = chanceOf(seed + 13);
      vendor.behave({ trouble: ({ times }) => (times > 2 ? 'none' : trouble() < 0.25 ? 'refuses' : trouble() < 0.06 ? 'silent' : trouble() < 0.15 ? 'slow' : 'none') });
      return carry(async () => {
        await sleep(full ? 10_000 : 500);
        if (full) await killOne(fleet, chance);
        await sleep(full ? 5_000 : 0);
      }, { modes: ['push', 'command'] });
    },
  },
  {
    id: 'F14', fault: 'a disk that is full for a while (a tmpfs of 12 MB)',
    without: ({ name }) => (name !== 'lmdb' ? 'its disk is its server\'s' : process.getuid?.() !== 0 || process.platform !== 'linux' ? 'only root mounts a tmpfs, and only on Linux' : undefined),
    needsOwn: () => ({
      engine: async () => {
        const folder = await mkdtemp(join(tmpdir(), 'callchart-faults-disk-'));
        await run('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder]);
        const spec = `lmdb:${join(folder, 'calls')}`;
        const store = await openStore(spec);
        return {
          spec, store,
          close: async () => {
            await store.close();
            await run('umount', ['-l', folder]);
            await rm(folder, { recursive: true, force: true });
          },
        };
      },
    }),
    run: ({ engine, vendor, fleet, carry }) =>
      carry(async () => {
        const ballast = join(String(engine.spec).slice('lmdb:'.length), '..', 'ballast');
        await sleep(500);
        const outage: Outage = { what: 'store', who: 'the disk', from: Date.now(), to: Infinity };
        fleet.outages.push(outage);
        await fill(ballast);
        for (const end = Date.now() + 20_000; vendor.refused() < 5 && Date.now() < end; ) await sleep(50);
        await rm(ballast);
        outage.to = Date.now();
        if (vendor.refused() < 5) throw new Error('the disk was full and nothing was refused');
        await sleep(300);
      }),
  },
  {
    id: 'F15', fault: 'all processes of one version killed in calls and followed by the next, which has loaded the old one beside it; then by one that has not',
    needsOwn: () => ({}),
    run: async (stage, how) => {
      const gone = await followed(stage, how, { serves: ['2', first], calls: [first, '2'] });
      const refused = await refusedBy(stage, how, '3', '2');
      return { ...together([gone, refused]), note: [gone.note, refused.note].join('; ') };
    },
  },
  {
    id: 'F16', fault: 'calls that end, and processes killed then: nothing of them is left once they may be forgotten, nor anything else that should not be',
    needsOwn: ({ name }) => (name === 'restate' ? { rememberedMs: 30_000 } : undefined), // its clock is the server's, and is not set
    run: async ({ kind, engine, fleet, vendor, carry }, { full }) => {
      const isSet = kind.name !== 'restate';
      const figures = await carry(() => sleep(full ? 15_000 : 500), isSet ? {} : { judgesState: false });
      const callers = new Set(vendor.stories.map(({ from }) => from));
      const left: string[] = [];
      if (isSet) {
        await Promise.all(fleet.places.map((place) => place.kill())); // they end as the worst do: whatever they count in, others have to clear
        await fleet.up();
        left.push(...(await stillCounting(engine)));
        for (const place of fleet.places) place.jump(2 * rememberedMs); // it is later all at once
      }
      left.push(...(await leftOver(engine, { callers, withinMs: isSet ? 10_000 : 60_000 })));
      for (const place of fleet.places) if (isSet) place.jump(0);
      return { ...figures, faults: [...figures.faults, ...left] };
    },
  },
];

/** Kills all processes in calls; those that follow serve another version. Gives the calls that were in flight then. */
const follow = async ({ vendor, fleet }: Stage, serves: readonly [string, ...string[]]): Promise<readonly Story[]> => {
  const goOn = (): readonly Story[] => vendor.stories.filter(({ endedAt, sendings }) => endedAt === undefined && sendings.some(({ answers }) => answers.length > 0));
  const isMet = (): boolean => modes.every((mode) => goOn().some((story) => story.mode === mode));
  const end = Date.now() + comesByMs;
  do await vendor.still(50);
  while (!isMet() && Date.now() < end);
  fleet.serve(serves);
  const inFlight = goOn();
  const before = vendor.stories.length;
  await Promise.all(fleet.places.map((place) => place.kill()));
  await fleet.up();
  for (const until = Date.now() + comesByMs; vendor.stories.length < before + 3 && Date.now() < until; ) await sleep(20);
  return inFlight;
};

/** Calls in flight go on with their own version beside another. */
const followed = async (stage: Stage, { full }: Thoroughness, { serves, calls }: { readonly serves: readonly [string, ...string[]]; readonly calls: readonly string[] }): Promise<Figures> => {
  let inFlight: readonly Story[] = [];
  stage.vendor.behave({ thinksMs: () => 150 + 150 * stage.chance() });
  const figures = await stage.carry(async () => {
    await sleep(full ? 3_000 : 300);
    inFlight = await follow(stage, serves);
    await sleep(full ? 3_000 : 0);
  }, { versions: calls });
  const began = figures.calls - inFlight.length;
  return { ...figures, faults: [...figures.faults, ...(inFlight.length === 0 || began === 0 ? ['no call was in flight, or none began since'] : [])], note: `${inFlight.length} in flight went on with theirs` };
};

/** Calls in flight of the version `old` hear the apology of the version `served`, and are over; those that begin since go by it. */
const refusedBy = async (stage: Stage, { full }: Thoroughness, served: string, old: string): Promise<Figures> => {
  let inFlight: readonly Story[] = [];
  const { vendor, carry, chance } = stage;
  vendor.behave({ thinksMs: () => 200 + 100 * chance(), twice: 0 });
  const figures = await carry(async () => {
    await sleep(full ? 2_000 : 300);
    inFlight = await follow(stage, [served]);
    await sleep(full ? 3_000 : 0);
  }, { versions: [old, served], leavesOut: (story) => inFlight.includes(story), acts: ['code', 'code', 'stop'] });
  const wrong: string[] = [];
  let sorries = 0;
  for (const story of inFlight) {
    const said = [...story.sendings.flatMap(({ answers }) => answers.map(({ body }) => body)), ...story.commands.map(({ request }) => JSON.stringify(request))].join('\n');
    const isSorry = said.includes(sorry(served));
    sorries += isSorry ? 1 : 0;
    for (const problem of story.problems) wrong.push(`${story.id}: ${problem}`);
    if (said.includes(` of ${served}.`)) wrong.push(`${story.id}: versions: a call of version ${old} was guessed at by version ${served}`);
    if (!isSorry && !said.includes('"hangup"')) wrong.push(`${story.id}: versions: no apology was heard`);
  }
  if (sorries === 0) wrong.push('versions: nobody heard the apology');
  return { ...figures, faults: [...figures.faults, ...wrong], note: `then ${sorries} of ${inFlight.length} heard the apology` };
};

/** Runs the test of the failover, whose figures are in what it says. */
const failover = async (): Promise<Figures> => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const { stdout } = await run(process.execPath, [join(root, 'node_modules/mocha/bin/mocha.js'), '--timeout', '0', 'test/failover/postgres.ts'], { cwd: root, env: { ...process.env, CALLCHART_SERVERS: '1' }, timeout: 240_000 });
  const found = [...stdout.matchAll(/^ *(\w+): (\d+) calls \(.*\), (\d+) events acknowledged; (lost (\d+) events of \d+ calls); .*$/gm)];
  if (found.length !== 2) throw new Error(`the failover said: ${stdout.slice(-2_000)}`);
  const sum = (group: number): number => found.reduce((total, one) => total + Number(one[group]), 0);
  return { calls: sum(2), requests: sum(3), duplicates: 0, kills: found.length, commands: 0, worstMs: 0, worstWithOutageMs: 0, faults: [], note: found.map(([, how, , , lost]) => `${how}: ${lost}`).join(', ') };
};

const run = promisify(execFile);

/** Writes `file` until its disk takes no more. */
const fill = async (file: string): Promise<void> => {
  const handle = await open(file, 'w');
  try {
    for (const size of [256 * 1024, 4 * 1024]) {
      const bytes = Buffer.alloc(size, 1);
      while (await handle.write(bytes).then(({ bytesWritten }) => bytesWritten === size, isFull)) continue;
    }
  } finally {
    await handle.close();
  }
};

const isFull = (error: unknown): boolean => {
  if ((error as { readonly code?: unknown }).code === 'ENOSPC') return false;
  throw error;
};
