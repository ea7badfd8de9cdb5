#!/usr/bin/env node
/**
 * The command `callchart` — what it can be told, and where each of it is done.
 *
 * Exit codes: 0 it went well, 1 something was found or refused, 2 the command could not be understood or the bot not be
 * loaded.
 *
 * @module
 */
import { type CAC, cac } from 'cac';
import { type Options, plain, shielded, wrong } from './arguments.ts';
import { type ExitCode, exitCodes, tell } from './failure.ts';
import { packageFacts } from './package-facts.ts';

const commands = (argv: readonly string[]): CAC => {
  const cli = cac('callchart');
  cli.command('new <folder>', 'Write a small project: a bot, its test and what runs both')
    .action(async (folder: string) => (await import('./new.ts')).newProject(folder));
  cli.command('dev [bot]', 'Open a phone with sound and the live chart of a bot, on one page of this machine')
    .option('--port <n>', 'The port of the page on 127.0.0.1 (3990; 0 is any that is free)')
    .option('--coverage <path>', 'Show on the chart what these calls have met of the bot: a log, the count of a test, or a folder of them')
    .option('--no-check', 'Check neither the bot nor its types when it is loaded')
    .action(async (bot: string | undefined, options: Options) => (await import('./dev/dev.ts')).dev(bot, options));
  cli.command('call [bot]', 'Ring a bot over real HTTP, and be the caller')
    .option('--url <endpoint>', 'Call a bot that runs already, at its endpoint')
    .option('--script <file>', 'Play a script, one act a line: press, say, silence, record, hangup, expect (- reads it from stdin)')
    .option('--keys <keys>', 'Press keys, turn by turn: "1,2#"')
    .option('--say <words>', 'Say words, turn by turn: "sales,yes"')
    .option('--json', 'Print the transcript as one JSON object')
    .option('--from <address>', 'Who calls')
    .option('--to <address>', 'Who is called')
    .option('--language <tag>', "The caller's language, as BCP 47 has it")
    .option('--store <store>', 'Where calls and data are kept: memory, lmdb:<folder> or postgres://… (memory)')
    .option('--log <file>', 'Write the log of the call, for `callchart replay`')
    .option('--unmasked', 'With --log: what the caller says and keys too, so that the call replays to the byte')
    .option('--inspect', 'Stream the call to the XState inspector, and its steps to stderr')
    .option('--service <name>', 'The calling service that carries the call: botframework, twilio or azure (else CALLCHART_SERVICE, else botframework)')
    .option('--app-id <id>', 'With --url: the app id of the bot (else CALLCHART_APP_ID)')
    .option('--keys-port <n>', 'With --url: where the service publishes its keys, or has its API (3979)')
    .action(async (bot: string | undefined, options: Options) => (await import('./call.ts')).call(bot, options, argv));
  cli.command('serve <bot>', 'Take calls from a calling service, on POST /api/calls, /api/twilio or /api/azure')
    .option('--service <name>', 'The calling service: botframework, twilio or azure (else CALLCHART_SERVICE, else botframework)')
    .option('--port <n>', 'The port to listen on (else PORT, else 3978)')
    .option('--host <address>', 'The address to listen on (127.0.0.1)')
    .option('--versions <bot>', 'Another version of the bot, for the calls that began with it (may be given more than once)')
    .option('--moves <file>', 'Which calls go on with which version: what check --against --json has printed, or moves by hand (may be given more than once)')
    .option('--status <place>', 'Where GET /health, /ready and /metrics are answered: a port, or host:port (else CALLCHART_STATUS, else nowhere)')
    .option('--inspect', 'Stream the calls to the XState inspector, and their steps to stderr')
    .example('  CALLCHART_SERVICE              the calling service, where --service names none')
    .example("  CALLCHART_APP_ID               the bot's app id")
    .example("  CALLCHART_APP_PASSWORD         the bot's app password")
    .example('  CALLCHART_CALLBACK_URL         the public https URL of this endpoint')
    .example('  CALLCHART_OPENID_METADATA_URL  where the keys of the tokens are told')
    .example('  CALLCHART_STORE                where calls are kept: memory, lmdb:<folder>, postgres://… or restate://host:port (lmdb:.callchart/calls)')
    .example('  CALLCHART_RESTATE_LISTEN       where the server of Restate reaches this process (127.0.0.1:9080); more in docs/commands.md')
    .example('  CALLCHART_STATUS               where GET /health, /ready and /metrics are answered, as --status')
    .example('  CALLCHART_DRAIN_MS             for how long events of calls are still taken after SIGTERM, ms (0)')
    .example('  CALLCHART_CALL_LOGS            a folder for the log of each call; what callers say and key is left out')
    .example('  CALLCHART_CALL_LOGS_UNMASKED   yes: with all that callers say and key')
    .example('  CALLCHART_RECORDINGS           the folder of recordings (.callchart/recordings)')
    .example('  CALLCHART_SECRET_KEY           seals what callers key at secret questions: 32 bytes in base64 or hex')
    .example('  CALLCHART_ISSUER               who issues the tokens (the issuer that the OpenID metadata names)')
    .example('  CALLCHART_CHAT_SERVICE_URL     where chat messages are posted, for a bot that sends some')
    .example('  CALLCHART_CHAT_TENANT_ID       the tenant of a bot that belongs to one')
    .example('  CALLCHART_CHAT_TOKEN_URL       where a token for chat is given (login.microsoftonline.com)')
    .example('  CALLCHART_CHAT_SCOPE           and for what (https://api.botframework.com/.default)')
    .example('  CALLCHART_UNKNOWN_VERSIONS     what becomes of calls of a version that is not here: apology, retry or served (apology)')
    .example('  CALLCHART_COVERAGE             a folder in which is counted what calls come by')
    .example('  CALLCHART_LOG_LEVEL            trace, debug, info, warn, error, fatal or silent (info)')
    .action(async (bot: string, options: Options) => (await import('./serve.ts')).serve(bot, options));
  cli.command('calls <action> [call]', 'List the calls of a store, show one, end one, or make a backup of all: list, show, end, backup')
    .option('--store <store>', 'Where the calls are kept (else CALLCHART_STORE, else lmdb:.callchart/calls)')
    .option('--service <name>', 'The calls of this calling service alone')
    .option('--bot <id>', 'With list: the calls of this bot alone')
    .option('--ended', 'With list: the calls too that have ended and are still remembered')
    .option('--limit <n>', 'With list: so many calls at most (100)')
    .option('--unmasked', 'With show: who the caller is too, what he said and keyed, and what the bot knows and says')
    .option('--apologise', "With end: the caller hears the bot's apology before he is hung up on")
    .option('--json', 'Print one JSON object a call')
    .option('--to <folder>', 'With backup: the new folder that the copy is made in')
    .action(async (action: string, call: string | undefined, options: Options) => (await import('./calls.ts')).calls(action, call, options));
  cli.command('check <bot>', 'Say which events a bot can receive, and what is wrong with it; or with a Twilio Studio flow, a .json file')
    .option('--service <name>', 'The calling service that it is meant for (else CALLCHART_SERVICE, else botframework)')
    .option('--against <bot>', 'Say instead which calls in flight of this old version can go on with the bot, and which cannot')
    .option('--allow-pinned', 'With --against: calls that have to stay with the old version are no failure')
    .option('--waive <waiver>', "Let a finding be, with a reason: '<id>=<reason>' (may be given more than once)")
    .option('--json', 'Print one JSON object')
    .action(async (bot: string, options: Options) => (await import('./check.ts')).check(bot, options));
  cli.command('replay <bot> [...logs]', 'Have recorded calls again: every batch the same, or the first difference')
    .option('--test <file>', 'Write the replay of one log as a test')
    .option('--values', 'Show what is different too, which may be what a caller said')
    .option('--json', 'Print one JSON object')
    .action(async (bot: string, logs: readonly string[], options: Options) => (await import('./replay.ts')).replayLogs(bot, logs, options));
  cli.command('diff <old> <new>', 'Have recorded calls on two versions of a bot, and say which hear something else or end otherwise')
    .option('--calls <folder>', 'The logs of calls of the old version: a folder, or a file (may be given more than once)')
    .option('--out <folder>', 'Write a script for `callchart call` of each group of calls that are not identical')
    .option('--all', 'With --out: a script of each of these calls')
    .option('--json', 'Print one JSON object')
    .action(async (old: string, next: string, options: Options) => (await import('./diff.ts')).diff(old, next, options));
  cli.command('draw <bot>', 'Draw the chart of a bot')
    .option('--format <name>', 'mermaid, scxml or svg (mermaid)')
    .option('--out <file>', 'Write a file instead of stdout')
    .action(async (bot: string, options: Options) => (await import('./draw.ts')).draw(bot, options));
  cli.command('paths <bot>', 'Write the fewest calls that cover a bot: every state, transition and outcome, and every asking')
    .option('--format <name>', 'test, botium, text, json or script; else a list for people')
    .option('--out <file>', 'Write a file instead of stdout; the formats botium and script write a folder of them')
    .option('--most-acts <n>', 'Take no call of more acts than these')
    .option('--service <name>', 'The calling service that carries the calls: botframework, twilio or azure; else one that can do everything')
    .option('--runner <module>', 'With --format test: where describe and it come from, node:test or vitest; else they are there, as mocha has them')
    .option('--complete', 'Exit with 1 where something is not covered')
    .action(async (bot: string, options: Options) => (await import('./paths.ts')).paths(bot, options));
  cli.command('cover <bot> [...files]', 'Say what calls have covered of a bot: counts, logs, folders of them; or -- npm test')
    .option('--min <percent>', 'Exit with 1 where less of any kind is covered')
    .option('--min-state <percent>', 'The same for states')
    .option('--min-transition <percent>', 'The same for transitions')
    .option('--min-outcome <percent>', 'The same for outcomes of questions')
    .option('--min-retry <percent>', 'The same for questions that are asked again')
    .option('--svg <file>', 'Draw the chart with what was covered, and how often')
    .option('--json', 'Print one JSON object')
    .action(async (bot: string, files: readonly string[], options: Options) => (await import('./cover.ts')).cover(bot, files, options));
  cli.command('decode <service> <...files>', 'Say what received requests mean, without authentication (- is stdin)')
    .option('--json', 'Print one JSON object a file')
    .action(async (service: string, files: readonly string[], options: Options) => (await import('./decode.ts')).decode(service, files, options));
  cli.command('validate <service> <...files>', 'Say whether replies are legal for a service (- is stdin)')
    .option('--json', 'Print one JSON object a file')
    .option('--profile <name>', 'core, or extended: with the actions that the service withdrew (extended)')
    .action(async (service: string, files: readonly string[], options: Options) => (await import('./validate.ts')).validate(service, files, options));
  return cli;
};

const run = async (argv: readonly string[]): Promise<ExitCode> => {
  const [first] = argv;
  if (first === '--version' || first === '-v') {
    process.stdout.write(`${packageFacts().version}\n`);
    return exitCodes.ok;
  }
  const cli = commands(argv).help((sections) => sections.filter(({ title }) => title?.startsWith('For more info') !== true).map((section) => (section.title === 'Examples' ? { ...section, title: 'Settings in the environment' } : section)));
  cli.globalCommand.option('-v, --version', 'Display the version');
  cli.parse(['', '', ...shielded(argv)], { run: false });
  if (cli.options['help'] === true) return exitCodes.ok;
  if (cli.matchedCommand === undefined) throw wrong('command', unknown(first));
  return (await cli.runMatchedCommand()) as ExitCode;
};

const unknown = (name: string | undefined): string => {
  if (name === undefined || name.startsWith('-')) return 'say a command first; `callchart --help` lists them';
  return `there is no command \`${plain(name)}\`; \`callchart --help\` lists them`;
};

/** What is written through a pipe has left this process before it ends. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> => new Promise((resolve) => stream.write('', () => resolve()));

// Whoever reads may have read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.unusable));

const code = await run(process.argv.slice(2)).catch(tell);
await Promise.all([process.stdout, process.stderr].map(flushed));
process.exit(code);
