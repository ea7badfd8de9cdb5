/**
 * SSML — what a listener hears of it: the words, the pauses and the files, in order.
 *
 * @module
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { PromptItem } from '../actions/index.ts';

type Node = Readonly<Record<string, unknown>>;

const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', trimValues: false, parseTagValue: false, htmlEntities: true });

/** How the words of a `say-as` are read out. */
export type Reading = (text: string, interpretAs: string, format: string | undefined) => string;

/** A transcript has them as they are written. */
const asWritten: Reading = (text) => text;

/** What is heard of `ssml`. Of what is no XML that is all that is written; a document that is broken is given back. */
export const heardOf = (ssml: string, reading: Reading = asWritten): readonly PromptItem[] => {
  if (!ssml.trimStart().startsWith('<')) return said(ssml);
  try {
    if (XMLValidator.validate(ssml) !== true) return [{ ssml }];
    return joined(itemsOf(parser.parse(ssml) as readonly Node[], reading));
  } catch {
    return [{ ssml }];
  }
};

const itemsOf = (nodes: readonly Node[], reading: Reading): readonly PromptItem[] => nodes.flatMap((node) => {
  const [name] = Object.keys(node).filter((key) => key !== ':@');
  const attributes = (node[':@'] ?? {}) as Readonly<Record<string, string>>;
  if (name === undefined || name.startsWith('?')) return [];
  if (name === '#text') return [{ text: String(node[name]) }];
  if (name === 'break') return [{ silenceMs: millisecondsOf(attributes) }];
  if (name === 'audio' && attributes['src'] !== undefined) return [{ audio: attributes['src'] }];
  if (name === 'sub' && attributes['alias'] !== undefined) return [{ text: attributes['alias'] }];
  const items = itemsOf(node[name] as readonly Node[], reading);
  if (name === 'p' || name === 's') return [...items, { text: ' ' }];
  return name === 'say-as' ? items.map((item) => ('text' in item ? { text: reading(item.text, attributes['interpret-as'] ?? '', attributes['format']) } : item)) : items;
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

/** How long a pause is that says how strong it is. */
const strengthsMs: Readonly<Partial<Record<string, number>>> = { none: 0, 'x-weak': 250, weak: 500, medium: 750, strong: 1_000, 'x-strong': 1_250 };

const millisecondsOf = ({ time = '', strength = 'medium' }: { readonly time?: string; readonly strength?: string }): number => {
  const [, value, unit] = /^\+?(\d+\.?\d*|\.\d+)(ms|s)$/.exec(time.trim()) ?? [];
  return value === undefined ? (strengthsMs[strength] ?? 750) : Number(value) * (unit === 's' ? 1_000 : 1);
};
