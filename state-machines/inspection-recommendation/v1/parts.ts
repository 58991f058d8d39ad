import { byImport, flag, optional } from '#lifecycle/fields';
import { comments } from '../../capabilities/comments.ts';
import { owner } from '../../capabilities/owner.ts';
import { recipients } from '../../capabilities/recipients.ts';
import type { AuthorFacts } from '../../capabilities/authors.ts';
import type { Request } from '../../capabilities/persons.ts';
import { redaction } from '../../capabilities/redaction.ts';
import type { RedactionFacts } from '../../capabilities/redaction.ts';
import { response } from '../../capabilities/response.ts';
import { recommendation } from '../kind.ts';
import { stated } from './record-fields.ts';
import { sources } from './sources.ts';

/** The pending request for closure, and everything else on which people decide. */
interface Requests extends RedactionFacts, AuthorFacts {
  readonly closure: Request | null;
}

export const commentCapability = comments({
  kind: recommendation,
  imported: { cutOff: byImport(optional(flag('True if the file ended within the comment.'))), ...stated },
});

export const recipientCapability = recipients({ kind: recommendation, first: 'RecommendationIssued' });

export const ownerCapability = owner({
  kind: recommendation,
  roles: ['inspector', 'force-lead'],
  when: 'open',
});

export const redactionCapability = redaction<Requests>({
  kind: recommendation,
  requests: ({ closure, written }) => [
    ...(closure === null ? [] : [closure]),
    ...written.map(({ eventId, by }) => ({ eventId, requester: by })),
  ],
  sources,
});

export const responseCapability = response({ kind: recommendation, roles: ['commissioner', 'inspector'] });
