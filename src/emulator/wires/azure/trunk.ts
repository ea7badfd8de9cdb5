/**
 * Trunk — what carries one call of the emulated Azure Communication Services: its parties are those of a line, and its events go
 * to the bot beside it.
 *
 * A question by speech alone, without a prompt, on a call that is being recorded is how a bot takes a message: the service
 * has no verb for it. To the caller it is a recording; that somebody has spoken for as long as he wanted to, and that he
 * fell silent, is all that the bot hears of his words.
 *
 * @module
 */
import type { PromptItem, Recognize } from '../../../actions/index.ts';
import type { Ending, LineAction } from '../../line-action.ts';
import type { LiveLine } from '../../live-line.ts';
import type { PlaySource } from './bodies.ts';
import { type Disorder, type Delivery, delivery } from './delivery.ts';
import type { CloudEvent } from './envelope.ts';
import type { GridEvent } from './event-grid.ts';
import { numberOf } from './identity.ts';
import { promptsOf } from './media.ts';
import type { Answered, Parties, Pickup, Played } from './parties.ts';
import type { Carriage } from './resource.ts';
import type { ResultName } from './results.ts';

/** A trunk, to be laid to a line. */
export interface Trunk {
  readonly carriage: Carriage;
  readonly delivery: Delivery;
  /** The line that the call is on. `onGone` is told that its caller has gone, or that it was cut. */
  attach(line: LiveLine, onGone: () => void): void;
  /** Resolves when something happens from now on. */
  next(): Promise<true>;
  /** Something has happened. */
  stir(): void;
  /** Whether the line is at work. */
  isBusy(): boolean;
  /** Why the bot cannot be told anything, if that has been tried. */
  deafness(): 'refused' | 'unreachable' | undefined;
  /** What Event Grid has to tell, which is slower than all else: it comes when the call is over. */
  announcements(): readonly GridEvent[];
}

export interface TrunkOptions {
  readonly disorder: Disorder;
  readonly token: () => Promise<string>;
}

interface Attached {
  readonly line: LiveLine;
  readonly onGone: () => void;
}

export const trunk = ({ disorder, token }: TrunkOptions): Trunk => {
  let attach: (attached: Attached) => void = () => {};
  const attached = new Promise<Attached>((resolve) => (attach = resolve));
  let own: LiveLine | undefined;
  const laid = Date.now();
  let wake: () => void = () => {};
  let stirred = new Promise<true>((resolve) => (wake = () => resolve(true)));
  let busy = 0;
  let deafness: 'refused' | 'unreachable' | undefined;
  const announced: GridEvent[] = [];

  const stir = (): void => {
    wake();
    stirred = new Promise((resolve) => (wake = () => resolve(true)));
  };

  const post = async (url: string, events: readonly CloudEvent[]): Promise<void> => {
    const { line } = await attached;
    const headers = { 'Content-Type': 'application/json; charset=utf-8', authorization: `Bearer ${await token()}` };
    const posted = await line.tell(line.carry(url), { headers, body: JSON.stringify(events) });
    if (posted.got !== 'reply') deafness ??= posted.got;
    stir();
  };
  const now = (): number => laid + (own?.clock.now() ?? 0);
  /** What is out of order at everybody's calls, and at this one on top. */
  const disorders = (): Disorder => {
    const { twice, reordered } = own?.trouble ?? {};
    return { ...disorder, ...(twice === true && { twice }), ...(reordered === true && { backwards: true }) };
  };
  const way = delivery(post, disorders, now);

  /** The line is at work no more, once what comes of it is on its way to the bot. */
  const rest = (): void =>
    void setImmediate(() => {
      busy -= 1;
      stir();
    });

  /** Has the line do `action`. A caller who goes meanwhile is noticed before anything else. */
  const act = async (action: LineAction, signal?: AbortSignal, onAnswer?: () => void): Promise<Ending> => {
    const { line, onGone } = await attached;
    line.round();
    busy += 1;
    if (!line.clock.waits) await line.clock.within(exchangeMs);
    const ending: Ending = signal?.aborted === true ? { end: 'interrupted' } : await line.act(action, { isLast: waitedFor.has(action.type), isFirstPrompt: true }, signal, onAnswer);
    if (line.ended?.by === 'caller' || line.ended?.by === 'line') onGone();
    rest();
    return ending;
  };

  /** Nothing is done until `signal`. */
  const stopped = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));

  const message = async ({ timeoutMs, digits }: Recognize, signal: AbortSignal, onTaped: (wav: Uint8Array) => void): Promise<Answered> => {
    const { termchars } = digits ?? {};
    const params = { prompts: [], beep: false, format: 'wav' as const, timeoutMs, finalSilenceMs: finalSilenceMs, maxMs: longestMs, ...(termchars !== undefined && { termchars }) };
    const ending = await act({ type: 'record', params, timed: true, operationId: '' }, signal);
    if (ending.end === 'silence') return { end: 'failed', result: 'initial-silence' };
    if (ending.end !== 'recorded') return { end: 'failed', result: 'internal' };
    if (ending.wav !== undefined) onTaped(ending.wav);
    if (ending.by === 'maxspeech') await stopped(signal);
    return ending.by === 'termchar' ? { end: 'digits', digits: '', by: 'stop' } : { end: 'speech', speech: 'A message.' };
  };

  const parties: Parties = {
    answer: async () => (await act({ type: 'answer', params: { modalities: ['audio'] }, operationId: '' })).end === 'done',
    reject: () => void act({ type: 'reject', params: { reason: 'declined' }, operationId: '' }),
    redirect: (to) => void act({ type: 'other', name: `redirect to ${numberOf(to)}`, answers: false, operationId: '' }).then(() => own?.end('transferred')),
    hear: async (prompts, { loop, signal }) => {
      const ending = await act({ type: 'play', params: { prompts }, operationId: '' }, signal);
      if (loop && ending.end === 'done') await stopped(signal);
      return played(ending, prompts);
    },
    ask: async (question, { isTaped, onTaped, signal }) => {
      if (isTaped && question.speech === true && question.prompts.length === 0) return message(question, signal, onTaped);
      return answered(await act({ type: 'recognize', params: question, strayWords: 'nomatch', operationId: '' }, signal), question);
    },
    ring: async (_, { ringMs, signal }) => {
      const { line } = await attached;
      busy += 1;
      const picked = await line.rings(ringMs, signal);
      const { by, reason } = line.cut() ?? { by: 'line', reason: 'unanswered' };
      if (!signal.aborted && picked === 'answered') line.answer();
      else if (!signal.aborted) line.end(by, reason);
      rest();
      return picked === 'failed' ? 'unreachable' : picked === 'over' ? 'declined' : picked;
    },
    transfer: async (who, { signal }) => pickup(await act({ type: 'transfer', params: { to: numberOf(who) }, operationId: '' }, signal)),
    join: async (who, { ringMs, signal, onAnswer }) => pickup(await act({ type: 'createcall', params: { to: numberOf(who), timeoutMs: ringMs }, operationId: '' }, signal, onAnswer)),
    hold: async (source) => held(await act({ type: 'hold', params: { prompts: source === undefined ? [] : promptsOf(source) }, operationId: '' }), source),
    unhold: async () => held(await act({ type: 'unhold', params: {}, operationId: '' }), undefined),
    ended: (by) => void (by === 'app' ? act({ type: 'hangup', params: {}, operationId: '' }) : stir()),
  };

  return {
    carriage: { parties, delivery: way, now, announce: (event) => void announced.push(event), onRefusal: (text) => own?.ended === undefined && own?.note('line', 'refused', text) },
    delivery: way,
    attach: (line, onGone) => {
      own = line;
      attach({ line, onGone });
    },
    next: () => stirred,
    stir,
    isBusy: () => busy > 0,
    deafness: () => deafness,
    announcements: () => announced,
  };
};

/** What a bot waits for by itself: of all else it does not say whether more is to come. */
const waitedFor: ReadonlySet<LineAction['type']> = new Set<LineAction['type']>(['transfer', 'createcall', 'hold', 'unhold', 'reject']);

/** What a request takes in the virtual time of a script. */
const exchangeMs = 200;
/** How long somebody is silent who has said his message. */
const finalSilenceMs = 2_000;
/** Longer than this nobody speaks. */
const longestMs = 600_000;

const played = (ending: Ending, prompts: readonly PromptItem[]): Played => {
  if (ending.end === 'unplayed') return { failed: prompts.some((prompt) => 'audio' in prompt) ? 'file-absent' : 'unknown', index: Math.max(0, prompts.findIndex((prompt) => 'audio' in prompt)) };
  return ending.end === 'failed' ? { failed: 'unknown', index: 0 } : 'end';
};

const answered = (ending: Ending, { choices = [], digits }: Recognize): Answered => {
  switch (ending.end) {
    case 'choice': {
      const phrase = ending.via === 'speech' ? choices.find(({ name }) => name === ending.name)?.phrases[0] : undefined;
      return { end: 'choice', label: ending.name, ...(phrase !== undefined && { phrase }) };
    }
    case 'digits':
      return { end: 'digits', digits: ending.digits, by: ending.by === 'termchar' ? 'stop' : ending.digits.length === digits?.max ? 'max' : 'pause' };
    case 'speech':
      return { end: 'speech', speech: ending.phrase };
    case 'silence':
      return { end: 'failed', result: 'initial-silence' };
    case 'wrong':
      return { end: 'failed', result: ending.by === 'key' ? 'wrong-key' : ending.by === 'interdigit' ? 'inter-digit' : choices.length > 0 ? 'no-option' : 'speech-unclear' };
    case 'unplayed':
      return { end: 'failed', result: 'prompt-failed', index: 0 };
    default:
      return { end: 'failed', result: 'internal' };
  }
};

const pickup = ({ end }: Ending): Pickup => (end === 'done' ? 'answered' : end === 'busy' || end === 'noanswer' ? end : 'unreachable');

const held = ({ end }: Ending, source: PlaySource | undefined): ResultName | undefined => (end === 'failed' ? 'unknown' : end === 'unplayed' ? (source?.kind === 'file' ? 'file-absent' : 'unknown') : undefined);
