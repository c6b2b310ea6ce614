// Texts and a map: lines of n invented words in all, split again and counted.
"use strict";

const MODULUS = 1048576;
const WORDS_A_LINE = 10;

const syllables = [
  "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe",
  "qui", "ro", "su", "ta", "ve", "wi", "xo", "yu", "za", "che", "sti", "tro",
];

let seed = 42;

function pick(among) {
  seed = (seed * 1597 + 51749) % MODULUS;
  return Math.floor((seed * among) / MODULUS);
}

function makeLine(words) {
  const line = [];
  for (let w = 0; w < words; w++) {
    let word = "";
    const parts = 1 + pick(3);
    for (let p = 0; p < parts; p++) word += syllables[pick(syllables.length)];
    line.push(word);
  }
  return line.join(" ");
}

const n = Number(process.argv[2] ?? 20000);
const counts = new Map();
let total = 0;
for (let made = 0; made < n; made += WORDS_A_LINE) {
  for (const word of makeLine(Math.min(WORDS_A_LINE, n - made)).split(" ")) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
    total++;
  }
}

const ranked = [...counts].sort(([a, m], [b, k]) => k - m || (a < b ? -1 : 1));
console.log(`${ranked.length} distinct words of ${total}`);
for (const [word, count] of ranked.slice(0, 10)) console.log(`${count} ${word}`);
