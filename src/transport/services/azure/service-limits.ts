/**
 * Service limits — those of Azure Communication Services, for tests and checks: `dial(bot, { service: azureLimits })`.
 *
 * @module
 */
import type { ServiceLimits } from '../../../actions/index.ts';
import { type AzureCapability, capabilities, silentCapabilities } from './capabilities.ts';
import { checkBatch } from './limits.ts';

const speechService = 'the speech service of a linked Azure AI resource (option `cognitiveServicesUrl`)';

/** What the service can be asked for, with a speech service or without. */
export const limitsWith = (hasSpeech: boolean): ServiceLimits<'azure', AzureCapability> => ({
  name: 'azure', capabilities: hasSpeech ? capabilities : silentCapabilities, ...(!hasSpeech && { takes: { record: speechService, speech: speechService } }), strayWords: 'nomatch', pausedDigits: 'lost', check: (batch) => checkBatch(batch, hasSpeech),
});

/** What Azure Communication Services with a linked Azure AI resource can be asked for. */
export const azureLimits: ServiceLimits<'azure', AzureCapability> = limitsWith(true);
