/**
 * Left over — what is in a store when everything may be forgotten, and should not be: records of calls, of processes that are dead, of calls that
 * were kept aside, and data of people who never called.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { processPrefix } from '../../src/transport/engines/heartbeat.ts';
import { quarantinePrefix } from '../../src/transport/engines/quarantine.ts';
import type { EngineHere } from './engines.ts';
import { modes, places } from './services.ts';

type Here = Pick<EngineHere, 'store'>;

/** The bot's own data. */
const dataPrefix = 'data:';

/** More than there are of anything here. */
const all = 10_000;

/** Looks until there is nothing to say, or for so long. */
const atLast = async (withinMs: number, look: () => Promise<readonly string[]>): Promise<readonly string[]> => {
  for (const until = Date.now() + withinMs; ; ) {
    const found = await look();
    if (found.length === 0 || Date.now() > until) return found;
    await sleep(50);
  }
};

const few = (what: string, keys: readonly string[]): readonly string[] => (keys.length === 0 ? [] : [`left over: ${keys.length} ${what}, such as ${keys[0]}`]);

/** Processes that count by the store, where none has anything to do. */
export const stillCounting = ({ store }: Here, withinMs = 10_000): Promise<readonly string[]> =>
  atLast(withinMs, async () => {
    const counting: string[] = [];
    for (const key of await store.list(processPrefix, all)) if ((await store.load(key))?.text === 'busy') counting.push(key);
    return few('processes that are dead and nobody said so', counting);
  });

/** What is left when all calls are over, in sentences. `callers`: who may have data. */
export const leftOver = ({ store }: Here, { callers, withinMs = 10_000 }: { readonly callers: ReadonlySet<string>; readonly withinMs?: number }): Promise<readonly string[]> =>
  atLast(withinMs, async () => {
    const kept = (await Promise.all(modes.map((mode) => store.list(`${places[mode].name}:`, all)))).flat();
    const due = await store.due(Number.MAX_SAFE_INTEGER, all);
    const data = await store.list(dataPrefix, all);
    return [
      ...few('records of calls', kept),
      ...few('that want attention', due.map(({ callId }) => callId)),
      ...few('processes', await store.list(processPrefix, all)),
      ...few('calls that were kept aside', await store.list(quarantinePrefix, all)),
      ...few('data of nobody', data.filter((key) => !callers.has(key.slice(key.lastIndexOf(':') + 1)))),
    ];
  });
