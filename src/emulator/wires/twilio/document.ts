/**
 * Document — what a bot answers, read as TwiML: the verbs in order, or why the service cannot carry it out.
 *
 * @module
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { type ElementRule, foreignVerbs, nouns, verbs } from './verbs.ts';

/** One element. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** All text in it, without the blanks around; between elements one blank. */
  readonly text: string;
  /** Whether it is a verb that is not carried out here. */
  readonly isForeign?: true;
}

/** A document, or the number and the words of the error that it is. */
export type Read = { readonly verbs: readonly Element[] } | { readonly code: number; readonly problem: string };

/** The longest document, bytes. */
const longest = 64 * 1024;

const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false, parseAttributeValue: false, trimValues: false, ignoreDeclaration: true, ignorePiTags: true, cdataPropName: '#cdata' });

/** Reads `body`. What is no XML may be sound or plain words. Never throws. */
export const readDocument = (body: string, contentType: string): Read => {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (Buffer.byteLength(body) > longest) return { code: 11_750, problem: 'the document is longer than 64 KB' };
  if (type.startsWith('audio/')) return { verbs: [{ name: 'Play', attributes: {}, children: [], text: 'what the bot answered' }] };
  if (type === 'text/plain') return { verbs: [{ name: 'Say', attributes: {}, children: [], text: body.trim() }] };
  if (!['text/xml', 'application/xml', 'text/html'].includes(type)) return { code: 12_300, problem: `the content type ${type === '' ? 'is missing' : `\`${type}\` is none of a document`}` };
  return readTwiml(body);
};

/** Reads `body`, which is said to be TwiML. Never throws. */
export const readTwiml = (body: string): Read => {
  if (Buffer.byteLength(body) > longest) return { code: 11_750, problem: 'the document is longer than 64 KB' };
  const nodes = parsed(body.trim());
  const root = nodes?.find((node) => nameOf(node) !== '#text');
  if (nodes === undefined || root === undefined) return { code: 12_100, problem: 'the document is no XML' };
  if (nameOf(root) !== 'Response') return { code: 12_100, problem: 'the document does not begin with `Response`' };
  const { children, text } = elementOf(root);
  if (text !== '' && children.length === 0) return { code: 12_100, problem: 'text stands beside the verbs' };
  for (const verb of children) {
    const problem = verbs[verb.name] === undefined && !foreignVerbs.includes(verb.name) ? `there is no verb \`${verb.name}\`` : problemOf(verb);
    if (problem !== undefined) return { code: 12_200, problem };
  }
  return { verbs: children.map((verb) => (verbs[verb.name] === undefined ? { ...verb, isForeign: true } : verb)) };
};

type Node = Readonly<Record<string, unknown>>;

const parsed = (body: string): readonly Node[] | undefined => {
  if (body === '' || /<!DOCTYPE/i.test(body) || XMLValidator.validate(body) !== true) return undefined;
  try {
    return parser.parse(body) as readonly Node[];
  } catch {
    return undefined;
  }
};

const nameOf = (node: Node): string => Object.keys(node).find((key) => key !== ':@') ?? '';

function elementOf(node: Node): Element {
  const name = nameOf(node);
  const inside = node[name] as readonly Node[];
  return {
    name,
    attributes: (node[':@'] ?? {}) as Element['attributes'],
    children: inside.filter((one) => !nameOf(one).startsWith('#')).map(elementOf),
    text: textOf(inside),
  };
}

/** The words in `nodes`. Where elements are among them there is no telling what a voice makes of blanks. */
function textOf(nodes: readonly Node[]): string {
  const texts = nodes.map((node) => {
    const name = nameOf(node);
    if (name === '#text') return String(node[name]);
    return ` ${textOf(node[name] as readonly Node[])} `;
  });
  const isPlain = nodes.every((node) => nameOf(node).startsWith('#'));
  return isPlain ? nodes.map((node) => (nameOf(node) === '#cdata' ? textOf(node['#cdata'] as readonly Node[]) : String(node['#text']))).join('').trim() : texts.join('').replace(/\s+/g, ' ').trim();
}

/** The first thing in `element` that no document may have. */
function problemOf(element: Element): string | undefined {
  const rule: ElementRule | undefined = nouns[element.name];
  if (rule === undefined || foreignVerbs.includes(element.name)) return undefined;
  const attribute = Object.keys(element.attributes).find((name) => !rule.attributes.includes(name));
  if (attribute !== undefined) return `\`${element.name}\` has no attribute \`${attribute}\``;
  for (const child of element.children) {
    if (rule.holds?.includes(child.name) !== true) return `\`${child.name}\` has no place in \`${element.name}\``;
    const problem = problemOf(child);
    if (problem !== undefined) return problem;
  }
  return rule.text === undefined && element.children.length === 0 && element.text !== '' ? `there is no text in \`${element.name}\`` : undefined;
}
