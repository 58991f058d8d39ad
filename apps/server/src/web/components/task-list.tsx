import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, Maybe, OrContent } from './macro-options.ts';
import { Tag } from './tag.tsx';
import type { TagOptions } from './tag.tsx';

interface TaskText {
  readonly content: Content;
  readonly classes?: string | undefined;
}

interface TaggedStatus {
  readonly tag: OrContent<TagOptions>;
  readonly classes?: string | undefined;
}

export interface Task {
  readonly title: OrContent<TaskText>;
  readonly href?: string | undefined;
  readonly hint?: Content;
  readonly status: OrContent<TaskText> | TaggedStatus;
  readonly classes?: string | undefined;
}

export interface TaskListOptions extends MacroOptions {
  readonly items: readonly Maybe<Task>[];
  /** What the ids of hints and statuses begin with. */
  readonly idPrefix?: string | undefined;
}

/** What is to be done, and how far each is. */
export const TaskList = ({
  items,
  idPrefix = 'task-list',
  classes,
  attributes,
}: TaskListOptions): Element => (
  <ul class={classNames('govuk-task-list', classes)} {...attributes}>
    {items.map((task, index) => task && <Item {...task} id={`${idPrefix}-${index + 1}`} />)}
  </ul>
);

function Item({ id, title, href, hint, status, classes }: Task & { readonly id: string }): Element {
  const { content, classes: titleClasses } = optionsOf<TaskText>(title);
  const hintId = hint ? `${id}-hint` : undefined;
  const statusId = `${id}-status`;
  return (
    <li
      class={classNames(
        'govuk-task-list__item',
        href !== undefined && 'govuk-task-list__item--with-link',
        classes,
      )}
    >
      <div class="govuk-task-list__name-and-hint">
        {href === undefined ? (
          <div class={titleClasses}>{content}</div>
        ) : (
          <a
            class={classNames('govuk-link govuk-task-list__link', titleClasses)}
            href={href}
            aria-describedby={classNames(hintId, statusId)}
          >
            {content}
          </a>
        )}
        {hint && (
          <div id={hintId} class="govuk-task-list__hint">
            {hint}
          </div>
        )}
      </div>
      <Status id={statusId} status={status} />
    </li>
  );
}

function Status({ id, status }: Pick<Task, 'status'> & { readonly id: string }): Element {
  const { content, classes } =
    typeof status === 'object' && 'tag' in status
      ? { content: <StatusTag {...optionsOf<TagOptions>(status.tag)} />, classes: status.classes }
      : optionsOf<TaskText>(status);
  return (
    <div class={classNames('govuk-task-list__status', classes)} id={id}>
      {content}
    </div>
  );
}

const StatusTag = ({ content, ...tag }: TagOptions): Element => <Tag {...tag}>{content}</Tag>;
