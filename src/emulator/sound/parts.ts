/**
 * Parts — what there is of sound: which packages are installed and work, and the command that installs the others.
 *
 * Each is an optional peer. Where one is missing that is told as data: calls go on in text and keys.
 *
 * Leaf: imports nothing of the house.
 *
 * @module
 */
import { createRequire } from 'node:module';

/** A part of the sound: whether it is there, else which packages it wants. */
export interface SoundPart {
  readonly ready: boolean;
  /** Names of npm packages that are not installed. */
  readonly missing: readonly string[];
  /** Why it does not work although they are, in a sentence. */
  readonly trouble?: string;
}

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

/** The command that installs what `parts` are missing; undefined where nothing is. */
export function installCommand(parts: readonly SoundPart[]): string | undefined {
  const missing = [...new Set(parts.flatMap((part) => part.missing))];
  return missing.length === 0 ? undefined : `npm install ${missing.join(' ')}`;
}
