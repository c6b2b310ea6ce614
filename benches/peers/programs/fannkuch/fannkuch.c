// Small integers in small arrays: for every order of n pancakes, flip the
// top ones (as many as the first says) until the first is 0; count the flips.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 8;
  int *order = malloc(n * sizeof *order);
  int *pile = malloc(n * sizeof *pile);
  int *left = malloc(n * sizeof *left);  // rotations left to do in each prefix
  for (int i = 0; i < n; i++) {
    order[i] = i;
    left[i] = i + 1;
  }
  long checksum = 0;
  int most = 0, sign = 1;
  for (;;) {
    if (order[0] != 0) {
      for (int i = 0; i < n; i++) pile[i] = order[i];
      int flips = 0;
      for (int top = pile[0]; top != 0; top = pile[0]) {
        for (int i = 0, j = top; i < j; i++, j--) {
          int held = pile[i];
          pile[i] = pile[j];
          pile[j] = held;
        }
        flips++;
      }
      if (flips > most) most = flips;
      checksum += sign * flips;
    }
    sign = -sign;
    // The next order: rotate the shortest prefix that has a rotation left.
    int last = 1;
    for (; last < n; last++) {
      int first = order[0];
      for (int i = 0; i < last; i++) order[i] = order[i + 1];
      order[last] = first;
      if (--left[last] > 0) break;
      left[last] = last + 1;
    }
    if (last == n) break;
  }
  printf("checksum %ld, most flips for %d: %d\n", checksum, n, most);
  free(order);
  free(pile);
  free(left);
  return 0;
}
