import { Field, describedBy } from './form-group.tsx';
import type { FieldOptions } from './form-group.tsx';
import { classNames } from './macro-options.ts';
import type { Element } from './macro-options.ts';

export function FileUpload(options: FieldOptions & { readonly multiple?: boolean | undefined }): Element {
  const { id = options.name, name, errorMessage } = options;
  return (
    <Field field={options}>
      <input
        class={classNames(
          'govuk-file-upload',
          options.classes,
          errorMessage !== undefined && 'govuk-file-upload--error',
        )}
        id={id}
        name={name}
        type="file"
        multiple={options.multiple}
        aria-describedby={describedBy(id, options)}
        {...options.attributes}
      />
    </Field>
  );
}
