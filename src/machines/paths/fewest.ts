/**
 * Fewest — how many calls it takes at least: so many points that no two of them can be met in one call, by the chart alone.
 *
 * Guards are taken to hold and not to hold, and what runs side by side to be anywhere: what cannot come after one another even so cannot at all. By
 * Dilworth's theorem the most points of which none comes after another are as many as the fewest chains of points that take in all of them.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { pointsOf } from '../coverage/points.ts';
import { type Chart, type ChartEdge, type ChartNode, chartOf } from '../draw/chart.ts';
import { isMachine, machinesOf } from '../naming.ts';

/** Fewer calls than these cannot meet all points `met`. */
export const fewestOf = (machine: AnyStateMachine, met: ReadonlySet<string>): number => {
  const { edges, after } = mapOf(machine);
  const places = apart(pointsOf(machine).filter(({ id, kind }) => kind === 'transition' && met.has(id)).map(({ transitions }) => transitions.flatMap((one) => edges.get(one) ?? [])));
  const leads = places.map((own) => {
    const reached = new Set(own.flatMap((edge) => [...after(edge)]));
    return places.map((others) => others.some(({ from }) => reached.has(from)));
  });
  return Math.max(1, chainsOf(classesOf(closed(leads))));
};

/** Points that have no transition in common: of those that do, the ones with the fewest. */
const apart = (points: readonly (readonly Edge[])[]): readonly (readonly Edge[])[] => {
  const taken = new Set<Edge>();
  return [...points].sort((one, other) => one.length - other.length).filter((own) => {
    if (own.length === 0 || own.some((edge) => taken.has(edge))) return false;
    own.forEach((edge) => taken.add(edge));
    return true;
  });
};

// ---- the chart ----

/** A transition, with places by their machine. */
interface Edge {
  readonly from: string;
  readonly targets: readonly string[];
}

interface Place {
  readonly parent: string | undefined;
  readonly children: readonly string[];
  readonly node: ChartNode;
  readonly machine: string;
  /** Where one is who enters it, beside in it. */
  readonly begins: readonly string[];
}

interface Ground {
  readonly edges: ReadonlyMap<string, Edge>;
  /** Places that one may be in at any time after `edge` was taken. */
  readonly after: (edge: Edge) => ReadonlySet<string>;
}

const mapOf = (machine: AnyStateMachine): Ground => {
  const places = new Map<string, Place>();
  const edges = new Map<string, Edge>();
  const leaving = new Map<string, Edge[]>();
  /** By dialog the states that run it. */
  const runners = new Map<string, string[]>();
  for (const one of machinesOf(machine)) {
    const chart = chartOf(one);
    for (const node of [chart.root, ...chart.nodes]) {
      const dialogs = node.runs.flatMap(({ src }) => {
        const logic: unknown = one.implementations.actors[src];
        return isMachine(logic) ? [logic.id] : [];
      });
      const place = placeIn(chart, node.path);
      for (const dialog of dialogs) runners.set(dialog, [...(runners.get(dialog) ?? []), place]);
      places.set(place, {
        node, machine: chart.id, parent: node.parent === undefined ? undefined : placeIn(chart, node.parent),
        children: chart.nodes.filter(({ parent }) => parent === node.path).map(({ path }) => placeIn(chart, path)),
        begins: [...beginnings(chart, node), ...dialogs.map((dialog) => `${dialog}.`)],
      });
    }
    for (const edge of chart.edges) {
      const own = edgeIn(chart, edge);
      edges.set(edge.id, own);
      leaving.set(own.from, [...(leaving.get(own.from) ?? []), own]);
    }
  }

  const within = (place: string): readonly string[] => [place, ...(places.get(place)?.children ?? []).flatMap(within)];

  /** `place` and what one is in with it: what it begins with, and what is around it. */
  const entered = (place: string, found: Set<string>): void => {
    if (found.has(place)) return;
    found.add(place);
    const { begins = [], parent, node } = places.get(place) ?? {};
    if (node?.type === 'history' && parent !== undefined) within(parent).forEach((one) => entered(one, found));
    if (node?.type === 'parallel') within(place).forEach((one) => entered(one, found));
    begins.forEach((one) => entered(one, found));
    if (parent !== undefined) surrounds(parent, found);
  };

  /** What is around: its own ways are open, but it begins nothing anew. */
  const surrounds = (place: string, found: Set<string>): void => {
    const { parent, node } = places.get(place) ?? {};
    if (node?.type === 'parallel') entered(place, found);
    found.add(place);
    if (parent !== undefined) surrounds(parent, found);
  };

  const runnersOf = (dialog: string, found: Set<string>): void => {
    for (const place of runners.get(dialog) ?? []) {
      if (found.has(place)) continue;
      surrounds(place, found);
      runnersOf(places.get(place)?.machine ?? '', found);
    }
  };

  const known = new Map<Edge, ReadonlySet<string>>();
  const after = (edge: Edge): ReadonlySet<string> => {
    const before = known.get(edge);
    if (before !== undefined) return before;
    const found = new Set<string>();
    const take = ({ from, targets }: Edge): void => (targets.length === 0 ? within(from) : targets).forEach((one) => entered(one, found));
    runnersOf(places.get(edge.from)?.machine ?? '', found);
    take(edge);
    const taken = new Set<Edge>();
    for (const place of found) { // a set goes on to what is added meanwhile
      for (const way of leaving.get(place) ?? []) {
        if (taken.has(way)) continue;
        taken.add(way);
        take(way);
      }
    }
    known.set(edge, found);
    return found;
  };
  return { edges, after };
};

const placeIn = ({ id }: Chart, path: string): string => `${id}.${path}`;

const edgeIn = (chart: Chart, { from, targets }: ChartEdge): Edge => ({ from: placeIn(chart, from), targets: targets.map((path) => placeIn(chart, path)) });

/** A machine begins where its author says, after the framework's own states. */
const beginnings = (chart: Chart, { path, initial, type }: ChartNode): readonly string[] =>
  type === 'history' ? initial.map((one) => placeIn(chart, one)) : path === '' ? chart.nodes.filter(({ parent, framework }) => parent === '' && !framework).filter((node) => isFirst(chart, node)).map((node) => placeIn(chart, node.path)) : initial.map((one) => placeIn(chart, one));

const isFirst = ({ edges, root, nodes }: Chart, { path }: ChartNode): boolean =>
  root.type === 'parallel' || root.initial.includes(path) || nodes.some((node) => node.framework && edges.some(({ from, targets }) => from === node.path && targets.includes(path)));

// ---- chains ----

/** What leads to what, over others too. */
const closed = (leads: readonly (readonly boolean[])[]): readonly (readonly boolean[])[] => {
  const all = leads.map((row) => row.reduce((bits, leadsOn, to) => (leadsOn ? bits | (1n << BigInt(to)) : bits), 0n));
  for (const middle of all.keys()) {
    const through = all[middle] ?? 0n;
    for (const [one, row] of all.entries()) if ((row >> BigInt(middle)) & 1n) all[one] = row | through;
  }
  return all.map((row) => {
    const text = row.toString(2).padStart(leads.length, '0');
    return leads.map((_, to) => text[leads.length - 1 - to] === '1');
  });
};

/** The same with what leads to one another taken for one. */
const classesOf = (leads: readonly (readonly boolean[])[]): readonly (readonly boolean[])[] => {
  const first = leads.map((row, one) => row.findIndex((leadsOn, other) => other === one || (leadsOn && leads[other]?.[one] === true)));
  const kept = leads.flatMap((_, one) => (first[one] === one ? [one] : []));
  return kept.map((one) => kept.map((other) => one !== other && leads[one]?.[other] === true));
};

/** The fewest chains: each member that another can follow saves one. */
const chainsOf = (leads: readonly (readonly boolean[])[]): number => {
  const before = new Map<number, number>();
  const isFollowed = (one: number, seen: Set<number>): boolean =>
    (leads[one] ?? []).some((leadsOn, next) => {
      if (!leadsOn || seen.has(next)) return false;
      seen.add(next);
      const other = before.get(next);
      if (other !== undefined && !isFollowed(other, seen)) return false;
      before.set(next, one);
      return true;
    });
  return leads.filter((_, one) => !isFollowed(one, new Set())).length;
};
