/** Hours — when the shop is open: by the days of the week, by the holidays, and in the time of the place where it stands. */

const timeZone = 'Europe/London';

const week: Readonly<Record<string, Opening>> = {
  Monday: { from: '09:00', to: '17:30' }, Tuesday: { from: '09:00', to: '17:30' }, Wednesday: { from: '09:00', to: '17:30' },
  Thursday: { from: '09:00', to: '20:00' }, Friday: { from: '09:00', to: '17:30' }, Saturday: { from: '10:00', to: '16:00' },
};

/** Days on which the shop is closed all day, and what they are called. */
const holidays: Readonly<Record<string, string>> = {
  '2025-12-25': 'Christmas Day', '2025-12-26': 'Boxing Day', '2026-01-01': 'New Year’s Day',
  '2026-04-03': 'Good Friday', '2026-04-06': 'Easter Monday', '2026-12-25': 'Christmas Day', '2026-12-26': 'Boxing Day', '2027-01-01': 'New Year’s Day',
};

interface Opening {
  readonly from: string;
  readonly to: string;
}

/** Whether the shop is open at `now`, epoch ms. */
export const isOpen = (now: number): boolean => {
  const { date, time } = localTime(now);
  const opening = openingOf(date);
  return opening !== undefined && opening.from <= time && time < opening.to;
};

/** What a caller is told at `now`, when nobody is there. */
export const closedText = (now: number): string => {
  const { date, time } = localTime(now);
  const holiday = holidays[date];
  const next = Array.from({ length: 14 }, (_, days) => ({ days, date: dayAfter(date, days) })).find(({ days, date: day }) => days > 0 ? openingOf(day) !== undefined : time < (openingOf(day)?.from ?? ''));
  const reason = holiday === undefined ? 'We are closed now.' : `We are closed for ${holiday}.`;
  if (next === undefined) return reason;
  const day = next.days === 0 ? 'today' : next.days === 1 ? 'tomorrow' : `on ${weekday(next.date)}`;
  return `${reason} We open again ${day} at ${spoken(openingOf(next.date)?.from ?? '')}.`;
};

/** What a caller is told of the hours, whatever the day. */
export const hoursText = (): string => {
  const runs = Object.entries(week).reduce<readonly Run[]>((before, [day, { from, to }]) => {
    const last = before.at(-1);
    return last?.from === from && last.to === to ? [...before.slice(0, -1), { ...last, until: day }] : [...before, { since: day, until: day, from, to }];
  }, []);
  const parts = runs.map(({ since, until, from, to }) => `${since === until ? since : `${since} to ${until}`} from ${spoken(from)} to ${spoken(to)}`);
  return `We are open ${parts.join(', ')}.`;
};

/** Days one after the other on which the shop is open at the same time. */
interface Run extends Opening {
  readonly since: string;
  readonly until: string;
}

const openingOf = (date: string): Opening | undefined => (date in holidays ? undefined : week[weekday(date)]);

/** The day and the time at the shop: `2026-04-03`, `09:30`. */
const localTime = (now: number): { readonly date: string; readonly time: string } => {
  const [date = '', time = ''] = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(now).split(' ');
  return { date, time };
};

const weekday = (date: string): string => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long' }).format(Date.parse(date));

const dayAfter = (date: string, days: number): string => new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);

/** `09:00` as it is read out: `9:00`. */
const spoken = (time: string): string => time.replace(/^0/, '');
