import { FieldGroup } from './form-group.tsx';
import type { GroupOptions } from './form-group.tsx';
import type { FieldsetOptions } from './fieldset.tsx';
import { Hint } from './hint.tsx';
import type { HintOptions } from './hint.tsx';
import { Label } from './label.tsx';
import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, Maybe, MoreAttributes, OrContent } from './macro-options.ts';

/** A radio button or a check box. */
export interface ChoiceOptions {
  readonly content: Content;
  readonly value: string | number;
  readonly id?: string | undefined;
  /** In place of the group's own value. */
  readonly checked?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly label?: MacroOptions | undefined;
  readonly hint?: OrContent<HintOptions> | undefined;
  /** Shown while it is chosen, and always without JavaScript. */
  readonly conditional?: Content;
  readonly attributes?: MoreAttributes | undefined;
}

/** What radio buttons and check boxes take alike. */
export interface ChoicesOptions<Item extends ChoiceOptions> extends GroupOptions {
  readonly name: string;
  /** What the items' ids begin with; the name, where nothing else is said. */
  readonly idPrefix?: string | undefined;
  readonly items: readonly Maybe<Item | { readonly divider: string }>[];
  readonly fieldset?: FieldsetOptions | undefined;
}

type Kind = 'radios' | 'checkboxes';

/** What a kind of choices adds to the input of an item. */
type InputOf<Item> = (item: Item) => MoreAttributes & { readonly checked: boolean };

/** The choices of a group, one below the other. */
export function Choices<Item extends ChoiceOptions>(options: {
  readonly kind: Kind;
  readonly group: ChoicesOptions<Item>;
  readonly inputOf: InputOf<Item>;
}): Element {
  const { kind, group, inputOf } = options;
  const { name, idPrefix = name, items, fieldset, classes, attributes } = group;
  return (
    <FieldGroup id={idPrefix} group={group} fieldset={fieldset}>
      <div class={classNames(`govuk-${kind}`, classes)} data-module={`govuk-${kind}`} {...attributes}>
        {items.map((item, index) => {
          if (!item) return null;
          if ('divider' in item) return <div class={`govuk-${kind}__divider`}>{item.divider}</div>;
          // The first has the group's own id, which an error summary links to.
          const id = item.id ?? (index === 0 ? idPrefix : `${idPrefix}-${index + 1}`);
          return <Choice kind={kind} item={item} id={id} input={{ name, ...inputOf(item) }} />;
        })}
      </div>
    </FieldGroup>
  );
}

function Choice(options: {
  readonly kind: Kind;
  readonly item: ChoiceOptions;
  readonly id: string;
  readonly input: ReturnType<InputOf<ChoiceOptions>>;
}): Element {
  const { kind, item, id, input } = options;
  const { value, disabled, label, conditional, attributes } = item;
  const { content: help, ...hint } = optionsOf<HintOptions>(item.hint ?? '');
  const hintId = item.hint === undefined ? undefined : `${id}-item-hint`;
  return (
    <>
      <div class={`govuk-${kind}__item`}>
        <input
          class={`govuk-${kind}__input`}
          id={id}
          type={kind === 'radios' ? 'radio' : 'checkbox'}
          value={value}
          disabled={disabled}
          data-aria-controls={conditional ? `conditional-${id}` : undefined}
          {...input}
          aria-describedby={classNames(input['aria-describedby'] as string | undefined, hintId) || undefined}
          {...attributes}
        />
        <Label {...label} classes={classNames(`govuk-${kind}__label`, label?.classes)} for={id}>
          {item.content}
        </Label>
        {hintId !== undefined && (
          <Hint {...hint} classes={classNames(`govuk-${kind}__hint`, hint.classes)} id={hintId}>
            {help}
          </Hint>
        )}
      </div>
      {conditional && (
        <div
          class={classNames(
            `govuk-${kind}__conditional`,
            !input.checked && `govuk-${kind}__conditional--hidden`,
          )}
          id={`conditional-${id}`}
        >
          {conditional}
        </div>
      )}
    </>
  );
}
