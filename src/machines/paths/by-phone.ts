/**
 * By phone — of all that can become of a call that which somebody with a telephone can bring about, where tasks end as they are arranged and people
 * answer or do not whom the bot rings: nobody can have the service itself fail.
 *
 * @module
 */
import { shortest } from '../check/graph.ts';
import { type Discovery, networkOf, type Way } from './discover.ts';
import { openOperation } from './line.ts';

/** `discovery` without the ways on which the service fails by itself, and without what lies behind them alone. */
export const byPhoneOf = (discovery: Discovery): Discovery => {
  const own = discovery.ways.filter((way) => !isFailure(discovery, way));
  const distances = distancesOf(discovery.moments.length, own);
  // The first way to a moment comes from one that is nearer to the beginning.
  const ways = own.filter(({ from }) => distances.has(from)).sort((one, other) => (distances.get(one.from) ?? 0) - (distances.get(other.from) ?? 0));
  return { ...discovery, ways, met: new Set(ways.flatMap(({ met }) => met)) };
};

/** How many ways there are at least to each moment that can be reached. */
const distancesOf = (moments: number, ways: readonly Way[]): ReadonlyMap<number, number> => {
  const distances = new Map([[-1, 0]]);
  for (const [at, { from }] of shortest(networkOf(moments, ways), 0)) distances.set(at - 1, (distances.get(from - 1) ?? 0) + 1); // nearer ones come first
  return distances;
};

const isFailure = ({ moments }: Discovery, { from, act }: Way): boolean => {
  if (act?.act !== 'service') return false;
  const moment = moments[from];
  const type = moment && openOperation(moment.arrived)?.type;
  return act.outcome === 'prompt-failed' || (act.outcome === 'failed' && type !== 'transfer' && type !== 'createcall');
};
