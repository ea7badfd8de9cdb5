/**
 * Lookup — the language, of those that there are, for a caller's tag (RFC 4647 §3.4).
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** Tags are far shorter than this (RFC 5646 §4.4.1 asks for 35 characters at least); what a service sends may not be. */
const longestTag = 64;

/** What `known` holds for `tag`, else for the longest beginning of it that is known. Its names are in lower case. */
export const lookup = <T>(known: ReadonlyMap<string, T>, tag: string | undefined): T | undefined => {
  for (let range = tag?.slice(0, longestTag).toLowerCase() ?? ''; range !== ''; range = shorter(range)) {
    const found = known.get(range);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** `range` without its last subtag, and without a single letter that would then stand last. */
const shorter = (range: string): string => {
  const end = range.lastIndexOf('-');
  if (end <= 0) return '';
  return range[end - 2] === '-' ? range.slice(0, end - 2) : range.slice(0, end);
};
