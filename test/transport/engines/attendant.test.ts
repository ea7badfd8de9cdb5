import { expect } from 'chai';
import { movableClock } from '../../../src/emulator/movable-clock.ts';
import { attendant } from '../../../src/transport/engines/attendant.ts';
import { memoryStore } from '../../../src/transport/engines/memory.ts';
import { silentLog } from '../../../src/transport/index.ts';

describe('whoever looks after calls', () => {
  /** Calls that are due at `times`, the one that is due first last; when each is looked after. */
  const visited = async (times: readonly number[], roundMs: number): Promise<readonly (readonly [string, number])[]> => {
    const clock = movableClock(0);
    const store = memoryStore();
    const visits: (readonly [string, number])[] = [];
    const visit = async (callId: string): Promise<boolean> => {
      visits.push([callId, clock.now()]);
      return store.commit(callId, 1, { revision: 2, text: '' });
    };
    const own = attendant({ store, clock, log: silentLog, roundMs, visit });
    await clock.rest();
    for (const dueAt of times) {
      await store.commit(`due-${dueAt}`, 0, { revision: 1, text: '', dueAt });
      own.wakeAt(dueAt);
    }
    await clock.move(500_000);
    await own.close();
    await store.close();
    return visits;
  };

  it('is there in time for all of them, however seldom he makes his rounds', async () => {
    for (const roundMs of [3_600_000, 100_000]) {
      expect(await visited([70_000, 90_000, 260_000], roundMs)).deep.equal([['due-70000', 70_000], ['due-90000', 90_000], ['due-260000', 260_000]]);
      expect(await visited([260_000, 90_000, 70_000], roundMs)).deep.equal([['due-70000', 70_000], ['due-90000', 90_000], ['due-260000', 260_000]]);
    }
  });
});
