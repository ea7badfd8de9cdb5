/**
 * Sound state — whether prompts are spoken and words are heard; where they are not, why, and what installs it.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { CopyCommand } from './copy-command.tsx';
import { Icon } from './icons.tsx';
import type { SoundOffer } from './protocol.ts';
import { soundSentence } from './sentences.ts';

export function SoundState({ offer }: { readonly offer: SoundOffer }): JSX.Element {
  const sentence = soundSentence(offer);
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const shut = (event: Event): void => {
      if (box.current !== null && event.target instanceof Node && !box.current.contains(event.target)) box.current.open = false;
    };
    document.addEventListener('pointerdown', shut);
    return () => document.removeEventListener('pointerdown', shut);
  }, []);
  const keyed = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && box.current !== null) box.current.open = false;
  };
  return (
    <details class="sound-state" ref={box} onKeyDown={keyed}>
      <summary class="pill" data-tone={sentence === undefined ? 'ready' : 'partly'}>
        <Icon name={offer.line.ready ? 'speaker' : 'quiet'} />
        {sentence === undefined ? 'Sound' : offer.line.ready ? 'Sound, in part' : 'No sound'}
      </summary>
      <div class="popover">
        <p>{sentence ?? 'Prompts are spoken, words are recognised, microphone and loudspeaker reach the call.'}</p>
        {sentence !== undefined && <p class="dim">Text and keys work all the same.</p>}
        {offer.install !== undefined && <CopyCommand command={offer.install} />}
        {offer.install !== undefined && <p class="dim">Then start <code>callchart dev</code> again.</p>}
      </div>
    </details>
  );
}
