import type { LogStanding, WitnessSight } from '#use-cases/audit/see-log-standing';
import type { LogVerification } from '#use-cases/audit/verify-now';
import { Button } from '../components/button.tsx';
import { Input } from '../components/input.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Textarea } from '../components/textarea.tsx';
import { WarningText } from '../components/set-apart.tsx';
import { longInstant } from '../dates.ts';
import { MARK_FIELD } from '../page-context.ts';
import { RECORD, counted } from '../words.ts';
import { Verifications } from './verifications-view.tsx';

interface AuditOptions {
  readonly standing: LogStanding;
  readonly verifications: readonly LogVerification[];
  readonly mark: string | undefined;
}

export const AuditView = ({ standing, verifications, mark }: AuditOptions): Element => (
  <>
    <h1 class="govuk-heading-l">Audit</h1>
    <Protected standing={standing} mark={mark} />
    <Verifications verifications={verifications} mark={mark} />
    <Packs />
    <OnRecord />
  </>
);

const Part = (given: {
  readonly id: string;
  readonly heading: string;
  readonly children: Content;
}): Element => (
  <section aria-labelledby={given.id}>
    <h2 class="govuk-heading-m" id={given.id}>
      {given.heading}
    </h2>
    {given.children}
  </section>
);

type Standing = Pick<AuditOptions, 'standing'>;

const Protected = ({ standing, mark }: Standing & Pick<AuditOptions, 'mark'>): Element => (
  <Part id="protected" heading="What protects the history">
    {standing.refusal !== null && (
      <WarningText>{`The history is not signed now: ${standing.refusal}`}</WarningText>
    )}
    <Signed standing={standing} />
    <Seen standing={standing} />
    <Unprotected standing={standing} />
    <form method="post" action="/audit/checkpoints" class="docket-not-on-paper">
      <input type="hidden" name={MARK_FIELD} value={mark} />
      <p class="govuk-body" id="sign-does">
        Signing covers all that has come until now, and is recorded in the history for good.
      </p>
      <Button
        classes="govuk-button--secondary"
        attributes={{ 'aria-describedby': 'sign-does' }}
        preventDoubleClick
      >
        Sign now
      </Button>
    </form>
    <Keys standing={standing} />
  </Part>
);

function Signed({ standing: { events, checkpoint } }: Standing): Element {
  if (checkpoint === null)
    return (
      <p class="govuk-body">
        {`The history has ${counted(events, 'event')}, and none of it has been signed yet: nothing would show that its end was cut off, or that all of it was written anew.`}
      </p>
    );
  const { origin, size, signedAt, isTimestamped } = checkpoint;
  return (
    <>
      <p class="govuk-body">
        {`The history up to event ${numbered(size)} was signed on ${longInstant(signedAt)} by `}
        <code class="docket-id">{origin}</code>
        {isTimestamped && ', and a third party has confirmed the time'}
        {
          '. Whoever has this checkpoint can show later if any of these events was changed, taken out or put in. '
        }
        <a class="govuk-link" href="/audit/checkpoint" download>
          Download the checkpoint
        </a>
        {', and keep it where whoever runs this service cannot change it.'}
      </p>
    </>
  );
}

function Seen({ standing: { witnesses, checkpoint } }: Standing): Element | null {
  if (checkpoint === null) return null;
  if (witnesses === null || witnesses.length === 0)
    return (
      <p class="govuk-body">
        <strong>No witness has seen it.</strong> So whoever runs this service and has its key could write the
        history anew, and only somebody who kept an earlier checkpoint would notice. Keep one yourself, each
        time that you look here; and ask the administrator to name a witness that somebody else runs.
      </p>
    );
  return (
    <>
      <ul class="govuk-list govuk-list--bullet">
        {witnesses.map((witness) => (
          <li key={witness.name}>
            <Sight {...witness} />
          </li>
        ))}
      </ul>
      <p class="govuk-body">
        A witness signs only what leads on from all that it has seen before. So up to there the history cannot
        be written anew without its taking part; one that is run by whoever runs this service proves nothing.
      </p>
    </>
  );
}

function Sight({ name, seen, failure }: WitnessSight): Element {
  const failed = failure === null ? '' : ` When it was asked last, it did not sign: ${failure}.`;
  const who = <code class="docket-id">{name}</code>;
  if (seen === null)
    return (
      <>
        {who}
        {` has seen none of the last checkpoints.${failed}`}
      </>
    );
  return (
    <>
      {`The history up to event ${numbered(seen.size)} was seen by `}
      {who}
      {` on ${longInstant(seen.at)}.${failed}`}
    </>
  );
}

const Unprotected = ({ standing: { events, checkpoint, unprotected } }: Standing): Element | null =>
  checkpoint === null ? null : (
    <p class="govuk-body">
      {unprotected === 0
        ? `Since then only the signing itself has been recorded${afterSigning(events - checkpoint.size)}: all else is signed.`
        : `Not signed yet: ${counted(unprotected, 'event')} that came since. Until ${unprotected === 1 ? 'it is' : 'they are'} signed, nothing would show that ${unprotected === 1 ? 'it was' : 'they were'} taken out again.`}
    </p>
  );

/** The event that records a checkpoint comes after the events that it covers. */
const afterSigning = (count: number): string => (count <= 0 ? '' : `, in ${counted(count, 'event')}`);

const NUMBER = new Intl.NumberFormat('en-GB');

/** Formats an event's number, counted from 1. */
const numbered = (number: number): string => NUMBER.format(number);

const Keys = ({ standing: { verifierKeys } }: Standing): Element | null =>
  verifierKeys.length === 0 ? null : (
    <Textarea
      name="vkey"
      label={{
        content:
          verifierKeys.length === 1
            ? 'The key that signatures are checked with'
            : 'The keys that signatures are checked with',
      }}
      hint="Hand it to whoever is to check packs or checkpoints, once, and on another way than these: on paper, or by a mail of your own."
      rows={2 * verifierKeys.length + 1}
      value={verifierKeys.join('\n')}
      attributes={{ readonly: true, 'data-copy': 'Copy the key' }}
    />
  );

const Packs = (): Element => (
  <Part id="packs" heading="Evidence packs">
    <p class="govuk-body">
      A pack is a record with proof that it is genuine, unaltered and complete. Whoever gets it checks that
      without this service, and without believing who runs it.
    </p>
    <form method="get" action="/audit/packs" class="docket-not-on-paper">
      <Input
        name="record"
        label={`Make a pack of the ${RECORD.singular}`}
        hint="Its id, as its page and the register show it; or words to find it by"
        classes="govuk-input--width-20"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
      />
      <Button classes="govuk-button--secondary">Choose what goes into it</Button>
    </form>
    <p class="govuk-body">
      <a class="govuk-link" href="/audit/packs/check">
        Check a pack
      </a>
    </p>
  </Part>
);

const LISTS = [
  {
    href: '/audit/log',
    text: 'The log',
    says: `all events but who read it, by kind, person, ${RECORD.singular} and day`,
  },
  {
    href: '/audit/accesses',
    text: 'Accesses',
    says: 'who was given what: exports, packs, the log, and what is internal',
  },
  {
    href: '/audit/refusals',
    text: 'Refusals',
    says: 'what was refused, to whom, and which rule stood against it',
  },
] as const;

const OnRecord = (): Element => (
  <Part id="on-record" heading="What is on record">
    <ul class="govuk-list govuk-list--bullet">
      {LISTS.map(({ href, text, says }) => (
        <li key={href}>
          <a class="govuk-link" href={href}>
            {text}
          </a>
          {`: ${says}`}
        </li>
      ))}
    </ul>
  </Part>
);
