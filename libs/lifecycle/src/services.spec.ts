import { expect, test } from '@jest/globals';
import { service, Services } from './services.ts';

const RATES = service<{ rateOf(currency: string): number }>('rates');

test('a service is found by the name under which it was passed', () => {
  const services = new Services().with(RATES, { rateOf: (currency) => currency.length });
  expect(services.get(RATES).rateOf('EUR')).toBe(3);
});

test('given a missing service, then the error names it and the next step', () => {
  expect(() => new Services().get(RATES)).toThrow(
    'The service rates is not registered; register it where the engine is created',
  );
});
