/**
 * Display — the telephone's own: with whom, how long, and how the sound stands.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Doings } from './doings.ts';
import { Icon, type IconName } from './icons.tsx';
import { Level } from './level.tsx';
import { isOpen, type Page, shownCall } from './model.ts';
import type { CallShown } from './protocol.ts';
import { botAdvice, soundTroubles } from './sentences.ts';
import { minutes, span } from './times.ts';

interface Props {
  readonly page: Page;
  readonly doings: Doings;
}

export function Display({ page, doings }: Props): JSX.Element {
  const call = shownCall(page);
  return (
    <div class="display">
      {call === undefined ? <Idle page={page} /> : <OnCall page={page} doings={doings} call={call} />}
    </div>
  );
}

const Idle = ({ page: { bot, link } }: { readonly page: Page }): JSX.Element => (
  <>
    <p class="display-small">{link.is === 'open' ? 'Ready to dial' : 'Not connected'}</p>
    <p class="display-name">{bot?.name ?? 'No bot yet'}</p>
    <p class="display-small">{bot === undefined ? 'The phone process says which bot it is.' : botAdvice[bot.state]}</p>
  </>
);

const headline: Readonly<Record<CallShown['state'], string>> = { offered: 'It rings', dialing: 'Calling…', talking: 'On the line', over: 'Call ended' };

const OnCall = ({ page, doings, call }: Props & { readonly call: CallShown }): JSX.Element => (
  <>
    <p class="display-row">
      <span class="display-small" role="status">{headline[call.state]}</span>
      <span class="display-time">{call.state === 'talking' ? <Talked began={call.began} /> : call.state === 'over' && call.lengthMs !== undefined ? span(call.lengthMs) : ''}</span>
    </p>
    <p class="display-name">{page.bot?.name ?? 'Bot'}</p>
    <p class="display-small">
      {call.state === 'over' ? (call.ended ?? 'It is over.') : `${call.service} · ${call.direction === 'inbound' ? `from ${call.from}` : `to ${call.to}`}${call.language === undefined ? '' : ` · ${call.language}`}`}
    </p>
    {isOpen(call) && call.state !== 'offered' && <SoundLine page={page} doings={doings} call={call} />}
  </>
);

function Talked({ began }: { readonly began: number }): JSX.Element {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 500);
    return () => window.clearInterval(timer);
  }, [began]);
  return <>{minutes(now - began)}</>;
}

/** How the sound of the call stands, and the way to it. */
function SoundLine({ page: { sound, offer }, doings, call }: Props & { readonly call: CallShown }): JSX.Element {
  const own = sound?.callId === call.id ? sound : undefined;
  const canTake = offer?.line.ready === true && (own === undefined || own.is === 'off' || own.trouble !== undefined);
  const [icon, words]: readonly [IconName, string] =
    own?.is === 'connecting' ? ['line', 'The sound is being connected…']
    : own?.is === 'on' && !own.microphone ? ['speaker', 'You only listen']
    : own?.is === 'on' && own.muted ? ['muted', 'The microphone is muted']
    : own?.is === 'on' ? ['microphone', 'Microphone and loudspeaker are on']
    : offer?.line.ready !== true ? ['quiet', 'No sound: read and type']
    : call.sound ? ['quiet', 'The sound is in another window']
    : ['quiet', 'The sound is not on this call'];
  return (
    <>
      <p class="display-row display-sound">
        <span class="display-small with-icon"><Icon name={icon} />{words}</span>
        {own?.is === 'on' && own.microphone && <Level read={() => (own.muted ? 0 : doings.level())} />}
      </p>
      {own?.trouble !== undefined && <p class="display-small display-trouble" role="alert">{soundTroubles[own.trouble]}</p>}
      {canTake && <button type="button" class="display-button" onClick={() => doings.takeSound(call.id)}>Take the call here</button>}
    </>
  );
}
