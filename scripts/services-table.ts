/**
 * Services table — the table of docs/services.md, made of the code: `npm run docs:services` writes it, and a test holds the page to it.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallActionType, Capability } from '../src/actions/index.ts';
import { callActions } from '../src/actions/index.ts';
import { type Described, described } from './services-described.ts';

const mark = (holds: boolean): string => (holds ? 'yes' : '—');
const seconds = (ms: number | undefined): string => (ms === undefined ? '—' : `${ms / 1000} s`);

const table = (services: readonly Described[]): string => {
  const capabilities: readonly Capability[] = [...(Object.keys(callActions) as CallActionType[]).filter((action) => action !== 'raw'), 'speech'];
  const row = (name: string, of: (one: Described) => string): string => `| ${name} | ${services.map(of).join(' | ')} |`;
  return [
    row('', ({ title }) => title),
    row('---', () => '---'),
    row('named', ({ service }) => `\`${service.name}\``),
    row('style', ({ service }) => service.style),
    ...capabilities.map((capability) => row(`\`${capability}\``, ({ service }) => mark(service.capabilities.has(capability)))),
    row('places calls', ({ service }) => mark(service.place !== undefined)),
    row('can be told something at any time', ({ service }) => mark(service.style === 'command' || service.push !== undefined)),
    row('waits for an answer', ({ service }) => seconds(service.replyWithinMs)),
    row('the filler is heard after', ({ service }) => seconds(service.fillAfterMs ?? service.replyWithinMs - 500)),
    row('words that are no choice', ({ service }) => (service.strayWords === 'unheard' ? 'are not noticed' : '`recognize.nomatch.speech`')),
    row('digits that end by a pause', ({ service }) => (service.pausedDigits === 'lost' ? '`recognize.nomatch.interdigit`' : '`recognize.digits.interdigit`')),
  ].join('\n');
};

const lists = ({ title, facts: { absent, differences, proven } }: Described): string =>
  [
    `### ${title}`, '',
    `Tried with: ${proven}.`, '',
    ...(Object.keys(absent).length === 0 ? [] : ['Never told:', '', ...Object.entries(absent).map(([event, why]) => `- \`${event}\`: ${why}`), '']),
    'Different:', '',
    ...differences.map((what) => `- ${what}`),
  ].join('\n');

/** The part of the page that is made. */
export const servicesTable = (): string => [table(described), ...described.map(lists)].join('\n\n');

export const marks = ['<!-- made by npm run docs:services -->', '<!-- made until here -->'] as const;

/** The page with the part that is made. */
export const withTable = (page: string): string => {
  const [begin, end] = marks;
  return `${page.slice(0, page.indexOf(begin) + begin.length)}\n\n${servicesTable()}\n\n${page.slice(page.indexOf(end))}`;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(import.meta.dirname, '../docs/services.md');
  writeFileSync(file, withTable(readFileSync(file, 'utf8')));
}
