/**
 * Line — one emulated call: who is on it, what is heard and done, and who ended it. The wire of a service conducts it.
 *
 * What all services have in common is here: the caller has his part in what the bot wants done, whatever ends the call while an action is
 * open ends that action, and a bot that says nothing is hung up on. In which words and in which order the bot is told of it is the wire's.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Caller, Turn } from './caller.ts';
import type { LineClock } from './clock.ts';
import { type Ending, type LineAction, type Place, speaks } from './line-action.ts';
import type { LineTrouble } from './line-trouble.ts';
import type { Ended, EndedBy, LineCall, LineReason, LineState, LiveLine } from './live-line.ts';
import { type PickedUp, type Ring, ringPhone } from './offer.ts';
import { estimateSpeechMs, operations } from './operations.ts';
import { type PartyLine, ringParty, talkToParty } from './party.ts';
import { type Persistence, type Posted, post } from './post.ts';
import type { Entry, Note } from './transcript.ts';
import { openWay } from './way.ts';
import type { World } from './world.ts';

/** How a call went. */
export interface CallReport {
  readonly callId: string;
  readonly endedBy: EndedBy;
  /** Where the line ended it. */
  readonly reason?: LineReason;
  /** How many answers with actions the bot gave. */
  readonly rounds: number;
  readonly transcript: readonly Entry[];
}

/** What a line is made of. */
export interface LineOptions extends Persistence {
  /** The bot's endpoint: where the call is announced. */
  readonly url: string;
  readonly call: LineCall;
  /** Conducts the call to its end. */
  readonly conduct: (line: LiveLine) => Promise<void>;
  readonly clock: LineClock;
  /** What is around the bot. */
  readonly world: World;
  readonly caller: Caller;
  /** The `Authorization` header of a message, where the service has one. */
  readonly authorization?: (() => Promise<string>) | undefined;
  /** Where a callback is posted. */
  readonly carry: (callback: string) => string;
  readonly onEntry?: (entry: Entry) => void;
  /** Told of the call before anything happens in it. */
  readonly onCall?: (call: LineCall) => void;
  /** What goes wrong between the service and the bot. */
  readonly trouble?: LineTrouble;
  /** Whether the wire tells things twice by itself where they are to be told so. */
  readonly isTwiceByWire?: boolean;
  /** Whether a call that the bot's application has placed is taken, once it rings. Default: it is. */
  readonly ring?: Ring;
  /** Told where the caller's chat messages go, in one line each. */
  readonly onScreen?: (show: (text: string) => void) => void;
  /** Makes an action end as wished, instead of doing it. */
  readonly fault?: (action: LineAction) => Ending | undefined;
  readonly speechMs?: (text: string) => number;
  readonly maxRounds: number;
  readonly maxCallMs: number;
}

/** What an exchange takes in the virtual time of a script. */
const exchangeMs = 200;
/** Answers in a row without a word to the caller. */
const mutestRounds = 20;
/** What a timer can wait for at most. */
const longestTimerMs = 2 ** 31 - 1;
/** How long it rings where nobody says so. */
const ringMs = 30_000;

/** Runs the call to its end. Rejects, after the line is down, with what the caller or a listener threw. */
export async function runLine(options: LineOptions): Promise<CallReport> {
  const { url, call, clock, world, carry, closing, fault, trouble = {} } = options;
  const transcript: Entry[] = [];
  const beside = new Set<Promise<unknown>>();
  let state: LineState = 'incoming';
  let ended: Ended | undefined;
  let rounds = 0;
  let muteRounds = 0;
  /** Whether the caller has put the receiver down while the bot was waited for. */
  let hasLeft = false;
  let thrown: { readonly error: unknown } | undefined;

  /** What others wrote must not leave the bot with an open call. */
  function guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      thrown ??= { error };
    }
  }

  /** What the caller does, or `instead` where his code throws. */
  async function asked<T>(run: () => Promise<T>, instead: T): Promise<T> {
    if (thrown !== undefined) return instead;
    try {
      return await run();
    } catch (error) {
      thrown ??= { error };
      return instead;
    }
  }

  const { party } = options.caller;
  const caller: Caller = {
    ...(options.caller.interrupts !== undefined && { interrupts: options.caller.interrupts }),
    next: (turn: Turn) => asked(() => options.caller.next(turn), 'hangup'),
    ...(party !== undefined && { party: (turn) => asked(() => party(turn), 'hangup') }),
    forget: () => options.caller.forget?.(),
    ...(options.caller.ears !== undefined && { ears: options.caller.ears }),
  };

  /** The bot says nothing, since it waits for itself. */
  async function meanwhile(isOver: () => boolean): Promise<void> {
    if (thrown !== undefined || options.caller.meanwhile === undefined) return world.skip();
    try {
      await options.caller.meanwhile(isOver);
    } catch (error) {
      thrown ??= { error };
    }
  }

  const { gone } = options.caller;
  /** The longest call is over, while somebody waits. */
  const tooLong = new AbortController();
  const dead = AbortSignal.any([closing, tooLong.signal, ...(gone === undefined ? [] : [gone])]);
  const longest = clock.waits && options.maxCallMs <= longestTimerMs ? setTimeout(() => tooLong.abort(), options.maxCallMs) : undefined;

  const note: Note = (who, kind, text) => {
    const entry = { at: clock.now(), who, kind, ...(text !== undefined && { text }) } as Entry;
    transcript.push(entry);
    if ((who === 'bot' && kind !== 'writes') || kind === 'beep' || kind === 'party') muteRounds = 0;
    guarded(() => options.caller.hears?.(entry));
    guarded(() => options.onEntry?.(entry));
  };
  const { play, ask, record } = operations({ clock, caller, note, dead, speechMs: options.speechMs ?? estimateSpeechMs });
  const parties: PartyLine = { clock, caller, note, dead };

  const onRetry = (text: string): void => note('line', 'retrying', text);
  const together = (work: Promise<unknown>): void => {
    const done: Promise<unknown> = work.catch(() => {}).then(() => beside.delete(done));
    world.working(done);
    beside.add(done);
  };
  const way = openWay({
    trouble: { ...trouble, twice: trouble.twice === true && options.isTwiceByWire !== true },
    post: (target, message, isCopy) => (isCopy ? post(target, message, options.authorization, { ...options, tries: 1, connectionTries: 1 }, () => {}) : post(target, message, options.authorization, options, onRetry)),
    beside: together, onRetry, closing,
  });

  const heard = (posted: Posted): Posted => {
    if (posted.got !== 'reply') note('line', 'error', posted.text);
    return posted;
  };

  /** What ends the call from outside of the bot's actions. */
  function cut(): Ended | undefined {
    if (closing.aborted && !hasLeft) return { by: 'line', reason: 'closed' };
    if (gone?.aborted === true || thrown !== undefined) return { by: 'caller' };
    if (rounds > options.maxRounds) return { by: 'line', reason: 'rounds' };
    if (tooLong.signal.aborted || clock.now() > options.maxCallMs) return { by: 'line', reason: 'length' };
    return muteRounds > mutestRounds ? { by: 'line', reason: 'mute' } : undefined;
  }

  /** He is heard at once, and not when the bot answers. */
  function leave(): void {
    if (ended !== undefined || hasLeft) return;
    hasLeft = true;
    note('caller', 'hungup');
  }

  function end(by: EndedBy, reason?: LineReason): void {
    if (ended !== undefined) return;
    if (by === 'caller' || (by === 'line' && gone?.aborted === true && !closing.aborted)) leave();
    state = 'terminated';
    ended = hasLeft ? { by: 'caller' } : { by, ...(reason !== undefined && { reason }) };
    if (hasLeft) return;
    if (by === 'line') note('line', 'hungup', reason === undefined ? undefined : words[reason]);
  }

  function answer(): Ending {
    state = 'established';
    if (call.direction === 'outbound') note('caller', 'answered');
    else note('bot', 'answered');
    return { end: 'done' };
  }

  async function act(action: LineAction, place: Place, stop?: AbortSignal, onAnswer?: () => void): Promise<Ending> {
    const ending = cut() === undefined ? (fault?.(action) ?? served(action, place) ?? (await run(action, stop, onAnswer))) : ({ end: 'left' } as const);
    if (ending.end === 'left' || (ending.end === 'recorded' && ending.by === 'hangup')) {
      const { by, reason } = cut() ?? { by: 'caller' };
      end(by, reason);
    }
    const failure = failureOf(action, ending);
    if (failure !== undefined) note('line', 'failed', failure);
    return ending;
  }

  /** How the service fails at `action`, if the caller's script has it so. */
  function served(action: LineAction, place: Place): Ending | undefined {
    if (action.type === 'play' && !speaks(action)) return undefined; // the bot keeps the line while it waits for itself
    let outcome: ReturnType<NonNullable<Caller['serves']>>;
    guarded(() => (outcome = options.caller.serves?.(action, place)));
    if (outcome === undefined || outcome === 'done') return undefined;
    if (outcome === 'prompt-failed') return { end: 'unplayed' };
    const isParty = action.type === 'transfer' || action.type === 'createcall';
    return isParty && outcome !== 'failed' ? { end: outcome } : { end: 'failed', cause: 'system', reason: outcome };
  }

  async function run(action: LineAction, stop: AbortSignal | undefined, onAnswer: (() => void) | undefined): Promise<Ending> {
    switch (action.type) {
      case 'answer':
        if (state !== 'incoming') return unable('the call is answered already');
        return answer();
      case 'reject':
        if (state !== 'incoming') return unable('the call is answered already');
        note('bot', 'rejected');
        end('rejected');
        return { end: 'done' };
      case 'hangup':
        note('bot', 'hungup');
        end('bot');
        return { end: 'done' };
      case 'other':
        return action.answers && state === 'incoming' ? answer() : { end: 'done' };
    }
    if (state === 'incoming') return unable('the call is not answered');
    switch (action.type) {
      case 'play':
        return play(action.params.prompts, stop);
      case 'recognize':
        return ask(action.params, action, stop);
      case 'record':
        return record(action.params, action, stop);
      case 'hold':
        note('bot', 'holds');
        return play(action.params.prompts, stop);
      case 'unhold':
        note('bot', 'unholds');
        return { end: 'done' };
      case 'transfer':
        return transfer(action.params.to, stop);
      case 'createcall':
        return join(action.params, stop, onAnswer);
    }
  }

  async function transfer(to: string, stop: AbortSignal | undefined): Promise<Ending> {
    note('bot', 'transfers', to);
    const ending = caller.party === undefined ? ({ end: 'done' } as const) : await ringParty({ to, timeoutMs: ringMs }, parties, stop);
    if (ending.end === 'done') end('transferred');
    return ending;
  }

  async function join(ringing: { readonly to: string; readonly timeoutMs: number }, stop: AbortSignal | undefined, onAnswer: (() => void) | undefined): Promise<Ending> {
    note('bot', 'calls', ringing.to);
    const ending = await ringParty(ringing, parties, stop);
    if (ending.end !== 'done') return ending;
    onAnswer?.();
    return talkToParty(ringing, parties, options.maxCallMs, stop);
  }

  const line: LiveLine = {
    call,
    url,
    clock,
    note,
    trouble,
    get state() {
      return state;
    },
    get ended() {
      return ended;
    },
    get rounds() {
      return rounds;
    },
    dead,
    carry,
    post: async (target, message) => {
      guarded(() => options.caller.rests?.());
      const answered = new AbortController();
      gone?.addEventListener('abort', leave, { once: true, signal: answered.signal });
      if (gone?.aborted === true) leave();
      const posted = await world.during(way.bring(target, message), meanwhile).finally(() => answered.abort());
      if (!clock.waits) await clock.within(exchangeMs);
      return heard(posted);
    },
    tell: (target, message) => {
      const told = way.bring(target, message).then(heard).finally(() => beside.delete(told));
      world.working(told);
      beside.add(told);
      return told;
    },
    until: async (deed, withinMs, costs = { exchangeMs }) => {
      guarded(() => options.caller.rests?.());
      const down = new AbortController();
      const silent = new Promise<undefined>((resolve) => dead.addEventListener('abort', () => resolve(undefined), { once: true, signal: down.signal }));
      if (dead.aborted) return undefined;
      const done = await world.until(Promise.race([deed, silent]), meanwhile, withinMs).finally(() => down.abort());
      if (!clock.waits) await clock.within(costs.exchangeMs);
      return done;
    },
    round: () => {
      rounds += 1;
      muteRounds += 1;
    },
    rings: (timeoutMs, stop) => asked<PickedUp | 'over'>(() => ringPhone({ call, ring: options.ring, clock, dead }, timeoutMs, stop), 'failed'),
    answer,
    act,
    cut,
    end,
  };

  guarded(() => options.onCall?.(call));
  guarded(() => options.caller.notes?.(note));
  options.onScreen?.((text) => note('bot', 'writes', text));
  note('line', 'ringing');
  await options.conduct(line).finally(() => clearTimeout(longest));
  way.end();
  while (beside.size > 0) await Promise.all(beside);

  const { by, reason } = (ended ?? { by: 'line' }) as Ended;
  guarded(() => options.caller.ended?.({ endedBy: by }));
  if (thrown !== undefined) throw (thrown as { readonly error: unknown }).error;
  return { callId: call.id, endedBy: by, ...(reason !== undefined && { reason }), rounds, transcript };
}

/** What has failed, in words. Of somebody who was rung it is told what a line knows: not whether the caller was to be handed on or joined to him. */
const failureOf = (action: LineAction, ending: Ending): string | undefined => {
  const rung = action.type === 'transfer' || action.type === 'createcall' ? action.params.to : undefined;
  switch (ending.end) {
    case 'failed':
      return rung === undefined ? `${action.type}: ${ending.reason}` : `${unreached.failed}: ${rung}${ending.reason === 'failed' ? '' : ` (${ending.reason})`}`;
    case 'busy':
    case 'noanswer':
      return `${unreached[ending.end]}: ${rung ?? action.type}`;
    case 'unplayed':
      return `${action.type}: its prompt could not be played`;
    default:
      return undefined;
  }
};

/** Why somebody who was rung could not be had. */
const unreached = { busy: 'busy', noanswer: 'no answer', failed: 'not reached' } as const;

const unable = (reason: string): Ending => ({ end: 'failed', cause: 'system', reason });

const words: Readonly<Record<LineReason, string>> = {
  unavailable: 'this bot cannot be talked to',
  refused: 'the bot refused to hear the outcome',
  unreachable: 'the bot does not answer',
  'application-error': 'an application error has occurred',
  'nothing-to-do': 'the bot has nothing more to do',
  mute: 'the bot answers without a word to the caller',
  rounds: 'too many rounds',
  length: 'the longest call is over',
  unanswered: 'nobody has taken the call',
  closed: 'the emulator was closed',
};

/** A call with new ids, unless the service has its own. */
export const newCall = (parties: Omit<LineCall, 'id' | 'chainId'> & { readonly id?: string }): LineCall => ({ id: randomUUID(), chainId: randomUUID(), ...parties });
