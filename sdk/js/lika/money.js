// Money in fen. Sums are exact up to 2^53; what lies above is refused at the boundary, never rounded.

import { whole } from "./decision.js";

/**
 * Shares a pool of fen by weights, to the fen: what is left goes to the largest remainders, then to the first.
 * `undefined` where there is nobody to share with.
 */
export function shareByLargestRemainder(pool, weights) {
  const all = whole(pool);
  const parts = weights.map((weight) => whole(weight));
  const total = parts.reduce((sum, part) => sum + part, 0n);
  if (all < 0n || total <= 0n || parts.some((part) => part < 0n)) return undefined;
  const shares = parts.map((part) => (all * part) / total);
  const rest = parts.map((part) => (all * part) % total);
  const order = parts.map((_, index) => index);
  order.sort((a, b) => (rest[a] === rest[b] ? a - b : rest[a] > rest[b] ? -1 : 1));
  const left = all - shares.reduce((sum, share) => sum + share, 0n);
  for (const index of order.slice(0, Number(left))) shares[index] += 1n;
  return shares.map(Number);
}
