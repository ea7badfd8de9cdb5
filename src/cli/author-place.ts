/**
 * Author place — where in the author's own files something happened, out of a stack.
 *
 * @module
 */
import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A place in a file of the author's, which is written as people write it. */
export interface AuthorPlace {
  readonly file: string;
  readonly line: number;
}

/** The first place in a stack that is neither node's own, nor a package's, nor ours. */
export const placeOf = (stack: string): AuthorPlace | undefined => {
  for (const line of stack.split('\n')) {
    const [, place, number] = /(?:^|at |\()((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^()]*?):(\d+)(?::\d+)?\)?$/.exec(line.trim()) ?? [];
    if (place === undefined || place.includes('node_modules')) continue;
    const file = place.startsWith('file://') ? fileURLToPath(place.replace(/[?#].*$/, '')) : place;
    if (!ownFolders.some((folder) => file.startsWith(folder))) return { file: shown(file), line: Number(number) };
  }
  return undefined;
};

/** Where our own files are. */
export const ownFolders: readonly string[] = ['src', 'dist'].map((folder) => fileURLToPath(new URL(`../../${folder}/`, import.meta.url)));

/** `path` as people write it: from the working directory where it lies below that. */
export const shown = (path: string): string => {
  const below = relative(process.cwd(), path);
  return below === '' ? '.' : below.startsWith('..') || isAbsolute(below) ? path : below;
};
