/**
 * Browser end — the other end of a leg, for tests without a browser: it offers, talks PCMU and presses keys, packet by packet, and keeps what
 * comes down.
 *
 * @module
 */
import { DtlsClient, RTCPeerConnection, RTCRtpCodecParameters, type RtpPacket, RtpHeader, RTCSessionDescription, usePCMU } from 'werift';
import { decodeMulaw, encodeMulaw } from '../../../src/emulator/sound/mulaw.ts';
import type { Pcm } from '../../../src/emulator/sound/pcm.ts';

export interface BrowserEnd {
  readonly offer: string;
  /** The answer that it took. */
  answer: string;
  /** Takes the answer; resolves when packets can travel. */
  take(answer: string): Promise<void>;
  /** Told each packet that comes down. */
  onPacket: (packet: RtpPacket) => void;
  /** All that came down. */
  readonly packets: readonly RtpPacket[];
  /** Sends one packet: 0 is PCMU, 101 a key. */
  send(packet: { readonly payloadType: number; readonly sequenceNumber: number; readonly timestamp: number; readonly payload: Uint8Array }): Promise<void>;
  close(): Promise<void>;
}

export const keyType = 101;
export const pcmuType = 0;

/** Samples of the packets, at 8 kHz. */
export const soundOf = (packets: readonly RtpPacket[]): Pcm => ({ rate: 8_000, samples: Int16Array.from(packets.flatMap(({ payload }) => [...decodeMulaw(payload)])) });

/** Whether anything is to be heard in it. */
export const isLoud = ({ payload }: RtpPacket): boolean => payload.some((byte) => byte !== 0xff && byte !== 0x7f);

/** `pcm`, of 8 kHz, as payloads of 20 ms. */
export const payloadsOf = ({ samples }: Pcm): readonly Uint8Array[] => Array.from({ length: Math.ceil(samples.length / 160) }, (_, index) => encodeMulaw(samples.slice(index * 160, index * 160 + 160)));

/** An end that has offered. */
export async function browserEnd(): Promise<BrowserEnd> {
  const peer = new RTCPeerConnection({
    iceServers: [], iceUseIpv6: false, iceAdditionalHostAddresses: ['127.0.0.1'], bundlePolicy: 'max-bundle',
    codecs: { audio: [usePCMU(), new RTCRtpCodecParameters({ mimeType: 'audio/telephone-event', clockRate: 8_000, channels: 1, payloadType: keyType })], video: [] },
  });
  peer.addTransceiver('audio', { direction: 'sendrecv' });
  // It would ask a server of its own choice for its address.
  for (const { connection } of peer.iceTransports) delete connection.stunServer;
  await peer.setLocalDescription(await peer.createOffer());
  const [transport] = peer.dtlsTransports;
  const packets: RtpPacket[] = [];
  const end: BrowserEnd = {
    offer: peer.localDescription?.sdp ?? '',
    answer: '',
    async take(answer) {
      end.answer = answer;
      const ready = new Promise<void>((resolve) => transport?.onStateChange.subscribe((state) => void (state === 'connected' && resolve())));
      await peer.setRemoteDescription(new RTCSessionDescription(answer, 'answer'));
      await ready;
    },
    onPacket: () => {},
    packets,
    send: async ({ payloadType, sequenceNumber, timestamp, payload }) => void (await transport?.sendRtp(Buffer.from(payload), new RtpHeader({ payloadType, sequenceNumber, timestamp, ssrc: 4_711 }))),
    close() {
      // As the leg does: this end must not be what keeps the process alive. It is the client, and may be about to say hello.
      if (transport?.dtls !== undefined) transport.dtls.dtls.flight = Number.POSITIVE_INFINITY;
      if (transport?.dtls instanceof DtlsClient) transport.dtls.connect = () => Promise.resolve();
      return peer.close();
    },
  };
  transport?.onRtp.subscribe((packet) => {
    packets.push(packet);
    end.onPacket(packet);
  });
  return end;
}
