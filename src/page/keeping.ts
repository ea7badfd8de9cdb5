/**
 * Keeping — what this browser remembers of the page: what was set before a call, and light or dark.
 *
 * A browser that remembers nothing is one as well.
 *
 * @module
 */
import type { Form } from './model.ts';

const read = (name: string): string | undefined => {
  try {
    return window.localStorage.getItem(`callchart.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
};

const write = (name: string, text: string): void => {
  try {
    window.localStorage.setItem(`callchart.${name}`, text);
  } catch {
    // It is as good as not set.
  }
};

/** What was set before, but for a bad line: that one is set on purpose. */
export function kept(): Partial<Form> {
  try {
    const { service, from, language } = JSON.parse(read('form') ?? '{}') as Readonly<Record<string, unknown>>;
    return { ...(typeof service === 'string' && { service }), ...(typeof from === 'string' && { from }), ...(typeof language === 'string' && { language }) };
  } catch {
    return {};
  }
}

export const keep = ({ service, from, language }: Form): void => write('form', JSON.stringify({ service, from, language }));

/** `system` follows the machine. */
export type Theme = 'system' | 'light' | 'dark';

export function keptTheme(): Theme {
  const theme = read('theme');
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export const keepTheme = (theme: Theme): void => write('theme', theme);
