/**
 * XML — elements as values: written out, and read from text. Knows no element by name.
 *
 * @module
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element. What stands in it keeps its order; text is in clear. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

/** An element with the attributes that have a value. */
export const element = (name: string, attributes: Readonly<Record<string, string | number | boolean | undefined>> = {}, ...children: readonly (Element | string)[]): Element => ({
  name,
  attributes: Object.fromEntries(Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))),
  children,
});

/** The document whose outermost element is `root`. */
export const writeDocument = (root: Element): string => `<?xml version="1.0" encoding="UTF-8"?>${write(root)}`;

const write = ({ name, attributes, children }: Element): string => {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(value, true)}"`)].join(' ');
  return children.length === 0 ? `<${head}/>` : `<${head}>${children.map((child) => (typeof child === 'string' ? escaped(child, false) : write(child))).join('')}</${name}>`;
};

/** What XML 1.0 cannot carry in any way is left out: control characters, halves of characters. */
const unwritable = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** What of `text` XML can carry. */
export const writable = (text: string): string => text.replace(unwritable, '');

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' };

/** A reader turns the breaks of lines in an attribute into blanks. */
const escaped = (text: string, isAttribute: boolean): string => writable(text).replace(isAttribute ? /[&<>"\t\n\r]/g : /[&<>\r]/g, (character) => entities[character] ?? '');

const parser = new XMLParser({
  preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false, parseAttributeValue: false, trimValues: false, ignoreDeclaration: true, ignorePiTags: true, htmlEntities: true,
});

/** The outermost element of `text`; undefined where that is not well-formed, or has a document type or entities of its own. Never throws. */
export const readDocument = (text: string): Element | undefined => {
  const document = text.replace(/^\uFEFF/, '');
  const bare = document.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '').replace(/<!--[\s\S]*?-->/g, '');
  if (/<!DOCTYPE/i.test(bare) || /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});)/i.test(bare) || hasBareLess(bare) || hasUnwritable(document, bare)) return undefined;
  try {
    if (XMLValidator.validate(document) !== true) return undefined;
    const roots = (parser.parse(document) as readonly Parsed[]).filter((node) => !isBlankText(node));
    const [root] = roots;
    const read = root === undefined || roots.length > 1 ? undefined : nodeOf(root);
    return typeof read === 'object' ? read : undefined;
  } catch {
    return undefined; // names that are dangerous in JavaScript, elements that are nested too deeply
  }
};

/** A character that XML does not have, as itself or by its number. */
const hasUnwritable = (document: string, bare: string): boolean =>
  writable(document) !== document ||
  [...bare.matchAll(/&#(?:x([\da-f]+)|(\d+));/gi)].some(([, hex, decimal]) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0x10_ff_ff || writable(String.fromCodePoint(code)) === '';
  });

/** A `<` in the value of an attribute, which the parser lets pass. */
const hasBareLess = (text: string): boolean => /<[^\s<>/!?][^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*(?:"[^"<]*<|'[^'<]*<)/.test(text);

/** A node as the parser gives it: the children under the name, the attributes beside them. */
type Parsed = Readonly<Record<string, unknown>>;

const isBlankText = (node: Parsed): boolean => typeof node['#text'] === 'string' && node['#text'].trim() === '';

const nodeOf = (node: Parsed): Element | string => {
  if ('#text' in node) return String(node['#text']);
  const name = Object.keys(node).find((key) => key !== ':@') ?? '';
  const attributes = Object.entries((node[':@'] ?? {}) as Readonly<Record<string, unknown>>).map(([key, value]) => [key, String(value)] as const);
  return { name, attributes: Object.fromEntries(attributes), children: (node[name] as readonly Parsed[]).map(nodeOf) };
};
