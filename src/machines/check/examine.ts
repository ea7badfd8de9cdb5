/**
 * Examine — all that can be said of a bot before a call: what is wrong with it, or else how long its longest call is.
 *
 * The chart is explored with the author's guards free to hold or not. Where that leaves a round without an end, what the guards look at in
 * the context is followed and the chart explored again: a counter of the author's own that bounds the round is found so.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Operation } from '../../actions/index.ts';
import { botFacts, requireBot } from '../bot-facts.ts';
import { assuming, certificateOf, endlessRounds, stateAt } from './ending.ts';
import { type Exploration, explore, type Fault, ringing, scriptOf } from './explore.ts';
import { type Certificate, type Finding, rules } from './finding.ts';
import { leaving, shortest, wayTo } from './graph.ts';
import { unreachable } from './reachable.ts';

/** How a bot is examined. */
export interface ExamineOptions {
  /** Refuses a batch that the service does not take, by throwing a `CallError`. */
  readonly batch?: (batch: readonly Operation[]) => void;
}

/** What is known of a bot before a call. */
export interface Examination {
  readonly findings: readonly Finding[];
  /** That every call ends; null where it does not, or where not everything could be looked at. */
  readonly certificate: Certificate | null;
  /** How much was looked at. */
  readonly moments: number;
  readonly ways: number;
  /** Names in contexts, behind their machine, that had to be followed: counters of the author's own. */
  readonly followed: readonly string[];
}

/** @throws `ERR_BOT_INVALID` for a machine that `callMachine` did not make */
export const examine = (machine: AnyStateMachine, { batch }: ExamineOptions = {}): Examination => {
  requireBot(machine);
  const first = explore(machine, { ...(batch !== undefined && { batch }) });
  const { found, followed } = refined(machine, first);
  const faults = faultFindings(first);
  const rounds = endlessRounds(found);
  const isSeen = first.complete && !faults.some(({ rule }) => rule === 'unexamined');
  const findings = [
    ...(isSeen ? unreachable(first) : []),
    ...faults,
    ...rounds,
    ...(first.complete ? [] : [{ id: 'unexamined:', rule: 'unexamined' as const, severity: rules.unexamined, state: '', message: `the bot can come to more than ${first.moments.length - 1} moments: not all of them were looked at`, script: null }]),
  ];
  return { findings, certificate: isSeen && rounds.length === 0 && !findings.some(({ rule }) => rule === 'restless') ? certificateOf(found) : null, moments: first.moments.length - 2, ways: first.ways.length, followed };
};

/** The exploration that tells the most of `first`'s rounds: with what its guards look at followed, as far as that comes to an end. */
const refined = (machine: AnyStateMachine, first: Exploration): { readonly found: Exploration; readonly followed: readonly string[] } => {
  let names = first.wanted;
  const dropped = new Set<string>();
  let found = first;
  while (first.complete && endlessRounds(found).length > 0) {
    const next = new Map([...names].map(([id, some]) => [id, new Set([...some].filter((name) => name !== 'call' && !dropped.has(`${id} ${name}`)))]));
    if ([...next.values()].every(({ size }) => size === 0)) break;
    const again = explore(machine, { followed: next, most: 50_000 });
    if (again.boundless !== undefined) {
      dropped.add(`${again.boundless.machine} ${again.boundless.name}`);
      continue;
    }
    if (!again.complete) break;
    found = again;
    const more = new Map([...again.wanted].map(([id, some]) => [id, new Set([...(names.get(id) ?? []), ...some])]));
    if ([...more].every(([id, some]) => [...some].every((name) => names.get(id)?.has(name) === true))) return { found, followed: listed(next) };
    names = new Map([...names, ...more]);
  }
  return { found, followed: [] };
};

const listed = (names: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] => [...names].flatMap(([id, some]) => [...some].map((name) => `${id}: ${name}`)).sort();

/** What the exploration ran into, each once, by the shortest way. */
const faultFindings = (found: Exploration): readonly Finding[] => {
  const reach = shortest(leaving(found.moments.length, found.ways), ringing);
  const told = new Map<string, Finding & { readonly length: number }>();
  for (const fault of found.faults) {
    const before = fault.from === ringing ? [] : wayTo(reach, fault.from);
    const id = idOf(fault);
    const known = told.get(id);
    if (known !== undefined && known.length <= before.length) continue;
    const ways = [...before, fault];
    told.set(id, { id, rule: fault.rule, severity: rules[fault.rule], state: fault.state, message: sentence(fault, stateAt(found, fault.from)) + assuming(ways), script: scriptOf(ways), length: before.length });
  }
  return [...told.values()].map(({ length: _, ...finding }) => finding);
};

const idOf = ({ rule, state, what }: Fault): string => (rule === 'unhandled' ? `${rule}:${state}:${what}` : `${rule}:${state}`);

const sentence = ({ rule, state, what, happening }: Fault, before: string): string => {
  switch (rule) {
    case 'dead-end':
      return `state \`${state}\`: waits for nothing, and the caller is hung up on without a word`;
    case 'unhandled':
      return `state \`${state}\`: \`${what}\` is not handled${what === happening.what ? '' : ''}, and the caller is hung up on without a word`;
    case 'restless':
    case 'unexamined':
      return `state \`${state === '' ? before : state}\`: ${what}`;
    default:
      return what;
  }
};

export { botFacts };
