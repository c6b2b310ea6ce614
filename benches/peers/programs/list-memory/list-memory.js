// Memory of a long list of integers: grown one by one, then summed.
"use strict";

function main() {
  const n = Number(process.argv[2] ?? 100000);
  const items = [];
  for (let i = 0; i < n; i++) items.push(i);
  let sum = 0;
  for (const item of items) sum += item;
  console.log(`${items.length} items, sum ${sum}`);
}

main();
