/**
 * Telephone event — keys as they travel beside the sound (RFC 4733): each key once, whatever is doubled, lost or late.
 *
 * A key is a run of packets that bear the moment of its beginning; its end is sent three times. The first packet of a run that comes
 * tells the key, whichever of them it is. A key that is held so long that its packets cannot say how long begins a run anew.
 *
 * Pure.
 *
 * @module
 */
import type { DtmfKey } from '../../actions/index.ts';

/** What comes of a packet: the key that it is the first to tell of. */
export type KeyListener = (timestamp: number, payload: Uint8Array) => DtmfKey | undefined;

interface Run {
  readonly timestamp: number;
  readonly event: number;
  /** `held`: it was as long as packets can say, and had not ended: the key may go on in another run. `continued`: it does. */
  state: 'last' | 'held' | 'continued';
}

const keys: readonly DtmfKey[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];
const longest = 0xff_ff;
/** So many keys back a packet is still known to belong to one of them. */
const remembered = 32;

/** Listens to the keys of one stream. */
export function keyListener(): KeyListener {
  const runs: Run[] = [];
  return (timestamp, payload) => {
    const [event = 255, flags = 0, high = 0, low = 0] = payload;
    const key = keys[event];
    if (payload.length < 4 || key === undefined) return undefined;
    const held = (flags & 0x80) === 0 && high * 256 + low === longest;
    const known = runs.find((run) => run.timestamp === timestamp);
    if (known !== undefined) {
      if (held && known.state === 'last') known.state = 'held';
      return undefined;
    }
    const before = runs.find((run) => run.state === 'held' && run.event === event && ((timestamp - run.timestamp) >>> 0) <= 2 * longest);
    if (before !== undefined) before.state = 'continued';
    runs.push({ timestamp, event, state: held ? 'held' : 'last' });
    if (runs.length > remembered) runs.shift();
    return before === undefined ? key : undefined;
  };
}
