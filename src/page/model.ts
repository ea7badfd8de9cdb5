/**
 * Model — all that the page knows and shows, and what becomes of it when the process tells something or the person does.
 *
 * Pure: it knows no browser. What has to be asked of the process so that the page can be shown is {@link wanting}; what the person wants of
 * it is asked in `doings.ts`.
 *
 * @module
 */
import type { ChartDrawing } from '../inspector/chart/drawing.ts';
import { added, askedAt, type CallLog, emptyLog, placeOf, type Standing, type Step, stepsOf } from './call-log.ts';
import type { Asked, BotShown, CallShown, CoverageShown, ExaminedShown, LineTrouble, RemarkShown, ServiceOffer, SoundOffer, Told } from './protocol.ts';
import type { SoundTrouble } from './sentences.ts';

/** How the page stands with the process. */
export type Link =
  | { readonly is: 'connecting' | 'open' | 'refused' }
  /** It is gone. Tried again at that time, ms since 1970. */
  | { readonly is: 'lost'; readonly againAt: number };

/** What the person has set before a call. */
export interface Form {
  readonly service?: string;
  readonly from: string;
  readonly language: string;
  readonly modality?: string;
  readonly trouble: LineTrouble;
}

/** The sound of this page: on one call at most. */
export interface PageSound {
  readonly callId: string;
  readonly is: 'connecting' | 'on' | 'off';
  /** Whether the microphone is on it as well. */
  readonly microphone: boolean;
  readonly muted: boolean;
  readonly trouble?: SoundTrouble;
}

/** Something that did not work. */
export interface Notice {
  readonly id: number;
  readonly sentence: string;
  readonly callId?: string;
}

/** The page. */
export interface Page {
  readonly link: Link;
  readonly version?: string;
  readonly bot?: BotShown;
  readonly services: readonly ServiceOffer[];
  readonly offer?: SoundOffer;
  /** By their ids. */
  readonly calls: Readonly<Record<string, CallShown>>;
  readonly logs: Readonly<Record<string, CallLog>>;
  readonly charts: Readonly<Record<string, ChartDrawing>>;
  readonly sources: Readonly<Record<string, string>>;
  /** The call that is looked at; none while a new one is prepared. */
  readonly shown?: string;
  readonly standing: Standing;
  /** The state whose source is looked at. */
  readonly looked?: string;
  /** The state that was chosen beside the chart. */
  readonly marked?: string;
  /** Id of the remark whose line is looked at. */
  readonly remarked?: string;
  /** What was found of the bot beside its calls. */
  readonly examined?: ExaminedShown;
  readonly coverage?: CoverageShown;
  /** What stands beside the chart. */
  readonly beside?: Beside;
  /** Which calls the coverage is of. */
  readonly covered: 'session' | 'given';
  readonly form: Form;
  /** The page's own name for the call that it has asked for, and that has no id yet. */
  readonly begun?: string;
  readonly sound?: PageSound;
  readonly notices: readonly Notice[];
  /** Counts what did not work. */
  readonly noticed: number;
}

/** What can stand beside the chart: what is wrong with the bot, or what of it was met. */
export type Beside = 'remarks' | 'coverage';

/** What happens to the page. */
export type Happening =
  | { readonly type: 'told'; readonly told: Told }
  | { readonly type: 'link'; readonly link: Link }
  | { readonly type: 'form'; readonly form: Partial<Form> }
  /** A call was asked for, by this name. */
  | { readonly type: 'begun'; readonly key: string }
  /** A call is looked at, or a new one is prepared. */
  | { readonly type: 'shown'; readonly callId?: string }
  | { readonly type: 'stood'; readonly standing: Standing }
  /** The source of a state is looked at, or no longer. */
  | { readonly type: 'looked'; readonly state?: string }
  /** The line of a remark is looked at, among the others beside the chart; or no longer. */
  | { readonly type: 'remarked'; readonly id?: string }
  /** A state was chosen beside the chart. */
  | { readonly type: 'marked'; readonly state: string }
  | { readonly type: 'beside'; readonly beside?: Beside }
  | { readonly type: 'covered'; readonly covered: Page['covered'] }
  | { readonly type: 'dismissed'; readonly id: number }
  | { readonly type: 'sound'; readonly sound?: PageSound }
  | { readonly type: 'muted'; readonly muted: boolean };

const firstForm: Form = { from: '', language: '', trouble: {} };

/** The page before anything was told. */
export const emptyPage = (form: Partial<Form> = {}): Page => ({
  link: { is: 'connecting' }, services: [], calls: {}, logs: {}, charts: {}, sources: {}, standing: 'live', covered: 'session', form: { ...firstForm, ...form }, notices: [], noticed: 0,
});

/** The page after `happening`. */
export function next(page: Page, happening: Happening): Page {
  switch (happening.type) {
    case 'told':
      return told(page, happening.told);
    case 'link':
      return happening.link.is === 'lost' ? without({ ...page, link: happening.link }, 'begun', 'sound') : { ...page, link: happening.link };
    case 'form':
      return { ...page, form: { ...page.form, ...happening.form } };
    case 'begun':
      return { ...page, begun: happening.key };
    case 'shown':
      return looking(page, happening.callId);
    case 'stood':
      return { ...page, standing: stood(page, happening.standing) };
    case 'looked':
      return happening.state === undefined ? without(page, 'looked') : { ...without(page, 'marked', 'remarked'), looked: happening.state };
    case 'remarked': {
      const elsewhere = without(page, 'looked', 'marked', 'remarked');
      if (happening.id === undefined) return elsewhere;
      const { state } = remarkOf(page, happening.id) ?? {};
      return { ...elsewhere, remarked: happening.id, beside: 'remarks', ...(state !== undefined && { marked: state }) };
    }
    case 'marked':
      return { ...without(page, 'looked', 'remarked'), marked: happening.state };
    case 'beside':
      return happening.beside === undefined ? without(page, 'beside', 'marked', 'remarked') : { ...without(page, 'marked', 'remarked'), beside: happening.beside };
    case 'covered':
      return { ...page, covered: happening.covered };
    case 'dismissed':
      return { ...page, notices: page.notices.filter(({ id }) => id !== happening.id) };
    case 'sound':
      return happening.sound === undefined ? without(page, 'sound') : { ...page, sound: happening.sound };
    case 'muted':
      return page.sound === undefined ? page : { ...page, sound: { ...page.sound, muted: happening.muted } };
  }
}

function told(page: Page, said: Told): Page {
  switch (said.type) {
    case 'hello':
      return welcomed(page, said);
    case 'bot':
      // A file that was saved anew reads otherwise.
      return withService({ ...page, bot: said.bot, services: said.services, sources: {} });
    case 'call':
      return called(page, said.call);
    case 'moment':
      return logged(page, said.callId, (log) => added(log, [said.moment]));
    case 'log':
      return logged(page, said.callId, (log) => ({ ...added(log, said.moments), whole: true }));
    case 'chart':
      return { ...page, charts: { ...page.charts, [said.id]: said.drawing } };
    case 'source':
      return { ...page, sources: { ...page.sources, [said.file]: said.text } };
    case 'examined':
      return examined(page, said.examined);
    case 'coverage':
      return { ...page, coverage: said.coverage, covered: said.coverage.given === undefined ? 'session' : page.coverage === undefined ? 'given' : page.covered };
    case 'met':
      return page.coverage === undefined ? page : { ...page, coverage: { ...page.coverage, session: counted(page.coverage.session, said.names) } };
    case 'began':
      return said.key === page.begun ? looking(without(page, 'begun'), said.callId) : page;
    case 'trouble':
      return noticed(said.key !== undefined && said.key === page.begun ? without(page, 'begun') : page, said.sentence, said.callId);
    case 'rtc.gone':
      return page.sound?.callId === said.callId ? { ...page, sound: { ...page.sound, is: 'off', microphone: false, trouble: 'taken' } } : page;
    case 'rtc.answer':
      return page; // the sound has it
  }
}

/** The process introduces itself: for the first time, again, or after it was started anew. */
function welcomed(page: Page, { bot, services, sound, calls, version }: Extract<Told, { readonly type: 'hello' }>): Page {
  const known = Object.fromEntries(calls.map((call) => [call.id, call]));
  // What a process that is gone had on its lines has ended with it, and can still be walked through here.
  const orphans = Object.values(page.calls).filter(({ id }) => known[id] === undefined).map(orphaned);
  const logs = Object.fromEntries([
    ...orphans.map(({ id }) => [id, { ...(page.logs[id] ?? emptyLog), whole: true }] as const),
    ...Object.entries(page.logs).filter(([id]) => known[id] !== undefined).map(([id, log]) => [id, { ...log, whole: false }] as const),
  ]);
  const greeted = withService({
    ...page, link: { is: 'open' }, version, bot, services, offer: sound, sources: {}, logs, calls: { ...Object.fromEntries(orphans.map((call) => [call.id, call])), ...known },
  });
  const current = callsOf(greeted).find(isOpen);
  return page.shown === undefined && page.version === undefined && current !== undefined ? looking(greeted, current.id) : greeted;
}

const orphaned = (call: CallShown): CallShown =>
  call.state === 'over' ? call : { ...call, state: 'over', sound: false, ended: 'The phone process ended, and the call with it.' };

/** What was found is another: a remark that was looked at, and is not made any more, is mended. */
function examined(page: Page, now: ExaminedShown): Page {
  const after = { ...page, examined: now };
  return page.remarked !== undefined && remarkOf(after, page.remarked) === undefined ? without(after, 'remarked', 'marked') : after;
}

const counted = (counts: Readonly<Record<string, number>>, names: readonly string[]): Readonly<Record<string, number>> => {
  const later = { ...counts };
  for (const name of names) later[name] = (later[name] ?? 0) + 1;
  return later;
};

/** The form names a service that can be called by. */
function withService(page: Page): Page {
  const open = page.services.filter(({ refused }) => refused === undefined);
  const chosen = open.find(({ name }) => name === page.form.service) ?? open[0];
  const { service: _, modality, ...form } = page.form;
  if (chosen === undefined) return { ...page, form };
  return { ...page, form: { ...form, service: chosen.name, ...(modality !== undefined && chosen.modalities.includes(modality) && { modality }) } };
}

/** A call is new, or stands otherwise. One that rings at a phone that is idle is looked at. */
function called(page: Page, call: CallShown): Page {
  const isNew = page.calls[call.id] === undefined;
  const before = shownCall(page);
  const later = { ...page, calls: { ...page.calls, [call.id]: call } };
  const heard = call.state === 'over' && later.sound?.callId === call.id ? without(later, 'sound') : later;
  return isNew && call.state === 'offered' && (before === undefined || !isOpen(before)) ? looking(heard, call.id) : heard;
}

const logged = (page: Page, callId: string, change: (log: CallLog) => CallLog): Page => ({ ...page, logs: { ...page.logs, [callId]: change(page.logs[callId] ?? emptyLog) } });

const noticed = (page: Page, sentence: string, callId?: string): Page => ({
  ...page, noticed: page.noticed + 1, notices: [...page.notices.filter((notice) => notice.sentence !== sentence), { id: page.noticed, sentence, ...(callId !== undefined && { callId }) }].slice(-noticesKept),
});

const noticesKept = 4;

const looking = (page: Page, callId: string | undefined): Page => {
  const elsewhere = { ...without(page, 'looked', 'marked', 'remarked', 'shown'), standing: 'live' as const };
  return callId === undefined ? elsewhere : { ...elsewhere, shown: callId };
};

/** Whoever walks to the last step of a call that goes on is with it again. */
function stood(page: Page, standing: Standing): Standing {
  const call = shownCall(page);
  const last = shownSteps(page).length - 1;
  if (standing === 'live') return 'live';
  return standing >= last && call?.state !== 'over' ? 'live' : Math.max(0, Math.min(standing, last));
}

function without<K extends 'begun' | 'sound' | 'looked' | 'marked' | 'remarked' | 'beside' | 'shown'>(page: Page, ...names: readonly K[]): Page {
  return Object.fromEntries(Object.entries(page).filter(([name]) => !(names as readonly string[]).includes(name))) as unknown as Page;
}

/** Whether somebody is on it, or could be. */
export const isOpen = ({ state }: CallShown): boolean => state !== 'over';

/** All calls, the latest first. */
export const callsOf = ({ calls }: Page): readonly CallShown[] => Object.values(calls).sort((one, other) => other.began - one.began || (other.id < one.id ? -1 : 1));

/** The call that is looked at. */
export const shownCall = ({ shown, calls }: Page): CallShown | undefined => (shown === undefined ? undefined : calls[shown]);

export const shownLog = ({ shown, logs }: Page): CallLog => (shown === undefined ? emptyLog : (logs[shown] ?? emptyLog));

export const shownSteps = (page: Page): readonly Step[] => stepsOf(shownLog(page));

/** The step that is looked at. */
export const shownStep = (page: Page): Step | undefined => {
  const steps = shownSteps(page);
  return steps[placeOf(steps, page.standing)];
};

/** The id of the chart that is looked at: the step's, else the call's, else the bot's. */
export const shownChart = (page: Page): string | undefined => shownStep(page)?.chart ?? shownCall(page)?.chart ?? page.bot?.chart;

const remarkOf = ({ examined }: Page, id: string): RemarkShown | undefined => examined?.remarks.find((one) => one.id === id);

/** The remarks that can be shown on the chart that is looked at: another bot's are none of it. */
export const shownRemarks = (page: Page): readonly RemarkShown[] => (page.examined !== undefined && page.examined.chart === shownChart(page) ? page.examined.remarks : noRemarks);

const noRemarks: readonly RemarkShown[] = [];

/** Where the state is written whose source is looked at over the chart. */
export function lookedAt(page: Page): { readonly title: string; readonly file: string; readonly line: number } | undefined {
  const chart = shownChart(page);
  const state = page.looked === undefined || chart === undefined ? undefined : page.charts[chart]?.states[page.looked];
  return state?.source === undefined ? undefined : { title: state.title, ...state.source };
}

/** The name of the state that a remark is about, or of the bot. */
export function titleOf(page: Page, { state }: RemarkShown): string {
  const drawn = state === undefined || page.examined?.chart === undefined ? undefined : page.charts[page.examined.chart]?.states[state];
  return drawn?.title ?? state ?? page.bot?.name ?? 'the bot';
}

/** When the silence that the bot waits for is over, ms since 1970. */
export function silenceEnds(page: Page, call: CallShown): number | undefined {
  const since = askedAt(page.logs[call.id] ?? emptyLog);
  return call.wants?.kind !== 'question' || since === undefined ? undefined : call.began + since + call.wants.timeoutMs;
}

/** What the page lacks to be shown. */
export function wanting(page: Page): readonly Asked[] {
  if (page.link.is !== 'open') return [];
  const { shown, bot } = page;
  const chart = shownChart(page);
  const files = [lookedAt(page)?.file, page.remarked === undefined ? undefined : remarkOf(page, page.remarked)?.source?.file, bot?.state === 'failed' ? bot.at?.file : undefined];
  return [
    ...(shown !== undefined && page.logs[shown]?.whole !== true ? [{ type: 'open', callId: shown } as const] : []),
    ...(chart !== undefined && page.charts[chart] === undefined ? [{ type: 'chart', id: chart } as const] : []),
    ...files.flatMap((file) => (file === undefined || page.sources[file] !== undefined ? [] : [{ type: 'source', file } as const])),
  ];
}
