/**
 * Services — the names of the calling services on the command line, and which of them this version speaks.
 *
 * @module
 */
import type { ServiceLimits } from '../actions/index.ts';
import { botframeworkLimits } from '../transport/index.ts';
import { plain, wrong } from './arguments.ts';

const spoken = ['botframework'] as const;
const planned = ['azure', 'twilio', 'jambonz', 'vonage'];

/** A service that this version speaks. */
export type ServiceName = (typeof spoken)[number];

/** The service called `name`. @throws `ERR_OPTION_INVALID` */
export const serviceNamed = (name: string): ServiceName => {
  const wanted = plain(name);
  const found = spoken.find((one) => one === wanted);
  if (found !== undefined) return found;
  throw wrong('service', planned.includes(wanted) ? `the service \`${wanted}\` is not in this version; \`botframework\` is` : `there is no service \`${wanted}\`; \`botframework\` is one`);
};

const limits: Readonly<Record<ServiceName, ServiceLimits>> = { botframework: botframeworkLimits };

/** What the service called `name` can do, and what it refuses. */
export const limitsOf = (name: ServiceName): ServiceLimits => limits[name];
