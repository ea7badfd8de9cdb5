/**
 * Services — the calling services on the command line: those that this version speaks, by name.
 *
 * @module
 */
import type { ServiceLimits } from '../actions/index.ts';
import { plain, wrong } from './arguments.ts';
import { botframeworkService } from './services/botframework.ts';
import type { SpokenService } from './services/spoken.ts';
import { twilioService } from './services/twilio.ts';

const spoken = { botframework: botframeworkService, twilio: twilioService } as const satisfies Readonly<Record<string, SpokenService>>;
const planned = ['azure', 'jambonz', 'vonage'];

/** A service that this version speaks. */
export type ServiceName = keyof typeof spoken;

/** The service called `name`. @throws `ERR_OPTION_INVALID` */
export const serviceNamed = (name: string): ServiceName => {
  const wanted = plain(name);
  if (Object.hasOwn(spoken, wanted)) return wanted as ServiceName;
  const names = Object.keys(spoken).map((one) => `\`${one}\``);
  const are = names.length === 1 ? `${names[0]} is` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`;
  throw wrong('service', planned.includes(wanted) ? `the service \`${wanted}\` is not in this version; ${are}` : `there is no service \`${wanted}\`; ${names.length === 1 ? `${are} one` : are}`);
};

/** What the command line knows of the service called `name`. */
export const spokenService = (name: ServiceName): SpokenService => spoken[name];

/** What the service called `name` can do, and what it refuses. */
export const limitsOf = (name: ServiceName): ServiceLimits => spoken[name].limits;
