/**
 * JSON — what survives a snapshot: whatever is kept of a call between two events has to come back as it was.
 *
 * @module
 */

/** Whether `object` has an enumerable property, without a list of them. */
export const hasEntries = (object: object | undefined): boolean => {
  for (const _ in object) return true;
  return false;
};

/** The objects that a value stands in, innermost first: none of them may stand in itself. */
interface Within {
  readonly object: object;
  readonly within: Within | undefined;
}

/** The path of the first value in `value` that would not come back from JSON as it is; undefined when all would. */
export const notJson = (value: unknown, path: string, within?: Within): string | undefined => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : path;
  if (typeof value !== 'object') return path;
  for (let around = within; around !== undefined; around = around.within) if (around.object === value) return path;
  return Array.isArray(value) ? notJsonList(value, path, { object: value, within }) : notJsonFields(value, path, { object: value, within });
};

const notJsonList = (list: readonly unknown[], path: string, within: Within): string | undefined => {
  if (Object.keys(list).length !== list.length) return path; // a hole would come back as null, and a name beside the items not at all
  for (let index = 0; index < list.length; index += 1) {
    const problem = notJson(list[index], `${path}.${index}`, within);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const notJsonFields = (fields: object, path: string, within: Within): string | undefined => {
  const prototype: unknown = Object.getPrototypeOf(fields);
  if (prototype !== Object.prototype && prototype !== null) return path;
  for (const key of Object.keys(fields)) {
    const item = (fields as Readonly<Record<string, unknown>>)[key];
    if (item === undefined) continue; // an absent key reads the same as an undefined one
    const problem = notJson(item, `${path}.${key}`, within);
    if (problem !== undefined) return problem;
  }
  return undefined;
};
