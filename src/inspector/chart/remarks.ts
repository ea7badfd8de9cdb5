/**
 * Remarks — what the check and the compiler say of a bot, put on the states of its chart.
 *
 * Findings name a state as people do (`pin/ask` is a state of the dialog that runs in `pin`), the source by its machine and path; a drawing by an id.
 *
 * @module
 */
import type { Finding } from '../../machines/check/finding.ts';
import type { ChartDrawing, ChartRemark, DrawnState, SourcePlace } from './drawing.ts';
import { boxId, placeOf } from './figure.ts';
import type { WrittenState } from './source.ts';

/** A mistake that the compiler found. */
export interface CompileMistake {
  /** In the framework's own words, where it has some. */
  readonly message: string;
  readonly source: SourcePlace;
  /** The state that it stands in. */
  readonly state?: WrittenState;
}

/** `finding` over the drawing: at its state, and where that is written. */
export const remarkOfFinding = ({ state, severity, message }: Pick<Finding, 'state' | 'severity' | 'message'>, { states }: ChartDrawing): ChartRemark => {
  const id = idOfName(state, states);
  const source = id === undefined ? undefined : states[id]?.source;
  return { ...(id !== undefined && { state: id }), severity, from: 'check', message, ...(source !== undefined && { source }) };
};

/** `mistake` over the drawing: at the line that the compiler names. */
export const remarkOfMistake = ({ message, source, state }: CompileMistake, { states }: ChartDrawing): ChartRemark => {
  const id = state === undefined ? undefined : Object.keys(states).find((one) => isWritten(states[one], state));
  return { ...(id !== undefined && { state: id }), severity: 'error', from: 'compiler', message, source };
};

/** In a library a dialog goes by the library's name and its own. */
const isWritten = (drawn: DrawnState | undefined, { chart, path }: WrittenState): boolean =>
  drawn?.title === path && (drawn.chart === chart || drawn.chart.slice(drawn.chart.lastIndexOf(':') + 1) === chart);

/** The id of the state that people call `name`; of several regions (`a.x+b.y`) the first. */
const idOfName = (name: string, states: ChartDrawing['states']): string | undefined => {
  const runs = name.split('/');
  const [first = ''] = (runs.pop() ?? '').split('+');
  const place = runs.reduce(placeOf, '');
  const id = within(first).map((path) => boxId(place, path)).find((one) => states[one] !== undefined);
  if (id !== undefined || name === '') return id;
  // What a bot is refused for is said of a dialog by the dialog's own names.
  const [only, ...others] = Object.keys(states).filter((one) => states[one]?.title === name);
  return others.length === 0 ? only : undefined;
};

/** `order.pin`, `order`: a state and those around it. */
const within = (path: string): readonly string[] => (path.includes('.') ? [path, ...within(path.slice(0, path.lastIndexOf('.')))] : [path]);
