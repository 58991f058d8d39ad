import type { Envelope } from '#event-sourcing/envelope';
import type { LifecycleState } from './lifecycle-definition.ts';

/** A sentence, or who reads what is written there, which the page knows. */
export type Hint = string | { readonly readBy: 'public' | 'internal' };

export interface Choice {
  readonly value: string;
  readonly text: string;
  readonly hint?: Hint;
}

/** What the field of a member has otherwise than its shape says. */
export interface FieldAsk {
  readonly label?: string;
  readonly hint?: Hint;
  readonly isOptional?: boolean;
  readonly isLine?: true;
  readonly rows?: number;
  /** Which one is meant: people choose between several, and the only one is shown. */
  readonly choices?: readonly Choice[];
  /** It was chosen before the form is shown. */
  readonly isChosen?: true;
  /** The ids of the events that the decision is about, as the person saw them; by the value of another member where that chooses. */
  readonly names?:
    readonly string[] | { readonly of: string; readonly lists: ReadonlyMap<string, readonly string[]> };
  /** With what the form begins. */
  readonly value?: string | null;
  /** It is sent only where it is no longer the value with which the form began. */
  readonly isAmended?: true;
}

/** By member of the payload; null for one that the form does not ask for. */
export type Asks = Readonly<Record<string, FieldAsk | null>>;

/** Events that are shown under a heading. */
export interface ShownEvents {
  readonly heading: string;
  readonly eventIds: readonly string[];
  /** What is said where there are none. */
  readonly none: string;
}

/** What the form of a command has besides the fields of its payload. */
export interface CommandForm {
  readonly asks?: Asks;
  /** What is decided on. */
  readonly about?: readonly ShownEvents[];
  /** What has changed since the last of these events is shown, too. */
  readonly since?: { readonly eventIds: readonly string[]; readonly what: string };
  /** What is still open, and does not stand in the way. */
  readonly open?: readonly string[];
  /** The commands that decide otherwise. */
  readonly otherWays?: readonly string[];
  /** Whether its fields hold the record's text. */
  readonly hasText?: true;
  /** Members of which exactly one is given, and the rule that refuses another number. */
  readonly exactlyOne?: { readonly of: readonly string[]; readonly rule: string };
  /** One of these events is chosen before the form is shown. */
  readonly first?: {
    readonly member: string;
    readonly legend: string;
    readonly none: string;
    readonly eventIds: readonly string[];
  };
}

/** A line of a history, as the person reads it. */
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

/** A record, and the person who fills in the form of a command on it. */
export interface FormSubject<Facts = unknown> {
  readonly state: LifecycleState<Facts>;
  readonly title: string | null;
  readonly text: string | null;
  readonly person: string;
  /** The roles in which they could give the command on this record. */
  readonly roles: readonly string[];
  /** A plain date. */
  readonly today: string;
  /** The value of a member that was chosen before the form is shown. */
  readonly chosen: (member: string) => string | null;
  /** As they are stored, without texts. */
  readonly events: readonly Envelope[];
  /** Empty unless the form shows history. */
  readonly history: readonly HistoryLine[];
  /** The state of the other record that the command is about; null where there is none. */
  readonly other: LifecycleState<Facts> | null;
}

/** How the form of a command depends on its record and on the person. */
export interface FormRow<Facts = unknown> {
  readonly showsHistory?: true;
  form(subject: FormSubject<Facts>): CommandForm;
}

export type FormTable<Facts = unknown> = Readonly<Record<string, FormRow<Facts>>>;
