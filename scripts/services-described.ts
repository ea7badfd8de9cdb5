/**
 * Services described — each calling service, made with settings that mean nothing, beside its facts: what the table of services is made of.
 *
 * @module
 */
import { azure, botframework, type CallService, twilio } from '../src/transport/index.ts';
import { facts as ofAzure } from '../src/transport/services/azure/capabilities.ts';
import { facts as ofBotframework } from '../src/transport/services/botframework/capabilities.ts';
import { facts as ofTwilio } from '../src/transport/services/twilio/capabilities.ts';
import type { ServiceFacts } from '../src/transport/services/facts.ts';

/** A service with its facts. */
export interface Described {
  readonly title: string;
  readonly service: CallService;
  readonly facts: ServiceFacts;
}

const metadata = { openIdMetadataUrl: 'https://issuer.example/openid', issuer: 'https://issuer.example' };

export const described: readonly Described[] = [
  { title: 'Bot Framework', service: botframework({ appId: 'a', appPassword: 'b', callbackUrl: 'https://bot.example/api/calls', ...metadata }), facts: ofBotframework },
  { title: 'Twilio', service: twilio({ accountSid: `AC${'0'.repeat(32)}`, authToken: 'b', publicUrl: 'https://bot.example' }), facts: ofTwilio },
  {
    title: 'Azure Communication Services',
    service: await azure({ connectionString: 'endpoint=https://resource.example/;accesskey=YQ==', resourceId: '00000000-0000-4000-8000-000000000000', publicUrl: 'https://bot.example', eventGridSecret: 'b', cognitiveServicesUrl: 'https://ai.example', ...metadata }),
    facts: ofAzure,
  },
];
