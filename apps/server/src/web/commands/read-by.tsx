import {
  isOfTheRecipient,
  readsInternal,
  rightsOf,
  ROLES_OF_PEOPLE,
  seesRecipient,
} from '#state-machines/access';
import type { Element } from '../components/macro-options.ts';
import { bodyName } from '../names.ts';
import { inOneSentence } from '#lifecycle/words';
import { ROLE_WORDS } from '../words.ts';

type Visibility = 'public' | 'internal';

/** Returns the roles that can read a comment on the record, from the access rules. */
function readersOf(recipient: string | null, visibility: Visibility): readonly string[] {
  return ROLES_OF_PEOPLE.filter((role) => {
    const rights = rightsOf(role, recipient);
    return seesRecipient(rights, recipient) && (visibility === 'public' || readsInternal(rights, recipient));
  });
}

/** Names these roles before the comment is sent. */
export function ReadBy({
  recipient,
  visibility,
}: {
  readonly recipient: string | null;
  readonly visibility: Visibility;
}): Element {
  const readers = readersOf(recipient, visibility);
  const forBody = recipient === null ? '' : ` for ${bodyName(recipient)}`;
  const [theirs, others] = [true, false].map((isTheirs) =>
    readers.filter((role) => isOfTheRecipient(role) === isTheirs).map((role) => `${ROLE_WORDS[role]}s`),
  ) as [string[], string[]];
  return (
    <>
      {`Visible to ${theirs.length === 0 ? '' : `${inOneSentence(theirs)}${forBody}, and to `}${inOneSentence(others)}.`}
      {recipient !== null &&
        theirs.length === 0 &&
        ` People who work for ${bodyName(recipient)} cannot read it. The full history shows them that an internal comment was added, by whom and when.`}
    </>
  );
}
