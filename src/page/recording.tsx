/**
 * Recording — plays what was recorded.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { minutes } from './times.ts';

export function Recording({ path, label }: { readonly path: string; readonly label: string }): JSX.Element {
  const audio = useRef<HTMLAudioElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [played, setPlayed] = useState({ atMs: 0, ofMs: 0 });
  const follow = (): void => {
    const { currentTime = 0, duration = 0 } = audio.current ?? {};
    setPlayed({ atMs: currentTime * 1000, ofMs: Number.isFinite(duration) ? duration * 1000 : 0 });
  };
  const toggle = (): void => {
    if (isPlaying) audio.current?.pause();
    else void audio.current?.play().catch(() => setPlaying(false));
  };
  return (
    <span class="recording">
      <button type="button" class="round-button" onClick={toggle} aria-label={isPlaying ? `Pause: ${label}` : `Play: ${label}`}>
        <Icon name={isPlaying ? 'pause' : 'play'} solid={!isPlaying} />
      </button>
      <progress class="played" max={Math.max(1, played.ofMs)} value={played.atMs} aria-label={`How much of it is played: ${label}`} />
      <span class="time">{minutes(isPlaying ? played.atMs : played.ofMs)}</span>
      <audio ref={audio} src={path} preload="metadata" onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)} onEnded={() => setPlaying(false)} onTimeUpdate={follow} onLoadedMetadata={follow} />
    </span>
  );
}
