/**
 * Read log — the text of a log, held against what a log is: its lines, the shape of each, and that none is lost, doubled or in another place.
 *
 * What does not fit is refused by the number of the first line that does not, and by the rule; never by what stands there.
 *
 * @module
 */
import * as t from 'io-ts';
import { callActions } from '../../actions/index.ts';
import { CallError, type CallErrorDetails } from '../../errors.ts';
import { decoded } from '../codec.ts';
import type { EndReason, ServiceEvent } from '../service-event.ts';
import type { StepEvent } from '../step.ts';
import { type CallLog, type LogHead, type LogStep, logFormat } from './call-log.ts';

/** The line of the first step: the head stands above it. */
export const firstLine = 2;

/**
 * Reads a log.
 *
 * @throws `ERR_LOG_INVALID`, which names the first line that does not fit
 */
export const readLog = (written: string): CallLog => {
  const text = written.replace(/^\uFEFF/, '');
  if (text.trim() === '') throw invalid('empty', 1, 'there is nothing in the log');
  const lines = text.split('\n');
  const isWhole = lines.at(-1)?.trim() === '';
  if (isWhole) lines.pop();
  const [first, ...more] = lines.map((line, index) => parsed(line, index + 1, !isWhole && index === lines.length - 1));
  const head = headOf(first);
  more.forEach((value, index) => checkStep(value, index + firstLine));
  const steps = more as readonly LogStep[];
  checkOrder(steps);
  const [begins] = steps;
  if (begins !== undefined && (begins.event.type !== 'service' || begins.event.events.every(({ type }) => type !== 'call.incoming'))) throw invalid('shape', firstLine, 'the first step of a call brings `call.incoming`');
  return { head, steps };
};

/** A line that cannot be used. */
export const invalid = (reason: CallErrorDetails['ERR_LOG_INVALID']['reason'], line: number, rule: string): CallError<'ERR_LOG_INVALID'> => new CallError('ERR_LOG_INVALID', `line ${line}: ${rule}`, { reason, line });

const parsed = (line: string, number: number, isLast: boolean): unknown => {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw isLast ? invalid('truncated', number, 'the line is cut off') : invalid(number === 1 ? 'head' : 'shape', number, 'the line is not JSON');
  }
};

// ---- the head ----

const Head: t.Mixed = t.intersection([t.type({ bot: t.string, version: t.string, masked: t.boolean }), t.partial({ service: t.string })]);

const headOf = (value: unknown): LogHead => {
  if (!isObject(value) || !('log' in value)) throw invalid('head', 1, 'a log begins with its head, which has the number of its format as `log`');
  if (value['log'] !== logFormat) throw invalid('format', 1, `the log is of another format than ${logFormat}, which is what this version reads`);
  const path = misfit(Head, value, 'head');
  if (path !== undefined) throw invalid('head', 1, unfit(path));
  return value as unknown as LogHead;
};

// ---- steps ----

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const unfit = (path: string): string => `\`${path}\` is missing or is not of its kind`;

/** The path of the first place in `value` that does not fit. */
const misfit = (codec: t.Mixed, value: unknown, name: string): string | undefined => {
  const fit = decoded(codec, value, name);
  return 'path' in fit ? fit.path : undefined;
};

const reasons = { caller: 0, bot: 0, rejected: 0, transferred: 0, error: 0, service: 0 } satisfies Readonly<Record<EndReason, 0>>;

const Move = t.type({ path: t.string, event: t.string, transitions: t.array(t.string) });

/** All of a step but its event and its batch. */
const Rest: t.Mixed = t.intersection([t.type({ moves: t.array(Move) }), t.partial({ failures: t.array(t.string), refused: t.number, moved: t.string, ended: t.keyof(reasons) })]);

const checkStep = (value: unknown, line: number): void => {
  if (isObject(value) && 'log' in value) throw invalid('doubled', line, 'another log begins here');
  if (!isObject(value)) throw invalid('shape', line, 'the line is not a step');
  if (!Number.isSafeInteger(value['revision']) || Number(value['revision']) < 1) throw invalid('shape', line, unfit('revision'));
  const path = eventMisfit(value['event']) ?? batchMisfit(value['batch']) ?? misfit(Rest, value, 'step');
  if (path !== undefined) throw invalid('shape', line, unfit(path));
};

const Result: t.Mixed = t.union([t.type({ type: t.literal('task.done'), output: t.unknown }), t.type({ type: t.literal('task.failed'), error: t.intersection([t.type({ message: t.string }), t.partial({ code: t.string })]) })]);

const events: Readonly<Record<StepEvent['type'], t.Mixed>> = {
  'service': t.type({ at: t.number, events: t.array(t.type({ type: t.string })) }),
  'timer': t.type({ at: t.number, reply: t.boolean, timer: t.type({ id: t.string, path: t.string, event: t.type({ type: t.string }), dueAt: t.number }) }),
  'task': t.type({ at: t.number, reply: t.boolean, taskId: t.string, result: Result }),
  'reply.due': t.type({ at: t.number }),
  'end.asked': t.type({ at: t.number, apologise: t.boolean, reply: t.boolean }),
};

const eventMisfit = (value: unknown): string | undefined => {
  if (!isObject(value) || !isOf(events, value['type'])) return isObject(value) ? 'event.type' : 'event';
  return misfit(events[value['type']], value, 'event') ?? (value['type'] === 'service' ? firstOf(value['events'] as readonly unknown[], serviceEventMisfit) : undefined);
};

const isOf = <K extends string>(table: Readonly<Record<K, unknown>>, type: unknown): type is K => typeof type === 'string' && Object.hasOwn(table, type);

const firstOf = (values: readonly unknown[], problem: (value: unknown, index: number) => string | undefined): string | undefined => {
  for (const [index, value] of values.entries()) {
    const path = problem(value, index);
    if (path !== undefined) return path;
  }
  return undefined;
};

// ---- what services tell ----

const via = t.keyof({ dtmf: 0, speech: 0 });
const cause = t.keyof({ system: 0, unknown: 0 });
const Input = t.union([
  t.type({ kind: t.literal('choice'), name: t.string }), t.type({ kind: t.literal('keys'), keys: t.string }), t.intersection([t.type({ kind: t.literal('phrase'), phrase: t.string }), t.partial({ confidence: t.number })]),
  t.type({ kind: t.literal('digits'), digits: t.string, by: t.keyof({ termchar: 0, interdigit: 0 }) }),
]);
const Call = t.intersection([
  t.type({ id: t.string, from: t.string, to: t.string, direction: t.keyof({ inbound: 0, outbound: 0 }), headers: t.record(t.string, t.string) }),
  t.partial({
    name: t.string, language: t.string, answeredBy: t.keyof({ human: 0, machine: 0, fax: 0, unknown: 0 }), conversation: t.string,
    participants: t.array(t.intersection([t.type({ id: t.string }), t.partial({ name: t.string, language: t.string, originator: t.literal(true) })])),
  }),
]);

const outcome = (more: t.Props = {}): t.Mixed => t.intersection([t.type({ operationId: t.string, ...more }), t.partial({ reason: t.string })]);
const bare = outcome();

const serviceEvents = {
  'call.incoming': t.type({ call: Call }), 'call.ended': t.partial({ reason: t.keyof(reasons) }), 'call.state': t.type({ state: t.string }), 'call.roster': t.type({ participants: t.number }),
  'batch.refused': t.type({ operationId: t.string, reason: t.string }),
  'answer.done': bare, 'answer.failed': bare, 'play.done': bare, 'play.failed': bare, 'hangup.done': bare, 'hangup.failed': bare, 'reject.done': bare, 'reject.failed': bare,
  'transfer.done': bare, 'transfer.busy': bare, 'transfer.noanswer': bare, 'transfer.failed': bare, 'hold.done': bare, 'hold.failed': bare, 'unhold.done': bare, 'unhold.failed': bare,
  'createcall.done': bare, 'createcall.busy': bare, 'createcall.noanswer': bare, 'createcall.failed': bare,
  'raw.ended': outcome({ ending: t.string, fields: t.record(t.string, t.string) }), 'raw.failed': bare,
  'recognize.input': outcome({ input: Input, via }), 'recognize.noinput': bare, 'recognize.nomatch': outcome({ by: t.keyof({ key: 0, interdigit: 0, speech: 0 }) }), 'recognize.failed': outcome({ cause }),
  'record.done': outcome({ by: t.keyof({ finalsilence: 0, termchar: 0, maxspeech: 0, hangup: 0 }), recording: t.type({ ref: t.string, bytes: t.number, contentType: t.string, lengthMs: t.number }) }),
  'record.noinput': bare, 'record.failed': outcome({ cause }),
} satisfies Readonly<Record<ServiceEvent['type'], t.Mixed>>;

const serviceEventMisfit = (value: unknown, index: number): string | undefined => {
  const { type } = value as { readonly type: string };
  const path = `event.events.${index}`;
  return isOf(serviceEvents, type) ? misfit(serviceEvents[type], value, path) : `${path}.type`;
};

// ---- what the bot asked for ----

const Asked: t.Mixed = t.type({ operationId: t.string, type: t.keyof(callActions), state: t.string });

const batchMisfit = (value: unknown): string | undefined => {
  if (!Array.isArray(value)) return 'batch';
  return firstOf(value, (operation, index) => {
    const path = `batch.${index}`;
    const problem = misfit(Asked, operation, path);
    if (problem !== undefined) return problem;
    const { type, params } = operation as { readonly type: keyof typeof callActions; readonly params: unknown };
    return misfit(callActions[type], params, `${path}.params`);
  });
};

// ---- the order ----

const checkOrder = (steps: readonly LogStep[]): void => {
  steps.forEach(({ revision }, index) => {
    const expected = index + 1;
    if (revision === expected) return;
    const line = index + firstLine;
    if (revision < expected) throw invalid('doubled', line, `the step ${revision} stands above already`);
    if (steps.some((step) => step.revision === expected)) throw invalid('order', line, `the step ${revision} stands before the step ${expected}`);
    throw invalid('missing', line, revision === expected + 1 ? `the step ${expected} is missing before it` : `the steps ${expected} to ${revision - 1} are missing before it`);
  });
};
