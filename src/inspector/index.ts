/** Watching calls: the feed to the official XState inspector, lines for a terminal, and charts as pictures with the steps of calls on them. @module */
export { type CallObservation, formatTrail, type Observer } from './observation.ts';
export { type InspectorServer, inspectorServer, type InspectorServerOptions } from './server.ts';
export {
  introduce, protocolVersion, type StatelyActorMessage, type StatelyEvent, type StatelyMessage, type StatelyOptions, type StatelySnapshot, watch, type WatchedCall,
} from './stately.ts';
export { type DrawChartOptions, drawChart, toSvg } from './chart/draw-chart.ts';
export { chartCoverage } from './chart/coverage.ts';
export type { ChartCoverage, ChartDrawing, ChartMoment, DrawnState, SourcePlace } from './chart/drawing.ts';
export { chartMoment } from './chart/moment.ts';
