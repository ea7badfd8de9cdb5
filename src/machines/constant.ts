/**
 * Constant — what follows from a bot and its own parameters, the same at every call, made once.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** `derive`, made once for each object. */
export const onceFor = <O extends object, R>(derive: (object: O) => R): ((object: O) => R) => {
  const made = new WeakMap<O, { readonly result: R }>();
  return (object) => {
    const known = made.get(object) ?? { result: derive(object) };
    made.set(object, known);
    return known.result;
  };
};

/**
 * `derive`, made once for each frozen object and key, and frozen as well. Frozen parameters are the bot's own
 * (`states/question.ts`); those that were computed are another object each time, and nothing of them is kept.
 */
export const oncePer = <P extends object, K, R extends object>(derive: (params: P, key: K) => R): ((params: P, key: K) => R) => {
  const made = new WeakMap<P, Map<K, R>>();
  return (params, key) => {
    if (!Object.isFrozen(params)) return derive(params, key);
    const byKey = made.get(params) ?? new Map<K, R>();
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const fresh = Object.freeze(derive(params, key));
    made.set(params, byKey.set(key, fresh));
    return fresh;
  };
};
