/**
 * Phones — the calling service from which a bot that runs elsewhere is called, by the settings that this bot was started with.
 *
 * @module
 */
import { type CallingService, type EmulatedName, emulator } from '../emulator/index.ts';
import { type Options, portIn, text, wrong } from './arguments.ts';
import { keysPort, phoneKey } from './phone-key.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A service that calls, and what a bot has to be started with to take its calls. */
interface Phone {
  readonly service: CallingService;
  readonly wants: string;
}

/** Opens the service `name`. @throws `ERR_OPTION_INVALID` for a setting that is missing */
export const openPhone = (name: EmulatedName, options: Options, environment: Environment): Promise<Phone> => phones[name](options, environment);

const phones: Readonly<Record<EmulatedName, (options: Options, environment: Environment) => Promise<Phone>>> = {
  botframework: async (options, environment) => {
    const appId = text(options, 'appId') ?? environment['CALLCHART_APP_ID'];
    if (!appId) throw wrong('app-id', 'say the bot\'s app id by `--app-id` or CALLCHART_APP_ID: a token is made out to it');
    const issuer = environment['CALLCHART_ISSUER'];
    const service = await emulator({ appId, keys: { port: portOf(options), key: await phoneKey() }, ...(issuer && issuer !== 'metadata' && { issuer }) });
    return { service, wants: `CALLCHART_APP_ID=${appId} and CALLCHART_OPENID_METADATA_URL=${service.metadataUrl}` };
  },
  twilio: async (options, environment) => {
    const [accountSid, authToken] = [settingIn(environment, 'CALLCHART_TWILIO_ACCOUNT_SID'), settingIn(environment, 'CALLCHART_TWILIO_AUTH_TOKEN')];
    const publicUrl = environment['CALLCHART_TWILIO_PUBLIC_URL'];
    const service = await emulator({ service: 'twilio', accountSid, authToken: authToken.split(',', 1)[0]?.trim() ?? '', apiPort: portOf(options), ...(publicUrl && { publicUrl }) });
    return { service, wants: `the same settings of Twilio and CALLCHART_TWILIO_API_URL=${service.apiUrl}` };
  },
  azure: async (options, environment) => {
    const [resourceId, eventGridSecret] = [settingIn(environment, 'CALLCHART_AZURE_RESOURCE_ID'), settingIn(environment, 'CALLCHART_AZURE_EVENT_GRID_SECRET')];
    const { apiPort, accessKey } = resourceIn(settingIn(environment, 'CALLCHART_AZURE_CONNECTION_STRING'));
    const issuer = environment['CALLCHART_AZURE_ISSUER'];
    const service = await emulator({
      service: 'azure', accessKey, apiPort, resourceId, eventGridSecret: eventGridSecret.split(',', 1)[0]?.trim() ?? '', keys: { port: portOf(options), key: await phoneKey() }, ...(issuer && { issuer }),
    });
    return { service, wants: `the same settings of Azure and CALLCHART_AZURE_OPENID_METADATA_URL=${service.metadataUrl}, CALLCHART_AZURE_ALLOW_INSECURE_CONNECTION=true` };
  },
};

/** The key of the resource, and its port here: both are in the connection string, which has to lead to this machine. */
const resourceIn = (connectionString: string): { readonly apiPort: number; readonly accessKey: string } => {
  const [, port, accessKey] = /^endpoint=http:\/\/(?:127\.0\.0\.1|localhost):(\d{1,5})\/?;accesskey=(\S+)$/i.exec(connectionString.trim()) ?? [];
  if (port === undefined || accessKey === undefined) throw wrong('CALLCHART_AZURE_CONNECTION_STRING', 'CALLCHART_AZURE_CONNECTION_STRING leads to this machine, for a bot that is called from it: `endpoint=http://127.0.0.1:3980/;accesskey=…`');
  return { apiPort: Number(port), accessKey };
};

const settingIn = (environment: Environment, name: string): string => {
  const value = environment[name];
  if (!value) throw wrong(name, `the setting ${name} is missing in the environment: what a bot is called with is signed by it`);
  return value;
};

const portOf = (options: Options): number => portIn(text(options, 'keysPort') ?? String(keysPort), '--keys-port');
