/**
 * Switchboard — what every emulated service has: the calls that are on, from the first ring to the end, and the phones that wait to be rung.
 *
 * @module
 */
import { CallError } from '../errors.ts';
import type { Modality } from '../actions/index.ts';
import { type AnsweredBy, type ChatDelivery, chatText, requireKnown } from '../machines/index.ts';
import type { Caller } from './caller.ts';
import { realClock, virtualClock } from './clock.ts';
import { type CallReport, type LineOptions, newCall, runLine } from './line.ts';
import type { LineTrouble } from './line-trouble.ts';
import type { LineCall } from './live-line.ts';
import type { PickedUp, Ring } from './offer.ts';
import type { Persistence } from './post.ts';
import type { Wire } from './wires/wire.ts';
import { distantWorld, type World } from './world.ts';

/** A calling service that runs, whichever it is. */
export interface CallingService {
  readonly name: string;
  /** What a caller can have beside his voice; the first is what he has unless he says. */
  readonly modalities: readonly string[];
  /**
   * Calls the bot at `url`. Resolves when the call is over, whoever ended it; rejects with what the caller threw, an
   * expectation of a script for one (`ERR_EXPECTATION`).
   */
  call(url: string, options: CallOptions): Promise<CallReport>;
  /**
   * Shows chat messages on the phones of those whom it calls with, for `calls({ chat })` of a bot in this process. To
   * anybody else they are not delivered (`ERR_CHAT_UNDELIVERED`).
   */
  readonly chat: { send(delivery: ChatDelivery): Promise<void> };
  /** Hangs up all calls, tells their bots, and stops. */
  close(): Promise<void>;
}

/** One whose bots place calls. */
export interface PlacingService extends CallingService {
  /** Is the phone that the next call rings which the application of the bot at `url` places. Resolves when that call is over. */
  answer(url: string, options: AnswerOptions): Promise<CallReport>;
}

/** How a call is played. */
export interface PlayOptions extends Partial<Pick<LineOptions, 'onCall' | 'onEntry' | 'trouble' | 'fault' | 'speechMs' | 'carry' | 'maxRounds' | 'maxCallMs' | 'replyTimeoutMs' | 'tries' | 'connectionTries' | 'retryDelayMs'>> {
  /** `real` waits as a telephone does; `script` waits for nothing. */
  readonly clock: 'real' | 'script';
  readonly caller: Caller;
  /** What the bot's time is, in a call by the clock `script`. Default: that of a bot elsewhere. */
  readonly world?: World;
}

/** One call. */
export interface CallOptions extends PlayOptions {
  /** Who calls: a telephone number, or an identity of the service; the empty text for a number that is withheld. */
  readonly from?: string;
  /** Who is called. Default: the bot, by its app id or a number of its own. */
  readonly to?: string;
  /** The caller's name. */
  readonly name?: string;
  /** BCP 47 tag of the caller's language. */
  readonly language?: string;
  /** What the caller has beside his voice: one of the service's {@link CallingService.modalities}. */
  readonly modality?: Modality;
}

/** One call that a bot's application places. */
export interface AnswerOptions extends PlayOptions {
  /** Who takes it, as the service hears it where it is asked to listen. Default: a person. */
  readonly answeredBy?: AnsweredBy;
  /** That nobody takes it, and why, where that is settled before it rings. */
  readonly untaken?: Exclude<PickedUp, 'answered'>;
  /** Told that the phone rings, and who calls: whether it is taken is decided then. Default: it is taken at once. */
  readonly ring?: Ring;
}

/** What a switchboard is made of. */
export interface SwitchboardOptions {
  readonly wire: Wire;
  /** Who calls whom, unless a call says so. */
  readonly parties: { readonly from: string; readonly to: string };
  readonly persistence: Omit<Persistence, 'closing'>;
  readonly authorization?: (() => Promise<string>) | undefined;
  /** What else stops with it. */
  readonly stop: () => Promise<void>;
}

/** A call that an application has placed. */
export type PlacedCall = Pick<LineCall, 'id' | 'from' | 'to'>;

/** A switchboard, as the emulation of a service has it. */
export interface Switchboard extends PlacingService {
  /** The application has placed a call: the phone that waits longest rings, or the next one that comes. */
  place(call: PlacedCall): void;
}

/** Opens one. */
export const openSwitchboard = ({ wire, parties, persistence, authorization, stop }: SwitchboardOptions): Switchboard => {
  const { modalities = ['audio'] } = wire;
  const closing = new AbortController();
  const calls = new Set<Promise<unknown>>();
  const screens = new Map<string, (text: string) => void>();
  const placed: PlacedCall[] = [];
  const phones: ((call: PlacedCall) => void)[] = [];

  const counted = (call: Promise<CallReport>): Promise<CallReport> => {
    const over: Promise<unknown> = call.catch(() => {}).then(() => calls.delete(over));
    calls.add(over);
    return call;
  };

  /** Plays `call` with the bot at `url`; whoever is at the phone is `phone`. */
  const play = (url: string, call: LineCall, phone: string, { clock, world = distantWorld(), ...options }: PlayOptions): Promise<CallReport> => {
    let screen: ((text: string) => void) | undefined;
    return runLine({
      ...persistence,
      maxRounds: Infinity,
      maxCallMs: 3_600_000,
      carry: carryTo(url),
      ...options,
      url,
      conduct: (line) => wire.conduct(line),
      isTwiceByWire: wire.isTwice === true,
      onScreen: (show) => void screens.set(phone, (screen = show)),
      call,
      world,
      clock: clock === 'real' ? realClock() : virtualClock(world),
      authorization,
      closing: closing.signal,
    }).finally(() => screens.get(phone) === screen && screens.delete(phone)); // he may be on another line by now
  };

  const callOnce = async (url: string, { from = parties.from, to = parties.to, name, language, modality, ...options }: CallOptions): Promise<CallReport> => {
    check(url, options);
    need('modality', modality === undefined || modalities.includes(modality), `be ${modalities.join(' or ')}: \`${wire.name}\` knows no other`);
    const caller = wire.identity(from);
    const id = wire.callId?.();
    return play(url, newCall({ from: caller, to: wire.identity(to), ...(id !== undefined && { id }), ...(name !== undefined && { name }), ...(language !== undefined && { language }), ...(modality !== undefined && { modality }) }), caller, options);
  };

  /** The next call that is placed, unless the emulator is closed or whoever waits for it goes away before. */
  const rung = async ({ gone }: Caller): Promise<PlacedCall> => {
    const over = gone === undefined ? closing.signal : AbortSignal.any([closing.signal, gone]);
    let waiting: ((call: PlacedCall) => void) | undefined;
    const leave = new AbortController();
    try {
      return await new Promise<PlacedCall>((resolve, reject) => {
        const refuse = (): void => reject(unplaced(closing.signal.aborted ? 'the emulator was closed' : 'whoever waited for it went away', closing.signal.aborted ? 'closed' : 'gone'));
        if (over.aborted) return refuse();
        phones.push((waiting = resolve));
        over.addEventListener('abort', refuse, { once: true, signal: leave.signal });
      });
    } finally {
      leave.abort();
      if (waiting !== undefined && phones.includes(waiting)) phones.splice(phones.indexOf(waiting), 1);
    }
  };

  const unplaced = (why: string, reason: string): CallError<'ERR_CALL_UNPLACED'> => new CallError('ERR_CALL_UNPLACED', `${why} before any call was placed`, { service: wire.name, reason });

  const answerOnce = async (url: string, { answeredBy = 'human', untaken, ...options }: AnswerOptions): Promise<CallReport> => {
    check(url, options);
    const call = placed.shift() ?? (await rung(options.caller));
    return counted(play(url, newCall({ ...call, direction: 'outbound', answeredBy, ...(untaken !== undefined && { untaken }) }), call.to, options));
  };

  return {
    name: wire.name,
    modalities,
    call: (url, options) => counted(callOnce(url, options)),
    answer: (url, options) => answerOnce(url, options),
    place: (call) => {
      const phone = phones.shift();
      if (phone === undefined) placed.push(call);
      else phone(call);
    },
    chat: {
      async send({ to, message }) {
        const show = screens.get(wire.identity(to));
        if (show === undefined) throw new CallError('ERR_CHAT_UNDELIVERED', 'a chat message was not delivered: nobody with that address is on the line', { reason: 'address' });
        show(chatText(message));
      },
    },
    async close() {
      closing.abort();
      await Promise.all(calls);
      await stop();
    },
  };
};

const check = (url: string, options: PlayOptions): void => {
  need('url', URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'be an http or https URL');
  need('clock', options.clock === 'real' || options.clock === 'script', 'be real or script');
  for (const option of ['replyTimeoutMs', 'tries', 'connectionTries', 'maxRounds', 'maxCallMs'] as const) {
    need(option, options[option] === undefined || options[option] >= 1, 'be at least 1');
  }
  checkTrouble(options.trouble);
};

const troubles = { delayMs: 0, twice: 0, reordered: 0, lost: 0 } satisfies Record<keyof LineTrouble, 0>;

const checkTrouble = (trouble: LineTrouble | undefined): void => {
  if (trouble === undefined) return;
  requireKnown('trouble', trouble, troubles);
  const { delayMs = 0 } = trouble;
  need('delayMs', Number.isFinite(delayMs) && delayMs >= 0, 'be a number from 0');
};

/**
 * A callback is https, and a bot on a laptop has no certificate: where the bot is called by http, its callbacks go to the
 * same place, on the path and with the query that the bot gave.
 */
function carryTo(url: string): (callback: string) => string {
  const called = new URL(url);
  return (callback) => {
    if (called.protocol === 'https:') return callback;
    const { pathname, search } = new URL(callback);
    return called.origin + pathname + search;
  };
}

function need(option: string, holds: boolean, rule: string): void {
  if (!holds) throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` must ${rule}`, { option });
}
