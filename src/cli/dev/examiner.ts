/**
 * Examiner — has the bot checked and its types looked at whenever it was loaded, each in a process of its own, so that no call waits for it.
 *
 * What was begun for a bot that was saved anew meanwhile is given up. What was found before is told until there is something new.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type CallerScript, type Finding, scriptText } from '../../machines/index.ts';
import type { ChartDrawing } from '../../inspector/index.ts';
import { type CompileMistake, remarkOfFinding, remarkOfMistake } from '../../inspector/chart/remarks.ts';
import type { ExaminationShown, ExaminedShown, PlayedAct, RemarkShown } from '../../page/protocol.ts';
import type { CheckTold, TypesTold } from './bot-talk.ts';

/** What was found so far. */
export interface Examined {
  readonly service: string;
  readonly check: ExaminationShown;
  readonly types: ExaminationShown;
  readonly findings: readonly Finding[];
  readonly mistakes: readonly CompileMistake[];
  /** All files that the bot is made of now, absolute, whether it loads or not. */
  readonly files: readonly string[];
}

export interface Examiner {
  readonly examined: Examined;
  /** Begins anew, for `service`. */
  examine(service: string): void;
  close(): void;
}

/** How long a check is given. The one of the types has its own limit, and a little more to say so. */
const checkMs = 60_000;
const typesMs = 130_000;

/** Examines the bot at `path`; never, where `isOff`. */
export const examiner = ({ path, isOff, onChange }: { readonly path: string; readonly isOff: boolean; readonly onChange: (examined: Examined) => void }): Examiner => {
  const first: ExaminationShown = { is: isOff ? 'off' : 'running' };
  let examined: Examined = { service: 'botframework', check: first, types: first, findings: [], mistakes: [], files: [] };
  let running: readonly Running[] = [];

  const change = (now: Partial<Examined>): void => {
    examined = { ...examined, ...now };
    onChange(examined);
  };

  const checked = (told: CheckTold | Lost): void => {
    if (told.type === 'checked') return change({ check: { is: 'done' }, findings: told.findings });
    change({ check: { is: 'without', sentence: `The bot is not checked: ${told.type === 'unchecked' ? told.sentence : told.how === 'late' ? `that is not done after ${checkMs / 1_000} s; \`callchart check\` has no such limit` : `its process ended (${told.how})`}` }, findings: [] });
  };

  const typed = (told: TypesTold | Lost): void => {
    if (told.type === 'typed') return change({ types: { is: 'done' }, mistakes: told.mistakes, files: told.files });
    if (told.type === 'lost') return change({ types: { is: 'without', sentence: 'Types are not checked: the compiler came to no end.' }, mistakes: [] });
    change({ types: { is: 'without', sentence: told.sentence, ...(told.install !== undefined && { install: told.install }) }, mistakes: [], files: told.files });
  };

  const stop = (): void => {
    for (const one of running) one.stop();
    running = [];
  };

  return {
    get examined() {
      return examined;
    },
    examine: (service) => {
      if (isOff) return;
      stop();
      change({ service, check: { is: 'running' }, types: { is: 'running' } });
      running = [begin<CheckTold>('check-child', [path, service], checkMs, checked), begin<TypesTold>('types-child', [path], typesMs, typed)];
    },
    close: stop,
  };
};

// ---- processes ----

/** A process that said nothing before it ended. */
interface Lost {
  readonly type: 'lost';
  readonly how: string;
}

interface Running {
  /** Ends it, and nothing is told of it any more. */
  stop(): void;
}

/** Runs a process beside this file, and tells the one thing that it says. */
const begin = <T extends object>(name: string, argv: readonly string[], limitMs: number, tell: (told: T | Lost) => void): Running => {
  const child = fork(fileURLToPath(new URL(`./${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)), argv, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  calm(child);
  let isOver = false;
  const end = (told?: T | Lost): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(late);
    if (told !== undefined) tell(told);
    child.kill(name === 'check-child' ? 'SIGKILL' : 'SIGTERM'); // one that checks hears nothing; one that waits for the compiler ends it
  };
  const late = setTimeout(() => end({ type: 'lost', how: 'late' }), limitMs);
  child.on('message', (told: T) => end(told)).once('exit', (code, signal) => end({ type: 'lost', how: signal ?? `exit code ${code ?? 'unknown'}` })).once('error', ({ message }) => end({ type: 'lost', how: message }));
  return { stop: () => end() };
};

/** Calls go first. */
const calm = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // it has ended already, or this machine knows no priorities
  }
};

// ---- what is shown ----

/** What was found, over the chart `id`. */
export const examinedShown = ({ service, check, types, findings, mistakes }: Examined, drawing: ChartDrawing | undefined, id: string | undefined): ExaminedShown => {
  const over = drawing ?? { svg: '', states: {} };
  const told = new Set(mistakes.map(({ message }) => message)); // what the compiler says the bot is refused for as well: once, and at its line
  const remarks = [
    ...mistakes.map((mistake): Omit<RemarkShown, 'id'> & { readonly name: string } => ({ ...remarkOfMistake(mistake, over), name: `types:${mistake.source.file}:${mistake.source.line}` })),
    ...findings.filter(({ rule, message }) => rule !== 'invalid' || !told.has(message)).map((finding) => ({ ...remarkOfFinding(finding, over), ...shownBy(finding.script), name: finding.id })),
  ];
  const counts = new Map<string, number>();
  const named = remarks.map(({ name, ...remark }): RemarkShown => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return { ...remark, id: count === 1 ? name : `${name} ${count}` };
  });
  return { service, check, types, remarks: [...named.filter(({ severity }) => severity === 'error'), ...named.filter(({ severity }) => severity === 'warning')], ...(id !== undefined && { chart: id }) };
};

const shownBy = (script: CallerScript | null): Pick<RemarkShown, 'script' | 'plays'> => {
  if (script === null) return {};
  const plays = script.map(playedOf);
  return { script: scriptText(script), ...(plays.every((act) => act !== undefined) && { plays }) };
};

/** What a caller does by himself; what has to come to pass around the bot a phone cannot do. */
const playedOf = (act: CallerScript[number]): PlayedAct | undefined => {
  switch (act.act) {
    case 'press':
      return { keys: act.keys };
    case 'say':
      return { says: act.words };
    case 'silence':
      return 'times-out';
    case 'hangup':
      return 'hangup';
    default:
      return undefined;
  }
};
