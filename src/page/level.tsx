/**
 * Level — how loud the microphone hears it.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const bars = 7;

export function Level({ read }: { readonly read: () => number }): JSX.Element {
  const box = useRef<HTMLSpanElement>(null);
  const reading = useRef(read);
  reading.current = read;
  useEffect(() => {
    let frame = 0;
    const show = (): void => {
      const lit = Math.ceil(Math.min(1, reading.current()) * bars);
      [...(box.current?.children ?? [])].forEach((bar, at) => bar.toggleAttribute('data-lit', at < lit));
      frame = requestAnimationFrame(show);
    };
    show();
    return () => cancelAnimationFrame(frame);
  }, []);
  return <span class="level" ref={box} aria-hidden="true">{Array.from({ length: bars }, (_, at) => <i key={at} />)}</span>;
}
