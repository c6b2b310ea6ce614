// Calls and small integers: Fibonacci numbers by plain double recursion.
"use strict";

function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

const n = Number(process.argv[2] ?? 27);
console.log(`fib(${n}) = ${fib(n)}`);
