/**
 * Rehearsal — a generated call, played by `dial`: which verbs of a test it is made of, what is heard after each of them, and whether it
 * comes true. What is written of a call is written of its rehearsal.
 *
 * A test says how the bot's tasks end before the call begins, each run of one in turn. Where they end at another time than the one at
 * which they are asked for, the test says it between the caller's acts. Of what the service fails at by itself it is told one act ahead.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type CallActionType, isQuestion, type Operation, type PromptItem, promptText, type ServiceLimits } from '../../actions/index.ts';
import { CallError, isCallError } from '../../errors.ts';
import { activeStates, type CallerScript, type CallLog, type EndReason, type GeneratedCall, pointsMet, type ScriptAct, type ServiceOutcome, tasksDeclared } from '../../machines/index.ts';
import { promptsOf } from '../../machines/outcomes.ts';
import type { DialOptions } from '../caller.ts';
import { type Connected, connect } from '../dial.ts';
import type { FailsNext } from '../line.ts';
import { failing, inTurn, never, nothingYet, type TaskStub, type TaskStubs } from '../stubs.ts';

/** A verb of the scripted caller, with what it is given. */
export interface Deed {
  readonly verb: 'presses' | 'says' | 'staysSilent' | 'waits' | 'records' | 'hangsUp' | 'transferAnswers' | 'transferFails' | 'partyAnswers' | 'partyHangsUp' | 'partyFails' | 'verbEnds' | 'verbFails' | 'promptFails' | 'questionFails' | 'failsNext' | 'taskEnds' | 'taskFails';
  readonly with: readonly unknown[];
}

/** How a run of a task ends; `never` is one that nobody waits for any more. */
export type TaskEnd = { readonly done: unknown } | { readonly failed: string } | 'never';

/** Something that is heard: as a transcript has it, and of what it is made. */
export interface HeardPrompt {
  readonly text: string;
  readonly prompts: readonly PromptItem[];
  /** What is heard in its place in other calls of the same kind: of several wordings each call has its own. */
  readonly others: readonly string[];
}

/** Whom the bot has the service ring, in the words of a test. */
export interface Rung {
  readonly verb: 'isTransferredTo' | 'isCalling';
  readonly to: string;
}

/** One turn of a call: what is done, and what comes of it. */
export interface Turn {
  /** The acts of the script; none when the phone is answered. */
  readonly acts: readonly ScriptAct[];
  readonly deeds: readonly Deed[];
  readonly heard: readonly HeardPrompt[];
  /** Whom the bot rings in the end of it; null where it rings nobody. */
  readonly rings: Rung | null;
  /** Whether time passes in it that the bot waits out by itself: nothing was asked, and a timer goes off. */
  readonly isTimed: boolean;
  /** The innermost active states; none once the call has ended. */
  readonly states: readonly string[];
  readonly tookMs: number;
  readonly ended: EndReason | null;
}

/** A call that was played. */
export interface Rehearsal {
  readonly call: GeneratedCall;
  /** How each run of the bot's tasks ends, by the names of their stubs. */
  readonly tasks: Readonly<Record<string, readonly TaskEnd[]>>;
  /** The same as a test says it before the call: of tasks that end at another time than they are asked for, that they never end. */
  readonly stubs: Readonly<Record<string, readonly TaskEnd[]>>;
  /** What the service fails at when the phone is answered. */
  readonly failsNext: readonly FailsNext[];
  /** When the phone is answered, then after each act that a verb stands for. */
  readonly turns: readonly Turn[];
  readonly ended: EndReason | null;
  /** Ids of the points that were met. */
  readonly met: ReadonlySet<string>;
  /** The log of the call, of which nothing is left out; null where there was none. */
  readonly log: (() => CallLog) | null;
  /** Where it goes another way than the call says, for people; null where it comes true. */
  readonly difference: string | null;
}

/** What carries the calls. */
export interface RehearsalOptions {
  readonly service?: ServiceLimits;
  /** Whether it is looked for what other calls of the same kind hear: it takes the time of some more calls. Default false. */
  readonly wordings?: boolean;
}

/** The script of `rehearsal` for a line on which timers go off by themselves: a silence there is an answer to a question, and a timer is waited for. */
export const timedScript = ({ turns }: Rehearsal): CallerScript =>
  turns.flatMap(({ acts, isTimed, tookMs }) => acts.flatMap((act): CallerScript => (!isTimed || act.act !== 'silence' ? [act] : tookMs === 0 ? [] : [{ act: 'wait', ms: tookMs }])));

/** Whether nobody hears anything of `prompt`: it is there to keep the line busy. */
export const isUnheard = ({ text, prompts }: HeardPrompt): boolean => text === '' || (prompts.length > 0 && prompts.every((item) => 'silenceMs' in item));

/** Plays `call` to `bot`. @throws as `dial` does where the service cannot carry the bot */
export const rehearse = (bot: AnyStateMachine, call: GeneratedCall, options: RehearsalOptions = {}): Rehearsal => {
  const told = foretold(bot, call, options, undefined);
  if (told.difference !== null) return told;
  const atOnce = foretold(bot, call, options, told.tasks);
  const best = atOnce.difference === null ? atOnce : told;
  if (options.wordings !== true || call.call.id !== undefined) return best;
  const stubs = best === atOnce ? told.tasks : undefined;
  return withWordings(best, otherIds.map((id) => foretold(bot, { ...call, call: { ...call.call, id } }, options, stubs)));
};

/** Calls that are of the same kind, and of which each may hear another wording. */
const otherIds = Array.from({ length: 8 }, (_, index) => `call-${index + 2}`);

const withWordings = (rehearsal: Rehearsal, others: readonly Rehearsal[]): Rehearsal => {
  const alike = others.filter(({ turns, ended }) => ended === rehearsal.ended && turns.length === rehearsal.turns.length && turns.every(({ heard }, index) => heard.length === rehearsal.turns[index]?.heard.length));
  const othersAt = (turn: number, place: number, text: string): readonly string[] => [...new Set(alike.flatMap(({ turns }) => turns[turn]?.heard[place]?.text ?? []))].filter((other) => other !== text);
  return { ...rehearsal, turns: rehearsal.turns.map((turn, index) => ({ ...turn, heard: turn.heard.map((heard, place) => ({ ...heard, others: othersAt(index, place, heard.text) })) })) };
};

/** The call with all that has to be said ahead: it is begun anew whenever an act comes too late. */
const foretold = (bot: AnyStateMachine, call: GeneratedCall, options: RehearsalOptions, tasks: Rehearsal['tasks'] | undefined): Rehearsal => {
  const ahead = new Map<number, FailsNext[]>();
  for (;;) {
    const result = played(bot, call, options, tasks, ahead);
    if (!('late' in result)) return result;
    ahead.set(result.late, [...(ahead.get(result.late) ?? []), result.fails]);
  }
};

/** That the service fails at `fails` has to be said before the turn `late`. */
interface Late {
  readonly late: number;
  readonly fails: FailsNext;
}

const played = (bot: AnyStateMachine, call: GeneratedCall, options: RehearsalOptions, tasks: Rehearsal['tasks'] | undefined, ahead: ReadonlyMap<number, readonly FailsNext[]>): Rehearsal | Late => {
  const met = new Set<string>();
  const runs = taskRuns(bot, call);
  const turns: Turn[] = [];
  const failsNext = ahead.get(0) ?? [];
  let log: (() => CallLog) | null = null;
  const rehearsal = (difference: string | null): Rehearsal => ({
    call, tasks: tasks ?? runs.ends(), stubs: tasks ?? Object.fromEntries(Object.entries(runs.ends()).map(([stub, ends]) => [stub, ends.map(() => 'never')])), failsNext, turns, ended: turns.at(-1)?.ended ?? null, met, log, difference,
  });
  try {
    const connected = connect(bot, sceneOf(call, tasks === undefined ? runs.stubs : stubsOf(tasks), failsNext, options), (result) => pointsMet(bot, result).forEach((id) => met.add(id)));
    const { caller, line } = connected;
    log = () => line.log(false);
    let marked = markOf(connected);
    const prompts = new Map<string, readonly PromptItem[]>();
    const begin = (unheard: number): void => {
      const { played: heard, ...mark } = markOf(connected);
      marked = { ...mark, played: heard - unheard };
    };
    const finish = (acts: readonly ScriptAct[], deeds: readonly Deed[], isTimed = false): void => {
      for (const one of line.batches.slice(marked.batches).flat()) if (promptsOf(one).length > 0) prompts.set(promptText(promptsOf(one)), promptsOf(one));
      const { ended } = line.snapshot;
      const heard = connected.played().slice(marked.played).map((text): HeardPrompt => ({ text, prompts: prompts.get(text) ?? [{ text }], others: [] }));
      turns.push({ acts, deeds, heard, rings: rungIn(line.batches.slice(marked.batches)), isTimed, states: ended === null ? innermost(activeStates(line.snapshot)) : [], tookMs: line.now - marked.now, ended });
    };

    marked = { batches: 0, played: 0, now: line.now };
    finish([], []);
    for (const [index, act] of call.script.entries()) {
      const deeds = deedsOf(act, line.batches.slice(marked.batches), tasks === undefined, (ahead.get(turns.length - 1)?.length ?? 0) > foretoldIn(turns.at(-1), turns.length === 1));
      if ('fails' in deeds) return { late: turns.length - 1, ...deeds };
      if (act.act === 'task') runs.end(act, line.snapshot.tasks.find(({ path }) => path === act.path)?.id);
      if (deeds.length === 0) {
        const last = turns.at(-1) as Turn;
        turns[turns.length - 1] = { ...last, acts: [...last.acts, act] };
        continue;
      }
      const fails = (ahead.get(turns.length) ?? []).map((what): Deed => ({ verb: 'failsNext', with: [what] }));
      const unheard = deeds.some(({ verb }) => verb === 'promptFails') ? takeBack(turns, line.batch) : 0;
      const isTimed = act.act === 'silence' && (line.open === undefined || !isQuestion(line.open.type));
      begin(unheard);
      for (const { verb, with: given } of [...fails, ...deeds]) (caller[verb] as (...given: readonly unknown[]) => unknown)(...given);
      finish([act], [...fails, ...deeds], isTimed);
      if (index < call.script.length - 1 && line.snapshot.ended !== null && call.script.slice(index + 1).some(({ act: next }) => next !== 'task' && next !== 'service')) return rehearsal(`the call has ended before its act ${index + 2}`);
    }
    return rehearsal(differenceFrom(call, turns, line.state()));
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_EXPECTATION') throw error;
    return rehearsal(error.message);
  }
};

/** Whom the last of `batches` rings. */
const rungIn = (batches: readonly (readonly Operation[])[]): Rung | null => {
  const last = batches.at(-1)?.at(-1);
  if (last?.type === 'transfer') return { verb: 'isTransferredTo', to: last.params.to };
  return last?.type === 'createcall' ? { verb: 'isCalling', to: last.params.to } : null;
};

/** Of the last turn nothing of `batch` was heard after all; how many prompts that were. */
const takeBack = (turns: Turn[], batch: readonly Operation[]): number => {
  const last = turns.at(-1) as Turn;
  const count = Math.min(last.heard.length, batch.filter((operation) => promptsOf(operation).length > 0).length);
  turns[turns.length - 1] = { ...last, heard: last.heard.slice(0, last.heard.length - count) };
  return count;
};

/** How much of what was said ahead has come already in `turn`. */
const foretoldIn = (turn: Turn | undefined, isFirst: boolean): number => (turn?.acts.slice(isFirst ? 0 : 1) ?? []).filter((act) => act.act === 'service' && act.outcome !== 'done').length;

/** Where the line is before an act. */
const markOf = ({ line, played: heard }: Connected<unknown>): { readonly batches: number; readonly played: number; readonly now: number } => ({ batches: line.batches.length, played: heard().length, now: line.now });

/** Those of `states` in which no other of them stands, and no dialog runs. */
const innermost = (states: readonly string[]): readonly string[] => states.filter((state) => !states.some((other) => other.startsWith(`${state}.`) || other.startsWith(`${state}/`)));

// ---- acts ----

/** The verbs that stand for `act`, when `since` the act before the bot has asked for these batches; or what the service should have been said to fail at. */
const deedsOf = (act: ScriptAct, since: readonly (readonly Operation[])[], tasksAreTold: boolean, isForetold: boolean): readonly Deed[] | { readonly fails: FailsNext } => {
  switch (act.act) {
    case 'press':
      return [{ verb: 'presses', with: [act.keys] }];
    case 'say':
      return [{ verb: 'says', with: [act.words] }];
    case 'silence':
      return [{ verb: 'staysSilent', with: [] }];
    case 'wait':
      return [{ verb: 'waits', with: [act.ms] }];
    case 'record':
      return [{ verb: 'records', with: act.stop === undefined ? [act.recordMs] : [act.recordMs, { endedBy: act.stop === 'hangup' ? 'hangup' : 'termchar' }] }];
    case 'hangup':
      return [{ verb: 'hangsUp', with: [] }];
    case 'task':
      if (!tasksAreTold) return [];
      return [{ verb: 'failed' in act ? 'taskFails' : 'taskEnds', with: 'failed' in act ? [act.path, ...(act.failed === '' ? [] : [act.failed])] : [act.path, act.done] }];
    case 'service':
      return isForetold && isSelfTold(act.outcome, since) ? [] : served(act.outcome, act.ending, since);
    case 'assume':
      throw new CallError('ERR_EXPECTATION', `nothing can be assumed of the guard \`${act.guard}\` in a test`, {});
  }
};

/** Whether `outcome` is what the service was said to fail at: nothing is left of it that somebody would have to do. */
const isSelfTold = (outcome: ServiceOutcome, since: readonly (readonly Operation[])[]): boolean => outcome === 'prompt-failed' || (outcome === 'failed' && since.some((batch) => tellsItself.has(batch.at(-1)?.type ?? 'play')));

const tellsItself: ReadonlySet<CallActionType> = new Set<CallActionType>(['answer', 'hold', 'unhold']);

const served = (outcome: ServiceOutcome, ending: string | undefined, since: readonly (readonly Operation[])[]): readonly Deed[] | { readonly fails: FailsNext } => {
  const open = since.at(-1);
  const type = open?.at(-1)?.type;
  switch (outcome) {
    case 'prompt-failed': {
      const first = since.findIndex((batch) => batch.some((operation) => operation.type !== 'hold' && promptsOf(operation).length > 0));
      return first === since.length - 1 && type !== undefined && staysOpen.has(type) ? [{ verb: 'promptFails', with: [] }] : { fails: 'prompt' };
    }
    case 'done':
      if (ending !== undefined) return [{ verb: 'verbEnds', with: [ending] }];
      if (type === 'transfer') return [{ verb: 'transferAnswers', with: [] }];
      return type === 'createcall' ? [{ verb: 'partyAnswers', with: [] }, { verb: 'partyHangsUp', with: [] }] : [];
    case 'busy':
    case 'noanswer':
      return [{ verb: type === 'transfer' ? 'transferFails' : 'partyFails', with: [outcome] }];
    case 'failed': {
      const own = since.map((batch) => batch.at(-1)?.type).find((one) => one !== undefined && tellsItself.has(one));
      if (own !== undefined) return { fails: own as FailsNext };
      if (type === 'transfer') return [{ verb: 'transferFails', with: [] }];
      if (type === 'createcall') return [{ verb: 'partyFails', with: [] }];
      return [{ verb: type === 'raw' ? 'verbFails' : 'questionFails', with: [] }];
    }
  }
};

const staysOpen: ReadonlySet<CallActionType> = new Set<CallActionType>(['recognize', 'record', 'transfer', 'createcall', 'raw']);

// ---- tasks ----

interface TaskRuns {
  /** None of the tasks that the call knows of ends by itself. */
  readonly stubs: TaskStubs;
  end(act: ScriptAct & { readonly act: 'task' }, taskId: string | undefined): void;
  /** How the runs have ended, by stub and in the order in which they have begun. */
  ends(): Readonly<Record<string, readonly TaskEnd[]>>;
}

const taskRuns = (bot: AnyStateMachine, { script }: GeneratedCall): TaskRuns => {
  const declared = tasksDeclared(bot);
  const begun: { readonly stub: string; readonly taskId: string }[] = [];
  const ended = new Map<string, TaskEnd>();
  const isNeeded = script.some(({ act }) => act === 'task') || declared.some(({ work }) => typeof work === 'function');
  const names = isNeeded ? [...new Set(declared.map(({ machine, name }) => (declared.filter((other) => other.name === name).length > 1 ? `${machine}/${name}` : name)))].filter((name) => !name.endsWith(cleanup)) : [];
  return {
    stubs: Object.fromEntries(names.map((stub): [string, TaskStub] => [stub, (_, { taskId }) => {
      begun.push({ stub, taskId });
      return nothingYet;
    }])),
    end: (act, taskId) => {
      if (taskId !== undefined) ended.set(taskId, 'failed' in act ? { failed: act.failed } : { done: act.done });
    },
    ends: () => {
      const stubs = [...new Set(begun.map(({ stub }) => stub))];
      return Object.fromEntries(stubs.map((stub) => [stub, begun.filter((run) => run.stub === stub).map(({ taskId }) => ended.get(taskId) ?? 'never')]));
    },
  };
};

/** It runs when the call is over, and nobody waits for it. */
const cleanup = 'call.cleanup';

const stubsOf = (tasks: Rehearsal['tasks']): TaskStubs => Object.fromEntries(Object.entries(tasks).map(([stub, ends]) => [stub, inTurn(...ends.map(stubFor))]));

const stubFor = (end: TaskEnd): TaskStub => {
  if (end === 'never') return never;
  return 'failed' in end ? failing(end.failed) : () => end.done;
};

const sceneOf = ({ call, now }: GeneratedCall, tasks: TaskStubs, failsNext: readonly FailsNext[], { service }: RehearsalOptions): DialOptions => ({ call, now, tasks, failsNext, ...(service !== undefined && { service }) });

// ---- what it comes to ----

/** Where the turns go another way than `call` says; null where they do not. A prompt that the service fails at may be told as heard, or not. */
const differenceFrom = (call: GeneratedCall, turns: readonly Turn[], state: string): string | null => {
  let from = 0;
  for (const [index, turn] of turns.entries()) {
    const to = from + turn.acts.length + (index === 0 ? 1 : 0);
    const told = call.heard.slice(from, to).flat();
    const heard = turn.heard.map(({ text }) => text);
    const fails = [...turn.deeds, ...(turns[index + 1]?.deeds ?? [])].some(({ verb }) => verb === 'failsNext' || verb === 'promptFails') || turn.acts.some((act) => act.act === 'service');
    if (fails ? !isWithin(heard, told) : !isSame(heard, told)) return `${whenOf(from)} is heard ${listed(heard)}, where the call says ${listed(told)}`;
    const said = call.states[to - 1];
    const isThere = turn.ended !== null ? said === 'ended' : said !== undefined && (turn.states.includes(said) || turn.states.some((one) => one.startsWith(`${said}.`) || one.startsWith(`${said}/`)) || (index === turns.length - 1 && said === state));
    if (!isThere) return `${whenOf(from)} the call is in ${turn.ended !== null ? '`ended`' : turn.states.map((one) => `\`${one}\``).join(' and ')}, where it says \`${said ?? ''}\``;
    from = to;
  }
  const ended = turns.at(-1)?.ended ?? null;
  return ended === call.ended ? null : `it ends as ${ended ?? 'nothing'}, where the call says ${call.ended ?? 'nothing'}`;
};

const whenOf = (from: number): string => (from === 0 ? 'when the phone is answered' : `after act ${from}`);

const listed = (texts: readonly string[]): string => (texts.length === 0 ? 'nothing' : texts.map((text) => JSON.stringify(text)).join(', '));

const isSame = (some: readonly string[], others: readonly string[]): boolean => some.length === others.length && some.every((one, index) => one === others[index]);

/** Whether `some` are among `others`, in their order. */
const isWithin = (some: readonly string[], others: readonly string[]): boolean => {
  let at = 0;
  for (const one of others) if (one === some[at]) at += 1;
  return at === some.length;
};
