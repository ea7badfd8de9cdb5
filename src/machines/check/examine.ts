/**
 * Examine — all that can be said of a bot before a call: what is wrong with it, or else how long its longest call is.
 *
 * The chart is explored with the author's guards free to hold or not. Where that leaves a round without an end, what the guards look at in
 * the context is followed and the chart explored again: a counter of the author's own that bounds the round is found so.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Batch, ServiceLimits } from '../../actions/index.ts';
import { cannotDo } from '../../actions/service-limits.ts';
import { requireBot } from '../bot-facts.ts';
import { refusedActions } from '../refusals.ts';
import { capabilitiesUsed } from '../uses.ts';
import type { CallerScript } from './caller-script.ts';
import { assuming, certificateOf, endlessRounds, stateAt } from './ending.ts';
import { effort, type Exploration, explore, type Fault, type Passage, plainFirst, ringing, scriptOf } from './explore.ts';
import { type Certificate, type Finding, severities } from './finding.ts';
import { leaving, shortest, wayTo } from './graph.ts';
import { untranslated } from './languages.ts';
import { menuFindings } from './menus.ts';
import { unreachable } from './reachable.ts';
import { opensSecrets, tellsSecrets } from './secrecy.ts';
import { waive, type Waiver } from './waive.ts';

/** How a bot is examined. */
export interface ExamineOptions {
  /** The service that it is meant for: what it cannot do, and what it refuses, is an error. Default: none is looked at. */
  readonly service?: ServiceLimits;
  /** What is let be, beside what the bot itself waives. */
  readonly waivers?: readonly Waiver[];
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
  /** Guards of the author's that were not free everywhere: what they look at was known. */
  readonly concluded: readonly string[];
}

/**
 * Looks at every moment that a call of `machine` can come to. The same bot gives the same findings, in the same order.
 *
 * @throws `ERR_BOT_INVALID` for a machine that `callMachine` did not make
 * @example
 * ```ts
 * const { findings, certificate } = examine(bot);
 * ```
 */
export const examine = (machine: AnyStateMachine, { service, waivers = [] }: ExamineOptions = {}): Examination => {
  const facts = requireBot(machine);
  const lacking = service === undefined ? [] : unsupported(machine, service);
  const batch = service === undefined || lacking.length > 0 ? undefined : (some: Batch): void => service.check(some); // which would refuse what it does not have, again
  const first = explore(machine, { ...(batch !== undefined && { batch }) });
  const { found, followed } = refined(machine, first, batch);
  const faults = faultFindings(found);
  const rounds = endlessRounds(found);
  const isSeen = first.complete && ![...first.faults, ...found.faults].some(({ rule }) => rule === 'unexamined');
  const isCounted = rounds.length > 0 || found.crowded === '';
  const tooMany: Finding = { id: 'unexamined:', rule: 'unexamined', severity: severities.unexamined, state: '', message: `the bot can come to more than ${first.moments.length - 2} moments, and not all of them were looked at`, script: null };
  return {
    findings: waive(heardBy(found, [
      ...lacking, ...(isSeen ? unreachable(first) : []), ...faults, ...(batch === undefined ? [] : refused(machine, batch, faults)), ...rounds, ...untranslated(found, facts), ...tellsSecrets(found), ...opensSecrets(found),
      ...(first.complete ? [] : [tooMany]), ...(isCounted ? [] : [crowdedAt(found.crowded)]), ...menuFindings(found, facts),
    ]), [...Object.entries(facts.waive).map(([id, reason]) => ({ id, reason })), ...waivers]),
    certificate: isSeen && isCounted && rounds.length === 0 && !faults.some(({ rule }) => rule === 'restless') ? certificateOf(found) : null,
    moments: found.moments.length - 2, ways: found.ways.length, followed, concluded: [...found.concluded].sort(),
  };
};

/** `findings`, those that have no script of their own with that of a caller who gets to the state, where one does. */
const heardBy = (found: Exploration, findings: readonly Finding[]): readonly Finding[] => {
  const reach = shortest(leaving(found.moments.length, plainFirst(found.ways)), ringing);
  const before = (from: number): readonly Passage[] => (from === ringing ? [] : wayTo(reach, from));
  const script = (state: string): CallerScript | null => {
    const heard = found.heard.get(state);
    if (heard !== undefined) return scriptOf([...before(heard.from), heard]);
    const at = found.moments.findIndex((moment, index) => moment !== null && stateAt(found, index) === state);
    return at < 0 ? null : scriptOf(before(at));
  };
  return findings.map((finding) => (finding.script !== null || finding.state === '' || finding.rule === 'unreachable' ? finding : { ...finding, script: script(finding.state) }));
};

/** More can pile up than is counted, so that nobody can say how long a call can be. */
const crowdedAt = (state: string): Finding => ({ id: `unexamined:${state}`, rule: 'unexamined', severity: severities.unexamined, state, script: null, message: `state \`${state}\`: so much can be asked for while the caller is at work that it was not counted` });

/** What a bot uses and `service` does not have. */
const unsupported = (machine: AnyStateMachine, service: ServiceLimits): readonly Finding[] => {
  const uses = capabilitiesUsed(machine).filter(({ capability }) => !service.capabilities.has(capability));
  const found = uses.map(({ state, capability }): Finding => ({
    id: `unsupported:${state}:${capability}`, rule: 'unsupported', severity: severities.unsupported, state, message: `state \`${state}\`: ${cannotDo(service, capability)}`, script: null,
  }));
  return [...new Map(found.map((one) => [one.id, one])).values()];
};

/** What the service refuses of the actions that are the same in every call, at other states than `told`. */
const refused = (machine: AnyStateMachine, batch: (batch: Batch) => void, told: readonly Finding[]): readonly Finding[] => {
  const found = refusedActions(machine, batch).map(({ message, details }): Finding => {
    const state = String((details as { readonly state?: unknown }).state ?? '');
    return { id: `service-limit:${state}`, rule: 'service-limit', severity: severities['service-limit'], state, message, script: null };
  });
  return [...new Map(found.map((one) => [one.id, one])).values()].filter(({ state }) => !told.some((other) => other.rule === 'service-limit' && (other.state === state || other.state.endsWith(`/${state}`))));
};

/** What may turn out not to be so when more is known of what guards look at. */
const isDoubtful = (found: Exploration): boolean => found.faults.some(({ rule, decided }) => rule === 'restless' || decided.length > 0) || endlessRounds(found).length > 0;

/** The exploration that tells the most: with what guards look at in contexts followed, as far as that comes to an end. */
const refined = (machine: AnyStateMachine, first: Exploration, batch: ((batch: Batch) => void) | undefined): { readonly found: Exploration; readonly followed: readonly string[] } => {
  const boundless = new Set<string>();
  let left = mostFollowedWays;
  let wanted = first.wanted;
  let best: { readonly found: Exploration; readonly followed: readonly string[] } = { found: first, followed: [] };
  while (first.complete && left > 0 && isDoubtful(best.found)) {
    const names = new Map([...wanted].map(([id, some]) => [id, new Set([...some].filter((name) => name !== 'call' && !boundless.has(`${id}: ${name}`)))]));
    const list = [...names].flatMap(([id, some]) => [...some].map((name) => `${id}: ${name}`)).sort();
    if (list.length === 0 || list.join() === best.followed.join()) break;
    const again = explore(machine, { followed: names, most: mostFollowed, mostWays: left, ...(batch !== undefined && { batch }) });
    left -= again.tried;
    if (again.boundless !== undefined) boundless.add(`${again.boundless.machine}: ${again.boundless.name}`);
    else if (!again.complete) break;
    else {
      best = { found: again, followed: list };
      wanted = new Map([...wanted, ...again.wanted].map(([id]) => [id, new Set([...(wanted.get(id) ?? []), ...(again.wanted.get(id) ?? [])])]));
    }
  }
  const told = (found: Exploration): string => [...endlessRounds(found).map(({ id }) => id), ...found.faults.map(idOf)].sort().join();
  return isDoubtful(best.found) && told(best.found) === told(first) ? { found: first, followed: [] } : best;
};

/** More moments, and more ways, than these are not looked at to find out whether a counter ends them: some seconds' worth. */
const mostFollowed = 50_000;
const mostFollowedWays = 150_000;

/** What the exploration ran into, each once, by the shortest way. */
const faultFindings = (found: Exploration): readonly Finding[] => {
  const reach = shortest(leaving(found.moments.length, plainFirst(found.ways)), ringing);
  const told = new Map<string, { readonly fault: Fault; readonly before: readonly Passage[] }>();
  for (const fault of found.faults.flatMap((one) => (isOneOfMany(one, found.faults) ? [] : [one]))) {
    const before = fault.from === ringing ? [] : wayTo(reach, fault.from);
    const known = told.get(idOf(fault));
    if (known === undefined || effort([...before, fault]) < effort([...known.before, known.fault])) told.set(idOf(fault), { fault, before });
  }
  return [...told].map(([id, { fault, before }]): Finding => {
    const ways = [...before, fault];
    return { id, rule: fault.rule, severity: severities[fault.rule], state: fault.state, message: sentence(fault, found.faults) + assuming(ways), script: scriptOf(ways) };
  });
};

const variants = ['recognize.nomatch.interdigit', 'recognize.nomatch.speech'];

/** Whether a fault is told together with that of a wrong key at the same moment. */
const isOneOfMany = ({ rule, what, from }: Fault, faults: readonly Fault[]): boolean =>
  rule === 'unhandled' && variants.includes(what) && faults.some((other) => other.from === from && other.what === 'recognize.nomatch.key');

const idOf = ({ rule, state, what }: Fault): string => (rule === 'unhandled' ? `${rule}:${state}:${what}` : `${rule}:${state}`);

const sentence = ({ rule, state, what, from }: Fault, faults: readonly Fault[]): string => {
  const silently = 'and the caller is hung up on without a word';
  switch (rule) {
    case 'dead-end':
      return `state \`${state}\`: waits for nothing, ${silently}`;
    case 'unhandled': {
      const isAny = what === 'recognize.nomatch.key' && variants.every((type) => faults.some((other) => other.from === from && other.what === type));
      const [words] = Object.entries(endings).filter(([type]) => what === type || what.startsWith(`${type}.`)).map(([, said]) => said);
      return what.includes('.') ? `state \`${state}\`: ${words ?? 'an ending'} is not handled (\`${isAny ? 'recognize.nomatch.*' : what}\`), ${silently}` : `state \`${state}\`: ${what}`;
    }
    case 'restless':
    case 'unexamined':
      return `state \`${state}\`: ${what}`;
    default:
      return what;
  }
};

/** Endings, in words. */
const endings: Readonly<Record<string, string>> = {
  'recognize.noinput': 'silence', 'record.noinput': 'silence', 'recognize.nomatch': 'input that is no choice', 'recognize.choice': 'a choice', 'recognize.digits': 'what is keyed', 'recognize.speech': 'what is said',
  'recognize.repeat': 'the wish to hear it again', 'recognize.failed': 'a failure of the service to listen', 'play.failed': 'a prompt that cannot be played', 'record.failed': 'a failure of the service to record', 'record.done': 'a recording',
  'transfer.busy': 'a busy party', 'transfer.noanswer': 'a party that does not answer', 'transfer.failed': 'a transfer that fails', 'createcall.done': 'the end of the outgoing call',
  'invoke.onDone': 'what its task gives', 'invoke.onError': 'the failure of its task',
  'createcall.busy': 'a busy party', 'createcall.noanswer': 'a party that does not answer', 'createcall.failed': 'an outgoing call that fails',
  'raw.done': 'an ending of a verb of the service', 'raw.failed': 'a verb of the service that fails',
};
