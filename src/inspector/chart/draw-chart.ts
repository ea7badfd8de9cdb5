/**
 * Draw chart — a bot's chart as a picture, with what is known of its states.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { countedFigure } from './coverage.ts';
import type { ChartCoverage, ChartDrawing, DrawnState, SourcePlace } from './drawing.ts';
import { everyBox, figureOf } from './figure.ts';
import { layOut } from './layout.ts';
import type { PlaceOf } from './source.ts';
import { svgOf } from './svg.ts';

/** What a drawing may tell besides. */
export interface DrawChartOptions {
  /** The bot's file: with it each state tells where it is written, as far as that can be found. */
  readonly file?: string;
  /** The same, from one who has read the file already. */
  readonly placeOf?: PlaceOf;
  /** What calls have come by: each state and each transition that is counted says how often, and what was missed looks so. */
  readonly coverage?: ChartCoverage;
}

/** Draws `machine`. The same machine gives the same picture, byte by byte. */
export const drawChart = async (machine: AnyStateMachine, { file, placeOf: known, coverage }: DrawChartOptions = {}): Promise<ChartDrawing> => {
  const plain = figureOf(machine);
  const figure = coverage === undefined ? plain : countedFigure(plain, coverage);
  const [layout, placeOf] = await Promise.all([layOut(figure), known ?? (file === undefined ? undefined : import('./source.ts').then(async ({ readSource }) => (await readSource(file)).placeOf))]);
  const states = everyBox(plain.boxes).flatMap(({ id, path, chart }): readonly (readonly [string, DrawnState])[] => (path === undefined ? [] : [[id, { title: path, chart, ...placedAt(placeOf?.(chart, path)) }]]));
  return { svg: svgOf(layout, machine.id, coverage), states: Object.fromEntries(states) };
};

const placedAt = (source: SourcePlace | undefined): Pick<DrawnState, 'source'> => (source === undefined ? {} : { source });

/** The picture of `machine`, whole in one text. */
export const toSvg = async (machine: AnyStateMachine): Promise<string> => (await drawChart(machine)).svg;
