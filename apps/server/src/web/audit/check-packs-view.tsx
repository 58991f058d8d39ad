import { VERSION } from '#platform/package-json';
import type { Element } from '../components/macro-options.ts';
import { SummaryList } from '../components/summary-list.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';

/** The verdicts, in the words of the verifiers. */
const VERDICTS: readonly (readonly [string, string])[] = [
  [
    'Does not hold',
    'Something in it is wrong, missing, or was changed. The lines below it say what. Ask for another pack.',
  ],
  [
    'Unanchored, it only agrees with itself',
    'No key was given. Anybody could have made it: ask for the key, on another way than the pack, and check again.',
  ],
  [
    'Holds as … signed it',
    'It is what the log with that key has on record. Whoever has the key could have written anew what came before it was signed.',
  ],
  [
    'Holds, and follows the checkpoint you kept',
    'Nothing up to your checkpoint was changed since you got that, whoever has the key.',
  ],
  [
    'Holds, and is witnessed',
    'The witnesses that your policy requires have seen the same log: everybody sees that log. It does not show that the log has one history of the record. Compare packs that were made for different people.',
  ],
  [
    'Holds, and is examined',
    'It is witnessed, and the examiners that your policy requires verified the whole log: the record has one history, and its states follow its rules.',
  ],
  [
    '…, but not all that you require is met',
    'The pack itself is sound. It was signed with another key than yours, made since another checkpoint, lacks witnesses, or is not for your challenge: the lines below it say which.',
  ],
];

/** Explains how to check a pack. */
export const CheckPacks = ({
  digests,
}: {
  readonly digests: readonly { readonly name: string; readonly digest: string }[];
}): Element => (
  <>
    <h1 class="govuk-heading-l">Check a pack</h1>
    <p class="govuk-body">
      A pack is checked on your own computer, and not here: what this service says of itself would be worth no
      more than whoever runs it. None of the three ways asks a network, or this service.
    </p>
    <h2 class="govuk-heading-m">In a browser</h2>
    <ol class="govuk-list govuk-list--number">
      <li>
        <a class="govuk-link" href="/audit/verify.html" download>
          Download verify.html
        </a>
        , and open it from your disk. Each pack has it as well.
      </li>
      <li>Paste the log’s key, which you got on another way than the pack.</li>
      <li>Drop the zip on it as you got it, and read the first line.</li>
    </ol>
    <h2 class="govuk-heading-m">With Python, or on the command line</h2>
    <p class="govuk-body">
      <a class="govuk-link" href="/audit/verify.py" download>
        Download verify.py
      </a>
      , which needs nothing but Python, and was written apart from the others: run{' '}
      <code>python3 verify.py 730.zip --key 'KEY'</code>. Where Docket is installed,{' '}
      <code>docket verify --pack FILE --key 'KEY'</code> does the same.
    </p>
    <h2 class="govuk-heading-m">Whether these are the right programs</h2>
    <p class="govuk-body">
      These are the digests (SHA-256) of the programs of version {VERSION}, and of its lifecycles, which
      --lifecycle takes. Compare them with digests that you got from somebody other than the operator of this
      service, or from another installation of the same version: this page alone could be wrong in the same
      way as the programs.
    </p>
    <SummaryList
      rows={digests.map(({ name, digest }) => ({
        key: name,
        value: <code class="docket-digest">{digest}</code>,
      }))}
    />
    <FirstLine />
  </>
);

const FirstLine = (): Element => (
  <>
    <h2 class="govuk-heading-m">What the first line means</h2>
    <StackedTable
      caption="What the first line means"
      columns={['The first line', 'What it says'].map((heading) => ({ heading }))}
      rows={VERDICTS.map(([verdict, says]) => [<strong>{verdict}</strong>, says])}
    />
    <h2 class="govuk-heading-m">What no pack proves</h2>
    <ul class="govuk-list govuk-list--bullet">
      <li>that the log has no second history of the record</li>
      <li>that rules and roles were kept, beyond the states that it shows</li>
      <li>who the people behind the subjects are</li>
      <li>
        that no newer pack exists: look at the moment below the verdict, or send a challenge with your request
      </li>
    </ul>
    <p class="govuk-body">
      It also says how many values were erased, and how many are left out of the pack: which, and by which
      code, stands at each event.
    </p>
  </>
);
