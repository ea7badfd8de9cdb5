/**
 * Capabilities — what Twilio can be asked for: all that a bot can ask for.
 *
 * @module
 */
import type { Capability } from '../../../actions/index.ts';

export const capabilities: ReadonlySet<Capability> = new Set(['answer', 'reject', 'hangup', 'play', 'recognize', 'record', 'transfer', 'hold', 'unhold', 'createcall', 'speech']);
