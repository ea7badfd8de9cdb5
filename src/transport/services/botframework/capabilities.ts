/**
 * Capabilities — what the Bot Framework calling service can be asked for. Handing a call on was never offered to bots.
 *
 * @module
 */
import type { CallActionType } from '../../../actions/index.ts';

export const capabilities: ReadonlySet<CallActionType> = new Set(['answer', 'reject', 'hangup', 'play', 'recognize', 'record']);
