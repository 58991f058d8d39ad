import { describedBy, FieldGroup } from './fields.tsx';
import type { FieldsetOptions, GroupOptions } from './fields.tsx';
import { classNames } from './macro-options.ts';
import type { Content, Element } from './macro-options.ts';

interface ChoiceOptions {
  readonly content: Content;
  readonly value: string;
  /** Overrides the group's value. */
  readonly checked?: boolean | undefined;
  readonly hint?: Content;
  /** Shown while the choice is selected, and always without JavaScript. */
  readonly conditional?: Content;
}

/** Options of radio buttons and checkboxes. */
interface ChoicesOptions extends GroupOptions {
  readonly name: string;
  /** The prefix of the items' ids; defaults to the name. */
  readonly idPrefix?: string | undefined;
  readonly items: readonly (ChoiceOptions | { readonly divider: string })[];
  readonly fieldset?: FieldsetOptions | undefined;
}

type Kind = 'radios' | 'checkboxes';

export const Radios = ({
  value,
  ...group
}: ChoicesOptions & { readonly value?: string | undefined }): Element => (
  <Choices kind="radios" group={group} isChosen={(item) => value !== '' && item === value} />
);

export const Checkboxes = ({
  values = [],
  ...group
}: ChoicesOptions & { readonly values?: readonly string[] | undefined }): Element => (
  <Choices kind="checkboxes" group={group} isChosen={(item) => values.includes(item)} />
);

function Choices(options: {
  readonly kind: Kind;
  readonly group: ChoicesOptions;
  readonly isChosen: (value: string) => boolean;
}): Element {
  const { kind, group, isChosen } = options;
  const { name, idPrefix = name, items, fieldset, classes, attributes } = group;
  // Radio buttons are described by their fieldset.
  const described =
    kind === 'checkboxes' && fieldset === undefined ? describedBy(idPrefix, group) : undefined;
  return (
    <FieldGroup id={idPrefix} group={group} fieldset={fieldset}>
      <div class={classNames(`govuk-${kind}`, classes)} data-module={`govuk-${kind}`} {...attributes}>
        {items.map((item, index) =>
          'divider' in item ? (
            <div class={`govuk-${kind}__divider`}>{item.divider}</div>
          ) : (
            <Choice
              {...{ kind, name, item, described }}
              // The first item has the group's id, which the error summary links to.
              id={index === 0 ? idPrefix : `${idPrefix}-${index + 1}`}
              isChosen={item.checked ?? isChosen(item.value)}
            />
          ),
        )}
      </div>
    </FieldGroup>
  );
}

function Choice(options: {
  readonly kind: Kind;
  readonly name: string;
  readonly item: ChoiceOptions;
  readonly id: string;
  readonly isChosen: boolean;
  readonly described: string | undefined;
}): Element {
  const { kind, name, id, isChosen, described } = options;
  const { content, value, hint, conditional } = options.item;
  const hintId = hint === undefined ? undefined : `${id}-item-hint`;
  return (
    <>
      <div class={`govuk-${kind}__item`}>
        <input
          class={`govuk-${kind}__input`}
          id={id}
          name={name}
          type={kind === 'radios' ? 'radio' : 'checkbox'}
          value={value}
          checked={isChosen}
          data-aria-controls={conditional ? `conditional-${id}` : undefined}
          aria-describedby={classNames(described, hintId) || undefined}
        />
        <label class={`govuk-label govuk-${kind}__label`} for={id}>
          {content}
        </label>
        {hintId !== undefined && (
          <div id={hintId} class={`govuk-hint govuk-${kind}__hint`}>
            {hint}
          </div>
        )}
      </div>
      {conditional && (
        <div
          class={classNames(`govuk-${kind}__conditional`, !isChosen && `govuk-${kind}__conditional--hidden`)}
          id={`conditional-${id}`}
        >
          {conditional}
        </div>
      )}
    </>
  );
}
