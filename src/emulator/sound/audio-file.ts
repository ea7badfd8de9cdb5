/**
 * Audio-file — a sound that a bot names by its address: a WAV file on the web or on this machine.
 *
 * It is had within a few seconds or not at all. What is asked for is the address that the bot has named and no other: redirections are
 * not followed.
 *
 * @module
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { joined, type Pcm, resampled } from './pcm.ts';
import { fromWav } from './wav.ts';

/** The sound, or why it could not be had, in a sentence without an end. */
export type AudioFile = { readonly pcm: Pcm } | { readonly lost: string };

export interface AudioFileOptions {
  /** Samples a second of the result. */
  readonly rate: number;
  /** How long it may take, ms. Default: 5 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const mostBytes = 10 * 1024 * 1024;

/** @throws the reason of `signal` when it aborts */
export async function audioFile(address: string, { rate, timeoutMs = 5_000, signal }: AudioFileOptions): Promise<AudioFile> {
  const url = addressIn(address);
  if (url === undefined) return { lost: 'it is no absolute address' };
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const bytes = await bytesAt(url, signal === undefined ? late : AbortSignal.any([late, signal]));
    if (typeof bytes === 'string') return { lost: bytes };
    const pcm = fromWav(bytes);
    return pcm === undefined ? { lost: 'it is no WAV file of PCM, µ-law or A-law, and no other files are played here' } : { pcm: await atRate(pcm, rate) };
  } catch {
    signal?.throwIfAborted();
    return { lost: late.aborted ? `it did not come within ${timeoutMs / 1_000} s` : url.protocol === 'file:' ? 'there is no such file' : 'its server could not be reached, or answered with another address' };
  }
}

/** `address` as it may be shown: what lets somebody in is left out. */
export function shownAddress(address: string): string {
  const url = addressIn(address);
  return url === undefined ? 'a sound' : `${url.protocol}//${url.host}${url.pathname}`;
}

const addressIn = (address: string): URL | undefined => (URL.canParse(address) ? new URL(address) : undefined);

/** What is there, or why it is not taken. @throws whatever breaks down on the way */
async function bytesAt(url: URL, signal: AbortSignal): Promise<Uint8Array | string> {
  if (url.protocol === 'file:') return read(url, signal);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'only http, https and file addresses are played';
  const response = await fetch(url, { signal, redirect: 'error' });
  if (response.ok && response.body !== null) return within(response.body as AsyncIterable<Uint8Array>);
  await response.body?.cancel();
  return `its server answered ${response.status}`;
}

async function read(url: URL, signal: AbortSignal): Promise<Uint8Array | string> {
  const path = fileURLToPath(url);
  return (await stat(path)).isFile() ? within(createReadStream(path, { signal })) : 'it is no file';
}

/** All of `portions`, unless that is too much. */
async function within(portions: AsyncIterable<Uint8Array>): Promise<Uint8Array | string> {
  const all: Uint8Array[] = [];
  let length = 0;
  for await (const portion of portions) {
    length += portion.length;
    if (length > mostBytes) return 'it is longer than 10 MiB';
    all.push(portion);
  }
  return Buffer.concat(all);
}

/** Second by second, so that a long file holds up no call. */
async function atRate(pcm: Pcm, rate: number): Promise<Pcm> {
  if (pcm.rate === rate) return pcm;
  const seconds: Pcm[] = [];
  for (let at = 0; at < pcm.samples.length; at += pcm.rate) {
    seconds.push(resampled({ rate: pcm.rate, samples: pcm.samples.subarray(at, at + pcm.rate) }, rate));
    await breathe();
  }
  return joined(seconds, rate);
}
