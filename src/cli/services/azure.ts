/**
 * Azure Communication Services on the command line. What `validate` reads is a REST request of ours: `{ method, target, body }`.
 *
 * @module
 */
import { azure, azureLimits } from '../../transport/index.ts';
import { decodeAzure } from '../../transport/services/azure/body.ts';
import { rules } from '../../transport/services/azure/rules.ts';
import { validateAzure } from '../../transport/services/azure/validate.ts';
import { wrong } from '../arguments.ts';
import { jsonIn } from '../request-file.ts';
import type { SpokenService } from './spoken.ts';

const insecure = 'CALLCHART_AZURE_ALLOW_INSECURE_CONNECTION';

export const azureService: SpokenService = {
  limits: azureLimits,
  required: { connectionString: 'CALLCHART_AZURE_CONNECTION_STRING', resourceId: 'CALLCHART_AZURE_RESOURCE_ID', publicUrl: 'CALLCHART_AZURE_PUBLIC_URL', eventGridSecret: 'CALLCHART_AZURE_EVENT_GRID_SECRET' },
  optional: {
    cognitiveServicesUrl: 'CALLCHART_AZURE_COGNITIVE_SERVICES_URL', voice: 'CALLCHART_AZURE_VOICE', language: 'CALLCHART_AZURE_LANGUAGE', beep: 'CALLCHART_AZURE_BEEP',
    openIdMetadataUrl: 'CALLCHART_AZURE_OPENID_METADATA_URL', issuer: 'CALLCHART_AZURE_ISSUER', allowInsecureConnection: insecure,
  },
  make: ({ connectionString = '', resourceId = '', publicUrl = '', eventGridSecret = '', allowInsecureConnection, ...more }) => {
    if (allowInsecureConnection !== undefined && allowInsecureConnection !== 'true') throw wrong(insecure, `${insecure} is \`true\`, or absent`);
    const set = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined));
    // Several secrets have commas between them; one on its way out is taken as well.
    return azure({ connectionString, resourceId, publicUrl, eventGridSecret: eventGridSecret.split(',').map((secret) => secret.trim()), ...set, ...(allowInsecureConnection === 'true' && { allowInsecureConnection: true }) });
  },
  decode: decodeAzure,
  validate: async (text) => {
    const { request, violations } = validateAzure(jsonIn(text));
    const [first] = violations;
    return first === undefined ? { ok: true, actions: request === undefined ? [] : [request] } : { ok: false, rule: first.rule, paths: violations.map(({ path }) => path) };
  },
  rules,
};
