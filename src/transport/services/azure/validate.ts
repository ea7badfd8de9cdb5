/**
 * Validate — whether a REST request is one that Azure Communication Services takes: its method and target, the fields that it
 * needs and the ranges of its numbers. For `callchart validate azure`, and for tests of what we send.
 *
 * @module
 */
import * as t from 'io-ts';
import { type Codec, type Fields, isFields, list, maybe, must, object } from './codecs.ts';
import { isRule, type RuleId } from './rules.ts';
import { keyOf } from './tones.ts';

/** One broken rule, and where. */
export interface Violation {
  readonly rule: RuleId;
  readonly path: string;
}

/** What became of a request. */
export interface Validated {
  /** What it asks for, as its target says; absent where the service has no such target. */
  readonly request?: string;
  /** The rules that it breaks, none where the service takes it. */
  readonly violations: readonly Violation[];
}

/** Judges `json`: `{ method, target, body }`, of which `target` is the path with its query. Never throws. */
export const validateAzure = (json: unknown): Validated => {
  if (!isFields(json) || typeof json['method'] !== 'string' || typeof json['target'] !== 'string') return { violations: [{ rule: 'Q-REQUEST', path: '' }] };
  const { method, target, body } = json;
  const [path = '', query = ''] = (target as string).split('?', 2);
  const route = routes.find((one) => one.method === method && one.path.test(path));
  if (route === undefined || !new URLSearchParams(query).has('api-version')) return { violations: [{ rule: 'Q-TARGET', path: 'target' }] };
  const hasBody = body !== undefined && body !== null;
  if (route.body === undefined) return { request: route.name, violations: hasBody ? [{ rule: 'Q-REQUEST', path: 'body' }] : [] };
  if (!isFields(body)) return { request: route.name, violations: [{ rule: 'Q-REQUEST', path: 'body' }] };
  return { request: route.name, violations: [...broken(route.body, body), ...(route.also?.(body) ?? [])] };
};

const broken = (codec: t.Mixed, body: Fields): readonly Violation[] => {
  const result = codec.decode(body);
  if (result._tag === 'Right') return [];
  return result.left.map(({ context, message = '' }) => ({ rule: isRule(message) ? message : 'Q-FIELD', path: ['body', ...context.map(({ key }) => key)].filter((key) => key !== '').join('.') }));
};

const text = must('Q-FIELD', (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined));
const flag = must('Q-FIELD', (value) => (typeof value === 'boolean' ? value : undefined));
const url = must('Q-FIELD', (value) => (typeof value === 'string' && URL.canParse(value) ? value : undefined));
const word = <W extends string>(...words: readonly W[]): Codec<W> => must('Q-FIELD', (value) => words.find((one) => one === value));
const tone = must('Q-FIELD', (value) => (typeof value === 'string' && keyOf(value) !== undefined ? value : undefined));
const number = (least: number, most: number): Codec<number> => must('Q-RANGE', (value) => (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined));
const fields = <P extends t.Props>(needed: P, wanted: Readonly<Record<string, t.Mixed>> = {}): t.Mixed =>
  object('Q-FIELD', t.type({ ...needed, ...Object.fromEntries(Object.entries(wanted).map(([name, codec]) => [name, maybe(codec)])) }, 'fields') as t.Mixed);
const some = (element: t.Mixed, least = 1, most = Infinity): t.Mixed => {
  const elements = list('Q-FIELD', element);
  return new t.Type<unknown, unknown, unknown>('some', elements.is, (value, context) => (Array.isArray(value) && (value.length < least || value.length > most) ? t.failure(value, context, 'Q-RANGE') : elements.validate(value, context)), t.identity);
};

const identity = fields({ rawId: text });
const phoneNumber = fields({ value: text });
const context = { operationContext: must('Q-RANGE', (value) => (typeof value === 'string' ? value : undefined)), operationCallbackUri: url };

/** One source, of the kind that it says. */
const source: t.Mixed = new t.Type<unknown, unknown, unknown>(
  'source',
  (value): value is unknown => isFields(value),
  (value, path) => {
    const kind = isFields(value) ? value['kind'] : undefined;
    const codec = typeof kind === 'string' && Object.hasOwn(sources, kind) ? sources[kind as keyof typeof sources] : undefined;
    return codec === undefined ? t.failure(value, path, 'Q-FIELD') : codec.validate(value, path);
  },
  t.identity,
);
const sources = {
  text: fields({ text: fields({ text: must('PR-4000', (value) => (typeof value === 'string' && value.trim() !== '' && value.length <= 4_000 ? value : undefined)) }, { sourceLocale: text, voiceKind: word('male', 'female'), voiceName: text }) }),
  file: fields({ file: fields({ uri: must('PR-URI', (value) => (typeof value === 'string' && URL.canParse(value) && new URL(value).protocol === 'https:' ? value : undefined)) }) }),
  ssml: fields({ ssml: fields({ ssmlText: text }) }),
} as const;

const intelligence = { callIntelligenceOptions: fields({}, { cognitiveServicesEndpoint: url }) };
const calling = { ...context, ...intelligence, mediaStreamingOptions: fields({ transportUrl: url }), transcriptionOptions: fields({ locale: text }) };

const recognition = fields(
  {
    recognizeInputType: word('dtmf', 'choices', 'speech', 'speechOrDtmf'),
    recognizeOptions: fields(
      { targetParticipant: identity },
      {
        interruptPrompt: flag,
        initialSilenceTimeoutInSeconds: number(0, 300),
        speechLanguage: text,
        dtmfOptions: fields({}, { interToneTimeoutInSeconds: number(1, 60), maxTonesToCollect: number(1, Infinity), stopTones: some(tone, 0) }),
        speechOptions: fields({}, { endSilenceTimeoutInMs: number(1, Infinity) }),
        choices: some(fields({ label: text, phrases: some(text, 0) }, { tone })),
      },
    ),
  },
  { ...context, playPrompt: source, playPrompts: some(source, 0), interruptCallMediaOperation: flag },
);

/** What each kind of recognition needs, and how long it may wait. */
const ofKind = ({ recognizeInputType: kind, recognizeOptions: options }: Fields): readonly Violation[] => {
  if (!isFields(options)) return [];
  const path = 'body.recognizeOptions';
  const choices = Array.isArray(options['choices']) ? (options['choices'] as readonly unknown[]).filter(isFields) : [];
  const tones = choices.filter((choice) => choice['tone'] !== undefined && choice['tone'] !== null).length;
  const keys = isFields(options['dtmfOptions']) ? options['dtmfOptions']['maxTonesToCollect'] : undefined;
  return [
    ...(kind === 'choices' && choices.length === 0 ? [{ rule: 'Q-FIELD', path: `${path}.choices` } as const] : []),
    ...(tones > 0 && tones < choices.length ? [{ rule: 'Q-TONES', path: `${path}.choices` } as const] : []),
    ...(kind === 'dtmf' && keys === undefined ? [{ rule: 'Q-FIELD', path: `${path}.dtmfOptions.maxTonesToCollect` } as const] : []),
    ...(kind !== 'dtmf' && Number(options['initialSilenceTimeoutInSeconds'] ?? 0) > 20 ? [{ rule: 'Q-RANGE', path: `${path}.initialSilenceTimeoutInSeconds` } as const] : []),
  ];
};

/** Whoever is called at a number sees a number. */
const shown =
  (target: (body: Fields) => unknown) =>
  (body: Fields): readonly Violation[] => {
    const one = target(body);
    const isPhone = isFields(one) && (one['kind'] === 'phoneNumber' || isFields(one['phoneNumber']));
    return isPhone && !isFields(body['sourceCallerIdNumber']) ? [{ rule: 'Q-FIELD', path: 'body.sourceCallerIdNumber' }] : [];
  };

interface Route {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: RegExp;
  readonly body?: t.Mixed;
  readonly also?: (body: Fields) => readonly Violation[];
}

const call = '/calling/callConnections/[^/:]+';
const recording = '/calling/recordings/[^/:]+';
const at = (path: string): RegExp => new RegExp(`^${path}$`);
const post = (name: string, path: string, body?: t.Mixed, also?: Route['also']): Route => ({ name, method: 'POST', path: at(path), ...(body !== undefined && { body }), ...(also !== undefined && { also }) });

const routes: readonly Route[] = [
  post('createCall', '/calling/callConnections', fields({ targets: some(identity), callbackUri: url }, { ...calling, sourceCallerIdNumber: phoneNumber }), shown((body) => (Array.isArray(body['targets']) && body['targets'].length === 1 ? (body['targets'][0] as unknown) : undefined))),
  post('answer', '/calling/callConnections:answer', fields({ incomingCallContext: text, callbackUri: url }, calling)),
  post('reject', '/calling/callConnections:reject', fields({ incomingCallContext: text }, { callRejectReason: word('none', 'busy', 'forbidden') })),
  post('redirect', '/calling/callConnections:redirect', fields({ incomingCallContext: text, target: identity })),
  post('connect', '/calling/callConnections:connect', fields({ callLocator: fields({ kind: text }), callbackUri: url }, calling)),
  post('terminate', `${call}:terminate`),
  post('play', `${call}:play`, fields({ playSources: some(source), playTo: some(identity, 0) }, { ...context, playOptions: fields({ loop: flag }), interruptCallMediaOperation: flag })),
  post('recognize', `${call}:recognize`, recognition, ofKind),
  post('cancelAllMediaOperations', `${call}:cancelAllMediaOperations`),
  post('startContinuousDtmfRecognition', `${call}:startContinuousDtmfRecognition`, fields({ targetParticipant: identity }, context)),
  post('stopContinuousDtmfRecognition', `${call}:stopContinuousDtmfRecognition`, fields({ targetParticipant: identity }, context)),
  post('sendDtmfTones', `${call}:sendDtmfTones`, fields({ tones: some(tone, 1, 18), targetParticipant: identity }, context)),
  post('hold', `${call}:hold`, fields({ targetParticipant: identity }, { ...context, playSourceInfo: source })),
  post('unhold', `${call}:unhold`, fields({ targetParticipant: identity }, context)),
  post('transferToParticipant', `${call}:transferToParticipant`, fields({ targetParticipant: identity }, { ...context, transferee: identity, sourceCallerIdNumber: phoneNumber })),
  post('addParticipant', `${call}/participants:add`, fields({ participantToAdd: identity }, { ...context, sourceCallerIdNumber: phoneNumber, invitationTimeoutInSeconds: number(0, 180) }), shown((body) => body['participantToAdd'])),
  post('removeParticipant', `${call}/participants:remove`, fields({ participantToRemove: identity }, context)),
  post('muteParticipants', `${call}/participants:mute`, fields({ targetParticipants: some(identity, 1, 1) }, context)),
  post('cancelAddParticipant', `${call}/participants:cancelAddParticipant`, fields({ invitationId: text }, context)),
  post('moveParticipants', `${call}/participants:moveHere`, fields({ targetParticipants: some(identity), fromCall: text }, context)),
  ...['startMediaStreaming', 'stopMediaStreaming', 'startTranscription', 'stopTranscription'].map((name) => post(name, `${call}:${name}`, fields({}, { ...context, locale: text }))),
  post('updateTranscription', `${call}:updateTranscription`, fields({ locale: text }, context)),
  { name: 'getCall', method: 'GET', path: at(call) },
  { name: 'hangUp', method: 'DELETE', path: at(call) },
  { name: 'listParticipants', method: 'GET', path: at(`${call}/participants`) },
  { name: 'getParticipant', method: 'GET', path: at(`${call}/participants/[^/]+`) },
  post(
    'startRecording',
    '/calling/recordings',
    fields({}, {
      callConnectionId: text, callLocator: fields({ kind: text }), recordingStateCallbackUri: url,
      recordingContentType: word('audio', 'audioVideo'), recordingChannelType: word('mixed', 'unmixed'), recordingFormatType: word('wav', 'mp3', 'mp4'),
      channelAffinity: some(fields({ participant: identity }, { channel: number(0, 4) }), 0),
    }),
    ({ callConnectionId, callLocator }) => ((callConnectionId ?? undefined) === undefined && (callLocator ?? undefined) === undefined ? [{ rule: 'Q-FIELD', path: 'body.callConnectionId' }] : []),
  ),
  post('pauseRecording', `${recording}:pause`),
  post('resumeRecording', `${recording}:resume`),
  { name: 'getRecording', method: 'GET', path: at(recording) },
  { name: 'stopRecording', method: 'DELETE', path: at(recording) },
];
