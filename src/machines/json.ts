/**
 * JSON — what survives a snapshot: whatever is kept of a call between two events has to come back as it was.
 *
 * @module
 */

/** The path of the first value in `value` that would not come back from JSON as it is; undefined when all would. */
export const notJson = (value: unknown, path: string, above: readonly unknown[] = []): string | undefined => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : path;
  if (typeof value !== 'object' || above.includes(value)) return path;
  const isList = Array.isArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isList && prototype !== Object.prototype && prototype !== null) return path;
  const entries = Object.entries(value);
  if (isList && entries.length !== value.length) return path; // holes would come back as null
  const within = [...above, value];
  for (const [key, item] of entries) {
    if (item === undefined && !isList) continue; // an absent key reads the same as an undefined one
    const problem = notJson(item, `${path}.${key}`, within);
    if (problem !== undefined) return problem;
  }
  return undefined;
};
