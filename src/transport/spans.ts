/**
 * Spans — what OpenTelemetry is told of an exchange: one span, the child of what the request's headers name.
 *
 * Attributes are those of OpenTelemetry's semantic conventions where it has one, and else `callchart.*`. They are the facts
 * of the events in `log.ts`, so nothing that a caller said, keyed or is becomes one; and an error is its code, since its
 * message might quote the caller. The spans of states and tasks are in `call-spans.ts`.
 *
 * @module
 */
import { type Context, context, propagation, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { type Log, thrown, type Told, type TransportEvent } from './log.ts';
import type { CallRequest, CallResponse } from './service.ts';

/** What is done with a tracer, which is somebody's code: what it throws is logged once and harms no call. */
export interface Guard {
  /** What `work` gives; undefined where it throws. */
  attempt<T>(work: () => T): T | undefined;
  /** Does `work` once, with `within` active around it where that can be. `work` throws nothing itself. */
  inside<T>(within: Context, work: () => Promise<T>): Promise<T>;
}

/** Makes a guard that tells `log` of the first failure. */
export const guard = (log: Log): Guard => {
  let isTold = false;
  const attempt: Guard['attempt'] = (work) => {
    try {
      return work();
    } catch (error) {
      if (!isTold) log.error(thrown(error), 'tracer failed');
      isTold = true;
      return undefined;
    }
  };
  return {
    attempt,
    inside: <T>(within: Context, work: () => Promise<T>) => {
      let begun: Promise<T> | undefined;
      attempt(() => context.with(within, () => void (begun = work())));
      return begun ?? work();
    },
  };
};

/** The spans of exchanges. */
export interface ExchangeSpans {
  /**
   * Does `work` in a span of `request`. What it tells of the exchange to the `told` that it gets becomes attributes, and
   * goes on to `told`; `within` is the span as a context, undefined where there is none.
   */
  exchange<T extends Told>(request: CallRequest, told: T, work: (told: T, within: Context | undefined) => Promise<CallResponse>): Promise<CallResponse>;
}

/** Spans of `tracer` for the exchanges of the service `service`. */
export const exchangeSpans = (tracer: Tracer, service: string, log: Log): ExchangeSpans => {
  const { attempt, inside } = guard(log);

  const open = ({ method, path, headers }: CallRequest): { readonly span: Span; readonly within: Context } | undefined =>
    attempt(() => {
      const around = context.active();
      // Where the application's own instrumentation of HTTP has a span already, that one has read the headers.
      const parent = trace.getSpan(around) === undefined ? (attempt(() => propagation.extract(around, headers)) ?? around) : around;
      const attributes = { 'http.request.method': method, 'http.route': path, 'url.path': path, 'callchart.service': service };
      const span = tracer.startSpan(`${method} ${path}`, { kind: SpanKind.SERVER, attributes }, parent);
      return { span, within: trace.setSpan(parent, span) };
    });

  return {
    exchange: async (request, told, work) => {
      const opened = open(request);
      if (opened === undefined) return work(told, undefined);
      const { span, within } = opened;
      const onEvent = (event: TransportEvent): void => {
        attempt(() => note(span, event));
        return told.onEvent?.(event);
      };
      const response = await inside(within, () => work({ ...told, onEvent }, within));
      attempt(() => span.setAttribute('http.response.status_code', response.status));
      attempt(() => span.end());
      return response;
    },
  };
};

const note = (span: Span, event: TransportEvent): void => {
  if (event.type === 'exchange') {
    const { call, bot, chain, events, kind } = event;
    span.setAttributes({ 'callchart.call.id': call, 'callchart.chain': chain, 'callchart.bot': bot, 'callchart.events': [...events], 'callchart.exchange.kind': kind });
  } else if (event.type === 'exchange.refused' || event.type === 'exchange.failed') {
    span.setAttributes({ 'callchart.call.id': event.call, 'callchart.chain': event.chain });
    const code = event.type === 'exchange.refused' ? event.code : 'ERR_INTERNAL';
    if (event.status >= 500) failed(span, code);
    else span.setAttribute('error.type', code);
  }
};

/** Marks `span` as failed, by the code of the error. */
export const failed = (span: Span, code: string): void => {
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
};
