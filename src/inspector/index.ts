/** Watching calls: the feed to the official XState inspector, and lines for a terminal. @module */
export type { ChartDrawing, ChartMoment, DrawnState, SourcePlace } from './chart/drawing.ts';
export { drawChart, type DrawChartOptions } from './chart/draw-chart.ts';
export { chartMoment } from './chart/moment.ts';
export { sourceFiles } from './chart/source.ts';
export { type CallObservation, formatTrail, type Observer } from './observation.ts';
export { type InspectorServer, inspectorServer, type InspectorServerOptions } from './server.ts';
export {
  introduce, protocolVersion, type StatelyActorMessage, type StatelyEvent, type StatelyMessage, type StatelyOptions, type StatelySnapshot, watch, type WatchedCall,
} from './stately.ts';
