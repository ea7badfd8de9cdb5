/**
 * Capabilities — what Twilio can be asked for: all that a bot can ask for, most of it in a way of its own; and verbs that no other service has.
 *
 * @module
 */
import { capabilitySet } from '../../../actions/index.ts';
import type { ServiceFacts } from '../facts.ts';

export const capabilities = capabilitySet('answer', 'reject', 'hangup', 'play', 'recognize', 'record', 'transfer', 'hold', 'unhold', 'createcall', 'speech', 'raw:twilio');

/** What it can do, as a type. */
export type TwilioCapability = typeof capabilities extends ReadonlySet<infer Can> ? Can : never;

export const facts: ServiceFacts = {
  absent: {
    'answer.failed': 'a caller who has gone before he was answered has hung up',
    'play.failed': 'a file that cannot be fetched is passed over, and the prompt ends',
    'recognize.nomatch.interdigit': 'a choice is one key, and that key ends the question',
    'recognize.failed': 'words that nobody understood are silence',
    'record.failed': 'a recording that did not come about is silence',
    'hold.failed': 'nobody is asked for it',
    'unhold.failed': 'nobody is asked for it',
  },
  differences: [
    'times are whole seconds, rounded, one at least; a silence of less than half a second is left out',
    'one timer is the wait for the first key and between keys: `timeoutMs`; `interdigitMs` is not read',
    'one timer is the silence before the first word of a recording and after the last: `finalSilenceMs`; `timeoutMs` is not read',
    'one key at most ends the digits of a question, and a lone one is silence; a key of letters (A to D) ends nothing',
    'words that Twilio did not understand are silence, since it does not tell them apart',
    'speech ends when Twilio hears that it does; phrases are hints, and whatever else is said is told as well',
    'whether speech cuts a prompt short is Twilio\'s to hear; a key always does where the bot allows it',
    'an `answer` by itself plays half a second of nothing, since a pause lets the phone ring on',
    'a caller on hold hears prompts or music ten times over before the line asks; it is broken off as soon as the bot has something to say',
    'a caller on hold whose bot plays nothing hears the option `holdMusic`, or nothing',
    'a `transfer` rings the other party and joins the two (Dial): it is told when they have parted, and the bot has the caller again where it asks for him; by `transferBy: \'refer\'` the caller\'s own SIP exchange takes him away',
    'a caller who hangs up on the one he was handed on to has ended the call himself, or was transferred, by which of the two Twilio tells first',
    'a recording is wav or mp3; its file comes after its event, by a request of its own, and is fetched from Twilio',
    'times of day and names are read as they are written: `sayAs` has no way of its own for them; stress is not for every voice',
    'a text in another language than the option `language` is left to Twilio\'s voice for that language',
    'SSML is held to the elements that Twilio speaks',
    'Pay and Enqueue are asked for by `raw`; the path of the bot is where they tell their end',
    'what a bot says unasked (a timer, a slow task) goes by the API and breaks off what is heard; sent again after a crash, it is heard from its beginning again',
    'a call that was placed and has been answered begins when Twilio knows who answered, some seconds after that: `answeredBy`',
  ],
  proven: 'public wire bodies, the official package (signatures, documents, REST client), our emulation; never a live account',
};
