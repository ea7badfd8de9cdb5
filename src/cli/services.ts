/**
 * Services — the calling services on the command line: those that this version speaks, by name.
 *
 * @module
 */
import type { ServiceLimits } from '../actions/index.ts';
import { CallError, isCallError } from '../errors.ts';
import { type Options, plain, text, wrong } from './arguments.ts';
import { azureService } from './services/azure.ts';
import { botframeworkService } from './services/botframework.ts';
import type { SpokenService } from './services/spoken.ts';
import { twilioService } from './services/twilio.ts';

const spoken = { botframework: botframeworkService, twilio: twilioService, azure: azureService } as const satisfies Readonly<Record<string, SpokenService>>;
const planned = ['jambonz', 'vonage'];

/** A service that this version speaks. */
export type ServiceName = keyof typeof spoken;

/** Where the service is named for all commands. */
const setting = 'CALLCHART_SERVICE';

/** The service that `--service` names, or else the environment. @throws `ERR_OPTION_INVALID` */
export const serviceIn = (options: Options, environment: Readonly<Record<string, string | undefined>> = process.env): ServiceName => {
  const named = text(options, 'service');
  if (named !== undefined) return serviceNamed(named);
  const set = environment[setting]?.trim() || 'botframework';
  try {
    return serviceNamed(set);
  } catch (error) {
    throw isCallError(error) ? wrong(setting, `${setting}: ${error.message}`) : error;
  }
};

/** Whether this version speaks the service called `name`. */
export const isService = (name: string): name is ServiceName => Object.hasOwn(spoken, name);

/** The service called `name`. @throws `ERR_OPTION_INVALID` */
export const serviceNamed = (name: string): ServiceName => {
  const wanted = plain(name);
  if (isService(wanted)) return wanted;
  const names = Object.keys(spoken).map((one) => `\`${one}\``);
  const are = names.length === 1 ? `${names[0]} is` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`;
  throw wrong('service', planned.includes(wanted) ? `the service \`${wanted}\` is not in this version; ${are}` : `there is no service \`${wanted}\`; ${names.length === 1 ? `${are} one` : are}`);
};

/** Which services can do what is missing: the end of a sentence, or nothing where none can. */
export const whoCan = (capability: string): string => {
  const able = Object.entries<SpokenService>(spoken).flatMap(([name, { limits }]) => ((limits.capabilities as ReadonlySet<string>).has(capability) ? [`\`${name}\``] : []));
  return able.length === 0 ? '' : `${able.join(' and ')} can: \`--service\``;
};

/** `error`; where a service cannot do what a bot needs, with those that can. */
export const withWhoCan = (error: unknown): unknown => {
  if (!isCallError(error) || error.code !== 'ERR_CAPABILITY_MISSING') return error;
  const { message, details } = error as CallError<'ERR_CAPABILITY_MISSING'>;
  const able = whoCan(details.action);
  return able === '' ? error : new CallError('ERR_CAPABILITY_MISSING', `${message}; ${able}`, details, { cause: error });
};

/** What the command line knows of the service called `name`. */
export const spokenService = (name: ServiceName): SpokenService => spoken[name];

/** What the service called `name` can do, and what it refuses. */
export const limitsOf = (name: ServiceName): ServiceLimits => spoken[name].limits;
