/**
 * Bot trouble — a bot that does not load, or has ended: what is wrong, over its chart, with the line that it is about.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import type { BotShown } from './protocol.ts';
import { botAdvice, botTroubles } from './sentences.ts';
import { SourceLines } from './source-lines.tsx';

const linesAround = 3;

export function BotTrouble({ bot, sources }: { readonly bot: BotShown; readonly sources: Readonly<Record<string, string>> }): JSX.Element {
  const { at, trouble, state } = bot;
  const [isAside, setAside] = useState(false);
  useEffect(() => setAside(false), [trouble, at?.line, at?.file]);
  const text = at === undefined ? undefined : sources[at.file];
  return (
    <div class="bot-trouble" data-aside={isAside} role="alert">
      <div class="bot-trouble-card">
        <div class="bot-trouble-head">
          <Icon name="warning" />
          <h2>{botTroubles[state]}</h2>
          <button type="button" class="quiet-button" onClick={() => setAside(!isAside)} aria-expanded={!isAside} aria-label={isAside ? 'Show what is wrong' : 'Look at the chart'}><Icon name={isAside ? 'down' : 'minus'} /></button>
        </div>
        {!isAside && (
          <>
            {trouble !== undefined && <p class="bot-trouble-text mono">{trouble}</p>}
            {at !== undefined && trouble?.includes(`${at.file}:${at.line}`) !== true && <p class="dim small-text mono">{at.file}:{at.line}</p>}
            {at !== undefined && text !== undefined && <SourceLines text={text} line={at.line} around={linesAround} tone="bad" />}
            <p class="small-text">{botAdvice[state]}</p>
          </>
        )}
      </div>
    </div>
  );
}
