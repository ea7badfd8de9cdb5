/**
 * URL — the address that a text is.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/**
 * The URL that `text` is; undefined where it is none.
 *
 * `URL.canParse` is not asked: on Node 20, once it is warm, it refuses hosts with letters beyond ASCII, such as `bücher.example`.
 */
export const urlOf = (text: string): URL | undefined => {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
};
