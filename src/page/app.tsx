/**
 * App — the page: the telephone, the chart of the bot, and what was said.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Chart } from './chart.tsx';
import type { Phone as OpenPhone } from './doings.ts';
import { Header } from './header.tsx';
import { History } from './history.tsx';
import { LinkBanner } from './link-banner.tsx';
import { callsOf, isOpen, type Page } from './model.ts';
import { Notices } from './notices.tsx';
import { Phone } from './phone.tsx';
import { Transcript } from './transcript.tsx';

export function App({ phone }: { readonly phone: OpenPhone }): JSX.Element {
  const [page, setPage] = useState(phone.page);
  useEffect(() => {
    setPage(phone.page());
    return phone.watch(setPage);
  }, [phone]);
  useEffect(() => {
    document.title = titleOf(page);
  }, [page]);
  const { doings } = phone;
  return (
    <div class="page">
      <Header page={page} />
      <LinkBanner link={page.link} doings={doings} />
      <main class="desk">
        <Phone page={page} doings={doings} />
        <Chart page={page} doings={doings} />
        <div class="side">
          <Transcript page={page} />
          <History page={page} doings={doings} />
        </div>
      </main>
      <Notices notices={page.notices} doings={doings} />
    </div>
  );
}

/** What the tab says, to who looks at another one. */
function titleOf(page: Page): string {
  const open = callsOf(page).filter(isOpen);
  const name = page.bot === undefined ? 'Callchart' : `${page.bot.name} · Callchart`;
  return open.some(({ state }) => state === 'offered') ? `It rings · ${name}` : open.length > 0 ? `On the line · ${name}` : name;
}
