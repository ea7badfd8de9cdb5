/**
 * Detail — the call detail record: what is left to be said of a call at its end, for those who keep books of calls.
 *
 * It says when and how, and not who: who called whom is told to the `call` hooks (`hooks.ts`), for those who need it.
 *
 * @module
 */
import type { Direction, EndReason } from '../machines/index.ts';
import { tell, thrown, type Told } from './log.ts';
import { type CallRecord, requestsTaken } from './record.ts';

/** One call, when it is over. JSON; times are epoch ms by the server's clock. */
export interface CallDetailRecord {
  /** The service's id of the call. */
  readonly call: string;
  readonly bot: string;
  readonly version: string;
  /** Correlates the log lines of the call, where the service sends such an id. */
  readonly chain: string | undefined;
  readonly direction: Direction;
  /** When the first request of the call was taken. */
  readonly begunAt: number;
  /** When the bot answered; null when it never did. */
  readonly answeredAt: number | null;
  /** When the end was heard of. Of a call that the service lost that is when it was given up (`silentCallMs`). */
  readonly endedAt: number;
  /** From the beginning to the end. */
  readonly durationMs: number;
  readonly reason: EndReason;
  /** Requests that were taken, each once. */
  readonly exchanges: number;
  /** How often a question was asked again, after a silence, an input that matched nothing, or a failure. */
  readonly askedAgain: number;
  /** Tasks that the call waited for, the cleanup not among them. */
  readonly tasks: number;
}

/** The detail record of a call that ended `at`, for `reason`. */
export const detailOf = ({ snapshot: { call, bot, version }, chain, begunAt, answeredAt, askedAgain, tasksBegun, seen }: CallRecord, reason: EndReason, at: number): CallDetailRecord => ({
  call: call.id, bot, version, chain, direction: call.direction,
  begunAt, answeredAt, endedAt: at, durationMs: at - begunAt,
  reason, exchanges: requestsTaken({ seen }), askedAgain, tasks: tasksBegun,
});

/** XState's persisted snapshot of one actor, as far as it is looked into. */
interface Chart {
  readonly context?: { readonly call?: { readonly asked?: { readonly attempts?: unknown } } };
  readonly children?: Readonly<Record<string, { readonly snapshot: unknown }>>;
}

/** How often questions were asked again between two persisted charts of a call. */
export const timesAskedAgain = (before: unknown, after: unknown): number => Math.max(0, repeats(after) - repeats(before));

/** Askings beyond the first, of the latest question of each actor. */
const repeats = (chart: unknown): number => {
  if (chart === undefined || chart === null) return 0;
  const { context, children } = chart as Chart;
  const attempts = context?.call?.asked?.attempts; // in a machine that is no dialog `call` is the author's
  let count = typeof attempts === 'number' && attempts > 1 ? attempts - 1 : 0;
  for (const id in children) count += repeats(children[id]?.snapshot);
  return count;
};

/** Hands detail records over, and waits for it only when the process ends. */
export interface DetailDesk {
  hand(detail: CallDetailRecord): void;
  /** Resolves when everything handed over has been taken or is lost. */
  settled(): Promise<void>;
}

/** A desk that hands over to `onDetail`. What that throws is logged as `detail lost`. */
export const detailDesk = (onDetail: (detail: CallDetailRecord) => void | Promise<void>, to: Told): DetailDesk => {
  const underWay = new Set<Promise<void>>();
  const handOver = async (detail: CallDetailRecord): Promise<void> => {
    try {
      await onDetail(detail);
    } catch (error) {
      const { chain, call, bot } = detail;
      tell(to, 'error', 'detail.lost', { chain, call, bot }, thrown(error));
    }
  };
  return {
    hand: (detail) => {
      const handed = handOver(detail).finally(() => underWay.delete(handed));
      underWay.add(handed);
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
};
