/**
 * Rows — what the public API of botbuilder-calling 3.0.1 consists of, by section and in its own words. Each row has a test
 * here whose title begins with it.
 *
 * @module
 */

/** The columns of the table of outcomes: what was asked for. */
const columns = ['choice / confirm', 'digits', 'record'] as const;
/** Its lines: how that ended. */
const reasons = [
  'matched', 'completedStopToneDetected', 'completedSilenceDetected', 'interdigitTimeout', 'incorrectDtmf', 'initialSilenceTimeout',
  'maxRecordingTimeout', 'callTerminated', 'temporarySystemFailure', 'unknown',
] as const;

const rows = {
  // exports
  'A.1': [
    'AnswerAction', 'CallConnector', 'CallSession', 'CallState', 'Dialog', 'DialogAction', 'DigitCollectionCompletionReason', 'HangupAction',
    'Library', 'MemoryBotStorage', 'ModalityType', 'NotificationType', 'OperationOutcome', 'PlayPromptAction', 'Prompt', 'PromptType', 'Prompts',
    'RecognitionCompletionReason', 'RecognizeAction', 'RecordAction', 'RecordingCompletionReason', 'RecordingFormat', 'RejectAction', 'ResumeReason',
    'SayAs', 'SimpleDialog', 'UniversalCallBot', 'VoiceGender', 'callback style',
  ],
  // CallConnector
  'A.2': [
    'constructor(settings)', 'settings.callbackUrl', 'settings.appId / appPassword', 'settings.serviceUrl', 'settings.stateUrl', 'settings.endpoint',
    'listen()', 'verifyBotFramework', 'onEvent(handler)', 'send(event, cb)', 'getData / saveData', 'body parsing', 'content types', 'correlation id',
    'dispatch 1, terminated', 'dispatch 2, participants', 'dispatch 3, conversationResult', 'response slot',
    'address, conversation', 'address, participants', 'address, user', 'address, bot', 'appState', 'workflow body',
    'status 200 workflow', 'status 200 empty', 'status 400 bad JSON', 'status 400 content type', 'status 401 no bearer token', 'status 403 token refused',
    'status 403 any exception', 'status 500 OpenID', 'status 500 error from the bot', 'no response at all',
  ],
  // UniversalCallBot
  'A.3': [
    'defaultDialogId', 'defaultDialogArgs', 'localizer', 'lookupUser', 'processLimit', 'autoBatchDelay', 'storage', 'persistUserData',
    'persistConversationData', 'dialogErrorMessage', 'promptDefaults / recognizeDefaults / recordDefaults',
    'set(name, value)', 'get(name)', 'dialog(id, dialog)', 'dialog(id)', 'library(lib or name)', 'use(...maps)', 'receive(event, done)', 'send(event, done)', "on('error')",
    'dialog form function', 'dialog form array of functions', 'dialog form Dialog instance',
    'middleware receive', 'middleware send', 'middleware botbuilder', 'middleware map with none', 'middleware exception', 'middleware that never calls next',
    'event lookupUser', 'event receive', 'event incoming', 'event getStorageData', 'event routing', 'event saveStorageData', 'event send', 'event outgoing', 'event error',
  ],
  // CallSession
  'A.4': [
    'library', 'sessionState', 'message', 'address', 'userData', 'conversationData', 'privateConversationData', 'dialogData', 'promptDefaults, recognizeDefaults, recordDefaults',
    'one CallSession per HTTP request', 'dispatch(state, event)', 'dispatch, a missing dialog', 'error(err)', 'gettext(id, ...args)', 'ngettext(one, many, n)', 'save()', 'answer()', 'reject()', 'hangup()',
    'send(text, ...args)', 'send(string[])', 'send(object with toAction())', 'send(raw action)', 'send()', 'messageSent()', 'beginDialog(id, args)', 'beginDialog, unknown id', 'replaceDialog(id, args)',
    'endDialog(x?, ...args)', 'endDialogWithResult(r)', 'endConversation(x?, ...args)', 'reset(id?, args?)', 'sendBatch()',
    'no cancelDialog', 'no trigger actions', 'no recognizers', 'no outgoing calls', 'no transfer',
  ],
  // auto-batching
  'A.5': ['autoBatchDelay', 'flushed at once', 'sendBatch with no action', 'one workflow per HTTP request', 'a batch that was only saved'],
  // automatic answer, hangup, reject
  'A.6': [
    'auto-answer', 'auto-hangup', 'auto-reject', 'never',
    'reached by endConversation()', 'reached by endDialog on the last dialog', 'reached by a waterfall past its last step', 'reached by callTerminated', 'reached by session.error()',
    'send', 'answer()', 'hangup()', 'reject()', 'send+hangup', 'send+reject', 'endConversation()', "endConversation('x')", 'endDialog()', 'answer()+endConversation()',
  ],
  // dialogs
  'A.7': [
    'Dialog begin', 'Dialog replyReceived', 'Dialog dialogResumed', 'SimpleDialog(fn)', 'waterfall', 'waterfall, a reply on top', 'waterfall, back', 'waterfall, past the end', 'waterfall, errors in a step',
    'skip(result?)', 'empty waterfall', 'result.error', 'DialogAction.send(msg, ...)', 'DialogAction.beginDialog(id, args)', 'DialogAction.endDialog(x)',
    'ResumeReason completed', 'ResumeReason notCompleted', 'ResumeReason canceled', 'ResumeReason forward', 'ResumeReason back',
    'Library dialog', 'Library library', 'Library findDialog', 'BotBuilder:Prompts',
  ],
  // prompts
  'A.8': [
    'maxRetries', 'maxRetries 0', 'prompt text string', 'prompt text string[]', 'prompt text action', 'prompt text builder', 'state in dialogData',
    'action', 'confirm', 'confirm cancelChoice', 'confirm yesChoice, noChoice', 'choice', 'digits', 'record',
    'bargeInAllowed', 'culture', 'initialSilenceTimeoutInSeconds', 'interdigitTimeoutInSeconds', 'stopTones of digits', 'maxDurationInSeconds', 'maxSilenceTimeoutInSeconds', 'recordingFormat', 'playBeep', 'stopTones of record', 'falsy values',
    ...reasons.flatMap((reason) => columns.map((column) => `${reason}, ${column}` as const)),
    'digits interdigitTimeout with stop tones', 'operationOutcome.outcome', 'retries exhausted', 'retry workflow', 'a repeated first notification', 'workflow validation outcome',
    'S recognizeSilencePrompt', 'D invalidDtmfPrompt', 'R invalidRecognizePrompt', "S' recordSilencePrompt", 'M maxRecordingPrompt', 'I invalidRecordingPrompt', 'Prompts.configure(obj)',
    'localisation',
  ],
  // storage
  'A.9': [
    'context', 'getData(ctx, cb) / saveData(ctx, data, cb)', 'data', 'privateConversationData', 'endConversation', 'MemoryBotStorage', 'MemoryBotStorage deleteData', 'CallConnector as storage', 'last writer wins',
  ],
  // action builders
  'A.10': [
    'operationId', 'AnswerAction.acceptModalityTypes(list)', 'HangupAction', 'RejectAction',
    'PlayPromptAction.prompts(list)', 'PlayPromptAction.text(session, text, ...args)', 'PlayPromptAction.file(session, uri)', 'PlayPromptAction.silence(session, ms)',
    'Prompt.value(text, ...args)', 'Prompt.value, falsy', 'Prompt.fileUri', 'Prompt.voice', 'Prompt.culture', 'Prompt.silenceLengthInMilliseconds', 'Prompt.emphasize(flag)', 'Prompt.sayAs', 'Prompt.text/file/silence', 'toPrompt() / toAction()',
    'RecognizeAction.playPrompt', 'RecognizeAction.bargeInAllowed(flag)', 'RecognizeAction.culture', 'RecognizeAction.initialSilenceTimeoutInSeconds', 'RecognizeAction.interdigitTimeoutInSeconds', 'RecognizeAction.choices(list)', 'RecognizeAction.collectDigits(obj)',
    'RecordAction.playPrompt', 'RecordAction.maxDurationInSeconds', 'RecordAction.initialSilenceTimeoutInSeconds', 'RecordAction.maxSilenceTimeoutInSeconds', 'RecordAction.recordingFormat', 'RecordAction.playBeep(flag)', 'RecordAction.stopTones(list)',
    'no builder validates',
  ],
} as const;

export type Section = keyof typeof rows;

export const sections = Object.keys(rows) as readonly Section[];

export const rowsOf = (section: Section): readonly string[] => rows[section];
