/**
 * Bodies — what a request to Azure Communication Services has to say, and within which bounds, as the service's own
 * specification has it.
 *
 * @module
 */
import * as t from 'io-ts';
import { rawIdIn } from './identity.ts';
import type { Operation } from './routes.ts';

const named = <T extends t.Mixed>(name: string, codec: T, holds: (value: t.TypeOf<T>) => boolean) => new t.Type<t.TypeOf<T>, t.OutputOf<T>, unknown>(
  name, codec.is, (input, context) => {
    const made = codec.validate(input, context);
    return made._tag === 'Left' || holds(made.right) ? made : t.failure(input, context);
  }, codec.encode,
);

const seconds = (from: number, to: number) => named(`${from}-${to} s`, t.number, (value) => Number.isInteger(value) && value >= from && value <= to);
const text = named('text', t.string, (value) => value !== '');
const url = named('url', t.string, (value) => URL.canParse(value) && /^(https|http|wss|ws):$/.test(new URL(value).protocol));
const identifier = named('identifier', t.UnknownRecord, (value) => rawIdIn(value) !== undefined);
const number = t.type({ value: t.string });

/** The names of the sixteen keys, in the order 0–9, *, #, A–D. */
export const tones = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'asterisk', 'pound', 'a', 'b', 'c', 'd'] as const;
const Tone = t.keyof(Object.fromEntries(tones.map((tone) => [tone, null])) as Readonly<Record<(typeof tones)[number], null>>);

/** Longer than this is for SSML. */
const longestText = 4_000;

const TextSource = t.type({ kind: t.literal('text'), text: t.intersection([t.type({ text: named('text', t.string, (value) => value.length <= longestText) }), t.partial({ sourceLocale: t.string, voiceKind: t.string, voiceName: t.string })]) });
const FileSource = t.type({ kind: t.literal('file'), file: t.type({ uri: url }) });
const SsmlSource = t.type({ kind: t.literal('ssml'), ssml: t.type({ ssmlText: t.string }) });

/** One thing that is played. */
export const PlaySource = t.union([TextSource, FileSource, SsmlSource], 'PlaySource');
export type PlaySource = t.TypeOf<typeof PlaySource>;

const context = { operationContext: t.string, operationCallbackUri: url };
const features = {
  callIntelligenceOptions: t.partial({ cognitiveServicesEndpoint: url }),
  mediaStreamingOptions: t.type({ transportUrl: url, transportType: t.literal('websocket'), contentType: t.literal('audio'), audioChannelType: t.keyof({ mixed: 0, unmixed: 0 }) }),
  transcriptionOptions: t.type({ transportUrl: url, transportType: t.literal('websocket'), locale: t.string }),
};

const CreateCall = t.intersection([
  t.type({ targets: named('targets', t.array(identifier), (list) => list.length > 0), callbackUri: url }),
  t.partial({ sourceCallerIdNumber: number, sourceDisplayName: t.string, operationContext: t.string, ...features }),
]);
const Answer = t.intersection([t.type({ incomingCallContext: text, callbackUri: url }), t.partial({ operationContext: t.string, ...features })]);
const Reject = t.intersection([t.type({ incomingCallContext: text }), t.partial({ callRejectReason: t.keyof({ none: 0, busy: 0, forbidden: 0 }) })]);
const Redirect = t.type({ incomingCallContext: text, target: identifier });
const CallLocator = t.union([
  t.type({ kind: t.literal('serverCallLocator'), serverCallId: text }),
  t.type({ kind: t.literal('groupCallLocator'), groupCallId: text }),
  t.type({ kind: t.literal('roomCallLocator'), roomId: text }),
]);
const Connect = t.intersection([t.type({ callLocator: CallLocator, callbackUri: url }), t.partial({ operationContext: t.string, ...features })]);

const Transfer = t.intersection([t.type({ targetParticipant: identifier }), t.partial({ transferee: identifier, sourceCallerIdNumber: number, ...context })]);

const playSources = named('playSources', t.array(PlaySource), (list) => list.length > 0);
const Play = t.intersection([
  t.type({ playSources }),
  t.partial({ playTo: t.array(identifier), playOptions: t.type({ loop: t.boolean }), interruptCallMediaOperation: t.boolean, ...context }),
]);

const Choice = t.intersection([t.type({ label: text, phrases: named('phrases', t.array(text), (list) => list.length > 0) }), t.partial({ tone: Tone })]);
/** A tone stands at all choices or at none. */
const choices = named('choices', t.array(Choice), (list) => list.length > 0 && (list.every(({ tone }) => tone !== undefined) || list.every(({ tone }) => tone === undefined)));
const DtmfOptions = t.partial({ interToneTimeoutInSeconds: seconds(1, 60), maxTonesToCollect: named('at least 1', t.number, (value) => Number.isInteger(value) && value >= 1), stopTones: t.array(Tone) });
const RecognizeOptions = t.intersection([
  t.type({ targetParticipant: identifier }),
  t.partial({
    interruptPrompt: t.boolean, initialSilenceTimeoutInSeconds: seconds(0, 300), speechLanguage: t.string, speechModelEndpointId: t.string,
    dtmfOptions: DtmfOptions, choices, speechOptions: t.partial({ endSilenceTimeoutInMs: t.number }),
  }),
]);
const inputs = { dtmf: 'dtmfOptions', choices: 'choices', speech: undefined, speechOrDtmf: 'dtmfOptions' } as const;
const Recognize = named(
  'recognizeOptions',
  t.intersection([
    t.type({ recognizeInputType: t.keyof({ dtmf: 0, choices: 0, speech: 0, speechOrDtmf: 0 }), recognizeOptions: RecognizeOptions }),
    t.partial({ playPrompt: PlaySource, playPrompts: t.array(PlaySource), interruptCallMediaOperation: t.boolean, ...context }),
  ]),
  ({ recognizeInputType, recognizeOptions }) => {
    const own = inputs[recognizeInputType];
    return (own === undefined || recognizeOptions[own] !== undefined) && (recognizeInputType !== 'dtmf' || recognizeOptions.dtmfOptions?.maxTonesToCollect !== undefined);
  },
);

const Target = t.intersection([t.type({ targetParticipant: identifier }), t.partial(context)]);
const SendTones = t.intersection([t.type({ tones: named('1-18 tones', t.array(Tone), (list) => list.length >= 1 && list.length <= 18), targetParticipant: identifier }), t.partial(context)]);
const Hold = t.intersection([t.type({ targetParticipant: identifier }), t.partial({ playSourceInfo: PlaySource, ...context })]);
const Unhold = t.intersection([t.type({ targetParticipant: identifier }), t.partial({ operationContext: t.string })]);
const Plain = t.partial({ operationContext: t.string });
const Streaming = t.partial(context);
const StartTranscription = t.partial({ locale: t.string, ...context });
const UpdateTranscription = t.intersection([t.type({ locale: text }), t.partial(context)]);

const AddParticipant = t.intersection([
  t.type({ participantToAdd: identifier }),
  t.partial({ sourceCallerIdNumber: number, sourceDisplayName: t.string, invitationTimeoutInSeconds: seconds(0, 180), ...context }),
]);
const RemoveParticipant = t.intersection([t.type({ participantToRemove: identifier }), t.partial(context)]);
const MuteParticipant = t.intersection([t.type({ targetParticipants: named('one', t.array(identifier), (list) => list.length === 1) }), t.partial({ operationContext: t.string })]);
const CancelAdd = t.intersection([t.type({ invitationId: text }), t.partial(context)]);
const Move = t.intersection([t.type({ targetParticipants: named('targets', t.array(identifier), (list) => list.length > 0), fromCall: text }), t.partial(context)]);

const StartRecording = named(
  'callLocator',
  t.partial({
    callConnectionId: text, callLocator: CallLocator, recordingStateCallbackUri: url, recordingContentType: t.keyof({ audio: 0, audioVideo: 0 }),
    recordingChannelType: t.keyof({ mixed: 0, unmixed: 0 }), recordingFormatType: t.keyof({ wav: 0, mp3: 0, mp4: 0 }), pauseOnStart: t.boolean,
    channelAffinity: t.array(t.intersection([t.type({ participant: identifier }), t.partial({ channel: seconds(0, 4) })])),
  }),
  ({ callConnectionId, callLocator }) => (callConnectionId === undefined) !== (callLocator === undefined),
);

const Nothing = t.unknown;

const codecs = {
  createCall: CreateCall, answer: Answer, reject: Reject, redirect: Redirect, connect: Connect,
  getCall: Nothing, hangup: Nothing, terminate: Nothing, transfer: Transfer,
  play: Play, recognize: Recognize, cancelMedia: Nothing, startTones: Target, stopTones: Target, sendTones: SendTones, hold: Hold, unhold: Unhold,
  startStreaming: Streaming, stopStreaming: Streaming, startTranscription: StartTranscription, updateTranscription: UpdateTranscription, stopTranscription: Plain,
  listParticipants: Nothing, getParticipant: Nothing, addParticipant: AddParticipant, removeParticipant: RemoveParticipant, muteParticipant: MuteParticipant,
  cancelAddParticipant: CancelAdd, moveParticipants: Move,
  startRecording: StartRecording, getRecording: Nothing, stopRecording: Nothing, pauseRecording: Nothing, resumeRecording: Nothing,
} as const satisfies Readonly<Record<Operation, t.Mixed>>;

/** The body of each operation. */
export type Bodies = { readonly [O in Operation]: t.TypeOf<(typeof codecs)[O]> };

/** Reads `body`; undefined where the service refuses it as an invalid argument. */
export const readBody = <O extends Operation>(operation: O, body: unknown): Bodies[O] | undefined => {
  const read = (codecs[operation] as t.Mixed).decode(body);
  return read._tag === 'Left' ? undefined : ((read.right ?? {}) as Bodies[O]);
};
