/**
 * Language tag — what names a language, as BCP 47 has it.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** Whether `tag` is one. */
export const isLanguageTag = (tag: unknown): tag is string => {
  try {
    return typeof tag === 'string' && Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
};
