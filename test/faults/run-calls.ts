/**
 * Run calls — calls side by side for a time, while something is done to those who carry them, and the judgement of all that was seen.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readRecord } from '../../src/transport/record.ts';
import type { EngineHere } from './engines.ts';
import type { Fleet, Lag, Outage } from './fleet.ts';
import { harness } from './hits.ts';
import { worstSilence } from './dead-air.ts';
import { faultsOf } from './oracle.ts';
import { type Mode, modes, places } from './services.ts';
import type { Story } from './story.ts';
import type { Vendor } from './vendor.ts';

/** What a run comes to. */
export interface Figures {
  readonly calls: number;
  readonly requests: number;
  readonly duplicates: number;
  readonly kills: number;
  readonly commands: number;
  /** The longest that a caller heard nothing beyond outages, and with them, ms. */
  readonly worstMs: number;
  readonly worstWithOutageMs: number;
  readonly faults: readonly string[];
  /** What else there is to say of it. */
  readonly note?: string;
}

export interface RunOptions {
  readonly vendor: Vendor;
  readonly fleet?: Fleet;
  readonly outages?: readonly Outage[];
  /** So many calls at once. */
  readonly lines: number;
  /** The lines begin one after the other, so many ms apart. Default 0. */
  readonly apartMs?: number;
  /** Calls begin until this resolves; those under way are carried to their ends, which come sooner then. */
  readonly during: () => Promise<unknown>;
  readonly modes?: readonly Mode[];
  /** Opened over the same place as the fleet's, to look calls up. */
  readonly store?: EngineHere['store'];
  /** Asked about calls that are not as they should be. */
  readonly underWay?: EngineHere['underWay'];
  readonly acts?: readonly string[];
  /** Done when all calls are over, before anything is judged. */
  readonly afterwards?: (stories: readonly Story[]) => Promise<unknown>;
  /** Whether calls are looked up when they are over. Default: where there is a store. */
  readonly judgesState?: boolean;
  /** The wrap-up of a call may be on its way for so long when its last request has been answered, ms. Default 6,000. */
  readonly wrapUpMs?: number;
  /** Whether each process that dies or freezes counts for all calls. */
  readonly isAnybodys?: boolean;
  /** The versions of the bot that are served. */
  readonly versions?: readonly string[];
  /** Calls that are judged by the row itself. */
  readonly leavesOut?: (story: Story) => boolean;
  /** How many calls at most. */
  readonly most?: number;
}

/** A seeded source of chance. */
export const chanceOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** How late this process is with what is due: what the machine could not do in time. */
const watchLag = () => {
  const lags: Lag[] = [];
  let due = Date.now() + 50;
  const timer = setInterval(() => {
    const late = Date.now() - due;
    if (late > 25) lags.push({ who: harness, at: Date.now(), ms: late });
    due = Date.now() + 50;
  }, 50);
  return { lags, stop: () => clearInterval(timer) };
};

export const runCalls = async ({ vendor, fleet, outages = fleet?.outages ?? [], lines, apartMs = 0, during, modes: some = modes, store, underWay, acts, afterwards, judgesState = store !== undefined, wrapUpMs = 6_000, most = Infinity, isAnybodys = false, versions, leavesOut = () => false }: RunOptions): Promise<Figures> => {
  const processes = fleet?.places.length ?? 1;
  const lag = watchLag();
  const began = vendor.stories.length;
  const killed = fleet?.kills() ?? 0;
  let over = false;
  let begun = 0;
  const line = async (index: number): Promise<void> => {
    if (apartMs > 0) await sleep(index * apartMs);
    for (let count = index; !over && begun < most; count += 1) {
      begun += 1;
      await vendor.call(some[count % some.length]!, acts, () => over);
    }
  };
  const carrying = Promise.all(Array.from({ length: lines }, (_, index) => line(index)));
  try {
    await during();
  } finally {
    over = true;
  }
  await carrying;
  await vendor.settled();
  await fleet?.up();
  const stories = vendor.stories.slice(began);
  for (const end = Date.now() + wrapUpMs; Date.now() < end && stories.some((story) => story.wrapUps.length === 0 && !leavesOut(story)); ) await sleep(20);
  await vendor.settled();
  await afterwards?.(stories);
  await vendor.settled();
  const stateOf = store && judgesState ? (async ({ mode, id }: { readonly mode: Mode; readonly id: string }) => {
    for (let look = 0; ; look += 1) {
      const stored = await store.load(`${places[mode].name}:${id}`);
      const record = stored && readRecord(stored.text);
      // The result of the wrap-up is committed after it was told.
      if (record === undefined || look > 200 || record.snapshot.tasks.length === 0) return record?.snapshot;
      await sleep(20);
    }
  }) : undefined;
  lag.stop();
  const faults: string[] = [...(fleet?.fell ?? [])];
  /** All that was seen of a call that is not as it should be, where somebody wants to know. */
  const showing = (story: Story): void => {
    if (process.env['CALLCHART_FAULTS_STORIES'] !== undefined) console.log(JSON.stringify({ ...story, holds: fleet?.ledger.holds.get(story.id), begun: fleet?.ledger.begun.get(story.id), outages: outages.filter(({ to }) => to >= story.sendings[0]!.began) }, undefined, 1));
  };
  const circumstances = { outages, processes, isAnybodys, ...(fleet !== undefined && { ledger: fleet.ledger }) };
  for (const story of stories) {
    if (leavesOut(story)) continue;
    const found = await faultsOf(story, { ...circumstances, lags: [...lag.lags, ...(fleet?.lags ?? [])], ...(versions !== undefined && { versions }), ...(stateOf !== undefined && { stateOf }) });
    if (found.length > 0) showing(story);
    faults.push(...found, ...(found.length > 0 && underWay !== undefined ? await underWay(story.id) : []));
  }
  return {
    calls: stories.length,
    requests: stories.reduce((sum, { sendings }) => sum + sendings.length, 0),
    duplicates: stories.reduce((sum, { duplicates }) => sum + duplicates, 0),
    kills: (fleet?.kills() ?? 0) - killed,
    commands: stories.reduce((sum, { commands }) => sum + commands.length, 0),
    worstMs: Math.round(Math.max(0, ...stories.map((story) => worstSilence(story, circumstances)))),
    worstWithOutageMs: Math.round(Math.max(0, ...stories.map((story) => worstSilence(story, { outages: [], processes })))),
    faults,
  };
};
