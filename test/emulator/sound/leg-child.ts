/**
 * A process that opens a leg, closes it and then has nothing more to do, for the test that it ends: `leg-child.ts <when>`.
 *
 * @module
 */
import { openRtc } from '../../../src/emulator/sound/rtc.ts';
import { browserEnd } from './browser-end.ts';
import { sine } from './hearing.ts';

const [when = ''] = process.argv.slice(2);
const end = await browserEnd();
const { answer, leg } = await openRtc(end.offer);

if (when === 'in-the-handshake') {
  void end.take(answer);
  await new Promise<void>((resolve) => setTimeout(resolve, 150));
} else if (when === 'in-a-prompt') {
  await end.take(answer);
  void leg.play(sine(440, 60_000, 8_000));
  await new Promise<void>((heard) => (end.onPacket = () => heard()));
}
await Promise.all([leg.close(), end.close()]);
const closed = performance.now();
process.on('exit', () => process.stdout.write(String(Math.round(performance.now() - closed))));
