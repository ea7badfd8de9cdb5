/**
 * Bot child — the process of the bot: loads it, serves it behind each emulated service as it is deployed, and tells the phone process of every step.
 *
 * It is made anew whenever the bot's file is saved. What calls stand at is in the store, which outlives it.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { callingService, type EmulatedName, emulatedNames } from '../../emulator/index.ts';
import { CallError, isCallError } from '../../errors.ts';
import { type ChartDrawing, chartMoment, drawChart } from '../../inspector/index.ts';
import { readSource } from '../../inspector/chart/source.ts';
import { type CallServer, type ChatSender, defaultPath, openStore, serve, silentLog, type Stepped } from '../../transport/index.ts';
import { type AuthorPlace, placeOf } from '../author-place.ts';
import { openLog } from '../log.ts';
import { loadBot } from '../load-bot.ts';
import { observationOf } from '../observe.ts';
import { recordingsIn } from '../recordings.ts';
import { givenOf, metBy, pointsShown } from './points-shown.ts';
import type { FromBot, Mishap, PlacingHere, ServedHere, Serving, SteppedHere, ToBot } from './bot-talk.ts';

const tell = (message: FromBot): void => void process.send?.(message);

/** Loads the bot at `path` and draws it; what calls of before have met of it stands in `given`. */
const load = async (path: string, given: string | undefined): Promise<{ readonly machine: AnyStateMachine; readonly chart: string }> => {
  const { machine, file } = await loadBot(path);
  const { placeOf, files } = await readSource(file);
  const drawing = await drawChart(machine, { placeOf }).catch(undrawn);
  const chart = createHash('sha256').update(JSON.stringify(drawing)).digest('base64url').slice(0, 12);
  const coverage = { ...pointsShown(machine), ...(given !== undefined && { given: await givenOf(machine, given) }) };
  tell({ type: 'loaded', name: machine.id, file, chart: { id: chart, drawing }, modules: files, coverage });
  return { machine, chart };
};

/** Stands for a chart that cannot be laid out: a bot takes calls all the same. */
const undrawn = (): ChartDrawing => ({
  svg: '<svg xmlns="http://www.w3.org/2000/svg" class="callchart" viewBox="0 0 360 40" width="360" height="40"><text x="180" y="24" text-anchor="middle" font-family="sans-serif" font-size="13" fill="currentColor">This chart cannot be laid out.</text></svg>',
  states: {},
});

/** Serves `machine` by each of the services that can carry it. */
const serveAll = async (machine: AnyStateMachine, chart: string, { services, folder, secretKey }: Serving): Promise<ReadonlyMap<string, CallServer>> => {
  const servers = new Map<string, CallServer>();
  const endpoints: Record<string, ServedHere['endpoints'][string]> = {};
  const refused: Record<string, string> = {};
  const level = process.env['CALLCHART_LOG_LEVEL'];
  for (const name of emulatedNames) {
    const asked = services[name];
    if (asked === undefined) continue;
    try {
      const service = await callingService(name, asked.settings);
      const server = await serve({
        service, bots: machine, secretKey, port: asked.port, chat: chatFor(name), log: level ? openLog(level) : silentLog, onStep: (stepped) => tellStep(name, chart, stepped),
        store: await openStore(`lmdb:${join(folder, name)}`), unknownVersions: 'served', recordings: recordingsIn(join(folder, `${name}-recordings`)),
      });
      servers.set(name, server);
      endpoints[name] = { url: server.url + (service.path ?? defaultPath), port: Number(new URL(server.url).port), places: service.place !== undefined };
    } catch (error) {
      if (!isCallError(error)) throw error;
      refused[name] = error.message;
    }
  }
  tell({ type: 'serving', endpoints, refused });
  return servers;
};

const tellStep = (service: EmulatedName, chart: string, stepped: Stepped): void => {
  const observation = observationOf(stepped);
  const { callId } = observation;
  const moment = chartMoment(observation);
  const { error, snapshot } = stepped.result;
  const told: SteppedHere = { service, callId, chart, moment, isSecret: isSecret(snapshot), met: metBy(stepped.machine, stepped.result), ...(error !== undefined && { threw: mishapOf(error) }) };
  tell({ type: 'step', ...told });
};

/** Whether what is keyed now is a secret. */
const isSecret = ({ awaiting }: Stepped['result']['snapshot']): boolean => awaiting?.question != null && 'secret' in awaiting.question && awaiting.question.secret === true;

/** Chat messages are shown by the phone process; the bot waits until they are. */
const deliveries = new Map<number, { readonly done: () => void; readonly fails: (why: string) => void }>();
let delivered = 0;

const chatFor = (service: EmulatedName): ChatSender => ({
  send: (delivery) =>
    new Promise((done, reject) => {
      delivered += 1;
      deliveries.set(delivered, { done, fails: (why) => reject(new CallError('ERR_CHAT_UNDELIVERED', why, { reason: 'address' })) });
      tell({ type: 'chat', n: delivered, service, delivery });
    }),
});

const place = async (servers: ReadonlyMap<string, CallServer>, key: string, { service, to, from }: PlacingHere): Promise<void> => {
  try {
    const server = servers.get(service);
    if (server === undefined) throw new CallError('ERR_CALL_UNPLACED', `the bot is not served for ${service}`, { service, reason: 'closed' });
    tell({ type: 'placed', key, callId: await server.place({ to, from }) });
  } catch (error) {
    tell({ type: 'unplaced', key, sentence: mishapOf(error).sentence });
  }
};

/** `error` for the author, who sees his own code: with what caused it, and where. */
const mishapOf = (error: unknown): Mishap => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const own = isCallError(error) || cause === undefined ? error : cause;
  const message = own instanceof Error ? own.message : String(own);
  const thrown = isCallError(error) && cause !== undefined && !message.includes(cause.message) ? `${message}: ${cause.message}` : message;
  const at = saidIn(message) ?? placeOf(cause?.stack ?? '') ?? placeOf(error instanceof Error ? (error.stack ?? '') : '');
  return { sentence: thrown, ...(at !== undefined && { at }) };
};

/** A place that a sentence begins with: `bot.ts:4:10: …`. */
const saidIn = (sentence: string): AuthorPlace | undefined => {
  const [, file, line] = /^(\S+\.[cm]?[jt]sx?):(\d+)(?::\d+)?: /.exec(sentence) ?? [];
  return file === undefined ? undefined : { file, line: Number(line) };
};

const run = async (path: string, given: string | undefined): Promise<void> => {
  const { machine, chart } = await load(path, given);
  let servers: ReadonlyMap<string, CallServer> = new Map();
  process.on('message', (message: ToBot) => {
    switch (message.type) {
      case 'serve':
        return void serveAll(machine, chart, message).then((now) => (servers = now), (error: unknown) => end(mishapOf(error)));
      case 'place':
        return void place(servers, message.key, message);
      case 'delivered': {
        const waiting = deliveries.get(message.n);
        deliveries.delete(message.n);
        return message.why === undefined ? waiting?.done() : waiting?.fails(message.why);
      }
      case 'stop':
        return void Promise.all([...servers.values()].map((server) => server.close())).finally(() => process.exit(0));
    }
  });
};

/** Nothing can be done with this bot: says why, and ends once that is told. */
const end = (mishap: Mishap): void => void process.send?.({ type: 'failed', mishap } satisfies FromBot, () => process.exit(1));

process.on('disconnect', () => process.exit(0)); // nobody is left to tell
process.on('SIGINT', () => {}); // the phone process says when it is time
await run(process.argv[2] ?? '.', process.argv[3]).catch((error: unknown) => end(mishapOf(error)));
