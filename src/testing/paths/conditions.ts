/**
 * Conditions — what has to be arranged before a call that is made from a real telephone, in sentences; and what nobody can arrange there.
 *
 * A caller has a telephone and a clock. How the bot's tasks end, when the call comes in and from where, and what the people do whom the
 * bot rings, somebody can see to. That a service fails, nobody can.
 *
 * @module
 */
import type { ScriptAct } from '../../machines/index.ts';
import { usualNow } from '../../machines/paths/usual-call.ts';
import { utcWords } from './calendar.ts';
import type { Rehearsal, TaskEnd } from './rehearsal.ts';

/** What has to be arranged before `rehearsal` is called, a sentence each thing. */
export const conditionsOf = ({ call: { call, now, script }, tasks, turns }: Rehearsal): readonly string[] => [
  ...(call.direction === 'outbound' ? ['The bot places the call, and the tester answers.'] : []),
  ...(call.answeredBy === undefined ? [] : [`The call is answered by: ${call.answeredBy}.`]),
  ...(call.from === undefined ? [] : [call.from === '' ? 'The number of the caller is withheld.' : `The call comes from ${call.from}.`]),
  ...(call.to === undefined ? [] : [`The number that is called is ${call.to}.`]),
  ...(call.language === undefined ? [] : [`The language of the call is ${call.language}.`]),
  ...(call.name === undefined ? [] : [`The name of the caller is given as ${JSON.stringify(call.name)}.`]),
  ...(Object.keys(call.headers ?? {}).length === 0 ? [] : [`The call brings the headers ${JSON.stringify(call.headers)}.`]),
  ...(now === usualNow ? [] : [`The time is ${utcWords(now)}.`]),
  ...Object.entries(tasks).map(([name, ends]) => `The task \`${name}\` ${ends.map(endWords).join(', then ')}.`),
  ...(script.some((act) => act.act === 'service' && act.outcome !== 'prompt-failed') ? turns.flatMap(({ deeds }) => deeds.flatMap(({ verb, with: [how] }) => others[verb]?.(how) ?? [])) : []),
];

const endWords = (end: TaskEnd): string => {
  if (end === 'never') return 'does not end';
  return 'failed' in end ? `fails${end.failed === '' ? '' : ` with ${end.failed}`}` : `gives ${JSON.stringify(end.done) ?? 'nothing'}`;
};

/** What people do whom the bot rings. */
const others: Readonly<Partial<Record<string, (how: unknown) => readonly string[]>>> = {
  transferAnswers: () => ['Whoever the caller is transferred to answers.'],
  transferFails: (how) => [`Whoever the caller is transferred to ${unreached(how)}.`],
  partyAnswers: () => ['Whoever the bot rings answers.'],
  partyHangsUp: () => ['Whoever the bot rings hangs up after a while.'],
  partyFails: (how) => [`Whoever the bot rings ${unreached(how)}.`],
};

const unreached = (how: unknown): string => {
  if (how === 'busy') return 'is busy';
  return how === 'noanswer' ? 'does not answer' : 'cannot be reached';
};

/** Why nobody can make the call of `rehearsal` from a telephone; null where somebody can. */
export const whyNotByPhone = ({ turns, failsNext }: Rehearsal): string | null => {
  const fails = [...failsNext, ...turns.flatMap(({ deeds }) => deeds.flatMap(({ verb, with: [what] }) => (verb === 'failsNext' ? [what] : verb in failures ? [failures[verb]] : [])))];
  const [first] = fails;
  return first === undefined ? null : `the service has to fail at ${String(first) === 'prompt' ? 'a prompt' : nouns[String(first)] ?? String(first)}`;
};

const failures: Readonly<Partial<Record<string, string>>> = { promptFails: 'a prompt', questionFails: 'a question', verbFails: 'a verb of its own' };
const nouns: Readonly<Partial<Record<string, string>>> = { answer: 'answering', hold: 'putting the caller on hold', unhold: 'taking the caller back' };

/** Whether `act` is done by the caller. */
export const isCallers = ({ act }: ScriptAct): boolean => act !== 'task' && act !== 'service' && act !== 'assume';
