/**
 * Recall — what events of Azure Communication Services mean for a call of which something is remembered. Pure.
 *
 * Two endings are told by no event of their own. Somebody who was rung for the caller has gone when a roster without him
 * follows one with him. And a caller who hangs up while he is recorded ends the recording as well: the call is told of its
 * end alone.
 *
 * @module
 */
import type { Outcome, ServiceEvent } from '../../../machines/index.ts';
import type { Recalled, ServiceMemory } from '../../service.ts';
import { recordingRef } from './decode.ts';
import { type AzureMemory, memoryOf, type Recorded } from './memory.ts';

/** What `told` says of a call of which `before` is remembered. */
export const recall = (told: Recalled, before: ServiceMemory): Recalled => {
  const memory = latest(memoryOf(before), memoryOf(told.memory ?? {}));
  const known: AzureMemory = { ...memoryOf(before), ...memory };
  if (told.events.some(({ type }) => type === 'call.ended')) return { events: endOf(told.events, known), memory: { ...memory } };
  const { events, joined } = withParty(told.events, known);
  return { events, memory: { ...memory, ...(joined !== known.joined && { joined }) } };
};

/** What is new, but for a roster that is older than the one we know. */
const latest = (before: AzureMemory, more: AzureMemory): AzureMemory => {
  const isOld = more.roster !== undefined && before.roster !== undefined && more.roster.sequence < before.roster.sequence;
  const { roster: _, ...others } = more;
  return isOld ? others : more;
};

const endOf = (events: readonly ServiceEvent[], { recording, endedAt }: AzureMemory): readonly ServiceEvent[] =>
  recording === undefined || recording === null ? events : events.flatMap((event): readonly ServiceEvent[] => (event.type === 'call.ended' ? [recordedUntil(recording, 'hangup', endedAt ?? recording.startedAt), event] : [event]));

/** What was recorded until `at`. Its bytes come with its file, minutes later and under the same ref. */
export const recordedUntil = ({ operation, id, startedAt, contentType }: Recorded, by: Extract<Outcome, { readonly type: 'record.done' }>['by'], at: number): Outcome => ({
  type: 'record.done', by, operationId: operation, recording: { ref: recordingRef(id), bytes: 0, contentType, lengthMs: Math.max(0, at - startedAt) },
});

const withParty = (events: readonly ServiceEvent[], { joined = null, roster, caller }: AzureMemory): { readonly events: readonly ServiceEvent[]; readonly joined: AzureMemory['joined'] } => {
  if (joined === null || roster === undefined) return { events, joined };
  const isThere = roster.parties.includes(joined.party);
  if (!joined.seen) return { events, joined: isThere ? { ...joined, seen: true } : joined };
  // The caller may leave first; then nobody is left whom the bot knows.
  if (caller !== undefined && !roster.parties.includes(caller)) return { events: [...events, { type: 'call.ended', reason: 'caller' }], joined: null };
  return isThere ? { events, joined } : { events: [...events, { type: 'createcall.done', operationId: joined.operation }], joined: null };
};
