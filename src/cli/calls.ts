/**
 * `callchart calls list|show|end|backup` — the calls of a store: which there are, where one stands, an end to one that does not end by itself, and a copy of all.
 *
 * It is a reader of the store among the servers that use it, and writes nothing but that a call is to end.
 *
 * @module
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { callDesk, type CallDesk, type CallStore, type CallSummary, type CallView, lmdbOptions, openStore, quarantinePrefix } from '../transport/index.ts';
import { flag, type Options, plain, text, wrong } from './arguments.ts';
import { backupStore } from './backup-store.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { isService, serviceNamed } from './services.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export const calls = async (action: string, call: string | undefined, options: Options, environment: Environment = process.env): Promise<ExitCode> => {
  const todo = todos[plain(action)];
  if (todo === undefined || !Object.hasOwn(todos, plain(action))) throw wrong('action', '`callchart calls` lists, shows or ends calls, or makes a backup of all: say list, show, end or backup');
  for (const [option, of] of Object.entries(optionsOf)) if (options[option] !== undefined && of !== plain(action)) throw wrong(option, `\`--${option}\` is for \`callchart calls ${of}\``);
  if (plain(action) === 'list' && call !== undefined) throw wrong('call', '`callchart calls list` lists all calls: `--bot` and `--service` say which');
  if (plain(action) === 'backup' && call !== undefined) throw wrong('call', '`callchart calls backup` copies all calls: `--to` says where to');
  if ((plain(action) === 'show' || plain(action) === 'end') && call === undefined) throw wrong('call', `say which call: callchart calls ${plain(action)} <call>`);
  const limit = limitOf(options);
  const store = await openedStore(options, environment);
  try {
    await requireService(text(options, 'service'), store);
    return await todo(callDesk(store), plain(call ?? ''), { options, limit, store });
  } finally {
    await store.close();
  }
};

/** What is to be done, and with what. */
interface Asked {
  readonly options: Options;
  readonly limit: number;
  readonly store: CallStore;
}

/** Options that one action has alone. */
const optionsOf: Readonly<Record<string, string>> = { bot: 'list', ended: 'list', limit: 'list', unmasked: 'show', apologise: 'end', to: 'backup' };

const limitOf = (options: Options): number => {
  const written = text(options, 'limit') ?? '100';
  const limit = /^\d{1,9}$/.test(written) ? Number(written) : 0;
  if (limit === 0) throw wrong('limit', '`--limit` is a whole number from 1');
  return limit;
};

/** A service of your own is one where the store has calls of it. @throws `ERR_OPTION_INVALID` for a name that is nobody's */
const requireService = async (service: string | undefined, store: CallStore): Promise<void> => {
  if (service === undefined || isService(service)) return;
  for (const prefix of [`${service}:`, `${quarantinePrefix}${service}:`]) if ((await store.list(prefix, 1)).length > 0) return;
  serviceNamed(service);
};

/** The store that is looked into. It is not made: what is not there holds no calls. */
const openedStore = async (options: Options, environment: Environment): Promise<CallStore> => {
  const asked = text(options, 'store');
  const [spec, name] = asked === undefined ? [environment['CALLCHART_STORE'] || 'lmdb:.callchart/calls', 'CALLCHART_STORE'] : [asked, '--store'];
  if (spec === 'memory') throw wrong(name, `${name} is memory: calls that are kept in memory are those of the process that serves them, and nobody else sees them`);
  const [, folder] = /^lmdb:(.+)$/s.exec(spec) ?? [];
  if (folder !== undefined) await stat(join(lmdbOptions(folder, name).folder, 'data.mdb')).catch((error: NodeJS.ErrnoException) => Promise.reject(wrong(name, `${name}: ${isAbsent(error) ? 'there is no store of calls in' : `${error.code}, the store of calls cannot be looked at in`} ${folder}${error.code === 'EACCES' ? ': this user may not' : ''}`)));
  return openStore(spec, name);
};

const isAbsent = ({ code }: NodeJS.ErrnoException): boolean => code === 'ENOENT' || code === 'ENOTDIR';

const write = (line: string): void => void process.stdout.write(`${line}\n`);

// ---- list ----

const list = async (desk: CallDesk, _: string, { options, limit }: Asked): Promise<ExitCode> => {
  let count = 0;
  for await (const summary of desk.list({ service: text(options, 'service'), bot: text(options, 'bot'), ended: flag(options, 'ended') })) {
    if (count === limit) {
      process.stderr.write(`there are more: --limit ${limit} has been reached\n`);
      return exitCodes.ok;
    }
    count += 1;
    write(flag(options, 'json') ? JSON.stringify(summary) : inOneLine(summary, Date.now()));
  }
  if (count === 0 && !flag(options, 'json')) process.stderr.write('no calls\n');
  return exitCodes.ok;
};

const inOneLine = (summary: CallSummary, now: number): string => {
  const { service, call, status, bot = '', version = '', states = [], begunAt = now, heardAt = now } = summary;
  const name = `${service}:${call}`;
  if (status === 'quarantined' || status === 'unreadable') return `${name}  ${status}${summary.quarantined === undefined ? '' : `: ${summary.quarantined}`}`;
  const when = `since ${age(now - begunAt)}, heard of ${age(now - heardAt)} ago`;
  return `${name}  ${status}  ${bot} ${version}  ${status === 'ended' ? when : `${states.join(', ')}  ${when}`}  ${standing(summary)}`;
};

const standing = ({ waitsFor, ended, ending, quarantined }: CallSummary): string => {
  if (ended !== undefined) return waitsFor === 'task' ? `ended by \`${ended}\`, its cleanup is to be done` : `ended by \`${ended}\``;
  return [waiting[waitsFor ?? 'nothing'], ...(ending === undefined ? [] : [endings[ending]]), ...(quarantined === undefined ? [] : [`nobody could go on with it: ${quarantined}`])].join('; ');
};

const waiting: Readonly<Record<NonNullable<CallSummary['waitsFor']>, string>> = {
  answer: "waits for the caller's answer", recording: "waits for the caller's message", line: 'waits for the line', end: 'is being hung up', task: 'waits for a task', timer: 'waits for a timer', request: "waits for the service's next request", nothing: 'waits for nothing',
};

const endings: Readonly<Record<NonNullable<CallSummary['ending']>, string>> = {
  asked: 'its end was asked for, and no server has taken that up yet', request: "its end goes out with the service's next request", told: 'it was ended from outside',
};

/** A time in one unit: `12 s`, `3 min`, `2 h`, `5 d`. */
const age = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
};

// ---- show ----

const show = async (desk: CallDesk, call: string, { options }: Asked): Promise<ExitCode> => {
  const view = await desk.show(call, { service: text(options, 'service'), unmasked: flag(options, 'unmasked') });
  if (view === undefined) return notOnRecord(call);
  write(flag(options, 'json') ? JSON.stringify(view) : inWords(view, Date.now()).join('\n'));
  return exitCodes.ok;
};

const notOnRecord = (call: string): ExitCode => {
  process.stderr.write(`callchart: no call ${call} is on record (ERR_CALL_UNKNOWN)\n`);
  return exitCodes.found;
};

const inWords = (view: CallView, now: number): readonly string[] => {
  const { service, call, status, bot = '', version = '', states = [], direction, begunAt, answeredAt, heardAt, requests = 0, askedAgain = 0, tasksBegun = 0, chain, revision, dueAt, expiresAt, tasks = [], timers = [], outbox = [], unmasked } = view;
  const head = [`${service}:${call}  ${status}`];
  const tail = [`written       ${revision} times`, ...(dueAt === undefined ? [] : [`attended to   ${moment(dueAt, now)}`]), ...(expiresAt === undefined ? [] : [`forgotten     ${moment(expiresAt, now)}`])];
  if (begunAt === undefined || heardAt === undefined) return [...head, ...tail, 'its record cannot be read by this version'];
  return [
    ...head,
    `bot           ${bot} ${version}`,
    ...(status === 'ended' ? [] : [`stands at     ${states.join(', ')}`]),
    `now           ${standing(view)}`,
    `begun         ${moment(begunAt, now)}, ${direction ?? ''}`,
    `answered      ${answeredAt === null || answeredAt === undefined ? 'no' : moment(answeredAt, now)}`,
    `heard of      ${moment(heardAt, now)}`,
    `so far        ${requests} requests, ${askedAgain} questions asked again, ${tasksBegun} tasks`,
    ...(chain === undefined ? [] : [`chain         ${chain}`]),
    ...tasks.map(({ task, since }) => `task          ${task}, since ${moment(since, now)}`),
    ...timers.map(({ timer, dueAt: at }) => `timer         ${timer}, due ${moment(at, now)}`),
    ...outbox.map(({ operation, sentAt }) => `outbox        ${operation}, ${sentAt === undefined ? 'to be sent' : `sent ${moment(sentAt, now)}`}`),
    ...tail,
    ...(unmasked === undefined ? [] : ['unmasked', JSON.stringify(unmasked, null, 2)]),
  ];
};

const moment = (at: number, now: number): string => `${new Date(at).toISOString()} (${at > now ? `in ${age(at - now)}` : `${age(now - at)} ago`})`;

// ---- end ----

/** How long it is looked whether a server has taken the end up: they all look within a second, ms. */
const patienceMs = 5_000;
const lookMs = 100;

const end = async (desk: CallDesk, call: string, { options }: Asked): Promise<ExitCode> => {
  const service = text(options, 'service');
  const asked = await desk.end(call, { service, apologise: flag(options, 'apologise') });
  if (asked === 'unknown') return notOnRecord(call);
  let view = await desk.show(call, { service });
  for (const until = Date.now() + patienceMs; isOpen(view) && Date.now() < until; view = await desk.show(call, { service })) await setTimeout(lookMs);
  const { status, ending, ended } = view ?? {};
  if (flag(options, 'json')) write(JSON.stringify({ call, asked, ...(status !== undefined && { status }), ...(ending !== undefined && { ending }), ...(ended !== undefined && { ended }) }));
  else write(`${call}: ${asked === 'unreadable' ? 'its record cannot be read by this version, and nothing was asked for' : asked === 'ended' ? `had ended already, by \`${ended ?? ''}\`` : became(view)}`);
  return asked === 'unreadable' || isOpen(view) ? exitCodes.found : exitCodes.ok;
};

const isOpen = (view: CallView | undefined): boolean => view?.ending === 'asked';

/** What has become of the end that was asked for. */
const became = (view: CallView | undefined): string => {
  if (view === undefined || view.ended !== undefined) return `has ended${view?.ended === undefined ? '' : `, by \`${view.ended}\``}`;
  switch (view.ending) {
    case 'request':
      return `is hung up with the next request of ${view.service}, which cannot be told anything before`;
    case 'told':
      return `${view.service} is told to hang up; that it has is not heard of yet`;
    default:
      return `the end is on record, and no server of ${view.service} has taken it up within ${patienceMs / 1_000} s: the first one that runs does`;
  }
};

const todos: Readonly<Record<string, (desk: CallDesk, call: string, asked: Asked) => Promise<ExitCode>>> = { list, show, end, backup: (_desk, _call, { options, store }) => backupStore(store, options) };
