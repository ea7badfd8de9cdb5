/**
 * Check child — a process that checks the bot once, as `callchart check` does, and says what it has found.
 *
 * It is one of its own, because a check keeps its process busy, and calls must not wait for it.
 *
 * @module
 */
import { checkBot } from '../check.ts';
import { serviceNamed } from '../services.ts';
import type { CheckTold } from './bot-talk.ts';

const [path = '.', service = 'botframework'] = process.argv.slice(2);

const look = async (): Promise<CheckTold> => {
  const { findings } = await checkBot(path, serviceNamed(service), []);
  return { type: 'checked', findings: findings.flatMap(({ finding }) => (finding.waived === undefined ? [finding] : [])) };
};

process.on('disconnect', () => process.exit(0)); // nobody is left to tell
process.on('SIGINT', () => {}); // the phone process says when it is time
const told = await look().catch((error: unknown): CheckTold => ({ type: 'unchecked', sentence: error instanceof Error ? error.message : String(error) }));
process.send?.(told, () => process.exit(0));
