/**
 * Transcript — what was said and done in the call that is looked at, up to where somebody stands in it.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Entered, entriesAt } from './call-log.ts';
import { type EntryShown, shownAs } from './entry-words.ts';
import { type Page, shownCall, shownLog } from './model.ts';
import { Recording } from './recording.tsx';
import { minutes } from './times.ts';

export function Transcript({ page }: { readonly page: Page }): JSX.Element {
  const log = shownLog(page);
  const entries = entriesAt(log, page.standing);
  const hidden = log.moments.filter(({ kind }) => kind === 'entry').length - entries.length;
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (box.current !== null && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [entries.length, page.shown]);
  const scrolled = (): void => {
    if (box.current !== null) isAtEnd.current = box.current.scrollHeight - box.current.scrollTop - box.current.clientHeight < 48;
  };
  return (
    <section class="card transcript" aria-label="Transcript">
      <div class="card-head">
        <h2>Transcript</h2>
        {hidden > 0 && <span class="dim small-text">{hidden} later</span>}
      </div>
      <div class="entries" ref={box} onScroll={scrolled} role="log" aria-live="polite" aria-label="What is said and done" tabIndex={0}>
        {entries.length === 0 && <p class="empty">{shownCall(page) === undefined ? 'What you and the bot say appears here.' : 'Nothing has happened yet.'}</p>}
        {entries.map((moment) => <Line key={moment.n} moment={moment} />)}
      </div>
    </section>
  );
}

function Line({ moment: { entry, audio } }: { readonly moment: Entered }): JSX.Element {
  const shown = shownAs(entry);
  const time = <span class="time">{minutes(entry.at)}</span>;
  if (shown.as === 'note') return <p class="note" data-tone={shown.tone}><span>{shown.text}</span>{time}</p>;
  return (
    <div class="said" data-side={shown.side} data-means={shown.means}>
      <span class="unseen">{shown.side === 'bot' ? 'Bot: ' : 'You: '}</span>
      <div class="bubble" dir="auto">
        {shown.means === 'chat' && <span class="bubble-kind">chat</span>}
        <Said shown={shown} />
        {audio !== undefined && <Recording path={audio} label={shown.text} />}
      </div>
      {time}
    </div>
  );
}

function Said({ shown }: { readonly shown: Extract<EntryShown, { readonly as: 'bubble' }> }): JSX.Element {
  if (shown.means === 'keys') return <span class="keycaps">{[...shown.text].map((key, at) => <kbd key={at}>{key}</kbd>)}</span>;
  return <span class={shown.means === 'sound' ? 'bubble-sound' : undefined}>{shown.text}</span>;
}
