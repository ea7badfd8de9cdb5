/**
 * Fleet — the processes that serve the bot: killed, frozen, put ahead of time, and started again as soon as they are dead, as
 * whatever looks after processes does. Keeps when which of them could not answer.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EngineHere } from './engines.ts';
import { type Life, type Ledger, openLedger } from './ledger.ts';
import type { Point } from './points.ts';
import type { Duty, Order, Word } from './worker.ts';

/** From when to when something could not answer, epoch ms; `to` is Infinity while it cannot. */
export interface Outage {
  readonly what: 'dead' | 'frozen' | 'store';
  readonly who: string;
  /** Where a process could be reached until then. */
  readonly url?: string | undefined;
  readonly from: number;
  to: number;
}

/** Somebody was late with what was due: what the machine could not do in time. */
export interface Lag {
  readonly who: string;
  readonly at: number;
  readonly ms: number;
}

/** One place in the fleet: a process, and the one after it. */
export interface Place {
  readonly index: number;
  /** Where it can be reached; undefined while it is being started. */
  url(): string | undefined;
  kill(): Promise<void>;
  /** Has it die by itself; resolves when it has. */
  dieAt(point: Point, nth: number): Promise<void>;
  jump(ms: number): void;
  /** Stops it dead for `ms`. Where all write behind one lock it may be stopped with it: nobody can commit then, and that is an outage of the store. */
  freeze(ms: number): Promise<void>;
}

export interface Fleet {
  readonly places: readonly Place[];
  readonly outages: Outage[];
  readonly lags: readonly Lag[];
  readonly ledger: Ledger;
  /** Processes that ended though nobody had killed them. */
  readonly fell: readonly string[];
  kills(): number;
  /** What processes that are started from now on serve. */
  serve(versions: NonNullable<Duty['versions']>): void;
  /** Resolves when all of them answer. */
  up(): Promise<void>;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What the worker is made of, in one file with all that it needs: a process that reads it begins in a fraction of the time. */
const bundle = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'callchart-faults-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // tsx brings it along.
  const { build } = (await import(createRequire(createRequire(import.meta.url).resolve('tsx')).resolve('esbuild'))) as typeof import('esbuild');
  const outfile = join(folder, 'worker.mjs');
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await build({
    entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))], outfile, bundle: true, minifySyntax: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'error', external: [...loadedLate],
    alias: { callchart: join(root, 'src/index.ts'), 'callchart/transport': join(root, 'src/transport/index.ts') },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outfile;
};

/** Packages that are loaded where they are needed, or not at all. */
const loadedLate = ['lmdb', 'pg', 'node-pg-migrate', '@restatedev/*', '@microsoft/*', '@azure/*', '@echogarden/*', 'prom-client', 'pino'] as const;

let bundled: Promise<string> | undefined;

/** What a process committed is told within, ms. */
const toldWithinMs = 300;

export interface FleetOptions extends Omit<Duty, 'engine' | 'index'> {
  readonly engine: Pick<EngineHere, 'spec' | 'joins' | 'leaves' | 'hasOneLock'>;
  readonly count?: number;
}

/** Starts `count` processes over `engine`, which tell `url` what they do. */
export const startFleet = async ({ engine, count = 3, versions: begunWith, ...duty }: FleetOptions): Promise<Fleet> => {
  const file = await (bundled ??= bundle());
  const outages: Outage[] = [];
  const fell: string[] = [];
  const lags: Lag[] = [];
  const ledger = openLedger();
  let versions = begunWith;
  let kills = 0;
  let closing = false;

  const place = (index: number) => {
    const who = `process ${index + 1}`;
    let child: ChildProcess;
    let address: string | undefined;
    let gone: Promise<void>;
    let ready: Promise<void>;

    const start = (): void => {
      child = spawn(process.execPath, [file, JSON.stringify({ ...duty, index, engine: engine.spec, ...(versions !== undefined && { versions }) } satisfies Duty)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { ...process.env, NODE_OPTIONS: '' } });
      const life: Life = {};
      let said = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
      ready = new Promise((resolve, reject) => {
        child.once('exit', (code) => reject(new Error(`${who} ended with ${code} before it took calls: ${said}`)));
        child.on('message', (word: Word) => {
          if ('lateMs' in word) return void lags.push({ at: Date.now(), ms: word.lateMs, who });
          if ('named' in word || 'leased' in word || 'begins' in word) return ledger.take(life, word);
          if ('listens' in word) return engine.joins?.(who, word.listens);
          life.url = address = `http://127.0.0.1:${word.port}`;
          for (const outage of outages) if (outage.who === who && outage.what === 'dead' && outage.to === Infinity) outage.to = Date.now();
          resolve();
        });
      });
      ready.catch(() => {});
      gone = new Promise((resolve) => {
        child.once('exit', (code) => {
          const died = address;
          address = undefined;
          engine.leaves?.(who);
          if (code !== null && !closing) fell.push(`${who} ended by itself with ${code}: ${said}`);
          if (code !== null && fell.length > 20) return resolve(); // it cannot be started
          if (!closing) {
            kills += 1;
            if (!outages.some((outage) => outage.who === who && outage.what === 'dead' && outage.to === Infinity)) outages.push({ what: 'dead', who, url: died, from: Date.now(), to: Infinity });
            start();
          }
          resolve();
        });
      });
    };
    start();

    const order = (message: Order): void => void child.send(message);
    return {
      index,
      url: () => address,
      ready: () => ready,
      kill: async () => {
        const [dying, dead] = [child, gone];
        dying.kill('SIGKILL');
        await dead;
      },
      dieAt: async (point: Point, nth: number) => {
        await ready.catch(() => {});
        const dead = gone;
        order({ type: 'die', point, nth });
        await dead;
      },
      jump: (ms: number) => order({ type: 'jump', ms }),
      freeze: async (ms: number) => {
        const frozen = child;
        const outage: Outage = { what: 'frozen', who, url: address, from: Date.now(), to: Infinity };
        outages.push(outage);
        frozen.kill('SIGSTOP');
        await sleep(ms);
        const isLocked = engine.hasOneLock === true && !ledger.hasCommitted({ than: outage.url, from: outage.from + toldWithinMs });
        frozen.kill('SIGCONT');
        outage.to = Date.now();
        if (isLocked) outages.push({ ...outage, what: 'store', who: `the lock that ${who} holds` });
      },
      end: async () => {
        child.kill('SIGKILL');
        await gone;
      },
    };
  };

  const all = Array.from({ length: count }, (_, index) => place(index));
  await Promise.all(all.map(({ ready }) => ready()));
  return {
    places: all,
    outages,
    lags,
    ledger,
    fell,
    kills: () => kills,
    serve: (others) => void (versions = others),
    up: async () => {
      for (const one of all) while (one.url() === undefined) await sleep(5);
    },
    close: async () => {
      closing = true;
      await Promise.all(all.map(({ end }) => end()));
    },
  };
};
