/**
 * Outcomes — what the callbacks of Azure Communication Services say of our operations. Pure.
 *
 * An outcome bears the operation context that went along with the request. Results are told apart by their code and subcode:
 * their messages change from version to version, and repeat what nobody may read.
 *
 * @module
 */
import type { EndReason, Outcome, ServiceEvent } from '../../../machines/index.ts';
import { malformed } from './rules.ts';
import type { CallbackName, CallbackOf, Recognized, Result } from './wire.ts';

/** How the contexts of steps end, which are no outcome of their operation: it goes on with something else. */
export const steps = { rings: ':ring', listens: ':listen', adds: ':add' } as const;

/** What a callback says of the operation whose context it bears; nothing, where it says nothing of one. `stop`: the keys that end the question. */
export const outcomesOf = <N extends CallbackName>(name: N, data: CallbackOf<N>, stop: string | undefined): readonly ServiceEvent[] => readers[name]?.(data as never, stop) ?? [];

type Reader<N extends CallbackName> = (data: CallbackOf<N>, stop: string | undefined) => readonly ServiceEvent[];

/** The same ending, whatever else is told. */
const is =
  (type: 'answer.done' | 'play.done' | 'transfer.done') =>
  (data: Subject): readonly Outcome[] => [{ type, operationId: contextOf(data) }];

/** A failure, with its code for a reason. */
const fails =
  (type: 'answer.failed' | 'play.failed' | 'hold.failed') =>
  (data: Subject): readonly Outcome[] => [{ type, ...failure(data) }];

/** Why there was nobody: by the code that the telephone network gave. */
const unanswered =
  (type: 'transfer' | 'createcall') =>
  (data: Subject): readonly Outcome[] => {
    const why = absence(data.resultInformation);
    return [{ type: `${type}.${why === 'busy' || why === 'noanswer' ? why : 'failed'}`, ...failure(data) }];
  };

/** The end of a verb of the service's own; what was wrong is told by code and subcode. */
const verbEnds =
  (ending: string) =>
  (data: Subject): readonly Outcome[] => {
    const { code, subCode } = data.resultInformation ?? {};
    const fields = { ...(code !== undefined && code !== 200 && { code: String(code), ...(subCode !== undefined && { subCode: String(subCode) }) }) };
    return [{ type: 'raw.ended', ending, fields, operationId: contextOf(data) }];
  };

/** Why somebody who was invited did not come. */
const uninvited = ({ resultInformation }: Subject): string => {
  if (resultInformation?.code === 603) return 'declined';
  return absence(resultInformation) === 'noanswer' ? 'noanswer' : 'failed';
};

/** The reason of an outcome that is none: the operation was broken off. */
export const brokenOff = 'canceled';

const readers: { readonly [N in CallbackName]?: Reader<N> } = {
  CallConnected: is('answer.done'),
  AnswerFailed: fails('answer.failed'),
  CallDisconnected: (data) => {
    const reason = endReason(data.resultInformation?.subCode);
    return [{ type: 'call.ended', ...(reason !== undefined && { reason }) }];
  },
  PlayCompleted: is('play.done'),
  PlayFailed: fails('play.failed'),
  PlayCanceled: (data) => [{ type: 'play.failed', operationId: contextOf(data), reason: brokenOff }],
  RecognizeCompleted: (data, stop) => recognized(data, stop),
  RecognizeFailed: (data) => unrecognized(data),
  RecognizeCanceled: (data) => [{ type: 'recognize.failed', cause: 'unknown', operationId: contextOf(data), reason: brokenOff }],
  CallTransferAccepted: is('transfer.done'),
  CallTransferFailed: unanswered('transfer'),
  // Somebody was rung and is there: what ends the operation is that he leaves.
  AddParticipantSucceeded: (data) => (contextOf(data).endsWith(steps.rings) ? [{ type: 'createcall.done', operationId: contextOf(data) }] : contextOf(data).endsWith(steps.adds) ? verbEnds('added')(data) : []),
  AddParticipantFailed: (data) => (contextOf(data).endsWith(steps.adds) ? verbEnds(uninvited(data))(data) : unanswered('createcall')(data)),
  ParticipantsUpdated: ({ participants }) => [{ type: 'call.roster', participants: new Set(participants.map(({ identifier }) => identifier.rawId)).size }],
  HoldFailed: fails('hold.failed'),
  SendDtmfTonesCompleted: verbEnds('sent'),
  SendDtmfTonesFailed: verbEnds('failed'),
  RemoveParticipantSucceeded: verbEnds('removed'),
  RemoveParticipantFailed: verbEnds('failed'),
};

/** What the callbacks of an operation have in common. */
type Subject = Pick<CallbackOf<'PlayCompleted'>, 'operationContext' | 'resultInformation'>;

const contextOf = ({ operationContext }: Subject): string => operationContext ?? '';

const failure = (data: Subject): { readonly operationId: string; readonly reason?: string } => {
  const reason = codeOf(data.resultInformation);
  return { operationId: contextOf(data), ...(reason !== undefined && { reason }) };
};

/** The code of a result, as it is shown to the bot's code: `400/8536`. */
const codeOf = (result: Result | undefined): string | undefined => (result?.code === undefined ? undefined : result.subCode === undefined ? String(result.code) : `${result.code}/${result.subCode}`);

/** Why a callee did not come to the line. The last three digits of a subcode of the telephone network are its SIP code. */
export const absence = (result: Result | undefined): 'busy' | 'noanswer' | 'cancelled' | 'failed' => {
  const { code, subCode = 0, sipDetails } = result ?? {};
  const sip = sipDetails?.code ?? (/^5[46]0[1-6]\d\d$/.test(String(subCode)) ? subCode % 1_000 : code);
  if (sip === 486 || sip === 600) return 'busy';
  if (sip === 408 || sip === 480) return 'noanswer';
  return sip === 487 ? 'cancelled' : 'failed';
};

/** Who ended the call, where the subcode says it. 7000 is a request of ours, or of another who may: then the core knows better. */
const endReason = (subCode: number | undefined): EndReason | undefined => {
  if (subCode === 7015) return 'transferred';
  if (subCode === 5000 || subCode === 5300) return 'service';
  return subCode === 5001 || /^5[46]0\d{3}$/.test(String(subCode)) ? 'caller' : undefined;
};

const recognized = (data: Recognized, stop: string | undefined): readonly Outcome[] => {
  const operationId = contextOf(data);
  const { choiceResult, speechResult, resultInformation } = data;
  const subCode = resultInformation?.subCode;
  switch (data.recognitionType ?? (keysIn(data) === undefined ? undefined : 'dtmf')) {
    case 'dtmf':
      return keyed(data, stop);
    case 'choices': {
      if (choiceResult?.label === undefined || choiceResult.label === '') throw malformed('R-RESULT', ['data.choiceResult.label']);
      const isSpoken = subCode === 8545 || (subCode !== 8533 && choiceResult.recognizedPhrase !== undefined);
      return [{ type: 'recognize.input', input: { kind: 'choice', name: choiceResult.label }, via: isSpoken ? 'speech' : 'dtmf', operationId }];
    }
    case 'speech': {
      if (speechResult?.speech === undefined) throw malformed('R-RESULT', ['data.speechResult.speech']);
      const { speech: phrase, confidence } = speechResult;
      if (phrase.trim() === '') return [{ type: 'recognize.noinput', operationId }];
      return [{ type: 'recognize.input', input: { kind: 'phrase', phrase, ...(confidence !== undefined && { confidence }) }, via: 'speech', operationId }];
    }
    default:
      return subCode === 8532 ? keyed(data, stop) : [{ type: 'recognize.failed', cause: 'unknown', operationId }];
  }
};

const keysIn = ({ dtmfResult, collectTonesResult }: Recognized): string | undefined => (dtmfResult ?? collectTonesResult)?.tones.join('');

/** Keys that ended a recognition: with one of `stop`, because there were enough of them, or by a pause. */
const keyed = (data: Recognized, stop: string | undefined): readonly Outcome[] => {
  const operationId = contextOf(data);
  const isPause = data.resultInformation?.subCode === 8532;
  const keys = keysIn(data);
  if (keys === undefined && !isPause) throw malformed('R-RESULT', ['data.dtmfResult']);
  if (data.resultInformation?.subCode === 8514) return [{ type: 'recognize.input', input: { kind: 'digits', digits: withoutStop(keys ?? '', stop), by: 'termchar' }, via: 'dtmf', operationId }];
  if (keys !== undefined && keys !== '') return [{ type: 'recognize.input', input: { kind: 'digits', digits: keys, by: 'interdigit' }, via: 'dtmf', operationId }];
  return [isPause ? { type: 'recognize.nomatch', by: 'interdigit', operationId } : { type: 'recognize.noinput', operationId }];
};

/** Nobody has written down whether the key that ends a question is among its tones. Where we do not know which keys end it, it is `#` or `*`. */
const withoutStop = (keys: string, stop = '#*'): string => (stop.includes(keys.at(-1) ?? ' ') ? keys.slice(0, -1) : keys);

/** What was wrong with the prompt of a question, as opposed to its listening. */
const promptFaults: ReadonlySet<number> = new Set([8511, 8535, 8536, 8582]);

const unrecognized = (data: Recognized): readonly Outcome[] => {
  const operationId = contextOf(data);
  const { code, subCode } = data.resultInformation ?? {};
  if ((subCode !== undefined && promptFaults.has(subCode)) || (data.failedPlaySourceIndex ?? -1) >= 0) return [{ type: 'play.failed', ...failure(data) }];
  switch (subCode) {
    case 8510:
      return [{ type: 'recognize.noinput', operationId }];
    case 8532:
      return keyed(data, undefined);
    case 8534:
      return [{ type: 'recognize.nomatch', by: 'key', operationId }];
    case 8547:
    case 8563:
      return [{ type: 'recognize.nomatch', by: 'speech', operationId }];
    default:
      return [{ type: 'recognize.failed', cause: code === undefined || subCode === 8508 || subCode === 9999 ? 'unknown' : 'system', ...failure(data) }];
  }
};
