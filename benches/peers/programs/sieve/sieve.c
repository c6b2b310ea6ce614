// Writes all over a large array: the primes up to n by crossing out multiples.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  long n = argc > 1 ? atol(argv[1]) : 200000;
  char *crossed = calloc(n + 1, 1);
  long count = 0, last = 0;
  for (long p = 2; p <= n; p++) {
    if (crossed[p]) continue;
    count++;
    last = p;
    for (long k = p * p; k <= n; k += p) crossed[k] = 1;
  }
  printf("%ld primes up to %ld, the last is %ld\n", count, n, last);
  free(crossed);
  return 0;
}
