import type { FastifyReply } from 'fastify';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { findPeople } from '#use-cases/people/find-people';
import type { MatchingPeople } from '#use-cases/people/find-people';
import { identityOf } from '../../api/authentication.ts';
import { RECORD_PARAMETER } from '../../api/query-parameters.ts';
import type { Content, Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { textFilter } from '../lists/filters.ts';
import type { FilterGroup } from '../lists/filters.ts';
import { addressOf, changedParams, parseOrRedirect, withoutParam } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { ListPage } from '../lists/list-page.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { personName } from '../names.ts';
import { sendPage } from '../send-page.tsx';
import { RECORD } from '../words.ts';
import { upperFirst } from '#lifecycle/words';

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

export const OF_RECORD = textFilter(
  RECORD_PARAMETER,
  upperFirst(RECORD.singular),
  `The ${RECORD.singular}’s reference`,
);

/** A list that people filter by person. */
export interface AuditList {
  readonly heading: string;
  readonly path: string;
  readonly intro: Element;
  readonly groups: readonly FilterGroup[];
  /** The query parameter for subjects. */
  readonly name: string;
}

/** The query of a list, and the names that were entered instead of subjects. */
export interface AuditQuery {
  readonly params: URLSearchParams;
  readonly people: readonly TypedPerson[];
}

/** Sends a list's page, unless its address redirects. */
export async function sendAuditList<Found>(
  reply: FastifyReply,
  readModels: RecordsAccess['readModels'],
  list: AuditList,
  find: (
    params: URLSearchParams,
  ) => Promise<{ readonly found: Found | null; readonly problems: ListProblems }>,
  items: (found: Found, query: AuditQuery) => Element,
): Promise<void> {
  const { heading, path, groups, intro, name } = list;
  const params = await parseOrRedirect(reply.request, reply, path);
  if (params === null) return;
  const people = await peopleMeant(reply, list, { params, readModels });
  if (people === null) return;
  const { found, problems } = await find(params);
  // A changed filter starts on the first page.
  const filtered = changedParams(params, { after: null });
  await sendPage(reply, {
    title: [heading],
    section: 'audit',
    isWide: true,
    breadcrumbs: [{ text: 'Audit', href: '/audit' }],
    isRefused: problems.length > 0,
    content: (
      <ListPage {...{ heading, path, groups, problems, intro }} params={filtered} itemsId="results">
        <ItemsUnlessNamesakes people={people} params={params} filter={{ path, name }}>
          {found !== null && items(found, { params, people })}
        </ItemsUnlessNamesakes>
      </ListPage>
    ),
  });
}

interface AuditTableOptions {
  /** The number of items in words. */
  readonly count: string;
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Content[])[];
}

export const AuditTable = ({ count, caption, columns, rows }: AuditTableOptions): Element => (
  <>
    <p class="govuk-body">{`${count} on this page. Times are UK time.`}</p>
    <StackedTable
      caption={caption}
      columns={columns.map((heading, index) => ({ heading, isShort: index === 0 }))}
      rows={rows}
    />
  </>
);

/** Links to a file of the list. */
export const DownloadList = ({
  path,
  params,
  children,
}: Pick<AuditQuery, 'params'> & { readonly path: string; readonly children: string }): Element => (
  <p class="govuk-body docket-not-on-paper">
    <Link href={addressOf(path, changedParams(params, { limit: null }))} download>
      {children}
    </Link>
  </p>
);

type PersonFilter = Pick<AuditList, 'path' | 'name'>;

/**
 * Resolves names that were entered instead of subjects. Redirects to the address with the subject if a name
 * is unique, and returns null then.
 * Returns the names that match no one or several people.
 */
async function peopleMeant(
  reply: FastifyReply,
  { path, name }: PersonFilter,
  { params, readModels }: Pick<AuditQuery, 'params'> & Pick<RecordsAccess, 'readModels'>,
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
const ItemsUnlessNamesakes = ({
  people,
  params,
  filter: { path, name },
  children,
}: AuditQuery & { readonly filter: PersonFilter; readonly children: Content }): Element => {
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
