# Float arithmetic in registers: which points of an n by n grid stay bounded
# for 50 steps. The bitmap is not printed but folded into a checksum.
import sys


def bounded(cr, ci):
    zr = zi = rr = ii = 0.0
    for _ in range(50):
        zi = 2.0 * zr * zi + ci
        zr = rr - ii + cr
        rr = zr * zr
        ii = zi * zi
        if rr + ii > 4.0:
            return 0
    return 1


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    inside = checksum = 0
    for y in range(n):
        ci = 2.0 * y / n - 1.0
        byte = 0
        for x in range(n):
            bit = bounded(2.0 * x / n - 1.5, ci)
            inside += bit
            byte = byte * 2 + bit
            if x % 8 == 7 or x == n - 1:
                checksum = (checksum * 31 + byte) % 1000003
                byte = 0
    print(f"{inside} of {n * n} points inside, checksum {checksum}")


main()
