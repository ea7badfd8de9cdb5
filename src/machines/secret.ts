/**
 * Secret — what a caller keys at a question marked `secret` (a PIN, a card) is sealed before anything else happens to it:
 * the chart, the record, the log, the trace and the inspector only ever meet the seal. A task may break it (`reveal`).
 *
 * Sealing needs a key, which is the host's; here is only what is sealed, and when.
 *
 * @module
 */
import type { Input, ServiceEvent } from './service-event.ts';
import { type CallSnapshot, operationIndex } from './snapshot.ts';
import type { StepEvent } from './step.ts';

/** Seals `text`, which was keyed at `place`: the same text at the same place gives the same seal. */
export type Seal = (text: string, place: string) => string;

/**
 * `event` with what the caller gave sealed: all of it, but the answer to an open question that is no secret. So what comes
 * late or twice is sealed too, although nobody takes it.
 */
export const sealEvent = (event: StepEvent, snapshot: CallSnapshot | undefined, seal: Seal): StepEvent => {
  if (event.type !== 'service' || !event.events.some(({ type }) => type === 'recognize.input')) return event;
  return { ...event, events: event.events.map((one) => (one.type === 'recognize.input' && !answersOpenly(one.operationId, snapshot) ? withInput(one, (text) => seal(text, `${snapshot?.call.id ?? ''}:${one.operationId}`)) : one)) };
};

const answersOpenly = (operationId: string, snapshot: CallSnapshot | undefined): boolean =>
  snapshot !== undefined && operationIndex(snapshot.call.id, snapshot.awaiting, operationId) >= 0 && !isSecret(snapshot);

/** Whether the open question of `snapshot` is for a secret. */
export const isSecret = ({ awaiting }: CallSnapshot): boolean => awaiting?.question?.type === 'recognize' && 'secret' in awaiting.question;

/** What stands for a text that nobody may see. */
export const hidden = '••••';

/** `text` for eyes that may not see what a caller keyed in confidence, nor its seal: what a bot keeps or says of it is the seal. */
export const maskSeals = (text: string): string => text.replace(/\bsealed\.[\w-]+\.[\w-]+/g, hidden);

/** `events` for eyes that may not see what a caller keyed or said. */
export const maskEvents = (events: readonly ServiceEvent[]): readonly ServiceEvent[] => events.map((event) => (event.type === 'recognize.input' ? withInput(event, () => hidden) : event));

const withInput = (event: ServiceEvent & { readonly type: 'recognize.input' }, change: (text: string) => string): ServiceEvent => ({ ...event, input: changed(event.input, change) });

/** What the service matched by itself is the name of a choice, and no secret. Nothing at all is not sealed either: it is silence. */
const changed = (input: Input, change: (text: string) => string): Input => {
  const kept = (text: string): string => (text === '' ? text : change(text));
  switch (input.kind) {
    case 'choice':
      return input;
    case 'digits':
      return { ...input, digits: kept(input.digits) };
    case 'keys':
      return { ...input, keys: kept(input.keys) };
    case 'phrase':
      return { ...input, phrase: kept(input.phrase) };
  }
};
