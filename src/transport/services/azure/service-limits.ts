/**
 * Service limits — those of Azure Communication Services, for tests and checks: `dial(bot, { service: azureLimits })`.
 *
 * @module
 */
import type { ServiceLimits } from '../../../actions/index.ts';
import { capabilities } from './capabilities.ts';
import { checkBatch } from './limits.ts';

/** What the service can be asked for, with a speech service or without. */
export const limitsWith = (hasSpeech: boolean): ServiceLimits => ({ name: 'azure', capabilities: capabilities(hasSpeech), strayWords: 'nomatch', check: (batch) => checkBatch(batch, hasSpeech) });

/** What Azure Communication Services with a linked Azure AI resource can be asked for. */
export const azureLimits: ServiceLimits = limitsWith(true);
