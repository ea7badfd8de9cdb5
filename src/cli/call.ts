/**
 * `callchart call <bot>` — rings a bot over real HTTP, with the real tokens or signatures of a calling service, and gives you the phone.
 *
 * The bot runs in this process behind the real transport, or elsewhere (`--url`). The caller is a person at the terminal,
 * a script (`--script`, `--keys`, `--say`), whoever has written into standard input by the time it rings, or else
 * somebody who says nothing. All but the person are on a clock that waits for nothing, and so is the bot that they call in this
 * process.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { AnyStateMachine } from 'xstate';
import { type Act, type AnswerOptions, badLine, type Caller, type CallingService, type CallReport, distantWorld, type EmulatedName, emulatedNames, type Entry, keysActs, localWorld, parseScript, parseScriptCall, placesCalls, type PlayOptions, sayActs, scriptedCaller, serveBehind, terminalPhone, type World } from '../emulator/index.ts';
import { isCallError } from '../errors.ts';
import { guardPlaces, supposing } from '../machines/check/supposing.ts';
import type { ScriptCall } from '../machines/index.ts';
import { didYouMean } from '../machines/nearest.ts';
import { usualCall } from '../machines/paths/usual-call.ts';
import { openStore, type PlaceOptions, silentLog, type Stepped } from '../transport/index.ts';
import { flag, inOrder, type Options, plain, text, wrong } from './arguments.ts';
import { fileCallLogs } from './call-log-file.ts';
import { type ExitCode, exitCodes, sentence, tell } from './failure.ts';
import { loadBot } from './load-bot.ts';
import { openLog } from './log.ts';
import { inspect } from './observe.ts';
import { openPhone } from './phones.ts';
import { serviceIn, withWhoCan } from './services.ts';

/** The command; `argv` is the command line, for the order of its acts. */
export const call = async (bot: string | undefined, options: Options, argv: readonly string[]): Promise<ExitCode> => {
  const url = text(options, 'url');
  if ((bot === undefined) === (url === undefined)) throw wrong('bot', bot === undefined ? 'say which bot to call: `callchart call <bot>`, or `callchart call --url <endpoint>` for one that runs' : 'say one bot to call: either a file or folder, or `--url`');
  if (flag(options, 'unmasked') && options['log'] === undefined) throw wrong('unmasked', '`--unmasked` goes with `--log`');
  const name = emulatedIn(options);
  const script = await scriptOf(options, argv);
  const line = url === undefined ? await localLine(plain(bot ?? ''), name, script, isLive(script, options), options) : await distantLine(url, name, script, options);
  const hangUp = () => void line.service.close();
  process.once('SIGINT', hangUp).once('SIGTERM', hangUp);
  try {
    return tellOutcome(line, await ring(line, script, options), options);
  } finally {
    process.off('SIGINT', hangUp).off('SIGTERM', hangUp);
    await line.close();
  }
};

/** The service that carries the call. */
const emulatedIn = (options: Options): EmulatedName => {
  const name: string = serviceIn(options);
  const found = emulatedNames.find((one) => one === name);
  if (found === undefined) throw wrong('service', `the service \`${name}\` is not emulated in this version`);
  return found;
};

/** What the caller is to do, where that is written down. `strict` holds him to all of it. */
interface Script {
  readonly acts: readonly Act[];
  readonly strict: boolean;
  /** Who calls, where the script says so. */
  readonly call?: ScriptCall;
}

const scriptOf = async (options: Options, argv: readonly string[]): Promise<Script | undefined> => {
  const file = text(options, 'script');
  const given = inOrder(argv, ['keys', 'say']);
  if (file !== undefined) {
    if (given.length > 0) throw wrong('script', '`--script` goes without `--keys` and `--say`');
    const source = await sourceOf(file);
    return { acts: parseScript(source), strict: true, call: parseScriptCall(source) };
  }
  if (given.length === 0) return undefined;
  return { acts: given.flatMap(({ name, value }) => (name === 'keys' ? keysActs(value) : sayActs(value))), strict: false };
};

const sourceOf = async (file: string): Promise<string> => {
  if (file !== '-') return readFile(file, 'utf8').catch(() => { throw wrong('script', `the script ${file} cannot be read`); });
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

/** A bot that can be called. */
interface Line {
  readonly service: CallingService;
  /** The bot's endpoint. */
  readonly endpoint: string;
  /** What the transcript calls it. */
  readonly bot: string;
  /** What a script moves beside the caller. */
  readonly world: World;
  /** Has the bot's application place a call. */
  readonly place: (placing: PlaceOptions) => Promise<unknown>;
  /** What the bot's code threw, if it did. */
  readonly failure: () => unknown;
  readonly close: () => Promise<void>;
}

const localLine = async (path: string, name: EmulatedName, { acts }: Pick<Script, 'acts'> = { acts: [] }, live: boolean, options: Options): Promise<Line> => {
  const { machine } = await loadBot(path);
  const guards = guardsIn(machine, acts);
  const world = localWorld({ tasks: new Set(acts.flatMap((act) => (act.act === 'task' ? [act.path] : []))), guards });
  const bots = guards.size === 0 ? machine : supposing(machine, world.oracle);
  // With a person on the line time is what it is; with a script it moves by what is waited, and nobody has to look round in between.
  const timing = live ? {} : { clock: world.clock, roundMs: 3_600_000, aroundTask: world.aroundTask };
  const kept = text(options, 'store');
  const level = process.env['CALLCHART_LOG_LEVEL'];
  const log = level ? openLog(level) : silentLog;
  let failure: unknown;
  const store = await openStore(kept ?? 'memory', '--store');
  const logFile = text(options, 'log');
  const callLogs = logFile === undefined ? undefined : await fileCallLogs(logFile, !flag(options, 'unmasked'));
  const inspection = flag(options, 'inspect') ? await inspect() : undefined;
  const onStep = (stepped: Stepped): void => {
    failure ??= stepped.result.error;
    world.sees(stepped);
    inspection?.onStep(stepped);
  };
  const { service, endpoint, place, close } = await serveBehind(name, bots, { store, secretKey: kept === undefined ? undefined : process.env['CALLCHART_SECRET_KEY'], log, onStep, ...(callLogs !== undefined && { callLogs }), ...timing }).catch((error: unknown) => { throw withWhoCan(error); });
  return {
    service, endpoint, place, bot: machine.id, world: live ? distantWorld() : world, failure: () => failure,
    close: async () => {
      await close();
      await inspection?.close();
    },
  };
};

/** The places of the guards of `machine`, with their names, if `acts` assume any. One that it does not have is a mistake in the script. */
const guardsIn = (machine: AnyStateMachine, acts: readonly Act[]): ReadonlyMap<string, string> => {
  const assumed = acts.filter((act) => act.act === 'assume');
  if (assumed.length === 0) return new Map();
  const guards = guardPlaces(machine);
  for (const { guard, line } of assumed) if (!guards.has(guard)) throw badLine(line, `the bot \`${machine.id}\` has no guard \`${guard}\`${didYouMean(guard, [...guards.keys()])}`);
  return guards;
};

const distantLine = async (url: string, name: EmulatedName, { acts, call: { direction } = {} }: Pick<Script, 'acts' | 'call'> = { acts: [] }, options: Options): Promise<Line> => {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw wrong('url', '`--url` is an http or https URL: the bot\'s endpoint');
  if (options['store'] !== undefined) throw wrong('store', '`--store` is where a bot in this process keeps its calls: `callchart serve` reads CALLCHART_STORE');
  const near = acts.find(({ act }) => act === 'task' || act === 'assume');
  if (near !== undefined) throw badLine(near.line, `\`${near.act}\` is for a bot in this process, and not for one that is called by \`--url\``);
  if (direction === 'outbound') throw wrong('script', 'a call that the bot places is for a bot in this process, and not for one that is called by `--url`');
  if (options['log'] !== undefined) throw wrong('log', '`--log` writes the log of a bot in its own process: `callchart serve` reads CALLCHART_CALL_LOGS');
  if (flag(options, 'inspect')) throw wrong('inspect', '`--inspect` watches a bot in its own process: give it to `callchart serve`');
  const { service, wants } = await openPhone(name, options, process.env);
  process.stderr.write(`the bot has to run with ${wants}\n`);
  return { service, endpoint: url, place: () => Promise.reject(new TypeError('the bot places its calls itself')), bot: url, world: distantWorld(), failure: () => undefined, close: () => service.close() };
};

/** A bot that is being started again is waited for: about 12 s in all. */
const patience = { tries: 6, retryDelayMs: 400 } as const;

/** How a call went. */
interface Outcome {
  readonly transcript: readonly Entry[];
  readonly endedBy: string | undefined;
  /** Absent where the caller's expectations ended it. */
  readonly report?: CallReport;
  readonly error?: unknown;
}

const ring = async ({ service, endpoint, place, world }: Line, script: Script | undefined, options: Options): Promise<Outcome> => {
  const phone = await phoneFor(script, world, options);
  const transcript: Entry[] = [];
  let endedBy: string | undefined;
  const caller: Caller = {
    ...phone.caller,
    ended: (farewell) => {
      endedBy = farewell.endedBy;
      phone.caller.ended?.(farewell);
    },
  };
  const { from, to, name, language, direction, answeredBy } = partiesIn(options, script?.call);
  const playing: PlayOptions = { clock: phone.clock, caller, world, ...patience, onEntry: (entry) => transcript.push(entry) };
  try {
    const parties = { ...(from !== undefined && { from }), ...(to !== undefined && { to }), ...(name !== undefined && { name }), ...(language !== undefined && { language }) };
    const report = direction === 'outbound' ? await answered(service, endpoint, { ...playing, ...(answeredBy !== undefined && { answeredBy }) }, () => place({ from: from ?? usualCall.from, to: to ?? usualCall.to, ...(answeredBy !== undefined && { detectMachine: true }) })) : await service.call(endpoint, { ...playing, ...parties });
    return { transcript, endedBy, report };
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_EXPECTATION') throw error;
    return { transcript, endedBy, error };
  }
};

/** Who calls whom: what the command line says goes before what the script says. */
const partiesIn = (options: Options, call: ScriptCall = {}): ScriptCall => {
  const [from, to, language] = [text(options, 'from'), text(options, 'to'), text(options, 'language')];
  return { ...call, ...(from !== undefined && { from }), ...(to !== undefined && { to }), ...(language !== undefined && { language }) };
};

/** A call that the bot places and somebody takes. */
const answered = async (service: CallingService, endpoint: string, options: AnswerOptions, place: () => Promise<unknown>): Promise<CallReport> => {
  if (!placesCalls(service)) throw wrong('script', `the script is of a call that the bot places, and the service \`${service.name}\` places none: say another by --service`);
  const call = service.answer(endpoint, options);
  call.catch(() => {}); // what comes of the placing comes first
  await place();
  return call;
};

const tellOutcome = ({ bot, failure }: Line, { transcript, endedBy, report, error: unmet }: Outcome, options: Options): ExitCode => {
  const error = unmet ?? failure();
  const { callId, reason, rounds } = report ?? {};
  if (flag(options, 'json')) process.stdout.write(`${JSON.stringify({ bot, callId, endedBy, reason, rounds, transcript, ...(error !== undefined && { error: told(error) }) })}\n`);
  if (error !== undefined) tellFailure(error);
  return report !== undefined && report.endedBy !== 'line' && error === undefined ? exitCodes.ok : exitCodes.found;
};

/** An author's error is shown with what caused it: this is the author's own terminal. */
const tellFailure = (error: unknown): void => {
  tell(error);
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error) process.stderr.write(`  ${cause.stack?.split('\n').slice(0, 4).join('\n  ') ?? cause.message}\n`);
};

const told = (error: unknown): { readonly code: string; readonly message: string } =>
  isCallError(error) ? { code: error.code, message: error.message } : { code: 'ERR_INTERNAL', message: sentence(error) };

interface Phone {
  readonly caller: Caller;
  readonly clock: 'real' | 'script';
}

/** Where the phone is: what goes to standard output with `--json` is the report alone. */
const screenOf = (options: Options): NodeJS.WriteStream => (flag(options, 'json') ? process.stderr : process.stdout);

/** Whether a person sits at the phone. */
const isLive = (script: Script | undefined, options: Options): boolean => script === undefined && process.stdin.isTTY && screenOf(options).isTTY;

const phoneFor = async (script: Script | undefined, world: World, options: Options): Promise<Phone> => {
  const json = flag(options, 'json');
  const output = screenOf(options);
  if (script !== undefined) return { caller: shown(scriptedCaller(script.acts, { complete: script.strict, world }), json), clock: 'script' };
  if (isLive(script, options)) return { caller: terminalPhone({ input: process.stdin, output }), clock: 'real' };
  if (await hasWritten(process.stdin)) return { caller: terminalPhone({ input: process.stdin, output, live: false }), clock: 'script' };
  return { caller: shown({ next: async () => 'silence' }, json), clock: 'script' };
};

/** `caller`, with a screen that shows what happens, unless the transcript is all that is wanted. */
const shown = (caller: Caller, json: boolean): Caller => {
  if (json) return caller;
  const screen = terminalPhone({ input: nothing(), output: process.stdout, live: false });
  return {
    ...caller,
    hears: (entry) => {
      caller.hears?.(entry);
      screen.hears?.(entry);
    },
    ended: (farewell) => {
      screen.ended?.(farewell);
      caller.ended?.(farewell);
    },
  };
};

/** An input of which nothing ever comes. */
const nothing = (): Readable => new Readable({ read: () => {} });

/** How long standard input is given to show that somebody writes into it. */
const lookMs = 250;

const hasWritten = (input: Readable): Promise<boolean> =>
  new Promise((resolve) => {
    const answer = (): void => {
      clearTimeout(timer);
      input.off('readable', answer).off('end', answer).off('error', answer);
      resolve(input.readableLength > 0);
    };
    const timer = setTimeout(answer, lookMs);
    input.once('readable', answer).once('end', answer).once('error', answer);
  });
