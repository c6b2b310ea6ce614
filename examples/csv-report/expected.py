"""What main.glyph must print, by another way: makes the sales by the rule in generate.glyph and adds them up.

    python3 expected.py > expected.txt
    python3 expected.py --data > data.csv
"""
import csv
import sys

REGIONS = ["North", "South", "East", "West", "Overseas"]
PRODUCTS = ["Lamp", "Chair, folding", "Desk", "Shelf", 'Clock "Noon"', "Rug"]
PRICES = [1999, 3450, 18900, 7925, 2499, 12000]
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def numbers(seed):
    while True:
        seed = (seed * 1103515245 + 12345) % 2**31
        yield seed // 65536


def sales():
    row = numbers(2024)
    for _ in range(100_000):
        day, region, product, units, price = (next(row) for _ in range(5))
        product %= len(PRODUCTS)
        cents = PRICES[product] + price % 500
        yield day % 12 + 1, day % 28 + 1, REGIONS[region % 5], PRODUCTS[product], units % 9 + 1, cents


def money(cents):
    return f"{cents // 100:,}.{cents % 100:02}"


def totals(rows, key):
    found = {}
    for row in rows:
        total = found.setdefault(key(row), [0, 0, 0])
        total[0] += 1
        total[1] += row[4]
        total[2] += row[4] * row[5]
    return found


def best_first(found):
    return sorted(found.items(), key=lambda entry: -entry[1][2])


def print_table(title, entries):
    width = max(len(name) for name in [title] + [name for name, _ in entries])
    print()
    print(f"{title:<{width}}{'sales':>9}{'units':>10}{'revenue':>17}")
    print("─" * (width + 36))
    for name, (count, units, revenue) in entries:
        print(f"{name:<{width}}{count:>9}{units:>10}{money(revenue):>17}")


def main():
    rows = list(sales())
    if "--data" in sys.argv:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(["day", "region", "product", "units", "price"])
        for month, day, region, product, units, cents in rows:
            date = f"2024-{month:02}-{day:02}"
            out.writerow([date, region, product, units, f"{cents // 100}.{cents % 100:02}"])
        return
    count, units, revenue = totals(rows, lambda row: None)[None]
    print(f"{count} sales, {units} units, {money(revenue)} in all")
    print_table("Region", best_first(totals(rows, lambda row: row[2])))
    print_table("Product", best_first(totals(rows, lambda row: row[3])))
    print_table("Best sellers", best_first(totals(rows, lambda row: f"{row[3]} ({row[2]})"))[:5])
    months = sorted(totals(rows, lambda row: row[0]).items())
    most = max(total[2] for _, total in months)
    print()
    for month, total in months:
        print(f"{MONTHS[month - 1]} {'▇' * (total[2] * 40 // most)} {money(total[2])}")


main()
