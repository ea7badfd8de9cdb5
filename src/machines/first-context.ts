/**
 * First context — what a machine's context is when its call begins: the author's part, and the framework's beside it.
 *
 * @module
 */
import { type CallData } from './call-context.ts';
import { shared } from './copies.ts';

/** What an author's part may be: data, or a function of what the machine is given. */
type Own = object | ((args: { readonly input: unknown }) => object) | undefined;

/** The author's part of each context that {@link firstContext} has made. */
const owns = shared('ownContexts', () => new WeakMap<object, unknown>());

/** The context of a machine whose author's part is `own`; `given` is what that and the framework make of the machine's input. */
export const firstContext = <I>(own: unknown, given: (input: I | undefined) => { readonly input: unknown; readonly call: CallData }): ((args: { readonly input?: I }) => object) => {
  const made = (args: { readonly input?: I }): object => {
    const { input, call } = given(args.input);
    return Object.assign({}, typeof own === 'function' ? (own as Extract<Own, (args: never) => object>)({ input }) : (own as object | undefined), { call }); // a spread with a field added would be of a hidden class of its own on Node 20
  };
  owns.set(made, own);
  return made;
};

/** The author's part of `context`, which {@link firstContext} has made; any other is itself. */
export const ownContext = (context: unknown): unknown => (typeof context === 'function' && owns.has(context) ? owns.get(context) : context);
