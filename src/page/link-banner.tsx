/**
 * Link banner — the process is not there: what happened, and what to do.
 *
 * @module
 */
import type { JSX } from 'preact';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import type { Link } from './model.ts';
import { linkTroubles } from './sentences.ts';

export const LinkBanner = ({ link, doings }: { readonly link: Link; readonly doings: Doings }): JSX.Element => (
  <div class="banners" role="alert">
    {(link.is === 'lost' || link.is === 'refused') && (
      <div class="banner">
        <Icon name="warning" />
        <p>{linkTroubles[link.is]}</p>
        <button type="button" class="button" onClick={() => doings.tryNow()}>Try now</button>
      </div>
    )}
  </div>
);
