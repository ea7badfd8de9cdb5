// Builds the page of the phone: src/page → dist/page. Whoever serves it may forbid all scripts, styles and pictures but its own.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the page beside what the compiler has written there. */
export const buildPage = (outDir = `${root}dist/page`) =>
  build({
    root: `${root}src/page`,
    configFile: false,
    envDir: false,
    publicDir: false,
    base: './',
    logLevel: 'warn',
    clearScreen: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir,
      // The compiler was there before, and has emptied it.
      emptyOutDir: false,
      target: 'es2022',
      // Colours are written once, for light and for dark: `light-dark()` stays as it is.
      cssTarget: ['chrome125', 'firefox125', 'safari18'],
      modulePreload: { polyfill: false },
      // Whose work is in the bundle, and under which licence.
      license: { fileName: 'licences.md' },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rolldownOptions: { output: { postBanner: '/*! With Preact, © Jason Miller, MIT. The licence is in licences.md beside index.html. */' } },
    },
  });
