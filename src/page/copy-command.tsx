/**
 * Copy command — a command to be copied into a terminal.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icons.tsx';

export function CopyCommand({ command }: { readonly command: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard?.writeText(command).then(() => setCopied(true), () => setCopied(false));
  return (
    <div class="command">
      <code>{command}</code>
      <button type="button" class="quiet-button" onClick={copy} aria-label={isCopied ? 'Copied' : 'Copy the command'} title="Copy">
        <Icon name={isCopied ? 'done' : 'copy'} />
      </button>
      <span class="unseen" role="status">{isCopied ? 'Copied' : ''}</span>
    </div>
  );
}
