import { anomalyCodes } from '#register-format/anomalies';
import type { ImportOutcome } from '#use-cases/register/import-record';
import { Button } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { SummaryList } from '../components/summary-list.tsx';
import { ACTION_FIELD, ActionForm, Refused } from '../forms/action-form.tsx';
import type { Field } from '../forms/fields.ts';
import type { Shown } from '../forms/form-errors.ts';
import { PASTED_FIELD, RECORD_SOURCE } from '../forms/record-source.ts';
import { counted } from '../words.ts';
import { SOURCE_FIELDS } from './import-fields.ts';
import { markedSource } from './marked-source.ts';

/** The button that says what an import would do, and does nothing. */
export const CHECK = 'check';

interface ImportOptions extends Shown {
  readonly fields: readonly Field[];
  /** The record, once there is one. */
  readonly source: Buffer | null;
  /** What the import would do; null where nothing is checked, or it would be refused. */
  readonly outcome: ImportOutcome | null;
  readonly mark: string | undefined;
  readonly formKey: string;
}

/** A register record is given, looked at, and brought in. */
export const ImportView = (options: ImportOptions): Element => (
  <>
    <Refused errors={options.errors} fields={[...SOURCE_FIELDS, ...options.fields]} />
    <h1 class="govuk-heading-l">Import a register record</h1>
    {options.outcome !== null && options.source !== null ? (
      <Checked {...options} source={options.source} outcome={options.outcome} />
    ) : (
      <Given {...options} />
    )}
  </>
);

const Given = ({ fields, values, errors, source, mark, formKey }: ImportOptions): Element => (
  <div class="govuk-grid-row">
    <div class="govuk-grid-column-two-thirds">
      <p class="govuk-body">
        First the record is checked: you see what would be imported, and what is odd about it.
      </p>
      <ActionForm
        action="/imports/new"
        mark={mark}
        formKey={formKey}
        fields={[...SOURCE_FIELDS, ...fields]}
        values={values}
        errors={errors}
        button="Check it"
        buttonValue={CHECK}
      >
        {source !== null && values.text(PASTED_FIELD) === '' && (
          <>
            <input type="hidden" name={RECORD_SOURCE} value={source.toString('base64url')} />
            <p class="govuk-hint">The record that you gave is still here; give another one to replace it.</p>
          </>
        )}
      </ActionForm>
    </div>
  </div>
);

type CheckedOptions = ImportOptions & { readonly source: Buffer; readonly outcome: ImportOutcome };

function Checked({ fields, values, errors, source, outcome, mark, formKey }: CheckedOptions): Element {
  const isNew = outcome.outcome !== 'unchanged';
  return (
    <>
      <SummaryList rows={summaryOf(outcome)} />
      <p class="govuk-body">Nothing is imported yet.</p>
      <ActionForm
        action="/imports/new"
        mark={mark}
        formKey={formKey}
        fields={fields}
        values={values}
        errors={errors}
        button={isNew ? 'Import it' : 'Import it again'}
        more={
          <>
            <Button name={ACTION_FIELD} value={CHECK} classes="govuk-button--secondary">
              Check again
            </Button>
            <a class="govuk-link" href="/imports/new">
              Give another record
            </a>
          </>
        }
      >
        <input type="hidden" name={RECORD_SOURCE} value={source.toString('base64url')} />
      </ActionForm>
      <MarkedSource source={source} outcome={outcome} />
    </>
  );
}

const OUTCOMES = {
  created: 'A new record',
  appended: 'What is new is added to the record',
  unchanged: 'Nothing: the record has all of it',
} as const;

function summaryOf({ id, outcome, events, anomalies, moreAnomalies = 0 }: ImportOutcome) {
  const odd = anomalies.length + moreAnomalies;
  return [
    { key: 'Record', value: id },
    { key: 'What would be imported', value: OUTCOMES[outcome] },
    { key: 'Events', value: events },
    { key: 'What is odd about it', value: odd === 0 ? 'Nothing' : counted(odd, 'oddity', 'oddities') },
  ];
}

const WHEN: Readonly<Record<string, string>> = Object.fromEntries(
  anomalyCodes.map(({ code, when }) => [code, when]),
);

/** The record as it was given, with what is odd at its line and column. */
function MarkedSource({
  source,
  outcome,
}: {
  readonly source: Buffer;
  readonly outcome: ImportOutcome;
}): Element {
  const { anomalies } = outcome;
  return (
    <section>
      <h2 class="govuk-heading-m">The record</h2>
      <ol class="govuk-list docket-source">
        {markedSource(source, anomalies).map(({ line, pieces, oddities, gap }) => (
          <li key={line} value={line} class={gap ? 'docket-source__gap' : undefined}>
            <code class="docket-source__line">
              {pieces.map(({ text, oddity }, index) =>
                oddity === null ? text : <mark key={index}>{text === '' ? '▸' : text}</mark>,
              )}
            </code>
            {oddities.map((index) => {
              const { code, column, detail } = anomalies[index] ?? { code: '', column: 0, detail: '' };
              return (
                <p key={index} class="docket-source__oddity govuk-body-s">
                  {`Line ${line}, column ${column}: ${WHEN[code] ?? code} (${detail})`}
                </p>
              );
            })}
          </li>
        ))}
      </ol>
    </section>
  );
}
