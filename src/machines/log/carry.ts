/**
 * Carry — an event of a recorded call as the same event on another version of the bot: what somebody did there he does here, too.
 *
 * Ids of operations and of tasks are made of the steps of a call, and so are another version's its own: an outcome belongs to the last operation of
 * the batch or to one of its kind, a task is known by its path or else by its name, a timer by its path and its state. Keys, words and
 * silence are raw, and the question that is open here makes of them what it makes of them.
 *
 * @module
 */
import { type Batch, type Choice, isQuestion, listen, type Operation, type Recognize } from '../../actions/index.ts';
import { says, type Standing } from '../check/standing.ts';
import { understood } from '../match.ts';
import { endingOf, outcomeOf, ownEnds } from '../outcomes.ts';
import { type EndReason, type Input, isOutcome, type Outcome, type ServiceEvent } from '../service-event.ts';
import { operationId, operationIndex, type PendingTask, type PendingTimer } from '../snapshot.ts';
import type { StepEvent } from '../step.ts';

/** What is made of an event: the one to tell; that it comes to nothing here; or why nobody can know. */
export type Carried = { readonly event: StepEvent } | 'nothing' | { readonly why: string };

/** `event`, which a call took that stood as it `was`, for a call that stands as it `is` now. */
export const carry = (event: StepEvent, was: Standing, is: Standing): Carried => {
  switch (event.type) {
    case 'service':
      return carriedService(event.events, event.at, was, is);
    case 'timer': {
      const timer = timerLike(event.timer, was, is);
      return timer === undefined ? 'nothing' : { event: { ...event, at: Math.max(event.at, timer.dueAt), timer, reply: canReply(event.reply, was, is) } };
    }
    case 'task':
      return carriedTask(event, was, is);
    case 'reply.due':
      return is.snapshot.awaiting === null ? { event } : 'nothing';
    case 'end.asked':
      return { event: { ...event, reply: canReply(event.reply, was, is) } };
  }
};

/** Whether the bot can say something of its own accord: a service that can be told at any time can be told here, too. */
const canReply = (reply: boolean, was: Standing, is: Standing): boolean => {
  const atAnyTime = reply && was.snapshot.awaiting !== null;
  return atAnyTime || (is.snapshot.awaiting === null && (reply || was.snapshot.awaiting !== null));
};

// ---- timers and tasks ----

/** The timer of `is` that goes off where `timer` does: the same one, or the only one of the same state, whatever it was set for. */
export const timerLike = ({ id, path }: Pick<PendingTimer, 'id' | 'path'>, was: Standing, is: Standing): PendingTimer | undefined => {
  const here = is.snapshot.timers;
  const same = here.find((one) => one.id === id && one.path === path);
  if (same !== undefined) return same;
  const [ofState, ...others] = here.filter((one) => one.path === path && stateOf(one) === stateOf({ id }));
  if (ofState !== undefined && others.length === 0) return ofState;
  const known = was.snapshot.timers.length === 1 && here.length === 1 ? here[0] : undefined; // of a state with another name
  return ofState === undefined ? known : undefined;
};

/** The state that set a timer by `after`, in the id that XState gives it; any other id is its own. */
const stateOf = ({ id }: Pick<PendingTimer, 'id'>): string => id.replace(/^xstate\.after\.[^.]*\./, '');

const carriedTask = (event: StepEvent & { readonly type: 'task' }, was: Standing, is: Standing): Carried => {
  const known = was.snapshot.tasks.find(({ id }) => id === event.taskId);
  const [waited] = is.snapshot.tasks;
  if (known === undefined || waited === undefined) return 'nothing';
  const task = taskLike(known, is);
  return task === undefined ? resultless(waited) : { event: { ...event, taskId: task.id, reply: canReply(event.reply, was, is) } };
};

const taskLike = ({ path, name }: PendingTask, { snapshot: { tasks } }: Standing): PendingTask | undefined => {
  const [named, ...others] = tasks.filter((one) => one.name === name);
  return tasks.find((one) => one.path === path) ?? (others.length === 0 ? named : undefined);
};

/** Why a call goes no further that waits for `task`. */
export const resultless = ({ name }: PendingTask): { readonly why: string } => ({ why: `the bot waits for its task \`${name}\`, of which the log has no result` });

// ---- what a service tells ----

const carriedService = (events: readonly ServiceEvent[], at: number, was: Standing, is: Standing): Carried => {
  const told: ServiceEvent[] = [];
  for (const event of events) {
    const carried = isOutcome(event) ? carriedOutcome(event, was, is) : carriedEvent(event, was, is);
    if (typeof carried === 'object' && 'why' in carried) return carried;
    if (carried !== 'nothing') told.push(carried.event);
  }
  return told.length === 0 ? 'nothing' : { event: { type: 'service', at, events: told } };
};

type Told = { readonly event: ServiceEvent } | 'nothing' | { readonly why: string };

const carriedEvent = (event: Exclude<ServiceEvent, Outcome>, was: Standing, is: Standing): Told => {
  switch (event.type) {
    case 'call.ended': {
      const reason = reasonOf(event, was);
      return reason === 'caller' || reason === 'service' || closes[reason] === is.batch.at(-1)?.type ? { event } : 'nothing'; // what the bot's own doing has brought about
    }
    case 'batch.refused': {
      const index = operationIndex(was.snapshot.call.id, was.snapshot.awaiting, event.operationId);
      if (index < 0) return 'nothing';
      return alike(was.batch, is.batch) ? { event: { ...event, operationId: idOf(is, index) } } : { why: 'the service refused a batch that is another one now' };
    }
    default:
      return { event };
  }
};

/** Why the call ended, which a service may leave to whoever knows what it worked on. */
const reasonOf = ({ reason }: ServiceEvent & { readonly type: 'call.ended' }, { batch }: Standing): EndReason => {
  if (reason !== undefined) return reason;
  const last = batch.at(-1)?.type;
  return last === 'hangup' ? 'bot' : last === 'reject' ? 'rejected' : 'caller';
};

/** What the bot asks for that brings about an end. */
const closes: Readonly<Partial<Record<EndReason, Operation['type']>>> = { bot: 'hangup', rejected: 'reject', transferred: 'transfer' };

const alike = (one: Batch, other: Batch): boolean => JSON.stringify(one.map(({ type, params }) => [type, params])) === JSON.stringify(other.map(({ type, params }) => [type, params]));

// ---- outcomes ----

/** Outcomes that nobody had to decide. */
const itself: ReadonlySet<string> = new Set(Object.values(ownEnds));

/** Whether the service tells the end of `is` by itself: nobody has to decide. */
export const endsItself = ({ snapshot: { awaiting } }: Standing): boolean => {
  const last = awaiting?.types.at(-1);
  return last !== undefined && ownEnds[last] !== undefined;
};

/** The end of what the service works on, where it ends by itself. */
export const endOf = (is: Standing, at: number): StepEvent => ({ type: 'service', at, events: [ownEnd(is)] });

/** Whether anybody had to decide that `event` happens to a call that stood as it `was`. */
export const isDecided = (event: StepEvent, was: Standing | undefined): boolean =>
  event.type !== 'reply.due' && (event.type !== 'service' || was === undefined || event.events.some((one) => {
    if (one.type === 'call.ended') return closes[reasonOf(one, was)] === undefined;
    return !isOutcome(one) || (operationIndex(was.snapshot.call.id, was.snapshot.awaiting, one.operationId) >= 0 && !itself.has(one.type));
  }));

const idOf = ({ snapshot: { call, awaiting } }: Standing, index: number): string => operationId(call.id, awaiting?.revision ?? 0, index);

const carriedOutcome = (outcome: Outcome, was: Standing, is: Standing): Told => {
  const index = operationIndex(was.snapshot.call.id, was.snapshot.awaiting, outcome.operationId);
  const asked = was.batch[index];
  if (asked === undefined) return 'nothing'; // nobody had asked for it
  if (is.snapshot.awaiting !== null && alike(was.batch, is.batch)) return { event: { ...outcome, operationId: idOf(is, index) } };
  const isLast = index === was.batch.length - 1;
  const { type } = understood(outcome, asked.type);
  if (!isLast && !type.endsWith('.failed')) return 'nothing'; // progress
  if (itself.has(type)) return endsItself(is) ? { event: ownEnd(is) } : 'nothing';
  if (is.snapshot.awaiting === null || is.batch.length === 0) return meaningless(asked);
  if (type === 'play.failed' || !isLast) return failedPart(outcome, asked, is);
  const here = is.batch.at(-1) as Operation;
  if (here.type !== asked.type) return meaningless(asked);
  const operation = idOf(is, is.batch.length - 1);
  const ended = asked.type === 'recognize' && here.type === 'recognize' ? answered(outcome, asked.params, here.params)
    : asked.type === 'record' && here.type === 'record' ? recorded(outcome, here.params)
      : asked.type === 'raw' && here.type === 'raw' && (asked.params.service !== here.params.service || asked.params.verb !== here.params.verb) ? meaningless(asked) : outcome;
  return 'why' in ended ? ended : { event: { ...ended, operationId: operation } };
};

const ownEnd = (is: Standing): Outcome => outcomeOf({ type: ownEnds[is.batch.at(-1)?.type ?? 'play'] ?? 'play.done' }, idOf(is, is.batch.length - 1));

const doings: Readonly<Partial<Record<Operation['type'], string>>> = { recognize: 'an answer', record: 'a recording', transfer: 'the end of a transfer', createcall: 'the end of an outgoing call', raw: 'the end of a verb' };

const meaningless = ({ type }: Operation): { readonly why: string } => ({ why: `the log has ${doings[type] ?? `the end of \`${type}\``}, which nobody waits for here` });

/** A part of a batch that failed, and with it the rest: the same part, else one of its kind; a prompt is as good as another. */
const failedPart = (outcome: Outcome, asked: Operation, is: Standing): Told => {
  const same = is.batch.findIndex((one) => alike([one], [asked]));
  const kind = is.batch.findIndex((one) => one.type === asked.type);
  const index = same >= 0 ? same : kind >= 0 ? kind : says(asked) ? is.batch.findIndex(says) : -1;
  return index < 0 ? { why: `the log has that \`${asked.type}\` failed, which is not asked for here` } : { event: { ...outcome, operationId: idOf(is, index) } };
};

const recorded = (outcome: Outcome, { maxMs, termchars = [] }: (Operation & { readonly type: 'record' })['params']): Outcome | { readonly why: string } => {
  if (outcome.type !== 'record.done' || outcome.by === 'hangup') return outcome;
  const { recording, by } = outcome;
  if (recording.lengthMs > maxMs) return { ...outcome, by: 'maxspeech', recording: { ...recording, lengthMs: maxMs } };
  if (by === 'maxspeech' && recording.lengthMs < maxMs) return { why: 'the recording was as long as it could be, and may be longer here' };
  return by === 'termchar' && termchars.length === 0 ? { why: 'the recording was ended by a key, and no key ends it here' } : outcome;
};

// ---- answers ----

/** What the question `here` makes of the answer that the question `there` was given. */
const answered = (outcome: Outcome, there: Recognize, here: Recognize): Outcome | { readonly why: string } => {
  if (takes(there) === takes(here)) return outcome;
  switch (outcome.type) {
    case 'recognize.input':
      return matched(outcome.input, outcome.via, outcome, there, here);
    case 'recognize.nomatch':
      return outcome.by !== 'speech' && isNoMore(keysOf(here), keysOf(there)) && there.digits === undefined && here.digits === undefined ? outcome
        : outcome.by === 'speech' && here.speech !== true && isNoMore(phrasesOf(here), phrasesOf(there)) ? outcome
          : { why: `a caller was not understood, and the log does not say what he ${outcome.by === 'speech' ? 'said' : 'keyed'}: the question takes more here` };
    default:
      return outcome;
  }
};

/** All of a question that an answer is held against. */
const takes = ({ choices, digits, speech }: Recognize): string => JSON.stringify([choices, digits, speech]);

const keysOf = ({ choices = [] }: Recognize): readonly string[] => choices.flatMap(({ key }) => key ?? []);
const phrasesOf = ({ choices = [] }: Recognize): readonly string[] => choices.flatMap(({ phrases }) => phrases);
const isNoMore = (these: readonly string[], those: readonly string[]): boolean => these.every((one) => those.includes(one));

const matched = (input: Input, via: 'dtmf' | 'speech', outcome: Outcome, there: Recognize, here: Recognize): Outcome | { readonly why: string } => {
  switch (input.kind) {
    case 'phrase':
      return outcome;
    case 'choice': {
      const choice = there.choices?.find(({ name }) => name === input.name);
      return choice === undefined ? outcomeOf(endingOf({ ending: 'nomatch', by: via === 'dtmf' ? 'key' : 'speech', rest: '' }), outcome.operationId) : chosenAnew(choice, via, outcome, here);
    }
    case 'keys':
    case 'digits': {
      if (there.secret === true) return { why: 'the digits of a secret are not in a log, nor how many they are, and the question takes other ones here' };
      const keys = input.kind === 'keys' ? input.keys : input.digits;
      if (there.digits === undefined && here.digits === undefined) return outcome;
      const [end = ''] = input.kind === 'digits' && input.by === 'termchar' ? (there.digits?.termchars ?? []) : [];
      return keyed(`${keys}${end}`, outcome, here);
    }
  }
};

/** What the service had matched itself: the key of the choice where that was pressed, else one of its phrases. */
const chosenAnew = ({ key, phrases }: Choice, via: 'dtmf' | 'speech', outcome: Outcome, here: Recognize): Outcome | { readonly why: string } => {
  if (key !== undefined && (via === 'dtmf' || phrases.length === 0)) return keyed(key, outcome, here);
  const heard = phrases.map((phrase) => outcomeOf(endingOf(listen(here, { says: phrase })), outcome.operationId));
  const [first, ...others] = heard;
  if (first === undefined) return { why: 'a choice without a key and without a phrase was answered' };
  return others.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? first : { why: 'the log does not say which words a caller chose by, and not all of them mean the same here' };
};

const keyed = (keys: string, outcome: Outcome, here: Recognize): Outcome | { readonly why: string } => {
  const heard = listen(here, { keys });
  return heard.rest === '' ? outcomeOf(endingOf(heard), outcome.operationId) : { why: 'a caller keyed more than the question takes here' };
};

/** Whether the call waits for somebody: for an answer, a recording, or another party. */
export const waitsForSomebody = ({ snapshot: { awaiting } }: Standing): boolean => {
  const last = awaiting?.types.at(-1);
  return last !== undefined && (isQuestion(last) || last === 'transfer' || last === 'createcall' || last === 'raw');
};
