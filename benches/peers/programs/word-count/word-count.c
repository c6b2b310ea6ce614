// Texts and a map: lines of n invented words in all, split again and counted.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODULUS = 1048576, SYLLABLES = 24, WORDS_A_LINE = 10, LONGEST_LINE = 256 };

static const char *syllables[SYLLABLES] = {
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe",
    "qui", "ro", "su", "ta", "ve", "wi", "xo", "yu", "za", "che", "sti", "tro",
};

static uint32_t seed = 42;

static uint32_t pick(uint32_t among) {
  seed = (seed * 1597 + 51749) % MODULUS;
  return seed * among / MODULUS;
}

static char *append(char *end, const char *part) {
  size_t size = strlen(part);
  memcpy(end, part, size);
  return end + size;
}

static void make_line(char *line, long words) {
  char *end = line;
  for (long w = 0; w < words; w++) {
    if (w > 0) *end++ = ' ';
    uint32_t parts = 1 + pick(3);
    for (uint32_t p = 0; p < parts; p++) end = append(end, syllables[pick(SYLLABLES)]);
  }
  *end = '\0';
}

// An open-addressing hash table: a power of two slots, at most half of them used.
typedef struct {
  char *word;
  size_t size;
  uint64_t hash;
  long count;
} Entry;

typedef struct {
  Entry *slots;
  size_t capacity, used;
} Table;

static uint64_t hash_of(const char *word, size_t size) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < size; i++) hash = (hash ^ (unsigned char)word[i]) * 1099511628211u;
  return hash ^ hash >> 32;
}

static void widen(Table *table) {
  size_t capacity = table->capacity * 2;
  Entry *slots = calloc(capacity, sizeof *slots);
  for (size_t i = 0; i < table->capacity; i++) {
    if (!table->slots[i].word) continue;
    size_t at = table->slots[i].hash & (capacity - 1);
    while (slots[at].word) at = (at + 1) & (capacity - 1);
    slots[at] = table->slots[i];
  }
  free(table->slots);
  table->slots = slots;
  table->capacity = capacity;
}

static void add(Table *table, const char *word, size_t size) {
  uint64_t hash = hash_of(word, size);
  size_t at = hash & (table->capacity - 1);
  for (Entry *e; (e = &table->slots[at])->word; at = (at + 1) & (table->capacity - 1)) {
    if (e->hash == hash && e->size == size && memcmp(e->word, word, size) == 0) {
      e->count++;
      return;
    }
  }
  char *copy = malloc(size + 1);
  memcpy(copy, word, size);
  copy[size] = '\0';
  table->slots[at] = (Entry){copy, size, hash, 1};
  if (++table->used * 2 > table->capacity) widen(table);
}

static long count_line(Table *table, const char *line) {
  long words = 0;
  for (const char *start = line; *start;) {
    const char *end = start;
    while (*end && *end != ' ') end++;
    add(table, start, end - start);
    words++;
    start = *end ? end + 1 : end;
  }
  return words;
}

static int by_count_then_word(const void *left, const void *right) {
  const Entry *a = left, *b = right;
  if (a->count != b->count) return a->count < b->count ? 1 : -1;
  return strcmp(a->word, b->word);
}

int main(int argc, char **argv) {
  long n = argc > 1 ? atol(argv[1]) : 20000;
  Table table = {calloc(16, sizeof(Entry)), 16, 0};
  char line[LONGEST_LINE];
  long total = 0;
  for (long made = 0; made < n; made += WORDS_A_LINE) {
    make_line(line, n - made < WORDS_A_LINE ? n - made : WORDS_A_LINE);
    total += count_line(&table, line);
  }
  Entry *entries = malloc(table.used * sizeof *entries);
  size_t distinct = 0;
  for (size_t i = 0; i < table.capacity; i++) {
    if (table.slots[i].word) entries[distinct++] = table.slots[i];
  }
  qsort(entries, distinct, sizeof *entries, by_count_then_word);
  printf("%zu distinct words of %ld\n", distinct, total);
  for (size_t i = 0; i < distinct && i < 10; i++) printf("%ld %s\n", entries[i].count, entries[i].word);
  for (size_t i = 0; i < distinct; i++) free(entries[i].word);
  free(entries);
  free(table.slots);
  return 0;
}
