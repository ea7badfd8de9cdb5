/**
 * Phone — a script of `callchart/testing` on a live line: its verbs are queued, and each is done when it is the caller's turn.
 *
 * An expectation is looked at when the caller is about to act again, or when the call is over: until then the bot has its
 * say. The transcript, and what is said of a surprise, are those of a test call.
 *
 * @module
 */
import { type CallerInput, isDigits, listen, promptText } from '../actions/index.ts';
import { isCallError } from '../errors.ts';
import type { Direction, EndReason } from '../machines/index.ts';
import { losesKeys, promptsOf } from '../machines/outcomes.ts';
import { heard, read } from '../testing/expectations.ts';
import type { Phone, Script } from '../testing/index.ts';
import { ends, listensFor, needs, noteOf, seconds, whyFailed, whyUnmatched } from '../testing/manners.ts';
import { openTranscript } from '../testing/transcript.ts';
import type { Caller, CallerAct, PartyAct, PartyTurn, Turn } from './caller.ts';
import type { LineAction } from './line-action.ts';
import type { EndedBy } from './live-line.ts';
import type { Entry } from './transcript.ts';

/** A script while it is played. */
export interface LivePhone {
  /** The other end of the line. */
  readonly caller: Caller;
  /** Told each action of the bot before it is done. */
  watch(action: LineAction): void;
  /** Told why a step of the bot was abandoned, by those who know. */
  fails(error: unknown): void;
}

type Verb = keyof Phone;

/** One verb of a script, to be played: an expectation, or something that is done. */
type Deed = { readonly expects: () => void } | Doing;

interface Doing {
  readonly deed: string;
  /** What the test has to give for it; undefined where it has. */
  readonly wants: () => string | undefined;
  /** What has to be there for it; silence has need of nothing, and the end of the call may overtake it. */
  readonly needs: string | undefined;
  /** What is done at this turn, if anything, and whether that was all. */
  readonly does: (turn: Turn) => { readonly act?: CallerAct; readonly isDone: boolean };
  /** What it is while somebody else is rung or talks with the caller; undefined where it is nothing then. */
  readonly meets?: (turn: PartyTurn) => PartyAct | 'waits' | undefined;
}

/** Plays `script` to a bot that the transcript calls `bot`. */
export const livePhone = (script: Script, bot: string, direction: Direction = 'inbound'): LivePhone => {
  const transcript = openTranscript(bot);
  let open: Turn | undefined;
  let ended: EndReason | undefined;
  let answered = direction === 'outbound';
  let last: LineAction | undefined;
  let failure: unknown;
  /** Whether it is part of the script that the service ends the call. */
  let expectsBreak = false;
  /** Whether the next keys on the line are those that were pressed right now, and not ahead. */
  let pressing = false;
  /** The keys that no question has taken yet. */
  let ahead = '';
  /** Who is rung, or talks with the caller. */
  let met: PartyTurn | undefined;
  /** Whether the script has had him answer: then it also says how it goes on. */
  let hasAnswered = false;
  /** How long the caller has been waiting at the open question. */
  let waitedMs = 0;

  /** How the call stands, for people. */
  const standing = (): string => {
    if (ended !== undefined) return ended === 'error' && isCallError(failure) ? `the call has ended: ${whyFailed(failure)}` : ends[ended];
    if (met !== undefined) return met.kind === 'ringing' ? `it rings at ${met.to}` : `the caller talks with ${met.to}`;
    if (open === undefined) return answered ? 'the call goes on' : 'the phone rings';
    return open.kind === 'question' ? `the bot listens for ${listensFor(open.request)}` : 'the bot records';
  };

  const surprise = (expected: string, instead = `instead ${standing()}`): Error => transcript.surprise(expected, instead, failure);

  const expecting = (holds: () => boolean, expected: string): Deed => ({
    expects: () => {
      if (!holds()) throw surprise(expected);
    },
  });

  /** Something that is done at once when it is the caller's turn, at a `kind` if one is named. */
  const doing = <K extends Turn['kind']>(deed: string, kind: K | undefined, act: (turn: Turn & { readonly kind: K }) => CallerAct, { wants = nothing, also = '' }: { readonly wants?: Doing['wants']; readonly also?: string } = {}): Doing => {
    const needed = `${kind === undefined ? 'the call to last' : `${kind === 'record' ? needs.record : needs.recognize} to be open`}: ${deed}`;
    return {
      deed, needs: needed, wants,
      does: (turn) => {
        if (kind !== undefined && turn.kind !== kind) throw surprise(needed);
        const does = act(turn as Turn & { readonly kind: K });
        transcript.act(deed + also);
        return { act: does, isDone: true };
      },
    };
  };

  /** Something that somebody else does, who is rung or talks with the caller. */
  const meeting = (needed: string, deed: string, kind: PartyTurn['kind'], act: PartyAct, noted: (to: string) => string): Doing => {
    const lacking = `${needed}: ${deed}`;
    return {
      deed, needs: lacking, wants: nothing,
      does: () => {
        throw surprise(lacking);
      },
      meets: (turn) => {
        if (turn.kind !== kind) throw surprise(lacking);
        transcript.act(noted(turn.to));
        return act;
      },
    };
  };

  const ringingStill = `${needs.createcall} to be open`;

  const verbs: { readonly [V in Verb]: (...args: Parameters<Phone[V]>) => Deed } = {
    hears: (expected) => ({ expects: () => heard(transcript, expected, standing, failure) }),
    reads: (expected) => ({ expects: () => read(transcript, expected, standing, failure) }),
    presses: (keys) =>
      doing(`caller presses ${keys}`, 'question', () => {
        pressing = true;
        return { keys };
      }, { wants: () => (keys === '' || !isDigits(keys) ? 'keys of a telephone: 0-9, *, #, A-D' : undefined) }),
    says: (phrase) => doing(`caller says "${phrase}"`, 'question', () => ({ says: phrase })),
    staysSilent: () => ({ ...doing('caller stays silent', undefined, () => 'silence'), needs: undefined }),
    waits: (ms) => {
      const deed = `caller waits ${seconds(ms)}`;
      let leftMs: number | undefined;
      return {
        deed, needs: undefined, wants: () => (!Number.isFinite(ms) || ms < 0 ? 'a time in ms' : undefined),
        does: ({ request }) => {
          if (leftMs === undefined) transcript.note(deed);
          leftMs ??= ms;
          const enoughMs = request.timeoutMs - waitedMs;
          if (leftMs < enoughMs) {
            waitedMs += leftMs;
            return { isDone: true };
          }
          leftMs -= enoughMs;
          return { act: 'silence', isDone: leftMs === 0 };
        },
        meets: ({ kind, timeoutMs }) => {
          transcript.note(deed);
          if (kind === 'joined' || ms < timeoutMs) return 'waits';
          transcript.note('(nobody answers)');
          return 'noanswer';
        },
      };
    },
    records: (lengthMs, { endedBy = 'finalsilence' } = {}) => {
      const deed = `caller speaks for ${seconds(lengthMs)}`;
      return doing(deed, 'record', ({ request: { maxMs, termchars = [] } }) => {
        if (endedBy === 'termchar' && termchars.length === 0) throw surprise('a recording that a key ends', 'instead it has no `termchars`');
        const [key] = termchars;
        const stop = endedBy === 'hangup' ? endedBy : endedBy === 'termchar' ? key : undefined;
        return { recordMs: endedBy === 'maxspeech' ? maxMs : Math.min(lengthMs, maxMs), ...(stop !== undefined && { stop }) };
      }, { wants: () => (lengthMs > 0 ? undefined : 'a length in ms'), also: endedBy === 'hangup' ? ' and hangs up' : '' });
    },
    hangsUp: () => ({
      ...doing('caller hangs up', undefined, () => 'hangup'),
      meets: ({ kind }) => {
        if (kind === 'joined' && !hasAnswered) return undefined;
        transcript.act('caller hangs up');
        return 'hangup';
      },
    }),
    transferAnswers: () => meeting(`${needs.transfer} to be open`, 'the other party answers', 'ringing', 'answers', (to) => `${to} answers`),
    transferFails: (how = 'failed') => meeting(`${needs.transfer} to be open`, 'it fails', 'ringing', how, () => `(the transfer fails: ${how})`),
    partyAnswers: () => {
      const answers = meeting(ringingStill, 'the other party answers', 'ringing', 'answers', (to) => `${to} answers`);
      return {
        ...answers,
        meets: (turn) => {
          hasAnswered = true;
          return answers.meets?.(turn);
        },
      };
    },
    partyHangsUp: () => meeting(ringingStill, 'the other party hangs up', 'joined', 'hangs-up', (to) => `${to} hangs up`),
    partyFails: (how = 'failed') => meeting(ringingStill, 'the other party cannot be had', 'ringing', how, () => `(the call fails: ${how})`),
    isAnswered: () => expecting(() => answered, 'the bot to answer'),
    isRejected: () => expecting(() => ended === 'rejected', 'the bot to refuse the call'),
    isHungUp: () => expecting(() => ended === 'bot', 'the bot to hang up'),
    isTransferredTo: (to) => expecting(() => (last?.type === 'transfer' || (last?.type === 'createcall' && last.orTransfer === true)) && last.params.to === to, `the bot to transfer the caller to ${to}`),
    isCalling: (to) => expecting(() => last?.type === 'createcall' && last.params.to === to, `the bot to call ${to}`),
    endedWith: (reason) => {
      expectsBreak ||= reason === 'service';
      return expecting(() => ended === reason, `the call to end with \`${reason}\``);
    },
  };

  const left = deedsOf(script, verbs);

  /** Tells what becomes of what the caller gave, where that is not what a reader would think. */
  const given = (input: CallerInput): void => {
    if (last?.type !== 'recognize' || input === 'silence') return;
    if ('keys' in input && !pressing) transcript.note(`(keyed ahead: ${input.keys})`);
    if ('keys' in input) pressing = false;
    const { ending, rest } = listen(last.params, input);
    ahead = rest;
    if (ending === 'nomatch') transcript.note(whyUnmatched(last.params, 'says' in input ? input.says : undefined));
  };

  /** Looks at the expectations that come next. */
  const check = (): void => {
    for (let [deed] = left; deed !== undefined && 'expects' in deed; [deed] = left) {
      deed.expects();
      left.shift();
    }
  };

  const requireGiven = ({ wants, deed }: Doing): void => {
    const wanted = wants();
    if (wanted !== undefined) throw surprise(wanted, `instead ${deed}`);
  };

  const next = async (turn: Turn): Promise<CallerAct> => {
    open = turn;
    for (;;) {
      check();
      const [deed] = left as readonly Doing[];
      if (deed === undefined) {
        transcript.act('caller hangs up');
        return 'hangup';
      }
      requireGiven(deed);
      const { act, isDone } = deed.does(turn);
      if (isDone) left.shift();
      if (act === undefined) continue;
      open = undefined;
      waitedMs = 0;
      return act;
    }
  };

  /** What becomes of whoever is rung. Where the script does not say, he answers and is the first to hang up; where it ends there, the caller is. */
  const party = async (turn: PartyTurn): Promise<PartyAct> => {
    met = turn;
    if (turn.kind === 'ringing') hasAnswered = false;
    try {
      for (;;) {
        const next = left.find((deed): deed is Doing => !('expects' in deed));
        const isHis = next?.meets !== undefined || (turn.kind === 'joined' && hasAnswered);
        if (!isHis) return turn.kind === 'ringing' ? 'answers' : 'hangs-up';
        check();
        if (next === undefined) {
          transcript.act('caller hangs up');
          return 'hangup';
        }
        requireGiven(next);
        const act = next.meets?.(turn);
        if (act === undefined && hasAnswered) throw surprise(next.needs ?? next.deed);
        if (act === undefined) return 'hangs-up';
        left.shift();
        if (act !== 'waits') return act;
      }
    } finally {
      met = undefined;
    }
  };

  const end = (by: EndedBy): void => {
    open = undefined;
    ended = by === 'line' ? 'service' : by === 'bot' && failure !== undefined ? 'error' : by;
    for (check(); left.length > 0; check()) {
      const deed = left.shift() as Doing;
      requireGiven(deed);
      if (deed.needs !== undefined) throw surprise(deed.needs);
    }
    if (ended === 'service' && !expectsBreak) throw surprise('the call to be carried to its end');
  };

  transcript.note(direction === 'outbound' ? 'bot dials, and the caller answers' : 'caller dials');
  return {
    caller: {
      next,
      party,
      hears: ({ who, kind, text = '' }: Entry) => {
        if (who === 'bot' && kind === 'answered') {
          answered = true;
          transcript.note('bot answers'); // of which some services know no action
        }
        if (who === 'bot' && kind === 'writes') transcript.write(text);
        if (kind === 'keys') given({ keys: text });
        if (kind === 'speech') given({ says: text });
        if (who === 'line' && (troubles as readonly string[]).includes(kind) && !(kind === 'failed' && /^(?:busy|no answer|not reached): /.test(text))) transcript.note(`(${text})`);
      },
      ended: ({ endedBy }) => end(endedBy as EndedBy),
    },
    watch: (action) => {
      last = action;
      if (action.type === 'other') return;
      const prompts = promptsOf(action);
      if (prompts.length > 0) transcript.play(promptText(prompts));
      const note = action.type === 'answer' ? undefined : noteOf(action);
      if (note !== undefined) transcript.note(note);
      if (ahead !== '' && losesKeys(action)) {
        transcript.note(`(keyed ahead and lost: ${ahead})`);
        ahead = '';
      }
    },
    fails: (error) => {
      failure ??= error;
      if (isCallError(error)) transcript.note(`(${whyFailed(error)})`);
    },
  };
};

/** Of what wants nothing. */
const nothing = (): undefined => undefined;

/** What the line itself says that a reader of the transcript wants to know. */
const troubles = ['refused', 'retrying', 'failed', 'hungup', 'error'] as const satisfies readonly Entry['kind'][];

/** The verbs of `script`, in order. */
const deedsOf = (script: Script, verbs: { readonly [V in Verb]: (...args: Parameters<Phone[V]>) => Deed }): Deed[] => {
  const deeds: Deed[] = [];
  const phone = Object.fromEntries(
    Object.entries(verbs as Readonly<Record<string, (...args: readonly unknown[]) => Deed>>).map(([verb, deedOf]) => [
      verb,
      (...args: readonly unknown[]) => {
        deeds.push(deedOf(...args));
        return phone;
      },
    ]),
  ) as unknown as Phone;
  script(phone);
  return deeds;
};
