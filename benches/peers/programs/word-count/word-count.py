# Texts and a map: lines of n invented words in all, split again and counted.
import sys

MODULUS = 1048576
WORDS_A_LINE = 10

SYLLABLES = [
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe",
    "qui", "ro", "su", "ta", "ve", "wi", "xo", "yu", "za", "che", "sti", "tro",
]

seed = 42


def pick(among):
    global seed
    seed = (seed * 1597 + 51749) % MODULUS
    return seed * among // MODULUS


def make_line(words):
    line = []
    for _ in range(words):
        word = ""
        for _ in range(1 + pick(3)):
            word += SYLLABLES[pick(len(SYLLABLES))]
        line.append(word)
    return " ".join(line)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    counts = {}
    total = 0
    for made in range(0, n, WORDS_A_LINE):
        for word in make_line(min(WORDS_A_LINE, n - made)).split(" "):
            counts[word] = counts.get(word, 0) + 1
            total += 1
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    print(f"{len(ranked)} distinct words of {total}")
    for word, count in ranked[:10]:
        print(f"{count} {word}")


main()
