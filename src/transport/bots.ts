/**
 * Bots — the machines that a process serves: found by path or by called number when a call begins, by id and version ever after.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import { asksSecrets, chatState, isMachine, requireBot, requireCapabilities, tasksDeclared, type TaskWork } from '../machines/index.ts';
import type { ChatSender } from './chat.ts';
import type { CallService } from './service.ts';
import { gatherVersions, type Versions, type VersionsOptions } from './versions.ts';

export { refusedActions } from '../machines/index.ts';

/** One bot, or several by the number that was called. `*` answers all numbers that no other entry names. */
export type BotsOnPath = AnyStateMachine | Readonly<Record<string, AnyStateMachine>>;

/** Bots by path (`/api/calls`). */
export type BotsByPath = Readonly<Record<string, BotsOnPath>>;

/** The bots of a process. */
export interface Bots extends Versions {
  /** The machine for a call to `to` on `path`. @throws `ERR_ROUTE_UNKNOWN` */
  route(path: string, to: string | undefined): AnyStateMachine;
  /** The machine with this id that takes calls that begin. */
  served(id: string): AnyStateMachine | undefined;
  /** Where the bot called `id` listens: on the first of its paths. One that nobody knows listens where the first bot does. */
  pathOf(id: string): string;
  /** Whether any bot answers on `path`. */
  hasPath(path: string): boolean;
  /** What is done for the task `name` of the machine `machine`, which is the bot in its version `version` or one of its dialogs. */
  task(bot: string, version: string, machine: string, name: string): TaskWork | undefined;
  /** Those that take calls that begin. */
  readonly all: readonly AnyStateMachine[];
  /** Those that ask for a secret. */
  readonly confidential: ReadonlySet<AnyStateMachine>;
}

/**
 * Gathers bots and their versions, and holds each against what `service` can do, before the first call; a bot that sends chat messages needs `chat`.
 *
 * @throws `ERR_BOT_INVALID`, `ERR_CAPABILITY_MISSING`, `ERR_OPTION_INVALID`
 */
export const gatherBots = (byPath: BotsByPath, service: CallService, chat?: ChatSender, others: VersionsOptions = {}): Bots => {
  const paths = new Map(Object.entries(byPath).map(([path, onPath]) => [path, isMachine(onPath) ? onPath : new Map(Object.entries(onPath))] as const));
  const ids = new Map<string, AnyStateMachine>();
  const tasks = new Map<string, TaskWork>();
  const pathOfBot = new Map<string, string>();
  for (const [path, onPath] of paths) {
    if (!path.startsWith('/')) throw invalid(`the path \`${path}\` begins with \`/\``);
    const bots = isMachine(onPath) ? [onPath] : [...onPath.values()];
    if (bots.length === 0) throw invalid(`no bot answers on \`${path}\``);
    for (const bot of bots) {
      requireBot(bot);
      if ((ids.get(bot.id) ?? bot) !== bot) throw invalid(`two bots are both called \`${bot.id}\``);
      ids.set(bot.id, bot);
      if (!pathOfBot.has(bot.id)) pathOfBot.set(bot.id, path);
    }
  }
  if (ids.size === 0) throw invalid('no bot answers calls');
  const versions = gatherVersions(ids, others);
  for (const bot of versions.loaded) {
    checkCapabilities(bot, service, chat);
    for (const { machine, name, work } of tasksDeclared(bot)) tasks.set(taskKey(bot.id, requireBot(bot).version, machine, name), work);
  }
  const [firstPath = ''] = pathOfBot.values();
  return {
    route: (path, to) => {
      const onPath = paths.get(path);
      const bot = onPath === undefined || isMachine(onPath) ? onPath : ((to === undefined ? undefined : onPath.get(to)) ?? onPath.get('*'));
      if (bot === undefined) throw new CallError('ERR_ROUTE_UNKNOWN', 'no bot answers here', {});
      return bot;
    },
    ...versions,
    served: (id) => ids.get(id),
    pathOf: (id) => pathOfBot.get(id) ?? firstPath,
    hasPath: (path) => paths.has(path),
    task: (bot, version, machine, name) => tasks.get(taskKey(bot, version, machine, name)),
    all: [...ids.values()],
    confidential: new Set(versions.loaded.filter(asksSecrets)),
  };
};

const taskKey = (...names: readonly string[]): string => names.join('\n');

const invalid = (problem: string): CallError<'ERR_BOT_INVALID'> => new CallError('ERR_BOT_INVALID', problem, { problems: [problem] });

const checkCapabilities = (bot: AnyStateMachine, service: CallService, chat: ChatSender | undefined): void => {
  const chatting = chat === undefined ? chatState(bot) : undefined;
  if (chatting !== undefined) throw new CallError('ERR_CAPABILITY_MISSING', `state \`${chatting}\`: sends a chat message, and nobody delivers those: \`chat\` is missing beside \`service\``, { service: service.name, action: 'chat', state: chatting });
  requireCapabilities(bot, service);
};
