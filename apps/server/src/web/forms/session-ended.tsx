import type { FastifyReply, FastifyRequest } from 'fastify';
import { Button, Link } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { isOfSession } from '../form-values.ts';
import type { FormValues } from '../form-values.ts';
import { MARK_FIELD } from '../page-context.ts';
import { sendPage } from '../send-page.tsx';
import { ACTION_FIELD } from './action-form.tsx';
import { recordFrom, RECORD_SOURCE } from '../read-forms.ts';

/** The action of "Continue", which shows the form again. */
const RESUME = 'resume';

/** Keeps the values of a form whose session has ended, until the user has signed in again. */
function SessionEnded(props: { readonly action: string; readonly values: FormValues }): Element {
  const { action, values } = props;
  return (
    <>
      <h1 class="govuk-heading-l">Your sign-in has ended</h1>
      <p class="govuk-body">Nothing was changed. What you typed is still here.</p>
      <ol class="govuk-list govuk-list--number">
        <li>
          <Link href="/sign-in" target="_blank" rel="noopener noreferrer">
            Sign in (opens in a new tab)
          </Link>
        </li>
        <li>Come back to this page and continue. You will see the form again, and can send it.</li>
      </ol>
      <form method="post" action={action}>
        {keptFields(values).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <Button name={ACTION_FIELD} value={RESUME}>
          Continue
        </Button>
      </form>
    </>
  );
}

/**
 * Shows that page if the session has ended.
 * @returns whether it was shown; the caller must do nothing then.
 */
export async function keepInput(reply: FastifyReply, values: FormValues): Promise<boolean> {
  const { request } = reply;
  if (request.session !== null) return false;
  const content = <SessionEnded action={request.url} values={values} />;
  await sendPage(reply, { title: ['Your sign-in has ended'], isKeepingInput: true, content }, 401);
  return true;
}

/** Returns whether the form is only shown again: the user checks it after a new sign-in. */
export const isResumed = (request: FastifyRequest, values: FormValues): boolean =>
  values.text(ACTION_FIELD) === RESUME || !isOfSession(request, values);

/** Returns all values as hidden fields, with the bytes of a register record. */
function keptFields(values: FormValues): [string, string][] {
  const typed = [...values].filter(([name]) => name !== MARK_FIELD && name !== ACTION_FIELD);
  const record = recordFrom(values);
  return [
    ...typed.filter(([name]) => record === null || name !== RECORD_SOURCE),
    ...(record === null ? [] : [[RECORD_SOURCE, record.toString('base64url')] satisfies [string, string]]),
  ];
}
