/**
 * Observe — steps of the engine as observations for inspectors, and as lines for a terminal.
 *
 * @module
 */
import { type CallObservation, formatTrail, inspectorServer } from '../inspector/index.ts';
import type { ServiceEvent } from '../machines/index.ts';
import type { Stepped } from '../transport/index.ts';

/** What `--inspect` starts. */
export interface Inspection {
  readonly onStep: (stepped: Stepped) => void;
  readonly close: () => Promise<void>;
}

/** Starts the inspector on 127.0.0.1 and writes on stderr where it is, and then one line a step. */
export const inspect = async (): Promise<Inspection> => {
  const { page, url, observe, close } = await inspectorServer();
  process.stderr.write(`inspector: ${page}\ninspector feed: ${url}\n`);
  return {
    onStep: (stepped) => {
      const observation = observationOf(stepped);
      observe(observation);
      process.stderr.write(`${formatTrail(observation)}\n`);
    },
    close,
  };
};

/** One step of the engine, as whoever watches is told of it. */
export const observationOf = ({ machine, event, result: { snapshot, batch, trail, moves } }: Stepped): CallObservation => ({
  callId: snapshot.call.id,
  bot: machine.id,
  machine,
  revision: snapshot.revision,
  at: event.at,
  events: eventsOf(event),
  snapshot: snapshot.machine,
  batch,
  trail,
  moves,
  ended: snapshot.ended !== null,
});

const eventsOf = (event: Stepped['event']): CallObservation['events'] => {
  if (event.type === 'service') return event.events.map(named);
  if (event.type === 'timer') return [event.timer.event];
  return [event.type === 'task' ? { ...event.result } : { type: event.type }];
};

/** What the service told, under the name that the chart has for it. */
const named = (event: ServiceEvent): { readonly type: string } => {
  switch (event.type) {
    case 'recognize.input':
      if (event.input.kind === 'choice') return { type: `recognize.choice.${event.input.name}`, via: event.via } as { readonly type: string };
      return event.input.kind === 'digits' ? { ...event.input, type: `recognize.digits.${event.input.by}` } : { ...event.input, type: event.type };
    case 'recognize.nomatch':
    case 'record.done':
      return { ...event, type: `${event.type}.${event.by}` };
    case 'raw.ended':
      return { type: `raw.done.${event.ending}`, fields: event.fields } as { readonly type: string };
    default:
      return event;
  }
};
