/**
 * Caller script — a call on paper, as data: what the caller does, and what the world around the bot does, act by act. As text it is
 * what `callchart call --script` plays.
 *
 * @module
 */
import type { DtmfKey } from '../../actions/index.ts';
import type { CallInput } from '../service-event.ts';

/** One act. */
export type ScriptAct =
  | { readonly act: 'press'; readonly keys: string }
  | { readonly act: 'say'; readonly words: string }
  /** Nothing, until the open question gives up. */
  | { readonly act: 'silence' }
  | { readonly act: 'record'; readonly recordMs: number; readonly stop?: DtmfKey | 'hangup' }
  | { readonly act: 'hangup' }
  /** Nothing, for so long: the timers that are due fire. */
  | { readonly act: 'wait'; readonly ms: number }
  /** The task at `path` (the state that runs it, behind the path of its dialog) ends. */
  | { readonly act: 'task'; readonly path: string; readonly done: unknown }
  | { readonly act: 'task'; readonly path: string; readonly failed: string }
  /** What the service works on comes to this: the question or the prompt fails, the other party is busy. A verb of the service's own is done with an `ending`. */
  | { readonly act: 'service'; readonly outcome: ServiceOutcome; readonly ending?: string }
  /** From here on the guard `guard` of the bot holds, or does not. */
  | { readonly act: 'assume'; readonly guard: string; readonly holds: boolean };

/** What becomes of the operation that a service works on, where it is not the caller who decides: a prompt of it that cannot be played, or the operation itself. */
export type ServiceOutcome = 'prompt-failed' | 'done' | 'failed' | 'busy' | 'noanswer';

/** Words that are nobody's choice: what a caller says who is not understood. */
export const strayWords = 'mumble';

/** Acts, in order. */
export type CallerScript = readonly ScriptAct[];

/** Who calls whom, where a script says so. */
export type ScriptCall = Partial<Pick<CallInput, 'from' | 'to' | 'name' | 'language' | 'direction' | 'answeredBy'>>;

/** `script` as `callchart call --script` reads it; `call` comes first, where there is something to be said of it. */
export const scriptText = (script: CallerScript, call: ScriptCall = {}): string => scriptLines(script, call).map((line) => `${line}\n`).join('');

/** The lines of {@link scriptText}. */
export const scriptLines = (script: CallerScript, call: ScriptCall = {}): readonly string[] => [...(Object.keys(call).length === 0 ? [] : [`call ${JSON.stringify(call)}`]), ...script.map(lineOf)];

/** What a script can say of `call`: all but its headers and who else is on the line. */
export const scriptCall = ({ from, to, name, language, direction, answeredBy }: Partial<CallInput>): ScriptCall => ({
  ...(from !== undefined && { from }), ...(to !== undefined && { to }), ...(name !== undefined && { name }), ...(language !== undefined && { language }),
  ...(direction === 'outbound' && { direction }), ...(answeredBy !== undefined && { answeredBy }),
});

const lineOf = (act: ScriptAct): string => {
  switch (act.act) {
    case 'press':
      return `press ${act.keys}`;
    case 'say':
      return `say ${act.words}`;
    case 'silence':
    case 'hangup':
      return act.act;
    case 'record':
      return `record ${act.recordMs / 1_000}${act.stop === undefined ? '' : ` ${act.stop}`}`;
    case 'wait':
      return `wait ${act.ms / 1_000}`;
    case 'task':
      return 'failed' in act ? `task ${act.path} failed${act.failed === '' ? '' : ` ${act.failed}`}` : `task ${act.path} done ${JSON.stringify(act.done)}`;
    case 'service':
      return `service ${act.outcome}${act.ending === undefined ? '' : ` ${act.ending}`}`;
    case 'assume':
      return `assume ${act.guard} ${act.holds ? 'yes' : 'no'}`;
  }
};
