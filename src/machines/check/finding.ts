/**
 * Finding — what is wrong with a bot, or likely to be, as its check tells it: the rule, the state, and a caller who shows it.
 *
 * @module
 */
import type { CallerScript } from './caller-script.ts';

/** Every rule that a bot is held to, by how much it matters. `docs/check.md` has a section for each. */
export const severities = {
  // what a bot is refused for when it is loaded
  invalid: 'error',
  // what a caller can be caught in
  unreachable: 'error',
  'dead-end': 'error',
  unhandled: 'error',
  'silent-loop': 'error',
  'nomatch-loop': 'error',
  'failure-loop': 'error',
  'task-loop': 'error',
  'timer-loop': 'error',
  endless: 'error',
  restless: 'error',
  // what a service cannot do
  'batch-illegal': 'error',
  unsupported: 'error',
  'service-limit': 'error',
  // what is said, and what should not be
  untranslated: 'error',
  'secret-told': 'error',
  'secret-open': 'error',
  // what the check cannot see
  unexamined: 'error',
  // what callers suffer from
  'menu-breadth': 'warning',
  'option-keyless': 'warning',
  'option-wordless': 'warning',
  'option-doubled': 'warning',
  'option-unsaid': 'warning',
  'prompt-long': 'warning',
  'question-mute': 'warning',
  'task-unlimited': 'warning',
  'no-person': 'warning',
  'waiver-unused': 'warning',
} as const;

/** The name of a rule. */
export type Rule = keyof typeof severities;

/** One thing that the check has found. */
export interface Finding {
  /** `<rule>:<state>`, with a detail behind it where a state can break the rule twice. A waiver names it. */
  readonly id: string;
  readonly rule: Rule;
  readonly severity: (typeof severities)[Rule];
  /** The state, as people name it: `menu`, `order.size`, `pin/ask` in a dialog; '' for the bot as a whole. */
  readonly state: string;
  /** One sentence, which begins with the state where there is one. */
  readonly message: string;
  /** A caller who shows it, for `callchart call --script`; null where nobody can hear it. */
  readonly script: CallerScript | null;
  /** Of something that goes round: how many acts before the last, which hangs up, make the round. They are done twice, and could be for ever. */
  readonly round?: number;
  /** Why the author lets it be; absent when he does not. */
  readonly waived?: string;
}

/** How much there is between one input of the caller and the next, at most. */
export interface Longest {
  /** What is said: every play, and every question that says something. */
  readonly prompts: number;
  /** How often a question is asked again. */
  readonly reprompts: number;
  /** Silence that is waited through, and timers, ms. The time of prompts and of tasks comes on top. */
  readonly silenceMs: number;
}

/**
 * That every call ends: how long it can last while the caller says and keys nothing that the bot asked for, whatever he, his
 * line, the service, the tasks and the bot's guards do. Input is a choice, digits, words that a question takes, a recording,
 * a command, and a change of the line or of who is on it.
 */
export interface Certificate {
  readonly withoutInput: Longest;
  /** The same for the whole call; null where the caller can go round for as long as he likes. */
  readonly whole: Longest | null;
  /** Names of the states that the caller can come back to for as long as he likes; empty where there are none. */
  readonly rounds: readonly string[];
  /** A call that is as long as `withoutInput` says, in silence. */
  readonly script: CallerScript | null;
}
