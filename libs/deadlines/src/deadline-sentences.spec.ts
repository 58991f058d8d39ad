import { afterAll, describe, expect, test } from '@jest/globals';
import { findDeadlines } from './find-deadlines.ts';
import type { FoundDeadline } from './found-deadline.ts';

// Sentences in the manner of inspection reports on police, fire and rescue, prisons, health care and of coroners. A row: the
// day of publication, the text, and what is found, `span = date` where it is exact and `span ~ date rule` where proposed.
type Row = readonly [publishedOn: string, text: string, ...found: string[]];

/** Written before there was anything to run them against. */
const FIRST: readonly Row[] = [
  [
    '2015-11-30',
    'By 30 June 2016, every force should have a plan for the skills its investigators lack.',
    'By 30 June 2016 = 2016-06-30',
  ],
  [
    '2017-03-02',
    'The chief constable should, by 1st January 2018, set out how custody staffing will be kept safe.',
    'by 1st January 2018 = 2018-01-01',
  ],
  [
    '2016-11-03',
    'Not later than 5 May 2017 the force should have moved its exhibits to a secure store.',
    'Not later than 5 May 2017 = 2017-05-05',
  ],
  [
    '2016-11-03',
    'Crews should complete breathing apparatus refreshers no later than 31 March 2017.',
    'no later than 31 March 2017 = 2017-03-31',
  ],
  [
    '2018-09-20',
    'The trust should replace the ligature points in the wards before 1 April 2019.',
    'before 1 April 2019 = 2019-03-31',
  ],
  [
    '2018-09-20',
    'The governor should publish a reducing violence strategy on or before 1 April 2019.',
    'on or before 1 April 2019 = 2019-04-01',
  ],
  [
    '2015-11-30',
    'A gap analysis should be with the inspectorate by the end of 30 June 2016.',
    'by the end of 30 June 2016 = 2016-06-30',
  ],
  [
    '2015-11-30',
    'By Friday 30 June 2016 every control room should test its fallback.',
    'By Friday 30 June 2016 = 2016-06-30',
  ],
  [
    '2015-11-30',
    'The backlog of crime reports should be cleared by 30/06/2016.',
    'by 30/06/2016 = 2016-06-30',
  ],
  [
    '2015-11-30',
    'By June 30, 2016, the board should agree how it will oversee the programme.',
    'By June 30, 2016 = 2016-06-30',
  ],
  [
    '2015-11-30',
    'Vetting should be renewed for all staff: 30 June 2016 at the latest.',
    '30 June 2016 at the latest = 2016-06-30',
  ],
  [
    '2016-12-08',
    'By 31 March 2017 forces should publish their policy, and by 30 September 2017 they should have trained all supervisors in it.',
    'By 31 March 2017 = 2017-03-31',
    'by 30 September 2017 = 2017-09-30',
  ],
  [
    '2017-03-02',
    'The College should issue revised practice by the end of September 2017.',
    'by the end of September 2017 ~ 2017-09-30 end-of-month',
  ],
  [
    '2017-03-02',
    'No later than September 2017, fire authorities should agree a common standard for inspections of high-rise buildings.',
    'No later than September 2017 ~ 2017-09-30 end-of-month',
  ],
  [
    '2017-03-02',
    'By the end of 2017 each prison should have a safer custody lead in post.',
    'By the end of 2017 ~ 2017-12-31 end-of-year',
  ],
  [
    '2018-01-18',
    'The ambulance service should finish its fleet review by summer 2018.',
    'by summer 2018 ~ 2018-08-31 end-of-season',
  ],
  [
    '2018-01-18',
    'Hospitals should have an agreed escalation route by Q3 2018.',
    'by Q3 2018 ~ 2018-09-30 end-of-quarter',
  ],
  [
    '2017-06-15',
    'Recruitment of detectives should be complete by the end of the financial year 2017/18.',
    'by the end of the financial year 2017/18 ~ 2018-03-31 end-of-financial-year',
  ],
  [
    '2015-11-30',
    'Within six months, the force should audit how it flags repeat victims.',
    'Within six months ~ 2016-05-30 after-publication',
  ],
  [
    '2015-11-30',
    'A written response should reach the coroner within 56 days of publication.',
    'within 56 days of publication ~ 2016-01-25 after-publication',
  ],
  [
    '2015-11-30',
    'Police and crime commissioners should report progress within three months of the publication of this report.',
    'within three months of the publication of this report ~ 2016-02-29 after-publication',
  ],
  [
    '2015-11-30',
    'The head of health care should review the medicines policy within 10 working days.',
    'within 10 working days ~ 2015-12-14 after-publication',
  ],
  [
    '2015-11-30',
    'In the next 12 months the service should test every hydrant in its area.',
    'In the next 12 months ~ 2016-11-30 after-publication',
  ],
  [
    '2016-02-29',
    'Within 1 year, all cells should have working call bells.',
    'Within 1 year ~ 2017-02-28 after-publication',
  ],
  [
    '2015-11-30',
    'The establishment should reply within 28 days of receiving the report.',
    'within 28 days ~ 2015-12-28 start-not-known',
  ],
  [
    '2015-11-30',
    'The force should immediately stop taking children to police stations as a place of safety.',
    'immediately ~ 2015-11-30 immediately',
  ],
  [
    '2015-11-30',
    'With immediate effect, prisoners should have access to drinking water at all times.',
    'With immediate effect ~ 2015-11-30 immediately',
  ],
  [
    '2015-11-30',
    'As soon as practicable the constabulary should put the register in line with the Home Office counting rules.',
    'As soon as practicable ~ 2015-12-28 as-soon-as-practicable',
  ],
  [
    '2015-11-30',
    'The defective doors should be replaced without delay.',
    'without delay ~ 2015-12-14 without-delay',
  ],
  ['2015-11-30', 'Forces should follow the 2014 guidance on stop and search.'],
  ['2016-05-01', 'The unit has worked alone since 3 May 2015 and should be brought under one command.'],
  ['2016-05-01', 'The standards, published on 5 May 2014, should be applied in every ward.'],
  ['2016-05-01', 'Managers should act on the report of 30 November 2015.'],
  ['2014-11-20', 'Between 1 April and 30 June 2014 the force recorded 4,200 domestic incidents.'],
  ['2015-11-30', 'In the year to 31 March 2015 there were six deaths in custody.'],
  ['2016-05-01', 'As at 31 March 2016, 14 per cent of posts stood empty.'],
  [
    '2015-11-30',
    'By 31 June 2016 the force should have a single list of informants.',
    'By 31 June 2016 ~ 2016-06-30 invalid-date',
  ],
  [
    '2015-11-30',
    'Every station should, by\n30\u00a0June\u00a02016, display the rights of detained people.',
    'by\n30\u00a0June\u00a02016 = 2016-06-30',
  ],
  ['2016-05-01', 'By 31 March 2014, the force had lost a fifth of its neighbourhood officers.'],
];

/** Written while the rules were made. */
const SECOND: readonly Row[] = [
  [
    '2016-12-08',
    'By no later than 30 September 2017 forces should have dealt with the backlog.',
    'By no later than 30 September 2017 = 2017-09-30',
  ],
  [
    '2016-12-08',
    'By 30 September 2017 at the latest, forces should have dealt with the backlog.',
    'By 30 September 2017 at the latest = 2017-09-30',
  ],
  [
    '2016-12-08',
    'Prior to 1 February 2017 the watch should be trained in the use of the new pumps.',
    'Prior to 1 February 2017 = 2017-01-31',
  ],
  [
    '2016-12-08',
    'Cells should be fit for use before the end of March 2017.',
    'before the end of March 2017 ~ 2017-03-31 end-of-month',
  ],
  [
    '2016-12-08',
    'The contract should be let before April 2017.',
    'before April 2017 ~ 2017-03-31 before-period',
  ],
  [
    '2016-12-08',
    'The board should approve the plan by 5pm on Friday 30 June 2017.',
    'by 5pm on Friday 30 June 2017 = 2017-06-30',
  ],
  [
    '2016-12-08',
    'Returns should reach us by close of business on 28 February 2017.',
    'by close of business on 28 February 2017 = 2017-02-28',
  ],
  [
    '2016-12-08',
    'By 30 June 2017, 10 forces should have joined the regional unit.',
    'By 30 June 2017 = 2017-06-30',
  ],
  ['2016-12-08', 'Target date: 30 June 2017.', 'Target date: 30 June 2017 = 2017-06-30'],
  ['2016-12-08', 'Timescale: three months.', 'Timescale: three months ~ 2017-03-08 after-publication'],
  ['2016-12-08', 'Timescales: Immediately', 'Immediately ~ 2016-12-08 immediately'],
  ['2016-12-08', 'The roof should be mended by 31 March.', 'by 31 March ~ 2017-03-31 year-not-stated'],
  [
    '2016-12-08',
    'By the end of June all staff should have had an appraisal.',
    'By the end of June ~ 2017-06-30 year-not-stated',
  ],
  ['2016-12-08', 'The audit should be repeated by 30/06/17.', 'by 30/06/17 ~ 2017-06-30 two-digit-year'],
  ['2016-12-08', 'The audit should be repeated by 06/30/2017.', 'by 06/30/2017 ~ 2017-06-30 invalid-date'],
  ['2016-12-08', 'The audit should be repeated by 2017-06-30.', 'by 2017-06-30 = 2017-06-30'],
  [
    '2016-12-08',
    'By early 2018 the force should have a strategy for its estate.',
    'By early 2018 ~ 2018-03-31 part-of-period',
  ],
  ['2016-12-08', 'The merger should be complete by 2020.', 'by 2020 ~ 2020-12-31 end-of-year'],
  ['2016-12-08', 'The chief officer should be sure that theft, which rose by 2017 offences, is understood.'],
  [
    '2016-12-08',
    'Neighbourhood teams should be restored by 2017\u201318.',
    'by 2017\u201318 ~ 2018-03-31 end-of-financial-year',
  ],
  [
    '2016-12-08',
    'The programme should report by the end of the third quarter of 2017/18.',
    'by the end of the third quarter of 2017/18 ~ 2017-12-31 end-of-quarter',
  ],
  [
    '2016-12-08',
    'The service should publish its risk plan by the end of the financial year.',
    'by the end of the financial year ~ 2017-03-31 end-of-financial-year',
  ],
  [
    '2016-12-08',
    'Within twelve (12) weeks of publication, governors should agree a smoke-free policy.',
    'Within twelve (12) weeks of publication ~ 2017-03-02 after-publication',
  ],
  [
    '2016-12-08',
    'Within a period of 56 days beginning with the day of publication, the commissioner must comment.',
    'Within a period of 56 days beginning with the day of publication ~ 2017-02-01 after-publication',
  ],
  [
    '2016-12-08',
    'No later than six months after the publication of this report, forces should review each case.',
    'No later than six months after the publication of this report ~ 2017-06-08 after-publication',
  ],
  [
    '2016-12-08',
    'The trust should carry out an audit in six months\u2019 time.',
    'in six months\u2019 time ~ 2017-06-08 after-publication',
  ],
  [
    '2016-12-08',
    'Within 28 days of 31 January 2017 the contractor should mend the alarms.',
    'Within 28 days of 31 January 2017 ~ 2017-02-28 after-date',
  ],
  ['2016-12-08', 'Calls were answered within 10 seconds, and letters were answered within five days.'],
  ['2016-12-08', 'In the last 12 months the force had trained 400 officers.'],
  [
    '2016-12-08',
    'The force should take immediate steps to see that all calls are risk assessed.',
    'immediate steps ~ 2016-12-08 immediately',
  ],
  ['2016-12-08', 'Prisoners should be searched immediately after arrival.'],
  ['2016-12-08', 'Officers attended immediately and the child was taken to safety.'],
  [
    '2016-12-08',
    'As soon as possible, and in any event by 1 June 2017, the doors should be replaced.',
    'by 1 June 2017 = 2017-06-01',
  ],
  ['2016-12-08', 'The force should review all cases opened before 1 April 2015.'],
  [
    '2016-12-08',
    'The force had no plan in place, and should publish one by 30 June 2017.',
    'by 30 June 2017 = 2017-06-30',
  ],
  [
    '2016-12-08',
    'It should be noted that 40 officers had left by 30 June 2016.',
    'by 30 June 2016 ~ 2016-06-30 duty-unclear',
  ],
  ['2016-12-08', 'The force told us that the work would be finished by 31 March 2017.'],
];

const shown = (text: string, found: FoundDeadline): string => {
  const span = text.slice(found.span.from, found.span.to);
  return found.kind === 'exact' ? `${span} = ${found.dueOn}` : `${span} ~ ${found.suggestedOn} ${found.rule}`;
};

const tally = { exact: { right: 0, found: 0, there: 0 }, proposed: { right: 0, found: 0, there: 0 } };
const kindOf = (line: string): 'exact' | 'proposed' => (line.includes(' = ') ? 'exact' : 'proposed');

function count(found: readonly string[], expected: readonly string[]): void {
  for (const line of found) {
    tally[kindOf(line)].found += 1;
    if (expected.includes(line)) tally[kindOf(line)].right += 1;
  }
  for (const line of expected) tally[kindOf(line)].there += 1;
}

describe.each([
  ['written first', FIRST],
  ['written with the rules', SECOND],
])('sentences %s', (_, rows) => {
  test.each(rows.map((row) => ({ row, text: row[1] })))(
    '$text',
    ({ row: [publishedOn, text, ...expected] }) => {
      const found = findDeadlines(text, { publishedOn }).map((deadline) => shown(text, deadline));
      count(found, expected);
      expect(found).toEqual(expected);
    },
  );
});

afterAll(() => {
  for (const [kind, { right, found, there }] of Object.entries(tally)) {
    process.stdout.write(
      `${kind}: precision ${(right / found).toFixed(3)}, recall ${(right / there).toFixed(3)} (${right} right of ${found} found and ${there} there)\n`,
    );
  }
});
