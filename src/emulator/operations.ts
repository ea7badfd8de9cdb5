/**
 * Operations — one action of the bot on the line: what the caller hears, what the caller does, and how the action ends.
 *
 * Where the service's documents are silent, a line does this:
 *
 * - A prompt by itself is played to its end. What is keyed meanwhile waits for the question (type-ahead).
 * - The prompt of a question with barge-in is cut by the first key or word; type-ahead cuts it at its beginning.
 * - A question without barge-in, and a recording, forget all that was keyed before their prompt had ended.
 * - Keys beyond the end of a question are type-ahead for the next one.
 * - Speech that is no choice ends nothing: the question goes on listening until its silence is over.
 * - What a prompt takes is an estimate from the length of its text; a file counts as two seconds.
 * - A recording's length is that of the speech, without the silence that ended it.
 *
 * @module
 */
import { type CallerInput, type DtmfKey, isDigits, listen, type PromptItem, promptText, type Recognize, type Record } from '../actions/index.ts';
import type { Caller, CallerAct, ServiceAct, Turn } from './caller.ts';
import type { LineClock } from './clock.ts';
import { type Note, seconds } from './transcript.ts';
import type { Ending } from './wires/wire.ts';

/** A turn, but for the time that it has. */
type Taking = Turn extends infer T ? (T extends Turn ? Omit<T, 'leftMs'> : never) : never;

/** What the operations of one call share. */
export interface Operating {
  readonly clock: LineClock;
  readonly caller: Caller;
  readonly note: Note;
  /** Aborts when the line is dead. */
  readonly dead: AbortSignal;
  /** How long it takes to say a text. */
  readonly speechMs: (text: string) => number;
}

/** The actions in which the caller has a part. */
export interface Operations {
  play(prompts: readonly PromptItem[]): Promise<Ending>;
  ask(request: Recognize): Promise<Ending>;
  record(request: Record): Promise<Ending>;
}

/** How long a text is spoken, by and large: fifteen characters a second. */
export const estimateSpeechMs = (text: string): number => Math.max(400, text.length * 65);

const fileMs = 2_000;
/** What is on the tape when a stop tone is keyed at once. */
const clickMs = 500;

/** The operations of one call; what was keyed ahead is remembered from one to the next. */
export function operations({ clock, caller, note, dead, speechMs }: Operating): Operations {
  let typedAhead = '';
  /** Whether there is somebody who goes on after an act; a script's act is all that is done in its turn. */
  const isLive = caller.interrupts === true && clock.waits;

  async function play(prompts: readonly PromptItem[]): Promise<Ending> {
    return (await hear(prompts)) === 'dead' ? { end: 'left' } : { end: 'done' };
  }

  async function ask(request: Recognize): Promise<Ending> {
    return turn(async (signal) => {
      const early = request.bargein || request.prompts.length === 0 ? actEarly({ kind: 'question', request, signal, leftMs: request.timeoutMs }) : undefined;
      const heard = await hear(request.prompts, early);
      if (heard === 'dead') return { end: 'left' };
      if (!request.bargein && request.prompts.length > 0) forget();
      note('bot', 'asks', wanted(request));
      return hearken(request, { kind: 'question', request, signal }, early);
    });
  }

  async function record(request: Record): Promise<Ending> {
    return turn(async (signal) => {
      if ((await hear(request.prompts)) === 'dead') return { end: 'left' };
      forget();
      if (request.beep) note('line', 'beep');
      return tape(request, { kind: 'record', request, signal });
    });
  }

  async function turn(taken: (signal: AbortSignal) => Promise<Ending>): Promise<Ending> {
    const over = new AbortController();
    try {
      return await taken(over.signal);
    } finally {
      over.abort();
    }
  }

  /** Plays to the end, or until an act cuts it. */
  async function hear(prompts: readonly PromptItem[], early?: Promise<CallerAct>): Promise<'end' | 'cut' | 'dead'> {
    const cut = early?.then((act) => (act === 'silence' ? new Promise<never>(() => {}) : act));
    cut?.catch(() => {});
    for (const prompt of prompts) {
      if ('audio' in prompt) note('bot', 'plays', prompt.audio);
      else if ('silenceMs' in prompt) note('bot', 'pauses', seconds(prompt.silenceMs));
      else note('bot', 'says', promptText([prompt]));
      const { came } = await ('silenceMs' in prompt && cut === undefined ? clock.silence(prompt.silenceMs, dead) : clock.within(lengthOf(prompt), cut, dead));
      if (came === 'signal') return 'dead';
      if (came === 'act') {
        note('line', 'bargein');
        return 'cut';
      }
    }
    return 'end';
  }

  const lengthOf = (prompt: PromptItem): number =>
    'silenceMs' in prompt ? prompt.silenceMs : 'audio' in prompt ? fileMs : speechMs(promptText([prompt]));

  /** What was keyed ahead, or whatever a live caller does from now on. */
  function actEarly(at: Turn): Promise<CallerAct> | undefined {
    if (typedAhead !== '') {
      const keys = typedAhead;
      typedAhead = '';
      return Promise.resolve({ keys });
    }
    return isLive ? caller.next(at) : undefined;
  }

  function forget(): void {
    typedAhead = '';
    caller.forget?.();
  }

  /** The next act within `ms`. A caller who is silent is so for the whole time. */
  async function actWithin(ms: number, act: Promise<CallerAct>): Promise<CallerAct> {
    const since = clock.now();
    const first = await clock.within(ms, act, dead);
    if (first.came === 'signal') return 'hangup';
    if (first.came === 'time') return 'silence';
    if (first.act !== 'silence') return first.act;
    const { came } = await clock.silence(Math.max(0, ms - (clock.now() - since)), dead);
    return came === 'signal' ? 'hangup' : 'silence';
  }

  const silence = (): Promise<CallerAct> => Promise.resolve('silence');

  /** Listens until the question is answered or its time is over. */
  async function hearken(request: Recognize, at: Taking, early: Promise<CallerAct> | undefined): Promise<Ending> {
    let next = early;
    let keyed = '';
    let leftMs = request.timeoutMs;
    for (;;) {
      const since = clock.now();
      const act = await actWithin(leftMs, next ?? caller.next({ ...at, leftMs } as Turn));
      next = isLive ? undefined : silence();
      if (act === 'hangup') return { end: 'left' };
      if (act === 'silence') break;
      if ('service' in act) return broken(act);
      if ('keys' in act) {
        if (!isDigits(act.keys) || act.keys === '') continue;
        note('caller', 'keys', act.keys);
        keyed += act.keys;
        const ending = answered(request, { keys: keyed });
        if (ending !== undefined) return ending;
        leftMs = request.interdigitMs;
        continue;
      }
      const says = 'says' in act ? act.says : '';
      note('caller', 'speech', says === '' ? undefined : says);
      const ending = keyed === '' ? answered(request, { says }) : undefined;
      if (ending !== undefined) return ending;
      note('line', 'unheard', request.choices === undefined ? 'keys are waited for' : 'it is none of the choices');
      leftMs = Math.max(0, leftMs - (clock.now() - since));
    }
    if (keyed !== '') return { end: 'digits', digits: keyed, by: 'interdigit' };
    note('caller', 'silence', seconds(request.timeoutMs));
    return { end: 'silence' };
  }

  /** How `input` ends the question, if it does. */
  function answered(request: Recognize, input: CallerInput): Ending | undefined {
    const heard = listen(request, input);
    if (heard.ending === 'noinput' || heard.ending === 'speech' || (heard.ending === 'nomatch' && heard.by === 'speech')) return undefined;
    if (heard.ending === 'digits' && heard.by === 'interdigit' && heard.digits.length !== request.digits?.max) return undefined;
    typedAhead = heard.rest;
    if (heard.ending === 'digits') return { end: 'digits', digits: heard.digits, by: heard.by };
    return heard.ending === 'choice' ? { end: 'choice', name: heard.name, via: heard.via } : { end: 'wrong', by: 'key' };
  }

  /** Records, from the beep on. */
  async function tape(request: Record, at: Taking): Promise<Ending> {
    const since = clock.now();
    let next: Promise<CallerAct> | undefined;
    for (;;) {
      const leftMs = Math.max(0, request.timeoutMs - (clock.now() - since));
      const act = await actWithin(leftMs, next ?? caller.next({ ...at, leftMs } as Turn));
      next = isLive ? undefined : silence();
      if (act === 'hangup') return { end: 'left' };
      if (act === 'silence') break;
      if ('service' in act) return broken(act);
      if ('keys' in act) {
        note('caller', 'keys', act.keys);
        if (stops(request, act.keys)) return recorded('termchar', Math.max(clickMs, clock.now() - since));
        continue;
      }
      if ('says' in act) {
        note('caller', 'speech', act.says);
        return speak(request, at, speechMs(act.says));
      }
      return speak(request, at, act.recordMs, act.stop);
    }
    note('caller', 'silence', seconds(request.timeoutMs));
    return { end: 'silence' };
  }

  /** The caller speaks for `ms`, unless a stop tone, the longest length or hanging up comes first. */
  async function speak(request: Record, at: Taking, ms: number, stop?: DtmfKey | 'hangup'): Promise<Ending> {
    const since = clock.now();
    const longest = Math.min(ms, request.maxMs);
    let spoken = 0;
    while (spoken < longest) {
      const first = await clock.within(longest - spoken, isLive ? caller.next({ ...at, leftMs: longest - spoken } as Turn) : undefined, dead);
      if (first.came === 'time') break;
      spoken = Math.min(longest, Math.max(1, clock.now() - since));
      if (first.came === 'signal' || first.act === 'hangup') return recorded('hangup', spoken);
      if (typeof first.act === 'object' && 'keys' in first.act) {
        note('caller', 'keys', first.act.keys);
        if (stops(request, first.act.keys)) return recorded('termchar', spoken);
      }
    }
    if (ms >= request.maxMs) return recorded('maxspeech', longest);
    if (stop === 'hangup') return recorded('hangup', longest);
    if (stop !== undefined) note('caller', 'keys', stop);
    if (stop !== undefined && stops(request, stop)) return recorded('termchar', longest);
    const { came } = await clock.within(request.finalSilenceMs, undefined, dead);
    return recorded(came === 'signal' ? 'hangup' : 'finalsilence', longest);
  }

  const stops = ({ termchars }: Record, keys: string): boolean => [...keys].some((key) => (termchars as readonly string[] | undefined)?.includes(key));

  function recorded(by: Extract<Ending, { readonly end: 'recorded' }>['by'], lengthMs: number): Ending {
    note('caller', 'recording', seconds(lengthMs));
    return { end: 'recorded', by, lengthMs };
  }

  return { play, ask, record };
}

/** How an operation ends that the service fails at. */
const broken = ({ service }: ServiceAct): Ending => (service === 'failed' ? { end: 'failed', cause: 'system', reason: 'it failed' } : { end: 'unplayed' });

/** What a question waits for, in a few words. */
function wanted({ choices, digits }: Recognize): string {
  if (digits === undefined) return (choices ?? []).map(({ name, key }) => (key === undefined ? name : `${name} (${key})`)).join(', ');
  const most = digits.max === undefined ? 'digits' : digits.max === 1 ? 'one digit' : `at most ${digits.max} digits`;
  return digits.termchars?.length ? `${most}, then ${digits.termchars.join(' or ')}` : most;
}
