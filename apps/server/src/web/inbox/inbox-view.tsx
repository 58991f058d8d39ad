import { isOfOneBody } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { kinds } from '#state-machines/record-streams';
import type { ShownInbox, ShownNotice } from '#use-cases/inbox/see-inbox';
import { UNREAD_MAX } from '#use-cases/inbox/see-inbox';
import { Button, Link } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { Tag } from '../components/blocks.tsx';
import { dayAndTime } from '../dates.ts';
import { bodyName } from '../names.ts';
import { LinkButton, Mark } from '../forms/post-form.tsx';
import { RecordAddresses } from '../record/record-addresses.ts';
import { upperFirst } from '#lifecycle/words';

interface InboxOptions {
  readonly inbox: ShownInbox;
  /** The number of unread notices, up to a limit. */
  readonly unread: number;
  readonly isUnreadOnly: boolean;
  /** Whether this is not the first page. */
  readonly isLater: boolean;
  /** The end of the previous visit; null if there was none. */
  readonly lastVisit: string | null;
  readonly viewer: Viewer;
  /** The page to return to. */
  readonly address: string;
}

export function InboxView(options: InboxOptions): Element {
  const { inbox, unread, isUnreadOnly, isLater, lastVisit, address } = options;
  const since = inbox.items.filter(({ at }) => lastVisit !== null && at > lastVisit);
  const earlier = inbox.items.filter((notice) => !since.includes(notice));
  const [newest] = inbox.items;
  return (
    <>
      <h1 class="govuk-heading-l">Inbox</h1>
      {newest !== undefined && (
        <p class="govuk-body" id="unread">
          {`${unreadWords(unread)} Times are UK time.`}
        </p>
      )}
      <ul class="govuk-list docket-links">
        {(newest !== undefined || isUnreadOnly) && (
          <li>
            <Link href={isUnreadOnly ? '/inbox' : '/inbox?unread=true'}>
              {isUnreadOnly ? 'Show all' : 'Show unread only'}
            </Link>
          </li>
        )}
        <li>
          <Link href="/inbox/choices">Notification settings</Link>
        </li>
      </ul>
      {newest !== undefined && unread > 0 && !isLater && (
        <form method="post" action="/inbox/read" class="docket-not-on-paper">
          <Mark />
          <input type="hidden" name="until" value={newest.at} />
          <input type="hidden" name="back" value={address} />
          <Button classes="govuk-button--secondary">Mark all as read</Button>
        </form>
      )}
      {inbox.items.length === 0 && <p class="govuk-body">{nothingWords(isLater, isUnreadOnly)}</p>}
      <NoticeList {...options} heading="Since your last visit" notices={since} />
      <NoticeList
        {...options}
        heading={since.length > 0 ? 'Earlier' : 'Notices'}
        notices={earlier}
        isHeadingHidden={since.length === 0}
      />
      {inbox.nextCursor !== null && (
        <Pagination
          next={{
            href: `/inbox?${new URLSearchParams({ ...(isUnreadOnly && { unread: 'true' }), cursor: inbox.nextCursor }).toString()}`,
            content: 'Older notices',
          }}
        />
      )}
    </>
  );
}

const nothingWords = (isLater: boolean, isUnreadOnly: boolean): string => {
  if (isLater) return 'There are no more notices.';
  return isUnreadOnly
    ? 'You have read everything.'
    : 'There are no notices yet. You get a notice when other people act on records that you own, decide on or watch.';
};

/** Formats the number of unread notices: `36 unread`. */
export const countUnreadWords = (unread: number): string =>
  unread > UNREAD_MAX ? `More than ${UNREAD_MAX} unread` : `${unread} unread`;

const unreadWords = (unread: number): string =>
  unread === 0 ? 'You have read everything.' : `${countUnreadWords(unread)}.`;

interface NoticesOptions extends Pick<InboxOptions, 'viewer' | 'isUnreadOnly' | 'address'> {
  readonly heading: string;
  readonly notices: readonly ShownNotice[];
  readonly isHeadingHidden?: boolean;
}

function NoticeList(options: NoticesOptions): Element | null {
  const { heading, notices, isUnreadOnly, isHeadingHidden = false } = options;
  if (notices.length === 0) return null;
  return (
    <section>
      <h2 class={isHeadingHidden ? 'govuk-visually-hidden' : 'govuk-heading-m'}>{heading}</h2>
      <ul class="govuk-list">
        {notices.map((notice, index) => (
          // With the unread filter a read notice leaves the list, so the next one is the anchor.
          <NoticeItem {...options} notice={notice} next={isUnreadOnly ? notices[index + 1]?.id : notice.id} />
        ))}
      </ul>
    </section>
  );
}

interface NoticeOptions extends Pick<InboxOptions, 'viewer' | 'address'> {
  readonly notice: ShownNotice;
  /** The notice to return to after marking this one. */
  readonly next: string | undefined;
}

/** Links to the record's history entry, if the user can see it. */
export function NoticeLink({
  about,
  title,
  hasLeft,
}: Pick<ShownNotice, 'about' | 'title' | 'hasLeft'>): Element {
  if (hasLeft) return <>{calledIn(about)}</>;
  const record = { kind: kinds.named(about.kind), id: about.id };
  return (
    <Link href={new RecordAddresses(record, {}).event(about.version)}>
      {title === null ? calledIn(about) : `${calledIn(about)}: ${title}`}
    </Link>
  );
}

function calledIn({ kind, id }: ShownNotice['about']): string {
  const { isUnnamed, noun } = kinds.named(kind);
  return isUnnamed ? id : `${upperFirst(noun.singular)} ${id}`;
}

function NoticeItem({ notice, next, viewer, address }: NoticeOptions): Element {
  const { id, about, recipient, text, at, read, settled } = notice;
  return (
    <li class={read ? 'docket-news' : 'docket-news docket-news--unread'} id={`notice-${id}`}>
      <p class="govuk-body docket-notice__record">
        {!read && (
          <>
            <Tag classes="govuk-tag--blue">Unread</Tag>{' '}
          </>
        )}
        {settled && (
          <>
            <Tag classes="govuk-tag--grey">Dealt with</Tag>{' '}
          </>
        )}
        <NoticeLink {...notice} />
      </p>
      <p class="govuk-body docket-notice__text">{text}</p>
      <div class="govuk-body-s docket-notice__at">
        {!isOfOneBody(viewer) && recipient !== null && <span>{bodyName(recipient)}</span>}
        <time dateTime={at}>{dayAndTime(at)}</time>
        {!read && (
          <LinkButton
            action="/inbox/read"
            sent={{ id, back: next === undefined ? address : `${address}#notice-${next}` }}
            about={`: ${calledIn(about)}, ${text}`}
            classes="docket-inline-form docket-not-on-paper"
          >
            Mark as read
          </LinkButton>
        )}
      </div>
    </li>
  );
}
