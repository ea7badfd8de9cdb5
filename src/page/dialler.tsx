/**
 * Dialler — what is chosen before a call, and the key that begins it.
 *
 * @module
 */
import type { JSX } from 'preact';
import { BadLine } from './bad-line.tsx';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import type { Page } from './model.ts';

const languages = ['en-US', 'en-GB', 'de-DE', 'es-ES', 'fr-FR', 'it-IT', 'ja-JP', 'nl-NL', 'pl-PL', 'pt-BR', 'zh-CN'];

export function Dialler({ page: { services, form, link, begun }, doings }: { readonly page: Page; readonly doings: Doings }): JSX.Element {
  const service = services.find(({ name }) => name === form.service);
  const isReady = link.is === 'open' && service !== undefined && begun === undefined;
  const refused = services.filter((one) => one.refused !== undefined);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isReady) doings.call();
  };
  return (
    <form class="dialler" onSubmit={submit} aria-label="A new call">
      <label class="field">
        <span>Calling service</span>
        <span class="select">
          <select value={form.service ?? ''} onChange={({ currentTarget }) => doings.set({ service: currentTarget.value })} disabled={services.length === 0} aria-describedby={refused.length > 0 ? 'services-refused' : undefined}>
            {services.map(({ name, refused: why }) => <option key={name} value={name} disabled={why !== undefined}>{why === undefined ? name : `${name} (not possible)`}</option>)}
          </select>
          <Icon name="down" />
        </span>
      </label>
      {refused.length > 0 && (
        <ul class="refused" id="services-refused">
          {refused.map(({ name, refused: why }) => <li key={name}><b>{name}</b>: {why}</li>)}
        </ul>
      )}
      <div class="fields">
        <label class="field">
          <span>Your number</span>
          <input type="text" inputMode="tel" autoComplete="off" spellcheck={false} placeholder="as the service has it" value={form.from} onInput={({ currentTarget }) => doings.set({ from: currentTarget.value })} />
        </label>
        <label class="field">
          <span>Language</span>
          <input type="text" list="languages" autoComplete="off" spellcheck={false} placeholder="none" value={form.language} onInput={({ currentTarget }) => doings.set({ language: currentTarget.value })} />
          <datalist id="languages">{languages.map((tag) => <option key={tag} value={tag} />)}</datalist>
        </label>
      </div>
      {service !== undefined && service.modalities.length > 1 && (
        <fieldset class="segments">
          <legend>You have</legend>
          <div class="segment-row">
            {service.modalities.map((modality, at) => (
              <label key={modality} class="segment">
                <input type="radio" name="modality" value={modality} checked={(form.modality ?? service.modalities[0]) === modality} onChange={() => doings.set({ modality })} />
                <span>{at === 0 && modality === 'audio' ? 'voice' : modality}</span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <BadLine trouble={form.trouble} set={(trouble) => doings.set({ trouble })} />
      <p class="dialler-hint">On the line, <kbd>0</kbd> to <kbd>9</kbd>, <kbd>*</kbd> and <kbd>#</kbd> of your keyboard are the keys of the phone.</p>
      <div class="dialler-keys">
        <button type="submit" class="call-button" disabled={!isReady}>
          <Icon name="phone" solid />
          {begun === undefined ? 'Call' : 'Calling…'}
        </button>
        {service?.places === true && (
          <button type="button" class="button wide" disabled={!isReady} onClick={() => doings.ringMe()}>
            <Icon name="inward" />
            Let the bot call me
          </button>
        )}
      </div>
    </form>
  );
}
