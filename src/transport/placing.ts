/**
 * Placing — has the service place a call.
 *
 * @module
 */
import { CallError } from '../errors.ts';
import { requireKnown } from '../machines/index.ts';
import type { Bots } from './bots.ts';
import type { CallService, Placing } from './service.ts';

/** A call to be placed: {@link Placing}, where a single bot has no need of its path. */
export type PlaceOptions = Omit<Placing, 'path'> & Partial<Pick<Placing, 'path'>>;

const known = { to: 0, from: 0, path: 0, detectMachine: 0, timeoutMs: 0 } satisfies Record<keyof Placing, 0>;

/** Resolves to the id that the call will have. @throws `ERR_CAPABILITY_MISSING`, `ERR_ROUTE_UNKNOWN`, `ERR_CALL_UNPLACED`, `ERR_OPTION_INVALID` */
export const place = async (options: PlaceOptions, service: CallService, bots: Bots, signal: AbortSignal): Promise<string> => {
  requireKnown('place', options, known);
  for (const option of ['to', 'from'] as const) if (typeof options[option] !== 'string' || options[option].trim() === '') throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` is required`, { option });
  const { path = bots.pathOf(bots.all[0]?.id ?? '') } = options;
  if (!bots.hasPath(path)) throw new CallError('ERR_ROUTE_UNKNOWN', 'no bot answers here', {});
  if (service.place === undefined) throw new CallError('ERR_CAPABILITY_MISSING', `the service \`${service.name}\` places no calls`, { service: service.name, action: 'place', state: '' });
  return service.place({ ...options, path }, signal);
};
