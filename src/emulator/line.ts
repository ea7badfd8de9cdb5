/**
 * Line — one emulated call: rings at the bot, runs what the bot answers as the service does, tells it how that ended, and
 * so on until the call is over.
 *
 * The outcome of an answer is that of its last action, or of the first that failed; the rest is skipped then. An illegal
 * answer runs nothing and is told so. Whatever ends the call while an action is open ends that action, and its outcome says
 * that the call is terminated; where nothing is open the call itself is told to be.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Caller, Place, Turn } from './caller.ts';
import type { LineClock } from './clock.ts';
import { estimateSpeechMs, operations } from './operations.ts';
import { type Persistence, type Posted, post } from './post.ts';
import type { Entry, Note } from './transcript.ts';
import { type Ending, type LineAction, type LineCall, type LineState, type Message, type Reply, type Wire, succeeded } from './wires/wire.ts';
import type { World } from './world.ts';

/** Which side ended the call; `line` is the service. */
export type EndedBy = 'caller' | 'bot' | 'rejected' | 'transferred' | 'line';

/** Why the service ended a call. */
export type LineReason =
  /** The bot refused the very first message: it cannot be talked to. */
  | 'unavailable'
  /** The bot refused a later message. */
  | 'refused'
  /** The bot did not answer, at the last try either. */
  | 'unreachable'
  /** The bot answered with nothing to do, or gave no address for the outcome. */
  | 'nothing-to-do'
  /** The bot answered again and again without a word to the caller. */
  | 'mute'
  /** The cap on rounds. */
  | 'rounds'
  /** The longest call. */
  | 'length'
  /** The emulator was closed. */
  | 'closed';

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
  readonly wire: Wire;
  readonly clock: LineClock;
  /** What is around the bot. */
  readonly world: World;
  readonly caller: Caller;
  /** The `Authorization` header of a message. */
  readonly authorization: () => Promise<string>;
  /** Where a callback is posted. */
  readonly carry: (callback: string) => string;
  readonly onEntry?: (entry: Entry) => void;
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

/** Runs the call to its end. Rejects, after the line is down, with what the caller or a listener threw. */
export async function runLine(options: LineOptions): Promise<CallReport> {
  const { url, call, wire, clock, world, carry, closing, fault } = options;
  const transcript: Entry[] = [];
  let state: LineState = 'incoming';
  let ended: { readonly by: EndedBy; readonly reason?: LineReason } | undefined;
  let rounds = 0;
  let muteRounds = 0;
  let thrown: { readonly error: unknown } | undefined;

  /** What others wrote must not leave the bot with an open call. */
  function guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      thrown ??= { error };
    }
  }

  const caller: Caller = {
    ...(options.caller.interrupts !== undefined && { interrupts: options.caller.interrupts }),
    async next(turn: Turn) {
      if (thrown !== undefined) return 'hangup';
      try {
        return await options.caller.next(turn);
      } catch (error) {
        thrown ??= { error };
        return 'hangup';
      }
    },
    forget: () => options.caller.forget?.(),
  };

  /** The bot does not answer, since it waits for itself. */
  async function meanwhile(isOver: () => boolean): Promise<void> {
    if (thrown !== undefined || options.caller.meanwhile === undefined) return world.skip();
    try {
      await options.caller.meanwhile(isOver);
    } catch (error) {
      thrown ??= { error };
    }
  }

  const { gone } = options.caller;
  const dead = gone === undefined ? closing : AbortSignal.any([gone, closing]);

  const note: Note = (who, kind, text) => {
    const entry = { at: clock.now(), who, kind, ...(text !== undefined && { text }) } as Entry;
    transcript.push(entry);
    if ((who === 'bot' && kind !== 'writes') || kind === 'beep') muteRounds = 0;
    guarded(() => options.caller.hears?.(entry));
    guarded(() => options.onEntry?.(entry));
  };
  const { play, ask, record } = operations({ clock, caller, note, dead, speechMs: options.speechMs ?? estimateSpeechMs });

  const exchange = async (target: string, message: Message): Promise<Posted> => {
    guarded(() => options.caller.rests?.());
    const posted = await world.during(post(target, message, options.authorization, options, (text) => note('line', 'retrying', text)), meanwhile);
    if (!clock.waits) await clock.within(exchangeMs);
    if (posted.got !== 'reply') note('line', 'error', posted.text);
    return posted;
  };

  /** What ends the call from outside of the bot's actions. */
  function cut(): typeof ended {
    if (closing.aborted) return { by: 'line', reason: 'closed' };
    if (gone?.aborted === true || thrown !== undefined) return { by: 'caller' };
    if (rounds > options.maxRounds) return { by: 'line', reason: 'rounds' };
    if (clock.now() > options.maxCallMs) return { by: 'line', reason: 'length' };
    return muteRounds > mutestRounds ? { by: 'line', reason: 'mute' } : undefined;
  }

  function end(by: EndedBy, reason?: LineReason): void {
    if (ended !== undefined) return;
    ended = { by, ...(reason !== undefined && { reason }) };
    state = 'terminated';
    if (by === 'caller') note('caller', 'hungup');
    if (by === 'line') note('line', 'hungup', reason === undefined ? undefined : words[reason]);
  }

  /** Runs `actions`; the last of them that ran, and how it ended. */
  async function perform(actions: readonly LineAction[]): Promise<{ readonly action: LineAction; readonly ending: Ending }> {
    const firstPrompt = actions.findIndex(speaks);
    for (let index = 0; ; index++) {
      const action = actions[index] as LineAction;
      const ending = cut() === undefined ? (fault?.(action) ?? served(action, { isLast: index === actions.length - 1, isFirstPrompt: index === firstPrompt }) ?? (await run(action))) : ({ end: 'left' } as const);
      if (ending.end === 'left' || (ending.end === 'recorded' && ending.by === 'hangup')) {
        const { by, reason } = cut() ?? { by: 'caller' };
        end(by, reason);
      }
      if (ending.end === 'failed') note('line', 'failed', `${action.type}: ${ending.reason}`);
      if (ending.end === 'unplayed') note('line', 'failed', `${action.type}: its prompt could not be played`);
      if (!succeeded(ending) || ended !== undefined || index === actions.length - 1) return { action, ending };
    }
  }

  /** How the service fails at `action`, if the caller's script has it so. */
  function served(action: LineAction, place: Place): Ending | undefined {
    if (action.type === 'play' && !speaks(action)) return undefined; // the bot keeps the line while it waits for itself
    let outcome: ReturnType<NonNullable<Caller['serves']>>;
    guarded(() => (outcome = options.caller.serves?.(action, place)));
    if (outcome === undefined || outcome === 'done') return undefined;
    return outcome === 'prompt-failed' ? { end: 'unplayed' } : { end: 'failed', cause: 'system', reason: outcome };
  }

  async function run(action: LineAction): Promise<Ending> {
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
        return play(action.params.prompts);
      case 'recognize':
        return ask(action.params);
      case 'record':
        return record(action.params);
      case 'transfer':
        note('bot', 'transfers', action.params.to);
        end('transferred');
        return { end: 'done' };
    }
  }

  function answer(): Ending {
    state = 'established';
    note('bot', 'answered');
    return { end: 'done' };
  }

  /** What to tell the bot next, and where; nothing when there is nothing to tell. */
  async function answerTo(reply: Reply): Promise<{ readonly message: Message; readonly target: string } | undefined> {
    if (reply.kind === 'nothing') {
      const { by, reason } = cut() ?? { by: 'line', reason: 'nothing-to-do' };
      end(by, reason);
      return by === 'line' && reason === 'nothing-to-do' ? undefined : { message: wire.ended(call), target: url };
    }
    rounds += 1;
    muteRounds += 1;
    const target = reply.callback === undefined ? undefined : carry(reply.callback);
    if (reply.kind === 'refused') {
      note('line', 'refused', reply.text);
      const by = cut();
      if (by !== undefined) {
        end(by.by, by.reason);
        return { message: wire.ended(call), target: target ?? url };
      }
      return { message: wire.refused(call, reply, state), target: target ?? url };
    }
    const { action, ending } = await perform(reply.actions);
    if (target === undefined) return void end('line', 'nothing-to-do');
    return { message: wire.outcome(call, action, ending, state, reply.appState), target };
  }

  guarded(() => options.caller.notes?.(note));
  options.onScreen?.((text) => note('bot', 'writes', text));
  note('line', 'ringing');
  let telling: { readonly message: Message; readonly target: string } | undefined = { message: wire.incoming(call), target: url };
  while (telling !== undefined) {
    const posted: Posted = await exchange(telling.target, telling.message);
    if (posted.got !== 'reply') {
      end('line', posted.got === 'unreachable' ? 'unreachable' : rounds === 0 ? 'unavailable' : 'refused');
      break;
    }
    // A dead line takes no more actions.
    if (ended !== undefined) break;
    telling = await answerTo(wire.read(posted.body));
  }

  const { by, reason } = (ended ?? { by: 'line' }) as NonNullable<typeof ended>;
  guarded(() => options.caller.ended?.({ endedBy: by }));
  if (thrown !== undefined) throw (thrown as { readonly error: unknown }).error;
  return { callId: call.id, endedBy: by, ...(reason !== undefined && { reason }), rounds, transcript };
}

/** Whether words or sounds are heard of `action`. */
const speaks = (action: LineAction): boolean =>
  (action.type === 'play' || action.type === 'recognize' || action.type === 'record') && action.params.prompts.some((prompt) => !('silenceMs' in prompt));

const unable = (reason: string): Ending => ({ end: 'failed', cause: 'system', reason });

const words: Readonly<Record<LineReason, string>> = {
  unavailable: 'this bot cannot be talked to',
  refused: 'the bot refused to hear the outcome',
  unreachable: 'the bot does not answer',
  'nothing-to-do': 'the bot has nothing more to do',
  mute: 'the bot answers without a word to the caller',
  rounds: 'too many rounds',
  length: 'the longest call is over',
  closed: 'the emulator was closed',
};

/** A call with new ids. */
export const newCall = (parties: Omit<LineCall, 'id' | 'chainId'>): LineCall => ({ id: randomUUID(), chainId: randomUUID(), ...parties });
