/**
 * Reference — the pure run that must explain what was seen of a call: the same requests in the order in which they were
 * committed, with the bot's own timers, tasks and fillers between them where the call says that they came.
 *
 * What was seen does not say when a timer or a task was committed, nor which of two that raced was first. So all the ways
 * are gone that it could have been, and each is left as soon as it says one byte that nobody heard, or not one that
 * somebody did. A call that no way explains is a fault.
 *
 * @module
 */
import { setImmediate as breath } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { AnyStateMachine } from 'xstate';
import type { Batch } from 'callchart';
import { type CallSnapshot, step, type StepEvent, type TaskResult } from '../../src/machines/index.ts';
import { type CallService, memoryRecordings } from 'callchart/transport';
import { slim, whole } from '../../src/transport/slim.ts';
import { requestOf } from '../transport/services/botframework/requests.ts';
import { first, survivor } from './bot.ts';
import { commandsOf, type Mode, places, serviceOf } from './services.ts';
import { askedIn, revisionOf, type Sending, type Story } from './story.ts';

const silent = { worked: async () => {}, wrappedUp: async () => {} };
const bots = new Map<string, AnyStateMachine>();

const botOf = (version: string): AnyStateMachine => {
  const bot = bots.get(version) ?? survivor(silent, version);
  bots.set(version, bot);
  return bot;
};

const services = Object.fromEntries((['reply', 'push', 'command'] as const).map((mode) => [mode, serviceOf(mode, 'http://127.0.0.1:1')])) as Readonly<Record<Mode, CallService>>;

/** One request, understood. */
interface Told {
  readonly sending: Sending;
  readonly event: StepEvent;
  /** What it was answered with; undefined where the answer is not known. */
  readonly reply: string | undefined;
}

/** Where a way stands. */
interface Way {
  readonly snapshot: CallSnapshot | undefined;
  /** Which of the requests have been taken. */
  readonly taken: ReadonlySet<number>;
  /** The request whose reply is owed. */
  readonly owed: Told | undefined;
  readonly kept: number;
  readonly at: number;
}

/** What is known of a call when all is over; `state` where it can be looked up. */
export interface Final {
  readonly state: CallSnapshot | undefined;
  /** Whether the store was away for a while: the bot may have been told that its data could not be kept. */
  readonly mayFail: boolean;
  /** A call goes on with the version of the bot that it began with, which is one of these. Default: the first alone. */
  readonly versions?: readonly string[];
}

const unkept: TaskResult = { type: 'task.failed', error: { message: 'the store cannot be had', code: 'ERR_STORE_UNAVAILABLE' } };

/** More ways than a call of the harness has; one that is not explained by then is said to be a fault of the oracle. */
const mostWays = 50_000;

/** After so many ways the processes of the harness come to their turn: some milliseconds. */
const breathesAfter = 20;

/** Whether the story is explained; else the best that could be done, in a sentence. */
export const explained = async (story: Story, { versions = [first], ...final }: Final): Promise<string | undefined> => {
  const found: string[] = [];
  for (const version of versions) {
    const wrong = await explainedBy(botOf(version), story, final);
    if (wrong === undefined) return undefined;
    found.push(versions.length === 1 ? wrong : `${wrong}, by version ${version}`);
  }
  return found.join('; ');
};

const explainedBy = async (bot: AnyStateMachine, story: Story, { state, mayFail }: Omit<Final, 'versions'>): Promise<string | undefined> => {
  const service = services[story.mode];
  const told: Told[] = [];
  for (const sending of story.sendings) {
    const { arrivals } = await service.decode(requestOf(sending.headers, sending.body), memoryRecordings());
    told.push({ sending, event: { type: 'service', at: 0, events: arrivals[0]!.events }, reply: sending.answers.find(({ body }) => body !== '')?.body ?? (sending.answers.length > 0 ? '' : undefined) });
  }
  const heard = heardOf(story);
  const call = told[0]?.event.type === 'service' ? told[0].event.events.find(({ type }) => type === 'call.incoming') : undefined;
  if (call?.type !== 'call.incoming') return 'no call began';
  const bytesOf = (batch: Batch): ReadonlyMap<number | string, string> => {
    if (service.style === 'command') return new Map(commandsOf(batch).map(({ id, request }) => [id, JSON.stringify(request)]));
    return new Map([[revisionOf(batch[0]!.operationId), service.encode(batch, { callId: story.id, bot: bot.id, path: places[story.mode].path, call: call.call, memory: {}, at: 0 })]]);
  };

  const last = Math.max(0, ...heard.revisions);
  let furthest = '';
  let far = -1;
  const note = (way: Way, why: string): undefined => {
    const depth = way.taken.size * 1_000 + (way.snapshot?.revision ?? 0);
    if (depth > far) [far, furthest] = [depth, `${why} (${way.taken.size} of ${told.length} requests, step ${way.snapshot?.revision ?? 0})`];
    return undefined;
  };

  /** What `event` makes of `way`; undefined where it says what nobody heard. */
  const taking = (way: Way, event: StepEvent, more: Partial<Way>, request?: Told): Way | undefined => {
    const { snapshot, batch, holds, ignored } = step(bot, way.snapshot, { ...event, at: way.at });
    const next: Way = { ...way, ...more, at: way.at + 1 };
    if (ignored) return request === undefined || (request.reply ?? '') === '' ? (request === undefined ? undefined : next) : note(way, `${request.sending.id} was answered, though it changes nothing`);
    const after: Way = { ...next, snapshot };
    for (let revision = (way.snapshot?.revision ?? 0) + 1; revision < snapshot.revision; revision += 1) if (heard.revisions.has(revision)) return note(way, `nothing is said in step ${revision}, and it was heard`);
    if (batch.length === 0) {
      if (heard.revisions.has(snapshot.revision)) return note(way, `nothing is said in step ${snapshot.revision}, and it was heard`);
      if (request !== undefined && !holds && (request.reply ?? '') !== '') return note(way, `${request.sending.id} was answered, and there is nothing to say`);
      return { ...after, owed: holds ? request : request === undefined ? after.owed : undefined };
    }
    for (const [key, bytes] of bytesOf(batch)) {
      const was = heard.bytes.get(key);
      if (was !== undefined && timeless(was) !== timeless(bytes)) return note(way, `step ${snapshot.revision} says other bytes than were heard: ${bytes.slice(0, 200)} and not ${was.slice(0, 200)}`);
    }
    for (const key of heard.keysOf(snapshot.revision)) if (!bytesOf(batch).has(key)) return note(way, `${key} was heard, and step ${snapshot.revision} does not say it`);
    if (service.style === 'command') return { ...after, owed: undefined };
    const answers = request ?? way.owed;
    if (answers !== undefined && story.mode === 'reply' && (answers.reply ?? '') !== '' && revisionIn(story.mode, answers.reply!) !== snapshot.revision) return note(way, `${answers.sending.id} was answered by step ${revisionIn(story.mode, answers.reply!)} and not by step ${snapshot.revision}`);
    if (answers !== undefined && story.mode === 'reply' && answers.reply === '' && request !== undefined) return note(way, `${answers.sending.id} was answered with nothing, and step ${snapshot.revision} speaks`);
    return { ...after, owed: undefined };
  };

  const own = (way: Way): readonly (readonly [StepEvent, Partial<Way>])[] => {
    const { snapshot, kept, owed } = way;
    if (snapshot === undefined) return [];
    const replies = story.mode === 'reply' ? (owed === undefined ? [false] : [true, false]) : [true];
    const events: (readonly [StepEvent, Partial<Way>])[] = [];
    for (const reply of replies) {
      for (const task of snapshot.tasks) {
        const isKeep = (task.input as { readonly key?: unknown } | null)?.key !== undefined;
        const result: TaskResult = { type: 'task.done', output: isKeep ? { value: { count: kept + 1 }, revision: kept + 1 } : task.id };
        events.push([{ type: 'task', at: 0, taskId: task.id, result, reply }, isKeep ? { kept: kept + 1 } : {}]);
        if (isKeep && mayFail) events.push([{ type: 'task', at: 0, taskId: task.id, result: unkept, reply }, {}]);
      }
      for (const timer of snapshot.timers) events.push([{ type: 'timer', at: 0, timer, reply }, {}]);
    }
    // A filler is there to be heard; a command of one may be cut before it is sent, but then something else has been heard since.
    const mayFill = story.mode === 'command' ? snapshot.revision < last : owed !== undefined && heard.revisions.has(snapshot.revision + 1);
    if (snapshot.ended === null && mayFill) events.push([{ type: 'reply.due', at: 0 }, {}]);
    return events;
  };

  const isOver = ({ snapshot, taken }: Way): boolean => taken.size === told.length && snapshot !== undefined && snapshot.ended !== null && snapshot.tasks.length === 0;

  /** Where it can go from `way`, what is likeliest first. */
  const from = function* (way: Way): Generator<Way> {
    const { snapshot, taken } = way;
    const next = told.findIndex((_, index) => !taken.has(index));
    const candidates = next < 0 ? [] : [next, ...(told[next + 1]?.sending.races === true && !taken.has(next + 1) ? [next + 1] : [])];
    const events = own(way);
    if (candidates.length + events.length === 0) note(way, 'all requests are taken, nothing is due, and the call goes on');
    for (const index of candidates) {
      const request = told[index]!;
      if (snapshot === undefined && index !== 0) continue;
      const after = taking(way, request.event, { taken: new Set([...taken, index]) }, request);
      if (after !== undefined) yield after;
    }
    for (const [event, more] of events) {
      const after = taking(way, event, more);
      if (after !== undefined) yield after;
    }
  };

  const met = new Set<string>();
  /** Whether it has been there before, by another way. */
  const isKnown = ({ snapshot, taken, owed, kept }: Way): boolean => {
    const size = met.size;
    met.add(JSON.stringify([[...taken].sort((one, other) => one - other), owed?.sending.id, kept, snapshot]));
    return met.size === size;
  };

  const begins: Way = { snapshot: undefined, taken: new Set(), owed: undefined, kept: 0, at: 1 };
  // The deepest of the ways goes on first.
  const open: Iterator<Way, unknown>[] = [[begins].values()];
  for (let ways = 0; open.length > 0; ) {
    const next = open.at(-1)!.next();
    if (next.done === true) {
      open.pop();
      continue;
    }
    const way = next.value;
    if (isKnown(way)) continue;
    if ((ways += 1) > mostWays) return `reference: not explained after ${mostWays} ways; the best: ${furthest}`;
    if (ways % breathesAfter === 0) await breath(); // calls go on meanwhile
    if (!isOver(way)) {
      open.push(from(way));
      continue;
    }
    const wrong = differenceAtEnd(story, way.snapshot!, state, heard);
    if (wrong === undefined) return undefined;
    note(way, wrong);
  }
  return `reference: ${furthest}`;
};

/** How long a silence is that waits for a timer is a matter of clocks. */
const timeless = (bytes: string): string => bytes.replaceAll(/"silenceLengthInMilliseconds":\d+/g, '"silenceLengthInMilliseconds":0');

const revisionIn = (mode: Mode, body: string): number => revisionOf(askedIn(mode, body)[0]?.operationId ?? '');

/** All that was heard on the call, by the step that said it. */
interface Heard {
  /** By step, or by the command's id. */
  readonly bytes: ReadonlyMap<number | string, string>;
  readonly revisions: ReadonlySet<number>;
  keysOf(revision: number): readonly (number | string)[];
}

const heardOf = ({ mode, sendings, commands }: Story): Heard => {
  const bytes = new Map<number | string, string>();
  const byRevision = new Map<number, (number | string)[]>();
  const hear = (revision: number, key: number | string, text: string): void => {
    bytes.set(key, text);
    byRevision.set(revision, [...(byRevision.get(revision) ?? []), key]);
  };
  if (mode === 'command') for (const { id, request } of commands) {
    if (request['type'] !== 'break') hear(revisionOf(id), id, JSON.stringify(request));
  }
  else {
    for (const { answers } of sendings) for (const { body } of answers) if (body !== '') hear(revisionIn(mode, body), revisionIn(mode, body), body);
    for (const { id, request } of commands) hear(revisionOf(id), revisionOf(id), request['document'] as string);
  }
  return { bytes, revisions: new Set(byRevision.keys()), keysOf: (revision) => byRevision.get(revision) ?? [] };
};

/** What the end of a way and the end of the call do not have in common. */
const differenceAtEnd = ({ wrapUps }: Story, snapshot: CallSnapshot, state: CallSnapshot | undefined, { revisions }: Heard): string | undefined => {
  for (const revision of revisions) if (revision > snapshot.revision) return `step ${revision} was heard, and the call ends in step ${snapshot.revision}`;
  const { call: _, ...context } = (snapshot.machine as { readonly context: Readonly<Record<string, unknown>> }).context;
  for (const told of wrapUps) {
    if (!isDeepStrictEqual(told.context, context)) return `the bot ends with ${JSON.stringify(told.context)} and not with ${JSON.stringify(context)}`;
    if (told.reason !== snapshot.ended) return `the call ends by ${told.reason} and not by ${snapshot.ended}`;
  }
  if (state === undefined) return undefined;
  const should = whole(JSON.parse(JSON.stringify(slim(snapshot))) as CallSnapshot); // as it is after it was written and read
  return isDeepStrictEqual(state, should) ? undefined : `the call is left as ${JSON.stringify(state)} and not as ${JSON.stringify(should)}`;
};
