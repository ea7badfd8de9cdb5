/**
 * Arrivals — packets put back into the order in which they were sent.
 *
 * Where one is missing those behind it wait, a few of them: then it is taken for lost. What comes after its turn, or twice, goes on at once:
 * whoever takes packets knows by their timestamps what is too late for him.
 *
 * Pure.
 *
 * @module
 */

/** What is known of a packet here. */
export interface Numbered {
  /** Counts the packets of a stream, 16 bits of it. */
  readonly sequenceNumber: number;
}

/** The packets of one stream. */
export interface Arrivals<P extends Numbered> {
  /** One has come: those whose turn it is now. */
  push(packet: P): readonly P[];
  /** Nothing has come for a while: what is missing is lost. All that waited. */
  flush(): readonly P[];
}

/** So many wait for one that is missing. */
const patience = 4;
/** A jump by more than this is no loss: the stream was begun anew. */
const leap = 100;

/** How far `later` is behind `sooner`, both of 16 bits. */
const distance = (sooner: number, later: number): number => ((later - sooner + 0x80_00) & 0xff_ff) - 0x80_00;

export function arrivals<P extends Numbered>(): Arrivals<P> {
  const waiting = new Map<number, P>();
  let next: number | undefined;

  /** All that is in turn; with `past` what is missing is passed over until so few wait. */
  function inTurn(past: number): readonly P[] {
    const ready: P[] = [];
    while (waiting.size > 0 && next !== undefined) {
      const packet = waiting.get(next);
      if (packet === undefined && waiting.size <= past) break;
      if (packet !== undefined) ready.push(packet);
      waiting.delete(next);
      next = (next + 1) & 0xff_ff;
    }
    return ready;
  }

  return {
    push(packet) {
      const ahead = next === undefined ? 0 : distance(next, packet.sequenceNumber);
      if (Math.abs(ahead) > leap) {
        const left = inTurn(0);
        next = (packet.sequenceNumber + 1) & 0xff_ff;
        return [...left, packet];
      }
      if (ahead < 0) return [packet];
      next ??= packet.sequenceNumber;
      waiting.set(packet.sequenceNumber, packet);
      return inTurn(patience - 1);
    },
    flush: () => inTurn(0),
  };
}
