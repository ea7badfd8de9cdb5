/**
 * Drawing — a bot's chart as a picture, and a moment of a call as whoever looks at the picture sees it.
 *
 * Leaf: types alone.
 *
 * @module
 */

/** A chart that was laid out. */
export interface ChartDrawing {
  /**
   * The picture, whole. A state is a `<g data-state="…">`, a transition a `<g data-edge="…">`; whoever shows a call sets the classes `active`,
   * `passed` and `taken` on them.
   */
  readonly svg: string;
  /** Each state by the id that the picture has for it. */
  readonly states: Readonly<Record<string, DrawnState>>;
}

/** A state in a picture. */
export interface DrawnState {
  /** Its name, with those of the states around it: `order.pin`. */
  readonly title: string;
  /** The bot or the dialog that it belongs to. */
  readonly chart: string;
  /** Where it is written, where that can be told. */
  readonly source?: SourcePlace;
}

/** A place in a file of the author's. */
export interface SourcePlace {
  /** From the working directory where it lies below that. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** A step of a call on its chart. */
export interface ChartMoment {
  readonly revision: number;
  /** When it was taken, ms since 1970. */
  readonly at: number;
  /** What happened, by the names that the chart has for it. */
  readonly events: readonly string[];
  /** Ids of the states in which the call is now, those of its dialogs included, the outermost first. */
  readonly active: readonly string[];
  /** Ids of the states that were passed within the step. */
  readonly passed: readonly string[];
  /** Ids of the transitions that were taken, in order. */
  readonly taken: readonly string[];
  /** How often the open question was asked; absent where none is open. */
  readonly attempts?: number;
  /** What the author keeps of the call, as JSON; what was keyed or said at secret questions is masked. */
  readonly context: unknown;
  /** What was asked of the service, in order: the action, and in a few words what it says or asks for. */
  readonly batch: readonly { readonly type: string; readonly text?: string }[];
  readonly ended: boolean;
}

/** How often what is on a chart was met, by the ids that its picture has: a state or a transition that is counted and was not met has 0. */
export interface ChartCoverage {
  readonly states: Readonly<Record<string, number>>;
  readonly transitions: Readonly<Record<string, number>>;
}

/** What is wrong with a state, over the chart. */
export interface ChartRemark {
  /** Id of the state; absent where it is the bot as a whole, or nothing that the picture has. */
  readonly state?: string;
  readonly severity: 'error' | 'warning';
  /** Who says so: the check of the bot, by a rule, or the compiler. */
  readonly from: 'check' | 'compiler';
  /** One sentence. */
  readonly message: string;
  readonly source?: SourcePlace;
}
