/**
 * Results — the codes by which Azure Communication Services says how something went: in events a code and a sub-code, in the
 * response to a request a status and a code. The words beside them differ from version to version and mean nothing.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** What stands in an event. */
export interface ResultInformation {
  readonly code: number;
  readonly subCode: number;
  readonly message: string;
  readonly sipDetails?: { readonly code: number; readonly message: string };
  readonly q850Details?: { readonly code: number; readonly message: string };
}

const result = (code: number, subCode: number, message: string): ResultInformation => ({ code, subCode, message });

/** Of a telephone that did not come to the call: what the operator said (SIP), and what the exchange made of it (Q.850). */
const telephone = (code: number, message: string, sip: string, q850?: { readonly code: number; readonly message: string }): ResultInformation => ({
  code, subCode: 560_000 + code, message: `${message} DiagCode: ${code}#${560_000 + code}.@`, sipDetails: { code, message: sip }, ...(q850 !== undefined && { q850Details: q850 }),
});

/** How operations and calls end. */
export const results = {
  done: result(200, 0, ''),
  completed: result(200, 0, 'Action completed successfully.'),

  'max-digits': result(200, 8531, 'Action completed, max digits received.'),
  'stop-tone': result(200, 8514, 'Action completed, stop tone detected.'),
  'choice-key': result(200, 8533, 'Action completed, DTMF option matched.'),
  'choice-phrase': result(200, 8545, 'Action completed, Recognized phrase matches a valid option.'),
  speech: result(200, 8569, 'Action completed, speech was recognized.'),
  'initial-silence': result(400, 8510, 'Action failed, initial silence timeout reached.'),
  'inter-digit': result(400, 8532, 'Action failed, inter-digit silence timeout reached.'),
  'speech-unclear': result(400, 8563, 'Action failed, speech could not be recognized.'),
  'speech-late': result(408, 8570, 'Action failed, speech recognition timed out.'),
  'no-option': result(400, 8547, 'Action failed, recognized phrase does not match a valid option.'),
  'wrong-key': result(500, 8534, 'Action failed, incorrect tone detected.'),
  'prompt-failed': result(500, 8511, 'Action failed, encountered failure while trying to play the prompt.'),
  internal: result(500, 8512, 'Action failed, internal server error.'),
  unknown: result(500, 9999, 'Unknown internal server error.'),
  'speech-refused': result(401, 8565, 'Action failed, encountered Cognitive Services authentication failure.'),

  'file-format': result(400, 8535, 'Action failed, file format is invalid.'),
  'file-absent': result(400, 8536, 'Action failed, file could not be downloaded.'),
  'nothing-to-say': result(400, 8582, 'Action failed, the text to be played is empty.'),
  'shutting-down': result(500, 8572, 'Action failed, the service is shutting down.'),

  'ended-by-app': result(200, 7000, 'Call was ended by Azure Communication Service Call Automation API or a server bot. DiagCode: 0#7000.@'),
  'ended-far': result(200, 5001, 'The conversation has ended. DiagCode: 0#5001.@'),
  removed: result(200, 5300, 'The participant was removed from the conversation. DiagCode: 0#5300.@'),
  transferred: result(200, 7015, 'The transfer operation completed successfully.'),
  'ended-by-caller': result(200, 540_000, 'The conversation has ended. DiagCode: 0#540000.@'),
  'ended-by-callee': result(200, 560_000, 'The conversation has ended. DiagCode: 0#560000.@'),
  'answer-failed': result(500, 7000, 'Answer failed. Caller hung up before the call was established.'),

  busy: telephone(486, 'Callee busy.', 'Busy Here', { code: 17, message: 'User busy' }),
  noanswer: telephone(408, 'Callee did not answer.', 'Request Timeout', { code: 19, message: 'No answer from user' }),
  unreachable: telephone(404, 'Callee was not found.', 'Not Found', { code: 1, message: 'Unallocated number' }),
  declined: result(603, 10_104, 'Callee declined. DiagCode: 603#10104.@'),
  'invitation-unknown': result(404, 8522, 'Invitation not found.'),
  'call-unknown': result(404, 8522, 'Call not found.'),
  'participant-unknown': result(404, 8522, 'Participant not found.'),
} as const satisfies Readonly<Record<string, ResultInformation>>;

export type ResultName = keyof typeof results;

/** How a request is refused. */
export const refusals = {
  'not-established': { status: 400, code: '8501', message: 'Action is invalid when call is not in Established state.' },
  invalid: { status: 400, code: '8523', message: 'Invalid argument.' },
  'recording-runs': { status: 400, code: '8559', message: 'Recording already running for this call.' },
  signature: { status: 401, code: '7509', message: 'The signature of the request is not valid.' },
  identity: { status: 403, code: '7504', message: 'Identity is not valid.' },
  source: { status: 403, code: '7507', message: 'Source identity is not valid.' },
  absent: { status: 404, code: '8522', message: 'Call not found.' },
  'no-streaming': { status: 405, code: '8520', message: 'Media streaming is not configured for this call.' },
  'no-transcription': { status: 405, code: '8522', message: 'Transcription is not configured for this call.' },
  conflict: { status: 409, code: '8519', message: 'Action cannot be performed: conflict.' },
  incompatible: { status: 412, code: '8583', message: 'Another media operation is active.' },
  throttled: { status: 429, code: '8516', message: 'Call throttled.' },
  broken: { status: 500, code: '8500', message: 'Internal server error.' },
} as const;

export type RefusalName = keyof typeof refusals;
