/**
 * Wire — the codecs of all that Twilio tells a bot, as parameters of a form.
 *
 * Every value is a text. Parameters that are not named here are ignored; a refused value breaks one {@link RuleId}, which travels
 * as the message of the io-ts error.
 *
 * @module
 */
import * as t from 'io-ts';
import { isDigits } from '../../../actions/index.ts';
import { brokenBy, type Codec, maybe as optional, type Must, must as mustBe } from '../codecs.ts';
import { malformed, isRule, type RuleId } from './rules.ts';

const must: Must<RuleId> = mustBe;

/** `codec`, or nothing. Twilio tells many things by an empty text that it does not know. */
const maybe = <A>(codec: Codec<A>): Codec<A | undefined> => optional(codec, (value) => value === '');

const text = (rule: RuleId) => must(rule, (value) => (typeof value === 'string' ? value : undefined));
const word = (rule: RuleId) => must(rule, (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined));
const said = must('H-JSON', (value) => (typeof value === 'string' ? value : undefined));
const keys = must('G-DIGITS', (value) => (typeof value === 'string' && isDigits(value) ? value : undefined));
const recordingId = must('R-SID', (value) => (typeof value === 'string' && /^[\w-]{1,128}$/.test(value) ? value : undefined));
const seconds = must('R-DURATION', (value) => (typeof value === 'string' && /^\d{1,9}(?:\.\d+)?$/.test(value) ? Number(value) : undefined));
const callId = must('C-SID', (value) => (typeof value === 'string' && value.trim() !== '' && value.length <= 200 && !/\p{Cc}/u.test(value) ? value : undefined));

/** What every request about a call tells. */
export const About = t.type({ CallSid: callId, CallStatus: word('C-STATUS'), Direction: maybe(said) }, 'About');
export type About = t.TypeOf<typeof About>;

/** The first request of a call. */
export const Beginning = t.type({ CallSid: callId, From: text('C-FROM'), To: text('C-TO'), Direction: maybe(said), CallerName: maybe(said), AnsweredBy: maybe(said) }, 'Beginning');
export type Beginning = t.TypeOf<typeof Beginning>;

/** What came of a Gather. Where neither is told, nothing did. `Confidence` is a text, and may be none that is a number. */
export const Gathered = t.type({ Digits: maybe(keys), FinishedOnKey: maybe(said), SpeechResult: maybe(said), Confidence: maybe(said) }, 'Gathered');
export type Gathered = t.TypeOf<typeof Gathered>;

/** What came of a Record. `Digits` is the key that ended it, or the word for a caller who hung up. */
export const Recorded = t.type(
  { RecordingSid: recordingId, RecordingDuration: seconds, Digits: maybe(must('G-DIGITS', (value) => (value === hungUp || (typeof value === 'string' && isDigits(value)) ? String(value) : undefined))) },
  'Recorded',
);
export type Recorded = t.TypeOf<typeof Recorded>;

/** Stands for a key where the caller hung up. */
export const hungUp = 'hangup';

/** What became of somebody who was rung, or was to take the caller over. */
export const Connected = t.type({ DialCallStatus: maybe(said), ReferCallStatus: maybe(said), ReferSipResponseCode: maybe(said), NotifySipResponseCode: maybe(said) }, 'Connected');
export type Connected = t.TypeOf<typeof Connected>;

/** What is known of the file of a recording. */
export const RecordingChange = t.type({ RecordingSid: recordingId, RecordingStatus: word('R-STATUS'), CallSid: maybe(callId), RecordingDuration: maybe(seconds) }, 'RecordingChange');
export type RecordingChange = t.TypeOf<typeof RecordingChange>;

/** Which call a request is about, where nothing else of it is read. */
export const Mention = t.type({ CallSid: callId }, 'Mention');

/** Every parameter that is read. */
export const readParameters: ReadonlySet<string> = new Set([About, Beginning, Gathered, Recorded, Connected, RecordingChange].flatMap(({ props }) => Object.keys(props)));

/** `parameters` as `codec` reads them. @throws `ERR_EVENT_MALFORMED` with the first broken rule and all places; io-ts' own reporters echo values */
export const take = <A>(codec: t.Type<A, unknown, unknown>, parameters: unknown): A => {
  const result = codec.decode(parameters);
  if (result._tag === 'Right') return result.right;
  const { rule, paths } = brokenBy(result.left);
  throw malformed(isRule(rule) ? rule : 'H-JSON', paths);
};
