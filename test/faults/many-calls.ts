/**
 * Many calls — thousands of calls at once, carried by three processes of which one is killed every few seconds.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Row } from './rows.ts';

/** So long people think, ms: all their events together are a few hundred a second. */
const thinksMs = (count: number, chance: number): number => count * (2 + 4 * chance);

/** Calls begin so far apart, ms: a hundred and more a second, each of which has several events at once. */
const apartMs = 8;

/** A call is told about so many things. */
const rounds = 12;

/** The row of `count` calls in flight at the same time. */
export const manyCalls = (count: number): Row => ({
  id: 'N', fault: `${count} calls in flight, kill -9 of one process every 5 s`,
  longestMs: 240_000 + count * apartMs + 3 * rounds * thinksMs(count, 0.5),
  run: ({ vendor, fleet, chance, carry }) => {
    vendor.behave({ tryMs: 10_000, thinksMs: () => thinksMs(count, chance()) });
    return carry(
      async () => {
        for (let index = 0; vendor.stories.length < count || index < 6; index += 1) {
          await sleep(5_000);
          await fleet.places[Math.floor(chance() * fleet.places.length)]!.kill();
        }
      },
      { lines: count, apartMs, most: count, acts: ['code', 'work', 'wait', 'stop'] },
    );
  },
});
