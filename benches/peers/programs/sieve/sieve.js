// Writes all over a large array: the primes up to n by crossing out multiples.
"use strict";

function main() {
  const n = Number(process.argv[2] ?? 200000);
  const crossed = new Uint8Array(n + 1);
  let count = 0;
  let last = 0;
  for (let p = 2; p <= n; p++) {
    if (crossed[p]) continue;
    count++;
    last = p;
    for (let k = p * p; k <= n; k += p) crossed[k] = 1;
  }
  console.log(`${count} primes up to ${n}, the last is ${last}`);
}

main();
