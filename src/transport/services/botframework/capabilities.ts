/**
 * Capabilities — what the Bot Framework calling service can be asked for. Handing a call on was never offered to bots,
 * and neither were holding a caller, ringing somebody else, or hearing more than the phrases of a question's choices.
 *
 * @module
 */
import type { Capability } from '../../../actions/index.ts';

export const capabilities: ReadonlySet<Capability> = new Set(['answer', 'reject', 'hangup', 'play', 'recognize', 'record']);
