/**
 * Offer — what a browser offers to talk by (SDP), held to what a call needs, and cut down to it.
 *
 * One stream of sound, PCMU among its codecs, and the keys that secure it. The browser's own addresses are left out: it comes to ours by itself,
 * which also works where it hides its own behind names.
 *
 * Pure.
 *
 * @module
 */
import { CallError } from '../../errors.ts';

/** An offer that can be answered. */
export interface Offer {
  readonly sdp: string;
  /** The browser's name in the checks of addresses. */
  readonly user: string;
}

const longest = 64 * 1024;
const mostLines = 1_000;

/** The lines that are kept; of a codec we do not know they do no harm. */
const kept = /^(?:[vostc]=|m=|a=(?:group:BUNDLE |mid:|ice-ufrag:|ice-pwd:|ice-options:|fingerprint:|setup:|rtcp-mux$|sendrecv$|sendonly$|recvonly$|inactive$|rtpmap:|fmtp:|ptime:|msid:|ssrc:))/;

/** What there has to be, each of it once; what it is called in a sentence. */
const needed: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^v=0$/, 'beginning'],
  [/^m=audio \d{1,5} UDP\/TLS\/RTP\/SAVPF(?: \d{1,3}){1,64}$/, 'stream of sound'],
  [/^a=mid:[\w-]{1,16}$/, 'name of the stream'],
  [/^a=ice-ufrag:([\w+/-]{4,256})$/, 'name'],
  [/^a=ice-pwd:[\w+/-]{22,256}$/, 'password'],
  [/^a=fingerprint:sha-(?:256|384|512) [0-9A-Fa-f:]{95,191}$/, 'fingerprint'],
  [/^a=setup:(?:actpass|active)$/, 'role'],
  [/^a=rtpmap:0 PCMU\/8000(?:\/1)?$/, 'PCMU'],
];

const refused = (rule: string): CallError => new CallError('ERR_OPTION_INVALID', `what the browser offers to talk by cannot be answered: ${rule}`, { option: 'offer' });

/** @throws `ERR_OPTION_INVALID` for what is no such offer */
export function readOffer(text: string): Offer {
  if (typeof text !== 'string' || text.length > longest) throw refused(`it is no text of at most ${longest} characters`);
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (lines.length > mostLines || !lines.every((line) => /^[a-z]=[\x20-\x7e]*$/.test(line))) throw refused('it has lines that are no SDP');
  for (const [pattern, what] of needed) if (lines.filter((line) => pattern.test(line)).length !== 1) throw refused(`it has no ${what}, or several`);
  if (lines.filter((line) => line.startsWith('m=')).length !== 1) throw refused('it has other streams than one of sound');
  const user = /^a=ice-ufrag:(.*)$/m.exec(lines.join('\n'))?.[1] ?? '';
  return { sdp: `${lines.filter((line) => kept.test(line)).join('\r\n')}\r\n`, user };
}
