/**
 * `callchart serve <bot>` — the bot behind the real transport; settings from the environment.
 *
 * @module
 */
import { setTimeout } from 'node:timers/promises';
import { CallError, isCallError } from '../errors.ts';
import { botConnectorChat, type CallLogs, type CallMetrics, type CallServer, type CallService, type ChatSender, folderCallLogs, type Log, metrics, openKeeping, serve as listen, serveStatus, type StatusPlace, type StatusServer } from '../transport/index.ts';
import { flag, type Options, plain, portIn, text, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot } from './load-bot.ts';
import { openLog } from './log.ts';
import { inspect } from './observe.ts';
import { recordingsIn } from './recordings.ts';
import { serviceIn, spokenService, withWhoCan } from './services.ts';
import { signalled } from './signalled.ts';
import type { SpokenService } from './services/spoken.ts';
import { versionsIn } from './versions.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export const serve = async (bot: string, options: Options, environment: Environment = process.env): Promise<ExitCode> => {
  const spoken = spokenService(serviceIn(options, environment));
  const host = text(options, 'host') ?? '127.0.0.1';
  const port = portOf(options, environment);
  const service = await serviceOf(spoken, environment);
  const chat = await chatOf(environment);
  const log = openLog(environment['CALLCHART_LOG_LEVEL'] || 'info');
  const callLogs = callLogsIn(environment);
  const place = statusPlace(options, environment);
  const drainMs = drainIn(environment);
  const stopped = signalled(); // from here on a signal ends us in order
  const { machine } = await loadBot(plain(bot));
  const versions = await versionsIn(options, environment);
  const secretKey = environment['CALLCHART_SECRET_KEY'];
  const keeping = await openKeeping(environment['CALLCHART_STORE'] || 'lmdb:.callchart/calls', environment);
  const recordings = recordingsIn(environment['CALLCHART_RECORDINGS'] || '.callchart/recordings');
  const inspection = flag(options, 'inspect') ? await inspect() : undefined;
  const counted = place === undefined ? undefined : await metricsIn(log);
  const server = await listenOn(port, host, (at) => listen({ ...at, ...(counted !== undefined && { metrics: counted }), ...versions, service, bots: machine, ...keeping, secretKey, recordings, log, ...(chat !== undefined && { chat }), ...(callLogs !== undefined && { callLogs }), ...(inspection !== undefined && { onStep: inspection.onStep }) }));
  const status = place === undefined ? undefined : await statusOn(place, server, counted);
  process.stdout.write(`listening on ${server.url}\n`);
  if (status !== undefined) process.stdout.write(`status on ${status.url}\n`);
  await stopped;
  log.info({ drainMs }, 'draining');
  server.drain();
  await setTimeout(drainMs);
  await server.close();
  await Promise.all([status?.close(), inspection?.close()]);
  return exitCodes.ok;
};

/** Where each call leaves its log; nowhere unless the environment names a folder. */
const callLogsIn = (environment: Environment): CallLogs | undefined => {
  const [folder, unmasked = ''] = [environment['CALLCHART_CALL_LOGS'], environment['CALLCHART_CALL_LOGS_UNMASKED']];
  if (!['', 'yes', 'no'].includes(unmasked)) throw wrong('CALLCHART_CALL_LOGS_UNMASKED', 'CALLCHART_CALL_LOGS_UNMASKED is yes or no');
  return folder ? folderCallLogs({ folder, masked: unmasked !== 'yes' }) : undefined;
};

/** Where the process is asked how it is: on this machine alone unless a host is said; nowhere unless a port is. */
const statusPlace = (options: Options, environment: Environment): StatusPlace | undefined => {
  const asked = text(options, 'status');
  const [written, name] = asked === undefined ? [environment['CALLCHART_STATUS'] ?? '', 'CALLCHART_STATUS'] : [asked, '--status'];
  if (written === '') return undefined;
  const [, bracketed, plainHost, port = ''] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d+)$/.exec(written) ?? [];
  if (port === '') throw wrong(name, `${name} is a port, or host:port`);
  return { port: portIn(port, name), host: bracketed ?? plainHost };
};

/** Counts for Prometheus where that can be done; where it cannot, the rest of what is asked is answered all the same. */
const metricsIn = async (log: Log): Promise<CallMetrics | undefined> => {
  try {
    return await metrics();
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_OPTION_INVALID') throw error;
    log.warn({ code: error.code, reason: error.message }, 'no metrics');
    return undefined;
  }
};

const statusOn = async (place: StatusPlace, server: CallServer, counted: CallMetrics | undefined): Promise<StatusServer> => {
  try {
    return await serveStatus(server, place, { metrics: counted });
  } catch (error) {
    await server.close();
    const why = cannotListen((error as { readonly code?: unknown }).code, '--status');
    throw why === undefined ? error : wrong('status', `cannot listen on ${place.host ?? '127.0.0.1'}:${place.port}: ${why}`);
  }
};

/** How long events of calls on record are taken by a process that ends, ms. */
const drainIn = (environment: Environment): number => {
  const written = environment['CALLCHART_DRAIN_MS'] || '0';
  const drainMs = /^\d{1,7}$/.test(written) ? Number(written) : Infinity;
  if (drainMs > longestDrainMs) throw wrong('CALLCHART_DRAIN_MS', `CALLCHART_DRAIN_MS is a number of milliseconds, ${longestDrainMs} at most`);
  return drainMs;
};

const longestDrainMs = 3_600_000;

const portOf = (options: Options, environment: Environment): number => {
  const asked = text(options, 'port');
  if (asked !== undefined) return portIn(asked, '--port');
  return environment['PORT'] ? portIn(environment['PORT'], 'PORT') : 3978;
};

const serviceOf = async ({ required, optional, make }: SpokenService, environment: Environment): Promise<CallService> => {
  const missing = Object.values(required).filter((name) => (environment[name] ?? '').trim() === '');
  if (missing.length > 0) throw wrong(missing[0] ?? '', `${missing.length === 1 ? 'a setting is' : 'settings are'} missing in the environment: ${missing.join(', ')}`);
  const names = { ...required, ...optional };
  const given = Object.entries(names).flatMap(([option, name]) => (environment[name] ? [[option, environment[name]] as const] : []));
  try {
    return await make(Object.fromEntries(given));
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_OPTION_INVALID') throw error;
    throw inTheUsersWords(error as CallError<'ERR_OPTION_INVALID'>, names);
  }
};

/** The options of the chat service, and the settings that they come from. */
const chatSettings = {
  serviceUrl: 'CALLCHART_CHAT_SERVICE_URL',
  tenantId: 'CALLCHART_CHAT_TENANT_ID',
  tokenUrl: 'CALLCHART_CHAT_TOKEN_URL',
  scope: 'CALLCHART_CHAT_SCOPE',
} as const;

/** Who delivers chat messages; nobody where the environment does not say where they go. */
const chatOf = async (environment: Environment): Promise<ChatSender | undefined> => {
  const given = (option: 'tenantId' | 'tokenUrl' | 'scope'): object => (environment[chatSettings[option]] ? { [option]: environment[chatSettings[option]] } : {});
  const { CALLCHART_CHAT_SERVICE_URL: serviceUrl, CALLCHART_APP_ID: appId = '', CALLCHART_APP_PASSWORD: appPassword = '' } = environment;
  if (!serviceUrl) return undefined;
  try {
    return await botConnectorChat({ appId, appPassword, serviceUrl, ...given('tenantId'), ...given('tokenUrl'), ...given('scope') });
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_OPTION_INVALID') throw error;
    throw inTheUsersWords(error as CallError<'ERR_OPTION_INVALID'>, { appId: 'CALLCHART_APP_ID', appPassword: 'CALLCHART_APP_PASSWORD', ...chatSettings });
  }
};

/** Says how a bot that sends chat messages is served. */
const withItsSetting = (error: unknown): unknown =>
  isCallError(error) && error.code === 'ERR_CAPABILITY_MISSING' && error.details.action === 'chat'
    ? wrong(chatSettings.serviceUrl, `state \`${error.details.state}\` sends a chat message: ${chatSettings.serviceUrl} says where it goes`)
    : error;

/** Names the setting where the service named its option. */
const inTheUsersWords = ({ message, details: { option } }: CallError<'ERR_OPTION_INVALID'>, names: Readonly<Record<string, string>>): CallError => {
  const name = Object.hasOwn(names, option) ? (names[option] ?? option) : option;
  return wrong(name, message.replace(/^option `?\w+`?/, name));
};

/** Starts a server, and says in plain words why it cannot listen. */
export const listenOn = async (port: number, host: string, start: (at: { readonly port: number; readonly host: string }) => Promise<CallServer>): Promise<CallServer> => {
  try {
    return await start({ port, host });
  } catch (error) {
    const why = cannotListen((error as { readonly code?: unknown }).code);
    throw why === undefined ? withWhoCan(withItsSetting(error)) : wrong('port', `cannot listen on ${host}:${port}: ${why}`);
  }
};

const cannotListen = (code: unknown, option = '--port'): string | undefined => {
  switch (code) {
    case 'EADDRINUSE':
      return `the port is in use; choose another by ${option}`;
    case 'EACCES':
      return `the port is not allowed to this user; choose another by ${option}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'this machine does not have that address';
    default:
      return undefined;
  }
};
