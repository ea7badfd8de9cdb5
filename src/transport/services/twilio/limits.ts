/**
 * Limits — the rules that Twilio holds a document to, checked on its text.
 *
 * `callchart validate twilio` checks any file with it. A document that `encode` wrote breaks none.
 *
 * @module
 */
import { twilioDialect } from './dialect.ts';
import { type Violation, violationsIn } from './twiml.ts';
import { readDocument } from './xml.ts';

/** The rules that the document `text` breaks; none where Twilio takes it. An empty one says that there is nothing to do. Never throws. */
export const validateTwiml = (text: string): readonly Violation[] => {
  if (text.trim() === '') return [];
  if (Buffer.byteLength(text) > twilioDialect.longestDocumentBytes) return [{ rule: 'X-64K', path: '' }];
  const root = readDocument(text);
  if (root === undefined) return [{ rule: 'X-XML', path: '' }];
  return root.name === 'Response' ? violationsIn(root) : [{ rule: 'X-ROOT', path: `/${root.name}` }];
};

/** The verbs of a legal document, in order. */
export const verbsIn = (text: string): readonly string[] => readDocument(text)?.children.flatMap((child) => (typeof child === 'string' ? [] : [child.name])) ?? [];
