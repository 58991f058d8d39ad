import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { findPeople } from '#use-cases/people/find-people';
import type { MeantPeople } from '#use-cases/people/find-people';
import { identityOf } from '../../api/authentication.ts';
import type { Element } from '../components/macro-options.ts';
import { addressOf, askedWithout } from '../lists/list-address.ts';

/** What was typed for a person that no subject is, and who may be meant. */
export interface TypedPerson extends MeantPeople {
  readonly typed: string;
}

interface PersonFilter {
  readonly path: string;
  /** The parameter that has subjects. */
  readonly name: string;
  readonly list: Parameters<typeof findPeople>[2]['list'];
}

/**
 * Who is meant in an address where a subject or a name was typed: where a name is one person's, the address is led to that has their
 * subject, and the answer is given by then (`null`). Else all that remain to be told.
 */
export async function peopleMeant(
  request: FastifyRequest,
  reply: FastifyReply,
  { path, name, list }: PersonFilter,
  {
    asked,
    readModels,
  }: { readonly asked: URLSearchParams; readonly readModels: RecordsAccess['readModels'] },
): Promise<readonly TypedPerson[] | null> {
  const access = { people: request.server.pages.people, readModels };
  const told: TypedPerson[] = [];
  for (const typed of asked.getAll(name)) {
    const meant = await findPeople(access, identityOf(request), { typed, list });
    const [subject, ...others] = meant.subjects;
    if (subject === typed) continue;
    if (subject === undefined || others.length > 0) {
      told.push({ typed, ...meant });
      continue;
    }
    await reply.redirect(addressOf(path, askedAs(asked, name, { typed, subject })), 303);
    return null;
  }
  return told;
}

function askedAs(
  asked: URLSearchParams,
  name: string,
  { typed, subject }: { readonly typed: string; readonly subject: string },
): URLSearchParams {
  const anew = askedWithout(asked, name, typed);
  if (!anew.has(name, subject)) anew.append(name, subject);
  return anew;
}

/** Several have the name: one of them is chosen. */
export const Namesakes = ({
  of: { typed, subjects },
  asked,
  filter: { path, name },
}: {
  readonly of: TypedPerson;
  readonly asked: URLSearchParams;
  readonly filter: Pick<PersonFilter, 'path' | 'name'>;
}): Element => (
  <>
    <p class="govuk-body">{`${subjects.length} people are called ${typed}. Choose one, by the subject that their tokens name:`}</p>
    <ul class="govuk-list govuk-list--bullet">
      {subjects.map((subject) => (
        <li key={subject}>
          <a class="govuk-link" href={addressOf(path, askedAs(asked, name, { typed, subject }))}>
            {subject}
          </a>
        </li>
      ))}
    </ul>
  </>
);

/** What is said where nothing is found: it may be that nobody is called so. */
export function nothingOf(people: readonly TypedPerson[], otherwise: string): string {
  const [unknown] = people.filter(({ subjects }) => subjects.length === 0);
  if (unknown === undefined) return otherwise;
  return unknown.isWhole
    ? `Nobody is known by that name or subject: ${unknown.typed}.`
    : `Nobody of those who were here last is called ${unknown.typed}: type the subject that their tokens name.`;
}
