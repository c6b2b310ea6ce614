-- Float arithmetic in registers: which points of an n by n grid stay bounded
-- for 50 steps. The bitmap is not printed but folded into a checksum.
local function bounded(cr, ci)
  local zr, zi, rr, ii = 0.0, 0.0, 0.0, 0.0
  for _ = 1, 50 do
    zi = 2.0 * zr * zi + ci
    zr = rr - ii + cr
    rr = zr * zr
    ii = zi * zi
    if rr + ii > 4.0 then return 0 end
  end
  return 1
end

local n = tonumber(arg[1] or 100)
local inside, checksum = 0, 0
for y = 0, n - 1 do
  local ci = 2.0 * y / n - 1.0
  local byte = 0
  for x = 0, n - 1 do
    local bit = bounded(2.0 * x / n - 1.5, ci)
    inside = inside + bit
    byte = byte * 2 + bit
    if x % 8 == 7 or x == n - 1 then
      checksum = (checksum * 31 + byte) % 1000003
      byte = 0
    end
  end
end
print(string.format("%d of %d points inside, checksum %d", inside, n * n, checksum))
