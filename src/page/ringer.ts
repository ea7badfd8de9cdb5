/**
 * Ringer — the bell of the telephone: two tones, a second long, again and again.
 *
 * @module
 */

const tones = [440, 480] as const;
const [ringMs, everyMs] = [1_000, 3_000];
const loudness = 0.05;
const edgeSeconds = 0.03;

/** Rings until the function that it returns is called. A browser that wants a click first stays quiet. */
export function ring(): () => void {
  if (typeof AudioContext === 'undefined') return () => {};
  const context = new AudioContext();
  const strike = (): void => {
    const gain = new GainNode(context, { gain: 0 });
    gain.connect(context.destination);
    const from = context.currentTime;
    const to = from + ringMs / 1000;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(loudness, from + edgeSeconds);
    gain.gain.setValueAtTime(loudness, to - edgeSeconds);
    gain.gain.linearRampToValueAtTime(0, to);
    for (const frequency of tones) {
      const tone = new OscillatorNode(context, { frequency });
      tone.connect(gain);
      tone.start(from);
      tone.stop(to);
      sounding.add(tone);
      tone.addEventListener('ended', () => sounding.delete(tone));
    }
  };
  const sounding = new Set<OscillatorNode>();
  strike();
  const timer = window.setInterval(strike, everyMs);
  return () => {
    window.clearInterval(timer);
    for (const tone of sounding) tone.stop();
    window.setTimeout(() => void context.close().catch(() => {}), 200);
  };
}
