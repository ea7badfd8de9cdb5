/**
 * Countdown — how long the bot still waits.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export function Countdown({ ends, ofMs }: { readonly ends: number; readonly ofMs: number }): JSX.Element {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    const timer = window.setInterval(() => setNow(Date.now()), 100);
    return () => window.clearInterval(timer);
  }, [ends]);
  const left = Math.max(0, Math.min(ofMs, ends - now));
  return (
    <span class="countdown" role="timer" aria-live="off" aria-label={`${Math.ceil(left / 1000)} seconds of silence left`}>
      <span class="countdown-bar" aria-hidden="true"><i style={{ width: `${(left / Math.max(1, ofMs)) * 100}%` }} /></span>
      <span aria-hidden="true">{Math.ceil(left / 1000)} s</span>
    </span>
  );
}
