/**
 * Script — a caller on paper: one act a line, one act a turn.
 *
 * ```text
 * # asks for sales, then thinks better of it
 * expect /welcome/i
 * press 1
 * say never mind
 * silence
 * record 7          speaks for seven seconds; `record 7 #` keys after it, `record 7 hangup` hangs up
 * hangup
 * expect goodbye
 * ```
 *
 * `expect` takes no turn. It holds when what the caller has heard since the last act matches: a regular expression between
 * slashes, or words that occur in it, whatever the case and the white space. After the last act the caller is silent until
 * the call ends, and expectations that come after it have that long to come true.
 *
 * @module
 */
import { type DtmfKey, isDigits } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import type { Caller, CallerAct } from './caller.ts';
import { isHeard } from './transcript.ts';

/** One line of a script. `line` is its number, from 1; 0 where there is no file. */
export type Act = { readonly line: number } & (
  | { readonly act: 'press'; readonly keys: string }
  | { readonly act: 'say'; readonly words: string }
  | { readonly act: 'silence' }
  | { readonly act: 'record'; readonly recordMs: number; readonly stop?: DtmfKey | 'hangup' }
  | { readonly act: 'hangup' }
  | { readonly act: 'expect'; readonly pattern: RegExp | string }
);

/** The acts of a script. Throws `ERR_OPTION_INVALID` with the number of the line that is wrong. */
export function parseScript(source: string): readonly Act[] {
  const acts: Act[] = [];
  for (const [index, raw] of source.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/).entries()) {
    const text = raw.trim();
    if (text === '' || text.startsWith('#')) continue;
    const line = index + 1;
    const act = parseLine(text, line);
    if (act.act !== 'expect' && acts.some(hangsUp)) throw invalid(line, 'the caller has hung up by now');
    acts.push(act);
  }
  return acts;
}

/** `12#` is one act, `1,2#` are two. */
export const keysActs = (keys: string): readonly Act[] => keys.split(',').map((part) => parseLine(`press ${part}`, 0));

/** `sales,support` are two acts. */
export const sayActs = (phrases: string): readonly Act[] => phrases.split(',').map((part) => parseLine(`say ${part}`, 0));

const hangsUp = (act: Act): boolean => act.act === 'hangup' || (act.act === 'record' && act.stop === 'hangup');

function parseLine(text: string, line: number): Act {
  const [, verb = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text.trim()) ?? [];
  switch (verb) {
    case 'press': {
      const keys = rest.replace(/\s+/g, '').toUpperCase();
      if (keys === '' || !isDigits(keys)) throw invalid(line, '`press` takes keys: 0-9 * # A-D (a comment has a line of its own)');
      return { act: 'press', keys, line };
    }
    case 'say':
      if (rest === '') throw invalid(line, '`say` takes words');
      return { act: 'say', words: rest, line };
    case 'silence':
    case 'hangup':
      if (rest !== '') throw invalid(line, `\`${verb}\` stands alone`);
      return { act: verb, line };
    case 'record': {
      const [, length, after] = /^(\d+(?:\.\d+)?)(?:\s+([0-9*#A-D]|hangup))?$/.exec(rest) ?? [];
      const recordMs = Math.round(Number(length) * 1000);
      if (!(recordMs > 0 && recordMs <= 3_600_000)) throw invalid(line, '`record` takes a number of seconds, more than 0 and at most 3600, then a key or `hangup` if wished');
      return { act: 'record', recordMs, ...(after !== undefined && { stop: after as DtmfKey | 'hangup' }), line };
    }
    case 'expect':
      if (rest === '') throw invalid(line, '`expect` takes words, or a regular expression between slashes');
      return { act: 'expect', pattern: parsePattern(rest, line), line };
    default:
      throw invalid(line, 'an act is press, say, silence, record, hangup or expect');
  }
}

function parsePattern(text: string, line: number): RegExp | string {
  const [, pattern, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  if (pattern === undefined) return text;
  if (/[gy]/.test(flags ?? '')) throw invalid(line, 'the flags g and y have no meaning here');
  try {
    return new RegExp(pattern, flags);
  } catch {
    throw invalid(line, 'this is not a regular expression');
  }
}

const invalid = (line: number, rule: string): CallError<'ERR_OPTION_INVALID'> =>
  new CallError('ERR_OPTION_INVALID', line === 0 ? rule : `line ${line} of the script: ${rule}`, { option: 'script' });

/** How strict a script is. */
export interface ScriptOptions {
  /** Whether it is an error when the call ends before all acts were done. Default true. */
  readonly complete?: boolean;
}

/** The caller who does `acts`. Rejects with `ERR_EXPECTATION` what does not go by the script. */
export function scriptedCaller(acts: readonly Act[], { complete = true }: ScriptOptions = {}): Caller {
  const left = [...acts];
  let heard: string[] = [];

  function checkExpectations(): void {
    for (let act = left[0]; act?.act === 'expect'; act = left[0]) {
      const text = heard.join(' ');
      if (!holds(act.pattern, text)) {
        const sought = typeof act.pattern === 'string' ? `"${act.pattern}"` : String(act.pattern);
        throw unexpected(act, `expected to hear ${sought}, but heard ${text === '' ? 'nothing' : `"${text}"`}`);
      }
      left.shift();
    }
  }

  return {
    async next({ kind }): Promise<CallerAct> {
      if (left.every(({ act }) => act === 'expect')) return 'silence';
      checkExpectations();
      const act = left[0] as Exclude<Act, { readonly act: 'expect' }>;
      if (act.act === 'record' && kind === 'question') throw unexpected(act, '`record`, but the bot asks a question');
      left.shift();
      heard = [];
      switch (act.act) {
        case 'press':
          return { keys: act.keys };
        case 'say':
          return { says: act.words };
        case 'record':
          return { recordMs: act.recordMs, ...(act.stop !== undefined && { stop: act.stop }) };
        default:
          return act.act;
      }
    },
    hears(entry) {
      if (isHeard(entry) && entry.text !== undefined) heard.push(entry.text);
    },
    ended({ endedBy }) {
      checkExpectations();
      // To hang up on a bot that has hung up already is what was wanted.
      const undone = left.find(({ act }) => act !== 'hangup' && act !== 'expect');
      if (complete && undone !== undefined) throw unexpected(undone, `\`${undone.act}\`, but the call had ended (by: ${endedBy})`);
      if (left[0]?.act === 'hangup') {
        left.shift();
        checkExpectations();
      }
    },
  };
}

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim().toLowerCase();
const holds = (pattern: RegExp | string, text: string): boolean => (typeof pattern === 'string' ? plain(text).includes(plain(pattern)) : pattern.test(text));

const unexpected = ({ line }: Act, text: string): CallError<'ERR_EXPECTATION'> =>
  new CallError('ERR_EXPECTATION', line === 0 ? text : `line ${line} of the script: ${text}`, {});
