/**
 * Uplink — what is made of the packets of a browser: the sound of its microphone, and keys.
 *
 * Without timers of its own: whoever has the clock says when 20 ms have passed.
 *
 * @module
 */
import { arrivals } from './arrivals.ts';
import { frames } from './frames.ts';
import type { LegListener } from './leg.ts';
import { decodeMulaw } from './mulaw.ts';
import type { OpusDecoding } from './opus.ts';
import { packetMs } from './pace.ts';
import { keyListener } from './telephone-event.ts';
import { doubled } from './wideband.ts';

/** A packet, as far as it matters here. */
export interface UplinkPacket {
  readonly header: { readonly ssrc: number; readonly payloadType: number; readonly sequenceNumber: number; readonly timestamp: number };
  readonly payload: Uint8Array;
}

/** What the numbers stand for that packets have for their contents. */
export interface Codec {
  readonly payloadType: number;
  readonly mimeType: string;
  readonly clockRate: number;
}

export interface Uplink {
  packet(packet: UplinkPacket): void;
  /** 20 ms have passed. */
  passed(): void;
}

/** After so long without a packet the sound goes on as silence. */
export const stalledMs = 100;

export function uplink(codecs: readonly Codec[], opus: Pick<OpusDecoding, 'decode'>, { onSound, onKey }: LegListener): Uplink {
  const known = new Map(codecs.map(({ payloadType, mimeType, clockRate }) => [payloadType, { kind: mimeType.toLowerCase(), clockRate }]));
  let stream: Stream | undefined;
  let quietMs = 0;

  /** What is remembered of one stream; whoever begins a new one begins anew. */
  const newStream = (source: number): Stream => ({ source, order: arrivals(), listen: keyListener(), microphone: frames((frame) => onSound?.(frame)), double: doubled() });

  function take({ microphone, double, listen }: Stream, { header: { payloadType, timestamp }, payload }: UplinkPacket): void {
    const { kind, clockRate = 0 } = known.get(payloadType) ?? {};
    if (kind === 'audio/opus') microphone.sound(timestamp, clockRate, () => opus.decode(payload));
    else if (kind === 'audio/pcmu') microphone.sound(timestamp, clockRate, () => double(decodeMulaw(payload)));
    else if (kind === 'audio/telephone-event') {
      const key = listen(timestamp, payload);
      if (key !== undefined) onKey?.(key);
    }
  }

  return {
    packet(packet) {
      const { ssrc, sequenceNumber } = packet.header;
      if (stream?.source !== ssrc) stream = newStream(ssrc);
      quietMs = 0;
      for (const one of stream.order.push({ sequenceNumber, packet })) take(stream, one.packet);
    },
    passed() {
      quietMs += packetMs;
      if (stream === undefined || quietMs <= stalledMs) return;
      for (const one of stream.order.flush()) take(stream, one.packet);
      stream.microphone.nothing();
    },
  };
}

interface Stream {
  readonly source: number;
  readonly order: ReturnType<typeof arrivals<{ readonly sequenceNumber: number; readonly packet: UplinkPacket }>>;
  readonly listen: ReturnType<typeof keyListener>;
  readonly microphone: ReturnType<typeof frames>;
  readonly double: ReturnType<typeof doubled>;
}
