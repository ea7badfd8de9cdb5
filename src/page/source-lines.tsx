/**
 * Source lines — lines of a file with their numbers, one of them marked.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { inked } from './ink.ts';

export interface SourceLinesProps {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** Only so many lines before and after it. Default: all. */
  readonly around?: number;
  readonly tone?: 'plain' | 'bad';
}

export function SourceLines({ text, line, around = Number.POSITIVE_INFINITY, tone = 'plain' }: SourceLinesProps): JSX.Element {
  const box = useRef<HTMLPreElement>(null);
  const lines = inked(text);
  const first = Math.max(0, line - 1 - around);
  useLayoutEffect(() => {
    const marked = box.current?.querySelector<HTMLElement>('[data-marked]');
    if (box.current !== null && marked !== null && marked !== undefined) box.current.scrollTop = marked.offsetTop - box.current.clientHeight / 2 + marked.clientHeight / 2;
  }, [text, line]);
  return (
    <pre class="source-lines" ref={box} tabIndex={0} aria-label={`Source, line ${line} is marked`} data-tone={tone}>
      {lines.slice(first, line + around).map((pieces, at) => (
        <span class="source-line" key={first + at} {...(first + at + 1 === line && { 'data-marked': '' })}>
          <span class="line-number" aria-hidden="true">{first + at + 1}</span>
          <code>{pieces.map(({ ink, text: piece }, place) => (ink === undefined ? piece : <span key={place} class={`ink-${ink}`}>{piece}</span>))}{'\n'}</code>
        </span>
      ))}
    </pre>
  );
}
