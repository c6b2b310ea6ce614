// Float arithmetic in registers: which points of an n by n grid stay bounded
// for 50 steps. The bitmap is not printed but folded into a checksum.
#include <stdio.h>
#include <stdlib.h>

static int bounded(double cr, double ci) {
  double zr = 0.0, zi = 0.0, rr = 0.0, ii = 0.0;
  for (int step = 0; step < 50; step++) {
    zi = 2.0 * zr * zi + ci;
    zr = rr - ii + cr;
    rr = zr * zr;
    ii = zi * zi;
    if (rr + ii > 4.0) return 0;
  }
  return 1;
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 100;
  long inside = 0, checksum = 0;
  for (int y = 0; y < n; y++) {
    double ci = 2.0 * y / n - 1.0;
    int byte = 0;
    for (int x = 0; x < n; x++) {
      int bit = bounded(2.0 * x / n - 1.5, ci);
      inside += bit;
      byte = byte * 2 + bit;
      if (x % 8 == 7 || x == n - 1) {
        checksum = (checksum * 31 + byte) % 1000003;
        byte = 0;
      }
    }
  }
  printf("%ld of %ld points inside, checksum %ld\n", inside, (long)n * n, checksum);
  return 0;
}
