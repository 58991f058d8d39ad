import type { WithheldValue } from '#audit/pack/lay-out-pack';
import type { PackChoices } from '#use-cases/audit/see-pack-choices';
import { Button, Link } from '../components/button.tsx';
import { Input } from '../components/fields.tsx';
import type { Element } from '../components/macro-options.ts';
import { valueWords } from '../member-values.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { Mark } from '../forms/post-form.tsx';
import { countWords } from '../words.ts';
import { typeInWords } from './log-addresses.ts';
import type { Chosen, PackAddresses } from './pack-choices.ts';
import { captionOf } from './pack-form-view.tsx';

interface PackCheckOptions {
  readonly id: string;
  readonly choices: PackChoices;
  readonly chosen: Chosen;
  readonly addresses: PackAddresses;
}

/** Lists everything that the pack leaves out, including values that follow from a choice. */
export function PackCheck({ id, choices, chosen, addresses }: PackCheckOptions): Element {
  const { events, withheld } = choices;
  const values = `${countWords(withheld.length, 'value')} ${withheld.length === 1 ? 'is' : 'are'} left out.`;
  return (
    <>
      <span class="govuk-caption-l">{captionOf(id, choices)}</span>
      <h1 class="govuk-heading-l">What the evidence pack leaves out</h1>
      <p class="govuk-body">
        {`The pack will contain all ${countWords(events.length, 'event')}. ${withheld.length === 0 ? 'Nothing is left out.' : values}`}
      </p>
      {withheld.length > 0 && <Withheld {...{ choices, chosen }} />}
      <form method="post" action={addresses.make}>
        <Mark />
        <p class="govuk-body" id="make-does">
          Making a pack is recorded permanently, with the time, the last event and the number of values left
          out. Then the history is signed and the pack is downloaded. Pass on the original file: a zip that
          was unpacked and packed again fails the check.
        </p>
        <Input
          name="since"
          label="Checkpoint that the recipient kept (optional)"
          hint="Enter the number on its second line. The pack then proves that the history continues from that checkpoint."
          classes="govuk-input--width-10"
          inputmode="numeric"
          autocomplete="off"
        />
        <div class="govuk-button-group">
          <Button attributes={{ 'aria-describedby': 'make-does' }}>Make the pack</Button>
          <Link href={addresses.form()}>Change what to leave out</Link>
          <Link href="/verify">How to verify a pack</Link>
        </div>
      </form>
    </>
  );
}

const SHOWN_MAX = 200;

const Withheld = ({
  choices: { withheld, events },
  chosen,
}: Pick<PackCheckOptions, 'choices' | 'chosen'>): Element => (
  <>
    <StackedTable
      caption="What is left out"
      columns={['Event', 'Value', 'Reason code', 'Why it is left out']}
      rows={withheld
        .slice(0, SHOWN_MAX)
        .map(({ version, pointer, code }) => [
          `${version}. ${typeInWords(events[version - 1]?.event.type ?? '')}`,
          valueWords(pointer),
          code,
          whyOf({ version, pointer, code }, chosen),
        ])}
    />
    {withheld.length > SHOWN_MAX && (
      <p class="govuk-body">{`And ${countWords(withheld.length - SHOWN_MAX, 'more', 'more')}.`}</p>
    )}
  </>
);

function whyOf({ version, pointer, code }: WithheldValue, { codes }: Chosen): string {
  if (codes.has(`${version}:${pointer}`)) return 'You chose it';
  return code === 'internal'
    ? 'It is internal, or reveals internal content'
    : 'It repeats or reveals a value that you chose';
}
