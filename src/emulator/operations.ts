/**
 * Operations — one action of the bot on the line: what the caller hears, what the caller does, and how the action ends.
 *
 * Where the service's documents are silent, a line does this:
 *
 * - A prompt by itself is played to its end. What is keyed meanwhile waits for the question (type-ahead).
 * - The prompt of a question with barge-in is cut by the first key or word; type-ahead cuts it at its beginning.
 * - A question without barge-in, and a recording, forget all that was keyed before their prompt had ended.
 * - Keys beyond the end of a question are type-ahead for the next one.
 * - Speech that is no choice ends nothing: the question goes on listening until its silence is over. Of a service with stray words it
 *   is the end, and where a question takes whatever is said, it is the answer.
 * - Keys at a question that takes none are not heard.
 * - What a prompt takes is an estimate from the length of its text; a file counts as two seconds. Where the caller has ears it takes what it takes.
 * - A voice cuts a prompt when it begins, and holds back silence while it lasts. What cannot be made out is speech that is no choice.
 * - A recording's length is that of the speech, without the silence that ended it; of a voice, from the beginning of the recording on.
 *
 * @module
 */
import { type CallerInput, type DtmfKey, isDigits, listen, type PromptItem, promptText, type Recognize, type Record } from '../actions/index.ts';
import type { Caller, CallerAct, ServiceAct, Spoken, Tape, Turn } from './caller.ts';
import type { Came, LineClock } from './clock.ts';
import type { Ending } from './line-action.ts';
import { type Note, seconds } from './transcript.ts';

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

/** The actions in which the caller has a part. `stop` breaks one off. */
export interface Operations {
  play(prompts: readonly PromptItem[], stop?: AbortSignal): Promise<Ending>;
  ask(request: Recognize, how?: Hearing, stop?: AbortSignal): Promise<Ending>;
  record(request: Record, how?: Taping, stop?: AbortSignal): Promise<Ending>;
}

/** How a question is listened at. */
export interface Hearing {
  /** Words that are no choice end it. */
  readonly strayWords?: 'nomatch' | undefined;
  /** Words that are expected where whatever is said is taken. */
  readonly hints?: readonly string[] | undefined;
}

/** How a recording is made. */
export interface Taping {
  /** The bot measures how long it is: while somebody speaks, its time passes too. */
  readonly timed?: true | undefined;
}

/** How long a text is spoken, by and large: fifteen characters a second. */
export const estimateSpeechMs = (text: string): number => Math.max(400, text.length * 65);

const fileMs = 2_000;
/** What is on the tape when a stop tone is keyed at once. */
const clickMs = 500;
/** No prompt and no voice lasts longer: then it goes on without its end. */
const longestSoundMs = 600_000;

/** The operations of one call; what was keyed ahead is remembered from one to the next. */
export function operations({ clock, caller, note, dead, speechMs }: Operating): Operations {
  let typedAhead = '';
  /** What runs while a caller with ears is recorded. */
  let taping: Tape | undefined;
  /** Whether there is somebody who goes on after an act; a script's act is all that is done in its turn. */
  const isLive = caller.interrupts === true && clock.waits;

  async function play(prompts: readonly PromptItem[], stop?: AbortSignal): Promise<Ending> {
    const heard = await hear(prompts, cutBy(stop));
    return heard === 'dead' ? gone() : { end: 'done' };
  }

  async function ask(request: Recognize, how: Hearing = {}, stop?: AbortSignal): Promise<Ending> {
    return turn(stop, async (signal, cut) => {
      const at = { kind: 'question', request, signal, ...(how.hints !== undefined && { hints: how.hints }) } as const;
      const early = request.bargein || request.prompts.length === 0 ? actEarly({ ...at, leftMs: request.timeoutMs }) : undefined;
      const heard = await hear(request.prompts, cut, early);
      if (heard === 'dead') return gone();
      if (!request.bargein && request.prompts.length > 0) forget();
      note('bot', 'asks', wanted(request));
      return hearken(request, how, at, cut, early);
    });
  }

  async function record(request: Record, how: Taping = {}, stop?: AbortSignal): Promise<Ending> {
    return turn(stop, async (signal, cut) => {
      if ((await hear(request.prompts, cut)) === 'dead') return gone();
      forget();
      if (request.beep) {
        note('line', 'beep');
        if ((await sounded('beep', undefined, cut))?.came === 'signal') return gone();
      }
      taping = caller.ears?.tape();
      return tape(request, how, { kind: 'record', request, signal }, cut).finally(() => untaped());
    });
  }

  /** What breaks an operation off: the end of the line, or the service. */
  const cutBy = (stop: AbortSignal | undefined): AbortSignal => (stop === undefined ? dead : AbortSignal.any([dead, stop]));

  /** How an operation ends that was broken off. */
  const gone = (): Ending => ({ end: dead.aborted ? 'left' : 'interrupted' });

  async function turn(stop: AbortSignal | undefined, taken: (signal: AbortSignal, cut: AbortSignal) => Promise<Ending>): Promise<Ending> {
    const over = new AbortController();
    try {
      return await taken(over.signal, cutBy(stop));
    } finally {
      over.abort();
    }
  }

  /** Plays to the end, or until an act cuts it. */
  async function hear(prompts: readonly PromptItem[], broken: AbortSignal, early?: Promise<CallerAct>): Promise<'end' | 'cut' | 'dead'> {
    const cut = early?.then((act) => (act === 'silence' || act === 'times-out' ? new Promise<never>(() => {}) : act));
    cut?.catch(() => {});
    for (const prompt of prompts) {
      if ('audio' in prompt) note('bot', 'plays', prompt.audio);
      else if ('silenceMs' in prompt) note('bot', 'pauses', seconds(prompt.silenceMs));
      else note('bot', 'says', promptText([prompt]));
      const { came } = await (sounded(prompt, cut, broken) ?? ('silenceMs' in prompt && cut === undefined ? clock.silence(prompt.silenceMs, broken) : clock.within(lengthOf(prompt), cut, broken)));
      if (came === 'signal') return 'dead';
      if (came === 'act') {
        note('line', 'bargein');
        return 'cut';
      }
    }
    return 'end';
  }

  /** Plays `item` to one who has ears now, to its end (`time`) or until something comes first. */
  function sounded(item: PromptItem | 'beep', cut: Promise<CallerAct> | undefined, broken: AbortSignal): Promise<Came<CallerAct>> | undefined {
    const over = new AbortController();
    const played = caller.ears?.play(item, over.signal);
    if (played === undefined) return undefined;
    const end = played.then(() => 'end' as const);
    return clock.within<CallerAct | 'end'>(longestSoundMs, cut === undefined ? end : Promise.race([cut, end]), broken)
      .then((first): Came<CallerAct> => (first.came !== 'act' ? first : first.act === 'end' ? { came: 'time' } : { came: 'act', act: first.act }))
      .finally(() => over.abort());
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
  async function actWithin(ms: number, act: Promise<CallerAct>, cut: AbortSignal): Promise<Exclude<CallerAct, 'times-out'> | 'cut'> {
    const since = clock.now();
    const first = await clock.within(ms, act, cut);
    if (first.came === 'signal') return 'cut';
    if (first.came === 'time' || first.act === 'times-out') return 'silence';
    if (first.act !== 'silence') return first.act;
    const { came } = await clock.silence(Math.max(0, ms - (clock.now() - since)), cut);
    return came === 'signal' ? 'cut' : 'silence';
  }

  const silence = (): Promise<CallerAct> => Promise.resolve('silence');

  /** Listens until the question is answered or its time is over. */
  async function hearken(request: Recognize, how: Hearing, at: Taking, cut: AbortSignal, early: Promise<CallerAct> | undefined): Promise<Ending> {
    let next = early;
    let keyed = '';
    let leftMs = request.timeoutMs;
    for (;;) {
      const since = clock.now();
      const act = await actWithin(leftMs, next ?? caller.next({ ...at, leftMs } as Turn), cut);
      next = isLive ? undefined : silence();
      if (act === 'cut') return gone();
      if (act === 'hangup') return { end: 'left' };
      if (act === 'silence') break;
      if ('service' in act) return broken(act);
      if ('keys' in act) {
        if (!isDigits(act.keys) || act.keys === '') continue;
        note('caller', 'keys', act.keys);
        if (!takesKeys(request)) {
          note('line', 'unheard', 'words are waited for');
          leftMs = Math.max(0, leftMs - (clock.now() - since));
          continue;
        }
        keyed += act.keys;
        const ending = answered(request, how, { keys: keyed });
        if (ending !== undefined) return ending;
        leftMs = request.interdigitMs;
        continue;
      }
      let says = 'says' in act ? act.says : '';
      if ('speaks' in act) {
        const meanwhile = caller.next({ ...at, leftMs } as Turn);
        const first = await clock.within<Spoken | { readonly act: CallerAct }>(longestSoundMs, Promise.race([act.speaks, meanwhile.then((other) => ({ act: other }))]), cut);
        if (first.came === 'signal') return gone();
        next = first.came === 'act' && 'act' in first.act ? Promise.resolve(first.act.act) : meanwhile;
        if (first.came === 'act' && 'act' in first.act) continue; // keys are heard over a voice
        says = first.came === 'act' && 'words' in first.act ? (first.act.words ?? '') : '';
      }
      note('caller', 'speech', says === '' ? undefined : says);
      if ('speaks' in act && says === '' && how.strayWords !== undefined && request.choices !== undefined && keyed === '') return { end: 'wrong', by: 'speech' };
      const ending = keyed === '' ? answered(request, how, { says }) : undefined;
      if (ending !== undefined) return ending;
      note('line', 'unheard', 'speaks' in act && says === '' ? 'nothing could be made out' : request.choices === undefined ? 'keys are waited for' : 'it is none of the choices');
      if (!('speaks' in act)) leftMs = Math.max(0, leftMs - (clock.now() - since));
    }
    if (keyed !== '') return { end: 'digits', digits: keyed, by: 'interdigit' };
    note('caller', 'silence', seconds(request.timeoutMs));
    return { end: 'silence' };
  }

  /** How `input` ends the question, if it does. */
  function answered(request: Recognize, { strayWords }: Hearing, input: CallerInput): Ending | undefined {
    const heard = listen(request, input);
    if (heard.ending === 'noinput' || (heard.ending === 'nomatch' && heard.by === 'speech' && (strayWords === undefined || request.choices === undefined))) return undefined;
    if (heard.ending === 'speech') return { end: 'speech', phrase: heard.phrase };
    if (heard.ending === 'digits' && heard.by === 'interdigit' && heard.digits.length !== request.digits?.max) return undefined;
    typedAhead = heard.rest;
    if (heard.ending === 'digits') return { end: 'digits', digits: heard.digits, by: heard.by };
    return heard.ending === 'choice' ? { end: 'choice', name: heard.name, via: heard.via } : { end: 'wrong', by: heard.by };
  }

  /** Records, from the beep on. */
  async function tape(request: Record, how: Taping, at: Taking, cut: AbortSignal): Promise<Ending> {
    const since = clock.now();
    let next: Promise<CallerAct> | undefined;
    for (;;) {
      const leftMs = Math.max(0, request.timeoutMs - (clock.now() - since));
      const act = await actWithin(leftMs, next ?? caller.next({ ...at, leftMs } as Turn), cut);
      next = isLive ? undefined : silence();
      if (act === 'cut') return gone();
      if (act === 'hangup') return { end: 'left' };
      if (act === 'silence') break;
      if ('service' in act) return broken(act);
      if ('keys' in act) {
        note('caller', 'keys', act.keys);
        const stop = stopIn(request, act.keys);
        if (stop !== undefined) return recorded('termchar', Math.max(clickMs, clock.now() - since), stop);
        continue;
      }
      if ('says' in act) {
        note('caller', 'speech', act.says);
        return speak(request, how, at, cut, speechMs(act.says));
      }
      return 'speaks' in act ? voiced(request, at, cut, act.speaks, since) : speak(request, how, at, cut, act.recordMs, act.stop);
    }
    note('caller', 'silence', seconds(request.timeoutMs));
    return { end: 'silence' };
  }

  /** The caller speaks for `ms`, unless a stop tone, the longest length or hanging up comes first. */
  async function speak(request: Record, { timed }: Taping, at: Taking, cut: AbortSignal, ms: number, stop?: DtmfKey | 'hangup'): Promise<Ending> {
    const since = clock.now();
    const longest = Math.min(ms, request.maxMs);
    let spoken = 0;
    while (spoken < longest) {
      const first = await (timed === true && !isLive ? clock.silence(longest - spoken, cut) : clock.within(longest - spoken, isLive ? caller.next({ ...at, leftMs: longest - spoken } as Turn) : undefined, cut));
      if (first.came === 'time') break;
      spoken = Math.min(longest, Math.max(1, clock.now() - since));
      if (first.came === 'signal') return recorded(dead.aborted ? 'hangup' : 'cut', spoken);
      if (first.act === 'hangup') return recorded('hangup', spoken);
      if (typeof first.act === 'object' && 'keys' in first.act) {
        note('caller', 'keys', first.act.keys);
        const key = stopIn(request, first.act.keys);
        if (key !== undefined) return recorded('termchar', spoken, key);
      }
    }
    if (ms >= request.maxMs) return recorded('maxspeech', longest);
    if (stop === 'hangup') return recorded('hangup', longest);
    if (stop !== undefined) note('caller', 'keys', stop);
    if (stop !== undefined && stopIn(request, stop) !== undefined) return recorded('termchar', longest, stop);
    const { came } = await clock.within(request.finalSilenceMs, undefined, cut);
    return recorded(came !== 'signal' ? 'finalsilence' : dead.aborted ? 'hangup' : 'cut', longest);
  }

  /** A voice that has begun is recorded until it has been silent for long enough, which it says itself, a stop tone, the longest length or hanging up. */
  async function voiced(request: Record, at: Taking, cut: AbortSignal, speech: Promise<Spoken>, since: number): Promise<Ending> {
    const silent = speech.then(() => 'over' as const);
    for (;;) {
      const leftMs = Math.max(0, request.maxMs - (clock.now() - since));
      const first = await clock.within<CallerAct | 'over'>(leftMs, Promise.race([silent, caller.next({ ...at, leftMs } as Turn)]), cut);
      const lengthMs = Math.max(1, Math.min(request.maxMs, clock.now() - since));
      if (first.came === 'time') return recorded('maxspeech', request.maxMs);
      if (first.came === 'signal') return recorded(dead.aborted ? 'hangup' : 'cut', lengthMs);
      if (first.act === 'over') return recorded('finalsilence', Math.max(1, lengthMs - request.finalSilenceMs));
      if (first.act === 'hangup') return recorded('hangup', lengthMs);
      if (typeof first.act !== 'object' || !('keys' in first.act)) continue;
      note('caller', 'keys', first.act.keys);
      const key = stopIn(request, first.act.keys);
      if (key !== undefined) return recorded('termchar', lengthMs, key);
    }
  }

  /** The first of `keys` that ends the recording. */
  const stopIn = ({ termchars }: Record, keys: string): string | undefined => [...keys].find((key) => (termchars as readonly string[] | undefined)?.includes(key));

  function recorded(by: Extract<Ending, { readonly end: 'recorded' }>['by'] | 'cut', lengthMs: number, key?: string): Ending {
    const wav = untaped(lengthMs);
    note('caller', 'recording', seconds(lengthMs));
    if (by === 'cut') return gone();
    return { end: 'recorded', by, lengthMs, ...(key !== undefined && { key }), ...(wav !== undefined && { wav }) };
  }

  /** Nobody is recorded any more; what there is of the first `lengthMs`, if somebody was. */
  function untaped(lengthMs = 0): Uint8Array | undefined {
    const tape = taping;
    taping = undefined;
    return tape?.cut(lengthMs);
  }

  return { play, ask, record };
}

/** How an operation ends that the service fails at. */
const broken = ({ service }: ServiceAct): Ending => (service === 'failed' ? { end: 'failed', cause: 'system', reason: 'it failed' } : { end: 'unplayed' });

const takesKeys = ({ choices, digits }: Recognize): boolean => digits !== undefined || choices !== undefined;

/** What a question waits for, in a few words. */
function wanted({ choices, digits, speech }: Recognize): string {
  if (speech === true) return [...(choices === undefined && digits === undefined ? [] : [keysWanted({ choices, digits })]), 'words'].join(', or ');
  return keysWanted({ choices, digits });
}

function keysWanted({ choices, digits }: { readonly [K in 'choices' | 'digits']: Recognize[K] | undefined }): string {
  if (digits === undefined) return (choices ?? []).map(({ name, key }) => (key === undefined ? name : `${name} (${key})`)).join(', ');
  const most = digits.max === undefined ? 'digits' : digits.max === 1 ? 'one digit' : `at most ${digits.max} digits`;
  return digits.termchars?.length ? `${most}, then ${digits.termchars.join(' or ')}` : most;
}
