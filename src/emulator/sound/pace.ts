/**
 * Pace — when the packets of a stream are due: one every 20 ms of the clock, whenever the timer comes round.
 *
 * A timer that comes late finds several due, and the next comes so much sooner: the stream does not drift. One that comes far too late (the
 * machine slept) leaves out what should have been sent meanwhile.
 *
 * Pure: the clock is the caller's, ms.
 *
 * @module
 */

/** How long the sound of a packet is. */
export const packetMs = 20;

/** What is due now. */
export interface Due {
  /** So many packets are to be sent. */
  readonly packets: number;
  /** Before them, so many are left out for good. */
  readonly left: number;
}

/** The packets of one stream. */
export interface Pace {
  /** What is due at `now`; it is taken to be sent. */
  due(now: number): Due;
  /** How long it is, from `now`, until the next one is due. */
  waitMs(now: number): number;
}

/** So many are sent at once at most. */
const mostAtOnce = 10;

/** The first packet is due at `began`. */
export function pace(began: number): Pace {
  let passed = 0;
  return {
    due(now) {
      const owed = Math.max(0, Math.floor((now - began) / packetMs) + 1 - passed);
      passed += owed;
      return owed > mostAtOnce ? { packets: 1, left: owed - 1 } : { packets: owed, left: 0 };
    },
    waitMs: (now) => Math.max(0, began + passed * packetMs - now),
  };
}
