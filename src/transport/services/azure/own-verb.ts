/**
 * Own verb — a verb of Azure Communication Services that a bot asks for by name (`verbs.ts`), as a request, and the rules that it is held to. Pure.
 *
 * @module
 */
import { type DtmfKey, isDigits, type Operation } from '../../../actions/index.ts';
import { verbOddities } from '../../../machines/verbs.ts';
import { isNumber, rawIdOf } from './address.ts';
import type { AzureRequest } from './requests.ts';
import type { RuleId } from './rules.ts';
import { toneNames } from './tones.ts';
import { azureVerbs } from './verbs.ts';

type RawOperation = Extract<Operation, { readonly type: 'raw' }>;

/** What the verbs are given, as far as all have it. */
interface Attributes {
  readonly participant?: string;
  readonly tones?: string;
  readonly sourceCallerIdNumber?: string;
  readonly invitationTimeoutInSeconds?: number;
  readonly recordingContentType?: 'audio' | 'audioVideo';
  readonly recordingChannelType?: 'mixed' | 'unmixed';
  readonly recordingFormatType?: 'wav' | 'mp3' | 'mp4';
  readonly pauseOnStart?: boolean;
  readonly recordingId?: string;
}

/** The rule that the verb breaks, if it breaks one. */
export const brokenByVerb = ({ params: { service, verb, attributes } }: RawOperation): RuleId | undefined => {
  if (service !== 'azure' || !Object.hasOwn(azureVerbs, verb)) return 'VB-NONE';
  if (verbOddities(service, verb, attributes).length > 0) return 'VB-ATTRIBUTE';
  const { participant, tones, sourceCallerIdNumber, invitationTimeoutInSeconds: seconds } = attributes as Attributes;
  if (participant !== undefined && rawIdOf(participant) === undefined) return 'TG-ADDRESS';
  if (tones !== undefined && (tones.length < 1 || tones.length > 18 || !isDigits(tones))) return 'VB-TONES';
  if (sourceCallerIdNumber !== undefined && !isNumber(sourceCallerIdNumber)) return 'TG-ADDRESS';
  return seconds === undefined || (Number.isInteger(seconds) && seconds >= 1 && seconds <= 180) ? undefined : 'CC-RING';
};

/** The request for the verb, how it is done, and the word that its context ends with where its event is told from that of another action. */
export const ownVerb = ({ params: { verb, attributes } }: RawOperation): { readonly request: AzureRequest; readonly done: 'event' | 'response'; readonly within?: string } => {
  const { participant, tones = '', sourceCallerIdNumber: from, invitationTimeoutInSeconds: seconds, recordingId, ...recording } = attributes as Attributes;
  const whom = participant === undefined ? {} : { participant: rawIdOf(participant) ?? participant };
  switch (verb as keyof typeof azureVerbs) {
    case 'sendDtmfTones':
      return { request: { does: 'sendDtmf', tones: [...tones].map((key) => toneNames[key as DtmfKey]), ...whom }, done: 'event' };
    case 'startRecording':
      return { request: { does: 'startOwnRecording', ...recording }, done: 'response' };
    case 'stopRecording':
      return { request: { does: 'stopOwnRecording', ...(recordingId !== undefined && { recordingId }) }, done: 'response' };
    case 'addParticipant':
      return { request: { does: 'ring', to: whom.participant ?? '', ...(from !== undefined && { from }), ...(seconds !== undefined && { seconds }) }, done: 'event', within: ':add' };
    case 'removeParticipant':
      return { request: { does: 'remove', party: whom.participant ?? '' }, done: 'event' };
    case 'muteParticipant':
      return { request: { does: 'mute', participant: whom.participant ?? '' }, done: 'response' };
  }
};
