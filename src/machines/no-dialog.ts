/**
 * No dialog — what a state or a step may be given to run that is no dialog, and what is said of it before any call.
 *
 * @module
 */
import { botFacts } from './bot-facts.ts';
import { isMachine } from './naming.ts';

/** Why `value` cannot be run as a dialog, as the rest of a sentence; undefined when it can. */
export const notADialog = (value: unknown): string | undefined => {
  if (typeof value === 'string') return `dialog \`${value}\` is given by its name; give the dialog itself`;
  if (typeof (value as { readonly end?: unknown } | null | undefined)?.end === 'function') return 'runs a waterfall that is not finished; call its `.end()`';
  if (!isMachine(value)) return 'runs what is no dialog; make it with `dialogMachine` or `waterfall`';
  return botFacts(value)?.kind === 'bot' ? `runs the bot \`${value.id}\`, which waits for a call of its own; make it with \`dialogMachine\`` : undefined;
};
