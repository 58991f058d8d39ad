import type { JsonObject } from '#event-sourcing/envelope';
import type { ClosureOutcome } from '#state-machines/inspection-recommendation/v1/record-fields';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import { FormValues } from '../form-values.ts';
import { setDate } from '../forms/fields.ts';
import { VERSION_FIELD, KEY_FIELD } from '../forms/action-form.tsx';
import { fieldsFor } from './command-fields.ts';
import { ownComments } from './command-fields.ts';
import type { Subject } from './command-fields.ts';

/** What a form begins with: what its address says, and what is known before anything is typed. */
export function prefilled(command: CommandName, subject: Subject): FormValues {
  const values = new FormValues();
  setDate(values, 'effectiveOn', subject.today);
  for (const [name, value] of known(command, subject)) if (value !== null) values.set(name, value);
  for (const [name, value] of subject.chosen)
    if (name !== VERSION_FIELD && name !== KEY_FIELD) values.set(name, value);
  if (command === 'redact-comment') tickAll(values, subject);
  return values;
}

function known(command: CommandName, subject: Subject): readonly (readonly [string, string | null])[] {
  const { record, chosen } = subject;
  switch (command) {
    case 'amend-text':
      return [
        ['title', record.title],
        ['text', record.text],
      ];
    case 'correct-comment': {
      const comment = ownComments(subject).find(({ eventId }) => eventId === chosen.get('eventId'));
      return [['text', comment?.text ?? null]];
    }
    case 'request-closure':
      return [['outcome', 'complete' satisfies ClosureOutcome]];
    case 'confirm-deadline': {
      const { proposals } = record.pending;
      const meant =
        proposals.length === 1 ? proposals[0] : proposals.find(({ id }) => id === chosen.get('deadlineId'));
      return [['dueOn', meant?.suggestedOn ?? null]];
    }
    default:
      return [];
  }
}

function tickAll(values: FormValues, subject: Subject): void {
  const field = fieldsFor('redact-comment', subject).find(({ name }) => name === 'pointers');
  if (field?.kind !== 'ticks' || values.has('pointers')) return;
  for (const { value } of field.choices) values.append('pointers', value);
}

/** A text as it compares: browsers have their own ends of lines. */
const plain = (text: string | null): string => (text ?? '').replaceAll(/\r\n?/g, '\n');

/** What is sent of a form that began with what is there: an amendment names only what is said otherwise. */
export function whatChanges(command: CommandName, { record }: Subject, payload: JsonObject): JsonObject {
  if (command !== 'amend-text') return payload;
  return Object.fromEntries(
    Object.entries(payload).filter(
      ([name, value]) =>
        (name !== 'title' && name !== 'text') || plain(value as string) !== plain(record[name]),
    ),
  );
}
