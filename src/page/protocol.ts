/**
 * Protocol — what the phone page and the process behind it tell each other, each message one JSON object on a WebSocket.
 *
 * Leaf but for the types of an entry, of a drawing, of a bad line and of a part of the sound: the page is made for browsers and must not lead into what is not.
 *
 * @module
 */
import type { LineTrouble } from '../emulator/line-trouble.ts';
import type { SoundPart } from '../emulator/sound/sound-part.ts';
import type { Entry } from '../emulator/transcript.ts';
import type { ChartDrawing, ChartMoment, ChartRemark } from '../inspector/chart/drawing.ts';

export type { LineTrouble, SoundPart };

/** A calling service that the page can call by. */
export interface ServiceOffer {
  readonly name: string;
  /** Whether the bot can be reached by it; else why not, in a sentence. */
  readonly refused?: string;
  /** Whether bots of it place calls. */
  readonly places: boolean;
  /** What a caller can have beside his voice: `['audio', 'video']`; the first is taken unless he says. */
  readonly modalities: readonly string[];
}

/** What there is of sound. */
export interface SoundOffer {
  /** Prompts are spoken. */
  readonly voice: SoundPart;
  /** Words are recognised. */
  readonly recogniser: SoundPart;
  /** Microphone and loudspeaker reach this process. */
  readonly line: SoundPart;
  /** Whether they can reach it by WebRTC. Where they cannot, or the browser cannot, they do by a WebSocket of their own: {@link SoundTaken}. */
  readonly webrtc: boolean;
  /** The command that installs what is missing; absent where nothing is. */
  readonly install?: string;
}

/** The bot, as it stands. */
export interface BotShown {
  readonly name: string;
  /** Its file, as people write it. */
  readonly file: string;
  /** `ready` takes calls. `failed` did not load: what was loaded before, if anything, takes the calls. `down` ended by itself. */
  readonly state: 'starting' | 'ready' | 'failed' | 'down';
  /** What is wrong, in the words of the one who found it, with file and line. */
  readonly trouble?: string;
  /** Where, if that is known. */
  readonly at?: { readonly file: string; readonly line: number };
  /** The id of its chart now; a bot that was saved anew has another one. */
  readonly chart?: string;
  readonly pid?: number;
}

/** How far the check of the bot is, or that of its types; `without` says in a sentence why there is none. */
export type ExaminationShown = { readonly is: 'running' | 'done' | 'off' } | { readonly is: 'without'; readonly sentence: string; /** The command that makes it possible. */ readonly install?: string };

/** What was found of the bot beside its calls. */
export interface ExaminedShown {
  /** The chart whose states the remarks name. */
  readonly chart?: string;
  /** The calling service that it was checked for. */
  readonly service: string;
  readonly check: ExaminationShown;
  readonly types: ExaminationShown;
  /** While one of both runs anew, what it found before. Errors first. */
  readonly remarks: readonly RemarkShown[];
}

/** One thing that is wrong with the bot. */
export interface RemarkShown extends ChartRemark {
  /** Its name among all remarks. */
  readonly id: string;
  /** A caller who shows it, for `callchart call --script`. */
  readonly script?: string;
  /** The same for a phone of the page, where a caller alone can show it. */
  readonly plays?: readonly PlayedAct[];
}

/** What a caller does by himself. */
export type PlayedAct = { readonly keys: string } | { readonly says: string } | 'times-out' | 'hangup';

/** What there is to be covered of the bot, and how often calls came by it. */
export interface CoverageShown {
  readonly chart: string;
  readonly points: readonly PointShown[];
  /** The transitions that each arrow of the picture stands for, by its id. */
  readonly arrows: Readonly<Record<string, readonly string[]>>;
  /** How often what was met, by its name, in the calls since the command was started. */
  readonly session: Readonly<Record<string, number>>;
  /** In the calls that were given to the command. */
  readonly given?: { readonly name: string; readonly counts: Readonly<Record<string, number>>; /** Why they cannot be counted, in a sentence. */ readonly trouble?: string };
}

/** A point of coverage, with where it is on the chart. */
export interface PointShown {
  readonly id: string;
  readonly kind: 'state' | 'transition' | 'outcome' | 'retry';
  /** Name of its state, with those around it. */
  readonly title: string;
  /** Of a transition and an outcome its name, of a retry the number of the asking. */
  readonly name: string;
  /** Ids of its states in the picture: several where a dialog is run at several places. */
  readonly states: readonly string[];
  /** Names of what meets it: the state, the transitions, the asking. */
  readonly by: readonly string[];
}

/** A call in the list. */
export interface CallShown {
  readonly id: string;
  readonly service: string;
  readonly direction: 'inbound' | 'outbound';
  readonly from: string;
  readonly to: string;
  readonly language?: string;
  /** `offered`: the phone rings, and nobody has answered yet. `dialing`: the bot has not answered yet. */
  readonly state: 'offered' | 'dialing' | 'talking' | 'over';
  /** When it began, ms since 1970. */
  readonly began: number;
  /** Once it is over, how long it was. */
  readonly lengthMs?: number;
  /** Once it is over, how it ended, in a sentence. */
  readonly ended?: string;
  /** Whether microphone and loudspeaker are on it. */
  readonly sound: boolean;
  /** The chart that it began with. */
  readonly chart?: string;
  /** What the bot waits for: what a caller can do now. Absent while nothing is asked. */
  readonly wants?: Wanted;
}

/** What the bot waits for. */
export type Wanted =
  | {
      readonly kind: 'question';
      /** The choices, with the phrases and the key of each. */
      readonly choices: readonly { readonly name: string; readonly key?: string; readonly phrases: readonly string[] }[];
      /** Whether digits are taken, and at most how many. */
      readonly digits?: { readonly max?: number; readonly termchars: readonly string[] };
      /** Whether anything that is said is taken. */
      readonly speech: boolean;
      readonly bargein: boolean;
      /** How long silence is waited for, ms. */
      readonly timeoutMs: number;
    }
  | { readonly kind: 'record'; readonly maxMs: number; readonly termchars: readonly string[] }
  /** Somebody else is rung, or talks with the caller: the page says what he does. */
  | { readonly kind: 'ringing' | 'joined'; readonly to: string };

/** One thing of a call's log, in the order in which it happened; `n` counts them from 0. */
export type Moment =
  | { readonly n: number; readonly kind: 'entry'; readonly entry: Entry; /** Path on this server where what was recorded can be heard. */ readonly audio?: string }
  | { readonly n: number; readonly kind: 'step'; /** ms after the first ring. */ readonly at: number; readonly chart: string; readonly step: ChartMoment };

/** From the process to the page. */
export type Told =
  | { readonly type: 'hello'; readonly bot: BotShown; readonly services: readonly ServiceOffer[]; readonly sound: SoundOffer; readonly calls: readonly CallShown[]; readonly version: string }
  | { readonly type: 'bot'; readonly bot: BotShown; readonly services: readonly ServiceOffer[] }
  /** A call is new, or stands otherwise. */
  | { readonly type: 'call'; readonly call: CallShown }
  | { readonly type: 'moment'; readonly callId: string; readonly moment: Moment }
  /** To one who opened a call: all of it so far. */
  | { readonly type: 'log'; readonly callId: string; readonly moments: readonly Moment[] }
  | { readonly type: 'chart'; readonly id: string; readonly drawing: ChartDrawing }
  | { readonly type: 'source'; readonly file: string; readonly text: string }
  | { readonly type: 'examined'; readonly examined: ExaminedShown }
  | { readonly type: 'coverage'; readonly coverage: CoverageShown }
  /** A step of a call came by these states, transitions and askings, each as often as it did. */
  | { readonly type: 'met'; readonly names: readonly string[] }
  /** To one who called: the id of his call. */
  | { readonly type: 'began'; readonly key: string; readonly callId: string }
  | { readonly type: 'rtc.answer'; readonly callId: string; readonly sdp: string }
  /** To the page that had the sound of a call by WebRTC: another page has it now, or it was lost. */
  | { readonly type: 'rtc.gone'; readonly callId: string }
  /** Something did not work: what, and what to do about it, in one sentence. */
  | { readonly type: 'trouble'; readonly sentence: string; readonly callId?: string; readonly key?: string };

/**
 * Microphone and loudspeaker without WebRTC: the page opens a WebSocket at `/sound?call=<id>`, which takes the place of what had the sound of that call.
 * Each message is binary, 20 ms of sound: 320 samples of 16 bits at 16 kHz, the lower byte first, the same both ways. The first from the process says that
 * the sound is there. One without any bytes tells the page to throw away what it has not played yet. Keys are told by `keys`.
 *
 * The code with which the process closes it when another window has the sound. By 1000 it closes it at the end of the call.
 */
export type SoundTaken = 4001;

/** From the page to the process. */
export type Asked =
  | {
      readonly type: 'call';
      /** The page's own name for it, until the call has an id. */
      readonly key: string;
      readonly service: string;
      readonly from?: string;
      readonly language?: string;
      readonly modality?: string;
      readonly trouble?: LineTrouble;
      /** Microphone and loudspeaker come to the call as soon as it has an id: what the bot says waits for them, a while. */
      readonly sound?: boolean;
      /** What the caller does, each when it is his turn; then the phone is in the person's hands. */
      readonly plays?: readonly PlayedAct[];
    }
  /** The bot's application is to place a call to this phone, which rings then. */
  | { readonly type: 'ring-me'; readonly key: string; readonly service: string; readonly at?: string; readonly language?: string; readonly trouble?: LineTrouble; readonly sound?: boolean }
  | { readonly type: 'answer' | 'decline' | 'hangup'; readonly callId: string }
  | { readonly type: 'keys'; readonly callId: string; readonly keys: string }
  | { readonly type: 'say'; readonly callId: string; readonly words: string }
  /** The silence that the bot waits for is over at once. */
  | { readonly type: 'silence'; readonly callId: string }
  | { readonly type: 'party'; readonly callId: string; readonly act: 'answers' | 'busy' | 'noanswer' | 'failed' | 'hangs-up' }
  /** Microphone and loudspeaker want to be on the call: a whole offer, candidates included. A second one takes the place of the first. */
  | { readonly type: 'rtc.offer'; readonly callId: string; readonly sdp: string }
  /** They do not come: nothing waits for them any more. */
  | { readonly type: 'rtc.none'; readonly callId: string }
  /** Wants the log of a call. */
  | { readonly type: 'open'; readonly callId: string }
  | { readonly type: 'chart'; readonly id: string }
  | { readonly type: 'source'; readonly file: string };
