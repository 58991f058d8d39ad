import type { Envelope } from '#event-sourcing/envelope';
import type { LifecycleState } from './lifecycle-definition.ts';

/** A sentence, or who can read the text that is entered; the page has words for those readers. */
export type Hint = string | { readonly readBy: 'public' | 'internal' };

export interface Choice {
  readonly value: string;
  readonly text: string;
  readonly hint?: Hint;
}

/** Overrides for the field of a payload member. */
export interface FieldOverride {
  readonly label?: string;
  readonly hint?: Hint;
  readonly isOptional?: boolean;
  readonly isLine?: true;
  readonly rows?: number;
  /** The candidates. A single one is shown instead of offered. */
  readonly choices?: readonly Choice[];
  /** True if the option is preselected. */
  readonly isChosen?: true;
  /**
   * The ids of the events that the decision is about, as shown to the person. If another member selects them, a list
   * for each of its values.
   */
  readonly names?:
    | readonly string[]
    | { readonly of: string; readonly lists: ReadonlyMap<string, readonly string[]> };
  /** The initial value. */
  readonly value?: string | null;
  /** True if the member is sent only when it differs from the initial value. */
  readonly isAmended?: true;
}

/** Overrides by payload member; null for a member that the form leaves out. */
export type FormFields = Readonly<Record<string, FieldOverride | null>>;

/** Events shown under a heading. */
export interface ShownEvents {
  readonly heading: string;
  readonly eventIds: readonly string[];
  /** The text shown if there are none. */
  readonly none: string;
}

/** The parts of a command's form besides its payload fields. */
export interface CommandForm {
  readonly fields?: FormFields;
  /** The events that the person decides on. */
  readonly about?: readonly ShownEvents[];
  /** Also shows what has changed since the last of these events. */
  readonly since?: { readonly eventIds: readonly string[]; readonly what: string };
  /** Open points that are shown but do not prevent the command. */
  readonly open?: readonly string[];
  /** The commands for the opposite decision. */
  readonly otherCommands?: readonly string[];
  /** True if its fields contain the record's text. */
  readonly hasText?: true;
  /** Members of which exactly one is required, and the code of the rule that enforces it. */
  readonly exactlyOne?: { readonly of: readonly string[]; readonly rule: string };
  /** The choice of an event that the person makes before the form is shown. */
  readonly first?: {
    readonly member: string;
    readonly legend: string;
    readonly none: string;
    readonly eventIds: readonly string[];
  };
}

/** A history entry, limited to what the person may read. */
export interface HistoryLine {
  readonly eventId: string;
  readonly type: string;
  readonly effectiveOn: string;
  /** The subject of the person who acted. */
  readonly actor: string;
  /** The role that permitted it; null if no command was decided. */
  readonly role: string | null;
  readonly headline: string;
  /** The text; null if erased, absent if the event has none. */
  readonly text?: string | null;
  readonly decides?: readonly string[];
}

/** The record of a command's form, and the person who fills it in. */
export interface FormSubject<Facts = unknown> {
  readonly state: LifecycleState<Facts>;
  readonly title: string | null;
  readonly text: string | null;
  readonly person: string;
  /** The roles in which the person may send the command for this record. */
  readonly roles: readonly string[];
  /** A plain date. */
  readonly today: string;
  /** Returns the value of a member that was chosen before the form is shown. */
  readonly chosen: (member: string) => string | null;
  /** The stored events, without texts. */
  readonly events: readonly Envelope[];
  /** Empty unless the form shows history. */
  readonly history: readonly HistoryLine[];
  /** The state of the other record that the command affects; null if there is none. */
  readonly other: LifecycleState<Facts> | null;
}

/** Adapts the form of a command to its record and the person. */
export interface FormRow<Facts = unknown> {
  readonly showsHistory?: true;
  form(subject: FormSubject<Facts>): CommandForm;
}

export type FormTable<Facts = unknown> = Readonly<Record<string, FormRow<Facts>>>;
