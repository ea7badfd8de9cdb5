/**
 * Languages — a BCP 47 tag as Azure Communication Services takes it: the voices and the hearing of its speech service are those of a
 * language in a region. Pure.
 *
 * @module
 */

/** `tag` with a region: its own; else that of `usual`, where that is the same language in the same script; else the likely one. */
export const regional = (tag: string, usual: string): string => {
  const wanted = localeOf(tag);
  if (wanted === undefined || wanted.region !== undefined) return tag;
  const [likely, likelyUsual] = [wanted.maximize(), localeOf(usual)?.maximize()];
  if (likely.language === likelyUsual?.language && likely.script === likelyUsual.script) return usual;
  return likely.region === undefined ? tag : `${likely.language}-${likely.region}`;
};

const localeOf = (tag: string): Intl.Locale | undefined => {
  try {
    return new Intl.Locale(tag);
  } catch {
    return undefined; // the service says what it thinks of it
  }
};
