/**
 * Facts — of the step that is looked at: what left for the service, how often was asked, and what the author keeps.
 *
 * @module
 */
import type { JSX } from 'preact';
import type { ChartMoment } from '../inspector/chart/drawing.ts';
import { Json } from './json.tsx';

export const Facts = ({ step }: { readonly step: ChartMoment | undefined }): JSX.Element => (
  <div class="facts" data-empty={step === undefined}>
    <section class="fact" aria-label="What left for the service">
      <h2>Left for the service</h2>
      {step === undefined ? <p class="dim small-text">The actions that a step asks for.</p> : step.batch.length === 0 ? <p class="dim small-text">Nothing in this step.</p> : (
        <ol class="batch" tabIndex={0} aria-label="Actions">
          {step.batch.map(({ type, text }, at) => <li key={at}><code class="action">{type}</code>{text !== undefined && <span class="action-text">{text}</span>}</li>)}
        </ol>
      )}
    </section>
    <section class="fact" aria-label="What the author keeps">
      <h2>
        Context
        {step?.attempts !== undefined && <span class="attempts" data-again={step.attempts > 1}>asked {step.attempts === 1 ? 'once' : step.attempts === 2 ? 'twice' : `${step.attempts} times`}</span>}
      </h2>
      {step === undefined ? <p class="dim small-text">What the bot keeps of the call; secrets are masked.</p> : isEmpty(step.context) ? <p class="dim small-text">The bot keeps nothing.</p> : <pre class="json" tabIndex={0} aria-label="Context"><Json value={step.context} /></pre>}
    </section>
  </div>
);

const isEmpty = (value: unknown): boolean => value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
