import { FileUpload, Input, smallLabel } from '../components/fields.tsx';
import { Details } from '../components/blocks.tsx';
import type { Element } from '../components/macro-options.ts';
import { sizeInWords } from '../file-size.ts';
import { FILES_FIELD, filesProblem, isHashed, itemsIn } from './evidence-items.ts';
import type { EvidenceMember, TypedItem } from './evidence-items.ts';
import type { Field } from './fields.ts';
import { errorAt } from './form-errors.ts';
import type { Shown } from './form-errors.ts';

type FilesField = Extract<Field, { readonly kind: 'files' }> & Shown;

/** Files of evidence: an upload, the files that were added already, and digests of files elsewhere. */
export function EvidenceField({ values, errors, ...field }: FilesField): Element {
  const items = itemsIn(values, field.name);
  const own = errorAt(errors, field.name) ?? filesProblem(values);
  const isWrong = (index: number) =>
    errors.some((error) => error.field?.startsWith(`${field.name}-${index}-`));
  const isTyped = (item: TypedItem, index: number) => isWrong(index) || !isHashed(item);
  const hasTyped = items.some(isTyped);
  return (
    <div
      class="docket-evidence"
      data-module="docket-file-digests"
      data-field={field.name}
      data-next={items.length + 1}
    >
      <FileUpload
        name={FILES_FIELD}
        id={field.name}
        label={smallLabel(field.label)}
        hint={field.hint}
        errorMessage={own}
        multiple
      />
      <noscript>
        <p class="govuk-hint">
          The files are uploaded only to calculate their digests, and are not stored. The limit is 100 MB in
          total.
        </p>
      </noscript>
      <ul class="govuk-list docket-evidence__items" aria-live="polite">
        {items.map(
          (item, index) => !isTyped(item, index) && <Hashed item={item} prefix={`${field.name}-${index}`} />,
        )}
      </ul>
      {items.map(
        (item, index) =>
          isTyped(item, index) && <TypedRow item={item} prefix={`${field.name}-${index}`} errors={errors} />,
      )}
      <Details summary="Enter the digest of a file" open={hasTyped && own !== undefined}>
        <TypedRow item={{}} prefix={`${field.name}-${items.length}`} errors={errors} />
      </Details>
    </div>
  );
}

const HIDDEN: readonly EvidenceMember[] = ['name', 'sha256', 'size', 'mediaType', 'url'];

/** A hashed file, without its bytes. */
const Hashed = ({ item, prefix }: { readonly item: TypedItem; readonly prefix: string }): Element => (
  <li class="docket-evidence__item">
    <strong>{item.name}</strong>, {sizeInWords(Number(item.size))}
    <br />
    SHA-256 <code class="docket-digest">{item.sha256}</code>
    {HIDDEN.map(
      (member) =>
        item[member] !== undefined && (
          <input type="hidden" name={`${prefix}-${member}`} value={item[member]} />
        ),
    )}
    <div class="govuk-checkboxes govuk-checkboxes--small" data-module="govuk-checkboxes">
      <div class="govuk-checkboxes__item">
        <input
          class="govuk-checkboxes__input"
          type="checkbox"
          id={`${prefix}-remove`}
          name={`${prefix}-remove`}
          value="yes"
        />
        <label class="govuk-label govuk-checkboxes__label" for={`${prefix}-remove`}>
          Remove<span class="govuk-visually-hidden"> {item.name}</span>
        </label>
      </div>
    </div>
  </li>
);

interface Row extends Pick<Shown, 'errors'> {
  readonly item: TypedItem;
  readonly prefix: string;
}

const TypedRow = ({ item, prefix, errors }: Row): Element => (
  <fieldset class="govuk-fieldset">
    <legend class="govuk-visually-hidden">File by its digest</legend>
    {ROW.map(([member, label]) => (
      <Input
        name={`${prefix}-${member}`}
        label={label}
        value={item[member] ?? ''}
        errorMessage={errorAt(errors, `${prefix}-${member}`)}
        autocomplete="off"
        spellcheck={false}
      />
    ))}
    {(['size', 'mediaType'] as const).map(
      (member) =>
        item[member] !== undefined && (
          <input type="hidden" name={`${prefix}-${member}`} value={item[member]} />
        ),
    )}
  </fieldset>
);

const ROW = [
  ['name', 'File name'],
  ['sha256', 'SHA-256 digest, 64 hexadecimal digits'],
  ['url', 'Web address of the file (optional)'],
] as const;
