/**
 * Beside — the panel beside the chart: what is wrong with the bot, or what of it was met.
 *
 * @module
 */
import type { JSX } from 'preact';
import { CoverageTable } from './coverage-table.tsx';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import type { Page } from './model.ts';
import { Remarks } from './remarks.tsx';

export function Beside({ page, doings }: { readonly page: Page; readonly doings: Doings }): JSX.Element | null {
  const { beside, coverage } = page;
  if (beside === undefined) return null;
  const name = beside === 'remarks' ? 'Findings' : 'Coverage';
  return (
    <section class="beside" id="beside" aria-label={name}>
      <div class="beside-head">
        <h2>{name}</h2>
        <button type="button" class="quiet-button" onClick={() => doings.beside()} aria-label={`Close ${name.toLowerCase()}`}><Icon name="close" /></button>
      </div>
      <div class="beside-body" tabIndex={0} role="group" aria-label={`${name}, all`}>
        {beside === 'remarks' ? <Remarks page={page} doings={doings} /> : coverage === undefined ? <p class="empty">The bot is not loaded yet.</p> : <CoverageTable page={page} coverage={coverage} doings={doings} />}
      </div>
    </section>
  );
}
