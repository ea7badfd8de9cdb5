/**
 * Capabilities — what the Bot Framework calling service can be asked for. Handing a call on was never offered to bots,
 * and neither were holding a caller, ringing somebody else, or hearing more than the phrases of a question's choices.
 *
 * @module
 */
import { capabilitySet } from '../../../actions/index.ts';

export const capabilities = capabilitySet('answer', 'reject', 'hangup', 'play', 'recognize', 'record');

/** What it can do, as a type. */
export type BotFrameworkCapability = typeof capabilities extends ReadonlySet<infer Can> ? Can : never;
