/**
 * Recall — what events of Azure Communication Services mean for a call of which something is remembered. Pure.
 *
 * What was broken off is no outcome: we broke it off, or the call is about to be told to have ended. (Where somebody else did, the time
 * of the operation will be over.) Two endings are told by no event of their own. Somebody who was rung for the caller has gone when a roster without him
 * follows one with him. And a caller who hangs up while he is recorded ends the recording as well: the call is told of its
 * end alone; one that lasted no second holds nothing that anybody said. A call whose caller was being handed on has ended by that, whichever of the
 * two the service tells first, as long as it has not told that nobody took him.
 *
 * @module
 */
import { isOutcome, type Outcome, type ServiceEvent } from '../../../machines/index.ts';
import type { Recalled, ServiceCommand, ServiceMemory } from '../../service.ts';
import { recordingRef } from './decode.ts';
import { type AzureMemory, memoryOf, type Recorded } from './memory.ts';
import { brokenOff } from './outcomes.ts';
import type { AzureRequest } from './requests.ts';

/** What `told` says of a call of which `before` is remembered. */
export const recall = ({ events: all, memory: more }: Recalled, before: ServiceMemory, at: number): Recalled => {
  const told: Recalled = { events: all.filter((event) => !isBrokenOff(event)), ...(more !== undefined && { memory: more }) };
  const memory = latest(memoryOf(before), memoryOf(told.memory ?? {}));
  const known: AzureMemory = { ...memoryOf(before), ...memory };
  if (told.events.some(({ type }) => type === 'call.ended')) return { events: endOf(told.events, known, at), memory: { ...memory } };
  const { events, joined, parting } = withParty(told.events, known);
  return { events, memory: { ...memory, ...(joined !== known.joined && { joined }) }, ...(parting !== undefined && { parting: [parting] }) };
};

const isBrokenOff = (event: ServiceEvent): boolean => isOutcome(event) && event.reason === brokenOff;

/** What is new, but for a roster that is older than the one we know. */
const latest = (before: AzureMemory, more: AzureMemory): AzureMemory => {
  const isOld = more.roster !== undefined && before.roster !== undefined && more.roster.sequence < before.roster.sequence;
  const { roster: _, ...others } = more;
  return isOld ? others : more;
};

const endOf = (events: readonly ServiceEvent[], { recording = null, transfer = null, transferFailed }: AzureMemory, at: number): readonly ServiceEvent[] =>
  events.flatMap((event): readonly ServiceEvent[] => {
    if (event.type !== 'call.ended') return [event];
    const ended: ServiceEvent = transfer === null || transfer === transferFailed ? event : { ...event, reason: 'transferred' };
    return recording === null || at - recording.startedAt < shortestMs ? [ended] : [recordedUntil(recording, 'hangup', at), ended];
  });

/** In less nobody leaves a message. */
const shortestMs = 1_000;

/** What was recorded until `at`. Its bytes come with its file, minutes later and under the same ref. */
export const recordedUntil = ({ operation, id, startedAt, contentType }: Recorded, by: Extract<Outcome, { readonly type: 'record.done' }>['by'], at: number): Outcome => ({
  type: 'record.done', by, operationId: operation, recording: { ref: recordingRef(id), bytes: 0, contentType, lengthMs: Math.max(0, at - startedAt) },
});

/** What became of whoever was rung in. */
interface Party {
  readonly events: readonly ServiceEvent[];
  readonly joined: AzureMemory['joined'];
  readonly parting?: ServiceCommand;
}

const withParty = (events: readonly ServiceEvent[], { joined = null, roster, caller }: AzureMemory): Party => {
  if (joined === null || roster === undefined) return { events, joined };
  const isThere = roster.parties.includes(joined.party);
  if (!joined.seen) return { events, joined: isThere ? { ...joined, seen: true } : joined };
  // The caller may leave first; then nobody is left whom the bot knows, and somebody who should not be left on the line.
  if (caller !== undefined && !roster.parties.includes(caller)) return { events: [...events, { type: 'call.ended', reason: 'caller' }], joined: null, parting: endingAll(joined.operation) };
  return isThere ? { events, joined } : { events: [...events, { type: 'createcall.done', operationId: joined.operation }], joined: null };
};

const endingAll = (operationId: string): ServiceCommand => ({ id: `${operationId}:end`, operation: { type: 'createcall', operationId }, done: 'sent', tolerant: true, request: { does: 'hangup' } satisfies AzureRequest });
