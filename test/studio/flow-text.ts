/** Studio flows written short, as the files that Studio would export. */

/** A widget: its type, its edges, its properties. */
export interface Short {
  readonly type: string;
  /** Event and target; of a split `match <value>` is a branch that wants that value. */
  readonly on?: Readonly<Record<string, string | null>>;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** The file of a flow whose trigger leads as `trigger` says. */
export const flowText = (trigger: Readonly<Record<string, string>>, widgets: Readonly<Record<string, Short>>): string => JSON.stringify(flowOf(trigger, widgets));

export const flowOf = (trigger: Readonly<Record<string, string>>, widgets: Readonly<Record<string, Short>>): { readonly states: readonly object[]; readonly [field: string]: unknown } => ({
  description: 'a test',
  initial_state: 'Trigger',
  flags: { allow_concurrent_calls: true },
  states: [state('Trigger', { type: 'trigger', on: trigger }), ...Object.entries(widgets).map(([name, widget]) => state(name, widget))],
});

const state = (name: string, { type, on = {}, properties = {} }: Short): object => ({ name, type, transitions: Object.entries(on).map(([event, next]) => ({ ...edge(event), ...(next !== null && { next }) })), properties: { offset: { x: 0, y: 0 }, ...properties } });

const edge = (event: string): object => {
  const [, type, value] = /^match(?: (\w+):)? ?(.*)$/.exec(event) ?? [];
  return value === undefined ? { event } : { event: 'match', conditions: [{ friendly_name: value, type: type ?? 'equal_to', value }] };
};

export const say = (words: string, next: string | null = null, more: object = {}): Short => ({ type: 'say-play', on: { audioComplete: next }, properties: { say: words, loop: 1, ...more } });

export const ask = (words: string, on: Readonly<Record<string, string | null>>, more: object = {}): Short => ({ type: 'gather-input-on-call', on, properties: { say: words, timeout: 5, loop: 1, finish_on_key: '#', stop_gather: true, ...more } });

/** A split on what was keyed at `question`, or on any other template. */
export const split = (input: string, on: Readonly<Record<string, string | null>>): Short => ({ type: 'split-based-on', on, properties: { input: input.includes('{') ? input : `{{widgets.${input}.Digits}}` } });

export const set = (name: string, value: string, next: string | null): Short => ({ type: 'set-variables', on: { next }, properties: { variables: [{ key: name, value }] } });

export const request = (success: string | null, failed: string | null): Short => ({ type: 'make-http-request', on: { success, failed }, properties: { method: 'GET', url: 'https://example.com/' } });
