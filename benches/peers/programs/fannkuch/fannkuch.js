// Small integers in small arrays: for every order of n pancakes, flip the
// top ones (as many as the first says) until the first is 0; count the flips.
"use strict";

function fannkuch(n) {
  const order = new Int32Array(n);
  const pile = new Int32Array(n);
  const left = new Int32Array(n); // rotations left to do in each prefix
  for (let i = 0; i < n; i++) {
    order[i] = i;
    left[i] = i + 1;
  }
  let checksum = 0, most = 0, sign = 1;
  for (;;) {
    if (order[0] !== 0) {
      for (let i = 0; i < n; i++) pile[i] = order[i];
      let flips = 0;
      for (let top = pile[0]; top !== 0; top = pile[0]) {
        for (let i = 0, j = top; i < j; i++, j--) {
          const held = pile[i];
          pile[i] = pile[j];
          pile[j] = held;
        }
        flips++;
      }
      if (flips > most) most = flips;
      checksum += sign * flips;
    }
    sign = -sign;
    // The next order: rotate the shortest prefix that has a rotation left.
    let last = 1;
    for (; last < n; last++) {
      const first = order[0];
      for (let i = 0; i < last; i++) order[i] = order[i + 1];
      order[last] = first;
      left[last]--;
      if (left[last] > 0) break;
      left[last] = last + 1;
    }
    if (last === n) return [checksum, most];
  }
}

const n = Number(process.argv[2] ?? 8);
const [checksum, most] = fannkuch(n);
console.log(`checksum ${checksum}, most flips for ${n}: ${most}`);
