/** What a worklet finds where it runs, which the compiler does not know; and the address of one, as Vite gives it. */
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
  abstract process(inputs: readonly (readonly Float32Array[])[], outputs: readonly Float32Array[][]): boolean;
}

declare const sampleRate: number;

declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

declare module '*?worker&url' {
  const address: string;
  export default address;
}
