/**
 * Coverage table — how much of the bot was met, by kind, and what was not; from each of that one comes to its state.
 *
 * @module
 */
import type { JSX } from 'preact';
import { countsOf, coverageRows, missedPoints, partOf, pointWords } from './coverage.ts';
import type { Doings } from './doings.ts';
import type { Page } from './model.ts';
import type { CoverageShown } from './protocol.ts';

/** A page must not become slow by a great bot that nobody has called yet. */
const mostMissed = 300;

export function CoverageTable({ page, coverage, doings }: { readonly page: Page; readonly coverage: CoverageShown; readonly doings: Doings }): JSX.Element {
  const { covered } = page;
  const counts = countsOf(coverage, covered);
  const missed = missedPoints(coverage, counts);
  return (
    <>
      {coverage.given === undefined ? <p class="dim small-text coverage-of">The calls since the phone was started; a point is met as soon as a step meets it.</p> : (
        <fieldset class="coverage-of">
          <legend class="unseen">Which calls</legend>
          <label><input type="radio" name="covered" checked={covered === 'session'} onChange={() => doings.cover('session')} />Calls of this phone</label>
          <label><input type="radio" name="covered" checked={covered === 'given'} onChange={() => doings.cover('given')} /><span class="mono">{coverage.given.name}</span></label>
        </fieldset>
      )}
      {covered === 'given' && coverage.given?.trouble !== undefined && <p class="small-text coverage-of">{coverage.given.trouble}</p>}
      <table class="coverage">
        <caption class="unseen">How much of the bot was met</caption>
        <thead><tr><th scope="col">Of the bot</th><th scope="col">Met</th><th scope="col">Part</th></tr></thead>
        <tbody>
          {coverageRows(coverage, counts).map((row) => (
            <tr key={row.kind}>
              <th scope="row">{row.words}</th>
              <td>{row.met} of {row.all}</td>
              <td><span class="part" style={{ '--part': row.met / row.all }}>{partOf(row)}</span></td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3 class="missed-head">{missed.length === 0 ? 'Nothing is missed' : `Missed: ${missed.length}`}</h3>
      <ul class="missed-list">
        {missed.slice(0, mostMissed).map((point) => {
          const [state] = point.states;
          return (
            <li key={point.id}>
              <button type="button" class="missed-point" disabled={state === undefined} onClick={() => state !== undefined && doings.mark(state)} aria-pressed={state !== undefined && page.marked === state}>
                <strong>{point.title}</strong> {pointWords(point)}
              </button>
            </li>
          );
        })}
      </ul>
      {missed.length > mostMissed && <p class="dim small-text coverage-of">and {missed.length - mostMissed} more</p>}
    </>
  );
}
