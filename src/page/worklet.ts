/**
 * Worklet — what runs beside the page where its sound is made: the microphone goes out in messages, and what comes in messages is heard.
 *
 * A file of its own, which the page loads by its address: no script of the page can run there.
 *
 * @module
 */
import { frameWriter } from './frame-writer.ts';
import { playQueue } from './play-queue.ts';

/** Plays what comes in messages. */
class Loudspeaker extends AudioWorkletProcessor {
  readonly #queue = playQueue(sampleRate);

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.#queue.take(data);
  }

  override process(_: unknown, [output]: readonly Float32Array[][]): boolean {
    const [channel, ...others] = output ?? [];
    if (channel !== undefined) this.#queue.fill(channel);
    for (const other of others) other.set(channel ?? []);
    return true;
  }
}

/** Gives what it hears in messages. It makes no sound itself. */
class Listener extends AudioWorkletProcessor {
  readonly #write = frameWriter(sampleRate, (message) => this.port.postMessage(message, [message]));

  override process([input]: readonly (readonly Float32Array[])[]): boolean {
    const channel = input?.[0];
    if (channel !== undefined) this.#write(channel);
    return true;
  }
}

registerProcessor('loudspeaker', Loudspeaker);
registerProcessor('listener', Listener);
