/**
 * Capabilities — what the Bot Framework calling service can be asked for. Handing a call on was never offered to bots,
 * and neither were holding a caller, ringing somebody else, or hearing more than the phrases of a question's choices.
 *
 * @module
 */
import { capabilitySet } from '../../../actions/index.ts';
import type { ServiceFacts } from '../facts.ts';

export const capabilities = capabilitySet('answer', 'reject', 'hangup', 'play', 'recognize', 'record');

/** What it can do, as a type. */
export type BotFrameworkCapability = typeof capabilities extends ReadonlySet<infer Can> ? Can : never;

export const facts: ServiceFacts = {
  absent: {
    'recognize.nomatch.speech': 'words that are no choice end nothing: the question listens on until its silence is over',
  },
  differences: [
    'the reason of a `reject` has no word on this wire',
    'phrases are heard only as they are written; the service matches them itself',
    'a recording comes with its event, bytes and all',
    'SSML is refused',
  ],
  proven: 'public wire bodies, its SDK as a peer in the bench, our emulation; the service itself has closed',
};
