/**
 * Asked — what a page asks, held against its codec: nothing else reaches the phone.
 *
 * @module
 */
import * as t from 'io-ts';
import { isDigits } from '../../actions/index.ts';
import type { Asked } from '../../page/protocol.ts';

const checked = <A>(name: string, is: (value: unknown) => value is A): t.Type<A> =>
  new t.Type<A>(name, is, (value, context) => (is(value) ? t.success(value) : t.failure(value, context)), t.identity);

const limited = (name: string, longest: number, holds: (value: string) => boolean = () => true): t.Type<string> =>
  checked(name, (value): value is string => typeof value === 'string' && value.length <= longest && holds(value));

const Word = limited('Word', 64, (value) => value !== '' && !/\p{Cc}/u.test(value));
const Id = limited('Id', 256, (value) => value !== '');
const Keys = limited('Keys', 64, (value) => value !== '' && isDigits(value));
const Words = limited('Words', 500, (value) => value.trim() !== '');
const Sdp = limited('Sdp', 64 * 1024);
const Path = limited('Path', 4_096);
const Ms = checked('Ms', (value): value is number => typeof value === 'number' && value >= 0 && value <= 60_000);

const Trouble = t.exact(t.partial({ delayMs: Ms, twice: t.boolean, reordered: t.boolean, lost: t.boolean }));
const Call = { key: Id, service: Word };
const Act = t.union([t.exact(t.type({ keys: Keys })), t.exact(t.type({ says: Words })), t.literal('times-out'), t.literal('hangup')]);
const Plays = checked('Plays', (value): value is readonly t.TypeOf<typeof Act>[] => Array.isArray(value) && value.length <= 200 && value.every((act) => Act.is(act)));
const call = t.exact(t.intersection([t.type({ type: t.literal('call'), ...Call }), t.partial({ from: Word, language: Word, modality: Word, trouble: Trouble, sound: t.boolean, plays: Plays })]));
const ringMe = t.exact(t.intersection([t.type({ type: t.literal('ring-me'), ...Call }), t.partial({ at: Word, language: Word, trouble: Trouble, sound: t.boolean })]));
const ofCall = t.exact(t.type({ type: t.keyof({ answer: null, decline: null, hangup: null, silence: null, open: null, 'rtc.none': null }), callId: Id }));
const keys = t.exact(t.type({ type: t.literal('keys'), callId: Id, keys: Keys }));
const say = t.exact(t.type({ type: t.literal('say'), callId: Id, words: Words }));
const party = t.exact(t.type({ type: t.literal('party'), callId: Id, act: t.keyof({ answers: null, busy: null, noanswer: null, failed: null, 'hangs-up': null }) }));
const rtcOffer = t.exact(t.type({ type: t.literal('rtc.offer'), callId: Id, sdp: Sdp }));
const chart = t.exact(t.type({ type: t.literal('chart'), id: Id }));
const source = t.exact(t.type({ type: t.literal('source'), file: Path }));

const codec = t.union([call, ringMe, ofCall, keys, say, party, rtcOffer, chart, source]);

/** What `message` asks; undefined where it asks nothing that there is. */
export const askedIn = (message: string): Asked | undefined => {
  try {
    const decoded = codec.decode(JSON.parse(message));
    return decoded._tag === 'Right' ? (decoded.right as Asked) : undefined;
  } catch {
    return undefined;
  }
};
