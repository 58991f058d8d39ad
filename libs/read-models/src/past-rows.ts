/** A view of the past: the end of an effective day, as known at an instant. */
export interface PastView {
  /** A plain date. */
  readonly effectiveOn: string;
  /** An instant, ISO 8601 in UTC; null for the latest. */
  readonly knownAt: string | null;
  /** The parameters of the request. Cursors are bound to these, because "today" is another instant in each request. */
  readonly named: readonly (string | null)[];
}

export type ReportedView = Pick<PastView, 'effectiveOn' | 'knownAt'>;

/**
 * The rows of a past day, in tables with the columns of the current ones. They contain no names: an owner is the id of
 * the event that names them.
 */
export interface PastRows {
  readonly view: PastView;
  /** The ids of the events that name the owners of a query, by name. */
  readonly owners: Readonly<Record<string, readonly string[]>>;
  /** The ids of the events after which there is no owner, or whose owner's name was erased; null if the query does not need them. */
  readonly nobody: readonly string[] | null;
}

/** Returns the view of an answer; nothing for current rows. */
export const viewIn = ({
  past,
}: {
  readonly past?: PastRows | undefined;
}): { readonly view?: ReportedView } =>
  past === undefined ? {} : { view: { effectiveOn: past.view.effectiveOn, knownAt: past.view.knownAt } };
