/** A fictitious finding in the style of a register: recommendations, and comments on them. */
export interface Theme {
  readonly title: string;
  /** The texts of recommendations; `{date}` is replaced by a day some months later. */
  readonly texts: readonly string[];
  /** The subject of the recommendation, in the middle of a sentence. */
  readonly about: string;
}

/** Recommendations to police forces. */
export const POLICE_THEMES: readonly Theme[] = [
  {
    title: 'Crime recording',
    about: 'crime recording',
    texts: [
      'By {date}, the force should make sure that every report of violence is recorded as a crime within 24 hours, and that a supervisor checks a sample of them each month.',
      'Within six months, the force should train all staff who take first reports of crime in the recording rules, and keep a list of those trained.',
    ],
  },
  {
    title: 'Vulnerable victims',
    about: 'identifying vulnerable people at the first call',
    texts: [
      'The force should, by {date}, use a standard set of questions in its control room to identify vulnerable callers, and record the answers.',
      'By {date}, the force should improve how it assesses risk when someone calls repeatedly, so that attending officers know about the earlier calls.',
    ],
  },
  {
    title: 'Custody',
    about: 'the care of people in custody',
    texts: [
      'By {date}, the force should record the reason for every strip search in custody, with the name of the inspector who authorised it.\n\nThe records should show:\n\n  • why the search was necessary;\n  • who was present; and\n  • when an appropriate adult was asked to attend.',
      'The force should immediately make sure that checks on detainees are made by the officer who records them.',
    ],
  },
  {
    title: 'Digital forensics',
    about: 'delays in digital examinations',
    texts: [
      'By {date}, the force should have a plan to reduce the number of devices awaiting examination, and publish that number each quarter.',
      'Within three months, the force should tell victims how long it will keep their phones, and return them within that time.',
    ],
  },
  {
    title: 'Answering calls',
    about: 'answering calls from the public',
    texts: [
      'By {date}, the force should answer non-emergency calls more quickly, and tell callers how long they will have to wait.',
      'The force should review by {date} why callers give up, and act on what it finds.',
    ],
  },
  {
    title: 'Missing children',
    about: 'children who repeatedly go missing',
    texts: [
      'By {date}, the force should agree with its partners how to support children who repeatedly go missing, and who speaks to them when they return.',
    ],
  },
  {
    title: 'Counter-corruption',
    about: 'counter-corruption',
    texts: [
      'By {date}, the force should have enough people in its counter-corruption unit to look into everything that is reported to it.',
      'The force should, within twelve months, monitor how its systems are used, and record the action taken on misuse.',
    ],
  },
  {
    title: 'Stop and search',
    about: 'the grounds that are recorded for stop and search',
    texts: [
      'By {date}, the force should make sure that supervisors review the grounds that officers record, and that a panel of residents reviews a sample, including the video footage.',
    ],
  },
  {
    title: 'Wellbeing of the workforce',
    about: 'the workload of investigators',
    texts: [
      'By {date}, the force should know the workload of every investigator, and have a plan to help those whose workload is too high.',
    ],
  },
  {
    title: 'Serious and organised crime',
    about: 'organised crime groups',
    texts: [
      'By {date}, the force should map every organised crime group that it knows about, appoint a lead for each, and review the plan for it every three months.',
    ],
  },
];

/** Recommendations to fire and rescue services. */
export const FIRE_THEMES: readonly Theme[] = [
  {
    title: 'Fire protection',
    about: 'fire safety audits',
    texts: [
      'By {date}, the service should have enough qualified inspectors for its programme of audits, and audit the highest-risk premises first.',
      'Within six months, the service should review how it deals with false alarms.',
    ],
  },
  {
    title: 'Learning from incidents',
    about: 'learning from incidents',
    texts: [
      'The service should, by {date}, hold a debrief after every major incident, and show how the lessons have changed the way crews work.',
    ],
  },
];

/** The titles of reports. */
export const REPORTS: readonly string[] = [
  'Effectiveness inspection',
  'Efficiency inspection',
  'Crime data integrity inspection',
  'Joint inspection of custody',
  'Legitimacy inspection',
  'Integrated assessment',
];

export const COMMENTS: readonly string[] = [
  'A lead for {about} has been appointed, and a group meets each month to review progress. Its first findings are expected in the summer.',
  'The draft plan for {about} says who will do what, but not by when. The dates will be added.',
  'We have figures for the last quarter. They show progress on {about}, but it varies between districts.',
  'Because two people have left the team, work on {about} is slower than planned. The posts are being filled.',
  'A new system was brought in this spring. It should help with {about} once everyone has been trained.',
  'We spoke to the lead. Training on {about} is done in three of the four districts.',
];

export const INTERNAL_COMMENTS: readonly string[] = [
  'Look at {about} again on our next visit; the figures do not match what officers told us.',
  'To be raised with the deputy chief officer before anything is closed.',
];

export const STATEMENTS: readonly string[] = [
  'We have seen the evidence on {about}, and spoken to the people who do the work. The recommendation has been met.',
  'The review shows that the changes we recommended on {about} are in place and are being maintained.',
];

export const EVIDENCE: readonly string[] = [
  'Action plan.pdf',
  'Quarterly figures.csv',
  'Minutes of the board.pdf',
  'Training records.pdf',
  'Audit of a sample of 60 cases.pdf',
];

/** The histories in old register files; the last status is that of the file. */
export const OLD_HISTORIES: readonly (readonly string[])[] = [
  ['awaiting-review', 'being-progressed'],
  ['awaiting-review'],
  ['awaiting-review', 'being-progressed', 'complete'],
  ['awaiting-review', 'being-progressed', 'no-further-action-needed'],
  ['awaiting-review', 'being-progressed', 'awaiting-review'],
  // As in real registers, some repeat a status, some contain an unknown one, and some continue after the end.
  ['awaiting-review', 'awaiting-review', 'being-progressed', 'being-progressed', 'Under discussion'],
  [
    'awaiting-review',
    'being-progressed',
    'complete',
    'complete',
    'no-further-action-needed',
    'being-progressed',
  ],
];
