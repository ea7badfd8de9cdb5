/**
 * Dial — a scripted caller: a bot's whole calls in a unit test, without a network and without a clock.
 *
 * The verbs say what the caller does, one after the other, and the bot has answered when a verb returns; what he expects
 * stands between them. The first expectation that does not hold throws `ERR_EXPECTATION`, and its message is the
 * transcript of the call so far, then what was expected and what was there instead.
 *
 * Only silence takes time, and it is virtual: prompts, keys, words and recordings take none.
 *
 * @module
 */
import type { AnyStateMachine, ContextFrom } from 'xstate';
import { heldAfter, isDigits, type Operation, type ServiceLimits } from '../actions/index.ts';
import { coverageAsked } from '../coverage-folder.ts';
import { CallError } from '../errors.ts';
import { activeStates, type CallInput, logText, refusedActions, requireBot, requireCapabilities, requireKnown, type Served, type StepResult, taskDone, taskFailedBy, type TaskResult, verbOf } from '../machines/index.ts';
import { didYouMean } from '../machines/nearest.ts';
import { promptsOf, recordingOf } from '../machines/outcomes.ts';
import { usualCall, usualNow } from '../machines/paths/usual-call.ts';
import type { Caller, DialOptions } from './caller.ts';
import { dataStore } from './data-store.ts';
import { batchWords, describe, differenceOf, fits, heard, read } from './expectations.ts';
import { type Line, openLine, type Tick } from './line.ts';
import { ends, listensFor, needs, seconds, whyFailed } from './manners.ts';
import { checkStubs } from './stubs.ts';
import { openTranscript, wordsOf } from './transcript.ts';

const dialOptions = { call: 0, service: 0, tasks: 0, runTasks: 0, data: 0, now: 0, unplayable: 0, undeliverable: 0, failing: 0, failsNext: 0, patienceMs: 0, coverage: 0 } satisfies Record<keyof DialOptions, 0>;
const callFields = { id: 0, from: 0, to: 0, name: 0, language: 0, answeredBy: 0, conversation: 0, participants: 0, direction: 0, headers: 0 } satisfies Record<keyof CallInput, 0>;

/**
 * Calls `bot`. When it returns, the bot has had its first say.
 *
 * @throws `ERR_BOT_INVALID` for a machine that `callMachine` did not make; `ERR_CAPABILITY_MISSING` and `ERR_BATCH_ILLEGAL` for a bot that
 *   uses what the `service` cannot do, or asks in every call for what it would refuse
 * @example
 * ```ts
 * const caller = dial(acme);
 * caller.hears(/Acme/).staysSilent().hears(/Acme/).presses('2').hears(/support/i).isHungUp();
 * ```
 */
export const dial = <M extends AnyStateMachine, Service extends ServiceLimits = ServiceLimits>(bot: M & Served<M, Service>, options: DialOptions<Service> = {}): Caller<ContextFrom<M>> =>
  connect<M>(bot, options).caller;

/** A caller, the line that he is on, and what was played there. */
export interface Connected<Context> {
  readonly caller: Caller<Context>;
  readonly line: Line;
  readonly played: () => readonly string[];
}

/** As {@link dial}. With `sees`, which is told of every step of the bot, nobody else counts them. */
export const connect = <M extends AnyStateMachine>(bot: M, options: DialOptions, sees?: (result: StepResult) => void): Connected<ContextFrom<M>> => {
  requireBot(bot);
  requireKnown('dial', options, dialOptions);
  requireKnown('call', options.call ?? {}, callFields);
  checkStubs(bot, options.tasks ?? {});
  const { service } = options;
  if (service !== undefined) requireService(bot, service);
  const counts = sees === undefined ? countersOf(bot, options) : [sees];
  const transcript = openTranscript(bot.id);
  const call: CallInput = { ...usualCall, ...options.call };
  transcript.note(call.direction === 'outbound' ? 'bot dials, and the caller answers' : 'caller dials');
  const line = openLine(bot, {
    call, service, now: options.now ?? usualNow, tasks: options.tasks ?? {}, runTasks: options.runTasks ?? false, carryOut: (options.data ?? dataStore()).begin(),
    unplayable: options.unplayable === undefined ? undefined : wordsOf(options.unplayable), undeliverable: options.undeliverable, patienceMs: options.patienceMs ?? 10_000, failing: options.failing ?? [], failsNext: options.failsNext ?? [], ...(counts.length > 0 && { onStep: (result: StepResult) => counts.forEach((count) => count(result)) }),
  }, transcript);
  let recordings = 0;

  const surprise = (expected: string, instead: string): CallError => transcript.surprise(expected, instead, line.error);

  const expect = (holds: boolean, expected: string): Caller<ContextFrom<M>> => {
    if (!holds) throw surprise(expected, `instead ${standing()}`);
    return caller;
  };

  /** Whether the caller is on hold, with what the service works on now. */
  const isHeld = (): boolean => {
    const { ended, held, awaiting } = line.snapshot;
    return ended === null && heldAfter(held !== null, awaiting?.types ?? []);
  };

  /** How the call stands, for people. */
  const standing = (): string => {
    const { ended, tasks, timers, answered } = line.snapshot;
    if (ended !== null) return ended === 'error' && line.error !== undefined ? `the call has ended: ${whyFailed(line.error)}` : ends[ended];
    const { open } = line;
    if (open?.type === 'recognize') return `the bot listens for ${listensFor(open.params)}`;
    if (open?.type === 'record') return 'the bot records';
    if (open?.type === 'transfer') return `the bot transfers the caller to ${open.params.to}`;
    if (open?.type === 'createcall') return line.joined ? `the caller talks with ${open.params.to}` : `it rings at ${open.params.to}`;
    if (open?.type === 'raw') return `${open.params.service} does its ${open.params.verb}`;
    if (tasks.length > 0) return `${isHeld() ? 'the caller is on hold, and ' : ''}the bot waits for its task \`${tasks.map(({ name }) => name).join('`, `')}\`: await caller.settled()`;
    if (timers.length > 0) return `the bot waits for its timers, the next in ${seconds(Math.min(...timers.map(({ dueAt }) => dueAt)) - line.now)}`;
    return answered ? 'the call goes on' : 'the phone rings';
  };

  /** The open operation, if it is a `type`; else the caller cannot do what he is about to: `deed`. */
  const opened = <T extends Operation['type']>(type: T, deed: string): Operation & { readonly type: T } => {
    const { open } = line;
    if (open?.type !== type) throw surprise(`${needs[type] ?? type} to be open: ${deed}`, `instead ${standing()}`);
    return open as Operation & { readonly type: T };
  };

  /** The open outgoing call, answered already (`joined`) or not yet. */
  const rung = (deed: string, joined: boolean): Operation & { readonly type: 'createcall' } => {
    const operation = opened('createcall', deed);
    if (line.joined !== joined) throw surprise(`${joined ? 'the other party to have answered' : 'it to ring still'}: ${deed}`, `instead ${standing()}`);
    return operation;
  };

  const lasting = (deed: string): void => {
    if (line.snapshot.ended !== null) throw surprise(`the call to last: ${deed}`, `instead ${standing()}`);
  };

  /** As for any act, what was played before is behind the caller. */
  const endTask = (name: string, result: TaskResult): void => {
    const { ended, tasks } = line.snapshot;
    const waiting = ended === null ? tasks : [];
    if (!waiting.some((task) => task.path === name || task.name === name)) throw surprise(`the task \`${name}\` to be under way`, `instead ${standing()}`);
    transcript.act(`(the test ends the task ${name})`);
    line.endTask(name, result);
  };

  const act = (deed: string, does: () => void): Caller<ContextFrom<M>> => {
    transcript.act(deed);
    does();
    return caller;
  };

  const caller: Caller<ContextFrom<M>> = {
    hears: (expected) => {
      heard(transcript, expected, standing, line.error);
      return caller;
    },
    reads: (expected) => {
      read(transcript, expected, standing, line.error);
      return caller;
    },

    presses: (keys) => {
      const deed = `caller presses ${keys}`;
      if (keys === '' || !isDigits(keys)) throw surprise('keys of a telephone: 0-9, *, #, A-D', `instead ${deed}`);
      opened('recognize', deed);
      return act(deed, () => line.press(keys));
    },
    says: (phrase) => {
      const deed = `caller says "${phrase}"`;
      const question = opened('recognize', deed);
      return act(deed, () => line.answer(question, { says: phrase }));
    },
    staysSilent: () => {
      const deed = 'caller stays silent';
      lasting(deed);
      const { timers, tasks } = line.snapshot;
      const asked = line.open?.type === 'recognize' || line.open?.type === 'record';
      if (!asked && timers.length === 0 && (tasks.length === 0 || line.open !== undefined)) throw surprise(`a question to be open, or a timer to be set: ${deed}`, `instead ${standing()}`);
      const enough: Tick = asked ? 'silence' : timers.length > 0 ? 'timer' : 'filler';
      return act(deed, () => line.pass(Infinity, (tick) => tick === enough));
    },
    waits: (ms) => {
      const deed = `caller waits ${seconds(ms)}`;
      if (!Number.isFinite(ms) || ms < 0) throw surprise('a time in ms', `instead ${deed}`);
      lasting(deed);
      transcript.note(deed);
      line.pass(line.now + ms);
      return caller;
    },
    records: (lengthMs, { endedBy = 'finalsilence' } = {}) => {
      const deed = `caller speaks for ${seconds(lengthMs)}`;
      if (!(lengthMs > 0)) throw surprise('a length in ms', `instead ${deed}`);
      const { operationId, params } = opened('record', deed);
      if (endedBy === 'termchar' && (params.termchars ?? []).length === 0) throw surprise('a recording that a key ends', 'instead it has no `termchars`');
      const by = lengthMs >= params.maxMs ? 'maxspeech' : endedBy;
      recordings += 1;
      const recording = recordingOf(`recording-${recordings}`, params.format, by === 'maxspeech' ? params.maxMs : lengthMs);
      return act(by === 'hangup' ? `${deed} and hangs up` : deed, () =>
        line.report({ type: 'record.done', operationId, by, recording }, ...(by === 'hangup' ? [{ type: 'call.ended', reason: 'caller' } as const] : [])));
    },
    hangsUp: () => {
      const deed = 'caller hangs up';
      lasting(deed);
      return act(deed, () => line.report({ type: 'call.ended', reason: 'caller' }));
    },

    transferAnswers: () => {
      const { operationId, params } = opened('transfer', 'the other party answers');
      return act(`${params.to} answers`, () => line.report({ type: 'transfer.done', operationId }, { type: 'call.ended', reason: 'transferred' }));
    },
    transferFails: (how = 'failed') => {
      const { operationId } = opened('transfer', 'it fails');
      return act(`(the transfer fails: ${how})`, () => line.report({ type: `transfer.${how}`, operationId }));
    },
    partyAnswers: () => {
      const { params } = rung('the other party answers', false);
      return act(`${params.to} answers`, () => line.join());
    },
    partyHangsUp: () => {
      const { operationId, params } = rung('the other party hangs up', true);
      return act(`${params.to} hangs up`, () => line.report({ type: 'createcall.done', operationId }));
    },
    partyFails: (how = 'failed') => {
      const { operationId } = rung('the other party cannot be had', false);
      return act(`(the call fails: ${how})`, () => line.report({ type: `createcall.${how}`, operationId }));
    },
    verbEnds: (ending, fields = {}) => {
      const { operationId, params } = opened('raw', `it ends as \`${ending}\``);
      const { service, verb } = params;
      const known = verbOf(service, verb);
      const endings = known === undefined ? params.endings : [...known.endings, ...known.failures];
      if (!endings.includes(ending)) throw surprise(`an ending of ${verb}: ${endings.join(', ')}`, `instead \`${ending}\`${didYouMean(ending, endings)}`);
      return act(`(${verb} ends as ${ending})`, () => line.report({ type: 'raw.ended', operationId, ending, fields }));
    },
    verbFails: () => {
      const { operationId, params } = opened('raw', 'it fails');
      return act(`(${params.verb} fails)`, () => line.report({ type: 'raw.failed', operationId }));
    },
    promptFails: () => {
      const played = line.open === undefined ? [] : line.batch.filter((operation) => operation.type !== 'hold' && promptsOf(operation).length > 0); // music that does not play is a hold that fails
      const [first] = played;
      if (first === undefined) throw surprise('a prompt that led to an open question: it fails', `instead ${standing()}`);
      transcript.unplay(played.length);
      return act('(the service could not play that)', () => line.report({ type: 'play.failed', operationId: first.operationId }));
    },
    questionFails: () => {
      const { open } = line;
      if (open?.type !== 'recognize' && open?.type !== 'record') throw surprise('a question or a recording to be open: it fails', `instead ${standing()}`);
      return act('(the service fails at that)', () => line.report({ type: `${open.type}.failed`, operationId: open.operationId, cause: 'system' }));
    },
    failsNext: (what) => {
      lasting(`the service fails: ${what}`);
      line.fail(what);
      return caller;
    },
    taskEnds: (task, result) => {
      endTask(task, taskDone(result));
      return caller;
    },
    taskFails: (task, code = '') => {
      endTask(task, taskFailedBy(code));
      return caller;
    },
    serviceReports: (...events) => act(`(the service reports ${events.map(({ type }) => type).join(', ')})`, () => line.report(...events)),
    settled: async () => {
      await line.settled();
      return caller;
    },

    isAnswered: () => expect(line.snapshot.answered, 'the bot to answer'),
    isRejected: (reason) => {
      const { ended } = line.snapshot;
      const [only] = line.batch;
      const given = only?.type === 'reject' ? only.params.reason : undefined;
      if (ended === 'rejected' && reason !== undefined && given !== reason) throw surprise(`the bot to refuse the call as \`${reason}\``, `instead it has refused it as \`${given ?? ''}\``);
      return expect(ended === 'rejected', 'the bot to refuse the call');
    },
    isHungUp: () => expect(line.snapshot.ended === 'bot', 'the bot to hang up'),
    isTransferredTo: (to) => {
      const last = line.batch.at(-1);
      return expect(last?.type === 'transfer' && last.params.to === to, `the bot to transfer the caller to ${to}`);
    },
    isCalling: (to) => {
      const last = line.batch.at(-1);
      return expect(last?.type === 'createcall' && last.params.to === to, `the bot to call ${to}`);
    },
    isOnHold: () => expect(isHeld(), 'the caller to be on hold'),
    endedWith: (reason) => expect(line.snapshot.ended === reason, `the call to end with \`${reason}\``),

    isIn: (state) => {
      const states = activeStates(line.snapshot);
      if (!states.includes(state)) throw surprise(`the call to be in state \`${state}\``, `instead it is in ${leaves(states).map((one) => `\`${one}\``).join(' and ') || 'none'}; ${standing()}`);
      return caller;
    },
    hasContext: (expected) => {
      const { machine } = line.snapshot;
      const difference = machine === null ? 'there is none' : differenceOf((machine as { readonly context: unknown }).context, expected);
      if (difference !== undefined) throw surprise(`the context to hold ${describe(expected)}`, `instead ${difference}; ${standing()}`);
      return caller;
    },
    hasBatch: (...expected) => {
      const difference = fits(line.batch, expected);
      if (difference !== undefined) throw surprise(`the last batch to be ${batchWords(expected)}`, `instead ${difference}; ${standing()}`);
      return caller;
    },

    get state() {
      return line.state();
    },
    get context() {
      const { machine } = line.snapshot;
      if (machine === null) throw surprise('the bot to have a context', `instead ${standing()}`);
      return (machine as { readonly context: ContextFrom<M> }).context;
    },
    get batches() {
      return line.batches;
    },
    get lastBatch() {
      return line.batch;
    },
    get messages() {
      return line.messages;
    },
    get events() {
      return line.events;
    },
    log: ({ masked = false } = {}) => logText(line.log(masked)),
    get transcript() {
      return transcript.text();
    },
    get now() {
      return line.now;
    },
    get error() {
      return line.error;
    },
  };
  return { caller, line, played: transcript.played };
};

/** Whoever counts what calls of `bot` come by. */
const countersOf = (bot: AnyStateMachine, { coverage }: Pick<DialOptions, 'coverage'>): readonly ((result: StepResult) => void)[] => {
  if (coverage !== undefined && coverage.bot !== bot) throw new CallError('ERR_OPTION_INVALID', 'option `coverage` counts the calls of another bot', { option: 'coverage' });
  const folder = coverageAsked();
  return [...(coverage === undefined ? [] : [coverage.count]), ...(folder === undefined ? [] : [(result: StepResult) => folder.count(bot, result)])];
};

/** From JavaScript `service` may be anything: the middleware's service, for one. */
const requireService = (bot: AnyStateMachine, service: ServiceLimits): void => {
  if (typeof (service as Partial<ServiceLimits> | null)?.check !== 'function') throw new CallError('ERR_OPTION_INVALID', 'option `service` is the limits of a calling service: `botframeworkLimits` of `callchart/transport`, for one', { option: 'service' });
  requireCapabilities(bot, service);
  for (const refusal of refusedActions(bot, (batch) => service.check(batch))) throw refusal;
};

/** Those of `states` that no other of them stands in. */
const leaves = (states: readonly string[]): readonly string[] => states.filter((state) => !states.some((other) => other.startsWith(`${state}.`)));
