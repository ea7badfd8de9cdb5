/**
 * Ending — that every call ends, or how it does not: the rounds that can be made without the caller's doing, and where there are none, how
 * long a call can be at most.
 *
 * @module
 */
import { effort, type Exploration, nameOf, over, type Passage, plainFirst, ringing, scriptOf } from './explore.ts';
import type { Certificate, Finding, Longest, Rule } from './finding.ts';
import { leaving, longest, rounds, roundThrough, shortest, wayTo } from './graph.ts';
import { type Cause, isInput } from './happenings.ts';
import { mostParked } from './moment.ts';
import { speaks } from './resting.ts';

/** Rounds by what alone can make them, the simplest first, with how it is said. That a prompt comes to its end is nobody’s doing. */
const kinds: readonly { readonly rule: Rule; readonly causes: readonly Cause[]; readonly who: string }[] = [
  { rule: 'silent-loop', causes: ['noinput'], who: 'silence alone' },
  { rule: 'nomatch-loop', causes: ['noinput', 'nomatch'], who: 'input that the question does not take' },
  { rule: 'failure-loop', causes: ['failed', 'party'], who: 'what fails at the service, or at the other party,' },
  { rule: 'task-loop', causes: ['task'], who: 'tasks alone' },
  { rule: 'timer-loop', causes: ['timer'], who: 'timers alone' },
  { rule: 'endless', causes: ['noinput', 'nomatch', 'failed', 'party', 'task', 'timer', 'done'], who: 'what happens without the caller’s doing' },
];

/**
 * Tells the ways that are gone while the bot says something, and leave it to that: a prompt comes to its end at some time, so that nobody
 * goes round by them alone for ever. What a timer or a task has it ask for meanwhile is parked, and cuts no prompt short.
 */
const meanwhile = ({ moments }: Exploration) => ({ from, happening: { delivery } }: Passage): boolean => {
  const waiting = moments[from]?.waiting ?? null;
  return waiting !== null && speaks.has(waiting.ask.type) && delivery !== null && delivery.to !== 'waiting';
};

/** Every round that turns without the caller's doing, each told once and by the simplest thing that turns it. */
export const endlessRounds = (found: Exploration): readonly Finding[] => {
  const { moments, ways } = found;
  const isMeanwhile = meanwhile(found);
  const reach = shortest(leaving(moments.length, plainFirst(ways)), ringing);
  const depth = new Map([[ringing, 0]]);
  for (const [at, { from }] of reach) depth.set(at, (depth.get(from) ?? 0) + 1); // nearer ones come first
  const told = new Set<number>();
  const findings = new Map<string, Finding>();
  for (const { rule, causes, who } of kinds) {
    const out = leaving(moments.length, plainFirst(ways.filter(({ happening: { cause } }) => cause === 'done' || causes.includes(cause))));
    for (const part of rounds(out, isMeanwhile)) {
      const members = new Set(part);
      const isMadeSo = part.some((at) => out[at]?.some(({ to, happening: { cause } }) => members.has(to) && causes.includes(cause)));
      if (!isMadeSo || part.some((at) => told.has(at))) continue;
      for (const at of part) told.add(at);
      const { way, round } = simplest(part, { reach, depth, out, isMeanwhile });
      const states = [...new Set(round.map(({ from }) => stateAt(found, from)))];
      const id = `${rule}:${states[0]}`;
      if (findings.has(id)) continue;
      findings.set(id, {
        id, rule, severity: 'error', state: states[0] ?? '', ...played(way, round),
        message: `state \`${states[0]}\`: ${who} can go round for ever: ${[...states, states[0]].map((state) => `\`${state}\``).join(', ')}${assuming([...way, ...round])}`,
      });
    }
  }
  return [...findings.values()];
};

/** So many moments that are come to equally soon are tried for the shortest round. */
const mostEntries = 16;

/** How to come to the round through `part`, as soon as can be, and once round it. */
const simplest = (
  part: readonly number[],
  { reach, depth, out, isMeanwhile }: { readonly reach: ReadonlyMap<number, Passage>; readonly depth: ReadonlyMap<number, number>; readonly out: readonly (readonly Passage[])[]; readonly isMeanwhile: ReturnType<typeof meanwhile> },
): { readonly way: readonly Passage[]; readonly round: readonly Passage[] } => {
  const members = new Set(part);
  const nearest = part.reduce((least, at) => Math.min(least, depth.get(at) ?? Infinity), Infinity);
  const entries = part.filter((at) => depth.get(at) === nearest).slice(0, mostEntries);
  const [best] = entries.map((at) => ({ way: wayTo(reach, at), round: roundThrough(out, members, at, isMeanwhile) })).sort((a, b) => effort([...a.way, ...a.round]) - effort([...b.way, ...b.round]));
  return best ?? { way: [], round: [] };
};

/** A caller who goes round twice, and then has had enough. */
const played = (way: readonly Passage[], round: readonly Passage[]): Pick<Finding, 'script' | 'round'> => {
  const [once, twice] = [scriptOf([...way, ...round]), scriptOf([...way, ...round, ...round])];
  return once === null || twice === null ? { script: null } : { script: [...twice, { act: 'hangup' }], round: twice.length - once.length };
};

/** The name of the state of the moment `at`. */
export const stateAt = ({ moments }: Exploration, at: number): string => {
  const moment = moments[at];
  return moment === null || moment === undefined ? '' : nameOf(moment);
};

/** What has to be so of the bot's own guards for the caller to come along `ways`. */
export const assuming = (ways: readonly Pick<Passage, 'decided'>[]): string => {
  const last = new Map(ways.flatMap(({ decided }) => decided.map(({ guard, holds }) => [guard, holds] as const)));
  return last.size === 0 ? '' : `, where ${[...last].map(([guard, holds]) => `the guard \`${guard}\` ${holds ? 'holds' : 'does not hold'}`).join(' and ')}`;
};

/** How long a call can be, of a bot without {@link endlessRounds}. */
export const certificateOf = (found: Exploration): Certificate => {
  const { moments, ways } = found;
  const isMeanwhile = meanwhile(found);
  const idle = ways.filter(({ happening: { cause } }) => !isInput(cause));
  const inputs = ways.filter(({ happening: { cause } }) => isInput(cause)); // the call itself comes in as one
  const all = leaving(moments.length, plainFirst(ways));
  const isCounted = ({ to }: Passage): boolean => (moments[to]?.parked.length ?? 0) <= mostParked;
  const turning = rounds(all, (way) => isMeanwhile(way) && isCounted(way)); // who comes and goes can have any number of things said behind a prompt
  const most = (of: readonly Passage[], from: readonly Passage[]): Longest => {
    const out = leaving(moments.length, of);
    const by = (weight: (way: Passage) => number): number => {
      const { length } = longest(out, weight, isMeanwhile);
      return from.reduce((known, way) => Math.max(known, weight(way) + (length[way.to] as number)), 0);
    };
    return { prompts: by(({ prompts }) => prompts), reprompts: by(({ reprompts }) => reprompts), silenceMs: by(({ happening }) => happening.silenceMs) };
  };
  return {
    withoutInput: most(idle, inputs),
    whole: turning.length > 0 ? null : most(ways, ways.filter(({ from }) => from === ringing)),
    rounds: [...new Set(turning.flat().map((at) => stateAt(found, at)))].sort(),
    script: longestScript(found, idle, inputs, all),
  };
};

/** A caller who is silent, or is not understood, for as long as anybody can be. */
const longestScript = (found: Exploration, idle: readonly Passage[], inputs: readonly Passage[], all: readonly (readonly Passage[])[]): Certificate['script'] => {
  const weight = ({ happening: { silenceMs }, prompts }: Passage): number => silenceMs * 1_000 + prompts;
  const { length, step } = longest(leaving(found.moments.length, idle), weight, meanwhile(found));
  const reach = shortest(all, ringing);
  const efforts = new Map([[ringing, 0]]);
  for (const [at, way] of reach) efforts.set(at, (efforts.get(way.from) as number) + effort([way])); // in the order in which they are come to
  const lasts = (way: Passage): number => weight(way) + (length[way.to] as number);
  const takes = (way: Passage): number => (efforts.get(way.from) as number) + effort([way]);
  let first: Passage | undefined;
  for (const way of inputs) if (first === undefined || lasts(way) > lasts(first) || (lasts(way) === lasts(first) && takes(way) < takes(first))) first = way;
  if (first === undefined) return null;
  const ways: Passage[] = [...wayTo(reach, first.from), first];
  for (let way = step[first.to]; way !== undefined && first.to !== over; way = step[way.to]) ways.push(way);
  return scriptOf(ways);
};
