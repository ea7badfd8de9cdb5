/**
 * Many calls — thousands of calls at once, carried by three processes of which one is killed every few seconds.
 *
 * @module
 */
import { type Row, sleep } from './rows.ts';

/** The row of `count` calls in flight at the same time. */
export const manyCalls = (count: number): Row => ({
  id: 'N', fault: `${count} calls in flight, kill -9 of one process every 5 s`,
  run: ({ vendor, fleet, chance, carry }) => {
    // So slow are the people on the line that all their events together are a few hundred a second.
    vendor.behave({ tryMs: 10_000, thinksMs: () => count * (4 + chance() * 8) });
    return carry(
      async () => {
        for (let index = 0; vendor.stories.length < count || index < 6; index += 1) {
          await sleep(5_000);
          await fleet.places[Math.floor(chance() * fleet.places.length)]!.kill();
        }
      },
      { lines: count, most: count, acts: ['code', 'work', 'wait', 'stop'] },
    );
  },
});
