import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dateAt, dateBefore, formatOrdinalDate } from './ordinal-date.ts';

describe('formatOrdinalDate', () => {
  it.each([
    ['2015-11-30', '30th November 2015'],
    ['2016-01-01', '1st January 2016'],
    ['2016-02-02', '2nd February 2016'],
    ['2016-03-03', '3rd March 2016'],
    ['2016-04-04', '4th April 2016'],
    ['2016-05-11', '11th May 2016'],
    ['2016-06-12', '12th June 2016'],
    ['2016-07-13', '13th July 2016'],
    ['2016-08-21', '21st August 2016'],
    ['2016-09-22', '22nd September 2016'],
    ['2016-10-23', '23rd October 2016'],
    ['2016-12-31', '31st December 2016'],
    ['0987-12-31', '31st December 0987'],
  ])('writes %s as %s', (iso, written) => {
    expect(formatOrdinalDate(iso)).toBe(written);
  });

  it.each(['2015-02-29', '2015-13-01', '2015-11-31', '0000-01-01', '2015-1-1', '', 'today'])(
    'refuses %j',
    (iso) => {
      expect(() => formatOrdinalDate(iso)).toThrow(RangeError);
    },
  );
});

describe('dateAt', () => {
  it.each([
    ['30th November 2015', '2015-11-30'],
    ['30 November 2015', '2015-11-30'],
    ['30TH nov 2015', '2015-11-30'],
    ['31th Dec. 2015', '2015-12-31'],
    ['22th September 2015', '2015-09-22'],
    ['1st of March 2016', '2016-03-01'],
    ['01 Sept 2016', '2016-09-01'],
    ['5th May, 2016', '2016-05-05'],
    ['30th\u00a0November\u2003\u0085 2015', '2015-11-30'],
    ['29th February 2016', '2016-02-29'],
  ])('given %j, then it is %s', (written, iso) => {
    expect(dateAt(` \t${written} [status]`, 0)).toMatchObject({ offset: 2, end: 2 + written.length, iso });
  });

  it.each([
    '31st June 2016',
    '29th February 2015',
    '0th May 2016',
    '32nd May 2016',
    '1st May 0000',
    '100 May 2016',
  ])('given %j, then it is a date but no day', (written) => {
    expect(dateAt(written, 0)).toMatchObject({ written, iso: null });
  });

  it.each(['soon', 'x 30th November 2015', '30th Novembre 2015', 'November 2015', '30th November 20155', ''])(
    'given %j, then it is none',
    (text) => {
      expect(dateAt(text, 0)).toBeNull();
    },
  );

  it('reads back every date that it writes', () => {
    const dates = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (date) => {
        const iso = date.toISOString().slice(0, 10);
        expect(dateAt(formatOrdinalDate(iso), 0)?.iso).toBe(iso);
      }),
    );
  });
});

describe('dateBefore', () => {
  it('finds the date that ends a part', () => {
    expect(dateBefore('x 130th May 2016, 30th May 2016 \n[status]', 0, 33)).toMatchObject({
      offset: 18,
      end: 31,
    });
  });

  it.each(['130th 30th May 2016 x', 'a30th May 2016', '1000th May 2016'])('finds none in %j', (text) => {
    expect(dateBefore(text, 0, text.length)).toBeNull();
  });
});
