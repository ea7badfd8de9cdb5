/**
 * JSON — a value, written so that it can be read.
 *
 * @module
 */
import type { JSX } from 'preact';

const deepest = 40;
/** What is no longer than this stands in one line. */
const short = 36;

export function Json({ value, indent = '' }: { readonly value: unknown; readonly indent?: string }): JSX.Element {
  if (typeof value !== 'object' || value === null) return <span class={`json-${value === null ? 'nothing' : typeof value}`}>{JSON.stringify(value) ?? 'undefined'}</span>;
  const isList = Array.isArray(value);
  const rows = isList ? value.map((one: unknown) => ['', one] as const) : Object.entries(value);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (rows.length === 0) return <>{open}{close}</>;
  const isShort = JSON.stringify(value).length <= short;
  const inner = isShort ? indent : `${indent}  `;
  const [before, after] = isShort ? (isList ? ['', ''] : [' ', ' ']) : [`\n${inner}`, `\n${indent}`];
  return (
    <>
      {open}
      {rows.map(([name, one], at) => (
        <>
          {isShort && at > 0 ? ' ' : before}
          {!isList && <><span class="json-name">{name}</span>{': '}</>}
          {inner.length > deepest ? '…' : <Json value={one} indent={inner} />}
          {at < rows.length - 1 && ','}
        </>
      ))}
      {`${after}${close}`}
    </>
  );
}
