/**
 * Figure — a bot and the dialogs that it runs as one tree of boxes with arrows between them, each by an id of its own.
 *
 * A dialog is drawn inside every state that runs it: `login` is the state, `login/ask` a state of its dialog. `/` stands
 * for that and for nothing else, so it is escaped where it is part of a name, and so is `~`, which counts the arrows that
 * leave a state (`login~0`).
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { isMachine } from '../../machines/index.ts';
import { type Chart, type ChartEdge, type ChartNode, chartOf, childrenOf } from '../../machines/draw/chart.ts';
import { arrowsOf, endRemark, ends, remarksOf, titleOf } from '../../machines/draw/wording.ts';

/** What a box looks like: a state with others in it is a `group`, or a `region` where it stands in a parallel one; where a call or a dialog begins is a `start`. */
export type BoxKind = 'plain' | 'group' | 'parallel' | 'region' | 'final' | 'history' | 'start' | 'end' | 'any';

/** What a state is for, as far as its maker says. */
export type BoxWork = 'asks' | 'says' | 'works' | 'connects' | 'leaves' | 'other';

/** A box. */
export interface Box {
  readonly id: string;
  readonly kind: BoxKind;
  readonly work: BoxWork;
  /** The machine that it belongs to. */
  readonly chart: string;
  /** Path of the state in its machine; absent where it is no state of it. */
  readonly path?: string;
  readonly title: string;
  readonly remarks: readonly string[];
  /** Whether it asks a question whose askings are counted. */
  readonly counts: boolean;
  readonly boxes: readonly Box[];
  /** Ids of the boxes in it that are entered with it. */
  readonly initial: readonly string[];
}

/** An arrow. */
export interface FigureArrow {
  readonly id: string;
  readonly from: string;
  readonly target: string;
  readonly label: string;
  /** Whether it is where a history leads by default. */
  readonly byDefault: boolean;
  /** Where its transitions stand: place of the machine, as in {@link placeOf}. */
  readonly place: string;
  readonly edges: readonly ChartEdge[];
}

/** A drawing before it has places and sizes. */
export interface Figure {
  readonly id: string;
  readonly boxes: readonly Box[];
  readonly initial: readonly string[];
  readonly arrows: readonly FigureArrow[];
}

/** The id of the box of the state `path` in the machine that stands at `place`; the place of a bot is the empty text. */
export const boxId = (place: string, path: string): string => `${place}${part(path)}`;

/** The place of the dialog that runs as the actor `run` in the machine at `place`. */
export const placeOf = (place: string, run: string): string => `${place}${part(run)}/`;

/** `text` within an id; what XML has no place for is spelled out as well, so that ids differ wherever names do. */
// eslint-disable-next-line no-control-regex -- these are what XML has no place for
const part = (text: string): string => text.replace(/[%/~\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Cs}|\s/gu, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The figure of `machine`. */
export const figureOf = (machine: AnyStateMachine): Figure => {
  const { boxes, initial, arrows } = drawn(machine, '', []);
  return { id: machine.id, boxes, initial, arrows };
};

type Drawn = Omit<Figure, 'id'>;

const drawn = (machine: AnyStateMachine, place: string, around: readonly AnyStateMachine[]): Drawn => {
  const chart = chartOf(machine);
  const inside = [...around, machine];
  const id = (path: string): string => (path === '' ? anyId(place) : boxId(place, path));
  const dialogs = new Map(chart.nodes.map((node) => [node.path, dialogsIn(machine, node).flatMap(({ run, dialog }) => (inside.includes(dialog) ? [] : [drawn(dialog, placeOf(place, run), inside)]))]));
  const ending = ends(chart);
  const boxOf = (node: ChartNode): Box => {
    const within = dialogs.get(node.path) ?? [];
    const boxes = [...childrenOf(chart, node.path).map(boxOf), ...within.flatMap((dialog) => dialog.boxes)];
    return {
      id: id(node.path), kind: kindOf(node, chart, boxes), work: workOf(node), chart: machine.id, path: node.path, title: titleOf(node), remarks: [...remarksOf(node), ...(ending.includes(node.path) ? [endRemark] : [])], counts: node.entry.some(({ type }) => type === 'call.ask'), boxes,
      initial: [...(node.type === 'history' ? [] : node.initial.map(id)), ...within.flatMap((dialog) => dialog.initial)],
    };
  };
  const arrows = arrowsOf(chart).map(({ from, target, label, edges }) => ({ from, target, label: isBeginning(from, chart, place) ? '' : label, byDefault: false, edges }));
  const defaults = chart.nodes.filter(({ type }) => type === 'history').flatMap(({ path, initial }) => initial.map((target) => ({ from: path, target, label: 'by default', byDefault: true, edges: [] })));
  const counts = new Map<string, number>();
  const numbered = [...arrows, ...defaults].map(({ from, target, ...arrow }): FigureArrow => {
    const count = counts.get(from) ?? 0;
    counts.set(from, count + 1);
    return { ...arrow, id: `${id(from)}~${count}`, from: id(from), target: id(target), place };
  });
  const isFramed = chart.nodes.some(({ framework, path }) => framework && path === 'idle');
  return {
    boxes: [...(arrows.some(({ from }) => from === '') ? [anyBox(machine, place)] : []), ...childrenOf(chart, '').map(boxOf)],
    initial: isFramed ? [] : chart.root.type === 'parallel' ? [] : chart.root.initial.map(id),
    arrows: [...numbered, ...[...dialogs.values()].flat().flatMap((dialog) => dialog.arrows)],
  };
};

/** The transitions of a whole machine leave a box that stands for any of its states. `~` begins no name. */
const anyId = (place: string): string => `${place}~any`;

const anyBox = (machine: AnyStateMachine, place: string): Box => ({ id: anyId(place), kind: 'any', work: 'other', chart: machine.id, title: 'any state', remarks: [], counts: false, boxes: [], initial: [] });

/** The dialogs that `node` runs. */
const dialogsIn = (machine: AnyStateMachine, { runs }: ChartNode): readonly { readonly run: string; readonly dialog: AnyStateMachine }[] =>
  runs.flatMap(({ id, src }) => {
    const logic: unknown = machine.implementations.actors[src];
    return isMachine(logic) ? [{ run: id, dialog: logic }] : [];
  });

/** A dialog begins by itself; what a call begins with is said. */
const isBeginning = (from: string, chart: Chart, place: string): boolean => place !== '' && chart.nodes.some(({ path, framework }) => framework && path === from);

const kindOf = ({ framework, path, type, parent }: ChartNode, chart: Chart, boxes: readonly Box[]): BoxKind => {
  if (framework) return path === 'idle' ? 'start' : 'end';
  if (type === 'parallel' || type === 'final' || type === 'history') return type;
  if (boxes.length === 0) return 'plain';
  return [chart.root, ...chart.nodes].some((node) => node.path === parent && node.type === 'parallel') ? 'region' : 'group';
};

const works: Readonly<Record<string, BoxWork>> = { recognize: 'asks', record: 'asks', raw: 'asks', play: 'says', answer: 'says', hold: 'says', unhold: 'says', transfer: 'connects', createcall: 'connects', hangup: 'leaves', reject: 'leaves' };

/** What is done last is what a state is for: one that says goodbye and hangs up leaves. */
const workOf = ({ entry, runs }: ChartNode): BoxWork =>
  runs.length > 0 ? 'works' : (entry.flatMap(({ type }) => (Object.hasOwn(works, type) ? [works[type] ?? 'other'] : [])).at(-1) ?? 'other');

/** `boxes` with all that are in them, each before those. */
export const everyBox = (boxes: readonly Box[]): readonly Box[] => boxes.flatMap((box) => [box, ...everyBox(box.boxes)]);
