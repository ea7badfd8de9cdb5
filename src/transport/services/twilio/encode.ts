/**
 * Encode — a batch into the document that answers Twilio. Pure, and the same batch gives the same bytes.
 *
 * Every document that does not end the call ends with a Redirect to the address of its last operation (`address.ts`), which is also
 * the address that a question, a recording or a party's end is told to: so the end of a prompt and silence are requests, and no
 * call ends by itself. What Twilio would refuse never leaves: `ERR_BATCH_ILLEGAL`, with the state that asked.
 *
 * | asked | written |
 * | --- | --- |
 * | `answer` | nothing: the first sound answers. Where none follows at once, half a second of nothing is played, since a pause lets the phone ring on |
 * | `play` | Say, Play, Pause |
 * | `recognize` | Gather, the prompts in it where the caller may interrupt, and before it where not. `timeoutMs` is the wait for the first key and between keys |
 * | `record` | the prompts, then Record. `finalSilenceMs` is also the silence before the first word |
 * | `transfer` | Dial, or Refer |
 * | `createcall` | Dial |
 * | `hold` | nothing: it is told at once that the caller is on hold. What he hears there comes with the filler, ten times over with a second between, and is broken off when there is something else to say |
 * | `unhold` | nothing |
 * | `raw` | the verb by its name |
 * | `hangup`, `reject` | Hangup, Reject |
 *
 * @module
 */
import { type Batch, type Choice, type Createcall, type Hold, type Operation, type Recognize, type Record as RecordParams, type Transfer } from '../../../actions/index.ts';
import { addressOf, isAddressed, type Mark } from './address.ts';
import { type Dialect, twilioDialect } from './dialect.ts';
import { exactTag, nearestTag, understood } from './languages.ts';
import { ownVerb } from './own-verb.ts';
import { isSip, partyIn } from './party.ts';
import { audioAddress, illegal, longestCallMs, pause, promptVerbs, type Voice, wholeSeconds } from './prompts.ts';
import { type Element, element, writeDocument } from './xml.ts';

/** What goes into every document of a bot. */
export interface DocumentOptions extends Voice {
  /** The public URL, without a slash at its end. */
  readonly base: string;
  /** Where the bot listens. */
  readonly path: string;
  /** How a caller is handed on. Default `dial`. */
  readonly transferBy?: 'dial' | 'refer' | undefined;
  /** What a party sees that is rung, where the bot does not say. */
  readonly callerId?: string | undefined;
  /** An audio file for callers on hold. */
  readonly holdMusic?: string | undefined;
  readonly dialect?: Dialect | undefined;
}

/**
 * The document that carries `batch`, the empty string for an empty one. Throws `ERR_BATCH_ILLEGAL`.
 *
 * @example
 *
 * ```ts
 * encodeBatch([{ type: 'hangup', params: {}, operationId: 'c1:4:0', state: 'bye' }], { base: 'https://bot.example', path: '/api/twilio' })
 * // <?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>
 * ```
 */
export const encodeBatch = (batch: Batch, options: DocumentOptions): string => {
  const last = batch.at(-1);
  if (last === undefined) return '';
  const verbs = batch.flatMap((operation) => verbsOf(operation, options));
  const text = writeDocument(element('Response', {}, ...pickingUp(batch, verbs), ...verbs, ...goingOn(last, options)));
  if (Buffer.byteLength(text) > (options.dialect ?? twilioDialect).longestDocumentBytes) throw illegal('X-64K', last);
  return text;
};

/** The document that keeps the line busy for some seconds, and asks again. `n` tells it from all others of the call. */
export const waitDocument = (n: string, { base, path }: Pick<DocumentOptions, 'base' | 'path'>): string =>
  writeDocument(element('Response', {}, pause(waitSeconds), element('Redirect', {}, addressOf(base, path, { of: 'wait', n }))));

/** The document that ends a call. */
export const hangupDocument: string = writeDocument(element('Response', {}, element('Hangup')));

/** A line on which nothing goes on asks so often: whatever there is to say in between breaks the pause off. */
const waitSeconds = 10;

/** Answers a call in which no sound comes first. */
const pickingUp = (batch: Batch, [first]: readonly Element[]): readonly Element[] =>
  batch[0]?.type === 'answer' && (first === undefined || first.name === 'Pause') ? [element('Play', { digits: 'w' })] : [];

const goingOn = (last: Operation, options: DocumentOptions): readonly Element[] => (isAddressed(last.type) ? [element('Redirect', {}, endOf(last, options))] : []);

/** Where the end of `operation` is told. */
const endOf = ({ type, operationId: op, ...operation }: Operation, { base, path }: DocumentOptions): string => {
  if (!isAddressed(type)) return '';
  const params = type === 'record' ? (operation.params as RecordParams) : undefined;
  return addressOf(base, path, { of: type, op, ...(params !== undefined && { max: wholeSeconds(params.maxMs), ...container(params) }) });
};

const container = ({ format }: RecordParams): Pick<Extract<Mark, { readonly of: 'file' }>, 'as'> => (format === 'mp3' ? { as: 'mp3' } : {});

const verbsOf = (operation: Operation, options: DocumentOptions): readonly Element[] => {
  switch (operation.type) {
    case 'answer':
    case 'unhold':
      return [];
    case 'reject':
      return [element('Reject', { reason: operation.params.reason === 'busy' ? 'busy' : undefined })];
    case 'hangup':
      return [element('Hangup')];
    case 'play':
      return promptVerbs(operation.params.prompts, operation, options);
    case 'recognize':
      return question(operation.params, operation, options);
    case 'record':
      return recording(operation.params, operation, options);
    case 'transfer':
      return options.transferBy === 'refer' ? [referral(operation.params, operation, options)] : [dial(operation.params, operation, options)];
    case 'createcall':
      return [dial(operation.params, operation, options)];
    case 'hold':
      return holding(operation.params, operation, options);
    case 'raw':
      return [ownVerb(operation, endOf(operation, options))];
  }
};

// ---- a question ----

const question = (params: Recognize, operation: Operation, options: DocumentOptions): readonly Element[] => {
  if (!(params.timeoutMs > 0 && params.timeoutMs <= longestCallMs)) throw illegal('GA-TIMEOUT', operation);
  const prompts = promptVerbs(params.prompts, operation, options);
  const heard = listening(params, operation, options);
  const timeout = wholeSeconds(params.timeoutMs);
  const attributes = { ...heard, timeout: timeout === 5 ? undefined : timeout, action: endOf(operation, options) };
  return params.bargein ? [element('Gather', attributes, ...prompts)] : [...prompts, element('Gather', attributes)];
};

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** What the caller may answer. Keys alone are what Twilio takes by itself. */
const listening = (params: Recognize, operation: Operation, options: DocumentOptions): Attributes => {
  const { choices = [], digits, speech } = params;
  if (choices.some(({ key, phrases }) => key === undefined && phrases.length === 0)) throw illegal('GA-CHOICE', operation);
  const keyed = digits !== undefined ? collected(digits, operation) : choices.some(({ key }) => key !== undefined) ? { numDigits: 1, finishOnKey: '' } : undefined;
  const phrases = choices.flatMap((choice) => choice.phrases);
  const spoken = speech === true || phrases.length > 0 ? { ...listeningFor(params, operation, options), hints: hints(choices), speechTimeout: 'auto' } : undefined;
  if (keyed === undefined && spoken === undefined) throw illegal('GA-NOTHING', operation);
  return { ...(spoken !== undefined && { input: keyed === undefined ? 'speech' : 'dtmf speech' }), ...keyed, ...spoken };
};

/** Twilio ends digits by `#` where it is told of no key. */
const collected = ({ max, termchars = [] }: NonNullable<Recognize['digits']>, operation: Operation): Attributes => {
  if (max !== undefined && !(Number.isInteger(max) && max > 0)) throw illegal('GA-DIGITS', operation);
  if (max === undefined && termchars.length === 0) throw illegal('GA-NOTHING', operation);
  const [termchar = '', ...more] = termchars;
  if (more.length > 0) throw illegal('GA-TERMCHARS', operation);
  if (!/^[0-9*#]?$/.test(termchar)) throw illegal('GA-TERMCHAR', operation);
  return { numDigits: max, finishOnKey: termchar === '#' ? undefined : termchar };
};

const listeningFor = ({ culture, language }: Recognize, operation: Operation, options: DocumentOptions): Attributes => {
  if (culture !== undefined && exactTag(understood, culture) === undefined) throw illegal('GA-CULTURE', operation);
  const asked = culture ?? language;
  const usual = options.language;
  const tag = (asked === undefined ? undefined : nearestTag(understood, asked)) ?? (usual === undefined ? undefined : (nearestTag(understood, usual) ?? usual));
  return { language: tag === 'en-US' ? undefined : tag };
};

/** So many hints are taken, and so long. */
const mostHints = 500;
const longestHint = 100;

/** The phrases that are likely to be said. A comma divides them. */
const hints = (choices: readonly Choice[]): string | undefined => {
  const phrases = new Set(choices.flatMap((choice) => choice.phrases).map((phrase) => phrase.replace(/[,\s]+/g, ' ').trim()));
  const fitting = [...phrases].filter((phrase) => phrase !== '' && phrase.length <= longestHint).slice(0, mostHints);
  return fitting.length === 0 ? undefined : fitting.join(', ');
};

// ---- a recording ----

const recording = (params: RecordParams, operation: Operation, options: DocumentOptions): readonly Element[] => {
  const { prompts, beep, format, maxMs, finalSilenceMs, termchars = [] } = params;
  if (format === 'wma') throw illegal('RC-FORMAT', operation);
  if (!(maxMs >= 1_000 && maxMs <= longestCallMs)) throw illegal('RC-LENGTH', operation);
  if (!(finalSilenceMs > 0 && finalSilenceMs <= longestCallMs)) throw illegal('RC-SILENCE', operation);
  if (!termchars.every((key) => /^[0-9*#]$/.test(key))) throw illegal('RC-TERMCHAR', operation);
  const timeout = wholeSeconds(finalSilenceMs);
  return [
    ...promptVerbs(prompts, operation, options),
    element('Record', {
      action: endOf(operation, options),
      maxLength: wholeSeconds(maxMs),
      timeout: timeout === 5 ? undefined : timeout,
      finishOnKey: [...new Set(termchars)].join(''), // by itself any key would end it
      playBeep: beep ? undefined : false,
      trim: 'do-not-trim', // what was trimmed off would be missing from the length by which a recording that was cut is told
      recordingStatusCallback: addressOf(options.base, options.path, { of: 'file', ...container(params) }),
    }),
  ];
};

// ---- other parties ----

const dial = (params: Transfer | Createcall, operation: Operation, options: DocumentOptions): Element => {
  const timeout = 'timeoutMs' in params ? Math.round(params.timeoutMs / 1000) : 30;
  if (!(timeout >= 5 && timeout <= 600)) throw illegal('DI-TIMEOUT', operation);
  const callerId = ('from' in params ? params.from : undefined) ?? options.callerId;
  if (callerId !== undefined && !/^(?:\+?\d{2,15}|sip:.+|client:.+|[\w.+-]+)$/.test(callerId)) throw illegal('DI-CALLER', operation);
  return element('Dial', { action: endOf(operation, options), timeout: timeout === 30 ? undefined : timeout, callerId, answerOnBridge: true }, party(params.to, operation));
};

const party = (to: string, operation: Operation): Element => {
  const named = partyIn(to);
  if (named === undefined) throw illegal('DI-TARGET', operation);
  return element(named.noun, {}, named.address);
};

const referral = ({ to }: Transfer, operation: Operation, options: DocumentOptions): Element => {
  if (!isSip(to)) throw illegal('RE-TARGET', operation);
  return element('Refer', { action: endOf(operation, options) }, element('Sip', {}, to));
};

// ---- hold ----

/** What is heard on hold is heard so often before the line asks again, if nothing breaks it off; with a breath after each turn. */
const mostTurns = 10;
const breath = 1;

/** How long a caller on hold hears nothing, where there is nothing to be heard, seconds. */
const silentTurn = 30;

const turns = (heard: readonly Element[]): readonly Element[] => Array.from({ length: mostTurns }, () => [...heard, pause(breath)]).flat();

/** A filler has no state: only then does the caller wait. */
const holding = ({ prompts }: Hold, operation: Operation, options: DocumentOptions): readonly Element[] => {
  const heard = promptVerbs(prompts, operation, options);
  if (operation.state !== '') return [];
  if (prompts.length === 0 && options.holdMusic !== undefined) return turns([element('Play', {}, audioAddress(options.holdMusic, operation))]);
  return heard.length === 0 ? [pause(silentTurn)] : turns(heard);
};
