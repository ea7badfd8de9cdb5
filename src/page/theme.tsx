/**
 * Theme — light, dark, or as the machine has it.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { keepTheme, keptTheme, type Theme } from './keeping.ts';

const following: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
const names: Readonly<Record<Theme, string>> = { system: 'as the system has it', light: 'light', dark: 'dark' };

/** Shows the page in the theme that was chosen before. */
export const showTheme = (theme = keptTheme()): void => {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
};

export function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState(keptTheme);
  useEffect(() => {
    showTheme(theme);
    keepTheme(theme);
  }, [theme]);
  return (
    <button type="button" class="quiet-button" onClick={() => setTheme(following[theme])} aria-label={`Colours: ${names[theme]}. Change to ${names[following[theme]]}`} title={`Colours: ${names[theme]}`}>
      <Icon name={theme} />
    </button>
  );
}
