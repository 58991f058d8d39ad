/** The groups of queues on the work page. */
export type QueueGroup = 'decide' | 'look-after' | 'by-date';

/** A work queue for some roles. It contains the records that meet all of these conditions. */
export interface Queue {
  readonly title: string;
  readonly group: QueueGroup;
  readonly roles: readonly string[];
  /** True if closed records are included. */
  readonly ofClosed?: true;
  /**
   * True for a decision queue. People of a body do not see records without a body in it, because the request may be
   * their own.
   */
  readonly decides?: true;
  /** The required states by region. */
  readonly state?: Readonly<Record<string, string>>;
  /** The name of the open request in the summary. */
  readonly waits?: string;
  /** `me`: the requests of the person. `others`: those that the person may decide. */
  readonly by?: 'me' | 'others';
  readonly owner?: 'me' | 'none';
  readonly body?: 'none';
  readonly answer?: 'due';
  /** The earliest due date of the record itself: passed, long passed, or within a number of days. */
  readonly date?: 'over' | 'long-over' | { readonly withinDays: number };
  readonly closedWithinDays?: number;
}

/** The queues of a kind by name, in display order. */
export type Queues = Readonly<Record<string, Queue>>;

/** Returns the queues of records without an owner, for those who may assign one, and the queues of records by owner. */
export const queuesOfOwners = (namedBy: readonly string[], owners: readonly string[]) =>
  ({
    'without-owner': { title: 'Without an owner', group: 'look-after', roles: namedBy, owner: 'none' },
    mine: { title: 'Owned by you', group: 'look-after', roles: owners, owner: 'me' },
  }) as const satisfies Queues;

/** Returns the queues of late and due records. A record closed by a claim stays late until the claim is confirmed. */
export const queuesOfDates = (roles: readonly string[]) =>
  ({
    overdue: { title: 'Overdue', group: 'by-date', roles, ofClosed: true, date: 'over' },
    'due-30': { title: 'Due within 30 days', group: 'by-date', roles, date: { withinDays: 30 } },
    'due-90': { title: 'Due within 90 days', group: 'by-date', roles, date: { withinDays: 90 } },
  }) as const satisfies Queues;
