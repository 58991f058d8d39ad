import type { Envelope } from '#event-sourcing/envelope';
import type { LifecycleState } from './lifecycle-definition.ts';

/** A sentence, or the readers of the text that is entered there; the page has the words for those. */
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
  /** The candidates: with several, people choose; a single one is shown. */
  readonly choices?: readonly Choice[];
  /** Preselected. */
  readonly isChosen?: true;
  /**
   * The ids of the events that the decision is about, as the person saw them; by the value of another member if that
   * selects them.
   */
  readonly names?:
    readonly string[] | { readonly of: string; readonly lists: ReadonlyMap<string, readonly string[]> };
  /** The initial value. */
  readonly value?: string | null;
  /** Sent only if it differs from the initial value. */
  readonly isAmended?: true;
}

/** By payload member; null for one that the form leaves out. */
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
  /** The events that are decided on. */
  readonly about?: readonly ShownEvents[];
  /** Also shows what has changed since the last of these events. */
  readonly since?: { readonly eventIds: readonly string[]; readonly what: string };
  /** Open points that do not prevent the command. */
  readonly open?: readonly string[];
  /** The commands for another decision. */
  readonly otherCommands?: readonly string[];
  /** True if its fields contain the record's text. */
  readonly hasText?: true;
  /** Members of which exactly one is required, and the rule that refuses any other number. */
  readonly exactlyOne?: { readonly of: readonly string[]; readonly rule: string };
  /** Makes the person choose one of these events before the form is shown. */
  readonly first?: {
    readonly member: string;
    readonly legend: string;
    readonly none: string;
    readonly eventIds: readonly string[];
  };
}

/** A history line, as the person may read it. */
export interface HistoryLine {
  readonly eventId: string;
  readonly type: string;
  readonly effectiveOn: string;
  readonly actor: string;
  readonly role: string | null;
  readonly headline: string;
  readonly text?: string | null;
  readonly decides?: readonly string[];
}

/** A record, and the person who fills in the form of one of its commands. */
export interface FormSubject<Facts = unknown> {
  readonly state: LifecycleState<Facts>;
  readonly title: string | null;
  readonly text: string | null;
  readonly person: string;
  /** The roles in which they may send the command for this record. */
  readonly roles: readonly string[];
  /** A plain date. */
  readonly today: string;
  /** Returns the value of a member that was chosen before the form is shown. */
  readonly chosen: (member: string) => string | null;
  /** As stored, without texts. */
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
