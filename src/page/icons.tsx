/**
 * Icons — small drawings in lines, in the colour of the words beside them. They say nothing to who cannot see them: the words do.
 *
 * @module
 */
import type { JSX } from 'preact';

const drawings = {
  phone: 'M6.6 3.5 9 3l1.9 4.4-2 1.7a12.5 12.5 0 0 0 6 6l1.7-2L21 15l-.5 2.4a3.2 3.2 0 0 1-3.4 2.5A15.6 15.6 0 0 1 4.1 6.9a3.2 3.2 0 0 1 2.5-3.4Z',
  ends: 'M3.2 14.8c-.9-1.2-1-2.7 0-3.7 4.8-4.8 12.8-4.8 17.6 0 1 1 .9 2.5 0 3.7l-1.2 1.4-4.2-1.6-.2-2.7a11 11 0 0 0-6.4 0l-.2 2.7-4.2 1.6Z',
  microphone: 'M12 3a2.8 2.8 0 0 0-2.8 2.8v5.6a2.8 2.8 0 0 0 5.6 0V5.8A2.8 2.8 0 0 0 12 3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21',
  muted: 'M14.8 8.5V5.8a2.8 2.8 0 0 0-5.5-.8M9.2 9.2v2.2a2.8 2.8 0 0 0 4.3 2.4M5.5 11a6.5 6.5 0 0 0 10.3 5.3M18.5 11c0 1-.2 2-.6 2.8M12 17.5V21M4 4l16 16',
  silent: 'M5.5 4.5h13a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5H12l-4.5 4v-4h-2A1.5 1.5 0 0 1 4 14V6a1.5 1.5 0 0 1 1.5-1.5ZM8.5 10h.01M12 10h.01M15.5 10h.01',
  send: 'M12 19V5M5.5 11.5 12 5l6.5 6.5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  follow: 'M12 3v4M12 17v4M3 12h4M17 12h4M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  first: 'M6 5v14M18.5 6 10 12l8.5 6Z',
  back: 'M16 5.5 7.5 12l8.5 6.5Z',
  forward: 'M8 5.5 16.5 12 8 18.5Z',
  last: 'M18 5v14M5.5 6 14 12l-8.5 6Z',
  system: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 3.5v17M14.5 4v16M17 5.2v13.6M19.3 7.8v8.4',
  light: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  dark: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
  close: 'M6 6l12 12M18 6 6 18',
  copy: 'M9 9h10.5v10.5H9ZM5.5 15H4.5V4.5H15v1',
  done: 'M5 12.5l4.5 4.5L19 7.5',
  play: 'M8 5.5 18 12 8 18.5Z',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  inward: 'M18 6 7 17M7 8.5V17h8.5',
  outward: 'M6 18 17 7M17 15.5V7H8.5',
  speaker: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
  quiet: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM16 9.5l5 5M21 9.5l-5 5',
  warning: 'M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17v.01',
  error: 'M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3ZM12 7.5v5.5M12 16.2v.01',
  covered: 'M4 12.5l3 3L12.5 9M12 15.5l1 1L21 8',
  down: 'M6 9.5l6 6 6-6',
  line: 'M3 12h3l2.5-6 4 12L16 9l1.5 3H21',
} as const;

export type IconName = keyof typeof drawings;

export const Icon = ({ name, solid }: { readonly name: IconName; readonly solid?: boolean }): JSX.Element => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false" data-solid={solid}>
    <path d={drawings[name]} />
  </svg>
);

/** The sign of the house: two states, and the call that goes from one to the other. */
export const Sign = (): JSX.Element => (
  <svg class="sign" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path d="M8 11.5C8 22 14 25 21 24" />
    <rect x="3" y="4" width="10.5" height="8" rx="4" />
    <rect x="18.5" y="20" width="10.5" height="8" rx="4" class="sign-now" />
  </svg>
);
