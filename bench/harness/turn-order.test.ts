import { turnOrder } from './turn-order.js';

it('alternates', () => {
  expect([0, 1, 2].map((round) => turnOrder(['on', 'off', 'peer'], round))).toEqual([
    ['on', 'off', 'peer'],
    ['peer', 'off', 'on'],
    ['on', 'off', 'peer'],
  ]);
});
