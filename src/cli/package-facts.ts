/**
 * Package facts — what this package says of itself. The same file lies two folders up from the source and from the build.
 *
 * @module
 */
import { readFileSync } from 'node:fs';

/** The fields that the commands use. */
export interface PackageFacts {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Reads `package.json`. */
export const packageFacts = (): PackageFacts => JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as PackageFacts;
