/**
 * Watch — tells that a file was saved. Editors put a new file in place of the old one, so it is the folders that are watched.
 *
 * @module
 */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Files under watch. */
export interface Watch {
  /** These are watched from now on, and no others: absolute paths. */
  watch(files: readonly string[]): void;
  close(): void;
}

/** Several writes within so many milliseconds are one. */
const settleMs = 80;

/** Watches nothing yet. */
export const watchFiles = (onSaved: () => void): Watch => {
  const folders = new Map<string, FSWatcher>();
  let names: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  let timer: NodeJS.Timeout | undefined;

  const saved = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onSaved, settleMs);
  };

  return {
    watch: (files) => {
      names = new Map(files.map((file) => [dirname(file), new Set(files.filter((other) => dirname(other) === dirname(file)).map((other) => basename(other)))]));
      for (const [folder, watcher] of folders) {
        if (names.has(folder)) continue;
        watcher.close();
        folders.delete(folder);
      }
      for (const folder of names.keys()) {
        if (folders.has(folder)) continue;
        const watcher = watch(folder, (_, name) => {
          if (name === null || names.get(folder)?.has(name) === true) saved();
        });
        watcher.on('error', () => folders.delete(folder)); // the folder is gone: what is in it cannot be saved any more
        folders.set(folder, watcher);
      }
    },
    close: () => {
      clearTimeout(timer);
      for (const watcher of folders.values()) watcher.close();
    },
  };
};
