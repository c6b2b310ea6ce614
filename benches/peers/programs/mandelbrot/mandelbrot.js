// Float arithmetic in registers: which points of an n by n grid stay bounded
// for 50 steps. The bitmap is not printed but folded into a checksum.
"use strict";

function bounded(cr, ci) {
  let zr = 0.0, zi = 0.0, rr = 0.0, ii = 0.0;
  for (let step = 0; step < 50; step++) {
    zi = 2.0 * zr * zi + ci;
    zr = rr - ii + cr;
    rr = zr * zr;
    ii = zi * zi;
    if (rr + ii > 4.0) return 0;
  }
  return 1;
}

function main() {
  const n = Number(process.argv[2] ?? 100);
  let inside = 0;
  let checksum = 0;
  for (let y = 0; y < n; y++) {
    const ci = (2.0 * y) / n - 1.0;
    let byte = 0;
    for (let x = 0; x < n; x++) {
      const bit = bounded((2.0 * x) / n - 1.5, ci);
      inside += bit;
      byte = byte * 2 + bit;
      if (x % 8 === 7 || x === n - 1) {
        checksum = (checksum * 31 + byte) % 1000003;
        byte = 0;
      }
    }
  }
  console.log(`${inside} of ${n * n} points inside, checksum ${checksum}`);
}

main();
