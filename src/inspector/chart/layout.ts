/**
 * Layout — places and sizes for the boxes and arrows of a figure, by ELK's layered algorithm, in Node and without a worker.
 *
 * ELK is large and is loaded when the first chart is drawn.
 *
 * @module
 */
import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import type { Box, BoxKind, Figure, FigureArrow } from './figure.ts';
import { pointingBack } from './reading-order.ts';
import { textWidth, wrapped } from './text-width.ts';

/** A place in a picture, in its units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A place with a size. */
export interface Area extends Point {
  readonly width: number;
  readonly height: number;
}

/** A box with its place. */
export interface PlacedBox {
  readonly box: Box;
  readonly area: Area;
  readonly title: readonly string[];
  readonly remarks: readonly string[];
  /** How many boxes it stands in. */
  readonly depth: number;
}

/** An arrow with its way. */
export interface PlacedArrow {
  /** Absent for the mark that says where a state begins. */
  readonly arrow?: FigureArrow;
  readonly points: readonly Point[];
  readonly label: readonly string[];
  readonly labelAt?: Point;
}

/** A figure with places and sizes. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Each before the boxes in it. */
  readonly boxes: readonly PlacedBox[];
  /** Where the states begin that have others in them. */
  readonly marks: readonly Area[];
  readonly arrows: readonly PlacedArrow[];
}

/** Sizes of a picture that its layout and its text share. */
export const measures = { title: 13, remark: 11, label: 11, line: 15, padding: 12, dot: 12, mark: 8 } as const;

const widest = { title: 230, remark: 210, label: 130 } as const;

const options = {
  'elk.algorithm': 'layered', 'elk.direction': 'DOWN', 'elk.hierarchyHandling': 'INCLUDE_CHILDREN', 'elk.edgeRouting': 'ORTHOGONAL', 'elk.randomSeed': '1',
  'elk.json.shapeCoords': 'ROOT', 'elk.json.edgeCoords': 'ROOT', 'elk.padding': '[top=24,left=24,bottom=24,right=24]',
  'elk.spacing.nodeNode': '28', 'elk.spacing.edgeNode': '16', 'elk.spacing.edgeEdge': '12', 'elk.spacing.edgeLabel': '4', 'elk.spacing.nodeSelfLoop': '14',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30', 'elk.layered.spacing.edgeNodeBetweenLayers': '14', 'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF', 'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
} as const;

/** States side by side stand as their author wrote them. Within states it fails (elkjs 0.12.1). */
const authorsOrder = { 'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES' } as const;

/** With so many arrows ELK takes seconds over the finer points, which nobody sees in a chart of that size. */
const manyArrows = 150;
const hurried = { 'elk.layered.thoroughness': '1' } as const;

let layouter: Promise<ELK> | undefined;

const elk = (): Promise<ELK> => (layouter ??= import('elkjs/lib/elk.bundled.js').then(({ default: bundled }) => new bundled.default()));

/** Lays `figure` out. */
export const layOut = async (figure: Figure): Promise<Layout> => {
  const reached = new Set(figure.arrows.map(({ target }) => target));
  /** A call begins at the top; what nothing leads to stands below, where the call's end does. */
  const placing = ({ kind, id }: Box): Readonly<Record<string, string>> => {
    if (kind === 'start') return { 'elk.layered.layering.layerConstraint': 'FIRST' };
    return kind === 'end' || (kind === 'final' && !reached.has(id)) ? { 'elk.layered.layering.layerConstraint': 'LAST' } : {};
  };
  const texts = new Map<string, Texts>();
  const marks: ElkExtendedEdge[] = [];
  const nodesOf = (boxes: readonly Box[], around: string, initial: readonly string[]): ElkNode[] => [
    ...initial.map((target, index) => {
      const id = `${around}~mark${index}`;
      marks.push({ id: `${id}~`, sources: [id], targets: [target] });
      return { id, width: measures.mark, height: measures.mark };
    }),
    ...boxes.map((box) => {
      const text = textsOf(box);
      texts.set(box.id, text);
      const children = nodesOf(box.boxes, box.id, box.initial);
      return children.length === 0 ? { id: box.id, ...sizeOf(box.kind, text), layoutOptions: placing(box) } : { id: box.id, children, layoutOptions: { ...frameOf(text), ...placing(box) } };
    }),
  ];
  const children = nodesOf(figure.boxes, '', figure.initial);
  const labels = new Map(figure.arrows.map(({ id, label }) => [id, label === '' ? [] : wrapped(label, measures.label, widest.label, 3)]));
  const back = pointingBack(figure);
  const edges = figure.arrows.map(({ id, from, target }): ElkExtendedEdge => ({ id, sources: [back.has(id) ? target : from], targets: [back.has(id) ? from : target], ...labelled(labels.get(id) ?? []) }));
  const placed = await placedBy(figure.arrows.length > manyArrows ? [hurried, authorsOrder] : [authorsOrder, hurried], { id: '~', children, edges: [...marks, ...edges] });

  const areas = new Map<string, Area>();
  const note = (node: ElkNode): void => {
    areas.set(node.id, areaOf(node));
    node.children?.forEach(note);
  };
  placed.children?.forEach(note);
  const ways = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]));
  const placedBoxes = (boxes: readonly Box[], depth: number): readonly PlacedBox[] =>
    boxes.flatMap((box) => [{ box, area: areas.get(box.id) ?? areaOf({}), ...(texts.get(box.id) ?? textsOf(box)), depth }, ...placedBoxes(box.boxes, depth + 1)]);
  const way = (id: string): { readonly points: readonly Point[]; readonly labelAt?: Point } => {
    const edge = ways.get(id);
    const label = edge?.labels?.[0];
    return { points: back.has(id) ? pointsOf(edge).toReversed() : pointsOf(edge), ...(label !== undefined && { labelAt: { x: round(label.x), y: round(label.y) } }) };
  };
  return {
    width: round(placed.width), height: round(placed.height), boxes: placedBoxes(figure.boxes, 0),
    marks: marks.flatMap(({ sources }) => sources.map((id) => areas.get(id) ?? areaOf({}))),
    arrows: [...marks.map(({ id }) => ({ ...way(id), label: [] })), ...figure.arrows.map((arrow) => ({ arrow, ...way(arrow.id), label: labels.get(arrow.id) ?? [] }))],
  };
};

/** Lays `graph` out by the first of `ways` by which ELK can: it has faults, and each of them is a way's own. */
const placedBy = async ([way, ...others]: readonly Readonly<Record<string, string>>[], graph: ElkNode): Promise<ElkNode> => {
  try {
    return await (await elk()).layout({ ...structuredClone(graph), layoutOptions: { ...options, ...way } });
  } catch (error) {
    if (others.length === 0) throw error;
    return placedBy(others, graph);
  }
};

interface Texts {
  readonly title: readonly string[];
  readonly remarks: readonly string[];
}

const textsOf = ({ title, remarks }: Box): Texts => ({ title: wrapped(title, measures.title, widest.title, 2), remarks: remarks.flatMap((remark) => wrapped(remark, measures.remark, widest.remark, 2)) });

const widthOf = ({ title, remarks }: Texts): number => Math.max(...title.map((line) => textWidth(line, measures.title, true)), ...remarks.map((line) => textWidth(line, measures.remark)));

const sizeOf = (kind: BoxKind, text: Texts): { readonly width: number; readonly height: number } => {
  if (kind === 'start') return { width: measures.dot, height: measures.dot };
  const lines = text.title.length + text.remarks.length;
  const sign = kind === 'final' || kind === 'end' || kind === 'history' ? 20 : 0;
  return { width: Math.ceil(Math.max(64, widthOf(text) + 2 * measures.padding + sign)), height: lines * measures.line + 15 };
};

/** A state with others in it has its own words above them. */
const frameOf = (text: Texts): Readonly<Record<string, string>> => {
  const head = (text.title.length + text.remarks.length) * measures.line + 22;
  return {
    ...options, // none of them is handed down
    'elk.padding': `[top=${head},left=18,bottom=18,right=18]`, 'elk.nodeSize.constraints': 'MINIMUM_SIZE',
    'elk.nodeSize.minimum': `(${Math.ceil(widthOf(text) + 2 * measures.padding)},${head + 20})`,
  };
};

const labelled = (lines: readonly string[]): Pick<ElkExtendedEdge, 'labels'> =>
  lines.length === 0 ? {} : { labels: [{ text: lines.join(' '), width: Math.ceil(Math.max(...lines.map((line) => textWidth(line, measures.label)))) + 4, height: lines.length * (measures.line - 2) }] };

const areaOf = ({ x, y, width, height }: { readonly x?: number; readonly y?: number; readonly width?: number; readonly height?: number }): Area => ({ x: round(x), y: round(y), width: round(width), height: round(height) });

const pointsOf = (edge: ElkExtendedEdge | undefined): readonly Point[] =>
  (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x: round(x), y: round(y) })));

/** Tenths will do, and are the same where the last digits of a computation are not. */
const round = (value = 0): number => Math.round(value * 10) / 10;
