import type { Foreseen } from '#lifecycle/decide';
import { byImport, flag, optional } from '#lifecycle/fields';
import { comments } from '../../capabilities/comments.ts';
import type { Deadline, DeadlineState } from '../../capabilities/deadlines.ts';
import { owner } from '../../capabilities/owner.ts';
import { recipients } from '../../capabilities/recipients.ts';
import type { RecipientFacts } from '../../capabilities/recipients.ts';
import { singleDeadlineState } from './deadlines.ts';
import type { Request } from '../../capabilities/persons.ts';
import { redaction } from '../../capabilities/redaction.ts';
import type { RedactionFacts } from '../../capabilities/redaction.ts';
import { response } from '../../capabilities/response.ts';
import { recommendation } from '../kind.ts';
import { stated } from './record-fields.ts';
import { sources } from './sources.ts';

/** What waits for a decision, or was changed of that which a decision can be about. */
interface Requests extends RedactionFacts {
  readonly closure: Request | null;
  readonly submissions: readonly Request[];
  readonly extensions: readonly Request[];
  readonly changes: readonly Request[];
}

export const commenting = comments({
  kind: recommendation,
  imported: { cutOff: byImport(optional(flag('Whether the file ended in the middle of it.'))), ...stated },
});

type Dated = RecipientFacts & { readonly deadlines: readonly Deadline[] };
const PASSED: ReadonlySet<DeadlineState> = new Set(['overdue', 'escalated']);

/** Of those in force: by their dates alone, whether a sweep has told of it or not; none that was extended or settled in time. */
const noDeadlinePassed: Foreseen<Dated> = {
  code: 'no-deadline-passed',
  kind: 'state',
  holds: ({ value, facts }, { role, today }) =>
    role === 'approver' ||
    facts.recipient === null ||
    !facts.deadlines.some((each) => each.passed || PASSED.has(singleDeadlineState(value, each, today))),
  detail: () => 'A deadline has passed; only an approver names another recipient now, with a reason',
};

export const addressing = recipients<Dated>({
  kind: recommendation,
  first: 'RecommendationIssued',
  approversCall: [noDeadlinePassed],
});

export const owning = owner({ kind: recommendation, roles: ['inspector', 'force-lead'], when: 'open' });

export const redacting = redaction<Requests>({
  requests: ({ closure, submissions, extensions, changes }) => [
    ...(closure === null ? [] : [closure]),
    ...submissions,
    ...extensions,
    ...changes,
  ],
  sources,
});

export const responding = response({ roles: ['commissioner', 'inspector'] });
