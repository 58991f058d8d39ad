import { kinds } from '#state-machines/record-streams';
import type { ShownInbox, ShownNotice } from '#use-cases/inbox/see-inbox';
import { UNREAD_MAX } from '#use-cases/inbox/see-inbox';
import { Button } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { Tag } from '../components/set-apart.tsx';
import { longInstant } from '../dates.ts';
import { MARK_FIELD } from '../page-context.ts';
import { RecordAddresses } from '../record/record-addresses.ts';
import { upperFirst } from '#lifecycle/words';

export interface InboxOptions {
  readonly inbox: ShownInbox;
  /** How many are unread, up to one more than are counted. */
  readonly unread: number;
  readonly isUnreadOnly: boolean;
  /** Whether it is a page behind the first one. */
  readonly isLater: boolean;
  /** When the visit before ended: an instant; null where there was none. */
  readonly lastVisit: string | null;
  readonly mark: string | undefined;
}

/** What is news for somebody, with what came since their last visit first. */
export function InboxView(options: InboxOptions): Element {
  const { inbox, unread, isUnreadOnly, isLater, lastVisit, mark } = options;
  const since = inbox.items.filter(({ at }) => lastVisit !== null && at > lastVisit);
  const earlier = inbox.items.filter((notice) => !since.includes(notice));
  const [newest] = inbox.items;
  return (
    <>
      <h1 class="govuk-heading-l">Inbox</h1>
      <p class="govuk-body" id="unread">
        {unreadWords(unread)}
      </p>
      <ul class="govuk-list">
        <li>
          <a class="govuk-link" href={isUnreadOnly ? '/inbox' : '/inbox?unread=true'}>
            {isUnreadOnly ? 'Show read ones too' : 'Show unread ones only'}
          </a>
        </li>
        <li>
          <a class="govuk-link" href="/inbox/choices">
            How you are told
          </a>
        </li>
      </ul>
      {newest !== undefined && unread > 0 && !isLater && (
        <form method="post" action="/inbox/read" class="docket-not-on-paper">
          <input type="hidden" name={MARK_FIELD} value={mark} />
          <input type="hidden" name="until" value={newest.at} />
          <Button classes="govuk-button--secondary">Mark all as read</Button>
        </form>
      )}
      {inbox.items.length === 0 && (
        <p class="govuk-body">
          {isLater
            ? 'There is nothing more.'
            : 'There is nothing here. You are told here of what others do that you wait for, of records that are yours, and of those that you watch.'}
        </p>
      )}
      <NoticeList heading="Since your last visit" notices={since} mark={mark} />
      <NoticeList
        heading={since.length > 0 ? 'Earlier' : 'Notices'}
        notices={earlier}
        mark={mark}
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

const unreadWords = (unread: number): string => {
  if (unread === 0) return 'You have read everything.';
  return unread > UNREAD_MAX ? `More than ${UNREAD_MAX} are unread.` : `${unread} unread.`;
};

interface NoticesOptions extends Pick<InboxOptions, 'mark'> {
  readonly heading: string;
  readonly notices: readonly ShownNotice[];
  readonly isHeadingHidden?: boolean;
}

const NoticeList = ({ heading, notices, mark, isHeadingHidden = false }: NoticesOptions): Element | null =>
  notices.length === 0 ? null : (
    <section>
      <h2 class={isHeadingHidden ? 'govuk-visually-hidden' : 'govuk-heading-m'}>{heading}</h2>
      <ul class="govuk-list docket-news-list">
        {notices.map((notice) => (
          <NoticeItem key={notice.id} notice={notice} mark={mark} />
        ))}
      </ul>
    </section>
  );

const NoticeItem = ({
  notice: { id, about, title, text, at, read, settled, hasLeft },
  mark,
}: { readonly notice: ShownNotice } & Pick<InboxOptions, 'mark'>): Element => {
  const record = { kind: kinds.named(about.kind), id: about.id };
  const called = record.kind.isUnnamed ? about.id : `${upperFirst(record.kind.noun.singular)} ${about.id}`;
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
            <Tag classes="govuk-tag--grey">Settled</Tag>{' '}
          </>
        )}
        {hasLeft ? (
          called
        ) : (
          <a class="govuk-link" href={new RecordAddresses(record, {}).event(about.version)}>
            {title === null ? called : `${called}: ${title}`}
          </a>
        )}
      </p>
      <p class="govuk-body docket-notice__text">{text}</p>
      <div class="govuk-body-s docket-notice__at">
        <time dateTime={at}>{longInstant(at)}</time>
        {!read && (
          <form class="docket-inline-form docket-not-on-paper" method="post" action="/inbox/read">
            <input type="hidden" name={MARK_FIELD} value={mark} />
            <input type="hidden" name="id" value={id} />
            <button class="docket-link-button" type="submit">
              Mark as read<span class="govuk-visually-hidden">{`: ${called}, ${text}`}</span>
            </button>
          </form>
        )}
      </div>
    </li>
  );
};
