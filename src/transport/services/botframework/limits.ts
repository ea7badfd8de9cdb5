/**
 * Limits — the rules that the Bot Framework calling service holds a workflow to, checked on the JSON itself.
 *
 * `encode` checks what it made, `callchart validate` any file, and the emulator what a bot under test answers. The profile
 * `core` is what a bot is offered; `extended` knows the four actions that were withdrawn or never offered as well.
 *
 * Written as plain code: it runs on every answer, and a codec would build a result that nobody reads. Fields that are not
 * named here are ignored, and null is the same as absent.
 *
 * @module
 */
import { urlOf } from '../../../actions/url.ts';
import { type Fields, type Report, checkCoreAction, checkName, isAbsent, isFields, isText } from './limits-actions.ts';
import { checkExtendedAction } from './limits-extended.ts';
import type { RuleId } from './rules.ts';

/** Which actions are known. */
export type Profile = 'core' | 'extended';

/** One broken rule: where, and in which action of the list if in one. */
export interface Violation {
  readonly rule: RuleId;
  readonly path: string;
  readonly actionIndex?: number;
}

/** The rules that `workflow` breaks, in the order of the document; none where the service takes it. Never throws. */
export function checkWorkflow(workflow: unknown, profile: Profile): readonly Violation[] {
  const violations: Violation[] = [];
  const report: Report = (rule, path) => void violations.push({ rule, path });

  if (!isFields(workflow)) return [{ rule: 'W-ACTIONS', path: '' }];
  checkLinks(workflow, report);
  if (!isAbsent(workflow['appState']) && !isText(workflow['appState'], 1024)) report('AS-1024', 'appState');
  const actions = workflow['actions'];
  if (!Array.isArray(actions)) report('W-ACTIONS', 'actions');
  else violations.push(...checkActions(actions, profile));
  return violations;
}

/** The same of its list of actions alone, whose links and state are known to be good. */
export function checkActions(actions: readonly unknown[], profile: Profile): readonly Violation[] {
  if (actions.length === 0) return [{ rule: 'W-EMPTY', path: 'actions' }];
  const violations: Violation[] = [];
  let actionIndex = 0;
  const report: Report = (rule, path) => void violations.push({ rule, path, actionIndex });
  const order = newOrder();
  for (; actionIndex < actions.length; actionIndex++) {
    const path = `actions.${actionIndex}`;
    const action = actions[actionIndex];
    if (isAbsent(action)) report('W-NULLACTION', path);
    else if (!isFields(action)) report('T-SHAPE', path);
    else if (checkAction(action, path, profile, report)) checkOrder(order, action['action'] as string, actions.length, path, report);
  }
  return violations;
}

/** The same of the sequence of actions that are known to be good by themselves. */
export function checkSequence(names: readonly string[]): readonly Violation[] {
  const violations: Violation[] = [];
  const order = newOrder();
  names.forEach((name, actionIndex) => checkOrder(order, name, names.length, `actions.${actionIndex}`, (rule, path) => void violations.push({ rule, path, actionIndex })));
  return violations;
}

function checkLinks(workflow: Fields, report: Report): void {
  const { links, notificationSubscriptions: subscriptions } = workflow;
  if (!isAbsent(links)) {
    if (!isFields(links)) return report('T-SHAPE', 'links');
    if (isAbsent(links['callback'])) report('W-CALLBACK', 'links.callback');
    else checkLink(links['callback'], 'links.callback', report);
    if (!isAbsent(links['notification'])) {
      checkLink(links['notification'], 'links.notification', report);
      if (isAbsent(subscriptions)) report('W-SUBSCRIPTIONS', 'notificationSubscriptions');
    }
  }
  if (isAbsent(subscriptions)) return;
  if (!Array.isArray(subscriptions) || !subscriptions.every((name) => name === 'callStateChange' || name === 'rosterUpdate')) {
    report('W-SUBSCRIPTIONS', 'notificationSubscriptions');
  }
}

function checkLink(link: unknown, path: string, report: Report): void {
  if (typeof link !== 'string' || urlOf(link) === undefined) report('W-URI', path);
  else if (!/^https:\/\//i.test(link)) report('W-HTTPS', path);
}

/** The place of each action in a workflow; what stands alone has none. */
const ranks: ReadonlyMap<string, number> = new Map([
  ['answer', 1], ['placeCall', 1], ['videoSubscription', 1], ['playPrompt', 2], ['record', 2], ['recognize', 2], ['transfer', 2], ['hangup', 3],
]);

interface Order {
  rank: number;
  readonly seen: Set<string>;
}

const newOrder = (): Order => ({ rank: 0, seen: new Set() });

function checkOrder(order: Order, name: string, count: number, path: string, report: Report): void {
  const rank = ranks.get(name);
  if (rank === undefined) return count > 1 ? report('W-ALONE', path) : undefined;
  if (rank < order.rank) report('W-ORDER', path);
  else order.rank = rank;
  if (order.seen.has(name) && name !== 'playPrompt') report('W-TWICE', path);
  order.seen.add(name);
  if ((name === 'answer' && order.seen.has('placeCall')) || (name === 'placeCall' && order.seen.has('answer'))) report('W-EXCLUDE', path);
}

/** Checks one action by itself; says whether the profile knows it. */
function checkAction(action: Fields, path: string, profile: Profile, report: Report): boolean {
  if (!checkName(action, path, report)) return false;
  if (checkCoreAction(action, path, report) || (profile === 'extended' && checkExtendedAction(action, path, report))) return true;
  report('A-NAME', `${path}.action`);
  return false;
}
