# Writes all over a large array: the primes up to n by crossing out multiples.
import sys


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200000
    crossed = [False] * (n + 1)
    count = last = 0
    for p in range(2, n + 1):
        if not crossed[p]:
            count += 1
            last = p
            for k in range(p * p, n + 1, p):
                crossed[k] = True
    print(f"{count} primes up to {n}, the last is {last}")


main()
