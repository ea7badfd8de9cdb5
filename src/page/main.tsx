/**
 * Main — opens the phone and shows the page.
 *
 * @module
 */
import { render } from 'preact';
import { App } from './app.tsx';
import { openPhone } from './doings.ts';
import { showTheme } from './theme.tsx';

showTheme();
const root = document.getElementById('page');
if (root !== null) render(<App phone={openPhone()} />, root);
