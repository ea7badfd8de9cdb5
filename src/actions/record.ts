/**
 * Record — play prompts, beep, record what the caller says, and every way that ends.
 *
 * @module
 */
import * as t from 'io-ts';
import { DtmfKey } from './dtmf.ts';
import { PromptItem } from './prompt.ts';

/** A container that a recording can be asked for in. */
export const RecordingFormat = t.keyof({ wav: 0, mp3: 0, wma: 0 }, 'RecordingFormat');
export type RecordingFormat = t.TypeOf<typeof RecordingFormat>;

/**
 * Plays `prompts`, beeps if `beep`, and records until `finalSilenceMs` of silence (VoiceXML `finalsilence`), a
 * termchar, or `maxMs` (VoiceXML `maxspeech`). `timeoutMs` is the silence allowed before the first word.
 */
export const Record = t.intersection(
  [
    t.type({
      prompts: t.readonlyArray(PromptItem), beep: t.boolean, format: RecordingFormat,
      timeoutMs: t.number, finalSilenceMs: t.number, maxMs: t.number,
    }),
    t.partial({ termchars: t.readonlyArray(DtmfKey) }),
  ],
  'Record',
);
export type Record = t.TypeOf<typeof Record>;

/** Defaults of a recording: a beep, wav, 5 s to the first word, 3 s of silence end it, 3 minutes at the most. */
export const recordDefaults = { beep: true, format: 'wav', timeoutMs: 5_000, finalSilenceMs: 3_000, maxMs: 180_000 } as const;

/** Where the bytes of a recording are kept, and what they are. `ref` is opaque: hand it to the recordings store. */
export interface Recording {
  readonly ref: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly lengthMs: number;
}

type Done<By extends string> = { readonly type: `record.done.${By}`; readonly recording: Recording };

/** Every way a {@link Record} can end. All four of `record.done` carry the recording. */
export interface RecordEvents {
  'record.done.finalsilence': Done<'finalsilence'>;
  'record.done.termchar': Done<'termchar'>;
  /** The longest length was reached; what was said until then is kept. */
  'record.done.maxspeech': Done<'maxspeech'>;
  /** The caller hung up; what was said until then is kept. `call.ended` follows. */
  'record.done.hangup': Done<'hangup'>;
  'record.noinput': { readonly type: 'record.noinput' };
  'record.failed': { readonly type: 'record.failed'; readonly cause: 'system' | 'unknown'; readonly reason?: string };
}
