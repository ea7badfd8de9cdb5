/**
 * RTC — microphone and loudspeaker of a browser on a call, by WebRTC: Opus and keys up, PCMU down. `werift`, an optional peer that is loaded
 * when a leg is opened.
 *
 * This file alone knows the package, and what has to be known of it (0.24):
 *
 * - The leg is an ICE-lite end: it waits for the browser at its own addresses, on loopback too, and never asks anybody for anything. A full end
 *   of this package asks a STUN server of its own choice, and looks up the names behind which browsers hide their addresses.
 * - The package goes on sending to the first way that was nominated; browsers change their minds, and the leg follows them.
 * - An error of a socket of the package is nobody's, and would end the process: the leg takes it.
 * - The sender stamps packets with the codec that was agreed on first; here it is told which one it sends.
 *
 * Packets go down at the pace of the clock from the first moment to the last; where nothing plays they are silent, so that the browser has
 * nothing to make up.
 *
 * @module
 */
import type { Socket } from 'node:dgram';
import type { RTCPeerConnection } from 'werift';
import { CallError } from '../../errors.ts';
import { downlink, packetLength, pcmuRate } from './downlink.ts';
import type { LegListener, SoundLeg } from './leg.ts';
import { type Offer, readOffer } from './offer.ts';
import { loadOpus, type OpusDecoding } from './opus.ts';
import { pace } from './pace.ts';
import type { SoundPart } from './sound-part.ts';
import { uplink } from './uplink.ts';

export interface RtcOptions {
  /** How long the browser may take to come, or may be silent, before it counts as gone. Default: 8 s, thrice the pause between two signs of life. */
  readonly patienceMs?: number;
  /** Default: those that are installed. */
  readonly packages?: RtcPackages;
}

/** How the packages are loaded. Whoever has them not must be able to read these types. */
export interface RtcPackages {
  readonly werift: () => Promise<unknown>;
  readonly opus: typeof loadOpus;
}

type Werift = typeof import('werift');

const installed: RtcPackages = { werift: () => import('werift'), opus: loadOpus };
const names = { werift: 'werift', opus: 'opus-decoder' } as const;

/** The timer came so late that the machine must have slept: silence meanwhile tells nothing, ms. */
const sleptMs = 1_000;

/** Whether a leg can be opened here, else which packages are not installed. */
export async function rtcPart(packages: RtcPackages = installed): Promise<SoundPart> {
  const missing: string[] = [];
  let trouble: string | undefined;
  for (const name of ['werift', 'opus'] as const) {
    try {
      await packages[name]();
    } catch (cause) {
      if ((cause as { readonly code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') missing.push(names[name]);
      else trouble = `The package ${names[name]} is installed and cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`;
    }
  }
  return { ready: missing.length === 0 && trouble === undefined, missing, ...(trouble !== undefined && { trouble }) };
}

/**
 * Answers the offer of a browser; the leg is open from then on, and is to be closed.
 *
 * @throws `ERR_OPTION_INVALID` for an offer that cannot be answered (`offer`), and where packages are missing (`sound`)
 */
export async function openRtc(offerSdp: string, listener: LegListener = {}, { patienceMs = 8_000, packages = installed }: RtcOptions = {}): Promise<{ readonly answer: string; readonly leg: SoundLeg }> {
  const offer = readOffer(offerSdp);
  const part = await rtcPart(packages);
  if (!part.ready) throw new CallError('ERR_OPTION_INVALID', part.trouble ?? `sound needs ${part.missing.join(' and ')}, which ${part.missing.length === 1 ? 'is' : 'are'} not installed`, { option: 'sound' });
  const [werift, openOpus] = await Promise.all([packages.werift() as Promise<Werift>, packages.opus()]);
  const opus = await openOpus();
  const peer = newPeer(werift, offer.user);
  try {
    const answer = await answered(werift, peer, offer);
    return { answer, leg: legOf(werift, peer, opus, listener, patienceMs) };
  } catch (cause) {
    opus.close();
    await peer.connection.close().catch(() => {});
    throw new CallError('ERR_OPTION_INVALID', 'what the browser offers to talk by cannot be answered', { option: 'offer' }, { cause });
  }
}

/** Our end, and when it last heard of the other. */
interface Peer {
  readonly connection: RTCPeerConnection;
  heardAt: number;
}

function newPeer({ RTCPeerConnection: Connection, RTCRtpCodecParameters: Codec, useOPUS, usePCMU }: Werift, user: string): Peer {
  const guarded = new WeakSet<object>();
  const connection = new Connection({
    iceLite: true,
    iceServers: [],
    iceAdditionalHostAddresses: ['127.0.0.1'],
    bundlePolicy: 'max-bundle',
    codecs: { audio: [useOPUS(), usePCMU(), new Codec({ mimeType: 'audio/telephone-event', clockRate: pcmuRate, channels: 1, payloadType: 101 })], video: [] },
    // Asked about each check of a way, before anything is sent there.
    iceFilterStunResponse(message, [host, port], protocol) {
      const way = connection.iceTransports[0]?.connection;
      if (way === undefined || message.getAttributeValue('USERNAME') !== `${way.localUsername}:${user}`) return false;
      if (!guarded.has(protocol)) guard((protocol as { readonly transport?: { readonly socket?: Socket } }).transport?.socket);
      guarded.add(protocol);
      peer.heardAt = performance.now();
      const nominated = message.attributesKeys.includes('USE-CANDIDATE') ? way.checkList.find((pair) => pair.protocol === protocol && pair.remoteAddr[0] === host && pair.remoteAddr[1] === port) : undefined;
      if (nominated !== undefined && way.nominated !== undefined) way.nominated = nominated;
      return true;
    },
  });
  const peer: Peer = { connection, heardAt: performance.now() };
  return peer;
}

/** What a socket cannot send is lost, as any packet may be. */
const guard = (socket: Socket | undefined): void => void socket?.on('error', () => {});

async function answered({ RTCSessionDescription: Description }: Werift, { connection }: Peer, { sdp }: Offer): Promise<string> {
  const line = connection.addTransceiver('audio', { direction: 'sendrecv' });
  await connection.setRemoteDescription(new Description(sdp, 'offer'));
  const pcmu = line.codecs.find(({ mimeType }) => mimeType.toLowerCase() === 'audio/pcmu');
  if (pcmu === undefined) throw new Error('no PCMU');
  // The browser begins, and sees by its own, quicker timers to what is lost on the way.
  for (const transport of connection.dtlsTransports) transport.role = 'server';
  await connection.setLocalDescription(await connection.createAnswer());
  line.sender.codec = pcmu;
  return connection.localDescription?.sdp ?? '';
}

function legOf({ RtpHeader: Header, RtpPacket: Packet }: Werift, peer: Peer, opus: OpusDecoding, listener: LegListener, patienceMs: number): SoundLeg {
  const { connection } = peer;
  const [line] = connection.getTransceivers();
  const [transport] = connection.dtlsTransports;
  const gone = new AbortController();
  let state: 'coming' | 'here' | 'over' = 'coming';
  let released: Promise<void> = Promise.resolve();
  let timer = setTimeout(leave, patienceMs);
  let settle: (connected: boolean) => void = () => {};
  const connected = new Promise<boolean>((resolve) => (settle = resolve));

  const up = uplink(line?.codecs ?? [], opus, listener);
  const down = downlink();
  transport?.onRtp.subscribe((packet) => {
    peer.heardAt = performance.now();
    if (state !== 'over') up.packet(packet);
  });
  transport?.onRtcp.subscribe(() => (peer.heardAt = performance.now()));
  transport?.onStateChange.subscribe((now) => {
    if (now === 'connected') begin();
    else if (now === 'closed' || now === 'failed') leave();
  });
  connection.connectionStateChange.subscribe((now) => {
    if (now === 'failed' || now === 'closed') leave();
  });

  /** The browser is there: packets go down from now on. */
  function begin(): void {
    if (state !== 'coming') return;
    state = 'here';
    clearTimeout(timer);
    settle(true);
    const sent = pace(performance.now());
    let sequenceNumber = Math.floor(Math.random() * 0x80_00);
    let timestamp = Math.floor(Math.random() * 0x8000_0000);
    let marker = true;
    let last = performance.now();
    const turn = (): void => {
      const now = performance.now();
      if (now - last > sleptMs) peer.heardAt = now;
      last = now;
      if (now - peer.heardAt > patienceMs) return leave();
      const { packets, left } = sent.due(now);
      timestamp = (timestamp + left * packetLength) >>> 0;
      marker ||= left > 0;
      for (let count = 0; count < packets && state === 'here'; count += 1) {
        void line?.sender.sendRtp(new Packet(new Header({ sequenceNumber, timestamp, marker }), down.next())).catch(() => {});
        marker = false;
        sequenceNumber = (sequenceNumber + 1) & 0xff_ff;
        timestamp = (timestamp + packetLength) >>> 0;
        up.passed();
      }
      // Whoever listens may have closed it.
      if (state === 'here') timer = setTimeout(turn, sent.waitMs(performance.now()));
    };
    turn();
  }

  /** The end of it, once. */
  function end(): boolean {
    if (state === 'over') return false;
    state = 'over';
    clearTimeout(timer);
    settle(false);
    down.close();
    return true;
  }

  async function release(): Promise<void> {
    // A handshake that goes on would be repeated for half a minute.
    for (const { dtls } of connection.dtlsTransports) if (dtls !== undefined) dtls.dtls.flight = Number.POSITIVE_INFINITY;
    opus.close();
    await connection.close().catch(() => {});
  }

  function leave(): void {
    if (!end()) return;
    released = release();
    gone.abort();
  }

  return {
    connected,
    gone: gone.signal,
    play: down.play,
    async close() {
      if (end()) released = release();
      await released;
    },
  };
}
