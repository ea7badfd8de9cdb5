/**
 * Phones — `callchart dev` for the tests of one file: each bot is served once, and every test has a page of its own there. A call is over when its
 * test is, so that the next page meets none.
 *
 * @module
 */
import type { RunOptions } from '../cli/run.ts';
import { type DevPhone, startDev } from '../cli/dev-page.ts';

export interface Phones {
  /** The phone of `bot`; the same as before with the same `env`. */
  of(bot: string, env?: RunOptions['env']): Promise<DevPhone>;
  stop(): Promise<void>;
}

export function phones(): Phones {
  const begun = new Map<string, Promise<DevPhone>>();
  return {
    of: (bot, env = {}) => {
      const name = JSON.stringify([bot, env]);
      const phone = begun.get(name) ?? startDev(bot, { env });
      begun.set(name, phone);
      return phone;
    },
    stop: async () => {
      for (const phone of begun.values()) await (await phone).stop('SIGINT');
      begun.clear();
    },
  };
}
