import type { CommandTable } from './decide.ts';
import { labelOf } from './fields.ts';
import type { RecordKind } from './kind.ts';
import type { LifecycleCode } from './lifecycle-definition.ts';

/** How the page of work groups queues: to decide, to look after, and by date. */
export type QueueGroup = 'decide' | 'look-after' | 'by-date';

/** What waits for people in some roles: the records of which everything is true that is said here. */
export interface Queue {
  readonly title: string;
  readonly group: QueueGroup;
  readonly roles: readonly string[];
  /** Has closed records too. */
  readonly ofClosed?: true;
  /** Is of decisions: somebody of a body has no record in it that names no body, since that can be theirs. */
  readonly decides?: true;
  /** By region. */
  readonly state?: Readonly<Record<string, string>>;
  /** The name of what waits, as the summary has it. */
  readonly waits?: string;
  /** Who requested what waits: me alone, nobody but others, or another person among others. */
  readonly by?: 'me' | 'others' | 'another';
  readonly owner?: 'me' | 'nobody';
  readonly body?: 'nobody';
  readonly answer?: 'due';
  /** The earliest date of the record itself: passed, passed long ago, or within so many days. */
  readonly date?: 'over' | 'long-over' | { readonly withinDays: number };
  readonly closedWithinDays?: number;
}

/** The queues of a kind by their names, in the order in which they are shown. */
export type Queues = Readonly<Record<string, Queue>>;

/** What is without an owner, for who names one; and what people own. */
export const queuesOfOwners = (namedBy: readonly string[], owners: readonly string[]) =>
  ({
    'without-owner': { title: 'Without an owner', group: 'look-after', roles: namedBy, owner: 'nobody' },
    mine: { title: 'Owned by you', group: 'look-after', roles: owners, owner: 'me' },
  }) as const satisfies Queues;

/** What is late, or due soon. A record that a claim closes stays late until that is confirmed. */
export const queuesOfDates = (roles: readonly string[]) =>
  ({
    overdue: { title: 'Overdue', group: 'by-date', roles, ofClosed: true, date: 'over' },
    'due-30': { title: 'Due within 30 days', group: 'by-date', roles, date: { withinDays: 30 } },
    'due-90': { title: 'Due within 90 days', group: 'by-date', roles, date: { withinDays: 90 } },
  }) as const satisfies Queues;

/** Of a lifecycle that declares no queues: those of what waits for a decision, of owners, answers and dates, as far as it has them. */
export function plainQueues(
  { roles }: RecordKind,
  { summary, texts }: Pick<LifecycleCode, 'summary' | 'texts'>,
  commands: CommandTable<never>,
): Queues {
  const { staff, body } = roles;
  const all = [...staff, ...body];
  const hasOwner = Object.values(texts?.at ?? {}).some((said) => Object.values(said).includes('owner'));
  const waits = Object.entries(summary?.waits ?? {}).map(([name, { decidedBy }]): [string, Queue] => {
    const deciding = all.filter((role) =>
      decidedBy?.some((command) => commands[command]?.roles.includes(role)),
    );
    const roles = decidedBy === undefined ? staff : deciding;
    return [name, { title: labelOf(name), group: 'decide', roles, decides: true, waits: name, by: 'others' }];
  });
  return {
    ...Object.fromEntries(waits),
    ...(hasOwner && queuesOfOwners(all, all)),
    ...(summary?.answer !== undefined && {
      'answers-due': {
        ...{
          title: 'Answers due',
          group: 'look-after',
          roles: body.length > 0 ? body : staff,
          answer: 'due',
        },
        ofClosed: true,
      },
    }),
    ...(summary?.dates !== undefined && queuesOfDates(all)),
  };
}
