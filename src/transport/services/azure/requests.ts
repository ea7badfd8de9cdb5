/**
 * Requests — what a command of Azure Communication Services asks for, as data: what the official client is given, without what
 * is known only when it is sent (the call connection, who the caller is, the token of an incoming call).
 *
 * @module
 */
import type { ToneName } from './tones.ts';

/** Something to play, as the official client takes it. */
export type PlaySource =
  | { readonly kind: 'fileSource'; readonly url: string }
  | { readonly kind: 'textSource'; readonly text: string; readonly voiceName?: string; readonly sourceLocale?: string; readonly voiceKind?: 'male' | 'female' }
  | { readonly kind: 'ssmlSource'; readonly ssmlText: string };

interface AnyRecognition {
  readonly playPrompts?: readonly PlaySource[];
  readonly interruptPrompt: boolean;
  readonly initialSilenceTimeoutInSeconds: number;
  /** Where its outcome is told instead of the call's callback address. */
  readonly operationCallbackUrl?: string;
}

interface OfKeys {
  readonly interToneTimeoutInSeconds: number;
  readonly maxTonesToCollect: number;
  readonly stopDtmfTones?: readonly ToneName[];
}

interface OfSpeech {
  readonly endSilenceTimeoutInSeconds: number;
  readonly speechLanguage: string;
}

/** A question, as the official client takes it. */
export type Recognition = AnyRecognition &
  (
    | ({ readonly kind: 'callMediaRecognizeDtmfOptions' } & OfKeys)
    | ({ readonly kind: 'callMediaRecognizeSpeechOptions' } & OfSpeech)
    | ({ readonly kind: 'callMediaRecognizeSpeechOrDtmfOptions' } & OfKeys & OfSpeech)
    | {
        readonly kind: 'callMediaRecognizeChoiceOptions';
        readonly speechLanguage: string;
        readonly choices: readonly { readonly label: string; readonly phrases: readonly string[]; readonly tone?: ToneName }[];
      }
  );

/** One request. People are raw ids. */
export type AzureRequest =
  | { readonly does: 'answer'; readonly callbackUrl: string; readonly cognitiveServicesUrl?: string }
  | { readonly does: 'reject'; readonly reason: 'busy' | 'forbidden' }
  | { readonly does: 'hangup' }
  | { readonly does: 'play'; readonly sources: readonly PlaySource[] }
  | { readonly does: 'recognize'; readonly recognition: Recognition }
  /** Breaks off all that is played and asked. */
  | { readonly does: 'cancel' }
  | { readonly does: 'transfer'; readonly to: string; readonly from?: string }
  | { readonly does: 'hold'; readonly source?: PlaySource }
  | { readonly does: 'unhold' }
  | { readonly does: 'ring'; readonly to: string; readonly from?: string; readonly seconds: number }
  | { readonly does: 'stopRinging'; readonly invitation: string }
  | { readonly does: 'remove'; readonly party: string }
  | { readonly does: 'startRecording'; readonly format: 'wav' | 'mp3' }
  /** With the id of the listening that ends it: nothing is said of an operation where there is none. */
  | { readonly does: 'stopRecording'; readonly listening?: string }
  /** Asks for nothing: an event ends it. */
  | { readonly does: 'wait' };

/** What the container of a recording is called. */
export const contentTypes = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const;
