import { isOfOtherDuty } from './clause-of-duty.ts';
import { isOfClause, pronounBefore } from './clause-of-noun.ts';
import { isOfEachCase } from './each-case.ts';
import { ASKED, partOf, type Part, type VerbGroup } from './verb-groups.ts';

/** Whether a date in a sentence is a deadline. */
export type Duty =
  /** The sentence states a duty. */
  | 'due'
  /** No verb decides: it is an instruction, a heading or a form. */
  | 'unsaid'
  /** The sentence has both a duty and an account of the past or a plan, and the date may belong to either. */
  | 'unclear'
  /** It describes the past, the present or a plan. */
  | 'not-due';

/** When the deadline would be, compared with publication. A period counted from publication is `relative`. */
export type When = 'before-publication' | 'after-publication' | 'relative';

interface Place {
  /** The sentence before and after the words of the date. */
  readonly before: string;
  readonly after: string;
  readonly when: When;
  /** Whether a label identifies it without a verb: "Target date". */
  readonly isLabelled: boolean;
  /** Whether the cue is "before" or "within", which can also follow a noun: "cases opened before". */
  readonly isLoose: boolean;
  /** Whether the cue is a word of urgency: "immediately". */
  readonly isUrgent: boolean;
  /** Whether the period may apply to each case of a service: it is short, or counted from an event. */
  readonly canRecur: false | 'of-cases' | 'of-all';
}

/** The maximum length of context on each side of a date, so that text without full stops is fast. */
const REACH = 400;
/** A past verb further than this from a date that opens its sentence belongs to another clause. */
const NEAR = 110;

const SENTENCE_END = /[.!?]["')\]]* (?=[^\p{Ll}])|[\n;\u2022]/gu;

/** Returns the parts of the sentence before and after a place in a flat text. */
export function sentenceAround(text: string, from: number, to: number): { before: string; after: string } {
  const textBefore = text.slice(Math.max(0, from - REACH), from);
  // A full stop followed by a lower-case letter does not end a sentence. The place itself may begin with one.
  const ends = Array.from(
    (textBefore + text.charAt(from)).matchAll(SENTENCE_END),
    (match) => match.index + match[0].length,
  );
  const forth = text.slice(to, to + REACH);
  const [next] = forth.matchAll(SENTENCE_END);
  return {
    before: textBefore.slice(ends.at(-1) ?? 0),
    after: forth.slice(0, next?.index),
  };
}

/** Reports whether a place after this text opens a clause, whose verb follows. */
const opensClause = (before: string): boolean => /(?:^|[,:([-]|(?:^| )(?:and|but|that)) ?$/i.test(before);

export const opensSentence = (before: string): boolean =>
  /^[^\p{L}]*(?:(?:recommendation|action|and|or|\p{L}) ?[\d.:)]*[.:)]? ?)?$/iu.test(before);

/** "The force should, by 30 June, …": the verb precedes the date although a clause seems to open. */
const BROKEN_OFF = /(?:should|must|shall|will|to)(?: \p{L}+ly| also| each| all| now)?, $/iu;
/** Reports whether a date between commas opens no clause: "must be satisfied, by 30 June, that", but not "and, by 30 June, must". */
const isPutIn = (before: string, after: string): boolean =>
  /(?<!\b(?:and|but)), $/i.test(before) && /^(?: (?:of|from|after|following) [^,]*)?,/.test(after);
const QUESTION = /^\P{L}*(?:can|could|would|will|may) /iu;
const NOT_DONE = /(?<!\p{L})(?:not|no|cannot|unable|fails?)(?!\p{L})/u;
const OF_SENTENCE = /(?<!\p{L})(?:should|must|shall|will|please|may)(?!\p{L})/u;
/**
 * Returns the verdict on a date in a condition: a consequence ("if he does not return it by 30 June",
 * "unless") or a permission ("if it is to close by").
 */
function conditionOf({ before, after, when }: Place): Duty | null {
  const isOpen = /(?<!\p{L})if,? $/iu.test(before);
  const [behind = ''] = after.replace(/^,/, '').split(',');
  const clause =
    ` ${before.replace(/,? $/, ' ').split(',').at(-1) ?? ''}${isOpen ? behind : ''}`.toLowerCase();
  const [, inverted] = /^\P{L}*should ([^,]*)$/iu.exec(before) ?? [];
  const [anywhere = inverted ?? ''] = /(?<!\p{L})if .*/u.exec(clause) ?? [];
  if (/ unless |^\P{L}*failure to /u.test(clause) || NOT_DONE.test(anywhere))
    return when === 'after-publication' ? 'due' : null;
  if (inverted !== undefined) return OF_SENTENCE.test(inverted) ? null : 'not-due';
  const [, condition] = /^ *(?:and |but |or |so |even )?if (.*)/u.exec(clause) ?? [];
  // "May extend it if the council asks for it before".
  const [, granted] = / (?:may|can|will) .* if (.*)/u.exec(clause) ?? [];
  if (granted !== undefined && !OF_SENTENCE.test(granted)) return 'not-due';
  const isLong = condition !== undefined && condition.trim().split(' ').length > 2;
  return isLong && !OF_SENTENCE.test(condition) ? 'not-due' : null;
}

/** "Carry out its promise to reopen by": the day of the promise, or of the duty. */
const OF_NOUN =
  /(?<!\p{L})(?:its|their|his|her|the) (?:\p{L}+ )?(?:promise|pledge|commitment|undertaking|decision|offer|failure|intention) to [^,;:]*$/iu;
/** "Apologise for not having replied by": a failure to meet a past day. */
const OF_FAILURE = /(?<!\p{L})(?:failing|failures?|having|delays?|omissions?)(?!\p{L})[^,;:]*$/iu;

/** Judges a date by the verbs of its sentence. */
export function dutyAround(place: Place): Duty {
  const earlier = partOf(place.before);
  const later = behind(place);
  if (place.when === 'before-publication' && OF_FAILURE.test(place.before)) return 'not-due';
  const verdict = requires(earlier, place) ?? verdictOf(place, earlier, later);
  if (place.when !== 'after-publication' || verdict !== 'due') return verdict;
  const isUnclear =
    namesSubject(earlier, later) ||
    OF_NOUN.test(place.before) ||
    isOfOtherDuty(earlier, later, BROKEN_OFF.test(place.before));
  return isUnclear ? 'unclear' : verdict;
}

/** Returns the part after the date, without an instruction if the date opens no clause: "those who transfer by 1 April keep". */
function behind({ before, after }: Place): Part {
  const part = partOf(after);
  const isInstruction = part.groups[0]?.from === 0 && part.groups[0].verb === 'imperative';
  return isInstruction && !opensClause(before) ? { ...part, groups: part.groups.slice(1) } : part;
}

/** Returns the verdict on a duty in the future: "we served a notice requiring the service to comply by 1 June". */
function requires({ words, groups }: Part, { when, isLoose }: Place): Duty | null {
  const verbIndex = words.findLastIndex(
    ({ text }, place) =>
      /^(?:requiring|ordering|directing|instructing|asking)$/.test(text) ||
      (/^(?:told|asked|ordered|directed|instructed)$/.test(text) &&
        /^(?:has|have)$/.test(words[place - 1]?.text ?? '')),
  );
  const isDecided = groups.some(
    ({ from, to, mood }) => from > verbIndex || (to > verbIndex && mood === 'duty'),
  );
  if (verbIndex < 1 || when !== 'after-publication' || isLoose || isDecided) return null;
  const behind = words.slice(verbIndex);
  return behind.some(({ text }) => text === 'to') && behind.every(({ kind }) => kind !== 'mark')
    ? 'unclear'
    : null;
}

/** "So that all can be seen within 14 days", "should be seen within 14 days, and most were": a service standard. */
const ABLE = /(?<!\p{L})(?:can|able to) [^,;:]*$/iu;
const KEPT = /^,? (?:and|but|yet) [^,;:]{0,30}(?<!\p{L})(?:was|were|did|had)(?!\p{L})/iu;

function verdictOf(place: Place, earlier: Part, later: Part): Duty {
  if (place.isLoose && place.when === 'relative' && (ABLE.test(place.before) || KEPT.test(place.after)))
    return 'not-due';
  if (place.canRecur !== false && isOfEachCase(earlier, place.canRecur === 'of-all')) return 'not-due';
  if (QUESTION.test(place.before)) return 'unclear';
  const condition = conditionOf(place);
  if (condition !== null) return condition;
  // "The recommendation that it should do so by 1 April has been met."
  const [verbBehind] = later.groups;
  const isSubject = verbBehind?.from === 0 && /^(?:past|perfect|present)$/.test(verbBehind.mood);
  if (place.when === 'before-publication' && isSubject) return 'not-due';
  const opens =
    opensClause(place.before) && !BROKEN_OFF.test(place.before) && !isPutIn(place.before, place.after);
  const isDuty = [...earlier.groups, ...later.groups].some(
    ({ mood }) => mood === 'duty' || mood === 'duty-done',
  );
  // "Tell us by May whether it will, and by June what it has done."
  const firstVerb = opens && !ASKS_AGAIN.test(place.after) ? verbAfter(later) : null;
  if (firstVerb !== null) {
    if (isRequestThat(earlier) && (/^(?:present|perfect)$/.test(firstVerb.mood) || BASE.test(firstVerb.verb)))
      return 'due';
    const ofReport = reportedVerdict(earlier, earlier.words.length, place);
    if (ofReport !== null && firstVerb.mood !== 'past') return ofReport;
    return byMood(firstVerb, place, isDuty, startsWithNoun(later));
  }
  // "But further urgent action is required": its own verb follows.
  const [next] = later.groups;
  const isOfParticiple = earlier.groups.at(-1)?.to === earlier.words.length;
  const isNeeded = next?.from === 0 && next.mood === 'duty' && !isOfParticiple;
  if (place.isUrgent && (isNeeded || NEEDS.test(place.before)))
    return reportedVerdict(earlier, earlier.words.length, place) ?? 'due';
  const verdict =
    verdictBefore(earlier, place, isDuty) ?? (opens ? 'unsaid' : withoutVerb(earlier, later, place));
  if (verdict === 'unclear' && isBackground(earlier, later)) return 'not-due';
  // The sentence's own duty may have another date, or none.
  const mayBelongElsewhere =
    place.when === 'after-publication' && (verdict === 'due' || verdict === 'unsaid') && !opens;
  if (!mayBelongElsewhere || !isOfClause(earlier, later)) return verdict;
  return isDuty ? 'unclear' : 'not-due';
}

/**
 * Reports whether the date belongs to a forecast before another body's duty: "the College will publish it by
 * June, and forces should follow it".
 */
function isBackground({ groups }: Part, { words, groups: behind }: Part): boolean {
  const [last, next] = [groups.at(-1), behind[0]];
  const isForecast = last?.mood === 'will' || last?.verb === 'expected';
  if (!isForecast || next?.mood !== 'duty' || next.isAside) return false;
  const joint = words.findIndex(({ text }) => /^(?:and|but|so)$/.test(text));
  return joint !== -1 && joint + 1 < next.from;
}

/** "The roof needs urgent repairs." */
const NEEDS = /(?<!\p{L})(?:(?<!(?:who|that|which) )needs?|in need of)(?: an?)? $/iu;

/** Returns the verdict on a date if no verb before it decides. */
function withoutVerb(earlier: Part, later: Part, place: Place): Duty {
  const isDuty = [...earlier.groups, ...later.groups].some(({ mood }) => mood.startsWith('duty'));
  if (place.isUrgent && isInPresent(earlier, later)) return 'not-due';
  const byFollowing = byLater(later, place, isDuty);
  if (byFollowing !== 'unsaid' || place.isLabelled || !isStatement(earlier)) return byFollowing;
  // "The unit clears its queue within two days."
  if (!isDuty && place.isLoose && place.when === 'relative') return 'not-due';
  // "Staff who transfer to it by 1 April keep their benefits."
  return !isDuty && pronounBefore(earlier, earlier.words.length) !== null ? 'not-due' : 'unclear';
}

/**
 * Reports whether the sentence is about the present: "officers are urgently dispatched", "is urgently
 * reviewing"; but not "action is urgently needed".
 */
const isInPresent = (earlier: Part, { words: [next] }: Part): boolean =>
  /^(?:is|are)$/.test(earlier.words.at(-1)?.text ?? '') &&
  (next?.kind === 'past' ? !ASKED.has(next.text) : /ing$/.test(next?.text ?? ''));

/** Reports whether a part without a known verb cannot be an instruction: "the lease matures". */
function isStatement(part: Part): boolean {
  const [first = ''] = part.words.filter(({ kind }) => kind !== 'mark').map(({ text }) => text);
  if (/^(?:we|i|it|they|he|she|this|that|staff|police|people)$/.test(first)) return true;
  if (part.words.some(({ text }) => text === 'to')) return false;
  return startsWithNoun(part) || /(?:[^su]s|ing)$/.test(first);
}

const isNear = ({ words }: Part, { from }: VerbGroup): boolean => (words[from]?.at ?? 0) < NEAR;

/** Returns the verb of the clause that a date opens; a participle only if no verb follows it. */
function verbAfter(part: Part): VerbGroup | null {
  const mainGroups = part.groups.filter(({ isAside }) => !isAside);
  for (const [index, group] of mainGroups.entries()) {
    if (!isNear(part, group) && group.mood !== 'duty') return null;
    if (!isOfNoun(part, group, mainGroups[index + 1])) return group;
  }
  return null;
}

/** Reports whether a participle belongs to a noun, because another verb follows: "the risks identified in the report should". */
function isOfNoun(part: Part, group: VerbGroup, next: VerbGroup | undefined): boolean {
  const { words } = part;
  if (next === undefined || next.mood === 'participle' || next.mood === 'present') return false;
  const isApart = words[group.from - 1]?.kind === 'mark' || words[group.to]?.text === 'by';
  if (group.mood === 'participle' && isApart) return true;
  return (group.mood === 'participle' || group.mood === 'present') && !isParted(part, group.to, next.from);
}

/** Reports whether a comma or an "and" starts another clause between two places. */
const isParted = ({ words }: Part, from: number, to: number): boolean =>
  words.slice(from, to).some(({ kind, text }) => kind === 'mark' || text === 'and' || text === 'but');

/** "Ensure that, by 1 June, it has": a duty in the present tense. */
const BASE = /^(?:set|put|cut|let|shut|split)$/;
const isRequestThat = ({ words, groups }: Part): boolean => {
  const last = groups.at(-1);
  // "Make sure that", "make certain that".
  const verbEnd = words.length - (/^(?:sure|certain)$/.test(words.at(-2)?.text ?? '') ? 2 : 1);
  // "So that, by 1 June, it has."
  const isAim = words.at(-2)?.text === 'so' && groups.some(({ mood }) => mood === 'duty');
  return words.at(-1)?.text === 'that' && (isAim || (last?.mood === 'duty' && last.to >= verbEnd));
};

const ASKS_AGAIN = /^,? (?:what|how|whether|why) /i;

/** Reports whether the date may identify the subject: "contracts expiring by 31 March should be renewed". */
const namesSubject = ({ words, groups }: Part, later: Part): boolean =>
  groups.length === 0 &&
  words.length > 1 &&
  /ing$/.test(words.at(-1)?.text ?? '') &&
  later.groups[0]?.from === 0;

/** Reports whether a past verb identifies a group: "those already enrolled", "that had already adopted it". */
const isAlready = ({ words }: Part, { from, to, mood, isAside }: VerbGroup): boolean =>
  ((mood === 'participle' && to === words.length) || (isAside && (mood === 'past' || mood === 'perfect'))) &&
  words.slice(Math.max(0, from - 1), to).some(({ text }) => text === 'already');

const startsWithNoun = ({ words }: Part): boolean => {
  const first = words.find(({ kind }) => kind !== 'mark')?.text ?? '';
  return /^(?:a|an|the|this|that|these|those|its|their|our|his|her|it|they|he|she|we|i|all|each|every|both|some|most|no|any|\d.*)$/.test(
    first,
  );
};

/** Returns the verdict by the verb with the date. For a participle, it is by the verb of its clause. */
function byMood(
  { mood, verb }: VerbGroup,
  { when, isLoose, isUrgent, isLabelled }: Place,
  isDuty: boolean,
  hasSubject: boolean,
): Duty {
  const isPast = when === 'before-publication';
  // "A deadline of 1 June has been set."
  if (isLabelled && !isPast && /^(?:set|agreed|fixed|imposed|given)$/.test(verb)) return 'unclear';
  switch (mood) {
    case 'duty':
      return 'due';
    case 'duty-done':
      // Urgency in an account of the past.
      return isPast || isUrgent ? 'not-due' : 'due';
    case 'will':
    case 'may':
      return isPast || (isLoose && when !== 'relative') ? 'not-due' : 'unclear';
    case 'plan':
    case 'present':
      return 'not-due';
    case 'past':
    case 'perfect':
      // An agreement is due from the day that it names.
      if (mood === 'perfect' && verb === 'agreed' && when === 'relative') return 'unclear';
      return isDuty && !isPast ? 'unclear' : 'not-due';
    case 'participle':
      if (isPast || isLoose || when === 'relative') return 'not-due';
      return hasSubject ? 'unclear' : 'unsaid';
  }
}

/** Verbs of reporting. Their content is not a duty of the reader. */
const TELLING =
  /^(?:told|said|informed|assured|promised|reported|reports|wrote|stated|states|claimed|indicated|confirmed|confirms|explained|heard|announced|says|tells|believed|thought|hoped|committed|pledged|replied|responded|alleged|argued|complained)$/;
/** Verbs that report only with one of these objects: "gave an undertaking". */
const GIVING = /^(?:gave|given|undertook|undertaken|made|received)$/;
const WORD_GIVEN = /^(?:undertakings?|assurances?|commitments?|promises?|pledges?)$/;
/** Verbs of requesting, for earlier requests. */
const ASKING = /^(?:recommended|asked|requested|urged|advised|ordered|directed|required|proposed|suggested)$/;
/** The word after a verb that identifies the concerns and is not their content: "reported by staff". */
const AGENT = /^(?:by|at|on|during|under)$/;

/** Returns the verdict on the content of a reporting verb before a place, without "and" or "but" between them; null if there is none. */
function reportedVerdict(part: Part, at: number, { when }: Place): Duty | null {
  const { words } = part;
  const report = part.groups.findLast((group) => group.to <= at && isReport(part, group, at));
  if (report === undefined) return null;
  const between = words.slice(report.to, at);
  if (between.some(({ text }) => text === 'and' || text === 'but')) return null;
  if (!ASKING.test(report.verb)) return 'not-due';
  // "The actions recommended in the report should" is not "recommended that".
  if (!between.some(({ text }) => text === 'that')) return null;
  return when === 'after-publication' ? 'unclear' : 'not-due';
}

function isReport({ words }: Part, { verb, from, to, mood, isAside }: VerbGroup, at: number): boolean {
  // "Telephones, first promised in 2020, should be repaired."
  const hasMark = (start: number, end: number): boolean =>
    words.slice(start, end).some(({ kind }) => kind === 'mark');
  if (mood === 'participle' && hasMark(Math.max(0, from - 2), from) && hasMark(to, at)) return false;
  // "Staff who said so should" is not reported speech; "which said that it must" is.
  const isApart = isAside && !(words[to]?.text === 'that' && to + 2 === at);
  if (isApart || mood === 'duty' || AGENT.test(words[to]?.text ?? '')) return false;
  if (TELLING.test(verb) || ASKING.test(verb)) return true;
  return GIVING.test(verb) && words.slice(to, to + 5).some(({ text }) => WORD_GIVEN.test(text));
}

/** Reports whether a verb group is a prohibition, which has no deadline: "should not be held for longer before". */
function forbidsGroup({ words, groups }: Part, { from, to }: VerbGroup): boolean {
  const last = groups.findLast((group) => group.to <= from)?.to ?? 0;
  const isNot = words.slice(from, to).some(({ text }) => text === 'not' || text === 'never');
  return (
    isNot || words.slice(last, from).some(({ text }) => /^(?:no|none|neither|nobody|nothing)$/.test(text))
  );
}

/** Reports whether a verb group is passive. "Should have been seen within two days" describes a failure. */
const isPassive = ({ words }: Part, { from, to }: VerbGroup): boolean =>
  words.slice(from, to).some(({ text }) => text === 'been');

const PROMISED = /^(?:agreed|committed|promised|pledged|undertaken|accepted|said|told|planned)$/;

/**
 * Reports whether the verb continues after the date: "will, by 30 June, pay" is the form of orders, but "will
 * pay by 30 June" can be a forecast.
 */
const isBrokenOff = ({ words }: Part, { from }: VerbGroup): boolean =>
  words.slice(from + 1).every(({ kind }) => kind === 'mark');

/** Reports whether no one has a duty: "which will open", "we note that it will open", "it forecasts that it will break even". */
function isOnlyForeseen(
  { words, groups }: Part,
  { from, isAside }: VerbGroup,
  isDutyBefore: boolean,
): boolean {
  // "It is intended that the code will be in force by" is more than a forecast. "If it is approved, it will pay for 12 more."
  if (words[0]?.text === 'if') return true;
  if (isDutyBefore || groups.some(({ mood, verb }) => mood === 'may' && verb.startsWith('intend')))
    return false;
  return isAside || words.slice(0, from).some(({ text }) => text === 'that' || FORESEES.test(text));
}

/** Reports whether a verb states an arrangement: "will" and, in a clause about a noun, "is to" ("a director, who is to start by"). */
const isArrangement = ({ words }: Part, { mood, verb, from, isAside }: VerbGroup): boolean =>
  mood === 'will' || (verb === 'is' && isAside && words[from + 1]?.text === 'to');

/** Reports whether an insertion is about something else: "the standard, which the College will publish by June". */
function isPutInAside({ words }: Part, { mood, from, isAside }: VerbGroup): boolean {
  const pronoun = words.findLastIndex(({ text }, at) => at < from && /^(?:who|which)$/.test(text));
  return mood === 'will' && isAside && pronoun > 0 && words[pronoun - 1]?.kind === 'mark';
}

const FORESEES =
  /^(?:notes?|welcomes?|understands?|pleased|confident|aware|satisfied|hopes?|hopeful|glad|encouraged|believes?|knows?|forecasts?|predicts?|estimates?|anticipates?|expects?|assumes?|thinks?|says?)$/;

const CAUSES = /^(?:have|has|having|get|ensure|ensures|ensuring|see|keep)$/;

/** Returns the verdict of the verbs before a date, the nearest first; null if none decides. */
function verdictBefore(part: Part, place: Place, isDuty: boolean): Duty | null {
  const { words, groups } = part;
  const { when } = place;
  const isPast = when === 'before-publication';
  for (const [back, group] of groups.toReversed().entries()) {
    const isDutyBefore = groups
      .slice(0, groups.length - 1 - back)
      .some(({ mood, isAside }) => mood.startsWith('duty') || (mood === 'will' && !isAside));
    const isClosed = words.slice(group.to).some(({ kind }) => kind === 'mark');
    // "All who need one have it": the clause ends at the sentence's verb.
    const isLeft = groups
      .slice(groups.length - back)
      .some(({ isAside, mood }) => !isAside && mood !== 'participle');
    if (group.isAside && (isClosed || isLeft) && groups.length > 1) continue;
    if (!isClosed && isAlready(part, group)) return 'not-due';
    // "More than planned."
    if (group.mood === 'participle' && words[group.from - 1]?.text === 'than') continue;
    if (!group.mood.startsWith('duty') && words.slice(group.to).some(({ text }) => text === ':')) return null;
    switch (group.mood) {
      case 'participle': {
        const verdict = ofParticiple(part, group, place, isDutyBefore);
        if (verdict === null) continue;
        return verdict;
      }
      case 'present':
        if (!isDutyBefore || isForecast(part, group)) return 'not-due';
        if (group.verb === 'expected' || (group.isAside && group.to >= words.length - 1)) return 'unclear';
        continue;
      case 'perfect':
        // "Ensure that all have had it by then."
        if (isDutyBefore && (when === 'after-publication' || place.isUrgent) && !PROMISED.test(group.verb))
          continue;
        return byMood(group, place, isDuty, true);
      case 'past':
        // A past verb cannot have a future date: the date belongs to the duty, even after "the plan that it drew up".
        if (isDutyBefore && !isPast && !place.isLoose && (group.isAside || isInClause(part, group))) continue;
        return byMood(group, place, isDuty, true);
      default:
        if (place.isLoose && forbidsGroup(part, group)) return 'not-due';
        if (
          isArrangement(part, group) &&
          (isOnlyForeseen(part, group, isDutyBefore) || isPutInAside(part, group))
        )
          return 'not-due';
        if (group.mood === 'will' && isBrokenOff(part, group) && !isPast) return 'due';
        if (group.mood === 'duty-done' && when === 'relative' && isPassive(part, group)) return 'not-due';
        return reportedVerdict(part, group.from, place) ?? byMood(group, place, isDuty, true);
    }
  }
  return null;
}

/** Reports whether a verb is a forecast: "should plan for this, as demand is likely to double by", "because the contract ends by". */
const isForecast = ({ words }: Part, { from, verb }: VerbGroup): boolean =>
  FORECAST.test(verb) ||
  words.slice(0, from).findLast(({ text }) => OPENS_REASON.test(text))?.text === 'because';
const FORECAST =
  /^(?:likely|unlikely|forecast|predicted|projected|estimated|anticipated|hoped|planned|scheduled)$/;
const OPENS_REASON = /^(?:because|and|but|that|which|who|should|must)$/;

/** Reports whether a verb is in a clause about a noun: "the plan that it drew up", "the work it began". */
const isInClause = (part: Part, group: VerbGroup): boolean =>
  pronounBefore(part, group.from) !== null ||
  /^(?:it|they|we|he|she)$/.test(part.words[group.from - 1]?.text ?? '');

/** Returns the verdict of "recorded" before a date; null if it only identifies the things. */
function ofParticiple(
  { words, groups }: Part,
  group: VerbGroup,
  place: Place,
  isDutyBefore: boolean,
): Duty | null {
  const { when, isLoose, isUrgent } = place;
  const between = words.slice(group.to);
  const isNext = between.length === 0;
  if (when === 'before-publication') return 'not-due';
  if (isDutyBefore) {
    // "Write to those affected without delay."
    if (!isNext || (isUrgent && words[group.from - 1]?.text === 'those')) return null;
    const isOnlyWill = !groups.some(({ mood }) => mood.startsWith('duty'));
    // "Should have the rooms cleaned"; "should be mended and the boiler replaced".
    const isCaused = words.slice(0, group.from).some(({ text }) => CAUSES.test(text) || text === 'and');
    return isCaused && !isOnlyWill ? 'due' : 'unclear';
  }
  const joint = between.findIndex(({ text }) => text === 'to' || text === 'that');
  const isMatrix = joint !== -1;
  // "Agreed, to be done by then."
  if (between.slice(0, joint + 1).some(({ kind }) => kind === 'mark')) return null;
  if (when === 'relative' || isLoose || isMatrix) return 'not-due';
  return isNext ? 'unclear' : 'not-due';
}

/** Returns the verdict of the first nearby verb after a date, if no verb is before it. */
function byLater(part: Part, place: Place, isDuty: boolean): Duty {
  const group = part.groups.find(({ isAside }) => !isAside);
  if (group === undefined || !isNear(part, group)) return 'unsaid';
  if (group.mood === 'participle' && place.when !== 'before-publication') return 'unsaid';
  if (group.mood === 'past') return 'not-due';
  return byMood(group, place, isDuty, true);
}

/** Reports whether words identify a group without a deadline: "staff joining before 1 April". */
export const namesWhich = (before: string): boolean => /(?<!\p{L})\p{L}{3,}ing $/iu.test(before.slice(-40));

/** Reports whether a date is an alternative: "rather than by 31 March". */
export const setsAgainst = (before: string): boolean =>
  /(?<!\p{L})(?:rather than|instead of) $/iu.test(before.slice(-20));

/** Reports whether words are a prohibition, which has no deadline: "not before", "not within". */
export const forbids = (before: string): boolean =>
  /(?<!\p{L})(?:not|never|cannot)(?: \p{L}+){0,2} $/iu.test(before.slice(-60));
