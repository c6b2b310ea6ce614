# Small integers in small arrays: for every order of n pancakes, flip the
# top ones (as many as the first says) until the first is 0; count the flips.
import sys


def fannkuch(n):
    order = list(range(n))
    left = list(range(1, n + 1))  # rotations left to do in each prefix
    checksum = most = 0
    sign = 1
    while True:
        if order[0] != 0:
            pile = order[:]
            flips = 0
            top = pile[0]
            while top != 0:
                i, j = 0, top
                while i < j:
                    pile[i], pile[j] = pile[j], pile[i]
                    i += 1
                    j -= 1
                flips += 1
                top = pile[0]
            if flips > most:
                most = flips
            checksum += sign * flips
        sign = -sign
        # The next order: rotate the shortest prefix that has a rotation left.
        last = 1
        while last < n:
            first = order[0]
            for i in range(last):
                order[i] = order[i + 1]
            order[last] = first
            left[last] -= 1
            if left[last] > 0:
                break
            left[last] = last + 1
            last += 1
        else:
            return checksum, most


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    checksum, most = fannkuch(n)
    print(f"checksum {checksum}, most flips for {n}: {most}")


main()
