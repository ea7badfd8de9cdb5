/**
 * Capabilities — what Azure Communication Services can be asked for: everything that a bot can ask.
 *
 * Words, spoken or heard, take the speech service of a linked Azure AI resource; a bot without one plays files and hears keys,
 * and records nothing, since the end of a recording is heard.
 *
 * @module
 */
import { capabilitySet } from '../../../actions/index.ts';
import type { ServiceFacts } from '../facts.ts';

export const capabilities = capabilitySet('answer', 'reject', 'hangup', 'play', 'recognize', 'record', 'transfer', 'hold', 'unhold', 'createcall', 'speech', 'raw:azure');

/** What it can do, as a type. */
export type AzureCapability = typeof capabilities extends ReadonlySet<infer Can> ? Can : never;

/** What is left of it without a speech service. */
export const silentCapabilities: ReadonlySet<AzureCapability> = new Set([...capabilities].filter((capability) => capability !== 'record' && capability !== 'speech'));

export const facts: ServiceFacts = {
  absent: {},
  differences: [
    'texts, silences, phrases, free speech and recordings take a linked Azure AI resource (`cognitiveServicesUrl`); without one there are files and keys',
    'silence before the first key and pauses between keys are whole seconds, rounded up and at least one; before words at most 20 s',
    'digits that end by a pause are lost: the service tells of the pause and not of the digits, which is `recognize.nomatch.interdigit`; a question for digits has a termchar or a `max` here',
    'words of choices are matched by the service where all choices have phrases, and all or none a key; else by us, letter by letter',
    'words end after a second of silence',
    'a question whose digits only a key ends takes 50 of them at most',
    'a caller on hold hears one prompt over and over, not several; `hold.done` is the response to the request, and a file that cannot be had is told later, when nobody waits for it',
    'a recording is made of a call recording and a listening for its end: there is no beep but the file of the option `beep`, keys that do not end it are recorded too, and its bytes arrive minutes later, as a file under the same `ref`; who hangs up within a second of its beginning has left none',
    'a recording is wav or mp3',
    'whether a person or a machine answers is not known: `answeredBy` is `unknown` where it was asked',
    'a call that is placed rings as long as the service lets it; `timeoutMs` of `place` has no word on this wire',
    'a caller who hangs up while he is joined to somebody else ends the call for that one, too',
    'a call is handed to telephone numbers and identities of the service, not to SIP addresses',
    'a `reject` is forbidden or busy',
    'keys pressed for somebody, people added, removed and muted, and recordings of the whole call are asked for by `raw`',
  ],
  proven: 'public wire bodies, recorded and composed; the official client against servers on loopback; never a live account',
};
