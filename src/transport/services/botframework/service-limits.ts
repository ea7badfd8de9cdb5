/**
 * Service limits — those of the Bot Framework calling service, for tests and checks: `dial(bot, { service: botframeworkLimits })`.
 *
 * @module
 */
import type { ServiceLimits } from '../../../actions/index.ts';
import { type BotFrameworkCapability, capabilities } from './capabilities.ts';
import { encodeBatch } from './encode.ts';

/** A callback that breaks no rule: none is at stake here. */
const callback = 'https://bot.example/api/calls';

/** What the Bot Framework calling service can be asked for: no transfer, no hold, no outgoing call, no free speech. */
export const botframeworkLimits: ServiceLimits<'botframework', BotFrameworkCapability> = { name: 'botframework', capabilities, strayWords: 'unheard', check: (batch) => void encodeBatch(batch, { callback }) };
