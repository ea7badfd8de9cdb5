/**
 * Outcomes — what any calling service makes of what it is asked for: what it plays, what ends by itself, and what it tells of what it heard and recorded.
 *
 * @module
 */
import type { CallAction, Heard, PromptItem, Recording, RecordingFormat } from '../actions/index.ts';
import type { Outcome } from './service-event.ts';

/** What the caller hears of `action`. */
export const promptsOf = ({ params }: CallAction): readonly PromptItem[] => ('prompts' in params ? params.prompts : []);

/** An outcome without the operation that it belongs to, and without the service's own word for it. */
export type Ending = Outcome extends infer O ? (O extends Outcome ? Omit<O, 'operationId' | 'reason'> : never) : never;

/** How the actions end that end without anybody's decision. */
export const ownEnds: { readonly [K in CallAction['type']]?: 'play.done' | 'answer.done' | 'hangup.done' | 'reject.done' | 'hold.done' | 'unhold.done' } = { play: 'play.done', hold: 'hold.done', unhold: 'unhold.done', answer: 'answer.done', hangup: 'hangup.done', reject: 'reject.done' };

/** What a service reports of what it heard. */
export const endingOf = (heard: Heard): Ending => {
  switch (heard.ending) {
    case 'choice':
      return { type: 'recognize.input', input: { kind: 'choice', name: heard.name }, via: heard.via };
    case 'speech':
      return { type: 'recognize.input', input: { kind: 'phrase', phrase: heard.phrase }, via: 'speech' };
    case 'digits':
      return { type: 'recognize.input', input: { kind: 'digits', digits: heard.digits, by: heard.by }, via: 'dtmf' };
    case 'noinput':
      return { type: 'recognize.noinput' };
    case 'nomatch':
      return { type: 'recognize.nomatch', by: heard.by };
  }
};

/** `ending`, of the operation `operationId`. */
export const outcomeOf = (ending: Ending, operationId: string): Outcome => ({ ...ending, operationId }) as Outcome;

/** Keys pressed ahead are lost where a prompt may not be interrupted, and where keys are not what is asked for. */
export const losesKeys = ({ type, params }: CallAction): boolean =>
  type === 'record' || type === 'transfer' || type === 'createcall' || type === 'raw' || type === 'hold' || (type === 'recognize' && !params.bargein && params.prompts.length > 0);

/** A recording as a service would hand it over: 8 kHz, 16 bit. The same each time. */
export const recordingOf = (ref: string, format: RecordingFormat, lengthMs: number): Recording => ({ ref, bytes: lengthMs * 16, contentType: contentTypes[format], lengthMs });

const contentTypes = { wav: 'audio/wav', mp3: 'audio/mpeg', wma: 'audio/x-ms-wma' } as const satisfies Record<RecordingFormat, string>;
