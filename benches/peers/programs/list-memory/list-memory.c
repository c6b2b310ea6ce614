// Memory of a long list of integers: grown one by one, then summed.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 100000;
  int64_t length = 0, capacity = 0;
  int64_t *items = NULL;
  for (int64_t i = 0; i < n; i++) {
    if (length == capacity) {
      capacity = capacity ? capacity * 2 : 8;
      items = realloc(items, capacity * sizeof *items);
    }
    items[length++] = i;
  }
  int64_t sum = 0;
  for (int64_t i = 0; i < length; i++) sum += items[i];
  printf("%lld items, sum %lld\n", (long long)length, (long long)sum);
  free(items);
  return 0;
}
