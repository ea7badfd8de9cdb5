/**
 * Header — which bot this is and how it stands, what there is of sound, and light or dark.
 *
 * @module
 */
import type { JSX } from 'preact';
import { Sign } from './icons.tsx';
import type { Page } from './model.ts';
import type { BotShown } from './protocol.ts';
import { SoundState } from './sound-state.tsx';
import { ThemeButton } from './theme.tsx';

const states: Readonly<Record<BotShown['state'], string>> = { starting: 'starting', ready: 'ready', failed: 'does not load', down: 'ended' };

export const Header = ({ page: { bot, offer, version } }: { readonly page: Page }): JSX.Element => (
  <header class="header">
    <span class="brand" title={version === undefined ? undefined : `Callchart ${version}`}>
      <Sign />
      <span class="brand-name">Callchart</span>
    </span>
    {bot !== undefined && (
      <div class="bot">
        <h1 class="bot-name">{bot.name}</h1>
        <span class="bot-file">{bot.file}</span>
        <span class="pill" data-tone={bot.state} role="status" aria-label={`The bot is ${states[bot.state]}`} title={bot.pid === undefined ? undefined : `Process ${bot.pid}`}>
          {states[bot.state]}
        </span>
      </div>
    )}
    <div class="header-end">
      {offer !== undefined && <SoundState offer={offer} />}
      <ThemeButton />
    </div>
  </header>
);
