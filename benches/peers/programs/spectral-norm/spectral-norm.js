// Float arithmetic in nested loops: the spectral norm of an infinite matrix,
// by the power method on its upper left n by n corner.
"use strict";

function entry(i, j) {
  return 1.0 / (((i + j) * (i + j + 1)) / 2 + i + 1);
}

function times(n, v, out) {
  for (let i = 0; i < n; i++) {
    let sum = 0.0;
    for (let j = 0; j < n; j++) sum += entry(i, j) * v[j];
    out[i] = sum;
  }
}

function timesTransposed(n, v, out) {
  for (let i = 0; i < n; i++) {
    let sum = 0.0;
    for (let j = 0; j < n; j++) sum += entry(j, i) * v[j];
    out[i] = sum;
  }
}

const n = Number(process.argv[2] ?? 100);
const u = new Float64Array(n).fill(1.0);
const v = new Float64Array(n);
const scratch = new Float64Array(n);
for (let round = 0; round < 10; round++) {
  times(n, u, scratch);
  timesTransposed(n, scratch, v);
  times(n, v, scratch);
  timesTransposed(n, scratch, u);
}
let uv = 0.0;
let vv = 0.0;
for (let i = 0; i < n; i++) {
  uv += u[i] * v[i];
  vv += v[i] * v[i];
}
console.log(Math.sqrt(uv / vv).toFixed(9));
