/**
 * SSML — an author's `<speak>` document, held to the elements that Twilio speaks.
 *
 * @module
 */
import type { RuleId } from './rules.ts';
import { violationsIn } from './twiml.ts';
import { type Element, element, readDocument } from './xml.ts';

/** What is to be said, or the rule that the document breaks. */
export type Speech = { readonly children: Element['children']; readonly language: string | undefined; readonly length: number } | { readonly broken: RuleId };

/** The content of the document `ssml`. */
export const speech = (ssml: string): Speech => {
  const root = readDocument(ssml);
  if (root === undefined || root.name !== 'speak') return { broken: 'SS-XML' };
  const said = element('Say', {}, ...root.children);
  const [violation] = violationsIn(said);
  if (violation !== undefined) return { broken: broken(violation.rule) };
  return { children: root.children, language: root.attributes['xml:lang'], length: lengthOf(said) };
};

const broken = (rule: RuleId): RuleId => (rule === 'X-ATTRIBUTE' || rule === 'X-VALUE' ? 'SS-ATTRIBUTE' : rule === 'X-CONTENT' ? 'SS-XML' : 'SS-ELEMENT');

/** The characters that are said. */
const lengthOf = ({ children }: Element): number => children.reduce((sum, child) => sum + (typeof child === 'string' ? child.length : lengthOf(child)), 0);
