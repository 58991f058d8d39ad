import type { WithheldValue } from '#audit/pack/lay-out-pack';
import type { PackChoices } from '#use-cases/audit/see-pack-choices';
import { Button } from '../components/button.tsx';
import { Input } from '../components/input.tsx';
import type { Element } from '../components/macro-options.ts';
import { valueWords } from '../member-values.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { MARK_FIELD } from '../page-context.ts';
import { counted } from '../words.ts';
import { typeInWords } from './log-addresses.ts';
import type { Chosen } from './pack-choices.ts';
import { captionOf } from './pack-form-view.tsx';
import type { PackAddresses } from './pack-addresses.ts';

interface PackCheckOptions {
  readonly id: string;
  readonly choices: PackChoices;
  readonly chosen: Chosen;
  readonly addresses: PackAddresses;
  readonly mark: string | undefined;
}

/** Lists everything that the pack leaves out, including values that follow from a choice. */
export function PackCheck({ id, choices, chosen, addresses, mark }: PackCheckOptions): Element {
  const { events, withheld } = choices;
  const values = `${counted(withheld.length, 'value')} ${withheld.length === 1 ? 'is' : 'are'} left out.`;
  return (
    <>
      <span class="govuk-caption-l">{captionOf(id, choices)}</span>
      <h1 class="govuk-heading-l">What the evidence pack leaves out</h1>
      <p class="govuk-body">
        {`The pack will have all ${counted(events.length, 'event')}. ${withheld.length === 0 ? 'Nothing is left out of it.' : values}`}
      </p>
      {withheld.length > 0 && <Withheld {...{ choices, chosen }} />}
      <form method="post" action={addresses.make}>
        <input type="hidden" name={MARK_FIELD} value={mark} />
        <p class="govuk-body" id="make-does">
          That you make it is put on record for good: when, up to which event, and how many values are left
          out. Then the history is signed, and the pack is sent to you as a file. Hand it on as it is: a zip
          that was unpacked and packed again is refused by those who check it.
        </p>
        <Input
          name="since"
          label="The checkpoint that the recipient kept, if any"
          hint="The number of events in its second line. The pack then shows that the history leads on from there"
          classes="govuk-input--width-10"
          inputmode="numeric"
          autocomplete="off"
        />
        <Input
          name="challenge"
          label="The recipient’s challenge, if any"
          hint="A text that the recipient sent to you, up to 128 letters, digits and signs. It goes on record and shows that the pack was made for their request. It cannot be erased: enter no personal data"
          classes="govuk-input--width-20"
          attributes={{ maxlength: '128' }}
          spellcheck={false}
          autocomplete="off"
        />
        <div class="govuk-button-group">
          <Button attributes={{ 'aria-describedby': 'make-does' }}>Make the pack</Button>
          <a class="govuk-link" href={addresses.form()}>
            Choose otherwise
          </a>
          <a class="govuk-link" href="/audit/packs/check">
            How it is checked
          </a>
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
      columns={['Event', 'What', 'Reason code', 'Why it is on this list'].map((heading) => ({ heading }))}
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
      <p class="govuk-body">{`And ${counted(withheld.length - SHOWN_MAX, 'more', 'more')}.`}</p>
    )}
  </>
);

function whyOf({ version, pointer, code }: WithheldValue, { codes }: Chosen): string {
  if (codes.has(`${version}:${pointer}`)) return 'You chose it';
  return code === 'internal'
    ? 'It is internal, or tells what is'
    : 'It says the same as what you chose, or shows what that was';
}
