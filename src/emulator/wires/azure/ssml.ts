/**
 * SSML — what a listener hears of it: the words, the pauses and the files, in order.
 *
 * @module
 */
import { XMLParser } from 'fast-xml-parser';
import type { PromptItem } from '../../../actions/index.ts';

type Node = Readonly<Record<string, unknown>>;

const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', trimValues: false, parseTagValue: false, htmlEntities: true });

/** What is heard of `ssml`. Of what is no XML that is all that is written. */
export const heardOf = (ssml: string): readonly PromptItem[] => {
  if (!ssml.trimStart().startsWith('<')) return said(ssml);
  try {
    return joined(itemsOf(parser.parse(ssml) as readonly Node[]));
  } catch {
    return [{ ssml }];
  }
};

const itemsOf = (nodes: readonly Node[]): readonly PromptItem[] => nodes.flatMap((node) => {
  const [name] = Object.keys(node).filter((key) => key !== ':@');
  const attributes = (node[':@'] ?? {}) as Readonly<Record<string, string>>;
  if (name === undefined || name.startsWith('?')) return [];
  if (name === '#text') return [{ text: String(node[name]) }];
  if (name === 'break') return [{ silenceMs: millisecondsOf(attributes['time'] ?? '') }];
  if (name === 'audio' && attributes['src'] !== undefined) return [{ audio: attributes['src'] }];
  return itemsOf(node[name] as readonly Node[]);
});

/** Words that stand side by side are one text, and pauses one pause. */
const joined = (items: readonly PromptItem[]): readonly PromptItem[] =>
  items.reduce<readonly PromptItem[]>((before, item) => {
    const last = before.at(-1);
    if (last !== undefined && 'text' in last && 'text' in item) return [...before.slice(0, -1), { text: last.text + item.text }];
    if (last !== undefined && 'silenceMs' in last && 'silenceMs' in item) return [...before.slice(0, -1), { silenceMs: last.silenceMs + item.silenceMs }];
    return [...before, item];
  }, []).flatMap((item) => ('text' in item ? said(item.text) : [item]));

const said = (text: string): readonly PromptItem[] => (text.trim() === '' ? [] : [{ text: text.replace(/\s+/g, ' ').trim() }]);

/** A pause that does not say how long it is lasts three quarters of a second. */
const plainBreakMs = 750;

const millisecondsOf = (time: string): number => {
  const [, value, unit] = /^([\d.]+)(ms|s)$/.exec(time) ?? [];
  return value === undefined ? plainBreakMs : Number(value) * (unit === 's' ? 1_000 : 1);
};
