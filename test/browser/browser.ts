/**
 * Browser — the Chromium that tests look at pages with: found, and started with a file of sound as its microphone.
 *
 * Where none can be had, the tests that want one are skipped by name; with `CALLCHART_BROWSER=1` they fail instead.
 *
 * @module
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

export interface BrowserOptions {
  /** A wav file that the microphone hears, over and over; or nobody may have the microphone. Default: one that beeps. */
  readonly microphone?: string | 'refused';
  /** Whether each context says by its permissions whether it may have the microphone, so that one browser does for all. Default: it may, or may not, by `microphone`. */
  readonly byPermission?: boolean;
}

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where Chromium is: as `CHROMIUM_PATH` says, else where Debian has it, else in the `PATH`. */
export function chromiumPath(): string | undefined {
  const told = process.env['CHROMIUM_PATH'];
  if (told !== undefined && told !== '') return told;
  return ['/usr/bin/chromium', ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'chromium'))].find(isProgram);
}

/** Starts it, for the test whose hook calls this as `openBrowser(this)`; whoever does closes it. Skips that test where there is none. */
export async function openBrowser(test: Mocha.Context, { microphone, byPermission = false }: BrowserOptions = {}): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) {
    if (process.env['CALLCHART_BROWSER'] !== '1') return test.skip();
    throw new Error('No Chromium: install it, or say by CHROMIUM_PATH where it is.');
  }
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--autoplay-policy=no-user-gesture-required',
      '--use-fake-device-for-media-stream',
      ...(byPermission ? [] : [`--use-fake-ui-for-media-stream${microphone === 'refused' ? '=deny' : ''}`]),
      ...(microphone === undefined || microphone === 'refused' ? [] : [`--use-file-for-fake-audio-capture=${microphone}`]),
    ],
  });
}
