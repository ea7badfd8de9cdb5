/**
 * Commands — a batch into the requests that carry it to Azure Communication Services, in order. Pure.
 *
 * Prompts that follow one another are one request; those before a question that nobody may interrupt are part of it. The
 * outcome of the last of them stands for all: of the others nobody waits for the end.
 *
 * A recording is several requests, since the service has no verb for it: the prompts, the beginning of the recording, a listening
 * that ends with the speaker's silence or a key, and the end of the recording, which tells how it went. The longest length is
 * the time that the listening is given.
 *
 * An outgoing call rings somebody into the call (`…:ring`); that he has left is told by a roster (`recall.ts`).
 *
 * @module
 */
import { type Batch, type CallActionType, type Operation, type PromptItem, type Record as RecordParams } from '../../../actions/index.ts';
import type { CallInput } from '../../../machines/index.ts';
import type { CommandContext, ServiceCommand } from '../../service.ts';
import { addressOf, isNumber, rawIdOf } from './address.ts';
import { callbackUrl } from './callback.ts';
import { checkBatch } from './limits.ts';
import { memoryOf } from './memory.ts';
import { steps } from './outcomes.ts';
import { openMs, recognitionOf, seconds } from './recognition.ts';
import type { AzureRequest, PlaySource, Recognition } from './requests.ts';
import { longestMs, sourcesOf, type Speech } from './sources.ts';
import { toneNames } from './tones.ts';

/** What commands are written from, besides the call. */
export interface CommandSettings extends Speech {
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly cognitiveServicesUrl?: string | undefined;
  /** What sounds where a recording begins: the address of an audio file. */
  readonly beep?: string | undefined;
}

type Context = CommandContext & { readonly busy: boolean };

/** The commands that carry `batch`. Throws `ERR_BATCH_ILLEGAL`. */
export const commandsOf = (batch: Batch, context: Context, settings: CommandSettings): readonly ServiceCommand[] => {
  checkBatch(batch, settings.cognitiveServicesUrl !== undefined);
  const [first] = batch;
  if (first === undefined) return [];
  const commands: ServiceCommand[] = context.busy && first.type !== 'hangup' ? [...breakingOff(first, context)] : [];
  let said: { readonly prompts: readonly PromptItem[]; readonly last: Operation } | undefined;
  const sayIt = (): void => {
    if (said !== undefined) commands.push(playing(said.prompts, said.last, settings));
    said = undefined;
  };
  for (const operation of batch) {
    if (operation.type === 'play') {
      said = { prompts: [...(said?.prompts ?? []), ...operation.params.prompts], last: operation };
      continue;
    }
    const isJoined = (operation.type === 'recognize' && !operation.params.bargein) || operation.type === 'record';
    const before = isJoined ? (said?.prompts ?? []) : [];
    if (isJoined) said = undefined;
    else sayIt();
    commands.push(...commandsFor(operation, before, context, settings));
  }
  sayIt();
  return commands;
};

/** A command whose event brings the outcome of its operation. */
const awaited = (operation: Operation, request: AzureRequest, withinMs: number): ServiceCommand => ({ ...command(operation, operation.operationId, request, 'event'), withinMs: withinMs + minuteMs });

const command = ({ type, operationId }: Operation, id: string, request: AzureRequest, done: ServiceCommand['done']): ServiceCommand => ({ id, operation: { type: type satisfies CallActionType, operationId }, done, request: { ...request } });

const minuteMs = 60_000;

/** What the service still does goes before anything new is said: nothing of it is waited for, and there may be none left. */
const breakingOff = (first: Operation, { memory }: Context): readonly ServiceCommand[] => {
  const { recording = null, joined = null, invitation = null } = memoryOf(memory);
  const also = (word: string, request: AzureRequest): ServiceCommand => ({ ...command(first, `${first.operationId}:${word}`, request, 'sent'), tolerant: true });
  return [
    also('cancel', { does: 'cancel' }),
    ...(recording === null ? [] : [also('stop', { does: 'stopRecording' })]),
    ...(invitation === null ? [] : [also('unring', { does: 'stopRinging', invitation })]),
    ...(joined === null ? [] : [also('remove', { does: 'remove', party: joined.party })]),
  ];
};

const commandsFor = (operation: Exclude<Operation, { readonly type: 'play' }>, before: readonly PromptItem[], { callId, path, call }: Context, settings: CommandSettings): readonly ServiceCommand[] => {
  const { publicUrl, cognitiveServicesUrl } = settings;
  const response = (request: AzureRequest): readonly ServiceCommand[] => [command(operation, operation.operationId, request, 'response')];
  const callback = (stop?: string): string => callbackUrl(publicUrl + path, callId, stop === undefined ? {} : { stop });
  switch (operation.type) {
    case 'answer':
      return [awaited(operation, { does: 'answer', callbackUrl: callback(), ...(cognitiveServicesUrl !== undefined && { cognitiveServicesUrl }) }, setUpMs)];
    case 'reject':
      return response({ does: 'reject', reason: operation.params.reason === 'busy' ? 'busy' : 'forbidden' });
    case 'hangup':
      return response({ does: 'hangup' });
    case 'recognize': {
      const sources = sourcesOf([...before, ...operation.params.prompts], settings);
      const recognition = recognitionOf(operation.params, sources, settings, callback);
      return [awaited(operation, { does: 'recognize', recognition }, longestMs(sources) + openMs(operation.params))];
    }
    case 'record':
      return recording(operation, [...before, ...operation.params.prompts], settings, callback);
    case 'transfer':
      return [awaited(operation, { does: 'transfer', to: reached(operation.params.to), ...shownTo(operation.params.to, undefined, call) }, 60_000)];
    case 'hold': {
      const [source] = sourcesOf(operation.params.prompts, settings);
      return response({ does: 'hold', ...(source !== undefined && { source }) });
    }
    case 'unhold':
      return response({ does: 'unhold' });
    case 'createcall': {
      const { to, from, timeoutMs } = operation.params;
      const rings: AzureRequest = { does: 'ring', to: reached(to), ...shownTo(to, from, call), seconds: seconds(timeoutMs) };
      return [
        { ...command(operation, operation.operationId + steps.rings, rings, 'event'), withinMs: timeoutMs + minuteMs },
        command(operation, operation.operationId, { does: 'wait' }, 'event'),
      ];
    }
  }
};

/** Until a call stands, at the most. */
const setUpMs = 115_000;

/** `limits.ts` has let through what can be reached, and nothing else. */
const reached = (address: string): string => rawIdOf(address) ?? address;

/** The number that whoever is rung at a number sees: the one that was asked for, or the bot's own in this call. */
const shownTo = (to: string, from: string | undefined, call: CallInput): { readonly from?: string } => {
  const shown = from ?? (call.direction === 'inbound' ? call.to : call.from);
  return isNumber(addressOf(reached(to))) && isNumber(shown) ? { from: shown } : {};
};

const playing = (prompts: readonly PromptItem[], last: Operation, settings: CommandSettings): ServiceCommand => {
  const sources = sourcesOf(prompts, settings);
  // Nothing that anybody would hear: it is over at once.
  return sources.length === 0 ? command(last, last.operationId, { does: 'wait' }, 'response') : awaited(last, { does: 'play', sources }, longestMs(sources));
};

const recording = (operation: Operation & { readonly type: 'record' }, prompts: readonly PromptItem[], settings: CommandSettings, callback: (stop: string) => string): readonly ServiceCommand[] => {
  const { operationId, params } = operation;
  const { beep, format, maxMs } = params;
  const sources: readonly PlaySource[] = [...sourcesOf(prompts, settings), ...(beep && settings.beep !== undefined ? [{ kind: 'fileSource', url: settings.beep } as const] : [])];
  const listening = operationId + steps.listens;
  return [
    ...(sources.length === 0 ? [] : [{ ...awaited(operation, { does: 'play', sources }, longestMs(sources)), id: `${operationId}:prompt` }]),
    command(operation, `${operationId}:start`, { does: 'startRecording', format: format === 'mp3' ? 'mp3' : 'wav' }, 'sent'),
    { ...command(operation, listening, { does: 'recognize', recognition: listeningOf(params, settings, callback) }, 'event'), tolerant: true, withinMs: maxMs },
    command(operation, operationId, { does: 'stopRecording', listening }, 'response'),
  ];
};

/** Nobody looks at what is said: only at when it ends. */
const listeningOf = ({ timeoutMs, finalSilenceMs, termchars = [] }: RecordParams, { language }: Speech, callback: (stop: string) => string): Recognition => {
  const ofSpeech = { interruptPrompt: false, initialSilenceTimeoutInSeconds: seconds(timeoutMs), endSilenceTimeoutInSeconds: Math.max(0.1, finalSilenceMs / 1_000), speechLanguage: language };
  if (termchars.length === 0) return { kind: 'callMediaRecognizeSpeechOptions', ...ofSpeech };
  const stopDtmfTones = termchars.map((key) => toneNames[key]);
  return { kind: 'callMediaRecognizeSpeechOrDtmfOptions', ...ofSpeech, interToneTimeoutInSeconds: 60, maxTonesToCollect: 50, stopDtmfTones, operationCallbackUrl: callback(termchars.join('')) };
};
