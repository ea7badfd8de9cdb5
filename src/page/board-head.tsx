/**
 * Board head — above the chart: how the bot stands by its check and its types, and what of it was met; each opens beside the chart.
 *
 * @module
 */
import type { JSX } from 'preact';
import { countsOf, coverageRows, partOf } from './coverage.ts';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import type { Page } from './model.ts';
import { standingWords, tallied } from './remark-words.ts';

export function BoardHead({ page, doings }: { readonly page: Page; readonly doings: Doings }): JSX.Element {
  const { examined, coverage, beside, covered } = page;
  const toggle = (what: 'remarks' | 'coverage'): void => doings.beside(beside === what ? undefined : what);
  const { errors, warnings } = tallied(examined?.remarks ?? []);
  const standing = examined === undefined ? 'Checking' : standingWords(examined);
  const states = coverage === undefined ? undefined : coverageRows(coverage, countsOf(coverage, covered)).find(({ kind }) => kind === 'state');
  return (
    <div class="board-head" role="group" aria-label="What is shown beside the chart">
      <button type="button" class="board-button" aria-expanded={beside === 'remarks'} aria-controls="beside" onClick={() => toggle('remarks')} data-tone={errors > 0 ? 'error' : warnings > 0 ? 'warning' : 'plain'}>
        <Icon name={errors > 0 ? 'error' : warnings > 0 ? 'warning' : 'done'} />
        <span>Findings</span>
        <span class="board-state">{standing}</span>
      </button>
      <button type="button" class="board-button" aria-expanded={beside === 'coverage'} aria-controls="beside" onClick={() => toggle('coverage')} disabled={coverage === undefined}>
        <Icon name="covered" />
        <span>Coverage</span>
        {states !== undefined && <span class="board-state">{partOf(states)} of the states</span>}
      </button>
      <p class="unseen" role="status">{examined === undefined ? '' : `Findings: ${standing}`}</p>
    </div>
  );
}
