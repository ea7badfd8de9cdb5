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
 * What happens to the bot beside the caller is an act as well:
 *
 * ```text
 * wait 600                                      ten minutes pass
 * task lookup done {"eta":3}                    the task of the state `lookup` ends; or `task lookup failed ERR_TASK_TIMEOUT`
 * service failed                                the open question fails; or `prompt-failed`, `done`, `busy`, `noanswer`
 * assume acme.menu recognize.choice.sales 1 no  from here on this guard does not hold
 * ```
 *
 * Who calls whom stands in front of all acts, as JSON: `call {"from":"+15550123","language":"de-DE"}`, or of a call that the bot places
 * `call {"direction":"outbound","answeredBy":"machine"}`. Without it that is left to whoever plays the script.
 *
 * `expect` takes no turn. It holds when what the caller has heard since the last act matches: a regular expression between
 * slashes, or words that occur in it, whatever the case and the white space. After the last act the caller is silent until
 * the call ends, and expectations that come after it have that long to come true.
 *
 * @module
 */
import * as t from 'io-ts';
import { type DtmfKey, isDigits } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import type { ScriptAct, ScriptCall, ServiceOutcome } from '../machines/check/caller-script.ts';
import type { TaskResult } from '../machines/index.ts';
import type { Caller, CallerAct } from './caller.ts';
import type { LineAction } from './line-action.ts';
import { isHeard, type Note, seconds } from './transcript.ts';
import { distantWorld, type World } from './world.ts';

/** One line of a script. `line` is its number, from 1; 0 where there is no file. */
export type Act = { readonly line: number } & (ScriptAct | { readonly act: 'expect'; readonly pattern: RegExp | string });

/** The lines of a script that say something, with their numbers. */
const linesOf = (source: string): readonly { readonly text: string; readonly line: number }[] =>
  source.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/).map((raw, index) => ({ text: raw.trim(), line: index + 1 })).filter(({ text }) => text !== '' && !text.startsWith('#'));

const saysWhoCalls = (text: string): boolean => /^call(?:\s|$)/.test(text);

/** Who calls by a script; nothing where it does not say. Throws `ERR_OPTION_INVALID` with the number of the line that is wrong. */
export function parseScriptCall(source: string): ScriptCall {
  const [first] = linesOf(source);
  if (first === undefined || !saysWhoCalls(first.text)) return {};
  const { text, line } = first;
  const said = parsedJson(text.replace(/^call\s*/, ''))?.value;
  const names = Object.keys(ScriptCallCodec.props);
  if (!ScriptCallCodec.is(said) || Array.isArray(said) || Object.keys(said).some((name) => !names.includes(name))) throw badLine(line, `\`call\` takes JSON with ${list(names.map((name) => `\`${name}\``), 'and')}, which are texts`);
  return said as ScriptCall;
}

const ScriptCallCodec = t.partial({
  from: t.string, to: t.string, name: t.string, language: t.string, direction: t.keyof({ inbound: null, outbound: null }),
  answeredBy: t.keyof({ human: null, machine: null, fax: null, unknown: null }),
});

/** The acts of a script. Throws `ERR_OPTION_INVALID` with the number of the line that is wrong. */
export function parseScript(source: string): readonly Act[] {
  const acts: Act[] = [];
  for (const [index, { text, line }] of linesOf(source).entries()) {
    if (index === 0 && saysWhoCalls(text)) continue;
    const act = parseLine(text, line);
    if (act.act !== 'expect' && acts.some(hangsUp)) throw badLine(line, 'the caller has hung up by now');
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
      if (keys === '' || !isDigits(keys)) throw badLine(line, '`press` takes keys: 0-9 * # A-D (a comment has a line of its own)');
      return { act: 'press', keys, line };
    }
    case 'say':
      if (rest === '') throw badLine(line, '`say` takes words');
      return { act: 'say', words: rest, line };
    case 'silence':
    case 'hangup':
      if (rest !== '') throw badLine(line, `\`${verb}\` stands alone`);
      return { act: verb, line };
    case 'record': {
      const [, length, after] = /^(\d+(?:\.\d+)?)(?:\s+([0-9*#A-D]|hangup))?$/.exec(rest) ?? [];
      const recordMs = Math.round(Number(length) * 1000);
      if (!(recordMs > 0 && recordMs <= 3_600_000)) throw badLine(line, '`record` takes a number of seconds, more than 0 and at most 3600, then a key or `hangup` if wished');
      return { act: 'record', recordMs, ...(after !== undefined && { stop: after as DtmfKey | 'hangup' }), line };
    }
    case 'expect':
      if (rest === '') throw badLine(line, '`expect` takes words, or a regular expression between slashes');
      return { act: 'expect', pattern: parsePattern(rest, line), line };
    case 'wait': {
      const ms = /^\d+(?:\.\d+)?$/.test(rest) ? Math.round(Number(rest) * 1000) : 0;
      if (!(ms > 0 && ms <= 86_400_000)) throw badLine(line, '`wait` takes a number of seconds, more than 0 and at most 86400');
      return { act: 'wait', ms, line };
    }
    case 'task':
      return parseTask(rest, line);
    case 'service': {
      const [, ending] = /^done (\S+)$/.exec(rest) ?? [];
      if (ending !== undefined) return { act: 'service', outcome: 'done', ending, line };
      if (!isServiceOutcome(rest)) throw badLine(line, `\`service\` takes ${list(serviceOutcomes, 'or')}`);
      return { act: 'service', outcome: rest, line };
    }
    case 'assume': {
      const [, guard, holds] = /^(\S.*?)\s+(yes|no)$/.exec(rest) ?? [];
      if (guard === undefined) throw badLine(line, '`assume` takes the id of a guard, then yes or no');
      return { act: 'assume', guard, holds: holds === 'yes', line };
    }
    default:
      throw badLine(line, verb === 'call' ? 'who calls is said before all acts' : 'an act is press, say, silence, record, hangup, wait, task, service, assume or expect');
  }
}

function parseTask(text: string, line: number): Act {
  const [, fails, code = ''] = /^(\S.*?)\s+failed(?:\s+(\S+))?$/s.exec(text) ?? [];
  /** What may be the path and the answer: either can hold a `done` of its own, and only one answer is JSON. */
  const dones = [...text.matchAll(/(?<=\S)\s+done(?=\s|$)/g)].map(({ index, 0: word }) => ({ path: text.slice(0, index), json: text.slice(index + word.length).trim() }));
  for (const { path, json } of dones) {
    const done = parsedJson(json);
    if (done !== undefined) return { act: 'task', path, done: done.value, line };
  }
  if (fails !== undefined) return { act: 'task', path: fails, failed: code, line };
  const bare = dones.find(({ json }) => json === '');
  if (bare !== undefined) return { act: 'task', path: bare.path, done: null, line };
  throw badLine(line, dones.length > 0 ? 'what the task gives is not JSON' : '`task` takes the path of a state, then `done` and JSON, or `failed` and a code if wished');
}

const parsedJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
};

const serviceOutcomes: readonly ServiceOutcome[] = ['prompt-failed', 'done', 'failed', 'busy', 'noanswer'];
const isServiceOutcome = (text: string): text is ServiceOutcome => (serviceOutcomes as readonly string[]).includes(text);
const list = (words: readonly string[], last: 'or' | 'and'): string => `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

function parsePattern(text: string, line: number): RegExp | string {
  const [, pattern, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  if (pattern === undefined) return text;
  if (/[gy]/.test(flags ?? '')) throw badLine(line, 'the flags g and y have no meaning here');
  try {
    return new RegExp(pattern, flags);
  } catch {
    throw badLine(line, 'this is not a regular expression');
  }
}

/** A line of a script that breaks `rule`. */
export const badLine = (line: number, rule: string): CallError<'ERR_OPTION_INVALID'> =>
  new CallError('ERR_OPTION_INVALID', line === 0 ? rule : `line ${line} of the script: ${rule}`, { option: 'script' });

/** How strict a script is. */
export interface ScriptOptions {
  /** Whether it is an error when the call ends before all acts were done. Default true. */
  readonly complete?: boolean;
  /** What the script moves beside the caller. Default: that of a bot elsewhere, which is time and no more. */
  readonly world?: World;
}

/** The caller who does `acts`. Rejects with `ERR_EXPECTATION` what does not go by the script. */
export function scriptedCaller(acts: readonly Act[], { complete = true, world = distantWorld() }: ScriptOptions = {}): Caller {
  const left = [...acts];
  const gone = new AbortController();
  let note: Note = () => {};
  let heard: string[] = [];
  /** Until when the act that comes next is waited for, where it is a `wait` that has begun. */
  let until: number | undefined;
  /** Whether the bot has not heard yet of the act before. */
  let hasActed = false;

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

  function assume(): void {
    for (let act = left[0]; act?.act === 'assume'; act = left[0]) {
      world.assume(act.guard, act.holds);
      note('line', 'assumed', `\`${act.guard}\` ${act.holds ? 'holds' : 'does not hold'}`);
      left.shift();
    }
  }

  /** What takes a turn next: what is assumed or expected before it is done with. */
  function prepare(): Turnable | undefined {
    while (left[0]?.act === 'expect' || left[0]?.act === 'assume') {
      checkExpectations();
      assume();
    }
    return left[0] as Turnable | undefined;
  }

  /** What takes a turn next, with nothing done yet about what comes before it. */
  const ahead = (): Turnable | undefined => left.find((act): act is Turnable => act.act !== 'expect' && act.act !== 'assume');

  /** The call is over: there is nothing left to assume anything for. */
  function checkLast(): void {
    for (checkExpectations(); left[0]?.act === 'assume'; checkExpectations()) left.shift();
  }

  function take(): void {
    left.shift();
    heard = [];
    hasActed = true;
  }

  /** What was heard while the caller waited is still to be expected. */
  function takeWait(): void {
    left.shift();
    until = undefined;
  }

  /** Begins to wait, or goes on with it; how much is left, ms. */
  function leftOf({ ms }: WaitAct): number {
    if (until === undefined) {
      note('caller', 'waits', seconds(ms));
      heard = [];
      until = world.elapsed() + ms;
    }
    return until - world.elapsed();
  }

  async function endTask(act: TaskAct): Promise<void> {
    note('line', 'task', `\`${act.path}\` ${'failed' in act ? `failed${act.failed === '' ? '' : `: ${act.failed}`}` : 'is done'}`);
    take();
    await world.endTask(act.path, resultOf(act));
    hasActed = false;
  }

  return {
    gone: gone.signal,
    notes: (to) => (note = to),
    rests() {
      if (!hasActed) assume();
      hasActed = false;
    },

    async next({ kind, leftMs, signal }): Promise<CallerAct> {
      const since = world.elapsed();
      for (;;) {
        const act = ahead() && prepare();
        if (act === undefined) return 'silence';
        const open = kind === 'question' ? 'the bot asks a question' : 'the bot records';
        switch (act.act) {
          case 'press':
            take();
            return { keys: act.keys };
          case 'say':
            take();
            return { says: act.words };
          case 'record':
            if (kind === 'question') throw unexpected(act, '`record`, but the bot asks a question');
            take();
            return { recordMs: act.recordMs, ...(act.stop !== undefined && { stop: act.stop }) };
          case 'service':
            if (act.outcome !== 'failed' && act.outcome !== 'prompt-failed') throw unexpected(act, `\`service ${act.outcome}\`, but ${open}`);
            take();
            return { service: act.outcome };
          case 'task':
            if (!world.tasks().includes(act.path)) throw unexpected(act, `\`task ${act.path}\`, but the bot does not run it: ${open}`);
            await endTask(act);
            break;
          case 'wait': {
            const waits = leftOf(act);
            const longest = leftMs - (world.elapsed() - since);
            if (waits > longest) return 'silence';
            if (waits > 0) await world.wait(waits, () => signal.aborted);
            if (signal.aborted) return 'silence'; // the rest is waited for at the next turn
            takeWait();
            hasActed = waits === longest;
            if (hasActed) return 'silence';
            break;
          }
          default:
            take();
            return act.act;
        }
      }
    },

    async meanwhile(isOver) {
      assume();
      const act = ahead();
      const tasks = world.tasks();
      if (act?.act === 'wait') {
        prepare();
        const waits = leftOf(act);
        if (waits > 0) await world.wait(waits, isOver);
        if (ahead() === act && leftOf(act) <= 0) takeWait();
      } else if (act?.act === 'task' && tasks.includes(act.path)) {
        prepare();
        await endTask(act);
      } else if (act?.act === 'hangup') {
        prepare();
        take();
        gone.abort();
        await world.skip();
      } else {
        if (tasks.length > 0 && !world.hasTimers()) {
          if (act !== undefined) throw unexpected(act, `\`${act.act}\`, but the bot waits for the task \`${tasks.join('`, `')}\``);
          gone.abort(); // a task without a line left goes on for ever
        }
        await world.skip();
      }
    },

    serves(action, { isLast, isFirstPrompt }) {
      const waiting = ahead();
      if (waiting?.act === 'wait' && until !== undefined && leftOf(waiting) <= 0) takeWait(); // what a timer has the bot say begins when the wait is over
      const act = ahead();
      if (act?.act !== 'service' || !isServed(act.outcome, action.type, isLast, isFirstPrompt)) return undefined;
      prepare();
      take();
      return act.outcome;
    },

    hears(entry) {
      if (isHeard(entry) && entry.text !== undefined) heard.push(entry.text);
    },
    ended({ endedBy }) {
      checkLast();
      if (until !== undefined) takeWait(); // the bot hung up while the caller waited
      checkLast();
      // To hang up on a bot that has hung up already is what was wanted.
      const undone = left.find(({ act }) => act !== 'hangup' && act !== 'expect' && act !== 'assume');
      if (complete && undone !== undefined) throw unexpected(undone, `\`${undone.act}\`, but the call had ended (by: ${endedBy})`);
      if (left[0]?.act === 'hangup') {
        left.shift();
        checkLast();
      }
    },
  };
}

type Turnable = Exclude<Act, { readonly act: 'expect' | 'assume' }>;
type WaitAct = Extract<Act, { readonly act: 'wait' }>;
type TaskAct = Extract<Act, { readonly act: 'task' }>;

const resultOf = (act: TaskAct): TaskResult =>
  'failed' in act
    ? { type: 'task.failed', error: { message: 'the script has it fail', ...(act.failed !== '' && { code: act.failed }) } }
    : { type: 'task.done', output: act.done };

/** Whether `outcome` is one that an action of the type `action` can come to before anybody's turn. That a prompt fails has a word of its own. */
const isServed = (outcome: ServiceOutcome, action: LineAction['type'], isLast: boolean, isFirstPrompt: boolean): boolean => {
  switch (outcome) {
    case 'prompt-failed':
      return isFirstPrompt;
    case 'done':
      return isLast && action !== 'recognize' && action !== 'record';
    case 'failed':
      return isLast && !['play', 'recognize', 'record', 'hangup', 'reject'].includes(action);
    case 'busy':
    case 'noanswer':
      return isLast && (action === 'transfer' || action === 'createcall' || action === 'other');
  }
};

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim().toLowerCase();
const holds = (pattern: RegExp | string, text: string): boolean => (typeof pattern === 'string' ? plain(text).includes(plain(pattern)) : pattern.test(text));

const unexpected = ({ line }: Act, text: string): CallError<'ERR_EXPECTATION'> =>
  new CallError('ERR_EXPECTATION', line === 0 ? text : `line ${line} of the script: ${text}`, {});
