// Making and dropping small things: full binary trees, many short-lived ones
// beside one that stays.
"use strict";

class Node {
  constructor(left, right) {
    this.left = left;
    this.right = right;
  }
}

function grow(depth) {
  return depth > 0 ? new Node(grow(depth - 1), grow(depth - 1)) : new Node(null, null);
}

function count(node) {
  return node === null ? 0 : 1 + count(node.left) + count(node.right);
}

const most = Number(process.argv[2] ?? 10);
const least = 4;
console.log(`depth ${most + 1}: ${count(grow(most + 1))} nodes`);
const lasting = grow(most);
for (let depth = least; depth <= most; depth += 2) {
  const trees = 2 ** (most - depth + least);
  let nodes = 0;
  for (let i = 0; i < trees; i++) nodes += count(grow(depth));
  console.log(`depth ${depth}: ${nodes} nodes in ${trees} trees`);
}
console.log(`depth ${most}: ${count(lasting)} nodes still there`);
