/**
 * Source view — where a state is written.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { SourceLines } from './source-lines.tsx';

export interface SourceViewProps {
  readonly place: { readonly title: string; readonly file: string; readonly line: number };
  /** Absent until it has come. */
  readonly text: string | undefined;
  readonly close: () => void;
}

export function SourceView({ place: { title, file, line }, text, close }: SourceViewProps): JSX.Element {
  const shut = useRef<HTMLButtonElement>(null);
  const from = useRef(document.activeElement);
  useEffect(() => {
    shut.current?.focus({ preventScroll: true });
    const keyed = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') close();
    };
    window.addEventListener('keydown', keyed);
    return () => {
      window.removeEventListener('keydown', keyed);
      const before = from.current;
      if (before instanceof HTMLElement || before instanceof SVGElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside class="source" aria-label={`Source of ${title}`}>
      <div class="source-head">
        <div>
          <h2>{title}</h2>
          <p class="dim small-text mono">{file}:{line}</p>
        </div>
        <button type="button" class="quiet-button" ref={shut} onClick={close} aria-label="Close the source"><Icon name="close" /></button>
      </div>
      {text === undefined ? <p class="empty">The file is on its way.</p> : <SourceLines text={text} line={line} />}
    </aside>
  );
}
