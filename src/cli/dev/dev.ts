/**
 * `callchart dev [bot]` — a phone with sound and the bot's chart alive beside it, on one page of this machine; the bot is loaded anew when it is saved.
 *
 * Two processes: this one is the calling services, the phones and the page; the other is the bot, served behind each service as it is deployed
 * (`bot-process.ts`). No account, no tunnel, nothing that is sent anywhere.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emulatedNames, openService, type OpenedService, placesCalls } from '../../emulator/index.ts';
import { isCallError } from '../../errors.ts';
import type { ChartDrawing } from '../../inspector/index.ts';
import type { Asked, BotShown, ExaminedShown, ServiceOffer } from '../../page/protocol.ts';
import { type Options, plain, portIn, text, wrong } from '../arguments.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { botFile } from '../load-bot.ts';
import { packageFacts } from '../package-facts.ts';
import { signalled } from '../signalled.ts';
import type { LoadedHere, ServedHere } from './bot-talk.ts';
import { type BotProcess, botProcess } from './bot-process.ts';
import { callLog } from './call-log.ts';
import { examinedShown, examiner } from './examiner.ts';
import { callSound } from './call-sound.ts';
import { sessionCoverage } from './session-coverage.ts';
import { type OpenPage, pageServer } from './page-server.ts';
import { pageToken } from './page-token.ts';
import { type Phones, phones, Refusal } from './phones.ts';
import { openSounding } from './sounding.ts';
import { watchFiles } from './watch.ts';

/** Charts of bots as they were: calls that are over are still shown on them. */
const chartsKept = 100;
const longestSource = 2 * 1024 * 1024;

export const dev = async (bot: string | undefined, options: Options): Promise<ExitCode> => {
  const path = plain(bot ?? '.');
  await botFile(path); // one that is not there is no bot that could be mended
  const asked = text(options, 'port');
  const given = text(options, 'coverage');
  if (given !== undefined && !existsSync(given)) throw wrong('coverage', `there is no file or folder ${given}`);
  const stopped = signalled();
  const phone = await openPhone({ path, port: asked === undefined ? undefined : portIn(asked, '--port'), isChecked: options['check'] !== false, given });
  process.stdout.write(`phone: ${phone.url}\nprocesses: phone ${process.pid}, bot ${phone.bot.shown.pid ?? 'none yet'}\n`);
  process.stderr.write('open the address in a browser; Ctrl-C ends it\n');
  await stopped;
  await phone.close();
  return exitCodes.ok;
};

/** The phone process, as it runs. */
interface DevPhone {
  readonly url: string;
  readonly bot: BotProcess;
  close(): Promise<void>;
}

interface PhoneOptions {
  readonly path: string;
  readonly port: number | undefined;
  /** Whether the bot is checked, and its types. */
  readonly isChecked: boolean;
  /** Where calls of before are, whose coverage is shown. */
  readonly given: string | undefined;
}

const openPhone = async ({ path, port, isChecked, given }: PhoneOptions): Promise<DevPhone> => {
  const [services, sounding] = await Promise.all([openServices(), openSounding()]);
  const charts = new Map<string, ChartDrawing>();
  const folder = await mkdtemp(join(tmpdir(), 'callchart-dev-'));
  const own = process.cwd();
  let modules: ReadonlySet<string> = new Set();
  let bot: BotProcess | undefined;
  let served: ServedHere = { endpoints: {}, refused: {} };
  let shown: BotShown = { name: path, file: path, state: 'starting' };

  const offers = (): readonly ServiceOffer[] =>
    [...services].map(([name, { service }]) => {
      const refused = served.refused[name];
      return { name, modalities: service.modalities, places: placesCalls(service) && served.endpoints[name]?.places === true, ...(refused !== undefined && { refused }) };
    });

  const log = callLog((told) => pages.tell(told));
  const coverage = sessionCoverage();
  const examination = examiner({
    path, isOff: !isChecked,
    onChange: () => {
      pages.tell({ type: 'examined', examined: examinedNow() });
      watchAll();
    },
  });
  const examinedNow = (): ExaminedShown => examinedShown(examination.examined, shown.chart === undefined ? undefined : charts.get(shown.chart), shown.chart);
  const desk: Phones = phones({
    services, log, served: () => served, chart: () => shown.chart, sound: (watch) => callSound(sounding, watch),
    place: (placing) => (bot === undefined ? Promise.reject(new Refusal('the bot does not run yet')) : bot.place(placing)),
  });

  const answerPage = async (asked: Asked, page: OpenPage): Promise<void> => {
    switch (asked.type) {
      case 'call':
      case 'ring-me':
        return page.tell({ type: 'began', key: asked.key, callId: await (asked.type === 'call' ? desk.call(asked) : desk.ringMe(asked)) });
      case 'open': {
        const call = log.find(asked.callId);
        if (call === undefined) throw new Refusal('that call is not kept any more');
        return page.tell({ type: 'log', callId: asked.callId, moments: call.moments });
      }
      case 'chart': {
        const drawing = charts.get(asked.id);
        if (drawing === undefined) throw new Refusal('that chart is not kept any more');
        return page.tell({ type: 'chart', id: asked.id, drawing });
      }
      case 'source':
        return page.tell({ type: 'source', file: asked.file, text: await sourceOf(resolve(own, asked.file), new Set(files())) });
      default: {
        const sdp = await desk.does(asked, () => page.tell({ type: 'rtc.gone', callId: asked.callId }));
        if (sdp !== undefined) page.tell({ type: 'rtc.answer', callId: asked.callId, sdp });
      }
    }
  };

  const pages = await pageServer({
    port, token: await pageToken(), folder: fileURLToPath(new URL('../../../dist/page', import.meta.url)),
    recording: (at) => log.recording(at),
    onOpen: (page) => {
      page.tell({ type: 'hello', bot: shown, services: offers(), sound: sounding.offer, calls: log.calls, version: packageFacts().version });
      page.tell({ type: 'examined', examined: examinedNow() });
      if (coverage.shown !== undefined) page.tell({ type: 'coverage', coverage: coverage.shown });
    },
    onAsked: (asked, page) =>
      void answerPage(asked, page).catch((error: unknown) => {
        if (!(error instanceof Refusal) && !isCallError(error)) process.stderr.write(`callchart: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        const about = { ...('callId' in asked && { callId: asked.callId }), ...('key' in asked && { key: asked.key }) };
        page.tell({ type: 'trouble', sentence: error instanceof Error ? error.message : 'that did not work', ...about });
      }),
    onSound: (callId, socket) => desk.connect(callId, socket),
  }).catch(async (error: unknown) => {
    await Promise.all([closeServices(services), sounding.close()]);
    await rm(folder, { recursive: true, force: true });
    throw error;
  });

  const watch = watchFiles(() => void bot?.reload());
  const places = [path, join(path, 'bot.ts'), join(path, 'bot.js')].map((file) => resolve(file));
  /** All files of the author's that the bot is made of, as it was loaded and as it stands now. */
  const files = (): readonly string[] => [...modules, ...examination.examined.files];
  const watchAll = (): void => watch.watch(modules.size === 0 ? [...places, ...files()] : files());
  watchAll();

  bot = await botProcess({
    path, given, folder, secretKey: randomBytes(32).toString('base64'),
    settings: Object.fromEntries([...services].map(([name, { settings }]) => [name, settings])),
    onChange: (now, servedNow) => {
      tellTerminal(shown, now);
      shown = now;
      served = servedNow;
      pages.tell({ type: 'bot', bot: now, services: offers() });
      if (now.state === 'ready' || now.state === 'failed') examination.examine(process.env['CALLCHART_SERVICE']?.trim() || (offers().find(({ refused }) => refused === undefined)?.name ?? 'botframework'));
    },
    onLoaded: ({ chart, modules: made, coverage: own }: LoadedHere) => {
      charts.delete(chart.id);
      charts.set(chart.id, chart.drawing);
      for (const id of [...charts.keys()].slice(0, Math.max(0, charts.size - chartsKept))) charts.delete(id);
      modules = new Set(made);
      watchAll();
      pages.tell({ type: 'coverage', coverage: coverage.of({ chart: chart.id, ...own }) });
    },
    onStep: (step) => {
      desk.steps(step);
      coverage.meets(step.met);
      if (step.met.length > 0) pages.tell({ type: 'met', names: step.met });
    },
    onChat: async (service, delivery) => services.get(service)?.service.chat.send(delivery),
  });

  return {
    url: pages.url,
    bot,
    close: async () => {
      watch.close();
      examination.close();
      desk.close();
      await closeServices(services); // the bots of its calls are still told that they are over
      await bot.close();
      await Promise.all([pages.close(), sounding.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** All services that are emulated. */
const openServices = async (): Promise<ReadonlyMap<string, OpenedService>> => new Map(await Promise.all(emulatedNames.map(async (name) => [name, await openService(name)] as const)));

const closeServices = async (services: ReadonlyMap<string, OpenedService>): Promise<void> => void (await Promise.all([...services.values()].map(({ service }) => service.close())));

/** The text of one of the author's files: no other is read. */
const sourceOf = async (file: string, modules: ReadonlySet<string>): Promise<string> => {
  if (!modules.has(file)) throw new Refusal('that file is none of the bot\'s');
  const source = await readFile(file, 'utf8').catch(() => {
    throw new Refusal('that file cannot be read any more');
  });
  return source.slice(0, longestSource);
};

/** One line for the terminal, where the bot stands otherwise. */
const tellTerminal = (before: BotShown, { state, name, file, trouble }: BotShown): void => {
  if (state === 'ready') process.stderr.write(`${before.state === 'starting' ? 'loaded' : 'loaded anew'}: ${name} (${file})\n`);
  if (trouble !== undefined) process.stderr.write(`callchart: ${trouble}\n`);
};
