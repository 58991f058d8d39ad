import type { FastifyReply } from 'fastify';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { findPeople } from '#use-cases/people/find-people';
import type { MatchingPeople } from '#use-cases/people/find-people';
import { identityOf } from '../../api/authentication.ts';
import type { Content, Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { textFilter } from '../lists/filters.ts';
import { addressOf, withoutParam } from '../lists/list-address.ts';
import { personName } from '../names.ts';

/** A name that was entered for a person, with the people it may mean. */
export interface TypedPerson extends MatchingPeople {
  readonly typed: string;
}

export const PERSON = textFilter(
  'subject',
  'Person (name or subject)',
  'A name from the list, or the subject in their access token',
  personName,
);

interface PersonFilter {
  readonly path: string;
  /** The query parameter for subjects. */
  readonly name: string;
}

/**
 * Resolves names that were entered instead of subjects. Redirects to the address with the subject if a name
 * is unique, and returns null then.
 * Returns the names that match no one or several people.
 */
export async function peopleMeant(
  reply: FastifyReply,
  { path, name }: PersonFilter,
  {
    params,
    readModels,
  }: { readonly params: URLSearchParams; readonly readModels: RecordsAccess['readModels'] },
): Promise<readonly TypedPerson[] | null> {
  const { request } = reply;
  const access = { people: request.server.pages.people, readModels };
  const unresolved: TypedPerson[] = [];
  for (const typed of params.getAll(name)) {
    const meant = await findPeople(access, identityOf(request), typed);
    const [subject, ...others] = meant.subjects;
    if (subject === typed) continue;
    if (subject === undefined || others.length > 0) {
      unresolved.push({ typed, ...meant });
      continue;
    }
    await reply.redirect(addressOf(path, withSubject(params, name, { typed, subject })), 303);
    return null;
  }
  return unresolved;
}

function withSubject(
  params: URLSearchParams,
  name: string,
  { typed, subject }: { readonly typed: string; readonly subject: string },
): URLSearchParams {
  const anew = withoutParam(params, name, typed);
  if (!anew.has(name, subject)) anew.append(name, subject);
  return anew;
}

/** The list; if a name matches several people, links to choose one of them instead. */
export const ItemsUnlessNamesakes = ({
  people,
  params,
  filter: { path, name },
  children,
}: {
  readonly people: readonly TypedPerson[];
  readonly params: URLSearchParams;
  readonly filter: PersonFilter;
  readonly children: Content;
}): Element => {
  const namesakes = people.filter(({ subjects }) => subjects.length > 1);
  if (namesakes.length === 0) return <>{children}</>;
  return (
    <>
      {namesakes.map(({ typed, subjects }) => (
        <>
          <p class="govuk-body">{`${subjects.length} people are called ${typed}. Choose one by their subject:`}</p>
          <ul class="govuk-list govuk-list--bullet">
            {subjects.map((subject) => (
              <li>
                <Link href={addressOf(path, withSubject(params, name, { typed, subject }))}>{subject}</Link>
              </li>
            ))}
          </ul>
        </>
      ))}
    </>
  );
};

/** Returns the text for an empty list, which names an unknown person if there is one. */
export function nothingOf(people: readonly TypedPerson[], otherwise: string): string {
  const [unknown] = people.filter(({ subjects }) => subjects.length === 0);
  if (unknown === undefined) return otherwise;
  return unknown.isWhole
    ? `No one has the name or subject ${unknown.typed}.`
    : `None of the most recent users is called ${unknown.typed}. Enter the person’s subject instead.`;
}
