/**
 * Doings — what a person does at the page, as messages to the process and changes of the page; and the page itself, which tells whoever shows it.
 *
 * @module
 */
import { keyTone } from './audio.ts';
import { kept, keep } from './keeping.ts';
import { openLink } from './link.ts';
import { type Beside, emptyPage, type Form, type Happening, isOpen, type Link, next, type Page, shownCall, wanting } from './model.ts';
import type { Standing } from './call-log.ts';
import type { Asked, PlayedAct, Told } from './protocol.ts';
import { soundDesk } from './sound.ts';

/** What a person can do. What is about a call is about the one that is looked at, unless another is named. */
export interface Doings {
  set(form: Partial<Form>): void;
  call(): void;
  ringMe(): void;
  answer(callId: string): void;
  decline(callId: string): void;
  hangUp(callId: string): void;
  press(key: string): void;
  say(words: string): void;
  staySilent(): void;
  party(act: Extract<Asked, { readonly type: 'party' }>['act']): void;
  takeSound(callId: string): void;
  mute(on: boolean): void;
  level(): number;
  show(callId?: string): void;
  stand(standing: Standing): void;
  look(state?: string): void;
  /** Looks at the line of a remark, or no longer. */
  regard(remark?: string): void;
  /** Finds a state on the chart. */
  mark(state: string): void;
  /** Opens what stands beside the chart, or closes it. */
  beside(what?: Beside): void;
  cover(of: Page['covered']): void;
  /** Calls, and the caller does this. */
  play(acts: readonly PlayedAct[]): void;
  dismiss(id: number): void;
  tryNow(): void;
}

export interface Phone {
  readonly doings: Doings;
  page(): Page;
  /** Told whenever the page is another one. */
  watch(changed: (page: Page) => void): () => void;
}

/** The phone, connected with its process. */
export function openPhone(): Phone {
  const watchers = new Set<(page: Page) => void>();
  let page = emptyPage(kept());
  /** The calls that this page has asked for, by its names for them. */
  const placed = new Set<string>();

  function happen(happening: Happening): void {
    page = next(page, happening);
    link.want(wanting(page));
    for (const changed of watchers) changed(page);
  }

  const link = openLink({ onTold, onLink });
  const sound = soundDesk({ tell: (asked) => link.tell(asked), webrtc: () => page.offer?.webrtc === true, onSound: (state) => happen({ type: 'sound', ...(state !== undefined && { sound: state }) }) });

  /** The call that had the sound when the link fell: it has it again where the call is still there. */
  let fallen: string | undefined;

  function onLink(state: Link): void {
    if (state.is === 'lost') fallen ??= page.sound?.callId;
    if (state.is !== 'connecting') sound.drop();
    happen({ type: 'link', link: state });
  }

  function onTold(told: Told): void {
    sound.hear(told);
    happen({ type: 'told', told });
    if (told.type === 'hello' && fallen !== undefined) {
      const call = page.calls[fallen];
      fallen = undefined;
      if (call !== undefined && isOpen(call)) takeSound(call.id);
    }
    if (told.type === 'began' && placed.delete(told.key)) takeSound(told.callId);
  }

  function takeSound(callId: string): void {
    if (page.offer?.line.ready === true) void sound.take(callId);
  }

  /** Asks for a call that the process shall name. */
  function begin(asked: (key: string) => Asked): string | undefined {
    const key = crypto.randomUUID();
    if (!link.tell(asked(key))) return undefined;
    happen({ type: 'begun', key });
    return key;
  }

  function settings(): Pick<Extract<Asked, { readonly type: 'call' }>, 'language' | 'trouble' | 'sound'> {
    const { language, trouble } = page.form;
    return { ...(page.offer?.line.ready === true && { sound: true }), ...(language.trim() !== '' && { language: language.trim() }), ...(Object.keys(trouble).length > 0 && { trouble }) };
  }

  function call(plays?: readonly PlayedAct[]): void {
    const { service, from, modality } = page.form;
    if (service === undefined) return;
    const key = begin((named) => ({ type: 'call', key: named, service, ...settings(), ...(from.trim() !== '' && { from: from.trim() }), ...(modality !== undefined && { modality }), ...(plays !== undefined && { plays }) }));
    if (key !== undefined) placed.add(key);
  }

  /** The call that is looked at, while somebody is on it. */
  const current = (): string | undefined => {
    const call = shownCall(page);
    return call !== undefined && isOpen(call) ? call.id : undefined;
  };

  const doings: Doings = {
    set(form) {
      happen({ type: 'form', form });
      keep(page.form);
    },
    call: () => call(),
    ringMe() {
      const { service, from } = page.form;
      if (service !== undefined) begin((key) => ({ type: 'ring-me', key, service, ...settings(), ...(from.trim() !== '' && { at: from.trim() }) }));
    },
    answer(callId) {
      link.tell({ type: 'answer', callId });
      happen({ type: 'shown', callId });
      takeSound(callId);
    },
    decline: (callId) => void link.tell({ type: 'decline', callId }),
    hangUp: (callId) => void link.tell({ type: 'hangup', callId }),
    press(key) {
      const callId = current();
      if (callId === undefined) return;
      keyTone(key);
      if (!sound.press(callId, key)) link.tell({ type: 'keys', callId, keys: key });
    },
    say(words) {
      const callId = current();
      if (callId !== undefined) link.tell({ type: 'say', callId, words });
    },
    staySilent() {
      const callId = current();
      if (callId !== undefined) link.tell({ type: 'silence', callId });
    },
    party(act) {
      const callId = current();
      if (callId !== undefined) link.tell({ type: 'party', callId, act });
    },
    takeSound,
    mute(on) {
      sound.mute(on);
      happen({ type: 'muted', muted: on });
    },
    level: () => sound.level(),
    show: (callId) => happen({ type: 'shown', ...(callId !== undefined && { callId }) }),
    stand: (standing) => happen({ type: 'stood', standing }),
    look: (state) => happen({ type: 'looked', ...(state !== undefined && { state }) }),
    regard: (id) => happen({ type: 'remarked', ...(id !== undefined && { id }) }),
    mark: (state) => happen({ type: 'marked', state }),
    beside: (beside) => happen({ type: 'beside', ...(beside !== undefined && { beside }) }),
    cover: (covered) => happen({ type: 'covered', covered }),
    play: (acts) => call(acts),
    dismiss: (id) => happen({ type: 'dismissed', id }),
    tryNow: () => link.tryNow(),
  };

  return {
    doings,
    page: () => page,
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
  };
}
