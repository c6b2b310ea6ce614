-- Writes all over a large array: the primes up to n by crossing out multiples.
local n = tonumber(arg[1] or 200000)
local crossed = {}
for k = 1, n do crossed[k] = false end
local count, last = 0, 0
for p = 2, n do
  if not crossed[p] then
    count = count + 1
    last = p
    for k = p * p, n, p do crossed[k] = true end
  end
end
print(string.format("%d primes up to %d, the last is %d", count, n, last))
