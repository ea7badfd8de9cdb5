/**
 * Capabilities — what Azure Communication Services can be asked for: everything that a bot can ask.
 *
 * Words, spoken or heard, take the speech service of a linked Azure AI resource; a bot without one plays files and hears keys,
 * and records nothing, since the end of a recording is heard.
 *
 * @module
 */
import type { Capability } from '../../../actions/index.ts';

const withoutSpeech = ['answer', 'reject', 'hangup', 'play', 'recognize', 'transfer', 'hold', 'unhold', 'createcall'] as const satisfies readonly Capability[];

/** What can be asked for, with or without the speech service. */
export const capabilities = (hasSpeech: boolean): ReadonlySet<Capability> => new Set(hasSpeech ? [...withoutSpeech, 'record', 'speech'] : withoutSpeech);
