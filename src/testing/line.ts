/**
 * Line — the calling service of a test: it carries out batches, reports how they ended, and keeps a clock that only
 * moves when it is told to. The bot behind it is the pure core (`step`), so a whole call is plain function calls.
 *
 * Prompts take no time. What nobody has to decide is reported at once, as a service does: a play that came to its end,
 * an answer, a hangup. What somebody decides (a question, a recording, a transfer, an outgoing call) stays
 * open until he does.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type Batch, type CallActionType, type CallerInput, type Heard, isQuestion, listen, type Operation, promptText, type Recognize, type ServiceLimits } from '../actions/index.ts';
import { CallError, type CallErrorCode, isCallError } from '../errors.ts';
import { abandon, type CallInput, type CallLog, type CallSnapshot, type ChatDelivery, chatText, cleanupTask, isSecret, logHead, type LoggedStep, type Means, openRun, type Outcome, type PendingTask, perform, type Run, sealEvent, type ServiceEvent, step, type StepEvent, type StepResult, type TaskResult, writtenStep } from '../machines/index.ts';
import { endingOf, losesKeys, outcomeOf, ownEnds, promptsOf } from '../machines/outcomes.ts';
import { earliest } from '../machines/snapshot.ts';
import type { CarryOut } from './data-store.ts';
import { noteOf, whyFailed, whyUnmatched } from './manners.ts';
import { sealed, unsealed } from './seal.ts';
import { nothingYet, stubOf, type TaskStubs, workOf } from './stubs.ts';
import { endOf, type Transcript, type Words } from './transcript.ts';

/** How the line behaves. */
export interface LineOptions {
  readonly call: CallInput;
  readonly service: ServiceLimits | undefined;
  readonly now: number;
  readonly tasks: TaskStubs;
  readonly runTasks: boolean;
  readonly carryOut: CarryOut;
  readonly unplayable: Words | undefined;
  readonly undeliverable: Words | undefined;
  readonly patienceMs: number;
  readonly failing: readonly CallActionType[];
  /** What the service fails at the first time that it is asked for. */
  readonly failsNext: readonly FailsNext[];
  /** Gets each step. */
  readonly onStep?: (result: StepResult) => void;
}

/** What a service can fail at by itself: to play something, or what takes no decision of anybody's. */
export type FailsNext = 'prompt' | 'answer' | 'hold' | 'unhold';

/** What moves the clock on. */
export type Tick = 'timer' | 'silence' | 'filler';

/** A line with a call on it. */
export interface Line {
  readonly snapshot: CallSnapshot;
  readonly batches: readonly Batch[];
  readonly events: readonly StepEvent[];
  /** The steps that counted, as a log has them; `masked` without what the caller said, keyed and is. */
  log(masked: boolean): CallLog;
  /** The chat messages that arrived. */
  readonly messages: readonly ChatDelivery[];
  /** Virtual epoch ms. */
  readonly now: number;
  /** Why the bot's code failed, if it did. */
  readonly error: CallError | undefined;
  /** What the caller or somebody else has to decide: the open question, recording, transfer or outgoing call. */
  readonly open: Operation | undefined;
  /** Whether the other party of the open outgoing call has answered, and is not gone yet. */
  readonly joined: boolean;
  /** The batch that the service works on, or worked on last. */
  readonly batch: Batch;
  /** The configuration, as the chart shows it. */
  state(): string;
  /** The service tells `events`, all at once. */
  report(...events: readonly ServiceEvent[]): void;
  /** The other party answers the open outgoing call: it rings no longer. */
  join(): void;
  /** The caller's keys: what the open question does not take is kept for the next one. */
  press(keys: string): void;
  /** The caller answers the open question. */
  answer(question: Operation & { readonly type: 'recognize' }, input: CallerInput): void;
  /** Lets time pass, until `until` or until `stop` says that a tick was enough. */
  pass(until: number, stop?: (tick: Tick) => boolean): void;
  /** From here on the service fails at `what` the first time that it is asked for. */
  fail(what: FailsNext): void;
  /** The task that waits at the state `name`, or else has that name, ends with `result`. */
  endTask(name: string, result: TaskResult): void;
  /** Waits for the tasks that run, and brings the bot their results as they come. */
  settled(): Promise<void>;
}

/** More steps than this within one verb, and the call will never come to rest. */
const maxSteps = 1_000;

/** Rings the bot `machine`. */
export const openLine = (machine: AnyStateMachine, options: LineOptions, transcript: Transcript): Line => {
  const batches: Batch[] = [];
  const events: StepEvent[] = [];
  const logged: LoggedStep[] = [];
  const messages: ChatDelivery[] = [];
  const running = new Map<string, { readonly abort: AbortController; readonly result: Promise<{ readonly id: string; readonly result: TaskResult }> }>();
  const begun = new Set<string>();
  const doomed = [...options.failsNext];
  let { now } = options;
  let snapshot: CallSnapshot | undefined;
  let run: Run | undefined;
  let batch: Batch = [];
  let since = now; // when the service last asked for a reply
  let askedAt = now;
  let broken: Outcome | undefined; // what broke the batch off
  let joinedTo: string | undefined; // the outgoing call that was answered
  let ahead = ''; // keys that no question has taken yet
  let error: CallError | undefined;
  let steps = 0;

  const stored = (): CallSnapshot => snapshot as CallSnapshot;
  const last = (): Operation | undefined => (stored().awaiting === null ? undefined : batch.at(-1));
  const open = (): Operation | undefined => {
    const operation = last();
    return operation !== undefined && (isQuestion(operation.type) || operation.type === 'transfer' || operation.type === 'createcall' || operation.type === 'raw') ? operation : undefined;
  };
  const live = (): Run => (run ??= openRun(machine, stored().call, stored().machine ?? undefined));

  /** The step; where the service does not take its batch, the apology for it instead, or no more than the hangup. */
  const decide = (event: StepEvent): StepResult => {
    const before = snapshot;
    const result = step(machine, before, event, before === undefined ? undefined : live());
    const from = before ?? { ...result.snapshot, revision: 0, answered: result.snapshot.call.direction === 'outbound', machine: null };
    const failures: CallErrorCode[] = result.error === undefined ? [] : [result.error.code];
    let refused = 0;
    const decided = accepted(result, (refusal, isFirst) => {
      const instead = abandon(machine, isFirst ? from : { ...from, failed: true }, event, refusal);
      if (instead.error !== undefined) failures.push(instead.error.code);
      refused += 1;
      return instead;
    });
    if (!decided.ignored) logged.push({ event, before, result: decided, failures, refused });
    return decided;
  };

  const accepted = (result: StepResult, instead: (refusal: unknown, isFirst: boolean) => StepResult): StepResult => {
    try {
      options.service?.check(result.batch);
      return result;
    } catch (refusal) {
      const apology = instead(refusal, result.error === undefined);
      return result.error === undefined ? accepted(apology, instead) : { ...apology, error: result.error };
    }
  };

  const take = (told: StepEvent): void => {
    steps += 1;
    const event = snapshot !== undefined && isSecret(snapshot) ? sealEvent(told, snapshot, sealed) : told;
    if (steps > maxSteps) throw transcript.surprise('the call to come to rest', `instead it went on for ${maxSteps} steps without the caller; it is in \`${live().state()}\``);
    const result = decide(event);
    events.push(event);
    snapshot = result.snapshot;
    options.onStep?.(result);
    if (event.type === 'service') since = now;
    // After a failure the kept snapshot is older than the run; after the end nobody needs one.
    if (result.error !== undefined || snapshot.ended !== null) run = undefined;
    if (result.error !== undefined && error === undefined) {
      error = result.error;
      transcript.note(`(${whyFailed(result.error)})`);
    }
    for (const [id, { abort }] of running) if (!snapshot.tasks.some((task) => task.id === id)) abort.abort();
    if (result.batch.length > 0) carryOut(result.batch);
  };

  const report = (...told: readonly ServiceEvent[]): void => take({ type: 'service', at: now, events: told });

  const carryOut = (asked: Batch): void => {
    batches.push(asked);
    batch = asked;
    askedAt = now;
    for (const operation of asked) {
      if (operation.type === 'hold' && stored().awaiting?.filler !== true) transcript.note('bot puts the caller on hold');
      if (options.failing.includes(operation.type) || isDoomed(operation.type)) {
        transcript.note(`(the service fails: ${operation.type})`);
        broken = { type: `${operation.type}.failed`, operationId: operation.operationId } as Outcome;
        return;
      }
      const prompts = promptsOf(operation);
      if (prompts.length > 0) {
        if ((options.unplayable !== undefined && endOf(options.unplayable, promptText(prompts), 0) >= 0) || (operation.type !== 'hold' && stored().awaiting?.filler !== true && isDoomed('prompt'))) {
          transcript.note(`(the service cannot play: ${promptText(prompts)})`);
          broken = { type: 'play.failed', operationId: operation.operationId };
          return;
        }
        transcript.play(promptText(prompts));
      }
      const note = noteOf(operation);
      if (note !== undefined) transcript.note(note);
      if (ahead !== '' && losesKeys(operation)) {
        transcript.note(`(keyed ahead and lost: ${ahead})`);
        ahead = '';
      }
    }
  };

  /** Whether the service was to fail at `what`, which it does once. */
  const isDoomed = (what: string): boolean => {
    const index = doomed.findIndex((one) => one === what);
    if (index >= 0) doomed.splice(index, 1);
    return index >= 0;
  };

  /** Does what follows of itself, until somebody has to decide or the clock has to move. */
  const settle = (): void => {
    for (;;) {
      if (stored().ended !== null) {
        ahead = '';
        if (!beginTask()) return;
        continue;
      }
      if (broken !== undefined) {
        const outcome = broken;
        broken = undefined;
        report(outcome);
        continue;
      }
      const operation = last();
      const outcome = operation === undefined ? undefined : ownEnds[operation.type];
      if (operation !== undefined && outcome !== undefined) report({ type: outcome, operationId: operation.operationId });
      else if (beginTask()) continue;
      else if (ahead !== '' && operation?.type === 'recognize') {
        transcript.note(`(keyed ahead: ${ahead})`);
        hear(operation, { keys: ahead });
      } else return;
    }
  };

  /** Begins one task that is not begun yet; whether there was one. */
  const beginTask = (): boolean => {
    const task = stored().tasks.find(({ id }) => !begun.has(id));
    if (task === undefined) return false;
    begun.add(task.id);
    const own = workOf(machine, task);
    const work = stubOf(options.tasks, task) ?? (options.runTasks || typeof own === 'object' ? own : undefined);
    if (work === undefined) {
      if (task.name === cleanupTask) return true;
      throw transcript.surprise(`a stub for the task \`${task.name}\``, `instead there is none: dial(bot, { tasks: { ${JSON.stringify(task.name)}: … } }), or { runTasks: true } for the real one`);
    }
    const abort = new AbortController();
    let ends = true;
    let unexpected: unknown;
    const watched: typeof work = typeof work !== 'function' ? work : (input, args) => {
      const output = work(input, args);
      ends = output !== nothingYet;
      return output;
    };
    const result = perform(watched, task.input, { signal: abort.signal, callId: options.call.id, taskId: task.id, reveal: unsealed }, means, (thrown) => (unexpected = thrown));
    if (isCallError(unexpected) && unexpected.code === 'ERR_EXPECTATION') throw transcript.surprise(`the task \`${task.name}\` to be run no more often than it has stubs`, 'instead it is run once more', unexpected);
    if (!ends) return true;
    if (result instanceof Promise) running.set(task.id, { abort, result: result.then((value) => ({ id: task.id, result: value })) });
    else finish(task, result);
    return true;
  };

  const finish = (task: PendingTask, result: TaskResult): void => {
    transcript.note(result.type === 'task.done' ? `(task ${task.name} is done)` : `(task ${task.name} failed: ${result.error.message})`);
    take({ type: 'task', at: now, taskId: task.id, result, reply: stored().awaiting === null });
  };

  const means: Means = {
    data: options.carryOut,
    chat: (delivery) => {
      const text = chatText(delivery.message);
      if (options.undeliverable !== undefined && endOf(options.undeliverable, text, 0) >= 0) throw new CallError('ERR_CHAT_UNDELIVERED', 'a chat message was not delivered', { reason: 'refused' });
      messages.push(delivery);
      transcript.write(text);
    },
  };

  const hear = (question: Operation & { readonly type: 'recognize' }, input: CallerInput): void => {
    const heard = asTold(listen(question.params, input), question.params);
    ahead = heard.rest;
    if (heard.ending === 'nomatch') transcript.note(whyUnmatched(question.params, typeof input === 'object' && 'says' in input ? input.says : undefined));
    report(outcomeOf(endingOf(heard), question.operationId));
  };

  /** What is told of it by a service that loses digits which a pause ends. */
  const asTold = (heard: Heard, { digits }: Recognize): Heard =>
    options.service?.pausedDigits === 'lost' && heard.ending === 'digits' && heard.by === 'interdigit' && heard.digits.length !== digits?.max ? { ending: 'nomatch', by: 'interdigit', rest: heard.rest } : heard;

  const ringsOut = ({ operationId }: Operation): void => {
    transcript.note('(nobody answers)');
    report({ type: 'createcall.noanswer', operationId });
  };

  /** What the clock comes to next; the earliest, and of two at once the first named here. */
  const next = (): { readonly at: number; readonly tick: Tick; readonly happen: () => void } | undefined => {
    const { timers, tasks, awaiting, ended } = stored();
    if (ended !== null) return undefined;
    const operation = open();
    const due = earliest(timers);
    const ticks = [
      ...(due === undefined ? [] : [{ at: due.dueAt, tick: 'timer' as const, happen: () => take({ type: 'timer', at: now, timer: due, reply: stored().awaiting === null }) }]),
      ...(operation?.type === 'recognize' ? [{ at: askedAt + operation.params.timeoutMs, tick: 'silence' as const, happen: () => hear(operation, 'silence') }] : []),
      ...(operation?.type === 'record' ? [{ at: askedAt + operation.params.timeoutMs, tick: 'silence' as const, happen: () => report({ type: 'record.noinput', operationId: operation.operationId }) }] : []),
      ...(operation?.type === 'createcall' && joinedTo !== operation.operationId ? [{ at: askedAt + operation.params.timeoutMs, tick: 'silence' as const, happen: () => ringsOut(operation) }] : []),
      ...(awaiting === null && timers.length + tasks.length > 0 ? [{ at: since + options.patienceMs, tick: 'filler' as const, happen: () => take({ type: 'reply.due', at: now }) }] : []),
    ];
    return ticks.reduce<(typeof ticks)[number] | undefined>((first, one) => (first === undefined || one.at < first.at ? one : first), undefined);
  };

  const verb = (act: () => void): void => {
    steps = 0;
    act();
    settle();
  };

  const pass = (until: number, stop?: (tick: Tick) => boolean): void => {
    steps = 0;
    for (let tick = next(); tick !== undefined && tick.at <= until; tick = next()) {
      now = Math.max(now, tick.at);
      tick.happen();
      settle();
      if (stop?.(tick.tick) === true) return;
    }
    if (Number.isFinite(until)) now = Math.max(now, until);
  };

  /** Whether the service does not notice that something was said. */
  const isUnheard = ({ params }: Operation & { readonly type: 'recognize' }, input: CallerInput): input is { readonly says: string } => {
    if (options.service?.strayWords !== 'unheard' || typeof input !== 'object' || !('says' in input)) return false;
    const heard = listen(params, input);
    return heard.ending === 'nomatch';
  };

  verb(() => report({ type: 'call.incoming', call: options.call }));

  return {
    get snapshot() {
      return stored();
    },
    batches,
    events,
    log: (masked) => ({ head: logHead(machine, masked), steps: logged.map((one) => writtenStep(machine, one, masked)) }),
    messages,
    get now() {
      return now;
    },
    get error() {
      return error;
    },
    get open() {
      return open();
    },
    get batch() {
      return batch;
    },
    get joined() {
      const operation = open();
      return operation !== undefined && operation.operationId === joinedTo;
    },
    join: () => {
      joinedTo = open()?.operationId;
    },
    state: () => (stored().machine === null ? 'idle' : live().state()),
    report: (...told) => verb(() => report(...told)),
    press: (keys) =>
      verb(() => {
        const question = open();
        if (question?.type === 'recognize') hear(question, { keys });
      }),
    answer: (question, input) => {
      if (!isUnheard(question, input)) return verb(() => hear(question, input));
      transcript.note(whyUnmatched(question.params, input.says));
      pass(Infinity, (tick) => tick === 'silence');
    },
    pass,
    fail: (what) => void doomed.push(what),
    endTask: (name, result) => {
      const task = stored().tasks.find(({ path }) => path === name) ?? stored().tasks.find((one) => one.name === name);
      if (task !== undefined) verb(() => finish(task, result));
    },
    settled: async () => {
      for (;;) {
        const waiting = stored().tasks.flatMap(({ id }) => running.get(id)?.result ?? []);
        if (waiting.length === 0) return;
        const { id, result } = await Promise.race(waiting);
        running.delete(id);
        const task = stored().tasks.find((one) => one.id === id);
        if (task !== undefined) verb(() => finish(task, result));
      }
    },
  };
};
