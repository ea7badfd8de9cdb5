/**
 * Remarks — what is wrong with the bot, one by one: how bad, where, in a sentence, and a caller who shows it.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { CopyCommand } from './copy-command.tsx';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import { type Page, titleOf } from './model.ts';
import type { RemarkShown } from './protocol.ts';
import { examinationSentences, installOf, sentenceOf } from './remark-words.ts';
import { SourceLines } from './source-lines.tsx';

interface Props {
  readonly page: Page;
  readonly doings: Doings;
}

export function Remarks({ page, doings }: Props): JSX.Element {
  const { examined } = page;
  if (examined === undefined) return <p class="empty">The bot is checked.</p>;
  const install = installOf(examined.types, examined.check);
  return (
    <>
      <ul class="remarks">
        {examined.remarks.map((remark) => <Remark key={remark.id} remark={remark} page={page} doings={doings} />)}
      </ul>
      <div class="remarks-foot">
        {examinationSentences(examined).map((sentence) => <p key={sentence} class="dim small-text">{sentence}</p>)}
        {install !== undefined && <CopyCommand command={install} />}
      </div>
    </>
  );
}

const severities = { error: 'Error', warning: 'Warning' } as const;

const linesAround = 3;

function Remark({ remark, page, doings }: Props & { readonly remark: RemarkShown }): JSX.Element {
  const { id, severity, source, from, script } = remark;
  const box = useRef<HTMLLIElement>(null);
  const isOpen = page.remarked === id;
  const text = source === undefined ? undefined : page.sources[source.file];
  useLayoutEffect(() => {
    if (isOpen) box.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen, text]);
  return (
    <li class="remark" data-severity={severity} data-open={isOpen} ref={box}>
      <button type="button" class="remark-head" onClick={() => doings.regard(isOpen ? undefined : id)} aria-expanded={isOpen}>
        <Icon name={severity} />
        <span class="remark-words">
          <span class="unseen">{severities[severity]}: </span>
          <strong>{titleOf(page, remark)}</strong>
          <span class="remark-sentence">{remark.state === undefined ? remark.message : sentenceOf(remark)}</span>
          <span class="dim mono">{source === undefined ? '' : `${source.file}:${source.line} · `}{from}</span>
        </span>
      </button>
      {isOpen && source !== undefined && (text === undefined ? <p class="empty">The file is on its way.</p> : <SourceLines text={text} line={source.line} around={linesAround} tone={severity === 'error' ? 'bad' : 'plain'} />)}
      {script !== undefined && <Script remark={remark} script={script} page={page} doings={doings} />}
    </li>
  );
}

function Script({ remark: { plays }, script, page, doings }: Props & { readonly remark: RemarkShown; readonly script: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard?.writeText(script).then(() => setCopied(true), () => setCopied(false));
  return (
    <details class="remark-script">
      <summary>A caller who shows it</summary>
      <pre class="mono" tabIndex={0} aria-label="What the caller does">{script === '' ? '(at once, whoever calls)' : script}</pre>
      <div class="remark-doings">
        {plays !== undefined && <button type="button" class="button small" disabled={page.link.is !== 'open' || page.form.service === undefined} onClick={() => doings.play(plays)}><Icon name="play" solid />Play it as a call</button>}
        {script !== '' && <button type="button" class="button small" onClick={copy}><Icon name={isCopied ? 'done' : 'copy'} />{isCopied ? 'Copied' : 'Copy'}</button>}
      </div>
    </details>
  );
}
