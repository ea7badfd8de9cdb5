/**
 * Chart — the bot's chart with the step that is looked at, and all that belongs to looking at it.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ChartCoverage, ChartDrawing, ChartMoment } from '../inspector/chart/drawing.ts';
import { Beside } from './beside.tsx';
import { BoardHead } from './board-head.tsx';
import { BotTrouble } from './bot-trouble.tsx';
import { countsOf, painted } from './coverage.ts';
import type { Doings } from './doings.ts';
import { Facts } from './facts.tsx';
import { Icon } from './icons.tsx';
import { lookedAt, type Page, shownChart, shownRemarks, shownStep } from './model.ts';
import { openPicture, type Picture } from './picture.ts';
import type { RemarkShown } from './protocol.ts';
import { SourceView } from './source-view.tsx';
import { Stepper } from './stepper.tsx';

interface Props {
  readonly page: Page;
  readonly doings: Doings;
}

export function Chart({ page, doings }: Props): JSX.Element {
  const id = shownChart(page);
  const drawing = id === undefined ? undefined : page.charts[id];
  const step = shownStep(page)?.step;
  const looked = lookedAt(page);
  const { beside, coverage, covered } = page;
  const paint = useMemo(() => (beside === 'coverage' && coverage !== undefined && coverage.chart === id ? painted(coverage, countsOf(coverage, covered)) : undefined), [beside, coverage, covered, id]);
  return (
    <section class="card board" aria-label="Chart of the bot">
      <BoardHead page={page} doings={doings} />
      <div class="stage" data-beside={beside}>
        <div class="canvas">
          {drawing === undefined ? <Blank page={page} /> : <Shown drawing={drawing} step={step} looked={page.looked ?? page.marked} leads={page.marked !== undefined} remarks={shownRemarks(page)} coverage={paint} doings={doings} />}
          {drawing !== undefined && <Where drawing={drawing} step={step} />}
          {looked !== undefined && <SourceView place={looked} text={page.sources[looked.file]} close={() => doings.look()} />}
          {(page.bot?.state === 'failed' || page.bot?.state === 'down') && <BotTrouble bot={page.bot} sources={page.sources} />}
        </div>
        <Beside page={page} doings={doings} />
      </div>
      <Stepper page={page} doings={doings} />
      <Facts step={step} />
    </section>
  );
}

const Blank = ({ page: { bot, link } }: { readonly page: Page }): JSX.Element => (
  <p class="empty blank">{link.is === 'lost' || link.is === 'refused' ? 'The chart is back with the phone process.' : bot?.state === 'starting' ? 'The bot starts; its chart appears in a moment.' : 'The chart appears as soon as the bot is loaded.'}</p>
);

/** In which states the call is, in words. */
function Where({ drawing, step }: { readonly drawing: ChartDrawing; readonly step: ChartMoment | undefined }): JSX.Element | null {
  if (step === undefined) return null;
  const titles = step.active.map((id) => drawing.states[id]?.title ?? id);
  const inner = titles.filter((title) => !titles.some((other) => other.startsWith(`${title}.`)));
  return <p class="where" role="status"><span class="unseen">The call is in </span>{step.ended ? 'The call has ended' : inner.join(' · ')}</p>;
}

interface ShownProps {
  readonly drawing: ChartDrawing;
  readonly step: ChartMoment | undefined;
  readonly looked: string | undefined;
  /** Whether what is looked at comes into view: somebody has chosen it in a list. */
  readonly leads: boolean;
  readonly remarks: readonly RemarkShown[];
  readonly coverage: ChartCoverage | undefined;
  readonly doings: Doings;
}

function Shown({ drawing, step, looked, leads, remarks, coverage, doings }: ShownProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const picture = useRef<Picture | undefined>(undefined);
  const [follows, setFollows] = useState(true);
  const [scale, setScale] = useState(1);
  const [isDrawn, setDrawn] = useState(true);
  useLayoutEffect(() => {
    if (frame.current === null) return undefined;
    const opened = openPicture({ ...drawing, frame: frame.current, onState: (id) => doings.look(id), onRemark: (id) => doings.regard(id), onScale: (now) => setScale(Math.round(now * 100) / 100) });
    picture.current = opened;
    setDrawn(opened !== undefined);
    return () => opened?.close();
  }, [drawing]);
  useLayoutEffect(() => picture.current?.show(step, follows), [drawing, step, follows]);
  useLayoutEffect(() => picture.current?.remark(remarks), [drawing, remarks]);
  useLayoutEffect(() => picture.current?.paint(coverage), [drawing, coverage]);
  useLayoutEffect(() => picture.current?.mark(looked, leads), [drawing, looked]);
  return (
    <>
      <div class="picture" ref={frame} />
      {!isDrawn && <p class="empty blank">The chart of this bot could not be drawn.</p>}
      <div class="zoom" role="group" aria-label="What is seen of the chart">
        <button type="button" class="quiet-button" onClick={() => picture.current?.zoom(1 / 1.3)} aria-label="Zoom out" title="Zoom out"><Icon name="minus" /></button>
        <span class="zoom-scale" aria-hidden="true">{Math.round(scale * 100)} %</span>
        <button type="button" class="quiet-button" onClick={() => picture.current?.zoom(1.3)} aria-label="Zoom in" title="Zoom in"><Icon name="plus" /></button>
        <button type="button" class="quiet-button" onClick={() => picture.current?.fit()} aria-label="Fit the whole chart" title="Fit"><Icon name="fit" /></button>
        <button type="button" class="quiet-button" aria-pressed={follows} onClick={() => setFollows(!follows)} aria-label="Follow the call" title="Follow the call"><Icon name="follow" /></button>
      </div>
    </>
  );
}
