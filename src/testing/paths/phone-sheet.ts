/**
 * Phone sheet — generated calls for a person with a telephone: what has to be arranged, what to do, and what should be heard.
 *
 * @module
 */
import { counted } from '../../machines/counted.ts';
import type { EndReason, ScriptAct } from '../../machines/index.ts';
import { conditionsOf, isCallers, whyNotByPhone } from './conditions.ts';
import { isUnheard, type Rehearsal, type Turn } from './rehearsal.ts';

/** `calls` to the bot `bot`, in numbered steps. Those that nobody can make from a telephone are named at the end. */
export const phoneSheet = (bot: string, calls: readonly Rehearsal[]): string => {
  const made = calls.filter((call) => whyNotByPhone(call) === null);
  const others = calls.filter((call) => whyNotByPhone(call) !== null);
  return [
    `${counted(made.length, 'call')} to the bot ${bot}`,
    ...made.map((call, index) => callText(call, index + 1, made.length)),
    ...(others.length === 0 ? [] : [['Not to be made from a telephone:', ...others.map((call) => `  ${call.call.title}: ${whyNotByPhone(call) ?? ''}`)].join('\n')]),
  ].map((part) => `${part}\n`).join('\n');
};

const callText = (rehearsal: Rehearsal, number: number, count: number): string => {
  const steps = rehearsal.turns.map((turn, index) => `${doneIn(turn, rehearsal)}${comes(turn, index === rehearsal.turns.length - 1 ? rehearsal.ended : null)}`);
  return [
    `Call ${number} of ${count}: ${rehearsal.call.title}`,
    ...conditionsOf(rehearsal).map((sentence) => `  Before: ${sentence}`),
    ...[...steps, ...(rehearsal.ended === null ? ['Hang up.'] : [])].map((step, index) => `  ${String(index + 1).padStart(2)}. ${step}`),
  ].join('\n');
};

const doneIn = ({ acts: [act], tookMs, deeds }: Turn, { call }: Rehearsal): string => {
  if (act === undefined || deeds.length === 0) return call.call.direction === 'outbound' ? 'Answer when it rings.' : 'Dial.';
  return isCallers(act) ? callersDeed(act, tookMs) : othersDeed(act);
};

const callersDeed = (act: ScriptAct, tookMs: number): string => {
  switch (act.act) {
    case 'press':
      return `Press ${[...act.keys].join(' ')}.`;
    case 'say':
      return `Say “${act.words}”.`;
    case 'silence':
    case 'wait':
      return tookMs === 0 ? 'Wait.' : `Say nothing for ${seconds(tookMs)}.`;
    case 'record':
      return `Speak for ${seconds(act.recordMs)}${act.stop === undefined ? ', then be silent' : act.stop === 'hangup' ? ', then hang up' : `, then press ${act.stop}`}.`;
    default:
      return 'Hang up.';
  }
};

const othersDeed = (act: ScriptAct): string => {
  if (act.act === 'task') return `The task of \`${act.path}\` ends.`;
  return act.act === 'service' && act.outcome === 'done' ? 'The other party answers.' : 'The other party cannot be had.';
};

const comes = ({ heard }: Turn, ended: EndReason | null): string => {
  const texts = heard.filter((prompt) => !isUnheard(prompt)).map(({ text, others }) => `“${text}”${others.length === 0 ? '' : ` (or ${others.map((other) => `“${other}”`).join(', ')})`}`);
  return `${texts.length === 0 ? '' : ` You hear: ${texts.join(' ')}`}${ended === null ? '' : ends[ended]}`;
};

const ends: Readonly<Record<EndReason, string>> = {
  caller: '', bot: ' The bot hangs up.', rejected: ' The call is refused.', transferred: ' The bot has handed you on.', error: ' The call is over.', service: ' The call is over.',
};

const seconds = (ms: number): string => (ms === 1_000 ? 'one second' : `${ms / 1_000} seconds`);
