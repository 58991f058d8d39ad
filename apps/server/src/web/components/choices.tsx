import { describedBy, FieldGroup } from './form-group.tsx';
import type { FieldsetOptions, GroupOptions } from './form-group.tsx';
import { classNames } from './macro-options.ts';
import type { Content, Element } from './macro-options.ts';

/** A radio button or a check box. */
interface ChoiceOptions {
  readonly content: Content;
  readonly value: string;
  /** In place of the group's own value. */
  readonly checked?: boolean | undefined;
  readonly hint?: Content;
  /** Shown while it is chosen, and always without JavaScript. */
  readonly conditional?: Content;
}

/** What radio buttons and check boxes take alike. */
interface ChoicesOptions extends GroupOptions {
  readonly name: string;
  /** What the items' ids begin with; the name, where nothing else is said. */
  readonly idPrefix?: string | undefined;
  readonly items: readonly (ChoiceOptions | { readonly divider: string })[];
  readonly fieldset?: FieldsetOptions | undefined;
}

type Kind = 'radios' | 'checkboxes';

/** One choice of a few. */
export const Radios = ({
  value,
  ...group
}: ChoicesOptions & { readonly value?: string | undefined }): Element => (
  <Choices kind="radios" group={group} isChosen={(item) => value !== '' && item === value} />
);

/** As many choices as one likes. */
export const Checkboxes = ({
  values = [],
  ...group
}: ChoicesOptions & { readonly values?: readonly string[] | undefined }): Element => (
  <Choices kind="checkboxes" group={group} isChosen={(item) => values.includes(item)} />
);

/** The choices of a group, one below the other. */
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
              key={item.value}
              {...{ kind, name, item, described }}
              // The first has the group's own id, which an error summary links to.
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
