import { Field, describedBy } from './form-group.tsx';
import type { FieldOptions } from './form-group.tsx';
import { classNames } from './macro-options.ts';
import type { Element, MoreAttributes } from './macro-options.ts';

export interface FileUploadOptions extends FieldOptions {
  readonly multiple?: boolean | undefined;
  /** With JavaScript, files can be dropped on it. */
  readonly javascript?: boolean | undefined;
  readonly wrapperClasses?: string | undefined;
  readonly wrapperAttributes?: MoreAttributes | undefined;
}

/** Files from the person's own machine. */
export function FileUpload(options: FileUploadOptions): Element {
  const { id = options.name, name, javascript = false, wrapperClasses, wrapperAttributes } = options;
  const input = (
    <input
      class={classNames(
        'govuk-file-upload',
        options.classes,
        options.errorMessage !== undefined && 'govuk-file-upload--error',
      )}
      id={id}
      name={name}
      type="file"
      disabled={options.disabled}
      multiple={options.multiple}
      aria-describedby={describedBy(id, options, options.describedBy)}
      {...options.attributes}
    />
  );
  if (!javascript) return <Field field={options}>{input}</Field>;
  return (
    <Field field={options}>
      <div
        class={classNames('govuk-file-upload-wrapper', wrapperClasses)}
        data-module="govuk-file-upload"
        {...wrapperAttributes}
      >
        {input}
      </div>
    </Field>
  );
}
