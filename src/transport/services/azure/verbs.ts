/**
 * Verbs — what Azure Communication Services does and no other service: the operations of Call Automation that a bot can ask for by
 * `raw('azure', …)`.
 *
 * Attributes have the names of the REST API, but for people: `participant` is a telephone number (E.164) or the raw id of an identity, and
 * absent it is the caller. Failures are told by their code and subcode, which are `fields`; the bot tells two of an invitation apart.
 *
 * @module
 */
import * as t from 'io-ts';
import { declareVerbs, type DeclaredVerbs } from '../../../machines/index.ts';

const SendDtmfTones = t.exact(
  t.intersection([
    t.type({
      /** Keys, at most 18 of them: `0`-`9`, `*`, `#`, `A`-`D`. */
      tones: t.string,
    }),
    t.partial({ participant: t.string }),
  ]),
);

const StartRecording = t.exact(
  t.partial({
    recordingContentType: t.keyof({ audio: 0, audioVideo: 0 }),
    recordingChannelType: t.keyof({ mixed: 0, unmixed: 0 }),
    recordingFormatType: t.keyof({ wav: 0, mp3: 0, mp4: 0 }),
    pauseOnStart: t.boolean,
  }),
);

const AddParticipant = t.exact(
  t.intersection([
    t.type({ participant: t.string }),
    t.partial({
      /** What the invited one sees calling: a number of the resource. Needed to ring a telephone. */
      sourceCallerIdNumber: t.string,
      invitationTimeoutInSeconds: t.number,
    }),
  ]),
);

const OneParticipant = t.exact(t.type({ participant: t.string }));

export const azureVerbs = declareVerbs('azure', {
  sendDtmfTones: { attributes: SendDtmfTones, endings: ['sent'], failures: [] },
  /** `fields.recordingId` names the recording. */
  startRecording: { attributes: StartRecording, endings: ['started'], failures: [] },
  /** Of the recording that was started last, where none is named. */
  stopRecording: { attributes: t.exact(t.partial({ recordingId: t.string })), endings: ['stopped'], failures: [] },
  addParticipant: { attributes: AddParticipant, endings: ['added'], failures: ['declined', 'noanswer'] },
  removeParticipant: { attributes: OneParticipant, endings: ['removed'], failures: [] },
  muteParticipant: { attributes: OneParticipant, endings: ['muted'], failures: [] },
});

declare module '../../../actions/raw.ts' {
  interface RawVerbs {
    readonly azure: DeclaredVerbs<typeof azureVerbs>;
  }
}
