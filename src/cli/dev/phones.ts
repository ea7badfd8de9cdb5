/**
 * Phones — the telephones of the page: each call that is on, what its owner does, and what becomes of it.
 *
 * @module
 */
import type { Modality } from '../../actions/index.ts';
import { type CallReport, type DeskPhone, deskPhone, type EndedBy, type OpenedService, type PickedUp, placesCalls, type PlayOptions } from '../../emulator/index.ts';
import type { Asked, CallShown, PlayedAct } from '../../page/protocol.ts';
import type { PlacingHere, ServedHere, SteppedHere } from './bot-talk.ts';
import type { CallLog, LoggedCall } from './call-log.ts';
import type { CallSound, SoundWatch } from './call-sound.ts';
import type { PageSocket } from './page-server.ts';
import { wantedOf } from './wanted.ts';

/** What the phones stand beside. */
export interface PhonesOptions {
  readonly services: ReadonlyMap<string, OpenedService>;
  readonly log: CallLog;
  /** Where the bot is served now. */
  readonly served: () => ServedHere;
  /** The chart that calls begin with. */
  readonly chart: () => string | undefined;
  readonly place: (placing: PlacingHere) => Promise<string>;
  /** Sound for a new call. */
  readonly sound: (watch: SoundWatch) => CallSound;
}

/** What is done at the phones. What cannot be done throws a {@link Refusal}. */
export interface Phones {
  /** Calls the bot; the id of the call. */
  call(asked: Extract<Asked, { readonly type: 'call' }>): Promise<string>;
  /** Has the bot's application call; the id of the call, whose phone rings then. */
  ringMe(asked: Extract<Asked, { readonly type: 'ring-me' }>): Promise<string>;
  /** `soundGone` is told when the page loses the sound that it asks for. What is answered is the answer to its offer. */
  does(asked: Exclude<Asked, { readonly type: 'call' | 'ring-me' | 'open' | 'chart' | 'source' }>, soundGone: () => void): Promise<string | undefined>;
  /** A page brings the sound of a call by `socket`, which is closed where that call is over. */
  connect(callId: string, socket: PageSocket): void;
  /** A step of the bot: it belongs to one of the calls. */
  steps(step: SteppedHere): void;
  /** Hangs up all. */
  close(): void;
}

/** Something that cannot be done, in a sentence that says what to do about it. */
export class Refusal extends Error {}

/** A call that is on. */
interface Phone {
  readonly logged: LoggedCall;
  readonly desk: DeskPhone;
  readonly sound: CallSound;
  /** Whether a page brings sound to it once it is answered. */
  readonly brings: boolean;
  /** The phone rings, and this says what becomes of it. */
  pickUp?: (how: PickedUp) => void;
  /** What the bot's code threw, and where. */
  threw?: string;
  /** Whether what is keyed now is a secret. */
  isSecret?: boolean;
  isDeclined?: boolean;
}

/** What a page asks of a call that is to begin. */
type Ringing = Extract<Asked, { readonly type: 'call' | 'ring-me' }>;

/** How a call of this page is played. */
type Playing = Pick<PlayOptions, 'clock' | 'caller' | 'onCall' | 'onEntry' | keyof typeof patience>;

/** Who is called by the bot, and by which number, unless the page says so. */
const ownNumber = '+15550111';
const botNumber = '+15550199';
/** Longer than this no call is. */
const longestCallMs = 60 * 60_000;
/** More than this a person at a page does not mean. */
const roundsLimit = 500;
const callsLimit = 20;
/** A bot that is begun again is waited for, some 25 s; one that is slow is not, but as long as its service does. */
const patience = { connectionTries: 9, retryDelayMs: 100, maxRounds: roundsLimit, maxCallMs: longestCallMs } as const;

export const phones = ({ services, log, served, chart, place, sound }: PhonesOptions): Phones => {
  const on = new Map<string, Phone>();
  /** Calls that the bot has placed: the id on the line by the id that it was told. */
  const names = new Map<string, string>();

  const serviceOf = (name: string): OpenedService['service'] => {
    const opened = services.get(name);
    if (opened === undefined) throw new Refusal(`there is no service ${name} here`);
    return opened.service;
  };

  const endpointOf = (name: string): string => {
    const { endpoints, refused } = served();
    const endpoint = endpoints[name];
    if (endpoint === undefined) throw new Refusal(refused[name] ?? 'the bot does not take calls yet: it has to load first');
    return endpoint.url;
  };

  /** Plays a call on a phone of its own, from the moment at which `ring` has it ring; the id of the call. */
  const onPhone = ({ service, language, sound: brings = false }: Ringing, state: CallShown['state'], ring: (play: Playing, phone: () => Phone | undefined) => Promise<CallReport>, plays: readonly PlayedAct[] = []): Promise<string> =>
    new Promise((resolve, reject) => {
      let phone: Phone | undefined;
      const began = performance.now();
      const own = sound({
        onChange: (isOn) => phone?.logged.stands({ sound: isOn }),
        onRemark: (text) => phone?.logged.notes({ at: Math.round(performance.now() - began), who: 'line', kind: 'warned', text }),
      });
      if (brings && state === 'dialing') own.expect();
      const desk = deskPhone({ onTurn: (turn) => phone?.logged.stands({ wants: turn === undefined ? null : wantedOf(turn) }), headset: own });
      const play: Playing = {
        ...patience, clock: 'real', caller: desk.caller,
        onCall: ({ id, from, to, direction = 'inbound' }) => {
          const drawn = chart();
          const logged = log.begin({ id, service, direction, from, to, state, began: Date.now(), sound: false, ...(language !== undefined && { language }), ...(drawn !== undefined && { chart: drawn }) });
          phone = { logged, desk, sound: own, brings };
          on.set(id, phone);
          for (const act of plays) desk.does(act);
          resolve(id);
        },
        onEntry: (entry) => {
          phone?.logged.notes(phone.isSecret === true && entry.kind === 'keys' ? { ...entry, text: '•'.repeat(entry.text?.length ?? 0) } : entry, entry.kind === 'recording' ? own.recorded() : undefined);
          if (entry.kind === 'answered') phone?.logged.stands({ state: 'talking' });
        },
      };
      ring(play, () => phone).then(
        ({ endedBy }) => phone !== undefined && over(phone, endingOf(endedBy, phone)),
        (error: unknown) => {
          const why = error instanceof Error ? error.message : 'it does not say why';
          if (phone === undefined) reject(new Refusal(why));
          else over(phone, `The phone failed: ${why}`);
        },
      );
    });

  const over = (phone: Phone, ended: string): void => {
    const { logged } = phone;
    on.delete(logged.shown.id);
    phone.sound.close();
    logged.stands({ state: 'over', ended, lengthMs: Date.now() - logged.shown.began, sound: false, wants: null });
  };

  const phoneOf = (callId: string): Phone => {
    const phone = on.get(callId);
    if (phone === undefined) throw new Refusal('that call is over');
    return phone;
  };

  const requireRoom = (): void => {
    if (on.size >= callsLimit) throw new Refusal(`${callsLimit} calls are on, which is all that this phone has lines for: hang up one of them`);
  };

  return {
    call: async (wanted) => {
      const { service, from, language, modality, trouble } = wanted;
      requireRoom();
      const carrier = serviceOf(service);
      const url = endpointOf(service);
      const asked = { ...(from !== undefined && { from }), ...(language !== undefined && { language }), ...(modality !== undefined && { modality: modality as Modality }), ...(trouble !== undefined && { trouble }) };
      return onPhone(wanted, 'dialing', (play) => carrier.call(url, { ...play, ...asked }), wanted.plays);
    },
    ringMe: async (wanted) => {
      const { service, at = ownNumber, trouble } = wanted;
      requireRoom();
      const carrier = serviceOf(service);
      const url = endpointOf(service);
      if (!placesCalls(carrier) || served().endpoints[service]?.places !== true) throw new Refusal(`${service} places no calls: choose another service`);
      return onPhone(wanted, 'offered', async (play, phone) => {
        const answered = carrier.answer(url, {
          ...play, ...(trouble !== undefined && { trouble }),
          ring: () => new Promise((pickUp) => Object.assign(phone() ?? {}, { pickUp })),
        });
        const placed = place({ service, to: at, from: botNumber }).then((callId) => {
          names.set(callId, phone()?.logged.shown.id ?? callId);
          return answered;
        });
        return Promise.race([answered, placed]);
      });
    },
    does: async (asked, soundGone) => {
      const phone = phoneOf(asked.callId);
      switch (asked.type) {
        case 'answer':
        case 'decline':
          if (phone.pickUp === undefined) throw new Refusal('that phone does not ring');
          if (asked.type === 'answer' && phone.brings) phone.sound.expect();
          phone.isDeclined = asked.type === 'decline';
          phone.pickUp(asked.type === 'answer' ? 'answered' : 'busy');
          return undefined;
        case 'hangup':
          return void phone.desk.hangUp();
        case 'keys':
          return void phone.desk.does({ keys: asked.keys });
        case 'say':
          return void phone.desk.does({ says: asked.words });
        case 'silence':
          return void phone.desk.does('times-out');
        case 'party':
          if (!phone.desk.partyDoes(asked.act)) throw new Refusal('nobody is rung now');
          return undefined;
        case 'rtc.offer':
          return phone.sound.answer(asked.sdp, { onKey: (keys) => phone.desk.does({ keys }), onGone: soundGone });
        case 'rtc.none':
          return void phone.sound.forgo();
      }
    },
    connect: (callId, socket) => {
      const phone = on.get(callId);
      if (phone === undefined) socket.close();
      else phone.sound.connect(socket, { onGone: () => socket.giveAway() });
    },
    steps: ({ service, callId, chart: drawn, moment, isSecret, threw }) => {
      // The bot may hear of the end when the phone is down already.
      const call = log.calls.find(({ id, service: own }) => own === service && (isSame(id, callId) || names.get(callId) === id));
      if (call === undefined) return;
      const phone = on.get(call.id);
      const logged = log.find(call.id);
      logged?.steps(drawn, moment);
      if (phone !== undefined) phone.isSecret = isSecret;
      if (threw === undefined) return;
      const said = `${threw.at === undefined ? '' : `${threw.at.file}:${threw.at.line}: `}${threw.sentence}`;
      if (phone !== undefined) phone.threw ??= said;
      logged?.notes({ at: Math.max(0, moment.at - call.began), who: 'line', kind: 'error', text: `the bot's code failed: ${said}` });
      process.stderr.write(`callchart: call ${call.id}: ${said}\n`);
    },
    close: () => {
      for (const { desk } of on.values()) desk.hangUp();
    },
  };
};

/** Whether the bot's `callId` is that of the call `id` on the line: a service may add to it. */
const isSame = (id: string, callId: string): boolean => callId === id || callId.startsWith(`${id}.`);

const endingOf = (endedBy: EndedBy, { threw, isDeclined, logged: { moments } }: Phone): string => {
  if (threw !== undefined) return `The bot's code failed: ${threw}`;
  if (endedBy === 'bot') return 'The bot hung up.';
  if (isDeclined === true) return 'You declined the call.';
  if (endedBy !== 'line') return endings[endedBy];
  const why = moments.findLast((moment) => moment.kind === 'entry' && moment.entry.who === 'line' && moment.entry.kind === 'hungup');
  return `The line hung up: ${(why?.kind === 'entry' ? why.entry.text : undefined) ?? 'it does not say why'}.`;
};

const endings: Readonly<Record<Exclude<EndedBy, 'bot' | 'line'>, string>> = { caller: 'You hung up.', rejected: 'The bot refused the call.', transferred: 'The bot handed you on.' };
