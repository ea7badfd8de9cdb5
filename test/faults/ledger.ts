/**
 * Ledger — who had what to do for which call, and when: as the processes tell it, and as what they committed says it.
 *
 * @module
 */
import type { Word } from './worker.ts';

/** One process, from its beginning to its end. */
export interface Life {
  /** Where it can be reached; undefined while it is being started. */
  url?: string;
}

/** A process has something to do for a call; `to` is Infinity while it has. */
export interface Hold {
  readonly by: Life;
  readonly from: number;
  to: number;
}

/** A process begins a task of a call, or sends a command of it. */
export interface Begun {
  readonly work: string;
  readonly at: number;
}

/** What processes tell that the ledger is about. */
export type Entry = Extract<Word, { readonly named: string } | { readonly leased: string } | { readonly begins: string }>;

export interface Ledger {
  /** By call, in the order in which they came. */
  readonly holds: ReadonlyMap<string, readonly Hold[]>;
  readonly begun: ReadonlyMap<string, readonly Begun[]>;
  /** Whether a process that cannot be reached at `than` has told since `from` that it committed something of a call. */
  hasCommitted(other: { readonly than: string | undefined; readonly from: number }): boolean;
  take(life: Life, entry: Entry): void;
}

/** Makes an empty ledger. */
export const openLedger = (): Ledger => {
  const names = new Map<string, Life>();
  const holds = new Map<string, Hold[]>();
  const begun = new Map<string, Begun[]>();
  /** When each process told last of a commit. */
  const committed = new Map<Life, number>();

  const lease = (callId: string, by: readonly Life[], at: number): void => {
    const held = holds.get(callId) ?? [];
    holds.set(callId, held);
    for (const one of held) if (one.to === Infinity && !by.includes(one.by)) one.to = at;
    for (const life of by) if (!held.some((one) => one.by === life && one.to === Infinity)) held.push({ by: life, from: at, to: Infinity });
  };

  return {
    holds,
    begun,
    hasCommitted: ({ than, from }) => [...committed].some(([{ url }, at]) => url !== than && at >= from),
    take: (life, entry) => {
      if ('named' in entry) names.set(entry.named, life);
      else if ('leased' in entry) {
        committed.set(life, Date.now());
        lease(entry.leased, entry.names.flatMap((name) => names.get(name) ?? []), entry.since);
      }
      else begun.set(entry.of, [...(begun.get(entry.of) ?? []), { work: entry.begins, at: Date.now() }]);
    },
  };
};
